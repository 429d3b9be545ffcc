"""A stored query on an endpoint beside the bare SPARQLWrapper script, as whole processes.

Both ask Oxigraph's server on the loopback address, which has our graphs, the same text about the same graphs, and print
the rows. They run in turn, so that both meet the same noise; what is printed is each side's median, the ratio of the
medians, and the bound that the project has set itself. Run it with ``make bench-remote``.
"""

from __future__ import annotations

import compileall
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folders and not in them

from bench.measuring import ROOT, measured

from tests.support import stores
from triplomacy import build, queries, remote
from triplomacy.dataset import Project, load
from triplomacy.publish import push_pull

RUNS = 41
BOUND = 1.3
QUESTIONS = ("who-recognises", "dispute-ledger", "who-claims-what")

BARE = """
import sys
from SPARQLWrapper import JSON, SPARQLWrapper

wrapper = SPARQLWrapper(sys.argv[1])
wrapper.setQuery(open(sys.argv[2]).read())
wrapper.setReturnFormat(JSON)
for graph in sys.argv[3:]:
    wrapper.addParameter("default-graph-uri", graph)
found = wrapper.queryAndConvert()
columns = found["head"]["vars"]
print(*columns, sep="\\t")
for row in found["results"]["bindings"]:
    print(*(row[name]["value"] if name in row else "" for name in columns), sep="\\t")
"""


def figures(runs: int) -> Iterator[tuple[str, str, float, float]]:
    """Time each question in turn with its peer, and yield question, form and the medians of both in seconds."""
    project = Project(ROOT)
    with tempfile.TemporaryDirectory() as name, stores.oxigraph(Path(name)) as store:
        push_pull.push(build.graphs(project), push_pull.store(store.query))
        folder = Path(name)
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        for question in QUESTIONS:
            (folder / question).write_text(
                queries.bind(queries.find(project, question), {}, load(project)).text, encoding="utf-8"
            )
            graphs = remote.our_graphs(project.graph_names())
            bare = [sys.executable, str(folder / "bare.py"), store.query, str(folder / question), *graphs]
            for form in ("table", "csv"):
                program = str(Path(sys.executable).parent / "triplomacy")
                ours = [program, "query", question, "--endpoint", store.query, "--format", form]
                seconds(ours)
                timed = [(seconds(ours), seconds(bare)) for _ in range(runs)]
                mine, theirs = (statistics.median(side) for side in zip(*timed, strict=True))
                yield question, form, mine, theirs


def seconds(command: Sequence[str]) -> float:
    """Return how long a command takes as a whole process, in seconds of wall time; end where it fails."""
    run = measured(command)
    if run.code:
        sys.exit(f"{command[0]} ended with {run.code}:\n{run.errors}{run.output}")
    return run.seconds


def main() -> int:
    """Print the medians of each question and its peer; return 1 where the bound is broken."""
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip leaves what it installs, the peer among it
    broken = 0
    print(f"{'question':18}{'form':8}{'ours, s':>10}{'bare, s':>10}{'ratio':>8}{'bound':>8}")
    for question, form, mine, theirs in figures(RUNS):
        broken += mine / theirs > BOUND
        print(f"{question:18}{form:8}{mine:10.3f}{theirs:10.3f}{mine / theirs:8.2f}{BOUND:8.2f}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
