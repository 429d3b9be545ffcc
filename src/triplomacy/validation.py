"""Which checks run over a project or over other people's files, and what counts as failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from triplomacy import dataset as datasets
from triplomacy import evidence, explain, shapes, views
from triplomacy.dataset import Dataset, Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Severity, ordered
from triplomacy.terms import ONTOLOGY

Engine = Literal["fast", "pyshacl"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The findings of a run, and remarks on how it was done."""

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()

    def fails(self, at: Severity) -> bool:
        """Tell whether a finding is at least as severe as *at*."""
        return any(finding.severity >= at for finding in self.findings)


def validate_project(
    project: Project,
    *,
    engine: Engine = "fast",
    source_text: Path | None = None,
    source_name: str | None = None,
    reason: bool = False,
) -> Outcome:
    """Return what the shapes, and on demand the source's text and the reasoner, find in a project's graphs.

    Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the shapes or the ontology are malformed.
    """
    shape_files = project.shapes()
    if not shape_files:
        raise TriplomacyError("no shapes here; add a .ttl file", path=project.ontology / "shapes")
    text = None if source_text is None else evidence.read_text(source_text)
    files = project.files()
    triples = [triple for path in files.pop(ONTOLOGY) for triple in datasets.parse_file(path)]
    malformed = list(_read(triples, [path for paths in files.values() for path in paths]))
    if malformed:
        return Outcome(tuple(ordered(malformed)))
    found, remarks = _shacl(triples, shape_files, engine)
    loaded = datasets.of_triples(triples, project)
    if text is not None:
        source = evidence.choose(loaded, text, source_name)
        found += evidence.verify(loaded, text, source).findings
    if reason:
        found += _reason(loaded, triples)
    return Outcome(tuple(ordered(explain.located(loaded, found))), remarks)


def _read(triples: list[ox.Triple], paths: Sequence[Path]) -> Iterator[Finding]:
    """Add the triples of files of data to *triples*, and yield a finding for each file that is malformed."""
    for path in paths:
        try:
            triples += datasets.parse_file(path)
        except MalformedInput as error:
            yield _syntax(error)


def _syntax(error: MalformedInput) -> Finding:
    return Finding(
        check="syntax",
        severity=Severity.VIOLATION,
        message=error.message,
        file=None if error.path is None else Path(error.path),
        line=error.line,
        column=error.column,
    )


def validate_files(data: Sequence[Path], shape_files: Sequence[Path], *, engine: Engine = "fast") -> Outcome:
    """Return what the shapes of some files find in the data of others, all data taken as one graph.

    Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the shapes are malformed.
    """
    triples: list[ox.Triple] = []
    malformed = list(_read(triples, data))
    if malformed:
        return Outcome(tuple(ordered(malformed)))
    found, remarks = _shacl(triples, shape_files, engine)
    return Outcome(tuple(ordered(found)), remarks)


def _shacl(
    triples: Sequence[ox.Triple], shape_files: Sequence[Path], engine: Engine
) -> tuple[list[Finding], tuple[str, ...]]:
    if engine == "fast" and "fast" not in shapes.available_engines():
        remark = "the fast engine has no wheel for this platform; pySHACL does the work"
        return shapes.validate(triples, shape_files, engine="pyshacl"), (remark,)
    return shapes.validate(triples, shape_files, engine=engine), ()


def _reason(loaded: Dataset, triples: Sequence[ox.Triple]) -> tuple[Finding, ...]:
    from triplomacy import reasoning

    return tuple(reasoning.findings([*triples, *views.derive(loaded, views.UNDISPUTED)]))
