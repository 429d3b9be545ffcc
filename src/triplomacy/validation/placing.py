"""Findings to the places where what they are about is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import pyoxigraph as ox

from triplomacy.findings import Finding, Pattern, Place
from triplomacy.rdf import SourceMap, Written, term_of
from triplomacy.terms import SH

_CLOSED: Final = f"<{SH}ClosedConstraintComponent>"
_OF_PREDICATES: Final = ("terms/unknown", "terms/undeclared")  # without a value, it is the predicate that is wrong


def located(source: SourceMap, found: Iterable[Finding], derived: Mapping[Pattern, Sequence[str]]) -> list[Finding]:
    """Return the findings with their places, where they have none yet.

    A finding about a value points to the value; about a closed shape, to the predicate; about several values, to
    each; about a missing property or a node as a whole, to the node's statement. What it is ``about`` besides
    comes behind.

    Args:
        source: the map of the files.
        found: the findings.
        derived: for a fact that no file has, the IRIs of the nodes that it was derived from.
    """
    return [_located(source, finding, derived) for finding in found]


def _located(source: SourceMap, finding: Finding, derived: Mapping[Pattern, Sequence[str]]) -> Finding:
    if finding.places:
        return finding
    places = list(_own(source, finding))
    for pattern in finding.about:
        places += _matching(source, pattern) or _origins(source, derived.get(pattern, ()))
    return replace(finding, places=tuple(dict.fromkeys(places)))


def _own(source: SourceMap, finding: Finding) -> Iterator[Place]:
    """Yield the places of a finding's own node, path and value."""
    focus = term_of(finding.focus)
    if isinstance(focus, ox.NamedNode | ox.BlankNode):
        path = _path(finding.path or "")
        places = list(_values(source, finding, focus, path)) if path else []
        if not places and not (finding.about and not path):
            begins = source.begins(focus)
            places = [begins] if begins else [each.object for each in source.of_object(focus)][:1]
        yield from places
    elif isinstance(focus, ox.Literal):
        yield from [each.object for each in source.of_object(focus)][:1]


def _values(source: SourceMap, finding: Finding, focus: _Subject, path: _Path) -> Iterator[Place]:
    """Yield the places of the values at the end of a path, or of the one that the finding names."""
    value = term_of(finding.value)
    is_predicate = finding.component == _CLOSED or (value is None and finding.rule in _OF_PREDICATES)
    for term, reached in _reached(source, {focus: []}, path).items():
        if value in (None, term):
            yield from (each.predicate if is_predicate else place for each, place in reached)


class _Path(NamedTuple):
    """A path of SHACL: an IRI, or what an operator (``^``, ``/``, ``|``, ``*``, ``+``, ``?``) has."""

    operator: str
    parts: tuple[_Path, ...] = ()
    iri: str = ""


_Subject = ox.NamedNode | ox.BlankNode
_Reached = dict[ox.NamedNode | ox.BlankNode | ox.Literal, list[tuple[Written, Place]]]
"""The terms at the end of a path, with the triples of the last step and where the term stands in them."""


def _path(text: str) -> _Path | None:
    """Return the path of a text in the syntax of SPARQL as engines write it, in brackets, or None if it is none."""
    pieces = re.findall(r"<[^<>]*>|\S", text)
    waiting: list[list[_Path | str]] = [[]]
    for piece in pieces:
        if piece == "(":
            waiting.append([])
        elif piece == ")" and len(waiting) > 1:
            inner = _joined(waiting.pop())
            if inner is None:
                return None
            waiting[-1].append(inner)
        elif piece in ("*", "+", "?") and waiting[-1] and isinstance(waiting[-1][-1], _Path):
            waiting[-1][-1] = _Path(piece, (waiting[-1][-1],))
        else:
            waiting[-1].append(_Path("", iri=piece[1:-1]) if piece.startswith("<") else piece)
    return _joined(waiting[0]) if len(waiting) == 1 else None


def _joined(pieces: Sequence[_Path | str]) -> _Path | None:
    """Return the path of what stands between two brackets: paths, each with ``^`` before it or not, and / or |."""
    parts: list[_Path] = []
    between: set[str] = set()
    turned = False
    for piece in pieces:
        if isinstance(piece, _Path):
            parts.append(_Path("^", (piece,)) if turned else piece)
            turned = False
        elif piece == "^":
            turned = not turned
        else:
            between.add(piece)
    if len(parts) == 1 and not between:
        return parts[0]
    operator = between.pop() if len(between) == 1 else ""
    return _Path(operator, tuple(parts)) if operator in ("/", "|") else None


