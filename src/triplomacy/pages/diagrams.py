"""Diagrams of the ontology, laid out from what it states: boxes, lines between them, and words on the lines.

A diagram is a plain value; a template draws it as SVG. By hand there is only where the boxes of the model stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from triplomacy.pages.reading import Reader
from triplomacy.rdf import parse_file, to_store
from triplomacy.terms import DCTERMS, RDF, RDFS, SH, SHAPES, TRI

_ROW: Final = 34
_LETTER: Final = 7.4  # units a letter is wide


@dataclass(frozen=True, slots=True)
class Box:
    """A box around the name of a node; *iri* is where it leads."""

    x: float
    y: float
    width: float
    name: str
    iri: str | None = None
    kind: str = ""

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + 13


@dataclass(frozen=True, slots=True)
class DiagramLine:
    """A line with words on it: its path and that of its head, where the words stand, and where each of them leads."""

    path: str
    x: float
    y: float
    words: tuple[tuple[str, str | None], ...] = ()
    head: str = ""
    anchor: str = "middle"
    between: str = ", "


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture of boxes and lines with its size and what it says in words."""

    width: float
    height: float
    title: str
    boxes: tuple[Box, ...] = ()
    lines: tuple[DiagramLine, ...] = ()
    words: tuple[str, ...] = field(default=())


def _wide(name: str) -> float:
    return round(len(name) * _LETTER + 20, 1)


# The model: how source, passage, span, claim, proposition and the rest hang together

_AT: Final[Mapping[str, tuple[float, float]]] = {
    "Source": (10, 20),
    "Passage": (10, 150),
    "Span": (10, 280),
    "Claim": (370, 150),
    "Actor": (370, 20),
    "Proposition": (370, 280),
    "TimeSpan": (730, 150),
    "Entity": (730, 280),
}
_BETWEEN: Final = (
    ("Passage", "Source", (DCTERMS + "isPartOf",)),
    ("Span", "Passage", (TRI + "inPassage",)),
    ("Claim", "Span", (TRI + "evidence", TRI + "quotation")),
    ("Claim", "Actor", (TRI + "claimant", TRI + "reportedBy")),
    ("Passage", "Actor", (DCTERMS + "creator",)),
    ("Claim", "Proposition", (TRI + "proposition", TRI + "condition")),
    ("Claim", "TimeSpan", (TRI + "saidDuring",)),
    ("Proposition", "TimeSpan", (TRI + "during",)),
    ("Proposition", "Entity", (TRI + "role",)),
)


def model(reader: Reader) -> Diagram:
    """Return how the main classes hang together, by those of the properties above that the ontology has."""
    boxes = {name: Box(x, y, 150, _label(reader, name), _iri(reader, name), "class") for name, (x, y) in _AT.items()}
    lines, words = [], []
    for start, end, properties in _BETWEEN:
        known = [(_property(reader, iri), iri if iri.startswith(TRI) else None) for iri in properties]
        lines.append(_between(boxes[start], boxes[end], tuple(known)))
        words.append(f"{boxes[start].name} to {boxes[end].name} by {' and '.join(name for name, _ in known)}")
    return Diagram(
        890, 320, "How source, claim and proposition hang together", (*boxes.values(),), (*lines,), (*words,)
    )


def _label(reader: Reader, name: str) -> str:
    return reader.name(TRI + name) if reader.classes(TRI + name) else name.lower()


def _iri(reader: Reader, name: str) -> str | None:
    return TRI + name if reader.classes(TRI + name) else None


def _property(reader: Reader, iri: str) -> str:
    return reader.name(iri) if iri.startswith(TRI) else reader.term(iri)


def _between(start: Box, end: Box, words: tuple[tuple[str, str | None], ...]) -> DiagramLine:
    """Return a straight line between two boxes, from the nearest side of one to that of the other."""
    if abs(start.x - end.x) < 1:
        down = end.y > start.y
        x = start.x + start.width / 2
        first, last = (start.y + 26, end.y) if down else (start.y, end.y + 26)
        path = f"M{x},{first} L{x},{last}"
        return DiagramLine(path, x + 8, (first + last) / 2, words, _head((x, first), (x, last)), "start")
    right = end.x > start.x
    x1, x2 = (start.x + start.width, end.x) if right else (start.x, end.x + end.width)
    path = f"M{x1},{start.middle} L{x2},{end.middle}"
    head = _head((x1, start.middle), (x2, end.middle))
    return DiagramLine(path, (x1 + x2) / 2, (start.middle + end.middle) / 2 - 8, words, head)


