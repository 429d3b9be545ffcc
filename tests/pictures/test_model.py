"""What pictures show, as plain data and in words: nothing is drawn here."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from triplomacy.claims.periods import Period
from triplomacy.dataset.dataset import load
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.pictures import model
from triplomacy.pictures.model import Bar, Matrix, Network, Saying, Selection, Subject, Tie, Timeline

SURE, UNSURE = Saying("A", "affirms", "certain"), Saying("B", "affirms", "possible", "past", "C", conditional=True)
DENIAL, OPEN = Saying("D", "denies", "certain"), Saying("E", "leavesOpen", "certain", reporter="E")


def subject(*sayings: Saying, **more: object) -> Subject:
    """Return a proposition with what is said of it."""
    return Subject("urn:p", "It is so", "proposition", sayings, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(), ""),
        (Selection(view="author"), "view author"),
        (Selection(actor="Nobody", certainly=True), "claims of Nobody only"),
        (Selection(as_of="2022"), "what possibly holds as of 2022"),
        (Selection("v", "A", "2022", certainly=True), "view v; claims of A only; what certainly holds as of 2022"),
    ],
)
def test_selection_in_words(selection, words):
    """What is chosen is said; nothing is said of all."""
    assert selection.words() == words


@pytest.mark.parametrize(
    ("saying", "level", "words"),
    [
        (SURE, "certain", "A: affirmed (certain)"),
        (UNSURE, "conditional", "B: affirmed (possible, past, under a condition), as C reports"),
        (DENIAL, "certain", "D: denied (certain)"),
        (OPEN, "open", "E: left open (certain)"),
        (Saying("F", "affirms"), "unstated", "F: affirmed"),
        (Saying("F", "wonders"), "unstated", "F: wonders"),
    ],
)
def test_claim_in_words(saying, level, words):
    """A claim has its level, and says who, how, how surely, and who reports it unless it is the claimant."""
    assert (saying.level, saying.words()) == (level, words)


def test_mark_says_whether_anybody_affirms():
    """Nothing where nobody denies, *denied* where all do, *disputed* otherwise."""
    assert subject(SURE).mark == ""
    assert subject(DENIAL, deniers=("D",), affirmed=False).mark == "denied"
    assert subject(SURE, deniers=("D",)).mark == "disputed"


def test_level_is_the_furthest_that_anyone_goes():
    """The first of the levels counts, a denial does not, and where all deny, it is denied."""
    assert subject(UNSURE, SURE, OPEN).level == "certain"
    assert subject(UNSURE, OPEN, DENIAL).level == "conditional"
    assert subject(OPEN).level == "open"
    assert subject(DENIAL).level == "denied"
    assert subject().level == "denied"


def test_who_denies_elsewhere_is_named():
    """Those who deny and whose claim is not shown are named after the claims, each claim once."""
    assert subject(SURE, SURE).words() == "A: affirmed (certain)"
    assert subject(DENIAL, deniers=("D",)).words() == "D: denied (certain)"
    assert subject(SURE, DENIAL, deniers=("Z", "D", "Y")).words() == (
        "A: affirmed (certain); D: denied (certain); flatly denied by Y, Z"
    )
    assert subject(SURE, deniers=("A",)).words() == "A: affirmed (certain); flatly denied by A"


MOMENT = datetime(2022, 9, 1, 23, tzinfo=timezone(timedelta(hours=-3)))  # the day after by UTC
LATER = datetime(2022, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(MOMENT, MOMENT, LATER, None), "begins on 2022-09-02, ends on or after 2022-09-05"),
        (Period(None, LATER, None, None), "begins by 2022-09-05, ends at a time not stated"),
        (Period(MOMENT, LATER, None, LATER), "begins from 2022-09-02 to 2022-09-05, ends by 2022-09-05"),
    ],
)
def test_bar_in_words(period, words):
    """Bounds are days by UTC: on, from and to, by, on or after, or not stated."""
    bar = Bar(subject(SURE, deniers=("D",)), period)
    assert bar.words() == f"It is so [disputed]: {words}. A: affirmed (certain); flatly denied by D."


def test_bounds_are_the_known_ones_in_order():
    """What is not stated is left out."""
    assert model.bounds(Period(LATER, None, MOMENT, None)) == [MOMENT, LATER]
    assert model.bounds(Period(None, None, None, None)) == []


def test_pictures_in_words():
    """The text alternative has the title, the caption and a line for each thing."""
    tie = Tie("R1", "recognition", ("A",), ("B",), subject(SURE))
    line = "R1 recognition: It is so. A: affirmed (certain)."
    assert model.words(Network((tie,), frozenset("AB"), ("One.", "Two."))) == f"{Network.title}\nOne.\nTwo.\n{line}\n"
    cells = {
        ("B", "x"): (("leavesOpen", "open", 2),),
        ("A", "y"): (("affirms", "certain", 1), ("denies", "probable", 3)),
    }
    assert Matrix(("B", "A"), ("x", "y"), cells, ()).lines() == [
        "A on y: 1 affirmed (certain); 3 denied (probable).",
        "B on x: 2 left open.",
    ]
    assert Timeline((), ("None.",)).lines() == []


def test_unknown_picture_and_half_a_choice_are_refused(own_gazette):
    """A name, a view and an actor that are none are errors, and so is an actor who claims nothing."""
    for name, selection, message in [
        ("matrx", Selection(), "matrix"),
        ("matrix", Selection(view="undisputd"), "undisputed"),
        ("matrix", Selection(certainly=True), "give the date"),
        ("matrix", Selection(actor="Nobody"), "tri:Actor"),
        ("matrix", Selection(actor="id:strelsau-bureau"), "makes no claim here; those who do are id:"),
    ]:
        with pytest.raises((UnknownName, TriplomacyError), match=message):
            model.picture(own_gazette, name, selection)


def test_ties_are_numbered_by_kind(own_gazette):
    """Each kind counts by itself in the order of the labels, and the caption counts ties and disputes."""
    network = model.network(load(own_gazette), Selection())
    keys = [tie.key for tie in network.ties]
    for letter in {key[0] for key in keys}:
        numbers = [int(key[1:]) for key in keys if key[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))
    assert [tie.subject.label for tie in network.ties] == [
        tie.subject.label
        for tie in sorted(network.ties, key=lambda tie: (tie.kind, tie.subject.label, tie.subject.iri))
    ]
    disputed = sum(tie.subject.mark != "" for tie in network.ties)
    assert network.caption == (
        f"{len(keys)} claimed ties, {disputed} of them disputed or denied. Sources: gazette-1999.",
    )
    assert model.UNNAMED in network.actors
    assert {"Borduria", "Hilda Marsh"} <= network.actors


def test_matrix_counts_each_claim_once(own_gazette, monkeypatch):
    """The numbers in the cells are the claims, claimants with more come first, and many propositions become classes."""
    monkeypatch.setattr(model, "MANY", 1000)
    few = model.matrix(load(own_gazette), Selection())
    sizes = {row: sum(n for (who, _), marks in few.cells.items() for *_, n in marks if who == row) for row in few.rows}
    assert list(few.rows) == sorted(few.rows, key=lambda row: (-sizes[row], row))
    assert list(few.columns) == sorted(few.columns)
    assert {column for _, column in few.cells} == set(few.columns)
    assert few.caption[0].startswith(f"{len(few.rows)} claimants, {len(few.columns)} propositions. ")
    monkeypatch.setattr(model, "MANY", len(few.columns) - 1)
    many = model.matrix(load(own_gazette), Selection())
    assert len(many.columns) < len(few.columns)
    assert f"{len(few.columns)} propositions of {len(many.columns)} classes" in many.caption[0]
    assert sum(n for marks in many.cells.values() for *_, n in marks) == sum(sizes.values())
    monkeypatch.setattr(model, "MANY", len(few.columns))
    assert model.matrix(load(own_gazette), Selection()) == few


def test_actor_and_view_choose_claims_and_keep_denials(own_gazette):
    """Of one actor there are that actor's claims alone; what others deny stays marked."""
    chosen = model.matrix(load(own_gazette), Selection(actor="Hilda Marsh"))
    assert chosen.rows == ("Hilda Marsh",)
    assert chosen.caption[1] == "Shown: claims of Hilda Marsh only."
    every = model.timeline(load(own_gazette), Selection())
    undisputed = model.timeline(load(own_gazette), Selection(view="undisputed"))
    assert 0 < len(undisputed.bars) < len(every.bars)
    assert [bar for bar in undisputed.bars if bar.subject.mark] == []


