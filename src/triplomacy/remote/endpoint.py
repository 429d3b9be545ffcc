"""Any SPARQL 1.1 endpoint: queries by the SPARQL Protocol, answered whole or with an error.

Where a server gives fewer rows than there are, the rest is asked for page by page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from triplomacy import http
from triplomacy.dataset import Result, Solutions
from triplomacy.errors import BadParameter, Choice, TriplomacyError
from triplomacy.http import Client, Refused, Response
from triplomacy.remote import requests, responses
from triplomacy.remote.responses import ResponsePart, Rows
from triplomacy.sparql import paging, read, tree
from triplomacy.terms import GRAPH, ONTOLOGY, PREFIXES, VIEW

_ROWS: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_TRIPLES: Final = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8"
_IN_ORDER: Final = (  # inside, since Virtuoso sorts no more than 10,000 rows for a page
    "CONSTRUCT { ?s ?p ?o } WHERE { { SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o } }"
)
_VIRTUOSO_ASKED: Final = ("__ASK_RETVAL",)  # the column of its answer to ASK: a row for true, none for false
_FAR: Final = 10**9  # rows that no answer has


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint for queries, with the graphs that it is asked about.

    Attributes:
        url: where queries are sent.
        client: what sends them.
        graphs: the IRIs of the graphs whose union is the default graph; if there are none, it is the endpoint's own.
        named: the IRIs of the graphs that ``GRAPH`` can name, if *graphs* are given.
        remarks: sentences about the completeness of answers; queries add to them.
    """

    url: str
    client: Client
    graphs: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)

    def query(self, text: str) -> Result:
        """Return the answer of a query, once it has arrived whole; the project's prefixes need no declaration.

        Raises:
            TriplomacyError: there is none, or it is not what the SPARQL 1.1 Protocol says.
        """
        text = with_prefixes(text)
        form = form_of(text)
        if form in ("CONSTRUCT", "DESCRIBE"):
            return self._graph(text, form)
        first = ResponsePart(self._ask(text, _ROWS))
        if form == "ASK" and first.variables == _VIRTUOSO_ASKED:
            return first.count > 0
        if (form == "ASK") != (first.truth is not None):
            raise TriplomacyError(f"answers something else than what {form} asks for; ask its operator", path=self.url)
        if first.truth is not None:
            return first.truth
        return Solutions(first.variables, Rows(self._parts(text, first)))

    def _graph(self, text: str, form: str) -> list[ox.Triple]:
        """Return the triples of an answer; where the server may have cut them, build them from the rows of a SELECT."""
        triples = responses.triples(self._ask(text, _TRIPLES))
        count = len(triples)
        if not (_is_round(count) or _is_round(count - 1)):  # Virtuoso gives one triple more than rows
            return triples
        split = paging.construct(text) if form == "CONSTRUCT" else None
        template = _template(split[0]) if split else []
        if split is None or not template:
            self.remarks.append(f"{self.url} gives {count:,} triples, which may be as many as it gives at a time")
            return triples
        rows = self.query(split[1])
        assert isinstance(rows, Solutions)
        return list({triple: None for row in rows.rows for triple in instantiate(template, row)})

    def _ask(self, text: str, accept: str) -> Response:
        named = self.named if self.graphs else ()
        return self.client.send(requests.query_request(self.url, text, form_of(text), accept, self.graphs, named))

    def _parts(self, text: str, first: ResponsePart) -> list[ResponsePart]:
        """Return the parts of an answer: it alone or, where the server gives fewer rows than there are, page by page.

        Virtuoso says so in a header. Else a round number of rows makes one ask whether there is another row.
        """
        cap = first.count
        if not (first.is_cut or (_is_round(cap) and paging.limit(text) != cap)):
            return [first]
        try:
            if not first.is_cut and not self._page(text, first, cap, 1):
                return [first]
            parts: list[ResponsePart] = []
            while page := self._page(text, first, sum(part.count for part in parts), cap):
                self._check_progress(text, first, parts, page)
                parts.append(page)
        except Refused as error:
            limit = f"gives {cap:,} rows at a time and does not give more of them"
            raise TriplomacyError(f"{limit}: {error.message}; ask for less", path=self.url) from None
        rows = sum(part.count for part in parts)
        sentence = f"{self.url} gives {cap:,} rows at a time; all {rows:,} were asked for in {len(parts)} parts"
        self.remarks.append(sentence)
        return parts

    def _page(self, text: str, first: ResponsePart, offset: int, size: int) -> ResponsePart | None:
        """Return *size* rows of an answer from *offset* on, or None if there are none."""
        forms = (
            (paging.with_page_outside, paging.with_page)
            if first.is_cut
            else (paging.with_page, paging.with_page_outside)
        )
        texts = [page_query for form in forms if (page_query := form(text, first.variables, offset, size))]
        for number, page_query in enumerate(texts, start=1):
            try:
                page = ResponsePart(self._ask(page_query, _ROWS))
                return page if page.count else None
            except Refused:
                if number == len(texts):
                    raise
        return None

    def _check_progress(
        self, text: str, first: ResponsePart, parts: Sequence[ResponsePart], page: ResponsePart
    ) -> None:
        """Raise an error if a page is the one before it once more: in a total order only equal rows can look so.

        Of equal rows there is an end, which a server that knows no OFFSET never comes to.
        """
        if not parts or page.ends[0] != parts[-1].ends[0]:
            return
        if page.ends[0] != page.ends[1] or (len(parts) == 1 and self._page(text, first, _FAR, 1)):
            message = f"gives the same {page.count:,} rows again and again; it does not know OFFSET: ask for less"
            raise TriplomacyError(message, path=self.url)

    def about(self, graphs: Sequence[str], named: Sequence[str] = ()) -> Endpoint:
        """Return the endpoint with these graphs as its dataset."""
        return replace(self, graphs=tuple(graphs), named=tuple(named))

    def counts(self, graphs: Sequence[str] | None = None) -> dict[str, int]:
        """Return how many triples each of these graphs has, or each that is one of ours, by IRI, sorted."""
        start = ONTOLOGY.rpartition("/")[0] + "/"
        chosen = f'FILTER (STRSTARTS(STR(?graph), "{start}"))'
        if graphs is not None:
            chosen = f"FILTER (?graph IN ({', '.join(str(ox.NamedNode(graph)) for graph in graphs)}))"
        text = f"SELECT ?graph (COUNT(*) AS ?count) WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} {chosen} }} GROUP BY ?graph"
        result = replace(self, graphs=(), named=()).query(text)
        assert isinstance(result, Solutions)
        rows = [_graph_count(row) for row in result.rows] if set(result.variables) == {"graph", "count"} else [None]
        counts = {row[0]: row[1] for row in rows if row}
        if len(counts) != len(rows):
            raise TriplomacyError("answers something else than how many triples its graphs have", path=self.url)
        return dict(sorted(counts.items()))

    def has(self, graph: str) -> bool:
        """Tell whether it has a triple in a graph."""
        try:
            node = ox.NamedNode(graph)
        except ValueError:
            return False
        return bool(replace(self, graphs=(), named=()).query(f"ASK {{ GRAPH {node} {{ ?s ?p ?o }} }}"))

    def triples(self, graph: str, count: int | None = None) -> list[ox.Triple]:
        """Return the triples of a graph; if their *count* is known, all of them are asked for until all are there.

        Raises:
            TriplomacyError: there are fewer than *count*, however often it is asked.
        """
        alone = self.about([graph])
        triples = set(responses.triples(alone._ask("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", _TRIPLES)))
        size, offset = len(triples), 0
        while count is not None and len(triples) < count:
            page = f"{_IN_ORDER} LIMIT {size} OFFSET {offset}"
            more = set(responses.triples(alone._ask(page, _TRIPLES))) if size else set()
            if not more:
                message = f"gives {len(triples):,} of the {count:,} triples of <{graph}> and no more"
                raise TriplomacyError(f"{message}; let it give more rows", path=self.url)
            offset += len(more)
            triples |= more
        return sorted(triples, key=str)


