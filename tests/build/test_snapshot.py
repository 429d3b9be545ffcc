"""The files that a state of a store was built of, and what has changed since."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import make_gazette
from triplomacy import files
from triplomacy.build import snapshot, store
from triplomacy.dataset import store_states
from triplomacy.dataset.project import Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.files import digests, read_bytes
from triplomacy.rdf.parsing import parse_file
from triplomacy.rdf.text_diff import TripleChange
from triplomacy.terms import GRAPH

GAZETTE = GRAPH + "gazette-1999"
HOUR = 3_600_000_000_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a small project with a store of it in a folder beside."""
    found = make_gazette(tmp_path / "project")
    store.build(found, tmp_path / "store")
    return found


def changes(project: Project) -> dict[str, TripleChange]:
    """Return what has changed since the store beside a project was built."""
    return store.changes(project, store_states.open_state(project.root.parent / "store"))


def named(*triples: tuple[str, str, str]) -> frozenset[ox.Triple]:
    """Return triples of IRIs."""
    return frozenset(ox.Triple(*(ox.NamedNode(term) for term in triple)) for triple in triples)


def test_nothing_has_changed(project: Project) -> None:
    """A project as it was built has no changes, nor has one whose files were only written again."""
    assert changes(project) == {}
    for path in project.graphs.rglob("*.ttl"):
        path.write_bytes(path.read_bytes())
    assert changes(project) == {}


def test_edit_is_told_by_its_graph(project: Project) -> None:
    """A triple more and a triple less in one file are the change of its graph alone."""
    path = project.graphs / "gazette-1999" / "more.ttl"
    path.write_text("<urn:a> <urn:p> <urn:b> .\n<urn:c> <urn:p> <urn:d> .\n", encoding="utf-8")
    store.build(project, project.root.parent / "store")
    path.write_text("<urn:a> <urn:p> <urn:b> .\n<urn:c> <urn:p> <urn:e> .\n", encoding="utf-8")
    found = changes(project)
    assert list(found) == [GAZETTE]
    assert found[GAZETTE].gone == named(("urn:c", "urn:p", "urn:d"))
    assert found[GAZETTE].new == named(("urn:c", "urn:p", "urn:e"))


def test_triple_of_another_file_is_not_gone(project: Project) -> None:
    """What another file of the graph states too, before or now, is neither gone nor new, and a move is not a change."""
    one, two = (project.graphs / "gazette-1999" / name for name in ("one.ttl", "two.ttl"))
    one.write_text("<urn:a> <urn:p> <urn:b> .\n<urn:c> <urn:p> <urn:d> .\n", encoding="utf-8")
    two.write_text("<urn:c> <urn:p> <urn:d> .\n", encoding="utf-8")
    store.build(project, project.root.parent / "store")
    one.write_text("", encoding="utf-8")
    assert changes(project)[GAZETTE].gone == named(("urn:a", "urn:p", "urn:b"))
    two.write_text("<urn:c> <urn:p> <urn:d> .\n<urn:a> <urn:p> <urn:b> .\n", encoding="utf-8")
    assert changes(project) == {GAZETTE: TripleChange()}
    one.write_text("<urn:a> <urn:p> <urn:b> .\n", encoding="utf-8")
    two.write_text("<urn:e> <urn:p> <urn:f> .\n", encoding="utf-8")
    found = changes(project)[GAZETTE]
    assert (found.gone, found.new) == (named(("urn:c", "urn:p", "urn:d")), named(("urn:e", "urn:p", "urn:f")))


def test_file_and_graph_come_and_go(project: Project) -> None:
    """All triples of a file or of a graph that came are new, of one that went are gone."""
    folder = project.graphs / "other"
    folder.mkdir()
    (folder / "a.ttl").write_text("<urn:a> <urn:p> <urn:b> .\n", encoding="utf-8")
    assert changes(project)[GRAPH + "other"].new == named(("urn:a", "urn:p", "urn:b"))
    store.build(project, project.root.parent / "store")
    shutil.rmtree(folder)
    arms = project.graphs / "gazette-1999" / "arms.ttl"
    triples = {each for each in parse_file(arms) if not isinstance(each.object, ox.BlankNode)}
    arms.unlink()
    found = changes(project)
    assert found[GRAPH + "other"].gone == named(("urn:a", "urn:p", "urn:b"))
    assert found[GAZETTE].gone >= triples
    assert triples


def test_malformed_edit_is_told_at_its_place(project: Project) -> None:
    """A file that is malformed now is an error with its line, and the store stays as it was."""
    arms = project.graphs / "gazette-1999" / "arms.ttl"
    arms.write_text(arms.read_text(encoding="utf-8") + "<urn:a> <urn:b> .\n", encoding="utf-8")
    lines = arms.read_bytes().count(b"\n")
    for attempt in (changes, lambda project: store.build(project, project.root.parent / "store")):
        with pytest.raises(MalformedInput) as raised:
            attempt(project)
        assert (raised.value.path, raised.value.line) == (arms, lines)
    assert len(list((project.root.parent / "store").glob("state-*"))) == 1


