"""The normal form of Turtle: one way to write a text, with its comments."""

from __future__ import annotations

import io
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import ROOT, SHARED, need_shared
from tests.rdf.test_turtle import PIECES, canonical, quads
from triplomacy import cli
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.rdf.normal_form import normalise, of_file
from triplomacy.rdf.turtle import TurtleDocument

WRITTEN = """# head

@prefix b: <urn:b:> . @prefix a: <urn:a:> .
@base <http://x.example/> .
# about s
# in two lines
<s> b:q 'one' , "two"@en, <urn:b:z> ; a b:C ; # its class
  # about p
  a:p [ b:r 1 ; a b:D ], ( <t> # an item
  b:u ) ; b:text \"\"\"a "quoted"
text\\t\"\"\" . # behind

b:empty a:p [] , () .
# the end"""

NORMAL = """# head

@prefix a: <urn:a:> .
@prefix b: <urn:b:> .
@base <http://x.example/> .

# about s
# in two lines
<s>
    a b:C ;  # its class
    # about p
    a:p
        [
            a b:D ;
            b:r 1
        ],
        (
            <t>  # an item
            b:u
        ) ;
    b:q "one", "two"@en, b:z ;
    b:text \"\"\"a "quoted"
text\t\"\"\" .  # behind

b:empty
    a:p (), [] .

# the end
"""


def test_form() -> None:
    """Prefixes, predicates and objects are in order, a line each, and comments stand by what they stood by."""
    assert normalise(WRITTEN) == NORMAL
    assert normalise(NORMAL) == NORMAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("# only\n\n# comments", "# only\n\n# comments\n"),
        ("PREFIX x: <urn:x:>\nx:a x:b 1,1.", "@prefix x: <urn:x:> .\n\nx:a\n    x:b 1 .\n"),
        ("@prefix x: <urn:1> . x:a x:a x:a . @prefix x: <urn:2> . x:a x:a x:a .",) * 1
        + ("@prefix x: <urn:1> .\n\nx:a\n    x:a x:a .\n\n@prefix x: <urn:2> .\n\nx:a\n    x:a x:a .\n",),
        ("@base <http://h/> . @prefix z: <z#> . @prefix a: <a#> . z:a a:b 1 .",) * 1
        + ("@base <http://h/> .\n@prefix z: <z#> .\n@prefix a: <a#> .\n\nz:a\n    a:b 1 .\n",),
        ('<urn:a> <urn:b> "a\\"\\"\\"\\nb\\"" .', '<urn:a>\n    <urn:b> """a\\"\\""\nb\\"""" .\n'),
        ('<urn:a> <urn:b> "\\u0001\\r\\n" .', '<urn:a>\n    <urn:b> "\\u0001\\r\\n" .\n'),
    ],
)
def test_special_texts(text: str, expected: str) -> None:
    """Empty texts, directives whose order counts, and strings with quotes and control characters."""
    assert normalise(text) == expected
    assert canonical(quads(text)) == canonical(quads(expected))


def test_graphs_of_trig() -> None:
    """The statements of a graph are indented in its braces."""
    text = "@prefix x: <urn:x:> . x:g { x:a x:b 1 . x:c x:d 2 } GRAPH x:h {} x:e x:f 3 ."
    expected = (
        "@prefix x: <urn:x:> .\n\nx:g {\n    x:a\n        x:b 1 .\n\n    x:c\n        x:d 2 .\n}\n\n"
        "x:h {\n}\n\nx:e\n    x:f 3 .\n"
    )
    assert normalise(text, trig=True) == expected


def foreign() -> list[Path]:
    """Return the Turtle and TriG of the W3C's suites."""
    suites = SHARED / "suites"
    return sorted([*suites.rglob("*.ttl"), *suites.rglob("*.trig")])


