"""The way back from facts, propositions, claims and entities to claims, spans and lines."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import pyoxigraph as ox
import pytest

from triplomacy.claims import explain, views
from triplomacy.claims.explain import Explanation
from triplomacy.dataset.dataset import Dataset, Solutions
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.findings import Place
from triplomacy.rdf import source_map
from triplomacy.terms import TRI, compress, expand

BASE = "https://w3id.org/triplomacy/source/gazette-1999/"


@pytest.fixture(params=["gazette", "article"])
def either(request: pytest.FixtureRequest) -> Dataset:
    """Return the gazette's graphs, then the article's."""
    dataset: Dataset = request.getfixturevalue(request.param)
    return dataset


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse each file and derive each view once, however many facts are explained."""
    blocks, derive = source_map.blocks, views.derive
    derived: dict[tuple[int, str, str | None], list[ox.Triple]] = {}

    def derive_once(dataset: Dataset, name: str, proposition: str | None = None) -> list[ox.Triple]:
        key = (id(dataset), name, proposition)
        if key not in derived:
            derived[key] = derive(dataset, name, proposition)
        return derived[key]

    monkeypatch.setattr(source_map, "blocks", cache(lambda path: list(blocks(path))))
    monkeypatch.setattr(views, "derive", derive_once)


@cache
def lines_of(path: Path) -> list[str]:
    """Return the lines of a file."""
    return path.read_text(encoding="utf-8").splitlines()


def subject_at(place: Place) -> str:
    """Return the IRI that a line begins with, read by the directives of its file."""
    lines = lines_of(place.file)
    heads = [match for line in lines if (match := re.fullmatch(r"@(prefix|base) (?:(\w*): )?<(.*)> \.", line))]
    prefixes = {name: iri for kind, name, iri in (head.groups() for head in heads) if kind == "prefix"}
    bases = [iri for kind, _, iri in (head.groups() for head in heads) if kind == "base"]
    assert place.line is not None
    written = lines[place.line - 1].split()[0]
    if written.startswith("<"):
        return urljoin(bases[0] if bases else "", written[1:-1])
    prefix, _, local = written.partition(":")
    return prefixes[prefix] + local


def facts_of_all_views(dataset: Dataset) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield each fact of each view, with the view's name."""
    for name in views.names(dataset):
        for fact in views.derive(dataset, name):
            yield name, (str(fact.subject)[1:-1], fact.predicate.value, str(fact.object)[1:-1])


@pytest.mark.usefixtures("read_once")
def test_every_fact_of_every_view_leads_back_to_its_evidence(either):
    """Behind each fact is a proposition that shortens to it, with a certain affirmation, its claimant and its lines."""
    known: dict[tuple[str, str, str], Explanation] = {}
    pairs = list(facts_of_all_views(either))
    assert len({name for name, _ in pairs}) >= 5
    for name, fact in pairs:
        about = known[fact] = known.get(fact) or explain.explain(either, fact)
        accounts = [account for account in about.accounts if name in account.facts[fact]]
        claims = [claim for account in accounts for claim in account.claims]
        nodes = {account.proposition for account in accounts}
        assert any((c.stance, c.certainty) == (TRI + "affirms", TRI + "certain") for c in claims), fact
        for claim in claims:
            assert claim.claimant
            assert claim.evidence
            nodes |= {claim.iri, *claim.evidence}
        for node in nodes:
            assert subject_at(about.places[node]) == node, str(about.places[node])


def test_claim_leads_to_its_proposition_and_all_that_is_said_of_it(gazette):
    """From a claim one comes to its proposition and to the claims of others on the same."""
    about = explain.explain(gazette, [BASE + "claim/king-denies-sponsorship"])
    (account,) = about.accounts
    assert account.proposition == BASE + "proposition/ruritania-sponsors-zenda"
    assert [claim.iri.removeprefix(BASE) for claim in account.claims] == [
        "claim/king-denies-sponsorship",
        "claim/ruritania-sponsors-zenda",
    ]
    fact = tuple(expand(term) for term in ("id:ruritania", "tri:sponsors", "id:zenda-republic"))
    assert account.facts == {fact: ("gazette-1999", "author", "according-to/hilda-marsh")}


def test_proposition_explains_itself(gazette):
    """From a proposition one comes to the same account as from its claim."""
    by_claim = explain.explain(gazette, [BASE + "claim/airships-unknown"])
    by_proposition = explain.explain(gazette, [BASE + "proposition/borduria-has-airships"])
    assert by_claim.accounts == by_proposition.accounts
    assert set(by_proposition.accounts[0].facts.values()) == {()}


