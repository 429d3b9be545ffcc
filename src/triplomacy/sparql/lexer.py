r"""The tokens of a SPARQL query: the terminals of its grammar (SPARQL 1.2, 19.8), each the longest that matches.

Tokens depend on the grammar in one place: behind an operand of an expression, a token that begins with ``<``, ``+`` or
``-`` is an operator even where a longer token matches (`Lexer.as_operator`). ``\uXXXX`` is expanded in strings and IRIs
only, as in SPARQL 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple, NoReturn

from triplomacy.errors import MalformedInput

DEEPEST: Final = 100  # brackets within brackets: each takes up to six frames of Python's thousand

# Characters of names, written as the ASCII characters that are excluded: a class of few ranges compiles quickly.
# Which characters beyond ASCII are allowed is checked by `_is_exact`.
_LETTER: Final = r"[^\x00-@\[-`{-\x7f]"
_NAME: Final = r"[^\x00-/:-@\[-^`{-\x7f]"  # letters, digits and _
_DOTTED: Final = r"[^\x00-,/:-@\[-^`{-\x7f]"  # the same, and . and -
_LABEL: Final = r"[^\x00-,./:-@\[-^`{-\x7f]"  # the same, and -
_UCHAR: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPED: Final = rf"\\[tbnrf\\\"']|{_UCHAR}"
_LOCAL: Final = r"[^\x00-,./;-@\[-^`{-\x7f]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"  # the same, :, - and escapes

# Possessive quantifiers do not backtrack, and a prefix has 255 characters at most: reading takes time in proportion to
# the length of any text.
_TOKEN: Final = rf"""
    (?:[ \t\r\n]++|\#[^\r\n]*+)*+
    (?: (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|{_UCHAR})*+>)
      | (?P<variable>[?$]{_NAME}++)
      | (?P<blank>_:{_NAME}(?:{_LABEL}++|\.++(?={_LABEL}))*+)
      | (?P<name>(?:{_LETTER}{_DOTTED}{{0,254}}+(?<!\.))?+:
          (?:(?!-)(?:{_LOCAL})(?:{_LOCAL}|\.++(?={_LOCAL}))*+)?+)
      | (?P<word>[A-Za-z][A-Za-z0-9_]*+)
      | (?P<string>'''(?:[^'\\]++|'{{1,2}}+(?!')|{_ESCAPED})*+''' | \"\"\"(?:[^"\\]++|"{{1,2}}+(?!")|{_ESCAPED})*+\"\"\"
          | '(?:[^'\\\r\n]++|{_ESCAPED})*+' | "(?:[^"\\\r\n]++|{_ESCAPED})*+")
      | (?P<double>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++)
      | (?P<decimal>[+-]?[0-9]*+\.[0-9]++)
      | (?P<integer>[+-]?[0-9]++)
      | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?+)
      | (?P<sign><<\(|\)>>|<<|>>|\{{\||\|\}}|\|\||&&|\^\^|<=|>=|!=|[{{}}\[\]();,.+\-*/<>=!^|~?])
      | (?P<end>\Z)
      | (?P<stray>.)
    )"""

_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LATER: Final = f"{_BASE}0-9_\u00b7\u0300-\u036f\u203f-\u2040"
_EXACT: Final = {
    "variable": f"[?$][{_BASE}0-9_][{_LATER}]*",
    "blank": rf"_:[{_BASE}0-9_][{_LATER}.\-]*",
    "name": rf"(?:[{_BASE}][{_LATER}.\-]*)?:(?:[{_BASE}0-9_:%\\](?:[{_LATER}.:%\-]|\\.)*)?",
}

_ALIKE: Final = {0x17F: "S", 0x130: "I", 0x131: "I"}


class Lexeme(NamedTuple):
    """A token: its kind, and where it begins and ends, in code points from the start of the text.

    Kinds are ``iri``, ``name`` (with a prefix), ``variable``, ``blank``, ``word``, ``string``, ``integer``,
    ``decimal``, ``double``, ``language``, ``sign`` and, behind the last one, ``end``.
    """

    kind: str
    start: int
    end: int


class HiddenService(MalformedInput):
    """A text in which one engine may read SERVICE where another reads something else."""


class Lexer:
    """A text that is read token by token.

    Attributes:
        text: the whole of it.
        kind: the kind of the token that is next.
        value: what is written there.
        word: the same in capitals if it is a word, and else empty.
        sign: the same if it is a sign, and else empty.
        start: where it begins.
        stop: where it ends.
        end: where the one before it ended.
        tokens: all so far, the next one the last.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.stop = 0
        self.depth = 0
        self.tokens: list[Lexeme] = []
        self.advance()

    def advance(self) -> None:
        """Go on to the next token.

        Raises:
            MalformedInput: nothing that a query can have begins there.
        """
        self.end = self.stop
        match = _pattern().match(self.text, self.end)
        assert match is not None  # something stands everywhere
        self.kind = match.lastgroup or ""
        self._set(*match.span(self.kind))
        if self.kind == "stray" or not (self.value.isascii() or _is_exact(self.kind, self.value)):
            raise _stray(self.text, self.tokens[-1])

    def _set(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.value = self.text[start:stop]
        self.word = self.value.upper() if self.kind == "word" else ""
        self.sign = self.value if self.kind == "sign" else ""
        self.tokens.append(Lexeme(self.kind, start, stop))

    def as_operator(self) -> None:
        """Read the next token as an operator: behind an operand, neither an IRI nor a signed number can follow."""
        if self.value[:1] == "<":
            length = 2 if self.text.startswith("<=", self.start) else 1
        elif self.kind in ("integer", "decimal", "double") and self.value[:1] in ("+", "-"):
            length = 1
        else:
            return
        del self.tokens[-1]
        self.kind = "sign"
        self._set(self.start, self.start + length)

    def take(self, *expected: str) -> bool:
        """Go on past the next token if it is one of some keywords and signs, and tell whether it is."""
        if (self.sign or self.word) not in expected:
            return False
        self.advance()
        return True

    def need(self, *expected: str) -> None:
        """Go on past each of some keywords and signs.

        Raises:
            MalformedInput: another token is there.
        """
        for item in expected:
            if not self.take(item):
                self.fail_without(item)

    def opens(self, sign: str) -> None:
        """Go on past a bracket that opens."""
        self.need(sign)
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets are open; nest less")

    def closes(self, sign: str, otherwise: str = "") -> None:
        """Go on past a bracket that closes; *otherwise* is what might stand before it."""
        if not self.take(sign):
            self.fail_without(f"{otherwise} or {sign}" if otherwise else sign)
        self.depth -= 1

    def fail_without(self, what: str) -> NoReturn:
        """Raise the exception for a token that is not what was expected."""
        shown = self.value[:60] if self.kind != "end" else "the end of the query"
        self.fail(f"expected {what}, not {shown}")

    def fail(self, message: str, kind: Callable[..., MalformedInput] = MalformedInput) -> NoReturn:
        """Raise an exception at the next token: `HiddenService` where another engine could read SERVICE there."""
        line, column = place(self.text, self.start)
        if (written := self._hides_service()) is not None:
            message, kind = f"{written[:60]} may be SERVICE or not: write spaces around it", HiddenService
        raise kind(message, line=line, column=column)

    def _hides_service(self) -> str | None:
        """Return one of the last two tokens, if it is a longer word or a prefixed name that begins with SERVICE."""
        for token in self.tokens[-2:]:
            written = self.text[token.start : token.end]
            head, colon, _ = capitals(written).partition(":")
            begins_group = self.sign == "{" or token is self.tokens[-1]
            if "SERVICE" in head and (begins_group if token.kind == "name" else head != "SERVICE" and not colon):
                return written if token.kind in ("word", "name") else None
        return None


def scan(text: str) -> Iterator[Lexeme]:
    """Yield the tokens of any text, each the longest that matches, the last one being its end.

    Raises:
        MalformedInput: nothing that a query can have begins somewhere.
    """
    lexer = Lexer(text)
    while lexer.kind != "end":
        yield lexer.tokens[-1]
        lexer.advance()
    yield lexer.tokens[-1]


def capitals(text: str) -> str:
    """Return a text in capitals, with S and I for the letters beyond ASCII that engines may take for these.

    rdflib compares keywords in capitals, and those of U+017F and U+0131 are S and I; the small form of U+0130 is i.
    """
    return (text if text.isascii() else text.translate(_ALIKE)).upper()


def place(text: str, at: int) -> tuple[int, int]:
    """Return the line and the column of a place in a text, both counted from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


@cache
def _exact(kind: str) -> re.Pattern[str]:
    return re.compile(_EXACT[kind], re.DOTALL)


def _is_exact(kind: str, value: str) -> bool:
    """Tell whether all characters of a token are allowed there, also those beyond ASCII."""
    return kind not in _EXACT or _exact(kind).fullmatch(value) is not None


def _stray(text: str, token: Lexeme) -> MalformedInput:
    line, column = place(text, token.start)
    value = text[token.start : token.end]
    if value in ("'", '"'):
        message = "a string has no end, or an escape that none has; close it on the same line, or write three quotes"
    elif value == "\\":
        message = r"\ may stand in strings, IRIs and names only; write keywords and signs as they are"
    else:
        message = f"{value[:60]} has a character that cannot stand here (U+{ord(_last_odd(value)):04X}); remove it"
    return MalformedInput(message, line=line, column=column)


def _last_odd(value: str) -> str:
    """Return the character to blame for a malformed token: its last one beyond ASCII, if it has one."""
    return next((character for character in reversed(value) if not character.isascii()), value[-1])
