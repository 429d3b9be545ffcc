"""Rules of rewriting in a real Apache: people to pages, machines to data, at w3id.org and at a host of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.support import apache
from tests.support.browser import chromium, missing, visiting
from tests.support.publishing import BASE, History
from triplomacy.http import negotiation
from triplomacy.pages.render import STATIC
from triplomacy.site import redirects

# What clients send, as far as they are not alike. Not all follow the grammar.
HEADERS = {
    "none": None,
    "empty": "",
    "curl": "*/*",
    "chromium": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "lynx": "text/html, text/plain, text/sgml, text/css, */*;q=0.01",
    "old Java": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "rdflib, Turtle": "text/turtle, application/x-turtle",
    "rdflib, JSON-LD": "application/ld+json, application/json;q=0.9, */*;q=0.1",
    "rdflib, N-Triples": "application/n-triples, text/plain;q=0.9, */*;q=0.1",
    "rdflib, any": "text/turtle, application/ld+json;q=0.95, application/rdf+xml;q=0.9, application/n-triples;q=0.9, "
    "text/html;q=0.5, */*;q=0.1",
    "Jena": "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
    "Comunica": "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,text/html;q=0.2",
    "browser that likes data": "text/turtle;q=0.9, text/html;q=0.85",
    "page, barely": "text/turtle;q=0.999,text/html;q=1.0",
    "JSON": "application/json",
    "JSON, lowly": "application/json;q=0.5, application/n-triples;q=0.4",
    "profile": 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted, x";q=0.9, text/html;q=0.8',
    "charset": "text/turtle;charset=utf-8",
    "quoted charset": 'text/turtle; charset="UTF-8"; q=0.7, text/html;q=0.6',
    "charset that is not sent": "text/turtle;charset=iso-8859-1",
    "level": "text/html;level=1",
    "level and more": "text/html;level=1, text/html;q=0.4, text/turtle;q=0.6",
    "capitals": "TEXT/TURTLE; Q=0.8, Text/Html; q=0.7",
    "blanks": "text/turtle ; q = 0.5 , text/html ; q=0.50",
    "tab": "text/turtle;\tq=0.5,\ttext/html;q=0.4",
    "no blanks": "text/html;q=0.3,text/turtle;q=0.30,application/ld+json;q=0.31",
    "kind": "text/*",
    "other kind": "application/*",
    "kind over name": "text/*;q=0.5,text/html;q=0.4",
    "named over wildcard": "*/*, text/turtle",
    "all but pages": "text/html;q=0, */*",
    "all but text": "text/*;q=0, */*;q=0.1",
    "nothing": "*/*;q=0",
    "nothing that is here": "image/png, audio/*",
    "zero with points": "text/turtle;q=0.000, text/html;q=0.001",
    "ones with points": "text/turtle;q=1.000, text/html;q=0.999",
    "point first": "text/turtle;q=.4, text/html;q=.5",
    "point last": "text/turtle;q=1., text/html;q=0.9",
    "no number": "text/turtle;q=abc, text/html;q=0.1",
    "too much": "text/turtle;q=2, text/html;q=0.1",
    "empty members": ",, text/turtle ,, text/html;q=0.5,",
    "longer names": "text/turtle-star, text/htmlx, text/html;q=0.2",
    "prefix of a name": "application/ld, application/n-triples;q=0.1",
    "XHTML": "application/xhtml+xml, text/html;q=0.9",
}
NOT_HERE = {
    "OWL API": "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09",
    "RDF4J": "application/rdf+xml;q=0.5, application/trig;q=0.8, text/n3, */*;q=0.1",
    "rdflib, RDF/XML": "application/rdf+xml, */*;q=0.1",
}


@dataclass(frozen=True)
class Hosts:
    """A running Apache, with the folder of w3id.org below ``/triplomacy/`` and a site below ``/graphs/``."""

    port: int

    def follow(self, path: str, accept: str | None) -> tuple[int, str]:
        """Return the status, and where a redirect leads."""
        status, headers, _ = apache.get(self.port, path, accept)
        return status, headers.get("location", "").replace(f"http://127.0.0.1:{self.port}", "")


@pytest.fixture(scope="module")
def hosts(past: History, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Return a running Apache with both."""
    apache.need_apache()
    folder = tmp_path_factory.mktemp("hosts")
    root = folder / "www"
    (root / "triplomacy").mkdir(parents=True)
    shutil.copytree(past.first, root / "graphs")
    shutil.copy(root / "graphs" / "w3id.htaccess", root / "triplomacy" / ".htaccess")
    for part in (folder, *folder.parents):
        if any(each.name.startswith("pytest-of-") for each in (part, *part.parents)):
            part.chmod(part.stat().st_mode | 0o055)
    for part in (folder, root, root / "graphs"):
        part.chmod(0o755)
    with apache.apache(folder / "apache", root) as port:
        yield Hosts(port)


