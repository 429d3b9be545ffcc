"""Any SPARQL 1.1 endpoint: questions by the Protocol, graphs by Update and the Graph Store HTTP Protocol.

SPARQLWrapper writes the requests; `triplomacy.transport` sends them. An answer is kept in a temporary file until it is
known to be whole, so that no row of half an answer is ever shown, however large it is. Where a server gives fewer rows
than there are, the rest is asked for page by page.
"""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Final
from urllib.parse import quote

import pyoxigraph as ox

from triplomacy import binding, sparql, transport
from triplomacy.dataset import Dataset, Project, Result, Solutions
from triplomacy.errors import TriplomacyError
from triplomacy.terms import GRAPH, ONTOLOGY, PREFIXES, VIEW
from triplomacy.transport import Client, Refused, Response

LONGEST_GET: Final = 2_000  # characters of an address; a longer query is posted
_IN_MEMORY: Final = 8_000_000  # bytes of an answer that are kept in memory; more are kept in a temporary file
_ROWS: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_TRIPLES: Final = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8"
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_BY_LINES: Final = {"application/n-triples", "text/plain", "text/turtle"}  # half of it looks like a whole
_IS_JSON: Final = {"application/json": ox.QueryResultsFormat.JSON, "application/xml": ox.QueryResultsFormat.XML}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint for queries, with the graphs that it is asked about.

    Attributes:
        url: where queries are sent.
        client: what sends them.
        graphs: the IRIs of the graphs whose union is the default graph; if there are none, it is the endpoint's own.
        named: the IRIs of the graphs that ``GRAPH`` can name, if *graphs* are given.
        remarks: what was noticed about the completeness of answers, as sentences; it grows.
    """

    url: str
    client: Client
    graphs: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)

    def query(self, text: str) -> Result:
        """Return the answer of a query, once it has come whole, with the project's prefixes known.

        Raises:
            TriplomacyError: there is none, or it is not what the SPARQL 1.1 Protocol says.
        """
        text = with_prefixes(text)
        form = form_of(text)
        response = self._asked(text, _ROWS if form in ("SELECT", "ASK") else _TRIPLES)
        if form in ("CONSTRUCT", "DESCRIBE"):
            return _triples(response)
        first = _Part(response)
        if first.truth is not None:
            return first.truth
        cap = _cap(first, response, text)
        parts = self._pages(text, first, cap) if cap else [first]
        return Solutions(first.variables, _Rows(parts))

    def _asked(self, text: str, accept: str) -> Response:
        from SPARQLWrapper import POST, SPARQLWrapper

        wrapper = SPARQLWrapper(self.url, agent=transport.AGENT)
        wrapper.setOnlyConneg(True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it knows no prefix with a dot in it; what it guesses is not used
            wrapper.setQuery(text)
        wrapper.queryType = form_of(text)
        for graph in self.graphs:
            wrapper.addParameter("default-graph-uri", graph)
        for graph in self.named if self.graphs else ():
            wrapper.addParameter("named-graph-uri", graph)
        wrapper.addCustomHttpHeader("Accept", accept)
        request = wrapper._createRequest()
        if len(request.full_url) > LONGEST_GET:
            wrapper.setMethod(POST)
            request = wrapper._createRequest()
        return self.client.send(request)

    def _pages(self, text: str, first: _Part, cap: int) -> list[_Part]:
        """Return the parts of an answer of which the server gives *cap* rows at a time, in a total order."""
        parts = [self._page(text, first, 0, cap)]
        while parts[-1].count:
            parts.append(self._page(text, first, sum(part.count for part in parts), cap))
        rows = sum(part.count for part in parts)
        if rows > first.count:
            told = f"{self.url} gives {cap:,} rows at a time; all {rows:,} were asked for in {len(parts)} parts"
            self.remarks.append(told)
        return parts

    def _page(self, text: str, first: _Part, offset: int, size: int) -> _Part:
        paged = binding.paged(text, first.variables, offset, size)
        if paged is None:
            said = f"gives {size:,} rows at a time, and a query with FROM cannot be asked in parts; use --graph"
            raise TriplomacyError(said, path=self.url)
        try:
            return _Part(self._asked(paged, _ROWS))
        except Refused as error:
            said = f"gives {size:,} rows at a time and does not give those from row {offset + 1:,} on"
            raise TriplomacyError(f"{said}: {error.message}; ask for less", path=self.url) from None

    def about(self, graphs: Sequence[str], named: Sequence[str] = ()) -> Endpoint:
        """Return the endpoint to be asked about these graphs."""
        return replace(self, graphs=tuple(graphs), named=tuple(named))

    def counts(self) -> dict[str, int]:
        """Return how many triples each of its graphs has that is one of ours, by IRI, sorted."""
        start = ONTOLOGY.rpartition("/")[0] + "/"
        text = (
            "SELECT ?graph (COUNT(*) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } "
            f'FILTER (STRSTARTS(STR(?graph), "{start}")) }} GROUP BY ?graph'
        )
        found = replace(self, graphs=(), named=()).query(text)
        assert isinstance(found, Solutions)
        return dict(sorted((str(row["graph"].value), int(row["count"].value)) for row in found.rows))

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
        construct = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        found = set(_as_triples(alone.query(construct)))
        size, offset = len(found), 0
        while count is not None and len(found) < count:
            page = f"{construct} ORDER BY ?s ?p ?o LIMIT {size} OFFSET {offset}"
            more = set(_as_triples(alone.query(page))) if size else set()
            if not more:
                said = f"gives {len(found):,} of the {count:,} triples of <{graph}> and no more"
                raise TriplomacyError(f"{said}; let it give more rows", path=self.url)
            offset += len(more)
            found |= more
        return sorted(found, key=str)


def _as_triples(result: Result) -> Iterable[ox.Triple]:
    assert not isinstance(result, Solutions | bool)
    return result


class _Part:
    """What one request for rows has brought: held until it is read, in memory or, if it is large, in a file."""

    def __init__(self, response: Response) -> None:
        self.url = response.url
        self.form = _results_format(response)
        self.spool = _kept(response)
        self.variables: tuple[str, ...] = ()
        self.truth: bool | None = None
        found = self._parsed()
        if isinstance(found, ox.QueryBoolean):
            self.truth = bool(found)
            self.count = 0
        else:
            self.variables = tuple(variable.value for variable in found.variables)
            self.count = sum(1 for _ in self._checked(found))

    def __iter__(self) -> Iterator[ox.QuerySolution]:
        found = self._parsed()
        assert isinstance(found, ox.QuerySolutions)
        return iter(found)

    def _parsed(self) -> ox.QuerySolutions | ox.QueryBoolean:
        self.spool.seek(0)
        try:
            return ox.parse_query_results(self.spool, format=self.form)
        except (SyntaxError, OSError, ValueError) as error:
            raise self._malformed(error) from None

    def _checked(self, found: ox.QuerySolutions) -> Iterator[ox.QuerySolution]:
        try:
            yield from found
        except (SyntaxError, OSError, ValueError) as error:
            raise self._malformed(error) from None

    def _malformed(self, error: Exception) -> TriplomacyError:
        self.spool.seek(0)
        return malformed(self.url, self.spool.read(4_096), error)


class _Rows:
    """The rows of several parts, as often as they are read."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[ox.QuerySolution]:
        return (row for part in self._parts for row in part)


