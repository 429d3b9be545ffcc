"""A project: the folder with an ontology, graphs and stored queries, and the files in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.files import read_text
from triplomacy.terms import GRAPH, ONTOLOGY

if TYPE_CHECKING:
    pass

ACTORS: Final = "actors"
"""The name of the graph that each source's graph needs beside the ontology."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with an ontology, graphs and stored queries.

    Attributes:
        root: the folder.
        added: further files of named graphs, such as what a release says of the ontology, by the graphs' IRIs.
        held: texts of rules and queries that were read beforehand, by their files; none where files are read when they
            are wanted.
        store: the folder of a store on disk that has the graphs and the views; None where the files are read.
        only: the names of the graphs that are meant, beside that of the actors; none where all are.
    """

    root: Path
    added: Mapping[str, Sequence[Path]] = field(default_factory=dict, compare=False, repr=False)
    held: Mapping[Path, str] = field(default_factory=dict, compare=False, repr=False)
    store: Path | None = None
    only: tuple[str, ...] = ()

    @property
    def ontology(self) -> Path:
        """The folder of the ontology, its shapes and its rules."""
        return self.root / "ontology"

    @property
    def graphs(self) -> Path:
        """The folder whose sub-folders are the curated graphs."""
        return self.root / "graphs"

    @property
    def queries(self) -> Path:
        """The folder of the stored queries, a sub-folder a theme."""
        return self.root / "queries"

    @property
    def mappings(self) -> Path:
        """The file of mappings to other vocabularies, which lies with the ontology and is no part of its graph."""
        return self.ontology / "mappings.ttl"

    def graph_names(self) -> list[str]:
        """Return the names of the curated graphs that are meant, sorted.

        Raises:
            TriplomacyError: the folder of the graphs cannot be read.
            UnknownName: there is no graph of a name in *only*.
        """
        try:
            names = sorted(folder.name for folder in self.graphs.iterdir() if folder.is_dir())
        except OSError as error:
            raise TriplomacyError(f"cannot be read: {error.strerror}", path=self.graphs) from None
        for name in self.only:
            if name not in names:
                raise UnknownName("graph", name, names)
        return [name for name in names if name in (*self.only, ACTORS)] if self.only else names

    def files(self) -> dict[str, list[Path]]:
        """Return the Turtle files of each named graph by the graph's IRI, both in a fixed order; not the mappings.

        Raises:
            TriplomacyError: a folder cannot be read, or has no Turtle file, or graphs in another format, which nobody
                would read.
        """
        folders = {ONTOLOGY: self.ontology} | {GRAPH + name: self.graphs / name for name in self.graph_names()}
        named = {
            graph: sorted(path for path in folder.glob("*.ttl") if path != self.mappings)
            for graph, folder in folders.items()
        }
        for graph, paths in named.items():
            if not paths:
                raise TriplomacyError("no .ttl file in this folder; add one or remove it", path=folders[graph])
            for path in sorted(folders[graph].iterdir()):
                if path not in (*paths, self.mappings) and ox.RdfFormat.from_extension(path.suffix.lstrip(".").lower()):
                    raise TriplomacyError("graphs are read from .ttl files; convert or rename it", path=path)
        return {graph: [*paths, *self.added.get(graph, ())] for graph, paths in named.items()}

    def shapes(self) -> list[Path]:
        """Return the files of shapes, sorted."""
        return sorted((self.ontology / "shapes").glob("*.ttl"))

    def rules(self) -> list[Path]:
        """Return the files of the rules by which views are derived, sorted."""
        return sorted((self.ontology / "rules").glob("*.rq"))

    def query_files(self) -> list[Path]:
        """Return the files of the stored queries, sorted."""
        if self.held:
            return sorted(path for path in self.held if path.is_relative_to(self.queries))
        return sorted(self.queries.glob("*/*.rq"))

    def text(self, path: Path) -> str:
        """Return the characters of a rule or of a stored query; raise what `read_text` does."""
        return self.held[path] if path in self.held else read_text(path)

    def holding(self) -> Project:
        """Return the project with the texts of its rules and stored queries, for a process that may open no file.

        Raises:
            MalformedInput: a file is not UTF-8.
            TriplomacyError: a file cannot be read.
        """
        return replace(self, held={path: read_text(path) for path in (*self.rules(), *self.query_files())})


def find_project(folder: Path | None = None) -> Project:
    """Return the project in *folder*, else in the current directory, else the one of the package.

    Raises:
        TriplomacyError: *folder* is given and lacks an ``ontology`` or a ``graphs`` folder.
    """
    if folder is not None:
        for part in ("ontology", "graphs"):
            if not (folder / part).is_dir():
                raise TriplomacyError(f"no folder {part}/ here; name a folder that has one", path=folder)
        return Project(folder)
    here = Path.cwd()
    if (here / "ontology").is_dir() and (here / "graphs").is_dir():
        return Project(Path())
    return packaged()


def packaged() -> Project:
    """Return the project that the package carries: in a checkout, the checkout's."""
    carried = Path(__file__).parents[1] / "data"
    return Project(carried if carried.is_dir() else Path(__file__).parents[3])
