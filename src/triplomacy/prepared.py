"""A project's graphs and views as a store on disk; after an edit only what has changed is derived again.

The default graph is the union of the ontology and the curated graphs, as `dataset.load` has it; each graph and each
view is there by its IRI too. What a view says of a proposition depends on that proposition, on the claims about it and
about those that it specialises, and on the evidence of these claims, by the rules in ``ontology/rules``: after an edit
the facts of the propositions that can be reached so from what has changed are derived again, and nothing else. Where a
project has rules of its own, or classes are declared in a graph that has changed, all is derived again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy import __version__, binding, citation, disk, views
from triplomacy.dataset import Dataset, Project, load_file, packaged, parse_file
from triplomacy.errors import TriplomacyError
from triplomacy.terms import ONTOLOGY, RDFS, TRI, VIEW

_LARGE: Final = 5_000_000  # bytes of a file from which on it is loaded without Python seeing its triples
_MOST: Final = 2_000  # propositions from which on all views are derived anew
_LAYOUT: Final = 1  # of the state; another one is built anew

_OF_CLASSES: Final = frozenset(
    ox.NamedNode(iri)
    for iri in (RDFS + "subClassOf", TRI + "shortcut", TRI + "shortcutSubject", TRI + "shortcutObject")
)


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
    facts = _facts(project)
    if counts := _up_to_date(root, facts):
        return Prepared(counts, (), 0)
    with disk.writing(root) as fresh:
        found = _filled(project, root, fresh, facts)
        facts |= {"graphs": found.counts, "statistics": _statistics(fresh)}
        (fresh / disk.FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return found


class _Anew(Exception):
    """What has changed cannot be told apart from the rest: everything is built anew."""


def _up_to_date(root: Path, facts: Mapping[str, Any]) -> dict[str, int] | None:
    """Return the counts of the current state if it is that of the files."""
    disk.check(root)
    former = _former(root)
    if former is None or any(former.facts.get(name) != value for name, value in facts.items()):
        return None
    return dict(former.facts["graphs"])


def _filled(project: Project, root: Path, fresh: Path, facts: Mapping[str, Any]) -> Prepared:
    """Fill a new database from the state before, if there is one that is good for it, else from the files."""
    former = _former(root)
    if former is not None:
        try:
            return _edited(project, former, fresh, facts)
        except _Anew:
            shutil.rmtree(fresh / disk.DATABASE, ignore_errors=True)
    return _built(project, fresh)


def _former(root: Path) -> disk.State | None:
    try:
        return disk.opened(root)
    except TriplomacyError:
        return None


def _facts(project: Project) -> dict[str, Any]:
    """Return what tells one state from another: the hashes of files and rules, and the version."""
    files = project.files()
    hashes = {
        graph: hashlib.sha256(b"".join(_digest(path) for path in paths)).hexdigest() for graph, paths in files.items()
    }
    rules = citation.hashed(project.rules())
    own = [path for paths in files.values() for path in paths]
    sha256 = citation.hashed([*own, *project.rules()])
    return {"layout": _LAYOUT, "version": __version__, "sha256": sha256, "rules": rules, "files": hashes}


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode() + path.read_bytes()).digest()


def _built(project: Project, fresh: Path) -> Prepared:
    """Fill a new database from the project's files."""
    store = ox.Store(str(fresh / disk.DATABASE))
    dataset = Dataset(store, project.files(), project)
    for graph, paths in dataset.files.items():
        for path in paths:
            _load(store, path, graph)
    _derive_all(dataset)
    store.optimize()
    return Prepared(_finished(dataset))


def _load(store: ox.Store, path: Path, graph: str) -> None:
    """Load a file into the default graph and its own graph, its blank nodes the same in both where it is not large."""
    if path.stat().st_size > _LARGE:
        load_file(store, path)
        load_file(store, path, graph)
        return
    triples, node = parse_file(path), ox.NamedNode(graph)
    store.bulk_extend(_quad(each, target) for each in triples for target in (ox.DefaultGraph(), node))


def _quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _derive_all(dataset: Dataset) -> None:
    for graph in _view_graphs(dataset.store):
        dataset.store.remove_graph(graph)
    views.add_graphs(dataset)


def _view_graphs(store: ox.Store) -> list[ox.NamedNode]:
    return [node for node in store.named_graphs() if isinstance(node, ox.NamedNode) and node.value.startswith(VIEW)]


def _finished(dataset: Dataset) -> dict[str, int]:
    """Write what is still in memory, and return how many triples each graph and each view has."""
    dataset.store.flush()
    graphs = [*dataset.files, *(VIEW + name for name in views.names(dataset))]
    counts = {}
    for graph in sorted(graphs):
        text = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        counts[graph] = int(next(dataset.select(text))["n"].value)
    return counts


def _statistics(fresh: Path) -> dict[str, Any]:
    """Return how many nodes of each class and how many triples of each property the default graph has."""
    dataset = Dataset(ox.Store.read_only(str(fresh / disk.DATABASE)))
    classes = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s a ?key } GROUP BY ?key"
    properties = "SELECT ?key (COUNT(*) AS ?n) WHERE { ?s ?key ?o } GROUP BY ?key"
    return {"classes": _counted(dataset, classes), "properties": _counted(dataset, properties)}


def _counted(dataset: Dataset, text: str) -> dict[str, int]:
    return dict(sorted((str(row["key"].value), int(row["n"].value)) for row in dataset.select(text)))


@dataclass
class _Change:
    """How a graph differs: triples that are gone from it, and those that are new."""

    gone: set[ox.Triple] = field(default_factory=set)
    new: set[ox.Triple] = field(default_factory=set)


