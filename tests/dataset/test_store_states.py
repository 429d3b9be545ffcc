"""States of a store on disk: the current one, those that are read, and what an interrupted builder leaves."""

import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from triplomacy import locks
from triplomacy.dataset import store_states
from triplomacy.dataset.store_states import DATABASE, METADATA
from triplomacy.errors import EngineUnavailable, TriplomacyError

QUAD = ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.NamedNode("urn:c"))


def build(root: Path, number: int = 1, description: str | None = None) -> None:
    """Build a state that has a number in its description, and one triple."""
    with store_states.new_state(root) as folder:
        database = ox.Store(str(folder / DATABASE))
        database.add(QUAD)
        database.flush()
        del database
        (folder / METADATA).write_text(description or json.dumps({"number": number}), encoding="utf-8")


def states(root: Path) -> list[Path]:
    """Return the folders of states."""
    return sorted(root.glob("state-*"))


def test_state_becomes_the_current_one(tmp_path: Path) -> None:
    """What a builder has filled is read with its description, and its folder may be read by others."""
    build(tmp_path / "store", 7)
    state = store_states.open_state(tmp_path / "store")
    assert state.metadata == {"number": 7}
    assert list(state.store()) == [QUAD]
    assert state.folder == states(tmp_path / "store")[0]
    assert state.folder.stat().st_mode & 0o777 == 0o755


def test_next_state_takes_the_place_of_the_former(tmp_path: Path) -> None:
    """Without readers only the new state is left."""
    for number in (1, 2):
        build(tmp_path, number)
    assert store_states.open_state(tmp_path).metadata == {"number": 2}
    assert len(states(tmp_path)) == 1


def test_state_that_is_read_stays(tmp_path: Path) -> None:
    """As long as a reader has a state, it stays; the first builder that finds nobody reading it removes it."""
    build(tmp_path, 1)
    reader = store_states.open_state(tmp_path)
    build(tmp_path, 2)
    assert len(states(tmp_path)) == 2
    assert list(reader.store()) == [QUAD]
    assert store_states.open_state(tmp_path).metadata == {"number": 2}
    del reader
    build(tmp_path, 3)
    assert len(states(tmp_path)) == 1