def _head(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return the path of the head of an arrow that comes from one place and ends at another."""
    length = math.dist(start, end) or 1.0
    x, y = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    corners = ((end[0] - 9 * x + side * 4 * y, end[1] - 9 * y - side * 4 * x) for side in (1, -1))
    return f"M{end[0]},{end[1]} " + " ".join(f"L{across:.1f},{down:.1f}" for across, down in corners) + " z"


# A kind of proposition: who and what plays which role in it


@dataclass(frozen=True, slots=True)
class DiagramRole:
    """A role that a kind of proposition has by its shape: how often at least and at most, and by what classes."""

    iri: str
    least: int
    most: int | None
    classes: tuple[str, ...]

    @property
    def times(self) -> str:
        """How often, as in UML."""
        return (
            f"{self.least}" if self.least == self.most else f"{self.least}..{'*' if self.most is None else self.most}"
        )


def roles(reader: Reader) -> dict[str, tuple[DiagramRole, ...]]:
    """Return the roles of each class by the shapes of the project: obligatory ones first, then by name."""
    if not reader.dataset.is_ours:
        return {}
    store = to_store(triple for file in reader.dataset.project.shapes() for triple in parse_file(file))
    known = {
        row["role"].value for row in reader.dataset.select("SELECT ?role WHERE { ?role rdfs:subPropertyOf+ tri:role }")
    }
    roles_by_class: dict[str, dict[str, DiagramRole]] = {}
    for row in _rows(store):
        path = str(row["path"].value)
        if path not in known:
            continue
        role = roles_by_class.setdefault(str(row["class"].value), {}).get(path)
        classes = {*(role.classes if role else ()), *([row["of"].value] if row["of"] else [])}
        most = int(row["most"].value) if row["most"] else None
        least = int(row["least"].value) if row["least"] else 0
        roles_by_class[row["class"].value][path] = DiagramRole(path, least, most, tuple(sorted(classes)))
    order = {
        cls: sorted(own.values(), key=lambda role: (not role.least, role.iri)) for cls, own in roles_by_class.items()
    }
    return {cls: tuple(own) for cls, own in order.items() if own}


def _rows(store: ox.Store) -> list[ox.QuerySolution]:
    text = """
        SELECT DISTINCT ?class ?path ?least ?most ?of WHERE {
          ?shape sh:targetClass ?class ; sh:property ?property .
          ?property sh:path ?path .
          OPTIONAL { ?property sh:minCount ?least }
          OPTIONAL { ?property sh:maxCount ?most }
          OPTIONAL { ?property sh:class|(sh:or/rdf:rest*/rdf:first/sh:class) ?of }
        } ORDER BY ?class ?path ?of"""
    solutions = store.query(text, prefixes={"sh": SH, "rdf": RDF, "shape": SHAPES})
    assert isinstance(solutions, ox.QuerySolutions)
    return list(solutions)


def kind(reader: Reader, cls: str, roles: Sequence[DiagramRole]) -> Diagram:
    """Return the diagram of a kind of proposition: a line a role, to the classes of whoever plays it."""
    own = Box(10, 10 + (len(roles) - 1) * _ROW / 2, _wide(reader.name(cls)), reader.name(cls), cls, "class own")
    middle = round(own.x + own.width + 30, 1)
    end = round(middle + 30 + max(len(f"{reader.name(role.iri)} {role.times}") for role in roles) * _LETTER, 1)
    boxes, lines, words = [own], [], []
    right = end
    for number, role in enumerate(roles):
        y = 10.0 + number * _ROW
        x = end
        names: list[tuple[str, str | None]] = [
            (reader.name(cls_of_value), cls_of_value) for cls_of_value in role.classes
        ]
        names = names or [("anything", None)]
        for name, iri in names:
            boxes.append(Box(round(x, 1), y, _wide(name), name, iri, "class"))
            x += _wide(name) + 8
        right = max(right, x)
        side = own.x + own.width
        bend = f"C{middle},{own.middle} {side},{y + 13} {middle + 10},{y + 13}"
        path = f"M{side},{own.middle} {bend} L{end - 2},{y + 13}"
        texts = ((reader.name(role.iri), role.iri), (role.times, None))
        lines.append(
            DiagramLine(path, middle + 12, y + 8, texts, _head((middle, y + 13), (end - 1, y + 13)), "start", " ")
        )
        words.append(f"{reader.name(role.iri)}, {role.times}: {' or '.join(name for name, _ in names)}")
    return Diagram(
        round(right + 10, 1),
        20 + len(roles) * _ROW - 8,
        f"Roles of {reader.name(cls)}",
        tuple(boxes),
        tuple(lines),
        tuple(words),
    )


# A tree of classes


def tree(reader: Reader, title: str, terms: Sequence[tuple[str, int]], uses: Mapping[str, int]) -> Diagram:
    """Return a tree of classes, each with its depth, as it stands in a list; with how many members each has."""
    boxes: list[Box] = []
    lines: list[DiagramLine] = []
    above: dict[int, Box] = {}
    for number, (iri, depth) in enumerate(terms):
        name = reader.name(iri) + (f" ({uses[iri]:,})" if uses.get(iri) else "")
        box = Box(10.0 + depth * 36, 10.0 + number * _ROW, _wide(name), name, iri, "class")
        if depth and depth - 1 in above:
            parent = above[depth - 1]
            lines.append(
                DiagramLine(
                    f"M{box.x},{box.middle} L{parent.x + 16},{box.middle} L{parent.x + 16},{parent.y + 26}", 0, 0
                )
            )
        above[depth] = box
        boxes.append(box)
    width = max(box.x + box.width for box in boxes) + 10
    words = [f"{box.name}, below {reader.name(_parent(reader, box.iri))}" for box in boxes[1:] if box.iri]
    return Diagram(width, 20.0 + len(boxes) * _ROW - 8, title, tuple(boxes), tuple(lines), tuple(words))


def _parent(reader: Reader, iri: str) -> str:
    return next((parent for parent in reader.values(iri, RDFS + "subClassOf") if parent.startswith(TRI)), iri)
