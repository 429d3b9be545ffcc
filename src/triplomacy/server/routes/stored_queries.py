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
from triplomacy.server.routes.descriptions import Described, described
from triplomacy.server.routes.question_address import Asked
from triplomacy.server.workers.jobs import Done, Job


def routes() -> list[Route]:
    """Return what is answered here."""
    return [
        Route("/openapi.json", interface),
        Route("/queries", stored_queries),
        Route("/queries/{name:path}", answer),
    ]


async def interface(request: Request) -> Response:
    """Answer with the description of the interface in OpenAPI 3.1."""
    return responses.whole(request, described(request).openapi, "application/json")


async def stored_queries(request: Request) -> Response:
    """Answer with the page of all stored queries, or with 303 to their description in RDF."""
    found = described(request)
    form = negotiation.prefer(sparql.accept(request), DOCUMENTS)
    if form != HTML:
        return documents.see_document(request, QUERIES_GRAPH, DOCUMENTS)
    page = await found.once("queries", lambda: pages.questions(found.site, found.loaded.dataset))
    return responses.whole(request, page, HTML.content_type, HTML.name)


async def answer(request: Request) -> Response:
    """Answer a stored query in the format that ``format`` or ``Accept`` asks for."""
    found = described(request)
    try:
        stored = found.query(request.path_params["name"])
    except UnknownName as error:
        raise Problem(404, error.message) from None
    given = sparql.parameters(request.scope["query_string"])
    form = negotiation.prefer(sparql.accept(request), question_address.offered(stored))
    try:
        question = question_address.read(stored, [(name, value) for name, values in given.items() for value in values])
        form = question.form or form
        if form is None:
            raise Problem(406, negotiation.advice(question_address.offered(stored)))
        done = await _ask(request, question, form)
    except (TriplomacyError, Problem) as error:
        failed = error if isinstance(error, Problem) else Problem(400, error.message)
        if form is None or form.name != HTML.name:
            raise failed from None
        return await _page_of_problem(found, stored, given, failed)
    headers = _cited(found, question, form, done.citation)
    body = done.body if form.name != HTML.name else await _page(found, question, done)
    return responses.whole(request, body, form.content_type, form.name, changing=done.changing, headers=headers)


async def _ask(request: Request, question: Asked, form: Format) -> Done:
    is_page = form.name == HTML.name
    what = question.question
    job = Job(
        name=question.name,
        values=what.values,
        form=JSON.name if is_page else form.name,
        graph_form=TURTLE.name if is_page else form.name,
        scope=what.scope,
        cited=True,
    )
    return await sparql.ask(request, job)


def _cited(found: Described, question: Asked, form: Format, citation: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by which an answer can be cited."""
    base = found.loaded.base_url
    return {
        "Content-Location": question.address(base, form),
        "Link": f'<{question.address(base)}>; rel="cite-as", <{base}/openapi.json>; rel="service-desc"',
        "Triplomacy-Citation": question_address.cited(citation),
    }


async def _page(found: Described, question: Asked, done: Done) -> str:
    if done.form == TURTLE.name:
        outcome = pages.FormOutcome(turtle=done.body.decode("utf-8"))
    else:
        outcome = pages.answer_of(done.body)
    outcome = replace(outcome, remarks=done.remarks)
    site, dataset = found.site, found.loaded.dataset
    return await run_in_threadpool(pages.question, site, dataset, question.stored, question.given, outcome)


async def _page_of_problem(
    found: Described, stored: StoredQuery, given: Mapping[str, Sequence[str]], failed: Problem
) -> Response:
    """Return the form as it was filled in, with what is wrong below it; a question that is not asked here is shown."""
    status = 200 if failed.status == 403 else failed.status
    outcome = pages.FormOutcome(title=HTTPStatus(failed.status).phrase, detail=failed.detail)
    page = await run_in_threadpool(pages.question, found.site, found.loaded.dataset, stored, given, outcome)
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **failed.headers, "Content-Type": HTML.content_type}
    return Response(page, status, headers)
