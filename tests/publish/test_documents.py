"""Our IRIs and the documents that describe them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT as FOLDER
from triplomacy import build
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import UnknownName
from triplomacy.http import negotiation
from triplomacy.http.negotiation import GRAPHS, JSONLD, NQUADS, TRIG, TURTLE, Format
from triplomacy.publish import documents
from triplomacy.publish.documents import Documents
from triplomacy.rdf.normal_form import normalise
from triplomacy.terms import ID, ONTOLOGY, ROOT, SKOS, TRI, VIEW

READABLE = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
LARGE = ("dataset", "graph", "ontology", "queries", "shapes", "view")


@pytest.fixture(scope="module")
def ours(article: Dataset) -> Documents:
    """Return the documents of the project's own graphs."""
    return documents.read(article)


def parsed(text: str, form: Format) -> set[ox.Quad]:
    """Return the quads that a second parser finds in a text."""
    return set(ox.parse(text, format=READABLE[form.name]))


def ground(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return the quads without blank nodes."""
    return {
        quad for quad in quads if not (isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode))
    }


def canonical(quads: Iterable[ox.Quad]) -> ox.Dataset:
    """Return quads with their blank nodes labelled by RDFC-1.0."""
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def without_graph(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return the triples of quads, in the default graph."""
    return {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}


def own_iris(quads: Iterable[ox.Quad]) -> Iterator[str]:
    """Yield the IRIs of ours that stand anywhere in quads."""
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode) and term.value.startswith(ROOT):
                yield term.value


def keeps_graphs(form: Format) -> bool:
    """Tell whether a format has named graphs here."""
    return form in (TRIG, NQUADS)


def test_every_iri_of_ours_has_a_document(ours: Documents) -> None:
    """Every IRI below our namespace that stands anywhere in the dataset is described by a document."""
    iris = set(own_iris(ours.quads)) - {ROOT + "sparql"}  # the endpoint answers for itself
    assert len(iris) > 1000
    assert [iri for iri in sorted(iris) if ours.holder(iri) is None] == []


def test_what_is_loaded_is_what_is_described(ours: Documents) -> None:
    """The documents are of the graphs and views that ``build`` writes, and of shapes and stored queries beside them."""
    built = build.graphs(Project(FOLDER))
    assert set(ours.graphs) - set(built) == {documents.SHAPES_GRAPH, documents.QUERIES_GRAPH}
    assert canonical(
        quad for quad in ours.quads if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value in built
    ) == canonical(build.quads(built))


@pytest.mark.parametrize("form", GRAPHS, ids=lambda form: form.name)
def test_documents_together_are_the_dataset(form: Format, ours: Documents) -> None:
    """The union of all documents is the dataset, in each format, and the document of a graph is that graph."""
    union: set[ox.Quad] = set()
    for iri in ours.iris():
        document = ours.get(iri)
        quads = parsed(documents.serialise(document, form), form)
        union |= ground(quads)
        if document.kind in LARGE:
            whole = document.statements if keeps_graphs(form) else without_graph(document.statements)
            assert canonical(quads) == canonical(whole), iri
            assert set(document.statements) >= set(ours.quads.quads_for_graph_name(ox.NamedNode(iri)))
    assert union == ground(ours.quads if keeps_graphs(form) else without_graph(ours.quads))


def test_blank_nodes_stand_in_documents_of_graphs(ours: Documents) -> None:
    """What has no IRI stands in the document of its graph, so that the union lacks none of it."""
    with_blank = {quad for quad in ours.quads if isinstance(quad.subject, ox.BlankNode)}
    described = {quad for graph in ours.graphs for quad in ours.get(graph).statements}
    assert with_blank
    assert with_blank <= described


def test_turtle_is_in_normal_form(ours: Documents) -> None:
    """Turtle and TriG of documents are as ``triplomacy format`` would leave them, and the same each time."""
    for iri in (ONTOLOGY, ID + "north-korea", documents.QUERIES_GRAPH, VIEW + "author"):
        for form in (TURTLE, TRIG):
            text = documents.serialise(ours.get(iri), form)
            assert text == normalise(text, trig=form == TRIG) == documents.serialise(ours.get(iri), form)


def test_second_reading_gives_the_same_bytes(ours: Documents) -> None:
    """Another process would serve the same bytes: labels of blank nodes depend on the data alone."""
    other = documents.read(load(Project(FOLDER)))
    assert other.iris() == ours.iris()
    for iri in (ONTOLOGY, documents.SHAPES_GRAPH, ROOT + "graph/actors"):
        assert documents.serialise(other.get(iri), NQUADS) == documents.serialise(ours.get(iri), NQUADS)


