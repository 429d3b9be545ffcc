"""What may have gone wrong with a query that is correct SPARQL: terms that nothing in the data has."""

from __future__ import annotations

import re

import pyoxigraph as ox

from triplomacy import binding
from triplomacy.dataset import Dataset
from triplomacy.errors import UnknownName
from triplomacy.terms import PREFIXES, compress
from triplomacy.vocabulary import namespace, standard

_PREFIX = re.compile(r"\bPREFIX\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)


def misspelt(dataset: Dataset, text: str) -> list[str]:
    """Return a sentence for each IRI of a query that no triple has, in a namespace of the data or a standard one.

    Each offers the nearest terms of that namespace. The order is that of the query.
    """
    absent = [iri for iri in _named(text) if not _is_there(dataset, ox.NamedNode(iri))]
    spaces = {space: _of_namespace(dataset, space) for space in {namespace(iri) for iri in absent}}
    found = []
    for iri in absent:
        known = spaces[namespace(iri)] | {namespace(iri) + name for name in standard().get(namespace(iri), ())}
        if known and iri not in known:
            unknown = UnknownName("term in the data", compress(iri), map(compress, known))
            found.append(unknown.message)
    return found


def _named(text: str) -> list[str]:
    """Return the IRIs that a query names, each once, those of its declarations left out."""
    prefixes = {**PREFIXES, **dict(_PREFIX.findall(text))}
    declared = {iri for _, iri in _PREFIX.findall(text)}
    found: dict[str, None] = {}
    for kind, token in binding.tokens(_PREFIX.sub(" ", text)):
        if kind == "iri" and token[1:-1] not in declared:
            found[token[1:-1]] = None
        elif kind == "name" and token.partition(":")[0] in prefixes:
            prefix, _, local = token.rstrip(".").partition(":")
            found[prefixes[prefix] + local.replace("\\", "")] = None
    return [iri for iri in found if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\s]*$", iri)]


def _is_there(dataset: Dataset, node: ox.NamedNode) -> bool:
    patterns = (f"{node} ?p ?o", f"?s {node} ?o", f"?s ?p {node}")
    places = (f"{{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }}" for pattern in patterns)
    return any(dataset.query(f"ASK {{ {place} }}") for place in places)


def _of_namespace(dataset: Dataset, space: str) -> set[str]:
    """Return the IRIs of a namespace that the data have."""
    text = """
        SELECT DISTINCT ?node WHERE {
          { ?node ?p ?o } UNION { ?s ?node ?o } UNION { ?s ?p ?node }
          FILTER (isIRI(?node) && STRSTARTS(STR(?node), ?space))
        }"""
    rows = dataset.select(binding.bind(text, {"space": [ox.Literal(space)]}))
    return {str(row["node"].value) for row in rows if namespace(str(row["node"].value)) == space}
