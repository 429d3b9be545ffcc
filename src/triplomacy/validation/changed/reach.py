"""The focus nodes of shapes and rules that a change can affect, and the triples that decide the findings there.

What a shape or rule depends on are the triple patterns that join its focus node with all that it looks at, those of
targets, paths, classes and queries alike, whether they have to be there or must not. A node is affected where a changed
triple fits one of the patterns and the others lead from it to the node, over what was there and what is there now. What
is found at a node is decided by the triples that the patterns lead to from there. More nodes and triples are returned
than are affected, and never fewer; where they are too many, or a pattern has nothing to do with the focus node,
`Undecidable` is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy.rdf import TYPE, to_store
from triplomacy.sparql import GroundTerm, Nesting, Pattern
from triplomacy.validation.plan import Undecidable

_MOST: Final = 20_000  # triples from which on the whole takes no longer
_FEW: Final = 2_000  # triples of a step that is taken without looking for a shorter one
_NODES: Final = 1_000  # that may be affected in the eyes of one shape or rule
_PAIRS: Final = 64  # of nodes for which each is asked for
_ENOUGH: Final = 8  # triples of a step than which there need be no shorter one

Nodes = frozenset[Any]
_Find = Callable[[Any, Any, Any], Iterator[ox.Triple]]
_Found = tuple[ox.Triple | None, Any, Any]  # a triple with both ends of a pattern, the subject's first


@dataclass(frozen=True, eq=False)
class Dependency:
    """The triple patterns that the findings of a shape or a rule depend on.

    Attributes:
        name: of the shape or the rule, as findings have it.
        patterns: see `Pattern`; those of several groups, of which the ones that stand in each other are about the same.
        values: the terms that a variable may have within a nesting.
        unconstrained: the variables of which one term is as good as any other.
        focus: the variable of the node that a finding is about.
        classes: where all targets are classes: those, with the ones below; None where there are others.
        whole: why all has to be looked at, or nothing.
        most: triples of one step, and half of those in all, from which on all may as well be looked at.
    """

    name: str
    patterns: Sequence[Pattern]
    values: Sequence[tuple[str, frozenset[GroundTerm], Nesting]] = ()
    unconstrained: frozenset[str] = frozenset()
    focus: str = "this"
    classes: frozenset[Any] | None = None
    whole: str = ""
    most: int = _MOST

    @cached_property
    def minimal_patterns(self) -> list[Pattern]:
        """The patterns without those that another one implies."""
        minimal = list(self.patterns)
        for pattern in self.patterns:
            if any(other is not pattern and self._implies(other, pattern) for other in minimal):
                minimal = [kept for kept in minimal if kept is not pattern]
        return minimal

    def _implies(self, other: Pattern, pattern: Pattern) -> bool:
        """Tell whether a pattern is met wherever another one is: what they differ in may be anything."""
        same = other.steps == pattern.steps and other.predicate == pattern.predicate
        simple = not (pattern.counted or pattern.repeated or pattern.empty or other.repeated or other.empty)
        if not (same and simple and other.nesting == pattern.nesting[: len(other.nesting)]):
            return False
        pairs = ((pattern.subject, other.subject), (pattern.object, other.object))
        return all(one == two or one in self.unconstrained for one, two in pairs)

    def scopes(self) -> list[Nesting]:
        """Return the scopes of the patterns that stand in no other one's, and with them all patterns."""
        all_scopes = {pattern.nesting for pattern in self.minimal_patterns}
        return sorted(s for s in all_scopes if not any(s != t and t[: len(s)] == s for t in all_scopes))

    def about(self, nesting: Nesting) -> list[Pattern]:
        """Return the patterns that hold where those of a nesting do."""
        return [pattern for pattern in self.minimal_patterns if pattern.nesting == nesting[: len(pattern.nesting)]]

    def domain(self, variable: str, nesting: Nesting) -> Nodes | None:
        """Return the terms that a variable may have in a nesting, or None where that is open."""
        domain: Nodes | None = None
        for name, terms, where in self.values:
            if name == variable and where == nesting[: len(where)]:
                domain = terms if domain is None else domain & terms
        return domain


