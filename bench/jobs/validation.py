"""Validation as whole processes: ours, the engine under it, pySHACL, Jena and Rudof, by shapes that each can run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from bench import peers, synthetic, validate
from bench.figures import OURS, Row
from bench.jobs import data
from bench.measuring import BIN, ONTOLOGY, Budget, Side, measured, ontology, side_by_side
from bench.peers import Peer

NAME: Final = "validation"
BARE: Final = "bare engine"
TASKS: Final = {"all": "all our shapes", "core": "those of SHACL Core"}


@cache
def able() -> dict[Peer, list[str]]:
    """Return the engines, each with the sets of shapes that it can run: it finds each fault that was put in a graph."""
    shapes = validate.shape_sets()
    found = {peer: validate.sets_of(peer, shapes) for peer in (peers.bare(), *validate.found_peers())}
    return validate.finds_faults(found, shapes, graph(10_000, validate.FAULTS))


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    for name, task in TASKS.items():
        for peer, sets in able().items():
            if name not in sets and name == "all":
                note = "not timed: it does not find what our shapes find by SPARQL; it runs those of SHACL Core"
                yield from (Row(NAME, task, size, peer.name, note=note) for size in sizes)
    for size in sizes:
        for name, task in TASKS.items():
            yield from side_by_side(Row(NAME, task, size), sides(size, name), budget)
        yield from side_by_side(Row(NAME, "all checks of triplomacy validate", size), [everything(size)], budget)
        if size <= 1_000_000:
            yield from side_by_side(Row(NAME, "300 faults, each with its place", size), [faults(size)], budget)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {peer.name: peer.version for peer in able()}


def graph(size: int, planted: int = 0) -> Path:
    """Return ontology and claims as Turtle, with so many faults."""
    count = len(data.ontology())
    name = f"faulty-{size}.ttl" if planted else f"whole-{size}.ttl"
    return data.written(name, lambda: [ontology(), *synthetic.generate(size - count, faults=planted)])


def sides(size: int, name: str) -> list[Side]:
    """Return those who validate by a set of shapes; SHACL alone of ours."""
    shapes, whole = validate.shape_sets()[name], graph(size)
    command = [str(BIN / "triplomacy"), "validate", str(whole), "--shapes", str(shapes), "--check", "shacl"]
    ours = Side(OURS, lambda: measured(command), lambda run: results(validate.ours_results(run.output)))
    return [ours, *(side(peer, shapes, whole) for peer, sets in able().items() if name in sets)]


def side(peer: Peer, shapes: Path, whole: Path) -> Side:
    """Return a peer with its command."""
    command = peer.command(shapes, whole)
    return Side(peer.name, lambda: measured(command), lambda run: results(peer.results(run.output)))


def results(number: int) -> str:
    """Return the number of results in words."""
    return f"{number:,} results"


def everything(size: int) -> Side:
    """Return our validation with all its checks, the ontology not among what is checked."""
    claims = data.project(size) / "graphs" / "synthetic" / "claims.ttl"
    command = [str(BIN / "triplomacy"), "validate", str(claims), "--shapes", str(validate.shape_sets()["all"])]
    command += [f"--ontology={path}" for path in ONTOLOGY]
    return Side(OURS, lambda: measured(command), lambda run: results(validate.ours_results(run.output)))


def faults(size: int) -> Side:
    """Return our validation of a graph with faults, which are printed with file, line and column."""
    shapes, faulty = validate.shape_sets()["all"], graph(size, validate.FAULTS)
    command = [str(BIN / "triplomacy"), "validate", str(faulty), "--shapes", str(shapes), "--check", "shacl"]
    return Side(OURS, lambda: measured(command), lambda run: results(validate.ours_results(run.output)))
