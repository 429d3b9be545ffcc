"""Federated queries: each ``SERVICE`` is asked from here, by our own requests, and its answer written into the query.

What SPARQL 1.1 Federated Query (section 4) says of ``SERVICE`` is kept: its group is answered on its own and joined
with what stands before it. So its solutions can stand in its place as ``VALUES``, and no engine, here or at an
endpoint, ever sees ``SERVICE``: none keeps to a list of servers, to a bound on time and size, or to one host where that
redirects. Where the pattern before it has a variable of it, only the values found there are asked about, some at a
time. A blank node of another server becomes an IRI, as RDF 1.1 (section 3.5) has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import pyoxigraph as ox

from triplomacy import http, remote
from triplomacy.dataset import Dataset, Solutions
from triplomacy.errors import BadParameter, Choice, Message, TriplomacyError
from triplomacy.http import Client
from triplomacy.remote import Endpoint
from triplomacy.sparql import Token, binding, tokens
from triplomacy.terms import PREFIXES

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
            http.checked(url)

    def permit(self, text: str, parameters: Sequence[str] = ()) -> None:
        """Raise an exception if a query has a ``SERVICE`` that may not be asked.

        Args:
            text: the query.
            parameters: the variables that will have a value when it is asked.

        Raises:
            TriplomacyError: it has, or it cannot be told.
        """
        for service in tokens.services(text):
            if service.endpoint.kind != "variable" or service.endpoint.text[1:] not in parameters:
                self._address(text, service.endpoint)

    def answered(self, dataset: Dataset, text: str) -> str:
        """Return a query with the answer of each ``SERVICE`` in its place.

        Args:
            dataset: what the rest of the query is asked of.
            text: the query.

        Raises:
            TriplomacyError: a service may not be asked, or gives no answer and is not ``SILENT``.
        """
        self.permit(text)
        return self._resolved(dataset, text, _prologue(text))

    def requests(self) -> list[str]:
        """Return how many requests were sent to each service, a line each."""
        return [f"{url}: {count} {'request' if count == 1 else 'requests'}" for url, count in self.asked.items()]

    def _resolved(self, dataset: Dataset | None, text: str, prologue: str) -> str:
        """Return a text with the answers in it; without a dataset nothing is looked up before a service is asked."""
        while found := tokens.outermost(text):
            service = found[0]
            url = self._address(prologue, service.endpoint)
            inside = text[service.inside : service.end - 1]
            before = text[service.group : service.start] if service.free and not _has_from(text) else ""
            bound = _bound(dataset, prologue, before, inside) if dataset else None
            try:
                inside = self._resolved(None, inside, prologue)
                block = _block(*self._solutions(url, prologue, inside, bound))
            except TriplomacyError as error:
                if not service.silent:
                    raise
                self.remarks.append(Message("SERVICE SILENT: ", error.placed, "; its part is left out"))
                block = ""
            text = f"{text[: service.start]}{{ {block} }}{text[service.end :]}"
        return text

    def _address(self, text: str, token: Token) -> str:
        """Return the address that a token of a query names, if it may be asked."""
        if token.kind == "variable":
            said = f"SERVICE {token.text} could ask any server; write its address, or make it a parameter"
            raise TriplomacyError(said)
        url = _iri(text, token)
        if url not in self.allowed:
            advice = f"SERVICE would ask {url[:200]}; if that is what you want, add "
            raise TriplomacyError(advice, Choice("allow-service", url))
        return url

    def _solutions(
        self, url: str, prologue: str, inside: str, bound: _Values | None
    ) -> tuple[tuple[str, ...], list[_Row]]:
        """Return the columns and the rows of what a service answers, of which at most `MOST_ROWS` are taken."""
        endpoint = self._endpoint(url)
        known = binding.variables(inside)
        what = "*" if known else "(1 AS ?one)"
        columns: tuple[str, ...] = tuple(sorted(known)) if bound and not bound.rows else ()
        rows: list[dict[str, ox.NamedNode | ox.Literal | None]] = []
        for values in bound.parts() if bound else [""]:
            found = endpoint.query(f"{prologue} SELECT {what} WHERE {{ {values} {{ {inside}\n }} }}")
            self.asked[url] = self.asked.get(url, 0) + 1
            assert isinstance(found, Solutions)
            columns = columns or tuple(name for name in found.variables if name in known)
            for row in found.rows:
                rows.append({name: _named(url, cell) for name, cell in zip(found.variables, row, strict=True)})
                if len(rows) > MOST_ROWS:
                    raise TriplomacyError(f"has more than {MOST_ROWS:,} solutions; ask for less there", path=url)
        return columns, [tuple(row.get(name) for name in columns) for row in rows]

    def _endpoint(self, url: str) -> Endpoint:
        """Return a service, to which go only credentials that netrc has for its host."""
        client = Client(url, http.from_netrc(url), self.timeout or TIMEOUT, largest=LARGEST, stays=True)
        return Endpoint(url, client, remarks=self.remarks)


@dataclass(frozen=True, slots=True)
class _Values:
    """What the pattern before a service has found for the variables that both have."""

    columns: tuple[str, ...]
    rows: list[_Row]

    def parts(self) -> Iterator[str]:
        """Yield blocks of data, none with more rows than are asked about at a time."""
        for start in range(0, len(self.rows), AT_A_TIME):
            yield _block(self.columns, self.rows[start : start + AT_A_TIME])


def _bound(dataset: Dataset, prologue: str, before: str, inside: str) -> _Values | None:
    """Return the values that are asked about, or None where the whole is asked for.

    Joining the solutions of *inside* with all distinct values that the pattern before it has changes nothing in what
    the join of both patterns gives, as long as each solution has a value for each of these variables. Filters before
    it are those of the whole group and may need what comes later: without them there are more values, never less.
    """
    pattern = without_filters(before)
    shared = sorted(binding.variables(pattern) & binding.variables(inside))
    if not shared:
        return None
    names = " ".join(f"?{name}" for name in shared)
    text = f"{prologue}\nSELECT DISTINCT {names} WHERE {{ {pattern}\n }} LIMIT {MOST_VALUES + 1}"
    try:
        found = dataset.query(text)
    except SyntaxError:
        return None
    assert isinstance(found, Solutions)
    rows = [tuple(solution) for solution in found.rows]
    if len(rows) > MOST_VALUES:
        return None
    kept = [at for at in range(len(shared)) if all(isinstance(row[at], ox.NamedNode | ox.Literal) for row in rows)]
    distinct = dict.fromkeys(tuple(row[at] for at in kept) for row in rows)
    return _Values(tuple(shared[at] for at in kept), list(distinct)) if kept else None


def without_filters(pattern: str) -> str:
    """Return the inside of a group without the filters of that group; those of groups in it stay."""
    found = list(tokens.tokens(pattern))
    parts: list[str] = []
    at, number, depth = 0, 0, 0
    while number < len(found):
        token = found[number]
        depth += (token.text in "{(") - (token.text in "})")
        if not depth and token.kind == "word" and token.text.upper() == "FILTER":
            parts.append(pattern[at : token.start])
            number = _after_constraint(found, number + 1)
            at = found[number - 1].end
            continue
        number += 1
    return " ".join([*parts, pattern[at:]])


def _after_constraint(found: Sequence[Token], number: int) -> int:
    """Return the number of the token behind a filter's constraint: its first bracket that opens, closed."""
    depth = 0
    while number < len(found):
        token = found[number].text
        depth += (token in "{(") - (token in "})")
        number += 1
        if not depth and token in "})":
            break
    return number


