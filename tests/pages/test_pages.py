"""Pages for people, as values become HTML: every kind, every link, and nothing that is not escaped."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from jinja2 import UndefinedError
from lxml import html

from tests.conftest import ROOT, make_gazette
from triplomacy import queries
from triplomacy.claims import evidence, views
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load_graphs
from triplomacy.pages import accounts, forms, passages, render
from triplomacy.pages.forms import FormOutcome, answer_of
from triplomacy.pages.links import Links
from triplomacy.pages.reading import Nested, Reader, statements_by_subject
from triplomacy.publish import documents
from triplomacy.publish.documents import Document, Documents
from triplomacy.queries import formats
from triplomacy.queries.answer import Answer
from triplomacy.queries.citation import Citation
from triplomacy.queries.scope import Scope
from triplomacy.terms import ID, RDF, ROOT as OURS, SHAPES, SOURCE, TRI, VIEW

LUKIN = SOURCE + "lukin-2022/"
LISTS = ("", "actors", "propositions", "disputes", "sources", "queries", "sparql")
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;"
SITE = render.Site(base="https://example.org/", dataset="0123456789abcdef" * 4)


@cache
def published(folder: Path) -> tuple[Dataset, Documents]:
    """Return a project's graphs with its views as named graphs, and its documents."""
    dataset = load_graphs(Project(folder)).with_named_graphs()
    found = documents.read(load_graphs(Project(folder)))
    views.add_graphs(dataset)
    return dataset, found


@pytest.fixture(scope="session")
def ours() -> tuple[Dataset, Documents]:
    """Return the article's graphs and documents."""
    return published(ROOT)


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Documents]:
    """Return the gazette's graphs and documents."""
    return published(make_gazette(tmp_path_factory.mktemp("gazette") / "project").root)


def parsed(text: str) -> Any:
    """Return the root of a page."""
    return html.fromstring(text)


def page_of(published: tuple[Dataset, Documents], iri: str, text: str | None = None) -> Any:
    """Return the parsed page of the document of an IRI."""
    dataset, found = published
    return parsed(render.document(SITE, dataset, found.get(iri), text))


def listed(dataset: Dataset, name: str) -> str:
    """Return a page that describes no IRI."""
    functions = {
        "": render.overview,
        "actors": render.actors,
        "propositions": render.propositions,
        "disputes": render.disputes,
        "sources": render.sources,
        "queries": render.questions,
        "sparql": render.editor,
    }
    return functions[name](SITE, dataset)


def words(node: Any) -> str:
    """Return the text of an element, its white space collapsed."""
    return " ".join(node.text_content().split())


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (ID + "north-korea", "/id/north-korea.html"),
        (TRI + "Claim", "/ontology.html#Claim"),
        (LUKIN + "text#char=1,2", "/source/lukin-2022/text.html#char=1,2"),
        (SHAPES + "Claim", "/shapes.html#Claim"),
        (OURS, "/"),
        ("https://www.wikidata.org/entity/Q423", "https://www.wikidata.org/entity/Q423"),
        ("javascript:alert(1)", None),
        ("urn:isbn:1", None),
        (ID + 'a"b', "/id/a%22b.html"),
    ],
)
def test_links(iri: str, address: str | None) -> None:
    """A link leads to the document of an IRI of ours, to the place in it, to the web elsewhere, or nowhere."""
    assert Links().to(iri) == address


def test_links_below_a_prefix() -> None:
    """The same pages work below a prefix, and on a host of files where names have endings."""
    links = Links("/graph/", ".html")
    assert links.to(ID + "russia") == "/graph/id/russia.html"
    assert links.page("actors") == "/graph/actors.html"
    assert links.page("") == "/graph/"
    assert links.page("queries/a/b", [("x", "a&b"), ("as-of", "2022")]) == "/graph/queries/a/b.html?x=a%26b&as-of=2022"
    assert links.static("style.css") == "/graph/static/style.css"
    assert links.data(TRI + "Claim", "ttl") == "/graph/ontology.ttl"
    assert Links("").page("") == "./"


