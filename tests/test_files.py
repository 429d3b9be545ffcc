"""Files: which are read, and how they are written whole."""

import errno
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triplomacy import files
from triplomacy.dataset.project import Texts
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.rdf import normal_form
from triplomacy.validation import inputs

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


LOOPS = (
    ["validate", "{}", "--shapes", "ontology/shapes"],
    ["validate", "wikidata.ttl", "--shapes", "{}/loop.ttl"],
    ["validate", "wikidata.ttl", "--shapes", "ontology/shapes", "--ontology", "{}/loop.ttl"],
    ["query", "--text", "ASK {{}}", "--data", "{}/loop.ttl"],
    ["format", "{}"],
    ["serve", "--port", "0", "--data", "{}/loop.ttl"],
)


@pytest.mark.parametrize("command", LOOPS, ids=" ".join)
def test_links_that_lead_in_a_loop_are_refused(command: list[str], tmp_path: Path) -> None:
    """A file that is a loop of links is an error with its name, wherever it is given."""
    (tmp_path / "loop.ttl").symlink_to("loop.ttl")
    known = {"ontology/shapes": ROOT / "ontology" / "shapes", "wikidata.ttl": ROOT / "tests" / "wikidata.ttl"}
    done = triplomacy(*(known.get(part, part.format(tmp_path)) for part in command))
    assert (done.returncode, f"{tmp_path / 'loop.ttl'}: cannot be read: Too many levels" in done.stderr) == (2, True)


def project_with(name: str, folder: Path) -> Path:
    """Return the path of a file that is still to be made in a copy of our project."""
    for part in ("ontology", "graphs", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    return folder / name


@pytest.mark.parametrize("name", ["graphs/actors/zz.ttl", "ontology/shapes/zz.ttl", "queries/recognition/zz.rq"])
def test_loop_in_a_project_is_refused(name: str, tmp_path: Path) -> None:
    """Validation names the file of a project that is a loop of links."""
    loop = project_with(name, tmp_path)
    loop.symlink_to(loop.name)
    done = triplomacy("validate", "--project", tmp_path)
    assert (done.returncode, f"{loop}: cannot be read: Too many levels" in done.stderr) == (2, True), done.stderr


def test_pipe_among_the_rules_is_refused(tmp_path: Path) -> None:
    """A citation has the hash of the rules, for which no pipe is waited for."""
    pipe = project_with("ontology/rules/zz.rq", tmp_path)
    os.mkfifo(pipe)
    done = triplomacy("query", "who-recognises", "--cite", "--project", tmp_path)
    assert (done.returncode, f"{pipe}: cannot be read: this is a pipe" in done.stderr) == (2, True), done.stderr


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a folder in it that the system does not let this process read."""
    scan = os.scandir
    (tmp_path / "locked").mkdir()
    (tmp_path / "data.ttl").touch()

    def refuse(folder: Path | str) -> object:
        if Path(folder).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    return tmp_path


@pytest.mark.parametrize(
    "read",
    [
        lambda folder: normal_form.files([folder]),
        lambda folder: inputs.all_files([folder]),
        lambda folder: files.in_folder(folder / "locked", ".ttl"),
        lambda folder: Texts().paths(folder),
    ],
    ids=["format", "validate", "graphs", "queries"],
)
def test_folder_that_cannot_be_read_is_named(read: Callable[[Path], object], locked: Path) -> None:
    """No folder is passed over, and none is taken for an empty one, because it may not be read."""
    with pytest.raises(TriplomacyError, match="cannot be read: Permission denied") as caught:
        read(locked)
    assert caught.value.path == locked / "locked"


def test_what_is_in_a_folder(tmp_path: Path) -> None:
    """The paths with an ending are sorted, and a folder that is not there or is a file has none."""
    for name in ("b.ttl", "a.ttl", "c.TTL", "d"):
        (tmp_path / name).touch()
    assert [path.name for path in files.in_folder(tmp_path, ".ttl")] == ["a.ttl", "b.ttl"]
    assert files.in_folder(tmp_path / "none", ".ttl") == files.in_folder(tmp_path / "d", ".ttl") == []


def test_stream_is_not_brought_to_its_normal_form() -> None:
    """What comes through a pipe cannot be changed in its place, and nothing is written into it."""
    done = as_shell(f"echo '{TURTLE}' | triplomacy format /dev/stdin")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "triplomacy: error: /dev/stdin: is not a file that can be changed; give - for standard input\n"
    )


def test_what_is_open_is_read(tmp_path: Path) -> None:
    """Standard input and what bash substitutes for a process are read, by whatever name, through links too."""
    (tmp_path / "data.ttl").symlink_to("/dev/stdin")
    done = as_shell(f"echo '{TURTLE}' | triplomacy format --check {tmp_path / 'data.ttl'}")
    assert (done.returncode, "not in its normal form" in done.stdout + done.stderr) == (1, True), done.stderr
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
    with Path("/dev/zero").open("rb") as zero, pytest.raises(TriplomacyError, match="cannot be read: more than 10 MB"):
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
        is_folder = Path(f"/dev/fd/{handle}").is_dir()
        steps.append("folder" if is_folder else f"{os.fstat(handle).st_size} bytes")
        sync(handle)

    def replaced(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synchronised)
    monkeypatch.setattr(Path, "replace", replaced)
    files.write({tmp_path / "data": "text"})
    assert steps == ["4 bytes", "rename", "folder"]


KILLED = """
import os, signal, sys
from collections.abc import Callable, Iterator
from pathlib import Path
from triplomacy import files
from triplomacy.dataset.project import Texts

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


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"\xef\xbb\xbftext", 1, 1, "byte order mark"),
        (b"\xff", 1, 1, "not UTF-8"),
        (b"one\n\xc3\xa9\xff\n", 2, 2, "not UTF-8"),
        (b"one\n\n\xe2\x82", 3, 1, "not UTF-8"),
    ],
)
def test_other_encodings_are_refused_at_their_place(
    content: bytes, line: int, column: int, message: str, tmp_path: Path
) -> None:
    """The place of what is not UTF-8 is counted in characters from 1; a mark at the end is a character."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(MalformedInput, match=message) as caught:
        files.read_text(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, line, column)
    path.write_bytes(b"text\xef\xbb\xbf")
    assert files.read_text(path) == "text\ufeff"


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is an error with its path, in text as in hashes."""
    for read in (files.read_text, lambda path: files.digest([path])):
        with pytest.raises(TriplomacyError, match="cannot be read: No such file") as caught:
            read(tmp_path / "none")
        assert caught.value.path == tmp_path / "none"