@dataclass
class Graphs:
    """A graph before and after a change: a store of one of both states, and how the other one differs.

    Attributes:
        store: a store whose default graph is one of the states.
        gone: triples that are there no more, as the store writes them.
        new: triples that were not there, as the store writes them.
        is_now: whether the store has the state of now.
        touched: the triples that differ, also those that the store does not tell from others.
        predicates: the properties of both states; none where they are to be found out.
    """

    store: ox.Store
    gone: frozenset[ox.Triple]
    new: frozenset[ox.Triple]
    is_now: bool
    touched: frozenset[ox.Triple]
    predicates: tuple[ox.NamedNode, ...] = ()
    _seen: dict[tuple[Any, Any, Any], tuple[ox.Triple, ...]] = field(default_factory=dict)

    @cached_property
    def _stores(self) -> tuple[ox.Store, ox.Store]:
        return to_store(self.gone), to_store(self.new)

    def now(self, subject: Any, predicate: Any, value: Any) -> Iterator[ox.Triple]:
        """Yield the triples of now; None stands for any term."""
        if isinstance(subject, ox.Literal):
            return iter(())
        if subject is None:
            return self._now(subject, predicate, value)
        key = subject, predicate, value  # a node's own triples are few, and asked for again and again
        if key not in self._seen:
            self._seen[key] = tuple(self._now(subject, predicate, value))
        return iter(self._seen[key])

    def _now(self, subject: Any, predicate: Any, value: Any) -> Iterator[ox.Triple]:
        for quad in self.store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()):
            if self.is_now or not self.gone or quad.triple not in self.gone:
                yield quad.triple
        if not self.is_now:
            yield from _match(self._stores[1], subject, predicate, value)

    def ever(self, subject: Any, predicate: Any, value: Any) -> Iterator[ox.Triple]:
        """Yield the triples of before and of now, some of them twice; None stands for any term."""
        if isinstance(subject, ox.Literal):
            return
        yield from _match(self.store, subject, predicate, value)
        for store in self._stores:
            yield from _match(store, subject, predicate, value)

    @cached_property
    def names(self) -> tuple[ox.NamedNode, ...]:
        """The properties of both states."""
        if self.predicates:
            return self.predicates
        rows = self.store.query("SELECT DISTINCT ?p WHERE { ?s ?p ?o }")
        assert isinstance(rows, ox.QuerySolutions)
        predicates = [*(row["p"] for row in rows), *(each.predicate for each in self.touched)]
        return tuple(dict.fromkeys(each for each in predicates if isinstance(each, ox.NamedNode)))


def _match(store: ox.Store, subject: Any, predicate: Any, value: Any) -> Iterator[ox.Triple]:
    return (quad.triple for quad in store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()))


class Affected(NamedTuple):
    """The nodes that a change affects by dependency, and the reason why for those of which that cannot be told."""

    nodes: dict[Dependency, set[Any]]
    whole: dict[Dependency, str]


def find_affected(dependencies: Iterable[Dependency], graphs: Graphs) -> Affected:
    """Return the nodes about which shapes and rules may find something else since a change."""
    affected = Affected({}, {})
    for dependency, fitting in _fits(dependencies, graphs.touched).items():
        try:
            nodes = _focus_nodes(dependency, fitting, graphs)
        except Undecidable as reason:
            affected.whole[dependency] = reason.message
        else:
            if nodes:
                affected.nodes[dependency] = nodes
    return affected


def _fits(
    dependencies: Iterable[Dependency], changed: Iterable[ox.Triple]
) -> dict[Dependency, dict[Pattern, dict[str, set[Any]]]]:
    """Return the patterns that changed triples fit, with what their variables are then."""
    by_property: dict[ox.NamedNode | None, dict[tuple[Dependency, Pattern], None]] = {}
    for dependency in dependencies:
        for pattern in dependency.minimal_patterns:
            for step, _ in pattern.steps:
                by_property.setdefault(step, {})[dependency, pattern] = None
    fitting: dict[Dependency, dict[Pattern, dict[str, set[Any]]]] = {}
    for triple in changed:
        for dependency, pattern in {**by_property.get(triple.predicate, {}), **by_property.get(None, {})}:
            for ends in _ends(dependency, pattern, triple):
                bound = fitting.setdefault(dependency, {}).setdefault(pattern, {})
                for name, term in ends.items():
                    bound.setdefault(name, set()).add(term)
    return fitting