def _named(url: str, term: object) -> ox.NamedNode | ox.Literal | None:
    """Return a term as another query can have it: of a blank node an IRI on its server that nobody else uses."""
    if isinstance(term, ox.BlankNode):
        parts = urlsplit(url)
        return ox.NamedNode(f"{parts.scheme}://{parts.netloc}/.well-known/genid/{quote(term.value, safe='')}")
    if term is None or isinstance(term, ox.NamedNode | ox.Literal):
        return term
    raise TriplomacyError("answers with a triple as a term, which no query can hold", path=url)


def _block(columns: Sequence[str], rows: Sequence[_Row]) -> str:
    lines = (" ".join("UNDEF" if cell is None else binding.written(cell) for cell in row) for row in rows)
    return f"VALUES ({' '.join(f'?{name}' for name in columns)}) {{ {' '.join(f'({line})' for line in lines)} }}"


def _prologue(text: str) -> str:
    """Return the declarations of a query, without comments, with those of ours that it uses without declaring them."""
    parts: list[str] = []
    for token in tokens.tokens(remote.with_prefixes(text)):
        if token.kind == "word" and token.text.upper() not in ("PREFIX", "BASE"):
            break
        parts.append(token.text)
    return " ".join(parts)


def _has_from(text: str) -> bool:
    return any(token.kind == "word" and token.text.upper() == "FROM" for token in tokens.tokens(text))


def _iri(text: str, token: Token) -> str:
    """Return the IRI that a token means under the declarations of a query."""
    base, prefixes = "", dict(PREFIXES)
    found = list(tokens.tokens(text))
    for number, word in enumerate(found[:-1]):
        if word.kind == "word" and word.text.upper() == "BASE":
            base = _resolve(base, found[number + 1].text)
        elif word.kind == "word" and word.text.upper() == "PREFIX" and number + 2 < len(found):
            prefixes[found[number + 1].text.removesuffix(":")] = _resolve(base, found[number + 2].text)
        elif word.kind == "word":
            break
    if token.kind == "iri":
        return _resolve(base, token.text)
    prefix, _, local = token.text.partition(":")
    if prefix not in prefixes:
        raise BadParameter(f"SERVICE {token.text[:100]}: no such prefix: {prefix}; declare it")
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def _resolve(base: str, iri: str) -> str:
    written = tokens.unescaped(iri.removeprefix("<").removesuffix(">"))
    return urljoin(base, written) if base else written
