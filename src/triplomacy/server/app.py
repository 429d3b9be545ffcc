"""The web application, the graphs that it serves and their reloading, and the life of the server process."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from uvicorn import Config, Server

from triplomacy.console import remark
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.server.connections import connection, responses
from triplomacy.server.connections.front import Front, Generation
from triplomacy.server.connections.responses import Problem
from triplomacy.server.connections.settings import Settings
from triplomacy.server.routes import documents, pages, sparql, stored_queries
from triplomacy.server.routes.descriptions import Descriptions
from triplomacy.server.workers.pool import Pool
from triplomacy.server.workers.served import ServedGraphs, graph_names, read

_DRAIN: Final = 30  # seconds in which what has been asked is answered before the end
_WATCH: Final = 1.0  # seconds between looks at the files
_CHANGED: Final = "the graphs changed while they were loaded; load them again"


def application(loaded: ServedGraphs, pool: Pool) -> Starlette:
    """Return the web application for the graphs that are served."""
    routes: list[BaseRoute] = [*sparql.routes(), *pages.file_routes()]
    if not loaded.data:
        routes += [*stored_queries.routes(), *pages.routes(), *documents.routes()]  # the last of these takes any path
    handlers: Any = {
        Problem: _problem,
        TriplomacyError: _package_error,
        HTTPException: _no_route,
        ClientDisconnect: _client_gone,
        Exception: _program_fault,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.loaded = loaded
    app.state.pool = pool
    app.state.descriptions = Descriptions(loaded)
    return app


async def _problem(request: Request, failed: Exception) -> Response:
    assert isinstance(failed, Problem)
    return pages.problem(request, failed)


async def _package_error(request: Request, failed: Exception) -> Response:
    """Answer with the message of a package error; one about a file is for the operator and not shown to clients."""
    assert isinstance(failed, TriplomacyError)
    if failed.path is not None:
        changed = Problem(503, "the graphs have changed and are being loaded anew; ask again", {"Retry-After": "2"})
        return pages.problem(request, changed)
    status = 404 if isinstance(failed, UnknownName) else 400
    return pages.problem(request, Problem(status, failed.message))


async def _no_route(request: Request, failed: Exception) -> Response:
    assert isinstance(failed, HTTPException)
    messages = {404: "there is nothing at this address", 405: "this address does not take this method"}
    detail = messages.get(failed.status_code, failed.detail)
    return pages.problem(request, Problem(failed.status_code, detail, dict(failed.headers or {})))


async def _client_gone(request: Request, failed: Exception) -> Response:
    """Record that a client disconnected before its request was complete; nothing is sent."""
    del request, failed
    return Response(status_code=499)


async def _program_fault(request: Request, failed: Exception) -> Response:
    """Answer with 500 for a fault of the program; its traceback goes to the operator's log."""
    del failed
    problem = Problem(500, "this server has a fault; ask for something else")
    return responses.problem(request.headers.get("accept", ""), problem)


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
        generation = await _load_generation(settings, pool)
    except BaseException:
        await pool.close()
        raise
    front = Front(settings, generation)
    protocol = type("Connection", (connection.Connection,), {"front": front})
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
    loads = _Reloader(front)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server, front)
    loop.add_signal_handler(signal.SIGHUP, loads.ask)
    for work in (_tick_every_second(front), loads.first(), loads.run(), *([loads.watch()] if settings.watch else ())):
        front.run_beside(work)
    gc.collect()
    gc.freeze()
    listening.listen(config.backlog)  # whoever reads the next line may ask at once
    _report_ready(front, listening.getsockname()[1])
    await server.serve(sockets=[listening])
    await front.generation.pool.close()
    front.log.close()
    return 0


def _report_ready(front: Front, port: int) -> None:
    """Report readiness to the operator and to systemd."""
    loaded = front.generation.loaded
    triples = sum(1 for _ in loaded.dataset.store.quads_for_pattern(None, None, None, None))
    remark(f"serves {triples:,} triples in {len(loaded.graphs)} graphs on port {port} at {loaded.base_url}/")
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, suppress(OSError):
            notify.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)


def _stop(server: Server, front: Front) -> None:
    """Stop accepting requests and end once all are answered; at the second signal, end at once."""
    server.force_exit = front.stopping
    front.stopping = True
    server.should_exit = True


async def _tick_every_second(front: Front) -> None:
    while True:
        await asyncio.sleep(1)
        front.tick()


async def _load_generation(settings: Settings, pool: Pool) -> Generation:
    """Load the graphs in this process while the template loads them too; both must have read the same files."""
    dataset = await asyncio.to_thread(read, settings.project, settings.data)
    await pool.ready()
    if pool.sha256 != dataset.sha256():
        raise TriplomacyError(_CHANGED)
    loaded = ServedGraphs(
        project=dataset.project if dataset.is_ours else settings.project,
        dataset=dataset,
        sha256=dataset.sha256(),
        base_url=settings.base_url,
        graphs=graph_names(dataset),
        texts=settings.texts,
        data=settings.data,
        bounds=settings.bounds,
    )
    return Generation(loaded, pool, application(loaded, pool))


def _prepare_descriptions(generation: Generation) -> None:
    """Prepare the descriptions of the graphs, after a check that the files are still those that were loaded.

    Raises:
        TriplomacyError: they are not.
    """
    loaded = generation.loaded
    if not loaded.data:
        generation.app.state.descriptions.warm()
        if loaded.project.sha256() != loaded.sha256:
            raise TriplomacyError(_CHANGED)


class _Reloader:
    """Reloads the graphs on request, when their files change, and when the template process has ended."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Request a reload; one that comes during a reload is done after it."""
        self._asked.set()

    async def first(self) -> None:
        """Prepare the first descriptions while requests are served; reload if the files have changed."""
        try:
            await asyncio.to_thread(_prepare_descriptions, self.front.generation)
        except Exception:  # loading anew says what is wrong
            self.ask()

    async def run(self) -> None:
        """Reload whenever a reload is requested."""
        while True:
            lost = asyncio.ensure_future(self.front.generation.pool.lost.wait())
            requested = asyncio.ensure_future(self._asked.wait())
            await asyncio.wait([lost, requested], return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            requested.cancel()
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
        """Load the files and serve them from now on; if they cannot be loaded, the former graphs stay."""
        settings = self.front.settings
        pool = Pool.launch(settings.project, settings.data, settings.bounds, settings.base_url)
        try:
            generation = await _load_generation(settings, pool)
            await asyncio.to_thread(_prepare_descriptions, generation)
        except BaseException:
            await pool.close()
            raise
        self.front.swap(generation)

    async def watch(self) -> None:
        """Request a reload when the files have changed and then stayed the same for one interval."""
        served = last = await asyncio.to_thread(_file_versions, self.front.settings)
        while True:
            await asyncio.sleep(_WATCH)
            now = await asyncio.to_thread(_file_versions, self.front.settings)
            if now == last and now != served:
                served = now
                self.ask()
            last = now


def _file_versions(settings: Settings) -> list[tuple[str, int, int]]:
    """Return the files that are served with their modification times and sizes, sorted by path."""
    versions = []
    for path in sorted(settings.data or settings.project.files_to_watch()):
        with suppress(OSError):
            stat = path.stat()
            versions.append((str(path), stat.st_mtime_ns, stat.st_size))
    return versions
