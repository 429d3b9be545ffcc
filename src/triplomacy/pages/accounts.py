"""Propositions with their claims side by side, those who make them, and what is disputed: plain values for pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox

from triplomacy.claims import Claim, model
from triplomacy.dataset import Dataset
from triplomacy.pages.reading import Reader
from triplomacy.rdf import closure
from triplomacy.sparql import binding
from triplomacy.terms import DCTERMS, GRAPH, RDFS, SKOS, TRI, VIEW, local_name

_STANCES: Final = ("affirms", "denies", "leavesOpen")
_BOUNDS: Final = ("earliestStart", "latestStart", "earliestEnd", "latestEnd")


@dataclass(frozen=True, slots=True)
class Time:
    """A span of time: its form in EDTF, the source's wording, its four bounds and its events, as far as given."""

    iri: str
    label: str
    edtf: str | None
    wording: str | None
    bounds: tuple[str | None, str | None, str | None, str | None]
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()

    def words(self) -> str:
        """Return when it begins and ends, in words."""
        first, last = _between("begins", *self.bounds[:2]), _between("ends", *self.bounds[2:])
        if not first and not last:
            return "no bound is given"
        return "; ".join(part for part in (first, last) if part)


def _between(verb: str, earliest: str | None, latest: str | None) -> str:
    early, late = _day(earliest), _day(latest)
    if early and late:
        return f"{verb} on {early}" if early == late else f"{verb} between {early} and {late}"
    if early:
        return f"{verb} on {early} or later"
    return f"{verb} by {late}" if late else ""


def _day(bound: str | None) -> str:
    """Return a bound as a day of universal time in words, or as it is written where it is not a time."""
    if bound is None:
        return ""
    try:
        day = datetime.fromisoformat(bound).astimezone(UTC)
    except ValueError:
        return bound
    return f"{day.day} {day:%B} {day.year}"


