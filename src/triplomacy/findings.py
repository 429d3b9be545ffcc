"""Findings: what a check has found, where, and how severe it is; made by every check, read by every report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from triplomacy.terms import shorten


class Severity(IntEnum):
    """How severe a finding is; the names are those of SHACL in lower case."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """The name in options and reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: lines and columns from 1, columns in code points, the end exclusive.

    Without a line it is the file as a whole, without a column the whole line.
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
    """What a finding breaks: a shape, a rule of hygiene, or a check as a whole; ``help`` says what to do."""

    name: str
    summary: str
    help: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of one check.

    ``focus``, ``value``, ``shape`` and ``component`` are terms in N-Triples syntax or CURIEs as the
    check knows them, ``path`` a SHACL path in SPARQL syntax; each is None where it does not apply.
    ``about`` holds other triples that it is about, or from which it was derived.
    The first of ``places`` is where to look, the others belong to it (a second value, for one).
    ``fingerprint`` tells findings apart across runs: see `identify`. ``suppressed`` is the reason
    why the finding counts for nothing, written in the data or in a baseline.
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
        """Where to look, if that is known."""
        return self.places[0] if self.places else None

    @property
    def rule_name(self) -> str:
        """The name of the rule that is broken: that of a check, the shape's CURIE, or the check."""
        return self.rule or shorten(self.shape or self.check)

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of a finding: everything but its wording, severity and places."""
        parts = (self.check, self.rule, self.focus, self.path, self.value, self.shape, self.component)
        return tuple("" if part is None else part for part in parts)


def sort_findings(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings in the order of reports: the worst first, then by place, then by key; each once."""
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(found, key=_sort_key):
        unique.setdefault((finding.key, finding.message, finding.place), finding)
    return list(unique.values())


def _sort_key(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    return -finding.severity, place is None, place.key if place else (), finding.key, finding.message


def identify(found: Iterable[Finding], described: Mapping[str, str], root: Path | None = None) -> list[Finding]:
    """Return the findings with fingerprints, which do not depend on lines or on labels of blank nodes.

    It is the SHA-256 of check, rule, component, focus, path and value, or of the message where there is no
    focus, and of a number that tells findings apart that have all of this in common.

    Args:
        found: the findings, in the order of reports.
        described: what to write for a blank node: a digest of what is said of it.
        root: the folder that files and relative IRIs are named from, so that a moved checkout changes nothing either.
    """
    seen: Counter[str] = Counter()
    return [_identify(finding, described, root or Path.cwd(), seen) for finding in found]


def relativise(text: str, root: Path) -> str:
    """Return a text with the IRIs of files in a folder made relative to it.

    >>> relativise("<file:///data/graphs/a.ttl#x> is wrong", Path("/data"))
    '<graphs/a.ttl#x> is wrong'
    """
    return text.replace(f"{root.as_uri()}/", "")


def relative_path(file: Path, root: Path) -> Path:
    """Return a file's path relative to a folder, or unchanged if it is not in it."""
    whole = Path.cwd() / file
    return whole.relative_to(root) if whole.is_relative_to(root) else file


def _identify(finding: Finding, described: Mapping[str, str], root: Path, seen: Counter[str]) -> Finding:
    file = relative_path(finding.place.file, root).as_posix() if finding.place and finding.focus is None else ""
    said = finding.message if finding.focus is None else ""
    terms = (finding.focus, finding.value)
    nodes = [described.get(term, term) if term else "" for term in terms]
    parts = (finding.check, finding.rule_name, finding.component or "", *nodes, finding.path or "", file, said)
    text = relativise("\0".join(parts), root)
    seen[text] += 1
    digest = hashlib.sha256(f"{text}\0{seen[text]}".encode("utf-8", "surrogatepass")).hexdigest()
    return replace(finding, fingerprint=digest)
