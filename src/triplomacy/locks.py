"""Locks on files and folders, released when their process ends: flock(2), which Windows does not have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from triplomacy.errors import EngineUnavailable


def lock(handle: int, *, shared: bool = False) -> None:
    """Lock what is open until it is closed: *shared* with others, for which it waits, or alone.

    Raises:
        BlockingIOError: another process has it, and it is not to be shared.
        EngineUnavailable: this system has no such locks.
    """
    fcntl = _fcntl()
    fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)


def check() -> None:
    """Raise EngineUnavailable if this system has no such locks."""
    _fcntl()


def _fcntl() -> ModuleType:
    try:
        import fcntl
    except ImportError:
        message = "a store on disk needs locks that this system does not have; use Linux or macOS (on Windows, WSL)"
        raise EngineUnavailable(message) from None
    return fcntl


@contextmanager
def hold(path: Path) -> Iterator[bool]:
    """Lock a file or a folder while the block runs and this process lives.

    Gives False where another process holds it, or where the system or the file system has no locks.
    """
    try:
        check()
    except EngineUnavailable:
        yield False
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        yield _is_alone(handle)
    finally:
        os.close(handle)


def _is_alone(handle: int) -> bool:
    try:
        lock(handle)
    except OSError:
        return False
    return True
