"""OWL 2 DL: the triples of an ontology that reasoners refuse or misread.

The rules are those of "OWL 2 Structural Specification" (W3C Recommendation, second edition): section 4 for datatypes,
5.8 and 5.9 for declarations and punning, 2.4 and 5.1 for reserved vocabulary, 11 for simple properties. What they
say of the order of properties in chains is left to the reasoner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyoxigraph as ox

from triplomacy.findings import Finding, Rule, Severity, sort_findings
from triplomacy.rdf import FIRST, closure
from triplomacy.terms import OWL, RDF, RDFS, XSD, compress
from triplomacy.validation.vocabulary import Usage, usage

RULES: Final = (
    Rule(
        "profile/datatype",
        "A literal on a data property, or a range, has a datatype that OWL 2 does not have",
        "Use a datatype of OWL 2 such as xsd:dateTime, or make the property an annotation property.",
    ),
    Rule(
        "profile/punning",
        "One IRI is declared as two kinds of property, or as class and datatype",
        "Keep one of the declarations, or give the other thing an IRI of its own.",
    ),
    Rule(
        "profile/reserved",
        "A term of OWL, RDF, RDFS or XSD is declared, or is used in a way that OWL 2 DL does not allow",
        "Make a term of your own, and use that.",
    ),
    Rule(
        "profile/simple",
        "A property that is transitive, or follows from a chain, is restricted in a way that only simple ones may be",
        "Keep a simple sub-property beside it, and restrict that.",
    ),
    Rule(
        "profile/undeclared",
        "A class or property that the ontology uses and does not declare",
        "Declare it, as owl:Class, owl:ObjectProperty, owl:DatatypeProperty or owl:AnnotationProperty.",
    ),
)

_NAMES: Final = """
decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte unsignedLong
unsignedInt unsignedShort unsignedByte double float string normalizedString token language Name NCName NMTOKEN boolean
hexBinary base64Binary anyURI dateTime dateTimeStamp
"""
_DATATYPES: Final = frozenset(
    [
        *(OWL + name for name in ("real", "rational")),
        *(RDF + name for name in ("XMLLiteral", "PlainLiteral", "langString")),
        RDFS + "Literal",
        *(XSD + name for name in _NAMES.split()),
    ]
)
_PROPERTIES: Final = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_BUILT_IN_ANNOTATIONS: Final = frozenset(
    [RDFS + name for name in ("label", "comment", "seeAlso", "isDefinedBy")]
    + [
        OWL + name
        for name in ("versionInfo", "deprecated", "priorVersion", "backwardCompatibleWith", "incompatibleWith")
    ]
)
_BUILT_IN: Final = frozenset(
    OWL + name
    for name in (
        "Thing",
        "Nothing",
        "topObjectProperty",
        "bottomObjectProperty",
        "topDataProperty",
        "bottomDataProperty",
    )
)
_RESERVED: Final = (OWL, RDF, RDFS, XSD)
_RESTRICTED: Final = (
    *("minCardinality", "maxCardinality", "cardinality", "hasSelf"),
    *("minQualifiedCardinality", "maxQualifiedCardinality", "qualifiedCardinality"),
)
_SIMPLE_ONLY: Final = ("FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty", "AsymmetricProperty")
_CLASS_VALUED: Final = frozenset(
    [OWL + name for name in ("equivalentClass", "disjointWith", "complementOf", "onClass")]
    + [OWL + name for name in ("someValuesFrom", "allValuesFrom")]
    + [RDFS + name for name in ("subClassOf", "domain", "range")]
)
_CLASSES_LISTED: Final = frozenset(OWL + name for name in ("unionOf", "intersectionOf", "disjointUnionOf"))
_PROPERTIES_LISTED: Final = frozenset(OWL + name for name in ("hasKey", "propertyChainAxiom"))
_NO_CLASSES: Final = frozenset(
    [RDFS + name for name in ("Resource", "Container", "ContainerMembershipProperty")]
    + [RDF + name for name in ("Alt", "Bag", "Seq", "Statement")]
)
_PROPERTY_VALUED: Final = frozenset(
    [OWL + name for name in ("onProperty", "inverseOf", "equivalentProperty", "propertyDisjointWith")]
    + [RDFS + "subPropertyOf"]
)


@dataclass(frozen=True, slots=True)
class _Axioms:
    """The triples, the objects by subject and predicate, the kinds that each IRI is declared as."""

    triples: Sequence[ox.Triple]
    objects: Mapping[tuple[Any, str], Sequence[Any]]
    kinds: Mapping[str, frozenset[str]]

    def list_items(self) -> Iterator[tuple[str, Any, ox.Triple]]:
        """Yield each item of a list with the property and the node that have the list, and the item's triple."""
        for triple in self.triples:
            purpose = triple.predicate.value
            if purpose not in _CLASSES_LISTED | _PROPERTIES_LISTED | {OWL + "members"}:
                continue
            cell, seen = triple.object, set()
            while cell not in seen:
                seen.add(cell)
                for item in self.objects.get((cell, RDF + "first"), ()):
                    yield purpose, triple.subject, ox.Triple(cell, FIRST, item)  # type: ignore[arg-type]
                cell = next(iter(self.objects.get((cell, RDF + "rest"), ())), cell)

    def is_typed(self, node: Any, name: str) -> bool:
        """Tell whether a node, which may be one without a name, is of a class of OWL."""
        return ox.NamedNode(OWL + name) in self.objects.get((node, RDF + "type"), ())

    def is_a(self, iri: str, *kinds: str) -> bool:
        return any(kind in self.kinds.get(iri, ()) for kind in kinds)


