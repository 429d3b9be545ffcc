"""Start-up as whole processes: the program beside bare interpreters, a stored query beside the shortest scripts."""

from __future__ import annotations

import csv
import importlib.metadata
import io
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from bench.answering import digest
from bench.figures import OURS, Row
from bench.jobs.queries import HEADS
from bench.measuring import BIN, HOME, ROOT, Budget, Run, Side, Unavailable, measured, script, side_by_side

from triplomacy import queries

NAME: Final = "startup"
TIMES: Final = 21
QUESTION: Final = "disputes/dispute-ledger"
PRINTED: Final = """
writer = csv.writer(sys.stdout)
writer.writerow(found.NAMES)
writer.writerows([getattr(cell, "value", cell) for cell in row] for row in found)
"""
# The shortest scripts that do the same: load the same files, run the same text, print the rows.
PYOXIGRAPH: Final = """
import csv, sys, pyoxigraph
store = pyoxigraph.Store()
for path in sys.argv[2:]:
    store.load(path=path, format=pyoxigraph.RdfFormat.TURTLE)
found = store.query(open(sys.argv[1]).read())
""" + PRINTED.replace("found.NAMES", "[each.value for each in found.variables]")
RDFLIB: Final = """
import csv, sys, rdflib
graph = rdflib.Graph()
for path in sys.argv[2:]:
    graph.parse(path)
found = graph.query(open(sys.argv[1]).read())
""" + PRINTED.replace("found.NAMES", "found.vars").replace('getattr(cell, "value", cell)', "cell")


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job, which has no size."""
    del sizes
    program = str(BIN / "triplomacy")
    bare = {
        OURS: [program, "--version"],
        "python -c pass": [sys.executable, "-c", "pass"],
        "import pyoxigraph": [sys.executable, "-c", "import pyoxigraph"],
        "import rdflib": [sys.executable, "-c", "import rdflib"],
    }
    yield from side_by_side(Row(NAME, "--version", 0), [side(*each) for each in bare.items()], budget, TIMES)
    yield from side_by_side(Row(NAME, "query", 0), asking(program), budget, TIMES)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {name: importlib.metadata.version(name) for name in ("pyoxigraph", "rdflib")}


def side(who: str, command: Sequence[str]) -> Side:
    """Return one of those who start, whose answer is that it has ended well."""
    return Side(who, lambda: measured(command), ended)


def ended(run: Run) -> str:
    """Return what says that a process has ended as it should."""
    if run.code:
        raise Unavailable(run.errors[-300:])
    return "it has ended well"


def asking(program: str) -> list[Side]:
    """Return those who ask the article's graphs a stored query."""
    bound = queries.bind(queries.read(ROOT / "queries" / f"{QUESTION}.rq"), {})
    text = HOME / "question.rq"
    HOME.mkdir(parents=True, exist_ok=True)
    text.write_text(HEADS + bound.text, encoding="utf-8")
    found = [*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "graphs").glob("*/*.ttl")]
    files = sorted(str(path) for path in found if path.name != "mappings.ttl")
    commands = {
        OURS: [program, "query", QUESTION, "--format", "csv"],
        "pyoxigraph script": [sys.executable, str(script("ask-pyoxigraph", PYOXIGRAPH)), str(text), *files],
        "rdflib script": [sys.executable, str(script("ask-rdflib", RDFLIB)), str(text), *files],
    }
    return [asks(who, command) for who, command in commands.items()]


def asks(who: str, command: Sequence[str]) -> Side:
    """Return one of those who ask."""
    return Side(who, lambda: measured(command), table)


def table(run: Run) -> str:
    """Return how many rows of CSV were printed, with a hash of them."""
    if run.code:
        raise Unavailable(run.errors[-300:])
    number, sha256 = digest([cell.strip() for cell in row] for row in list(csv.reader(io.StringIO(run.output)))[1:])
    return f"{number:,} rows, {sha256[:12]}"
