"""The W3C's tests of the syntax of queries: each positive one is read, each negative one refused by us or the engine.

``tests/w3c/query_syntax.csv`` registers the negative tests that one of the two takes, each with its reason, and is
checked in both directions: a test that one takes without being there fails the run, and so does one that is there and
is refused by both.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, SHARED, need_shared
from tests.sparql.engine import assert_nested
from triplomacy.errors import MalformedInput
from triplomacy.sparql.syntax import read

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
REGISTER = ROOT / "tests" / "w3c" / "query_syntax.csv"
FOLDERS = ("sparql11/syntax-query", "sparql11/syntax-fed", "sparql12/*")


@dataclass(frozen=True)
class Case:
    """A test of the suites: its folder and file, and whether the query has to be read."""

    path: Path
    positive: bool

    @property
    def name(self) -> str:
        """The folder and the file."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def text(self) -> str:
        """The query; what is not UTF-8 in it stays visible as such."""
        return self.path.read_bytes().decode("utf-8", "surrogateescape")


def cases(manifest: Path) -> Iterator[Case]:
    """Yield the tests of queries of a manifest."""
    base = "file:///"
    quads = list(ox.parse(manifest.read_bytes(), ox.RdfFormat.TURTLE, base_iri=base))
    queries = {str(quad.subject): quad.object for quad in quads if quad.predicate.value == f"{QT}query"}
    kinds = {quad.subject: quad.object.value for quad in quads if quad.predicate.value.endswith("#type")}
    for quad in quads:
        if quad.predicate.value == f"{MF}action":
            action = queries.get(str(quad.object), quad.object)
            if isinstance(action, ox.NamedNode) and action.value.endswith(".rq"):
                yield Case(manifest.parent / action.value.removeprefix(base), "Negative" not in kinds[quad.subject])


MANIFESTS = [path for folder in FOLDERS for path in sorted((SHARED / "suites").glob(f"{folder}/manifest.ttl"))]
CASES = [case for manifest in MANIFESTS for case in cases(manifest)]
POSITIVE = [case for case in CASES if case.positive]
NEGATIVE = [case for case in CASES if not case.positive]


def takers(case: Case) -> set[str]:
    """Return who of the reader and pyoxigraph takes a query."""
    found = set()
    base = f"https://example.org/{case.name}.rq"
    try:
        read(case.text, base, {})
        found.add("reader")
    except MalformedInput:
        pass
    try:
        ox.Store().query(case.text, base_iri=base)
        found.add("pyoxigraph")
    except (SyntaxError, UnicodeEncodeError):
        pass
    return found


def test_suites_are_there() -> None:
    """The suites are beside the checkout, and have as many tests of queries as are known here."""
    need_shared("suites/sparql12")
    assert (len(POSITIVE), len(NEGATIVE)) == (183, 112)


@pytest.mark.parametrize("case", POSITIVE, ids=lambda case: case.name)
def test_positive(case: Case) -> None:
    """What the suites hold for a query is read, to its end and with every place in it."""
    query = read(case.text, f"https://example.org/{case.name}.rq", {})
    assert query.form in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
    assert_nested(query, case.text)


def test_negative() -> None:
    """What the suites hold for no query is refused by the reader or the engine; who takes one is registered."""
    need_shared("suites/sparql12")
    with REGISTER.open(encoding="utf-8", newline="") as file:
        registered = {(row["test"], row["taken_by"]) for row in csv.DictReader(file)}
    taken = {(case.name, taker) for case in NEGATIVE for taker in takers(case)}
    assert taken == registered
    assert len({name for name, _ in taken}) == len(taken), "a test is taken by both"
