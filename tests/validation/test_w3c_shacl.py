"""The W3C's SHACL suite on both engines, through the function that validation uses, and what each engine fails.

``tests/w3c/shacl.csv`` registers the known failures, each with its reason, and is checked in both directions: a test
that fails without being there fails the run, and so does one that is there and passes.

Compared are the verdict and the set of results: focus node, value, path, severity, component and shape, blank nodes up
to their labels, and the message where the suite states one. `validate` keeps less than a report does: equal results
count once, a severity of one's own is a violation, and a shape without an IRI is the nearest one with an IRI.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, SHARED, need_shared
from tests.support.shacl import validate
from triplomacy.errors import TriplomacyError
from triplomacy.findings import Finding, Severity
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import RDF, SH
from triplomacy.validation.shacl import Engine, available_engines

SUITE: Final = "suites/shacl/tests"
FOLDER: Final = (SHARED / SUITE).resolve()
REGISTER: Final = ROOT / "tests" / "w3c" / "shacl.csv"
ENGINES: Final[tuple[Engine, ...]] = ("fast", "pyshacl")

MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT: Final = "http://www.w3.org/ns/shacl-test#"
# What a result says and `Row` holds, in this order.
STATED: Final = ("focusNode", "value", "resultPath", "resultSeverity", "sourceConstraintComponent", "sourceShape")
SEVERITIES: Final = {SH + "Info": Severity.INFO, SH + "Warning": Severity.WARNING}
MARKS: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}

Row = tuple[str | None, ...]


class Graph:
    """The triples of a file, to be asked for the objects of a subject and a property."""

    def __init__(self, path: Path):
        self.triples = parse_file(path)

    def objects(self, subject: Any, predicate: str) -> list[Any]:
        """Return the objects in the order of the file."""
        return [t.object for t in self.triples if t.predicate.value == predicate and t.subject == subject]

    def subjects(self, predicate: str, value: Any) -> list[Any]:
        """Return the subjects in the order of the file."""
        return [t.subject for t in self.triples if t.predicate.value == predicate and t.object == value]

    def one(self, subject: Any, predicate: str) -> Any:
        """Return the object, or None where there is none."""
        found = self.objects(subject, predicate)
        assert len(found) <= 1, f"{subject} has several {predicate}"
        return found[0] if found else None

    def items(self, head: Any) -> Iterator[Any]:
        """Yield the members of a list."""
        while head != ox.NamedNode(RDF + "nil"):
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")


@dataclass(frozen=True)
class Entry:
    """A test of the suite, called after its folders and its file, with the node that describes it."""

    name: str
    node: ox.NamedNode
    graph: Graph

    @property
    def expected(self) -> Any:
        """The report that is expected, or ``sht:Failure``."""
        return self.graph.one(self.node, MF + "result")

    def file(self, role: str) -> Path:
        """Return the file that is the data graph or the shapes graph."""
        return to_path(self.graph.one(self.graph.one(self.node, MF + "action"), SHT + role))


def to_path(iri: ox.NamedNode) -> Path:
    """Return the file that a relative IRI of a manifest stands for."""
    return Path(url2pathname(urlsplit(iri.value).path))


@cache
def read(path: Path) -> Graph:
    """Return the triples of a file, read once: each reading gives its blank nodes other labels."""
    return Graph(path)


def manifest_entries(path: Path) -> Iterator[Entry]:
    """Yield the tests of a manifest and of those that it includes, in their order."""
    graph = read(path)
    (manifest,) = graph.subjects(RDF + "type", ox.NamedNode(MF + "Manifest"))
    for included in graph.objects(manifest, MF + "include"):
        yield from manifest_entries(to_path(included))
    for head in graph.objects(manifest, MF + "entries"):
        for node in graph.items(head):
            yield Entry(to_path(node).relative_to(FOLDER).as_posix(), node, graph)


def registered() -> list[dict[str, str]]:
    """Return the known failures: engine, test and reason."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ENTRIES: Final = list(manifest_entries(FOLDER / "manifest.ttl")) if FOLDER.exists() else []


