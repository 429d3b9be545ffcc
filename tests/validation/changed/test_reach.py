"""Which nodes a change can affect, and which triples decide what is found there."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from triplomacy.sparql import Pattern
from triplomacy.terms import RDF
from triplomacy.validation.changed import reach
from triplomacy.validation.changed.reach import Dependency, Graphs
from triplomacy.validation.plan import Undecidable

P, Q, R, TYPE = (ox.NamedNode(iri) for iri in ("urn:p", "urn:q", "urn:r", RDF + "type"))
NODES = [ox.NamedNode(f"urn:n{number}") for number in range(6)]
A, B, C, D, *_ = NODES


def pattern(subject: str, step: ox.NamedNode | None, value: str, **more: object) -> Pattern:
    """Return a pattern of one step; the names of variables have no question mark."""
    return Pattern(subject, frozenset({(step, False)}), value, **more)  # type: ignore[arg-type]


def triples(*texts: str) -> frozenset[ox.Triple]:
    """Return triples of nodes by their numbers: ``0 p 1``."""
    parts = (text.split() for text in texts)
    return frozenset(ox.Triple(NODES[int(s)], ox.NamedNode(f"urn:{p}"), NODES[int(o)]) for s, p, o in parts)


def store(found: Iterable[ox.Triple]) -> ox.Store:
    """Return a store with triples in its default graph."""
    filled = ox.Store()
    filled.extend(ox.Quad(*triple) for triple in found)
    return filled


def graphs(before: frozenset[ox.Triple], now: frozenset[ox.Triple], *, is_now: bool = True) -> Graphs:
    """Return a graph before and after a change, the store having the one state or the other."""
    return Graphs(store(now if is_now else before), before - now, now - before, is_now, before ^ now)


CHAIN = Dependency("chain", [pattern("this", P, "x"), pattern("x", Q, "y")])


@pytest.mark.parametrize("is_now", [True, False])
def test_a_change_affects_the_nodes_that_lead_to_it(is_now: bool) -> None:
    """A triple that came, and one that went, affect the nodes from which the patterns lead there, then or now."""
    before = triples("0 p 1", "1 q 2", "3 p 4", "5 p 5")
    now = before - triples("1 q 2") | triples("4 q 0")
    affected = reach.find_affected([CHAIN], graphs(before, now, is_now=is_now))
    assert affected.nodes == {CHAIN: {NODES[0], NODES[3]}}
    assert affected.whole == {}


def test_a_change_that_fits_no_pattern_affects_nothing() -> None:
    """Triples of other properties are of no concern, nor are those of terms that a variable cannot have."""
    bound = Dependency("bound", [pattern("this", P, "x")], [("x", frozenset({D}), ())])
    before = triples("0 p 1")
    assert reach.find_affected([CHAIN], graphs(before, before | triples("1 r 2"))).nodes == {}
    assert reach.find_affected([bound], graphs(before, before | triples("0 p 2"))).nodes == {}
    assert reach.find_affected([bound], graphs(before, before | triples("0 p 3"))).nodes == {bound: {A}}


def test_a_path_that_repeats_is_followed_to_its_end() -> None:
    """A step in the middle of a path of any length affects all nodes before it, and a circle ends."""
    path = Dependency("path", [pattern("this", P, "x", repeated=True)])
    before = triples("0 p 1", "1 p 2", "2 p 0", "4 p 5")
    affected = reach.find_affected([path], graphs(before, before | triples("2 p 3")))
    assert affected.nodes[path] >= {A, B, C}
    assert NODES[4] not in affected.nodes[path]


def test_targets_by_class_are_of_that_class() -> None:
    """Where all targets are instances of classes, other nodes are not affected."""
    kind = ox.Triple(A, TYPE, D)
    shape = Dependency("shape", [pattern("this", P, "x")], classes=frozenset({D}))
    before = frozenset({kind})
    affected = reach.find_affected([shape], graphs(before, before | triples("0 p 2", "1 p 2")))
    assert affected.nodes == {shape: {A}}


@pytest.mark.parametrize(
    ("dependency", "reason"),
    [
        (Dependency("counts", [pattern("this", P, "x")], whole="it counts all"), "it counts all"),
        (Dependency("apart", [pattern("this", Q, "x"), pattern("y", P, "z")]), "is about no node alone"),
    ],
)
def test_what_is_about_everything_is_not_decided(dependency: Dependency, reason: str) -> None:
    """A pattern that has nothing to do with the focus node makes the whole graph count, with the reason."""
    affected = reach.find_affected([dependency], graphs(frozenset(), triples("0 p 1")))
    assert affected.nodes == {}
    assert reason in affected.whole[dependency]


def test_too_many_nodes_are_not_decided() -> None:
    """Where a change affects more than a thousand nodes, all may as well be looked at."""
    many = frozenset(ox.Triple(ox.NamedNode(f"urn:m{number}"), P, A) for number in range(1_001))
    affected = reach.find_affected([CHAIN], graphs(many, many | triples("0 q 1")))
    assert "at too many nodes" in affected.whole[CHAIN]


def test_a_pattern_that_another_implies_is_not_needed() -> None:
    """Of two patterns with the same step, the one with a variable of its own says nothing more."""
    wide, narrow = pattern("this", P, "any"), pattern("this", P, "x")
    other = pattern("x", Q, "y")
    both = Dependency("both", [wide, narrow, other], unconstrained=frozenset({"any"}))
    assert both.minimal_patterns == [narrow, other]
    assert Dependency("both", [wide, narrow, other]).minimal_patterns == [wide, narrow, other]


def test_scopes_and_their_domains() -> None:
    """The innermost scopes are returned, each with what holds outside it; domains narrow from scope to scope."""
    outer, inner, other = (pattern("this", P, f"x{scope}", nesting=scope) for scope in ((), (1,), (2, 3)))
    values = [("x", frozenset({A, B}), ()), ("x", frozenset({B, C}), (1,))]
    dependency = Dependency("scopes", [outer, inner, other], values)
    assert dependency.scopes() == [(1,), (2, 3)]
    assert dependency.about((1,)) == [outer, inner]
    assert dependency.domain("x", ()) == frozenset({A, B})
    assert dependency.domain("x", (1, 4)) == frozenset({B})
    assert dependency.domain("y", ()) is None


def test_evidence_is_what_the_patterns_lead_to() -> None:
    """The triples of now along the patterns from the nodes are returned, and no others."""
    now = triples("0 p 1", "1 q 2", "1 r 2", "3 p 4", "4 q 5")
    assert reach.evidence(CHAIN, graphs(frozenset(), now), [A]) == triples("0 p 1", "1 q 2")


def test_evidence_of_everything_is_not_decided() -> None:
    """A pattern that begins anywhere is not followed."""
    anywhere = Dependency("anywhere", [pattern("this", P, "x"), pattern("y", None, "z", predicate="any")])
    with pytest.raises(Undecidable, match="about no node alone"):
        reach.evidence(anywhere, graphs(frozenset(), triples("0 p 1")), [A])


TRIPLE = st.builds(ox.Triple, st.sampled_from(NODES), st.sampled_from([P, Q, R]), st.sampled_from(NODES))
NAMES = st.sampled_from(["this", "x", "y", "z"])
FIRST = st.builds(pattern, st.just("this"), st.sampled_from([P, Q, R]), NAMES)
OTHERS = st.lists(st.builds(pattern, NAMES, st.sampled_from([P, Q, R]), NAMES), max_size=3)


@st.composite
def changes(draw: st.DrawFn) -> tuple[frozenset[ox.Triple], frozenset[ox.Triple]]:
    """Return a strategy of triples before and after a small change."""
    before = draw(st.lists(TRIPLE, min_size=4, max_size=20))
    gone = draw(st.sets(st.sampled_from(before), max_size=2))
    new = draw(st.sets(TRIPLE, max_size=2))
    return frozenset(before), frozenset(before) - gone | new


def answers(found: ox.Store, patterns: Iterable[Pattern]) -> set[object]:
    """Return what ``this`` may be where triples fit all patterns."""
    body = " ".join(f"?{each.subject} {next(iter(each.steps))[0]} ?{each.object} ." for each in patterns)
    rows = found.query(f"SELECT DISTINCT ?this {{ {body} }}")
    assert isinstance(rows, ox.QuerySolutions)
    return {row["this"] for row in rows}


@settings(deadline=None, max_examples=300)
@given(FIRST, OTHERS, changes(), st.booleans())
def test_no_affected_node_is_missed(
    first: Pattern, others: list[Pattern], change: tuple[frozenset[ox.Triple], frozenset[ox.Triple]], is_now: bool
) -> None:
    """A node with another answer after a change is affected, and its evidence decides as all triples do."""
    patterns, (before, now) = [first, *others], change
    dependency, both = Dependency("any", patterns), graphs(before, now, is_now=is_now)
    affected = reach.find_affected([dependency], both)
    if dependency in affected.whole:
        return
    nodes = affected.nodes.get(dependency, set())
    had, has = answers(store(before), patterns), answers(store(now), patterns)
    assert had ^ has <= nodes
    try:
        evidence = reach.evidence(dependency, both, nodes) if nodes else set()
    except Undecidable:
        return
    assert evidence <= now
    assert answers(store(evidence), patterns) & nodes == has & nodes
