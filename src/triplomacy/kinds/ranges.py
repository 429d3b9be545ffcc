"""The ranges and domains that follow from a table of kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triplomacy.kinds.ontology import PROPOSITION, Ontology
from triplomacy.kinds.table import KindTable
from triplomacy.terms import OWL, RDF, TRI


def statements(table: KindTable, others: Sequence[KindTable], ontology: Ontology) -> Iterator[str]:
    """Yield a statement of Turtle for each property of a table that no table before it has.

    Raises:
        MalformedInput: a role takes values that its range in a table before it leaves out.
    """
    earlier = {role.iri for other in others for role in other.roles}
    for role in table.roles:
        allowed = _union(role.iri, others, ontology) if _is_logical(role.iri, ontology) else set()
        if allowed and any(not ontology.lineage(value) & allowed for value in role.values):
            names = " or ".join(sorted(map(ontology.label, allowed)))
            table.fail(role, "values", f"elsewhere a value of this role is a {names}; take a property of your own")
    for iri in sorted({role.iri for role in table.roles} - earlier):
        parts = [*_domain(iri, ontology), *_range(iri, table, ontology)]
        if parts and _is_logical(iri, ontology):
            yield f"<{iri}> {' ; '.join(parts)} .\n"


def _is_logical(iri: str, ontology: Ontology) -> bool:
    """Tell whether OWL reasons with a property: an annotation has neither domain nor range here."""
    return bool(ontology.types.get(iri, frozenset()) & {OWL + "ObjectProperty", OWL + "DatatypeProperty"})


def _domain(iri: str, ontology: Ontology) -> Iterator[str]:
    if ontology.lineage(iri) == {iri}:
        yield f"rdfs:domain <{PROPOSITION}>"


def _range(iri: str, table: KindTable, ontology: Ontology) -> Iterator[str]:
    values = sorted(_union(iri, [table], ontology))
    above = ontology.lineage(iri) - {iri}
    implied = {
        value for upper in above for value in (*_union(upper, [table], ontology), *ontology.ranges.get(upper, ()))
    }
    if not values or all(ontology.lineage(value) & implied for value in values):
        return
    kind = "rdfs:Datatype" if OWL + "DatatypeProperty" in ontology.types.get(iri, frozenset()) else "owl:Class"
    union = f"[ a {kind} ; owl:unionOf ( {' '.join(f'<{value}>' for value in values)} ) ]"
    yield f"rdfs:range {union if len(values) > 1 else f'<{values[0]}>'}"


def _union(iri: str, tables: Sequence[KindTable], ontology: Ontology) -> set[str]:
    """Return the classes or the data type of all values of a property, or none where any entity may be one.

    A text with a language has a data type that OWL 2 lacks.
    """
    values = {value for table in tables for role in table.roles if role.iri == iri for value in role.values}
    if values & {TRI + "Entity", RDF + "langString"} or any(value.startswith("@") for value in values):
        return set()
    return {value for value in values if not ontology.lineage(value) & (values - {value})}
