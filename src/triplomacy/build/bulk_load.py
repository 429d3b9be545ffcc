"""A state of a store from all files at once: bulk loads, views, counts and statistics."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy.build import snapshot
from triplomacy.build.snapshot import SnapshotFile
from triplomacy.claims import views
from triplomacy.dataset import Dataset, MemoryDataset, Project, store_states
from triplomacy.rdf import stream
from triplomacy.terms import VIEW

LARGE: Final = 5_000_000  # bytes of a graph from which on it is rather built anew than taken in or out by triples
_LINES: Final = 500  # triples that are handed to the engine at once


class BuildSummary(NamedTuple):
    """What a store on disk has now: triples of each graph by its IRI, and how it came about.

    Attributes:
        counts: triples of each graph and each view, by its IRI.
        changed: the IRIs of the curated graphs that differ from the state before; None where everything was built.
        derived: how many propositions were derived again; None where all views were.
    """

    counts: dict[str, int]
    changed: tuple[str, ...] | None = None
    derived: int | None = None


class Task(NamedTuple):
    """What a new state is made of: the state before, the folder, the files and what tells it from another one."""

    former: store_states.State | None
    fresh: Path
    files: list[SnapshotFile]
    metadata: dict[str, Any]


Statistics = dict[str, dict[str, int]]


def build_state(project: Project, task: Task) -> BuildSummary:
    """Fill a new database from the files as they are kept."""
    store = ox.Store(str(task.fresh / store_states.DATABASE))
    _load(store, [(task.fresh / snapshot.FOLDER / file.sha256, file.path, file.graph) for file in task.files])
    dataset = MemoryDataset(store, project.files(), project)
    derive_all(dataset)
    store.flush()
    store.optimize()
    return BuildSummary(count_triples(dataset))


def load(store: ox.Store, path: Path, graph: str) -> None:
    """Load a file into the default graph and into the graph of that IRI, its blank nodes the same in both.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column; nothing is loaded.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
        OSError: the disk is full, or the like.
    """
    _load(store, [(path, path, graph)])


def _load(store: ox.Store, files: Sequence[tuple[Path, Path, str]]) -> None:
    """Load files, each given by where it is, what it is called and its graph, in one go.

    The engine writes each of its batches in threads of its own. So what it reads comes through a pipe, in N-Quads, from
    a thread that parses: every term is hashed and stored once for both graphs.
    """
    from threading import Thread

    reading, writing = os.pipe()
    failed: list[Exception] = []

    def feed() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb", 0) as out:
            try:
                for source, path, graph in files:
                    _write(out, source, path, graph)
            except BrokenPipeError:
                raise
            except Exception as error:  # it is raised where the load is
                failed.append(error)
                out.write(b"!\n")  # so that nothing is loaded

    thread = Thread(target=feed)
    thread.start()
    try:
        store.bulk_load(path=f"/dev/fd/{reading}", format=ox.RdfFormat.N_QUADS, lenient=True)
    except SyntaxError:
        if not failed:
            raise
    finally:
        os.close(reading)
        thread.join()
    if failed:
        raise failed[0]


def _write(out: IO[bytes], source: Path, path: Path, graph: str) -> None:
    """Write the triples of a file for both of its graphs."""
    named = f" <{graph}> .\n".encode()
    with stream(source, path) as triples:
        while lines := ox.serialize(islice(triples, _LINES), format=ox.RdfFormat.N_QUADS):
            out.write(lines + lines.replace(b" .\n", named))


def to_quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    """Return a triple in a graph."""
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def derive_all(dataset: MemoryDataset) -> None:
    """Derive every view anew."""
    for graph in _view_graphs(dataset.store):
        dataset.store.remove_graph(graph)
    views.add_graphs(dataset)


def _view_graphs(store: ox.Store) -> list[ox.NamedNode]:
    return [node for node in store.named_graphs() if isinstance(node, ox.NamedNode) and node.value.startswith(VIEW)]


def count_triples(dataset: Dataset) -> dict[str, int]:
    """Return how many triples each graph and each view has."""
    graphs = [*dataset.files, *(VIEW + name for name in views.names(dataset))]
    counts = {}
    for graph in sorted(graphs):
        text = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        counts[graph] = int(next(dataset.select(text))["n"].value)
    return counts


def read_statistics(fresh: Path) -> Statistics:
    """Return how many nodes of each class and how many triples of each property the default graph has."""
    dataset = MemoryDataset(ox.Store.read_only(str(fresh / store_states.DATABASE)))
    classes = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s a ?key } GROUP BY ?key"
    properties = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s ?key ?o } GROUP BY ?key"
    return {"classes": _count(dataset, classes), "properties": _count(dataset, properties)}


def _count(dataset: Dataset, text: str) -> dict[str, int]:
    return dict(sorted((str(row["key"].value), int(row["n"].value)) for row in dataset.select(text)))