def every_page(published: tuple[Dataset, Documents]) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of all pages of a project."""
    dataset, found = published
    links = Links()
    for name in LISTS:
        yield links.page(name), listed(dataset, name)
    assert dataset.project is not None
    for theme, name in queries.names(dataset.project):
        stored = queries.find(dataset.project, f"{theme}/{name}")
        yield f"/queries/{theme}/{name}", render.question(SITE, dataset, stored, {})
    for iri in found.iris():
        yield links.to(iri) or "", render.document(SITE, dataset, found.get(iri))


@pytest.mark.parametrize("which", ["ours", "invented"])
def test_no_link_is_broken(which: str, request: pytest.FixtureRequest) -> None:
    """Each link of each page leads to a page that there is, and each fragment to a place in it."""
    by_server = {"/openapi.json", "/.well-known/void", "/catalogue"}
    known: dict[str, set[str]] = {}
    wanted: dict[tuple[str, str], str] = {}
    for address, text in every_page(request.getfixturevalue(which)):
        root = parsed(text)
        ids = root.xpath("//@id")
        assert len(ids) == len(set(ids)), f"{address} has an id twice"
        known[address] = set(ids)
        for link in root.xpath("//a/@href"):
            path, _, fragment = link.partition("#")
            if not link.startswith(("http:", "https:")) and not path.endswith(
                tuple(f".{end}" for end in render.FORMATS)
            ):
                wanted.setdefault((path.partition("?")[0] or address, fragment), address)
    broken = {
        f"{path}#{fragment} on {where}"
        for (path, fragment), where in wanted.items()
        if path not in by_server and (path not in known or (fragment and fragment not in known[path]))
    }
    assert len(known) > 100
    assert broken == set()


def test_every_page_has_its_parts(invented: tuple[Dataset, Documents]) -> None:
    """Each page has a title, one main heading, landmarks, a skip link, and headings that leave out no level."""
    for address, text in every_page(invented):
        assert text.startswith("<!doctype html>"), address
        root = parsed(text)
        assert words(root.find(".//title")).endswith("– Triplomacy"), address
        assert len(root.xpath("//h1")) == len(root.xpath("//main")) == 1, address
        assert root.xpath("//body/*[1]")[0].get("href") == "#main", address
        levels = [int(heading.tag[1]) for heading in root.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert all(after - before <= 1 for before, after in pairwise(levels)), (address, levels)
        assert root.xpath("//table[not(caption)]") == [], address


def test_pages_carry_no_script_or_style_of_their_own(invented: tuple[Dataset, Documents]) -> None:
    """No page has a script, a style or a handler in it, or anything that another host sends."""
    for address, text in every_page(invented):
        root = parsed(text)
        assert root.xpath("//style|//@style|//iframe|//object|//embed|//base") == [], address
        assert {each.get("type") for each in root.xpath("//script[not(@src)]")} <= {"application/ld+json"}, address
        assert [name for node in root.iter() for name in node.attrib if name.startswith("on")] == [], address
        loaded = root.xpath("//script/@src|//img/@src|//link[@rel='stylesheet' or @rel='icon']/@href")
        assert loaded
        assert [source for source in loaded if not source.startswith("/static/")] == [], address


def test_names_that_a_template_does_not_know_are_errors() -> None:
    """A template that names what it is not given fails; it does not show nothing."""
    with pytest.raises(UndefinedError):
        render._environment().from_string("{{ nothing.here }}").render()


def test_proposition_has_its_claims_side_by_side(ours: tuple[Dataset, Documents]) -> None:
    """Who affirms and who denies stand apart, each with certainty, reporter and evidence."""
    root = page_of(ours, LUKIN + "proposition/russia-asks-for-ammunition")
    affirming, denying = root.xpath("//section[contains(@class, 'side ')]")
    assert [words(card.find(".//h4")) for card in affirming.findall("article")] == [
        "United States Department of Defense affirms"
    ]
    assert [words(card.find(".//h4")) for card in denying.findall("article")] == [
        "Russia's envoy to the United Nations denies",
        "North Korea denies",
    ]
    told = [(words(pair.find("dt")), words(pair.find("dd"))) for pair in affirming.xpath("article/dl/div")]
    assert ("How surely", "certain") in told
    assert ("Reported by", "Artyom Lukin") in told
    assert affirming.xpath(".//a[contains(@href, 'char=3091,3164')]")
    assert "disputed" in words(root.find(".//header[@class='title']"))


def test_denial_of_what_is_more_general_is_shown(invented: tuple[Dataset, Documents]) -> None:
    """A proposition that specialises what somebody flatly denies shows that denial, and counts as disputed."""
    dataset, _ = invented
    reader = Reader(dataset)
    general = list(dataset.select("SELECT ?narrow ?wide { ?narrow tri:specialises ?wide }"))
    assert general
    for row in general:
        account = accounts.account(reader, row["narrow"].value)
        flat = [
            c for c in accounts.account(reader, row["wide"].value).claims["denies"] if c.certainty == TRI + "certain"
        ]
        assert set(flat) <= set(account.general)


def test_disputes_are_those_of_the_ledger(ours: tuple[Dataset, Documents]) -> None:
    """The page of disputes has the propositions that the stored query on disputes has."""
    dataset, _ = ours
    assert dataset.project is not None
    answer = queries.run(dataset, queries.bind(queries.find(dataset.project, "dispute-ledger"), {}, dataset))
    ledger = {row["proposition"].value for row in answer}  # type: ignore[union-attr]
    assert ledger
    assert set(accounts.disputed_propositions(dataset)) == ledger
    found = parsed(render.disputes(SITE, dataset)).xpath("//section[@class='dispute']/h2/a/@href")
    assert set(found) == {Links().to(str(iri)) for iri in ledger}


def test_claim_on_several_propositions_is_not_called_by_one(ours: tuple[Dataset, Documents]) -> None:
    """The name of a claim says that there are more propositions than the one that it names."""
    reader = Reader(ours[0])
    rows = ours[0].select(
        "SELECT ?claim (COUNT(?p) AS ?n) { ?claim tri:proposition ?p } GROUP BY ?claim HAVING (COUNT(?p) > 1)"
    )
    several = {row["claim"].value: int(row["n"].value) for row in rows}
    assert several
    for claim, count in several.items():
        assert re.search(rf" and ({count - 1} others|one other)$", reader.name(claim)), reader.name(claim)


def test_actor_page(ours: tuple[Dataset, Documents]) -> None:
    """An actor's page has its other names, what it says, and what is said of it."""
    root = page_of(ours, ID + "north-korea")
    assert "Pyongyang" in words(root.find(".//header[@class='title']"))
    said = [words(item) for item in root.xpath("//section[@aria-labelledby='says']//li")]
    made = list(ours[0].select("SELECT ?c { ?c tri:claimant id:north-korea }"))
    assert len(said) == len(made) > 0
    assert any(item.startswith("denies Russia asks North Korea for ammunition") for item in said)
    assert root.xpath("//section[@aria-labelledby='told']//tbody/tr")