def cases() -> list[Any]:
    """Return each test for each engine, a known failure as one that has to fail; without the suite one to skip."""
    known = {(failure["engine"], failure["test"]): failure["reason"] for failure in registered()}
    found = []
    for engine, entry in product(ENGINES, ENTRIES):
        reason = known.get((engine, entry.name))
        marks = [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []
        found.append(pytest.param(engine, entry, marks=marks, id=f"{engine}-{entry.name}"))
    return found or [pytest.param(engine, None, id=f"{engine}-suite") for engine in ENGINES]


def need(engine: Engine) -> None:
    """Skip the test where the suite is not at hand (or fail it in CI), or the engine has no wheel."""
    need_shared(SUITE)
    if engine not in available_engines():
        pytest.skip(f"{engine} is not installed here")


def sparql_path(graph: Graph, node: Any) -> str:
    """Return a path of SHACL as one of SPARQL, the way findings have it."""
    if isinstance(node, ox.NamedNode):
        return str(node)
    if graph.one(node, RDF + "first"):
        return f"({'/'.join(sparql_path(graph, step) for step in graph.items(node))})"
    if alternatives := graph.one(node, SH + "alternativePath"):
        return f"({'|'.join(sparql_path(graph, step) for step in graph.items(alternatives))})"
    if inverse := graph.one(node, SH + "inversePath"):
        return f"^{sparql_path(graph, inverse)}"
    (mark,) = (name for name in MARKS if graph.objects(node, SH + name))
    return f"({sparql_path(graph, graph.one(node, SH + mark))}){MARKS[mark]}"


def named(graph: Graph, shape: Any) -> Any:
    """Return the shape, or where it has no IRI the one whose property shape it is, and so on."""
    while isinstance(shape, ox.BlankNode):
        owners = graph.subjects(SH + "property", shape)
        assert len(owners) <= 1, f"{shape} belongs to several shapes"
        shape = owners[0] if owners else None
    return shape


def row(entry: Entry, result: Any) -> Row:
    """Return a result of the expected report as findings have it."""
    focus, value, path, severity, component, shape = (entry.graph.one(result, SH + name) for name in STATED)
    return (
        text(focus),
        text(value),
        None if path is None else sparql_path(entry.graph, path),
        SEVERITIES.get(severity.value, Severity.VIOLATION).label,
        text(component),
        text(named(read(entry.file("shapesGraph")), shape)),
    )


def text(term: Any) -> str | None:
    """Return a term in N-Triples syntax."""
    return None if term is None else str(term)


def canonical(rows: Iterable[Row]) -> ox.Dataset:
    """Return results as a dataset that is the same for any labels of their blank nodes."""
    quads = ox.Dataset()
    for cells in rows:
        result = ox.BlankNode()
        for column, cell in enumerate(cells):
            term = ox.BlankNode(cell[2:]) if cell and cell.startswith("_:") else ox.Literal(str(cell))
            quads.add(ox.Quad(result, ox.NamedNode(f"column:{column}"), term))
    quads.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return quads


def difference(entry: Entry, findings: Iterable[Finding]) -> str | None:
    """Return how the findings differ from the report that is expected, or None where they agree."""
    results = entry.graph.objects(entry.expected, SH + "result")
    expected = {row(entry, result) for result in results}
    found = {(f.focus, f.value, f.path, f.severity.label, f.component, f.shape) for f in findings}
    conforms = entry.graph.one(entry.expected, SH + "conforms").value == "true"
    if conforms != (not found):
        return f"conforming should be {conforms}, found is {found}"
    if canonical(expected) != canonical(found):
        return f"missing are {expected - found}, not expected {found - expected}"
    for result in results:
        focus, component = (text(entry.graph.one(result, SH + STATED[column])) for column in (0, 4))
        said = {f.message for f in findings if (f.focus, f.component) == (focus, component)}
        stated = {message.value for message in entry.graph.objects(result, SH + "resultMessage")}
        if not stated <= said:
            return f"stated is {stated}, said {said}"
    return None


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")  # rdflib's, of the suite's ill-formed literals
@pytest.mark.parametrize(("engine", "entry"), cases())
def test_suite(engine: Engine, entry: Entry) -> None:
    """The engine finds what the test expects or refuses the shapes where it expects a failure."""
    need(engine)
    problem = run(engine, entry)
    assert problem is None, problem


def run(engine: Engine, entry: Entry) -> str | None:
    """Return how the engine fails a test, or None where it passes."""
    refused = entry.expected == ox.NamedNode(SHT + "Failure")
    data = read(entry.file("dataGraph")).triples
    try:
        found = [f for f in validate(data, [entry.file("shapesGraph")], engine=engine) if f.check == "shacl"]
    except TriplomacyError as error:
        return None if refused else f"refused: {error}"
    return f"not refused, found: {found}" if refused else difference(entry, found)


@pytest.mark.parametrize("engine", ENGINES)
def test_suite_is_whole(engine: Engine) -> None:
    """The manifests list 120 tests, each runs on each engine, and one file lies there that they leave out."""
    need_shared(SUITE)
    ran = [case.values[1].name for case in cases() if case.values[0] == engine]
    files = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.ttl") if is_test(path)}
    assert len(ran) == len(set(ran)) == 120
    assert files - set(ran) == {"sparql/component/nodeValidator-001"}  # proposed, never approved


def is_test(path: Path) -> bool:
    """Tell whether a file of the suite describes a test."""
    return bool(read(path).subjects(RDF + "type", ox.NamedNode(SHT + "Validate")))


def test_register_names_tests() -> None:
    """Each row of the register names an engine and a test of the suite, once, and gives a sentence as the reason."""
    need_shared(SUITE)
    failures = registered()
    keys = [(failure["engine"], failure["test"]) for failure in failures]
    assert keys == sorted(set(keys))
    assert set(keys) <= {(engine, entry.name) for engine in ENGINES for entry in ENTRIES}
    for failure in failures:
        assert re.fullmatch(r"\S.{20,}[^.]\.", failure["reason"]), failure


@pytest.mark.parametrize("column", range(len(STATED)))
def test_each_part_of_a_result_counts(column: int) -> None:
    """A result that differs in one part alone is another result, and one with other labels of blank nodes is not."""
    rows: list[Row] = [
        ("_:a", "_:a", "<p:p>", "violation", "<c:c>", "<s:s>"),
        ("_:b", None, None, "info", "<c:c>", None),
    ]
    relabelled: list[Row] = [tuple(cell and cell.replace("_:", "_:x") for cell in cells) for cells in rows]
    changed = [tuple("<x:x>" if at == column else cell for at, cell in enumerate(rows[0])), rows[1]]
    assert canonical(rows) == canonical(reversed(relabelled))
    assert canonical(rows) != canonical(changed)
    assert canonical(rows) != canonical(rows[:1])
