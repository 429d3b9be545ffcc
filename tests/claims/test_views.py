"""Which plain facts each view has: of the invented gazette by list, of the article by going through all claims."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import make_gazette
from triplomacy.build import store
from triplomacy.claims import model, views
from triplomacy.claims.model import Claim
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.on_disk import StoredDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load, load_files, load_graphs
from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.sparql import binding
from triplomacy.terms import GRAPH, ID, SOURCE, TRI, VIEW, compress

AUTHOR = [
    "id:borduria tri:memberOf id:danube-league",
    "id:borduria tri:partyTo id:pact-of-klow",
    "id:hilda-marsh tri:leads id:strelsau-bureau",
    "id:ruritania tri:leads id:danube-league",
    "id:ruritania tri:recognises id:zenda-republic",
    "id:ruritania tri:seversRelationsWith id:borduria",
    "id:ruritania tri:sponsors id:zenda-republic",
    "id:syldavia tri:partyTo id:pact-of-klow",
    "id:syldavia tri:suppliesArmsTo id:ruritania",
]
BUREAU = "id:hilda-marsh tri:leads id:strelsau-bureau"
LEADS = "id:ruritania tri:leads id:danube-league"
RECOGNISES = "id:ruritania tri:recognises id:zenda-republic"
SPONSORS = "id:ruritania tri:sponsors id:zenda-republic"
ARMS = "id:syldavia tri:suppliesArmsTo id:ruritania"

FACTS = {
    "gazette-1999": AUTHOR,
    "author": AUTHOR,
    "undisputed": [fact for fact in AUTHOR if fact not in (SPONSORS, ARMS)],
    "according-to/bordurian-foreign-ministry": ["id:syldavia tri:requestsArmsFrom id:ruritania"],
    "according-to/hilda-marsh": [fact for fact in AUTHOR if fact != BUREAU],
    "according-to/king-rudolf": [],
    "according-to/klow-courier": [],
    "according-to/strelsau-gazette": [BUREAU, "id:syldavia tri:oversees id:free-city-of-hentzau"],
    "according-to/syldavias-envoy": ["id:borduria tri:deploysTroopsTo id:free-city-of-hentzau"],
}


def curies(facts: Iterable[ox.Triple]) -> list[str]:
    """Return the facts as a reader would write them, in their own order."""
    terms = ((fact.subject, fact.predicate, fact.object) for fact in facts)
    return [" ".join(compress(str(term)[1:-1]) for term in three) for three in terms]


@pytest.fixture(params=["gazette", "article"])
def either(request: pytest.FixtureRequest) -> Dataset:
    """Return the gazette's graphs, then the article's."""
    dataset: Dataset = request.getfixturevalue(request.param)
    return dataset


def test_every_view_of_the_gazette_is_listed_here(gazette):
    """The views are those of the sources, of all sources, the undisputed one, then one a claimant, sorted."""
    assert views.names(gazette) == list(FACTS)


def test_article_has_a_view_of_its_own(article):
    """The views begin with one a source, the article's among them, and end with one a claimant."""
    sources = [source.removeprefix(SOURCE) for source in article.sources()]
    assert "lukin-2022" in sources
    assert views.names(article)[: len(sources) + 2] == [*sources, "author", "undisputed"]
    assert len(views.names(article)) == len(sources) + 2 + len(views.claimants(article)) > 10


@pytest.mark.parametrize("name", FACTS)
def test_view_of_the_gazette_has_exactly_its_facts(gazette, name):
    """A view has the facts that its rule allows and no other."""
    assert curies(views.derive(gazette, name)) == sorted(FACTS[name])


@pytest.mark.parametrize(
    ("view", "fact"),
    [
        ("undisputed", LEADS),  # the king's denial is hedged
        ("gazette-1999", "id:borduria tri:memberOf id:danube-league"),  # presupposed, and meant none the less
        ("gazette-1999", ARMS),  # in the past, and an occurrence
    ],
)
def test_claim_in_own_voice_is_a_fact(gazette, view, fact):
    """A fact stands although it is doubted, presupposed or over."""
    assert fact in curies(views.derive(gazette, view))


