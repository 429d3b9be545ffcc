"""What the shapes are tested with: a valid graph, and edits to it that must each lead to a certain finding.

``valid/`` and ``roles.csv`` make the graph: one invented node of each kind, and for each class of propositions one with
the fillers of its roles. The tables name, for a property shape, a node of that graph, another value of the right kind
and wrong ones; ``edits.diff`` holds what no table can.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tests.conftest import ONTOLOGY_FILES, ROOT
from triplomacy.dataset import parse_file
from triplomacy.findings import Finding
from triplomacy.terms import PREFIXES, SH, SHAPES, local_name

HERE = Path(__file__).parent
SHAPE_FILES = sorted((ROOT / "ontology" / "shapes").glob("*.ttl"))
BASE = "https://w3id.org/triplomacy/source/duck-soup/"

# The parameters of SHACL that are constraints, each with the component that reports it.
COMPONENTS = {
    "class": "Class",
    "closed": "Closed",
    "datatype": "Datatype",
    "disjoint": "Disjoint",
    "in": "In",
    "languageIn": "LanguageIn",
    "lessThan": "LessThan",
    "lessThanOrEquals": "LessThanOrEquals",
    "maxCount": "MaxCount",
    "minCount": "MinCount",
    "minInclusive": "MinInclusive",
    "minLength": "MinLength",
    "nodeKind": "NodeKind",
    "not": "Not",
    "or": "Or",
    "pattern": "Pattern",
    "qualifiedMaxCount": "QualifiedMaxCount",
    "sparql": "SPARQL",
    "xone": "Xone",
}
# What is part of a shape and no constraint.
OTHER = {
    "alternativePath",
    "declare",
    "ignoredProperties",
    "inversePath",
    "message",
    "namespace",
    "path",
    "prefix",
    "prefixes",
    "property",
    "qualifiedValueShape",
    "select",
    "severity",
    "target",
    "targetClass",
    "targetNode",
    "targetSubjectsOf",
}


def _paired() -> dict[tuple[str, str], set[str]]:
    """Return the other properties of each constraint on a pair of properties."""
    pairs = [name for name in COMPONENTS if name.startswith(("disjoint", "lessThan"))]
    found: dict[tuple[str, str], set[str]] = {}
    for path in SHAPE_FILES:
        for subject, predicate, value in parse_file(path):
            if (name := predicate.value.removeprefix(SH)) in pairs:
                owner = str(subject).strip("<>").removeprefix(SHAPES)
                found.setdefault((owner, COMPONENTS[name]), set()).add(str(value).strip("<>"))
    return found


PAIRED = _paired()


@dataclass(frozen=True)
class Case:
    """An edit to the valid graph, and where which component of which shape must find something."""

    shape: str
    component: str
    focus: str
    path: str | None
    removed: tuple[ox.Triple, ...] = ()
    added: tuple[ox.Triple, ...] = ()

    def __str__(self) -> str:
        return f"{self.shape} {self.component} {local_name(self.focus.strip('<>'))}"

    @property
    def touched(self) -> set[tuple[str, str]]:
        """The subjects and properties that it edits, and those that it compares these with."""
        edited = {(str(triple.subject), triple.predicate.value) for triple in (*self.removed, *self.added)}
        return edited | {(self.focus, other) for other in PAIRED.get((self.shape, self.component), ())}

    def is_met_by(self, finding: Finding) -> bool:
        """Tell whether the finding names node, path, component and shape; a blank node may have any label."""
        focus = "_:" if self.focus.startswith("_:") else self.focus
        found = "_:" if (finding.focus or "").startswith("_:") else finding.focus
        expected = (focus, self.path, f"<{SH}{self.component}ConstraintComponent>", f"<{SHAPES}{self.shape}>")
        return (found, finding.path, finding.component, finding.shape) == expected


def parse(text: str) -> list[ox.Triple]:
    """Return the triples of Turtle that may use the project's prefixes and names relative to the invented source."""
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    parsed = ox.parse(header + text, format=ox.RdfFormat.TURTLE, base_iri=BASE)
    return [quad.triple for quad in parsed]


def term(text: str) -> str:
    """Return a term of Turtle as one of N-Triples."""
    if text.startswith("_:"):
        return text
    (triple,) = parse(f"<> rdf:value {text} .")
    return str(triple.object)


def full_path(text: str) -> str:
    """Return a path with IRIs for CURIEs."""
    return re.sub(r"[\w-]+:[\w-]+", lambda curie: term(curie[0]), text)


def read(path: Path) -> list[ox.Triple]:
    """Return the triples of a Turtle file as they are written."""
    return [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)]


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(cell: str) -> list[str]:
    """Return the values of a cell."""
    return [value for value in cell.split("|") if value]


