"""What shapes need of a store elsewhere: their targets, and the triples that their paths and queries can reach.

A shape is followed from its targets along its paths to the shapes that it refers to, and each node on the way is asked
for the properties that something is said about there. Of a query in a shape the properties are known, unless one is a
variable: then nothing less than whole graphs will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.rdf import TYPE, closure, subclasses
from triplomacy.sparql import apply_edits, read, tree, write_term
from triplomacy.validation import shape_graph
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.shape_paths import Path


class Unbounded(TriplomacyError):
    """Nothing less than whole graphs will do; the message says which shape has what."""


class Position(NamedTuple):
    """A node on the way from a target: the variable that stands for it, and the pattern that binds it."""

    node: str
    pattern: str


EVERYWHERE: Final = Position("?n0", "")


@dataclass
class Needs:
    """The properties that are needed of nodes, by their places, and those that are needed of all nodes.

    Attributes:
        outgoing: the properties of a node, or None among them for each that it has.
        incoming: the properties by which others point to it.
        anywhere: the properties of all nodes, each with the one value that is meant, or with None.
    """

    outgoing: dict[Position, dict[ox.NamedNode | None, None]] = field(default_factory=dict)
    incoming: dict[Position, dict[ox.NamedNode, None]] = field(default_factory=dict)
    anywhere: dict[tuple[ox.NamedNode, Any], None] = field(default_factory=dict)

    def queries(self) -> Iterator[str]:
        """Yield a CONSTRUCT for each place and direction, and those for all nodes."""
        for place, properties in self.outgoing.items():
            chosen = "" if None in properties else f" VALUES ?p {{ {_values_list(properties)} }}"
            yield f"CONSTRUCT {{ {place.node} ?p ?o }} WHERE {{ {place.pattern}{chosen} {place.node} ?p ?o }}"
        for place, known in self.incoming.items():
            chosen = f" VALUES ?p {{ {_values_list(known)} }}"
            yield f"CONSTRUCT {{ ?s ?p {place.node} }} WHERE {{ {place.pattern}{chosen} ?s ?p {place.node} }}"
        for name, value in self.anywhere:
            known_value = "?o" if value is None else write_term(value)
            yield f"CONSTRUCT {{ ?s {name} {known_value} }} WHERE {{ ?s {name} {known_value} }}"


def _values_list(terms: Iterable[Any]) -> str:
    return " ".join(map(str, terms))


def classes(shapes: ShapeGraph) -> list[ox.NamedNode]:
    """Return the classes that shapes have as targets or of values, those that are shapes themselves among them."""
    named = (value for _, _, value in shape_graph.with_targets(shapes).pairs("targetClass", "class"))
    return [node for node in dict.fromkeys(named) if isinstance(node, ox.NamedNode)]


def of_shapes(shapes: ShapeGraph, below: Sequence[ox.Triple]) -> Needs:
    """Return what shapes need of a store.

    Args:
        shapes: well-formed ones.
        below: the axioms by which classes are sub-classes of those that the shapes name.

    Raises:
        Unbounded: nothing less than whole graphs will do.
    """
    for subject, name, _ in shapes.pairs(*shape_graph.BEYOND):
        raise Unbounded(f"{shapes.owner_name(subject)} has {shape_graph.BEYOND[name]}")
    return _TargetWalk(shape_graph.with_targets(shapes), below).all()


class _TargetWalk:
    """Follows shapes from their targets."""

    def __init__(self, shapes: ShapeGraph, below: Sequence[ox.Triple]) -> None:
        self.shapes = shapes
        self.needs = Needs()
        self._owner: Any = None  # of the path that is followed
        self._below = subclasses(below)

    def all(self) -> Needs:
        """Return what is needed from each target on."""
        for shape in shape_graph.target_shapes(self.shapes):
            for place in self._targets(shape):
                self._shape(shape, place)
        return self.needs

    def _targets(self, shape: Any) -> Iterator[Position]:
        """Yield the places where a shape's targets are, which are needed as such too."""
        if named := self.shapes.of(shape, "targetClass"):
            kinds = closure(named, self._below.get)
            several = " ".join(sorted(str(kind) for kind in kinds if isinstance(kind, ox.NamedNode)))
            place = Position("?n0", f"VALUES ?c0 {{ {several} }} ?n0 a ?c0 .")
            self._out(place, TYPE)
            yield place
        if nodes := [node for node in self.shapes.of(shape, "targetNode") if not isinstance(node, ox.BlankNode)]:
            yield Position("?n0", f"VALUES ?n0 {{ {' '.join(map(write_term, nodes))} }}")
        for name in self.shapes.of(shape, "targetSubjectsOf"):
            self.needs.anywhere[name, None] = None
            yield Position("?n0", f"?n0 {name} ?o0 .")
        for name in self.shapes.of(shape, "targetObjectsOf"):
            self.needs.anywhere[name, None] = None
            yield Position("?n0", f"?s0 {name} ?n0 .")
        for target in self.shapes.of(shape, "target"):
            yield self._position_of_query(target)

    def _position_of_query(self, target: Any) -> Position:
        """Return the place of the nodes that a query selects, which needs what the query asks for."""
        texts = self.shapes.of(target, "select")
        if not texts:
            raise Unbounded(f"{self.shapes.owner_name(target)} has a target with parameters")
        query = _ShapeQuery(self.shapes, target, texts[0].value)
        self.needs.anywhere.update(dict.fromkeys(query.of_all()))
        return Position("?this", query.inside())

    def _shape(self, shape: Any, place: Position) -> None:
        """Note what a shape needs at a node, and go on to the shapes that it refers to."""
        if self.shapes.is_off(shape):
            return
        of = self.shapes.of
        values = place
        for path in of(shape, "path"):
            self._owner = path
            values = self._step(self.shapes.path(path), place)
        for name in shape_graph.PAIRS:
            for other in of(shape, name):
                self._out(place, other)
        if of(shape, "class"):
            self._out(values, TYPE)
        if any(value.value == "true" for value in of(shape, "closed")):
            self._out(values, None)
        for other in (*self.shapes.inner(shape), *of(shape, "property")):
            self._shape(other, values)
        for constraint in of(shape, "sparql"):
            self._query(shape, constraint, place)

    def _query(self, shape: Any, constraint: Any, place: Position) -> None:
        if self.shapes.is_off(constraint):
            return
        steps = [str(self.shapes.path(path)) for path in self.shapes.of(shape, "path")]
        for text in self.shapes.of(constraint, "select"):
            query = _ShapeQuery(self.shapes, constraint, text.value.replace("$PATH", steps[0] if steps else "$PATH"))
            for name in query.of_focus():
                self._out(place, name)
            self.needs.anywhere.update(dict.fromkeys(query.of_others()))

    def _out(self, place: Position, name: ox.NamedNode | None) -> None:
        self.needs.outgoing.setdefault(place, {})[name] = None

    def _step(self, path: Path, place: Position) -> Position:
        """Note what a path needs from a node on, and return where its values are."""
        if path.iri is not None:
            self._out(place, path.iri)
        elif path.operator == "/":
            at = place
            for part in path.parts:
                at = self._step(part, at)
        elif path.operator == "^":
            self._back(path.parts[0], place)
        else:
            for part in path.parts:
                self._step(part, place if path.operator == "|" else EVERYWHERE)
        return _next(place, path)

    def _back(self, path: Path, place: Position) -> None:
        if path.iri is None:
            raise Unbounded(f"{self.shapes.owner_name(self._owner)} goes a path of several steps backwards")
        self.needs.incoming.setdefault(place, {})[path.iri] = None


