"""A site on a host of files that knows nothing of it, below a folder: a site has to work below any address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.publishing import BASE

BELOW = urlsplit(BASE).path
TYPES = {".jsonld": "application/ld+json", ".js": "text/javascript", ".nt": "application/n-triples"}
TYPES |= {".ttl": "text/turtle", ".wasm": "application/wasm"}


class _Files(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def translate_path(self, path: str) -> str:
        """Return the file of an address below that of the site; of another, none that is there."""
        return super().translate_path(path.removeprefix(BELOW) if path.startswith(f"{BELOW}/") else "/none")

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def hosting(folder: Path) -> Iterator[str]:
    """Serve a site's folder while the block runs; the address has no slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BELOW}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
