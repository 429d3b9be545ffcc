"""Which findings count: baselines that survive edits of the files, and suppressions that need a reason."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy.cli.commands import main
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Place, Severity, identify, sort_findings
from triplomacy.validation.plan import Outcome, Plan
from triplomacy.validation.run import validate_files
from triplomacy.validation.suppressions import KNOWN, baseline, mark_known, mark_suppressed, read_baseline

TRI = "https://w3id.org/triplomacy/ontology#"
HEAD = f"@prefix ex: <urn:e#> .\n@prefix tri: <{TRI}> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = """\
@prefix ex: <urn:e#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:Name a sh:NodeShape ;
    sh:targetClass ex:Person ;
    sh:message "A person has a name and an age in years."@en ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ] ;
    sh:property [ sh:path ex:age ; sh:datatype xsd:integer ] .
"""
DATA = """\
ex:ann a ex:Person .
ex:bob a ex:Person ; ex:name "Bob" ; ex:age "old" .
[] a ex:Person ; ex:knows ex:ann .
[] a ex:Person ; ex:knows ex:bob ; ex:home [ ex:street "High Street" ] .
"""
CHECKS = frozenset({"syntax", "shacl"})


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Return the files of data, shapes and a baseline; the data have four findings."""
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(HEAD + DATA, encoding="utf-8")
    shapes.write_text(SHAPES, encoding="utf-8")
    return data, shapes, tmp_path / "baseline.json"


def outcome(files: tuple[Path, Path, Path], **plan: Any) -> Outcome:
    """Return the outcome of SHACL alone."""
    data, shapes, _ = files
    return validate_files([data], [shapes], plan=Plan(**{"checks": CHECKS, **plan}))


def with_baseline(files: tuple[Path, Path, Path]) -> Outcome:
    """Return the outcome with the baseline."""
    return outcome(files, baseline=read_baseline(files[2]))


def new(found: Outcome) -> list[tuple[str | None, str | None]]:
    """Return focus and value of the findings that count."""
    return [(finding.focus, finding.value) for finding in found.findings if finding.suppressed is None]