def _focus_nodes(dependency: Dependency, fitting: Mapping[Pattern, Mapping[str, set[Any]]], graphs: Graphs) -> set[Any]:
    """Return the focus nodes to which the patterns that changed triples fit lead; raise Undecidable."""
    if dependency.whole:
        raise Undecidable(dependency.whole)
    nodes: set[Any] = set()
    for pattern, bound in fitting.items():
        if pattern.repeated:
            bound = {name: _path_closure(graphs.ever, pattern, name, terms) for name, terms in bound.items()}
        ways = [way for way in dependency.about(pattern.nesting) if way is not pattern]
        nodes |= _Walk(dependency, graphs.ever, pattern.nesting, ways, bound).to(dependency.focus)
    if dependency.classes is not None:
        nodes = _of_classes(nodes, dependency.classes, graphs)
    if len(nodes) > _NODES:
        raise Undecidable("its answer at too many nodes depends on what has changed")
    return nodes


def _of_classes(nodes: Iterable[Any], kinds: Collection[Any], graphs: Graphs) -> set[Any]:
    """Return the nodes that are or were of one of some classes."""
    return {node for node in nodes if any(triple.object in kinds for triple in graphs.ever(node, TYPE, None))}


def _ends(dependency: Dependency, pattern: Pattern, triple: ox.Triple) -> Iterator[dict[str, Any]]:
    """Yield what the variables of a pattern are where a triple fits it."""
    for name, backwards in pattern.steps:
        if name not in (None, triple.predicate):
            continue
        ends = (triple.object, triple.subject) if backwards else (triple.subject, triple.object)
        bound = dict(_bindings(pattern, ends, triple.predicate))
        fixed = zip((pattern.subject, pattern.object), ends, strict=True)
        if all(isinstance(end, str) or end == term or pattern.repeated for end, term in fixed) and all(
            (domain := dependency.domain(variable, pattern.nesting)) is None or term in domain or pattern.repeated
            for variable, term in bound.items()
        ):
            yield bound


def _bindings(pattern: Pattern, ends: tuple[Any, Any], predicate: Any) -> Iterator[tuple[str, Any]]:
    for end, term in zip((pattern.subject, pattern.object), ends, strict=True):
        if isinstance(end, str):
            yield end, term
    if pattern.predicate is not None:
        yield pattern.predicate, predicate


def _path_closure(find: _Find, pattern: Pattern, name: str, terms: Iterable[Any]) -> set[Any]:
    """Return the nodes from which, or to which, a path that repeats leads by way of some nodes."""
    closed = set(terms)
    for _, other in _repeated_steps(find, pattern, terms, name == pattern.object):
        closed.add(other)
        if len(closed) > _MOST:
            raise Undecidable(f"a path of {_text(pattern)} with too many nodes")
    return closed


def _repeated_steps(
    find: _Find, pattern: Pattern, starts: Iterable[Any], forwards: bool
) -> Iterator[tuple[ox.Triple, Any]]:
    """Yield the triples of any number of steps from some nodes, each with the node at its other end."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for triple, other in _one_step(find, pattern, waiting.pop(), forwards):
            yield triple, other
            if other not in seen:
                seen.add(other)
                waiting.append(other)


def _text(pattern: Pattern) -> str:
    """Return a pattern's properties, for a message."""
    return "|".join(sorted("any property" if name is None else str(name) for name, _ in pattern.steps)) or "itself"


def _properties_of_step(name: ox.NamedNode | None, names: Collection[Any] | None) -> Collection[Any]:
    """Return the properties of a step: its own, or those that are known of any, or None for any."""
    return [name] if name is not None or names is None else names


def _one_step(
    find: _Find, pattern: Pattern, node: Any, forwards: bool, names: Collection[Any] | None = None
) -> Iterator[tuple[ox.Triple, Any]]:
    """Yield the triples of one step from a node, each with the node at its other end."""
    for name, backwards in pattern.steps:
        for predicate in _properties_of_step(name, names):
            if forwards != backwards:
                if not isinstance(node, ox.Literal):
                    yield from ((triple, triple.object) for triple in find(node, predicate, None))
            else:
                yield from ((triple, triple.subject) for triple in find(None, predicate, node))


