"""The tokens of a query are those of the engines, so that no engine sees a SERVICE where we see none."""

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from triplomacy.errors import TriplomacyError
from triplomacy.sparql import tokens

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
        return bool(tokens.services(text))
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
    assert tokens.services(query) == []
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
    """What cannot be told is named, with its line and with what to do."""
    with pytest.raises(TriplomacyError, match=r"2: <'x> may be an IRI or a comparison: write spaces around <"):
        tokens.services(f"SELECT * {{\n FILTER (?a<'x>y') {CALL} }}")
    with pytest.raises(TriplomacyError, match="SERVICEex:a may be SERVICE or not: write spaces around it"):
        tokens.services("SELECT * { SERVICEex:a { } }")
    with pytest.raises(TriplomacyError, match="1: SERVICE has no endpoint and group"):
        tokens.services("SELECT * { SERVICE 5 { } }")
    with pytest.raises(TriplomacyError, match="add the missing }"):
        tokens.services("SELECT * { SERVICE ?x { ")


def test_clause_has_its_parts() -> None:
    """A clause has its endpoint, its inside and whether it is silent; those within another come after it."""
    text = "SELECT * { ?a ?b ?c . service silent ex:x { ?s ?p ?o SERVICE <y> { } } }"
    outer, inner = tokens.services(text)
    assert (outer.endpoint.text, outer.silent, text[outer.inside : outer.end]) == ("ex:x", True, text[43:-2])
    assert (inner.endpoint.text, inner.silent, inner.free) == ("<y>", False, False)
    assert text[outer.group : outer.start] == " ?a ?b ?c . "
    assert tokens.outermost(text) == [outer]
    assert tokens.without_heads(text).count("SERVICE") == 0
    assert len(tokens.without_heads(text)) == len(text)
