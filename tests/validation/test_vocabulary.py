"""Terms that nobody has declared: of the standard vocabularies in each position, and of one's own namespaces."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.namespace import DCAT, DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD, DefinedNamespace

from tests.conftest import ROOT
from triplomacy.findings import Finding, Severity
from triplomacy.rdf.vocabularies import standard
from triplomacy.terms import compress
from triplomacy.validation.plan import Plan
from triplomacy.validation.run import validate_files
from triplomacy.validation.vocabulary import check, usage

OA = "http://www.w3.org/ns/oa#"
EX = "urn:e#"

# A name of each vocabulary with one letter wrong, and the name that was meant.
CLASSES = {
    f"{OWL}Clas": f"{OWL}Class",
    f"{RDF}Propety": f"{RDF}Property",
    f"{RDFS}Clss": f"{RDFS}Class",
    f"{SKOS}Concpet": f"{SKOS}Concept",
    f"{PROV}Activty": f"{PROV}Activity",
    f"{DCAT}Datset": f"{DCAT}Dataset",
    f"{DCTERMS}Agnet": f"{DCTERMS}Agent",
    f"{OA}TextPositonSelector": f"{OA}TextPositionSelector",
    f"{SH}NodeShpe": f"{SH}NodeShape",
}
PREDICATES = {
    f"{OWL}sameas": f"{OWL}sameAs",
    f"{RDF}tpye": f"{RDF}type",
    f"{RDFS}lable": f"{RDFS}label",
    f"{SKOS}preflabel": f"{SKOS}prefLabel",
    f"{PROV}wasDerivedfrom": f"{PROV}wasDerivedFrom",
    f"{DCAT}distributon": f"{DCAT}distribution",
    f"{DCTERMS}licence": f"{DCTERMS}license",
    f"{OA}hasSource_": f"{OA}hasSource",
    f"{SH}dataType": f"{SH}datatype",
}
DATATYPES = {
    f"{XSD}datetime": f"{XSD}dateTime",
    f"{XSD}interger": f"{XSD}integer",
    f"{RDF}langstring": f"{RDF}langString",
}

# What rdflib has and a vocabulary has not, with the reason.
NO_TERMS = {
    **dict.fromkeys(
        [XSD[name] for name in ("bounded", "cardinality", "numeric", "ordered")],
        "fundamental facets: properties of data types in the text of XML Schema, with no IRI",
    ),
    **dict.fromkeys([XSD["enumeration"], XSD["whiteSpace"], XSD["Assertions"]], "facets that OWL 2 does not use"),
    **dict.fromkeys(
        [XSD[name] for name in ("year", "month", "day", "hour", "minute", "second", "timezoneOffset")],
        "parts of a date in the text of XML Schema, with no IRI",
    ),
}


def triple(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    """Return a triple of these IRIs."""
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)


def found(*triples: ox.Triple, declared: Iterable[ox.Triple] = ()) -> list[Finding]:
    """Return what is found in the triples, the declarations of others known."""
    return check(triples, usage(triples), [usage(declared)])


def turtle(text: str) -> list[ox.Triple]:
    """Return the triples of a text with the usual prefixes."""
    prefixes = f"@prefix ex: <{EX}> . @prefix owl: <{OWL}> . @prefix rdf: <{RDF}> . @prefix rdfs: <{RDFS}> .\n"
    return [quad.triple for quad in ox.parse(prefixes + text, format=ox.RdfFormat.TURTLE)]


@pytest.mark.parametrize(("wrong", "meant"), PREDICATES.items(), ids=lambda iri: compress(iri))
def test_misspelt_predicate(wrong: str, meant: str) -> None:
    """A misspelt property of a standard vocabulary is a violation about the predicate; what was meant is offered."""
    (finding,) = found(triple(f"{EX}a", wrong, ox.Literal("x")), triple(f"{EX}a", meant, ox.Literal("x")))
    assert (finding.check, finding.rule, finding.severity) == ("terms", "terms/unknown", Severity.VIOLATION)
    assert (finding.focus, finding.path, finding.value) == (f"<{EX}a>", f"<{wrong}>", None)
    assert finding.message.startswith(f"No such term: {compress(wrong)}; did you mean ")
    assert compress(meant) in finding.message


@pytest.mark.parametrize(("wrong", "meant"), CLASSES.items(), ids=lambda iri: compress(iri))
def test_misspelt_class(wrong: str, meant: str) -> None:
    """A misspelt class of a standard vocabulary is a violation about the object, and what was meant is offered."""
    (finding,) = found(
        triple(f"{EX}a", str(RDF.type), ox.NamedNode(wrong)), triple(f"{EX}a", str(RDF.type), ox.NamedNode(meant))
    )
    assert (finding.rule, finding.path, finding.value) == ("terms/unknown", f"<{RDF.type}>", f"<{wrong}>")
    assert compress(meant) in finding.message.split("did you mean")[1]


@pytest.mark.parametrize(("wrong", "meant"), {**CLASSES, **PREDICATES}.items(), ids=lambda iri: compress(iri))
def test_misspelt_object(wrong: str, meant: str) -> None:
    """A misspelt term is found as the object of any property too, such as a range or a motivation."""
    (finding,) = found(triple(f"{EX}a", f"{EX}p", ox.NamedNode(wrong)), triple(f"{EX}a", f"{EX}p", ox.NamedNode(meant)))
    assert (finding.rule, finding.value) == ("terms/unknown", f"<{wrong}>")


@pytest.mark.parametrize(("wrong", "meant"), DATATYPES.items(), ids=lambda iri: compress(iri))
def test_misspelt_datatype(wrong: str, meant: str) -> None:
    """A misspelt data type of a literal is found, with the literal as the value and what was meant offered."""
    literal = ox.Literal("x", datatype=ox.NamedNode(wrong))
    (finding,) = found(triple(f"{EX}a", f"{EX}p", literal))
    assert (finding.rule, finding.path, finding.value) == ("terms/unknown", f"<{EX}p>", str(literal))
    assert compress(meant) in finding.message.split("did you mean")[1]


def test_every_position_of_one_term_is_a_finding_of_its_own() -> None:
    """A term that is wrong in three triples is found three times, each time in its triple."""
    wrong = ox.NamedNode(f"{SKOS}Concpet")
    triples = [triple(f"{EX}{name}", str(RDF.type), wrong) for name in "abc"]
    assert [finding.focus for finding in found(*triples)] == [f"<{EX}a>", f"<{EX}b>", f"<{EX}c>"]


def test_predicate_and_object_of_one_triple() -> None:
    """Two wrong terms in one triple are two findings."""
    (first, second) = found(triple(f"{EX}a", f"{RDFS}lable", ox.NamedNode(f"{OWL}Thng")))
    assert {first.value, second.value} == {None, f"<{OWL}Thng>"}


def test_nothing_near_is_not_guessed_at() -> None:
    """Where no name is near, none is offered, and the advice is to correct the term."""
    (finding,) = found(triple(f"{EX}a", f"{SH}zzzzzzzzqqqq", ox.Literal("x")))
    assert finding.message == "No such term: sh:zzzzzzzzqqqq; correct it"


@pytest.mark.parametrize("name", ["_1", "_2", "_10", "_999"])
def test_membership_properties_exist(name: str) -> None:
    """rdf:_1 and its like are properties of RDF though no list can name them all."""
    assert found(triple(f"{EX}a", f"{RDF}{name}", ox.Literal("x"))) == []


@pytest.mark.parametrize("name", ["_0", "_01", "_", "_x", "_1a"])
def test_what_is_no_membership_property(name: str) -> None:
    """rdf:_0 and what else is not a number from 1 are not properties of RDF."""
    assert [f.rule for f in found(triple(f"{EX}a", f"{RDF}{name}", ox.Literal("x")))] == ["terms/unknown"]


@pytest.mark.parametrize("iri", [str(SKOS), "http://www.w3.org/ns/prov", f"{SH}"])
def test_a_namespace_itself_is_no_term(iri: str) -> None:
    """The IRI of a vocabulary may be mentioned: it is not a misspelt term."""
    assert found(triple(f"{EX}a", str(RDFS.seeAlso), ox.NamedNode(iri))) == []


def test_dublin_core_is_no_prefix_of_itself() -> None:
    """An IRI in a folder below a namespace that ends with a slash belongs to another vocabulary."""
    assert found(triple(f"{EX}a", str(RDFS.seeAlso), ox.NamedNode(f"{DCTERMS}sub/none"))) == []


OWN = "ex:A a owl:Class . ex:B a owl:Class . ex:p a owl:ObjectProperty . ex:q a owl:DatatypeProperty .\n"


@pytest.mark.parametrize(
    ("statement", "term"),
    [
        ("ex:x a ex:Aa .", "ex:Aa"),
        ("ex:x ex:pp ex:y .", "ex:pp"),
        ("ex:x ex:Q 1 .", "ex:Q"),
        ("[] a ex:C .", "ex:C"),
    ],
)
def test_undeclared_term_of_an_own_namespace(statement: str, term: str) -> None:
    """A class or property that is used and not declared, in a namespace where others are, is a violation."""
    (finding,) = found(*turtle(OWN + statement))
    assert (finding.rule, finding.severity) == ("terms/undeclared", Severity.VIOLATION)
    assert term.replace("ex:", EX) in finding.message
    assert "did you mean" in finding.message


def test_individuals_need_no_declaration() -> None:
    """A node that is neither class nor property may stand in the namespace without being declared."""
    assert found(*turtle(OWN + "ex:x ex:p ex:y . ex:y ex:p ex:z ; ex:q 1 .")) == []


@pytest.mark.parametrize("kind", ["owl:Class", "rdfs:Class", "rdfs:Datatype", "owl:NamedIndividual"])
def test_what_declares_a_class(kind: str) -> None:
    """Each kind of declaration counts, so that the term may be used."""
    assert found(*turtle(f"{OWN} ex:New a {kind} . ex:x a ex:New .")) == []


@pytest.mark.parametrize(
    "kind", ["rdf:Property", "owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty"]
)
def test_what_declares_a_property(kind: str) -> None:
    """Each kind of property counts as declared."""
    assert found(*turtle(f"{OWN} ex:new a {kind} . ex:x ex:new 1 .")) == []


def test_a_namespace_without_declarations_is_not_ones_own() -> None:
    """Terms of a vocabulary that is only used, and whose declarations are elsewhere, are not looked at."""
    assert found(*turtle("ex:x a ex:A ; ex:p 1 .")) == []


def test_declarations_may_come_from_elsewhere() -> None:
    """What an ontology declares counts in the data, and what it does not declare is found there."""
    (finding,) = found(*turtle("ex:x a ex:A ; ex:Q 1 ."), declared=turtle(OWN))
    assert finding.path == f"<{EX}Q>"


@pytest.mark.parametrize("space", list(standard()))
def test_own_terms_of_a_standard_namespace_stay_unknown(space: str) -> None:
    """Nobody can declare a term into a standard vocabulary."""
    triples = turtle(f"<{space}One> a owl:Class . <{space}Two> a owl:Class . ex:x a <{space}One> .")
    assert {finding.rule for finding in found(*triples)} == {"terms/unknown"}


@pytest.mark.parametrize("space", [OWL, RDF, RDFS, XSD, PROV, SKOS, DCAT, DCTERMS, SH], ids=str)
def test_every_name_that_rdflib_has_is_known(space: type[DefinedNamespace]) -> None:
    """The list of a vocabulary lacks no name that rdflib's list has, but for those above, each with a reason."""
    names = {name for name in space.__annotations__ if not name.startswith("_")} | set(getattr(space, "_extras", ()))
    unknown = {name for name in names if space[name] not in NO_TERMS} - standard()[str(space)]
    assert len(names) > 10
    assert unknown == set()


