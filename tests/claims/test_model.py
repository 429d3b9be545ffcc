"""Claims as typed values, read from the invented gazette."""

import pyoxigraph as ox
import pytest

from triplomacy.claims import model
from triplomacy.dataset.dataset import Dataset, load
from triplomacy.terms import ID, RDF, TRI

BASE = "https://w3id.org/triplomacy/source/gazette-1999/"
DENIAL = BASE + "claim/envoy-denies-arms"
SALE = BASE + "claim/syldavia-sold-rifles"


def test_claim_has_all_that_its_block_says(gazette):
    """Every property of a claim has its place in the value, and what the block leaves out is empty."""
    (claim,) = model.read(gazette, [DENIAL])
    assert claim == model.Claim(
        iri=DENIAL,
        claimant=ID + "syldavias-envoy",
        propositions=(BASE + "proposition/syldavia-arms-ruritania",),
        stance=TRI + "denies",
        certainty=TRI + "certain",
        orientation=TRI + "past",
        conveyance=None,
        act=TRI + "rebuttal",
        reported_by=ID + "hilda-marsh",
        evidence=(BASE + "text#char=290,335",),
        quotations=(BASE + "text#char=307,312",),
        conditions=(),
        links=(("respondsTo", SALE),),
    )


@pytest.mark.parametrize(
    ("claim", "field", "value"),
    [
        ("airships-unknown", "certainty", None),
        ("airships-unknown", "stance", TRI + "leavesOpen"),
        ("borduria-in-league", "conveyance", TRI + "presupposed"),
        ("ruritania-needs-searchlights", "conditions", (BASE + "proposition/borduria-has-airships",)),
        ("envoy-on-troops", "links", (("via", BASE + "claim/courier-on-troops"),)),
        ("ruritania-recognises-zenda", "reported_by", None),
    ],
)
def test_optional_property_is_read(gazette, claim, field, value):
    """What only some claims have is read where it is and empty where it is not."""
    (found,) = model.read(gazette, [f"{BASE}claim/{claim}"])
    assert getattr(found, field) == value


def test_claims_come_in_the_order_asked_for(gazette):
    """The order is the caller's, and an IRI of no claim is left out, though it be that of a proposition."""
    others = [BASE + "claim/nobody", BASE + "proposition/syldavia-sells-rifles"]
    assert [claim.iri for claim in model.read(gazette, [SALE, *others, DENIAL])] == [SALE, DENIAL]
    assert [claim.iri for claim in model.read(gazette, [DENIAL, *others, SALE])] == [DENIAL, SALE]


def test_no_claims_are_none(gazette):
    """Asked for nothing, the answer is nothing, without a question to the store."""
    assert model.read(gazette, []) == []


def test_claims_about_a_proposition_are_sorted(gazette):
    """Affirmations and denials of a proposition come together, sorted by IRI."""
    found = model.claims_about(gazette, BASE + "proposition/ruritania-leads-league")
    assert [claim.iri.removeprefix(BASE) for claim in found] == [
        "claim/king-doubts-leadership",
        "claim/ruritania-leads-league",
    ]


def test_nobody_claims_what_is_only_general(article):
    """A proposition that is only a condition is described, and there is no claim about it."""
    iri = "https://w3id.org/triplomacy/source/lukin-2022/proposition/troops-make-a-difference"
    assert article.store.query(f"ASK {{ ?claim <{TRI}condition> <{iri}> }}")
    assert model.claims_about(article, iri) == []


def test_every_claim_is_read_completely(article):
    """No claim of the article lacks claimant, proposition, stance, orientation or evidence."""
    iris = [row["claim"].value for row in article.select("SELECT DISTINCT ?claim WHERE { ?claim a tri:Claim }")]
    found = model.read(article, iris)
    assert len(found) == len(iris) > 150
    for claim in found:
        assert all((claim.claimant, claim.propositions, claim.stance, claim.orientation, claim.evidence)), claim.iri


def test_several_values_are_sorted(article):
    """Where a claim has several propositions, spans or conditions, they are in the order of their IRIs."""
    iris = [row["claim"].value for row in article.select("SELECT DISTINCT ?claim WHERE { ?claim a tri:Claim }")]
    found = model.read(article, iris)
    lists = [values for c in found for values in (c.propositions, c.evidence, c.conditions) if len(values) > 1]
    assert len(lists) >= 3
    assert all(list(values) == sorted(values) for values in lists)


def test_label_in_another_language_is_passed_over(own_gazette):
    """A second label in another language does not take the place of the English one."""
    text = '<https://w3id.org/triplomacy/id/borduria> <http://www.w3.org/2000/01/rdf-schema#label> "Bordurien"@{} .'
    for number, language in enumerate(("de", "aa", "zu", "en-x-old")):
        path = own_gazette.graphs / "actors" / f"label-{number}.ttl"
        path.write_text(text.format(language), encoding="utf-8")
    assert model.labels(load(own_gazette))[ID + "borduria"] == "Borduria"


