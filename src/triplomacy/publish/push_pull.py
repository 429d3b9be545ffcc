"""Copies of the project's graphs to another store and back, whole or not at all.

`push` sends each graph that differs into a fresh one beside it, named by the hash of its content, counts and compares
what has arrived, and only then moves them all, in one operation, and by DROP once they are found to be whole. MOVE
would not do: sent again after a lost answer, it empties what it has filled, on Oxigraph and Virtuoso alike; nor would
COPY, since Virtuoso stops between two of them. What is interrupted is begun again: what has arrived whole is found by
its name, and until the graphs are moved the store has its old ones. `pull` brings them back.

Stores write some literals in another way than they were given (`DIFFERENCES`); nothing else may differ. Language tags
are equal in any case of their letters (RDF 1.1 Concepts, 3.3), and are compared so.
"""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from triplomacy import build, http, remote
from triplomacy.errors import Choice, TriplomacyError
from triplomacy.remote import DIFFERENCES, Endpoint, differences
from triplomacy.terms import ONTOLOGY

STAGING: Final = ONTOLOGY.rpartition("/")[0] + "/staging/"
"""The graphs whose IRIs begin so are on their way: the hash of the content follows."""

_BATCH: Final = 500  # triples of one request of SPARQL Update
_TRIES: Final = 3  # times that a graph is sent which does not arrive as it was sent


@dataclass(frozen=True, slots=True)
class Store:
    """A store that can be written: where it is asked, where it is updated, and where its graphs are put, if anywhere.

    Attributes:
        endpoint: for queries.
        update: the address for SPARQL 1.1 Update.
        graphs: the address for the Graph Store HTTP Protocol, or None: then graphs are sent by Update.
    """

    endpoint: Endpoint
    update: str
    graphs: str | None = None


# What a store tells of itself, the end of the address of its queries, and those for updates and for graphs.
_KNOWN: Final = (
    ("oxigraph", "/query", "/update", "/store"),
    ("virtuoso", "/sparql", "/sparql-auth", "/sparql-graph-crud-auth"),
    ("virtuoso", "/sparql-auth", "/sparql-auth", "/sparql-graph-crud-auth"),
    ("fuseki", "/query", "/update", "/data"),
    ("fuseki", "/sparql", "/update", "/data"),
)


def store(url: str, update: str | None = None, graphs: str | None = None, timeout: float = 0.0) -> Store:
    """Return the store at *url*, the address of its queries, with the other addresses found out where they are known.

    Raises:
        TriplomacyError: an address is none, or the one for updates is not known and not given.
    """
    endpoint = remote.connect(url, timeout)
    others = [http.check_url(other) for other in (update, graphs) if other is not None]
    if any(http.origin(other) != http.origin(url) for other in others):
        raise TriplomacyError("the addresses are of several hosts, and credentials are for one; name one host")
    if update:
        return Store(endpoint, update, graphs)
    probe = urllib.request.Request(f"{url}{'&' if '?' in url else '?'}query=ASK%7B%7D")
    server = endpoint.client.send(probe).headers.get("Server", "").lower()
    base = url.partition("?")[0]
    for name, asked, updated, put in _KNOWN:
        if name in server and base.endswith(asked):
            start = base.removesuffix(asked)
            return Store(endpoint, start + updated, graphs or start + put)
    if re.search(r"/repositories/[^/]+$", base):
        return Store(endpoint, f"{base}/statements", graphs or f"{base}/rdf-graphs/service")
    address = ("; give its address by ", Choice("update"), ", and by ", Choice("graph-store"), ", if it has one")
    raise TriplomacyError("what takes its updates is not known", *address, path=url)


class Pushed(NamedTuple):
    """What a store has now: how many triples in each graph, by its IRI, and which `DIFFERENCES` it makes."""

    counts: dict[str, int]
    differences: list[str]


def push(graphs: Mapping[str, Sequence[ox.Triple]], target: Store) -> Pushed:
    """Make our graphs in a store equal to these.

    Args:
        graphs: the triples of each graph by its IRI, with blank nodes labelled canonically, as `build.graphs` has them.
        target: the store.

    Raises:
        TriplomacyError: the store cannot be reached or refuses; until the graphs are moved it has its old ones, and
            the next push goes on from where this one ended.
    """
    for number in range(_TRIES + 1):
        counts = target.endpoint.counts()
        differences = {
            graph: _compare(target, graph, triples, counts.get(graph, 0)) for graph, triples in graphs.items()
        }
        changed = {graph: graphs[graph] for graph, differing in differences.items() if differing is None}
        gone = [graph for graph in counts if graph not in graphs and not graph.startswith(STAGING)]
        if not changed and not gone:
            break
        if number == _TRIES:
            raise _not_as_given(target, [*changed, *gone][0], counts, graphs)
        _move(target, changed, gone, counts)
    _update(target, _drops(graph for graph in target.endpoint.counts() if graph.startswith(STAGING)))
    seen = {name for differing in differences.values() for name in differing or ()}
    return Pushed(
        {graph: len(triples) for graph, triples in sorted(graphs.items())},
        [name for name in DIFFERENCES if name in seen],
    )


def _not_as_given(
    target: Store, graph: str, counts: Mapping[str, int], graphs: Mapping[str, Sequence[ox.Triple]]
) -> TriplomacyError:
    count, given = counts.get(graph, 0), len(graphs.get(graph, ()))
    message = f"has {count:,} triples in <{graph}>, not the {given:,} that it was given, again and again"
    return TriplomacyError(f"{message}; let other pushes end, and push again", path=target.endpoint.url)


