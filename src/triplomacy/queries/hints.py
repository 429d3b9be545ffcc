"""Hints about a correct query without the expected rows: misspelt terms, and terms that never occur together."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pyoxigraph as ox

from triplomacy.dataset import Dataset
from triplomacy.errors import UnknownName
from triplomacy.rdf import namespace, standard
from triplomacy.sparql import binding, patterns, read, tree
from triplomacy.terms import PREFIXES, RDF, XSD, compress


def misspelt(dataset: Dataset, text: str) -> list[str]:
    """Return a sentence for each IRI of a query that no triple has, in a namespace of the data or a standard one.

    Each offers the nearest terms of that namespace, and the nearest of our namespaces for one that is much like it.
    The order is that of the query.
    """
    absent = [iri for iri in patterns.iris(text) if not _is_there(dataset, ox.NamedNode(iri))]
    spaces = {space: _of_namespace(dataset, space) for space in {namespace(iri) for iri in absent}}
    hints: dict[str, None] = {}
    for iri in absent:
        space = namespace(iri)
        known = spaces[space] | {space + name for name in standard().get(space, ())}
        if known and iri not in known:
            hints[UnknownName("term in the data", compress(iri), map(compress, known)).message] = None
        elif not known and (near := difflib.get_close_matches(space, set(PREFIXES.values()), n=1, cutoff=0.9)):
            hints[f"no such namespace in the data: {space}; did you mean {near[0]}?"] = None
    return list(hints)


def _is_there(dataset: Dataset, node: ox.NamedNode) -> bool:
    patterns = (f"{node} ?p ?o", f"?s {node} ?o", f"?s ?p {node}")
    places = [f"{{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }}" for pattern in patterns]
    return any(dataset.query(f"ASK {{ {place} }}") for place in [*places, f"GRAPH {node} {{ ?s ?p ?o }}"])


def _of_namespace(dataset: Dataset, space: str) -> set[str]:
    """Return the IRIs of a namespace that the data have."""
    text = """
        SELECT DISTINCT ?node WHERE {
          { ?node ?p ?o } UNION { ?s ?node ?o } UNION { ?s ?p ?node } UNION { GRAPH ?node { ?s ?p ?o } }
          FILTER (isIRI(?node) && STRSTARTS(STR(?node), ?space))
        }"""
    rows = dataset.select(binding.bind(text, {"space": [ox.Literal(space)]}))
    return {str(row["node"].value) for row in rows if namespace(str(row["node"].value)) == space}


def explain_no_rows(dataset: Dataset, text: str) -> list[str]:
    """Return why a query has no rows although each of its terms occurs in the data, a sentence a reason.

    A text may have another language tag or other capitals in the data, or no instance of the class in the query the
    property beside it.
    """
    return [*_texts(dataset, text), *_roles(dataset, text)]


def _texts(dataset: Dataset, text: str) -> Iterator[str]:
    for literal, path in tree.walk_with_path(read(text)):
        if not isinstance(literal, tree.Literal) or not _is_sought(literal, path[-1]):
            continue
        token = binding.write_term(ox.Literal(literal.value))
        written = text[literal.start : literal.end]
        rows = dataset.select(f"""
            SELECT DISTINCT ?node (SAMETERM(?node, {written}) AS ?same) WHERE {{
              ?s ?p ?node FILTER (isLITERAL(?node) && LCASE(STR(?node)) = LCASE({token}))
            }} ORDER BY ?node""")
        known = [(str(row["node"]), row["same"].value == "true") for row in rows]
        if known and not any(same for _, same in known):
            yield f"no such text in the data: {written}; did you mean {' or '.join(node for node, _ in known[:3])}?"


def _is_sought(literal: tree.Literal, parent: tree.SyntaxNode) -> bool:
    """Tell whether a literal is a text that the data should have, and not an argument of a function."""
    is_argument = isinstance(parent, tree.FunctionCall) or (
        isinstance(parent, tree.Operation) and parent.operators[0].endswith("IN")
    )
    return not is_argument and literal.type is None and literal.datatype in (f"{XSD}string", f"{RDF}langString")


def _roles(dataset: Dataset, text: str) -> Iterator[str]:
    triples = patterns.triples(text)
    classes = {(one, other) for one, plain, other in triples if plain == f"{RDF}type" and ":" in other}
    for one, plain, _ in triples:
        for cls in sorted(other for subject, other in classes if subject == one and ":" in plain):
            bound = {"class": [ox.NamedNode(cls)]}
            pattern = binding.bind("SELECT DISTINCT ?p WHERE { ?x a/rdfs:subClassOf* ?class ; ?p ?y }", bound)
            known = {row["p"].value for row in dataset.select(pattern)}
            near = sorted(compress(role) for role in known if namespace(role) == namespace(plain))
            if near and plain not in known:
                yield f"no {compress(cls)} has {compress(plain)}; what it has is {', '.join(near)}"
