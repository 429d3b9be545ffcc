"""Files to one dataset of named graphs in memory, and the dataset back to stable bytes.

A *project* is a folder with ``ontology/``, ``graphs/`` and ``queries/``; the installed package
carries one. A folder under ``graphs/`` is a named graph. The default graph of a loaded dataset is
the union of the ontology and the curated graphs; named graphs are loaded beside it where a caller
asks for them, since a query that names no graph does not need the second copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyoxigraph as ox

from triplomacy.dataset.project import Project
from triplomacy.rdf import load_file
from triplomacy.sparql import refuse_services
from triplomacy.terms import PREFIXES

if TYPE_CHECKING:
    from triplomacy.dataset import store_states


class Solutions(NamedTuple):
    """The solutions of a SELECT: its variables in their order, without question marks, and the rows."""

    variables: tuple[str, ...]
    rows: Iterable[ox.QuerySolution]


Result = Solutions | bool | Iterable[ox.Triple]


class Engine(Protocol):
    """What answers queries in the place of a store here."""

    def query(self, text: str) -> Result:
        """Return the answer of a query, with the project's prefixes known."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """A project's graphs in a store, and the files that each named graph was read from.

    Where there is an *engine*, the graphs are elsewhere: it answers, and the store is empty. Where there is a *state*,
    the store is on disk, only to be read, and has every graph and every view by its IRI; *view* is then the IRI of the
    one whose facts belong to the default graph too, and *sha256* the hash of the files that the state was built from.
    """

    store: ox.Store
    files: dict[str, list[Path]] = field(default_factory=dict)
    project: Project | None = None
    engine: Engine | None = None
    state: store_states.State | None = None
    view: str | None = None
    sha256: str = ""

    def changeable(self) -> Dataset:
        """Return the dataset in memory, where it may be changed: itself, or a copy of a store on disk."""
        if self.state is None:
            return self
        store = ox.Store()
        store.bulk_extend(self.store.quads_for_pattern(None, None, None))
        return replace(self, store=store, state=None, view=None)

    def query(self, text: str) -> Result:
        """Return the answer of a query over the default graph, with the project's prefixes known.

        Raises:
            SyntaxError: it does not parse.
            TriplomacyError: it has ``SERVICE`` in it, which pyoxigraph would ask with no bound.
        """
        refuse_services(text)
        if self.engine is not None:
            return self.engine.query(text)
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [ox.DefaultGraph()]
        graphs += [ox.NamedNode(self.view)] if self.view else []
        merged = graphs if self.view else None
        found = self.store.query(text, prefixes=dict(PREFIXES), default_graph=merged)
        if isinstance(found, ox.QuerySolutions):
            return Solutions(tuple(variable.value for variable in found.variables), found)
        return bool(found) if isinstance(found, ox.QueryBoolean) else found

    def select(self, query: str) -> Iterator[ox.QuerySolution]:
        """Yield the solutions of a SELECT over the default graph, with the project's prefixes known."""
        found = self.query(query)
        if not isinstance(found, Solutions):
            raise TypeError("not a SELECT query")
        return iter(found.rows)

    def sources(self) -> list[str]:
        """Return the IRIs of the sources, sorted."""
        rows = self.select("SELECT ?source WHERE { ?source a tri:Source }")
        return sorted({str(row["source"].value) for row in rows})


def load(project: Project, *, named: bool = False) -> Dataset:
    """Return the project's graphs: the union as the default graph and, if *named*, each graph by its IRI.

    Raises:
        MalformedInput: a file is not Turtle or not UTF-8.
        TriplomacyError: a graph has no file or a file cannot be read.
    """
    if project.store is not None:
        return _on_disk(project, project.store)
    dataset = Dataset(ox.Store(), project.files(), project)
    for paths in dataset.files.values():
        for path in paths:
            load_file(dataset.store, path)
    if named:
        add_named(dataset)
    return dataset


def _on_disk(project: Project, root: Path) -> Dataset:
    """Return the graphs and views of a store on disk."""
    from triplomacy.dataset import store_states

    state = store_states.opened(root)
    return Dataset(state.store(), project=project, state=state, sha256=str(state.metadata.get("sha256", "")))


def add_named(dataset: Dataset) -> None:
    """Add each graph by its IRI beside the default graph, unless it is there already; raise what `load` does."""
    for graph, paths in dataset.files.items():
        for path in paths:
            load_file(dataset.store, path, graph)


@contextmanager
def loading(project: Project) -> Iterator[Callable[[], Dataset]]:
    """Load a project's graphs in a thread while the block runs; what it is given waits for them as `load` has them.

    The engine reads without Python's lock, so that Python can import and parse meanwhile.
    """
    from threading import Thread

    done: list[Dataset | Exception] = []

    def work() -> None:
        try:
            done.append(load(project))
        except Exception as error:  # it is raised where the graphs are waited for
            done.append(error)

    def wait() -> Dataset:
        thread.join()
        if isinstance(done[0], Dataset):
            return done[0]
        raise done[0]

    thread = Thread(target=work)
    thread.start()
    try:
        yield wait
    finally:
        thread.join()


def load_files(paths: Sequence[Path]) -> Dataset:
    """Return a dataset of other people's files: Turtle and the like into the default graph, quads as they are."""
    store = ox.Store()
    for path in paths:
        load_file(store, path)
    return Dataset(store, {})


def of_triples(triples: Iterable[ox.Triple], project: Project) -> Dataset:
    """Return a dataset of triples that were parsed from the files of *project* already, as its default graph."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return Dataset(store, project.files(), project)
