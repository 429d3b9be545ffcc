"""What a query names: its IRIs and its triple patterns."""

import pyoxigraph as ox
import pytest

from triplomacy.errors import MalformedInput
from triplomacy.sparql import binding, patterns, tree
from triplomacy.terms import ID, RDF, RDFS, TRI

LEADS, LED, STATE = (f"{TRI}{name}" for name in ("leads", "led", "State"))
RUSSIA, TYPE, LABEL = f"{ID}russia", f"{RDF}type", f"{RDFS}label"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?a tri:leads ?b }", [("?a", LEADS, "?b")]),
        ("ASK { $a a tri:State . }", [("?a", TYPE, STATE)]),
        ("ASK { ?a tri:leads id:russia. ?b tri:leads ?c }", [("?a", LEADS, RUSSIA), ("?b", LEADS, "?c")]),
        (
            "ASK { ?a tri:leads ?b, ?c ; rdfs:label 'x'@en }",
            [("?a", LEADS, "?b"), ("?a", LEADS, "?c"), ("?a", LABEL, "'x'@en")],
        ),
        ("PREFIX t: <urn:t:> ASK { <urn:a> t:b <urn:c> # t:d t:e t:f\n }", [("urn:a", "urn:t:b", "urn:c")]),
        ("ASK { ?a tri:leads/tri:led ?b, ?c ; tri:leads ?d }", [("?a", LEADS, "?d")]),
        ("ASK { ?a ^tri:leads ?b . ?a (tri:leads|tri:led)+ ?b . ?c tri:leads ?d }", [("?c", LEADS, "?d")]),
        ("ASK { ?a tri:count 5 ; tri:leads ?b }", [("?a", f"{TRI}count", "5"), ("?a", LEADS, "?b")]),
        ("ASK { ?a tri:leads [ a tri:State ; tri:led ?x ] ; tri:led ?b }", [("?a", LEADS, ""), ("?a", LED, "?b")]),
        ("ASK { FILTER (?a = ?b && ?c IN (id:a, id:b)) ?a tri:leads ?b }", [("?a", LEADS, "?b")]),
        (
            "ASK { FILTER EXISTS { ?a tri:leads ?b } BIND (id:c AS ?c) OPTIONAL { ?c tri:led _:d } }",
            [("?a", LEADS, "?b"), ("?c", LED, "_:d")],
        ),
    ],
)
def test_triple_patterns_are_told(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Each pattern of three single terms is told in full; what is none breaks nothing that stands beside it."""
    assert patterns.triples(text) == expected


def test_unknown_prefix_is_named() -> None:
    """A prefix that nobody has declared means nothing: the query is refused for it."""
    with pytest.raises(MalformedInput, match="1:10: no such prefix: none"):
        patterns.triples("ASK { ?a none:p ?b }")


def test_iris_of_a_query_are_told_once() -> None:
    """IRIs are told in full and in order, those of declarations and of comments left out."""
    text = "PREFIX x: <urn:x:> # <urn:none>\nASK { x:a\\-b a tri:State , <urn:y>, x:a\\-b. }"
    assert patterns.iris(text) == ["urn:x:a-b", STATE, "urn:y"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("SELECT ?a WHERE { ?a ?b ?c }", ["b", "c"]),
        ("SELECT ?a { ?a ?b ?c } ORDER BY ?d LIMIT 1", ["b", "c"]),
        ("SELECT DISTINCT (STR(?a) AS ?b) FROM <urn:g> { ?a ?p ?o }", ["a", "o", "p"]),
        ("SELECT (COUNT(?a) AS ?n) { ?a a ?b } GROUP BY ?b HAVING (COUNT(?a) > 1) VALUES ?b { <urn:b> }", ["a", "b"]),
        ("SELECT ?a { ?a a ?b MINUS { ?a a ?c } FILTER NOT EXISTS { ?a a ?d } }", ["b"]),
        ("SELECT ?a { { ?a a ?b } UNION { ?a a ?c } OPTIONAL { ?a a ?d } }", ["b", "c", "d"]),
        ("SELECT ?a { ?a a ?b { SELECT ?c { ?c a ?d } } }", ["b", "c"]),
        ("SELECT ?a { ?a a <urn:b> }", []),
        ("SELECT * { ?a ?b ?c }", []),
        ("ASK { ?a ?b ?c }", []),
        ("CONSTRUCT WHERE { ?a ?b ?c }", []),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c { SELECT ?a { ?a ?d ?e } } }", []),
        ("DESCRIBE ?a { ?a ?b ?c }", []),
    ],
)
def test_hidden_variables_become_columns(text: str, hidden: list[str]) -> None:
    """What a SELECT binds and does not show becomes columns behind its own, and what is not a SELECT stays as it is."""
    wide, names = binding.with_all_variables(text)
    assert names == hidden
    if not hidden:
        assert wide == text
        return
    store = ox.Store()
    own, all_columns = (
        [variable.value for variable in found.variables]
        for found in (store.query(text), store.query(wide))
        if isinstance(found, ox.QuerySolutions)
    )
    assert [name.rstrip("_") for name in all_columns] == [*own, *hidden]


@pytest.mark.parametrize("text", ["", "?p", "<urn:a> <urn:b>", "<urn:a> ?x . ?y <urn:b>", "<a>"])
def test_what_is_not_a_path_has_none(text: str) -> None:
    """A text is a path if it can stand between a subject and an object, with IRIs in full."""
    assert patterns.path(text) is None


def test_path_is_its_tree() -> None:
    """The tree of a path is that of the grammar."""
    path = patterns.path("^<urn:a>/<urn:b>*")
    assert isinstance(path, tree.PathSequence)
    assert [type(step) for step in path.steps] == [tree.PathInverse, tree.PathRepeat]