def test_view_page_leads_from_each_fact_to_its_proposition(ours: tuple[Dataset, Documents]) -> None:
    """Each fact of a view stands with the proposition that it shortens."""
    root = page_of(ours, VIEW + "undisputed")
    rows = root.xpath("//tbody/tr")
    assert len(rows) == len(views.derive(load_graphs(Project(ROOT)), "undisputed"))
    assert [words(row) for row in rows if not row.xpath("td[4]//a[contains(@href, '/proposition/')]")] == []


def test_strip_has_positions_and_no_text(ours: tuple[Dataset, Documents], article_text: Path) -> None:
    """The strip has each passage and span by its position, and no passage's characters."""
    text = article_text.read_text(encoding="utf-8")
    dataset, _ = ours
    (source,) = evidence.sources(dataset)
    root = page_of(ours, source.text)
    parts = evidence.passages(dataset, source)
    bars = [bar.get("x") for bar in root.xpath("//*[local-name()='rect'][@class='back']")]
    assert bars == [str(part.anchor.start) for part in parts]
    assert len(root.xpath("//table[@class='passages']/tbody/tr")) == len(parts)
    assert {f"char={span.start},{span.end}" for span in evidence.spans(dataset, source)} <= set(root.xpath("//@id"))
    shown = words(root)
    long = [text[part.anchor.start : part.anchor.end] for part in parts if part.anchor.end - part.anchor.start > 60]
    assert long
    assert [passage for passage in long if passage in shown] == []


