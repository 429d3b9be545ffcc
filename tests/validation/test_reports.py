"""Findings in each form: what it says, that its own parser and schema take it, and that files are whole."""

import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings, strategies as st
from lxml import etree

from tests.conftest import need_shared
from triplomacy import files
from triplomacy.errors import TriplomacyError
from triplomacy.findings import Finding, Place, Rule, Severity
from triplomacy.terms import ID, SH, SHAPES, TRI
from triplomacy.validation import reports
from triplomacy.validation.reports import FORMATS, Report
from triplomacy.validation.suppressions import KNOWN

FILE = Path("graphs/a.ttl")
PLACED = Finding(
    check="shacl",
    severity=Severity.VIOLATION,
    message='Say who: add "tri:claimant".\nNow.',
    focus=f"<{ID}syria>",
    path=f"<{TRI}claimant>",
    value='"x"@en',
    shape=f"<{SHAPES}Claim-claimant>",
    component=f"<{SH}MinCountConstraintComponent>",
    places=(Place(FILE, 2, 5, 2, 8), Place(Path("graphs/b c.ttl"), 9, 1)),
    fingerprint="f1",
)
BARE = Finding(check="evidence", severity=Severity.WARNING, message="Gap.")
NOTED = Finding(check="terms", severity=Severity.INFO, message="A note.", rule="terms/case", places=(Place(FILE, 3),))
EXCUSED = replace(BARE, message="Known gap.", suppressed="the source is lost")
FOUND = [PLACED, BARE, NOTED, EXCUSED]
RULES = {
    rule.name: rule
    for rule in (
        Rule("shape:Claim-claimant", "A claim has a claimant.", "Add tri:claimant."),
        Rule("terms/unknown", "Every term is declared.", "Declare it."),
    )
}
SOURCE = "id:syria\n    tri:claimant id:x .\n"


def report(*found: Finding, **more: Any) -> Report:
    """Return a report on findings in a file with the text ``SOURCE``."""
    return replace(Report(found, rules=RULES, version="1.2.3", texts=lambda _: SOURCE), **more)


