"""What is told about graphs that are served: made once, found by paths."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.conftest import ROOT
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.http.negotiation import TURTLE
from triplomacy.server.routes.descriptions import Descriptions
from triplomacy.server.workers.served import ServedGraphs, graph_names
from triplomacy.terms import ID, ONTOLOGY, ROOT as OURS


@pytest.fixture(scope="module")
def found(article: Dataset) -> Descriptions:
    """Return what is told about the project's own graphs."""
    return Descriptions(ServedGraphs(Project(ROOT), article, "ab" * 32, "https://example.com/kg", graph_names(article)))


def test_what_takes_long_is_written_once(found: Descriptions) -> None:
    """Many who ask at a time, and those who ask later, get what was written for the first."""
    written: list[int] = []

    def write() -> str:
        written.append(1)
        return "text"

    async def ask() -> list[str]:
        return await asyncio.gather(*(found.once("key", write) for _ in range(20)), found.once("other", write))

    assert asyncio.run(ask()) == ["text"] * 21
    assert len(written) == 2


def test_what_fails_is_tried_again(found: Descriptions) -> None:
    """A failure is told to who asks, and is not kept."""
    attempts: list[int] = []

    def write() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("the first time")
        return "text"

    async def ask() -> str:
        with pytest.raises(ValueError, match="the first time"):
            await found.once("failing", write)
        return await found.once("failing", write)

    assert asyncio.run(ask()) == "text"


def test_who_leaves_takes_nothing_from_the_others(found: Descriptions) -> None:
    """Where one of several who wait goes away, the others get what they wait for."""
    go = threading.Event()

    def write() -> str:
        assert go.wait(10)
        return "text"

    async def ask() -> str:
        first, second = (asyncio.ensure_future(found.once("slow", write)) for _ in "ab")
        await asyncio.sleep(0.05)
        first.cancel()
        go.set()
        return await second

    assert asyncio.run(ask()) == "text"


def test_paths_lead_to_iris(found: Descriptions) -> None:
    """A path is that of an IRI, or with an ending that of its document in a format; an IRI goes before an ending."""
    assert found.locate("id/syria") == (ID + "syria", None)
    assert found.locate("id/syria.ttl") == (ID + "syria", TURTLE)
    assert found.locate("source/un-es-11-1/votes.csv") == (OURS + "source/un-es-11-1/votes.csv", None)
    assert found.locate("source/un-es-11-1/votes.csv.ttl") == (OURS + "source/un-es-11-1/votes.csv", TURTLE)
    assert found.locate("ontology/0.1.0.ttl") == (ONTOLOGY + "/0.1.0", TURTLE)
    for path in ("id/syria.csv", "id/nobody", "id/syria/", "", ".ttl", "id/syria.ttl.ttl", "id//syria"):
        assert found.locate(path) is None


def test_links_of_pages_are_below_the_prefix(found: Descriptions) -> None:
    """Pages link below the path of the base URL."""
    assert found.site.links.to(ID + "syria") == "/kg/id/syria.html"
    assert found.site.base == "https://example.com/kg/"
