"""What differs between two texts of a file, told from what differs."""

from __future__ import annotations

import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from bench import synthetic
from hypothesis import given, settings, strategies as st

from triplomacy.errors import MalformedInput
from triplomacy.rdf import text_diff
from triplomacy.rdf.parsing import parse_text

PATH = Path("/folder/of.graphs/file.ttl")

HEADS = (
    "@prefix a: <https://w3id.org/a/> .\n@prefix b: <https://w3id.org/a/x> .\n@base <https://w3id.org/a/> .\n",
    "PREFIX a: <https://w3id.org/a/>\nPrefix b: <https://w3id.org/a/x#>\nbase <https://w3id.org/a/x>\n",
    "# prefix a: base <x> . \n@prefix a: <https://w3id.org/a/>.@prefix b:\n    <https://w3id.org/b/> .\n",
)
LATER = ("@base <https://w3id.org/a/x/> .", "@prefix a: <https://w3id.org/c/> .", "BASE <https://w3id.org/b/>")
NODES = (
    "a:x1",
    "a:x",
    "a:x12",
    "b:1",
    "b:",
    "<x1>",
    "<https://w3id.org/a/x1>",
    "<../a/x1>",
    "</a/x1>",
    "<#x1>",
    "<>",
    "a:x-1",
    "a:base",
)
LITERALS = (
    '"plain"',
    '"a . b"@en',
    '"# no comment"',
    "'it is \"so\" .'",
    '"base <x> prefix y ."',
    "1",
    "1.5",
    "01",
    "true",
    '"back\\\\"',
    '"\\n"',
    '"<"',
)
RARE: tuple[str, ...] = (
    "a:x\\-1",
    "<https://w3id.org/a/\\u0078\\u0031>",
    "()",
    "_:n",
    "[ a:p a:x1 ]",
    "( a:x1 1 )",
    '"""long .\n<x1> a:p 1 ."""',
    "'''a\n'''",
    "<<( a:x1 a:p 1 )>>",
)
PREDICATES = ("a:p", "a:q", "a", "<p>")
ENDS = (" .\n", ".\n", " . # end .\n", "\n.\n", " .\r\n", " . ", " .\n\n# a comment, of x1 . \n", " # no end .\n.\n")


