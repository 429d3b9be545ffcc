"""The entry point of all requests: the graphs served now, cached replies, limits on clients, metrics and the log."""

from __future__ import annotations

import asyncio
import json
import math
import os
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from time import monotonic, perf_counter
from typing import Any, Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from triplomacy.console import remark
from triplomacy.server.connections import clients, responses
from triplomacy.server.connections.connection import UNSENT, Connection
from triplomacy.server.connections.log import Log
from triplomacy.server.connections.metrics import CONTENT_TYPE, Metrics
from triplomacy.server.connections.reply_cache import ReplyCache
from triplomacy.server.connections.responses import Problem
from triplomacy.server.connections.settings import Settings
from triplomacy.server.workers.pool import Pool
from triplomacy.server.workers.served import ServedGraphs


@dataclass(eq=False, slots=True)
class Generation:
    """One loading of the graphs: the graphs, their workers and application, and how many requests still use them."""

    loaded: ServedGraphs
    pool: Pool
    app: Starlette
    users: int = 0
    retired: bool = False


class Front:
    """The ASGI application around that of the graphs: rate limits, headers of every reply, cache, metrics and log."""

    def __init__(self, settings: Settings, generation: Generation) -> None:
        self.settings = settings
        self.bounds = settings.bounds
        self.trusted = settings.trusted
        self.generation = generation
        self.buckets = clients.Buckets(self.bounds.rate, self.bounds.burst)
        self.reply_cache = ReplyCache(self.bounds.cache)
        self.metrics = Metrics()
        self.log = Log(os.fdopen(os.dup(1), "w", encoding="utf-8") if settings.log else None)
        self.headers = [*responses.SECURITY, *(() if settings.texts else responses.SHARED)]
        self.stopping = False
        self.ended: Counter[int] = Counter()
        self.connections: set[Connection] = set()
        self._of_peer: Counter[str] = Counter()
        self._tasks: set[asyncio.Future[Any]] = set()
        self.date = b""
        self.tick()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the graphs served now, which are kept until it is answered."""
        generation = self.generation
        generation.users += 1
        try:
            await self._answer(generation, scope, receive, send)
        finally:
            generation.users -= 1
            if generation.retired and not generation.users:
                self.run_beside(self._discard(generation))

    async def _answer(self, generation: Generation, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        state, path, method = scope["state"], scope["path"], scope["method"]
        prefix = generation.loaded.prefix
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            scope["path"] = path.removeprefix(prefix) or "/"
        reply = _ReplyRecorder(send, self.headers, method)
        wait = 0.0 if scope["path"] == "/health" else self.buckets.take(state["client"])
        try:
            if wait:
                self.metrics.refuse("rate")
                await self._too_fast(wait)(scope, receive, reply)
            elif method == "OPTIONS":
                await _options(generation.app, scope)(scope, receive, reply)
            elif not scope["path"].isprintable():  # no IRI of ours has such a character
                unknown = Problem(404, f"no such address: {scope['path'][:100]!a}")
                await responses.problem("", unknown)(scope, receive, reply)
            elif scope["path"] in _OWN and method in ("GET", "HEAD"):
                await _OWN[scope["path"]](self, generation, scope)(scope, receive, reply)
            else:
                await generation.app(scope, receive, reply)
        except Exception:  # it has been answered with 500
            remark("fault: " + " | ".join(traceback.format_exc().splitlines()))
        if reply.status == 200 and method == "GET" and generation is self.generation and reply.whole:
            self.reply_cache.put((state["target"], state["accept"]), reply.kept, reply.body)
        if reply.status == 503:
            self.metrics.refuse("busy")
        self.note(state["client"], method, scope["raw_path"], reply.status, reply.size, started, "app")

    def _too_fast(self, wait: float) -> Response:
        detail = f"a client may ask {self.bounds.rate:g} times a second; wait {math.ceil(wait)} s"
        return responses.problem("", Problem(429, detail, {"Retry-After": str(math.ceil(wait))}))

    def note(self, client: str, method: str, path: bytes, status: int, size: int, started: float, by: str) -> None:
        """Record an answered request in the metrics and the log."""
        seconds = perf_counter() - started
        self.metrics.request(status, by, size, seconds)
        self.log.request(client, method, path.decode("latin-1"), status, size, seconds, by)

    def admit(self, connection: Connection) -> str:
        """Register a connection; return the bound that it exceeds, or an empty string."""
        self.connections.add(connection)
        self._of_peer[connection.peer] += 1
        if len(self.connections) > self.bounds.connections and not self._make_room(connection):
            return "connections"
        believed = clients.is_in_networks(connection.peer, self.trusted)
        if self._of_peer[connection.peer] > self.bounds.connections_of_one and not believed:
            return "connections of one"
        return ""

    def _make_room(self, connection: Connection) -> bool:
        """Close an idle connection of the client with most connections, if it has more than this one."""
        crowd, count = max(self._of_peer.items(), key=lambda pair: pair[1])
        if count <= self._of_peer[connection.peer]:
            return False
        idle = next((one for one in self.connections if one.peer == crowd and one.is_idle), None)
        if idle is None:
            return False
        self.metrics.refuse("connections of one")
        idle.transport.abort()
        self.release(idle)
        return True

    def release(self, connection: Connection) -> None:
        """Remove a connection from the register."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._of_peer[connection.peer] -= 1
            if self._of_peer[connection.peer] <= 0:
                del self._of_peer[connection.peer]

    def tick(self) -> None:
        """Do what is due every second: renew the date header, and close connections that are too slow."""
        self.date = f"date: {formatdate(usegmt=True)}\r\n".encode()
        now = monotonic()
        for connection in list(self.connections):
            connection.sweep(now)
        unsent = {one: one.transport.get_write_buffer_size() for one in self.connections if one.untaken}
        total = sum(unsent.values())
        for connection in sorted(unsent, key=lambda one: -unsent[one]):
            if total <= UNSENT:
                break
            total -= unsent[connection]
            self.metrics.refuse("unsent")
            connection.transport.abort()

    def swap(self, generation: Generation) -> None:
        """Serve another generation from now on; requests that have begun with the former one end with it."""
        former, self.generation = self.generation, generation
        self.reply_cache = ReplyCache(self.bounds.cache)
        former.retired = True
        if not former.users:
            self.run_beside(self._discard(former))

    async def _discard(self, generation: Generation) -> None:
        self.ended.update(generation.pool.ended)
        await generation.pool.close()

    def run_beside(self, work: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the background."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _ReplyRecorder:
    """Sends a reply with the headers of every reply added, and records its status, size and body."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]], method: str) -> None:
        self._send = send
        self._headers = headers
        self._head = method == "HEAD"
        self.status = 0
        self.size = 0
        self.kept: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], *self._headers]
            self.kept = [header for header in headers if header[0] != b"content-length"]
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self.whole = not self.size and not message.get("more_body", False)
            self.size += 0 if self._head else len(body)
            self.body = body if self.whole else b""
        await self._send(message)


def _options(app: Starlette, scope: Scope) -> Response:
    """Answer OPTIONS with the methods of an address, preflight requests of browsers (CORS) included."""
    methods: set[str] = set()
    if scope["path"] in _OWN:
        methods = {"GET", "HEAD"}
    for route in app.router.routes:
        if isinstance(route, Route) and route.matches({**scope, "method": "GET"})[0] is not Match.NONE:
            methods |= route.methods or set()
    if not methods:
        return responses.problem("", Problem(404, "there is nothing at this address"))
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))
    headers = {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


def _health(front: Front, generation: Generation, scope: Scope) -> Response:
    del scope
    well = not front.stopping and not generation.pool.lost.is_set()
    content = json.dumps({"status": "ok" if well else "stopping" if front.stopping else "restarting"}) + "\n"
    headers = {"Cache-Control": "no-store"}
    return Response(content, 200 if well else 503, headers, media_type="application/json")


def _metrics(front: Front, generation: Generation, scope: Scope) -> Response:
    """Answer with the metrics, to the operator at this machine only."""
    if not responses.is_from_operator(scope):
        detail = "these numbers are for the operator, at this machine by 127.0.0.1 or localhost"
        return responses.problem("", Problem(403, detail))
    pool = generation.pool
    gauges = {
        "connections": len(front.connections),
        "workers": front.bounds.workers,
        "workers_busy": pool.busy,
        "queue": pool.queue_length,
        "kept_replies": len(front.reply_cache),
        "kept_bytes": front.reply_cache.size,
        "log_lines_dropped": front.log.dropped,
        "triples": len(generation.loaded.dataset.store),
    }
    info = {"sha256": generation.loaded.sha256}
    ended = front.ended + Counter(pool.ended)
    return PlainTextResponse(
        front.metrics.text(gauges, info, ended), headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE}
    )


_OWN: Final[Mapping[str, Callable[[Front, Generation, Scope], Response]]] = {"/health": _health, "/metrics": _metrics}
