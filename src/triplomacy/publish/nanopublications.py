"""Each claim as a nanopublication, which says who claims what and never that it is so.

The *assertion* is the description of the claim and of what it is about, as the graph has it, the *provenance* the spans
or rows that it was read from and who read it, the *publication info* who publishes it, when and under which licence. No
plain fact of a view is in it. Dates come from the data: the graph's ``dcterms:modified``, else its ``dcterms:created``.

What was published once is in a *log*, a line a nanopublication, to which each release adds. A claim that says the same
as before keeps its nanopublication to the byte. One that says something else supersedes its former one
(``npx:supersedes``), as does a claim that replaces a withdrawn one (``dcterms:isReplacedBy``). One that is withdrawn
without that, or that is no longer there, is retracted (``npx:retracts``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyoxigraph as ox

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.publish import trusty
from triplomacy.publish.trusty import DRAFT, NP, NPX, PARTS, SPACE
from triplomacy.rdf import LABEL, TYPE, closure, subclasses
from triplomacy.terms import DCTERMS, ONTOLOGY, PREFIXES, RDF, RDFS, SKOS, TRI, VIEW, XSD

LOG: Final = "nanopublications.tsv"

Graphs = Mapping[str, Sequence[ox.Triple]]
Kind = Literal["claim", "retraction"]

_HEAD: Final = ("claim", "nanopublication", "kind", "former", "content", "created")
_PROV: Final = PREFIXES["prov"]
_IN: Final = {part: ox.NamedNode(DRAFT + part) for part in PARTS}
_SELF: Final = ox.NamedNode(DRAFT)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log.

    Attributes:
        claim: the IRI of the claim.
        iri: the trusty IRI of the nanopublication.
        kind: whether it publishes the claim or retracts its nanopublication.
        former: the trusty IRIs of those that it supersedes or retracts, sorted.
        content: the SHA-256 of its assertion and provenance, before they had a trusty IRI.
        created: the day, as an ``xsd:date``, or "" where the data has none.
    """

    claim: str
    iri: str
    kind: Kind
    former: tuple[str, ...]
    content: str
    created: str


@dataclass(frozen=True, slots=True)
class NanopublicationRelease:
    """What a release publishes: the text of each nanopublication by its trusty IRI, and the log up to it.

    Superseded nanopublications are in the log alone: a site keeps the files that it has.
    """

    texts: Mapping[str, str]
    log: tuple[LogLine, ...]

    def files(self) -> dict[str, bytes]:
        """Return the content of each file by its name: ``nanopub/CODE.trig``, and the log."""
        named = {f"nanopub/{iri.removeprefix(SPACE)}.trig": text.encode("utf-8") for iri, text in self.texts.items()}
        return named | {LOG: to_tsv(self.log).encode("utf-8")}


def publish(graphs: Graphs, *, key: str | None = None, log: Sequence[LogLine] = ()) -> NanopublicationRelease:
    """Return the nanopublications of all claims, and the retractions of those that are claims no more.

    Args:
        graphs: the triples of each named graph by its IRI, as `build.graphs` has them.
        key: a private key as `trusty.read_key` returns it; without one they are unsigned.
        log: what was published before, in its order.

    Raises:
        EngineUnavailable: the nanopub library is not installed.
        TriplomacyError: a claim is too large for one nanopublication.
    """
    read = _CuratedGraphs.of(graphs)
    last = {record.claim: record for record in log}
    superseded = {iri for record in log for iri in record.former}
    texts: dict[str, str] = {}
    added: list[LogLine] = []
    for claim in sorted(read.claims):
        replaced = [
            last[each].iri for each in read.replaced.get(claim, ()) if each in last and last[each].kind == "claim"
        ]
        fresh = {iri for iri in replaced if iri not in superseded}
        record, text = _claim(read, claim, last.get(claim), fresh, key)
        texts[record.iri] = text
        if record != last.get(claim):
            added.append(record)
            superseded |= set(record.former)
    for claim, former in sorted(last.items()):
        if claim in read.claims or (former.kind == "claim" and former.iri in superseded):
            continue
        record, text = _retraction(read, former, key)
        texts[record.iri] = text
        if record != former:
            added.append(record)
    return NanopublicationRelease(dict(sorted(texts.items())), (*log, *added))


