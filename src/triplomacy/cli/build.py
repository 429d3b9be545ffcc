"""``build``, ``push`` and ``pull``: a dataset in files, in a store on disk, in a store elsewhere."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from triplomacy.cli.options import AddCommand, parse_seconds, parse_whole_number, project_of
from triplomacy.console import remark, write_lines
from triplomacy.errors import TriplomacyError

if TYPE_CHECKING:
    from triplomacy.build import bulk_load
    from triplomacy.dataset import Project


def add_build(add: AddCommand) -> None:
    """Add ``build``."""
    command = add("build", "write ontology, graphs and views as one dataset", "triplomacy build --output build", _build)
    command.add_argument("--output", type=Path, metavar="DIR", help="the folder to write (default: build)")
    command.add_argument(
        "--jobs", type=parse_whole_number, default=1, metavar="N", help="processes that derive views (default: 1)"
    )
    store = "build a store on disk in this folder instead, or bring it up to date"
    command.add_argument("--store", type=Path, metavar="DIR", help=store)


def add_push(add: AddCommand) -> None:
    """Add ``push``."""
    example = "triplomacy push http://127.0.0.1:7878/query"
    command = add("push", "write the project's graphs and views to a remote store, whole or not at all", example, _push)
    _add_address(command)
    command.add_argument("--update", metavar="URL", help="the address for SPARQL Update, if push cannot find it")
    command.add_argument("--graph-store", metavar="URL", help="the address for the Graph Store Protocol, if any")


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="the address of the store's SPARQL endpoint for queries")
    seconds = "the time limit of each request (default: 300)"
    command.add_argument("--timeout", type=parse_seconds, default=0, metavar="SECONDS", help=seconds)


def add_pull(add: AddCommand) -> None:
    """Add ``pull``."""
    example = "triplomacy pull http://127.0.0.1:7878/query --output store"
    command = add(
        "pull", "fetch the project's graphs from a remote store, as files like those of build", example, _pull
    )
    _add_address(command)
    command.add_argument("--output", required=True, type=Path, metavar="DIR", help="the folder to write")


def _build(options: argparse.Namespace) -> int:
    from triplomacy import build
    from triplomacy.dataset import find_project

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
    from triplomacy.build import store

    summary = store.build(project, root)
    _print_counts(summary.counts)
    remark_on_store(summary, root)
    return 0


def remark_on_store(summary: bulk_load.BuildSummary, root: Path) -> None:
    """Remark how many triples were stored, what was read again, and what was derived again."""
    _remark_counts(summary.counts, "stored", str(root))
    if summary.changed is not None:
        graphs = f"{len(summary.changed)} changed {'graph' if len(summary.changed) == 1 else 'graphs'}"
        again = "all views" if summary.derived is None else f"what views say of {summary.derived:,} propositions"
        remark(f"{graphs} read again, {again} derived again" if summary.changed else "nothing had changed")


def _print_counts(counts: Mapping[str, int]) -> None:
    width = max(len(graph) for graph in counts)
    write_lines("".join(f"{graph.ljust(width)}  {count:>6,}\n" for graph, count in counts.items()))


def _remark_counts(counts: Mapping[str, int], verb: str, place: str) -> None:
    remark(f"{verb} {sum(counts.values()):,} triples in {len(counts)} graphs to {place}")


def _push(options: argparse.Namespace) -> int:
    from triplomacy import build
    from triplomacy.publish import push_pull

    target = push_pull.store(options.url, options.update, options.graph_store, options.timeout)
    counts, differences = push_pull.push(build.graphs(project_of(options)), target)
    _print_counts(counts)
    _remark_counts(counts, "pushed", options.url)
    if differences:
        remark(f"the store keeps them with {', '.join(differences)}")
    return 0


def _pull(options: argparse.Namespace) -> int:
    from triplomacy import remote
    from triplomacy.publish import push_pull

    endpoint = remote.connect(options.url, options.timeout)
    counts = push_pull.pull(endpoint, options.output)
    _print_counts(counts)
    _remark_counts(counts, "pulled", str(options.output))
    return 0
