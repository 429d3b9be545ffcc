"""Paths of SHACL, from the triples of shapes and from text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from triplomacy.terms import SH
from triplomacy.validation import shape_graph, shape_paths
from triplomacy.validation.shape_paths import MalformedPath, Path

A, B, C = (shape_paths.of_property(ox.NamedNode(f"urn:{name}")) for name in "abc")
HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> . "


def several(parts: st.SearchStrategy[Path]) -> st.SearchStrategy[Path]:
    """Return paths that an operator makes of others."""
    one = st.builds(lambda operator, part: Path(operator, (part,)), st.sampled_from("^*+?"), parts)
    more = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return one | st.builds(Path, st.sampled_from("/|"), more)


PATHS = st.recursive(st.sampled_from([A, B, C]), several, max_leaves=8)


def turtle(path: Path) -> str:
    """Return a path as SHACL writes it in Turtle."""
    if path.iri is not None:
        return str(path.iri)
    inner = " ".join(map(turtle, path.parts))
    names = {"^": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}
    if path.operator == "/":
        return f"( {inner} )"
    return f"[ sh:alternativePath ( {inner} ) ]" if path.operator == "|" else f"[ sh:{names[path.operator]} {inner} ]"


def read(text: str) -> Path:
    """Return the path that a shape with this path in Turtle has."""
    triples = [quad.triple for quad in ox.parse(f"{HEAD}:s sh:path {text} .", format=ox.RdfFormat.TURTLE)]
    (node,) = (triple.object for triple in triples if triple.predicate.value == SH + "path")
    return shape_graph.of_triples(triples).path(node)


@settings(deadline=None)
@given(PATHS)
def test_a_path_is_the_same_in_triples_and_in_text(path: Path) -> None:
    """What is read from the triples of a path, and from its text, is that path; the text is a path of SPARQL."""
    assert read(turtle(path)) == path
    assert shape_paths.parse(str(path)) == path
    ox.Store().query(f"SELECT * {{ ?s {path} ?o }}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("( :a :b )", "(<urn:a>/<urn:b>)"),
        ("[ sh:inversePath ( :a :b ) ]", "^(<urn:a>/<urn:b>)"),
        ("[ sh:inversePath [ sh:inversePath :a ] ]", "^(^<urn:a>)"),
        ("[ sh:alternativePath ( :a [ sh:zeroOrOnePath :b ] ) ]", "(<urn:a>|(<urn:b>)?)"),
        ("[ sh:oneOrMorePath [ sh:inversePath :a ] ]", "(^<urn:a>)+"),
    ],
)
def test_texts(path: str, text: str) -> None:
    """The text has brackets around all that is put together, as the fast engine has it."""
    assert str(read(path)) == text


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("()", "rdf:nil is not a path"),
        ("'a'", "write a property"),
        ("[]", "write a property"),
        ("[ sh:inversePath :a ; sh:zeroOrMorePath :b ]", "write a property"),
        ("( :a )", "two members or more"),
        ("[ sh:alternativePath ( :a ) ]", "two members or more"),
        ("[ sh:inversePath ( :a 'b' ) ]", "write a property"),
    ],
)
def test_a_node_that_is_not_a_path_is_refused(path: str, advice: str) -> None:
    """What SHACL does not allow as a path is an error that says what to write, also within another path."""
    with pytest.raises(MalformedPath, match=advice):
        read(path)


@pytest.mark.parametrize(
    "text", ["", "(", "<urn:a>/", ")", "<urn:a> <urn:b>", "<not an iri>", "!<urn:a>", "<urn:a> ?x . ?y <urn:b>"]
)
def test_a_text_that_is_not_a_path_is_none(text: str) -> None:
    """A text that is not a path of SHACL has none."""
    assert shape_paths.parse(text) is None


def test_a_text_without_brackets_is_read_by_the_grammar() -> None:
    """A sequence binds closer than an alternative."""
    assert shape_paths.parse("<urn:a>/<urn:b>|<urn:c>") == Path("|", (Path("/", (A, B)), C))


def test_what_repeats() -> None:
    """A path repeats where any part of it does, or may be left out."""
    assert not read("( :a [ sh:inversePath :b ] )").repeats
    assert read("( :a [ sh:inversePath [ sh:zeroOrMorePath :b ] ] )").repeats
    assert read("[ sh:alternativePath ( :a [ sh:zeroOrOnePath :b ] ) ]").repeats
