"""Push and pull with a real Oxigraph and a real Virtuoso: the same dataset, whatever happens to the connection."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, make_gazette
from tests.support.standins import JSON, Request, standing_in
from tests.support.stores import Running
from triplomacy import build, remote
from triplomacy.cli.commands import main
from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError
from triplomacy.http.client import Client, Credentials
from triplomacy.publish import push_pull
from triplomacy.remote import literal_differences
from triplomacy.terms import XSD

STORES = pytest.mark.parametrize("store", ["oxigraph", "virtuoso"])
EXPECTED = {  # what each store does to literals of ours, and nothing else
    "oxigraph": ["integers as xsd:integer"],
    "virtuoso": [],
}
POINTS = 10


def target(running: Running, *, graph_store: bool = True) -> push_pull.Store:
    """Return the store as `push` takes it; it waits less between attempts than is usual."""
    found = push_pull.store(running.query, running.update, running.graphs if graph_store else None)
    return replace(found, endpoint=quick(found.endpoint))


def quick(endpoint: remote.Endpoint) -> remote.Endpoint:
    """Return the endpoint with short pauses."""
    return replace(endpoint, client=replace(endpoint.client, pause=0.01))


def state(running: Running) -> dict[str, list[ox.Triple]]:
    """Return what the store has of ours, its staged graphs included."""
    endpoint = remote.connect(running.query)
    return {graph: endpoint.triples(graph, count) for graph, count in endpoint.counts().items()}


def same(found: dict[str, list[ox.Triple]], given: dict[str, list[ox.Triple]]) -> bool:
    """Tell whether a store has just these graphs, up to the registered differences."""
    given = {graph: triples for graph, triples in given.items() if triples}
    return found.keys() == given.keys() and all(
        literal_differences.differences(given[graph], found[graph]) is not None
        and len(given[graph]) == len(found[graph])
        for graph in given
    )


@pytest.fixture(scope="session")
def graphs() -> dict[str, list[ox.Triple]]:
    """Return our graphs and views."""
    return build.graphs(Project(ROOT))


@pytest.fixture
def former(tmp_path: Path) -> dict[str, list[ox.Triple]]:
    """Return the graphs and views of another project, which a store has before those of ours."""
    return build.graphs(make_gazette(tmp_path / "project"))


def shortened(graphs: dict[str, list[ox.Triple]]) -> dict[str, list[ox.Triple]]:
    """Return graphs with at most 500 triples each: a request with them still comes in many pieces."""
    return {graph: triples[:500] for graph, triples in graphs.items()}


@STORES
def test_push_then_pull_is_the_same_dataset(
    running: Running, graphs: dict[str, list[ox.Triple]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes back is what was pushed, up to the registered differences, which are named; the order is stable."""
    assert main(["push", running.query, "--project", str(ROOT)]) == 0
    shown = capsys.readouterr()
    total = sum(map(len, graphs.values()))
    assert f"pushed {total:,} triples in {len(graphs)} graphs" in shown.err
    told = [line for line in shown.err.splitlines() if "keeps them with" in line]
    assert told == [f"triplomacy: the store keeps them with {', '.join(EXPECTED[running.name])}"][: len(told)]
    assert bool(told) == bool(EXPECTED[running.name])
    for number in "12":
        assert main(["pull", running.query, "--output", str(tmp_path / number)]) == 0
    files = sorted(path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.*"))
    assert all((tmp_path / "1" / path).read_bytes() == (tmp_path / "2" / path).read_bytes() for path in files)
    back = ox.parse(path=tmp_path / "1" / "triplomacy.nq", format=ox.RdfFormat.N_QUADS)
    found: dict[str, list[ox.Triple]] = {}
    for quad in back:
        found.setdefault(str(quad.graph_name.value), []).append(quad.triple)
    assert same(found, graphs)


@STORES
@pytest.mark.parametrize("graph_store", [True, False])
def test_another_project_takes_the_place_of_the_former(
    running: Running, graphs: dict[str, list[ox.Triple]], former: dict[str, list[ox.Triple]], graph_store: bool
) -> None:
    """Graphs that are no longer there go, others change, and nothing that is on its way stays behind."""
    assert push_pull.push(former, target(running, graph_store=graph_store)).counts
    assert same(state(running), former)
    push_pull.push(graphs, target(running, graph_store=graph_store))
    assert same(state(running), graphs)


class Cutting:
    """A proxy on the loopback address that cuts every connection after so many bytes: once, or from then on.

    With a *mark* it cuts so many seconds after it has passed bytes on that have the mark in them, or all before it.
    """

    def __init__(
        self, port: int, allowed: int, *, once: bool, mark: bytes = b"", wait: float = 0, before: bool = False
    ) -> None:
        self.allowed, self.once, self.cut, self.passed = allowed, once, False, 0
        self.mark, self.wait, self.before = mark, wait, before
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(client)
            if self.cut and not self.once:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._to))
            self._open.append(server)
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, reading: socket.socket, writing: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := reading.recv(4_096):
                with self._lock:
                    part, cutting = self._allowed(part)
                    self.passed += len(part)
                    self.cut |= cutting
                writing.sendall(part)
                if cutting:
                    time.sleep(self.wait)
                    break
        for side in (reading, writing):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _allowed(self, part: bytes) -> tuple[bytes, bool]:
        """Return what is passed on of *part*, and whether the connection is cut then."""
        if self.cut:
            return part, False
        if self.mark and self.mark in part:
            return part[: part.index(self.mark)] if self.before else part, True
        return part[: self.allowed - self.passed], self.passed + len(part) > self.allowed

    def close(self) -> None:
        """Let no more connections in, and close those that are there."""
        self._listening.close()
        for side in self._open:
            side.close()


