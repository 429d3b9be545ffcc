"""Findings serialised for people and CI systems; `FORMATS` lists the formats by name.

Every form takes a `Report` and returns a text that ends with a line feed; the findings keep the order
they have, in JUnit within their rule, and the same report gives the same bytes. A suppressed finding
counts for nothing: it is listed in JSON and SARIF with its reason, counted in the text and in JUnit, and
left out elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pyoxigraph as ox

from triplomacy.console import INVISIBLE, escape_invisible
from triplomacy.errors import TriplomacyError
from triplomacy.files import read_bytes
from triplomacy.findings import Finding, Place, Rule, Severity, relative_path
from triplomacy.terms import PREFIXES, ROOT, compress, expand, shorten
from triplomacy.validation.suppressions import KNOWN

_NOT_IN_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")  # XML 1.0, production 2
_NOT_IN_IRIS = re.compile('[\\x00-\\x20<>"{}|^`\\\\\\ud800-\\udfff]')
_BLANK = re.compile(r"_:f\d+b(?:n(.+)|c?\d+)")  # as the source map calls blank nodes
_LONGEST_VALUE = 120  # characters of a literal that a message shows; JSON and Turtle have all of it
_LEFT, _RIGHT = 40, 80  # cells of a long line that an excerpt shows on either side of where a region starts
_COLOURS = {Severity.VIOLATION: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}


def _text_of(path: Path) -> str | None:
    """Return the text of a file for excerpts, or None where there is none to read."""
    try:
        return read_bytes(path).decode("utf-8", "replace")
    except (OSError, ValueError, TriplomacyError):
        return None


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a run with the rules and files that reports show.

    Attributes:
        findings: in the order in which they are told.
        rules: what was checked, by name, whether broken or not.
        checks: the check that a rule belongs to, by the rule's name; only rules without a finding need it.
        remarks: how the run was done.
        version: of Triplomacy.
        prefixes: with which terms are shown.
        texts: returns the text of a file, or None where no excerpt can be shown.
        colour: whether the text has ANSI colours.
        origin: the endpoint that findings are from which stand in no file; empty where files were validated.
    """

    findings: Sequence[Finding]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    version: str = ""
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)
    texts: Callable[[Path], str | None] = _text_of
    colour: bool = False
    origin: str = ""

    @property
    def open_findings(self) -> list[Finding]:
        """The findings that are not suppressed."""
        return [finding for finding in self.findings if finding.suppressed is None]


def summary(findings: Iterable[Finding]) -> str:
    """Return one line that counts the findings by severity, and those suppressed apart.

    >>> summary([])
    'conforms: no findings'
    """
    counts = Counter(finding.severity if finding.suppressed is None else None for finding in findings)
    parts = [
        f"{counts[severity]} {severity.label}{'s' if counts[severity] > 1 else ''}"
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    ]
    suppressed = [f"{counts[None]} suppressed"] if counts[None] else []
    return ", ".join((parts or ["conforms: no findings"]) + suppressed)


def _one_line(text: str) -> str:
    return escape_invisible(" ".join(text.split()))


def _term(term: str, report: Report) -> str:
    """Return a term or a path with its IRIs as CURIEs; of a literal only the datatype is one, and a long one is cut.

    A blank node is shown as it is written: by its label, or as brackets.
    """
    if match := _BLANK.fullmatch(term):
        return f"_:{match[1]}" if match[1] else "[]"
    if not term.startswith('"'):
        return shorten(term, report.prefixes)
    text, mark, datatype = term.rpartition('"^^<')
    if mark and term.endswith(">"):
        return f'{_cut(text)}"^^{compress(datatype[:-1], report.prefixes)}'
    return _cut(term)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _finding_in_words(finding: Finding, report: Report) -> str:
    """Return what a finding is about and its message, whose lines stay."""
    return _about(finding, report) + finding.message


def _finding_with_origin(finding: Finding, report: Report) -> str:
    """Return the node and the message of a finding, after its endpoint if it has no place in a file."""
    origin = "" if finding.places or not report.origin else f"{report.origin}: "
    return origin + _finding_in_words(finding, report)


def _about(finding: Finding, report: Report) -> str:
    subject = " ".join(_term(part, report) for part in (finding.focus, finding.path) if part)
    value = f"[{_term(finding.value, report)}]" if finding.value else ""
    about = " ".join(part for part in (subject, value) if part)
    return f"{about}: " if about else ""


