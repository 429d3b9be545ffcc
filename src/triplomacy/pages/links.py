"""Where a page's links lead: on a server below a prefix as on a host of files.

An IRI of ours leads to the page of its document, ``PATH.html``, and a part of a document to its place there; other web
addresses lead to themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from triplomacy.terms import ROOT

_SERVICES: Final = ("", "sparql")  # these are not documents
_SAFE: Final = "/:@!$&'()*+,;=~%"  # what an IRI has in its path stays as it is


@dataclass(frozen=True, slots=True)
class Links:
    """How addresses are made.

    Attributes:
        prefix: what stands before every path, with a slash at its end: ``/``, ``/graph/`` or, of a page two folders
            down on a host of files, ``../../``.
        ending: what follows the name of a page that describes no IRI, such as the list of actors.
        versions: what stands before the path of a thing as it was in a release, if it is not *prefix*.
    """

    prefix: str = "/"
    ending: str = ""
    versions: str | None = None

    def to(self, iri: str) -> str | None:
        """Return where a link to *iri* leads, or None for what no browser should follow."""
        if not iri.startswith(ROOT):
            return iri if iri.startswith(("http://", "https://")) else None
        path, hash_, fragment = iri.removeprefix(ROOT).partition("#")
        if path in _SERVICES:
            return self.page(path) + hash_ + fragment
        prefix = self.versions if self.versions is not None and path.startswith("release/") else self.prefix
        return f"{prefix}{quote(path, safe=_SAFE)}.html{hash_}{quote(fragment, safe=_SAFE)}"

    def data(self, iri: str, extension: str) -> str:
        """Return where the document of an IRI of ours lies in another format."""
        return f"{self.prefix}{quote(iri.removeprefix(ROOT).partition('#')[0], safe=_SAFE)}.{extension}"

    def page(self, name: str, fields: Sequence[tuple[str, str]] = ()) -> str:
        """Return where a page of that name lies, with the fields of a form behind it; without a name, the first."""
        path = f"{self.prefix}{quote(name, safe=_SAFE)}{self.ending if name else ''}"
        return f"{path}?{urlencode(fields)}" if fields else path or "./"

    def static(self, name: str) -> str:
        """Return where a file of the package's own lies."""
        return f"{self.prefix}static/{name}"
