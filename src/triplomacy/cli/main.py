"""The command line: options to calls, answers to standard output, remarks to standard error.

Exit codes: 0 done, or conforms; 1 findings at or over ``--fail-on``; 2 it could not be done.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from triplomacy import __version__
from triplomacy.cli.build import add_build, add_pull, add_push
from triplomacy.cli.evidence import add_evidence, add_span
from triplomacy.cli.execution import UTF8, report_unwritable, run_command
from triplomacy.cli.parser import AddCommand, Parser, adder
from triplomacy.cli.publish import add_plot, add_serve, add_site
from triplomacy.cli.query import add_explain, add_queries, add_query
from triplomacy.cli.validate import add_format, add_validate
from triplomacy.cli.votes import add_align, add_import


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line with all its commands, or with *only* one: that takes less time."""
    root = Parser(prog="triplomacy", description="Question, validate and publish a knowledge graph of diplomacy.")
    root.add_argument("--version", action="version", version=f"triplomacy {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, adds in _COMMANDS.items():
        if only in (None, name):
            adds(adder(commands))
    return root


_COMMANDS: Final[dict[str, Callable[[AddCommand], None]]] = {
    "build": add_build,
    "validate": add_validate,
    "query": add_query,
    "queries": add_queries,
    "explain": add_explain,
    "plot": add_plot,
    "site": add_site,
    "evidence": add_evidence,
    "span": add_span,
    "format": add_format,
    "push": add_push,
    "pull": add_pull,
    "serve": add_serve,
    "import": add_import,
    "align": add_align,
}


def process() -> NoReturn:
    """Run one command, and end the process at once: to free a large store first would take a while.

    Python looks for cycles among its objects less often than is usual: a process that soon ends leaves few.
    """
    gc.set_threshold(100_000)
    code, _kept = run()
    sys.stderr.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run(arguments)[0]


def run(arguments: Sequence[str] | None = None) -> tuple[int, argparse.Namespace | None]:
    """Return the exit code of one command, and its options with what it has not let go of."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(**UTF8)
    options = None
    try:
        try:
            given = sys.argv[1:] if arguments is None else list(arguments)
            only = given[0] if given and given[0] in _COMMANDS else None
            options = parser(only).parse_args(given)
            return run_command(options.run, options), options
        finally:
            print(end="", flush=True)
    except OSError as error:
        return report_unwritable(error), options
    except KeyboardInterrupt:
        return 130, options
