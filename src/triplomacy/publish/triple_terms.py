"""The graphs in RDF 1.2: which plain triple a proposition or a claim is about, as a triple term, asserted nowhere.

``rdf:reifies`` leads from a reifier to a triple term and asserts nothing: whether somebody affirms, denies or doubts it
stands at the reifier. A proposition whose class has a shortcut reifies the triple that the shortcut would give. A claim
reifies it only where that triple is all that the proposition says: to deny a sale, a deployment of at most a number of
troops, or what was so during a time is not to deny the plain triple. A proposition of a degree reifies nothing, since
*hardly any* is not *some*. Plain triples themselves stand in the graphs of views alone, as in RDF 1.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from triplomacy.rdf import LABEL, SUBCLASS_OF, TYPE, closure
from triplomacy.terms import ONTOLOGY, RDF, TRI, VIEW

REIFIES: Final = ox.NamedNode(RDF + "reifies")

Graphs = Mapping[str, Sequence[ox.Triple]]

_PROPOSITION: Final = ox.NamedNode(TRI + "proposition")
_SPECIALISES: Final = ox.NamedNode(TRI + "specialises")
_DEGREE: Final = ox.NamedNode(TRI + "degree")
_SHORTCUT: Final = tuple(ox.NamedNode(TRI + name) for name in ("shortcut", "shortcutSubject", "shortcutObject"))
_Said = dict[ox.NamedNode, list[object]]  # the values of each property of a node


class _Shortcut(NamedTuple):
    """A plain property, and the roles that become its subject and its object."""

    plain: ox.NamedNode
    subject: ox.NamedNode
    object: ox.NamedNode


class _Gist(NamedTuple):
    """The plain triples that a proposition stands for, and whether they say all that it says."""

    triples: tuple[ox.Triple, ...]
    is_all: bool


def quads(graphs: Graphs) -> list[ox.Quad]:
    """Return for each graph the quads with triple terms that RDF 1.2 adds to it, sorted as N-Quads.

    Args:
        graphs: the triples of each named graph by its IRI, as `build.graphs` has them.
    """
    curated = {graph: triples for graph, triples in graphs.items() if not graph.startswith(VIEW)}
    statements = _statements(triple for graph, triples in curated.items() if graph != ONTOLOGY for triple in triples)
    gists = _gists(statements, _statements(curated.get(ONTOLOGY, ())))
    terms = {quad for graph, triples in curated.items() for triple in triples for quad in _of(triple, graph, gists)}
    return sorted(terms, key=str)


def _of(triple: ox.Triple, graph: str, gists: Mapping[object, _Gist]) -> Iterator[ox.Quad]:
    """Yield what a triple gives: the type of a proposition its gist, the link of a claim that of its proposition."""
    if triple.predicate == TYPE and triple.subject in gists:
        about = gists[triple.subject].triples
    elif triple.predicate == _PROPOSITION and (gist := gists.get(triple.object)) and gist.is_all:
        about = gist.triples
    else:
        return
    for each in about:
        yield ox.Quad(triple.subject, REIFIES, each, ox.NamedNode(graph))


def _statements(triples: Iterable[ox.Triple]) -> dict[object, _Said]:
    statements: dict[object, _Said] = {}
    for triple in triples:
        values = statements.setdefault(triple.subject, {}).setdefault(triple.predicate, [])
        if triple.object not in values:
            values.append(triple.object)
    return statements


def _gists(statements: Mapping[object, _Said], ontology: Mapping[object, _Said]) -> dict[object, _Gist]:
    """Return the gist of each proposition whose class, or a class above it, has a shortcut."""
    own = {kind: shortcut for kind, values in ontology.items() if (shortcut := _shortcut(values)) is not None}
    shortcuts = {kind: own[upper] for kind in ontology for upper in _upwards(kind, ontology) if upper in own}
    gists = {}
    for node, values in statements.items():
        kinds = [kind for kind in values.get(TYPE, []) if kind in shortcuts]
        triples = [triple for kind in kinds for triple in _triples(values, shortcuts[kind])]
        if triples and _DEGREE not in values:
            is_all = len(triples) == 1 and all(kind in own for kind in kinds) and _says_no_more(values, own[kinds[0]])
            gists[node] = _Gist(tuple(dict.fromkeys(triples)), is_all)
    return gists


def _shortcut(values: _Said) -> _Shortcut | None:
    nodes = [node for name in _SHORTCUT for node in values.get(name, ()) if isinstance(node, ox.NamedNode)]
    return _Shortcut(*nodes) if len(nodes) == len(_SHORTCUT) else None


def _upwards(kind: object, ontology: Mapping[object, _Said]) -> list[object]:
    """Return the classes from the most general one that a class is below, down to the class itself."""
    return closure([kind], lambda node: ontology.get(node, {}).get(SUBCLASS_OF))[::-1]


def _triples(values: _Said, shortcut: _Shortcut) -> Iterator[ox.Triple]:
    for subject in values.get(shortcut.subject, ()):
        for value in values.get(shortcut.object, ()):
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                yield ox.Triple(subject, shortcut.plain, value)


def _says_no_more(values: _Said, shortcut: _Shortcut) -> bool:
    return set(values) <= {TYPE, LABEL, _SPECIALISES, shortcut.subject, shortcut.object}
