"""Locks on files and folders by flock(2), released when their process ends; Windows has no flock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from triplomacy.errors import EngineUnavailable


def lock(handle: int, *, shared: bool = False) -> None:
    """Lock an open file until it is closed.

    Args:
        handle: the file descriptor.
        shared: whether to take a shared lock, for which the call waits, or an exclusive one, for which it does not.

    Raises:
        BlockingIOError: another process has locked the file, and the lock is to be exclusive.
        EngineUnavailable: this system has no flock.
    """
    fcntl = _fcntl()
    fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)


def check() -> None:
    """Raise EngineUnavailable if this system has no flock."""
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
    """Lock a file or a folder exclusively during the block; yield whether that succeeded.

    It does not where another process has a lock, and where the system or the file system has no locks.
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
