"""Explanations: from a derived fact, a proposition or a claim to claims, claimants, spans and lines of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pyoxigraph as ox

from triplomacy.claims import model, views
from triplomacy.claims.model import Claim
from triplomacy.dataset import Dataset
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.findings import Place
from triplomacy.rdf import source_map
from triplomacy.sparql import binding, patterns
from triplomacy.terms import TRI, compress, expand

Fact = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """A proposition with all claims about it, and the views that derive each of its shortcut facts from it.

    An alignment, for one, has a shortcut fact for each of its parties. A view that has the same fact from another
    proposition alone is not named: this one may be denied or predicted.
    """

    proposition: str
    claims: tuple[Claim, ...]
    facts: Mapping[Fact, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of a term: its propositions and claims, and the label and place of each node."""

    accounts: tuple[Account, ...]
    labels: Mapping[str, str]
    places: Mapping[str, Place]

    def __str__(self) -> str:
        """Return the explanation as text: a paragraph a proposition, a claim with its evidence a line or two."""
        return "\n".join(line for account in self.accounts for line in _paragraph(account, self))


def explain(dataset: Dataset, terms: Sequence[str]) -> Explanation:
    """Return the explanation of a claim, a proposition or an entity, or, where there are three terms, of a fact.

    Each is an IRI or a CURIE. That of an entity has all propositions in which it has a role.

    Raises:
        UnknownName: the node is in no graph, or there is no such prefix.
        TriplomacyError: nothing describes that fact, a term is not an IRI, or there are neither one term nor three.
    """
    nodes = [_iri(expand(term)) for term in terms]
    if len(nodes) == 3:
        propositions = _propositions_of_fact(dataset, nodes)
    elif len(nodes) == 1:
        propositions = _propositions_of_node(dataset, nodes[0])
    else:
        raise TriplomacyError("give one term, or the three terms of a fact")
    accounts = tuple(_accounts(dataset, propositions))
    named = {node for account in accounts for node in _nodes(account)}
    return Explanation(accounts, model.labels(dataset), places(dataset, named))


