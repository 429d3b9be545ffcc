"""Four engines give the same answers: rdflib, pyoxigraph, Oxigraph's server and Virtuoso, or the register says how not.

A registered difference that no longer occurs fails as an unregistered one does.
"""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import ROOT
from tests.support import stores
from tests.support.stores import Running
from triplomacy import build, queries, remote
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter
from triplomacy.http.client import Client, Credentials
from triplomacy.publish import push_pull
from triplomacy.queries.question import Question, ask
from triplomacy.queries.scope import Scope
from triplomacy.remote import literal_differences
from triplomacy.sparql import services
from triplomacy.terms import VIEW, XSD

PROJECT = Project(ROOT)
NAMES = [name for _, name in queries.names(PROJECT)]
STORES = pytest.mark.parametrize("store", ["oxigraph", "virtuoso"])

Row = tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]


def as_integer(literal: ox.Literal) -> ox.Literal:
    """Return 1 or 0 for a boolean."""
    if literal.datatype.value != XSD + "boolean":
        return literal
    return ox.Literal(int(literal.value in ("true", "1")))


# Each with what makes both answers the same; a literal that was computed may differ where one that is stored does not.
DIFFERENCES: Mapping[str, Callable[[ox.Literal], ox.Literal]] = {
    **literal_differences.DIFFERENCES,
    "computed booleans as integers": as_integer,
}

COMPUTED = {"computed booleans as integers"}
INTEGERS = {"integers as xsd:integer"}

# What an engine does to the answer of a stored query, beside that of rdflib, which leaves literals as they are written.
REGISTER: Mapping[str, Mapping[str, set[str]]] = {
    "pyoxigraph": {"evidence-of-a-claim": INTEGERS, "quotations": INTEGERS},
    "oxigraph": {"evidence-of-a-claim": INTEGERS, "quotations": INTEGERS},
    "virtuoso": {
        "did-it-hold-on": COMPUTED,
        "dispute-ledger": COMPUTED,
        "under-which-conditions": COMPUTED,
        "what-wikidata-says-of-states": COMPUTED,
        "which-came-first": COMPUTED,
        "who-recognises": COMPUTED,
        "who-recognises-apart-from": COMPUTED,
        "who-voted-against-by-the-record": COMPUTED,
    },
}


def told(given: Sequence[Row], found: Sequence[Row]) -> set[str]:
    """Return which differences there are between two answers, which else have to be equal, their order included."""
    seen: set[str] = set()
    for name, rewrite in DIFFERENCES.items():
        if list(given) == list(found):
            break
        before = sum(one != other for one, other in zip(given, found, strict=True))
        given, found = rewritten(given, rewrite), rewritten(found, rewrite)
        if sum(one != other for one, other in zip(given, found, strict=True)) < before:
            seen.add(name)
    assert list(given) == list(found)
    return seen


def rewritten(rows: Sequence[Row], rewrite: Callable[[ox.Literal], ox.Literal]) -> list[Row]:
    """Return rows with another form of their literals."""
    return [tuple(rewrite(cell) if isinstance(cell, ox.Literal) else cell for cell in row) for row in rows]


def term(node: rdflib.term.Node | None) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    """Return a term of rdflib as one of pyoxigraph."""
    if node is None:
        return None
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if not isinstance(node, rdflib.Literal):
        return ox.NamedNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)


@pytest.fixture(scope="module")
def as_written(article: Dataset, graph: rdflib.Graph, wikidata: str) -> dict[str, list[Row]]:
    """Return the answer of each stored query on rdflib; *wikidata* stands in for Wikidata."""
    found = {}
    for name in NAMES:
        rows = graph.query(stores.answerable(queries.find(PROJECT, name), article, wikidata))
        found[name] = [tuple(term(cell) for cell in row) for row in rows]  # type: ignore[union-attr]
    return found


@pytest.fixture(scope="module")
def pushed(request: pytest.FixtureRequest) -> dict[str, Running]:
    """Return both stores with our graphs in them."""
    found: dict[str, Running] = {name: request.getfixturevalue(name) for name in ("oxigraph", "virtuoso")}
    with pytest.MonkeyPatch.context() as patch:
        for running in found.values():
            for name, value in running.environment.items():
                patch.setenv(name, value)
            push_pull.push(build.graphs(PROJECT), push_pull.store(running.query))
    return found


def there(question: Question, endpoint: str | None) -> Question:
    """Return a question to be asked of an endpoint."""
    return replace(question, scope=replace(question.scope, endpoint=endpoint))


def stored(name: str, wikidata: str) -> Question:
    """Return the question of a stored query, for which *wikidata* stands in for Wikidata."""
    asks_it = services.clauses(queries.find(PROJECT, name).text)
    return Question(name, values={"service": [wikidata]} if asks_it else {}, scope=Scope(services=(wikidata,)))


