"""The parts of an answer are the answer: each row once, in its order."""

import re
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from triplomacy.remote import endpoint
from triplomacy.sparql import paging

EDGES = "PREFIX e: <http://example.org/> "


@pytest.fixture(scope="module")
def numbered() -> ox.Store:
    """Return 25 nodes with a number each, of which there are five of each size."""
    lines = [f"e:n{number:02} e:size {number % 5} ; e:in e:all ." for number in range(25)]
    store = ox.Store()
    store.load(f"{EDGES.replace('PREFIX', '@prefix').strip()} .\n{' '.join(lines)}".encode(), ox.RdfFormat.TURTLE)
    return store


def rows(store: ox.Store, text: str) -> list[list[str]]:
    """Return the rows of a SELECT."""
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return [[str(cell) for cell in row] for row in found]


@pytest.mark.parametrize("page", [paging.with_page, paging.with_page_outside])
@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT ?n ?s { ?n e:size ?s }", ["n", "s"]),
        ("SELECT ?n ?s { ?n e:size ?s } ORDER BY DESC(?s)", ["n", "s"]),
        ("SELECT ?n ?s { ?n e:size ?s } ORDER BY (?s * -1) ?n # LIMIT 3", ["n", "s"]),
        ("SELECT ?n { ?n e:size ?s } ORDER BY ?s ?n LIMIT 17 OFFSET 3", ["n"]),
        ("SELECT ?n { ?n e:size ?s } ORDER BY ?n\nOFFSET # none\n 2 LIMIT # many\n 12", ["n"]),
        ("SELECT ?s (COUNT(*) AS ?c) { ?n e:size ?s } GROUP BY ?s HAVING (COUNT(*) > 1)", ["s", "c"]),
        ("SELECT DISTINCT ?s { ?n e:size ?s { SELECT ?n { ?n e:in e:all } ORDER BY ?n LIMIT 9 } }", ["s"]),
        ("SELECT ?n { ?n e:size ?s } ORDER BY ?n LIMIT 8 VALUES ?s { 1 2 }", ["n"]),
        ("SELECT ?n { ?n e:size ?s } VALUES (?s) { (1) }", ["n"]),
        ("SELECT ?n { ?n e:size ?s } VALUES ?s { 1 } # end", ["n"]),
    ],
)
def test_pages_are_the_answer(
    numbered: ox.Store, page: Callable[..., str | None], text: str, columns: list[str]
) -> None:
    """The pages of a query have its rows, each as often as it has it, in its order where it has a total one."""
    whole = rows(numbered, EDGES + text)
    pages: list[list[str]] = []
    while (asked := page(EDGES + text, columns, len(pages), 4)) and (more := rows(numbered, asked)):
        assert len(more) <= 4
        pages += more
    assert sorted(pages) == sorted(whole)
    assert len(whole) in (5, 8, 10, 12, 17, 25)
    if re.search(r"ORDER BY (?:\?s |\(.*\) )?\?n", text):
        assert pages == whole


def test_no_column_orders_twice() -> None:
    """A variable that orders rows already is not added to the order, one inside an expression is."""
    text = "SELECT ?a ?b ?c { ?a ?b ?c } ORDER BY DESC(?a) asc( ?b ) STR(?c)"
    assert paging.with_page(text, ["a", "b", "c"], 0, 9) == f"{text}\n ?c LIMIT 9 OFFSET 0\n"


def test_nothing_is_paged_that_cannot_be() -> None:
    """There is no page of no column, none behind a query's own limit, and none inside another query with FROM."""
    assert paging.with_page("SELECT * { }", [], 0, 9) is None
    assert paging.with_page("SELECT ?a { ?a ?b ?c } LIMIT 9", ["a"], 9, 9) is None
    assert paging.with_page_outside("SELECT ?a { ?a ?b ?c } LIMIT 9", ["a"], 9, 9) is None
    assert paging.with_page_outside("SELECT ?a FROM <urn:g> { ?a ?b ?c }", ["a"], 0, 9) is None
    assert paging.with_page("SELECT ?a FROM <urn:g> { ?a ?b ?c }", ["a"], 0, 9) is not None


def test_limit_is_that_of_the_query_itself() -> None:
    """A LIMIT in a sub-select, in a comment or in an IRI is none of the query's own."""
    assert paging.limit("SELECT ?a { { SELECT ?a { ?a ?b <urn:LIMIT> } LIMIT 3 } } # LIMIT 4") is None
    assert paging.limit("SELECT ?a { ?a ?b ?c } limit 5") == 5


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?n e:is ?s ; a e:Node . } WHERE { ?n e:size ?s }",
        "CONSTRUCT { ?n e:is ?s, -1.50, 'a?s'@en-GB, \"2\"^^e:t } WHERE { ?n e:size ?s } ORDER BY ?n LIMIT 7",
        "CONSTRUCT WHERE { ?n e:size ?s ; ?p ?o }",
        "CONSTRUCT WHERE { ?n e:size ?s } LIMIT 3",
        "CONSTRUCT { ?s e:of ?n . ?n ?s e:all } WHERE { ?n e:size ?s }",
        "CONSTRUCT { ?n e:is ?none . ?n e:in ?s # } ?s .\n} WHERE { ?n e:size ?s OPTIONAL { ?n e:not ?none } }",
    ],
)
def test_rows_make_the_triples_of_construct(numbered: ox.Store, text: str) -> None:
    """What the rows of the SELECT make of the template is what CONSTRUCT answers."""
    made = paging.construct(EDGES + text)
    assert made is not None
    template = [quad.triple for quad in ox.parse(made[0], format=ox.RdfFormat.TURTLE)]
    found = numbered.query(made[1])
    assert isinstance(found, ox.QuerySolutions)
    built = {triple for row in found for triple in endpoint.instantiate(template, row)}
    given = numbered.query(EDGES + text)
    assert isinstance(given, ox.QueryTriples)
    assert {str(triple) for triple in built} == {str(triple) for triple in given}


def test_template_with_blank_nodes_makes_new_ones_for_each_row(numbered: ox.Store) -> None:
    """A blank node of a template is one node in the triples of a row, and another one in those of the next."""
    made = paging.construct(EDGES + "CONSTRUCT { ?n e:has [ e:size ?s ; e:times ( ?s ) ] } WHERE { ?n e:size ?s }")
    assert made is not None
    template = [quad.triple for quad in ox.parse(made[0], format=ox.RdfFormat.TURTLE)]
    found = numbered.query(made[1])
    assert isinstance(found, ox.QuerySolutions)
    built = [triple for row in found for triple in endpoint.instantiate(template, row)]
    assert len(built) == len(set(built)) == 5 * 25
    assert len({triple.subject for triple in built if isinstance(triple.subject, ox.BlankNode)}) == 2 * 25


def test_template_without_a_variable_needs_no_rows() -> None:
    """There is nothing to ask for where no variable is in the template, and nothing where there is no CONSTRUCT."""
    assert paging.construct("CONSTRUCT { <urn:a> <urn:b> <urn:c> } WHERE { ?s ?p ?o }") is None
    assert paging.construct("SELECT ?s WHERE { ?s ?p ?o }") is None
