"""Validation after one edit, beside a full run on the same graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bench.figures import Row
from bench.measuring import BIN, Budget, measured

NAME: Final = "incremental"
OPTION: Final = "--changed-since"


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    del budget
    if OPTION not in measured([str(BIN / "triplomacy"), "validate", "--help"]).output:
        yield from (Row(NAME, "one edit", size, note="not timed: validate has no such option") for size in sizes)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {}
