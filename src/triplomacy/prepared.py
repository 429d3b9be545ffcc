"""A project's graphs and views as a store on disk; after an edit only what has changed is derived again.

The default graph is the union of the ontology and the curated graphs, as `dataset.load` has it; each graph and each
view is there by its IRI too. A state keeps the files that it was built of, so that an edit is told from its text. What
a view says of a proposition depends on that proposition, on the claims about it and about those that it specialises,
and on the evidence of these claims, by the rules in ``ontology/rules``: after an edit the facts of the propositions
that can be reached so from what has changed are derived again, and nothing else. Where a project has rules of its own,
or classes are declared in a graph that has changed, all is derived again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy import __version__, binding, citation, disk, kept, views
from triplomacy.dataset import Dataset, Project, as_stored, packaged, parsed
from triplomacy.edits import Change
from triplomacy.errors import TriplomacyError
from triplomacy.kept import Kept
from triplomacy.terms import ID, ONTOLOGY, RDF, RDFS, SOURCE, TRI, VIEW, expand

_LARGE: Final = 5_000_000  # bytes of a graph from which on it is rather built anew than taken in or out by triples
_MOST: Final = 2_000  # propositions from which on all views are derived anew
_LAYOUT: Final = 3  # of the state; another one is built anew
_LINES: Final = 500  # triples that are handed to the engine at once

_OF_CLASSES: Final = frozenset(
    ox.NamedNode(iri)
    for iri in (RDFS + "subClassOf", TRI + "shortcut", TRI + "shortcutSubject", TRI + "shortcutObject")
)
_OF_LISTS: Final = (RDF, "http://www.w3.org/2002/07/owl#")
_UNION: Final = ox.DefaultGraph()
_TYPE: Final = ox.NamedNode(RDF + "type")
_CLAIMANT: Final = ox.NamedNode(TRI + "claimant")


class Prepared(NamedTuple):
    """What a store on disk has now: triples of each graph by its IRI, and how it came about.

    Attributes:
        counts: triples of each graph and each view, by its IRI.
        changed: the IRIs of the curated graphs that differ from the state before; None where everything was built.
        derived: how many propositions were derived again; None where all views were.
    """

    counts: dict[str, int]
    changed: tuple[str, ...] | None = None
    derived: int | None = None


def prepare(project: Project, root: Path) -> Prepared:
    """Bring the store in the folder *root* to the state of the project's files, whole or not at all.

    Raises:
        MalformedInput: a file of the project is malformed.
        TriplomacyError: *root* holds something else than a store or cannot be written, or another process builds there.
    """
    disk.check(root)
    former = _former(root)
    files = kept.files(project, kept.of_state(former) if former is not None else ())
    facts = _facts(project, files)
    if former is not None and all(former.facts.get(name) == value for name, value in facts.items()):
        return Prepared(dict(former.facts["graphs"]), (), 0)
    with disk.writing(root) as fresh:
        kept.keep(files, fresh, former)
        found, statistics = _filled(project, _Task(former, fresh, files, facts))
        facts |= {"graphs": found.counts, "statistics": statistics}
        (fresh / disk.FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        former = None  # nobody reads it any more, so that it is swept away
    return found


def changes(project: Project, state: disk.State) -> dict[str, Change]:
    """Return how the project's graphs differ from what a state was built of, by the graphs' IRIs, without the store.

    A graph that came or went differs by all that its files say. Triples with blank nodes are among the changes where a
    statement with one differs, and then all of that file, since nobody can tell which node is which.

    Raises:
        MalformedInput: a file that has changed is malformed.
        TriplomacyError: a file cannot be read, or the state has not kept the files that it was built of.
    """
    before = kept.of_state(state)
    if state.facts.get("layout") != _LAYOUT or not before:
        raise TriplomacyError("is of another version of Triplomacy; build the store again", path=state.folder)
    return kept.changes(state, before, kept.files(project, before))


def checks(project: Project) -> str:
    """Return a hash of what the graphs are validated with besides the ontology."""
    rules = (project.ontology / "hygiene").glob("*.rq")
    return citation.hashed([*project.shapes(), *sorted(rules)])


class _Anew(Exception):
    """What has changed cannot be told apart from the rest: everything is built anew."""


class _Task(NamedTuple):
    """What a new state is made of: the state before, the folder, the files and what tells it from another one."""

    former: disk.State | None
    fresh: Path
    files: list[Kept]
    facts: dict[str, Any]


Statistics = dict[str, dict[str, int]]
_Node = ox.NamedNode | ox.BlankNode


def _filled(project: Project, task: _Task) -> tuple[Prepared, Statistics]:
    """Fill a new database from the state before, if there is one that is good for it, else from the files."""
    if task.former is not None:
        try:
            return _edited(project, task, task.former)
        except _Anew:
            shutil.rmtree(task.fresh / disk.DATABASE, ignore_errors=True)
    return _built(project, task), _statistics(task.fresh)


def _former(root: Path) -> disk.State | None:
    try:
        return disk.opened(root)
    except TriplomacyError:
        return None


def _facts(project: Project, files: Sequence[Kept]) -> dict[str, Any]:
    """Return what tells one state from another: the hashes of files and rules, and the version."""
    rules = citation.hashed(project.rules())
    return {
        "layout": _LAYOUT,
        "version": __version__,
        "sha256": citation.of_hashes([*(each.sha256 for each in files), *citation.hashes(project.rules())]),
        "rules": rules,
        "checks": checks(project),
        "files": kept.hashes(files),
    }


def _built(project: Project, task: _Task) -> Prepared:
    """Fill a new database from the files as they are kept."""
    store = ox.Store(str(task.fresh / disk.DATABASE))
    _load(store, [(task.fresh / kept.FOLDER / each.sha256, each.path, each.graph) for each in task.files])
    dataset = Dataset(store, project.files(), project)
    _derive_all(dataset)
    store.flush()
    store.optimize()
    return Prepared(_counts(dataset))


def load(store: ox.Store, path: Path, graph: str) -> None:
    """Load a file into the default graph and into the graph of that IRI, its blank nodes the same in both.

    Raises:
        MalformedInput: the file does not follow its grammar or is not UTF-8, with line and column; nothing is loaded.
        TriplomacyError: the file cannot be read or its ending names no RDF format.
        OSError: the disk is full, or the like.
    """
    _load(store, [(path, path, graph)])


def _load(store: ox.Store, files: Sequence[tuple[Path, Path, str]]) -> None:
    """Load files, each given by where it is, what it is called and its graph, in one go.

    The engine writes each of its batches in threads of its own. So what it reads comes through a pipe, in N-Quads, from
    a thread that parses: every term is hashed and stored once for both graphs.
    """
    from threading import Thread

    reading, writing = os.pipe()
    failed: list[Exception] = []

    def feed() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb", 0) as out:
            try:
                for source, path, graph in files:
                    _write(out, source, path, graph)
            except BrokenPipeError:
                raise
            except Exception as error:  # it is raised where the load is
                failed.append(error)
                out.write(b"!\n")  # so that nothing is loaded

    thread = Thread(target=feed)
    thread.start()
    try:
        store.bulk_load(path=f"/dev/fd/{reading}", format=ox.RdfFormat.N_QUADS, lenient=True)
    except SyntaxError:
        if not failed:
            raise
    finally:
        os.close(reading)
        thread.join()
    if failed:
        raise failed[0]


def _write(out: IO[bytes], source: Path, path: Path, graph: str) -> None:
    """Write the triples of a file for both of its graphs."""
    named = f" <{graph}> .\n".encode()
    with parsed(source, path) as triples:
        while lines := ox.serialize(islice(triples, _LINES), format=ox.RdfFormat.N_QUADS):
            out.write(lines + lines.replace(b" .\n", named))


def _quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _derive_all(dataset: Dataset) -> None:
    for graph in _view_graphs(dataset.store):
        dataset.store.remove_graph(graph)
    views.add_graphs(dataset)


def _view_graphs(store: ox.Store) -> list[ox.NamedNode]:
    return [node for node in store.named_graphs() if isinstance(node, ox.NamedNode) and node.value.startswith(VIEW)]


def _counts(dataset: Dataset) -> dict[str, int]:
    """Return how many triples each graph and each view has."""
    graphs = [*dataset.files, *(VIEW + name for name in views.names(dataset))]
    counts = {}
    for graph in sorted(graphs):
        text = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        counts[graph] = int(next(dataset.select(text))["n"].value)
    return counts


def _statistics(fresh: Path) -> Statistics:
    """Return how many nodes of each class and how many triples of each property the default graph has."""
    dataset = Dataset(ox.Store.read_only(str(fresh / disk.DATABASE)))
    classes = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s a ?key } GROUP BY ?key"
    properties = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s ?key ?o } GROUP BY ?key"
    return {"classes": _counted(dataset, classes), "properties": _counted(dataset, properties)}


def _counted(dataset: Dataset, text: str) -> dict[str, int]:
    return dict(sorted((str(row["key"].value), int(row["n"].value)) for row in dataset.select(text)))


def _edited(project: Project, task: _Task, former: disk.State) -> tuple[Prepared, Statistics]:
    """Fill a new database from the former one and from what has changed in the files.

    Raises:
        _Anew: the ontology, a rule or the version is another one, or too much has changed.
    """
    changed = _changed(task, former)
    touched = {node for change in changed.values() for each in change.gone | change.new for node in _touched(each)}
    disk.copied(former, task.fresh / disk.DATABASE)
    store = ox.Store(str(task.fresh / disk.DATABASE))
    dataset = Dataset(store, project.files(), project)
    with_blanks = {graph: _with_blanks(store, graph, each, dataset.files) for graph, each in changed.items()}
    before = Dataset(former.store(), project=project)
    tally = _Tally(store, former.facts)
    for graph, change in with_blanks.items():
        tally.apply(graph, change, dataset.files)
    for graph in changed:
        if graph not in dataset.files:
            tally.counts.pop(graph, None)
    reached = _reached(before, touched) | _reached(dataset, touched)
    anew = _names_change(changed.values()) and views.names(before) != views.names(dataset)
    if anew:  # a source or a claimant has come or gone
        _derive_all(dataset)
        store.flush()
        return Prepared(_counts(dataset), tuple(changed)), tally.statistics()
    _derive_again(before, dataset, tally, reached)
    store.flush()
    return Prepared(dict(sorted(tally.counts.items())), tuple(changed), len(reached)), tally.statistics()


def _changed(task: _Task, former: disk.State) -> dict[str, Change]:
    """Return what differs from the state before, or raise _Anew where that is no way to a new one."""
    known, facts = former.facts, task.facts
    before = kept.of_state(former)
    if not before or any(known.get(name) != facts[name] for name in ("layout", "version", "rules")):
        raise _Anew
    read, now = known["files"], facts["files"]
    graphs = {graph for graph in {*read, *now} if read.get(graph) != now.get(graph)}
    if ONTOLOGY in graphs or facts["rules"] != citation.hashed(packaged().rules()):
        raise _Anew
    others = [(former.folder, each) for each in before] + [(task.fresh, each) for each in task.files]
    whole = [
        folder / kept.FOLDER / each.sha256 for folder, each in others if (each.graph in read) != (each.graph in now)
    ]
    if sum(path.stat().st_size for path in whole) > _LARGE:
        raise _Anew
    found = kept.changes(former, before, task.files)
    if any(each.predicate in _OF_CLASSES for change in found.values() for each in change.gone | change.new):
        raise _Anew
    return found


def _touched(triple: ox.Triple) -> Iterator[str]:
    """Yield the node of which a view may say something else once a triple has changed; raise _Anew for a blank one."""
    if isinstance(triple.subject, ox.NamedNode):
        yield str(triple.subject.value)
    elif not triple.predicate.value.startswith(_OF_LISTS):
        raise _Anew


def _names_change(changed: Iterable[Change]) -> bool:
    """Tell whether a source or a claimant may have come or gone."""
    return any(each.predicate in (_CLAIMANT, _TYPE) for change in changed for each in change.gone | change.new)


def _is_blank(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _with_blanks(store: ox.Store, graph: str, change: Change, files: Mapping[str, Sequence[Path]]) -> Change:
    """Return a change as the store can take it: where blank nodes are among it, all those of the graph are others."""
    if not any(_is_blank(each) for each in change.gone | change.new):
        return change
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    old = {quad.triple for quad in quads if _is_blank(quad.triple)}
    new: set[ox.Triple] = set()
    for path in files.get(graph, ()):
        with parsed(path) as quads_of_file:
            new |= {quad.triple for quad in quads_of_file if _is_blank(quad.triple)}
    named = ({each for each in triples if not _is_blank(each)} for triples in (change.gone, change.new))
    gone, fresh = (frozenset(triples | blank) for triples, blank in zip(named, (old, new), strict=True))
    return Change(gone, fresh, change.kept)


class _Tally:
    """Triples of graphs, classes and properties counted along while a store is changed."""

    def __init__(self, store: ox.Store, facts: Mapping[str, Any]) -> None:
        self.store = store
        self.counts = Counter(facts["graphs"])
        self.classes = Counter(facts["statistics"]["classes"])
        self.properties = Counter(facts["statistics"]["properties"])

    def apply(self, graph: str, change: Change, graphs: Iterable[str]) -> None:
        """Make a graph what it is now, and the default graph the union of all."""
        node, union = ox.NamedNode(graph), ox.DefaultGraph()
        others = [ox.NamedNode(other) for other in graphs if other != graph]
        new = as_stored(change.new)
        for each in as_stored(change.gone) - new - as_stored(change.kept):
            self.remove(each, node)
            if not any(_quad(each, other) in self.store for other in others) and self._remove(each, union):
                self._count(each, -1)
        for each in new:
            self.add(each, node)
            if self._add(each, union):
                self._count(each, 1)
        self.counts[graph] += 0  # a graph of which nothing is left is still one

    def add(self, triple: ox.Triple, graph: ox.NamedNode) -> None:
        """Add a triple to a graph alone."""
        self.counts[graph.value] += self._add(triple, graph)

    def remove(self, triple: ox.Triple, graph: ox.NamedNode) -> None:
        """Remove a triple from a graph alone."""
        self.counts[graph.value] -= self._remove(triple, graph)

    def statistics(self) -> Statistics:
        """Return the nodes of each class and the triples of each property."""
        counted = {"classes": self.classes, "properties": self.properties}
        return {name: {key: n for key, n in sorted(counts.items()) if n} for name, counts in counted.items()}

    def _add(self, triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
        quad = _quad(triple, graph)
        if quad in self.store:
            return False
        self.store.add(quad)
        return True

    def _remove(self, triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
        quad = _quad(triple, graph)
        if quad not in self.store:
            return False
        self.store.remove(quad)
        return True

    def _count(self, triple: ox.Triple, number: int) -> None:
        self.properties[triple.predicate.value] += number
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode | ox.BlankNode):
            self.classes[triple.object.value] += number


def _reached(dataset: Dataset, touched: Collection[str]) -> set[str]:
    """Return the propositions of which a view may say something else once these nodes have changed.

    A node may be a proposition, a claim, its evidence, the passage that this is in, or the source; nothing is said of a
    proposition without a claim.
    """
    start: set[_Node] = {ox.NamedNode(node) for node in touched}
    anchors = start | _subjects(dataset, "dcterms:isPartOf", start)
    anchors |= _subjects(dataset, "tri:inPassage", anchors)
    claims = start | _subjects(dataset, "tri:evidence", anchors)
    store, proposition = dataset.store, ox.NamedNode(TRI + "proposition")
    about = {quad.object for claim in claims for quad in store.quads_for_pattern(claim, proposition, None, _UNION)}
    found = special = start | {each for each in about if isinstance(each, ox.NamedNode)}
    while special := _subjects(dataset, "tri:specialises", special) - found:
        found = found | special
    claimed = (each for each in found if any(True for _ in store.quads_for_pattern(None, proposition, each, _UNION)))
    return {str(each.value) for each in claimed if isinstance(each, ox.NamedNode)}


def _subjects(dataset: Dataset, predicate: str, objects: Collection[_Node]) -> set[_Node]:
    """Return what has a predicate with one of the objects; raise _Anew where that is too much to go through."""
    node = ox.NamedNode(expand(predicate))
    patterns = (dataset.store.quads_for_pattern(None, node, each, _UNION) for each in objects)
    found = {quad.subject for quads in patterns for quad in islice(quads, _MOST + 1)}
    if len(found) + len(objects) > _MOST:
        raise _Anew
    return {each for each in found if isinstance(each, ox.NamedNode | ox.BlankNode)}


# By the rules, only the claimants of a proposition and those sources have something to say of it.
_VOICES: Final = """
SELECT DISTINCT ?claimant ?source WHERE {
  ?claim tri:proposition ?proposition .
  { ?claim tri:claimant ?claimant } UNION { ?claim tri:evidence/tri:inPassage?/dcterms:isPartOf ?source }
}"""


def _said(dataset: Dataset, proposition: str) -> dict[str, set[ox.Triple]]:
    """Return what each view says by reason of a proposition, for those that say something of it."""
    rows = list(dataset.select(binding.bind(_VOICES, {"proposition": [ox.NamedNode(proposition)]})))
    claimants, sources = (
        {str(row[name].value) for row in rows if isinstance(row[name], ox.NamedNode)} for name in ("claimant", "source")
    )
    voices = {iri.removeprefix(SOURCE) for iri in sources if iri.startswith(SOURCE)}
    voices = {name for name in voices if dataset.query(f"ASK {{ <{SOURCE}{name}> a tri:Source }}")}
    names = {*voices, views.UNDISPUTED, *(views.of_actor(iri) for iri in claimants if iri.startswith(ID))}
    found = {name: set(views.derive(dataset, name, proposition)) for name in names}
    return found | {views.AUTHOR: set().union(*(found[name] for name in voices))}


def _derive_again(before: Dataset, dataset: Dataset, tally: _Tally, propositions: set[str]) -> None:
    """Bring the views to what their rules say now of some propositions."""
    for proposition in sorted(propositions):
        old, now = (_said(each, proposition) for each in (before, dataset))
        for name in {*old, *now}:
            node = ox.NamedNode(VIEW + name)
            for fact in old.get(name, set()) - now.get(name, set()):
                if not _said_by_others(dataset, name, fact, proposition):
                    tally.remove(fact, node)
            for fact in now.get(name, set()):
                tally.add(fact, node)


def _said_by_others(dataset: Dataset, name: str, fact: ox.Triple, proposition: str) -> bool:
    """Tell whether a view says a fact by reason of another proposition, which has then both nodes of it."""
    text = "SELECT DISTINCT ?other WHERE { ?other ?role ?subject ; ?part ?object ; ^tri:proposition ?claim }"
    rows = dataset.select(binding.bind(text, {"subject": [fact.subject], "object": [fact.object]}))  # type: ignore[list-item]
    others = {str(row["other"].value) for row in rows if isinstance(row["other"], ox.NamedNode)} - {proposition}
    return any(fact in _said(dataset, other).get(name, ()) for other in sorted(others))
