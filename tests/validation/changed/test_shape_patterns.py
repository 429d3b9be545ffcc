"""What shapes and rules look at, as patterns."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from triplomacy.sparql import Unread
from triplomacy.terms import RDF
from triplomacy.validation import shape_graph
from triplomacy.validation.changed import shape_patterns
from triplomacy.validation.changed.reach import Dependency

HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> . "
C, D, P, Q, R = (ox.NamedNode(f"urn:{name}") for name in "CDpqr")
TYPE = ox.NamedNode(RDF + "type")


def dependencies(text: str, below: dict[ox.NamedNode, list[ox.NamedNode]] | None = None) -> list[Dependency]:
    """Return what the shapes of a text look at."""
    triples = [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]
    return shape_patterns.of_shapes(shape_graph.of_triples(triples), below or {})


def steps(dependency: Dependency) -> list[tuple[list[str], bool]]:
    """Return the properties of each pattern, with whether they repeat, in an order of their own."""
    found = [
        (
            sorted(f"{'^' if back else ''}{'any' if name is None else name.value}" for name, back in each.steps),
            each.repeated,
        )
        for each in dependency.patterns
    ]
    return sorted(found)


def test_a_shape_looks_at_targets_and_paths() -> None:
    """A shape depends on the classes of its targets, those below too, and on its path, and is named."""
    (shape,) = dependencies(":s a sh:PropertyShape ; sh:targetClass :C ; sh:path :p ; sh:minCount 1 .", {C: [D]})
    assert shape.name == "<urn:s>"
    assert shape.classes == frozenset({C, D})
    assert steps(shape) == [([TYPE.value], False), (["urn:p"], False)]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("[ sh:inversePath :p ]", [(["^urn:p"], False)]),
        ("( :p [ sh:inversePath :q ] )", [(["^urn:q"], False), (["urn:p"], False)]),
        ("[ sh:alternativePath ( :p :q ) ]", [(["urn:p", "urn:q"], False)]),
        ("[ sh:zeroOrMorePath :p ]", [(["urn:p"], True)]),
        ("[ sh:inversePath ( :p :q ) ]", [(["urn:p"], False), (["urn:q"], False)]),  # with its ends exchanged
    ],
)
def test_paths_are_patterns(path: str, found: list[tuple[list[str], bool]]) -> None:
    """A path is a pattern for each of its steps, an alternative one with several properties."""
    (shape,) = dependencies(f":s a sh:PropertyShape ; sh:targetNode :n ; sh:path {path} ; sh:maxCount 1 .")
    assert steps(shape) == found
    assert shape.domain("this", shape.patterns[0].nesting) == frozenset({ox.NamedNode("urn:n")})


def test_a_property_shape_has_its_own_focus() -> None:
    """The values at the end of a shape's path are the focus nodes of its property shapes, which are named apart."""
    text = ":s sh:targetNode :n ; sh:property :t . :t sh:path :p ; sh:property :u . :u sh:path :q ; sh:minCount 1 ."
    found = {each.name: steps(each) for each in dependencies(text)}
    assert found == {
        "<urn:s>": [],
        "<urn:t>": [(["urn:p"], False)],
        "<urn:u>": [(["urn:p"], False), (["urn:q"], False)],
    }


def test_a_shape_that_belongs_to_another_is_part_of_it() -> None:
    """What ``sh:node`` and ``sh:or`` refer to counts for the shape that refers, and a deactivated one for nothing."""
    text = """:s sh:targetNode :n ; sh:node [ sh:property [ sh:path :p ; sh:minCount 1 ] ] ;
        sh:or ( [ sh:path :q ; sh:minCount 1 ] [ sh:deactivated true ; sh:path :r ; sh:minCount 1 ] ) ."""
    (shape,) = dependencies(text)
    assert steps(shape) == [(["urn:p"], False), (["urn:q"], False)]


def test_constraints_look_at_more_than_the_path() -> None:
    """A class, another property to compare with and a closed shape look at triples of their own."""
    text = ":s sh:targetNode :n ; sh:path :p ; sh:class :C ; sh:lessThan :q ; sh:node [ sh:closed true ] ."
    (shape,) = dependencies(text)
    assert steps(shape) == [(["any"], False), ([TYPE.value], False), (["urn:p"], False), (["urn:q"], False)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("sh:rule [ a sh:TripleRule ]", "<urn:s> has a rule"),
        ("sh:target [ a :Kind ]", "<urn:s> has a target with parameters"),
        ("sh:property [ sh:path :p ; sh:qualifiedValueShapesDisjoint true ]", "sh:qualifiedValueShapesDisjoint"),
    ],
)
def test_what_may_look_at_anything_is_refused(more: str, reason: str) -> None:
    """Of a shape that may look at anything nobody can tell what it depends on, and it is named."""
    with pytest.raises(Unread, match=reason):
        dependencies(f":s a sh:NodeShape ; sh:targetNode :n ; {more} .")