def _iri(term: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(term)
    except ValueError:
        raise TriplomacyError(f"{term!r} is not an IRI or CURIE; write for instance id:north-korea") from None


def _propositions_of_fact(dataset: Dataset, terms: Sequence[ox.NamedNode]) -> list[str]:
    subject, predicate, obj = terms
    text = """
        SELECT DISTINCT ?proposition WHERE {
          ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subjectRole ; tri:shortcutObject ?objectRole .
          ?proposition ?subjectRole ?subject ; ?objectRole ?object ; a/rdfs:subClassOf* ?class }"""
    values = {"subject": [subject], "shortcut": [predicate], "object": [obj]}
    propositions = sorted(str(row["proposition"].value) for row in dataset.select(binding.bind(text, values)))
    if not propositions:
        fact = " ".join(compress(term.value) for term in terms)
        raise TriplomacyError(f"no proposition is behind {fact}: no source here affirms, denies or mentions it")
    return propositions


def propositions(dataset: Dataset, fact: Sequence[str]) -> list[str]:
    """Return the IRIs of the propositions that have this shortcut fact, sorted; an empty list for any other triple."""
    try:
        return _propositions_of_fact(dataset, [_iri(term) for term in fact])
    except TriplomacyError:
        return []


def _propositions_of_node(dataset: Dataset, node: ox.NamedNode) -> list[str]:
    text = """
        SELECT DISTINCT ?proposition WHERE {
          { ?node tri:proposition ?proposition }
          UNION { ?node a/rdfs:subClassOf* tri:Proposition BIND (?node AS ?proposition) }
          UNION { ?role rdfs:subPropertyOf* tri:role . ?proposition ?role ?node }
        }"""
    propositions = sorted(str(row["proposition"].value) for row in dataset.select(binding.bind(text, {"node": [node]})))
    if not propositions:
        raise UnknownName(
            "claim, proposition or entity in any proposition", compress(node.value), _known_nodes(dataset)
        )
    return propositions


def _known_nodes(dataset: Dataset) -> list[str]:
    text = """
        SELECT DISTINCT ?node WHERE {
          { ?node tri:proposition ?proposition }
          UNION { ?claim tri:proposition ?node }
          UNION { ?role rdfs:subPropertyOf* tri:role . ?proposition ?role ?node }
        }"""
    return [compress(str(row["node"].value)) for row in dataset.select(text)]


def _accounts(dataset: Dataset, propositions: Sequence[str]) -> Iterator[Account]:
    derived = {name: {_fact_iris(fact) for fact in views.derive(dataset, name)} for name in views.names(dataset)}
    for proposition in propositions:
        facts: dict[Fact, list[str]] = {fact: [] for fact in _facts(dataset, proposition)}
        for name in (name for name, facts_of_view in derived.items() if facts_of_view & facts.keys()):
            for fact in views.derive(dataset, name, proposition):
                facts[_fact_iris(fact)].append(name)
        holding = {fact: tuple(names) for fact, names in facts.items()}
        yield Account(proposition, tuple(model.claims_about(dataset, proposition)), holding)


def _fact_iris(fact: ox.Triple) -> Fact:
    return str(fact.subject)[1:-1], fact.predicate.value, str(fact.object)[1:-1]


def _facts(dataset: Dataset, proposition: str) -> list[Fact]:
    text = """
        SELECT DISTINCT ?subject ?shortcut ?object WHERE {
          ?proposition a/rdfs:subClassOf* ?class ; ?subjectRole ?subject ; ?objectRole ?object .
          ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subjectRole ; tri:shortcutObject ?objectRole
        }"""
    rows = dataset.select(binding.bind(text, {"proposition": [ox.NamedNode(proposition)]}))
    return sorted((row["subject"].value, row["shortcut"].value, row["object"].value) for row in rows)


def _nodes(account: Account) -> Iterator[str]:
    yield account.proposition
    for claim in account.claims:
        yield from (claim.iri, *claim.evidence, *claim.quotations)


def evidence_of_rows(
    dataset: Dataset, columns: Sequence[str], rows: Sequence[Sequence[object]], query: str
) -> list[ox.Literal]:
    """Return the evidence of each row of an answer: its claims, each with its spans, as one text.

    The claims of a row are those that it binds; those about a proposition that it binds, unless it binds one of them;
    and those about the propositions of each shortcut fact that it matches. Variables without a column count too.
    """
    words, about = _claims_in_words(dataset)
    facts = _propositions_by_fact(dataset)
    fact_patterns = [
        pattern for pattern in patterns.triples(query) if pattern[1].startswith("?") or pattern[1] in facts
    ]
    loose = facts.keys() & set(patterns.iris(query)) - {
        pattern[1] for pattern in fact_patterns
    }  # in a property path, say
    evidence = []
    for bound in _bindings(dataset, columns, rows, query):
        nodes = {node for values in bound.values() for node in values}
        chosen = nodes & words.keys()
        propositions = {node for node in nodes & about.keys() if not about[node] & chosen}
        for one, plain, other in fact_patterns:
            names, ones, others = (bound.get(term, {term}) for term in (plain, one, other))
            propositions.update(
                *(facts.get(name, {}).get(ends, ()) for name in names for ends in product(ones, others))
            )
        propositions.update(*(facts[name].get(ends, ()) for name in loose for ends in product(nodes, nodes)))
        claims = chosen.union(*(about.get(node, ()) for node in propositions))
        evidence.append(ox.Literal("; ".join(words[claim] for claim in sorted(claims))))
    return evidence


def _claims_in_words(dataset: Dataset) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the name of each claim with its spans, and the claims about each proposition."""
    rows = dataset.select("""
        SELECT ?claim ?proposition ?span WHERE { ?claim tri:proposition ?proposition ; tri:evidence ?span }
        ORDER BY ?claim ?span""")
    spans: dict[str, list[str]] = {}
    about: dict[str, set[str]] = {}
    for row in rows:
        claim = str(row["claim"].value)
        spans.setdefault(claim, []).append(compress(str(row["span"].value)))
        about.setdefault(str(row["proposition"].value), set()).add(claim)
    return {claim: f"{compress(claim)} ({', '.join(dict.fromkeys(names))})" for claim, names in spans.items()}, about


def _bindings(
    dataset: Dataset, columns: Sequence[str], rows: Sequence[Sequence[object]], query: str
) -> list[dict[str, set[str]]]:
    """Return the IRIs that each variable of a query has in each row, those of variables without a column too."""
    bound = [
        {f"?{name}": {cell.value} for name, cell in zip(columns, row, strict=True) if isinstance(cell, ox.NamedNode)}
        for row in rows
    ]
    wide, names = binding.with_all_variables(query)
    hidden = [f"?{name}" for name in names]
    known: dict[tuple[object, ...], list[set[str]]] = {}
    for solution in dataset.select(wide) if hidden else ():
        cells = tuple(solution)
        values = known.setdefault(cells[: len(columns)], [set() for _ in hidden])
        for iris, cell in zip(values, cells[len(columns) :], strict=True):
            iris |= {cell.value} if isinstance(cell, ox.NamedNode) else set(cell.value.split()) if cell else set()
    none: list[set[str]] = [set() for _ in hidden]
    return [
        {**dict(zip(hidden, known.get(tuple(row), none), strict=True)), **own}
        for own, row in zip(bound, rows, strict=True)
    ]


def _propositions_by_fact(dataset: Dataset) -> dict[str, dict[tuple[str, str], list[str]]]:
    """Return the propositions of each shortcut fact, by its property, then by its subject and object."""
    rows = dataset.select("""
        SELECT DISTINCT ?shortcut ?subject ?object ?proposition WHERE {
          ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subjectRole ; tri:shortcutObject ?objectRole .
          { ?subject ?shortcut ?object } UNION { GRAPH ?view { ?subject ?shortcut ?object } }
          ?proposition ?subjectRole ?subject ; ?objectRole ?object ; a/rdfs:subClassOf* ?class .
        } ORDER BY ?proposition""")
    propositions: dict[str, dict[tuple[str, str], list[str]]] = {}
    for row in rows:
        ends = (row["subject"].value, row["object"].value)
        propositions.setdefault(row["shortcut"].value, {}).setdefault(ends, []).append(row["proposition"].value)
    return propositions


def places(dataset: Dataset, nodes: set[str]) -> dict[str, Place]:
    """Return the file and the line where the block of each of *nodes* begins; the first one where there are several.

    A node that is written in none of the dataset's files is left out.
    """
    places_by_node: dict[str, Place] = {}
    for path in (path for paths in dataset.files.values() for path in paths):
        if not nodes - places_by_node.keys():
            break
        for subject, line in source_map.blocks(path):
            if subject in nodes:
                places_by_node.setdefault(subject, Place(path, line))
    return places_by_node


def _paragraph(account: Account, about: Explanation) -> Iterator[str]:
    yield about.labels.get(account.proposition, compress(account.proposition))
    yield f"  proposition  {_with_place(account.proposition, about)}"
    for fact, holding in account.facts.items():
        yield f"  as a fact    {' '.join(map(compress, fact))}  (in {', '.join(holding) or 'no view'})"
    if not account.claims:
        yield "  nobody affirms or denies it: it is only considered, demanded or a condition"
    for claim in account.claims:
        yield f"  claim        {_with_place(claim.iri, about)}"
        yield f"    {_sentence(claim, about.labels)}"
        for name, target in [*claim.links, *(("condition", iri) for iri in claim.conditions)]:
            yield f"    {name}: {compress(target)}"
        for span in claim.evidence:
            yield f"    evidence   {_with_place(span, about)}"
        for span in claim.quotations:
            yield f"    quotation  {_with_place(span, about)}"


def _with_place(iri: str, about: Explanation) -> str:
    place = about.places.get(iri)
    return f"{compress(iri)}  {place}" if place else compress(iri)


def _sentence(claim: Claim, labels: Mapping[str, str]) -> str:
    def name(iri: str | None) -> str:
        return labels.get(iri, compress(iri)) if iri else "nobody"

    def value(iri: str | None) -> str:
        return iri.removeprefix(TRI) if iri else "none"

    verb = {"affirms": "affirms", "denies": "denies", "leavesOpen": "leaves open"}.get(value(claim.stance), "?")
    parts = [f"{name(claim.claimant)} {verb} it"]
    if claim.certainty:
        parts.append(f"certainty: {value(claim.certainty)}")
    parts.append(f"orientation: {value(claim.orientation)}")
    if claim.conveyance:
        parts.append(value(claim.conveyance))
    if claim.reported_by:
        parts.append(f"reported by {name(claim.reported_by)}")
    return "; ".join(parts)
