"""The server as its clients and its operator meet it: protocol, bounds, processes, from its start to its end."""

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, make_gazette
from tests.support.serving import Reply, Served, children, serving, until
from triplomacy.cli.commands import main

SELECT = "SELECT ?claim { ?claim tri:claimant id:artyom-lukin }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
DIRECT = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
OTHER = "127.0.0.2"  # another client: the whole of 127.0.0.0/8 is this machine


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """Return a server with short limits, whose workers tests may kill."""
    options = ("--time-limit", "2", "--memory-limit", "200", "--rows", "5000", "--workers", "4")
    with serving(*options) as served:
        yield served


def problem(reply: Reply, status: int, said: str) -> None:
    """Assert that a reply is a problem of that status that says so, and nothing of the machine."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text[:300]
    told = reply.json()
    assert told["status"] == status
    assert re.search(said, told["detail"]), told
    assert reply.headers["cache-control"] == "no-store"
    assert not re.search(r"Traceback|\.py\b|/(?:root|home|work|tmp|usr|src)/|pyoxigraph", reply.text)


# The protocol


def test_three_ways_to_ask(server: Served) -> None:
    """A query by GET, in a form and as the body of a POST has the same answer."""
    by_get = server.query(SELECT)
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    in_form = server.ask("/sparql", form, method="POST", body=f"query={quote(SELECT)}".encode())
    direct = server.ask("/sparql", {"Content-Type": "application/sparql-query"}, method="POST", body=SELECT.encode())
    assert by_get.status == in_form.status == direct.status == 200
    assert by_get.body == in_form.body == direct.body
    assert len(by_get.json()["results"]["bindings"]) > 3


def test_formats_of_rows_hold_the_same(server: Served) -> None:
    """JSON, XML, CSV and TSV of rows have the same solutions, each read by a reader of its own."""
    text = f"{SELECT} ORDER BY ?claim"
    accepts = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv")
    in_json, in_xml, in_csv = (server.query(text, accept) for accept in accepts)
    tsv = server.query(text, "text/tab-separated-values")
    rows = [row["claim"]["value"] for row in in_json.json()["results"]["bindings"]]
    space = "{http://www.w3.org/2005/sparql-results#}"
    assert [uri.text for uri in ET.fromstring(in_xml.text).iter(f"{space}uri")] == rows
    assert [row["claim"] for row in csv.DictReader(io.StringIO(in_csv.text))] == rows
    assert tsv.text.splitlines() == ["?claim", *(f"<{row}>" for row in rows)]
    assert in_csv.headers["content-type"] == "text/csv; charset=utf-8"


def test_parquet(server: Served) -> None:
    """Parquet is written by a process that has its library, and read by another library."""
    polars = pytest.importorskip("polars")
    reply = server.query(f"{SELECT} ORDER BY ?claim", "application/vnd.apache.parquet")
    assert reply.headers["content-type"] == "application/vnd.apache.parquet"
    expected = server.query(f"{SELECT} ORDER BY ?claim").json()["results"]["bindings"]
    assert polars.read_parquet(io.BytesIO(reply.body))["claim"].to_list() == [row["claim"]["value"] for row in expected]


@pytest.mark.parametrize(
    "accept",
    [
        "text/turtle",
        "application/trig",
        "application/n-triples",
        "application/n-quads",
        "application/ld+json",
        "application/rdf+xml",
    ],
)
def test_formats_of_triples_hold_the_same(accept: str, server: Served) -> None:
    """A CONSTRUCT has the same triples in each format of RDF."""
    text = "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s a tri:State ; rdfs:label ?l }"
    reply = server.query(text, accept)
    assert reply.headers["content-type"].partition(";")[0] == accept
    form = ox.RdfFormat.from_media_type(accept)
    plain = server.query(text, "application/n-triples")
    lines = {str(quad.triple) for quad in ox.parse(plain.body, ox.RdfFormat.N_TRIPLES)}
    assert {str(quad.triple) for quad in ox.parse(reply.body, form)} == lines
    assert len(lines) > 10


@pytest.mark.parametrize(
    ("text", "accept", "expected"),
    [
        (SELECT, None, "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/json", "application/json"),
        (SELECT, "text/csv;q=0.5, application/xml;q=0.9", "application/xml"),
        (SELECT, "text/turtle, text/*;q=0.1", "text/csv; charset=utf-8"),
        ("ASK {}", "text/turtle, */*;q=0.1", "application/sparql-results+json"),
        ("DESCRIBE id:russia", "text/csv, */*;q=0.1", "text/turtle; charset=utf-8"),
        ("DESCRIBE id:russia", "application/n-triples;q=0.2, application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_negotiation(text: str, accept: str | None, expected: str, server: Served) -> None:
    """The kind of the answer decides which formats are on offer, Accept which of them is sent."""
    reply = server.query(text, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, expected)
    assert "Accept" in reply.headers["vary"]


def test_nothing_acceptable(server: Served) -> None:
    """What is accepted in no format is not sent in another: 406 says which there are."""
    problem(server.query(SELECT, "image/png"), 406, "application/sparql-results")
    problem(server.query("DESCRIBE id:russia", "text/csv"), 406, "text/turtle")
    problem(server.query(SELECT, "text/turtle"), 406, "application/sparql-results")
    problem(server.query(SELECT, "text/turtle, text/html;q=0"), 406, "application/sparql-results")
    for accept in ("text/turtle, text/html;q=0.5", "text/html, text/turtle"):
        page = server.query(SELECT, accept)
        assert (page.status, page.media_type) == (200, "text/html")


def test_head_is_get_without_content(server: Served) -> None:
    """HEAD has the headers of GET, its length too, and no content, also of a reply that is kept."""
    target = f"/sparql?query={quote(SELECT)}"
    for _ in range(3):
        get, head = server.ask(target), server.ask(target, method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_options_and_other_hosts(server: Served) -> None:
    """A page of another host may ask whether it may ask, and may read replies; no cookie is ever set."""
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    allowed = server.ask("/sparql", asked, method="OPTIONS")
    assert (allowed.status, allowed.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert "Content-Type" in allowed.headers["access-control-allow-headers"]
    assert server.ask("/rdf-graph-store", method="OPTIONS").headers["allow"] == "GET, HEAD, OPTIONS"
    assert server.ask("/.nothing/at/all/", method="OPTIONS").status in (204, 404)
    cited = server.ask("/queries/who-recognises?format=csv")
    exposed = cited.headers["access-control-expose-headers"].lower().split(", ")
    assert {"content-location", "etag", "link", "triplomacy-citation"} & cited.headers.keys() <= {*exposed}
    assert "triplomacy-citation" in cited.headers
    for reply in [allowed, *map(server.query, (SELECT, "nonsense")), server.ask("/health")]:
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in reply.headers
        assert "set-cookie" not in reply.headers


def test_security_headers_are_on_every_reply(server: Served) -> None:
    """Answers, problems, redirections, refusals of the connection: all say what a browser may do with them."""
    replies = [
        server.query(SELECT),
        server.query("x"),
        server.ask("/id/russia"),
        server.ask("/nowhere"),
        server.ask("/"),
    ]
    for reply in replies:
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert not {"server", "x-powered-by", "set-cookie"} & reply.headers.keys()
    assert b"content-security-policy: default-src 'none'" in server.raw(b"nonsense\r\n\r\n")


def test_unchanged_answers_are_not_sent_again(server: Served) -> None:
    """The entity tag comes from the graphs' hash; who has it gets 304, from the workers and from what is kept."""
    first = server.query(SELECT)
    assert server.sha256()[:16] in first.headers["etag"]
    assert "max-age" in first.headers["cache-control"]
    target = f"/sparql?query={quote(SELECT, safe='')}"
    for tag in (first.headers["etag"], first.headers["etag"].removeprefix("W/"), f'"x", {first.headers["etag"]}', "*"):
        again = server.ask(target, {"If-None-Match": tag})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert {"cache-control", "vary"} <= again.headers.keys()
    assert server.ask(target, {"If-None-Match": '"another"'}).status == 200
    assert server.query(SELECT, "text/csv").headers["etag"] != first.headers["etag"]
    wrong = server.ask(f"/sparql?query={quote('SELECT')}", {"If-None-Match": first.headers["etag"]})
    assert wrong.status == 400


