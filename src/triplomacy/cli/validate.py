"""``validate`` and ``format``."""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triplomacy import __version__
from triplomacy.cli.execution import in_options, read_standard_input, run_command
from triplomacy.cli.options import AddCommand, add_repeatable, parse_seconds, project_of, source_of
from triplomacy.console import remark, write, write_lines, write_unchanged
from triplomacy.errors import BadParameter, TriplomacyError

if TYPE_CHECKING:
    from triplomacy import validation
    from triplomacy.dataset import Project


def add_validate(add: AddCommand) -> None:
    """Add ``validate``."""
    example = "triplomacy validate data.ttl --shapes shapes.ttl --report sarif=findings.sarif"
    command = add("validate", "check the project's graphs, or any data against shapes", example, _validate)
    paths = "report findings in these files of the project only; with --shapes: the data to check"
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=paths)
    add_repeatable(command, "--shapes", "the shapes that the data are checked against", "FILE", kind=Path)
    add_repeatable(command, "--ontology", "with --shapes: the ontology of the data", "FILE", kind=Path)
    command.add_argument("--endpoint", metavar="URL", help="check the graphs at this SPARQL endpoint")
    add_repeatable(command, "--graph", "with --endpoint and --shapes: check this graph", "IRI")
    since = "check only what the changes since this git revision can affect"
    command.add_argument("--changed-since", metavar="REV", help=since)
    changed = "with --store: check only what the changes since the store was built can affect"
    command.add_argument("--changed", action="store_true", help=changed)
    command.add_argument("--source", metavar="[NAME=]TEXT", help="also verify the evidence against this text")
    command.add_argument("--reason", action="store_true", help="also look for contradictions with the reasoners")
    add_repeatable(command, "--check", "run only this check", choices=_CHECKS)
    add_repeatable(command, "--skip", "do not run this check", choices=_CHECKS)
    engine = "the SHACL engine (default: fast)"
    command.add_argument("--engine", choices=("fast", "pyshacl", "both"), default="fast", help=engine)
    fail_on = "the least severity for exit code 1 (default: violation)"
    command.add_argument("--fail-on", choices=("violation", "warning", "info"), default="violation", help=fail_on)
    command.add_argument("--format", choices=_FORMATS, default="text", help="on standard output (default: text)")
    add_repeatable(command, "--report", "write a report to a file too", "FORMAT=FILE")
    command.add_argument("--baseline", type=Path, metavar="FILE", help="ignore the findings that this file lists")
    command.add_argument("--write-baseline", action="store_true", help="write all findings to the baseline file")
    seconds = "stop after this time, 0 for no limit (default: 600)"
    command.add_argument("--timeout", type=parse_seconds, default=600, metavar="SECONDS", help=seconds)


_CHECKS: Final = ("syntax", "terms", "shapes", "shacl", "hygiene", "profile", "queries", "evidence", "reasoning")
_FORMATS: Final = ("text", "json", "turtle", "sarif", "junit", "github", "gitlab")


def add_format(add: AddCommand) -> None:
    """Add ``format``."""
    command = add("format", "rewrite Turtle and TriG files in the normal form", "triplomacy format --check", _format)
    paths = "files and folders, or - for standard input (default: the project's ontology and graphs)"
    paths += "; each file is replaced by a new one, so other hard links to it keep the old text"
    command.add_argument("paths", nargs="*", metavar="PATH", help=paths)
    command.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file is not in the normal form"
    )


def _validate(options: argparse.Namespace) -> int:
    from triplomacy import limits

    seconds, advice = options.timeout, "a regular expression or a query may explode; simplify it"
    if options.reason or "reasoning" in options.check:
        seconds = seconds or math.inf  # the reasoners are processes, which end with this one
        advice = "the reasoners may need longer for so many triples; leave --reason out"
    advice += ", or give --timeout more seconds"
    return limits.run_within(seconds, lambda: run_command(_run_validation, options), advice)


