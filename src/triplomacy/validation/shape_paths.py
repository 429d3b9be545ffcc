"""Paths of SHACL: one value, read from the triples of shapes or from the text in a finding, and what it is written as.

The text is that of SPARQL, with brackets around each sequence, alternative and repetition, as the fast engine has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from triplomacy.sparql import patterns, tree

OPERATORS: Final = {
    "inversePath": "^",
    "alternativePath": "|",
    "zeroOrMorePath": "*",
    "oneOrMorePath": "+",
    "zeroOrOnePath": "?",
}
"""The properties of SHACL that make a path of others, with what SPARQL writes for each."""

DEEPEST: Final = 90
"""How deep paths may be nested: a query has room for a hundred brackets."""


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
    """Return the path of a text in the syntax of SPARQL, as engines write it, or None where it is not such a path."""
    path = patterns.path(text)
    try:
        return None if path is None else _of_tree(path)
    except MalformedPath:
        return None


def _of_tree(path: tree.Path) -> Path:
    match path:
        case tree.Iri():
            return of_property(ox.NamedNode(path.value))
        case tree.PathSequence():
            return Path("/", tuple(map(_of_tree, path.steps)))
        case tree.PathAlternative():
            return Path("|", tuple(map(_of_tree, path.alternatives)))
        case tree.PathInverse():
            return Path("^", (_of_tree(path.path),))
        case tree.PathRepeat():
            return Path(path.modifier, (_of_tree(path.path),))
    raise MalformedPath("SHACL has no paths of negated properties")