def constraints() -> dict[str, list[str]]:
    """Return the components of each named shape, by the shape's local name."""
    found: dict[str, list[str]] = {}
    for triple in (triple for path in SHAPE_FILES for triple in read(path)):
        name = triple.predicate.value.removeprefix(SH)
        subject = triple.subject
        if name in COMPONENTS and isinstance(subject, ox.NamedNode) and subject.value.startswith(SHAPES):
            found.setdefault(subject.value.removeprefix(SHAPES), []).append(COMPONENTS[name])
    return found


def propositions() -> Iterator[str]:
    """Yield the Turtle of one proposition of each class, with the fillers of its roles."""
    for row in table("roles.csv"):
        node = f"<proposition/{row['class']}>"
        yield f'{node} a tri:{row["class"]} ; rdfs:label "{row["class"]}"@en .'
        yield from (f"{node} tri:{row['role']} {filler} ." for filler in values(row["filler"]))


def valid_graph() -> list[ox.Triple]:
    """Return the graph that conforms."""
    files = [triple for path in sorted((HERE / "valid").glob("*.ttl")) for triple in read(path)]
    return [*files, *parse("\n".join(dict.fromkeys(propositions())))]


def ontology() -> list[ox.Triple]:
    """Return the triples of the ontology: classes and properties are known from there."""
    return [triple for path in ONTOLOGY_FILES for triple in read(path)]


def _rows() -> Iterator[dict[str, str]]:
    yield from table("properties.csv")
    known = constraints()
    for row in table("roles.csv"):
        node = f"<proposition/{row['class']}>"
        if f"{row['class']}-{row['role']}" in known:
            shape = {"shape": f"{row['class']}-{row['role']}", "focus": node, "path": f"tri:{row['role']}"}
            yield shape | {"another": row["another"], "wrong": row["wrong"]}
    for name in dict.fromkeys(row["class"] for row in table("roles.csv")):
        node = f"<proposition/{name}>"
        yield {"shape": name, "focus": node, "path": "tri:brokeUpWith", "another": "", "wrong": "id:sylvania"}


def _edit(row: dict[str, str], component: str, graph: Sequence[ox.Triple]) -> Case | None:
    """Return the edit that violates one constraint: the values removed, another one added, or wrong ones."""
    focus, path = term(row["focus"]), term(row["path"])
    old = tuple(triple for triple in graph if (str(triple.subject), str(triple.predicate)) == (focus, path))
    if component == "MinCount":
        return Case(row["shape"], component, focus, path, removed=old) if old else None
    new = values(row["another"] if component == "MaxCount" else row["wrong"])
    added = tuple(parse("\n".join(f"{row['focus']} {row['path']} {value} ." for value in new)))
    return Case(row["shape"], component, focus, path, added=added) if added else None


def table_cases(graph: Sequence[ox.Triple]) -> Iterator[Case]:
    """Yield the cases of the tables."""
    known = constraints()
    for row in _rows():
        edits = (_edit(row, component, graph) for component in known.get(row["shape"], ()))
        yield from (edit for edit in edits if edit is not None)


def diff_cases() -> Iterator[Case]:
    """Yield the cases of the file of edits."""
    for block in (HERE / "edits.diff").read_text(encoding="utf-8").split("\n@@ ")[1:]:
        head, *lines = block.strip().splitlines()
        shape, component, focus, *path = head.split(" ")
        removed = "\n".join(line[1:] for line in lines if line.startswith("-"))
        added = "\n".join(line[1:] for line in lines if line.startswith("+"))
        where = full_path(path[0]) if path else None
        yield Case(shape, component, term(focus), where, tuple(parse(removed)), tuple(parse(added)))


def cases() -> list[Case]:
    """Return all cases."""
    return [*diff_cases(), *table_cases(valid_graph())]


def batches(all_cases: Iterable[Case]) -> list[list[Case]]:
    """Return the cases in as few graphs as keep them apart: no two edit the same property of the same node.

    A run of pySHACL takes seconds, so cases share one.
    """
    found: list[list[Case]] = []
    taken: list[set[tuple[str, str]]] = []
    for case in all_cases:
        index = next((n for n, keys in enumerate(taken) if not keys & case.touched), len(taken))
        if index == len(taken):
            found.append([])
            taken.append(set())
        found[index].append(case)
        taken[index] |= case.touched
    return found


def edited(graph: Iterable[ox.Triple], batch: Iterable[Case]) -> list[ox.Triple]:
    """Return the graph with the edits of a batch."""
    removed = {triple for case in batch for triple in case.removed}
    return [triple for triple in graph if triple not in removed] + [triple for case in batch for triple in case.added]