PIECES = (
    *("]]>", "%", "%0A", "::", ",", "=", "\r\n", "\r", "\n", "\t", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028"),
    *("\u202e", "\u2066", "\ufeff", "\ufffe", "\uffff", "\ud800", "\udcff", "{0}", "}", "[a](1)", "&amp;", "<", ">"),
    *('"', "'", '"""', "\\", "\\u0022", "@en .", "</failure>", "<!--", "##[error]", "字", "e\u0301", "\U0001f54a", " "),
)
NASTY = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=8).map("".join)
ENCODABLE = NASTY.map(lambda text: text.encode("utf-16", "replace").decode("utf-16"))
TERMS = (
    st.sampled_from([None, f"<{ID}syria>", "id:syria", "_:b0", "nobody:knows", "<relative>", "<http://a/b c>"])
    | ENCODABLE.map(lambda text: str(ox.Literal(text)))
    | ENCODABLE.map(lambda text: str(ox.Literal(text, language="en")))
    | NASTY.filter(bool)
)
NUMBERS = st.none() | st.integers(1, 9)
PLACES = st.builds(Place, NASTY.map(Path), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
FINDINGS = st.builds(
    Finding,
    check=NASTY,
    severity=st.sampled_from(Severity),
    message=NASTY,
    focus=TERMS,
    path=TERMS,
    value=TERMS,
    shape=TERMS,
    component=TERMS,
    rule=st.none() | NASTY,
    places=st.lists(PLACES, max_size=3).map(tuple),
    fingerprint=st.none() | st.text("0123456789abcdef", min_size=1),
    suppressed=st.none() | NASTY,
)
RULED = st.builds(Rule, NASTY, NASTY, NASTY)


@st.composite
def nasty(draw: st.DrawFn) -> Report:
    """Return a report in which every text may have any character."""
    source = draw(NASTY)
    rules = draw(st.lists(RULED, max_size=3))
    return Report(
        draw(st.lists(FINDINGS, max_size=3)),
        rules={rule.name: rule for rule in rules},
        checks={rule.name: draw(NASTY) for rule in rules[:1]},
        remarks=draw(st.lists(NASTY, max_size=2)),
        version=draw(NASTY),
        texts=lambda _: source,
    )


def joined(text: str) -> str:
    """Return a text with each pair of surrogates as the character it stands for, as JSON reads it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


HIDDEN_MARKS = "\u061c\u200e\u200f\ufeff\ufff9\ufffa\ufffb"
REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def hidden(char: str) -> bool:
    """Tell whether a character moves the cursor, reorders text, does not show, or is none of UTF-8."""
    by_property = unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}
    return by_property or unicodedata.bidirectional(char) in REORDERING or char in HIDDEN_MARKS


def escaped(text: str, keep: str = "") -> str:
    """Return a text with what is hidden as Turtle escapes it."""
    return "".join(f"\\u{ord(char):04X}" if hidden(char) and char not in keep else char for char in text)


def seen(text: str) -> str:
    """Return a text on one line, what is hidden as its escape."""
    return escaped(" ".join(text.split()))


@pytest.mark.parametrize("form", FORMATS)
@given(given=nasty())
@settings(deadline=None)
def test_every_form_can_be_printed(form: str, given: Report) -> None:
    """Whatever the findings say, a report is UTF-8, ends its last line and has no character that a terminal obeys."""
    text = FORMATS[form](given)
    assert text.encode("utf-8").endswith(b"\n")
    assert {char for char in text if hidden(char)} <= {"\n", "\t"}


@pytest.mark.parametrize("form", FORMATS)
def test_findings_keep_their_order(form: str) -> None:
    """A report tells the findings of a rule in the order in which it has them."""
    found = [replace(BARE, message=message) for message in ("(b1)", "(c2)", "(a3)")]
    told = re.findall(r"\(b1\)|\(c2\)|\(a3\)", FORMATS[form](Report(found)))
    assert list(dict.fromkeys(told)) == ["(b1)", "(c2)", "(a3)"]


SAME = """
from triplomacy.findings import Finding, Rule, Severity
from triplomacy.validation.reports import FORMATS, Report
names = ["r%d" % number for number in range(20)]
found = [Finding("c" + name, Severity.WARNING, name, rule=name) for name in names[::2]]
report = Report(found, rules={name: Rule(name, name, name) for name in set(names)})
print("".join(write(report) for write in FORMATS.values()))
"""


def test_bytes_are_the_same_in_each_run() -> None:
    """Neither the order of sets nor that of the rules given changes a byte."""
    texts = {
        subprocess.run(
            [sys.executable, "-c", SAME], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_suppressed_findings_count_for_nothing(form: str) -> None:
    """With nothing but suppressed findings every form has the verdict that it has without findings."""
    text = FORMATS[form](Report([EXCUSED]))
    verdicts = {
        "text": "conforms: no findings, 1 suppressed\n",
        "json": '"conforms": true',
        "turtle": "sh:conforms true .",
        "sarif": '"suppressions"',
        "junit": 'failures="0"',
        "github": "conforms: no findings, 1 suppressed\n",
        "gitlab": "[]\n",
    }
    assert verdicts[form] in text
    assert ("the source is lost" in text) == (form in {"text", "json", "sarif", "junit"})


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ([], "conforms: no findings"),
        ([BARE, BARE], "2 warnings"),
        ([PLACED], "1 violation"),
        ([NOTED, BARE, PLACED], "1 violation, 1 warning, 1 info"),
        ([EXCUSED, EXCUSED], "conforms: no findings, 2 suppressed"),
        ([PLACED, EXCUSED], "1 violation, 1 suppressed"),
    ],
)
def test_summary_counts(found: list[Finding], line: str) -> None:
    """The summary counts by severity, in singular and plural, and what is suppressed apart."""
    assert reports.summary(found) == line


def test_text_says_where_what_and_by_which_rule() -> None:
    """A finding has place, severity, node, path, value, message and rule, an excerpt, its other places and help."""
    assert reports.to_text(report(PLACED)).splitlines() == [
        'graphs/a.ttl:2:5: violation: id:syria tri:claimant ["x"@en]: Say who: add "tri:claimant". Now.'
        "  (shape:Claim-claimant)",
        "  2 |     tri:claimant id:x .",
        "    |     ^~~",
        "  also at graphs/b c.ttl:9:1",
        "  help: Add tri:claimant.",
        "1 violation",
    ]


def test_text_of_a_finding_without_place_begins_with_its_severity() -> None:
    """Without a place and a node a line has severity, message and check."""
    assert reports.to_text(Report([BARE])) == "warning: Gap.  (evidence)\n1 warning\n"


def test_text_ends_with_a_table_by_rule_and_the_summary() -> None:
    """The rules come by how often they are broken, then by name, then the reasons of what is suppressed."""
    found = [BARE, NOTED, PLACED, NOTED, EXCUSED, replace(EXCUSED, suppressed=""), EXCUSED]
    *_, text = reports.to_text(report(*found)).partition("\n\n")
    assert text.splitlines() == [
        "terms/case            2",
        "evidence              1",
        "shape:Claim-claimant  1  A claim has a claimant.",
        "",
        "suppressed 2: the source is lost",
        "suppressed 1:",
        "1 violation, 1 warning, 2 infos, 3 suppressed",
    ]


def test_table_is_left_out_for_a_single_finding() -> None:
    """Two findings have a table, of one rule or of two; one has none, whatever is suppressed besides."""
    for found, lines in (([BARE, BARE], 3), ([BARE, NOTED], 4), ([BARE, EXCUSED], 0), ([], 0)):
        *_, table = reports.to_text(Report(found)).partition("\n\n")
        assert len(table.splitlines()) == lines


def test_text_shortens_terms() -> None:
    """The IRIs of a path and of a datatype are CURIEs, those in a string stay, and a long string is cut."""
    inverse = replace(PLACED, path=f"^<{TRI}claimant>/<{TRI}proposition>", value='"<https://example.com/>"', places=())
    typed = replace(BARE, value='"5"^^<http://www.w3.org/2001/XMLSchema#integer>')
    long = replace(BARE, value=f'"{"x" * 100_000}"')
    lines = reports.to_text(Report([inverse, typed, long])).splitlines()
    assert "violation: id:syria ^tri:claimant/tri:proposition" in lines[0]
    assert '["<https://example.com/>"]: Say who: add "tri:claimant". Now.  (shape:' in lines[0]
    assert lines[1] == 'warning: ["5"^^xsd:integer]: Gap.  (evidence)'
    assert lines[2] == f'warning: ["{"x" * 118}…]: Gap.  (evidence)'


def test_help_that_repeats_the_message_is_left_out() -> None:
    """A help that says no more than the message is not said twice."""
    rules = {"evidence": Rule("evidence", "No gaps.", " Gap.\n")}
    assert reports.to_text(report(BARE, rules=rules)) == "warning: Gap.  (evidence)\n1 warning\n"


@given(FINDINGS, NASTY)
@settings(deadline=None)
def test_text_has_message_and_rule_of_any_finding(found: Finding, source: str) -> None:
    """Any message and any rule stand at the end of the first line, escaped and on one line."""
    counted = replace(found, suppressed=None)
    text = reports.to_text(Report([counted], texts=lambda _: source))
    assert text.split("\n")[0].endswith(f": {seen(found.message)}  ({seen(counted.rule_name)})")
    assert text.split("\n")[-2] == f"1 {found.severity.label}"


def test_colour_only_where_asked() -> None:
    """With colour the severity and the caret have it, and without the escapes the text is the same."""
    coloured = reports.to_text(report(PLACED, colour=True))
    assert re.findall("\x1b\\[1;31m(.*?)\x1b\\[0m", coloured) == ["violation", "^~~"]
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == reports.to_text(report(PLACED))


def excerpt(line: str, column: int, end: int | None = None, end_line: int | None = None) -> list[str]:
    """Return the two lines of an excerpt, without the gutter."""
    found = replace(BARE, places=(Place(FILE, 1, column, end_line, end),))
    lines = reports.to_text(Report([found], texts=lambda _: f"{line}\nnext")).splitlines()[1:-1]
    assert [part[:6] for part in lines] == ["  1 | ", "    | "]
    return [part[6:] for part in lines]


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "marks"),
    [
        ("abc def", 5, 8, "abc def", "    ^~~"),
        ("abc def", 5, None, "abc def", "    ^"),
        ("abc def", 5, 5, "abc def", "    ^"),
        ("abc", 4, 5, "abc", "   ^"),
        ("abc", 40, 50, "abc", "   ^"),
        ("abc\r", 1, 9, "abc", "^~~"),
        ("", 1, 2, "", "^"),
        ("\ta\tbc", 4, 6, "\ta\tbc", "\t \t^~"),
        ("a\tb", 1, 4, "a\tb", "^\t~"),
        ("a\tb", 2, 4, "a\tb", " ^"),
        ("a \t", 1, 4, "a \t", "^~"),
        ("字字ab", 3, 5, "字字ab", "    ^~"),
        ("a字字b", 2, 4, "a字字b", " ^~~~"),
        ("e\u0301e\u0301ab", 5, 7, "e\u0301e\u0301ab", "  ^~"),
        ("e\u0301a", 2, 4, "e\u0301a", "^~"),
        ("\u0301a", 1, 2, "\u0301a", "^"),
        ("ก\u0e34\u1112\u1161\u200dx", 6, 7, "ก\u0e34\u1112\u1161\u200dx", "   ^"),
        ("a\u00adb", 3, 4, "a\u00adb", "  ^"),
        ("\x1bab", 2, 4, "\\u001Bab", "      ^~"),
        ("a\u202eb", 2, 4, "a\\u202Eb", " ^~~~~~~"),
    ],
    ids=ascii,
)
def test_caret_stands_under_the_region(line: str, column: int, end: int | None, shown: str, marks: str) -> None:
    """The caret is under the region's first cell, whatever the width of the characters before it."""
    assert excerpt(line, column, end) == [shown, marks]


def test_region_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    """Of a region that ends in a later line the first line is underlined up to its last character."""
    assert excerpt("a [ b ;  ", 3, 2, end_line=2) == ["a [ b ;  ", "  ^~~~~"]


WIDTHS = {"a": 1, "字": 2, "e\u0301": 1, "\U0001f54a": 1, "한": 2, "ก\u0e34": 1, "\x1b": 6, "\t": 0, " ": 1}
PARTS = st.lists(st.sampled_from(sorted(WIDTHS)), max_size=30)


def cells(parts: Sequence[str], start: int = 6) -> int:
    """Return the cell, from 0, at which a terminal is after some parts that follow the gutter."""
    for part in parts:
        start += 8 - start % 8 if part == "\t" else WIDTHS[part]
    return start


@given(PARTS, PARTS.filter(lambda parts: "\t" not in parts and bool(parts)), PARTS)
def test_caret_and_underline_are_as_wide_as_the_region(before: list[str], region: list[str], after: list[str]) -> None:
    """A terminal shows the caret under the first cell of the region, and the underline ends with it."""
    texts = ["".join(parts) for parts in (before, region, after)]
    column = len(texts[0]) + 1
    _, marks = excerpt("".join(texts), column, column + len(texts[1]))
    indent, caret, underline = marks.partition("^")
    assert (caret, set(underline) <= {"~"}) == ("^", True)
    if "…" not in excerpt("".join(texts), column)[0]:
        assert cells(list(indent)) == cells(before)
        assert 1 + len(underline) == sum(WIDTHS[part] for part in region)


@pytest.mark.parametrize("before", ["", "x" * 30, "x" * 1_000_000, "字" * 5_000, "\u0301" * 5_000, "\x00" * 5_000])
@pytest.mark.parametrize("after", ["", "y" * 1_000_000, "\t" * 5_000])
def test_long_lines_are_cut_around_the_region(before: str, after: str) -> None:
    """Of a long line some cells before and after the region are shown, with an ellipsis where more was."""
    shown, marks = excerpt(f"{before}QQQ{after}", len(before) + 1, len(before) + 4)
    assert len(shown) <= 140
    assert len(marks) <= 60
    assert (shown.startswith("…"), shown.endswith("…")) == (len(before) > 30, bool(after))
    width = sum(0 if char == "\u0301" else 2 if char == "字" else 1 for char in shown.partition("QQQ")[0])
    assert marks == " " * width + "^~~"


def test_cut_parts_no_mark_from_its_letter() -> None:
    """What is shown of a long line begins with a character that has a cell of its own."""
    shown, marks = excerpt("x\u0301\u0302" * 1_000 + "Q", 3_001)
    assert shown.startswith("…x\u0301\u0302")
    assert marks == " " * (1 + shown.count("x")) + "^"


@pytest.mark.parametrize(
    ("place", "text"), [(Place(FILE, 1), "a"), (Place(FILE, 3, 1), "a\nb"), (Place(FILE, 1, 1), None)]
)
def test_no_excerpt_without_its_line(place: Place, text: str | None) -> None:
    """A finding without a column, past the end of the file, or in a file that is not there has no excerpt."""
    lines = reports.to_text(Report([replace(BARE, places=(place,))], texts=lambda _: text))
    assert lines.splitlines() == [f"{place}: warning: Gap.  (evidence)", "1 warning"]


def test_excerpt_is_read_from_the_file(tmp_path: Path) -> None:
    """By default the excerpt comes from the file, each byte that is not UTF-8 shown as one replacement."""
    path = tmp_path / "a.ttl"
    path.write_bytes(b"one\r\n\xff two\r\n")
    found = replace(BARE, places=(Place(path, 2, 3, 2, 6), Place(tmp_path / "gone.ttl", 1, 1)))
    assert reports.to_text(Report([found])).splitlines()[1:3] == ["  2 | \ufffd two", "    |   ^~~"]
    assert len(reports.to_text(Report([replace(found, places=found.places[1:])])).splitlines()) == 2


def test_json_has_what_its_documentation_says() -> None:
    """The JSON has the version of its form, the verdict, the counts, the findings, the rules and the remarks."""
    document = json.loads(reports.to_json(report(*FOUND, remarks=["slow"])))
    assert list(document) == ["version", "triplomacy", "conforms", "summary", "findings", "rules", "remarks"]
    assert (document["version"], document["triplomacy"], document["conforms"]) == (1, "1.2.3", False)
    assert document["summary"] == {"violation": 1, "warning": 1, "info": 1, "suppressed": 1}
    assert document["rules"]["terms/unknown"] == {"summary": "Every term is declared.", "help": "Declare it."}
    assert document["remarks"] == ["slow"]
    for name in (*document, *document["findings"][0], *document["findings"][0]["places"][0]):
        assert f"``{name}``" in (reports.to_json.__doc__ or "")


def test_json_has_every_field_of_a_finding() -> None:
    """Each finding has each field of `Finding` but one, the rule by its name and the places with both ends."""
    fields = set(Finding.__dataclass_fields__) - {"about"}
    placed, bare, noted, excused = json.loads(reports.to_json(report(*FOUND)))["findings"]
    assert set(placed) == fields
    assert placed["rule"] == "shape:Claim-claimant"
    assert placed["places"][0] == {"file": "graphs/a.ttl", "line": 2, "column": 5, "endLine": 2, "endColumn": 8}
    assert noted["places"] == [{"file": "graphs/a.ttl", "line": 3, "column": None, "endLine": None, "endColumn": None}]
    assert bare == dict.fromkeys(fields) | {
        "check": "evidence",
        "rule": "evidence",
        "severity": "warning",
        "message": "Gap.",
        "places": [],
    }
    assert excused["suppressed"] == "the source is lost"


def test_json_of_no_findings_conforms() -> None:
    """Without findings the JSON conforms and counts nothing."""
    document = json.loads(reports.to_json(Report([])))
    assert document["conforms"] is True
    assert not any(document["summary"].values())
    assert document["findings"] == []
    assert document["triplomacy"] is None


@given(nasty())
@settings(deadline=None)
def test_json_gives_every_text_back(given: Report) -> None:
    """Whatever the characters, a JSON parser reads what the findings say."""
    document = json.loads(reports.to_json(given))
    assert document["remarks"] == [joined(remark) for remark in given.remarks]
    for finding, entry in zip(given.findings, document["findings"], strict=True):
        for name in ("check", "message", "focus", "path", "value", "shape", "component", "suppressed"):
            value = getattr(finding, name)
            assert entry[name] == (None if value is None else joined(value))
        assert [place["file"] for place in entry["places"]] == [joined(p.file.as_posix()) for p in finding.places]


MESSAGE = rdflib.URIRef(SH + "resultMessage")


def test_turtle_is_a_shacl_report() -> None:
    """The Turtle is a validation report, with a result for each finding that counts and its message unharmed."""
    graph = rdflib.Graph().parse(data=reports.to_turtle(report(*FOUND)), format="turtle")
    sh = rdflib.Namespace(SH)
    (node,) = graph.subjects(rdflib.RDF.type, sh.ValidationReport)
    assert graph.value(node, sh.conforms) == rdflib.Literal(False)
    results = list(graph.objects(node, sh.result))
    messages = {str(graph.value(result, MESSAGE)) for result in results}
    assert len(results) == 3
    assert messages == {PLACED.message, BARE.message, NOTED.message}
    assert set(graph.objects(None, sh.focusNode)) == {rdflib.URIRef(ID + "syria")}
    assert set(graph.objects(None, sh.resultSeverity)) == {sh.Violation, sh.Warning, sh.Info}


def test_turtle_of_no_findings_conforms() -> None:
    """Without findings the report conforms and has no result."""
    graph = rdflib.Graph().parse(data=reports.to_turtle(Report([])), format="turtle")
    assert list(graph.objects(None, rdflib.URIRef(SH + "conforms"))) == [rdflib.Literal(True)]
    assert len(graph) == 2


@pytest.mark.parametrize(
    "message", ['\\ "', "\\u0022", "\x00\x07\x1b\x7f", "\u2028\U0001f54a", "a\tb\r\nc", '""" .', "'@en ."], ids=ascii
)
def test_turtle_keeps_any_message(message: str) -> None:
    """Whatever the characters of a message, two parsers read it as it was."""
    text = reports.to_turtle(Report([replace(BARE, message=message)]))
    graph = rdflib.Graph().parse(data=text, format="turtle")
    quads = [quad for quad in ox.parse(text, format=ox.RdfFormat.TURTLE) if quad.predicate.value.endswith("Message")]
    assert [str(value) for value in graph.objects(None, MESSAGE)] == [message]
    assert [quad.object for quad in quads] == [ox.Literal(message, language="en")]


@given(nasty())
@settings(deadline=None)
def test_turtle_of_any_findings_is_read_by_two_parsers(given: Report) -> None:
    """Whatever the terms and messages, both parsers read as many triples, and the messages as they were."""
    text = reports.to_turtle(given)
    graph = rdflib.Graph().parse(data=text, format="turtle")
    triples = {(quad.subject, quad.predicate, quad.object) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)}
    assert len(graph) == len(triples)
    expected = sorted(re.sub("[\ud800-\udfff]", "\ufffd", finding.message) for finding in given.open_findings)
    assert sorted(str(value) for value in graph.objects(None, MESSAGE)) == expected
    assert sorted(triple[2].value for triple in triples if triple[1].value == str(MESSAGE)) == expected


