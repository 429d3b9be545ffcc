"""A dataset in memory, on disk and at an endpoint: the same graphs have the same answers, wherever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox
import pytest

from tests.conftest import make_gazette
from triplomacy.build import store
from triplomacy.claims import views
from triplomacy.dataset.dataset import Dataset, Result, Solutions, query_store
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load, load_files, load_graphs
from triplomacy.errors import TriplomacyError
from triplomacy.remote.dataset import open_endpoint
from triplomacy.terms import GRAPH, VIEW

CLAIMS = "SELECT ?claim ?who WHERE { ?claim tri:claimant ?who } ORDER BY ?claim"
FACTS = "SELECT DISTINCT ?who ?what WHERE { ?who tri:recognises ?what } ORDER BY ?who ?what"
GRAPHS = f"SELECT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), '{GRAPH}')) }} GROUP BY ?g ORDER BY ?g"
GAZETTE = ox.NamedNode(f"{GRAPH}gazette-1999")


@dataclass(frozen=True)
class Here:
    """An endpoint without a server: a store with named graphs."""

    store: ox.Store
    graphs: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    url: str = "http://localhost/"
    remarks: list[str] = field(default_factory=list)

    def about(self, graphs: Sequence[str], named: Sequence[str] = ()) -> Here:
        """Return it with other graphs to be asked."""
        return replace(self, graphs=tuple(graphs), named=tuple(named))

    def query(self, text: str) -> Result:
        """Return the answer over the union of the graphs."""
        return query_store(self.store, text, [ox.NamedNode(graph) for graph in self.graphs] or None)

    def counts(self, graphs: Sequence[str] | None = None) -> dict[str, int]:
        """Return the numbers of triples."""
        known = [str(graph.value) for graph in self.store.named_graphs()]
        return {graph: len(self.triples(graph)) for graph in known if graphs is None or graph in graphs}

    def has(self, graph: str) -> bool:
        """Tell whether a graph is there."""
        return bool(self.triples(graph))

    def triples(self, graph: str, count: int | None = None) -> list[ox.Triple]:
        """Return the triples of a graph."""
        del count
        return [quad.triple for quad in self.store.quads_for_pattern(None, None, None, ox.NamedNode(graph))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a small project."""
    return make_gazette(tmp_path_factory.mktemp("gazette") / "project")


@pytest.fixture(params=["memory", "disk", "endpoint with views", "endpoint without views"])
def dataset(request: pytest.FixtureRequest, project: Project, tmp_path: Path) -> Dataset:
    """Return the graphs of the project in each of the places where they can be."""
    if request.param == "memory":
        return load(project)
    if request.param == "disk":
        store.build(project, tmp_path / "store")
        return load(project.in_store(tmp_path / "store"))
    there = load_graphs(project).with_named_graphs()
    if request.param == "endpoint with views":
        views.add_graphs(there)
    return open_endpoint(cast(Any, Here(there.store)), (), project)


def rows(dataset: Dataset, text: str) -> list[tuple[str, ...]]:
    """Return the rows of an answer as texts."""
    result = dataset.query(text)
    assert isinstance(result, Solutions)
    return [tuple(map(str, row)) for row in result.rows]


def test_union_has_the_same_answer(dataset: Dataset, project: Project) -> None:
    """Questions about the default graph, and its sources, are answered alike, and without the facts of views."""
    here = load(project)
    assert dataset.is_ours
    assert rows(dataset, CLAIMS) == rows(here, CLAIMS) != []
    assert rows(dataset, FACTS) == []
    assert dataset.sources() == here.sources() != []


@pytest.mark.parametrize("names", [["author"], ["author", "undisputed"]])
@pytest.mark.parametrize("named", [False, True])
def test_views_are_added(dataset: Dataset, project: Project, names: list[str], named: bool) -> None:
    """One view or two add the same facts everywhere, also where graphs are asked by their IRIs."""
    dataset = dataset.with_named_graphs() if named else dataset
    expected = rows(views.with_views(load(project), names), FACTS)
    found = views.with_views(dataset, names)
    assert rows(found, FACTS) == expected != []
    if named:
        assert [graph for (graph,) in rows(found, GRAPHS)] == [f"<{GRAPH}actors>", str(GAZETTE)]


def test_quads_of_a_pattern(dataset: Dataset, project: Project) -> None:
    """The quads with a property, in the default graph and in a named one, are the same everywhere."""
    dataset, here = dataset.with_named_graphs(), load(project).with_named_graphs()
    claimant = ox.NamedNode("https://w3id.org/triplomacy/ontology#claimant")
    for graph in (ox.DefaultGraph(), GAZETTE):
        expected = set(here.quads(None, claimant, None, graph))
        assert set(dataset.quads(None, claimant, None, graph)) == expected != set()


def test_what_is_changed_is_a_copy(dataset: Dataset, project: Project) -> None:
    """What may be changed has the same graphs, and a store or an endpoint does not see the change."""
    copy = dataset.with_named_graphs().changeable()
    assert rows(copy, CLAIMS) == rows(load(project), CLAIMS)
    assert [graph for (graph,) in rows(copy, GRAPHS)] == [f"<{GRAPH}actors>", str(GAZETTE)]
    copy.store.clear()
    assert bool(rows(dataset, CLAIMS)) == (copy is not dataset)


def test_only_a_view_that_is_there_is_added(tmp_path: Path, project: Project) -> None:
    """A store has its views by their IRIs; one that it has not is an error, before anything is asked."""
    store.build(project, tmp_path / "store")
    dataset = load(project.in_store(tmp_path / "store"))
    facts = {str(quad.triple) for quad in dataset.quads(None, None, None, ox.NamedNode(f"{VIEW}author"))}
    assert facts == set(map(str, views.derive(load(project), "author")))
    with pytest.raises(TriplomacyError, match="no such view: nobody"):
        views.with_views(dataset, ["nobody"])


def test_files_of_others_have_no_project(project: Project) -> None:
    """Other people's files are asked like ours, but have no views, no rules and a hash of their own."""
    path = next(iter(project.files()[GAZETTE.value]))
    foreign = load_files([path])
    assert not foreign.is_ours
    assert rows(foreign, "SELECT * WHERE { ?s ?p ?o } LIMIT 1")
    assert foreign.sha256() not in ("", load(project).sha256())
    with pytest.raises(TriplomacyError, match="rules of a project"):
        foreign.project.rules()
