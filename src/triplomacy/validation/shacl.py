"""Validation with SHACL by one of two engines, with the same findings from both.

The fast engine is ``shacl`` (Rust), the other pySHACL. Both run SHACL Core, SHACL-SPARQL and SPARQL-based targets,
without inference. What an engine would pass over in silence is refused beforehand: a property shape without a path, a
query that is malformed or that would fetch from elsewhere. A term that SHACL does not have is a finding.

What remains different are the labels of blank nodes, and what each engine takes for a malformed shape.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pyoxigraph as ox

from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.findings import Finding, Severity, sort_findings
from triplomacy.rdf import from_rdflib, parse_file, term_of, to_graph
from triplomacy.terms import SH, compress, shorten
from triplomacy.validation import shape_graph
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.shape_paths import MalformedPath

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Engine = Literal["fast", "pyshacl"]

_MODULES: Final[Mapping[Engine, str]] = {"fast": "shacl", "pyshacl": "pyshacl"}
_SEVERITIES: Final = {"Info": Severity.INFO, "Warning": Severity.WARNING, "Violation": Severity.VIOLATION}
_SPARQL: Final = SH + "SPARQLConstraintComponent"
_WRONG: Final = {
    "Datatype": "a value of another data type than it takes",
    "In": "a value that is none of those it takes",
    "MaxCount": "more than one value",
    "MinCount": "no value",
    "Node": "no well-formed list",
    "NodeKind": "a value of another kind than it takes",
    "Or": "a value that is none of those it takes",
    "Xone": "a parameter that belongs to the other kind of shape, or a malformed path",
}
_PAIRS: Final = {name.lower(): name for name in ("equals", "disjoint", "lessThan", "lessThanOrEquals")}


def available_engines() -> tuple[Engine, ...]:
    """Return the engines that are installed here, the preferred one first."""
    return tuple(engine for engine, module in _MODULES.items() if importlib.util.find_spec(module))


def run(data: Sequence[ox.Triple], shapes: ShapeGraph, *, engine: Engine = "fast") -> list[Finding]:
    """Return what shapes find in triples, in the order of reports.

    A finding's shape is the nearest one with a name; its message is the shape's, in English if there is one.

    Args:
        data: the triples as they were parsed: a store rewrites literals, and with them their datatypes.
        shapes: well-formed ones.
        engine: what validates.

    Raises:
        EngineUnavailable: the engine is not installed here.
        TriplomacyError: it cannot run these shapes.
    """
    if engine not in available_engines():
        raise EngineUnavailable(
            f"the engine {engine} is not installed here; install {_MODULES[engine]} or take another"
        )
    shapes = shape_graph.with_targets(shapes)
    return sort_findings(_with_pairs(shapes, finding) for finding in _RUNNERS[engine](data, shapes))


def run_on_turtle(text: str, shapes: ShapeGraph) -> list[Finding]:
    """Return what the fast engine finds in a text of Turtle, whose blank nodes have any labels in the findings.

    Raises:
        TriplomacyError: the text is malformed, or the engine cannot run these shapes.
    """
    shapes = shape_graph.with_targets(shapes)
    return sort_findings(_with_pairs(shapes, finding) for finding in _run_fast_on_text(text, "turtle", shapes, {}))


def lint(shapes: ShapeGraph) -> list[Finding]:
    """Return the faults of shapes by the shapes for shapes of the SHACL specification.

    They are those of the Recommendation's appendix, which pySHACL carries.
    """
    carrier = importlib.util.find_spec("pyshacl")
    if carrier is None or carrier.origin is None:
        raise EngineUnavailable("pySHACL, which carries SHACL's own shapes, is not installed; install it")
    own = shape_graph.of_triples(parse_file(Path(carrier.origin).parent / "assets" / "shacl-shacl.ttl"))
    results = _RUNNERS[available_engines()[0]](shapes.triples, own)
    return sort_findings(_lint_finding(shapes, finding) for finding in results)


def _lint_finding(shapes: ShapeGraph, finding: Finding) -> Finding:
    owner = shapes.owner(term_of(finding.focus))
    rule = shape_graph.MALFORMED.name
    about = ((finding.focus, finding.path, finding.value),)
    focus = str(owner) if owner else finding.focus
    return replace(finding, check="shapes", message=_as_words(finding), focus=focus, shape=None, rule=rule, about=about)


def _as_words(finding: Finding) -> str:
    name = (finding.component or "").removeprefix(f"<{SH}").removesuffix("ConstraintComponent>")
    first = re.match("[(]*<([^<>]*)>", finding.path or "")
    wrong = _WRONG.get(name, "a value that it may not have")
    return f"{compress(first[1]) if first else 'the shape'} has {wrong}, which SHACL does not allow; correct it"


def _with_pairs(shapes: ShapeGraph, finding: Finding) -> Finding:
    """Return a finding of a constraint on pairs with the other property that it is about."""
    name = (finding.component or "").removeprefix(f"<{SH}").partition("ConstraintComponent")[0].lower()
    if name not in _PAIRS or finding.shape is None:
        return finding
    others = [value for owner, _, value in shapes.pairs(_PAIRS[name]) if str(shapes.owner(owner)) == finding.shape]
    return replace(finding, about=tuple((finding.focus, str(other), None) for other in others))


def _n_triples(triples: Iterable[ox.Triple]) -> str:
    return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode("utf-8")


def _run_fast(data: Sequence[ox.Triple], shapes: ShapeGraph) -> Iterator[Finding]:
    return _run_fast_on_text(_n_triples(data), "ntriples", shapes, _labels(shapes.triples, data))


def _run_fast_on_text(
    text: str, syntax: str, shapes: ShapeGraph, labels: Mapping[str | None, str]
) -> Iterator[Finding]:
    import shacl

    try:
        compiled = shacl.Shapes.from_text(_n_triples(shapes.triples), "ntriples")
        report = compiled.validate_text(text, syntax)
    except ValueError as error:
        raise TriplomacyError(f"the fast engine cannot run these shapes: {error}") from error
    for result in report.results:
        yield _finding(
            shapes,
            severity=result.severity_iri,
            focus=labels.get(result.focus_node, result.focus_node),
            path=result.path,
            value=labels.get(result.value, result.value),
            shape=result.root_shape,
            component=result.component_iri,
            messages=result.messages,
        )


def _labels(shapes: Iterable[ox.Triple], data: Iterable[ox.Triple]) -> dict[str | None, str]:
    """Return what blank nodes are called here by what the fast engine calls them: it counts them, shapes first."""
    nodes = [*_blank_nodes(shapes), *_blank_nodes(data)]
    return {f"_:0_b{number}": node for number, node in enumerate(nodes)}


def _blank_nodes(triples: Iterable[ox.Triple]) -> dict[str, None]:
    terms = (term for triple in triples for term in (triple.subject, triple.object))
    return dict.fromkeys(str(term) for term in terms if isinstance(term, ox.BlankNode))


def _run_pyshacl(data: Sequence[ox.Triple], shapes: ShapeGraph) -> Iterator[Finding]:
    import pyshacl
    import rdflib

    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # it prints a traceback for each ill-typed literal
    shape_triples = to_graph(shapes.triples)
    try:
        _, report, text = pyshacl.validate(to_graph(data), shacl_graph=shape_triples, advanced=True, inference="none")
    except Exception as error:  # a malformed shape makes it raise re.error, ParseException or a bare Exception
        raise TriplomacyError(f"pySHACL cannot run these shapes: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise TriplomacyError(f"pySHACL cannot run these shapes: {text}")
    for result in report.objects(None, rdflib.URIRef(SH + "result")):
        yield _pyshacl_finding(shapes, report, result)


_RUNNERS: Final[Mapping[Engine, Callable[[Sequence[ox.Triple], ShapeGraph], Iterator[Finding]]]] = {
    "fast": _run_fast,
    "pyshacl": _run_pyshacl,
}


def _pyshacl_finding(shapes: ShapeGraph, report: Graph, result: Node) -> Finding:
    from rdflib import URIRef

    def one(name: str) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
        node = report.value(result, URIRef(SH + name))
        return None if node is None else from_rdflib(node)

    shape, component, path = one("sourceShape"), _value(one("sourceConstraintComponent")), one("resultPath")
    constraint = one("sourceConstraint")
    validators = [owner for name in shape_graph.VALIDATORS for owner in shapes.of(ox.NamedNode(component), name)]
    speakers = [shape, constraint, ox.NamedNode(component), *validators]
    has_message = any(shapes.of(speaker, "message") for speaker in speakers)
    return _finding(
        shapes,
        severity=_value(one("resultSeverity")),
        focus=_text(one("focusNode")),
        path=None if path is None else _path(shapes, path),
        value=_text(one("value")),
        shape=_text(shapes.owner(shape)),
        component=component,
        messages=[str(text) for text in report.objects(result, URIRef(SH + "resultMessage"))] if has_message else [],
    )


def _value(term: ox.NamedNode | ox.BlankNode | ox.Literal | None) -> str:
    return "" if term is None else term.value


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | None) -> str | None:
    return None if term is None else str(term)


def _path(shapes: ShapeGraph, node: Any) -> str:
    """Return a path in the syntax of SPARQL, or the name of a node that is not one."""
    try:
        return str(shapes.path(node))
    except MalformedPath:
        return str(node)


def _finding(
    shapes: ShapeGraph,
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


def _names_no_value(shapes: ShapeGraph, shape: ox.NamedNode | None) -> bool:
    """Tell whether a property shape's queries select no value; the fast engine then gives the focus node as one."""
    queries = [text.value for node in shapes.of(shape, "sparql") for text in shapes.of(node, "select")]
    return bool(shapes.of(shape, "path") and queries) and not any(re.search(r"[?$]value\b", text) for text in queries)


def _message(shapes: ShapeGraph, messages: Sequence[str]) -> str | None:
    """Return the English message, else one in no language, else any."""

    def rank(text: str) -> tuple[int, str]:
        language = shapes.languages.get(text) or ""
        return (0 if language.startswith("en") else 2 if language else 1), text

    return min(messages, key=rank, default=None)


def _default(shape: str | None, component: str) -> str:
    name = component.removeprefix(SH).removesuffix("ConstraintComponent")
    constraint = compress(component) if ":" in name else f"sh:{name[:1].lower()}{name[1:]}".replace("sPARQL", "sparql")
    owner = f" of {shorten(shape)}" if shape else ""
    return f"{constraint}{owner} does not hold here; correct the node or the shape."
