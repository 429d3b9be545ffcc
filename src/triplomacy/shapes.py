"""SHACL: what the shapes of some files find in data, by either of two engines, as the same findings.

The fast engine is ``shacl`` (Rust), the other pySHACL. Both run SHACL Core, SHACL-SPARQL and SPARQL-based targets,
without inference. What an engine would pass over in silence is refused beforehand: a property shape without a path, a
query that is malformed or that would fetch from elsewhere. A term that SHACL does not have is a finding.

What remains different are the labels of blank nodes, and what each engine takes for a malformed shape.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pyoxigraph as ox

from triplomacy.dataset import parse_file
from triplomacy.errors import EngineUnavailable, TriplomacyError, UnknownName
from triplomacy.findings import Finding, Severity, ordered
from triplomacy.terms import OWL, RDF, SH, compress, local_name

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Engine = Literal["fast", "pyshacl"]
Data = ox.Store | Iterable[ox.Triple] | Iterable[ox.Quad]

_MODULES: Final[Mapping[Engine, str]] = {"fast": "shacl", "pyshacl": "pyshacl"}
_SEVERITIES: Final = {"Info": Severity.INFO, "Warning": Severity.WARNING, "Violation": Severity.VIOLATION}
_SPARQL: Final = SH + "SPARQLConstraintComponent"
_QUERIES: Final = ("ask", "construct", "select")
_MARKS: Final = ("path", "property", "target", "targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
_VALIDATORS: Final = ("validator", "nodeValidator", "propertyValidator")
_KINDS: Final = (ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape"))

# What could hide the keywords of a query, or be taken for one: comments, strings, IRIs, variables and prefixed names.
_NO_KEYWORD: Final = re.compile(
    r"""\#[^\n]* | "{3}.*?"{3} | '{3}.*?'{3} | "[^"\n]*" | '[^'\n]*' | <[^<>\s]*> | [?$]\w+ | [\w.-]*:[\w.-]*""",
    re.DOTALL | re.VERBOSE,
)

# The vocabulary of SHACL, SHACL-SPARQL and SHACL-AF, without SHACL-JS, which neither engine runs here.
_TERMS: Final = """
AbstractResult AndConstraintComponent AndConstraintComponent-and BlankNode BlankNodeOrIRI BlankNodeOrLiteral
ClassConstraintComponent ClosedConstraintComponent ConstraintComponent DatatypeConstraintComponent
DisjointConstraintComponent EqualsConstraintComponent ExpressionConstraintComponent Function
HasValueConstraintComponent IRI IRIOrLiteral InConstraintComponent Info LanguageInConstraintComponent
LessThanConstraintComponent LessThanOrEqualsConstraintComponent Literal MaxCountConstraintComponent
MaxExclusiveConstraintComponent MaxInclusiveConstraintComponent MaxLengthConstraintComponent
MinCountConstraintComponent MinExclusiveConstraintComponent MinInclusiveConstraintComponent
MinLengthConstraintComponent NodeConstraintComponent NodeKind NodeKindConstraintComponent NodeShape
NotConstraintComponent OrConstraintComponent Parameter Parameterizable PatternConstraintComponent PrefixDeclaration
PropertyConstraintComponent PropertyGroup PropertyShape QualifiedMaxCountConstraintComponent
QualifiedMinCountConstraintComponent ResultAnnotation Rule SPARQLAskExecutable SPARQLAskValidator SPARQLConstraint
SPARQLConstraintComponent SPARQLConstructExecutable SPARQLExecutable SPARQLFunction SPARQLRule SPARQLSelectExecutable
SPARQLSelectValidator SPARQLTarget SPARQLTargetType SPARQLUpdateExecutable Severity Shape Target TargetType TripleRule
UniqueLangConstraintComponent ValidationReport ValidationResult Validator Violation Warning XoneConstraintComponent
alternativePath and annotationProperty annotationValue annotationVarName ask class closed condition conforms construct
datatype deactivated declare defaultValue description detail disjoint entailment equals expression filterShape flags
focusNode group hasValue ignoredProperties in intersection inversePath labelTemplate languageIn lessThan
lessThanOrEquals maxCount maxExclusive maxInclusive maxLength message minCount minExclusive minInclusive minLength
name namespace node nodeKind nodeValidator nodes not object oneOrMorePath optional or order parameter path pattern
predicate prefix prefixes property propertyValidator qualifiedMaxCount qualifiedMinCount qualifiedValueShape
qualifiedValueShapesDisjoint result resultAnnotation resultMessage resultPath resultSeverity returnType rule select
severity shapesGraph shapesGraphWellFormed sourceConstraint sourceConstraintComponent sourceShape sparql subject
suggestedShapesGraph target targetClass targetNode targetObjectsOf targetSubjectsOf this union uniqueLang update
validator value xone zeroOrMorePath zeroOrOnePath
"""

