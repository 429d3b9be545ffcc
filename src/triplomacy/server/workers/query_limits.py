r"""What a stranger's query may say before an engine reads it: no other server, no update, no graph that is not here.

It has so many characters, tokens and open brackets at most, and is read token by token in time that grows with its
length, whatever it is. Escapes (SPARQL 1.1, 19.2) are resolved first, since engines do so: ``\u0053ERVICE`` says
``SERVICE``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.server.workers.bounds import Bounds
from triplomacy.terms import PREFIXES


class Forbidden(TriplomacyError):
    """What this server does for nobody: to ask another one, to change anything."""


class TooMuch(TriplomacyError):
    """What is beyond a bound; the message names the bound and what to do."""


# A quotation mark that begins no whole string ends the reading, so that nothing is looked through twice. Possessive
# quantifiers give nothing back.
_TOKEN: Final = re.compile(
    r"""
      \#[^\r\n]*+
    | (?P<iri><(?![?$\d+-])[^<>"{}|^`\\\x00-\x20]*+>)
    | (?P<string>\"\"\"(?:\\.|\"{1,2}(?!\")|[^\\\"])*+\"\"\"|'''(?:\\.|'{1,2}(?!')|[^\\'])*+'''
        |"(?:\\.|[^"\\\n\r])*+"|'(?:\\.|[^'\\\n\r])*+')
    | (?P<unended>["'])
    | @[A-Za-z0-9-]++
    | [?$][\w\u00b7\u0300-\u036f\u203f\u2040]++
    | (?P<name>[\w.-]*+:(?:(?![.-])(?:[\w.:%-]|\\.)*+)?)
    | (?P<words>[\w.-]++)
    | (?P<open>[{(\[])
    | (?P<close>[})\]])
    | \s++
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_UPDATES: Final = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
_CHANGING: Final = {"NOW", "RAND", "UUID", "STRUUID"}


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
        MalformedInput: a string in it has no end.
        UnknownName: it asks a graph that is not here.
    """
    if len(text) > bounds.query:
        raise TooMuch(f"a query may have {bounds.query:,} characters, and this one has {len(text):,}; shorten it")
    if "\\u" not in text and "\\U" not in text:
        return _Reading(bounds, graphs, base).read(text)
    resolved = _ESCAPE.sub(_character, text)
    as_written, as_resolved = _Reading(bounds, graphs, base), _Reading(bounds, graphs, base)
    with suppress(MalformedInput):  # an engine resolves escapes before it reads a string, or never
        as_written.read(text)
    return as_resolved.read(resolved)


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


class _Reading:
    """One way through a query."""

    def __init__(self, bounds: Bounds, graphs: Collection[str], base: str) -> None:
        self.bounds = bounds
        self.graphs = graphs
        self.prefixes = dict(PREFIXES)
        self.base = base
        self.depth = 0
        self.last: tuple[str, ...] = ()  # the words just before, or a prefix that is about to be declared
        self.begun = False
        self.chosen: dict[str, list[str]] = {"FROM": [], "NAMED": []}
        self.changing = False

    def read(self, text: str) -> QueryDemand:
        count = 0
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup
            if kind is not None:
                count += 1
                self.take(kind, found[0])
            elif not found[0][0].isspace() and found[0][0] != "#":
                count += 1
                self.last = ()
            if count > self.bounds.tokens:
                raise TooMuch(f"a query may have {self.bounds.tokens:,} words and signs; shorten it")
        return QueryDemand(
            tuple(dict.fromkeys(self.chosen["FROM"])), tuple(dict.fromkeys(self.chosen["NAMED"])), self.changing
        )

    def take(self, kind: str, token: str) -> None:
        if kind == "words":
            self.words(token)
        elif kind == "open":
            self.depth += 1
            if self.depth > self.bounds.nesting:
                raise TooMuch(f"a query may have {self.bounds.nesting} open brackets; nest it less")
            self.last = ()
        elif kind == "close":
            self.depth -= 1
            self.last = ()
        elif kind in ("iri", "name"):
            self.node(kind, token)
        elif kind == "unended":
            raise MalformedInput("a string in the query has no end; close it, on the same line")
        else:
            self.last = ()

    def words(self, token: str) -> None:
        """Take letters, digits, dots and hyphens in a row; the engine reads a keyword at the end of a word, too."""
        run = token.upper()
        self.no_service(run)
        for word in _WORD.findall(run):
            if not self.begun and word not in ("PREFIX", "BASE"):
                self.begun = True
                if word in _UPDATES:
                    raise Forbidden("this server only answers queries: nothing here can be changed")
            self.changing = self.changing or word in _CHANGING
            self.last = (*self.last[-1:], word)

    def no_service(self, run: str) -> None:
        if "SERVICE" in run:
            raise Forbidden("SERVICE would ask another server, which is not done here; remove it")

    def node(self, kind: str, token: str) -> None:
        """Take an IRI or a prefixed name: of a declaration, of a graph after FROM, or of a pattern."""
        last, self.last = self.last, ()
        prefix, _, local = token.partition(":")
        if kind == "name":
            self.no_service(prefix.upper())
            if last[-1:] == ("PREFIX",):
                self.last = ("PREFIX", prefix)
                return
            iri = self.prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)
        else:
            iri = urljoin(self.base, token[1:-1]) if self.base else token[1:-1]
        if last[-1:] == ("BASE",):
            self.base = iri
        elif len(last) == 2 and last[0] == "PREFIX":
            self.prefixes[last[1]] = iri
        elif last[-1:] == ("FROM",) or last[-2:] == ("FROM", "NAMED"):
            self.chosen[last[-1]].append(known_graph(iri, self.graphs))


def known_graph(iri: str, graphs: Collection[str]) -> str:
    """Return the IRI of a graph that is here.

    Raises:
        UnknownName: it is not here; nothing is fetched.
    """
    if iri not in graphs:
        raise UnknownName("graph here, and none is fetched", iri[:200], graphs)
    return iri
