"""The application: what all requests go through, the graphs of the moment, and the server from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import signal
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from email.utils import formatdate
from time import monotonic, perf_counter
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send
from uvicorn import Config, Server

from triplomacy import disk
from triplomacy.console import remark
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.server import api, browsing, clients, http, linked, replies, sparql
from triplomacy.server.described import Described
from triplomacy.server.loaded import Loaded, graph_names, hashed, read
from triplomacy.server.log import Log
from triplomacy.server.metrics import CONTENT_TYPE, Metrics
from triplomacy.server.replies import Keep, Problem
from triplomacy.server.settings import Settings
from triplomacy.server.workers import Pool

_DRAIN: Final = 30  # seconds in which what has been asked is answered before the end
_WATCH: Final = 1.0  # seconds between looks at the files
_CHANGED: Final = "the graphs changed while they were loaded; load them again"


def application(loaded: Loaded, pool: Pool) -> Starlette:
    """Return the application that answers about some graphs."""
    routes: list[BaseRoute] = [*sparql.routes(), *browsing.file_routes()]
    if not loaded.data:
        routes += [*api.routes(), *browsing.routes(), *linked.routes()]  # the last of these takes any path
    handlers: Any = {
        Problem: _problem,
        TriplomacyError: _unusable,
        HTTPException: _no_route,
        ClientDisconnect: _gone,
        Exception: _failed,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.loaded = loaded
    app.state.pool = pool
    app.state.described = Described(loaded)
    return app


async def _problem(request: Request, failed: Exception) -> Response:
    assert isinstance(failed, Problem)
    return browsing.problem(request, failed)


async def _unusable(request: Request, failed: Exception) -> Response:
    """Answer an error of the package: its message. One in a file is for the operator, and told to nobody else."""
    assert isinstance(failed, TriplomacyError)
    if failed.path is not None:
        changed = Problem(503, "the graphs have changed and are being loaded anew; ask again", {"Retry-After": "2"})
        return browsing.problem(request, changed)
    status = 404 if isinstance(failed, UnknownName) else 400
    return browsing.problem(request, Problem(status, failed.message))


async def _no_route(request: Request, failed: Exception) -> Response:
    assert isinstance(failed, HTTPException)
    told = {404: "there is nothing at this address", 405: "this address does not take this method"}
    detail = told.get(failed.status_code, failed.detail)
    return browsing.problem(request, Problem(failed.status_code, detail, dict(failed.headers or {})))


async def _gone(request: Request, failed: Exception) -> Response:
    """Note a client that went away before it had said all; nothing is sent any more."""
    del request, failed
    return Response(status_code=499)


async def _failed(request: Request, failed: Exception) -> Response:
    """Answer a fault of the program; the operator reads what it was."""
    del failed
    told = Problem(500, "this server has a fault; ask for something else")
    return replies.problem(request.headers.get("accept", ""), told)


@dataclass(eq=False, slots=True)
class Generation:
    """Some graphs, what answers about them, and the requests that are being answered."""

    loaded: Loaded
    pool: Pool
    app: Starlette
    users: int = 0
    retired: bool = False


class Front:
    """What all requests go through: whose they are, whether they may, what is added to each reply, what is noted."""

    def __init__(self, settings: Settings, generation: Generation) -> None:
        self.settings = settings
        self.bounds = settings.bounds
        self.trusted = settings.trusted
        self.generation = generation
        self.buckets = clients.Buckets(self.bounds.rate, self.bounds.burst)
        self.keep = Keep(self.bounds.cache)
        self.metrics = Metrics()
        self.log = Log(os.fdopen(os.dup(1), "w", encoding="utf-8") if settings.log else None)
        self.headers = [*replies.SECURITY, *(() if settings.texts else replies.SHARED)]
        self.stopping = False
        self.ended: Counter[int] = Counter()
        self.connections: set[http.Connection] = set()
        self._of_peer: Counter[str] = Counter()
        self._tasks: set[asyncio.Future[Any]] = set()
        self.date = b""
        self.tick()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the graphs of this moment, which stay until it is answered."""
        generation = self.generation
        generation.users += 1
        try:
            await self._answer(generation, scope, receive, send)
        finally:
            generation.users -= 1
            if generation.retired and not generation.users:
                self.background(self._discard(generation))

    async def _answer(self, generation: Generation, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        state, path, method = scope["state"], scope["path"], scope["method"]
        prefix = generation.loaded.prefix
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            scope["path"] = path.removeprefix(prefix) or "/"
        reply = _Sending(send, self.headers, method)
        wait = 0.0 if scope["path"] == "/health" else self.buckets.take(state["client"])
        try:
            if wait:
                self.metrics.refuse("rate")
                await self._too_fast(wait)(scope, receive, reply)
            elif method == "OPTIONS":
                await _options(generation.app, scope)(scope, receive, reply)
            elif not scope["path"].isprintable():  # no IRI of ours has such a character
                unknown = Problem(404, f"no such address: {scope['path'][:100]!a}")
                await replies.problem("", unknown)(scope, receive, reply)
            elif scope["path"] in _OWN and method in ("GET", "HEAD"):
                await _OWN[scope["path"]](self, generation, scope)(scope, receive, reply)
            else:
                await generation.app(scope, receive, reply)
        except Exception:  # it has been answered with 500
            remark("fault: " + " | ".join(traceback.format_exc().splitlines()))
        if reply.status == 200 and method == "GET" and generation is self.generation and reply.whole:
            self.keep.put((state["target"], state["accept"]), reply.kept, reply.body)
        if reply.status == 503:
            self.metrics.refuse("busy")
        self.note(state["client"], method, scope["raw_path"], reply.status, reply.size, started, "app")

    def _too_fast(self, wait: float) -> Response:
        detail = f"a client may ask {self.bounds.rate:g} times a second; wait {math.ceil(wait)} s"
        return replies.problem("", Problem(429, detail, {"Retry-After": str(math.ceil(wait))}))

    def note(self, client: str, method: str, path: bytes, status: int, size: int, started: float, by: str) -> None:
        """Note a request that has been answered."""
        seconds = perf_counter() - started
        self.metrics.request(status, by, size, seconds)
        self.log.request(client, method, path.decode("latin-1"), status, size, seconds, by)

    def full(self, connection: http.Connection) -> str:
        """Count a connection; return why there are too many, or nothing."""
        self.connections.add(connection)
        self._of_peer[connection.peer] += 1
        if len(self.connections) > self.bounds.connections and not self._make_room(connection):
            return "connections"
        believed = clients.within(connection.peer, self.trusted)
        if self._of_peer[connection.peer] > self.bounds.connections_of_one and not believed:
            return "connections of one"
        return ""

    def _make_room(self, connection: http.Connection) -> bool:
        """Close an idle connection of whoever has most of them, if that is more than this client has."""
        crowd, count = max(self._of_peer.items(), key=lambda each: each[1])
        if count <= self._of_peer[connection.peer]:
            return False
        idle = next((one for one in self.connections if one.peer == crowd and one.is_idle), None)
        if idle is None:
            return False
        self.metrics.refuse("connections of one")
        idle.transport.abort()
        self.left(idle)
        return True

    def left(self, connection: http.Connection) -> None:
        """Count a connection no more."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._of_peer[connection.peer] -= 1
            if self._of_peer[connection.peer] <= 0:
                del self._of_peer[connection.peer]

    def tick(self) -> None:
        """Do what is due every second: the date, and what is too slow."""
        self.date = f"date: {formatdate(usegmt=True)}\r\n".encode()
        now = monotonic()
        for connection in list(self.connections):
            connection.sweep(now)
        unsent = {one: one.transport.get_write_buffer_size() for one in self.connections if one.untaken}
        total = sum(unsent.values())
        for connection in sorted(unsent, key=lambda one: -unsent[one]):
            if total <= http.UNSENT:
                break
            total -= unsent[connection]
            self.metrics.refuse("unsent")
            connection.transport.abort()

    def swap(self, generation: Generation) -> None:
        """Answer by other graphs from now on; who has begun with the former ones ends with them."""
        former, self.generation = self.generation, generation
        self.keep = Keep(self.bounds.cache)
        former.retired = True
        if not former.users:
            self.background(self._discard(former))

    async def _discard(self, generation: Generation) -> None:
        self.ended.update(generation.pool.ended)
        await generation.pool.close()

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something beside the requests."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Sending:
    """Passes a reply on with the headers of all, and sees what it is."""

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
    """Answer which methods an address takes, also to a browser that asks before it asks."""
    methods: set[str] = set()
    if scope["path"] in _OWN:
        methods = {"GET", "HEAD"}
    for route in app.router.routes:
        if isinstance(route, Route) and route.matches({**scope, "method": "GET"})[0] is not Match.NONE:
            methods |= route.methods or set()
    if not methods:
        return replies.problem("", Problem(404, "there is nothing at this address"))
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
    """Answer with numbers, to who sits at this machine."""
    if not replies.from_here(scope):
        detail = "these numbers are for the operator, at this machine by 127.0.0.1 or localhost"
        return replies.problem("", Problem(403, detail))
    pool = generation.pool
    gauges = {
        "connections": len(front.connections),
        "workers": front.bounds.workers,
        "workers_busy": pool.busy,
        "queue": pool.queued,
        "kept_replies": len(front.keep),
        "kept_bytes": front.keep.size,
        "log_lines_dropped": front.log.dropped,
        "triples": len(generation.loaded.dataset.store),
    }
    info = {"sha256": generation.loaded.sha256}
    ended = front.ended + Counter(pool.ended)
    return PlainTextResponse(
        front.metrics.text(gauges, info, ended), headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE}
    )


_OWN: Final[Mapping[str, Callable[[Front, Generation, Scope], Response]]] = {"/health": _health, "/metrics": _metrics}


class _Server(Server):
    """uvicorn's server, whose signals this module handles."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def run(settings: Settings, listening: socket.socket, pool: Pool) -> int:
    """Serve on a socket until told to stop, and return the exit code.

    Args:
        settings: how.
        listening: bound to an address; nobody is let in before the graphs are loaded.
        pool: launched with the same settings.

    Raises:
        TriplomacyError: the graphs cannot be loaded.
    """
    loop_factory = None
    with suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_run(settings, listening, pool))


