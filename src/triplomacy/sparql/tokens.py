r"""The text of a SPARQL query: its tokens, and the services that it would ask.

A text in which the word SERVICE could be read as a keyword in any way that an engine reads texts is never taken for one
without: engines differ in whether ``\u0053ERVICE`` is the keyword (SPARQL 1.1, 19.2, says yes), whether ``SERVICEex:a``
is one word or two, and whether ``?a<'x>'`` begins an IRI or compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from triplomacy.errors import TriplomacyError

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\r\n]*)
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
    | (?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*')
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<variable>[?$][\w\u00b7\u0300-\u036f\u203f\u2040]+)
    | (?P<name>[\w\-.]*:(?:[\w\-.:%]|\\.)*)
    | (?P<word>[A-Za-z]\w*)
    | (?P<brace>[{}])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# Behind an operand in an expression these are comparisons (``?a<?b&&?c>?d``) and not the IRI that they look like.
_COMPARISON: Final = re.compile(r"<(?:[?$\d+-]|[^<>\s]*(?:&&|,[?$]))")
_NO_OPERAND: Final = set("(,=!<|&^+-/*")  # what an IRI can follow in an expression
_HIDES: Final = re.compile("['#()]")  # in an IRI: what begins a string, a comment or a bracket, were it none
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OF_RDFLIB: Final = re.compile(r"\\u([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{4})?)", re.IGNORECASE)
_NAMES_A_GRAPH: Final = ("GRAPH", "FROM", "NAMED", "DESCRIBE", "SERVICE", "SILENT")


class Token(NamedTuple):
    """A part of a text, its kind, and where it begins and ends; *doubtful* is an IRI that may be a comparison."""

    kind: str
    text: str
    start: int
    end: int
    doubtful: bool = False


class Service(NamedTuple):
    """A ``SERVICE`` clause in a text.

    Attributes:
        start: where its keyword begins.
        inside: where the inside of its group begins.
        end: where its group has ended.
        silent: whether it is ``SERVICE SILENT``.
        endpoint: the token that names the endpoint: an IRI, a prefixed name or a variable.
        group: where the inside of the group begins that it stands in.
        free: whether that group is evaluated over the default graph, and in no service.
    """

    start: int
    inside: int
    end: int
    silent: bool
    endpoint: Token
    group: int
    free: bool


@dataclass(slots=True)
class _Open:
    """A bracket that is open: itself, the keyword before it, and where its inside begins."""

    bracket: str
    opener: str
    start: int


@lru_cache(maxsize=8)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a query but its comments: ``iri``, ``name``, ``variable``, ``word``, ``string``, ..."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at, last, operand = 0, "", False
    open_brackets: list[_Open] = []
    while match := _TOKEN.match(text, at):
        kind, found, doubtful = match.lastgroup or "other", match.group(), False
        if kind == "iri" and operand and open_brackets and open_brackets[-1].bracket == "(":
            doubtful = _HIDES.search(found) is not None
            if _COMPARISON.match(found):
                kind, found = "other", "<"
        start, at = at, at + len(found)
        if kind == "comment" or found.isspace():
            continue
        yield Token(kind, found, start, at, doubtful)
        _nest(open_brackets, found, last, at)
        last = opener(last, kind, found)
        operand = kind != "other" or found not in _NO_OPERAND


def _nest(open_brackets: list[_Open], token: str, last: str, end: int) -> None:
    """Open or close a bracket; one within a block of data is one of data."""
    if token in ("{", "("):
        in_data = bool(open_brackets) and open_brackets[-1].opener == "VALUES"
        open_brackets.append(_Open("data" if in_data else token, "VALUES" if in_data else last, end))
    elif token in ("}", ")") and open_brackets:
        open_brackets.pop()


def opener(last: str, kind: str, token: str) -> str:
    """Return what decides the kind of a group that opens next: the last keyword, or a data block's head."""
    if kind == "word":
        return token.upper()
    if last == "VALUES" and (kind == "variable" or token in "()"):
        return last
    return ""


def unescaped(text: str) -> str:
    r"""Return a text with ``\uXXXX`` and ``\UXXXXXXXX`` expanded, as SPARQL 1.1, 19.2, does before it parses."""
    return _ESCAPE.sub(lambda found: _character(found[1] or found[2], found[0]), text)


def _character(digits: str, otherwise: str) -> str:
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else otherwise


def readings(text: str) -> set[str]:
    """Return a text as engines read it: as it is, with escapes expanded, and with those that rdflib takes for some."""
    return {text, unescaped(text), _ESCAPE_OF_RDFLIB.sub(lambda found: _character(found[1], found[0]), text)}


