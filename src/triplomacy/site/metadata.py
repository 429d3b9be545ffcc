"""Metadata of the site: VoID, DCAT, schema.org, CITATION.cff, sitemaps, robots.txt, and the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from triplomacy import pages
from triplomacy.http import negotiation
from triplomacy.pages import Reader
from triplomacy.publish import (
    CATALOGUE,
    DATASET,
    VOID_FILE,
    Catalogue,
    Download,
    catalogue,
    claims_table,
    dumps,
    mappings,
    nanopublications,
)
from triplomacy.site import content
from triplomacy.site.folder import Folder
from triplomacy.site.publication import FORMATS, Publication
from triplomacy.terms import DCTERMS, ROOT

DUMPS: Final = "dumps/"
CITATION: Final = "CITATION.cff"
_OUT: Final = ("404.html", "static/", "release/")
"""The beginnings of paths that sitemaps leave out."""

_CSVW: Final = "http://www.w3.org/ns/csvw"
_RDF12: Final = "https://www.w3.org/TR/rdf12-concepts/"
_TITLES: Final = {
    dumps.NQUADS: "Curated graphs and views in N-Quads, canonical (RDFC-1.0)",
    dumps.TRIG: "Curated graphs and views in TriG",
    dumps.JSONLD: "Curated graphs and views in JSON-LD",
    dumps.CONTEXT: "The context of the JSON-LD",
    dumps.NQUADS_12: "The same with triple terms and reifiers, in N-Quads of RDF 1.2",
    dumps.TRIG_12: "The same with triple terms and reifiers, in TriG of RDF 1.2",
    f"{claims_table.NAME}.csv": "The claims as one table in CSV",
    f"{claims_table.NAME}.csv-metadata.json": "What the columns of the table mean (CSVW)",
    f"{claims_table.NAME}.md": "What the columns of the table mean, for people",
    f"{claims_table.NAME}.parquet": "The claims as one table in Parquet",
    mappings.NAME: "Mappings to other vocabularies (SSSOM)",
    nanopublications.LOG: "All nanopublications, with what supersedes and retracts which",
}
_MEDIA_TYPES: Final = {
    **{form.extension: form.media_type for form in (*negotiation.GRAPHS, negotiation.CSV, negotiation.PARQUET)},
    "json": "application/csvm+json",
    "md": "text/markdown",
    "tsv": "text/tab-separated-values",
}
_CONFORMS: Final = {
    f"{claims_table.NAME}.csv-metadata.json": _CSVW,
    mappings.NAME: "https://w3id.org/sssom/",
    dumps.NQUADS_12: _RDF12,
    dumps.TRIG_12: _RDF12,
}


def downloads(publication: Publication, folder: Folder) -> Iterator[Download]:
    """Yield the dumps that have been written, those of the whole dataset first."""
    names = {dumps.stem(graph): graph for graph in publication.graphs}
    paths = sorted(path.removeprefix(DUMPS) for path in folder.files if path.startswith(DUMPS))
    order = list(_TITLES)
    whole = sorted(
        (name for name in paths if _plain(name) in _TITLES), key=lambda name: (order.index(_plain(name)), name)
    )
    for name in [*whole, *(name for name in paths if _plain(name).rpartition(".")[0] in names)]:
        plain = _plain(name)
        stem, _, ending = plain.rpartition(".")
        title = _TITLES.get(plain) or f"{stem} in {_format(ending)}"
        yield Download(
            path=DUMPS + name,
            dataset=DATASET if plain in _TITLES else names[stem],
            title=f"{title}, compressed" if name != plain else title,
            media_type=_MEDIA_TYPES[ending],
            compressed=name != plain,
            conforms=_CONFORMS.get(plain, ""),
        )


def _log(folder: Folder) -> Iterator[Download]:
    path = f"nanopublications/{nanopublications.LOG}"
    if path in folder.files:
        yield Download(path, DATASET, _TITLES[nanopublications.LOG], _MEDIA_TYPES["tsv"])


def _plain(name: str) -> str:
    return name.removesuffix(".gz")


def _format(ending: str) -> str:
    form = negotiation.of_extension(ending)
    return form.title if form else ending


def build_catalogue(publication: Publication, folder: Folder) -> Catalogue:
    """Return the DCAT catalogue of the files that have been written."""
    return Catalogue(
        publication.documents,
        publication.base,
        publication.sha256,
        formats=FORMATS,
        server=False,
        downloads=(*downloads(publication, folder), *_log(folder)),
        files=folder.files,
        releases=tuple(release.version for release in publication.releases),
    )


def write(publication: Publication, folder: Folder) -> None:
    """Write VoID and DCAT, CITATION.cff, the page of data, and the start page, which has schema.org in it."""
    catalogue = build_catalogue(publication, folder)
    for iri in (VOID_FILE, CATALOGUE):
        described_by = catalogue.find(iri)
        assert described_by is not None
        content.document(publication, folder, described_by)
    card = json.dumps(schema_org(publication, catalogue), ensure_ascii=False, indent=1)
    folder.put("index.html", pages.overview(publication.site("index.html"), publication.dataset, card))
    folder.put("data.html", pages.data(publication.site("data.html"), catalogue, publication.dataset))
    folder.put(CITATION, citation(publication))


def maps(publication: Publication, folder: Folder) -> None:
    """Write sitemaps of all pages that have been written, and robots.txt, which permits everything."""
    base = publication.base
    gone = {iri.removeprefix(ROOT) + ".html" for iri in publication.gone.whole()}
    shown = [path for path in folder.files if path.endswith(".html") and not path.startswith(_OUT) and path not in gone]
    addresses = sorted(f"{base}/{content.address_of_file(path)}" for path in shown)
    first, *others = catalogue.sitemaps(base, addresses)
    folder.put("sitemap.xml", first)
    for number, text in enumerate(others, 1):
        folder.put(f"sitemap-{number}.xml", text)
    folder.put("robots.txt", f"User-agent: *\nDisallow:\n\nSitemap: {base}/sitemap.xml\n")


def schema_org(publication: Publication, dcat: Catalogue) -> dict[str, Any]:
    """Return the description of the dataset with schema.org as JSON-LD."""
    base = publication.base
    reader = Reader(publication.dataset)
    days = publication.days()
    maker = {"@type": "Organization", "name": "The Triplomacy authors", "url": ROOT + "authors"}
    card: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET,
        "name": "Triplomacy: who says what in diplomacy",
        "description": catalogue.DESCRIPTION,
        "url": f"{base}/",
        "identifier": f"sha256:{publication.sha256}",
        "version": publication.version(),
        "license": catalogue.LICENCE,
        "isAccessibleForFree": True,
        "inLanguage": "en",
        "keywords": list(catalogue.KEYWORDS),
        "creator": maker,
        "publisher": maker,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": CATALOGUE, "name": "Catalogue of Triplomacy"},
        "isBasedOn": [_work(reader, iri) for iri in publication.dataset.sources()],
        "distribution": [_download(base, download, dcat) for download in dcat.downloads if download.dataset == DATASET],
    }
    if days:
        card |= {"dateCreated": days[0], "dateModified": days[-1]}
    return card


def _work(reader: Reader, iri: str) -> dict[str, Any]:
    authors = [{"@type": "Person", "name": reader.name(author)} for author in reader.values(iri, DCTERMS + "creator")]
    return {"@type": "CreativeWork", "@id": iri, "name": reader.name(iri)} | ({"author": authors} if authors else {})


def _download(base: str, download: Download, catalogue: Catalogue) -> dict[str, Any]:
    size, sha256 = catalogue.files[download.path]
    return {
        "@type": "DataDownload",
        "name": download.title,
        "contentUrl": f"{base}/{download.path}",
        "encodingFormat": "application/gzip" if download.compressed else download.media_type,
        "contentSize": f"{size} B",
        "sha256": sha256,
    }


def citation(publication: Publication) -> str:
    """Return ``CITATION.cff`` (Citation File Format 1.2) for the dataset, with the sources of its claims as references.

    Values are written as JSON, which is valid YAML.
    """
    days = publication.days()
    slots: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below, and the sources of the claims you use.",
        "type": "dataset",
        "title": catalogue.TITLE,
        "abstract": catalogue.DESCRIPTION,
        "authors": [{"name": "The Triplomacy authors"}],
        "version": publication.version(),
        "license": "CC-BY-4.0",
        "url": f"{publication.base}/",
        "identifiers": [
            {"type": "url", "value": DATASET, "description": "The IRI of the dataset"},
            {
                "type": "other",
                "value": f"sha256:{publication.sha256}",
                "description": "SHA-256 of its canonical form (RDFC-1.0)",
            },
        ],
        "keywords": list(catalogue.KEYWORDS),
        "references": list(_references(publication)),
    }
    slots |= {"date-released": days[-1]} if days else {}
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in slots.items() if value)


def _references(publication: Publication) -> Iterator[dict[str, Any]]:
    reader = Reader(publication.dataset)
    for iri in publication.dataset.sources():
        makers = reader.values(iri, DCTERMS + "creator") or reader.values(iri, DCTERMS + "publisher")
        if makers:
            names = [{"name": reader.name(maker)} for maker in makers]
            yield {"type": "generic", "title": reader.name(iri), "authors": names, "url": iri}
