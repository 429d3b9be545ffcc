"""A value reaches every scope that uses its parameter, and changes nothing else."""

import re
from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import ROOT
from triplomacy import queries
from triplomacy.dataset.dataset import Dataset, MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter, TriplomacyError
from triplomacy.queries import parameters
from triplomacy.sparql import binding, services, tree
from triplomacy.sparql.syntax import read
from triplomacy.terms import PREFIXES

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
        ('SELECT ?s WHERE { ?s <https://example.com/?p> ?o ; id:a ?p . FILTER (?o != "?p {") } # ?p {', 1),
    ],
)
def test_every_scope_that_uses_it_gets_the_value(text: str, times: int) -> None:
    """A VALUES block stands in each group that uses the parameter, and in no other, and the text still parses."""
    bound = binding.bind(text, {"p": [X]})
    assert bound.count(BLOCK) == times
    assert bound.replace(f" {BLOCK} ", "") == text
    ox.Store().query(bound, prefixes=dict(PREFIXES))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * { ?s ?p ?o }", ["s", "p", "o"]),
        ("SELECT DISTINCT * WHERE { $s ?p ?o }", ["s", "p", "o"]),
        ("SELECT ?o ?p ?s { ?s ?p ?o }", ["o", "p", "s"]),
        ("SELECT ?o (?p * 2 AS ?q) ?s { { SELECT * { ?s ?p ?o } } }", ["o", "q", "s"]),
    ],
)
def test_all_columns_are_in_the_order_of_the_query(text: str, columns: list[str], article: Dataset) -> None:
    """SELECT * has its columns as the query names them first, and each other query as it lists them."""
    answer = queries.evaluate(article, f"{text} LIMIT 1")
    assert answer.columns == tuple(columns)
    labels = queries.evaluate(article, "SELECT * { ?z rdfs:label ?a }")
    assert labels.columns == ("z", "a")
    assert all(isinstance(row["a"], ox.Literal) and not isinstance(row["z"], ox.Literal) for row in labels)


def test_value_reaches_a_sub_select() -> None:
    """A sub-select is evaluated on its own and still sees the value."""
    store = ox.Store()
    for name in ("a", "b"):
        node = ox.NamedNode(f"https://example.com/{name}")
        store.add(ox.Quad(node, ox.NamedNode("https://example.com/is"), node))
    text = "SELECT ?n WHERE { { SELECT (COUNT(?s) AS ?n) WHERE { ?s <https://example.com/is> ?p } } }"
    (row,) = MemoryDataset(store).select(binding.bind(text, {"p": [ox.NamedNode("https://example.com/a")]}))
    assert row["n"].value == "1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONSTRUCT WHERE { ?p e:is ?o }", "CONSTRUCT { ?p e:is ?o } WHERE {@ ?p e:is ?o }"),
        (
            "BASE <x:> construct # WHERE {\n FROM <y:g> where { ?p e:is [] # }\n. } LIMIT 3",
            "BASE <x:> construct { ?p e:is [] # }\n. } # WHERE {\n FROM <y:g> where {@ ?p e:is [] # }\n. } LIMIT 3",
        ),
    ],
)
def test_short_construct_has_its_template_written_out(text: str, expected: str) -> None:
    """The pattern of CONSTRUCT WHERE is its template too, and a template has no VALUES."""
    head = "PREFIX e: <https://example.com/> "
    bound = binding.bind(head + text, {"p": [X]})
    assert bound == head + expected.replace("@", f" {BLOCK} ")
    store = ox.Store()
    store.load(f"{head} GRAPH <y:g> {{ e:x e:is 1 . e:y e:is 2 }}".encode(), ox.RdfFormat.TRIG)
    found = store.query(bound, use_default_graph_as_union="FROM" not in text)
    assert isinstance(found, ox.QueryTriples)
    assert [triple.predicate.value for triple in found] == ["https://example.com/is"]
    assert binding.with_template(bound) == bound


@pytest.mark.parametrize(
    ("text", "expected", "hidden"),
    [
        (
            "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1 OFFSET 2 VALUES ?o { 1 }",
            "SELECT ?s ?o ?p { ?s ?p ?o }  VALUES ?o { 1 }",
            ["o", "p"],
        ),
        ("SELECT ?s { ?s ?p 1 } OFFSET 2 LIMIT 1", "SELECT ?s ?p { ?s ?p 1 } ", ["p"]),
        ("SELECT ?s { ?s ?p 1 } VALUES ?p { 1 }", "SELECT ?s ?p { ?s ?p 1 }  VALUES ?p { 1 }", ["p"]),
        ("SELECT ?s { ?s a 1 } LIMIT 1", None, []),
        ("SELECT * { ?s ?p ?o } LIMIT 1", None, []),
        ("ASK { ?s ?p ?o }", None, []),
    ],
)
def test_all_variables_become_columns(text: str, expected: str | None, hidden: list[str]) -> None:
    """Variables without a column get one, and all rows are there: what orders and limits them is left out."""
    wide, added = binding.with_all_variables(text)
    assert (" ".join(wide.split()), added) == (" ".join((expected or text).split()), hidden)


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
        ("SELECT ?s WHERE { ?s id:GRAPH <https://example.com/FROM> }", False),
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
    assert text.count(f"VALUES ?it {{ {binding.write_term(ox.Literal(value))} }}") == 2 + 1
    assert algebra(text, value) == algebra(bound_text(tmp_path, "harmless"), "harmless")
    store = ox.Store()
    node = ox.NamedNode("https://example.com/s")
    store.add(ox.Quad(node, node, ox.Literal(value)))
    assert [row["s"] for row in MemoryDataset(store).select(text.replace("FILTER NOT EXISTS", "FILTER EXISTS"))] == [
        node
    ]


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
    assert bound.replace(f" VALUES ?it {{ {binding.write_term(ox.Literal(value))} }} ", "") == text
    assert algebra(bound, value) == algebra(binding.bind(text, {"it": [ox.Literal("harmless")]}), "harmless")


