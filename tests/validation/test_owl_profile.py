"""OWL 2 DL: each rule broken and kept, and what Pellet's checker says of the same ontologies."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ONTOLOGY_FILES, ROOT
from triplomacy.errors import EngineUnavailable
from triplomacy.findings import Finding, Severity
from triplomacy.rdf.parsing import parse_file
from triplomacy.validation.owl_profile import RULES, check
from triplomacy.validation.plan import Plan
from triplomacy.validation.reasoning import profile_violations
from triplomacy.validation.run import validate_files

HEAD = """\
@prefix ex: <urn:e#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:o> a owl:Ontology .
"""

# What each breaks: the rule, the subject or object that it is about, whether Pellet's checker knows the rule.
# ONE is replaced by a name of its own, so that all stand in one ontology.
BROKEN = {
    "a date on a data property": (
        "ex:ONE a owl:DatatypeProperty . ex:x ex:ONE '1999-01-01'^^xsd:date .",
        "datatype",
        False,
    ),
    "a year on a data property": ("ex:ONE a owl:DatatypeProperty . ex:x ex:ONE '1999'^^xsd:gYear .", "datatype", False),
    "a duration": ("ex:ONE a owl:DatatypeProperty . ex:x ex:ONE 'P1D'^^xsd:duration .", "datatype", False),
    "a datatype that nobody declares": (
        "ex:ONE a owl:DatatypeProperty . ex:x ex:ONE 'a'^^ex:none .",
        "datatype",
        False,
    ),
    "a range that OWL does not have": (
        "ex:ONE a owl:DatatypeProperty ; rdfs:range xsd:gYearMonth .",
        "datatype",
        False,
    ),
    "two kinds of property": ("ex:ONE a owl:ObjectProperty , owl:DatatypeProperty .", "punning", True),
    "object and annotation property": ("ex:ONE a owl:ObjectProperty , owl:AnnotationProperty .", "punning", True),
    "data and annotation property": ("ex:ONE a owl:DatatypeProperty , owl:AnnotationProperty .", "punning", True),
    "class and datatype": ("ex:ONE a owl:Class , rdfs:Datatype .", "punning", True),
    "a class of OWL's namespace": ("owl:ONE a owl:Class .", "reserved", True),
    "a property of RDF's namespace": ("rdf:ONE a owl:ObjectProperty .", "reserved", True),
    "a datatype of XML Schema's namespace": ("xsd:ONE a rdfs:Datatype .", "reserved", False),
    "a member of rdfs:Resource": ("ex:ONE a rdfs:Resource .", "reserved", False),
    "a class of RDFS": ("ex:ONE a rdfs:Class .", "reserved", False),
    "a property of RDF": ("ex:ONE a rdf:Property .", "reserved", False),
    "a list as data": ("ex:ONE rdf:first ex:x ; rdf:rest rdf:nil .", "reserved", False),
    "a functional transitive property": (
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty , owl:FunctionalProperty .",
        "simple",
        True,
    ),
    "an inverse functional property above a transitive one": (
        "ex:ONEt a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:subPropertyOf ex:ONE .\n"
        "ex:ONE a owl:ObjectProperty , owl:InverseFunctionalProperty .",
        "simple",
        True,
    ),
    "an asymmetric property equivalent to a transitive one": (
        "ex:ONEt a owl:ObjectProperty , owl:TransitiveProperty .\n"
        "ex:ONE a owl:ObjectProperty , owl:AsymmetricProperty ; owl:equivalentProperty ex:ONEt .",
        "simple",
        True,
    ),
    "an irreflexive inverse of a transitive property": (
        "ex:ONEt a owl:ObjectProperty , owl:TransitiveProperty .\n"
        "ex:ONE a owl:ObjectProperty , owl:IrreflexiveProperty ; owl:inverseOf ex:ONEt .",
        "simple",
        True,
    ),
    "a cardinality on a chain": (
        "ex:ONEp a owl:ObjectProperty . ex:ONE a owl:ObjectProperty ; owl:propertyChainAxiom ( ex:ONEp ex:ONEp ) .\n"
        "ex:ONEc a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:ONE ; owl:maxCardinality 1 ] .",
        "simple",
        True,
    ),
    "a qualified cardinality on a transitive property": (
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty . ex:ONEc a owl:Class ; rdfs:subClassOf\n"
        "[ a owl:Restriction ; owl:onProperty ex:ONE ; owl:minQualifiedCardinality 1 ; owl:onClass ex:ONEc ] .",
        "simple",
        True,
    ),
    "oneself by a transitive property": (
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty . ex:ONEc a owl:Class ;\n"
        "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:ONE ; owl:hasSelf true ] .",
        "simple",
        True,
    ),
    "disjoint from a transitive property": (
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty .\n"
        "ex:ONEs a owl:ObjectProperty ; owl:propertyDisjointWith ex:ONE .",
        "simple",
        True,
    ),
    "a transitive property disjoint from another": (
        "ex:ONEs a owl:ObjectProperty .\n"
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty ; owl:propertyDisjointWith ex:ONEs .",
        "simple",
        True,
    ),
    "a transitive property among disjoint ones": (
        "ex:ONE a owl:ObjectProperty , owl:TransitiveProperty . ex:ONEs a owl:ObjectProperty .\n"
        "[] a owl:AllDisjointProperties ; owl:members ( ex:ONE ex:ONEs ) .",
        "simple",
        True,
    ),
    "an individual of no class": ("ex:x a ex:ONE .", "undeclared", True),
    "below no class": ("ex:ONEc a owl:Class ; rdfs:subClassOf ex:ONE .", "undeclared", True),
    "equivalent to no class": ("ex:ONEc a owl:Class ; owl:equivalentClass ex:ONE .", "undeclared", True),
    "disjoint from no class": ("ex:ONEc a owl:Class ; owl:disjointWith ex:ONE .", "undeclared", True),
    "not in no class": ("ex:x a [ a owl:Class ; owl:complementOf ex:ONE ] .", "undeclared", True),
    "a range that is not a class": ("ex:ONEp a owl:ObjectProperty ; rdfs:range ex:ONE .", "undeclared", True),
    "a domain that is not a class": ("ex:ONEp a owl:ObjectProperty ; rdfs:domain ex:ONE .", "undeclared", True),
    "some values of no class": (
        "ex:ONEp a owl:ObjectProperty . ex:ONEc a owl:Class ;\n"
        "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:ONEp ; owl:someValuesFrom ex:ONE ] .",
        "undeclared",
        True,
    ),
    "all values of no class": (
        "ex:ONEp a owl:ObjectProperty . ex:ONEc a owl:Class ;\n"
        "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:ONEp ; owl:allValuesFrom ex:ONE ] .",
        "undeclared",
        True,
    ),
    "a union with no class": (
        "ex:ONEc a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf ( ex:ONEc ex:ONE ) ] .",
        "undeclared",
        True,
    ),
    "an intersection with no class": (
        "ex:ONEc a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:ONEc ex:ONE ) ] .",
        "undeclared",
        True,
    ),
    "all disjoint from no class": (
        "ex:ONEc a owl:Class . [] a owl:AllDisjointClasses ; owl:members ( ex:ONEc ex:ONE ) .",
        "undeclared",
        True,
    ),
    "a chain of no property": (
        "ex:ONEp a owl:ObjectProperty . ex:ONEq a owl:ObjectProperty ; owl:propertyChainAxiom ( ex:ONEp ex:ONE ) .",
        "undeclared",
        True,
    ),
    "a key that is not a property": ("ex:ONEc a owl:Class ; owl:hasKey ( ex:ONE ) .", "undeclared", True),
    "an inverse of no property": ("ex:ONEp a owl:ObjectProperty ; owl:inverseOf ex:ONE .", "undeclared", True),
    "below no property": ("ex:ONEp a owl:ObjectProperty ; rdfs:subPropertyOf ex:ONE .", "undeclared", True),
    "a statement with no property": ("ex:x ex:ONE ex:x .", "undeclared", True),
}
NAMES = {name: f"t{number}" for number, name in enumerate(BROKEN)}

# How Pellet words each rule.
OF_PELLET = {
    "punning": r"Cannot pun between properties|Datatype IRI also used as Class IRI",
    "reserved": r"Use of reserved vocabulary",
    "simple": r"Use of non-simple property",
    "undeclared": r"Use of undeclared",
}

# What keeps each rule though it is near to breaking it.
KEPT = {
    "times of OWL": (
        "ex:p a owl:DatatypeProperty ; rdfs:range xsd:dateTime .\n"
        "ex:x ex:p '1999-01-01T00:00:00Z'^^xsd:dateTime , '1999-01-01T00:00:00Z'^^xsd:dateTimeStamp ."
    ),
    "numbers, texts and truth": (
        "ex:p a owl:DatatypeProperty .\n"
        "ex:x ex:p 1 , 1.5 , 1e0 , true , 'a' , 'a'@en , '1'^^xsd:nonNegativeInteger , 'http://a/'^^xsd:anyURI ."
    ),
    "a date on an annotation property": (
        "ex:p a owl:AnnotationProperty ; rdfs:range xsd:date . ex:x ex:p '1999-01-01'^^xsd:date ."
    ),
    "a datatype of one's own": (
        "ex:d a rdfs:Datatype . ex:p a owl:DatatypeProperty ; rdfs:range ex:d . ex:x ex:p '1'^^ex:d ."
    ),
    "one IRI as class and individual": "ex:c a owl:Class , owl:NamedIndividual . ex:d a owl:Class . ex:c a ex:d .",
    "one IRI as class and object property": "ex:c a owl:Class , owl:ObjectProperty .",
    "built-in terms": (
        "ex:c a owl:Class ; rdfs:subClassOf owl:Thing . owl:Nothing rdfs:subClassOf ex:c .\n"
        "ex:p a owl:ObjectProperty ; rdfs:subPropertyOf owl:topObjectProperty ."
    ),
    "a declaration of what is built in": "owl:Thing a owl:Class . rdfs:label a owl:AnnotationProperty .",
    "a class that is one of RDFS besides": "ex:c a owl:Class , rdfs:Class . ex:p a owl:ObjectProperty , rdf:Property .",
    "lists of OWL": (
        "ex:c a owl:Class . ex:d a owl:Class . ex:x a owl:NamedIndividual .\n"
        "[] a owl:AllDisjointClasses ; owl:members ( ex:c ex:d ) .\n"
        "ex:e a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:oneOf ( ex:x ) ] .\n"
        "[] a owl:AllDifferent ; owl:distinctMembers ( ex:x ex:y ) ."
    ),
    "a simple property beside a transitive one": (
        "ex:t a owl:ObjectProperty , owl:TransitiveProperty .\n"
        "ex:s a owl:ObjectProperty , owl:FunctionalProperty , owl:AsymmetricProperty ; rdfs:subPropertyOf ex:t .\n"
        "ex:c a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:s ; owl:maxCardinality 1 ] ."
    ),
    "some values of a transitive property": (
        "ex:t a owl:ObjectProperty , owl:TransitiveProperty , owl:SymmetricProperty . ex:c a owl:Class ;\n"
        "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:t ; owl:someValuesFrom ex:c ] ."
    ),
    "values of a datatype": (
        "ex:p a owl:DatatypeProperty . ex:c a owl:Class ;\n"
        "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:allValuesFrom xsd:integer ] ."
    ),
    "an annotation property over what is not a class": (
        "ex:p a owl:AnnotationProperty ; rdfs:domain ex:anything ; rdfs:range ex:anything ."
    ),
}


def parsed(text: str) -> list[ox.Triple]:
    """Return the triples of a text with the usual prefixes."""
    return [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]


def broken(name: str) -> str:
    """Return what breaks a rule, with its own names."""
    return BROKEN[name][0].replace("ONE", NAMES[name])


def is_about(finding: Finding, name: str) -> bool:
    """Tell whether a finding is about the names of one case."""
    return any(re.search(rf"#{NAMES[name]}[a-z]?>", str(term)) for term in (finding.focus, finding.path, finding.value))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule(name: str) -> None:
    """What OWL 2 DL does not allow is a violation of the rule, about a triple of the ontology, and of no other rule."""
    triples = parsed(broken(name))
    found = check(triples)
    assert {finding.rule for finding in found} == {f"profile/{BROKEN[name][1]}"}
    written = {(str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples}
    for finding in found:
        assert (finding.check, finding.severity) == ("profile", Severity.VIOLATION)
        assert (finding.focus, finding.path, finding.value) in written
        assert is_about(finding, name) or finding.message.startswith("An inverse")


@pytest.mark.parametrize("name", KEPT)
def test_kept_rule(name: str) -> None:
    """What OWL 2 DL allows is not complained of."""
    assert [finding.message for finding in check(parsed(KEPT[name]))] == []


def test_each_rule_is_broken_by_some_case() -> None:
    """No rule goes without a case, and each has a summary and says what to do."""
    assert {f"profile/{rule}" for _, rule, _ in BROKEN.values()} == {rule.name for rule in RULES}
    assert all(rule.summary and rule.help.endswith(".") for rule in RULES)


def pellet(text: str) -> tuple[str, ...]:
    """Return what Pellet's checker says of an ontology; skip the test where it cannot run."""
    try:
        return profile_violations(parsed(text))
    except EngineUnavailable as error:
        pytest.skip(str(error))


