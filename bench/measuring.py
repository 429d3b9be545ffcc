"""A whole process with its time and the peak of its memory, several side by side, and the machine that they ran on."""

from __future__ import annotations

import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.figures import Row

ROOT: Final = Path(__file__).parents[1]
HOME: Final = ROOT / "build" / "bench"
ONTOLOGY: Final = sorted(set((ROOT / "ontology").glob("*.ttl")) - {ROOT / "ontology" / "mappings.ttl"})
BIN: Final = Path(sys.executable).parent
LIMIT: Final = 600.0  # seconds for one process
SLOW: Final = 2.0  # seconds from which on a peer that is much slower than we are runs once
OFTEN: Final = {10_000: 5, 1_000_000: 3}
SELDOM: Final = 2  # times that a job runs at any other size

# A process inherits the peak of the one that starts it, so a small one starts them: some 10 MB are the least it tells.
LAUNCHER: Final = """
import os, sys, time
record, *command = sys.argv[1:]
start = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
seconds = time.perf_counter() - start
with open(record, "w") as file:
    print(seconds, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=file)
"""

# Compiled modules are kept, as they are where a user has installed them.
VARIABLES: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def ontology() -> str:
    """Return the files of the ontology as one text of Turtle."""
    return "\n".join(path.read_text(encoding="utf-8") for path in ONTOLOGY)


class Unavailable(Exception):
    """A peer cannot run here; the text says why."""


@dataclass(frozen=True)
class Run:
    """One process: its time, the peak of its memory, its exit code and what it printed."""

    seconds: float
    megabytes: float
    code: int
    output: str
    errors: str


def measured(command: Sequence[str], limit: float = LIMIT, cwd: Path = ROOT) -> Run:
    """Run a command; its memory is that of the largest of its processes."""
    with tempfile.TemporaryDirectory() as folder:
        record, output, errors = (Path(folder) / name for name in ("record", "output", "errors"))
        launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(record), *command]
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(launch, cwd=cwd, env=VARIABLES, stdout=out, stderr=err, start_new_session=True)
            try:
                process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # the launcher's own session: it and what it started
                process.wait()
                record.write_text(f"{limit} 0 {-signal.SIGKILL}", encoding="utf-8")
        seconds, kilobytes, code = record.read_text(encoding="utf-8").split()
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in (output, errors)]
    return Run(float(seconds), int(kilobytes) / 1024, int(code), *texts)


class Runs(list[Run]):
    """Runs of one command."""

    @property
    def seconds(self) -> float:
        """The median time."""
        return statistics.median(run.seconds for run in self)

    @property
    def megabytes(self) -> float:
        """The median peak."""
        return statistics.median(run.megabytes for run in self)


@dataclass
class Side:
    """One of those that do the same.

    Attributes:
        who: its name.
        run: does it once.
        answer: returns what came out, to be compared; raises Unavailable where nothing can be read.
        runs: what was measured.
    """

    who: str
    run: Callable[[], Run]
    answer: Callable[[Run], str]
    runs: Runs = field(default_factory=Runs)


@dataclass
class Budget:
    """How long a process may take, and what each took at smaller sizes.

    Attributes:
        limit: seconds.
        times: how often each runs, whatever the size and the job; None where these decide.
        known: size and seconds of the largest size so far, by job, task and name.
        given_up: the size from which on one of them was not timed.
    """

    limit: float = 75.0
    times: int | None = None
    known: dict[tuple[str, str, str], tuple[int, float]] = field(default_factory=dict)
    given_up: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def expected(self, row: Row) -> float | None:
        """Return the seconds that a process has to be expected to take, in proportion; None where nothing is known."""
        before = self.known.get((row.job, row.task, row.who))
        return before[1] * row.size / before[0] if before else None

    def instead(self, row: Row, limit: float | None = None) -> Row | None:
        """Return the row of what would take too long, with what is to be expected of it, or None where it may run."""
        if failed := self.given_up.get((row.job, row.task, row.who)):
            return row.but(note=f"not run: it was not timed at {failed:,} triples either")
        seconds = self.expected(row)
        if seconds is None or seconds <= (limit or self.limit):
            return None
        size = self.known[row.job, row.task, row.who][0]
        note = f"not run: in proportion to {size:,} triples it would take {seconds:,.0f} s"
        return row.but(value=seconds, note=note, extrapolated=True)

    def gave_up(self, row: Row) -> None:
        """Remember that one was not timed at a size."""
        self.given_up.setdefault((row.job, row.task, row.who), row.size)

    def learn(self, row: Row) -> None:
        """Remember what a size took."""
        if row.value is not None and not row.extrapolated:
            self.known[row.job, row.task, row.who] = (row.size, row.value)


def often(size: int) -> int:
    """Return how many times each runs at a size."""
    return next((times for largest, times in OFTEN.items() if size <= largest), SELDOM)


def side_by_side(row: Row, sides: Sequence[Side], budget: Budget, times: int | None = None) -> Iterator[Row]:
    """Run each once, compare the answers with that of the first, which is ours, and run in turn those that agree.

    Args:
        row: says job, task, size and unit.
        sides: those who do it; the first one decides what is right.
        budget: keeps from being run what would take too long.
        times: how often each runs; what takes long and three times as long as ours runs once.
    """
    right: list[Side] = []
    expected = ""
    for side in sides:
        instead = budget.instead(row.but(who=side.who))
        if instead is None:
            wrong, got = _first(side, expected if right else None)
            if not wrong:
                right.append(side)
                expected = got if len(right) == 1 else expected
            instead = row.but(who=side.who, note=wrong) if wrong else None
        if instead is not None:
            yield instead
        if side is sides[0] and not right:
            return
    _in_turn(right, (budget.times or times or often(row.size)) - 1)
    for side in right:
        done = row.but(
            who=side.who,
            value=side.runs.seconds,
            megabytes=side.runs.megabytes,
            runs=len(side.runs),
            answer=expected[:60],
        )
        budget.learn(done)
        yield done


def _first(side: Side, expected: str | None) -> tuple[str, str]:
    """Run a side once, and return why it is not timed, if it is not, and its answer."""
    try:
        run = side.run()
        side.runs.append(run)
        if run.code not in (0, 1):
            return f"not timed: it ended with {run.code} after {run.seconds:.0f} s", ""
        got = side.answer(run)
    except (Unavailable, OSError) as reason:
        return f"not timed: {told(reason)}", ""
    if expected is not None and got != expected:
        return f"not timed: its answer is another one ({got[:60]}, not {expected[:60]})", ""
    return "", got


def told(reason: object) -> str:
    """Return the last line of what went wrong, cut, without the names of this machine's folders."""
    last = ["", *str(reason).strip().splitlines()][-1]
    return re.sub(r"(?<![\w:])/(?:[\w.-]+/)+", "", last)[-200:]


def _in_turn(sides: Sequence[Side], times: int) -> None:
    ours = sides[0].runs.seconds
    for _ in range(times):
        for side in sides:
            if not (side.runs.seconds > SLOW and side.runs.seconds > 3 * ours):
                side.runs.append(side.run())


def script(name: str, text: str) -> Path:
    """Write a script under build/bench and return its path."""
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / f"{name}.py"
    path.write_text(text.lstrip(), encoding="utf-8")
    return path


def machine() -> str:
    """Return what this runs on."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    name = names[0] if names else platform.processor()
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{cores} cores ({name}), {memory:.0f} GiB, {system}"


def versions(names: Sequence[str]) -> Mapping[str, str]:
    """Return the versions of installed packages by their names."""
    from importlib.metadata import version

    return {name: version(name) for name in names}
