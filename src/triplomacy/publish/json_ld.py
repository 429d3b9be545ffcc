"""JSON-LD 1.1 with a context of our own, which is published beside the data and never fetched.

In the context the terms of the ontology have their bare names, and ``label`` is ``rdfs:label`` by language; terms of
other vocabularies are CURIEs. What a term's definition does not say of a value, the value says itself, so that nothing
is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.rdf import TYPE
from triplomacy.terms import OWL, PREFIXES, RDFS, ROOT, SOURCE, TRI, XSD, compress

CONTEXT: Final = ROOT + "context.jsonld"
"""The IRI of the context."""

Context = Mapping[str, Any]

_RANGE: Final = ox.NamedNode(RDFS + "range")
_LABEL: Final = "label"
_LINK: Final = "@id"
_NATIVE: Final = (XSD + "string", XSD + "boolean", XSD + "integer")  # what JSON has literals for
_EXACT: Final = 2**53  # from here on not every reader of JSON has each integer


def context(ontology: Iterable[ox.Triple]) -> dict[str, Any]:
    """Return the context of an ontology: prefixes, then its terms, sorted, with the type of their values.

    Args:
        ontology: the triples of the ontology.
    """
    triples = list(ontology)
    ranges = {triple.subject: triple.object for triple in triples if triple.predicate == _RANGE}
    terms: dict[str, Any] = {}
    for triple in triples:
        node, kind = triple.subject, triple.object
        if triple.predicate == TYPE and isinstance(node, ox.NamedNode) and node.value.startswith(TRI):
            terms.setdefault(node.value.removeprefix(TRI), compress(node.value))
            if kind == ox.NamedNode(OWL + "ObjectProperty"):
                terms[node.value.removeprefix(TRI)] = {"@id": compress(node.value), "@type": _LINK}
            elif kind == ox.NamedNode(OWL + "DatatypeProperty") and (of := _coercion(ranges.get(node))):
                terms[node.value.removeprefix(TRI)] = {"@id": compress(node.value), "@type": of}
    terms.setdefault(_LABEL, {"@id": "rdfs:label", "@container": "@language"})
    return {"@version": 1.1, **dict(sorted(PREFIXES.items())), **dict(sorted(terms.items()))}


def _coercion(datatype: object) -> str | None:
    """Return the type that all values are taken to have, where JSON has no literal for it and there is one only."""
    is_time = isinstance(datatype, ox.NamedNode) and datatype.value == XSD + "dateTime"
    return compress(XSD + "dateTime") if is_time else None


def document(context: Context) -> str:
    """Return the text of the file that publishes a context."""
    return json.dumps({"@context": context}, ensure_ascii=False, indent=2) + "\n"


def serialise(graphs: Mapping[str, Iterable[ox.Triple]], context: Context) -> str:
    """Return named graphs as one JSON-LD document, a node a line, sorted: the same bytes for the same graphs.

    The context stands in the document, so that nobody has to fetch it.
    """
    head = json.dumps(context, ensure_ascii=False)
    texts = []
    for graph in sorted(graphs):
        nodes = ",\n".join(json.dumps(node, ensure_ascii=False) for node in _nodes(graphs[graph], context))
        texts.append(f'{{"@id": {json.dumps(graph, ensure_ascii=False)}, "@graph": [\n{nodes}\n]}}')
    return f'{{"@context": {head},\n"@graph": [\n' + ",\n".join(texts) + "\n]}\n"


def _nodes(triples: Iterable[ox.Triple], context: Context) -> list[dict[str, Any]]:
    nodes: dict[str, dict[str, Any]] = {}
    for triple in sorted(triples, key=str):
        name = _name(triple.subject)
        node = nodes.setdefault(name, {"@id": name})
        if triple.predicate == TYPE and isinstance(triple.object, ox.NamedNode):
            _add(node, "@type", _term(triple.object.value, context))
        elif _is_labelled(triple):
            assert isinstance(triple.object, ox.Literal)
            _add(node.setdefault(_LABEL, {}), str(triple.object.language), triple.object.value)
        else:
            _add(node, *_pair(triple, context))
    return [dict(sorted(node.items())) for node in nodes.values()]


def _add(node: dict[str, Any], key: str, value: Any) -> None:
    """Add a value to those of a key; only several stand in a list."""
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def _is_labelled(triple: ox.Triple) -> bool:
    is_label = triple.predicate.value == RDFS + "label"
    return is_label and isinstance(triple.object, ox.Literal) and triple.object.language is not None


def _pair(triple: ox.Triple, context: Context) -> tuple[str, Any]:
    """Return the key and the value of a triple: by the term's definition where that fits, else in full."""
    short, long = _term(triple.predicate.value, context), _compact(triple.predicate.value)
    defined = context.get(short)
    of = defined.get("@type") if isinstance(defined, dict) else None
    value = triple.object
    if of == _LINK:
        return (short, _name(value)) if not isinstance(value, ox.Literal) else (long, _in_full(value))
    if of is not None:
        fits = isinstance(value, ox.Literal) and compress(value.datatype.value) == of
        return (short, value.value) if fits and isinstance(value, ox.Literal) else (long, _in_full(value))
    return short, _in_full(value)


def _in_full(value: object) -> Any:
    if not isinstance(value, ox.Literal):
        return {"@id": _name(value)}
    if value.language:
        return {"@language": value.language, "@value": value.value}
    if value.datatype.value in _NATIVE and (native := _native(value)) is not None:
        return native
    return {"@type": _compact(value.datatype.value), "@value": value.value}


def _native(value: ox.Literal) -> str | bool | int | None:
    """Return the literal of JSON that stands for exactly this one, or None."""
    text = value.value
    if value.datatype.value == XSD + "string":
        return text
    if value.datatype.value == XSD + "boolean":
        return {"true": True, "false": False}.get(text)
    number = int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None
    return number if number is not None and str(number) == text and abs(number) < _EXACT else None


def _name(term: object) -> str:
    return _compact(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _compact(iri: str) -> str:
    return iri if iri.startswith(SOURCE) else compress(iri).strip("<>")


def _term(iri: str, context: Context) -> str:
    name = iri.removeprefix(TRI)
    return name if iri.startswith(TRI) and name in context else _compact(iri)