def write_baseline(files: tuple[Path, Path, Path]) -> None:
    """Write a baseline of what is found now."""
    text = baseline(outcome(files).findings)
    assert len(json.loads(text)["findings"]) == 4
    files[2].write_text(text, encoding="utf-8")


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Replace texts in a file, each of which is there once."""
    text = path.read_text(encoding="utf-8")
    for old, fresh in changes:
        assert text.count(old) == 1
        text = text.replace(old, fresh)
    path.write_text(text, encoding="utf-8")


def test_what_is_known_does_not_count(files: tuple[Path, Path, Path]) -> None:
    """With a baseline of all findings none counts, and each says that it is in the baseline."""
    write_baseline(files)
    found = with_baseline(files)
    assert new(found) == []
    assert [finding.suppressed for finding in found.findings] == [KNOWN] * 4
    assert not found.fails(Severity.INFO)


EDITS = {
    "lines above": [("ex:ann a", "# a comment\n\n\n\nex:zoe a ex:Nobody .\nex:ann a")],
    "statements in another order": [(DATA, "\n".join(reversed(DATA.splitlines())) + "\n")],
    "another layout": [("ex:bob a ex:Person ; ", "ex:bob\n    a\n        ex:Person ;\n    ")],
    "blank nodes with labels": [("[] a ex:Person ; ex:knows ex:ann", "_:zz9 a ex:Person ; ex:knows ex:ann")],
    "all nodes with labels, the later first": [
        ("[] a ex:Person ; ex:knows ex:ann", "_:b9 a ex:Person ; ex:knows ex:ann"),
        ("[] a ex:Person ; ex:knows ex:bob", "_:b1 a ex:Person ; ex:knows ex:bob"),
        ("[ ex:street", "_:b0 . _:b0 ex:street"),
        ('"High Street" ] .', '"High Street" .'),
    ],
    "another blank node in front": [("ex:ann a ex:Person .", "[] ex:is [ ex:this [] ] .\nex:ann a ex:Person .")],
    "another prefix": [("@prefix ex:", "@prefix other: <urn:e#> .\n@prefix ex:"), ("ex:ann a ", "other:ann a ")],
    "another quotation mark": [('"old"', "'''old'''")],
}


@pytest.mark.parametrize("name", EDITS)
def test_baseline_survives_edits_that_change_no_finding(name: str, files: tuple[Path, Path, Path]) -> None:
    """Moved lines, renumbered blank nodes and another way of writing leave each finding known."""
    write_baseline(files)
    edit(files[0], *EDITS[name])
    found = with_baseline(files)
    assert new(found) == []
    assert len(found.findings) == 4


def test_baseline_holds_for_the_other_engine(files: tuple[Path, Path, Path]) -> None:
    """What the fast engine has found is known when pySHACL finds it."""
    write_baseline(files)
    found = outcome(files, engine="pyshacl", baseline=read_baseline(files[2]))
    assert (len(found.findings), new(found)) == (4, [])


def test_baseline_holds_when_the_same_is_written_as_n_triples(files: tuple[Path, Path, Path]) -> None:
    """The same triples in another syntax, their blank nodes called otherwise, are the same findings."""
    write_baseline(files)
    triples = [quad.triple for quad in ox.parse(path=files[0])]
    other = files[0].with_suffix(".nt")
    other.write_bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
    found = with_baseline((other, *files[1:]))
    assert (len(found.findings), new(found)) == (4, [])


def test_only_what_is_new_counts(files: tuple[Path, Path, Path]) -> None:
    """A finding at another node, and one about another value of the same node, are new; the others stay known."""
    write_baseline(files)
    edit(files[0], ('"old"', '"old" , "young"'), ("ex:ann a ex:Person .", "ex:ann a ex:Person .\nex:eve a ex:Person ."))
    found = with_baseline(files)
    assert new(found) == [("<urn:e#eve>", None), ("<urn:e#bob>", '"young"')] or sorted(new(found), key=str) == [
        ("<urn:e#bob>", '"young"'),
        ("<urn:e#eve>", None),
    ]
    assert found.fails(Severity.VIOLATION)


def test_a_blank_node_of_which_something_else_is_said_is_new(files: tuple[Path, Path, Path]) -> None:
    """A node without a name is known by what is said of it, so that another one is not taken for it."""
    write_baseline(files)
    edit(files[0], ("[] a ex:Person ; ex:knows ex:ann", "[] a ex:Person ; ex:knows ex:eve"))
    assert len(new(with_baseline(files))) == 1


def test_what_was_mended_is_simply_gone(files: tuple[Path, Path, Path]) -> None:
    """A baseline that knows more than is found does no harm."""
    write_baseline(files)
    edit(files[0], ("ex:ann a ex:Person .", "ex:ann a ex:Person ; ex:name 'Ann' ."))
    found = with_baseline(files)
    assert (len(found.findings), new(found)) == (3, [])


def test_equal_findings_are_told_apart_by_number(files: tuple[Path, Path, Path]) -> None:
    """Of two nodes without a name of which the same is said, a baseline with one knows one, and the second is new."""
    files[0].write_text(f"{HEAD}[] a ex:Person .\n", encoding="utf-8")
    files[2].write_text(baseline(outcome(files).findings), encoding="utf-8")
    files[0].write_text(f"{HEAD}[] a ex:Person .\n[] a ex:Person .\n", encoding="utf-8")
    found = with_baseline(files)
    assert len(found.findings) == 2
    assert len({finding.fingerprint for finding in found.findings}) == 2
    assert len(new(found)) == 1


def test_three_equal_findings_have_three_fingerprints() -> None:
    """However many findings have all in common, each has a fingerprint of its own, the same in each run."""
    one = Finding("shacl", Severity.VIOLATION, "no", focus="_:a", path="<urn:p>")
    findings = identify([one, one, one], {"_:a": "[]"})
    assert len({finding.fingerprint for finding in findings}) == 3
    other = [replace(finding, focus="_:other") for finding in (one, one, one)]
    assert [f.fingerprint for f in identify(other, {"_:other": "[]"})] == [f.fingerprint for f in findings]


def test_a_finding_that_is_gone_and_comes_twice_is_new_once(files: tuple[Path, Path, Path]) -> None:
    """Through the whole command: one of three equal nodes is known, then two are left, and one of them counts."""
    data, shapes, path = files
    data.write_text(f"{HEAD}[] a ex:Person .\n", encoding="utf-8")
    common = ["validate", str(data), "--shapes", str(shapes), "--check", "shacl", "--baseline", str(path)]
    assert main([*common, "--write-baseline"]) == 0
    assert main(common) == 0
    data.write_text(f"{HEAD}[] a ex:Person .\n[] a ex:Person .\n", encoding="utf-8")
    assert main(common) == 1


def test_written_baseline_is_sorted_and_readable(files: tuple[Path, Path, Path]) -> None:
    """A baseline is JSON with sorted keys, which says of each finding what it is, for those who review it."""
    write_baseline(files)
    text = files[2].read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["version"] == 1
    assert list(document["findings"]) == sorted(document["findings"])
    assert text.endswith("}\n")
    told = "\n".join(document["findings"].values())
    assert "<urn:e#ann>" in told
    assert "sh:minCount" in told


def test_written_baseline_is_the_same_each_time(files: tuple[Path, Path, Path]) -> None:
    """The same data give the same bytes, also with nodes without a name."""
    assert baseline(outcome(files).findings) == baseline(outcome(files).findings)


def test_written_baseline_does_not_change_with_moved_lines(files: tuple[Path, Path, Path]) -> None:
    """Written anew after lines were moved and labels given, a baseline is the same, byte for byte."""
    before = baseline(outcome(files).findings)
    edit(files[0], ("ex:ann a", "# a comment\n\nex:zoe a ex:Nobody .\nex:ann a"))
    edit(files[0], *EDITS["all nodes with labels, the later first"])
    assert baseline(outcome(files).findings) == before


def test_written_baseline_keeps_what_was_known(files: tuple[Path, Path, Path]) -> None:
    """Written anew while a baseline is in use, it has the old findings and the new ones."""
    write_baseline(files)
    edit(files[0], ("ex:ann a ex:Person .", "ex:ann a ex:Person .\nex:eve a ex:Person ."))
    assert len(json.loads(baseline(with_baseline(files).findings))["findings"]) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"findings"',
        "{}",
        '{"version": 1}',
        '{"version": 2, "findings": {}}',
        '{"version": 1, "findings": []}',
        '{"version": 1, "findings": null}',
        "[" * 100_000,
        "\x00\x01",
        "{'version': 1}",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_malformed_baseline(text: str, tmp_path: Path) -> None:
    """What is not a baseline is called malformed, with its path and what to do."""
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedInput, match=r"not a baseline.*write-baseline") as error:
        read_baseline(path)
    assert error.value.path == path


def test_baseline_that_is_not_utf_8(tmp_path: Path) -> None:
    """Bytes that are not text are not a baseline."""
    path = tmp_path / "baseline.json"
    path.write_bytes(b"\xff\xfe\xfa{}")
    with pytest.raises(MalformedInput, match="not a baseline"):
        read_baseline(path)


def test_baseline_that_is_not_there(tmp_path: Path) -> None:
    """A baseline that is missing, or is a folder, is an error with its path; if missing, it says how to write one."""
    with pytest.raises(TriplomacyError, match=r"none.json: the baseline cannot be read: .*write-baseline"):
        read_baseline(tmp_path / "none.json")
    with pytest.raises(TriplomacyError, match="the baseline cannot be read"):
        read_baseline(tmp_path)


def test_malformed_line_is_named(tmp_path: Path) -> None:
    """The place where JSON breaks off is in the error."""
    path = tmp_path / "baseline.json"
    path.write_text('{"version": 1,\n  "findings": {,}}', encoding="utf-8")
    with pytest.raises(MalformedInput) as error:
        read_baseline(path)
    assert (error.value.line, error.value.column) == (2, 16)


def test_known_marks_nothing_twice() -> None:
    """What the data suppress keeps its own reason, though the baseline knows it too."""
    finding = Finding("shacl", Severity.VIOLATION, "no", fingerprint="f", suppressed="we know")
    assert mark_known([finding], frozenset({"f"})) == [finding]
    assert mark_known([replace(finding, suppressed=None)], frozenset({"g"}))[0].suppressed is None


# Suppressions in the data.
SUPPRESSION = """\
ex:s a tri:Suppression ;
    tri:suppressedAt ex:bob ;
    tri:suppressedRule ex:Name ;
    tri:reason "The source says so." .
