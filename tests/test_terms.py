"""The way between CURIEs and IRIs."""

import doctest
import re
import string

import pyoxigraph as ox
import pytest
from hypothesis import given, strategies as st

from triplomacy import terms
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.iri import is_valid
from triplomacy.terms import compress, expand, local_name, shorten

PAIRS = [
    ("id:north-korea", "https://w3id.org/triplomacy/id/north-korea"),
    ("tri:claimant", "https://w3id.org/triplomacy/ontology#claimant"),
    ("graph:actors", "https://w3id.org/triplomacy/graph/actors"),
    ("view:according-to/russia", "https://w3id.org/triplomacy/view/according-to/russia"),
    ("shape:Claim", "https://w3id.org/triplomacy/shapes#Claim"),
    ("xsd:dateTime", "http://www.w3.org/2001/XMLSchema#dateTime"),
    (
        "lukin-2022:claim/troops-unlikely",
        "https://w3id.org/triplomacy/source/lukin-2022/claim/troops-unlikely",
    ),
    ("lukin-2022:text", "https://w3id.org/triplomacy/source/lukin-2022/text"),
    ("gazette-1999:text#char=0,5", "https://w3id.org/triplomacy/source/gazette-1999/text#char=0,5"),
]


@pytest.mark.parametrize(("curie", "iri"), PAIRS)
def test_curie_expands_and_compresses(curie, iri):
    """A CURIE and its IRI lead to each other."""
    assert expand(curie) == iri
    assert compress(iri) == curie


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.com/a?b#c",
        "https://w3id.org/triplomacy/source/lukin-2022",
        "https://w3id.org/triplomacy/ontology",
        "https://w3id.org/triplomacy/id/",
        "https://w3id.org/triplomacy/id///x",
        "https://w3id.org/triplomacy/source/id/claim/x",  # a source that is called like a prefix
        "https://w3id.org/triplomacy/source/urn/claim/x",
        "https://w3id.org/triplomacy/source/a:b/claim/x",
        "https://w3id.org/triplomacy/source//claim/x",
        "https://w3id.org/triplomacy/source/lukin-2022/data",  # would be read as a prefix that is misspelt
        "urn:uuid:0b0e",
    ],
)
def test_iri_without_prefix_stays_whole(iri):
    """An IRI that no prefix fits, or that is a namespace itself, is written in angle brackets and read back."""
    assert compress(iri) == f"<{iri}>"
    assert expand(f"<{iri}>") == expand(iri) == iri


@pytest.mark.parametrize("name", ["idd:russia", "prv:Agent", "nothing:at-all", ":russia"])
def test_unknown_prefix_is_refused(name):
    """A prefix that is neither known nor a source's is refused."""
    with pytest.raises(UnknownName, match="no such prefix"):
        expand(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Donetsk republic", "'Donetsk republic' is not an IRI or CURIE; write for instance id:donetsk-republic"),
        ("syria", "write for instance id:syria"),
        ("?!", "write for instance id:north-korea"),
        ("lukin-2022:", "lukin-2022: has nothing after its colon; write for instance lukin-2022:claim/NAME"),
    ],
)
def test_what_to_write_is_an_iri(name, message):
    """What is advised can be written, whatever was."""
    with pytest.raises(TriplomacyError, match=re.escape(message)):
        expand(name)


def test_nearest_prefix_is_offered():
    """A misspelt prefix gets the one that was meant."""
    with pytest.raises(UnknownName, match="no such prefix: dcterm; did you mean dcterms"):
        expand("dcterm:title")


LOCAL = st.text(string.ascii_letters + string.digits + "-._", min_size=1)


@given(st.sampled_from(sorted(terms.PREFIXES)), LOCAL)
def test_every_prefix_leads_there_and_back(prefix, local):
    """Whatever the prefix and the name, compressing undoes expanding."""
    assert compress(expand(f"{prefix}:{local}")) == f"{prefix}:{local}"


@given(LOCAL.filter(lambda name: name not in terms.PREFIXES and name != "urn"), LOCAL)
def test_every_source_leads_there_and_back(source, name):
    """Whatever the source's name, compressing undoes expanding."""
    assert compress(expand(f"{source}:claim/{name}")) == f"{source}:claim/{name}"


NAMES = st.sampled_from(["", "a", "text", "text#", "lukin-2022", "urn", *terms.PREFIXES]) | LOCAL
PARTS = NAMES | st.sampled_from(["/", "//", ":", "#"])
IRIS = st.builds(
    lambda start, parts: start + "".join(parts),
    st.sampled_from(["urn:", "mailto:", *terms.PREFIXES.values()]) | NAMES.map(lambda name: f"{terms.SOURCE}{name}/"),
    st.lists(PARTS, max_size=4),
)


@given(IRIS.filter(is_valid))
def test_every_iri_is_read_back(iri):
    """Whatever the IRI, what is printed for it expands to it again."""
    assert expand(compress(iri)) == iri


def test_every_iri_of_the_graphs_is_read_back(article, gazette):
    """Each IRI in the graphs and in the ontology expands to itself from how it is printed."""
    every = {
        term for dataset in (article, gazette) for quad in dataset.store for term in (*quad.triple, quad.graph_name)
    }
    iris = {term.value for term in every if isinstance(term, ox.NamedNode)}
    assert len(iris) > 1000
    assert [iri for iri in iris if expand(compress(iri)) != iri] == []


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://w3id.org/triplomacy/ontology#claimant", "claimant"),
        ("https://w3id.org/triplomacy/id/north-korea", "north-korea"),
        ("https://w3id.org/triplomacy/source/lukin-2022/passage/07", "07"),
    ],
)
def test_local_name_is_what_comes_last(iri, name):
    """The local name follows the last hash or slash."""
    assert local_name(iri) == name


def test_namespaces_are_distinct_and_end_where_a_name_begins():
    """No two prefixes share a namespace, and each ends with a hash or a slash."""
    assert len(set(terms.PREFIXES.values())) == len(terms.PREFIXES)
    assert all(namespace[-1] in "#/" for namespace in terms.PREFIXES.values())
    assert list(terms.PREFIXES) == sorted(terms.PREFIXES)


def test_examples_in_the_documentation_run():
    """The examples in the module's docstrings give what they show."""
    results = doctest.testmod(terms)
    assert results.attempted >= 2
    assert results.failed == 0


def test_iris_in_a_text_are_shortened() -> None:
    """Each IRI in angle brackets that a prefix fits is a CURIE, with the prefixes that are given; all else stays."""
    text = "<https://w3id.org/triplomacy/id/russia> and <urn:x> < <a b> <https://w3id.org/triplomacy/id/syria>"
    assert shorten(text) == "id:russia and <urn:x> < <a b> id:syria"
    assert shorten("<urn:x:y:z> <urn:x:a>", {"x": "urn:x:", "y": "urn:x:y:"}) == "y:z x:a"