def test_pellet_knows_the_same_of_what_is_broken() -> None:
    """Of all broken cases in one ontology, Pellet complains of just those that are marked so, by the same rule."""
    said = pellet("\n".join(broken(name) for name in BROKEN))
    for name, (_, rule, known) in BROKEN.items():
        # Restrictions are cut by their number, so Pellet's line does not name the property: the next test has those.
        lines = [line for line in said if re.search(rf"[#:]{NAMES[name]}\b", line)]
        if known and not re.search("cardinality|domain", name):
            assert [line for line in lines if re.match(OF_PELLET[rule], line)], name
        elif not known:
            assert [line for line in lines if re.match(OF_PELLET.get(rule, "Use"), line)] == [], name


def test_pellet_complains_of_cardinalities_too() -> None:
    """The two cases whose line Pellet cuts are among its complaints, and nothing else in that ontology is."""
    text = "\n".join(broken(name) for name in BROKEN if "cardinality" in name)
    said = pellet(text)
    assert [line.partition(":")[0] for line in said] == [
        "Use of non-simple property in ObjectMaxCardinality restriction",
        "Use of non-simple property in ObjectMinCardinality restriction",
    ]


def test_pellet_agrees_on_what_is_kept() -> None:
    """Of all cases that keep the rules, in one ontology with names of their own, Pellet has nothing to say either."""
    own = [text.replace("ex:", f"ex:n{number}") for number, text in enumerate(KEPT.values())]
    assert pellet("\n".join(own)) == ()


