r"""The tokens of a SPARQL query: the terminals of its grammar (SPARQL 1.2, 19.8), each the longest that matches.

What no grammar of tokens can tell is left to the reader: behind an operand of an expression a token that begins with
``<``, ``+`` or ``-`` is an operator, whatever it looks like (`Lexer.as_operator`). ``\uXXXX`` stands for a character in
strings and IRIs, as SPARQL 1.2 has it, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from triplomacy.errors import MalformedInput

# Characters beyond ASCII stand for all that a name may have; `_is_exact` says which of them it may have.
_CHARACTERS: Final = "A-Za-z0-9_\x80-\U0010ffff"
_UCHAR: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPED: Final = rf"\\[tbnrf\\\"']|{_UCHAR}"
_LOCAL: Final = rf"[{_CHARACTERS}:\-]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%]"

# Possessive quantifiers give nothing back, and no prefix is longer than 255 characters: reading takes time in
# proportion to the text, whatever it is.
_TOKEN: Final = rf"""
    (?:[ \t\r\n]++|\#[^\r\n]*+)*+
    (?: (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|{_UCHAR})*+>)
      | (?P<variable>[?$][{_CHARACTERS}]++)
      | (?P<blank>_:[{_CHARACTERS}](?:[{_CHARACTERS}\-]++|\.++(?=[{_CHARACTERS}\-]))*+)
      | (?P<name>(?:[A-Za-z\x80-\U0010ffff][{_CHARACTERS}.\-]{{0,254}}+(?<!\.))?+:
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


class Token(NamedTuple):
    """A token: its kind, and where it begins and ends, in code points from the start of the text.

    Kinds are ``iri``, ``name`` (with a prefix), ``variable``, ``blank``, ``word``, ``string``, ``integer``,
    ``decimal``, ``double``, ``language``, ``sign`` and, behind the last one, ``end``.
    """

    kind: str
    start: int
    end: int


class Lexer:
    """A text that is read token by token.

    Attributes:
        text: the whole of it.
        token: the one that is next.
        value: its text.
        before: where the one before it ended.
        tokens: all so far, the next one the last.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.token = Token("", 0, 0)
        self.value = ""
        self.before = 0
        self.tokens: list[Token] = []
        self.advance()

    def advance(self) -> None:
        """Go on to the next token.

        Raises:
            MalformedInput: nothing that a query can have begins there.
        """
        self.before = self.token.end
        match = _pattern().match(self.text, self.before)
        assert match is not None  # something stands everywhere
        kind = match.lastgroup or ""
        self.value = match[kind]
        self.token = Token(kind, *match.span(kind))
        self.tokens.append(self.token)
        if kind == "stray" or not (self.value.isascii() or _is_exact(kind, self.value)):
            raise _stray(self.text, self.token)

    def as_operator(self) -> None:
        """Take the next token for an operator, as it is behind an operand, where neither IRI nor number can stand."""
        kind, start, _ = self.token
        if self.value[:1] == "<":
            length = 2 if self.text.startswith("<=", start) else 1
        elif kind in ("integer", "decimal", "double") and self.value[:1] in ("+", "-"):
            length = 1
        else:
            return
        self.token = self.tokens[-1] = Token("sign", start, start + length)
        self.value = self.text[start : start + length]


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, of any text, each the longest that matches, up to and with its end.

    Raises:
        MalformedInput: nothing that a query can have begins somewhere.
    """
    lexer = Lexer(text)
    while lexer.token.kind != "end":
        yield lexer.token
        lexer.advance()
    yield lexer.token


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
    """Tell whether a token with characters beyond ASCII has none that it may not have."""
    return kind not in _EXACT or _exact(kind).fullmatch(value) is not None


def _stray(text: str, token: Token) -> MalformedInput:
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
    """Return the character to show for a token that is none: its last one beyond ASCII, if it has one."""
    return next((character for character in reversed(value) if not character.isascii()), value[-1])
