"""Mappings lead to terms that exist, say why, are valid SSSOM, and stay out of the ontology until they are merged."""

import io
import logging
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.conftest import ONTOLOGY_FILES, ROOT, need_shared
from triplomacy import build
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.publish import mappings
from triplomacy.rdf import turtle, vocabularies
from triplomacy.terms import ONTOLOGY, OWL, PREFIXES, RDF, RDFS, SKOS, TRI, VIEW
from triplomacy.validation import owl_profile, reasoning

CONFIRMED = ROOT / "tests" / "mappings" / "vocabularies.txt"
PROJECT = Project(ROOT)


@pytest.fixture(scope="module")
def graphs() -> dict[str, list[ox.Triple]]:
    """Return the project's graphs and views."""
    return build.graphs(PROJECT)


@pytest.fixture(scope="module")
def table(graphs) -> str:
    """Return the SSSOM table."""
    return mappings.sssom(PROJECT, graphs)


def confirmed() -> dict[str, set[str]]:
    """Return the names of each vocabulary that was looked up, by its namespace; rdflib knows those of schema.org."""
    from rdflib.namespace import SDO

    found: dict[str, set[str]] = {space: set(names) for space, names in vocabularies.standard().items()}
    found["https://schema.org/"] = set(SDO.__annotations__)
    space = ""
    for line in CONFIRMED.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[space] |= set(line.split())
        elif not line.startswith("#"):
            space = line.split()[1]
            found.setdefault(space, set())
    return found


def declared() -> dict[str, set[str]]:
    """Return the kinds of each term of the ontology, by its IRI."""
    found: dict[str, set[str]] = {}
    for quad in (quad for path in ONTOLOGY_FILES for quad in ox.parse(path=path, rename_blank_nodes=True)):
        if quad.predicate.value == RDF + "type" and isinstance(quad.subject, ox.NamedNode):
            found.setdefault(quad.subject.value, set()).add(str(quad.object)[1:-1])
    return found


def test_targets_exist():
    """Each term that is mapped to is one of its vocabulary, by a list of all its names."""
    known = confirmed()
    found = mappings.read(PROJECT)
    assert len(found) > 100
    missing = [
        each.object
        for each in found
        if not any(
            each.object.removeprefix(space) in names for space, names in known.items() if each.object.startswith(space)
        )
    ]
    assert missing == []


@pytest.mark.parametrize(
    "space",
    [
        "http://www.w3.org/ns/prov#",
        "http://www.w3.org/ns/oa#",
        "https://schema.org/",
        "http://semanticweb.cs.vu.nl/2009/11/sem/",
        "http://groundedannotationframework.org/grasp#",
        "http://purl.obolibrary.org/obo/SEPIO_",
        "https://raw.githubusercontent.com/openeventdata/PLOVER/",
        "https://schema.followthemoney.tech/#",
        "http://www.w3.org/ns/opengov#",
    ],
)
def test_vocabularies_are_mapped_to(space):
    """Each vocabulary that people of the field use has several mappings."""
    assert sum(each.object.startswith(space) for each in mappings.read(PROJECT)) >= 2


def test_subjects_are_terms_of_ours():
    """Each mapped term is declared in the ontology, and an axiom of OWL relates two things of one kind."""
    kinds = declared()
    for each in mappings.read(PROJECT):
        assert each.subject in kinds, each.subject
        if each.predicate == RDFS + "subClassOf":
            assert OWL + "Class" in kinds[each.subject]
        if each.predicate == RDFS + "subPropertyOf":
            assert OWL + "ObjectProperty" in kinds[each.subject]


def test_names_tell_kinds_apart():
    """A property is mapped to no class and a class to no property, as far as the first letter of the name tells."""
    kinds = declared()
    for each in mappings.read(PROJECT):
        name = each.label or re.split(r"[#/:]", each.object)[-1]
        if not each.object.startswith(("http://purl.obolibrary", "https://raw.")):
            is_property = not {OWL + "ObjectProperty", OWL + "DatatypeProperty"}.isdisjoint(kinds[each.subject])
            is_class = OWL + "Class" in kinds[each.subject]
            assert is_class == name[0].isupper(), each
            assert not is_property or name[0].islower(), each


def test_every_mapping_says_why():
    """Each has a justification of semapv and a reason in words, and stands once."""
    found = mappings.read(PROJECT)
    assert {each.justification for each in found} == {mappings.SEMAPV + "ManualMappingCuration"}
    assert all(each.comment.endswith(".") for each in found)
    pairs = [(each.subject, each.object) for each in found]
    assert len(set(pairs)) == len(pairs)


