"""What the shapes are tested with: a valid graph, and edits to it that must each lead to a certain finding.

``valid/`` and the table of kinds make the graph: one invented node of each class, and for each kind of proposition one
with the fillers of its roles. ``samples.csv`` has, for the values that roles take, fillers, another value of the right
kind and wrong ones; a row for a role, or for a role of a kind, goes before. ``properties.csv`` names, for any other
property shape, a node of the graph, another value and wrong ones; ``edits.diff`` holds what no table can.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tests.conftest import ONTOLOGY_FILES, ROOT
from triplomacy import kinds
from triplomacy.findings import Finding
from triplomacy.kinds import PROPOSITION
from triplomacy.kinds.table import NUMBER, Role
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import PREFIXES, SH, SHAPES, TRI, local_name

HERE = Path(__file__).parent
SHAPE_FILES = sorted((ROOT / "ontology" / "shapes").glob("*.ttl"))
TABLES, ONTOLOGY = kinds.read(ROOT / "ontology")
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


@dataclass(frozen=True)
class Samples:
    """What a role of a kind is tested with.

    Attributes:
        fillers: the values that it has in the valid graph.
        another: right values that are too many beside these.
        wrong: values of another kind.
    """

    fillers: Sequence[str]
    another: Sequence[str]
    wrong: Sequence[str]


def samples(role: Role, number: int = 0) -> Samples:
    """Return what a role is tested with, where so many roles before it in its kind take the same values."""
    name = ONTOLOGY.name
    names = (f"{name(role.kind)} {name(role.iri)}", name(role.iri), ", ".join(map(name, role.values)))
    row = next((SAMPLES[key] for key in names if key in SAMPLES), None)
    assert row, f"samples.csv has no row for {names}"
    fillers = values(row["fillers"])
    turned = [*fillers[number % max(1, len(fillers)) :], *fillers][: len(fillers)]
    kept = turned if names[0] in SAMPLES else turned[: max(1, role.least)]
    return Samples(kept, values(row["another"]), values(row["wrong"]))


def samples_of(kind: str) -> Iterator[tuple[Role, Samples]]:
    """Yield the roles of a proposition of a kind in the valid graph: its own, and what kinds above it need."""
    own = {role.iri: role for table in TABLES for role in table.of([kind])}
    above = ONTOLOGY.lineage(kind) - {kind, PROPOSITION}
    inherited = [role for table in TABLES for role in table.of(above) if role.least and role.iri not in own]
    seen: Counter[tuple[str, ...]] = Counter()
    for role in (*own.values(), *inherited):
        yield role, samples(role, seen[role.values])
        seen[role.values] += 1


def kinds_to_test() -> list[str]:
    """Return the kinds of proposition but the general three."""
    general = {PROPOSITION, *(TRI + name for name in ("Occurrence", "Situation"))}
    return sorted(ONTOLOGY.kinds - general)


def propositions() -> Iterator[str]:
    """Yield the Turtle of one proposition of each kind, with the fillers of its roles."""
    for kind in kinds_to_test():
        node = f"<proposition/{local_name(kind)}>"
        yield f'{node} a <{kind}> ; rdfs:label "{local_name(kind)}"@en .'
        for role, chosen in samples_of(kind):
            yield from (f"{node} <{role.iri}> {filler} ." for filler in chosen.fillers)


SAMPLES = {row["of"]: row for row in table("samples.csv")}


def valid_graph() -> list[ox.Triple]:
    """Return the graph that conforms."""
    files = [triple for path in sorted((HERE / "valid").glob("*.ttl")) for triple in read(path)]
    return [*files, *parse("\n".join(propositions()))]


def ontology() -> list[ox.Triple]:
    """Return the triples of the ontology: classes and properties are known from there."""
    return [triple for path in ONTOLOGY_FILES for triple in read(path)]


def components(role: Role) -> Iterator[str]:
    """Yield the components of the constraints that follow from a row of the table of kinds."""
    chosen = {
        "MinCount": role.least > 0,
        "MaxCount": role.most is not None,
        "Class": len(role.classes) == 1,
        "Or": len(role.classes) > 1,
        "LanguageIn": role.language,
        "Datatype": role.datatype,
        "MinInclusive": role.datatype == NUMBER,
    }
    return (name for name, holds in chosen.items() if holds)


def _rows() -> Iterator[tuple[dict[str, str], Iterable[str]]]:
    """Yield what a shape is tested with and the components of its constraints."""
    known = constraints()
    yield from ((row, known.get(row["shape"], ())) for row in table("properties.csv"))
    for kind in kinds_to_test():
        name = local_name(kind)
        row = {"shape": name, "focus": f"<proposition/{name}>", "path": "tri:brokeUpWith", "wrong": "id:sylvania"}
        yield row, known.get(name, ())
        for role, chosen in samples_of(kind):
            if role.kind == kind:
                texts = {"another": "|".join(chosen.another), "wrong": "|".join(chosen.wrong)}
                shape = f"{name}-{local_name(role.iri)}"
                yield row | {"shape": shape, "path": f"<{role.iri}>"} | texts, components(role)


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
    for row, found in _rows():
        edits = (_edit(row, component, graph) for component in found)
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