def time(reader: Reader, iri: str) -> Time:
    """Return the span of time of an IRI."""
    early, begun, ended, late = (reader.value(iri, TRI + name) for name in _BOUNDS)
    return Time(
        iri=iri,
        label=reader.name(iri),
        edtf=reader.value(iri, TRI + "edtf"),
        wording=reader.value(iri, TRI + "wording"),
        bounds=(early, begun, ended, late),
        starts_with=tuple(reader.values(iri, TRI + "startsWith")),
        ends_with=tuple(reader.values(iri, TRI + "endsWith")),
    )


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A proposition with everything that is said about it.

    Attributes:
        iri: its IRI.
        classes: what kinds of proposition it is.
        roles: who and what plays which role in it.
        times: when it would hold.
        claims: the claims about it by their stance: affirms, denies, leavesOpen; each sorted by IRI.
        general: claims that flatly deny what it specialises, and so it too.
        facts: the plain facts that shorten it, each with the names of the views that have it.
    """

    iri: str
    classes: tuple[str, ...]
    roles: tuple[tuple[str, tuple[ox.NamedNode | ox.Literal, ...]], ...]
    times: tuple[Time, ...]
    claims: Mapping[str, tuple[Claim, ...]]
    general: tuple[Claim, ...]
    facts: tuple[tuple[tuple[str, str, str], tuple[str, ...]], ...]

    @property
    def is_disputed(self) -> bool:
        """Whether somebody affirms it and somebody flatly denies it, itself or what it specialises."""
        flat = any(claim.certainty == TRI + "certain" for claim in self.claims["denies"])
        return bool(self.claims["affirms"]) and (flat or bool(self.general))


def account(reader: Reader, proposition: str) -> AccountPage:
    """Return what is said about a proposition."""
    claims = model.claims_about(reader.dataset, proposition)
    general = [claim for other in _generals(reader, proposition) for claim in model.claims_about(reader.dataset, other)]
    flat = [claim for claim in general if (claim.stance, claim.certainty) == (TRI + "denies", TRI + "certain")]
    return AccountPage(
        iri=proposition,
        classes=tuple(reader.classes(proposition)),
        roles=tuple(_roles(reader, proposition)),
        times=tuple(time(reader, span) for span in reader.values(proposition, TRI + "during")),
        claims={name: tuple(claim for claim in claims if claim.stance == TRI + name) for name in _STANCES},
        general=tuple(flat),
        facts=tuple(_facts(reader, proposition)),
    )


def _generals(reader: Reader, proposition: str) -> list[str]:
    """Return what a proposition specialises, in one step or several, sorted; not itself."""
    _, *generals = closure([proposition], lambda node: reader.values(node, TRI + "specialises"))
    return sorted(generals)


def _roles(reader: Reader, proposition: str) -> Iterable[tuple[str, tuple[ox.NamedNode | ox.Literal, ...]]]:
    known = reader.once("roles", lambda: set(roles(reader.dataset)))
    quads = reader.dataset.quads(ox.NamedNode(proposition), None, None, ox.DefaultGraph())
    values_by_role: dict[str, list[ox.NamedNode | ox.Literal]] = defaultdict(list)
    for quad in quads:
        if quad.predicate.value in known and isinstance(quad.object, ox.NamedNode | ox.Literal):
            values_by_role[quad.predicate.value].append(quad.object)
    return ((role, tuple(sorted(values_by_role[role], key=str))) for role in sorted(values_by_role))


def roles(dataset: Dataset) -> list[str]:
    """Return the IRIs of the roles and quantities that propositions have, sorted."""
    rows = dataset.select("""
        SELECT DISTINCT ?role WHERE {
          { ?role rdfs:subPropertyOf+ tri:role }
          UNION { ?role rdfs:domain/rdfs:subClassOf* tri:Proposition . ?role a owl:DatatypeProperty }
          UNION { VALUES ?role { tri:degree tri:unit tri:specialises tri:after tri:varies } }
        }""")
    return sorted(str(row["role"].value) for row in rows)


def _facts(reader: Reader, proposition: str) -> Iterable[tuple[tuple[str, str, str], tuple[str, ...]]]:
    for subject, predicate, value, _ in short_facts(reader.dataset, proposition):
        graphs = reader.named_graphs(subject, predicate, value)
        names = tuple(graph.removeprefix(VIEW) for graph in graphs if graph.startswith(VIEW))
        if names:
            yield (subject, predicate, value), names


def short_facts(dataset: Dataset, proposition: str | None = None) -> list[tuple[str, str, str, str]]:
    """Return the plain facts that propositions shorten to, held by anybody or not, each with its proposition."""
    text = """
        SELECT DISTINCT ?subject ?shortcut ?object ?proposition WHERE {
          ?proposition a/rdfs:subClassOf* ?class ; ?subjectRole ?subject ; ?objectRole ?object .
          ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subjectRole ; tri:shortcutObject ?objectRole
        }"""
    if proposition is not None:
        text = binding.bind(text, {"proposition": [ox.NamedNode(proposition)]})
    return sorted(
        (row["subject"].value, row["shortcut"].value, row["object"].value, row["proposition"].value)
        for row in dataset.select(text)
    )


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A proposition in a list: its kind, how many claims affirm, deny and leave it open, and whether it is disputed."""

    iri: str
    label: str
    kind: str
    affirmed: int
    denied: int
    open: int
    disputed: bool


def lines(reader: Reader, propositions: Iterable[str] | None = None) -> list[AccountLine]:
    """Return the propositions, or those of some IRIs, sorted by the label of their kind and their own."""
    dataset = reader.dataset
    text = "SELECT ?proposition ?class WHERE { ?proposition a ?class . ?class rdfs:subClassOf* tri:Proposition }"
    counts = "SELECT ?proposition ?stance ?claim WHERE { ?claim tri:proposition ?proposition ; tri:stance ?stance }"
    if propositions is not None:
        chosen = [ox.NamedNode(iri) for iri in sorted(set(propositions))]
        if not chosen:
            return []
        text, counts = (binding.bind(query, {"proposition": chosen}) for query in (text, counts))
    kinds: dict[str, str] = {}
    for row in dataset.select(text):
        kinds[str(row["proposition"].value)] = min(
            str(row["class"].value), kinds.get(str(row["proposition"].value), "~")
        )
    sayings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in dataset.select(counts):
        sayings[row["proposition"].value, row["stance"].value.removeprefix(TRI)].add(row["claim"].value)
    contested = reader.once("disputed", lambda: set(disputed_propositions(dataset)))
    lines = [
        AccountLine(
            iri=iri,
            label=reader.name(iri),
            kind=kind,
            affirmed=len(sayings[iri, "affirms"]),
            denied=len(sayings[iri, "denies"]),
            open=len(sayings[iri, "leavesOpen"]),
            disputed=iri in contested,
        )
        for iri, kind in kinds.items()
    ]
    return sorted(lines, key=lambda line: (reader.name(line.kind), line.label, line.iri))