TERMS: Final = frozenset(_TERMS.split())


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The triples of the files, the objects of each subject and property of SHACL, the language of each message."""

    triples: Sequence[ox.Triple]
    values: Mapping[tuple[Any, str], Sequence[Any]]
    languages: Mapping[str, str | None]

    def of(self, subject: Any, name: str) -> Sequence[Any]:
        """Return the objects of a property of SHACL."""
        return self.values.get((subject, name), ())

    def subjects(self, *names: str) -> list[Any]:
        """Return the subjects that have one of these properties of SHACL, in the order of the files."""
        return list(dict.fromkeys(subject for subject, name in self.values if name in names))


def available_engines() -> tuple[Engine, ...]:
    """Return the engines that are installed here, the preferred one first."""
    return tuple(engine for engine, module in _MODULES.items() if importlib.util.find_spec(module))


def validate(data: Data, shapes: Sequence[Path], *, engine: Engine = "fast") -> list[Finding]:
    """Return what the shapes find in the data, all shape files taken as one graph, in the order of reports.

    The data are triples or quads as they were parsed, or a store's default graph. A store rewrites literals:
    ``xsd:nonNegativeInteger`` becomes ``xsd:integer``, ``01`` becomes ``1``. So where data types count, give triples.
    A finding's shape is the nearest one with a name; its message is the shape's, in English if there is one.

    Raises:
        EngineUnavailable: the engine is not installed here.
        MalformedInput: a file of shapes does not follow its grammar.
        TriplomacyError: there are no shapes, or they are malformed, or the engine cannot run them.
    """
    if engine not in available_engines():
        raise EngineUnavailable(
            f"the engine {engine} is not installed here; install {_MODULES[engine]} or take another"
        )
    read = _read(shapes)
    _check(read)
    found = _run_fast(data, read) if engine == "fast" else _run_pyshacl(data, read)
    return ordered([*_unknown_terms(read), *found])


def _read(paths: Sequence[Path]) -> _Shapes:
    triples: list[ox.Triple] = []
    for path in paths:
        triples += parse_file(path)
    values: dict[tuple[Any, str], list[Any]] = {}
    for subject, predicate, value in triples:
        if predicate.value.startswith(SH) or predicate.value == OWL + "imports":
            values.setdefault((subject, local_name(predicate.value)), []).append(value)
    messages = (text for (_, name), texts in values.items() if name == "message" for text in texts)
    return _Shapes(triples, values, {text.value: text.language for text in messages})


def _check(shapes: _Shapes) -> None:
    typed = [triple for triple in shapes.triples if triple.predicate.value == RDF + "type" and triple.object in _KINDS]
    if not shapes.subjects(*_MARKS) and not typed:
        raise TriplomacyError("there are no shapes in these files; give files that have some")
    owned = [shape for subject in shapes.subjects("property") for shape in shapes.of(subject, "property")]
    declared = [triple.subject for triple in typed if triple.object == _KINDS[1]]
    for shape in [*owned, *declared]:
        if len(shapes.of(shape, "path")) != 1:
            raise TriplomacyError(f"the property shape {shape} has no sh:path or several; give it exactly one")
    for subject in shapes.subjects(*_QUERIES):
        _check_query(shapes, subject)


def _unknown_terms(shapes: _Shapes) -> Iterator[Finding]:
    """Yield a warning for each term of SHACL's namespace that SHACL does not have: no engine does anything with it."""
    for triple in shapes.triples:
        for term in triple:
            if (
                isinstance(term, ox.NamedNode)
                and term.value.startswith(SH)
                and term.value.removeprefix(SH) not in TERMS
            ):
                unknown = UnknownName("SHACL term", compress(term.value), [f"sh:{name}" for name in TERMS])
                message = f"N{unknown.message[1:]}"
                focus = _named(shapes, triple.subject) or triple.subject
                yield Finding("shapes", Severity.WARNING, message, focus=str(focus), value=str(term))


