"""Who asks: the address that counts, who sits at this machine, and what each may take."""

import ipaddress
from collections.abc import Sequence

import pytest

from triplomacy.server.connections import clients
from triplomacy.server.connections.clients import Buckets, client, is_in_networks, is_local_operator, is_loopback

TRUSTED = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # whoever is not trusted may say what he likes
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the client may have written what stands before
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7,, 10.0.0.2 ,", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::"),
        ("fe80::1%eth0", "", "fe80::"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("a:b", "", "a:b"),
    ],
)
def test_address_of_who_asks(peer: str, forwarded: str, expected: str) -> None:
    """The nearest address that no trusted proxy has counts; of IPv6 its network of 64 bits."""
    assert client(peer, forwarded, TRUSTED) == expected


def test_nobody_is_believed_without_a_trusted_proxy() -> None:
    """Without trusted networks the connection counts, whatever it forwards."""
    assert client("10.0.0.1", "198.51.100.7", []) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "expected"), [("10.1.2.3", True), ("fd12::1", True), ("11.0.0.1", False), ("", False), ("x", False)]
)
def test_address_is_within_one_of_several_networks(address: str, expected: bool) -> None:
    """An address within any of the networks is; a text that is not an address is in none."""
    assert is_in_networks(address, TRUSTED) is expected


@pytest.mark.parametrize(
    ("address", "expected"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("", False)]
)
def test_loopback(address: str, expected: bool) -> None:
    """Only addresses of the machine itself are loopback."""
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("127.0.0.1", [(b"host", b"localhost:8000")], True),
        ("127.0.0.1", [(b"host", b"LOCALHOST")], True),
        ("127.0.0.1", [(b"host", b"127.0.0.1:8000")], True),
        ("::1", [(b"host", b"[::1]:8000")], True),
        ("127.0.0.1", [], True),
        ("192.0.2.1", [(b"host", b"localhost")], False),
        ("127.0.0.1", [(b"host", b"rebound.example:8000")], False),
        ("127.0.0.1", [(b"host", b"localhost"), (b"host", b"rebound.example")], False),
        ("127.0.0.1", [(b"host", b"localhost"), (b"via", b"1.1 proxy")], False),
        ("127.0.0.1", [(b"host", b"localhost"), (b"x-forwarded-for", b"192.0.2.1")], False),
        ("127.0.0.1", [(b"host", b"localhost"), (b"forwarded", b"for=192.0.2.1")], False),
        ("127.0.0.1", [(b"host", b"localhost"), (b"accept", b"rebound.example")], True),
    ],
)
def test_who_sits_at_this_machine(peer: str, headers: Sequence[tuple[bytes, bytes]], expected: bool) -> None:
    """Who connects from this machine, by its own name or an address, and through no proxy."""
    assert is_local_operator(peer, headers) is expected


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return what the test has set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock of the buckets."""
    clock = Clock()
    monkeypatch.setattr(clients, "monotonic", clock)
    return clock


def test_burst_then_rate(clock: Clock) -> None:
    """A client takes a burst at once, then waits for as long as the rate says, and never has more than a burst."""
    buckets = Buckets(rate=2.0, burst=3.0)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == 0.5
    clock.now += 0.25
    assert buckets.take("a") == 0.25
    clock.now += 0.25
    assert buckets.take("a") == 0.0
    assert buckets.take("a", 0.5) == 0.25
    clock.now += 1_000
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


@pytest.mark.usefixtures("clock")
def test_clients_have_their_own_tokens() -> None:
    """What one client takes costs another nothing."""
    buckets = Buckets(rate=1.0, burst=1.0)
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == 1.0
    assert buckets.take("b") == 0.0
    assert len(buckets) == 2


def test_without_a_rate_nothing_is_counted() -> None:
    """A rate of nought sets no bound, and no client is remembered."""
    buckets = Buckets(rate=0.0, burst=1.0)
    assert [buckets.take("a", 5.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert len(buckets) == 0


@pytest.mark.usefixtures("clock")
def test_those_who_asked_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many clients the one that has not asked for longest is forgotten, with a full bucket next time."""
    monkeypatch.setattr(clients, "_MOST", 2)
    buckets = Buckets(rate=1.0, burst=1.0)
    for name in ("a", "b", "a", "c"):
        buckets.take(name)
    assert len(buckets) == 2
    assert buckets.take("a") == 1.0
    assert buckets.take("b") == 0.0
