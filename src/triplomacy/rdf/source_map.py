"""The source map: from triples to where they are written, for the files that findings are about.

Turtle, TriG and N-Triples are mapped to the character, N-Quads to the line, any other format to the file. Of a
Turtle file only its statements' subjects are read at first, and then the statements that somebody asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.findings import Place
from triplomacy.rdf import turtle
from triplomacy.rdf.shorthand import TYPE
from triplomacy.rdf.turtle import PlacedQuad, Span, TurtleDocument, TurtleStatement


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
        self._all: dict[ox.NamedNode | ox.BlankNode, list[Written]] | None = None
        self._document: TurtleDocument | None = None
        self._blocks: dict[str, list[tuple[int, int, _Directives]]] | None = None
        self._known: dict[str, list[Written]] = {}
        self._of_object: dict[object, list[Written]] | None = None

    def about(self, subject: ox.NamedNode | ox.BlankNode) -> Sequence[Written]:
        if isinstance(subject, ox.BlankNode):
            return self._whole().get(subject, ()) if subject.value.startswith(self.scope) else ()
        if self._all is not None:
            return self._all.get(subject, ())
        if subject.value not in self._known:
            self._known[subject.value] = list(self._part(subject))
        return self._known[subject.value]

    def of_object(self, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Iterator[Written]:
        if isinstance(term, ox.NamedNode) and not self._mentions(term.value):
            return
        if self._of_object is None and not isinstance(term, ox.BlankNode) and (piece := self._piece_of(term)):
            try:
                yield from list(self._in_blocks_with(piece, term))
                return
            except MalformedInput:  # the cut between two statements was a wrong one
                pass
        if self._of_object is None:
            self._of_object = {}
            for written in self.all():
                self._of_object.setdefault(written.triple.object, []).append(written)
        yield from self._of_object.get(term, ())

    def all(self) -> Iterator[Written]:
        for each in self._whole().values():
            yield from each

    def _mentions(self, iri: str) -> bool:
        return "\\" in self._text() or "%" in iri or _LAST.split(iri)[-1] in self._text()

    def _piece_of(self, term: ox.NamedNode | ox.Literal) -> str:
        """Return what a statement has in its text if it has a term, or nothing where that cannot be told."""
        if self.path.suffix.lower() not in _STATEMENTS or "\\" in self._text():
            return ""
        if isinstance(term, ox.Literal):
            return term.value
        return "" if "%" in term.value else _LAST.split(term.value)[-1]

    def _text(self) -> str:
        return self._read().text

    def _read(self) -> TurtleDocument:
        if self._document is None:
            self._document = turtle.document(self.path, scope=self.scope)
        return self._document

    def _part(self, subject: ox.NamedNode) -> Iterator[Written]:
        suffix = self.path.suffix.lower()
        if suffix in (".trig", *_LINES) or suffix not in _MAPPED:
            yield from self._whole().get(subject, ())
        elif self._mentions(subject.value):
            try:
                yield from self._of_blocks(subject)
            except MalformedInput:  # the cut between two statements was a wrong one
                yield from self._whole().get(subject, ())

    def _of_blocks(self, subject: ox.NamedNode) -> Iterator[Written]:
        self._cut()
        assert self._blocks is not None
        for block in self._blocks.get(subject.value, ()):
            yield from (statement for statement in self._in_block(*block) if statement.triple.subject == subject)

    def _in_blocks_with(self, piece: str, term: ox.NamedNode | ox.Literal) -> Iterator[Written]:
        """Yield the triples with a term as their object, of the statements that have a piece of its text."""
        self._cut()
        assert self._blocks is not None
        text = self._text()
        every = (block for blocks in self._blocks.values() for block in blocks)
        for start, end, scope in sorted(every, key=lambda block: block[0]):
            if text.find(piece, start, end) >= 0:
                yield from (
                    statement for statement in self._in_block(start, end, scope) if statement.triple.object == term
                )

    def _cut(self) -> None:
        """Cut the text into its statements, if that has not been done."""
        if self._blocks is None:
            self._blocks = {}
            for name, start, end, scope in _blocks(self._read()):
                self._blocks.setdefault(name, []).append((start, end, scope))

    def _in_block(self, start: int, end: int, scope: _Directives) -> Iterator[Written]:
        document = self._read()
        document.enter(scope.prefixes, scope.base)
        for statement in document.within(start, end):
            if statement.kind == "triples":
                yield from [self._locate(document, placed) for placed in _triples(document, statement)]

    def _whole(self) -> dict[ox.NamedNode | ox.BlankNode, list[Written]]:
        if self._all is None:
            self._all = {}
            for written in self._every():
                subject = written.triple.subject
                assert not isinstance(subject, ox.Triple)  # RDF 1.1
                self._all.setdefault(subject, []).append(written)
        return self._all

    def _every(self) -> Iterator[Written]:
        suffix = self.path.suffix.lower()
        if suffix in _LINES:
            yield from self._by_line()
        elif suffix in _MAPPED:
            document = turtle.document(self.path, scope=self.scope)
            for placed in document.quads():
                yield self._locate(document, placed)
        else:
            place = Place(self.path)
            for triple in _parse(self.path, self.scope):
                yield Written(triple, place, place, place, place)

    def _by_line(self) -> Iterator[Written]:
        lines = re.split(r"\r\n|\n|\r", self._text())  # a literal may have other characters that end a line elsewhere
        for number, line in enumerate(lines, 1):
            for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS):
                place = Place(self.path, number)
                yield Written(in_scope(quad.triple, self.scope), place, place, place, place)

    def _locate(self, document: TurtleDocument, placed: PlacedQuad) -> Written:
        def place(span: Span) -> Place:
            return Place(self.path, *document.region(*span))

        spans = placed.subject, placed.predicate, placed.object, placed.block
        return Written(placed.quad.triple, *map(place, spans))


def _triples(document: TurtleDocument, statement: TurtleStatement) -> Iterator[PlacedQuad]:
    return document.triples(statement, ox.DefaultGraph())


def _parse(path: Path, scope: str) -> Iterator[ox.Triple]:
    form = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    for quad in ox.parse(path=path, format=form, base_iri=path.resolve().as_uri()):
        yield in_scope(quad.triple, scope)


def in_scope(triple: ox.Triple, scope: str) -> ox.Triple:
    """Return a triple with blank nodes that no other scope has, called as a source map calls those of a file."""

    def rename(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> object:
        return ox.BlankNode(f"{scope}n{term.value}") if isinstance(term, ox.BlankNode) else term

    return ox.Triple(rename(triple.subject), triple.predicate, rename(triple.object))  # type: ignore[arg-type]


def _blocks(document: TurtleDocument) -> Iterator[tuple[str, int, int, _Directives]]:
    """Yield the subject's IRI, or nothing, the range and the scope of each statement of a Turtle text."""
    scope = _Directives({}, document.base)
    for piece in _piece().finditer(document.text):
        start = _after(_LEAD, document.text, piece.start())
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


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def blocks(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the IRI of each statement's subject and the line where the statement begins, in the order of the file.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8.
    """
    read = turtle.document(path)
    for subject, start, _, _ in _blocks(read):
        if subject:
            yield subject, read.region(start, start).line
