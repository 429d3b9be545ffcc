"""The scope of a question: what goes together, and its two spellings."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from triplomacy.cli.execution import in_options
from triplomacy.errors import TriplomacyError
from triplomacy.queries import scope
from triplomacy.queries.scope import Scope

WHOLE = Scope(
    data=(Path("a.ttl"), Path("b=c.ttl")),
    endpoint="http://localhost:9/?a=b",
    graphs=("urn:g",),
    services=("http://localhost:8/", "http://localhost:7/"),
    views=("author", "according-to/x"),
    actors=("Kim Jong Un",),
    as_of="2022-09",
    certainly=True,
    evidence=True,
)
EACH = [Scope(), WHOLE, *(Scope(**{field.name: getattr(WHOLE, field.name)}) for field in fields(Scope))]


@pytest.mark.parametrize("each", EACH)
def test_both_spellings_are_read_back(each: Scope) -> None:
    """A scope, each of its parts alone, and none, are what their options and their address say."""
    assert scope.of_options(each.options()) == each
    assert scope.of_pairs(each.pairs()) == each


def test_spellings() -> None:
    """Options have hyphens and flags no value, an address has neither."""
    chosen = Scope(views=("author",), as_of="2022", certainly=True)
    assert chosen.options() == ("--view=author", "--as-of=2022", "--certainly")
    assert list(chosen.pairs()) == [("view", "author"), ("as-of", "2022"), ("certainly", "true")]


def test_other_names_are_passed_over() -> None:
    """What is of no scope, as the format of an answer or an option of another version, changes nothing."""
    assert scope.of_pairs([("format", "csv"), ("certainly", "false")]) == Scope()
    assert scope.of_options(["--colour", "--lang=en"]) == Scope()


@pytest.mark.parametrize(
    ("chosen", "plain", "option"),
    [
        (Scope(certainly=True), "certainly goes with as-of; give the date", "--certainly goes with --as-of;"),
        (Scope(graphs=("urn:g",)), "graph goes with endpoint", "--graph goes with --endpoint"),
        (replace(WHOLE, graphs=()), "data and endpoint are both what is asked", "--data and --endpoint are"),
        (Scope(data=(Path("a"),), views=("author",)), "leave data out", "leave --data out"),
        (Scope(data=(Path("a"),), as_of="2022"), "leave data out", "leave --data out"),
    ],
)
def test_what_does_not_go_together_is_named(chosen: Scope, plain: str, option: str) -> None:
    """An error names the fact; the command line adds that it is an option."""
    with pytest.raises(TriplomacyError) as caught:
        chosen.check()
    assert plain in caught.value.message
    assert option in in_options(caught.value.message)


@pytest.mark.parametrize("chosen", [Scope(), Scope(as_of="2022", certainly=True), Scope(endpoint="x", graphs=("g",))])
def test_what_goes_together_is_let_be(chosen: Scope) -> None:
    """A date with certainty, and graphs of an endpoint, are a scope."""
    chosen.check()
