"""Old links never break: a list of every IRI that there is or was, and a tombstone for each that is no longer there."""

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
    """The IRIs that were described once and no longer are, each with the IRIs of what stands in its place."""

    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def below(self, iri: str) -> dict[str, tuple[str, ...]]:
        """Return the hash IRIs of an IRI that are gone, with what replaces them."""
        return {iri_below: others for iri_below, others in self.replaced.items() if iri_below.startswith(f"{iri}#")}

    def whole(self) -> list[str]:
        """Return the IRIs without a fragment whose documents are gone, sorted."""
        return sorted(iri for iri in self.replaced if "#" not in iri)


def read(path: Path) -> set[str]:
    """Return the IRIs of a list, or of the one in the folder of a site.

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
    """Return which former IRIs are gone, and what the graphs say stands in their place.

    An IRI whose document is gone counts itself too where only hash IRIs of it were listed.

    Args:
        documents: the documents that there are.
        known: the IRIs that are described now.
        former: those that were.
    """
    lost = {iri for iri in former if iri not in known}
    lost |= {whole for iri in lost if (whole := iri.partition("#")[0]) not in known}
    places: dict[str, set[str]] = {iri: set() for iri in lost}
    for quad in documents.quads.quads_for_predicate(_REPLACES):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            places.get(quad.object.value, set()).add(quad.subject.value)
    return Gone({iri: tuple(sorted(places[iri])) for iri in sorted(lost)})


def tombstone(iri: str, gone: Gone) -> Document:
    """Return what is said of an IRI that is gone and of its hash IRIs: that they are, and what replaces them."""
    graph = ox.DefaultGraph()
    quads = []
    for each in (iri, *gone.below(iri)):
        node = ox.NamedNode(each)
        quads.append(ox.Quad(node, _DEPRECATED, _TRUE, graph))
        quads += [ox.Quad(node, _REPLACED, ox.NamedNode(other), graph) for other in gone.replaced[each]]
    return Document(iri, documents.kind(iri), tuple(sorted(quads, key=str)))