def test_text_is_shown_with_its_claims_marked(invented: tuple[Dataset, Documents], gazette_text: str) -> None:
    """With the text, each passage has exactly its characters, and what is marked is what the spans cover."""
    dataset, _ = invented
    (source,) = evidence.sources(dataset)
    found = passages.read(Reader(dataset), source, gazette_text)
    spans = evidence.spans(dataset, source)
    for band in found.bands:
        assert "".join(segment.text for segment in band.segments) == gazette_text[band.anchor.start : band.anchor.end]
    covered = {place for span in spans for place in range(span.start, span.end)}
    marked = sum(len(segment.text) for band in found.bands for segment in band.segments if segment.spans)
    assert marked == len(covered)
    root = page_of(invented, source.text, text=gazette_text)
    shown = [node.text_content() for node in root.xpath("//p[@class='text']")]
    assert shown == [gazette_text[band.anchor.start : band.anchor.end] for band in found.bands]
    assert {f"char={span.start},{span.end}" for span in spans} <= set(root.xpath("//@id"))


def test_another_text_is_refused(invented: tuple[Dataset, Documents], gazette_text: str) -> None:
    """A text that is not the one that was hashed is never shown as the source's."""
    dataset, found = invented
    (source,) = evidence.sources(dataset)
    with pytest.raises(ValueError, match="not the text"):
        render.document(SITE, dataset, found.get(source.text), gazette_text + " ")


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ((None, None, None, None), "no bound is given"),
        (("2022-03-02T00:00:00Z", "2022-03-02T23:59:59Z", None, None), "begins on 2 March 2022"),
        (
            ("2022-01-01T00:00:00Z", "2022-03-02T23:59:59Z", None, None),
            "begins between 1 January 2022 and 2 March 2022",
        ),
        (
            ("2022-01-01T00:00:00Z", None, None, "2024-12-31T23:59:59Z"),
            "begins on 1 January 2022 or later; ends by 31 December 2024",
        ),
        (
            (None, "2024-12-31T23:59:59Z", "2022-09-21T00:00:00Z", None),
            "begins by 31 December 2024; ends on 21 September 2022 or later",
        ),
        (("2022-01-01T02:00:00+05:00", None, None, None), "begins on 31 December 2021 or later"),
        (("soon", None, None, None), "begins on soon or later"),
    ],
)
def test_times_in_words(bounds: tuple[str | None, str | None, str | None, str | None], told: str) -> None:
    """The four bounds of a span of time are said in words, in universal time; an absent one is not made up."""
    assert accounts.Time("x:", "", None, None, bounds).words() == told


def test_statements_nest_blank_nodes_and_lists() -> None:
    """Blank nodes stand inside what names them, lists as their items, and a ring of them ends."""
    subject, other = ox.NamedNode("x:a"), ox.NamedNode("x:b")
    one, two, ring = ox.BlankNode("one"), ox.BlankNode("two"), ox.BlankNode("ring")
    first, rest, nil = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
    found = statements_by_subject(
        [
            ox.Triple(subject, ox.NamedNode("x:list"), one),
            ox.Triple(one, first, other),
            ox.Triple(one, rest, two),
            ox.Triple(two, first, ox.Literal("second")),
            ox.Triple(two, rest, nil),
            ox.Triple(subject, ox.NamedNode("x:ring"), ring),
            ox.Triple(ring, ox.NamedNode("x:next"), ring),
        ]
    )
    listed, circle = found["x:a"]
    assert listed.values == (Nested(items=(other, ox.Literal("second"))),)
    (value,) = circle.values
    assert isinstance(value, Nested)
    assert value.statements[0].values == (Nested(),)


