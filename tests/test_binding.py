"""A value reaches every scope that uses its parameter, and changes nothing else."""

import re

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from triplomacy import binding, queries
from triplomacy.dataset import Dataset, Project
from triplomacy.errors import BadParameter, TriplomacyError

X = ox.NamedNode("https://example.com/x")
BLOCK = f"VALUES ?p {{ {X} }}"


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("SELECT ?s WHERE { ?s ?q ?p }", 1),
        ("SELECT ?p WHERE { ?s ?q ?o }", 1),
        ("SELECT ?s { ?s ?q ?o } ORDER BY ?p", 1),
        ("ASK { ?s ?q ?p }", 1),
        ("ASK { ?s ?q $p }", 1),
        ("SELECT ?s WHERE { ?s ?q ?o OPTIONAL { ?s ?r ?p } }", 1),
        ("SELECT ?s WHERE { { ?s ?q ?p } UNION { ?p ?q ?s } }", 2),
        ("SELECT ?s WHERE { ?s ?q ?p MINUS { ?s ?r ?p } }", 2),
        ("SELECT ?s WHERE { ?s ?q ?o FILTER NOT EXISTS { ?s ?r ?p } }", 1),
        ("SELECT ?s WHERE { ?s ?q ?p { SELECT ?s WHERE { ?s ?r ?p } } }", 2),
        ("SELECT ?s WHERE { { SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?r ?o } GROUP BY ?s ORDER BY ?p } }", 1),
        ("SELECT ?s (EXISTS { ?s ?r ?p } AS ?e) WHERE { ?s ?q ?o }", 1),
        ("SELECT ?s WHERE { GRAPH ?p { ?s ?q ?o } }", 1),
        ("SELECT ?s WHERE { VALUES ?o { 1 2 } ?s ?p ?o }", 1),
        ("SELECT ?s WHERE { VALUES (?o ?q) { (1 UNDEF) } ?s ?p ?o }", 1),
        ("CONSTRUCT { ?s ?q ?p } WHERE { ?s ?q ?o }", 1),
        ("SELECT ?s WHERE { ?s ?q ?o FILTER (?o<?p && ?p>?q) }", 1),
        ('SELECT ?s WHERE { ?s <https://example.com/?p> ?o ; ex:a ?p . FILTER (?o != "?p {") } # ?p {', 1),
    ],
)
def test_every_scope_that_uses_it_gets_the_value(text: str, times: int) -> None:
    """A VALUES block stands in each group that uses the parameter, and in no other, and the text still parses."""
    bound = binding.bind(text, {"p": [X]})
    assert bound.count(BLOCK) == times
    assert bound.replace(f" {BLOCK} ", "") == text
    ox.Store().query(bound, prefixes={"ex": "https://example.com/"})


def test_value_reaches_a_sub_select() -> None:
    """A sub-select is evaluated on its own and still sees the value."""
    store = ox.Store()
    for name in ("a", "b"):
        node = ox.NamedNode(f"https://example.com/{name}")
        store.add(ox.Quad(node, ox.NamedNode("https://example.com/is"), node))
    text = "SELECT ?n WHERE { { SELECT (COUNT(?s) AS ?n) WHERE { ?s <https://example.com/is> ?p } } }"
    (row,) = Dataset(store).select(binding.bind(text, {"p": [ox.NamedNode("https://example.com/a")]}))
    assert row["n"].value == "1"


def test_unused_parameter_is_an_error() -> None:
    """A parameter that no group uses is refused."""
    with pytest.raises(BadParameter, match="no group that uses"):
        binding.bind("SELECT ?s WHERE { ?s ?q ?o }", {"p": [X]})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT ?s FROM <https://example.com/g> { ?s ?p ?o }", True),
        ("SELECT ?graph WHERE { ?graph ?from 'GRAPH FROM' } # GRAPH", False),
        ("SELECT ?s WHERE { ?s ex:GRAPH <https://example.com/FROM> }", False),
    ],
)
def test_query_that_names_graphs_is_told_apart(text: str, names: bool) -> None:
    """GRAPH and FROM count as keywords only."""
    assert binding.uses_named_graphs(text) is names


