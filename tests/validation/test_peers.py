"""What another SHACL engine, in another language, finds in the same graphs."""

import os
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from bench import peers, synthetic
from bench.measuring import Unavailable, ontology
from bench.peers import Peer

from tests.conftest import ROOT
from tests.support.shacl import validate
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import SH

SHAPES = sorted((ROOT / "ontology" / "shapes").glob("*.ttl"))


@pytest.fixture(scope="module")
def jena() -> Peer:
    """Return Debian's Jena; skip without it, but fail where ``CI`` is ``true``."""
    try:
        return peers.jena()
    except Unavailable as reason:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"{reason}; make system-packages installs it")


def test_jena_finds_the_planted_faults(jena: Peer, tmp_path: Path) -> None:
    """Jena's shacl reports as many results for a graph with planted faults as the engines here, at the same nodes."""
    data, all_shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text("".join([ontology(), *synthetic.generate(10_000, faults=30)]), encoding="utf-8")
    all_shapes.write_text("\n".join(path.read_text(encoding="utf-8") for path in SHAPES), encoding="utf-8")
    done = subprocess.run(jena.command(all_shapes, data), capture_output=True, text=True, check=False)
    found = validate(parse_file(data), SHAPES)
    assert len(found) == 30
    assert results(done.stdout) == {(f.focus, f.path, f.component, f.shape) for f in found}


def results(report: str) -> set[tuple[str | None, ...]]:
    """Return focus node, path, component and shape of each result of a report."""
    rows: dict[str, dict[str, str]] = {}
    for quad in ox.parse(report, format=ox.RdfFormat.TURTLE):
        rows.setdefault(str(quad.subject), {})[quad.predicate.value.removeprefix(SH)] = str(quad.object)
    parts = ("focusNode", "resultPath", "sourceConstraintComponent", "sourceShape")
    return {tuple(row.get(part) for part in parts) for row in rows.values() if "focusNode" in row}