def test_identifiers_are_those_that_are_confirmed(graphs):
    """Each Wikidata identifier of an entity is on the list of those that a stored source confirms."""
    listed = set(re.findall(r"\bQ\d+\b", need_shared("identifiers.md").read_text(encoding="utf-8")))
    found = mappings.of_entities(graphs)
    assert len(found) > 20
    assert {each.object.removeprefix("http://www.wikidata.org/entity/") for each in found} <= listed
    assert {each.predicate for each in found} == {SKOS + "exactMatch", SKOS + "closeMatch"}


def checked(text: str) -> tuple[Any, dict[str, list[str]]]:
    """Return what the sssom library reads of a table, and what its checks complain of."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        from sssom.parsers import parse_sssom_table
        from sssom.validators import validate

        level = logging.root.level
        try:
            read = parse_sssom_table(io.StringIO(text))
            reports = validate(read, fail_on_error=False)
        finally:
            logging.root.setLevel(level)
    return read, {str(kind.value): [each.message for each in report.results] for kind, report in reports.items()}


def test_table_is_valid_sssom(table, graphs):
    """The sssom library reads every mapping, and finds the table valid by its schema, prefixes and CURIEs."""
    read, complaints = checked(table)
    assert len(complaints) >= 3
    assert [message for messages in complaints.values() for message in messages] == []
    wanted = [*mappings.read(PROJECT), *mappings.of_entities(graphs)]
    expand = read.converter.expand
    rows = {
        tuple(expand(row[name]) for name in ("subject_id", "predicate_id", "object_id"))
        for row in read.df.to_dict("records")
    }
    assert rows == {(each.subject, each.predicate, each.object) for each in wanted}
    assert set(read.df["comment"]) == {each.comment for each in wanted}
    assert read.metadata["mapping_set_id"] == mappings.SET
    assert read.metadata["license"] == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("semapv:ManualMappingCuration", "semapv:Guess", "JsonSchema"),
        ("\tprov:Agent\t", "\tnowhere:Agent\t", "PrefixMapCompleteness"),
    ],
)
def test_sssom_checks_can_fail(table, old, new, check):
    """A justification that semapv does not have, and a prefix that is not declared, are complained of."""
    _, complaints = checked(table.replace(old, new, 1))
    assert complaints[check] != []


def test_mappings_stay_out_of_the_graph(graphs, article: Dataset):
    """No triple of the mappings is in the ontology's graph, in the default graph, or in what a reasoner is given."""
    stated = {(each.subject, each.predicate, each.object) for each in mappings.read(PROJECT)}
    for graph, triples in graphs.items():
        if not graph.startswith(VIEW):
            assert not stated & {tuple(str(term)[1:-1] for term in (t.subject, t.predicate, t.object)) for t in triples}
    assert not article.query("ASK { ?axiom a owl:Axiom }")
    assert PROJECT.mappings not in PROJECT.files()[ONTOLOGY]
    assert PROJECT.mappings.is_file()


def test_merged_release_is_owl_2_dl(graphs):
    """With the mappings merged in, the ontology and its data are OWL 2 DL, by our check and by the OWL API's."""
    merged = mappings.merge_into_ontology(PROJECT)
    data = [t for graph, triples in graphs.items() if graph != ONTOLOGY and not graph.startswith(VIEW) for t in triples]
    assert owl_profile.check(merged, data) == []
    assert reasoning.profile_violations(merged) == ()


def test_merged_release_is_consistent(graphs):
    """HermiT finds no contradiction in the merged ontology with all graphs, and no class that nothing can be in."""
    data = [t for graph, triples in graphs.items() if graph != ONTOLOGY and not graph.startswith(VIEW) for t in triples]
    assert reasoning.findings([*mappings.merge_into_ontology(PROJECT), *data]) == ()


def test_merged_release_entails(graphs):
    """In the merged release a claimant is whom PROV associates with an activity; in the ontology alone it is not."""
    claim = ox.NamedNode("https://w3id.org/triplomacy/source/lukin-2022/claim/envoy-denies-request")
    data = [t for t in graphs["https://w3id.org/triplomacy/graph/lukin-2022"] if t.subject == claim]
    prov = "http://www.w3.org/ns/prov#"
    who = ox.NamedNode("https://w3id.org/triplomacy/id/russias-un-envoy")
    wanted = {
        ox.Triple(claim, ox.NamedNode(prov + "wasAssociatedWith"), who),
        ox.Triple(claim, ox.NamedNode(RDF + "type"), ox.NamedNode(prov + "Activity")),
    }
    assert wanted <= reasoning.entailments([*mappings.merge_into_ontology(PROJECT), *data])
    assert not wanted & reasoning.entailments([*graphs[ONTOLOGY], *data])


def merged_turtle() -> str:
    """Return the ontology with the mappings merged in, as Turtle, blank nodes labelled by RDFC-1.0."""
    merged = mappings.merge_into_ontology(PROJECT)
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in merged)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return turtle.serialise((quad.triple for quad in dataset), PREFIXES)


