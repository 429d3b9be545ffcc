"""The clauses of a query are those of the engines, so that no engine sees a SERVICE where we see none."""

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.sparql import services
from triplomacy.sparql.lexer import HiddenService
from triplomacy.sparql.syntax import read
from triplomacy.sparql.tree import Iri, Service, find
from triplomacy.terms import ID

PREFIXES = "PREFIX ex: <URL> PREFIX : <URL> PREFIX se: <URL> PREFIX service: <https://example.com/> "
CALL = "SERVICE <URL> { ?s ?p 'x' }"


class Counting(http.server.BaseHTTPRequestHandler):
    """Counts requests, and answers each with one empty solution."""

    asked: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        """Answer a query."""
        self.asked.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        body = b'{"head": {"vars": ["x"]}, "results": {"bindings": [{}]}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of a server that counts who asks it."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def asks(text: str) -> bool:
    """Tell whether pyoxigraph sends a request for a query, parsed or run to its end."""
    Counting.asked.clear()
    try:
        found = ox.Store().query(text)
        if isinstance(found, ox.QuerySolutions | ox.QueryTriples):
            list(found)
    except (SyntaxError, RuntimeError, OSError):
        pass
    return bool(Counting.asked)


def is_seen(text: str) -> bool:
    """Tell whether we see a SERVICE in a query, or refuse to tell."""
    try:
        return bool(services.clauses(text))
    except TriplomacyError:
        return True


