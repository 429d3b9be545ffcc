"""What a stranger's query may say before an engine reads it: no other server, no update, no graph that is not here.

It has so many characters, tokens and open brackets at most, and is read in time that grows with its length, whatever it
is; by the same reader as everywhere, which refuses what engines could read in several ways.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.server.bounds import Bounds
from triplomacy.sparql import HiddenService, UpdateRefused, scan, syntax, tree


class Forbidden(TriplomacyError):
    """What this server does for nobody: to ask another one, to change anything."""


class TooMuch(TriplomacyError):
    """What is beyond a bound; the message names the bound and what to do."""


_CHANGING: Final = {"NOW", "RAND", "UUID", "STRUUID"}
_OPENS: Final = ("{", "(", "[", "<<", "<<(", "{|")
_CLOSES: Final = ("}", ")", "]", ">>", ")>>", "|}")
_READ_ONLY: Final = "this server only answers queries: nothing here can be changed"
_NO_SERVICE: Final = "SERVICE would ask another server, which is not done here; remove it"


@dataclass(frozen=True, slots=True)
class QueryDemand:
    """The graphs that a query names, and whether its answer changes.

    Attributes:
        default_graphs: the IRIs after ``FROM``, in their order, each once.
        named_graphs: those after ``FROM NAMED``.
        changing: whether its answer may be another one each time.
    """

    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    changing: bool


def read(text: str, bounds: Bounds, graphs: Collection[str], base: str = "") -> QueryDemand:
    """Return what a query says about itself, which is within the bounds and asks for nothing that is refused.

    Args:
        text: the query.
        bounds: on its length, its tokens and its nesting.
        graphs: the IRIs of the named graphs that there are.
        base: the IRI that relative ones are relative to, where the query says none.

    Raises:
        TooMuch: it is longer, or nested deeper, than may be.
        Forbidden: it is an update, or asks another server.
        MalformedInput: it is not a query.
        UnknownName: it asks a graph that is not here.
    """
    if len(text) > bounds.query:
        raise TooMuch(f"a query may have {bounds.query:,} characters, and this one has {len(text):,}; shorten it")
    asks = _measure(text, bounds)
    try:
        query = syntax.read(text, base)
    except UpdateRefused:
        raise Forbidden(_READ_ONLY) from None
    except MalformedInput as error:
        if asks or isinstance(error, HiddenService):
            raise Forbidden(_NO_SERVICE) from None
        raise
    if any(tree.find(query, tree.Service)):
        raise Forbidden(_NO_SERVICE)
    default, named = tree.graphs(query), tree.graphs(query, named=True)
    for iri in (*default, *named):
        known_graph(iri, graphs)
    changing = any(call.function in _CHANGING for call in tree.find(query, tree.FunctionCall))
    return QueryDemand(default, named, changing)


def _measure(text: str, bounds: Bounds) -> bool:
    """Hold a text to the bounds as far as it has tokens, and tell whether SERVICE is one of these."""
    depth, asks = 0, False
    with suppress(MalformedInput):  # reading it says what is wrong, and where
        for count, token in enumerate(scan(text)):
            if count > bounds.tokens:
                raise TooMuch(f"a query may have {bounds.tokens:,} words and signs; shorten it")
            value = text[token.start : token.end]
            asks = asks or (token.kind == "word" and value.upper() == "SERVICE")
            if token.kind == "sign":
                depth += (value in _OPENS) - (value in _CLOSES)
            if depth > bounds.nesting:
                raise TooMuch(f"a query may have {bounds.nesting} open brackets; nest it less")
    return asks


def known_graph(iri: str, graphs: Collection[str]) -> str:
    """Return the IRI of a graph that is here.

    Raises:
        UnknownName: it is not here; nothing is fetched.
    """
    if iri not in graphs:
        raise UnknownName("graph here, and none is fetched", iri[:200], graphs)
    return iri