def test_kept_replies_are_those_of_the_workers(server: Served) -> None:
    """What is given again is what was given first, header by header, and a changing answer never is."""
    text = "SELECT ?s { ?s a tri:State } ORDER BY ?s"
    replies = [server.query(text) for _ in range(4)]
    assert (
        len({(reply.status, reply.body, str(sorted({**reply.headers, "date": ""}.items()))) for reply in replies}) == 1
    )
    assert server.metric('requests_total{status="200",by="kept"}'.partition("{")[0]) > 0
    assert 'by="kept"' in server.ask("/metrics").text
    changing = [server.query("SELECT (UUID() AS ?x) {}") for _ in range(4)]
    assert len({reply.body for reply in changing}) == 4
    assert {reply.headers["cache-control"] for reply in changing} == {"no-store"}
    assert "etag" not in changing[0].headers


def test_dataset_parameters(server: Served) -> None:
    """Several graphs make one default graph, in which a triple of two graphs is there once."""
    graph = "https://w3id.org/triplomacy/graph/lukin-2022"
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def number(text: str, more: str = "") -> int:
        return int(server.query(text, more=more).json()["results"]["bindings"][0]["n"]["value"])

    one = number(count, f"&default-graph-uri={quote(graph)}")
    assert one == number(f"SELECT (COUNT(*) AS ?n) FROM <{graph}> {{ ?s ?p ?o }}") > 1000
    views = [f"https://w3id.org/triplomacy/view/{name}" for name in ("author", "lukin-2022")]
    both = "".join(f"&default-graph-uri={quote(view)}" for view in views)
    named = " ".join(f"<{view}>" for view in views)
    distinct = f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?g {{ {named} }} GRAPH ?g {{ ?s ?p ?o }} }}"
    assert number(count, both) == number(f"SELECT (COUNT(*) AS ?n) {{ {{ {distinct} }} }}") > 10
    assert number(count, f"&named-graph-uri={quote(graph)}") == 0
    problem(server.query(count, more="&default-graph-uri=http://127.0.0.1:9/x"), 400, "no such graph here, and none is")


