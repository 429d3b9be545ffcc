"""Files and texts to triples, and an error with its place where one is malformed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import files
from triplomacy.errors import MalformedInput, TriplomacyError

_LARGE: Final = 1_000_000  # bytes of a file, from which on the bulk loader is the faster one


def to_stored(triples: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    """Return triples as a store gives them back: with each number and each date in its canonical form."""
    return frozenset(quad.triple for quad in to_store(triples))


def to_store(triples: Iterable[ox.Triple]) -> ox.Store:
    """Return a store in memory that has triples as its default graph."""
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples)
    return store


def load_file(store: ox.Store, path: Path, graph: str | None = None) -> None:
    """Read one file into *store*, its format by its ending, into the graph of that IRI or the default graph.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
    """
    form = rdf_format(path)
    target = None if graph is None or form.supports_datasets else ox.NamedNode(graph)
    files.check(path)
    with _place_of_error(path):
        load = store.bulk_load if path.stat().st_size > _LARGE else store.load
        load(path=path, format=form, base_iri=files.base_iri(path), to_graph=target)


def parse_file(path: Path) -> list[ox.Triple]:
    """Return the triples of one file as they are written, those of all its graphs together.

    A store would rewrite some literals: ``"1"^^xsd:nonNegativeInteger`` as ``xsd:integer``, ``1.50`` as ``1.5``.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
    """
    with stream(path) as quads:
        return [quad.triple for quad in quads]


@contextmanager
def stream(source: Path, path: Path | None = None) -> Iterator[Iterator[ox.Quad]]:
    """Give the quads of one file while it is read; the errors are those of `parse_file`.

    Args:
        source: where the file is.
        path: the original, where *source* is a copy: its name gives format and base, and errors name it.
    """
    path = path or source
    form = rdf_format(path)
    files.check(source)
    with _place_of_error(path, source):
        yield ox.parse(path=source, format=form, base_iri=files.base_iri(path), rename_blank_nodes=True)


def parse_text(content: bytes, path: Path) -> list[ox.Triple]:
    """Return the triples of *content* as `parse_file` would if *path* contained it.

    Raises:
        MalformedInput: the text does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file's ending names no RDF format.
    """
    form = rdf_format(path)
    with _place_of_error(path, content):
        quads = ox.parse(content, format=form, base_iri=files.base_iri(path), rename_blank_nodes=True)
        return [quad.triple for quad in quads]


@contextmanager
def _place_of_error(path: Path, content: bytes | Path | None = None) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        text = content if isinstance(content, bytes) else (content or path).read_bytes()
        raise _syntax_error(path, error, text) from None
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None


def rdf_format(path: Path) -> ox.RdfFormat:
    """Return the RDF format that the ending of *path* names.

    Raises:
        TriplomacyError: it names none.
    """
    form = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    if form is None:
        raise TriplomacyError("no RDF format has this ending; use .ttl, .trig, .nt, .nq, .rdf or .jsonld", path=path)
    return form


def _syntax_error(path: Path, error: SyntaxError, content: bytes) -> MalformedInput:
    """Return the exception for a syntax error in the content of *path*, with its place."""
    try:
        files.decode(content, path)
    except MalformedInput as encoding_error:
        return encoding_error
    message = re.sub(r"^Parser error (?:at|between) line .*?: ", "", str(error.msg))
    if message.startswith("No LoadDocumentCallback"):
        message = "the file refers to a context elsewhere, and nothing is fetched; write the context into the file"
    return MalformedInput(message, path=path, line=error.lineno, column=error.offset)


def term_of(text: str | None) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    """Return the term of a text in N-Triples syntax, or None."""
    if not text:
        return None
    if text.startswith("<"):
        return ox.NamedNode(text[1:-1])
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    if not text.startswith('"'):
        return None
    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    return quad.object