def _kept(response: Response) -> IO[bytes]:
    """Return the whole body as a file: in memory, or on disk if it is large."""
    spool: IO[bytes] = io.BytesIO()
    try:
        while part := response.body.read(262_144):
            spool.write(part)
            if isinstance(spool, io.BytesIO) and spool.tell() > _IN_MEMORY:
                spool = _on_disk(spool.getvalue())
    except OSError as error:
        said = f"the answer cannot be kept: {error.strerror or error}; make room for temporary files"
        raise TriplomacyError(said, path=response.url) from None
    return spool


def _on_disk(content: bytes) -> IO[bytes]:
    import tempfile

    spool = tempfile.TemporaryFile()  # noqa: SIM115 (it is read until the answer is let go)
    spool.write(content)
    return spool


def _results_format(response: Response) -> ox.QueryResultsFormat:
    kind = response.media_type
    _check_status(response)
    found = _IS_JSON.get(kind) or ox.QueryResultsFormat.from_media_type(kind)
    if found is None:
        raise _no_answer(response, "SPARQL results")
    return found


def _check_status(response: Response) -> None:
    if response.status == 206:
        said = "gives a part of the answer only, since the whole takes it too long; ask for less"
        raise TriplomacyError(said, path=response.url)
    if response.status != 200:
        raise TriplomacyError(f"answers {response.status} without an answer; correct the address", path=response.url)


def _no_answer(response: Response, wanted: str) -> TriplomacyError:
    """Return the exception for an answer in a format that was not asked for: a page for people, or an error."""
    kind = response.media_type or "a format that it does not say"
    said = transport.first_words(response.body.read(65_536))
    words = f': "{said}"' if said else ""
    return TriplomacyError(
        f"answers in {kind}, not in {wanted}{words}; correct the address or the query", path=response.url
    )