def test_entity_leads_to_all_propositions_that_it_has_a_role_in(gazette):
    """From an entity one comes to every proposition about it, sorted by IRI."""
    about = explain.explain(gazette, [expand("id:hilda-marsh")])
    assert [account.proposition.removeprefix(BASE) for account in about.accounts] == [
        "proposition/marsh-leads-bureau",
        "proposition/marsh-writes-page",
    ]


def test_claim_in_a_role_leads_to_what_is_said_of_it(article):
    """A claim that is called unproven leads to its own proposition and to that of its proof."""
    found = [row["claim"].value for row in article.select("SELECT ?claim WHERE { ?p tri:substantiated ?claim }")]
    assert found
    for iri in found:
        about = explain.explain(article, [iri])
        classes = {
            row["class"].value
            for account in about.accounts
            for row in article.select(f"SELECT ?class WHERE {{ <{account.proposition}> a ?class }}")
        }
        assert TRI + "Substantiation" in classes
        assert len(classes) > 1


def test_every_fact_of_a_proposition_is_named(gazette):
    """An alignment is shortened by a fact a party, and each leads back to it."""
    for party in ("borduria", "syldavia"):
        terms = [expand(term) for term in (f"id:{party}", "tri:partyTo", "id:pact-of-klow")]
        (account,) = explain.explain(gazette, terms).accounts
        assert [compress(subject) for subject, _, _ in account.facts] == ["id:borduria", "id:syldavia"]
        assert "undisputed" in account.facts[terms[0], terms[1], terms[2]]


def test_fact_of_a_narrower_class_is_explained(gazette):
    """A sale shortens as the transfer that it is: the general and the narrower proposition stand behind the fact."""
    terms = [expand(term) for term in ("id:syldavia", "tri:suppliesArmsTo", "id:ruritania")]
    assert [account.proposition.removeprefix(BASE) for account in explain.explain(gazette, terms).accounts] == [
        "proposition/syldavia-arms-ruritania",
        "proposition/syldavia-sells-rifles",
    ]


def test_view_is_named_only_where_the_proposition_brings_the_fact(gazette):
    """The same fact of two propositions is in the views by the one affirmed, not by the one denied."""
    terms = [expand(term) for term in ("id:syldavia", "tri:suppliesArmsTo", "id:ruritania")]
    accounts = explain.explain(gazette, terms).accounts
    general, sale = (account.facts[terms[0], terms[1], terms[2]] for account in accounts)
    assert general == ()
    assert sale == ("gazette-1999", "author", "according-to/hilda-marsh")


def test_predicted_bloc_is_no_fact(article):
    """The bloc that is to come is in no view, though the same parties align at present and are in several."""
    terms = [expand(term) for term in ("id:china", "tri:partyTo", "id:china-russia-north-korea-bloc")]
    accounts = {compress(account.proposition): account for account in explain.explain(article, terms).accounts}
    future = accounts["lukin-2022:proposition/bloc-to-come"].facts
    present = accounts["lukin-2022:proposition/trilateral-alignment"].facts
    assert set(future) == set(present)
    assert [compress(subject) for subject, _, _ in future] == ["id:china", "id:north-korea", "id:russia"]
    assert set(future.values()) == {()}
    assert set(present.values()) == {("lukin-2022", "author", "undisputed", "according-to/artyom-lukin")}


@pytest.mark.parametrize(
    ("term", "near"),
    [
        ("gazette-1999:claim/envoy-denies-arm", "gazette-1999:claim/envoy-denies-arms"),
        ("id:bordura", "id:borduria"),
        ("gazette-1999:proposition/syldavia-leaves-leage", "gazette-1999:proposition/syldavia-leaves-league"),
    ],
)
def test_unknown_node_is_refused_with_the_nearest(gazette, term, near):
    """A node that is in no graph is refused, and the nearest are offered."""
    with pytest.raises(UnknownName, match=f"no such claim, proposition or entity in any proposition: {term}") as caught:
        explain.explain(gazette, [expand(term)])
    assert caught.value.near[0] == near


def test_actor_who_only_speaks_is_not_offered_as_itself(gazette):
    """Who makes claims and has a role in none is refused, and the offer is of others."""
    with pytest.raises(UnknownName) as caught:
        explain.explain(gazette, [expand("id:king-rudolf")])
    assert "id:king-rudolf" not in caught.value.near


def test_terms_may_be_curies(gazette):
    """What stands behind a CURIE stands behind its IRI, and behind the three of a fact."""
    for terms in (["id:hilda-marsh"], ["id:syldavia", "tri:suppliesArmsTo", "id:ruritania"]):
        assert explain.explain(gazette, terms) == explain.explain(gazette, [expand(term) for term in terms])
    with pytest.raises(UnknownName, match="no such prefix: ids"):
        explain.explain(gazette, ["ids:hilda-marsh"])


