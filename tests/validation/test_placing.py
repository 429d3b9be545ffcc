"""Findings to places: where what a finding is about is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from triplomacy.findings import Finding, Place, Severity
from triplomacy.rdf.source_map import SourceMap
from triplomacy.terms import SH
from triplomacy.validation import placing

TEXT = """@prefix : <urn:> .
:a a :C ;
    :p :b , :c ;
    :q "x"@en .
:b :p :d ;
    :r [ :s 1 ] .
:c :p :d .
:d :next :e .
:e :next :d .
"""


@pytest.fixture
def source(tmp_path: Path) -> SourceMap:
    """Return the map of a file with the text."""
    path = tmp_path / "data.ttl"
    path.write_text(TEXT, encoding="utf-8")
    return SourceMap([path])


def finding(**parts: object) -> Finding:
    """Return a finding about ``:a`` with some parts."""
    return Finding(**{"check": "shacl", "severity": Severity.VIOLATION, "message": "m", "focus": "<urn:a>"} | parts)  # type: ignore[arg-type]


def positions(source: SourceMap, given: Finding) -> list[tuple[int | None, int | None]]:
    """Return line and column of each place of a finding."""
    (located,) = placing.locate(source, [given], {})
    return [(place.line, place.column) for place in located.places]


@pytest.mark.parametrize(
    ("parts", "places"),
    [
        ({}, [(2, 1)]),
        ({"path": "<urn:p>"}, [(3, 8), (3, 13)]),
        ({"path": "<urn:p>", "value": "<urn:c>"}, [(3, 13)]),
        ({"path": "<urn:q>", "value": '"x"@en', "component": f"<{SH}ClosedConstraintComponent>"}, [(4, 5)]),
        ({"path": "<urn:q>", "value": '"x"@en', "component": f"<{SH}InConstraintComponent>"}, [(4, 8)]),
        ({"path": "<urn:q>", "rule": "terms/unknown", "check": "terms"}, [(4, 5)]),
        ({"path": "<urn:absent>"}, [(2, 1)]),
        ({"path": "not a path"}, [(2, 1)]),
        ({"path": "<urn:absent>", "about": (("<urn:b>", "<urn:p>", None),)}, [(2, 1), (5, 7)]),
        ({"about": (("<urn:b>", "<urn:p>", "<urn:d>"),)}, [(5, 7)]),
        ({"about": (("<urn:b>", None, None), ("<urn:c>", None, None))}, [(5, 1), (7, 1)]),
        ({"focus": '"x"@en'}, [(4, 8)]),
        ({"focus": "<urn:unknown>"}, []),
        ({"focus": None}, []),
    ],
)
def test_what_a_finding_points_to(
    source: SourceMap, parts: dict[str, object], places: list[tuple[int | None, int | None]]
) -> None:
    """A value, else the predicate that is wrong, else the node's own statement, and what it is about besides."""
    assert positions(source, finding(**parts)) == places


@pytest.mark.parametrize(
    ("focus", "path", "places"),
    [
        ("a", "(<urn:p>/<urn:p>)", [(5, 7), (7, 7)]),
        ("d", "^<urn:p>", [(5, 1), (7, 1)]),
        ("d", "^(<urn:p>/<urn:p>)", [(2, 1)]),
        ("a", "(<urn:q>|<urn:p>)", [(4, 8), (3, 8), (3, 13)]),
        ("b", "(<urn:r>/<urn:s>)", [(6, 13)]),
        ("d", "(<urn:next>)+", [(8, 10), (9, 10)]),
        ("b", "(<urn:p>/(<urn:next>)*)", [(5, 7), (8, 10)]),
        ("b", "(<urn:p>/(<urn:next>)?)", [(5, 7), (8, 10)]),
    ],
)
def test_values_at_the_end_of_a_path(
    source: SourceMap, focus: str, path: str, places: list[tuple[int | None, int | None]]
) -> None:
    """A path is followed to its values, backwards too and any number of times, and a circle ends."""
    assert positions(source, finding(focus=f"<urn:{focus}>", path=path)) == places


def test_what_has_a_place_keeps_it(source: SourceMap) -> None:
    """A check that knows where its finding is written has the last word."""
    placed = replace(finding(), places=(Place(Path("other.ttl"), 7),))
    assert placing.locate(source, [placed], {}) == [placed]


def test_a_derived_fact_has_the_places_of_its_origins(source: SourceMap) -> None:
    """A fact that no file has is shown where the propositions stand that it was derived from."""
    fact = ("<urn:a>", "<urn:derived>", "<urn:b>")
    (located,) = placing.locate(source, [finding(focus=None, about=(fact,))], {fact: ["urn:b", "urn:unknown"]})
    assert [place.line for place in located.places] == [5]


def described(turtle: str, name: str) -> str:
    """Return what tells a blank node from others."""
    parsed = ox.parse(f"@prefix : <urn:> . {turtle}", format=ox.RdfFormat.TURTLE)
    return placing.describe_nodes([quad.triple for quad in parsed], [name, "<urn:a>"])[name]


def test_blank_nodes_are_told_apart_by_what_is_said_of_them() -> None:
    """Another label or order changes nothing; another value, a deeper one, or another way there does."""
    one = ":a :p _:x . _:x :q 1 ; :r _:y . _:y :s 2 ."
    assert described(one, "_:x") == described("_:n :s 2 . _:m :r _:n ; :q 1 . :a :p _:m .", "_:m")
    for other in (one.replace("1", "3"), one.replace(":s 2", ":s 3"), one.replace(":a :p", ":b :p")):
        assert described(one, "_:x") != described(other, "_:x")


def test_a_circle_of_blank_nodes_is_described() -> None:
    """A description is four nodes deep, so that nodes that lead to each other end."""
    assert described("_:x :p _:y . _:y :p _:x .", "_:x") == described("_:x :p _:y . _:y :p _:x .", "_:y")


def test_nothing_is_described_where_all_have_names() -> None:
    """Nodes with an IRI need no description."""
    assert placing.describe_nodes([], ["<urn:a>"]) == {}