@contextlib.contextmanager
def through(
    running: Running,
    allowed: int = 10**9,
    *,
    once: bool = False,
    mark: bytes = b"",
    wait: float = 0,
    before: bool = False,
) -> Iterator[tuple[push_pull.Store, Cutting]]:
    """Return the store behind a proxy that cuts."""
    port = int(running.query.split(":")[2].split("/")[0])
    proxy = Cutting(port, allowed, once=once, mark=mark, wait=wait, before=before)

    def behind(url: str) -> str:
        return url.replace(f":{port}/", f":{proxy.port}/")

    login = Credentials(*running.environment.values())
    client = Client(behind(running.query), login, pause=0.01, attempts=3)
    endpoint = remote.Endpoint(behind(running.query), client)
    try:
        yield push_pull.Store(endpoint, behind(running.update), behind(running.graphs)), proxy
    finally:
        proxy.close()


@STORES
def test_a_killed_connection_loses_and_doubles_nothing(
    running: Running, graphs: dict[str, list[ox.Triple]], former: dict[str, list[ox.Triple]]
) -> None:
    """At each of ten points of a push, old or new graphs are there whole afterwards; the next push makes them new."""
    graphs, former = shortened(graphs), shortened(former)
    push_pull.push(former, target(running))
    with through(running) as (whole, proxy):
        push_pull.push(graphs, whole)
        total = proxy.passed
    for point in range(POINTS):
        push_pull.push(former, target(running))
        with (
            through(running, total * (2 * point + 1) // (2 * POINTS)) as (store, proxy),
            pytest.raises(TriplomacyError) as told,
        ):
            push_pull.push(graphs, store)
        assert proxy.cut, str(told.value)
        left = {graph: triples for graph, triples in state(running).items() if not graph.startswith(push_pull.STAGING)}
        assert same(left, former) or same(left, graphs), f"at point {point}"
        push_pull.push(graphs, target(running))
        assert same(state(running), graphs), f"after point {point}"


@STORES
def test_a_connection_that_is_lost_once_is_mended(
    running: Running, graphs: dict[str, list[ox.Triple]], former: dict[str, list[ox.Triple]]
) -> None:
    """A push goes on by itself after a lost connection, and the store has each triple once."""
    graphs, former = shortened(graphs), shortened(former)
    with through(running) as (whole, proxy):
        push_pull.push(former, target(running))
        push_pull.push(graphs, whole)
        total = proxy.passed
    for part in (0.2, 0.5, 0.8):
        push_pull.push(former, target(running))
        with through(running, int(total * part), once=True) as (store, proxy), contextlib.suppress(TriplomacyError):
            push_pull.push(graphs, store)
        assert proxy.cut
        push_pull.push(graphs, target(running))
        assert same(state(running), graphs)


@STORES
def test_graphs_are_moved_all_or_none(
    running: Running, graphs: dict[str, list[ox.Triple]], former: dict[str, list[ox.Triple]]
) -> None:
    """Whenever the connection is killed while graphs are moved, old or new ones are there whole, and no mixture."""
    ends = []
    for wait in (None, 0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        push_pull.push(former, target(running))
        cutting = through(running, mark=b"update=DELETE", wait=wait or 0, before=wait is None)
        with cutting as (store, proxy), contextlib.suppress(TriplomacyError):
            push_pull.push(graphs, store)
        assert proxy.cut
        found = {name: each for name, each in settled(running).items() if not name.startswith(push_pull.STAGING)}
        ends.append("new" if same(found, graphs) else "old" if same(found, former) else "mixed")
    push_pull.push(graphs, target(running))
    assert same(state(running), graphs)
    assert ends[0] == "old"
    assert set(ends) <= {"old", "new"}


@STORES
@pytest.mark.parametrize("before", [True, False])
def test_a_connection_that_is_killed_after_the_move_leaves_the_new_graphs(
    running: Running, graphs: dict[str, list[ox.Triple]], former: dict[str, list[ox.Triple]], before: bool
) -> None:
    """What was on its way may stay behind then; the next push removes it."""
    graphs, former = shortened(graphs), shortened(former)
    push_pull.push(former, target(running))
    cutting = through(running, mark=b"update=DROP", before=before)
    with cutting as (store, proxy), contextlib.suppress(TriplomacyError):
        push_pull.push(graphs, store)
    assert proxy.cut
    left = {name: each for name, each in settled(running).items() if not name.startswith(push_pull.STAGING)}
    assert same(left, graphs)
    push_pull.push(graphs, target(running))
    assert same(state(running), graphs)


def settled(running: Running) -> dict[str, list[ox.Triple]]:
    """Return what the store has once it no longer changes: what it was asked for, it may still be doing."""
    endpoint = remote.connect(running.query)
    counts, alike = endpoint.counts(), 0
    while alike < 5:  # one of the operations may take longer than a pause, on a machine that is busy
        time.sleep(0.4)
        before, counts = counts, endpoint.counts()
        alike = alike + 1 if counts == before else 0
    return state(running)


def test_differences_are_named_and_nothing_else_passes() -> None:
    """Each registered difference is recognised by its name; another value, a lost and a doubled triple are none."""
    node = ox.NamedNode("http://example.org/a")

    def graph(*values: ox.Literal) -> list[ox.Triple]:
        return [ox.Triple(node, node, value) for value in values]

    def typed(value: str, name: str) -> ox.Literal:
        return ox.Literal(value, datatype=ox.NamedNode(XSD + name))

    pairs = {
        "integers as xsd:integer": (typed("07", "nonNegativeInteger"), typed("7", "integer")),
        "decimals without zeros at their end": (typed("1.50", "decimal"), typed("1.5", "decimal")),
        "doubles in another form": (typed("1.0E0", "double"), typed("1", "double")),
        "fractions of seconds without zeros at their end": (
            typed("2022-02-24T00:00:00.500Z", "dateTime"),
            typed("2022-02-24T00:00:00.5Z", "dateTime"),
        ),
        "+00:00 for Z": (typed("2022-02-24T00:00:00Z", "dateTime"), typed("2022-02-24T00:00:00+00:00", "dateTime")),
        "booleans as 1 and 0": (typed("true", "boolean"), typed("1", "boolean")),
    }
    assert set(pairs) == set(literal_differences.DIFFERENCES)
    for name, (given, found) in pairs.items():
        assert literal_differences.differences(graph(given), graph(found)) == [name]
        assert literal_differences.differences(graph(given), graph(given)) == []
        assert literal_differences.differences(graph(given), graph(typed("8", "integer"))) is None
        assert literal_differences.differences(graph(given), graph()) is None
        assert literal_differences.differences(graph(given), graph(given, ox.Literal("more"))) is None


def test_language_tags_are_equal_in_any_case() -> None:
    """A tag in other letters is not a difference, another tag is one that is not registered."""
    node = ox.NamedNode("http://example.org/a")
    given, lower, other = (
        [ox.Triple(node, node, ox.Literal("a", language=tag))] for tag in ("en-GB", "en-gb", "en-us")
    )
    assert literal_differences.differences(given, lower) == []
    assert literal_differences.differences(given, other) is None


def test_blank_nodes_may_have_other_labels() -> None:
    """Graphs are compared up to the labels of their blank nodes, and not up to what these say."""
    node = ox.NamedNode("http://example.org/a")
    one, other = ox.BlankNode("x"), ox.BlankNode("y")
    value = ox.Literal("v")
    given = [ox.Triple(node, node, one), ox.Triple(one, node, value)]
    assert literal_differences.differences(given, [ox.Triple(node, node, other), ox.Triple(other, node, value)]) == []
    assert literal_differences.differences(given, [ox.Triple(node, node, other), ox.Triple(one, node, value)]) is None


def test_push_says_where_it_cannot_be_done(oxigraph: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that is none, one of another host, and a store of an unknown kind have an answer that helps."""
    cases = {
        ("not-an-address",): "write http://HOST/PATH",
        (oxigraph.query, "--update", "http://example.org/update"): "name one host",
        ("http://user:secret@127.0.0.1:1/query",): "TRIPLOMACY_USER",
        (oxigraph.query.replace("/query", "/nothing"),): "404",
    }
    for arguments, told in cases.items():
        assert main(["push", *arguments, "--project", str(ROOT)]) == 2
        err = capsys.readouterr().err
        assert told in err
        assert "secret" not in err
        assert err.count("\n") == 1


def test_pull_leaves_a_folder_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with other things is refused before anything is asked."""
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["pull", "http://127.0.0.1:1/query", "--output", str(tmp_path)]) == 2
    assert "holds other things than a build" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@STORES
@pytest.mark.parametrize("at", ["_stage", "_update"])
def test_two_pushes_at_once_lose_nothing(
    running: Running,
    graphs: dict[str, list[ox.Triple]],
    former: dict[str, list[ox.Triple]],
    monkeypatch: pytest.MonkeyPatch,
    at: str,
) -> None:
    """A whole push of other graphs, once those of the first have been sent, drops them: it sends them again."""
    graphs, former = shortened(graphs), shortened(former)
    really = getattr(push_pull, at)
    between: list[str] = []

    def interrupted(*args: object) -> None:
        if at == "_stage":
            really(*args)
        if not between:
            between.append(at)
            push_pull.push(former, target(running))
        if at == "_update":
            really(*args)

    push_pull.push(former, target(running))
    monkeypatch.setattr(push_pull, at, interrupted)
    push_pull.push(graphs, target(running))
    assert between
    assert same(state(running), graphs)


@pytest.mark.parametrize("name", ["/etc/x", "graph/../../x", "graph/.x", "graph//x", "graph/", "dataset"])
def test_no_graph_is_pulled_out_of_its_folder(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A graph whose name is not a file's in a build is told, and nothing is written, there or elsewhere."""
    graph = f"https://w3id.org/triplomacy/{name}"
    row = {"graph": {"type": "uri", "value": graph}, "count": {"type": "literal", "value": "1"}}
    body = json.dumps({"head": {"vars": ["graph", "count"]}, "results": {"bindings": [row]}}).encode()

    def answer(request: Request) -> None:
        request.reply(*((b"<urn:a> <urn:b> 1 .", "text/turtle") if "CONSTRUCT" in request.seen.query else (body, JSON)))

    with standing_in(answer) as standin:
        assert main(["pull", standin.url, "--output", str(tmp_path / "a" / "b")]) == 2
    assert f"has the graph <{graph}>, which is of no build" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"graph": {"type": "uri", "value": "urn:a"}},
        {"graph": {"type": "uri", "value": "urn:a"}, "count": {"type": "literal", "value": "many"}},
        {"graph": {"type": "uri", "value": "urn:a"}, "count": {"type": "literal", "value": "-5"}},
        {"graph": {"type": "literal", "value": "urn:a"}, "count": {"type": "literal", "value": "5"}},
    ],
)
@pytest.mark.parametrize("columns", [["graph", "count"], ["s"]])
@pytest.mark.parametrize("command", [["pull", "--output", "pulled"], ["validate", "--endpoint"]])
def test_counts_that_are_none_are_told(
    command: list[str],
    columns: list[str],
    cell: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Rows that are no answer to how many triples there are give one line, and no traceback."""
    cells = {name: value for name, value in cell.items() if name in columns}
    body = json.dumps({"head": {"vars": columns}, "results": {"bindings": [cells]}}).encode()
    monkeypatch.chdir(tmp_path)
    with standing_in(lambda request: request.reply(body)) as standin:
        assert main([*command, standin.url, "--project", str(ROOT)]) == 2
    err = capsys.readouterr().err
    assert "answers something else than how many triples its graphs have" in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--update", "--graph-store"])
def test_empty_addresses_are_told(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address of a variable that is not set is not an address, and not the one that would be found out."""
    assert main(["push", "http://127.0.0.1:1/query", option, ""]) == 2
    assert "'' is not an address of an endpoint" in capsys.readouterr().err


def test_no_beginning_of_a_move_is_a_request() -> None:
    """A move that has lost its end is not SPARQL: a store that takes half a request for a whole one does nothing."""
    sent = {f"https://w3id.org/triplomacy/graph/{name}": f"{push_pull.STAGING}{name}" for name in ("a", "b")}
    whole = push_pull._operation(sent, [*sent, "https://w3id.org/triplomacy/graph/gone"])
    ox.Store().update(whole)
    for end in range(1, len(whole)):
        with pytest.raises(SyntaxError):
            ox.Store().update(whole[:end])
