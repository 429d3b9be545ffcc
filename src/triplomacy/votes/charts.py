"""Charts of voting agreement in black and white: two voters over time, one voter with all others, and blocs.

As in `pictures`, the same data give the same bytes, and the text alternative has all data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Final

from triplomacy.pictures import MOST, canvas, render
from triplomacy.votes.alignment import AlignmentLine, BlocMember, SelectedVotes
from triplomacy.votes.record import agreement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_HEIGHT: Final = 0.19  # inches, of a row of a ranking
_WIDTH: Final = 7.0
_MEASURE: Final = (
    "Agreement: the same choice among roll calls in which both voted; whiskers: Wilson's interval at 95 %."
)


def _sentence(line: AlignmentLine) -> str:
    low, high = line.agreement.interval
    part = f" in {line.part}" if line.part else ""
    counted = f"{line.agreement.agreed} of {line.agreement.voted}"
    return (
        f"{line.one.label} and {line.other.label}{part}: {line.agreement.share:.3f} ({low:.3f}-{high:.3f}), {counted}."
    )


@dataclass(frozen=True, slots=True)
class CourseChart:
    """A chart of the agreement of two voters by session, year or issue."""

    name: ClassVar[str] = "course"

    shown: tuple[AlignmentLine, ...]
    by: str
    caption: tuple[str, ...]
    title: str

    def lines(self) -> list[str]:
        """Return a sentence for each part."""
        return [_sentence(line) for line in self.shown]


@dataclass(frozen=True, slots=True)
class RankingChart:
    """A chart of the agreement of one voter with each other one, the highest first."""

    name: ClassVar[str] = "ranking"

    shown: tuple[AlignmentLine, ...]
    caption: tuple[str, ...]
    title: str

    def lines(self) -> list[str]:
        """Return a sentence for each other voter."""
        return [_sentence(line) for line in self.shown]


@dataclass(frozen=True, slots=True)
class BlocChart:
    """A chart of blocs as a matrix: the agreement of each pair of their members."""

    name: ClassVar[str] = "blocs"

    members: tuple[BlocMember, ...]
    shares: tuple[tuple[float, ...], ...]
    caption: tuple[str, ...]
    title: str

    def lines(self) -> list[str]:
        """Return a sentence for each bloc, with its members."""
        grouped = groupby(self.members, key=lambda member: member.bloc)
        return [f"Bloc {bloc}: {', '.join(member.voter.label for member in members)}." for bloc, members in grouped]


Chart = CourseChart | RankingChart | BlocChart


def caption(chosen: SelectedVotes) -> tuple[str, ...]:
    """Return the lines below the title: the selected roll calls, and the definition of agreement."""
    return (f"{chosen.record.graph}: {chosen.span()}" + (f"; {chosen.words}" if chosen.words else "") + ".", _MEASURE)


def course_chart(chosen: SelectedVotes, lines: Sequence[AlignmentLine], by: str) -> CourseChart:
    """Return the chart of two voters by session, year or issue."""
    title = f"{lines[0].one.label} and {lines[0].other.label} by {by}" if lines else "No roll call in which both voted"
    return CourseChart(tuple(lines), by, caption(chosen), title)


def ranking_chart(chosen: SelectedVotes, lines: Sequence[AlignmentLine], name: str) -> RankingChart:
    """Return the chart of one voter, called *name*, with the others."""
    return RankingChart(tuple(lines), caption(chosen), f"Who votes as {name} does")


def bloc_chart(chosen: SelectedVotes, members: Sequence[BlocMember]) -> BlocChart:
    """Return the chart of blocs."""
    ballots = [chosen.record.ballots[member.voter.iri] for member in members]
    shares = tuple(tuple(agreement(one, other, chosen.calls).share for other in ballots) for one in ballots)
    number = members[-1].bloc if members else 0
    return BlocChart(tuple(members), shares, caption(chosen)[:1], f"{number} blocs by agreement, average linkage")


def draw(chart: Chart, form: str) -> bytes:
    """Return a chart as SVG, PNG or text; errors as `pictures.render`."""
    return render(chart, form, lambda dpi: _DRAW[type(chart)](chart, dpi))


def _axes(figure: Figure, height: float, left: float, width: float, up: float) -> Axes:
    """Return axes with a scale, with size and position in inches; *up* is the distance from the bottom."""
    all_width, all_height = figure.get_size_inches()
    axes = figure.add_axes((left / all_width, up / all_height, width / all_width, height / all_height))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def _whiskers(line: AlignmentLine) -> tuple[float, float]:
    low, high = line.agreement.interval
    return max(line.agreement.share - low, 0.0), max(high - line.agreement.share, 0.0)


def _draw_course(chart: CourseChart, dpi: int) -> Figure:
    figure = canvas(_WIDTH + 1.2, 5.0, dpi, chart)
    axes = _axes(figure, 3.3, 0.7, _WIDTH, 0.75)
    places = [float(line.part) if chart.by != "issue" else float(n) for n, line in enumerate(chart.shown)]
    shares = [line.agreement.share for line in chart.shown]
    reach = list(zip(*(_whiskers(line) for line in chart.shown), strict=True)) or [(), ()]
    style = "none" if chart.by == "issue" else "solid"
    axes.errorbar(places, shares, yerr=reach, color="black", marker="o", markersize=3, linewidth=1, linestyle=style)
    axes.set(ylim=(-0.02, 1.02), ylabel="agreement", xlabel=chart.by)
    if chart.by == "issue":
        axes.set_xticks(places, [line.part.replace(" ", "\n") for line in chart.shown], size=7)
    return figure


def _draw_ranking(chart: RankingChart, dpi: int) -> Figure:
    shown = _first_and_last(chart.shown)
    height = _ROW_HEIGHT * max(len(shown), 1) + 0.2
    figure = canvas(_WIDTH + 3.0, height + 1.7, dpi, chart, _omission(shown, chart.shown))
    axes = _axes(figure, height, 2.7, _WIDTH, 0.6)
    places = [float(-number) for number in range(len(shown))]
    reach = list(zip(*(_whiskers(line) for line in shown), strict=True)) or [(), ()]
    shares = [line.agreement.share for line in shown]
    axes.errorbar(shares, places, xerr=reach, color="black", marker="o", markersize=3, linewidth=0.8, linestyle="none")
    axes.set(xlim=(-0.02, 1.02), ylim=(-len(shown) + 0.4, 0.6), xlabel="agreement")
    axes.set_yticks(places, [line.other.label for line in shown], size=7)
    return figure


def _first_and_last(lines: tuple[AlignmentLine, ...]) -> tuple[AlignmentLine, ...]:
    return lines if len(lines) <= MOST else (*lines[: MOST // 2], *lines[-MOST // 2 :])


def _omission(drawn: Sequence[AlignmentLine], shown: Sequence[AlignmentLine]) -> str:
    sentence = f"Drawn are the first and last {len(drawn) // 2} of {len(shown)}; the text alternative has them all."
    return sentence if len(drawn) < len(shown) else ""


def _draw_blocs(chart: BlocChart, dpi: int) -> Figure:
    size = len(chart.members)
    side = min(max(4.0, 0.1 * size), 24.0)
    figure = canvas(side + 4.6, side + 1.4, dpi, chart)
    axes = _axes(figure, side, 2.2, side, 0.4)
    axes.imshow(chart.shares, cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    names = [f"{member.voter.label}  {member.bloc}" for member in chart.members]
    axes.set_yticks(range(size), names, size=min(7.0, 72 * side / size * 0.9))
    axes.set_xticks([])
    for place, (one, other) in enumerate(zip(chart.members, chart.members[1:], strict=False)):
        if one.bloc != other.bloc:
            axes.axhline(place + 0.5, color="black", linewidth=0.8)
            axes.axvline(place + 0.5, color="black", linewidth=0.8)
    figure.text(1 - 2.2 / (side + 4.6), 0.5, "white: never\nblack: always\nthe same choice", va="center")
    return figure


_DRAW: Final[dict[type, Callable[[Any, int], Figure]]] = {
    CourseChart: _draw_course,
    RankingChart: _draw_ranking,
    BlocChart: _draw_blocs,
}
