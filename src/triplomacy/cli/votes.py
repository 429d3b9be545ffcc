"""``import`` and ``align``: data sets of others, and what the record of votes tells."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triplomacy.cli.build import remark_on_store
from triplomacy.cli.execution import progress_line, terminal_width
from triplomacy.cli.options import AddCommand, add_output, parse_sessions, parse_whole_number, project_of
from triplomacy.console import remark, write, write_lines
from triplomacy.errors import BadParameter, TriplomacyError

if TYPE_CHECKING:
    from triplomacy import queries
    from triplomacy.dataset import Project
    from triplomacy.votes import alignment, charts


def add_import(add: AddCommand) -> None:
    """Add ``import``."""
    example = "triplomacy import un-votes un_votes.rda un_roll_calls.rda un_roll_call_issues.rda"
    command = add("import", "make a graph from a published data set", example, _import)
    command.add_argument("name", choices=_DATA_SETS, metavar="NAME", help=f"the data set: {' or '.join(_DATA_SETS)}")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="its files: CSV, or R's (.rda, .rds)")
    command.add_argument("--output", type=Path, metavar="DIR", help="the graph's folder (default: graphs/NAME)")
    origin = "the source of the files (default: the address where they are published)"
    command.add_argument("--origin", metavar="IRI", help=origin)
    command.add_argument("--licence", metavar="IRI", help="the licence of the files (default: the publisher's)")
    time = "the time of the import (default: now, or that of the first import of the same files)"
    command.add_argument("--at", metavar="TIME", help=time)
    store = "also bring this store on disk up to date, see build --store"
    command.add_argument("--store", type=Path, metavar="DIR", help=store)


_DATA_SETS: Final = ("countries", "un-votes")


def add_align(add: AddCommand) -> None:
    """Add ``align``."""
    example = 'triplomacy align "North Korea" Russia --by session --output course.svg'
    command = add("align", "measure how often states vote alike: a state with others, or blocs", example, _align)
    command.add_argument("states", nargs="*", metavar="STATE", help="one state, to compare it with all others, or two")
    command.add_argument("--blocs", type=parse_whole_number, metavar="N", help="group all voters into N blocs instead")
    command.add_argument("--claims", action="store_true", help="compare claimed alignments with the votes instead")
    command.add_argument("--by", choices=_PARTS, default="all", help="one result for each part (default: all)")
    command.add_argument("--sessions", type=parse_sessions, metavar="FROM-TO", help="only these sessions, as 46-74")
    command.add_argument("--issue", metavar="NAME", help="only roll calls on this issue")
    command.add_argument("--seat", action="store_true", help="add the votes of those who held a state's seat before")
    command.add_argument("--graph", metavar="NAME", help="the graph of the votes, if there are several")
    command.add_argument("--format", choices=_FORMATS, help="default: by the ending of FILE, else table")
    add_output(command)


_PARTS: Final = ("all", "session", "year", "issue")
_FORMATS: Final = ("table", "csv", "json", "svg", "png", "text")


def _import(options: argparse.Namespace) -> int:
    from triplomacy.dataset import find_project
    from triplomacy.imports import countries, provenance, unvotes

    usual = countries.ORIGIN if options.name == countries.NAME else unvotes.ORIGIN
    origin = provenance.origin(options.origin or usual.address, options.licence or usual.licence)
    project, at = find_project(options.project), provenance.parse_time(options.at)
    if options.store is not None:
        _check_store(options)
    if options.output is None and not os.access(project.graphs, os.W_OK):
        raise TriplomacyError("cannot be written to; give --project DIR or --output DIR", path=project.graphs)
    if options.name == countries.NAME:
        counts = countries.import_files(project, options.files, options.output, origin=origin, at=at)
    else:
        with progress_line() as show:
            counts = unvotes.import_files(project, options.files, options.output, origin=origin, at=at, progress=show)
    place = options.output or project.graphs / options.name
    write_lines("".join(f"{what.ljust(max(map(len, counts)))}  {count:>9,}\n" for what, count in counts.items()))
    remark(f"wrote {place}")
    if options.store is not None:
        from triplomacy.build import store

        remark_on_store(store.build(project, options.store), options.store)
    return 0


def _check_store(options: argparse.Namespace) -> None:
    """Raise an error before the import if the store could not be updated after it."""
    from triplomacy.dataset import store_states

    if options.output is not None:
        raise TriplomacyError("--store has the project's graphs; leave --output out, or --store")
    store_states.check(options.store)


def _align(options: argparse.Namespace) -> int:
    from triplomacy import files
    from triplomacy.queries import formats
    from triplomacy.votes import alignment, charts

    form = _form_of_votes(options)
    project = project_of(options)
    selection = alignment.VoteSelection(options.graph, options.sessions, options.issue, seat=options.seat)
    chosen = alignment.select_votes(project, selection)
    answer, chart, labels = _alignment_answer(options, project, chosen)
    if form in ("svg", "png", "text"):
        if chart is None:
            raise TriplomacyError("there is no picture of this; take --format table or csv, or ask part by part of two")
        content: str | bytes = charts.draw(chart, form)
    elif form == "table":
        width = None if options.output or not sys.stdout.isatty() else terminal_width()
        content = formats.table(answer, labels, width)
    else:
        content = formats.FORMATS[form](answer, None)
    for text in (f"{charts.caption(chosen)[0]}", *(_CLAIM_REMARK if options.claims else ())):
        remark(text)
    if options.output:
        files.write({options.output: content})
    else:
        write(content)
    return 0


_CLAIM_REMARK: Final = ("votes do not say whether a claim is right: no claim becomes a fact by them",)


def _form_of_votes(options: argparse.Namespace) -> str:
    """Return the format of the answer, after checking that exactly one thing is asked for."""
    kinds = [bool(options.states), options.blocs is not None, options.claims]
    if kinds.count(True) != 1 or len(options.states) > 2:
        raise BadParameter("ask for one thing: the agreement of one STATE or of two, --blocs N, or --claims")
    if options.by != "all" and not options.states:
        raise BadParameter("--by goes with one STATE or two")
    ending = options.output.suffix.lower() if options.output else ""
    known = {".csv": "csv", ".json": "json", ".svg": "svg", ".png": "png", ".txt": "table", "": "table"}
    form = options.format or known.get(ending)
    if form is None:
        raise BadParameter(f"no answer has the ending {ending}; take {', '.join(filter(None, known))}, or say --format")
    if form == "png" and not options.output and sys.stdout.isatty():
        raise TriplomacyError("a PNG is not for a terminal; give --output FILE, or --format text")
    return str(form)


def _alignment_answer(
    options: argparse.Namespace, project: Project, chosen: alignment.SelectedVotes
) -> tuple[queries.Answer, charts.Chart | None, dict[str, str]]:
    """Return the rows that are asked for, their picture if there is one, and the labels of their terms."""
    from triplomacy.votes import alignment, charts

    labels = alignment.voter_labels(chosen.record)
    if options.claims:
        comparisons = alignment.compare_claims(project, chosen)
        return alignment.claim_answer(comparisons), None, alignment.all_labels(project, chosen)
    if options.blocs is not None:
        members = alignment.blocs(chosen, options.blocs)
        return alignment.bloc_answer(members), charts.bloc_chart(chosen, members), labels
    if len(options.states) == 2:
        one, other = options.states
        lines = alignment.compare_two(chosen, one, other, options.by)
        return alignment.comparison_answer(lines, options.by), _chart_of_two(options, chosen, lines), labels
    lines = alignment.compare_with_all(chosen, options.states[0], options.by)
    name = chosen.record.find(options.states[0]).label
    chart = charts.ranking_chart(chosen, lines, name) if options.by == "all" else None
    return alignment.comparison_answer(lines, options.by), chart, labels


def _chart_of_two(
    options: argparse.Namespace, chosen: alignment.SelectedVotes, lines: Sequence[alignment.AlignmentLine]
) -> charts.Chart:
    from triplomacy.votes import charts

    if options.by == "all":
        return charts.ranking_chart(chosen, lines, chosen.record.find(options.states[0]).label)
    return charts.course_chart(chosen, lines, options.by)
