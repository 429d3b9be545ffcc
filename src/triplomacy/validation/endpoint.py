"""Validation of what an endpoint has: what the shapes need is fetched, and validated as files would be.

What is found stands in no file here: a finding has no place then, and is told by its node.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import remote
from triplomacy.dataset import Project, load
from triplomacy.errors import TriplomacyError
from triplomacy.http import Refused
from triplomacy.rdf import parse_file
from triplomacy.remote import Endpoint, literal_differences
from triplomacy.terms import GRAPH, ONTOLOGY, RDFS, SH, VIEW, XSD
from triplomacy.validation import endpoint_needs, run, shape_graph, suppressions
from triplomacy.validation.input import all_files
from triplomacy.validation.plan import Check, Outcome, Plan
from triplomacy.validation.shape_graph import ShapeGraph

CHECKS: Final[frozenset[Check]] = frozenset({"syntax", "shapes", "shacl"})
"""The checks of other people's graphs by default: what the others need are whole graphs."""

_ALL: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_BELOW: Final = ox.NamedNode(RDFS + "subClassOf")
_AS_INTEGER: Final = literal_differences.DIFFERENCES["integers as xsd:integer"]


@dataclass
class Fetched:
    """What has been fetched, and remarks on how."""

    triples: list[ox.Triple]
    remarks: list[str] = field(default_factory=list)


def validate_project(project: Project, endpoint: Endpoint, plan: Plan) -> Outcome:
    """Return what the checks of a project find in its graphs as an endpoint has them.

    Raises:
        TriplomacyError: it has none of them, or does not give them whole.
    """
    names = project.graph_names()
    counts = endpoint.counts(remote.ours(names))
    if not counts:
        raise TriplomacyError("has none of our graphs; push them there, or give --shapes", path=endpoint.url)
    outcome = _validated(project, {graph: endpoint.triples(graph, count) for graph, count in counts.items()}, plan)
    missing = [graph for graph in remote.ours(names) if graph not in counts]
    remarks = [f"{endpoint.url} has no graph {graph}" for graph in missing]
    return replace(outcome, remarks=(*dict.fromkeys([*remarks, *endpoint.remarks]), *outcome.remarks))


def validate_store(project: Project, plan: Plan) -> Outcome:
    """Return what the checks of a project find in its graphs as its store on disk has them.

    Raises:
        TriplomacyError: there is no store, or it is damaged.
    """
    dataset = load(project)
    graphs = [str(node.value) for node in dataset.store.named_graphs() if isinstance(node, ox.NamedNode)]
    quads = dataset.store.quads_for_pattern
    triples = {
        graph: [quad.triple for quad in quads(None, None, None, ox.NamedNode(graph))]
        for graph in sorted(graphs)
        if not graph.startswith(VIEW)
    }
    return _validated(replace(project, store=None), triples, plan)


def _validated(project: Project, graphs: Mapping[str, Iterable[ox.Triple]], plan: Plan) -> Outcome:
    """Return what the checks of a project find in graphs that are in no file, without places."""
    with tempfile.TemporaryDirectory() as folder:
        there = Project(Path(folder))
        _copy(project, there)
        for graph, triples in graphs.items():
            target = there.ontology if graph == ONTOLOGY else there.graphs / graph.removeprefix(GRAPH)
            target.mkdir(parents=True, exist_ok=True)
            _write(target / "endpoint.ttl", triples)
        outcome = run.validate_project(there, replace(plan, checks=plan.checks - {"queries"}))
    return _without_places(outcome, Path(folder))


def _copy(project: Project, target: Project) -> None:
    """Copy what a project's graphs are validated with: shapes and rules, and not its graphs."""
    for folder in ("shapes", "hygiene", "rules"):
        if (project.ontology / folder).is_dir():
            shutil.copytree(project.ontology / folder, target.ontology / folder)
    target.graphs.mkdir()


def _write(path: Path, triples: Iterable[ox.Triple], prefixes: Iterable[str] = ()) -> None:
    lines = (*prefixes, *(f"{triple} ." for triple in triples))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _prefixes(files: Iterable[Path]) -> Iterator[str]:
    """Yield declarations of the prefixes of Turtle files, by which findings name their shapes."""
    for path in files:
        if path.suffix.lower() in (".ttl", ".turtle"):
            parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri())
            for _ in parser:
                pass
            yield from (f"@prefix {name}: <{iri}> ." for name, iri in parser.prefixes.items())


def validate(
    endpoint: Endpoint, shape_files: Sequence[Path], ontology: Sequence[Path] = (), plan: Plan | None = None
) -> Outcome:
    """Return what shapes find in the graphs that an endpoint is asked about.

    Fetched is what the shapes need; for other checks than `CHECKS`, or where shapes can reach anything, it is all.

    Raises:
        TriplomacyError: a file cannot be read, or the endpoint does not give what is needed.
    """
    plan = plan or Plan(checks=CHECKS)
    shape_files, ontology = all_files(shape_files), all_files(ontology)
    shapes = shape_graph.of_triples([triple for path in shape_files for triple in parse_file(path)])
    axioms = [triple for path in ontology for triple in parse_file(path) if triple.predicate == _BELOW]
    with tempfile.TemporaryDirectory() as folder:
        found = Fetched([])
        used = list(shape_files)
        if not shape_graph.malformed(shapes):
            found = _whole(endpoint) if plan.checks - CHECKS else _needed(endpoint, shapes, axioms)
            integers = list(_with_integers(shapes.triples))
            if integers != shapes.triples and _makes_integers(endpoint):
                used = [Path(folder) / "shapes.ttl"]
                _write(used[0], integers, _prefixes(shape_files))
        data = Path(folder) / "endpoint.nt"
        _write(data, found.triples)
        outcome = run.validate_files([data] if found.triples else [], used, ontology, plan)
    if not found.triples and not outcome.unusable and not shapes.subjects("targetNode"):
        found.remarks.append(f"{endpoint.url} has nothing that these shapes are about")
    return _without_places(outcome, Path(folder), [*found.remarks, *endpoint.remarks])