def to_text(report: Report) -> str:
    """Return the findings for people to read.

    Each begins with a line with place, severity, node, path, value, message and rule; below it stand the
    source with a caret under what is meant, the further places, and the rule's help. A table by rule
    follows where there is more than one finding, and the last line is the `summary`.
    """

    @cache
    def lines(file: Path) -> list[str]:
        text = report.texts(file)
        return [] if text is None else re.split(r"\r\n|\n|\r", text)

    paragraphs = [line for finding in report.open_findings for line in _paragraph(finding, report, lines)]
    return "".join(f"{line}\n" for line in (*paragraphs, *_summary_table(report), summary(report.findings)))


def _paragraph(finding: Finding, report: Report, lines: Callable[[Path], list[str]]) -> Iterator[str]:
    place = f"{escape_invisible(str(finding.place or report.origin))}: " if finding.place or report.origin else ""
    severity = _colour(finding.severity.label, finding, report)
    about = escape_invisible(_about(finding, report))
    yield f"{place}{severity}: {about}{_one_line(finding.message)}  ({_one_line(finding.rule_name)})"
    if finding.place and finding.place.line and finding.place.column:
        number = str(finding.place.line)
        for line in lines(finding.place.file)[finding.place.line - 1 : finding.place.line]:
            shown, indent, marks = _excerpt(finding.place, line)
            yield f"  {number} | {shown}"
            yield f"  {' ' * len(number)} | {indent}{_colour(marks, finding, report)}"
    for other in finding.places[1:]:
        yield f"  also at {escape_invisible(str(other))}"
    rule = report.rules.get(finding.rule_name)
    if rule and rule.help and _one_line(rule.help) != _one_line(finding.message):
        yield f"  help: {_one_line(rule.help)}"


def _colour(text: str, finding: Finding, report: Report) -> str:
    return f"\x1b[{_COLOURS[finding.severity]}m{text}\x1b[0m" if report.colour else text


def _summary_table(report: Report) -> Iterator[str]:
    """Yield the table of the broken rules, and the number of suppressed findings by reason."""
    counts = Counter(finding.rule_name for finding in report.open_findings)
    if counts.total() > 1:
        width, digits = max(len(_one_line(name)) for name in counts), len(str(max(counts.values())))
        yield ""
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            sentence = _one_line(report.rules[name].summary) if name in report.rules else ""
            yield f"{_one_line(name):{width}}  {count:{digits}}  {sentence}".rstrip()
        yield ""
    reasons = Counter(_one_line(f.suppressed) for f in report.findings if f.suppressed is not None)
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"suppressed {count}: {reason}".rstrip()


def _excerpt(place: Place, line: str) -> tuple[str, str, str]:
    """Return what is shown of a line, the blanks before the caret, and the caret with what underlines the region.

    Tabs stay, so that they are as wide in either line; a long line is cut around where the region starts.
    """
    start = min((place.column or 1) - 1, len(line))
    end = min(_end(place, line), len(line))
    while 0 < start < len(line) and not _width(line[start]):
        start -= 1
    first, last = _window(line, start)
    shown = "".join(_visible(char) for char in line[first:last])
    indent = "".join("\t" if char == "\t" else " " * _width(char) for char in line[first:start])
    marks = "".join("\t" if char == "\t" else "~" * _width(char) for char in line[start : min(end, last)])
    # A caret in front of a tab would push what follows, so there it stands alone.
    marks = "^" if marks.startswith("\t") else f"^{marks[1:].rstrip()}"
    return f"{'…' if first else ''}{shown}{'…' if last < len(line) else ''}", f"{' ' if first else ''}{indent}", marks


def _end(place: Place, line: str) -> int:
    """Return where the region ends in its first line, from 0 and exclusive."""
    if place.end_line is not None and place.line is not None and place.end_line > place.line:
        return len(line.rstrip())
    return place.end_column - 1 if place.end_column is not None else place.column or 1


def _window(line: str, start: int) -> tuple[int, int]:
    """Return from where to where a line is shown, so that it fits and has the character at *start*."""
    if len(line) <= _LEFT + _RIGHT and sum(map(_room, line)) <= _LEFT + _RIGHT:
        return 0, len(line)
    first = last = start
    left, right = _LEFT, _RIGHT
    while first and left > 0:
        first -= 1
        left -= _room(line[first])
    while last < len(line) and right > 0:
        right -= _room(line[last])
        last += 1
    while 0 < first < start and not _width(line[first]):
        first += 1
    return first, last


def _visible(char: str) -> str:
    return char if char == "\t" else escape_invisible(char)


