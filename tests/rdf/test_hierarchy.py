"""Hierarchies of classes, and what a relation leads to."""

import pyoxigraph as ox

from triplomacy.rdf.hierarchy import closure, subclasses, superclasses
from triplomacy.rdf.shorthand import SUBCLASS_OF, TYPE

A, B, C = (ox.NamedNode(f"urn:{letter}") for letter in "abc")
AXIOMS = [ox.Triple(A, SUBCLASS_OF, B), ox.Triple(A, TYPE, C), ox.Triple(C, SUBCLASS_OF, B)]


def test_direct_classes_stand_by_subclass_axioms_alone() -> None:
    """A class has those above and below it that an axiom names, in the order of the axioms."""
    assert superclasses(AXIOMS) == {A: [B], C: [B]}
    assert subclasses(AXIOMS) == {B: [A, C]}


def test_closure_goes_any_number_of_steps() -> None:
    """What is reached is there once, the nearer before the farther, and a circle ends."""
    next_to = {1: [2, 2, 3], 2: [4], 3: [1, 4], 4: [5]}
    assert closure([1], next_to.get) == [1, 2, 3, 4, 5]
    assert closure([6, 3], next_to.get) == [6, 3, 1, 4, 2, 5]
