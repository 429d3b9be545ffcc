"""What is printed: answers whole, remarks on a line, and nothing that a terminal would obey."""

import io
import sys

import pytest

from triplomacy import console


@pytest.mark.parametrize(
    ("text", "keep", "expected"),
    [
        ("plain \u00e9\u4e2d", "", "plain \u00e9\u4e2d"),
        ("\x1b[31m", "", "\\u001B[31m"),
        ("a\nb\tc\r", "\n\t", "a\nb\tc\\u000D"),
        ("a\nb", "", "a\\u000Ab"),
        ("\u202e\ufeff\x7f\x9f", "", "\\u202E\\uFEFF\\u007F\\u009F"),
    ],
)
def test_characters_that_do_not_show_are_escaped(text: str, keep: str, expected: str) -> None:
    """Control characters and those that turn the direction are escapes of Turtle, unless they are to stay."""
    assert console.escape_invisible(text, keep) == expected


def test_remark_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A remark goes to standard error, in one line, whatever is in it."""
    console.remark("first \r\n  second\x1b[0m \udcff")
    assert capsys.readouterr() == ("", "triplomacy: first second\\x1b[0m \\udcff\n")


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines for people keep their line ends and tabs, and nothing else that does not show."""
    console.write_lines("a\tb\n\x1bc\n")
    assert capsys.readouterr().out == "a\tb\n\\u001Bc\n"


class Slow(io.RawIOBase):
    """A stream that takes three bytes at a time."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, content: object) -> int:
        """Take three bytes, and return how many."""
        part = bytes(content)[:3]  # type: ignore[call-overload]
        self.content += part
        return len(part)


class Busy(Slow):
    """A stream whose reader is not ready."""

    def write(self, content: object) -> None:  # type: ignore[override]
        """Take nothing."""


def streaming(monkeypatch: pytest.MonkeyPatch, raw: Slow) -> None:
    """Have standard output be a stream without a buffer."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8", write_through=True))  # type: ignore[type-var]


@pytest.mark.parametrize(
    "content", ["caf\u00e9 \udcff \x1b!", b"caf\xc3\xa9 \\udcff \x1b!", iter(["caf\u00e9", " \udcff", " \x1b!"])]
)
def test_all_is_written(content: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that takes a part at a time gets all of a text, of its parts or of bytes, as it is, in UTF-8."""
    raw = Slow()
    streaming(monkeypatch, raw)
    console.write(content)  # type: ignore[arg-type]
    assert raw.content == "caf\u00e9 \\udcff \x1b!".encode()


def test_stream_that_takes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a reader is not ready, that is an error and no loop without end."""
    streaming(monkeypatch, Busy())
    with pytest.raises(BlockingIOError, match="not ready"):
        console.write("x")


def test_stream_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller's stream of text takes texts."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    console.write(iter(["a", "b\n"]))
    assert stream.getvalue() == "ab\n"