def _room(char: str) -> int:
    return 8 if char == "\t" else max(1, _width(char))


def _width(char: str) -> int:
    """Return how many cells of a terminal a character takes, as `_visible` writes it; a tab is taken for one."""
    if len(shown := _visible(char)) > 1:
        return len(shown)
    if "\u1160" <= char <= "\u11ff":  # vowels and finals of Hangul, which join the consonant before them
        return 0
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return int(char == "\u00ad")
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def to_json(report: Report) -> str:
    """Return the findings as a JSON object, whose members stay as they are while ``version`` is 1.

    - ``version``: 1, of this form; ``triplomacy``: the version of Triplomacy, or null.
    - ``endpoint``: where the findings without places are from, if an endpoint was validated.
    - ``conforms``: whether no finding counts; ``summary``: how many count, by severity, and how many
      are ``suppressed``.
    - ``findings``: objects with ``check``, ``rule``, ``severity`` (info, warning, violation), ``message``,
      ``focus``, ``path``, ``value``, ``shape``, ``component``, ``places``, ``fingerprint`` and ``suppressed``,
      the reason; what does not apply is null. ``rule`` is always the name of a rule, as in ``rules``.
    - each of ``places``: ``file`` (with forward slashes), ``line``, ``column``, ``endLine``, ``endColumn``;
      from 1, columns in code points, the end exclusive, null where unknown.
    - ``rules``: objects with ``summary`` and ``help`` by name; ``remarks``: texts.
    """
    counts = Counter(finding.severity for finding in report.open_findings)
    return _dump_json(
        {
            "version": 1,
            "triplomacy": report.version or None,
            **({"endpoint": report.origin} if report.origin else {}),
            "conforms": not report.open_findings,
            "summary": {severity.label: counts[severity] for severity in sorted(Severity, reverse=True)}
            | {"suppressed": len(report.findings) - len(report.open_findings)},
            "findings": [_entry(finding) for finding in report.findings],
            "rules": {
                name: {"summary": rule.summary, "help": rule.help} for name, rule in sorted(report.rules.items())
            },
            "remarks": list(report.remarks),
        }
    )


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "rule": finding.rule_name,
        "severity": finding.severity.label,
        "message": finding.message,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "shape": finding.shape,
        "component": finding.component,
        "places": [
            {
                "file": place.file.as_posix(),
                "line": place.line,
                "column": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            }
            for place in finding.places
        ],
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
    }


