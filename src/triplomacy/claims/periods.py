"""Time: when a proposition would hold, and what of a dataset holds on a date.

A span of time has four bounds (`Period`), any of which may be absent. A date has the precision that it is written with
(`Moment`): a year is all its days. All of it is in universal time. What a span says of a date is that of the design:
it *possibly* holds while ``earliestStart <= date <= latestEnd``, an absent bound being open; it *certainly* holds while
``latestStart <= date <= earliestEnd``, an absent bound being no. An occurrence stays true once it is over: possibly
from ``earliestStart``, certainly from ``latestEnd`` on. What no source dates holds possibly at any time, and at none
certainly.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox

from triplomacy.claims import model
from triplomacy.dataset import Dataset, MemoryDataset
from triplomacy.errors import BadParameter
from triplomacy.terms import TRI

_BOUNDS: Final = ("earliestStart", "latestStart", "earliestEnd", "latestEnd")
_ZONE: Final = r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE: Final = re.compile(rf"([0-9]{{4}})(?:-([0-9]{{2}})(?:-([0-9]{{2}}))?)?{_ZONE}?")
_INSTANT: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{_ZONE}")
_FORMS: Final = "write a year, a month or a day that exists, or a time with its zone: 2022, 2022-09, 2022-09-21"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time by its four bounds in universal time; None where the source leaves one open."""

    earliest_start: datetime | None = None
    latest_start: datetime | None = None
    earliest_end: datetime | None = None
    latest_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as precise as it is written: its first and its last instant, in universal time."""

    first: datetime
    last: datetime


def moment(text: str) -> Moment:
    """Return the moment of a year, a month, a day (level 0 of EDTF), or of an ``xsd:dateTime`` with its zone.

    A date without a zone is one of universal time.

    Raises:
        BadParameter: it is none, or does not exist.
    """
    match = _DATE.fullmatch(text)
    try:
        return _date_moment(match) if match else _instant_moment(text)
    except (ValueError, OverflowError):
        raise BadParameter(f"{text[:100]!r} is not a date; {_FORMS}") from None


def _date_moment(match: re.Match[str]) -> Moment:
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{match[4] or 'Z'}").tzinfo
    first = datetime(year, month, day, tzinfo=zone)
    last_month = month if match[2] else 12
    last_day = day if match[3] else monthrange(year, last_month)[1]
    last = datetime(year, last_month, last_day, 23, 59, 59, 999_999, tzinfo=zone)
    return Moment(first.astimezone(UTC), last.astimezone(UTC))


def _instant_moment(text: str) -> Moment:
    instant = _instant(text)
    if instant is None:
        raise ValueError(text)
    return Moment(instant, instant)


def _instant(text: str) -> datetime | None:
    """Return the instant of an ``xsd:dateTime`` with its zone, or None where it is none: Python reads more forms."""
    return datetime.fromisoformat(text).astimezone(UTC) if _INSTANT.fullmatch(text) else None


def possibly_holds(period: Period | None, when: Moment, *, over: bool = False) -> bool:
    """Tell whether something may hold at a moment; *over* for an occurrence, which stays true once it is over."""
    if period is None:
        return True
    started = period.earliest_start is None or period.earliest_start <= when.last
    return started and (over or period.latest_end is None or when.first <= _end_of(period.latest_end))


def certainly_holds(period: Period | None, when: Moment, *, over: bool = False) -> bool:
    """Tell whether something holds for all of a moment, or, *over*, whether an occurrence is over by its end.

    What certainly holds possibly holds, and certainly in each part of the moment, also where the bounds of a period
    contradict each other.
    """
    if period is None:
        return False
    if over:
        is_over = period.latest_end is not None and period.latest_end <= when.last
        return is_over and possibly_holds(period, when, over=True)
    if period.latest_start is None or period.earliest_end is None:
        return False
    start = max(period.latest_start, period.earliest_start or period.latest_start)
    ends = (period.earliest_end, period.latest_end or period.earliest_end)
    return start <= when.first and when.last <= min(map(_end_of, ends))


def _end_of(bound: datetime) -> datetime:
    """Return the last instant that a bound with the precision of a second stands for."""
    return bound if bound.microsecond else bound.replace(microsecond=999_999)


def periods(dataset: Dataset) -> dict[str, Period]:
    """Return the periods of a dataset by the IRI of their span; a bound that is not a time with a zone is left open."""
    bounds: dict[str, dict[str, datetime]] = {}
    for name in _BOUNDS:
        rows = dataset.select(f"SELECT ?span ?bound WHERE {{ ?span tri:{name} ?bound }}")
        for row in rows:
            try:
                instant = _instant(row["bound"].value)
            except (ValueError, OverflowError):  # in universal time, it may be before year 1 or after 9999
                continue
            if instant is not None:
                bounds.setdefault(str(row["span"].value), {})[name] = instant
    return {iri: Period(*(instants.get(name) for name in _BOUNDS)) for iri, instants in bounds.items()}


def _spans(dataset: Dataset) -> dict[str, list[str]]:
    """Return the spans of each proposition."""
    rows = dataset.select("""
        SELECT DISTINCT ?proposition ?span WHERE {
          ?class rdfs:subClassOf* tri:Proposition .
          ?proposition a ?class
          OPTIONAL { ?proposition tri:during ?span }
        }""")
    spans: dict[str, list[str]] = {}
    for row in rows:
        spans.setdefault(str(row["proposition"].value), []).extend([row["span"].value] if row["span"] else [])
    return spans


def occurrences(dataset: Dataset) -> set[str]:
    """Return the IRIs of what stays true once it is over."""
    return model.instances(dataset, "tri:Occurrence")


def propositions_outside(dataset: Dataset, when: Moment, *, certain: bool = False) -> set[str]:
    """Return the IRIs of the propositions that do not hold at a moment, possibly or *certain*.

    One with several spans holds when one of them does.
    """
    known, lasting = periods(dataset), occurrences(dataset)
    holds = certainly_holds if certain else possibly_holds
    return {
        iri
        for iri, spans in _spans(dataset).items()
        if not any(holds(period, when, over=iri in lasting) for period in _periods_of(known, spans))
    }


def _periods_of(known: Mapping[str, Period], spans: Sequence[str]) -> list[Period | None]:
    """Return the periods of spans, or None for what has no span; a span without bounds is open on both sides."""
    return [known.get(span, Period()) for span in spans] or [None]


def restrict(dataset: MemoryDataset, when: Moment, *, certain: bool = False) -> int:
    """Take out of a dataset the propositions that do not hold at a moment, with the claims that are about no other.

    Views are derived afterwards, so that they hold the facts of that moment.

    Returns:
        How many propositions were taken out.
    """
    gone = {ox.NamedNode(iri) for iri in propositions_outside(dataset, when, certain=certain)}
    about = ox.NamedNode(TRI + "proposition")
    claims = {quad.subject for node in gone for quad in dataset.store.quads_for_pattern(None, about, node)}
    left = {
        claim
        for claim in claims
        if isinstance(claim, ox.NamedNode | ox.BlankNode)
        and all(quad.object in gone for quad in dataset.store.quads_for_pattern(claim, about, None))
    }
    for node in (*gone, *left):
        for quad in list(dataset.store.quads_for_pattern(node, None, None)):
            dataset.store.remove(quad)
    return len(gone)