@pytest.mark.parametrize(
    ("view", "fact"),
    [
        ("undisputed", SPONSORS),  # denied itself
        ("undisputed", ARMS),  # the denial is of what the sale specialises
        ("gazette-1999", "id:ruritania tri:recognises id:free-city-of-hentzau"),  # a situation that is over
        ("gazette-1999", "id:syldavia tri:oversees id:free-city-of-hentzau"),  # a voice, but not of that passage
        ("according-to/klow-courier", "id:borduria tri:deploysTroopsTo id:free-city-of-hentzau"),  # only possible
    ],
)
def test_other_claim_is_no_fact(gazette, view, fact):
    """What is disputed, over, reported or hedged is missing from the view that it might be looked for in."""
    described = {" ".join(map(compress, fact)) for reading in readings(gazette) for fact in reading.facts}
    assert fact in described
    assert fact not in curies(views.derive(gazette, view))


@dataclass(frozen=True)
class Reading:
    """A claim with what decides whether it makes a fact, read without the rules."""

    claim: Claim
    own_voice: bool
    situation: bool
    degree: bool
    facts: frozenset[tuple[str, str, str]]


def rows(dataset: Dataset, query: str) -> list[tuple[str, ...]]:
    """Return the solutions as tuples of the terms' values."""
    return [tuple(term.value for term in row) for row in dataset.select(query)]


def readings(dataset: Dataset) -> list[Reading]:
    """Return all claims of a dataset with what decides whether they make facts."""
    iris = sorted({iri for (iri,) in rows(dataset, "SELECT ?claim WHERE { ?claim a tri:Claim }")})
    voices = rows(dataset, "SELECT ?c ?v WHERE { ?c tri:evidence ?s . ?s tri:inPassage? ?p . ?p dcterms:creator ?v }")
    situations = rows(dataset, "SELECT ?p WHERE { ?p a ?c . ?c rdfs:subClassOf* tri:Situation }")
    degrees = rows(dataset, "SELECT ?p WHERE { ?p tri:degree ?d }")
    shortened = rows(
        dataset,
        """SELECT ?p ?s ?shortcut ?o WHERE { ?p a ?kind . ?kind rdfs:subClassOf* ?class . ?p ?sr ?s ; ?or ?o .
           ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?sr ; tri:shortcutObject ?or }""",
    )
    facts: dict[str, set[tuple[str, str, str]]] = {}
    for proposition, subject, shortcut, obj in shortened:
        facts.setdefault(proposition, set()).add((subject, shortcut, obj))
    return [
        Reading(
            claim=claim,
            own_voice=(claim.iri, claim.claimant) in voices,
            situation=any((p,) in situations for p in claim.propositions),
            degree=any((p,) in degrees for p in claim.propositions),
            facts=frozenset(fact for p in claim.propositions for fact in facts.get(p, ())),
        )
        for claim in model.read(dataset, iris)
    ]


CATEGORIES: dict[str, Callable[[Reading], bool]] = {
    "hedged": lambda r: r.claim.certainty in (TRI + "probable", TRI + "possible", TRI + "improbable"),
    "conditional": lambda r: bool(r.claim.conditions),
    "reported": lambda r: r.claim.reported_by is not None,
    "predicted": lambda r: r.claim.orientation == TRI + "future",
    "left open": lambda r: r.claim.stance == TRI + "leavesOpen",
    "denying": lambda r: r.claim.stance == TRI + "denies",
    "of a degree": lambda r: r.degree,
    "of a past situation": lambda r: r.situation and r.claim.orientation == TRI + "past",
}


