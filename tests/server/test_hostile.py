"""Hostile requests: each gets the answer that is written beside it, nothing is fetched, and honest clients go on."""

from __future__ import annotations

import ast
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.conftest import ROOT
from tests.support import hostility
from tests.support.honest import Honest, Taken, percentile
from tests.support.hostility import Canary, Hostile, Outcome
from tests.support.serving import Served, serving, until

pytestmark = pytest.mark.alone

OPTIONS = (
    *("--time-limit", "1", "--memory-limit", "200", "--rows", "5000", "--rate", "20", "--burst", "200"),
    *("--head-time", "2", "--body-time", "2", "--send-time", "2", "--idle", "3"),
)
PARTS = 5  # of the corpus, between which honest clients are alone for a while
CALM = 3.0  # seconds of that
LATE = frozenset({408, 503, 504})  # statuses of what was ended by the clock
TRIES = 3  # a machine may be busy with something else; what blocks does so each time
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
THREAT_MODEL = ROOT / "docs" / "threat-model.md"


@dataclass
class Siege:
    """A server under hostile requests: what came of them, and how honest clients fared with and without them."""

    outcomes: list[Outcome] = field(default_factory=list)
    calm: list[Taken] = field(default_factory=list)
    under: list[Taken] = field(default_factory=list)
    visitors: int = 0
    said: str = ""
    sha256: tuple[str, str] = ("", "")
    triples: tuple[float, float] = (0, 0)

    @property
    def ratio(self) -> float:
        """How many times the calm one the 99th percentile of honest clients is."""
        return percentile(self.under) / percentile(self.calm)


def attack(server: Served, hostile: Sequence[Hostile], source: str) -> list[Outcome]:
    """Send hostile requests from one address: many at a time, the slow and the costly ones beside the others."""
    with ThreadPoolExecutor(6) as quick, ThreadPoolExecutor(3) as costly, ThreadPoolExecutor(64) as slow:
        sent: list[Future[Outcome]] = []
        for each in hostile:
            pool = slow if each.slow else costly if each.costly else quick
            sent.append(pool.submit(hostility.send, each, server.port, source))
        return [one.result() for one in sent]


def besiege(server: Served, canary: Canary) -> Siege:
    """Send the corpus, each part from another address, while honest clients ask."""
    siege = Siege()
    hostile = hostility.corpus(canary.port)
    calm, under = [], []
    before = server.sha256(), server.metric("triples")
    with Honest(server.port) as honest:
        asked = server.metric("requests_total")
        until(lambda: server.metric("requests_total") > asked + 100, "the honest clients have begun")
        for part in range(PARTS):
            begun = time.monotonic()
            time.sleep(CALM)
            ended = time.monotonic()
            siege.outcomes += attack(server, hostile[part::PARTS], f"127.0.1.{part + 1}")
            calm.append((begun, ended))
            under.append((ended, time.monotonic()))
    siege.calm, siege.under = honest.during(calm), honest.during(under)
    siege.outcomes = [_again(server, outcome) if _was_late(outcome) else outcome for outcome in siege.outcomes]
    siege.visitors = canary.visitors()
    after = server.sha256(), server.metric("triples")
    siege.sha256, siege.triples = (before[0], after[0]), (before[1], after[1])
    siege.said = server.said
    return siege


def _was_late(outcome: Outcome) -> bool:
    """Tell whether a request that costs little was ended by the clock, as it may be where the machine is busy."""
    late = {answer.status for answer in outcome.answers} & LATE
    return bool(late) and bool(hostility.judge(outcome))


def _again(server: Served, outcome: Outcome) -> Outcome:
    """Send a hostile request once more, alone, and a few times if the clock ends it then too."""
    for number in range(TRIES):
        outcome = hostility.send(outcome.hostile, server.port, f"127.0.1.{99 + number}")
        if not _was_late(outcome):
            break
    return outcome


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """Return a socket that nobody may connect to."""
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """Return a server with short limits, and every policy on."""
    with serving(*OPTIONS) as served:
        yield served


@pytest.fixture(scope="module")
def siege(server: Served, canary: Canary) -> Siege:
    """Return what came of the corpus."""
    return besiege(server, canary)


# The corpus


def test_size_of_the_corpus() -> None:
    """There are at least 150 hostile requests that differ by more than a value, and each has a name of its own."""
    hostile = hostility.corpus(1)
    assert len({(each.kind, each.entry) for each in hostile}) >= 150
    assert len({(each.kind, each.name, each.sent) for each in hostile}) == len(hostile)


