"""The W3C's tests of the SPARQL Protocol, the Service Description and the Graph Store Protocol, asked of our server.

Nothing can be written here, so what a test would have written is loaded before the server starts, and each of its
writes has to be refused. Which tests ask for a write is in `REFUSED`, which is checked both ways.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic

from tests.conftest import need_shared
from tests.support.serving import Reply, Served, serving

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")

SUITE = "suites/sparql11"
HOST = "http://www.example"
UNDESCRIBED = "http://kasei.us/2009/09/sparql/data/data0.rdf"  # the suite names it and does not say what is in it

# A test that expects a write to succeed. All others pass as they stand.
REFUSED = {
    "protocol": {
        "update_base_uri",
        "update_dataset_default_graph",
        "update_dataset_default_graphs",
        "update_dataset_full",
        "update_dataset_named_graphs",
        "update_post_direct",
        "update_post_form",
    },
    "graph-store-protocol": {
        "head_existing_direct",
        "head_existing_indirect",
        "post_get_new_graph",
        "post_get_post_get_direct",
        "post_get_post_get_indirect",
        "put_delete_get_delete_direct",
        "put_delete_get_delete_indirect",
        "put_get_default",
        "put_get_repeat_direct",
        "put_get_repeat_indirect",
        "put_get_uri_pct_encoded_indirect",
        "put_get_uri_pct_encoded_twice",
    },
    "http-rdf-update": {
        "delete__existing_graph",
        "delete__nonexistent_graph",
        "post__create__new_graph",
        "post__existing_graph",
        "post__multipart_formdata",
        "put__default_graph",
        "put__graph_already_in_store",
        "put__initial_state",
    },
}


@dataclass(frozen=True)
class Step:
    """A request of a test and what is expected of its reply."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[str, ...]
    boolean: bool | None = None
    form: str | None = None
    content: str | None = None

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        update = b"update" in (self.body or b"")[:7] or "sparql-update" in self.headers.get("content-type", "")
        graphs = self.path.startswith("/gsp") and self.method not in ("GET", "HEAD")
        return graphs or (update and any(status[-3:] == "2xx" for status in self.statuses))


@dataclass(frozen=True)
class Case:
    """A test of the W3C's."""

    name: str
    steps: tuple[Step, ...] = ()
    data: dict[str, str] = field(default_factory=dict)


def cases(file: str) -> list[Case]:
    """Return the tests of a manifest; none where the suites are absent, which another test says."""
    path = Path(__file__).resolve().parents[3] / "shared" / SUITE / file
    if not path.exists():
        return []
    graph = rdflib.Graph().parse(path)
    (entries,) = graph.objects(None, MF.entries)
    return [case(graph, node) for node in Collection(graph, entries)]


def case(graph: rdflib.Graph, node: Any) -> Case:
    """Return a test of a manifest."""
    steps: tuple[Step, ...] = ()
    for action in graph.objects(node, MF.action):
        requests: Any = graph.value(action, HT.requests)
        # Each request is a list of its own in some tests, and all are in one in others.
        found = [
            each
            for item in Collection(graph, requests)
            for each in ([item] if (item, HT.methodName, None) in graph else Collection(graph, item))
        ]
        steps = tuple(step(graph, request) for request in found)
    data = {
        str(graph.value(entry, rdflib.RDFS.label)): str(graph.value(entry, UT.graph)).rpartition("/")[2]
        for entry in graph.objects(node, UT.graphData)
    }
    return Case(str(node).rpartition("#")[2], steps, data)


def step(graph: rdflib.Graph, request: Any) -> Step:
    """Return a request of a test."""
    reply = graph.value(request, HT.resp)
    headers = {str(name): str(value) for name, value in header_fields(graph, request)}
    body = graph.value(request, HT.body)
    sent = None
    if body is not None:
        encoding = str(graph.value(body, CNT.characterEncoding))
        sent = str(graph.value(body, CNT.chars)).encode(encoding)
    content = graph.value(reply, HT.body)
    boolean: Any = graph.value(reply, MF.expectedBoolean)
    return Step(
        str(graph.value(request, HT.methodName)),
        str(graph.value(request, HT.absolutePath)),
        headers,
        sent,
        tuple(str(status).rpartition("#")[2] for status in graph.objects(reply, MF.expectedStatus)),
        None if boolean is None else bool(boolean.toPython()),
        str(graph.value(reply, MF.expectedFormat)) if (reply, MF.expectedFormat, None) in graph else None,
        None if content is None else str(graph.value(content, CNT.chars)),
    )


