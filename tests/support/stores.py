"""Real stores for tests, each a process of its own on the loopback address, with a folder and ports of its own."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from triplomacy import queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.queries import federation
from triplomacy.sparql import services

CAP = 1_000  # rows that Virtuoso gives at a time here: fewer than our largest graph has


VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[Parameters]
ServerPort = 127.0.0.1:{internal}
DirsAllowed = {allowed}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
[SPARQL]
ResultSetMaxRows = {rows}
[Client]
"""


@dataclass(frozen=True)
class Running:
    """A store that runs: its name, where it is asked and written, and the environment with its credentials."""

    name: str
    query: str
    update: str
    graphs: str
    environment: dict[str, str]


def answerable(query: queries.StoredQuery, dataset: Dataset, wikidata: str) -> str:
    """Return a stored query with its default values, but that *wikidata* stands in for Wikidata and has been asked."""
    if not services.clauses(query.text):
        return queries.bind(query, {}, dataset).text
    bound = queries.bind(query, {"service": wikidata}, dataset)
    return federation.Services((wikidata,)).inline_answers(dataset, bound.text)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, below those that connections are given."""
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", random.randrange(15_000, 32_000))) as listening:
            return int(listening.getsockname()[1])


def answers(url: str) -> bool:
    """Tell whether something answers there."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


@contextmanager
def started(command: list[str], url: str, folder: Path) -> Iterator[None]:
    """Run a server until the block ends, from when it answers at *url*."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            deadline = time.monotonic() + 90
            while not answers(url):
                assert process.poll() is None, (folder / "server.log").read_text(errors="replace")
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def oxigraph(folder: Path) -> Iterator[Running]:
    """Run Oxigraph's server from the Python index, its data in memory."""
    program = Path(sys.executable).parent / "oxigraph"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with started([str(program), "serve", "--bind", f"127.0.0.1:{port}"], f"{base}/query?query=ASK%7B%7D", folder):
        yield Running("oxigraph", f"{base}/query", f"{base}/update", f"{base}/store", {})


@contextmanager
def virtuoso(folder: Path) -> Iterator[Running]:
    """Run Debian's Virtuoso; skip where it is absent, but fail where ``CI`` is ``true``."""
    program = shutil.which("virtuoso-t")
    if program is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("there is no virtuoso-t: make system-packages")
    port = free_port()
    places = {"folder": folder, "allowed": folder, "internal": free_port(), "port": port}
    settings = VIRTUOSO.format(**places, buffers=10_000, dirty=6_000, rows=CAP)
    (folder / "virtuoso.ini").write_text(settings)
    base = f"http://127.0.0.1:{port}"
    command = [str(program), "-f", "-c", str(folder / "virtuoso.ini")]
    with started(command, f"{base}/sparql?query=ASK%7B%7D", folder):
        login = {"TRIPLOMACY_USER": "dba", "TRIPLOMACY_PASSWORD": "dba"}
        graphs = f"{base}/sparql-graph-crud-auth"
        yield Running("virtuoso", f"{base}/sparql", f"{base}/sparql-auth", graphs, login)
