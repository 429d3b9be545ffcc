"""Pages and data of a site: every document in each format, the lists, pictures, dumps and static files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from triplomacy import pages
from triplomacy.dataset import Dataset
from triplomacy.pictures import Selection, draw, model
from triplomacy.publish import PAGES, Document, documents, dumps, mappings, nanopublications
from triplomacy.site import addresses, gone
from triplomacy.site.folder import Folder
from triplomacy.site.publication import FORMATS, Publication

_TIES: Final = "network.json"

LISTS: Final[dict[str, Callable[[pages.Site, Dataset], str]]] = {
    "actors": pages.actors,
    "propositions": pages.propositions,
    "disputes": pages.disputes,
    "sources": pages.sources,
    "network": pages.network,
    "timeline": pages.timeline,
    "matrix": pages.matrix,
    "queries": pages.questions,
    "sparql": pages.editor,
}
"""The pages that do not describe a single IRI, by name, without the start page."""


def address_of_file(path: str) -> str:
    """Return the URL of a file relative to that of the site; for ``index.html`` that of its folder."""
    return path.removesuffix("index.html") if path.rpartition("/")[2] == "index.html" else path


def lists(publication: Publication, folder: Folder) -> None:
    """Write the pages that do not describe a single IRI."""
    for name, page in LISTS.items():
        path = f"{name}{addresses.ENDING}"
        folder.put(path, page(publication.site(path), publication.dataset))


def pictures(publication: Publication, folder: Folder) -> None:
    """Write the pictures, their text alternatives, and the data of the page of the network.

    Raises:
        EngineUnavailable: matplotlib or networkx is not installed.
    """
    for name, read in model.PICTURES.items():
        picture = read(publication.dataset, Selection())
        for ending, form in (("svg", "svg"), ("txt", "text")):
            folder.put(f"pictures/{name}.{ending}", draw.draw(picture, form))
    folder.put(_TIES, pages.ties(publication.site(_TIES), publication.dataset))


def static(folder: Folder) -> None:
    """Write the static files that pages refer to: style sheets, scripts, icons."""
    for path in sorted(pages.STATIC.rglob("*")):
        if path.is_file():
            folder.put(f"static/{path.relative_to(pages.STATIC).as_posix()}", path.read_bytes())


def write_documents(
    publication: Publication, folder: Folder, step: Callable[[int, int], None], data_from: Folder | None = None
) -> None:
    """Write the documents of all IRIs, and tombstones for IRIs that are no longer described.

    Args:
        publication: the content to publish.
        folder: the folder to write to.
        step: called with the number of documents written and that of all.
        data_from: a folder with the same dataset, from which data files are copied, or None to write them.
    """
    iris = publication.documents.iris()
    for number, iri in enumerate(iris):
        step(number, len(iris))
        document(publication, folder, publication.documents.get(iri), data_from)
    for other in publication.beside():
        document(publication, folder, other, data_from)
    for iri in publication.gone.whole():
        path = addresses.path(iri, "html")
        replaced, below = publication.gone.replaced[iri], publication.gone.below(iri)
        folder.put(path, pages.tombstone(publication.site(path), iri, replaced, below))
        data(folder, gone.tombstone(iri, publication.gone))


def document(publication: Publication, folder: Folder, described: Document, data_from: Folder | None = None) -> None:
    """Write a document as a page and as data; the data is copied from *data_from* if given."""
    data(folder, described, data_from)
    if described.iri not in PAGES:
        path = addresses.path(described.iri, "html")
        below = publication.gone.below(described.iri)
        folder.put(path, pages.document(publication.site(path), publication.dataset, described, gone=below))


def data(folder: Folder, described: Document, data_from: Folder | None = None) -> None:
    """Write a document in each RDF format, or copy it from another folder."""
    for form in FORMATS:
        path = addresses.path(described.iri, form.extension)
        if data_from is None:
            folder.put(path, documents.serialise(described, form))
        else:
            folder.adopt(path, data_from.root / path)


def write_dumps(publication: Publication, folder: Folder) -> None:
    """Write the files of the whole dataset for download, and the mappings if there are any."""
    for name, body in dumps.files(publication.graphs, publication.dataset).items():
        folder.put(f"dumps/{name}", body)
    if publication.project.mappings.exists():
        folder.put(f"dumps/{mappings.NAME}", mappings.sssom(publication.project, publication.graphs))


def write_nanopublications(publication: Publication, folder: Folder, key: str | None, log: str, path: str) -> None:
    """Write the nanopublications of all claims, and the log of all present and former ones.

    Args:
        publication: the content to publish.
        folder: the folder to write to.
        key: a private key, as `trusty.read_key` returns it, or None.
        log: the content of the log of the former site, or "".
        path: the path of that log, for errors.
    """
    former = nanopublications.of_tsv(log, path) if log else ()
    published = nanopublications.publish(publication.graphs, key=key, log=former)
    for name, body in published.files().items():
        folder.put(f"nanopublications/{name}", body)
