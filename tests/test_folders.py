"""Folders that are put in the place of others whole."""

import os
from pathlib import Path

import pytest

from triplomacy import folders, locks
from triplomacy.errors import TriplomacyError


@pytest.fixture(params=[True, False], ids=["exchanged", "moved"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a file, on a system that can exchange folders in a step, or cannot."""
    if not request.param:
        monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("former", encoding="utf-8")
    return tmp_path / "out"


def left(folder: Path) -> list[str]:
    """Return what lies beside and in a folder."""
    return sorted(path.relative_to(folder.parent).as_posix() for path in folder.parent.rglob("*"))


def test_folder_is_replaced_whole(folder: Path) -> None:
    """The former folder stays until the block ends; then the new one is in its place, and nothing beside it."""
    with folders.replacement(folder) as new:
        (new / "b").touch()
        assert (folder / "a").is_file()
    assert left(folder) == ["out", "out/b"]


def test_failure_leaves_the_former(folder: Path) -> None:
    """After an exception the former folder is as it was, and nothing beside it."""

    def fail(error: Exception) -> None:
        with folders.replacement(folder) as new:
            (new / "b").touch()
            raise error

    with pytest.raises(ValueError, match="x"):
        fail(ValueError("x"))
    with pytest.raises(TriplomacyError, match="cannot be written: No space left") as caught:
        fail(OSError(28, "No space left", "file"))
    assert str(caught.value.path) == "file"
    assert left(folder) == ["out", "out/a"]


def test_folder_that_cannot_be_moved_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new folder cannot be moved into its place, the former one is put back."""
    monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(5, "broken")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(TriplomacyError, match="broken"), folders.replacement(folder):
        pass
    assert left(folder) == ["out", "out/a"]


def test_new_folder_and_those_above_it_are_made(tmp_path: Path) -> None:
    """A folder that is not there is made with those above it, beside it or at a place of its own."""
    (tmp_path / "place").mkdir()
    with folders.replacement(tmp_path / "x" / "y" / "out", tmp_path / "place") as new:
        assert new.is_relative_to(tmp_path / "place")
    assert (tmp_path / "x" / "y" / "out").is_dir()
    assert list((tmp_path / "place").iterdir()) == []


def test_folder_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    """What cannot be written is an error with the folder."""
    (tmp_path / "file").touch()
    with (
        pytest.raises(TriplomacyError, match="cannot be written") as caught,
        folders.replacement(tmp_path / "file" / "x"),
    ):
        pass
    assert caught.value.path == tmp_path / "file" / "x"


@pytest.mark.parametrize("name", [".", "..", "/", "x/.."])
def test_folder_without_a_name_is_refused_beforehand(name: str) -> None:
    """The current folder and those above it cannot be moved by these names, which is said before any work."""
    with pytest.raises(TriplomacyError, match=r"cannot be written: .*; change to another folder"):
        folders.check(Path(name))


def test_place_where_nothing_can_be_made_is_refused_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount point, a loop of links and what lies in a folder that may not be written are refused before any work."""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(TriplomacyError, match="form a loop; name another folder"):
        folders.check(tmp_path / "loop")
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path)
    with pytest.raises(TriplomacyError, match="mounted here"):
        folders.check(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path)
    with pytest.raises(TriplomacyError, match="no folder can be made in "):
        folders.check(tmp_path / "x" / "y")


@pytest.mark.parametrize("is_there", [True, False])
def test_link_stays_one(is_there: bool, tmp_path: Path) -> None:
    """Where a link leads to a folder, that one is replaced, or made, and what a killed run left beside it removed."""
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/out")
    if is_there:
        (tmp_path / "far" / "out").mkdir()
    killed(tmp_path / "far" / "out", "new")
    with folders.replacement(tmp_path / "link") as new:
        (new / "a").touch()
    assert (tmp_path / "link").readlink() == Path("far/out")
    assert left(tmp_path / "far" / "out") == ["out", "out/a"]


def test_scratch_goes_with_the_run(folder: Path) -> None:
    """What a run needs meanwhile lies beside the new folder; the next run removes what a killed one left of it."""
    with folders.replacement(folder) as new:
        (folders.scratch(new) / "f").touch()
        (new / "b").touch()
    killed(folder, "new", "scratch")
    folders.restore(folder)
    assert left(folder) == ["out", "out/b"]


def killed(folder: Path, *parts: str, name: str = ".out-abcd1234") -> Path:
    """Leave beside a folder what a run that was killed leaves, and return it."""
    for part in parts:
        (folder.parent / name / part).mkdir(parents=True)
        (folder.parent / name / part / "f").write_text(part, encoding="utf-8")
    return folder.parent / name


def test_what_a_killed_run_took_away_is_put_back(tmp_path: Path) -> None:
    """Where the folder is gone, the former one is put back, and what such a run had written is removed."""
    folder = tmp_path / "out"
    killed(folder, "old", "new")
    folders.restore(folder)
    assert (folder / "f").read_text(encoding="utf-8") == "old"
    assert left(folder) == ["out", "out/f"]


def test_what_a_killed_run_left_is_removed(folder: Path) -> None:
    """Where the folder is there, it stays as it is, and what is left of others is removed."""
    killed(folder, "old")
    killed(folder, "new", name=".out-12345678")
    folders.restore(folder)
    assert left(folder) == ["out", "out/a"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (".out-abcd", ("new",)),
        (".other-abcd1234", ("new",)),
        (".out-abcd1234", ("new", "mine")),
        (".out-abcd1234x", ("new",)),
    ],
)
def test_what_no_run_left_stays(name: str, parts: tuple[str, ...], folder: Path) -> None:
    """A folder of another name, or with other things in it, is somebody's, and stays."""
    other = killed(folder, *parts, name=name)
    folders.restore(folder)
    assert all((other / part / "f").is_file() for part in parts)


def test_run_that_lives_is_left_alone(folder: Path) -> None:
    """What another process still writes is not touched."""
    own = killed(folder, "new")
    with locks.hold(own):
        folders.restore(folder)
    assert (own / "new" / "f").is_file()


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="renameat2 is a call of Linux")
def test_two_folders_are_exchanged(tmp_path: Path) -> None:
    """Both are in each other's place after one step; where one is missing, nothing is done."""
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert folders._exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "b").is_file()
    assert (tmp_path / "b" / "a").is_file()
    assert not folders._exchange(tmp_path / "a", tmp_path / "c")
