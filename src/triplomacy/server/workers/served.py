"""The graphs that a server serves, with their views, their hash and the base URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from triplomacy import files as files_files
from triplomacy.claims import views
from triplomacy.dataset import Dataset, Project, load, load_files, store_states
from triplomacy.server.workers.bounds import Bounds


@dataclass(frozen=True, slots=True)
class ServedGraphs:
    """The graphs that are served, read-only.

    Attributes:
        project: whose ontology, graphs, rules and stored queries are served, these two as they were loaded.
        dataset: the union of ontology and graphs as the default graph, each graph and each view by its IRI beside it.
        sha256: of the files that the graphs and views come from, see `files.digest`.
        base_url: the address of the server, without a slash at its end: an IRI of ours ``ROOT/PATH`` is answered there
            as ``BASE/PATH``.
        graphs: the IRIs of the named graphs, sorted.
        texts: the characters of a source by its name, where the operator has given them.
        data: other people's files, where these are served and not the project's.
        bounds: what a request may cost.
    """

    project: Project
    dataset: Dataset
    sha256: str
    base_url: str
    graphs: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def prefix(self) -> str:
        """The path of the base URL, empty where it has none."""
        return "/" + self.base_url.split("/", 3)[3] if self.base_url.count("/") > 2 else ""


def read(project: Project, data: Sequence[Path] = ()) -> tuple[Dataset, str]:
    """Return the graphs that are served, with their views by their IRIs, and their hash; or other people's files.

    Rules and stored queries are held with them.

    Raises:
        MalformedInput: a file does not follow its grammar.
        TriplomacyError: a file cannot be read.
    """
    if data:
        return load_files(data), files_files.digest(data)
    in_memory = project.holding()
    if project.store is not None:
        dataset = load(in_memory)
        return dataset.changeable(), dataset.sha256
    sha256 = hashed(project)
    dataset = load(in_memory, named=True)
    views.add_graphs(dataset)
    return dataset, sha256


def hashed(project: Project) -> str:
    """Return the hash of the files that a project's graphs and views come from; of a store on disk, the one it has.

    Raises:
        TriplomacyError: a file cannot be read.
    """
    if project.store is not None:
        return str(store_states.opened(project.store).metadata.get("sha256", ""))
    files = [path for paths in project.files().values() for path in paths]
    return files_files.digest([*files, *project.rules()])


def graph_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the IRIs of the named graphs, sorted."""
    return tuple(sorted(str(graph.value) for graph in dataset.store.named_graphs() if isinstance(graph, ox.NamedNode)))
