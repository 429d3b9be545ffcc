"""What a server serves: the graphs with their views, the hash that names them, the address, and what may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import citation, disk, views
from triplomacy.dataset import Dataset, Project, load, load_files

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may cost; seconds, bytes and numbers.

    Attributes:
        time: seconds that an answer may take in its worker.
        memory: bytes that a worker may take beyond the graphs.
        rows: solutions or triples of an answer.
        size: bytes of an answer.
        query: characters of a query.
        nesting: brackets of a query that may be open at a time.
        tokens: words and signs of a query.
        workers: answers that are made at a time.
        share: of these, for one client.
        queue: requests that may wait for a worker.
        wait: seconds that they wait.
        patience: seconds that an answer may take for sure, while others wait who have no worker.
        rate: answers a second for one client in the long run; 0 for no bound.
        burst: answers that a client may have at once.
        line: bytes of a request's first line.
        head: bytes of that and of all headers.
        body: bytes of a request's body.
        head_time: seconds in which both have to be there.
        body_time: seconds in which the body has to be there.
        send_time: seconds in which a client has to take some of the answer.
        idle: seconds that a connection stays open without a request.
        connections: open at a time.
        connections_of_one: of these, of one client.
        cache: bytes of answers that are kept to be given again.
    """

    time: float = 10.0
    memory: int = 512 * MEGABYTE
    rows: int = 100_000
    size: int = 20 * MEGABYTE
    query: int = 32_768
    nesting: int = 64
    tokens: int = 8_192
    workers: int = 4
    share: int = 2
    queue: int = 64
    wait: float = 5.0
    patience: float = 2.0
    rate: float = 20.0
    burst: float = 200.0
    line: int = 16_384
    head: int = 32_768
    body: int = 131_072
    head_time: float = 10.0
    body_time: float = 20.0
    send_time: float = 20.0
    idle: float = 15.0
    connections: int = 512
    connections_of_one: int = 128
    cache: int = 32 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Loaded:
    """The graphs that are served, only to be read.

    Attributes:
        project: whose ontology, graphs, rules and stored queries are served, these two as they were loaded.
        dataset: the union of ontology and graphs as the default graph, each graph and each view by its IRI beside it.
        sha256: of the files that the graphs and views come from, see `citation.hashed`.
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
        return load_files(data), citation.hashed(data)
    held = project.holding()
    if project.store is not None:
        dataset = load(held)
        return dataset.changeable(), dataset.sha256
    sha256 = hashed(project)
    dataset = load(held, named=True)
    views.add_graphs(dataset)
    return dataset, sha256


def hashed(project: Project) -> str:
    """Return the hash of the files that a project's graphs and views come from; of a store on disk, the one it has.

    Raises:
        TriplomacyError: a file cannot be read.
    """
    if project.store is not None:
        return str(disk.opened(project.store).facts.get("sha256", ""))
    files = [path for paths in project.files().values() for path in paths]
    return citation.hashed([*files, *project.rules()])


def graph_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the IRIs of the named graphs, sorted."""
    return tuple(sorted(str(graph.value) for graph in dataset.store.named_graphs() if isinstance(graph, ox.NamedNode)))