def test_turtle_has_iris_for_curies_and_no_path_that_it_cannot_write() -> None:
    """A CURIE becomes its IRI, a literal stays one, and a path of several steps is left out."""
    found = replace(PLACED, focus='"x"@en', shape="shape:Claim", path=f"<{TRI}a>/<{TRI}b>", component=None)
    graph = rdflib.Graph().parse(data=reports.to_turtle(Report([found])), format="turtle")
    sh = rdflib.Namespace(SH)
    assert list(graph.objects(None, sh.sourceShape)) == [rdflib.URIRef(SHAPES + "Claim")]
    assert list(graph.objects(None, sh.focusNode)) == [rdflib.Literal("x", lang="en")]
    assert list(graph.objects(None, sh.resultPath)) == []


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("<http://a/b c>", rdflib.URIRef("http://a/b%20c")),
        ("<http://a/\x07>", rdflib.URIRef("http://a/%07")),
        ("<relative>", rdflib.Literal("<relative>")),
        ("nobody:knows", rdflib.Literal("nobody:knows")),
        ("no term", rdflib.Literal("no term")),
        ('"open', rdflib.Literal('"open')),
        ('"a" , "b"', rdflib.Literal('"a" , "b"')),
        ('"x"@en--ltr', rdflib.Literal('"x"@en--ltr')),
        ("<<( <x:a> <x:b> <x:c> )>>", rdflib.Literal("<<( <x:a> <x:b> <x:c> )>>")),
        ('"5"^^<http://www.w3.org/2001/XMLSchema#integer>', rdflib.Literal(5)),
    ],
)
def test_turtle_has_something_for_any_term(term: str, expected: rdflib.term.Node) -> None:
    """An IRI that is none is percent-encoded, and what is not a term at all is a string."""
    graph = rdflib.Graph().parse(data=reports.to_turtle(Report([replace(BARE, value=term)])), format="turtle")
    assert list(graph.objects(None, rdflib.URIRef(SH + "value"))) == [expected]


