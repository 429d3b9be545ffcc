"""What has changed between two states of the graphs."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from triplomacy.publish import release_diff
from triplomacy.terms import GRAPH, ONTOLOGY, ROOT, VIEW

HEAD = """
@prefix id: <https://w3id.org/triplomacy/id/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix tri: <https://w3id.org/triplomacy/ontology#> .
@base <https://w3id.org/triplomacy/source/x/> .
"""


def graph(text: str, name: str = GRAPH + "x") -> dict[str, list[ox.Triple]]:
    """Return the triples of a text of Turtle as those of a graph."""
    return {name: [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]}


def test_nodes_are_told_by_kind() -> None:
    """Each node that came, went or changed is named under its kind, claims first, with the statements that differ."""
    before = graph('<claim/a> tri:stance tri:affirms . <claim/b> a tri:Claim ; rdfs:label "b" . tri:Old a owl:Class .')
    after = graph("<claim/a> tri:stance tri:denies . <claim/c> a tri:Claim . id:new a tri:State .")
    found = release_diff.compare(before, after, "0.1.0")
    assert [kind.name for kind in found.kinds] == ["claim", "term", "entity"]
    claims, terms, entities = found.kinds
    assert claims.added == (ROOT + "source/x/claim/c",)
    assert claims.removed == (ROOT + "source/x/claim/b",)
    assert claims.changed == (
        release_diff.Change(ROOT + "source/x/claim/a", ("tri:stance tri:denies",), ("tri:stance tri:affirms",)),
    )
    assert (terms.removed, entities.added) == ((ONTOLOGY + "#Old",), (ROOT + "id/new",))
    assert found.labels == {ROOT + "source/x/claim/b": "b"}
    assert found.counts()["claim"] == {"added": 1, "removed": 1, "changed": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "tri:A rdfs:subClassOf [ a owl:Class ; owl:unionOf (tri:B tri:C) ] .",
            "tri:A rdfs:subClassOf [ owl:unionOf (tri:B tri:C) ; a owl:Class ] .",
        ),
        ("tri:A rdfs:seeAlso _:x . _:x rdfs:label 'x' .", "tri:A rdfs:seeAlso _:other . _:other rdfs:label 'x' ."),
        ("tri:A rdfs:seeAlso _:x . _:x rdfs:seeAlso _:x .", "tri:A rdfs:seeAlso _:y . _:y rdfs:seeAlso _:y ."),
    ],
)
def test_labels_of_blank_nodes_are_no_difference(before: str, after: str) -> None:
    """What stands at blank nodes is compared, not what these are called, nor the order."""
    assert release_diff.compare(graph(before), graph(after), "0.1.0").kinds == ()


def test_change_inside_a_blank_node_is_one() -> None:
    """A statement deep in blank nodes that changes is a change of the node that they hang on."""
    before = graph("tri:A rdfs:subClassOf [ owl:unionOf (tri:B tri:C) ] .")
    after = graph("tri:A rdfs:subClassOf [ owl:unionOf (tri:B tri:D) ] .")
    (terms,) = release_diff.compare(before, after, "0.1.0").kinds
    (change,) = terms.changed
    assert change.iri == ONTOLOGY + "#A"
    assert "tri:D" in change.added[0]
    assert "tri:C" in change.removed[0]


def test_views_and_versions_are_left_aside() -> None:
    """What views derive, and which version the ontology is, are no changes."""
    version = f"<{ONTOLOGY}> owl:versionIRI <{ROOT}release/0.2.0/ontology> ."
    after = graph("id:a tri:recognises id:b .", VIEW + "author") | graph(version, ONTOLOGY)
    head = graph(f"<{ONTOLOGY}> owl:priorVersion <{ROOT}release/0.1.0/ontology> .", ONTOLOGY)
    assert release_diff.compare(head, after, "0.1.0").kinds == ()
