"""The command line: options to calls, answers to standard output, remarks to standard error.

Exit codes: 0 done, or conforms; 1 findings at or over ``--fail-on``; 2 it could not be done.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from triplomacy import __version__
from triplomacy.console import on_one_line, remark, tell, write
from triplomacy.dataset import Project, find_project, load
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError

if TYPE_CHECKING:
    from triplomacy import alignment, asking, charts, citation, prepared, queries, validation
    from triplomacy.server import settings

_Add = Callable[..., argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint about a wrong word offers the nearest right ones."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"triplomacy: error: {on_one_line(message)}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, but complain about what is left over here, where the command's options are known."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            import difflib

            options = self._option_string_actions if unknown[0].startswith("-") else ()
            near = difflib.get_close_matches(unknown[0].partition("=")[0], options, n=1, cutoff=0.5)
            advice = f"; did you mean {near[0]}?" if near else ""
            self.error(f"no such option or argument: {' '.join(unknown)}{advice}")
        return known, unknown

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help as everything else is printed: argparse says nothing where it cannot be."""
        if message and file is sys.stdout:
            write(message)
        else:
            super()._print_message(message, file)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            import difflib

            known = [str(choice) for choice in action.choices]
            near = difflib.get_close_matches(str(value), known, n=3, cutoff=0.5)
            advice = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
            raise argparse.ArgumentError(action, f"no such choice: {value}; {advice}")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line with all its commands, or with *only* one: that takes less time."""
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
        if name in ("build", *_FROM_STORE):
            only = "of the graphs, only this one beside the actors'; repeatable"
            command.add_argument("--only", action="append", default=[], metavar="NAME", help=only)
        if name in _FROM_STORE:
            store = "the store on disk that has the graphs, see build --store"
            command.add_argument("--store", type=Path, metavar="DIR", help=store)
        command.set_defaults(run=run)
        return command

    for name, adds in _COMMANDS.items():
        if only in (None, name):
            adds(add)
    return root


def _add_build(add: _Add) -> None:
    command = add("build", "write ontology, graphs and views as one dataset", "triplomacy build --output build", _build)
    command.add_argument("--output", type=Path, metavar="DIR", help="where to (default: build)")
    command.add_argument("--jobs", type=_whole, default=1, metavar="N", help="processes that derive views (default: 1)")
    store = "build a store on disk here instead, or bring it up to date"
    command.add_argument("--store", type=Path, metavar="DIR", help=store)


def _add_validate(add: _Add) -> None:
    example = "triplomacy validate data.ttl --shapes shapes.ttl --report sarif=findings.sarif"
    command = add("validate", "check our graphs, or DATA with --shapes SHAPES", example, _validate)
    paths = "what is reported of our graphs; with --shapes, files and folders of data"
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=paths)
    command.add_argument("--shapes", action="append", type=Path, metavar="FILE", help="shapes for PATH; repeatable")
    command.add_argument("--ontology", action="append", default=[], type=Path, metavar="FILE", help="classes for PATH")
    command.add_argument("--endpoint", metavar="URL", help="our graphs there, or with --shapes any graphs there")
    command.add_argument("--graph", action="append", default=[], metavar="IRI", help="with --endpoint: these graphs")
    since = "only what changes of our graphs since this revision of git can affect"
    command.add_argument("--changed-since", metavar="REV", help=since)
    changed = "with --store: only what changes of the files since the store was built can affect"
    command.add_argument("--changed", action="store_true", help=changed)
    command.add_argument("--source", metavar="[NAME=]TEXT", help="verify the evidence against this text too")
    command.add_argument("--reason", action="store_true", help="look for contradictions with the reasoners too")
    command.add_argument("--check", action="append", default=[], choices=_CHECKS, help="run this alone; repeatable")
    command.add_argument("--skip", action="append", default=[], choices=_CHECKS, help="do not run this; repeatable")
    command.add_argument("--engine", choices=("fast", "pyshacl", "both"), default="fast", help="the SHACL engine")
    command.add_argument("--fail-on", choices=("violation", "warning", "info"), default="violation", help="exit 1 from")
    command.add_argument("--format", choices=_FORMATS, default="text", help="of standard output (default: text)")
    command.add_argument("--report", action="append", default=[], metavar="FORMAT=FILE", help="write a file besides")
    command.add_argument("--baseline", type=Path, metavar="FILE", help="findings that are known and do not count")
    command.add_argument("--write-baseline", action="store_true", help="write all findings to the baseline")
    command.add_argument("--timeout", type=_seconds, default=600, metavar="SECONDS", help="default: 600; 0 for none")


_CHECKS: Final = ("syntax", "terms", "shapes", "shacl", "hygiene", "profile", "queries", "evidence", "reasoning")
_FORMATS: Final = ("text", "json", "turtle", "sarif", "junit", "github", "gitlab")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds; write for instance 60")
    return seconds


def _language(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no language tag; write for instance en or pt-BR")
    return text


def _add_query(add: _Add) -> None:
    example = 'triplomacy query who-recognises --set recognised="Lugansk republic" --format csv'
    command = add("query", "answer a stored query, a file's, or one that is typed", example, _query)
    command.add_argument("name", nargs="?", metavar="NAME", help="NAME or THEME/NAME, a file, or - for standard input")
    command.add_argument("--text", metavar="SPARQL", help="the query itself")
    command.add_argument("--again", type=Path, metavar="FILE", help="ask once more what an answer in JSON cites")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; repeatable")
    command.add_argument(
        "--data", action="append", default=[], type=Path, metavar="FILE", help="these graphs, not ours"
    )
    command.add_argument("--endpoint", metavar="URL", help="ask this SPARQL endpoint")
    command.add_argument("--graph", action="append", default=[], metavar="IRI", help="with --endpoint: these graphs")
    allowed = "let SERVICE in the query ask this server; repeatable"
    command.add_argument("--allow-service", action="append", default=[], metavar="URL", help=allowed)
    command.add_argument("--view", action="append", default=[], metavar="NAME", help="add a view's facts; repeatable")
    command.add_argument("--according-to", action="append", default=[], metavar="ACTOR", help="add an actor's view")
    command.add_argument("--as-of", metavar="DATE", help="what possibly holds on a day, in a month or in a year")
    command.add_argument("--certainly", action="store_true", help="with --as-of: what certainly holds")
    command.add_argument("--format", choices=_ANSWERS, default="table", help="default: table")
    command.add_argument("--output", type=Path, metavar="FILE", help="write to a file, whole or not at all")
    command.add_argument("--evidence", action="store_true", help="add the claims and spans behind each row")
    command.add_argument("--lang", type=_language, default="en", metavar="TAG", help="of labels (default: en)")
    command.add_argument("--cite", action="store_true", help="add the citation to a table")
    command.add_argument("--stats", action="store_true", help="say what was loaded, and how long each part took")
    command.add_argument(
        "--timeout", type=_seconds, default=0, metavar="SECONDS", help="stop then; 0, the default: never"
    )


_ANSWERS: Final = (
    *("table", "csv", "tsv", "json", "xml", "html", "parquet"),
    *("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml"),
)


def _add_queries(add: _Add) -> None:
    command = add("queries", "list the stored queries, or describe one", "triplomacy queries who-recognises", _queries)
    command.add_argument("name", nargs="?", metavar="NAME", help="the query to describe")
    command.add_argument("--format", choices=("text", "turtle", "markdown"), default="text", help="of the whole list")


def _add_site(add: _Add) -> None:
    example = "triplomacy site public --base-url https://data.example.org"
    command = add("site", "write pages and data for every IRI of ours, for any web host", example, _site)
    command.add_argument("output", type=Path, metavar="DIR", help="the folder to write")
    command.add_argument("--base-url", default="", metavar="URL", help="the address that the site will have")
    before = "a former site, or a list of its IRIs: none of them is lost (default: what DIR holds)"
    command.add_argument("--previous", type=Path, metavar="DIR|FILE", help=before)
    command.add_argument("--release", default="", metavar="VERSION", help="keep this version as it is, such as 0.2.0")
    command.add_argument("--key", type=Path, metavar="FILE", help="sign nanopublications with this private RSA key")


def _add_explain(add: _Add) -> None:
    example = "triplomacy explain id:syria tri:recognises id:donetsk-peoples-republic"
    command = add("explain", "go back from a claim, a proposition or a fact to its evidence", example, _explain)
    command.add_argument("terms", nargs="+", metavar="TERM", help="one IRI or CURIE, or the three terms of a fact")


def _add_plot(add: _Add) -> None:
    example = "triplomacy plot network --as-of 2022-09 --output network.svg"
    command = add("plot", "draw who says what: network, matrix or timeline", example, _plot)
    command.add_argument("name", choices=_PICTURES, metavar="NAME", help=f"the picture: {', '.join(_PICTURES)}")
    command.add_argument("--format", choices=("svg", "png", "text"), help="default: by the ending of FILE, else svg")
    command.add_argument("--output", type=Path, metavar="FILE", help="write to a file, whole or not at all")
    command.add_argument("--view", metavar="NAME", help="only propositions that a view holds as facts")
    command.add_argument("--according-to", metavar="ACTOR", help="only the claims of an actor")
    command.add_argument("--as-of", metavar="DATE", help="what possibly holds on a day, in a month or in a year")
    command.add_argument("--certainly", action="store_true", help="with --as-of: what certainly holds")
    command.add_argument("--lang", type=_language, default="en", metavar="TAG", help="of labels (default: en)")


_PICTURES: Final = ("matrix", "network", "timeline")


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


def _add_format(add: _Add) -> None:
    command = add("format", "bring Turtle and TriG files to their normal form", "triplomacy format --check", _format)
    paths = "files and folders; our own graphs and ontology if there are none; - for standard input"
    command.add_argument("paths", nargs="*", metavar="PATH", help=paths)
    command.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file is not in its normal form"
    )


def _add_push(add: _Add) -> None:
    example = "triplomacy push http://127.0.0.1:7878/query"
    command = add("push", "bring our graphs and views to a store, whole or not at all", example, _push)
    _add_address(command)
    command.add_argument("--update", metavar="URL", help="for SPARQL Update, where it cannot be found out")
    command.add_argument("--graph-store", metavar="URL", help="for the Graph Store Protocol, if there is one")


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="the address of the store's SPARQL endpoint for queries")
    seconds = "that each request may take; default: 300"
    command.add_argument("--timeout", type=_seconds, default=0, metavar="SECONDS", help=seconds)


def _add_pull(add: _Add) -> None:
    example = "triplomacy pull http://127.0.0.1:7878/query --output store"
    command = add("pull", "bring our graphs back from a store, to a folder as build writes it", example, _pull)
    _add_address(command)
    command.add_argument("--output", required=True, type=Path, metavar="DIR", help="the folder to write")


def _add_serve(add: _Add) -> None:
    example = "triplomacy serve --port 8000 --base-url https://data.example.org"
    command = add("serve", "put the graphs on the web, only to be read", example, _serve)
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=_port, default=8000, help="to listen on, 0 for any free one (default: 8000)")
    command.add_argument("--base-url", default="", metavar="URL", help="the address that clients use, with its path")
    data = "serve these graphs, not ours; repeatable"
    command.add_argument("--data", action="append", default=[], type=Path, metavar="FILE", help=data)
    text = "show a source's text, on a loopback address only; repeatable"
    command.add_argument("--source", action="append", default=[], metavar="[NAME=]TEXT", help=text)
    proxy = "believe the X-Forwarded-For of this proxy; an address or a network; repeatable"
    command.add_argument("--trusted-proxy", action="append", default=[], metavar="ADDRESS", help=proxy)
    command.add_argument("--watch", action="store_true", help="load the graphs anew when their files change")
    command.add_argument("--no-log", action="store_true", help="print no line for each request")
    bounds = command.add_argument_group("bounds")
    for name, (kind, what) in _BOUNDS.items():
        bounds.add_argument(f"--{name}", type=kind, metavar="N", help=what)


def _add_import(add: _Add) -> None:
    example = "triplomacy import un-votes un_votes.rda un_roll_calls.rda un_roll_call_issues.rda"
    command = add("import", "make a graph of a data set: un-votes or countries", example, _import)
    command.add_argument("name", choices=_DATA_SETS, metavar="NAME", help=f"the data set: {', '.join(_DATA_SETS)}")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="its files: CSV, or R's (.rda, .rds)")
    command.add_argument("--output", type=Path, metavar="DIR", help="the graph's folder (default: graphs/NAME)")
    command.add_argument("--origin", metavar="IRI", help="where the files are from (default: where they are published)")
    command.add_argument("--licence", metavar="IRI", help="theirs (default: that of the publisher)")
    made = "when it is made (default: now; of the same files once more, when they were first imported)"
    command.add_argument("--at", metavar="TIME", help=made)
    store = "bring this store on disk up to date too, see build --store"
    command.add_argument("--store", type=Path, metavar="DIR", help=store)


_DATA_SETS: Final = ("countries", "un-votes")


def _add_align(add: _Add) -> None:
    example = 'triplomacy align "North Korea" Russia --by session --output course.svg'
    command = add("align", "tell who votes alike: a state with others, or blocs", example, _align)
    command.add_argument("states", nargs="*", metavar="STATE", help="one for its agreement with all others, or two")
    command.add_argument("--blocs", type=_whole, metavar="N", help="instead: all who vote, in N blocs")
    command.add_argument("--claims", action="store_true", help="instead: alignments that are claimed, beside the votes")
    command.add_argument("--by", choices=_PARTS, default="all", help="part by part (default: all)")
    command.add_argument("--sessions", type=_sessions, metavar="FROM-TO", help="these sessions only, as 46-74")
    command.add_argument("--issue", metavar="NAME", help="roll calls on this issue only")
    command.add_argument("--seat", action="store_true", help="with the votes of those who held a state's seat before")
    command.add_argument("--graph", metavar="NAME", help="the graph with the votes, where there are several")
    command.add_argument("--format", choices=_OF_VOTES, help="default: by the ending of FILE, else table")
    command.add_argument("--output", type=Path, metavar="FILE", help="write to a file, whole or not at all")


_PARTS: Final = ("all", "session", "year", "issue")
_OF_VOTES: Final = ("table", "csv", "json", "svg", "png", "text")


def _sessions(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first)):
        raise argparse.ArgumentTypeError(f"{text!r} are no sessions; write for instance 46-74 or 68")
    return int(first), int(last or first)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 0 to 65535")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on; write for instance 4")
    return int(text)


_MOST_PROCESSES: Final = 1000  # that answer; a machine has files and memory for so many, and not for all numbers


def _processes(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST_PROCESSES}; write for instance 4")
    return int(text)


_BOUNDS: Final[dict[str, tuple[Callable[[str], float], str]]] = {
    "time-limit": (_seconds, "seconds that an answer may take (default: 10)"),
    "memory-limit": (_whole, "megabytes that it may take beside the graphs (default: 512)"),
    "rows": (_whole, "rows or triples that it may have (default: 100,000)"),
    "workers": (_processes, "answers that are made at a time (default: 4)"),
    "queue": (_whole, "requests that may wait for a worker (default: 64)"),
    "rate": (_seconds, "answers a second for one client, 0 for no bound (default: 20)"),
    "burst": (_whole, "answers for one client at once (default: 200)"),
    "connections": (_whole, "connections that may be open (default: 512)"),
    "idle": (_seconds, "seconds that one may stay open without a request (default: 15)"),
    "head-time": (_seconds, "seconds in which a request's head has to be there (default: 10)"),
    "body-time": (_seconds, "seconds in which its body has to be there (default: 20)"),
    "send-time": (_seconds, "seconds in which a client has to take a part of its answer (default: 20)"),
}

_COMMANDS: Final[dict[str, Callable[[_Add], None]]] = {
    "build": _add_build,
    "validate": _add_validate,
    "query": _add_query,
    "queries": _add_queries,
    "explain": _add_explain,
    "plot": _add_plot,
    "site": _add_site,
    "evidence": _add_evidence,
    "span": _add_span,
    "format": _add_format,
    "push": _add_push,
    "pull": _add_pull,
    "serve": _add_serve,
    "import": _add_import,
    "align": _add_align,
}


# Whose graphs may come from a store on disk.
_FROM_STORE: Final = ("validate", "query", "queries", "explain", "plot", "evidence", "span", "push", "serve")


def _project(options: argparse.Namespace) -> Project:
    store, only = getattr(options, "store", None), tuple(getattr(options, "only", ()))
    if store is not None and only:
        raise TriplomacyError("--store has the graphs that it was built of; give --only to build --store")
    project = dataclasses.replace(find_project(options.project), store=store, only=only)
    if store is None and options.command in _FROM_STORE and not (_has(options, "data") or _has(options, "endpoint")):
        _remark_size(project)
    return project


def _has(options: argparse.Namespace, name: str) -> bool:
    return bool(getattr(options, name, None))


_LARGE: Final = 40_000_000  # bytes of Turtle: about a million triples


def _remark_size(project: Project) -> None:
    """Say how large graphs need not be read for each command."""
    with contextlib.suppress(TriplomacyError, OSError):
        size = sum(path.stat().st_size for paths in project.files().values() for path in paths)
        if size > _LARGE:
            told = "build a store once (triplomacy build --store DIR) and give it by --store"
            remark(f"the graphs are {size // 1_000_000} MB, all of which are read first; {told}")


def _source(option: str) -> tuple[str | None, Path]:
    name, equals, path = option.partition("=")
    return (name, Path(path)) if equals and not Path(option).exists() else (None, Path(option))


def _build(options: argparse.Namespace) -> int:
    from triplomacy import build

    project = dataclasses.replace(find_project(options.project), only=tuple(options.only))
    if options.store is None:
        output = options.output or Path("build")
        counts = build.build(project, output, options.jobs)
        _print_counts(counts)
        _remark_counts(counts, "wrote", str(output))
        return 0
    if options.jobs > 1:
        raise TriplomacyError("--jobs is for --output; leave it out, or --store")
    if options.output is not None:
        raise TriplomacyError("--output is a folder of files and --store one of a store; build one at a time")
    return _build_store(project, options.store)


def _build_store(project: Project, root: Path) -> int:
    from triplomacy import prepared

    made = prepared.prepare(project, root)
    _print_counts(made.counts)
    _remark_stored(made, root)
    return 0


def _remark_stored(made: prepared.Prepared, root: Path) -> None:
    _remark_counts(made.counts, "stored", str(root))
    if made.changed is not None:
        graphs = f"{len(made.changed)} changed {'graph' if len(made.changed) == 1 else 'graphs'}"
        again = "all views" if made.derived is None else f"what views say of {made.derived:,} propositions"
        remark(f"{graphs} read again, {again} derived again" if made.changed else "nothing had changed")


def _print_counts(counts: Mapping[str, int]) -> None:
    width = max(len(graph) for graph in counts)
    tell("".join(f"{graph.ljust(width)}  {count:>6,}\n" for graph, count in counts.items()))


def _remark_counts(counts: Mapping[str, int], done: str, place: str) -> None:
    remark(f"{done} {sum(counts.values()):,} triples in {len(counts)} graphs to {place}")


def _push(options: argparse.Namespace) -> int:
    from triplomacy import transfer

    target = transfer.store(options.url, options.update, options.graph_store, options.timeout)
    counts, differences = transfer.push(_project(options), target)
    _print_counts(counts)
    _remark_counts(counts, "pushed", options.url)
    if differences:
        remark(f"the store keeps them with {', '.join(differences)}")
    return 0


def _pull(options: argparse.Namespace) -> int:
    from triplomacy import remote, transfer

    endpoint = remote.connect(options.url, options.timeout)
    counts = transfer.pull(endpoint, options.output)
    _print_counts(counts)
    _remark_counts(counts, "pulled", str(options.output))
    return 0


def _validate(options: argparse.Namespace) -> int:
    from triplomacy import limits

    advice = "a regular expression or a query may explode; simplify it, or give --timeout more seconds"
    return limits.within(options.timeout, lambda: _answered(_validated, options), advice)


def _answered(command: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Run a command and say what went wrong, as `main` does: its process may be one that `main` does not see."""
    try:
        code = command(options)
        print(end="", flush=True)
        return code
    except TriplomacyError as error:
        remark(f"error: {error}")
        if excerpt := getattr(error, "excerpt", ""):
            print("".join(char if char.isprintable() or char == "\n" else " " for char in excerpt), file=sys.stderr)
        return 2
    except OSError as error:
        return _unwritable(error)


