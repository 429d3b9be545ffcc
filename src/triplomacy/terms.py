"""Namespaces, and the conversion between CURIEs and IRIs.

A CURIE is *expanded* to an IRI and an IRI *compressed* to a CURIE. The prefixes are those of the project's files, and
the name of a source is a prefix for its nodes (``lukin-2022:claim/troops-unlikely``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from triplomacy import iri as iris
from triplomacy.errors import TriplomacyError, UnknownName

ROOT: Final = "https://w3id.org/triplomacy/"
ONTOLOGY: Final = ROOT + "ontology"
TRI: Final = ONTOLOGY + "#"
ID: Final = ROOT + "id/"
SOURCE: Final = ROOT + "source/"
GRAPH: Final = ROOT + "graph/"
VIEW: Final = ROOT + "view/"
SHAPES: Final = ROOT + "shapes#"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
OA: Final = "http://www.w3.org/ns/oa#"
DCTERMS: Final = "http://purl.org/dc/terms/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
VOID: Final = "http://rdfs.org/ns/void#"

PREFIXES: Final[Mapping[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": DCTERMS,
    "graph": GRAPH,
    "id": ID,
    "oa": OA,
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "shape": SHAPES,
    "skos": SKOS,
    "tri": TRI,
    "view": VIEW,
    "wd": "http://www.wikidata.org/entity/",
    "xsd": XSD,
}

_NAME: Final = re.compile(r"[\w.-]+")


def expand(name: str) -> str:
    """Return the IRI of a CURIE, of an IRI in angle brackets, or of a bare absolute IRI.

    Raises:
        BadParameter: the result is not an absolute IRI.
        TriplomacyError: it has no colon, or nothing after the colon of a prefix that is not in ``PREFIXES``.
        UnknownName: the prefix is not in ``PREFIXES``, nor can it be the name of a source, which it is taken for where
            the local name is ``text`` or has a slash.
    """
    return iris.node(_expand(name)).value


def _expand(name: str) -> str:
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    if not colon:
        example = "-".join(re.findall(r"\w+", name[:100].lower())) or "north-korea"
        raise TriplomacyError(f"{name[:100]!r} is not an IRI or CURIE; write for instance id:{example}")
    if local.startswith("//") or prefix == "urn":
        return name
    if prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if _is_of_source(local):
        return f"{SOURCE}{prefix}/{local}"
    if not local:
        raise TriplomacyError(f"{name} has nothing after its colon; write for instance {prefix}:claim/NAME")
    raise UnknownName("prefix", prefix, PREFIXES)


def _is_of_source(local: str) -> bool:
    """Tell whether this can be a local name in a source; before any other, an unknown prefix is likely misspelt."""
    return "/" in local or local.partition("#")[0] == "text"


def compress(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the CURIE of *iri* by the given prefixes, or the IRI in angle brackets where no prefix fits.

    `expand` turns the result back into the IRI if the prefixes are ``PREFIXES``. So there is no CURIE where a source
    has the name of a prefix, or where the local name begins with two slashes.

    >>> compress("https://w3id.org/triplomacy/id/north-korea")
    'id:north-korea'
    >>> compress("https://w3id.org/triplomacy/source/lukin-2022/claim/troops-unlikely")
    'lukin-2022:claim/troops-unlikely'
    """
    if iri.startswith(SOURCE):
        source, _, local = iri[len(SOURCE) :].partition("/")
        is_free = source not in prefixes and source not in PREFIXES and source != "urn"
        if is_free and _NAME.fullmatch(source) and _is_of_source(local) and not local.startswith("//"):
            return f"{source}:{local}"
    best = max((ns for ns in prefixes.values() if ns and iri.startswith(ns)), key=len, default=iri)
    local = iri[len(best) :]
    prefix = next((prefix for prefix, namespace in prefixes.items() if namespace == best), None)
    return f"{prefix}:{local}" if local and not local.startswith("//") else f"<{iri}>"


def shorten(text: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return a text in which IRIs in angle brackets are replaced by CURIEs where a prefix fits."""
    return re.sub("<([^<>\\s]*)>", lambda match: compress(match[1], prefixes), text)


def local_name(iri: str) -> str:
    """Return what follows the last ``#`` or ``/`` of *iri*."""
    return iri.replace("#", "/").rpartition("/")[2]
