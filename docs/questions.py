"""Write ``docs/questions.md``: each stored query's question, its answer, and the passages that are its evidence.

Run it with ``make docs``. A test holds the page to what this would write now.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from triplomacy import dataset, queries
from triplomacy.claims import model, views
from triplomacy.dataset import Dataset
from triplomacy.queries import Answer, BoundQuery, StoredQuery
from triplomacy.sparql import services, uses_named_graphs
from triplomacy.terms import compress, local_name

PAGE = Path(__file__).with_name("questions.md")
HEAD = """# Questions and their answers

Every stored query with the default values of its parameters, its answer, and the passages of the source that are its
evidence (`graphs/lukin-2022/source.ttl` has their positions). `make docs` writes this page.
"""


def page() -> str:
    """Return the page as it should be now."""
    project = dataset.find_project()
    parts = [HEAD]
    theme = None
    for folder, name in queries.names(project):
        if folder != theme:
            theme = folder
            parts.append(f"## {theme}\n")
        parts.append(_question(project, queries.find(project, f"{folder}/{name}")))
    return "\n".join(parts)


def _question(project: dataset.Project, query: StoredQuery) -> str:
    named = uses_named_graphs(query.text)
    loaded = dataset.load(project)
    if named:
        loaded = views.with_graphs(loaded.with_named_graphs())
    bound = queries.bind(query, {}, loaded)
    labels = model.labels(loaded)
    lines = [f"### {query.summary}", "", f"`triplomacy query {query.name}`" + _values(query), ""]
    if services.clauses(bound.text):
        return "\n".join([*lines, "This answer is from a few test triples.", "", *_expected(query, labels), ""])
    lines += [*_table(queries.run(loaded, bound), labels), ""]
    if carriers := _carriers(loaded, bound):
        lines += [f"Evidence: {'; '.join(carriers)}.", ""]
    return "\n".join(lines)


def _values(query: StoredQuery) -> str:
    given = [f"`{parameter.name}={parameter.default}`" for parameter in query.parameters]
    return f" with {', '.join(given)}" if given else ""


def _table(answer: Answer, labels: dict[str, str]) -> Iterator[str]:
    yield f"| {' | '.join(answer.columns)} |"
    yield f"| {' | '.join('---' for _ in answer.columns)} |"
    for row in answer.rows:
        cells = ["" if cell is None else labels.get(cell.value) or _compact(str(cell.value)) for cell in row]
        yield f"| {' | '.join(cells)} |"


def _expected(query: StoredQuery, labels: dict[str, str]) -> Iterator[str]:
    """Return the table of the expected answer, where the answer is another server's."""
    with query.answer_file.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    cells = tuple(tuple(_term(cell) for cell in row) for row in rows)
    return _table(Answer(tuple(columns), cells), labels)


def _term(cell: str) -> ox.NamedNode | ox.Literal | None:
    return (ox.NamedNode(cell) if cell.startswith("http") else ox.Literal(cell)) if cell else None


def _compact(value: str) -> str:
    return f"`{compress(value)}`" if value.startswith("http") else value


def _carriers(loaded: Dataset, bound: BoundQuery) -> list[str]:
    """Return, a source each, the passages or rows of all claims that the query binds, whether it shows them or not."""
    widened = re.sub(r"^SELECT\b.*?^WHERE \{", "SELECT *\nWHERE {", bound.text, count=1, flags=re.DOTALL | re.MULTILINE)
    widened = re.sub(r"^(GROUP|ORDER) BY .*$", "", widened, flags=re.MULTILINE)
    nodes = {str(cell.value) for row in queries.evaluate(loaded, widened).rows for cell in row if cell is not None}
    text = """
        SELECT DISTINCT ?claim ?source ?kind ?anchor WHERE {
          ?claim tri:evidence/tri:inPassage? ?anchor . ?anchor dcterms:isPartOf ?source ; a ?kind }
        ORDER BY ?source ?anchor"""
    carried: dict[str, list[str]] = {}
    for row in loaded.select(text):
        kind = local_name(row["kind"].value).lower()
        if row["claim"].value in nodes and kind in ("passage", "row"):
            carried.setdefault(f"{local_name(row['source'].value)}, {kind}", []).append(local_name(row["anchor"].value))
    return [f"{source} {', '.join(dict.fromkeys(names))}" for source, names in carried.items()]


def main() -> int:
    """Write the page, or with ``--check`` return 1 where it is not as it should be."""
    fresh = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != fresh)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
