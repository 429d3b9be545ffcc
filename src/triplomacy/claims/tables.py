"""Tables of published data as rows of text: CSV in UTF-8, and data files of R."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triplomacy import files
from triplomacy.errors import EngineUnavailable, MalformedInput, TriplomacyError

_R_ENDINGS: Final = (".rda", ".rdata", ".rds")


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table in a file: its columns, and its data frame if the file is R's.

    Attributes:
        path: the file.
        columns: the names of its columns, in their order.
        frame: the data frame of pandas that R's file holds; None for CSV, which is read row by row.
    """

    path: Path
    columns: tuple[str, ...]
    frame: Any = None

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the number of each row, in CSV its line, with the text of the columns wanted.

        What is missing is empty, and so is a column that the table lacks. ``NA`` in CSV is text: Namibia's code.

        Raises:
            MalformedInput: a row has more or fewer cells than the table has columns, or is not UTF-8, with its line.
        """
        yield from self._r_rows(wanted) if self.frame is not None else self._csv_rows(wanted)

    def _csv_rows(self, wanted: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        places = [self.columns.index(name) if name in self.columns else -1 for name in wanted]
        with open_csv(self.path) as lines:
            reader = csv.reader(lines, strict=True)
            try:
                next(reader)
                for row in reader:
                    if len(row) != len(self.columns):
                        message = f"{len(row)} cells in a table of {len(self.columns)} columns; correct the row"
                        raise MalformedInput(message, path=self.path, line=reader.line_num)
                    yield reader.line_num, tuple(row[place] if place >= 0 else "" for place in places)
            except UnicodeDecodeError:
                message = "not UTF-8; save the file in UTF-8"
                raise MalformedInput(message, path=self.path, line=reader.line_num + 1) from None
            except csv.Error as error:
                raise MalformedInput(f"not CSV: {error}", path=self.path, line=reader.line_num) from None

    def _r_rows(self, wanted: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        size = len(self.frame)
        columns = [self.frame[name].tolist() if name in self.columns else [""] * size for name in wanted]
        for number, row in enumerate(zip(*columns, strict=True), 1):
            yield number, tuple(_text(cell) for cell in row)


def _text(cell: object) -> str:
    """Return a cell of R as in CSV: whole numbers without a decimal point, missing values empty."""
    if cell is None or cell != cell:  # not a number is R's missing value
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def open_csv(path: Path) -> Any:
    """Return a CSV file open for reading, after its byte order mark, if any.

    Raises:
        TriplomacyError: it cannot be read.
    """
    files.check(path)
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None


def read(path: Path) -> list[DataTable]:
    """Return the tables of a file: one of CSV, each data frame of R.

    Raises:
        EngineUnavailable: it is R's, and pyreadr is not installed.
        MalformedInput: it is not what its ending says, or has no header.
        TriplomacyError: it cannot be read.
    """
    if is_r_file(path):
        return _read_r(path)
    with open_csv(path) as lines:
        try:
            header = next(csv.reader(lines, strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            message = "not CSV in UTF-8; give a .csv file, or one of R that ends in .rda, .RData or .rds"
            raise MalformedInput(message, path=path, line=1) from None
        except OSError as error:
            raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    if not header:
        raise MalformedInput("the file is empty; the first line of CSV names its columns", path=path, line=1)
    if twice := {name for name in header if header.count(name) > 1}:
        raise MalformedInput(f"two columns are called {min(twice)!r}; rename one", path=path, line=1)
    return [DataTable(path, tuple(header))]


def _read_r(path: Path) -> list[DataTable]:
    try:
        import pyreadr
    except ImportError:
        raise EngineUnavailable("R's files need pyreadr; install triplomacy[votes], or give CSV") from None
    files.check(path)
    try:
        path.open("rb").close()
        frames = pyreadr.read_r(str(path))
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None
    except Exception as error:  # the library raises errors of its own and of the one that it wraps
        raise MalformedInput(f"not a data file of R: {error}", path=path) from None
    return [DataTable(path, tuple(map(str, frame.columns)), frame) for frame in frames.values()]


def is_r_file(path: Path) -> bool:
    """Tell whether a file has an extension of R's data files."""
    return path.suffix.lower() in _R_ENDINGS


def keys(path: Path) -> set[str]:
    """Return the text of the first column of the first table of a file; raise what `read` does."""
    table = read(path)[0]
    return {key for _, (key,) in table.rows(table.columns[:1])}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in lower-case hexadecimal digits.

    Raises:
        TriplomacyError: it cannot be read.
    """
    files.check(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
