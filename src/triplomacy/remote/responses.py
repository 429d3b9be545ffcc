"""Responses of an endpoint: rows, true or false, or triples, whole or an error.

An answer is kept in memory or, if it is large, in a temporary file until it is known to be whole, so that no row of
half an answer is ever shown.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import itertools
import re
import weakref
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

import pyoxigraph as ox

from triplomacy import http
from triplomacy.errors import TriplomacyError
from triplomacy.http import Response

_IN_MEMORY: Final = 8_000_000  # bytes of an answer that are kept in memory; more are kept in a temporary file
_BY_LINES: Final = {"application/n-triples", "text/plain", "text/turtle"}  # half of it looks like a whole
_FORMATS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
}


class ResponsePart:
    """The response to one request for rows, kept in memory or, if it is large, in a temporary file.

    Attributes:
        variables: of the rows, in their order.
        truth: of ASK; None of SELECT.
        count: how many rows there are.
        ends: the first and the last row.
        is_large: whether it is in a file.
        is_cut: whether the server says that there are more rows.
    """

    def __init__(self, response: Response) -> None:
        self._url = response.url
        self._format = _results_format(response)
        self._spool = _spool(response)
        self.is_large = not isinstance(self._spool, io.BytesIO)
        weakref.finalize(self, self._spool.close)
        self.variables: tuple[str, ...] = ()
        self.truth: bool | None = None
        self.count = 0
        self.ends: tuple[list[object], list[object]] = ([], [])
        results = self._parse()
        if isinstance(results, ox.QueryBoolean):
            self.truth = bool(results)
        else:
            self.variables = tuple(variable.value for variable in results.variables)
            self._count(results)
        declared = response.headers.get("X-SPARQL-MaxRows", "")
        self.is_cut = bool(re.fullmatch("[0-9]{1,18}", declared)) and 0 < int(declared) <= self.count

    def __iter__(self) -> Iterator[ox.QuerySolution]:
        results = self._parse()
        assert isinstance(results, ox.QuerySolutions)
        return iter(results)

    def _count(self, solutions: ox.QuerySolutions) -> None:
        first = last = None
        try:
            for row in solutions:
                first = first or row
                last = row
                self.count += 1
        except (SyntaxError, OSError, ValueError) as error:
            raise _malformed_answer(self._url, self._spool, error) from None
        self.ends = list(first or ()), list(last or ())

    def _parse(self) -> ox.QuerySolutions | ox.QueryBoolean:
        self._spool.seek(0)
        try:
            return ox.parse_query_results(self._spool, format=self._format)
        except (SyntaxError, OSError, ValueError) as error:
            raise _malformed_answer(self._url, self._spool, error) from None


class Rows(Sequence[ox.QuerySolution]):
    """The rows of several parts, which can be read repeatedly; `is_large` if they should not be held in memory."""

    def __init__(self, parts: Sequence[ResponsePart]) -> None:
        self._parts = parts
        self.is_large = any(part.is_large for part in parts)

    def __len__(self) -> int:
        return sum(part.count for part in self._parts)

    def __iter__(self) -> Iterator[ox.QuerySolution]:
        return (row for part in self._parts for row in part)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        place = range(len(self))[index]
        return next(itertools.islice(self, place, None))


def _spool(response: Response) -> IO[bytes]:
    """Return the whole body as a file: in memory, or on disk if it is large."""
    spool: IO[bytes] = io.BytesIO()
    try:
        while part := response.body.read(262_144):
            if isinstance(spool, io.BytesIO) and spool.tell() + len(part) > _IN_MEMORY:
                spool = _spool_on_disk(spool.getvalue())
            spool.write(part)
        spool.flush()
    except OSError as error:
        with contextlib.suppress(OSError):
            spool.close()
        message = f"the answer cannot be kept: {error.strerror or error}; make room for temporary files"
        raise TriplomacyError(message, path=response.url) from None
    return spool


def _spool_on_disk(content: bytes) -> IO[bytes]:
    import tempfile

    spool = tempfile.TemporaryFile()  # noqa: SIM115 (it is read until the answer is let go)
    spool.write(content)
    return spool


def _results_format(response: Response) -> ox.QueryResultsFormat:
    _check_whole(response)
    form = _FORMATS.get(response.media_type)
    if form is None:
        raise _wrong_format(response, "SPARQL results")
    return form


def _check_whole(response: Response) -> None:
    """Raise an error if the server says that it has no answer, or a part of one: Virtuoso in a header, when in time."""
    if response.status == 206 or response.headers.get("X-SQL-State"):
        message = "gives a part of the answer only, since the whole takes it too long; ask for less"
        raise TriplomacyError(message, path=response.url)
    if response.status != 200:
        raise TriplomacyError(f"answers {response.status} without an answer; correct the address", path=response.url)


def _wrong_format(response: Response, wanted: str) -> TriplomacyError:
    """Return the exception for a response in another format: an HTML page, or an error message."""
    kind = response.media_type or "a format that it does not say"
    excerpt = http.first_words(response.body.read(65_536))
    words = f': "{excerpt}"' if excerpt else ""
    return TriplomacyError(
        f"answers in {kind}, not in {wanted}{words}; correct the address or the query", path=response.url
    )


def triples(response: Response) -> list[ox.Triple]:
    """Return the triples of CONSTRUCT or DESCRIBE.

    Raises:
        TriplomacyError: they are not whole, or are in no format of RDF.
    """
    _check_whole(response)
    kind = response.media_type
    form = ox.RdfFormat.from_media_type(kind)
    if form is None:
        raise _wrong_format(response, "RDF")
    if kind in _BY_LINES and not response.body.framed:
        message = "does not say where its answer ends, so that one that breaks off would look like a whole one"
        raise TriplomacyError(f"{message}; let it send a Content-Length", path=response.url)
    body = response.body.read()
    try:
        return [quad.triple for quad in ox.parse(body, format=form, base_iri=response.url)]
    except (SyntaxError, ValueError) as error:
        raise _malformed_answer(response.url, io.BytesIO(body), error) from None


def _malformed_answer(url: str, body: IO[bytes], error: Exception) -> TriplomacyError:
    """Return the exception for a response that is malformed, with what it seems to be instead."""
    body.seek(0)
    head = body.read(4_096)
    if head.startswith(b"\x1f\x8b"):
        message = "answers with compressed bytes and does not say so"
    elif b"<html" in head[:1000].lower():
        message = f'answers with a page for people: "{http.first_words(head)}"'
    elif _not_utf8(head, body):
        message = "answers in an encoding that is not UTF-8 and does not say which"
    else:
        reason = " ".join(str(getattr(error, "msg", None) or error).split())[:200]
        message = f'answers with what is none: {reason}; it begins "{http.first_words(head)[:100]}"'
    return TriplomacyError(f"{message}; correct the address, or ask its operator", path=url)


def _not_utf8(head: bytes, rest: IO[bytes]) -> bool:
    """Tell whether a text is not UTF-8; a character cut off at the end does not count."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = rest.read(262_144)
    except UnicodeDecodeError:
        return True
    return False
