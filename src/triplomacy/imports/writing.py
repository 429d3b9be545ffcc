"""Turtle in the normal form, and the folder of an imported graph, which replaces the former one as a whole."""

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
    """Return the first lines of a Turtle file: a comment, the prefixes and the base."""
    lines = [f"# {comment}\n", *(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in sorted(prefixes))]
    return "".join([*lines, f"@base <{base}> .\n" if base else ""])


def statement(subject: str, pairs: Pairs) -> str:
    """Return a blank line and the triples of one subject in Turtle.

    Args:
        subject: the term in Turtle.
        pairs: each predicate with its object or objects in Turtle, in the order of the normal form; a predicate with an
            empty list of objects is left out.
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
    """Return an IRI in Turtle, with the prefix ``id:`` where possible."""
    local = iri.removeprefix(ID)
    return f"id:{local}" if local != iri and _ID.fullmatch(local) else f"<{iri}>"


def literal(value: str, language: str | None = "en") -> str:
    """Return a literal in Turtle on one line; line breaks and control characters become spaces."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' + (f"@{language}" if language else "")


def all_different(iris: Iterable[str]) -> str:
    """Return in Turtle that the IRIs denote different things (``owl:AllDifferent``)."""
    listed = "".join(f"        {iri_term(iri)}\n" for iri in sorted(iris))
    return f"\n[]\n    a owl:AllDifferent ;\n    owl:distinctMembers (\n{listed}    ) .\n"


@contextmanager
def replacement(folder: Path) -> Iterator[Path]:
    """Yield a new folder to write to, which replaces *folder* when the block ends without an error.

    After an error *folder* is unchanged. A folder that a killed process had moved away is restored first. The new
    folder is made two levels up, since in the folder of graphs it would be taken for a graph.

    Raises:
        TriplomacyError: *folder* was not written by an import, or cannot be replaced.
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
        raise TriplomacyError("was not written by an import; name a new or an empty folder", path=folder)


def _description(folder: Path) -> str:
    path = folder / "graph.ttl"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
