"""The scopes of a SPARQL query, and terms bound into them.

A value is parsed into an RDF term, and the term's own serialisation is written into a ``VALUES``
block in every group that uses the parameter. An outer block would not do: SPARQL evaluates a
sub-select, an ``OPTIONAL`` or the inside of a ``MINUS`` on its own, before it is joined with what
surrounds it. No value is ever pasted into the text, so none can change what the query does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import BadParameter
from triplomacy.sparql import tokens

Term = ox.NamedNode | ox.Literal


@dataclass(slots=True)
class _Group:
    """A pair of braces: what opened it, where its inside begins, and the variables used directly in it."""

    opener: str
    start: int
    variables: set[str] = field(default_factory=set)
    children: list[_Group] = field(default_factory=list)
    selects: bool = False


def bind(text: str, values: Mapping[str, Sequence[Term]]) -> str:
    """Return the query *text* with each parameter bound to its terms in every group that uses it.

    The endpoint of a ``SERVICE`` is written in its place, since an engine decides whom to ask before it has solutions.

    Args:
        text: a SPARQL query.
        values: for each variable, by its name without the question mark, one term or more.

    Raises:
        BadParameter: the query uses a parameter nowhere, or in a place that no group reaches; or it is the endpoint
            of a ``SERVICE`` and is not one IRI.
    """
    text, endpoints = _endpoints(text, values)
    found = slots(text, list(values))
    reached = {name for _, name in found} | endpoints
    if missed := [name for name in values if name not in reached]:
        raise BadParameter(f"the query has no group that uses ?{missed[0]}; use it, or drop the parameter")
    parts: list[str] = []
    done = 0
    for place, name in found:
        parts += [text[done:place], _values_block(name, values[name])]
        done = place
    return "".join([*parts, text[done:]])


def slots(text: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return where the terms of variables are written into a query that asks no other server: the rule of `bind`.

    Args:
        text: a SPARQL query.
        names: the variables, without question marks.

    Returns:
        Each place, in code points from the start of the text, with its variable; in the order of the text, and at the
        same place in that of the names.
    """
    return list(_slots(text, tuple(names)))


@lru_cache(maxsize=32)  # stored queries are bound again and again, and many are answered in the time that this takes
def _slots(text: str, names: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    root = _groups(text)
    return tuple(sorted(((start, name) for name in names for start in _scopes(root, name)), key=lambda slot: slot[0]))


def reaches(text: str, name: str) -> bool:
    """Tell whether a value of the variable of that name can be bound: whether a group of the query uses it."""
    return any(_scopes(_groups(text), name))


def variables(text: str) -> set[str]:
    """Return the names of all variables of a query, without their question marks."""
    return {token.text[1:] for token in tokens.tokens(text) if token.kind == "variable"}


def without_comments(text: str) -> str:
    """Return the tokens of a query, a space between them: what it asks, without what is said about it."""
    return " ".join(token.text for token in tokens.tokens(text))


def in_order(text: str, columns: Sequence[str]) -> list[int]:
    """Return the places of the columns of ``SELECT *`` as the query names them; of other queries, as they are.

    What stands there for all variables has an order of its own in each engine.
    """
    return list(_order(text, tuple(columns)))


@lru_cache(maxsize=32)
def _order(text: str, columns: tuple[str, ...]) -> tuple[int, ...]:
    words = [token.text for token in tokens.tokens(text) if token.kind in ("word", "variable", "other", "brace")]
    start = next((place for place, word in enumerate(words) if word.upper() == "SELECT"), len(words))
    places = tuple(range(len(columns)))
    if not any(word == "*" for word in words[start + 1 : start + 3]) or "{" in words[: start + 1]:
        return places
    named = list(dict.fromkeys(word[1:] for word in words if word[:1] in ("?", "$")))
    shown = sorted(places, key=lambda place: named.index(columns[place]) if columns[place] in named else len(named))
    return tuple(shown)


def uses_named_graphs(text: str) -> bool:
    """Tell whether the query names graphs: by ``GRAPH``, ``FROM`` or ``FROM NAMED``."""
    return any(token.kind == "word" and token.text.upper() in ("GRAPH", "FROM") for token in tokens.tokens(text))


def is_ordered(text: str) -> bool:
    """Tell whether the rows of a query are in an order of its own, and not those of a query within it alone."""
    return any(word == "ORDER" for word, _ in tail(text))


_AGGREGATES: Final = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}


def widened(text: str) -> tuple[str, list[str]]:
    """Return a SELECT with, behind its columns, a column for each other variable that its pattern binds.

    Where the query groups, such a column has the IRIs of the group with spaces between them. What orders and limits
    the rows is left out.

    Returns:
        The query, and the variables of the further columns in their order: none where there are none, or where what is
        asked is no SELECT, or one of all variables.
    """
    end, shown, grouped = _projection(text)
    root = _groups(text)
    where = next((child for child in root.children if child.opener not in ("VALUES", "EXISTS")), None)
    hidden = sorted(_visible(where) - shown) if where and end else []
    if not hidden:
        return text, []
    found = tail(text)
    cut = next((at - len(word) for word, at in found if word in ("ORDER", "LIMIT", "OFFSET")), len(text))
    data = next((at - len(word) for word, at in found if word == "VALUES"), len(text))
    if grouped or any(word in ("GROUP", "HAVING") for word, _ in found):
        shows = '(GROUP_CONCAT(DISTINCT IF(ISIRI(?{0}), STR(?{0}), "")) AS ?{0}__)'
    else:
        shows = "?{0}"
    columns = " ".join(shows.format(name) for name in hidden)
    return f"{text[:end]} {columns} {text[end : min(cut, data)]} {text[data:]}", hidden


