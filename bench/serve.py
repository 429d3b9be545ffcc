"""Our server beside two others, on the same graphs, with wrk on the loopback address.

Ours has every limit and policy on; its rate for one client is one that a benchmark, which is one client, cannot reach.
Each job runs in turn on each server, so that all meet the same noise; what is printed is the median of the rounds, the
ratio to rdflib-endpoint, and the bound that the project has set itself. Run it with ``make bench-serve``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

import pyoxigraph as ox

from tests.support.serving import children
from tests.support.stores import answers, free_port
from triplomacy import dataset, queries
from triplomacy.terms import PREFIXES

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
CONNECTIONS: Final = 16

SMALL: Final = (
    "PREFIX tri: <https://w3id.org/triplomacy/ontology#> "
    "SELECT ?claim ?stance WHERE "
    "{ ?claim tri:claimant <https://w3id.org/triplomacy/id/russia> ; tri:stance ?stance }"
)
# wrk runs the script once a thread; the number makes each query another one, which no cache has.
VARIED: Final = """
local number = SEED
local before, after = "{before}", "{after}"
request = function()
  number = number + 1
  return wrk.format("GET", before .. number .. after, {{["Accept"] = "{accept}"}})
end
"""
FIXED: Final = """
wrk.headers["Accept"] = "{accept}"
"""
CHOSEN: Final = """
local targets = {{ {targets} }}
local number = 0
request = function()
  number = number % #targets + 1
  return wrk.format("GET", targets[number], {{["Accept"] = "{accept}"}})
