"""Views: plain facts derived from claims by a stated rule, never written by hand.

The rules are SPARQL files in ``ontology/rules/``. A view is named after its source
(``lukin-2022``: the source in its own voice), ``author`` (all sources in their own voices),
``undisputed``, or ``according-to/ACTOR``; its graph is ``https://w3id.org/triplomacy/view/NAME``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import iri as iris
from triplomacy.dataset import Dataset, MemoryDataset, Solutions
from triplomacy.errors import Choice, MalformedInput, Message, TriplomacyError, UnknownName
from triplomacy.sparql import binding, patterns, with_base
from triplomacy.terms import ID, SOURCE, VIEW, compress, local_name

AUTHOR: Final = "author"
UNDISPUTED: Final = "undisputed"
ACCORDING_TO: Final = "according-to/"

_MOST: Final = 1_000  # claims that are worth naming
_MAY_NAME: Final = "#+ claim:"  # a rule says so that ?claim is the one with the evidence and with the proposition


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
        BadParameter: the proposition is not an IRI.
        UnknownName: there is no such view.
    """
    only: dict[str, list[ox.NamedNode]] = {}
    if proposition is not None:
        node = iris.node(proposition)
        only = {"proposition": [node], **_claims(dataset, f"?claim tri:proposition {node}")}
    if name == UNDISPUTED:
        return _construct(dataset, "undisputed", only)
    if name == AUTHOR:
        return _own_voice(dataset, dataset.sources(), only)
    claimant = _node(ID + name.removeprefix(ACCORDING_TO)) if name.startswith(ACCORDING_TO) else None
    if claimant and dataset.query(f"ASK {{ ?claim tri:claimant {claimant} }}"):
        return _construct(dataset, "according-to", {"claimant": [claimant], **only})
    source = _node(SOURCE + name)
    if source and dataset.query(f"ASK {{ {source} a tri:Source }}"):
        return _own_voice(dataset, [SOURCE + name], only)
    raise UnknownName("view", name, names(dataset))


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _own_voice(dataset: Dataset, sources: Sequence[str], only: Mapping[str, list[ox.NamedNode]]) -> list[ox.Triple]:
    """Return what sources say in their own voices: of all sources in one query, since each query scans the graphs."""
    if not sources:
        return []
    values = {"source": list(map(ox.NamedNode, sources)), **only}
    if len(sources) == 1 and not only:
        values |= _claims(dataset, f"?claim tri:evidence/tri:inPassage?/dcterms:isPartOf {values['source'][0]}")
    return _construct(dataset, "voice", values)


def _claims(dataset: Dataset, pattern: str) -> dict[str, list[ox.NamedNode]]:
    """Return the claims that a pattern is about, as a value for a rule; nothing where they are many or have no names.

    To name them in a rule beforehand saves the engine a look at all claims; what the rule says is the same.
    """
    rows = dataset.select(f"SELECT DISTINCT ?claim WHERE {{ {pattern} }} LIMIT {_MOST + 1}")
    claims = [row["claim"] for row in rows]
    named = [claim for claim in claims if isinstance(claim, ox.NamedNode)]
    return {"claim": named} if len(named) == len(claims) <= _MOST else {}


def _path(dataset: Dataset, rule: str) -> Path:
    return dataset.project.ontology / "rules" / f"{rule}.rq"


def rule_text(dataset: Dataset, rule: str) -> str:
    """Return the text of a rule by its name, with IRIs in full that are relative to its file, as in a stored query.

    Raises:
        MalformedInput: the file is not UTF-8.
        TriplomacyError: the file cannot be read, or the dataset is not of a project.
    """
    path = _path(dataset, rule)
    return with_base(dataset.project.text(path), path.absolute().as_uri())


def _construct(dataset: Dataset, rule: str, values: Mapping[str, list[ox.NamedNode]]) -> list[ox.Triple]:
    path = _path(dataset, rule)
    text = rule_text(dataset, rule)
    if _MAY_NAME not in text:
        values = {name: terms for name, terms in values.items() if name != "claim"}
    if not all(values.values()):
        return []
    try:
        facts = dataset.query(binding.bind(text, values))
    except SyntaxError as error:
        raise MalformedInput(f"the rule is not SPARQL: {error}", path=path) from None
    except TriplomacyError as error:
        error.path = error.path or path
        raise
    if isinstance(facts, bool | Solutions):
        raise TriplomacyError("the rule is not a CONSTRUCT query", path=path)
    return sorted(set(facts), key=str)


