"""Mappings of the ontology to other vocabularies, each with a justification: as SSSOM, and merged into the ontology.

They stand in ``ontology/mappings.ttl``, apart from the graph of the ontology, so that no reasoner concludes things from
another vocabulary unless somebody merges them. A mapping is a triple; what is said of it stands at its ``owl:Axiom``,
as SSSOM has it in OWL. Identifiers of entities, which the graphs have as ``skos:exactMatch`` and ``skos:closeMatch``,
are in the table too.
"""

from __future__ import annotations

import csv
import io
import json
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.dataset import Project
from triplomacy.errors import TriplomacyError
from triplomacy.rdf import parse_file
from triplomacy.terms import DCTERMS, FOAF, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, ROOT, SKOS, VIEW, shorten

NAME: Final = "mappings.sssom.tsv"
SSSOM: Final = "https://w3id.org/sssom/"
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
SET: Final = ROOT + "mappings"
MERGED: Final = ROOT + "ontology-with-mappings"
"""The IRI of the ontology with the mappings merged in."""

RELATIONS: Final = (
    *(SKOS + f"{name}Match" for name in ("exact", "close", "broad", "narrow", "related")),
    *(RDFS + name for name in ("subClassOf", "subPropertyOf")),
    *(OWL + name for name in ("equivalentClass", "equivalentProperty")),
)
"""The IRIs of the properties that a mapping may have."""

_SPACES: Final = {
    "SEPIO": "http://purl.obolibrary.org/obo/SEPIO_",
    "factuality": "http://groundedannotationframework.org/grasp/factuality#",
    "foaf": FOAF,
    "ftm": "https://schema.followthemoney.tech/#",
    "gaf": "http://groundedannotationframework.org/gaf#",
    "grasp": "http://groundedannotationframework.org/grasp#",
    "opengov": "http://www.w3.org/ns/opengov#",
    "org": "http://www.w3.org/ns/org#",
    "person": "http://www.w3.org/ns/person#",
    "plover": "https://raw.githubusercontent.com/openeventdata/PLOVER/master/plover_reference.html#",
    "schema": "https://schema.org/",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "semapv": SEMAPV,
    "sssom": SSSOM,
}
Graphs = abc.Mapping[str, Sequence[ox.Triple]]