def test_blank_nodes_of_rdfs_do_no_harm() -> None:
    """A node without a name that is said to be a class or a property of RDFS is found, and nothing breaks off."""
    assert {finding.rule for finding in check(parsed("[] a rdfs:Class . [] a rdf:Property ."))} == {"profile/reserved"}


def test_datatypes_in_data_count() -> None:
    """A literal in the data that HermiT stops at is found, though the property is declared in the ontology."""
    ontology, data = parsed("ex:p a owl:DatatypeProperty ."), parsed("ex:x ex:p '1999-01-01'^^xsd:date .")
    assert [finding.rule for finding in check(ontology, data)] == ["profile/datatype"]
    assert check(ontology) == []


def test_other_rules_are_for_the_ontology_alone() -> None:
    """Data with properties that nobody declares are another check's matter."""
    assert check(parsed("ex:p a owl:ObjectProperty ."), parsed("ex:x ex:q ex:y .")) == []


def test_cyclic_list_and_no_list_end() -> None:
    """A list that comes back to itself, or is none, does not hold the check up."""
    text = (
        "ex:c a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf _:l ] . _:l rdf:first ex:c ; rdf:rest _:l ."
    )
    assert [finding.rule for finding in check(parsed(text))] == []
    assert check(parsed("ex:c a owl:Class . ex:c owl:equivalentClass [ a owl:Class ; owl:unionOf ex:none ] .")) == []


