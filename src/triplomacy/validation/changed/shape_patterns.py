"""What shapes and rules of hygiene look at, as the patterns that join a focus node with it.

A shape is looked at once for each way to its focus nodes: from its targets, and as a property shape of another one,
whose values are then the focus nodes. What a shape refers to otherwise (``sh:node``, ``sh:or`` and the like) belongs to
it, since its results are those of the shape that refers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.rdf import TYPE, closure
from triplomacy.sparql import Nesting, Pattern, Unread, dependencies, patterns
from triplomacy.validation import shape_graph
from triplomacy.validation.changed.reach import Dependency
from triplomacy.validation.hygiene import HygieneRule
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.shape_paths import Path

_ANY: Final = frozenset({(None, False)})
_BEYOND: Final = {**shape_graph.BEYOND, "qualifiedValueShapesDisjoint": "sh:qualifiedValueShapesDisjoint"}
_THIS: Final = "this"
_FEW: Final = 2_000  # triples from which on a rule is as well asked about everything


def of_rules(rules: Iterable[HygieneRule]) -> list[Dependency]:
    """Return what rules of hygiene look at, each with its name."""
    return [_of_rule(rule) for rule in rules]


def _of_rule(rule: HygieneRule) -> Dependency:
    try:
        body = dependencies.body(rule.query, {})
    except Unread as reason:
        pattern = Pattern("focus", _ANY, "value")
        return Dependency(rule.name, [pattern], focus="focus", whole=f"it has {reason.message}")
    return Dependency(rule.name, body.patterns, body.values, frozenset(body.unconstrained), "focus", most=_FEW)


def of_shapes(shapes: ShapeGraph, below: Mapping[Any, Sequence[Any]]) -> list[Dependency]:
    """Return what shapes look at.

    Args:
        shapes: well-formed ones.
        below: the direct sub-classes of classes, of data and ontology.

    Raises:
        Unread: what they look at cannot be told.
    """
    for subject, name, _ in shapes.pairs(*_BEYOND):
        raise Unread(f"{shapes.owner_name(subject)} has {_BEYOND[name]}")
    return list(_ShapeReader(shape_graph.with_targets(shapes), below).all())


class _ShapeReader(dependencies.PatternReader):
    """Reads shapes."""

    def __init__(self, shapes: ShapeGraph, below: Mapping[Any, Sequence[Any]]) -> None:
        super().__init__()
        self.shapes = shapes
        self.below = below
        self._owner = cache(shapes.owner)

    def all(self) -> Iterator[Dependency]:
        """Yield what each shape looks at, for each way to its focus nodes."""
        for shape in shape_graph.target_shapes(self.shapes):
            yield from self._shape(shape, *self._targets(shape))

    def _targets(self, shape: Any) -> tuple[dependencies.QueryPatterns, frozenset[Any] | None]:
        """Return how a shape's targets are reached, and, where all are classes, these with the ones below."""
        part, of, classes = dependencies.QueryPatterns(), self.shapes.of, None
        named = of(shape, "targetClass")
        others = [(name, value) for name in shape_graph.TARGETS[2:] for value in of(shape, name)]
        nodes = of(shape, "targetNode")
        ways = bool(named) + bool(nodes) + len(others)
        if named:
            nesting, kind = self._way(ways), self.fresh_variable()
            kinds = frozenset(closure(named, self.below.get))
            part.patterns.append(Pattern(_THIS, frozenset({(TYPE, False)}), kind, nesting))
            part.values.append((kind, kinds, nesting))
            classes = kinds if ways == 1 else None
        if nodes:
            part.values.append((_THIS, frozenset(nodes), self._way(ways)))
        for name, value in others:
            if name == "target":
                part.add(self._query(value, self._way(ways)))
            else:
                other = self.fresh_variable()
                part.unconstrained.add(other)
                step = frozenset({(value, name == "targetObjectsOf")})
                part.patterns.append(Pattern(_THIS, step, other, self._way(ways)))
        return part, classes

    def _way(self, ways: int) -> Nesting:
        """Return the nesting of a target: one of its own where there are several, of which any will do."""
        return () if ways == 1 else (self.fresh(),)

    def _query(self, owner: Any, nesting: Nesting, path: str = "$PATH") -> dependencies.QueryPatterns:
        texts = self.shapes.of(owner, "select")
        if not texts:
            raise Unread(f"{self.shapes.owner_name(owner)} has a target with parameters")
        text = texts[0].value.replace("$PATH", path)
        try:
            known = shape_graph.prefixes(self.shapes, owner)
            return dependencies.body(text, known, within=nesting, mark=f"/{self.fresh()}")
        except Unread as reason:
            raise Unread(f"{self.shapes.owner_name(owner)} has {reason.message}") from None

    def _shape(
        self, shape: Any, targets: dependencies.QueryPatterns, classes: frozenset[Any] | None
    ) -> Iterator[Dependency]:
        """Yield what a shape and its property shapes look at, given how its focus nodes are reached."""
        own = targets.with_focus(_THIS)
        value = self._constraints(shape, _THIS, (), own, inside=False)
        owner = self._owner(shape)
        name = "" if owner is None else str(owner)  # as findings have it
        yield Dependency(name, own.patterns, own.values, frozenset(own.unconstrained), classes=classes)
        inner = [each for each in self.shapes.of(shape, "property") if not self.shapes.is_off(each)]
        if not inner:
            return
        reached = targets
        if value != _THIS:
            former = self.fresh_variable()
            reached, classes = targets.with_focus(former), None
            path = _steps(self.shapes.path(self.shapes.of(shape, "path")[0]))
            reached.patterns += dependencies.along(former, path, _THIS, (), self)
        for each in inner:
            yield from self._shape(each, reached, classes)

    def _constraints(
        self, shape: Any, node: str, nesting: Nesting, part: dependencies.QueryPatterns, *, inside: bool
    ) -> str:
        """Add what a shape looks at from a node on, and return the variable of its values."""
        of = self.shapes.of
        nesting, value = (*nesting, self.fresh()), node
        for path in of(shape, "path"):
            value = self.fresh_variable()
            part.patterns += dependencies.along(node, _steps(self.shapes.path(path)), value, nesting, self)
        pairs = [
            Pattern(node, frozenset({(name, False)}), self.fresh_variable(), nesting)
            for pair in shape_graph.PAIRS
            for name in of(shape, pair)
        ]
        part.patterns += pairs
        if of(shape, "class"):
            part.patterns.append(Pattern(value, frozenset({(TYPE, False)}), self.fresh_variable(), nesting))
        if any(closed.value == "true" for closed in of(shape, "closed")):
            part.patterns.append(Pattern(value, _ANY, self.fresh_variable(), nesting))
        # Of property shapes the results are their own, unless their shape stands within another one.
        for other in (*self.shapes.inner(shape), *(of(shape, "property") if inside else ())):
            if not self.shapes.is_off(other):
                self._constraints(other, value, nesting, part, inside=True)
        for constraint in of(shape, "sparql"):
            if not self.shapes.is_off(constraint):
                self._ask(shape, constraint, node, nesting, part)
        return value

    def _ask(self, shape: Any, constraint: Any, node: str, nesting: Nesting, part: dependencies.QueryPatterns) -> None:
        """Add what a query of a shape looks at."""
        steps = [str(path) for path in self.shapes.of(shape, "path") if isinstance(path, ox.NamedNode)]
        query = self._query(constraint, (*nesting, self.fresh()), steps[0] if steps else "$PATH")
        part.add(query.with_focus(node))


def _steps(path: Path) -> dependencies.Path:
    """Return a path of SHACL as `dependencies.along` takes it."""
    tree = patterns.path(str(path))
    assert tree is not None  # a path of SHACL is one of SPARQL
    return dependencies.steps_of(tree)
