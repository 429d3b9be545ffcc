"""The record of the vote stands beside the article and changes nothing of it."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.stores import answerable
from triplomacy import dataset, queries
from triplomacy.claims import evidence, views
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project

RECORD = "un-es-11-1"
ABOUT_THE_RECORD = {
    "how-often-do-two-agree",
    "how-often-do-two-agree-by-issue",
    "who-voted-against-by-the-record",
    "who-votes-alike",
}
ABOUT_EVERY_SOURCE = {"spans", "who-claims-what"}  # what pictures show, of all graphs


@pytest.fixture(scope="module")
def both() -> Dataset:
    """The project as it is."""
    return dataset.load(dataset.find_project(ROOT)).with_named_graphs()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The project without the record's graph."""
    folder = tmp_path_factory.mktemp("alone")
    for part in ("ontology", "queries"):
        (folder / part).symlink_to(ROOT / part)
    shutil.copytree(ROOT / "graphs", folder / "graphs", ignore=shutil.ignore_patterns(RECORD))
    return dataset.load(Project(folder)).with_named_graphs()


STORED = queries.names(Project(ROOT))


@pytest.mark.parametrize(
    ("theme", "name"), [pair for pair in STORED if pair[1] not in ABOUT_THE_RECORD | ABOUT_EVERY_SOURCE]
)
def test_no_answer_about_the_article_changes(
    theme: str, name: str, both: Dataset, alone: Dataset, wikidata: str
) -> None:
    """A stored query with its default values has the same answer with the record's graph and without it."""
    query = queries.find(Project(ROOT), f"{theme}/{name}")
    answers = [queries.evaluate(graphs, answerable(query, graphs, wikidata)) for graphs in (both, alone)]
    assert answers[0].rows
    assert answers[0] == answers[1]


def test_view_of_the_article_is_untouched(both: Dataset, alone: Dataset) -> None:
    """The article's own voice says the same with the record's graph and without it."""
    assert views.derive(both, "lukin-2022") == views.derive(alone, "lukin-2022") != []


def rows(graphs: Dataset, name: str, **values: str) -> list[tuple[str, ...]]:
    """Return the answer of a stored query, IRIs by their local names."""
    bound = queries.bind(queries.find(Project(ROOT), name), values, graphs)
    return [
        tuple(str(cell.value).rpartition("/")[2] if cell else "" for cell in row)
        for row in queries.run(graphs, bound).rows
    ]


def test_a_query_over_both_names_the_five(both: Dataset) -> None:
    """The record names five voters, of whom the article names one."""
    named = {row[0]: row[2] for row in rows(both, "who-voted-against-by-the-record")}
    others = dict.fromkeys(("belarus", "eritrea", "russia", "syria"), "false")
    assert named == {**others, "north-korea": "true"}


def test_the_article_alone_names_one(both: Dataset) -> None:
    """Asked about its own resolution, the article names North Korea and counts five."""
    assert rows(both, "who-voted-against") == [("north-korea", "artyom-lukin")]
    assert rows(both, "how-many-voted-against") == [("artyom-lukin", "5", "1")]


def test_the_record_counts_its_votes(both: Dataset) -> None:
    """The record's count of five is borne out by the five whom it names."""
    assert rows(both, "how-many-voted-against", resolution="id:resolution-es-11-1") == [("united-nations", "5", "5")]


def test_rows_are_in_the_file() -> None:
    """The file of data has the recorded hash and a row for each key."""
    graphs = dataset.load(dataset.find_project(ROOT))
    content = (ROOT / "graphs" / RECORD / "votes.csv").read_bytes()
    file = evidence.data_file(graphs, content, None)
    assert file is not None
    assert len(file.rows) == 9
    assert evidence.verify_rows(file, content) == []


@pytest.mark.parametrize(
    ("old", "new", "nodes"),
    [(b"BLR,", b"BLX,", {"votes.csv", "BLR"}), (b",against\nERI", b",abstaining\nERI", {"votes.csv"})],
)
def test_changed_file_is_found(old: bytes, new: bytes, nodes: set[str]) -> None:
    """A changed value breaks the hash, a lost key the row that has it."""
    graphs = dataset.load(dataset.find_project(ROOT))
    content = (ROOT / "graphs" / RECORD / "votes.csv").read_bytes()
    assert old in content
    file = evidence.data_file(graphs, content.replace(old, new), RECORD)
    assert file is not None
    found = evidence.verify_rows(file, content.replace(old, new))
    assert {(finding.focus or "")[1:-1].rpartition("/")[2] for finding in found} == nodes


def test_record_is_in_the_graph_that_describes_it() -> None:
    """The record's graph cites its source and has a licence."""
    graph = (Path(ROOT) / "graphs" / RECORD / "graph.ttl").read_text(encoding="utf-8")
    assert "https://docs.un.org/en/A/RES/ES-11/1" in graph
    assert "dcterms:license" in graph
