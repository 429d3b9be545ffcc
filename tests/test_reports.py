"""Findings as text, JSON and a SHACL report."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from triplomacy import reports
from triplomacy.findings import Finding, Severity
from triplomacy.terms import ID, SH, SHAPES, TRI

PLACED = Finding(
    check="shacl",
    severity=Severity.VIOLATION,
    message='Say who: add "tri:claimant".\nNow.',
    focus=f"<{ID}syria>",
    path=f"<{TRI}claimant>",
    value='"x"@en',
    shape=f"<{SHAPES}Claim-claimant>",
    component=f"<{SH}MinCountConstraintComponent>",
    file=Path("graphs/a.ttl"),
    line=7,
)
BARE = Finding(check="evidence", severity=Severity.WARNING, message="Gap.")


def test_text_says_where_what_and_by_which_shape() -> None:
    """A line has place, severity, node, path, value, message and shape, terms as CURIEs; the last line counts."""
    first, *_, last = reports.to_text([PLACED, BARE]).splitlines()
    assert first.startswith('graphs/a.ttl:7: violation: id:syria tri:claimant ["x"@en]: Say who')
    assert reports.to_text([PLACED]).splitlines()[-2].endswith("(shape:Claim-claimant)")
    assert last == "1 violation, 1 warning"


@pytest.mark.parametrize(
    ("found", "line"),
    [([], "conforms: no findings"), ([BARE, BARE], "2 warnings"), ([PLACED], "1 violation")],
)
def test_summary_counts(found: list[Finding], line: str) -> None:
    """The summary counts by severity, in singular and plural."""
    assert reports.summary(found) == line


def test_json_has_every_field() -> None:
    """The JSON says whether the data conform, and has each field of each finding."""
    document = json.loads(reports.to_json([PLACED, BARE]))
    assert document["conforms"] is False
    assert set(document["findings"][0]) == set(Finding.__dataclass_fields__)
    assert document["findings"][0]["file"] == "graphs/a.ttl"
    assert document["findings"][1] == dict.fromkeys(Finding.__dataclass_fields__) | {
        "check": "evidence",
        "severity": "warning",
        "message": "Gap.",
    }
    assert json.loads(reports.to_json([])) == {"conforms": True, "findings": []}


def test_turtle_is_a_shacl_report() -> None:
    """The Turtle is a validation report, with a result a finding and its message unharmed."""
    import rdflib

    graph = rdflib.Graph().parse(data=reports.to_turtle([PLACED, BARE]), format="turtle")
    sh = rdflib.Namespace(SH)
    (report,) = graph.subjects(rdflib.RDF.type, sh.ValidationReport)
    results = list(graph.objects(report, sh.result))
    assert str(graph.value(report, sh.conforms)) == "false"
    assert len(results) == 2
    messages = {str(graph.value(result, sh.resultMessage)) for result in results}
    assert messages == {PLACED.message, BARE.message}
    assert set(graph.objects(None, sh.focusNode)) == {rdflib.URIRef(ID + "syria")}
    assert set(graph.objects(None, sh.resultSeverity)) == {sh.Violation, sh.Warning}


def test_turtle_of_no_findings_conforms() -> None:
    """Without findings the report conforms and has no result."""
    import rdflib

    graph = rdflib.Graph().parse(data=reports.to_turtle([]), format="turtle")
    assert [str(value) for value in graph.objects(None, rdflib.URIRef(SH + "conforms"))] == ["true"]
    assert len(graph) == 2


def test_text_is_a_line_a_finding() -> None:
    """A message of several lines takes one, and the IRIs of a path are CURIEs."""
    inverse = replace(PLACED, path=f"^<{TRI}claimant>/<{TRI}proposition>", value='"<https://example.com/>"')
    lines = reports.to_text([inverse]).splitlines()
    assert len(lines) == 2
    assert "id:syria ^tri:claimant/tri:proposition" in lines[0]
    assert '["<https://example.com/>"]: Say who: add "tri:claimant". Now.  (shape:' in lines[0]


@pytest.mark.parametrize(
    "message", ['\\ "', "\\u0022", "\x00\x07\x1b\x7f", "\u2028\U0001f54a", "a\tb\r\nc", '""" .', "'@en ."], ids=ascii
)
def test_turtle_keeps_any_message(message: str) -> None:
    """Whatever the characters of a message, two parsers read it as it was."""
    import pyoxigraph as ox
    import rdflib

    text = reports.to_turtle([replace(BARE, message=message)])
    graph = rdflib.Graph().parse(data=text, format="turtle")
    quads = [quad for quad in ox.parse(text, format=ox.RdfFormat.TURTLE) if quad.predicate.value.endswith("Message")]
    assert [str(value) for value in graph.objects(None, rdflib.URIRef(SH + "resultMessage"))] == [message]
    assert [quad.object for quad in quads] == [ox.Literal(message, language="en")]


def test_turtle_has_iris_for_curies_and_no_path_that_it_cannot_write() -> None:
    """A CURIE becomes its IRI, a literal stays one, and a path of several steps is left out."""
    import rdflib

    found = replace(PLACED, focus='"x"@en', shape="shape:Claim", path=f"<{TRI}a>/<{TRI}b>", component=None)
    graph = rdflib.Graph().parse(data=reports.to_turtle([found]), format="turtle")
    sh = rdflib.Namespace(SH)
    assert list(graph.objects(None, sh.sourceShape)) == [rdflib.URIRef(SHAPES + "Claim")]
    assert list(graph.objects(None, sh.focusNode)) == [rdflib.Literal("x", lang="en")]
    assert list(graph.objects(None, sh.resultPath)) == []
