"""A store on disk that several processes read while another one builds its successor.

The folder has one state in ``state-NAME/`` and a link ``current`` to it. A new state is filled beside the old one, and
the link is replaced in one step (rename(2)), so that whoever is ended at any point leaves the old state or the new one.
A reader holds a shared lock (flock(2)) on its state as long as it runs; a state that is no longer current is removed
by the next writer that finds nobody reading it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import locks
from triplomacy.errors import Choice, TriplomacyError
from triplomacy.files import synchronise

DATABASE: Final = "db"
METADATA: Final = "state.json"
_CURRENT: Final = "current"
_LOCK: Final = "lock"
_STATE: Final = "state-"
_OWN: Final = (_CURRENT, _LOCK, f"{_CURRENT}.new")
_TRIES: Final = 50  # how often a reader looks again for a state that was replaced while it looked


class Lock:
    """A shared lock on a file, held until nobody refers to it."""

    def __init__(self, path: Path) -> None:
        self.handle = os.open(path, os.O_RDONLY)
        locks.lock(self.handle, shared=True)
        self.is_of = os.path.samestat(os.fstat(self.handle), path.stat())

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):
            os.close(self.handle)


@dataclass(frozen=True, slots=True)
class State:
    """A state of a store on disk, only to be read.

    Attributes:
        folder: where it is.
        metadata: what its builder has said of it: hash, counts, files.
        lock: keeps it from being removed for as long as somebody has it.
    """

    folder: Path
    metadata: dict[str, Any]
    lock: Lock = field(repr=False)

    @property
    def database(self) -> Path:
        """The folder of the database."""
        return self.folder / DATABASE

    def store(self) -> ox.Store:
        """Return its graphs, only to be read.

        Raises:
            TriplomacyError: the database is damaged.
        """
        try:
            return ox.Store.read_only(str(self.database))
        except (OSError, ValueError, RuntimeError) as error:
            message = f"is not a store that can be read ({str(error)[:200]}); build it again"
            raise TriplomacyError(message, path=self.folder) from None


def open_state(root: Path) -> State:
    """Return the current state of the store in the folder *root*.

    Raises:
        EngineUnavailable: this system has no locks.
        TriplomacyError: there is none, or it is damaged.
    """
    locks.check()
    for _ in range(_TRIES):
        try:
            folder = root / (root / _CURRENT).readlink()
        except OSError:
            advice = "no store here; build one by: triplomacy build "
            raise TriplomacyError(advice, Choice("store", str(root)), path=root) from None
        lock = _shared_lock(folder)
        if lock:
            return State(folder, _metadata(folder), lock)
    raise TriplomacyError("is replaced all the time, or damaged; build it again", path=root)


def _shared_lock(folder: Path) -> Lock | None:
    """Return a shared lock on a state, or None if it has been or is being removed."""
    with suppress(OSError):
        lock = Lock(folder / _LOCK)
        return lock if lock.is_of else None
    return None


def _metadata(folder: Path) -> dict[str, Any]:
    import json

    try:
        metadata = json.loads((folder / METADATA).read_bytes())
    except (OSError, ValueError):
        raise TriplomacyError("has no description that can be read; build the store again", path=folder) from None
    if not isinstance(metadata, dict):
        raise TriplomacyError("has a description that is none; build the store again", path=folder)
    return metadata


@contextmanager
def new_state(root: Path) -> Iterator[Path]:
    """Give a folder for a new state, which becomes the current one when the block ends without an exception.

    Raises:
        EngineUnavailable: this system has no locks.
        TriplomacyError: *root* holds something else than a store, cannot be written, or another process builds there.
    """
    import shutil
    import tempfile

    locks.check()
    check(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        guard = os.open(root / _LOCK, os.O_CREAT | os.O_RDWR, 0o666)
    except OSError as error:
        raise TriplomacyError(f"cannot be written: {error.strerror}", path=root) from None
    try:
        _alone(guard, root)
        _sweep(root)
        fresh = Path(tempfile.mkdtemp(prefix=_STATE, dir=root))
        try:
            (fresh / _LOCK).touch()
            yield fresh
            fresh.chmod(0o755)
            _publish(root, fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _sweep(root)
    except OSError as error:
        raise TriplomacyError(f"cannot be written: {error.strerror or error}", path=root) from None
    finally:
        os.close(guard)


def check(root: Path) -> None:
    """Raise TriplomacyError if *root* is not a folder, or holds something else than a store."""
    if root.exists() and not root.is_dir():
        raise TriplomacyError("is not a folder; name a folder for the store", path=root)
    names = {path.name for path in root.iterdir()} if root.is_dir() else set()
    if any(name not in _OWN and not name.startswith(_STATE) for name in names):
        raise TriplomacyError("holds other things than a store; name a new or an empty folder", path=root)


def _alone(guard: int, root: Path) -> None:
    try:
        locks.lock(guard)
    except BlockingIOError:
        message = "another process builds this store; try again when it has ended"
        raise TriplomacyError(message, path=root) from None


def _publish(root: Path, fresh: Path) -> None:
    """Replace the link to the current state, once the files of the new state are synchronised to disk."""
    for path in (*fresh.rglob("*"), fresh):
        synchronise(path)
    link = root / f"{_CURRENT}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(fresh.name)
    link.replace(root / _CURRENT)
    synchronise(root)


def _sweep(root: Path) -> None:
    """Remove the states that are not current and that nobody reads: former ones, and those of interrupted builds."""
    import shutil

    try:
        current = (root / _CURRENT).readlink().name
    except OSError:
        current = ""
    for folder in root.glob(f"{_STATE}*"):
        if folder.name != current and _is_unread(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_unread(folder: Path) -> bool:
    """Tell whether no process reads a state; if so, remove its lock file, so that none can begin to."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return True
    try:
        locks.lock(lock)
        (folder / _LOCK).unlink()
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def copy_state(state: State, folder: Path) -> None:
    """Copy a state's database: its tables, which nothing changes, as links to the same files.

    Raises:
        OSError: the disk is full, or the like.
    """
    import shutil

    folder.mkdir()
    for path in state.database.iterdir():
        if path.suffix == ".sst":
            os.link(path, folder / path.name)
        elif path.name != "LOCK":
            shutil.copyfile(path, folder / path.name)
