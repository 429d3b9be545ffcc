"""Linked data over HTTP: every IRI of ours resolves, in every format, from a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import GAZETTE, ROOT as FOLDER, make_gazette
from tests.support.serving import Reply, Served, serving
from triplomacy import build
from triplomacy.dataset.project import Project
from triplomacy.http.negotiation import DOCUMENTS, GRAPHS, NQUADS, TRIG, TURTLE, Format
from triplomacy.queries import export
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import GRAPH, ONTOLOGY, ROOT, SHAPES, VIEW

PROJECT = Project(FOLDER)
READERS = {
    "turtle": "turtle",
    "ntriples": "nt",
    "nquads": "nquads",
    "jsonld": "json-ld",
    "rdfxml": "xml",
    "trig": "trig",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
Term = tuple[str, ...]


@pytest.fixture(scope="module")
def dataset() -> dict[str, list[ox.Triple]]:
    """Return the triples of each graph as other code reads them: files, views, shapes and stored queries."""
    found = build.graphs(PROJECT)
    found[SHAPES.rstrip("#")] = [triple for path in PROJECT.shapes() for triple in parse_file(path)]
    return found | {ROOT + "queries": export.triples(PROJECT)}


@pytest.fixture(scope="module")
def iris(dataset: dict[str, list[ox.Triple]]) -> list[str]:
    """Return every IRI of ours that stands anywhere, as graph, subject, predicate or object, sorted."""
    terms = [term for triples in dataset.values() for triple in triples for term in triple]
    used = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    return sorted(iri for iri in used | set(dataset) if iri.startswith(ROOT))


def paths(iris: list[str]) -> list[str]:
    """Return the path of each IRI, each once; a fragment does not go over the wire."""
    return sorted({"/" + iri.removeprefix(ROOT).partition("#")[0] for iri in iris} - {"/sparql"})


def of_oxigraph(term: object) -> Term:
    """Return a term as a tuple."""
    if isinstance(term, ox.Literal):
        return (term.value, term.datatype.value, term.language or "")
    return (term.value,) if isinstance(term, ox.NamedNode) else ("_:",)


def of_rdflib(term: object) -> Term:
    """Return a term as a tuple."""
    if isinstance(term, rdflib.Literal):
        plain = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString" if term.language else str(rdflib.XSD.string)
        return (str(term), str(term.datatype or plain), term.language or "")
    return ("_:",) if isinstance(term, rdflib.BNode) else (str(term),)


def read(text: str, form: Format, where: str) -> Iterator[tuple[Term, ...]]:
    """Yield what rdflib reads from a document: triples, with their graph where the format has graphs."""
    if form in (TRIG, NQUADS):
        held = rdflib.Dataset().parse(data=text, format=READERS[form.name], publicID=where)
        yield from ((*map(of_rdflib, quad[:3]), of_rdflib(quad[3])) for quad in held.quads())
    else:
        yield from (tuple(map(of_rdflib, each)) for each in rdflib.Graph().parse(data=text, format=READERS[form.name]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib's parsers, in rdflib
@pytest.mark.parametrize("form", GRAPHS, ids=lambda form: form.name)
def test_every_iri_resolves_and_all_documents_are_the_dataset(
    form: Format,
    served: Served,
    iris: list[str],
    dataset: dict[str, list[ox.Triple]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each IRI leads by 303 to its document in the format that is wanted; what rdflib reads of all is the dataset."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    monkeypatch.setattr(rdflib.term, "_NORMALIZE_LITERALS", False, raising=False)
    union: set[tuple[Term, ...]] = set()
    for path in paths(iris):
        reply = served.follow(path, form.media_type)
        assert (reply.status, reply.media_type) == (200, form.media_type), path
        found = list(read(reply.text, form, "urn:x:"))
        assert found or path.startswith("/view/"), path  # the view of somebody without a plain fact is empty
        union |= {each for each in found if ("_:",) not in each}
    named = form in (TRIG, NQUADS)
    expected = {
        (*map(of_oxigraph, triple), *([(graph,)] if named else []))
        for graph, triples in dataset.items()
        for triple in triples
    }
    assert union == {each for each in expected if ("_:",) not in each}


@pytest.fixture(scope="module")
def browse(served: Served) -> Callable[[str], Reply]:
    """Return what gets a path as a browser does, each path once."""
    return cache(lambda path: served.get(path, BROWSER))


def test_every_iri_has_a_page(served: Served, browse: Callable[[str], Reply], iris: list[str]) -> None:
    """A browser gets a page for each IRI, and what stands behind a hash has its place on the page."""
    pages: dict[str, str] = {}
    for path in paths(iris):
        reply = browse(path)
        if path != "/queries":
            location = reply.headers["location"]
            assert (reply.status, location.startswith(served.base + "/")) == (303, True), path
            reply = browse(location.removeprefix(served.base))
        assert (reply.status, reply.media_type) == (200, "text/html"), path
        pages[path] = reply.text
    for iri in iris:
        path, _, fragment = iri.removeprefix(ROOT).partition("#")
        if fragment:
            assert f'id="{fragment}"' in pages[f"/{path}"], iri


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "html"),
        ("*/*", "html"),
        (BROWSER, "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json, application/rdf+xml;q=0.9", "jsonld"),
        ("application/rdf+xml", "rdf"),
        ("application/json", "jsonld"),
        ("text/*;q=0.5, application/n-quads;q=0.6", "nq"),
        ("text/html;q=0.1, application/trig", "trig"),
        ("text/html;q=0, */*;q=0.1", "ttl"),
        ("application/n-triples;q=1.0,*/*;q=0.0", "nt"),
    ],
)
def test_header_chooses_the_document(accept: str | None, extension: str, served: Served) -> None:
    """A thing leads to the document that Accept prefers, and says that it depends on that."""
    reply = served.get("/id/north-korea", accept)
    assert reply.status == 303
    assert reply.headers["location"] == f"{served.base}/id/north-korea.{extension}"
    assert "accept" in reply.headers["vary"].lower()


def test_nothing_is_foisted_on_a_client(served: Served) -> None:
    """Whoever accepts nothing that is there is told what there is, as a problem."""
    reply = served.get("/id/north-korea", "image/png")
    assert (reply.status, reply.media_type) == (406, "application/problem+json")
    assert "ask for one of text/html, text/turtle" in json.loads(reply.body)["detail"]


@pytest.mark.parametrize("form", DOCUMENTS, ids=lambda form: form.name)
def test_ending_chooses_whatever_is_accepted(form: Format, served: Served) -> None:
    """An address with an ending is answered in its format, as a host of files would, also to HEAD."""
    path = f"/id/north-korea.{form.extension}"
    reply = served.get(path, "image/png")
    assert (reply.status, reply.headers["content-type"]) == (200, form.content_type)
    head = served.get(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == reply.headers["content-length"] == str(len(reply.body))


def test_document_is_not_sent_twice(served: Served) -> None:
    """Who has a document already gets 304; each format has an entity tag of its own."""
    reply = served.get("/id/syria.ttl")
    again = served.get("/id/syria.ttl", If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert served.get("/id/syria.nt").headers["etag"] != reply.headers["etag"]


def test_links_of_a_document_lead_on(served: Served) -> None:
    """A document names what it describes, its other formats, each of which is there, and its licence."""
    links = served.get("/id/syria.ttl").headers["link"]
    assert f'<{ROOT}id/syria>; rel="describes"' in links
    assert 'rel="license"' in links
    alternates = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', links)
    assert len(alternates) == len(DOCUMENTS)
    for address, media_type in alternates:
        assert served.get(address.removeprefix(served.base)).media_type == media_type


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/id/nort-korea", "/id/north-korea"),
        ("/id/north-korea.pdf", "/id/north-korea"),
        ("/ontolgy", "/ontology"),
        ("/graph/lukin-2021", "/graph/lukin-2022"),
        ("/ontology/0.0.0", ""),
        ("/id/north-korea/", ""),
        ("/id/%00", ""),
        ("/id/..%2f..%2fetc%2fpasswd", ""),
        ("/" + "x" * 5000, ""),
    ],
)
def test_what_is_not_there_is_a_problem(path: str, near: str, served: Served) -> None:
    """An address that leads nowhere is 404 as a problem, with the nearest ones, in few words."""
    reply = served.get(path, "text/turtle")
    assert (reply.status, reply.media_type) == (404, "application/problem+json")
    detail = json.loads(reply.body)["detail"]
    assert detail.startswith("no such address: ")
    assert near in detail
    assert len(detail) < 500


def test_version_leads_to_the_ontology(served: Served) -> None:
    """The present version of the ontology is resolved."""
    assert served.get("/ontology/0.1.0", "text/turtle").headers["location"] == f"{served.base}/ontology.ttl"


def test_well_known_address_leads_to_void(served: Served) -> None:
    """The address of RFC 5785 for VoID leads to the description, in RDF unless a page is preferred."""
    reply = served.follow("/.well-known/void")
    assert reply.media_type == "text/turtle"
    assert f"<{ROOT}dataset>\n    a void:Dataset ;" in reply.text
    assert served.follow("/.well-known/void", BROWSER).media_type == "text/html"


def test_everything_in_the_catalogue_is_there(served: Served) -> None:
    """Each distribution of the DCAT catalogue and each dump of VoID can be fetched, in the format that is said."""
    catalogue = rdflib.Graph().parse(data=served.follow("/catalogue", "text/turtle").text, format="turtle")
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    distributions = set(catalogue.subject_objects(dcat.downloadURL))
    assert len(distributions) > 100
    for distribution, address in distributions:
        media_type = str(catalogue.value(distribution, dcat.mediaType)).partition("media-types/")[2]
        reply = served.get(str(address).removeprefix(served.base))
        assert (reply.status, reply.media_type) == (200, media_type)
    void = rdflib.Graph().parse(data=served.follow("/void", "text/turtle").text, format="turtle")
    dumps = set(void.objects(None, rdflib.Namespace("http://rdfs.org/ns/void#").dataDump))
    assert dumps <= {address for _, address in distributions}
    for page in {*catalogue.objects(None, dcat.landingPage), *catalogue.objects(None, dcat.endpointDescription)}:
        assert served.get(str(page).removeprefix(served.base)).status == 200


def test_dump_is_the_dataset(served: Served, dataset: dict[str, list[ox.Triple]]) -> None:
    """The dump of the dataset has ontology and curated graphs, and no view."""
    dump = ox.Dataset(ox.parse(served.follow("/dataset", NQUADS.media_type).body, format=ox.RdfFormat.N_QUADS))
    curated = {graph: triples for graph, triples in dataset.items() if graph == ONTOLOGY or graph.startswith(GRAPH)}
    expected = ox.Dataset(build.quads(curated))
    for each in (dump, expected):
        each.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert dump == expected


def test_every_page_of_the_sitemap_is_there(served: Served, browse: Callable[[str], Reply]) -> None:
    """Each address of the sitemap is a page, and is none that leads somewhere else."""
    reply = served.get("/sitemap.xml")
    assert reply.media_type == "application/xml"
    pages = [str(found.text) for found in ET.fromstring(reply.text).iter() if found.tag.endswith("loc")]
    assert len(pages) > 700
    for page in pages:
        found = browse(page.removeprefix(served.base))
        assert (found.status, found.media_type) == (200, "text/html"), page
    assert served.get("/sitemap-1.xml").status == served.get("/sitemap-0.xml").status == 404


def test_robots_learn_of_the_sitemap(served: Served) -> None:
    """What robots read names the sitemap at the server's address."""
    assert f"Sitemap: {served.base}/sitemap.xml" in served.get("/robots.txt").text


