"""Nanopublications made immutable: keys, trusty IRIs, signatures, and TriG that keeps both."""

import importlib
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from tests.support.keys import make_key
from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.publish import trusty
from triplomacy.publish.trusty import DRAFT, NP, SPACE
from triplomacy.terms import ID, RDF, TRI, XSD

pytest.importorskip("nanopub")
COUNT = ox.Literal("12", datatype=ox.NamedNode(XSD + "integer"))


@pytest.fixture(scope="module")
def key_file(tmp_path_factory) -> Path:
    """Return the file of a private key that is thrown away afterwards."""
    return make_key(tmp_path_factory.mktemp("key") / "key.pem")


def quad(subject: str, predicate: str, value: Any, part: str) -> ox.Quad:
    """Return a quad in a part of the draft; a text as value is an IRI."""
    found = ox.NamedNode(value) if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), found, ox.NamedNode(DRAFT + part))


def draft(*assertion: ox.Quad) -> list[ox.Quad]:
    """Return the quads of a draft that asserts these."""
    head = [quad(DRAFT, RDF + "type", NP + "Nanopublication", "Head")]
    head += [
        quad(DRAFT, f"{NP}has{name}", DRAFT + part, "Head")
        for name, part in [("Assertion", "assertion"), ("Provenance", "provenance"), ("PublicationInfo", "pubinfo")]
    ]
    about = [
        quad(DRAFT + part, "http://www.w3.org/2000/01/rdf-schema#comment", ox.Literal(part, language="en"), part)
        for part in ("provenance", "pubinfo")
    ]
    given = assertion or (quad(ID + "freedonia", TRI + "counted", COUNT, "assertion"),)
    return [*head, *given, *about]


def nanopublication(text: str) -> Any:
    """Return what the library reads."""
    with trusty.library():
        nanopub: Any = importlib.import_module("nanopub")
        graph = rdflib.ConjunctiveGraph()
        graph.parse(data=text, format="trig")
        return nanopub.Nanopub(rdf=graph)


def test_trusty_iri_takes_the_place_of_the_draft():
    """The code follows the space, every IRI of the draft gets it, and nothing else changes."""
    iri, quads = trusty.finish(draft(), None)
    assert re.fullmatch(re.escape(SPACE) + "RA[A-Za-z0-9_-]{43}", iri)
    assert {str(each.graph_name) for each in quads} == {f"<{iri}#{part}>" for part in trusty.PARTS}
    text = "\n".join(map(str, quads))
    assert text.replace(f"<{iri}>", f"<{DRAFT}>").replace(f"<{iri}#", f"<{DRAFT}") == "\n".join(map(str, draft()))


def test_same_content_has_the_same_iri():
    """The order of the quads does not count, and each other value gives another IRI."""
    iri, _ = trusty.finish(draft(), None)
    assert trusty.finish(draft()[::-1], None)[0] == iri
    others = [
        ox.Literal("12"),
        ox.Literal("12", language="en"),
        ID + "twelve",
        ox.Literal("012", datatype=COUNT.datatype),
    ]
    found = {
        trusty.finish(draft(quad(ID + "freedonia", TRI + "counted", each, "assertion")), None)[0] for each in others
    }
    assert len(found | {iri}) == 1 + len(others)


def test_unsigned_text_is_valid_for_the_library():
    """The library finds the hash right, and finds out when a value is changed."""
    text = trusty.to_trig(*trusty.finish(draft(), None))
    assert nanopublication(text).has_valid_trusty
    changed = nanopublication(text.replace('"12"', '"13"'))
    with pytest.raises(Exception, match="is not valid"):
        _ = changed.has_valid_trusty


def test_signed_text_is_valid_for_the_library(key_file):
    """A signature and the public key stand in the publication's information, and hold."""
    key = trusty.read_key(key_file)
    iri, quads = trusty.finish(draft(), key)
    assert iri.startswith(SPACE + "RA")
    assert DRAFT not in str([each.graph_name for each in quads])
    text = trusty.to_trig(iri, quads)
    found = nanopublication(text)
    assert found.has_valid_trusty
    assert found.has_valid_signature
    assert trusty.public_key(key) in text
    assert [str(each.triple) for each in quads].count(str(draft()[4].triple)) == 1


