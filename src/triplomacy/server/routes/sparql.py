"""SPARQL 1.1 Protocol for queries, the Service Description, and the Graph Store Protocol for reading.

Nothing here writes: an update is refused by name, and there is no code that could do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triplomacy.http import GRAPHS, HTML, JSON, SOLUTIONS, TURTLE, Format, negotiation
from triplomacy.queries import Answer, Scope, formats
from triplomacy.server.connections import responses
from triplomacy.server.connections.responses import Problem
from triplomacy.server.routes import pages
from triplomacy.server.workers.jobs import Job, JobResult
from triplomacy.server.workers.scheduler import Busy
from triplomacy.server.workers.served import ServedGraphs
from triplomacy.terms import GRAPH, RDF, ROOT, VIEW, VOID

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_UPDATE_PARAMETERS: Final = {"update", "using-graph-uri", "using-named-graph-uri"}
_READ_ONLY: Final = "this server only answers queries: nothing here can be changed"
_FIELDS: Final = 256  # of a form or of the query part of an address

Values = Mapping[str, Sequence[str]]


def routes() -> list[Route]:
    """Return the routes of SPARQL and of the Graph Store Protocol."""
    return [
        Route("/sparql", sparql, methods=["GET", "POST"]),
        Route("/rdf-graph-store", graph_store, methods=["GET"]),
        Route("/rdf-graph-store/{path:path}", graph_store_direct, methods=["GET"]),
    ]


async def sparql(request: Request) -> Response:
    """Answer a query; without one, describe the service."""
    values = parameters(request.scope["query_string"])
    text = None
    if request.method == "POST":
        kind = _posted_type(request)
        body = _utf8(await request.body())
        if kind == _FORM:
            values = _merge(values, parameters(body.encode()))
        else:
            text = body
    if _UPDATE_PARAMETERS & values.keys():
        raise Problem(403, _READ_ONLY)
    if text is None and "query" not in values and request.method != "POST":
        return await _without_query(request)
    job = _job(values, text if text is not None else single_value(values, "query", required=True))
    wanted = _accepted_formats(request, values)
    if _preferred_formats(wanted).page:
        return await _answer_on_page(request, job)
    return await answer_job(request, job, wanted)


async def _without_query(request: Request) -> Response:
    """Answer with the description of the service, or to people with the page on which they write a query."""
    if negotiation.prefer(accept(request), (*GRAPHS, HTML)) == HTML:
        return await pages.editor(request)
    return describe_service(request)


async def _answer_on_page(request: Request, job: Job) -> Response:
    """Answer a query with the page on which it is written and its answer, or what is wrong with it, below."""
    try:
        result = await ask(request, replace(job, form=JSON.name, graph_form=TURTLE.name))
    except Problem as failed:
        return await pages.editor(request, job.text, failed=failed)
    return await pages.editor(request, job.text, result)


def _accepted_formats(request: Request, values: Values) -> str | None:
    """Return which formats are accepted: the one that ``format`` names, or what ``Accept`` says.

    Raises:
        Problem: there is no such format.
    """
    name = single_value(values, "format")
    if not name:
        return accept(request)
    form = negotiation.format_by_name(name, (*SOLUTIONS, *GRAPHS, HTML))
    if form is None:
        known = ", ".join(form.name for form in (*SOLUTIONS, *GRAPHS, HTML))
        raise Problem(400, f"format is one of {known}, not {name[:40]!r}")
    return form.media_type


def _merge(one: Values, other: Values) -> Values:
    return {name: (*one.get(name, ()), *other.get(name, ())) for name in {**one, **other}}


def _posted_type(request: Request) -> str:
    """Return the media type of a body that is a query or a form."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == _UPDATE:
        raise Problem(403, _READ_ONLY)
    if kind not in (_FORM, _QUERY):
        accepted = {"Accept-Post": f"{_FORM}, {_QUERY}"}
        raise Problem(415, f"a query is sent as {_FORM} or as {_QUERY}; say so in Content-Type", accepted)
    charsets = [part.partition("=")[2].strip(' "') for part in rest.lower().split(";") if "charset" in part]
    if not {*charsets} <= {"utf-8", "utf8"}:
        raise Problem(415, "a query is sent in UTF-8; encode it so")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise Problem(415, "a query is sent as it is; leave Content-Encoding out", {"Accept-Encoding": "identity"})
    return kind


