"""A question from its words to its answer, as the command line and Python ask it."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy import cli, queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError, UnknownName
from triplomacy.queries import citation, formats, hints, parameters
from triplomacy.queries.answer import Answer
from triplomacy.queries.citation import Citation
from triplomacy.queries.header import MalformedQuery
from triplomacy.queries.parameters import Parameter
from triplomacy.queries.question import Question, ask
from triplomacy.queries.scope import Scope
from triplomacy.terms import ID

PROJECT = Project(ROOT)
RECOGNISERS = "SELECT ?state WHERE { ?state tri:recognises id:donetsk-peoples-republic }"


def names(answer: Answer) -> list[str]:
    """Return the last parts of the IRIs in the first column."""
    return [cell.value.rpartition("/")[2] for (cell, *_) in answer.rows if isinstance(cell, ox.NamedNode)]


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run ``triplomacy query`` and return exit code, output and remarks."""
    code = cli.main(["query", "--project", str(ROOT), *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_query_is_named_filed_typed_or_piped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same text gives the same answer as a file, on standard input and with --text."""
    path = tmp_path / "mine.rq"
    path.write_text(RECOGNISERS, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(RECOGNISERS))
    given: list[tuple[str | Path, ...]] = [(path,), ("-",), ("--text", RECOGNISERS)]
    answers = [run(capsys, *arguments, "--view", "author", "--format", "csv") for arguments in given]
    states = ["state", *(f"{ID}{name}" for name in ("north-korea", "russia", "syria"))]
    assert answers == [(0, "".join(f"{line}\r\n" for line in states), "")] * 3


def test_stored_name_comes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called like a stored query does not hide it."""
    monkeypatch.chdir(tmp_path)
    Path("who-recognises").write_text("ASK {}", encoding="utf-8")
    assert ask(PROJECT, Question("who-recognises")).answer.truth is None


def test_file_with_a_header_has_parameters(tmp_path: Path) -> None:
    """A file with a header is as good as a stored query, and one without has no parameters."""
    path = tmp_path / "mine.rq"
    header = "#+ summary: Who?\n#+ parameters:\n#+   it: {type: iri, class: tri:State, description: a state}\n"
    path.write_text(header + "SELECT ?it ?name WHERE { ?it rdfs:label ?name }", encoding="utf-8")
    assert names(ask(PROJECT, Question(str(path), values={"it": ["Syria"]})).answer) == ["syria"]
    path.write_text("SELECT ?it WHERE { ?it a tri:State }", encoding="utf-8")
    with pytest.raises(BadParameter, match="parameters of a header"):
        ask(PROJECT, Question(str(path), values={"it": ["Syria"]}))


def test_other_peoples_files_are_asked(tmp_path: Path) -> None:
    """With data of others nothing of ours is in the answer, and views and dates are refused."""
    path = tmp_path / "a.ttl"
    path.write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    question = Question(text="SELECT ?s WHERE { ?s ?p ?o }", scope=Scope(data=(path,)))
    assert [str(row[0]) for row in ask(PROJECT, question).answer.rows] == ["<urn:a>"]
    with pytest.raises(TriplomacyError, match="leave data out"):
        ask(PROJECT, Question(text="ASK {}", scope=Scope(data=(path,), views=("author",))))


def test_date_chooses_the_data_and_its_views() -> None:
    """Belarus votes against as the record has it from the day of the vote on, and not the day before."""
    text = "SELECT ?voter WHERE { ?voter tri:votesAgainst ?resolution }"
    voters = {"belarus", "eritrea", "north-korea", "russia", "syria"}
    for date, expected in (("2022-03-01", set()), ("2022-03-02", voters), ("2030", voters)):
        question = Question(text=text, scope=Scope(views=("un-es-11-1",), as_of=date))
        assert set(names(ask(PROJECT, question).answer)) == expected, date


def test_certainly_needs_a_date() -> None:
    """What is certain is certain on a date."""
    with pytest.raises(TriplomacyError, match="give the date"):
        ask(PROJECT, Question("who-recognises", scope=Scope(certainly=True)))


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("SELECT ?x { ?x a tri:Recogniton }", "no such term in the data: tri:Recogniton; did you mean tri:Recognition"),
        (
            "SELECT ?x { id:north-koreaa tri:led ?x }",
            "no such term in the data: id:north-koreaa; did you mean id:north",
        ),
        ("SELECT ?x { ?x rdfs:lable 'a' }", "no such term in the data: rdfs:lable; did you mean rdfs:label"),
        (RECOGNISERS, "tri:recognises holds only in views: add view="),
    ],
)
def test_empty_answer_says_what_may_be_wrong(text: str, remark: str) -> None:
    """A misspelt term is named with the nearest one, and a plain property with the views that have it."""
    reply = ask(PROJECT, Question(text=text))
    assert reply.answer.rows == ()
    assert [told for told in reply.remarks if told.startswith(remark)]
    assert len(reply.remarks) == 1


