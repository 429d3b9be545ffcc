"""The data with which a browser searches and queries without a server: names, and stored queries split at parameters.

The browser binds parameters by the same rule as `binding`: the text of a query is split here at the positions of its
parameters, so that only serialised terms are inserted between the pieces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from triplomacy import pages, queries
from triplomacy.claims import views
from triplomacy.dataset import Dataset
from triplomacy.pages import Reader
from triplomacy.publish import Documents
from triplomacy.queries import Parameter, StoredQuery, parameters
from triplomacy.site.folder import Folder
from triplomacy.site.publication import Publication
from triplomacy.sparql import binding, services
from triplomacy.terms import ID, ONTOLOGY, PREFIXES, RDFS, ROOT, SKOS, TRI, VIEW, compress

NAMES: Final = "names.json"
ASKING: Final = "asking.json"
FOLDER: Final = "queries/"
"""The folder of the pages of stored queries, relative to the folder of the site."""

_RULES: Final = (("voice", "source"), ("undisputed", None), ("according-to", "claimant"))


def write(publication: Publication, folder: Folder) -> None:
    """Write the search page, and the files with which a browser searches and queries."""
    folder.put("search.html", pages.search(publication.site("search.html")))
    folder.put(NAMES, names(publication.dataset, publication.documents))
    folder.put(ASKING, data(publication.dataset))


def elsewhere(stored: StoredQuery) -> bool:
    """Tell whether a stored query has a SERVICE clause, which a page cannot run."""
    return bool(services.clauses(stored.text))


def pieces(text: str, names: Sequence[str]) -> list[str]:
    """Return a query split at its parameters: texts and names of parameters alternate, with a text first and last."""
    text = binding.with_template(text)
    parts: list[str] = []
    done = 0
    for place, name in binding.slots(text, names):
        parts += [text[done:place], name]
        done = place
    return [*parts, text[done:]]


def data(dataset: Dataset) -> str:
    """Return the data for queries as JSON: prefixes, stored queries, rules of views, and values for parameters."""
    project = dataset.project
    stored = [queries.find(project, f"{theme}/{name}") for theme, name in queries.names(project)]
    classes = {parameter.of_class for query in stored for parameter in query.parameters if parameter.type == "iri"}
    members = {of or "": parameters.instances(dataset, of) for of in {*classes, "tri:Actor"}}
    called = {iri: names for instances in members.values() for iri, names in instances.items()}
    return _json(
        {
            "prefixes": dict(PREFIXES),
            "queries": {
                f"{query.theme}/{query.name}": _query(dataset, query) for query in stored if not elsewhere(query)
            },
            "rules": {rule: _rule(dataset, rule, name) for rule, name in _RULES},
            "views": _views(dataset),
            "classes": {of: sorted(instances) for of, instances in sorted(members.items())},
            "called": {iri: sorted(set(called[iri])) for iri in sorted(called) if called[iri]},
        }
    )


def _query(dataset: Dataset, stored: StoredQuery) -> dict[str, Any]:
    text = "\n".join(line for line in stored.text.splitlines() if not line.startswith("#+")) + "\n"
    return {
        "text": pieces(text, [parameter.name for parameter in stored.parameters]),
        "ordered": binding.is_ordered(text),
        "parameters": [_parameter(dataset, parameter) for parameter in stored.parameters],
    }


def _parameter(dataset: Dataset, parameter: Parameter) -> dict[str, Any]:
    options = queries.options(parameter, dataset)
    description = {
        "name": parameter.name,
        "type": parameter.type,
        "default": parameter.default,
        "class": parameter.of_class,
        "language": parameter.language,
        "options": list(parameter.options),
        "terms": None if options is None else [binding.write_term(term) for term in options],
        "many": parameter.many,
    }
    return {key: value for key, value in description.items() if value not in (None, [], False)}


def _rule(dataset: Dataset, rule: str, name: str | None) -> list[str]:
    return pieces(views.rule_text(dataset, rule), [name] if name else [])


def _views(dataset: Dataset) -> dict[str, list[list[str]]]:
    """Return for each view the rules that derive it: pairs of the name of a rule and the IRI bound to it, or ""."""
    sources = {iri.rpartition("/")[2]: iri for iri in dataset.sources()}
    sources_by_view = {name: [["voice", iri]] for name, iri in sources.items()}
    sources_by_view[views.AUTHOR] = [["voice", iri] for iri in sources.values()]
    sources_by_view[views.UNDISPUTED] = [["undisputed", ""]]
    for actor in views.claimants(dataset):
        if actor.startswith(ID):
            sources_by_view[views.view_of_actor(actor)] = [["according-to", actor]]
    return sources_by_view


def names(dataset: Dataset, documents: Documents) -> str:
    """Return the names of all IRIs as JSON, for answers and search.

    Each entry has the path of an IRI below that of the site, the index of its kind in *kinds*, its name, and its other
    names.
    """
    reader = Reader(dataset)
    named = sorted({*_of_documents(reader, documents), *_of_terms(reader)}, key=lambda entry: entry[0])
    kinds = sorted({entry[1] for entry in named})
    places = {kind: place for place, kind in enumerate(kinds)}
    entries = [[path.removeprefix(ROOT), places[kind], name, *others] for path, kind, name, *others in named]
    return _json({"root": ROOT, "kinds": kinds, "nodes": entries})


_Entry = tuple[str, ...]  # IRI, kind, name, other names


def _of_documents(reader: Reader, documents: Documents) -> Iterator[_Entry]:
    for iri in documents.iris():
        kind = documents.get(iri).kind
        if kind == "entity":
            kind = next((reader.name(cls) for cls in reader.classes(iri)), kind)
        elif kind == "query":
            yield iri, "question", queries.find(documents.project, iri.removeprefix(f"{ROOT}query/")).summary
            continue
        name = f"View {iri.removeprefix(VIEW)}" if kind == "view" else reader.name(iri)
        yield iri, kind, _line(name if name != iri else kind.capitalize()), *_others(reader, iri, name)


def _of_terms(reader: Reader) -> Iterator[_Entry]:
    """Yield classes, properties and values of the ontology, each with its CURIE among its names."""
    for iri in reader.subjects(RDFS + "isDefinedBy", ONTOLOGY):
        if iri.startswith(TRI):
            kinds = [cls.rpartition("#")[2] for cls in reader.classes(iri)]
            kind = "class" if "Class" in kinds else "property" if any("Property" in name for name in kinds) else "value"
            yield iri, kind, _line(reader.name(iri)), *dict.fromkeys([compress(iri), *_others(reader, iri, "")])


def _others(reader: Reader, iri: str, name: str) -> list[str]:
    called = {*reader.values(iri, SKOS + "altLabel"), *reader.values(iri, RDFS + "label")}
    return sorted(map(_line, called - {name}))


def _line(text: str) -> str:
    return " ".join(text.split())


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