def test_turtle_has_one_node_for_one_blank_node() -> None:
    """Two findings about the same blank node are about the same node in the report, and not about its own nodes."""
    found = [replace(BARE, focus=focus, message=focus) for focus in ("_:b0", "_:b0 ", "_:b1")]
    found[1] = replace(found[1], focus="_:b0")
    graph = rdflib.Graph().parse(data=reports.to_turtle(Report(found)), format="turtle")
    nodes = [*graph.objects(None, rdflib.URIRef(SH + "focusNode"))]
    assert [type(node) for node in nodes] == [rdflib.BNode] * 3
    assert len(set(nodes)) == 2
    assert not set(nodes) & set(graph.subjects())


URI = re.compile(r"(?:file:///)?(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})*")


@pytest.fixture(scope="session")
def sarif() -> Callable[[str], dict[str, Any]]:
    """Return a function that parses SARIF and fails where its schema does not take it."""
    schema = json.loads(need_shared("suites/schemas/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    checker = jsonschema.FormatChecker()
    checker.checks("uri-reference")(lambda text: URI.fullmatch(text) is not None)
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)

    def parse(text: str) -> dict[str, Any]:
        document = json.loads(text)
        validator.validate(document)
        (run,) = document["runs"]
        assert isinstance(run, dict)
        return run

    return parse


def plain(message: dict[str, str]) -> str:
    """Return a message of SARIF without its escapes, as 3.11.5 says."""
    assert re.fullmatch(r"(?:[^{}]|\{\{|\}\})*", message["text"])
    return message["text"].replace("{{", "{").replace("}}", "}")


def test_sarif_is_valid(sarif) -> None:
    """The schema takes a report with and without findings, and refuses one that it should."""
    for each in (Report([]), report(*FOUND, remarks=["slow {1}"])):
        sarif(reports.to_sarif(each))
    for old, new in (('"ruleIndex": 0', '"ruleIndex": -2'), ("graphs/b%20c.ttl", "graphs/b c.ttl")):
        text = reports.to_sarif(report(PLACED))
        assert text.count(old) == 1
        with pytest.raises(jsonschema.ValidationError):
            sarif(text.replace(old, new))


def test_sarif_names_tool_and_rules(sarif) -> None:
    """The driver has name, version and address, and each rule, known or only broken, with help and level."""
    driver = sarif(reports.to_sarif(report(*FOUND)))["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("triplomacy", "1.2.3")
    assert driver["informationUri"] == "https://w3id.org/triplomacy/"
    assert [rule["id"] for rule in driver["rules"]] == [
        *("evidence", "shape:Claim-claimant", "terms/case", "terms/unknown")
    ]
    levels = [rule["defaultConfiguration"]["level"] for rule in driver["rules"]]
    assert levels == ["warning", "error", "note", "warning"]
    assert driver["rules"][0]["help"] == {"text": "Found by the check evidence."}
    assert driver["rules"][1]["shortDescription"] == {"text": "A claim has a claimant."}
    assert driver["rules"][1]["help"] == {"text": "Add tri:claimant."}


def test_sarif_has_places_fingerprint_and_suppression(sarif) -> None:
    """A result has its rule, level and region, the other places as related, its fingerprint and its reason."""
    run = sarif(reports.to_sarif(report(*FOUND, replace(EXCUSED, suppressed=KNOWN))))
    placed, bare, noted, excused, old = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "warning", "warning"]
    assert placed["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "graphs/a.ttl"},
                "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 8},
            }
        }
    ]
    (related,) = placed["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "graphs/b%20c.ttl"}
    assert placed["partialFingerprints"] == {"triplomacy/v1": "f1"}
    assert noted["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert bare["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "."}}}]
    assert not {"partialFingerprints", "suppressions", "relatedLocations"} & set(bare)
    assert excused["suppressions"] == [{"kind": "inSource", "justification": "the source is lost"}]
    assert old["suppressions"] == [{"kind": "external", "justification": KNOWN}]


