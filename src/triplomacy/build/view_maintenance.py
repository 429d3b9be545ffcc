"""A state of a store from the one before: the graphs that changed, and what views say of their propositions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.build import snapshot
from triplomacy.build.bulk_load import LARGE, BuildSummary, Statistics, Task, count_triples, derive_all, to_quad
from triplomacy.claims import views
from triplomacy.dataset import Dataset, MemoryDataset, Project, packaged_project, store_states
from triplomacy.files import digest
from triplomacy.rdf import TYPE, TripleChange, stream, to_stored
from triplomacy.sparql import binding
from triplomacy.terms import ID, ONTOLOGY, RDF, RDFS, SOURCE, TRI, VIEW, expand

_MOST: Final = 2_000  # propositions from which on all views are derived anew

_OF_CLASSES: Final = frozenset(
    ox.NamedNode(iri)
    for iri in (RDFS + "subClassOf", TRI + "shortcut", TRI + "shortcutSubject", TRI + "shortcutObject")
)
_OF_LISTS: Final = (RDF, "http://www.w3.org/2002/07/owl#")
_UNION: Final = ox.DefaultGraph()
_CLAIMANT: Final = ox.NamedNode(TRI + "claimant")


class RebuildNeeded(Exception):
    """What has changed cannot be told apart from the rest: everything is built anew."""


_Node = ox.NamedNode | ox.BlankNode


def update_state(project: Project, task: Task, former: store_states.State) -> tuple[BuildSummary, Statistics]:
    """Fill a new database from the former one and from what has changed in the files.

    Raises:
        RebuildNeeded: the ontology, a rule or the version is another one, or too much has changed.
    """
    changed = _changes_by_graph(task, former)
    touched = {
        node for change in changed.values() for each in change.gone | change.new for node in _node_touched_by(each)
    }
    store_states.copy_state(former, task.fresh / store_states.DATABASE)
    store = ox.Store(str(task.fresh / store_states.DATABASE))
    dataset = MemoryDataset(store, project.files(), project)
    with_blanks = {graph: _with_blanks(store, graph, each, dataset.files) for graph, each in changed.items()}
    before = MemoryDataset(former.store(), owner=project)
    tally = _Tally(store, former.metadata)
    for graph, change in with_blanks.items():
        tally.apply(graph, change, dataset.files)
    for graph in changed:
        if graph not in dataset.files:
            tally.counts.pop(graph, None)
    reached = _propositions_to_derive(before, touched) | _propositions_to_derive(dataset, touched)
    anew = _names_change(changed.values()) and views.names(before) != views.names(dataset)
    if anew:  # a source or a claimant has come or gone
        derive_all(dataset)
        store.flush()
        return BuildSummary(count_triples(dataset), tuple(changed)), tally.statistics()
    _derive_again(before, dataset, tally, reached)
    store.flush()
    return BuildSummary(dict(sorted(tally.counts.items())), tuple(changed), len(reached)), tally.statistics()


def _changes_by_graph(task: Task, former: store_states.State) -> dict[str, TripleChange]:
    """Return what differs from the state before, or raise RebuildNeeded where none leads from it to a new one."""
    known, metadata = former.metadata, task.metadata
    before = snapshot.of_state(former)
    if not before or any(known.get(name) != metadata[name] for name in ("layout", "version", "rules")):
        raise RebuildNeeded
    read, now = known["files"], metadata["files"]
    graphs = {graph for graph in {*read, *now} if read.get(graph) != now.get(graph)}
    if ONTOLOGY in graphs or metadata["rules"] != digest(packaged_project().rules()):
        raise RebuildNeeded
    others = [(former.folder, file) for file in before] + [(task.fresh, file) for file in task.files]
    whole = [
        folder / snapshot.FOLDER / file.sha256 for folder, file in others if (file.graph in read) != (file.graph in now)
    ]
    if sum(path.stat().st_size for path in whole) > LARGE:
        raise RebuildNeeded
    changes_by_graph = snapshot.changes(former, before, task.files)
    changed = (triple for change in changes_by_graph.values() for triple in change.gone | change.new)
    if any(triple.predicate in _OF_CLASSES for triple in changed):
        raise RebuildNeeded
    return changes_by_graph


def _node_touched_by(triple: ox.Triple) -> Iterator[str]:
    """Yield the node of which a view may say something else once a triple has changed; raise for a blank one."""
    if isinstance(triple.subject, ox.NamedNode):
        yield str(triple.subject.value)
    elif not triple.predicate.value.startswith(_OF_LISTS):
        raise RebuildNeeded


def _names_change(changed: Iterable[TripleChange]) -> bool:
    """Tell whether a source or a claimant may have come or gone."""
    return any(triple.predicate in (_CLAIMANT, TYPE) for change in changed for triple in change.gone | change.new)


def _is_blank(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _with_blanks(
    store: ox.Store, graph: str, change: TripleChange, files: Mapping[str, Sequence[Path]]
) -> TripleChange:
    """Return a change as the store can take it: where blank nodes are among it, all those of the graph are others."""
    if not any(_is_blank(triple) for triple in change.gone | change.new):
        return change
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    old = {quad.triple for quad in quads if _is_blank(quad.triple)}
    new: set[ox.Triple] = set()
    for path in files.get(graph, ()):
        with stream(path) as quads_of_file:
            new |= {quad.triple for quad in quads_of_file if _is_blank(quad.triple)}
    named = ({triple for triple in triples if not _is_blank(triple)} for triples in (change.gone, change.new))
    gone, fresh = (frozenset(triples | blank) for triples, blank in zip(named, (old, new), strict=True))
    return TripleChange(gone, fresh, change.kept)


class _Tally:
    """Triples of graphs, classes and properties counted along while a store is changed."""

    def __init__(self, store: ox.Store, metadata: Mapping[str, Any]) -> None:
        self.store = store
        self.counts = Counter(metadata["graphs"])
        self.classes = Counter(metadata["statistics"]["classes"])
        self.properties = Counter(metadata["statistics"]["properties"])

    def apply(self, graph: str, change: TripleChange, graphs: Iterable[str]) -> None:
        """Make a graph what it is now, and the default graph the union of all."""
        node, union = ox.NamedNode(graph), ox.DefaultGraph()
        others = [ox.NamedNode(other) for other in graphs if other != graph]
        new = to_stored(change.new)
        for triple in to_stored(change.gone) - new - to_stored(change.kept):
            self.remove(triple, node)
            if not any(to_quad(triple, other) in self.store for other in others) and self._remove(triple, union):
                self._count(triple, -1)
        for triple in new:
            self.add(triple, node)
            if self._add(triple, union):
                self._count(triple, 1)
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
        quad = to_quad(triple, graph)
        if quad in self.store:
            return False
        self.store.add(quad)
        return True

    def _remove(self, triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
        quad = to_quad(triple, graph)
        if quad not in self.store:
            return False
        self.store.remove(quad)
        return True

    def _count(self, triple: ox.Triple, number: int) -> None:
        self.properties[triple.predicate.value] += number
        if triple.predicate == TYPE and isinstance(triple.object, ox.NamedNode | ox.BlankNode):
            self.classes[triple.object.value] += number


def _propositions_to_derive(dataset: MemoryDataset, touched: Collection[str]) -> set[str]:
    """Return the propositions of which a view may say something else once these nodes have changed.

    A node may be a proposition, a claim, its evidence, the passage that this is in, or the source; nothing is said of a
    proposition without a claim.
    """
    start: set[_Node] = {ox.NamedNode(node) for node in touched}
    anchors = start | _subjects(dataset, "dcterms:isPartOf", start)
    anchors |= _subjects(dataset, "tri:inPassage", anchors)
    claims = start | _subjects(dataset, "tri:evidence", anchors)
    proposition = ox.NamedNode(TRI + "proposition")
    about = {quad.object for claim in claims for quad in dataset.quads(claim, proposition, None, _UNION)}
    reached = special = start | {link for link in about if isinstance(link, ox.NamedNode)}
    while special := _subjects(dataset, "tri:specialises", special) - reached:
        reached = reached | special
    claimed = (link for link in reached if any(True for _ in dataset.quads(None, proposition, link, _UNION)))
    return {str(link.value) for link in claimed if isinstance(link, ox.NamedNode)}


def _subjects(dataset: Dataset, predicate: str, objects: Collection[_Node]) -> set[_Node]:
    """Return what has a predicate with one of the objects; raise RebuildNeeded where that is too much to go through."""
    node = ox.NamedNode(expand(predicate))
    patterns = (dataset.quads(None, node, each, _UNION) for each in objects)
    subjects = {quad.subject for quads in patterns for quad in islice(quads, _MOST + 1)}
    if len(subjects) + len(objects) > _MOST:
        raise RebuildNeeded
    return {each for each in subjects if isinstance(each, ox.NamedNode | ox.BlankNode)}


# By the rules, only the claimants of a proposition and those sources have something to say of it.
_VOICES: Final = """
SELECT DISTINCT ?claimant ?source WHERE {
  ?claim tri:proposition ?proposition .
  { ?claim tri:claimant ?claimant } UNION { ?claim tri:evidence/tri:inPassage?/dcterms:isPartOf ?source }
}"""


def _facts_by_view(dataset: Dataset, proposition: str) -> dict[str, set[ox.Triple]]:
    """Return the facts that each view derives from a proposition, without views that derive none."""
    rows = list(dataset.select(binding.bind(_VOICES, {"proposition": [ox.NamedNode(proposition)]})))
    claimants, sources = (
        {str(row[name].value) for row in rows if isinstance(row[name], ox.NamedNode)} for name in ("claimant", "source")
    )
    voices = {iri.removeprefix(SOURCE) for iri in sources if iri.startswith(SOURCE)}
    voices = {name for name in voices if dataset.query(f"ASK {{ <{SOURCE}{name}> a tri:Source }}")}
    names = {*voices, views.UNDISPUTED, *(views.view_of_actor(iri) for iri in claimants if iri.startswith(ID))}
    facts_by_view = {name: set(views.derive(dataset, name, proposition)) for name in names}
    return facts_by_view | {views.AUTHOR: set().union(*(facts_by_view[name] for name in voices))}


def _derive_again(before: Dataset, dataset: Dataset, tally: _Tally, propositions: set[str]) -> None:
    """Update the facts that the views derive from some propositions."""
    for proposition in sorted(propositions):
        old, now = (_facts_by_view(state, proposition) for state in (before, dataset))
        for name in {*old, *now}:
            node = ox.NamedNode(VIEW + name)
            for fact in old.get(name, set()) - now.get(name, set()):
                if not _others_say(dataset, name, fact, proposition):
                    tally.remove(fact, node)
            for fact in now.get(name, set()):
                tally.add(fact, node)


def _others_say(dataset: Dataset, name: str, fact: ox.Triple, proposition: str) -> bool:
    """Tell whether a view says a fact by reason of another proposition, which has then both nodes of it."""
    text = "SELECT DISTINCT ?other WHERE { ?other ?role ?subject ; ?part ?object ; ^tri:proposition ?claim }"
    rows = dataset.select(binding.bind(text, {"subject": [fact.subject], "object": [fact.object]}))  # type: ignore[list-item]
    others = {str(row["other"].value) for row in rows if isinstance(row["other"], ox.NamedNode)} - {proposition}
    return any(fact in _facts_by_view(dataset, other).get(name, ()) for other in sorted(others))
