"""The tests of what has changed, in a minute and a half: ``python -m tests.support.quick``, or ``make quick``.

What has changed is what differs from where the branch left ``main`` (on ``main`` itself from the last commit), and what
is neither committed nor ignored. Files of tests are chosen in this order until their seconds are spent: those that
changed, those of a changed module, those in the folder of one, and those that import one, the nearest first. What
changed and is not Python is left to ``make check`` and ``make test``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import durations
from tests.support.layout import PACKAGE, ROOT, distances, files_of_tests, own_tests

BUDGET = 100  # seconds of tests, which two processes run at a time; the rest of 90 seconds is their start


@dataclass(frozen=True)
class Choice:
    """Which files of tests run, and which would have been next: both by how near they are to what changed."""

    chosen: tuple[Path, ...]
    left_out: tuple[Path, ...]


def git(*arguments: str) -> list[str]:
    """Return the lines that git prints, or none where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def base() -> str:
    """Return the commit that the work is compared with."""
    (head,) = git("rev-parse", "HEAD") or [""]
    for branch in ("main", "origin/main"):
        common = git("merge-base", "HEAD", branch)
        if common and common != [head]:
            return common[0]
    return "HEAD"


def changed(since: str) -> list[Path]:
    """Return the files that differ from a commit, or are new and not ignored, sorted; what is gone is left out."""
    names = git("diff", "--name-only", since) + git("ls-files", "--others", "--exclude-standard")
    return sorted({ROOT / name for name in names if (ROOT / name).is_file()})


def choice(files: Iterable[Path], budget: float = BUDGET) -> Choice:
    """Return the files of tests that run for changed files, at most *budget* seconds of them; one runs at least."""
    chosen: list[Path] = []
    left_out: list[Path] = []
    spent, table = 0.0, durations.seconds()
    for path in ranked([path for path in files if path.suffix == ".py"]):
        cost = table.get(path, durations.UNKNOWN)
        if spent + cost <= budget or not chosen:
            chosen.append(path)
            spent += cost
        else:
            left_out.append(path)
    return Choice(tuple(chosen), tuple(left_out))


def ranked(files: Sequence[Path]) -> list[Path]:
    """Return the files of tests that changed files concern, by how near they are and then by path."""
    sources = [path for path in files if path.is_relative_to(PACKAGE)]
    own = {tests for path in sources for tests in own_tests(path)}
    folders = {ROOT / "tests" / path.parent.relative_to(PACKAGE) for path in sources if path.parent != PACKAGE}
    steps = distances(files)

    def rank(path: Path) -> int:
        by_import = steps.get(path, len(steps)) + 2
        return 0 if path in files else 1 if path in own else min(by_import, 2) if path.parent in folders else by_import

    concerned = [path for path in files_of_tests() if path in steps or path in own or path.parent in folders]
    return sorted(concerned, key=lambda path: (rank(path), path))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests of what has changed, and return pytest's exit code; 0 if there are none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--since", help="the commit to compare the files with (default: where the branch left main)")
    parser.add_argument("--list", action="store_true", help="print the tests and run none")
    given = parser.parse_args(arguments)
    files = choice(changed(given.since or base()))
    for verb, paths in (("run", files.chosen), ("left to make test", files.left_out)):
        print(f"{verb}: {' '.join(str(path.relative_to(ROOT)) for path in paths) or 'nothing'}", flush=True)
    if given.list or not files.chosen:
        return 0
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", "not alone"]
    code = subprocess.run([*command, *map(str, files.chosen)], cwd=ROOT, check=False).returncode
    return 0 if code == 5 else code  # 5: there is no test in them that runs beside others


if __name__ == "__main__":
    sys.exit(main())