def test_voices_and_dates(server: Served) -> None:
    """A view, an actor and a date are parameters of a query, and change nothing for whoever asks next."""
    facts = "SELECT ?state { ?state tri:recognises id:donetsk-peoples-republic } ORDER BY ?state"

    def states(more: str) -> list[str]:
        rows = server.query(facts, more=more).json()["results"]["bindings"]
        return [row["state"]["value"].rpartition("/")[2] for row in rows]

    assert states("") == []
    assert states("&view=author") == ["north-korea", "russia", "syria"]
    assert states("&according-to=Artyom+Lukin") == ["north-korea", "russia", "syria"]
    assert states("&view=author&as-of=2001&certainly=true") == []
    assert states("") == []
    problem(server.query(facts, more="&view=undisputd"), 400, "did you mean undisputed")
    problem(server.query(facts, more="&as-of=2021-02-30"), 400, "day that exists|2021-02-30")


@pytest.mark.parametrize(
    ("target", "headers", "method", "body", "status", "said"),
    [
        ("/sparql?query=SELECT", {}, "GET", None, 400, "line 1, column 7: not SPARQL"),
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, "GET", None, 400, "2 times"),
        ("/sparql?query=%FF", {}, "GET", None, 400, "not UTF-8"),
        ("/sparql?" + "&".join(f"a{n}=1" for n in range(300)), {}, "GET", None, 400, "256 parameters"),
        ("/sparql", {}, "POST", b"query=ASK%7B%7D", 415, "Content-Type"),
        ("/sparql", {"Content-Type": "text/plain"}, "POST", b"ASK {}", 415, "Content-Type"),
        ("/sparql", {"Content-Type": "application/sparql-query; charset=latin1"}, "POST", b"ASK {}", 415, "UTF-8"),
        ("/sparql", {"Content-Type": "application/sparql-query"}, "POST", b"ASK {} # \xff", 400, "not UTF-8 at byte 9"),
        ("/sparql", {"Content-Type": "application/x-www-form-urlencoded"}, "POST", b"a=b", 400, "query is missing"),
        ("/sparql", {"Content-Type": "application/sparql-update"}, "POST", b"CLEAR ALL", 403, "nothing here can be"),
        ("/sparql?update=CLEAR+ALL", {}, "GET", None, 403, "nothing here can be changed"),
        ("/sparql?query=CLEAR+ALL", {}, "GET", None, 403, "nothing here can be changed"),
        ("/sparql", {}, "PUT", b"", 405, "method"),
        ("/sparql?query=ASK%7B%7D&certainly=perhaps", {}, "GET", None, 400, "certainly is true or false"),
        ("/rdf-graph-store", {}, "GET", None, 400, "say which graph"),
        ("/rdf-graph-store?default&graph=x", {}, "GET", None, 400, "say which graph"),
        ("/rdf-graph-store?graph=http://127.0.0.1:9/x", {}, "GET", None, 404, "no such graph"),
        ("/rdf-graph-store?default", {"Accept": "text/csv"}, "GET", None, 406, "text/turtle"),
        ("/rdf-graph-store?default", {}, "DELETE", None, 405, "method"),
        ("/rdf-graph-store?graph=x", {}, "PUT", b"", 405, "method"),
        ("/rdf-graph-store", {}, "POST", b"", 405, "method"),
        ("/rdf-graph-store?default", {}, "PATCH", b"", 405, "method"),
    ],
)
def test_bad_requests(
    target: str, headers: dict[str, str], method: str, body: bytes | None, status: int, said: str, server: Served
) -> None:
    """What is wrong with a request is said in a sentence, with the status of its kind."""
    problem(server.ask(target, headers, method=method, body=body), status, said)


def test_whole_graphs(server: Served) -> None:
    """The Graph Store Protocol gives a graph by its IRI, by its path, and the default graph."""
    iri = "https://w3id.org/triplomacy/graph/un-es-11-1"
    direct = server.get("/rdf-graph-store/graph/un-es-11-1", "application/n-triples")
    indirect = server.get(f"/rdf-graph-store?graph={quote(iri, safe='')}", "application/n-triples")
    assert direct.status == 200
    assert direct.body == indirect.body
    assert len(direct.text.splitlines()) > 50


def test_browsers_are_told_in_html(server: Served) -> None:
    """A browser gets a page about a problem, in which what it sent is text and nothing else."""
    reply = server.query("SELECT <script>alert(1)</script>", "text/html,*/*;q=0.8")
    assert (reply.status, reply.media_type) == (400, "text/html")
    assert "<script>alert" not in reply.text
    unknown = server.query("SELECT *", "text/html", more=f"&view={quote('<img src=x onerror=alert(1)>')}")
    assert "<img" not in unknown.text


# Bounds on answers


def test_time_limit(server: Served) -> None:
    """A query that takes too long is ended, its worker too, and another takes its place."""
    before = set(server.workers())
    begun = time.monotonic()
    problem(server.query(ENDLESS), 504, "an answer may take 2 seconds")
    assert 1.9 < time.monotonic() - begun < 10
    until(lambda: set(server.workers()) - before and len(server.workers()) == 4, "a fresh worker")
    assert server.query(SELECT).status == 200


def test_memory_limit(server: Served) -> None:
    """A query that takes too much memory ends its worker alone; what is said names the bound."""
    problem(server.query(HUNGRY), 422, "200 MB of memory|may take 2 seconds")
    assert server.query(SELECT).status == 200


