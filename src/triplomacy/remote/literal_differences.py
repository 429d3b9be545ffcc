"""Known ways in which stores rewrite literals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from triplomacy.terms import XSD

_INTEGERS: Final = re.compile(
    "(integer|nonNegativeInteger|positiveInteger|nonPositiveInteger|negativeInteger)"
    "|(unsigned)?(long|int|short|byte|Long|Int|Short|Byte)"
)


def differences(sent: Iterable[ox.Triple], received: Iterable[ox.Triple]) -> list[str] | None:
    """Return the names of the known differences between two graphs, or None if there is any other difference."""
    pairs = [set(sent), set(received)]
    if pairs[0] == pairs[1]:
        return []
    pairs = [_canonical(triples) for triples in pairs]
    seen: list[str] = []
    for name, rewrite in DIFFERENCES.items():
        if pairs[0] == pairs[1]:
            break
        before = pairs
        pairs = [_canonical(_rewrite(triples, rewrite)) for triples in pairs]
        if len(pairs[0] ^ pairs[1]) < len(before[0] ^ before[1]):
            seen.append(name)
    return seen if pairs[0] == pairs[1] else None


def _canonical(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {quad.triple for quad in dataset}


def _rewrite(triples: Iterable[ox.Triple], rewrite: Callable[[ox.Literal], ox.Literal]) -> Iterator[ox.Triple]:
    for triple in triples:
        if isinstance(triple.object, ox.Literal):
            yield ox.Triple(triple.subject, triple.predicate, rewrite(triple.object))
        else:
            yield triple


def _integer(literal: ox.Literal) -> ox.Literal:
    """Return an integer of any of XSD's types as an ``xsd:integer`` in its canonical form."""
    if not _INTEGERS.fullmatch(literal.datatype.value.removeprefix(XSD)) or not re.fullmatch(
        r"[+-]?[0-9]+", literal.value
    ):
        return literal
    return ox.Literal(str(int(literal.value)), datatype=ox.NamedNode(XSD + "integer"))


def _decimal(literal: ox.Literal) -> ox.Literal:
    if literal.datatype.value != XSD + "decimal":
        return literal
    try:
        value = format(Decimal(literal.value).normalize(), "f")
    except InvalidOperation:
        return literal
    return ox.Literal(value, datatype=literal.datatype)


def _utc(literal: ox.Literal) -> ox.Literal:
    value = literal.value.removesuffix("+00:00") + "Z" if literal.value.endswith("+00:00") else literal.value
    return ox.Literal(value, datatype=literal.datatype) if literal.datatype.value.startswith(XSD + "date") else literal


def _fraction(literal: ox.Literal) -> ox.Literal:
    if literal.datatype.value != XSD + "dateTime":
        return literal
    value = re.sub(r"\.(\d*?)0*(?=$|[Z+-])", lambda match: f".{match[1]}" if match[1] else "", literal.value)
    return ox.Literal(value, datatype=literal.datatype)


def _double(literal: ox.Literal) -> ox.Literal:
    if literal.datatype.value not in (XSD + "double", XSD + "float"):
        return literal
    try:
        return ox.Literal(repr(float(literal.value)), datatype=literal.datatype)
    except ValueError:
        return literal


def _boolean(literal: ox.Literal) -> ox.Literal:
    value = {"1": "true", "0": "false"}.get(literal.value, literal.value)
    return ox.Literal(value, datatype=literal.datatype) if literal.datatype.value == XSD + "boolean" else literal


DIFFERENCES: Final[Mapping[str, Callable[[ox.Literal], ox.Literal]]] = {
    "integers as xsd:integer": _integer,
    "decimals without zeros at their end": _decimal,
    "doubles in another form": _double,
    "fractions of seconds without zeros at their end": _fraction,
    "+00:00 for Z": _utc,
    "booleans as 1 and 0": _boolean,
}
"""The known differences, each with a function that makes both literals the same."""