def parameters(query_string: bytes) -> Values:
    """Return the values of each parameter of an address or a form, in their order.

    Raises:
        Problem: it is not UTF-8, or has too many.
    """
    if not query_string:
        return {}
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError:
        raise Problem(400, "the parameters are not UTF-8; encode them so, then with percent signs") from None
    except ValueError:
        raise Problem(400, f"a request may have {_FIELDS} parameters; send fewer") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def single_value(values: Values, name: str, *, required: bool = False) -> str:
    """Return the value of a parameter that may be there once, empty where it is not.

    Raises:
        Problem: it is there several times, or is *required* and not there.
    """
    several = values.get(name, ())
    if len(several) > 1:
        raise Problem(400, f"{name} is there {len(several)} times; send it once")
    if required and not several:
        raise Problem(400, f"{name} is missing; send it")
    return several[0] if several else ""


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8 at byte {error.start}; encode it so") from None


def _job(values: Values, text: str) -> Job:
    chooses = "default-graph-uri" in values or "named-graph-uri" in values
    return Job(
        text=text,
        default_graphs=tuple(dict.fromkeys(values.get("default-graph-uri", ()))) if chooses else None,
        named_graphs=tuple(dict.fromkeys(values.get("named-graph-uri", ()))) if chooses else None,
        scope=scope(values),
    )


def scope(values: Values) -> Scope:
    """Return what parameters choose of the data: ``view``, ``according-to``, ``as-of``, ``certainly``, ``evidence``."""
    return Scope(
        views=tuple(dict.fromkeys(values.get("view", ()))),
        actors=tuple(dict.fromkeys(values.get("according-to", ()))),
        as_of=single_value(values, "as-of") or None,
        certainly=flag(values, "certainly"),
        evidence=flag(values, "evidence"),
    )


def flag(values: Values, name: str) -> bool:
    """Tell whether a parameter is on.

    Raises:
        Problem: it is neither on nor off.
    """
    value = single_value(values, name).lower()
    if value in ("1", "true", "on", "yes"):
        return True
    if value in ("", "0", "false", "off", "no"):
        return False
    raise Problem(400, f"{name} is true or false, not {value[:40]!r}")


class _PreferredFormats(NamedTuple):
    """The formats of rows and of triples that a client prefers, and whether it would rather have a page."""

    solutions: Format | None
    graph: Format | None
    page: bool


def _preferred_formats(accept: str | None) -> _PreferredFormats:
    return (_negotiate if len(accept or "") < 256 else _negotiate.__wrapped__)(accept)


@lru_cache(maxsize=512)
def _negotiate(accept: str | None) -> _PreferredFormats:
    page = negotiation.prefer(accept, (*SOLUTIONS, *GRAPHS, HTML)) == HTML
    return _PreferredFormats(negotiation.prefer(accept, SOLUTIONS), negotiation.prefer(accept, GRAPHS), page)


def accept(request: Request) -> str | None:
    """Return the ``Accept`` header, several joined, or None where there is none."""
    headers = request.headers.getlist("accept")
    return ", ".join(headers) if headers else None


async def answer_job(request: Request, job: Job, wanted: str | None) -> Response:
    """Return the reply to a job in the formats that the client accepts, as an ``Accept`` header has them."""
    solutions, graph, _ = _preferred_formats(wanted)
    job = _in_formats(job, solutions, graph)
    result = await ask(request, job)
    if result.status == 406:
        if negotiation.prefer(wanted, (HTML,)) is not None:  # a page can hold the answer, whatever it is
            return await _answer_on_page(request, job)
        raise Problem(406, negotiation.advice(SOLUTIONS if result.form == "json" else GRAPHS))
    form = solutions if solutions and result.form == solutions.name else graph
    assert form is not None
    return responses.cacheable_reply(request, result.body, form.content_type, form.name, changing=result.changing)


def _in_formats(job: Job, solutions: Format | None, graph: Format | None) -> Job:
    return replace(job, form=solutions.name if solutions else "", graph_form=graph.name if graph else "")


