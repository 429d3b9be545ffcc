"""Files: read as UTF-8, or an error with the place; written completely or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from triplomacy import locks
from triplomacy.errors import MalformedInput, TriplomacyError

FilePath = str | os.PathLike[str]
"""The path of a file or a folder, as text or as a path."""

_MOST: Final = 256_000_000  # bytes that are read at most from a pipe or a device, which may never end
_PART: Final = re.compile(r"\.triplomacy-[0-9a-f]{16}")


def to_path(name: FilePath) -> Path:
    """Return a name as a path, whether or not it exists; raise TriplomacyError if the name is invalid or too long."""
    path = Path(name)
    try:
        path.lstat()
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) or error.errno == errno.ENAMETOOLONG:
            reason = getattr(error, "strerror", error)
            raise TriplomacyError(f"no file can be called {str(path)[:100]!r}: {reason}; give another name") from None
    return path


def check(path: Path) -> None:
    """Raise TriplomacyError if a path names a pipe or a device, which may never end or have no writer.

    Allowed is what this process has open, such as standard input and a process substitution of the shell.
    """
    with suppress(OSError, ValueError):
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode) or _is_open(status)):
            raise TriplomacyError("cannot be read: this is a pipe or a device; name a file", path=path)


def base_iri(path: Path) -> str:
    """Return the ``file:`` IRI of a path with symbolic links resolved; links in a loop are left as they are."""
    return Path(os.path.realpath(path)).as_uri()  # Path.resolve raises on a loop of links


def _is_open(status: os.stat_result) -> bool:
    """Return whether this process has the file open, or whether it is the null device."""
    if os.path.samestat(status, Path(os.devnull).stat()):
        return True
    for path in Path("/dev/fd").iterdir():
        with suppress(OSError, ValueError):
            if os.path.samestat(status, os.fstat(int(path.name))):
                return True
    return False


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: it cannot be read.
        TriplomacyError: it is a pipe or a device that this process does not have open, or has more than 256 MB.
    """
    check(path)
    with path.open("rb") as file:
        return read_all(file, path)


def read_all(file: BinaryIO, path: Path | str) -> bytes:
    """Return the rest of an open file; raise OSError, or TriplomacyError for more than 256 MB from a pipe or device."""
    with suppress(OSError):  # a stream in memory has no file descriptor
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read()
    content = file.read(_MOST + 1)
    if len(content) > _MOST:
        size = f"{_MOST // 10**6} MB"
        raise TriplomacyError(f"cannot be read: more than {size} from a pipe or a device; name a file", path=path)
    return content


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        MalformedInput: the file is not UTF-8 or begins with a byte order mark; the error has line and column.
        TriplomacyError: the file cannot be read.
    """
    try:
        content = read_bytes(path)
    except OSError as error:
        raise _unreadable(error, path) from None
    return decode(content, path)


def decode(content: bytes, path: Path) -> str:
    """Decode the content of a file; raise MalformedInput as `read_text` does."""
    if content.startswith(b"\xef\xbb\xbf"):
        raise MalformedInput("the file begins with a byte order mark; save it without one", path=path, line=1, column=1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8")) + 1
        raise MalformedInput("not UTF-8; save the file in UTF-8", path=path, line=line, column=column) from None


def write(contents: Mapping[Path, str | bytes | Iterator[str]]) -> None:
    """Write each content to its file atomically: text (whole or in parts) in UTF-8, or bytes.

    After an error or a loss of power each file has its new content or its former one. A file keeps its mode and, where
    permitted, its owner. Devices and pipes are written to directly.

    Raises:
        TriplomacyError: one or more files cannot be written; all others are.
    """
    failed: dict[Path, str] = {}
    for path, content in contents.items():
        try:
            _write(path, (part if isinstance(part, bytes) else part.encode() for part in _parts(content)))
        except OSError as error:
            failed[path] = f"cannot be written: {error.strerror or error}"
        except ValueError as error:  # a null character in the name
            failed[path] = f"cannot be written: {error}"
        except TriplomacyError as error:
            failed[path] = error.message
    if failed:
        (path, message), *others = failed.items()
        more = "".join(f"; {other}: {why}" for other, why in others)
        raise TriplomacyError(message + more, path=path)


def remove(paths: Iterable[Path]) -> None:
    """Remove files; those that do not exist are skipped.

    Raises:
        TriplomacyError: a file cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise TriplomacyError(f"cannot be removed: {error.strerror}", path=path) from None


