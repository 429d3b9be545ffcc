"""Terms bound into a query, and the variables of queries as binding, answering and explaining need them.

A value is parsed into an RDF term, and the term's own serialisation is written into a ``VALUES``
block in every group that uses the parameter. An outer block would not do: SPARQL evaluates a
sub-select, an ``OPTIONAL`` or the inside of a ``MINUS`` on its own, before it is joined with what
surrounds it. No value is ever pasted into the text, so none can change what the query does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pyoxigraph as ox

from triplomacy.errors import BadParameter
from triplomacy.sparql import tree
from triplomacy.sparql.edits import apply_edits
from triplomacy.sparql.syntax import read, tokens

Term = ox.NamedNode | ox.Literal


def bind(text: str, values: Mapping[str, Sequence[Term]]) -> str:
    """Return the query *text* with each parameter bound to its terms in every group that uses it.

    The endpoint of a ``SERVICE`` is written in its place, since an engine decides whom to ask before it has solutions.

    Args:
        text: a SPARQL query.
        values: for each variable, by its name without the question mark, one term or more.

    Raises:
        MalformedInput: it is not a query.
        BadParameter: the query uses a parameter nowhere, or in a place that no group reaches; or it is the endpoint
            of a ``SERVICE`` and is not one IRI.
    """
    if not values:
        return text
    text = with_template(text)
    places = _slots(text, tuple(values))
    endpoints = [node for node in _endpoints(text) if node.name in values]
    reached = {name for _, name in places} | {node.name for node in endpoints}
    if missed := [name for name in values if name not in reached]:
        raise BadParameter(f"the query has no group that uses ?{missed[0]}; use it, or drop the parameter")
    edits = [(place, place, _values_block(name, values[name])) for place, name in places]
    edits += [(node.start, node.end, _address(node.name, values[node.name])) for node in endpoints]
    return apply_edits(text, sorted(edits, key=lambda edit: edit[0]))


def with_template(text: str) -> str:
    """Return a query with its template written out if it is the short form of CONSTRUCT, whose pattern has no VALUES.

    Raises:
        MalformedInput: it is not a query.
    """
    query = read(text)
    if query.form != "CONSTRUCT" or query.head or query.where is None:
        return text
    start = query.prologue[-1].end if query.prologue else 0
    keyword = next(token.end for token in tokens(text) if token.start >= start)
    return apply_edits(text, [(keyword, keyword, f" {text[query.where.start : query.where.end]}")])


def slots(text: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return where the terms of variables are written into a query that asks no other server: the rule of `bind`.

    Args:
        text: a SPARQL query, as `with_template` returns it.
        names: the variables, without question marks.

    Returns:
        Each place, in code points from the start of the text, with its variable; in the order of the text, and at the
        same place in that of the names.

    Raises:
        MalformedInput: it is not a query.
    """
    return list(_slots(text, tuple(names)))


