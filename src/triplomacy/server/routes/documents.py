"""Linked data: from the IRI of a thing to the document about it (303), and the document in the format that is wanted.

``/id/north-korea`` leads to ``/id/north-korea.ttl`` or another ending, as ``Accept`` has it; an address with an ending
is answered in that format, whatever ``Accept`` says, as a host of files would.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triplomacy import pages
from triplomacy.http import DOCUMENTS, GRAPHS, HTML, Format, negotiation
from triplomacy.publish import LICENCE, PAGES, VOID_FILE, Document, documents
from triplomacy.server.connections import responses
from triplomacy.server.connections.responses import Problem
from triplomacy.server.routes import sparql
from triplomacy.server.routes.descriptions import Descriptions, descriptions

_SMALL: Final = 300  # statements of a document up to which others do not wait for long


def routes() -> list[Route]:
    """Return the routes; the last one matches any path."""
    return [
        Route("/.well-known/void", void),
        Route("/sitemap.xml", sitemap),
        Route("/sitemap-{number:int}.xml", sitemap),
        Route("/robots.txt", robots),
        Route("/{path:path}", resolve),
    ]


async def resolve(request: Request) -> Response:
    """Answer for an IRI of ours: with 303 to its document, or with the document."""
    known = descriptions(request)
    located = known.locate(request.path_params["path"])
    if located is None:
        raise Problem(404, known.unknown_address(request.path_params["path"]).message)
    iri, form = located
    if form is None:
        return see_document(request, iri, DOCUMENTS)
    if form == HTML and iri in PAGES:
        return responses.see_other(request, PAGES[iri])
    document = known.document(iri)
    text = known.text(document) if form == HTML else None
    body = await write_document(known, document, form, text if responses.is_from_operator(request.scope) else None)
    private = (
        text is not None
    )  # a text under copyright stays in no cache, nor is a page without it kept for its operator
    headers = {"Link": link_header(known, document)}
    return responses.cacheable_reply(request, body, form.content_type, form.name, changing=private, headers=headers)


def see_document(request: Request, iri: str, offered: tuple[Format, ...]) -> Response:
    """Return 303 to the document of an IRI, in the format that ``Accept`` prefers.

    Raises:
        Problem: none of those that are offered is accepted.
    """
    form = negotiation.prefer(sparql.accept(request), offered)
    if form is None:
        raise Problem(406, negotiation.advice(offered))
    if form.name == HTML.name and iri in PAGES:
        return responses.see_other(request, PAGES[iri])
    whole = descriptions(request).documents.holder(iri) or iri
    return responses.see_other(request, documents.address("", whole, form))


async def write_document(known: Descriptions, document: Document, form: Format, text: str | None) -> str:
    """Return a document in a format; a large one is written once, in a thread.

    Args:
        known: the descriptions of the graphs that are served.
        document: to be written.
        form: the format.
        text: the characters that a page shows, if there are any.
    """
    is_small = len(document.statements) + len(document.backlinks) <= _SMALL
    if form != HTML:
        write = partial(documents.serialise, document, form)
        return write() if is_small else await known.once((document.iri, form.name), write)
    page = partial(pages.document, known.site, known.loaded.dataset, document, text)
    key = (document.iri, form.name, text is not None)
    return await run_in_threadpool(page) if is_small else await known.once(key, page)


def link_header(known: Descriptions, document: Document) -> str:
    """Return the ``Link`` header of a document: what it describes, its other formats, its licence, the catalogue."""
    base = known.loaded.base_url
    formats = (
        f'<{documents.address(base, document.iri, form)}>; rel="alternate"; type="{form.media_type}"'
        for form in DOCUMENTS
    )
    described_by = f'<{base}/catalogue>; rel="describedby"'
    return ", ".join([f'<{document.iri}>; rel="describes"', *formats, f'<{LICENCE}>; rel="license"', described_by])


async def void(request: Request) -> Response:
    """Answer with 303 to the description of the dataset, in RDF unless a page is preferred."""
    return see_document(request, VOID_FILE, (*GRAPHS, HTML))


async def sitemap(request: Request) -> Response:
    """Answer with the sitemap, or with one of several."""
    number = request.path_params.get("number", 0)
    sitemaps = descriptions(request).sitemaps
    if number >= len(sitemaps) or (number == 0 and "number" in request.path_params):
        raise Problem(404, "there is no such sitemap; /sitemap.xml names those that there are")
    return responses.cacheable_reply(request, sitemaps[number], "application/xml")


async def robots(request: Request) -> Response:
    """Answer with robots.txt."""
    return responses.cacheable_reply(request, descriptions(request).catalogue.robots(), "text/plain; charset=utf-8")
