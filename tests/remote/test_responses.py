"""What an endpoint answers: rows, truth or triples, whole or an error that says what there was instead."""

import io
from email.message import Message

import pyoxigraph as ox
import pytest

from triplomacy.errors import TriplomacyError
from triplomacy.http.client import Response
from triplomacy.remote import responses
from triplomacy.remote.responses import ResponsePart, Rows

URL = "http://127.0.0.1/sparql"
JSON = "application/sparql-results+json"


class Body(io.BytesIO):
    """A body that says, or does not, where it ends."""

    framed = True


def response(body: bytes, kind: str = JSON, status: int = 200, *, framed: bool = True, **headers: str) -> Response:
    """Return a response; underscores in the names of headers stand for hyphens."""
    message, content = Message(), Body(body)
    message["Content-Type"] = kind
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    content.framed = framed
    return Response(URL, status, message, content)  # type: ignore[arg-type]


def rows(*values: str) -> bytes:
    """Return results in JSON with a row for each value."""
    found = ", ".join(f'{{"x": {{"type": "literal", "value": "{value}"}}}}' for value in values)
    return f'{{"head": {{"vars": ["x", "y"]}}, "results": {{"bindings": [{found}]}}}}'.encode()


def values(part: object) -> list[str]:
    """Return the first value of each row."""
    return [row["x"].value for row in part]  # type: ignore[attr-defined]


def test_rows_are_read_as_often_as_wanted():
    """A part has its variables, the number of its rows and both ends, and gives its rows each time."""
    part = ResponsePart(response(rows("a", "b", "c")))
    assert (part.variables, part.truth, part.count, part.is_large, part.is_cut) == (("x", "y"), None, 3, False, False)
    assert values(part) == values(part) == ["a", "b", "c"]
    assert part.ends == ([ox.Literal("a"), None], [ox.Literal("c"), None])
    nothing = ResponsePart(response(rows()))
    assert (nothing.count, nothing.ends, values(nothing)) == (0, ([], []), [])


def test_truth_is_read_in_both_formats():
    """ASK is answered in JSON and in XML, and has no rows."""
    part = ResponsePart(response(b'{"head": {}, "boolean": true}', "application/json"))
    assert (part.truth, part.count, part.variables) == (True, 0, ())
    xml = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>false</boolean></sparql>'
    for kind in ("application/xml", "application/sparql-results+xml; charset=utf-8"):
        assert ResponsePart(response(xml, kind)).truth is False


@pytest.mark.parametrize(
    ("most", "is_cut"),
    [("", False), ("0", False), ("2", True), ("1", True), ("3", False), ("x", False), ("9" * 19, False)],
)
def test_cut_answer_is_known_by_its_header(most, is_cut):
    """As many rows as the server gives at most are taken to be a part; what is not a number says nothing."""
    assert ResponsePart(response(rows("a", "b"), X_SPARQL_MaxRows=most)).is_cut is is_cut


def test_large_answer_is_kept_in_a_file(monkeypatch):
    """An answer over the bound goes to a file, one at the bound does not, and both are read alike."""
    body = rows("a", "b")
    for bound, is_large in [(len(body), False), (len(body) - 1, True)]:
        monkeypatch.setattr(responses, "_IN_MEMORY", bound)
        part = ResponsePart(response(body))
        assert part.is_large is is_large
        assert values(part) == ["a", "b"]
        assert Rows([part]).is_large is is_large


