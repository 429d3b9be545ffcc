"""The parser of Turtle and TriG: the W3C's suites, pyoxigraph beside it, places, and going on behind errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import ROOT, SHARED, need_shared
from triplomacy.errors import MalformedInput
from triplomacy.files import read_text
from triplomacy.rdf import turtle
from triplomacy.rdf.turtle import TurtleDocument

SUITES = {"ttl": ("rdf-turtle", 313), "trig": ("rdf-trig", 356)}
BASE = "https://w3c.github.io/rdf-tests/rdf/rdf11/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDFT = "http://www.w3.org/ns/rdftest#"
OWN = [*(ROOT / "ontology").rglob("*.ttl"), *(ROOT / "graphs").rglob("*.ttl"), *(ROOT / "tests").rglob("*.ttl")]


def entries(ending: str) -> list[tuple[str, str, str | None]]:
    """Return kind, file and expected file of each test of a suite; none where the suite is absent."""
    folder = SHARED / "suites" / "rdf11" / SUITES[ending][0]
    if not folder.is_dir():
        return [("absent", "", None)]
    store = ox.Store()
    store.load(path=folder / "manifest.ttl", format=ox.RdfFormat.TURTLE, base_iri="urn:x/")
    rows = store.query(f"""
        SELECT ?type ?action ?result WHERE {{
          ?test a ?type ; <{MF}action> ?action OPTIONAL {{ ?test <{MF}result> ?result }}
          FILTER (STRSTARTS(STR(?type), "{RDFT}"))
        }} ORDER BY ?action ?type""")
    assert isinstance(rows, ox.QuerySolutions)
    last = [(row["type"], row["action"], row["result"]) for row in rows]
    return [
        (kind.value.removeprefix(RDFT), action.value.rpartition("/")[2], result and result.value.rpartition("/")[2])
        for kind, action, result in last
    ]


CASES = [(ending, *entry) for ending in SUITES for entry in entries(ending)]


def canonical(quads: Iterator[ox.Quad] | list[ox.Quad]) -> ox.Dataset:
    """Return quads with canonical names for blank nodes."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def quads(text: str, base: str | None = None, trig: bool = False) -> list[ox.Quad]:
    """Return the quads that our parser reads."""
    return [placed.quad for placed in TurtleDocument(text, base=base, trig=trig).quads()]


@pytest.mark.parametrize("ending", SUITES)
def test_suites_are_whole(ending: str) -> None:
    """Every test that the W3C's manifest lists is run."""
    need_shared("suites/rdf11")
    assert len([case for case in CASES if case[0] == ending]) == SUITES[ending][1]


@pytest.mark.parametrize(("ending", "kind", "name", "expected"), CASES, ids=lambda part: str(part))
def test_w3c_suite(ending: str, kind: str, name: str, expected: str | None) -> None:
    """What has to parse gives the quads that are expected, and pyoxigraph's; what must not parse is refused."""
    folder = need_shared(f"suites/rdf11/{SUITES[ending][0]}")
    path, base = folder / name, f"{BASE}{SUITES[ending][0]}/{name}"
    text = path.read_bytes().decode("utf-8")
    if "Negative" in kind:
        with pytest.raises(MalformedInput) as error:
            quads(text, base, ending == "trig")
        assert error.value.line is not None
        assert error.value.column is not None
        return
    found = canonical(quads(text, base, ending == "trig"))
    form = ox.RdfFormat.from_extension(ending)
    assert found == canonical(list(ox.parse(path=path, format=form, base_iri=base)))
    if expected:
        wanted = folder / expected
        form = ox.RdfFormat.from_extension(wanted.suffix[1:])
        assert found == canonical(list(ox.parse(path=wanted, format=form)))


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_own_graphs_are_read_as_pyoxigraph_reads_them(path: Path) -> None:
    """Our graphs have the same triples by either parser."""
    base = path.resolve().as_uri()
    theirs = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=base)
    assert canonical(quads(read_text(path), base)) == canonical(list(theirs))


PLACED = """@prefix ex: <urn:e:> .
@base <http://b.example/x/> .
# a comment with a . and a "quote
ex:a a <y> ;
\tex:p "ü\U0001f54a", '''two
lines''' , 1.5e0 ; ex:q [ ex:r ( ex:b "c"@en ) ] .
"""


def test_places_of_terms() -> None:
    """Each term has its line and its column in code points, through prefixes, tabs, lists and long strings."""
    document = TurtleDocument(PLACED, scope="n")
    placed = list(document.quads())

    def written(term: tuple[int, int]) -> tuple[str, int, int]:
        region = document.region(*term)
        return PLACED[term[0] : term[1]], region.line, region.column

    found = [(written(each.predicate), written(each.object)) for each in placed]
    assert found[:5] == [
        (("a", 4, 6), ("<y>", 4, 8)),
        (("ex:p", 5, 2), ('"ü\U0001f54a"', 5, 7)),
        (("ex:p", 5, 2), ("'''two\nlines'''", 5, 13)),
        (("ex:p", 5, 2), ("1.5e0", 6, 12)),
        (("ex:q", 6, 20), ('[ ex:r ( ex:b "c"@en ) ]', 6, 25)),
    ]
    assert [written(each.object)[0] for each in placed[5:]] == ['( ex:b "c"@en )', "ex:b", '"c"@en', '"c"@en', ")"]
    assert {written(each.block) for each in placed} == {("ex:a", 4, 1)}
    assert placed[0].quad.object == ox.NamedNode("http://b.example/x/y")
    assert document.region(*placed[2].object)[2:] == (6, 9)


