"""Pages in a real browser, from a real server: sound, narrow enough, reachable by keyboard, useful without a script."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import GAZETTE, make_gazette
from tests.support.browser import EDITOR, chromium, missing, visiting
from tests.support.serving import Served, serving

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
ASK = "/queries/recognition/who-recognises"
PAGES = {
    "overview": "/",
    "actors": "/actors",
    "propositions": "/propositions",
    "disputes": "/disputes",
    "sources": "/sources",
    "questions": "/queries",
    "question": ASK,
    "question in full": f"{ASK}?as-of=2022-10-01&according-to=Artyom+Lukin&evidence=true",
    "question of truth": "/queries/recognition/does-it-recognise",
    "question asked wrongly": f"{ASK}?recognised=Nowhere",
    "editor": "/sparql",
    "editor with an answer": f"/sparql?{urlencode({'query': 'SELECT * { ?s tri:organOf ?o }'})}",
    "editor with triples": f"/sparql?{urlencode({'query': 'CONSTRUCT WHERE { ?s tri:organOf ?o }'})}",
    "editor with a mistake": f"/sparql?{urlencode({'query': 'SELECT FOO'})}",
    "claim": "/source/lukin-2022/claim/envoy-denies-request.html",
    "proposition": "/source/lukin-2022/proposition/russia-asks-for-ammunition.html",
    "passage": "/source/lukin-2022/passage/18.html",
    "text": "/source/lukin-2022/text.html",
    "time": "/source/lukin-2022/time/writing.html",
    "state": "/id/north-korea.html",
    "person": "/id/artyom-lukin.html",
    "thing": "/id/ammunition.html",
    "source": "/source/lukin-2022.html",
    "source of data": "/source/un-es-11-1.html",
    "row": "/source/un-es-11-1/row/PRK.html",
    "file": "/source/un-es-11-1/votes.csv.html",
    "graph": "/graph/lukin-2022.html",
    "view": "/view/undisputed.html",
    "view of an actor": "/view/according-to/north-korea.html",
    "query": "/query/recognition/who-recognises.html",
    "ontology": "/ontology.html",
    "shapes": "/shapes.html",
    "dataset": "/dataset.html",
    "catalogue": "/catalogue.html",
    "statistics": "/void.html",
    "nothing": "/id/nobody.html",
}
REFUSED = {"question asked wrongly": 400, "editor with a mistake": 400, "nothing": 404}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium, running."""
    with chromium() as running:
        yield running


@pytest.fixture
def home(served: Served) -> str:
    """Return the address of a server with the project's graphs."""
    return served.url


@pytest.mark.parametrize("kind", PAGES)
def test_page_is_sound(browser: Browser, home: str, kind: str) -> None:
    """Each kind of page, on a desk in the light and on a phone in the dark: no complaint, no overflow, no barrier."""
    with visiting(browser, home) as visit:
        assert visit.go(PAGES[kind]) == REFUSED.get(kind, 200)
        visit.look()
        refused = "error: Failed to load resource: the server responded with a status of 4"
        assert [one for one in visit.complaints if not (kind in REFUSED and one.startswith(refused))] == []


@pytest.mark.parametrize(
    ("style", "planted", "where"),
    [
        ("#x { color: #eee }", "text", "light"),
        ("@media (prefers-color-scheme: dark) { #x { color: #333; background: #000 } }", "text", "dark"),
        ("#x { display: none } @media (max-width: 400px) { #x { display: block } }", "<img src='data:,'>", "dark"),
        ("@media (max-width: 400px) { #x { width: 500px } }", "text", "360"),
    ],
)
def test_faults_of_a_page_are_seen(browser: Browser, home: str, style: str, planted: str, where: str) -> None:
    """A fault is seen that is there for light or dark colours, for a wide window or a narrow one, alone."""
    with visiting(browser, home) as visit:
        page = f"<html lang=en><title>page</title><style>{style}</style><main><h1>page</h1><p id=x>{planted}</p></main>"
        visit.page.set_content(page)
        with pytest.raises(AssertionError, match=where):
            visit.look()


