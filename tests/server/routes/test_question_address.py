"""Questions in addresses: read as the command line reads its options, and written as permanent addresses."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import ROOT
from triplomacy import queries
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter, TriplomacyError
from triplomacy.http import negotiation
from triplomacy.queries.question import Question, ask
from triplomacy.queries.scope import Scope
from triplomacy.queries.stored import StoredQuery
from triplomacy.server.routes import question_address

PROJECT = Project(ROOT)
BASE = "https://example.com/graphs"
CONSTRUCT = StoredQuery("theme", "graph", Path("graph.rq"), "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o }", "Which?")


@pytest.fixture(scope="module")
def stored() -> StoredQuery:
    """Return a stored query with one parameter."""
    return queries.find(PROJECT, "who-recognises")


def test_address_is_what_the_command_line_takes(stored: StoredQuery) -> None:
    """Parameters, date, view, actor and evidence become the question that the command asks."""
    pairs = [
        *[("recognised", "LPR"), ("as-of", "2022"), ("certainly", "true"), ("view", "author"), ("view", "lukin-2022")],
        *[("according-to", "Russia"), ("evidence", "true"), ("format", "csv"), ("lang", "en-GB")],
    ]
    found = question_address.read(stored, pairs)
    assert found.question == Question(
        name="recognition/who-recognises",
        values={"recognised": ("LPR",)},
        scope=Scope(views=("author", "lukin-2022"), actors=("Russia",), as_of="2022", certainly=True, evidence=True),
    )
    assert (found.form, found.language) == (negotiation.CSV, "en-GB")


def test_empty_fields_are_not_given(stored: StoredQuery) -> None:
    """What a form sends for fields that nobody has filled asks nothing."""
    names = ["recognised", *(parameter.name for parameter in question_address.SCOPE)]
    assert question_address.read(stored, [(name, "") for name in names]) == question_address.read(stored, [])
    assert question_address.read(stored, [("certainly", "false")]).question.scope.certainly is False


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("recognized", "x")], "no such parameter of who-recognises: recognized; did you mean recognised?"),
        ([("asof", "2022")], "no such parameter of who-recognises: asof; did you mean as-of?"),
        ([("certainly", "yes")], "parameter certainly takes true or false, not 'yes'"),
        ([("as-of", "2021"), ("as-of", "2022")], "parameter as-of is set twice; say it once"),
        ([("format", "cvs")], "no such format: cvs; did you mean csv?"),
        ([("format", "turtle")], "the answer is not triples; take format=json, xml, csv, tsv, parquet, html"),
        ([("lang", "<b>")], "parameter lang takes a language tag, such as en, not '<b>'"),
        ([("evidence", "\ud800")], "parameter evidence takes true or false, not '\\ud800'"),
        ([("view", "\ud800")], "parameter view takes text without halves of surrogate pairs"),
    ],
)
def test_mistakes_are_told(pairs: list[tuple[str, str]], message: str, stored: StoredQuery) -> None:
    """What is wrong with an address is said in the words of the command line, with what to do."""
    with pytest.raises(TriplomacyError) as caught:
        question_address.read(stored, pairs)
    assert caught.value.message.startswith(message)


def test_long_values_are_cut_in_messages(stored: StoredQuery) -> None:
    """No message repeats a value at length."""
    for pairs in ([("x" * 9000, "1")], [("format", "y" * 9000)], [("lang", "z" * 9000)], [("certainly", "t" * 9000)]):
        with pytest.raises(BadParameter) as caught:
            question_address.read(stored, pairs)
        assert len(caught.value.message) < 300


def test_triples_are_offered_as_triples() -> None:
    """A CONSTRUCT is answered in formats of triples and no others."""
    assert question_address.available_formats(CONSTRUCT) == (*negotiation.GRAPHS, negotiation.HTML)
    with pytest.raises(TriplomacyError, match="the answer is triples; take format=turtle, trig"):
        question_address.read(CONSTRUCT, [("format", "csv")])
    assert question_address.read(CONSTRUCT, [("format", "trig")]).form == negotiation.TRIG


def test_permanent_address_asks_the_same(stored: StoredQuery) -> None:
    """The address of a question, read again, is the same question, whatever the order and the characters in it."""
    pairs = [("view", "author"), ("recognised", "a&b=c #d+é%20?"), ("as-of", "2022-09"), ("format", "csv")]
    found = question_address.read(stored, pairs)
    address = found.address(BASE, negotiation.CSV)
    assert address.startswith(
        f"{BASE}/queries/recognition/who-recognises?recognised=a%26b%3Dc%20%23d%2B%C3%A9%2520%3F&"
    )
    assert question_address.read(stored, parse_qsl(urlsplit(address).query)) == found
    assert question_address.read(stored, pairs[::-1]).address(BASE) == found.address(BASE)
    assert question_address.read(stored, []).address(BASE) == f"{BASE}/queries/recognition/who-recognises"


def test_no_stored_query_takes_a_name_of_the_scope() -> None:
    """No parameter of a stored query is called like what stands beside parameters in addresses."""
    reserved = {parameter.name for parameter in question_address.SCOPE}
    for theme, name in queries.names(PROJECT):
        found = queries.find(PROJECT, f"{theme}/{name}")
        assert not {parameter.name for parameter in found.parameters} & reserved


def test_citation_fits_a_header(stored: StoredQuery) -> None:
    """The citation is a dictionary of RFC 9651 in ASCII, whatever was asked."""
    question = question_address.read(
        stored, [("recognised", "LPR"), ("as-of", "2022"), ("according-to", "id:artyom-lukin")]
    ).question
    citation = ask(PROJECT, question).cite()
    header = question_address.citation_header(
        citation.as_mapping() | {"parameters": {"recognised": ['é"\r\nSet-Cookie: x\\']}}
    )
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('query="recognition/who-recognises", asked="recognised=')
    assert f'dataset="sha256:{citation.dataset}", answer="sha256:{citation.answer}", version="' in header
    assert "as-of=2022" in header
    assert header.count('"') == 10
