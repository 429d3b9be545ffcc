"""Federated queries: each ``SERVICE`` is asked from here, by our own requests, and its answer written into the query.

What SPARQL 1.1 Federated Query (section 4) says of ``SERVICE`` is kept: its group is answered on its own and joined
with what stands before it. So its solutions can stand in its place as ``VALUES``, and no engine, here or at an
endpoint, ever sees ``SERVICE``: none keeps to a list of servers, to a bound on time and size, or to one host where that
redirects. Where the pattern before it has a variable of it, only the values found there are asked about, some at a
time. A blank node of another server becomes an IRI, as RDF 1.1 (section 3.5) has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from triplomacy import http, remote
from triplomacy.dataset import Dataset, Solutions
from triplomacy.errors import Choice, Message, TriplomacyError
from triplomacy.http import Client
from triplomacy.remote import Endpoint
from triplomacy.sparql import apply_edits, binding, read, services, tree

TIMEOUT: Final = 60.0  # seconds that a request may take
LARGEST: Final = 50_000_000  # bytes of an answer
MOST_ROWS: Final = 100_000  # of all answers of one SERVICE
AT_A_TIME: Final = 500  # values that a request asks about
MOST_VALUES: Final = 10_000  # that are asked about at all; where there are more, the whole is asked for

_Row = tuple[ox.NamedNode | ox.Literal | None, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """The services that may be asked.

    Attributes:
        allowed: their addresses, as a query names them.
        timeout: seconds that each request may take; 0 for the usual bound.
        remarks: what went wrong with a ``SERVICE SILENT``, as sentences; it grows.
        asked: how many requests were sent, by address; it grows.
    """

    allowed: tuple[str, ...] = ()
    timeout: float = 0.0
    remarks: list[str] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for url in self.allowed:
            http.check_url(url)

    def permit(self, text: str, parameters: Sequence[str] = ()) -> None:
        """Raise an exception if a query has a ``SERVICE`` that may not be asked.

        Args:
            text: the query.
            parameters: the variables that will have a value when it is asked.

        Raises:
            TriplomacyError: it has, or it cannot be told.
        """
        for service in services.clauses(text):
            if not isinstance(service.endpoint, tree.Variable) or service.endpoint.name not in parameters:
                self._address(service.endpoint)

    def inline_answers(self, dataset: Dataset, text: str) -> str:
        """Return a query with the answer of each ``SERVICE`` in its place.

        Args:
            dataset: what the rest of the query is asked of.
            text: the query.

        Raises:
            TriplomacyError: a service may not be asked, or gives no answer and is not ``SILENT``.
        """
        self.permit(text)
        return self._inline(dataset, remote.with_prefixes(text))

    def requests(self) -> list[str]:
        """Return how many requests were sent to each service, a line each."""
        return [f"{url}: {count} {'request' if count == 1 else 'requests'}" for url, count in self.asked.items()]

    def _inline(self, dataset: Dataset | None, text: str) -> str:
        """Return a text with the answers in it; without a dataset nothing is looked up before a service is asked."""
        while innermost := next(services.surroundings(read(text)), None):
            service, surroundings = innermost
            url = self._address(service.endpoint)
            before = services.before(service, surroundings.group) if surroundings.is_free else []
            try:
                inside = self._inline(None, _alone(text, service))
                bound = _join_values(dataset, text, before, service) if dataset else None
                block = _block(*self._solutions(url, inside, bound))
            except TriplomacyError as error:
                if not service.silent:
                    raise
                self.remarks.append(Message("SERVICE SILENT: ", error.with_place, "; its part is left out"))
                block = ""
            text = f"{text[: service.start]}{{ {block} }}{text[service.end :]}"
        return text

    def _address(self, endpoint: tree.Variable | tree.Iri) -> str:
        """Return the address of a service, if it is permitted."""
        if isinstance(endpoint, tree.Variable):
            message = f"SERVICE ?{endpoint.name} could ask any server; write its address, or make it a parameter"
            raise TriplomacyError(message)
        url = endpoint.value
        if url not in self.allowed:
            advice = f"SERVICE would ask {url[:200]}; if that is what you want, add "
            raise TriplomacyError(advice, Choice("allow-service", url))
        return url

    def _solutions(self, url: str, text: str, bound: _JoinValues | None) -> tuple[tuple[str, ...], list[_Row]]:
        """Return the columns and the rows of what a service answers, of which at most `MOST_ROWS` are taken."""
        endpoint = self._endpoint(url)
        where = read(text).where
        assert where is not None
        known = tree.variables(where)
        columns: tuple[str, ...] = tuple(sorted(known)) if bound and not bound.rows else ()
        rows: list[dict[str, ox.NamedNode | ox.Literal | None]] = []
        for values in bound.parts() if bound else [""]:
            result = endpoint.query(apply_edits(text, [(where.start + 1, where.start + 1, f" {values}")]))
            self.asked[url] = self.asked.get(url, 0) + 1
            assert isinstance(result, Solutions)
            columns = columns or tuple(name for name in result.variables if name in known)
            for row in result.rows:
                rows.append({name: _portable_term(url, cell) for name, cell in zip(result.variables, row, strict=True)})
                if len(rows) > MOST_ROWS:
                    raise TriplomacyError(f"has more than {MOST_ROWS:,} solutions; ask for less there", path=url)
        return columns, [tuple(row.get(name) for name in columns) for row in rows]

    def _endpoint(self, url: str) -> Endpoint:
        """Return the endpoint of a service; it gets credentials only if netrc has some for its host."""
        client = Client(url, http.from_netrc(url), self.timeout or TIMEOUT, largest=LARGEST, stays=True)
        return Endpoint(url, client, remarks=self.remarks)


@dataclass(frozen=True, slots=True)
class _JoinValues:
    """The solutions of the pattern before a ``SERVICE``, projected to the variables that both share."""

    columns: tuple[str, ...]
    rows: list[_Row]

    def parts(self) -> Iterator[str]:
        """Yield blocks of data, none with more rows than are asked about at a time."""
        for start in range(0, len(self.rows), AT_A_TIME):
            yield _block(self.columns, self.rows[start : start + AT_A_TIME])


def _join_values(
    dataset: Dataset, text: str, before: Sequence[tree.Element], service: tree.Service
) -> _JoinValues | None:
    """Return the solutions that the service is to be joined with, or None if it is asked without any.

    Joining the solutions of a service with all distinct values that the pattern before it has changes nothing in what
    the join of both patterns gives, as long as each solution has a value for each of these variables. Filters before
    it are those of the whole group and may need what comes later: without them there are more values, never less.
    """
    query = read(text)
    shared = sorted(set().union(*map(tree.variables, before)) & tree.variables(service.group))
    if not shared or query.dataset:
        return None
    names = " ".join(f"?{name}" for name in shared)
    pattern = " . ".join(text[element.start : element.end] for element in before)
    asked = f"{_prologue(text)}\nSELECT DISTINCT {names} WHERE {{ {pattern} }} LIMIT {MOST_VALUES + 1}"
    try:
        result = dataset.query(asked)
    except SyntaxError:
        return None
    assert isinstance(result, Solutions)
    rows = [tuple(solution) for solution in result.rows]
    if len(rows) > MOST_VALUES:
        return None
    kept = [at for at in range(len(shared)) if all(isinstance(row[at], ox.NamedNode | ox.Literal) for row in rows)]
    distinct = dict.fromkeys(tuple(row[at] for at in kept) for row in rows)
    return _JoinValues(tuple(shared[at] for at in kept), list(distinct)) if kept else None


def _alone(text: str, service: tree.Service) -> str:
    """Return the query that is sent to a service."""
    inside = text[service.group.start + 1 : service.group.end - 1]
    columns = "*" if tree.variables(service.group) else "(1 AS ?one)"
    return f"{_prologue(text)} SELECT {columns} WHERE {{ {{ {inside}\n }} }}"


def _portable_term(url: str, term: object) -> ox.NamedNode | ox.Literal | None:
    """Return a term for use in another query: a blank node becomes a fresh IRI on its server."""
    if isinstance(term, ox.BlankNode):
        parts = urlsplit(url)
        return ox.NamedNode(f"{parts.scheme}://{parts.netloc}/.well-known/genid/{quote(term.value, safe='')}")
    if term is None or isinstance(term, ox.NamedNode | ox.Literal):
        return term
    raise TriplomacyError("answers with a triple as a term, which no query can hold", path=url)


def _block(columns: Sequence[str], rows: Sequence[_Row]) -> str:
    lines = (" ".join("UNDEF" if cell is None else binding.write_term(cell) for cell in row) for row in rows)
    return f"VALUES ({' '.join(f'?{name}' for name in columns)}) {{ {' '.join(f'({line})' for line in lines)} }}"


def _prologue(text: str) -> str:
    """Return the ``BASE``, ``PREFIX`` and ``VERSION`` declarations of a query, without comments."""
    return " ".join(text[declaration.start : declaration.end] for declaration in read(text).prologue)