def test_entity_comes_with_what_points_to_it(ours: Documents) -> None:
    """The document of a republic says what it is, then which propositions are about it."""
    text = documents.serialise(ours.get(ID + "donetsk-peoples-republic"), TURTLE)
    about, pointing = text.split("# What points to it")
    assert about.count("\nid:donetsk-peoples-republic\n    a tri:ClaimedState ;") == 1
    assert (
        "proposition/syria-recognises-donetsk-republic>\n    tri:recognised id:donetsk-peoples-republic ." in pointing
    )
    assert "tri:recognises" not in text


def test_facts_of_views_stand_in_views_alone(ours: Documents) -> None:
    """No derived fact is in the document of an entity, whatever the format."""
    derived = {q.triple for g in ours.graphs if g.startswith(VIEW) for q in ours.get(g).statements}
    curated = {q.triple for q in ours.quads if not str(getattr(q.graph_name, "value", "")).startswith(VIEW)}
    assert len(derived - curated) > 50
    for iri in ours.iris():
        if not iri.startswith(VIEW):
            document = ours.get(iri)
            assert not {q.triple for q in (*document.statements, *document.backlinks)} & (derived - curated)


def test_hash_iri_is_described_with_its_document(ours: Documents) -> None:
    """A term of the ontology and a span of a text are found in the document of the IRI before the hash."""
    assert ours.get(TRI + "Claim").iri == ONTOLOGY
    text = next(iri for iri in ours.iris() if documents.kind(iri) == "text")
    span = next(subject for subject in ours.subjects[text] if "#char=" in subject)
    document = ours.get(span)
    assert document.iri == text
    assert any(str(quad.subject) == f"<{span}>" for quad in document.statements)
    assert any(str(quad.object) == f"<{span}>" for quad in document.backlinks)


def test_version_is_resolved(ours: Documents) -> None:
    """The present version of the ontology is the ontology; one that never was is not there."""
    (version,) = (iri for iri in ours.versions if iri.startswith(ONTOLOGY))
    assert ours.get(version).iri == ONTOLOGY
    assert ours.find(f"{ONTOLOGY}/0.0.0") is None


def test_kinds_are_told_by_iris(ours: Documents) -> None:
    """Each kind that our IRIs have is told, and only few are mere things."""
    kinds = {documents.kind(iri) for iri in ours.iris()}
    assert kinds >= {"entity", "claim", "proposition", "passage", "time", "row", "source", "text", "file", *LARGE}
    assert [iri for iri in ours.iris() if documents.kind(iri) == "thing"] == [ROOT + "authors"]


def test_unknown_iri_names_the_nearest(ours: Documents) -> None:
    """An IRI that nothing has is an error with a proposal."""
    with pytest.raises(UnknownName, match="no such IRI: id:north-corea; did you mean id:north-korea"):
        ours.get(ID + "north-corea")


def test_jsonld_reads_well(ours: Documents) -> None:
    """JSON-LD has a context of its own, fetches none, and names predicates by CURIEs and nodes by IRIs."""
    document = json.loads(documents.serialise(ours.get(ID + "syria"), JSONLD))
    assert all(isinstance(iri, str) for iri in document["@context"].values())
    (syria,) = (node for node in document["@graph"] if node["@id"] == ID + "syria")
    assert syria["@type"] == "tri:State"
    assert syria["rdfs:label"] == {"@language": "en", "@value": "Syria"}


def test_literals_are_those_of_the_files(own_gazette: Project) -> None:
    """A literal is served as it is written, where a store would rewrite it."""
    path = own_gazette.graphs / "gazette" / "more.ttl"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'<{ID}x> <{SKOS}note> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n', encoding="utf-8")
    text = documents.serialise(documents.read(load(own_gazette)).get(ID + "x"), negotiation.NTRIPLES)
    assert '"1.50"^^' in text


def test_other_source_has_documents(gazette: Dataset) -> None:
    """Another source's claims, spans and view are described like ours, and the union is its dataset."""
    theirs = documents.read(gazette)
    assert {"claim", "proposition", "passage", "text", "view"} <= {documents.kind(iri) for iri in theirs.iris()}
    union = {quad for iri in theirs.iris() for quad in theirs.get(iri).statements}
    assert union == set(theirs.quads)
