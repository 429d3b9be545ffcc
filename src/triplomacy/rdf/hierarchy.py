"""Hierarchies, such as that of classes: what stands right above or below a term, and all that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pyoxigraph as ox

from triplomacy.rdf.shorthand import SUBCLASS_OF

_T = TypeVar("_T")


def superclasses(triples: Iterable[ox.Triple]) -> dict[Any, list[Any]]:
    """Return the direct superclasses of each class, by ``rdfs:subClassOf``, in the order of the triples."""
    above: dict[Any, list[Any]] = {}
    for triple in triples:
        if triple.predicate == SUBCLASS_OF:
            above.setdefault(triple.subject, []).append(triple.object)
    return above


def subclasses(triples: Iterable[ox.Triple]) -> dict[Any, list[Any]]:
    """Return the direct subclasses of each class, by ``rdfs:subClassOf``, in the order of the triples."""
    below: dict[Any, list[Any]] = {}
    for triple in triples:
        if triple.predicate == SUBCLASS_OF:
            below.setdefault(triple.object, []).append(triple.subject)
    return below


def closure(terms: Iterable[_T], following: Callable[[_T], Iterable[_T] | None]) -> list[_T]:
    """Return terms and what they lead to in any number of steps, each once, nearer ones first.

    >>> closure([1], {1: [2], 2: [3, 1]}.get)
    [1, 2, 3]
    """
    reached = list(dict.fromkeys(terms))
    seen = set(reached)
    for term in reached:
        fresh = [other for other in dict.fromkeys(following(term) or ()) if other not in seen]
        seen.update(fresh)
        reached += fresh
    return reached
