"""The site in a real browser, from a host of files: sound, questioned in the page, searched, drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT
from tests.support.browser import Visit, chromium, missing, visiting
from tests.support.hosted import hosting
from tests.support.publishing import History
from triplomacy import queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError
from triplomacy.pages.render import STATIC
from triplomacy.publish import documents
from triplomacy.queries import formats, parameters
from triplomacy.queries.parameters import Parameter
from triplomacy.queries.question import Question, ask
from triplomacy.queries.scope import Scope
from triplomacy.queries.stored import StoredQuery
from triplomacy.site import in_page_queries
from triplomacy.terms import ROOT as HOME

PROJECT = Project(ROOT)
ASK = "/queries/recognition/who-recognises.html"
HEAVY = 150_000  # bytes that the opening page may weigh
PAGES = {
    "opening": "/",
    "actors": "/actors.html",
    "propositions": "/propositions.html",
    "disputes": "/disputes.html",
    "sources": "/sources.html",
    "network": "/network.html",
    "timeline": "/timeline.html",
    "matrix": "/matrix.html",
    "questions": "/queries.html",
    "question": ASK,
    "question of truth": "/queries/recognition/does-it-recognise.html",
    "question elsewhere": "/queries/wikidata/what-wikidata-says-of-states.html",
    "editor": "/sparql.html",
    "search": "/search.html?q=donetsk",
    "data": "/data.html",
    "changes": "/changes.html",
    "mappings": "/mappings.html",
    "claim": "/source/lukin-2022/claim/envoy-denies-request.html",
    "proposition": "/source/lukin-2022/proposition/russia-asks-for-ammunition.html",
    "passage": "/source/lukin-2022/passage/18.html",
    "text": "/source/lukin-2022/text.html",
    "time": "/source/lukin-2022/time/writing.html",
    "state": "/id/north-korea.html",
    "thing": "/id/ammunition.html",
    "source": "/source/lukin-2022.html",
    "row": "/source/un-es-11-1/row/PRK.html",
    "file": "/source/un-es-11-1/votes.csv.html",
    "graph": "/graph/lukin-2022.html",
    "view": "/view/undisputed.html",
    "query": "/query/recognition/who-recognises.html",
    "ontology": "/ontology.html",
    "shapes": "/shapes.html",
    "dataset": "/dataset.html",
    "catalogue": "/catalogue.html",
    "statistics": "/void.html",
    "authors": "/authors.html",
    "no page": "/404.html",
}
SELDOM = {
    "changes since a release": "/changes.html",
    "changes of a release": "/release/0.2.0/changes.html",
    "opening of a release": "/release/0.2.0/",
    "thing in a release": "/release/0.2.0/id/ruritania.html",
    "gone": "/source/gazette-1999/claim/marsh-leads-bureau.html",
    "gone and replaced": "/source/gazette-1999/proposition/marsh-leads-bureau.html",
}
LONG = {"ontology", "shapes", "catalogue", "statistics"}  # looked through for barriers once


def stored() -> list[StoredQuery]:
    """Return the stored queries that ask nobody else."""
    found = [queries.find(PROJECT, f"{theme}/{name}") for theme, name in queries.names(PROJECT)]
    return [each for each in found if not in_page_queries.elsewhere(each)]


@pytest.fixture(scope="module")
def home(published: Path) -> Iterator[str]:
    """Return the address of the project's site on a host of files."""
    with hosting(published) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium, running."""
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, home: str) -> Iterator[Visit]:
    """Return an empty page in which to visit the site; at the end nothing may have gone wrong on it."""
    with visiting(browser, home) as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def engine() -> None:
    """Skip a test of asking in the page where the engine has not been fetched."""
    if not (STATIC / "oxigraph" / "web_bg.wasm").exists():
        missing("the query engine has not been fetched: make editor")


@pytest.mark.parametrize("kind", PAGES)
def test_page_of_the_site_is_sound(visit: Visit, kind: str) -> None:
    """Each kind of page, on a desk in the light and on a phone in the dark: no complaint, no overflow, no barrier."""
    assert visit.go(PAGES[kind]) == 200
    if kind == "network":
        visit.page.wait_for_selector(".live svg")
    if kind == "search":
        visit.page.wait_for_selector("#found a")
    visit.look(twice=kind not in LONG)


@pytest.mark.parametrize("kind", SELDOM)
def test_page_of_former_days_is_sound(browser: Browser, past: History, kind: str) -> None:
    """The same holds for the pages of releases, of differences, and of what is gone."""
    with hosting(past.later) as former, visiting(browser, former) as visit:
        assert visit.go(SELDOM[kind]) == 200
        visit.look()
        assert visit.complaints == []


def test_every_kind_of_page_is_looked_at(published: Path) -> None:
    """Of each kind of document, and of each page at the top of the site, there is one among those above."""
    seen = {documents.kind(HOME + path[1:].removesuffix(".html")) for path in PAGES.values()}
    iris = (published / "iris.txt").read_text(encoding="utf-8").split()
    assert {documents.kind(iri) for iri in iris if "#" not in iri} <= seen
    top = {f"/{path.name}" for path in published.glob("*.html")} - {"/index.html", "/ontology-with-mappings.html"}
    assert top - {path.partition("?")[0] for path in PAGES.values()} == set()


@pytest.mark.parametrize("kind", ["opening", "disputes", "text", "timeline", "question", "claim"])
def test_page_is_printed_black_on_white(visit: Visit, kind: str) -> None:
    """On paper a page is black on white, in the dark too, without menus and forms, and no wider than the sheet."""
    visit.go(PAGES[kind])
    page = visit.page
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 720, "height": 1000})
    style = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    assert page.evaluate(style) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert not any(each.is_visible() for each in page.locator("nav[aria-label=Main], form, .skip").all())
    assert page.locator("h1").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_opening_page_is_light_and_quick(browser: Browser, home: str) -> None:
    """The opening page weighs under 150 kB without the engine, and is interactive within a second of a text."""
    with visiting(browser, home) as visit:
        weights: dict[str, int] = {}
        visit.page.on("response", lambda response: weights.update({response.url: len(response.body())}))
        visit.page.goto(f"{home}/", wait_until="networkidle")
        assert sum(weights.values()) < HEAVY, weights
        assert not any("oxigraph" in url or "engine" in url for url in weights)
        script = "performance.getEntriesByType('navigation')[0].domInteractive"
        for _ in range(5):
            visit.page.goto(f"{home}/robots.txt")
            least = float(visit.page.evaluate(script))
            visit.page.goto(f"{home}/")
            if float(visit.page.evaluate(script)) < least + 1000:
                return
        pytest.fail("five times it took a second longer than a text")


# Asking in the page


def answered(page: Page, name: str, values: dict[str, list[str]], scope: dict[str, Any] | None = None) -> Any:
    """Return what the page answers to a stored query, in SPARQL's JSON, or the words of its refusal."""
    script = """async ([name, values, scope]) => {
        const { answer, stored } = await import(document.querySelector('script[src$="asking.js"]').src);
        try { return await answer(await stored(name, values, scope), 60); } catch (error) { return String(error); }
    }"""
    return page.evaluate(script, [name, values, scope or {}])


