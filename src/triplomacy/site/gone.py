"""Persistence of IRIs: a list of every present and former IRI, and a tombstone for each that is no longer described."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.files import read_text
from triplomacy.publish import Document, Documents, documents
from triplomacy.site import addresses
from triplomacy.terms import DCTERMS, OWL, ROOT, XSD

LIST: Final = "iris.txt"

_REPLACES: Final = ox.NamedNode(DCTERMS + "replaces")
_REPLACED: Final = ox.NamedNode(DCTERMS + "isReplacedBy")
_DEPRECATED: Final = ox.NamedNode(OWL + "deprecated")
_TRUE: Final = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))


@dataclass(frozen=True, slots=True)
class Gone:
    """The IRIs that are no longer described, each with the IRIs that replace it, sorted."""

    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def below(self, iri: str) -> dict[str, tuple[str, ...]]:
        """Return the former hash IRIs of an IRI, with the IRIs that replace them."""
        return {iri_below: others for iri_below, others in self.replaced.items() if iri_below.startswith(f"{iri}#")}

    def whole(self) -> list[str]:
        """Return the former IRIs without a fragment, sorted."""
        return sorted(iri for iri in self.replaced if "#" not in iri)


def read(path: Path) -> set[str]:
    """Return the IRIs in a list, given as a file or as the folder of a site.

    Raises:
        MalformedInput: a line is not an IRI of ours.
        TriplomacyError: there is no such file, or it cannot be read.
    """
    file = path / LIST if path.is_dir() else path
    iris = set()
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if not line.startswith(ROOT) or not line.isprintable() or " " in line:
            raise MalformedInput(f"is not an IRI below {ROOT}; give the list of a former site", path=file, line=number)
        addresses.path(line, "html")
        iris.add(line)
    return iris


def find(documents: Documents, known: Set[str], former: Iterable[str]) -> Gone:
    """Return the former IRIs that are no longer described, with the IRIs that replace them (``dcterms:replaces``).

    An IRI without a document is included if one of its hash IRIs was described.

    Args:
        documents: the present documents.
        known: the IRIs described now.
        former: the IRIs described before.
    """
    lost = {iri for iri in former if iri not in known}
    lost |= {whole for iri in lost if (whole := iri.partition("#")[0]) not in known}
    places: dict[str, set[str]] = {iri: set() for iri in lost}
    for quad in documents.quads.quads_for_predicate(_REPLACES):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            places.get(quad.object.value, set()).add(quad.subject.value)
    return Gone({iri: tuple(sorted(places[iri])) for iri in sorted(lost)})


def tombstone(iri: str, gone: Gone) -> Document:
    """Return the triples about a former IRI and its hash IRIs: ``owl:deprecated`` and ``dcterms:isReplacedBy``."""
    graph = ox.DefaultGraph()
    quads = []
    for former in (iri, *gone.below(iri)):
        node = ox.NamedNode(former)
        quads.append(ox.Quad(node, _DEPRECATED, _TRUE, graph))
        quads += [ox.Quad(node, _REPLACED, ox.NamedNode(other), graph) for other in gone.replaced[former]]
    return Document(iri, documents.kind(iri), tuple(sorted(quads, key=str)))
