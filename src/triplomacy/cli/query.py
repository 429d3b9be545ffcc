"""``query``, ``queries`` and ``explain``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triplomacy.cli.execution import in_options, read_standard_input, run_command, terminal_width
from triplomacy.cli.options import (
    AddCommand,
    add_date,
    add_language,
    add_output,
    add_repeatable,
    defaults,
    parse_seconds,
    project_of,
)
from triplomacy.console import remark, write, write_lines
from triplomacy.errors import BadParameter, TriplomacyError

if TYPE_CHECKING:
    from triplomacy.queries import Scope, citation, question as asking


def add_query(add: AddCommand) -> None:
    """Add ``query``."""
    example = 'triplomacy query who-recognises --set recognised="Lugansk republic" --format csv'
    command = add("query", "answer a SPARQL query: a stored one, one in a file, or one given as text", example, _query)
    command.add_argument(
        "name", nargs="?", metavar="NAME", help="a stored query (NAME or THEME/NAME), a file, or - for standard input"
    )
    command.add_argument("--text", metavar="SPARQL", help="the text of the query")
    again = "repeat the query that an answer in JSON cites, and compare the answers"
    command.add_argument("--again", type=Path, metavar="FILE", help=again)
    add_repeatable(command, "--set", "the value of a parameter", "NAME=VALUE")
    add_repeatable(command, "--data", "query this file instead of the graphs", "FILE", kind=Path)
    command.add_argument("--endpoint", metavar="URL", help="query this SPARQL endpoint")
    add_repeatable(command, "--graph", "with --endpoint: query this graph", "IRI")
    add_repeatable(command, "--allow-service", "allow SERVICE to query this endpoint", "URL")
    add_repeatable(command, "--view", "add the facts of a view", "NAME")
    add_repeatable(command, "--according-to", "add the facts of an actor's view", "ACTOR")
    add_date(command)
    command.add_argument("--format", choices=_ANSWERS, default="table", help="the format (default: table)")
    add_output(command)
    command.add_argument("--evidence", action="store_true", help="add the claims and spans behind each row")
    add_language(command)
    command.add_argument("--cite", action="store_true", help="add the citation to a table")
    command.add_argument("--stats", action="store_true", help="report what was loaded, and the time of each part")
    seconds = "stop after this time (default: 0, which means no limit)"
    command.add_argument("--timeout", type=parse_seconds, default=0, metavar="SECONDS", help=seconds)


_ANSWERS: Final = (
    *("table", "csv", "tsv", "json", "xml", "html", "parquet"),
    *("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml"),
)


def add_queries(add: AddCommand) -> None:
    """Add ``queries``."""
    command = add("queries", "list the stored queries, or describe one", "triplomacy queries who-recognises", _queries)
    command.add_argument("name", nargs="?", metavar="NAME", help="the query to describe")
    forms = "the format of the list (default: text)"
    command.add_argument("--format", choices=("text", "turtle", "markdown"), default="text", help=forms)


def add_explain(add: AddCommand) -> None:
    """Add ``explain``."""
    example = "triplomacy explain id:syria tri:recognises id:donetsk-peoples-republic"
    command = add("explain", "show the evidence of a claim, a proposition, an entity or a fact", example, _explain)
    command.add_argument("terms", nargs="+", metavar="TERM", help="an IRI or CURIE, or the three terms of a fact")


def _query(options: argparse.Namespace) -> int:
    from triplomacy import limits

    advice = "ask for less, or give --timeout more seconds"
    is_typed = options.name == "-" and options.text is None
    options.typed = read_standard_input() if is_typed else None  # not within the bound: who types takes time
    return limits.run_within(options.timeout, lambda: run_command(_answer, options), advice)


def _answer(options: argparse.Namespace) -> int:
    from triplomacy.queries import question as asking

    if options.again:
        return _answer_again(options)
    question = asking.Question(
        name=_query_name(options),
        text=options.text,
        values=_assignments(options.set),
        scope=_scope(options),
        timeout=options.timeout,
    )
    reply = asking.ask(project_of(options), question, (lambda: options.typed) if question.name == "-" else None)
    options.reply = reply  # is kept until the process ends
    for text in reply.remarks:
        remark(in_options(text))
    cited = reply.cite() if options.cite or options.format in ("json", "html", "parquet") else None
    _write_answer(options, reply, cited)
    if options.stats:
        for line in reply.stats():
            remark(line)
    return 0


def _scope(options: argparse.Namespace) -> Scope:
    from triplomacy.queries import Scope

    return Scope(
        data=tuple(options.data),
        endpoint=options.endpoint,
        graphs=tuple(options.graph),
        services=tuple(options.allow_service),
        views=tuple(options.view),
        actors=tuple(options.according_to),
        as_of=options.as_of,
        certainly=options.certainly,
        evidence=options.evidence,
    )


def _query_name(options: argparse.Namespace) -> str | None:
    if (options.name is None) == (options.text is None):
        raise TriplomacyError("give one query: its NAME, a file, - for standard input, or --text")
    return str(options.name) if options.name is not None else None


def _answer_again(options: argparse.Namespace) -> int:
    """Ask the question of a citation again, and print whether the answer is the same, or what has changed."""
    from triplomacy.queries import citation, question as asking

    usual = defaults("query", add_query)
    values = vars(options).items()
    if any(value != usual.get(name) for name, value in values if name not in ("again", "project", "timeout", "run")):
        raise TriplomacyError("--again takes all that was asked from the answer; leave other options out")
    former = citation.read(options.again)
    reply = asking.again(project_of(options), former)
    changes = former.changes(reply.cite())
    write_lines("the same answer\n" if not changes else f"another answer: {'; '.join(changes)}\n")
    return 0


def _write_answer(options: argparse.Namespace, reply: asking.Reply, cited: citation.Citation | None) -> None:
    from triplomacy import files
    from triplomacy.queries import formats

    content: str | bytes | Iterator[str]
    if options.format == "table":
        width = None if options.output or not sys.stdout.isatty() else terminal_width()
        content = formats.table(reply.answer, reply.labels(options.lang), width)
        mark = "" if reply.answer.triples is None else "# "  # Turtle stays Turtle
        content += f"{mark}{cited.as_text()}\n" if cited else ""
    elif options.format == "html":
        content = formats.to_html(reply.answer, cited, reply.labels(options.lang))
    else:
        content = {**formats.FORMATS, **formats.STREAMED}[options.format](reply.answer, cited)
    if options.output:
        files.write({options.output: content})
    elif isinstance(content, str) and options.format == "table":
        write_lines(content)
    else:
        write(content)


def _assignments(items: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadParameter(f"--set takes NAME=VALUE, not {item!r}")
        values.setdefault(name, []).append(value)
    return values


def _queries(options: argparse.Namespace) -> int:
    from triplomacy import queries
    from triplomacy.dataset import load
    from triplomacy.queries import export

    project = project_of(options)
    if options.name and options.format != "text":
        raise TriplomacyError("--format is for the whole list; leave NAME out")
    if options.name:
        write_lines(in_options(export.description(queries.find(project, options.name), load(project))))
    else:
        lists = {"text": queries.listing, "turtle": export.as_turtle, "markdown": export.as_markdown}
        write_lines(lists[options.format](project))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from triplomacy.claims import explain
    from triplomacy.dataset import load

    write_lines(f"{explain.explain(load(project_of(options)), options.terms)}\n")
    return 0
