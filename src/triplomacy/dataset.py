"""Files to one dataset of named graphs in memory, and the dataset back to stable bytes.

A *project* is a folder with ``ontology/``, ``graphs/`` and ``queries/``; the installed package
carries one. A folder under ``graphs/`` is a named graph. The default graph of a loaded dataset is
the union of the ontology and the curated graphs; named graphs are loaded beside it where a caller
asks for them, since a query that names no graph does not need the second copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import pyoxigraph as ox

from triplomacy import sparql
from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.files import check, read_text
from triplomacy.terms import GRAPH, ONTOLOGY, PREFIXES

if TYPE_CHECKING:
    from triplomacy import disk

ACTORS: Final = "actors"
"""The name of the graph that each source's graph needs beside the ontology."""

_LARGE: Final = 1_000_000  # bytes of a file from which on the engine's way for many triples is the faster one


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


class Solutions(NamedTuple):
    """The solutions of a SELECT: its variables in their order, without question marks, and the rows."""

    variables: tuple[str, ...]
    rows: Iterable[ox.QuerySolution]


Result = Solutions | bool | Iterable[ox.Triple]


class Engine(Protocol):
    """What answers queries in the place of a store here."""

    def query(self, text: str) -> Result:
        """Return the answer of a query, with the project's prefixes known."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """A project's graphs in a store, and the files that each named graph was read from.

    Where there is an *engine*, the graphs are elsewhere: it answers, and the store is empty. Where there is a *state*,
    the store is on disk, only to be read, and has every graph and every view by its IRI; *view* is then the IRI of the
    one whose facts belong to the default graph too, and *sha256* the hash of the files that the state was built from.
    """

    store: ox.Store
    files: dict[str, list[Path]] = field(default_factory=dict)
    project: Project | None = None
    engine: Engine | None = None
    state: disk.State | None = None
    view: str | None = None
    sha256: str = ""

    def changeable(self) -> Dataset:
        """Return the dataset in memory, where it may be changed: itself, or a copy of a store on disk."""
        if self.state is None:
            return self
        store = ox.Store()
        store.bulk_extend(self.store.quads_for_pattern(None, None, None))
        return replace(self, store=store, state=None, view=None)

    def query(self, text: str) -> Result:
        """Return the answer of a query over the default graph, with the project's prefixes known.

        Raises:
            SyntaxError: it does not parse.
            TriplomacyError: it has ``SERVICE`` in it, which pyoxigraph would ask with no bound.
        """
        sparql.refuse_services(text)
        if self.engine is not None:
            return self.engine.query(text)
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [ox.DefaultGraph()]
        graphs += [ox.NamedNode(self.view)] if self.view else []
        merged = graphs if self.view else None
        found = self.store.query(text, prefixes=dict(PREFIXES), default_graph=merged)
        if isinstance(found, ox.QuerySolutions):
            return Solutions(tuple(variable.value for variable in found.variables), found)
        return bool(found) if isinstance(found, ox.QueryBoolean) else found

    def select(self, query: str) -> Iterator[ox.QuerySolution]:
        """Yield the solutions of a SELECT over the default graph, with the project's prefixes known."""
        found = self.query(query)
        if not isinstance(found, Solutions):
            raise TypeError("not a SELECT query")
        return iter(found.rows)

    def sources(self) -> list[str]:
        """Return the IRIs of the sources, sorted."""
        rows = self.select("SELECT ?source WHERE { ?source a tri:Source }")
        return sorted({str(row["source"].value) for row in rows})


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
    carried = Path(__file__).parent / "data"
    return Project(carried if carried.is_dir() else Path(__file__).parents[2])


def load(project: Project, *, named: bool = False) -> Dataset:
    """Return the project's graphs: the union as the default graph and, if *named*, each graph by its IRI.

    Raises:
        MalformedInput: a file is not Turtle or not UTF-8.
        TriplomacyError: a graph has no file or a file cannot be read.
    """
    if project.store is not None:
        return _on_disk(project, project.store)
    dataset = Dataset(ox.Store(), project.files(), project)
    for paths in dataset.files.values():
        for path in paths:
            load_file(dataset.store, path)
    if named:
        add_named(dataset)
    return dataset


def _on_disk(project: Project, root: Path) -> Dataset:
    """Return the graphs and views of a store on disk."""
    from triplomacy import disk

    state = disk.opened(root)
    return Dataset(state.store(), project=project, state=state, sha256=str(state.facts.get("sha256", "")))


def add_named(dataset: Dataset) -> None:
    """Add each graph by its IRI beside the default graph, unless it is there already; raise what `load` does."""
    for graph, paths in dataset.files.items():
        for path in paths:
            load_file(dataset.store, path, graph)