BACKSLASHED = [
    "\x000000",
    "\\\x1b",
    "\\\x00u0022",
    "\\u0022",
    "\\\\U00000022",
    '\\\x7f"}',
    "\\u005C",
    "u\\",
    "\\N",
    "\\\\\\\ufffe",
]


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("\\uU0027xN\"'\n\r\t\x00\x1b\x7f\ufffe}{?#"), max_size=12))
def test_escapes_keep_the_value(value: str) -> None:
    """Backslashes before letters, quotation marks and control characters come back as they were, from either engine."""
    keeps_the_value(value)


@pytest.mark.parametrize("value", BACKSLASHED, ids=ascii)
def test_backslash_before_what_is_escaped_itself(value: str) -> None:
    r"""An escaped backslash beside a character that is written as ``\u001B`` is not taken for one escape."""
    keeps_the_value(value)


def keeps_the_value(value: str) -> None:
    """Assert that both engines read a bound value as that value."""
    import rdflib

    text = binding.bind("SELECT ?it WHERE { ?it ?p ?o OPTIONAL { ?s ?q ?it } }", {"it": [ox.Literal(value)]})
    text = text.replace("?it ?p ?o OPTIONAL { ", "").replace("?s ?q ?it } }", "}")
    (row,) = queries.evaluate(MemoryDataset(ox.Store()), text).rows
    assert row == (ox.Literal(value),)
    assert [str(cell) for row in rdflib.Graph().query(text).bindings for cell in row.values()] == [value]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT ?s { ?s ?q ?o FILTER (?o<?p&&?p>?q) }", {"s", "q", "o", "p"}),
        ("SELECT ?s { ?s ?q ?o FILTER (IF(?o<5,?p>3,?r)) }", {"s", "q", "o", "p", "r"}),
        ("SELECT ?s { ?s <https://example.com/?x=1,y> 'a' # ?no\r\n ; id:a\\?b ?p }", {"s", "p"}),
        ("SELECT ?s { ?s ?cafe\u0301 '''?no } \" ''', \"\"\"?no ' { \"\"\", '?no\\' {' }", {"s", "cafe\u0301"}),
        ("SELECT ?s { ?s id:p? ?o . ?s (id:p|^id:q)* $d }", {"s", "o", "d"}),
    ],
)
def test_variables_are_those_of_the_grammar(text: str, names: set[str]) -> None:
    """What looks like a variable, a brace or an IRI elsewhere is none: in strings, comments, IRIs and comparisons."""
    assert {name for name in (*names, "no", "x", "b") if binding.uses(text, name)} == names
    assert tree.variables(read(text)) == names


@pytest.mark.parametrize("tag", ["ask", "select", "graph", "from-CA"])
def test_language_is_no_keyword(tag: str) -> None:
    """A language tag that reads like a keyword opens no query and names no graph."""
    text = f"SELECT ?s WHERE {{ ?s ?q 'x'@{tag} ; ?r ?p }}"
    assert binding.bind(text, {"p": [X]}).count(BLOCK) == 1
    assert not binding.uses_named_graphs(text)


# What ends a string, an IRI, a group or a line, before and behind what somebody would want to run there.
PAYLOADS = [
    "DROP ALL",
    "DELETE WHERE { ?s ?p ?o }",
    "INSERT DATA { <a:b> <a:c> <a:d> }",
    "SERVICE <http://127.0.0.1/> { ?s ?p ?o }",
    "UNION { ?s ?p ?o }",
    "OPTIONAL { ?s ?p ?o }",
    "MINUS { ?s ?p ?o }",
    "FILTER (1 = 1)",
    "ORDER BY RAND()",
    "1 OR 1=1",
    "'; EXEC xp_cmdshell('dir'); --",
    "' UNION SELECT password FROM users --",
    "waitfor delay '0:0:5'",
    "ASK { ?s ?p ?o }",
    "?s ?p ?o .",
]
AROUND = [('" ', " #"), ("' ", " #"), ("> ", " <"), ("} ", " {"), ('"""', '"""'), ("'''", "'''"), ("\\u0022 ", "")]
AROUND += [("\n", "\n"), ("*/ ", " /*"), (") ", " ("), ("", "\\")]