def _claim(
    read: _CuratedGraphs, claim: str, last: LogLine | None, replaced: set[str], key: str | None
) -> tuple[LogLine, str]:
    """Return the record and the text of a claim's nanopublication: the former one again, if it still says the same."""
    quads = [*_assertion(read, claim), *_provenance(read, claim)]
    content = _digest(quads)
    if last is not None and last.kind == "claim" and last.content == content and not replaced:
        iri, text = _finish([*quads, *_of_claim(read, claim, last.created, last.former, key)], key)
        if iri == last.iri:
            return last, text
    own = {last.iri} if last is not None and last.kind == "claim" else set()
    former = tuple(sorted(own | replaced))
    created = read.day(read.claims[claim])
    iri, text = _finish([*quads, *_of_claim(read, claim, created, former, key)], key)
    return LogLine(claim, iri, "claim", former, content, created), text


def _retraction(read: _CuratedGraphs, last: LogLine, key: str | None) -> tuple[LogLine, str]:
    """Return the record and the text of what retracts the last nanopublication of a claim, or did so before."""
    retracts = last.former if last.kind == "retraction" else (last.iri,)
    created = last.created if last.kind == "retraction" else read.day_of_withdrawal(last.claim)
    creator = read.publisher()
    quads = [
        *(ox.Quad(creator, ox.NamedNode(NPX + "retracts"), ox.NamedNode(iri), _IN["assertion"]) for iri in retracts),
        ox.Quad(_IN["assertion"], ox.NamedNode(_PROV + "wasAttributedTo"), creator, _IN["provenance"]),
    ]
    reasons = [ox.Triple(_SELF, ox.NamedNode(DCTERMS + "description"), note) for note in read.reasons(last.claim)]
    label = ox.Literal(f"Retraction of the claim {last.claim}", language="en")
    about = [
        *reasons,
        ox.Triple(_SELF, LABEL, label),
        ox.Triple(_SELF, ox.NamedNode(DCTERMS + "subject"), ox.NamedNode(last.claim)),
    ]
    info = _info([*about, *_publication_triples(created, creator, read.licence(), key)])
    iri, text = _finish([*quads, *info], key)
    record = LogLine(last.claim, iri, "retraction", retracts, _digest(quads), created)
    return record, text


def _digest(quads: Iterable[ox.Quad]) -> str:
    return hashlib.sha256("".join(sorted({f"{quad} .\n" for quad in quads})).encode("utf-8")).hexdigest()


def _finish(quads: Iterable[ox.Quad], key: str | None) -> tuple[str, str]:
    """Return the trusty IRI and the text of the nanopublication that has these quads, besides its head."""
    names = {"assertion": "hasAssertion", "provenance": "hasProvenance", "pubinfo": "hasPublicationInfo"}
    head = [
        ox.Triple(_SELF, TYPE, ox.NamedNode(NP + "Nanopublication")),
        *(ox.Triple(_SELF, ox.NamedNode(NP + name), _IN[part]) for part, name in names.items()),
    ]
    draft = {*(ox.Quad(t.subject, t.predicate, t.object, _IN["Head"]) for t in head), *quads}
    iri, done = trusty.finish(sorted(draft, key=str), key)
    return iri, trusty.to_trig(iri, done)


def _assertion(read: _CuratedGraphs, claim: str) -> Iterator[ox.Quad]:
    """Yield the description of a claim, of its propositions and conditions, and of their times."""
    for node in read.closure(ox.NamedNode(claim)):
        for triple in read.about.get(node, ()):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, _IN["assertion"])


def _provenance(read: _CuratedGraphs, claim: str) -> Iterator[ox.Quad]:
    """Yield where a claim was read, and who read it: spans, passages, rows, the text's or the file's hash."""
    node = ox.NamedNode(claim)
    derived = ox.NamedNode(_PROV + "wasDerivedFrom")
    anchors = read.values(node, TRI + "evidence") + read.values(node, TRI + "quotation")
    nodes = list(dict.fromkeys(anchors))
    for anchor in nodes:
        links = (TRI + "inPassage", TRI + "inFile", DCTERMS + "isPartOf")
        nodes += [each for link in links for each in read.values(anchor, link) if each not in nodes]
    sources = [each for each in nodes if ox.NamedNode(TRI + "Source") in read.values(each, RDF + "type")]
    yield from (ox.Quad(_IN["assertion"], derived, anchor, _IN["provenance"]) for anchor in dict.fromkeys(anchors))
    for source in sources:
        yield ox.Quad(_IN["assertion"], ox.NamedNode(_PROV + "hadPrimarySource"), source, _IN["provenance"])
    for creator in read.values(ox.NamedNode(read.claims[claim]), DCTERMS + "creator"):
        yield ox.Quad(_IN["assertion"], ox.NamedNode(_PROV + "wasAttributedTo"), creator, _IN["provenance"])
    kept = [each for each in nodes if each not in sources] + [t for s in sources for t in read.values(s, TRI + "text")]
    for each in kept:
        for triple in read.about.get(each, ()):
            if triple.predicate.value not in _NOTES:
                yield ox.Quad(triple.subject, triple.predicate, triple.object, _IN["provenance"])


