"""Server, endpoint and site, as their own benchmarks measure them, at small sizes."""

from __future__ import annotations

import importlib.metadata
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import remote, serve, site
from bench.figures import OURS, Row
from bench.measuring import Budget

SERVER: Final = "server"
ENDPOINT: Final = "endpoint"
SITE: Final = "site"
ROUNDS: Final = 2
SECONDS: Final = 3
CLAIMS: Final = (1_250, 2_500)


def server(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield how many requests a second our server and two others answer, by ``bench/serve.py``."""
    del sizes, budget
    row = Row(SERVER, "", 0, unit="requests/s")
    if not shutil.which("wrk"):
        yield row.but(note="not timed: there is no wrk; say make system-packages")
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        data = serve.union(folder)
        starts = (serve.ours(), serve.peer(data), serve.oxigraph())
        servers = [stack.enter_context(serve.started(*each)) for each in starts]
        serve.upload(servers[2], data)
        for job, taken in serve.figures(servers, folder, ROUNDS, SECONDS):
            for who, several in taken.items():
                rate = statistics.median(each.rate for each in several)
                slow = statistics.median(each.slow for each in several)
                failed = sum(each.failed for each in several)
                note = f"99 in 100 within {slow:.1f} ms" if not failed else f"not timed: {failed:,} requests failed"
                value = None if failed else rate
                yield row.but(task=job.name, who=who, value=value, runs=len(several), note=note)


def endpoint(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield how long a stored query on an endpoint takes beside SPARQLWrapper, by ``bench/remote.py``."""
    del sizes
    runs = budget.times or 11
    for question, form, mine, theirs in remote.figures(runs):
        task = f"{question}, as {form}"
        yield Row(ENDPOINT, task, 0, value=mine, runs=runs)
        yield Row(ENDPOINT, task, 0, "SPARQLWrapper script", value=theirs, runs=runs)


def pages(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield how long a site of so many claims takes, and its documents beside rdflib, by ``bench/site.py``."""
    del sizes, budget
    for claims in CLAIMS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "project"
            folder.mkdir()
            run = site.measured(folder, site.project(folder, claims))
            files = f"{run.files:,} files"
            yield Row(SITE, "triplomacy site", claims, value=run.processor, megabytes=run.memory, runs=1, answer=files)
            if claims == CLAIMS[-1]:
                theirs, ours = site.peer(folder)
                task, what = "documents as Turtle", f"{site.DOCUMENTS:,} documents"
                yield Row(SITE, task, claims, OURS, value=ours, runs=1, answer=what)
                yield Row(SITE, task, claims, "rdflib", value=theirs, runs=1, answer=what)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    names = ("starlette", "uvicorn", "pyoxigraph", "oxigraph", "rdflib-endpoint", "SPARQLWrapper", "rdflib")
    return {name: importlib.metadata.version(name) for name in names}
