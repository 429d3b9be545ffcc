"""A host that carries files and knows no rules: what a browser and a program get there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from tests.support.browser import chromium
from tests.support.publishing import History


class Plain(SimpleHTTPRequestHandler):
    """Answers with the file of an address below ``/graphs/``, else with 404.html, as hosts of pages do."""

    def translate_path(self, path: str) -> str:
        """Return the file of a path."""
        return super().translate_path(path.removeprefix("/graphs"))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the site's own page."""
        del message, explain
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def list_directory(self, path: object) -> None:
        """List no folder."""
        del path
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def address(past: History) -> Iterator[str]:
    """Return the address of the site of the gazette on such a host."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Plain, directory=str(past.first))) as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        yield f"http://127.0.0.1:{server.server_port}/graphs"
        server.shutdown()
        running.join()


@pytest.fixture(scope="module")
def browsed() -> Iterator[Page]:
    """Return a page of a real browser."""
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(30_000)
        yield page


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/id/ruritania", "/id/ruritania.html"),
        ("/source/gazette-1999", "/source/gazette-1999.html"),
        ("/ontology#Claim", "/ontology.html#Claim"),
    ],
)
def test_address_without_an_ending_leads_to_its_page(path: str, target: str, address: str, browsed: Page) -> None:
    """In a browser the page for what is not there finds the page of a thing, also where a folder has its name."""
    browsed.goto(address + path)
    browsed.wait_for_url(address + target)
    assert browsed.title().endswith("– Triplomacy")


def test_what_is_nowhere_stays_missing(address: str, browsed: Page) -> None:
    """Where there is no such page either, the browser stays with the one that says so, in the site's own style."""
    answer = browsed.goto(f"{address}/id/nobody")
    assert answer is not None
    browsed.wait_for_load_state("networkidle")
    assert (answer.status, browsed.url) == (404, f"{address}/id/nobody")
    assert browsed.inner_text("h1") == "There is no such file"
    sheet = "[...document.styleSheets].every(sheet => sheet.cssRules.length > 0) && document.styleSheets.length"
    assert browsed.evaluate(sheet) == 1
    (first, *_) = browsed.eval_on_selector_all("main a", "links => links.map(link => link.href)")
    assert urlopen(first, timeout=30).status == 200


def test_program_finds_data_by_their_endings(address: str) -> None:
    """A program gets data at their own addresses, and nothing at an address without an ending."""
    with urlopen(f"{address}/id/ruritania.ttl", timeout=30) as answer:
        assert b"a tri:State" in answer.read()
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{address}/id/ruritania", timeout=30)
    assert refused.value.code == 404
    refused.value.close()
