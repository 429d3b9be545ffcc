"""The states, present and former, that names in a record of votes denote, and the successions of states.

``states.csv`` has the state that a name in the record denotes and the period in which it does: the record has the votes
of the Soviet Union under *Russia*, and those of Serbia under *Yugoslavia*. ``successions.csv`` follows the notes to the
list of Member States of the United Nations, <https://www.un.org/en/about-us/member-states>.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import Project
from triplomacy.files import in_folder, read_text
from triplomacy.imports import writing
from triplomacy.rdf import parse_file
from triplomacy.terms import ID, RDF, RDFS, SKOS, TRI

_NAMIBIA: Final = "Namibia"


@dataclass(frozen=True, slots=True)
class CodedState:
    """A state: its IRI, label, and codes in ISO 3166-1 and UN M49, each "" where it has none."""

    iri: str
    label: str
    alpha2: str = ""
    alpha3: str = ""
    m49: str = ""


@dataclass(frozen=True, slots=True)
class NamePeriod:
    """A state and the period in which a name denotes it: first day and day after the last (ISO 8601), or "" if open."""

    since: str
    until: str
    state: CodedState

    def on(self, day: str) -> bool:
        """Tell whether the name denotes this state on a day (ISO 8601)."""
        return self.since <= day and (not self.until or day < self.until)


@dataclass(frozen=True, slots=True)
class KnownStates:
    """The states in the graph of actors.

    Attributes:
        labels: the label of each state by IRI.
        names: other labels and codes of each state by IRI, sorted.
        by_code: the IRI of each state by its ISO 3166-1 alpha-2 code.
        others: the IRIs of all typed nodes in the graph, the states included.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_code: Mapping[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(read_text(Path(__file__).with_name(name)).splitlines()))


def slug(label: str) -> str:
    """Return a label in lower-case ASCII with hyphens between words, as in our IRIs.

    >>> slug("Côte d’Ivoire")
    'cote-d-ivoire'
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", label) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _state(row: Mapping[str, str]) -> CodedState:
    return CodedState(ID + slug(row["label"]), row["label"], row["alpha2"], row["alpha3"], row["m49"])


@cache
def states_by_name() -> dict[str, list[NamePeriod]]:
    """Return the states that each name in the record denotes, with their periods, by name."""
    periods: dict[str, list[NamePeriod]] = defaultdict(list)
    for row in _rows("states.csv"):
        periods[row["name"]].append(NamePeriod(row["from"], row["until"], _state(row)))
    return dict(periods)


@cache
def states_by_alpha2() -> dict[str, CodedState]:
    """Return the states with an ISO 3166-1 alpha-2 code, by that code."""
    return {
        period.state.alpha2: period.state
        for periods in states_by_name().values()
        for period in periods
        if period.state.alpha2
    }


@cache
def successions() -> list[tuple[str, str, bool]]:
    """Return the IRI of each state, that of a successor, and whether its UN seat passed to it; sorted."""
    return sorted(
        (ID + slug(r["state"]), ID + slug(r["successor"]), r["seat"] == "yes") for r in _rows("successions.csv")
    )


SEATS: Final = ((ID + "taiwan", ID + "china"),)
"""Seats that passed to another state without a succession: Taiwan in the record had China's until October 1971."""


def states_of_name(name: str, code: str, actors: KnownStates) -> list[NamePeriod]:
    """Return the states that a name in a record denotes: by name, else by alpha-2 code, else a new one."""
    code = "" if code == "NA" and name != _NAMIBIA else code
    periods = states_by_name().get(name)
    if periods is None:
        other = states_by_alpha2().get(code)
        periods = [NamePeriod("", "", other or CodedState(ID + slug(name), name))]
    return [NamePeriod(period.since, period.until, as_known_actor(period.state, actors)) for period in periods]


def as_known_actor(state: CodedState, actors: KnownStates) -> CodedState:
    """Return the state with the IRI and the label that the graph of actors has for it, by its code or its IRI."""
    iri = actors.by_code.get(state.alpha2, state.iri)
    return CodedState(iri, actors.labels.get(iri, state.label), state.alpha2, state.alpha3, state.m49)


def known_actors(project: Project, graph: str = "actors") -> KnownStates:
    """Return the states and other entities that a graph describes; empty if there is no such graph."""
    folder = project.graphs / graph
    triples = [triple for path in in_folder(folder, ".ttl") for triple in parse_file(path)]
    kinds = {str(t.subject): str(t.object) for t in triples if t.predicate.value == RDF + "type"}
    states = {subject for subject, kind in kinds.items() if kind == f"<{TRI}State>"}
    labels: dict[str, str] = {}
    names: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, str] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if str(subject) not in states or not isinstance(value, ox.Literal) or not isinstance(subject, ox.NamedNode):
            continue
        if triple.predicate.value == RDFS + "label":
            labels[subject.value] = value.value
        elif triple.predicate.value in (SKOS + "altLabel", TRI + "isoAlpha2", TRI + "isoAlpha3"):
            names[subject.value].append(value.value)
        if triple.predicate.value == TRI + "isoAlpha2":
            codes[value.value] = subject.value
    others = frozenset(subject.strip("<>") for subject in kinds)
    return KnownStates(labels, {iri: tuple(sorted(set(synonyms))) for iri, synonyms in names.items()}, codes, others)


def successors(known: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return for the IRIs of states the successors of each among them, and the one that its seat passed to."""
    among = set(known)
    after: dict[str, list[str]] = defaultdict(list)
    seats = {one: other for one, other in SEATS if {one, other} <= among}
    for one, other, seat in successions():
        if {one, other} <= among:
            after[one].append(other)
            if seat:
                seats[one] = other
    return dict(after), seats


def statements(states: Iterable[CodedState], actors: KnownStates) -> str:
    """Return the descriptions of states in Turtle; for those in the graph of actors only their successors."""
    known = {state.iri: state for state in states}
    after, seats = successors(known)
    parts = []
    for iri, state in sorted(known.items()):
        pairs: list[tuple[str, list[str] | str]] = [("a", "tri:State"), ("rdfs:label", writing.literal(state.label))]
        codes = zip(("isoAlpha2", "isoAlpha3", "m49"), (state.alpha2, state.alpha3, state.m49), strict=True)
        pairs += [(f"tri:{name}", writing.literal(code, None)) for name, code in codes if code]
        links: list[tuple[str, list[str] | str]] = [
            ("tri:seatPassedTo", [writing.iri_term(seats[iri])] if iri in seats else []),
            ("tri:succeededBy", [writing.iri_term(successor) for successor in after.get(iri, [])]),
        ]
        both = [*([] if iri in actors.labels else pairs), *(link for link in links if link[1])]
        if both:
            parts.append(writing.statement(writing.iri_term(iri), both))
    return "".join(parts)