def test_no_remark_where_all_is_well(article: Dataset) -> None:
    """Known terms, terms of other vocabularies, variables and literals are not misspellings."""
    text = (
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT * { ?x a tri:State ; foaf:name 'tri:Nothing' . # tri:None\n }"
    )
    assert hints.misspelt(article, text) == []


def test_syntax_error_has_an_excerpt(capsys: pytest.CaptureFixture[str]) -> None:
    """A query that does not parse is an error with line, column and a caret below the place."""
    with pytest.raises(MalformedQuery) as error:
        queries.check("SELECT ?x WHERE {\n  ?x a }")
    assert (error.value.line, error.value.excerpt.splitlines()[0]) == (2, "    ?x a }")
    with pytest.raises(MalformedQuery, match=r"^2:1: not SPARQL") as error:
        queries.check("SELECT ?x # \u2028 \x0b\r\n}")
    assert error.value.excerpt == "  }\n  ^"
    code, out, err = run(capsys, "--text", "ASK { ?s ?p }}")
    assert (code, out) == (2, "")
    assert err.splitlines()[1] == "  ASK { ?s ?p }}"
    assert set(err.splitlines()[2]) == {" ", "^"}


@pytest.mark.parametrize("header", ["", "#+ summary: What is a?\n#+ parameters:\n#+   p: {type: iri}\n"])
def test_mistake_beside_a_relative_iri_is_told(header: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is the base of its relative IRIs, so that what is wrong with its query is something else."""
    path = tmp_path / "a.rq"
    path.write_text(f"{header}SELECT * {{ <a> ?p ?o ")
    code, out, err = run(capsys, str(path))
    assert (code, out) == (2, "")
    assert f"{path}:{4 if header else 1}:22: not SPARQL: expected " in err
    assert "not the end of the query" in err


def behind(text: str, *view: str) -> list[list[str]]:
    """Return the names of the claims that stand behind each row."""
    answer = ask(PROJECT, Question(text=text, scope=Scope(views=view, evidence=True))).answer
    assert answer.columns[-1] == "evidence"
    told = [row[-1].value if isinstance(row[-1], ox.Literal) else "" for row in answer.rows]
    return [re.findall(r"lukin-2022:claim/(\S+) \(lukin-2022:text#char=", each) for each in told]


REPUBLIC = [[f"{state}-recognises-donetsk-republic"] for state in ("north-korea", "russia", "syria")]
BREAK = [["ukraine-severs-relations-with-north-korea"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RECOGNISERS, REPUBLIC),
        ("SELECT ?a { ?a tri:recognises ?b . FILTER(?b = id:donetsk-peoples-republic) }", REPUBLIC),
        ("SELECT ?s { ?s ?p id:donetsk-peoples-republic . ?p rdfs:label 'recognises'@en }", REPUBLIC),
        (
            "SELECT (COUNT(?s) AS ?n) { ?s tri:recognises id:donetsk-peoples-republic }",
            [[*REPUBLIC[0], *REPUBLIC[1], *REPUBLIC[2]]],
        ),
        ("SELECT ?s ?o { ?s (tri:recognises|tri:endorses) ?o } ORDER BY ?s ?o LIMIT 1", REPUBLIC[:1]),
        ("SELECT ?s { ?s a tri:State FILTER EXISTS { ?s tri:recognises id:donetsk-peoples-republic } }", REPUBLIC),
        ("SELECT ?x { VALUES ?x { 1 } OPTIONAL { id:south-korea tri:suppliesArmsTo id:poland } }", [[]]),
        ("SELECT ?s { GRAPH <https://w3id.org/triplomacy/view/author> { ?s tri:seversRelationsWith ?o } }", BREAK),
        ("SELECT (RAND() AS ?n) { id:syria tri:recognises id:donetsk-peoples-republic }", REPUBLIC[2:]),
    ],
)
def test_evidence_of_a_fact(text: str, expected: list[list[str]]) -> None:
    """A fact of a view has the claims about what it shortens, its ends in columns, hidden or named."""
    assert behind(text, "author") == expected


def test_evidence_of_what_is_bound_and_not_shown() -> None:
    """A claim that is bound in a row stands behind it, alone; a proposition brings all claims about it."""
    disputed = "?claim tri:proposition ?proposition . ?proposition a tri:ArmsRequest"
    claims = ["envoy-denies-request", "north-korea-denies-request", "pentagon-russia-asks-for-ammunition"]
    affirmed = f"SELECT ?who {{ {disputed} . ?claim tri:stance tri:affirms ; tri:claimant ?who }}"
    assert behind(affirmed) == [claims[2:]]
    assert behind("SELECT ?from { ?proposition a tri:ArmsRequest ; tri:requested ?from }") == [claims]
    assert behind(f"SELECT (COUNT(?claim) AS ?n) {{ {disputed} }}") == [claims]
    assert behind(f"SELECT DISTINCT ?kind {{ {disputed} ; a ?kind }} LIMIT 1") == [claims]
    assert behind("SELECT ?name { ?proposition a tri:ArmsRequest { SELECT ?name { id:syria rdfs:label ?name } } }") == [
        claims
    ]


def test_stored_queries_have_their_evidence(wikidata: str) -> None:
    """Every row of a stored query has claims behind it, but where the question is about none of its own.

    That is the one that asks whether something is stated, and the one that sets our codes beside Wikidata's.
    """
    bare = set()
    for theme, name in queries.names(PROJECT):
        asks_it = theme == "wikidata"
        values = {"service": [wikidata]} if asks_it else {}
        scope = Scope(evidence=True, services=(wikidata,) if asks_it else ())
        answer = ask(PROJECT, Question(f"{theme}/{name}", values=values, scope=scope)).answer
        bare |= {name for row in answer.rows if not (row[-1] and row[-1].value)}
    assert bare == {"does-it-recognise", "what-wikidata-says-of-states"}


def test_evidence_of_a_claim_and_of_a_proposition() -> None:
    """A row that names a claim or a proposition has the spans of that claim, or of all claims about it."""
    text = "SELECT ?x { VALUES ?x { <https://w3id.org/triplomacy/source/lukin-2022/KIND> } }"
    for kind in ("claim/russia-recognises-donetsk-republic", "proposition/russia-recognises-donetsk-republic"):
        (row,) = ask(PROJECT, Question(text=text.replace("KIND", kind), scope=Scope(evidence=True))).answer.rows
        assert row[1] is not None
        assert row[1].value.startswith("lukin-2022:claim/russia-recognises-donetsk-republic (lukin-2022:text#char=")


def test_citation_asks_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an answer cites gives the same answer, and after a change of the data the reason why not."""
    copy = tmp_path / "project"
    for part in ("ontology", "graphs", "queries"):
        shutil.copytree(ROOT / part, copy / part)
    answer = tmp_path / "answer.json"
    options = ["--set", "recognised=LPR", "--as-of", "2022", "--format", "json", "--output", str(answer)]
    assert cli.main(["query", "who-recognises", "--project", str(copy), *options]) == 0
    cited = json.loads(answer.read_text(encoding="utf-8"))["citation"]
    assert (cited["query"], cited["parameters"]) == ("recognition/who-recognises", {"recognised": ["LPR"]})
    assert cited["scope"] == ["--as-of=2022"]
    again = ["query", "--again", str(answer), "--project", str(copy)]
    assert cli.main(again) == 0
    assert capsys.readouterr().out == "the same answer\n"
    path = copy / "graphs" / "lukin-2022" / "recognitions.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("recogniser id:syria", "recogniser id:belarus"), "utf-8")
    assert cli.main(again) == 0
    assert capsys.readouterr().out.startswith("another answer: the data have changed: sha256 ")


HEADED = """#+ summary: Which?
#+ parameters:
#+   name: {type: string, language: en, many: true, description: a label}

SELECT ?x WHERE { ?x rdfs:label ?name }
"""


@pytest.mark.parametrize("way", ["file", "text"])
def test_what_a_file_asks_is_asked_again(way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A query with a header is cited with its file, if it has one, and its values, and asked again without the file."""
    path, answer = tmp_path / "recognition" / "who-recognises.rq", tmp_path / "answer.json"
    path.parent.mkdir()
    path.write_text(HEADED, encoding="utf-8")
    asked = [path] if way == "file" else ["--text", HEADED]
    values = ["--set", "name=Syria", "--set", "name=a; b"]
    assert run(capsys, *asked, *values, "--format", "json", "--output", answer)[0] == 0
    cited = json.loads(answer.read_text(encoding="utf-8"))
    assert cited["citation"]["query"] == (str(path) if way == "file" else "")
    assert cited["citation"]["parameters"] == {"name": ["Syria", "a; b"]}
    assert [row["x"]["value"] for row in cited["results"]["bindings"]] == [f"{ID}syria"]
    path.unlink()
    assert run(capsys, "--again", answer) == (0, "the same answer\n", "")


def test_blank_nodes_are_cited_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer with blank nodes, which are called otherwise in each run, is the same answer when it is asked again."""
    answer = tmp_path / "answer.json"
    text = "SELECT ?list ?first { ?class owl:unionOf ?list . ?list rdf:rest*/rdf:first ?first }"
    assert run(capsys, "--text", text, "--format", "json", "--output", answer)[0] == 0
    assert run(capsys, "--again", answer) == (0, "the same answer\n", "")


def test_citation_tells_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another text of the query, another version and a query that depends on the hour are each told."""
    answer = tmp_path / "answer.json"
    assert run(capsys, "who-recognises", "--format", "json", "--output", answer)[0] == 0
    content = json.loads(answer.read_text(encoding="utf-8"))
    content["citation"] |= {"answer": "another", "version": "0.0", "text": "ASK {}"}
    answer.write_text(json.dumps(content), encoding="utf-8")
    told = run(capsys, "--again", answer)[1]
    assert told.startswith("another answer: Triplomacy was 0.0 and is ")
    assert told.endswith("; the text of recognition/who-recognises has changed\n")
    assert run(capsys, "--text", "SELECT (RAND() AS ?n) {}", "--format", "json", "--output", answer)[0] == 0
    assert "its answer depends on the day" in run(capsys, "--again", answer)[1]


def test_one_value_is_cited_as_one() -> None:
    """A parameter that has one value may be given it as it is, and is cited and asked again with it."""
    alone, listed = (
        ask(PROJECT, Question("who-recognises", values={"recognised": value})) for value in ("DPR", ["DPR"])
    )
    assert alone.answer == listed.answer
    assert alone.cite() == listed.cite()
    assert alone.cite().parameters == {"recognised": ("DPR",)}


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"citation": {"query": 1}}', b"\xff", b"[" * 100_000])
def test_what_cites_nothing_is_refused(content: bytes, tmp_path: Path) -> None:
    """A file without a citation is an error that names it."""
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(MalformedInput, match="no answer with a citation"):
        citation.read(path)


VALUES = """
    SELECT ?a ?b WHERE {
      VALUES (?a ?b) { (<urn:a> "x\\ty"@en) (id:syria "<b>&amp;"^^xsd:anyURI) (UNDEF 1.50) }
    } ORDER BY ?b"""


@pytest.mark.parametrize(("name", "form"), [("tsv", "TSV"), ("xml", "XML"), ("csv", "CSV"), ("json", "JSON")])
def test_w3c_formats_are_read_by_another_tool(name: str, form: str, article: Dataset) -> None:
    """What is written in a format of the W3C is what pyoxigraph reads from it."""
    answer = queries.evaluate(article, VALUES)
    text = formats.FORMATS[name](answer, Citation("a/b", VALUES))
    if name == "csv":
        assert [row[0] for row in csv.reader(io.StringIO(str(text)))][:1] == ["a"]
        return
    read = ox.parse_query_results(text, format=getattr(ox.QueryResultsFormat, form))
    assert isinstance(read, ox.QuerySolutions)
    assert [tuple(row) for row in read] == list(answer.rows)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib's parsers, in rdflib
@pytest.mark.parametrize("name", ["turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml"])
def test_graphs_are_read_by_another_tool(name: str, article: Dataset) -> None:
    """The triples of CONSTRUCT are the same by rdflib, from each format, and the bytes are stable."""
    import rdflib

    answer = queries.evaluate(
        article, "CONSTRUCT { ?s a tri:State ; rdfs:label ?l } WHERE { ?s a tri:State ; rdfs:label ?l }"
    )
    text = formats.FORMATS[name](answer, None)
    other = Answer(triples=tuple(reversed(answer.triples or ())))
    assert text == formats.FORMATS[name](other, None)
    form = {"jsonld": "json-ld", "ntriples": "nt", "rdfxml": "xml"}.get(name, name)
    graph = (rdflib.Dataset() if name in ("trig", "nquads", "jsonld") else rdflib.Graph()).parse(data=text, format=form)
    triples = graph.default_graph if isinstance(graph, rdflib.Dataset) else graph
    assert len(triples) == len(set(answer.triples or ())) > 20


@pytest.mark.parametrize(
    ("predicate", "value"),
    [("urn:x:12/", "a"), ("urn:x:p", "\x01"), ("http://www.w3.org/1999/02/22-rdf-syntax-ns#li", "a")],
)
def test_rdfxml_refuses_what_it_cannot_hold(predicate: str, value: str) -> None:
    """A predicate without a name of XML, a word of RDF/XML and a control character are errors, not malformed XML."""
    triple = ox.Triple(ox.NamedNode("urn:x:s"), ox.NamedNode(predicate), ox.Literal(value))
    with pytest.raises(TriplomacyError, match="RDF/XML cannot hold the answer"):
        formats.FORMATS["rdfxml"](Answer(triples=(triple,)), None)


def test_rdfxml_keeps_line_ends_and_any_blank_node() -> None:
    """A carriage return is read back as one, and a blank node called after a number is one."""
    import rdflib

    triple = ox.Triple(ox.BlankNode("12"), ox.NamedNode("urn:x:p"), ox.Literal("a\r\nb"))
    (read,) = rdflib.Graph().parse(data=formats.rdfxml([triple]), format="xml")
    assert isinstance(read[0], rdflib.BNode)
    assert read[2] == rdflib.Literal("a\r\nb")


def test_html_lets_nothing_through() -> None:
    """Markup in values is escaped, and only the schemes of the web are links."""
    answer = Answer(("<a>",), ((ox.Literal("<script>alert(1)</script>"),), (ox.NamedNode("javascript:alert(1)"),)))
    text = str(formats.to_html(answer))
    assert "<script" not in text
    assert "href" not in text
    assert "&lt;script&gt;" in text


def test_table_fits_the_terminal_and_is_never_too_large() -> None:
    """The widest columns are cut to the width that there is; too many rows are an error that says what to do."""
    answer = Answer(("a", "b"), ((ox.Literal("x" * 50), ox.Literal("y" * 20)),))
    assert max(map(len, formats.table(answer, {}, 40).splitlines())) == 40
    assert "…" in formats.table(answer, {}, 40)
    wide = Answer(
        ("a", "b"),
        ((ox.Literal("조선민주주의인민공화국"), ox.Literal("e\u0301 x")), (ox.Literal("x"), ox.Literal("y"))),
    )
    assert formats.table(wide, {}).splitlines()[:3] == [
        f"a{' ' * 23}b",
        f"{'-' * 22}  ---",
        "조선민주주의인민공화국  e\u0301 x",
    ]
    assert formats.table(wide, {}, 17).splitlines()[2] == "조선민주주…   e\u0301 x"
    many = Answer(("a",), ((ox.Literal("x"),),) * (formats.LARGEST + 1))
    with pytest.raises(TriplomacyError, match="too many for a table; add LIMIT"):
        formats.table(many, {})


def test_file_is_written_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer goes to a file that is whole; one that cannot be written leaves nothing behind."""
    path = tmp_path / "a.csv"
    assert run(capsys, "who-recognises", "--format", "csv", "--output", path)[:2] == (0, "")
    assert path.read_text(encoding="utf-8").startswith("state,")
    code, _, err = run(capsys, "who-recognises", "--output", tmp_path / "none" / "a.csv")
    assert code == 2
    assert "there is no folder" in err
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_query_that_takes_too_long_is_ended() -> None:
    """A cross product is ended after the seconds that are given, with exit code 2 and a message."""
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    command = [sys.executable, "-m", "triplomacy", "query", "--project", str(ROOT), "--text", text, "--timeout", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "triplomacy: error: stopped after 1 seconds; ask for less, or give --timeout more seconds\n"


TYPED = [
    ("number", "0.5", '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>', "1e5"),
    ("edtf", "2022-09", '"2022-09"', "2022-13"),
    ("edtf", "2020-37/..", '"2020-37/.."', "../.."),
    ("edtf", "2022?", '"2022?"', "late 2022"),
    ("edtf", "201X", '"201X"', "2022-02-30/.."),
]


@pytest.mark.parametrize(("kind", "good", "term", "bad"), TYPED)
def test_further_types(kind: str, good: str, term: str, bad: str) -> None:
    """A number and an EDTF date are bound as such, and what is none is refused."""
    parameter = Parameter("it", kind, "")
    assert list(map(str, parameters.terms(parameter, [good]))) == [term]
    with pytest.raises(BadParameter, match="parameter it takes"):
        parameters.terms(parameter, [bad])


def test_options_many_and_language() -> None:
    """One of a list, several values, and a string in a language."""
    one = Parameter("it", "string", "", options=("red", "green"), language="en")
    assert list(map(str, parameters.terms(one, ["green"]))) == ['"green"@en']
    with pytest.raises(BadParameter, match="no such option: gren; did you mean green"):
        parameters.terms(one, ["gren"])
    with pytest.raises(BadParameter, match="set twice"):
        parameters.terms(one, ["red", "green"])
    many = Parameter("it", "integer", "", many=True)
    assert [term.value for term in parameters.terms(many, ["1", "2", "1"])] == ["1", "2"]


def test_options_come_from_another_query(tmp_path: Path) -> None:
    """A parameter may have only what the first column of another stored query has."""
    project = Project(tmp_path)
    for part in ("ontology", "graphs"):
        (tmp_path / part).symlink_to(ROOT / part)
    folder = tmp_path / "queries" / "a"
    folder.mkdir(parents=True)
    (folder / "leaders.rq").write_text(
        "#+ summary: Who leads?\nSELECT DISTINCT ?l WHERE { ?p tri:leader ?l } ORDER BY ?l", encoding="utf-8"
    )
    (folder / "led.rq").write_text(
        "#+ summary: What is led?\n#+ parameters:\n#+   l: {type: iri, options: {query: leaders}, description: who}\n"
        "SELECT ?led WHERE { ?p tri:leader ?l ; tri:led ?led }",
        encoding="utf-8",
    )
    assert names(ask(project, Question("led", values={"l": ["Kim Jong Un"]})).answer) == ["north-korea"]
    with pytest.raises(BadParameter, match="parameter l: no such option: id:syria"):
        ask(project, Question("led", values={"l": ["Syria"]}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give one query"),
        (("who-recognises", "--text", "ASK {}"), "give one query"),
        (("who-recognise",), "no such query: who-recognise; did you mean who-recognises"),
        (("who-recognises", "--as-of", "2022-02-30"), "'2022-02-30' is not a date"),
        (("who-recognises", "--according-to", "Ruritania"), "no such tri:Actor: Ruritania"),
        (
            ("--text", "SELECT ?x { SERVICE <http://127.0.0.1:9/> { ?x ?p ?o } }"),
            "SERVICE would ask http://127.0.0.1:9/; if",
        ),
        (("--text", "CONSTRUCT WHERE { ?s a tri:State }", "--format", "csv"), "take --format turtle"),
        (("--text", "ASK {}", "--evidence"), "--evidence is for the rows of SELECT"),
        (("--again", "none.json"), "cannot be read"),
        (("--again", "none.json", "--format", "csv"), "leave other options out"),
        (("--text", "INSERT DATA { <urn:a> <urn:b> <urn:c> }"), "INSERT would change data"),
        (("--text", "PREFIX a: <urn:a> DROP ALL"), "DROP would change data"),
        (("--text", " # nothing"), "there is no query; write SELECT"),
        (("--text", "ASK { ?x rdfs:label '\udcff' }"), "the query is not UTF-8"),
        (("--text", "ASK { ?s a tr:State }"), "not SPARQL: no such prefix: tr; did you mean tri"),
        (("--text", "SELECT ?evidence { ?evidence a tri:Claim }", "--evidence"), "rename ?evidence"),
        (("none.rq",), "none.rq: no such file, and no stored query of that name"),
        ((str(ROOT),), "no such file, and no stored query of that name"),
        (("who-recognises", "--set", "recognised=\udcff"), "no such tri:Recognisable"),
    ],
)
def test_bad_input_is_one_clear_error(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be done is said in one message, with exit code 2 and no output."""
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("tag", ["x y", "", "german language", "-"])
def test_what_is_no_language_is_refused(tag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A language is asked for by its tag."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "who-recognises", f"--lang={tag}")
    assert ended.value.code == 2
    assert "is not a language tag; write for instance en" in capsys.readouterr().err


def test_standard_input_in_another_encoding_is_refused() -> None:
    """What is piped in and is not UTF-8 is an error with its line, and no traceback."""
    command = [sys.executable, "-m", "triplomacy", "query", "-", "--project", str(ROOT)]
    done = subprocess.run(command, input=b"ASK {\n?x rdfs:label '\xff' }", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"triplomacy: error: -:2: not UTF-8; write it in UTF-8\n"


LABELS = """
    <urn:a> rdfs:label "Bonn"@de, "Bonn (city)"@en .
    <urn:b> rdfs:label "Rhine"@en, "Rio Reno"@pt .
    <urn:c> rdfs:label "Mainz", "Magonza"@it .
    <urn:d> rdfs:label "Kolonya"@tr ."""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Bonn (city)", "Rhine", "Mainz", "<urn:d>"]),
        ("de", ["Bonn", "Rhine", "Mainz", "<urn:d>"]),
        ("DE-at", ["Bonn", "Rhine", "Mainz", "<urn:d>"]),
        ("pt-BR", ["Bonn (city)", "Rio Reno", "Mainz", "<urn:d>"]),
        ("it", ["Bonn (city)", "Rhine", "Magonza", "<urn:d>"]),
    ],
)
@pytest.mark.parametrize("form", ["table", "html"])
def test_labels_are_in_the_language_of_the_reader(
    language: str, expected: list[str], form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels are those of the language or the one it belongs to, else English, else without a language."""
    path = tmp_path / "a.ttl"
    path.write_text(f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .{LABELS}", encoding="utf-8")
    text = "SELECT DISTINCT ?x { ?x rdfs:label ?name } ORDER BY ?x"
    code, out, _ = run(capsys, "--text", text, "--data", path, "--lang", language, "--format", form)
    shown = out.splitlines()[2:-1] if form == "table" else re.findall("<td>(.*)</td>", html.unescape(out))
    assert (code, shown) == (0, expected)


def test_unknown_name_is_no_file() -> None:
    """A name that is neither a query nor a file offers the nearest queries."""
    with pytest.raises(UnknownName, match="did you mean who-recognises"):
        ask(PROJECT, Question("who-recognise"))


def test_stats_say_what_was_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    """The statistics go to standard error: triples, files and the time of each part."""
    code, _, err = run(capsys, "who-recognises", "--stats")
    assert code == 0
    assert " triples, 41 files: " in err
    assert "answer:" in err


def test_frame_of_a_reply_has_labels() -> None:
    """In a frame of a reply nodes have their labels or are IRIs, literals are as they are, and empty cells stay so."""
    text = (
        "SELECT ?x ?code ?none { VALUES ?x { id:syria <https://example.com/x> } OPTIONAL { ?x tri:isoAlpha3 ?code } }"
    )
    frame = ask(PROJECT, Question(text=text)).to_pandas()
    assert frame["x"].tolist() == ["<https://example.com/x>", "Syria"]
    assert frame["code"].fillna("").tolist() == ["", "SYR"]
    assert frame["none"].isna().all()
