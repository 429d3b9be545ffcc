"""Load: the same N-Quads into a store on disk or, by rdflib, in memory; and opening a store that is there."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from bench import engines, peers
from bench.figures import OURS, Row
from bench.jobs import data
from bench.measuring import BIN, HOME, Budget, Run, Side, Unavailable, measured, script, side_by_side

NAME: Final = "load"
MOST: Final = 1_000_000  # triples for what is done at small sizes alone

# What `triplomacy build --store` does with a file, without the views: its triples into two graphs.
PREPARE: Final = """
import sys
from pathlib import Path
import pyoxigraph
from triplomacy.build import bulk_load
store = pyoxigraph.Store(sys.argv[1])
bulk_load.load(store, Path(sys.argv[2]), sys.argv[3])
store.flush()
"""
LOAD: Final = """
import sys
from pathlib import Path
import pyoxigraph
from triplomacy.rdf import load_file
store = pyoxigraph.Store(sys.argv[1])
load_file(store, Path(sys.argv[2]))
store.flush()
"""
RDFLIB: Final = """
import sys, rdflib
dataset = rdflib.Dataset()
dataset.parse(sys.argv[1], format="nquads")
print(sum(1 for _ in dataset.quads()))
"""
OPEN: Final = """
import sys, time
from pathlib import Path
from triplomacy.dataset import store_states
start = time.perf_counter()
store = store_states.open_state(Path(sys.argv[1])).store()
row = next(store.query("SELECT ?o { ?s a ?o } LIMIT 1"))
print(time.perf_counter() - start)
"""
BARE_OPEN: Final = """
import sys, time, pyoxigraph
start = time.perf_counter()
store = pyoxigraph.Store.read_only(sys.argv[1])
row = next(store.query("SELECT ?o { ?s a ?o } LIMIT 1"))
print(time.perf_counter() - start)
"""


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    for size in sizes:
        yield from side_by_side(Row(NAME, "load", size), sides(size), budget)
        if size <= MOST:
            yield from side_by_side(Row(NAME, "into both graphs", size), both(size), budget)
        if size <= MOST:  # the views, which a prepared store has, take the most of the time to make it
            yield from side_by_side(Row(NAME, "open", size), opening(size), budget)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    names = ("pyoxigraph", "oxigraph", "rdflib")
    return {name: importlib.metadata.version(name) for name in names}


def sides(size: int) -> list[Side]:
    """Return those who load."""
    file = data.quads(size)
    target = HOME / "loaded"
    ours = [sys.executable, str(script("load", LOAD)), str(target), str(file)]
    oxigraph = [str(BIN / "oxigraph"), "load", "--location", str(target), "--file", str(file)]
    plain = [sys.executable, str(script("load-rdflib", RDFLIB)), str(file)]
    return [
        Side(OURS, anew(target, lambda: ours), lambda run: stored(run, target)),
        Side("oxigraph load", anew(target, lambda: oxigraph), lambda run: stored(run, target)),
        Side("Virtuoso", lambda: by_virtuoso(file), lambda run: run.output),
        Side(
            "Jena tdb2",
            anew(target, lambda: peers.jena_command("tdb2.tdbloader", "--loc", str(target), str(file))),
            lambda run: in_jena(run, target),
        ),
        Side("rdflib, in memory", lambda: measured(plain), lambda run: run.output.strip()),
    ]


def both(size: int) -> list[Side]:
    """Return our step from triples to the default graph and the named one, and who loads the quads of both."""
    target = HOME / "loaded"
    ours = [sys.executable, str(script("prepare", PREPARE)), str(target), str(data.triples(size)), engines.GRAPH]
    file = str(data.both(size))
    oxigraph = [str(BIN / "oxigraph"), "load", "--location", str(target), "--file", file]
    return [
        Side(OURS, anew(target, lambda: ours), lambda run: stored(run, target)),
        Side("oxigraph load", anew(target, lambda: oxigraph), lambda run: stored(run, target)),
    ]


def anew(target: Path, command: Callable[[], Sequence[str]]) -> Callable[[], Run]:
    """Return what runs a command after it has removed the folder that it fills."""

    def run() -> Run:
        shutil.rmtree(target, ignore_errors=True)
        return measured(command())

    return run


def stored(run: Run, target: Path) -> str:
    """Return the number of quads of a store of Oxigraph's."""
    if run.code:
        raise Unavailable(run.errors[-300:])
    return str(len(ox.Store.read_only(str(target))))


def in_jena(run: Run, target: Path) -> str:
    """Return the number of quads of a store of Jena's."""
    if run.code:
        raise Unavailable(run.errors[-300:])
    text = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    counted = measured(peers.jena_command("tdb2.tdbquery", "--loc", str(target), "--results", "csv", text))
    return counted.output.split()[-1]


def by_virtuoso(file: Path) -> Run:
    """Load by Virtuoso's bulk loader; the server's start is not counted, its checkpoint is."""
    with engines.virtuoso(file.parent) as server:
        seconds = server.load(file)
        text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        found = server.rows(text)
        return Run(seconds, server.megabytes(), 0, found[0][0], "")


def opening(size: int) -> list[Side]:
    """Return those who open a store that was prepared and read a first triple."""
    store = HOME / f"store-{size}"
    command = [str(BIN / "triplomacy"), "build", "--store", str(store), "--project", str(data.project(size))]
    run = measured(command)
    if run.code:
        raise Unavailable(f"triplomacy build --store ended with {run.code}: {run.errors[-300:]}")
    database = (store / "current").resolve() / "db"
    ours = [sys.executable, str(script("open", OPEN)), str(store)]
    bare = [sys.executable, str(script("open-bare", BARE_OPEN)), str(database)]
    return [
        Side(OURS, lambda: inside(ours), opened),
        Side("pyoxigraph", lambda: inside(bare), opened),
    ]


def opened(run: Run) -> str:
    """Return what says that a first triple was read."""
    return f"{len(run.output.split())} triple"


def inside(command: Sequence[str]) -> Run:
    """Run a script that prints how long its job took, without its start."""
    run = measured(command)
    if run.code:
        raise Unavailable(run.errors[-300:])
    return Run(float(run.output.split()[-1]), run.megabytes, run.code, run.output, run.errors)