STORED = [queries.find(Project(ROOT), f"{theme}/{name}") for theme, name in queries.names(Project(ROOT))]
TEXT = """#+ summary: Which?
#+ parameters:
#+   it: {type: string, description: x}

SELECT ?s WHERE { ?s ?p ?it FILTER NOT EXISTS { ?s ?q ?it } { SELECT ?s WHERE { ?s ?p ?it } } }
"""

SMUGGLED = [
    '" } DROP ALL #',
    "'; DROP TABLE claims; --",
    "id:syria> } UNION { ?s ?p ?o } #",
    "id:x } ; INSERT DATA { <a:b> <a:c> <a:d> } #",
    "https://example.com/> ?p ?o } SERVICE <http://127.0.0.1/> { ?s ?p ?o",
    "<https://example.com/x> . ?s ?p ?o",
    "\\u0022 } #",
    "\\",
    '"""',
    "'''",
    "\n} SELECT * WHERE { ?s ?p ?o",
    "\r\n",
    "\t",
    "x\x00y",
    "?s",
    "$it",
    "{ }",
    "}",
    "# comment",
    "/* */",
    "%22%7D",
    "<!-- -->",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "' OR '1'='1",
    '" OR ""="',
    "1; SELECT pg_sleep(10)",
    "admin'--",
    "UNION ALL SELECT NULL",
    "BIND(1 AS ?x)",
    "VALUES ?it { 1 }",
    "FILTER(false)",
    "_:b",
    "@en",
    '"x"@en',
    '"x"^^xsd:string',
    "\u202eevil",
    "\ufeff",
    "\U0001f600",
    "a" * 10_000,
]


def algebra(text: str, value: str) -> str:
    """Return rdflib's algebra of a query without its sets of variables, the value in it blanked."""
    from rdflib import Literal
    from rdflib.plugins.sparql import prepareQuery

    shown = str(prepareQuery(text).algebra).replace(repr(Literal(value)), "VALUE")
    return re.sub(r"'_vars': (?:set\(\)|\{.*?\})", "", shown)


def bound_text(tmp_path, value: str) -> str:
    """Return the stored query of TEXT with a value bound."""
    path = tmp_path / "q" / "one.rq"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT, encoding="utf-8")
    return queries.bind(queries.read(path), {"it": value}).text


@pytest.mark.parametrize("value", SMUGGLED, ids=range(len(SMUGGLED)))
def test_smuggled_string_stays_a_string(value: str, tmp_path) -> None:
    """What looks like SPARQL in a value is one literal, the same in every scope, and the algebra stays as it was."""
    text = bound_text(tmp_path, value)
    assert text.count(f"VALUES ?it {{ {binding.written(ox.Literal(value))} }}") == 2 + 1
    assert algebra(text, value) == algebra(bound_text(tmp_path, "harmless"), "harmless")
    store = ox.Store()
    node = ox.NamedNode("https://example.com/s")
    store.add(ox.Quad(node, node, ox.Literal(value)))
    assert [row["s"] for row in Dataset(store).select(text.replace("FILTER NOT EXISTS", "FILTER EXISTS"))] == [node]


@pytest.mark.parametrize("value", SMUGGLED, ids=range(len(SMUGGLED)))
def test_smuggled_iri_is_refused(value: str, article: Dataset) -> None:
    """No such value passes for the IRI or the name of an entity in any stored query."""
    asked = [(query, parameter.name) for query in STORED for parameter in query.parameters if parameter.type == "iri"]
    assert asked
    for query, name in asked[:6]:
        with pytest.raises(TriplomacyError):
            queries.bind(query, {name: value}, article)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_string_changes_the_algebra(value: str) -> None:
    """Whatever the characters, the bound query has the algebra of the query with a harmless value."""
    text = "SELECT ?s WHERE { ?s ?p ?it MINUS { ?s ?q ?it } }"
    bound = binding.bind(text, {"it": [ox.Literal(value)]})
    assert bound.replace(f" VALUES ?it {{ {binding.written(ox.Literal(value))} }} ", "") == text
    assert algebra(bound, value) == algebra(binding.bind(text, {"it": [ox.Literal("harmless")]}), "harmless")