def _next(place: Position, path: Path) -> Position:
    """Return the place behind a path: behind one that repeats, any, since Virtuoso answers some of those wrongly."""
    if place == EVERYWHERE or path.repeats:
        return EVERYWHERE
    node = f"?n{len(re.findall(r'[?]n[0-9]+', place.pattern)) + 1}"
    return Position(node, f"{place.pattern} {place.node} {path} {node} .")


class _ShapeQuery:
    """A query in a shape, with its triple patterns; None for a property is any."""

    def __init__(self, shapes: ShapeGraph, owner: Any, text: str) -> None:
        self._text = text
        self._owner = shapes.owner_name(owner)
        try:
            self._query = read(text, prefixes=shape_graph.prefixes(shapes, owner))
        except MalformedInput as error:
            raise Unbounded(f"{self._owner} has a query that is not understood: {error.message}") from None
        self._patterns = [step for triple in tree.triples(self._query) for step in self._steps(triple)]

    def inside(self) -> str:
        """Return the query as one that can stand within another, with its names written out as IRIs."""
        if self._query.prologue:
            raise Unbounded(f"{self._owner} has a target with prefixes of its own")
        names = tree.find(self._query, tree.Iri)
        text = apply_edits(self._text, [(iri.start, iri.end, f"<{iri.value}>") for iri in names])
        return f"{{ SELECT DISTINCT ?this WHERE {{ {{ {text}\n}} }} }}"

    def of_focus(self) -> Iterator[ox.NamedNode | None]:
        """Yield the properties that are asked of ``$this``."""
        return (name for is_focus, name, _ in self._patterns if is_focus)

    def of_others(self) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | None]]:
        """Yield the properties that are asked of other nodes, each with its value, if one is given."""
        return ((self._known_name(name), value) for is_focus, name, value in self._patterns if not is_focus)

    def of_all(self) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | None]]:
        """Yield the properties that are asked of any node."""
        yield from self.of_others()
        for name in self.of_focus():
            yield self._known_name(name), None

    def _known_name(self, name: ox.NamedNode | None) -> ox.NamedNode:
        if name is None:
            raise Unbounded(f"{self._owner} asks for properties that it does not name")
        return name

    def _steps(self, triple: tree.Triple) -> Iterator[tuple[bool, ox.NamedNode | None, ox.NamedNode | None]]:
        """Yield whether a triple is about ``$this``, its property and its value; of a path each property."""
        if any(tree.find(triple.verb, tree.PathNegated)):
            raise Unbounded(f"{self._owner} has a path that is not understood")
        is_plain = isinstance(triple.verb, tree.Variable | tree.Iri)
        is_focus = is_plain and isinstance(triple.subject, tree.Variable) and triple.subject.name == "this"
        value = ox.NamedNode(triple.object.value) if is_plain and isinstance(triple.object, tree.Iri) else None
        if isinstance(triple.verb, tree.Variable):
            yield is_focus, None, value
        for iri in tree.find(triple.verb, tree.Iri):
            yield is_focus, ox.NamedNode(iri.value), value
