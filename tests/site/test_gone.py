"""IRIs that are described no longer: the list of those that were, and what is said of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pyoxigraph as ox
import pytest

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.publish import Documents
from triplomacy.site import gone
from triplomacy.site.gone import Gone
from triplomacy.terms import DCTERMS, ROOT


def replacing(*pairs: tuple[str, str]) -> Documents:
    """Return documents that say of IRIs what they replace, and of a blank node and a text as much."""
    replaces = ox.NamedNode(DCTERMS + "replaces")
    quads = [ox.Quad(ox.NamedNode(ROOT + new), replaces, ox.NamedNode(ROOT + old)) for new, old in pairs]
    quads += [ox.Quad(ox.BlankNode(), replaces, quad.object) for quad in quads]
    quads += [ox.Quad(ox.NamedNode(ROOT + new), replaces, ox.Literal(ROOT + old)) for new, old in pairs]
    return cast("Documents", SimpleNamespace(quads=ox.Dataset(quads)))


def iris(*paths: str) -> set[str]:
    """Return IRIs of ours."""
    return {ROOT + path for path in paths}


def test_what_is_described_no_longer_is_gone() -> None:
    """Of the former IRIs those are gone that nobody describes, sorted, with all that replaces them, sorted too."""
    documents = replacing(("id/z", "id/old"), ("id/a", "id/old"), ("id/a", "id/kept"), ("id/a", "id/never"))
    lost = gone.find(documents, iris("id/a", "id/z", "id/kept"), iris("id/old", "id/kept", "id/gone"))
    assert list(lost.replaced.items()) == [
        (ROOT + "id/gone", ()),
        (ROOT + "id/old", (ROOT + "id/a", ROOT + "id/z")),
    ]


def test_document_is_gone_with_its_parts() -> None:
    """Where a hash IRI is gone, the document that it stood in is gone too, unless it is still there."""
    lost = gone.find(replacing(), iris("ontology"), iris("ontology#Rumour", "story#end", "id/x"))
    assert list(lost.replaced) == sorted(iris("id/x", "ontology#Rumour", "story", "story#end"))
    assert lost.whole() == sorted(iris("id/x", "story"))
    assert lost.below(ROOT + "story") == {ROOT + "story#end": ()}
    assert lost.below(ROOT + "id") == {}


def test_tombstone_says_what_stands_in_the_place() -> None:
    """An IRI that is gone, and each of its hash IRIs, is deprecated and names what replaces it."""
    lost = Gone({ROOT + "story": (ROOT + "tale",), ROOT + "story#end": (), ROOT + "storyline#x": ()})
    document = gone.tombstone(ROOT + "story", lost)
    assert document.iri == ROOT + "story"
    assert [str(triple) for triple in document.triples] == [
        f"<{ROOT}story#end> <http://www.w3.org/2002/07/owl#deprecated> "
        '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>',
        f"<{ROOT}story> <http://purl.org/dc/terms/isReplacedBy> <{ROOT}tale>",
        f'<{ROOT}story> <http://www.w3.org/2002/07/owl#deprecated> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>',
    ]


def test_list_is_read_from_a_file_or_a_site(tmp_path: Path) -> None:
    """The IRIs of a list are read from its file, or from the folder of the site that has it."""
    (tmp_path / gone.LIST).write_text(f"{ROOT}id/a\n{ROOT}ontology#Claim\n", encoding="utf-8")
    assert gone.read(tmp_path) == gone.read(tmp_path / gone.LIST) == iris("id/a", "ontology#Claim")


@pytest.mark.parametrize("line", ["https://example.org/x", ROOT + "id/a b", ROOT + "id/a\u0001", ""])
def test_line_of_a_list_is_an_iri_of_ours(line: str, tmp_path: Path) -> None:
    """Another IRI, a space, a control character and an empty line are errors with the number of the line."""
    (tmp_path / gone.LIST).write_text(f"{ROOT}id/a\n{line}\n", encoding="utf-8")
    with pytest.raises(MalformedInput, match="the list of a former site") as caught:
        gone.read(tmp_path)
    assert (caught.value.path, caught.value.line) == (tmp_path / gone.LIST, 2)


def test_listed_iri_has_a_place_in_a_folder(tmp_path: Path) -> None:
    """An IRI whose tombstone would lie outside the folder is refused as soon as it is read."""
    (tmp_path / gone.LIST).write_text(f"{ROOT}id/%2e%2e/x\n", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="a part of its path is not a file name"):
        gone.read(tmp_path)


def test_documents_that_are_gone_are_sorted() -> None:
    """The documents are in the order of their IRIs, whatever that of the list."""
    replaced: dict[str, tuple[str, ...]] = {ROOT + name: () for name in ("id/c", "id/a", "id/b#x", "id/b")}
    assert Gone(replaced).whole() == [ROOT + name for name in ("id/a", "id/b", "id/c")]
