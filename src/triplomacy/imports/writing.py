"""A graph's folder, written beside the former one and put in its place whole; its Turtle is in the normal form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from triplomacy import folders
from triplomacy.errors import TriplomacyError
from triplomacy.rdf import WIDTH
from triplomacy.terms import ID, PREFIXES

Pairs = Sequence[tuple[str, Sequence[str] | str]]
_ID: Final = re.compile(r"[A-Za-z0-9_](?:[\w\-]*[A-Za-z0-9_])?", re.ASCII)


def header(comment: str, prefixes: Iterable[str], base: str | None = None) -> str:
    """Return the first lines of a file: a comment, the prefixes and the base."""
    lines = [f"# {comment}\n", *(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in sorted(prefixes))]
    return "".join([*lines, f"@base <{base}> .\n" if base else ""])


def statement(subject: str, pairs: Pairs) -> str:
    """Return a blank line and a statement; its predicates have to be in the order of the normal form.

    Args:
        subject: the term in Turtle.
        pairs: each predicate with its object or objects in Turtle; one without objects is left out.
    """
    lines = []
    for verb, objects in pairs:
        several = [objects] if isinstance(objects, str) else sorted(set(objects))
        together = ", ".join(several)
        if len(several) > 1 and 4 + len(verb) + len(together) + 3 > WIDTH:
            lines.append(f"    {verb}\n        " + ",\n        ".join(several))
        elif several:
            lines.append(f"    {verb} {together}")
    return f"\n{subject}\n" + " ;\n".join(lines) + " .\n"


def iri_term(iri: str) -> str:
    """Return an IRI in Turtle: with the prefix ``id:`` where it fits."""
    local = iri.removeprefix(ID)
    return f"id:{local}" if local != iri and _ID.fullmatch(local) else f"<{iri}>"


def literal(value: str, language: str | None = "en") -> str:
    """Return a literal in Turtle on one line, control characters as blanks."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' + (f"@{language}" if language else "")


def all_different(iris: Iterable[str]) -> str:
    """Return the statement that no two of these are the same thing."""
    listed = "".join(f"        {iri_term(iri)}\n" for iri in sorted(iris))
    return f"\n[]\n    a owl:AllDifferent ;\n    owl:distinctMembers (\n{listed}    ) .\n"


@contextmanager
def replacement(folder: Path) -> Iterator[Path]:
    """Give a new folder to write to, which takes the place of *folder* at the end of the block.

    What was there stays as it was if the block does not come to its end; where a process was ended while it put the one
    in the place of the other, it is put back first. The new folder lies two levels up, since a folder among the graphs
    would be a graph.

    Raises:
        TriplomacyError: *folder* holds what no import wrote, or cannot be written.
    """
    folder = folders.follow(folder)
    place = folder.parent.parent
    folders.restore(folder, place)
    _check(folder)
    with folders.replacement(folder, place) as new:
        yield new


def _check(folder: Path) -> None:
    """Raise TriplomacyError unless the folder is new, empty, or was written by an import."""
    if folder.exists() and not folder.is_dir():
        raise TriplomacyError("is not a folder; name a folder for the graph", path=folder)
    parts = list(folder.iterdir()) if folder.is_dir() else []
    if parts and "prov:wasGeneratedBy" not in _description(folder):
        raise TriplomacyError("holds what no import has written; name a new or an empty folder", path=folder)


def _description(folder: Path) -> str:
    path = folder / "graph.ttl"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