def test_labels_are_those_in_english(gazette):
    """Entities, propositions and terms of the ontology have their label; claims have none."""
    labels = model.labels(gazette)
    assert labels[ID + "free-city-of-hentzau"] == "Free City of Hentzau"
    assert labels[BASE + "proposition/syldavia-leaves-league"] == "Syldavia leaves the Danube League"
    assert labels[TRI + "claimant"] == "claimant"
    assert SALE not in labels


def test_every_claim_is_read(article):
    """All claims at once are those that are read one by one, sorted by IRI."""
    iris = sorted(row["claim"].value for row in article.select("SELECT ?claim WHERE { ?claim a tri:Claim }"))
    found = model.all_claims(article)
    assert [claim.iri for claim in found] == iris
    assert found == [claim for iri in iris for claim in model.read(article, [iri])]


def labelled(*labels: str) -> Dataset:
    """Return a dataset with a node that has these labels, written as in Turtle."""
    store = ox.Store()
    for label in labels:
        text = f"<urn:node> <http://www.w3.org/2000/01/rdf-schema#label> {label} ."
        store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    return Dataset(store, {})


@pytest.mark.parametrize(
    ("language", "labels", "chosen"),
    [
        ("pt-BR", ['"exact"@pt-br', '"wider"@pt', '"english"@en'], "exact"),
        ("PT-br", ['"exact"@pt-BR', '"wider"@pt'], "exact"),
        ("pt-BR", ['"wider"@pt', '"region"@pt-PT', '"english"@en', '"bare"'], "wider"),
        ("pt-BR", ['"region"@pt-PT', '"english"@en', '"bare"'], "region"),
        ("pt", ['"region"@pt-BR', '"english"@en'], "region"),
        ("de", ['"english"@en', '"region"@en-GB', '"bare"'], "english"),
        ("de", ['"region"@en-GB', '"bare"', '"other"@fr'], "region"),
        ("de", ['"bare"', '"other"@fr'], "bare"),
        ("en", ['"british"@en-GB', '"plain"@en'], "plain"),
        ("en", ['"b"@en', '"a"@en'], "a"),
        ("e", ['"other"@ex', '"bare"'], "bare"),
    ],
)
def test_label_is_looked_up_from_the_exact_language_to_none(language, labels, chosen):
    """A label is taken by RFC 4647: the language, a wider one, English, none; each also in a region of it."""
    for order in (labels, labels[::-1]):
        assert model.labels(labelled(*order), language) == {"urn:node": chosen}


def test_label_in_no_language_that_counts_is_no_label():
    """Neither a label in a third language nor one that is an IRI is taken."""
    assert model.labels(labelled('"other"@fr', '"like it"@fr-en', "<urn:label>"), "de") == {}


def test_labels_of_chosen_nodes_only(gazette):
    """Where nodes are given, theirs are the only labels; where none is, there is no label."""
    iri = ID + "borduria"
    assert model.labels(gazette, nodes=[iri, iri]) == {iri: "Borduria"}
    assert model.labels(gazette, nodes=[]) == {}


def test_blank_nodes_have_no_label_of_ours():
    """A label of a blank node is passed over: there is no name to find it by."""
    store = ox.Store()
    store.add(ox.Quad(ox.BlankNode(), ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), ox.Literal("x")))
    assert model.labels(Dataset(store, {})) == {}
    assert model.labels(labelled("<urn:label>")) == {}


def test_first_of_several_values_is_taken():
    """Where a property that has one value has several, the first by IRI is read, whatever the order in the store."""
    store = ox.Store()
    kind = ox.NamedNode(RDF + "type")
    store.add(ox.Quad(ox.NamedNode("urn:claim"), kind, ox.NamedNode(TRI + "Claim")))
    for value in ("urn:b", "urn:a", "urn:c"):
        store.add(ox.Quad(ox.NamedNode("urn:claim"), ox.NamedNode(TRI + "claimant"), ox.NamedNode(value)))
    (claim,) = model.all_claims(Dataset(store, {}))
    assert claim.claimant == "urn:a"


def test_claims_about_a_proposition_are_sorted_whatever_the_store():
    """The order is that of the IRIs, not that in which a store has them."""
    store = ox.Store()
    iris = [f"urn:claim/{number}" for number in range(100, 140)]
    for iri in iris:
        for name, value in ((RDF + "type", TRI + "Claim"), (TRI + "proposition", "urn:p")):
            store.add(ox.Quad(ox.NamedNode(iri), ox.NamedNode(name), ox.NamedNode(value)))
    assert [claim.iri for claim in model.claims_about(Dataset(store, {}), "urn:p")] == iris
