"""A SERVICE is asked from here, if its server is allowed, and from nowhere else."""

import http.server
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy import cli, queries
from triplomacy.claims import views
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import TriplomacyError
from triplomacy.queries import federation, question
from triplomacy.queries.question import Question
from triplomacy.queries.scope import Scope
from triplomacy.sparql import read, services
from triplomacy.terms import PREFIXES
from triplomacy.validation import hygiene

PROJECT = Project(ROOT)
WD = "http://www.wikidata.org/entity/"
WDT = "http://www.wikidata.org/prop/direct/"


@dataclass
class Service:
    """A SPARQL server on the loopback address, with a few of Wikidata's triples, that keeps what it is sent."""

    url: str = ""
    queries: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    delay: float = 0.0
    location: str = ""
    spoilt: bool = False
    store: ox.Store = field(default_factory=ox.Store)

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        """Return what answers its requests."""
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.take(self, urllib.parse.parse_qs(self.path.partition("?")[2]))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                direct = self.headers["Content-Type"].startswith("application/sparql-query")
                service.take(self, {"query": [body]} if direct else urllib.parse.parse_qs(body))

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def take(self, request: http.server.BaseHTTPRequestHandler, given: dict[str, list[str]]) -> None:
        """Answer a request."""
        self.queries.append(given.get("query", [""])[0])
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        time.sleep(self.delay)
        if self.location:
            request.send_response(307)
            request.send_header("Location", self.location)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if self.spoilt:
            page(request)
            return
        found = self.store.query(self.queries[-1])
        assert isinstance(found, ox.QuerySolutions | ox.QueryBoolean)
        body = found.serialize(format=ox.QueryResultsFormat.JSON)
        assert body is not None
        request.send_response(200)
        request.send_header("Content-Type", "application/sparql-results+json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def serving() -> Iterator[Service]:
    """Run a service until the block ends."""
    service = Service()
    service.store.load(path=ROOT / "tests" / "wikidata.ttl", format=ox.RdfFormat.TURTLE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), service.handler()) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        service.url = f"http://127.0.0.1:{server.server_port}/sparql"
        yield service
        server.shutdown()


@pytest.fixture
def service() -> Iterator[Service]:
    """Return a service that runs."""
    with serving() as running:
        yield running


CALL = f"SERVICE <URL> {{ ?item <{WDT}P298> ?there }}"
PLACES = {
    "at the top": f"SELECT * {{ {CALL} }}",
    "in ASK": f"ASK {{ {CALL} }}",
    "in CONSTRUCT": f"CONSTRUCT {{ ?item rdfs:label ?there }} WHERE {{ {CALL} }}",
    "in DESCRIBE": f"DESCRIBE ?state WHERE {{ ?state skos:exactMatch ?item {CALL} }}",
    "in a sub-query": f"SELECT * {{ {{ SELECT ?item WHERE {{ {CALL} }} }} }}",
    "in OPTIONAL": f"SELECT * {{ ?state skos:exactMatch ?item OPTIONAL {{ {CALL} }} }}",
    "in UNION": f"SELECT * {{ {{ ?state skos:exactMatch ?item }} UNION {{ {CALL} }} }}",
    "in MINUS": f"SELECT ?item {{ ?state skos:exactMatch ?item MINUS {{ {CALL} }} }}",
    "in EXISTS": f"SELECT ?item {{ ?state skos:exactMatch ?item FILTER EXISTS {{ {CALL} }} }}",
    "in NOT EXISTS": f"SELECT ?item {{ ?state skos:exactMatch ?item FILTER NOT EXISTS {{ {CALL} }} }}",
    "in a filter": f"SELECT ?item {{ ?state skos:exactMatch ?item FILTER (1 = 2 || EXISTS {{ {CALL} }}) }}",
    "in BIND": f"SELECT ?item ?is {{ ?state skos:exactMatch ?item BIND (EXISTS {{ {CALL} }} AS ?is) }}",
    "in a column": f"SELECT ?item (EXISTS {{ {CALL} }} AS ?is) {{ ?state skos:exactMatch ?item }}",
    "in HAVING": f"SELECT ?item {{ ?s skos:exactMatch ?item }} GROUP BY ?item HAVING (EXISTS {{ {CALL} }})",
    "in ORDER BY": f"SELECT ?item {{ ?s skos:exactMatch ?item }} ORDER BY (EXISTS {{ {CALL} }}) ?item",
    "in GRAPH": f"SELECT * {{ GRAPH <https://w3id.org/triplomacy/graph/actors> {{ {CALL} }} }}",
    "in another service": f"SELECT * {{ SERVICE <URL> {{ ?item rdfs:label ?name {CALL} }} }}",
    "silent": f"SELECT * {{ {CALL.replace('SERVICE', 'SERVICE SILENT')} }}",
    "by a prefix": f"PREFIX s: <URL> SELECT * {{ {CALL.replace('<URL>', 's:')} }}",
    "by a base": f"BASE <URL> SELECT * {{ {CALL.replace('<URL>', '<>')} }}",
    "with an escape": f"SELECT * {{ {CALL.replace('<URL>', '<SCHEME>')} }}",
    "in lower case": f"SELECT * {{ {CALL.replace('SERVICE', 'service')} }}",
    "behind a comment": f"SELECT * {{ {CALL.replace('SERVICE', 'SERVICE # a comment' + chr(10))} }}",
    "without spaces": f"SELECT*{{{CALL.replace(' ', '', 1).replace('> {', '>{')}}}",
}