end
"""
JSON: Final = "application/sparql-results+json"


@dataclass(frozen=True)
class Server:
    """A server that runs: its name, its address, the path of its endpoint, its process."""

    name: str
    base: str
    path: str
    process: subprocess.Popen[bytes]

    def target(self, text: str) -> str:
        """Return path and query of a GET of a query."""
        return f"{self.path}?query={quote(text, safe='')}"


@dataclass(frozen=True)
class Job:
    """What is asked again and again.

    Attributes:
        name: what it is called.
        script: for wrk, by the name of the server; none for a server that is not asked.
        targets: the first target, by the name of the server.
        bound: how many times the requests of rdflib-endpoint ours has to answer, 0 for the record.
    """

    name: str
    script: dict[str, str]
    targets: dict[str, str]
    bound: float = 0.0


@dataclass(frozen=True)
class Figures:
    """What wrk has measured: requests a second, the latency of half and of 99 in 100 in milliseconds, failures."""

    rate: float
    median: float
    slow: float
    failed: int


@contextmanager
def started(name: str, command: Sequence[str], base: str, path: str) -> Iterator[Server]:
    """Run a server until the block ends, from when it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not answers(f"{base}{path}?query=ASK%7B%7D"):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{name} does not start: {' '.join(command)}")
            time.sleep(0.05)
        yield Server(name, base, path, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def ours(*options: str) -> tuple[str, list[str], str, str]:
    """Return how our server is started."""
    port = free_port()
    rates = ["--rate", "100000000", "--burst", "100000000"]
    command = [str(BIN / "triplomacy"), "serve", "--port", str(port), *rates, *options]
    return "triplomacy", command, f"http://127.0.0.1:{port}", "/sparql"


def peer(data: Path) -> tuple[str, list[str], str, str]:
    """Return how rdflib-endpoint is started."""
    port = free_port()
    command = [str(BIN / "rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]
    return "rdflib-endpoint", command, f"http://127.0.0.1:{port}", "/"


def oxigraph() -> tuple[str, list[str], str, str]:
    """Return how Oxigraph's server is started, without its time limit, with which it aborts."""
    port = free_port()
    command = [str(BIN / "oxigraph"), "serve", "--bind", f"127.0.0.1:{port}"]
    return "oxigraph serve", command, f"http://127.0.0.1:{port}", "/query"


def union(folder: Path) -> Path:
    """Write the default graph of our project to one file, and return it."""
    store = dataset.load_graphs(dataset.find_project()).store
    target = folder / "union.ttl"
    with target.open("wb") as file:
        store.dump(file, ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    return target


def upload(server: Server, data: Path) -> None:
    """Put the graph into Oxigraph."""
    request = urllib.request.Request(f"{server.base}/store?default", data.read_bytes(), method="PUT")
    request.add_header("Content-Type", "text/turtle")
    with urllib.request.urlopen(request):
        pass


def jobs(servers: Sequence[Server]) -> list[Job]:
    """Return what is measured."""
    names = {server.name: server for server in servers}
    repeated = {name: server.target(SMALL) for name, server in names.items()}
    return [
        Job("repeated", dict.fromkeys(names, FIXED.format(accept=JSON)), repeated, 6.0),
        Job("varied", {name: varied(server) for name, server in names.items()}, repeated, 2.0),
        stored(names),
    ]


def varied(server: Server) -> str:
    """Return a script that asks the small query each time with another number in it."""
    before, after = server.target(SMALL.replace("?stance }", "?stance FILTER(?stance != 'NUMBER') }")).split("NUMBER")
    return VARIED.format(before=before, after=after, accept=JSON)


SEEDS: Final = itertools.count(1_000_000_000, 10_000_000)


def seeded(script: str) -> str:
    """Return a script that begins with a number that no other has come to."""
    return script.replace("SEED", str(next(SEEDS)))


def stored(names: dict[str, Server]) -> Job:
    """Return the job of a stored query for each value that its parameter may have, bound for those that have none."""
    project = dataset.find_project()
    query = queries.find(project, "who-recognises")
    graphs = dataset.load(project)
    classes = "tri:State, tri:ClaimedState, tri:Ballot"
    rows = graphs.select(f"SELECT ?each {{ ?each a ?class FILTER(?class IN ({classes})) }} ORDER BY ?each")
    values = [str(row["each"].value) for row in rows]
    heads = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    texts = [heads + queries.bind(query, {"recognised": value}, graphs).text for value in values]
    texts = [re.sub(r"(?m)^#.*\n", "", text) for text in texts]
    targets = {name: [server.target(text) for text in texts] for name, server in names.items()}
    targets["triplomacy"] = [f"/queries/who-recognises?recognised={quote(value, safe='')}" for value in values]
    scripts = {
        name: CHOSEN.format(targets=", ".join(map(json.dumps, several)), accept=JSON)
        for name, several in targets.items()
    }
    return Job("stored", scripts, {name: several[0] for name, several in targets.items()}, 4.0)


def measure(server: Server, job: Job, folder: Path, seconds: int) -> Figures:
    """Run a job on a server and return what wrk says; a failed request is one that is not answered with 200."""
    script = folder / "job.lua"
    script.write_text(seeded(job.script[server.name]), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script)]
    done = subprocess.run(
        [*command, server.base + job.targets[server.name]], capture_output=True, text=True, check=True
    )
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    failed = sum(map(int, re.findall(r"(?:Non-2xx or 3xx responses: |timeout |read |connect )(\d+)", done.stdout)))
    return Figures(float(rate[1]) if rate else 0.0, _latency(done.stdout, "50"), _latency(done.stdout, "99"), failed)


def _latency(text: str, share: str) -> float:
    found = re.search(rf"\b{share}%\s+([\d.]+)(us|ms|s)", text)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else float("nan")


def figures(
    servers: Sequence[Server], folder: Path, rounds: int, seconds: int
) -> Iterator[tuple[Job, dict[str, list[Figures]]]]:
    """Measure each job on each server in turn, and yield it with the figures of each by its name."""
    for job in jobs(servers):
        taken: dict[str, list[Figures]] = {}
        for _ in range(rounds):
            for server in servers:
                if server.name in job.script:
                    taken.setdefault(server.name, []).append(measure(server, job, folder, seconds))
        yield job, taken


def compare(servers: Sequence[Server], folder: Path, rounds: int, seconds: int) -> int:
    """Measure each job on each server, print the medians, and return how many bounds are broken."""
    broken = 0
    print(f"{'job':10}{'server':18}{'requests/s':>12}{'50 %, ms':>10}{'99 %, ms':>10}{'failed':>8}{'ratio':>8}  bound")
    for job, taken in figures(servers, folder, rounds, seconds):
        medians = {name: statistics.median(each.rate for each in several) for name, several in taken.items()}
        for name, several in taken.items():
            ratio = medians[name] / medians["rdflib-endpoint"]
            bound = job.bound if name == "triplomacy" else 0.0
            failed = sum(each.failed for each in several)
            middle = statistics.median(each.median for each in several)
            slow = statistics.median(each.slow for each in several)
            line = f"{job.name:10}{name:18}{medians[name]:12,.0f}{middle:10.2f}{slow:10.2f}{failed:8}{ratio:8.2f}"
            print(line + (f"{bound:7.1f}" if bound else ""))
            broken += (ratio < bound or failed > 0) and name == "triplomacy"
    return broken


def resident(process: int) -> int:
    """Return the bytes in memory of a process and all its descendants; what they share counts for each."""
    own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return own + sum(map(resident, children(process)))


def memory(server: Server, folder: Path) -> int:
    """Print the memory after 10,000 and 100,000 requests, each another one; return 1 where it grows by over 5 %."""
    script = folder / "memory.lua"
    done, after = 0, []
    for goal in (10_000, 100_000):
        while done < goal:
            script.write_text(seeded(varied(server)), encoding="utf-8")
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d2s", "-s", str(script), server.base + server.target(SMALL)]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found = re.search(r"(\d+) requests in", output)
            done += int(found[1]) if found else 0
        time.sleep(2)  # a worker that has been replaced may still be there
        after.append((done, resident(server.process.pid)))
    growth = after[1][1] / after[0][1] - 1
    for count, size in after:
        print(f"memory    {count:,} requests: {size / 1e6:.1f} MB")
    print(f"memory    growth {growth:.1%}, bound 5 %")
    return int(growth > 0.05)


START: Final = """
import sys, pyoxigraph
store = pyoxigraph.Store()
for path in sys.argv[1:]:
    store.load(path=path, format=pyoxigraph.RdfFormat.TURTLE)
"""


def start(folder: Path, rounds: int) -> int:
    """Print how long our server takes until it answers, beside Python that loads the same; return 1 from 1 s on."""
    script = folder / "start.py"
    script.write_text(START, encoding="utf-8")
    project = dataset.find_project()
    files = [str(path) for paths in project.files().values() for path in paths]
    taken, bare = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run([sys.executable, str(script), *files], check=True)
        bare.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with started(*ours()):
            taken.append(time.perf_counter() - begun)
    mine, other = statistics.median(taken), statistics.median(bare)
    print(
        f"start     {mine:.2f} s until it answers; Python that loads the same {other:.2f} s; ratio {mine / other:.1f}"
    )
    return int(mine >= 1)


def main() -> int:
    """Measure; return 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", choices=("rates", "memory", "start"))
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("there is no wrk: make system-packages")
    broken = 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        if options.only in (None, "start"):
            broken += start(folder, options.rounds)
        if options.only in (None, "rates"):
            data = union(folder)
            servers = [stack.enter_context(started(*each)) for each in (ours(), peer(data), oxigraph())]
            upload(servers[2], data)
            broken += compare(servers, folder, options.rounds, options.seconds)
        if options.only in (None, "memory"):
            broken += memory(stack.enter_context(started(*ours())), folder)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
