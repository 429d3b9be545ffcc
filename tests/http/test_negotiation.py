"""Content negotiation: the examples of RFC 9110, and what clients really send."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from triplomacy.http import negotiation
from triplomacy.http.negotiation import (
    CSV,
    DOCUMENTS,
    FORMATS,
    HTML,
    JSON,
    JSONLD,
    NTRIPLES,
    SOLUTIONS,
    TRIG,
    TURTLE,
    XML,
)
from triplomacy.queries import formats

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
OLD_JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
OF_THE_RFC = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"


def preferred(accept: str | None) -> str | None:
    """Return the media type in which a document is sent."""
    found = negotiation.prefer(accept, DOCUMENTS)
    return None if found is None else found.media_type


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/plain;format=flowed", 1.0),
        ("text/plain", 0.7),
        ("text/html", 0.3),
        ("image/jpeg", 0.5),
        ("text/plain;format=fixed", 0.4),
        ("text/html;level=3", 0.3),
    ],
)
def test_quality_is_that_of_the_rfc(media_type: str, expected: float) -> None:
    """The example of RFC 9110, 12.5.1 holds: the most specific range gives the weight."""
    assert negotiation.quality(negotiation.ranges(OF_THE_RFC), media_type)[0] == expected


@pytest.mark.parametrize("accept", [None, "", "  ", ",", " , ,", "*/*", "*/*;q=0.1", "*", "text/*"])
def test_without_a_wish_the_first_comes(accept: str | None) -> None:
    """No header, an empty one and a wildcard get what the server would rather send."""
    assert preferred(accept) == "text/html"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, "text/html"),
        (JENA, "text/turtle"),
        (OLD_JAVA, "text/html"),
        ("application/rdf+xml,text/html;q=0.9", "application/rdf+xml"),
        ("application/ld+json, application/json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
    ],
)
def test_known_clients_get_what_they_mean(accept: str, expected: str) -> None:
    """Browsers, Jena, old Java and clients of a general type get the format that they can read, called as they ask."""
    assert preferred(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/turtle;q=0.5, application/trig;q=0.6", "application/trig"),
        ("text/turtle;q=0.555, application/trig;q=0.556", "application/trig"),
        ("text/turtle;q=1.000, text/html;q=0.999", "text/turtle"),
        ("application/trig;q=.9, text/turtle;q=0.8", "application/trig"),
        ("text/turtle;Q=0.1, application/trig;q=0.2", "application/trig"),
        ("application/trig ; q = 0.2 , text/turtle ; q=0.1", "application/trig"),
        ("application/trig;q=0.9;version=1, text/turtle;q=0.8", "text/turtle"),
    ],
)
def test_weights_decide(accept: str, expected: str) -> None:
    """The higher weight wins, however it is spelt; a parameter behind the weight belongs to the media type."""
    assert preferred(accept) == expected


@pytest.mark.parametrize("accept", ["text/html, text/turtle", "text/turtle, text/html", "*/*, text/html, text/turtle"])
def test_order_of_members_says_nothing(accept: str) -> None:
    """Of equal weights the server chooses, whatever the order."""
    assert preferred(accept) == "text/html"


@pytest.mark.parametrize("accept", ["text/turtle, */*", "*/*, text/turtle", "text/turtle, text/*, */*"])
def test_what_is_named_comes_before_a_wildcard_of_equal_weight(accept: str) -> None:
    """A client that names a type and takes anything else as well gets the type that it names."""
    assert preferred(accept) == "text/turtle"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html;q=0, */*", "text/turtle"),
        ("*/*, text/html;q=0.0", "text/turtle"),
        ("text/*;q=0, */*;q=0.1", "application/trig"),
        ("text/*;q=0, text/turtle;q=0.1", "text/turtle"),
        ("*/*;q=0, application/n-triples", "application/n-triples"),
        ("*/*;q=0.9, text/html;q=0.1", "text/turtle"),
    ],
)
def test_more_specific_range_overrides(accept: str, expected: str) -> None:
    """A type that is refused, or wanted less, by name is so in spite of a wildcard, and the other way round."""
    assert preferred(accept) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "image/png",
        "image/*",
        "*/*;q=0",
        "text/html;q=0",
        "text/html;level=1",
        "text/turtle;charset=iso-8859-1",
        "text/turtle;q=0, text/html;q=0.000",
        "application/x-turtle",
        "text/rdf+n3, application/sparql-results+json",
    ],
)
def test_what_cannot_be_sent_is_refused(accept: str) -> None:
    """A client that accepts nothing that is there gets nothing: no format is foisted on it."""
    assert preferred(accept) is None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("TEXT/TURTLE", "text/turtle"),
        ("text/turtle;charset=UTF-8", "text/turtle"),
        ('text/turtle;charset="utf-8"', "text/turtle"),
        ("text/turtle;", "text/turtle"),
        ("text/turtle; ;q=0.5", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ('image/png;note="a, text/html, b", text/turtle;q=0.1', "text/turtle"),
        ('image/png;note="a \\" , text/html", text/turtle;q=0.1', "text/turtle"),
        ("\ttext/turtle\t,\timage/png", "text/turtle"),
    ],
)
def test_parameters_and_quotation_are_read(accept: str, expected: str) -> None:
    """Case, spaces, quoted commas, our own encoding and unknown profiles of JSON-LD stand in nobody's way."""
    assert preferred(accept) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "text/turtle;q=2",
        "text/turtle;q=-1",
        "text/turtle;q=nan",
        "text/turtle;q=1e-1",
        "text/turtle;q=",
        "text/turtle;q=0.5.5",
        "text/turtle q=1",
        "*/turtle",
        "text",
        "text/",
        "/turtle",
        "text/turtle/x",
        "<script>",
        "text/turtle;charset",
        'text/turtle;note="unclosed',
        "text/türtle",
    ],
)
def test_malformed_member_says_nothing(wrong: str) -> None:
    """A member against the grammar is passed over; alone, it is as good as no header."""
    assert preferred(f"application/trig;q=0.1, {wrong}") == "application/trig"
    assert preferred(wrong) == "text/html"


