"""What the article says is in its graph, all of it and nothing twice."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.conftest import ARTICLE, ROOT, need_shared
from triplomacy import dataset
from triplomacy.claims import evidence
from triplomacy.claims.evidence import Verification
from triplomacy.dataset.dataset import Dataset
from triplomacy.terms import TRI

SOURCE = "https://w3id.org/triplomacy/source/lukin-2022"


@pytest.fixture(scope="module")
def graphs() -> Dataset:
    """The curated graphs."""
    return dataset.load(dataset.find_project(ROOT))


@pytest.fixture(scope="module")
def text() -> str:
    """The article, where it is at hand."""
    return evidence.read_text(need_shared(ARTICLE))


@pytest.fixture(scope="module")
def verified(graphs: Dataset, text: str) -> Verification:
    """The article's spans and passages beside its text."""
    return evidence.verify(graphs, text, evidence.choose_source(graphs, text))


def propositions(graphs: Dataset) -> dict[str, frozenset[tuple[str, str]]]:
    """Return class, roles, quantities and time of each proposition of the article."""
    described: dict[str, set[tuple[str, str]]] = defaultdict(set)
    rows = graphs.select("""
        SELECT ?proposition ?property ?value WHERE {
          ?proposition a/rdfs:subClassOf* tri:Proposition ; ?property ?value
          FILTER (?property NOT IN (rdfs:label, tri:specialises, tri:after)) }""")
    for row in rows:
        if row["proposition"].value.startswith(SOURCE):
            described[row["proposition"].value].add((row["property"].value, str(row["value"])))
    return {proposition: frozenset(parts) for proposition, parts in described.items()}


def test_propositions_are_many_and_distinct(graphs: Dataset) -> None:
    """There are at least 200 propositions, and no two have the same class, roles, quantities and time."""
    described = propositions(graphs)
    assert len(described) >= 200
    same = defaultdict(list)
    for proposition, parts in described.items():
        same[parts].append(proposition)
    assert [group for group in same.values() if len(group) > 1] == []


def test_every_proposition_is_in_play(graphs: Dataset) -> None:
    """Each proposition is claimed, or it is the content, the condition or the general case of another."""
    described = set(propositions(graphs))
    rows = graphs.select("SELECT DISTINCT ?proposition WHERE { ?other ?link ?proposition . ?proposition a ?kind }")
    assert described - {row["proposition"].value for row in rows} == set()


def test_every_span_holds(verified: Verification) -> None:
    """Every span and passage is in the text where it says, and the passages leave no character out."""
    assert verified.spans > 150
    assert len(verified.passages) == 61
    assert verified.findings == ()


def test_every_passage_is_accounted_for(verified: Verification) -> None:
    """A passage carries claims, or it is one of the eight that say why not: six buttons, a heading, an appeal."""
    silent = {int(part.anchor.iri.rpartition("/")[2]) for part in verified.passages if part.omission}
    assert silent == {6, *range(9, 15), 57}
    assert all(bool(part.claims) != bool(part.omission) for part in verified.passages)


def quoted(text: str) -> set[tuple[int, int]]:
    """Return where the words between single quotation marks stand."""
    return {match.span(1) for match in re.finditer("‘(.*?)’", text)}


def test_every_quotation_is_attributed(graphs: Dataset, text: str) -> None:
    """Each of the six quotations is the quotation of a claim, and no other is."""
    rows = graphs.select(
        "SELECT ?start ?end WHERE { ?claim tri:quotation ?span . ?span oa:start ?start ; oa:end ?end }"
    )
    spans = {(int(row["start"].value), int(row["end"].value)) for row in rows}
    assert len(quoted(text)) == 6
    assert spans == quoted(text)


# Where each number stands (passage) and what it becomes in the graph.
QUANTITIES = [
    ("03", "count", "5", "minutes"),
    ("16", "count", "5", "countries"),
    ("24", "atMost", "100000", "soldiers"),
    ("42", "atLeast", "20000", "workers"),
    ("42", "atMost", "50000", "workers"),
]