def test_endless_list_ends() -> None:
    """A list whose rest is itself has its items once."""
    cell = ox.BlankNode("cell")
    triples = [
        ox.Triple(ox.NamedNode("x:a"), ox.NamedNode("x:list"), cell),
        ox.Triple(cell, ox.NamedNode(RDF + "first"), ox.Literal("item")),
        ox.Triple(cell, ox.NamedNode(RDF + "rest"), cell),
    ]
    assert statements_by_subject(triples)["x:a"][0].values == (Nested(items=(ox.Literal("item"),)),)


def test_form_suggests_what_may_be_asked(ours: tuple[Dataset, Documents]) -> None:
    """A parameter of a class suggests the names of its members, has its default by name, and takes what is typed."""
    dataset, _ = ours
    assert dataset.project is not None
    stored = queries.find(dataset.project, "who-recognises")
    (field,) = forms.fields(Reader(dataset), stored, {})
    assert field.values == (field.default,) == ("Donetsk People's Republic",)
    assert {"Referendum in Kherson", "Syria"} <= set(field.choices)
    root = parsed(render.question(SITE, dataset, stored, {"recognised": ["Syria"]}))
    (entry,) = root.xpath("//input[@name='recognised']")
    assert entry.get("value") == "Syria"
    assert root.xpath(f"//datalist[@id='{entry.get('list')}']/option[@value='Referendum in Kherson']")
    assert words(root.xpath(f"//label[@for='{entry.get('id')}']")[0]) == "recognised"


def make_query(project: Project, header: str) -> None:
    """Write a stored query with parameters of every sort."""
    body = "SELECT ?x WHERE { VALUES ?x { ?one ?two ?flag } }".replace(
        "VALUES ?x { ?one ?two ?flag }", "BIND (CONCAT(STR(?one), STR(?two), STR(?flag)) AS ?x)"
    )
    (project.queries / "claims" / "sorts.rq").write_text(
        f"#+ summary: Which sorts?\n{header}\n{body}\n", encoding="utf-8"
    )


def test_form_of_every_sort_of_parameter(tmp_path: Path) -> None:
    """A parameter with options is chosen from a list, one with many values has a field more than it has values."""
    project = make_gazette(tmp_path / "project")
    header = """#+ parameters:
#+   one: {type: string, options: [red, "<b>"], default: red, description: a colour}
#+   two: {type: integer, many: true, description: numbers}
#+   flag: {type: boolean, default: "true", description: whether}
"""
    make_query(project, header)
    dataset = load_graphs(project)
    stored = queries.find(project, "sorts")
    root = parsed(render.question(SITE, dataset, stored, {"two": ["1", "", "2"], "one": ["<b>"], "as-of": ["2022"]}))
    assert [option.text for option in root.xpath("//select[@name='one']/option[@selected]")] == ["<b>"]
    assert [entry.get("value") for entry in root.xpath("//input[@name='two']")] == ["1", "2", ""]
    assert {entry.get("inputmode") for entry in root.xpath("//input[@name='two']")} == {"numeric"}
    assert [option.text for option in root.xpath("//select[@name='flag']/option")] == ["true", "false"]
    assert root.xpath("//form/details[@open]")
    assert root.xpath("//input[@name='as-of']/@value") == ["2022"]


def sparql_json(answer: Answer, cited: Citation | None = None) -> bytes:
    """Return an answer as a worker sends it."""
    return formats.to_json(answer, cited).encode()


def test_answer_comes_back_from_json() -> None:
    """An answer and its citation read back from SPARQL's JSON are what was written."""
    rows = (
        (ox.NamedNode("https://example.org/x"), ox.Literal("a", language="en"), None),
        (ox.BlankNode("b0"), ox.Literal(3), ox.Literal("plain")),
    )
    cited = Citation("theme/name", "SELECT", {"a": ("b",)}, Scope(as_of="2022"), "d" * 64, "a" * 64, "0.1.0")
    found = answer_of(sparql_json(Answer(("x", "y", "z"), rows), cited))
    assert found.answer == Answer(("x", "y", "z"), rows)
    assert found.citation == cited
    assert answer_of(sparql_json(Answer(truth=False))).answer == Answer(truth=False)


