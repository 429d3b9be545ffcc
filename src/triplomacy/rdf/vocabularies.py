"""The terms of the standard vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def standard() -> Mapping[str, frozenset[str]]:
    """Return the names of each standard vocabulary by its namespace."""
    terms_by_namespace: dict[str, frozenset[str]] = {}
    namespace = ""
    for line in Path(__file__).with_name("vocabularies.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            terms_by_namespace[namespace] |= frozenset(line.split())
        else:
            namespace = line.split()[1]
            terms_by_namespace[namespace] = frozenset()
    return terms_by_namespace


def namespace(iri: str) -> str:
    """Return an IRI up to its last ``#`` or, without one, its last ``/``."""
    cut = iri.rfind("#")
    return iri[: (cut if cut >= 0 else iri.rfind("/")) + 1]
