"""The package's few exceptions.

Each carries a message for the person who ran the command: what is wrong, where, and what to do.
The command line prints it and exits with 2; no other exception is meant to reach a user.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class TriplomacyError(Exception):
    """Something that could not be done, with the place where the reason for it stands.

    Args:
        message: what is wrong and what to do about it.
        path: the file it stands in, if there is one.
        line: the line in that file, counted from 1.
        column: the column in that line, in code points, counted from 1.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class MalformedInput(TriplomacyError):
    """A file or a text that does not follow its grammar or encoding."""


class UnknownName(TriplomacyError):
    """A name that does not exist; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        import difflib

        near = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.5)
        advice = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no such {kind}: {name}{advice}")
        self.name = name
        self.near = near


class BadParameter(TriplomacyError):
    """A parameter of a stored query that is missing, unknown or not of its type."""


class EngineUnavailable(TriplomacyError):
    """An engine that this machine or this installation does not have."""