def _run_validation(options: argparse.Namespace) -> int:
    from triplomacy import validation
    from triplomacy.dataset import StoredProject
    from triplomacy.findings import Severity

    files = _report_files(options)
    plan = _plan(options)
    project = None if options.shapes else project_of(options)
    _check_outputs(files, options, project)
    if options.endpoint is not None:
        outcome = _validate_endpoint(options, project, plan)
    elif project is not None and (options.changed or options.changed_since is not None):
        outcome = _validate_change(options, project, plan)
    elif isinstance(project, StoredProject):
        from triplomacy.validation import endpoint as endpoints

        outcome = endpoints.validate_store(project, plan)
    elif project is None:
        outcome = validation.validate_files(options.paths, options.shapes, options.ontology, plan)
    else:
        outcome = validation.validate_project(project, plan)
    outcome = dataclasses.replace(outcome, remarks=tuple(map(in_options, outcome.remarks)))
    for text in outcome.remarks:
        remark(text)
    _write_reports(options, outcome, files, project)
    if outcome.unusable:
        return 2
    return 1 if outcome.fails(Severity[options.fail_on.upper()]) and not options.write_baseline else 0


def _validate_change(options: argparse.Namespace, project: Project, plan: validation.Plan) -> validation.Outcome:
    from triplomacy import validation
    from triplomacy.dataset import StoredProject
    from triplomacy.validation import changes

    files = project.in_files()
    if isinstance(project, StoredProject):
        return validation.validate_changes(files, plan, changes.since_store(files, project.store))
    return validation.validate_changes(files, plan, changes.since_revision(files, options.changed_since))


def _validate_endpoint(
    options: argparse.Namespace, project: Project | None, plan: validation.Plan
) -> validation.Outcome:
    from triplomacy import remote
    from triplomacy.validation import endpoint as endpoints

    for graph in options.graph:
        remote.check_graph(graph)
    endpoint = remote.connect(options.endpoint, options.timeout).about(options.graph)
    if project is None:
        return endpoints.validate(endpoint, options.shapes, options.ontology, plan)
    return endpoints.validate_project(project, endpoint, plan)


def _write_reports(
    options: argparse.Namespace, outcome: validation.Outcome, files: Mapping[Path, str], project: Project | None
) -> None:
    """Write the reports to files, then one to standard output: last, since its reader may close it."""
    from triplomacy.files import write as write_files
    from triplomacy.validation import reports, suppressions

    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    content = (outcome.findings, outcome.rules, outcome.checks, outcome.remarks)
    report = reports.Report(*content, __version__, outcome.prefixes, colour=terminal, origin=options.endpoint or "")
    plain = dataclasses.replace(report, colour=False)
    texts = {file: reports.FORMATS[form](plain) for file, form in files.items()}
    if options.write_baseline and not outcome.unusable:
        texts[options.baseline] = suppressions.baseline(outcome.findings, project.root.resolve() if project else None)
    try:
        write_files(texts)
    finally:
        write_unchanged(reports.FORMATS[options.format](report))


def _check_outputs(files: Iterable[Path], options: argparse.Namespace, project: Project | None) -> None:
    """Raise an error if a file that is to be written is one of those that are validated, or is named twice."""
    read = [*options.paths, *(options.shapes or ()), *options.ontology]
    read += [project.ontology, project.graphs, project.queries] if project else []
    read += [source_of(options.source)[1]] if options.source else []
    read += [options.baseline] if options.baseline and not options.write_baseline else []
    folders = [os.path.realpath(path) for path in read if path.is_dir()]
    known = {os.path.realpath(path) for path in read}
    written = [*files, *([options.baseline] if options.write_baseline and options.baseline else [])]
    for path in written:
        target = os.path.realpath(path)
        is_inside = any(target.startswith(f"{folder}{os.sep}") for folder in folders)
        if target in known or (is_inside and path.exists() and path.suffix.lower() in _READ):
            raise TriplomacyError("it would be overwritten, and it is read here; write to another file", path=path)
    if twice := [path for number, path in enumerate(written) if any(_same(path, other) for other in written[:number])]:
        raise TriplomacyError("two reports would go to this file; give each a file of its own", path=twice[0])


