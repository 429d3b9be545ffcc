"""The parts of a document that describes many terms, such as the ontology: their groups, their order, their use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triplomacy.pages.accounts import subclasses
from triplomacy.pages.reading import Reader
from triplomacy.terms import OWL, RDF, RDFS, SH, SKOS, TRI, local_name

_TOPS: Final = ("Entity", "Occurrence", "Situation", "Claim")
_PROPERTIES: Final = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")


@dataclass(frozen=True, slots=True)
class TermGroup:
    """Terms under a heading, each with its depth in the tree of its kind."""

    title: str
    terms: tuple[tuple[str, int], ...]


def groups(reader: Reader, types: Mapping[str, Sequence[str]]) -> list[TermGroup]:
    """Return the terms of a document in groups: trees of classes, properties, values and shapes by their kind.

    Args:
        reader: the dataset.
        types: the terms that the document describes, each with the classes that it is of.
    """
    left = dict.fromkeys(types)
    groups: list[TermGroup] = []

    def take(title: str, chosen: Sequence[tuple[str, int]]) -> None:
        own = tuple((iri, depth) for iri, depth in chosen if iri in left)
        if own:
            groups.append(TermGroup(title, own))
        for iri, _ in own:
            left.pop(iri)

    for top in _TOPS:
        take(f"{reader.name(TRI + top).capitalize()} and below", subclasses(reader, TRI + top))
    take("Other classes", _plain(reader, left, types, OWL + "Class"))
    for kind in _PROPERTIES:
        take(f"{kind.removesuffix('Property')} properties", _plain(reader, left, types, OWL + kind))
    take("Schemes and concepts", _of(reader, left, types, (SKOS + "ConceptScheme", SKOS + "Concept")))
    values = {cls for iri in left for cls in types.get(iri, ()) if cls.startswith(TRI)}
    for cls in sorted(values, key=reader.name):
        take(f"Values: {reader.name(cls)}", _plain(reader, left, types, cls))
    for kind in ("NodeShape", "PropertyShape"):
        take(f"{kind.removesuffix('Shape')} shapes", _plain(reader, left, types, SH + kind))
    take("Others", [(iri, 0) for iri in sorted(left)])
    return groups


def _plain(
    reader: Reader, left: Mapping[str, None], types: Mapping[str, Sequence[str]], cls: str
) -> list[tuple[str, int]]:
    return _of(reader, left, types, (cls,))


def _of(
    reader: Reader, left: Mapping[str, None], types: Mapping[str, Sequence[str]], classes: Sequence[str]
) -> list[tuple[str, int]]:
    chosen = [iri for iri in left if set(classes) & set(types.get(iri, ()))]
    return [(iri, 0) for iri in sorted(chosen, key=lambda iri: (reader.name(iri).casefold(), local_name(iri)))]


def uses(reader: Reader) -> dict[str, int]:
    """Return how many members each class has and how many triples each property stands in, in the default graph."""
    members = "SELECT ?term (COUNT(*) AS ?count) WHERE { ?node rdf:type ?term } GROUP BY ?term"
    triples = "SELECT ?term (COUNT(*) AS ?count) WHERE { ?node ?term ?value } GROUP BY ?term"
    counted = {
        row["term"].value: int(row["count"].value) for text in (members, triples) for row in reader.dataset.select(text)
    }
    return {iri: count for iri, count in counted.items() if not iri.startswith((RDF, RDFS, OWL))}