def _projection(text: str) -> tuple[int, set[str], bool]:
    """Return where the projection of a SELECT ends, its columns, and whether it aggregates; 0 where it has none."""
    end, depth, last = 0, 0, ""
    columns: set[str] = set()
    words: set[str] = set()
    for kind, token, _, at, _ in tokens.tokens(text):
        word = token.upper() if kind == "word" else ""
        if token == "{" or (word in ("WHERE", "FROM") and not depth):
            break
        words |= {word} if word else set()
        depth += {"(": 1, ")": -1}.get(token, 0)
        if kind == "variable" and (not depth or last == "AS"):
            columns.add(token[1:])
        last, end = word, at
    return (end if "SELECT" in words and columns else 0), columns, bool(words & _AGGREGATES)


def _visible(group: _Group) -> set[str]:
    """Return the variables that a group binds: of what is evaluated on its own those that it hands out, if any."""
    inner = (child for child in group.children if child.opener not in ("EXISTS", "MINUS"))
    return group.variables.union(*(child.variables if child.selects else _visible(child) for child in inner))


def tail(text: str) -> list[tuple[str, int]]:
    """Return the keywords behind a query's pattern in capitals, each with the place where it ends."""
    found: list[tuple[str, int]] = []
    depth, last, opener = 0, "", ""
    for kind, token, _, end, _ in tokens.tokens(text):
        if token == "{":
            opener = opener if depth else last
            depth += 1
        elif token == "}":
            depth -= 1
            found = found if depth or opener == "VALUES" else []
        elif kind == "word" and not depth:
            found.append((token.upper(), end))
        last = tokens.opener(last, kind, token)
    return found


def _groups(text: str) -> _Group:
    root = _Group("", 0)
    stack = [root]
    last = ""
    for kind, token, _, end, _ in tokens.tokens(text):
        if token == "{":
            group = _Group(last, end)
            stack[-1].children.append(group)
            stack.append(group)
        elif token == "}" and len(stack) > 1:
            stack.pop()
        elif kind == "variable":
            stack[-1].variables.add(token[1:])
        elif kind == "word":
            stack[-1].selects |= token.upper() in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        last = tokens.opener(last, kind, token)
    return root


def _endpoints(text: str, values: Mapping[str, Sequence[Term]]) -> tuple[str, set[str]]:
    """Return a text with the endpoints of ``SERVICE`` that are parameters, and the names of these."""
    names: set[str] = set()
    for service in reversed(tokens.services(text)):
        name = service.endpoint.text[1:]
        if service.endpoint.kind == "variable" and name in values:
            names.add(name)
            terms = values[name]
            if len(terms) != 1 or not isinstance(terms[0], ox.NamedNode):
                raise BadParameter(f"parameter {name} is whom SERVICE asks: give it one IRI")
            text = text[: service.endpoint.start] + written(terms[0]) + text[service.endpoint.end :]
    return text, names


def _scopes(group: _Group, name: str) -> Iterator[int]:
    patterns = [child for child in group.children if child.opener not in ("VALUES", "CONSTRUCT")]
    if group.selects:
        where = next((child for child in patterns if child.opener != "EXISTS"), None)
        if where is not None and name in group.variables | _template(group) and name not in where.variables:
            yield where.start
    elif name in group.variables and group.start:
        yield group.start
    for child in patterns:
        yield from _scopes(child, name)


def _template(group: _Group) -> set[str]:
    return {name for child in group.children if child.opener == "CONSTRUCT" for name in child.variables}


def _values_block(name: str, terms: Sequence[Term]) -> str:
    return f" VALUES ?{name} {{ {' '.join(written(term) for term in terms)} }} "


def written(term: Term) -> str:
    r"""Return a term as it is written in a query.

    SPARQL (19.2) expands ``\uXXXX`` before it parses, and rdflib does so after an escaped backslash too, so that a
    value with ``\u0022`` in it would end its string there. An escaped letter after the backslash is safe in both
    orders.
    """
    pairs = re.compile(r"\\\\([uU])|\\u([0-9A-Fa-f]{4})|\\.")  # pair by pair: behind an escaped backslash is no escape
    return pairs.sub(_eight_digits, str(term))


def _eight_digits(found: re.Match[str]) -> str:
    """Return an escape in the form that no digits behind it can be taken for a part of: rdflib reads four or eight."""
    if found[1]:
        return rf"\\\U{ord(found[1]):08X}"
    return rf"\U0000{found[2]}" if found[2] else found[0]
