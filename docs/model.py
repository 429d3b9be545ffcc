"""Write ``docs/model.md``: what can be asked for, kind by kind, with the roles of each and what the graphs have of it.

Run it with ``make docs``. A test holds the page to what this would write now.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from triplomacy import dataset, kinds
from triplomacy.dataset import Dataset
from triplomacy.kinds import PROPOSITION
from triplomacy.terms import TRI, compress

PAGE = Path(__file__).with_name("model.md")
HEAD = """# Terms for queries

The terms of the [ontology](../ontology) that queries use. `make docs` writes this page.

A query about what somebody says follows a claim to its proposition:

```sparql
SELECT ?who ?whom ?claimant ?certainty WHERE {
  ?proposition a tri:ArmsRequest ; tri:requester ?who ; tri:requested ?whom .
  ?claim tri:proposition ?proposition ; tri:stance tri:affirms ; tri:claimant ?claimant ; tri:certainty ?certainty .
}
```

Each kind of proposition has its own roles, which are listed below; the most common reason for an empty answer is a role
of another kind. To find instances of subclasses, such as a `tri:VoteAgainst` with a query for `tri:Vote`, write
`a/rdfs:subClassOf* tri:Vote`. Claims that affirm and claims that deny refer to the same proposition: a query without
`tri:stance` finds both. Labels need their language tag, `"Syria"@en`. The IRI of an entity is `id:` and its name in
lower case with hyphens, `id:north-korea`.

Plain properties (`id:syria tri:recognises ?x`) hold only in views, such as that of `--view author`.
"""
TABLES, ONTOLOGY = kinds.read(dataset.find_project().ontology)
SHOWN = 3


def page() -> str:
    """Return the page as it should be now."""
    project = dataset.find_project()
    loaded = dataset.load(project)
    shapes = dataset.load_files(project.shapes())
    return "\n".join([HEAD, *_claims(loaded, shapes), *_kinds(loaded), *_entities(loaded)])


def _claims(loaded: Dataset, shapes: Dataset) -> Iterator[str]:
    yield "## Claims\n\n| property of a claim | what it is | values |\n| --- | --- | --- |"
    for name, needed in _of_claims(shapes):
        rows = loaded.select(f"""
            SELECT DISTINCT ?value WHERE {{
              <{name}> rdfs:range ?set . ?set rdfs:subClassOf tri:ValueSet . ?value a ?set . FILTER(ISIRI(?value))
            }} ORDER BY ?value""")
        values = ", ".join(f"`{compress(row['value'].value)}`" for row in rows)
        star = "" if needed else " (optional)"
        yield f"| `{compress(name)}`{star} | {_definition(loaded, name)} | {values} |"
    yield ""


def _kinds(loaded: Dataset) -> Iterator[str]:
    yield "## Kinds of proposition\n"
    shared = [f"`{compress(role.iri)}`" for table in TABLES for role in table.of([PROPOSITION]) if not role.least]
    yield f"Each may have {', '.join(shared)}. Roles in brackets are optional.\n"
    yield "| kind | what it is | roles | plain property | in the graphs |\n| --- | --- | --- | --- | --- |"
    rows = loaded.select("""
        SELECT DISTINCT ?class ?shortcut ?subject ?object WHERE {
          ?class rdfs:subClassOf+ tri:Proposition .
          OPTIONAL { ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subject ; tri:shortcutObject ?object }
          FILTER (ISIRI(?class) && ?class NOT IN (tri:Situation, tri:Occurrence))
        } ORDER BY ?class""")
    for row in list(rows):
        kind = row["class"].value
        roles = [f"`{compress(name)}`" if needed else f"[`{compress(name)}`]" for name, needed in _of_kind(kind)]
        ends = [f"`{compress(row[end].value)}`" for end in ("subject", "shortcut", "object") if row[end]]
        cells = [f"`{compress(kind)}`", _definition(loaded, kind), ", ".join(roles), " ".join(ends)]
        yield f"| {' | '.join([*cells, _examples(loaded, kind)])} |"
    yield ""


def _of_kind(kind: str) -> list[tuple[str, bool]]:
    """Return the roles of a kind of proposition and of the kinds above it, and whether there has to be one."""
    above = ONTOLOGY.lineage(kind) - {PROPOSITION}
    roles = [role for table in TABLES for role in table.of(above) if role.iri.startswith(TRI) and role.most != 0]
    needed = {role.iri for role in roles if role.least}
    return sorted(
        ((iri, iri in needed) for iri in {role.iri for role in roles}), key=lambda role: (not role[1], role[0])
    )


def _of_claims(shapes: Dataset) -> list[tuple[str, bool]]:
    """Return the properties that the shapes of claims name, and whether there has to be one."""
    rows = shapes.select("""
        SELECT ?path (MAX(COALESCE(?least, 0)) AS ?needed) (MIN(COALESCE(?most, 1)) AS ?allowed) WHERE {
          ?shape sh:targetClass tri:Claim ; sh:property ?property .
          ?property sh:path ?path FILTER (ISIRI(?path))
          OPTIONAL { ?property sh:minCount ?least } OPTIONAL { ?property sh:maxCount ?most }
        } GROUP BY ?path ORDER BY ?path""")
    return [
        (str(row["path"].value), row["needed"].value != "0")
        for row in rows
        if row["allowed"].value != "0" and row["path"].value.startswith(TRI)
    ]


def _definition(loaded: Dataset, name: str) -> str:
    return next(
        (str(row["text"].value) for row in loaded.select(f"SELECT ?text {{ <{name}> skos:definition ?text }}")), ""
    )


def _examples(loaded: Dataset, kind: str) -> str:
    rows = loaded.select(f"SELECT DISTINCT ?label {{ ?node a <{kind}> ; rdfs:label ?label }} ORDER BY ?label")
    labels = [str(row["label"].value) for row in rows]
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return "; ".join(labels[:SHOWN]) + more


def _entities(loaded: Dataset) -> Iterator[str]:
    yield "## Entities\n\n| class | what it is | in the graphs |\n| --- | --- | --- |"
    rows = loaded.select("""
        SELECT DISTINCT ?class WHERE { ?class rdfs:subClassOf+ tri:Entity FILTER (ISIRI(?class)) } ORDER BY ?class""")
    for row in list(rows):
        kind = str(row["class"].value)
        yield f"| `{compress(kind)}` | {_definition(loaded, kind)} | {_examples(loaded, kind)} |"
    yield ""


def main() -> int:
    """Write the page, or with ``--check`` return 1 where it is not as it should be."""
    fresh = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != fresh)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
