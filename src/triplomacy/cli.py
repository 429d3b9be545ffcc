"""The command line: options to calls, answers to standard output, remarks to standard error.

Exit codes: 0 done, or conforms; 1 findings at or over ``--fail-on``; 2 it could not be done.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from triplomacy import __version__
from triplomacy.dataset import Dataset, Project, find_project, load
from triplomacy.errors import BadParameter, TriplomacyError
from triplomacy.terms import compress

_Add = Callable[..., argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint about a wrong word offers the nearest right ones."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"triplomacy: error: {_on_one_line(message)}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, but complain about what is left over here, where the command's options are known."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            near = difflib.get_close_matches(unknown[0].partition("=")[0], self._option_string_actions, n=1, cutoff=0.5)
            advice = f"; did you mean {near[0]}?" if near else ""
            self.error(f"no such option or argument: {' '.join(unknown)}{advice}")
        return known, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            near = difflib.get_close_matches(str(value), known, n=3, cutoff=0.5)
            advice = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
            raise argparse.ArgumentError(action, f"no such choice: {value}; {advice}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line with all its commands."""
    root = _Parser(prog="triplomacy", description="Question, validate and publish a knowledge graph of diplomacy.")
    root.add_argument("--version", action="version", version=f"triplomacy {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, summary: str, example: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--project", type=Path, metavar="DIR", help="the folder with ontology/ and graphs/")
        command.set_defaults(run=run)
        return command

    _add_build(add)
    _add_validate(add)
    _add_query(add)
    _add_queries(add)
    _add_explain(add)
    _add_evidence(add)
    _add_span(add)
    return root


def _add_build(add: _Add) -> None:
    command = add("build", "write ontology, graphs and views as one dataset", "triplomacy build --output build", _build)
    command.add_argument("--output", type=Path, default=Path("build"), metavar="DIR", help="where to (default: build)")


def _add_validate(add: _Add) -> None:
    example = "triplomacy validate --engine pyshacl --format json"
    command = add("validate", "check our graphs, or DATA with --shapes SHAPES", example, _validate)
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="data of other people; with --shapes")
    command.add_argument("--shapes", action="append", type=Path, metavar="FILE", help="shapes for PATH; repeatable")
    command.add_argument("--source", metavar="[NAME=]TEXT", help="verify the evidence against this text too")
    command.add_argument("--reason", action="store_true", help="look for contradictions with the reasoners too")
    command.add_argument("--engine", choices=("fast", "pyshacl"), default="fast", help="the SHACL engine")
    command.add_argument("--fail-on", choices=("violation", "warning", "info"), default="violation", help="exit 1 from")
    command.add_argument("--format", choices=("text", "json", "turtle"), default="text", help="default: text")


def _add_query(add: _Add) -> None:
    example = 'triplomacy query who-recognises --set recognised="Lugansk republic" --format csv'
    command = add("query", "answer a stored query", example, _query)
    command.add_argument("name", metavar="NAME", help="the query's name, or THEME/NAME")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; repeatable")
    command.add_argument("--view", action="append", default=[], metavar="NAME", help="add a view's facts; repeatable")
    command.add_argument("--according-to", action="append", default=[], metavar="ACTOR", help="add an actor's view")
    command.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")


def _add_queries(add: _Add) -> None:
    command = add("queries", "list the stored queries, or describe one", "triplomacy queries who-recognises", _queries)
    command.add_argument("name", nargs="?", metavar="NAME", help="the query to describe")


def _add_explain(add: _Add) -> None:
    example = "triplomacy explain id:syria tri:recognises id:donetsk-peoples-republic"
    command = add("explain", "go back from a claim, a proposition or a fact to its evidence", example, _explain)
    command.add_argument("terms", nargs="+", metavar="TERM", help="one IRI or CURIE, or the three terms of a fact")


def _add_evidence(add: _Add) -> None:
    example = "triplomacy evidence --source article.txt"
    command = add("evidence", "verify spans and passages, and show what each sentence carries", example, _evidence)
    command.add_argument("--source", required=True, metavar="[NAME=]TEXT", help="the file with the source's text")


def _add_span(add: _Add) -> None:
    example = "triplomacy span --source article.txt 1074 1091"
    command = add("span", "print the triples of a new span", example, _span)
    command.add_argument("--source", required=True, metavar="[NAME=]TEXT", help="the file with the source's text")
    command.add_argument("start", metavar="START", help="the first code point, counted from 0; or a quotation")
    command.add_argument("end", nargs="?", metavar="END", help="the code point after the last; none for a quotation")


def _project(options: argparse.Namespace) -> Project:
    return find_project(options.project)


def _source(option: str) -> tuple[str | None, Path]:
    name, equals, path = option.partition("=")
    return (name, Path(path)) if equals and not Path(option).exists() else (None, Path(option))


def _remark(text: str) -> None:
    print(f"triplomacy: {_on_one_line(text)}", file=sys.stderr)


