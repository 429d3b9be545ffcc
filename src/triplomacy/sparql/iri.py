"""IRIs as a query writes them: resolved against a base (RFC 3986, 5.2), and held to their grammar (RFC 3987)."""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

_PARTS: Final = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)


def is_absolute(iri: str) -> bool:
    """Tell whether a text begins with a scheme, so that no base is needed to resolve it."""
    return _split(iri)[0] is not None


def is_valid(iri: str) -> bool:
    """Tell whether a text is an absolute IRI for the engine, which takes some for something else if they are not."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def resolve(base: str, reference: str) -> str:
    """Return what a reference means where *base*, an absolute IRI, is the base (RFC 3986, 5.2.2)."""
    scheme, authority, path, query, fragment = _split(reference)
    if scheme is not None:
        return _join(scheme, authority, _without_dots(path), query, fragment)
    scheme, former_authority, former_path, former_query, _ = _split(base)
    if authority is not None:
        return _join(scheme, authority, _without_dots(path), query, fragment)
    if not path:
        query = former_query if query is None else query
        return _join(scheme, former_authority, former_path, query, fragment)
    if not path.startswith("/"):
        root = "/" if former_authority is not None and not former_path else ""
        path = root + former_path[: former_path.rfind("/") + 1] + path
    return _join(scheme, former_authority, _without_dots(path), query, fragment)


def _split(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _PARTS.fullmatch(iri)
    assert match is not None  # every text has a path at least
    return match[1], match[2], match[3], match[4], match[5]


def _join(scheme: str | None, authority: str | None, path: str, query: str | None, fragment: str | None) -> str:
    parts = (("", scheme, ":"), ("//", authority, ""), ("", path, ""), ("?", query, ""), ("#", fragment, ""))
    return "".join(f"{before}{part}{behind}" for before, part, behind in parts if part is not None)


def _without_dots(path: str) -> str:
    """Return a path without its segments ``.`` and ``..`` (RFC 3986, 5.2.4)."""
    segments: list[str] = []
    rooted = path.startswith("/")
    for segment in path[rooted:].split("/"):
        if segment == ".." and segments:
            segments.pop()
        elif segment not in (".", ".."):
            segments.append(segment)
    is_folder = path.rpartition("/")[2] in (".", "..") and (segments or rooted)
    return "/" * rooted + "/".join(segments) + "/" * (bool(is_folder) and bool(segments))
