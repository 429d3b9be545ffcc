"""What holds on a date: bounds, precision, occurrences, and the dataset of a moment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from tests.conftest import ROOT
from triplomacy import dataset
from triplomacy.claims import periods, views
from triplomacy.claims.periods import Moment, Period, certainly_holds, moment, possibly_holds
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter


def at(text: str) -> datetime:
    """Return an instant in universal time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SITUATION = Period(at("2020-01-01"), at("2020-03-31T23:59:59"), at("2022-01-01"), at("2022-12-31T23:59:59"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31T23:59:59.999999"),
        ("2022-02", "2022-02-01", "2022-02-28T23:59:59.999999"),
        ("2024-02", "2024-02-01", "2024-02-29T23:59:59.999999"),
        ("2022-09-21", "2022-09-21", "2022-09-21T23:59:59.999999"),
        ("2022-09-21+09:00", "2022-09-20T15:00:00", "2022-09-21T14:59:59.999999"),
        ("2022-09-21T12:00:00Z", "2022-09-21T12:00:00", "2022-09-21T12:00:00"),
        ("2022-09-21T00:30:00+09:00", "2022-09-20T15:30:00", "2022-09-20T15:30:00"),
    ],
)
def test_moment_has_the_precision_it_is_written_with(text: str, first: str, last: str) -> None:
    """A year is all its days, a day its hours in the zone that is given, and without one in universal time."""
    assert moment(text) == Moment(at(first), at(last))


NOT_DATES = """
    2022-02-30 2021-02-29 2022-13 22 yesterday 2022-09-21T12:00:00 0000 2022-9-1 2022-W08-1T10:00:00Z 20220228T100000Z
    2022-02-28T10Z 2022-02-28T10:00Z 2022-02-28T10:00:00,5Z 2022-02-28T10:00:00+0100 2022-02-28T10:00:00+15:00
    2022+23:59 2022+14:30 ٢٠٢٢
"""


@pytest.mark.parametrize("text", ["", "2022-02-28 10:00:00Z", *NOT_DATES.split()])
def test_what_is_no_date_is_refused(text: str) -> None:
    """A day that does not exist, a time without its zone and other texts are errors that say what to write."""
    with pytest.raises(BadParameter, match="is not a date; write a year"):
        moment(text)


@pytest.mark.parametrize(
    ("date", "may", "does"),
    [
        ("2019-12-31", False, False),
        ("2019-12-31T23:59:59Z", False, False),
        ("2020-01-01", True, False),  # equal to the earliest start
        ("2020-03-31", True, False),  # it may begin in the course of that day
        ("2020-04-01", True, True),
        ("2020-03-31T23:59:59Z", True, True),  # equal to the latest start
        ("2021", True, True),
        ("2020", True, False),  # not all of the year
        ("2022-01-01T00:00:00Z", True, True),  # equal to the earliest end
        ("2022-01-01", True, False),
        ("2022-12-31", True, False),  # equal to the latest end
        ("2023-01-01", False, False),
        ("2019", False, False),
        ("2023-01-01+09:00", True, False),  # still 2022 in universal time
    ],
)
def test_situation_holds_between_its_bounds(date: str, may: bool, does: bool) -> None:
    """Possibly from the earliest start to the latest end, certainly from the latest start to the earliest end."""
    assert (possibly_holds(SITUATION, moment(date)), certainly_holds(SITUATION, moment(date))) == (may, does)


@pytest.mark.parametrize(
    ("date", "may", "is_over"),
    [("2019", False, False), ("2020-01-01", True, False), ("2022-12-31", True, True), ("2040", True, True)],
)
def test_occurrence_stays_true(date: str, may: bool, is_over: bool) -> None:
    """An occurrence is possibly past from its earliest start on, certainly from its latest end on, and stays so."""
    when = moment(date)
    assert (possibly_holds(SITUATION, when, over=True), certainly_holds(SITUATION, when, over=True)) == (may, is_over)


@pytest.mark.parametrize("date", ["0001", "2022-09-21", "9999"])
def test_absent_bounds_are_open_and_prove_nothing(date: str) -> None:
    """Without bounds, and without a date at all, anything may hold at any time and does at none."""
    for period in (Period(), None):
        for over in (False, True):
            assert possibly_holds(period, moment(date), over=over)
            assert not certainly_holds(period, moment(date), over=over)
    assert not possibly_holds(Period(latest_end=at("0001-01-01T00:00:00").replace(year=1)), moment("0002"))