def test_rows_and_bytes(server: Served) -> None:
    """An answer is whole or none: one with more rows than may be is a problem, not a part."""
    problem(server.query("SELECT * { ?s ?p ?o }"), 422, "may have 5,000 rows")
    problem(server.query("CONSTRUCT WHERE { ?s ?p ?o }"), 422, "may have 5,000 triples")
    problem(server.get("/rdf-graph-store?default"), 422, "may have 5,000 triples")
    assert len(server.query("SELECT * { ?s ?p ?o } LIMIT 5000").json()["results"]["bindings"]) == 5000
    twice = "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(9))
    long = f"SELECT ?x9 {{ {{ SELECT ?s {{ ?s ?p ?o }} LIMIT 1000 }} BIND(STR(?s) AS ?x0) {twice} }}"
    problem(server.query(long), 422, "may have 20,000,000 bytes")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { VALUES ?e { <http://127.0.0.1:{port}/> } SERVICE ?e { ?s ?p ?o } } } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:{port}/x> { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:{port}/>",
    ],
)
def test_nothing_is_fetched(text: str, server: Served) -> None:
    """No query makes the server open a connection: nobody comes to a listener that it names."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        reply = server.query(text.replace("{port}", str(listener.getsockname()[1])))
        assert reply.status in (400, 403)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_workers_can_open_nothing(server: Served) -> None:
    """A worker has four open files, the last is its socket, and may have no more; its memory and core are bounded."""
    until(lambda: len(server.workers()) == 4, "all workers are there")
    for worker in server.workers():
        folder = Path(f"/proc/{worker}")
        assert sorted(int(name.name) for name in (folder / "fd").iterdir()) == [0, 1, 2, 3]
        assert {str((folder / "fd" / name).readlink()) for name in "012"} == {"/dev/null"}
        limits = (folder / "limits").read_text(encoding="ascii")
        assert re.search(r"Max open files +4 +4 ", limits)
        assert re.search(r"Max core file size +0 +0 ", limits)
        most = re.search(r"Max address space +(\d+) ", limits)
        assert most is not None
        assert int(most[1]) < 600_000_000


# Processes that end, and load


def test_a_killed_worker_is_an_error_that_can_be_retried(server: Served) -> None:
    """Who asked a worker that is killed gets 503 with Retry-After; the others get their answers."""
    before = server.workers()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(server.query, ENDLESS, source=OTHER)
        until(lambda: server.metric("workers_busy") == 1, "the query runs")
        used = {worker: _time_used(worker) for worker in before}
        until(lambda: any(_time_used(worker) - used[worker] >= 5 for worker in before), "one of them computes")
        os.kill(max(before, key=lambda worker: _time_used(worker) - used[worker]), signal.SIGKILL)
        others = [server.query(f"{SELECT} # {number}") for number in range(20)]
        ended = slow.result()
    problem(ended, 503, "ask again")
    assert ended.headers["retry-after"] == "1"
    assert {reply.status for reply in others} == {200}
    assert server.query(SELECT, source=OTHER).status == 200


def _time_used(process: int) -> int:
    """Return the ticks of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_a_killed_template_is_replaced(server: Served) -> None:
    """When the process that holds the graphs is killed, another loads them, and what is asked meanwhile is answered."""
    (template,) = children(server.process.pid)
    workers = server.workers()
    os.kill(template, signal.SIGKILL)
    until(lambda: children(server.process.pid) not in ([], [template]) and len(server.workers()) == 4, "another one")
    until(lambda: server.query(f"{SELECT} # fresh").status == 200, "an answer")
    assert server.ask("/health").status == 200
    until(lambda: not any(Path(f"/proc/{worker}/fd").exists() for worker in workers), "no worker is left over")


def test_slow_queries_hold_up_nobody_else(server: Served) -> None:
    """One client's slow queries take its share of the workers, and another's quick ones are answered meanwhile."""
    with ThreadPoolExecutor(16) as pool:
        slow = [pool.submit(server.query, ENDLESS, source=OTHER) for _ in range(12)]
        until(lambda: server.metric("workers_busy") >= 2, "its share")
        begun = time.monotonic()
        quick = [server.query(f"{SELECT} # quick {number}") for number in range(30)]
        taken = time.monotonic() - begun
        assert server.metric("workers_busy") <= 3
        statuses = [each.result().status for each in slow]
    assert {reply.status for reply in quick} == {200}
    assert taken < 5
    assert set(statuses) <= {503, 504}


def test_full_queue_is_said_at_once() -> None:
    """When workers and queue are taken, one is told when to come back, and is not kept waiting."""
    with serving("--workers", "1", "--queue", "2", "--time-limit", "3") as small, ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(small.query, ENDLESS, source=f"127.0.0.{9 + number}") for number in range(3)]
        until(lambda: small.metric("queue") == 2, "the queue is full")
        begun = time.monotonic()
        reply = small.query(SELECT)
        assert time.monotonic() - begun < 1
        problem(reply, 503, "all workers are taken")
        assert int(reply.headers["retry-after"]) > 0
        assert small.ask("/health").status == 200
        for each in waiting:
            assert each.result().status in (503, 504)


def test_who_goes_away_frees_the_worker() -> None:
    """A query whose client has gone is ended before its time is over."""
    with serving("--time-limit", "60", "--workers", "1") as patient:
        target = f"/sparql?query={quote(ENDLESS)}"
        with socket.create_connection(("127.0.0.1", patient.port)) as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            until(lambda: patient.metric("workers_busy") == 1, "the query runs")
        until(lambda: patient.metric("workers_busy") == 0, "it is ended")
        assert patient.query(SELECT).status == 200