def test_cycle_of_properties_ends() -> None:
    """Properties above each other in a circle are all not simple, and the check comes to an end."""
    text = (
        "ex:a a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:subPropertyOf ex:b .\n"
        "ex:b a owl:ObjectProperty ; rdfs:subPropertyOf ex:a , ex:c .\n"
        "ex:c a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:subPropertyOf ex:b ."
    )
    assert [(finding.rule, finding.focus) for finding in check(parsed(text))] == [("profile/simple", "<urn:e#c>")]


def test_our_ontology_is_owl_2_dl() -> None:
    """The ontology here, with all graphs, breaks no rule."""
    data = [triple for path in sorted(ROOT.glob("graphs/*/*.ttl")) for triple in parse_file(path)]
    assert check([triple for path in ONTOLOGY_FILES for triple in parse_file(path)], data) == []


def test_findings_have_their_line(tmp_path: Path) -> None:
    """Through validation each finding has the line of its triple: in a list, in a restriction and in the data."""
    files = {name: tmp_path / f"{name}.ttl" for name in ("ontology", "data", "shapes")}
    files["shapes"].write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetNode <urn:n> ."
    )
    files["ontology"].write_text(
        HEAD + "ex:p a owl:DatatypeProperty .\nex:c a owl:Class ;\n  rdfs:subClassOf ex:none ;\n"
        "  owl:equivalentClass [ a owl:Class ; owl:unionOf ( ex:c\n    ex:other ) ] .\n"
    )
    files["data"].write_text(HEAD.replace("<urn:o> a owl:Ontology .\n", "") + "ex:x ex:p\n  '1999'^^xsd:gYear .\n")
    plan = Plan(checks=frozenset({"syntax", "profile"}))
    outcome = validate_files([files["data"]], [files["shapes"]], [files["ontology"]], plan)
    places = {(place.file.stem, place.line) for finding in outcome.findings for place in finding.places}
    lines = HEAD.count("\n")
    assert places == {("ontology", lines + 3), ("ontology", lines + 5), ("data", lines + 1)}