def _dump_json(document: object) -> str:
    """Return JSON in which every character shows, the line feeds between members aside."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return INVISIBLE.sub(lambda match: "\n" if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text) + "\n"


def to_turtle(report: Report) -> str:
    """Return the findings as a SHACL validation report in Turtle.

    By SHACL a report conforms if it has no result, so suppressed findings are none. A path of several
    steps is left out. What may not stand in an IRI is percent-encoded, and what is not a term is a string.
    """
    head = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n"
        f"[]\n    a sh:ValidationReport ;\n    sh:conforms {str(not report.open_findings).lower()}"
    )
    results = "".join(f" ;\n    sh:result {_result(finding)}" for finding in report.open_findings)
    return escape_invisible(f"{head}{results} .\n", keep="\n")


def _result(finding: Finding) -> str:
    parts = ["a sh:ValidationResult", f"sh:resultSeverity sh:{finding.severity.name.capitalize()}"]
    optional = {
        "sh:focusNode": finding.focus,
        "sh:resultPath": finding.path if finding.path and re.fullmatch("<[^<>]*>", finding.path) else None,
        "sh:value": finding.value,
        "sh:sourceShape": finding.shape,
        "sh:sourceConstraintComponent": finding.component,
    }
    parts += [f"{predicate} {_turtle_term(term)}" for predicate, term in optional.items() if term]
    parts.append(f"sh:resultMessage {_quote(finding.message)}@en")
    return "[\n        " + " ;\n        ".join(parts) + "\n    ]"


def _quote(text: str) -> str:
    """Return a text as a string of Turtle, whose escapes include those of JSON."""
    return json.dumps(re.sub("[\ud800-\udfff]", "\ufffd", text), ensure_ascii=False)


def _turtle_term(term: str) -> str:
    """Return a term as Turtle, which knows no prefix here: a CURIE as an IRI."""
    written = term
    if not term.startswith(("<", '"', "_:")):
        try:
            written = f"<{expand(term)}>"
        except TriplomacyError:
            return _quote(term)
    if written.startswith("<") and written.endswith(">"):
        written = f"<{_NOT_IN_IRIS.sub(lambda match: _percent(match[0]), written[1:-1])}>"
    try:
        (triple,) = ox.parse(f"<x:> <x:> {written} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError):
        return _quote(term)
    directed = isinstance(triple.object, ox.Literal) and triple.object.direction  # not in Turtle 1.1
    return _quote(term) if directed else str(triple.object)


def _percent(text: str) -> str:
    """Return a text percent-encoded, slashes aside; the bytes of a name that is not in UTF-8 are kept."""
    try:
        return quote(text.encode("utf-8", "surrogateescape"), safe="/")
    except UnicodeEncodeError:
        return quote(text.encode("utf-8", "surrogatepass"), safe="/")


_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def to_sarif(report: Report) -> str:
    """Return the findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

    Every rule is listed, and a finding that has no place is at ``.``, the project, since GitHub refuses
    a result without a location. What a baseline suppresses is suppressed outside the data.
    """
    rules = _rules(report)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    version = {"version": report.version} if report.version else {}
    driver = {"name": "triplomacy", **version, "informationUri": ROOT, "rules": rules}
    run: dict[str, Any] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
    if report.remarks:
        notes = [{"level": "note", "message": _message(remark)} for remark in report.remarks]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notes}]
    run["results"] = [_sarif_result(finding, index, report) for finding in report.findings]
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dump_json({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _rules(report: Report) -> list[dict[str, Any]]:
    """Return the rules of a report and those that its findings break besides, by name."""
    worst: dict[str, Severity] = {}
    checks: dict[str, str] = {}
    for finding in report.findings:
        worst[finding.rule_name] = max(worst.get(finding.rule_name, finding.severity), finding.severity)
        checks.setdefault(finding.rule_name, finding.check)
    described = []
    for name in sorted({*report.rules, *worst}):
        rule = report.rules.get(name)
        sentence = rule.summary if rule and rule.summary else f"Found by the check {checks.get(name, name)}."
        described.append(
            {
                "id": name,
                "shortDescription": _message(sentence),
                "fullDescription": _message(sentence),
                "help": _message(rule.help if rule and rule.help else sentence),
                "defaultConfiguration": {"level": _LEVELS[worst.get(name, Severity.WARNING)]},
            }
        )
    return described


def _sarif_result(finding: Finding, index: Mapping[str, int], report: Report) -> dict[str, Any]:
    first, *others = finding.places or (Place(Path()),)
    result: dict[str, Any] = {
        "ruleId": finding.rule_name,
        "ruleIndex": index[finding.rule_name],
        "level": _LEVELS[finding.severity],
        "message": _message(_finding_in_words(finding, report)),
        "locations": [{"physicalLocation": _location(first) if finding.places else _nowhere(report)}],
    }
    if others:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(other), "message": _message("also here")}
            for number, other in enumerate(others, start=1)
        ]
    if finding.fingerprint is not None:
        result["partialFingerprints"] = {"triplomacy/v1": finding.fingerprint}
    if finding.suppressed is not None:
        kind = "external" if finding.suppressed == KNOWN else "inSource"
        result["suppressions"] = [{"kind": kind, "justification": finding.suppressed}]
    return result


def _nowhere(report: Report) -> dict[str, Any]:
    return {"artifactLocation": {"uri": report.origin}} if report.origin else _location(Place(Path()))


def _message(text: str) -> dict[str, str]:
    """Return a text as a message, in which braces by themselves would enclose a placeholder (SARIF, 3.11.5)."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _location(place: Place) -> dict[str, Any]:
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    known = {name: number for name, number in region.items() if number is not None} if place.line else {}
    return {"artifactLocation": {"uri": _uri(place.file)}} | ({"region": known} if known else {})


def _uri(file: Path) -> str:
    """Return a file as a URI reference: one below the current directory from there, another with its scheme."""
    file = relative_path(file, Path.cwd())
    path = _percent(file.as_posix())
    if not file.is_absolute():
        return path
    return f"file://{path}" if path.startswith("/") else f"file:///{path}"


def to_junit(report: Report) -> str:
    """Return the findings as JUnit's XML: a suite a check, a case a rule, a failure a finding.

    Rules that nothing breaks pass, and one of which every finding is suppressed is skipped. ``failures``
    counts cases. There is no time and no date in it, so that the same findings give the same bytes.
    """
    cases: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in report.findings:
        cases[finding.check][finding.rule_name].append(finding)
    for name in report.rules.keys() - {name for suite in cases.values() for name in suite}:
        cases[report.checks.get(name, "triplomacy")][name] = []
    root = ET.Element("testsuites", name="triplomacy")
    root.extend(_suite(check, cases[check], report) for check in sorted(cases))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    ET.indent(root)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
    return INVISIBLE.sub(lambda match: "\n" if match[0] == "\n" else f"&#{ord(match[0])};", text)


