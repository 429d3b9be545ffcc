"""What pyoxigraph makes of texts, told by a process that can open no socket: it connects as soon as it is asked."""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from tests.conftest import ROOT
from triplomacy.sparql import tree

SERVER = "http://127.0.0.1:1/"
"""An address that pyoxigraph refuses to ask, for its port, so that whoever has it in a SERVICE is told apart."""
ASKED = "The port 1 is not allowed"
MOST_ROWS = 300
DATA = """
    <http://x.example/a> <http://x.example/p> <http://x.example/b> , 1 .
    <http://x.example/b> <http://x.example/p> "x"@en , "x" , true , 1.5 , () .
    <http://x.example/g> { <http://x.example/b> <http://x.example/q> <http://x.example/a> }
    <http://x.example/h> { <http://x.example/a> <http://x.example/q> 2 }
"""


@dataclass(frozen=True)
class Outcome:
    """What the engine made of a text.

    Attributes:
        taken: whether it parses.
        asks: whether it would ask the server.
        error: why it was not answered, if it was not.
        variables: the columns.
        rows: the solutions or triples in order, no more than `MOST_ROWS`.
    """

    taken: bool
    asks: bool = False
    error: str = ""
    variables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def loud(text: str) -> str:
    """Return a text whose services are not silent, since those that are give no error when they cannot be asked."""
    return re.sub("silent", "      ", text, flags=re.IGNORECASE)


def outcomes(texts: Iterable[str]) -> list[Outcome]:
    """Return what the engine makes of some texts, one after the other."""
    command = [sys.executable, "-m", "tests.sparql.engine"]
    content = "\n".join(map(json.dumps, texts))
    done = subprocess.run(command, input=content, capture_output=True, text=True, cwd=ROOT, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [Outcome(*fields[:3], *map(tuple, fields[3:])) for fields in found]


def outcome(store: ox.Store, text: str) -> Outcome:
    """Return what the engine makes of a text."""
    try:
        result = store.query(text)
        if isinstance(result, ox.QueryBoolean):
            return Outcome(True, rows=(str(bool(result)),))
        variables = tuple(each.value for each in result.variables) if isinstance(result, ox.QuerySolutions) else ()
        rows = sorted(str(tuple(row)) for row in islice(result, MOST_ROWS))
        return Outcome(True, variables=variables, rows=tuple(rows))
    except (SyntaxError, UnicodeEncodeError):
        return Outcome(False)
    except (RuntimeError, OSError, ValueError) as error:
        return Outcome(True, asks=ASKED in str(error), error=str(error))


def main() -> None:
    """Read texts, a line of JSON each, and write what the engine makes of them."""
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TRIG)
    lines = sys.stdin.read().splitlines()
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # for good: no file and no socket can be opened any more
    for line in lines:
        found = outcome(store, json.loads(line))
        print(json.dumps([found.taken, found.asks, found.error, found.variables, found.rows]))


if __name__ == "__main__":
    main()


def assert_nested(query: tree.Query, text: str) -> None:
    """Assert that every node lies in the one above it and behind the one before it, without white space at its ends."""
    for node in tree.walk(query):
        end = node.start
        for child in tree.child_nodes(node):
            assert end <= child.start <= child.end <= node.end, (node, child)
            end = child.end
        assert text[node.start : node.end].strip() == text[node.start : node.end]
