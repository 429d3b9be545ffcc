"""Paths of files in the folder of a site, by IRI, and relative links between its pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from triplomacy.errors import TriplomacyError
from triplomacy.pages import Links
from triplomacy.terms import ROOT, compress

ENDING: Final = ".html"


def path(iri: str, extension: str) -> str:
    """Return the path, relative to the folder of the site, of the file that describes an IRI of ours.

    It is percent-decoded, since a web server decodes the path of a URL before it looks for a file.

    Raises:
        TriplomacyError: a segment of the IRI's path is empty, begins with a dot, or has a character that is not allowed
            in the name of a file.
    """
    name = unquote(iri.removeprefix(ROOT).partition("#")[0])
    if any(not part or part.startswith(".") or set(part) & _FORBIDDEN for part in name.split("/")):
        raise TriplomacyError(f"{compress(iri)} cannot be published: a part of its path is not a file name; rename it")
    return f"{name}.{extension}"


_FORBIDDEN: Final = {"\\", "?", *map(chr, range(32)), "\x7f"}


def links(at: str, release: str) -> Links:
    """Return the links of the page at a path, which are relative, so that the site can have any base URL.

    Args:
        at: the path of the page, relative to the folder of the site or of the copy of a release.
        release: the version of that release, or "".
    """
    prefix = "../" * at.count("/")
    return Links(prefix, ENDING, f"{prefix}../../" if release else None)
