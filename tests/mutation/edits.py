"""Systematic, seeded edits of our own graphs, each a mistake that somebody could make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyoxigraph as ox

from triplomacy.dataset.project import Project
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import OA, RDF, RDFS, SKOS, TRI, XSD, compress

TYPE = ox.NamedNode(RDF + "type")
CHAINS = tuple(
    ox.NamedNode(TRI + name)
    for name in ("respondsTo", "arguesFor", "arguesAgainst", "despite", "specialises", "after", "via", "condition")
)
PROSE = tuple(ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "scopeNote", SKOS + "altLabel", TRI + "wording"))
BOUNDS = tuple(ox.NamedNode(TRI + name) for name in ("earliestStart", "latestStart", "earliestEnd", "latestEnd"))


@dataclass(frozen=True)
class Edit:
    """One mistake in one file: the triples that go and those that come, under the property that it is about."""

    kind: str
    path: Path
    about: ox.NamedNode
    removed: tuple[ox.Triple, ...]
    added: tuple[ox.Triple, ...]

    @property
    def property(self) -> str:
        """The CURIE of the property."""
        return compress(self.about.value)

    def __str__(self) -> str:
        gone = " ; ".join(map(_shown, self.removed)) or "nothing"
        come = " ; ".join(map(_shown, self.added)) or "nothing"
        return f"{self.kind} {self.property} in {self.path.parent.name}/{self.path.name}: {gone} -> {come}"

    def applied(self, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
        """Return the triples of the file with the edit."""
        return [*(triple for triple in triples if triple not in self.removed), *self.added]


def _shown(triple: ox.Triple) -> str:
    terms = (compress(t.value) if isinstance(t, ox.NamedNode) else str(t) for t in triple)
    return " ".join(terms)


@dataclass(frozen=True)
class Graphs:
    """The triples of each file, and of all."""

    files: dict[Path, list[ox.Triple]]

    @property
    def all(self) -> list[ox.Triple]:
        """All triples, file by file."""
        return [triple for triples in self.files.values() for triple in triples]


def read(project: Project) -> Graphs:
    """Return the curated graphs of a project, the ontology left out."""
    paths = [path for graph, paths in project.files().items() if "/graph/" in graph for path in paths]
    return Graphs({path: parse_file(path) for path in paths})


Found = Iterator[tuple[Path, ox.NamedNode, tuple[ox.Triple, ...], tuple[ox.Triple, ...]]]


def _named(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.NamedNode)


def _with(triple: ox.Triple, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(triple.subject, triple.predicate, value)


def deleted(graphs: Graphs, random: Random) -> Found:
    """A statement is missing."""
    del random
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            yield path, triple.predicate, (triple,), ()


def deleted_nodes(graphs: Graphs, random: Random) -> Found:
    """A node is missing that others refer to."""
    del random
    referred = {triple.object for triple in graphs.all}
    for path, triples in graphs.files.items():
        for subject in dict.fromkeys(triple.subject for triple in triples if triple.subject in referred):
            if isinstance(subject, ox.NamedNode):
                yield path, TYPE, tuple(triple for triple in triples if triple.subject == subject), ()


def retyped(graphs: Graphs, random: Random) -> Found:
    """A node is of another class."""
    classes = sorted({t.object for t in graphs.all if t.predicate == TYPE and TRI in str(t.object)}, key=str)
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            if triple.predicate == TYPE and triple.object in classes:
                other = random.choice([each for each in classes if each != triple.object])
                yield path, TYPE, (triple,), (ox.Triple(triple.subject, TYPE, other),)


def dangling(graphs: Graphs, random: Random) -> Found:
    """An IRI is misspelt, so that it names nothing."""
    del random
    subjects = {triple.subject for triple in graphs.all}
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            if isinstance(triple.object, ox.NamedNode) and triple.object in subjects:
                yield path, triple.predicate, (triple,), (_with(triple, ox.NamedNode(triple.object.value + "a")),)


def swapped(graphs: Graphs, random: Random) -> Found:
    """Two values of a node stand in each other's place."""
    for path, triples in graphs.files.items():
        nodes: dict[object, list[ox.Triple]] = {}
        for triple in filter(_named, triples):
            if isinstance(triple.object, ox.NamedNode) and triple.predicate != TYPE:
                nodes.setdefault(triple.subject, []).append(triple)
        for found in nodes.values():
            pairs = [(a, b) for a in found for b in found if str(a) < str(b) and a.predicate != b.predicate]
            pairs = [(a, b) for a, b in pairs if a.object != b.object]
            if pairs:
                one, other = random.choice(pairs)
                yield path, one.predicate, (one, other), (_with(one, other.object), _with(other, one.object))  # type: ignore[arg-type]


def doubled(graphs: Graphs, random: Random) -> Found:
    """A node has a second value, one that another node has."""
    values: dict[ox.NamedNode, list[object]] = {}
    for triple in graphs.all:
        values.setdefault(triple.predicate, []).append(triple.object)
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            others = [value for value in values[triple.predicate] if value != triple.object]
            if others:
                added = ox.Triple(triple.subject, triple.predicate, random.choice(others))  # type: ignore[arg-type]
                if added not in triples:
                    yield path, triple.predicate, (), (added,)


def copied(graphs: Graphs, random: Random) -> Found:
    """A node was copied and got another IRI, and nothing else was changed."""
    del random
    for path, triples in graphs.files.items():
        for subject in dict.fromkeys(triple.subject for triple in filter(_named, triples)):
            own = [triple for triple in triples if triple.subject == subject]
            copy = ox.NamedNode(f"{subject.value}-2")  # type: ignore[union-attr]
            yield path, TYPE, (), tuple(ox.Triple(copy, triple.predicate, triple.object) for triple in own)