@pytest.mark.parametrize("kind", hostility.kinds())
def test_answers(kind: str, siege: Siege) -> None:
    """Each hostile request of a class gets its answer: whole, well formed, with nothing in it that may not be."""
    outcomes = [outcome for outcome in siege.outcomes if outcome.hostile.kind == kind]
    wrong = {outcome.hostile.name: found for outcome in outcomes if (found := hostility.judge(outcome))}
    assert wrong == {}
    assert outcomes


def test_nothing_is_fetched(siege: Siege, canary: Canary) -> None:
    """Nobody came to the socket that hostile requests name wherever an address can stand; it would have been seen."""
    assert siege.visitors == 0
    assert sum(str(canary.port).encode() in outcome.hostile.sent for outcome in siege.outcomes) > 100
    socket.create_connection(("127.0.0.1", canary.port)).close()
    until(lambda: canary.visitors() == 1, "whoever comes is counted")


def test_nothing_is_written(siege: Siege) -> None:
    """The graphs are what they were before."""
    assert siege.sha256[0] == siege.sha256[1]
    assert siege.triples[0] == siege.triples[1] > 10_000


def test_no_fault(siege: Siege) -> None:
    """No hostile request has met a fault of the program, and nothing was said to the operator but that it serves."""
    assert len(siege.said.splitlines()) == 1, siege.said


def test_server_is_as_before(siege: Siege, server: Served) -> None:
    """When all is over no worker is taken, nobody waits, no connection is left, and the next one gets an answer."""
    assert siege.outcomes
    until(lambda: server.metric("workers_busy") == server.metric("queue") == 0, "no worker is taken")
    until(lambda: server.metric("connections") == 1, "no connection is left but this one")
    until(lambda: len(server.workers()) == 4, "four workers are ready")
    assert server.query("ASK { id:russia a tri:State }").json()["boolean"] is True


# Honest clients


def test_honest_clients_succeed(siege: Siege, server: Served, canary: Canary) -> None:
    """Every request of the honest clients is answered, and right, while the corpus runs.

    The clock may end one where the machine is busy with something else: then all is done again. No other answer may be.
    """
    tried = [siege]
    while _ended_by_the_clock(tried[-1]) and len(tried) < TRIES:
        tried.append(besiege(server, canary))
    assert {each.status for siege in tried for each in siege.under} <= {200, *LATE}
    assert Counter(each.status for each in tried[-1].under).keys() == {200}
    assert len(tried[-1].under) > 500


def _ended_by_the_clock(siege: Siege) -> bool:
    """Tell whether an honest client was told that its answer has taken, or would take, too long."""
    return any(each.status in LATE for each in siege.under)


def test_honest_clients_are_not_held_up(siege: Siege, server: Served, canary: Canary) -> None:
    """Their 99th percentile is within three times the calm one, which is measured between the parts of the corpus."""
    ratios = [siege.ratio]
    while ratios[-1] > 3 and len(ratios) < TRIES:
        ratios.append(besiege(server, canary).ratio)
    assert ratios[-1] <= 3, ratios


def test_what_blocks_would_be_seen() -> None:
    """A server with a single worker, which the same hostile clients take, is measured to hold honest clients up."""
    costly = [each for each in hostility.corpus(1) if each.kind == "time"][:4]
    with serving(*OPTIONS, "--workers", "1", "--time-limit", "3") as served, Honest(served.port) as honest:
        until(lambda: served.metric("requests_total") > 100, "the honest clients have begun")
        begun = time.monotonic()
        time.sleep(CALM)
        ended = time.monotonic()
        attack(served, costly, "127.0.1.1")
        over = time.monotonic()
    calm, under = honest.during([(begun, ended)]), honest.during([(ended, over)])
    assert percentile(under) > 3 * percentile(calm)


def test_several_hostile_clients() -> None:
    """Clients from four addresses keep all workers busy with endless queries; who asks little still gets answers."""
    with serving("--time-limit", "8") as served, ThreadPoolExecutor(16) as pool:
        ends = threading.Event()

        def ask(number: int) -> None:
            while not ends.is_set():
                with suppress(OSError, HTTPException):
                    served.query(ENDLESS, source=f"127.0.3.{number % 4 + 1}")

        for number in range(16):
            pool.submit(ask, number)
        until(lambda: served.metric("workers_busy") == 4 and served.metric("queue") >= 8, "all workers are taken")
        statuses = [served.query(f"ASK {{}} # {number}", source="127.0.2.9").status for number in range(4)]
        ends.set()
        served.process.kill()
    assert statuses == [200] * 4


def test_connections_of_one_client() -> None:
    """Whoever opens as many connections as there may be keeps nobody out: an idle one of them is closed."""
    with serving("--connections", "30", "--idle", "60", "--head-time", "60") as served:
        opened = [_open(served.port, "127.0.1.1") for _ in range(40)]
        assert b" 503 " in opened[-1].recv(4096).split(b"\r\n")[0]
        assert [served.ask("/health", source="127.0.2.9").status for _ in range(3)] == [200] * 3
        for each in opened:
            each.close()


