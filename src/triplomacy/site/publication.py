"""The content of a site: the graphs of a project and their views, loaded once, with the URL of the site."""

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
"""The RDF formats of every document, besides HTML."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The content of a site.

    Attributes:
        dataset: the dataset: the union of all graphs as the default graph, and each graph and view by its IRI.
        documents: the documents of our IRIs.
        graphs: the triples of each graph and view by its IRI, as `build.graphs` returns them.
        base: the URL of the site, without a trailing slash.
        sha256: the hash of the canonical form of the dataset (RDFC-1.0), in hexadecimal.
        releases: the releases on the site, the last one first.
        gone: the former IRIs that are no longer described.
        release: the version, if this is the permanent copy of a release, or "".
        known: a cache of results that pages compute from the whole dataset.
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
        """The project."""
        return self.documents.project

    def site(self, path: str) -> pages.Site:
        """Return the settings that all pages share, with links for the page at a path."""
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
        """Return the settings for a page that a host shows at any URL (404); links begin at the path of *base*."""
        return replace(self.site(""), links=pages.Links(f"{urlsplit(base).path}/", addresses.ENDING))

    def beside(self) -> list[Document]:
        """Return the documents that are not in the dataset: the mappings, and the ontology merged with them."""
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
        """Return the dates on which the graphs were made or changed, sorted (ISO 8601)."""
        return [day.value for day in self.documents.days()]


def _document(iri: str, triples: Sequence[ox.Triple]) -> Document:
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Document(iri, documents.kind(iri), tuple(sorted(dataset, key=str)))


def read(project: Project, base: str) -> Publication:
    """Return the content of a site for a project.

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
