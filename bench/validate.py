"""Validation side by side: ours, the engine under it, and other engines, as whole processes on graphs of three sizes.

Two sets of shapes are used: ours (``all``), for engines that run SPARQL-based targets and constraints, and ours without
these (``core``), for every engine. A probe decides which engine gets which. First the answers are compared: an engine
that does not report the faults that were put in is not timed. Then all run in turn, so that they meet the same noise.
What is printed is the median of each, its peak memory, the ratio to the bare engine on the same shapes, and the bound
that the project has set itself. Run it with ``make bench-validate``; exit code 1 says that a bound is broken.
"""

from __future__ import annotations

import argparse
import compileall
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

import pyoxigraph as ox
from bench import peers
from bench.measuring import BIN, HOME, ONTOLOGY, ROOT, Runs, Unavailable, machine, measured, ontology
from bench.peers import Peer
from bench.synthetic import generate

SHAPES: Final = sorted((ROOT / "ontology" / "shapes").glob("*.ttl"))
SH: Final = "http://www.w3.org/ns/shacl#"
SIZES: Final = (10_000, 100_000, 1_000_000)
FAULTS: Final = 300
RUNS: Final = {10_000: 7, 100_000: 5}
BARE: Final = "bare engine"
ALONE: Final = "ours, SHACL alone"
BOUND_AT: Final = 100_000  # triples; below, what a process costs at its start counts most
TIMES: Final = 60  # as long as ours alone is what pySHACL has to take
FEWEST: Final = 3  # at other sizes

# Two violations of targets by SPARQL, one of a constraint by SPARQL: each of the circle's nodes, and the loop.
PROBE: Final = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix tri: <https://w3id.org/triplomacy/ontology#> .
@base <https://w3id.org/triplomacy/source/probe/> .
<proposition/1> a tri:Support ; tri:after <proposition/2> .
<proposition/2> a tri:Support ; tri:after <proposition/1> ; tri:specialises <proposition/2> .
"""


@dataclass
class Job:
    """One command at one size, and how much of another one's time it may take."""

    name: str
    shapes: str
    command: Sequence[str]
    results: Callable[[str], int]
    expected: int
    bound: float | None = None  # of the bare engine's time on the same shapes
    runs: Runs = field(default_factory=Runs)


def ours_results(output: str) -> int:
    """Return the number of violations that our text says at its end."""
    last = output.strip().splitlines()[-1] if output.strip() else ""
    found = re.search(r"\b(\d+) violations?\b", last)
    if not re.search(r"conforms|\b\d+ (violation|warning|info|suppressed)", last):
        raise Unavailable(f"no summary at the end of {output[-300:]!r}")
    return int(found[1]) if found else 0


def written(name: str, parts: Iterable[str]) -> Path:
    """Write a file below build/bench and return its path."""
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / name
    with path.open("w", encoding="utf-8") as file:
        file.writelines(parts)
    return path


def shape_sets() -> dict[str, Path]:
    """Write our shapes as one file, and once more without SPARQL, and return both by name."""
    triples = [quad.triple for path in SHAPES for quad in ox.parse(path=path, rename_blank_nodes=True)]
    by_sparql = {ox.NamedNode(SH + "sparql"), ox.NamedNode(SH + "target")}
    core = [triple for triple in triples if triple.predicate not in by_sparql]
    queries = {triple.object for triple in triples if triple.predicate in by_sparql}
    core = [triple for triple in core if triple.subject not in queries]
    chosen = {"all": triples, "core": core}
    texts = {name: ox.serialize(kept, format=ox.RdfFormat.TURTLE) or b"" for name, kept in chosen.items()}
    return {name: written(f"shapes-{name}.ttl", [text.decode()]) for name, text in texts.items()}


def graphs(size: int) -> dict[str, Path]:
    """Write the graphs of a size: claims alone, claims beside the ontology, and these with faults."""
    text = ontology()
    count = sum(1 for _ in ox.parse(text, format=ox.RdfFormat.TURTLE))
    return {
        "claims": written(f"claims-{size}.ttl", generate(size - count)),
        "whole": written(f"whole-{size}.ttl", [text, *generate(size - count)]),
        "faulty": written(f"faulty-{size}.ttl", [text, *generate(size - count, faults=FAULTS)]),
    }


def found_peers() -> list[Peer]:
    """Return the peers that are here, and say which are not and why."""
    found = []
    for make in (peers.pyshacl, peers.pyrudof, peers.jena):
        try:
            found.append(make())
        except (Unavailable, OSError) as reason:
            print(f"skipped: {make.__name__}: {reason}")
    return found


def sets_of(peer: Peer, shapes: Mapping[str, Path]) -> list[str]:
    """Return the sets of shapes that an engine can run: what it finds by SPARQL in the probe has to be right."""
    probe = written("probe.ttl", [ontology(), PROBE])
    found = {}
    for name, path in shapes.items():
        runs = [measured(engine.command(path, probe)) for engine in (peers.bare(), peer)]
        try:
            found[name] = [engine.results(run.output) for engine, run in zip((peers.bare(), peer), runs, strict=True)]
        except Unavailable as reason:
            found[name] = [-1, -2]
            print(f"{peer.name}: {reason}")
        if found[name][0] != found[name][1]:
            expected, got = found[name]
            print(f"{peer.name}: {got} results on the probe, not {expected}: it cannot run the shapes '{name}'")
    return [name for name, (expected, got) in found.items() if expected == got]