def _check_query(shapes: _Shapes, subject: Any) -> None:
    """Parse the queries of a constraint, a target or a validator: the fast engine passes over a malformed target."""
    for text in (literal.value for name in _QUERIES for literal in shapes.of(subject, name)):
        forbidden = re.search(r"\b(SERVICE|FROM|LOAD)\b", _NO_KEYWORD.sub(" ", text), re.IGNORECASE)
        if forbidden:
            raise TriplomacyError(f"a query of the shapes has {forbidden[0]}; remove it, they see only the data")
        try:
            ox.Store().query(text.replace("$PATH", f"<{SH}path>"), prefixes=_prefixes(shapes, subject))
        except SyntaxError as error:
            message = f"a query of the shapes is not SPARQL: {error.msg}; correct {text.strip()}"
            raise TriplomacyError(message) from None


def _prefixes(shapes: _Shapes, subject: Any) -> dict[str, str]:
    return {
        name.value: space.value
        for owner in _imports(shapes, shapes.of(subject, "prefixes"))
        for declaration in shapes.of(owner, "declare")
        for name in shapes.of(declaration, "prefix")
        for space in shapes.of(declaration, "namespace")
    }


def _imports(shapes: _Shapes, owners: Sequence[Any]) -> list[Any]:
    """Return the owners of prefixes and what they import."""
    found = list(dict.fromkeys(owners))
    for owner in found:
        found += [imported for imported in shapes.of(owner, "imports") if imported not in found]
    return found


def _triples(data: Data) -> Iterator[ox.Triple]:
    if isinstance(data, ox.Store):
        data = data.quads_for_pattern(None, None, None, ox.DefaultGraph())
    return (item.triple if isinstance(item, ox.Quad) else item for item in data)


def _n_triples(data: Data) -> str:
    if isinstance(data, ox.Store):
        text = data.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    else:
        text = ox.serialize(_triples(data), format=ox.RdfFormat.N_TRIPLES)
    return (text or b"").decode("utf-8")  # None only where it goes to a file


def _run_fast(data: Data, shapes: _Shapes) -> Iterator[Finding]:
    import shacl

    try:
        compiled = shacl.Shapes.from_text(_n_triples(shapes.triples), "ntriples")
        report = compiled.validate_text(_n_triples(data), "ntriples")
    except ValueError as error:
        raise TriplomacyError(f"the fast engine cannot run these shapes: {error}") from error
    for result in report.results:
        yield _finding(
            shapes,
            severity=result.severity_iri,
            focus=result.focus_node,
            path=result.path,
            value=result.value,
            shape=result.root_shape,
            component=result.component_iri,
            messages=result.messages,
        )


def _run_pyshacl(data: Data, shapes: _Shapes) -> Iterator[Finding]:
    import pyshacl
    import rdflib

    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # it prints a traceback for each ill-typed literal
    graph = _rdflib(shapes.triples)
    try:
        _, report, text = pyshacl.validate(_rdflib(_triples(data)), shacl_graph=graph, advanced=True, inference="none")
    except Exception as error:  # a malformed shape makes it raise re.error, ParseException or a bare Exception
        raise TriplomacyError(f"pySHACL cannot run these shapes: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise TriplomacyError(f"pySHACL cannot run these shapes: {text}")
    for result in report.objects(None, rdflib.URIRef(SH + "result")):
        yield _pyshacl_finding(shapes, graph, report, result)


def _rdflib(triples: Iterable[ox.Triple]) -> Graph:
    import rdflib

    graph = rdflib.Graph()
    for triple in triples:
        subject, predicate, value = (_to_rdflib(term) for term in triple)
        graph.add((subject, predicate, value))
    return graph


def _to_rdflib(term: Any) -> Node:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Triple):
        raise TriplomacyError("pySHACL reads no triple terms; use the fast engine, or remove them")
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def _from_rdflib(node: Node | None) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    from rdflib import BNode, Literal

    if node is None:
        return None
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if not isinstance(node, Literal):
        return ox.NamedNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)