def test_sarif_has_remarks_as_notifications(sarif) -> None:
    """A remark on the run is a notification of a successful invocation; without remarks there is none."""
    (invocation,) = sarif(reports.to_sarif(report(remarks=["slow"])))["invocations"]
    assert invocation["toolExecutionNotifications"] == [{"level": "note", "message": {"text": "slow"}}]
    assert "invocations" not in sarif(reports.to_sarif(report()))


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("graphs/a.ttl", "graphs/a.ttl"),
        ("a b/ü%41#?.ttl", "a%20b/%C3%BC%2541%23%3F.ttl"),
        ("urn:a.ttl", "urn%3Aa.ttl"),
        ("a\udcff.ttl", "a%FF.ttl"),
        ("a\ud800.ttl", "a%ED%A0%80.ttl"),
    ],
    ids=ascii,
)
def test_sarif_has_relative_uris(sarif, file: str, uri: str) -> None:
    """A file's path is a relative URI reference, percent-encoded, the first segment without a colon."""
    (result,) = sarif(reports.to_sarif(Report([replace(BARE, places=(Place(Path(file)),))])))["results"]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": uri}}}]


def test_sarif_has_absolute_files_with_a_scheme(sarif, tmp_path: Path) -> None:
    """An absolute path is a URI with the scheme file, the same that Python makes of it."""
    path = tmp_path / "a b.ttl"
    (result,) = sarif(reports.to_sarif(Report([replace(BARE, places=(Place(path),))])))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path.as_uri()


