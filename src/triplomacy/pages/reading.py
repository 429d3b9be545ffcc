"""Reading a dataset node by node, as a page about one node needs it, and the statements about it in an order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pyoxigraph as ox

from triplomacy.dataset import Dataset
from triplomacy.rdf import NIL
from triplomacy.terms import DCTERMS, RDF, RDFS, SKOS, SOURCE, TRI, compress, local_name

Term = ox.NamedNode | ox.BlankNode | ox.Literal
_Found = TypeVar("_Found")

_NAMES: Final = (RDFS + "label", DCTERMS + "title", SKOS + "prefLabel")
_FIRST: Final = (  # the order in which people ask
    RDF + "type",
    RDFS + "label",
    DCTERMS + "title",
    SKOS + "prefLabel",
    SKOS + "altLabel",
    SKOS + "definition",
    DCTERMS + "description",
    SKOS + "example",
    SKOS + "scopeNote",
    TRI + "claimant",
    TRI + "stance",
    TRI + "certainty",
    TRI + "proposition",
)
_LAST: Final = (TRI + "sha256", RDFS + "isDefinedBy")


VERBS: Final = {"affirms": "affirms", "denies": "denies", "leavesOpen": "leaves open"}
"""What one does who takes a stance."""

_PLACE: Final = re.compile(re.escape(SOURCE) + r"[^/]+/(?:text#char=(\d+),(\d+)|(passage|row)/(.+))")


_CAPITAL: Final = re.compile(r"(?<=[a-z])(?:[A-Z]{2,}|[A-Z])")


def _apart(capital: re.Match[str]) -> str:
    return f" {capital[0] if len(capital[0]) > 1 else capital[0].lower()}"


def _place(iri: str) -> str:
    """Return the name of a span, a passage or a row, by its IRI; nothing of another node."""
    match = _PLACE.fullmatch(iri)
    if match is None:
        return ""
    start, end, kind, name = match.groups()
    return f"{kind} {name}" if kind else f"characters {start}–{end}"


@dataclass(frozen=True, slots=True)
class Nested:
    """A node without a name: what is stated about it, or, of an RDF list, its items."""

    statements: tuple[Statement, ...] = ()
    items: tuple[Value, ...] | None = None


Value = ox.NamedNode | ox.Literal | Nested


@dataclass(frozen=True, slots=True)
class Statement:
    """A predicate with all its values, sorted."""

    predicate: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A dataset's default graph, read by patterns of triples.

    Attributes:
        dataset: what is read.
        language: the tag of the language in which names are preferred to English ones.
        known: what has been found out already of the dataset as a whole, see `once`.
    """

    dataset: Dataset
    language: str = "en"
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: object, find: Callable[[], _Found]) -> _Found:
        """Return a value computed from the whole dataset, once for all pages."""
        if key not in self.known:
            self.known[key] = find()
        value: _Found = self.known[key]
        return value

    def objects(self, subject: str, predicate: str) -> list[Term]:
        """Return the values of a property, sorted."""
        quads = self.dataset.quads(ox.NamedNode(subject), ox.NamedNode(predicate), None, ox.DefaultGraph())
        objects = (quad.object for quad in quads)
        return sorted((term for term in objects if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)), key=str)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs and lexical forms among the values of a property, sorted."""
        return [
            str(term.value) for term in self.objects(subject, predicate) if isinstance(term, ox.NamedNode | ox.Literal)
        ]

    def value(self, subject: str, predicate: str) -> str | None:
        """Return the first of the values of a property, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the IRIs of what has the node of an IRI as a value of a property, sorted."""
        quads = self.dataset.quads(None, ox.NamedNode(predicate), ox.NamedNode(value), ox.DefaultGraph())
        return sorted(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))

    def classes(self, subject: str) -> list[str]:
        """Return the classes that a node is stated to be of, sorted."""
        return self.values(subject, RDF + "type")

    def name(self, iri: str) -> str:
        """Return the name of a node for people: its label or title, else a phrase for its kind, else its CURIE.

        Of several labels it is the one in the reader's language, else an English one, else any.
        """
        for predicate in _NAMES:
            labels = [label for label in self.objects(iri, predicate) if isinstance(label, ox.Literal)]
            if labels:
                return str(min(labels, key=self._strangeness).value)
        return self._claim_in_words(iri) or _place(iri) or compress(iri).strip("<>")

    def _strangeness(self, label: ox.Literal) -> tuple[bool, bool, str]:
        return (label.language or "").lower() != self.language.lower(), label.language != "en", label.value

    def term(self, iri: str) -> str:
        """Return what people call a property or a class: its label, else the words of its local name."""
        name = self.name(iri)
        return name if name != compress(iri).strip("<>") else _CAPITAL.sub(_apart, local_name(iri))

    def _claim_in_words(self, claim: str) -> str:
        """Return who takes which stance on what, of a claim; nothing of another node."""
        claimant, stance = self.value(claim, TRI + "claimant"), self.value(claim, TRI + "stance")
        about = self.values(claim, TRI + "proposition")
        if claimant is None or stance is None or not about or claim in (claimant, about[0]):
            return ""
        others = {1: "", 2: " and one other"}.get(len(about), f" and {len(about) - 1} others")
        return f"{self.name(claimant)} {VERBS.get(stance.removeprefix(TRI), 'on')}: {self.name(about[0])}{others}"

    def named_graphs(self, iri: str, predicate: str, value: str) -> list[str]:
        """Return the IRIs of the named graphs that have a triple, sorted."""
        quads = self.dataset.quads(ox.NamedNode(iri), ox.NamedNode(predicate), ox.NamedNode(value), None)
        return sorted(quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode))


def statements_by_subject(triples: Iterable[ox.Triple]) -> Mapping[str, tuple[Statement, ...]]:
    """Return what triples state about each subject that has an IRI, in the order of the IRIs, blank nodes inside."""
    grouped: dict[ox.NamedNode | ox.BlankNode | ox.Triple, dict[str, list[Term]]] = {}
    for triple in triples:
        if isinstance(triple.object, ox.NamedNode | ox.BlankNode | ox.Literal):
            grouped.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    named = sorted(subject.value for subject in grouped if isinstance(subject, ox.NamedNode))
    return {iri: _statements(grouped, ox.NamedNode(iri), ()) for iri in named}


_Grouped = Mapping[ox.NamedNode | ox.BlankNode | ox.Triple, Mapping[str, Sequence[Term]]]


def _statements(
    grouped: _Grouped, subject: ox.NamedNode | ox.BlankNode, above: tuple[ox.BlankNode, ...]
) -> tuple[Statement, ...]:
    values_by_predicate = grouped.get(subject, {})
    return tuple(
        Statement(
            predicate,
            tuple(_value(grouped, term, above) for term in sorted(set(values_by_predicate[predicate]), key=str)),
        )
        for predicate in sorted(values_by_predicate, key=_rank)
    )


def _rank(predicate: str) -> tuple[int, str]:
    if predicate in _FIRST:
        return _FIRST.index(predicate), ""
    return len(_FIRST) + (predicate in _LAST), local_name(predicate)


def _value(grouped: _Grouped, term: Term, above: tuple[ox.BlankNode, ...]) -> Value:
    if not isinstance(term, ox.BlankNode):
        return term
    if term in above:
        return Nested()  # a ring of blank nodes ends here
    if RDF + "first" in grouped.get(term, {}):
        return Nested(items=tuple(_items(grouped, term, above)))
    return Nested(_statements(grouped, term, (*above, term)))


def _items(grouped: _Grouped, start: ox.BlankNode, above: tuple[ox.BlankNode, ...]) -> Iterator[Value]:
    seen: set[Term] = set()
    node: Term = start
    while isinstance(node, ox.BlankNode) and node not in seen:
        seen.add(node)
        cell = grouped.get(node, {})
        yield from (
            _value(grouped, term, (*above, *(n for n in seen if isinstance(n, ox.BlankNode))))
            for term in cell.get(RDF + "first", ())
        )
        node = next(iter(cell.get(RDF + "rest", ())), NIL)
