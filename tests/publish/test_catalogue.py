"""What describes the dataset as a whole: counts that SPARQL confirms, distributions, sitemap and robots.txt."""

from __future__ import annotations

from urllib import robotparser
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.http import negotiation
from triplomacy.publish import catalogue, documents
from triplomacy.publish.catalogue import Catalogue
from triplomacy.publish.documents import DATASET
from triplomacy.terms import ONTOLOGY, ROOT

BASE = "https://example.com/graphs"
PREFIXES = """
PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def ours(article: MemoryDataset) -> Catalogue:
    """Return the catalogue of the project's own graphs below another host."""
    return Catalogue(documents.read(article), BASE, "ab" * 32)


def store(document: documents.Document | None) -> ox.Store:
    """Return a store that has read the Turtle of a document."""
    assert document is not None
    found = ox.Store()
    found.load(documents.serialise(document, negotiation.TURTLE), format=ox.RdfFormat.TURTLE)
    return found


def rows(held: ox.Store, query: str) -> set[tuple[str, ...]]:
    """Return the values of the solutions of a query."""
    found = held.query(PREFIXES + query)
    assert isinstance(found, ox.QuerySolutions)
    return {tuple(str(value.value) for value in row if not isinstance(value, ox.Triple | None)) for row in found}


COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { ?s a ?c FILTER isIRI(?c) }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }",
    "entities": f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s ?p ?o FILTER STRSTARTS(STR(?s), '{ROOT}') }}",
}


@pytest.mark.parametrize("name", COUNTS)
def test_statistics_are_what_sparql_counts(name: str, ours: Catalogue, article: MemoryDataset) -> None:
    """Each number that VoID gives of the dataset is the one that a query over the loaded graphs gives."""
    assert rows(store(ours.void), f"SELECT ?n WHERE {{ <{DATASET}> void:{name} ?n }}") == rows(
        article.store, COUNTS[name]
    )


def test_partitions_are_what_sparql_counts(ours: Catalogue, article: MemoryDataset) -> None:
    """The partitions by class and by property have the numbers that grouping gives."""
    void = store(ours.void)
    part = "SELECT ?c ?n WHERE {{ <{}> void:{}Partition [ void:{} ?c ; void:{} ?n ] }}"
    classes = rows(void, part.format(DATASET, "class", "class", "entities"))
    counted = "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?c } GROUP BY ?c"
    assert classes == rows(article.store, counted)
    properties = rows(void, part.format(DATASET, "property", "property", "triples"))
    assert properties == rows(article.store, "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p")


def test_graphs_are_subsets_with_their_counts(ours: Catalogue) -> None:
    """Each graph is a subset, has dumps below the base, and counts its own triples."""
    dump = f"{BASE}/graph/actors.nq"
    query = f"SELECT ?g ?n WHERE {{ <{DATASET}> void:subset ?g . ?g void:triples ?n ; void:dataDump <{dump}> }}"
    graph = ROOT + "graph/actors"
    triples = len(list(ours.documents.quads.quads_for_graph_name(ox.NamedNode(graph))))
    assert rows(store(ours.void), query) == {(graph, str(triples))}
    subsets = rows(
        store(ours.void), f"SELECT ?g WHERE {{ <{DATASET}> void:subset ?g . ?g a void:Dataset FILTER isIRI(?g) }}"
    )
    assert subsets == {(name,) for name in ours.documents.dataset_graphs}


def test_links_to_wikidata_are_a_linkset(ours: Catalogue, article: MemoryDataset) -> None:
    """The links to each other dataset are counted by kind."""
    query = """
        SELECT ?p ?space ?n WHERE {
          ?l a void:Linkset ; void:linkPredicate ?p ; void:objectsTarget/void:uriSpace ?space ; void:triples ?n }"""
    links = rows(store(ours.void), query)
    counted = """
        SELECT ?p ?space (COUNT(*) AS ?n)
        WHERE { VALUES ?p { skos:exactMatch skos:closeMatch } ?s ?p ?o BIND(REPLACE(STR(?o), "[^/]*$", "") AS ?space) }
        GROUP BY ?p ?space"""
    assert links == rows(article.store, counted)
    assert any(space == "http://www.wikidata.org/entity/" for _, space, _ in links)


