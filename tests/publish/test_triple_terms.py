"""What reifies a plain triple in RDF 1.2, and what must not."""

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy import build
from triplomacy.dataset.project import Project
from triplomacy.publish import triple_terms
from triplomacy.publish.triple_terms import Graphs
from triplomacy.terms import GRAPH, ID, ONTOLOGY, PREFIXES, SOURCE, TRI, VIEW

LUKIN = SOURCE + "lukin-2022/"
HEAD = f"@prefix tri: <{TRI}> . @prefix id: <{ID}> . @prefix rdfs: <{PREFIXES['rdfs']}> . @base <{SOURCE}x/> .\n"


@pytest.fixture(scope="module")
def graphs() -> Graphs:
    """Return the project's graphs and views."""
    return build.graphs(Project(ROOT))


def reified(graphs: Graphs, node: str) -> set[str]:
    """Return the plain triples that a node reifies."""
    return {str(quad.object) for quad in triple_terms.quads(graphs) if str(quad.subject) == f"<{node}>"}


def plain(subject: str, verb: str, value: str) -> set[str]:
    """Return a plain triple between two entities, as a set of one."""
    return {f"<{ID}{subject}> <{TRI}{verb}> <{ID}{value}>"}


def of(graphs: Graphs, turtle: str) -> dict[str, set[str]]:
    """Return what the nodes of a source x reify, by their names, in a graph of Turtle beside the ontology."""
    triples = [quad.triple for quad in ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE)]
    found: dict[str, set[str]] = {}
    for quad in triple_terms.quads({ONTOLOGY: graphs[ONTOLOGY], GRAPH + "x": triples}):
        found.setdefault(str(quad.subject)[len(SOURCE + "x/") + 1 : -1], set()).add(str(quad.object))
    return found


def test_proposition_and_claim_reify_the_shortcut(graphs):
    """A recognition, and the claim that is about nothing else, reify the plain triple."""
    wanted = plain("syria", "recognises", "donetsk-peoples-republic")
    assert reified(graphs, LUKIN + "proposition/syria-recognises-donetsk-republic") == wanted
    assert reified(graphs, LUKIN + "claim/syria-recognises-donetsk-republic") == wanted


def test_denial_reifies_and_says_so(graphs):
    """A claim that denies reifies the triple, denies at the same node, and nobody asserts the triple."""
    claim = LUKIN + "claim/north-korea-lacks-cash"
    assert reified(graphs, claim) == plain("north-korea", "possesses", "cash")
    said = {str(t.object) for t in graphs[GRAPH + "lukin-2022"] if str(t.subject) == f"<{claim}>"}
    assert f"<{TRI}denies>" in said
    terms = reified(graphs, claim)
    assert not any(str(triple) in terms for triples in graphs.values() for triple in triples)


def test_denial_of_more_reifies_nothing(graphs):
    """Who denies that troops of at most a number are sent does not deny that troops are sent."""
    assert reified(graphs, LUKIN + "claim/ministry-denies-troops") == set()
    assert reified(graphs, LUKIN + "claim/envoy-denies-request") == set()
    wanted = plain("russia", "requestsArmsFrom", "north-korea")
    assert reified(graphs, LUKIN + "proposition/russia-asks-for-ammunition") == wanted


@pytest.mark.parametrize(
    "more",
    [
        "tri:during <time/then>",
        "tri:goods id:ammunition",
        "tri:recipient id:b, id:c",
        "tri:atMost 3",
        "tri:after <proposition/q>",
    ],
)
def test_claim_reifies_only_what_is_all(graphs, more):
    """With a time, goods, a second triple, a number or an order only the proposition reifies the triple."""
    found = of(
        graphs, f"<p> a tri:ArmsTransfer ; tri:supplier id:a ; tri:recipient id:b ; {more} . <c> tri:proposition <p> ."
    )
    assert plain("a", "suppliesArmsTo", "b") <= found["p"]
    assert "c" not in found


def test_claim_of_a_narrower_class_reifies_nothing(graphs):
    """Who denies a sale does not deny a transfer, though the sale's shortcut is that of the transfer."""
    found = of(graphs, "<p> a tri:ArmsSale ; tri:supplier id:a ; tri:recipient id:b . <c> tri:proposition <p> .")
    assert found == {"p": plain("a", "suppliesArmsTo", "b")}


def test_degree_reifies_nothing(graphs):
    """Hardly any sanctions are not sanctions."""
    bare = "<c> tri:proposition <p> . <p> a tri:SanctionsMeasure ; tri:imposer id:a ; tri:target id:b "
    assert of(graphs, bare + "; tri:degree tri:hardlyAny .") == {}
    assert set(of(graphs, bare + ".")) == {"p", "c"}


def test_reifiers_stand_beside_what_they_say(graphs):
    """Each quad stands in the curated graph of its reifier, none in a view, and each reifier says more than that."""
    found = triple_terms.quads(graphs)
    assert found == sorted(found, key=str)
    for quad in found:
        graph = str(quad.graph_name)[1:-1]
        assert not graph.startswith(VIEW)
        assert any(triple.subject == quad.subject for triple in graphs[graph])


def test_label_and_the_general_are_no_more(graphs: Graphs) -> None:
    """A proposition that besides its roles has a label, and specialises another one, is still all that a claim says."""
    more = "; rdfs:label 'x'@en ; tri:specialises <q>"
    found = of(
        graphs, f"<p> a tri:ArmsTransfer ; tri:supplier id:a ; tri:recipient id:b {more} . <c> tri:proposition <p> ."
    )
    assert found == {"p": plain("a", "suppliesArmsTo", "b"), "c": plain("a", "suppliesArmsTo", "b")}


def test_example_in_the_ontology_reifies_nothing(graphs: Graphs) -> None:
    """A proposition that stands in the ontology's own graph is nobody's."""
    text = HEAD + "<p> a tri:ArmsTransfer ; tri:supplier id:a ; tri:recipient id:b . <c> tri:proposition <p> ."
    example = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    assert triple_terms.quads({ONTOLOGY: [*graphs[ONTOLOGY], *example]}) == []