def test_load(server: Served) -> None:
    """Under load every answer is whole and right, or an error that can be retried."""
    expected = server.query(SELECT).body
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(server.query, f"{SELECT} # {number}") for number in range(400)]
        killer = pool.submit(_kill_some, server)
        replies = [each.result() for each in asked]
        killer.result()
    assert {reply.status for reply in replies} <= {200, 503}
    assert sum(reply.status == 200 for reply in replies) > 300
    assert all(reply.body == expected for reply in replies if reply.status == 200)
    assert all("retry-after" in reply.headers for reply in replies if reply.status == 503)


def _kill_some(server: Served) -> None:
    for _ in range(5):
        time.sleep(0.1)
        for worker in server.workers()[:1]:
            with suppress(ProcessLookupError):  # another has taken its place meanwhile
                os.kill(worker, signal.SIGKILL)


# Rates


def test_rate_of_one_client() -> None:
    """Who asks too often is told when to come back; others are not concerned, nor is /health."""
    with serving("--rate", "2", "--burst", "5") as served:
        replies = [served.query(f"{SELECT} # {number}") for number in range(8)]
        assert [reply.status for reply in replies[:5]] == [200] * 5
        assert replies[-1].status == 429
        problem(replies[-1], 429, "2 times a second")
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 2
        assert served.query(SELECT, source=OTHER).status == 200
        assert served.ask("/health").status == 200
        headers = {"X-Forwarded-For": "192.0.2.9"}
        assert served.ask(f"/sparql?query={quote(SELECT)}", headers).status == 429


def test_clients_behind_a_proxy() -> None:
    """A proxy that is trusted says who asks; what a client has said before the proxy is not believed."""
    asked: list[str] = []
    with serving("--rate", "1", "--burst", "2", "--trusted-proxy", "127.0.0.0/24") as served:

        def ask(forwarded: str) -> int:
            asked.append(forwarded)
            target = f"/sparql?query={quote(f'{SELECT} # {len(asked)}')}"
            return served.ask(target, {"X-Forwarded-For": forwarded}).status

        assert [ask(f"10.0.0.{number}, 192.0.2.1") for number in range(4)] == [200, 200, 429, 429]
        assert [ask("192.0.2.2, 127.0.0.3") for _ in range(3)] == [200, 200, 429]
        assert ask("192.0.2.3") == 200


# Connections


def test_request_line_and_head(server: Served) -> None:
    """A first line, a head and a body may be so long, and what is longer is refused by its own status."""
    problem(server.ask("/sparql?query=" + "a" * 20_000), 414, "16,384 bytes")
    problem(server.ask("/health", {"X-Long": "a" * 40_000}), 431, "32,768 bytes")
    form = {"Content-Type": "application/sparql-query"}
    problem(server.ask("/sparql", form, method="POST", body=b"#" * 200_000), 413, "131,072 bytes")
    assert b" 431 " in server.raw(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 30_000).split(b"\r\n")[0]
    chunks = b"ffff\r\n" + b"#" * 0xFFFF + b"\r\n"
    head = DIRECT + b"Transfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in server.raw(head + chunks * 4).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ],
)
def test_what_is_no_http(sent: bytes, server: Served) -> None:
    """What is not a request, or could be read as two, is refused with 400 and the connection closed."""
    reply = server.raw(sent)
    assert reply.startswith(b"HTTP/1.1 40"), reply[:200]
    assert b"connection: close" in reply
    assert server.ask("/health").status == 200


def test_requests_one_after_the_other(server: Served) -> None:
    """Requests on one connection are answered in their order, whether what answers is kept, a worker, or nobody."""
    target = f"/sparql?query={quote(SELECT)}".encode()
    server.query(SELECT), server.query(SELECT)
    one = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
    paths = [target, b"/health", target, b"/sparql?query=x", target + b"%20%23x", target]
    last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    reply = server.raw(b"".join(one % path for path in paths) + last)
    assert re.findall(rb"HTTP/1.1 (\d+) ", reply) == [b"200", b"200", b"200", b"400", b"200", b"200", b"200"]


@pytest.fixture(scope="module")
def impatient() -> Iterator[Served]:
    """Return a server with the shortest times for sending and taking."""
    with serving(
        "--head-time", "1", "--body-time", "1", "--idle", "1", "--send-time", "1", "--connections", "40"
    ) as one:
        yield one


def test_slow_senders(impatient: Served) -> None:
    """A head or a body that comes too slowly is refused, byte by byte or not at all; an idle connection is closed."""
    for start in (
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        DIRECT + b"Content-Length: 99\r\n\r\n",
    ):
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", impatient.port), 10) as connection:
            connection.sendall(start)
            reply = b""
            connection.settimeout(0.2)
            while time.monotonic() - begun < 10 and not reply:
                try:
                    connection.sendall(b"a")
                    reply = connection.recv(4096)
                except TimeoutError:
                    continue
                except OSError:
                    break
        assert b" 408 " in reply.split(b"\r\n")[0], reply[:100]
        assert time.monotonic() - begun < 8
    begun = time.monotonic()
    assert impatient.raw(b"") == b""
    assert time.monotonic() - begun < 8


