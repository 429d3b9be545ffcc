"""The plan of a run, which says what is checked, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.files import FilePath
from triplomacy.findings import Finding, Rule, Severity
from triplomacy.terms import PREFIXES

Engine = Literal["fast", "pyshacl", "both"]
Check = Literal["syntax", "terms", "shapes", "shacl", "hygiene", "profile", "queries", "evidence", "reasoning"]

CHECKS: Final[Mapping[Check, Rule]] = {
    "syntax": Rule("syntax", "A file that does not follow its grammar or encoding", "Correct the place that is named."),
    "terms": Rule("terms", "Terms that nobody has declared", "Correct their spelling, or declare them."),
    "shapes": Rule("shapes", "Shapes that are malformed, or reach nothing", "Correct the shape."),
    "shacl": Rule("shacl", "What the shapes say of the data", "Do what the shape's message says."),
    "hygiene": Rule("hygiene", "Rules of good data, each a SPARQL file", "Do what the rule says."),
    "profile": Rule("profile", "OWL 2 DL", "Keep to OWL 2 DL, so that reasoners can be trusted with the ontology."),
    "queries": Rule("queries", "Stored queries: header, grammar, expected answer", "Correct the query's file."),
    "evidence": Rule("evidence", "Spans and passages against the text of the source", "Correct offsets or hash."),
    "reasoning": Rule("reasoning", "Contradictions, by HermiT and Pellet", "Correct one of the statements."),
}
ON_DEMAND: Final[frozenset[Check]] = frozenset({"evidence", "reasoning"})
DEFAULT: Final[frozenset[Check]] = frozenset(CHECKS) - ON_DEMAND


@dataclass(frozen=True, slots=True)
class Plan:
    """Which checks run, over what, and how.

    Attributes:
        checks: those that run; ``evidence`` and ``reasoning`` run on demand.
        engine: the SHACL engine, or both, which have to agree.
        source_text: the file with the text of a source, for ``evidence``.
        source_name: the source's name, where the text alone does not tell.
        only: files and folders that findings are reported of; all of them if there are none.
        baseline: the fingerprints of findings that are known.

    Raises:
        UnknownName: there is no such check or engine.
    """

    checks: frozenset[Check] = DEFAULT
    engine: Engine = "fast"
    source_text: FilePath | None = None
    source_name: str | None = None
    only: tuple[FilePath, ...] = ()
    baseline: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for kind, names, known in (("check", self.checks, CHECKS), ("engine", [self.engine], get_args(Engine))):
            for name in names:
                if name not in known:
                    raise UnknownName(kind, name, known)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The findings of a run, remarks on how it was done, and the rules that were checked with the check of each.

    ``prefixes`` are the project's, or those of the files. ``unusable`` is true where shapes or queries are malformed,
    so that the run says nothing of the data.
    """

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)
    unusable: bool = False

    def fails(self, at: Severity) -> bool:
        """Tell whether a finding that is not suppressed is at least as severe as *at*."""
        return any(finding.severity >= at and finding.suppressed is None for finding in self.findings)


class Undecidable(TriplomacyError):
    """The effect of a change cannot be told without a validation of everything; the message says why."""
