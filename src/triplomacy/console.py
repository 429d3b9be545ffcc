"""The two streams of a command: answers to standard output, whole or an error, and remarks to standard error.

Characters that a terminal would obey are escaped in text for people, and in all that goes to a terminal.
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
    """Return a text with a Turtle escape for each invisible character but those in *keep*."""
    return INVISIBLE.sub(lambda match: match[0] if match[0] in keep else f"\\u{ord(match[0]):04X}", text)


def on_one_line(text: str) -> str:
    """Return a text on one line, with an escape for each character that is not printable."""
    line = re.sub(r"\s*[\r\n]\s*", " ", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def open_streams() -> None:
    """Open the standard streams that were closed when Python began, so that no file gets the number of one.

    An attempt to read or to answer is then an OSError; what is remarked is lost.
    """
    for name, mode, flags in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


def write(content: str | bytes | Iterator[str]) -> None:
    """Write a text (whole or in parts) or bytes to standard output completely, unchanged unless it is a terminal.

    Raises:
        OSError: it cannot be written: a part of it may have been.
    """
    if sys.stdout.isatty():
        write_unchanged(_for_terminal(part) for part in _parts(content))
    else:
        write_unchanged(content)


def _parts(content: str | bytes | Iterator[str]) -> Iterator[str | bytes]:
    return iter([content]) if isinstance(content, str | bytes) else content


def _for_terminal(part: str | bytes) -> str:
    """Return a text with its line ends and tabs, every other invisible character escaped."""
    text = part if isinstance(part, str) else part.decode("utf-8", "backslashreplace")
    return re.sub(r"\r(?!\n)", r"\\u000D", escape_invisible(text, keep="\r\n\t"))


def write_unchanged(content: str | bytes | Iterator[str]) -> None:
    """Write what has nothing but colours that a terminal would obey; raise what `write` does."""
    sys.stdout.flush()
    for part in _parts(content):
        if isinstance(part, str) and not hasattr(sys.stdout, "buffer"):  # a caller's stream in memory
            sys.stdout.write(part)
        else:
            _write_all(part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part)


def _write_all(content: bytes) -> None:
    """Write all bytes: without a buffer (PYTHONUNBUFFERED), one write may take only some of them."""
    rest = memoryview(content)
    while rest:
        count = sys.stdout.buffer.write(rest)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "its reader is not ready")
        rest = rest[count:]


def write_lines(text: str) -> None:
    """Write text for people to standard output, invisible characters escaped; raise what `write` does."""
    write(escape_invisible(text, keep="\n\t"))


def remark(text: str) -> None:
    """Write a remark as one line to standard error; where that cannot be written, remarks are lost."""
    try:
        print(f"triplomacy: {on_one_line(text)}", file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def report_unwritable(error: OSError) -> int:
    """Remark that output cannot be written, unless its reader closed the pipe, and return 2, the exit code."""
    _discard(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        remark(f"error: {error.filename or 'standard output'}: {error.strerror or error}")
    return 2


def _discard(stream: TextIO) -> None:
    """Let what a stream cannot write go to the null device, so that Python does not fail when it tries again."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
