"""The graphs that a server serves, with their views, their hash and the base URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from triplomacy.claims import views
from triplomacy.dataset import MemoryDataset, Project, load, load_files
from triplomacy.files import digest
from triplomacy.server.bounds import Bounds


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
    dataset: MemoryDataset
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


def read(project: Project, data: Sequence[Path] = ()) -> MemoryDataset:
    """Return the graphs that are served, with their views by their IRIs, and their hash; or other people's files.

    Rules and stored queries are held with them.

    Raises:
        MalformedInput: a file does not follow its grammar.
        TriplomacyError: a file cannot be read.
    """
    if data:
        return replace(load_files(data), digest=digest(data))
    sha256 = project.sha256()
    dataset = load(project.with_texts()).changeable().with_named_graphs()
    if not dataset.has_views:
        views.add_graphs(dataset)
    return replace(dataset, digest=sha256)


def graph_names(dataset: MemoryDataset) -> tuple[str, ...]:
    """Return the IRIs of the named graphs, sorted."""
    return tuple(sorted(str(graph.value) for graph in dataset.store.named_graphs() if isinstance(graph, ox.NamedNode)))
