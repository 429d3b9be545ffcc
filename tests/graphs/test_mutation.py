"""A few of the mistakes that ``make mutation`` makes by the hundred, and the ways in which they are made."""

from collections import Counter

import pytest

from tests.conftest import ROOT
from tests.mutation import score
from tests.mutation.edits import KINDS, Edit, edits, read
from triplomacy.dataset.project import Project

GRAPHS = read(Project(ROOT))
CHOSEN = edits(GRAPHS)


def test_there_are_more_than_five_hundred_edits() -> None:
    """The full run has at least five hundred edits, no two alike, of every kind and in most files."""
    assert len(CHOSEN) >= 500
    assert len({str(edit) for edit in CHOSEN}) == len(CHOSEN)
    assert set(Counter(edit.kind for edit in CHOSEN)) == set(KINDS)
    assert len({edit.path for edit in CHOSEN}) > 0.8 * len(GRAPHS.files)


def test_edits_are_the_same_for_the_same_seed() -> None:
    """Whoever repeats a run gets the same edits, and with another seed others."""
    assert list(map(str, edits(read(Project(ROOT))))) == list(map(str, CHOSEN))
    assert list(map(str, edits(GRAPHS, seed=2))) != list(map(str, CHOSEN))


def test_every_edit_changes_its_file() -> None:
    """No edit leaves the triples of its file as they were."""
    same = [str(edit) for edit in CHOSEN if set(edit.applied(GRAPHS.files[edit.path])) == set(GRAPHS.files[edit.path])]
    assert same == []


def test_reasons_are_given_once_and_for_edits_that_there_are() -> None:
    """Each row of survivors.csv names a kind and has a reason of its own words."""
    known = score.register()
    assert {kind for kind, _ in known} <= set(KINDS)
    assert min(len(reason.split()) for reason in known.values()) > 5
    with score.REGISTER.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == len(known) + 1


# Of each kind the first edit that no reason excuses, and that needs no text of the article.
SAMPLE = {
    kind: next(
        number
        for number, edit in enumerate(CHOSEN)
        if edit.kind == kind and (kind, edit.property) not in score.register()
    )
    for kind in KINDS
    if kind not in ("hash", "offset", "retype")
}


@pytest.mark.parametrize("kind", SAMPLE)
def test_mistake_is_caught(kind: str) -> None:
    """An edit of that kind leads to a finding."""
    (verdict,) = score.validated([SAMPLE[kind]], 1, 1.0)
    assert verdict.broken, str(CHOSEN[SAMPLE[kind]])


def test_score_counts_what_no_reason_excuses() -> None:
    """What is not caught and has no reason lowers the score; what has one is told with it, and does not count."""
    (excused,) = [e for e in CHOSEN if (e.kind, e.property) == ("delete", "tri:edtf")][:1]
    (other,) = [e for e in CHOSEN if e.kind == "misspell"][:1]
    chosen: list[Edit] = [other, other, excused]
    found = [score.Verdict(0, ("terms/undeclared",)), score.Verdict(1, ()), score.Verdict(2, ())]
    text, share, needed = score.table(chosen, found)
    assert share == 0.5
    assert needed == {("delete", "tri:edtf")}
    assert "survived: misspell" in text
    assert "legitimate: delete tri:edtf" in text
