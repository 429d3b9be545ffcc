"""The two streams of a command: answers to standard output, whole or an error, and remarks to standard error.

Characters that a terminal would obey are escaped where text is printed, whatever its source.
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
    """Return a text with a Turtle escape for each invisible character but those in *keep*."""
    return INVISIBLE.sub(lambda match: match[0] if match[0] in keep else f"\\u{ord(match[0]):04X}", text)


def on_one_line(text: str) -> str:
    """Return a text on one line, with an escape for each character that is not printable."""
    line = re.sub(r"\s*[\r\n]\s*", " ", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def write(content: str | bytes | Iterator[str]) -> None:
    """Write a text (whole or in parts) or bytes to standard output, unchanged and completely.

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
    """Write a remark as one line to standard error."""
    print(f"triplomacy: {on_one_line(text)}", file=sys.stderr, flush=True)