def _validated(options: argparse.Namespace) -> int:
    from triplomacy import validation
    from triplomacy.findings import Severity

    files = _report_files(options)
    plan = _plan(options)
    project = None if options.shapes else _project(options)
    _spare_what_is_read(files, options, project)
    if options.endpoint is not None:
        outcome = _validated_there(options, project, plan)
    elif project is not None and (options.changed or options.changed_since is not None):
        outcome = _validated_change(options, project, plan)
    elif project is not None and project.store is not None:
        from triplomacy import endpoints

        outcome = endpoints.validate_store(project, plan)
    elif project is None:
        outcome = validation.validate_files(options.paths, options.shapes, options.ontology, plan)
    else:
        outcome = validation.validate_project(project, plan)
    for text in outcome.remarks:
        remark(text)
    _tell(options, outcome, files, project)
    if outcome.unusable:
        return 2
    return 1 if outcome.fails(Severity[options.fail_on.upper()]) and not options.write_baseline else 0


def _validated_change(options: argparse.Namespace, project: Project, plan: validation.Plan) -> validation.Outcome:
    from triplomacy import changes, incremental

    files = dataclasses.replace(project, store=None)
    if project.store is not None:
        return incremental.validate(files, plan, changes.since_store(files, project.store))
    return incremental.validate(files, plan, changes.since_revision(files, options.changed_since))