def _pyshacl_finding(shapes: _Shapes, graph: Graph, report: Graph, result: Node) -> Finding:
    from rdflib import URIRef

    def one(name: str) -> Node | None:
        return report.value(result, URIRef(SH + name))

    shape, component, path = _from_rdflib(one("sourceShape")), str(one("sourceConstraintComponent")), one("resultPath")
    constraint = _from_rdflib(one("sourceConstraint"))
    validators = [owner for name in _VALIDATORS for owner in shapes.of(ox.NamedNode(component), name)]
    speakers = [shape, constraint, ox.NamedNode(component), *validators]
    said = any(shapes.of(speaker, "message") for speaker in speakers)
    return _finding(
        shapes,
        severity=str(one("resultSeverity")),
        focus=_text(_from_rdflib(one("focusNode"))),
        path=None if path is None else _path(graph, path),
        value=_text(_from_rdflib(one("value"))),
        shape=_text(_named(shapes, shape)),
        component=component,
        messages=[str(text) for text in report.objects(result, URIRef(SH + "resultMessage"))] if said else [],
    )


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | None) -> str | None:
    return None if term is None else str(term)


def _named(shapes: _Shapes, shape: Any) -> ox.NamedNode | None:
    """Return the nearest shape with an IRI, going up from a property shape to the shape whose it is."""
    seen = set()
    while shape is not None and not isinstance(shape, ox.NamedNode) and shape not in seen:
        seen.add(shape)
        owners = (owner for owner in shapes.subjects("property") if shape in shapes.of(owner, "property"))
        shape = next(owners, None)
    return shape if isinstance(shape, ox.NamedNode) else None


def _path(graph: Graph, node: Node) -> str:
    """Return a path of SHACL as a path of SPARQL, in the fast engine's way of setting brackets."""
    from rdflib import URIRef

    if isinstance(node, URIRef):
        return f"<{node}>"
    if graph.value(node, URIRef(RDF + "first")) is not None:
        return f"({'/'.join(_path(graph, step) for step in graph.items(node))})"
    inverse = graph.value(node, URIRef(SH + "inversePath"))
    if inverse is not None:
        return f"^{_path(graph, inverse)}"
    alternatives = graph.value(node, URIRef(SH + "alternativePath"))
    if alternatives is not None:
        return f"({'|'.join(_path(graph, step) for step in graph.items(alternatives))})"
    for name, mark in (("zeroOrMorePath", "*"), ("oneOrMorePath", "+"), ("zeroOrOnePath", "?")):
        inner = graph.value(node, URIRef(SH + name))
        if inner is not None:
            return f"({_path(graph, inner)}){mark}"
    return f"_:{node}"


def _finding(
    shapes: _Shapes,
    *,
    severity: str,
    focus: str | None,
    path: str | None,
    value: str | None,
    shape: str | None,
    component: str,
    messages: Sequence[str],
) -> Finding:
    named = ox.NamedNode(shape[1:-1]) if shape else None
    return Finding(
        check="shacl",
        severity=_SEVERITIES.get(severity.removeprefix(SH), Severity.VIOLATION),
        message=_message(shapes, messages) or _default(shape, component),
        focus=focus,
        path=path,
        value=None if component == _SPARQL and _names_no_value(shapes, named) else value,
        shape=shape,
        component=f"<{component}>",
    )


def _names_no_value(shapes: _Shapes, shape: ox.NamedNode | None) -> bool:
    """Tell whether a property shape's queries select no value; the fast engine then gives the focus node as one."""
    queries = [text.value for node in shapes.of(shape, "sparql") for text in shapes.of(node, "select")]
    return bool(shapes.of(shape, "path") and queries) and not any(re.search(r"[?$]value\b", text) for text in queries)


def _message(shapes: _Shapes, messages: Sequence[str]) -> str | None:
    """Return the English message, else one in no language, else any."""

    def rank(text: str) -> tuple[int, str]:
        language = shapes.languages.get(text) or ""
        return (0 if language.startswith("en") else 2 if language else 1), text

    return min(messages, key=rank, default=None)


def _default(shape: str | None, component: str) -> str:
    name = component.removeprefix(SH).removesuffix("ConstraintComponent")
    constraint = compress(component) if ":" in name else f"sh:{name[:1].lower()}{name[1:]}".replace("sPARQL", "sparql")
    owner = f" of {compress(shape[1:-1])}" if shape else ""
    return f"{constraint}{owner} does not hold here; correct the node or the shape."