def _same(path: Path, other: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(other) and not (path.exists() and not path.is_file())


_READ: Final = (".csv", ".jsonld", ".nq", ".nt", ".owl", ".rdf", ".rq", ".trig", ".ttl", ".turtle")


def _plan(options: argparse.Namespace) -> validation.Plan:
    """Return the plan of a validation, if its options go together."""
    from triplomacy import validation
    from triplomacy.validation import suppressions

    elsewhere = options.endpoint is not None
    if elsewhere and options.paths:
        raise TriplomacyError("PATH is validated here and --endpoint elsewhere; leave one out")
    if options.graph and not (elsewhere and options.shapes):
        raise TriplomacyError("--graph goes with --endpoint and --shapes; our own graphs are known")
    if options.shapes and not options.paths and not elsewhere:
        raise TriplomacyError("--shapes needs the files that they are for; name them, or leave --shapes out")
    if options.store is not None and (elsewhere or options.paths or options.shapes):
        raise TriplomacyError(
            "--store is for our own graphs as a store has them; leave PATH, --shapes and --endpoint out"
        )
    _check_changed(options)
    if options.shapes and options.source:
        raise TriplomacyError("--source is for our own graphs; leave PATH and --shapes out")
    if options.ontology and not options.shapes:
        raise TriplomacyError("--ontology goes with --shapes; our own graphs have theirs")
    if options.write_baseline and not options.baseline:
        raise TriplomacyError("--write-baseline needs to know where; give --baseline FILE")
    checks: set[validation.Check] = set(options.check or _default_checks(options)) | {"syntax"}
    if options.source:
        checks.add("evidence")
    if options.reason:
        checks.add("reasoning")
    name, text = source_of(options.source) if options.source else (None, None)
    for path in options.paths:
        if not path.exists():
            raise TriplomacyError("no such file or folder; correct PATH", path=path)
    known = options.baseline and not options.write_baseline
    return validation.Plan(
        checks=frozenset(checks - set(options.skip)),
        engine=options.engine,
        source_text=text,
        source_name=name,
        only=() if options.shapes else tuple(options.paths),
        baseline=suppressions.read_baseline(options.baseline) if known else frozenset(),
    )


def _check_changed(options: argparse.Namespace) -> None:
    """Raise an error if an option does not go with --changed or --changed-since."""
    since = options.changed_since is not None
    if not (options.changed or since):
        return
    if options.changed and since:
        raise TriplomacyError("--changed compares with a store and --changed-since with git; leave one out")
    if options.changed and options.store is None:
        raise TriplomacyError("--changed needs the store of before; give --store DIR, or --changed-since REV instead")
    if since and options.store is not None:
        raise TriplomacyError("--changed-since compares with git and --store with a store; leave one out")
    if options.shapes or options.endpoint is not None:
        raise TriplomacyError("what has changed is known of our own graphs; leave --shapes and --endpoint out")
    if options.source or options.reason or {"evidence", "reasoning"} & set(options.check):
        raise TriplomacyError("evidence and reasoning look at everything; leave them out where only changes count")
    if options.write_baseline:
        raise TriplomacyError("a baseline has all findings; leave --changed-since and --changed out")


def _default_checks(options: argparse.Namespace) -> frozenset[validation.Check]:
    """Return the checks that run without --check."""
    from triplomacy import validation

    if options.endpoint is None or not options.shapes:
        return validation.DEFAULT
    from triplomacy.validation import endpoint as endpoints

    return endpoints.CHECKS


def _report_files(options: argparse.Namespace) -> dict[Path, str]:
    """Return the format of each file that --report names."""
    files: dict[Path, str] = {}
    for item in options.report:
        form, equals, name = item.partition("=")
        if not equals or not name or form not in _FORMATS:
            known = ", ".join(_FORMATS)
            raise BadParameter(f"--report takes FORMAT=FILE, not {item!r}; the formats are {known}")
        if Path(name) in files:
            raise BadParameter(f"--report names {name} twice; give each report a file of its own")
        files[Path(name)] = form
    return files


def _format(options: argparse.Namespace) -> int:
    from triplomacy import files as to_disk
    from triplomacy.rdf import normal_form

    if options.paths == ["-"]:
        text = read_standard_input()
        written = normal_form.normalise(text, path="-")
        write(text if options.check else written)
        return 1 if options.check and text != written else 0
    project = None if options.paths else project_of(options)
    chosen = [Path(path) for path in options.paths] or ([project.ontology, project.graphs] if project else [])
    files = normal_form.files(chosen)
    forms = {path: normal_form.of_file(path) for path in files}
    changed = {path: written for path, (text, written) in forms.items() if text != written}
    if not options.check:
        if streams := [path for path in changed if not path.is_file()]:
            raise TriplomacyError("is not a file that can be changed; give - for standard input", path=streams[0])
        to_disk.write(changed)
    for path in changed:
        write_lines(f"{path}: not in its normal form; run triplomacy format\n" if options.check else f"{path}\n")
    remark(f"{len(changed)} of {len(files)} files {'would change' if options.check else 'changed'}")
    return 1 if options.check and changed else 0
