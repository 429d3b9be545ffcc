"""Pages for people that describe no single IRI, and the files that pages refer to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache, partial
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triplomacy import pages
from triplomacy.dataset import Dataset
from triplomacy.http import HTML, TURTLE, negotiation
from triplomacy.server.connections import responses
from triplomacy.server.connections.responses import Problem
from triplomacy.server.routes.descriptions import descriptions
from triplomacy.server.workers.jobs import JobResult

_PAGES: Final[dict[str, Callable[[pages.Site, Dataset], str]]] = {
    "/": pages.overview,
    "/actors": pages.actors,
    "/propositions": pages.propositions,
    "/disputes": pages.disputes,
    "/sources": pages.sources,
}
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def routes() -> list[Route]:
    """Return the routes of pages about our graphs."""
    return [Route(path, _page(write)) for path, write in _PAGES.items()]


def file_routes() -> list[Route]:
    """Return the route of static files, which pages about any graphs need."""
    return [Route("/static/{name:path}", static)]


def _page(write: Callable[[pages.Site, Dataset], str]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        known = descriptions(request)
        page = await known.once(write, partial(write, known.site, known.loaded.dataset))
        return responses.cacheable_reply(request, page, HTML.content_type, HTML.name)

    return answer


async def editor(
    request: Request, text: str = "", result: JobResult | None = None, failed: Problem | None = None
) -> Response:
    """Answer with the page on which people write SPARQL, with the answer or the problem below.

    Args:
        request: the request.
        text: the query, if there is one.
        result: its answer, in SPARQL's JSON or in Turtle.
        failed: what is wrong with it.
    """
    known = descriptions(request)
    outcome = None
    if failed is not None:
        outcome = pages.FormOutcome(title=HTTPStatus(failed.status).phrase, detail=failed.detail)
    elif result is not None:
        outcome = (
            pages.FormOutcome(turtle=result.body.decode())
            if result.form == TURTLE.name
            else pages.answer_of(result.body)
        )
        outcome = replace(outcome, remarks=result.remarks)
    page = await run_in_threadpool(pages.editor, known.site, known.loaded.dataset, text, outcome)
    if failed is not None:
        return _problem_page(page, failed)
    return responses.cacheable_reply(
        request, page, HTML.content_type, HTML.name, changing=result is not None and result.changing
    )


def problem(request: Request, failed: Problem) -> Response:
    """Return the reply for a problem: a page of the site where ``Accept`` names HTML, else JSON (RFC 9457)."""
    accept = request.headers.get("accept", "")
    if HTML.media_type not in accept or negotiation.prefer(accept, (HTML,)) is None:
        return responses.problem("", failed)
    title = HTTPStatus(failed.status).phrase
    return _problem_page(pages.problem(descriptions(request).site, failed.status, title, failed.detail), failed)


def _problem_page(page: str, failed: Problem) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **failed.headers, "Content-Type": HTML.content_type}
    return Response(page, failed.status, headers)


@cache
def files() -> dict[str, str]:
    """Return the media type of each file that pages refer to, by its path below ``/static/``."""
    paths = (path for path in sorted(pages.STATIC.rglob("*")) if path.is_file() and path.suffix in _MEDIA_TYPES)
    return {path.relative_to(pages.STATIC).as_posix(): _MEDIA_TYPES[path.suffix] for path in paths}


async def static(request: Request) -> Response:
    """Answer with a static file; only paths that were listed are ever opened."""
    name = request.path_params["name"]
    known = files()
    if name not in known:
        raise Problem(404, "there is no such file; pages name those that there are")
    content = await run_in_threadpool((pages.STATIC / name).read_bytes)
    return responses.cacheable_reply(request, content, known[name])
