"""Whole processes side by side: a stored query beside plain scripts, validation beside pySHACL's command.

The query is asked of the article's graphs, and of a million triples in the same model. Each pair runs in turn, so that
both meet the same noise; what is printed is each side's median, the ratio of the medians, and the bound that the
project has set itself. Run it with ``make bench``.
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

from bench.synthetic import generate

from triplomacy import queries
from triplomacy.terms import ID

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
RUNS = 7
QUESTION = "disputes/dispute-ledger"

# The shortest script that does the same: load the same files, run the same text, print the rows.
RDFLIB = """
import sys, rdflib
graph = rdflib.Graph()
for path in sys.argv[2:]:
    graph.parse(path)
for row in graph.query(open(sys.argv[1]).read()):
    print(*row)
"""


# The shortest script that does so with the engine under ours.
PYOXIGRAPH = """
import sys, pyoxigraph
store = pyoxigraph.Store()
for path in sys.argv[2:]:
    store.load(path=path, format=pyoxigraph.RdfFormat.TURTLE)
for row in store.query(open(sys.argv[1]).read()):
    print(*row)
"""


@dataclass(frozen=True)
class Pair:
    """Two commands that do the same job, and how much of the peer's time ours may take."""

    job: str
    ours: Sequence[str]
    peer: Sequence[str]
    bound: float
    runs: int = RUNS


def files() -> list[str]:
    """Return the files of the ontology and of the curated graphs."""
    found = [*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "graphs").glob("*/*.ttl")]
    return sorted(str(path) for path in found)


def million(folder: Path) -> Path:
    """Write a project with our ontology and queries and a million triples of claims, and return its folder."""
    project = folder / "million"
    graph = project / "graphs" / "synthetic"
    graph.mkdir(parents=True)
    for part in ("ontology", "queries"):
        (project / part).symlink_to(ROOT / part)
    with (graph / "synthetic.ttl").open("w", encoding="utf-8") as file:
        file.writelines(generate(1_000_000))
    return project


def merged(folder: Path, name: str, paths: Sequence[str]) -> str:
    """Write files as one in N-Triples, since pySHACL's command takes one graph, and return its path."""
    import rdflib

    graph = rdflib.Graph()
    for path in paths:
        graph.parse(path)
    target = folder / f"{name}.nt"
    graph.serialize(target, format="nt", encoding="utf-8")
    return str(target)


def pairs(folder: Path) -> list[Pair]:
    """Return the jobs to time."""
    script = folder / "plain.py"
    script.write_text(RDFLIB, encoding="utf-8")
    bare = folder / "bare.py"
    bare.write_text(PYOXIGRAPH, encoding="utf-8")
    bound = queries.bind(queries.read(ROOT / "queries" / f"{QUESTION}.rq"), {})
    text = folder / "bound.rq"  # the same text for all
    text.write_text(f"PREFIX id: <{ID}>\n{bound.text}", encoding="utf-8")
    query = str(text)
    data = merged(folder, "data", files())
    shapes = merged(folder, "shapes", [str(path) for path in (ROOT / "ontology" / "shapes").glob("*.ttl")])
    ours = str(BIN / "triplomacy")
    bulk = folder / "bulk.py"
    bulk.write_text(PYOXIGRAPH.replace("store.load", "store.bulk_load"), encoding="utf-8")  # faster with many triples
    large = million(folder)
    large_files = sorted(
        str(path) for part in ("ontology", "graphs/synthetic") for path in (large / part).glob("*.ttl")
    )
    asked = [ours, "query", QUESTION, "--format", "csv", "--project", str(large)]
    return [
        Pair("query", [ours, "query", QUESTION], [sys.executable, str(script), query, *files()], 1 / 4),
        Pair("query", [ours, "query", QUESTION], [sys.executable, str(bare), query, *files()], 3),
        Pair("million", asked, [sys.executable, str(bulk), query, *large_files], 1.1, 3),
        Pair("validate", [ours, "validate"], [str(BIN / "pyshacl"), "--advanced", "-s", shapes, data], 1 / 10),
    ]


def seconds(command: Sequence[str]) -> float:
    """Return how long a command takes as a whole process, in seconds of wall time."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stderr.decode()}{done.stdout.decode()}")
    return taken


def main() -> int:
    """Time each pair in turn and print the medians; return 1 where a bound is broken."""
    broken = 0
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip leaves what it installs, the peers among it
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'job':10}{'ours, s':>10}{'peer, s':>10}{'ratio':>8}{'bound':>8}   peer")
        for pair in pairs(Path(folder)):
            seconds(pair.ours)
            timed = [(seconds(pair.ours), seconds(pair.peer)) for _ in range(pair.runs)]
            ours, peer = (statistics.median(side) for side in zip(*timed, strict=True))
            broken += ours / peer > pair.bound
            names = {"plain.py": "rdflib script", "bare.py": "pyoxigraph script", "bulk.py": "pyoxigraph script"}
            peer_name = names.get(Path(pair.peer[1]).name, Path(pair.peer[0]).name)
            print(f"{pair.job:10}{ours:10.3f}{peer:10.3f}{ours / peer:8.3f}{pair.bound:8.3f}   {peer_name}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
