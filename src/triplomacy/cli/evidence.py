"""``evidence`` and ``span``."""

from __future__ import annotations

import argparse

from triplomacy.cli.options import AddCommand, project_of, source_of
from triplomacy.console import write, write_lines
from triplomacy.errors import TriplomacyError


def add_evidence(add: AddCommand) -> None:
    """Add ``evidence``."""
    example = "triplomacy evidence --source article.txt"
    summary = "verify spans and passages against a source's text, and show the claims of each sentence"
    command = add("evidence", summary, example, _evidence)
    command.add_argument("--source", required=True, metavar="[NAME=]TEXT", help="the file with the source's text")


def add_span(add: AddCommand) -> None:
    """Add ``span``."""
    example = "triplomacy span --source article.txt 1074 1091"
    command = add("span", "print the Turtle of a new span of a source's text", example, _span)
    command.add_argument("--source", required=True, metavar="[NAME=]TEXT", help="the file with the source's text")
    command.add_argument("start", metavar="START", help="the first code point, counted from 0; or the text to quote")
    command.add_argument("end", nargs="?", metavar="END", help="the code point after the last; none for a quotation")


def _evidence(options: argparse.Namespace) -> int:
    from triplomacy.claims import evidence, explain
    from triplomacy.dataset import load
    from triplomacy.rdf import source_map
    from triplomacy.validation import placing, reports

    name, path = source_of(options.source)
    content = evidence.read_bytes(path)
    dataset = load(project_of(options))
    if file := evidence.data_file(dataset, content, name, path.name):
        findings = evidence.verify_rows(file, content, path)
        write_lines(f"{file.source}: {len(file.rows)} rows of {path.name}; {evidence.count_in_words(len(findings))}\n")
    else:
        text = evidence.read_text(path)
        verified = evidence.verify(dataset, text, evidence.choose_source(dataset, text, name))
        claimed = explain.places(dataset, {claim for part in verified.passages for claim in part.claims})
        files = {claim: place.file for claim, place in claimed.items()}
        write_lines(evidence.coverage(verified, files))
        findings = list(verified.findings)
    if findings:
        source = source_map.SourceMap(path for paths in dataset.files.values() for path in paths)
        write(reports.to_text(reports.Report(placing.locate(source, findings, {}))))
    return 1 if findings else 0


def _span(options: argparse.Namespace) -> int:
    from triplomacy.claims import evidence
    from triplomacy.dataset import load

    name, path = source_of(options.source)
    text = evidence.read_text(path)
    dataset = load(project_of(options))
    source = evidence.choose_source(dataset, text, name)
    start, end = _range(options, text)
    write_lines(evidence.new_span(dataset, source, text, start, end))
    return 0


def _range(options: argparse.Namespace, text: str) -> tuple[int, int]:
    from triplomacy.claims import evidence

    if options.end is None:
        return evidence.locate(text, options.start)
    try:
        return int(options.start), int(options.end)
    except ValueError:
        raise TriplomacyError("START and END are whole numbers; put a quotation in quotes, as one word") from None