def test_builder_that_fails_changes_nothing(tmp_path: Path) -> None:
    """After an exception the former state is the current one, and nothing of the new one is left."""
    build(tmp_path, 1)

    def fail() -> None:
        with store_states.new_state(tmp_path) as folder:
            (folder / METADATA).write_text("{", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert store_states.open_state(tmp_path).metadata == {"number": 1}
    assert len(states(tmp_path)) == 1


def test_what_was_interrupted_is_swept(tmp_path: Path) -> None:
    """States without a lock, or whose lock nobody has, are removed; so is a link that was not put in its place."""
    build(tmp_path, 1)
    for name in ("state-a", "state-b"):
        (tmp_path / name).mkdir()
    (tmp_path / "state-b" / "lock").touch()
    (tmp_path / "current.new").symlink_to("nowhere")
    build(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["current", "lock", states(tmp_path)[0].name])


def test_one_builds_at_a_time(tmp_path: Path) -> None:
    """A second builder is told to wait, and disturbs neither the first one nor the state that is there."""
    with store_states.new_state(tmp_path) as folder:
        (folder / METADATA).write_text('{"number": 1}', encoding="utf-8")
        with pytest.raises(TriplomacyError, match="another process builds this store; try again"):
            build(tmp_path, 2)
    assert store_states.open_state(tmp_path).metadata == {"number": 1}


def test_store_that_is_not_there(tmp_path: Path) -> None:
    """A folder without a store is an error that says how to build one."""
    with pytest.raises(TriplomacyError, match=f"build one by: triplomacy build store={tmp_path}"):
        store_states.open_state(tmp_path)


@pytest.mark.parametrize("description", ["{", "[]", "1"])
def test_description_that_cannot_be_read(description: str, tmp_path: Path) -> None:
    """A state whose description is not an object of JSON, or is not there, is an error with its folder."""
    build(tmp_path, description=description)
    with pytest.raises(TriplomacyError, match="description") as caught:
        store_states.open_state(tmp_path)
    (state,) = states(tmp_path)
    assert caught.value.path == state
    (state / METADATA).unlink()
    with pytest.raises(TriplomacyError, match="description"):
        store_states.open_state(tmp_path)


def test_database_that_is_damaged(tmp_path: Path) -> None:
    """A database that the engine cannot read is an error that says to build it again."""
    build(tmp_path)
    state = store_states.open_state(tmp_path)
    shutil.rmtree(state.database)
    with pytest.raises(TriplomacyError, match="build it again") as caught:
        state.store()
    assert caught.value.path == state.folder


def test_state_that_is_gone(tmp_path: Path) -> None:
    """Where the current state is missing every time that a reader looks, the store is called damaged."""
    build(tmp_path)
    (states(tmp_path)[0] / "lock").unlink()
    with pytest.raises(TriplomacyError, match="replaced all the time, or damaged"):
        store_states.open_state(tmp_path)


def test_reader_looks_again_while_the_state_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state whose lock was replaced while a reader waited for it is not taken; the next look finds the new one."""
    build(tmp_path)
    real, looks = store_states.Lock.__init__, []

    def replaced_once(lock: store_states.Lock, path: Path) -> None:
        real(lock, path)
        looks.append(lock)
        lock.is_of = lock.is_of and len(looks) > 1

    monkeypatch.setattr(store_states.Lock, "__init__", replaced_once)
    assert store_states.open_state(tmp_path).metadata == {"number": 1}
    assert len(looks) == 2


def test_lock_of_a_file_that_was_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock knows whether the file that it is on is still the one of its name."""
    path = tmp_path / "lock"
    path.touch()
    assert store_states.Lock(path).is_of
    real = locks.lock

    def replace_and_lock(handle: int, *, shared: bool = False) -> None:
        path.rename(tmp_path / "former")
        path.touch()
        real(handle, shared=shared)

    monkeypatch.setattr(locks, "lock", replace_and_lock)
    assert not store_states.Lock(path).is_of


def test_place_that_a_store_may_take(tmp_path: Path) -> None:
    """A store takes a new or an empty folder or one of a store; no file, and no folder of other things."""
    store_states.check(tmp_path / "new")
    store_states.check(tmp_path)
    build(tmp_path / "store")
    store_states.check(tmp_path / "store")
    (tmp_path / "store" / "letter.txt").touch()
    with pytest.raises(TriplomacyError, match="holds other things than a store"):
        build(tmp_path / "store")
    with pytest.raises(TriplomacyError, match="name a folder for the store"):
        store_states.check(tmp_path / "store" / "letter.txt")


def test_copy_shares_the_tables(tmp_path: Path) -> None:
    """A copied database has the tables as links to the same files, its other files as its own, and no lock."""
    build(tmp_path / "store")
    state = store_states.open_state(tmp_path / "store")
    store_states.copy_state(state, tmp_path / "copy")
    names = {path.name for path in state.database.iterdir()}
    assert {path.name for path in (tmp_path / "copy").iterdir()} == names - {"LOCK"}
    for name in names - {"LOCK"}:
        is_shared = (tmp_path / "copy" / name).samefile(state.database / name)
        assert is_shared is name.endswith(".sst"), name
    assert list(ox.Store(str(tmp_path / "copy"))) == [QUAD]
    assert list(state.store()) == [QUAD]


def test_file_among_the_states_is_in_nobodys_way(tmp_path: Path) -> None:
    """What is called like a state and cannot be removed as one stays, and the store is built nevertheless."""
    (tmp_path / "state-x").touch()
    build(tmp_path)
    assert (tmp_path / "state-x").is_file()
    assert store_states.open_state(tmp_path).metadata == {"number": 1}


def test_without_locks_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a system has no locks, neither a folder nor a file is made."""

    def check() -> None:
        raise EngineUnavailable("no locks")

    monkeypatch.setattr(locks, "check", check)
    for attempt in (build, store_states.open_state):
        with pytest.raises(EngineUnavailable):
            attempt(tmp_path / "store")
    assert not (tmp_path / "store").exists()
