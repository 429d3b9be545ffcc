"""The checks: what each finds in what is validated.

Each check is imported where it runs: starting is a large part of the time that a small graph takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import Choice, MalformedInput, Message, TriplomacyError
from triplomacy.findings import Finding, Place, Rule, Severity
from triplomacy.rdf import SUBCLASS_OF, turtle
from triplomacy.terms import compress, shorten
from triplomacy.validation import placing, shacl, shape_graph, suppressions, vocabulary
from triplomacy.validation.inputs import Input
from triplomacy.validation.plan import CHECKS, Check, Engine, Plan
from triplomacy.validation.shape_graph import ShapeGraph

_SMALL: Final = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class Context:
    """What a check is given.

    Attributes:
        given: what is validated.
        plan: how.
        text: the text of a source, for the evidence.
        early: a run of the SHACL engine that has begun before data and shapes were looked at here.
        remarks: where a check adds how it was done.
    """

    given: Input
    plan: Plan
    text: str | None = None
    early: Future[Sequence[Finding]] | None = None
    remarks: list[str] = field(default_factory=list)


CheckFunction = Callable[[Context], Iterable[Finding]]


def _syntax(context: Context) -> Iterator[Finding]:
    """Yield a finding for each error of each file of data, and for each file that says nothing.

    The fast engine's parser refuses what the W3C's suite has refused: what it has read in an early run, with nothing
    else to be done, is not read again. Small files are, since they could be empty, and so are several, since it has
    read them as one text, in which the second could use a prefix of the first.
    """
    given = context.given
    early = context.early if len(given.data) == 1 and context.plan.checks <= {"syntax", "shacl"} else None
    is_read = early is not None and early.exception() is None
    for path in given.data:
        if is_read and path.stat().st_size > _SMALL:
            continue
        try:
            if not given.of_file(path):
                yield _syntax_finding(
                    MalformedInput("there is no triple in this file; add some or remove it", path=path)
                )
        except MalformedInput as error:
            grammar = path.suffix.lower() in (".ttl", ".turtle", ".trig", ".nt")
            for fault in (turtle.errors(path) if grammar else []) or [error]:
                yield _syntax_finding(fault)


def _syntax_finding(error: TriplomacyError, check: str = "syntax", rule: str | None = None) -> Finding:
    place = () if error.path is None else (Place(Path(error.path), error.line, error.column),)
    return Finding(check, Severity.VIOLATION, error.message, rule=rule, places=place)


def is_early(given: Input, plan: Plan) -> bool:
    """Tell whether the SHACL engine can begin before data and shapes have been looked at here."""
    return "shacl" in plan.checks and _engines(given.shapes, plan.engine, []) == ["fast"] and given.turtle is not None


def start(given: Input) -> Sequence[Finding]:
    """Return what the fast engine finds in the text of the data."""
    assert given.turtle is not None
    return shacl.run_on_turtle(given.turtle, given.shapes)


def _terms(context: Context) -> Iterator[Finding]:
    given = context.given
    yield from vocabulary.check(given.triples, given.usage)
    in_shapes = vocabulary.usage(given.shapes.triples)
    yield from placing.place_in_shapes(given, vocabulary.check(given.shapes.triples, in_shapes, [given.usage]))


def _shapes(context: Context) -> Iterator[Finding]:
    given, remarks = context.given, context.remarks
    yield from given.faults
    if given.faults:
        remarks.append("nothing was validated against the shapes, since they are malformed")
    remarks += (
        Message(
            f"the shapes import {compress(iri)}, and nothing is fetched; give its file with ", Choice("shapes"), " too"
        )
        for iri in shape_graph.find_missing_imports(given.shapes, [*given.shapes.triples, *given.axioms])
    )
    axioms = given.triples if SUBCLASS_OF in given.usage.predicates else []
    yield from shape_graph.find_unreached(given.shapes, given.usage, given.axioms or axioms)


def find_by_shacl(context: Context) -> Sequence[Finding]:
    """Return what the shapes find; what an engine says of malformed shapes counts for nothing."""
    given = context.given
    if given.faults:
        return [] if "shapes" in context.plan.checks else given.faults
    if context.early is not None:
        return context.early.result()
    engines = _engines(given.shapes, context.plan.engine, context.remarks)
    findings_by_engine = [shacl.run(given.triples, given.shapes, engine=engine) for engine in engines]
    if len(findings_by_engine) > 1:
        _agree(findings_by_engine[0], findings_by_engine[1])
    return findings_by_engine[0]


def _engines(read: ShapeGraph, engine: Engine, remarks: list[str]) -> list[shacl.Engine]:
    """Return the engines that run, the fast one only where it is there and can run these shapes."""
    if engine == "pyshacl":
        return ["pyshacl"]
    if "fast" not in shacl.available_engines():
        if engine == "both":
            raise TriplomacyError("the fast engine has no wheel for this platform; take ", Choice("engine", "pyshacl"))
        remarks.append("the fast engine has no wheel for this platform; pySHACL does the work")
        return ["pyshacl"]
    if engine == "both":
        return ["fast", "pyshacl"]
    if what := shape_graph.find_unsupported(read):
        remarks.append(f"the fast engine does not run {what}, which the shapes have; pySHACL does the work")
        return ["pyshacl"]
    return ["fast"]


def _agree(fast: Sequence[Finding], other: Sequence[Finding]) -> None:
    """Raise an error that names what the engines disagree about, if they do."""
    alone = [*_without("only the fast engine", fast, other), *_without("only pySHACL", other, fast)]
    if alone:
        more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
        raise TriplomacyError(f"the engines disagree: {alone[0]}{more}; say which is right to the makers of the other")


def _without(who: str, findings: Sequence[Finding], other: Sequence[Finding]) -> list[str]:
    keys = {(finding.key, finding.severity) for finding in other}
    return [
        shorten(f"{who} finds {finding.component} of {finding.rule_name} at {finding.focus or 'no node'}")
        for finding in findings
        if (finding.key, finding.severity) not in keys
    ]


def _profile(context: Context) -> Iterable[Finding]:
    from triplomacy.validation import owl_profile

    given = context.given
    return owl_profile.check(given.axioms, given.triples, given.usage) if given.axioms else ()


def _hygiene(context: Context) -> Iterable[Finding]:
    from triplomacy.validation import hygiene

    return hygiene.check(context.given.store, context.given.hygiene)


def find_in_queries(context: Context) -> Iterator[Finding]:
    """Yield a finding for each stored query that cannot be read, or has no expected answer."""
    from triplomacy import queries

    for path in context.given.queries:
        try:
            queries.check(queries.read(path).text, path)
        except MalformedInput as error:
            yield _syntax_finding(error, "queries", "queries/malformed")
            continue
        if not path.with_suffix(".csv").is_file():
            message = f"The query has no expected answer; write it into {path.with_suffix('.csv').name} beside it."
            place = (Place(path),)
            yield Finding("queries", Severity.VIOLATION, message, rule="queries/unanswered", places=place)


def _evidence(context: Context) -> Iterable[Finding]:
    from triplomacy.claims import evidence

    given, text, name = context.given, context.text, context.plan.source_name
    if text is None:
        raise TriplomacyError("the check evidence needs the text of the source; give ", Choice("source", "TEXT"))
    try:
        return evidence.verify(given.dataset, text, evidence.choose_source(given.dataset, text, name)).findings
    except TriplomacyError as error:
        if name is None or not given.has_source(name):
            raise
        return [_syntax_finding(error, "evidence")]  # what says which text it is, or how long, is missing or malformed


def _reason(context: Context) -> Iterable[Finding]:
    from triplomacy.validation import reasoning

    return reasoning.findings([*context.given.triples, *context.given.infer()])


OF_WHOLE: Final[Mapping[Check, CheckFunction]] = {
    "syntax": _syntax,
    "terms": _terms,
    "profile": _profile,
    "shapes": _shapes,
    "hygiene": _hygiene,
    "shacl": find_by_shacl,
    "queries": find_in_queries,
    "evidence": _evidence,
    "reasoning": _reason,
}
"""What each check finds where it looks at everything, in the order in which they run."""


def rules_of(given: Input, plan: Plan) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules of the checks that run, by name, and the check of each."""
    rules: dict[str, Rule] = {}
    checks: dict[str, str] = {}
    own: Mapping[str, Callable[[], Iterable[Rule]]] = {
        "shacl": lambda: _of_shapes(given.shapes),
        "hygiene": lambda: _of_hygiene(given),
        "terms": lambda: (vocabulary.UNKNOWN, vocabulary.UNDECLARED),
        "shapes": lambda: (shape_graph.MALFORMED, shape_graph.UNTARGETED, shape_graph.INCOMPLETE, shape_graph.IDLE),
        "profile": _of_profile,
        "queries": lambda: _QUERY_RULES,
        "policy": lambda: (suppressions.UNREASONED, suppressions.UNUSED),
    }
    for check in sorted({*plan.checks, "policy"}):
        for rule in own[check]() if check in own else (CHECKS[check],):  # type: ignore[index]
            rules[rule.name], checks[rule.name] = rule, check
    return rules, checks


def _of_hygiene(given: Input) -> Iterable[Rule]:
    from triplomacy.validation import hygiene

    return hygiene.catalogue(given.hygiene).values()


def _of_profile() -> Iterable[Rule]:
    from triplomacy.validation import owl_profile

    return owl_profile.RULES


def _of_shapes(read: ShapeGraph) -> Iterator[Rule]:
    """Yield a rule for each shape with a name and a message."""
    for shape, _, text in read.pairs("message"):
        if isinstance(shape, ox.NamedNode) and isinstance(text, ox.Literal):
            yield Rule(compress(shape.value), text.value, text.value)


_QUERY_RULES: Final = (
    Rule("queries/malformed", "A stored query whose header or grammar is malformed", "Correct the query's file."),
    Rule("queries/unanswered", "A stored query without its expected answer", "Write the answer beside it, as CSV."),
)
