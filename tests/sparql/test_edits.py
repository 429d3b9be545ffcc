"""Texts change at the places of nodes alone, and a file's relative IRIs are relative to it."""

import pytest

from triplomacy.sparql.edits import apply_edits, with_base

FILE = "file:///a/b/c.rq"


def test_edits_leave_the_rest() -> None:
    """What stands between edits stays as it is, and an edit may only put something in."""
    assert apply_edits("abcdef", [(0, 0, "_"), (1, 3, "X"), (5, 6, "")]) == "_aXde"
    assert apply_edits("abc", []) == "abc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { <d> <#e> <> }", "ASK { <file:///a/b/d> <file:///a/b/c.rq#e> <file:///a/b/c.rq> }"),
        ("BASE <../x/> ASK { <d> a <y:z> }", "BASE <file:///a/x/> ASK { <file:///a/x/d> a <y:z> }"),
        ("PREFIX p: <p/> ASK { p:q a '<d>' }", "PREFIX p: <file:///a/b/p/> ASK { p:q a '<d>' }"),
        ("BASE <x:y/> ASK { <d> a <e> }", None),
        ("ASK { FILTER (?a<?b&&?c>?d) ?a a <x:y> } # <d>", None),
        ("ASK { ?a <d>", None),
    ],
)
def test_relative_iris_are_relative_to_their_file(text: str, expected: str | None) -> None:
    """Relative IRIs stand there in full; a text with a BASE, without a relative IRI, or malformed stays as it is."""
    assert with_base(text, FILE) == (text if expected is None else expected)
