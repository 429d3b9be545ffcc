"""What is printed: answers whole, remarks on a line, and nothing that a terminal would obey."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
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


class Terminal(Slow):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\tb\r\n\x1b[31m\x07\0\u009b\u202e\u00e9\r\n", "a\tb\r\n\\u001B[31m\\u0007\\u0000\\u009B\\u202E\u00e9\r\n"),
        (b"a\x1b\xff", "a\\u001B\\xff"),
        (iter(["a\x1b", "b\rc"]), "a\\u001Bb\\u000Dc"),
    ],
)
def test_a_terminal_gets_nothing_to_obey(content: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form of an answer is escaped for a terminal, with its line ends and tabs."""
    raw = Terminal()
    streaming(monkeypatch, raw)
    console.write(content)
    assert raw.content.decode() == expected


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report whose text is escaped already keeps its colours."""
    raw = Terminal()
    streaming(monkeypatch, raw)
    console.write_unchanged("\x1b[31mred\x1b[0m")
    assert raw.content == b"\x1b[31mred\x1b[0m"


@pytest.mark.parametrize("form", ["csv", "json", "tsv", "html", "turtle"])
def test_no_answer_sends_a_terminal_what_it_obeys(form: str, tmp_path: Path) -> None:
    """On a terminal no form of answers has an escape or a mark of direction; a file has the bytes of the data."""
    data = tmp_path / "esc.ttl"
    data.write_text('<urn:a> <urn:b> "x\\u001B[31m\\u0007\\u009B\\u202E" .\n', encoding="utf-8")
    query = "CONSTRUCT WHERE { ?s ?p ?o }" if form == "turtle" else "SELECT ?o { ?s ?p ?o }"
    command = [*TRIPLOMACY, "query", "--text", query, "--data", str(data), "--format", form]
    master, terminal = os.openpty()
    try:
        subprocess.run(command, stdout=terminal, check=True, timeout=60)
        shown = os.read(master, 100_000).decode()
    finally:
        os.close(master)
        os.close(terminal)
    assert "x" in shown
    assert set(console.INVISIBLE.findall(shown)) <= {"\r", "\n", "\t"}
    subprocess.run([*command, "--output", str(tmp_path / "file")], check=True, timeout=60)
    assert "\u009b" in (tmp_path / "file").read_text(encoding="utf-8")


TRIPLOMACY = (sys.executable, "-m", "triplomacy")


@pytest.mark.parametrize(
    ("arguments", "streams", "reason"),
    [
        ("query --text 'ASK {}'", ">&-", "standard output: Bad file descriptor"),
        ("validate", ">&-", "standard output: Bad file descriptor"),
        ("queries", ">&-", "standard output: Bad file descriptor"),
        ("--version", ">&-", "standard output: Bad file descriptor"),
        ("query -", "<&-", "standard input cannot be read: Bad file descriptor"),
        ("format -", "<&- >&-", "standard input cannot be read: Bad file descriptor"),
        ("query nothing", "2>&-", ""),
        ("query nothing", "2>/dev/full", ""),
        ("validate nothing", "2>/dev/full", ""),
    ],
)
def test_closed_stream_is_an_error(arguments: str, streams: str, reason: str) -> None:
    """A stream that is closed or full ends a command with 2, with a reason where it can be said, and no traceback."""
    line = f"{sys.executable} -m triplomacy {arguments} {streams}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    expected = f"triplomacy: error: {reason}\n" if reason else ""
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


def test_remarks_that_cannot_be_written_are_lost() -> None:
    """Where standard error is full or closed, an answer is given as ever."""
    for stream in ("2>/dev/full", "2>&-"):
        line = f"{sys.executable} -m triplomacy query --text 'ASK {{}}' --stats {stream}"
        done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (0, "true\n")


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
