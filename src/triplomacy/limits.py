"""A bound on the time of a job that cannot be interrupted from within: a regular expression, a query, a reasoner."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from triplomacy.errors import TriplomacyError


def run_within(seconds: float, job: Callable[[], int], advice: str) -> int:
    """Run a job that returns an exit code, in a process group of its own that ends with its time or with this process.

    Without ``fork`` (Windows), or where standard output is not a file (a caller in Python), it runs here, unbounded.

    Args:
        seconds: the bound; infinity for none; 0 for none where the job starts no processes, which runs it here.
        job: what runs; what it prints goes where this process prints, and from a terminal it cannot read. Its
            temporary files are removed.
        advice: what the error says.

    Raises:
        TriplomacyError: the time is over.
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
    """Return the exit status of a process that ran the job, or None if it was killed with its whole process group."""
    import select
    import signal

    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    watched, alive = os.pipe()
    child = os.fork()
    if not child:
        os.close(alive)  # this process alone has it, so that it is closed whatever ends this process
        _run(job, folder, (watched, writing))
    os.close(writing)
    os.close(watched)
    with suppress(OSError):  # the child does the same; one of the two comes first
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
    """Give a folder for the temporary files of a process that may be ended without a chance to remove them."""
    import shutil
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="triplomacy-")
    except OSError:  # a job that needs none should not fail for it
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Signalled(BaseException):
    """A signal that ends this process once the block has ended what it started."""


@contextmanager
def _deadly_signals() -> Iterator[None]:
    """Let a signal that would end this process end the block first: it does not reach the job's process group."""
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
    """Run the job in the child process and end it without cleanup, which is the parent's."""
    import signal
    import tempfile

    code = 2
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it prints to a terminal whose foreground is the parent
        if not os.fork():
            _watch(folder, *pipes)
        tempfile.tempdir = folder
        code = job()
        sys.stdout.flush()
    except BaseException:  # the job reports its own errors; this is a fault of the program
        import traceback

        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _watch(folder: str | None, watched: int, writing: int) -> None:
    """Wait in a process of its own for the end of the parent, and do what the parent would have if it was killed."""
    import shutil
    import signal

    try:
        group = os.getpgid(0)
        os.setpgid(0, 0)
        for handle in (0, 1, 2, writing):  # whoever waits for their ends should not wait for this process
            with suppress(OSError):
                os.close(handle)
        if not os.read(watched, 1):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)
