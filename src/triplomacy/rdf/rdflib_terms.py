"""Terms between pyoxigraph and rdflib, which is imported where it is used.

No literal is rewritten on the way. ``xsd:string`` is left out for rdflib, to which a string with its type is another
term than the same string without.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyoxigraph as ox

from triplomacy.errors import TriplomacyError
from triplomacy.terms import XSD

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_STRING = XSD + "string"


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> Node:
    """Return a term of pyoxigraph as one of rdflib.

    Raises:
        TriplomacyError: it is a triple term or the default graph, of which rdflib has none.
    """
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise TriplomacyError("rdflib has no triple terms; take another engine, or remove them")
    datatype = None if term.language or term.datatype.value == _STRING else URIRef(term.datatype.value)
    return Literal(term.value, lang=term.language, datatype=datatype, normalize=False)


def from_rdflib(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a term of rdflib as one of pyoxigraph."""
    from rdflib import BNode, Literal

    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if not isinstance(node, Literal):
        return ox.NamedNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype or _STRING)))


def to_graph(triples: Iterable[ox.Triple]) -> Graph:
    """Return triples of pyoxigraph as a graph of rdflib; raise what `to_rdflib` does."""
    from rdflib import Graph

    graph = Graph()
    for triple in triples:
        subject, predicate, value = map(to_rdflib, triple)
        graph.add((subject, predicate, value))
    return graph