def test_keyboard_reaches_everything(browser: Browser, home: str) -> None:
    """The first stop leads past the head, all stops can be seen, and the page is left at its end: there is no trap."""
    with visiting(browser, home) as visit:
        visit.go(ASK)
        page = visit.page
        page.keyboard.press("Tab")
        assert visit.focused("className") == "skip"
        assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert visit.focused("id") == "main"
        stops = []
        for _ in range(80):
            page.keyboard.press("Tab")
            if visit.focused("tagName") == "BODY":
                break
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", visit.focused()
            stops.append(visit.focused("id") or visit.focused("textContent"))
        else:
            pytest.fail("the focus never leaves the page")
        order = ["field-recognised", "Ask", "CSV", "Permalink"]
        assert [stop for stop in stops if stop in order] == order


def test_form_works_without_script(browser: Browser, home: str) -> None:
    """Without a script the form asks, the answer stands below it, and the address can be kept."""
    with visiting(browser, home, script=False) as visit:
        visit.go(ASK)
        visit.page.fill("[name=recognised]", "Referendum in Donetsk")
        visit.page.get_by_role("button", name="Ask").click()
        assert ("recognised", "Referendum in Donetsk") in parse_qsl(urlsplit(visit.page.url).query)
        rows = visit.page.locator("#outcome tbody tr").all_inner_texts()
        assert [row.split("\t")[0] for row in rows] == ["North Korea"]
        assert visit.page.input_value("[name=recognised]") == "Referendum in Donetsk"


def test_form_with_script_asks_in_the_page(browser: Browser, home: str) -> None:
    """With a script the answer comes into the page, and the address has what was asked and no empty field."""
    with visiting(browser, home) as visit:
        visit.go(ASK)
        page = visit.page
        page.evaluate("window.same = true")
        page.fill("[name=recognised]", "Referendum in Donetsk")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#outcome tbody tr")).to_have_count(1)
        assert page.evaluate("window.same") is True
        assert urlsplit(page.url).query == "recognised=Referendum+in+Donetsk"
        page.fill("[name=recognised]", "Nowhere")
        page.get_by_role("button", name="Ask").click()
        page.wait_for_selector("#outcome .alert")
        assert "Nowhere" in page.inner_text("#outcome")
        page.go_back(wait_until="networkidle")
        assert page.input_value("[name=recognised]") == "Referendum in Donetsk"
        assert [one for one in visit.complaints if "status of 400" not in one] == []


def test_suggestions_are_those_of_the_class(browser: Browser, home: str) -> None:
    """The field suggests what can be recognised, by name."""
    with visiting(browser, home) as visit:
        visit.go(ASK)
        script = "[...document.querySelector('[name=recognised]').list.options].map((option) => option.value)"
        suggested = visit.page.evaluate(script)
        assert {"Donetsk People's Republic", "Referendum in Kherson", "Syria"} <= set(suggested)
        assert "Artyom Lukin" not in suggested


def test_query_is_asked_without_script(browser: Browser, home: str) -> None:
    """Without a script, SPARQL is written into a plain field and answered in the page."""
    with visiting(browser, home, script=False) as visit:
        visit.go("/sparql")
        visit.page.fill("#query", "SELECT ?organ { ?organ tri:organOf id:russia } ORDER BY ?organ")
        visit.page.get_by_role("button", name="Run").click()
        rows = visit.page.locator("#outcome tbody tr").all_inner_texts()
        assert "Russian foreign ministry" in rows
        assert visit.page.input_value("#query").startswith("SELECT ?organ")


@pytest.fixture
def built() -> None:
    """Skip a test of the editor where it has not been built."""
    if not EDITOR.exists():
        missing("the editor has not been built: make editor")