def test_parts_are_one_sequence():
    """Rows of several parts are counted, read in order, and taken by place from either end."""
    found = Rows(
        [ResponsePart(response(rows("a", "b"))), ResponsePart(response(rows())), ResponsePart(response(rows("c")))]
    )
    assert len(found) == 3
    assert values(found) == ["a", "b", "c"]
    assert values(found[1:]) == ["b", "c"]
    assert [found[place]["x"].value for place in (0, 2, -1, -3)] == ["a", "c", "c", "a"]
    for place in (3, -4):
        with pytest.raises(IndexError):
            found[place]
    assert not found.is_large


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (response(b"", status=206), "gives a part of the answer only"),
        (response(rows(), X_SQL_State="S1TAT"), "gives a part of the answer only"),
        (response(b"", status=204), "answers 204 without an answer"),
        (response(b"<html><title>Hello</title>", "text/html"), 'answers in text/html, not in SPARQL results: "Hello"'),
        (response(b"", ""), "answers in a format that it does not say, not in SPARQL results; correct"),
        (response(b"\x1f\x8bxx"), "compressed bytes"),
        (response(b"<!doctype x><HTML><title>Hi</title>"), 'a page for people: "Hi"'),
        (response(b'{"head": {"vars": ["\xff"]}}'), "an encoding that is not UTF-8"),
        (response(b'{"head": {"vars": ["x"]}, "results": {"bindings": [' + b" " * 5000 + b"\xe9]}}"), "not UTF-8"),
        (response(b"no answer"), 'answers with what is none: .*; it begins "no answer"'),
        (response(rows("a", "b")[:-4]), "answers with what is none: "),
    ],
)
def test_what_is_no_answer_is_an_error(given, message):
    """A part of an answer, a page, another encoding and anything else is named with the address."""
    with pytest.raises(TriplomacyError, match=message) as caught:
        ResponsePart(given)
    assert str(caught.value.path) == URL


def test_character_that_is_cut_is_none_of_another_encoding():
    """Where an answer ends within a character, that is not called another encoding."""
    with pytest.raises(TriplomacyError, match="what is none"):
        ResponsePart(response('{"head": {"vars": ["é'.encode()[:-1]))


@pytest.mark.parametrize("kind", ["application/n-triples", "text/plain", "text/turtle", "application/rdf+xml"])
def test_triples_are_read_whole(kind):
    """Formats of lines have to say where they end; one in XML says so itself."""
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    node = '<rdf:Description rdf:about="urn:a"><p xmlns="urn:">b</p></rdf:Description>'
    xml = f'<rdf:RDF xmlns:rdf="{rdf}">{node}</rdf:RDF>'
    body = xml.encode() if kind.endswith("xml") else b'<urn:a> <urn:p> "b" .'
    triple = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal("b"))
    assert responses.triples(response(body, kind)) == [triple]
    if kind.endswith("xml"):
        assert responses.triples(response(body, kind, framed=False)) == [triple]
    else:
        with pytest.raises(TriplomacyError, match="does not say where its answer ends"):
            responses.triples(response(body, kind, framed=False))


def test_relative_iris_are_those_of_the_address():
    """A relative IRI in the triples is resolved against the address that was asked."""
    (triple,) = responses.triples(response(b"<a> <urn:p> <b> .", "text/turtle"))
    assert triple.subject == ox.NamedNode("http://127.0.0.1/a")


def test_other_triples_are_refused():
    """A format that is none of RDF, and text that is not in its format, are errors with the address."""
    for kind, body, message in [
        (JSON, b"{}", "not in RDF"),
        ("text/turtle", b"<a> .", "what is none"),
        ("text/turtle", b"\xff", "UTF-8"),
    ]:
        with pytest.raises(TriplomacyError, match=message) as caught:
            responses.triples(response(body, kind))
        assert str(caught.value.path) == URL


def test_disk_that_is_full_is_said(monkeypatch):
    """Where an answer cannot be kept, the error says what to make room for."""

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(responses, "_IN_MEMORY", 0)
    monkeypatch.setattr(responses, "_spool_on_disk", full)
    with pytest.raises(TriplomacyError, match="No space left on device; make room for temporary files"):
        ResponsePart(response(rows("a")))


def test_rows_are_large_where_a_part_is(monkeypatch):
    """One part that is kept on disk makes the whole one that is better not held in memory."""
    monkeypatch.setattr(responses, "_IN_MEMORY", len(rows("a")))
    small, large = (ResponsePart(response(rows(*names))) for names in (["a"], ["a", "b"]))
    assert (small.is_large, large.is_large) == (False, True)
    assert Rows([small, large, small]).is_large


def test_error_of_another_format_is_short():
    """What is wrong is told in 200 characters, and how the answer begins in 100."""
    name = "x" * 1000
    with pytest.raises(TriplomacyError) as caught:
        ResponsePart(response(f'{{"{name}": 1, "{name}": 2}}'.encode()))
    said = str(caught.value)
    assert "answers with what is none: " in said
    assert said.count("x") <= 300
