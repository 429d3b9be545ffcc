"""Descriptions of the published dataset: VoID, a DCAT 3 catalogue, sitemaps and robots.txt, for a base address.

IRIs are ours wherever the dataset is served; addresses are below the base, which has no slash at its end. A server is
asked, and a site of files is downloaded: the latter has files whose sizes and hashes are known, and no service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from xml.sax.saxutils import escape

import pyoxigraph as ox

from triplomacy import queries
from triplomacy.http import Format, negotiation
from triplomacy.publish.documents import DATASET, QUERIES_GRAPH, SHAPES_GRAPH, Document, Documents, address
from triplomacy.queries import ENDPOINT
from triplomacy.terms import DCTERMS, FOAF, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, ROOT, SKOS, VIEW, VOID, XSD, local_name

CATALOGUE: Final = ROOT + "catalogue"
VOID_FILE: Final = ROOT + "void"

PAGES: Final = {QUERIES_GRAPH: "queries"}
"""The pages of documents that are not called after them: the list of the queries."""

TITLE: Final = "Triplomacy"
DESCRIPTION: Final = (
    "A knowledge graph of diplomacy: who recognises, sanctions, supports and aligns with whom, according to whom, "
    "since when, and where a source says so. Claims are attributed and dated; nothing contested is a plain fact."
)
KEYWORDS: Final = ("diplomacy", "international relations", "claims", "provenance", "knowledge graph")
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_LANGUAGE: Final = "http://id.loc.gov/vocabulary/iso639-1/en"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_PROTOCOL: Final = "http://www.w3.org/TR/sparql11-protocol/"
_OPENAPI: Final = "https://spec.openapis.org/oas/v3.1.0"

_DCAT: Final = PREFIXES["dcat"]
_PROV: Final = PREFIXES["prov"]
_DERIVED: Final = _PROV + "wasDerivedFrom"  # a dcterms:source is a dataset in DCAT-AP
_LINKS: Final = {SKOS + "exactMatch", SKOS + "closeMatch"}
_STATED: Final = ("title", "description", "creator", "created", "license", "source")
_MOST: Final = 50_000  # addresses in a file of sitemaps.org's protocol

_SPDX: Final = "http://spdx.org/rdf/terms#"
_GZIP: Final = "application/gzip"
_KINDS: Final = {
    DCTERMS + "conformsTo": DCTERMS + "Standard",
    DCTERMS + "creator": FOAF + "Agent",
    DCTERMS + "language": DCTERMS + "LinguisticSystem",
    DCTERMS + "license": DCTERMS + "LicenseDocument",
    DCTERMS + "publisher": FOAF + "Agent",
    _DCAT + "compressFormat": DCTERMS + "MediaType",
    _DCAT + "landingPage": FOAF + "Document",
    _DCAT + "mediaType": DCTERMS + "MediaType",
    FOAF + "homepage": FOAF + "Document",
    _SPDX + "algorithm": _SPDX + "ChecksumAlgorithm",
}
"""What the values of a property are, as DCAT-AP 3.0 wants it said."""

_Value = ox.NamedNode | ox.BlankNode | ox.Literal


class _Graph:
    """A description under construction."""

    def __init__(self, graph: str) -> None:
        self.graph = ox.NamedNode(graph)
        self.quads: list[ox.Quad] = []
        self.blanks = 0

    def add(self, subject: ox.NamedNode | ox.BlankNode, *pairs: tuple[str, _Value | None]) -> None:
        """Add predicates and values of a subject, without values that are None."""
        for predicate, value in pairs:
            if value is not None:
                self.quads.append(ox.Quad(subject, ox.NamedNode(predicate), value, self.graph))

    def blank(self, *pairs: tuple[str, _Value | None]) -> ox.BlankNode:
        """Return a new blank node with these predicates and values."""
        self.blanks += 1
        node = ox.BlankNode(f"n{self.blanks}")
        self.add(node, *pairs)
        return node

    def document(self, iri: str) -> Document:
        """Return the description as the document of an IRI."""
        return Document(iri, local_name(iri), tuple(sorted(self.quads, key=str)))


@dataclass(frozen=True, slots=True)
class Download:
    """A file with a whole dataset, to be downloaded.

    Attributes:
        path: where it lies below the base address.
        dataset: the IRI of what it holds.
        title: what it is.
        media_type: registered with IANA where there is one; of what is in it, where it is compressed by gzip.
        compressed: whether it is.
        conforms: the IRI of a standard that it follows, or "".
    """

    path: str
    dataset: str
    title: str
    media_type: str
    compressed: bool = False
    conforms: str = ""


@dataclass(frozen=True)
class Catalogue:
    """What describes a dataset as it is published below an address.

    Attributes:
        documents: those of the dataset.
        base: the address, without a slash at its end.
        sha256: the hash of the dataset.
        formats: those that documents are there in, besides HTML.
        server: whether a server answers queries, and not files alone are there.
        downloads: further files.
        files: size in bytes and SHA-256 of files by their paths below the base, as far as they are known.
        releases: the versions that are kept, the last one first.
    """

    documents: Documents
    base: str
    sha256: str
    formats: tuple[Format, ...] = negotiation.GRAPHS
    server: bool = True
    downloads: tuple[Download, ...] = ()
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    releases: tuple[str, ...] = ()

    def find(self, iri: str) -> Document | None:
        """Return the document of VoID or of DCAT, if the IRI is that of one, or None."""
        return self.void if iri == VOID_FILE else self.dcat if iri == CATALOGUE else None

    @cached_property
    def void(self) -> Document:
        """The dataset's description in VoID: its statistics, its partitions by class and property, its graphs."""
        graph = _Graph(VOID_FILE)
        graph.add(
            _node(VOID_FILE),
            (RDF + "type", _node(VOID + "DatasetDescription")),
            (DCTERMS + "title", _text("Description of the dataset in VoID")),
            (FOAF + "primaryTopic", _node(DATASET)),
        )
        whole = _Statistics(quad.triple for quad in self._quads(self.documents.dataset_graphs))
        self._add_void(graph, DATASET, whole)
        graph.add(_node(DATASET), *((VOID + "subset", _node(name)) for name in self.documents.dataset_graphs))
        graph.add(_node(DATASET), *((VOID + "vocabulary", _node(name)) for name in whole.vocabularies()))
        for name in self.documents.dataset_graphs:
            self._add_void(graph, name, _Statistics(quad.triple for quad in self._quads([name])))
        self._add_linksets(graph)
        return graph.document(VOID_FILE)

    def _add_void(self, graph: _Graph, iri: str, counted: _Statistics) -> None:
        graph.add(
            _node(iri),
            (RDF + "type", _node(VOID + "Dataset")),
            *self._dataset_statements(iri),
            (VOID + "triples", _number(counted.triples)),
            (VOID + "entities", _number(counted.entities)),
            (VOID + "classes", _number(len(counted.classes))),
            (VOID + "properties", _number(len(counted.properties))),
            (VOID + "distinctSubjects", _number(counted.subjects)),
            (VOID + "distinctObjects", _number(counted.objects)),
            *((VOID + "dataDump", _node(address(self.base, iri, form))) for form in self.formats),
            *((VOID + "dataDump", _node(f"{self.base}/{download.path}")) for download in self._of(iri)),
        )
        for name, number in sorted(counted.classes.items()):
            part = graph.blank((VOID + "class", _node(name)), (VOID + "entities", _number(number)))
            graph.add(_node(iri), (VOID + "classPartition", part))
        for name, number in sorted(counted.properties.items()):
            part = graph.blank((VOID + "property", _node(name)), (VOID + "triples", _number(number)))
            graph.add(_node(iri), (VOID + "propertyPartition", part))

    def _add_linksets(self, graph: _Graph) -> None:
        """Add how many links of each kind lead to each other dataset, told by the host and first part of the path."""
        links = Counter(
            (quad.predicate.value, _space(quad.object.value))
            for quad in self._quads(self.documents.dataset_graphs)
            if quad.predicate.value in _LINKS and isinstance(quad.object, ox.NamedNode)
        )
        for (predicate, space), number in sorted(links.items()):
            target = graph.blank((RDF + "type", _node(VOID + "Dataset")), (VOID + "uriSpace", _text(space, "")))
            links_there = graph.blank(
                (RDF + "type", _node(VOID + "Linkset")),
                (VOID + "linkPredicate", _node(predicate)),
                (VOID + "subjectsTarget", _node(DATASET)),
                (VOID + "objectsTarget", target),
                (VOID + "triples", _number(number)),
            )
            graph.add(_node(DATASET), (VOID + "subset", links_there))

    @cached_property
    def dcat(self) -> Document:
        """The catalogue in DCAT 3: the dataset, its graphs, views, shapes and queries with their distributions."""
        graph = _Graph(CATALOGUE)
        graphs = [DATASET, *self.documents.graphs]
        services = (ENDPOINT, QUERIES_GRAPH) if self.server else ()
        graph.add(
            _node(CATALOGUE),
            (RDF + "type", _node(_DCAT + "Catalog")),
            (DCTERMS + "title", _text("Catalogue of Triplomacy")),
            (DCTERMS + "description", _text("The dataset, its graphs and views, and the services that answer for it.")),
            (DCTERMS + "language", _node(_LANGUAGE)),
            (FOAF + "homepage", _node(f"{self.base}/")),
            *((DCTERMS + name, value) for name in ("creator", "license") for value in self._common(name)),
            *((DCTERMS + "publisher", value) for value in self._common("creator")),
            *((DCTERMS + "issued", value) for value in self.documents.days()[:1]),
            *((DCTERMS + "modified", value) for value in self.documents.days()[-1:]),
            *((_DCAT + "dataset", _node(iri)) for iri in graphs),
            *((_DCAT + "service", _node(iri)) for iri in services),
        )
        for iri in graphs:
            self._add_dataset(graph, iri)
        if self.server:
            self._add_services(graph)
        self._add_kinds(graph)
        return graph.document(CATALOGUE)

    def _add_dataset(self, graph: _Graph, iri: str) -> None:
        graph.add(
            _node(iri),
            (RDF + "type", _node(_DCAT + "Dataset")),
            *(
                (_DERIVED if name == DCTERMS + "source" else name, value)
                for name, value in self._dataset_statements(iri)
            ),
            (DCTERMS + "language", _node(_LANGUAGE)),
            (_DCAT + "landingPage", _node(self._page(iri))),
        )
        if iri == DATASET:
            graph.add(
                _node(iri),
                (DCTERMS + "conformsTo", _node(ONTOLOGY)),
                (DCTERMS + "conformsTo", _node(SHAPES_GRAPH)),
                *((_DCAT + "keyword", _text(word)) for word in KEYWORDS),
                *((DCTERMS + "hasPart", _node(part)) for part in self.documents.dataset_graphs),
            )
            for release in self.releases:
                graph.add(_node(version(iri, release)), *self._release_statements(release))
        for form in self.formats:
            download = Download(address("", iri, form)[1:], iri, form.title, form.media_type)
            self._add_distribution(graph, iri, download, address(self.base, iri))
        for file in self._of(iri):
            self._add_distribution(graph, iri, file, self._page(iri))

    def _release_statements(self, release: str) -> Iterator[tuple[str, _Value]]:
        """Yield the description of the dataset in a release, which never changes."""
        yield RDF + "type", _node(_DCAT + "Dataset")
        yield DCTERMS + "title", _text(f"{TITLE} {release}")
        yield DCTERMS + "description", _text(f"The dataset as it was in the release {release}, and stays.")
        yield _DCAT + "version", _text(release, "")
        yield DCTERMS + "isVersionOf", _node(DATASET)
        earlier = self.releases[self.releases.index(release) + 1 :]
        yield from (
            (_DCAT + "previousVersion", _node(version(DATASET, version_before))) for version_before in earlier[:1]
        )

    def _of(self, iri: str) -> Iterator[Download]:
        return (download for download in self.downloads if download.dataset == iri)

    def _page(self, iri: str) -> str:
        if iri not in PAGES:
            return address(self.base, iri, _HTML)
        return f"{self.base}/{PAGES[iri]}{'' if self.server else '.html'}"

    def _add_distribution(self, graph: _Graph, iri: str, download: Download, access: str) -> None:
        place = _node(f"{self.base}/{download.path}")
        graph.add(_node(iri), (_DCAT + "distribution", place))
        graph.add(
            place,
            (RDF + "type", _node(_DCAT + "Distribution")),
            (DCTERMS + "title", _text(download.title)),
            (_DCAT + "accessURL", _node(access)),
            (_DCAT + "downloadURL", place),
            (_DCAT + "mediaType", _node(_MEDIA_TYPES + download.media_type)),
            *((DCTERMS + "license", value) for value in self._common("license")),
        )
        if download.compressed:
            graph.add(place, (_DCAT + "compressFormat", _node(_MEDIA_TYPES + _GZIP)))
        if download.conforms:
            graph.add(place, (DCTERMS + "conformsTo", _node(download.conforms)))
        if download.path in self.files:
            size, sha256 = self.files[download.path]
            checksum = graph.blank(
                (RDF + "type", _node(_SPDX + "Checksum")),
                (_SPDX + "algorithm", _node(_SPDX + "checksumAlgorithm_sha256")),
                (_SPDX + "checksumValue", _text(sha256, "", "hexBinary")),
            )
            graph.add(place, (_DCAT + "byteSize", _text(str(size), "", "nonNegativeInteger")))
            graph.add(place, (_SPDX + "checksum", checksum))

    def _add_services(self, graph: _Graph) -> None:
        graph.add(
            _node(ENDPOINT),
            (RDF + "type", _node(_DCAT + "DataService")),
            (DCTERMS + "title", _text("SPARQL endpoint")),
            (DCTERMS + "conformsTo", _node(_PROTOCOL)),
            (_DCAT + "endpointURL", _node(address(self.base, ENDPOINT))),
            (_DCAT + "servesDataset", _node(DATASET)),
        )
        graph.add(
            _node(QUERIES_GRAPH),
            (RDF + "type", _node(_DCAT + "DataService")),
            (DCTERMS + "conformsTo", _node(_OPENAPI)),
            (_DCAT + "endpointURL", _node(address(self.base, QUERIES_GRAPH))),
            (_DCAT + "endpointDescription", _node(f"{self.base}/openapi.json")),
            (_DCAT + "servesDataset", _node(DATASET)),
        )

    def _dataset_statements(self, iri: str) -> Iterator[tuple[str, _Value]]:
        """Yield title, description, origin and licence of a dataset: as it is stated, else what is true of its kind."""
        stated = [(name, value) for name in _STATED for value in self.documents.values(iri, DCTERMS + name)]
        yield from ((DCTERMS + name, value) for name, value in stated)
        known = {name for name, _ in stated}
        for name, text in zip(("title", "description"), self._words(iri), strict=True):
            if name not in known:
                yield DCTERMS + name, _text(text)
        for name in ("creator", "license"):
            if name not in known:
                yield from ((DCTERMS + name, value) for value in self._common(name))
        if iri == DATASET:
            yield DCTERMS + "identifier", _text(f"sha256:{self.sha256}", "")
            yield from ((_DCAT + "version", value) for value in self.documents.values(ONTOLOGY, OWL + "versionInfo"))
            yield from ((_DCAT + "hasVersion", _node(version(iri, release))) for release in self.releases)
            yield VOID + "uriSpace", _text(ROOT, "")
            if self.server:
                yield VOID + "sparqlEndpoint", _node(address(self.base, ENDPOINT))
        if iri.startswith(VIEW):
            yield _DERIVED, _node(DATASET)

    def _words(self, iri: str) -> tuple[str, str]:
        name = iri.removeprefix(VIEW)
        return {
            DATASET: (TITLE, DESCRIPTION),
            SHAPES_GRAPH: ("Shapes of Triplomacy", "What SHACL demands of the graphs, each with advice."),
            QUERIES_GRAPH: ("Stored queries of Triplomacy", "Questions in SPARQL, each with its words and its kind."),
        }.get(
            iri,
            (f"View {name}", "Plain facts that a stated rule derives from claims: somebody's picture of the world."),
        )

    def _quads(self, graphs: Iterable[str]) -> Iterator[ox.Quad]:
        return (quad for name in graphs for quad in self.documents.quads.quads_for_graph_name(_node(name)))

    def _common(self, name: str) -> list[_Value]:
        """Return what the graphs state of themselves, each once."""
        graphs = self.documents.dataset_graphs
        return list(dict.fromkeys(value for graph in graphs for value in self.documents.values(graph, DCTERMS + name)))

    def _add_kinds(self, graph: _Graph) -> None:
        """Add the types of the nodes that properties of DCAT refer to, and the names of agents."""
        kinds = {
            (quad.object.value, kind)
            for quad in graph.quads
            if (kind := _KINDS.get(quad.predicate.value)) and isinstance(quad.object, ox.NamedNode)
        }
        for iri, kind in sorted(kinds):
            names = self.documents.values(iri, RDFS + "label") if kind == FOAF + "Agent" else []
            graph.add(_node(iri), (RDF + "type", _node(kind)), *((FOAF + "name", name) for name in names))

    def pages(self) -> list[str]:
        """Return the addresses of all pages, sorted."""
        stored = [f"queries/{theme}/{name}" for theme, name in queries.names(self.documents.project)]
        own = ["", "actors", "propositions", "disputes", "queries", "sparql", *stored]
        described = [address(self.base, iri, _HTML) for iri in self.documents.iris() if iri not in PAGES]
        return sorted({*(f"{self.base}/{name}" for name in own), *described})

    def sitemaps(self) -> list[str]:
        """Return the sitemap, or behind an index the several that a site of more than 50,000 pages needs."""
        return sitemaps(self.base, self.pages())

    def robots(self) -> str:
        """Return the robots.txt: everything may be read, but no robot is to ask questions without end."""
        path = "/" + self.base.split("/", 3)[3] if self.base.count("/") > 2 else ""
        kept = [f"Disallow: {path}/{place}" for place in ("explain?", "queries/*?", "rdf-graph-store", "sparql?")]
        return "\n".join(["User-agent: *", *kept, "", f"Sitemap: {self.base}/sitemap.xml", ""])


