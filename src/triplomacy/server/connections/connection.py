"""Connections: uvicorn's protocol, with bounds on what a client may send, how slowly, and how slowly it may take.

A cached reply is sent from here, before anything else is done with the request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic, perf_counter
from typing import Any, ClassVar, Final, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from triplomacy.server.bounds import Bounds
from triplomacy.server.connections import clients, responses
from triplomacy.server.connections.metrics import Metrics
from triplomacy.server.connections.reply_cache import ReplyCache

_SLOWEST: Final = 8_000  # bytes a second that a client takes at least, on average
_CHUNK: Final = 262_144  # bytes that the loop reads at once; the end of a former request may be among them
_LINGER: Final = 2.0  # seconds in which what a client still sends is thrown away, so that it can read the refusal
_WAITING: Final = 64  # requests that wait on a connection for the reply to one before
UNSENT: Final = 256_000_000
"""Bytes of replies that all clients together may leave untaken; the slowest are cut off beyond that."""


class Refusal(Exception):
    """A request that is refused while it is read: the HTTP status and the reason."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Gate(Protocol):
    """What a connection needs of the server: bounds, rate limits, cached replies, metrics, and its registration."""

    bounds: Bounds
    buckets: clients.Buckets
    date: bytes
    reply_cache: ReplyCache
    metrics: Metrics
    stopping: bool
    trusted: Sequence[clients.Network]

    def admit(self, connection: Connection) -> str:
        """Register a connection; return the bound that it exceeds, or an empty string."""
        ...

    def release(self, connection: Connection) -> None:
        """Remove a connection from the register."""
        ...

    def note(self, client: str, method: str, path: bytes, status: int, size: int, started: float, by: str) -> None:
        """Record an answered request in the metrics and the log."""
        ...


