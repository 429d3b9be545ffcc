"""Random texts, read by us and by pyoxigraph: what the engine takes is refused, or read as the engine reads it."""

import socket
import threading

from tests.sparql.engine import MOST_ROWS, Outcome, loud, outcomes
from tests.sparql.generator import Generator
from triplomacy.errors import MalformedInput
from triplomacy.sparql.syntax import read, tokens
from triplomacy.sparql.tree import Iri, Query, Service, find, variables

TEXTS = 20_000


def tree_of(text: str) -> Query | None:
    """Return the tree of a text, or None where it is refused."""
    try:
        return read(text, prefixes={})
    except MalformedInput:
        return None


def rebuilt(text: str, query: Query) -> str:
    """Return what was read of a text: its tokens with spaces between them, IRIs in full, and no declarations.

    A bracket stays where it is, since pyoxigraph takes no space before that of COALESCE.
    """
    start = query.prologue[-1].end if query.prologue else 0
    iris = {node.start: node for node in find(query, Iri) if text[node.start] != "("}
    parts, end = [], 0
    for token in tokens(text, prefixes={}):
        if token.start >= start:
            iri, written = iris.get(token.start), text[token.start : token.end]
            parts.append("" if written == "(" and token.start == end else " ")
            parts.append(f"<{iri.value}>" if iri and iri.end == token.end else written)
        end = token.end
    return "".join(parts)


def comparable(found: Outcome, text: str) -> Outcome:
    """Return an outcome without what may differ each time: chosen rows, names of blank nodes, which error."""
    chooses = any(word in text.upper() for word in ("LIMIT", "OFFSET", "CONSTRUCT", "DESCRIBE", "REDUCED"))
    rows = (str(len(found.rows)),) if chooses or len(found.rows) == MOST_ROWS or "_:" in str(found.rows) else found.rows
    return Outcome(found.taken, error="some" * bool(found.error), variables=found.variables, rows=rows)


def test_engine_opens_no_socket() -> None:
    """The process that has the engine reaches no server, so that no text of these tests asks anybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached: list[object] = []

        def accept() -> None:
            try:
                reached.append(server.accept())
            except OSError:
                reached.append(None)

        waiting = threading.Thread(target=accept)
        waiting.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        (found,) = outcomes([f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"])
        server.shutdown(socket.SHUT_RDWR)
        waiting.join()
    assert found.taken
    assert found.error
    assert reached == [None]


def test_what_the_engine_takes_is_read_alike_or_refused() -> None:
    """Of random texts the engine asks no server that we do not see, and answers what we have read as it was written."""
    source = Generator(18)
    texts = [source.text() for _ in range(TEXTS)]
    trees = [tree_of(text) for text in texts]
    unseen = [
        text
        for text, query, found in zip(texts, trees, outcomes(map(loud, texts)), strict=True)
        if found.asks and query and not any(find(query, Service))
    ]
    assert unseen == []
    read_ones = [(text, query) for text, query in zip(texts, trees, strict=True) if query]
    written = outcomes([text for text, _ in read_ones])
    spelt_out = outcomes([rebuilt(text, query) for text, query in read_ones])
    taken = 0
    for (text, query), one, other in zip(read_ones, written, spelt_out, strict=True):
        if one.taken:
            taken += 1
            assert comparable(one, text) == comparable(other, text), text
            assert set(one.variables) <= variables(query), text
    assert taken > TEXTS / 5  # or nothing was compared


def test_dataset_is_that_of_the_engine() -> None:
    """The graphs of FROM and GRAPH are those that the engine takes, however they are written."""
    text = """PREFIX ex: <http://x.example/> BASE <http://x.example/a/>
        SELECT*FROM<../g>FROM NAMED ex:h{?a ex:q ?b GRAPH?g{?b?p?c}GRAPH<http://x.example/\\u0068>{?b?p?c}}"""
    query = read(text)
    found = [(node.named, node.iri.value) for node in query.dataset]
    assert found == [(False, "http://x.example/g"), (True, "http://x.example/h")]
    one, other = outcomes([text, rebuilt(text, query)])
    assert one == other
    assert len(one.rows) == 1
    assert variables(query) == set(one.variables)
