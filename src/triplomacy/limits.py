"""A bound on the time of a job that cannot be interrupted from within: a regular expression, a query, a reasoner."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from triplomacy.errors import TriplomacyError


def within(seconds: float, job: Callable[[], int], advice: str) -> int:
    """Run a job that returns an exit code, in a process of its own that is ended when its time is over.

    Where there is no ``fork`` (Windows), or standard output is no file (a caller in Python), it runs here, unbounded.

    Args:
        seconds: the bound; 0 for none.
        job: what runs; what it prints goes where this process prints.
        advice: what the error says.

    Raises:
        TriplomacyError: the time is over.
    """
    if not seconds or not hasattr(os, "fork") or not _is_file(sys.stdout):
        return job()
    import select
    import signal

    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run(job)
    os.close(writing)
    try:
        done, _, _ = select.select([reading], [], [], seconds)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(reading)
    if not done:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not done:
        raise TriplomacyError(f"stopped after {seconds:g} seconds; {advice}")
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        raise TriplomacyError(f"the run was ended by {name}; if memory ran out, give it less")
    return os.WEXITSTATUS(status)


def _is_file(stream: object) -> bool:
    try:
        return isinstance(stream, io.TextIOBase) and stream.fileno() >= 0
    except (OSError, ValueError):
        return False


def _run(job: Callable[[], int]) -> None:
    """Run the job in the child and end the process: nothing that the parent has open is closed twice."""
    code = 2
    try:
        code = job()
        sys.stdout.flush()
    except BaseException:  # the job reports its own errors; this is a fault of the program
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