def services(text: str) -> list[Service]:
    """Return the ``SERVICE`` clauses of a query in their order, those inside others too.

    Raises:
        TriplomacyError: what could be read as one cannot be told from what stands beside it.
    """
    if "\\" not in text and "service" not in text.lower():  # most texts, told in no time
        return []
    found = readings(text)
    if not any("service" in reading.lower() for reading in found):
        return []
    clauses = _clauses(text)
    if any(len(_clauses(reading)) != len(clauses) for reading in found):
        raise TriplomacyError(r"a SERVICE is hidden behind \u; write keywords and quotation marks as they are")
    return clauses


def refuse_services(text: str) -> None:
    """Raise an exception if a query has ``SERVICE`` in it: an engine would ask that server with no bound.

    Raises:
        TriplomacyError: it has, or it cannot be told.
    """
    if services(text):
        raise TriplomacyError("SERVICE would ask another server, which is not done here; remove it")


def without_heads(text: str) -> str:
    """Return a query of the same length in which each ``SERVICE`` is a group: it parses alike, and asks nobody.

    Raises:
        TriplomacyError: as `services` does.
    """
    for service in services(text):
        head = text[service.start : service.inside - 1]
        text = text[: service.start] + re.sub(r"[^\r\n]", " ", head) + text[service.inside - 1 :]
    return text


def without_services(text: str) -> str:
    """Return a query without its ``SERVICE`` clauses: what is asked of the data themselves.

    Raises:
        TriplomacyError: as `services` does.
    """
    for service in reversed(outermost(text)):
        text = text[: service.start] + text[service.end :]
    return text


def outermost(text: str) -> list[Service]:
    """Return the ``SERVICE`` clauses of a query that stand in no other, in their order."""
    found: list[Service] = []
    for service in services(text):
        if not found or service.start >= found[-1].end:
            found.append(service)
    return found


def _clauses(text: str) -> list[Service]:
    found = list(tokens(text))
    clauses: list[Service] = []
    open_groups = [_Open("", "", 0)]
    for number, token in enumerate(found):
        if token.text == "{":
            open_groups.append(_Open("{", _opened_by(found, number), token.end))
        elif token.text == "}" and len(open_groups) > 1:
            open_groups.pop()
        elif token.doubtful:
            raise _unclear(text, token, "an IRI or a comparison: write spaces around <")
        elif _is_service(found, number):
            free = not any(group.opener in ("GRAPH", "SERVICE") for group in open_groups)
            clauses.append(_clause(text, found, number, open_groups[-1].start, free))
    return clauses


def _opened_by(found: list[Token], number: int) -> str:
    """Return the keyword of the group that opens at a token, with what it names between them."""
    before = [token.text.upper() for token in found[max(0, number - 3) : number]]
    return next((word for word in ("SERVICE", "GRAPH") if word in before[-2:] or before[-3:-1] == [word, "SILENT"]), "")


def _is_service(found: list[Token], number: int) -> bool:
    """Tell whether a token is the keyword; raise where an engine may find it in a longer word."""
    token = found[number]
    if token.kind == "word" and "service" in token.text.lower():
        if token.text.upper() != "SERVICE":
            raise _unclear("", token, "SERVICE or not: write spaces around it")
        return True
    if token.kind == "name" and "service" in token.text.partition(":")[0].lower():
        before = found[number - 1].text.upper() if number else ""
        opens = number + 1 < len(found) and found[number + 1].text == "{"
        if opens and before not in _NAMES_A_GRAPH:
            raise _unclear("", token, "SERVICE or not: write spaces around it")
    return False


def _unclear(text: str, token: Token, what: str) -> TriplomacyError:
    line = text.count("\n", 0, token.start) + 1 if text else None
    return TriplomacyError(f"{token.text[:60]} may be {what}", line=line)


def _clause(text: str, found: list[Token], number: int, group: int, free: bool) -> Service:
    head = found[number + 1 : number + 4]
    silent = bool(head) and head[0].text.upper() == "SILENT"
    head = head[silent : silent + 2]
    if len(head) < 2 or head[0].kind not in ("iri", "name", "variable") or head[1].text != "{":
        line = text.count("\n", 0, found[number].start) + 1
        raise TriplomacyError("SERVICE has no endpoint and group; write SERVICE <URL> { ... }", line=line)
    end = _end(found[number:])
    return Service(found[number].start, head[1].end, end, silent, head[0], group, free)


def _end(found: Iterable[Token]) -> int:
    """Return where the first group of some tokens has ended."""
    depth = 0
    for token in found:
        depth += (token.text == "{") - (token.text == "}")
        if token.text == "}" and not depth:
            return token.end
    raise TriplomacyError("a SERVICE has a group that does not end; add the missing }")
