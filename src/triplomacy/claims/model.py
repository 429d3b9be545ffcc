"""Claims as typed values: who claims what, how certainly, who reports it, and on which evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from triplomacy import iri as iris
from triplomacy.dataset import Dataset
from triplomacy.sparql import binding
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
    values = _values(dataset, binding.bind(_ALL_CLAIMS, {"claim": [ox.NamedNode(iri) for iri in iris]}))
    return [_claim(iri, values[iri]) for iri in iris if iri in values]


def all_claims(dataset: Dataset) -> list[Claim]:
    """Return all claims, sorted by IRI."""
    return [_claim(iri, values) for iri, values in sorted(_values(dataset, _ALL_CLAIMS).items())]


_ALL_CLAIMS = "SELECT ?claim ?property ?value WHERE { ?claim a tri:Claim ; ?property ?value FILTER (ISIRI(?claim)) }"


def _values(dataset: Dataset, query: str) -> dict[str, dict[str, list[str]]]:
    """Return the values of each property of the claims that a query finds, by their IRIs."""
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in dataset.select(query):
        values[row["claim"].value][row["property"].value.removeprefix(TRI)].append(str(row["value"].value))
    return values


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


def claims_about(dataset: Dataset, proposition: str) -> list[Claim]:
    """Return the claims about a proposition, sorted by IRI.

    Raises:
        BadParameter: the proposition is not an IRI.
    """
    text = "SELECT DISTINCT ?claim WHERE { ?claim tri:proposition ?proposition }"
    rows = dataset.select(binding.bind(text, {"proposition": [iris.node(proposition)]}))
    return read(dataset, sorted(str(row["claim"].value) for row in rows))


def labels(dataset: Dataset, language: str = "en", nodes: Iterable[str] | None = None) -> dict[str, str]:
    """Return the label of each node that has one, by IRI: in a language, else in English, else without one.

    Args:
        dataset: where the labels are.
        language: the tag of the language.
        nodes: the IRIs of the nodes wanted; all, if it is None.

    Raises:
        BadParameter: a node is not an IRI.
    """
    text = "SELECT ?node ?label WHERE { ?node rdfs:label ?label } ORDER BY DESC(?label)"
    if nodes is not None:
        chosen = [iris.node(iri) for iri in sorted(set(nodes))]
        if not chosen:
            return {}
        text = binding.bind(text, {"node": chosen})
    rows = dataset.select(text)
    ranked: dict[str, tuple[int, str]] = {}
    for row in rows:
        node, label = row["node"], row["label"]
        if isinstance(node, ox.NamedNode) and isinstance(label, ox.Literal):
            rank = _rank(label.language, language)
            if rank is not None and (node.value not in ranked or rank <= ranked[node.value][0]):
                ranked[node.value] = (rank, label.value)
    return {iri: label for iri, (_, label) in ranked.items()}


def _rank(tag: str | None, wanted: str) -> int | None:
    """Return the rank of a label's language for the one wanted, 0 being best, or None: RFC 4647, lookup.

    ``pt-BR`` is looked for as ``pt-BR``, ``pt``, ``en``, and without a language; each also by its regional forms.
    """
    if tag is None:
        return 100
    parts = wanted.lower().split("-")
    ranges = [*("-".join(parts[:size]) for size in range(len(parts), 0, -1)), "en"]
    exact = (2 * place for place, prefix in enumerate(ranges) if tag.lower() == prefix)
    within = (2 * place + 1 for place, prefix in enumerate(ranges) if tag.lower().startswith(f"{prefix}-"))
    return min([*exact, *within], default=None)


def instances(dataset: Dataset, cls: str) -> set[str]:
    """Return the IRIs of what is of a class, given with its prefix, or of a class below it."""
    rows = dataset.select(f"SELECT ?each {{ ?class rdfs:subClassOf* {cls} . ?each a ?class }}")
    return {str(row["each"].value) for row in rows}
