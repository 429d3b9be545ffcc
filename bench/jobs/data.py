"""The graphs of the benchmarks, written once for each size and kept under build/bench."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
from bench import synthetic
from bench.engines import GRAPH
from bench.measuring import HOME, ONTOLOGY, ROOT


def written(name: str, parts: Callable[[], Iterable[str]]) -> Path:
    """Return a file below build/bench; it is written where there is none, whole or not at all."""
    path = HOME / name
    if not path.exists() or path.stat().st_mtime < (ROOT / "bench" / "synthetic.py").stat().st_mtime:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(parts())
        fresh.rename(path)
    return path


def ontology() -> list[str]:
    """Return the ontology as N-Triples."""
    return [f"{quad.triple} .\n" for path in ONTOLOGY for quad in ox.parse(path=path, rename_blank_nodes=True)]


def triples(size: int) -> Path:
    """Return ontology and claims as N-Triples, about so many together."""

    def parts() -> Iterator[str]:
        axioms = ontology()
        yield from axioms
        yield from synthetic.generate(size - len(axioms), format="ntriples")

    return written(f"all-{size}.nt", parts)


def quads(size: int) -> Path:
    """Return the same as N-Quads, in one named graph."""

    def parts() -> Iterator[str]:
        with triples(size).open(encoding="utf-8") as file:
            for line in file:
                yield f"{line[:-2]}<{GRAPH}> .\n"

    return written(f"quads-{size}/all.nq", parts)


def both(size: int) -> Path:
    """Return the same as N-Quads, in the default graph and in a named one."""

    def parts() -> Iterator[str]:
        with triples(size).open(encoding="utf-8") as file:
            for line in file:
                yield f"{line}{line[:-2]}<{GRAPH}> .\n"

    return written(f"both-{size}.nq", parts)


def project(size: int) -> Path:
    """Return a project with our ontology and queries, and so many triples with the ontology's among them."""
    folder = HOME / f"project-{size}"
    count = len(ontology())
    written(f"project-{size}/graphs/synthetic/claims.ttl", lambda: synthetic.generate(size - count))
    for part in ("ontology", "queries"):
        if not (folder / part).exists():
            (folder / part).symlink_to(ROOT / part)
    return folder


def turtle(size: int) -> list[Path]:
    """Return the files of that project's graphs."""
    folder = project(size)
    return sorted([*(folder / "ontology").glob("*.ttl"), *(folder / "graphs").glob("*/*.ttl")])
