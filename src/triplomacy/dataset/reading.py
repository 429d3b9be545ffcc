"""Datasets read from files: the graphs of a project, or other people's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyoxigraph as ox

from triplomacy.dataset.dataset import Dataset, MemoryDataset
from triplomacy.dataset.on_disk import open_store
from triplomacy.dataset.project import Project, StoredProject
from triplomacy.files import FilePath, to_path
from triplomacy.rdf import load_file


def load(project: Project) -> Dataset:
    """Return the project's graphs: their union as the default graph, and for a store on disk each by its IRI too.

    Raises:
        MalformedInput: a file is not Turtle or not UTF-8.
        TriplomacyError: a graph has no file, a file cannot be read, or there is no store.
    """
    return open_store(project) if isinstance(project, StoredProject) else load_graphs(project)


def load_graphs(project: Project) -> MemoryDataset:
    """Return the graphs in a project's files, in memory; raise what `load` does."""
    dataset = MemoryDataset(ox.Store(), project.files(), project)
    for paths in dataset.files.values():
        for path in paths:
            load_file(dataset.store, path)
    return dataset


def load_files(paths: Sequence[FilePath]) -> MemoryDataset:
    """Return a dataset of other people's files: Turtle and the like into the default graph, quads as they are."""
    dataset = MemoryDataset(ox.Store(), {"": tuple(map(to_path, paths))})
    for path in dataset.files[""]:
        load_file(dataset.store, path)
    return dataset


@contextmanager
def load_in_background(project: Project) -> Iterator[Callable[[], Dataset]]:
    """Load a project's graphs in a thread while the block runs; give it a function that waits for the dataset.

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
        (result,) = done
        if isinstance(result, Exception):
            raise result
        return result

    thread = Thread(target=work)
    thread.start()
    try:
        yield wait
    finally:
        thread.join()
