"""Findings as text, JSON and a SHACL report."""

import json
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