def wanted(accept: str | None) -> tuple[int, str]:
    """Return the status that a header should have, and the ending of where it should lead."""
    form = negotiation.prefer(accept or None, redirects.OFFERED)
    return (303, f".{form.extension}") if form else (406, "")


@pytest.mark.parametrize("name", HEADERS)
def test_w3id_sends_people_to_pages_and_machines_to_data(name: str, hosts: Hosts) -> None:
    """At w3id.org an IRI leads (303) to the format that the header prefers by RFC 9110, as our own server has it."""
    status, ending = wanted(HEADERS[name])
    target = f"{BASE}/id/ruritania{ending}" if ending else ""
    assert hosts.follow("/triplomacy/id/ruritania", HEADERS[name]) == (status, target)


@pytest.mark.parametrize("name", HEADERS)
def test_host_does_the_same(name: str, hosts: Hosts) -> None:
    """On a host that runs Apache the site's own rules lead from an IRI's path to the same formats, wherever it lies."""
    status, ending = wanted(HEADERS[name])
    target = f"/graphs/id/ruritania{ending}" if ending else ""
    assert hosts.follow("/graphs/id/ruritania", HEADERS[name]) == (status, target)


@pytest.mark.parametrize("name", NOT_HERE)
def test_client_of_another_format_gets_turtle(name: str, hosts: Hosts) -> None:
    """Who names a format of RDF that is not there, and takes anything, is sent Turtle rather than a page."""
    assert hosts.follow("/triplomacy/ontology", NOT_HERE[name]) == (303, f"{BASE}/ontology.ttl")
    assert hosts.follow("/graphs/ontology", NOT_HERE[name]) == (303, "/graphs/ontology.ttl")


def test_extensions_behind_the_weight_ask_for_nothing(hosts: Hosts) -> None:
    """What RFC 7231 allowed behind a weight, and RFC 9110 no longer does, keeps nobody from data."""
    accept = "text/turtle;q=0.9;ext=1, text/html;q=0.8;ext=2"
    assert hosts.follow("/triplomacy/ontology", accept) == (303, f"{BASE}/ontology.ttl")


@pytest.mark.parametrize("form", redirects.OFFERED, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "path",
    [
        "id/ruritania",
        "ontology",
        "shapes",
        "graph/actors",
        "view/undisputed",
        "source/gazette-1999",
        "source/gazette-1999/text",
        "source/gazette-1999/claim/marsh-leads-bureau",
        "query/recognition/who-recognises",
        "release/0.1.0/ontology",
        "void",
    ],
)
def test_every_kind_of_iri_arrives(path: str, form: negotiation.Format, hosts: Hosts) -> None:
    """Each kind of IRI leads, by w3id.org and by the host, to a document of the media type that was asked for."""
    assert hosts.follow(f"/triplomacy/{path}", form.media_type) == (303, f"{BASE}/{path}.{form.extension}")
    status, there = hosts.follow(f"/graphs/{path}", form.media_type)
    assert (status, there) == (303, f"/graphs/{path}.{form.extension}")
    status, headers, body = apache.get(hosts.port, there, form.media_type)
    assert (status, headers["content-type"].replace(" ", "")) == (200, form.content_type.replace(" ", ""))
    assert body


