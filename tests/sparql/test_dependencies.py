"""What a query depends on: its patterns with their nesting, what is counted, and what nobody can tell."""

import pyoxigraph as ox
import pytest

from triplomacy.sparql import dependencies
from triplomacy.sparql.dependencies import Pattern, Unread
from triplomacy.terms import PREFIXES, RDF, TRI, XSD

TYPE = ox.NamedNode(f"{RDF}type")
KEY, VIA = (ox.NamedNode(f"{TRI}{name}") for name in ("key", "via"))


def body(text: str) -> dependencies.QueryPatterns:
    """Return what a query depends on."""
    return dependencies.body(text, PREFIXES)


def steps(text: str) -> list[set[tuple[str | None, bool]]]:
    """Return the steps of each pattern, properties by their local names."""
    found = body(f"SELECT ?this {{ {text} }}").patterns
    return [{(name and name.value.rpartition("#")[2], backwards) for name, backwards in each.steps} for each in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tri:key", [{("key", False)}]),
        ("^tri:key", [{("key", True)}]),
        ("tri:key|^tri:via", [{("key", False), ("via", True)}]),
        ("tri:key/tri:via", [{("key", False)}, {("via", False)}]),
        ("^(tri:key/tri:via)", [{("key", False)}, {("via", False)}]),
        ("(tri:key|tri:via)+", [{("key", False), ("via", False)}]),
        ("(tri:key/tri:via)|tri:act", [{("key", False)}, {("via", False)}, {("act", False)}]),
        ("?p", [{(None, False)}]),
    ],
)
def test_steps_of_a_path(path: str, expected: list[set[tuple[str | None, bool]]]) -> None:
    """Each step of a path is a pattern, and alternatives of single steps are one."""
    assert steps(f"?this {path} ?x") == expected


@pytest.mark.parametrize(
    ("sign", "repeated", "empty"), [("*", True, True), ("+", True, False), ("?", False, True), ("", False, False)]
)
def test_path_that_repeats_or_is_left_out(sign: str, repeated: bool, empty: bool) -> None:
    """A pattern says whether steps may follow each other, and whether there may be none."""
    (pattern,) = body(f"SELECT ?this {{ ?this tri:via{sign} ?x }}").patterns
    assert (pattern.repeated, pattern.empty) == (repeated, empty)


def test_inverse_path_swaps_its_ends() -> None:
    """A path of several steps that is gone backwards begins where it would end."""
    one, other = body("SELECT ?this { ?this ^(tri:key/tri:via) ?x }").patterns
    assert (one.subject, one.object, other.subject, other.object) == ("x", ".1", ".1", "this")


def test_focus_takes_another_name_everywhere_and_nothing_else_does() -> None:
    """The variable ``this`` is renamed in patterns and in blocks of data; other variables keep their names."""
    text = "SELECT ?this { VALUES ?this { id:syria } VALUES ?x { id:russia } ?this tri:key ?x }"
    found = body(text).with_focus("node")
    assert [(each.subject, each.object) for each in found.patterns] == [("node", "x")]
    assert [(name, len(terms)) for name, terms, _ in found.values] == [("node", 1), ("x", 1)]


def test_terms_of_patterns() -> None:
    """Variables are names, nodes and texts are terms, and each node without a name is a variable of its own."""
    text = "SELECT ?this { ?this tri:key 'it\\'s'@en , \"1\"^^xsd:integer , true , _:a , [] . _:a a tri:State }"
    ends = [pattern.object for pattern in body(text).patterns]
    assert ends == [
        ox.Literal("it's", language="en"),
        ox.Literal("1", datatype=ox.NamedNode(f"{XSD}integer")),
        ox.Literal("true", datatype=ox.NamedNode(f"{XSD}boolean")),
        *(":a", ".1"),
        ox.NamedNode(f"{TRI}State"),
    ]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("SELECT ?this { ?this tri:key ?x }", False),
        ("SELECT ?this { ?this tri:key ?x } GROUP BY ?this", False),
        ("SELECT ?this (COUNT(?x) AS ?n) { ?this tri:key ?x } GROUP BY ?this", True),
        ("SELECT ?this { ?this tri:key ?x } GROUP BY ?this HAVING (COUNT(?x) > 1)", True),
        ("SELECT ?this { { SELECT ?this (MAX(?x) AS ?n) { ?this tri:key ?x } GROUP BY ?this } }", True),
    ],
)
def test_what_is_counted(text: str, counted: bool) -> None:
    """Solutions that are counted, or of which one is chosen, are marked; grouping alone counts nothing."""
    assert [pattern.counted for pattern in body(text).patterns] == [counted]


