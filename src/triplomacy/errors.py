"""The package's few exceptions.

Each carries a message for the user: what is wrong, where, and what to do. The command line prints it and exits with
code 2; no other exception is meant to reach a user. A message names what the user can choose, such as a date or a view,
as a `Choice`, which the command line spells as an option and the server as a parameter of the URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 200  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a user can choose, spelled as a parameter of a URL: ``as-of``, ``view=author``.

    Attributes:
        name: the name of the parameter.
        value: the value to choose, or "" where the message names the parameter alone.
        is_parameter: whether it is a parameter of a stored query.
    """

    name: str
    value: str = ""
    is_parameter: bool = False

    def __str__(self) -> str:
        return f"{self.name}={self.value}" if self.value else self.name


class Message(str):
    """A text that keeps its choices apart, so that the command line can spell them as options.

    >>> Message("add ", Choice("view", "author"))
    'add view=author'
    """

    pieces: tuple[str | Choice, ...]

    def __new__(cls, *pieces: str | Choice) -> Message:
        """Join pieces of text, choices and messages into one message."""
        made = super().__new__(cls, "".join(map(str, pieces)))
        made.pieces = tuple(
            part for piece in pieces for part in (piece.pieces if isinstance(piece, Message) else (piece,))
        )
        return made

    def with_words(self, word: Callable[[Choice], str]) -> str:
        """Return the text with each choice spelled by *word*."""
        return "".join(word(piece) if isinstance(piece, Choice) else piece for piece in self.pieces)


class TriplomacyError(Exception):
    """An error for the user, with the place of its cause where that is known.

    Args:
        message: what is wrong and what to do about it, as pieces of text and choices.
        path: the file, folder or URL of the cause.
        line: the line in that file, counted from 1.
        column: the column in that line, in code points, counted from 1.
    """

    def __init__(
        self,
        *message: str | Choice,
        path: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.message = Message(*message)
        super().__init__(self.message)
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return self.with_place

    @property
    def with_place(self) -> Message:
        """The message after its place, as in ``file.ttl:41:3: message``."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return Message(f"{place}: ", self.message) if place else self.message


class MalformedInput(TriplomacyError):
    """A file or a text that does not follow its grammar or encoding."""


class UnknownName(TriplomacyError):
    """A name that does not exist; the message suggests up to three similar ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        import difflib

        near = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.5)
        advice = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no such {kind}: {name if len(name) <= _LONGEST else f'{name[:_LONGEST]}…'}{advice}")
        self.name = name
        self.near = near


class BadParameter(TriplomacyError):
    """A parameter or an argument that is missing, unknown, or not of the type required."""


class EngineUnavailable(TriplomacyError):
    """An optional library or a feature of the system that is required and not available."""