def numbers(graphs: Dataset) -> set[tuple[str, str, str, str]]:
    """Return passage, property, number and unit of each quantity that a claim of the article has."""
    rows = graphs.select("""
        SELECT ?passage ?property ?number ?unit WHERE {
          VALUES ?property { tri:count tri:atLeast tri:atMost }
          ?proposition ?property ?number ; tri:unit ?unit .
          ?claim tri:proposition ?proposition ; tri:evidence/tri:inPassage ?passage }""")
    return {
        (
            row["passage"].value[-2:],
            row["property"].value.removeprefix(TRI),
            row["number"].value,
            row["unit"].value.removeprefix(TRI),
        )
        for row in rows
    }


def test_quantities_are_in_the_graph(graphs: Dataset) -> None:
    """Every number that the article gives is a quantity of a proposition, with its unit, and no other is claimed."""
    assert numbers(graphs) == set(QUANTITIES)


def test_tens_of_thousands_is_a_bound_of_what_is_needed(graphs: Dataset) -> None:
    """What would be needed is a deployment of tens of thousands: a lower bound, and no number of its own."""
    rows = graphs.select("""
        SELECT ?least ?most WHERE {
          ?need a tri:Need ; tri:needed ?deployment . ?deployment a tri:Deployment ; tri:atLeast ?least
          OPTIONAL { ?deployment tri:atMost ?most } }""")
    assert [(row["least"].value, row["most"]) for row in rows] == [("20000", None)]


# Each time expression by its passage, in paraphrase, and the local name of its span of time.
TIMES = [
    ("04", "25-april-2019"),  # the day of the release
    ("08", "during-the-cold-war"),
    ("15", "since-start-of-ukraine-crisis"),
    ("25", "before-writing"),
    ("27", "since-the-second-world-war"),
    ("29", "late-september-2022"),
    ("34", "until-writing"),  # no proof so far
    ("36", "a-long-time-before-writing"),
    ("37", "before-the-pandemic"),
    ("39", "before-the-fall-of-the-soviet-union"),
    ("39", "before-writing"),  # later, by Russia
    ("43", "early-2020"),
    ("43", "since-early-2020"),
    ("44", "from-september-2022"),
    ("44", "until-writing"),  # closed so far
    ("45", "since-24-february-2022"),
    ("48", "at-writing"),  # no longer
    ("48", "before-writing"),
    ("49", "fall-of-the-soviet-union"),
    ("51", "at-writing"),  # no longer
    ("51", "before-writing"),
    ("53", "until-writing"),  # yet to be determined
    ("60", "2024"),
]


@pytest.mark.parametrize(("passage", "time"), TIMES)
def test_time_expressions_are_in_the_graph(graphs: Dataset, passage: str, time: str) -> None:
    """A time expression of a passage dates a proposition that the passage carries."""
    rows = graphs.select("""
        SELECT DISTINCT ?passage ?time WHERE {
          ?claim tri:proposition/tri:during ?time ; tri:evidence/tri:inPassage ?passage }""")
    dated = {(row["passage"].value[-2:], row["time"].value.rpartition("/")[2]) for row in rows}
    assert (passage, time) in dated


def test_every_digit_is_carried(graphs: Dataset, verified: Verification, text: str) -> None:
    """No number of the text is outside the evidence of all claims."""
    spans = [(span.start, span.end) for span in evidence.spans(graphs, verified.source)]
    digits = [match.span() for match in re.finditer(r"\d+(?:,\d{3})*", text)]
    assert digits
    assert [text[a:b] for a, b in digits if not any(start <= a and b <= end for start, end in spans)] == []


IDENTITIES = [
    ("donetsk-peoples-republic", "donetsk-region", "donetsk-referendum"),
    ("lugansk-peoples-republic", "lugansk-region", "lugansk-referendum"),
    ("special-military-operation", "ukraine-crisis", "armed-conflict-in-ukraine", "events-since-24-february-2022"),
    ("soviet-union", "russia"),
    ("united-states", "us-department-of-defense"),
    ("russia", "russian-foreign-ministry", "russias-un-envoy", "russian-authorities"),
    ("withdrawal-resolution", "resolution-es-11-1"),
]


@pytest.mark.parametrize("nodes", IDENTITIES, ids=" ".join)
def test_entities_stay_apart(graphs: Dataset, nodes: tuple[str, ...]) -> None:
    """What is easily confused is as many nodes as there are things, and all are said to be different."""
    rows = graphs.select("SELECT ?node WHERE { [] a owl:AllDifferent ; owl:distinctMembers/rdf:rest*/rdf:first ?node }")
    different = [row["node"].value.rpartition("/")[2] for row in rows]
    assert [different.count(node) for node in nodes] == [1] * len(nodes)
    assert not list(graphs.select("SELECT ?a WHERE { ?a owl:sameAs ?b }"))