def check(ontology: Iterable[ox.Triple], data: Iterable[ox.Triple] = (), used: Usage | None = None) -> list[Finding]:
    """Return the violations of OWL 2 DL in an ontology, and of its datatypes in the data, in the order of reports.

    Args:
        ontology: the triples of the ontology.
        data: triples of data besides.
        used: the terms of both together, if they are known already.
    """
    triples = list(ontology)
    objects: dict[tuple[Any, str], list[Any]] = {}
    for triple in triples:
        objects.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)
    kinds = {
        str(subject)[1:-1]: frozenset(str(kind)[1:-1] for kind in values)
        for (subject, predicate), values in objects.items()
        if predicate == RDF + "type" and isinstance(subject, ox.NamedNode)
    }
    read = _Axioms(triples, objects, kinds)
    own = (
        finding
        for find in (_ranges, _punning, _reserved_terms, _not_simple, _missing_declarations)
        for finding in find(read)
    )
    return sort_findings([*own, *_literals(read, [*triples, *data], used)])


def _finding(rule: str, message: str, triple: ox.Triple) -> Finding:
    return Finding(
        "profile",
        Severity.VIOLATION,
        message,
        focus=str(triple.subject),
        path=str(triple.predicate),
        value=str(triple.object),
        rule=f"profile/{rule}",
    )


def _literals(read: _Axioms, triples: Sequence[ox.Triple], used: Usage | None) -> Iterator[Finding]:
    known = {ox.NamedNode(iri) for iri in _DATATYPES | _own_datatypes(read)}
    data = {ox.NamedNode(iri) for iri, kinds in read.kinds.items() if OWL + "DatatypeProperty" in kinds}
    pairs = (used or usage(triples)).literals
    wrong = {(predicate, datatype) for predicate, datatype in pairs if predicate in data and datatype not in known}
    for triple in triples if wrong else ():
        value = triple.object
        if isinstance(value, ox.Literal) and (triple.predicate, value.datatype) in wrong:
            message = (
                f"OWL 2 has no datatype {compress(value.datatype.value)}, and HermiT stops at it; use another one."
            )
            yield _finding("datatype", message, triple)


def _ranges(read: _Axioms) -> Iterator[Finding]:
    own = _own_datatypes(read)
    for triple in read.triples:
        if triple.predicate.value == RDFS + "range" and isinstance(triple.object, ox.NamedNode):
            datatype = triple.object.value
            is_data = read.is_a(str(triple.subject)[1:-1], OWL + "DatatypeProperty")
            if is_data and datatype not in _DATATYPES and datatype not in own:
                message = f"{compress(datatype)} is not a datatype of OWL 2; take another range."
                yield _finding("datatype", message, triple)


def _own_datatypes(read: _Axioms) -> set[str]:
    return {iri for iri, kinds in read.kinds.items() if RDFS + "Datatype" in kinds}


def _punning(read: _Axioms) -> Iterator[Finding]:
    for triple in read.triples:
        iri = str(triple.subject)[1:-1]
        if triple.predicate.value != RDF + "type" or not isinstance(triple.object, ox.NamedNode):
            continue
        kinds = [name for name in _PROPERTIES if read.is_a(iri, OWL + name)]
        if len(kinds) > 1 and triple.object.value == OWL + kinds[-1]:
            others = " and ".join(f"owl:{name}" for name in kinds[:-1])
            yield _finding("punning", f"{compress(iri)} is declared as {others} too; keep one.", triple)
        if read.is_a(iri, OWL + "Class") and triple.object.value == RDFS + "Datatype":
            yield _finding("punning", f"{compress(iri)} is declared as a class too; keep one.", triple)


