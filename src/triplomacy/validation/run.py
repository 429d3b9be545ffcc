"""Validation in five steps: the checks run, findings are placed, suppressed, identified and put into words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from triplomacy.dataset import Project
from triplomacy.errors import Choice, TriplomacyError
from triplomacy.files import FilePath, to_path
from triplomacy.findings import Finding, identify as identify_findings, sort_findings
from triplomacy.terms import PREFIXES, SH, shorten
from triplomacy.validation import checks, placing, shape_graph, suppressions, vocabulary
from triplomacy.validation.checks import CheckFunction, Context
from triplomacy.validation.inputs import Files, Input, ProjectFiles, all_files
from triplomacy.validation.plan import DEFAULT, Check, Outcome, Plan

_UNUSABLE: Final = (shape_graph.MALFORMED.name, "queries/malformed")


def validate_project(project: Project, plan: Plan | None = None) -> Outcome:
    """Return what the checks find in a project's graphs, shapes, rules and queries.

    Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    plan = plan or Plan()
    given = ProjectFiles.of(project)
    _check_paths(plan.only, [*given.data, *given.ontology, *given.shape_files, *given.queries])
    return validate(given, plan)


def _check_paths(only: Iterable[FilePath], files: Sequence[Path]) -> None:
    known = [_real(path) for path in files]
    for path in map(to_path, only):
        if not any(file.is_relative_to(_real(path)) for file in known):
            advice = ("; to validate other files give ", Choice("shapes"), " too")
            raise TriplomacyError("no file of this project", *advice, path=path)


def validate_files(
    data: Sequence[FilePath],
    shape_files: Sequence[FilePath],
    ontology: Sequence[FilePath] = (),
    plan: Plan | None = None,
) -> Outcome:
    """Return what the checks find in other people's data, all taken as one graph together with their ontology.

    A folder stands for the RDF files in it, and a file that is given twice counts once. Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    files = Files(data=all_files(data), ontology=all_files(ontology), shape_files=all_files(shape_files))
    return validate(files, plan or Plan())


def validate(given: Input, plan: Plan, functions: Mapping[Check, CheckFunction] = checks.OF_WHOLE) -> Outcome:
    """Return what the checks find in an input.

    Args:
        given: the input.
        plan: how it is validated.
        functions: what finds what each check is for.

    Raises:
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    given, outcome = run(given, plan, functions)
    outcome = place(given, outcome)
    outcome = suppress(given, plan, outcome)
    outcome = identify(given, plan, outcome)
    return word(given, plan, outcome)


def run(given: Input, plan: Plan, functions: Mapping[Check, CheckFunction]) -> tuple[Input, Outcome]:
    """Run the checks; run them again with blank nodes that have places in the files if a finding is about one.

    Returns:
        The input that the findings are about, and the findings, remarks and rules.
    """
    text = None if plan.source_text is None else _read_source(plan.source_text)
    _ = given.axioms, given.shapes  # an error, if they are malformed
    with ThreadPoolExecutor(max_workers=2) as pool:
        # The fast engine and the store let other threads run: reading and the other checks go on beside them.
        early = pool.submit(checks.start, given) if checks.is_early(given, plan) else None
        if "hygiene" in plan.checks and given.loads_files:
            pool.submit(lambda: given.store)  # who asks for it first waits for it
        rules, of_rules = checks.rules_of(given, plan)
        context = Context(given, plan, text, early)
        findings = list(functions["syntax"](context))
        if findings:
            context.remarks.append("only the grammar was checked: the rest needs files that can be read")
        else:
            findings = list(_findings(functions, context))
    if any(map(_is_anonymous, findings)) and (placed := given.with_places()) is not given:
        context = Context(placed, plan, text)
        findings = list(_findings(functions, context))
    return context.given, Outcome(tuple(findings), tuple(context.remarks), rules, of_rules)


def _read_source(path: FilePath) -> str:
    from triplomacy.claims import evidence

    return evidence.read_text(to_path(path))


def _findings(functions: Mapping[Check, CheckFunction], context: Context) -> Iterator[Finding]:
    """Yield the findings of all checks but the grammar, check by check."""
    for check, find in functions.items():
        if check in context.plan.checks and check != "syntax":
            yield from find(context)