def test_no_exception_is_needless() -> None:
    """Each name above that is left out is one that rdflib has and the list has not."""
    for iri in NO_TERMS:
        assert iri.removeprefix(str(XSD)) in XSD.__annotations__
        assert iri.removeprefix(str(XSD)) not in standard()[str(XSD)]


def test_vocabularies_that_the_issue_names_are_there() -> None:
    """SHACL, OWL, RDFS, PROV, SKOS, OA and DCAT are known, each by the terms that it is used for."""
    known = {str(space): standard()[str(space)] for space in (SH, OWL, RDFS, PROV, SKOS, DCAT)} | {OA: standard()[OA]}
    expected = {
        str(SH): {"NodeShape", "datatype", "minCount", "SPARQLTarget", "js"},
        str(OWL): {"Class", "AllDisjointClasses", "propertyChainAxiom"},
        str(RDFS): {"label", "subClassOf", "isDefinedBy"},
        str(PROV): {"Entity", "wasDerivedFrom", "qualifiedAttribution"},
        str(SKOS): {"Concept", "prefLabel", "exactMatch"},
        OA: {"TextPositionSelector", "start", "end", "hasSelector"},
        str(DCAT): {"Dataset", "distribution", "mediaType"},
    }
    assert {space for space in expected if not expected[space] <= known[space]} == set()


