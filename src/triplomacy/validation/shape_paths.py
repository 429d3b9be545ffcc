"""Paths of SHACL: one value, read from the triples of shapes or from the text in a finding, and what it is written as.

The text is that of SPARQL, with brackets around each sequence, alternative and repetition, as the fast engine has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyoxigraph as ox

from triplomacy.rdf import NIL

REPETITIONS: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
"""The properties of SHACL whose path is repeated or may be left out, with what SPARQL writes for each."""

_OPERATORS: Final = {"inversePath": "^", "alternativePath": "|", **REPETITIONS}
_DEEPEST: Final = 100


class MalformedPath(Exception):
    """A node that is not a path; the message says what to write."""


class _PathTriples(Protocol):
    """What is asked of the triples that paths are read from."""

    def of(self, subject: Any, name: str) -> Sequence[Any]:
        """Return the objects of a property of SHACL."""

    def items(self, cell: Any) -> list[Any]:
        """Return the items of a list."""


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


def read(shapes: _PathTriples, node: Any, depth: int = 0) -> Path:
    """Return the path that a node of shapes is.

    Raises:
        MalformedPath: it is none.
    """
    if isinstance(node, ox.NamedNode):
        if node == NIL:
            raise MalformedPath("rdf:nil is not a path; name a property")
        return of_property(node)
    names = [name for name in _OPERATORS if shapes.of(node, name)]
    is_list = bool(shapes.of(node, "first"))
    if is_list:  # the W3C's suite has lists with an operator besides, which counts for nothing
        names = []
    if isinstance(node, ox.Literal) or depth > _DEEPEST or len(names) + is_list != 1:
        raise MalformedPath("write a property, a list of paths, or a blank node with one path operator")
    operator = "/" if is_list else _OPERATORS[names[0]]
    inner = shapes.items(node) if is_list else shapes.of(node, names[0])
    if operator == "|":
        inner = shapes.items(inner[0])
    if len(inner) < 2 and operator in ("/", "|"):
        raise MalformedPath("a sequence or an alternative has two members or more")
    parts = tuple(read(shapes, part, depth + 1) for part in inner)
    return Path(operator, parts if operator in ("/", "|") else parts[:1])


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
