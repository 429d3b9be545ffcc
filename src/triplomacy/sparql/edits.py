"""Edits of a query's text at the places of nodes, and relative IRIs written in full."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from triplomacy.errors import MalformedInput
from triplomacy.sparql import tree
from triplomacy.sparql.syntax import read
from triplomacy.sparql.triples import MissingBase

_MAY_BE_RELATIVE: Final = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)[^<>\s]*>")


def apply_edits(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with edits (start, end, replacement) applied, which are sorted and do not overlap."""
    parts: list[str] = []
    done = 0
    for start, end, replacement in edits:
        parts += [text[done:start], replacement]
        done = end
    return "".join([*parts, text[done:]])


def with_base(text: str, base: str) -> str:
    """Return a query with its relative IRIs in full, unless it declares a BASE; any other text is returned unchanged.

    Args:
        text: the query.
        base: the IRI of the file that it stands in.
    """
    if not _MAY_BE_RELATIVE.search(text):
        return text
    try:
        read(text)
    except MissingBase:
        iris = (iri for iri in tree.find(read(text, base), tree.Iri) if text[iri.start] == "<")
        return apply_edits(text, [(iri.start, iri.end, f"<{iri.value}>") for iri in iris])
    except MalformedInput:
        pass
    return text
