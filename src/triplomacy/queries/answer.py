"""An answer: the rows or the triples of a query."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from triplomacy.errors import EngineUnavailable


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query: a table of terms, a truth value, or triples.

    It is iterated by its rows, each a mapping from column to term. Many rows of an endpoint are not held in memory, but
    read from a temporary file each time that they are iterated.
    """

    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]] = ()
    truth: bool | None = None
    triples: tuple[ox.Triple, ...] | None = None

    def __iter__(self) -> Iterator[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | None]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def columnar(self) -> dict[str, list[str | None]]:
        """Return the values of each column: IRIs and lexical forms, None where a cell is empty."""
        return {
            name: [None if row[index] is None else str(row[index].value) for row in self.rows]  # type: ignore[union-attr]
            for index, name in enumerate(self.columns)
        }

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame`` of strings.

        Raises:
            EngineUnavailable: pandas is not installed.
        """
        return _frame("pandas", self.columnar())

    def to_polars(self) -> Any:
        """Return the rows as a ``polars.DataFrame`` of strings.

        Raises:
            EngineUnavailable: polars is not installed.
        """
        return _frame("polars", self.columnar())


def _frame(library: str, columns: Mapping[str, list[str | None]]) -> Any:
    try:
        module = importlib.import_module(library)
    except ImportError:
        raise EngineUnavailable(f"{library} is not installed; install triplomacy[{library}]") from None
    return module.DataFrame(columns)