def _triples(response: Response) -> list[ox.Triple]:
    _check_status(response)
    kind = response.media_type
    form = ox.RdfFormat.from_media_type(kind)
    if form is None:
        raise _no_answer(response, "RDF")
    if kind in _BY_LINES and not response.body.framed:
        said = "does not say where its answer ends, so that one that breaks off would look like a whole one"
        raise TriplomacyError(f"{said}; let it send a Content-Length", path=response.url)
    body = response.body.read()
    try:
        return [quad.triple for quad in ox.parse(body, format=form, base_iri=response.url)]
    except (SyntaxError, ValueError) as error:
        raise malformed(response.url, body[:4_096], error) from None


def malformed(url: str, head: bytes, error: Exception) -> TriplomacyError:
    """Return the exception for an answer that is not in its format, with what it seems to be instead."""
    if head.startswith(b"\x1f\x8b"):
        said = "answers with compressed bytes and does not say so"
    elif _not_utf8(head):
        said = "answers in an encoding that is not UTF-8 and does not say which"
    elif b"<html" in head[:1000].lower():
        said = f'answers with a page for people: "{transport.first_words(head)}"'
    else:
        reason = " ".join(str(getattr(error, "msg", None) or error).split())[:200]
        said = f'answers with what is none: {reason}; it begins "{transport.first_words(head)[:100]}"'
    return TriplomacyError(f"{said}; correct the address, or ask its operator", path=url)


def _not_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end < len(head)  # what is cut at the end is no fault
    return False


def _cap(part: _Part, response: Response, text: str) -> int:
    """Return how many rows the server seems to give at a time, or 0 where it seems to have given all.

    Virtuoso says so in a header. Else it is a round number of rows that the query did not ask for.
    """
    declared = response.headers.get("X-SPARQL-MaxRows", "")
    if declared.isdecimal() and 0 < int(declared) <= part.count:
        return part.count
    count = part.count
    is_round = count >= 100 and (count % 100 == 0 or count & (count - 1) == 0)
    return count if is_round and binding.limit(text) != count else 0


def form_of(text: str) -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE."""
    words = (token.text.upper() for token in sparql.tokens(text) if token.kind == "word")
    return next((word for word in words if word in _FORMS), "SELECT")


def with_prefixes(text: str) -> str:
    """Return a query with declarations of those prefixes of the project that it uses without declaring them."""
    found = list(sparql.tokens(text))
    used = {token.text.partition(":")[0] for token in found if token.kind == "name"}
    declared = {
        name.text.removesuffix(":")
        for word, name in itertools.pairwise(found)
        if word.kind == "word" and word.text.upper() == "PREFIX"
    }
    lines = [f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items() if name in used - declared]
    return "".join(lines) + text


def connect(url: str, timeout: float = 0.0) -> Endpoint:
    """Return the endpoint at *url*, with the credentials of the environment or of netrc.

    Args:
        url: where queries are sent.
        timeout: seconds that each request may take; 0 for the usual bound.

    Raises:
        TriplomacyError: *url* is no address, or the credentials cannot be read.
    """
    address = transport.checked(url)
    client = Client(address, transport.from_environment(address), timeout or transport.TIMEOUT)
    return Endpoint(address, client)


def fetched(endpoint: Endpoint, graphs: Sequence[str], project: Project, *, named: bool = False) -> Dataset:
    """Return the graphs of an endpoint in a store here: their union and, if *named*, each by its IRI.

    Raises:
        TriplomacyError: it has none of them, or does not give them whole.
    """
    counts = endpoint.counts()
    if not any(counts.get(graph) for graph in graphs):
        raise TriplomacyError("has none of our graphs; push them there", path=endpoint.url)
    store = ox.Store()
    for graph in graphs:
        triples = endpoint.triples(graph, counts.get(graph)) if counts.get(graph) else []
        store.extend(ox.Quad(*triple) for triple in triples)
        if named:
            node = ox.NamedNode(graph)
            store.extend(ox.Quad(each.subject, each.predicate, each.object, node) for each in triples)
    return Dataset(store, project=project)


def ours(names: Iterable[str], views: Iterable[str] = ()) -> list[str]:
    """Return the IRIs of the ontology's graph, of curated graphs by their names, and of views by theirs."""
    return [ONTOLOGY, *(GRAPH + name for name in names), *(VIEW + name for name in views)]


def graph_address(store: str, graph: str) -> str:
    """Return the address of a named graph by the Graph Store HTTP Protocol's indirect identification."""
    return f"{store}{'&' if '?' in store else '?'}graph={quote(graph, safe='')}"
