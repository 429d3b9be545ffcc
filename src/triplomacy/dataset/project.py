"""A project: the folder with an ontology, graphs and stored queries, and the files in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import store_states
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.files import FilePath, digest, in_folder, read_text, to_path
from triplomacy.terms import GRAPH, ONTOLOGY

ACTORS: Final = "actors"
"""The name of the graph that each source's graph needs beside the ontology."""


class Texts:
    """The texts of rules and stored queries, each read from its file when it is needed."""

    def paths(self, folder: Path) -> list[Path]:
        """Return the files of queries in the sub-folders of a folder, sorted."""
        return [path for theme in in_folder(folder, "") for path in in_folder(theme, ".rq")]

    def read(self, path: Path) -> str:
        """Return the characters of a file; raise what `read_text` does."""
        return read_text(path)


@dataclass(frozen=True, slots=True)
class LoadedTexts(Texts):
    """The texts of rules and stored queries, read beforehand, by their files."""

    texts: Mapping[Path, str]

    def paths(self, folder: Path) -> list[Path]:
        """Return the files below a folder, sorted."""
        return sorted(path for path in self.texts if path.is_relative_to(folder))

    def read(self, path: Path) -> str:
        """Return the characters of a file; where it was not read beforehand, raise what `read_text` does."""
        return self.texts[path] if path in self.texts else read_text(path)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with an ontology, graphs and stored queries.

    Attributes:
        root: the folder.
        only: the names of the graphs that are meant, beside that of the actors; nothing means all of them.
        added: further files of named graphs, such as what a release says of the ontology, by the graphs' IRIs.
        texts: those of rules and stored queries.
    """

    root: Path
    only: tuple[str, ...] = ()
    added: Mapping[str, Sequence[Path]] = field(default_factory=dict, compare=False, repr=False)
    texts: Texts = field(default_factory=Texts, compare=False, repr=False)

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
        """The file of mappings to other vocabularies, which lies with the ontology and is not in its graph."""
        return self.ontology / "mappings.ttl"

    def graph_names(self) -> list[str]:
        """Return the names of the curated graphs, of those in *only* if it has any, sorted.

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
            graph: [path for path in in_folder(folder, ".ttl") if path != self.mappings]
            for graph, folder in folders.items()
        }
        for graph, paths in named.items():
            if not paths:
                raise TriplomacyError("no .ttl file in this folder; add one or remove it", path=folders[graph])
            for path in in_folder(folders[graph], ""):
                if path not in (*paths, self.mappings) and ox.RdfFormat.from_extension(path.suffix.lstrip(".").lower()):
                    raise TriplomacyError("graphs are read from .ttl files; convert or rename it", path=path)
        return {graph: [*paths, *self.added.get(graph, ())] for graph, paths in named.items()}

    def shapes(self) -> list[Path]:
        """Return the files of shapes, sorted."""
        return in_folder(self.ontology / "shapes", ".ttl")

    def rules(self) -> list[Path]:
        """Return the files of the rules by which views are derived, sorted."""
        return in_folder(self.ontology / "rules", ".rq")

    def query_files(self) -> list[Path]:
        """Return the files of the stored queries, sorted."""
        return self.texts.paths(self.queries)

    def text(self, path: Path) -> str:
        """Return the characters of a rule or of a stored query; raise what `read_text` does."""
        return self.texts.read(path)

    def with_texts(self) -> Project:
        """Return the project with the texts of its rules and stored queries, for a process that may open no file.

        Raises:
            MalformedInput: a file is not UTF-8.
            TriplomacyError: a file cannot be read.
        """
        texts = {path: read_text(path) for path in (*self.rules(), *self.query_files())}
        return replace(self, texts=LoadedTexts(texts))

    def sha256(self) -> str:
        """Return the hash of the files that graphs and views come from, see `files.digest`.

        Raises:
            TriplomacyError: a file cannot be read.
        """
        return digest([*(path for paths in self.files().values() for path in paths), *self.rules()])

    def files_to_watch(self) -> Iterator[Path]:
        """Yield the files whose modification times show whether something may have changed."""
        for folder in (self.ontology, self.graphs, self.queries):
            yield from folder.rglob("*")

    def in_files(self) -> Project:
        """Return the project whose graphs are read from its files."""
        return self

    def in_store(self, store: FilePath) -> StoredProject:
        """Return the project whose graphs and views are in a store on disk, in the folder *store*."""
        return StoredProject(self.root, self.only, self.added, self.texts, store=to_path(store))


@dataclass(frozen=True, slots=True)
class StoredProject(Project):
    """A project whose graphs and views are in a store on disk.

    Attributes:
        store: the folder of the store.
    """

    store: Path = field(kw_only=True)

    def sha256(self) -> str:
        """Return the hash of the files that the store was built from.

        Raises:
            TriplomacyError: there is no store, or it is damaged.
        """
        return str(store_states.open_state(self.store).metadata.get("sha256", ""))

    def files_to_watch(self) -> Iterator[Path]:
        """Yield the files whose modification times show whether something may have changed, the store's among them."""
        yield from Project.files_to_watch(self)
        yield self.store / "current" / store_states.METADATA

    def in_files(self) -> Project:
        """Return the project whose graphs are read from its files."""
        return Project(self.root, self.only, self.added, self.texts)


def find_project(folder: FilePath | None = None) -> Project:
    """Return the project in *folder*, else in the current directory, else the one of the package.

    Raises:
        TriplomacyError: *folder* is given and lacks an ``ontology`` or a ``graphs`` folder.
    """
    if folder is not None:
        root = to_path(folder)
        for part in ("ontology", "graphs"):
            if not (root / part).is_dir():
                raise TriplomacyError(f"no folder {part}/ here; name a folder that has one", path=root)
        return Project(root)
    here = Path.cwd()
    if (here / "ontology").is_dir() and (here / "graphs").is_dir():
        return Project(Path())
    return packaged_project()


def packaged_project() -> Project:
    """Return the project that the package carries: in a checkout, the checkout's."""
    carried = Path(__file__).parents[1] / "data"
    return Project(carried if carried.is_dir() else Path(__file__).parents[3])