def is_plain(reading: Reading) -> bool:
    """Tell whether a claim is in no category that keeps it from being a fact, and in its passage's voice."""
    return reading.own_voice and not any(belongs(reading) for belongs in CATEGORIES.values())


def terms(facts: Iterable[ox.Triple]) -> set[tuple[str, str, str]]:
    """Return the facts as tuples of IRIs."""
    return {(str(f.subject)[1:-1], f.predicate.value, str(f.object)[1:-1]) for f in facts}


@pytest.mark.parametrize("category", CATEGORIES)
def test_claim_of_a_category_makes_no_fact(either, category):
    """A claim of the category brings no fact into any source's view unless a plain claim carries the same fact."""
    every = readings(either)
    chosen = [reading for reading in every if CATEGORIES[category](reading)]
    assert chosen, f"no claim is {category}"
    plain = {fact for reading in every if is_plain(reading) for fact in reading.facts}
    derived = terms(views.derive(either, views.AUTHOR))
    for reading in chosen:
        assert not (reading.facts - plain) & derived, reading.claim.iri


def test_categories_have_facts_to_lose(gazette):
    """In the gazette each category has a claim whose fact no plain claim carries: the test above checks something."""
    every = readings(gazette)
    plain = {fact for reading in every if is_plain(reading) for fact in reading.facts}
    for category, belongs in CATEGORIES.items():
        assert any(reading.facts - plain for reading in every if belongs(reading)), category


def test_view_of_the_authors_is_all_plain_claims(either):
    """Every plain claim of a kind that has a shortcut makes its facts, and nothing else does."""
    expected = {fact for reading in readings(either) if is_plain(reading) for fact in reading.facts}
    assert len(expected) >= len(AUTHOR)
    assert terms(views.derive(either, views.AUTHOR)) == expected


def test_contested_contents_of_the_article_are_no_facts(article):
    """Neither the ammunition request nor the deployment, each denied by somebody, is in the view of the article."""
    facts = curies(views.derive(article, "lukin-2022"))
    described = {" ".join(map(compress, fact)) for reading in readings(article) for fact in reading.facts}
    contested = {"id:russia tri:requestsArmsFrom id:north-korea", "id:north-korea tri:deploysTroopsTo id:ukraine"}
    assert contested <= described
    assert "id:syria tri:recognises id:donetsk-peoples-republic" in facts
    assert not contested & set(facts)


CHANGES = {
    "probable": ("tri:certainty tri:certain", "tri:certainty tri:probable"),
    "possible": ("tri:certainty tri:certain", "tri:certainty tri:possible"),
    "improbable": ("tri:certainty tri:certain", "tri:certainty tri:improbable"),
    "denied": ("tri:stance tri:affirms", "tri:stance tri:denies"),
    "left open": ("tri:stance tri:affirms", "tri:stance tri:leavesOpen"),
    "past": ("tri:orientation tri:present", "tri:orientation tri:past"),
    "future": ("tri:orientation tri:present", "tri:orientation tri:future"),
    "conditional": ("tri:evidence", "tri:condition <proposition/ruritania-leads-league> ;\n    tri:evidence"),
    "of another": ("tri:claimant id:hilda-marsh", "tri:claimant id:king-rudolf"),
}