def test_files_below_the_current_directory_are_named_from_there(tmp_path: Path, monkeypatch) -> None:
    """CI systems match paths with those of the repository, so that an absolute one below it is written from there."""
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    told = report(replace(BARE, places=(Place(tmp_path / "a" / "b.ttl", 1),)))
    location = json.loads(reports.to_sarif(told))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "a/b.ttl"}
    assert json.loads(reports.to_gitlab(told))[0]["location"]["path"] == "a/b.ttl"
    assert "file=a/b.ttl,line=1" in reports.to_github(told)
    monkeypatch.chdir(tmp_path / "a")
    assert "file=b.ttl,line=1" in reports.to_github(told)


@pytest.mark.parametrize(("node", "shown"), [("_:f0b352", "[]"), ("_:f12bc7", "[]"), ("_:f0bnann", "_:ann")])
def test_blank_nodes_are_shown_as_they_are_written(node: str, shown: str) -> None:
    """What a node is called in the source map means nothing to a reader: brackets or its label do."""
    found = replace(BARE, focus=node, path="<urn:p>", value=node)
    assert f"warning: {shown} <urn:p> [{shown}]: Gap." in reports.to_text(Report([found]))
    assert f"::{shown} <urn:p> [{shown}]: Gap." in reports.to_github(Report([found]))
    assert json.loads(reports.to_json(Report([found])))["findings"][0]["focus"] == node


def test_lines_end_with_returns_too(tmp_path: Path) -> None:
    """Old files whose lines end with returns alone have the excerpt of the line that the place counts."""
    path = tmp_path / "a.ttl"
    path.write_bytes(b"ex:a\rex:b ex:c\r\nex:d")
    for line, shown in ((1, "ex:a"), (2, "ex:b ex:c"), (3, "ex:d")):
        assert f"  {line} | {shown}\n" in reports.to_text(Report([replace(BARE, places=(Place(path, line, 1),))]))


@given(given=nasty())
@settings(deadline=None, max_examples=50)
def test_sarif_of_any_findings_is_valid(sarif, given: Report) -> None:
    """Whatever the characters, the schema takes the report, and each message is read as it was."""
    run = sarif(reports.to_sarif(given))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert set(rules) == {joined(name) for name in given.rules} | {joined(found.rule_name) for found in given.findings}
    for finding, result in zip(given.findings, run["results"], strict=True):
        assert plain(result["message"]).endswith(joined(finding.message))
        assert rules[result["ruleIndex"]] == result["ruleId"] == joined(finding.rule_name)
        assert ("suppressions" in result) == (finding.suppressed is not None)


@pytest.fixture(scope="session")
def junit() -> Callable[[str], ET.Element]:
    """Return a function that parses JUnit's XML and fails where its schema does not take it."""
    schema = etree.XMLSchema(etree.parse(str(need_shared("suites/schemas/junit-10.xsd"))))

    def parse(text: str) -> ET.Element:
        schema.assertValid(etree.fromstring(text.encode("utf-8")))
        return ET.fromstring(text.encode("utf-8"))

    return parse


def readable(text: str) -> str:
    """Return a text with an escape for each character that is not in XML 1.0."""
    return "".join(
        char
        if char in "\t\n\r" or " " <= char < "\ud800" or "\udfff" < char < "\ufffe" or char >= "\U00010000"
        else f"\\u{ord(char):04X}"
        for char in text
    )