def told(question: Question) -> Any:
    """Return what the command line answers to a question, in SPARQL's JSON without the citation."""
    return json.loads(formats.to_json(ask(PROJECT, question).answer))


def others(parameter: Parameter, dataset: Dataset) -> list[str]:
    """Return values of a parameter besides its default: the first, one in the middle and the last possible one."""
    if parameter.type == "date":
        return ["2022-09-21", "1999-01-01"]
    found = parameters.possible(parameter, dataset)
    return [found[0], found[len(found) // 2], found[-1]] if found else []


@pytest.mark.usefixtures("engine")
def test_every_stored_query_has_the_answer_of_the_command_line(visit: Visit, article: Dataset) -> None:
    """Each stored query, with its default values and with others, is answered in the page as on the command line."""
    visit.go(ASK)
    asked = 0
    for each in stored():
        name = f"{each.theme}/{each.name}"
        cases: list[dict[str, list[str]]] = [{}]
        cases += [{found.name: [value]} for found in each.parameters for value in others(found, article)]
        for values in cases:
            try:
                expected = told(Question(name=name, values=values))
            except TriplomacyError:
                continue  # a name of several things, say; refusals have a test of their own
            assert answered(visit.page, name, values) == expected, (name, values)
            asked += 1
    assert asked > 2 * len(stored())


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("scope", "options"),
    [
        ({"view": "undisputed"}, {"views": ("undisputed",)}),
        ({"view": "author", "asOf": "2022"}, {"views": ("author",), "as_of": "2022"}),
        ({"actor": "Artyom Lukin"}, {"actors": ("Artyom Lukin",)}),
        ({"asOf": "2019-05"}, {"as_of": "2019-05"}),
        ({"asOf": "2022-10-01", "certainly": True}, {"as_of": "2022-10-01", "certainly": True}),
    ],
)
def test_view_and_date_choose_what_the_command_line_chooses(visit: Visit, scope: Any, options: Any) -> None:
    """A view, an actor and a date leave and add in the page what they do on the command line."""
    visit.go(ASK)
    for name in ("pictures/who-claims-what", "pictures/ties", "time/what-is-dated", "disputes/dispute-ledger"):
        assert answered(visit.page, name, {}, scope) == told(Question(name=name, scope=Scope(**options))), name
    text = "SELECT ?s ?p ?o { ?class tri:shortcut ?p . ?s ?p ?o } ORDER BY ?s ?p ?o"
    script = """async ([text, scope]) => {
        const { answer, scoped } = await import(document.querySelector('script[src$="asking.js"]').src);
        return answer(await scoped({ text }, scope), 60);
    }"""
    assert visit.page.evaluate(script, [text, scope]) == told(Question(text=text, scope=Scope(**options)))


@pytest.mark.usefixtures("engine")
def test_values_are_refused_as_on_the_command_line(visit: Visit) -> None:
    """What is not a value of a parameter is refused in both places, and a name is told what it is near to."""
    visit.go(ASK)
    for values in (
        {"recognised": ["Nowhere"]},
        {"recognised": ["id:nowhere"]},
        {"state": ["x"]},
        {"recognised": [" "]},
    ):
        with pytest.raises(TriplomacyError):
            told(Question(name="recognition/who-recognises", values=values))
        assert isinstance(answered(visit.page, "recognition/who-recognises", values), str), values
    for day in ("2022-02-30", "20210630", "yesterday"):
        with pytest.raises(TriplomacyError):
            told(Question(name="time/did-it-hold-on", values={"day": [day]}))
        assert "takes a day" in answered(visit.page, "time/did-it-hold-on", {"day": [day]})
    assert "Donetsk" in answered(visit.page, "recognition/who-recognises", {"recognised": ["Donetsk"]})


NASTY = [
    '"',
    "\\",
    "'",
    "\\u0022 } #",
    "\n",
    "a\\\\u0022",
    "\t\r",
    "\x00\x1f\x7f",
    "\U0001f600",
    "}",
    "\\",
    "é",
    "?x",
    "\\U00000022",
]


@pytest.mark.usefixtures("engine")
def test_text_is_bound_as_it_is(visit: Visit) -> None:
    """Text with quotation marks, backslashes, escapes and line ends arrives in the query as the very same text."""
    visit.go(ASK)
    script = """async ([pieces, values]) => {
        const { answer, scoped } = await import(document.querySelector('script[src$="asking.js"]').src);
        const { ask } = await import(new URL("binding.js", document.querySelector('script[src$="asking.js"]').src));
        const parameter = { name: "x", type: "string", many: true };
        const text = ask({ text: pieces, parameters: [parameter] }, { x: values }, {}, "");
        return (await answer(await scoped({ text }, {}), 60)).results.bindings.map((row) => row.x.value);
    }"""
    pieces = in_page_queries.pieces("SELECT ?x { BIND (1 AS ?y) FILTER (BOUND(?x)) }", ["x"])
    values = list(dict.fromkeys(NASTY))
    assert sorted(visit.page.evaluate(script, [pieces, values])) == sorted(values)


@pytest.mark.usefixtures("engine")
def test_question_is_asked_in_the_page(visit: Visit) -> None:
    """The form asks by keyboard, its address has what was asked, and whoever opens it gets the same answer."""
    visit.go(ASK)
    page = visit.page
    rows = page.locator("#outcome tbody tr")
    assert rows.count() > 1  # the answer that the site was built with
    page.fill("[name=recognised]", "Donetsk referendum")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    assert page.url.endswith("?recognised=Donetsk+referendum")
    assert rows.all_inner_texts()[0].split("\t")[0] == "North Korea"
    page.fill("[name=recognised]", "Nowhere")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#outcome .alert")).to_contain_text("Nowhere")
    page.go_back()
    expect(rows).to_have_count(1)
    page.goto(page.url)
    expect(rows).to_have_count(1)
    assert page.input_value("[name=recognised]") == "Donetsk referendum"


@pytest.mark.usefixtures("engine")
def test_answer_is_shown_as_network_and_timeline(visit: Visit) -> None:
    """An answer is a table, a network where rows have two nodes, a timeline where they have times; by address too."""
    visit.go("/queries/time/what-is-dated.html")
    page = visit.page
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("button", name="Timeline").click()
    expect(page.locator("#outcome .bar").nth(5)).to_be_attached()
    page.get_by_role("button", name="Network").click()
    expect(page.locator("#outcome svg.network .edge").nth(5)).to_be_attached()
    expect(page).to_have_url(re.compile("as=network"))
    page.goto(page.url)
    expect(page.locator("#outcome svg.network")).to_be_visible()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#outcome svg.network")).to_be_visible()
    expect(page).to_have_url(re.compile("as=network"))
    assert visit.barriers() == []


def written(visit: Visit, text: str, seconds: int = 10) -> None:
    """Run a query that is opened by its address."""
    visit.go(f"/sparql.html?{urlencode({'query': text, 'limit': seconds})}")


@pytest.mark.usefixtures("engine")
def test_any_query_is_asked_in_the_page(visit: Visit) -> None:
    """SELECT, ASK and CONSTRUCT are answered, over the default graph and a view; mistakes have their place."""
    page = visit.page
    written(visit, "SELECT ?organ { ?organ tri:organOf id:russia } ORDER BY ?organ")
    expect(page.locator("#outcome tbody tr").first).to_be_visible()
    assert "Russian foreign ministry" in page.locator("#outcome tbody tr").all_inner_texts()
    written(visit, "ASK { GRAPH view:author { id:syria tri:recognises id:donetsk-peoples-republic } }")
    expect(page.locator("#outcome .truth")).to_have_text("Yes")
    written(visit, "CONSTRUCT WHERE { ?organ tri:organOf id:russia }")
    expect(page.locator("#outcome tbody tr").first).to_be_visible()
    written(visit, "SELECT * { ?who tri:recognises ?what }")
    expect(page.locator("#outcome .note")).to_contain_text("tri:recognises holds only in views")
    written(visit, "SELECT *\nFOO { ?s ?p ?o }")
    expect(page.locator("#outcome .alert")).to_contain_text("line 2, column")
    written(visit, "SELECT ?a ?b { ?x ?y ?z }" + " # long" * 2000)
    expect(page.locator("#outcome tbody tr").first).to_be_visible()


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        (r"SELECT * { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("LOAD <http://127.0.0.1:9/>", "LOAD"),
        ("DELETE WHERE { ?s ?p ?o }", "DELETE"),
    ],
)
def test_nobody_else_is_asked(visit: Visit, text: str, reason: str) -> None:
    """A query that would ask another server or change data is refused; a text that speaks of SERVICE is not."""
    written(visit, text)
    expect(visit.page.locator("#outcome .alert")).to_contain_text(reason)
    written(visit, 'SELECT ("SERVICE" AS ?x) {} # SERVICE <http://127.0.0.1:9/> {}')
    expect(visit.page.locator("#outcome tbody td")).to_have_text("SERVICE")


