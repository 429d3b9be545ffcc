"""Tables of others: rows with their numbers, cells as text, and what is not a table."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from triplomacy.claims import tables
from triplomacy.errors import EngineUnavailable, MalformedInput, TriplomacyError


@pytest.fixture
def write(tmp_path):
    """Return what writes a file of CSV and returns its path."""

    def write(content: bytes, name: str = "table.csv") -> Path:
        path: Path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def rows(path: Path, *wanted: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the numbered rows of the first table of a file."""
    return list(tables.read(path)[0].rows(wanted))


def test_rows_have_the_columns_wanted_and_their_line(write):
    """Columns come in the order that is wanted, one that is not there is empty, and a row is as long as its lines."""
    path = write(b'a,b,c\n1,2,3\n"x\ny",NA,\n4,5,6\n')
    assert tables.read(path)[0].columns == ("a", "b", "c")
    assert rows(path, "c", "a", "z") == [(2, ("3", "1", "")), (4, ("", "x\ny", "")), (5, ("6", "4", ""))]
    assert rows(path, "b") == [(2, ("2",)), (4, ("NA",)), (5, ("5",))]


def test_byte_order_mark_is_passed_over(write):
    """The first column is called the same with and without a mark."""
    assert rows(write(b"\xef\xbb\xbfa\n1\n"), "a") == [(2, ("1",))]


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"", "the file is empty", 1),
        (b"b,a,b,a\n", "two columns are called 'a'", 1),
        (b"\xff\xfe\n", "not CSV in UTF-8", 1),
        (b'"a\n', "not CSV in UTF-8", 1),
        (b"a,b\n1,2\n1\n", "1 cells in a table of 2 columns", 3),
        (b"a,b\n1,2,3\n", "3 cells in a table of 2 columns", 2),
        (b'a\n1\n"x"y\n', "not CSV", 3),
    ],
)
def test_malformed_table_is_refused_with_its_line(write, content, message, line):
    """A header or a row that is none is an error with the file and the line."""
    path = write(content)
    with pytest.raises(MalformedInput, match=message) as caught:
        rows(path, "a")
    assert (caught.value.path, caught.value.line) == (path, line)


def test_line_that_is_not_utf8_is_named(write):
    """The line is that of the bytes, as far as the reader has read: the next after the last whole row."""
    with pytest.raises(MalformedInput, match="not UTF-8") as caught:
        rows(write(b"a\n" + b"xxxxxxx\n" * 4096 + b"\xff\n"), "a")
    assert 2 < (caught.value.line or 0) <= 4098


def test_absent_file_is_an_error(tmp_path):
    """A file that is not there, a folder, and a file that is gone when its hash is wanted are errors with the path."""
    for wanted in (tables.read, tables.sha256, tables.keys):
        for path in (tmp_path / "none.csv", tmp_path):
            with pytest.raises(TriplomacyError, match="cannot be read") as caught:
                wanted(path)
            assert caught.value.path == path


def test_keys_are_the_first_column(write):
    """Each key is there once."""
    assert tables.keys(write(b"key,value\na,1\nb,2\na,3\n")) == {"a", "b"}


def test_hash_is_that_of_the_bytes(write):
    """The SHA-256 is of the file as it is, mark included."""
    content = b"\xef\xbb\xbfa\n"
    assert tables.sha256(write(content)) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.rda", True), ("a.RData", True), ("a.RDS", True), ("a.csv", False), ("rda", False), ("a.rda.csv", False)],
)
def test_files_of_r_are_known_by_their_ending(name, expected):
    """Capitals do not count, and only the last ending does."""
    assert tables.is_r_file(Path(name)) is expected


def test_data_frame_is_read_as_text(tmp_path):
    """Whole numbers have no point, what is missing is empty, and rows are counted from one."""
    pandas, pyreadr = pytest.importorskip("pandas"), pytest.importorskip("pyreadr")
    frame = pandas.DataFrame({"n": [1.0, 2.5, float("nan")], "t": ["a", None, "c"]})
    pyreadr.write_rds(str(tmp_path / "frame.rds"), frame)
    (table,) = tables.read(tmp_path / "frame.rds")
    assert table.columns == ("n", "t")
    assert list(table.rows(["t", "n", "z"])) == [(1, ("a", "1", "")), (2, ("", "2.5", "")), (3, ("c", "", ""))]


def test_other_bytes_are_no_data_of_r(write, tmp_path):
    """A file that is not what its ending says, and one that is not there, are errors with the path."""
    pytest.importorskip("pyreadr")
    with pytest.raises(MalformedInput, match="not a data file of R"):
        tables.read(write(b"no data", "a.rda"))
    with pytest.raises(TriplomacyError, match=r"cannot be read: No such file or directory$"):
        tables.read(tmp_path / "none.rda")


def test_absent_library_is_named(write, monkeypatch):
    """Without pyreadr the error says what to install."""
    monkeypatch.setitem(sys.modules, "pyreadr", None)
    with pytest.raises(EngineUnavailable, match="install triplomacy\\[votes\\]"):
        tables.read(write(b"", "a.rda"))


def test_line_after_what_was_read_is_named(write):
    """Where the bytes that are not UTF-8 begin the next part that is read, their line is exact."""
    with pytest.raises(MalformedInput, match="not UTF-8") as caught:
        rows(write(b"a\n" + b"x" * 8189 + b"\n\xff\n"), "a")
    assert caught.value.line == 3


class Failing:
    """A file that cannot be read to its end."""

    def __enter__(self) -> Iterator[str]:
        return self._lines()

    def __exit__(self, *_: object) -> None:
        """Close nothing."""

    def _lines(self) -> Iterator[str]:
        yield from ()
        raise OSError(5, "Input/output error")


def test_file_that_fails_while_it_is_read(monkeypatch: pytest.MonkeyPatch):
    """A disk that fails under the header is an error with the path."""
    monkeypatch.setattr(tables, "open_csv", lambda _: Failing())
    with pytest.raises(TriplomacyError, match="cannot be read: Input/output error") as caught:
        tables.read(Path("table.csv"))
    assert caught.value.path == Path("table.csv")


@pytest.mark.parametrize("read", [tables.read, tables.sha256, tables.open_csv])
@pytest.mark.parametrize("name", ["table.csv", "table.rda"])
def test_pipe_is_not_a_table(read, name: str, tmp_path: Path):
    """A pipe that nobody writes to is refused, and not waited for."""
    if name.endswith(".rda"):
        pytest.importorskip("pyreadr")
    os.mkfifo(tmp_path / name)
    with pytest.raises(TriplomacyError, match="a pipe or a device"):
        read(tmp_path / name)