def _reserved_terms(read: _Axioms) -> Iterator[Finding]:
    declarations = {OWL + name for name in (*_PROPERTIES, "Class", "NamedIndividual")} | {RDFS + "Datatype"}
    cells = {triple.subject for triple in read.triples if triple.predicate.value == RDF + "first"}
    used = {triple.object for triple in read.triples if triple.predicate.value != RDF + "type"}
    for triple in read.triples:
        subject, predicate, value = str(triple.subject)[1:-1], triple.predicate.value, triple.object
        kind = value.value if predicate == RDF + "type" and isinstance(value, ox.NamedNode) else None
        if subject in _BUILT_IN:
            continue
        if subject.startswith(_RESERVED) and (kind in declarations or predicate in _CLASS_VALUED | _PROPERTY_VALUED):
            if kind != OWL + "AnnotationProperty" or subject not in _BUILT_IN_ANNOTATIONS:
                yield _finding("reserved", f"{compress(subject)} is reserved; make a term of your own.", triple)
        elif kind in (RDFS + "Class", RDF + "Property") and not read.kinds.get(subject, frozenset()) & declarations:
            advice = "owl:Class" if kind == RDFS + "Class" else "owl:ObjectProperty or one of its kind"
            yield _finding("reserved", f"OWL 2 DL has no {compress(kind)}; declare it as {advice}.", triple)
        elif kind in _NO_CLASSES:
            yield _finding("reserved", f"OWL 2 DL has no class {compress(kind)}; take one of your own.", triple)
        elif predicate in (RDF + "first", RDF + "rest") and triple.subject in cells - used:
            yield _finding("reserved", "OWL 2 DL has no lists of RDF as data; say it with a property.", triple)


def _not_simple(read: _Axioms) -> Iterator[Finding]:
    composite = _composite(read)
    for triple in read.triples:
        subject, predicate, value = triple.subject, triple.predicate.value, triple.object
        restricted = predicate == OWL + "onProperty" and any(
            (subject, OWL + name) in read.objects for name in _RESTRICTED
        )
        characterised = predicate == RDF + "type" and str(value)[1:-1] in {OWL + name for name in _SIMPLE_ONLY}
        disjoint = predicate == OWL + "propertyDisjointWith"
        properties = [value] if restricted else [subject, value] if disjoint else [subject] if characterised else []
        for each in properties:
            if each in composite:
                yield _finding("simple", f"{_term_text(each)} {_NOT_SIMPLE}", triple)
    for purpose, owner, triple in read.list_items():
        disjoint = purpose == OWL + "members" and read.is_typed(owner, "AllDisjointProperties")
        if disjoint and triple.object in composite:
            yield _finding("simple", f"{_term_text(triple.object)} {_NOT_SIMPLE}", triple)


_NOT_SIMPLE: Final = (
    "is transitive or follows from a chain, so it is not simple; keep a simple sub-property, and say it of that."
)


def _term_text(term: Any) -> str:
    return compress(term.value) if isinstance(term, ox.NamedNode) else "An inverse of this property"


def _composite(read: _Axioms) -> set[Any]:
    """Return the properties that are not simple: transitive ones, those of chains, and what is above or inverse."""
    starts = [
        triple.subject
        for triple in read.triples
        if triple.object == ox.NamedNode(OWL + "TransitiveProperty")
        or triple.predicate.value == OWL + "propertyChainAxiom"
    ]
    both_ways = (OWL + "inverseOf", OWL + "equivalentProperty")
    above: dict[Any, list[Any]] = {}
    for triple in read.triples:
        if triple.predicate.value in (RDFS + "subPropertyOf", *both_ways):
            above.setdefault(triple.subject, []).append(triple.object)
        if triple.predicate.value in both_ways:
            above.setdefault(triple.object, []).append(triple.subject)
    return set(closure(starts, above.get))


def _missing_declarations(read: _Axioms) -> Iterator[Finding]:
    properties = {OWL + name for name in _PROPERTIES}
    for triple in read.triples:
        predicate, value = triple.predicate.value, triple.object
        known = predicate.startswith(_RESERVED) or read.kinds.get(predicate, frozenset()) & properties
        if not known:
            yield _finding("undeclared", f"The property {compress(predicate)} is not declared; declare it.", triple)
        if not isinstance(value, ox.NamedNode) or value.value.startswith(_RESERVED):
            continue
        apart = (
            _PROPERTIES[1:] if predicate == RDFS + "range" else _PROPERTIES[2:] if predicate == RDFS + "domain" else ()
        )
        elsewhere = any(read.is_typed(triple.subject, kind) for kind in apart)  # a datatype, or any IRI
        if predicate in (RDF + "type", *_CLASS_VALUED) and not elsewhere:
            yield from _undeclared_term(read, triple, "class")
        if predicate in _PROPERTY_VALUED:
            yield from _undeclared_term(read, triple, "property")
    for purpose, owner, triple in read.list_items():
        if isinstance(triple.object, ox.NamedNode) and not triple.object.value.startswith(_RESERVED):
            if purpose in _CLASSES_LISTED or read.is_typed(owner, "AllDisjointClasses"):
                yield from _undeclared_term(read, triple, "class")
            elif purpose in _PROPERTIES_LISTED or read.is_typed(owner, "AllDisjointProperties"):
                yield from _undeclared_term(read, triple, "property")


def _undeclared_term(read: _Axioms, triple: ox.Triple, what: Literal["class", "property"]) -> Iterator[Finding]:
    """Yield a finding where the object of a triple is not declared as a class or datatype, or as a property."""
    iri = str(triple.object)[1:-1]
    kinds = (OWL + "Class", RDFS + "Datatype") if what == "class" else [OWL + name for name in _PROPERTIES]
    if not read.is_a(iri, *kinds):
        yield _finding("undeclared", f"The {what} {compress(iri)} is not declared; declare it.", triple)
