"""What has changed between two states of the graphs: nodes that were added, removed and changed, by their kind.

A node is told by the statements about it, blank nodes written out inside them, so that no label of a blank node counts.
Views are left aside, since they follow from the rest, and so is what a release alone says of the ontology.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.publish import documents
from triplomacy.terms import ONTOLOGY, OWL, RDF, RDFS, ROOT, VIEW, compress

Graphs = Mapping[str, Sequence[ox.Triple]]

KINDS: Final = ("claim", "proposition", "term", "entity", "time", "passage", "span", "row", "source", "graph", "query")
"""The kinds that come first, in their order."""

_VERSIONS: Final = {OWL + "versionIRI", OWL + "priorVersion"}
_SPAN: Final = "#char="


@dataclass(frozen=True, slots=True)
class Change:
    """A node of which something else is stated: its IRI, and the statements that came and went, sorted."""

    iri: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What has changed among the nodes of a kind, each sorted by IRI."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """What has changed between two states.

    Attributes:
        before: the version of the former state.
        kinds: the kinds of node of which something has changed.
        labels: the labels that nodes had which are no longer there, by IRI.
    """

    before: str
    kinds: tuple[Kind, ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many nodes of each kind were added, removed and changed."""
        return {
            kind.name: {"added": len(kind.added), "removed": len(kind.removed), "changed": len(kind.changed)}
            for kind in self.kinds
        }


@dataclass(frozen=True, slots=True)
class Release:
    """A version that is kept.

    Attributes:
        version: three numbers.
        day: the last day that its graphs name as that of a change, as an ``xsd:date``, or "".
        sha256: the hash of its dataset's canonical form.
        before: the version before it, or "".
        counts: how many nodes of each kind were added, removed and changed since then.
    """

    version: str
    day: str
    sha256: str
    before: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def compare(before: Graphs, after: Graphs, version: str) -> Differences:
    """Return what has changed.

    Args:
        before: the triples of each named graph of the former state by its IRI.
        after: those of the present one.
        version: the version of the former state.
    """
    old, new = _statements_by_node(before), _statements_by_node(after)
    sorted_: dict[str, tuple[list[str], list[str], list[Change]]] = {}
    for iri in sorted(old.keys() | new.keys()):
        if old.get(iri) == new.get(iri):
            continue
        added, removed, changed = sorted_.setdefault(kind(iri), ([], [], []))
        if iri not in old:
            added.append(iri)
        elif iri not in new:
            removed.append(iri)
        else:
            changed.append(Change(iri, tuple(sorted(new[iri] - old[iri])), tuple(sorted(old[iri] - new[iri]))))
    kinds = []
    for name in sorted(sorted_, key=_rank):
        added, removed, changed = sorted_[name]
        kinds.append(Kind(name, tuple(added), tuple(removed), tuple(changed)))
    return Differences(version, tuple(kinds), _labels(before, old.keys() - new.keys()))


def _rank(name: str) -> tuple[int, str]:
    return KINDS.index(name) if name in KINDS else len(KINDS), name


def kind(iri: str) -> str:
    """Return what kind of node an IRI of ours names; see `documents.kind` for those without a fragment.

    >>> kind("https://w3id.org/triplomacy/ontology#Claim")
    'term'
    """
    if iri.startswith(ONTOLOGY + "#"):
        return "term"
    if _SPAN in iri:
        return "span"
    return documents.kind(iri)


def _statements_by_node(graphs: Graphs) -> dict[str, frozenset[str]]:
    """Return the statements about each node of ours that has an IRI."""
    about: dict[Any, list[ox.Triple]] = {}
    for graph, triples in graphs.items():
        if not graph.startswith(VIEW):
            for triple in triples:
                about.setdefault(triple.subject, []).append(triple)
    return {
        subject.value: frozenset(_statements(about, triples, ()))
        for subject, triples in about.items()
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(ROOT)
    }


def _statements(
    about: Mapping[Any, Sequence[ox.Triple]], triples: Iterable[ox.Triple], above: tuple[Any, ...]
) -> Iterable[str]:
    for triple in triples:
        if triple.predicate.value not in _VERSIONS:
            verb = "a" if triple.predicate.value == RDF + "type" else compress(triple.predicate.value)
            yield f"{verb} {_term(about, triple.object, above)}"


def _term(about: Mapping[Any, Sequence[ox.Triple]], term: Any, above: tuple[Any, ...]) -> str:
    if isinstance(term, ox.NamedNode):
        return compress(term.value)
    if not isinstance(term, ox.BlankNode):
        return str(term)
    if term in above:
        return "[ ... ]"  # a ring of blank nodes ends here
    return f"[ {' ; '.join(sorted(_statements(about, about.get(term, ()), (*above, term))))} ]"


def _labels(graphs: Graphs, iris: Iterable[str]) -> dict[str, str]:
    wanted = {ox.NamedNode(iri) for iri in iris}
    labels = (
        (triple.subject.value, triple.object.value)
        for triples in graphs.values()
        for triple in triples
        if triple.predicate.value == RDFS + "label"
        and isinstance(triple.subject, ox.NamedNode)
        and triple.subject in wanted
        and isinstance(triple.object, ox.Literal)
    )
    return dict(sorted(labels, reverse=True))
