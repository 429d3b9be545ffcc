"""What is published: a project's graphs with their views, loaded once, and the address that they are to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

import pyoxigraph as ox

from triplomacy import build, pages
from triplomacy.dataset import Dataset, Project, load_graphs
from triplomacy.http import negotiation
from triplomacy.publish import CATALOGUE, VOID_FILE, Document, Documents, Release, documents, dumps, mappings
from triplomacy.rdf import parse_file
from triplomacy.site import addresses
from triplomacy.site.gone import Gone
from triplomacy.terms import ONTOLOGY, OWL, VIEW

FORMATS: Final = (negotiation.TURTLE, negotiation.JSONLD, negotiation.NTRIPLES)
"""The formats in which everything is described, besides HTML."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published.

    Attributes:
        dataset: all graphs: their union as the default graph, and each graph and view by its IRI.
        documents: the documents of our IRIs.
        graphs: the triples of each graph and view by its IRI, as `build.graphs` has them.
        base: the address of the site, without a slash at its end.
        sha256: the hash of the dataset's canonical form (RDFC-1.0).
        releases: the versions that are kept, the last one first.
        gone: the IRIs that were described once.
        release: the version of which it is the copy that stays as it is, or "".
        known: what pages find out of the dataset as a whole.
    """

    dataset: Dataset
    documents: Documents
    graphs: Mapping[str, Sequence[ox.Triple]]
    base: str
    sha256: str
    releases: tuple[Release, ...] = ()
    gone: Gone = field(default_factory=Gone)
    release: str = ""
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def project(self) -> Project:
        """The project whose graphs they are."""
        return self.documents.project

    def site(self, path: str) -> pages.Site:
        """Return what the page at a path has in common with the others."""
        return pages.Site(
            links=addresses.links(path, self.release),
            base=f"{self.base}/",
            dataset=self.sha256,
            formats=tuple(form.extension for form in FORMATS),
            server=False,
            release=self.release,
            path=path,
            known=self.known,
        )

    def at(self, base: str) -> pages.Site:
        """Return the same for a page that is shown at any address of a host, its links from the host's root."""
        return replace(self.site(""), links=pages.Links(f"{urlsplit(base).path}/", addresses.ENDING))

    def beside(self) -> list[Document]:
        """Return the documents of what is not in the dataset: the mappings, and the ontology with them."""
        if not self.project.mappings.exists():
            return []
        merged, own = mappings.merge_into_ontology(self.project), parse_file(self.project.mappings)
        return [_document(mappings.MERGED, merged), _document(mappings.SET, own)]

    def every(self) -> set[str]:
        """Return all IRIs of ours that a document describes."""
        beside = {document.iri for document in self.beside()}
        return {*self.documents.iris_of_ours(), *beside, CATALOGUE, VOID_FILE}

    def version(self) -> str:
        """Return the version that the ontology states, or ""."""
        return next((term.value for term in self.documents.values(ONTOLOGY, OWL + "versionInfo")), "")

    def days(self) -> list[str]:
        """Return the days on which the graphs were made or changed, in their order."""
        return [day.value for day in self.documents.days()]


def _document(iri: str, triples: Sequence[ox.Triple]) -> Document:
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Document(iri, documents.kind(iri), tuple(sorted(dataset, key=str)))


def read(project: Project, base: str) -> Publication:
    """Return what is published of a project.

    Raises:
        MalformedInput: a file of the project is malformed.
        TriplomacyError: a file cannot be read.
    """
    dataset = load_graphs(project).with_named_graphs()
    graphs = build.graphs(project)
    derived = {graph: triples for graph, triples in graphs.items() if graph.startswith(VIEW)}
    dataset.store.extend(build.quads(derived))
    dataset = replace(dataset, digest=dataset.sha256())
    return Publication(dataset, documents.read(dataset, derived), graphs, base, dumps.canonical_hash(graphs))