class Connection(HttpToolsProtocol):
    """A connection of a client."""

    front: ClassVar[Gate]
    cycle: RequestResponseCycle | None  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.bounds = self.front.bounds
        self.deadline: float | None = None  # when this connection is given up
        self.reading_head = True
        self.begun = False  # a request has begun and is not there yet
        self.unread = 0  # bytes of a head that is not whole yet, or of a body, so far
        self.accept = b""
        self.if_none_match = b""
        self.forwarded = b""
        self.has_body = self.chunked = False
        self.answered = False  # by a kept reply
        self.refusal: Refusal | None = None
        self.untaken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or refuse it with 503 where too many are open."""
        super().connection_made(transport)
        self.peer = self.client[0] if self.client else ""
        self.deadline = monotonic() + self.bounds.head_time
        if reason := self.front.admit(self):
            self.front.metrics.refuse(reason)
            self._refuse(Refusal(503, "too many connections are open; close some, or come back in a moment"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self.front.release(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read from the client, up to the bound on a request's head."""
        if self.refusal is not None:
            return
        super().data_received(data)
        if self.reading_head and self.refusal is None:  # one header may be without an end, so that no callback sees it
            self.unread += len(data)
            if self.unread > self.bounds.head + _CHUNK:
                self._refuse(Refusal(431, f"a request's head may have {self.bounds.head:,} bytes; send less"))

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or what a callback has refused."""
        del msg
        self._refuse(self.refusal or Refusal(400, "this is not a request in HTTP/1.1"))

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.deadline = monotonic() + self.bounds.head_time
        self.started = perf_counter()
        self.accept = self.if_none_match = self.forwarded = b""
        self.has_body = self.chunked = self.answered = False
        self.begun = True
        self.unread = self.head_size = self.hosts = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        super().on_url(url)
        if len(self.url) > self.bounds.line:
            self._stop(414, f"a request's first line may have {self.bounds.line:,} bytes; send the query by POST")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        name = name.lower()
        self.head_size += len(name) + len(value) + 4
        if self.head_size > self.bounds.head:
            self._stop(431, f"a request's head may have {self.bounds.head:,} bytes; send less")
        self.headers.append((name, value))
        if name == b"accept":
            self.accept = self.accept + b", " + value if self.accept else value
        elif name == b"host":
            self.hosts += 1
        elif name == b"if-none-match":
            self.if_none_match = value
        elif name == b"x-forwarded-for":
            self.forwarded = self.forwarded + b"," + value if self.forwarded else value
        elif name == b"content-length":
            self.has_body = value != b"0"
            if value.isdigit() and int(value[:20]) > self.bounds.body:
                self._stop(413, f"a request's body may have {self.bounds.body:,} bytes; send less")
        elif name == b"transfer-encoding":
            if self.chunked or value.lower() != b"chunked":  # others could read another end of the request
                self._stop(400, "a body is sent with its length, or in chunks and in no other coding")
            self.has_body = self.chunked = True
        elif name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """Answer from the cache, or hand the request to the application."""
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._stop(505, "this server speaks HTTP/1.1")
        if self.hosts != 1 and version == "1.1":
            self._stop(400, "a request in HTTP/1.1 has one Host (RFC 9112, 3.2); send it")
        if len(self.pipeline) >= _WAITING:
            self._stop(429, f"a connection may have {_WAITING} requests that wait; send more when they are answered")
        self.reading_head = False
        self.unread = 0
        self.deadline = monotonic() + self.bounds.body_time if self.has_body else None
        if not self.has_body and self._answer_from_cache():
            self.answered = True
            return
        self.scope["state"] = {"client": self.client_address(), "target": self.url, "accept": self.accept}
        super().on_headers_complete()
        if self.cycle is not None and (self.front.stopping or self.parser.should_upgrade()):
            self.cycle.keep_alive = False  # what comes after the wish for another protocol is not read

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self.unread += len(body)
        if self.unread > self.bounds.body:
            self._stop(413, f"a request's body may have {self.bounds.body:,} bytes; send less")
        if not self.answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self.reading_head = True
        self.begun = False
        self.unread = 0
        if not self.answered:
            self.deadline = None
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Start the idle time of the connection, or send a refusal that waited for this reply."""
        was_last = not self.pipeline
        super().on_response_complete()
        self._unset_keepalive_if_required()
        if self.refusal is None:
            self.deadline = monotonic() + self.bounds.idle
        elif was_last and not self.transport.is_closing():
            self._send_refusal()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered on it."""
        return self.refusal is None and (self.cycle is None or self.cycle.response_complete)

    def shutdown(self) -> None:
        """Close the connection when the server stops; a request that has begun to arrive is still answered."""
        if not self.begun or (self.cycle is not None and not self.cycle.response_complete):
            super().shutdown()

    def pause_writing(self) -> None:
        """Start to measure how fast a slow client reads."""
        super().pause_writing()
        self.untaken = self.transport.get_write_buffer_size()
        self.taking_since = monotonic()

    def resume_writing(self) -> None:
        """Stop the measurement: the client has caught up."""
        super().resume_writing()
        self.untaken = 0

    def client_address(self) -> str:
        """Return the client's address, see `clients.client`."""
        return clients.client(self.peer, self.forwarded.decode("latin-1"), self.front.trusted)

    def _answer_from_cache(self) -> bool:
        """Answer from the cache, and tell whether there was a reply to send."""
        method = self.parser.get_method()
        if method not in (b"GET", b"HEAD") or self.pipeline:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        reply = self.front.reply_cache.get((self.url, self.accept))
        if reply is None or self.parser.should_upgrade():
            return False
        client = self.client_address()
        if self.front.buckets.take(client, clients.CHEAP):
            return False  # it is refused where everything else is
        stays = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive() and not self.front.stopping
        status, body = 200, reply.body
        if self.if_none_match and responses.matches(reply.etag.decode(), self.if_none_match.decode("latin-1")):
            status, body = 304, b""
        parts = [_STATUS[status], self.front.date, reply.head]
        if status == 200:
            parts.append(b"content-length: %d\r\n" % len(body))
        parts.append(b"\r\n" if stays else b"connection: close\r\n\r\n")
        if method == b"GET" and len(body) < 65_536:
            parts.append(body)
            self.transport.write(b"".join(parts))
        else:
            self.transport.write(b"".join(parts))
            if method == b"GET":
                self.transport.write(body)
        self.server_state.total_requests += 1
        self.front.note(client, method.decode(), self.url.partition(b"?")[0], status, len(body), self.started, "kept")
        self.deadline = monotonic() + self.bounds.idle
        if not stays:
            self.transport.close()
        return True

    def _stop(self, status: int, detail: str) -> None:
        """Refuse a request while it is parsed: the exception stops the parser."""
        self.refusal = Refusal(status, detail)
        raise self.refusal

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse a request once those before it are answered; abort the connection if its reply has begun."""
        if self.refusal is None:
            self.refusal = refusal
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if self.reading_head or not self.has_body or cycle is None:
            waits = cycle is not None and not cycle.response_complete
        elif cycle.response_complete:
            self.transport.close()
            return
        elif cycle.response_started:
            self.transport.abort()  # in the middle of a reply: it must not be taken for whole
            return
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            waiting = [queued for queued in self.pipeline if queued[0] is cycle]
            waits = bool(waiting)
            for queued in waiting:
                self.pipeline.remove(queued)
        self.deadline = None
        if not waits:
            self._send_refusal()

    def _send_refusal(self) -> None:
        """Send the refusal, and close the connection after a moment in which the client can read it."""
        assert self.refusal is not None
        self.flow.resume_reading()
        self.transport.write(_refusal_reply(self.refusal, self.front.date))
        self.front.note(self.peer, "-", b"-", self.refusal.status, 0, perf_counter(), "connection")
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.deadline = monotonic() + _LINGER

    def sweep(self, now: float) -> None:
        """Close the connection if its client is too slow, or it has been idle for too long."""
        if self.untaken and now - self.taking_since >= self.bounds.send_time:
            left = self.transport.get_write_buffer_size()
            if self.untaken - left < _SLOWEST * self.bounds.send_time:
                self.front.metrics.refuse("slow reader")
                self.transport.abort()
                return
            self.untaken, self.taking_since = left, now
        if self.untaken or self.deadline is None or now < self.deadline:
            return
        if self.refusal is not None or not self.begun:
            self.transport.close()
            return
        self.front.metrics.refuse("slow sender")
        self._refuse(Refusal(408, "the request was not there in time; send it faster"))


_STATUS: Final = {code: b"HTTP/1.1 %d %s\r\n" % (code, HTTPStatus(code).phrase.encode()) for code in (200, 304)}


def _refusal_reply(refusal: Refusal, date: bytes) -> bytes:
    phrase = HTTPStatus(refusal.status).phrase
    document = {"type": "about:blank", "title": phrase, "status": refusal.status, "detail": refusal.detail}
    body = json.dumps(document).encode() + b"\n"
    headers = b"".join(b"%s: %s\r\n" % header for header in responses.SECURITY)
    retry = b"retry-after: 5\r\n" if refusal.status in (429, 503) else b""
    return (
        b"HTTP/1.1 %d %s\r\n%s%s%scontent-type: application/problem+json\r\ncache-control: no-store\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n%s"
    ) % (refusal.status, phrase.encode(), date, headers, retry, len(body), body)