def test_fact_that_nobody_describes_is_refused(gazette):
    """Behind a fact that no proposition shortens to there is nothing, and that is said in CURIEs."""
    terms = ["id:borduria", "tri:recognises", "id:zenda-republic"]
    with pytest.raises(TriplomacyError, match="behind id:borduria tri:recognises id:zenda-republic: no source"):
        explain.explain(gazette, terms)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "give one term, or the three terms of a fact"),
        (["id:borduria", "tri:recognises"], "give one term, or the three"),
        (["borduria"], "'borduria' is not an IRI"),
        (["Zenda republic"], "write for instance id:zenda-republic$"),
        (["gazette-1999:"], "nothing after its colon; write for instance gazette-1999:claim/NAME"),
        (["https://example.com/a b"], "is not an IRI"),
        (["https://example.com/a", "b", "https://example.com/c"], "'b' is not an IRI"),
    ],
)
def test_terms_that_are_none_are_refused(gazette, terms, message):
    """Too few terms, or what is not an IRI, is an error and no crash."""
    with pytest.raises(TriplomacyError, match=message):
        explain.explain(gazette, terms)


REPORT = """\
Syldavia supplies Ruritania with arms
  proposition  gazette-1999:proposition/syldavia-arms-ruritania  graphs/gazette-1999/arms.ttl:10
  as a fact    id:syldavia tri:suppliesArmsTo id:ruritania  (in no view)
  claim        gazette-1999:claim/envoy-denies-arms  graphs/gazette-1999/arms.ttl:41
    Syldavia's envoy denies it; certainty: certain; orientation: past; reported by Hilda Marsh
    respondsTo: gazette-1999:claim/syldavia-sold-rifles
    evidence   gazette-1999:text#char=290,335  graphs/gazette-1999/arms.ttl:54
    quotation  gazette-1999:text#char=307,312  graphs/gazette-1999/arms.ttl:61
"""


def test_report_says_who_how_surely_and_where(own_gazette, monkeypatch):
    """The report has the label, the fact with its views, and each claim with its links, spans and lines."""
    monkeypatch.chdir(own_gazette.root)
    dataset = load(replace(own_gazette, root=Path()))
    assert f"{explain.explain(dataset, [BASE + 'claim/envoy-denies-arms'])}\n" == REPORT


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("airships-unknown", "Hilda Marsh leaves open it"),
        ("borduria-in-league", "certainty: certain; orientation: present; presupposed\n"),
        ("syldavia-unlikely-to-leave", "(in no view)"),
        ("syldavia-unlikely-to-leave", "certainty: improbable; orientation: future"),
        ("ruritania-needs-searchlights", "condition: gazette-1999:proposition/borduria-has-airships"),
        ("envoy-on-troops", "via: gazette-1999:claim/courier-on-troops"),
        ("marsh-writes-page", "Hilda Marsh wrote the page\n"),
    ],
)
def test_report_has_what_a_claim_has(gazette, claim, text):
    """What only some claims have is in their report."""
    assert text in str(explain.explain(gazette, [f"{BASE}claim/{claim}"]))


def test_report_says_where_nobody_claims(article):
    """A proposition that is only a condition is said to be affirmed and denied by nobody."""
    iri = expand("lukin-2022:proposition/troops-make-a-difference")
    report = str(explain.explain(article, [iri]))
    assert "nobody affirms or denies it: it is only considered, demanded or a condition" in report
    assert "claim  " not in report


def test_node_in_no_file_has_no_place(gazette):
    """Places are of nodes that begin a block; others are left out."""
    known = BASE + "claim/envoy-on-troops"
    found = explain.places(gazette, {known, BASE + "claim/nobody"})
    assert list(found) == [known]
    assert str(found[known]) == f"{found[known].file}:{found[known].line}"
    assert subject_at(found[known]) == known


def test_first_block_of_a_node_is_its_place(own_gazette):
    """Where a node has two blocks the first counts, by the order of the files."""
    text = "@prefix id: <https://w3id.org/triplomacy/id/> .\n\nid:borduria\n    id:p 1 .\n\nid:borduria\n    id:q 2 .\n"
    path = own_gazette.graphs / "actors" / "a-first.ttl"
    path.write_text(text, encoding="utf-8")
    node = expand("id:borduria")
    assert explain.places(load(own_gazette), {node}) == {node: Place(path, 3)}