def disputed_propositions(dataset: Dataset) -> list[str]:
    """Return what somebody affirms and somebody flatly denies, itself or what it specialises, sorted."""
    rows = dataset.select("""
        SELECT DISTINCT ?proposition WHERE {
          ?denying tri:stance tri:denies ; tri:certainty tri:certain ; tri:proposition ?denied .
          ?proposition tri:specialises* ?denied .
          ?affirming tri:proposition ?proposition ; tri:stance tri:affirms
        }""")
    return sorted(str(row["proposition"].value) for row in rows)


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor in a list: its kind, how many claims it makes, and in how many propositions it plays a role."""

    iri: str
    label: str
    kind: str
    claims: int
    propositions: int


def actors(reader: Reader) -> list[Actor]:
    """Return the actors, sorted by the label of their kind and their own."""
    rows = reader.dataset.select("SELECT ?actor ?class WHERE { ?class rdfs:subClassOf* tri:Actor . ?actor a ?class }")
    kinds: dict[str, str] = {}
    for row in rows:
        kinds[str(row["actor"].value)] = min(str(row["class"].value), kinds.get(str(row["actor"].value), "~"))
    made = _counts(
        reader.dataset, "SELECT ?node (COUNT(?claim) AS ?count) WHERE { ?claim tri:claimant ?node } GROUP BY ?node"
    )
    taken = _counts(
        reader.dataset,
        """SELECT ?node (COUNT(DISTINCT ?proposition) AS ?count) WHERE {
             ?role rdfs:subPropertyOf+ tri:role . ?proposition ?role ?node } GROUP BY ?node""",
    )
    actors = [Actor(iri, reader.name(iri), kind, made.get(iri, 0), taken.get(iri, 0)) for iri, kind in kinds.items()]
    return sorted(actors, key=lambda actor: (reader.name(actor.kind), actor.label.casefold(), actor.iri))


def _counts(dataset: Dataset, text: str) -> dict[str, int]:
    return {row["node"].value: int(row["count"].value) for row in dataset.select(text)}


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity with its other names, the claims that it makes, and the propositions in which it plays a role."""

    iri: str
    names: tuple[str, ...]
    claims: tuple[Claim, ...]
    lines: tuple[AccountLine, ...]
    views: tuple[str, ...]


def entity(reader: Reader, iri: str) -> Entity:
    """Return what an entity says, and what is said of it."""
    own = model.read(reader.dataset, reader.subjects(TRI + "claimant", iri))
    text = "SELECT DISTINCT ?proposition WHERE { ?role rdfs:subPropertyOf+ tri:role . ?proposition ?role ?node }"
    rows = reader.dataset.select(binding.bind(text, {"node": [ox.NamedNode(iri)]}))
    view = VIEW + "according-to/" + iri.rpartition("/")[2]
    return Entity(
        iri=iri,
        names=tuple(reader.values(iri, SKOS + "altLabel")),
        claims=tuple(own),
        lines=tuple(lines(reader, [row["proposition"].value for row in rows])),
        views=(view,) if own else (),
    )


def subclasses(reader: Reader, cls: str) -> list[tuple[str, int]]:
    """Return a class and all below it in the order of a tree, each with its depth; siblings by their labels."""
    classes: list[tuple[str, int]] = []

    def descend(node: str, depth: int) -> None:
        if node not in (seen for seen, _ in classes):
            classes.append((node, depth))
            for child in sorted(reader.subjects(RDFS + "subClassOf", node), key=reader.name):
                descend(child, depth + 1)

    descend(cls, 0)
    return classes


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in a list: who wrote and published it, its text, if it has one, and what was read from it."""

    iri: str
    label: str
    authors: tuple[str, ...]
    publishers: tuple[str, ...]
    text: str | None
    length: str | None
    graph: str
    view: str


def source(reader: Reader, iri: str) -> SourceLine:
    """Return the line of a source."""
    text = reader.value(iri, TRI + "text")
    return SourceLine(
        iri=iri,
        label=reader.name(iri),
        authors=tuple(reader.values(iri, DCTERMS + "creator")),
        publishers=tuple(reader.values(iri, DCTERMS + "publisher")),
        text=text,
        length=reader.value(text, TRI + "length") if text else None,
        graph=GRAPH + local_name(iri),
        view=VIEW + local_name(iri),
    )