def test_names_of_the_list_are_names() -> None:
    """Each name of the list can end an IRI, and none stands in it with its prefix or twice in one vocabulary."""
    text = (ROOT / "src/triplomacy/rdf/vocabularies.txt").read_text(encoding="utf-8")
    for part in text.split("\n"):
        names = part.split()
        assert all(":" not in name for name in names) or not part.startswith(" ")
    for block in text.replace("\n  ", " ").splitlines():
        names = block.split()[2:]
        assert names == sorted(set(names))


SHAPES = """\
@prefix ex: <urn:e#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:Shape
    a sh:NodeShape ;
    sh:targetClass ex:A ;
    sh:property [
        sh:path ex:p ;
        sh:dataType xsd:integer ;
    ] .
"""


def test_misspelt_dataType_of_a_shape_is_found_through_validation(tmp_path: Path) -> None:
    """The shape whose sh:dataType every engine passes over is found, with line and column of the word."""
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(SHAPES, encoding="utf-8")
    data.write_text("@prefix ex: <urn:e#> .\nex:x a ex:A ; ex:p 'seven' .\n", encoding="utf-8")
    outcome = validate_files([data], [shapes], plan=Plan(checks=frozenset({"terms", "shapes", "shacl"})))
    (finding,) = [each for each in outcome.findings if each.severity is Severity.VIOLATION]
    assert (finding.rule, finding.check) == ("terms/unknown", "terms")
    assert finding.place is not None
    assert (finding.place.file, finding.place.line, finding.place.column) == (shapes, 10, 9)
    assert "did you mean sh:datatype" in finding.message


def test_wrong_datatype_in_data_is_found_through_validation(tmp_path: Path) -> None:
    """A misspelt data type in data has the line and the column of the literal."""
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(SHAPES.replace("dataType", "datatype"), encoding="utf-8")
    text = (
        "@prefix ex: <urn:e#> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\nex:x ex:q '1'^^xsd:interger .\n"
    )
    data.write_text(text, encoding="utf-8")
    outcome = validate_files([data], [shapes], plan=Plan(checks=frozenset({"terms"})))
    (finding,) = outcome.findings
    assert str(finding.place) == f"{data}:4:11"
    assert "xsd:integer" in finding.message


def test_our_own_files_have_no_unknown_term() -> None:
    """The ontology and the graphs here use no term that its vocabulary does not have."""
    paths = [*ROOT.glob("ontology/*.ttl"), *ROOT.glob("graphs/*/*.ttl"), *ROOT.glob("ontology/shapes/*.ttl")]
    triples = [quad.triple for path in paths for quad in ox.parse(path=path, base_iri=path.as_uri())]
    assert len(triples) > 1000
    assert check(triples, usage(triples)) == []
