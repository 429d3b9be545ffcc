"""All benchmarks, each beside its peers in the same run; writes docs/benchmarks.json and, from it, docs/benchmarks.md.

Answers are compared before times are: whose answer is another one is not timed, and that is said. Those who do a job
run in turn, so that they meet the same noise. A job that is not run keeps its figures, with the day on which they were
measured. Run it with ``make bench`` (JOBS="load queries" SIZES="10000 100000" LIMIT=75 for less).
"""

from __future__ import annotations

import argparse
import compileall
import datetime
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

from bench import figures, page
from bench.figures import Record, Row
from bench.jobs import faces, incremental, load, queries, reasoning, startup, validation, views
from bench.measuring import ROOT, Budget, machine

DATA: Final = ROOT / "docs" / "benchmarks.json"
PAGE: Final = ROOT / "docs" / "benchmarks.md"
SIZES: Final = (10_000, 100_000, 1_000_000, 5_000_000)


@dataclass(frozen=True)
class Job:
    """A job: what measures it, and the versions of those who take part."""

    rows: Callable[[Sequence[int], Budget], Iterator[Row]]
    versions: Callable[[], dict[str, str]]


# In this order they run: what matters most comes first, should the time be short.
JOBS: Final = {
    "load": Job(load.rows, load.versions),
    "queries": Job(queries.rows, queries.versions),
    "validation": Job(validation.rows, validation.versions),
    "views": Job(views.rows, views.versions),
    "incremental": Job(incremental.rows, incremental.versions),
    "reasoning": Job(reasoning.rows, reasoning.versions),
    "startup": Job(startup.rows, startup.versions),
    "server": Job(faces.server, faces.versions),
    "endpoint": Job(faces.endpoint, faces.versions),
    "site": Job(faces.pages, faces.versions),
}


def run(name: str, sizes: Sequence[int], budget: Budget) -> tuple[list[Row], Record]:
    """Run a job, print each figure as it comes, and return them with the record."""
    started = time.perf_counter()
    day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    rows = list(shown(JOBS[name].rows(sizes, budget)))
    print(f"{name}: {time.perf_counter() - started:,.0f} s", flush=True)
    return rows, Record(day, machine(), JOBS[name].versions())


def shown(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows and print each."""
    for row in rows:
        value = "" if row.value is None else f"{row.value:.4g} {row.unit}"
        memory = f"{row.megabytes:,.0f} MB" if row.megabytes is not None else ""
        print(f"{row.job:12}{row.size:>10,}  {row.task:36}{row.who:22}{value:>18}{memory:>10}  {row.note}", flush=True)
        yield row


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the jobs and write data and page after each; return 1 where a goal is missed and that was asked for."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    options.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS), help="default: all")
    options.add_argument("--sizes", nargs="*", type=int, default=SIZES, metavar="TRIPLES", help="default: %(default)s")
    options.add_argument("--limit", type=float, default=75.0, help="skip what would take more seconds than this")
    options.add_argument("--runs", type=int, help="the number of runs (default: by size)")
    options.add_argument("--data", type=Path, default=DATA, help="the file of the figures")
    options.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options.add_argument("--only-page", action="store_true", help="write the page from existing figures")
    given = options.parse_args(arguments)
    kept = figures.read(given.data)
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip leaves what it installs, the peers among it
    for name in [] if given.only_page else given.jobs:
        rows, record = run(name, given.sizes, Budget(given.limit, given.runs))
        kept.put(name, rows, record)
        figures.write(kept, given.data)
        given.page.write_text(page.text(figures.read(given.data)), encoding="utf-8")
    given.page.write_text(page.text(figures.read(given.data)), encoding="utf-8")
    print(page.summary(kept))
    return 0


if __name__ == "__main__":
    sys.exit(main())