def test_blank_nodes_have_the_same_names_each_time() -> None:
    """Reading a text twice gives the same blank nodes, and another scope others."""
    one, two, other = (list(TurtleDocument(PLACED, scope=scope).quads()) for scope in ("n", "n", "m"))
    assert one == two
    assert not {str(each.quad.subject) for each in one[5:]} & {str(each.quad.subject) for each in other[5:]}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("ex:a ex:b ex:c .\n", [(2, 1)] * 1),  # one undeclared prefix is told once
        ("@prefix x: <urn:x:> .\nx:a x:b .\nx:c x:d x:e .\nx:f x:g\n", [(3, 9), (6, 1)]),
        ("@prefix x: <urn:x:> .\nx:a x:b x:c\nx:d x:e x:f .\nx:g x:h ] .\n", [(4, 1), (5, 9)]),
        ('@prefix x: <urn:x:> .\nx:a x:b "open .\nx:c x:d x:e .\nx:f ; .\n', [(3, 9), (5, 5)]),
        ("@prefix x: <urn:x:> .\nx:a x:b <a b> .\nx:c x:d 'x'@1 .\nx:e x:f x:g .\n", [(3, 9), (4, 12)]),
        ('@prefix x: <urn:x:> .\nx:a x:b "\\uD800" .\nx:a x:b "\\q" .\n', [(3, 9), (4, 9)]),
    ],
)
def test_all_errors_are_told(text: str, places: list[tuple[int, int]], tmp_path: Path) -> None:
    """Behind an error the reading goes on with the next statement, and healthy statements make no further ones."""
    path = tmp_path / "a.ttl"
    path.write_text(f"# first line\n{text}", encoding="utf-8")
    assert [(error.line, error.column) for error in turtle.errors(path)] == places


@pytest.mark.parametrize(("opening", "closing"), [("[ <p> ", "]"), ("( ", ")")])
def test_depth_is_no_matter(opening: str, closing: str) -> None:
    """A hundred thousand levels of brackets are read, and left open they are an error."""
    depth = 100_000
    text = f"<a> <p> {opening * depth}<b>{closing * depth} ."
    assert len(quads(text, "urn:x:")) >= depth
    with pytest.raises(MalformedInput, match="the end of the file"):
        quads(text[:-2], "urn:x:")


def test_dots_of_an_absolute_iri_stay() -> None:
    """An absolute IRI with dot segments is the one that the engine has, or no finding about it would have a place."""
    text = "@base <http://a/b/../c> . <http://a/./b> <x> <../y> ."
    assert canonical(quads(text)) == canonical(list(ox.parse(text, format=ox.RdfFormat.TURTLE)))


TERMS = [
    "ex:a",
    "<urn:b>",
    "a",
    "ex:c.d",
    "_:x",
    '"s"',
    "'t'@en",
    "1",
    "-1.5",
    "true",
    '"""l\n"""',
    "^^ex:t",
    "ex:",
    "1.e5",
]
MARKS = ["[]", "[", "]", "(", ")", ";", ",", ".", " .\n", "\n", "{", "}", "<", '"', "\\u0041"]
PIECES = st.sampled_from([*TERMS, *MARKS, "# c\n", "@prefix ex: <urn:e:> .\n"])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14), st.booleans())
def test_random_texts_are_taken_and_refused_as_by_pyoxigraph(pieces: list[str], trig: bool) -> None:
    """Whatever the order of pieces, both parsers refuse a text or read the same quads."""
    text = "@prefix ex: <urn:e:> .\n" + " ".join(pieces)
    form = ox.RdfFormat.TRIG if trig else ox.RdfFormat.TURTLE
    try:
        theirs = list(ox.parse(text, format=form))
    except SyntaxError:
        with pytest.raises(MalformedInput):
            quads(text, None, trig)
    else:
        assert canonical(quads(text, None, trig)) == canonical(theirs)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=20), st.booleans())
def test_lenient_reading_ends(pieces: list[str], trig: bool) -> None:
    """However broken, a text is read to its end, with an error for what is refused otherwise."""
    text = "@prefix ex: <urn:e:> .\n" + " ".join(pieces)
    document = TurtleDocument(text, trig=trig, lenient=True)
    assert len(list(document.statements())) <= len(pieces) + 1
    told = [(error.line, error.column) for error in document.errors]
    try:
        quads(text, None, trig)
        first = []
    except MalformedInput as error:
        first = [(error.line, error.column)]
    assert told[:1] == first
