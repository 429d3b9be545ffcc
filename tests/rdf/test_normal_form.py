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
from triplomacy.rdf import normal_form
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


@pytest.mark.parametrize("subject", ["<urn:a>", "_:a"])
def test_text_that_would_say_something_else_is_refused(subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that lost a statement, or gave it another object, would be found out, with blank nodes and without."""
    text = f"{subject} <urn:b> <urn:c>, <urn:d> ."
    for other in (f"{subject} <urn:b> <urn:c> .", f"{subject} <urn:b> <urn:c>, <urn:e> ."):
        monkeypatch.setattr(normal_form, "arrange", lambda *_, other=other, **__: other)
        with pytest.raises(TriplomacyError, match="would say something else"):
            normalise(text)


@pytest.mark.parametrize("number", [99, 100, 101])
def test_blank_nodes_of_another_name_say_the_same(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many blank nodes there are, other names and another order make no difference, another ring does."""
    ring = [f"_:n{each} <urn:p> _:n{(each + 1) % number} ." for each in range(number)]
    halves = [f"_:n{each} <urn:p> _:n{each - 3 if each % 4 == 3 else (each + 1) % number} ." for each in range(number)]
    text = "\n".join([*ring, "_:n0 <urn:q> 1 ."])
    monkeypatch.setattr(
        normal_form, "arrange", lambda text, **_: "\n".join(text.replace("_:n", "_:m").split("\n")[::-1])
    )
    assert normalise(text).startswith("_:m0 <urn:q> 1 .")
    monkeypatch.setattr(normal_form, "arrange", lambda *_, **__: "\n".join([*halves, "_:n0 <urn:q> 1 ."]))
    with pytest.raises(TriplomacyError, match="would say something else"):
        normalise(text)


@pytest.mark.parametrize(
    ("more", "lines"),
    [(0, 2), (1, 4)],
)
def test_line_has_120_characters_at_most(more: int, lines: int) -> None:
    """Two objects share a line of 120 characters with what stands behind it; one more takes them apart."""
    name = "x" * (120 - len('    <urn:b> "", "" .') + more)
    written = normalise(f'<urn:a> <urn:b> "", "{name}" .')
    assert len(written.splitlines()) == lines
    assert len(written.splitlines()[1]) == (120 if lines == 2 else len("    <urn:b>"))


@pytest.mark.parametrize(("more", "lines"), [(0, 7), (1, 9)])
def test_brackets_have_120_characters_at_most(more: int, lines: int) -> None:
    """Brackets among several objects stay on their line as long as it has 120 characters, and are opened beyond."""
    name = "x" * (120 - len('        ( "" ) .') + more - 1)
    written = normalise(f'<urn:a> <urn:b> ( "{name}" ), ( "{name}y" "z" ) .')
    assert normalise(written) == written
    assert len(written.splitlines()) == lines
    assert max(map(len, written.splitlines()[:3])) <= 120


def test_longest_namespace_counts() -> None:
    """The longest namespace counts, of two prefixes of one the last by name, and of one declared anew the new one."""
    text = (
        "@prefix a: <urn:x:> . @prefix b: <urn:x:y:> . @prefix c: <urn:x:> . @prefix d: <urn:z:> .\n"
        "<urn:x:y:s> <urn:x:p> <urn:x:y> .\n@prefix c: <urn:w:> .\n<urn:x:s> <urn:w:p> <urn:x:-> ."
    )
    assert normalise(text).splitlines()[5:] == [
        "b:s",
        "    c:p c:y .",
        "",
        "@prefix c: <urn:w:> .",
        "",
        "a:s",
        "    c:p <urn:x:-> .",
    ]


def test_files_of_folders(tmp_path: Path) -> None:
    """Of a folder all Turtle and TriG counts, sorted, also further down; each file counts once, however often named."""
    for name in ("c.ttl", "a.trig", "b/d.ttl", "e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    paths = [tmp_path / name for name in ("a.trig", "b/d.ttl", "c.ttl")]
    assert normal_form.files([tmp_path, tmp_path / "c.ttl"]) == paths
    assert normal_form.files([tmp_path / "c.ttl", tmp_path]) == [paths[2], *paths[:2]]


COMMENTS = """# first

# of the prefix
@prefix x: <urn:x:> .  # behind it

# of s

# also of s
x:s
    # of p
    x:p  # behind p
        # of 1
        1,  # behind 1
        2 ;  # behind 2
    x:q
        [  # opened
            x:r 1
            # before it closes
        ],
        (  # opened
            1  # an item
            # of 2
            2
        ) .  # at the end

# the last

# of all
"""


def test_comments_stay_where_they_are() -> None:
    """Comments above and behind statements, predicates, objects and brackets are where they were."""
    assert normalise(COMMENTS) == COMMENTS
    assert normalise(COMMENTS.rstrip("\n")) == COMMENTS


def canonical_list(text: str) -> int:
    """Return how many items the lists of a text have together."""
    return sum(quad.predicate.value.endswith("first") for quad in ox.parse(text, format=ox.RdfFormat.TURTLE))