def _on_one_line(text: str) -> str:
    """Return text on one line, what a terminal would not print or would obey written as an escape."""
    line = re.sub(r"\s*[\r\n]\s*", " ", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def _build(options: argparse.Namespace) -> int:
    from triplomacy import build

    counts = build.build(_project(options), options.output)
    width = max(len(graph) for graph in counts)
    print("".join(f"{graph.ljust(width)}  {count:>6,}\n" for graph, count in counts.items()), end="")
    _remark(f"wrote {sum(counts.values()):,} triples in {len(counts)} graphs to {options.output}")
    return 0


def _validate(options: argparse.Namespace) -> int:
    from triplomacy import reports, validation
    from triplomacy.findings import Severity

    if bool(options.paths) != bool(options.shapes):
        raise TriplomacyError("PATH and --shapes go together; leave both out to check our own graphs")
    if options.paths:
        if options.source or options.reason:
            raise TriplomacyError("--source and --reason are for our own graphs; leave PATH and --shapes out")
        outcome = validation.validate_files(options.paths, options.shapes, engine=options.engine)
    else:
        name, text = _source(options.source) if options.source else (None, None)
        outcome = validation.validate_project(
            _project(options), engine=options.engine, source_text=text, source_name=name, reason=options.reason
        )
    for remark in outcome.remarks:
        _remark(remark)
    write = {"text": reports.to_text, "json": reports.to_json, "turtle": reports.to_turtle}[options.format]
    print(write(outcome.findings), end="")
    return 1 if outcome.fails(Severity[options.fail_on.upper()]) else 0


def _query(options: argparse.Namespace) -> int:
    from triplomacy import binding, claims, queries, results, views

    project = _project(options)
    query = queries.find(project, options.name)
    dataset = load(project, named=binding.uses_named_graphs(query.text))
    bound = queries.bind(query, _assignments(options.set), dataset)
    if binding.uses_named_graphs(query.text):
        views.add_graphs(dataset)
    chosen = [*options.view, *(_view_of(dataset, actor) for actor in options.according_to)]
    for name in chosen:
        views.add(dataset, name)
    answer = queries.run(dataset, bound)
    if options.format == "table":
        print(results.table(answer, claims.labels(dataset)), end="")
    else:
        print(results.FORMATS[options.format](answer), end="")
    if not (answer.rows or answer.truth or answer.triples):
        for remark in views.advice(dataset, binding.without_comments(bound.text), chosen):
            _remark(remark)
    return 0


def _view_of(dataset: Dataset, actor: str) -> str:
    from triplomacy import queries, views

    iri = queries.resolve(actor, dataset, "tri:Actor").value
    claimants = views.claimants(dataset)
    if iri not in claimants:
        others = ", ".join(map(compress, claimants))
        raise TriplomacyError(f"no such view: {compress(iri)} makes no claim here; those who do are {others}")
    return views.of_actor(iri)


def _assignments(given: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadParameter(f"--set takes NAME=VALUE, not {item!r}")
        if name in values:
            raise BadParameter(f"parameter {name} is set twice; say it once")
        values[name] = value
    return values


def _queries(options: argparse.Namespace) -> int:
    from triplomacy import queries

    project = _project(options)
    if options.name:
        print(queries.describe(queries.find(project, options.name)), end="")
    else:
        print(queries.listing(project), end="")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from triplomacy import explain
    from triplomacy.terms import expand

    dataset = load(_project(options))
    print(explain.report(explain.explain(dataset, [expand(term) for term in options.terms])), end="")
    return 0


def _evidence(options: argparse.Namespace) -> int:
    from triplomacy import evidence, explain, reports

    name, path = _source(options.source)
    content = evidence.read_bytes(path)
    dataset = load(_project(options))
    if file := evidence.data_file(dataset, content, name):
        found = evidence.verify_rows(file, content)
        print(f"{file.source}: {len(file.rows)} rows of {path.name}; {evidence.counted(len(found))}")
    else:
        text = evidence.read_text(path)
        verified = evidence.verify(dataset, text, evidence.choose(dataset, text, name))
        claimed = explain.places(dataset, {claim for part in verified.passages for claim in part.claims})
        files = {claim: place.file for claim, place in claimed.items()}
        print(evidence.coverage(verified, files), end="")
        found = list(verified.findings)
    found = explain.located(dataset, found)
    if found:
        print(reports.to_text(found), end="")
    return 1 if found else 0


def _span(options: argparse.Namespace) -> int:
    from triplomacy import evidence

    name, path = _source(options.source)
    text = evidence.read_text(path)
    dataset = load(_project(options))
    source = evidence.choose(dataset, text, name)
    start, end = _range(options, text)
    print(evidence.new_span(dataset, source, text, start, end), end="")
    return 0


def _range(options: argparse.Namespace, text: str) -> tuple[int, int]:
    from triplomacy import evidence

    if options.end is None:
        return evidence.locate(text, options.start)
    try:
        return int(options.start), int(options.end)
    except ValueError:
        raise TriplomacyError("START and END are whole numbers; put a quotation in quotes, as one word") from None


# A name that is not UTF-8 comes from the system as halves of surrogate pairs.
_UTF8: Final = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(**_UTF8)
    try:
        try:
            options = parser().parse_args(arguments)
            return int(options.run(options))
        finally:
            print(end="", flush=True)
    except TriplomacyError as error:
        _remark(f"error: {error}")
        return 2
    except OSError as error:
        return _unwritable(error)
    except KeyboardInterrupt:
        return 130


def _unwritable(error: OSError) -> int:
    """Say that output cannot be written, unless its reader went away, and keep Python from trying again at its end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        _remark(f"error: {error.filename or 'standard output'}: {error.strerror or error}")
    return 2
