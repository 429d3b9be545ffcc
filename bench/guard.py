"""A guard against getting slower: ratios to peers in the same run, at a small size, never absolute times.

Each pair runs in turn several times; the best of each side counts, since noise only ever adds. A pair that slips is
measured once more before it fails. The bounds stand far enough from what is usual that noise does not trip them: the
table below has both. Run it with ``make guard``; exit code 1 says which ratio slipped, and by how much.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

from bench import engines, peers, validate
from bench.engines import Worker
from bench.figures import OURS
from bench.jobs import data, load, queries, startup, validation, views
from bench.measuring import BIN, HOME, Side, measured, script

SMALL: Final = 10_000
LARGER: Final = 40_000

Timed = Callable[[], float]


@dataclass(frozen=True)
class Bound:
    """How many times as long ours may take as the other.

    Attributes:
        most: what it may take at most.
        usual: what it took when the bound was set.
        rounds: how often each runs.
    """

    most: float
    usual: float
    rounds: int


BOUNDS: Final = {
    "start to the bare interpreter": Bound(8, 3.9, 8),
    "start to import rdflib": Bound(0.85, 0.44, 6),
    "a stored query to a pyoxigraph script": Bound(3.5, 1.8, 6),
    "load to oxigraph load": Bound(2.4, 1.4, 6),
    "validation to the bare engine": Bound(3.5, 1.9, 4),
    "validation to pySHACL": Bound(0.12, 0.04, 2),
    "growth of validation": Bound(4.5, 1.6, 4),
    "queries to bare pyoxigraph": Bound(2.2, 1.1, 15),
    "queries to rdflib": Bound(0.08, 0.01, 3),
    "growth of queries": Bound(7.5, 3.6, 15),
    "a view to a query written by hand": Bound(4, 1.5, 8),
    "growth of all views": Bound(11, 5, 8),
}


@dataclass(frozen=True)
class Pair:
    """Two that are compared.

    Attributes:
        name: what is compared.
        ours: does it once and returns the seconds.
        other: does the same in another way, or less of it, and returns the seconds.
        bound: of ours to the other.
    """

    name: str
    ours: Timed
    other: Timed
    bound: Bound


def ratio(pair: Pair) -> float:
    """Return how many times as long ours takes as the other: the best of each, in turn."""
    timed = [(pair.ours(), pair.other()) for _ in range(pair.bound.rounds)]
    return min(ours for ours, _ in timed) / min(other for _, other in timed)


def slipped(pair: Pair) -> str | None:
    """Return what is to be said of a pair that is over its bound twice, or None; print what was measured."""
    most = pair.bound.most
    first = ratio(pair)
    found = first if first <= most else min(first, ratio(pair))
    again = "" if first <= most else f" (at first {first:.3g})"
    print(f"{pair.name:40} {found:8.3g}{again}, bound {most:g}, usual {pair.bound.usual:g}", flush=True)
    if found <= most:
        return None
    return f"slipped: {pair.name}: {found:.3g} times, bound {most:g}: {found / most - 1:.0%} over it"


def guard(pairs: Sequence[Pair]) -> int:
    """Measure pairs; print which slipped and return 1 where one has."""
    broken = [line for pair in pairs if (line := slipped(pair))]
    for line in broken:
        print(line, file=sys.stderr)
    return int(bool(broken))


def process(command: Sequence[str], fresh: Path | None = None) -> Timed:
    """Return what runs a command as a whole process, in whose way a folder is removed before."""

    def timed() -> float:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
        run = measured(command)
        if run.code:
            sys.exit(f"{' '.join(command)} ended with {run.code}: {run.errors[-500:]}")
        return run.seconds

    return timed


def asking(engine: Worker, who: str, **asked: Any) -> Timed:
    """Return what asks an engine, twice, of which the second counts."""

    def timed() -> float:
        replies = [engine.ask(who, 30, **asked) for _ in range(2)]
        if "error" in replies[-1]:
            sys.exit(f"{who}: {json.dumps(replies[-1])}")
        return float(replies[-1]["seconds"])

    return timed


def whole_processes() -> Iterator[tuple[str, Timed, Timed]]:
    """Yield what is compared as whole processes: start, load, validation."""
    program = str(BIN / "triplomacy")
    yield "start to the bare interpreter", process([program, "--version"]), python("pass")
    yield "start to import rdflib", process([program, "--version"]), python("import rdflib")
    asks = {side.who: side for side in startup.asking(program)}
    yield "a stored query to a pyoxigraph script", once(asks[OURS]), once(asks["pyoxigraph script"])
    target, file = HOME / "guarded", data.quads(LARGER)
    ours = [sys.executable, str(script("load", load.LOAD)), str(target), str(file)]
    oxigraph = [str(BIN / "oxigraph"), "load", "--location", str(target), "--file", str(file)]
    yield "load to oxigraph load", process(ours, target), process(oxigraph, target)
    shapes, whole, larger = validate.shape_sets()["all"], validation.graph(SMALL), validation.graph(LARGER)
    alone = [program, "validate", "--shapes", str(shapes), "--check", "shacl"]
    bare, pyshacl = peers.bare().command(shapes, larger), peers.pyshacl().command(shapes, whole)
    yield "validation to the bare engine", process([*alone, str(larger)]), process(bare)
    yield "validation to pySHACL", process([*alone, str(whole)]), process(pyshacl)
    yield "growth of validation", process([*alone, str(larger)]), process([*alone, str(whole)])


def once(side: Side) -> Timed:
    """Return what runs one side of a job."""
    return lambda: side.run().seconds


def python(text: str) -> Timed:
    """Return what runs a line of Python."""
    return process([sys.executable, "-c", text])


ASKED: Final = ("disputes/dispute-ledger", "sanctions/who-is-sanctioned-by-whom", "arguments/why")


def all_of(timed: Sequence[Timed]) -> Timed:
    """Return what does several things and adds their times."""
    return lambda: sum(each() for each in timed)


def warm(stack: ExitStack) -> Iterator[tuple[str, Timed, Timed]]:
    """Yield what is compared on engines that have their graph: queries, whose answers are to be the same, and views."""
    small, larger = (stack.enter_context(engines.oxigraph(data.triples(size))) for size in (SMALL, LARGER))
    rdflib = stack.enter_context(engines.rdflib(data.triples(SMALL)))
    for question in ASKED:
        same(question, small, rdflib)

    def ours(engine: Worker) -> Timed:
        return all_of([asking(engine, OURS, **stored(each)) for each in ASKED])

    def other(engine: Worker, who: str) -> Timed:
        return all_of([asking(engine, who, text=queries.texts(each, who)[-1]) for each in ASKED])

    yield "queries to bare pyoxigraph", ours(larger), other(larger, queries.BARE)
    yield "queries to rdflib", ours(small), other(rdflib, "rdflib")
    yield "growth of queries", ours(larger), ours(small)
    view, hand = {"view": views.UNDISPUTED}, {"text": views.by_hand(views.UNDISPUTED)}
    yield "a view to a query written by hand", asking(larger, OURS, **view), asking(larger, queries.BARE, **hand)
    yield "growth of all views", asking(larger, OURS, views=""), asking(small, OURS, views="")


def stored(question: str) -> dict[str, Any]:
    """Return how our code is asked a stored query."""
    return {"stored": question, "values": dict(queries.ASKED[question])}


def same(question: str, ours: Worker, rdflib: Worker) -> None:
    """End where ours, the engine under it and rdflib do not give the same rows."""
    replies = [
        ours.ask(OURS, 30, hash=True, **stored(question)),
        ours.ask(queries.BARE, 30, hash=True, text=queries.texts(question, queries.BARE)[-1]),
        rdflib.ask("rdflib", 30, hash=True, text=queries.texts(question, "rdflib")[-1]),
    ]
    if len({reply.get("sha256") for reply in replies}) > 1:
        sys.exit(f"{question} has other answers elsewhere: {json.dumps(replies)}")


def main() -> int:
    """Measure all pairs; return 1 where one has slipped."""
    started = time.perf_counter()
    with ExitStack() as stack:
        compared = [*whole_processes(), *warm(stack)]
        code = guard([Pair(name, ours, other, BOUNDS[name]) for name, ours, other in compared])
    print(f"{time.perf_counter() - started:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
