"""Findings of checks: the message, the places and the severity; every check makes them, every report shows them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from triplomacy.terms import shorten


class Severity(IntEnum):
    """The severity of a finding, as in SHACL: ``sh:Info``, ``sh:Warning`` or ``sh:Violation``."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """The name in lower case, as in options and reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: lines and columns count from 1, columns in code points, and the end is exclusive.

    Without a line it is the whole file, and without a column the whole line.
    """

    file: Path
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file.as_posix(), self.line, self.column) if part is not None)

    @property
    def key(self) -> tuple[str, int, int]:
        """The sort key of a place."""
        return self.file.as_posix(), self.line or 0, self.column or 0


Pattern = tuple[str | None, str | None, str | None]
"""A triple in N-Triples syntax; None stands for any term."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule that a finding violates: a shape, a hygiene rule or a whole check; ``help`` says what to correct."""

    name: str
    summary: str
    help: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of one check.

    ``focus``, ``value``, ``shape`` and ``component`` are terms in N-Triples syntax or CURIEs, as the check reports
    them; ``path`` is a SHACL path in SPARQL syntax. Each is None where it does not apply. ``about`` has further triples
    that the finding concerns or is derived from. The first of ``places`` is the place to correct; the others are
    related, such as that of a second value. ``fingerprint`` identifies the finding across runs: see `identify`.
    ``suppressed`` is the reason, written in the data or in a baseline, for which the finding is not counted.
    """

    check: str
    severity: Severity
    message: str
    focus: str | None = None
    path: str | None = None
    value: str | None = None
    shape: str | None = None
    component: str | None = None
    rule: str | None = None
    about: tuple[Pattern, ...] = ()
    places: tuple[Place, ...] = ()
    fingerprint: str | None = None
    suppressed: str | None = None

    @property
    def place(self) -> Place | None:
        """The place to correct, or None if it is not known."""
        return self.places[0] if self.places else None

    @property
    def rule_name(self) -> str:
        """The name of the violated rule: the rule of a check, else the CURIE of the shape, else the check."""
        return self.rule or shorten(self.shape or self.check)

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of a finding within a run: all fields but message, severity and places."""
        parts = (self.check, self.rule, self.focus, self.path, self.value, self.shape, self.component)
        return tuple("" if part is None else part for part in parts)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without duplicates in the order of reports: the most severe first, then by place and key."""
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(findings, key=_sort_key):
        unique.setdefault((finding.key, finding.message, finding.place), finding)
    return list(unique.values())


def _sort_key(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    return -finding.severity, place is None, place.key if place else (), finding.key, finding.message


def identify(findings: Iterable[Finding], described: Mapping[str, str], root: Path | None = None) -> list[Finding]:
    """Return the findings with fingerprints, which do not depend on lines or on labels of blank nodes.

    A fingerprint is the SHA-256 in hexadecimal of check, rule, component, focus, path and value, of file and message
    where there is no focus, and of a number that distinguishes findings that are otherwise equal.

    Args:
        findings: the findings, in the order of reports.
        described: for each blank node a digest of the triples about it, which stands for its label.
        root: the folder that paths and file IRIs are made relative to, so that moving a checkout changes nothing; by
            default the current folder.
    """
    seen: Counter[str] = Counter()
    return [_identify(finding, described, root or Path.cwd(), seen) for finding in findings]


def relativise(text: str, root: Path) -> str:
    """Return a text in which the IRIs of files in a folder are relative to that folder.

    >>> relativise("<file:///data/graphs/a.ttl#x> is wrong", Path("/data"))
    '<graphs/a.ttl#x> is wrong'
    """
    return text.replace(f"{root.as_uri()}/", "")


def relative_path(file: Path, root: Path) -> Path:
    """Return a path relative to a folder, or unchanged if it is outside."""
    whole = Path.cwd() / file
    return whole.relative_to(root) if whole.is_relative_to(root) else file


def _identify(finding: Finding, described: Mapping[str, str], root: Path, seen: Counter[str]) -> Finding:
    file = relative_path(finding.place.file, root).as_posix() if finding.place and finding.focus is None else ""
    message = finding.message if finding.focus is None else ""
    terms = (finding.focus, finding.value)
    nodes = [described.get(term, term) if term else "" for term in terms]
    parts = (finding.check, finding.rule_name, finding.component or "", *nodes, finding.path or "", file, message)
    text = relativise("\0".join(parts), root)
    seen[text] += 1
    digest = hashlib.sha256(f"{text}\0{seen[text]}".encode("utf-8", "surrogatepass")).hexdigest()
    return replace(finding, fingerprint=digest)
