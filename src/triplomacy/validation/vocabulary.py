"""Terms that nobody has declared: misspelt ones of the standard vocabularies, and those of one's own namespaces.

The standard vocabularies are in ``vocabularies.txt``: a line with the prefix and the namespace, then the names. One's
own namespaces are those in which the data declare classes or properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import UnknownName
from triplomacy.findings import Finding, Rule, Severity, sort_findings
from triplomacy.rdf import TYPE, namespace, standard
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
    *(ox.NamedNode(RDFS + name) for name in ("Class", "Datatype")),
    ox.NamedNode(RDF + "Property"),
    *(ox.NamedNode(OWL + f"{name}Property") for name in ("Object", "Datatype", "Annotation")),
    *(ox.NamedNode(OWL + name) for name in ("Class", "NamedIndividual")),
}
_MEMBER: Final = re.compile(re.escape(RDF) + r"_[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Usage:
    """Which terms some triples use, each once, so that checks of terms need not go through all triples.

    ``kinds`` has the class of each typed node and, where it is a declaration, the node's IRI; ``values`` the other
    IRIs that are objects; ``literals`` each predicate with each data type.
    """

    predicates: frozenset[ox.NamedNode]
    kinds: frozenset[tuple[ox.NamedNode | None, ox.NamedNode]]
    values: frozenset[ox.NamedNode]
    literals: frozenset[tuple[ox.NamedNode, ox.NamedNode]]

    @property
    def classes(self) -> set[ox.NamedNode]:
        """The classes that some node is said to be in."""
        return {kind for _, kind in self.kinds}


def usage(triples: Iterable[ox.Triple]) -> Usage:
    """Return which terms the triples use."""
    kinds: set[tuple[ox.NamedNode | None, ox.NamedNode]] = set()
    values: set[tuple[ox.NamedNode, ox.NamedNode]] = set()
    literals: set[tuple[ox.NamedNode, ox.NamedNode]] = set()
    others: set[ox.NamedNode] = set()
    for triple in triples:
        predicate, value = triple.predicate, triple.object
        if isinstance(value, ox.Literal):
            literals.add((predicate, value.datatype))
        elif not isinstance(value, ox.NamedNode):
            others.add(predicate)
        elif predicate == TYPE:
            subject = triple.subject if value in _KINDS else None
            kinds.add((subject if isinstance(subject, ox.NamedNode) else None, value))
        else:
            values.add((predicate, value))
    predicates = {predicate for predicate, _ in values | literals} | others | ({TYPE} if kinds else set())
    return Usage(frozenset(predicates), frozenset(kinds), frozenset(value for _, value in values), frozenset(literals))


def check(triples: Iterable[ox.Triple], used: Usage, declared: Iterable[Usage] = ()) -> list[Finding]:
    """Return a finding for each triple with a term that nobody has declared, in the order of reports.

    Args:
        triples: what is looked through, if need be.
        used: the terms that they use.
        declared: of what the declarations count besides, such as an ontology.
    """
    own = _own([used, *declared])
    terms = {term.value for term in used.predicates | used.classes}
    others = {term.value for term in used.values} | {datatype.value for _, datatype in used.literals}
    wrong = {
        (term, as_term): finding
        for group, as_term in ((terms, True), (others, False))
        for term in group
        if (finding := _wrong(term, own, used_as_term=as_term))
    }
    return sort_findings(_findings(triples, wrong)) if wrong else []


def _own(used: Iterable[Usage]) -> dict[str, set[str]]:
    """Return the terms that are declared, by namespace, the standard ones left out."""
    own: dict[str, set[str]] = {}
    for subject in (subject for usage in used for subject, _ in usage.kinds):
        if subject is not None:
            own.setdefault(namespace(subject.value), set()).add(subject.value)
    return {space: names for space, names in own.items() if space not in standard() and len(names) > 1}


def _findings(triples: Iterable[ox.Triple], wrong: Mapping[tuple[str, bool], Finding]) -> Iterator[Finding]:
    for triple in triples:
        for number, term in enumerate((triple.predicate.value, *_object_iris(triple))):
            message = wrong.get((term, not number or triple.predicate == TYPE))
            if message:
                yield _about_triple(message, triple, term)


def _object_iris(triple: ox.Triple) -> tuple[str, ...]:
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


def _about_triple(finding: Finding, triple: ox.Triple, term: str) -> Finding:
    """Return the finding about one triple: with its object where that is wrong, else about its predicate."""
    focus, predicate = str(triple.subject), str(triple.predicate)
    value = None if term == triple.predicate.value else str(triple.object)
    return Finding(
        finding.check, finding.severity, finding.message, focus=focus, path=predicate, value=value, rule=finding.rule
    )