def our_jobs(shapes: Mapping[str, Path], data: Mapping[str, Path]) -> list[Job]:
    """Return our own jobs, with their bounds."""
    command = [str(BIN / "triplomacy"), "validate"]
    ours = ["--shapes", str(shapes["all"])]
    alone = [*ours, "--check", "shacl"]
    declared = [f"--ontology={path}" for path in ONTOLOGY]
    return [
        Job(ALONE, "all", [*command, str(data["whole"]), *alone], ours_results, 0, 1.5),
        Job("ours, all checks", "all", [*command, str(data["claims"]), *ours, *declared], ours_results, 0, 4.0),
        Job("ours, 300 placed", "all", [*command, str(data["faulty"]), *alone], ours_results, FAULTS, 4.0),
    ]


def peer_jobs(size: int, able: Mapping[Peer, Sequence[str]], shapes: Mapping[str, Path], whole: Path) -> list[Job]:
    """Return a job for each engine and set of shapes, the bare engine's first."""
    jobs = []
    for peer, names in able.items():
        if peer.largest is not None and size > peer.largest:
            print(f"skipped at {size:,} triples: {peer.name}: {peer.because}")
            continue
        jobs += [Job(peer.name, name, peer.command(shapes[name], whole), peer.results, 0) for name in names]
    return jobs


def agrees(job: Job) -> bool:
    """Run a job once and tell whether its answer is right; a wrong one is said."""
    run = measured(job.command)
    job.runs.append(run)
    try:
        if run.code not in (0, 1):
            raise Unavailable(f"it ended with {run.code} after {run.seconds:.0f} s")
        got = job.results(run.output)
    except Unavailable as reason:
        print(f"not timed: {job.name}, shapes '{job.shapes}': {reason} {run.errors[-500:]}")
        return False
    if got != job.expected:
        print(f"not timed: {job.name}, shapes '{job.shapes}': {got} results, not {job.expected}")
    return got == job.expected


def finds_faults(able: Mapping[Peer, Sequence[str]], shapes: Mapping[str, Path], faulty: Path) -> dict[Peer, list[str]]:
    """Return the engines that find every fault in a graph, and nothing else; all faults are of SHACL Core."""
    right: dict[Peer, list[str]] = {}
    for peer, names in able.items():
        jobs = [Job(peer.name, name, peer.command(shapes[name], faulty), peer.results, FAULTS) for name in names]
        right[peer] = [job.shapes for job in jobs if agrees(job)]
    return right


def timed(jobs: Sequence[Job], size: int) -> None:
    """Run the jobs in turn until each has its number of runs; the first run of each has already been.

    What takes twenty times the bare engine's time is known well enough from one run, and peers with a million triples.
    """
    bare = max(job.runs.seconds for job in jobs if job.name == BARE)
    once = {id(job) for job in jobs if job.runs.seconds > 20 * bare and job.runs.seconds > 5}
    if size > max(RUNS):
        once |= {id(job) for job in jobs if job.name != BARE and job.bound is None}
    for _ in range(RUNS.get(size, FEWEST) - 1):
        for job in jobs:
            if id(job) not in once:
                job.runs.append(measured(job.command))


def broken_bounds(jobs: Sequence[Job], size: int) -> int:
    """Print a table of one size, and return how many bounds are broken: they are meant for 100 thousand triples."""
    bare = {job.shapes: job.runs.seconds for job in jobs if job.name == BARE}
    print(f"\n{f'{size:,} triples':19}{'shapes':>8}{'runs':>6}{'s':>10}{'MB':>8}{'ratio':>9}{'bound':>8}{'results':>9}")
    broken = 0
    for job in jobs:
        ratio = job.runs.seconds / bare[job.shapes]
        bound = job.bound if size == BOUND_AT else None
        bad = bound is not None and ratio > bound
        broken += bad
        measures = f"{len(job.runs):6}{job.runs.seconds:10.3f}{job.runs.megabytes:8.0f}{ratio:9.2f}"
        row = f"{job.name:19}{job.shapes:>8}{measures}"
        print(f"{row}{bound or '':>8}{job.expected:9}{'  BROKEN' if bad else ''}", flush=True)
    seconds = {job.name: job.runs.seconds for job in jobs if job.shapes == "all"}
    if {"pySHACL", ALONE} <= set(seconds):
        times = seconds["pySHACL"] / seconds[ALONE]
        bad = size == BOUND_AT and times < TIMES
        broken += bad
        bound_text = f"; bound: at least {TIMES}" if size == BOUND_AT else ""
        print(f"pySHACL takes {times:.0f} times as long as {ALONE}{bound_text}{'  BROKEN' if bad else ''}")
    return broken


def main() -> int:
    """Compare answers and times at each size; return 1 where a bound is broken."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    options.add_argument("sizes", nargs="*", type=int, default=SIZES, help="triples (default: %(default)s)")
    options.add_argument("--no-bounds", action="store_true", help="exit with 0 even if a bound is exceeded")
    given = options.parse_args()
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip leaves what it installs, the peers among it
    shapes = shape_sets()
    able = {peer: sets_of(peer, shapes) for peer in (peers.bare(), *found_peers())}
    print(machine())
    print("; ".join(peer.version for peer in able), f"triplomacy with pyoxigraph {ox.__version__}", sep="; ")
    smallest = graphs(SIZES[0])
    able = finds_faults(able, shapes, smallest["faulty"])
    broken = 0
    for size in given.sizes:
        data = graphs(size)
        jobs = [*peer_jobs(size, able, shapes, data["whole"]), *our_jobs(shapes, data)]
        right = [job for job in jobs if agrees(job)]
        broken += len([job for job in jobs if job.name.startswith("ours") and job not in right])
        timed(right, size)
        broken += broken_bounds(right, size)
    return 1 if broken and not given.no_bounds else 0


if __name__ == "__main__":
    sys.exit(main())
