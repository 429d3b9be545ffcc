"""One worker, asked in this process: the graphs it chooses, the forms it answers in, and what it refuses."""

import json
import socket
from dataclasses import replace

import pyoxigraph as ox
import pytest

from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.queries import Scope
from triplomacy.server.bounds import Bounds
from triplomacy.server.workers import served, worker as workers
from triplomacy.server.workers.jobs import Job, JobResult, pack, unpack
from triplomacy.server.workers.worker import Worker

TRIG = """
PREFIX : <http://x.example/>
:default :is :d .
:one { :a :is 1 . :b :is 2 }
:two { :b :is 2 . :c :is 3 }
:three { :e :is 5 }
"""
HEAD = "PREFIX : <http://x.example/> "
COUNT = "(COUNT(*) AS ?n)"
ONE, TWO, THREE = (f"http://x.example/{name}" for name in ("one", "two", "three"))


def worker(bounds: Bounds | None = None) -> Worker:
    """Return a worker with a few triples in a default graph and in three others."""
    store = ox.Store()
    store.load(TRIG.encode(), ox.RdfFormat.TRIG)
    return Worker(MemoryDataset(store), bounds or Bounds(), "http://x.example/sparql")


def number(result: JobResult) -> int:
    """Return the number that an answer in JSON consists of."""
    assert (result.status, result.form) == (200, "json"), result.body.decode()
    return int(json.loads(result.body)["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize(
    ("clauses", "pattern", "expected"),
    [
        ("", "?s ?p ?o", 1),
        ("FROM :one", "?s ?p ?o", 2),
        ("FROM :one FROM :two", "?s ?p ?o", 3),
        ("FROM :one FROM :one", "?s ?p ?o", 2),
        ("FROM <one> FROM <two> FROM :one FROM :three", "?s ?p ?o", 4),
        ("FROM :one FROM :two FROM NAMED :three", "?s ?p ?o", 3),
        ("FROM :one FROM :two FROM NAMED :three", "GRAPH ?g { ?s ?p ?o }", 1),
        ("FROM :one FROM :two FROM NAMED :one FROM NAMED :two", "?s ?p ?o GRAPH ?g { ?s ?p ?o }", 4),
        ("FROM :one FROM :two", "GRAPH ?g { ?s ?p ?o }", 0),
        ("FROM NAMED :one FROM NAMED :two", "GRAPH ?g { ?s ?p ?o }", 4),
        ("FROM NAMED :one FROM NAMED :two", "?s ?p ?o", 0),
    ],
)
def test_several_from_make_one_default_graph(clauses: str, pattern: str, expected: int) -> None:
    """A triple of several graphs of FROM is there once, and only those of FROM NAMED are there by name."""
    assert number(worker().answer(Job(f"{HEAD} SELECT {COUNT} {clauses} {{ {pattern} }}"))) == expected


@pytest.mark.parametrize("clauses", ["", "FROM :three", "FROM :one FROM :three", "FROM NAMED :three"])
@pytest.mark.parametrize(
    ("default", "named", "expected", "inside"),
    [
        ((ONE,), (), 2, 0),
        ((ONE, TWO), (), 3, 0),
        ((ONE, TWO), (TWO,), 3, 2),
        ((), (ONE, THREE), 0, 3),
        ((THREE,), None, 1, 0),
        (None, (TWO,), 0, 2),
    ],
)
def test_graphs_of_the_protocol_override_those_of_the_query(
    clauses: str, default: tuple[str, ...] | None, named: tuple[str, ...] | None, expected: int, inside: int
) -> None:
    """What parameters of the request say goes before FROM and FROM NAMED (SPARQL 1.1 Protocol, 2.1.4)."""
    for pattern, count in (("?s ?p ?o", expected), ("GRAPH ?g { ?s ?p ?o }", inside)):
        job = Job(f"{HEAD} SELECT {COUNT} {clauses} {{ {pattern} }}", default_graphs=default, named_graphs=named)
        assert number(worker().answer(job)) == count


@pytest.mark.parametrize(
    "job",
    [
        Job(f"{HEAD} SELECT * FROM :one FROM :none {{ ?s ?p ?o }}"),
        Job(f"{HEAD} SELECT * FROM NAMED :none {{ ?s ?p ?o }}"),
        Job("SELECT * { ?s ?p ?o }", default_graphs=(ONE, "http://x.example/none")),
        Job("SELECT * { ?s ?p ?o }", named_graphs=("http://x.example/none",)),
    ],
)
def test_graph_that_is_not_here_is_refused(job: Job) -> None:
    """A graph of any origin has to be here."""
    result = worker().answer(job)
    assert (result.status, result.body.decode()[:43]) == (400, "no such graph here, and none is fetched: ht")


@pytest.fixture
def ours(own_gazette: Project) -> Worker:
    """Return a worker that serves the invented gazette, with its views."""
    (own_gazette.queries / "elsewhere").mkdir()
    query = "#+ summary: Who?\nSELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }\n"
    (own_gazette.queries / "elsewhere" / "there.rq").write_text(query)
    return Worker(served.read(own_gazette), Bounds())


EVERYTHING = "SELECT * { ?s ?p ?o }"
TRIPLES = "CONSTRUCT WHERE { ?s ?p ?o }"
EVIDENCE = Scope(evidence=True)
DATED = Scope(as_of="1999")


def test_forms_are_those_that_are_wanted(ours: Worker) -> None:
    """Rows, truth and triples have a form each; where none is wanted of a kind, one is named that there is."""
    one = worker()
    for text, job, form in (
        (EVERYTHING, Job(form="csv", graph_form="ntriples"), "csv"),
        ("ASK { ?s ?p ?o }", Job(form="json", graph_form=""), "json"),
        (TRIPLES, Job(form="", graph_form="turtle"), "turtle"),
    ):
        for asked, scope in ((one, Scope()), (ours, DATED)):
            result = asked.answer(replace(job, text=f"{text} LIMIT 9" if "ASK" not in text else text, scope=scope))
            assert (result.status, result.form) == (200, form), result.body.decode()
            assert result.body
    for asked, scope in ((one, Scope()), (ours, DATED)):
        refused = asked.answer(Job(f"{EVERYTHING} LIMIT 1", form="", scope=scope))
        assert (refused.status, refused.form, refused.body) == (406, "json", b"")
        refused = asked.answer(Job(f"{TRIPLES} LIMIT 1", graph_form="", scope=scope))
        assert (refused.status, refused.form, refused.body) == (406, "turtle", b"")


def test_answers_are_as_large_as_they_may_be_and_no_larger(ours: Worker) -> None:
    """As many rows or triples, and as many bytes, as the bounds allow are answered, and one more is refused."""
    two = "SELECT ?x { VALUES ?x { 1 2 } }"
    for job in (Job(two), Job(two, scope=DATED), Job(graph=ONE), Job(f"{TRIPLES} LIMIT 2", scope=DATED)):
        store = worker().dataset if job.graph else ours.dataset
        assert Worker(store, Bounds(rows=2)).answer(job).status == 200
        refused = Worker(store, Bounds(rows=1)).answer(job)
        assert (refused.status, refused.body[:20]) == (422, b"an answer may have 1")
        size = len(Worker(store, Bounds()).answer(job).body)
        assert Worker(store, Bounds(size=size)).answer(job).status == 200
        refused = Worker(store, Bounds(size=size - 1)).answer(job)
        assert (refused.status, refused.body.decode()) == (
            422,
            f"an answer may have {size - 1:,} bytes; ask for less, with LIMIT and OFFSET",
        )


def test_citation_is_there_where_it_is_wanted(ours: Worker) -> None:
    """A cited answer in JSON has its citation in it and with it, any other one has none."""
    job = Job("SELECT ?x { VALUES ?x { 1 } }", scope=EVIDENCE)
    assert (plain := ours.answer(job)).citation == {}
    assert "citation" not in json.loads(plain.body)
    cited = ours.answer(replace(job, cited=True))
    assert cited.citation["text"] == job.text
    assert json.loads(cited.body)["citation"] == cited.citation


def test_changing_answers_are_told(ours: Worker) -> None:
    """An answer that may be another one next time says so."""
    for scope, asked in ((Scope(), worker()), (EVIDENCE, ours)):
        assert asked.answer(Job("SELECT (RAND() AS ?x) { }", scope=scope)).changing
        assert not asked.answer(Job("SELECT (1 AS ?x) { }", scope=scope)).changing


@pytest.mark.parametrize("scope", [Scope(), EVIDENCE, Scope(views=("author",)), Scope(as_of="1999")])
def test_relative_iris_are_relative_to_the_endpoint(scope: Scope, ours: Worker) -> None:
    """What an IRI is relative to does not depend on what else is asked for."""
    result = ours.answer(Job("SELECT ?p { <id/ruritania> a ?p }", scope=scope))
    assert result.status == 200, result.body.decode()
    assert len(json.loads(result.body)["results"]["bindings"]) > 0


@pytest.mark.parametrize(
    ("job", "status", "reason"),
    [
        (Job("SELECT * {\n ?s ?p }"), 400, "line 2, column 8: not SPARQL: "),
        (Job("SELECT ?s { ?s ?p ?o } GROUP BY ?p"), 400, "line 1, column 35: not SPARQL: The SELECT"),
        (Job("DROP ALL"), 403, "this server only answers queries"),
        (Job("SELECT * { SERVICE <x:y> { } }"), 403, "SERVICE would ask another server"),
        (Job(name="there"), 403, "this question asks another server by SERVICE"),
        (Job(name="ther"), 404, "no such query: ther"),
        (Job(name="alignments", scope=Scope(views=("none",))), 400, "no such view: none"),
        (Job(EVERYTHING, scope=Scope(views=("none",))), 400, "no such view: none"),
        (Job(EVERYTHING, scope=EVIDENCE, default_graphs=()), 400, "a view or a date is of our own dataset"),
        (Job(EVERYTHING, scope=EVIDENCE, named_graphs=()), 400, "a view or a date is of our own dataset"),
        (Job(graph="x:y"), 404, "no such graph here"),
        (Job("SELECT (<x:f>(1) AS ?x) { }"), 400, "the query cannot be answered: "),
    ],
)
def test_refusals_have_a_status_and_a_reason(job: Job, status: int, reason: str, ours: Worker) -> None:
    """What is not answered says by its status whose fault it is, and why."""
    result = ours.answer(job)
    assert (result.status, result.body.decode()[: len(reason)]) == (status, reason)


def test_views_are_of_our_own_graphs() -> None:
    """Other people's files have no views, dates or stored queries."""
    for job in (Job(name="there"), Job(EVERYTHING, scope=EVIDENCE)):
        result = worker().answer(job)
        assert (result.status, result.body.decode()[:31]) == (400, "views, dates and stored queries")


def test_too_little_memory_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that takes more memory than it may says how much that is."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Worker, "_query", fail)
    result = worker(Bounds(memory=7_000_000)).answer(Job(EVERYTHING))
    assert (result.status, result.body) == (422, b"an answer may take 7 MB of memory; ask for less")


@pytest.mark.parametrize("scope", [Scope(), EVIDENCE])
def test_jobs_are_answered_one_by_one_within_their_time(
    scope: Scope, ours: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job has a second more than its time, of the clock and of the processor; one with a scope is the last."""
    timers: list[float] = []
    limits: list[int] = []
    monkeypatch.setattr("signal.setitimer", lambda _, seconds: timers.append(seconds))
    monkeypatch.setattr("resource.setrlimit", lambda _, bounds: limits.append(bounds[0]))
    monkeypatch.setattr("time.process_time", iter([2.5, 3.5, 4.5, 5.5]).__next__)
    here, there = socket.socketpair()
    with here, there:
        here.sendall(2 * pack(Job("SELECT (1 AS ?x) { }", scope=scope).head()))
        here.shutdown(socket.SHUT_WR)
        workers.work(there, Worker(ours.dataset, Bounds(time=4.0)))
        there.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: here.recv(1 << 16), b""))
    count = 1 if scope == EVIDENCE else 2
    assert timers == [5.0, 0] * count
    assert limits == [8, 10][:count]
    for _ in range(count):
        head, body, length = unpack(answers, 1 << 20) or ({}, b"", 0)
        assert (head["status"], head["used"], head["form"]) == (200, 1.0, "json")
        assert json.loads(body)["results"]["bindings"][0]["x"]["value"] == "1"
        answers = answers[length:]
    assert answers == b""
