"""What is validated: files, a project, or triples that stand in no file here, read once and when they are asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from triplomacy.dataset import MemoryDataset, Project, packaged_project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.files import FilePath, base_iri, below, read_text, to_path
from triplomacy.findings import Finding, Pattern
from triplomacy.rdf import SourceMap, parsing
from triplomacy.terms import ONTOLOGY, PREFIXES
from triplomacy.validation import shacl, shape_graph, vocabulary
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.vocabulary import Usage

if TYPE_CHECKING:
    from triplomacy.validation.hygiene import HygieneRule

_PREFIX: Final = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_SUPPRESSES: Final = re.compile(r"suppressed(?:Rule|At|Value)\b>?(?!\s+a\s)")  # predicates, not their declarations
_TURTLE: Final = (".ttl", ".turtle", ".nt")
_RDF: Final = (".jsonld", ".nq", ".nt", ".owl", ".rdf", ".trig", ".ttl", ".turtle")  # .txt, .json, .xml may be anything


@dataclass(kw_only=True)
class Input:
    """The input of validation: what all inputs share.

    `Files` are other people's files, `ProjectFiles` a project's; `Elsewhere` and `ProjectElsewhere` are what an
    endpoint or a store has, and `changed.part.ChangedPart` is the part of a project that tells what a change has done.

    Attributes:
        data: the files of data, whose grammar is checked.
        ontology: the files of the ontology.
        shape_files: the files of shapes.
        placed: whether blank nodes are called as in the maps of the files.
        parsed: the triples of files that have been read.
        texts: the texts of files that have been read.
    """

    data: tuple[Path, ...] = ()
    ontology: tuple[Path, ...]
    shape_files: tuple[Path, ...]
    placed: bool = False
    parsed: dict[Path, list[ox.Triple]] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)

    @cached_property
    def triples(self) -> Sequence[ox.Triple]:
        """All triples, of data and ontology."""
        raise NotImplementedError

    @cached_property
    def axioms(self) -> Sequence[ox.Triple]:
        """The triples of the ontology."""
        return self._of(self.ontology, self.map)

    @cached_property
    def shapes(self) -> ShapeGraph:
        """The shapes."""
        return shape_graph.of_triples(self._of(self.shape_files, self.shape_map))

    def _of(self, paths: Iterable[Path], source: SourceMap) -> list[ox.Triple]:
        if self.placed:
            return list(source.triples(paths))
        return [triple for path in paths for triple in self.of_file(path)]

    @cached_property
    def faults(self) -> Sequence[Finding]:
        """What is malformed in the shapes."""
        faults = shape_graph.find_faults(self.shapes)
        known = {(node, path) for fault in faults for node, path, _ in fault.about}
        nodes = {node for node, _ in known}
        linted = [fault for fault in shacl.lint(self.shapes) if fault.about[0][:2] not in known]
        return [*faults, *(fault for fault in linted if fault.path or fault.about[0][0] not in nodes)]

    @cached_property
    def usage(self) -> Usage:
        """The terms that data and ontology use."""
        return vocabulary.usage(self.triples)

    @cached_property
    def store(self) -> ox.Store:
        """Data and ontology as the default graph."""
        return parsing.to_store(self.triples)

    @property
    def loads_files(self) -> bool:
        """Whether the store is read from the files."""
        return False

    @cached_property
    def turtle(self) -> str | None:
        """Data and ontology as one text of Turtle, or None where there is no such text."""
        return None

    @cached_property
    def suppression_triples(self) -> Sequence[ox.Triple]:
        """The triples among which suppressions are."""
        return [*self.triples, *self.shapes.triples]

    @property
    def is_whole(self) -> bool:
        """Whether a run finds all that there is to be found."""
        return True

    @cached_property
    def hygiene(self) -> Sequence[HygieneRule]:
        """The rules of hygiene that the package carries."""
        from triplomacy.validation import hygiene

        return hygiene.rules(packaged_project().ontology / "hygiene")

    @cached_property
    def map(self) -> SourceMap:
        """Where the triples of data and ontology are written."""
        return SourceMap((*self.data, *self.ontology))

    @cached_property
    def shape_map(self) -> SourceMap:
        """Where the triples of the shapes are written."""
        return SourceMap(self.shape_files)

    @property
    def root(self) -> Path:
        """The folder that files are named from in fingerprints."""
        return Path().resolve()

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes of Triplomacy and those that the files declare, the first of a name."""
        prefixes = dict(PREFIXES)
        for path in (*self.shape_files, *self.ontology, *self.data):
            if path.suffix.lower() in (".ttl", ".turtle", ".trig"):
                for name, iri in re.findall(_PREFIX, self.text(path)):
                    if iri not in prefixes.values():
                        prefixes.setdefault(name, iri)
        return prefixes

    @property
    def shown_prefixes(self) -> Mapping[str, str]:
        """The prefixes with which reports show terms."""
        return self.prefixes

    @property
    def queries(self) -> Sequence[Path]:
        """The files of the stored queries: other people's data have none."""
        return ()

    @cached_property
    def dataset(self) -> MemoryDataset:
        """Data and ontology as a dataset."""
        return MemoryDataset(self.store)

    def infer(self) -> Sequence[ox.Triple]:
        """Return what rules derive: nothing, since the data have no claims."""
        return ()

    def origins(self, facts: Iterable[Pattern]) -> dict[Pattern, list[str]]:  # noqa: ARG002
        """Return the propositions behind facts: none, since the data have no claims."""
        return {}

    def has_source(self, name: str) -> bool:  # noqa: ARG002
        """Tell whether there is a graph of a source of that name: there are no named graphs."""
        return False

    def text(self, path: Path) -> str:
        """Return the characters of a file, none of one that is not UTF-8: that is found where it is parsed."""
        if path not in self.texts:
            try:
                self.texts[path] = read_text(path)
            except MalformedInput:
                self.texts[path] = ""
        return self.texts[path]

    def of_file(self, path: Path) -> list[ox.Triple]:
        """Return the triples of a file, which is read once.

        Raises:
            MalformedInput: the file does not follow its grammar.
        """
        if path not in self.parsed:
            self.parsed[path] = parsing.parse_file(path)
        return self.parsed[path]

    def with_places(self) -> Input:
        """Return the same with blank nodes that can be found in the files."""
        return replace(self, placed=True)