def _without_places(outcome: Outcome, folder: Path, remarks: Iterable[str] = ()) -> Outcome:
    """Return an outcome without the places in a folder that is no more."""
    findings = tuple(
        replace(each, places=tuple(place for place in each.places if not place.file.is_relative_to(folder)))
        for each in outcome.findings
    )
    return replace(outcome, findings=findings, remarks=(*dict.fromkeys(remarks), *outcome.remarks))


def _whole(endpoint: Endpoint) -> Fetched:
    """Return all triples of the graphs that an endpoint is asked about."""
    if not endpoint.graphs:
        return Fetched(_constructed(endpoint, _ALL))
    counts = endpoint.counts(endpoint.graphs)
    return Fetched([triple for graph, count in counts.items() for triple in endpoint.triples(graph, count)])


def _needed(endpoint: Endpoint, shapes: ShapeGraph, axioms: Sequence[ox.Triple]) -> Fetched:
    """Return what shapes need, or all triples where that cannot be told or had."""
    try:
        below = _axioms(endpoint, endpoint_needs.classes(shapes), axioms)
        return Fetched(_gathered(endpoint, below, endpoint_needs.of_shapes(shapes, [*below, *axioms])))
    except endpoint_needs.Unbounded as error:
        reason = error.message
    except Refused as error:
        reason = f"it {error.message}"
    found = _whole(endpoint)
    found.remarks.append(f"all triples of {endpoint.url} were fetched: {reason}")
    return found


def _constructed(endpoint: Endpoint, text: str) -> list[ox.Triple]:
    return [triple for triple in endpoint.query(text) if isinstance(triple, ox.Triple)]  # type: ignore[union-attr]


def _axioms(endpoint: Endpoint, classes: Iterable[ox.NamedNode], own: Sequence[ox.Triple]) -> list[ox.Triple]:
    """Return the axioms by which classes are below these, level by level, with those that are known here."""
    found: dict[ox.Triple, None] = {}
    known = set(classes)
    level = set(known)
    while level:
        several = " ".join(sorted(map(str, level)))
        text = f"CONSTRUCT {{ ?c {_BELOW} ?d }} WHERE {{ VALUES ?d {{ {several} }} ?c {_BELOW} ?d }}"
        more = _constructed(endpoint, text)
        found.update(dict.fromkeys(more))
        lower = {each.subject for each in (*more, *own) if each.object in level}
        level = {each for each in lower if isinstance(each, ox.NamedNode)} - known
        known |= level
    return list(found)


def _gathered(endpoint: Endpoint, below: Iterable[ox.Triple], needed: endpoint_needs.Needs) -> list[ox.Triple]:
    """Return what several queries give together.

    Raises:
        Unbounded: the endpoint has another name for a blank node in each answer.
    """
    found = dict.fromkeys(below)
    checked = False
    for text in (*needed.queries(), *_suppressions()):
        triples = _constructed(endpoint, text)
        if not checked and any(ox.BlankNode in (type(each.subject), type(each.object)) for each in triples):
            checked = True
            if set(triples) != set(_constructed(endpoint, text)):
                raise endpoint_needs.Unbounded("it has other names for its blank nodes in each answer")
        found.update(dict.fromkeys(triples))
    return list(found)


def _suppressions() -> Iterator[str]:
    """Yield the question for the reasons why findings count for nothing."""
    names = " ".join(map(str, suppressions.PARTS))
    yield f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?p {{ {names} }} ?s ?p ?o }}"


def _makes_integers(endpoint: Endpoint) -> bool:
    """Tell whether a store gives integers of all of XSD's types back as ``xsd:integer``: Oxigraph does."""
    text = f'SELECT (DATATYPE("1"^^<{XSD}nonNegativeInteger>) AS ?type) WHERE {{ }}'
    return [str(row["type"]) for row in endpoint.query(text).rows] == [f"<{XSD}integer>"]  # type: ignore[union-attr]


def _with_integers(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples with ``xsd:integer`` for each of XSD's types of integers, of literals and of ``sh:datatype``."""
    datatype = ox.NamedNode(SH + "datatype")
    for triple in triples:
        value = triple.object
        if isinstance(value, ox.Literal):
            value = _AS_INTEGER(value)
        elif isinstance(value, ox.NamedNode) and triple.predicate == datatype:
            value = _AS_INTEGER(ox.Literal("1", datatype=value)).datatype
        yield ox.Triple(triple.subject, triple.predicate, value)