def _parts(content: str | bytes | Iterator[str]) -> Iterator[str | bytes]:
    return iter([content]) if isinstance(content, str | bytes) else content


def _write(path: Path, parts: Iterator[bytes]) -> None:
    if path.is_dir():
        raise TriplomacyError("cannot be written: this is a folder; name a file in it")
    if path.parent in (Path("/dev"), Path("/dev/fd")) or (path.exists() and not path.is_file()):
        with path.open("wb") as device:
            device.writelines(parts)
        return
    target = Path(os.path.realpath(path))  # write the target of a symbolic link, and keep the link
    if target.is_symlink():
        raise TriplomacyError("cannot be written: its symbolic links form a loop; name another file")
    if not target.parent.is_dir():
        raise TriplomacyError(f"cannot be written: there is no folder {path.parent}; make it first")
    if target.exists() and not os.access(target, os.W_OK):
        raise TriplomacyError("cannot be written: the file is read-only")
    _sweep(target.parent)
    part = target.with_name(f".triplomacy-{os.urandom(8).hex()}")
    try:
        _write_part(part, parts, target.stat() if target.exists() else None)
        part.replace(target)
        with suppress(OSError):  # not every system can open a folder
            synchronise(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _write_part(part: Path, parts: Iterator[bytes], former: os.stat_result | None) -> None:
    """Write a new file to disk under a lock, with the mode and the owner of the *former* one."""
    handle = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600 if former else 0o666
    )
    with os.fdopen(handle, "wb") as file, locks.hold(part):
        file.writelines(parts)
        if former is not None:
            _inherit(file.fileno(), part, former)
        file.flush()
        os.fsync(file.fileno())


def _inherit(handle: int, part: Path, former: os.stat_result) -> None:
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (former.st_uid, former.st_gid):
        with suppress(OSError):
            os.chown(part, former.st_uid, former.st_gid)
    part.chmod(stat.S_IMODE(former.st_mode))


def synchronise(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk (fsync).

    Raises:
        OSError: the system does not permit it, or it fails.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove partial files of killed processes, except empty ones, which a running process may be about to lock."""
    with suppress(OSError):
        for part in [path for path in folder.iterdir() if _PART.fullmatch(path.name)]:
            with suppress(OSError), locks.hold(part) as alone:
                if alone and part.stat().st_size:
                    part.unlink()


def in_folder(folder: Path, ending: str) -> list[Path]:
    """Return the paths in a folder whose names have this ending, sorted; none if there is no such folder.

    `Path.glob` would skip a folder without permission to read it.

    Raises:
        TriplomacyError: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if entry.name.endswith(ending))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(error, folder) from None


def below(folder: Path) -> list[Path]:
    """Return the paths of all files below a folder, sorted; symbolic links to folders are not followed.

    Raises:
        TriplomacyError: a folder cannot be read.
    """

    def fail(error: OSError) -> NoReturn:
        raise _unreadable(error, Path(error.filename))

    return sorted(Path(parent, name) for parent, _, names in os.walk(folder, onerror=fail) for name in names)


def _unreadable(error: OSError, path: Path) -> TriplomacyError:
    return TriplomacyError(f"cannot be read: {error.strerror or error}", path=path)


def digest(paths: Sequence[Path]) -> str:
    """Return one SHA-256 in hexadecimal for several files: that of their concatenated digests, in the order given.

    Raises:
        TriplomacyError: a file cannot be read.
    """
    return combine_digests(digests(paths))


def digests(paths: Iterable[Path]) -> list[str]:
    """Return the SHA-256 of each file in hexadecimal, in the order given; errors as `digest`."""
    import hashlib

    hashes = []
    for path in paths:
        try:
            hashes.append(hashlib.sha256(read_bytes(path)).hexdigest())
        except OSError as error:
            raise _unreadable(error, path) from None
    return hashes


def combine_digests(hashes: Iterable[str]) -> str:
    """Return what `digest` returns for files with these SHA-256 digests."""
    import hashlib

    return hashlib.sha256(b"".join(map(bytes.fromhex, hashes))).hexdigest()
