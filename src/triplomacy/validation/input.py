"""What is validated: the files, their texts and triples, each read once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from triplomacy.dataset import Dataset, Project, packaged
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.files import read_text
from triplomacy.findings import Finding
from triplomacy.rdf import SourceMap, parsing
from triplomacy.terms import PREFIXES
from triplomacy.validation import shacl, shape_graph, terms
from triplomacy.validation.plan import Part
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.terms import Usage

if TYPE_CHECKING:
    from triplomacy.validation.hygiene import HygieneRule

_PREFIX: Final = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)

_SUPPRESSES: Final = re.compile(r"suppressed(?:Rule|At|Value)\b>?(?!\s+a\s)")  # predicates, not their declarations
_TURTLE: Final = (".ttl", ".turtle", ".nt")


@dataclass
class Input:
    """What is validated, read when it is asked for."""

    data: tuple[Path, ...]
    ontology: tuple[Path, ...]
    shape_files: tuple[Path, ...]
    project: Project | None = None
    placed: bool = False
    parsed: dict[Path, list[ox.Triple]] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    part: Part | None = None

    @cached_property
    def map(self) -> SourceMap:
        """The places of what is written in data and ontology."""
        return SourceMap((*self.data, *self.ontology))

    @cached_property
    def shape_map(self) -> SourceMap:
        """The places of what is written in the shapes."""
        return SourceMap(self.shape_files)

    @cached_property
    def triples(self) -> list[ox.Triple]:
        """All triples, of data and ontology; if placed, their blank nodes are called as in the map."""
        if self.part is not None:
            return list(self.part.triples)
        if self.placed:
            return list(self.map.triples())
        return [triple for path in (*self.data, *self.ontology) for triple in self.of_file(path)]

    @cached_property
    def of_ontology(self) -> list[ox.Triple]:
        """The triples of the ontology alone."""
        if self.placed:
            return list(self.map.triples(self.ontology))
        return [triple for path in self.ontology for triple in self.of_file(path)]

    @cached_property
    def shapes(self) -> ShapeGraph:
        """The shapes, read."""
        triples = self.shape_map.triples() if self.placed else (t for p in self.shape_files for t in self.of_file(p))
        return shape_graph.of_triples(list(triples))

    @cached_property
    def faults(self) -> list[Finding]:
        """What is malformed in the shapes."""
        found = shape_graph.malformed(self.shapes)
        known = {(node, path) for fault in found for node, path, _ in fault.about}
        nodes = {node for node, _ in known}
        linted = [fault for fault in shacl.lint(self.shapes) if fault.about[0][:2] not in known]
        return [*found, *(fault for fault in linted if fault.path or fault.about[0][0] not in nodes)]

    @cached_property
    def used(self) -> Usage:
        """The terms that data and ontology use."""
        return terms.usage(self.triples)

    @cached_property
    def store(self) -> ox.Store:
        """Data and ontology as the default graph, read from the files where the names of blank nodes do not matter."""
        store = ox.Store()
        if self.loads_files:
            for path in (*self.data, *self.ontology):
                parsing.load_file(store, path)
        else:
            store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in self.triples)
        return store

    @property
    def loads_files(self) -> bool:
        """Whether the store is read from the files: not where quads become triples, or blank nodes are to be found."""
        return (
            self.part is None
            and not self.placed
            and not any(parsing.rdf_format(path).supports_datasets for path in (*self.data, *self.ontology))
        )

    @cached_property
    def turtle(self) -> str | None:
        """Data and ontology as one text of Turtle, or None where files cannot be put behind each other."""
        paths = (*self.data, *self.ontology)
        if self.part or self.placed or any(path.suffix.lower() not in _TURTLE for path in paths):
            return None
        if len(paths) > 1 and sum("_:" in self.text(path) for path in paths) > 1:
            return None  # a label would mean one node in all files
        return "\n".join(f"@base <{path.resolve().as_uri()}> .\n{self.text(path)}" for path in paths)

    @cached_property
    def suppressing(self) -> list[ox.Triple]:
        """The triples among which suppressions are, those of files that name none left out."""
        if self.part is not None:
            return [*self.part.suppressing, *self.shapes.triples]
        paths = [path for path in (*self.data, *self.ontology) if path.suffix.lower() in _TURTLE]
        others = len(paths) < len(self.data) + len(self.ontology)
        if others or any(map(_SUPPRESSES.search, map(self.text, paths))):
            return [*self.triples, *self.shapes.triples]
        return list(self.shapes.triples)

    def text(self, path: Path) -> str:
        """Return the characters of a file, none of one that is not UTF-8: that is found where it is parsed."""
        if path not in self.texts:
            try:
                self.texts[path] = read_text(path)
            except MalformedInput:
                self.texts[path] = ""
        return self.texts[path]

    @cached_property
    def dataset(self) -> Dataset:
        """Data and ontology as a dataset."""
        return Dataset(self.store, self.project.files() if self.project else {}, self.project)

    @cached_property
    def hygiene(self) -> list[HygieneRule]:
        """The rules of the project, or those of the package."""
        from triplomacy.validation import hygiene

        own = self.project.ontology / "hygiene" if self.project else None
        return hygiene.rules(own if own and own.is_dir() else packaged().ontology / "hygiene")

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The project's prefixes and those that the files declare, the first of a name."""
        found = dict(PREFIXES)
        for path in (*self.shape_files, *self.ontology, *self.data):
            if path.suffix.lower() in (".ttl", ".turtle", ".trig"):
                for name, iri in re.findall(_PREFIX, self.text(path)):
                    if iri not in found.values():
                        found.setdefault(name, iri)
        return found

    def of_file(self, path: Path) -> list[ox.Triple]:
        """Return the triples of a file, read once."""
        if path not in self.parsed:
            self.parsed[path] = parsing.parse_file(path)
        return self.parsed[path]

    def with_places(self) -> Input:
        """Return the same input with blank nodes that can be found in the files."""
        return Input(self.data, self.ontology, self.shape_files, self.project, True, self.parsed, self.texts)


_RDF: Final = (".jsonld", ".nq", ".nt", ".owl", ".rdf", ".trig", ".ttl", ".turtle")  # .txt, .json, .xml may be anything


def all_files(given: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that files and folders stand for, each once, under the first of its names."""
    unique: dict[str, Path] = {}
    for each in given:
        for path in _files(each):
            unique.setdefault(os.path.realpath(path), path)  # not resolve, which a loop of links makes raise
    return tuple(unique.values())


def _files(path: Path) -> list[Path]:
    if path.exists() and not path.is_dir() and not path.is_file():
        raise TriplomacyError("a pipe or a device, which can be read only once; write it into a file first", path=path)
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in _RDF and not file.is_dir())
    if not found:
        raise TriplomacyError("no RDF file in this folder; name files, or another folder", path=path)
    return found
