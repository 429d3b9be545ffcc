"""Files: read as UTF-8 or refused with the place, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from triplomacy.errors import MalformedInput, TriplomacyError


def read_text(path: Path) -> str:
    """Return the characters of a file in UTF-8.

    Raises:
        MalformedInput: the file is not UTF-8 or begins with a byte order mark, with the place.
        TriplomacyError: the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    if content.startswith(b"\xef\xbb\xbf"):
        raise MalformedInput("the file begins with a byte order mark; save it without one", path=path, line=1, column=1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8")) + 1
        raise MalformedInput("not UTF-8; save the file in UTF-8", path=path, line=line, column=column) from None


def write(contents: Mapping[Path, str | bytes | Iterator[str]]) -> None:
    """Write each text, in UTF-8, as a whole or in parts, or bytes to their file, so that it is whole or as it was.

    A device or a pipe is written to as it is.

    Raises:
        TriplomacyError: a file cannot be written; the others are written nevertheless.
    """
    failed: dict[Path, str] = {}
    for path, content in contents.items():
        try:
            _write(path, (part if isinstance(part, bytes) else part.encode() for part in _parts(content)))
        except OSError as error:
            failed[path] = f"cannot be written: {error.strerror or error}"
        except (RuntimeError, ValueError) as error:  # a loop of links, a null character in the name
            failed[path] = f"cannot be written: {error}"
        except TriplomacyError as error:
            failed[path] = error.message
    if failed:
        (path, message), *others = failed.items()
        more = "".join(f"; {other}: {why}" for other, why in others)
        raise TriplomacyError(message + more, path=path)


def _parts(content: str | bytes | Iterator[str]) -> Iterator[str | bytes]:
    return iter([content]) if isinstance(content, str | bytes) else content


def _write(path: Path, parts: Iterator[bytes]) -> None:
    if path.is_dir():
        raise TriplomacyError("cannot be written: this is a folder; name a file in it")
    if path.parent in (Path("/dev"), Path("/dev/fd")) or (path.exists() and not path.is_file()):
        _write_parts(path, parts)
        return
    target = path.resolve()  # a link stays one
    if not target.parent.is_dir():
        raise TriplomacyError(f"cannot be written: there is no folder {path.parent}; make it first")
    if target.exists() and not os.access(target, os.W_OK):
        raise TriplomacyError("cannot be written: the file is read-only")
    part = target.with_name(f".triplomacy-{os.urandom(8).hex()}")
    try:
        _write_parts(part, parts)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write_parts(path: Path, parts: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)


def hashed(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of files: of the SHA-256 of each, in the order given.

    Raises:
        TriplomacyError: a file cannot be read.
    """
    return of_hashes(hashes(paths))


def hashes(paths: Iterable[Path]) -> list[str]:
    """Return the SHA-256 of each file; raise what `hashed` does."""
    found = []
    for path in paths:
        try:
            found.append(hashlib.sha256(path.read_bytes()).hexdigest())
        except OSError as error:
            raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    return found


def of_hashes(found: Iterable[str]) -> str:
    """Return what `hashed` returns for files with these SHA-256."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, found))).hexdigest()