def test_change_that_leaves_size_and_time_is_seen(project: Project) -> None:
    """An edit in the moment in which the store is built, or under the old time of change, is not overlooked."""
    arms, folder = project.graphs / "gazette-1999" / "arms.ttl", project.root.parent / "store"
    for at in (None, time.time_ns() - HOUR):
        if at is not None:
            os.utime(arms, ns=(at, at))
        store.build(project, folder)
        before = arms.stat()
        text = arms.read_bytes()
        arms.write_bytes(text.replace(b"tri:affirms", b"tri:deniess", 1))
        os.utime(arms, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (arms.stat().st_size, arms.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        assert list(changes(project)) == [GAZETTE]
        arms.write_bytes(text)


def test_unchanged_file_is_not_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is the same by its stamps, and old enough for them to be trusted, is not read again."""
    monkeypatch.setattr(snapshot, "_SHORTLY", 0)
    time.sleep(0.02)  # a file system's clock may be some milliseconds behind
    known = snapshot.files(project)
    assert all(each.stat for each in known)
    contents = {path: path.read_bytes() for path in project.graphs.rglob("*.ttl")}
    reading: list[Path] = []

    def read(path: Path) -> bytes:
        reading.append(path)
        return read_bytes(path)

    monkeypatch.setattr(files, "read_bytes", read)
    assert snapshot.files(project, known) == known
    assert reading == []
    changed = sorted(contents)[0]
    changed.write_bytes(contents[changed] + b"# a comment\n")
    assert snapshot.files(project, known) != known
    assert reading == [changed]


def test_state_links_to_what_the_one_before_has_kept(project: Project) -> None:
    """A file that has not changed is there once on the disk for two states, and its content is the file's own."""
    folder = project.root.parent / "store"
    first = store_states.open_state(folder)  # read, and so not removed
    arms = project.graphs / "gazette-1999" / "arms.ttl"
    arms.write_text(arms.read_text(encoding="utf-8") + "<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    store.build(project, folder)
    second = store_states.open_state(folder)
    assert second.folder != first.folder
    files = snapshot.of_state(second)
    assert {path.read_bytes() for path in project.graphs.rglob("*.ttl")} <= {
        (second.folder / snapshot.FOLDER / each.sha256).read_bytes() for each in files
    }
    for each in files:
        one, two = (state.folder / snapshot.FOLDER / each.sha256 for state in (first, second))
        assert one.exists() == (each.path != arms)
        assert not one.exists() or one.samefile(two)


def test_state_without_its_files_is_told(project: Project) -> None:
    """A state whose files are not there cannot tell what has changed, and is built anew."""
    folder = project.root.parent / "store"
    (store_states.open_state(folder).folder / snapshot.INDEX).unlink()
    with pytest.raises(TriplomacyError, match="build the store again"):
        changes(project)
    (project.graphs / "gazette-1999" / "more.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    assert store.build(project, folder).changed is None
    assert changes(project) == {}


LINES = ("<urn:a> <urn:p> 1 .", "<urn:a> <urn:p> 01 .", "<urn:b> <urn:p> <urn:a> .", '<urn:b> <urn:q> "x"@en .', "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*(st.lists(st.sampled_from(LINES), max_size=4) for _ in range(3))), min_size=2, max_size=2))
def test_changes_are_those_of_the_whole_graph(
    tmp_path_factory: pytest.TempPathFactory, states: list[tuple[list[str], ...]]
) -> None:
    """However triples are spread over the files of a graph, before and now, its change is that of the whole."""
    folder = tmp_path_factory.mktemp("spread")
    paths = [folder / f"{number}.ttl" for number in range(3)]
    fresh = folder / "state"
    (fresh / "db").mkdir(parents=True)
    sets, files = [], []
    for texts in states:
        for path, lines in zip(paths, texts, strict=True):
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sets.append(frozenset(each for path in paths for each in parse_file(path)))
        files.append([snapshot.SnapshotFile(GAZETTE, path, each) for path in paths for each in digests([path])])
        if len(files) == 1:
            snapshot.keep(files[0], fresh, None)
    (fresh / "lock").touch()
    state = store_states.State(fresh, {}, store_states.Lock(fresh / "lock"))
    found = snapshot.changes(state, snapshot.of_state(state), files[1]).get(GAZETTE, TripleChange())
    assert (found.gone, found.new) == (sets[0] - sets[1], sets[1] - sets[0])
    shutil.rmtree(folder)