class _Walk:
    """A walk from known terms along triple patterns to the focus node, the shortest way first."""

    def __init__(
        self,
        dependency: Dependency,
        find: _Find,
        nesting: Nesting,
        ways: Sequence[Pattern],
        bound: Mapping[str, set[Any]],
        one_of: Sequence[ox.NamedNode] = (),
    ) -> None:
        self.dependency = dependency
        self.find = find
        self.nesting = nesting
        self.ways = list(ways)
        self.bound = {name: set(terms) for name, terms in bound.items()}
        self.one_of = one_of
        self.triples: set[ox.Triple] = set()

    def to(self, focus: str) -> set[Any]:
        """Return what *focus* may be."""
        distance = self._distances(focus)
        while focus not in self.bound:
            nearer = [way for way in self.ways if self._is_nearer(way, distance)]
            if not nearer:
                raise Undecidable(f"what it says by {self._ways_in_words()} is about no node alone")
            self._take(nearer)
        return self.bound[focus]

    def _ways_in_words(self) -> str:
        return ", ".join(sorted({_text(way) for way in self.ways})) or "a pattern"

    def _distances(self, focus: str) -> dict[str, int]:
        """Return how many patterns lie between each variable and *focus*."""
        distances, level = {focus: 0}, {focus}
        while level:
            joined = {end for way in self.ways if level & set(_places(way)) for end in _places(way)}
            level = joined - set(distances)
            distances |= dict.fromkeys(level, max(distances.values()) + 1)
        return distances

    def _is_nearer(self, pattern: Pattern, distance: Mapping[str, int]) -> bool:
        """Tell whether a pattern leads from what is known to what is nearer."""
        bound = [distance[end] for end in _places(pattern) if end in self.bound and end in distance]
        free = [distance[end] for end in _places(pattern) if end not in self.bound and end in distance]
        return bool(bound and free) and min(free) < max(bound)

    def over_all(self) -> None:
        """Go along every pattern, from what is known or else from the terms that it names.

        Those of a group within another come behind the other's: what is not there inside says nothing of what is
        outside.
        """
        while self.ways:
            outermost = min(len(way.nesting) for way in self.ways)
            next_ones = [way for way in self.ways if len(way.nesting) == outermost]
            ready = [way for way in next_ones if self._starts(way)]
            ready = ready or [way for way in next_ones if self._is_named(way)]
            if not ready:
                raise Undecidable(f"what it says by {self._ways_in_words()} is about no node alone")
            self._take(ready)

    def _starts(self, pattern: Pattern) -> bool:
        return any(end in self.bound for end in _places(pattern))

    def _is_named(self, pattern: Pattern) -> bool:
        ends = [end for end in (pattern.subject, pattern.object) if not isinstance(end, str) or self._domain(end)]
        return bool(ends) or any(name is not None for name, _ in pattern.steps) or self._names(pattern) is not None

    def _domain(self, end: str) -> Nodes | None:
        return self.dependency.domain(end, self.nesting)

    def _names(self, pattern: Pattern) -> Collection[Any] | None:
        """Return the properties that a pattern's variable may be, or None where that is open."""
        return None if pattern.predicate is None else self._known_terms(pattern.predicate)

    def _take(self, ready: Sequence[Pattern]) -> None:
        """Go along the pattern that has the fewest triples, as far as that can be told soon."""
        for limit in (min(_FEW, self.dependency.most), self.dependency.most):
            best: tuple[Pattern, list[_Found]] | None = None
            for pattern in sorted(ready, key=self._order):
                solutions = list(islice(self._along(pattern), limit + 1))
                if len(solutions) <= limit and (best is None or len(solutions) < len(best[1])):
                    best = pattern, solutions
                    if len(solutions) <= _ENOUGH:
                        break
            if best is not None:
                self._note(*best)
                return
        raise Undecidable(f"too many triples with {_text(ready[0])}")

    def _order(self, pattern: Pattern) -> int:
        """Return a rank: what goes forwards from few nodes first."""
        sizes = [len(self.bound[end]) for end in pattern.variables if end in self.bound]
        forwards = isinstance(pattern.subject, str) and pattern.subject in self.bound
        return min(sizes, default=_MOST) * 2 + (not forwards)

    def _along(self, pattern: Pattern) -> Iterator[_Found]:
        """Yield the triples of a pattern with what its two ends are, and of one without a triple both ends."""
        subjects, objects = (self._known_terms(end) for end in (pattern.subject, pattern.object))
        if subjects is None and objects is None:
            yield from self._all(pattern)
        elif self._is_short(pattern, subjects, objects):
            assert subjects is not None
            assert objects is not None
            yield from self._between(pattern, subjects, objects)
        elif objects is None or (subjects is not None and len(subjects) <= len(objects)):
            assert subjects is not None
            yield from self._from(pattern, subjects, forwards=True)
        else:
            for triple, one, other in self._from(pattern, objects, forwards=False):
                yield triple, other, one

    def _is_short(self, pattern: Pattern, subjects: Collection[Any] | None, objects: Collection[Any] | None) -> bool:
        """Tell whether both ends are known and few."""
        if subjects is None or objects is None or pattern.repeated or pattern.empty:
            return False
        return len(subjects) * len(objects) <= _PAIRS

    def _from(self, pattern: Pattern, starts: Iterable[Any], *, forwards: bool) -> Iterator[_Found]:
        """Yield what is found from one end on, that end before the other one."""
        one = self._one_is_enough(pattern, forwards)
        for node in starts:
            if pattern.empty:
                yield None, node, node
            if pattern.repeated:
                steps = _repeated_steps(self.find, pattern, [node], forwards)
                yield from ((triple, node, other) for triple, other in steps)
            else:
                for triple, other in self._steps(pattern, node, forwards, one):
                    yield triple, node, other

    def _between(self, pattern: Pattern, subjects: Iterable[Any], objects: Collection[Any]) -> Iterator[_Found]:
        """Yield the triples of a pattern of which both ends are known."""
        names = self._names(pattern)
        for one in subjects:
            for other in objects:
                for name, backwards in pattern.steps:
                    subject, value = (other, one) if backwards else (one, other)
                    for predicate in _properties_of_step(name, names):
                        yield from ((triple, one, other) for triple in self.find(subject, predicate, value))

    def _steps(self, pattern: Pattern, node: Any, forwards: bool, one: bool) -> Iterator[tuple[ox.Triple, Any]]:
        names = self._names(pattern)
        if not one:
            yield from _one_step(self.find, pattern, node, forwards, names)
            return
        # One triple is as good as any other: of each property, where the property counts.
        counts = pattern.predicate is not None and pattern.predicate not in self.dependency.unconstrained
        for chosen in (names or self.one_of) if counts else [None]:
            each = None if chosen is None else [chosen]
            yield from islice(_one_step(self.find, pattern, node, forwards, each), 1)

    def _one_is_enough(self, pattern: Pattern, forwards: bool) -> bool:
        other = pattern.object if forwards else pattern.subject
        return (
            bool(self.one_of) and other in self.dependency.unconstrained and not (pattern.counted or pattern.repeated)
        )

    def _known_terms(self, end: str | GroundTerm) -> Collection[Any] | None:
        if not isinstance(end, str):
            return (end,)
        bound, domain = self.bound.get(end), self._domain(end)
        if bound is None or domain is None:
            return bound if domain is None else domain
        return bound & domain

    def _all(self, pattern: Pattern) -> Iterator[_Found]:
        """Yield all triples of a pattern of which no end is known."""
        if pattern.repeated or pattern.empty:
            raise Undecidable(f"a path of {_text(pattern)} from any node")
        names = self._names(pattern)
        for name, backwards in pattern.steps:
            for predicate in _properties_of_step(name, names):
                for triple in self.find(None, predicate, None):
                    one, other = triple.subject, triple.object
                    yield (triple, other, one) if backwards else (triple, one, other)

    def _note(self, pattern: Pattern, solutions: Iterable[_Found]) -> None:
        """Take what was found along a pattern for what its variables may be."""
        self.ways = [way for way in self.ways if way is not pattern]
        ends = pattern.subject, pattern.object
        known = [self._known_terms(end) for end in ends]
        reached: dict[str, set[Any]] = {end: set() for end in pattern.variables}
        predicates = set()
        for triple, *terms in solutions:
            if all(may is None or term in may for may, term in zip(known, terms, strict=True)):
                for end, term in zip(ends, terms, strict=True):
                    if isinstance(end, str):
                        reached[end].add(term)
            if triple is not None:
                self.triples.add(triple)
                predicates.add(triple.predicate)
        if len(self.triples) > self.dependency.most // 2:
            raise Undecidable("what it finds depends on too many triples")
        self.bound |= reached
        if pattern.predicate is not None:
            self.bound[pattern.predicate] = predicates & self.bound.get(pattern.predicate, predicates)


def _places(pattern: Pattern) -> tuple[str, ...]:
    """Return the variables of a pattern, the property's among them."""
    return (*pattern.variables, *([pattern.predicate] if pattern.predicate else []))


def evidence(dependency: Dependency, graphs: Graphs, nodes: Collection[Any]) -> set[ox.Triple]:
    """Return the triples of now that tell what a shape or rule finds at some nodes.

    Raises:
        Undecidable: they cannot be told, or are too many.
    """
    triples: set[ox.Triple] = set()
    for nesting in dependency.scopes():
        walk = _Walk(
            dependency, graphs.now, nesting, dependency.about(nesting), {dependency.focus: set(nodes)}, graphs.names
        )
        walk.over_all()
        triples |= walk.triples
    return triples
