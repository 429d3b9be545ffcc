"""Turtle with places, and Turtle in a stable form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<iri><[^<>\s]*>)
    | (?P<name>[\w\-.]*:(?:[\w\-.:%]*[\w\-:%])?)
    | (?P<word>@?[A-Za-z]+)
    | (?P<mark>[\[\]().;,])
    """,
    re.VERBOSE | re.DOTALL,
)


def blocks(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the IRI of each statement block's subject and the line where the block begins, in the order of the file."""
    text = path.read_text(encoding="utf-8")
    prefixes: dict[str, str] = {}
    base = ""
    statement: list[str] = []
    depth = start = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup == "comment":
            continue
        start = start if statement else match.start()
        statement.append(token)
        depth += (token in "[(") - (token in "])")
        if token != "." or depth:
            continue
        if statement[0] == "@prefix":
            prefixes[statement[1][:-1]] = statement[2][1:-1]
        elif statement[0] == "@base":
            base = statement[1][1:-1]
        elif statement[0] not in "[(":
            yield _expanded(statement[0], prefixes, base), text.count("\n", 0, start) + 1
        statement = []


def _expanded(name: str, prefixes: Mapping[str, str], base: str) -> str:
    if name.startswith("<"):
        return name[1:-1] if ":" in name.partition("/")[0] else _joined(base, name[1:-1])
    prefix, _, local = name.partition(":")
    return prefixes.get(prefix, "") + local


def _joined(base: str, relative: str) -> str:
    while relative.startswith("../"):
        base, relative = base.rstrip("/").rpartition("/")[0] + "/", relative[3:]
    return base + relative


def serialise(triples: Iterable[ox.Triple], prefixes: Mapping[str, str], base: str | None = None) -> str:
    """Return triples as Turtle with sorted prefixes, subjects and predicates: the same bytes for the same triples."""
    ordered = sorted(triples, key=str)
    used = {p: n for p, n in sorted(prefixes.items()) if any(f"<{n}" in str(triple) for triple in ordered)}
    written = ox.serialize(ordered, format=ox.RdfFormat.TURTLE, prefixes=used, base_iri=base) or b""
    lines = written.decode("utf-8").splitlines(keepends=True)
    heads = sorted(line for line in lines if line.startswith("@"))
    return "".join([*heads, "\n", *(line for line in lines if not line.startswith("@"))])