"""


def suppression(files: tuple[Path, Path, Path], *without: str, more: str = "") -> Outcome:
    """Return the outcome with a suppression that lacks some lines."""
    lines = [line for line in SUPPRESSION.splitlines() if not any(word in line for word in without)]
    text = re.sub(r" ;\s*$|\s*\.$", "", "\n".join(lines)) + " .\n"
    files[0].write_text(HEAD + DATA + text.replace(" .\n", f"{more} .\n"), encoding="utf-8")
    return outcome(files)


def test_suppression_with_a_reason(files: tuple[Path, Path, Path]) -> None:
    """A suppression with rule, node and reason takes the one finding out of the count, and the reason goes with it."""
    found = suppression(files)
    marked = [(finding.focus, finding.suppressed) for finding in found.findings if finding.suppressed]
    assert marked == [("<urn:e#bob>", "The source says so.")]
    assert len(new(found)) == 3


def test_suppression_shows_up_in_the_summary(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The report counts what is suppressed, and gives the reason."""
    suppression(files)
    main(["validate", str(files[0]), "--shapes", str(files[1]), "--check", "shacl"])
    out = capsys.readouterr().out
    assert "suppressed 1: The source says so." in out
    assert out.endswith("3 violations, 1 suppressed\n")


@pytest.mark.parametrize("part", ["suppressedAt", "suppressedRule", "reason"])
def test_suppression_that_lacks_a_part(part: str, files: tuple[Path, Path, Path]) -> None:
    """Without its rule, its node or its reason a suppression is a violation at its own place and suppresses nothing."""
    found = suppression(files, part)
    (finding,) = [each for each in found.findings if each.rule == "policy/unreasoned"]
    assert (finding.severity, finding.focus) == (Severity.VIOLATION, "<urn:e#s>")
    assert f"tri:{part}" in finding.message
    assert finding.place is not None
    assert finding.place.line == HEAD.count("\n") + DATA.count("\n") + 1
    assert len(new(found)) == 5