_PREFIXES: Final = {**PREFIXES, **_SPACES}
_COLUMNS: Final = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label"),
    *("mapping_justification", "comment"),
)
_MANUAL: Final = SEMAPV + "ManualMappingCuration"
_ENTITY: Final = "The identifier of the entity, which a stored source confirms."


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping of one of our terms or entities.

    Attributes:
        subject: its IRI.
        predicate: the IRI of the relation, one of `RELATIONS`.
        object: the IRI that it is mapped to.
        justification: the IRI of how the mapping was found, of semapv.
        comment: the reason in words.
        label: what the object is called, where its IRI does not say it, or "".
    """

    subject: str
    predicate: str
    object: str
    justification: str
    comment: str
    label: str = ""


def read(project: Project) -> list[Mapping]:
    """Return the mappings of a project's ontology, sorted; none where it has no file of them.

    Raises:
        MalformedInput: the file is malformed.
        TriplomacyError: a mapping has no justification, no reason or no relation that is known, or an axiom no mapping.
    """
    if not project.mappings.exists():
        return []
    triples = parse_file(project.mappings)
    values_by_axiom: dict[Any, dict[str, list[Any]]] = {}
    for triple in triples:
        values_by_axiom.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    axioms = [
        values for values in values_by_axiom.values() if ox.NamedNode(OWL + "Axiom") in values.get(RDF + "type", ())
    ]
    stated = {triple for triple in triples if triple.predicate.value in RELATIONS}
    mappings = [_mapping(values, stated, project) for values in axioms]
    explained = {(mapping.subject, mapping.predicate, mapping.object) for mapping in mappings}
    for triple in sorted(stated, key=str):
        if tuple(str(term)[1:-1] for term in (triple.subject, triple.predicate, triple.object)) not in explained:
            raise TriplomacyError(
                f"{_triple_in_words(triple)} has no owl:Axiom with its justification; add one", path=project.mappings
            )
    return sorted(mappings, key=lambda mapping: (mapping.subject, mapping.predicate, mapping.object))


def _triple_in_words(triple: ox.Triple) -> str:
    return shorten(str(triple), _PREFIXES)


def _mapping(values: dict[str, list[Any]], stated: set[ox.Triple], project: Project) -> Mapping:
    parts = [values.get(OWL + f"annotated{name}", []) for name in ("Source", "Property", "Target")]
    if any(len(part) != 1 or not isinstance(part[0], ox.NamedNode) for part in parts):
        raise TriplomacyError(
            "an owl:Axiom names no one source, property and target; correct it", path=project.mappings
        )
    triple = ox.Triple(*(part[0] for part in parts))
    if triple.predicate.value not in RELATIONS:
        raise TriplomacyError(
            f"{_triple_in_words(triple)} is not a mapping; take another relation", path=project.mappings
        )
    if triple not in stated:
        raise TriplomacyError(
            f"an owl:Axiom is about {_triple_in_words(triple)}, which is not stated; add it", path=project.mappings
        )
    needed = {"justification": SSSOM + "mapping_justification", "reason": RDFS + "comment"}
    for name, iri in needed.items():
        if len(values.get(iri, [])) != 1:
            raise TriplomacyError(
                f"{_triple_in_words(triple)} needs one {name}; correct its owl:Axiom", path=project.mappings
            )
    label = values.get(SSSOM + "object_label", [ox.Literal("")])[0].value
    justification, comment = (values[iri][0].value for iri in needed.values())
    return Mapping(triple.subject.value, triple.predicate.value, triple.object.value, justification, comment, label)  # type: ignore[union-attr]


def of_entities(graphs: Graphs) -> list[Mapping]:
    """Return the identifiers that the curated graphs give to entities elsewhere, as mappings, sorted."""
    wanted = {ox.NamedNode(SKOS + "exactMatch"), ox.NamedNode(SKOS + "closeMatch")}
    mappings = {
        Mapping(triple.subject.value, triple.predicate.value, triple.object.value, _MANUAL, _ENTITY)
        for graph, triples in graphs.items()
        if graph != ONTOLOGY and not graph.startswith(VIEW)
        for triple in triples
        if triple.predicate in wanted
        and isinstance(triple.subject, ox.NamedNode)
        and isinstance(triple.object, ox.NamedNode)
        and not triple.object.value.startswith(ROOT)
    }
    return sorted(mappings, key=lambda mapping: (mapping.subject, mapping.predicate, mapping.object))


def sssom(project: Project, graphs: Graphs) -> str:
    """Return all mappings as SSSOM: a table of tab-separated values below its metadata in YAML.

    Args:
        project: whose mappings they are.
        graphs: the triples of each named graph by its IRI, as `build.graphs` has them.

    Raises:
        MalformedInput: the file of mappings is malformed.
        TriplomacyError: a mapping is incomplete, or there is no prefix for an IRI.
    """
    labels = {
        str(triple.subject)[1:-1]: triple.object.value
        for triples in graphs.values()
        for triple in triples
        if triple.predicate.value == RDFS + "label" and isinstance(triple.object, ox.Literal)
    }
    rows = [_row(mapping, labels) for mapping in (*read(project), *of_entities(graphs))]
    used = sorted({prefix for row in rows for cell in row[:6] if (prefix := cell.partition(":")[0]) in _PREFIXES})
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows([_COLUMNS, *rows])
    return _metadata(project, [*used, "sssom"]) + out.getvalue()


def _row(mapping: Mapping, labels: dict[str, str]) -> tuple[str, ...]:
    label = mapping.label or mapping.object.replace("#", "/").rpartition("/")[2]
    return (
        _curie(mapping.subject),
        labels.get(mapping.subject, ""),
        _curie(mapping.predicate),
        _curie(mapping.object),
        label,
        _curie(mapping.justification),
        mapping.comment,
    )


def _curie(iri: str) -> str:
    space = max((space for space in _PREFIXES.values() if iri.startswith(space)), key=len, default=None)
    if space is None:
        raise TriplomacyError(f"no prefix is known for <{iri}>, and SSSOM needs one; map to another term")
    return f"{next(name for name, known in _PREFIXES.items() if known == space)}:{iri.removeprefix(space)}"


def _metadata(project: Project, prefixes: Sequence[str]) -> str:
    """Return the metadata of the set, each line of it as a comment of the table; strings of JSON are YAML."""
    header = (
        {
            triple.predicate.value: triple.object
            for triple in parse_file(project.mappings)
            if str(triple.subject) == f"<{SET}>"
        }
        if project.mappings.exists()
        else {}
    )
    slots = {
        "mapping_set_id": SET,
        "mapping_set_title": _text(header.get(DCTERMS + "title")),
        "mapping_set_description": _text(header.get(DCTERMS + "description")),
        "mapping_date": _text(header.get(DCTERMS + "created")),
        "license": _text(header.get(DCTERMS + "license")),
        "subject_source": ONTOLOGY,
    }
    lines = ["curie_map:", *(f"  {prefix}: {json.dumps(_PREFIXES[prefix])}" for prefix in sorted(set(prefixes)))]
    lines += [f"{slot}: {json.dumps(value, ensure_ascii=False)}" for slot, value in slots.items() if value]
    return "".join(f"#{line}\n" for line in lines)


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)


def merge_into_ontology(project: Project) -> list[ox.Triple]:
    """Return the triples of the ontology with the mappings merged in, under an IRI of its own.

    Raises:
        MalformedInput: a file of the ontology or of the mappings is malformed.
    """
    own, other = ox.NamedNode(ONTOLOGY), ox.NamedNode(MERGED)
    triples = [triple for path in project.files()[ONTOLOGY] for triple in parse_file(path)]
    head = [ox.Triple(other, t.predicate, t.object) for t in triples if t.subject == own]
    rest = [triple for triple in triples if triple.subject != own]
    extra = [
        t for t in (parse_file(project.mappings) if project.mappings.exists() else ()) if str(t.subject) != f"<{SET}>"
    ]
    return [*head, ox.Triple(other, ox.NamedNode(DCTERMS + "isVersionOf"), own), *rest, *extra]