def _graph_count(row: ox.QuerySolution) -> tuple[str, int] | None:
    """Return the graph of a row and how many triples it has, or None if the row does not say so."""
    graph, count = row["graph"], row["count"]
    if not isinstance(graph, ox.NamedNode) or not isinstance(count, ox.Literal):
        return None
    return (graph.value, int(count.value)) if re.fullmatch("[0-9]{1,18}", count.value) else None


def _is_round(count: int) -> bool:
    return count >= 100 and (count % 100 == 0 or count & (count - 1) == 0)


def _template(turtle: str) -> list[ox.Triple]:
    """Return the triples of a template, none where it has what Turtle has not."""
    try:
        return [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    except (SyntaxError, ValueError):
        return []


def instantiate(template: Iterable[ox.Triple], row: ox.QuerySolution) -> Iterator[ox.Triple]:
    """Yield the triples of a template for a row, without those that would not be RDF (SPARQL 1.1, 16.2)."""
    fresh: dict[ox.BlankNode, ox.BlankNode] = {}

    def term(part: Any) -> Any:
        if isinstance(part, ox.NamedNode) and part.value.startswith(paging.VARIABLE):
            return row[part.value.removeprefix(paging.VARIABLE)]
        return fresh.setdefault(part, ox.BlankNode()) if isinstance(part, ox.BlankNode) else part

    for triple in template:
        subject, predicate, value = map(term, triple)
        if isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode) and value:
            yield ox.Triple(subject, predicate, value)


def form_of(text: str) -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE."""
    return read(text).form


def with_prefixes(text: str) -> str:
    """Return a query with declarations of those prefixes of the project that it uses without declaring them."""
    query = read(text)
    used = {iri.prefix for iri in tree.find(query, tree.Iri)}
    declared = {declaration.name for declaration in tree.find(query, tree.Prefix)}
    lines = [f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items() if name in used - declared]
    return "".join(lines) + text


def connect(url: str, timeout: float = 0.0) -> Endpoint:
    """Return the endpoint at *url*, with the credentials of the environment or of netrc.

    Args:
        url: where queries are sent.
        timeout: seconds that each request may take; 0 for the usual bound.

    Raises:
        TriplomacyError: *url* is not an address, or the credentials cannot be read.
    """
    address = http.check_url(url)
    client = Client(address, http.from_environment(address), timeout or http.TIMEOUT)
    return Endpoint(address, client)


def check_graph(iri: str) -> None:
    """Raise BadParameter if what should name a graph is not an IRI."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        raise BadParameter(Choice("graph"), f" takes the IRI of a graph, not {iri[:100]!r}") from None


def our_graphs(names: Iterable[str], views: Iterable[str] = ()) -> list[str]:
    """Return the IRIs of the ontology's graph, of curated graphs by their names, and of views by theirs."""
    return [ONTOLOGY, *(GRAPH + name for name in names), *(VIEW + name for name in views)]


def graph_address(store: str, graph: str) -> str:
    """Return the address of a named graph by the Graph Store HTTP Protocol's indirect identification."""
    return f"{store}{'&' if '?' in store else '?'}graph={quote(graph, safe='')}"