def _validated_there(options: argparse.Namespace, project: Project | None, plan: validation.Plan) -> validation.Outcome:
    from triplomacy import endpoints, remote

    for graph in options.graph:
        remote.check_graph(graph)
    endpoint = remote.connect(options.endpoint, options.timeout).about(options.graph)
    if project is None:
        return endpoints.validate(endpoint, options.shapes, options.ontology, plan)
    return endpoints.validate_project(project, endpoint, plan)


def _tell(
    options: argparse.Namespace, outcome: validation.Outcome, files: Mapping[Path, str], project: Project | None
) -> None:
    """Write the reports, and to standard output: that last, since its reader may go away."""
    from triplomacy import policy, reports

    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    told = (outcome.findings, outcome.rules, outcome.checks, outcome.remarks)
    report = reports.Report(*told, __version__, outcome.prefixes, colour=terminal, origin=options.endpoint or "")
    plain = dataclasses.replace(report, colour=False)
    texts = {file: reports.FORMATS[form](plain) for file, form in files.items()}
    if options.write_baseline and not outcome.unusable:
        texts[options.baseline] = policy.baseline(outcome.findings, project.root.resolve() if project else None)
    try:
        reports.write(texts)
    finally:
        write(reports.FORMATS[options.format](report))


def _spare_what_is_read(files: Iterable[Path], options: argparse.Namespace, project: Project | None) -> None:
    """Raise an error if a file that is to be written is one of those that are validated, or is named twice."""
    read = [*options.paths, *(options.shapes or ()), *options.ontology]
    read += [project.ontology, project.graphs, project.queries] if project else []
    read += [_source(options.source)[1]] if options.source else []
    read += [options.baseline] if options.baseline and not options.write_baseline else []
    folders = [os.path.realpath(path) for path in read if path.is_dir()]
    known = {os.path.realpath(path) for path in read}
    written = [*files, *([options.baseline] if options.write_baseline and options.baseline else [])]
    for path in written:
        target = os.path.realpath(path)
        is_inside = any(target.startswith(f"{folder}{os.sep}") for folder in folders)
        if target in known or (is_inside and path.exists() and path.suffix.lower() in _READ):
            raise TriplomacyError("it would be overwritten, and it is read here; write to another file", path=path)
    if twice := [path for number, path in enumerate(written) if any(_same(path, each) for each in written[:number])]:
        raise TriplomacyError("two reports would go to this file; give each a file of its own", path=twice[0])


