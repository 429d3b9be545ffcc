"""An engine in a process of its own that has a graph in memory and answers queries, each timed where it is answered.

``python answering.py ENGINE DATA ...`` reads N-Triples and then, a line of JSON each, what it is asked: a ``text`` of
SPARQL or another job, and the ``limit`` in seconds. It prints a line with the seconds from the text to the last row
read, the number of rows and a hash of them as a multiset, or with the error. A boolean is written as 1 or 0, as
Virtuoso does. One file without the project's modules, since each engine has an environment of its own.
"""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Ask = Callable[[dict[str, Any]], Any]
Rows = Callable[[Any], Iterable[Sequence[str | None]]]

NEXT = "\n# and what this adds\n"  # between queries whose triples together are the answer


def digest(rows: Iterable[Sequence[str | None]]) -> tuple[int, str]:
    """Return the number of rows and a hash of them, whatever their order."""
    booleans = {"true": "1", "false": "0", None: ""}
    lines = sorted("\t".join(booleans.get(cell, cell or "") for cell in row) for row in rows)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def oxigraph(data: str, root: str) -> dict[str, tuple[Ask, Rows]]:
    """Return our code and the engine under it, on the same store."""
    from pathlib import Path

    import pyoxigraph as ox

    from triplomacy import queries
    from triplomacy.claims import views
    from triplomacy.dataset import MemoryDataset, Project
    from triplomacy.terms import PREFIXES

    store = ox.Store()
    store.bulk_load(path=data, format=ox.RdfFormat.N_TRIPLES)
    project = Project(Path(root))
    dataset = MemoryDataset(store, {}, project)
    stored = {f"{path.parent.name}/{path.stem}": queries.read(path) for path in project.query_files()}

    def ours(asked: dict[str, Any]) -> Any:
        if "view" in asked:
            return views.derive(dataset, asked["view"])
        if "views" in asked:
            return [fact for name in views.names(dataset) for fact in views.derive(dataset, name)]
        return queries.run(dataset, queries.bind(stored[asked["stored"]], asked["values"])).rows

    def bare(asked: dict[str, Any]) -> Any:
        return [tuple(row) for row in store.query(asked["text"], prefixes=dict(PREFIXES))]  # type: ignore[union-attr]

    def cells(rows: Any) -> Iterator[list[str | None]]:
        return ([None if cell is None else str(cell.value) for cell in row] for row in rows)

    return {"triplomacy": (ours, cells), "pyoxigraph": (bare, cells)}


def rdflib(data: str) -> dict[str, tuple[Ask, Rows]]:
    """Return rdflib with its graph in memory."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False  # literals stay as they are written, and loading is faster
    graph = rdflib.Graph()
    graph.parse(data, format="nt")

    def ask(asked: dict[str, Any]) -> Any:
        texts = asked["text"].split(NEXT)
        if len(texts) > 1:
            return list({triple for text in texts for triple in graph.query(text)})
        return list(graph.query(texts[0]))

    def cells(rows: Any) -> Iterator[list[str | None]]:
        return ([None if cell is None else str(cell) for cell in row] for row in rows)

    return {"rdflib": (ask, cells)}


def jena(data: str, classes: str) -> dict[str, tuple[Ask, Rows]]:
    """Return Jena with its graph in memory, in one Java machine."""
    import jpype

    jpype.startJVM(classpath=classes.split(":"))
    model = jpype.JClass("org.apache.jena.riot.RDFDataMgr").loadModel(data)
    texts = jpype.JClass("org.apache.jena.query.QueryFactory")
    execution = jpype.JClass("org.apache.jena.query.QueryExecutionFactory")
    results = jpype.JClass("org.apache.jena.query.ResultSetFactory")

    def ask(asked: dict[str, Any]) -> Any:
        running = execution.create(texts.create(asked["text"]), model)
        running.setTimeout(int(asked["limit"] * 1000))
        try:
            return results.copyResults(running.execSelect())
        finally:
            running.close()

    def cells(rows: Any) -> Iterator[list[str | None]]:
        names = list(rows.getResultVars())
        rows.reset()
        while rows.hasNext():
            row = rows.next()
            yield [_lexical(row.get(name)) for name in names]

    def _lexical(node: Any) -> str | None:
        if node is None:
            return None
        return str(node.asLiteral().getLexicalForm() if node.isLiteral() else node)

    return {"Jena": (ask, cells)}


ENGINES: dict[str, Callable[..., dict[str, tuple[Ask, Rows]]]] = {"oxigraph": oxigraph, "rdflib": rdflib, "jena": jena}


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in a block of Python that takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"it took more than {seconds:.0f} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def answered(asked: dict[str, Any], ask: Ask, rows: Rows) -> dict[str, Any]:
    """Return how long an answer took and what it was; the hash only where it is wanted."""
    start = time.perf_counter()
    try:
        with limited(asked["limit"]):
            found = ask(asked)
        seconds = time.perf_counter() - start
    except Exception as error:  # whatever an engine raises is its answer
        return {"error": " ".join(str(error).split())[:300] or type(error).__name__}
    if not asked.get("hash"):
        return {"seconds": seconds}
    number, sha256 = digest(rows(found))
    return {"seconds": seconds, "rows": number, "sha256": sha256}


def main() -> None:
    """Read the graph and answer until the input ends."""
    start = time.perf_counter()
    sides = ENGINES[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"loaded": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answered(asked, *sides[asked["who"]])), flush=True)


if __name__ == "__main__":
    main()