# Instants near each other, half of them to the second, so that bounds and moments meet.
INSTANTS = st.builds(
    lambda seconds, micro: at("2020-03-31T23:59:57") + timedelta(seconds=seconds, microseconds=micro),
    st.integers(0, 5),
    st.sampled_from([0, 0, 0, 1, 500_000, 999_999]),
)
BOUNDS = st.none() | INSTANTS
PERIODS = st.builds(Period, BOUNDS, BOUNDS, BOUNDS, BOUNDS)
MOMENTS = st.tuples(INSTANTS, INSTANTS).map(lambda pair: Moment(min(pair), max(pair)))
DAY = Period(at("2020-01-01"), at("2020-01-01"), at("2020-01-01T23:59:59"), at("2020-01-01T23:59:59"))


@given(PERIODS, MOMENTS, st.booleans())
@example(DAY, moment("2020-01-01T23:59:59.5Z"), False)
@example(
    Period(None, DAY.latest_start, DAY.latest_end, at("2020-01-01T23:59:59.5")), moment("2020-01-01T23:59:59.7Z"), False
)
def test_certainly_implies_possibly(period: Period, when: Moment, over: bool) -> None:
    """What certainly holds possibly holds, at fractions of a second and where bounds contradict each other too."""
    assert possibly_holds(period, when, over=over) or not certainly_holds(period, when, over=over)


@given(PERIODS, MOMENTS, INSTANTS)
@example(
    Period(None, DAY.latest_start, DAY.latest_end, at("2020-01-01T23:59:59.5")),
    moment("2020-01-01"),
    at("2020-01-01T23:59:59.999999"),
)
def test_certainly_is_so_in_each_part(period: Period, when: Moment, instant: datetime) -> None:
    """What certainly holds for a day does so at each instant of it, also where end bounds differ by their precision."""
    if when.first <= instant <= when.last and certainly_holds(period, when):
        assert certainly_holds(period, Moment(instant, instant))


@pytest.mark.parametrize(("later", "may"), [("00.000000", True), ("00.999999", True), ("01.000000", False)])
def test_an_end_to_the_second_is_all_of_it(later: str, may: bool) -> None:
    """Possibly until the last microsecond of the second that a latest end names, and not in the next one."""
    when = at(f"2020-01-01T12:00:{later}")
    assert possibly_holds(Period(latest_end=at("2020-01-01T12:00:00")), Moment(when, when)) is may


def test_bounds_belong_to_the_period() -> None:
    """An instant equal to all four bounds is possibly and certainly within; a microsecond beside it is neither."""
    end = at("2020-01-01T12:00:00.500000")
    instant = Period(end, end, end, end)
    for step, expected in [(-1, False), (0, True), (1, False)]:
        when = end + timedelta(microseconds=step)
        within = Moment(when, when)
        assert (possibly_holds(instant, within), certainly_holds(instant, within)) == (expected, expected)
        assert possibly_holds(instant, within, over=True) is certainly_holds(instant, within, over=True) is (step >= 0)


def test_certainly_needs_both_inner_bounds() -> None:
    """Without a latest start, or without an earliest end, nothing certainly holds."""
    day = moment("2020-01-01")
    assert certainly_holds(Period(None, day.first, day.last, None), day)
    assert not certainly_holds(Period(latest_start=day.first), day)
    assert not certainly_holds(Period(earliest_end=day.last), day)


def test_the_last_second_of_the_calendar_is_a_bound() -> None:
    """An end at the last second of year 9999 has no second after it, and holds to its end."""
    end = at("9999-12-31T23:59:59")
    assert certainly_holds(Period(DAY.earliest_start, DAY.latest_start, end, end), moment("9999-12-31"))


def test_a_bound_beyond_the_calendar_is_left_open(tmp_path: Path) -> None:
    """A time that in universal time lies before year 1 is not a bound, and gives no traceback."""
    file = tmp_path / "data.ttl"
    file.write_text(
        "@prefix tri: <https://w3id.org/triplomacy/ontology#> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
        '<urn:span> tri:earliestStart "0001-01-01T00:00:00+05:00"^^xsd:dateTime ; '
        'tri:latestEnd "2020-01-01T00:00:00Z"^^xsd:dateTime .',
        encoding="utf-8",
    )
    assert periods.periods(dataset.load_files([file])) == {"urn:span": Period(latest_end=at("2020-01-01"))}


@pytest.fixture
def project() -> Project:
    """Return our own project."""
    return Project(ROOT)


