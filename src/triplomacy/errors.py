"""The package's few exceptions.

Each carries a message for the person who asked: what is wrong, where, and what to do. The command line prints it and
exits with 2; no other exception is meant to reach a user. What one may choose, such as a date or a view, is named in
a message as a `Choice`, for which the command line has another word than an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 200  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a person may choose, as an address spells it: ``as-of``, ``view=author``.

    Attributes:
        name: what is chosen.
        value: what to choose; empty where the choice itself is meant.
        is_parameter: whether it is a parameter of a stored query.
    """

    name: str
    value: str = ""
    is_parameter: bool = False

    def __str__(self) -> str:
        return f"{self.name}={self.value}" if self.value else self.name


class Message(str):
    """A text in which choices are named, so that whoever shows it can spell them in another way.

    >>> Message("add ", Choice("view", "author"))
    'add view=author'
    """

    pieces: tuple[str | Choice, ...]

    def __new__(cls, *pieces: str | Choice) -> Message:
        """Return the text of pieces, of which each may be a message too."""
        made = super().__new__(cls, "".join(map(str, pieces)))
        made.pieces = tuple(
            part for piece in pieces for part in (piece.pieces if isinstance(piece, Message) else (piece,))
        )
        return made

    def with_words(self, word: Callable[[Choice], str]) -> str:
        """Return the text with the word of a face for each choice."""
        return "".join(word(piece) if isinstance(piece, Choice) else piece for piece in self.pieces)


class TriplomacyError(Exception):
    """Something that could not be done, with the place where the reason for it stands.

    Args:
        message: what is wrong and what to do about it, in pieces where it names choices.
        path: the file it stands in, if there is one.
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
        """The message with its place before it."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return Message(f"{place}: ", self.message) if place else self.message


class MalformedInput(TriplomacyError):
    """A file or a text that does not follow its grammar or encoding."""


class UnknownName(TriplomacyError):
    """A name that does not exist; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        import difflib

        near = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.5)
        advice = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no such {kind}: {name if len(name) <= _LONGEST else f'{name[:_LONGEST]}…'}{advice}")
        self.name = name
        self.near = near


class BadParameter(TriplomacyError):
    """A parameter of a stored query that is missing, unknown or not of its type."""


class EngineUnavailable(TriplomacyError):
    """An engine that this machine or this installation does not have."""