def _same(path: Path, other: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(other) and not (path.exists() and not path.is_file())


_READ: Final = (".csv", ".jsonld", ".nq", ".nt", ".owl", ".rdf", ".rq", ".trig", ".ttl", ".turtle")


def _plan(options: argparse.Namespace) -> validation.Plan:
    """Return what a run of validate does."""
    from triplomacy import policy, validation

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
    checks: set[validation.Check] = set(options.check or _default(options)) | {"syntax"}
    if options.source:
        checks.add("evidence")
    if options.reason:
        checks.add("reasoning")
    name, text = _source(options.source) if options.source else (None, None)
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
        baseline=policy.read_baseline(options.baseline) if known else frozenset(),
    )


def _check_changed(options: argparse.Namespace) -> None:
    """Raise an error where options do not go with a validation of what has changed."""
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


def _default(options: argparse.Namespace) -> frozenset[validation.Check]:
    """Return the checks that run where none is named."""
    from triplomacy import validation

    if options.endpoint is None or not options.shapes:
        return validation.DEFAULT
    from triplomacy import endpoints

    return endpoints.CHECKS


def _report_files(options: argparse.Namespace) -> dict[Path, str]:
    """Return the format of each file that is to be written besides."""
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


def _query(options: argparse.Namespace) -> int:
    from triplomacy import limits

    advice = "ask for less, or give --timeout more seconds"
    is_typed = options.name == "-" and options.text is None
    options.typed = _standard_input() if is_typed else None  # not within the bound: who types takes time
    return limits.within(options.timeout, lambda: _answered(_asked, options), advice)


