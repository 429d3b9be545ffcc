"""The files that a state of a store was built of, kept in it, and how those of today differ from them.

A file is kept under the SHA-256 of its content; a state links to what the state before has kept already. A file is read
again only where its size, its times or its inode are others than when it was read, or where it had been
written so shortly before that another change could have left them the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.dataset import Project, store_states
from triplomacy.errors import TriplomacyError
from triplomacy.files import digests, read_bytes
from triplomacy.rdf import Outline, TripleChange, parse_text, text_diff

FOLDER: Final = "files"
INDEX: Final = "files.json"
_SHORTLY: Final = 2_000_000_000  # nanoseconds: the coarsest clock of a file system


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A file as it was read.

    Attributes:
        graph: the IRI of the graph that it is of.
        path: where it was; its name tells it from others of the graph.
        sha256: of its content, and what it is called where it is kept.
        stat: its size, its times and its inode; empty where a change could have left them the same.
        outline: of its content; None as long as it is not known.
    """

    graph: str
    path: Path
    sha256: str
    stat: tuple[int, ...] = ()
    outline: Outline | None = None


def of_state(state: store_states.State) -> list[SnapshotFile]:
    """Return the files that a state was built of, in their order; nothing where it has not kept them."""
    try:
        entries = json.loads((state.folder / INDEX).read_bytes())
        return [_from_json(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _from_json(entry: Mapping[str, Any]) -> SnapshotFile:
    directives, escaped = entry["outline"]
    spans = None if directives is None else tuple((int(start), int(end)) for start, end in directives)
    outline = Outline(spans, bool(escaped))
    return SnapshotFile(entry["graph"], Path(entry["path"]), entry["sha256"], tuple(entry["stat"]), outline)


def _as_json(kept: SnapshotFile) -> dict[str, Any]:
    names = ("graph", "sha256", "stat", "outline")
    return {name: getattr(kept, name) for name in names} | {"path": str(kept.path.absolute())}


def files(project: Project, before: Iterable[SnapshotFile] = ()) -> list[SnapshotFile]:
    """Return the files of a project as they are, in the order of `Project.files`.

    Args:
        project: whose files.
        before: files as they were read once; those that are the same by their `stat` are not read again.

    Raises:
        TriplomacyError: a file cannot be read, or a graph has none.
    """
    known = {(file.graph, file.path.name): file for file in before}
    return [
        _snapshot_file(graph, path, known.get((graph, path.name)))
        for graph, paths in project.files().items()
        for path in paths
    ]


def _snapshot_file(graph: str, path: Path, before: SnapshotFile | None) -> SnapshotFile:
    try:
        stat = _stat(path)
        if before is not None and before.stat and before.stat == stat:
            return replace(before, path=path)
        sha256 = digests([path])[0]
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    outline = before.outline if before is not None and before.sha256 == sha256 else None
    return SnapshotFile(graph, path, sha256, stat, outline)


def _stat(path: Path) -> tuple[int, ...]:
    """Return what tells that a file is still the same; nothing where it was written a moment ago."""
    stat = path.stat()
    if max(stat.st_mtime_ns, stat.st_ctime_ns) + _SHORTLY > time.time_ns():
        return ()
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def keep(files: Sequence[SnapshotFile], fresh: Path, former: store_states.State | None) -> None:
    """Keep files in the folder of a new state, as links to what the state before has of them.

    Raises:
        OSError: the disk is full, or the like.
        TriplomacyError: a file is another one than when it was looked at.
    """
    (fresh / FOLDER).mkdir()
    entries = [_as_json(_keep_file(file, fresh / FOLDER, former)) for file in files]
    (fresh / INDEX).write_text(json.dumps(entries) + "\n", encoding="utf-8")


def _keep_file(kept: SnapshotFile, folder: Path, former: store_states.State | None) -> SnapshotFile:
    target = folder / kept.sha256
    if not target.exists() and not (former is not None and _link(former.folder / FOLDER / kept.sha256, target)):
        content = _content(kept.path)
        if hashlib.sha256(content).hexdigest() != kept.sha256:
            raise TriplomacyError("was changed while the store was built; build it again", path=kept.path)
        target.write_bytes(content)
    if kept.outline is not None:
        return kept
    return replace(kept, outline=text_diff.outline(target.read_bytes(), kept.path))


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileNotFoundError:
        return False
    return True


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None


def hashes(files: Iterable[SnapshotFile]) -> dict[str, str]:
    """Return the SHA-256 of each graph's files, their names and contents, by the graph's IRI."""
    whole: dict[str, Any] = {}
    for file in files:
        whole.setdefault(file.graph, hashlib.sha256()).update(f"{file.path.name}\0{file.sha256}\0".encode())
    return {graph: digest.hexdigest() for graph, digest in whole.items()}


def changes(
    state: store_states.State, before: Sequence[SnapshotFile], now: Sequence[SnapshotFile]
) -> dict[str, TripleChange]:
    """Return how the files of each graph that differs say something else, by the graph's IRI; sorted.

    Args:
        state: the state that has kept the files from before.
        before: the files from before.
        now: the files of today.

    Raises:
        MalformedInput: a file of today is malformed.
        TriplomacyError: a file cannot be read.
    """
    old, new = hashes(before), hashes(now)
    graphs = sorted(graph for graph in {*old, *new} if old.get(graph) != new.get(graph))
    changes_by_graph = {}
    for graph in graphs:
        was, has = (_by_name(file for file in files if file.graph == graph) for files in (before, now))
        changes_by_graph[graph] = _of_graph(
            _FileChange.of(state, was.get(name), has.get(name)) for name in sorted({*was, *has})
        )
    return changes_by_graph


def _by_name(files: Iterable[SnapshotFile]) -> dict[tuple[str, int], SnapshotFile]:
    """Return files by their names, with a number for each of several of one name."""
    named: dict[tuple[str, int], SnapshotFile] = {}
    for file in files:
        number = sum(1 for name, _ in named if name == file.path.name)
        named[file.path.name, number] = file
    return named


@dataclass(frozen=True, slots=True)
class _FileChange:
    """A file of a graph before and now, None where there is none, with what differs."""

    path: Path
    before: bytes | None
    now: bytes | None
    outline: Outline | None
    change: TripleChange

    @classmethod
    def of(cls, state: store_states.State, was: SnapshotFile | None, has: SnapshotFile | None) -> _FileChange:
        """Return the pair of what a state has kept and what is there today."""
        path = has.path if has is not None else was.path if was is not None else Path()
        before = None if was is None else _content(state.folder / FOLDER / was.sha256)
        now = None if has is None else before if was and has.sha256 == was.sha256 else _content(has.path)
        outline = None if was is None else was.outline
        return cls(path, before, now, outline, _of_file(before, now, path, outline))


def _of_file(before: bytes | None, now: bytes | None, path: Path, outline: Outline | None) -> TripleChange:
    if before is not None and now is not None:
        return TripleChange() if before is now else text_diff.diff_texts(before, now, path, outline)
    old, new = (() if text is None else parse_text(text, path) for text in (before, now))
    return text_diff.diff(old, new)


def _of_graph(pairs: Iterable[_FileChange]) -> TripleChange:
    """Return how a graph differs: a triple of one file may be stated in another one, before or now."""
    files = list(pairs)
    every = [file.change for file in files]
    gone, new = (
        frozenset(chain.from_iterable(sets))
        for sets in zip(*((change.gone, change.new) for change in every), strict=True)
    )
    still, already = gone & new, gone & new
    if gone or new:
        for file in files:
            still |= _statements(file.now, gone - file.change.gone, file, file.before is file.now)
            already |= _statements(file.before, new - file.change.new, file, True)
    kept = frozenset(chain.from_iterable(change.kept for change in every))
    gone, new = gone - still, new - already
    return TripleChange(gone, new, text_diff.sharing_slot(gone, (kept | still) - new))


def _statements(
    text: bytes | None, triples: frozenset[ox.Triple], pair: _FileChange, known: bool
) -> frozenset[ox.Triple]:
    """Return what one of the texts of a file states of the subjects of some triples."""
    if text is None or not triples:
        return frozenset()
    return text_diff.statements_about(text, triples, pair.path, pair.outline if known else None)
