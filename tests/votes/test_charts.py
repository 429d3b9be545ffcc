"""Charts of who votes alike, as plain data and in words: nothing is drawn here."""

from triplomacy.terms import ID
from triplomacy.votes import charts
from triplomacy.votes.alignment import AlignmentLine, BlocMember, SelectedVotes
from triplomacy.votes.record import Agreement, Ballots, Record, RollCall, Voter

A, B, C = (Voter(ID + name.lower(), name) for name in ("Ara", "Bel", "Cor"))
RECORD = Record(
    "invented",
    (RollCall("urn:1", 46, "1991-01-01"), RollCall("urn:2", 47, "1992-01-01")),
    {},
    {voter.iri: voter for voter in (A, B, C)},
    {A.iri: Ballots(0b11), B.iri: Ballots(0b10, 0b01), C.iri: Ballots(0, 0, 0b01)},
)
LINES = [AlignmentLine(A, B, "47", Agreement(1, 2)), AlignmentLine(A, C, "", Agreement(0, 1))]


def selected(calls: int = 0b11, words: str = "") -> SelectedVotes:
    """Return some roll calls of the record."""
    return SelectedVotes(RECORD, calls, words)


def test_line_in_words():
    """A line names both, the part if there is one, the share with its interval, and the two counts."""
    assert charts.course_chart(selected(), LINES, "session").lines() == [
        "Ara and Bel in 47: 0.500 (0.095-0.905), 1 of 2.",
        "Ara and Cor: 0.000 (0.000-0.793), 0 of 1.",
    ]


def test_titles_say_what_is_compared():
    """A course names the two and its parts, a ranking the one; without a common vote that is said."""
    assert charts.course_chart(selected(), LINES, "year").title == "Ara and Bel by year"
    assert charts.course_chart(selected(), [], "year").title == "No roll call in which both voted"
    assert charts.ranking_chart(selected(), LINES, "Ara").title == "Who votes as Ara does"


def test_blocs_are_grouped_with_the_shares_of_each_pair():
    """Each bloc is a line with its members, and each pair has its share in both directions."""
    members = [BlocMember(1, A, 0.5, 0.0), BlocMember(1, B, 0.5, 0.0), BlocMember(2, C, float("nan"), 0.0)]
    blocs = charts.bloc_chart(selected(), members)
    assert blocs.lines() == ["Bloc 1: Ara, Bel.", "Bloc 2: Cor."]
    assert blocs.title == "2 blocs by agreement, average linkage"
    assert [row[:2] for row in blocs.shares[:2]] == [(1.0, 0.5), (0.5, 1.0)]
    assert blocs.shares[0][2] == blocs.shares[2][0] == 0.0
    assert charts.bloc_chart(selected(), []).title.startswith("0 blocs")


def test_caption_says_which_roll_calls_count():
    """The graph and the span stand in it, a choice in its words, and what agreement is; of blocs the first alone."""
    first, measure = charts.caption(selected())
    assert first == "invented: 2 roll calls, 1991-01-01 to 1992-01-01."
    assert "Wilson's interval" in measure
    assert charts.caption(selected(0b01, "since 1992"))[0] == (
        "invented: 1 roll calls, 1992-01-01 to 1992-01-01; since 1992."
    )
    assert charts.bloc_chart(selected(), []).caption == (first,)