def header_fields(graph: rdflib.Graph, request: Any) -> Iterator[tuple[Any, Any]]:
    """Yield name and value of each header of a request."""
    headers = graph.value(request, HT.headers)
    if headers is None:
        return
    for item in Collection(graph, headers):
        for each in [item] if (item, HT.fieldName, None) in graph else Collection(graph, item):
            yield graph.value(each, HT.fieldName), graph.value(each, HT.fieldValue)


def prose(file: str) -> list[Case]:
    """Return the tests of the older manifest, which tells requests and replies in words; each is one request."""
    path = Path(__file__).resolve().parents[3] / "shared" / SUITE / file
    if not path.exists():
        return []
    graph = rdflib.Graph().parse(path)
    (entries,) = graph.objects(None, MF.entries)
    return [told(graph, node) for node in Collection(graph, entries)]


def told(graph: rdflib.Graph, node: Any) -> Case:
    """Return a test that is told in words."""
    words = next(str(each) for each in graph.objects(node, rdflib.RDFS.comment) if "#### Request" in str(each))
    names = {"http://$HOST$/": f"{HOST}/", "$GRAPHSTORE$": "gsp", "$HOST$": "www.example", "$NEWPATH$": "gsp/new"}
    for name, meant in names.items():
        words = words.replace(name, meant)
    asked, answered = (re.sub(r"(?m)^ {4}", "", part).strip() for part in words.split("####")[1:])
    request, _, body = asked.removeprefix("Request").strip().partition("\n\n")
    line, *headers = request.splitlines()
    method, target, _ = line.split()
    status, _, content = answered.removeprefix("Response").strip().partition("\n\n")
    fields = {name.lower(): value for name, value in (header.split(": ", 1) for header in headers)}
    target = f"/{target.lstrip('/')}"
    code = {"200": "OK", "201": "Created", "204": "NoContent", "404": "NotFound"}[status.split()[0]]
    sent = body.encode() or None
    one = Step(method, target, fields, sent, (code,), content=content if method == "GET" and content else None)
    return Case(str(node).rpartition("#")[2], (one,))


PROTOCOL = cases("protocol/manifest.ttl")
DIRECT = cases("graph-store-protocol/manifest-direct.ttl")
INDIRECT = cases("graph-store-protocol/manifest-indirect.ttl")
PROSE = prose("http-rdf-update/manifest.ttl")
STORE = [*DIRECT, *INDIRECT]


def quads(turtle: str, graph: str | None) -> str:
    """Return a graph in Turtle as N-Quads in the graph of that name, or in the default graph."""
    triples = [quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri="http://www.example/")]
    target = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    return "".join(f"{ox.Quad(triple.subject, triple.predicate, triple.object, target)} .\n" for triple in triples)


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server with the graphs that the tests of the protocol name."""
    folder = tmp_path_factory.mktemp("protocol")
    suite = need_shared(f"{SUITE}/protocol")
    graphs = {label: file for each in PROTOCOL for label, file in each.data.items()}
    content = "".join(quads((suite / file).read_text(encoding="utf-8"), label) for label, file in graphs.items())
    content += f"<{UNDESCRIBED}> <http://purl.org/dc/terms/title> 'undescribed' <{UNDESCRIBED}> .\n".replace("'", '"')
    (folder / "data.nq").write_text(content, encoding="utf-8")
    with serving("--data", str(folder / "data.nq"), folder=folder) as served:
        yield served


def conforms(reply: Reply, expected: Step) -> None:
    """Assert that a reply is what a step expects."""
    assert any(status_is(reply.status, each) for each in expected.statuses), (reply.status, reply.text[:300])
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if expected.boolean is not None:
        assert bool(ox.parse_query_results(reply.body, result_format(kind))) is expected.boolean
    if expected.form == "tabular":
        assert list(ox.parse_query_results(reply.body, result_format(kind)))  # type: ignore[arg-type]
    if expected.form == "RDF":
        form = ox.RdfFormat.from_media_type(kind)
        assert form in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML)
        list(ox.parse(reply.body, form))
    if expected.content is not None:
        assert kind == "text/turtle"
        given = rdflib.Graph().parse(data=reply.text, publicID="http://www.example/")
        assert isomorphic(given, rdflib.Graph().parse(data=expected.content, publicID="http://www.example/"))


def result_format(media_type: str) -> ox.QueryResultsFormat:
    """Return the format of solutions of a media type."""
    found = ox.QueryResultsFormat.from_media_type(media_type)
    assert found is not None, media_type
    return found


NAMED_STATUS = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}


def status_is(status: int, expected: str) -> bool:
    """Tell whether a status is one that the W3C's vocabulary names: ``OK`` or ``StatusCode2xx``."""
    if expected in NAMED_STATUS:
        return status == NAMED_STATUS[expected]
    return expected == f"StatusCode{status // 100}xx"


