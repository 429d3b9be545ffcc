"""What each picture shows, as plain data and in words: nothing here draws.

Every picture is of claims. What a proposition says is never shown as a fact: each line, cell and bar says who affirms
or denies it and how surely. The data come from the stored queries of the theme ``pictures``.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations, product
from typing import ClassVar, Final, Protocol

from triplomacy import queries
from triplomacy.claims import Period, model, periods, views
from triplomacy.dataset import Dataset, Project, load, packaged_project
from triplomacy.errors import Choice, TriplomacyError, UnknownName
from triplomacy.queries import resolve
from triplomacy.terms import compress, local_name

LEVELS: Final = ("certain", "probable", "possible", "improbable", "conditional", "unstated", "open", "denied")
UNNAMED: Final = "(not named)"
MANY: Final = 40  # with more propositions, the columns of the matrix are their classes

_STEPS: Final = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000, 60000)  # months
_OPEN: Final = "leavesOpen"
_VERBS: Final = {"affirms": "affirmed", "denies": "denied", _OPEN: "left open"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which claims are shown.

    Attributes:
        view: the name of a view; only the propositions that it holds as facts are shown.
        actor: an actor as a person writes it; only that actor's claims are shown.
        as_of: a date; only what possibly holds then is shown.
        certainly: whether only what certainly holds then is shown.
        language: of the labels; English where there is none.
    """

    view: str | None = None
    actor: str | None = None
    as_of: str | None = None
    certainly: bool = False
    language: str = "en"

    def words(self) -> str:
        """Return what the selection is, in words; nothing for all."""
        parts = [f"view {self.view}"] if self.view else []
        parts += [f"claims of {self.actor} only"] if self.actor else []
        holds = "certainly" if self.certainly else "possibly"
        parts += [f"what {holds} holds as of {self.as_of}"] if self.as_of else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """One claim: who, with which stance, how surely, seen from when, reported by whom, under a condition or not."""

    claimant: str
    stance: str
    certainty: str | None = None
    orientation: str | None = None
    reporter: str | None = None
    conditional: bool = False

    @property
    def level(self) -> str:
        """How far the claim goes: one of `LEVELS` but the last."""
        if self.stance == _OPEN:
            return "open"
        return "conditional" if self.conditional else self.certainty or "unstated"

    def words(self) -> str:
        """Return the claim in words."""
        notes = [self.certainty, self.orientation, "under a condition" if self.conditional else None]
        remarks = ", ".join(note for note in notes if note)
        reported = f", as {self.reporter} reports" if self.reporter and self.reporter != self.claimant else ""
        return f"{self.claimant}: {_VERBS.get(self.stance, self.stance)}{f' ({remarks})' if remarks else ''}{reported}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A proposition with what is said about it.

    Attributes:
        iri: its IRI.
        label: what it says.
        kind: the label of its class.
        sayings: the claims that are shown, sorted.
        deniers: who flatly denies it, or what it specialises, shown or not.
        affirmed: whether anybody affirms it or leaves it open, shown or not.
    """

    iri: str
    label: str
    kind: str
    sayings: tuple[Saying, ...]
    deniers: tuple[str, ...] = ()
    affirmed: bool = True

    @property
    def mark(self) -> str:
        """*disputed* where somebody flatly denies what another does not, *denied* where that is all, else nothing."""
        return ("disputed" if self.affirmed else "denied") if self.deniers else ""

    @property
    def level(self) -> str:
        """The furthest that anyone goes who does not deny it: one of `LEVELS`, *denied* where all deny it."""
        levels = {saying.level for saying in self.sayings if saying.stance != "denies"}
        return next((level for level in LEVELS if level in levels), "denied")

    def words(self) -> str:
        """Return who says what about it, in words."""
        others = sorted(set(self.deniers) - {saying.claimant for saying in self.sayings if saying.stance == "denies"})
        sentences = "; ".join(dict.fromkeys(saying.words() for saying in self.sayings))
        return sentences + (f"; flatly denied by {', '.join(others)}" if others else "")


@dataclass(frozen=True, slots=True)
class Tie:
    """A recognition, sanction or alignment as it is claimed; an alignment has its parties as *starts* and no *ends*."""

    key: str
    kind: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    subject: Subject

    @property
    def has_hub(self) -> bool:
        """Whether it has a node of its own, named by its key: an alignment of other than two parties."""
        return not self.ends and len(self.starts) != 2

    def edges(self) -> list[tuple[str, str]]:
        """Return the lines that are drawn for it: from whom to whom."""
        if self.has_hub:
            return [(party, self.key) for party in self.starts]
        return list(product(self.starts, self.ends) if self.ends else combinations(self.starts, 2))

    def words(self) -> str:
        """Return the tie in words, who says so included."""
        return f"{self.key} {self.kind}{_mark(self.subject)}: {self.subject.label}. {self.subject.words()}."


@dataclass(frozen=True, slots=True)
class Network:
    """Ties among actors; *actors* are those nodes that can act, the others are what is recognised."""

    name: ClassVar[str] = "network"

    ties: tuple[Tie, ...]
    actors: frozenset[str]
    caption: tuple[str, ...]
    title = "Recognition, sanctions and alignment, as claimed"

    def lines(self) -> list[str]:
        """Return each tie in words, in the order of the keys."""
        return [tie.words() for tie in self.ties]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who says what about what: claimants by number of claims, columns by label, and counts by stance and level."""

    name: ClassVar[str] = "matrix"

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[tuple[str, str, int], ...]]
    caption: tuple[str, ...]
    title = "Who says what about what"

    def lines(self) -> list[str]:
        """Return each cell in words, sorted by claimant and column."""
        return [
            f"{row} on {column}: " + "; ".join(_count_in_words(*mark) for mark in marks) + "."
            for (row, column), marks in sorted(self.cells.items())
        ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A proposition with one of its spans of time, at least one bound of which is known."""

    subject: Subject
    period: Period

    @property
    def sure(self) -> tuple[datetime, datetime] | None:
        """From when to when it certainly holds, if the claim is right; None if that is nowhere."""
        begun, ended = self.period.latest_start, self.period.earliest_end
        return (begun, ended) if begun and ended and begun < ended else None

    def words(self) -> str:
        """Return the bounds in words, and who says so."""
        begins = _between("begins", self.period.earliest_start, self.period.latest_start)
        ends = _between("ends", self.period.earliest_end, self.period.latest_end)
        return f"{self.subject.label}{_mark(self.subject)}: {begins}, {ends}. {self.subject.words()}."


@dataclass(frozen=True, slots=True)
class Timeline:
    """Propositions by the first of their known bounds."""

    name: ClassVar[str] = "timeline"

    bars: tuple[Bar, ...]
    caption: tuple[str, ...]
    title = "When it would hold, as claimed"

    def lines(self) -> list[str]:
        """Return each bar in words, in the order of the picture."""
        return [bar.words() for bar in self.bars]


Picture = Network | Matrix | Timeline


class Shown(Protocol):
    """What a picture shows, whoever draws it: a title, a caption, and each thing in words.

    Attributes:
        name: the kind of picture, as the parts of an SVG are called after it.
    """

    name: ClassVar[str]

    @property
    def title(self) -> str:
        """What the picture is of."""
        ...

    @property
    def caption(self) -> tuple[str, ...]:
        """What is shown, a line each."""
        ...

    def lines(self) -> list[str]:
        """Return each thing that is shown in words."""
        ...


def words(picture: Shown) -> str:
    """Return the text alternative of a picture: its title, its caption, and each thing that it shows, a line each."""
    return "\n".join([picture.title, *picture.caption, *picture.lines()]) + "\n"


def picture(project: Project, name: str, selection: Selection) -> Picture:
    """Return what the picture of that name shows.

    Raises:
        UnknownName: there is no such picture or view.
        BadParameter: the actor or the date is none.
        TriplomacyError: the actor makes no claim, or the graphs cannot be read.
    """
    if name not in PICTURES:
        raise UnknownName("picture", name, PICTURES)
    if selection.certainly and selection.as_of is None:
        raise TriplomacyError(Choice("certainly"), " goes with ", Choice("as-of"), "; give the date")
    dataset = load(project)
    return PICTURES[name](dataset if selection.as_of is None else dataset.changeable(), selection)


def network(dataset: Dataset, selection: Selection) -> Network:
    """Return the recognitions, sanctions and alignments that are claimed, by kind and label, each with its key."""
    selected, names = _prepare(dataset, selection)
    ends: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for iri, tie, start, end in _rows(dataset, "ties"):
        if iri and tie:
            starts, targets = ends[tie, iri]
            starts.update([_name(names, start)] if start else [])
            targets.update([_name(names, end)] if end else [])
    subjects = _subjects(dataset, selected, names, {iri for _, iri in ends})
    nodes = sorted((kind, subjects[iri].label, iri) for kind, iri in ends if iri in subjects)
    numbers: Counter[str] = Counter()
    ties = []
    for kind, _, iri in nodes:
        numbers[kind] += 1
        starts, targets = ends[kind, iri]
        either = tuple(sorted(starts)) or (UNNAMED,)
        ties.append(Tie(f"{kind[0].upper()}{numbers[kind]}", kind, either, tuple(sorted(targets)), subjects[iri]))
    actors = frozenset(_name(names, iri) for iri in model.instances(dataset, "tri:Actor")) | {UNNAMED}
    sentence = (
        _plural(len(ties), "claimed tie")
        + f", {sum(bool(tie.subject.mark) for tie in ties)} of them disputed or denied."
    )
    return Network(tuple(ties), actors, _caption(dataset, selected, names, sentence))


def matrix(dataset: Dataset, selection: Selection) -> Matrix:
    """Return who says what about what: about each proposition, or about each class of them where they are many."""
    selected, names = _prepare(dataset, selection)
    subjects = _subjects(dataset, selected, names)
    by_class = len(subjects) > MANY
    marks: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for subject in subjects.values():
        for saying in subject.sayings:
            sizes[saying.claimant] += 1
            marks[saying.claimant, subject.kind if by_class else subject.label][saying.stance, saying.level] += 1
    cells = {
        place: tuple((*mark, number) for mark, number in sorted(claims.items(), key=lambda item: _rank(item[0])))
        for place, claims in sorted(marks.items())
    }
    rows = tuple(sorted(sizes, key=lambda name: (-sizes[name], name)))
    columns = tuple(sorted({column for _, column in cells}))
    of = f" of {_plural(len(columns), 'class', 'classes')}" if by_class else ""
    sentence = f"{_plural(len(rows), 'claimant')}, {_plural(len(subjects), 'proposition')}{of}."
    return Matrix(rows, columns, cells, _caption(dataset, selected, names, sentence))


def timeline(dataset: Dataset, selection: Selection) -> Timeline:
    """Return the propositions with a known bound, by the first one; the caption counts the others."""
    selected, names = _prepare(dataset, selection)
    subjects = _subjects(dataset, selected, names)
    known = periods.periods(dataset)
    bars = {
        Bar(subjects[iri], known[span])
        for iri, span, *_ in _rows(dataset, "spans")
        if iri in subjects and span is not None and span in known
    }
    undated = len(subjects) - len({bar.subject.iri for bar in bars})
    absent = f"; {_plural(undated, 'proposition')} without a known bound not drawn" if undated else ""
    sentence = f"{_plural(len(bars), 'bar')}{absent}."
    return Timeline(tuple(sorted(bars, key=_by_time)), _caption(dataset, selected, names, sentence))


PICTURES: Final[Mapping[str, Callable[[Dataset, Selection], Picture]]] = {
    "matrix": matrix,
    "network": network,
    "timeline": timeline,
}


def time_scale(
    bars: Iterable[Bar], margin: float, most: int
) -> tuple[Callable[[datetime], float], list[tuple[float, str]]]:
    """Return where on a scale from 0 to 1 a moment is, and the ticks of the scale: place, and year or month.

    Args:
        bars: what is drawn on it, at least one.
        margin: what is left free at each end, as a share of the time between the first and the last bound.
        most: the steps that there may be.
    """
    known = [_months(bound) for bar in bars for bound in bounds(bar.period)]
    room = max((max(known) - min(known)) * margin, 1.0)
    first, last = min(known) - room, max(known) + room
    step = next((step for step in _STEPS if (last - first) / step <= most), _STEPS[-1])

    def place(months: float) -> float:
        return (months - first) / (last - first)

    ticks = range(math.ceil(first / step) * step, math.floor(last) + 1, step)
    names = (f"{tick // 12}" if step % 12 == 0 else f"{tick // 12}-{tick % 12 + 1:02}" for tick in ticks)
    return lambda moment: place(_months(moment)), list(zip(map(place, ticks), names, strict=True))


def _months(moment: datetime) -> float:
    """Return a moment as months since the year 0."""
    moment = moment.astimezone(UTC)
    return moment.year * 12 + moment.month - 1 + (moment.day - 1 + moment.hour / 24 + moment.minute / 1440) / 31


def bounds(period: Period) -> list[datetime]:
    """Return the known bounds of a period, sorted."""
    four = (period.earliest_start, period.latest_start, period.earliest_end, period.latest_end)
    return sorted(bound for bound in four if bound is not None)


def _by_time(bar: Bar) -> tuple[datetime, datetime, str, str]:
    known = bounds(bar.period)
    return known[0], known[-1], bar.subject.label, bar.subject.iri


def _mark(subject: Subject) -> str:
    return f" [{subject.mark}]" if subject.mark else ""


def _rank(mark: tuple[str, str]) -> tuple[str, int]:
    stance, level = mark
    return stance, LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _prepare(dataset: Dataset, selection: Selection) -> tuple[Selection, dict[str, str]]:
    """Take out what does not hold, and return the selection with the actor's IRI, and the labels by IRI."""
    if selection.view and selection.view not in (known := views.names(dataset)):
        raise UnknownName("view", selection.view, known)
    if selection.actor:
        selection = replace(selection, actor=_claimant(dataset, selection.actor))
    if selection.as_of is not None:
        periods.restrict(dataset.changeable(), periods.moment(selection.as_of), certain=selection.certainly)
    return selection, model.labels(dataset, selection.language)


def _claimant(dataset: Dataset, actor: str) -> str:
    iri = resolve(actor, dataset, "tri:Actor").value
    claimants = views.claimants(dataset)
    if iri not in claimants:
        others = ", ".join(map(compress, claimants))
        raise TriplomacyError(f"nothing to draw: {compress(iri)} makes no claim here; those who do are {others}")
    return iri


def _rows(dataset: Dataset, name: str) -> Iterable[tuple[str | None, ...]]:
    """Return the answer of a stored query of the pictures: the project's own, else the one that the package carries."""
    return _answer(dataset, f"pictures/{name}")


def _answer(dataset: Dataset, name: str) -> list[tuple[str | None, ...]]:
    theme, _, stem = name.partition("/")
    is_own = dataset.is_ours and (theme, stem) in queries.names(dataset.project)
    project = dataset.project if is_own else packaged_project()
    answer = queries.run(dataset, queries.bind(queries.find(project, name), {}, dataset))
    return [tuple(None if cell is None else str(getattr(cell, "value", cell)) for cell in row) for row in answer.rows]


def _subjects(
    dataset: Dataset, selection: Selection, names: Mapping[str, str], only: Collection[str] | None = None
) -> dict[str, Subject]:
    """Return the propositions that are selected, by IRI; of *only* those, if they are given."""
    sayings: dict[str, dict[str, Saying]] = defaultdict(dict)
    kinds: dict[str, str] = {}
    deniers = _deniers(dataset, names)
    affirmed = set(deniers)
    for row in _rows(dataset, "who-claims-what"):
        iri, kind, claim, claimant, stance, certainty, orientation, reporter, condition = row
        if iri is None or kind is None or claim is None or claimant is None or (only is not None and iri not in only):
            continue
        stance_name = local_name(stance or "")
        if stance_name == "denies" and local_name(certainty or "") == "certain":
            deniers[iri].add(_name(names, claimant))
        affirmed.update([iri] if stance_name != "denies" else [])
        if selection.actor in (None, claimant):
            kinds.setdefault(iri, kind)
            sayings[iri][claim] = Saying(
                claimant=_name(names, claimant),
                stance=stance_name,
                certainty=local_name(certainty) if certainty else None,
                orientation=local_name(orientation) if orientation else None,
                reporter=_name(names, reporter) if reporter else None,
                conditional=condition is not None,
            )
    return {
        iri: Subject(
            iri,
            _name(names, iri),
            _name(names, kinds[iri]),
            tuple(sorted(claims.values(), key=lambda saying: tuple(map(str, _fields(saying))))),
            tuple(sorted(deniers[iri])),
            iri in affirmed,
        )
        for iri, claims in sorted(sayings.items())
        if selection.view is None or views.derive(dataset, selection.view, iri)
    }


def _fields(saying: Saying) -> tuple[object, ...]:
    return saying.claimant, saying.stance, saying.level, saying.orientation, saying.reporter


def _deniers(dataset: Dataset, names: Mapping[str, str]) -> defaultdict[str, set[str]]:
    """Return who flatly denies what another affirms, also through what it specialises."""
    deniers: defaultdict[str, set[str]] = defaultdict(set)
    for iri, _, _, denier, *_ in _answer(dataset, "disputes/dispute-ledger"):
        if iri and denier:
            deniers[iri].add(_name(names, denier))
    return deniers


def _name(names: Mapping[str, str], iri: str) -> str:
    """Return the label of a node on one line, else its CURIE."""
    label = " ".join("".join(char if char.isprintable() else " " for char in names.get(iri, "")).split())
    return label or compress(iri)


def _caption(dataset: Dataset, selection: Selection, names: Mapping[str, str], sentence: str) -> tuple[str, ...]:
    sources = ", ".join(local_name(source) for source in dataset.sources()) or "none"
    shown = replace(selection, actor=_name(names, selection.actor) if selection.actor else None).words()
    return (f"{sentence} Sources: {sources}.", *([f"Shown: {shown}."] if shown else []))


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _count_in_words(stance: str, level: str, number: int) -> str:
    return f"{number} {_VERBS.get(stance, stance)}{f' ({level})' if level != 'open' else ''}"


def _between(verb: str, first: datetime | None, last: datetime | None) -> str:
    if first is None and last is None:
        return f"{verb} at a time not stated"
    if first is None or last is None:
        return f"{verb} by {_day(last)}" if last else f"{verb} on or after {_day(first)}"
    return f"{verb} on {_day(first)}" if _day(first) == _day(last) else f"{verb} from {_day(first)} to {_day(last)}"


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).date().isoformat() if moment else ""
