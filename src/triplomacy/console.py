"""Output of a command: answers go to standard output, complete or with an error, and remarks to standard error.

Control and other invisible characters are escaped in text for people, and in everything written to a terminal.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Iterator
from typing import Final, TextIO

INVISIBLE: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff]"
)


def escape_invisible(text: str, keep: str = "") -> str:
    """Return a text with each invisible character replaced by its Turtle escape, except those in *keep*."""
    return INVISIBLE.sub(lambda match: match[0] if match[0] in keep else f"\\u{ord(match[0]):04X}", text)


def on_one_line(text: str) -> str:
    """Return a text on one line: line breaks become spaces, and other characters that are not printable are escaped."""
    line = re.sub(r"\s*[\r\n]\s*", " ", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def open_streams() -> None:
    """Open standard streams that were closed at the start of Python, so that no file gets file descriptor 0, 1 or 2.

    Reading from standard input or writing to standard output then raises OSError; remarks are lost.
    """
    for name, mode, flags in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


def write(content: str | bytes | Iterator[str]) -> None:
    """Write text (whole or in parts) or bytes to standard output: unchanged, or escaped where that is a terminal.

    Raises:
        OSError: the content could not be written, or only a part of it.
    """
    if sys.stdout.isatty():
        write_unchanged(_for_terminal(part) for part in _parts(content))
    else:
        write_unchanged(content)


def _parts(content: str | bytes | Iterator[str]) -> Iterator[str | bytes]:
    return iter([content]) if isinstance(content, str | bytes) else content


def _for_terminal(part: str | bytes) -> str:
    """Return a text with every invisible character escaped except tabs and line ends."""
    text = part if isinstance(part, str) else part.decode("utf-8", "backslashreplace")
    return re.sub(r"\r(?!\n)", r"\\u000D", escape_invisible(text, keep="\r\n\t"))


def write_unchanged(content: str | bytes | Iterator[str]) -> None:
    """Write content without escaping, even to a terminal, so that it may contain colours; errors as `write`."""
    sys.stdout.flush()
    for part in _parts(content):
        if isinstance(part, str) and not hasattr(sys.stdout, "buffer"):  # a caller's stream in memory
            sys.stdout.write(part)
        else:
            _write_all(part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part)


def _write_all(content: bytes) -> None:
    """Write all bytes: an unbuffered stream (PYTHONUNBUFFERED) may accept only some of them in one call."""
    rest = memoryview(content)
    while rest:
        count = sys.stdout.buffer.write(rest)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "the reader of this pipe is not ready")
        rest = rest[count:]


def write_lines(text: str) -> None:
    """Write text for people to standard output, with invisible characters escaped; errors as `write`."""
    write(escape_invisible(text, keep="\n\t"))


def remark(text: str) -> None:
    """Write a remark as one line to standard error; it is lost where standard error cannot be written."""
    try:
        print(f"triplomacy: {on_one_line(text)}", file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def report_unwritable(error: OSError) -> int:
    """Report that output cannot be written, unless the reader closed the pipe, and return the exit code 2."""
    _discard(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        remark(f"error: {error.filename or 'standard output'}: {error.strerror or error}")
    return 2


def _discard(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to the null device, so that flushing it at exit does not fail."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