MORE_SMUGGLED = [
    *SMUGGLED,
    *BACKSLASHED,
    *(f"{before}{payload}{behind}" for before, behind in AROUND for payload in PAYLOADS),
    "id:syria\n} ; DROP ALL ; SELECT * {",
    "<https://example.com/a>} #",
    "https://example.com/{x}",
    "https://example.com/\\u003E",
    "https://example.com/a b",
    "https://example.com/\u2028",
    "urn:x> . ?s ?p ?o . FILTER(true) #",
    "id:x\\",
    'id:"',
    "javascript:alert(1)",
    "file:///etc/passwd",
    "VALUES ?recognised { UNDEF }",
    "?recognised",
    "_:recognised",
    '"] } LOAD <http://127.0.0.1/>',
    "CLEAR ALL; CREATE GRAPH <urn:g>",
    "} GROUP BY ?s HAVING (COUNT(*) > 0) #",
    "} LIMIT 0 #",
    "BASE <http://127.0.0.1/>",
    "PREFIX id: <http://127.0.0.1/>",
    "\u2066} UNION {\u2069",
    "\ud7ff\ue000",
    "\u0430dmin",
    "<<( <a:b> <a:c> <a:d> )>>",
]


WITH_PARAMETERS = [query for query in STORED if query.parameters and not services.clauses(query.text)]


@pytest.mark.parametrize("query", WITH_PARAMETERS, ids=lambda query: query.name)
def test_no_smuggled_value_changes_a_stored_query(query: queries.StoredQuery) -> None:
    """Each value, string or IRI, stands in the algebra of every stored query as one term, and changes nothing else."""
    strings = [ox.Literal(value) for value in MORE_SMUGGLED]
    assert len(set(MORE_SMUGGLED)) >= 200
    iris = [iri for value in MORE_SMUGGLED if (iri := as_iri(value)) is not None]
    choices: tuple[Sequence[binding.Term], ...] = (strings, iris)
    for terms in choices:
        harmless = [ox.Literal(f"h{number}") for number, _ in enumerate(terms)]
        tree, found = blanked(query, terms)
        assert tree.count("TERM") >= len(terms) > 1
        assert tree == blanked(query, harmless)[0]
        assert found == {term.value for term in terms}


@pytest.mark.parametrize("value", MORE_SMUGGLED)
def test_no_smuggled_value_becomes_an_endpoint(value: str) -> None:
    """What is not an address of HTTP is refused as an endpoint, and one that is has no brackets or spaces."""
    (query,) = (query for query in STORED if services.clauses(query.text))
    try:
        (term,) = queries.bind(query, {"service": value}).values["service"]
    except BadParameter:
        return
    assert re.fullmatch(r"https?://[^\s<>{}\"\\^`|]+", term.value)


def as_iri(value: str) -> ox.NamedNode | None:
    """Return the IRI that a value is by itself, or None where it is refused."""
    try:
        return parameters.resolve(value, None)
    except BadParameter:
        return None


def blanked(query: queries.StoredQuery, terms: Sequence[binding.Term]) -> tuple[str, set[str]]:
    """Return rdflib's algebra of a stored query with its first parameter bound, terms blanked, and their values."""
    from rdflib.plugins.sparql import prepareQuery
    from rdflib.term import Identifier

    values = {term.value for term in terms}
    found: set[str] = set()

    def walk(node: object) -> object:
        if isinstance(node, Identifier) and str(node) in values:
            found.add(str(node))
            return "TERM"
        if isinstance(node, dict):
            return [type(node).__name__, getattr(node, "name", ""), *((key, walk(node[key])) for key in sorted(node))]
        if isinstance(node, list | tuple):
            return [walk(part) for part in node]
        return sorted(map(str, node)) if isinstance(node, set | frozenset) else repr(node)

    bound = binding.bind(query.text, {query.parameters[0].name: terms})
    return re.sub(r"N[0-9a-f]{32}", "B", str(walk(prepareQuery(bound).algebra))), found


@pytest.mark.parametrize("name", ["who-recognises", "does-it-recognise", "how-many-voted-against", "since-when"])
def test_answer_is_that_of_the_value_written_by_hand(name: str, article: Dataset) -> None:
    """The term written by hand for its parameter gives the same rows, also in EXISTS, OPTIONAL and aggregates."""
    query = next(query for query in STORED if query.name == name)
    bound = queries.bind(query, {}, article)
    by_hand = "\n".join(line for line in query.text.splitlines() if not line.startswith("#"))
    for parameter, (term,) in bound.values.items():
        by_hand = re.sub(rf"\?{parameter}\b", str(term), by_hand)
    assert queries.run(article, bound).rows
    assert queries.evaluate(article, by_hand).rows == queries.run(article, bound).rows
