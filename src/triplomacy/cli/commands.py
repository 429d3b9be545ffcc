"""The command line: options to calls, answers to standard output, remarks to standard error.

Exit codes: 0 done, or conforms; 1 findings at or over ``--fail-on``; 2 it could not be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from triplomacy import __version__
from triplomacy.cli.execution import UTF8, run_command
from triplomacy.cli.options import Parser, adder
from triplomacy.console import open_streams, report_unwritable


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line with all its commands, or with *only* one: that takes less time."""
    root = Parser(prog="triplomacy", description="Query, validate and publish a knowledge graph of diplomacy.")
    root.add_argument("--version", action="version", version=f"triplomacy {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, module in COMMANDS.items():
        if only in (None, name):
            getattr(import_module(f"triplomacy.cli.{module}"), f"add_{name}")(adder(commands))
    return root


# The module of each command, in the order of the help; its function add_NAME says what its options are.
COMMANDS: Final = {
    "build": "build",
    "validate": "validate",
    "query": "query",
    "queries": "query",
    "explain": "query",
    "plot": "publish",
    "site": "publish",
    "evidence": "evidence",
    "span": "evidence",
    "format": "validate",
    "push": "build",
    "pull": "build",
    "serve": "publish",
    "import": "votes",
    "align": "votes",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run(arguments)[0]


def run(arguments: Sequence[str] | None = None) -> tuple[int, argparse.Namespace | None]:
    """Return the exit code of one command, and its options with what it has not let go of."""
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(**UTF8)
    options = None
    try:
        try:
            words = sys.argv[1:] if arguments is None else list(arguments)
            only = words[0] if words and words[0] in COMMANDS else None
            options = parser(only).parse_args(words)
            return run_command(options.run, options), options
        finally:
            print(end="", flush=True)
    except OSError as error:
        return report_unwritable(error), options
    except KeyboardInterrupt:
        return 130, options
