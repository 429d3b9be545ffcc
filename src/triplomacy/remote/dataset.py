"""A dataset at an endpoint, which answers about our graphs or its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from triplomacy.dataset import Dataset, Graph, MemoryDataset, Node, Project, Result, Value
from triplomacy.errors import TriplomacyError
from triplomacy.remote.endpoint import Endpoint, our_graphs
from triplomacy.sparql import refuse_services
from triplomacy.terms import VIEW


@dataclass(frozen=True, slots=True)
class RemoteDataset(Dataset):
    """Graphs at an endpoint.

    Attributes:
        endpoint: the endpoint, to be asked about them.
        owner: the project whose graphs they are; None where they are the endpoint's own.
        names_graphs: whether our graphs are asked about by their IRIs too.
    """

    endpoint: Endpoint
    owner: Project | None = None
    names_graphs: bool = False

    @property
    def is_remote(self) -> bool:
        """True."""
        return True

    @property
    def remarks(self) -> Sequence[str]:
        """What was noticed about the completeness of answers."""
        return self.endpoint.remarks

    def query(self, text: str) -> Result:
        """Return the answer of a query, once it has come whole; raise what `Endpoint.query` does."""
        refuse_services(text)
        return self.endpoint.query(text)

    def quads(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None, graph: Graph | None
    ) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern that has no blank node."""
        terms = {"s": subject, "p": predicate, "o": value}
        pattern = " ".join(f"?{name}" if term is None else str(term) for name, term in terms.items())
        if not isinstance(graph, ox.DefaultGraph):
            pattern = f"GRAPH {'?g' if graph is None else graph} {{ {pattern} }}"
        for row in self.select(f"SELECT * WHERE {{ {pattern} }}"):
            s, p, o = (term or row[name] for name, term in terms.items())
            yield ox.Quad(s, p, o, graph or row["g"])  # type: ignore[arg-type]  # an endpoint has no other triples

    def changeable(self) -> MemoryDataset:
        """Return the graphs in a store here, each by its IRI too where they are asked about so.

        Raises:
            TriplomacyError: it has none of them, or does not give them whole.
        """
        counts = self.endpoint.counts(self.endpoint.graphs)
        if not counts:
            raise TriplomacyError("has none of our graphs; push them there", path=self.endpoint.url)
        store = ox.Store()
        for graph in self.endpoint.graphs:
            triples = self.endpoint.triples(graph, counts[graph]) if graph in counts else []
            store.extend(ox.Quad(*triple) for triple in triples)
            if self.names_graphs:
                node = ox.NamedNode(graph)
                store.extend(ox.Quad(each.subject, each.predicate, each.object, node) for each in triples)
        return MemoryDataset(store, owner=self.owner)

    def with_named_graphs(self) -> RemoteDataset:
        """Return the dataset to be asked about its graphs by their IRIs too."""
        return replace(self, names_graphs=True)

    def with_views(self, names: Sequence[str], facts: Callable[[Dataset, str], Iterable[ox.Triple]]) -> Dataset:
        """Return the dataset with views that the endpoint has, else a copy here with those that are derived."""
        if not self.is_ours:
            return self
        if not all(self.endpoint.has(VIEW + name) for name in names):
            return self.changeable().with_views(names, facts)
        graphs = [*self.endpoint.graphs, *(VIEW + name for name in names)]
        named = list(self.endpoint.counts()) if self.names_graphs else ()
        return replace(self, endpoint=self.endpoint.about(graphs, named))

    def describe(self) -> str:
        """Return the address of the endpoint."""
        return self.endpoint.url


def open_endpoint(endpoint: Endpoint, graphs: Sequence[str], project: Project | None = None) -> RemoteDataset:
    """Return the graphs of an endpoint by their IRIs; if none is named, those of a project, or its default graph."""
    if project is None:
        return RemoteDataset(endpoint.about(graphs, graphs))
    return RemoteDataset(endpoint.about(graphs or our_graphs(project.graph_names())), project)
