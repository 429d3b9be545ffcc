"""A dataset: graphs that answer queries, in memory, on disk or at an endpoint.

The default graph is the union of a project's ontology and curated graphs; each graph is there by its IRI too where a
question names graphs, since the others do without the second copy.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypedDict

import pyoxigraph as ox

from triplomacy.dataset.project import Project
from triplomacy.errors import Choice, MalformedInput, TriplomacyError
from triplomacy.files import digest as digest_files
from triplomacy.rdf import load_file
from triplomacy.sparql import read, refuse_services, tree
from triplomacy.terms import PREFIXES, VIEW


class Solutions(NamedTuple):
    """The solutions of a SELECT: its variables in their order, without question marks, and the rows."""

    variables: tuple[str, ...]
    rows: Iterable[ox.QuerySolution]


Result = Solutions | bool | Iterable[ox.Triple]
Node = ox.NamedNode | ox.BlankNode
Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class Dataset(Protocol):
    """Graphs that answer queries: in memory, in a store on disk, or at an endpoint."""

    @property
    @abstractmethod
    def owner(self) -> Project | None:
        """The project whose graphs they are; None where they are other people's."""

    @property
    def files(self) -> Mapping[str, Sequence[Path]]:
        """The files that each named graph was read from, by its IRI; nothing where it comes from elsewhere."""
        return {}

    @property
    def has_views(self) -> bool:
        """Whether each view is a named graph of the dataset."""
        return False

    @property
    def is_remote(self) -> bool:
        """Whether each query is a request to another server, so that callers avoid needless ones."""
        return False

    @property
    def remarks(self) -> Sequence[str]:
        """What was noticed about the completeness of answers, as sentences."""
        return ()

    @property
    def is_ours(self) -> bool:
        """Whether they are the graphs of a project, with its views, rules and stored queries."""
        return self.owner is not None

    @property
    def project(self) -> Project:
        """The project whose graphs they are.

        Raises:
            TriplomacyError: they are other people's.
        """
        if self.owner is None:
            raise TriplomacyError("views are derived by the rules of a project; leave ", Choice("data"), " out")
        return self.owner

    @abstractmethod
    def query(self, text: str) -> Result:
        """Return the answer of a query over the default graph, with the project's prefixes known.

        Raises:
            SyntaxError: it does not parse.
            TriplomacyError: it has ``SERVICE`` in it, which an engine would ask with no bound, it asks for a function
                that the engine lacks, or there is no answer.
        """

    def select(self, query: str) -> Iterator[ox.QuerySolution]:
        """Yield the solutions of a SELECT; raise what `query` does."""
        result = self.query(query)
        if not isinstance(result, Solutions):
            raise TypeError("not a SELECT query")
        return iter(result.rows)

    def sources(self) -> list[str]:
        """Return the IRIs of the sources, sorted."""
        rows = self.select("SELECT ?source WHERE { ?source a tri:Source }")
        return sorted({str(row["source"].value) for row in rows})

    @abstractmethod
    def quads(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None, graph: Graph | None
    ) -> Iterable[ox.Quad]:
        """Return the quads of a pattern, in which None stands for anything."""

    @abstractmethod
    def changeable(self) -> MemoryDataset:
        """Return the dataset as one that may be changed: itself, or a copy in memory."""

    @abstractmethod
    def with_named_graphs(self) -> Dataset:
        """Return the dataset with each graph by its IRI beside the default graph."""

    @abstractmethod
    def with_views(self, names: Sequence[str], facts: Callable[[Dataset, str], Iterable[ox.Triple]]) -> Dataset:
        """Return the dataset with the facts of views in its default graph; it may be the same one, changed.

        Args:
            names: of the views, all of which there are.
            facts: returns the facts of the view of a name, as a dataset has them.
        """

    def sha256(self) -> str:
        """Return the hash of the files that graphs and views come from, see `files.digest`; empty for an endpoint.

        Raises:
            TriplomacyError: a file cannot be read.
        """
        return ""

    @abstractmethod
    def describe(self) -> str:
        """Return the size and the origin of the dataset in a few words."""