_NOTES: Final = (RDFS + "label", SKOS + "scopeNote", TRI + "omission")


def _of_claim(read: _CuratedGraphs, claim: str, created: str, former: Iterable[str], key: str | None) -> list[ox.Quad]:
    """Return the publication info of a claim's nanopublication."""
    graph = ox.NamedNode(read.claims[claim])
    about = [
        ox.Triple(_SELF, LABEL, ox.Literal(read.title(claim), language="en")),
        ox.Triple(_SELF, ox.NamedNode(DCTERMS + "isPartOf"), graph),
        ox.Triple(_SELF, ox.NamedNode(NPX + "hasNanopubType"), ox.NamedNode(TRI + "Claim")),
        ox.Triple(_SELF, ox.NamedNode(NPX + "introduces"), ox.NamedNode(claim)),
        *(ox.Triple(_SELF, ox.NamedNode(NPX + "supersedes"), ox.NamedNode(iri)) for iri in former),
    ]
    creator = next(iter(read.values(graph, DCTERMS + "creator")), read.publisher())
    licence = next(iter(read.values(graph, DCTERMS + "license")), None)
    return _info([*about, *_publication_triples(created, creator, licence, key)])


def _publication_triples(created: str, creator: Any, licence: Any, key: str | None) -> Iterator[ox.Triple]:
    """Yield who publishes it, when and under which licence; a day stands for its first instant, as xsd:dateTime."""
    yield ox.Triple(_SELF, ox.NamedNode(DCTERMS + "creator"), creator)
    if licence is not None:
        yield ox.Triple(_SELF, ox.NamedNode(DCTERMS + "license"), licence)
    if created:
        instant = ox.Literal(f"{created}T00:00:00Z", datatype=ox.NamedNode(XSD + "dateTime"))
        yield ox.Triple(_SELF, ox.NamedNode(DCTERMS + "created"), instant)
    if key is not None:
        yield ox.Triple(ox.NamedNode(DRAFT + "sig"), ox.NamedNode(NPX + "signedBy"), creator)


def _info(triples: Iterable[ox.Triple]) -> list[ox.Quad]:
    return [ox.Quad(t.subject, t.predicate, t.object, _IN["pubinfo"]) for t in triples]


