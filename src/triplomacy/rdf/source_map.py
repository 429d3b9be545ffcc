"""The source map: from triples to where they are written, for the files that findings are about.

Turtle, TriG and N-Triples are mapped to the character, N-Quads to the line, any other format to the file. Of a
Turtle file only its statements' subjects are read at first, and then the statements that somebody asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.files import base_iri
from triplomacy.findings import Place
from triplomacy.rdf import turtle
from triplomacy.rdf.parsing import rdf_format
from triplomacy.rdf.shorthand import TYPE
from triplomacy.rdf.turtle import PlacedQuad, TurtleDocument


# A statement up to its full stop, which is one before white space, or behind what cannot go on with a dot.
@cache
def _piece() -> re.Pattern[str]:
    """Return the pattern, which takes longer to compile than a small question to answer."""
    return re.compile(
        r"""(?:[^"'<\#.\\]++ | <[^>\n]*+>
        | "{3}(?:[^"\\]++|"{1,2}(?!")|\\.)*+"{3} | '{3}(?:[^'\\]++|'{1,2}(?!')|\\.)*+'{3}
        | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+' | \#[^\n]*+ | \\. | \.(?=[^\s\#])(?<![>"'\])]\.) )*+\.""",
        re.DOTALL | re.VERBOSE,
    )


_LEAD: Final = re.compile(r"(?:\s++|#[^\n]*+)*+")
_HEAD: Final = re.compile(r"<[^>\n]*>|[^\s<>\"'\[\]();,#{}]+|.", re.DOTALL)
_DIRECTIVES: Final = ("@prefix", "@base", "prefix", "base")
_LINES: Final = (".nq",)
_LAST: Final = re.compile(r"[#/:?=,;~!$&'()*+@.]")
_STATEMENTS: Final = (".ttl", ".turtle", ".nt")
_MAPPED: Final = (".ttl", ".turtle", ".nt", ".trig", *_LINES)


@dataclass(frozen=True, slots=True)
class Written:
    """A triple with the places of its terms and of its statement's subject."""

    triple: ox.Triple
    subject: Place
    predicate: Place
    object: Place
    block: Place


@dataclass(slots=True)
class _Directives:
    """The prefixes and the base that hold from some statement on."""

    prefixes: dict[str, str]
    base: str | None


