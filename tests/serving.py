"""A real server for the tests: ``triplomacy serve`` in a process of its own, on a port that is free."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class Reply(NamedTuple):
    """What a server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body in UTF-8."""
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        url: where it listens, without a slash at its end.
        base: the address that it says clients use, without a slash at its end.
        process: its process.
        log: what it says on standard error.
    """

    url: str
    base: str
    process: subprocess.Popen[bytes]
    log: IO[str]

    @property
    def said(self) -> str:
        """What it has said to its operator."""
        self.log.seek(0)
        return self.log.read()

    def get(self, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Reply:
        """Return the reply to one request; redirects are not followed.

        Args:
            path: the path and query, as they go over the wire.
            accept: the header; None sends none.
            method: the method.
            headers: other headers, underscores for hyphens.
        """
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, path, headers=sent | ({} if accept is None else {"Accept": accept}))
            answer = connection.getresponse()
            body = answer.read()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)

    def follow(self, path: str, accept: str | None = None) -> Reply:
        """Return what a path leads to by one redirect of this server."""
        reply = self.get(path, accept)
        assert reply.status == 303, (path, reply)
        location = reply.headers["location"]
        assert location.startswith(self.base + "/")
        return self.get(location.removeprefix(self.base), accept)


@contextmanager
def serving(*options: str, project: Path = ROOT) -> Iterator[Served]:
    """Run ``triplomacy serve`` with options while the block runs, without a bound on how often one may ask."""
    port = _free_port()
    command = [sys.executable, "-m", "triplomacy", "serve", "--project", str(project), "--port", str(port)]
    command += ["--no-log", "--rate", "0", *options]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        _ended(subprocess.Popen(command, stderr=said)) as process,
    ):
        base = _ready(process, said)
        yield Served(f"http://127.0.0.1:{port}", base, process, said)


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _ready(process: subprocess.Popen[bytes], said: IO[str]) -> str:
    """Return the address that the server says it serves at, once it does."""
    while process.poll() is None:
        said.seek(0)
        if found := re.search(r" serves .* at (http\S+)/\n", said.read()):
            return found[1]
        time.sleep(0.02)
    said.seek(0)
    raise AssertionError(f"it ended: {said.read()}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
