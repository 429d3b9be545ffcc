"""The places of findings in the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from triplomacy.findings import Finding, Pattern, Place
from triplomacy.rdf import SourceMap, Written, term_of
from triplomacy.terms import SH
from triplomacy.validation import shape_paths
from triplomacy.validation.shape_paths import Path

if TYPE_CHECKING:
    from triplomacy.validation.inputs import Input

_CLOSED: Final = f"<{SH}ClosedConstraintComponent>"
_OF_PREDICATES: Final = ("terms/unknown", "terms/undeclared")  # without a value, it is the predicate that is wrong


def place(given: Input, unplaced: Iterable[Finding]) -> list[Finding]:
    """Return the findings about an input with their places, those about shapes first."""
    findings = list(unplaced)
    of_shapes = [finding for finding in findings if finding.check == "shapes"]
    others = [finding for finding in findings if finding.check != "shapes"]
    facts = {fact for finding in others if not finding.places for fact in finding.about}
    placed = locate(given.map, others, given.origins(facts) if facts else {})
    # What is suppressed in the shapes is a matter of policy, and written in their files.
    elsewhere = [finding for finding in placed if finding.check == "policy" and not finding.places]
    there = [finding for finding in placed if finding.check != "policy" or finding.places]
    return [*place_in_shapes(given, of_shapes), *there, *locate(given.shape_map, elsewhere, {})]


def place_in_shapes(given: Input, unplaced: Iterable[Finding]) -> list[Finding]:
    """Place findings about shapes at the node that they are about, often one without a name, not at its owner."""
    findings = list(unplaced)
    written = [
        replace(each, focus=each.about[0][0], path=each.about[0][1], value=each.about[0][2], about=())
        if each.about
        else each
        for each in findings
    ]
    return [
        replace(each, places=other.places)
        for each, other in zip(findings, locate(given.shape_map, written, {}), strict=True)
    ]


def locate(source: SourceMap, findings: Iterable[Finding], derived: Mapping[Pattern, Sequence[str]]) -> list[Finding]:
    """Return the findings with their places, where they have none yet.

    A finding about a value points to the value; about a closed shape, to the predicate; about several values, to
    each; about a missing property or a node as a whole, to the node's statement. What it is ``about`` besides
    comes behind.

    Args:
        source: the map of the files.
        findings: the findings.
        derived: for a fact that no file has, the IRIs of the nodes that it was derived from.
    """
    return [_locate(source, finding, derived) for finding in findings]


def _locate(source: SourceMap, finding: Finding, derived: Mapping[Pattern, Sequence[str]]) -> Finding:
    if finding.places:
        return finding
    places = list(_own(source, finding))
    for pattern in finding.about:
        places += _places_of_pattern(source, pattern) or _origins(source, derived.get(pattern, ()))
    return replace(finding, places=tuple(dict.fromkeys(places)))


def _own(source: SourceMap, finding: Finding) -> Iterator[Place]:
    """Yield the places of a finding's own node, path and value."""
    focus = term_of(finding.focus)
    if isinstance(focus, ox.NamedNode | ox.BlankNode):
        path = shape_paths.parse(finding.path) if finding.path else None
        places = list(_values(source, finding, focus, path)) if path else []
        if not places and not (finding.about and not path):
            begins = source.begins(focus)
            places = [begins] if begins else [each.object for each in source.of_object(focus)][:1]
        yield from places
    elif isinstance(focus, ox.Literal):
        yield from [each.object for each in source.of_object(focus)][:1]


def _values(source: SourceMap, finding: Finding, focus: _Subject, path: Path) -> Iterator[Place]:
    """Yield the places of the values at the end of a path, or of the one that the finding names."""
    value = term_of(finding.value)
    is_predicate = finding.component == _CLOSED or (value is None and finding.rule in _OF_PREDICATES)
    for term, reached in _follow(source, {focus: []}, path).items():
        if value in (None, term):
            yield from (each.predicate if is_predicate else place for each, place in reached)


