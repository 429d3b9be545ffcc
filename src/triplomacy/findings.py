"""What a check found, where, and how severe it is: values that every check makes and every report reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Severity(IntEnum):
    """How severe a finding is; the names are those of SHACL in lower case."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """The name as it is written in options and reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of one check.

    ``focus``, ``value``, ``shape`` and ``component`` are terms in N-Triples syntax or CURIEs as the
    check knows them, ``path`` a SHACL path in SPARQL syntax; each is None where it does not apply.
    ``line`` and ``column`` count from 1.
    """

    check: str
    severity: Severity
    message: str
    focus: str | None = None
    path: str | None = None
    value: str | None = None
    shape: str | None = None
    component: str | None = None
    file: Path | None = None
    line: int | None = None
    column: int | None = None

    @property
    def key(self) -> tuple[str | int, ...]:
        """What findings are ordered and compared by: everything but the wording and the severity."""
        parts = (self.check, self.focus, self.path, self.value, self.shape, self.component, self.file)
        return (*("" if part is None else str(part) for part in parts), self.line or 0, self.column or 0)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings in the order of reports: by severity, the worst first, then by key; each once."""
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(found, key=lambda finding: (-finding.severity, finding.key, finding.message)):
        unique.setdefault((finding.key, finding.message), finding)
    return list(unique.values())


def worst(found: Iterable[Finding]) -> Severity | None:
    """Return the highest severity among the findings, or None where there are none."""
    return max((finding.severity for finding in found), default=None)