def test_junit_is_valid(junit) -> None:
    """The schema takes a report with and without findings, and refuses one that it should."""
    for each in (Report([]), report(*FOUND)):
        junit(reports.to_junit(each))
    with pytest.raises(etree.DocumentInvalid):
        junit(reports.to_junit(report(*FOUND)).replace(' tests="', ' times="'))


def test_junit_has_a_suite_a_check_and_a_case_a_rule(junit) -> None:
    """Every rule is a case of its check's suite; it fails, is skipped or passes, and the suites count the cases."""
    found = [*FOUND, replace(PLACED, message="And again."), replace(EXCUSED, rule="evidence/gap")]
    root = junit(reports.to_junit(report(*found, checks={"terms/unknown": "terms"})))
    outcomes = {(suite.get("name"), case.get("name")): [part.tag for part in case] for suite in root for case in suite}
    assert outcomes == {
        ("evidence", "evidence"): ["failure", "system-out"],
        ("evidence", "evidence/gap"): ["skipped"],
        ("shacl", "shape:Claim-claimant"): ["failure", "failure"],
        ("terms", "terms/case"): ["failure"],
        ("terms", "terms/unknown"): [],
    }
    counts = [{name: suite.get(name) for name in ("tests", "failures", "skipped")} for suite in root]
    assert counts[0] == {"tests": "2", "failures": "1", "skipped": "1"}
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "3", "0")
    assert {case.get("classname") for case in root[2]} == {"terms"}


def test_junit_says_what_and_where(junit) -> None:
    """A failure has severity and message, and in its text the places and what the finding is about."""
    (failure,) = junit(reports.to_junit(report(PLACED))).iter("failure")
    assert (failure.get("type"), failure.get("message")) == ("violation", PLACED.message)
    assert failure.text == (
        "graphs/a.ttl:2:5\ngraphs/b c.ttl:9:1\n"
        'id:syria tri:claimant ["x"@en]: Say who: add "tri:claimant".\nNow.'
    )  # fmt: skip


def test_junit_gives_the_reason_of_what_is_suppressed(junit) -> None:
    """A skipped case says how many findings are suppressed and why, each reason once."""
    found = [EXCUSED, EXCUSED, replace(EXCUSED, suppressed="agreed")]
    (skipped,) = junit(reports.to_junit(Report(found))).iter("skipped")
    assert skipped.get("message") == "3 suppressed: the source is lost; agreed"


def test_junit_has_no_time() -> None:
    """Neither a date nor a duration makes two runs differ."""
    assert not re.search("time=|timestamp=|hostname=", reports.to_junit(report(*FOUND)))


@given(given=nasty())
@settings(deadline=None)
def test_junit_of_any_findings_is_valid(junit, given: Report) -> None:
    """Whatever the characters, the schema takes the report, and what XML can say is read as it was."""
    root = junit(reports.to_junit(given))
    failures = [(failure.get("message"), failure.text) for failure in root.iter("failure")]
    expected = [readable(finding.message) for finding in given.open_findings]
    assert sorted(message for message, _ in failures) == sorted(expected)
    assert all((text or "").endswith(message) for message, text in failures)
    rules = {readable(name) for name in (*given.rules, *(finding.rule_name for finding in given.findings))}
    assert {case.get("name") for case in root.iter("testcase")} == rules


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return the workflow commands of a log as GitHub's runner reads them: name, properties and data."""
    found = []
    for line in text.split("\n"):
        if line.lstrip().startswith("::"):
            head, _, data = line.lstrip()[2:].partition("::")
            name, _, properties = head.partition(" ")
            pairs = [pair.split("=", 1) for pair in properties.split(",")]
            found.append((name, {key: undone(value, ":,") for key, value in pairs}, undone(data)))
    return found


def undone(text: str, more: str = "") -> str:
    """Return a value of a workflow command without its escapes."""
    for char in f"\r\n{more}%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


def test_github_has_a_command_a_finding() -> None:
    """A violation is an error, a warning one, an info a notice; file, region and rule are its properties."""
    text = reports.to_github(report(*FOUND))
    placed, bare, noted = commands(text)
    region = {"file": "graphs/a.ttl", "line": "2", "col": "5", "endLine": "2", "endColumn": "8"}
    told = f'id:syria tri:claimant ["x"@en]: {PLACED.message}'
    assert placed == ("error", region | {"title": "shape:Claim-claimant"}, told)
    assert bare == ("warning", {"title": "evidence"}, "Gap.")
    assert noted == ("notice", {"file": "graphs/a.ttl", "line": "3", "title": "terms/case"}, "A note.")
    assert text.splitlines()[-1] == "1 violation, 1 warning, 1 info, 1 suppressed"


def test_github_escapes_by_its_rules() -> None:
    """Per cent, line ends and, in properties, colon and comma are escaped, and nothing else."""
    found = replace(BARE, message="100%: a,b\r\nc", rule="a:b,c%", places=(Place(Path("x,y:z.ttl"), 1),))
    assert reports.to_github(Report([found])).splitlines()[0] == (
        "::warning file=x%2Cy%3Az.ttl,line=1,title=a%3Ab%2Cc%25::100%25: a,b%0D%0Ac"
    )


def test_github_has_no_columns_over_several_lines() -> None:
    """A region that ends in another line has lines only."""
    ((_, properties, _),) = commands(reports.to_github(Report([replace(BARE, places=(Place(FILE, 1, 5, 3, 2),))])))
    assert properties == {"file": "graphs/a.ttl", "line": "1", "endLine": "3", "title": "evidence"}


@given(nasty())
@settings(deadline=None)
def test_github_gives_every_message_back(given: Report) -> None:
    """Whatever the characters, there is one command a finding, with its message and rule, escapes shown."""
    found = commands(reports.to_github(given))
    for finding, (_, properties, data) in zip(given.open_findings, found, strict=True):
        assert data.endswith(escaped(finding.message, keep="\t\r\n"))
        assert properties["title"] == escaped(finding.rule_name, keep="\t\r\n")


