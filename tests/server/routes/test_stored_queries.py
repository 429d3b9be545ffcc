"""Stored queries over HTTP: what the command line answers, in each format, citable, with its words for mistakes."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from urllib.parse import quote

import polars
import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from tests.support.serving import Reply, Served, serving
from triplomacy import cli, queries
from triplomacy.dataset.project import Project
from triplomacy.http.negotiation import SOLUTIONS, Format
from triplomacy.queries import formats, question
from triplomacy.queries.citation import of_mapping
from triplomacy.server.routes import question_address
from triplomacy.sparql import services

PROJECT = Project(ROOT)
NAMES = [f"{theme}/{name}" for theme, name in queries.names(PROJECT)]
ELSEWHERE = [name for name in NAMES if services.clauses(queries.find(PROJECT, name).text)]
STORED = [name for name in NAMES if name not in ELSEWHERE]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
WHO = "/queries/recognition/who-recognises"


def expected(address: str) -> question.Reply:
    """Return what the command line's code answers to the question of an address."""
    path, _, fields = address.partition("?")
    stored = queries.find(PROJECT, path.removeprefix("/queries/"))
    pairs = [(name, value.replace("+", " ")) for name, _, value in (f.partition("=") for f in fields.split("&") if f)]
    return question.ask(PROJECT, question_address.read(stored, pairs).question)


def problem(reply: Reply) -> dict[str, Any]:
    """Return the members of a problem (RFC 9457)."""
    assert reply.media_type == "application/problem+json"
    found: dict[str, Any] = json.loads(reply.body)
    assert found["status"] == reply.status
    return found


@pytest.mark.parametrize("name", STORED)
def test_answer_is_the_expected_one_in_each_format(name: str, served: Served) -> None:
    """Each stored query gives, in each format, what `asking` gives, and as CSV its expected answer."""
    reply = question.ask(PROJECT, question.Question(name))
    citation = reply.cite()
    for form in SOLUTIONS:
        got = served.get(f"/queries/{name}", form.media_type)
        assert (got.status, got.media_type) == (200, form.media_type)
        written = formats.FORMATS[form.name](reply.answer, citation)
        assert got.body == (written if isinstance(written, bytes) else written.encode())
    text = (ROOT / "queries" / f"{name}.csv").read_text(encoding="utf-8")
    assert sorted(served.get(f"/queries/{name}?format=csv").text.split()) == sorted(text.split())


@pytest.mark.parametrize("name", ELSEWHERE)
def test_question_for_another_server_is_refused(name: str, served: Served) -> None:
    """A stored query that asks another server is described and not answered here."""
    told = problem(served.get(f"/queries/{name}", "application/json"))
    assert told["status"] == 403
    assert "SERVICE" in told["detail"]
    page = served.get(f"/queries/{name}", BROWSER)
    assert page.status == 200
    assert told["detail"] in page.text


@pytest.mark.parametrize("form", SOLUTIONS, ids=lambda form: form.name)
def test_formats_are_read_by_another_tool(form: Format, served: Served) -> None:
    """What comes in each format, another library reads as the same rows."""
    got = served.get(f"{WHO}?format={form.name}")
    columns = ("state", "claimant", "certainty", "orientation", "denied")
    if form.name == "parquet":
        assert polars.read_parquet(io.BytesIO(got.body)).shape == (3, len(columns))
        return
    if form.name == "csv":
        assert got.text.count("\r\n") == 4
        return
    read = ox.parse_query_results(got.body, format=getattr(ox.QueryResultsFormat, form.name.upper()))
    assert isinstance(read, ox.QuerySolutions)
    assert tuple(variable.value for variable in read.variables) == columns
    assert len(list(read)) == 3


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("text/tab-separated-values;q=0.9, text/csv;q=0.8", "text/tab-separated-values"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        (BROWSER, "text/html"),
        ("application/json;q=0, text/*", "text/csv"),
    ],
)
def test_header_chooses_the_format(accept: str | None, media_type: str, served: Served) -> None:
    """The format is the one that Accept prefers, JSON where it says nothing, and the reply says what it depends on."""
    got = served.get(WHO, accept)
    assert (got.status, got.media_type) == (200, media_type)
    assert "accept" in got.headers["vary"].lower()


def test_format_in_the_address_comes_first(served: Served) -> None:
    """A link with a format gives it to a browser too."""
    assert served.get(f"{WHO}?format=xml", BROWSER).media_type == "application/sparql-results+xml"
    assert served.get(f"{WHO}?format=html", "text/csv").media_type == "text/html"
    assert served.get(f"{WHO}?format=csv", "image/png").media_type == "text/csv"


