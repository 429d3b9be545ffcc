"""A project's graphs and views as a store on disk; after an edit only what has changed is derived again.

The default graph is the union of the ontology and the curated graphs, as `dataset.load` has it; each graph and each
view is there by its IRI too. A state keeps the files that it was built of, so that an edit is told from its text. What
a view says of a proposition depends on that proposition, on the claims about it and about those that it specialises,
and on the evidence of these claims, by the rules in ``ontology/rules``: after an edit the facts of the propositions
that can be reached so from what has changed are derived again, and nothing else. Where a project has rules of its own,
or classes are declared in a graph that has changed, all is derived again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from triplomacy import __version__
from triplomacy.build import snapshot
from triplomacy.build.bulk_load import BuildSummary, Statistics, Task, build_state, read_statistics
from triplomacy.build.snapshot import SnapshotFile
from triplomacy.build.view_maintenance import RebuildNeeded, update_state
from triplomacy.dataset import Project, store_states
from triplomacy.errors import TriplomacyError
from triplomacy.files import FilePath, combine_digests, digest, digests, in_folder, to_path
from triplomacy.rdf import TripleChange

_LAYOUT: Final = 4  # of the state; another one is built anew


def build(project: Project, root: FilePath) -> BuildSummary:
    """Bring the store in the folder *root* to the state of the project's files, whole or not at all.

    Raises:
        MalformedInput: a file of the project is malformed.
        TriplomacyError: *root* holds something else than a store or cannot be written, or another process builds there.
    """
    root = to_path(root)
    store_states.check(root)
    former = _former(root)
    files = snapshot.files(project, snapshot.of_state(former) if former is not None else ())
    metadata = _metadata(project, files)
    if former is not None and all(former.metadata.get(name) == value for name, value in metadata.items()):
        return BuildSummary(dict(former.metadata["graphs"]), (), 0)
    with store_states.new_state(root) as fresh:
        snapshot.keep(files, fresh, former)
        snapshot_files, statistics = _fill(project, Task(former, fresh, files, metadata))
        metadata |= {"graphs": snapshot_files.counts, "statistics": statistics}
        (fresh / store_states.METADATA).write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
        former = None  # nobody reads it any more, so that it is swept away
    return snapshot_files


def changes(project: Project, state: store_states.State) -> dict[str, TripleChange]:
    """Return how the project's graphs differ from what a state was built of, by the graphs' IRIs, without the store.

    A graph that came or went differs by all that its files say. Triples with blank nodes are among the changes where a
    statement with one differs, and then all of that file, since nobody can tell which node is which.

    Raises:
        MalformedInput: a file that has changed is malformed.
        TriplomacyError: a file cannot be read, or the state has not kept the files that it was built of.
    """
    before = snapshot.of_state(state)
    if state.metadata.get("layout") != _LAYOUT or not before:
        raise TriplomacyError("is of another version of Triplomacy; build the store again", path=state.folder)
    return snapshot.changes(state, before, snapshot.files(project, before))


def checks(project: Project) -> str:
    """Return a hash of what the graphs are validated with besides the ontology."""
    rules = in_folder(project.ontology / "hygiene", ".rq")
    return digest([*project.shapes(), *rules])


def _fill(project: Project, task: Task) -> tuple[BuildSummary, Statistics]:
    """Fill a new database from the state before, if there is one that is good for it, else from the files."""
    if task.former is not None:
        try:
            return update_state(project, task, task.former)
        except RebuildNeeded:
            shutil.rmtree(task.fresh / store_states.DATABASE, ignore_errors=True)
    return build_state(project, task), read_statistics(task.fresh)


def _former(root: Path) -> store_states.State | None:
    try:
        return store_states.open_state(root)
    except TriplomacyError:
        return None


def _metadata(project: Project, files: Sequence[SnapshotFile]) -> dict[str, Any]:
    """Return what tells one state from another: the hashes of files and rules, and the version."""
    rules = digest(project.rules())
    return {
        "layout": _LAYOUT,
        "version": __version__,
        "sha256": combine_digests([*(file.sha256 for file in files), *digests(project.rules())]),
        "rules": rules,
        "checks": checks(project),
        "files": snapshot.hashes(files),
    }
