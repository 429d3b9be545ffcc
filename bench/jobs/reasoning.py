"""OWL RL: what follows about our terms, by ours, by the engine under it, and by owlrl, each a whole process."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from bench.figures import OURS, Row
from bench.jobs import data
from bench.measuring import Budget, Run, Side, Unavailable, measured, script, side_by_side

NAME: Final = "reasoning"
SIZES: Final = (7_000, 50_000)

OURS_SCRIPT: Final = """
import sys
from pathlib import Path
from triplomacy.rdf import parse_file
from triplomacy.validation.reasoning import entailments
for triple in entailments(parse_file(Path(sys.argv[1]))):
    print(triple)
"""
# What is kept of the closure is what `entailments` keeps: relations and classes of individuals that are not given.
PEER: Final = """
import sys, rdflib
from rdflib import OWL, RDF, RDFS, URIRef, XSD
BUILT_IN = tuple(str(each) for each in (RDF, RDFS, OWL, XSD))
KINDS = {OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.ObjectProperty, OWL.Ontology, RDF.Property,
         RDFS.Class, RDFS.Datatype}
rdflib.NORMALIZE_LITERALS = False
def given():
    graph = rdflib.Graph()
    graph.parse(sys.argv[1], format="nt")
    return graph
def show(closed, graph):
    nodes = {n for s, _, o in graph for n in (s, o) if isinstance(n, URIRef) and not str(n).startswith(BUILT_IN)}
    nodes -= {s for s, p, o in graph if p == RDF.type and o in KINDS}
    for s, p, o in closed:
        if s in nodes and isinstance(o, URIRef) and o != OWL.Thing and not (p == OWL.sameAs and s == o):
            if (s, p, o) not in graph:
                print(f"<{s}> <{p}> <{o}>")
"""
OWLRL: Final = """
import owlrl
graph, closed = given(), given()
owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
show(closed, graph)
"""
REASONABLE: Final = """
import reasonable
graph = given()
reasoner = reasonable.PyReasoner()
reasoner.load_file(sys.argv[2])
show(reasoner.reason(), graph)
"""


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job, whose sizes are its own unless they are smaller than these."""
    longer = replace(budget, limit=3 * budget.limit)  # owlrl is what ours is compared with, and takes minutes
    for size in [each for each in SIZES if each <= max(sizes)]:
        yield from side_by_side(Row(NAME, "materialise", size), sides(size), longer, times=3)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {name: importlib.metadata.version(name) for name in ("owlrl", "reasonable", "rdflib")}


def sides(size: int) -> list[Side]:
    """Return those who materialise."""
    scripts = {
        OURS: script("materialise", OURS_SCRIPT),
        "reasonable": script("materialise-reasonable", PEER + REASONABLE),
        "owlrl": script("materialise-owlrl", PEER + OWLRL),
    }
    file = data.triples(size)
    turtle = data.written(f"all-{size}.ttl", lambda: [file.read_text(encoding="utf-8")])  # it reads no other name
    return [side(who, [sys.executable, str(path), str(file), str(turtle)]) for who, path in scripts.items()]


def side(who: str, command: Sequence[str]) -> Side:
    """Return one of those who materialise."""
    return Side(who, lambda: measured(command), entailed)


def entailed(run: Run) -> str:
    """Return how many triples were entailed, with a hash of them."""
    if run.code:
        raise Unavailable(run.errors[-300:])
    lines = sorted({line.rstrip(" .") for line in run.output.splitlines() if line})
    return f"{len(lines):,} entailments, {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:12]}"
