"""Triples as nested Turtle: a blank node stands where it is used, and a list is a list.

IRIs are written in full, without line breaks; `normal_form.normalise` makes the text fit for people.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from triplomacy.rdf.shorthand import FIRST, NIL, REST, TYPE

_Term = ox.NamedNode | ox.BlankNode | ox.Triple | ox.Literal


def nest(triples: Iterable[ox.Triple], first: str | None = None) -> str:
    """Return triples as statements of Turtle, sorted by subject and then by predicate and object.

    Args:
        triples: the triples; the same triples, with the same labels of blank nodes, give the same text.
        first: the IRI of the subject that comes first.
    """
    about = _About(triples)
    ahead = None if first is None else ox.NamedNode(first)
    roots = sorted(
        (node for node in about.statements if node not in about.inner), key=lambda node: (node != ahead, str(node))
    )
    return "".join(f"{about.statement(node)} .\n\n" for node in roots)


def _verb(predicate: ox.NamedNode) -> str:
    return "a" if predicate == TYPE else str(predicate)


class _About:
    """The triples of each subject, and the blank nodes that can be written inside the statement that uses them."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.statements: dict[_Term, list[ox.Triple]] = {}
        users: dict[_Term, list[_Term]] = {}
        for triple in triples:
            self.statements.setdefault(triple.subject, []).append(triple)
            if isinstance(triple.object, ox.BlankNode):
                users.setdefault(triple.object, []).append(triple.subject)
        self.used = set(users)
        self.inner = {node for node, places in users.items() if len(places) == 1}
        self._open_circles({node: places[0] for node, places in users.items() if node in self.inner})

    def _open_circles(self, user_of: dict[_Term, _Term]) -> None:
        """Take one blank node out of each circle of inner ones, so that the circle is written somewhere."""
        safe: set[_Term] = set()
        for node in sorted(user_of, key=str):
            path: dict[_Term, None] = {}  # in the order of the way
            at: _Term = node
            while at in self.inner and at not in safe and at not in path:
                path[at] = None
                at = user_of[at]
            if at in path:
                self.inner.discard(at)
            safe.update(path)

    def statement(self, node: _Term) -> str:
        """Return the statement of a node that is not written inside another one's."""
        if isinstance(node, ox.BlankNode) and node not in self.used:
            return f"[ {self._pairs(node)} ]"
        return f"{node} {self._pairs(node)}"

    def _pairs(self, node: _Term) -> str:
        triples = self.statements.get(node, ())
        return " ; ".join(sorted(f"{_verb(triple.predicate)} {self._term_text(triple.object)}" for triple in triples))

    def _term_text(self, term: _Term) -> str:
        if term not in self.inner:
            return str(term)
        items = self._items(term)
        return f"[ {self._pairs(term)} ]" if items is None else f"( {' '.join(map(self._term_text, items))} )"

    def _items(self, node: _Term) -> list[_Term] | None:
        """Return the items of the list that begins with a blank node, or None where it is not a list."""
        items: list[_Term] = []
        while node != NIL:
            values = {triple.predicate: triple.object for triple in self.statements.get(node, ())}
            if node not in self.inner or set(values) != {FIRST, REST} or len(self.statements[node]) != 2:
                return None
            items.append(values[FIRST])
            node = values[REST]
        return items