def _asked(options: argparse.Namespace) -> int:
    from triplomacy import asking

    if options.again:
        return _asked_again(options)
    question = asking.Question(
        name=_one_query(options),
        text=options.text,
        values=_assignments(options.set),
        data=tuple(options.data),
        views=tuple(options.view),
        actors=tuple(options.according_to),
        as_of=options.as_of,
        certainly=options.certainly,
        evidence=options.evidence,
        endpoint=options.endpoint,
        graphs=tuple(options.graph),
        timeout=options.timeout,
        services=tuple(options.allow_service),
    )
    reply = asking.ask(_project(options), question, (lambda: options.typed) if question.name == "-" else None)
    options.reply = reply  # is kept until the process ends
    for text in reply.remarks:
        remark(text)
    cited = reply.cite() if options.cite or options.format in ("json", "html", "parquet") else None
    _write_answer(options, reply, cited)
    if options.stats:
        for line in reply.stats:
            remark(line)
    return 0


def _standard_input() -> str:
    from triplomacy import files

    if not hasattr(sys.stdin, "buffer"):
        return sys.stdin.read()
    content = files.read_all(sys.stdin.buffer, "-")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MalformedInput("not UTF-8; write it in UTF-8", path="-", line=line) from None


def _one_query(options: argparse.Namespace) -> str | None:
    if (options.name is None) == (options.text is None):
        raise TriplomacyError("give one query: its NAME, a file, - for standard input, or --text")
    return str(options.name) if options.name is not None else None


