"""The shapes of a table of kinds: one for each role, and one for each class, which is closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import pyoxigraph as ox

from triplomacy.kinds.ontology import PROPOSITION, Ontology
from triplomacy.kinds.sentences import closure, requirement, with_article
from triplomacy.kinds.table import NUMBER, KindTable, Role
from triplomacy.terms import RDFS, SHAPES, TRI, XSD, local_name

_SEVERITY: Final = "sh:severity sh:Violation"


@dataclass(frozen=True)
class Shapes:
    """The shapes of one table.

    Attributes:
        table: the table.
        others: the tables that stand before it.
        ontology: the terms that they name.
    """

    table: KindTable
    others: Sequence[KindTable]
    ontology: Ontology

    def statements(self) -> Iterator[str]:
        """Yield the statements of Turtle, kind by kind.

        Raises:
            MalformedInput: a role stands in another table too, or a class has a role that the one above it lacks.
        """
        for kind in self.table.kinds:
            roles = list(self.table.of([kind]))
            yield from (self._property_shape(role) for role in roles)
            if kind != PROPOSITION:
                yield self._node_shape(kind, roles)

    def upper(self, kind: str) -> str | None:
        """Return the first class, by its IRI, above a kind that has roles of its own, if there is one."""
        above = self.ontology.lineage(kind) - {kind, PROPOSITION}
        return min((role.kind for table in (*self.others, self.table) for role in table.of(above)), default=None)

    def subject(self, kind: str) -> str:
        """Return what a sentence calls a kind, with an article."""
        named = next((t.subjects[kind] for t in (self.table, *self.others) if kind in t.subjects), None)
        return named or with_article(self.ontology.label(kind))

    def _property_shape(self, role: Role) -> str:
        self._check(role)
        parts = ["a sh:PropertyShape", f"sh:path <{role.iri}>", *_constraints(role)]
        if len(parts) > 2:
            message = requirement(role, self.subject(role.kind), self.upper(role.kind), self.ontology)
            parts += [_SEVERITY, f"sh:message {ox.Literal(message, language='en')}"]
        return _statement(property_shape(role), parts)

    def _check(self, role: Role) -> None:
        """Raise an error where the role stands elsewhere, or a closed shape above leaves no room for it."""
        for table in self.others:
            if any(other.iri == role.iri for other in table.of([role.kind])):
                self.table.fail(role, "role", f"{table.path.name} has this role of this class already; remove it here")
        upper = self.upper(role.kind)
        room = chain.from_iterable(table.of(filter(None, (upper, PROPOSITION))) for table in (*self.others, self.table))
        if upper and role.iri not in {other.iri for other in room}:
            name = self.ontology.name(upper)
            self.table.fail(
                role, "role", f"{name}, the class above, has no such role; add it there, with 0 as the least"
            )

    def _node_shape(self, kind: str, roles: Sequence[Role]) -> str:
        own = [property_shape(role) for role in roles]
        target = ["a sh:NodeShape", f"sh:targetClass <{kind}>"]
        if any(kind in table.kinds for table in self.others):
            return _statement(node_shape(kind), [_properties(own)])
        if self.upper(kind):
            return _statement(node_shape(kind), [*target, _properties(own)])
        stated = {role.iri for role in roles}
        common = chain.from_iterable(table.of([PROPOSITION]) for table in (*self.others, self.table))
        shared = [property_shape(role) for role in common if role.iri not in stated]
        closed = ["sh:closed true", "sh:ignoredProperties ( rdf:type )", _properties([*own, *shared]), _SEVERITY]
        message = closure(self.subject(kind), self.table.path.name)
        return _statement(node_shape(kind), [*target, *closed, f"sh:message {ox.Literal(message, language='en')}"])


def node_shape(kind: str) -> str:
    """Return the IRI of the shape of a class."""
    return SHAPES + kind.removeprefix(TRI) if kind.startswith(TRI) else f"{kind}Shape"


def property_shape(role: Role) -> str:
    """Return the IRI of the shape of a role, in the namespace of whoever added class or role."""
    name = local_name(role.iri)
    if not role.kind.startswith(TRI):
        return f"{role.kind}-{name}"
    own = not role.iri.startswith((TRI, RDFS))
    space = role.iri.removesuffix(name) if own else SHAPES
    return f"{space}{role.kind.removeprefix(TRI)}-{name}"


def _constraints(role: Role) -> Iterator[str]:
    if role.least:
        yield f"sh:minCount {role.least}"
    if role.most is not None:
        yield f"sh:maxCount {role.most}"
    if len(role.classes) > 1:
        yield f"sh:or ( {' '.join(f'[ sh:class <{value}> ]' for value in role.classes)} )"
    else:
        yield from (f"sh:class <{value}>" for value in role.classes)
    if role.language:
        yield f'sh:languageIn ( "{role.language}" )'
    if role.datatype:
        yield f"sh:datatype <{XSD + 'integer' if role.datatype == NUMBER else role.datatype}>"
    if role.datatype == NUMBER:
        yield "sh:minInclusive 0"


def _properties(shapes: Sequence[str]) -> str:
    return f"sh:property {', '.join(f'<{shape}>' for shape in shapes)}"


def _statement(subject: str, parts: Sequence[str]) -> str:
    return f"<{subject}> {' ; '.join(parts)} .\n"
