"""Validation of what an endpoint has: what the shapes need is fetched, and validated as files would be.

What is found stands in no file here: a finding has no place then, and is told by its node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import remote
from triplomacy.dataset import Project, load
from triplomacy.errors import Choice, TriplomacyError
from triplomacy.http import Refused
from triplomacy.rdf import SUBCLASS_OF, in_scope
from triplomacy.remote import Endpoint, literal_differences
from triplomacy.terms import ONTOLOGY, SH, VIEW, XSD
from triplomacy.validation import endpoint_needs, run, shape_graph, suppressions
from triplomacy.validation.inputs import Elsewhere, ProjectElsewhere, all_files, shapes_of
from triplomacy.validation.plan import Check, Outcome, Plan
from triplomacy.validation.shape_graph import ShapeGraph

CHECKS: Final[frozenset[Check]] = frozenset({"syntax", "shapes", "shacl"})
"""The checks of other people's graphs by default: what the others need are whole graphs."""

_ALL: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
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
    counts = endpoint.counts(remote.our_graphs(names))
    if not counts:
        raise TriplomacyError("has none of our graphs; push them there, or give ", Choice("shapes"), path=endpoint.url)
    graphs = {
        graph: [in_scope(triple, f"f{number}b") for triple in endpoint.triples(graph, count)]
        for number, (graph, count) in enumerate(counts.items())
    }
    outcome = _validate(project, graphs, plan)
    missing = [graph for graph in remote.our_graphs(names) if graph not in counts]
    remarks = [f"{endpoint.url} has no graph {graph}" for graph in missing]
    return replace(outcome, remarks=(*dict.fromkeys([*remarks, *endpoint.remarks]), *outcome.remarks))


def validate_store(project: Project, plan: Plan) -> Outcome:
    """Return what the checks of a project find in its graphs as its store on disk has them.

    Raises:
        TriplomacyError: there is no store, or it is damaged.
    """
    triples: dict[str, list[ox.Triple]] = {}
    for quad in load(project).quads(None, None, None, None):
        if isinstance(quad.graph_name, ox.NamedNode) and not quad.graph_name.value.startswith(VIEW):
            triples.setdefault(quad.graph_name.value, []).append(quad.triple)
    return _validate(project.in_files(), dict(sorted(triples.items())), plan)


def _validate(project: Project, graphs: Mapping[str, Sequence[ox.Triple]], plan: Plan) -> Outcome:
    """Return what the checks of a project find in graphs that are in no file, without places."""
    given = ProjectElsewhere(
        shape_files=shapes_of(project),
        project=project,
        facts=[triple for graph, triples in graphs.items() if graph != ONTOLOGY for triple in triples],
        given_axioms=graphs.get(ONTOLOGY, ()),
    )
    return run.validate(given, replace(plan, checks=plan.checks - {"queries"}))


def validate(
    endpoint: Endpoint, shape_files: Sequence[Path], ontology: Sequence[Path] = (), plan: Plan | None = None
) -> Outcome:
    """Return what shapes find in the graphs that an endpoint is asked about.

    Fetched is what the shapes need; for other checks than `CHECKS`, or where shapes can reach anything, it is all.

    Raises:
        TriplomacyError: a file cannot be read, or the endpoint does not give what is needed.
    """
    plan = plan or Plan(checks=CHECKS)
    given = Elsewhere(ontology=all_files(ontology), shape_files=all_files(shape_files), facts=())
    fetched = Fetched([])
    if not shape_graph.find_faults(given.shapes):
        below = [axiom for axiom in given.axioms if axiom.predicate == SUBCLASS_OF]
        fetched = _whole(endpoint) if plan.checks - CHECKS else _fetch_needs(endpoint, given.shapes, below)
        given = replace(given, facts=fetched.triples)
        if list(_with_integers(given.shapes.triples)) != given.shapes.triples and _makes_integers(endpoint):
            given = replace(given, rewrite=_with_integers)
    outcome = run.validate(given, plan)
    if not fetched.triples and not outcome.unusable and not given.shapes.subjects("targetNode"):
        fetched.remarks.append(f"{endpoint.url} has nothing that these shapes are about")
    remarks = dict.fromkeys([*fetched.remarks, *endpoint.remarks])
    return replace(outcome, remarks=(*remarks, *outcome.remarks))


def _whole(endpoint: Endpoint) -> Fetched:
    """Return all triples of the graphs that an endpoint is asked about."""
    if not endpoint.graphs:
        return Fetched(_construct(endpoint, _ALL))
    counts = endpoint.counts(endpoint.graphs)
    return Fetched([triple for graph, count in counts.items() for triple in endpoint.triples(graph, count)])


def _fetch_needs(endpoint: Endpoint, shapes: ShapeGraph, axioms: Sequence[ox.Triple]) -> Fetched:
    """Return what shapes need, or all triples where that cannot be told or had."""
    try:
        below = _axioms(endpoint, endpoint_needs.classes(shapes), axioms)
        return Fetched(_gather(endpoint, below, endpoint_needs.of_shapes(shapes, [*below, *axioms])))
    except endpoint_needs.Unbounded as error:
        reason: str = error.message
    except Refused as error:
        reason = f"it {error.message}"
    whole = _whole(endpoint)
    whole.remarks.append(f"all triples of {endpoint.url} were fetched: {reason}")
    return whole


def _construct(endpoint: Endpoint, text: str) -> list[ox.Triple]:
    return [triple for triple in endpoint.query(text) if isinstance(triple, ox.Triple)]  # type: ignore[union-attr]


def _axioms(endpoint: Endpoint, classes: Iterable[ox.NamedNode], own: Sequence[ox.Triple]) -> list[ox.Triple]:
    """Return the axioms by which classes are below these, level by level, with those that are known here."""
    axioms: dict[ox.Triple, None] = {}
    known = set(classes)
    level = set(known)
    while level:
        several = " ".join(sorted(map(str, level)))
        text = f"CONSTRUCT {{ ?c {SUBCLASS_OF} ?d }} WHERE {{ VALUES ?d {{ {several} }} ?c {SUBCLASS_OF} ?d }}"
        more = _construct(endpoint, text)
        axioms.update(dict.fromkeys(more))
        lower = {triple.subject for triple in (*more, *own) if triple.object in level}
        level = {node for node in lower if isinstance(node, ox.NamedNode)} - known
        known |= level
    return list(axioms)


def _gather(endpoint: Endpoint, below: Iterable[ox.Triple], needed: endpoint_needs.Needs) -> list[ox.Triple]:
    """Return what several queries give together.

    Raises:
        Unbounded: the endpoint has another name for a blank node in each answer.
    """
    gathered = dict.fromkeys(below)
    checked = False
    for text in (*needed.queries(), *_suppressions()):
        triples = _construct(endpoint, text)
        if not checked and any(ox.BlankNode in (type(triple.subject), type(triple.object)) for triple in triples):
            checked = True
            if set(triples) != set(_construct(endpoint, text)):
                raise endpoint_needs.Unbounded("it has other names for its blank nodes in each answer")
        gathered.update(dict.fromkeys(triples))
    return list(gathered)


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
