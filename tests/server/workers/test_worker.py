"""One worker, asked in this process: the graphs it chooses, the forms it answers in, and what it refuses."""

import json
from dataclasses import replace

import pyoxigraph as ox
import pytest

from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.server.workers.bounds import Bounds
from triplomacy.server.workers.jobs import Job, JobResult
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


def worker(**bounds: float) -> Worker:
    """Return a worker with a few triples in a default graph and in three others."""
    store = ox.Store()
    store.load(TRIG.encode(), ox.RdfFormat.TRIG)
    return Worker(MemoryDataset(store), replace(Bounds(), **bounds), "http://x.example/sparql")


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
