"""The normal form of Turtle and TriG: one way to write a text, so that a difference is a fact a line.

Prefixes are sorted, with the base behind them; a subject has a line of its own, and so has each predicate, in a fixed
order; objects are sorted; an IRI that a prefix fits is written with it. Statements stay in the order in which they
were written, and comments stay with what they stood by: above it, or behind it on its line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.files import base_iri, below, read_text
from triplomacy.rdf.shorthand import TYPE
from triplomacy.rdf.turtle import PredicateObjects, TurtleDocument, TurtleNode, TurtleStatement, TurtleToken
from triplomacy.terms import RDF, expand

WIDTH: Final = 120

# What stands first, in this order; then all others by their IRI; then what stands last.
_FIRST: Final = """
rdfs:label skos:prefLabel skos:altLabel dcterms:title skos:definition rdfs:comment dcterms:description skos:example
skos:scopeNote skos:note dcterms:creator dcterms:publisher dcterms:created dcterms:license dcterms:source
owl:versionInfo dcterms:isVersionOf dcterms:isPartOf rdfs:subClassOf owl:equivalentClass owl:disjointWith
rdfs:subPropertyOf owl:inverseOf rdfs:domain rdfs:range skos:inScheme
sh:deactivated sh:targetClass sh:targetNode sh:targetSubjectsOf sh:targetObjectsOf sh:target sh:path sh:name
sh:minCount sh:maxCount sh:class sh:datatype sh:nodeKind sh:in sh:hasValue sh:closed sh:ignoredProperties sh:property
sh:prefixes sh:select sh:prefix sh:namespace
tri:claimant tri:proposition tri:stance tri:certainty tri:orientation tri:conveyance tri:act tri:reportedBy tri:via
tri:condition tri:respondsTo tri:arguesFor tri:arguesAgainst tri:despite tri:evidence tri:quotation
oa:start oa:end tri:sha256 tri:inPassage tri:omission
tri:earliestStart tri:latestStart tri:earliestEnd tri:latestEnd tri:startsWith tri:endsWith tri:edtf tri:wording
tri:isoAlpha2 tri:isoAlpha3 tri:m49
"""
_LAST: Final = "tri:during tri:saidDuring sh:severity sh:message skos:exactMatch skos:closeMatch rdfs:isDefinedBy"
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[\w\-]*[A-Za-z0-9_])?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MANY: Final = 100  # blank nodes from which on the check of the outcome compares what stands around them
_ROUNDS: Final = 8  # steps from a blank node that it looks
_DEEPEST: Final = 100  # brackets in each other: each takes two lines, with as many blanks before them


_RANKS: Final = {
    **{iri: number - 1_000 for number, iri in enumerate([RDF + "type", *map(expand, _FIRST.split())])},
    **{iri: number for number, iri in enumerate(map(expand, _LAST.split()), start=1)},
}


def normalise(text: str, *, base: str | None = None, trig: bool = False, path: Path | str | None = None) -> str:
    """Return a text of Turtle or TriG in its normal form, which says the same triples.

    Args:
        text: the characters of the file.
        base: what relative IRIs are resolved against until the text says otherwise.
        trig: whether the text may have graphs.
        path: what errors call the file.

    Raises:
        MalformedInput: the text does not follow its grammar, or nests over a hundred deep, with line and column.
        TriplomacyError: the outcome would say something else, so that the text has to stay as it is.
    """
    written = arrange(text, base=base, trig=trig, path=path)
    _check(text, written, base, trig, path)
    return written


def arrange(text: str, *, base: str | None = None, trig: bool = False, path: Path | str | None = None) -> str:
    """Return the same as `normalise` of what a program wrote, without the proof that it says the same.

    Raises:
        MalformedInput: the text does not follow its grammar, or nests over a hundred deep, with line and column.
    """
    read = TurtleDocument(text, base=base, trig=trig, path=path)
    return _Writer(read, list(read.statements())).text()


def _check(before: str, after: str, base: str | None, trig: bool, path: Path | str | None) -> None:
    one, other = (_quads(text, base, trig) for text in (before, after))
    if one != other:
        raise TriplomacyError("its normal form would say something else, so it stays as it is; report this", path=path)


def _quads(text: str, base: str | None, trig: bool) -> object:
    quads = [placed.quad for placed in TurtleDocument(text, base=base, trig=trig).quads()]
    if len({quad.subject for quad in quads if isinstance(quad.subject, ox.BlankNode)}) > _MANY:
        return _refine(quads)
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _refine(quads: Sequence[ox.Quad]) -> list[int]:
    """Return a number for each quad, sorted, in which a blank node counts as what stands around it.

    The canonical form takes the third power of the number of blank nodes that look alike, as in a long list of ones.
    """
    terms = [(quad.subject, quad.predicate, quad.object, quad.graph_name) for quad in set(quads)]
    colours: dict[object, int] = {term: 0 for quad in terms for term in quad if isinstance(term, ox.BlankNode)}
    for _ in range(_ROUNDS):
        around: dict[object, list[int]] = {}
        for quad in terms:
            shown = [colours.get(term, term) for term in quad]
            for place, term in enumerate(quad):
                if isinstance(term, ox.BlankNode):
                    around.setdefault(term, []).append(hash((place, *shown)))
        colours = {term: hash((colours[term], *sorted(seen))) for term, seen in around.items()}
    return sorted(hash(tuple(colours.get(term, term) for term in quad)) for quad in terms)


@dataclass(slots=True)
class _Comments:
    """The comments of a statement, by the offset of what they stand above or behind."""

    above: dict[int, list[str]] = field(default_factory=dict)
    behind: dict[int, list[str]] = field(default_factory=dict)

    def about(self, *offsets: int) -> bool:
        """Tell whether one of these has a comment."""
        return any(offset in self.above or offset in self.behind for offset in offsets)

    def tail(self, offset: int) -> str:
        """Return what stands behind something on its line."""
        return "".join(f"  {comment}" for comment in self.behind.get(offset, ()))


class _Prefixes:
    """The prefixes at a place of a document, found by the beginnings of IRIs."""

    def __init__(self) -> None:
        self._namespaces: dict[str, str] = {}
        self._names: dict[str, set[str]] = {}
        self._lengths: list[int] = []  # of the namespaces, the longest first, each below zero

    def declare(self, name: str, namespace: str) -> None:
        """Take a prefix, which may have stood for something else before."""
        self._names.get(self._namespaces.get(name, ""), set()).discard(name)
        self._namespaces[name] = namespace
        self._names.setdefault(namespace, set()).add(name)
        if -len(namespace) not in self._lengths:
            insort(self._lengths, -len(namespace))

    def name(self, iri: str) -> str | None:
        """Return an IRI with the prefix of the longest namespace that fits, or None."""
        for length in self._lengths:
            names = self._names.get(iri[:-length])
            if names and _LOCAL.fullmatch(iri, -length):
                return f"{max(names)}:{iri[-length:]}"
        return None


class _Writer:
    """Writes the statements of a document; what nests is written without recursion."""

    def __init__(self, read: TurtleDocument, statements: Sequence[TurtleStatement]) -> None:
        self._document = read
        self._text = read.text
        self._comments = read.comments
        self._statements = statements
        self._prefixes = _Prefixes()
        self._own = _Comments()
        self._margin = ""

    def text(self) -> str:
        """Return the whole text."""
        parts: list[str] = []
        end = 0
        former = ""
        shown = _in_order(self._statements)
        for number, statement in enumerate(self._statements):
            if statement.kind == "prefix":
                self._prefixes.declare(statement.name, statement.iri)
            behind, above = self._between(end, statement.start)
            parts[-1:] = [part.rstrip("\n") + f"  {behind}\n" for part in parts[-1:]] if behind else parts[-1:]
            if statement.kind == "close":
                self._margin = ""
            gap = self._gap(former, statement.kind)
            parts += [gap, *(f"{self._margin}{line}\n" if line else "\n" for line in above)]
            parts.append("".join(_flat(self._statement(shown[number]))))
            if statement.kind == "open":
                self._margin = "    "
            end, former = statement.end, statement.kind
        behind, above = self._between(end, len(self._text))
        if behind and parts:
            parts[-1] = parts[-1].rstrip("\n") + f"  {behind}\n"
        tail = "".join(f"{line}\n" for line in above)
        return "".join(parts) + ("\n" + tail if tail and parts else tail)

    def _gap(self, former: str, kind: str) -> str:
        directives = ("prefix", "base")
        together = not former or former == "open" or kind == "close" or (former in directives and kind in directives)
        return "" if together else "\n"

    def _between(self, start: int, end: int) -> tuple[str, list[str]]:
        """Return the comment behind a statement, and the lines of those above the next, blank ones between groups."""
        comments = [token for token in self._comments if start <= token.start < end]
        behind = ""
        if comments and "\n" not in self._text[start : comments[0].start] and start:
            behind = comments.pop(0).text.rstrip()
        lines: list[str] = []
        for number, token in enumerate(comments):
            lines.append(token.text.rstrip())
            following = comments[number + 1].start if number + 1 < len(comments) else end
            if self._text.count("\n", token.end, following) > 1 and following < len(self._text):
                lines.append("")
        return behind, lines

    def _statement(self, statement: TurtleStatement) -> Iterator[object]:
        if statement.kind == "prefix":
            yield f"@prefix {statement.name}: <{statement.written}> .\n"
        elif statement.kind == "base":
            yield f"@base <{statement.written}> .\n"
        elif statement.kind == "open":
            name = f"{self._plain(statement.subject)} " if statement.subject else ""
            yield f"{name}{{\n"
        elif statement.kind == "close":
            yield "}\n"
        else:
            yield self._triples(statement)

    def _triples(self, statement: TurtleStatement) -> Iterator[object]:
        assert statement.subject is not None
        self._own = self._comments_of(statement)
        yield self._margin
        yield self._node(statement.subject, self._margin)
        pairs = _order_pairs(statement.pairs)
        if not pairs:
            yield f" .{self._own.tail(statement.end - 1)}\n"
            return
        yield f"{self._own.tail(statement.subject.start)}\n"
        for pair in pairs:
            yield self._pair(pair, self._margin + "    ", " ;" if pair is not pairs[-1] else " .")
        for line in self._own.above.get(statement.end - 1, ()):
            yield f"{self._margin}{line}\n"

    def _pair(self, pair: PredicateObjects, indent: str, separator: str) -> Iterator[object]:
        """Yield the line or lines of a predicate with its objects."""
        own = self._own
        for line in own.above.get(pair.predicate.start, ()):
            yield f"{indent}{line}\n"
        verb = "a" if pair.predicate.term == TYPE else self._plain(pair.predicate)
        objects = self._sort(pair.objects)
        offsets = [node.start for node in objects]
        inline = [self._inline(node) for node in objects]
        together = ", ".join(text or "" for text in inline)
        alone = len(objects) == 1 and objects[0].kind == "term"
        fits = alone or len(indent) + len(verb) + len(together) + 3 <= WIDTH
        if None not in inline and fits and not any(own.about(offset) for offset in offsets[:-1]):
            tail = own.tail(pair.predicate.start) + own.tail(offsets[-1])
            if offsets[-1] not in own.above:
                yield f"{indent}{verb} {together}{separator}{tail}\n"
                return
        if len(objects) == 1 and offsets[0] not in own.above and pair.predicate.start not in own.behind:
            yield f"{indent}{verb} "
            yield self._node(objects[0], indent)
            yield f"{separator}{own.tail(_end_offset(objects[0]))}\n"
            return
        yield f"{indent}{verb}{own.tail(pair.predicate.start)}\n"
        yield from self._objects(objects, indent + "    ", ",", separator)

    def _objects(self, objects: Sequence[TurtleNode], indent: str, separator: str, last: str) -> Iterator[object]:
        """Yield a line or more for each object."""
        for node in objects:
            for line in self._own.above.get(node.start, ()):
                yield f"{indent}{line}\n"
            yield indent
            yield self._node(node, indent)
            yield f"{last if node is objects[-1] else separator}{self._own.tail(_end_offset(node))}\n"

    def _node(self, node: TurtleNode, indent: str) -> Iterator[object]:
        if len(indent) > _DEEPEST * 4:
            place = self._document.region(node.start, node.start)
            message = f"brackets are nested more than {_DEEPEST} deep, which no line has room for; give nodes names"
            raise MalformedInput(message, path=self._document.path, line=place.line, column=place.column)
        inline = self._inline(node)
        if inline is not None and (node.kind == "term" or len(indent) + len(inline) + 3 <= WIDTH):
            yield inline
        elif node.kind == "[":
            yield f"[{self._own.tail(node.start)}\n"
            pairs = _order_pairs(node.pairs)
            for pair in pairs:
                yield self._pair(pair, indent + "    ", " ;" if pair is not pairs[-1] else "")
            yield from self._close(node, indent, "]")
        else:
            yield f"({self._own.tail(node.start)}\n"
            yield from self._objects(node.items, indent + "    ", "", "")
            yield from self._close(node, indent, ")")

    def _close(self, node: TurtleNode, indent: str, bracket: str) -> Iterator[object]:
        for line in self._own.above.get(node.end - 1, ()):
            yield f"{indent}    {line}\n"
        yield f"{indent}{bracket}"

    def _inline(self, node: TurtleNode) -> str | None:
        """Return a term on one line, or None for what needs more: several predicates, deep brackets, comments."""
        if node.kind == "term":
            return self._plain(node)
        members = node.items if node.kind == "(" else [member for pair in node.pairs for member in pair.objects]
        several = node.kind == "[" and (len(node.pairs) > 1 or len(members) > 1)
        offsets = [node.start, node.end - 1, *(member.start for member in members)]
        verbs = [pair.predicate.start for pair in node.pairs]
        nested = any(member.kind != "term" for member in members)
        if several or (nested and not self._shallow(members)) or self._own.about(*offsets, *verbs):
            return None
        texts = [self._inline(member) for member in members]
        if any(text is None or "\n" in text for text in texts):
            return None
        joined = " ".join(text or "" for text in texts)
        if node.kind == "(":
            return f"( {joined} )" if members else "()"
        if not members:
            return "[]"
        predicate = node.pairs[0].predicate
        verb = "a" if predicate.term == TYPE else self._plain(predicate)
        return f"[ {verb} {joined} ]"

    def _shallow(self, members: Sequence[TurtleNode]) -> bool:
        """Tell whether brackets hold one level more at most, such as the list of an alternative path."""
        return all(item.kind == "term" for member in members for item in _inner(member))

    def _sort(self, objects: Sequence[TurtleNode]) -> list[TurtleNode]:
        """Return objects in their order, each plain one once: IRIs and literals as they are written, brackets last."""
        unique: dict[object, TurtleNode] = {}
        for node in objects:
            key = (node.term, node.kind) if node.kind == "term" and not self._own.about(node.start) else node.start
            unique.setdefault(key, node)
        plain = [node for node in unique.values() if node.kind == "term"]
        return [*sorted(plain, key=self._plain), *(node for node in unique.values() if node.kind != "term")]

    def _plain(self, node: TurtleNode) -> str:
        """Return a term that has no brackets, or an empty pair of them."""
        text = self._text[node.start : node.end]
        if text.startswith("["):
            return "[]"
        if text.startswith("("):
            return "()"
        if isinstance(node.term, ox.Literal) and text[0] in "\"'":
            return self._literal(node.term, text)
        return self._iri(text) if text.startswith("<") else text

    def _literal(self, term: ox.Literal, text: str) -> str:
        tail = re.search(r"(?:@[A-Za-z0-9-]+|\^\^\s*(?:#[^\n]*\n\s*)*(?:<[^<>]*>|[^\s<>\"']+))?\Z", text)
        suffix = tail[0] if tail else ""
        if suffix.startswith("^"):
            datatype = suffix[2:].strip()
            suffix = f"^^{self._iri(datatype) if datatype.startswith('<') else datatype}"
        return _quote(term.value) + suffix

    def _iri(self, text: str) -> str:
        """Return an IRI with its prefix, if there is one for it, or as it is."""
        return self._prefixes.name(text[1:-1]) or text

    def _comments_of(self, statement: TurtleStatement) -> _Comments:
        """Return the comments inside a statement with what they stand by."""
        inside = [token for token in self._comments if statement.start <= token.start < statement.end]
        own = _Comments()
        if inside:
            anchors = sorted({statement.end - 1, *_anchors(statement)})
            for token in inside:
                self._attach(own, anchors, token)
        return own

    def _attach(self, own: _Comments, anchors: Sequence[int], token: TurtleToken) -> None:
        line = self._text[self._text.rfind("\n", 0, token.start) + 1 : token.start]
        at = bisect_left(anchors, token.start)
        if line.strip() and at:
            own.behind.setdefault(anchors[at - 1], []).append(token.text.rstrip())
        else:
            own.above.setdefault(anchors[at], []).append(token.text.rstrip())


def _in_order(statements: Sequence[TurtleStatement]) -> list[TurtleStatement]:
    """Return statements with each run of directives sorted, unless something depends on the order of a run."""
    shown: list[TurtleStatement] = []
    for directives, group in groupby(statements, lambda statement: statement.kind in ("prefix", "base")):
        run = list(group)
        names = [statement.name for statement in run]
        absolute = all(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", statement.written) for statement in run)
        sortable = directives and absolute and len(set(names)) == len(names)
        shown += sorted(run, key=lambda statement: (statement.kind == "base", statement.name)) if sortable else run
    return shown


def _end_offset(node: TurtleNode) -> int:
    """Return the offset that a comment behind a node stands by."""
    return node.start if node.kind == "term" else node.end - 1


def _inner(node: TurtleNode) -> list[TurtleNode]:
    return [*node.items, *(value for pair in node.pairs for value in pair.objects)]


def _anchors(statement: TurtleStatement) -> Iterator[int]:
    """Yield the offsets of what a comment can stand by: predicates, objects, items, and closing brackets."""
    waiting: list[tuple[TurtleNode | None, Sequence[PredicateObjects]]] = [(statement.subject, statement.pairs)]
    while waiting:
        node, pairs = waiting.pop()
        if node is not None:
            yield node.start
            if node.kind != "term":
                yield node.end - 1
            waiting += [(item, ()) for item in node.items]
            pairs = [*pairs, *node.pairs]
        for pair in pairs:
            yield pair.predicate.start
            waiting += [(value, ()) for value in pair.objects]


def _order_pairs(pairs: Iterable[PredicateObjects]) -> list[PredicateObjects]:
    """Return pairs in the fixed order, those of one predicate together."""
    merged: dict[str, PredicateObjects] = {}
    for pair in pairs:
        iri = str(pair.predicate.term)[1:-1]
        known = merged.get(iri)
        merged[iri] = PredicateObjects(known.predicate, [*known.objects, *pair.objects]) if known else pair
    return [merged[iri] for iri in sorted(merged, key=lambda iri: (_RANKS.get(iri, 0), iri))]


def _quote(value: str) -> str:
    """Return a string in double quotes, three of them where it has several lines."""
    if "\n" in value and "\r" not in value:
        text = re.sub(r'"(?="|\Z)', r'\\"', value.replace("\\", "\\\\"))
        return f'"""{_CONTROL.sub(lambda match: str(ox.Literal(match[0]))[1:-1], text)}"""'
    return str(ox.Literal(value))


def _flat(pieces: Iterator[object]) -> Iterator[str]:
    """Yield the strings of pieces that nest, without recursion."""
    stack = [pieces]
    while stack:
        for piece in stack[-1]:
            if isinstance(piece, str):
                yield piece
            else:
                assert isinstance(piece, Iterator)
                stack.append(piece)
                break
        else:
            stack.pop()


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the Turtle and TriG files among paths and in the folders among them, each once, sorted by folder.

    Raises:
        TriplomacyError: a path does not exist, is not such a file, or a folder has none.
    """
    files_in_order: dict[Path, None] = {}
    for path in paths:
        inside = [file for file in below(path) if file.suffix in (".ttl", ".trig")] if path.is_dir() else [path]
        if not path.exists():
            raise TriplomacyError("no such file or folder; correct PATH", path=path)
        if not inside or (path.is_file() and path.suffix not in (".ttl", ".trig")):
            raise TriplomacyError("no Turtle here; give .ttl or .trig files, or a folder with some", path=path)
        files_in_order.update(dict.fromkeys(inside))
    return list(files_in_order)


def of_file(path: Path) -> tuple[str, str]:
    """Return the text of a file as it is and in its normal form.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file cannot be read.
    """
    text = read_text(path)
    return text, normalise(text, base=base_iri(path), trig=path.suffix == ".trig", path=path)