def _edited(project: Project, former: disk.State, fresh: Path, facts: Mapping[str, Any]) -> Prepared:
    """Fill a new database from the former one and from the files that have changed.

    Raises:
        _Anew: the ontology, a rule or the version is another one, or too much has changed.
    """
    known = former.facts
    if any(known.get(name) != facts[name] for name in ("layout", "version", "rules")):
        raise _Anew
    read, now = known["files"], facts["files"]
    graphs = sorted(graph for graph in {*read, *now} if read.get(graph) != now.get(graph))
    if ONTOLOGY in graphs or facts["rules"] != citation.hashed(packaged().rules()):
        raise _Anew
    disk.copied(former, fresh / disk.DATABASE)
    store = ox.Store(str(fresh / disk.DATABASE))
    dataset = Dataset(store, project.files(), project)
    changes = {graph: _change(store, graph, dataset.files.get(graph, ())) for graph in graphs}
    if any(each.predicate in _OF_CLASSES for change in changes.values() for each in change.gone | change.new):
        raise _Anew
    touched = {str(each.subject) for change in changes.values() for each in change.gone | change.new}
    before = Dataset(former.store(), project=project)
    for graph, change in changes.items():
        _apply(store, graph, change, dataset.files)
    derived = _derived_again(before, dataset, _reached(before, touched) | _reached(dataset, touched))
    return Prepared(_finished(dataset), tuple(graphs), derived)


def _change(store: ox.Store, graph: str, paths: Sequence[Path]) -> _Change:
    """Return how the files of a graph differ from what the store has of it; blank nodes are always others."""
    read = ox.Store()
    for path in paths:
        load_file(read, path)
    node = ox.NamedNode(graph)
    now = {quad.triple for quad in read}
    before = {quad.triple for quad in store.quads_for_pattern(None, None, None, node)}
    change = _Change(before - now, now - before)
    blank = any(ox.BlankNode in (type(each.subject), type(each.object)) for each in change.gone | change.new)
    if blank and any(path.stat().st_size > _LARGE for path in paths):
        raise _Anew
    return change


def _apply(store: ox.Store, graph: str, change: _Change, graphs: Iterable[str]) -> None:
    """Make a graph what it is now, and the default graph the union of all."""
    node = ox.NamedNode(graph)
    others = [ox.NamedNode(other) for other in graphs if other != graph]
    for each in change.gone:
        store.remove(_quad(each, node))
        if not any(_quad(each, other) in store for other in others):
            store.remove(_quad(each, ox.DefaultGraph()))
    store.extend(_quad(each, node) for each in change.new)
    store.extend(_quad(each, ox.DefaultGraph()) for each in change.new)


_REACHED: Final = """
SELECT DISTINCT ?proposition WHERE {
  { ?touched tri:proposition ?about }
  UNION { ?claim tri:evidence/tri:inPassage? ?touched ; tri:proposition ?about }
  UNION { ?claim tri:evidence/tri:inPassage?/dcterms:isPartOf ?touched ; tri:proposition ?about }
  UNION { ?touched a/rdfs:subClassOf* tri:Proposition BIND (?touched AS ?about) }
  ?proposition tri:specialises* ?about .
}"""


def _reached(dataset: Dataset, touched: Iterable[str]) -> set[str]:
    """Return the propositions of which a view may say something else once these nodes have changed."""
    nodes = [ox.NamedNode(node[1:-1]) for node in sorted(touched) if node.startswith("<")]
    if len(nodes) > _MOST:
        raise _Anew
    if not nodes:
        return set()
    rows = dataset.select(binding.bind(_REACHED, {"touched": nodes}))
    found = {row["proposition"].value for row in rows if isinstance(row["proposition"], ox.NamedNode)}
    if len(found) > _MOST:
        raise _Anew
    return found


def _said(dataset: Dataset, names: Iterable[str], propositions: Iterable[str]) -> dict[str, set[ox.Triple]]:
    """Return what each view says by reason of some propositions."""
    chosen = sorted(propositions)
    return {name: {fact for each in chosen for fact in views.derive(dataset, name, each)} for name in names}


def _derived_again(before: Dataset, dataset: Dataset, propositions: set[str]) -> int | None:
    """Bring the views to what their rules say now; return for how many propositions, or None where for all."""
    names = views.names(dataset)
    if names != views.names(before):  # a source or a claimant has come or gone
        _derive_all(dataset)
        return None
    old, now = (_said(each, names, propositions) for each in (before, dataset))
    for name in names:
        node = ox.NamedNode(VIEW + name)
        for fact in old[name] - now[name]:
            if fact not in _said_by_others(dataset, name, fact, propositions):
                dataset.store.remove(_quad(fact, node))
        dataset.store.extend(_quad(fact, node) for fact in now[name])
    return len(propositions)


def _said_by_others(dataset: Dataset, name: str, fact: ox.Triple, propositions: Iterable[str]) -> set[ox.Triple]:
    """Return what a view says by reason of other propositions that have both nodes of a fact."""
    text = "SELECT DISTINCT ?other WHERE { ?other ?role ?subject ; ?part ?object ; ^tri:proposition ?claim }"
    rows = dataset.select(binding.bind(text, {"subject": [fact.subject], "object": [fact.object]}))  # type: ignore[list-item]
    others = {str(row["other"].value) for row in rows if isinstance(row["other"], ox.NamedNode)} - set(propositions)
    return {each for other in others for each in views.derive(dataset, name, other)}
