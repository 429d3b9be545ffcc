"""What of a project's graphs has changed: since a revision of git, or since a store on disk was built of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import dataset
from triplomacy.build import changes, checks
from triplomacy.dataset import Project, store_states
from triplomacy.errors import Choice, MalformedInput, TriplomacyError
from triplomacy.files import in_folder, read_bytes
from triplomacy.rdf import TripleChange, parsing, text_diff
from triplomacy.terms import ONTOLOGY, VIEW

_ADVICE: Final = "name a commit, a branch or a tag"
_OF_HOOKS: Final = ("GIT_DIR", "GIT_PREFIX", "GIT_WORK_TREE")  # what git tells its hooks is of another folder
_MALFORMED: Final = "a file is malformed"


@dataclass(frozen=True)
class Changes:
    """How the default graph of a project differs from what it was.

    Attributes:
        store: a store whose default graph is what there is now, or what there was.
        is_now: whether it is what there is now.
        gone: triples that are there no more, as they were written.
        new: triples that were not there, as they are written.
        kept: triples beside those that are gone, which a store may take for the same.
        predicates: the properties of the store, where they are known.
        whole: why the change cannot be told from the graphs alone, or nothing.
        unknown: the folders of graphs that nobody can tell of whether they have changed.
    """

    store: ox.Store = field(default_factory=ox.Store)
    is_now: bool = True
    gone: frozenset[ox.Triple] = frozenset()
    new: frozenset[ox.Triple] = frozenset()
    kept: frozenset[ox.Triple] = frozenset()
    predicates: tuple[ox.NamedNode, ...] = ()
    whole: str = ""
    unknown: tuple[str, ...] = ()


def since_revision(project: Project, revision: str) -> Changes:
    """Return what of a project's graphs has changed since a revision of git, also what nobody has committed.

    Files that git ignores are taken for unchanged, and their folders are named.

    Raises:
        TriplomacyError: there is no git, no repository or no such revision.
    """
    history = _History(project.root.resolve(), revision)
    paths = history.list_changed()
    files = [path for path in paths if _is_graph(path, project)]
    ignored = history.list_ignored()
    names = tuple(sorted({path.parts[1] for path in ignored if _is_graph(path, project)}))
    whole = next(filter(None, map(_beyond_graphs, paths)), "") or history.unsure(_own(project), {*paths, *ignored})
    if whole or not files:
        return Changes(whole=whole, unknown=names)
    try:
        if silent := next(filter(_says_nothing, (project.root / path for path in files)), None):
            return Changes(whole=f"{silent.name} says nothing")
        with dataset.load_in_background(project) as loaded:
            changes = [_of_file(history, path, project.root / path) for path in files]
            store = loaded().changeable().store
    except MalformedInput:
        return Changes(whole=_MALFORMED)
    except _WasMalformedError as before:
        return Changes(whole=f"{before} was malformed at {revision}")
    gone, new, kept = (frozenset[ox.Triple]().union(*parts) for parts in zip(*changes, strict=True))
    return Changes(store, is_now=True, gone=gone, new=new, kept=kept, unknown=names)


class _WasMalformedError(Exception):
    """A file had been malformed, so that nobody can tell what it said."""


def _own(project: Project) -> list[Path]:
    """Return the files that are validated and those that they are validated with, below the project's folder."""
    own = [path for paths in project.files().values() for path in paths]
    rules = in_folder(project.ontology / "hygiene", ".rq")
    return [path.relative_to(project.root) for path in (*own, *project.shapes(), *rules)]


def _says_nothing(path: Path) -> bool:
    """Tell whether a file is there and has no triple; raise MalformedInput where it only seems so."""
    if not path.is_file():
        return False
    with parsing.stream(path) as quads:
        first = next(quads, None)
    return first is None and not parsing.parse_file(path)


def since_store(project: Project, root: Path) -> Changes:
    """Return what of a project's graphs has changed since a store on disk was built of them.

    Raises:
        TriplomacyError: there is no store, or one of another version.
    """
    state = store_states.open_state(root)
    try:
        changed = changes(project, state)
        edited = [path for graph in changed for path in project.files().get(graph, ())]
        silent = next(filter(_says_nothing, edited), None)
    except MalformedInput:
        return Changes(whole=_MALFORMED)
    if ONTOLOGY in changed:
        return Changes(whole="the ontology has changed, which all graphs depend on")
    if state.metadata["checks"] != checks(project):
        return Changes(whole="shapes or rules have changed")
    if set(state.metadata["files"]) != {*changed, *project.files()}:
        return Changes(whole="the store has other graphs than those that are meant")
    if silent:
        return Changes(whole=f"{silent.name} says nothing")
    store = state.store()
    properties = state.metadata["statistics"]["properties"]
    return Changes(
        store,
        is_now=False,
        gone=frozenset(_removals(store, changed)),
        new=frozenset(triple for change in changed.values() for triple in change.new),
        kept=frozenset(triple for change in changed.values() for triple in change.kept),
        predicates=tuple(map(ox.NamedNode, properties)),
    )