def test_stored_queries_are_rdf(served: Served) -> None:
    """The list of the queries is, for machines, their description in the form of sparql-examples."""
    reply = served.follow("/queries", "text/turtle")
    assert reply.text == export.as_turtle(PROJECT) or "a sh:SPARQLExecutable" in reply.text
    assert served.get("/queries", BROWSER).media_type == "text/html"
    assert served.get("/queries.html").headers["location"] == f"{served.base}/queries"
    assert served.get("/queries", "image/png").status == 406


def test_own_host_serves_our_iris(iris: list[str]) -> None:
    """Under another base URL addresses are those of that host and its path, while IRIs stay what they are."""
    base = "https://data.example.org/kg"
    with serving("--base-url", base) as served:
        assert served.base == base
        for path in ("/kg/id/syria", "/id/syria"):  # a proxy may leave the prefix in place, or take it away
            assert served.get(path, TURTLE.media_type).headers["location"] == f"{base}/id/syria.ttl"
        reply = served.get("/kg/id/syria.ttl")
        assert f"<{base}/id/syria.nt>" in reply.headers["link"]
        assert base not in reply.text
        assert "@prefix id: <https://w3id.org/triplomacy/id/> ." in reply.text
        page = served.get("/kg/id/syria.html").text
        own = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert own
        assert [link for link in own if not link.startswith("/kg/")] == []
        assert f"void:sparqlEndpoint <{base}/sparql>" in served.get("/kg/void.ttl").text
        assert f"<loc>{base}/id/syria.html</loc>" in served.get("/kg/sitemap.xml").text
    assert VIEW + "author" in iris


