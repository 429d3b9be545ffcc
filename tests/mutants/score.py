"""How many small changes of the code the tests catch: ``python -m tests.mutants.score``, or ``make mutants``.

Each change is made in a copy of the package, and the module's own tests run against the copy, then the others of its
package, unless ``--own`` leaves these out: a change is caught if one of them fails or they take far longer than they do
without it. What nobody could notice is listed in ``register.csv``: the module, what the change is in, the code before
and after, and the reason. A row that fits no change, or one that is caught, is a fault of the register.
"""

from __future__ import annotations

import argparse
import compileall
import csv
import importlib.util
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tests.mutants.mutations import Mutation, mutated, mutations
from tests.support.layout import PACKAGE, ROOT, own_tests

GOAL = 0.9
REGISTER = Path(__file__).with_name("register.csv")
# Imported once, and then there in every process that runs tests; triplomacy itself must not be.
_SHARED = ("pytest", "hypothesis", "rdflib", "pyoxigraph", "yaml", "pyshacl", "jinja2", "numpy")


@dataclass(frozen=True)
class Verdict:
    """What came of a change of a module."""

    module: str
    mutation: Mutation
    is_caught: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What the register calls it."""
        return self.module, *self.mutation.key


@cache
def register() -> dict[tuple[str, ...], str]:
    """Return the reason of each change that is of no consequence, by module, function, code before and code after."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {tuple(row[:4]): row[4] for row in rows}


def unknown() -> list[tuple[str, ...]]:
    """Return the rows of the register that fit no change of the code as it is."""
    texts = {name: PACKAGE / name for name, *_ in register()}
    known = {(name, *each.key) for name, path in texts.items() if path.is_file() for each in _changes_of(path)}
    return [key for key in register() if key not in known]


def _changes_of(path: Path) -> list[Mutation]:
    return mutations(path.read_text(encoding="utf-8"))


def sample(module: str, size: int, seed: int) -> list[Mutation]:
    """Return *size* of a module's changes, or all where that is 0, in the order of the text."""
    every = _changes_of(PACKAGE / module)
    if not size or size >= len(every):
        return every
    chosen = random.Random(f"{seed} {module}").sample(every, size)
    return sorted(chosen, key=lambda mutation: mutation.number)