def change_block(path: Path, subject: str, old: str, new: str) -> None:
    """Replace *old* in the block of *subject* in a Turtle file."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    (number,) = (n for n, block in enumerate(blocks) if re.search(rf"^{re.escape(subject)}$", block, re.MULTILINE))
    assert old in blocks[number]
    blocks[number] = blocks[number].replace(old, new)
    path.write_text("\n\n".join(blocks), encoding="utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_to_a_claim_takes_its_fact_away(own_gazette, change):
    """Each condition of the rule counts alone: a claim that breaks just one makes no fact, the others stay."""
    path = own_gazette.graphs / "gazette-1999" / "relations.ttl"
    change_block(path, "<claim/ruritania-recognises-zenda>", *CHANGES[change])
    assert curies(views.derive(load_graphs(own_gazette), "author")) == [fact for fact in AUTHOR if fact != RECOGNISES]


def test_degree_takes_a_fact_away(own_gazette):
    """A proposition of a degree makes no fact, whoever affirms it."""
    path = own_gazette.graphs / "gazette-1999" / "relations.ttl"
    change_block(
        path,
        "<proposition/ruritania-recognises-zenda>",
        "tri:recognised",
        "tri:degree tri:mostly ;\n    tri:recognised",
    )
    dataset = load_graphs(own_gazette)
    assert RECOGNISES not in curies(views.derive(dataset, "author"))
    assert RECOGNISES not in curies(views.derive(dataset, "according-to/hilda-marsh"))


def test_subclass_of_a_subclass_has_the_shortcut(own_gazette):
    """A kind of proposition shortens as the class far above it that has a shortcut."""
    ontology = own_gazette.ontology / "triplomacy.ttl"
    narrower = "\ntri:RifleSale\n    a owl:Class ;\n    rdfs:subClassOf tri:ArmsSale .\n"
    ontology.write_text(ontology.read_text(encoding="utf-8") + narrower, encoding="utf-8")
    path = own_gazette.graphs / "gazette-1999" / "arms.ttl"
    change_block(path, "<proposition/syldavia-sells-rifles>", "tri:ArmsSale", "tri:RifleSale")
    assert curies(views.derive(load_graphs(own_gazette), "author")) == AUTHOR


COURIER = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix id: <https://w3id.org/triplomacy/id/> .
@prefix tri: <https://w3id.org/triplomacy/ontology#> .
@base <https://w3id.org/triplomacy/source/courier-2000/> .

<../courier-2000> a tri:Source .
<passage/01> a tri:Passage ; dcterms:creator id:klow-courier ; dcterms:isPartOf <../courier-2000> .
<text#char=0,9> tri:inPassage <passage/01> .
<claim/rebuttal> a tri:Claim ;
    tri:claimant id:klow-courier ;
    tri:proposition <../gazette-1999/proposition/{denied}> ;
    tri:stance tri:denies ;
    tri:certainty tri:{certainty} ;
    tri:orientation tri:present ;
    tri:evidence <text#char=0,9> .
"""


def with_courier(project: Project, denied: str, certainty: str = "certain", more: str = "") -> Dataset:
    """Return the project's graphs with one of a second source that denies a proposition of the gazette."""
    folder = project.graphs / "courier-2000"
    folder.mkdir()
    (folder / "claims.ttl").write_text(COURIER.format(denied=denied, certainty=certainty) + more, encoding="utf-8")
    return load_graphs(project)


def test_denial_in_another_graph_disputes(own_gazette):
    """What a second source flatly denies is undisputed no longer, and stays a fact of the first source's view."""
    dataset = with_courier(own_gazette, "ruritania-leads-league")
    assert LEADS in curies(views.derive(dataset, "gazette-1999"))
    assert LEADS in curies(views.derive(dataset, "author"))
    assert curies(views.derive(dataset, "undisputed")) == [fact for fact in FACTS["undisputed"] if fact != LEADS]
    assert views.derive(dataset, "courier-2000") == []


def test_hedged_denial_in_another_graph_disputes_nothing(own_gazette):
    """A denial that is only possible leaves the undisputed facts as they are."""
    dataset = with_courier(own_gazette, "ruritania-leads-league", "possible")
    assert curies(views.derive(dataset, "undisputed")) == FACTS["undisputed"]


def test_denial_reaches_through_two_steps(own_gazette):
    """A denial of the general reaches what specialises it over another proposition in between."""
    chain = """
        <../gazette-1999/proposition/ruritania-recognises-zenda> tri:specialises <proposition/between> .
        <proposition/between> tri:specialises <../gazette-1999/proposition/ruritania-only-recogniser> ."""
    dataset = with_courier(own_gazette, "ruritania-only-recogniser", more=chain)
    assert curies(views.derive(dataset, "undisputed")) == [fact for fact in FACTS["undisputed"] if fact != RECOGNISES]


