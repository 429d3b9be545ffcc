"""An answer as rows, columns and data frames."""

import sys

import pyoxigraph as ox
import pytest

from triplomacy.errors import EngineUnavailable
from triplomacy.queries.answer import Answer

NODE, TEXT = ox.NamedNode("urn:a"), ox.Literal("x", language="en")
ANSWER = Answer(("one", "two"), ((NODE, None), (TEXT, ox.Literal("7"))))
COLUMNS = {"one": ["urn:a", "x"], "two": [None, "7"]}


def test_rows_are_mappings() -> None:
    """An answer is iterated by its rows, as often as wanted, each by its columns."""
    for _ in range(2):
        assert list(ANSWER) == [{"one": NODE, "two": None}, {"one": TEXT, "two": ox.Literal("7")}]
    assert len(ANSWER) == 2
    assert (list(Answer(truth=True)), len(Answer(triples=()))) == ([], 0)


def test_columns_are_texts() -> None:
    """A column has IRIs and lexical forms, and None where a cell is empty."""
    assert ANSWER.columnar() == COLUMNS
    assert Answer(("one",)).columnar() == {"one": []}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data frame has the columns as texts; without its library the error says what to install."""
    pytest.importorskip(library)
    convert = getattr(ANSWER, f"to_{library}")
    frame = convert()
    assert list(frame.columns) == ["one", "two"]
    assert list(frame["one"]) == COLUMNS["one"]
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(EngineUnavailable, match=rf"install triplomacy\[{library}\]"):
        convert()
