"""Replies with what caches and browsers have to know, and problems as pages or as JSON."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from triplomacy.server.connections import responses
from triplomacy.server.connections.responses import Problem

LOADED = SimpleNamespace(sha256="0123456789abcdef" * 4, base_url="https://data.example/tri")


def request(**scope: Any) -> Request:
    """Return a request for what is served, with parts of its scope, and headers by their names."""
    headers = [(name.encode(), value.encode()) for name, value in scope.pop("headers", {}).items()]
    app = SimpleNamespace(state=SimpleNamespace(loaded=LOADED))
    return Request({"type": "http", "headers": headers, "app": app, **scope})


@pytest.mark.parametrize(
    ("if_none_match", "expected"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a"', True),
        ("*", True),
        ('"b"', False),
        ("", False),
        ('"a-ttl"', False),
    ],
)
def test_entity_tags_are_compared_weakly(if_none_match: str, expected: bool) -> None:
    """A tag is the same with and without ``W/``, anywhere in the list, and any is the star (RFC 9110, 13.1.2)."""
    assert responses.matches('W/"a"', if_none_match) is expected
    assert responses.matches('"a"', if_none_match) is expected


def test_reply_may_be_kept() -> None:
    """A reply that follows from the graphs has a tag by their hash and its format, and may be kept for a minute."""
    reply = responses.cacheable_reply(request(), "x", "text/turtle", "ttl", headers={"Link": "<x>"})
    assert (reply.status_code, reply.body, reply.headers["content-type"]) == (200, b"x", "text/turtle")
    assert reply.headers["etag"].startswith('W/"')
    assert reply.headers["etag"].endswith('-0123456789abcdef-ttl"')
    assert reply.headers["cache-control"].startswith("public, ")
    assert (reply.headers["vary"], reply.headers["link"]) == ("Accept", "<x>")
    assert responses.cacheable_reply(request(), "x", "text/turtle").headers["etag"].endswith('-0123456789abcdef"')


def test_client_that_has_a_reply_gets_none() -> None:
    """304 without content goes to a client that names the tag, and the reply itself to one that names another."""
    tag = responses.cacheable_reply(request(), "x", "text/turtle", "ttl").headers["etag"]
    again = responses.cacheable_reply(request(headers={"if-none-match": tag}), "x", "text/turtle", "ttl")
    assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", tag)
    assert responses.cacheable_reply(request(headers={"if-none-match": tag}), "x", "text/csv", "csv").status_code == 200


def test_changing_reply_is_kept_by_nobody() -> None:
    """What may be another one next time has no tag."""
    reply = responses.cacheable_reply(request(), b"x", "text/plain", changing=True)
    assert (reply.headers["cache-control"], "etag" in reply.headers) == ("no-store", False)


@pytest.mark.parametrize("path", ["id/russia", "/id/russia"])
def test_other_place_is_below_the_base_address(path: str) -> None:
    """303 leads to a path below the address that clients use."""
    reply = responses.see_other(request(), path)
    assert (reply.status_code, reply.headers["location"]) == (303, "https://data.example/tri/id/russia")


def test_problem_is_json_or_a_page() -> None:
    """A problem says the same as JSON and, to who prefers that, as a page in which nothing is markup."""
    failed = Problem(400, "<b> is not a term", {"Retry-After": "1"})
    plain, page = (responses.problem(accept, failed) for accept in ("*/*", "text/html, */*"))
    assert plain.media_type == "application/problem+json"
    assert json.loads(bytes(plain.body)) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "<b> is not a term",
    }
    assert page.media_type == "text/html"
    assert b"<p>&lt;b&gt; is not a term</p>" in page.body
    for reply in (plain, page):
        assert (reply.status_code, reply.headers["retry-after"]) == (400, "1")
        assert reply.headers["cache-control"] == "no-store"


def test_who_asks() -> None:
    """The client is what the connection has noted; who sits here is told by address and headers."""
    assert responses.client(request(state={"client": "192.0.2.1"})) == "192.0.2.1"
    assert responses.client(request()) == ""
    assert responses.is_from_operator({"client": ("127.0.0.1", 1), "headers": []})
    assert not responses.is_from_operator({"client": ("192.0.2.1", 1), "headers": []})
    assert not responses.is_from_operator({"client": None, "headers": []})