def placed(text: str, url: str) -> str:
    """Return a query about a server."""
    return text.replace("<SCHEME>", f"<\\u0068{url[1:]}>").replace("URL", url)


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("where", ["ours", "data", "endpoint", "file"])
def test_service_is_refused_before_anything_is_sent(
    text: str, where: str, service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In each place a SERVICE that is not named is one clear error, and its server and the endpoint hear nothing."""
    data, file = tmp_path / "data.ttl", tmp_path / "question.rq"
    data.write_text("<a:a> <http://www.w3.org/2004/02/skos/core#exactMatch> <http://www.wikidata.org/entity/Q159> .")
    file.write_text(f"#+ summary: Which?\n\n{placed(text, service.url)}")
    rest = {"ours": [], "data": ["--data", str(data)], "endpoint": ["--endpoint", service.url], "file": []}[where]
    asked = [str(file)] if where == "file" else ["--text", placed(text, service.url)]
    others = ["--allow-service", service.url.replace("sparql", "other")]
    assert cli.main(["query", *asked, *rest, *others]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"SERVICE would ask {service.url}; if that is what you want, add --allow-service {service.url}\n" in err
    assert service.queries == []


@pytest.mark.parametrize("text", ["SELECT * { SERVICE ?x { ?s ?p ?o } }", "ASK { VALUES ?x { <URL> } SERVICE ?x { } }"])
def test_variable_is_no_endpoint(text: str, service: Service) -> None:
    """An endpoint that a variable names is refused, since it could be any, also where the values are allowed."""
    with pytest.raises(TriplomacyError, match=r"SERVICE \?x could ask any server"):
        question.ask(PROJECT, Question(text=placed(text, service.url), scope=Scope(services=(service.url,))))
    assert service.queries == []


def answered(text: str, *services: str, **more: object) -> question.Reply:
    """Return the reply to a typed query that may ask these services."""
    return question.ask(PROJECT, Question(text=text, **more, scope=Scope(services=services)))  # type: ignore[arg-type]


PATTERNS = {
    "bound by what stands before": f"SELECT ?state ?there {{ ?state skos:exactMatch ?item . {CALL} }}",
    "with a filter on both": "SELECT ?s { ?s skos:exactMatch ?item ; tri:isoAlpha3 ?c FILTER (?c != ?there) "
    f"{CALL} }}",
    "with optional parts": f"SELECT * {{ ?s skos:exactMatch ?item OPTIONAL {{ ?s tri:isoAlpha3 ?there }} {CALL} }}",
    "after a subtraction": f"SELECT ?item {{ ?s skos:exactMatch ?item MINUS {{ ?s tri:isoAlpha3 'RUS' }} {CALL} }}",
    "twice": f"SELECT * {{ ?state skos:exactMatch ?item {CALL} SERVICE <URL> {{ ?item rdfs:label ?name }} }}",
    "with a sub-query": "SELECT * { ?s skos:exactMatch ?x SERVICE <URL> "
    f"{{ SELECT (COUNT(*) AS ?n) (SAMPLE(?x) AS ?one) {{ ?x <{WDT}P36> ?y }} }} }}",
    "without variables": f"SELECT ?s {{ ?s skos:exactMatch ?i SERVICE <URL> {{ <{WD}Q159> <{WDT}P36> <{WD}Q649> }} }}",
    "with data of its own": f"SELECT * {{ SERVICE <URL> {{ VALUES (?x ?n) {{ (UNDEF 1) }} ?x <{WDT}P298> ?c }} }}",
    "with many of each": "SELECT ?a ?b { VALUES ?a { 1 1 2 } SERVICE <URL> { VALUES ?b { 3 3 } } }",
    "with a variable of the inside only": "SELECT ?s { ?s skos:exactMatch ?i SERVICE <URL> "
    f"{{ ?i <{WDT}P298> ?c FILTER (BOUND(?s)) }} }}",
    "with what has no value": "SELECT * { ?s skos:exactMatch ?i SERVICE <URL> "
    f"{{ OPTIONAL {{ ?i <{WDT}P36> ?c }} }} }}",
    **{name: text for name, text in PLACES.items() if name not in ("in another service", "in GRAPH", "with an escape")},
}


def rows(found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> object:
    """Return what a query answers as a value that compares: rows as often as they come, in any order."""
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QueryTriples):
        return sorted(map(str, found))
    names = [variable.value for variable in found.variables]
    return sorted(sorted((name, str(row[name])) for name in names if row[name] is not None) for row in found)


@pytest.mark.parametrize("text", PATTERNS.values(), ids=PATTERNS)
def test_answer_is_that_of_the_engine_itself(text: str, wikidata: str, article: MemoryDataset) -> None:
    """What is answered in our way is what pyoxigraph answers that asks the service itself."""
    query = placed(text, wikidata)
    ours = answered(query, wikidata).answer
    own = rows(article.store.query(query, prefixes=dict(PREFIXES)))
    if ours.truth is not None or ours.triples is not None:
        found: object = ours.truth if ours.triples is None else sorted(map(str, ours.triples))
    else:
        found = sorted(sorted((name, str(cell)) for name, cell in row.items() if cell is not None) for row in ours)
    assert found == own
    assert bool(own) == ("BOUND" not in text)


def test_graph_does_not_reach_into_a_service(wikidata: str) -> None:
    """A service is asked about its own default graph wherever it stands: pyoxigraph looks for our graph there."""
    text = placed(PLACES["in GRAPH"], wikidata)
    assert sorted(str(row["there"].value) for row in answered(text, wikidata).answer) == ["ERR", "PRK", "RUS", "UKR"]  # type: ignore[union-attr]


def test_service_in_a_service_is_asked_from_here(service: Service) -> None:
    """What stands in a service's group is asked first, so that no service asks another."""
    reply = answered(placed(PLACES["in another service"], service.url), service.url)
    assert len(reply.answer) == 4 + 1  # Russia has a name in two languages
    assert len(service.queries) == 2
    assert "SERVICE" not in "".join(service.queries)


def test_stored_query_is_answered_by_the_engines_themselves(wikidata: str, article: MemoryDataset) -> None:
    """The stored query has its expected answer on rdflib and on pyoxigraph too where they ask the service."""
    import rdflib

    query = queries.find(PROJECT, "what-wikidata-says-of-states")
    text = queries.bind(query, {"service": wikidata}, article).text
    graph = rdflib.Graph()
    for path in (ROOT / "graphs" / "actors").glob("*.ttl"):
        graph.parse(path)
    expected = query.answer_file.read_text(encoding="utf-8").splitlines()[1:]
    on_rdflib = [",".join("" if cell is None else str(cell) for cell in row) for row in graph.query(text)]  # type: ignore[union-attr]
    assert on_rdflib == expected
    assert [
        ",".join("" if cell is None else cell.value for cell in row) for row in solutions(article, text)
    ] == expected


def solutions(dataset: MemoryDataset, text: str) -> list[ox.QuerySolution]:
    """Return what a query gives.

    The test's own frame may not have the answer: rdflib leaves cycles with that frame, and where another thread
    clears them away, pyoxigraph complains.
    """
    found = dataset.store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return list(found)


def test_only_what_is_known_is_asked_about(service: Service) -> None:
    """The service is asked once, about the items that stand before it, and gets no filter or comment of ours."""
    text = (
        "SELECT ?s ?there { ?s tri:isoAlpha3 ?code ; skos:exactMatch ?item FILTER (?code IN ('RUS', 'UKR')) # ours\n"
        f"FILTER NOT EXISTS {{ ?s a tri:Person }} FILTER (?there = ?code) {CALL} }}"
    )
    reply = answered(placed(text, service.url), service.url)
    assert sorted(str(row["there"].value) for row in reply.answer) == ["RUS", "UKR"]  # type: ignore[union-attr]
    (query,) = service.queries
    assert "<http://www.wikidata.org/entity/Q159>" in query
    assert "ours" not in query
    assert "isoAlpha3" not in query
    assert f"{service.url}: 1 request" in reply.stats()


def test_many_values_are_asked_about_in_parts(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """More values than go into one request go into several; more than that, and the whole is asked for."""
    text = placed(f"SELECT ?there {{ ?state a tri:State ; skos:exactMatch ?item {CALL} }} ORDER BY ?there", service.url)
    whole = answered(text, service.url).answer
    monkeypatch.setattr(federation, "AT_A_TIME", 5)
    service.queries.clear()
    assert answered(text, service.url).answer == whole
    assert len(service.queries) == 3
    monkeypatch.setattr(federation, "MOST_VALUES", 4)
    service.queries.clear()
    assert answered(text, service.url).answer == whole
    assert len(service.queries) == 1
    assert "Q159" not in service.queries[0]


def test_nothing_is_asked_about_nothing(service: Service) -> None:
    """Where the pattern before has no solution, nobody is asked."""
    text = placed(f"SELECT * {{ ?state a tri:NoSuchClass ; skos:exactMatch ?item {CALL} }}", service.url)
    assert answered(text, service.url).answer.rows == ()
    assert service.queries == []


def test_redirect_to_another_host_is_refused(service: Service) -> None:
    """A service that sends us on to a server that is not named is an error, and that server hears nothing."""
    with serving() as other:
        service.location = other.url
        with pytest.raises(TriplomacyError, match="which is another host; allow that address yourself"):
            answered(placed(PLACES["at the top"], service.url), service.url)
        assert other.queries == []
    assert len(service.queries) == 1


def test_credentials_of_the_endpoint_stay_there(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token, a user and a password in the environment are for the endpoint, and no service gets them."""
    monkeypatch.setenv("TRIPLOMACY_TOKEN", "secret")
    answered(placed(PLACES["at the top"], service.url), service.url)
    assert "secret" not in str(service.headers)
    assert service.headers[0]["user-agent"].startswith("Triplomacy/")


def test_endpoint_never_sees_a_service(service: Service) -> None:
    """With an endpoint too the service is asked from here, and the endpoint gets its answer in the query."""
    with serving() as endpoint:
        text = placed(f"SELECT ?name ?there {{ ?item rdfs:label ?name . {CALL} }}", service.url)
        reply = question.ask(PROJECT, Question(text=text, scope=Scope(endpoint=endpoint.url, services=(service.url,))))
        assert {"RUS", "UKR", "PRK", "ERR"} == {str(row["there"].value) for row in reply.answer}  # type: ignore[union-attr]
        assert len(endpoint.queries) == 2
        assert "SERVICE" not in "".join(endpoint.queries)
    assert [headers["user-agent"].split("/")[0] for headers in service.headers] == ["Triplomacy"]


def slow(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service take longer than it has."""
    del monkeypatch
    service.delay = 1.5


def large(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service give more bytes than are taken."""
    del service
    monkeypatch.setattr(federation, "LARGEST", 100)


def long(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service give more rows than are taken."""
    del service
    monkeypatch.setattr(federation, "MOST_ROWS", 3)


def broken(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service answer with a page for people."""
    del monkeypatch
    service.spoilt = True


def page(request: http.server.BaseHTTPRequestHandler) -> None:
    """Answer with a page for people."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    request.wfile.write(b"<html><title>Welcome</title></html>")


FAULTS = {
    "slow": (slow, "no answer in time"),
    "large": (large, "the answer has more than 100 bytes"),
    "long": (long, "has more than 3 solutions"),
    "broken": (broken, "answers in text/html, not in SPARQL results"),
}


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS)
def test_bad_service_is_one_clear_error(
    spoil: Callable[[Service, pytest.MonkeyPatch], None],
    message: str,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A service that is slow, gives too much or something else is named; a silent one leaves its part out."""
    spoil(service, monkeypatch)
    text = placed(PLACES["at the top"], service.url)
    with pytest.raises(TriplomacyError, match=message) as caught:
        answered(text, service.url, timeout=0.5)
    assert caught.value.path == service.url
    silent = answered(placed(PLACES["silent"], service.url), service.url, timeout=0.5)
    assert silent.answer.rows == ((),)
    assert any("SERVICE SILENT" in remark and message in remark for remark in silent.remarks)


def test_blank_node_of_a_service_is_an_iri(service: Service) -> None:
    """A blank node of another server is an IRI of that host, the same one in each row of an answer."""
    service.store.update("INSERT DATA { _:b <a:p> 1 , 2 }")
    reply = answered(placed("SELECT ?x ?n { SERVICE <URL> { ?x <a:p> ?n } } ORDER BY ?n", service.url), service.url)
    first, second = (row["x"] for row in reply.answer)
    assert first == second
    assert isinstance(first, ox.NamedNode)
    assert first.value.startswith(service.url.replace("sparql", ".well-known/genid/"))


def test_text_of_a_service_stays_text(service: Service) -> None:
    """What a service answers is a term in the query and nothing else, whatever is written in it."""
    said = "' } SERVICE <http://127.0.0.1:9/> { ?s ?p '\\u0027\n\" # \\"
    service.store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal(said)))
    reply = answered(placed("SELECT ?said { SERVICE <URL> { <a:s> <a:p> ?said } }", service.url), service.url)
    assert [row["said"] for row in reply.answer] == [ox.Literal(said)]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("?a ?b ?c FILTER (?a = ')') ?d ?e ?f", ["?a ?b ?c", "?d ?e ?f"]),
        ("?a ?b ?c FILTER NOT EXISTS { ?x ?y ?z FILTER (?x = 1) } .", ["?a ?b ?c"]),
        ("FILTER REGEX(STR(?a), '(') filter <a:f>(?a) FILTER id:f(?a) ?a ?b ?c", ["?a ?b ?c"]),
        ("OPTIONAL { ?a ?b ?c FILTER (?a) }", ["OPTIONAL { ?a ?b ?c FILTER (?a) }"]),
    ],
)
def test_filters_of_a_group_are_left_out(pattern: str, left: list[str]) -> None:
    """The filters of a group go, whatever their form, and those within its groups stay."""
    text = f"SELECT * {{ {pattern} SERVICE <a:b> {{ }} }}"
    ((service, surroundings),) = services.surroundings(read(text))
    elements = services.before(service, surroundings.group)
    assert [text[element.start : element.end] for element in elements] == left


def test_citation_of_a_federated_answer_is_asked_again(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The citation keeps whom the query may ask."""
    cited = tmp_path / "answer.json"
    text = placed(PLACES["at the top"], service.url)
    ask = ["query", "--text", text, "--allow-service", service.url]
    assert cli.main([*ask, "--format", "json", "--output", str(cited)]) == 0
    assert cli.main(["query", "--again", str(cited)]) == 0
    assert capsys.readouterr().out == "the same answer\n"


@pytest.mark.parametrize("url", ["wikidata", "ftp://example.com/", "https://user:password@example.com/", ""])
def test_what_is_no_address_cannot_be_allowed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whom to allow is the address of an endpoint."""
    assert cli.main(["query", "--text", "ASK {}", "--allow-service", url]) == 2
    assert "address" in capsys.readouterr().err


RULES = {
    "plain": CALL,
    "one word": "SERVICEs:a { ?item ?p ?there }",
    "behind an IRI": f"OPTIONAL {{ ?item <https://example.com/&&'> ?o }} {CALL} FILTER (?there != 'x')",
}


@pytest.mark.parametrize("call", RULES.values(), ids=RULES)
def test_rules_and_shapes_of_others_ask_nobody(
    call: str, service: Service, own_gazette: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service in a rule of views, in a rule of hygiene or in a shape is refused before anything is sent."""
    where = placed(f"WHERE {{ {call} }}", service.url)
    declared = f"PREFIX s: <{service.url}> "
    (own_gazette.ontology / "rules" / "undisputed.rq").write_text(f"{declared}CONSTRUCT {{ ?item ?p ?there }} {where}")
    with pytest.raises(TriplomacyError, match=r"undisputed\.rq:[\d:]* .*SERVICE"):
        views.derive(load(own_gazette), "undisputed")
    header = (ROOT / "ontology" / "hygiene" / "node-without-label.rq").read_text(encoding="utf-8").partition("\n\n")[0]
    rules = own_gazette.root / "rules"
    rules.mkdir()
    (rules / "rule.rq").write_text(f"{header}\n\n{declared}SELECT ?focus {where}")
    with pytest.raises(TriplomacyError, match="SERVICE"):
        hygiene.rules(rules)
    shapes, data = own_gazette.root / "shapes.ttl", own_gazette.root / "data.ttl"
    select = ox.Literal(f"{declared}SELECT $this {where}".replace("?item", "$this"))
    shapes.write_text(
        f"@prefix sh: <http://www.w3.org/ns/shacl#> .\n<a:s> a sh:NodeShape ; sh:targetNode <a:a> ; "
        f'sh:sparql [ a sh:SPARQLConstraint ; sh:message "m" ; sh:select {select} ] .\n'
    )
    data.write_text("<a:a> <a:b> <a:c> .\n")
    for engine in ("fast", "pyshacl"):
        assert cli.main(["validate", str(data), "--shapes", str(shapes), "--engine", engine]) == 2
        assert "SERVICE" in capsys.readouterr().out
    assert service.queries == []
