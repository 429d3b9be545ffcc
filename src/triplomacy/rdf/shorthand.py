"""What RDF is written with everywhere: the terms of its own vocabulary, lists, and labels."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from triplomacy.terms import RDF, RDFS

TYPE: Final = ox.NamedNode(RDF + "type")
FIRST: Final = ox.NamedNode(RDF + "first")
REST: Final = ox.NamedNode(RDF + "rest")
NIL: Final = ox.NamedNode(RDF + "nil")
LABEL: Final = ox.NamedNode(RDFS + "label")
SUBCLASS_OF: Final = ox.NamedNode(RDFS + "subClassOf")
