"""What was measured, row by row: kept in a file, compared, and put beside what the project wants to reach."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

OURS: Final = "triplomacy"
GROWS_FROM: Final = (10_000, 100_000)  # triples from which exponents are given
GROWS_TO: Final = 5_000_000


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        job: the job, such as ``load``.
        task: what was done in it.
        size: triples; of the site, claims; 0 where there is no size.
        who: who did it.
        value: the median, in the unit of the job; None where it was not measured.
        unit: ``s``, or ``requests/s``, of which more is better.
        megabytes: the median of the peak of the process's memory; None where it says nothing.
        runs: of how many runs.
        answer: what came out, the same for all who have a value.
        note: what there is to say of it, above all why it was not measured.
        extrapolated: the value is what is to be expected, in proportion to a smaller size.
    """

    job: str
    task: str
    size: int
    who: str = OURS
    value: float | None = None
    unit: str = "s"
    megabytes: float | None = None
    runs: int = 0
    answer: str = ""
    note: str = ""
    extrapolated: bool = False

    def but(self, **changes: Any) -> Row:
        """Return the row with some parts changed."""
        return replace(self, **changes)


@dataclass
class Record:
    """When and where a job was run, and with which versions."""

    date: str
    machine: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass
class Figures:
    """All rows, and the record of each job."""

    rows: list[Row] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)

    def of(self, job: str) -> list[Row]:
        """Return the rows of a job."""
        return [row for row in self.rows if row.job == job]

    def put(self, job: str, rows: Iterable[Row], record: Record) -> None:
        """Put the rows of a job in the place of its former ones."""
        self.rows = [row for row in self.rows if row.job != job] + list(rows)
        self.records[job] = record

    def find(self, job: str, task: str, size: int, who: str) -> Row | None:
        """Return a row that has a value."""
        wanted = (job, task, size, who)
        found = (row for row in self.rows if (row.job, row.task, row.size, row.who) == wanted)
        return next((row for row in found if row.value is not None), None)


def read(path: Path) -> Figures:
    """Return what a file has; nothing where there is none."""
    if not path.exists():
        return Figures()
    data = json.loads(path.read_text(encoding="utf-8"))
    records = {job: Record(**record) for job, record in data["records"].items()}
    return Figures([Row(**row) for row in data["rows"]], records)


def write(figures: Figures, path: Path) -> None:
    """Write rows and records, a row a line; what a row leaves at its default is left out."""
    plain = asdict(Row("", "", 0))
    rows = [
        {key: _rounded(value) for key, value in asdict(row).items() if value != plain[key] or key in ("job", "who")}
        for row in figures.rows
    ]
    lines = ",\n".join("    " + json.dumps({"size": 0, "task": "", **row}, ensure_ascii=False) for row in rows)
    records = json.dumps({job: asdict(figures.records[job]) for job in sorted(figures.records)}, indent=2)
    head = f'  "records": {records}'.replace("\n", "\n  ")
    path.write_text(f'{{\n{head},\n  "rows": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


def _rounded(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def exponent(points: Mapping[int, float]) -> float | None:
    """Return the slope of the straight line through the points on logarithmic axes, or None where there are not two.

    It is that of least squares: 1.0 is in proportion to the size, 2.0 quadratic.
    """
    logs = [(math.log(size), math.log(value)) for size, value in points.items() if size > 0 and value > 0]
    if len(logs) < 2:
        return None
    middle = [sum(side) / len(logs) for side in zip(*logs, strict=True)]
    rise: float = sum((x - middle[0]) * (y - middle[1]) for x, y in logs)
    run: float = sum((x - middle[0]) ** 2 for x, _ in logs)
    return rise / run


def growth(rows: Sequence[Row], who: str, task: str, start: int) -> float | None:
    """Return the exponent with which a task's time grows from *start* to five million triples, if it was measured."""
    values = {
        row.size: row.value
        for row in rows
        if row.who == who and row.task == task and start <= row.size <= GROWS_TO and row.value and not row.extrapolated
    }
    return exponent(values)


def ratio(ours: Row, peer: Row) -> float | None:
    """Return how many times as fast ours is as the peer."""
    if not ours.value or not peer.value:
        return None
    return ours.value / peer.value if ours.unit == "requests/s" else peer.value / ours.value


def geometric_mean(values: Sequence[float]) -> float | None:
    """Return the geometric mean, or None of nothing."""
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None