@pytest.mark.usefixtures("built")
def test_editor(browser: Browser, home: str) -> None:
    """The editor declares our prefixes, suggests our terms, lets Tab move on, and asks nobody but this server."""
    with visiting(browser, home) as visit:
        visit.go("/sparql")
        page = visit.page
        page.click(".CodeMirror")
        page.keyboard.press("Control+A")
        page.keyboard.type("SELECT * WHERE { ?s tri:claima")
        expect(page.locator("#query")).to_have_value(re.compile("^PREFIX tri:"))
        page.keyboard.press("Control+Space")
        page.wait_for_selector(".CodeMirror-hint")
        assert page.locator(".CodeMirror-hint").all_inner_texts() == ["tri:claimant"]
        page.keyboard.press("Enter")
        page.keyboard.type(" id:north-korea } LIMIT 3")
        expect(page.locator("#query")).to_have_value(re.compile("PREFIX id:"))
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#outcome tbody tr")
        assert page.locator("#outcome tbody tr").count() == 3
        assert "tri:claimant id:north-korea" in dict(parse_qsl(urlsplit(page.url).query))["query"]
        page.keyboard.press("Tab")
        assert visit.focused("textContent") == "Run"
        assert visit.complaints == []


@pytest.mark.usefixtures("built")
def test_editor_says_where_a_mistake_is(browser: Browser, home: str) -> None:
    """A mistake is told in words while one types, and what the server says of it stands in the page."""
    with visiting(browser, home) as visit:
        visit.go("/sparql")
        page = visit.page
        page.click(".CodeMirror")
        page.keyboard.press("Control+A")
        page.keyboard.type("SELECT *\nFOO { ?s ?p ?o }")
        expect(page.locator(".ask [role=status]")).to_have_text(re.compile("^Line 2: "))
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#outcome .alert")
        assert "not SPARQL" in page.inner_text("#outcome")
        assert [one for one in visit.complaints if "status of 400" not in one] == []


@pytest.mark.usefixtures("built")
def test_long_query_is_sent_all_the_same(browser: Browser, home: str) -> None:
    """A query that is too long for an address is sent in the body."""
    with visiting(browser, home) as visit:
        visit.go("/sparql")
        page = visit.page
        text = "SELECT ?x { VALUES ?x { 1 } }\n" + "# a comment\n" * 1000
        page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", text)
        page.get_by_role("button", name="Run").click()
        page.wait_for_selector("#outcome tbody tr")
        assert page.locator("#outcome tbody td").all_inner_texts() == ["1"]
        assert visit.complaints == []


@pytest.mark.parametrize(
    "path",
    [
        *(f"{ASK}?{name}={{}}" for name in ("recognised", "as-of", "view", "according-to", "certainly", "evidence")),
        f"{ASK}?format={{}}",
        f"{ASK}?{{}}=x",
        "/sparql?query={}",
        "/sparql?query=ASK%7B%7D&default-graph-uri={}",
        "/sparql?query=SELECT%20%28%22{}%22%20AS%20%3Fx%29%20%7B%7D",
        "/sparql?query=SELECT%20%3Fx%20%7BVALUES%20%3Fx%20%7B%3Cjavascript%3Aalert%281%29%3E%7D%7D",
        "/queries/{}",
        "/id/{}.html",
        "/{}",
    ],
)
def test_hostile_parameters_stay_text(browser: Browser, home: str, path: str) -> None:
    """Markup in any parameter or path is text on the page: nothing of it runs, and nothing is fetched for it."""
    with visiting(browser, home) as visit:
        visit.go(path.format(quote(HOSTILE.replace('"', '\\"') if "SELECT" in path else HOSTILE, safe="")))
        assert [one for one in visit.complaints if "Failed to load resource" not in one] == []
        assert visit.page.locator("img, script:not([src]), [onerror], a[href^=javascript]").count() == 0


