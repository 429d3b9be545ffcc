"""What is said of a query that may have gone wrong."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load_files
from triplomacy.queries import hints, question
from triplomacy.queries.question import Question
from triplomacy.queries.scope import Scope

PROJECT = Project(ROOT)
PLAIN = "http://w3id.org/triplomacy/ontology#"
ALONE = "holds only in views, and none of them alone has an answer to this"


def remarks(text: str, *view: str) -> tuple[str, ...]:
    """Return what is said of a query."""
    return question.ask(PROJECT, Question(text=text, scope=Scope(views=view))).remarks


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (
            "SELECT ?x { GRAPH view:authr { ?x ?p id:syria } }",
            "no such term in the data: view:authr; did you mean view:author",
        ),
        (
            "SELECT ?x FROM graph:lukin-2023 { ?x ?p ?o }",
            "no such term in the data: graph:lukin-2023; did you mean graph:lukin-2022",
        ),
        (
            "SELECT ?x { GRAPH graph:lukin-2022 { ?x tri:recognises ?y } }",
            "tri:recognises holds only in views, whose graphs are view:lukin-2022",
        ),
        (
            f"PREFIX tri: <{PLAIN}> SELECT ?x {{ ?x a tri:Claim ; tri:stance ?y }}",
            f"no such namespace in the data: {PLAIN}; did you mean https://w3id",
        ),
        ("SELECT ?x { ?x rdfs:label 'Syria' }", "no such text in the data: 'Syria'; did you mean \"Syria\"@en?"),
        (
            'SELECT ?x { ?x rdfs:label ?l FILTER(?l = "syria"@en) }',
            'no such text in the data: "syria"@en; did you mean "Syria"@en?',
        ),
        (
            "SELECT ?x { ?x a tri:Recognition ; tri:operated id:syria }",
            "no tri:Recognition has tri:operated; what it has is tri:recognised, tri:recogniser",
        ),
        ("SELECT ?x { id:china tri:recognises ?x }", f"tri:recognises {ALONE}"),
        ("SELECT (COUNT(?x) AS ?n) { ?x tri:leads ?y }", "tri:leads holds only in views: add view=lukin-2022"),
    ],
)
def test_empty_answer_is_told_why(text: str, remark: str) -> None:
    """A query that finds or counts nothing has one remark, which says what to write in its place."""
    (told,) = remarks(text)
    assert told.startswith(remark)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("SELECT ?x { GRAPH view:author { ?x tri:recognises id:syria } }", ()),
        ("SELECT ?x { ?x tri:recognises id:syria }", ("author",)),
        ("SELECT ?x { ?x rdfs:label 'Syria'@en ; a tri:Claim }", ()),
        ("SELECT ?x { ?x rdfs:label ?l FILTER(CONTAINS(?l, 'syria') && REGEX(?l, 'russia')) }", ()),
        ("SELECT ?x { ?x a tri:Recognition ; tri:recogniser id:china }", ()),
        ("PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT ?x { ?x foaf:name ?name }", ()),
        ("SELECT ?x { ?x a tri:State ; rdfs:label ?name FILTER(?name = 'SYRIAN arab'@en) }", ()),
        ("SELECT (COUNT(?x) AS ?n) { ?x a tri:State }", ()),
    ],
)
def test_what_is_empty_by_right_is_left_alone(text: str, view: tuple[str, ...]) -> None:
    """An answer that is empty though each word of the query is right, or one that is not empty, has no remark."""
    assert remarks(text, *view) == ()


def test_view_that_is_named_has_the_answer() -> None:
    """Each view that a remark names has an answer, and no other view has one."""
    text = "SELECT ?x { id:north-korea tri:endorses ?x }"
    (told,) = remarks(text)
    known = ("author", "undisputed", "un-es-11-1", "lukin-2022")
    named = {name for word in told.split() if (name := word.removeprefix("view=")) in known}
    having = {
        view
        for view in ("author", "undisputed", "un-es-11-1", "lukin-2022")
        if question.ask(PROJECT, Question(text=text, scope=Scope(views=(view,)))).answer.rows
    }
    assert named == having == {"author", "undisputed", "lukin-2022"}


def of(tmp_path: Path, text: str) -> Dataset:
    """Return the dataset of a text of Turtle."""
    (tmp_path / "data.ttl").write_text(text, encoding="utf-8")
    return load_files([tmp_path / "data.ttl"])


def test_near_names_are_of_the_same_namespace(tmp_path: Path) -> None:
    """What lies deeper than the namespace of a name is not offered for it, however alike it looks."""
    dataset = of(tmp_path, "<http://x.example/a/bcd> <http://x.example/abcd> <http://x.example/a/bcde> .")
    (told,) = hints.misspelt(dataset, "SELECT ?x { ?x <http://x.example/abcde> ?y }")
    assert "did you mean <http://x.example/abcd>" in told
    assert "/a/" not in told


def test_text_that_is_there_is_right_whatever_else_is(tmp_path: Path) -> None:
    """Where the data have a text as it is written, others in other capitals or languages are not offered."""
    dataset = of(tmp_path, "<urn:a> <urn:p> 'Syria'@en, 'SYRIA', 'syria'@en .")
    assert hints.explain_no_rows(dataset, "SELECT ?x { ?x <urn:p> 'Syria'@en }") == []
    (told,) = hints.explain_no_rows(dataset, "SELECT ?x { ?x <urn:p> 'Syria' }")
    assert told.count(" or ") == 2