def test_answer_stands_below_the_form(ours: tuple[Dataset, Documents]) -> None:
    """The answer has a row a solution with links and names, other formats, a permalink, and its citation."""
    dataset, _ = ours
    assert dataset.project is not None
    stored = queries.find(dataset.project, "who-recognises")
    answer = Answer(("state",), ((ox.NamedNode(ID + "syria"),),))
    cited = Citation("recognition/who-recognises", "", {"recognised": ("Syria",)}, Scope(), "d" * 64, "a" * 64, "0.1.0")
    asked = {"recognised": ["Syria & co"], "as-of": [""]}
    root = parsed(render.question(SITE, dataset, stored, asked, FormOutcome(answer, citation=cited)))
    (cell,) = root.xpath("//table//tbody//td")
    assert (words(cell), cell.find("a").get("href")) == ("Syria", "/id/syria.html")
    assert root.xpath("//a[@rel='bookmark']/@href") == ["/queries/recognition/who-recognises?recognised=Syria+%26+co"]
    assert "format=csv" in root.xpath("//a[text()='CSV']/@href")[0]
    assert cited.as_text() in words(root.xpath("//section[@class='cite']")[0])


def test_long_answer_is_cut_and_says_so(ours: tuple[Dataset, Documents]) -> None:
    """A page shows the first rows of a long answer and says how many there are."""
    rows = tuple((ox.Literal(number),) for number in range(forms.MOST + 5))
    root = parsed(render.editor(SITE, ours[0], "SELECT", FormOutcome(Answer(("n",), rows))))
    assert len(root.xpath("//table//tbody/tr")) == forms.MOST
    assert "1,005 rows, of which the first 1,000 are shown" in words(root.find(".//caption"))


def hostile_pages(project: Project) -> Iterator[str]:
    """Yield pages into which hostile text has come by every way."""
    dataset, found = published(project.root)
    stored = queries.find(project, "who-recognises")
    row = (
        ox.Literal(HOSTILE),
        ox.NamedNode("javascript:alert(1)"),
        ox.BlankNode("b"),
        ox.Literal(HOSTILE, language="en"),
    )
    cited = Citation(HOSTILE, HOSTILE, {HOSTILE: (HOSTILE,)}, Scope(views=(HOSTILE,)), HOSTILE, HOSTILE, HOSTILE)
    outcomes = [
        FormOutcome(Answer((HOSTILE, "b", "c", "d"), (row,)), citation=cited, remarks=(HOSTILE,)),
        FormOutcome(turtle=HOSTILE),
        FormOutcome(title=HOSTILE, detail=HOSTILE),
    ]
    names = ("recognised", "as-of", "view", "according-to", "certainly", "evidence", HOSTILE)
    for outcome in outcomes:
        yield render.question(SITE, dataset, stored, {name: [HOSTILE] for name in names}, outcome)
        yield render.editor(SITE, dataset, HOSTILE, outcome)
    yield render.problem(SITE, 404, HOSTILE, HOSTILE)
    for name in LISTS:
        yield listed(dataset, name)
    for iri in found.iris():
        yield render.document(SITE, dataset, found.get(iri))


def spoil(project: Project) -> Project:
    """Put hostile text into every label, definition and title of a project's graphs, and into its queries."""
    quoted = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    for path in [*project.graphs.rglob("*.ttl"), *project.ontology.glob("*.ttl")]:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'"([^"\n]+)"@en', lambda found: f'"{found[1]} {quoted}"@en', text), encoding="utf-8")
    for path in project.queries.rglob("*.rq"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("?", "?", 1) + f"\n# {HOSTILE}\n", encoding="utf-8")
    return project


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """No text of the data, of a request or of an answer becomes markup, an address to run, or a template."""
    seen = 0
    for text in hostile_pages(spoil(make_gazette(tmp_path / "project"))):
        root = parsed(text)
        foreign = "//script[not(starts-with(@src, '/static/')) and not(@type='application/ld+json')]"
        assert root.xpath(f"{foreign}|//img|//*[@onerror]") == []
        assert all(json.loads(block) for block in root.xpath("//script[@type='application/ld+json']/text()"))
        assert [link for link in root.xpath("//@href|//@action") if link.strip().lower().startswith("javascript")] == []
        assert "49" not in re.findall(r"alert\(2\)(?:>|&gt;)(\d+)", text)
        seen += "alert(1)" in root.text_content()
    assert seen > 100


