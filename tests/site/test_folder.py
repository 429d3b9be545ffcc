"""The folder of a site: the list of its files, and whose place it may take."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from triplomacy.errors import TriplomacyError
from triplomacy.site import folder

SUM = "0" * 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a site of two files."""
    root = tmp_path / "out"
    with folder.replace_folder(root) as written:
        written.put("index.html", "caf\u00e9")
        written.put("id/a.ttl", b"x")
    return root


@contextmanager
def refused(message: str) -> Iterator[None]:
    """Expect an error of ours."""
    with pytest.raises(TriplomacyError, match=message):
        yield


def test_files_are_listed_with_their_hashes(root: Path) -> None:
    """A site lists its files by their paths, sorted, with their hashes; the list itself is not among them."""
    sums = {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in ("id/a.ttl", "index.html")}
    lines = "".join(f"{digest}  {path}\n" for path, digest in sums.items())
    assert (root / folder.CHECKSUMS).read_text(encoding="utf-8") == lines
    assert folder.files(root) == ["id/a.ttl", "index.html"]
    assert (root / "index.html").read_bytes() == "caf\u00e9".encode()


def test_file_has_its_size_in_bytes(tmp_path: Path) -> None:
    """What is put, adopted or taken with a part is known with its size and its hash, by its path below the whole."""
    part, whole = folder.Folder(tmp_path / "part"), folder.Folder(tmp_path)
    part.put("a.html", "caf\u00e9")
    whole.adopt("b.html", tmp_path / "part" / "a.html")
    whole.take("part/", part)
    digest = hashlib.sha256("caf\u00e9".encode()).hexdigest()
    assert whole.files == {"b.html": (5, digest), "part/a.html": (5, digest)}


@pytest.mark.parametrize(
    "line",
    [f"{SUM} a", f"{SUM[1:]}  a", f"{SUM}0  a", f"{SUM}  ", f"{SUM}  /a", f"{SUM}  a/../b", f"{SUM}  ./a", "a", ""],
)
def test_list_of_other_things_is_refused(line: str, root: Path) -> None:
    """Each line of a list is a hash, two spaces, and a path that stays below the folder."""
    (root / folder.CHECKSUMS).write_text(f"{SUM}  a\n{line}\n", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="copy it from the site again") as caught:
        folder.files(root)
    assert (caught.value.path, caught.value.line) == (root / folder.CHECKSUMS, 2)


def test_folder_without_a_list_is_not_a_site(tmp_path: Path) -> None:
    """The files of a folder that no site wrote cannot be listed."""
    with refused("name a folder that triplomacy site wrote"):
        folder.files(tmp_path)


def test_place_that_a_site_may_take(root: Path, tmp_path: Path) -> None:
    """A site takes the place of nothing, of an empty folder and of a former site."""
    folder.check(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    folder.check(tmp_path / "empty")
    folder.check(root)


def test_place_that_a_site_may_not_take(root: Path, tmp_path: Path) -> None:
    """It takes the place of no file, of no folder of other things, and of no site with files of others, links too."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with refused("name a folder for the site"):
        folder.check(tmp_path / "file")
    (root / "id" / "z.txt").write_text("mine", encoding="utf-8")
    with refused("holds id/z.txt, which is not part of the site"):
        folder.check(root)
    (root / "id" / "link").symlink_to(tmp_path, target_is_directory=True)
    with refused("holds id/link and 1 more, which is not part of the site"):
        folder.check(root)
    (root / folder.CHECKSUMS).unlink()
    with refused("holds other things than a site"):
        folder.check(root)


def test_former_site_stays_until_the_new_one_is_complete(root: Path) -> None:
    """A site that fails half-way, for instance since two parts are one file, leaves the former one as it was."""

    def write() -> None:
        with folder.replace_folder(root) as written:
            written.put("new.html", "x")
            written.put("new.html", "y")

    with refused("two parts of the site would be the file new.html"):
        write()
    assert folder.files(root) == ["id/a.ttl", "index.html"]
    with folder.replace_folder(root) as written:
        written.put("new.html", "x")
    assert folder.files(root) == ["new.html"]
    assert not (root / "index.html").exists()
