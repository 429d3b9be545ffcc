"""The order and the identity of findings."""

import itertools
from dataclasses import replace

import pytest

from triplomacy.findings import Finding, Severity, sort_findings, worst

FINDING = Finding("shacl", Severity.VIOLATION, "Add a claimant.", focus="<https://example.com/claim>")


def test_findings_come_the_worst_first():
    """Severity comes before everything else, then check, focus and the rest of the key."""
    found = [
        replace(FINDING, severity=severity, check=check, focus=focus, message=f"{severity.label}.")
        for severity in Severity
        for check in ("evidence", "shacl")
        for focus in ("<https://example.com/a>", "<https://example.com/b>", None)
    ]
    expected = sorted(found, key=lambda f: (-f.severity, f.check, f.focus or ""))
    for shuffled in itertools.islice(itertools.permutations(found), 0, 5000, 500):
        assert sort_findings(shuffled) == expected
    assert expected[0].severity is Severity.VIOLATION


def test_same_finding_is_told_once():
    """A finding that two engines make is one, and one with another message stays."""
    other = replace(FINDING, message="Correct the claimant.")
    assert sort_findings([FINDING, replace(FINDING), other]) == [FINDING, other]


@pytest.mark.parametrize(
    "change",
    [
        {"check": "evidence"},
        {"focus": None},
        {"path": "<https://example.com/p>"},
        {"value": '"7"'},
        {"shape": "shape:Claim"},
        {"component": "sh:MinCount"},
        {"rule": "stray-blanks"},
    ],
)
def test_key_has_all_but_the_wording(change):
    """Each part of a finding but its message and severity tells it from others."""
    assert replace(FINDING, **change).key != FINDING.key
    assert replace(FINDING, message="Other words.").key == FINDING.key


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], None),
        ([Severity.INFO], Severity.INFO),
        ([Severity.INFO, Severity.VIOLATION, Severity.WARNING], Severity.VIOLATION),
    ],
)
def test_worst_severity(severities, expected):
    """The worst of no findings is none."""
    assert worst(replace(FINDING, severity=severity) for severity in severities) == expected


def test_severities_are_called_as_in_shacl():
    """The labels are SHACL's names in lower case, from the mildest to the worst."""
    assert [severity.label for severity in sorted(Severity)] == ["info", "warning", "violation"]
