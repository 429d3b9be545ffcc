"""How long each file of tests takes: ``python -m tests.support.durations FILE`` writes it down.

FILE is the report of a run, ``pytest --junit-xml=FILE``. The table decides which files ``make test`` begins with, the
longest, so that its processes end at about the same time, and how many ``make quick`` has time for.
"""

from __future__ import annotations

import csv
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

from tests.support.layout import ROOT, files_of_tests

TABLE = Path(__file__).with_name("seconds.csv")
UNKNOWN = 10.0  # seconds that a file is taken to need which is not in the table


def seconds() -> dict[Path, float]:
    """Return how long each file of tests takes."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {ROOT / row["file"]: float(row["seconds"]) for row in csv.DictReader(file)}


def record(report: Path) -> None:
    """Write how long each file took in a run; one without a test in the report keeps what it had."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files_of_tests()}
    spent: defaultdict[Path, float] = defaultdict(float)
    for case in ET.parse(report).iter("testcase"):
        if (name := case.get("classname", "")) in names:
            spent[names[name]] += float(case.get("time", 0))
    table = {path: cost for path, cost in seconds().items() if path in names.values()} | spent
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "seconds"])
        writer.writerows([path.relative_to(ROOT).as_posix(), f"{table[path]:.1f}"] for path in sorted(table))


if __name__ == "__main__":
    record(Path(sys.argv[1]))
