"""What the project wants to reach, each as a figure that the rows give and a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.figures import OURS, Figures, Row, geometric_mean, growth, ratio

MILLION: Final = 1_000_000
GROWS: Final = 1.1


@dataclass(frozen=True)
class Goal:
    """What is to be reached.

    Attributes:
        job: whose figures count.
        text: what is to be reached, in words.
        figure: returns the figure, or None where it was not measured.
        bound: what it may be at most, or has to be at least.
        least: it has to be at least the bound.
        unit: of the figure.
    """

    job: str
    text: str
    figure: Callable[[Figures], float | None]
    bound: float
    least: bool = False
    unit: str = "times"

    def met(self, figure: float) -> bool:
        """Tell whether a figure is good enough."""
        return figure >= self.bound if self.least else figure <= self.bound


def faster(job: str, task: str, size: int, who: str) -> Callable[[Figures], float | None]:
    """Return what gives how many times as fast ours is as a peer."""

    def figure(figures: Figures) -> float | None:
        ours, peer = figures.find(job, task, size, OURS), figures.find(job, task, size, who)
        return ratio(ours, peer) if ours and peer else None

    return figure


def slower(job: str, task: str, size: int, who: str) -> Callable[[Figures], float | None]:
    """Return what gives how many times as long ours takes as a peer."""

    def figure(figures: Figures) -> float | None:
        found = faster(job, task, size, who)(figures)
        return 1 / found if found else None

    return figure


def share(job: str, task: str, size: int, who: str, whole: str) -> Callable[[Figures], float | None]:
    """Return what gives which share of another one's time one takes."""

    def figure(figures: Figures) -> float | None:
        part, all_of_it = figures.find(job, task, size, who), figures.find(job, task, size, whole)
        return part.value / all_of_it.value if part and all_of_it and part.value and all_of_it.value else None

    return figure


def memory(job: str, task: str, size: int, who: str) -> Callable[[Figures], float | None]:
    """Return what gives how many times as much memory ours takes as a peer."""

    def figure(figures: Figures) -> float | None:
        ours, peer = figures.find(job, task, size, OURS), figures.find(job, task, size, who)
        return ours.megabytes / peer.megabytes if ours and peer and ours.megabytes and peer.megabytes else None

    return figure


def pairs(figures: Figures, job: str, size: int, who: str) -> list[tuple[Row, Row]]:
    """Return ours and a peer's row of each task that both have done at a size."""
    found = ((row, figures.find(job, row.task, size, who)) for row in figures.of(job) if row.who == OURS)
    return [(row, peer) for row, peer in found if row.size == size and row.value and peer and not peer.extrapolated]


def mean(job: str, size: int, who: str, *, times_ours: bool) -> Callable[[Figures], float | None]:
    """Return what gives the geometric mean, over the tasks that a peer has done too, of its time to ours or of ours."""

    def figure(figures: Figures) -> float | None:
        found = [ratio(ours, peer) or 1.0 for ours, peer in pairs(figures, job, size, who)]
        geometric = geometric_mean(found)
        return geometric if geometric is None or times_ours else 1 / geometric

    return figure


def seconds(job: str, task: str, size: int, scale: float = 1.0) -> Callable[[Figures], float | None]:
    """Return what gives our time."""

    def figure(figures: Figures) -> float | None:
        row = figures.find(job, task, size, OURS)
        return row.value * scale if row and row.value else None

    return figure


def steepest(job: str, tasks: Sequence[str] | None = None) -> Callable[[Figures], float | None]:
    """Return what gives the largest exponent of a task of ours from 100 thousand to five million triples."""

    def figure(figures: Figures) -> float | None:
        chosen = tasks or list(dict.fromkeys(row.task for row in figures.of(job)))
        found = [growth(figures.of(job), OURS, task, 100_000) for task in chosen]
        return max((each for each in found if each is not None), default=None)

    return figure


SHACL: Final = "all our shapes"
EDIT: Final = "one edit"
BY_GIT: Final = "triplomacy, by git"
FULL: Final = "full run"

GOALS: Final = (
    Goal("load", "speed of `oxigraph load`", faster("load", "load", MILLION, "oxigraph load"), 0.9, least=True),
    Goal("load", "memory of `oxigraph load`", memory("load", "load", MILLION, "oxigraph load"), 1.2),
    Goal("load", "opening a prepared store", seconds("load", "open", MILLION, 1000), 50, unit="ms"),
    Goal("load", "growth of loading", steepest("load", ["load"]), GROWS, unit="exponent"),
    Goal(
        "queries", "time of bare pyoxigraph, same text", mean("queries", MILLION, "pyoxigraph", times_ours=False), 1.1
    ),
    Goal("queries", "faster than rdflib", mean("queries", MILLION, "rdflib", times_ours=True), 15, least=True),
    Goal("queries", "time of Virtuoso, its best text", mean("queries", MILLION, "Virtuoso", times_ours=False), 1.0),
    Goal("queries", "growth of the steepest query", steepest("queries"), GROWS, unit="exponent"),
    Goal("validation", "time of the bare engine", slower("validation", SHACL, MILLION, "bare engine"), 1.5),
    Goal("validation", "faster than pySHACL", faster("validation", SHACL, MILLION, "pySHACL"), 60, least=True),
    Goal("validation", "growth of validation", steepest("validation", [SHACL]), GROWS, unit="exponent"),
    Goal(
        "views",
        "growth of the steepest view",
        steepest("views", ["author", "undisputed", "all views"]),
        GROWS,
        unit="exponent",
    ),
    Goal("incremental", "time of a full run, by a store", share("incremental", EDIT, MILLION, OURS, FULL), 0.05),
    Goal("incremental", "time of a full run, by git", share("incremental", EDIT, MILLION, BY_GIT, FULL), 0.7),
    Goal("reasoning", "faster than owlrl", faster("reasoning", "materialise", 50_000, "owlrl"), 25, least=True),
)