def dates(graphs: Graphs, random: Random) -> Found:
    """A bound of time does not exist, has no zone, or lies on the wrong side of another."""
    for path, triples in graphs.files.items():
        for triple in triples:
            if triple.predicate in BOUNDS and isinstance(triple.object, ox.Literal):
                text = triple.object.value
                early = triple.predicate in BOUNDS[:2]
                wrong = ["2022-02-30T00:00:00Z", text.removesuffix("Z"), ("2090" if early else "1890") + text[4:]]
                value = ox.Literal(random.choice(wrong), datatype=triple.object.datatype)
                yield path, triple.predicate, (triple,), (_with(triple, value),)


def hashes(graphs: Graphs, random: Random) -> Found:
    """A digit of a hash is another one."""
    for path, triples in graphs.files.items():
        for triple in triples:
            if triple.predicate.value == TRI + "sha256" and isinstance(triple.object, ox.Literal):
                text, at = triple.object.value, random.randrange(64)
                digit = random.choice([each for each in "0123456789abcdef" if each != text[at]])
                yield (
                    path,
                    triple.predicate,
                    (triple,),
                    (_with(triple, ox.Literal(text[:at] + digit + text[at + 1 :])),),
                )


def offsets(graphs: Graphs, random: Random) -> Found:
    """A position is off by a little, negative, or far beyond the text."""
    for path, triples in graphs.files.items():
        for triple in triples:
            if triple.predicate.value in (OA + "start", OA + "end") and isinstance(triple.object, ox.Literal):
                number = int(triple.object.value)
                wrong = random.choice([number + 1, max(number - 1, 0) if number else 2, -number - 1, number + 100_000])
                value = ox.Literal(str(wrong), datatype=triple.object.datatype)
                yield path, triple.predicate, (triple,), (_with(triple, value),)


def languages(graphs: Graphs, random: Random) -> Found:
    """A text has no language, another one, or one that does not exist."""
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            value = triple.object
            if isinstance(value, ox.Literal) and value.language:
                tag = random.choice([None, "de", "jp", "en-UK"])
                other = ox.Literal(value.value, language=tag) if tag else ox.Literal(value.value)
                yield path, triple.predicate, (triple,), (_with(triple, other),)


def chains(graphs: Graphs, random: Random) -> Found:
    """A link between claims or propositions leads to its own node, or back."""
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            if triple.predicate in CHAINS and isinstance(triple.object, ox.NamedNode):
                itself = _with(triple, triple.subject)  # type: ignore[arg-type]
                back = ox.Triple(triple.object, triple.predicate, triple.subject)
                own = random.choice([((triple,), (itself,)), ((), (back,))])
                yield path, triple.predicate, *own


def misspelt(graphs: Graphs, random: Random) -> Found:
    """A property is misspelt."""
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            iri = triple.predicate.value
            at = random.randrange(max(iri.rfind("#"), iri.rfind("/")) + 2, len(iri) + 1)
            wrong = ox.NamedNode(iri[:at] + random.choice("aeiouxy") + iri[at:])
            yield path, triple.predicate, (triple,), (ox.Triple(triple.subject, wrong, triple.object),)


def datatypes(graphs: Graphs, random: Random) -> Found:
    """A literal lost its data type, or has another one."""
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            value = triple.object
            if isinstance(value, ox.Literal) and not value.language and triple.predicate.value != TRI + "edtf":
                string = value.datatype.value == XSD + "string"
                other = random.choice(["integer", "date", "anyURI"] if string else ["string", "double", "date"])
                yield (
                    path,
                    triple.predicate,
                    (triple,),
                    (_with(triple, ox.Literal(value.value, datatype=ox.NamedNode(XSD + other))),),
                )


def blanks(graphs: Graphs, random: Random) -> Found:
    """A text has a stray blank, or nothing in it."""
    for path, triples in graphs.files.items():
        for triple in filter(_named, triples):
            value = triple.object
            if triple.predicate in PROSE and isinstance(value, ox.Literal):
                text = random.choice(
                    [f" {value.value}", f"{value.value} ", value.value.replace(" ", "  ", 1) + "  ", ""]
                )
                other = ox.Literal(text, language=value.language) if value.language else ox.Literal(text)
                yield path, triple.predicate, (triple,), (_with(triple, other),)


KINDS: dict[str, tuple[Callable[[Graphs, Random], Found], int]] = {
    "delete": (deleted, 90),
    "delete-node": (deleted_nodes, 45),
    "retype": (retyped, 50),
    "dangle": (dangling, 60),
    "swap": (swapped, 50),
    "double": (doubled, 60),
    "copy": (copied, 30),
    "date": (dates, 30),
    "hash": (hashes, 30),
    "offset": (offsets, 40),
    "language": (languages, 30),
    "chain": (chains, 30),
    "misspell": (misspelt, 40),
    "datatype": (datatypes, 40),
    "blank": (blanks, 25),
}


def edits(graphs: Graphs, seed: int = 1, share: float = 1.0) -> list[Edit]:
    """Return the edits of all kinds: of each a number, or a *share* of it, spread over files and properties."""
    found: list[Edit] = []
    for kind, (make, number) in KINDS.items():
        random = Random(f"{seed}/{kind}")
        groups: dict[tuple[Path, ox.NamedNode], list[Edit]] = {}
        for path, about, removed, added in make(graphs, random):
            groups.setdefault((path, about), []).append(Edit(kind, path, about, removed, added))
        for group in groups.values():
            random.shuffle(group)
        order = sorted(groups, key=str)
        random.shuffle(order)
        wanted = max(1, round(number * share))
        rounds = (groups[key][depth] for depth in range(200) for key in order if depth < len(groups[key]))
        found += [edit for edit, _ in zip(rounds, range(wanted), strict=False)]
    return found
