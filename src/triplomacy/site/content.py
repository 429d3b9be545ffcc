"""The pages and data of a site: every document in each format, the lists, and the files that pages refer to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from triplomacy import pages
from triplomacy.dataset import Dataset
from triplomacy.publish import PAGES, Document, documents, dumps, mappings, nanopublications
from triplomacy.site import addresses, gone
from triplomacy.site.folder import Folder
from triplomacy.site.publication import FORMATS, Publication

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
"""The pages that describe no single IRI by their names, the opening page left aside."""


def address_of_file(path: str) -> str:
    """Return the address of a file below that of the site: a folder's for its ``index.html``."""
    return path.removesuffix("index.html") if path.rpartition("/")[2] == "index.html" else path


def lists(publication: Publication, folder: Folder) -> None:
    """Write the pages that describe no single IRI, and the one for addresses where there is none."""
    for name, page in LISTS.items():
        path = f"{name}{addresses.ENDING}"
        folder.put(path, page(publication.site(path), publication.dataset))


def static(folder: Folder) -> None:
    """Write the files that pages refer to."""
    for path in sorted(pages.STATIC.rglob("*")):
        if path.is_file():
            folder.put(f"static/{path.relative_to(pages.STATIC).as_posix()}", path.read_bytes())


def write_documents(
    publication: Publication, folder: Folder, step: Callable[[int, int], None], data_from: Folder | None = None
) -> None:
    """Write the documents of all IRIs, and the tombstones of those that are gone.

    Args:
        publication: what is published.
        folder: where to.
        step: is told how many documents of how many are done.
        data_from: a folder in which the same dataset has been written, from which the data is copied; None writes it.
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
    """Write a document in each format, its data as it lies in another folder where one is named."""
    data(folder, described, data_from)
    if described.iri not in PAGES:
        path = addresses.path(described.iri, "html")
        below = publication.gone.below(described.iri)
        folder.put(path, pages.document(publication.site(path), publication.dataset, described, gone=below))


def data(folder: Folder, described: Document, data_from: Folder | None = None) -> None:
    """Write a document in each format of linked data, or copy it from a folder that has it."""
    for form in FORMATS:
        path = addresses.path(described.iri, form.extension)
        if data_from is None:
            folder.put(path, documents.serialise(described, form))
        else:
            folder.adopt(path, data_from.root / path)


def write_dumps(publication: Publication, folder: Folder) -> None:
    """Write the whole dataset in files to be downloaded, and the mappings."""
    for name, body in dumps.files(publication.graphs, publication.dataset).items():
        folder.put(f"dumps/{name}", body)
    if publication.project.mappings.exists():
        folder.put(f"dumps/{mappings.NAME}", mappings.sssom(publication.project, publication.graphs))


def write_nanopublications(publication: Publication, folder: Folder, key: str | None, log: str, path: str) -> None:
    """Write the nanopublications of all claims and the log of all that there were.

    Args:
        publication: what is published.
        folder: where to.
        key: a private key, as `trusty.read_key` returns it, or None.
        log: the log of the former site, or "".
        path: the file that it stands in.
    """
    former = nanopublications.of_tsv(log, path) if log else ()
    published = nanopublications.publish(publication.graphs, key=key, log=former)
    for name, body in published.files().items():
        folder.put(f"nanopublications/{name}", body)