@pytest.mark.parametrize("base", ["/triplomacy/", "/graphs/"])
def test_caches_are_told(base: str, hosts: Hosts) -> None:
    """What depends on the header says so, a refusal too."""
    for accept in ("text/turtle", "image/png"):
        _, headers, _ = apache.get(hosts.port, f"{base}id/ruritania", accept)
        assert headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("", "text/html", (303, f"{BASE}/")),
        ("", "text/turtle", (303, f"{BASE}/catalogue.ttl")),
        ("id/ruritania.ttl", "text/html", (302, f"{BASE}/id/ruritania.ttl")),
        ("id/ruritania.html", "text/turtle", (302, f"{BASE}/id/ruritania.html")),
        ("dumps/triplomacy.nq.gz", "*/*", (302, f"{BASE}/dumps/triplomacy.nq.gz")),
        ("iris.txt", "text/html", (302, f"{BASE}/iris.txt")),
        ("sitemap.xml", "*/*", (302, f"{BASE}/sitemap.xml")),
        ("release/0.1.0/", "text/turtle", (302, f"{BASE}/release/0.1.0/")),
        ("source/un-es-11-1/votes.csv", "text/turtle", (303, f"{BASE}/source/un-es-11-1/votes.csv.ttl")),
        ("id/c%C3%B4te-d%27ivoire", "text/html", (303, f"{BASE}/id/c%c3%b4te-d'ivoire.html")),
        ("id/ruritania?lang=de", "text/html", (303, f"{BASE}/id/ruritania.html")),
        ("id/ruritania%0d%0aX-Evil:1", "text/html", (404, "")),
    ],
)
def test_w3id_knows_files_folders_and_odd_paths(path: str, accept: str, target: tuple[int, str], hosts: Hosts) -> None:
    """Files and folders lead to themselves, odd names survive, and no path brings a header of its own."""
    status, there = hosts.follow(f"/triplomacy/{path}", accept)
    if target[0] == 404:
        assert "\n" not in there
        assert "X-Evil" not in apache.get(hosts.port, f"/triplomacy/{path}", accept)[1]
        return
    assert (status, there.lower()) == (target[0], target[1].lower())


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("", "text/html", 200),
        ("", "text/turtle", 303),
        ("id/ruritania.ttl", "text/html", 200),
        ("actors.html", "*/*", 200),
        ("actors", "text/html", 303),
        ("static/style.css", "text/css,*/*;q=0.1", 200),
        ("static/style.css", "text/css", 200),
        ("dumps/triplomacy.nq.gz", "application/gzip", 200),
        ("source/gazette-1999", "text/html", 303),
        ("id/nobody", "text/html", 404),
        ("id/nobody", "text/turtle", 404),
        ("release/0.1.0/", "text/html", 200),
    ],
)
def test_host_serves_what_there_is(path: str, accept: str, status: int, hosts: Hosts) -> None:
    """Files are served whatever a client accepts; what is not there is not found, with the page that helps on."""
    found, _, body = apache.get(hosts.port, f"/graphs/{path}", accept)
    assert found == status
    if status == 404:
        assert b"There is no such file" in body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("iris.txt", "text/plain;charset=utf-8"),
        ("changes.atom", "application/atom+xml"),
        ("sitemap.xml", "application/xml"),
        ("dumps/triplomacy.nq", "application/n-quads"),
        ("dumps/triplomacy.nq.gz", "application/gzip"),
        ("dumps/claims.parquet", "application/vnd.apache.parquet"),
        ("dumps/ontology.rdf", "application/rdf+xml"),
        ("dumps/claims.csv", "text/csv;charset=utf-8"),
        ("static/missing.js", "text/javascript;charset=utf-8"),
        ("static/icon.svg", "image/svg+xml"),
    ],
)
def test_media_types_need_no_table_of_the_host(path: str, kind: str, hosts: Hosts) -> None:
    """Where the host knows no media type at all, the site's own rules say which one each file has."""
    _, headers, _ = apache.get(hosts.port, f"/graphs/{path}", "*/*")
    assert headers.get("content-type", "").replace(" ", "") == kind
    assert headers["access-control-allow-origin"] == "*"


def test_browser_is_led_to_a_page_and_asks_there(hosts: Hosts) -> None:
    """In a browser an IRI's path leads to its page, and questions are answered under the host's media types."""
    if not (STATIC / "oxigraph" / "web_bg.wasm").exists():
        missing("the query engine has not been fetched: make editor")
    with chromium() as browser, visiting(browser, f"http://127.0.0.1:{hosts.port}") as visit:
        assert visit.go("/graphs/id/ruritania") == 200
        assert visit.page.url.endswith("/graphs/id/ruritania.html")
        visit.go("/graphs/sparql.html?query=ASK+%7B+id%3Aruritania+a+tri%3AState+%7D")
        expect(visit.page.locator("#outcome .truth")).to_have_text("Yes", timeout=20_000)
        assert visit.complaints == []