_HTML: Final = negotiation.HTML


class _Statistics:
    """Counts over distinct triples."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        known = set(triples)
        self.triples = len(known)
        self.properties = Counter(triple.predicate.value for triple in known)
        self.classes = Counter(
            triple.object.value
            for triple in known
            if triple.predicate.value == RDF + "type" and isinstance(triple.object, ox.NamedNode)
        )
        subjects = {triple.subject for triple in known}
        self.subjects = len(subjects)
        self.objects = len({triple.object for triple in known})
        self.entities = sum(isinstance(node, ox.NamedNode) and node.value.startswith(ROOT) for node in subjects)

    def vocabularies(self) -> list[str]:
        """Return the namespaces of classes and properties that are used, as far as they are known here, sorted."""
        used = [*self.properties, *self.classes]
        spaces = {*PREFIXES.values(), RDF, RDFS}
        return sorted(space for space in spaces if any(iri.startswith(space) for iri in used))


def sitemaps(base: str, pages: Sequence[str]) -> list[str]:
    """Return the sitemap of pages, or behind an index the several that more than 50,000 pages need.

    Args:
        base: the address below which the sitemaps lie, without a slash at its end.
        pages: the addresses of the pages.
    """
    if len(pages) <= _MOST:
        return [_sitemap("urlset", "url", pages)]
    parts = [pages[start : start + _MOST] for start in range(0, len(pages), _MOST)]
    index = [f"{base}/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    return [_sitemap("sitemapindex", "sitemap", index), *(_sitemap("urlset", "url", part) for part in parts)]


def version(iri: str, release: str) -> str:
    """Return the IRI of something of ours as it is in a release.

    >>> version("https://w3id.org/triplomacy/ontology", "0.2.0")
    'https://w3id.org/triplomacy/release/0.2.0/ontology'
    """
    return f"{ROOT}release/{release}/{iri.removeprefix(ROOT)}"


def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _text(words: str, language: str = "en", datatype: str = "string") -> ox.Literal:
    if language:
        return ox.Literal(words, language=language)
    return ox.Literal(words, datatype=ox.NamedNode(XSD + datatype))


def _number(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))


def _space(iri: str) -> str:
    """Return scheme, host and the path to its last slash."""
    return iri[: iri.rindex("/") + 1]


def _sitemap(root: str, entry: str, addresses: Sequence[str]) -> str:
    lines = "".join(f"  <{entry}><loc>{escape(address)}</loc></{entry}>\n" for address in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</{root}>\n'