def test_texts_of_the_suites_keep_their_triples() -> None:
    """Of every text of the suites that parses, the normal form says the same, and is its own normal form."""
    need_shared("suites")
    done = 0
    for path in foreign():
        base, trig = path.resolve().as_uri(), path.suffix == ".trig"
        try:
            text, normal = of_file(path)
        except MalformedInput:
            continue
        assert normalise(normal, base=base, trig=trig) == normal, path.name
        assert canonical(quads(text, base, trig)) == canonical(quads(normal, base, trig)), path.name
        done += 1
    assert done > 550


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_random_texts_keep_their_triples_and_comments(pieces: list[str]) -> None:
    """Whatever parses has a normal form that says the same, with each comment in it."""
    text = "@prefix ex: <urn:e:> .\n" + " ".join(pieces)
    try:
        before = quads(text)
    except MalformedInput:
        return
    normal = normalise(text)
    assert canonical(quads(normal)) == canonical(before)
    assert normalise(normal) == normal
    assert normal.count("# c") == text.count("# c\n")


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run the command and return exit code, output and remarks."""
    code = cli.main(["format", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_own_files_are_in_normal_form(capsys: pytest.CaptureFixture[str]) -> None:
    """The command finds nothing to change in our ontology, graphs and fixtures."""
    assert run(capsys, "--check", "--project", ROOT)[0] == 0
    assert run(capsys, "--check", ROOT / "tests" / "second", ROOT / "tests" / "ci")[0] == 0


def test_check_changes_nothing_and_format_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check names the file and exits 1; without it the file is written and the next check passes."""
    path = tmp_path / "folder" / "a.ttl"
    path.parent.mkdir()
    path.write_text(WRITTEN, encoding="utf-8")
    code, out, _ = run(capsys, "--check", tmp_path)
    assert (code, out) == (1, f"{path}: not in its normal form; run triplomacy format\n")
    assert path.read_text(encoding="utf-8") == WRITTEN
    assert run(capsys, tmp_path)[:2] == (0, f"{path}\n")
    assert path.read_text(encoding="utf-8") == NORMAL
    assert run(capsys, "--check", path)[:2] == (0, "")


def test_malformed_file_changes_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One malformed file is an error with its place, and the healthy one beside it stays as it was."""
    (tmp_path / "a.ttl").write_text(WRITTEN, encoding="utf-8")
    (tmp_path / "b.ttl").write_text("<a> <b> .\n", encoding="utf-8")
    code, out, err = run(capsys, tmp_path)
    assert (code, out) == (2, "")
    assert "b.ttl:1:9: '.' stands where an object should" in err
    assert (tmp_path / "a.ttl").read_text(encoding="utf-8") == WRITTEN


@pytest.mark.parametrize(
    ("name", "message"), [("none.ttl", "no such file"), ("a.txt", "no Turtle here"), (".", "no Turtle")]
)
def test_what_is_no_turtle_is_an_error(
    name: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file, another kind of file and a folder without Turtle are errors."""
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    code, _, err = run(capsys, tmp_path / name)
    assert code == 2
    assert message in err


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads standard input and writes standard output."""
    monkeypatch.setattr("sys.stdin", io.StringIO(WRITTEN))
    assert run(capsys, "-")[:2] == (0, NORMAL)


@pytest.mark.parametrize(("begin", "end"), [("[ <urn:p> ", " ]"), ("( ", " )")])
def test_what_nests_too_deep_is_refused(begin: str, end: str) -> None:
    """Ninety brackets in each other have a form; a hundred thousand, which would take gigabytes, are a clear error."""
    deep = "<urn:a> <urn:b> {} .\n"
    written = normalise(deep.format(begin * 90 + "1" + end * 90))
    assert normalise(written) == written
    with pytest.raises(MalformedInput, match=r"nested more than 100 deep.*give nodes names") as raised:
        normalise(deep.format(begin * 100_000 + "1" + end * 100_000))
    assert raised.value.line == 1


def test_long_list_of_equal_items_takes_no_power_of_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five thousand equal items are formatted at once, and where one was lost, that would still be told."""
    text = "<urn:a>\n    <urn:b> ( " + "1 " * 5000 + ") .\n"
    assert canonical_list(normalise(text)) == 5000
    written = TurtleDocument.quads
    monkeypatch.setattr(
        TurtleDocument, "quads", lambda self: list(written(self))[: 9998 if "(\n" in self.text else None]
    )
    with pytest.raises(TriplomacyError, match="would say something else"):
        normalise(text)


def canonical_list(text: str) -> int:
    """Return how many items the lists of a text have together."""
    return sum(quad.predicate.value.endswith("first") for quad in ox.parse(text, format=ox.RdfFormat.TURTLE))