@dataclass(frozen=True, slots=True)
class MemoryDataset(Dataset):
    """Graphs in a store that may be changed.

    Attributes:
        store: the store.
        files: see `Dataset.files`; those of the default graph alone have no IRI, but an empty text.
        owner: see `Dataset.owner`.
        digest: the hash of the files, where it was taken when they were read.
    """

    store: ox.Store
    files: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    owner: Project | None = None
    digest: str = ""

    @property
    def has_views(self) -> bool:
        """Whether any view, and so each, is a named graph of the dataset."""
        return any(
            isinstance(graph, ox.NamedNode) and graph.value.startswith(VIEW) for graph in self.store.named_graphs()
        )

    def query(self, text: str) -> Result:
        """Return the answer of a query, as `Dataset.query` does."""
        return query_store(self.store, text)

    def quads(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None, graph: Graph | None
    ) -> Iterable[ox.Quad]:
        """Return the quads of a pattern."""
        return self.store.quads_for_pattern(subject, predicate, value, graph)

    def changeable(self) -> MemoryDataset:
        """Return the dataset itself."""
        return self

    def with_named_graphs(self) -> MemoryDataset:
        """Add each graph by its IRI beside the default graph, unless it is there already.

        Raises:
            MalformedInput: a file is not Turtle or not UTF-8.
            TriplomacyError: a file cannot be read.
        """
        present = {graph.value for graph in self.store.named_graphs()}
        for graph, paths in self.files.items():
            if graph and graph not in present:
                for path in paths:
                    load_file(self.store, path, graph)
        return self

    def with_views(self, names: Sequence[str], facts: Callable[[Dataset, str], Iterable[ox.Triple]]) -> MemoryDataset:
        """Add the facts of views to the default graph."""
        for name in names:
            self.store.extend(ox.Quad(*triple) for triple in facts(self, name))
        return self

    def sha256(self) -> str:
        """Return the hash of the files, and of the rules by which views are derived."""
        if self.digest:
            return self.digest
        rules = self.owner.rules() if self.owner is not None else []
        return digest_files([*(path for paths in self.files.values() for path in paths), *rules])

    def describe(self) -> str:
        """Return the numbers of triples and of files."""
        return f"{len(self.store):,} triples, {sum(map(len, self.files.values()))} files"


class ChosenGraphs(TypedDict, total=False):
    """The arguments of a store's ``query`` that choose its graphs; without one, the query does."""

    default_graph: list[Graph]
    named_graphs: list[Node]


def query_store(store: ox.Store, text: str, default_graph: Sequence[Graph] | None = None) -> Result:
    """Return a store's answer over its default graph or the union of some graphs; raise as `Dataset.query` does."""
    try:
        refuse_services(text)
        if default_graph is not None:
            chosen = ChosenGraphs(default_graph=list(default_graph))
        else:
            store, chosen = _graphs_of_text(store, text)
        result = store.query(text, prefixes=dict(PREFIXES), **chosen)
    except RuntimeError as error:  # a function that the engine lacks
        raise TriplomacyError(f"the query cannot be answered: {error}") from None
    except UnicodeEncodeError:
        raise SyntaxError("the query has half of a surrogate pair; write it in UTF-8") from None
    if isinstance(result, ox.QuerySolutions):
        return Solutions(tuple(variable.value for variable in result.variables), result)
    return bool(result) if isinstance(result, ox.QueryBoolean) else result


def _graphs_of_text(store: ox.Store, text: str) -> tuple[ox.Store, ChosenGraphs]:
    """Return what `choose_graphs` does where a query has several ``FROM``; the engine chooses one by itself."""
    if text.lower().count("from") < 2:
        return store, ChosenGraphs()
    with suppress(MalformedInput):  # the engine says what is wrong
        query = read(text)
        if sum(not clause.named for clause in query.dataset) > 1:
            return choose_graphs(store, tree.graphs(query), tree.graphs(query, named=True))
    return store, ChosenGraphs()


def choose_graphs(store: ox.Store, default: Sequence[str], named: Sequence[str]) -> tuple[ox.Store, ChosenGraphs]:
    """Return the store to ask, and the arguments of its ``query`` that choose its graphs, whatever the query names.

    A default graph of several graphs is their merge (SPARQL 1.1, 13.2). The engine returns a triple once for each graph
    that has it, so graphs that share a triple are copied into one.

    Args:
        store: the graphs.
        default: the IRIs of those that the default graph consists of, each once.
        named: those that are named graphs.
    """
    nodes: list[Graph] = [*map(ox.NamedNode, default)]
    others: list[Node] = [*map(ox.NamedNode, named)]
    if _share_a_triple(store, nodes):
        merged = ox.Store()
        merged.extend(
            ox.Quad(*quad.triple) for node in nodes for quad in store.quads_for_pattern(None, None, None, node)
        )
        merged.extend(quad for node in others for quad in store.quads_for_pattern(None, None, None, node))
        store, nodes = merged, [ox.DefaultGraph()]
    return store, ChosenGraphs(default_graph=nodes, named_graphs=others)


def _share_a_triple(store: ox.Store, graphs: Sequence[Graph]) -> bool:
    """Return whether a triple is in two of some graphs; of the largest, no more is read than of the second largest."""
    unread = {graph: iter(store.quads_for_pattern(None, None, None, graph)) for graph in graphs}
    while len(unread) > 1:
        for graph in graphs:
            quad = next(unread[graph], None) if graph in unread else None
            if quad is None:
                unread.pop(graph, None)
            elif any(_in_graph(quad, other) in store for other in graphs if other != graph):
                return True
    return False


def _in_graph(quad: ox.Quad, graph: Graph) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, graph)