def test_gitlab_has_what_its_widget_needs() -> None:
    """Each entry has description, rule, fingerprint, severity, path and first line, also where there is no place."""
    placed, bare, noted = json.loads(reports.to_gitlab(report(*FOUND)))
    assert placed == {
        "description": f'id:syria tri:claimant ["x"@en]: {PLACED.message}',
        "check_name": "shape:Claim-claimant",
        "fingerprint": "f1",
        "severity": "major",
        "location": {"path": "graphs/a.ttl", "lines": {"begin": 2}},
    }
    assert (bare["severity"], bare["location"]) == ("minor", {"path": ".", "lines": {"begin": 1}})
    assert (noted["severity"], noted["location"]["lines"]) == ("info", {"begin": 3})


def test_gitlab_tells_findings_without_fingerprint_apart() -> None:
    """Findings that have no fingerprint get one each, the same in each run, also where they are equal."""
    first = [entry["fingerprint"] for entry in json.loads(reports.to_gitlab(Report([BARE, BARE, NOTED])))]
    assert len(set(first)) == 3
    assert [entry["fingerprint"] for entry in json.loads(reports.to_gitlab(Report([BARE, NOTED])))] == first[::2]


@given(nasty())
@settings(deadline=None)
def test_gitlab_gives_every_message_back(given: Report) -> None:
    """Whatever the characters, there is one entry a finding that counts, with its message, rule and path."""
    entries = json.loads(reports.to_gitlab(given))
    for finding, entry in zip(given.open_findings, entries, strict=True):
        assert entry["description"].endswith(joined(finding.message))
        assert entry["check_name"] == joined(finding.rule_name)
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["fingerprint"]
        assert entry["location"]["lines"]["begin"] >= 1
        assert entry["location"]["path"] == (joined(finding.place.file.as_posix()) if finding.place else ".")


def test_reports_are_written_whole(tmp_path: Path) -> None:
    """Each file has its text in UTF-8 with line feeds, over what was there, and no other file is left."""
    texts = {tmp_path / "a.json": "ü\n", tmp_path / "b.xml": "b\r\nb\n", tmp_path / ("x" * 250): "long\n"}
    (tmp_path / "a.json").write_text("something that was much longer", encoding="utf-8")
    files.write(texts)
    assert {path: path.read_bytes().decode("utf-8") for path in tmp_path.iterdir()} == texts


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_reports_can_be_read_by_others(tmp_path: Path) -> None:
    """A report has the permissions that any new file has."""
    files.write({tmp_path / "a": "a"})
    (tmp_path / "b").write_bytes(b"b")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "this is a folder; name a file in it"),
        ("gone/r.json", "there is no folder .*gone; make it first"),
        ("file/r.json", "there is no folder .*file; make it first"),
        ("x" * 300, "File name too long|name is too long"),
        ("a\0b", "null"),
    ],
    ids=["folder", "missing", "file", "long", "null"],
)
def test_unwritable_eachis_named_and_the_others_are_whole(tmp_path: Path, name: str, message: str) -> None:
    """A report that cannot be written is an error that says why; those before and after it are whole."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"kept")
    before = set(tmp_path.iterdir())
    first, last = tmp_path / "first", tmp_path / "last"
    with pytest.raises(TriplomacyError, match=message) as caught:
        files.write({first: "1\n", tmp_path / name: "no", last: "2\n"})
    assert caught.value.path == tmp_path / name
    assert caught.value.message.startswith("cannot be written: ")
    assert (first.read_bytes(), last.read_bytes()) == (b"1\n", b"2\n")
    assert set(tmp_path.iterdir()) == before | {first, last}
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_every_unwritable_eachis_named(tmp_path: Path) -> None:
    """Where several reports cannot be written, the error names each with its reason."""
    gone = [tmp_path / name / "r" for name in ("one", "two")]
    with pytest.raises(TriplomacyError) as caught:
        files.write(dict.fromkeys(gone, "text"))
    assert caught.value.path == gone[0]
    assert f"; {gone[1]}: cannot be written: there is no folder" in caught.value.message
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from triplomacy import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder = Path(sys.argv[1])
files.write({folder / "a": "a" * 5000, folder / "b": "b" * 5000, folder / "c": "c" * 500})
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_each_report_that_breaks_off_is_absent_or_as_before(tmp_path: Path) -> None:
    """Where the disk takes only a part, a new report is absent, an old one is as it was, a small one whole."""
    (tmp_path / "b").write_bytes(b"before")
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"TriplomacyError: {tmp_path / 'a'}: cannot be written: File too large" in run.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"before", "c": b"c" * 500}


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no file that is open")
def test_report_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Whoever is reading the report of the run before reads it to its end."""
    path = tmp_path / "a"
    path.write_bytes(b"before\n")
    with path.open("rb") as reader:
        files.write({path: "after\n"})
        assert reader.read() == b"before\n"
    assert path.read_bytes() == b"after\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links only for administrators")
def test_link_to_a_eachstays_a_link(tmp_path: Path) -> None:
    """A report that is a link is written where the link points."""
    link = tmp_path / "link"
    link.symlink_to("real")
    files.write({link: "text\n"})
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"text\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A report to a pipe goes through it, as one to /dev/stdout does."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write({pipe: "text\n"})
        assert os.read(reader, 100) == b"text\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_eachstays_as_it_is(tmp_path: Path) -> None:
    """A file that is read-only is not replaced."""
    path = tmp_path / "a"
    path.write_bytes(b"kept")
    path.chmod(0o444)
    with pytest.raises(TriplomacyError, match="read-only"):
        files.write({path: "new"})
    assert path.read_bytes() == b"kept"
