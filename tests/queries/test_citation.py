"""The citation of an answer: its words, its hash, what has changed, and how it is read back."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.queries import citation
from triplomacy.queries.answer import Answer
from triplomacy.queries.citation import Citation
from triplomacy.queries.scope import Scope

CITED = Citation(
    "recognition/who-recognises", "SELECT", {"state": ("a", "b")}, Scope(as_of="2022"), "d" * 64, "a" * 64, "1.0"
)


def test_citation_in_one_line():
    """The query with each value, the scope, the beginning of the hash of the data, and the version, where they are."""
    line = "recognition/who-recognises state=a state=b, --as-of=2022; dataset sha256:dddddddddddddddd; Triplomacy 1.0"
    assert CITED.as_text() == line
    assert Citation("", "ASK {}", version="1.0").as_text() == "a query; Triplomacy 1.0"


def test_citation_is_read_back(tmp_path: Path):
    """What was written as JSON is the same citation."""
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"citation": CITED.as_mapping()}), encoding="utf-8")
    assert citation.read(path) == CITED


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"citation": {}}', '{"citation": 1}', "[" * 100_000])
def test_other_files_have_no_citation(tmp_path: Path, text: str):
    """A file that is not an answer with a citation is refused with its path."""
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedInput, match="no answer with a citation") as caught:
        citation.read(path)
    assert caught.value.path == path


def test_absent_file_is_an_error(tmp_path: Path):
    """A file that cannot be read is not called malformed."""
    with pytest.raises(TriplomacyError, match="cannot be read"):
        citation.read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"dataset": "e" * 64}, ["the data have changed: sha256 dddddddddddddddd is now eeeeeeeeeeeeeeee"]),
        ({"text": "ASK"}, ["the text of recognition/who-recognises has changed"]),
        ({"version": "2.0"}, ["Triplomacy was 1.0 and is 2.0"]),
        ({}, ["nothing that was cited has changed: the query has no fixed order, or its answer depends on the day"]),
    ],
)
def test_what_has_changed_is_said(edits: dict[str, str], words: list[str]):
    """Where the answer is another, each thing that is not as it was is named; where it is the same, nothing is."""
    assert CITED.changes(replace(CITED, answer="b" * 64, **edits)) == words  # type: ignore[arg-type]
    assert CITED.changes(replace(CITED, **edits)) == []  # type: ignore[arg-type]


def test_hash_is_of_rows_in_order_and_of_triples_in_any():
    """Rows that change places are another answer, triples that do are not; truth counts, and so do columns."""
    rows = [(ox.Literal("1"),), (ox.Literal("2"),)]
    node = ox.NamedNode("urn:a")
    triples = tuple(ox.Triple(node, node, ox.Literal(str(number))) for number in (1, 2))

    def digest(answer: Answer) -> str:
        return citation.complete(CITED, answer).answer

    assert digest(Answer(("x",), rows)) != digest(Answer(("x",), rows[::-1]))
    assert digest(Answer(("x",), rows)) != digest(Answer(("y",), rows))
    assert digest(Answer(triples=triples)) == digest(Answer(triples=triples[::-1]))
    assert digest(Answer(truth=True)) != digest(Answer(truth=False))
    assert digest(Answer(triples=())) != digest(Answer(truth=False))


def test_hash_is_that_of_lines() -> None:
    """What is hashed are columns and rows, a line each, so that the hash can be had elsewhere too."""
    answer = Answer(("x", "y"), [(ox.Literal("1"), None), (ox.NamedNode("urn:a"), ox.Literal("2"))])
    text = 'x\ny\n"1"\tNone\n<urn:a>\t"2"'
    assert citation.complete(CITED, answer).answer == hashlib.sha256(text.encode()).hexdigest()