def test_merged_release_is_an_ontology_of_its_own(graphs):
    """It has an IRI of its own, all axioms of the ontology and all mappings, and the same bytes each time."""
    text = merged_turtle()
    assert text == merged_turtle()
    found = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    heads = [t.subject for t in found if t.object == ox.NamedNode(OWL + "Ontology")]
    assert heads == [ox.NamedNode(mappings.MERGED)]
    stated = {str(triple) for triple in found}
    for each in mappings.read(PROJECT):
        assert f"<{each.subject}> <{each.predicate}> <{each.object}>" in stated
    named = {
        str(t)
        for t in graphs[ONTOLOGY]
        if not isinstance(t.object, ox.BlankNode) and not isinstance(t.subject, ox.BlankNode)
    }
    assert {line for line in named if not line.startswith(f"<{ONTOLOGY}>")} <= stated
    assert sum(triple.object == ox.NamedNode(OWL + "Axiom") for triple in found) == len(mappings.read(PROJECT))


AXIOM = f"""@prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix skos: <{SKOS}> . @prefix tri: <{TRI}> .
@prefix sssom: <https://w3id.org/sssom/> . @prefix semapv: <https://w3id.org/semapv/vocab/> .
tri:Claim skos:closeMatch <https://schema.org/Claim> .
[] a owl:Axiom ; owl:annotatedSource tri:Claim ; owl:annotatedProperty skos:closeMatch ;
  owl:annotatedTarget <https://schema.org/Claim> ; rdfs:comment "The same."@en ;
  sssom:mapping_justification semapv:ManualMappingCuration .
"""


def test_a_mapping_is_read(own_gazette):
    """The least that a mapping needs is read as it is written."""
    own_gazette.mappings.write_text(AXIOM, encoding="utf-8")
    (found,) = mappings.read(own_gazette)
    assert (found.subject, found.comment, found.label) == (TRI + "Claim", "The same.", "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sssom:mapping_justification semapv:ManualMappingCuration", "rdfs:label 1", "needs one justification"),
        ('rdfs:comment "The same."@en', "rdfs:label 1", "needs one reason"),
        ("tri:Claim skos:closeMatch <https://schema.org/Claim> .", "", "is not stated"),
        ("owl:annotatedSource tri:Claim", "owl:annotatedSource tri:Passage", "is not stated"),
        ("owl:annotatedSource tri:Claim ;", "", "no one source, property and target"),
        ("owl:annotatedProperty skos:closeMatch", "owl:annotatedProperty rdfs:seeAlso", "is not a mapping"),
        ("[] a owl:Axiom", "[] a owl:Class", "has no owl:Axiom"),
    ],
)
def test_incomplete_mappings_are_refused(own_gazette, old, new, message):
    """A mapping without justification or reason, an axiom without its mapping or the other way round, are refused."""
    assert old in AXIOM
    own_gazette.mappings.write_text(AXIOM.replace(old, new), encoding="utf-8")
    with pytest.raises(TriplomacyError, match=message) as caught:
        mappings.read(own_gazette)
    assert caught.value.path == own_gazette.mappings


def test_malformed_mappings_are_refused(own_gazette):
    """A file that is not Turtle is refused with the place, and does not keep the graphs from loading."""
    own_gazette.mappings.write_text("tri:Claim skos:closeMatch .\n", encoding="utf-8")
    with pytest.raises(MalformedInput) as caught:
        mappings.read(own_gazette)
    assert (caught.value.path, caught.value.line) == (own_gazette.mappings, 1)
    assert load(own_gazette).sources()


def test_unknown_spaces_are_refused(own_gazette):
    """SSSOM needs a prefix for each IRI, and it is said where there is none."""
    other = "https://example.com/terms/Claim"
    own_gazette.mappings.write_text(AXIOM.replace("https://schema.org/Claim", other), encoding="utf-8")
    with pytest.raises(TriplomacyError, match=re.escape(other)):
        mappings.sssom(own_gazette, {})


def test_project_without_mappings(own_gazette):
    """Without the file there are no mappings, and the merged ontology is the ontology."""
    own_gazette.mappings.unlink()
    assert mappings.read(own_gazette) == []
    assert len(mappings.merge_into_ontology(own_gazette)) == len(build.graphs(own_gazette)[ONTOLOGY]) + 1
    assert mappings.sssom(own_gazette, {}).endswith("\tcomment\n")


def test_confirmed_names_say_where_from():
    """The list of names says for each vocabulary which file it was read from, and at which state."""
    lines = Path(CONFIRMED).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith(("#", " ")):
            assert lines[number - 1].startswith("# ")
