"""What a question is asked of: whose graphs, in whose voice, as of when; spelt as options and as in an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triplomacy.errors import Choice, TriplomacyError
from triplomacy.files import FilePath, to_path

_NAMES: Final = {
    "data": "data",
    "endpoint": "endpoint",
    "graph": "graphs",
    "allow-service": "services",
    "view": "views",
    "according-to": "actors",
    "as-of": "as_of",
    "certainly": "certainly",
    "evidence": "evidence",
}
_FLAGS: Final = ("certainly", "evidence")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is asked of.

    Attributes:
        data: other people's files, to be asked in place of the project's graphs.
        endpoint: the address of an endpoint that is asked in place of the graphs here.
        graphs: the IRIs of the graphs there that are asked; none for ours, or for its own default graph where the
            query has no header.
        services: the addresses of the services that ``SERVICE`` in the query may ask.
        views: the names of views whose facts are added.
        actors: the actors whose views are added.
        as_of: a date; only what possibly holds then is asked.
        certainly: whether only what certainly holds then is asked.
        evidence: whether the claims and spans behind each row are added to it.
    """

    data: tuple[FilePath, ...] = ()
    endpoint: str | None = None
    graphs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    as_of: str | None = None
    certainly: bool = False
    evidence: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", tuple(map(to_path, self.data)))

    @property
    def is_of_ours(self) -> bool:
        """Whether it has a date, a view or an actor, which only the project's own graphs support."""
        return bool(self.views or self.actors or self.as_of)

    def check(self) -> None:
        """Raise TriplomacyError if what is chosen together cannot be had together."""
        if self.certainly and self.as_of is None and not self.data:
            raise TriplomacyError(Choice("certainly"), " goes with ", Choice("as-of"), "; give the date")
        if self.data and self.endpoint is not None:
            raise both("data", "endpoint")
        if self.graphs and self.endpoint is None:
            advice = "; here, write GRAPH into the query"
            raise TriplomacyError(Choice("graph"), " goes with ", Choice("endpoint"), advice)
        if self.data and self.is_of_ours:
            advice = " out, or these"
            raise TriplomacyError("views and dates are those of our own graphs; leave ", Choice("data"), advice)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield names and values as an address has them: ``as-of`` and ``2022-09``."""
        for name, field in _NAMES.items():
            value = getattr(self, field)
            for each in value if isinstance(value, tuple) else (value,) if value else ():
                yield name, "true" if each is True else str(each)

    def options(self) -> tuple[str, ...]:
        """Return what the command line and citations write: ``as-of=2022-09`` after two hyphens."""
        return tuple(f"--{name}" if name in _FLAGS else f"--{name}={value}" for name, value in self.pairs())


def both(one: str, other: str) -> TriplomacyError:
    """Return the error for two choices that exclude each other, since each says what is asked."""
    return TriplomacyError(Choice(one), " and ", Choice(other), " are both what is asked; leave one out")


def of_pairs(pairs: Iterable[tuple[str, str]]) -> Scope:
    """Return the scope that names and values as in an address spell; other names are passed over."""
    values: dict[str, list[str]] = {name: [] for name in _NAMES}
    for name, value in pairs:
        values.get(name, []).append(value)
    first = {name: next(iter(given), None) for name, given in values.items()}
    return Scope(
        data=tuple(map(Path, values["data"])),
        endpoint=first["endpoint"],
        graphs=tuple(values["graph"]),
        services=tuple(values["allow-service"]),
        views=tuple(values["view"]),
        actors=tuple(values["according-to"]),
        as_of=first["as-of"],
        certainly=first["certainly"] == "true",
        evidence=first["evidence"] == "true",
    )


def of_options(options: Iterable[str]) -> Scope:
    """Return the scope that `Scope.options` has spelt; options of other names are passed over."""
    pairs = (option.removeprefix("--").partition("=") for option in options)
    return of_pairs((name, value if equals else "true") for name, equals, value in pairs)
