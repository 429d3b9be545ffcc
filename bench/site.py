"""How time and memory of ``triplomacy site`` grow with the number of claims, beside rdflib writing the same Turtle.

The graphs are synthetic (`bench.synthetic`), with our ontology, shapes and questions, which take the same time at any
size. Each size is written by a process of its own. Printed are the seconds of the processor, since others may use the
machine, the seconds that went by, the most memory, and how they grew since the size before: 1.00 is in proportion, 2.00
quadratic. Then documents are written as Turtle by rdflib, one at a time, and by us, in the same process.
Run it with ``make bench-site`` (SIZES="1000 2000" for others).
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, it is found beside the folder and not in it

from bench import synthetic

ROOT: Final = Path(__file__).parents[1]
SIZES: Final = (1_250, 2_500, 5_000, 10_000)
TRIPLES_A_CLAIM: Final = 17.4
DOCUMENTS: Final = 2_000


@dataclass(frozen=True)
class Run:
    """What a size took.

    Attributes:
        claims: how many there were.
        files: how many files were written.
        processor: seconds of the processor.
        elapsed: seconds that went by.
        memory: megabytes, at the most.
    """

    claims: int
    files: int
    processor: float
    elapsed: float
    memory: float


def project(folder: Path, claims: int) -> int:
    """Write a project with about so many claims to a folder, and return how many there are."""
    for part in ("ontology", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    (folder / "graphs" / "synthetic").mkdir(parents=True)
    tally = synthetic.Tally()
    with (folder / "graphs" / "synthetic" / "claims.ttl").open("w", encoding="utf-8") as file:
        file.writelines(synthetic.generate(int(claims * TRIPLES_A_CLAIM) + synthetic.SMALLEST, tally=tally))
    return tally.claims


def measured(folder: Path, claims: int) -> Run:
    """Return what it takes to write the site of a project."""
    command = [sys.executable, "-m", "triplomacy", "site", str(folder / "site"), "--project", str(folder)]
    start = time.monotonic()
    running = subprocess.Popen([*command, "--base-url", "https://data.example.org"], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"triplomacy site ended with {running.returncode}")
    files = sum(len(names) for _, _, names in os.walk(folder / "site"))
    return Run(claims, files, used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss / 1024)


def growth(before: Run, after: Run, name: str) -> float:
    """Return the exponent with which a figure grew with the number of claims."""
    grown: float = getattr(after, name) / getattr(before, name)
    return math.log(grown) / math.log(after.claims / before.claims)


def peer(folder: Path) -> tuple[float, float]:
    """Return the seconds in which rdflib and we write as many documents of a project as Turtle."""
    import rdflib

    from triplomacy import dataset
    from triplomacy.http import negotiation
    from triplomacy.publish import documents

    found = documents.read(dataset.load(dataset.Project(folder)))
    chosen = [found.get(iri) for iri in found.iris() if documents.kind(iri) in ("claim", "proposition")][:DOCUMENTS]
    lines = [documents.serialise(each, negotiation.NTRIPLES) for each in chosen]
    start = time.process_time()
    for text in lines:
        rdflib.Graph().parse(data=text, format="nt").serialize(format="turtle")
    theirs = time.process_time() - start
    start = time.process_time()
    for each in chosen:
        documents.serialise(each, negotiation.TURTLE)
    return theirs, time.process_time() - start


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="CLAIMS", help="numbers of claims")
    options = parser.parse_args(arguments)
    print(f"{'claims':>8}{'files':>9}{'cpu s':>9}{'growth':>8}{'s':>8}{'MB':>8}{'growth':>8}{'ms a claim':>12}")
    before: Run | None = None
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "project"
            folder.mkdir()
            run = measured(folder, project(folder, size))
            grown = [f"{growth(before, run, name):.2f}" if before else "" for name in ("processor", "memory")]
            print(
                f"{run.claims:>8,}{run.files:>9,}{run.processor:>9.1f}{grown[0]:>8}{run.elapsed:>8.1f}{run.memory:>8.0f}"
                f"{grown[1]:>8}{1000 * run.processor / run.claims:>12.1f}",
                flush=True,
            )
            before = run
            if size == options.sizes[-1]:
                theirs, ours = peer(folder)
                print(f"\n{DOCUMENTS:,} documents as Turtle: rdflib {theirs:.1f} s, ours {ours:.1f} s")
                print(f"rdflib takes {theirs / ours:.1f} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
