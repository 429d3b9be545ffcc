"""Our own server for tests: a process on the loopback address, with the limits that a test gives it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
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

    def json(self) -> Any:
        """Return the content of a document in JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        process: of the server; its workers are further down.
        port: that it listens on.
        log: the file with a line for each request.
        remarks: the file with what it says to its operator.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    remarks: Path
    prefix: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

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
            connection.putrequest(method, self.prefix + target, skip_accept_encoding=True)
            for name, value in {**self.headers, **(headers or {})}.items():
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

    def said(self) -> str:
        """Return what it has said to its operator."""
        return self.remarks.read_text(encoding="utf-8")

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
def serving(*options: str, folder: Path | None = None) -> Iterator[Served]:
    """Run our server until the block ends, from when it answers; a test that does not say so has no limit on its rate.

    Args:
        options: of ``triplomacy serve``.
        folder: for its log; a temporary one if none is given.
    """
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        log, remarks = place / "access.log", place / "remarks.log"
        rate = [] if "--rate" in options else ["--rate", "0"]
        command = [sys.executable, "-m", "triplomacy", "serve", "--port", "0", *rate, *options]
        with log.open("wb") as out, remarks.open("wb") as err:
            process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT, env=os.environ | {"COLUMNS": "100"})
        try:
            until(lambda: process.poll() is not None or b" at http" in remarks.read_bytes(), "the server has started")
            found = re.search(r" on port (\d+)", remarks.read_text(encoding="utf-8"))
            assert found is not None, remarks.read_text(encoding="utf-8")
            base = urlsplit(re.findall(r" at (http\S+)", remarks.read_text(encoding="utf-8"))[0])
            yield Served(process, int(found[1]), log, remarks, base.path.rstrip("/"))
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