@pytest.mark.parametrize("reason", ['""', '" "', '"\\n\\t"'])
def test_suppression_with_an_empty_reason(reason: str, files: tuple[Path, Path, Path]) -> None:
    """A reason of nothing but blanks is none."""
    found = suppression(files, "reason", more=f" ; tri:reason {reason}")
    assert [each.rule for each in found.findings if each.check == "policy"] == ["policy/unreasoned"]
    assert len(new(found)) == 5


def test_suppression_of_what_is_not_found(files: tuple[Path, Path, Path]) -> None:
    """A suppression that no finding meets is a warning, so that it does not hide the next finding."""
    suppression(files)
    edit(files[0], ('ex:age "old"', "ex:age 7"))
    (finding,) = [each for each in outcome(files).findings if each.check == "policy"]
    assert (finding.rule, finding.severity, finding.focus) == ("policy/unused", Severity.WARNING, "<urn:e#s>")
    assert "ex:Name" in finding.message
    assert "ex:bob" in finding.message


def test_suppression_of_a_check_that_did_not_run_is_not_idle(files: tuple[Path, Path, Path]) -> None:
    """What could not be found, since its check was left out, leaves the suppression alone."""
    suppression(files)
    assert outcome(files, checks=frozenset({"syntax", "terms"})).findings == ()


@pytest.mark.parametrize(("value", "left"), [('"old"', ['"older"']), ('"older"', ['"old"']), (None, [])])
def test_suppressed_value(value: str | None, left: list[str], files: tuple[Path, Path, Path]) -> None:
    """With tri:suppressedValue only the finding about that value is meant; without it, all of the rule at the node."""
    files[0].write_text(
        HEAD
        + 'ex:bob a ex:Person ; ex:name "Bob" ; ex:age "old" , "older" .\n'
        + SUPPRESSION.replace(" .\n", f" ; tri:suppressedValue {value} .\n" if value else " .\n"),
        encoding="utf-8",
    )
    assert [finding[1] for finding in new(outcome(files))] == left


