"""The figures of benchmarks, the page that is written from them, and the guard over ratios."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench import figures, goals, guard, page, run
from bench.figures import OURS, Figures, Record, Row
from bench.guard import Bound, Pair
from bench.jobs import queries
from bench.measuring import Budget, Run, Side, side_by_side

from tests.conftest import ROOT


def made() -> Figures:
    """Return figures that were made up: ours loads in proportion, a peer twice as slowly and only one size."""
    rows = [
        Row("load", "load", 10_000, OURS, 0.1, megabytes=40.0, runs=3, answer="10,000"),
        Row("load", "load", 10_000, "oxigraph load", 0.2, megabytes=50.0, runs=3, answer="10,000"),
        Row("load", "load", 100_000, OURS, 1.0, megabytes=50.0, runs=3),
        Row("load", "load", 100_000, "oxigraph load", 2.0, runs=1, extrapolated=True, note="not run: too long"),
        Row("load", "load", 100_000, "rdflib", note="not timed: its answer is another one"),
        Row("load", "load", 1_000_000, OURS, 10.0, megabytes=90.0, runs=3),
        Row("load", "load", 1_000_000, "oxigraph load", 8.0, megabytes=100.0, runs=3),
    ]
    return Figures(rows, {"load": Record("2026-11-26", "2 cores", {"pyoxigraph": "0.5"})})


def side(who: str, seconds: float, answer: str, code: int = 0) -> Side:
    """Return somebody who takes so long and answers so."""
    return Side(who, lambda: Run(seconds, 10.0, code, answer, ""), lambda run: run.output)


@pytest.mark.parametrize(
    ("points", "slope"),
    [({10: 1.0, 100: 10.0, 1000: 100.0}, 1.0), ({10: 1.0, 100: 100.0}, 2.0), ({10: 3.0, 1000: 3.0}, 0.0)],
)
def test_exponent_is_the_slope_of_logarithms(points: dict[int, float], slope: float) -> None:
    """What grows in proportion has the exponent one, what grows with the square two, what stays nought."""
    assert figures.exponent(points) == pytest.approx(slope)


def test_exponent_needs_two_sizes() -> None:
    """One size alone says nothing of growth."""
    assert figures.exponent({10: 1.0}) is None


def test_growth_leaves_out_what_was_not_measured() -> None:
    """A figure that is only to be expected does not count for growth, nor do sizes below the first."""
    rows = made().rows
    assert figures.growth(rows, OURS, "load", 10_000) == pytest.approx(1.0)
    assert figures.growth(rows, "oxigraph load", "load", 100_000) is None
    assert figures.growth(rows, "oxigraph load", "load", 10_000) == pytest.approx(0.801, abs=0.001)


def test_ratio_counts_requests_the_other_way_round() -> None:
    """Twice the time and half the rate are both half as fast."""
    assert figures.ratio(Row("a", "b", 1, value=1.0), Row("a", "b", 1, "x", 2.0)) == 2
    ours, peer = Row("a", "b", 1, value=100.0, unit="requests/s"), Row("a", "b", 1, "x", 50.0, unit="requests/s")
    assert figures.ratio(ours, peer) == 2


def test_figures_come_back_from_their_file(tmp_path: Path) -> None:
    """What is written to the file is what is read from it, and other jobs keep theirs."""
    path = tmp_path / "figures.json"
    figures.write(made(), path)
    again = figures.read(path)
    assert (again.rows, again.records) == (made().rows, made().records)
    again.put("startup", [Row("startup", "--version", 0, value=0.04)], Record("2026-11-27", "2 cores"))
    assert [row.job for row in again.rows] == ["load"] * 7 + ["startup"]
    assert figures.read(tmp_path / "none.json").rows == []


def test_page_says_what_was_measured_and_what_was_not() -> None:
    """The page has each figure with its ratio, in italics what is only expected, and why something is missing."""
    text = page.text(made())
    assert "| load | 100 ms | 200 ms (2×) |\n| load, memory | 40 MB | 50 MB |" in text
    assert "| load | 1 s | *2 s (2×)* |" in text
    assert "- rdflib, load at 100,000: not timed: its answer is another one\n" in text
    assert "| load | triplomacy | 1.00 | 1.00 |" in text
    assert "Measured on 2026-11-26; 2 cores; pyoxigraph 0.5.\n" in text
    assert "## Site" not in text


def test_goals_are_held_to_the_figures() -> None:
    """A goal is reached, missed or not measured, by the ratio to the peer at a million triples."""
    lines = page.goals(made()).splitlines()
    assert "| Load | speed of `oxigraph load`: at least 0.9× | 0.8× | **missed** |" in lines
    assert "| Load | memory of `oxigraph load`: at most 1.2× | 0.9× | reached |" in lines
    assert "| OWL RL | faster than owlrl: at least 25× | – | not measured |" in lines


def test_each_goal_is_of_a_job_that_runs() -> None:
    """Goals, headings, prose and jobs have the same names."""
    assert set(page.HEADINGS) == set(run.JOBS) == {path.stem for path in page.PROSE.glob("*.md")}
    assert {goal.job for goal in goals.GOALS} <= set(run.JOBS)


def test_another_answer_is_not_timed() -> None:
    """Who answers otherwise than ours, or fails, has no time and is said to; the others have theirs."""
    sides = [side(OURS, 1.0, "4"), side("right", 2.0, "4"), side("wrong", 0.1, "5"), side("broken", 0.1, "4", code=3)]
    rows = {row.who: row for row in side_by_side(Row("job", "task", 100), sides, Budget(), 3)}
    assert {who: row.value for who, row in rows.items()} == {OURS: 1.0, "right": 2.0, "wrong": None, "broken": None}
    assert rows["wrong"].note == "not timed: its answer is another one (5, not 4)"
    assert rows["broken"].note.startswith("not timed: it ended with 3")
    assert (rows[OURS].runs, rows["right"].runs) == (3, 3)


def test_what_would_take_too_long_is_not_run() -> None:
    """A peer over the budget by its time at a smaller size is not run, and its figure is marked as expected."""
    budget = Budget(limit=15)
    list(side_by_side(Row("job", "task", 100), [side(OURS, 1.0, "4"), side("slow", 2.0, "4")], budget, 1))
    unasked = Side("slow", lambda: pytest.fail("it was run"), lambda run: run.output)
    rows = list(side_by_side(Row("job", "task", 1_000), [side(OURS, 9.0, "4"), unasked], budget, 1))
    (slow,) = (row for row in rows if row.who == "slow")
    assert (slow.value, slow.extrapolated) == (20.0, True)
    assert slow.note == "not run: in proportion to 100 triples it would take 20 s"


@pytest.mark.parametrize("question", queries.ASKED)
def test_stored_queries_have_their_values(question: str) -> None:
    """A text for a peer has values in the place of all parameters, and our own is the stored one, bound."""
    (ours,) = queries.texts(question, OURS)
    others = queries.texts(question, "Virtuoso")
    assert others[0] == ours
    for name in queries.ASKED[question]:
        assert f"?{name}" in ours
        assert not any(f"?{name} " in text for text in others[1:])


def test_page_is_what_the_figures_give() -> None:
    """docs/benchmarks.md is written from docs/benchmarks.json, which has a record of each of its jobs."""
    kept = figures.read(run.DATA)
    assert kept.rows
    assert {row.job for row in kept.rows} == set(kept.records)
    assert run.PAGE.read_text(encoding="utf-8") == page.text(kept), "say python bench/run.py --only-page"


def test_smallest_benchmark_runs(tmp_path: Path) -> None:
    """A job at ten thousand triples and one without a size run to their end, and write figures and page."""
    data, written = tmp_path / "figures.json", tmp_path / "page.md"
    jobs = ["--jobs", "load", "startup", "--sizes", "10000"]
    command = [sys.executable, "bench/run.py", *jobs, "--data", str(data), "--page", str(written), "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(data.read_text(encoding="utf-8"))["rows"]
    measured = {(row["job"], row["task"], row["who"]) for row in rows if row.get("value", 0) > 0}
    assert {("load", "load", OURS), ("load", "load", "oxigraph load"), ("load", "open", OURS)} <= measured
    assert {("startup", "query", OURS), ("startup", "query", "rdflib script")} <= measured
    assert "## Start-up" in written.read_text(encoding="utf-8")


def timed(text: str) -> guard.Timed:
    """Return what runs a line of Python as a whole process."""
    return guard.process([sys.executable, "-I", "-S", "-c", text])


def test_guard_fails_for_a_slow_side(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that sleeps slips past its bound, is measured twice, and is named with how much it is over."""
    pair = Pair("a slow start", timed("import time; time.sleep(0.4)"), timed("pass"), Bound(2, 1, 2))
    assert guard.guard([pair]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("slipped: a slow start: ")
    assert "times, bound 2: " in printed.err
    assert printed.err.endswith("% over it\n")
    assert "(at first " in printed.out


def test_guard_passes_a_fair_pair(capsys: pytest.CaptureFixture[str]) -> None:
    """Two sides that do the same are within a bound of three."""
    assert guard.guard([Pair("the same", timed("pass"), timed("pass"), Bound(3, 1, 5))]) == 0
    assert capsys.readouterr().err == ""


def test_bounds_leave_room_for_noise() -> None:
    """Each bound is at least half as much again as what is usual, and none lets ours be as slow as a slow peer."""
    assert all(bound.most >= 1.5 * bound.usual for bound in guard.BOUNDS.values())
    assert all(bound.most < 1 for name, bound in guard.BOUNDS.items() if "rdflib" in name or "pySHACL" in name)