def _reached(source: SourceMap, starts: _Reached, path: _Path, turned: bool = False) -> _Reached:
    """Return what a path leads to, followed backwards if *turned*."""
    if path.operator == "^":
        return _reached(source, starts, path.parts[0], not turned)
    if path.operator == "/":
        for step in reversed(path.parts) if turned else path.parts:
            starts = _reached(source, starts, step, turned)
        return starts
    if path.operator == "|":
        return _merged(_reached(source, starts, part, turned) for part in path.parts)
    if path.operator == "?":
        return _merged([starts, _reached(source, starts, path.parts[0], turned)])
    if path.operator in ("*", "+"):
        return _closure(source, starts, path, turned)
    return _stepped(source, starts, path.iri, turned)


def _closure(source: SourceMap, starts: _Reached, path: _Path, turned: bool) -> _Reached:
    """Return what a path leads to that is gone any number of times, or once at least."""
    found: _Reached = dict(starts) if path.operator == "*" else {}
    fresh = starts
    while fresh:
        fresh = {
            term: reached
            for term, reached in _reached(source, fresh, path.parts[0], turned).items()
            if term not in found
        }
        found.update(fresh)
    return found


def _stepped(source: SourceMap, starts: _Reached, iri: str, turned: bool) -> _Reached:
    found: _Reached = {}
    for start in starts:
        if turned:
            for each in source.of_object(start):
                if each.triple.predicate.value == iri:
                    found.setdefault(_subject(each), []).append((each, each.subject))
        elif not isinstance(start, ox.Literal):
            for each in source.about(start):
                if each.triple.predicate.value == iri and not isinstance(each.triple.object, ox.Triple):
                    found.setdefault(each.triple.object, []).append((each, each.object))
    return found


def _subject(written: Written) -> _Subject:
    assert not isinstance(written.triple.subject, ox.Triple)  # RDF 1.1
    return written.triple.subject


def _merged(parts: Iterable[_Reached]) -> _Reached:
    found: _Reached = {}
    for part in parts:
        for term, reached in part.items():
            found.setdefault(term, []).extend(reached)
    return found


def _matching(source: SourceMap, pattern: Pattern) -> list[Place]:
    """Return where the triples of a pattern are written: the object if the pattern has one, else the predicate."""
    subject, predicate, value = map(term_of, pattern)
    if not isinstance(subject, ox.NamedNode | ox.BlankNode):
        return []
    found = [
        each
        for each in source.about(subject)
        if predicate in (None, each.triple.predicate) and value in (None, each.triple.object)
    ]
    if predicate is None:
        begins = source.begins(subject)
        return [begins] if begins else []
    return [each.object for each in found]


def _origins(source: SourceMap, nodes: Sequence[str]) -> list[Place]:
    begins = (source.begins(ox.NamedNode(node)) for node in nodes)
    return [place for place in begins if place]


def described(triples: Iterable[ox.Triple], nodes: Iterable[str]) -> dict[str, str]:
    """Return for each blank node, as ``_:name``, what tells it from others whatever they are called.

    That is what is said of it, four blank nodes deep, and which triples with an IRI as subject lead to it.
    """
    wanted = {node for node in nodes if node.startswith("_:")}
    if not wanted:
        return {}
    outgoing: dict[str, list[ox.Triple]] = {}
    incoming: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode):
            outgoing.setdefault(str(triple.subject), []).append(triple)
        if isinstance(triple.object, ox.BlankNode):
            incoming.setdefault(str(triple.object), []).append(triple)

    def said(node: str, depth: int) -> str:
        parts = []
        for triple in outgoing.get(node, ()):
            value = str(triple.object)
            nested = said(value, depth - 1) if value.startswith("_:") and depth else "_:"
            parts.append(f"{triple.predicate} {nested if value.startswith('_:') else value}")
        return "[" + " ; ".join(sorted(parts)) + "]"

    def led(node: str, depth: int) -> str:
        parts = []
        for triple in incoming.get(node, ()):
            owner = str(triple.subject)
            above = (led(owner, depth - 1) if depth else "_:") if owner.startswith("_:") else owner
            parts.append(f"{above} {triple.predicate}")
        return "{" + " ; ".join(sorted(parts)) + "}"

    return {node: led(node, 4) + said(node, 4) for node in sorted(wanted)}
