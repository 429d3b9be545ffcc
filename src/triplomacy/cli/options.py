"""A parser that offers the nearest right word, the options of all commands, and values of options that need a check."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from triplomacy.console import on_one_line, remark, write_unchanged
from triplomacy.errors import TriplomacyError

if TYPE_CHECKING:
    from triplomacy.dataset import Project

AddCommand = Callable[..., argparse.ArgumentParser]


class Parser(argparse.ArgumentParser):
    """A parser whose complaint about a wrong word offers the nearest right ones."""

    def error(self, message: str) -> NoReturn:
        """End the process with 2 and say what is wrong with the arguments."""
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
            write_unchanged(message)
        else:
            super()._print_message(message, file)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            import difflib

            known = [str(choice) for choice in action.choices]
            near = difflib.get_close_matches(str(value), known, n=3, cutoff=0.5)
            advice = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
            raise argparse.ArgumentError(action, f"no such choice: {value}; {advice}")


def adder(commands: Any) -> AddCommand:
    """Return what adds a command to the sub-parsers of a parser, with the options of all commands."""

    def add(name: str, summary: str, example: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--project", type=Path, metavar="DIR", help="the folder with ontology/ and graphs/")
        if name in ("build", *FROM_STORE):
            add_repeatable(command, "--only", "read only this graph, besides that of the actors", "NAME")
        if name in FROM_STORE:
            store = "read the graphs from this store on disk, made by build --store"
            command.add_argument("--store", type=Path, metavar="DIR", help=store)
        command.set_defaults(run=run)
        return command

    return add


def add_repeatable(
    command: argparse.ArgumentParser,
    option: str,
    text: str,
    metavar: str | None = None,
    *,
    kind: Callable[[str], object] = str,
    choices: Sequence[str] | None = None,
) -> None:
    """Add an option that may be given several times; its value is the list of what was given."""
    command.add_argument(
        option, action="append", default=[], help=f"{text}; repeatable", metavar=metavar, type=kind, choices=choices
    )


def add_date(command: argparse.ArgumentParser) -> None:
    """Add ``--as-of`` and ``--certainly``."""
    date = "only what possibly holds on a day, in a month or in a year"
    command.add_argument("--as-of", metavar="DATE", help=date)
    command.add_argument("--certainly", action="store_true", help="with --as-of: only what certainly holds")


def add_language(command: argparse.ArgumentParser) -> None:
    """Add ``--lang``."""
    language = "the language of labels (default: en)"
    command.add_argument("--lang", type=parse_language, default="en", metavar="TAG", help=language)


def add_output(command: argparse.ArgumentParser) -> None:
    """Add ``--output FILE``."""
    command.add_argument("--output", type=Path, metavar="FILE", help="write to a file, whole or not at all")


def defaults(name: str, adds: Callable[[AddCommand], None]) -> dict[str, Any]:
    """Return the options of a command of which none is given."""
    root = Parser()
    adds(adder(root.add_subparsers(dest="command", parser_class=Parser)))
    return vars(root.parse_args([name]))


def parse_seconds(text: str) -> float:
    """Return a number of seconds, 0 or more."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds; write for instance 60")
    return seconds


def parse_language(text: str) -> str:
    """Return a language tag as BCP 47 has them."""
    if not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a language tag; write for instance en or pt-BR")
    return text


def parse_sessions(text: str) -> tuple[int, int]:
    """Return the first and the last session, as in 46-74 or 68."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first)):
        raise argparse.ArgumentTypeError(f"{text!r} are not sessions; write for instance 46-74 or 68")
    return int(first), int(last or first)


def parse_port(text: str) -> int:
    """Return the number of a port."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; write a number from 0 to 65535")
    return int(text)


def parse_whole_number(text: str) -> int:
    """Return a whole number from 1 on."""
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on; write for instance 4")
    return int(text)


_MOST_PROCESSES: Final = 1000  # that answer; a machine has files and memory for so many, and not for all numbers


def parse_processes(text: str) -> int:
    """Return a number of processes."""
    if not text.isdecimal() or not 0 < int(text) <= _MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {_MOST_PROCESSES}; write for instance 4")
    return int(text)


# Whose graphs may come from a store on disk.
FROM_STORE: Final = ("validate", "query", "queries", "explain", "plot", "evidence", "span", "push", "serve")


def project_of(options: argparse.Namespace) -> Project:
    """Return the project that the options of a command mean, and remark where it is large."""
    from triplomacy.dataset import find_project

    store, only = getattr(options, "store", None), tuple(getattr(options, "only", ()))
    if store is not None and only:
        raise TriplomacyError("--store has the graphs that it was built of; give --only to build --store")
    project = dataclasses.replace(find_project(options.project), only=only)
    if store is not None:
        return project.in_store(store)
    if options.command in FROM_STORE and not (has_option(options, "data") or has_option(options, "endpoint")):
        _remark_size(project)
    return project


def has_option(options: argparse.Namespace, name: str) -> bool:
    """Return whether the command has this option, and it is given."""
    return bool(getattr(options, name, None))


_LARGE: Final = 40_000_000  # bytes of Turtle: about a million triples


def _remark_size(project: Project) -> None:
    """Say how large graphs need not be read for each command."""
    with contextlib.suppress(TriplomacyError, OSError):
        size = sum(path.stat().st_size for paths in project.files().values() for path in paths)
        if size > _LARGE:
            advice = "build a store once (triplomacy build --store DIR) and give it by --store"
            remark(f"the graphs are {size // 1_000_000} MB, all of which are read first; {advice}")


def source_of(option: str) -> tuple[str | None, Path]:
    """Return the name of a source, if it is given, and the file of its text."""
    name, equals, path = option.partition("=")
    return (name, Path(path)) if equals and not Path(option).exists() else (None, Path(option))
