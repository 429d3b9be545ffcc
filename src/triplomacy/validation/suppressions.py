"""Which findings count: a baseline of those that are known, and suppressions that the data give a reason for.

A baseline is a JSON file: ``{"version": 1, "findings": {FINGERPRINT: "rule at node: message", ...}}``, its keys sorted.
A suppression is a node of the data::

    [] a tri:Suppression ;
        tri:suppressedAt id:crimea ;
        tri:suppressedRule "shape:Entity-label" ;
        tri:reason "The source gives it no name."@en .

and, where that is not one finding alone, ``tri:suppressedValue`` with the value that the finding is about. The rule may
be the shape itself too, as an IRI.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import files
from triplomacy.errors import Choice, MalformedInput, Message, TriplomacyError
from triplomacy.findings import Finding, Rule, Severity, relative_path, relativise
from triplomacy.terms import PREFIXES, TRI, shorten

UNREASONED: Final = Rule(
    "policy/unreasoned",
    "A suppression that lacks its rule, its node or its reason",
    "Add tri:suppressedRule, tri:suppressedAt or tri:reason; until then it suppresses nothing.",
)
UNUSED: Final = Rule(
    "policy/unused",
    "A suppression of what is not found",
    "Remove it, so that it does not hide the next finding.",
)
KNOWN: Final = "in the baseline"

_WRITE: Final = Message("write one with ", Choice("write-baseline"))

_NAMES: Final = ("suppressedRule", "suppressedAt", "suppressedValue", "reason")
PARTS: Final = {ox.NamedNode(TRI + name): name for name in _NAMES}
"""The properties of a suppression, with their names."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A decision that a finding counts for nothing; node, value and, if it is a shape, rule are in N-Triples syntax."""

    iri: str
    rule: str
    node: str
    value: str | None
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether the finding is the one that is meant."""
        same = self.rule in (finding.rule_name, finding.shape) and finding.focus == self.node
        return same and self.value in (None, finding.value)


def mark_suppressed(
    findings: Sequence[Finding],
    triples: Iterable[ox.Triple],
    ran: Container[str] | None = None,
    prefixes: Mapping[str, str] = PREFIXES,
) -> list[Finding]:
    """Return the findings, those that the data suppress with the reason, and findings about idle suppressions.

    Args:
        findings: the findings.
        triples: where the suppressions are.
        ran: the rules that were checked, since a suppression of another one cannot be called idle; None for all.
        prefixes: with which reports show the names of shapes.
    """
    nodes: dict[str, dict[str, str]] = {}
    for triple in triples:
        if name := PARTS.get(triple.predicate):
            text = triple.object.value if isinstance(triple.object, ox.Literal) else str(triple.object)
            kept = str(triple.object) if name == "suppressedValue" else text
            nodes.setdefault(str(triple.subject), {})[name] = kept
    suppressions = [_read(iri, parts) for iri, parts in sorted(nodes.items())]
    whole = [
        _with_full_rule(suppression, findings, prefixes)
        for suppression in suppressions
        if isinstance(suppression, Suppression)
    ]
    marked = [_mark(finding, whole) for finding in findings]
    checked = [suppression for suppression in whole if ran is None or shorten(suppression.rule) in ran]
    idle = [
        _unused_finding(suppression)
        for suppression in checked
        if not any(suppression.covers(finding) for finding in findings)
    ]
    return [*marked, *(suppression for suppression in suppressions if isinstance(suppression, Finding)), *idle]


def _read(iri: str, parts: Mapping[str, str]) -> Suppression | Finding:
    missing = [
        f"tri:{name}" for name in ("suppressedRule", "suppressedAt", "reason") if not parts.get(name, "").strip()
    ]
    if missing:
        message = f"The suppression lacks {' and '.join(missing)}, and suppresses nothing until it has it."
        return Finding("policy", Severity.VIOLATION, message, focus=iri, rule=UNREASONED.name)
    value = parts.get("suppressedValue")
    return Suppression(iri, parts["suppressedRule"], parts["suppressedAt"], value, " ".join(parts["reason"].split()))


def _with_full_rule(suppression: Suppression, findings: Iterable[Finding], prefixes: Mapping[str, str]) -> Suppression:
    """Return a suppression with the rule as findings have it, where it is written as reports show it."""
    shown = {shorten(finding.rule_name, prefixes): finding.rule_name for finding in findings}
    return replace(suppression, rule=shown.get(suppression.rule, suppression.rule))


def _mark(finding: Finding, suppressions: Iterable[Suppression]) -> Finding:
    reason = next((suppression.reason for suppression in suppressions if suppression.covers(finding)), None)
    return replace(finding, suppressed=reason) if reason else finding


def _unused_finding(suppression: Suppression) -> Finding:
    what = shorten(f"{suppression.rule} at {suppression.node}")
    message = f"There is no finding of {what} to suppress; remove the suppression."
    return Finding("policy", Severity.WARNING, message, focus=suppression.iri, rule=UNUSED.name)


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints of a baseline.

    Raises:
        MalformedInput: it is not a baseline.
        TriplomacyError: it cannot be read.
    """
    try:
        document = json.loads(files.read_bytes(path))
    except OSError as error:
        advice = _WRITE if isinstance(error, FileNotFoundError) else Message("correct it")
        raise TriplomacyError(f"the baseline cannot be read: {error.strerror}; ", advice, path=path) from None
    except (UnicodeDecodeError, RecursionError):
        raise MalformedInput("not a baseline; ", _WRITE, path=path) from None
    except json.JSONDecodeError as error:
        message = Message(f"not a baseline: {error.msg}; ", _WRITE)
        raise MalformedInput(message, path=path, line=error.lineno, column=error.colno) from None
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, dict) or document.get("version") != 1:
        raise MalformedInput("not a baseline of version 1; ", _WRITE, path=path)
    return frozenset(findings)


def baseline(findings: Iterable[Finding], root: Path | None = None) -> str:
    """Return the text of a baseline that knows the findings, those that the data suppress left out.

    Files and relative IRIs are named from *root*, the current directory if there is none.
    """
    here = root or Path.cwd()
    known = {
        finding.fingerprint: relativise(f"{finding.rule_name} at {_where(finding, here)}: {finding.message}", here)
        for finding in findings
        if finding.fingerprint and finding.suppressed in (None, KNOWN)
    }
    return json.dumps({"version": 1, "findings": known}, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _where(finding: Finding, root: Path) -> str:
    """Return what a finding is about, in words that no moved line changes."""
    if finding.focus is None:
        return relative_path(finding.place.file, root).as_posix() if finding.place else "the whole"
    return "a node without a name" if finding.focus.startswith("_:") else finding.focus


def mark_known(findings: Iterable[Finding], fingerprints: frozenset[str]) -> list[Finding]:
    """Return the findings, those of a baseline marked as known."""
    return [
        replace(finding, suppressed=KNOWN)
        if finding.fingerprint in fingerprints and not finding.suppressed
        else finding
        for finding in findings
    ]