class SourceMap:
    """Where the triples of some files are written.

    Args:
        paths: the files, in the order in which they are looked through.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files = {path: _File(path, f"f{number}b") for number, path in enumerate(paths)}

    def begins(self, subject: ox.NamedNode | ox.BlankNode) -> Place | None:
        """Return where the first statement about a node begins, the one that gives it a class before others."""
        written = list(self.about(subject))
        typed = [statement for statement in written if statement.triple.predicate == TYPE]
        return next(
            (statement.block for statement in [*typed, *written] if statement.subject == statement.block), None
        ) or next((statement.subject for statement in written), None)

    def about(self, subject: ox.NamedNode | ox.BlankNode) -> Iterator[Written]:
        """Yield the triples that a node is the subject of, in the order of the files."""
        for file in self._files.values():
            yield from file.about(subject)

    def of_object(self, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Iterator[Written]:
        """Yield the triples that a term is the object of; this reads all files that may have it as a whole."""
        for file in self._files.values():
            yield from file.of_object(term)

    def list_unmapped(self) -> list[Path]:
        """Return the files that have no places in them: they are neither Turtle nor lines."""
        return [path for path in self._files if path.suffix.lower() not in _MAPPED]

    def triples(self, paths: Iterable[Path] | None = None) -> Iterator[ox.Triple]:
        """Yield all triples of the files, or of those of *paths*, their blank nodes called as in the map."""
        for file in self._files.values() if paths is None else [self._files[path] for path in paths]:
            for written in file.all():
                yield written.triple


class _File:
    """One file, read as far as somebody asked."""

    def __init__(self, path: Path, scope: str) -> None:
        self.path = path
        self.scope = scope
        self.suffix = path.suffix.lower()
        self._known: dict[str, Sequence[Written]] = {}

    def about(self, subject: ox.NamedNode | ox.BlankNode) -> Sequence[Written]:
        if isinstance(subject, ox.BlankNode):
            return self._whole.get(subject, ()) if subject.value.startswith(self.scope) else ()
        if "_whole" in self.__dict__ or self.suffix not in _STATEMENTS:
            return self._whole.get(subject, ())
        if subject.value not in self._known:
            self._known[subject.value] = self._part(subject) if self._mentions(subject.value) else []
        return self._known[subject.value]

    def of_object(self, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Sequence[Written]:
        if isinstance(term, ox.NamedNode) and not self._mentions(term.value):
            return ()
        is_read = "_by_object" in self.__dict__ or isinstance(term, ox.BlankNode)
        if not is_read and (piece := self._piece_of(term)):
            try:
                return self._with_piece(piece, term)
            except MalformedInput:  # the cut between two statements was a wrong one
                pass
        return self._by_object.get(term, ())

    def all(self) -> Iterator[Written]:
        for written in self._whole.values():
            yield from written

    def _mentions(self, iri: str) -> bool:
        return "\\" in self._document.text or "%" in iri or _LAST.split(iri)[-1] in self._document.text

    def _piece_of(self, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
        """Return what a statement has in its text if it has a term, or nothing where that cannot be told."""
        if self.suffix not in _STATEMENTS or "\\" in self._document.text:
            return ""
        if isinstance(term, ox.Literal):
            return term.value
        return "" if "%" in term.value else _LAST.split(term.value)[-1]

    @cached_property
    def _document(self) -> TurtleDocument:
        return turtle.document(self.path, scope=self.scope)

    @cached_property
    def _blocks(self) -> dict[str, list[tuple[int, int, _Directives]]]:
        """The statements that the text is cut into, by their subjects' IRIs."""
        blocks: dict[str, list[tuple[int, int, _Directives]]] = {}
        for name, start, end, scope in _blocks(self._document):
            blocks.setdefault(name, []).append((start, end, scope))
        return blocks

    def _part(self, subject: ox.NamedNode) -> Sequence[Written]:
        try:
            written = [each for block in self._blocks.get(subject.value, ()) for each in self._in_block(*block)]
        except MalformedInput:  # the cut between two statements was a wrong one
            return self._whole.get(subject, ())
        return [each for each in written if each.triple.subject == subject]

    def _with_piece(self, piece: str, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> list[Written]:
        """Return the triples with a term as their object, of the statements that have a piece of its text."""
        blocks = sorted(chain.from_iterable(self._blocks.values()), key=lambda block: block[0])
        chosen = [block for block in blocks if self._document.text.find(piece, *block[:2]) >= 0]
        return [each for block in chosen for each in self._in_block(*block) if each.triple.object == term]

    def _in_block(self, start: int, end: int, scope: _Directives) -> Iterator[Written]:
        self._document.enter(scope.prefixes, scope.base)
        for statement in self._document.within(start, end):
            if statement.kind == "triples":
                for placed in self._document.triples(statement, ox.DefaultGraph()):
                    yield self._locate(self._document, placed)

    @cached_property
    def _whole(self) -> dict[ox.NamedNode | ox.BlankNode, list[Written]]:
        """All triples, by their subjects."""
        whole: dict[ox.NamedNode | ox.BlankNode, list[Written]] = {}
        for written in self._every():
            subject = written.triple.subject
            assert not isinstance(subject, ox.Triple)  # RDF 1.1
            whole.setdefault(subject, []).append(written)
        return whole

    @cached_property
    def _by_object(self) -> dict[object, list[Written]]:
        """All triples, by their objects."""
        by_object: dict[object, list[Written]] = {}
        for written in self.all():
            by_object.setdefault(written.triple.object, []).append(written)
        return by_object

    def _every(self) -> Iterator[Written]:
        if self.suffix in _LINES:
            yield from self._by_line()
        elif self.suffix in _MAPPED:
            document = turtle.document(self.path, scope=self.scope)
            for placed in document.quads():
                yield self._locate(document, placed)
        else:
            place = Place(self.path)
            quads = ox.parse(path=self.path, format=rdf_format(self.path), base_iri=base_iri(self.path))
            for quad in quads:
                yield Written(in_scope(quad.triple, self.scope), place, place, place, place)

    def _by_line(self) -> Iterator[Written]:
        # A literal may have other characters that end a line elsewhere.
        for number, line in enumerate(re.split(r"\r\n|\n|\r", self._document.text), 1):
            for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS):
                place = Place(self.path, number)
                yield Written(in_scope(quad.triple, self.scope), place, place, place, place)

    def _locate(self, document: TurtleDocument, placed: PlacedQuad) -> Written:
        spans = placed.subject, placed.predicate, placed.object, placed.block
        return Written(placed.quad.triple, *(Place(self.path, *document.region(*span)) for span in spans))


def in_scope(triple: ox.Triple, scope: str) -> ox.Triple:
    """Return a triple with blank nodes that no other scope has, called as a source map calls those of a file."""

    def rename(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> object:
        return ox.BlankNode(f"{scope}n{term.value}") if isinstance(term, ox.BlankNode) else term

    return ox.Triple(rename(triple.subject), triple.predicate, rename(triple.object))  # type: ignore[arg-type]


def _blocks(document: TurtleDocument) -> Iterator[tuple[str, int, int, _Directives]]:
    """Yield the subject's IRI, or nothing, the range and the scope of each statement of a Turtle text."""
    scope = _Directives({}, document.base)
    for piece in _piece().finditer(document.text):
        lead = _LEAD.match(document.text, piece.start())
        start = lead.end() if lead else piece.start()
        head = _HEAD.match(document.text, start)
        if head is None:
            return
        if head[0].lower() in _DIRECTIVES:
            document.enter(scope.prefixes, scope.base)
            for statement in document.within(start, piece.end()):
                subject = statement.subject.term if statement.subject else None
                if statement.kind == "triples":
                    iri = subject.value if isinstance(subject, ox.NamedNode) else ""
                    yield iri, statement.start, statement.end, scope
                scope = _Directives(dict(document.prefixes), document.base)
        else:
            document.enter(scope.prefixes, scope.base)
            iri = "" if head[0][0] in "[(_" else document.iri(head[0], start)
            yield iri, start, piece.end(), scope


def blocks(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the IRI of each statement's subject and the line where the statement begins, in the order of the file.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8.
    """
    read = turtle.document(path)
    for subject, start, _, _ in _blocks(read):
        if subject:
            yield subject, read.region(start, start).line
