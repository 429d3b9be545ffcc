"""A project's dataset with its views, written to a folder: the same bytes every time, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import folders
from triplomacy.claims import views
from triplomacy.dataset import Dataset, Project, StoredProject, load, store_states
from triplomacy.errors import BadParameter, TriplomacyError
from triplomacy.files import FilePath, to_path
from triplomacy.rdf import parse_file, turtle
from triplomacy.terms import GRAPH, ONTOLOGY, PREFIXES, VIEW

NQUADS: Final = "triplomacy.nq"
COUNTS: Final = "counts.json"
_PARTS: Final = {NQUADS, COUNTS, "ontology.ttl", "graph", "view"}


def build(project: Project, output: FilePath, jobs: int = 1) -> dict[str, int]:
    """Write the dataset to the folder *output* and return the number of triples of each named graph by its IRI.

    Views are derived in as many processes as there are *jobs*, to the same bytes as in one.

    The folder gets ``triplomacy.nq`` (sorted N-Quads, blank nodes labelled by RDFC-1.0), a Turtle
    file a graph and ``counts.json``. A former build there is replaced only once the new one is complete.

    Raises:
        BadParameter: there is no job.
        MalformedInput: a file of the project is malformed.
        TriplomacyError: *output* holds something else than a former build, or cannot be written.
    """
    output = to_path(output)
    check_replaceable(output)
    if jobs < 1:
        raise BadParameter(f"{jobs} is not a number of processes; give 1 or more")
    triples_by_graph = graphs(project, jobs)
    write(triples_by_graph, output)
    return {graph: len(triples) for graph, triples in sorted(triples_by_graph.items())}


def graphs(project: Project, jobs: int = 1) -> dict[str, list[ox.Triple]]:
    """Return the triples of each named graph and view by its IRI, their blank nodes labelled by RDFC-1.0.

    Raises:
        MalformedInput: a file of the project is malformed.
        TriplomacyError: the project's store on disk is none.
    """
    if isinstance(project, StoredProject):
        return _triples_of_state(store_states.open_state(project.store))
    dataset = load(project)
    derived = {VIEW + name: facts for name, facts in _derive_views(dataset, project, jobs)}
    return _label([*dataset.files, *derived], [*curated_quads(dataset), *quads(derived)])


def _derive_views(dataset: Dataset, project: Project, jobs: int) -> Iterator[tuple[str, list[ox.Triple]]]:
    """Yield the facts of each view by its name, in the order of `views.names`."""
    names = views.names(dataset)
    if jobs == 1:
        yield from ((name, views.derive(dataset, name)) for name in names)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    shares = [names[start::jobs] for start in range(min(jobs, len(names)))]
    with ProcessPoolExecutor(len(shares), get_context("spawn")) as pool:
        facts_by_graph = dict(pair for share in pool.map(_share, [project] * len(shares), shares) for pair in share)
    yield from ((name, facts_by_graph[name]) for name in names)


def _share(project: Project, names: Sequence[str]) -> list[tuple[str, list[ox.Triple]]]:
    """Return the facts of some views, in a process that loads the graphs for itself."""
    dataset = load(project)
    return [(name, views.derive(dataset, name)) for name in names]


def _triples_of_state(state: store_states.State) -> dict[str, list[ox.Triple]]:
    """Return the triples of each graph and view of a store on disk."""
    named = (quad for quad in state.store() if isinstance(quad.graph_name, ox.NamedNode))
    return _label(state.metadata["graphs"], named)


def write(triples_by_graph: Mapping[str, Sequence[ox.Triple]], output: Path) -> None:
    """Write graphs, whose blank nodes are labelled by RDFC-1.0, to the folder *output* as `build` does.

    Raises:
        TriplomacyError: *output* holds something else than a former build, or cannot be written.
    """
    check_replaceable(output)
    _replace(output, _contents(triples_by_graph))


def label(triples_by_graph: Mapping[str, Iterable[ox.Triple]]) -> dict[str, list[ox.Triple]]:
    """Return graphs with the blank nodes of all of them labelled by RDFC-1.0."""
    return _label(triples_by_graph, quads(triples_by_graph))


def _label(graphs: Iterable[str], quads: Iterable[ox.Quad]) -> dict[str, list[ox.Triple]]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    labelled: dict[str, list[ox.Triple]] = {graph: [] for graph in graphs}
    for quad in dataset:
        labelled[str(quad.graph_name.value)].append(quad.triple)
    return labelled


def curated_quads(dataset: Dataset) -> Iterator[ox.Quad]:
    """Yield the quads of the files, not of the store, which gives an xsd:nonNegativeInteger back as an xsd:integer.

    A store on disk may be of other files than those that are there now: what it has is yielded as it is.
    """
    for quad in dataset.quads(None, None, None, None) if not dataset.files else ():
        if isinstance(quad.graph_name, ox.NamedNode) and not quad.graph_name.value.startswith(VIEW):
            yield quad
    for graph, paths in dataset.files.items():
        for path in paths:
            for triple in parse_file(path):
                yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph))


def quads(graphs: Mapping[str, Iterable[ox.Triple]]) -> Iterator[ox.Quad]:
    """Yield the triples of each graph as quads."""
    for graph, triples in graphs.items():
        for triple in triples:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph))


def _contents(graphs: Mapping[str, Sequence[ox.Triple]]) -> dict[str, str]:
    lines = sorted(f"{quad} .\n" for quad in quads(graphs))
    counts = {graph: len(triples) for graph, triples in sorted(graphs.items())}
    contents = {NQUADS: "".join(lines), COUNTS: json.dumps(counts, indent=2) + "\n"}
    for graph, triples in graphs.items():
        contents[_file_name(graph)] = turtle.serialise(triples, PREFIXES)
    return contents


def _file_name(graph: str) -> str:
    """Return ``ontology.ttl``, ``graph/NAME.ttl`` or ``view/NAME.ttl``."""
    return graph.removeprefix(GRAPH.removesuffix("graph/")) + ".ttl"


def has_file(graph: str) -> bool:
    """Tell whether a graph has a file in a build: no name leads out of its folder."""
    name = next((graph.removeprefix(start) for start in (GRAPH, VIEW) if graph.startswith(start)), "")
    return graph == ONTOLOGY or all(part and not part.startswith(".") for part in name.split("/"))


def check_replaceable(output: Path) -> None:
    """Raise TriplomacyError if *output* cannot be replaced, or holds something else than a former build."""
    if output.exists() and not output.is_dir():
        raise TriplomacyError("is not a folder; name a folder for the build", path=output)
    parts = {part.name for part in output.iterdir()} if output.is_dir() else set()
    if parts and not {NQUADS, COUNTS} <= parts <= _PARTS:
        raise TriplomacyError("holds other things than a build; name a new or an empty folder", path=output)
    folders.check(output)


def _replace(output: Path, contents: Mapping[str, str]) -> None:
    with folders.replacement(output) as new:
        for name, text in contents.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8"))