def test_problem_says_what_to_do() -> None:
    """The page of a problem has its status, what is wrong, what to do, and ways on."""
    root = parsed(render.problem(SITE, 404, "No such page", "Look among the actors."))
    assert words(root.find(".//h1")) == "No such page"
    assert "404" in words(root.find(".//header[@class='title']"))
    assert "Look among the actors." in words(root.find(".//main"))
    assert root.xpath("//main//a")


def test_unfinished_claim_has_a_page(ours: tuple[Dataset, Documents]) -> None:
    """What is called a claim and says nothing is shown as it is stated."""
    iri = LUKIN + "claim/unfinished"
    quad = ox.Quad(ox.NamedNode(iri), ox.NamedNode(RDF + "type"), ox.NamedNode(TRI + "Claim"))
    page = parsed(render.document(SITE, ours[0], Document(iri, "claim", (quad,))))
    assert words(page.find(".//h1")) == "lukin-2022:claim/unfinished"
    assert "claim" in words(page.xpath("//section[@class='stated']")[0])


def test_pages_offer_the_formats_of_a_publication(ours: tuple[Dataset, Documents]) -> None:
    """A document names its other formats in its head and at its foot, and its IRI as what it describes."""
    site = replace(SITE, formats=("ttl", "nt"))
    root = parsed(render.document(site, ours[0], ours[1].get(ID + "syria")))
    assert root.xpath("//link[@rel='alternate']/@href") == ["/id/syria.ttl", "/id/syria.nt"]
    assert root.xpath("//link[@rel='alternate']/@type") == ["text/turtle", "application/n-triples"]
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://example.org/id/syria.html"]
    assert root.xpath("//link[@rel='describes']/@href") == [ID + "syria"]


def test_pages_depend_on_no_day(ours: tuple[Dataset, Documents]) -> None:
    """A page is the same each time, and says nothing of the day on which it was made."""
    dataset, _ = ours
    first, second = (render.overview(SITE, dataset) for _ in range(2))
    assert first == second
    assert f"{datetime.now(UTC):%Y-%m-%d}" not in first


def test_evidence_leads_to_claims_and_spans() -> None:
    """The column of evidence links each claim and each span that it names, and keeps all its characters."""
    told = "lukin-2022:claim/a-b (lukin-2022:text#char=1,22, x); <b>"
    parts = forms.split_at_names(told)
    assert "".join(part for part, _ in parts) == told
    assert [iri for _, iri in parts if iri] == [LUKIN + "claim/a-b", LUKIN + "text#char=1,22"]


@pytest.mark.parametrize(
    ("iri", "told"),
    [
        ("http://www.w3.org/2000/01/rdf-schema#isDefinedBy", "is defined by"),
        ("http://www.w3.org/ns/dcat#accessURL", "access URL"),
        (TRI + "reportedBy", "reported by"),
    ],
)
def test_terms_in_words(ours: tuple[Dataset, Documents], iri: str, told: str) -> None:
    """A property is called by its label, or, where it has none here, by the words of its local name."""
    assert Reader(ours[0]).term(iri) == told


def test_editor_is_named_only_where_it_has_been_built(ours: tuple[Dataset, Documents]) -> None:
    """Without the built editor the page has its field and its form, and no file that is not there."""
    for edited in (True, False):
        root = parsed(render.editor(replace(SITE, edited=edited), ours[0]))
        assert bool(root.xpath("//script[contains(@src, 'yasgui')]")) is edited
        assert bool(root.xpath("//link[contains(@href, 'yasgui')]")) is edited
        assert root.xpath("//form[@method='get']//textarea[@name='query']")