def test_what_no_format_fits_is_a_problem(served: Served) -> None:
    """Triples cannot be had of rows: 406, with what can be had."""
    assert "ask for one of application/sparql-results+json" in problem(served.get(WHO, "text/turtle"))["detail"]
    assert served.get(WHO, "text/turtle").status == 406


SCOPED = [
    f"{WHO}?recognised=Donetsk+referendum",
    f"{WHO}?recognised=LPR&as-of=2022",
    f"{WHO}?as-of=2000&certainly=true",
    f"{WHO}?view=author&evidence=true",
    f"{WHO}?view=author&view=undisputed&according-to=Artyom+Lukin",
    "/queries/time/did-it-hold-on?day=2021-07-01&evidence=true",
    "/queries/claims/what-does-an-actor-say?claimant=id:russia&as-of=2022-09-21",
    "/queries/un-vote/who-voted-against?view=un-es-11-1&as-of=2022-03-02&evidence=true",
]


@pytest.mark.parametrize("address", SCOPED)
def test_scope_is_that_of_the_command_line(address: str, served: Served) -> None:
    """Values, date, view, actor and evidence give what the command line gives with its options."""
    reply = expected(address)
    got = served.get(address, "application/sparql-results+json")
    assert got.status == 200, got.text
    assert got.text == formats.to_json(reply.answer, reply.cite())


def test_scope_leaves_no_trace(served: Served) -> None:
    """A date or a view of one question is not in the next one's answer."""
    plain = served.get(WHO).body
    for address in SCOPED:
        served.get(address)
        assert served.get(f"{WHO}?lang=en").body == plain


MISTAKES = [
    (f"{WHO}?recognised=Donetsk+People", 400, ["--set", "recognised=Donetsk People"]),
    (f"{WHO}?recognised=id:north-corea", 400, ["--set", "recognised=id:north-corea"]),
    (f"{WHO}?recognised=id:ammunition", 400, ["--set", "recognised=id:ammunition"]),
    (f"{WHO}?recognised=LPR&recognised=DPR", 400, ["--set", "recognised=LPR", "--set", "recognised=DPR"]),
    (f"{WHO}?as-of=yesterday", 400, ["--as-of", "yesterday"]),
    (f"{WHO}?certainly=true", 400, ["--certainly"]),
    (f"{WHO}?view=autor", 400, ["--view", "autor"]),
    (f"{WHO}?according-to=id:syria", 400, ["--according-to", "id:syria"]),
    ("/queries/time/did-it-hold-on?day=1.7.2021", 400, ["--set", "day=1.7.2021"]),
    ("/queries/who-recognizes", 404, []),
]


def in_address(said: str) -> str:
    """Return a message of the command line with its options as an address has them."""
    valued = re.sub(r"--(view|according-to|format|as-of) (?=\w)", r"\1=", said)
    return re.sub(r"--(?:set )?(?=[a-z])", "", valued)


@pytest.mark.parametrize(("address", "status", "options"), MISTAKES)
def test_mistakes_are_told_in_the_words_of_the_command_line(
    address: str, status: int, options: list[str], served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake is a problem in the command line's words, with options as addresses have them."""
    name = address.partition("?")[0].removeprefix("/queries/")
    assert cli.main(["query", name, "--project", str(ROOT), *options]) == 2
    said = capsys.readouterr().err.strip().removeprefix("triplomacy: error: ")
    got = served.get(address)
    assert got.status == status
    assert problem(got)["detail"] == in_address(said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"{WHO}?recognized=LPR", "no such parameter of who-recognises: recognized; did you mean recognised?"),
        (f"{WHO}?format=cvs", "no such format: cvs; did you mean csv?"),
        (f"{WHO}?format=turtle", "the answer is not triples; take format=json, xml, csv, tsv, parquet, html"),
        (f"{WHO}?certainly=perhaps", "parameter certainly takes true or false, not 'perhaps'"),
        (f"{WHO}?recognised=%ff", "the parameters are not UTF-8; encode them so, then with percent signs"),
    ],
)
def test_mistakes_of_addresses_are_problems(address: str, said: str, served: Served) -> None:
    """What only an address can have wrong is told in the same manner."""
    assert problem(served.get(address))["detail"] == said


def test_answer_can_be_cited(served: Served) -> None:
    """Every format has the citation in its headers, JSON in the document, and a page below the answer."""
    address = f"{WHO}?recognised=LPR&as-of=2022"
    citation = expected(address).cite()
    for form in SOLUTIONS:
        got = served.get(f"{address}&format={form.name}")
        header = got.headers["triplomacy-citation"]
        assert header == question_address.citation_header(citation.as_mapping())
        assert f'dataset="sha256:{citation.dataset}"' in header
        assert f'answer="sha256:{citation.answer}"' in header
        (permanent,) = re.findall(r'<([^>]*)>; rel="cite-as"', got.headers["link"])
        assert permanent == f"{served.base}{address}"
        assert got.headers["content-location"] == f"{permanent}&format={form.name}"
        assert served.get(got.headers["content-location"].removeprefix(served.base)).body == got.body
    cited = json.loads(served.get(address).body)["citation"]
    assert of_mapping(cited) == citation
    page = served.get(address, BROWSER).text
    assert citation.dataset in page
    assert citation.answer in page