@pytest.mark.parametrize(("size", "passes"), [(10, True), (11, False)])
def test_stream_may_have_as_much_as_its_bound(size: int, passes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that ends within the bound is read, and one that has a byte more is not."""
    monkeypatch.setattr(files, "_MOST", 10)
    stream = io.BytesIO(b"x" * size)
    if passes:
        assert files.read_all(stream, "stream") == b"x" * size
    else:
        with pytest.raises(TriplomacyError, match="cannot be read: more than 0 MB"):
            files.read_all(stream, "stream")


def test_each_sort_of_content_is_written(tmp_path: Path) -> None:
    """Texts in UTF-8, their parts and bytes are written; a link stays one; nothing is left beside."""
    (tmp_path / "link").symlink_to("text")
    contents: dict[str, str | bytes | Iterator[str]] = {
        "text": "caf\u00e9",
        "parts": iter(["a", "b"]),
        "bytes": b"\xff",
    }
    files.write({tmp_path / name: content for name, content in contents.items()})
    files.write({tmp_path / "link": "new"})
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {"text": b"new", "link": b"new", "parts": b"ab", "bytes": b"\xff"}
    assert (tmp_path / "link").is_symlink()


def test_files_that_cannot_be_written_are_all_named(tmp_path: Path) -> None:
    """What cannot be written is named, the first one as the place, and the others are written nevertheless."""
    (tmp_path / "folder").mkdir()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    paths = [tmp_path / "folder", tmp_path / "none" / "file", tmp_path / "nul\0", tmp_path / "good"]
    with pytest.raises(TriplomacyError) as caught:
        files.write(dict.fromkeys(paths, "x"))
    assert caught.value.path == paths[0]
    assert str(caught.value).startswith(f"{paths[0]}: cannot be written: this is a folder; name a file in it; ")
    assert f"; {paths[1]}: cannot be written: there is no folder {tmp_path / 'none'}; make it first" in str(
        caught.value
    )
    assert "; " + str(paths[2]) in str(caught.value)
    assert paths[3].read_text(encoding="utf-8") == "x"
    with pytest.raises(TriplomacyError, match="cannot be written"):
        files.write({loop: "x"})


def test_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Where the parts of a text cannot be had, the former file stays, and nothing beside it."""
    path = tmp_path / "data"
    path.write_text("old", encoding="utf-8")

    def parts() -> object:
        yield "new"
        raise OSError("lost")

    with pytest.raises(TriplomacyError, match="cannot be written: lost"):
        files.write({path: parts()})  # type: ignore[dict-item]
    assert [each.name for each in tmp_path.iterdir()] == ["data"]
    assert path.read_text(encoding="utf-8") == "old"


def test_nothing_stays_open(tmp_path: Path) -> None:
    """However many files are written and read, no more are open than before."""
    before = len(list(Path("/dev/fd").iterdir()))
    for number in range(5):
        files.write({tmp_path / f"{number}": "x"})
        files.read_text(tmp_path / f"{number}")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_device_is_written_to_as_it_is() -> None:
    """The null device takes what is written, and stays a device."""
    files.write({Path(os.devnull): "x"})
    assert Path(os.devnull).is_char_device()


def test_only_what_nobody_writes_is_swept(tmp_path: Path) -> None:
    """An empty file of another process may just have been made; one of another name is not ours; both stay."""
    for name, content in [
        (".triplomacy-0123456789abcdef", "left"),
        (".triplomacy-fedcba9876543210", ""),
        (".triplomacy-0123", "other"),
        ("x.triplomacy-0123456789abcdef", "other"),
    ]:
        (tmp_path / name).write_text(content, encoding="utf-8")
    files.write({tmp_path / "data": "x"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".triplomacy-0123",
        ".triplomacy-fedcba9876543210",
        "data",
        "x.triplomacy-0123456789abcdef",
    ]


def test_hash_of_files_is_that_of_their_hashes(tmp_path: Path) -> None:
    """The hash of several files counts their contents in their order, and not their names."""
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.write_text(path.name, encoding="utf-8")
    digests = [hashlib.sha256(name.encode()) for name in "ab"]
    assert files.digests(paths) == [digest.hexdigest() for digest in digests]
    assert files.digest(paths) == hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()
    assert files.digest(paths[::-1]) != files.digest(paths) == files.combine_digests(files.digests(paths))
