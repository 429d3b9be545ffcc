"""Replies of all parts of the server, with headers for caches and browsers, and problems by RFC 9457.

What is not answered is a problem in the form of RFC 9457; what may be sent again is cached.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from triplomacy import __version__
from triplomacy.server.connections import clients
from triplomacy.server.workers.pool import Pool
from triplomacy.server.workers.served import ServedGraphs

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""Headers of every reply."""

SHARED: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Location, ETag, Link, Location, Retry-After, Triplomacy-Citation"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
"""Headers that let pages of other hosts read a reply; left out where the server has the text of a source."""

_CACHE_CONTROL: Final = "public, max-age=60, must-revalidate"


class Problem(Exception):
    """A request that is not answered: the HTTP status, and one sentence on what is wrong and what to do."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def served_graphs(request: Request) -> ServedGraphs:
    """Return the graphs that are served."""
    served: ServedGraphs = request.app.state.loaded
    return served


def pool(request: Request) -> Pool:
    """Return the pool of workers."""
    workers: Pool = request.app.state.pool
    return workers


def client(request: Request) -> str:
    """Return the client's address."""
    return str(request.scope.get("state", {}).get("client", ""))


def is_from_operator(scope: Scope) -> bool:
    """Tell whether a request comes from this machine itself, see `clients.is_local_operator`."""
    return scope["client"] is not None and clients.is_local_operator(scope["client"][0], scope["headers"])


def cacheable_reply(
    request: Request,
    body: str | bytes,
    content_type: str,
    tag: str = "",
    *,
    changing: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a reply that depends on the graphs alone, or 304 where the client has it already.

    Args:
        request: the request.
        body: the content.
        content_type: its media type, with its charset if it is text.
        tag: tells the representations of the same address apart: the name of the format.
        changing: whether it may differ next time, so that no cache may store it.
        headers: others, such as ``Link``.
    """
    fields = {"Vary": "Accept", **(headers or {})}
    if changing:
        return Response(body, headers={**fields, "Cache-Control": "no-store", "Content-Type": content_type})
    etag = f'W/"{__version__}-{served_graphs(request).sha256[:16]}{tag and "-"}{tag}"'
    fields |= {"Cache-Control": _CACHE_CONTROL, "ETag": etag}
    if matches(etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "Content-Type": content_type})


def matches(etag: str, if_none_match: str) -> bool:
    """Tell whether an ``If-None-Match`` names an entity tag, weakly compared (RFC 9110, 13.1.2)."""
    bare = etag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") in (bare, "*") for one in if_none_match.split(","))


def see_other(request: Request, path: str) -> Response:
    """Return 303 to a path of this server, which is written after the base URL."""
    location = f"{served_graphs(request).base_url}/{path.lstrip('/')}"
    return Response(status_code=303, headers={"Location": location, "Vary": "Accept", "Cache-Control": _CACHE_CONTROL})


def problem(accept: str, failed: Problem) -> Response:
    """Return the reply for a problem: a page where ``Accept`` names HTML, else JSON (RFC 9457)."""
    title = HTTPStatus(failed.status).phrase
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **failed.headers}
    if "text/html" in accept:
        content = (
            f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
            f"<h1>{title}</h1>\n<p>{html.escape(failed.detail)}</p>\n"
        )
        return Response(content, failed.status, headers, media_type="text/html")
    document = {"type": "about:blank", "title": title, "status": failed.status, "detail": failed.detail}
    content = json.dumps(document, ensure_ascii=False) + "\n"
    return Response(content, failed.status, headers, media_type="application/problem+json")
