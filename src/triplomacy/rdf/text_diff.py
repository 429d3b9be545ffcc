"""How one text of an RDF file differs from an earlier one, found by parsing only the statements that differ.

What two texts of Turtle or N-Triples have in common at their beginning and at their end is skipped. What lies between
is extended to whole statements, and these are parsed with the prefixes and the base that apply there. A triple may be
stated again elsewhere in the file: such statements are looked up by their subject, however it is spelt. Where this is
not safe (strings in three quotes, blank nodes in what differs, changed directives, escapes in names), both texts are
parsed as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.files import base_iri
from triplomacy.rdf.parsing import parse_text, rdf_format
from triplomacy.terms import RDF

_CHUNK: Final = 1 << 18  # bytes that are compared at once
_SUBJECTS: Final = 16  # from which on a parse of the whole is about as fast as a search for each
_PLACES: Final = 2_000  # of a subject, for the same reason
_ESCAPES: Final = 20_000

_LONG: Final = (b'"""', b"'''")
_CODE: Final = re.compile(  # of a line: IRIs, strings and all else, up to a comment or an unclosed string or IRI
    rb"""(?:<[^\x00-\x20<>"{}|^`]*+>|"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+'|[^#<"'\\]++)*+"""
)
_OPEN: Final = re.compile(rb"""[#"']|<[^\x00-\x20<>"{}|^`]*\Z""")
_DIRECTIVE: Final = re.compile(
    rb"""@prefix\s+[^\s:<>"']*:\s*<[^<>\s]*>\s*\.|@base\s*<[^<>\s]*>\s*\.|
         (?i:prefix)\s+[^\s:<>"']*:\s*<[^<>\s]*>|(?i:base)\s*<[^<>\s]*>""",
    re.VERBOSE,
)
_PREFIX: Final = re.compile(rb"@?prefix\s+([^\s:]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_BASE: Final = re.compile(rb"@?base\s*<([^<>\s]*)>", re.IGNORECASE)
_ABSOLUTE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_DOTS: Final = re.compile(rb"(?:\A|/)\.\.?(?:[/?#]|\Z)")
_FOLDER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*/(?:[^?#]*/)?")
_NAME: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-%:") | set(range(128, 256))
_NIL: Final = RDF.encode() + b"nil"
_PLAIN_ESCAPES: Final = b'tbnrf"\\'  # these stand in strings only


@dataclass(frozen=True, slots=True)
class TripleChange:
    """How a graph or a file differs from what it was.

    Attributes:
        gone: triples that it has no longer, as they were written.
        new: triples that it did not have, as they are written.
        kept: triples that it had and has, at least those with the subject and the predicate of a triple that is gone:
            a store that takes ``1.50`` for ``1.5`` has to keep one where the other one is gone.
    """

    gone: frozenset[ox.Triple] = frozenset()
    new: frozenset[ox.Triple] = frozenset()
    kept: frozenset[ox.Triple] = frozenset()


class _UnsureError(Exception):
    """What differs cannot be told from the rest safely: both texts have to be parsed."""


class Outline(NamedTuple):
    """What has to be known of a text before a part of it can be read alone.

    Attributes:
        directives: from where to where each stands; None where the text can be read as a whole only.
        escaped: whether a name may be written with an escape.
    """

    directives: tuple[tuple[int, int], ...] | None
    escaped: bool


def outline(text: bytes, path: Path) -> Outline:
    """Return the outline of a well-formed text of a file.

    Raises:
        TriplomacyError: the ending of *path* names no RDF format.
    """
    form = rdf_format(path)
    if form not in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES) or any(quotes in text for quotes in _LONG):
        return Outline(None, True)
    try:
        directives = _directives(text) if form == ox.RdfFormat.TURTLE else []
    except _UnsureError:
        return Outline(None, True)
    return Outline(tuple(directives), _is_escaped(text))


def diff_texts(before: bytes, now: bytes, path: Path, known: Outline | None = None) -> TripleChange:
    """Return how a file differs from an earlier text of it; a triple with a blank node is always another one.

    Blank nodes in statements that both texts have are not among what differs, unless the whole had to be parsed: then
    each triple with a blank node is gone and new.

    Args:
        before: the earlier text, which was well-formed.
        now: the text of today.
        path: the file, for its format, its base and for what errors call it.
        known: the outline of the earlier text; to find it takes most of the time for a large one.

    Raises:
        MalformedInput: the text of today does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the ending of *path* names no RDF format.
    """
    if before == now:
        return TripleChange()
    try:
        return _diff_texts(before, now, path, known or outline(before, path))
    except _UnsureError:
        return diff(parse_text(before, path), parse_text(now, path))


def diff(before: Iterable[ox.Triple], now: Iterable[ox.Triple]) -> TripleChange:
    """Return how one set of triples differs from another one."""
    old, new = frozenset(before), frozenset(now)
    gone = old - new
    return TripleChange(gone, new - old, sharing_slot(gone, old & new))


def sharing_slot(gone: Iterable[ox.Triple], others: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    """Return the triples with the subject and predicate of one that is gone."""
    places = {(triple.subject, triple.predicate) for triple in gone}
    return frozenset(triple for triple in others if (triple.subject, triple.predicate) in places)


def statements_about(
    text: bytes, triples: Iterable[ox.Triple], path: Path, known: Outline | None = None
) -> frozenset[ox.Triple]:
    """Return what a well-formed text of a file states of the subjects of some triples, and maybe more.

    Args:
        text: the text.
        triples: whose subjects are meant; blank nodes have no part in it.
        path: the file, for its format and its base.
        known: the outline of the text.

    Raises:
        TriplomacyError: the ending of *path* names no RDF format.
    """
    subjects = {str(triple.subject)[1:-1] for triple in triples if isinstance(triple.subject, ox.NamedNode)}
    if not subjects:
        return frozenset()
    try:
        return _Text(text, path, known or outline(text, path)).about(subjects, 0, 0)
    except _UnsureError:
        return frozenset(parse_text(text, path))


def _diff_texts(before: bytes, now: bytes, path: Path, known: Outline) -> TripleChange:
    """Return how two texts differ; raise _UnsureError where that cannot be told from the part in which they do."""
    if known.directives is None:
        raise _UnsureError
    first = _common_start(before, now)
    last = _common_end(before, now, min(len(before), len(now)) - first)
    start, end = _statement_start(now, first), _statement_end(now, len(now) - last)
    longer = len(now) - len(before)
    old, new = before[start : end - longer], now[start:end]
    own = _directives(new) if rdf_format(path) == ox.RdfFormat.TURTLE else []
    inside = [before[one:two] for one, two in known.directives if start <= one < end - longer]
    if any(quotes in new for quotes in _LONG) or inside != [new[one:two] for one, two in own]:
        raise _UnsureError
    above = [(one, two) for one, two in known.directives if one < start]
    below = [(one + longer, two + longer) for one, two in known.directives if one >= end - longer]
    directives = (*above, *((start + one, start + two) for one, two in own), *below)
    text = _Text(now, path, Outline(directives, known.escaped))
    had, has = text.part(old, start), text.part(new, start)
    if any(_has_blank(triple) for triple in had | has):
        raise _UnsureError
    gone, fresh = had - has, has - had
    elsewhere = text.about({str(triple.subject)[1:-1] for triple in gone | fresh}, start, end)
    gone, fresh = gone - elsewhere, fresh - elsewhere
    return TripleChange(gone, fresh, sharing_slot(gone, (had & has) | elsewhere))


class _Text:
    """A text of which parts are read alone, with the directives that hold there."""

    def __init__(self, text: bytes, path: Path, known: Outline) -> None:
        if known.directives is None:
            raise _UnsureError
        self.text, self.path, self.escaped = text, path, known.escaped
        self.directives = [(start, text[start:end]) for start, end in known.directives]

    def part(self, part: bytes, place: int) -> frozenset[ox.Triple]:
        """Return the triples of whole statements that stand, or stood, in a place."""
        head = b"\n".join([*(text for start, text in self.directives if start < place), b""])
        return self._parse(head + part)

    def _parse(self, text: bytes) -> frozenset[ox.Triple]:
        try:
            return frozenset(parse_text(text, self.path))
        except MalformedInput:
            raise _UnsureError from None

    def about(self, subjects: set[str], start: int, end: int) -> frozenset[ox.Triple]:
        """Return the triples of the statements that may have one of the subjects, but for those from *start* to *end*.

        They are read in their order, among all directives.
        """
        if not subjects:
            return frozenset()
        if self.escaped or len(subjects) > _SUBJECTS:
            raise _UnsureError
        names = _Spellings(self.directives, self.path)
        spans = ((0, start), (end, len(self.text)))
        places = sorted(place for iri in subjects for span in spans for place in self._places(iri, names, span))
        pieces, reached = list(self.directives), 0
        for place in places:
            if place >= reached:
                first, reached = _statement_start(self.text, place), _statement_end(self.text, place)
                pieces = [piece for piece in pieces if not first <= piece[0] < reached]
                pieces.append((first, self.text[first:reached]))
        return self._parse(b"\n".join(text for _, text in sorted(pieces))) if places else frozenset()

    def _places(self, subject: str, names: _Spellings, span: tuple[int, int]) -> Iterator[int]:
        """Yield where an IRI may be written between two offsets."""
        iri = subject.encode()
        piece = names.piece(iri)
        place, count = self.text.find(piece, *span), 0
        while place >= 0:
            if names.may_be(iri, self.text, place, place + len(piece)):
                count += 1
                yield place
            if count > _PLACES:
                raise _UnsureError
            place = self.text.find(piece, place + 1, span[1])


class _Spellings:
    """In which ways an IRI can be written, given the directives of a text."""

    def __init__(self, directives: Sequence[tuple[int, bytes]], path: Path) -> None:
        self.starts, self.bases = [0], [base_iri(path).encode()]
        self.prefixes: set[tuple[bytes, bytes]] = set()
        for start, text in directives:
            if match := _BASE.match(text):
                self.starts.append(start)
                self.bases.append(match[1])
            elif match := _PREFIX.match(text):
                self.prefixes.add((match[1], match[2]))
        written = [*self.bases, *(iri for _, iri in self.prefixes)]
        if any(not _ABSOLUTE.match(iri) or _DOTS.search(iri) or b"\\" in iri for iri in written):
            raise _UnsureError
        self.folders = [match[0] if (match := _FOLDER.match(base)) else None for base in self.bases]
        self.documents = {base.partition(b"#")[0] for base in self.bases}

    def piece(self, iri: bytes) -> bytes:
        """Return the end of an IRI that each way of writing it has."""
        if iri in self.documents or iri == _NIL:
            raise _UnsureError  # it may be written as <> or as ()
        start = max(iri.rfind(mark) + 1 for mark in (b"/", b"?", b"#", b":"))
        start = max([start, *(len(namespace) for _, namespace in self.prefixes if iri.startswith(namespace))])
        if start == len(iri):
            raise _UnsureError
        return iri[start:]

    def may_be(self, iri: bytes, text: bytes, place: int, end: int) -> bool:
        """Tell whether an IRI may be written there, whose last piece stands from *place* to *end*."""
        following = text[end : end + 1]
        if following == b">":
            start = text.rfind(b"<", 0, place)
            return start < 0 or self._may_mean(iri, text[start + 1 : end], start)
        if following and following[0] in _NAME:
            return False
        return any(
            iri.startswith(namespace) and text.endswith(name + b":" + iri[len(namespace) :], 0, end)
            for name, namespace in self.prefixes
        )

    def _may_mean(self, iri: bytes, reference: bytes, place: int) -> bool:
        """Tell whether a reference in the place may be resolved to an IRI."""
        if reference == iri or _DOTS.search(reference):
            return True
        if _ABSOLUTE.match(reference):
            return False
        folder = self.folders[bisect_right(self.starts, place) - 1]
        if reference.startswith((b"/", b"?", b"#")) or folder is None:
            return iri.endswith(reference)
        return iri == folder + reference


def _has_blank(triple: ox.Triple) -> bool:
    return not isinstance(triple.subject, ox.NamedNode) or isinstance(triple.object, ox.BlankNode | ox.Triple)


def _common_start(before: bytes, now: bytes) -> int:
    """Return how many bytes both begin with."""
    return _longest(min(len(before), len(now)), lambda start, end: before[start:end] == now[start:end])


def _common_end(before: bytes, now: bytes, most: int) -> int:
    """Return how many bytes both end with, at most so many."""
    one, two = len(before), len(now)
    return _longest(most, lambda start, end: before[one - end : one - start] == now[two - end : two - start])


def _longest(most: int, same: Callable[[int, int], bool]) -> int:
    """Return up to where something is the same, which is asked for in pieces."""
    known = 0
    while known + _CHUNK <= most and same(known, known + _CHUNK):
        known += _CHUNK
    most = min(most, known + _CHUNK)
    while known < most:
        middle = (known + most + 1) // 2
        if same(known, middle):
            known = middle
        else:
            most = middle - 1
    return known


def _statement_start(text: bytes, place: int) -> int:
    """Return the last offset up to *place* at which a statement begins for certain."""
    end = text.rfind(b"\n", 0, place) + 1
    while end:
        begin = text.rfind(b"\n", 0, end - 1) + 1
        if _ends_statement(text[begin:end]):
            return end
        end = begin
    return 0


def _statement_end(text: bytes, place: int) -> int:
    """Return the first offset after *place* at which a statement has ended, as far as its line tells."""
    while end := text.find(b"\n", place) + 1:
        if _ends_statement(text[text.rfind(b"\n", 0, end - 1) + 1 : end]):
            return end
        place = end
    return len(text)


def _ends_statement(line: bytes) -> bool:
    """Tell whether a statement ends with a line for certain.

    A line end is between two tokens or ends a comment, since no string of one quote and no IRI goes over it; and a full
    stop that is a token ends a statement. What is open at the end of a line, or escaped, tells nothing.
    """
    code = _CODE.match(line)
    assert code is not None
    comment = line[code.end() :].rstrip()
    return code[0].rstrip().endswith(b".") and (not comment or (comment[:1] == b"#" and b"\r" not in comment))


def _directives(text: bytes) -> list[tuple[int, int]]:
    """Return where the directives of a text of Turtle stand that has no long strings.

    Raises:
        _UnsureError: that cannot be told.
    """
    lower = text.lower()
    directives = []
    for word in (b"prefix", b"base"):
        place = lower.find(word)
        while place >= 0:
            end = place + len(word)
            if (lower[end : end + 1] or b" ") in b" \t\r\n<#" and not _is_name(text, place) and _in_code(text, place):
                directive = _DIRECTIVE.match(text, place - (text[place - 1 : place] == b"@"))
                if not directive:
                    raise _UnsureError
                directives.append(directive.span())
            place = lower.find(word, end)
    return sorted(directives)


def _is_name(text: bytes, place: int) -> bool:
    """Tell whether what begins at *place* only goes on with a name."""
    return place > 0 and text[place - 1] in _NAME


def _in_code(text: bytes, place: int) -> bool:
    """Tell whether *place* is in no string, IRI or comment."""
    line = text[text.rfind(b"\n", 0, place) + 1 : place]
    code = _CODE.match(line)
    assert code is not None
    rest = line[code.end() :]
    if not rest:
        return True
    if b"\r" in rest or not _OPEN.match(rest):
        raise _UnsureError
    return False


def _is_escaped(text: bytes) -> bool:
    """Tell whether a name may be written with an escape."""
    place = text.find(b"\\")
    for _ in range(_ESCAPES):
        if place < 0:
            return False
        if text[place + 1 : place + 2] not in _PLAIN_ESCAPES:
            return True
        place = text.find(b"\\", place + 2)
    return True
