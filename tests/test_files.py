"""Files: which are read, and how they are written whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triplomacy import files
from triplomacy.errors import TriplomacyError
from triplomacy.rdf import normal_form

TURTLE = "<urn:a>   <urn:b> <urn:c> .\n"
NORMAL = "<urn:a>\n    <urn:b> <urn:c> .\n"


def triplomacy(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Return what a command does within a minute and half a gigabyte more than it needs."""
    command = [sys.executable, "-m", "triplomacy", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return]


def as_shell(command: str) -> subprocess.CompletedProcess[str]:
    """Return what a line of bash does in which ``triplomacy`` stands for the command."""
    line = command.replace("triplomacy", f"{sys.executable} -m triplomacy", 1)
    return subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


COMMANDS = (
    ["format", "{}"],
    ["format", "--check", "{}"],
    ["validate", "{}", "--shapes", "{}"],
    ["query", "--text", "ASK {{}}", "--data", "{}"],
    ["query", "--again", "{}"],
    ["evidence", "--source", "{}"],
    ["validate", "--source", "{}"],
    ["validate", "--baseline", "{}"],
    ["import", "un-votes", "{}"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_refused(command: list[str], kind: str, tmp_path: Path) -> None:
    """A pipe that nobody writes to and a device that never ends are refused at once by each command that reads."""
    path = tmp_path / "data.ttl"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    done = triplomacy(*(part.format(path) for part in command))
    assert done.returncode == 2
    assert "a pipe or a device" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_open_is_read(tmp_path: Path) -> None:
    """Standard input and what bash substitutes for a process are read, by whatever name, through links too."""
    (tmp_path / "data.ttl").symlink_to("/dev/stdin")
    assert as_shell(f"echo '{TURTLE}' | triplomacy format --check {tmp_path / 'data.ttl'}").returncode in (1, 2)
    done = subprocess.run(
        [sys.executable, "-m", "triplomacy", "format", "-"], input=TURTLE, capture_output=True, text=True, check=False
    )
    assert done.stdout == NORMAL
    done = as_shell(f"triplomacy query --text 'SELECT * {{ ?s ?p ?o }}' --data {tmp_path / 'data.ttl'} <<< '{TURTLE}'")
    assert (done.returncode, "urn:a" in done.stdout) == (0, True), done.stderr


def test_pipes_are_read_as_text(tmp_path: Path) -> None:
    """What comes through a pipe that is open here is read whole, and the null device is empty."""
    reading, writing = os.pipe()
    os.write(writing, b"text")
    os.close(writing)
    try:
        assert files.read_text(Path(f"/dev/fd/{reading}")) == "text"
    finally:
        os.close(reading)
    assert files.read_text(Path(os.devnull)) == ""
    with pytest.raises(TriplomacyError, match="cannot be read: Is a directory"):
        files.read_text(tmp_path)


def test_what_does_not_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that goes on and on is an error once it is too large, and fills no memory."""
    monkeypatch.setattr(files, "_MOST", 10_000_000)
    with Path("/dev/zero").open("rb") as zero, pytest.raises(TriplomacyError, match="has more than 10 MB"):
        files.read_bytes(Path(f"/dev/fd/{zero.fileno()}"))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    """Who may read a file that is put into its normal form may do so afterwards, and nobody else."""
    path = tmp_path / "data.ttl"
    path.write_text(TURTLE, encoding="utf-8")
    path.chmod(mode)
    assert triplomacy("format", path).returncode == 0
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o7777) == (NORMAL, mode)


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    """A file that was not there gets what the mask of the process leaves."""
    mask = os.umask(0o027)
    try:
        files.write({tmp_path / "new": "x"})
    finally:
        os.umask(mask)
    assert (tmp_path / "new").stat().st_mode & 0o7777 == 0o640


def test_nobody_else_reads_what_is_being_written(tmp_path: Path) -> None:
    """While it is written, a file that is private is as private as it was."""
    path = tmp_path / "data"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    modes: list[int] = []

    def parts() -> object:
        yield "new"
        modes.extend(each.stat().st_mode & 0o077 for each in tmp_path.iterdir())

    files.write({path: parts()})  # type: ignore[dict-item]
    assert modes == [0, 0]


def test_a_file_is_on_the_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is synchronised before the rename, and the folder after it."""
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synchronised(handle: int) -> None:
        steps.append("folder" if Path(f"/dev/fd/{handle}").is_dir() else "file")
        sync(handle)

    def replaced(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synchronised)
    monkeypatch.setattr(Path, "replace", replaced)
    files.write({tmp_path / "data": "text"})
    assert steps == ["file", "rename", "folder"]


KILLED = """
import os, signal, sys
from pathlib import Path
from triplomacy import files

def parts():
    yield "x" * 100_000
    os.kill(os.getpid(), signal.SIGKILL)

files.write({Path(sys.argv[1]): parts()})
"""


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """The next file that is written into a folder removes what is left there, and not what is being written."""
    path = tmp_path / "data"
    assert subprocess.run([sys.executable, "-c", KILLED, path], check=False).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1

    def parts() -> object:
        yield "x" * 100_000
        files.write({tmp_path / "other": "y"})
        yield "z"

    files.write({path: parts()})  # type: ignore[dict-item]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "other"]
    assert path.stat().st_size == 100_001


def test_many_prefixes_take_memory_by_their_number() -> None:
    """Twenty thousand prefixes are put into their normal form in little memory."""
    resource = pytest.importorskip("resource", reason="no measure of memory here")
    text = "".join(f"@prefix p{n}: <https://example.org/{n}/> .\n" for n in range(20_000)) + "p1:a p2:b p3:c .\n"
    program = "import sys; from triplomacy.rdf import normal_form; normal_form.arrange(sys.stdin.read())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=text,
        text=True,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000)),
    )
    assert done.returncode == 0, done.stderr[-500:]


def test_the_prefix_that_counts_is_that_of_the_place() -> None:
    """A prefix that is declared anew stands for what it stood for at each place; the longest namespace is taken."""
    text = (
        "@prefix a: <urn:x:> .\n<urn:x:one> a:is <urn:y:two> .\n"
        "@prefix a: <urn:y:> .\n@prefix b: <urn:y:t> .\n<urn:x:one> a:is <urn:y:two> .\n"
    )
    written = normal_form.normalise(text)
    assert "a:one\n    a:is <urn:y:two> ." in written
    assert "<urn:x:one>\n    a:is b:wo ." in written
