"""docs/benchmarks.md from the figures: tables, what was not timed and why, growth, goals, and what bounds each job.

What is told of a job stands in ``bench/prose/JOB.md``: what is measured, a line with ``...``, and what bounds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.figures import GROWS_FROM, OURS, Figures, Row, geometric_mean, growth, ratio
from bench.goals import GOALS, Goal, pairs

PROSE: Final = Path(__file__).parent / "prose"
HEADINGS: Final = {
    "load": "Load",
    "queries": "Stored queries",
    "validation": "Validation",
    "incremental": "Validation after an edit",
    "views": "Views and explain",
    "reasoning": "OWL RL",
    "startup": "Start-up",
    "server": "Server",
    "endpoint": "Questions to an endpoint",
    "site": "Site",
}
INTRODUCTION: Final = """\
# Benchmarks

Each job is compared with the tools that one would use instead, in the same run and in turn. Answers are compared first:
a tool with a different answer is not timed, and this is stated. A time is the median of its runs, memory the median of
the peaks of the processes. A ratio over 1 means that Triplomacy is that many times as fast. Figures in italics were not
measured, but extrapolated in proportion from a smaller size. `make bench` writes this page and
[its data](benchmarks.json), `make guard` checks the ratios at a small size.

The graphs are synthetic claims in our model that conform to our shapes, with the ontology (`bench/synthetic.py`).
"""


def text(figures: Figures) -> str:
    """Return the page."""
    parts = [INTRODUCTION, "## Goals\n", goals(figures)]
    for job, heading in HEADINGS.items():
        if figures.of(job):
            parts += [f"## {heading}\n", *section(figures, job)]
    return "\n".join(parts)


def goals(figures: Figures) -> str:
    """Return the table of goals."""
    rows = [["job", "goal", "measured", ""]]
    for goal in GOALS:
        figure = goal.figure(figures)
        told = "–" if figure is None else in_unit(figure, goal)
        met = "not measured" if figure is None else "reached" if goal.met(figure) else "**missed**"
        bound = f"{'at least' if goal.least else 'at most'} {in_unit(goal.bound, goal)}"
        rows.append([HEADINGS[goal.job], f"{goal.text}: {bound}", told, met])
    return table(rows)


def in_unit(figure: float, goal: Goal) -> str:
    """Return a figure as the goal has it."""
    return {"times": f"{figure:.3g}×", "ms": f"{figure:.3g} ms", "exponent": f"{figure:.2f}"}[goal.unit]


def section(figures: Figures, job: str) -> Iterator[str]:
    """Yield what is told of a job: what it is, its tables, what was not timed, what bounds it, where it ran."""
    rows = figures.of(job)
    before, after = prose(job)
    yield f"{before}\n"
    if job == "queries":
        yield from means(figures)
    for size in sorted({row.size for row in rows}):
        shown = [row for row in rows if row.size == size and (row.value or row.megabytes)]
        if shown:
            yield from sized(shown, size, "claims" if job == "site" else "triples")
    yield from growing(rows)
    yield from untimed(rows)
    if after:
        yield f"What bounds it: {after}\n"
    record = figures.records.get(job)
    if record:
        versions = ", ".join(f"{name} {version}" if version else name for name, version in record.versions.items())
        yield f"Measured on {record.date}; {record.machine}; {versions}.\n"


def prose(job: str) -> tuple[str, str]:
    """Return what is told before the tables of a job and after them."""
    path = PROSE / f"{job}.md"
    before, _, after = path.read_text(encoding="utf-8").partition("\n...\n")
    return before.strip(), after.strip()


def sized(rows: Sequence[Row], size: int, noun: str) -> Iterator[str]:
    """Yield the table of one size: a row a task, a column for each who does it, each with its ratio."""
    if size:
        yield f"### {size:,} {noun}\n"
    names = list(dict.fromkeys(row.who for row in sorted(rows, key=lambda row: row.who != OURS)))
    lines = [["", *names]]
    for task in dict.fromkeys(row.task for row in rows):
        cells = {row.who: row for row in rows if row.task == task}
        if any(row.value is not None for row in cells.values()):
            lines.append([task, *(timed(cells.get(name), cells.get(OURS)) for name in names)])
        if any(row.megabytes is not None for row in cells.values()):
            label = task if task == "memory" else f"{task}, memory"
            lines.append([label, *(megabytes(cells.get(name)) for name in names)])
    yield table(lines)


def timed(row: Row | None, ours: Row | None) -> str:
    """Return a time or a rate with how many times as fast ours is."""
    if row is None or row.value is None:
        return ""
    value = f"{row.value:,.0f}/s" if row.unit == "requests/s" else seconds(row.value)
    times = ratio(ours, row) if ours is not None and row.who != OURS else None
    told = value if times is None else f"{value} ({times:.3g}×)"
    return f"*{told}*" if row.extrapolated else told


def seconds(value: float) -> str:
    """Return a time with three digits."""
    if value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g} s" if value < 1000 else f"{value:,.0f} s"


def megabytes(row: Row | None) -> str:
    """Return memory."""
    return "" if row is None or row.megabytes is None else f"{row.megabytes:,.0f} MB"


def means(figures: Figures) -> Iterator[str]:
    """Yield the geometric means of the ratios of the stored queries."""
    rows = figures.of("queries")
    names = [name for name in dict.fromkeys(row.who for row in rows) if name != OURS]
    lines = [["triples", *names]]
    for size in sorted({row.size for row in rows}):
        found = [pairs(figures, "queries", size, name) for name in names]
        means = [geometric_mean([ratio(ours, peer) or 1.0 for ours, peer in each]) for each in found]
        cells = ["" if mean is None else f"{mean:.3g}× of {len(each)}" for mean, each in zip(means, found, strict=True)]
        lines.append([f"{size:,}", *cells])
    yield "Geometric means, each over the queries that the peer answered rightly and in time:\n"
    yield table(lines)


def growing(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the exponents with which times grow, for those who were measured at two sizes or more."""
    lines = [["growth", "who", *(f"from {start:,}" for start in GROWS_FROM)]]
    for task, who in dict.fromkeys((row.task, row.who) for row in rows if row.value):
        found = [growth(rows, who, task, start) for start in GROWS_FROM]
        if any(each is not None for each in found):
            lines.append([task, who, *("" if each is None else f"{each:.2f}" for each in found)])
    if len(lines) > 1:
        yield "Exponents of growth up to the largest measured size; 1 means in proportion to the size:\n"
        yield table(lines)


def untimed(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a list of what was not timed, each reason once."""
    told: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        if row.value is None and row.note:
            told.setdefault((row.who, row.task, row.note), []).append(row.size)
    lines = []
    for (who, task, note), sizes in told.items():
        where = f" at {', '.join(f'{size:,}' for size in sizes)}" if sizes[0] else ""
        lines.append(f"- {who}, {task}{where}: {note}")
    if lines:
        yield "\n".join(lines) + "\n"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown, whose first row is its head; figures stand to the right."""
    head, *body = rows
    marks = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, marks, *body)) + "\n"


def summary(figures: Figures) -> str:
    """Return the goals as lines."""
    return "\n".join(line for line in goals(figures).splitlines() if not line.startswith("| ---"))
