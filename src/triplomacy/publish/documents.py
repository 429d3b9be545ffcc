"""Our IRIs and the documents that describe them, in each format of linked data.

A *document* describes the IRI that it is called after, and the hash IRIs below it: what is stated about them, blank
nodes included, and in a second part what points to them. The document of a named graph is the whole graph: so is that
of the ontology, of the shapes, of a view, and of the stored queries in the form of sparql-examples. Facts of views
stand only in the documents of views, since elsewhere they would be read as the world. The document of the dataset is
ontology and curated graphs together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pyoxigraph as ox

from triplomacy import build
from triplomacy.claims import views
from triplomacy.dataset import Dataset, Project
from triplomacy.errors import Choice, TriplomacyError, UnknownName
from triplomacy.http import Format, negotiation
from triplomacy.queries import export, formats
from triplomacy.rdf import arrange, closure, nest, parse_file
from triplomacy.terms import (
    DCTERMS,
    FOAF,
    GRAPH,
    ID,
    ONTOLOGY,
    OWL,
    PREFIXES,
    RDF,
    ROOT,
    SHAPES,
    SOURCE,
    VIEW,
    VOID,
    compress,
)

SHAPES_GRAPH: Final = SHAPES.removesuffix("#")
QUERIES_GRAPH: Final = ROOT + "queries"
DATASET: Final = ROOT + "dataset"

_WHOLE: Final = {ONTOLOGY: "ontology", SHAPES_GRAPH: "shapes", QUERIES_GRAPH: "queries", DATASET: "dataset"}
_SPACES: Final = {ID: "entity", GRAPH: "graph", VIEW: "view", export.QUERY: "query"}
_PARTS: Final = ("claim", "proposition", "passage", "time", "row", "text")
_POINTING: Final = "\n# What points to it\n\n"
_VERSION: Final = ox.NamedNode(OWL + "versionInfo")
_VERSION_IRI: Final = ox.NamedNode(OWL + "versionIRI")


@dataclass(frozen=True, slots=True)
class Document:
    """The description of an IRI of ours: its statements and its backlinks.

    Attributes:
        iri: the IRI, without a fragment.
        kind: entity, claim, graph and the like, see `kind`.
        statements: the quads about it and its hash IRIs, or of the whole graph that it is, sorted.
        backlinks: the quads that point to it and its hash IRIs from elsewhere, sorted; none of a graph.
    """

    iri: str
    kind: str
    statements: tuple[ox.Quad, ...]
    backlinks: tuple[ox.Quad, ...] = ()

    @property
    def triples(self) -> list[ox.Triple]:
        """The statements without their graphs, each once, sorted."""
        return list(dict.fromkeys(quad.triple for quad in self.statements))

    def address(self, base: str, form: Format) -> str:
        """Return where the document lies in a format, below the address *base*, which has no slash at its end."""
        return address(base, self.iri, form)


def address(base: str, iri: str, form: Format | None = None) -> str:
    """Return where an IRI of ours is resolved below the address *base*, or its document in a format."""
    return f"{base}/{iri.removeprefix(ROOT)}{'.' + form.extension if form else ''}"


def base_url(text: str) -> str:
    """Return the address below which documents are to lie, without a slash at its end.

    Raises:
        TriplomacyError: it is not an address of HTTP, or has a character that an IRI may not have.
    """
    choice = Choice("base-url")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        taken = f" takes an address such as https://data.example.org/triplomacy, not {text[:200]!r}"
        raise TriplomacyError(choice, taken)
    if any(char in text for char in ' <>"{}|\\^`%') or not text.isascii() or not text.isprintable():
        raise TriplomacyError(choice, " has a character that an IRI may not have as it is; write plain ASCII")
    return text.rstrip("/")


def kind(iri: str) -> str:
    """Return what a document of ours describes: entity, claim, graph and the like, or thing.

    >>> kind("https://w3id.org/triplomacy/source/lukin-2022/claim/troops-unlikely")
    'claim'
    """
    if iri in _WHOLE:
        return _WHOLE[iri]
    if iri.startswith(SOURCE):
        _, *parts = iri.removeprefix(SOURCE).split("/")
        return "source" if not parts else parts[0] if parts[0] in _PARTS else "file"
    return next((name for space, name in _SPACES.items() if iri.startswith(space)), "thing")


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents of a project.

    Attributes:
        project: the project.
        quads: the statements of all documents, blank nodes labelled by RDFC-1.0.
        graphs: the IRIs of the named graphs, sorted.
        subjects: the IRIs that each document describes, by the IRI of the document.
        versions: the IRI of the versioned resource, by the IRI of each version.
    """

    project: Project
    quads: ox.Dataset
    graphs: tuple[str, ...]
    subjects: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, str]

    def iris(self) -> list[str]:
        """Return the IRIs of all documents, sorted."""
        return sorted({*self.subjects, *self.graphs, DATASET})

    @property
    def dataset_graphs(self) -> tuple[str, ...]:
        """The IRIs of the ontology's graph and of the curated graphs, which together are the dataset."""
        return tuple(graph for graph in self.graphs if graph == ONTOLOGY or graph.startswith(GRAPH))

    def holder(self, iri: str) -> str | None:
        """Return the IRI of the document that describes an IRI, or None.

        A hash IRI is described with the IRI before its ``#``, and a version that is not kept in the present one.
        """
        whole = iri.partition("#")[0]
        whole = self.versions.get(whole, whole)
        return whole if whole in self.subjects or whole in self.graphs or whole == DATASET else None

    def find(self, iri: str) -> Document | None:
        """Return the document that describes an IRI, or None."""
        whole = self.holder(iri)
        if whole is None:
            return None
        if whole == DATASET:
            return Document(whole, kind(whole), tuple(sorted(self._together(), key=str)))
        if whole in self.graphs:
            return Document(whole, kind(whole), tuple(self._graph(whole)))
        about = [ox.NamedNode(subject) for subject in self.subjects[whole]]
        statements = self._closure(about)
        return Document(whole, kind(whole), tuple(statements), tuple(self._backlinks(about)))

    def get(self, iri: str) -> Document:
        """Return the document that describes an IRI.

        Raises:
            UnknownName: there is none; the nearest IRIs are in the message.
        """
        document = self.find(iri)
        if document is None:
            raise UnknownName("IRI", compress(iri), map(compress, self.iris()))
        return document

    def iris_of_ours(self) -> set[str]:
        """Return all IRIs of ours that a document describes, hash IRIs among them."""
        return {*self.iris(), *(iri for subjects in self.subjects.values() for iri in subjects)}

    def values(self, iri: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        """Return the IRIs and literals that are stated as values of a property, sorted."""
        quads = self.quads.quads_for_subject(ox.NamedNode(iri))
        objects = (quad.object for quad in quads if quad.predicate.value == predicate)
        return sorted((term for term in objects if isinstance(term, ox.NamedNode | ox.Literal)), key=str)

    def days(self) -> list[ox.NamedNode | ox.Literal]:
        """Return the days on which the graphs of the dataset were made or changed, each once, in their order."""
        names = (DCTERMS + "created", DCTERMS + "modified")
        return sorted(
            {day for graph in self.dataset_graphs for name in names for day in self.values(graph, name)}, key=str
        )

    def _together(self) -> Iterator[ox.Quad]:
        return (quad for graph in self.dataset_graphs for quad in self.quads.quads_for_graph_name(ox.NamedNode(graph)))

    def _graph(self, graph: str) -> Iterator[ox.Quad]:
        node = ox.NamedNode(graph)
        yield from sorted(self.quads.quads_for_graph_name(node), key=str)
        yield from (quad for quad in self._closure([node]) if quad.graph_name != node)

    def _closure(self, about: Sequence[ox.NamedNode]) -> list[ox.Quad]:
        """Return the quads about nodes and about the blank nodes that they lead to, without facts of views."""

        def statements(node: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
            return (quad for quad in self.quads.quads_for_subject(node) if not _is_derived(quad))

        def blank(node: ox.NamedNode | ox.BlankNode) -> Iterator[ox.NamedNode | ox.BlankNode]:
            return (quad.object for quad in statements(node) if isinstance(quad.object, ox.BlankNode))

        nodes: list[ox.NamedNode | ox.BlankNode] = [*about]
        return sorted((quad for node in closure(nodes, blank) for quad in statements(node)), key=str)

    def _backlinks(self, about: Sequence[ox.NamedNode]) -> list[ox.Quad]:
        quads = {quad for node in about for quad in self.quads.quads_for_object(node) if not _is_derived(quad)}
        return sorted(
            (quad for quad in quads if isinstance(quad.subject, ox.NamedNode) and quad.subject not in about), key=str
        )


def _is_derived(quad: ox.Quad) -> bool:
    return str(quad.graph_name.value).startswith(VIEW) if isinstance(quad.graph_name, ox.NamedNode) else False


def read(dataset: Dataset, derived: Mapping[str, Sequence[ox.Triple]] | None = None) -> Documents:
    """Return the documents of a project's dataset, whose default graph has no facts of views.

    Args:
        dataset: the dataset.
        derived: the facts of each view by the IRI of its graph, where they have been derived already.

    Raises:
        MalformedInput: a file of the project is malformed.
    """
    project = dataset.project
    if derived is None:
        derived = {VIEW + name: views.derive(dataset, name) for name in views.names(dataset)}
    named = dict(derived)
    named[SHAPES_GRAPH] = [triple for path in project.shapes() for triple in parse_file(path)]
    named[QUERIES_GRAPH] = export.triples(project)
    curated = list(build.curated_quads(dataset))
    quads = ox.Dataset([*curated, *build.quads(named)])
    quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    graphs = tuple(sorted({*named, *(_graph(quad) for quad in curated)}))
    return Documents(project, quads, graphs, _subjects(quads), _versions(quads))


def _graph(quad: ox.Quad) -> str:
    assert isinstance(quad.graph_name, ox.NamedNode)
    return quad.graph_name.value


def _subjects(quads: Iterable[ox.Quad]) -> dict[str, tuple[str, ...]]:
    subjects_by_document: dict[str, set[str]] = {}
    for quad in quads:
        subject = quad.subject
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(ROOT) and not _is_derived(quad):
            subjects_by_document.setdefault(subject.value.partition("#")[0], set()).add(subject.value)
    return {iri: tuple(sorted(subjects)) for iri, subjects in subjects_by_document.items()}


def _versions(quads: ox.Dataset) -> dict[str, str]:
    iris_by_version: dict[str, str] = {}
    for quad in quads.quads_for_predicate(_VERSION):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
            iris_by_version[f"{quad.subject.value}/{quad.object.value}"] = quad.subject.value
    for quad in quads.quads_for_predicate(_VERSION_IRI):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            iris_by_version[quad.object.value] = quad.subject.value
    return iris_by_version


def serialise(document: Document, form: Format) -> str:
    """Return a document in one of the formats of `negotiation.GRAPHS`; the same document gives the same text.

    TriG and N-Quads keep the named graphs, the others have the triples of all of them. Turtle and TriG are in their
    normal form.

    Raises:
        TriplomacyError: RDF/XML cannot hold it.
    """
    return _WRITERS[form.name](document)


def _triples(document: Document) -> list[ox.Triple]:
    return list(dict.fromkeys((*document.triples, *(quad.triple for quad in document.backlinks))))


def _turtle(document: Document) -> str:
    first = nest(document.triples, document.iri)
    second = nest(dict.fromkeys(quad.triple for quad in document.backlinks))
    return arrange(_with_prefixes(first + (_POINTING + second if second else "")), path=document.iri)


def _with_prefixes(text: str) -> str:
    used = (f"@prefix {name}: <{iri}> .\n" for name, iri in _PREFIXES.items() if f"<{iri}" in text)
    return "".join(used) + "\n" + text


_PREFIXES: Final = {
    **PREFIXES,
    "foaf": FOAF,
    "schema": "https://schema.org/",
    "void": VOID,
}


def _trig(document: Document) -> str:
    parts = []
    quads = (*document.statements, *document.backlinks)
    for graph in sorted({quad.graph_name for quad in quads}, key=str):
        triples = dict.fromkeys(quad.triple for quad in quads if quad.graph_name == graph)
        parts.append(f"{graph} {{\n{nest(triples, document.iri)}}}\n\n")
    return arrange(_with_prefixes("".join(parts)), trig=True, path=document.iri)


def _ntriples(document: Document) -> str:
    return "".join(sorted(f"{triple} .\n" for triple in _triples(document)))


def _nquads(document: Document) -> str:
    return "".join(sorted({f"{quad} .\n" for quad in (*document.statements, *document.backlinks)}))


def _jsonld(document: Document) -> str:
    """Return JSON-LD in which predicates, classes and datatypes are CURIEs and a node is named by its whole IRI."""
    import json

    nodes: dict[str, dict[str, list[object]]] = {}
    for triple in _triples(document):
        node = nodes.setdefault(_name(triple.subject), {})
        if triple.predicate.value == RDF + "type" and isinstance(triple.object, ox.NamedNode):
            node.setdefault("@type", []).append(_curie(triple.object.value))
        else:
            node.setdefault(_curie(triple.predicate.value), []).append(_value(triple.object))
    graph = [{"@id": name, **{key: _alone(values) for key, values in node.items()}} for name, node in nodes.items()]
    text = json.dumps(graph, ensure_ascii=False, indent=2)
    context = {name: iri for name, iri in _PREFIXES.items() if f'"{name}:' in text}
    head = json.dumps({"@context": context}, ensure_ascii=False, indent=2).removesuffix("\n}")
    return head + ',\n  "@graph": ' + text.replace("\n", "\n  ") + "\n}\n"


def _name(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _curie(iri: str) -> str:
    return compress(iri, _PREFIXES).strip("<>") if not iri.startswith(SOURCE) else iri


def _value(term: object) -> object:
    if not isinstance(term, ox.Literal):
        return {"@id": _name(term)}
    if term.language:
        return {"@language": term.language, "@value": term.value}
    if term.datatype.value == PREFIXES["xsd"] + "string":
        return term.value
    return {"@type": _curie(term.datatype.value), "@value": term.value}


def _alone(values: list[object]) -> object:
    return values[0] if len(values) == 1 else values


_WRITERS: Final[Mapping[str, Callable[[Document], str]]] = {
    negotiation.TURTLE.name: _turtle,
    negotiation.TRIG.name: _trig,
    negotiation.NTRIPLES.name: _ntriples,
    negotiation.NQUADS.name: _nquads,
    negotiation.JSONLD.name: _jsonld,
    negotiation.RDFXML.name: lambda document: formats.rdfxml(_triples(document)),
}
