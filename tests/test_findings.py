"""The order and the identity of findings."""

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from triplomacy.findings import Finding, Place, Severity, identify, relative_path, sort_findings
from triplomacy.terms import SHAPES

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


def test_severities_are_called_as_in_shacl():
    """The labels are SHACL's names in lower case, from the mildest to the worst."""
    assert [severity.label for severity in sorted(Severity)] == ["info", "warning", "violation"]


def test_places_are_ordered_by_file_line_and_column() -> None:
    """A file as a whole comes before its first line, a line before its first column."""
    places = [
        Place(Path("a")),
        Place(Path("a"), 1),
        Place(Path("a"), 1, 1),
        Place(Path("a"), 1, 2),
        Place(Path("a"), 2),
        Place(Path("b")),
    ]
    assert sorted([*places[3:], *places[:3]], key=lambda place: place.key) == places
    assert Place(Path("a")).key == ("a", 0, 0)
    assert list(map(str, places)) == ["a", "a:1", "a:1:1", "a:1:2", "a:2", "b"]


def test_findings_with_a_place_come_first() -> None:
    """Of equally bad findings those with a place come first, in their order; one at two places is told twice."""
    placed = [replace(FINDING, places=(Place(Path("a"), line),)) for line in (1, 2)]
    assert sort_findings([FINDING, *reversed(placed), placed[0]]) == [*placed, FINDING]


def test_what_is_broken() -> None:
    """The rule that is broken, else the shape as a CURIE, else the check."""
    shape = replace(FINDING, shape=f"<{SHAPES}Claim>")
    assert replace(shape, rule="stray-blanks").rule_name == "stray-blanks"
    assert shape.rule_name == "shape:Claim"
    assert replace(FINDING, shape="_:b1").rule_name == "_:b1"
    assert FINDING.rule_name == "shacl"


def fingerprint(finding: Finding, root: Path | None = None, described: Mapping[str, str] | None = None) -> str:
    """Return the fingerprint of a finding."""
    (found,) = identify([finding], described or {}, root)
    assert found.fingerprint is not None
    return found.fingerprint


WHOLE = replace(FINDING, path="<urn:p>", value='"7"', component="sh:minCount", rule="r", message="Add it.")


@pytest.mark.parametrize(
    "change",
    [
        {"check": "evidence"},
        {"focus": "<urn:other>"},
        {"path": None},
        {"path": "<urn:q>"},
        {"value": None},
        {"component": None},
        {"component": "sh:maxCount"},
        {"rule": "s"},
        {"focus": None},
    ],
)
def test_fingerprint_has_what_is_wrong(change: dict[str, str | None]) -> None:
    """Each part of a finding but its wording, its severity and its place changes its fingerprint."""
    assert fingerprint(replace(WHOLE, **change)) != fingerprint(WHOLE)  # type: ignore[arg-type]


def test_fingerprint_has_no_line_and_no_wording() -> None:
    """Where a finding has a focus, neither its message, its severity nor its place counts."""
    moved = replace(WHOLE, message="Do.", severity=Severity.INFO, places=(Place(Path("/a/b.ttl"), 7),))
    assert fingerprint(moved) == fingerprint(WHOLE)
    assert fingerprint(WHOLE) != WHOLE.fingerprint is None


def test_fingerprint_without_a_focus_has_the_message_and_the_file() -> None:
    """Without a focus the message counts, and the file below the root, but not the line in it."""
    bare = replace(FINDING, focus=None, places=(Place(Path("/data/a.ttl"), 7),))
    there = fingerprint(bare, Path("/data"))
    assert fingerprint(replace(bare, places=(Place(Path("/moved/a.ttl"), 8),)), Path("/moved")) == there
    assert fingerprint(replace(bare, places=(Place(Path("/data/b.ttl"), 7),)), Path("/data")) != there
    assert fingerprint(replace(bare, message="Other."), Path("/data")) != there
    assert fingerprint(replace(bare, places=()), Path("/data")) != there


def test_fingerprint_names_files_from_the_root() -> None:
    """IRIs of files are told from the root, which is the working directory where none is given."""
    here = replace(WHOLE, focus=f"<{Path.cwd().as_uri()}/a.ttl#x>")
    there = replace(WHOLE, focus="<file:///data/a.ttl#x>")
    assert fingerprint(here) == fingerprint(there, Path("/data")) != fingerprint(there)


def test_fingerprint_of_a_blank_node_is_that_of_what_is_said_of_it() -> None:
    """A blank node counts as it is described, as focus and as value; other terms are themselves."""
    one, other = (replace(WHOLE, focus=label, value=label) for label in ("_:b1", "_:b2"))
    assert fingerprint(one, described={"_:b1": "x"}) == fingerprint(other, described={"_:b2": "x"})
    assert fingerprint(one, described={"_:b1": "x"}) != fingerprint(one, described={"_:b1": "y"})
    assert fingerprint(one) != fingerprint(other)


def test_equal_findings_are_numbered() -> None:
    """Findings that have all in common have fingerprints of their own, the same in each run."""
    first, second, third = (found.fingerprint for found in identify([WHOLE] * 3, {}))
    assert len({first, second, third}) == 3
    assert first == fingerprint(WHOLE)
    assert [found.fingerprint for found in identify([WHOLE] * 3, {})] == [first, second, third]


def test_fingerprint_is_the_documented_hash() -> None:
    """It is the SHA-256 of the parts and the number, so that baselines of another day are still understood."""
    parts = ("shacl", "r", "sh:minCount", "<https://example.com/claim>", '"7"', "<urn:p>", "", "")
    text = "\0".join(parts)
    assert fingerprint(WHOLE) == hashlib.sha256(f"{text}\0001".encode()).hexdigest()


def test_path_below_a_folder() -> None:
    """A file in a folder is named from there, another one as it is."""
    assert relative_path(Path("/data/a/b.ttl"), Path("/data")) == Path("a/b.ttl")
    assert relative_path(Path("/other/b.ttl"), Path("/data")) == Path("/other/b.ttl")
    assert relative_path(Path("b.ttl"), Path.cwd()) == Path("b.ttl")
