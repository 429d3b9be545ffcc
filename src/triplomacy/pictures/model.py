"""The content of each picture, as data and in words; `draw` draws it.

Every picture shows claims, never the content of a proposition as a fact: each line, cell and bar says who affirms or
denies a proposition and how surely. The data come from the stored queries of the theme ``pictures``.
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
        view: the name of a view; only propositions that are facts in it are shown.
        actor: a label, CURIE or IRI of an actor; only that actor's claims are shown.
        as_of: a date; only propositions that possibly hold then are shown.
        certainly: whether only propositions that certainly hold then are shown.
        language: the language of labels; English where a label is missing in it.
    """

    view: str | None = None
    actor: str | None = None
    as_of: str | None = None
    certainly: bool = False
    language: str = "en"

    def words(self) -> str:
        """Return the selection in words; "" if it is of all claims."""
        parts = [f"view {self.view}"] if self.view else []
        parts += [f"claims of {self.actor} only"] if self.actor else []
        holds = "certainly" if self.certainly else "possibly"
        parts += [f"what {holds} holds as of {self.as_of}"] if self.as_of else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """One claim, as labels and local names: claimant, stance, certainty, orientation, reporter; and if conditional."""

    claimant: str
    stance: str
    certainty: str | None = None
    orientation: str | None = None
    reporter: str | None = None
    conditional: bool = False

    @property
    def level(self) -> str:
        """How strongly the claim affirms: one of `LEVELS` except *denied*."""
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
    """A proposition with the claims about it.

    Attributes:
        iri: its IRI.
        label: its label.
        kind: the label of its class.
        sayings: the claims that are shown, sorted.
        deniers: the labels of those who deny it, or what it specialises, with certainty; whether shown or not.
        affirmed: whether any claim, shown or not, affirms it or leaves it open.
    """

    iri: str
    label: str
    kind: str
    sayings: tuple[Saying, ...]
    deniers: tuple[str, ...] = ()
    affirmed: bool = True

    @property
    def mark(self) -> str:
        """*disputed* if it is denied with certainty and affirmed or left open, *denied* if only denied, else ""."""
        return ("disputed" if self.affirmed else "denied") if self.deniers else ""

    @property
    def level(self) -> str:
        """The strongest level of the claims that do not deny it: one of `LEVELS`, *denied* if all deny it."""
        levels = {saying.level for saying in self.sayings if saying.stance != "denies"}
        return next((level for level in LEVELS if level in levels), "denied")

    def words(self) -> str:
        """Return the claims about it in words."""
        others = sorted(set(self.deniers) - {saying.claimant for saying in self.sayings if saying.stance == "denies"})
        sentences = "; ".join(dict.fromkeys(saying.words() for saying in self.sayings))
        return sentences + (f"; flatly denied by {', '.join(others)}" if others else "")


@dataclass(frozen=True, slots=True)
class Tie:
    """A claimed recognition, sanction or alignment; an alignment has its parties as *starts* and no *ends*."""

    key: str
    kind: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    subject: Subject

    @property
    def has_hub(self) -> bool:
        """Whether it has a node of its own, labelled with its key: an alignment of one party or of more than two."""
        return not self.ends and len(self.starts) != 2

    def edges(self) -> list[tuple[str, str]]:
        """Return the edges to draw for it, as pairs of node labels."""
        if self.has_hub:
            return [(party, self.key) for party in self.starts]
        return list(product(self.starts, self.ends) if self.ends else combinations(self.starts, 2))

    def words(self) -> str:
        """Return the tie in words, with the claims about it."""
        return f"{self.key} {self.kind}{_mark(self.subject)}: {self.subject.label}. {self.subject.words()}."


