"""Answers that are the same in every run: the order of their rows, and the labels of their blank nodes.

What an engine calls a blank node is another name each time. Here it is told by what stands around it in the answer,
until each differs from the others; of those that nothing tells apart, one is as good as the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.queries.answer import Answer

_Record = Sequence[Any]
_CHOICES: Final = 200  # how often one of several alike is taken first; whoever is left then is named as they come


def canonical(answer: Answer, *, ordered: bool) -> Answer:
    """Return an answer with its blank nodes named ``b0``, ``b1``, ...; its rows sorted, unless they are *ordered*."""
    if answer.truth is not None:
        return answer
    records: Sequence[_Record] = answer.rows if answer.triples is None else [tuple(each) for each in answer.triples]
    nodes = list(dict.fromkeys(cell for record in records for cell in record if isinstance(cell, ox.BlankNode)))
    if nodes:
        ranks = dict(zip(nodes, count())) if ordered else _rank_blank_nodes(records, nodes)
        names = {node: ox.BlankNode(f"b{place}") for place, node in enumerate(sorted(nodes, key=ranks.__getitem__))}
        records = [[names[cell] if isinstance(cell, ox.BlankNode) else cell for cell in each] for each in records]
    elif answer.triples is not None:
        return answer
    if not ordered:
        records = sorted(records, key=lambda record: [str(cell or "") for cell in record])
    if answer.triples is None:
        return replace(answer, rows=tuple(map(tuple, records)))
    return replace(answer, triples=tuple(ox.Triple(*record) for record in records))


def _rank_blank_nodes(records: Sequence[_Record], nodes: Sequence[ox.BlankNode]) -> dict[ox.BlankNode, int]:
    """Return a number for each blank node that depends on the triples and rows around it, not on labels or order."""
    places: dict[ox.BlankNode, list[_Record]] = {node: [] for node in nodes}
    for record in records:
        for node in {cell for cell in record if isinstance(cell, ox.BlankNode)}:
            places[node].append(record)
    ranks = _refine(dict.fromkeys(nodes, 0), places)
    for _ in range(_CHOICES):
        alike = [rank for rank, nodes_of in Counter(ranks.values()).items() if nodes_of > 1]
        if not alike:
            break
        first = next(node for node in nodes if ranks[node] == min(alike))
        ranks = _refine({node: 2 * rank + (node != first) for node, rank in ranks.items()}, places)
    return ranks


def _refine(
    ranks: dict[ox.BlankNode, int], places: Mapping[ox.BlankNode, Sequence[_Record]]
) -> dict[ox.BlankNode, int]:
    """Return ranks of blank nodes, refined by those of their neighbours until nothing changes: colour refinement."""
    known = 0
    while True:
        signs = {
            node: (rank, sorted(_signature(node, each, ranks) for each in places[node])) for node, rank in ranks.items()
        }
        numbers: dict[str, int] = {}
        for sign in sorted(signs.values()):
            numbers.setdefault(repr(sign), len(numbers))
        ranks = {node: numbers[repr(sign)] for node, sign in signs.items()}
        if len(numbers) <= known:
            return ranks
        known = len(numbers)


def _signature(node: ox.BlankNode, record: _Record, ranks: Mapping[ox.BlankNode, int]) -> list[tuple[int, int, str]]:
    """Return a record as a node in it sees it: itself, other nodes by their ranks, and terms."""
    return [
        (2 if cell == node else 1, ranks[cell], "") if isinstance(cell, ox.BlankNode) else (0, 0, str(cell or ""))
        for cell in record
    ]