@lru_cache(maxsize=32)  # stored queries are bound again and again, and many are answered in the time that this takes
def _slots(text: str, names: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    query = read(text)
    known = set(names)
    endpoints = {node.start for node in _endpoints(text)}
    places: dict[int, set[str]] = {}
    for node in tree.walk(query):
        if isinstance(node, tree.GroupPattern):
            used = _own_variables(node, endpoints) & known
            places.setdefault(node.start + 1, set()).update(used)
        elif isinstance(node, tree.Query) and node.where:
            places.setdefault(node.where.start + 1, set()).update(tree.variables(node, tree.GroupPattern) & known)
    return tuple((place, name) for place in sorted(places) for name in names if name in places[place])


def _own_variables(group: tree.GroupPattern, endpoints: set[int]) -> set[str]:
    """Return the variables that a group uses itself, whom it asks left out."""
    variables = tree.find(group, tree.Variable, tree.GroupPattern, tree.Query)
    return {node.name for node in variables if node.start not in endpoints}


@lru_cache(maxsize=32)
def _endpoints(text: str) -> tuple[tree.Variable, ...]:
    """Return the variables that stand for whom a query asks."""
    services = tree.find(read(text), tree.Service)
    return tuple(service.endpoint for service in services if isinstance(service.endpoint, tree.Variable))


def _address(name: str, terms: Sequence[Term]) -> str:
    """Return whom a SERVICE asks by a parameter."""
    if len(terms) != 1 or not isinstance(terms[0], ox.NamedNode):
        raise BadParameter(f"parameter {name} is whom SERVICE asks: give it one IRI")
    return write_term(terms[0])


def uses(text: str, name: str) -> bool:
    """Tell whether a query has a variable of that name."""
    return name in tree.variables(read(text))


def reaches(text: str, name: str) -> bool:
    """Tell whether a value of the variable of that name can be bound: whether a group uses it, or a SERVICE asks it."""
    return bool(_slots(text, (name,))) or name in {node.name for node in _endpoints(text)}


def in_order(text: str, columns: Sequence[str]) -> list[int]:
    """Return the places of the columns of ``SELECT *`` as the query names them; of other queries, as they are.

    What stands there for all variables has an order of its own in each engine.
    """
    places = list(range(len(columns)))
    if "*" not in text:
        return places
    query = read(text)
    if query.form != "SELECT" or not isinstance(query.head, tree.Projection) or not query.head.everything:
        return places
    named = list(dict.fromkeys(node.name for node in tree.find(query, tree.Variable)))
    return sorted(places, key=lambda place: named.index(columns[place]) if columns[place] in named else len(named))


def uses_named_graphs(text: str) -> bool:
    """Tell whether the query names graphs: by ``GRAPH``, ``FROM`` or ``FROM NAMED``, and not of another server."""
    if not re.search("graph|from", text, re.IGNORECASE):
        return False
    query = read(text)
    return bool(query.dataset) or any(tree.find(query, tree.GraphPattern, tree.Service))


def is_ordered(text: str) -> bool:
    """Tell whether the rows of a query are in an order of its own, and not those of a query within it alone."""
    return re.search("order", text, re.IGNORECASE) is not None and read(text).order_by is not None


def with_all_variables(text: str) -> tuple[str, list[str]]:
    """Return a SELECT with, behind its columns, a column for each other variable that its pattern binds.

    Where the query groups, such a column has the IRIs of the group with spaces between them. What orders and limits
    the rows is left out.

    Returns:
        The query, and the variables of the added columns in their order. The query is unchanged where nothing is to be
        added: each variable is a column already, or it is not a SELECT, or selects all with ``*``.
    """
    query = read(text)
    head = query.head
    if query.form != "SELECT" or not isinstance(head, tree.Projection) or head.everything or query.where is None:
        return text, []
    hidden = sorted(_visible(query.where) - {*tree.column_names(head)})
    if not hidden:
        return text, []
    if query.group_by or query.having or any(tree.find(head, tree.Aggregate, tree.GroupPattern)):
        shows = '(GROUP_CONCAT(DISTINCT IF(ISIRI(?{0}), STR(?{0}), "")) AS ?{0}__)'
    else:
        shows = "?{0}"
    columns = " ".join(shows.format(name) for name in hidden)
    data = query.values.start if query.values else len(text)
    cut = min([data, *(part.start for part in (query.order_by, query.limit, query.offset) if part)])
    return f"{text[: head.end]} {columns} {text[head.end : cut]} {text[data:]}", hidden


def _visible(group: tree.GroupPattern) -> set[str]:
    """Return the variables that a group binds: of what is evaluated on its own those that it hands out, if any."""
    return set().union(*map(_of_element, group.elements))


def _of_element(element: tree.Element) -> set[str]:
    if isinstance(element, tree.Filter | tree.Minus):
        return set()
    if isinstance(element, tree.GroupPattern):
        return _visible(element)
    if isinstance(element, tree.Query) and isinstance(element.head, tree.Projection):
        return (
            _visible(element.where) if element.head.everything and element.where else {*tree.column_names(element.head)}
        )
    inner = tree.find(element, tree.GroupPattern, tree.GroupPattern, tree.Exists)
    return tree.variables(element, tree.GroupPattern, tree.Exists).union(*map(_visible, inner))


def _values_block(name: str, terms: Sequence[Term]) -> str:
    return f" VALUES ?{name} {{ {' '.join(write_term(term) for term in terms)} }} "


def write_term(term: Term) -> str:
    r"""Return a term as it is written in a query.

    SPARQL (19.2) expands ``\uXXXX`` before it parses, and rdflib does so after an escaped backslash too, so that a
    value with ``\u0022`` in it would end its string there. An escaped letter after the backslash is safe in both
    orders.
    """
    pairs = re.compile(r"\\\\([uU])|\\u([0-9A-Fa-f]{4})|\\.")  # pair by pair: an escaped backslash begins no escape
    return pairs.sub(_eight_digits, str(term))


def _eight_digits(match: re.Match[str]) -> str:
    """Return an escape in the form that no digits behind it can be taken for a part of: rdflib reads four or eight."""
    if match[1]:
        return rf"\\\U{ord(match[1]):08X}"
    return rf"\U0000{match[2]}" if match[2] else match[0]
