"""Headers of files with queries."""

from pathlib import Path

import pytest

from triplomacy.errors import MalformedInput
from triplomacy.sparql import yaml_header

PATH = Path("question.rq")


def test_header_is_strings_alone() -> None:
    """Each scalar is a string, and what stands between two parts of a header counts for nothing."""
    text = "#+ a: 1\nASK {}\n#+ b: [true, 2020-01-01]\n"
    assert yaml_header.read(PATH, text) == {"a": "1", "b": ["true", "2020-01-01"]}
    assert yaml_header.read(PATH, "ASK {}") is None


@pytest.mark.parametrize(("text", "place"), [("ASK {}\n#+ a: }", (2, 7)), ("#+ a: \x07", (1, None))])
def test_what_is_not_yaml_has_its_place(text: str, place: tuple[int, int | None]) -> None:
    """An error has line and column in the file, where the parser tells them."""
    with pytest.raises(MalformedInput, match="the header is not YAML") as caught:
        yaml_header.read(PATH, text)
    assert (caught.value.line, caught.value.column) == place


def test_a_key_has_its_line() -> None:
    """A line that begins with a key comes before one that has it within; a key that is nowhere has line 1."""
    text = "# message: x\n#+ problem: a message: of one\n#+ message: x\n#+ parameters: {type: iri}"
    assert [yaml_header.line_of(text, key) for key in ("message:", "type:", "none:")] == [3, 4, 1]
