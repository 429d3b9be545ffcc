"""A dataset in a store on disk, only to be read, which several processes share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from triplomacy.dataset.dataset import Dataset, Graph, MemoryDataset, Node, Result, Value, query_store
from triplomacy.dataset.project import Project, StoredProject
from triplomacy.dataset.store_states import State, open_state
from triplomacy.terms import VIEW


@dataclass(frozen=True, slots=True)
class StoredDataset(Dataset):
    """A state of a store on disk, which has every graph and every view by its IRI.

    Attributes:
        store: its graphs, only to be read.
        owner: the project whose graphs they are.
        state: the state, which stays as long as this is referred to.
        views: the IRIs of the views whose facts belong to the default graph too: one at the most.
        names_graphs: whether it is asked about named graphs.
    """

    store: ox.Store
    owner: Project = field()  # not the property of the protocol as its default
    state: State
    views: tuple[str, ...] = ()
    names_graphs: bool = False

    @property
    def has_views(self) -> bool:
        """True: they were derived when the store was built."""
        return True

    def query(self, text: str) -> Result:
        """Return the answer of a query, as `Dataset.query` does."""
        if not self.views:
            return query_store(self.store, text)
        return query_store(self.store, text, [ox.DefaultGraph(), *map(ox.NamedNode, self.views)])

    def quads(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None, graph: Graph | None
    ) -> Iterable[ox.Quad]:
        """Return the quads of a pattern; those of views only by their graphs."""
        return self.store.quads_for_pattern(subject, predicate, value, graph)

    def changeable(self) -> MemoryDataset:
        """Return a copy in memory, with its views."""
        store = ox.Store()
        store.bulk_extend(self.quads(None, None, None, None))
        return MemoryDataset(store, owner=self.owner, digest=self.sha256())

    def with_named_graphs(self) -> StoredDataset:
        """Return the dataset, which has its graphs by their IRIs."""
        return replace(self, names_graphs=True)

    def with_views(self, names: Sequence[str], facts: Callable[[Dataset, str], Iterable[ox.Triple]]) -> Dataset:
        """Return the dataset with one view beside the default graph, or a copy with the facts of several.

        A copy too where named graphs are asked: ``FROM`` in a query would leave the view out.
        """
        if not names:
            return self
        if len(names) == 1 and not self.names_graphs:
            return replace(self, views=(VIEW + names[0],))
        return self.changeable().with_views(names, facts)

    def sha256(self) -> str:
        """Return the hash of the files that the store was built from."""
        return str(self.state.metadata.get("sha256", ""))

    def describe(self) -> str:
        """Return the number of triples and the folder of the store."""
        return f"{len(self.store):,} triples, {self.state.folder.parent}"


def open_store(project: StoredProject) -> StoredDataset:
    """Return the graphs and views of a project's store as they are now.

    Raises:
        TriplomacyError: there is no store, or it is damaged.
    """
    state = open_state(project.store)
    return StoredDataset(state.store(), project, state)
