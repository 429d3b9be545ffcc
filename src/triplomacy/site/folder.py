"""A site's folder: written beside the one whose place it takes, swapped in whole, and none but a former site replaced.

What a site consists of stands in its ``SHA256SUMS``, so that whoever mirrors it can check the copy, and so that a file
that no site wrote is noticed before it would be lost.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from triplomacy.errors import TriplomacyError
from triplomacy.files import read_text
from triplomacy.folders import replacement

CHECKSUMS: Final = "SHA256SUMS"
"""The file that lists all others, as ``sha256sum --check`` reads it."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is being written.

    Attributes:
        root: where it lies until it is complete.
        files: the size in bytes and the SHA-256 of each file, by its path below the folder.
    """

    root: Path
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    def put(self, path: str, content: str | bytes) -> None:
        """Write a file at a path below the folder, text in UTF-8.

        Raises:
            TriplomacyError: there is one already, also where a file system does not tell capital letters from small
                ones.
        """
        body = content.encode() if isinstance(content, str) else content
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as file:
                file.write(body)
        except FileExistsError:
            raise TriplomacyError(f"two parts of the site would be the file {path}; rename an IRI") from None
        self.files[path] = len(body), hashlib.sha256(body).hexdigest()

    def adopt(self, path: str, source: Path) -> None:
        """Copy a file of a former site to a path below the folder; raise what `put` does."""
        self.put(path, source.read_bytes())

    def take(self, path: str, part: Folder) -> None:
        """Take a folder that was written at a path below this one for a part of it."""
        self.files.update({f"{path}{name}": of for name, of in part.files.items()})

    def close(self) -> None:
        """Write the list of all files."""
        lines = "".join(f"{self.files[path][1]}  {path}\n" for path in sorted(self.files))
        (self.root / CHECKSUMS).write_bytes(lines.encode())


def files(root: Path) -> list[str]:
    """Return the paths of the files that the site in a folder consists of, sorted, its list of them not among them.

    Raises:
        TriplomacyError: the folder is not a site, or its list cannot be read.
    """
    path = root / CHECKSUMS
    if not path.is_file():
        raise TriplomacyError("is not a site; name a folder that triplomacy site wrote", path=root)
    names = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        digest, gap, name = line.partition("  ")
        parts = name.split("/")
        if not gap or len(digest) != 64 or not name or {"", ".", ".."} & set(parts):
            raise TriplomacyError(
                "is not a list of a site's files; take it from the site again", path=path, line=number
            )
        names.append(name)
    return sorted(names)


def check(output: Path) -> None:
    """Raise TriplomacyError if *output* is not a folder, or holds something else than a former site."""
    if output.exists() and not output.is_dir():
        raise TriplomacyError("is not a folder; name a folder for the site", path=output)
    if not output.is_dir() or not any(output.iterdir()):
        return
    if not (output / CHECKSUMS).is_file():
        raise TriplomacyError("holds other things than a site; name a new or an empty folder", path=output)
    known = {*files(output), CHECKSUMS}
    strange = sorted(name for name in _below(output) if name not in known)
    if strange:
        more = f" and {len(strange) - 1:,} more" if len(strange) > 1 else ""
        raise TriplomacyError(f"holds {strange[0]}{more}, which no site wrote; move it away", path=output)


def _below(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        base = Path(folder)
        links = [name for name in folders if (base / name).is_symlink()]
        for name in (*names, *links):
            yield (base / name).relative_to(root).as_posix()


@contextmanager
def replace_folder(output: Path) -> Iterator[Folder]:
    """Let the block write a folder, and put it in the place of *output* once it is complete.

    Raises:
        TriplomacyError: *output* holds something else than a former site, or cannot be written.
    """
    check(output)
    with replacement(output) as new:
        folder = Folder(new)
        yield folder
        folder.close()
