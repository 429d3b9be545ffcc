"""The two streams of a command: answers to standard output, whole or an error, and remarks to standard error.

What people read has no character that a terminal would obey: it is escaped where it is printed, wherever it is from.
"""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterator
from typing import Final

INVISIBLE: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff]"
)


def escape_invisible(text: str, keep: str = "") -> str:
    """Return a text with a Turtle escape for each character that does not show; those of *keep* stay."""
    return INVISIBLE.sub(lambda match: match[0] if match[0] in keep else f"\\u{ord(match[0]):04X}", text)


def on_one_line(text: str) -> str:
    """Return text on one line, what a terminal would not print or would obey written as an escape."""
    line = re.sub(r"\s*[\r\n]\s*", " ", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def write(content: str | bytes | Iterator[str]) -> None:
    """Write all of a text, as a whole or in parts, or of bytes, to standard output as it is.

    Raises:
        OSError: it cannot be written: a part of it may have been.
    """
    sys.stdout.flush()
    for part in [content] if isinstance(content, str | bytes) else content:
        if isinstance(part, str) and not hasattr(sys.stdout, "buffer"):  # a caller's stream in memory
            sys.stdout.write(part)
        else:
            _write_all(part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part)


def _write_all(content: bytes) -> None:
    """Write bytes; without a buffer (PYTHONUNBUFFERED) the system takes as many as it can, and says how many."""
    rest = memoryview(content)
    while rest:
        count = sys.stdout.buffer.write(rest)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "its reader is not ready")
        rest = rest[count:]


def write_lines(text: str) -> None:
    """Write lines for people to standard output; raise what `write` does."""
    write(escape_invisible(text, keep="\n\t"))


def remark(text: str) -> None:
    """Say something on one line of standard error."""
    print(f"triplomacy: {on_one_line(text)}", file=sys.stderr, flush=True)