def _open(port: int, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10, source_address=(source, 0))


# Requests that are made up

_METHODS = st.sampled_from(["GET", "POST", "OPTIONS", "PUT", "TRACE", "get", "", "G\x00T"])
_TARGETS = st.sampled_from(
    [
        *(
            "/",
            "/sparql",
            "/sparql?query=ASK%7B%7D",
            "/id/russia",
            "/id/russia.ttl",
            "/queries/who-recognises?as-of=2022",
        ),
        *("/rdf-graph-store?default", "/metrics", "*", "", "//", "/%00", "http://x/y", "/sparql?query=" + "a" * 17_000),
    ]
) | st.text(alphabet="/.%?&=#+ 0aF\\\x00\xff;:@<>'\"", max_size=40).map("/".__add__)
_VERSIONS = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", "", "HTTP/1.1\x00"])
_NAMES = st.sampled_from(
    [
        *("Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Accept", "Connection", "Expect", "Upgrade"),
        *("If-None-Match", "X-Forwarded-For", "Range", "Cookie", "", " Host", "Content-Length ", "X\x00"),
    ]
)
_VALUES = st.sampled_from(
    [
        *("x", "0", "6", "-1", "6, 6", "1e3", "chunked", "identity", "close", "keep-alive", "Upgrade", "100-continue"),
        *("application/sparql-query", "application/x-www-form-urlencoded", "text/html", "*/*;q=0", "websocket", "*"),
    ]
) | st.text(alphabet='\x00\t\x7f\xe9 ,;="()<>\r\n:aQ0', max_size=30)
_BODIES = st.sampled_from(
    ["", "ASK {}", "6\r\nASK {}\r\n0\r\n\r\n", "query=ASK%7B%7D", "\xff\xfe", "0\r\n\r\nGET / HTTP/1.1"]
)
_ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "])


