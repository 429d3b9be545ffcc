"""The ``SERVICE`` clauses of a query: the endpoints that it would ask, and the query without the clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from triplomacy.errors import TriplomacyError
from triplomacy.sparql import tree
from triplomacy.sparql.edits import apply_edits
from triplomacy.sparql.syntax import may_ask, read
from triplomacy.terms import PREFIXES


class Surroundings(NamedTuple):
    """Where a clause stands.

    Attributes:
        group: the group that it is in.
        is_free: whether that group is evaluated over the default graph, and in no service.
    """

    group: tree.GroupPattern
    is_free: bool


def clauses(text: str, prefixes: Mapping[str, str] = PREFIXES) -> list[tree.Service]:
    """Return the ``SERVICE`` clauses of a query in their order, those inside others too.

    A text in which no engine could read the word is not parsed.

    Raises:
        MalformedInput: it is not a query, or engines could differ in whether it has one.
    """
    return [*tree.find(read(text, prefixes=prefixes), tree.Service)] if may_ask(text) else []


def surroundings(query: tree.Query) -> Iterator[tuple[tree.Service, Surroundings]]:
    """Yield the clauses of a query in their order, each with where it stands."""
    for node, path in tree.walk_with_path(query):
        if isinstance(node, tree.Service):
            group = next(parent for parent in reversed(path) if isinstance(parent, tree.GroupPattern))
            is_free = not any(isinstance(parent, tree.GraphPattern | tree.Service) for parent in path)
            yield node, Surroundings(group, is_free)


def before(service: tree.Service, group: tree.GroupPattern) -> list[tree.Element]:
    """Return the elements before a clause in its group, without filters, which apply to the group as a whole."""
    elements = (element for element in group.elements if element.start < service.start)
    return [element for element in elements if not isinstance(element, tree.Filter)]


def refuse_services(text: str, prefixes: Mapping[str, str] = PREFIXES) -> None:
    """Raise an exception if a query has ``SERVICE`` in it: an engine would ask that server without a limit on time.

    Raises:
        TriplomacyError: it has, or it is not a query and could have.
    """
    if clauses(text, prefixes):
        raise TriplomacyError("SERVICE would ask another server, which is not done here; remove it")


def without_heads(text: str) -> str:
    """Return a query of the same length with each ``SERVICE`` as a plain group: the same grammar, and no requests.

    Raises:
        MalformedInput: as `clauses` does.
    """
    heads = ((clause.start, clause.group.start) for clause in clauses(text))
    return apply_edits(text, [(start, end, re.sub(r"[^\r\n]", " ", text[start:end])) for start, end in heads])


def without_services(text: str) -> str:
    """Return a query with an empty group for each ``SERVICE``: the part that the local data answer.

    Raises:
        MalformedInput: as `clauses` does.
    """
    if not may_ask(text):
        return text
    outermost = tree.find(read(text), tree.Service, tree.Service)
    return apply_edits(text, [(clause.start, clause.end, "{ }") for clause in outermost])