def _is_anonymous(finding: Finding) -> bool:
    terms = (finding.focus, finding.value, *(term for pattern in finding.about for term in pattern))
    return not finding.places and any(term is not None and term.startswith("_:") for term in terms)


def place(given: Input, outcome: Outcome) -> Outcome:
    """Give each finding the places in the files of the node, path and value that it is about."""
    return replace(outcome, findings=tuple(placing.place(given, outcome.findings)))


def suppress(given: Input, plan: Plan, outcome: Outcome) -> Outcome:
    """Mark the findings that the data suppress, and add findings about the suppressions themselves."""
    findings = outcome.findings
    if any(finding.check == "syntax" for finding in findings):
        return outcome
    checked = () if not given.is_whole else None if plan.checks >= DEFAULT else outcome.rules
    prefixes = given.prefixes if findings else PREFIXES
    marked = suppressions.mark_suppressed(findings, given.suppression_triples, checked, prefixes)
    return replace(outcome, findings=tuple(placing.place(given, marked)))


def identify(given: Input, plan: Plan, outcome: Outcome) -> Outcome:
    """Sort the findings, give each its fingerprint, and mark those of the baseline as known."""
    terms = (term for finding in outcome.findings for term in (finding.focus, finding.value))
    nodes = {term for term in terms if term and term.startswith("_:")}
    described = placing.describe_nodes([*given.triples, *given.shapes.triples], nodes) if nodes else {}
    identified = identify_findings(sort_findings(outcome.findings), described, given.root)
    return replace(outcome, findings=tuple(suppressions.mark_known(identified, plan.baseline)))


def word(given: Input, plan: Plan, outcome: Outcome) -> Outcome:
    """Keep the findings in the chosen files, write IRIs as CURIEs, and add remarks on files without places."""
    wanted = [finding for finding in outcome.findings if _is_wanted(finding, plan.only)]
    prefixes = given.shown_prefixes if wanted else PREFIXES
    rules = {shorten(name, prefixes): rule for name, rule in outcome.rules.items()}
    return Outcome(
        findings=tuple(_with_curies(finding, prefixes) for finding in wanted),
        remarks=(*outcome.remarks, *_remarks_on_places(given, outcome.findings)),
        rules={name: replace(rule, name=name) for name, rule in rules.items()},
        checks={shorten(name, prefixes): check for name, check in outcome.checks.items()},
        prefixes=prefixes,
        unusable=any(each.rule in _UNUSABLE or _is_unknown_component(given, each) for each in outcome.findings),
    )


def _with_curies(finding: Finding, prefixes: Mapping[str, str]) -> Finding:
    """Return a finding with the IRIs of its message and its rule as CURIEs."""
    rule = shorten(finding.rule_name, prefixes)
    return replace(finding, message=shorten(finding.message, prefixes), rule=None if rule == finding.check else rule)


def _is_unknown_component(given: Input, finding: Finding) -> bool:
    """Tell whether a finding is about a property that SHACL does not have, and that therefore checks nothing."""
    is_property = finding.value is None and (finding.path or "").startswith(f"<{SH}")
    in_shapes = finding.place is not None and finding.place.file in given.shape_files
    return in_shapes and finding.rule == vocabulary.UNKNOWN.name and is_property


def _remarks_on_places(given: Input, findings: Sequence[Finding]) -> Iterator[str]:
    files = {place.file for finding in findings for place in finding.places if place.line is None}
    for path in given.map.list_unmapped() if findings else ():
        if path in files or any(not finding.places for finding in findings):
            yield f"{path}: there are no lines and columns for {path.suffix} files; findings name the file alone"


def _is_wanted(finding: Finding, only: Sequence[FilePath]) -> bool:
    if not only:
        return True
    chosen = [_real(path) for path in only]
    return any(_real(place.file).is_relative_to(path) for place in finding.places for path in chosen)


def _real(path: FilePath) -> Path:
    return Path(os.path.realpath(path))  # resolve raises where links lead in a loop