@st.composite
def _made_up(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a request, more or less."""
    first = " ".join([draw(_METHODS), draw(_TARGETS), draw(_VERSIONS)])
    headers = draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=5))
    lines = [first, *(f"{name}: {value}" for name, value in (("Host", "x"), *headers))]
    return ("".join(line + draw(_ENDS) for line in lines) + "\r\n" + draw(_BODIES)).encode("latin-1")


@settings(
    max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(st.lists(_made_up() | st.binary(max_size=60), min_size=60, max_size=60))
def test_any_bytes(server: Served, several: list[bytes]) -> None:
    """Whatever is sent, what comes back is answers in HTTP/1.1, whole, none of which tells of the machine."""

    def send(sent: bytes) -> Outcome:
        return hostility.send(
            Hostile("", "", "", sent, statuses=(frozenset({0}),), closes=True), server.port, "127.0.1.9"
        )

    with ThreadPoolExecutor(len(several)) as pool:
        outcomes = list(pool.map(send, several))
    for outcome in outcomes:
        assert not outcome.failed, outcome
        assert not outcome.rest, outcome
        sent = outcome.hostile.sent.decode("latin-1")
        assert [fault for answer in outcome.answers for fault in hostility.faults(answer, sent)] == [], outcome
    assert server.ask("/health").status == 200
    assert "fault" not in server.said, server.said


# How answers are judged

_OURS = (
    b"content-security-policy: default-src 'none'\r\nx-content-type-options: nosniff\r\n"
    b"referrer-policy: no-referrer\r\n"
)


def answered(status: str = "200 OK", more: bytes = b"", body: bytes = b"x", length: int | None = None) -> bytes:
    """Return the bytes of an answer."""
    size = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\n%s%scontent-length: %d\r\n\r\n%s" % (status.encode(), _OURS, more, size, body)


HTML = b"content-type: text/html; charset=utf-8\r\n"
NO_STORE = b"cache-control: no-store\r\n"
PROBLEM = NO_STORE + b"content-type: application/problem+json\r\n"


def judged(received: bytes, hostile: Hostile | None = None, *, head: bool = False) -> list[str]:
    """Return what is wrong with bytes that came back for a request of which 200 is expected."""
    outcome = Outcome(hostile or Hostile("", "", "", b"GET / HTTP/1.1", statuses=(frozenset({200}),)), closed=True)
    rest = bytearray(received)
    try:
        while (found := hostility.whole(rest, True, head=head)) is not None:
            outcome.answers.append(found[0])
            del rest[: found[1]]
    except hostility.Broken as error:
        outcome.failed = str(error)
    outcome.rest = bytes(rest)
    return hostility.judge(outcome)


def test_right_answer_is_right() -> None:
    """Nothing is wrong with an answer that is as it has to be."""
    assert judged(answered()) == []
    assert judged(answered(more=HTML, body=b'<a href="/id/russia.html">x</a>')) == []
    expected = Hostile("", "", "", b"", statuses=(frozenset({404}),), says="noth", never=("evil",))
    assert judged(answered("404 Not Found", PROBLEM, b"nothing"), expected) == []


@pytest.mark.parametrize(
    ("received", "said"),
    [
        (answered("201 Created"), "statuses"),
        (answered() + answered(), "statuses"),
        (b"", "statuses"),
        (answered("500 Internal Server Error", PROBLEM), "nobody may get"),
        (answered(length=5), "promised 5"),
        (answered(body=b"xy", length=1), "no status|without an end"),
        (answered().replace(b"content-length: 1", b"transfer-encoding: chunked"), "in chunks"),
        (answered().replace(b"content-length: 1\r\n", b""), "unknown length"),
        (answered().replace(b"HTTP/1.1 ", b"HTTP/1.0 "), "no status"),
        (answered(more=b"a\x00b: c\r\n"), "no header"),
        (answered(more=b"a: b\nc: d\r\n"), "no header"),
        (answered(more=b"etag: a\r\n", status="404 Not Found"), "entity tag"),
        (answered("404 Not Found", NO_STORE), "a problem as"),
        (answered("404 Not Found", PROBLEM.replace(b"no-store", b"public")), "may be kept"),
        (answered("503 Service Unavailable", PROBLEM), "when to come back"),
        (answered().replace(b"nosniff", b"sniff"), "x-content-type-options"),
        (answered(more=b"x-content-type-options: nosniff\r\n"), "2 times"),
        (answered(more=b"set-cookie: a=b\r\n"), "set-cookie"),
        (answered(more=b"server: x\r\n"), "server"),
        (answered(more=b"injected: x\r\n"), "injected"),
        (answered(body=b"Traceback (most recent call last)"), "tells of the machine"),
        (answered(body=b'"/var/x/a.rq"'), "tells of the machine"),
        (answered(more=HTML, body=b"<script>alert(1)</script>"), "a script"),
        (answered(more=HTML, body=b'<script src="//evil.example/x.js"></script>'), "a script"),
        (answered(more=HTML, body=b'<script type="application/ld+json">alert(1)</script>'), "a block of data"),
        (answered(more=HTML, body=b'<script type="application/ld+json">["<!--"]</script>'), "a block of data"),
        (answered(more=HTML, body=b'<script type="application/ld+json" src="/x.js"></script>'), "a script"),
        (answered(more=HTML, body=b"<p onclick=x>"), "attribute onclick"),
        (answered(more=HTML, body=b"<p><img src=x></p>"), "element img"),
        (answered(more=HTML, body=b'<a href="javascript:alert(1)">'), "an address"),
        (answered(more=HTML, body=b'<a href="//evil.example/">'), "an address"),
        (answered(more=HTML, body=b'<form action="data:x">'), "an address"),
        (answered(more=HTML, body=b'<meta http-equiv="refresh">'), "a meta element"),
        (answered(more=HTML, body=b"<p style=x>"), "attribute style"),
    ],
)
def test_wrong_answer_is_wrong(received: bytes, said: str) -> None:
    """Each thing that no answer may be is found."""
    assert re.search(said, " ".join(judged(received))), judged(received)


def test_expectations_are_held() -> None:
    """What an entry says of its answer is looked at: what it says, what it never may, and that it closes."""
    plain = Hostile("", "", "", b"", statuses=(frozenset({200}),))
    assert "does not say" in judged(answered(), replace(plain, says="y"))[0]
    assert "contains 'x'" in judged(answered(), replace(plain, never=("x",)))[0]
    many = replace(plain, statuses=(frozenset({429}),), many=True)
    last = answered("429 Too Many Requests", PROBLEM + b"retry-after: 5\r\n")
    assert judged(answered() * 3 + last, many) == []
    assert judged(answered("404 Not Found", PROBLEM) + last, many) != []
    outcome = Outcome(replace(plain, closes=True), [hostility.Answer(200, [], b"")])
    assert "the connection stays open" in hostility.judge(outcome)


# The threat model


def test_every_class_is_in_the_threat_model() -> None:
    """The threat model names each class of the corpus, and no other."""
    text = THREAT_MODEL.read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"hostile/(\w+)\.yaml", text))) == hostility.kinds()


def test_every_test_of_the_threat_model_exists() -> None:
    """Each test that the threat model names is there."""
    named = re.findall(r"`([\w/]+)::(\w+)`", THREAT_MODEL.read_text(encoding="utf-8"))
    assert len(named) > 30
    for module, name in named:
        tree = ast.parse((ROOT / "tests" / f"{module}.py").read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}, (
            f"{module}::{name}"
        )
