"""What the package's exceptions say."""

import pickle
from pathlib import Path

import pytest

from triplomacy import errors
from triplomacy.errors import Choice, MalformedInput, Message, TriplomacyError, UnknownName


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "wrong"),
        ({"path": "a.ttl"}, "a.ttl: wrong"),
        ({"path": Path("a.ttl"), "line": 3}, "a.ttl:3: wrong"),
        ({"path": "a.ttl", "line": 3, "column": 7}, "a.ttl:3:7: wrong"),
        ({"line": 3, "column": 7}, "3:7: wrong"),
    ],
)
def test_message_begins_with_the_place(place, text):
    """An error names its place as far as it is known, in the form that editors jump to."""
    assert str(TriplomacyError("wrong", **place)) == text


def test_message_stays_apart_from_the_place():
    """A report can take message, path, line and column one by one."""
    error = MalformedInput("wrong", path=Path("a.ttl"), line=3, column=7)
    assert (error.message, error.path, error.line, error.column) == ("wrong", Path("a.ttl"), 3, 7)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("recognises", "no such query: recognises; did you mean who-recognises?"),
        ("who-recognised", "no such query: who-recognised; did you mean who-recognises?"),
        ("zzz", "no such query: zzz"),
    ],
)
def test_unknown_name_offers_the_nearest(name, text):
    """The nearest names are offered, and none where none is near."""
    assert str(UnknownName("query", name, ["who-recognises", "how-many-deny"])) == text


def test_offer_depends_on_neither_order_nor_repetition():
    """The same names in another order, or twice, give the same offer: at most three."""
    known = [f"claim-{n}" for n in range(9)]
    offer = UnknownName("claim", "claim-x", known).near
    assert len(offer) == 3
    assert UnknownName("claim", "claim-x", [*reversed(known), *known]).near == offer


def test_every_exception_is_one_of_ours():
    """Whoever catches TriplomacyError catches all that the package raises on purpose."""
    own = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(own) >= 5
    assert all(issubclass(exception, TriplomacyError) for exception in own)


def test_choices_are_spelt_by_whoever_shows_them():
    """A message says its choices as an address has them, and in other words where somebody has others."""
    inner = Message("add ", Choice("view", "author"))
    error = TriplomacyError(inner, " or ", Choice("day", "VALUE", is_parameter=True), path="a.rq", line=2)
    assert error.message == "add view=author or day=VALUE"
    assert str(error) == "a.rq:2: add view=author or day=VALUE"
    assert error.with_place.with_words(lambda choice: choice.name.upper()) == "a.rq:2: add VIEW or DAY"


def test_message_is_the_same_in_another_process():
    """A message keeps its choices where it is pickled, with the error that has it."""
    error = pickle.loads(pickle.dumps(TriplomacyError("leave ", Choice("data"), " out")))
    assert error.message.with_words(lambda choice: f"<{choice}>") == "leave <data> out"
