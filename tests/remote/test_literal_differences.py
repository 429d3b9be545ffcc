"""How stores rewrite literals: which of the known ways it was, and that nothing else passes for one."""

import pyoxigraph as ox
import pytest

from triplomacy.remote.literal_differences import DIFFERENCES, differences
from triplomacy.terms import XSD


def graph(*literals: tuple[str, str]) -> list[ox.Triple]:
    """Return a triple for each literal, by its form and the name of its data type."""
    nodes = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")
    return [ox.Triple(*nodes, ox.Literal(form, datatype=ox.NamedNode(XSD + name))) for form, name in literals]


INTEGERS, DECIMALS, DOUBLES, FRACTIONS, ZONES, BOOLEANS = DIFFERENCES


@pytest.mark.parametrize(
    ("given", "found", "name"),
    [
        (("7", "nonNegativeInteger"), ("7", "integer"), INTEGERS),
        (("7", "unsignedByte"), ("7", "integer"), INTEGERS),
        (("7", "long"), ("7", "integer"), INTEGERS),
        (("+007", "integer"), ("7", "integer"), INTEGERS),
        (("1.50", "decimal"), ("1.5", "decimal"), DECIMALS),
        (("100", "decimal"), ("100.0", "decimal"), DECIMALS),
        (("1e3", "double"), ("1000", "double"), DOUBLES),
        (("1", "float"), ("1.0E0", "float"), DOUBLES),
        (("2022-01-01T00:00:00.500Z", "dateTime"), ("2022-01-01T00:00:00.5Z", "dateTime"), FRACTIONS),
        (("2022-01-01T00:00:00.000+01:00", "dateTime"), ("2022-01-01T00:00:00+01:00", "dateTime"), FRACTIONS),
        (("2022-01-01T00:00:00.0", "dateTime"), ("2022-01-01T00:00:00", "dateTime"), FRACTIONS),
        (("2022-01-01T00:00:00+00:00", "dateTime"), ("2022-01-01T00:00:00Z", "dateTime"), ZONES),
        (("2022-01-01+00:00", "date"), ("2022-01-01Z", "date"), ZONES),
        (("true", "boolean"), ("1", "boolean"), BOOLEANS),
        (("0", "boolean"), ("false", "boolean"), BOOLEANS),
    ],
)
def test_known_difference_is_named(given: tuple[str, str], found: tuple[str, str], name: str) -> None:
    """A literal rewritten in a known way is named, in either direction; the same literal is not a difference."""
    assert differences(graph(given), graph(found)) == [name]
    assert differences(graph(found), graph(given)) == [name]
    assert differences(graph(given), graph(given)) == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("7", "integer"), ("8", "integer")),
        (("7", "integer"), ("7", "decimal")),
        (("7", "string"), ("007", "string")),
        (("x", "integer"), ("y", "integer")),
        (("7", "nonNegativeInteger"), ("x7", "integer")),
        (("x", "decimal"), ("x", "integer")),
        (("x", "double"), ("y", "double")),
        (("1.50", "string"), ("1.5", "string")),
        (("1.0", "double"), ("1.0", "float")),
        (("2022-01-01T00:00:00.50Z", "string"), ("2022-01-01T00:00:00.5Z", "string")),
        (("a+00:00", "string"), ("aZ", "string")),
        (("1", "string"), ("true", "string")),
        (("2022-01-01T00:00:00.05Z", "dateTime"), ("2022-01-01T00:00:00.5Z", "dateTime")),
        (("2022-01-01T00:00:00+01:00", "dateTime"), ("2022-01-01T00:00:00Z", "dateTime")),
    ],
)
def test_other_difference_is_not_a_known_one(given: tuple[str, str], found: tuple[str, str]) -> None:
    """Another value, another kind of type, and a text that only looks like a number are differences that count."""
    assert differences(graph(given), graph(found)) is None


def test_several_differences_are_all_named() -> None:
    """Each way in which something was rewritten is told, in their order, and no other."""
    given = graph(("true", "boolean"), ("1.50", "decimal"), ("1", "integer"))
    found = graph(("1", "boolean"), ("1.5", "decimal"), ("1", "integer"))
    assert differences(given, found) == [DECIMALS, BOOLEANS]
    assert differences(given, [*found, *graph(("2", "integer"))]) is None
    assert differences([], []) == []


def test_names_of_blank_nodes_are_no_difference() -> None:
    """Graphs that differ in the labels of blank nodes alone are the same."""
    one, other = (
        [ox.Triple(ox.BlankNode(name), ox.NamedNode("urn:b"), ox.Literal("x")), *graph(("7", "int"))] for name in "xy"
    )
    assert differences(one, other) == []
    assert differences(one, [other[0], *graph(("7", "integer"))]) == [INTEGERS]
