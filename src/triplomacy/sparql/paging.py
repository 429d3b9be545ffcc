"""Queries for one page of the answer to another query, for servers that limit the rows of an answer.

Pages need a total order of the rows, or a row could be on two pages or on none. Triples have no order: a CONSTRUCT is
paged by the rows of the SELECT that it is made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from triplomacy.sparql import tree
from triplomacy.sparql.edits import apply_edits
from triplomacy.sparql.syntax import read

VARIABLE: Final = "urn:x-variable:"
"""What the IRI of a variable begins with in a template that is Turtle."""


def limit(text: str) -> int | None:
    """Return the ``LIMIT`` of a query, or None where it has none outside its braces."""
    clause = read(text).limit
    return clause.count if clause else None


def with_page(text: str, columns: Sequence[str], offset: int, size: int) -> str | None:
    """Return the query for *size* of its rows from *offset* on, in its own order, or else in that of all its columns.

    Rows that are equal in what orders them are ordered by all columns, so that no row is in two pages or in none. No
    column orders twice: Virtuoso would give each row twice then.

    Returns:
        None where there is no such query: it has no column, or its own ``LIMIT`` leaves nothing there.
    """
    query = read(text)
    slice_of = _slice(query, offset, size)
    head, data = _in_order(text, query, columns)
    return f"{head} {slice_of}\n{data}" if columns and slice_of else None


def with_page_outside(text: str, columns: Sequence[str], offset: int, size: int) -> str | None:
    """Return the same rows as `with_page` by a query that orders them inside and takes a page outside.

    It is for Virtuoso, which does not order terms of different kinds, so that pages of `with_page` would lack rows, and
    sorts at most 10,000 rows for a page. That the outer query keeps the order is promised by Virtuoso, not by SPARQL.

    Returns:
        None where there is no such query: see `with_page`, or it has ``FROM``, which no query inside another may have.
    """
    query = read(text)
    slice_of = _slice(query, offset, size)
    if not columns or not slice_of or query.dataset or query.head is None:
        return None
    head, data = _in_order(text, query, columns)
    select = query.head.start
    shown = " ".join(f"?{name}" for name in columns)
    return f"{head[:select]}SELECT {shown} WHERE {{ {{ {head[select:]}\n{data} }} }} {slice_of}"


def _slice(query: tree.Query, offset: int, size: int) -> str:
    """Return ``LIMIT`` and ``OFFSET`` for *size* rows of a query from *offset* on, or nothing where there are none."""
    size = size if query.limit is None else min(size, query.limit.count - offset)
    start = query.offset.count if query.offset else 0
    return f"LIMIT {size} OFFSET {start + offset}" if size > 0 else ""


def _in_order(text: str, query: tree.Query, columns: Sequence[str]) -> tuple[str, str]:
    """Return a query in a total order, without its ``LIMIT``, ``OFFSET`` and ``VALUES``; and its ``VALUES``."""
    end = min((part.start for part in (query.limit, query.offset, query.values) if part), default=len(text))
    ordering = query.order_by.conditions if query.order_by else ()
    known = {condition.name for condition in ordering if isinstance(condition, tree.Variable)}
    further = "".join(f" ?{name}" for name in columns if name not in known)
    data = text[query.values.start : query.values.end] if query.values else ""
    return f"{text[:end]}\n{further if ordering else f'ORDER BY{further}'}", data


def construct(text: str) -> tuple[str, str] | None:
    """Return the template of a CONSTRUCT and a SELECT of its variables: each row gives one set of its triples.

    The template is Turtle in which a variable ``?x`` is the IRI ``VARIABLE`` followed by ``x``.

    Returns:
        None where there is no variable in a template.
    """
    query = read(text)
    template = query.head or query.where
    names = sorted(tree.variables(template)) if template and query.form == "CONSTRUCT" else []
    if not names or template is None:
        return None
    prologue = text[: query.prologue[-1].end] if query.prologue else ""
    statements = "".join(_as_turtle(text, statement) for statement in tree.find(template, tree.Triples))
    rest = query.head.end if query.head else query.dataset[0].start if query.dataset else template.start
    select = f"SELECT {' '.join(f'?{name}' for name in names)}"
    return f"{prologue}\n{statements}", f"{prologue}\n{select} {text[rest:]}"


def _as_turtle(text: str, statement: tree.Triples) -> str:
    """Return triples of a template as Turtle, a full stop behind them."""
    variables = sorted(tree.find(statement, tree.Variable), key=lambda node: node.start)
    iris = [(node.start, node.end, f"<{VARIABLE}{node.name}>") for node in variables]
    return apply_edits(text[: statement.end], [(0, statement.start, ""), *iris]) + " .\n"