def _move(
    target: Store, changed: Mapping[str, Sequence[ox.Triple]], gone: Iterable[str], counts: Mapping[str, int]
) -> None:
    """Send graphs to temporary names, and move them to their own if all have arrived whole.

    Another push that ends may have dropped them in between, and what is not there empties a graph.
    """
    sent = {graph: STAGING + _hash(triples) for graph, triples in changed.items() if triples}
    for graph, name in sent.items():
        _stage(target, name, changed[graph], counts.get(name, 0))
    there = target.endpoint.counts()
    if all(there.get(name, 0) == len(changed[graph]) for graph, name in sent.items()):
        _update(target, [_operation(sent, [*changed, *gone])])


def _operation(sent: Mapping[str, str], replaced: Iterable[str]) -> str:
    """Return one operation that fills graphs from those that were *sent*, and empties all *replaced* of what they had.

    Several operations would not do: Virtuoso ends between two of them when the connection is lost, and it takes half a
    request for a whole one, where half an operation is none.
    """
    old = " ".join(f"<{graph}>" for graph in sorted(replaced))
    pairs = " ".join(f"(<{name}> <{graph}>)" for graph, name in sorted(sent.items()))
    had = f"VALUES ?graph {{ {old} }} GRAPH ?graph {{ ?s ?p ?o }}"
    gets = f"VALUES (?from ?graph) {{ {pairs} }} GRAPH ?from {{ ?s1 ?p1 ?o1 }}"
    where = f"{{ {had} }} UNION {{ {gets} }}" if pairs else had
    insert = "INSERT { GRAPH ?graph { ?s1 ?p1 ?o1 } } " if pairs else ""
    return f"DELETE {{ GRAPH ?graph {{ ?s ?p ?o }} }} {insert}WHERE {{ {where} }}"


def _drops(graphs: Iterable[str]) -> list[str]:
    return [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(graphs)]


def _hash(triples: Sequence[ox.Triple]) -> str:
    """Return the hash of triples whose blank nodes are labelled canonically."""
    lines = sorted(f"{triple} .\n" for triple in triples)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]


def _stage(target: Store, name: str, triples: Sequence[ox.Triple], count: int) -> None:
    """Send triples into the graph *name* until it has them all and no other."""
    for _ in range(_TRIES):
        if count == len(triples) and _has_arrived(target, name, triples):
            return
        if target.graphs:
            _put(target, name, triples)
        else:
            _insert(target, name, triples)
        count = target.endpoint.counts().get(name, 0)
    if count != len(triples) or not _has_arrived(target, name, triples):
        message = (
            f"has {count:,} triples of {len(triples):,} that were sent, or other ones; its graphs are as they were"
        )
        raise TriplomacyError(message, path=target.endpoint.url)


def _put(target: Store, name: str, triples: Iterable[ox.Triple]) -> None:
    """Send triples by the Graph Store HTTP Protocol.

    A server that asks who it is may do so before it has read a large body, and close, so that its question is lost:
    an empty one goes first.
    """
    if target.endpoint.client.credentials.user:
        _put_body(target, name, b"")
    _put_body(target, name, _lines(triples).encode("utf-8"))


def _put_body(target: Store, name: str, body: bytes) -> None:
    address = remote.graph_address(target.graphs or "", name)
    request = urllib.request.Request(address, data=body, method="PUT")
    request.add_header("Content-Type", "application/n-triples")
    target.endpoint.client.send(request, changes=True).body.read()


def _insert(target: Store, name: str, triples: Sequence[ox.Triple]) -> None:
    """Send triples by Update: those with blank nodes, which have to come together, first and with what empties it."""
    blank = [triple for triple in triples if ox.BlankNode in (type(triple.subject), type(triple.object))]
    plain = [triple for triple in triples if ox.BlankNode not in (type(triple.subject), type(triple.object))]
    template = f"INSERT {{ GRAPH <{name}> {{\n{_lines(blank)}}} }} WHERE {{ }}"
    _update(target, [*_drops([name]), *([template] if blank else [])])
    for start in range(0, len(plain), _BATCH):
        _update(target, [f"INSERT DATA {{ GRAPH <{name}> {{\n{_lines(plain[start : start + _BATCH])}}} }}"])


def _lines(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _update(target: Store, steps: Sequence[str]) -> None:
    """Send operations of SPARQL Update in one request; they are such that sending them twice does no harm."""
    if steps:
        request = remote.update_request(target.update, " ;\n".join(steps))
        target.endpoint.client.send(request, changes=True).body.read()


def _has_arrived(target: Store, name: str, triples: Sequence[ox.Triple]) -> bool:
    return not triples or differences(triples, target.endpoint.triples(name, len(triples))) is not None


def _compare(target: Store, graph: str, triples: Sequence[ox.Triple], count: int) -> list[str] | None:
    """Return which registered differences a store's graph has, or None where it is another one."""
    if count != len(triples):
        return None
    return differences(triples, target.endpoint.triples(graph, count)) if triples else []


def pull(endpoint: Endpoint, output: Path) -> dict[str, int]:
    """Write our graphs of an endpoint to a folder as `build.build` does; return how many triples each has, by IRI.

    Raises:
        TriplomacyError: it has none, or does not give them whole; the folder is as it was.
    """
    build.check_replaceable(output)
    counts = {graph: count for graph, count in endpoint.counts().items() if not graph.startswith(STAGING)}
    if not counts:
        raise TriplomacyError("has none of our graphs; push them there", path=endpoint.url)
    if other := next((graph for graph in counts if not build.has_file(graph)), None):
        message = f"has the graph <{other[:200]}>, which is of no build; drop it there, or push, which does"
        raise TriplomacyError(message, path=endpoint.url)
    graphs = {graph: endpoint.triples(graph, count) for graph, count in counts.items()}
    build.write(build.label(graphs), output)
    return {graph: len(triples) for graph, triples in sorted(graphs.items())}
