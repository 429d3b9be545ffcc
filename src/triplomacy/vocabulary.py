"""Terms that nobody has declared: misspelt ones of the standard vocabularies, and those of one's own namespaces.

The standard vocabularies are in ``vocabularies.txt``: a line with the prefix and the namespace, then the names. One's
own namespaces are those in which the data declare classes or properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import UnknownName
from triplomacy.findings import Finding, Rule, Severity, ordered
from triplomacy.terms import OWL, RDF, RDFS, compress

UNKNOWN: Final = Rule(
    "terms/unknown",
    "A term of a standard vocabulary that this vocabulary does not have",
    "Correct its spelling: every tool passes over a term that it does not know, and what it should have said is lost.",
)
UNDECLARED: Final = Rule(
    "terms/undeclared",
    "A class or property that is used and not declared, though others of its namespace are",
    "Correct its spelling, or declare it in the ontology.",
)

_KINDS: Final = {
    *(RDFS + name for name in ("Class", "Datatype")),
    RDF + "Property",
    *(OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")),
}
_TYPE: Final = RDF + "type"
_MEMBER: Final = re.compile(re.escape(RDF) + r"_[1-9]\d*")


@cache
def standard() -> Mapping[str, frozenset[str]]:
    """Return the names of each standard vocabulary by its namespace."""
    found: dict[str, frozenset[str]] = {}
    namespace = ""
    for line in Path(__file__).with_name("vocabularies.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            found[namespace] |= frozenset(line.split())
        else:
            namespace = line.split()[1]
            found[namespace] = frozenset()
    return found


def check(triples: Iterable[ox.Triple], declared_in: Iterable[ox.Triple] = ()) -> list[Finding]:
    """Return a finding for each triple with a term that nobody has declared, in the order of reports.

    Args:
        triples: what is looked through.
        declared_in: triples whose declarations count besides, such as those of an ontology.
    """
    given = list(triples)
    own = _own([*given, *declared_in])
    return ordered(_found(given, own))


def _own(triples: Iterable[ox.Triple]) -> dict[str, set[str]]:
    """Return the terms that the triples declare, by namespace, the standard ones left out."""
    own: dict[str, set[str]] = {}
    kinds = {ox.NamedNode(kind) for kind in _KINDS}
    for triple in triples:
        if triple.predicate.value == _TYPE and triple.object in kinds and isinstance(triple.subject, ox.NamedNode):
            own.setdefault(namespace(triple.subject.value), set()).add(triple.subject.value)
    return {space: names for space, names in own.items() if space not in standard() and len(names) > 1}


def namespace(iri: str) -> str:
    """Return an IRI up to its last ``#`` or, without one, its last ``/``."""
    cut = iri.rfind("#")
    return iri[: (cut if cut >= 0 else iri.rfind("/")) + 1]


def _found(triples: Iterable[ox.Triple], own: Mapping[str, set[str]]) -> Iterator[Finding]:
    wrong: dict[str, Finding | None] = {}
    for triple in triples:
        for term in (triple.predicate.value, *_named(triple)):
            role = term == triple.predicate.value or triple.predicate.value == _TYPE
            key = f"{term} {role}"
            if key not in wrong:
                wrong[key] = _wrong(term, own, used_as_term=role)
            if found := wrong[key]:
                yield _placed(found, triple, term)


def _named(triple: ox.Triple) -> tuple[str, ...]:
    """Return the IRIs of a triple's object: its own, or its data type."""
    if isinstance(triple.object, ox.NamedNode):
        return (triple.object.value,)
    return (triple.object.datatype.value,) if isinstance(triple.object, ox.Literal) else ()


def _wrong(term: str, own: Mapping[str, set[str]], *, used_as_term: bool) -> Finding | None:
    space = namespace(term)
    name = term[len(space) :]
    if name and space in standard() and name not in standard()[space] and not _MEMBER.fullmatch(term):
        return _finding(UNKNOWN, "term", term, (space + known for known in standard()[space]))
    if used_as_term and space in own and term not in own[space]:
        return _finding(UNDECLARED, "declared term", term, own[space])
    return None


def _finding(rule: Rule, kind: str, term: str, known: Iterable[str]) -> Finding:
    unknown = UnknownName(kind, compress(term), map(compress, known))
    message = f"N{unknown.message[1:]}"
    advice = "" if unknown.near else "; correct it" if rule is UNKNOWN else "; correct it, or declare it"
    return Finding("terms", Severity.VIOLATION, message + advice, rule=rule.name)


def _placed(found: Finding, triple: ox.Triple, term: str) -> Finding:
    """Return the finding about one triple: with its object where that is wrong, else about its predicate."""
    focus, predicate = str(triple.subject), str(triple.predicate)
    value = None if term == triple.predicate.value else str(triple.object)
    return Finding(
        found.check, found.severity, found.message, focus=focus, path=predicate, value=value, rule=found.rule
    )
