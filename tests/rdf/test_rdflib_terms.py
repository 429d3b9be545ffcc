"""Terms between pyoxigraph and rdflib."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, strategies as st

from triplomacy.errors import TriplomacyError
from triplomacy.rdf.rdflib_terms import from_rdflib, to_graph, to_rdflib
from triplomacy.terms import XSD

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DATATYPES = [ox.NamedNode(XSD + name) for name in ("string", "integer", "boolean", "dateTime")] + [
    ox.NamedNode("urn:t")
]
TERMS = (
    st.builds(ox.Literal, TEXT)
    | st.builds(lambda text, tag: ox.Literal(text, language=tag), TEXT, st.sampled_from(["en", "en-gb", "fr"]))
    | st.builds(lambda text, kind: ox.Literal(text, datatype=kind), TEXT, st.sampled_from(DATATYPES))
    | st.sampled_from([ox.NamedNode("urn:a"), ox.NamedNode("http://example.org/é?x=1#f"), ox.BlankNode("b1")])
)


@given(TERMS)
def test_a_term_comes_back_as_it_was(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
    """Neither an ill-typed literal nor one that could be written otherwise is another one afterwards."""
    assert from_rdflib(to_rdflib(term)) == term


def test_a_string_has_no_type_in_rdflib() -> None:
    """To rdflib a string with its type would be another term than the string of a text."""
    assert to_rdflib(ox.Literal("a")) == rdflib.Literal("a")


def test_a_number_keeps_its_digits() -> None:
    """Rdflib would write ``01`` as ``1``."""
    assert str(to_rdflib(ox.Literal("01", datatype=ox.NamedNode(XSD + "integer")))) == "01"


def test_triple_terms_are_refused() -> None:
    """Rdflib knows no triple terms: that is an error, and nothing is left out."""
    inner = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal("x"))
    outer = ox.Triple(ox.NamedNode("urn:b"), ox.NamedNode("urn:q"), inner)
    with pytest.raises(TriplomacyError, match="no triple terms"):
        to_graph([outer])
    assert len(to_graph([inner, inner])) == 1