@dataclass(frozen=True, slots=True)
class Network:
    """Ties between nodes; *actors* are the labels of nodes that are actors, all other nodes are recognised things."""

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
    """Claimants (rows, most claims first), propositions or classes (columns), counts by stance and level (cells)."""

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
    """A proposition with one of its periods, of which at least one bound is known."""

    subject: Subject
    period: Period

    @property
    def sure(self) -> tuple[datetime, datetime] | None:
        """The time in which it certainly holds if the claim is true, as start and end; None if there is none."""
        begun, ended = self.period.latest_start, self.period.earliest_end
        return (begun, ended) if begun and ended and begun < ended else None

    def words(self) -> str:
        """Return the bounds in words, with the claims."""
        begins = _between("begins", self.period.earliest_start, self.period.latest_start)
        ends = _between("ends", self.period.earliest_end, self.period.latest_end)
        return f"{self.subject.label}{_mark(self.subject)}: {begins}, {ends}. {self.subject.words()}."


@dataclass(frozen=True, slots=True)
class Timeline:
    """Propositions with their periods, sorted by the first known bound."""

    name: ClassVar[str] = "timeline"

    bars: tuple[Bar, ...]
    caption: tuple[str, ...]
    title = "When it would hold, as claimed"

    def lines(self) -> list[str]:
        """Return each bar in words, in the order of the picture."""
        return [bar.words() for bar in self.bars]


Picture = Network | Matrix | Timeline


class Shown(Protocol):
    """The content of any picture or chart: a title, a caption, and each item in words.

    Attributes:
        name: the kind of picture; in SVG, a prefix of the IDs of title and description.
    """

    name: ClassVar[str]

    @property
    def title(self) -> str:
        """The title."""
        ...

    @property
    def caption(self) -> tuple[str, ...]:
        """The lines below the title: counts, sources and selection."""
        ...

    def lines(self) -> list[str]:
        """Return each item of the picture in words."""
        ...


def words(picture: Shown) -> str:
    """Return the text alternative of a picture: its title, its caption, and each item on a line."""
    return "\n".join([picture.title, *picture.caption, *picture.lines()]) + "\n"


def picture(project: Project, name: str, selection: Selection) -> Picture:
    """Return the content of the picture of that name.

    Raises:
        UnknownName: there is no such picture or view.
        BadParameter: the actor or the date is malformed or unknown.
        TriplomacyError: the actor makes no claim, *certainly* is given without a date, or a graph cannot be read.
    """
    if name not in PICTURES:
        raise UnknownName("picture", name, PICTURES)
    if selection.certainly and selection.as_of is None:
        raise TriplomacyError(Choice("certainly"), " goes with ", Choice("as-of"), "; give the date")
    dataset = load(project)
    return PICTURES[name](dataset if selection.as_of is None else dataset.changeable(), selection)


def network(dataset: Dataset, selection: Selection) -> Network:
    """Return the network of claimed recognitions, sanctions and alignments, sorted by kind and label."""
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
    """Return the matrix of claimants and propositions, or their classes if there are more propositions than `MANY`."""
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
    """Return the timeline of propositions with a known bound; its caption counts the others."""
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
    """Return a scale of time from 0 to 1 as a function of a moment, and its ticks: position, and year or month.

    Args:
        bars: the bars to show, at least one.
        margin: the free space at each end, as a fraction of the time between the first and the last bound.
        most: the greatest number of steps between ticks.
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
    """Return a moment as months since year 0, with fractions."""
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
    """Remove what does not hold on the date; return the selection with the IRI of the actor, and labels by IRI."""
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
    """Return the rows of a stored query of theme ``pictures``: the project's own, else that of the package."""
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
    """Return the selected propositions by IRI; among *only* those, if given."""
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
    """Return by proposition the labels of those who deny it, or what it specialises, with certainty."""
    deniers: defaultdict[str, set[str]] = defaultdict(set)
    for iri, _, _, denier, *_ in _answer(dataset, "disputes/dispute-ledger"):
        if iri and denier:
            deniers[iri].add(_name(names, denier))
    return deniers


def _name(names: Mapping[str, str], iri: str) -> str:
    """Return the label of an IRI on one line, else its CURIE."""
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
