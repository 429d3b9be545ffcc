"""Names, codes and identifiers of present states, from the table ``country-codes`` of DataHub.

States that the graph of actors describes are left out. So are rows that the table does not call independent, which are
territories or contested: to make states of them would take a side for which an import has no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from triplomacy.claims import tables
from triplomacy.dataset import Project
from triplomacy.errors import BadParameter, MalformedInput
from triplomacy.imports import provenance, states, writing
from triplomacy.imports.provenance import Import, Origin
from triplomacy.imports.states import CodedState
from triplomacy.terms import ID

NAME: Final = "countries"
ORIGIN: Final = Origin(
    "https://github.com/datasets/country-codes",
    "https://opendatacommons.org/licenses/pddl/1-0/",
)
PUBLISHER: Final = ID + "datahub"

_COLUMNS: Final = (
    "ISO3166-1-Alpha-2",
    "ISO3166-1-Alpha-3",
    "M49",
    "CLDR display name",
    "is_independent",
    "wikidata_id",
)
_CODES: Final = (("ISO3166-1-Alpha-2", "[A-Z]{2}"), ("ISO3166-1-Alpha-3", "[A-Z]{3}"), ("M49", "[0-9]{3}"))


def import_files(
    project: Project,
    paths: Sequence[Path],
    output: Path | None = None,
    *,
    origin: Origin = ORIGIN,
    at: str | None = None,
) -> dict[str, int]:
    """Write the graph of countries, and return counts by name: states in it, states among the actors, other rows.

    Args:
        project: the project whose actors are left out.
        paths: the CSV file, alone.
        output: the folder of the graph; by default that of the graph ``countries`` of the project.
        origin: the publisher's page and the licence of the file.
        at: the time of the import; see `unvotes.import_files`.

    Raises:
        BadParameter: there is not exactly one file.
        MalformedInput: the table lacks a column or has an invalid row, with the line; nothing is written.
        TriplomacyError: the file cannot be read, or the folder cannot be replaced.
    """
    if len(paths) != 1:
        raise BadParameter("the countries come from one file; name only country-codes.csv")
    folder = output or project.graphs / NAME
    hashes = provenance.hashes(paths)
    independent, others = _read(paths[0])
    actors = states.known_actors(project)
    own = [(state, wikidata) for state, wikidata in independent if state.alpha2 not in actors.by_code]
    activity = Import(
        NAME,
        "Countries of the world",
        f"Names, codes and identifiers of {len(own)} states that the graph of the actors does not describe, as far as "
        "the table calls them independent.",
        "Table of country codes",
        writing.iri_term(PUBLISHER),
        hashes,
        origin,
    )
    with writing.replacement(folder) as new:
        when = provenance.end_time(activity, folder, at)
        (new / "graph.ttl").write_text(provenance.graph_description(activity, when), encoding="utf-8")
        (new / "source.ttl").write_text(provenance.source_description(activity), encoding="utf-8")
        (new / "states.ttl").write_text(_statements(own), encoding="utf-8")
    return {"states": len(own), "states among the actors": len(independent) - len(own), "other rows": others}


def _read(path: Path) -> tuple[list[tuple[CodedState, str]], int]:
    """Return the independent states, sorted by IRI, with their Wikidata identifiers, and the number of other rows."""
    (table, *_) = tables.read(path)
    if missing := [name for name in _COLUMNS if name not in table.columns]:
        message = f"not a table of countries: it lacks the columns {', '.join(missing)}; give country-codes.csv"
        raise MalformedInput(message, path=path, line=1)
    by_iri: dict[str, tuple[CodedState, str]] = {}
    others = 0
    for line, (alpha2, alpha3, m49, name, independent, wikidata) in table.rows(_COLUMNS):
        if independent != "Yes":
            others += 1
            continue
        codes = (alpha2, alpha3, m49.zfill(3))
        for (column, pattern), code in zip(_CODES, codes, strict=True):
            if not re.fullmatch(pattern, code):
                raise MalformedInput(f"{column} of {name} is {code!r}; correct it", path=path, line=line)
        known = states.states_by_alpha2().get(alpha2)
        label = known.label if known else name
        state = CodedState(known.iri if known else ID + states.slug(name), label, *codes)
        if not states.slug(label) or state.iri in by_iri:
            message = f"{name!r} is empty or also in another row; give each country a name of its own"
            raise MalformedInput(message, path=path, line=line)
        by_iri[state.iri] = (state, wikidata.strip().rpartition("/")[2])
    return [by_iri[iri] for iri in sorted(by_iri)], others


def _statements(own: Sequence[tuple[CodedState, str]]) -> str:
    text = writing.header("States, their codes and identifiers", ("id", "owl", "rdfs", "skos", "tri", "wd"))
    label = writing.literal("DataHub")
    text += writing.statement(writing.iri_term(PUBLISHER), [("a", "tri:Institution"), ("rdfs:label", label)])
    for state, wikidata in own:
        match = [f"wd:{wikidata}"] if re.fullmatch("Q[0-9]+", wikidata) else []
        pairs = [
            ("a", "tri:State"),
            ("rdfs:label", writing.literal(state.label)),
            ("tri:isoAlpha2", writing.literal(state.alpha2, None)),
            ("tri:isoAlpha3", writing.literal(state.alpha3, None)),
            ("tri:m49", writing.literal(state.m49, None)),
            ("skos:exactMatch", match),
        ]
        text += writing.statement(writing.iri_term(state.iri), [pair for pair in pairs if pair[1]])
    return text + writing.all_different([PUBLISHER, *(state.iri for state, _ in own)])