@contextmanager
def copied() -> Iterator[Path]:
    """Make a copy of the package, with what lies beside ``src`` linked, and return the copy of ``src``."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        (source / "triplomacy").mkdir(parents=True)
        for path in PACKAGE.iterdir():
            _copy(path, source / "triplomacy" / path.name)
        for path in ROOT.iterdir():
            if path.name != "src":
                (Path(folder) / path.name).symlink_to(path)
        compileall.compile_dir(source, quiet=2)
        yield source


def _copy(path: Path, target: Path) -> None:
    if path.name == "static":
        target.symlink_to(path)
    elif path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(path, target)


def outcome(source: Path, tests: Sequence[Path], seconds: float) -> bool:
    """Run files of tests against a copy, and return whether all passed within *seconds*."""
    process = os.fork()
    if process == 0:
        _run(source, tests)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        finished, status = os.waitpid(process, os.WNOHANG)
        if finished:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return False


def _run(source: Path, tests: Sequence[Path]) -> None:
    """Run tests in this process, as the leader of a group of its own, and end it."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what runs in the background ignore it
    log = os.open(_log(source), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(ROOT)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "triplomacy")]:
        del sys.modules[name]
    os.environ |= {"PYTHONPATH": os.pathsep.join([str(source), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(source))
    import pytest

    # What is shared was imported before pytest could rewrite its assertions.
    warnings = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    options = [*warnings, "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not alone"]
    code = 3
    try:
        code = int(pytest.main([*options, f"--basetemp={source.parent / 'temporary'}", *map(str, tests)]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _log(source: Path) -> Path:
    return source.parent / "tests.log"


def judged(module: str, size: int, seed: int, *, own: bool = False) -> list[Verdict]:
    """Return what came of the changes of a module, tried by its *own* tests alone or by those of its package too.

    Raises:
        ValueError: it has no tests, or they fail without any change.
    """
    path = PACKAGE / module
    for name in _SHARED:
        if importlib.util.find_spec(name):
            __import__(name)
    with copied() as source:
        rounds = [(tests, _bound(source, tests, module)) for tests in stages(path)[: 1 if own else None]]
        text = path.read_text(encoding="utf-8")
        caught = partial(_is_caught, source, module, text, rounds)
        return [Verdict(module, each, caught(each)) for each in sample(module, size, seed)]


def stages(path: Path) -> list[tuple[Path, ...]]:
    """Return the files of tests that run for a module: its own first, and for what these miss the others beside them.

    Raises:
        ValueError: there are none.
    """
    own = own_tests(path)
    if not own:
        raise ValueError(f"{path.relative_to(PACKAGE)} has no tests of its own")
    beside = own[0].parent.glob("test_*.py") if path.parent != PACKAGE else ()
    return [each for each in (own, tuple(sorted(set(beside) - set(own)))) if each]


def _bound(source: Path, tests: Sequence[Path], module: str) -> float:
    """Return the seconds that tests may take, which have to pass without any change."""
    start = time.monotonic()
    if not outcome(source, tests, 600):
        message = f"the tests fail without any change of {module}"
        raise ValueError(f"{message}\n{_log(source).read_text(encoding='utf-8', errors='replace')}")
    return 10 + 4 * (time.monotonic() - start)


def _is_caught(
    source: Path, module: str, text: str, rounds: Sequence[tuple[Sequence[Path], float]], mutation: Mutation
) -> bool:
    target = source / "triplomacy" / module
    target.unlink()
    Path(importlib.util.cache_from_source(str(target))).unlink(missing_ok=True)
    target.write_text(mutated(text, mutation.number), encoding="utf-8")
    return not all(outcome(source, tests, seconds) for tests, seconds in rounds)


def with_tests() -> list[str]:
    """Return the modules that have tests of their own and something to change, by their path in the package."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if own_tests(path) and _changes_of(path)]
    return [path.relative_to(PACKAGE).as_posix() for path in paths]


def report(verdicts: Sequence[Verdict]) -> bool:
    """Print what survived and the score, and return whether it is good enough and the register is right."""
    counted = [verdict for verdict in verdicts if verdict.key not in register()]
    survivors = [verdict for verdict in counted if not verdict.is_caught]
    stale = [verdict for verdict in verdicts if verdict.key in register() and verdict.is_caught]
    for verdict in survivors:
        change = verdict.mutation
        print(
            f"{verdict.module}:{change.line}: in {change.function or 'the module'}: {change.before} -> {change.after}"
        )
    for verdict in stale:
        print(f"{REGISTER.name}: caught, though said to be of no consequence: {', '.join(verdict.key)}")
    caught = len(counted) - len(survivors)
    for module in dict.fromkeys(verdict.module for verdict in counted):
        own = [verdict.is_caught for verdict in counted if verdict.module == module]
        print(f"{module}: {sum(own)} of {len(own)}")
    print(f"{caught} of {len(counted)} changes caught; {len(verdicts) - len(counted)} are of no consequence")
    return caught >= GOAL * len(counted) and not stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the changes of some modules, and return 0 if at least nine of ten are caught."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="the seed of the random choice (default: 1)")
    parser.add_argument("--sample", type=int, default=10, help="changes in each module; 0 for all (default: 10)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="modules tested in parallel")
    parser.add_argument("--own", action="store_true", help="run only the module's own tests, which is faster")
    parser.add_argument(
        "modules", nargs="*", help="paths in src/triplomacy, such as claims/model.py (default: all modules with tests)"
    )
    given = parser.parse_args(arguments)
    for key in unknown():
        print(f"{REGISTER.name}: fits no change: {', '.join(key)}")
    judge = partial(_judged, size=given.sample, seed=given.seed, own=given.own)
    with ProcessPoolExecutor(given.jobs) as pool:
        runs = list(pool.map(judge, given.modules or with_tests()))
    for failure in (run for run in runs if isinstance(run, str)):
        print(failure)
    is_good = report([verdict for run in runs if not isinstance(run, str) for verdict in run])
    return 0 if is_good and not unknown() and not any(isinstance(run, str) for run in runs) else 1


def _judged(module: str, size: int, seed: int, own: bool) -> list[Verdict] | str:
    """Return what `judged` does, or why it cannot be."""
    try:
        return judged(module, size, seed, own=own)
    except ValueError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
