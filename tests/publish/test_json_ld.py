"""JSON-LD with a context of our own: each triple in the shortest form that says all of it."""

import json
from typing import Any

import pyoxigraph as ox
import pytest

from triplomacy.publish import json_ld
from triplomacy.terms import ID, OWL, PREFIXES, RDFS, SOURCE, TRI, XSD

HEAD = "".join(f"@prefix {name}: <{space}> . " for name, space in PREFIXES.items())
ONTOLOGY = """
tri:Claim a owl:Class .
tri:claimant a owl:ObjectProperty ; rdfs:range tri:Actor . tri:actor rdfs:range tri:Actor .
tri:earliestEnd a owl:DatatypeProperty ; rdfs:range xsd:dateTime .
tri:count a owl:DatatypeProperty ; rdfs:range xsd:integer . tri:note a owl:DatatypeProperty .
tri:both a owl:DatatypeProperty, owl:ObjectProperty . <urn:foreign> a owl:ObjectProperty .
tri:dated a owl:ObjectProperty ; rdfs:range xsd:dateTime .
"""


def triples(turtle: str) -> list[ox.Triple]:
    """Return the triples of a text of Turtle."""
    return [quad.triple for quad in ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE)]


CONTEXT = json_ld.context(triples(ONTOLOGY))


def node(turtle: str) -> dict[str, Any]:
    """Return the one node of a graph."""
    (found,) = nodes(turtle)
    return found


def nodes(turtle: str) -> list[dict[str, Any]]:
    """Return the nodes of a graph, of which both readers read the triples that went in."""
    given = triples(turtle)
    text = json_ld.serialise({"urn:g": given}, CONTEXT)
    read = ox.Dataset(ox.parse(text, format=ox.RdfFormat.JSON_LD))
    wanted = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode("urn:g")) for triple in given
    )
    for each in (read, wanted):
        each.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read == wanted
    (graph,) = json.loads(text)["@graph"]
    assert graph["@id"] == "urn:g"
    found: list[dict[str, Any]] = graph["@graph"]
    return found


def test_context_has_the_terms_of_the_ontology() -> None:
    """First the prefixes, then the ontology's terms by their bare names, sorted, with the type of their values."""
    assert CONTEXT["@version"] == 1.1
    own = {name: value for name, value in CONTEXT.items() if name not in PREFIXES and name != "@version"}
    assert own == {
        "Claim": "tri:Claim",
        "both": {"@id": "tri:both", "@type": "@id"},
        "claimant": {"@id": "tri:claimant", "@type": "@id"},
        "count": "tri:count",
        "dated": {"@id": "tri:dated", "@type": "@id"},
        "earliestEnd": {"@id": "tri:earliestEnd", "@type": "xsd:dateTime"},
        "label": {"@id": "rdfs:label", "@container": "@language"},
        "note": "tri:note",
    }
    assert list(own) == sorted(own)
    assert list(CONTEXT)[1 : len(PREFIXES) + 1] == sorted(PREFIXES)
    assert json_ld.context(triples("tri:label a owl:AnnotationProperty ."))["label"] == "tri:label"
    assert json.loads(json_ld.document(CONTEXT)) == {"@context": CONTEXT}


def test_values_are_as_short_as_they_can_be() -> None:
    """Types and links are bare, times too, texts and small whole numbers are those of JSON."""
    found = node(
        'id:c a tri:Claim ; tri:claimant id:a ; tri:earliestEnd "2022-01-01T00:00:00Z"^^xsd:dateTime ;'
        ' tri:count 7 ; tri:note "x", true ; rdfs:label "c"@en, "d"@en, "e"@fr .'
    )
    assert found == {
        "@id": "id:c",
        "@type": "Claim",
        "claimant": "id:a",
        "count": 7,
        "earliestEnd": "2022-01-01T00:00:00Z",
        "label": {"en": ["c", "d"], "fr": "e"},
        "note": [True, "x"],
    }
    assert list(found) == sorted(found)