def test_denial_of_the_narrower_leaves_the_general(own_gazette):
    """Who denies the narrower proposition does not deny the general one."""
    narrower = """
        <proposition/narrower> tri:specialises <../gazette-1999/proposition/ruritania-recognises-zenda> ."""
    dataset = with_courier(own_gazette, "../../courier-2000/proposition/narrower", more=narrower)
    assert dataset.query("ASK { ?c tri:proposition/tri:specialises ?p }")
    assert RECOGNISES in curies(views.derive(dataset, "undisputed"))


def test_facts_of_one_proposition_are_a_part_of_the_view(either):
    """A view is the union of what its rule makes of each proposition alone."""
    propositions = {p for reading in readings(either) for p in reading.claim.propositions if reading.facts}
    assert len(propositions) > 15
    for name in (views.AUTHOR, views.UNDISPUTED, views.view_of_actor(views.claimants(either)[0])):
        parts = {fact for proposition in propositions for fact in views.derive(either, name, proposition)}
        assert parts == set(views.derive(either, name))


def test_claim_without_a_name_is_a_fact_like_any_other(own_gazette):
    """A claim that is a blank node makes its fact in each view, also where views are derived for one proposition."""
    path = own_gazette.graphs / "gazette-1999" / "arms.ttl"
    text = path.read_text(encoding="utf-8")
    assert text.count("<claim/syldavia-sold-rifles>") > 1
    path.write_text(text.replace("<claim/syldavia-sold-rifles>", "_:sold"), encoding="utf-8")
    dataset = load_graphs(own_gazette)
    (proposition,) = {
        row["p"].value for row in dataset.select("SELECT ?p WHERE { ?c tri:proposition ?p FILTER (isBlank(?c)) }")
    }
    for name in ("gazette-1999", views.AUTHOR, "according-to/hilda-marsh"):
        assert ARMS in curies(views.derive(dataset, name)), name
        assert ARMS in curies(views.derive(dataset, name, proposition)), name


def test_undisputed_facts_are_facts_of_the_authors(either):
    """The undisputed view takes away and never adds."""
    undisputed = views.derive(either, views.UNDISPUTED)
    assert undisputed
    assert set(undisputed) <= set(views.derive(either, views.AUTHOR))


def test_rdflib_derives_the_same_facts(either):
    """The rules are plain SPARQL 1.1: rdflib derives the facts of every view just as the store does."""
    union = rdflib.Graph()
    union.parse(data=either.store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()), format="nt")
    rules = either.project.ontology / "rules"
    bindings: dict[str, tuple[str, dict[str, list[binding.Term]]]] = {views.UNDISPUTED: ("undisputed", {})}
    bindings |= {s.removeprefix(SOURCE): ("voice", {"source": [ox.NamedNode(s)]}) for s in either.sources()}
    bindings |= {
        views.view_of_actor(actor): ("according-to", {"claimant": [ox.NamedNode(actor)]})
        for actor in views.claimants(either)
    }
    assert {*bindings, views.AUTHOR} == set(views.names(either))
    for name, (rule, values) in bindings.items():
        text = binding.bind((rules / f"{rule}.rq").read_text(encoding="utf-8"), values)
        constructed = union.query(text).graph
        assert constructed is not None
        assert {tuple(map(str, fact)) for fact in constructed} == terms(views.derive(either, name)), name


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gazette-1998", "gazette-1999"),
        ("undisputd", "undisputed"),
        ("according-to/hilda-march", "according-to/hilda-marsh"),
    ],
)
def test_unknown_view_is_refused_with_the_nearest_names(gazette, name, near):
    """A name that no view has is refused, and the message offers the nearest first."""
    with pytest.raises(UnknownName, match=f"no such view: {name}; did you mean {near}") as caught:
        views.derive(gazette, name)
    assert caught.value.near[0] == near


