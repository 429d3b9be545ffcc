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
    """What views derive, and which version the ontology is, are not changes."""
    version = f"<{ONTOLOGY}> owl:versionIRI <{ROOT}release/0.2.0/ontology> ."
    after = graph("id:a tri:recognises id:b .", VIEW + "author") | graph(version, ONTOLOGY)
    head = graph(f"<{ONTOLOGY}> owl:priorVersion <{ROOT}release/0.1.0/ontology> .", ONTOLOGY)
    assert release_diff.compare(head, after, "0.1.0").kinds == ()


def test_statements_that_came_and_went_are_sorted() -> None:
    """The statements of a change are in their order, whatever that of the graphs."""
    before = graph("id:a " + " ; ".join(f"tri:p{number} {number}" for number in (7, 3, 5, 1, 9, 2, 8)) + " .")
    after = graph("id:a " + " ; ".join(f"tri:q{number} {number}" for number in (6, 4, 8, 2, 1, 9, 3)) + " .")
    ((change,),) = (kind.changed for kind in release_diff.compare(before, after, "0.1.0").kinds)
    assert [text.split()[0] for text in change.removed] == [f"tri:p{number}" for number in (1, 2, 3, 5, 7, 8, 9)]
    assert [text.split()[0] for text in change.added] == [f"tri:q{number}" for number in (1, 2, 3, 4, 6, 8, 9)]


def test_only_nodes_of_ours_are_told() -> None:
    """What is stated about a node of somebody else, or about a blank node that nothing hangs on, is not a change."""
    after = graph("<https://example.org/x> a tri:State . [] a tri:State .")
    assert release_diff.compare({}, after, "0.1.0").kinds == ()


def test_label_of_what_is_gone_is_kept() -> None:
    """Of several labels of a node that is gone the first counts, and only texts are labels."""
    before = graph(
        'id:a rdfs:label "b", "a", <x> . id:b rdfs:label "kept" . id:a rdfs:comment "0" . _:x rdfs:label "0" .'
    )
    found = release_diff.compare(before, graph('id:b rdfs:label "kept" .'), "0.1.0")
    assert found.labels == {ROOT + "id/a": "a"}