def holding(project: Project, date: str, certain: bool = False) -> set[str]:
    """Return the last parts of the IRIs of the article's propositions that hold on a date."""
    graphs = dataset.load_graphs(project)
    every = {iri for iri in periods._spans(graphs) if "lukin-2022" in iri}
    return {
        iri.rpartition("/")[2] for iri in every - periods.propositions_outside(graphs, moment(date), certain=certain)
    }


def test_standstill_began_in_early_2020(project: Project) -> None:
    """The standstill since the first months of 2020 does not hold in 2019, certainly does on 30 June 2021."""
    name = "economic-standstill"
    assert name not in holding(project, "2019-12-31")
    assert name in holding(project, "2021-06-30", certain=True)


def test_vote_stays_true_and_was_not_before(project: Project) -> None:
    """The vote of 2 March 2022 has not taken place on the day before, certainly has by its end, and in 2030 too."""
    graphs = dataset.load_graphs(project)
    votes = {
        str(row["vote"].value)
        for row in graphs.select(
            "SELECT ?vote { ?vote a tri:VoteAgainst ; tri:during ?d . ?d rdfs:label '2 March 2022'@en }"
        )
    }
    assert votes
    assert votes <= periods.propositions_outside(graphs, moment("2022-03-01"))
    for date in ("2022-03-02", "2030"):
        assert not votes & periods.propositions_outside(graphs, moment(date), certain=True)


def test_what_is_undated_stays_so(project: Project) -> None:
    """An undated recognition may hold in any year, and certainly holds in none."""
    name = "syria-recognises-donetsk-republic"
    assert name in holding(project, "1950")
    assert name not in holding(project, "2022", certain=True)


def test_what_is_to_come_is_not_yet(project: Project) -> None:
    """What may come after the writing does not hold before it could have been written."""
    graphs = dataset.load_graphs(project)
    rows = graphs.select(
        "SELECT ?p { ?p tri:during <https://w3id.org/triplomacy/source/lukin-2022/time/after-writing> }"
    )
    to_come = {str(row["p"].value) for row in rows}
    assert to_come
    assert to_come <= periods.propositions_outside(graphs, moment("2022-09-20"))
    assert not to_come & periods.propositions_outside(graphs, moment("2025"))


def test_restricted_dataset_has_the_claims_and_facts_of_the_moment(project: Project) -> None:
    """What does not hold is gone with its claims, so that no view derives it; all else stays."""
    graphs = dataset.load_graphs(project)
    before = set(views.derive(graphs, "un-es-11-1"))
    gone = periods.propositions_outside(graphs, moment("2022-03-01"))
    size = len(graphs.store)
    assert periods.restrict(graphs, moment("2022-03-01")) == len(gone) > 0
    assert len(graphs.store) < size
    rows = graphs.select("SELECT ?proposition { ?claim tri:proposition ?proposition }")
    assert not {row["proposition"].value for row in rows} & gone
    assert before
    assert views.derive(graphs, "un-es-11-1") == []
    assert periods.restrict(graphs, moment("2022-03-01")) == 0


def test_claim_about_what_still_holds_stays(tmp_path: Path) -> None:
    """A claim about two propositions goes with the last of them, named or a blank node; one about another stays."""
    file = tmp_path / "data.ttl"
    file.write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
        "@prefix tri: <https://w3id.org/triplomacy/ontology#> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
        "tri:Vote rdfs:subClassOf tri:Proposition . <urn:now> a tri:Vote . "
        "<urn:later> a tri:Vote ; tri:during <urn:span> . <urn:then> a tri:Vote ; tri:during <urn:span> . "
        '<urn:span> tri:earliestStart "2021-01-01T00:00:00Z"^^xsd:dateTime . '
        "<urn:both> tri:proposition <urn:now>, <urn:later> . <urn:one> tri:proposition <urn:later>, <urn:then> . "
        "<urn:other> tri:proposition <urn:now> . [] tri:proposition <urn:then> .",
        encoding="utf-8",
    )
    graphs = dataset.load_files([file])
    assert periods.restrict(graphs, moment("2020")) == 2
    rows = graphs.select("SELECT ?claim ?proposition { ?claim tri:proposition ?proposition }")
    assert {(row["claim"].value, row["proposition"].value) for row in rows} == {
        ("urn:both", "urn:now"),
        ("urn:both", "urn:later"),
        ("urn:other", "urn:now"),
    }