def test_slow_readers(impatient: Served) -> None:
    """Who takes nothing of a large answer is cut off, and cannot take what there is for whole."""
    body = quote("SELECT * { ?s ?p ?o . ?a a tri:State } LIMIT 60000")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", impatient.port))
        connection.sendall(f"GET /sparql?query={body} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(
            lambda: impatient.metric("refused_total") > 0 and "slow reader" in impatient.ask("/metrics").text, "cut off"
        )
        taken = b""
        connection.settimeout(5)
        try:
            while part := connection.recv(65536):
                taken += part
        except ConnectionResetError:
            pass
    head, _, content = taken.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert length is not None
    assert len(content) < int(length[1])


def test_many_connections(impatient: Served) -> None:
    """More connections than may be are told so, and those that are open go on."""
    opened = [socket.create_connection(("127.0.0.1", impatient.port)) for _ in range(45)]
    try:
        opened[-1].settimeout(5)
        assert b" 503 " in opened[-1].recv(4096).split(b"\r\n")[0]
    finally:
        for connection in opened:
            connection.close()
    until(lambda: impatient.ask("/health").status == 200, "there is room again")


# Operation


def test_health_and_metrics(server: Served) -> None:
    """Health is for all, numbers are for the operator: whom a proxy asks for gets none."""
    assert server.ask("/health").json() == {"status": "ok"}
    text = server.ask("/metrics").text
    assert re.search(r'^triplomacy_requests_total\{status="200",by="app"\} \d+$', text, re.MULTILINE)
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
        assert re.search(rf"^{name}(?:_count|\{{|\s)", text, re.MULTILINE) or kind == "counter"
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        problem(server.ask("/metrics", {header: "127.0.0.1"}), 403, "operator")
    rebound = b"GET /metrics HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"
    assert server.raw(rebound).startswith(b"HTTP/1.1 403 ")


def test_log_has_no_secrets(server: Served) -> None:
    """Each request is a line of JSON with its path, and nothing of its query, its headers or its body."""
    server.ask("/sparql?query=SECRET1&token=SECRET2", {"Authorization": "Bearer SECRET3", "Cookie": "a=SECRET4"})
    form = {"Content-Type": "application/sparql-query", "Referer": "http://SECRET5/"}
    server.ask("/sparql", form, method="POST", body=b"SECRET6")
    lines = server.lines()
    assert not re.search("SECRET", server.log.read_text(encoding="utf-8"))
    assert {"time", "client", "method", "path", "status", "bytes", "ms", "by"} == lines[-1].keys()
    assert (lines[-1]["method"], lines[-1]["path"], lines[-1]["status"]) == ("POST", "/sparql", 400)


def test_lines_cannot_be_forged(server: Served) -> None:
    """A line break in a path does not begin another line of the log."""
    before = len(server.lines())
    server.ask("/a%0A%7B%22status%22%3A200%7D")
    server.raw(b'GET /"x\\n HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert len(server.lines()) == before + 2


def test_faults_stay_inside(server: Served) -> None:
    """No request of these tests has met a fault of the program."""
    assert "fault" not in server.said, server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_graceful_stop(number: signal.Signals) -> None:
    """Told to stop, it answers what has been asked, lets nobody else in, leaves no process, and ends with 0."""
    with serving("--time-limit", "4") as served, ThreadPoolExecutor() as pool:
        processes = [*children(served.process.pid), *served.workers()]
        slow = pool.submit(served.query, ENDLESS)
        until(lambda: served.metric("workers_busy") == 1, "the query runs")
        assert served.stop(number) == 0
        problem(slow.result(), 504, "4 seconds")
        until(lambda: not any(Path(f"/proc/{one}/exe").exists() for one in processes), "no process is left")
        with pytest.raises(ConnectionRefusedError):
            served.ask("/health")


def test_told_twice_it_stops_at_once() -> None:
    """Told to stop once more, it waits for no answer: whoever still waits for one gets none that looks whole."""
    with serving("--time-limit", "60") as served, ThreadPoolExecutor() as pool:
        processes = [*children(served.process.pid), *served.workers()]
        slow = pool.submit(served.query, ENDLESS)
        until(lambda: served.metric("workers_busy") == 1, "the query runs")
        served.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        begun = time.monotonic()
        assert served.stop(signal.SIGINT) == 0
        assert time.monotonic() - begun < 30
        with suppress(OSError, HTTPException):
            problem(slow.result(), 503, "this server ends")
        until(lambda: not any(Path(f"/proc/{one}/exe").exists() for one in processes), "no process is left")
        assert len(served.said.splitlines()) == 1, served.said


def test_stop_waits_for_what_has_begun_to_come() -> None:
    """A request whose head is half there when the server is told to stop is answered, and the connection closed."""
    with serving() as served, socket.create_connection(("127.0.0.1", served.port), 30) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"Host: x\r\n\r\n")
        reply = connection.makefile("rb").read()
        assert reply.startswith(b"HTTP/1.1 503 ")
        assert b"connection: close" in reply
        assert b'"stopping"' in reply
        assert served.process.wait(30) == 0


def test_killed_server_leaves_nothing_and_starts_again() -> None:
    """When the server is killed its workers end, one in the middle of a query too, and the next start is clean."""
    with serving("--time-limit", "30") as served, ThreadPoolExecutor() as pool:
        processes = [*children(served.process.pid), *served.workers()]
        slow = pool.submit(served.query, ENDLESS)
        until(lambda: served.metric("workers_busy") == 1, "the query runs")
        served.process.kill()
        with pytest.raises(Exception, match=r"."):
            slow.result()
        until(lambda: not any(Path(f"/proc/{one}/exe").exists() for one in processes), "no process is left")
        with serving("--port", str(served.port)) as again:
            assert again.query(SELECT).status == 200


