"""Running a command: its errors and exit code, its progress, its standard input."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from triplomacy import files
from triplomacy.console import on_one_line, remark, report_unwritable
from triplomacy.errors import Choice, MalformedInput, Message, TriplomacyError


def run_command(command: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Run a command and return its exit code, after printing its error, if any: it may run in a process of its own."""
    try:
        code = command(options)
        print(end="", flush=True)
        return code
    except TriplomacyError as error:
        remark(f"error: {in_options(error.with_place)}")
        if excerpt := getattr(error, "excerpt", ""):
            print("".join(char if char.isprintable() or char == "\n" else " " for char in excerpt), file=sys.stderr)
        return 2
    except OSError as error:
        return report_unwritable(error)


def in_options(text: str) -> str:
    """Return a text of the package with the option for each choice that it names."""
    return text.with_words(_option) if isinstance(text, Message) else text


def _option(choice: Choice) -> str:
    return f"--set {choice}" if choice.is_parameter else f"--{choice.name} {choice.value}".rstrip()


def read_standard_input() -> str:
    """Return the text on standard input.

    Raises:
        MalformedInput: it is not UTF-8.
        TriplomacyError: it cannot be read.
    """
    if not hasattr(sys.stdin, "buffer"):
        return sys.stdin.read()
    try:
        content = files.read_all(sys.stdin.buffer, "-")
    except OSError as error:
        raise TriplomacyError(f"standard input cannot be read: {error.strerror or error}") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MalformedInput("not UTF-8; write it in UTF-8", path="-", line=line) from None


def terminal_width() -> int:
    """Return the width of the terminal in characters."""
    import shutil

    return shutil.get_terminal_size().columns


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """Give a function that shows progress on one line of a terminal, wiped at the end; elsewhere it does nothing."""
    shown = sys.stderr.isatty()

    def tell(text: str) -> None:
        if shown:
            print(f"\r\x1b[K{on_one_line(text)}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        tell("")


class Progress:
    """Remarks each new step, and a step that takes long again every few seconds."""

    def __init__(self) -> None:
        self._said = ("", 0.0)

    def __call__(self, text: str) -> None:
        """Remark the step, unless the same step was remarked within the last seconds."""
        kind, now = text.partition(":")[0], time.monotonic()
        if kind != self._said[0] or now - self._said[1] > _EVERY:
            self._said = (kind, now)
            remark(text)


_EVERY: Final = 5  # seconds


# A name that is not UTF-8 comes from the system as halves of surrogate pairs.
UTF8: Final = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