def test_catalogue_has_every_graph_and_service(ours: Catalogue) -> None:
    """The catalogue lists dataset, graphs, views, shapes and queries, each with licence and six distributions."""
    dcat = store(ours.dcat)
    held = rows(dcat, f"SELECT ?d WHERE {{ <{catalogue.CATALOGUE}> dcat:dataset ?d . ?d a dcat:Dataset }}")
    assert held == {(iri,) for iri in (DATASET, *ours.documents.graphs)}
    complete = """
        SELECT ?d (COUNT(DISTINCT ?x) AS ?n) WHERE {
          ?d a dcat:Dataset ; dcterms:title ?t ; dcterms:description ?w ; dcterms:license ?l ; dcat:distribution ?x .
          ?x dcat:downloadURL ?a ; dcat:mediaType ?m ; dcat:accessURL ?c } GROUP BY ?d"""
    assert rows(dcat, complete) == {(iri, "6") for (iri,) in held}
    services = rows(dcat, "SELECT ?s ?u WHERE { ?c dcat:service ?s . ?s dcat:endpointURL ?u ; dcat:servesDataset ?d }")
    assert services == {(ROOT + "sparql", BASE + "/sparql"), (ROOT + "queries", BASE + "/queries")}


def test_dataset_is_named_by_version_and_hash(ours: Catalogue) -> None:
    """The description says which version of the data it is of."""
    query = f"SELECT ?v ?h WHERE {{ <{DATASET}> dcat:version ?v ; dcterms:identifier ?h }}"
    assert rows(store(ours.dcat), query) == {("0.1.0", "sha256:" + "ab" * 32)}


def test_descriptions_are_the_same_each_time(ours: Catalogue) -> None:
    """Another process gives the same bytes."""
    again = Catalogue(ours.documents, ours.base, ours.sha256)
    for form in negotiation.GRAPHS:
        assert documents.serialise(ours.void, form) == documents.serialise(again.void, form)
        assert documents.serialise(ours.dcat, form) == documents.serialise(again.dcat, form)


def test_descriptions_are_found_by_their_iris(ours: Catalogue) -> None:
    """VoID and the catalogue have IRIs of ours."""
    assert ours.find(catalogue.VOID_FILE) == ours.void
    assert ours.find(catalogue.CATALOGUE) == ours.dcat
    assert ours.find(ONTOLOGY) is None


def test_sitemap_has_the_page_of_each_document(ours: Catalogue) -> None:
    """The sitemap is well-formed and lists each page once."""
    (text,) = ours.sitemaps()
    pages = [str(found.text) for found in ET.fromstring(text).iter(f"{MAPS}loc")]
    assert len(pages) == len(set(pages))
    assert f"{BASE}/id/north-korea.html" in pages
    assert f"{BASE}/queries/recognition/who-recognises" in pages
    assert {f"{BASE}/{iri.removeprefix(ROOT)}.html" for iri in ours.documents.iris()} - set(pages) == {
        f"{BASE}/queries.html"
    }


def test_large_sitemap_is_an_index(ours: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """More pages than a file may have are in several, behind an index that names them."""
    monkeypatch.setattr(catalogue, "_MOST", 300)
    index, *parts = ours.sitemaps()
    named = [found.text for found in ET.fromstring(index).iter(f"{MAPS}loc")]
    assert named == [f"{BASE}/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    pages = [str(found.text) for part in parts for found in ET.fromstring(part).iter(f"{MAPS}loc")]
    assert pages == ours.pages()
    assert len(parts) == -(-len(pages) // 300)


def test_robots_may_read_and_not_ask(ours: Catalogue) -> None:
    """A robot may read documents, learns of the sitemap, and is kept from asking questions."""
    rules = robotparser.RobotFileParser()
    rules.parse(ours.robots().splitlines())
    assert rules.can_fetch("any", BASE + "/id/north-korea.html")
    assert not rules.can_fetch("any", BASE + "/sparql?query=x")
    assert rules.site_maps() == [BASE + "/sitemap.xml"]