def test_value_that_its_term_does_not_fit_says_itself() -> None:
    """A text where a link is due, a day where a time is, and the like, stand under the full name, in full."""
    assert node('id:c tri:claimant "a" ; tri:earliestEnd "2022-01-01"^^xsd:date, id:d ; rdfs:label "c" .') == {
        "@id": "id:c",
        "rdfs:label": "c",
        "tri:claimant": "a",
        "tri:earliestEnd": [{"@type": "xsd:date", "@value": "2022-01-01"}, {"@id": "id:d"}],
    }


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("1", 1),
        ("-1", -1),
        ("0", 0),
        ("9007199254740991", 9007199254740991),
        ("9007199254740992", {"@type": "xsd:integer", "@value": "9007199254740992"}),
        ("-9007199254740992", {"@type": "xsd:integer", "@value": "-9007199254740992"}),
        ("007", {"@type": "xsd:integer", "@value": "007"}),
        ("+7", {"@type": "xsd:integer", "@value": "+7"}),
        ('"-0"^^xsd:integer', {"@type": "xsd:integer", "@value": "-0"}),
        ('"--1"^^xsd:integer', {"@type": "xsd:integer", "@value": "--1"}),
        ('"\u0663"^^xsd:integer', {"@type": "xsd:integer", "@value": "\u0663"}),
        ('"x"^^xsd:integer', {"@type": "xsd:integer", "@value": "x"}),
        ("false", False),
        ('"1"^^xsd:boolean', {"@type": "xsd:boolean", "@value": "1"}),
        ("1.5", {"@type": "xsd:decimal", "@value": "1.5"}),
        ('"x"@en', {"@language": "en", "@value": "x"}),
        ('"7"', "7"),
        ("<urn:o>", {"@id": "urn:o"}),
    ],
)
def test_literals_are_exact(literal: str, expected: object) -> None:
    """A literal is one of JSON only where every reader makes the same of it."""
    found = node(f"id:c tri:note {literal} .")["note"]
    assert (found, type(found)) == (expected, type(expected))


def test_iris_of_sources_are_whole() -> None:
    """What lies below a source has no prefix in the context, and other IRIs that have one are CURIEs."""
    assert node(f"<{SOURCE}x/claim/a> <urn:p> <{ID}b>, <https://example.org/> .") == {
        "@id": f"{SOURCE}x/claim/a",
        "urn:p": [{"@id": "https://example.org/"}, {"@id": "id:b"}],
    }


def test_blank_nodes_keep_their_labels() -> None:
    """A blank node is named in the document as it was."""
    found = nodes("_:x a tri:Claim ; tri:claimant _:y . _:y a _:z .")
    assert len(found) == 2
    assert all(each["@id"].startswith("_:") for each in found)
    claim = next(each for each in found if each.get("@type") == "Claim")
    assert claim["claimant"] in {each["@id"] for each in found}


def test_text_is_the_same_for_the_same_graphs() -> None:
    """Graphs and nodes are sorted, a node a line, in Unicode, whatever the order in which they are given."""
    one, other = triples('id:b tri:note "\u00e9", "a" . id:a tri:note "x" .'), triples("id:c a tri:Claim .")
    text = json_ld.serialise({"urn:g": one, "urn:\u00e9": other}, CONTEXT)
    assert text == json_ld.serialise({"urn:\u00e9": other[::-1], "urn:g": one[::-1]}, CONTEXT)
    assert text.index("urn:g") < text.index("urn:\u00e9")
    assert '\n{"@id": "id:a", "note": "x"},\n{"@id": "id:b", "note": ["a", "\u00e9"]}\n' in text


def test_ranges_of_other_vocabularies_coerce_nothing() -> None:
    """Only a time is coerced: a property of another data type has values that say their type themselves."""
    days = triples(f"tri:day a <{OWL}DatatypeProperty> ; <{RDFS}range> <{XSD}date> .")
    assert json_ld.context(days)["day"] == "tri:day"
    assert json_ld.context(days)["label"]
    assert TRI + "day" not in json_ld.context(days)
