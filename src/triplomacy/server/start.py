"""The public endpoint: SPARQL, linked data, stored queries and pages over HTTP, with nothing in it that writes.

One process speaks HTTP and evaluates no query of a stranger; a *template* process holds the graphs and forks workers,
which do, one at a time, and can be ended.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from triplomacy.errors import Choice, EngineUnavailable, TriplomacyError

if TYPE_CHECKING:
    from triplomacy.server.connections.settings import Settings


def serve(settings: Settings) -> int:
    """Serve until told to stop, and return the exit code.

    SIGTERM and SIGINT end it once what has been asked is answered; SIGHUP loads the graphs anew.

    Raises:
        EngineUnavailable: a library is not installed, or the system cannot fork.
        TriplomacyError: the address cannot be listened on, or the graphs cannot be loaded.
    """
    for library in ("httptools", "jinja2", "starlette", "uvicorn"):
        if importlib.util.find_spec(library) is None:
            raise EngineUnavailable(f"there is no {library} here; install triplomacy[serve]")
    if not hasattr(os, "fork"):
        raise EngineUnavailable("a server needs processes that fork, which this system has not; use Linux")
    from triplomacy.server.workers.pool import Pool

    listening = _listen(settings.host, settings.port)
    if not settings.base_url:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        settings = replace(settings, base_url=f"http://{host}:{listening.getsockname()[1]}")
    pool = Pool.launch(settings.project, settings.data, settings.bounds, settings.base_url)

    # The template loads the graphs while this process imports what it needs.

    from triplomacy.server import app

    with listening:
        return app.run(settings, listening, pool)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise TriplomacyError(f"no address to listen on: {host}: {error.strerror}; correct ", Choice("host")) from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        other = Choice("host" if error.errno == errno.EADDRNOTAVAIL else "port")
        raise TriplomacyError(f"cannot listen on {host}:{port}: {error.strerror}; choose another ", other) from None
    return listening
