"""Locks, and a system that has none, as Windows: what needs them says so, and all else works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, make_gazette
from triplomacy import locks

NO_LOCKS = """
import sys
sys.modules["fcntl"] = None
from triplomacy.cli import main
sys.exit(main(sys.argv[1:]))
"""


def without_locks(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Return what a command does where there is no ``fcntl``."""
    command = [sys.executable, "-c", NO_LOCKS, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [["build", "--store", "store"], ["query", "who-recognises", "--store", "store"], ["validate", "--store", "store"]],
    ids=" ".join,
)
def test_a_store_on_disk_needs_locks(arguments: list[str], tmp_path: Path) -> None:
    """Where there are no locks, a store on disk is refused with what to do, and nothing is written."""
    project = make_gazette(tmp_path / "project")
    done = without_locks(*arguments, "--project", project.root, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "triplomacy: error: a store on disk needs locks that this system does not have; "
        "use Linux or macOS (on Windows, WSL)\n"
    )
    assert not (tmp_path / "store").exists()


def test_all_else_works_without_locks(tmp_path: Path) -> None:
    """What needs no store builds, imports and validates: only what a killed run has left is not swept."""
    project = make_gazette(tmp_path / "project")
    files = [ROOT / "tests" / "votes" / f"{name}.csv" for name in ("votes", "roll-calls", "issues")]
    (tmp_path / ".out-abcdefgh" / "new").mkdir(parents=True)
    for arguments in (
        ["build", "--output", tmp_path / "out"],
        ["import", "un-votes", *files, "--at", "2026-11-26T00:00:00Z"],
        ["format", "--check"],
        ["query", "--text", "ASK { ?s ?p ?o }"],
    ):
        done = without_locks(*arguments, "--project", project.root, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out-abcdefgh", "out", "project"]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout: there is nothing to compare with")
def test_changes_are_validated_without_locks() -> None:
    """Validation of what git says has changed needs no store and no lock."""
    done = without_locks("validate", "--changed-since", "HEAD")
    assert done.returncode == 0, done.stderr


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """What one holds alone nobody else does until it lets go."""
    with locks.hold(tmp_path) as one, locks.hold(tmp_path) as other:
        assert (one, other) == (True, False)
    with locks.hold(tmp_path) as again:
        assert again


def test_a_shared_lock_keeps_others_from_having_it_alone(tmp_path: Path) -> None:
    """Several may share a lock, and then nobody has it alone."""
    handles = [os.open(tmp_path, os.O_RDONLY) for _ in range(3)]
    try:
        locks.lock(handles[0], shared=True)
        locks.lock(handles[1], shared=True)
        with pytest.raises(BlockingIOError):
            locks.lock(handles[2])
    finally:
        for handle in handles:
            os.close(handle)
