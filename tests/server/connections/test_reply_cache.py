"""Replies that are given again: which are kept, for whom, and how many bytes of them."""

import pytest

from triplomacy.server.connections import reply_cache
from triplomacy.server.connections.reply_cache import Key, ReplyCache

HEADERS = [(b"cache-control", b"public, max-age=60"), (b"etag", b'"1"')]
BODY = b"x" * 500  # with its headers and what else is counted, a little more than 1,000 bytes


def put_twice(cache: ReplyCache, key: Key, body: bytes = BODY) -> None:
    """Have a reply come twice, so that it is kept."""
    cache.put(key, HEADERS, body)
    cache.put(key, HEADERS, body)


def test_reply_is_kept_when_it_is_asked_for_again() -> None:
    """The first time a reply is only remembered, the second time kept; the third time the count begins anew."""
    cache = ReplyCache(100_000)
    cache.put((b"/a", b"*/*"), HEADERS, BODY)
    assert cache.get((b"/a", b"*/*")) is None
    cache.put((b"/a", b"*/*"), HEADERS, BODY)
    reply = cache.get((b"/a", b"*/*"))
    assert reply is not None
    assert (reply.head, reply.etag, reply.body) == (
        b'cache-control: public, max-age=60\r\netag: "1"\r\n',
        b'"1"',
        BODY,
    )
    assert cache.get((b"/a", b"text/html")) is None
    cache.put((b"/a", b"*/*"), HEADERS, b"later")
    assert cache.get((b"/a", b"*/*")) == reply


@pytest.mark.parametrize("headers", [HEADERS[:1], HEADERS[1:], [(b"cache-control", b"no-store"), HEADERS[1]], []])
def test_reply_that_may_not_be_kept_is_not(headers: list[tuple[bytes, bytes]]) -> None:
    """Without an entity tag, or without leave to keep it in public, a reply is not kept."""
    cache = ReplyCache(100_000)
    for _ in range(3):
        cache.put((b"/a", b""), headers, BODY)
    assert len(cache) == cache.size == 0


def test_size_is_that_of_what_is_kept() -> None:
    """Bytes count with keys and headers; a reply that goes, also for another in its place, leaves none behind."""
    cache = ReplyCache(100_000)
    put_twice(cache, (b"/a", b"*/*"))
    assert cache.size == len(BODY) + len(b'cache-control: public, max-age=60\r\netag: "1"\r\n') + 500 + 5
    size = cache.size
    put_twice(cache, (b"/a", b"*/*"), BODY[1:])
    assert (cache.size, len(cache)) == (size - 1, 1)
    cache.drop((b"/a", b"*/*"))
    cache.drop((b"/a", b"*/*"))
    assert (cache.size, len(cache)) == (0, 0)


def test_one_reply_takes_an_eighth_at_most() -> None:
    """What would fill more than an eighth is not kept; exactly an eighth is."""
    cache = ReplyCache(100_000)
    put_twice(cache, (b"/a", b""))
    size = cache.size
    for most, number in [(8 * size, 1), (8 * size - 1, 0)]:
        other = ReplyCache(most)
        put_twice(other, (b"/a", b""))
        assert len(other) == number


def test_what_was_asked_for_last_stays() -> None:
    """Where there is no room for all, those go that nobody has asked for for longest, and no more than need be."""
    cache = ReplyCache(100_000)
    put_twice(cache, (b"/0", b""))
    cache = ReplyCache(8 * cache.size)
    for number in range(8):
        put_twice(cache, (b"/%d" % number, b""))
    assert (len(cache), cache.size) == (8, cache.most)
    assert cache.get((b"/0", b"")) is not None
    put_twice(cache, (b"/8", b""))
    assert len(cache) == 8
    assert [number for number in range(9) if cache.get((b"/%d" % number, b"")) is None] == [1]


def test_what_is_asked_for_once_drives_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many requests are remembered at most, those of longest ago forgotten."""
    monkeypatch.setattr(reply_cache, "_SEEN_ONCE", 2)
    cache = ReplyCache(100_000)
    for path in (b"/a", b"/b", b"/c", b"/a"):  # by then the first is forgotten
        cache.put((path, b""), HEADERS, BODY)
    assert len(cache) == 0
    cache.put((b"/c", b""), HEADERS, BODY)
    assert cache.get((b"/c", b"")) is not None