def test_suppressed_value_that_is_not_found(files: tuple[Path, Path, Path]) -> None:
    """A suppression of a value that has no finding is idle, though the node has a finding of that rule."""
    found = suppression(files, more=' ; tri:suppressedValue "young"')
    assert [each.rule for each in found.findings if each.check == "policy"] == ["policy/unused"]
    assert len(new(found)) == 5


def test_value_of_another_type_is_another_value(files: tuple[Path, Path, Path]) -> None:
    """A literal with a language is not the one without it."""
    found = suppression(files, more=' ; tri:suppressedValue "old"@en')
    assert [each.rule for each in found.findings if each.check == "policy"] == ["policy/unused"]


def test_two_suppressions_of_one_finding() -> None:
    """If two nodes suppress one finding, neither is idle, and the first by its IRI gives the reason."""
    finding = Finding("hygiene", Severity.WARNING, "no", focus="<urn:e#bob>", rule="a-rule")
    text = "".join(
        f'ex:{name} tri:suppressedAt ex:bob ; tri:suppressedRule "a-rule" ; tri:reason "{name}" .\n' for name in "ba"
    )
    triples = [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]
    assert [each.suppressed for each in mark_suppressed([finding], triples)] == ["a"]


def test_suppression_does_not_reach_policy_itself() -> None:
    """A suppression that lacks its reason cannot be hidden by another suppression."""
    text = (
        'ex:a tri:suppressedAt ex:bob ; tri:suppressedRule "shacl" .\n'
        'ex:b tri:suppressedAt ex:a ; tri:suppressedRule "policy/unreasoned" ; tri:reason "hide it" .\n'
    )
    triples = [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]
    found = mark_suppressed([], triples)
    assert [each.suppressed for each in found] == [None] * len(found)
    assert "policy/unreasoned" in {each.rule for each in found}


def test_suppressed_findings_are_not_in_a_written_baseline(files: tuple[Path, Path, Path]) -> None:
    """What the data suppress with a reason needs no place in the baseline."""
    text = baseline(suppression(files).findings)
    assert len(json.loads(text)["findings"]) == 3
    assert "<urn:e#bob>" not in text


def test_nothing_of_the_above_changes_the_order(files: tuple[Path, Path, Path]) -> None:
    """Known and suppressed findings stand where they would stand otherwise."""
    plain = [finding.focus for finding in sort_findings(outcome(files).findings)]
    write_baseline(files)
    assert [finding.focus for finding in with_baseline(files).findings if finding.focus] == plain


def test_suppression_names_the_rule_as_reports_show_it(tmp_path: Path) -> None:
    """The rule may be written with the prefix of the data's files, as the report has it in brackets."""
    folder = Path(shutil.copytree(ROOT / "tests" / "ci", tmp_path / "ci"))
    with (folder / "data.ttl").open("a", encoding="utf-8") as file:
        file.write(
            '\n[] a tri:Suppression ; tri:reason "No scale."@en ; tri:suppressedAt ex:duck ;\n'
            '    tri:suppressedRule "ex:Duck-weight" .\n'
        )
    outcome = validate_files([folder / "data.ttl"], [folder / "shapes.ttl"])
    assert [(finding.rule_name, finding.suppressed) for finding in outcome.findings] == [
        ("ex:Duck-weight", "No scale.")
    ]


@pytest.mark.parametrize(
    ("focus", "places", "where"),
    [
        ("id:ann", (), "id:ann"),
        ("_:b1", (), "a node without a name"),
        (None, (), "the whole"),
        (None, (Place(Path("data.ttl"), 3),), "data.ttl"),
    ],
)
def test_baseline_says_what_a_finding_is_about(tmp_path: Path, focus: str | None, places: Any, where: str) -> None:
    """A line of a baseline names the node, or the file without its line, or the whole."""
    found = Finding("shacl", Severity.WARNING, "wrong", focus, places=places, fingerprint="1f", rule="rule")
    places_of = [replace(found, places=tuple(replace(each, file=tmp_path / each.file) for each in places))]
    (line,) = json.loads(baseline(places_of, tmp_path))["findings"].values()
    assert f" at {where}: wrong" in line