def _asked_again(options: argparse.Namespace) -> int:
    """Ask what an answer cites once more, and say whether the answer is the same or what has changed."""
    from triplomacy import asking, citation

    usual = vars(parser("query").parse_args(["query"]))
    asked = vars(options).items()
    if any(value != usual.get(name) for name, value in asked if name not in ("again", "project", "timeout", "run")):
        raise TriplomacyError("--again takes all that was asked from the answer; leave other options out")
    former = citation.read(options.again)
    reply = asking.again(_project(options), former)
    changes = former.changes(reply.cite())
    tell("the same answer\n" if not changes else f"another answer: {'; '.join(changes)}\n")
    return 0


def _write_answer(options: argparse.Namespace, reply: asking.Reply, cited: citation.Citation | None) -> None:
    from triplomacy import files, results

    content: str | bytes | Iterator[str]
    if options.format == "table":
        width = None if options.output or not sys.stdout.isatty() else _terminal_width()
        content = results.table(reply.answer, reply.labels(options.lang), width)
        mark = "" if reply.answer.triples is None else "# "  # Turtle stays Turtle
        content += f"{mark}{cited.as_text()}\n" if cited else ""
    elif options.format == "html":
        content = results.to_html(reply.answer, cited, reply.labels(options.lang))
    else:
        content = {**results.FORMATS, **results.STREAMED}[options.format](reply.answer, cited)
    if options.output:
        files.write({options.output: content})
    elif isinstance(content, str) and options.format == "table":
        tell(content)
    else:
        write(content)


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _assignments(given: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadParameter(f"--set takes NAME=VALUE, not {item!r}")
        values.setdefault(name, []).append(value)
    return values


def _queries(options: argparse.Namespace) -> int:
    from triplomacy import examples, queries

    project = _project(options)
    if options.name and options.format != "text":
        raise TriplomacyError("--format is for the whole list; leave NAME out")
    if options.name:
        tell(examples.description(queries.find(project, options.name), load(project)))
    else:
        lists = {"text": queries.listing, "turtle": examples.as_turtle, "markdown": examples.as_markdown}
        tell(lists[options.format](project))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from triplomacy import explain
    from triplomacy.terms import expand

    dataset = load(_project(options))
    tell(explain.report(explain.explain(dataset, [expand(term) for term in options.terms])))
    return 0


def _plot(options: argparse.Namespace) -> int:
    from triplomacy import files, pictures, plot

    ending = options.output.suffix.lower() if options.output else ""
    form = options.format or {".png": "png", ".txt": "text", ".svg": "svg", "": "svg"}.get(ending)
    if form is None:
        raise BadParameter(f"no picture has the ending {ending}; take .svg, .png or .txt, or say --format")
    if form == "png" and not options.output and sys.stdout.isatty():
        raise TriplomacyError("a PNG is not for a terminal; give --output FILE, or --format text")
    selection = pictures.Selection(
        options.view, options.according_to, options.as_of, certainly=options.certainly, language=options.lang
    )
    content = plot.draw(pictures.picture(_project(options), options.name, selection), form)
    if options.output:
        files.write({options.output: content})
    else:
        write(content)
    return 0


def _evidence(options: argparse.Namespace) -> int:
    from triplomacy import evidence, explain, places, reports

    name, path = _source(options.source)
    content = evidence.read_bytes(path)
    dataset = load(_project(options))
    if file := evidence.data_file(dataset, content, name, path.name):
        found = evidence.verify_rows(file, content, path)
        tell(f"{file.source}: {len(file.rows)} rows of {path.name}; {evidence.counted(len(found))}\n")
    else:
        text = evidence.read_text(path)
        verified = evidence.verify(dataset, text, evidence.choose(dataset, text, name))
        claimed = explain.places(dataset, {claim for part in verified.passages for claim in part.claims})
        files = {claim: place.file for claim, place in claimed.items()}
        tell(evidence.coverage(verified, files))
        found = list(verified.findings)
    if found:
        source = places.SourceMap(path for paths in dataset.files.values() for path in paths)
        write(reports.to_text(reports.Report(places.located(source, found, {}))))
    return 1 if found else 0


def _span(options: argparse.Namespace) -> int:
    from triplomacy import evidence

    name, path = _source(options.source)
    text = evidence.read_text(path)
    dataset = load(_project(options))
    source = evidence.choose(dataset, text, name)
    start, end = _range(options, text)
    tell(evidence.new_span(dataset, source, text, start, end))
    return 0


def _range(options: argparse.Namespace, text: str) -> tuple[int, int]:
    from triplomacy import evidence

    if options.end is None:
        return evidence.locate(text, options.start)
    try:
        return int(options.start), int(options.end)
    except ValueError:
        raise TriplomacyError("START and END are whole numbers; put a quotation in quotes, as one word") from None


def _import(options: argparse.Namespace) -> int:
    from triplomacy.imports import countries, described, unvotes

    usual = countries.ORIGIN if options.name == countries.NAME else unvotes.ORIGIN
    origin = described.origin(options.origin or usual.address, options.licence or usual.licence)
    project, at = find_project(options.project), described.moment(options.at)
    if options.store is not None:
        _check_store(options)
    if options.output is None and not os.access(project.graphs, os.W_OK):
        raise TriplomacyError("cannot be written to; give --project DIR or --output DIR", path=project.graphs)
    if options.name == countries.NAME:
        done = countries.bring_in(project, options.files, options.output, origin=origin, at=at)
    else:
        with _progress() as told:
            done = unvotes.bring_in(project, options.files, options.output, origin=origin, at=at, progress=told)
    place = options.output or project.graphs / options.name
    tell("".join(f"{what.ljust(max(map(len, done)))}  {count:>9,}\n" for what, count in done.items()))
    remark(f"wrote {place}")
    if options.store is not None:
        from triplomacy import prepared

        _remark_stored(prepared.prepare(project, options.store), options.store)
    return 0


def _check_store(options: argparse.Namespace) -> None:
    """Refuse before anything is imported what could not be done at its end."""
    from triplomacy import disk

    if options.output is not None:
        raise TriplomacyError("--store has the project's graphs; leave --output out, or --store")
    disk.check(options.store)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give what shows how far a command is: on a line of its own that is wiped at the end, on a terminal only."""
    shown = sys.stderr.isatty()

    def tell(text: str) -> None:
        if shown:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        tell("")


def _align(options: argparse.Namespace) -> int:
    from triplomacy import alignment, charts, files, results

    form = _form_of_votes(options)
    project = _project(options)
    selection = alignment.Selection(options.graph, options.sessions, options.issue, seat=options.seat)
    chosen = alignment.select(project, selection)
    answer, chart, labels = _aligned(options, project, chosen)
    if form in ("svg", "png", "text"):
        if chart is None:
            raise TriplomacyError("there is no picture of this; take --format table or csv, or ask part by part of two")
        content: str | bytes = charts.draw(chart, form)
    elif form == "table":
        width = None if options.output or not sys.stdout.isatty() else _terminal_width()
        content = results.table(answer, labels, width)
    else:
        content = results.FORMATS[form](answer, None)
    for text in (f"{charts.caption(chosen)[0]}", *(_BESIDE if options.claims else ())):
        remark(text)
    if options.output:
        files.write({options.output: content})
    else:
        write(content)
    return 0


_BESIDE: Final = ("votes do not say whether a claim is right: no claim becomes a fact by them",)


def _form_of_votes(options: argparse.Namespace) -> str:
    """Return the format of the answer, once it is clear that one thing is asked for."""
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


def _aligned(
    options: argparse.Namespace, project: Project, chosen: alignment.Selected
) -> tuple[queries.Answer, charts.Chart | None, dict[str, str]]:
    """Return the rows that are asked for, their picture if there is one, and the labels of their terms."""
    from triplomacy import alignment, charts

    labels = alignment.labels(chosen.record)
    if options.claims:
        found = alignment.beside(project, chosen)
        return alignment.of_claims(found), None, alignment.all_labels(project, chosen)
    if options.blocs is not None:
        members = alignment.blocs(chosen, options.blocs)
        return alignment.of_blocs(members), charts.of_blocs(chosen, members), labels
    if len(options.states) == 2:
        one, other = options.states
        lines = alignment.of_two(chosen, one, other, options.by)
        return alignment.answer(lines, options.by), _of_two(options, chosen, lines), labels
    lines = alignment.with_all(chosen, options.states[0], options.by)
    name = chosen.record.find(options.states[0]).label
    chart = charts.ranking(chosen, lines, name) if options.by == "all" else None
    return alignment.answer(lines, options.by), chart, labels


def _of_two(options: argparse.Namespace, chosen: alignment.Selected, lines: Sequence[alignment.Line]) -> charts.Chart:
    from triplomacy import charts

    if options.by == "all":
        return charts.ranking(chosen, lines, chosen.record.find(options.states[0]).label)
    return charts.course(chosen, lines, options.by)


def _serve(options: argparse.Namespace) -> int:
    from triplomacy import server

    return server.serve(_settings(options))


def _settings(options: argparse.Namespace) -> settings.Settings:
    from triplomacy.server import loaded, settings

    project = _project(options)
    given = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in _BOUNDS}
    said = {name: value for name, value in given.items() if value is not None}
    fields = {"time_limit": "time", "memory_limit": "memory"}
    bounds = loaded.Bounds(**{fields.get(name, name): value for name, value in said.items()})
    bounds = dataclasses.replace(bounds, share=max(1, bounds.workers // 2))
    if options.memory_limit:
        bounds = dataclasses.replace(bounds, memory=options.memory_limit * loaded.MEGABYTE)
    return settings.check(
        settings.Settings(
            project=project,
            data=tuple(options.data),
            host=options.host,
            port=options.port,
            base_url=settings.base_url(options.base_url) if options.base_url else "",
            texts=settings.texts(project, [_source(item) for item in options.source]),
            trusted=settings.networks(options.trusted_proxy),
            bounds=bounds,
            log=not options.no_log,
            watch=options.watch,
        )
    )


def _site(options: argparse.Namespace) -> int:
    from triplomacy import documents, site

    base = documents.base_url(options.base_url) if options.base_url else site.BASE
    plan = site.Plan(_project(options), options.output, base, options.previous, options.release, options.key)
    written = site.write(plan, _Progress())
    remark(f"wrote {written:,} files to {options.output}")
    return 0


class _Progress:
    """Says what is being done, and of what takes long again every few seconds."""

    def __init__(self) -> None:
        self._said = ("", 0.0)

    def __call__(self, text: str) -> None:
        kind, now = text.partition(":")[0], time.monotonic()
        if kind != self._said[0] or now - self._said[1] > _EVERY:
            self._said = (kind, now)
            remark(text)


_EVERY: Final = 5  # seconds


def _format(options: argparse.Namespace) -> int:
    from triplomacy import files as to_disk
    from triplomacy import normal

    if options.paths == ["-"]:
        text = _standard_input()
        written = normal.normalise(text, path="-")
        write(text if options.check else written)
        return 1 if options.check and text != written else 0
    project = None if options.paths else _project(options)
    chosen = [Path(path) for path in options.paths] or ([project.ontology, project.graphs] if project else [])
    files = normal.files(chosen)
    forms = {path: normal.of_file(path) for path in files}
    changed = {path: written for path, (text, written) in forms.items() if text != written}
    if not options.check:
        to_disk.write(changed)
    for path in changed:
        tell(f"{path}: not in its normal form; run triplomacy format\n" if options.check else f"{path}\n")
    remark(f"{len(changed)} of {len(files)} files {'would change' if options.check else 'changed'}")
    return 1 if options.check and changed else 0


# A name that is not UTF-8 comes from the system as halves of surrogate pairs.
_UTF8: Final = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run(arguments)[0]


def run(arguments: Sequence[str] | None = None) -> tuple[int, argparse.Namespace | None]:
    """Return the exit code of one command, and its options with what it has not let go of."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(**_UTF8)
    options = None
    try:
        try:
            given = sys.argv[1:] if arguments is None else list(arguments)
            only = given[0] if given and given[0] in _COMMANDS else None
            options = parser(only).parse_args(given)
            return _answered(options.run, options), options
        finally:
            print(end="", flush=True)
    except OSError as error:
        return _unwritable(error), options
    except KeyboardInterrupt:
        return 130, options


def _unwritable(error: OSError) -> int:
    """Say that output cannot be written, unless its reader went away, and keep Python from trying again at its end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        remark(f"error: {error.filename or 'standard output'}: {error.strerror or error}")
    return 2
