"""What a query may say: bounds on its size, no other server, no update, no graph that is not here."""

import gc
import time
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from triplomacy.errors import MalformedInput, UnknownName
from triplomacy.server.bounds import Bounds
from triplomacy.server.workers import query_limits

GRAPHS = ("http://a.example/one", "http://a.example/two")
BOUNDS = Bounds()
REFUSALS = (MalformedInput, query_limits.TooMuch, query_limits.Forbidden, UnknownName)


def read(text: str, bounds: Bounds = BOUNDS) -> query_limits.QueryDemand:
    """Return what a query says about itself."""
    return query_limits.read(text, bounds, GRAPHS, "http://a.example/sparql")


# Wherever the grammar lets it stand, in every spelling, beside whatever may stand before it.
SERVICES = {
    "plain": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "lower case": "select * { service <http://127.0.0.1/> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <http://127.0.0.1/> { ?s ?p ?o } }",
    "silent, close": "SELECT * {SERVICESILENT<http://127.0.0.1/>{?s ?p ?o}}",
    "variable": "SELECT * { VALUES ?e { <http://127.0.0.1/> } SERVICE ?e { ?s ?p ?o } }",
    "variable, close": "SELECT * {SERVICE?e{?s ?p ?o}}",
    "prefixed name": "PREFIX e: <http://127.0.0.1/> SELECT * { SERVICE e: { ?s ?p ?o } }",
    "prefixed name, close": "PREFIX : <http://127.0.0.1/> SELECT * {SERVICE:x{?s ?p ?o}}",
    "sub-select": "SELECT * { { SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } } }",
    "optional": "SELECT * { OPTIONAL { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } }",
    "union": "SELECT * { { ?s ?p ?o } UNION { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } }",
    "minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } }",
    "exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } }",
    "exists in bind": "SELECT * { BIND(EXISTS{SERVICE<http://127.0.0.1/>{?s ?p ?o}} AS ?x) }",
    "graph": "SELECT * { GRAPH ?g { SERVICE <http://127.0.0.1/> { ?s ?p ?o } } }",
    "service": "SELECT * { SERVICE <http://127.0.0.1/> { SERVICE <http://127.0.0.1/2> { ?s ?p ?o } } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "ask": "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a dot": "SELECT * { ?s ?p ?x.SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after an empty local name": "PREFIX p: <x:> SELECT * { ?s ?p p:.SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a number": "SELECT * { ?s ?p 1.SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a boolean": "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a string": "SELECT * { ?s ?p 'x'SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a long string": "SELECT * { ?s ?p '''it's'''SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a language": "SELECT * { ?s ?p 'x'@en.SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after an IRI": "SELECT * { ?s ?p <x:y>SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a filter": "SELECT * { FILTER(?a<1)SERVICE <http://127.0.0.1/> { ?s ?p ?o } FILTER(?b>2) }",
    "between comparisons": "SELECT * { FILTER(?a<?b)SERVICE <http://127.0.0.1/> { ?s ?p ?o } FILTER(?b>2) }",
    "after a comment": "SELECT * { # <\nSERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after a comment, CR": "SELECT * { # '''\rSERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "escaped": "SELECT * { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "escaped, eight digits": "SELECT * { \\U00000053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "escaped quotation marks": "SELECT * { ?s ?p 'a\\u0027 . SERVICE <http://127.0.0.1/> { ?s ?p ?o } #' }",
    "escaped backslash": "SELECT * { ?s ?p 'a\\\\' . SERVICE <http://127.0.0.1/> { ?s ?p ?o } #' }",
    "after VALUES": "SELECT * { VALUES (?a ?b) { (1 2) } SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "after WHERE": "SELECT * WHERE{SERVICE<http://127.0.0.1/>{?s ?p ?o}}",
}


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES)
def test_service_is_refused(text: str) -> None:
    """SERVICE is refused wherever it can stand, however it is written."""
    with pytest.raises(query_limits.Forbidden, match="SERVICE would ask another server"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service a <http://a.example/service> }",
        "PREFIX tri: <http://a.example/> SELECT * { ?s tri:service ?o }",
        "SELECT * { ?s ?p 'SERVICE <http://127.0.0.1/> { }' }",
        'SELECT * { ?s ?p """SERVICE "quoted" <http://127.0.0.1/> { }""" }',
        "SELECT * { ?s ?p 'it\\'s SERVICE' } # SERVICE <http://127.0.0.1/>",
        "SELECT * { ?s <http://a.example/SERVICE> ?o }",
        "SELECT * { ?s ?p 'x'@en-service }",
        "SELECT * { _:service ?p _:b.service }",
        "SELECT (NOW() AS ?now) {}",
        "SELECT * { ?s ?p 'drop all; insert data' }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?load } GROUP BY ?load",
    ],
)
def test_what_only_looks_like_it_is_not_refused(text: str) -> None:
    """A variable, a name, a string, an IRI, a language and a comment may say service, load or drop."""
    read(text)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/>",
        "LOAD SILENT <file:///etc/passwd> INTO GRAPH <x:y>",
        "PREFIX a: <x:> INSERT DATA { a:a a:a a:a }",
        "BASE <x:> # SELECT\nDELETE WHERE { ?s ?p ?o }",
        "WITH <x:y> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "clear all",
        "DROP GRAPH <x:y>",
        "CREATE GRAPH <x:y>",
        "COPY DEFAULT TO <x:y>",
        "MOVE DEFAULT TO <x:y>",
        "ADD DEFAULT TO <x:y>",
        "\\u0044ROP ALL",
    ],
)
def test_updates_are_forbidden(text: str) -> None:
    """An update is refused for what it is."""
    with pytest.raises(query_limits.Forbidden, match="nothing here can be changed"):
        read(text)


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT * FROM <http://a.example/one> { ?s ?p ?o }", GRAPHS[:1], ()),
        ("SELECT * FROM <one> FROM <two> FROM <one> { ?s ?p ?o }", GRAPHS, ()),
        ("BASE <http://a.example/x> ASK FROM NAMED <two> FROM <one> { ?s ?p ?o }", GRAPHS[:1], GRAPHS[1:]),
        ("PREFIX a: <http://a.example/> SELECT * FROM a:one { ?s ?p ?o }", GRAPHS[:1], ()),
        ("SELECT*FROM<one>{?s ?p ?o}", GRAPHS[:1], ()),
        ("SELECT * { ?s ?p 'FROM <http://b.example/>' }", (), ()),
    ],
)
def test_graphs_that_are_asked(text: str, default: tuple[str, ...], named: tuple[str, ...]) -> None:
    """The graphs of FROM and FROM NAMED are found, relative and prefixed ones too, each once."""
    asked = read(text)
    assert (asked.default_graphs, asked.named_graphs) == (default, named)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <http://127.0.0.1:9/x> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { ?s ?p ?o }",
        "PREFIX e: <http://127.0.0.1/> SELECT * FROM e:x { ?s ?p ?o }",
        "BASE <http://127.0.0.1/> SELECT * FROM <x> { ?s ?p ?o }",
    ],
)
def test_other_graphs_are_refused(text: str) -> None:
    """A graph that is not here is not an empty graph, and is not fetched."""
    with pytest.raises(UnknownName, match="no such graph here, and none is fetched"):
        read(text)


def test_bounds() -> None:
    """A query has so many characters, tokens and open brackets, and no string without an end."""
    with pytest.raises(query_limits.TooMuch, match="32,768 characters, and this one has 32,769"):
        read("A" * 32_769)
    with pytest.raises(query_limits.TooMuch, match="8,192 words and signs"):
        read("ASK {} " + "+ " * 8_192)
    for one in "{[(":
        with pytest.raises(MalformedInput, match="expected"):
            read(one * 64)  # which is within the bounds, and not a query
        with pytest.raises(query_limits.TooMuch, match="64 open brackets"):
            read(one * 65)
    with pytest.raises(MalformedInput, match="has no end"):
        read("SELECT * { ?s ?p 'a }")


@pytest.mark.parametrize("text", ["ASK { FILTER(RAND() < 1) }", "SELECT (uuid() AS ?x) {}", "SELECT(STRUUID()AS?x){}"])
def test_changing_answers_are_known(text: str) -> None:
    """What the day or chance decides is not taken for what the graphs decide."""
    assert read(text).changing
    assert not read("SELECT ?now { ?now ?rand 'UUID()' }").changing


@pytest.mark.alone
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "a.",
        "-",
        '"\\',
        "'''",
        '"""\\',
        "<",
        "<a",
        "@a-",
        "?",
        ":",
        "\\u0041",
        "\\",
        "a:b\\,",
        "#\n",
        "<a b",
        "{}",
        "é",
    ],
)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    """Whatever is repeated, a text of twice the length takes no more than about twice the time."""
    bounds = Bounds(tokens=10**9, query=10**9, nesting=10**9)

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        gc.disable()  # what else this process holds is no matter of the reader's
        begun = time.process_time()
        with suppress(*REFUSALS):
            query_limits.read(text, bounds, GRAPHS)
        taken = time.process_time() - begun
        gc.enable()
        return taken

    short, long = (min(seconds(length) for _ in range(5)) for length in (20_000, 160_000))
    assert long < 0.02 or long < 30 * short


@given(st.text(alphabet="sSeErRvViIcC<>{}()'\"\\u0053#\n.:?@_ -&,1", max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Whatever is said is read, or refused with a reason."""
    with suppress(*REFUSALS):
        read(text)
