"""The passages of a source's text with their claims, which are marked in the text where it is at hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from triplomacy.claims import Anchor, Source, evidence
from triplomacy.pages.reading import Reader
from triplomacy.sparql import binding
from triplomacy.terms import TRI


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters that the same spans cover; *starts* are the spans that begin with it."""

    text: str
    spans: tuple[str, ...]
    starts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A span with the claims that rest on it, as evidence or as a quotation."""

    anchor: Anchor
    claims: tuple[str, ...]
    quoted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A passage: its voice, its spans, its claims, how many affirm, deny and leave open, or why there are none."""

    anchor: Anchor
    voice: str
    spans: tuple[Span, ...]
    affirmed: int
    denied: int
    open: int
    omission: str | None
    claims: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def total(self) -> int:
        """How many claims it carries."""
        return self.affirmed + self.denied + self.open

    @property
    def kind(self) -> str:
        """What colours it: denied, open, affirmed, or silent."""
        return "denied" if self.denied else "open" if self.open else "affirmed" if self.affirmed else "silent"


@dataclass(frozen=True, slots=True)
class Strip:
    """A source with its passages in the order of the text."""

    source: Source
    bands: tuple[Band, ...]

    @property
    def most(self) -> int:
        """The most claims that a passage carries."""
        return max((band.total for band in self.bands), default=0)


def of_text(reader: Reader, text: str) -> str | None:
    """Return the IRI of the source whose text has that IRI, or None."""
    return next(iter(reader.subjects(TRI + "text", text)), None)


def read(reader: Reader, source: Source, text: str | None = None) -> Strip:
    """Return the strip of a source.

    Args:
        reader: the dataset.
        source: the source.
        text: its characters, where they are to be shown; they are kept in the strip alone.

    Raises:
        ValueError: the text is not the one that was hashed.
    """
    if text is not None and evidence.sha256(text) != source.sha256:
        raise ValueError("not the text that the source was read from")
    dataset = reader.dataset
    spans = {anchor.iri: anchor for anchor in evidence.spans(dataset, source)}
    resting, stances = _claims_by_span(reader, source)
    inside: dict[str, list[Span]] = defaultdict(list)
    for iri, anchor in spans.items():
        for passage in reader.values(iri, TRI + "inPassage"):
            carried = resting[iri]
            inside[passage].append(Span(anchor, *(tuple(sorted(carried[name])) for name in ("evidence", "quotation"))))
    return Strip(
        source,
        tuple(
            _band(passage, inside[passage.anchor.iri], stances, text) for passage in evidence.passages(dataset, source)
        ),
    )


def kinds(reader: Reader, strip: Strip) -> dict[str, list[tuple[str, int]]]:
    """Return what the claims of each passage are about: each class with how many claims are, those of most first."""
    rows = reader.dataset.select("""
        SELECT DISTINCT ?claim ?class WHERE {
          ?class rdfs:subClassOf* tri:Proposition . ?proposition a ?class . ?claim tri:proposition ?proposition }""")
    classes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        classes[str(row["claim"].value)].add(str(row["class"].value))
    counted = {band.anchor.iri: Counter(cls for claim in band.claims for cls in classes[claim]) for band in strip.bands}
    return {iri: sorted(own.items(), key=lambda item: (-item[1], item[0])) for iri, own in counted.items()}


def _claims_by_span(reader: Reader, source: Source) -> tuple[dict[str, dict[str, set[str]]], dict[str, str]]:
    """Return the claims on each span by the property that leads to it, and the stance of each claim."""
    query = """
        SELECT ?claim ?property ?span ?stance WHERE {
          VALUES ?property { tri:evidence tri:quotation }
          ?span tri:inPassage/dcterms:isPartOf ?source . ?claim ?property ?span ; tri:stance ?stance }"""
    resting: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    stances: dict[str, str] = {}
    for row in reader.dataset.select(binding.bind(query, {"source": [ox.NamedNode(source.iri)]})):
        resting[row["span"].value][row["property"].value.removeprefix(TRI)].add(row["claim"].value)
        stances[row["claim"].value] = row["stance"].value.removeprefix(TRI)
    return resting, stances


def _band(passage: evidence.Passage, spans: Sequence[Span], stances: dict[str, str], text: str | None) -> Band:
    stances_here = [stances.get(claim, "") for claim in passage.claims]
    return Band(
        anchor=passage.anchor,
        voice=passage.voice,
        spans=tuple(spans),
        affirmed=stances_here.count("affirms"),
        denied=stances_here.count("denies"),
        open=stances_here.count("leavesOpen"),
        omission=passage.omission,
        claims=tuple(passage.claims),
        segments=() if text is None else tuple(_segments(text, passage.anchor, [span.anchor for span in spans])),
    )


def _segments(text: str, passage: Anchor, spans: Sequence[Anchor]) -> Iterator[Segment]:
    within = [span for span in spans if passage.start <= span.start < span.end <= passage.end]
    cuts = sorted({passage.start, passage.end, *(cut for span in within for cut in (span.start, span.end))})
    for start, end in pairwise(cuts):
        covering = tuple(span.iri for span in within if span.start <= start and end <= span.end)
        yield Segment(text[start:end], covering, tuple(span.iri for span in within if span.start == start))
