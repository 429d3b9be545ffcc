"""Nanopublications made immutable: trusty IRIs and signatures by the ``nanopub`` library, and TriG that keeps both.

A trusty IRI ends with a hash of what the nanopublication says, by which whoever holds the text can verify it
(Kuhn and Dumontier, *Trusty URIs*, 2014). The library is imported where it is used.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import files
from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.rdf import from_rdflib, to_rdflib
from triplomacy.terms import PREFIXES, RDF, ROOT, XSD

SPACE: Final = ROOT + "nanopub/"
"""What the IRIs of our nanopublications begin with."""

DRAFT: Final = SPACE + "new#"
"""What the IRIs of a nanopublication begin with before it has its own; nothing else may begin so."""

NP: Final = "http://www.nanopub.org/nschema#"
NPX: Final = "http://purl.org/nanopub/x/"
PARTS: Final = ("Head", "assertion", "provenance", "pubinfo")
"""The names of the four graphs, in their order."""

SMALLEST: Final = 2048
"""How many bits a key has to have."""

LARGEST: Final = 1200
"""How many triples the network takes in one nanopublication, as the library knows it."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal
_SIGNATURE: Final = 4  # triples that a signature adds


def read_key(path: Path) -> str:
    """Return the private RSA key of a file as the library takes it: Base64 of PKCS #8 without its head and foot.

    The file is PEM without a password, or what the library itself writes.

    Raises:
        EngineUnavailable: the library is not installed.
        TriplomacyError: the file cannot be read, is not a private RSA key, or the key is too short.
    """
    with library():
        from Crypto.PublicKey import RSA
        from nanopub.profile import format_key
    try:
        text = files.read_bytes(path)
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None
    try:
        key = RSA.import_key(text if b"-----" in text else _pem(text))
    except (ValueError, IndexError, TypeError):
        raise TriplomacyError("is not a private RSA key without a password; give one in PEM", path=path) from None
    if not key.has_private():
        raise TriplomacyError("is a public key; give the private one", path=path)
    if key.size_in_bits() < SMALLEST:
        raise TriplomacyError(f"has {key.size_in_bits()} bits; give a key with {SMALLEST} at least", path=path)
    return str(format_key(key.export_key("PEM", pkcs=8).decode("ascii")))


