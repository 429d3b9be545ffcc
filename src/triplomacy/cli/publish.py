"""``site``, ``serve`` and ``plot``."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triplomacy.cli.execution import Progress
from triplomacy.cli.options import (
    AddCommand,
    add_date,
    add_language,
    add_output,
    add_repeatable,
    parse_port,
    parse_processes,
    parse_seconds,
    parse_whole_number,
    project_of,
    source_of,
)
from triplomacy.console import remark, write
from triplomacy.errors import BadParameter, TriplomacyError

if TYPE_CHECKING:
    from triplomacy.server import settings


def add_site(add: AddCommand) -> None:
    """Add ``site``."""
    example = "triplomacy site public --base-url https://data.example.org"
    command = add("site", "write a page and data for every IRI of the project, for any web host", example, _site)
    command.add_argument("output", type=Path, metavar="DIR", help="the folder to write")
    command.add_argument("--base-url", default="", metavar="URL", help="the address that the site will have")
    before = "a former site or a list of IRIs, each of which keeps a page (default: the site in DIR)"
    command.add_argument("--previous", type=Path, metavar="DIR|FILE", help=before)
    command.add_argument("--release", default="", metavar="VERSION", help="keep a copy of this version, such as 0.2.0")
    command.add_argument("--key", type=Path, metavar="FILE", help="sign nanopublications with this private RSA key")


def add_plot(add: AddCommand) -> None:
    """Add ``plot``."""
    example = "triplomacy plot network --as-of 2022-09 --output network.svg"
    command = add("plot", "draw who says what: network, matrix or timeline", example, _plot)
    command.add_argument("name", choices=_PICTURES, metavar="NAME", help=f"the picture: {', '.join(_PICTURES)}")
    command.add_argument("--format", choices=("svg", "png", "text"), help="default: by the ending of FILE, else svg")
    add_output(command)
    command.add_argument("--view", metavar="NAME", help="only propositions that are facts in this view")
    command.add_argument("--according-to", metavar="ACTOR", help="only the claims of this actor")
    add_date(command)
    add_language(command)


_PICTURES: Final = ("matrix", "network", "timeline")


def add_serve(add: AddCommand) -> None:
    """Add ``serve``."""
    example = "triplomacy serve --port 8000 --base-url https://data.example.org"
    command = add("serve", "serve the graphs on the web, read-only", example, _serve)
    host = "the address to listen on (default: 127.0.0.1)"
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=host)
    port = "the port to listen on, 0 for any free one (default: 8000)"
    command.add_argument("--port", type=parse_port, default=8000, help=port)
    command.add_argument("--base-url", default="", metavar="URL", help="the base URL that clients use, with its path")
    add_repeatable(command, "--data", "serve the graphs of this file instead of the project's", "FILE", kind=Path)
    add_repeatable(command, "--source", "show a source's text, to clients on this machine only", "[NAME=]TEXT")
    add_repeatable(command, "--trusted-proxy", "trust X-Forwarded-For from this address or network", "ADDRESS")
    command.add_argument("--watch", action="store_true", help="reload the graphs when their files change")
    command.add_argument("--no-log", action="store_true", help="do not print a line for each request")
    bounds = command.add_argument_group("bounds")
    for name, (kind, what) in _BOUNDS.items():
        bounds.add_argument(f"--{name}", type=kind, metavar="N", help=what)


_BOUNDS: Final[dict[str, tuple[Callable[[str], float], str]]] = {
    "time-limit": (parse_seconds, "seconds for one answer (default: 10)"),
    "memory-limit": (parse_whole_number, "megabytes of memory for one answer, besides the graphs (default: 512)"),
    "rows": (parse_whole_number, "rows or triples in one answer (default: 100,000)"),
    "workers": (parse_processes, "answers computed at the same time (default: 4)"),
    "queue": (parse_whole_number, "requests that may wait for a worker (default: 64)"),
    "rate": (parse_seconds, "answers per second for one client, 0 for no bound (default: 20)"),
    "burst": (parse_whole_number, "answers that one client may get in one burst (default: 200)"),
    "connections": (parse_whole_number, "open connections (default: 512)"),
    "idle": (parse_seconds, "seconds that a connection may stay open without a request (default: 15)"),
    "head-time": (parse_seconds, "seconds for receiving a request's head (default: 10)"),
    "body-time": (parse_seconds, "seconds for receiving a request's body (default: 20)"),
    "send-time": (parse_seconds, "seconds within which a client has to read a part of its answer (default: 20)"),
}


def _plot(options: argparse.Namespace) -> int:
    from triplomacy import files
    from triplomacy.pictures import draw, model

    ending = options.output.suffix.lower() if options.output else ""
    form = options.format or {".png": "png", ".txt": "text", ".svg": "svg", "": "svg"}.get(ending)
    if form is None:
        raise BadParameter(f"no picture has the ending {ending}; take .svg, .png or .txt, or say --format")
    if form == "png" and not options.output and sys.stdout.isatty():
        raise TriplomacyError("a PNG is not for a terminal; give --output FILE, or --format text")
    selection = model.Selection(
        options.view, options.according_to, options.as_of, certainly=options.certainly, language=options.lang
    )
    content = draw.draw(model.picture(project_of(options), options.name, selection), form)
    if options.output:
        files.write({options.output: content})
    else:
        write(content)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from triplomacy import server

    return server.serve(_settings(options))


def _settings(options: argparse.Namespace) -> settings.Settings:
    from triplomacy.server import MEGABYTE, Bounds, settings

    project = project_of(options)
    values = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in _BOUNDS}
    bounds_given = {name: value for name, value in values.items() if value is not None}
    fields = {"time_limit": "time", "memory_limit": "memory"}
    bounds = Bounds(**{fields.get(name, name): value for name, value in bounds_given.items()})
    bounds = dataclasses.replace(bounds, share=max(1, bounds.workers // 2))
    if options.memory_limit:
        bounds = dataclasses.replace(bounds, memory=options.memory_limit * MEGABYTE)
    return settings.check(
        settings.Settings(
            project=project,
            data=tuple(options.data),
            host=options.host,
            port=options.port,
            base_url=settings.base_url(options.base_url) if options.base_url else "",
            texts=settings.texts(project, [source_of(item) for item in options.source]),
            trusted=settings.networks(options.trusted_proxy),
            bounds=bounds,
            log=not options.no_log,
            watch=options.watch,
        )
    )


def _site(options: argparse.Namespace) -> int:
    from triplomacy import site
    from triplomacy.publish import documents

    base = documents.base_url(options.base_url) if options.base_url else site.BASE
    plan = site.SitePlan(project_of(options), options.output, base, options.previous, options.release, options.key)
    written = site.write(plan, Progress())
    remark(f"wrote {written:,} files to {options.output}")
    return 0
