"""The classes and properties that a table of kinds refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.rdf import closure, turtle
from triplomacy.terms import OWL, PREFIXES, RDF, RDFS, TRI, compress, local_name

PROPOSITION: Final = TRI + "Proposition"
VALUE_SET: Final = TRI + "ValueSet"
_PROPERTIES: Final = frozenset(OWL + name for name in ("AnnotationProperty", "DatatypeProperty", "ObjectProperty"))


@dataclass(frozen=True)
class Ontology:
    """The terms of an ontology, as far as tables of kinds refer to them.

    Attributes:
        prefixes: the namespaces by their prefixes, the project's own and those that the files declare.
        types: the classes of each declared term.
        labels: the English label of each term that has one.
        above: the named classes or properties that stand directly above each.
        ranges: the named ranges of each property.
    """

    prefixes: Mapping[str, str]
    types: Mapping[str, frozenset[str]]
    labels: Mapping[str, str]
    above: Mapping[str, frozenset[str]]
    ranges: Mapping[str, frozenset[str]]

    @cached_property
    def classes(self) -> frozenset[str]:
        """The declared classes, and that of object properties, which a role may lead to."""
        return frozenset(term for term, types in self.types.items() if OWL + "Class" in types) | {
            OWL + "ObjectProperty"
        }

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The class of propositions and those below it."""
        return frozenset(term for term in self.classes if PROPOSITION in self.lineage(term))

    @cached_property
    def properties(self) -> frozenset[str]:
        """The declared properties, and that of labels."""
        return frozenset(term for term, types in self.types.items() if types & _PROPERTIES) | {RDFS + "label"}

    def lineage(self, term: str) -> frozenset[str]:
        """Return a class or property and all that stand above it."""
        return frozenset(closure([term], self.above.get))

    def label(self, term: str) -> str:
        """Return what a sentence calls a term: its label, or the words of its local name."""
        spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in local_name(term))
        return self.labels.get(term) or spaced.strip()

    def name(self, term: str) -> str:
        """Return a term as tables have it, without a prefix where it is one of ``tri:``."""
        return compress(term, self.prefixes).removeprefix("tri:")


def read(paths: Iterable[Path]) -> Ontology:
    """Return what the Turtle files of an ontology say.

    Raises:
        MalformedInput: a file does not follow its grammar, with line and column.
        TriplomacyError: a file cannot be read.
    """
    prefixes = dict(PREFIXES)
    values: dict[str, dict[str, set[str]]] = {}
    for path in paths:
        document = turtle.document(path)
        for subject, predicate, value in _statements(document):
            values.setdefault(predicate, {}).setdefault(subject, set()).add(value)
        prefixes |= document.prefixes

    def of(predicate: str) -> dict[str, frozenset[str]]:
        return {term: frozenset(objects) for term, objects in values.get(predicate, {}).items()}

    labels = {term: min(texts) for term, texts in of(RDFS + "label").items()}
    above = of(RDFS + "subClassOf") | of(RDFS + "subPropertyOf")
    return Ontology(prefixes, of(RDF + "type"), labels, above, of(RDFS + "range"))


def _statements(document: turtle.TurtleDocument) -> Iterator[tuple[str, str, str]]:
    """Yield subject, predicate and object of what is said of names: other names, and texts in English."""
    for placed in document.quads():
        match placed.quad.subject, placed.quad.object:
            case ox.NamedNode() as subject, (ox.NamedNode() | ox.Literal(language="en")) as value:
                yield subject.value, placed.quad.predicate.value, value.value