def _pem(text: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + text.strip() + b"\n-----END PRIVATE KEY-----\n"


def public_key(key: str) -> str:
    """Return the public key of a private one, as signatures state it."""
    with library():
        from nanopub.profile import Profile

        return str(Profile("", "", private_key=key).public_key)


def finish(quads: Sequence[ox.Quad], key: str | None) -> tuple[str, list[ox.Quad]]:
    """Return the trusty IRI of a draft and its quads with that IRI in the place of `DRAFT`, signed if there is a key.

    Args:
        quads: the four graphs, their own IRIs beginning with `DRAFT`.
        key: a private key as `read_key` returns it, or None.

    Raises:
        EngineUnavailable: the library is not installed.
        TriplomacyError: there are more triples than the network takes, or there is a blank node.
    """
    count = len(quads) + (_SIGNATURE if key is not None else 0)
    if count > LARGEST:
        raise TriplomacyError(
            f"a nanopublication has {LARGEST} triples at most, and this has {count}; divide the claim"
        )
    for quad in quads:
        if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
            raise TriplomacyError(f"{quad.triple} has a blank node, for which there is no trusty IRI; give it an IRI")
    return _without_signature(quads) if key is None else _sign(quads, key)


def _without_signature(quads: Sequence[ox.Quad]) -> tuple[str, list[ox.Quad]]:
    with library():
        from nanopub.trustyuri.rdf import RdfHasher

        terms = [(to_rdflib(q.graph_name), *map(to_rdflib, q.triple)) for q in quads]
        iri = SPACE + RdfHasher.make_hash(terms, baseuri=DRAFT, hashstr=" ")

    def rename(term: Any) -> Any:
        if not isinstance(term, ox.NamedNode) or not term.value.startswith(DRAFT):
            return term
        rest = term.value.removeprefix(DRAFT)
        return ox.NamedNode(f"{iri}#{rest}" if rest else iri)

    return iri, [ox.Quad(*map(rename, (q.subject, q.predicate, q.object, q.graph_name))) for q in quads]


def _sign(quads: Sequence[ox.Quad], key: str) -> tuple[str, list[ox.Quad]]:
    with library():
        from nanopub.profile import Profile
        from nanopub.sign_utils import add_signature
        from rdflib import ConjunctiveGraph, Graph, Namespace, URIRef

        graph = ConjunctiveGraph()
        for q in quads:
            subject, predicate, value = map(to_rdflib, q.triple)
            graph.add((subject, predicate, value, graph.get_context(str(q.graph_name)[1:-1])))
        pubinfo = Graph(graph.store, URIRef(DRAFT + "pubinfo"))
        signed = add_signature(graph, Profile("", "", private_key=key), Namespace(DRAFT), pubinfo)
        done = [_quad(quad) for quad in signed.quads()]
    (iri,) = {str(q.subject)[1:-1] for q in done if q.object == ox.NamedNode(NP + "Nanopublication")}
    return iri, done


@contextmanager
def library() -> Iterator[None]:
    """Let the block use the library, which on import changes how rdflib reads literals, and calls what is deprecated.

    Raises:
        EngineUnavailable: it is not installed.
    """
    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import nanopub  # noqa: F401 - what the block imports from it comes after the switch

            rdflib.NORMALIZE_LITERALS = False
            yield
    except ModuleNotFoundError as error:
        if error.name not in ("nanopub", "Crypto"):
            raise
        raise EngineUnavailable("nanopublications need the nanopub library; install triplomacy[nanopub]") from None
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _quad(quad: Any) -> ox.Quad:
    """Return a quad of rdflib as one of pyoxigraph."""
    subject, predicate, value, graph = quad
    name = ox.NamedNode(str(getattr(graph, "identifier", graph)))
    return ox.Quad(ox.NamedNode(str(subject)), ox.NamedNode(str(predicate)), from_rdflib(value), name)


_LOCAL: Final = re.compile(r"[A-Za-z][\w-]*|")


def to_trig(iri: str, quads: Iterable[ox.Quad]) -> str:
    """Return a finished nanopublication as TriG: its four graphs in their order, every datatype written out.

    A number without its datatype is rewritten by some readers, and then the hash is not that of the text any more.
    """
    prefixes = {"this": iri, "sub": f"{iri}#", "np": NP, "npx": NPX, **PREFIXES}
    name = _namer(prefixes)
    by_graph: dict[str, list[ox.Triple]] = {}
    for quad in sorted(quads, key=str):
        by_graph.setdefault(str(quad.graph_name), []).append(quad.triple)
    body = "".join(f"\nsub:{part} {{\n{_block(by_graph[f'<{iri}#{part}>'], name)}}}\n" for part in PARTS)
    used = {prefix: space for prefix, space in prefixes.items() if re.search(rf"(?m)(^|[\s^]){prefix}:", body)}
    return "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in used.items()) + body


def _namer(prefixes: Mapping[str, str]) -> Callable[[Any], str]:
    """Return what writes a term: an IRI with a prefix where the rest is a plain name."""

    def name(term: Any) -> str:
        if isinstance(term, ox.NamedNode):
            for prefix, space in prefixes.items():
                rest = term.value.removeprefix(space)
                if term.value.startswith(space) and _LOCAL.fullmatch(rest) and (rest or prefix == "this"):
                    return f"{prefix}:{rest}"
            return str(term)
        if isinstance(term, ox.Literal) and not term.language and term.datatype.value != XSD + "string":
            return f"{ox.Literal(term.value)}^^{name(term.datatype)}"
        return str(term)

    return name


def _block(triples: Sequence[ox.Triple], name: Callable[[Any], str]) -> str:
    """Return the triples of a graph, those of a subject together."""
    lines: list[str] = []
    for position, triple in enumerate(triples):
        verb = "a" if triple.predicate.value == RDF + "type" else name(triple.predicate)
        same = position > 0 and triples[position - 1].subject == triple.subject
        last = position + 1 == len(triples) or triples[position + 1].subject != triple.subject
        start = "        " if same else f"    {name(triple.subject)} "
        lines.append(f"{start}{verb} {name(triple.object)} {'.' if last else ';'}\n")
    return "".join(lines)
