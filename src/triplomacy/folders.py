"""Replacement of folders: the new one is written beside the old one and then takes its place.

A run holds a lock on its temporary folder. The next run removes temporary folders that no process has locked.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from triplomacy import locks
from triplomacy.errors import TriplomacyError

_NEW: Final = "new"
_OLD: Final = "old"
_SCRATCH: Final = "scratch"
_HERE: Final = -100  # AT_FDCWD
_EXCHANGE: Final = 2  # RENAME_EXCHANGE


@contextmanager
def replacement(folder: Path, place: Path | None = None) -> Iterator[Path]:
    """Yield a new folder to write to, which replaces *folder* when the block ends without an error.

    After an error the old folder is unchanged. The new one is made beside it, or in *place*, which has to be on the
    same file system. Where *folder* is a symbolic link, its target is replaced and the link kept.

    Raises:
        TriplomacyError: the folder cannot be written or replaced.
    """
    check(folder)
    folder = follow(folder)
    place = place or folder.parent
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        restore(folder, place)
        own = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=place))
    except OSError as error:
        raise TriplomacyError(f"cannot be written: {error.strerror}", path=folder) from None
    try:
        with locks.hold(own):
            (own / _NEW).mkdir()
            yield own / _NEW
            _replace(folder, own)
    except OSError as error:
        raise TriplomacyError(f"cannot be written: {error.strerror or error}", path=error.filename or folder) from None
    finally:
        shutil.rmtree(own, ignore_errors=True)


def check(folder: Path) -> None:
    """Raise TriplomacyError if it can be told in advance that a folder cannot be replaced."""
    real = follow(folder)
    if real.name in ("", ".."):
        advice = "change to another folder and name this one"
        raise TriplomacyError(f"cannot be written: only a folder with a name can be replaced; {advice}", path=folder)
    if real.is_symlink():
        raise TriplomacyError("cannot be written: its symbolic links form a loop; name another folder", path=folder)
    if os.path.ismount(real):
        advice = "name a folder in it"
        raise TriplomacyError(f"cannot be written: a file system is mounted here; {advice}", path=folder)
    above = next(path for path in real.absolute().parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise TriplomacyError(f"cannot be written: no folder can be made in {above}", path=folder)


def follow(folder: Path) -> Path:
    """Return the target of a symbolic link; any other path is returned unchanged."""
    return Path(os.path.realpath(folder)) if folder.is_symlink() else folder


def scratch(new: Path) -> Path:
    """Return a folder for temporary files beside the *new* folder of a replacement; it is removed with that run."""
    folder = new.parent / _SCRATCH
    folder.mkdir(exist_ok=True)
    return folder


def restore(folder: Path, place: Path | None = None) -> None:
    """Restore the folder if a killed run had moved it away, and remove the temporary folders of killed runs.

    Raises:
        TriplomacyError: the folder cannot be restored.
    """
    folder = follow(folder)
    place = place or folder.parent
    name = re.compile(rf"\.{re.escape(folder.name)}-[a-z0-9_]{{8}}")
    try:
        for own in [path for path in place.iterdir() if name.fullmatch(path.name)] if place.is_dir() else []:
            parts = {path.name for path in own.iterdir()} if own.is_dir() else set()
            if parts and parts <= {_NEW, _OLD, _SCRATCH}:
                _settle(folder, own)
    except OSError as error:
        raise TriplomacyError(f"cannot be written: {error.strerror}", path=folder) from None


def _settle(folder: Path, own: Path) -> None:
    """Restore the folder from a temporary one, and remove that, unless a running process has locked it."""
    with locks.hold(own) as alone:
        if alone and (own / _OLD).exists() and not folder.exists():
            (own / _OLD).rename(folder)
        if alone:
            shutil.rmtree(own, ignore_errors=True)


def _replace(folder: Path, own: Path) -> None:
    """Put the new folder in the place of the old one, atomically where the system can exchange two folders."""
    if not folder.exists() or not _exchange(own / _NEW, folder):
        _move(folder, own)


def _move(folder: Path, own: Path) -> None:
    if folder.exists():
        folder.rename(own / _OLD)
    try:
        (own / _NEW).rename(folder)
    except OSError:
        if (own / _OLD).exists():
            (own / _OLD).rename(folder)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders by renameat2(RENAME_EXCHANGE) of Linux; return whether that succeeded."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):  # the last on Windows
        return False
    return bool(rename(_HERE, os.fsencode(one.absolute()), _HERE, os.fsencode(other.absolute()), _EXCHANGE) == 0)
