"""Validation after one edit: the run that looks at what the edit can affect, beside the full one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench import validate
from bench.figures import OURS, Row
from bench.jobs import data
from bench.measuring import BIN, HOME, Budget, Side, measured, side_by_side

NAME: Final = "incremental"
OPTION: Final = "--changed-since"
MOST: Final = 1_000_000


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    there = OPTION in measured([str(BIN / "triplomacy"), "validate", "--help"]).output
    for size in (each for each in sizes if each <= MOST):
        row = Row(NAME, "one edit", size)
        if there:
            yield from side_by_side(row, sides(edited(size)), budget)
        else:
            yield row.but(note=f"not timed: triplomacy validate has no {OPTION}")


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {}


def commands(project: Path) -> dict[str, list[str]]:
    """Return the commands that are compared, by what they are called."""
    full = [str(BIN / "triplomacy"), "validate", "--project", str(project)]
    return {OURS: [*full, OPTION, "HEAD"], "full run": full}


def sides(project: Path) -> list[Side]:
    """Return the two who validate; they have to find the same."""
    return [side(who, command, project) for who, command in commands(project).items()]


def side(who: str, command: Sequence[str], project: Path) -> Side:
    """Return one of them; its answer is the number of violations."""
    return Side(
        who,
        lambda: measured(command, cwd=project),
        lambda run: f"{validate.ours_results(run.output):,} violations",
    )


def edited(size: int) -> Path:
    """Return a project in a repository of its own, in which one claim has become less certain since the last commit."""
    folder = HOME / f"edited-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data.project(size), folder)
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Before the edit"]):
        subprocess.run([*git, *command], check=True)
    claims = folder / "graphs" / "synthetic" / "claims.ttl"
    text = claims.read_text(encoding="utf-8")
    claims.write_text(
        re.sub("tri:certainty tri:certain ", "tri:certainty tri:probable ", text, count=1), encoding="utf-8"
    )
    return folder
