"""Servers on the loopback address that answer as a test says: late, wrongly, partly or not at all."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

ROWS = b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}]}}'
JSON = "application/sparql-results+json"


class Seen(NamedTuple):
    """A request as a stand-in has seen it; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> str:
        """The SPARQL of a query by the Protocol."""
        given = self.body.decode() if self.method == "POST" else urlsplit(self.path).query
        return parse_qs(given).get("query", [""])[0]


class Request(BaseHTTPRequestHandler):
    """One request, to be answered."""

    protocol_version = "HTTP/1.1"
    standin: Standin
    body = b""

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.standin.seen.append(Seen(self.command, self.path, headers, self.body))
        self.close_connection = True
        self.standin.answer(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Return what answers a method: each is answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    @property
    def number(self) -> int:
        """Which request this is, counted from 1."""
        return len(self.standin.seen)

    @property
    def seen(self) -> Seen:
        """This request."""
        return self.standin.seen[-1]

    def reply(self, body: bytes = ROWS, kind: str = JSON, status: int = 200, **headers: str) -> None:
        """Answer at once, with a Content-Length; in the names of *headers*, ``_`` stands for ``-``."""
        self.head(kind, status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def head(self, kind: str = JSON, status: int = 200, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Standin:
    """A stand-in that runs: where, and what it has been asked."""

    url: str
    answer: Callable[[Request], None]
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def standing_in(answer: Callable[[Request], None], certificate: Path | None = None) -> Iterator[Standin]:
    """Run a server whose requests *answer* answers; with a *certificate*, which has its key in it, by HTTPS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answered", (Request,), {}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that go away are part of the tests
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    standin = Standin(f"http{'s' * bool(certificate)}://127.0.0.1:{server.server_port}/sparql", answer)
    server.RequestHandlerClass.standin = standin  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Answer = Callable[[Request], None]


def dripping(*, body: bool) -> Answer:
    """Return what sends a byte now and then, each soon enough, of a header or of a body that does not end."""

    def answer(request: Request) -> None:
        if body:
            request.head(Content_Length="100000")
        else:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(600):
            request.wfile.write(b" ")
            time.sleep(0.05)

    return answer
