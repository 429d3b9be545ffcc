"""IRIs of Turtle and SPARQL, resolved and validated by pyoxigraph, so that our parsers agree with it.

It keeps dot segments (``/../``) of absolute IRIs and of the base, which RFC 3986 (5.2) removes.
"""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import BadParameter

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
_REFERENCE: Final = re.compile(r'[^<>"{}|^`\\\x00-\x20]*')


def is_absolute(iri: str) -> bool:
    """Return whether a text begins with a scheme, so that no base is needed to resolve it."""
    return _SCHEME.match(iri) is not None


def is_valid(iri: str) -> bool:
    """Return whether a text is an absolute IRI."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def node(iri: str) -> ox.NamedNode:
    """Return the node of an absolute IRI.

    Raises:
        BadParameter: the text is not an absolute IRI.
    """
    try:
        return ox.NamedNode(iri)
    except ValueError:
        advice = "write an absolute IRI, and percent-encode characters that are not allowed"
        raise BadParameter(f"{iri[:100]!r} is not an IRI; {advice}") from None


def resolve(base: str, reference: str) -> str:
    """Resolve an IRI reference against a base; one that is absolute or invalid is returned unchanged."""
    if not is_absolute(reference) and _REFERENCE.fullmatch(reference):
        try:
            (quad,) = ox.parse(f"<{reference}> a <x:> .", ox.RdfFormat.TURTLE, base_iri=base)
        except (SyntaxError, ValueError):
            return reference
        if isinstance(quad.subject, ox.NamedNode):
            return quad.subject.value
    return reference
