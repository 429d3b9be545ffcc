"""Triples as nested Turtle."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, strategies as st

from triplomacy.rdf.nested_turtle import nest

HEAD = "@prefix : <urn:x:> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
NODES: list[ox.NamedNode | ox.BlankNode] = [ox.NamedNode("urn:x:a"), ox.NamedNode("urn:x:b")]
NODES += map(ox.BlankNode, "defgh")


def canonical(text: str) -> ox.Dataset:
    """Return the triples of a text of Turtle with their blank nodes labelled by RDFC-1.0."""
    found = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def written(text: str) -> str:
    """Return the triples of a text of Turtle, written anew on one line."""
    return " ".join(nest(quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)).split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":a :p [ :q 1 ] .", "<urn:x:a> <urn:x:p> [ <urn:x:q> "),
        (":a :p ( :b :a ) .", "<urn:x:a> <urn:x:p> ( <urn:x:b> <urn:x:a> ) ."),
        (":a :p ( ( :b ) [ :q :a ] ) .", "<urn:x:a> <urn:x:p> ( ( <urn:x:b> ) [ <urn:x:q> <urn:x:a> ] ) ."),
        (":a :p () .", "<urn:x:a> <urn:x:p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> ."),
        ("[] a :C ; :p ( :a ) .", "[ <urn:x:p> ( <urn:x:a> ) ; a <urn:x:C> ] ."),
        (":a :p [] .", "<urn:x:a> <urn:x:p> [ ] ."),
    ],
)
def test_what_is_used_once_stands_where_it_is_used(text: str, expected: str) -> None:
    """Blank nodes and lists are written inside, or on their own where nothing uses them."""
    assert written(text).startswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        ":a :p _:x ; :q _:x . _:x :r 1 .",
        "_:x :p _:y . _:y :p _:x .",
        "_:x :p _:x .",
        ":a :p _:x . _:x :p _:y . _:y :p _:z . _:z :p _:y .",
        ":a :p _:l . _:l rdf:first 1, 2 ; rdf:rest rdf:nil .",
        ":a :p _:l . _:l rdf:first 1 ; rdf:rest _:l .",
        ":a :p _:l . _:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest rdf:nil ; a rdf:List .",
        ":a :p _:l . :b :p _:m . _:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest rdf:nil .",
    ],
)
def test_circles_and_broken_lists_lose_nothing(text: str) -> None:
    """What is used twice, runs in a circle or is not a proper list says the same triples."""
    assert canonical(written(text)) == canonical(HEAD + text)


@given(st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from("pq"), st.sampled_from(NODES)), max_size=14))
def test_any_triples_are_kept(
    edges: list[tuple[ox.NamedNode | ox.BlankNode, str, ox.NamedNode | ox.BlankNode]],
) -> None:
    """Whatever the shape of a graph, its nested form says the same triples."""
    triples = {ox.Triple(subject, ox.NamedNode(f"urn:x:{name}"), value) for subject, name, value in edges}
    before = ox.Dataset(ox.Quad(*(triple.subject, triple.predicate, triple.object)) for triple in triples)
    before.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert canonical(nest(triples)) == before


def test_chosen_subject_stands_first() -> None:
    """What a document is about comes before what else is in it."""
    verb = ox.NamedNode("urn:x:p")
    text = nest([ox.Triple(NODES[0], verb, NODES[1]), ox.Triple(NODES[1], verb, NODES[0])], "urn:x:b")
    assert text.startswith("<urn:x:b>")