@dataclass(frozen=True, slots=True)
class _CuratedGraphs:
    """The curated graphs, indexed: the graph of each claim, the statements about nodes, the nodes of descriptions."""

    claims: Mapping[str, str]
    about: Mapping[Any, Sequence[ox.Triple]]
    described: frozenset[Any]
    replaced: Mapping[str, Sequence[str]]
    graphs: Sequence[str]

    @classmethod
    def of(cls, graphs: Graphs) -> _CuratedGraphs:
        """Read graphs; of the ontology only the labels and the kinds of proposition are needed."""
        curated = {graph: triples for graph, triples in graphs.items() if not graph.startswith(VIEW)}
        about: dict[Any, list[ox.Triple]] = {}
        for triples in curated.values():
            for triple in sorted(triples, key=str):
                about.setdefault(triple.subject, []).append(triple)
        below = subclasses(curated.get(ONTOLOGY, ()))
        kinds = {ox.NamedNode(TRI + "TimeSpan"), *closure([ox.NamedNode(TRI + "Proposition")], below.get)}
        data = {graph: triples for graph, triples in curated.items() if graph != ONTOLOGY}
        typed = [(t.subject, t.object, graph) for graph, ts in data.items() for t in ts if t.predicate == TYPE]
        claims = {
            s.value: g for s, kind, g in typed if kind == ox.NamedNode(TRI + "Claim") and isinstance(s, ox.NamedNode)
        }
        described = frozenset(node for node, kind, _ in typed if kind in kinds)
        replaced: dict[str, list[str]] = {}
        for node, kind, _ in typed:
            if kind == ox.NamedNode(TRI + "WithdrawnClaim") and isinstance(node, ox.NamedNode):
                for triple in about[node]:
                    if triple.predicate.value == DCTERMS + "isReplacedBy" and isinstance(triple.object, ox.NamedNode):
                        replaced.setdefault(triple.object.value, []).append(node.value)
        return cls(claims, about, described, replaced, sorted(data))

    def values(self, node: Any, name: str) -> list[Any]:
        """Return the values of a property of a node, sorted."""
        return [triple.object for triple in self.about.get(node, ()) if triple.predicate.value == name]

    def closure(self, node: Any) -> list[Any]:
        """Return a node with the propositions and spans of time that it leads to, in the order they are found in."""

        def descriptions(reached: Any) -> Iterator[Any]:
            return (triple.object for triple in self.about.get(reached, ()) if triple.object in self.described)

        return closure([node], descriptions)

    def title(self, claim: str) -> str:
        """Return a claim in words: who, stance and certainty, what."""
        node = ox.NamedNode(claim)

        def of(name: str) -> str:
            return "; ".join(self._label(value) for value in self.values(node, TRI + name))

        certainty = f" ({of('certainty')})" if self.values(node, TRI + "certainty") else ""
        return f"{of('claimant')} {of('stance')}{certainty}: {of('proposition')}"

    def _label(self, node: Any) -> str:
        labels = [value.value for value in self.values(node, RDFS + "label") if isinstance(value, ox.Literal)]
        return min(labels, default=str(node))

    def day(self, graph: str) -> str:
        """Return the day on which a graph was last corrected, or made, or ""."""
        node = ox.NamedNode(graph)
        days = self.values(node, DCTERMS + "modified") or self.values(node, DCTERMS + "created")
        return max((str(day.value) for day in days), default="")

    def day_of_withdrawal(self, claim: str) -> str:
        """Return the day on which a claim was withdrawn: as it says itself, else the last day that a graph has."""
        days = [str(day.value) for day in self.values(ox.NamedNode(claim), DCTERMS + "modified")]
        return max(days or [self.day(graph) for graph in self.graphs], default="")

    def reasons(self, claim: str) -> list[Any]:
        """Return why a claim was withdrawn, as far as it is said."""
        return self.values(ox.NamedNode(claim), SKOS + "changeNote")

    def publisher(self) -> Any:
        """Return the first of those who made the graphs.

        Raises:
            TriplomacyError: no graph says who made it.
        """
        makers = (maker for graph in self.graphs for maker in self.values(ox.NamedNode(graph), DCTERMS + "creator"))
        publisher = min(makers, key=str, default=None)
        if publisher is None:
            raise TriplomacyError("no graph says who made it, and a nanopublication has to; add dcterms:creator")
        return publisher

    def licence(self) -> Any:
        """Return the first licence of the graphs, or None."""
        licences = (
            licence for graph in self.graphs for licence in self.values(ox.NamedNode(graph), DCTERMS + "license")
        )
        return min(licences, key=str, default=None)


def to_tsv(log: Iterable[LogLine]) -> str:
    """Return a log as tab-separated values with a head, in its order."""
    rows = [(line.claim, line.iri, line.kind, " ".join(line.former), line.content, line.created) for line in log]
    return "".join("\t".join(row) + "\n" for row in (_HEAD, *rows))


def of_tsv(text: str, path: str | None = None) -> tuple[LogLine, ...]:
    """Return the log that `to_tsv` wrote.

    Args:
        text: the log.
        path: the file that it stands in, for what is said of errors.

    Raises:
        MalformedInput: it is not such a log, with the line.
    """
    head, *lines = text.split("\n")
    if head != "\t".join(_HEAD):
        raise MalformedInput("is not a log of nanopublications: its head is another", path=path, line=1)
    log = []
    for number, line in enumerate(lines, 2):
        if not line and number == len(lines) + 1:
            continue
        cells = line.split("\t")
        if len(cells) != len(_HEAD) or cells[2] not in ("claim", "retraction") or not cells[1].startswith(SPACE):
            raise MalformedInput(
                "is not a line of a log of nanopublications; take it from the last release", path=path, line=number
            )
        kind: Kind = "claim" if cells[2] == "claim" else "retraction"
        log.append(LogLine(cells[0], cells[1], kind, tuple(cells[3].split()), cells[4], cells[5]))
    return tuple(log)
