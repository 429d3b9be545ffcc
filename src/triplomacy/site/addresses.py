"""Where things lie in the folder of a site: a path for an IRI, and the links between pages, which are relative."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from triplomacy.errors import TriplomacyError
from triplomacy.pages import Links
from triplomacy.terms import ROOT, compress

ENDING: Final = ".html"


def path(iri: str, extension: str) -> str:
    """Return the path of the file in which an IRI of ours is described, below the folder of the site.

    A web server decodes a path before it looks for a file, so the file has the characters that percent signs stand for.

    Raises:
        TriplomacyError: an IRI can be no file's name: a part of its path is empty, begins with a dot, or has a
            character that is forbidden there.
    """
    name = unquote(iri.removeprefix(ROOT).partition("#")[0])
    if any(not part or part.startswith(".") or set(part) & _FORBIDDEN for part in name.split("/")):
        raise TriplomacyError(f"{compress(iri)} has no place in a folder: a part of its path can be no file's name")
    return f"{name}.{extension}"


_FORBIDDEN: Final = {"\\", "?", *map(chr, range(32)), "\x7f"}


def links(at: str, release: str) -> Links:
    """Return how the page at a path links to others: relatively, so that the site may lie below any address.

    Args:
        at: the path, in the copy of a release below the folder of that copy.
        release: the version of that release, or "".
    """
    prefix = "../" * at.count("/")
    return Links(prefix, ENDING, f"{prefix}../../" if release else None)