def test_four_descriptions_of_the_war_are_linked(graphs: Dataset) -> None:
    """From any description of the war the three others are reached."""
    four = set(IDENTITIES[2])
    rows = graphs.select("SELECT ?a ?b WHERE { ?a (tri:overlaps|^tri:overlaps)+ ?b }")
    linked = {(row["a"].value.rpartition("/")[2], row["b"].value.rpartition("/")[2]) for row in rows}
    assert {(a, b) for a in four for b in four if a != b} <= linked


def kinds(graphs: Dataset, local: str) -> set[str]:
    """Return the classes of an entity, by local name."""
    rows = graphs.select(f"SELECT ?kind WHERE {{ id:{local} a ?kind }}")
    return {row["kind"].value.removeprefix(TRI) for row in rows}


@pytest.mark.parametrize(
    ("local", "kind"),
    [
        ("donetsk-peoples-republic", "ClaimedState"),
        ("donetsk-region", "Region"),
        ("donetsk-referendum", "Ballot"),
        ("russian-foreign-ministry", "StateOrgan"),
        ("vladivostok", "Place"),
        ("some-experts", "UnnamedCollective"),
        ("west", "Grouping"),
    ],
)
def test_entities_are_of_their_kind(graphs: Dataset, local: str, kind: str) -> None:
    """An entity is of the one kind that takes no side."""
    assert kinds(graphs, local) == {kind}


def test_metonyms_are_names_of_states(graphs: Dataset) -> None:
    """A capital that stands for a government is a name of the state, and no place has that name."""
    rows = graphs.select("SELECT ?node ?name WHERE { ?node rdfs:label|skos:altLabel ?name }")
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        named[row["name"].value].add(row["node"].value.rpartition("/")[2])
    expected = {
        "Moscow": "russia",
        "Kremlin": "russia",
        "Pyongyang": "north-korea",
        "Kyiv": "ukraine",
        "Beijing": "china",
        "Washington": "united-states",
        "Pentagon": "us-department-of-defense",
    }
    assert {name: named[name] for name in expected} == {name: {node} for name, node in expected.items()}


def test_the_article_names_no_further_member_of_the_united_nations(graphs: Dataset) -> None:
    """By the text three states are members: what it says of nobody else is in no graph of it."""
    rows = graphs.select(
        "SELECT ?member WHERE { ?m a tri:Membership ; tri:organisation id:united-nations ; tri:member ?member }"
    )
    assert {row["member"].value.rpartition("/")[2] for row in rows} == {"north-korea", "russia", "syria"}


def shortcuts(graphs: Dataset) -> Iterator[str]:
    """Yield the plain properties."""
    yield from (row["p"].value for row in graphs.select("SELECT DISTINCT ?p WHERE { ?class tri:shortcut ?p }"))


def test_nothing_is_asserted_plainly(graphs: Dataset) -> None:
    """No plain property of the views is written in a curated graph."""
    plain = set(shortcuts(graphs))
    assert len(plain) > 15
    assert [quad for quad in graphs.store if quad.predicate.value in plain] == []


def test_roles_and_shortcuts_share_no_name(graphs: Dataset) -> None:
    """A role is a noun or a participle, a shortcut a verb: no name is both."""
    roles = {row["r"].value for row in graphs.select("SELECT ?r WHERE { ?r rdfs:subPropertyOf* tri:role }")}
    assert roles
    assert roles & set(shortcuts(graphs)) == set()


def test_types_are_declared(graphs: Dataset) -> None:
    """Every class that a node of the graphs has is a class of the ontology or of a vocabulary that it declares."""
    rows = graphs.select("SELECT DISTINCT ?kind WHERE { ?node a ?kind FILTER (!ISBLANK(?node)) }")
    declared = {row["c"].value for row in graphs.select("SELECT ?c WHERE { ?c a owl:Class }")}
    builtin = {"Ontology", "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual"}
    builtin |= {"FunctionalProperty", "TransitiveProperty", "SymmetricProperty", "AllDifferent"}
    used = {row["kind"].value for row in rows}
    assert {kind for kind in used - declared if kind.rpartition("#")[2] not in builtin} == set()