def test_citation_is_asked_again(served: Served) -> None:
    """What a server has answered is asked again from its citation, by the command line's code, with the same answer."""
    cited = json.loads(served.get(f"{WHO}?recognised=LPR&view=author&evidence=true").body)["citation"]
    former = of_mapping(cited)
    assert former.changes(question.again(PROJECT, former).cite()) == []


def test_page_has_form_and_answer(served: Served) -> None:
    """A browser gets a form with what was asked in it, and the answer below it; a mistake keeps what was asked."""
    page = served.get(f"{WHO}?recognised=LPR&as-of=2022&view=&format=", BROWSER)
    assert page.status == 200
    assert 'value="LPR"' in page.text
    assert 'value="2022"' in page.text
    assert page.text.index("<form") < page.text.index("<table")
    wrong = served.get(f"{WHO}?recognised=LPX&as-of=2022", BROWSER)
    assert (wrong.status, wrong.media_type) == (400, "text/html")
    assert 'value="LPX"' in wrong.text
    assert "no such tri:Recognisable: LPX" in wrong.text
    assert wrong.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["recognised", *(p.name for p in question_address.SCOPE), "other"])
@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", '"onfocus="alert(1)" x="', "javascript:alert(1)", "{{7777*7777}}"]
)
def test_no_value_becomes_markup(name: str, value: str, served: Served) -> None:
    """What is asked, wherever it stands in the address, is never markup in the page."""
    got = served.get(f"{WHO}?{name}={quote(value)}", BROWSER)
    assert got.status == 400
    page = got.text if got.media_type == "text/html" else ""
    assert "<script>alert" not in page
    assert '"onfocus="' not in page
    assert 'href="javascript:' not in page
    assert "60481729" not in page.replace("2049", "")


def test_labels_are_in_the_language_that_is_asked_for(own_gazette: Project) -> None:
    """A page has labels in the language of ``lang`` where there are some, else in English; data have none."""
    path = own_gazette.graphs / "actors" / "german.ttl"
    label = '<http://www.w3.org/2000/01/rdf-schema#label> "Ruritanien"@de'
    path.write_text(f"<https://w3id.org/triplomacy/id/ruritania> {label} .\n", encoding="utf-8")
    address = f"{WHO}?recognised=id:zenda-republic"
    with serving(project=own_gazette.root) as served:
        german, english = (served.get(f"{address}&lang={tag}", BROWSER).text for tag in ("de", "fr"))
        assert ">Ruritanien</a>" in german
        assert ">Ruritania</a>" in english
        assert served.get(f"{address}&lang=de").body == served.get(address).body


def test_remarks_speak_of_addresses(served: Served) -> None:
    """What may have gone wrong is said on the page with the parameters of addresses, not with options."""
    page = served.get(f"{WHO}?recognised=id:australia", BROWSER).text
    assert "--" not in re.sub(r"<[^>]*>|--[\w-]+:", "", page.partition("<main")[2].partition("The query")[0])


def test_short_name_is_enough(served: Served) -> None:
    """A query is found without its theme, and its permanent address has it."""
    got = served.get("/queries/who-recognises?format=csv")
    assert got.headers["content-location"] == f"{served.base}{WHO}?format=csv"
    assert got.body == served.get(f"{WHO}?format=csv").body


def test_answer_is_not_sent_twice(served: Served) -> None:
    """Who has an answer already gets 304, HEAD has no body, and no other method is taken."""
    got = served.get(f"{WHO}?format=csv")
    again = served.get(f"{WHO}?format=csv", If_None_Match=got.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = served.get(f"{WHO}?format=csv", method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(got.body)))
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = served.get(WHO, method=method)
        assert refused.status == 405
        assert "GET" in refused.headers["allow"]


def test_interface_is_described_where_it_is(served: Served) -> None:
    """The description names this server, and each path in it is answered as it says, with the defaults."""
    got = served.get("/openapi.json")
    assert got.media_type == "application/json"
    description = json.loads(got.body)
    assert description["servers"] == [{"url": served.base}]
    for path in description["paths"]:
        if path.removeprefix("/queries/") in STORED:
            reply = served.get(path)
            assert reply.status == 200
            content = description["components"]["responses"]["Solutions"]["content"]
            assert reply.media_type in content
