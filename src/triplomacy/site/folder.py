"""The folder of a site: written beside the former one and then put in its place; only a former site is replaced.

``SHA256SUMS`` lists the files of the site. Mirrors can check their copy by it, and a file that is not listed, which
replacing the folder would delete, is an error.
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
"""The name of the file that lists all others in the format of ``sha256sum --check``."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is being written.

    Attributes:
        root: the path of the folder while it is written.
        files: the size in bytes and the SHA-256 in hexadecimal of each file, by path relative to the folder.
    """

    root: Path
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    def put(self, path: str, content: str | bytes) -> None:
        """Write a file at a path relative to the folder, text in UTF-8.

        Raises:
            TriplomacyError: the file exists, perhaps under a path that differs in case only, on a file system that
                ignores case.
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
        """Copy a file to a path relative to the folder; errors as `put`."""
        self.put(path, source.read_bytes())

    def take(self, path: str, part: Folder) -> None:
        """Add the files of a folder that was written at a path below this one to its list."""
        self.files.update({f"{path}{name}": of for name, of in part.files.items()})

    def close(self) -> None:
        """Write the list of all files."""
        lines = "".join(f"{self.files[path][1]}  {path}\n" for path in sorted(self.files))
        (self.root / CHECKSUMS).write_bytes(lines.encode())


def files(root: Path) -> list[str]:
    """Return the paths of the files of the site in a folder, sorted, without ``SHA256SUMS``.

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
                "is not a list of the files of a site; copy it from the site again", path=path, line=number
            )
        names.append(name)
    return sorted(names)


def check(output: Path) -> None:
    """Raise TriplomacyError if *output* exists and is neither an empty folder nor just a former site."""
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
        raise TriplomacyError(f"holds {strange[0]}{more}, which is not part of the site; move it away", path=output)


def _below(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        base = Path(folder)
        links = [name for name in folders if (base / name).is_symlink()]
        for name in (*names, *links):
            yield (base / name).relative_to(root).as_posix()


@contextmanager
def replace_folder(output: Path) -> Iterator[Folder]:
    """Yield a folder to write to, which replaces *output* when the block ends without an error.

    Raises:
        TriplomacyError: *output* has other files than a former site, or cannot be written.
    """
    check(output)
    with replacement(output) as new:
        folder = Folder(new)
        yield folder
        folder.close()
