"""Queries for a part of what another query answers, for servers that give no more than so many rows at a time.

A part needs a total order, or a row is in two parts or in none; and of triples, which have no order, there are parts
only by the rows of a SELECT that they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from triplomacy.sparql import tokens
from triplomacy.sparql.binding import tail, variables, without_comments

VARIABLE: Final = "urn:x-variable:"
"""What the IRI of a variable begins with in a template that is Turtle."""


def limit(text: str) -> int | None:
    """Return the ``LIMIT`` of a query, or None where it has none outside its braces."""
    return next((_number(text, end) for word, end in tail(text) if word == "LIMIT"), None)


def paged(text: str, columns: Sequence[str], offset: int, size: int) -> str | None:
    """Return the query for *size* of its rows from *offset* on, in its own order, or else in that of all its columns.

    Rows that are equal in what orders them are ordered by all columns, so that no row is in two pages or in none. No
    column orders twice: Virtuoso would give each row twice then.

    Returns:
        None where there is no such query: it has no column, or its own ``LIMIT`` leaves nothing there.
    """
    head, limit, start, data = _in_order(text, columns)
    size = size if limit is None else min(size, limit - offset)
    return f"{head} LIMIT {size} OFFSET {start + offset}\n{data}" if columns and size > 0 else None


def scrolled(text: str, columns: Sequence[str], offset: int, size: int) -> str | None:
    """Return the same rows as `paged` by a query that orders them inside and takes a page outside.

    It is for Virtuoso, whose order of terms of several kinds is none, so that pages of `paged` lack some, and which
    sorts no more than 10,000 rows for one. That a page keeps the order is what Virtuoso says, not what SPARQL says.

    Returns:
        None where there is no such query: see `paged`, or it has ``FROM``, which no query inside another may have.
    """
    head, limit, start, data = _in_order(text, columns)
    size = size if limit is None else min(size, limit - offset)
    keywords = {token.text.upper(): token.start for token in reversed([*tokens.tokens(head)]) if token.kind == "word"}
    select = keywords.get("SELECT", 0)
    if not columns or size <= 0 or "FROM" in keywords:
        return None
    shown = " ".join(f"?{name}" for name in columns)
    inner = f"{{ {{ {head[select:]}\n{data} }} }}"
    return f"{head[:select]}SELECT {shown} WHERE {inner} LIMIT {size} OFFSET {start + offset}"


def _in_order(text: str, columns: Sequence[str]) -> tuple[str, int | None, int, str]:
    """Return a query in a total order, without its ``LIMIT``, ``OFFSET`` and ``VALUES``, and these three."""
    words = dict(tail(text))
    ends = [words[word] - len(word) for word in ("LIMIT", "OFFSET", "VALUES") if word in words]
    end = min(ends, default=len(text))
    data = text[words["VALUES"] - len("VALUES") :] if "VALUES" in words else ""
    known = _ordering(text[words["ORDER"] : end]) if "ORDER" in words else set()
    further = "".join(f" ?{name}" for name in columns if name not in known)
    order = further if "ORDER" in words else f"ORDER BY{further}"
    limit = _number(text, words["LIMIT"]) if "LIMIT" in words else None
    return f"{text[:end]}\n{order}", limit, _number(text, words["OFFSET"]) if "OFFSET" in words else 0, data


def construct(text: str) -> tuple[str, str] | None:
    """Return the template of a CONSTRUCT and a SELECT of what its variables are: one row makes one set of its triples.

    The template is Turtle in which a variable ``?x`` is the IRI ``VARIABLE`` followed by ``x``.

    Returns:
        None where there is no variable in a template.
    """
    found = _template_of(text)
    if found is None:
        return None
    head, (start, end), rest = found
    prologue = text[: head - len("CONSTRUCT")]
    template = text[start:end]
    names = sorted(variables(template))
    if not names:
        return None
    select = f"SELECT {' '.join(f'?{name}' for name in names)}"
    return f"{prologue}\n{_as_turtle(template)}", f"{prologue}{select} {text[rest:]}"


def _as_turtle(template: str) -> str:
    written_out = rewritten(template, lambda kind, token: f"<{VARIABLE}{token[1:]}>" if kind == "variable" else token)
    last = [token.text for token in tokens.tokens(template)][-1:]
    return written_out + ("" if last == ["."] else "\n.")


def rewritten(text: str, rewrite: Callable[[str, str], str]) -> str:
    """Return a query with what *rewrite* makes of the kind and the text of each token, and all between them."""
    parts: list[str] = []
    done = 0
    for token in tokens.tokens(text):
        parts += [text[done : token.start], rewrite(token.kind, token.text)]
        done = token.end
    return "".join([*parts, text[done:]])


def _template_of(text: str) -> tuple[int, tuple[int, int], int] | None:
    """Return where the keyword CONSTRUCT ends, where its template stands, and where what it is built from begins."""
    head = start = depth = 0
    short = False
    for kind, token, _, end, _ in tokens.tokens(text):
        if kind == "word" and token.upper() == "CONSTRUCT" and not head:
            head = end
        elif head and token == "{":
            start = start or end
            depth += 1
        elif head and not start:
            short = True  # no template of its own: the pattern is one
        elif token == "}" and depth:
            depth -= 1
            if not depth:
                return head, (start, end - 1), head if short else end
    return None


def _number(text: str, start: int) -> int:
    found = re.match(r"(?:\s|#[^\r\n]*)*(\d+)", text[start:])
    return int(found[1]) if found else 0


def _ordering(text: str) -> set[str]:
    """Return the variables that rows are ordered by as they are, up or down; *text* is what follows ``ORDER``."""
    plain = re.sub(r"(?i)\b(?:ASC|DESC) \( ([?$]\w+) \)", r"\1", without_comments(text))
    while (shorter := re.sub(r"\([^()]*\)", "", plain)) != plain:
        plain = shorter
    return variables(plain)
