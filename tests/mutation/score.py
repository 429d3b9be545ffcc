"""How many mistakes validation catches: ``python -m tests.mutation.score``, or ``make mutation``.

An edit is caught if validation finds something, a warning at least, where it found nothing before. What nobody could
know without reading the article again is listed in ``survivors.csv``: a kind of edit, a property, and the reason.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from tests.conftest import ARTICLE, ROOT, SHARED
from tests.mutation.edits import KINDS, Edit, edits, read
from triplomacy import validation
from triplomacy.claims import evidence
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import TriplomacyError
from triplomacy.findings import Finding, Place, Severity
from triplomacy.rdf import turtle
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import PREFIXES
from triplomacy.validation.plan import DEFAULT, Plan

GOAL = 0.97
REGISTER = Path(__file__).with_name("survivors.csv")


@dataclass(frozen=True)
class Verdict:
    """What came of an edit: the number in the list, and the rules that it broke."""

    number: int
    broken: tuple[str, ...]


def plan() -> Plan:
    """Return all checks but those that need Java, with the text of the article if it is there."""
    text = SHARED / ARTICLE
    if not text.is_file():
        return Plan()
    return Plan(checks=DEFAULT | {"evidence"}, source_text=text, source_name="lukin-2022")


def validated(numbers: Sequence[int], seed: int, share: float) -> list[Verdict]:
    """Return the verdicts on some of the edits, each applied to a copy of the project by itself."""
    chosen = edits(read(Project(ROOT)), seed, share)
    with tempfile.TemporaryDirectory() as folder:
        for part in ("ontology", "graphs", "queries"):
            shutil.copytree(ROOT / part, Path(folder) / part)
        return [_verdict(Path(folder), number, chosen[number]) for number in numbers]


def _verdict(folder: Path, number: int, edit: Edit) -> Verdict:
    path = folder / edit.path.relative_to(ROOT)
    before = path.read_bytes()
    try:
        path.write_text(turtle.serialise(edit.applied(parse_file(edit.path)), PREFIXES), encoding="utf-8")
        found = [*validation.validate_project(Project(folder), plan()).findings, *_rows(Project(folder))]
    except TriplomacyError as error:
        return Verdict(number, (f"error: {error.message}",))
    finally:
        path.write_bytes(before)
    counted = [finding for finding in found if finding.severity >= Severity.WARNING and finding.suppressed is None]
    return Verdict(number, tuple(sorted({finding.rule_name for finding in counted})))


def _rows(project: Project) -> list[Finding]:
    """Return what the project's own files of data have against the graphs, as ``triplomacy evidence`` would."""
    graphs = load(project)
    found: list[Finding] = []
    for path in sorted(project.graphs.glob("*/*.csv")):
        content = path.read_bytes()
        file = evidence.data_file(graphs, content, path.parent.name)
        if file is None:
            message = "the file is not the one that its hash is of"
            found.append(Finding("evidence", Severity.VIOLATION, message, places=(Place(path),)))
        else:
            found += evidence.verify_rows(file, content)
    return found


def register() -> dict[tuple[str, str], str]:
    """Return the reasons by kind and property."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["property"]): row["reason"] for row in csv.DictReader(file)}


def verdicts(seed: int, share: float, processes: int) -> Iterator[Verdict]:
    """Yield the verdict on each edit; progress goes to standard error."""
    number = len(edits(read(Project(ROOT)), seed, share))
    parts = [list(range(start, min(start + 10, number))) for start in range(0, number, 10)]
    done = 0
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(validated, parts, repeat(seed), repeat(share)):
            done += len(part)
            if done % 50 == 0:
                print(f"{done} of {number} edits", file=sys.stderr, flush=True)
            yield from part


def table(chosen: Sequence[Edit], found: Iterable[Verdict]) -> tuple[str, float, set[tuple[str, str]]]:
    """Return the table of kinds and the survivors, the score, and which reasons were needed."""
    known = register()
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    lines: list[str] = []
    needed: set[tuple[str, str]] = set()
    for verdict in found:
        edit = chosen[verdict.number]
        key = (edit.kind, edit.property)
        outcome = "caught" if verdict.broken else "legitimate" if key in known else "survived"
        needed |= {key} if outcome == "legitimate" else set()
        counts[edit.kind][outcome] += 1
        if not verdict.broken:
            lines.append(f"{outcome}: {edit}" + (f"  ({known[key]})" if key in known else ""))
    columns = ("caught", "legitimate", "survived")
    head = f"{'kind':12}{'edits':>7}" + "".join(f"{name:>12}" for name in columns)
    rows = [f"{kind:12}{n.total():7}" + "".join(f"{n[name]:12}" for name in columns) for kind, n in counts.items()]
    total = sum(counts.values(), Counter())
    rows.append(f"{'all':12}{total.total():7}" + "".join(f"{total[name]:12}" for name in columns))
    score = total["caught"] / max(1, total.total() - total["legitimate"])
    return "\n".join([*lines, "", head, *rows, f"score: {score:.1%}"]), score, needed


def main() -> int:
    """Print the table; return 1 where the score is below the goal, or a reason was not needed."""
    options = argparse.ArgumentParser(description="Count how many mistakes validation catches.")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--share", type=float, default=1.0, help="the share of the edits to run (default: 1)")
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    if not (SHARED / ARTICLE).is_file():
        print("the text of the article is not there: what only it can tell survives", file=sys.stderr)
    chosen = edits(read(Project(ROOT)), given.seed, given.share)
    text, score, needed = table(chosen, verdicts(given.seed, given.share, given.processes))
    print(text)
    idle = sorted(set(register()) - needed) if given.share == 1 and given.seed == 1 else []
    for kind, name in idle:
        print(f"survivors.csv names {kind} {name}, of which none survived: remove the row")
    return 1 if score < GOAL or idle else 0


if __name__ == "__main__":
    sys.exit(main())