def test_reload_loses_no_request(tmp_path: Path) -> None:
    """SIGHUP loads changed graphs while requests go on: each is answered by the former or the new ones."""
    project = make_gazette(tmp_path / "project")
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    with serving("--time-limit", "5", project=project.root) as served:
        first = served.query(text)
        tag = first.headers["etag"]
        replies: list[Reply] = []
        ends = threading.Event()

        def ask() -> None:
            number = 0
            while not ends.is_set():
                number += 1
                replies.append(served.query(f"{text} # {number}"))
                replies.append(served.query(text))

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(3)]
            file = next(project.graphs.glob("*/graph.ttl"))
            added = '\n<https://w3id.org/triplomacy/graph/more> rdfs:comment "more"@en .\n'
            prefix = (
                ""
                if "@prefix rdfs:" in file.read_text()
                else "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
            )
            file.write_text(prefix + file.read_text(encoding="utf-8") + added, encoding="utf-8")
            served.process.send_signal(signal.SIGHUP)
            until(lambda: "loaded anew" in served.said, "the graphs are loaded anew")
            time.sleep(0.3)
            ends.set()
            for each in asking:
                each.result()
        assert {reply.status for reply in replies} == {200}
        values = {reply.body for reply in replies}
        assert first.body in values
        assert len(values) == 2
        last = served.query(text)
        assert last.body != first.body
        assert last.headers["etag"] != tag
        assert served.ask(f"/sparql?query={quote(text, safe='')}", {"If-None-Match": tag}).status == 200
        until(lambda: len(children(served.process.pid)) == 1, "the former template has ended")


def test_malformed_graphs_change_nothing(tmp_path: Path) -> None:
    """Graphs that cannot be loaded are told to the operator with their place, and the former ones stay."""
    project = make_gazette(tmp_path / "project")
    with serving("--watch", project=project.root) as served:
        before = served.query(SELECT)
        assert served.get("/dataset.ttl").status == 200
        file = next(project.graphs.glob("*/graph.ttl"))
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole + "\n<unended", encoding="utf-8")
        until(lambda: "not loaded anew, the former graphs stay" in served.said, "what is wrong is said")
        assert re.search(r"graph\.ttl:\d+:\d+: ", served.said)
        assert served.query(SELECT).body == before.body
        assert served.get("/ontology.ttl").status == served.get("/dataset.ttl").status == 200
        assert served.ask("/health").status == 200
        file.write_text(whole, encoding="utf-8")
        until(lambda: "the graphs are loaded anew" in served.said, "the graphs are whole again")
        lines = served.said.splitlines()
    assert all(line.startswith("triplomacy: ") for line in lines), lines


def test_graphs_that_are_gone_for_a_while(tmp_path: Path) -> None:
    """A folder that is not there when it is asked for changes nothing; once it is back it is loaded as any other."""
    project = make_gazette(tmp_path / "project")
    away = tmp_path / "away"
    with serving(project=project.root) as served:
        project.graphs.rename(away)
        served.process.send_signal(signal.SIGHUP)
        until(lambda: "graphs: cannot be read" in served.said, "what is missing is said")
        assert served.query(SELECT).status == 200
        away.rename(project.graphs)
        served.process.send_signal(signal.SIGHUP)
        until(lambda: "the graphs are loaded anew" in served.said, "the graphs are loaded anew")
        lines = served.said.splitlines()
    assert all(line.startswith("triplomacy: ") for line in lines), lines


def test_stored_queries_are_those_that_were_loaded(tmp_path: Path) -> None:
    """A stored query whose file is gone is answered as it was loaded, by each name, until all is loaded anew."""
    project = make_gazette(tmp_path / "project")
    with serving(project=project.root) as served:
        before = served.get("/queries/who-recognises?format=csv")
        (project.queries / "recognition" / "who-recognises.rq").unlink()
        assert served.get("/queries/who-recognises?format=csv&as-of=").body == before.body
        served.process.send_signal(signal.SIGHUP)
        until(lambda: "the graphs are loaded anew" in served.said, "all is loaded anew")
        assert served.get("/queries/who-recognises?format=csv").status == 404


