"""Paths of SHACL: one value, read from the triples of shapes or from the text in a finding, and what it is written as.

The text is that of SPARQL, with brackets around each sequence, alternative and repetition, as the fast engine has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

OPERATORS: Final = {
    "inversePath": "^",
    "alternativePath": "|",
    "zeroOrMorePath": "*",
    "oneOrMorePath": "+",
    "zeroOrOnePath": "?",
}
"""The properties of SHACL that make a path of others, with what SPARQL writes for each."""

DEEPEST: Final = 100
"""How deep paths may be nested."""


class MalformedPath(Exception):
    """A node that is not a path; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path: a property, where the operator is empty, or what an operator (``^ / | * + ?``) makes of other paths."""

    operator: str
    parts: tuple[Path, ...] = ()
    iri: ox.NamedNode | None = None

    def __str__(self) -> str:
        inner = ("|" if self.operator == "|" else "/").join(map(str, self.parts))
        if self.operator == "^":
            return f"^({inner})" if self.parts[0].operator == "^" else f"^{inner}"
        if self.operator in ("/", "|"):
            return f"({inner})"
        return f"({inner}){self.operator}" if self.operator else str(self.iri)

    @property
    def repeats(self) -> bool:
        """Whether it, or a part of it, is gone any number of times or may be left out."""
        return self.operator in ("*", "+", "?") or any(part.repeats for part in self.parts)


def of_property(iri: ox.NamedNode) -> Path:
    """Return the path that is one property."""
    return Path("", iri=iri)


def parse(text: str) -> Path | None:
    """Return the path of a text in the syntax of SPARQL as engines write it, in brackets, or None if it is none."""
    try:
        return _parse(re.findall(r"<[^<>]*>|\S", text))
    except ValueError:  # of what stands for an IRI
        return None


def _parse(pieces: Iterable[str]) -> Path | None:
    waiting: list[list[Path | str]] = [[]]
    for piece in pieces:
        if piece == "(":
            waiting.append([])
        elif piece == ")" and len(waiting) > 1:
            inner = _join(waiting.pop())
            if inner is None:
                return None
            waiting[-1].append(inner)
        elif piece in ("*", "+", "?") and waiting[-1] and isinstance(waiting[-1][-1], Path):
            waiting[-1][-1] = Path(piece, (waiting[-1][-1],))
        else:
            waiting[-1].append(of_property(ox.NamedNode(piece[1:-1])) if piece.startswith("<") else piece)
    return _join(waiting[0]) if len(waiting) == 1 else None


def _join(pieces: Sequence[Path | str]) -> Path | None:
    """Return the path of what stands between two brackets: paths, each with ``^`` before it or not, and / or |."""
    parts: list[Path] = []
    between: set[str] = set()
    is_inverse = False
    for piece in pieces:
        if isinstance(piece, Path):
            parts.append(Path("^", (piece,)) if is_inverse else piece)
            is_inverse = False
        elif piece == "^":
            is_inverse = not is_inverse
        else:
            between.add(piece)
    if len(parts) == 1 and not between:
        return parts[0]
    operator = between.pop() if len(between) == 1 else ""
    return Path(operator, tuple(parts)) if operator in ("/", "|") and len(parts) > 1 else None