def refused(reply: Reply) -> None:
    """Assert that a write was refused for what it is."""
    assert reply.status in (403, 405)
    assert reply.headers["content-type"] == "application/problem+json"


def test_suites_are_there() -> None:
    """The suites are beside the checkout, and have as many tests as are known here."""
    need_shared(SUITE)
    assert (len(PROTOCOL), len(DIRECT), len(INDIRECT), len(PROSE)) == (34, 4, 9, 18)


def test_register_is_in_step() -> None:
    """The register names the tests that ask for a write, and no others."""
    need_shared(SUITE)
    for suite, known in (("protocol", PROTOCOL), ("graph-store-protocol", STORE), ("http-rdf-update", PROSE)):
        writing = {each.name for each in known if any(step.writes for step in each.steps)}
        assert REFUSED[suite] == writing, suite


@pytest.mark.parametrize("each", [e for e in PROTOCOL if e.name not in REFUSED["protocol"]], ids=lambda e: e.name)
def test_protocol(each: Case, protocol: Served) -> None:
    """A test of the SPARQL Protocol that asks for no write passes as it stands."""
    for one in each.steps:
        path = one.path.replace("/sparql/", "/sparql")
        conforms(protocol.ask(path, one.headers, method=one.method, body=one.body), one)


@pytest.mark.parametrize("each", [e for e in PROTOCOL if e.name in REFUSED["protocol"]], ids=lambda e: e.name)
def test_update_is_refused(each: Case, protocol: Served) -> None:
    """An update is refused, and what asks whether it was done finds that nothing was."""
    for one in each.steps:
        path = one.path.replace("/sparql/", "/sparql")
        reply = protocol.ask(path, one.headers, method=one.method, body=one.body)
        if one.writes:
            refused(reply)
        else:
            assert (reply.status, reply.json()["boolean"]) == (200, False)
    assert any(one.writes for one in each.steps)


class State:
    """What a graph store holds after the writes of a test so far, by the IRIs of its graphs."""

    def __init__(self) -> None:
        self.graphs: dict[str | None, list[str]] = {}

    def write(self, one: Step) -> None:
        """Do what a write would do."""
        name, content = graph_of(one.path), (one.body or b"").decode().replace("\r\n", "\n")
        if one.method == "DELETE":
            self.graphs.pop(name, None)
        elif one.method == "PUT":
            self.graphs[name] = [content]
        elif one.headers["content-type"].startswith("multipart/form-data"):
            boundary = one.headers["content-type"].partition("boundary=")[2]
            parts = [part.strip().partition("\n\n")[2] for part in content.split(f"--{boundary}")[1:-1]]
            self.graphs.setdefault(name, []).extend(re.sub(r"(?m)^ +", "", part) for part in parts)
        else:
            self.graphs.setdefault(name, []).append(content)

    def quads(self, place: str) -> str:
        """Return what is held as N-Quads, with the graphs in a place of their own."""
        names = {name: None if name is None else name.replace(f"{HOST}/gsp", place) for name in self.graphs}
        return "".join(quads(text, names[name]) for name, texts in self.graphs.items() for text in texts)


def graph_of(path: str) -> str | None:
    """Return the IRI of the graph that an address of the suite stands for, None for the default graph."""
    head, _, query = path.partition("?")
    if query == "default":
        return None
    if query:
        return unquote(query.removeprefix("graph=")).replace("$LOCATION$", f"{HOST}/gsp/new")
    return f"{HOST}/gsp/new" if head == "/gsp" else HOST + unquote(head)


def placed(one: Step, place: str) -> str:
    """Return the address of a step, with its graph in a place of its own."""
    path = one.path.replace("$LOCATION$", f"{HOST}/gsp/new")
    head, _, query = path.partition("?")
    if query:
        encoded = query.replace(quote(f"{HOST}/gsp", safe=""), quote(place, safe="")).replace(f"{HOST}/gsp", place)
        return f"/rdf-graph-store?{encoded}"
    return head.replace("/gsp", place.removeprefix(HOST), 1) if head != "/gsp" else "/rdf-graph-store"