def test_malformed_query_at_the_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A stored query whose header is malformed is an error with its place, and nothing is served."""
    project = make_gazette(tmp_path / "project")
    (project.queries / "recognition" / "bad.rq").write_text("#+ summary: [\nASK {}\n", encoding="utf-8")
    assert main(["serve", "--project", str(project.root), "--port", "0"]) == 2
    error = capfd.readouterr().err
    assert re.search(r"recognition/bad\.rq:\d+", error)
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("sent", ["/graphs/kept/sparql", "/sparql"], ids=["kept", "stripped"])
def test_path_prefix(sent: str) -> None:
    """Under a prefix the server answers whether the proxy takes the prefix away or not, and links have it."""
    with serving("--base-url", "https://data.example/graphs/kept/") as served:
        reply = served.ask(sent, {"Accept": "text/turtle"})
        assert reply.status == 200
        assert "<https://data.example/graphs/kept/sparql>" in reply.text
        assert served.ask(f"{sent}?query={quote(SELECT)}").status == 200
        moved = served.ask(sent.replace("sparql", "id/russia"), {"Accept": "text/turtle"})
        assert moved.headers["location"] == "https://data.example/graphs/kept/id/russia.ttl"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "99999"], "not a port"),
        (["--base-url", "data.example"], "--base-url takes an address"),
        (["--base-url", "https://data.example/id"], "/id has a meaning here"),
        (["--base-url", "https://data.example/a%20b"], "character"),
        (["--trusted-proxy", "everyone"], "--trusted-proxy takes an address or a network"),
        (["--time-limit", "-1"], "not a number of seconds"),
        (["--workers", "0"], "not a number from 1"),
        (["--workers", "1001"], "not a number from 1 to 1000"),
        (["--host", "192.0.2.1", "--port", "0"], "choose another --host"),
        (["--source", "README.md"], "not the text of|of none of the sources|not UTF-8|hash"),
        (["--data", "nowhere.ttl"], "nowhere.ttl"),
        (["--project", "docs"], "no folder ontology/ here"),
    ],
)
def test_bad_options(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option is one clear error and exit code 2, and nothing is started."""
    try:
        code: Any = main(["serve", *options])
    except SystemExit as ended:
        code = ended.code
    error = capsys.readouterr().err
    assert code == 2
    assert re.search(said, error), error
    assert len(error.splitlines()) == 1


def test_taken_port(server: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody else has is said, with what to do."""
    assert main(["serve", "--port", str(server.port)]) == 2
    assert "choose another --port" in capsys.readouterr().err


def test_text_is_for_this_machine_alone(gazette_text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A source's text is shown on the loopback address alone, and not to pages of other hosts."""
    project = make_gazette(tmp_path / "project")
    text = tmp_path / "gazette.txt"
    text.write_bytes(gazette_text.encode())
    for option in (["--host", "0.0.0.0"], ["--base-url", "https://data.example"], ["--trusted-proxy", "127.0.0.1"]):
        command = ["serve", "--project", str(project.root), "--port", "0", "--source", str(text), *option]
        assert main(command) == 2
        assert "under copyright" in capsys.readouterr().err
    command = ["serve", "--project", str(project.root), "--port", "0", "--source", str(text), "--data", "README.md"]
    assert main(command) == 2
    assert "--source goes with our graphs" in capsys.readouterr().err
    with serving("--source", str(text), project=project.root) as served:
        assert "access-control-allow-origin" not in served.query(SELECT).headers
        page = "/source/gazette-1999/text.html"
        marked = b"<mark"
        assert marked in served.ask(page).body
        for header in ("X-Forwarded-For", "Forwarded", "Via"):
            reply = served.ask(page, {header: "127.0.0.1"})
            assert (reply.status, marked in reply.body) == (200, False)
        for host in ("localhost:80", "127.0.0.1", "[::1]:80", "rebound.example", "127.0.0.1.rebound.example:80"):
            told = served.raw(f"GET {page} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert told.startswith(b"HTTP/1.1 200 ")
            assert (marked in told) == ("rebound" not in host), host


def test_other_peoples_graphs(tmp_path: Path) -> None:
    """Other people's files are served by endpoint and graph store alone; what is ours is not there."""
    file = tmp_path / "data.trig"
    file.write_text("<http://a.example/s> a <http://a.example/C> . <http://a.example/g> { <http://a.example/x> a 1 }")
    with serving("--data", str(file)) as served:
        assert len(served.query("SELECT * { ?s ?p ?o }").json()["results"]["bindings"]) == 1
        assert served.get("/rdf-graph-store?graph=http://a.example/g").status == 200
        assert served.get("/id/russia").status == 404
        problem(served.query("SELECT * { ?s ?p ?o }", more="&view=author"), 400, "not served here")


def test_memory_stays(server: Served) -> None:
    """The memory of all processes after ten times as many requests is at most 5 % over what it was."""

    def ask(numbers: range) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as connection, connection.makefile("rb") as replies:
            for number in numbers:
                target = f"/sparql?query={quote(f'{SELECT} LIMIT 1 # {number}')}"
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                length = 0
                while (line := replies.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                replies.read(length)

    ask(range(1_000))
    before = resident(server.process.pid)
    ask(range(1_000, 10_000))
    assert resident(server.process.pid) <= 1.05 * before


def resident(process: int) -> int:
    """Return the bytes in memory of a process and of those that it has started; what they share counts for each."""
    own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return own + sum(map(resident, children(process)))


# Files for those who run it


def test_systemd_is_told_when_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who starts it under systemd is told when it serves, and not before."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with serving() as served:
            assert notified.recv(100) == b"READY=1"
            assert served.ask("/health").status == 200


def test_systemd_unit() -> None:
    """The unit is one that systemd takes, with no complaint about it."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze")
    unit = ROOT / "deploy" / "triplomacy.service"
    done = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "triplomacy" in line and "is not executable" not in line]
    assert complaints == []


def test_deployed_options_are_right() -> None:
    """The command lines in deploy/ are those of the program."""
    from triplomacy.cli.commands import parser

    unit = (ROOT / "deploy" / "triplomacy.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)
    assert parser().parse_args(command.split()).command == "serve"
    container = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", container, re.MULTILINE)
    (given,) = re.findall(r"^CMD (.*)$", container, re.MULTILINE)
    assert parser().parse_args([*json.loads(entry)[1:], *json.loads(given)]).command == "serve"