@dataclass(kw_only=True)
class Files(Input):
    """Other people's files, all taken as one graph together with their ontology."""

    @cached_property
    def triples(self) -> Sequence[ox.Triple]:
        """All triples, of data and ontology."""
        return [*self._of(self.data, self.map), *self.axioms]

    @cached_property
    def store(self) -> ox.Store:
        """Data and ontology as the default graph, read from the files where the names of blank nodes do not matter."""
        if not self.loads_files:
            return super().store
        store = ox.Store()
        for path in (*self.data, *self.ontology):
            parsing.load_file(store, path)
        return store

    @property
    def loads_files(self) -> bool:
        """Whether the store is read from the files: not where quads become triples, or blank nodes are to be found."""
        paths = (*self.data, *self.ontology)
        return not self.placed and not any(parsing.rdf_format(path).supports_datasets for path in paths)

    @cached_property
    def turtle(self) -> str | None:
        """Data and ontology as one text of Turtle, or None where files cannot be put behind each other."""
        paths = (*self.data, *self.ontology)
        if self.placed or any(not path.is_file() or path.suffix.lower() not in _TURTLE for path in paths):
            return None
        if len(paths) > 1 and sum("_:" in self.text(path) for path in paths) > 1:
            return None  # a label would mean one node in all files
        return "\n".join(f"@base <{base_iri(path)}> .\n{self.text(path)}" for path in paths)

    @cached_property
    def suppression_triples(self) -> Sequence[ox.Triple]:
        """The triples among which suppressions are, those of files that name none left out."""
        paths = [path for path in (*self.data, *self.ontology) if path.suffix.lower() in _TURTLE]
        others = len(paths) < len(self.data) + len(self.ontology)
        if others or any(map(_SUPPRESSES.search, map(self.text, paths))):
            return super().suppression_triples
        return self.shapes.triples


