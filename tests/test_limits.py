"""A bound on the time of a job that nothing from within can interrupt."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triplomacy.limits import run_within

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork: the job runs unbounded")

EXPLODES = "import re; re.match('(a+)+$', 'a' * 60 + 'b')"  # holds the interpreter's lock all the time
FOREVER = 60.0


def outcome(job: str, seconds: float = FOREVER, before: str = "") -> subprocess.CompletedProcess[str]:
    """Return what a process does that runs a job, the statements of a function, within some seconds."""
    body = "\n".join(f"    {line}" for line in job.splitlines())
    program = f"""
import os, signal, sys, time
from triplomacy.errors import TriplomacyError
from triplomacy.limits import run_within
{before}
def job():
{body}
try:
    code = run_within({seconds!r}, job, "simplify it")
except TriplomacyError as error:
    print(f"told: {{error}}", file=sys.stderr)
    code = 2
sys.exit(code)
"""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )


@pytest.mark.parametrize("code", [0, 1, 2, 77])
def test_exit_code_passes_through(code: int) -> None:
    """What the job returns is what the caller gets."""
    done = outcome(f"return {code}")
    assert (done.returncode, done.stderr) == (code, "")


def test_what_overruns_is_ended_and_says_so() -> None:
    """A regular expression that explodes ends with the bound, and the message has the seconds and the advice."""
    begun = time.monotonic()
    done = outcome(f"{EXPLODES}\nreturn 0", 0.5)
    assert (done.returncode, done.stderr) == (2, "told: stopped after 0.5 seconds; simplify it\n")
    assert time.monotonic() - begun < 20


def test_what_overruns_leaves_no_process_behind() -> None:
    """The process of a job that was ended is gone when the error is told."""
    done = outcome("print(os.getpid(), flush=True)\nwhile True: pass", 3.0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def is_running(pid: int) -> bool:
    """Tell whether there is a process of that number that has not ended: one that nobody waits for stays listed."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def ends(pid: int) -> bool:
    """Tell whether a process that was killed is gone within some seconds: a loaded system takes its time to end it."""
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


def test_what_the_job_started_ends_with_it() -> None:
    """A Java that the job waits for is ended with the job, so that it does not go on computing."""
    done = outcome("import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid, flush=True)\nwhile True: pass", 3.0)
    assert ends(int(done.stdout))


def test_temporary_files_of_what_overruns_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the job has in temporary files goes with it, though it gets no chance to remove them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = outcome("import tempfile\nprint(tempfile.mkdtemp(), flush=True)\nwhile True: pass", 3.0)
    assert done.stdout.startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_room_for_temporary_files_a_job_runs() -> None:
    """A job that needs no temporary file does not fail where there can be none."""
    done = outcome("return 3", before="import tempfile; tempfile.mkdtemp = lambda **_: open('/none/such')")
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_parent_ends_the_job(number: signal.Signals, tmp_path: Path) -> None:
    """Whoever ends the process ends its job and removes its temporary files, and sees which signal it was."""
    program = (
        "import os, signal\nfrom triplomacy.limits import run_within\n"
        f"signal.signal({number}, signal.SIG_DFL)  # as it need not be where the tests run under nohup\n"
        "def job():\n    print(os.getpid(), flush=True)\n    while True: pass\nrun_within(60, job, '')\n"
    )
    variables = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, env=variables) as process:
        assert process.stdout is not None
        job = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(20) == -number
    assert ends(job)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", ["60", "math.inf"])
def test_a_job_whose_parent_is_killed_ends_with_it(seconds: str, tmp_path: Path) -> None:
    """Where nobody is left to end a job, it ends with what it started, and its temporary files are removed."""
    program = (
        "import math, os, subprocess, tempfile\nfrom triplomacy import limits\n"
        "def job():\n    started = subprocess.Popen(['sleep', '60'])\n    tempfile.mkdtemp()\n"
        "    print(os.getpid(), started.pid, flush=True)\n    while True: pass\n"
        f"limits.run_within({seconds}, job, '')\n"
    )
    variables = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, env=variables) as process:
        assert process.stdout is not None
        job, started = map(int, process.stdout.readline().split())
        assert len(list(tmp_path.iterdir())) == 1
        process.kill()
    assert ends(job)
    assert ends(started)
    until = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_a_job_without_a_bound_takes_its_time() -> None:
    """With an infinite bound the job runs in a process of its own, to its end."""
    done = outcome("time.sleep(0.5)\nreturn int(os.getpid() == os.getpgid(0))", float("inf"), "inf = float('inf')")
    assert (done.returncode, done.stderr) == (1, "")


def test_output_of_the_job_arrives_in_order_and_once() -> None:
    """What was printed before, what the job prints and what is printed after it stand in that order, each once."""
    done = outcome(
        "print('within'); print('beside', file=sys.stderr); return 0",
        before="import atexit; print('before'); atexit.register(lambda: print('after'))",
    )
    assert (done.stdout.split(), done.stderr) == (["before", "within", "after"], "beside\n")


def test_output_of_what_overruns_arrives_as_far_as_it_went() -> None:
    """What the job wrote out before its time was over is not lost."""
    done = outcome("print('begun', flush=True)\nwhile True: pass", 3.0)
    assert done.stdout == "begun\n"


def test_much_output_arrives_whole() -> None:
    """A job that prints more than a pipe holds is not taken for one that hangs."""
    done = outcome("print('x' * 3_000_000); return 0", 30)
    assert (done.returncode, len(done.stdout)) == (0, 3_000_001)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_a_job_that_a_signal_ends_is_named(name: str) -> None:
    """Where memory runs out or a library crashes, the message names the signal, and there is no traceback."""
    done = outcome(f"os.kill(os.getpid(), signal.{name})\ntime.sleep(30)")
    assert done.returncode == 2
    assert re.fullmatch(f"told: .*{name}.*; .+\n", done.stderr)


def test_a_job_that_fails_unforeseen_ends_with_2() -> None:
    """An exception that no one foresaw is a fault of the program: it is shown, and the exit code is not 0."""
    done = outcome("raise ZeroDivisionError")
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr


def test_without_a_bound_the_job_runs_here() -> None:
    """With 0 seconds the job runs in this process, and its exception comes through."""
    ran: list[int] = []

    def job() -> int:
        ran.append(os.getpid())
        return 5

    assert run_within(0, job, "") == 5
    assert ran == [os.getpid()]


def test_a_caller_in_python_gets_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard output is not a file, the job runs here, so that the caller's stream has what it prints."""

    def job() -> int:
        print("told")
        return 3

    assert run_within(FOREVER, job, "") == 3
    assert capsys.readouterr().out == "told\n"


def test_interrupt_ends_the_job_too(tmp_path: Path) -> None:
    """Ctrl+C in the parent ends the job as well, and nothing goes on writing afterwards."""
    pid = tmp_path / "pid"
    program = (
        "import os, pathlib, time\nfrom triplomacy.limits import run_within\n"
        f"def job():\n    pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n    while True: pass\n"
        "run_within(60, job, '')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, cwd=ROOT)
    until = time.monotonic() + 20
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
