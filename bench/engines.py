"""Engines that have a graph and answer, each a process of its own: ours and the one under it, and three peers."""

from __future__ import annotations

import csv
import io
import json
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from bench import peers
from bench.answering import digest
from bench.measuring import ROOT, VARIABLES, Unavailable

from tests.support.stores import VIRTUOSO, answers, free_port

WORKER: Final = ROOT / "bench" / "answering.py"
GRAPH: Final = "https://w3id.org/triplomacy/graph/synthetic"

Reply = Mapping[str, Any]


class Engine(Protocol):
    """What answers: `ask` gives the seconds and, with *hash*, the number of rows and their hash, or the error."""

    def ask(self, who: str, limit: float, **asked: Any) -> Reply:
        """Return the reply to a query."""
        ...

    def megabytes(self) -> float:
        """Return the peak of its memory so far."""
        ...


def peak(process: int) -> float:
    """Return the peak of the memory of a process in megabytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


@dataclass
class Worker:
    """A process of ``bench/answering.py``."""

    process: subprocess.Popen[str]
    dead: str = ""
    loaded: float = 0.0  # seconds

    def read(self, limit: float) -> Reply:
        """Return the next line, or the error that there is none in time; then the process is ended."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            ready = waiting.select(limit)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            self.dead = f"it took more than {limit:.0f} s" if not ready else f"it ended: {self.process.wait()}"
            return {"error": self.dead}
        reply: Reply = json.loads(line)
        return reply

    def ask(self, who: str, limit: float, **asked: Any) -> Reply:
        """Return the reply to a query."""
        if self.dead:
            return {"error": "it had ended before"}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"who": who, "limit": limit, **asked}) + "\n")
        self.process.stdin.flush()
        return self.read(limit + 30)

    def megabytes(self) -> float:
        """Return the peak of its memory so far."""
        return peak(self.process.pid) if not self.dead else float("nan")


@contextmanager
def worker(engine: str, *arguments: str, python: str = sys.executable, limit: float = 600) -> Iterator[Worker]:
    """Run an engine until the block ends, from when it has its graph.

    Raises:
        Unavailable: it does not come so far.
    """
    command = [python, str(WORKER), engine, *arguments]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, env=VARIABLES, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        started = Worker(process)
        try:
            reply = started.read(limit)
            started.loaded = reply.get("loaded", 0.0)
            if "error" in reply:
                errors.seek(0)
                raise Unavailable(f"{engine} does not start: {started.dead} {errors.read()[-300:]}")
            yield started
        finally:
            process.kill()
            process.wait()


def oxigraph(data: Path) -> Any:
    """Return a process with our code and, for ``pyoxigraph``, the engine under it, on the same store."""
    return worker("oxigraph", str(data), str(ROOT))


def rdflib(data: Path) -> Any:
    """Return a process with rdflib."""
    return worker("rdflib", str(data))


def jena(data: Path) -> Any:
    """Return a process with Jena in one warm Java machine.

    Raises:
        Unavailable: Jena is not installed, or JPype, by which Python drives it, cannot be.
    """
    home = peers.HOME / "jpype"
    python = home / "bin" / "python"
    if not python.exists() or subprocess.run([str(python), "-c", "import jpype"], check=False).returncode:
        venv.create(home, with_pip=True)
        command = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "JPype1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"pip cannot install JPype1: {done.stderr.strip().splitlines()[-1]}")
    return worker("jena", str(data), peers.jena_classes(), python=str(python))


@dataclass
class Virtuoso:
    """Virtuoso, as a server with a folder of its own."""

    process: subprocess.Popen[bytes]
    port: int
    internal: int

    def sql(self, text: str, limit: float = 600) -> None:
        """Run statements by its own client.

        Raises:
            Unavailable: they fail.
        """
        command = [str(shutil.which("isql-vt")), f"127.0.0.1:{self.internal}", "dba", "dba", f"exec={text}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        if done.returncode or "*** Error" in done.stdout + done.stderr:
            raise Unavailable(f"Virtuoso: {(done.stdout + done.stderr)[-300:]}")

    def load(self, data: Path) -> float:
        """Load N-Quads by its bulk loader, with a checkpoint, and return the seconds."""
        self.sql(f"ld_dir('{data.parent}', '{data.name}', '{GRAPH}');")
        start = time.perf_counter()
        self.sql("rdf_loader_run(); checkpoint;")
        return time.perf_counter() - start

    def ask(self, who: str, limit: float, **asked: Any) -> Reply:
        """Return the reply to a query, over HTTP as CSV, read to its end and only then parsed."""
        del who
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(self._address(asked["text"]), timeout=limit) as reply:
                text = reply.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            return {"error": " ".join(error.read().decode("utf-8", "replace").split())[:300]}
        except OSError as error:
            return {"error": str(error) or "no reply in time"}
        seconds = time.perf_counter() - start
        if not asked.get("hash"):
            return {"seconds": seconds}
        number, sha256 = digest(list(csv.reader(io.StringIO(text)))[1:])
        return {"seconds": seconds, "rows": number, "sha256": sha256}

    def rows(self, text: str) -> list[list[str]]:
        """Return the rows of an answer."""
        with urllib.request.urlopen(self._address(text)) as reply:
            return list(csv.reader(io.StringIO(reply.read().decode("utf-8"))))[1:]

    def _address(self, text: str) -> str:
        parts = {"query": text, "default-graph-uri": GRAPH, "format": "text/csv"}
        return f"http://127.0.0.1:{self.port}/sparql?{urllib.parse.urlencode(parts)}"

    def megabytes(self) -> float:
        """Return the peak of its memory so far."""
        return peak(self.process.pid)


@contextmanager
def virtuoso(allowed: Path) -> Iterator[Virtuoso]:
    """Run an empty Virtuoso until the block ends, which may load files from a folder.

    Raises:
        Unavailable: it is not installed, or does not start.
    """
    program = shutil.which("virtuoso-t")
    if program is None or shutil.which("isql-vt") is None:
        raise Unavailable("Debian's virtuoso-opensource is not installed; say make system-packages")
    with tempfile.TemporaryDirectory() as name:
        port, internal = free_port(), free_port()
        places = {"folder": name, "allowed": allowed, "internal": internal, "port": port}
        text = VIRTUOSO.format(**places, buffers=170_000, dirty=130_000, rows=10_000_000)
        settings = Path(name, "virtuoso.ini")
        settings.write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [program, "-f", "-c", str(settings)], cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 90
            while not answers(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable("Virtuoso does not start")
                time.sleep(0.1)
            yield Virtuoso(process, port, internal)
        finally:
            process.kill()  # its folder goes with it
            process.wait()


def virtuoso_version() -> dict[str, str]:
    """Return which Virtuoso there is, if there is one."""
    program = shutil.which("virtuoso-t")
    if program is None:
        return {}
    told = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
    found = re.search(r"Version ([\d.]+)", told.stdout + told.stderr)
    return {"Virtuoso": found[1] if found else "?"}