def place_of(each: Case, number: int) -> str:
    """Return where the graphs of a step are: no two steps share any, since each finds another state."""
    return f"{HOST}/rdf-graph-store/{each.name}/{number}"


def state_before(each: Case, number: int) -> State:
    """Return what the graph store holds when a step reads it."""
    state = State()
    for one in each.steps[:number]:
        if one.writes:
            state.write(one)
    one = each.steps[number]
    if not number and "OK" in one.statuses:  # told in words: another test has written it
        state.graphs[graph_of(one.path)] = [one.content or "<http://www.example/s> <http://www.example/p> 1 ."]
    return state


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server with the graphs that each step of the tests finds."""
    folder = tmp_path_factory.mktemp("store")
    content = "".join(
        state_before(each, number).quads(place_of(each, number))
        for each in [*STORE, *(each for each in PROSE if each.name != "get_of_put__default_graph")]
        for number, one in enumerate(each.steps)
        if not one.writes
    )
    (folder / "data.nq").write_text(content, encoding="utf-8")
    with serving("--data", str(folder / "data.nq"), "--base-url", HOST, folder=folder) as served:
        yield served


@pytest.mark.parametrize("each", [*STORE, *PROSE], ids=lambda each: each.name)
def test_graph_store(each: Case, store: Served) -> None:
    """A test of the Graph Store Protocol reads what it should, and each of its writes is refused."""
    for number, one in enumerate(each.steps):
        path = placed(one, place_of(each, number))
        headers = {name: value for name, value in one.headers.items() if name != "host"}
        reply = store.ask(path, headers, method=one.method, body=one.body)
        if one.writes:
            refused(reply)
        else:
            conforms(reply, one)


def test_nothing_was_written(store: Served) -> None:
    """After all the writes that the suite asks for, the graphs are those that were there at the start."""
    before = store.sha256(), store.metric("triples")
    for each in [*STORE, *PROSE]:
        for number, one in enumerate(each.steps):
            if one.writes:
                path = placed(one, place_of(each, number))
                refused(store.ask(path, {"content-type": "text/turtle"}, method=one.method, body=one.body))
    assert (store.sha256(), store.metric("triples")) == before


def described(served: Served, accept: str) -> rdflib.Graph:
    """Return the description of the service in a format."""
    reply = served.ask("/sparql", {"Accept": accept})
    assert reply.status == 200
    assert reply.headers["content-type"].partition(";")[0] == accept
    form = {"application/rdf+xml": "xml", "application/n-triples": "nt"}.get(accept, "turtle")
    return rdflib.Graph().parse(data=reply.text, format=form)


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/n-triples"])
def test_returns_rdf(accept: str, store: Served) -> None:
    """A GET of the endpoint without a query returns RDF (service-description: returns-rdf)."""
    assert len(described(store, accept)) > 10


def test_has_endpoint_triple(store: Served) -> None:
    """The description names the endpoint by the address that clients use (service-description: has-endpoint-triple)."""
    graph = described(store, "text/turtle")
    assert list(graph.objects(None, SD.endpoint)) == [rdflib.URIRef(f"{HOST}/sparql")]


# Section 3 of the recommendation: each property with the classes that it is of and leads to.
SCHEMA: dict[Any, tuple[Any, Any]] = {
    SD.endpoint: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, SD.Language),
    SD.resultFormat: (SD.Service, None),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}
LANGUAGES = {SD.SPARQL10Query, SD.SPARQL11Query, SD.SPARQL11Update}


def test_conforms_to_schema(store: Served) -> None:
    """The description uses the schema as the recommendation has it (service-description: conforms-to-schema)."""
    graph = described(store, "text/turtle")
    (service,) = graph.subjects(RDF.type, SD.Service)
    own = [(s, p, o) for s, p, o in graph if str(p).startswith(str(SD))]
    assert {p for _, p, _ in own} == set(SCHEMA)
    for subject, predicate, value in own:
        of, to = SCHEMA[predicate]
        assert (subject, RDF.type, of) in graph
        assert to is None or (value, RDF.type, to) in graph or value in LANGUAGES
    assert list(graph.objects(service, SD.supportedLanguage)) == [SD.SPARQL11Query]
    names = [str(name) for name in graph.objects(None, SD.name)]
    reply = store.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "application/sparql-results+json")
    assert sorted(names) == sorted(row["g"]["value"] for row in reply.json()["results"]["bindings"])
