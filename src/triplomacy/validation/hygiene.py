"""Hygiene: rules that any RDF does well to keep, each a stored SPARQL query over one graph.

A rule is a file ``NAME.rq``: a SELECT of SPARQL 1.1 whose leading ``#+`` lines are YAML with ``summary``, ``problem``,
``remedy``, ``severity``, ``message``, a case that is ``violating`` and one that is ``conforming``, in Turtle, and the
number of ``findings`` in the former where it is not one.

The query selects ``?focus``, and ``?path`` and ``?value`` where they exist: a solution is a finding about that triple.
``?other`` is what it is about besides: a second value of the same path, or another node with the same value.
In the message ``{name}`` stands for the value of ``?name``.

A rule about literals may say by ``values`` of which kind (`KINDS`): its ``?path`` is then bound to the properties that
have such values, so that of a large graph only their triples are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.files import in_folder, read_text
from triplomacy.findings import Finding, Pattern, Rule, Severity, sort_findings
from triplomacy.sparql import binding, read, tree, with_base, yaml_header
from triplomacy.terms import RDF, XSD, compress

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_PARTS: Final = ("summary", "problem", "remedy", "severity", "message", "violating", "conforming")
_SEVERITIES: Final = {severity.label: severity for severity in Severity}
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_DEFAULTS: Final = {"findings": "1", "values": ""}
_AT_ONCE: Final = 2  # rules that run at a time; more of them wait for each other's locks
_LONGEST_LITERAL: Final = 80  # characters of a literal that a message shows


KINDS: Final[Mapping[str, Callable[[str], bool]]] = {
    "text": {XSD + "string", RDF + "langString"}.__contains__,
    "tagged": {RDF + "langString"}.__contains__,
    "date": {XSD + "date", XSD + "dateTime"}.__contains__,
    "typed": lambda datatype: datatype not in (XSD + "string", RDF + "langString"),
}
"""Kinds of literals, each by the datatypes that it has."""


@dataclass(frozen=True, slots=True)
class HygieneRule:
    """A rule with its query, its advice and two cases.

    ``findings`` counts those of the violating case; ``values`` is the kind of literals that it is about, or empty.
    """

    name: str
    summary: str
    problem: str
    remedy: str
    severity: Severity
    message: str
    query: str
    violating: str
    conforming: str
    path: Path
    findings: int = 1
    values: str = ""


def rules(folder: Path) -> list[HygieneRule]:
    """Return the rules of a folder by name, each read and its query parsed.

    Raises:
        MalformedInput: a file is not UTF-8, or its header or its query is malformed.
        TriplomacyError: there is no rule, or a file cannot be read.
    """
    paths = in_folder(folder, ".rq")
    if not paths:
        raise TriplomacyError("no rules of hygiene here; add a .rq file", path=folder)
    return [_read(path) for path in paths]


def check(store: ox.Store, rules: Sequence[HygieneRule]) -> list[Finding]:
    """Return what the rules find in the default graph of *store*, in the order of reports.

    A store rewrites numbers and dates, so that no rule sees how they were written. The rules run side by side, since
    the store lets go of the interpreter while it looks: with two processors in half the time.
    """
    from concurrent.futures import ThreadPoolExecutor

    kinds = _kinds(store) if any(rule.values for rule in rules) else {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        findings = list(pool.map(lambda rule: list(_rule_findings(store, rule, kinds)), rules))
    return sort_findings(finding for of_rule in findings for finding in of_rule)


def _kinds(store: ox.Store) -> dict[str, list[ox.NamedNode]]:
    """Return the properties that have literals of each kind, sorted."""
    text = "SELECT DISTINCT ?path (DATATYPE(?value) AS ?of) WHERE { ?node ?path ?value FILTER (isLiteral(?value)) }"
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    pairs = [(row["path"], row["of"].value) for row in rows]
    return {kind: sorted({path for path, datatype in pairs if has(datatype)}, key=str) for kind, has in KINDS.items()}


def catalogue(rules: Sequence[HygieneRule]) -> dict[str, Rule]:
    """Return what reports say of the rules, by name."""
    return {rule.name: Rule(rule.name, rule.summary, f"{rule.problem} {rule.remedy}") for rule in rules}


def _read(path: Path) -> HygieneRule:
    text = with_base(read_text(path), path.absolute().as_uri())
    header = _header(path, text)
    _check_values(path, text, header)
    rule = HygieneRule(
        name=path.stem,
        summary=_line(header["summary"]),
        problem=_line(header["problem"]),
        remedy=_line(header["remedy"]),
        severity=_SEVERITIES[header["severity"]],
        message=_line(header["message"]),
        query=text,
        violating=header["violating"],
        conforming=header["conforming"],
        path=path,
        findings=int(header["findings"]),
        values=header["values"],
    )
    _check_query(rule)
    return rule


def _line(text: str) -> str:
    return " ".join(text.split())


def _header(path: Path, text: str) -> dict[str, str]:
    """Return the parts of a header, all of them texts."""
    header = yaml_header.read(path, text)
    if not isinstance(header, dict):
        raise MalformedInput("there is no header; begin with a line `#+ summary: ...`", path=path, line=1)
    for part in _PARTS:
        if not isinstance(header.get(part), str) or not header[part].strip():
            raise MalformedInput(f"the header lacks {part}; add a line `#+ {part}: ...`", path=path, line=1)
    for part, value in header.items():
        if part not in (*_PARTS, *_DEFAULTS) or not isinstance(value, str):
            advice = f"write one of {', '.join((*_PARTS, *_DEFAULTS))}, each with a text"
            line = yaml_header.line_of(text, f"{part}:")
            raise MalformedInput(f"the header has an unknown part: {part}; {advice}", path=path, line=line)
    return _DEFAULTS | header


def _check_values(path: Path, text: str, header: Mapping[str, str]) -> None:
    """Raise MalformedInput where a part of a header does not have a value of those that it may have."""
    rules = (
        ("severity", header["severity"] in _SEVERITIES, f"a severity; write one of {', '.join(_SEVERITIES)}"),
        ("findings", re.fullmatch("[1-9][0-9]*", header["findings"]), "a number of findings; write 1 or more"),
        ("values", header["values"] in ("", *KINDS), f"a kind of values; write one of {', '.join(KINDS)}"),
    )
    for part, is_valid, what in rules:
        if not is_valid:
            line = yaml_header.line_of(text, f"{part}:")
            raise MalformedInput(f"{header[part]} is not {what}", path=path, line=line)


def _check_query(rule: HygieneRule) -> None:
    """Parse a query, without a call of anything outside the graph, and see that it selects what its message names."""
    try:
        query = read(rule.query)
    except MalformedInput as error:
        message = f"the query is not SPARQL: {error.message}"
        raise MalformedInput(message, path=rule.path, line=error.line, column=error.column) from None
    beyond = [*query.dataset, *tree.find(query, tree.Service), *tree.find(query, tree.GraphPattern)]
    if beyond:
        line = rule.query.count("\n", 0, beyond[0].start) + 1
        message = "the query has SERVICE, FROM or GRAPH; remove it, a rule sees one graph"
        raise MalformedInput(message, path=rule.path, line=line)
    selected = _variables(rule)
    if rule.values and "path" not in selected:
        raise MalformedInput("values are those of a property; select ?path", path=rule.path)
    if "focus" not in selected:
        raise MalformedInput("the query selects no ?focus; select the node that a finding is about", path=rule.path)
    for name in _PLACEHOLDER.findall(rule.message):
        if name not in selected:
            message = f"the message names {{{name}}}, which is not selected; select ?{name}"
            raise MalformedInput(message, path=rule.path, line=yaml_header.line_of(rule.query, "message:"))


def _variables(rule: HygieneRule) -> list[str]:
    try:
        result = ox.Store().query(rule.query)
    except SyntaxError as error:
        place = re.match(r"error at (\d+):(\d+): ", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        message = "the query is not SPARQL; what stands here, or ends before it, breaks the grammar"
        raise MalformedInput(message, path=rule.path, line=line, column=column) from None
    except RuntimeError as error:
        raise MalformedInput(f"the query cannot be answered: {error}", path=rule.path) from None
    if not isinstance(result, ox.QuerySolutions):
        raise MalformedInput("the query is not a SELECT; write one that selects ?focus", path=rule.path)
    return [variable.value for variable in result.variables]


def _rule_findings(
    store: ox.Store, rule: HygieneRule, kinds: Mapping[str, Sequence[ox.NamedNode]]
) -> Iterator[Finding]:
    query = rule.query
    if rule.values:
        if not kinds[rule.values]:
            return
        query = binding.bind(query, {"path": kinds[rule.values]})
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)  # `_check_query` has seen to it
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        yield _finding(rule, dict(zip(names, solution, strict=True)))


def _finding(rule: HygieneRule, row: Mapping[str, Term | None]) -> Finding:
    focus, path, value = (None if row.get(name) is None else str(row[name]) for name in ("focus", "path", "value"))
    return Finding(
        check="hygiene",
        severity=rule.severity,
        message=_PLACEHOLDER.sub(lambda name: _term_text(row[name[1]]), rule.message),
        focus=focus,
        path=path,
        value=value,
        rule=rule.name,
        about=_about(focus, path, value, row.get("other")),
    )


def _about(focus: str | None, path: str | None, value: str | None, other: Term | None) -> tuple[Pattern, ...]:
    if other is None:
        return ()
    if isinstance(other, ox.Literal):
        return ((focus, path, str(other)),)
    if path and value:
        return ((str(other), path, value),)
    return (focus, None, None), (str(other), None, None)


def _term_text(term: Term | None) -> str:
    """Return a term as a message shows it; no blank node's label, since that is another one in each run."""
    if term is None:
        return "none"
    if isinstance(term, ox.NamedNode):
        return compress(term.value)
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "integer":
        return term.value
    if isinstance(term, ox.Literal):
        value = term.value if len(term.value) <= _LONGEST_LITERAL else f"{term.value[: _LONGEST_LITERAL - 1]}…"
        language = f"@{term.language}" if term.language else ""
        return f"{ox.Literal(value)}{language}"
    return "a blank node"
