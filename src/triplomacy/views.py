"""Views: plain facts derived from claims by a stated rule, never written by hand.

The rules are SPARQL files in ``ontology/rules/``. A view is named after its source
(``lukin-2022``: the source in its own voice), ``author`` (all sources in their own voices),
``undisputed``, or ``according-to/ACTOR``; its graph is ``https://w3id.org/triplomacy/view/NAME``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from triplomacy import binding
from triplomacy.dataset import Dataset, Solutions
from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.terms import ID, SOURCE, VIEW, compress, local_name

AUTHOR: Final = "author"
UNDISPUTED: Final = "undisputed"
ACCORDING_TO: Final = "according-to/"


def names(dataset: Dataset) -> list[str]:
    """Return the names of all views of a dataset: of sources, author, undisputed, then of each claimant."""
    sources = [local_name(source) for source in dataset.sources()]
    return [*sources, AUTHOR, UNDISPUTED, *(ACCORDING_TO + local_name(actor) for actor in claimants(dataset))]


def claimants(dataset: Dataset) -> list[str]:
    """Return the IRIs of all who make a claim, sorted."""
    rows = dataset.select("SELECT DISTINCT ?claimant WHERE { ?claim tri:claimant ?claimant }")
    return sorted(str(row["claimant"].value) for row in rows)


def derive(dataset: Dataset, name: str, proposition: str | None = None) -> list[ox.Triple]:
    """Return the facts of the view of that name, sorted, each once; of one *proposition* only, if it is given.

    Raises:
        UnknownName: there is no such view.
    """
    only = {} if proposition is None else {"proposition": ox.NamedNode(proposition)}
    if name == UNDISPUTED:
        return _construct(dataset, "undisputed", only)
    if name == AUTHOR:
        facts = {fact for source in dataset.sources() for fact in _voice(dataset, source, only)}
        return sorted(facts, key=str)
    if name.startswith(ACCORDING_TO) and name in names(dataset):
        claimant = ox.NamedNode(ID + name.removeprefix(ACCORDING_TO))
        return _construct(dataset, "according-to", {"claimant": claimant, **only})
    if SOURCE + name in dataset.sources():
        return _voice(dataset, SOURCE + name, only)
    raise UnknownName("view", name, names(dataset))


def _voice(dataset: Dataset, source: str, only: Mapping[str, ox.NamedNode]) -> list[ox.Triple]:
    return _construct(dataset, "voice", {"source": ox.NamedNode(source), **only})


def _construct(dataset: Dataset, rule: str, values: Mapping[str, ox.NamedNode]) -> list[ox.Triple]:
    if dataset.project is None:
        raise TriplomacyError("views are derived by the rules of a project; leave --data out")
    path = dataset.project.ontology / "rules" / f"{rule}.rq"
    text = dataset.project.text(path)
    bound = binding.bind(text, {name: [value] for name, value in values.items()})
    try:
        facts = dataset.query(bound)
    except SyntaxError as error:
        raise MalformedInput(f"the rule is not SPARQL: {error}", path=path) from None
    if isinstance(facts, bool | Solutions):
        raise TriplomacyError("the rule is not a CONSTRUCT query", path=path)
    return sorted(set(facts), key=str)


def add(dataset: Dataset, name: str) -> list[ox.Triple]:
    """Add the facts of a view to the default graph, and return them."""
    facts = derive(dataset, name)
    dataset.store.extend(ox.Quad(fact.subject, fact.predicate, fact.object) for fact in facts)
    return facts


def add_graphs(dataset: Dataset) -> dict[str, int]:
    """Add every view as a named graph beside the curated ones, and return how many facts each has."""
    derived = {name: derive(dataset, name) for name in names(dataset)}
    for name, facts in derived.items():
        graph = ox.NamedNode(VIEW + name)
        dataset.store.extend(ox.Quad(fact.subject, fact.predicate, fact.object, graph) for fact in facts)
    return {name: len(facts) for name, facts in derived.items()}


def of_actor(iri: str) -> str:
    """Return the name of the view according to the actor of that IRI."""
    return ACCORDING_TO + iri.removeprefix(ID)


def advice(dataset: Dataset, query: str, chosen: Sequence[str]) -> list[str]:
    """Return, for an empty answer, which views hold facts of the plain properties that the query uses."""
    rows = dataset.select("SELECT DISTINCT ?property WHERE { ?class tri:shortcut ?property }")
    plain = {row["property"] for row in rows}
    used = sorted((node for node in plain if re.search(rf"\b{local_name(node.value)}\b", query)), key=str)
    remarks = []
    for node in used:
        holding = [name for name in names(dataset) if any(fact.predicate == node for fact in derive(dataset, name))]
        if others := [name for name in holding if name not in chosen]:
            remarks.append(f"{compress(node.value)} holds only in views: add --view {' or --view '.join(others)}")
    return remarks