async def _run(settings: Settings, listening: socket.socket, pool: Pool) -> int:
    try:
        generation = await _generation(settings, pool)
    except BaseException:
        await pool.close()
        raise
    front = Front(settings, generation)
    protocol = type("Connection", (http.Connection,), {"front": front})
    config = Config(
        front,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN,
    )
    server = _Server(config)
    loads = _Loads(front)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server, front)
    loop.add_signal_handler(signal.SIGHUP, loads.ask)
    for work in (_ticks(front), loads.first(), loads.run(), *([loads.watch()] if settings.watch else ())):
        front.background(work)
    gc.collect()
    gc.freeze()
    listening.listen(config.backlog)  # whoever reads the next line may ask at once
    _ready(front, listening.getsockname()[1])
    await server.serve(sockets=[listening])
    await front.generation.pool.close()
    front.log.close()
    return 0


def _ready(front: Front, port: int) -> None:
    """Say that it serves, to the operator and to systemd."""
    loaded = front.generation.loaded
    triples = sum(1 for _ in loaded.dataset.store.quads_for_pattern(None, None, None, None))
    remark(f"serves {triples:,} triples in {len(loaded.graphs)} graphs on port {port} at {loaded.base_url}/")
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, suppress(OSError):
            notify.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)


def _stop(server: Server, front: Front) -> None:
    """Let nobody else in, and end when all is answered; told so once more, end at once."""
    server.force_exit = front.stopping
    front.stopping = True
    server.should_exit = True


