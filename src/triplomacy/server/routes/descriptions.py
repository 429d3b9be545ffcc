"""Descriptions of the served graphs: documents, catalogue, stored queries, OpenAPI, and what pages share."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Callable
from functools import cached_property
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from triplomacy import pages, queries
from triplomacy.claims import evidence
from triplomacy.errors import UnknownName
from triplomacy.http import Format, negotiation
from triplomacy.publish import CATALOGUE, VOID_FILE, Catalogue, Document, Documents, documents
from triplomacy.queries import StoredQuery
from triplomacy.server.routes import openapi
from triplomacy.server.workers.served import ServedGraphs
from triplomacy.terms import ROOT, SOURCE

_LONGEST: Final = 100  # characters of a name for which near ones are sought


class Descriptions:
    """Descriptions of the served graphs, each made at its first use."""

    def __init__(self, loaded: ServedGraphs) -> None:
        self.loaded = loaded
        self._once: dict[object, asyncio.Future[str]] = {}

    async def once(self, key: object, write: Callable[[], str]) -> str:
        """Return a text that takes long to write: it is written in a thread, once for all requests.

        So addresses that differ only in what does not matter do not cause the work to be repeated.
        """
        if key not in self._once:
            self._once[key] = asyncio.ensure_future(run_in_threadpool(write))
        try:
            return await asyncio.shield(self._once[key])
        except Exception:
            self._once.pop(key, None)
            raise

    def warm(self) -> None:
        """Make the descriptions that take longest, before a request needs them."""
        _ = self.documents, self.catalogue.void, self.queries_by_name

    @cached_property
    def documents(self) -> Documents:
        """The documents of our IRIs."""
        return documents.read(self.loaded.dataset)

    @cached_property
    def catalogue(self) -> Catalogue:
        """What describes the dataset as a whole."""
        return Catalogue(self.documents, self.loaded.base_url, self.loaded.sha256)

    @cached_property
    def site(self) -> pages.Site:
        """What all pages have in common."""
        links = pages.Links(f"{self.loaded.prefix}/")
        return pages.Site(links, f"{self.loaded.base_url}/", self.loaded.sha256, ours=not self.loaded.data)

    @cached_property
    def sitemaps(self) -> list[str]:
        """The sitemap, or an index and the several behind it."""
        return self.catalogue.sitemaps()

    @cached_property
    def openapi(self) -> str:
        """The description of the interface as JSON."""
        interface = openapi.description(self.loaded.project, self.loaded.base_url)
        return json.dumps(interface, ensure_ascii=False, indent=2) + "\n"

    @cached_property
    def queries_by_name(self) -> dict[str, StoredQuery]:
        """The stored queries by ``THEME/NAME``."""
        project = self.loaded.project
        return {f"{theme}/{name}": queries.find(project, f"{theme}/{name}") for theme, name in queries.names(project)}

    def query(self, name: str) -> StoredQuery:
        """Return the stored query ``THEME/NAME`` or ``NAME``.

        Raises:
            UnknownName: there is none; the nearest names are in the message.
            TriplomacyError: several themes have one of that name.
        """
        return self.queries_by_name.get(name) or queries.find(self.loaded.project, name[:_LONGEST])

    def locate(self, path: str) -> tuple[str, Format | None] | None:
        """Return the IRI that a path names and the format of its extension, if any; None for an unknown path."""
        iri = ROOT + path
        if self._is_ours(iri):
            return iri, None
        stem, dot, extension = iri.rpartition(".")
        form = negotiation.of_extension(extension, negotiation.DOCUMENTS) if dot else None
        return (stem, form) if form and self._is_ours(stem) else None

    def _is_ours(self, iri: str) -> bool:
        return iri in (VOID_FILE, CATALOGUE) or self.documents.holder(iri) is not None

    def document(self, iri: str) -> Document:
        """Return the document that describes an IRI that is ours."""
        return self.catalogue.find(iri) or self.documents.get(iri)

    def text(self, document: Document) -> str | None:
        """Return the source text that a page shows to the operator, if the operator has given it; else None."""
        if document.kind not in ("text", "passage"):
            return None
        text = self.loaded.texts.get(document.iri.removeprefix(SOURCE).partition("/")[0])
        return text if text is not None and evidence.sha256(text) in self._hashes else None

    @cached_property
    def _hashes(self) -> set[str]:
        return {source.sha256 for source in evidence.sources(self.loaded.dataset)}

    def unknown_address(self, path: str) -> UnknownName:
        """Return the error for an unknown path, with the nearest paths in its folder.

        Only last parts are compared, and no long ones, since that takes time.
        """
        folder, _, last = path.rpartition("/")
        known = self._folders.get(folder, {}) if len(last) <= _LONGEST else {}
        near = difflib.get_close_matches(last, known, n=3, cutoff=0.6)
        return UnknownName("address", f"/{path[:_LONGEST]}", [known[name] for name in near])

    @cached_property
    def _folders(self) -> dict[str, dict[str, str]]:
        folders: dict[str, dict[str, str]] = {}
        for iri in self.documents.iris():
            path = iri.removeprefix(ROOT)
            folder, _, last = path.rpartition("/")
            folders.setdefault(folder, {})[last] = f"/{path}"
        return folders


def descriptions(request: Request) -> Descriptions:
    """Return the descriptions of the served graphs."""
    known: Descriptions = request.app.state.descriptions
    return known