def _suite(check: str, rules: Mapping[str, Sequence[Finding]], report: Report) -> ET.Element:
    suite = ET.Element("testsuite", name=_xml(check))
    suite.extend(_case(check, name, rules[name], report) for name in sorted(rules))
    counts = {
        "tests": len(suite),
        "failures": sum(case.find("failure") is not None for case in suite),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in suite),
    }
    for name, count in counts.items():
        suite.set(name, str(count))
    return suite


def _case(check: str, rule: str, findings: Sequence[Finding], report: Report) -> ET.Element:
    case = ET.Element("testcase", classname=_xml(check), name=_xml(rule))
    for finding in findings:
        if finding.suppressed is None:
            failure = ET.SubElement(case, "failure", type=finding.severity.label, message=_xml(finding.message))
            failure.text = _xml("\n".join([*map(str, finding.places), _finding_with_origin(finding, report)]))
    suppressed = [finding.suppressed for finding in findings if finding.suppressed is not None]
    if suppressed:
        reasons = "; ".join(dict.fromkeys(suppressed))
        message = _xml(f"{len(suppressed)} suppressed: {reasons}")
        if len(suppressed) == len(findings):
            ET.SubElement(case, "skipped", message=message)
        else:
            ET.SubElement(case, "system-out").text = message
    return case


def _xml(text: str) -> str:
    """Return a text with a Turtle escape for each character that XML does not have."""
    return _NOT_IN_XML.sub(lambda match: f"\\u{ord(match[0]):04X}", text)


def to_github(report: Report) -> str:
    """Return the findings as workflow commands, by which GitHub puts them beside the lines of a change.

    Escaped as https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts does; the last
    line is the `summary`, for the log. A region of several lines has no columns, which GitHub refuses.
    """
    commands = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    lines = [
        f"::{commands[finding.severity]} {_properties(finding)}::{_escape(_finding_with_origin(finding, report))}"
        for finding in report.open_findings
    ]
    return "".join(f"{line}\n" for line in (*lines, summary(report.findings)))


def _properties(finding: Finding) -> str:
    known: dict[str, object] = {}
    if place := finding.place:
        one_line = place.end_line in (None, place.line)
        known = {
            "file": relative_path(place.file, Path.cwd()).as_posix(),
            "line": place.line,
            "col": place.column if one_line else None,
            "endLine": place.end_line,
            "endColumn": place.end_column if one_line else None,
        }
    known["title"] = finding.rule_name
    escaped = {name: _escape(str(value)) for name, value in known.items() if value is not None}
    return ",".join(f"{name}={value.replace(':', '%3A').replace(',', '%2C')}" for name, value in escaped.items())


def _escape(text: str) -> str:
    shown = escape_invisible(text, keep="\t\r\n")
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def to_gitlab(report: Report) -> str:
    """Return the findings as GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/.

    A violation is ``major`` and a warning ``minor``: ``critical`` and ``blocker`` say what follows from a
    fault, which no check knows. Every entry needs a path and a line: a finding without a place is at
    line 1 of ``.``, the project, and one of a whole file at its line 1.
    """
    severities = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
    entries = [
        {
            "description": _finding_with_origin(finding, report),
            "check_name": finding.rule_name,
            "fingerprint": fingerprint,
            "severity": severities[finding.severity],
            "location": {
                "path": relative_path(finding.place.file, Path.cwd()).as_posix() if finding.place else ".",
                "lines": {"begin": (finding.place and finding.place.line) or 1},
            },
        }
        for finding, fingerprint in zip(report.open_findings, _fingerprints(report.open_findings), strict=True)
    ]
    return _dump_json(entries)


def _fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a fingerprint for each finding, also for those that have none of their own."""
    seen: Counter[str] = Counter()
    for finding in findings:
        text = repr((finding.key, finding.message))
        seen[text] += 1
        yield finding.fingerprint or hashlib.sha256(f"{text} {seen[text]}".encode()).hexdigest()


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": to_text,
    "json": to_json,
    "turtle": to_turtle,
    "sarif": to_sarif,
    "junit": to_junit,
    "github": to_github,
    "gitlab": to_gitlab,
}