def facts(dataset: Dataset, name: str) -> list[ox.Triple]:
    """Return the facts of a view that the dataset has by its IRI, or else as `derive` returns them.

    Raises:
        UnknownName: there is no such view.
    """
    if not dataset.has_views:
        return derive(dataset, name)
    if name not in (known := names(dataset)):
        raise UnknownName("view", name, known)
    return [quad.triple for quad in dataset.quads(None, None, None, ox.NamedNode(VIEW + name))]


def with_views(dataset: Dataset, chosen: Sequence[str]) -> Dataset:
    """Return a dataset with the facts of views in its default graph too; it may be the same one, changed.

    Raises:
        UnknownName: there is no such view.
    """
    if dataset.has_views and chosen:
        known = names(dataset)
        for name in chosen:
            if name not in known:
                raise UnknownName("view", name, known)
    return dataset.with_views(chosen, facts)


def with_graphs(dataset: Dataset) -> Dataset:
    """Return a dataset with every view by its IRI; an endpoint has those that it has."""
    if not (dataset.has_views or dataset.is_remote):
        add_graphs(dataset.changeable())
    return dataset


def add_graphs(dataset: MemoryDataset) -> dict[str, int]:
    """Add every view as a named graph beside the curated ones, and return how many facts each has."""
    derived = derive_all(dataset)
    dataset.store.bulk_extend(
        ox.Quad(fact.subject, fact.predicate, fact.object, graph)
        for graph, facts in ((ox.NamedNode(VIEW + name), facts) for name, facts in derived.items())
        for fact in facts
    )
    return {name: len(facts) for name, facts in derived.items()}


def derive_all(dataset: Dataset) -> dict[str, list[ox.Triple]]:
    """Return the facts of all views by their names, as `derive` returns them; the author's are those of all voices."""
    sources = {local_name(source): source for source in dataset.sources()}
    facts = {name: derive(dataset, name) for name in names(dataset) if name != AUTHOR}
    voices = {fact for name in sources for fact in facts[name]}
    return {name: facts[name] if name != AUTHOR else sorted(voices, key=str) for name in names(dataset)}


def view_of_actor(iri: str) -> str:
    """Return the name of the view according to the actor of that IRI."""
    return ACCORDING_TO + iri.removeprefix(ID)


def view_advice(dataset: Dataset, query: str, chosen: Sequence[str]) -> list[str]:
    """Return a remark for each shortcut property of a query with an empty answer: the views that would have one."""
    rows = dataset.select("SELECT DISTINCT ?property WHERE { ?class tri:shortcut ?property }")
    named = patterns.iris(query)
    used = sorted((row["property"] for row in rows if row["property"].value in named), key=str)
    others = {name: facts(dataset, name) for name in names(dataset) if name not in chosen} if used else {}
    if not others:
        return []
    tried = dataset.changeable()
    answering = [name for name, more in others.items() if _answers(tried, query, more)]
    remarks: list[str] = []
    for node in used:
        holding = [name for name, more in others.items() if any(fact.predicate == node for fact in more)]
        if would := [Choice("view", name) for name in answering if name in holding]:
            choices = [piece for choice in would for piece in (" or ", choice)][1:]
            remarks.append(Message(f"{compress(node.value)} holds only in views: add ", *choices))
        elif holding and not chosen and not any(iri.startswith(VIEW) for iri in named):
            alone = "and none of them alone has an answer to this"
            graphs = f"whose graphs are {', '.join(compress(VIEW + name) for name in holding)}"
            reason = graphs if binding.uses_named_graphs(query) else alone
            remarks.append(f"{compress(node.value)} holds only in views, {reason}")
    return remarks


def _answers(dataset: MemoryDataset, query: str, facts: Iterable[ox.Triple]) -> bool:
    """Tell whether a query would have an answer if the facts were in the default graph."""
    quads = [ox.Quad(fact.subject, fact.predicate, fact.object) for fact in facts]
    added = [quad for quad in quads if quad not in dataset.store]
    dataset.store.extend(added)
    try:
        result = dataset.query(query)
        return not is_empty(result.rows if isinstance(result, Solutions) else result)
    finally:
        for quad in added:
            dataset.store.remove(quad)


def is_empty(result: bool | Iterable[Iterable[object]]) -> bool:
    """Tell whether a query found nothing: false, no rows or triples, or one row in which nothing is counted."""
    if isinstance(result, bool):
        return not result
    first = [list(row) for row, _ in zip(result, range(2), strict=False)]
    return not first or (
        len(first) == 1
        and all(cell is None or (isinstance(cell, ox.Literal) and cell.value in ("0", "")) for cell in first[0])
    )
