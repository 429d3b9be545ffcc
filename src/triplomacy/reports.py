"""Findings as text for people, as JSON for programs, and as a SHACL report."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from triplomacy.findings import Finding, Severity
from triplomacy.terms import compress, expand


def to_text(found: Sequence[Finding]) -> str:
    """Return a line a finding (place, severity, node, path, message) and a last line that counts them."""
    return "".join(f"{_line(finding)}\n" for finding in found) + summary(found) + "\n"


def _line(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
    subject = " ".join(_term(part) for part in (finding.focus, finding.path) if part)
    value = f" [{_term(finding.value)}]" if finding.value else ""
    by = f"  ({_term(finding.shape)})" if finding.shape else ""
    parts = [part for part in (place, finding.severity.label, subject) if part]
    return f"{': '.join(parts)}{value}: {' '.join(finding.message.split())}{by}"


def _term(term: str) -> str:
    """Return a term or a path with its IRIs as CURIEs; a literal stays as it is."""
    return term if term.startswith('"') else re.sub("<([^<>]*)>", lambda iri: compress(iri[1]), term)


def summary(found: Iterable[Finding]) -> str:
    """Return one line that counts the findings by severity."""
    counts = Counter(finding.severity for finding in found)
    if not counts:
        return "conforms: no findings"
    return ", ".join(
        f"{counts[severity]} {severity.label}{'s' if counts[severity] > 1 else ''}"
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    )


def to_json(found: Sequence[Finding]) -> str:
    """Return the findings as a JSON object: ``conforms`` and ``findings``, each with every field of `Finding`."""
    entries = [
        {
            "check": finding.check,
            "severity": finding.severity.label,
            "message": finding.message,
            "focus": finding.focus,
            "path": finding.path,
            "value": finding.value,
            "shape": finding.shape,
            "component": finding.component,
            "file": None if finding.file is None else Path(finding.file).as_posix(),
            "line": finding.line,
            "column": finding.column,
        }
        for finding in found
    ]
    return json.dumps({"conforms": not found, "findings": entries}, ensure_ascii=False, indent=2) + "\n"


def to_turtle(found: Sequence[Finding]) -> str:
    """Return the findings as a SHACL validation report in Turtle."""
    head = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n"
        f"[]\n    a sh:ValidationReport ;\n    sh:conforms {str(not found).lower()}"
    )
    results = "".join(f" ;\n    sh:result {_result(finding)}" for finding in found)
    return f"{head}{results} .\n"


def _result(finding: Finding) -> str:
    severity = finding.severity.name.capitalize()
    parts = ["a sh:ValidationResult", f"sh:resultSeverity sh:{severity}"]
    optional = {
        "sh:focusNode": finding.focus,
        "sh:resultPath": finding.path if finding.path and re.fullmatch("<[^<>]*>", finding.path) else None,
        "sh:value": finding.value,
        "sh:sourceShape": finding.shape,
        "sh:sourceConstraintComponent": finding.component,
    }
    parts += [f"{predicate} {_written(term)}" for predicate, term in optional.items() if term]
    parts.append(f"sh:resultMessage {json.dumps(finding.message, ensure_ascii=False)}@en")
    return "[\n        " + " ;\n        ".join(parts) + "\n    ]"


def _written(term: str) -> str:
    """Return a term as Turtle, which knows no prefix here: a CURIE as an IRI."""
    return term if term.startswith(("<", '"', "_:")) else f"<{expand(term)}>"
