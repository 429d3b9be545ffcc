"""The pictures of `pictures` as plain values for pages: places on a scale, links, and what a script draws from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from triplomacy.claims import Period, periods
from triplomacy.pages.links import Links
from triplomacy.pages.passages import Strip
from triplomacy.pages.reading import Reader
from triplomacy.pictures import UNNAMED, Network, Selection, Subject, Tie, model

WIDTH: Final = 1000
"""The width of a scale of time, in units of the picture."""

MOST: Final = 400
"""How many ties a script lays out, and how many bars a page draws."""

_EDGE: Final = 20
_LESS: Final = {"probable", "possible", "improbable", "conditional", "unstated", "open"}


def names(reader: Reader) -> dict[str, str]:
    """Return the IRI of each label; of one that several nodes have, none."""
    rows = reader.dataset.select("SELECT ?node ?name WHERE { ?node rdfs:label ?name }")
    names: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(row["name"].value, set()).add(str(row["node"].value))
    return {name: min(iris) for name, iris in names.items() if len(iris) == 1}


# The network


def ties(reader: Reader, links: Links, network: Network) -> dict[str, Any]:
    """Return nodes and lines of a network as `network.js` draws them; all that stands in them are texts.

    Of more than `MOST` ties the first ones are drawn.
    """
    known = names(reader)
    edges: list[dict[str, Any]] = []
    extra: dict[str, dict[str, Any]] = {}
    for tie in network.ties[:MOST]:
        if tie.has_hub:
            address = links.to(tie.subject.iri)
            extra[tie.key] = {"id": tie.key, "name": tie.subject.label, "address": address, "quiet": True}
        edges += [_edge(links, tie, start, end) for start, end in tie.edges()]
    used = sorted({edge[end] for edge in edges for end in ("from", "to")} - extra.keys())
    nodes = [_node(links, known, name, quiet=name not in network.actors) for name in used]
    return {"nodes": [*nodes, *(extra[key] for key in sorted(extra))], "edges": edges}


def _edge(links: Links, tie: Tie, start: str, end: str) -> dict[str, Any]:
    level = tie.subject.level
    return {
        "from": start,
        "to": end,
        "kind": tie.kind,
        "directed": tie.kind != "alignment",
        "level": level,
        "surely": "less" if level in _LESS else level,
        "mark": tie.subject.mark,
        "claimants": sorted({saying.claimant for saying in tie.subject.sayings}),
        "address": links.to(tie.subject.iri),
        "words": f"{tie.subject.label}{f' [{tie.subject.mark}]' if tie.subject.mark else ''}. {tie.subject.words()}.",
    }


def _node(links: Links, known: Mapping[str, str], name: str, *, quiet: bool) -> dict[str, Any]:
    iri = None if name == UNNAMED else known.get(name)
    return {"id": name, "name": name, "address": links.to(iri) if iri else None, "quiet": quiet}


# The timeline


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A proposition on a scale of time.

    Attributes:
        subject: what is said of it by whom.
        words: its bounds in words.
        bounds: its four bounds as ``xsd:dateTime``, ``-`` where none is stated, for a script.
        over: whether it stays true once it is over.
        may: where it may hold: left end and width.
        sure: where it certainly holds, if the claim is right: left end and width; None where that is nowhere.
        marks: where bounds stand that delimit nothing sure.
        point: where it is, if it is a day or little more.
        open: at which ends no bound is stated: left, right.
    """

    subject: Subject
    words: str
    bounds: str
    over: bool
    may: tuple[float, float]
    sure: tuple[float, float] | None
    marks: tuple[float, ...]
    point: float | None
    open: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of time: its bars in their order, and its ticks, each with its place and what it says."""

    bars: tuple[ChartBar, ...]
    ticks: tuple[tuple[float, str], ...]
    caption: tuple[str, ...]


def scale(reader: Reader) -> Scale:
    """Return the timeline of all claims on a scale; of more than `MOST` bars the first ones."""
    timeline = model.timeline(reader.dataset, Selection())
    shown = timeline.bars[:MOST]
    if not shown:
        return Scale((), (), timeline.caption)
    share, ticks = model.time_scale(shown, 0.04, 10)
    over = periods.occurrences(reader.dataset)

    def across(part: float) -> float:
        return round(_EDGE + part * (WIDTH - 2 * _EDGE), 1)

    bars = [_bar(bar, lambda moment: across(share(moment)), over=bar.subject.iri in over) for bar in shown]
    places = tuple((across(part), name) for part, name in ticks)
    return Scale(tuple(bars), places, (*timeline.caption, *cut(len(shown), len(timeline.bars))))


def cut(shown: int, every: int) -> tuple[str, ...]:
    """Return the sentence which says that not everything is drawn, where it is not."""
    return (f"Drawn are the first {shown:,} of {every:,}; the text has them all.",) if shown < every else ()


def _bar(bar: model.Bar, place: Callable[[datetime], float], *, over: bool) -> ChartBar:
    period = bar.period
    known = [place(bound) for bound in model.bounds(period)]
    left = place(period.earliest_start) if period.earliest_start else 4.0
    right = place(period.latest_end) if period.latest_end else WIDTH - 4.0
    is_point = bool(period.earliest_start and period.latest_end) and right - left < 6
    sure = tuple(map(place, bar.sure)) if bar.sure else ()
    marks = () if sure else tuple(place(bound) for bound in (period.latest_start, period.earliest_end) if bound)
    return ChartBar(
        subject=bar.subject,
        words=_bounds_in_words(bar),
        bounds=_edtf(period),
        over=over,
        may=(left, round(right - left, 1)),
        sure=(sure[0], round(max(sure[1] - sure[0], 2.0), 1)) if sure else None,
        marks=marks,
        point=round((known[0] + known[-1]) / 2, 1) if is_point else None,
        open=(period.earliest_start is None, period.latest_end is None),
    )


def _bounds_in_words(bar: model.Bar) -> str:
    """Return the bounds of a bar in words: of what begins and ends on one day, that day."""
    words = bar.words().removeprefix(bar.subject.label).partition(": ")[2].partition(". ")[0]
    begins, _, ends = words.partition(", ends ")
    return ends if begins == f"begins {ends}" and ends.startswith("on ") and "after" not in ends else words


def _edtf(period: Period) -> str:
    four = (period.earliest_start, period.latest_start, period.earliest_end, period.latest_end)
    return " ".join(bound.isoformat().replace("+00:00", "Z") if bound else "-" for bound in four)


# The matrix


@dataclass(frozen=True, slots=True)
class Grid:
    """Who says what: claimants as columns, kinds of proposition as rows, and in each cell its marks.

    Attributes:
        columns: name and IRI of each claimant, and how many claims are in the column.
        rows: name and IRI of each kind or proposition with its cells: stance, level and number of each mark.
        caption: what is shown.
    """

    columns: tuple[tuple[str, str | None, int], ...]
    rows: tuple[tuple[str, str | None, tuple[tuple[tuple[str, str, int], ...], ...]], ...]
    caption: tuple[str, ...]


def grid(reader: Reader) -> Grid:
    """Return the matrix of actors and what they say."""
    matrix = model.matrix(reader.dataset, Selection())
    known = names(reader)
    counts = {
        row: sum(number for column in matrix.columns for *_, number in matrix.cells.get((row, column), ()))
        for row in matrix.rows
    }
    rows = [
        (
            column,
            known.get(column) or _term(reader, column),
            tuple(matrix.cells.get((row, column), ()) for row in matrix.rows),
        )
        for column in matrix.columns
    ]
    return Grid(tuple((row, known.get(row), counts[row]) for row in matrix.rows), tuple(rows), matrix.caption)


def _term(reader: Reader, name: str) -> str | None:
    """Return the class of a name that something else has too."""
    rows = reader.dataset.select("SELECT ?class WHERE { ?class rdfs:subClassOf* tri:Proposition }")
    return next((iri for iri in sorted({str(row["class"].value) for row in rows}) if reader.name(iri) == name), None)


# The map of a text


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of proposition with the passages that carry claims of it: middle of each passage, number of claims."""

    kind: str
    places: tuple[tuple[float, int, str], ...]
    total: int


def lanes(strip: Strip, kinds: Mapping[str, Sequence[tuple[str, int]]]) -> list[Lane]:
    """Return the kinds of proposition in a text, those of most claims first, each with its places on a scale.

    Args:
        strip: the passages of the text.
        kinds: for each passage, the classes of what its claims are about, with their numbers.
    """
    lanes: dict[str, list[tuple[float, int, str]]] = {}
    for band in strip.bands:
        middle = round((band.anchor.start + band.anchor.end) / 2 / max(strip.source.length, 1) * WIDTH, 1)
        for kind, number in kinds.get(band.anchor.iri, ()):
            lanes.setdefault(kind, []).append((middle, number, band.anchor.iri))
    counted = [Lane(kind, tuple(places), sum(number for _, number, _ in places)) for kind, places in lanes.items()]
    return sorted(counted, key=lambda lane: (-lane.total, lane.kind))
