"""Files of shapes and an engine as one call, which refuses malformed shapes as a run of validation does."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox

from triplomacy.errors import TriplomacyError
from triplomacy.findings import Finding
from triplomacy.rdf.parsing import parse_file
from triplomacy.validation import shacl, shape_graph
from triplomacy.validation.shacl import Engine


class MalformedShapes(TriplomacyError):
    """Shapes that cannot be run, with a finding for each fault."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Name the first fault, and count the others."""
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"the shapes are malformed: {findings[0].focus}: {findings[0].message}{more}")
        self.findings = tuple(findings)


def validate(
    data: ox.Store | Iterable[ox.Triple] | Iterable[ox.Quad], shapes: Sequence[Path], *, engine: Engine = "fast"
) -> list[Finding]:
    """Return what the shapes of some files find in triples, or in the default graph of a store or of quads."""
    read = shape_graph.of_triples([triple for path in shapes for triple in parse_file(path)])
    if faults := shape_graph.find_faults(read):
        raise MalformedShapes(faults)
    if isinstance(data, ox.Store):
        data = data.quads_for_pattern(None, None, None, ox.DefaultGraph())
    triples = [item.triple if isinstance(item, ox.Quad) else item for item in data]
    return shacl.run(triples, read, engine=engine)