@pytest.mark.parametrize("engine", ["pyoxigraph", "oxigraph", "virtuoso"])
def test_stored_queries_have_the_same_answer(
    engine: str, as_written: dict[str, list[Row]], pushed: dict[str, Running], wikidata: str
) -> None:
    """Every stored query answers what rdflib answers, in the same order, up to just the differences in the register."""
    endpoint = pushed[engine].query if engine in pushed else None
    found = {}
    for name in NAMES:
        reply = ask(PROJECT, there(stored(name, wikidata), endpoint))
        assert reply.remarks == (), name
        assert as_written[name], name
        found[name] = told(as_written[name], reply.answer.rows)
    assert {name: seen for name, seen in found.items() if seen} == REGISTER[engine]


ASKED = [
    Question(scope=Scope(views=("author",))),
    Question(scope=Scope(actors=("id:united-nations",))),
    Question(scope=Scope(actors=("Artyom Lukin",), as_of="2022-09")),
    Question(scope=Scope(views=("undisputed",), as_of="2021-06", certainly=True)),
]
TEXTS = [
    "SELECT ?s ?p ?o WHERE { ?s ?p ?o . ?s a tri:Actor . FILTER (ISIRI(?o)) } ORDER BY ?s ?p ?o",
    "SELECT ?graph (COUNT(*) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph",
    "SELECT ?s ?label WHERE { GRAPH <https://w3id.org/triplomacy/graph/actors> { ?s rdfs:label ?label } } ORDER BY ?s",
    "CONSTRUCT { ?claim tri:claimant ?who } WHERE { ?claim tri:claimant ?who }",
    "ASK { id:north-korea tri:recognises id:donetsk-referendum }",
    "ASK { id:syria tri:recognises id:donetsk-referendum }",
]


def options(question: Question) -> str:
    """Return what is asked for beside the query."""
    scope = question.scope
    return " ".join([*scope.views, *scope.actors, scope.as_of or "", "certainly" * scope.certainly])


@STORES
@pytest.mark.parametrize("asked", ASKED, ids=options)
def test_views_dates_and_voices_are_the_same_elsewhere(
    store: str, asked: Question, pushed: dict[str, Running], wikidata: str
) -> None:
    """With a view, an actor's voice or a date a store gives the answers, also of named graphs, that are given here."""
    endpoint = pushed[store].query
    kinds = {"rows": 0, "truth": 0, "triples": 0}
    scope = replace(asked.scope, services=(wikidata,))
    named = [replace(stored(name, wikidata), scope=scope) for name in NAMES]
    for question in [*named, *(replace(asked, text=text) for text in TEXTS)]:
        try:
            here = ask(PROJECT, question).answer
        except BadParameter as error:  # the default of a parameter does not hold at that date
            with pytest.raises(BadParameter, match=re.escape(error.message)):
                ask(PROJECT, there(question, endpoint))
            continue
        elsewhere = ask(PROJECT, there(question, endpoint)).answer
        assert (here.columns, here.truth) == (elsewhere.columns, elsewhere.truth)
        assert set(here.triples or ()) == set(elsewhere.triples or ())
        seen = told(here.rows, elsewhere.rows)
        assert seen <= (set() if scope.as_of else {*INTEGERS, *COMPUTED, "booleans as 1 and 0"}), question.name
        kinds["rows"] += bool(here.rows)
        kinds["truth"] += bool(here.truth)
        kinds["triples"] += bool(here.triples)
    assert kinds["rows"] >= 5  # certainly, in June 2021, little held
    assert kinds["triples"] == 1


@STORES
def test_a_view_that_is_not_there_is_derived_here(store: str, pushed: dict[str, Running]) -> None:
    """A store that has our graphs and no views answers a question about a view all the same."""
    running = pushed[store]
    question = Question(
        text="SELECT ?who WHERE { ?who tri:recognises id:donetsk-referendum }", scope=Scope(views=("author",))
    )
    here = ask(PROJECT, question).answer.rows
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        target = push_pull.store(running.query)
        push_pull._update(target, [f"DROP SILENT GRAPH <{VIEW}author>"])
        try:
            assert not target.endpoint.has(f"{VIEW}author")
            assert ask(PROJECT, there(question, running.query)).answer.rows == here != ()
        finally:
            push_pull.push(build.graphs(PROJECT), target)