@pytest.mark.parametrize("name", ["", "according-to/", "according-to/id:hilda-marsh", "../gazette-1999", "voice"])
def test_name_like_a_view_is_no_view(gazette, name):
    """Neither a part of a name nor the name of a rule is taken for a view."""
    with pytest.raises(UnknownName, match="no such view"):
        views.derive(gazette, name)


def test_views_are_sorted_and_stable(either):
    """Two derivations give the same list, in the order of the N-Triples, each fact once."""
    for name in views.names(either):
        facts = views.derive(either, name)
        assert [str(fact) for fact in facts] == sorted({str(fact) for fact in facts})
        assert facts == views.derive(either, name)


def test_order_of_files_does_not_count(gazette, tmp_path):
    """Another copy, at another place, has the same views."""
    other = load_graphs(make_gazette(tmp_path / "elsewhere"))
    assert {n: views.derive(other, n) for n in views.names(other)} == {
        n: views.derive(gazette, n) for n in views.names(gazette)
    }


def test_no_shortcut_is_written_by_hand(either):
    """Neither ontology nor curated graphs have a triple with a shortcut for its property: only views have."""
    shortcuts = {iri for (iri,) in rows(either, "SELECT ?shortcut WHERE { ?class tri:shortcut ?shortcut }")}
    assert len(shortcuts) > 20
    used = {iri for (iri,) in rows(either, "SELECT DISTINCT ?property WHERE { ?s ?property ?o }")}
    assert TRI + "claimant" in used
    assert not shortcuts & used


def test_added_view_is_in_the_default_graph(own_gazette):
    """Adding a view makes its facts answer a query that names no graph."""
    dataset = load_graphs(own_gazette)
    question = "SELECT ?who WHERE { ?who tri:recognises id:zenda-republic }"
    assert rows(dataset, question) == []
    assert rows(views.with_views(dataset, ["gazette-1999"]), question) == [(ID + "ruritania",)]


def test_view_graphs_stand_beside_the_others(own_gazette):
    """Every view becomes a named graph, even an empty one is counted, and the default graph gains nothing."""
    dataset = load_graphs(own_gazette).with_named_graphs()
    assert views.add_graphs(dataset) == {name: len(facts) for name, facts in FACTS.items()}
    in_views = {graph.value for graph in dataset.store.named_graphs() if graph.value.startswith(VIEW)}
    assert in_views == {VIEW + name for name, facts in FACTS.items() if facts}
    assert rows(dataset, "SELECT ?who WHERE { ?who tri:recognises id:zenda-republic }") == []
    assert {GRAPH + "actors", GRAPH + "gazette-1999"} < {graph.value for graph in dataset.store.named_graphs()}


def test_every_claimant_has_the_view_that_is_called_after_it(either):
    """The name made from an actor's IRI is the name of that actor's view."""
    names = views.names(either)
    assert len(views.claimants(either)) > 5
    assert all(views.view_of_actor(actor) in names for actor in views.claimants(either))


def test_advice_names_the_views_that_have_the_property(gazette):
    """An empty answer to a plain property is told which views hold it, those already chosen left out."""
    query = "SELECT ?who WHERE { ?who tri:sponsors id:zenda-republic }"
    (remark,) = views.view_advice(gazette, query, ["author"])
    assert remark.startswith("tri:sponsors holds only in views")
    assert re.findall(r"view=(\S+)", remark) == ["gazette-1999", "according-to/hilda-marsh"]


@pytest.mark.parametrize("query", ["SELECT ?s WHERE { ?s tri:claimant ?o }", "ASK { ?s tri:endorses ?o }"])
def test_advice_is_silent_without_need(gazette, query):
    """A query with no plain property, or with one that no view holds, gets no advice."""
    assert views.view_advice(gazette, query, []) == []