@contextmanager
def loading(project: Project) -> Iterator[Callable[[], Dataset]]:
    """Load a project's graphs in a thread while the block runs; what it is given waits for them as `load` has them.

    The engine reads without Python's lock, so that Python can import and parse meanwhile.
    """
    from threading import Thread

    done: list[Dataset | Exception] = []

    def work() -> None:
        try:
            done.append(load(project))
        except Exception as error:  # it is raised where the graphs are waited for
            done.append(error)

    def wait() -> Dataset:
        thread.join()
        if isinstance(done[0], Dataset):
            return done[0]
        raise done[0]

    thread = Thread(target=work)
    thread.start()
    try:
        yield wait
    finally:
        thread.join()


def load_files(paths: Sequence[Path]) -> Dataset:
    """Return a dataset of other people's files: Turtle and the like into the default graph, quads as they are."""
    store = ox.Store()
    for path in paths:
        load_file(store, path)
    return Dataset(store, {})


def of_triples(triples: Iterable[ox.Triple], project: Project) -> Dataset:
    """Return a dataset of triples that were parsed from the files of *project* already, as its default graph."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return Dataset(store, project.files(), project)


def as_stored(triples: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    """Return triples as a store gives them back, which has one way to write a number or a date."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return frozenset(quad.triple for quad in store)


def load_file(store: ox.Store, path: Path, graph: str | None = None) -> None:
    """Read one file into *store*, its format by its ending, into the graph of that IRI or the default graph.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
    """
    form = rdf_format(path)
    target = None if graph is None or form.supports_datasets else ox.NamedNode(graph)
    check(path)
    with _place_of_error(path):
        load = store.bulk_load if path.stat().st_size > _LARGE else store.load
        load(path=path, format=form, base_iri=path.resolve().as_uri(), to_graph=target)


def parse_file(path: Path) -> list[ox.Triple]:
    """Return the triples of one file as they are written, those of all its graphs together.

    A store would rewrite some literals: ``"1"^^xsd:nonNegativeInteger`` as ``xsd:integer``, ``1.50`` as ``1.5``.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
    """
    with parsed(path) as quads:
        return [quad.triple for quad in quads]


@contextmanager
def parsed(source: Path, path: Path | None = None) -> Iterator[Iterator[ox.Quad]]:
    """Give the quads of one file, as `parse_file` has their triples, while they are read.

    Args:
        source: where the file is.
        path: the file that it is a copy of, for its format, its base and for what errors call it; None if it is none.
    """
    path = path or source
    form = rdf_format(path)
    check(source)
    with _place_of_error(path, source):
        yield ox.parse(path=source, format=form, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)


def parse_text(content: bytes, path: Path) -> list[ox.Triple]:
    """Return the triples of a text of a file, which need not be what the file has now, as `parse_file` does.

    Raises:
        MalformedInput: the text does not follow its grammar or is not UTF-8, with line and column.
        TriplomacyError: the file's ending names no RDF format.
    """
    form = rdf_format(path)
    with _place_of_error(path, content):
        quads = ox.parse(content, format=form, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)
        return [quad.triple for quad in quads]


@contextmanager
def _place_of_error(path: Path, content: bytes | Path | None = None) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        text = content if isinstance(content, bytes) else (content or path).read_bytes()
        raise _malformed(path, error, text) from None
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None


def rdf_format(path: Path) -> ox.RdfFormat:
    """Return the RDF format that the ending of *path* names.

    Raises:
        TriplomacyError: it names none.
    """
    found = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    if found is None:
        raise TriplomacyError("no RDF format has this ending; use .ttl, .trig, .nt, .nq, .rdf or .jsonld", path=path)
    return found


def _malformed(path: Path, error: SyntaxError, content: bytes) -> MalformedInput:
    """Return the exception for a parser's complaint about the content of *path*, with the place where it stands."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        column = len(content[content.rfind(b"\n", 0, wrong.start) + 1 : wrong.start].decode("utf-8")) + 1
        return MalformedInput("not UTF-8; save the file in UTF-8", path=path, line=line, column=column)
    message = re.sub(r"^Parser error (?:at|between) line .*?: ", "", str(error.msg))
    if message.startswith("No LoadDocumentCallback"):
        message = "the file refers to a context elsewhere, and nothing is fetched; write the context into the file"
    if content.startswith(b"\xef\xbb\xbf"):
        message = "the file begins with a byte order mark; save it without one"
    return MalformedInput(message, path=path, line=error.lineno, column=error.offset)