GIVEN = {
    "tag": '"lift"@en-GB',
    "decimal": f'"1.50"^^<{XSD}decimal>',
    "integer": f'"007"^^<{XSD}integer>',
    "natural": f'"5"^^<{XSD}nonNegativeInteger>',
    "boolean": f'"true"^^<{XSD}boolean>',
    "double": f'"1.0E0"^^<{XSD}double>',
    "instant": f'"2022-02-24T04:00:00Z"^^<{XSD}dateTime>',
    "elsewhere": f'"2022-02-24T06:00:00+02:00"^^<{XSD}dateTime>',
    "fraction": f'"2022-02-24T04:00:00.500Z"^^<{XSD}dateTime>',
    "date": f'"2022-02-24"^^<{XSD}date>',
    "year": f'"2022"^^<{XSD}gYear>',
    "of another type": '"2022-2X"^^<http://id.loc.gov/datatypes/edtf>',
    "text": '"Ŝi diris: \\"ĉu?\\" \U0001d11e"',
    "lines": '"one\\ntwo\\ttabbed"',
    "empty": '""',
}

OF_OXIGRAPH = {
    "tag": '"lift"@en-gb',
    "decimal": f'"1.5"^^<{XSD}decimal>',
    "integer": f'"7"^^<{XSD}integer>',
    "natural": f'"5"^^<{XSD}integer>',
    "double": f'"1"^^<{XSD}double>',
    "fraction": f'"2022-02-24T04:00:00.5Z"^^<{XSD}dateTime>',
}

# What an engine writes in place of a literal that it was given.
LITERALS: Mapping[str, Mapping[str, str]] = {
    "rdflib": {},
    "pyoxigraph": OF_OXIGRAPH,
    "oxigraph": OF_OXIGRAPH,
    "virtuoso": {
        "tag": '"lift"@en-gb',
        "decimal": f'"1.5"^^<{XSD}decimal>',
        "integer": f'"7"^^<{XSD}integer>',
        "boolean": f'"1"^^<{XSD}boolean>',
        "double": f'"1.0"^^<{XSD}double>',
    },
}


def n_triples() -> str:
    """Return a triple for each literal."""
    return "".join(f"<urn:x> <urn:p:{urllib.parse.quote(name)}> {value} .\n" for name, value in GIVEN.items())


LITERALS_OF = "SELECT ?p ?o WHERE { <urn:x> ?p ?o }"


def from_server(running: Running) -> dict[str, str]:
    """Return what a server answers, read as JSON: pyoxigraph would write language tags in lower case itself."""
    login = Credentials(*running.environment.values())
    client = Client(running.graphs, login)
    address = remote.graph_address(running.graphs, "urn:literals")
    request = urllib.request.Request(
        address, n_triples().encode(), {"Content-Type": "application/n-triples"}, method="PUT"
    )
    client.send(request, changes=True).body.read()
    text = urllib.parse.urlencode({"query": LITERALS_OF, "default-graph-uri": "urn:literals"})
    request = urllib.request.Request(f"{running.query}?{text}", headers={"Accept": "application/sparql-results+json"})
    with urllib.request.urlopen(request) as answer:
        rows = json.load(answer)["results"]["bindings"]
    return {row["p"]["value"]: in_n_triples(row["o"]) for row in rows}


def in_n_triples(value: Mapping[str, Any]) -> str:
    """Return a literal of SPARQL's JSON as N-Triples has it."""
    text = str(ox.Literal(value["value"]))  # escapes and quotes
    if tag := value.get("xml:lang"):
        return f"{text}@{tag}"
    return text if value.get("datatype", XSD + "string") == XSD + "string" else f"{text}^^<{value['datatype']}>"


def of_rdflib() -> dict[str, str]:
    """Return what rdflib answers where it is told to leave lexical forms alone."""
    found = {}
    for p, o in rdflib.Graph().parse(data=n_triples(), format="nt").predicate_objects():
        assert isinstance(o, rdflib.Literal)
        typed = {"xml:lang": o.language} if o.language else {"datatype": str(o.datatype or XSD + "string")}
        found[str(p)] = in_n_triples({"value": str(o), **typed})
    return found


def of_pyoxigraph() -> dict[str, str]:
    """Return what pyoxigraph answers."""
    store = ox.Store()
    store.load(n_triples().encode(), ox.RdfFormat.N_TRIPLES)
    found = store.query(LITERALS_OF)
    assert isinstance(found, ox.QuerySolutions)
    return {str(row["p"].value): str(row["o"]) for row in found}


@pytest.mark.parametrize("engine", LITERALS)
def test_literals_come_back_as_the_register_says(
    engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each engine gives back each kind of literal as it was given, but for just those that the register has."""
    if engine in ("oxigraph", "virtuoso"):
        found = from_server(request.getfixturevalue(engine))
    else:
        monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        found = of_rdflib() if engine == "rdflib" else of_pyoxigraph()
    by_name = {urllib.parse.unquote(p.removeprefix("urn:p:")): value for p, value in found.items()}
    assert by_name.keys() == GIVEN.keys()
    assert {name: value for name, value in by_name.items() if value != GIVEN[name]} == LITERALS[engine]
