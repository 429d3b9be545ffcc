"""The header of a stored query: what is read from it, and what is said of one that is wrong."""

from pathlib import Path
from typing import Any

import pytest

from triplomacy.errors import MalformedInput
from triplomacy.queries.header import read_header, read_parameter

PATH = Path("one/question.rq")
QUERY = "\nSELECT ?it { ?it ?p ?o }\n"


def header(*lines: str) -> dict[str, Any]:
    """Return what a header of some lines says, each after its mark."""
    return read_header(PATH, "".join(f"#+ {line}\n" for line in lines) + QUERY)


def place(*lines: str) -> tuple[str, int | None, int | None]:
    """Return what is said of a header that is wrong, with line and column."""
    with pytest.raises(MalformedInput) as caught:
        header(*lines)
    assert caught.value.path == PATH
    return str(caught.value), caught.value.line, caught.value.column


PLAIN = ["summary: Who is it?", "description: >", "  In one row", "  or two.", "parameters:"]
PARAMETER = "  it: {type: iri, class: tri:Actor, default: id:a-b, description: who (or what) it is}"


def test_plain_header() -> None:
    """Summary, folded description and parameters of one line each are texts, as they are written."""
    assert header(*PLAIN, PARAMETER, "  day: {type: date, default: 2022-02-24}") == {
        "summary": "Who is it?",
        "description": "In one row or two.",
        "parameters": {
            "it": {"type": "iri", "class": "tri:Actor", "default": "id:a-b", "description": "who (or what) it is"},
            "day": {"type": "date", "default": "2022-02-24"},
        },
    }
    assert header("summary: Who is it?") == {"summary": "Who is it?"}


def test_header_in_other_yaml() -> None:
    """What is written in another way is read as YAML, every scalar a text."""
    assert header("summary: 'Who: yes?'", "tags: [yes, 007]", "parameters:", "  it:", "    type: iri") == {
        "summary": "Who: yes?",
        "tags": ["yes", "007"],
        "parameters": {"it": {"type": "iri"}},
    }
    assert read_header(PATH, "# A note.\n#+ summary: Who?\n" + QUERY) == {"summary": "Who?"}
    assert read_header(PATH, "#+ summary: Who?\n\nASK {}\n#+ tags: [a]\n") == {"summary": "Who?", "tags": ["a"]}


@pytest.mark.parametrize(
    "lines", [(), ("summary: ''",), ("summary: ' '",), ("summary: [Who]",), ("tags: [a]",), ("- a",)]
)
def test_header_needs_a_summary(lines: tuple[str, ...]) -> None:
    """Without a text that summarises it, a query has no header that counts."""
    message, line, _ = place(*lines)
    assert "begin with a line `#+ summary: ...`" in message
    assert line == 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("tag: [a]", "unknown key in the header: tag; write one of description, parameters, summary, tags"),
        ("tags: a", "tags in the header"),
        ("description: [a]", "description in the header"),
        ("parameters: [it]", "parameters in the header"),
    ],
)
def test_entry_of_another_form_is_named_with_its_line(more: str, message: str) -> None:
    """A key that a header does not have, and a value of another form, are errors at their line."""
    said, line, _ = place("summary: Who?", more)
    assert message in said
    assert line == 2


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("summary: Who?", "tags: }"), (2, 10)),
        (("summary: Who?", "tags: [a", "x: y"), (3, 5)),
        (("summary: 'Who?",), (1, 18)),
        (("summary: Who\x07?",), (1, None)),
    ],
)
def test_what_is_not_yaml_has_its_place(lines: tuple[str, ...], expected: tuple[int, int | None]) -> None:
    """A mistake of YAML is told with its line and column in the file, as far as it has them."""
    message, line, column = place(*lines)
    assert "YAML: " in message
    assert (line, column) == expected


def parameter(entry: Any, query: str = QUERY) -> Any:
    """Return the parameter *it* of a query, whose entry stands in the third line."""
    text = f"#+ summary: Who?\n#+ parameters:\n#+   it: {entry}\n{query}"
    return read_parameter(PATH, text, "it", entry)


def test_parameter_has_what_its_entry_says() -> None:
    """Each key of an entry is an attribute of the parameter, and what is left out has its default."""
    bare = parameter({"type": "iri"})
    assert (bare.name, bare.type, bare.description, bare.default, bare.of_class) == ("it", "iri", "", None, None)
    assert (bare.language, bare.options, bare.options_of, bare.many) == (None, (), None, False)
    full = parameter({"type": "iri", "class": "tri:Actor", "default": "id:a", "description": "x", "many": "true"})
    assert (full.of_class, full.default, full.description, full.many) == ("tri:Actor", "id:a", "x", True)
    text = parameter({"type": "string", "language": "en-GB", "options": ["a", "b"], "default": "b", "many": "false"})
    assert (text.language, text.options, text.many) == ("en-GB", ("a", "b"), False)
    assert parameter({"type": "string", "options": {"query": "names"}}).options_of == "names"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("x", "has no type; write one of iri"),
        ({}, "has no type"),
        ({"type": "uri"}, "has no type"),
        ({"type": "iri", "defalt": "x"}, "unknown key in the header: defalt"),
        ({"type": "iri", "class": ["x"]}, "class of parameter it"),
        ({"type": "iri", "description": {}}, "description of parameter it"),
        ({"type": "iri", "many": "yes"}, "many of parameter it"),
        ({"type": "string", "class": "tri:Actor"}, "class of parameter it goes with type iri"),
        ({"type": "iri", "language": "en"}, "language of parameter it goes with type string"),
        ({"type": "string", "language": "e n"}, "write for instance en"),
        ({"type": "string", "language": "englishman"}, "write for instance en"),
        ({"type": "string", "options": "a"}, "neither a list nor"),
        ({"type": "string", "options": [["a"]]}, "neither a list nor"),
        ({"type": "string", "options": {"query": ["a"]}}, "neither a list nor"),
        ({"type": "string", "options": {"query": "a", "of": "b"}}, "neither a list nor"),
        ({"type": "integer", "default": "x"}, "takes digits, not 'x'; correct the header"),
        ({"type": "date", "options": ["2022-02-30"]}, "takes a day that exists"),
    ],
)
def test_parameter_that_is_wrong_is_an_error_at_its_line(entry: Any, message: str) -> None:
    """An entry that a parameter cannot be made from is an error at the line where it stands."""
    with pytest.raises(MalformedInput) as caught:
        parameter(entry)
    assert message in str(caught.value)
    assert (caught.value.path, caught.value.line) == (PATH, 3)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?other { ?other ?p ?o }", "does not use parameter it; use ?it in it"),
        ("DESCRIBE ?it", "no group of the query sees parameter it"),
    ],
)
def test_query_uses_its_parameters(query: str, message: str) -> None:
    """A parameter that the query does not have, or that no group of it sees, could not be bound."""
    with pytest.raises(MalformedInput) as caught:
        parameter({"type": "iri"}, query)
    assert message in str(caught.value)
    assert caught.value.line == 3