@dataclass(kw_only=True)
class ProjectInput(Input):
    """What a project has beside its triples: rules, stored queries, and claims."""

    project: Project

    @property
    def root(self) -> Path:
        """The folder that files are named from in fingerprints."""
        return self.project.root.resolve()

    @cached_property
    def dataset(self) -> MemoryDataset:
        """Data and ontology as a dataset of the project."""
        return MemoryDataset(self.store, self.project.files(), self.project)

    @cached_property
    def hygiene(self) -> Sequence[HygieneRule]:
        """The rules of the project, or those of the package."""
        from triplomacy.validation import hygiene

        own = self.project.ontology / "hygiene"
        return hygiene.rules(own if own.is_dir() else packaged_project().ontology / "hygiene")

    @property
    def shown_prefixes(self) -> Mapping[str, str]:
        """The prefixes with which reports show terms."""
        return PREFIXES

    @property
    def queries(self) -> Sequence[Path]:
        """The files of the stored queries, sorted."""
        return self.project.query_files()

    def infer(self) -> Sequence[ox.Triple]:
        """Return the facts that nobody disputes, for the reasoners."""
        from triplomacy.claims import views

        return views.derive(self.dataset, views.UNDISPUTED)

    def origins(self, facts: Iterable[Pattern]) -> dict[Pattern, list[str]]:
        """Return the propositions behind each fact that only a rule has made."""
        from triplomacy.claims import explain

        iris = {fact: [str(term)[1:-1] for term in fact if term and term.startswith("<")] for fact in facts}
        return {
            fact: explain.propositions(self.dataset, terms) for fact, terms in iris.items() if len(terms) == len(fact)
        }

    def has_source(self, name: str) -> bool:
        """Tell whether there is a graph of a source of that name."""
        return (self.project.graphs / name).is_dir()


@dataclass(kw_only=True)
class ProjectFiles(ProjectInput, Files):
    """The files of a project."""

    @classmethod
    def of(cls, project: Project) -> ProjectFiles:
        """Return the files of a project.

        Raises:
            TriplomacyError: it has no shapes, or a folder cannot be read.
        """
        files = project.files()
        ontology = files.pop(ONTOLOGY)
        data = tuple(path for paths in files.values() for path in paths)
        return cls(data=data, ontology=tuple(ontology), shape_files=shapes_of(project), project=project)


@dataclass(kw_only=True)
class Elsewhere(Input):
    """Other people's triples that stand in no file here, with an ontology and shapes that do.

    Attributes:
        facts: the triples of the data.
        rewrite: what makes of the triples of the shapes those that count for these data.
    """

    facts: Sequence[ox.Triple]
    rewrite: Callable[[Iterable[ox.Triple]], Iterable[ox.Triple]] = iter

    @cached_property
    def triples(self) -> Sequence[ox.Triple]:
        """All triples, of data and ontology."""
        return [*self.facts, *self.axioms]

    @cached_property
    def shapes(self) -> ShapeGraph:
        """The shapes, as they count for these data."""
        return shape_graph.of_triples(list(self.rewrite(super().shapes.triples)))


@dataclass(kw_only=True)
class ProjectElsewhere(ProjectInput, Elsewhere):
    """A project's graphs as an endpoint or a store has them, with shapes and rules that are here."""

    ontology: tuple[Path, ...] = ()
    given_axioms: Sequence[ox.Triple]

    @cached_property
    def axioms(self) -> Sequence[ox.Triple]:
        """The triples of the ontology."""
        return self.given_axioms

    @cached_property
    def dataset(self) -> MemoryDataset:
        """Data and ontology as a dataset of the project, without its files."""
        return MemoryDataset(self.store, {}, self.project)

    @cached_property
    def shape_map(self) -> SourceMap:
        """No map: a finding is told by its node, wherever its shape is."""
        return SourceMap(())

    def with_places(self) -> Input:
        """Return the input itself: nothing of it has a place."""
        return self


def shapes_of(project: Project) -> tuple[Path, ...]:
    """Return the files of a project's shapes; raise TriplomacyError where there is none."""
    files = project.shapes()
    if not files:
        raise TriplomacyError("no shapes here; add a .ttl file", path=project.ontology / "shapes")
    return tuple(files)


def all_files(given: Iterable[FilePath]) -> tuple[Path, ...]:
    """Return the files that files and folders stand for, each once, under the first of its names."""
    unique: dict[str, Path] = {}
    for file_or_folder in map(to_path, given):
        for path in _files(file_or_folder):
            unique.setdefault(os.path.realpath(path), path)  # not resolve, which a loop of links makes raise
    return tuple(unique.values())


def _files(path: Path) -> list[Path]:
    if path.exists() and not path.is_dir() and not path.is_file():
        raise TriplomacyError("a pipe or a device, which can be read only once; write it into a file first", path=path)
    if not path.is_dir():
        return [path]
    files = [file for file in below(path) if file.suffix.lower() in _RDF]
    if not files:
        raise TriplomacyError("no RDF file in this folder; name files, or another folder", path=path)
    return files