def _removals(store: ox.Store, changed: Mapping[str, TripleChange]) -> Iterator[ox.Triple]:
    """Yield the triples that no graph has any more."""
    graphs = [
        node for node in store.named_graphs() if isinstance(node, ox.NamedNode) and not node.value.startswith(VIEW)
    ]
    for graph, change in changed.items():
        for triple in change.gone:
            others = [
                node
                for node in graphs
                if node.value != graph and triple not in changed.get(node.value, TripleChange()).gone
            ]
            if not any(ox.Quad(triple.subject, triple.predicate, triple.object, node) in store for node in others):
                yield triple


def _beyond_graphs(path: Path) -> str:
    """Return why everything has to be validated if a file has changed, or nothing."""
    folder = path.parts[:2]
    if path.parts[0] != "ontology" or path.name == Project(Path()).mappings.name:
        return ""
    if len(path.parts) == 2 and path.suffix == ".ttl":
        return f"{path.as_posix()} has changed, which all graphs depend on"
    if folder in (("ontology", "shapes"), ("ontology", "hygiene")):
        return f"{path.as_posix()} has changed"
    return ""


def _is_graph(path: Path, project: Project) -> bool:
    is_file = len(path.parts) == 3 and path.parts[0] == "graphs" and path.suffix == ".ttl"
    return is_file and (not project.only or path.parts[1] in (*project.only, dataset.ACTORS))


def _of_file(history: _History, path: Path, file: Path) -> tuple[frozenset[ox.Triple], ...]:
    """Return what is gone from a file, what is new, and what stands beside the former."""
    before = history.text(path)
    now = read_bytes(file) if file.is_file() else b""
    try:
        change = text_diff.diff_texts(before, now, file)
    except MalformedInput:
        parsing.parse_text(now, file)  # it may be this one
        raise _WasMalformedError(path.name) from None
    return change.gone, change.new, change.kept


class _History:
    """The files of a folder as a commit has them."""

    def __init__(self, root: Path, revision: str) -> None:
        self.root = root
        self.revision = revision
        if self._git("rev-parse", "--git-dir") is None:
            raise TriplomacyError("is in no git repository; leave ", Choice("changed-since"), " out", path=root)
        commit = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if commit is None:
            advice = _ADVICE
            if self._git("rev-parse", "--is-shallow-repository") == b"true\n":
                advice = "the clone is shallow: fetch its history (fetch-depth: 0 in a workflow)"
            raise TriplomacyError(f"git knows no revision {revision or 'without a name'}; {advice}", path=root)
        self.commit = commit.decode().strip()

    def _git(self, *words: str) -> bytes | None:
        """Return what git says, or None where it ends with an error."""
        variables = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
        command = ["git", "-C", str(self.root), *words]
        try:
            done = subprocess.run(command, capture_output=True, check=False, env=variables)
        except OSError:
            advice = " asks git, which is not installed here; install it"
            raise TriplomacyError(Choice("changed-since"), advice) from None
        return done.stdout if done.returncode == 0 else None

    def list_changed(self) -> list[Path]:
        """Return the files of ontology and graphs that differ, below the folder; those that git does not know too."""
        folders = ("--", "ontology", "graphs")
        known = self._git("diff", "--name-only", "--no-renames", "--relative", "-z", self.commit, *folders)
        fresh = self._git("ls-files", "--others", "--exclude-standard", "-z", *folders)
        if known is None or fresh is None:
            raise TriplomacyError(f"git cannot tell what has changed since {self.revision}", path=self.root)
        return sorted({*_paths(known), *_paths(fresh)})

    def list_ignored(self) -> list[Path]:
        """Return the files of graphs that git has been told to ignore."""
        return _paths(self._git("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", "graphs") or b"")

    def unsure(self, files: Iterable[Path], listed_files: Container[Path]) -> str:
        """Return of which of some files git cannot tell whether it has changed, and why, or nothing.

        Args:
            files: the files, below the folder.
            listed_files: those of which git says something.
        """
        listed = (self._git("ls-files", "-v", "-z", "--", "ontology", "graphs") or b"").split(b"\0")
        marks = {Path(entry[2:].decode("utf-8", "surrogateescape")): entry[:1] for entry in listed if entry}
        for path in files:
            if any((self.root / part).is_symlink() for part in (path, *path.parents)):
                return f"{path.as_posix()} is reached by a link, and git tells nothing of what is behind it"
            if path not in marks and path not in listed_files:
                return f"{path.as_posix()} is of another repository"
            if marks.get(path, b"H") != b"H" and path not in listed_files:
                return f"git has been told not to look at {path.as_posix()}"
        return ""

    def text(self, path: Path) -> bytes:
        """Return a file of the commit, none where it had no such file."""
        return self._git("cat-file", "blob", f"{self.commit}:./{path.as_posix()}") or b""


def _paths(output: bytes) -> list[Path]:
    """Return the paths in an output of git, each of which a null byte ends."""
    return [Path(os.fsdecode(name)) for name in output.split(b"\0") if name]