HIDDEN = {
    "behind an IRI with a quotation mark": f"SELECT * {{ OPTIONAL {{ ?s <https://example.com/&&'> ?o }} {CALL} }}",
    "behind an IRI with a hash": f"SELECT * {{ OPTIONAL {{ ?s <https://example.com/&&#> ?o }} {CALL} }}",
    "behind a comparison that looks like an IRI": f"SELECT * {{ BIND (1 AS ?a) FILTER (?a<'x>y'||true) {CALL} }}",
    "one word with a prefixed name": "SELECT * { SERVICEex:a { ?s ?p ?o } }",
    "one word with a name without prefix": "SELECT * { SERVICE:a { ?s ?p ?o } }",
    "one word with SILENT": "SELECT * { SERVICESILENT<URL>{ ?s ?p ?o } }",
    "behind a comment that a carriage return ends": f"SELECT * {{ # x\r{CALL} }}",
    "behind four quotation marks": f"SELECT * {{ OPTIONAL {{ ?s ?p ''''a''' }} {CALL} }}",
    "behind an escaped apostrophe in a name": f"SELECT * {{ OPTIONAL {{ ?s ?p ex:a\\'b }} {CALL} }}",
    "with an escape in its IRI": f"SELECT * {{ {CALL} }}".replace("<URL", "<URL\\u0061"),
    "in lower case": f"SELECT * {{ {CALL.lower()} }}".replace("url", "URL"),
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_hidden_service_is_seen(text: str, url: str) -> None:
    """What pyoxigraph asks, we see, wherever it is hidden."""
    query = (PREFIXES + text).replace("URL", url)
    assert asks(query)
    assert is_seen(query)


BESIDE = {
    "true and a keyword": "SELECT * { OPTIONAL { ?s ?p trueSERVICE <URL> { ?s ?q ?o } } }",
    "a number and a keyword": "SELECT * { OPTIONAL { ?s ?p 1e0SERVICE <URL> { ?s ?q ?o } } }",
    "a keyword with an escape": "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "a string that an escape ends": "SELECT * { FILTER (\"\\u0022) SERVICE <URL> { } FILTER (\\u0022\" = '') }",
    "a string that eight digits end": "SELECT * { FILTER (\"\\u00000022) SERVICE <URL> {} FILTER ('\" = '') }",
}


@pytest.mark.parametrize("text", BESIDE.values(), ids=BESIDE)
def test_service_for_another_engine_is_seen(text: str) -> None:
    """What another engine could ask, though pyoxigraph does not, is seen as well."""
    assert is_seen(PREFIXES + text)


NONE = [
    "SELECT * { ?s ?p ?o } # SERVICE <URL> { }",
    "# SERVICE\nSELECT * { ?s ?p 'SERVICE <URL> { }' , \"SERVICE\" , '''a ' SERVICE''' , \"\"\"SERVICE\"\"\" }",
    "SELECT ?service $SERVICE { ?service ex:service $SERVICE . ?s a ex:Service , service:a , <https://x.org/SERVICE> }",
    "SELECT * { GRAPH service:a { ?s ?p ?o } }",
    "SELECT * FROM service:a { ?s ?p ?o }",
    "SELECT * { ?s <https://x.org/service#a> ?o ; <https://x.org/O'Brien> 'SERVICE' }",
    "SELECT * { VALUES (?a ?b) { ('SERVICE' <https://x.org/#a>) (1 <https://x.org/O'Brien>) } }",
    "SELECT * { ?s ?p ?a , ?b , ?c , ?d FILTER (?a<?b&&?c>?d && 'SERVICE' != ?a) }",
    "SELECT * { ?s ?p 'x'@service-Latn , '1'^^<https://x.org/service#a> FILTER (?p IN (<https://x.org/#(a)>, ?s)) }",
    'SELECT * { ?s ?p "it\\u0027s a SERVICE" }',
]


@pytest.mark.parametrize("text", NONE)
def test_word_is_no_service(text: str, url: str) -> None:
    """In comments, strings, names, variables and IRIs the word is none, and a query with it parses."""
    query = (PREFIXES + text).replace("URL", url)
    assert services.clauses(query) == []
    list(ox.Store().query(query))  # type: ignore[arg-type]


PIECES = (
    *("'", '"', "'''", '"""', "#", "\n", "\r", " ", "<", ">", "<'", "'>", "<x#>", "<https://x.org/&&'>", "?a", "?a<"),
    *("?b>", "&&", "||", "(", ")", "{", "}", ".", ";", ",", "ex:a", "ex:a\\'b", "ex:a.", ":", "_:b", "1", "1e0", "1."),
    *("true", "@en", "@en--ltr", "^^ex:d", "^", "/", "|", "!", "*", "+", "-", "SERVICE", "service", "Service SILENT"),
    *("SERVICE <URL> { ?x ?y ?z }", "SERVICE<URL>{}", "SERVICE:a{}", "SERVICEse:a{}", "SERVICESILENT:a{}", "FILTER("),
    *("BIND(1 AS ?a)", "BIND(", " AS ?q)", "OPTIONAL {", "UNION", "MINUS {", "EXISTS {", "VALUES ?v {", "GRAPH ?g {"),
    *(
        "SELECT * {",
        "\\u0027",
        "\\",
        "[",
        "]",
        "<<",
        ">>",
        "x",
        "?s ?p ?o",
        "abs(",
        "IN (",
        "service:a",
        "\x85",
        "\x0b",
    ),
)
FRAMES = (
    "SELECT * { ONE SERVICE <URL> { ?s ?p 'x' } }",
    "SELECT * { BIND (1 AS ?a) FILTER (?aONE'||true) SERVICE <URL> { ?s ?p 'z' } }",
    "SELECT * { BIND (1 AS ?a) FILTER (?a<ONE) TWO SERVICE<URL>{ ?s ?p 'z' } }",
    "SELECT * { VALUES ?v { ONE } TWO SERVICE<URL>{ ?s ?p 'z' } }",
    "ASK { ONE TWO }",
)
SOME = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@settings(max_examples=2_000, deadline=None)
@given(frame=st.sampled_from(FRAMES), one=SOME, two=SOME)
def test_nothing_is_asked_that_is_not_seen(frame: str, one: str, two: str, url: str) -> None:
    """In texts put together from what confuses readers of SPARQL, pyoxigraph asks nobody whom we do not see."""
    query = (PREFIXES + frame.replace("ONE", one).replace("TWO", two)).replace("URL", url)
    assert is_seen(query) or not asks(query)


def test_place_of_what_is_unclear() -> None:
    """What cannot be told is named, with its place and with what to do; what the grammar tells is read."""
    (clause,) = services.clauses("SELECT * {\n FILTER (?a<'x>y') SERVICE <urn:x> { } }")
    assert clause.start == len("SELECT * {\n FILTER (?a<'x>y') ")
    with pytest.raises(HiddenService, match="1:12: SERVICEex:a may be SERVICE or not: write spaces around it"):
        services.clauses("SELECT * { SERVICEex:a { } }")
    with pytest.raises(MalformedInput, match="1:20: expected a variable or an IRI, not 5"):
        services.clauses("SELECT * { SERVICE 5 { } }")
    with pytest.raises(MalformedInput, match="1:25: expected a subject, a pattern or }, not the end of the query"):
        services.clauses("SELECT * { SERVICE ?x { ")


TEXT = "SELECT * { ?a ?b ?c . FILTER (?a) OPTIONAL { } service silent id:x { ?s ?p ?o SERVICE <y:> { ?x ?y ?z } } }"


def test_clause_has_its_parts() -> None:
    """A clause has its endpoint, its group and whether it is silent; those within another come after it."""
    outer, inner = services.clauses(TEXT)
    assert isinstance(outer.endpoint, Iri)
    assert (outer.endpoint.value, outer.silent) == (f"{ID}x", True)
    assert TEXT[outer.group.start : outer.end] == "{ ?s ?p ?o SERVICE <y:> { ?x ?y ?z } }"
    assert (TEXT[inner.endpoint.start : inner.endpoint.end], inner.silent) == ("<y:>", False)
    assert list(find(read(TEXT), Service, Service)) == [outer]


def test_surroundings_of_a_clause() -> None:
    """A clause stands in the nearest group, behind what is not a filter, free of other services and named graphs."""
    (outer, around), (inner, within) = services.surroundings(read(TEXT))
    assert (around.group.start, around.is_free) == (TEXT.index("{"), True)
    assert (within.group, within.is_free) == (outer.group, False)
    elements = services.before(outer, around.group)
    assert [TEXT[element.start : element.end] for element in elements] == ["?a ?b ?c", "OPTIONAL { }"]
    assert [element.start for element in services.before(inner, within.group)] == [TEXT.index("?s")]
    (_, graph), *_ = services.surroundings(read("SELECT * { GRAPH ?g { { SERVICE ?x { } } } }"))
    assert not graph.is_free


def test_query_without_its_clauses() -> None:
    """Without heads a query parses as before at the same places; without clauses it asks the data alone."""
    bare = services.without_heads(TEXT)
    assert len(bare) == len(TEXT)
    assert bare == TEXT.replace("service silent id:x", " " * 19).replace("SERVICE <y:>", " " * 12)
    assert services.without_services(TEXT) == f"{TEXT[: TEXT.index('service')]}{{ }} }}"
    assert services.without_services("ASK { ?a ?b ?c }") == "ASK { ?a ?b ?c }"
    with pytest.raises(TriplomacyError, match="SERVICE would ask another server"):
        services.refuse_services(TEXT)
