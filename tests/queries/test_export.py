"""The stored queries as other tools read them, and answers in Python."""

from __future__ import annotations

import io

import pandas
import polars
import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy import cli, queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.queries import export, formats, question
from triplomacy.queries.answer import Answer
from triplomacy.queries.citation import Citation
from triplomacy.rdf.normal_form import normalise
from triplomacy.terms import SH

PROJECT = Project(ROOT)


def test_every_query_is_exported_and_runs(article: Dataset) -> None:
    """The RDF has each stored query with its question, and each text runs as it stands, with the expected answer."""
    store = ox.Store()
    store.load(export.as_turtle(PROJECT), format=ox.RdfFormat.TURTLE)
    rows = store.query(f"""
        SELECT ?query ?text ?question WHERE {{
          ?query a <{SH}SPARQLExecutable> ; <{SH}select> ?text ;
            <http://www.w3.org/2000/01/rdf-schema#comment> ?question ; <https://schema.org/target> ?endpoint
        }}""")
    assert isinstance(rows, ox.QuerySolutions)
    found = {row["query"].value.removeprefix(export.QUERY): row["text"].value for row in rows}
    stored = queries.names(PROJECT)
    assert set(found) == {f"{theme}/{name}" for theme, name in stored}
    for theme, name in stored[:12]:
        query = queries.find(PROJECT, f"{theme}/{name}")
        bound = queries.bind(query, {}, article)
        if "GRAPH" not in query.text:
            assert queries.evaluate(article, found[f"{theme}/{name}"]) == queries.run(article, bound)


def test_export_is_stable_and_in_normal_form() -> None:
    """The same queries give the same bytes, in the normal form of Turtle."""
    text = export.as_turtle(PROJECT)
    assert text == export.as_turtle(PROJECT) == normalise(text)


def test_markdown_has_each_question() -> None:
    """Each stored query has a section with its question and its text."""
    text = export.as_markdown(PROJECT)
    for theme, name in queries.names(PROJECT):
        query = queries.find(PROJECT, f"{theme}/{name}")
        assert f"### {name}\n\n{query.summary}\n" in text
    assert text.count("```sparql\n") == len(queries.names(PROJECT))


def test_description_shows_values_and_the_expected_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """What is said of a query has the names that a parameter may have, and the answer that is expected."""
    assert cli.main(["queries", "who-recognises", "--project", str(ROOT)]) == 0
    out = capsys.readouterr().out
    assert "recognised may be: Australia, Belarus, " in out
    expected = (ROOT / "queries" / "recognition" / "who-recognises.csv").read_text(encoding="utf-8")
    assert out.endswith("expected answer:\n" + expected.replace("\r\n", "\n"))


ANSWER = Answer(("state", "count"), ((ox.NamedNode("urn:a"), ox.Literal(3)), (ox.BlankNode("b"), None)))


def test_answer_is_iterated_by_rows() -> None:
    """Rows are mappings from column to term, and their number is the length of the answer."""
    assert next(iter(ANSWER)) == {"state": ox.NamedNode("urn:a"), "count": ox.Literal(3)}
    assert list(ANSWER)[1]["count"] is None
    assert len(ANSWER) == 2


def test_answer_is_a_frame() -> None:
    """Pandas and polars get a column of strings for each column, with gaps where cells are empty."""
    rows = [{"state": "urn:a", "count": "3"}, {"state": "b", "count": None}]
    assert polars.DataFrame(rows).equals(ANSWER.to_polars())
    frame = ANSWER.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["state"].tolist() == ["urn:a", "b"]
    assert frame["count"].isna().tolist() == [False, True]


def test_parquet_is_read_by_another_tool() -> None:
    """Polars reads the file that pyarrow wrote, and the citation stands in its metadata; the bytes are stable."""
    from pyarrow import parquet

    content = formats.to_parquet(ANSWER, Citation("a/b", "ASK {}"))
    assert content == formats.to_parquet(ANSWER, Citation("a/b", "ASK {}"))
    assert polars.read_parquet(io.BytesIO(content)).rows() == [("urn:a", "3"), ("_:b", None)]
    assert b'"query": "a/b"' in parquet.read_metadata(io.BytesIO(content)).metadata[b"citation"]


def test_notebook_shows_a_table() -> None:
    """In a notebook a reply is an HTML table, with what it is an answer to as the caption."""
    reply = question.ask(PROJECT, question.Question("who-recognises"))
    text = reply._repr_html_()
    assert '<th scope="col">state</th>' in text
    assert "<caption>recognition/who-recognises; dataset sha256:" in text
