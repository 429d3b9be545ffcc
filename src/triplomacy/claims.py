"""Typed reading of claims: who says what, how surely, who reports it, and on which evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from triplomacy import binding
from triplomacy.dataset import Dataset
from triplomacy.terms import TRI


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the graph has it; all values are IRIs, in sorted order where there are several."""

    iri: str
    claimant: str | None
    propositions: tuple[str, ...]
    stance: str | None
    certainty: str | None
    orientation: str | None
    conveyance: str | None
    act: str | None
    reported_by: str | None
    evidence: tuple[str, ...]
    quotations: tuple[str, ...]
    conditions: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


_LINKS = ("respondsTo", "arguesFor", "arguesAgainst", "despite", "via")


def read(dataset: Dataset, iris: Sequence[str]) -> list[Claim]:
    """Return the claims of those IRIs, in the order of the IRIs; unknown ones are left out."""
    if not iris:
        return []
    text = "SELECT ?claim ?property ?value WHERE { ?claim a tri:Claim ; ?property ?value }"
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in dataset.select(binding.bind(text, {"claim": [ox.NamedNode(iri) for iri in iris]})):
        values[row["claim"].value][row["property"].value.removeprefix(TRI)].append(str(row["value"].value))
    return [_claim(iri, values[iri]) for iri in iris if iri in values]


def _claim(iri: str, values: dict[str, list[str]]) -> Claim:
    def one(name: str) -> str | None:
        return min(values.get(name, [])) if values.get(name) else None

    def several(name: str) -> tuple[str, ...]:
        return tuple(sorted(values.get(name, [])))

    return Claim(
        iri=iri,
        claimant=one("claimant"),
        propositions=several("proposition"),
        stance=one("stance"),
        certainty=one("certainty"),
        orientation=one("orientation"),
        conveyance=one("conveyance"),
        act=one("act"),
        reported_by=one("reportedBy"),
        evidence=several("evidence"),
        quotations=several("quotation"),
        conditions=several("condition"),
        links=tuple((name, target) for name in _LINKS for target in several(name)),
    )


def about(dataset: Dataset, proposition: str) -> list[Claim]:
    """Return the claims on a proposition, sorted by IRI."""
    text = "SELECT DISTINCT ?claim WHERE { ?claim tri:proposition ?proposition }"
    rows = dataset.select(binding.bind(text, {"proposition": [ox.NamedNode(proposition)]}))
    return read(dataset, sorted(str(row["claim"].value) for row in rows))


def labels(dataset: Dataset) -> dict[str, str]:
    """Return the English label of each node that has one, by IRI."""
    text = 'SELECT ?node ?label WHERE { ?node rdfs:label ?label FILTER (LANG(?label) = "en") }'
    rows = dataset.select(text)
    return {row["node"].value: row["label"].value for row in rows if isinstance(row["node"], ox.NamedNode)}