def test_views_need_the_rules_of_a_project(gazette):
    """Files that belong to no project have no rules and so no views."""
    foreign = load_files(gazette.files[GRAPH + "gazette-1999"])
    with pytest.raises(TriplomacyError, match="rules of a project"):
        views.derive(foreign, "undisputed")


@pytest.mark.parametrize(
    ("rule", "message"), [(None, "cannot be read"), ("SELECT ?s WHERE { ?s ?p ?o }", "not a CONSTRUCT")]
)
def test_rule_without_facts_is_named(own_gazette, rule, message):
    """A rule that is missing or constructs nothing is an error at its file."""
    path = own_gazette.ontology / "rules" / "undisputed.rq"
    path.unlink() if rule is None else path.write_text(rule, encoding="utf-8")
    with pytest.raises(TriplomacyError, match=message) as caught:
        views.derive(load_graphs(own_gazette), "undisputed")
    assert caught.value.path == path


@pytest.mark.parametrize(("rule", "message"), [(b"CONSTRUCT {", "not SPARQL"), (b"# \xe9", "not UTF-8")])
def test_broken_rule_is_named(own_gazette, rule: bytes, message: str) -> None:
    """A rule that does not parse, or is in another encoding, is an error with its file."""
    path = own_gazette.ontology / "rules" / "undisputed.rq"
    path.write_bytes(rule)
    with pytest.raises(MalformedInput, match=message) as caught:
        views.derive(load_graphs(own_gazette), "undisputed")
    assert caught.value.path == path


@pytest.mark.parametrize("base", [None, "https://example.org/rules/"])
def test_relative_iris_of_a_rule_are_resolved(own_gazette: Project, base: str | None) -> None:
    """They are relative to the BASE of the rule, or else to its file, as those of a stored query are."""
    path = own_gazette.ontology / "rules" / "undisputed.rq"
    head = f"BASE <{base}> " if base else ""
    path.write_text(head + "CONSTRUCT { <#a> <#b> <c> } WHERE { }", encoding="utf-8")
    file, folder = (base, base) if base else (path.as_uri(), f"{path.parent.as_uri()}/")
    (fact,) = views.derive(load_graphs(own_gazette), "undisputed")
    assert [term.value for term in fact] == [f"{file}#a", f"{file}#b", f"{folder}c"]


def literal(value: object) -> ox.Literal:
    """Return a number or a text as a literal."""
    return ox.Literal(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "is_empty"),
    [
        (False, True),
        (True, False),
        ([], True),
        ([[None, None]], True),
        ([[literal(0)]], True),
        ([[literal("")]], True),
        ([[literal(0), None]], True),
        ([[literal(3)]], False),
        ([[literal("0"), literal("x")]], False),
        ([[ox.NamedNode("urn:a")]], False),
        ([[literal(0)], [literal(0)]], False),
        ([[None], [None], [None]], False),
    ],
)
def test_empty_is_what_has_nothing_in_it(found, is_empty):
    """No row, a false, and one row of nothings and noughts are empty; two rows of them are not."""
    assert views.is_empty(found) is is_empty


def test_views_of_a_store_are_in_it(own_gazette: Project, tmp_path: Path) -> None:
    """A store has each view with the number of its facts, which are those that are derived from the files."""
    store.build(own_gazette, tmp_path / "store")
    kept = load(own_gazette.in_store(tmp_path / "store"))
    derived = views.derive_all(load(own_gazette))
    assert kept.has_views
    for name, facts in derived.items():
        assert sorted(views.facts(kept, name), key=str) == facts
        with_view = views.with_views(kept, [name])
        assert isinstance(with_view, StoredDataset)
        assert with_view.views == (VIEW + name,)
    with pytest.raises(UnknownName, match="undisputed"):
        views.with_views(kept, ["undisputd"])
