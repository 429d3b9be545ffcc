"""A time limit for jobs that cannot be interrupted within a process: regular expressions, queries, reasoners."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from triplomacy.errors import TriplomacyError


def run_within(seconds: float, job: Callable[[], int], advice: str) -> int:
    """Run a job in a process group of its own and return its exit code; the group is killed when the time is over.

    It is killed too when this process ends. The job runs in this process and without a limit if *seconds* is 0, on a
    system without ``fork`` (Windows), and where standard output is not a file (a caller in Python).

    Args:
        seconds: the limit; infinity for none. A job without a limit that starts no processes can be given 0.
        job: the function that runs and returns an exit code. It prints to the streams of this process and cannot read
            from a terminal. Its temporary files are removed.
        advice: the end of the error's message, which says what to do.

    Raises:
        TriplomacyError: the time is over, or a signal ended the job.
    """
    if not seconds or not hasattr(os, "fork") or not _is_file(sys.stdout):
        return job()
    import signal

    with _deadly_signals(), _scratch() as folder:
        status = _run_bounded(seconds, job, folder)
    if status is None:
        raise TriplomacyError(f"stopped after {seconds:g} seconds; {advice}")
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        raise TriplomacyError(f"the run was ended by {name}; if memory ran out, give it less")
    return os.WEXITSTATUS(status)


def _run_bounded(seconds: float, job: Callable[[], int], folder: str | None) -> int | None:
    """Return the wait status of a process that ran the job, or None if the time was over and it was killed."""
    import select
    import signal

    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    watched, alive = os.pipe()
    child = os.fork()
    if not child:
        os.close(alive)  # only the parent keeps it open, so that any end of the parent closes it
        _run(job, folder, (watched, writing))
    os.close(writing)
    os.close(watched)
    with suppress(OSError):  # the child does the same; whichever is first
        os.setpgid(child, child)
    readable: list[int] = []
    try:
        readable, _, _ = select.select([reading], [], [], None if seconds == math.inf else seconds)
    finally:
        os.close(reading)
        if not readable:
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        with suppress(BrokenPipeError):  # the watcher has been killed
            os.write(alive, b"x")
        os.close(alive)
    return status if readable else None


@contextmanager
def _scratch() -> Iterator[str | None]:
    """Yield a folder for the temporary files of a process that may be killed, or None if it cannot be made."""
    import shutil
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="triplomacy-")
    except OSError:  # a job without temporary files should not fail because of it
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Signalled(BaseException):
    """A signal that ends this process after the block has cleaned up; its argument is the signal's number."""


@contextmanager
def _deadly_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception in the block, then end by them; they do not reach the job's group."""
    import signal

    def end(number: int, frame: object) -> None:
        del frame
        raise _Signalled(number)

    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    usual = [number for number, handler in former.items() if handler is signal.SIG_DFL]
    for number in usual:
        signal.signal(number, end)
    try:
        yield
    except _Signalled as signalled:
        signal.signal(signalled.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), signalled.args[0])
        raise
    finally:
        for number in usual:
            signal.signal(number, signal.SIG_DFL)


def _is_file(stream: object) -> bool:
    try:
        return isinstance(stream, io.TextIOBase) and stream.fileno() >= 0
    except (OSError, ValueError):
        return False


def _run(job: Callable[[], int], folder: str | None, pipes: tuple[int, int]) -> None:
    """Run the job in the child process and exit with its code; the parent cleans up."""
    import signal
    import tempfile

    code = 2
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # so that a background group may print to a terminal
        if not os.fork():
            _watch(folder, *pipes)
        tempfile.tempdir = folder
        code = job()
        sys.stdout.flush()
    except BaseException:  # the job reports its own errors; this one is a bug
        import traceback

        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _watch(folder: str | None, watched: int, writing: int) -> None:
    """Wait for the end of the parent in a process of its own; if the parent was killed, kill the job and clean up."""
    import shutil
    import signal

    try:
        group = os.getpgid(0)
        os.setpgid(0, 0)
        for handle in (0, 1, 2, writing):  # so that readers of these streams do not wait for this process
            with suppress(OSError):
                os.close(handle)
        if not os.read(watched, 1):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)