async def _ticks(front: Front) -> None:
    while True:
        await asyncio.sleep(1)
        front.tick()


async def _generation(settings: Settings, pool: Pool) -> Generation:
    """Load the graphs here while the template loads them there; both have to have read the same."""
    dataset, sha256 = await asyncio.to_thread(read, settings.project, settings.data)
    await pool.ready()
    if pool.sha256 != sha256:
        raise TriplomacyError(_CHANGED)
    loaded = Loaded(
        project=dataset.project or settings.project,
        dataset=dataset,
        sha256=sha256,
        base_url=settings.base_url,
        graphs=graph_names(dataset),
        texts=settings.texts,
        data=settings.data,
        bounds=settings.bounds,
    )
    return Generation(loaded, pool, application(loaded, pool))


def _describe(generation: Generation) -> None:
    """Make what is told about the graphs. It comes from their files, which have to be those that were loaded.

    Raises:
        TriplomacyError: they are not.
    """
    loaded = generation.loaded
    if not loaded.data:
        generation.app.state.described.warm()
        if hashed(loaded.project) != loaded.sha256:
            raise TriplomacyError(_CHANGED)


class _Loads:
    """Loads the graphs anew: when asked, when their files change, and when the template has ended by itself."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have the graphs loaded anew, once more if that is being done already."""
        self._asked.set()

    async def first(self) -> None:
        """Make what is told about the first graphs beside the first requests; load anew if their files have changed."""
        try:
            await asyncio.to_thread(_describe, self.front.generation)
        except Exception:  # loading anew says what is wrong
            self.ask()

    async def run(self) -> None:
        """Load whenever it is asked for."""
        while True:
            lost = asyncio.ensure_future(self.front.generation.pool.lost.wait())
            asked = asyncio.ensure_future(self._asked.wait())
            await asyncio.wait([lost, asked], return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            asked.cancel()
            self._asked.clear()
            try:
                await self._load()
            except Exception as error:  # whatever it is, the next attempt may do better
                self.front.metrics.reloads["failed"] += 1
                remark(f"error: not loaded anew, the former graphs stay: {error}")
                await asyncio.sleep(1)
            else:
                self.front.metrics.reloads["done"] += 1
                remark("the graphs are loaded anew")

    async def _load(self) -> None:
        """Answer by the files as they are now, if these can be loaded; else nothing changes."""
        settings = self.front.settings
        pool = Pool.launch(settings.project, settings.data, settings.bounds, settings.base_url)
        try:
            generation = await _generation(settings, pool)
            await asyncio.to_thread(_describe, generation)
        except BaseException:
            await pool.close()
            raise
        self.front.swap(generation)

    async def watch(self) -> None:
        """Ask for it whenever the files have changed and then stay as they are for a moment."""
        served = last = await asyncio.to_thread(_stamps, self.front.settings)
        while True:
            await asyncio.sleep(_WATCH)
            now = await asyncio.to_thread(_stamps, self.front.settings)
            if now == last and now != served:
                served = now
                self.ask()
            last = now


def _stamps(settings: Settings) -> list[tuple[str, int, int]]:
    """Return the files that are served, with the time and the size of each."""
    project = settings.project
    folders = (project.ontology, project.graphs, project.queries)
    paths = list(settings.data) or [path for folder in folders for path in folder.rglob("*")]
    paths += [project.store / "current" / disk.FACTS] if project.store is not None else []
    found = []
    for path in sorted(paths):
        with suppress(OSError):
            stat = path.stat()
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return found
