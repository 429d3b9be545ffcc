"""Requests as the SPARQL 1.1 Protocol has them, written by SPARQLWrapper and sent by `triplomacy.http`.

SPARQLWrapper is there for this alone: it has no bound on the time of a whole answer, tries nothing again, and keeps no
credentials from other hosts. It hands on no request, only answers, so its ``_createRequest`` is called; a test holds
what is relied on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl
from urllib.request import Request

from triplomacy import http

LONGEST_GET: Final = 2_000  # characters of an address; a longer query is posted


def query_request(url: str, text: str, form: str, accept: str, graphs: Sequence[str], named: Sequence[str]) -> Request:
    """Return the request for the answer of a query.

    Args:
        url: where queries are sent.
        text: the query.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        accept: the media types that are understood.
        graphs: the IRIs of the graphs whose union is the default graph; if there are none, it is the endpoint's own.
        named: the IRIs of the graphs that ``GRAPH`` can name.
    """
    from SPARQLWrapper import GET, POST, SPARQLWrapper

    base, _, own = url.partition("?")  # it would write a second question mark
    wrapper = SPARQLWrapper(base, agent=http.AGENT)
    wrapper.setOnlyConneg(True)
    wrapper.queryString = text  # setQuery would parse it, and guess at what it does not know
    wrapper.queryType = form
    for name, value in parse_qsl(own, keep_blank_values=True):
        wrapper.addParameter(name, value)
    for name, iris in (("default-graph-uri", graphs), ("named-graph-uri", named)):
        for iri in iris:
            wrapper.addParameter(name, iri)
    wrapper.addCustomHttpHeader("Accept", accept)
    wrapper.setMethod(GET)
    request: Request = wrapper._createRequest()
    if len(request.full_url) > LONGEST_GET:
        wrapper.setMethod(POST)
        request = wrapper._createRequest()
        request.full_url = url
    return request


def update_request(url: str, text: str) -> Request:
    """Return the request for an update."""
    from SPARQLWrapper import POST, SPARQLWrapper

    wrapper = SPARQLWrapper(url, agent=http.AGENT)
    wrapper.setOnlyConneg(True)
    wrapper.setMethod(POST)
    wrapper.queryString = text
    wrapper.queryType = "INSERT"
    request: Request = wrapper._createRequest()
    return request