def test_timeline_is_in_the_order_of_first_bounds(own_gazette):
    """Bars go by their first bound, then by their last; what has none is counted."""
    timeline = model.timeline(load(own_gazette), Selection())
    bounds = [model.bounds(bar.period) for bar in timeline.bars]
    assert [(known[0], known[-1]) for known in bounds] == sorted((known[0], known[-1]) for known in bounds)
    assert f"{len(timeline.bars)} bars; " in timeline.caption[0]
    assert "without a known bound not drawn" in timeline.caption[0]


def test_disputed_and_denied_are_told_apart(own_gazette):
    """What another denies, also by what it specialises, is disputed; what nobody affirms is denied; both name who."""
    dataset = load(own_gazette)
    subjects = [tie.subject for tie in model.network(dataset, Selection()).ties]
    subjects += [bar.subject for bar in model.timeline(dataset, Selection()).bars]
    marked = {subject.iri.rpartition("/")[2]: subject for subject in subjects if subject.mark}
    assert {name: (subject.mark, subject.level, subject.deniers) for name, subject in marked.items()} == {
        "ruritania-sanctions-syldavia": ("denied", "denied", ("Hilda Marsh",)),
        "syldavia-sells-rifles": ("disputed", "certain", ("Syldavia's envoy",)),
    }
    words = "Hilda Marsh: affirmed (certain, past); flatly denied by Syldavia's envoy"
    assert marked["syldavia-sells-rifles"].words() == words


def test_many_who_deny_elsewhere_are_sorted():
    """Those who deny are named in the order of their names, whatever the order in which they are known."""
    names = tuple("HCFAEBDG")
    assert subject(SURE, deniers=names).words().endswith(f"flatly denied by {', '.join(sorted(names))}")
