"""Answers that do not depend on the run."""

import itertools
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, strategies as st

from triplomacy import queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.queries.answer import Answer
from triplomacy.queries.stable_order import canonical

A, B, C = (ox.NamedNode(f"urn:{name}") for name in "abc")
ONE, TWO, THREE = (ox.BlankNode(name) for name in ("one", "two", "three"))


def other(answer: Answer, shift: int) -> Answer:
    """Return the same answer as another run would have it: its blank nodes renamed, its rows or triples turned."""
    names: dict[str, ox.BlankNode] = {}

    def again(cell: Any) -> Any:
        return names.setdefault(cell.value, ox.BlankNode()) if isinstance(cell, ox.BlankNode) else cell

    if answer.triples is None:
        rows = [tuple(map(again, row)) for row in answer.rows]
        return Answer(answer.columns, tuple(rows[shift:] + rows[:shift]))
    triples = [ox.Triple(*map(again, triple)) for triple in answer.triples]
    return Answer(triples=tuple(triples[shift:] + triples[:shift]))


ROWS = [
    ((A, ONE), (B, ONE), (C, TWO)),
    ((ONE, ONE), (ONE, TWO), (TWO, THREE)),
    ((ONE, TWO), (TWO, ONE), (THREE, THREE)),
    ((ONE, None), (None, TWO)),
    ((A, ONE), (B, TWO)),
    ((ONE, None), (TWO, THREE)),
    tuple((ox.BlankNode(f"n{each}"), ox.BlankNode(f"n{each + 1}")) for each in range(30)),
    tuple((ox.BlankNode(f"n{each}"), A) for each in range(30)),
]


@pytest.mark.parametrize("rows", ROWS)
def test_rows_are_the_same_whatever_the_run(rows: tuple[tuple[ox.NamedNode | ox.BlankNode | None, ...], ...]) -> None:
    """Other names of blank nodes, and another order, give the same rows."""
    answer = Answer(("x", "y"), rows)
    expected = canonical(answer, ordered=False)
    for shift in range(len(rows)):
        assert canonical(other(answer, shift), ordered=False) == expected


def test_rows_in_an_order_keep_it() -> None:
    """What a query orders stays in its order, its blank nodes named as they come."""
    answer = Answer(("x", "y"), ((C, TWO), (A, ONE), (B, TWO)))
    assert canonical(answer, ordered=True).rows == (
        (C, ox.BlankNode("b0")),
        (A, ox.BlankNode("b1")),
        (B, ox.BlankNode("b0")),
    )


def test_answer_without_blank_nodes_is_as_it_was() -> None:
    """A truth and triples of named nodes are the very same, and rows are sorted."""
    truth, triples = Answer(truth=False), Answer(triples=(ox.Triple(A, B, C),))
    assert canonical(truth, ordered=False) is truth
    assert canonical(triples, ordered=False) is triples
    assert canonical(Answer(("x",), ((B,), (A,))), ordered=False).rows == ((A,), (B,))


NODES = st.sampled_from([A, ONE, TWO, THREE, ox.BlankNode("four")])
GRAPHS = st.lists(st.builds(ox.Triple, NODES, st.sampled_from([A, B]), NODES), max_size=6, unique=True)


@given(GRAPHS, st.integers(0, 5))
def test_any_small_graph_stays_itself(triples: list[ox.Triple], shift: int) -> None:
    """What comes out is isomorphic to what went in, by the W3C's algorithm, and the same for another run."""
    answer = Answer(triples=tuple(triples))
    found = canonical(answer, ordered=False)
    forms = [ox.Dataset(ox.Quad(*triple) for triple in each.triples or ()) for each in (answer, found)]
    for form in forms:
        form.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert forms[0] == forms[1]
    again = canonical(other(answer, shift), ordered=False)
    assert set(again.triples or ()) == set(found.triples or ())


def test_answers_about_our_blank_nodes_are_stable(article: Dataset) -> None:
    """Lists in the ontology, which have another name in each run, have the same in each answer."""
    text = "SELECT ?x ?y WHERE { ?x rdf:rest ?y }"
    answers = [canonical(queries.ask(article, text), ordered=False)]
    answers += [canonical(other(answers[0], shift), ordered=False) for shift in (1, 40)]
    assert len(answers[0].rows) > 60
    assert all(one == two for one, two in itertools.pairwise(answers))