async def ask(request: Request, job: Job) -> JobResult:
    """Return what a worker answers: 200, or 406 where the answer is of a kind for which no format is wanted.

    Raises:
        Problem: it is refused, or there is no worker.
    """
    try:
        result = await responses.pool(request).answer(
            job, responses.client(request), lambda: _wait_for_disconnect(request)
        )
    except Busy as error:
        raise Problem(503, error.message, {"Retry-After": "2"}) from None
    if result.status in (200, 406):
        return result
    retry = {"Retry-After": "1"} if result.status == 503 else None
    raise Problem(result.status, result.body.decode("utf-8", "replace"), retry)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def graph_store(request: Request) -> Response:
    """Answer with a graph that is named by its IRI, or with the default graph."""
    values = parameters(request.scope["query_string"])
    if ("graph" in values) == ("default" in values):
        raise Problem(400, "say which graph: ?graph=IRI, or ?default")
    return await _whole_graph(request, "default" if "default" in values else single_value(values, "graph"))


async def graph_store_direct(request: Request) -> Response:
    """Answer with the graph whose IRI is this address, or the IRI of ours that its path names."""
    loaded, path = responses.served_graphs(request), request.path_params["path"]
    names = (f"{loaded.base_url}/rdf-graph-store/{path}", ROOT + path)
    return await _whole_graph(request, next((name for name in names if name in loaded.graphs), names[0]))


async def _whole_graph(request: Request, iri: str) -> Response:
    loaded = responses.served_graphs(request)
    if iri != "default" and iri not in loaded.graphs:
        raise Problem(404, f"no such graph: {iri[:200]}; /sparql describes those that there are")
    chosen = negotiation.prefer(accept(request), GRAPHS)
    if chosen is None:
        raise Problem(406, negotiation.advice(GRAPHS))
    result = await ask(request, Job(graph=iri, graph_form=chosen.name))
    return responses.cacheable_reply(request, result.body, chosen.content_type, chosen.name)


def describe_service(request: Request) -> Response:
    """Answer with the description of this service (SPARQL 1.1 Service Description)."""
    chosen = negotiation.prefer(accept(request), GRAPHS)
    if chosen is None:
        raise Problem(406, negotiation.advice(GRAPHS))
    triples = service_description(responses.served_graphs(request))
    if chosen.name == "turtle":
        from triplomacy.rdf import turtle

        prefixes = {"formats": _FORMATS, "sd": _SD, "void": VOID, "graph": GRAPH, "view": VIEW}
        body: str | bytes = turtle.serialise(triples, prefixes)
    else:
        body = formats.FORMATS[chosen.name](Answer(triples=tuple(triples)), None)
    return responses.cacheable_reply(request, body, chosen.content_type, chosen.name)


_RESULT_FORMATS: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "TriG",
    "N-Triples",
    "N-Quads",
    "JSON-LD",
    "RDF_XML",
)


def service_description(loaded: ServedGraphs) -> list[ox.Triple]:
    """Return the triples that describe the service: its address, language, formats, and dataset."""
    service, dataset, default = ox.BlankNode("service"), ox.BlankNode("dataset"), ox.BlankNode("default")
    triples: list[ox.Triple] = []

    def say(subject: ox.BlankNode, term: str, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
        predicate = RDF + "type" if term == "a" else VOID + "triples" if term == "triples" else _SD + term
        triples.append(ox.Triple(subject, ox.NamedNode(predicate), value))

    say(service, "a", ox.NamedNode(_SD + "Service"))
    say(service, "endpoint", ox.NamedNode(f"{loaded.base_url}/sparql"))
    say(service, "supportedLanguage", ox.NamedNode(_SD + "SPARQL11Query"))
    for name in _RESULT_FORMATS:
        say(service, "resultFormat", ox.NamedNode(_FORMATS + name))
    say(service, "defaultDataset", dataset)
    say(dataset, "a", ox.NamedNode(_SD + "Dataset"))
    say(dataset, "defaultGraph", default)
    say(default, "a", ox.NamedNode(_SD + "Graph"))
    say(default, "triples", _count(loaded, ox.DefaultGraph()))
    for number, iri in enumerate(loaded.graphs):
        named, graph = ox.BlankNode(f"named{number}"), ox.BlankNode(f"graph{number}")
        say(dataset, "namedGraph", named)
        say(named, "a", ox.NamedNode(_SD + "NamedGraph"))
        say(named, "name", ox.NamedNode(iri))
        say(named, "graph", graph)
        say(graph, "a", ox.NamedNode(_SD + "Graph"))
        say(graph, "triples", _count(loaded, ox.NamedNode(iri)))
    return triples


def _count(loaded: ServedGraphs, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Literal:
    return ox.Literal(sum(1 for _ in loaded.dataset.store.quads_for_pattern(None, None, None, graph)))
