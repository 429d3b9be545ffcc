"""Answers as text: a table for people, CSV and JSON as the W3C defines them for SPARQL; triples as Turtle."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import turtle
from triplomacy.errors import TriplomacyError
from triplomacy.queries import Answer
from triplomacy.terms import PREFIXES, XSD, compress

_Cell = ox.NamedNode | ox.BlankNode | ox.Literal | None


def table(answer: Answer, labels: Mapping[str, str]) -> str:
    """Return the answer as aligned columns, each IRI by its label, or by its CURIE where it has none; or as Turtle."""
    if answer.triples is not None:
        return turtle.serialise(answer.triples, PREFIXES)
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\n"
    lines = [list(answer.columns), *([_shown(cell, labels) for cell in row] for row in answer.rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(answer.columns))]
    lines.insert(1, ["-" * width for width in widths])
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    count = len(answer.rows)
    return "\n".join([*rows, f"({count} {'row' if count == 1 else 'rows'})"]) + "\n"


def _shown(cell: _Cell, labels: Mapping[str, str]) -> str:
    if cell is None:
        return ""
    if isinstance(cell, ox.NamedNode):
        return labels.get(cell.value) or compress(cell.value)
    return " ".join(str(cell.value).split())


def to_csv(answer: Answer) -> str:
    """Return the answer in SPARQL 1.1 Query Results CSV: IRIs and lexical forms bare, CR LF line ends.

    Raises:
        TriplomacyError: the answer is triples.
    """
    _no_triples(answer)
    out = io.StringIO()
    writer = csv.writer(out)
    if answer.truth is not None:
        writer.writerows([["answer"], [str(answer.truth).lower()]])
    else:
        writer.writerow(answer.columns)
        writer.writerows([["" if cell is None else _bare(cell) for cell in row] for row in answer.rows])
    return out.getvalue()


def _bare(cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    return f"_:{cell.value}" if isinstance(cell, ox.BlankNode) else str(cell.value)


def to_json(answer: Answer) -> str:
    """Return the answer in SPARQL 1.1 Query Results JSON.

    Raises:
        TriplomacyError: the answer is triples.
    """
    _no_triples(answer)
    if answer.truth is not None:
        document: dict[str, Any] = {"head": {}, "boolean": answer.truth}
    else:
        bindings = [
            {name: _typed(cell) for name, cell in zip(answer.columns, row, strict=True) if cell is not None}
            for row in answer.rows
        ]
        document = {"head": {"vars": list(answer.columns)}, "results": {"bindings": bindings}}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _no_triples(answer: Answer) -> None:
    if answer.triples is not None:
        raise TriplomacyError("the answer is triples, which are written in Turtle; leave --format out")


def _typed(cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> dict[str, str]:
    if isinstance(cell, ox.NamedNode):
        return {"type": "uri", "value": cell.value}
    if isinstance(cell, ox.BlankNode):
        return {"type": "bnode", "value": cell.value}
    entry = {"type": "literal", "value": cell.value}
    if cell.language:
        return entry | {"xml:lang": cell.language}
    if cell.datatype.value != XSD + "string":
        return entry | {"datatype": cell.datatype.value}
    return entry


FORMATS: Final[Mapping[str, Callable[[Answer], str]]] = {"csv": to_csv, "json": to_json}
