"""Our own server for tests: a process on the loopback address, with the limits that a test gives it."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds until a test gives up


@dataclass(frozen=True)
class Reply:
    """What the server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> Any:
        """Return the content of a document in JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        process: of the server; its workers are further down.
        port: that it listens on.
        base: the address that it says clients use, without a slash at its end.
        log: the file with a line for each request.
        remarks: the file with what it says to its operator.
    """

    process: subprocess.Popen[bytes]
    port: int
    base: str
    log: Path
    remarks: Path

    @property
    def url(self) -> str:
        """Where it listens, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it has said to its operator."""
        return self.remarks.read_text(encoding="utf-8")

    def get(self, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Reply:
        """Return the reply to one request; redirects are not followed.

        Args:
            path: the path and query, as they go over the wire.
            accept: the header; None sends none.
            method: the method.
            headers: other headers, underscores for hyphens.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(path, sent | ({} if accept is None else {"Accept": accept}), method=method)

    def follow(self, path: str, accept: str | None = None) -> Reply:
        """Return what a path leads to by one redirect of this server."""
        reply = self.get(path, accept)
        assert reply.status == 303, (path, reply)
        location = reply.headers["location"]
        assert location.startswith(self.base + "/")
        return self.get(location.removeprefix(self.base), accept)

    def ask(
        self,
        target: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        source: str = "127.0.0.1",
        timeout: float = PATIENCE,
    ) -> Reply:
        """Return the reply to one request; *source* is the loopback address that it comes from."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout, source_address=(source, 0))
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def query(self, text: str, accept: str | None = None, *, more: str = "", source: str = "127.0.0.1") -> Reply:
        """Return the reply to a query by GET; *more* is added to the address."""
        headers = {} if accept is None else {"Accept": accept}
        return self.ask(f"/sparql?query={quote(text, safe='')}{more}", headers, source=source)

    def raw(self, sent: bytes, *, timeout: float = 10) -> bytes:
        """Send bytes on a connection of their own and return all that comes back until it is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as connection:
            connection.sendall(sent)
            parts = []
            try:
                while part := connection.recv(65_536):
                    parts.append(part)
            except (TimeoutError, ConnectionResetError):
                pass
            return b"".join(parts)

    def metric(self, name: str) -> float:
        """Return the sum of the samples of a number that the server counts."""
        lines = self.ask("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"triplomacy_{name}[ {{]", line))

    def sha256(self) -> str:
        """Return the hash of the graphs that are served at the moment."""
        found = re.search(r'dataset_info\{sha256="(\w+)"', self.ask("/metrics").text)
        assert found is not None
        return found[1]

    def workers(self) -> list[int]:
        """Return the numbers of the processes that answer."""
        return [child for template in children(self.process.pid) for child in children(template)]

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the access log, once those of all requests so far are there."""
        time.sleep(0.5)
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def children(process: int) -> list[int]:
    """Return the numbers of the processes that a process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            state, parent = status.rpartition(")")[2].split()[:2]
            if int(parent) == process and state != "Z":
                found.append(int(folder.name))
    return sorted(found)


def until(holds: Any, what: str) -> None:
    """Wait until something holds; *what* says it."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not yet: {what}"
        time.sleep(0.02)


@contextmanager
def serving(*options: str, project: Path = ROOT, folder: Path | None = None) -> Iterator[Served]:
    """Run our server until the block ends, from when it answers; without ``--rate`` one may ask as often as one likes.

    Args:
        options: of ``triplomacy serve``.
        project: whose graphs are served.
        folder: for what it prints; a temporary one if none is given.
    """
    with tempfile.TemporaryDirectory() as temporary:
        log, remarks = ((folder or Path(temporary)) / name for name in ("access.log", "remarks.log"))
        rate = [] if "--rate" in options else ["--rate", "0"]
        command = [sys.executable, "-m", "triplomacy", "serve", "--project", str(project), "--port", "0"]
        with log.open("wb") as out, remarks.open("wb") as err:
            process = subprocess.Popen([*command, *rate, *options], stdout=out, stderr=err)
        try:
            port, base = _ready(process, remarks)
            yield Served(process, port, base, log, remarks)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(process: subprocess.Popen[bytes], remarks: Path) -> tuple[int, str]:
    """Return the port and the address that the server says it serves at, once it does."""

    def said() -> re.Match[str] | None:
        return re.search(r" serves .* on port (\d+) at (http\S+)/\n", remarks.read_text(encoding="utf-8"))

    until(lambda: process.poll() is not None or said(), "the server has started")
    found = said()
    assert found is not None, remarks.read_text(encoding="utf-8")
    return int(found[1]), found[2]