_Subject = ox.NamedNode | ox.BlankNode
_Reached = dict[ox.NamedNode | ox.BlankNode | ox.Literal, list[tuple[Written, Place]]]
"""The terms at the end of a path, with the triples of the last step and where the term stands in them."""


def _follow(source: SourceMap, starts: _Reached, path: Path, turned: bool = False) -> _Reached:
    """Return what a path leads to, followed backwards if *turned*."""
    if path.operator == "^":
        return _follow(source, starts, path.parts[0], not turned)
    if path.operator == "/":
        for step in reversed(path.parts) if turned else path.parts:
            starts = _follow(source, starts, step, turned)
        return starts
    if path.operator == "|":
        return _merge(_follow(source, starts, part, turned) for part in path.parts)
    if path.operator == "?":
        return _merge([starts, _follow(source, starts, path.parts[0], turned)])
    if path.operator in ("*", "+"):
        return _closure(source, starts, path, turned)
    return _step(source, starts, path.iri, turned)


def _closure(source: SourceMap, starts: _Reached, path: Path, turned: bool) -> _Reached:
    """Return the nodes that a path with ``*`` or ``+`` leads to."""
    closure: _Reached = dict(starts) if path.operator == "*" else {}
    fresh = starts
    while fresh:
        fresh = {
            term: reached
            for term, reached in _follow(source, fresh, path.parts[0], turned).items()
            if term not in closure
        }
        closure.update(fresh)
    return closure


def _step(source: SourceMap, starts: _Reached, iri: ox.NamedNode | None, turned: bool) -> _Reached:
    reached: _Reached = {}
    for start in starts:
        if turned:
            for each in source.of_object(start):
                if each.triple.predicate == iri:
                    reached.setdefault(_subject(each), []).append((each, each.subject))
        elif not isinstance(start, ox.Literal):
            for each in source.about(start):
                if each.triple.predicate == iri and not isinstance(each.triple.object, ox.Triple):
                    reached.setdefault(each.triple.object, []).append((each, each.object))
    return reached


def _subject(written: Written) -> _Subject:
    assert not isinstance(written.triple.subject, ox.Triple)  # RDF 1.1
    return written.triple.subject


def _merge(parts: Iterable[_Reached]) -> _Reached:
    merged: _Reached = {}
    for part in parts:
        for term, reached in part.items():
            merged.setdefault(term, []).extend(reached)
    return merged


def _places_of_pattern(source: SourceMap, pattern: Pattern) -> list[Place]:
    """Return where the triples of a pattern are written: the object if the pattern has one, else the predicate."""
    subject, predicate, value = map(term_of, pattern)
    if not isinstance(subject, ox.NamedNode | ox.BlankNode):
        return []
    matching = [
        each
        for each in source.about(subject)
        if predicate in (None, each.triple.predicate) and value in (None, each.triple.object)
    ]
    if predicate is None:
        begins = source.begins(subject)
        return [begins] if begins else []
    return [each.object for each in matching]


def _origins(source: SourceMap, nodes: Sequence[str]) -> list[Place]:
    begins = (source.begins(ox.NamedNode(node)) for node in nodes)
    return [place for place in begins if place]


def describe_nodes(triples: Iterable[ox.Triple], nodes: Iterable[str]) -> dict[str, str]:
    """Return a description of each blank node, called ``_:name``, that does not depend on labels.

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

    def statements(node: str, depth: int) -> str:
        parts = []
        for triple in outgoing.get(node, ()):
            value = str(triple.object)
            nested = statements(value, depth - 1) if value.startswith("_:") and depth else "_:"
            parts.append(f"{triple.predicate} {nested if value.startswith('_:') else value}")
        return "[" + " ; ".join(sorted(parts)) + "]"

    def ways(node: str, depth: int) -> str:
        parts = []
        for triple in incoming.get(node, ()):
            owner = str(triple.subject)
            above = (ways(owner, depth - 1) if depth else "_:") if owner.startswith("_:") else owner
            parts.append(f"{above} {triple.predicate}")
        return "{" + " ; ".join(sorted(parts)) + "}"

    return {node: ways(node, 4) + statements(node, 4) for node in sorted(wanted)}