def test_equal_ranges_give_the_higher_weight() -> None:
    """A type that is named twice has the higher of its weights."""
    assert preferred("text/turtle;q=0.1, application/trig;q=0.5, text/turtle;q=0.9") == "text/turtle"


def test_general_type_leads_to_the_first_that_has_it() -> None:
    """JSON means results where there are rows, and JSON-LD where there are triples."""
    rows, graph = negotiation.prefer("application/json", SOLUTIONS), negotiation.prefer("application/json", DOCUMENTS)
    assert rows is not None
    assert graph is not None
    assert (rows.name, graph.name) == (JSON.name, JSONLD.name)
    assert negotiation.prefer("application/json", (CSV, XML)) is None


def in_proportion(work: Callable[[int], object]) -> bool:
    """Tell whether eight times the length is less than 24 times the work; the square would be 64 times.

    The least of several attempts counts, of both in turn, since a machine may be busy with something else.
    """
    least = {50_000: math.inf, 400_000: math.inf}
    gc.disable()  # it looks through all that the other tests have left
    try:
        for _ in range(10):
            for length in least:
                begun = time.process_time()
                work(length)
                least[length] = min(least[length], time.process_time() - begun)
            if least[400_000] < 24 * least[50_000] + 0.02:
                return True
    finally:
        gc.enable()
    return False


@pytest.mark.alone
@pytest.mark.parametrize(
    "part", ['"', '\\"', ",", "a/b;", 'a/b;x="', "\\", " ;", "a/b;x ", '";"', "*/*;q=0,", "text/html;q=1;q=0;"]
)
def test_long_headers_are_read_in_proportion(part: str) -> None:
    """The work that a header takes grows with its length and not with its square."""
    assert in_proportion(lambda length: negotiation.ranges(part * (length // len(part))))


@pytest.mark.alone
def test_what_grows_with_the_square_would_be_seen() -> None:
    """Work whose square grows with the length is told from work that grows with the length."""
    assert in_proportion(lambda length: sum(range(length)))
    assert not in_proportion(lambda length: sum(range(length**2 // 20_000)))


@given(st.lists(st.tuples(st.sampled_from(FORMATS), st.integers(0, 1000)), max_size=8))
def test_best_weight_wins(wishes: list[tuple[negotiation.Format, int]]) -> None:
    """Whatever is named with weights, what is chosen has the highest of all, and nothing is chosen where all are 0."""
    accept = ", ".join(f"{each.media_type};q={weight / 1000:.3f}" for each, weight in wishes)
    named = {each.media_type: max(w for e, w in wishes if e == each) for each, _ in wishes}
    chosen = negotiation.prefer(accept, FORMATS)
    if not wishes:
        assert chosen == FORMATS[0]
    elif not any(named.values()):
        assert chosen is None
    else:
        assert chosen is not None
        assert named[chosen.media_type] == max(named.values())


@given(st.text(max_size=200))
def test_no_header_is_too_odd(accept: str) -> None:
    """Any text whatever leads to a format on offer or to none."""
    assert negotiation.prefer(accept, (TURTLE, HTML)) in (TURTLE, HTML, None)


def test_formats_are_told_apart() -> None:
    """No two formats have a name, a media type or an extension in common."""
    for taken in ([f.name for f in FORMATS], [f.media_type for f in FORMATS], [f.extension for f in FORMATS]):
        assert len(taken) == len(set(taken))
    assert {each.name for each in FORMATS} == set(formats.FORMATS)


def test_formats_are_found_by_name_and_extension() -> None:
    """A name or an extension leads to its format, or to None."""
    assert negotiation.format_by_name("ntriples") == NTRIPLES
    assert negotiation.of_extension("trig") == TRIG
    assert negotiation.format_by_name("n3") is None
    assert negotiation.of_extension("csv", DOCUMENTS) is None


def test_text_says_its_encoding() -> None:
    """Text has its encoding in the header, since clients may take it for another; what is defined in UTF-8 has not."""
    assert TURTLE.content_type == "text/turtle; charset=utf-8"
    assert NTRIPLES.content_type == "application/n-triples"


def test_refusal_names_what_is_offered() -> None:
    """Somebody whose wishes cannot be met learns what can be had."""
    assert negotiation.advice((HTML, TURTLE)).endswith("ask for one of text/html, text/turtle")


@pytest.mark.parametrize("accept", ["TEXT/TURTLE", "text/Turtle;Q=1", "Text/*, */*;q=0"])
def test_capitals_say_nothing(accept: str) -> None:
    """Types, subtypes and the name of the weight count without regard to capitals."""
    assert (preferred(accept) or "").startswith("text/")
