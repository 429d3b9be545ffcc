"""Stored queries as an interface for programs and people: ``/queries/THEME/NAME?parameter=value``.

An answer can be cited. JSON, Parquet and pages have the citation in them, and all formats have it in headers:
``Content-Location`` and ``Link`` with ``rel=cite-as`` (RFC 8574) are permanent addresses, ``Triplomacy-Citation`` has
the hashes of dataset and answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triplomacy import pages
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.http import DOCUMENTS, HTML, JSON, TURTLE, Format, negotiation
from triplomacy.publish import QUERIES_GRAPH
from triplomacy.queries import StoredQuery
from triplomacy.server.connections import responses
from triplomacy.server.connections.responses import Problem
from triplomacy.server.routes import documents, question_address, sparql
from triplomacy.server.routes.descriptions import Descriptions, descriptions
from triplomacy.server.routes.question_address import AddressedQuestion
from triplomacy.server.workers.jobs import Job, JobResult


def routes() -> list[Route]:
    """Return the routes of stored queries and of their description in OpenAPI."""
    return [
        Route("/openapi.json", interface),
        Route("/queries", stored_queries),
        Route("/queries/{name:path}", answer),
    ]


async def interface(request: Request) -> Response:
    """Answer with the description of the interface in OpenAPI 3.1."""
    return responses.cacheable_reply(request, descriptions(request).openapi, "application/json")


async def stored_queries(request: Request) -> Response:
    """Answer with the page of all stored queries, or with 303 to their description in RDF."""
    known = descriptions(request)
    form = negotiation.prefer(sparql.accept(request), DOCUMENTS)
    if form != HTML:
        return documents.see_document(request, QUERIES_GRAPH, DOCUMENTS)
    page = await known.once("queries", lambda: pages.questions(known.site, known.loaded.dataset))
    return responses.cacheable_reply(request, page, HTML.content_type, HTML.name)


async def answer(request: Request) -> Response:
    """Answer a stored query in the format that ``format`` or ``Accept`` asks for."""
    known = descriptions(request)
    try:
        stored = known.query(request.path_params["name"])
    except UnknownName as error:
        raise Problem(404, error.message) from None
    values_by_name = sparql.parameters(request.scope["query_string"])
    form = negotiation.prefer(sparql.accept(request), question_address.available_formats(stored))
    try:
        question = question_address.read(
            stored, [(name, value) for name, values in values_by_name.items() for value in values]
        )
        form = question.form or form
        if form is None:
            raise Problem(406, negotiation.advice(question_address.available_formats(stored)))
        result = await _ask(request, question, form)
    except (TriplomacyError, Problem) as error:
        failed = error if isinstance(error, Problem) else Problem(400, error.message)
        failed = Problem(failed.status, question_address.reworded(failed.detail), failed.headers)
        if form is None or form.name != HTML.name:
            raise failed from None
        return await _page_of_problem(known, stored, values_by_name, failed)
    headers = _citation_headers(known, question, form, result.citation)
    body = result.body if form.name != HTML.name else await _page(known, question, result)
    return responses.cacheable_reply(
        request, body, form.content_type, form.name, changing=result.changing, headers=headers
    )


async def _ask(request: Request, question: AddressedQuestion, form: Format) -> JobResult:
    is_page = form.name == HTML.name
    what = question.question
    job = Job(
        name=question.name,
        values=what.values,
        form=JSON.name if is_page else form.name,
        graph_form=TURTLE.name if is_page else form.name,
        views=what.views,
        actors=what.actors,
        as_of=what.as_of,
        certainly=what.certainly,
        evidence=what.evidence,
        cited=True,
    )
    return await sparql.ask(request, job)


def _citation_headers(
    known: Descriptions, question: AddressedQuestion, form: Format, citation: Mapping[str, Any]
) -> dict[str, str]:
    """Return the headers by which an answer can be cited."""
    base = known.loaded.base_url
    return {
        "Content-Location": question.address(base, form),
        "Link": f'<{question.address(base)}>; rel="cite-as", <{base}/openapi.json>; rel="service-desc"',
        "Triplomacy-Citation": question_address.citation_header(citation),
    }


async def _page(known: Descriptions, question: AddressedQuestion, result: JobResult) -> str:
    if result.form == TURTLE.name:
        outcome = pages.FormOutcome(turtle=result.body.decode("utf-8"))
    else:
        outcome = pages.answer_of(result.body)
    outcome = replace(outcome, remarks=tuple(map(question_address.reworded, result.remarks)))
    site, dataset = known.site, known.loaded.dataset
    return await run_in_threadpool(pages.question, site, dataset, question.stored, question.given, outcome)


async def _page_of_problem(
    known: Descriptions, stored: StoredQuery, values_by_name: Mapping[str, Sequence[str]], failed: Problem
) -> Response:
    """Return the form as it was filled in with the problem below; with 200 where only SERVICE was refused (403)."""
    status = 200 if failed.status == 403 else failed.status
    outcome = pages.FormOutcome(title=HTTPStatus(failed.status).phrase, detail=failed.detail)
    page = await run_in_threadpool(pages.question, known.site, known.loaded.dataset, stored, values_by_name, outcome)
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **failed.headers, "Content-Type": HTML.content_type}
    return Response(page, status, headers)
