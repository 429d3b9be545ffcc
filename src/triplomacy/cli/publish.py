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
    parse_language,
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
    command = add("site", "write pages and data for every IRI of ours, for any web host", example, _site)
    command.add_argument("output", type=Path, metavar="DIR", help="the folder to write")
    command.add_argument("--base-url", default="", metavar="URL", help="the address that the site will have")
    before = "a former site, or a list of its IRIs: none of them is lost (default: what DIR holds)"
    command.add_argument("--previous", type=Path, metavar="DIR|FILE", help=before)
    command.add_argument("--release", default="", metavar="VERSION", help="keep this version as it is, such as 0.2.0")
    command.add_argument("--key", type=Path, metavar="FILE", help="sign nanopublications with this private RSA key")


def add_plot(add: AddCommand) -> None:
    """Add ``plot``."""
    example = "triplomacy plot network --as-of 2022-09 --output network.svg"
    command = add("plot", "draw who says what: network, matrix or timeline", example, _plot)
    command.add_argument("name", choices=_PICTURES, metavar="NAME", help=f"the picture: {', '.join(_PICTURES)}")
    command.add_argument("--format", choices=("svg", "png", "text"), help="default: by the ending of FILE, else svg")
    command.add_argument("--output", type=Path, metavar="FILE", help="write to a file, whole or not at all")
    command.add_argument("--view", metavar="NAME", help="only propositions that a view holds as facts")
    command.add_argument("--according-to", metavar="ACTOR", help="only the claims of an actor")
    command.add_argument("--as-of", metavar="DATE", help="what possibly holds on a day, in a month or in a year")
    command.add_argument("--certainly", action="store_true", help="with --as-of: what certainly holds")
    command.add_argument("--lang", type=parse_language, default="en", metavar="TAG", help="of labels (default: en)")


_PICTURES: Final = ("matrix", "network", "timeline")


def add_serve(add: AddCommand) -> None:
    """Add ``serve``."""
    example = "triplomacy serve --port 8000 --base-url https://data.example.org"
    command = add("serve", "put the graphs on the web, only to be read", example, _serve)
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="to listen on (default: 127.0.0.1)")
    command.add_argument(
        "--port", type=parse_port, default=8000, help="to listen on, 0 for any free one (default: 8000)"
    )
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


_BOUNDS: Final[dict[str, tuple[Callable[[str], float], str]]] = {
    "time-limit": (parse_seconds, "seconds that an answer may take (default: 10)"),
    "memory-limit": (parse_whole_number, "megabytes that it may take beside the graphs (default: 512)"),
    "rows": (parse_whole_number, "rows or triples that it may have (default: 100,000)"),
    "workers": (parse_processes, "answers that are made at a time (default: 4)"),
    "queue": (parse_whole_number, "requests that may wait for a worker (default: 64)"),
    "rate": (parse_seconds, "answers a second for one client, 0 for no bound (default: 20)"),
    "burst": (parse_whole_number, "answers for one client at once (default: 200)"),
    "connections": (parse_whole_number, "connections that may be open (default: 512)"),
    "idle": (parse_seconds, "seconds that one may stay open without a request (default: 15)"),
    "head-time": (parse_seconds, "seconds in which a request's head has to be there (default: 10)"),
    "body-time": (parse_seconds, "seconds in which its body has to be there (default: 20)"),
    "send-time": (parse_seconds, "seconds in which a client has to take a part of its answer (default: 20)"),
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