@pytest.mark.usefixtures("engine")
def test_time_limit_ends_a_query(visit: Visit) -> None:
    """A query that has no end is ended when its time is over, or by a button, and the next one is answered."""
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    page = visit.page
    written(visit, endless, 1)
    expect(page.locator("#outcome .alert")).to_contain_text("within 1 second", timeout=20_000)
    written(visit, endless, 600)
    expect(page.locator("#outcome")).to_contain_text("Asks", timeout=20_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#outcome")).to_contain_text("Stopped")
    page.evaluate("document.querySelector('#query').value = 'ASK {}'")
    page.evaluate("document.querySelector('#query').dispatchEvent(new Event('input'))")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#outcome .truth")).to_have_text("Yes", timeout=20_000)


def test_question_that_asks_elsewhere_is_shown(visit: Visit) -> None:
    """The stored query that asks Wikidata is there to be read, with how to ask it, and without a form."""
    visit.go(PAGES["question elsewhere"])
    assert visit.page.locator("form.ask").count() == 0
    assert "--allow-service" in visit.page.inner_text("main")
    assert "SERVICE" in visit.page.locator("pre code").first.text_content()  # type: ignore[operator]


# Search and pictures


def test_search_finds_by_any_name(visit: Visit) -> None:
    """Another name finds, as does a part with other capitals and accents; arrows go through what is found."""
    visit.go("/search.html")
    page = visit.page
    page.fill("#q", "beijing")
    expect(page.locator("#found a").first).to_have_text("China")
    expect(page.locator("#told")).to_contain_text("found")
    page.keyboard.press("ArrowDown")
    assert visit.focused("textContent") == "China"
    page.keyboard.press("ArrowUp")
    assert visit.focused("id") == "q"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/id/china.html")
    page.go_back()
    expect(page.locator("#q")).to_have_value("beijing")
    page.fill("#q", "tri:claimant")
    expect(page.locator("#found a").first).to_have_attribute("href", re.compile("ontology.html#claimant$"))
    page.fill("#q", "no such name")
    expect(page.locator("#told")).to_have_text("Nothing here is called so.")


def test_network_is_looked_through(visit: Visit) -> None:
    """Kinds choose lines, a node that has the focus tells its lines, and a line leads to its proposition."""
    visit.go("/network.html")
    page = visit.page
    lines, shown = page.locator(".live .edge"), page.locator(".live .edge:not([hidden])")
    expect(lines.first).to_be_attached()
    everything = lines.count()
    page.uncheck("[name=kind][value=recognition]")
    assert 0 < shown.count() < everything
    expect(page.locator("form [role=status]")).to_have_text(f"{shown.count()} of {everything} lines")
    node = page.locator(".live a.node:not([hidden])", has_text="Russia").first
    node.focus()
    expect(page.locator(".told")).to_contain_text("Russia")
    assert "certain" in page.inner_text(".told")
    shown.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/proposition/**")


def test_pictures_need_no_script(browser: Browser, home: str) -> None:
    """Without a script and on paper there is the static picture; timeline and matrix are there as they are."""
    with visiting(browser, home, script=False) as visit:
        visit.go("/network.html")
        assert visit.page.locator(".still img").is_visible()
        assert visit.page.evaluate("document.querySelector('.still img').naturalWidth") > 100
        visit.go("/timeline.html")
        assert visit.page.locator("svg.bar").count() > 20
        visit.go("/matrix.html")
        assert visit.page.locator(".mark").count() > 50
        visit.go(ASK)
        assert "only with a script" in visit.page.inner_text("noscript")
        assert visit.complaints == []
    with visiting(browser, home) as visit:
        visit.go("/network.html")
        visit.page.wait_for_selector(".live svg")
        assert not visit.page.locator(".still").is_visible()
        visit.page.emulate_media(media="print")
        assert visit.page.locator(".still img").is_visible()
        assert not visit.page.locator(".live").is_visible()


def test_timeline_says_what_holds_on_a_day(visit: Visit) -> None:
    """A date marks what certainly and what possibly holds then, as `triplomacy query --as-of` has it."""
    visit.go("/timeline.html")
    page = visit.page
    page.fill("#day", "2022-10-01")
    told_ = page.inner_text("form [role=status]")
    certain, possible = (int(number) for number in re.findall(r"(\d+) (?:certainly|may)", told_))
    labels = {row: set(page.locator(f"tr.{row} th").all_inner_texts()) for row in ("certainly", "possibly", "no")}
    assert (len(labels["certainly"]), len(labels["possibly"])) == (certain, possible)
    text = "SELECT DISTINCT ?p { ?p tri:during ?span }"
    kept = {row[0].value for row in ask(PROJECT, Question(text=text, scope=Scope(as_of="2022-10-01"))).answer.rows}  # type: ignore[union-attr]
    links = page.locator("tr.certainly th a, tr.possibly th a")
    shown = {link.get_attribute("href").removesuffix(".html") for link in links.all()}  # type: ignore[union-attr]
    assert shown <= {iri.removeprefix("https://w3id.org/triplomacy/") for iri in kept}
    gone = {link.get_attribute("href").removesuffix(".html") for link in page.locator("tr.no th a").all()}  # type: ignore[union-attr]
    assert gone - shown == gone - {iri.removeprefix("https://w3id.org/triplomacy/") for iri in kept}


def test_site_without_the_engine_says_so() -> None:
    """Where the engine was not fetched, the pages of questions have no form, and the command to ask by."""
    from triplomacy import pages
    from triplomacy.dataset.reading import load

    without = pages.Site(links=pages.Links("../../", ".html"), server=False, engine=False, edited=False)
    dataset = load(PROJECT)
    text = pages.question(without, dataset, queries.find(PROJECT, "who-recognises"), {})
    assert "without the query engine" in text
    assert "triplomacy query who-recognises" in text
    assert "<form" not in text
    assert "asking.js" not in text
    assert "<form" not in pages.editor(without, dataset)