@pytest.mark.parametrize(("signed", "more"), [(False, 0), (True, 4)])
def test_largest_is_what_the_network_takes(key_file, signed, more):
    """A draft of as many triples as are taken is finished, a signature's included, and one more is refused."""
    key = trusty.read_key(key_file) if signed else None
    rest = trusty.LARGEST - more - (len(draft()) - 1)
    many = [quad(f"{ID}{number}", TRI + "counted", COUNT, "assertion") for number in range(rest)]
    assert trusty.finish(draft(*many), key)[0].startswith(SPACE)
    with pytest.raises(TriplomacyError, match=f"{trusty.LARGEST} triples at most, and this has {trusty.LARGEST + 1};"):
        trusty.finish(draft(*many, quad(ID, TRI + "counted", COUNT, "assertion")), key)


@pytest.mark.parametrize("place", ["subject", "object"])
def test_blank_node_is_refused(place):
    """A blank node has no trusty IRI, wherever it stands."""
    nodes = [ox.BlankNode() if place == each else ox.NamedNode(ID + each) for each in ("subject", "object")]
    bad = ox.Quad(nodes[0], ox.NamedNode(TRI + "p"), nodes[1], ox.NamedNode(DRAFT + "assertion"))
    with pytest.raises(TriplomacyError, match="blank node"):
        trusty.finish(draft(bad), None)


def test_text_is_read_back():
    """TriG gives the same quads, the graphs in their order, with prefixes for what is used and for nothing else."""
    values = [COUNT, ox.Literal("two\nlines"), ox.Literal("x", language="en"), "urn:x", ID + "a/b", ID + "syl"]
    given = [quad(ID + "freedonia", TRI + "p", each, "assertion") for each in values]
    given += [quad(ID + "sylvania", RDF + "type", TRI + "State", "assertion")]
    iri, quads = trusty.finish(draft(*given), None)
    text = trusty.to_trig(iri, quads)
    assert {*ox.parse(text, format=ox.RdfFormat.TRIG)} == {*quads}
    assert re.findall(r"(?m)^sub:(\w+) \{", text) == list(trusty.PARTS)
    assert set(re.findall(r"@prefix (\S+): ", text)) == {"this", "sub", "np", "id", "tri", "rdfs", "xsd"}
    assert '"12"^^xsd:integer' in text
    assert "^^xsd:string" not in text
    assert "id:sylvania a tri:State ." in text
    assert "<https://w3id.org/triplomacy/id/a/b>" in text


def test_triples_of_a_subject_stand_together():
    """A subject is written once, its triples end in a semicolon but the last, which ends in a full stop."""
    given = [quad(f"{ID}{name}", TRI + each, COUNT, "assertion") for name in "ab" for each in ("p", "q")]
    text = trusty.to_trig(*trusty.finish(draft(*given), None))
    block = text.split("sub:assertion {\n")[1].split("}")[0]
    one, two = '"12"^^xsd:integer ;\n', '"12"^^xsd:integer .\n'
    assert block == "".join(f"    id:{name} tri:p {one}        tri:q {two}" for name in "ab")


@pytest.mark.parametrize("form", [{}, {"pkcs": 8}])
def test_key_is_read_from_pem(tmp_path, form):
    """PEM in PKCS #1 and #8 is read, and so is what the library writes to its own file: the same key."""
    path = make_key(tmp_path / "key", **form)
    key = trusty.read_key(path)
    (tmp_path / "id_rsa").write_text(f"  {key}\n", encoding="utf-8")
    assert trusty.read_key(tmp_path / "id_rsa") == key
    assert "-----" not in key


def test_smallest_key_is_taken(tmp_path, key_file):
    """2048 bits are enough, fewer are not, and the error says how many there are."""
    assert trusty.read_key(key_file)
    with pytest.raises(TriplomacyError, match="has 1024 bits; give a key with 2048 at least"):
        trusty.read_key(make_key(tmp_path / "short", bits=1024))


def test_library_leaves_no_trace():
    """Outside of the block rdflib reads literals as before, and warnings are as before, after an error too."""
    before = rdflib.NORMALIZE_LITERALS, list(warnings.filters)
    with trusty.library():
        assert not rdflib.NORMALIZE_LITERALS
    assert (rdflib.NORMALIZE_LITERALS, list(warnings.filters)) == before
    with pytest.raises(KeyError), trusty.library():
        raise KeyError
    assert (rdflib.NORMALIZE_LITERALS, list(warnings.filters)) == before


def test_absent_library_is_named(monkeypatch):
    """Without the library the error says what to install; another module that is absent is not hidden by it."""
    with pytest.raises(ModuleNotFoundError, match="other"), trusty.library():
        raise ModuleNotFoundError("other", name="other")
    monkeypatch.setitem(sys.modules, "nanopub", None)
    with pytest.raises(EngineUnavailable, match=re.escape("triplomacy[nanopub]")), trusty.library():
        pass
