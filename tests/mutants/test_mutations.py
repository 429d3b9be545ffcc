"""The changes of code that ``make mutants`` makes, and what it tells from them."""

import ast
from pathlib import Path

import pytest

from tests.mutants import score
from tests.mutants.mutations import mutated, mutations
from tests.support.layout import PACKAGE, own_tests

TEXT = '''
"""A module."""

LEAST = 3

def chosen(values: list[int] | None, more: bool = False) -> int:
    """Return one."""
    if not values:
        raise ValueError("none")
    large = sorted(each for each in values if each >= LEAST)
    return min(large) + 1 if more else large[0]
'''


def test_each_kind_of_change_is_made():
    """Constants, comparisons, conditions, filters, sums, calls and raises change; annotations and texts do not."""
    changes = {(change.before, change.after) for change in mutations(TEXT)}
    assert changes >= {
        ("3", "4"),
        ("False", "True"),
        ("not values", "values"),
        ("raise ValueError('none')", "pass"),
        ("each >= LEAST", "each > LEAST"),
        ("min(large)", "max(large)"),
        ("min(large) + 1", "min(large) - 1"),
        ("min(large) + 1 if more else large[0]", "large[0] if more else min(large) + 1"),
    }
    assert not any("list[int]" in before for before, _ in changes)


def test_change_is_made_alone():
    """Each change gives a text that parses, that differs from the one before, and from those of the others."""
    texts = [mutated(TEXT, change.number) for change in mutations(TEXT)]
    assert len({ast.dump(ast.parse(text)) for text in [TEXT, *texts]}) == 1 + len(texts)


def test_change_says_where_it_is():
    """A change has the line of the code and the function that it is in."""
    (change,) = (change for change in mutations(TEXT) if change.before == "min(large)")
    assert (change.line, change.function) == (11, "chosen")


def test_sample_is_the_same_for_the_same_seed():
    """The same seed chooses the same changes, another one others; none is chosen twice."""
    once, again, other = (score.sample("limits.py", 10, seed) for seed in (1, 1, 2))
    assert once == again != other
    assert len(set(once)) == 10


def test_register_fits_the_code():
    """Each change that is said to be of no consequence can be made, and has a reason of its own words."""
    assert score.unknown() == []
    assert all(len(reason.split()) > 3 for reason in score.register().values())


def test_what_is_caught_and_what_is_not(tmp_path: Path):
    """Tests that pass let a change survive; those that fail, do not end, or cannot be read catch it."""
    with score.copied() as source:
        for text, passes in [("def test(): pass", True), ("def test(): assert 0", False), ("def test(", False)]:
            (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
            assert score.outcome(source, tmp_path / "test_it.py", 30) is passes
        (tmp_path / "test_it.py").write_text("def test():\n    while True: pass\n", encoding="utf-8")
        assert not score.outcome(source, tmp_path / "test_it.py", 1)


def test_copy_is_what_is_tested(tmp_path: Path):
    """The tests import the copy of the package, in their process and in those that they start."""
    with score.copied() as source:
        code = (
            "import subprocess, sys\nimport triplomacy\n"
            "def test():\n    command = [sys.executable, '-c', 'import triplomacy; print(triplomacy.__file__)']\n"
            "    there = subprocess.run(command, capture_output=True, text=True).stdout.strip()\n"
            f"    assert triplomacy.__file__ == there == {str(source / 'triplomacy' / '__init__.py')!r}\n"
        )
        (tmp_path / "test_it.py").write_text(code, encoding="utf-8")
        assert score.outcome(source, tmp_path / "test_it.py", 30)


@pytest.mark.parametrize("module", ["terms.py"])
def test_own_tests_follow_the_layout(module: str):
    """A module's own tests are in the file that is called after it."""
    found = own_tests(PACKAGE / module)
    assert found is not None
    assert found.name == f"test_{module}"