@st.composite
def statements(draw: st.DrawFn, more: tuple[str, ...]) -> str:
    """Return a statement in some way of writing, with *more* of terms to choose from, rarely a directive."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.sampled_from(LATER)) + "\n"
    pairs = [
        f"{draw(st.sampled_from(PREDICATES))} {draw(st.sampled_from((*NODES, *LITERALS, *more)))}"
        for _ in range(draw(st.integers(1, 3)))
    ]
    between = draw(st.sampled_from((" ;\n    ", " ; # p .\n    ", ";")))
    return f"{draw(st.sampled_from((*NODES, *more[:3])))} {between.join(pairs)}{draw(st.sampled_from(ENDS))}"


@st.composite
def two_texts(draw: st.DrawFn) -> tuple[str, str]:
    """Return a text of Turtle, and one that was made of it by edits."""
    more = RARE if draw(st.integers(0, 3)) == 0 else ()
    before = [draw(st.sampled_from(HEADS)), *draw(st.lists(statements(more), min_size=2, max_size=12))]
    now = list(before)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(1, len(now)))
        what = draw(st.sampled_from(("insert", "delete", "replace", "again", "characters")))
        if what == "insert":
            now.insert(place, draw(statements(more)))
        elif what == "again":
            now.insert(place, draw(st.sampled_from(before[1:])))
        elif what == "characters":
            text = "".join(now)
            at = draw(st.integers(0, len(text)))
            now = [text[:at], draw(st.sampled_from(("", " ", ".", ";", "#", '"', "\n", "x", "<", "1"))), text[at + 1 :]]
        else:
            now[place - 1 : place] = [] if what == "delete" else [draw(statements(more))]
    return "".join(before), "".join(now)


def without_blanks(triples: frozenset[ox.Triple]) -> set[ox.Triple]:
    """Return the triples that have no blank node, in which two parses agree."""
    return {
        each
        for each in triples
        if isinstance(each.subject, ox.NamedNode) and not isinstance(each.object, ox.BlankNode | ox.Triple)
    }


def of_whole(before: bytes, now: bytes, path: Path = PATH) -> text_diff.TripleChange | MalformedInput:
    """Return how two texts differ, by parsing both."""
    try:
        return text_diff.diff(parse_text(before, path), parse_text(now, path))
    except MalformedInput as error:
        return error


def well_formed(text: str) -> bool:
    """Tell whether a text is Turtle."""
    try:
        parse_text(text.encode(), PATH)
    except MalformedInput:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(two_texts().filter(lambda texts: well_formed(texts[0])))
def test_difference_is_that_of_the_whole(texts: tuple[str, str]) -> None:
    """Whatever the texts and the edits, what differs is what two whole parses tell, or the same error at its place."""
    hold_to_whole(*(text.encode() for text in texts))


def hold_to_whole(before: bytes, now: bytes) -> None:
    """Hold what differs to what two parses tell."""
    expected = of_whole(before, now)
    if isinstance(expected, MalformedInput):
        with pytest.raises(MalformedInput) as raised:
            text_diff.diff_texts(before, now, PATH)
        assert str(raised.value) == str(expected)
        return
    found = text_diff.diff_texts(before, now, PATH)
    assert without_blanks(found.gone) == without_blanks(expected.gone)
    assert without_blanks(found.new) == without_blanks(expected.new)
    places = {(each.subject, each.predicate) for each in without_blanks(found.gone)}
    kept = [
        {each for each in without_blanks(change.kept) if (each.subject, each.predicate) in places}
        for change in (found, expected)
    ]
    assert kept[0] == kept[1]


@settings(max_examples=200, deadline=None)
@given(two_texts().filter(lambda texts: well_formed(texts[0])))
def test_what_is_stated_of_a_subject_is_found(texts: tuple[str, str]) -> None:
    """All that a text states of the subject of a triple is found, in whichever way the subject is written."""
    text = texts[0].encode()
    for subject in {each.subject for each in without_blanks(frozenset(parse_text(text, PATH)))}:
        found = text_diff.statements_about(text, [ox.Triple(subject, ox.NamedNode("urn:p"), subject)], PATH)
        for triples in (found, frozenset(parse_text(text, PATH))):
            own = {each for each in without_blanks(triples) if each.subject == subject}
            assert own == {each for each in without_blanks(found) if each.subject == subject}


HEAD = "@prefix a: <https://w3id.org/a/> .\n"

TRAPS = {
    "stated again, in full": (HEAD + "a:x a:p 1 .\n<urn:a> a:p 1 .\n<https://w3id.org/a/x> a:p 1 .\n", "a:x a:p 1 .\n"),
    "stated again, by the base": (
        HEAD + "a:x a:p 1 .\n<urn:a> a:p 1 .\n@base <https://w3id.org/> .\n<a/x> a:p 1 .\n",
        "a:x a:p 1 .\n",
    ),
    "stated again, behind a dot": (HEAD + "a:x a:p 1 .\n<urn:a> a:p 1 . a:x a:p 1 .\n", "a:x a:p 1 .\n"),
    "stated again, escaped": (HEAD + "a:x-y a:p 1 .\n<urn:a> a:p 1 .\na:x\\-y a:p 1 .\n", "a:x-y a:p 1 .\n"),
    "a stop in a string": (HEAD + '<urn:a> a:p "end .", a:x ;\n a:q a:y .\n', "a:q a:y"),
    "a stop in a comment": (HEAD + "<urn:a> a:p a:x ; # end .\n a:q a:y .\n<urn:b> a:p 2 .\n", " ; # end .\n a:q a:y"),
    "a name that ends with a stop": (HEAD + "<urn:a> a:p a:x\\.\n, a:y .\n<urn:b> a:p 2 .\n", "\n, a:y"),
    "a directive in a string": (HEAD + '<urn:a> a:p "@prefix a: <x> ." .\n<urn:b> a:p 2 .\n', "<urn:b> a:p 2 ."),
    "the last directive": (
        HEAD + "@prefix b: <urn:b:> .\n<urn:a> a:p b:x .\n@prefix b: <urn:c:> .\n",
        "@prefix b: <urn:c:>",
    ),
    "the prefix": (HEAD + "a:x a:p 1 .\n", "w3id.org"),
}


@pytest.mark.parametrize(("before", "removed"), TRAPS.values(), ids=TRAPS.keys())
def test_trap(before: str, removed: str) -> None:
    """What looks like the end of a statement, a directive or another subject, and is none, misleads nobody."""
    at = before.index(removed)
    now = before[:at] + ("example.org" if removed == "w3id.org" else "") + before[at + len(removed) :]
    for one, two in ((before, now), (now, before)):
        if well_formed(one):
            hold_to_whole(one.encode(), two.encode())


@pytest.mark.parametrize("name", ["file.nt", "file.ttl", "file.rdf"])
def test_every_format(name: str, tmp_path: Path) -> None:
    """N-Triples and Turtle are compared where they differ, RDF/XML as a whole."""
    triples = [ox.Triple(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal(f"a . # {n}")) for n in range(9)]
    path = tmp_path / name
    form = ox.RdfFormat.from_extension(path.suffix[1:])
    assert form is not None
    before, now = (ox.serialize(part, format=form) for part in (triples[:7], triples[1:]))
    assert before is not None
    assert now is not None
    found = text_diff.diff_texts(before, now, path)
    assert (found.gone, found.new) == (frozenset(triples[:1]), frozenset(triples[7:]))


def test_small_edit_takes_a_fraction_of_a_parse() -> None:
    """An edit of a large file is told in less than a quarter of the time in which the file is parsed once."""
    before = "".join(synthetic.generate(100_000)).encode()
    at = before.index(b"tri:stance tri:affirms", len(before) // 2)
    now = before[:at] + before[at:].replace(b"affirms", b"denies", 1)
    started = time.perf_counter()
    whole = parse_text(before, PATH)
    parsing = time.perf_counter() - started
    started = time.perf_counter()
    found = text_diff.diff_texts(before, now, PATH)
    assert time.perf_counter() - started < parsing / 4
    assert len(whole) > 90_000
    assert [str(each.object) for each in found.gone] == ["<https://w3id.org/triplomacy/ontology#affirms>"]
    assert len(found.new) == 1