def test_other_project_is_served(tmp_path: Path) -> None:
    """Another source's claims resolve like ours."""
    project = make_gazette(tmp_path / "project")
    with serving(project=project.root) as served:
        claims = [iri for iri in build.graphs(project)[GRAPH + "gazette-1999"] if "/claim/" in str(iri.subject)]
        path = "/" + str(claims[0].subject.value).removeprefix(ROOT)  # type: ignore[union-attr]
        assert "tri:claimant" in served.follow(path, TURTLE.media_type).text


def test_text_is_shown_to_whom_the_operator_gives_it(tmp_path: Path) -> None:
    """With a source's text its page shows it, and no cache keeps it; without, nothing of it is there."""
    project = make_gazette(tmp_path / "project")
    words = GAZETTE.read_text(encoding="utf-8").split("\n")[0].split(". ")[0][:60]
    text = "/source/gazette-1999/text.html"
    with serving("--source", f"gazette-1999={GAZETTE}", project=project.root) as served:
        shown = served.get(text, BROWSER)
        assert words in re.sub("<[^>]+>", "", shown.text)
        assert shown.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in shown.headers
        assert "etag" in served.get("/source/gazette-1999/text.ttl").headers
    with serving(project=project.root) as served:
        assert words not in re.sub("<[^>]+>", "", served.get(text, BROWSER).text)


def test_other_peoples_files_have_no_documents(tmp_path: Path) -> None:
    """Where other files are served, IRIs of ours are not, and this is said as a problem."""
    (tmp_path / "data.ttl").write_text("<urn:x:a> <urn:x:b> <urn:x:c> .", encoding="utf-8")
    with serving("--data", str(tmp_path / "data.ttl")) as served:
        assert served.get("/id/north-korea", TURTLE.media_type).status == 404
        assert served.get("/queries/who-recognises").status == 404