def test_a_row_stands_on_its_own_claims_alone(gazette: Dataset) -> None:
    """Behind a row are the claims that it binds, or those about its proposition, sorted, and no others."""
    one, other = BASE + "claim/envoy-denies-arms", BASE + "claim/syldavia-sold-rifles"
    query = f"SELECT ?claim {{ VALUES ?claim {{ <{one}> <{other}> }} }}"
    first, second = explain.evidence_of_rows(gazette, ["claim"], [[ox.NamedNode(one)], [ox.NamedNode(other)]], query)
    assert compress(one) in first.value
    assert compress(other) not in first.value
    assert compress(other) in second.value
    proposition = BASE + "proposition/ruritania-leads-league"
    query = f"SELECT ?p {{ VALUES ?p {{ <{proposition}> }} }}"
    (both,) = explain.evidence_of_rows(gazette, ["p"], [[ox.NamedNode(proposition)]], query)
    found = [both.value.index(name) for name in ("claim/king-doubts-leadership", "claim/ruritania-leads-league")]
    assert found == sorted(found)
    (nothing,) = explain.evidence_of_rows(
        gazette, ["x"], [[ox.NamedNode("urn:x")]], "SELECT ?x { VALUES ?x { <urn:x> } }"
    )
    assert nothing.value == ""


@pytest.fixture
def with_facts(own_gazette: Project) -> Dataset:
    """Return the gazette with the facts of its author's view in the default graph."""
    return views.with_views(load(own_gazette), [views.AUTHOR])


def behind(dataset: Dataset, query: str) -> list[str]:
    """Return what stands behind each row of a query's answer."""
    solutions = dataset.query(query)
    assert isinstance(solutions, Solutions)
    columns = list(solutions.variables)
    return [
        text.value for text in explain.evidence_of_rows(dataset, columns, [list(row) for row in solutions.rows], query)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?who { ?who tri:recognises id:zenda-republic }",
        "SELECT ?verb { id:ruritania ?verb id:zenda-republic FILTER (?verb = tri:recognises) }",
        "SELECT (?who AS ?one) { ?who tri:recognises ?whom }",
        "SELECT ?who ?whom { ?who (tri:recognises|tri:nothing) ?whom }",
        "SELECT ?who ?verb ?whom { ?who ?verb ?whom FILTER (?verb = tri:recognises) }",
    ],
)
def test_a_fact_in_a_row_stands_on_the_claims_about_it(query: str, with_facts: Dataset) -> None:
    """A plain property, named, as a variable or in a path, leads to the claims about the proposition it shortens."""
    assert [text.split()[0] for text in behind(with_facts, query)] == ["gazette-1999:claim/ruritania-recognises-zenda"]


def test_only_iris_in_a_row_stand_on_claims(gazette: Dataset) -> None:
    """A text that reads like the IRI of a claim is not that claim, and an empty cell is nothing."""
    iri = BASE + "claim/envoy-denies-arms"
    query = "SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) } }"
    rows: list[list[object]] = [[ox.Literal(iri), None], [None, ox.NamedNode(iri)]]
    nothing, something = explain.evidence_of_rows(gazette, ["x", "y"], rows, query)
    assert nothing.value == ""
    assert something.value.startswith("gazette-1999:claim/envoy-denies-arms (gazette-1999:text#char=")


def test_claim_is_said_with_its_spans(gazette: Dataset) -> None:
    """A claim stands behind a row with each of its spans once, and claims are set apart by semicolons."""
    query = f"SELECT ?p {{ VALUES ?p {{ <{BASE}proposition/ruritania-leads-league> }} }}"
    (text,) = behind(gazette, query)
    assert re.fullmatch(r"gazette-1999:claim/king-doubts-leadership \([^()]+\); gazette-1999:claim/[^;]+\)", text)
    spans = re.findall(r"text#char=\d+,\d+", text)
    assert len(spans) == len(set(spans)) > 1


def test_a_claim_in_a_row_stands_for_its_proposition(gazette: Dataset) -> None:
    """Where a row has a proposition and a claim about it, the claim alone stands behind it, and not what others say."""
    claim, proposition = BASE + "claim/ruritania-leads-league", BASE + "proposition/ruritania-leads-league"
    (alone,) = behind(gazette, f"SELECT ?p ?c {{ VALUES (?p ?c) {{ (<{proposition}> <{claim}>) }} }}")
    assert re.findall(r"gazette-1999:claim/[\w-]+", alone) == ["gazette-1999:claim/ruritania-leads-league"]


def test_only_the_facts_that_are_asked_for_stand_behind_a_row(with_facts: Dataset) -> None:
    """Two nodes of a row that a fact happens to join, and which the query does not join by it, have no claim here."""
    query = """
        SELECT * { ?leader tri:leads ?group FILTER (?leader = id:ruritania)
                   VALUES (?x ?y) { (id:hilda-marsh id:strelsau-bureau) } }"""
    (text,) = behind(with_facts, query)
    assert re.findall(r"claim/[\w-]+", text) == ["claim/king-doubts-leadership", "claim/ruritania-leads-league"]