def test_long_lists_can_be_filtered_and_sorted(browser: Browser, home: str) -> None:
    """A script adds a filter and sorting, which a keyboard reaches and a screen reader hears of."""
    with visiting(browser, home) as visit:
        visit.go("/propositions")
        page = visit.page
        everything = page.locator("table.lines tbody tr").count()
        page.fill("#filter", "donetsk")
        shown = page.locator("table.lines tbody tr:visible").all_inner_texts()
        assert 0 < len(shown) < everything
        assert [row for row in shown if "donetsk" not in row.lower()] == []
        assert page.inner_text(".filter [role=status]") == f"{len(shown)} of {everything}"
        visit.go("/view/undisputed.html")
        page.focus("thead button >> nth=2")
        page.keyboard.press("Enter")
        objects = page.locator("tbody td:nth-child(3)").all_inner_texts()
        assert objects == sorted(objects, key=str.casefold)
        assert page.get_attribute("thead th >> nth=2", "aria-sort") == "ascending"


def test_fragments_lead_to_their_place(browser: Browser, home: str) -> None:
    """The address of a term or a span leads to where it stands on the page."""
    with visiting(browser, home) as visit:
        for path in ("/ontology.html#Recognition", "/source/lukin-2022/text.html#char=1093,1214"):
            visit.go(path)
            assert visit.page.evaluate("window.scrollY") > 0
            assert visit.page.locator(":target").count() == 1


def test_page_can_be_printed(browser: Browser, home: str) -> None:
    """On paper there is the content, black on white, without the ways around it."""
    with visiting(browser, home, scheme="dark") as visit:
        visit.go(PAGES["proposition"])
        visit.page.emulate_media(media="print", color_scheme="dark")
        assert not visit.page.is_visible(".masthead nav")
        assert visit.page.is_visible(".sides")
        assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert visit.page.pdf().startswith(b"%PDF")


def test_pages_work_below_a_prefix(browser: Browser) -> None:
    """Behind a proxy under a prefix, every link and file of a page lies under that prefix."""
    with serving("--base-url", "http://127.0.0.1:9/tri") as served, visiting(browser, served.url) as visit:
        for path in ("/", PAGES["proposition"], "/sparql"):
            assert visit.go(f"/tri{path}") == 200
            script = "[...document.querySelectorAll('main a, nav a, footer a')].map((a) => a.getAttribute('href'))"
            links = visit.page.evaluate(script)
            own = [link for link in links if not link.startswith(("http:", "https:", "#"))]
            assert own
            assert [link for link in own if not link.startswith("/tri/")] == []
        assert visit.complaints == []


def test_text_is_shown_with_its_claims(browser: Browser, tmp_path: Path) -> None:
    """With ``--source``, the page of a text has its characters with the claims marked, and nobody may keep it."""
    project = make_gazette(tmp_path / "project")
    with serving("--source", str(GAZETTE), project=project.root) as served, visiting(browser, served.url) as visit:
        assert visit.go("/source/gazette-1999/text.html") == 200
        assert "Strelsau Gazette" in visit.page.inner_text(".reading")
        assert visit.page.locator(".reading mark").count() > 10
        assert visit.barriers() == []
        assert visit.complaints == []
        reply = served.get("/source/gazette-1999/text.html", "text/html")
        assert "no-store" in reply.headers["cache-control"]


def test_data_of_others_have_an_editor(browser: Browser, tmp_path: Path) -> None:
    """A server with other people's data has the page for SPARQL, and names no page that it does not have."""
    data = tmp_path / "data.ttl"
    data.write_text('<https://example.org/a> <https://example.org/says> "hello" .', encoding="utf-8")
    with serving("--data", str(data)) as served, visiting(browser, served.url) as visit:
        assert (
            visit.go(f"/sparql?{urlencode({'query': 'SELECT ?what { ?who <https://example.org/says> ?what }'})}") == 200
        )
        assert visit.page.locator("#outcome tbody td").all_inner_texts() == ["hello"]
        links = visit.page.evaluate("[...document.querySelectorAll('a')].map((a) => a.pathname)")
        assert set(links) == {"/sparql"}
        assert visit.barriers() == []
        assert visit.complaints == []
