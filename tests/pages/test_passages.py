"""A source as a strip of passages: what stands where, and what is marked in its text."""

from dataclasses import replace

import pytest

from triplomacy.claims import evidence
from triplomacy.claims.evidence import Anchor, Source
from triplomacy.dataset.dataset import Dataset
from triplomacy.pages import passages
from triplomacy.pages.reading import Reader
from triplomacy.terms import SOURCE, TRI

BASE = SOURCE + "gazette-1999/"
BAND = passages.Band(Anchor("urn:p", 0, 10, ""), "urn:voice", (), 0, 0, 0, None)


@pytest.fixture
def source(gazette: Dataset) -> Source:
    """Return the gazette."""
    (source,) = evidence.sources(gazette)
    return source


@pytest.mark.parametrize(
    ("counts", "kind"),
    [
        ((0, 0, 0), "silent"),
        ((2, 0, 0), "affirmed"),
        ((2, 0, 1), "open"),
        ((2, 1, 1), "denied"),
        ((0, 1, 0), "denied"),
    ],
)
def test_colour_of_a_passage(counts: tuple[int, int, int], kind: str) -> None:
    """A denial colours a passage before what is left open, and that before an affirmation; all claims are counted."""
    band = replace(BAND, affirmed=counts[0], denied=counts[1], open=counts[2])
    assert (band.kind, band.total) == (kind, sum(counts))


def test_passages_have_their_claims_by_stance(gazette: Dataset, source: Source) -> None:
    """Each passage has its place, its voice, its spans with the claims on them, and why it has none."""
    found = passages.read(Reader(gazette), source)
    assert [band.anchor.start for band in found.bands] == sorted(band.anchor.start for band in found.bands)
    counts = {band.anchor.iri.rpartition("/")[2]: (band.affirmed, band.denied, band.open) for band in found.bands}
    assert counts["01"] == (0, 0, 0)
    assert counts["06"] == (2, 2, 0)
    assert counts["08"] == (1, 0, 1)
    assert found.most == 4
    assert found.bands[0].omission == "The masthead."
    spans = {(span.anchor.start, span.anchor.end): (span.claims, span.quoted) for span in found.bands[4].spans}
    denial = (BASE + "claim/envoy-denies-arms",)
    assert spans == {
        (213, 254): ((BASE + "claim/syldavia-sold-rifles",), ()),
        (290, 335): (denial, ()),
        (307, 312): ((), denial),
    }
    assert all(band.segments == () for band in found.bands)


def test_text_is_cut_where_spans_begin_and_end(gazette: Dataset, source: Source, gazette_text: str) -> None:
    """With the text a passage is cut at each bound of its spans, and each piece has the spans that cover it."""
    band = passages.read(Reader(gazette), source, gazette_text).bands[4]
    names = {
        f"{BASE}text#char={bounds}": letter for bounds, letter in (("213,254", "a"), ("290,335", "b"), ("307,312", "c"))
    }
    pieces = [
        (len(each.text), "".join(map(names.__getitem__, each.spans)), "".join(map(names.__getitem__, each.starts)))
        for each in band.segments
    ]
    assert pieces == [(41, "a", "a"), (36, "", ""), (17, "b", "b"), (5, "bc", "c"), (23, "b", ""), (1, "", "")]
    assert "".join(each.text for each in band.segments) == gazette_text[213:336]


def test_another_text_is_refused(gazette: Dataset, source: Source, gazette_text: str) -> None:
    """A text with another hash is not the source's."""
    with pytest.raises(ValueError, match="not the text"):
        passages.read(Reader(gazette), source, gazette_text[:-1])


def test_span_outside_its_passage_marks_nothing() -> None:
    """Only spans that lie within a passage and have a length cut it, whatever the graph says."""
    spans = [
        Anchor(f"urn:{start}-{end}", start, end, "")
        for start, end in ((0, 4), (4, 4), (8, 12), (2, 4), (9, 10), (0, 3))
    ]
    pieces = list(passages._segments("0123456789abc", Anchor("urn:p", 2, 10, ""), spans))
    assert [(piece.text, piece.spans, piece.starts) for piece in pieces] == [
        ("23", ("urn:2-4",), ("urn:2-4",)),
        ("45678", (), ()),
        ("9", ("urn:9-10",), ("urn:9-10",)),
    ]


def test_kinds_of_claims_in_a_passage(gazette: Dataset, source: Source) -> None:
    """What the claims of a passage are about is counted, what most are about first, then by the name of the class."""
    reader = Reader(gazette)
    kinds = passages.kinds(reader, passages.read(reader, source))
    assert kinds[BASE + "passage/01"] == []
    assert kinds[BASE + "passage/06"] == [(TRI + "Leadership", 2), (TRI + "Sponsorship", 2)]
    assert kinds[BASE + "passage/07"] == [(TRI + name, 1) for name in ("SanctionsMeasure", "Support", "Withdrawal")]
    claims = (
        BASE + "claim/courier-on-troops",
        BASE + "claim/ruritania-recognises-zenda",
        BASE + "claim/envoy-on-troops",
    )
    mixed = passages.Strip(source, (replace(BAND, claims=claims),))
    assert passages.kinds(reader, mixed) == {"urn:p": [(TRI + "Deployment", 2), (TRI + "Recognition", 1)]}


def test_source_of_a_text(gazette: Dataset, source: Source) -> None:
    """A text belongs to its source, and another node to none; a strip without passages has no claims."""
    assert passages.of_text(Reader(gazette), source.text) == source.iri
    assert passages.of_text(Reader(gazette), source.iri) is None
    assert passages.Strip(source, ()).most == 0
