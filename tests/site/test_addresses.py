"""Where an IRI lies in the folder of a site, and how pages link to each other."""

import pytest

from triplomacy.errors import TriplomacyError
from triplomacy.site import addresses
from triplomacy.terms import ROOT


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("id/russia", "id/russia.html"),
        ("ontology#Claim", "ontology.html"),
        ("source/gazette-1999/text#char=0,9", "source/gazette-1999/text.html"),
        ("id/a%20b", "id/a b.html"),
        ("id/a..b.c", "id/a..b.c.html"),
        ("id/caf%C3%A9", "id/caf\u00e9.html"),
    ],
)
def test_file_of_an_iri(iri: str, expected: str) -> None:
    """The path of an IRI without its fragment, percent signs decoded, with the extension at its end."""
    assert addresses.path(ROOT + iri, "html") == expected


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\x7f", "\\", "?"])
def test_characters_that_no_file_has(character: str) -> None:
    """Control characters, the backslash and the question mark have no place in a file's name."""
    with pytest.raises(TriplomacyError, match="a part of its path is not a file name"):
        addresses.path(f"{ROOT}id/a{character}b", "html")


@pytest.mark.parametrize("iri", ["id/..", "id/.hidden", "id//x", "id/", "", "id/%2e%2e/x"])
def test_parts_that_would_leave_the_folder(iri: str) -> None:
    """An empty part and one that begins with a dot are refused, also where the dots are written by their numbers."""
    with pytest.raises(TriplomacyError, match="a part of its path is not a file name"):
        addresses.path(ROOT + iri, "html")


@pytest.mark.parametrize(
    ("at", "release", "prefix", "versions"),
    [
        ("index.html", "", "", None),
        ("source/gazette-1999/claim/x.html", "", "../../../", None),
        ("index.html", "0.1.0", "", "../../"),
        ("id/x.html", "0.1.0", "../", "../../../"),
    ],
)
def test_links_are_relative(at: str, release: str, prefix: str, versions: str | None) -> None:
    """A page links up to its site's folder, and in the copy of a release two folders further to the whole site."""
    links = addresses.links(at, release)
    assert (links.prefix, links.ending, links.versions) == (prefix, ".html", versions)
