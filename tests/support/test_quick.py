"""Which tests ``make quick`` runs for what has changed."""

from pathlib import Path

import pytest

from tests.support import layout, quick
from tests.support.layout import PACKAGE, ROOT, distances, files_of_tests, imports, own_tests


@pytest.fixture
def terms() -> Path:
    """Return a module that nearly everything stands on."""
    return PACKAGE / "terms.py"


def test_own_tests_come_first(terms):
    """The tests of a changed module run before those that import it, and these before those further off."""
    ranked = quick.ranked([terms])
    assert ranked[0] == own_tests(terms)
    steps = distances([terms])
    assert [steps[path] for path in ranked[1:]] == sorted(steps[path] for path in ranked[1:])


def test_changed_tests_run(terms):
    """A file of tests that changed itself goes before everything else."""
    changed = files_of_tests()[-1]
    assert quick.ranked([terms, changed])[0] == changed


def test_choice_keeps_to_the_seconds(terms, monkeypatch):
    """What would take longer than there is time is said to be left out, and nothing is both or neither."""
    monkeypatch.setattr(quick, "seconds", dict)
    files = quick.choice([terms], budget=5 * quick.UNKNOWN)
    assert len(files.chosen) == 5
    assert files.chosen + files.left_out == tuple(quick.ranked([terms]))


def test_long_file_lets_a_short_one_run(terms, monkeypatch):
    """A file that takes too long for what is left of the time is passed over, and the next ones are not."""
    first, second, third, *_ = quick.ranked([terms])
    table = {path.relative_to(ROOT).as_posix(): cost for path, cost in [(first, 1.0), (second, 99.0), (third, 1.0)]}
    monkeypatch.setattr(quick, "seconds", lambda: table)
    files = quick.choice([terms], budget=2)
    assert files.chosen == (first, third)
    assert second in files.left_out


def test_one_file_runs_at_least(terms, monkeypatch):
    """However long a module's own tests take, they run."""
    monkeypatch.setattr(quick, "seconds", dict)
    assert quick.choice([terms], budget=0).chosen == (own_tests(terms),)


def test_nothing_runs_for_other_files():
    """A page of the documentation concerns no test that is found by imports."""
    assert quick.choice([ROOT / "README.md"]) == quick.Choice((), ())


def test_times_are_read_from_a_report(tmp_path, monkeypatch):
    """The seconds of a file are the sum of those of its tests; what is no file of ours is left out."""
    name = "tests.support.test_quick"
    report, table = tmp_path / "report.xml", tmp_path / "seconds.csv"
    cases = f'<testcase classname="{name}" time="1.25"/><testcase classname="{name}" time="2"/>'
    report.write_text(f'<r>{cases}<testcase classname="tests.gone" time="9"/></r>', encoding="utf-8")
    monkeypatch.setattr(quick, "SECONDS", table)
    quick.record(report)
    assert quick.seconds() == {"tests/support/test_quick.py": pytest.approx(3.25, abs=0.06)}


def test_imports_are_followed_wherever_they_stand(tmp_path):
    """A module is imported by its name, by a name in it, and within a function."""
    path = tmp_path / "some.py"
    text = "import triplomacy.errors\nfrom triplomacy import terms\ndef f():\n    from triplomacy.limits import x\n"
    path.write_text(text + "import os\n", encoding="utf-8")
    assert imports(path) == {"triplomacy.errors", "triplomacy.terms", "triplomacy.limits"}


def test_distance_counts_imports():
    """A file is 0 from itself, 1 from what it imports, and each step over another file adds one."""
    steps = distances([PACKAGE / "errors.py"])
    assert steps[PACKAGE / "errors.py"] == 0
    for path, step in steps.items():
        nearest = min(
            (steps[layout.modules()[name]] for name in imports(path) if layout.modules()[name] in steps), default=-1
        )
        assert step in (0, nearest + 1)