def test_names_of_a_sub_select() -> None:
    """What a query within another does not select has a name of its own there, and with all of it none has."""
    one, other = body("SELECT ?this { ?this tri:key ?x { SELECT ?this { ?this tri:via ?x } } }").patterns
    assert (one.object, other.subject, other.object) == ("x", "this", "x~1")
    one, other = body("SELECT ?this { ?this tri:key ?x { SELECT * { ?this tri:via ?x } } }").patterns
    assert (one.object, other.object) == ("x", "x")


def test_names_have_a_mark_and_groups_stand_in_others() -> None:
    """Variables but ``this`` end with a mark, and all patterns stand in the nesting that is given."""
    found = dependencies.body("SELECT ?this { ?this tri:key ?x }", PREFIXES, within=(7,), mark="/2")
    assert found.patterns == [Pattern("this", frozenset({(KEY, False)}), "x/2", (7,))]


def test_groups_in_expressions_are_read() -> None:
    """The patterns of EXISTS count wherever it stands: in a filter, in what is bound, in a column and behind."""
    text = """SELECT ?this (EXISTS { ?this tri:key ?a } AS ?b) {
        ?this a tri:State FILTER (1 = 2 || NOT EXISTS { ?this tri:via ?c }) BIND (EXISTS { ?d tri:act ?this } AS ?e)
    } ORDER BY (EXISTS { ?this tri:led ?f })"""
    assert [pattern.nesting for pattern in body(text).patterns] == [(1,), (), (2,), (3,), (4,)]


def test_variables_that_are_asked_for_once() -> None:
    """A variable of which nothing else is asked is unconstrained; one in a filter, an order or a column is not."""
    text = "SELECT ?this ?a { ?this tri:key ?a , ?b , ?c ; tri:via ?d FILTER (?b > 1) } ORDER BY ?c"
    assert body(text).unconstrained == {"d"}


def test_terms_of_data() -> None:
    """A block of data bounds its variables, but for one that may have any term."""
    found = body("SELECT ?this { VALUES (?this ?x) { (tri:a UNDEF) (tri:b 'x') } ?this tri:key ?x }")
    assert found.values == [("this", frozenset({ox.NamedNode(f"{TRI}a"), ox.NamedNode(f"{TRI}b")}), ())]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ?this FROM <urn:g> { ?this a ?c }", "FROM"),
        ("SELECT ?this { SERVICE <urn:s> { ?this a ?c } }", "SERVICE"),
        ("SELECT ?this { GRAPH ?g { ?this a ?c } }", "GRAPH"),
        ("SELECT ?this { ?this a ?c LATERAL { ?c a ?d } }", "LATERAL"),
        ("SELECT ?this { ?this a ?c } OFFSET 1", "OFFSET behind its group"),
        ("SELECT ?this { ?this a ?c } VALUES ?c { tri:a }", "VALUES behind its group"),
        ("SELECT ?this { ?this tri:key 1.0 }", "a literal where a node may stand"),
        ("SELECT ?this { ?this tri:key [ a ?c ] }", "a blanknodepropertylist where a node may stand"),
        ("SELECT ?this { ?this tri:key ?x {| tri:via ?y |} }", "an annotation"),
        ("SELECT ?this { ?this !tri:key ?x }", "a path of any step but some"),
        ("SELECT ?this { ?this tri:key ?x", "a query that is not understood: expected"),
        ("CONSTRUCT WHERE { ?this a ?c }", "a query that is not a SELECT"),
    ],
)
def test_what_cannot_be_told_says_why(text: str, reason: str) -> None:
    """A part of which nobody can tell what it depends on is named."""
    with pytest.raises(Unread) as refused:
        body(text)
    assert refused.value.message.startswith(reason)
