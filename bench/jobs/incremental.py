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
from bench.measuring import BIN, HOME, Budget, Side, Unavailable, measured, side_by_side, told

NAME: Final = "incremental"
BY_GIT: Final = "triplomacy, by git"
FULL: Final = "full run"
MOST: Final = 1_000_000


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    for size in (each for each in sizes if each <= MOST):
        yield from side_by_side(Row(NAME, "one edit", size), sides(edited(size)), budget)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {}


def commands(project: Path) -> dict[str, list[str]]:
    """Return the commands that are compared, by what they are called."""
    full = [str(BIN / "triplomacy"), "validate", "--project", str(project)]
    return {
        OURS: [*full, "--store", str(store_of(project)), "--changed"],
        BY_GIT: [*full, "--changed-since", "HEAD"],
        FULL: full,
    }


def store_of(project: Path) -> Path:
    """Return where the store is that has the graphs as they were before the edit."""
    return project.with_name(f"{project.name}-store")


def sides(project: Path) -> list[Side]:
    """Return those who validate; they have to find the same."""
    return [side(who, command, project) for who, command in commands(project).items()]


def side(who: str, command: Sequence[str], project: Path) -> Side:
    """Return one of them; its answer is the number of violations."""
    return Side(
        who,
        lambda: measured(command, cwd=project),
        lambda run: f"{validate.ours_results(run.output):,} violations",
    )


def edited(size: int) -> Path:
    """Return a project in which a claim has become less certain since the last commit and since its store was built."""
    folder = HOME / f"edited-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data.project(size), folder)
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Before the edit"]):
        subprocess.run([*git, *command], check=True)
    run = measured([str(BIN / "triplomacy"), "build", "--store", str(store_of(folder)), "--project", str(folder)])
    if run.code:
        raise Unavailable(f"triplomacy build --store ended with {run.code}: {told(run.errors)}")
    claims = folder / "graphs" / "synthetic" / "claims.ttl"
    text = claims.read_text(encoding="utf-8")
    claims.write_text(
        re.sub("tri:certainty tri:certain ", "tri:certainty tri:probable ", text, count=1), encoding="utf-8"
    )
    return folder
