"""IRIs of Turtle and SPARQL, resolved and validated by the engine, so that both readers see the IRIs that it sees.

The engine keeps dot segments in an absolute IRI and in the base, where RFC 3986 (5.2) removes them.
"""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import BadParameter

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
_REFERENCE: Final = re.compile(r'[^<>"{}|^`\\\x00-\x20]*')


def is_absolute(iri: str) -> bool:
    """Tell whether a text begins with a scheme, so that no base is needed to resolve it."""
    return _SCHEME.match(iri) is not None


def is_valid(iri: str) -> bool:
    """Tell whether a text is an absolute IRI."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def node(iri: str) -> ox.NamedNode:
    """Return the node of an absolute IRI.

    Raises:
        BadParameter: the text is not one.
    """
    try:
        return ox.NamedNode(iri)
    except ValueError:
        advice = "write it whole and percent-encode what it may not have"
        raise BadParameter(f"{iri[:100]!r} is not an IRI; {advice}") from None


def resolve(base: str, reference: str) -> str:
    """Return a reference resolved against a base; one that cannot be resolved is returned unchanged."""
    if not is_absolute(reference) and _REFERENCE.fullmatch(reference):
        try:
            (quad,) = ox.parse(f"<{reference}> a <x:> .", ox.RdfFormat.TURTLE, base_iri=base)
        except (SyntaxError, ValueError):
            return reference
        if isinstance(quad.subject, ox.NamedNode):
            return quad.subject.value
    return reference
