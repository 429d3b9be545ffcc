"""Turtle and TriG with places: every triple with where its subject, predicate and object are written.

The grammar is that of RDF 1.1 Turtle and RDF 1.1 TriG (W3C Recommendations of 25 February 2014). A text is read
statement by statement into `TurtleNode`s that know their offsets; nothing recurses, so that no depth of nesting
exhausts the stack. A blank node without a label is called after the offset where it is written, so that reading a text
twice, or a statement of it alone, gives the same names.

`serialise` is the way back, from triples to stable Turtle; `normal_form` has the normal form of texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final, Literal, NamedTuple, NoReturn

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.files import base_iri, read_text
from triplomacy.iri import is_absolute, resolve
from triplomacy.rdf.shorthand import FIRST, NIL, REST, TYPE
from triplomacy.terms import XSD

_LETTERS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS = _LETTERS + r"_\-0-9" + "\u00b7\u0300-\u036f\u203f-\u2040"
_PREFIX = f"(?:[{_LETTERS}](?:[{_CHARS}.]*[{_CHARS}])?)?"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = f"(?:[{_LETTERS}_:0-9]|{_PLX})(?:(?:[{_CHARS}.:]|{_PLX})*(?:[{_CHARS}:]|{_PLX}))?"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESC = rf"\\[tbnrf\"'\\]|{_UCHAR}"


@cache
def _token() -> re.Pattern[str]:
    """Return the pattern, which takes longer to compile than a small question to answer."""
    return re.compile(
        rf"""
      (?P<blank>[ \t\r\n]++)
    | (?P<comment>\#[^\r\n]*+)
    | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]++|{_UCHAR})*+>)
    | (?P<long>\"\"\"(?:[^"\\]++|\"{{1,2}}(?=[^"])|{_ESC})*+\"\"\"|'''(?:[^'\\]++|'{{1,2}}(?=[^'])|{_ESC})*+''')
    | (?P<short>"(?:[^"\\\n\r]++|{_ESC})*+"(?!")|'(?:[^'\\\n\r]++|{_ESC})*+'(?!')|""|'')
    | (?P<label>_:[{_LETTERS}_0-9](?:[{_CHARS}.]*[{_CHARS}])?)
    | (?P<name>{_PREFIX}:(?:{_LOCAL})?)
    | (?P<double>[+-]?(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+)
    | (?P<decimal>[+-]?\d*\.\d+)
    | (?P<integer>[+-]?\d+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<type>\^\^)
    | (?P<word>[A-Za-z]+)
    | (?P<mark>[\[\]().;,{{}}])
    | (?P<open>["'][^\n\r]*)
    | (?P<angle><[^\n\r>]*>?)
    | (?P<wrong>\w+|.)
    """,
        re.VERBOSE | re.DOTALL,
    )


_NUMBERS: Final = {"integer": XSD + "integer", "decimal": XSD + "decimal", "double": XSD + "double"}
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\(.)", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_BELOW: Final = re.compile(r"<[^/?#:.<>][^:./<>]*(?:/[^:./<>]+)*>")  # a reference that is only put behind a folder
_FOLDER: Final = re.compile(r"[a-z]+://[^?#]*/")


Term = ox.NamedNode | ox.BlankNode | ox.Literal
Name = ox.NamedNode | ox.BlankNode


class Region(NamedTuple):
    """Lines and columns from 1, columns in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class TurtleToken(NamedTuple):
    """A piece of the text: its kind, its characters and its offsets in code points, the end exclusive."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class TurtleNode:
    """A term where it is written: a plain one, ``[`` with its predicates and objects, or ``(`` with its items."""

    term: Term
    start: int
    end: int
    kind: Literal["term", "[", "("] = "term"
    pairs: list[PredicateObjects] = field(default_factory=list)
    items: list[TurtleNode] = field(default_factory=list)


class PredicateObjects(NamedTuple):
    """A predicate with its objects."""

    predicate: TurtleNode
    objects: list[TurtleNode]


@dataclass(slots=True)
class TurtleStatement:
    """A piece of a text that stands for itself.

    ``kind`` is ``prefix`` or ``base`` (with ``name``, ``iri``, and the IRI as it is ``written``), ``triples`` (with
    ``subject`` and ``pairs``), ``open`` (with ``subject``, the graph's name, None for the default graph) or ``close``.
    """

    kind: Literal["prefix", "base", "triples", "open", "close"]
    start: int
    end: int
    name: str = ""
    iri: str = ""
    written: str = ""
    subject: TurtleNode | None = None
    pairs: list[PredicateObjects] = field(default_factory=list)


Span = tuple[int, int]


class PlacedQuad(NamedTuple):
    """A quad with the offsets of its terms, and of the statement's subject.

    What is not written, such as the cell of a collection, has the offsets of what stands for it.
    """

    quad: ox.Quad
    subject: Span
    predicate: Span
    object: Span
    block: Span


@dataclass(slots=True)
class _Frame:
    """A bracket that is open, or the statement itself, and how far its reading has come."""

    node: TurtleNode
    closer: str
    state: Literal["verb", "object", "after", "item"]


class TurtleDocument:
    """A text of Turtle, or of TriG, to be read once.

    Args:
        text: the characters of the file.
        base: what relative IRIs are resolved against until the text says otherwise.
        trig: whether the text may have graphs.
        path: what errors call the file.
        scope: what the names of blank nodes begin with; give each file of a dataset another one.
        lenient: keep errors in ``errors`` and go on behind them, in place of raising the first one.
    """

    def __init__(
        self,
        text: str,
        *,
        base: str | None = None,
        trig: bool = False,
        path: Path | str | None = None,
        scope: str = "b",
        lenient: bool = False,
    ) -> None:
        self.text = text
        self.base = base
        self.trig = trig
        self.path = path
        self.scope = scope
        self.lenient = lenient
        self.errors: list[MalformedInput] = []
        self.comments: list[TurtleToken] = []
        self.prefixes: dict[str, str] = {}
        self._entered: Mapping[str, str] | None = None
        self._iris: dict[str, ox.NamedNode] = {}
        self._lines: list[int] | None = None
        self._inside = False
        self._begin(0, len(text))

    def _begin(self, start: int, end: int) -> None:
        self._limit = end
        self._matches = _token().finditer(self.text, start, end)
        self._token = self._read()

    def region(self, start: int, end: int) -> Region:
        """Return the lines and columns of a range of offsets."""
        if self._lines is None:
            self._lines = _beginnings(self.text)
        first, last = bisect_right(self._lines, start), bisect_right(self._lines, end)
        return Region(first, start - self._lines[first - 1] + 1, last, end - self._lines[last - 1] + 1)

    def statements(self) -> Iterator[TurtleStatement]:
        """Yield the statements in the order of the text.

        Raises:
            MalformedInput: at the first error, with its line and column, unless the document is lenient.
        """
        while self._token.kind != "end":
            start = self._token.start
            try:
                yield self._statement()
            except MalformedInput as error:
                if not self.lenient:
                    raise
                self.errors.append(error)
                self._recover(start)
        if self._inside:
            self._wrong("the graph is not closed; add }", self._token)

    def within(self, start: int, end: int) -> Iterator[TurtleStatement]:
        """Yield the statements of a part of the text that begins and ends between statements.

        The prefixes and the base are those that the document has at this moment.
        """
        self._begin(start, end)
        return self.statements()

    def enter(self, prefixes: Mapping[str, str], base: str | None) -> None:
        """Take other prefixes and another base."""
        if prefixes is not self._entered:
            self._entered, self.prefixes, self.base = prefixes, dict(prefixes), base
            self._iris.clear()

    def iri(self, name: str, start: int) -> str:
        """Return the IRI that a name or a reference in angle brackets at an offset stands for."""
        if "\\" not in name:
            prefix, colon, local = name.partition(":")
            if name.startswith("<") and is_absolute(name[1:-1]):
                return name[1:-1]
            if self.base and _BELOW.fullmatch(name) and _FOLDER.fullmatch(self.base):
                return self.base + name[1:-1]
            if colon and prefix in self.prefixes:
                return self.prefixes[prefix] + local
        kind = "iri" if name.startswith("<") else "name"
        return self._iri(TurtleToken(kind, name, start, start + len(name))).value

    def quads(self) -> Iterator[PlacedQuad]:
        """Yield the quads in the order of the text, what brackets hold behind the triple that they stand in.

        Raises:
            MalformedInput: as `statements`.
        """
        graph: Name | ox.DefaultGraph = ox.DefaultGraph()
        for statement in self.statements():
            if statement.kind == "open" and statement.subject is not None:
                graph = _name(statement.subject.term)
            elif statement.kind == "close":
                graph = ox.DefaultGraph()
            elif statement.kind == "triples":
                yield from self.triples(statement, graph)

    def triples(self, statement: TurtleStatement, graph: Name | ox.DefaultGraph) -> Iterator[PlacedQuad]:
        """Yield the quads of one statement."""
        subject = statement.subject
        assert subject is not None
        block = subject.start, subject.end
        open_iterators = [self._pairs(subject, statement.pairs)]
        if subject.kind != "term":
            open_iterators.append(self._inner(subject))
        while open_iterators:
            for start, predicate, value in open_iterators[-1]:
                quad = ox.Quad(_name(start.term), _predicate(predicate.term), value.term, graph)
                spans = (start.start, start.end), (predicate.start, predicate.end), (value.start, value.end)
                yield PlacedQuad(quad, *spans, block)
                if value.kind != "term":
                    open_iterators.append(self._inner(value))
                    break
            else:
                open_iterators.pop()

    def _inner(self, node: TurtleNode) -> Iterator[tuple[TurtleNode, TurtleNode, TurtleNode]]:
        return self._pairs(node, node.pairs) if node.kind == "[" else self._cells(node)

    def _pairs(
        self, subject: TurtleNode, pairs: Sequence[PredicateObjects]
    ) -> Iterator[tuple[TurtleNode, TurtleNode, TurtleNode]]:
        for pair in pairs:
            for value in pair.objects:
                yield subject, pair.predicate, value

    def _cells(self, node: TurtleNode) -> Iterator[tuple[TurtleNode, TurtleNode, TurtleNode]]:
        """Yield what a collection stands for: a cell an item, with its first and its rest."""
        for item, following in zip(node.items, [*node.items[1:], None], strict=True):
            cell = TurtleNode(self._cell(item), item.start, item.end)
            rest = TurtleNode(NIL, node.end - 1, node.end)
            if following:
                rest = TurtleNode(self._cell(following), following.start, following.end)
            yield cell, TurtleNode(FIRST, item.start, item.end), item
            yield cell, TurtleNode(REST, item.start, item.end), rest

    def _cell(self, item: TurtleNode) -> ox.BlankNode:
        return ox.BlankNode(f"{self.scope}c{item.start}")

    def _read(self) -> TurtleToken:
        for match in self._matches:
            token = TurtleToken(match.lastgroup or "wrong", match.group(), match.start(), match.end())
            if token.kind == "comment":
                self.comments.append(token)
            elif token.kind != "blank":
                return token
        return TurtleToken("end", "", self._limit, self._limit)

    def _next(self) -> TurtleToken:
        token, self._token = self._token, self._read()
        return token

    def _is(self, *marks: str) -> bool:
        return self._token.kind == "mark" and self._token.text in marks

    def _fail(self, message: str, token: TurtleToken) -> NoReturn:
        place = self.region(token.start, token.start)
        raise MalformedInput(message, path=self.path, line=place.line, column=place.column)

    def _wrong(self, message: str, token: TurtleToken) -> None:
        """Fail, unless the document is lenient: then keep the error, since the reading can go on at once."""
        try:
            self._fail(message, token)
        except MalformedInput as error:
            if not self.lenient:
                raise
            self.errors.append(error)

    def _fail_at(self, wanted: str) -> NoReturn:
        token = self._token
        if token.kind == "open":
            self._fail("the string is not closed on its line, or has an escape that Turtle does not know", token)
        if token.kind == "angle":
            self._fail("an IRI may not have spaces, quotes or braces, and ends with >", token)
        shown = "the end of the file" if token.kind == "end" else repr(token.text[:40])
        self._fail(f"{shown} stands where {wanted} should", token)

    def _expect(self, mark: str, wanted: str) -> TurtleToken:
        if not self._is(mark):
            self._fail_at(wanted)
        return self._next()

    def _recover(self, start: int) -> None:
        """Go behind the next full stop, or to a line that begins where the statement before it was left open."""
        fresh = self._token.start > start and self.text[self._token.start - 1 : self._token.start] in ("\n", "")
        if fresh and self._token.kind in ("iri", "name", "label", "language"):
            return
        while self._token.kind != "end" and not self._is(".", "}"):
            self._next()
        if self._is("}"):
            self._inside = False
        if self._token.kind == "end":
            self._inside = False
        self._next()

    def _statement(self) -> TurtleStatement:
        token = self._token
        keyword = token.text.upper() if token.kind == "word" else ""
        if self._inside and self._is("}"):
            self._inside = False
            end = self._next().end
            return TurtleStatement("close", token.start, end)
        if self._inside:
            return self._triples()
        if token.text in ("@prefix", "@base") or keyword in ("PREFIX", "BASE"):
            return self._directive()
        if self.trig and (keyword == "GRAPH" or self._is("{")):
            return self._graph()
        return self._triples()

    def _directive(self) -> TurtleStatement:
        self._entered = None
        keyword = self._next()
        statement = TurtleStatement("base", keyword.start, keyword.end)
        if keyword.text.lower().endswith("prefix"):
            statement.kind = "prefix"
            if self._token.kind != "name" or self._token.text.find(":") != len(self._token.text) - 1:
                self._fail_at("a prefix with a colon")
            statement.name = self._next().text[:-1]
        if self._token.kind != "iri":
            self._fail_at("an IRI in angle brackets")
        statement.end, statement.written = self._token.end, self._token.text[1:-1]
        statement.iri = self._resolve(self._next())
        if statement.kind == "prefix":
            self.prefixes[statement.name] = statement.iri
        else:
            self.base = statement.iri
        self._iris.clear()
        if keyword.text.startswith("@"):
            statement.end = self._expect(".", "a full stop").end
        return statement

    def _graph(self) -> TurtleStatement:
        """Read the head of a graph that begins with GRAPH or with a brace."""
        start = self._token.start
        name: TurtleNode | None = None
        if not self._is("{"):
            self._next()
            name = self._label()
        return self._open_statement(start, name)

    def _label(self) -> TurtleNode:
        if self._is("["):
            start = self._next().start
            return TurtleNode(self._anonymous(start), start, self._expect("]", "]").end)
        if self._token.kind not in ("iri", "name", "label"):
            self._fail_at("the name of a graph")
        return self._term()

    def _open_statement(self, start: int, name: TurtleNode | None) -> TurtleStatement:
        end = self._expect("{", "{").end
        self._inside = True
        return TurtleStatement("open", start, end, subject=name)

    def _triples(self) -> TurtleStatement:
        """Read a subject with its predicates and objects, through brackets of any depth, up to the full stop."""
        start = self._token.start
        if self._token.kind not in ("iri", "name", "label") and not self._is("[", "("):
            self._fail_at("a subject")
        subject = self._node()
        if subject.kind != "term":
            self._walk([_frame(subject)])
        graph_name = isinstance(subject.term, Name) and not subject.pairs and self.text[start] != "("
        if self.trig and not self._inside and self._is("{") and graph_name:
            return self._open_statement(start, subject)
        root = TurtleNode(subject.term, start, subject.end)
        if not (subject.kind == "[" and subject.pairs and self._ends()):
            self._walk([_Frame(root, ".", "verb")])
        end = root.end
        if not (self._inside and self._is("}")):
            end = self._expect(".", "one of ; , .").end
        return TurtleStatement("triples", start, end, subject=subject, pairs=root.pairs)

    def _ends(self) -> bool:
        return self._is(".") or (self._inside and self._is("}"))

    def _walk(self, frames: list[_Frame]) -> None:
        """Read what an open bracket or a statement holds, up to its end; a statement's full stop stays."""
        while frames:
            frame = frames[-1]
            if self._closes(frame):
                frames.pop()
                if frame.closer != ".":
                    frame.node.end = self._next().end
                    if frame.node.kind == "(" and not frame.node.items:
                        frame.node.kind = "term"
            elif frame.state == "verb":
                self._verb(frame)
            elif frame.state == "after":
                self._after(frame)
            else:
                node = self._node()
                if frame.state == "item":
                    frame.node.items.append(node)
                else:
                    frame.node.pairs[-1].objects.append(node)
                    frame.state = "after"
                frame.node.end = node.end
                if node.kind != "term":
                    frames.append(_frame(node))

    def _closes(self, frame: _Frame) -> bool:
        """Tell whether the token ends what the frame holds: where a statement or a bracket may end."""
        ends = self._ends() if frame.closer == "." else self._is(frame.closer)
        empty = frame.state == "verb" and not frame.node.pairs
        return ends and frame.state != "object" and not (empty and frame.closer == ".")

    def _verb(self, frame: _Frame) -> None:
        token = self._token
        if token.kind == "word" and token.text == "a":
            self._next()
            predicate = TurtleNode(TYPE, token.start, token.end)
        elif token.kind in ("iri", "name"):
            predicate = self._term()
        else:
            self._fail_at("a predicate" if frame.node.pairs or frame.closer == "." else "a predicate or ]")
        frame.node.pairs.append(PredicateObjects(predicate, []))
        frame.state = "object"

    def _after(self, frame: _Frame) -> None:
        if self._is(","):
            self._next()
            frame.state = "object"
        elif self._is(";"):
            while self._is(";"):
                self._next()
            frame.state = "verb"
        else:
            self._fail_at("one of ; , " + frame.closer)

    def _node(self) -> TurtleNode:
        """Read an object, or the opening of one that is in brackets."""
        if self._is("["):
            token = self._next()
            return TurtleNode(self._anonymous(token.start), token.start, token.end, "[")
        if self._is("("):
            token = self._next()
            first = TurtleNode(NIL, self._token.start, self._token.end)
            return TurtleNode(NIL if self._is(")") else self._cell(first), token.start, token.end, "(")
        return self._term()

    def _term(self) -> TurtleNode:
        token = self._token
        if token.kind in ("short", "long"):
            return self._literal()
        if token.kind in _NUMBERS:
            term: Term = ox.Literal(token.text, datatype=ox.NamedNode(_NUMBERS[token.kind]))
        elif token.kind == "word" and token.text in ("true", "false"):
            term = ox.Literal(token.text, datatype=ox.NamedNode(XSD + "boolean"))
        elif token.kind == "label":
            term = ox.BlankNode(f"{self.scope}n{token.text[2:]}")
        elif token.kind in ("iri", "name"):
            term = self._iri(token)
        else:
            self._fail_at("an object")
        self._next()
        return TurtleNode(term, token.start, token.end)

    def _literal(self) -> TurtleNode:
        token = self._next()
        quotes = 3 if token.kind == "long" else 1
        value = self._unescape(token.text[quotes:-quotes], token)
        if self._token.kind == "language":
            language = self._next()
            try:
                return TurtleNode(ox.Literal(value, language=language.text[1:]), token.start, language.end)
            except ValueError:
                self._wrong(f"{language.text} is not a language tag; write one of BCP 47, such as @en", language)
                return TurtleNode(ox.Literal(value), token.start, language.end)
        if self._token.kind == "type":
            self._next()
            if self._token.kind not in ("iri", "name"):
                self._fail_at("a data type")
            datatype = self._next()
            return TurtleNode(ox.Literal(value, datatype=self._iri(datatype)), token.start, datatype.end)
        return TurtleNode(ox.Literal(value), token.start, token.end)

    def _anonymous(self, start: int) -> ox.BlankNode:
        return ox.BlankNode(f"{self.scope}{start}")

    def _iri(self, token: TurtleToken) -> ox.NamedNode:
        known = self._iris.get(token.text)
        if known is None:
            iri = self._resolve(token) if token.kind == "iri" else self._expand(token)
            try:
                known = ox.NamedNode(iri)
            except ValueError:
                self._wrong(f"<{iri}> is not an absolute IRI; correct it, or declare a base", token)
                known = ox.NamedNode("urn:wrong")
            self._iris[token.text] = known
        return known

    def _expand(self, token: TurtleToken) -> str:
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            self._wrong(f"no such prefix: {prefix}:; declare it with @prefix", token)
            self.prefixes[prefix] = "urn:undeclared:"
        return self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _resolve(self, token: TurtleToken) -> str:
        reference = self._unescape(token.text[1:-1], token)
        return reference if self.base is None else resolve(self.base, reference)

    def _unescape(self, text: str, token: TurtleToken) -> str:
        if "\\" not in text:
            return text

        def character(match: re.Match[str]) -> str:
            if match[3]:
                return _ESCAPED.get(match[3], match[3])
            number = int(match[1] or match[2], 16)
            if number > 0x10FFFF or 0xD800 <= number < 0xE000:
                self._wrong(f"{match[0]} is not a character", token)
                return "\ufffd"
            return chr(number)

        return _ESCAPE.sub(character, text)


def _beginnings(text: str) -> list[int]:
    """Return the offset of each line's first character; one behind the end may follow."""
    if "\r" in text:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]  # three times as fast


def _frame(node: TurtleNode) -> _Frame:
    return _Frame(node, "]", "verb") if node.kind == "[" else _Frame(node, ")", "item")


def _name(term: Term) -> Name:
    assert not isinstance(term, ox.Literal)
    return term


def _predicate(term: Term) -> ox.NamedNode:
    assert isinstance(term, ox.NamedNode)
    return term


def document(path: Path, *, scope: str = "b", lenient: bool = False) -> TurtleDocument:
    """Return the document of a file, TriG if its name ends so, with the file's own IRI as base.

    Raises:
        MalformedInput: the file is not UTF-8.
        TriplomacyError: the file cannot be read.
    """
    base, trig = base_iri(path), path.suffix.lower() == ".trig"
    return TurtleDocument(read_text(path), base=base, trig=trig, path=path, scope=scope, lenient=lenient)


def errors(path: Path) -> list[MalformedInput]:
    """Return all errors of a file: behind one, the reading goes on at the next statement."""
    try:
        read = document(path, lenient=True)
    except MalformedInput as error:
        return [error]
    for _ in read.statements():
        pass
    return read.errors


def serialise(triples: Iterable[ox.Triple], prefixes: Mapping[str, str], base: str | None = None) -> str:
    """Return triples as Turtle with sorted prefixes, subjects and predicates: the same bytes for the same triples."""
    ordered = sorted(triples, key=str)
    used = {p: n for p, n in sorted(prefixes.items()) if any(f"<{n}" in str(triple) for triple in ordered)}
    written = ox.serialize(ordered, format=ox.RdfFormat.TURTLE, prefixes=used, base_iri=base) or b""
    return with_sorted_heads(written.decode("utf-8"))


def with_sorted_heads(text: str) -> str:
    """Return Turtle or TriG of the engine, which has prefixes in any order, with them sorted at the head."""
    lines = text.split("\n")  # a literal may have any other end of a line in it
    heads = sorted(line for line in lines if line.startswith("@"))
    return "\n".join([*heads, "", *(line for line in lines if not line.startswith("@"))])
