"""The syntax tree of a SPARQL query: a small class for each production of the grammar that means something.

Every node says where it begins and ends, in code points from the start of the text, so that ``text[node.start :
node.end]`` is what was written. Its fields stand in the order of the text; `child_nodes` and `walk` go through
those that are nodes. Trees are made by `syntax.read`, and are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar, dataclass_transform

from triplomacy.terms import RDF


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _Frozen:
    """A substitute for frozen dataclasses: forty of these would take fifty times as long to define, at every start."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a node is never changed, nor is its {name}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class SyntaxNode(_Frozen):
    """A part of a query, from *start* to before *end*."""

    start: int
    end: int


# Terms


class Variable(SyntaxNode):
    """``?name`` or ``$name``."""

    name: str


class Iri(SyntaxNode):
    """``<IRI>``, a prefixed name, ``a`` or ``()``: its IRI in full, and its prefix, or None where it has none."""

    value: str
    prefix: str | None


class BlankNode(SyntaxNode):
    """``_:label``, or ``[]``, whose label is empty."""

    label: str


class Literal(SyntaxNode):
    """A literal with the IRI of its datatype; *type* is that IRI where it stands behind ``^^``."""

    value: str
    datatype: str
    language: str
    direction: str
    type: Iri | None


class TripleTerm(SyntaxNode):
    """``<<( subject verb object )>>``."""

    subject: Term
    verb: Variable | Iri
    object: Term


class ReifiedTriple(SyntaxNode):
    """``<< subject verb object ~ reifier >>``: it stands for its reifier, which may be left out."""

    subject: Term
    verb: Variable | Iri
    object: Term
    reifier: Variable | Iri | BlankNode | None


class Collection(SyntaxNode):
    """``( item ... )``, of one item at least: it stands for the head of a list."""

    items: tuple[Term, ...]


class BlankNodePropertyList(SyntaxNode):
    """``[ verb object ... ]``: it stands for a blank node."""

    properties: tuple[Property, ...]


Term = Variable | Iri | BlankNode | Literal | TripleTerm | ReifiedTriple | Collection | BlankNodePropertyList


# Property paths: an IRI is a path, too


class PathAlternative(SyntaxNode):
    """``path | path ...``."""

    alternatives: tuple[Path, ...]


class PathSequence(SyntaxNode):
    """``path / path ...``."""

    steps: tuple[Path, ...]


class PathInverse(SyntaxNode):
    """``^path``."""

    path: Path


class PathRepeat(SyntaxNode):
    """``path?``, ``path*`` or ``path+``."""

    path: Path
    modifier: str


class PathNegated(SyntaxNode):
    """``!iri`` or ``!(iri | ^iri ...)``: any step but those."""

    steps: tuple[Iri | PathInverse, ...]


Path = Iri | PathAlternative | PathSequence | PathInverse | PathRepeat | PathNegated


# Triples


class Annotation(SyntaxNode):
    """``~ reifier {| verb object ... |}`` behind an object: either part may be left out."""

    reifier: Variable | Iri | BlankNode | None
    properties: tuple[Property, ...]


class Object(SyntaxNode):
    """An object of a list, with its annotations."""

    term: Term
    annotations: tuple[Annotation, ...]


class Property(SyntaxNode):
    """A verb with its objects, in ``verb object , object``."""

    verb: Variable | Path
    objects: tuple[Object, ...]


class Triples(SyntaxNode):
    """Triples of one subject, ``subject verb object ; verb object``; a full stop behind them is not a part."""

    subject: Term
    properties: tuple[Property, ...]


# Graph patterns


class GroupPattern(SyntaxNode):
    """``{ ... }`` with what stands in it, or the sub-select that it consists of."""

    elements: tuple[Element, ...]


class Optional(SyntaxNode):
    """``OPTIONAL { ... }``."""

    group: GroupPattern


class Lateral(SyntaxNode):
    """``LATERAL { ... }`` (SEP 6)."""

    group: GroupPattern


class Minus(SyntaxNode):
    """``MINUS { ... }``."""

    group: GroupPattern


class Union(SyntaxNode):
    """``{ ... } UNION { ... } ...``, of two groups at least: a single one is itself the element."""

    alternatives: tuple[GroupPattern, ...]


class GraphPattern(SyntaxNode):
    """``GRAPH name { ... }``."""

    name: Variable | Iri
    group: GroupPattern


class Service(SyntaxNode):
    """``SERVICE endpoint { ... }``, or ``SERVICE SILENT``."""

    silent: bool
    endpoint: Variable | Iri
    group: GroupPattern


class Filter(SyntaxNode):
    """``FILTER condition``."""

    condition: Expression


class Bind(SyntaxNode):
    """``BIND ( expression AS ?variable )``."""

    expression: Expression
    variable: Variable


class Values(SyntaxNode):
    """``VALUES`` with its variables and rows; None stands for ``UNDEF``."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Iri | Literal | TripleTerm | None, ...], ...]


# Expressions: variables, IRIs, literals and triple terms are some, too


class Operation(SyntaxNode):
    """Operators of one precedence with their operands: ``a + b - c``, ``! a``, ``a IN (b, c)``, ``a NOT IN (b)``."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


class FunctionCall(SyntaxNode):
    """A call of a function: of a built-in one by its name in capitals, of another by its IRI."""

    function: str | Iri
    distinct: bool
    arguments: tuple[Expression, ...]


class Aggregate(SyntaxNode):
    """``COUNT ( DISTINCT expression )`` and the like, its name in capitals; None is ``*``."""

    function: str
    distinct: bool
    expression: Expression | None
    separator: str | None


class Exists(SyntaxNode):
    """``EXISTS { ... }`` or, if *negated*, ``NOT EXISTS { ... }``."""

    negated: bool
    group: GroupPattern


Expression = Variable | Iri | Literal | TripleTerm | Operation | FunctionCall | Aggregate | Exists


# Queries


class Base(SyntaxNode):
    """``BASE <iri>``."""

    iri: Iri


class Prefix(SyntaxNode):
    """``PREFIX name: <iri>``."""

    name: str
    iri: Iri


class Version(SyntaxNode):
    """``VERSION "1.2"``."""

    number: str


class Assignment(SyntaxNode):
    """``( expression AS ?variable )`` of a projection or of ``GROUP BY``."""

    expression: Expression
    variable: Variable


class Projection(SyntaxNode):
    """What a SELECT or DESCRIBE is about, with its keyword: columns, or *everything* (``*``)."""

    modifier: str
    columns: tuple[Variable | Iri | Assignment, ...]
    everything: bool


class ConstructTemplate(SyntaxNode):
    """The ``{ ... }`` behind CONSTRUCT."""

    triples: tuple[Triples, ...]


class From(SyntaxNode):
    """``FROM iri`` or, if *named*, ``FROM NAMED iri``."""

    named: bool
    iri: Iri


class Clause(SyntaxNode):
    """``GROUP BY``, ``HAVING`` or ``ORDER BY`` with its conditions, of which ``ASC`` and ``DESC`` are not a part."""

    conditions: tuple[Expression | Assignment, ...]


class RowCount(SyntaxNode):
    """``LIMIT count`` or ``OFFSET count``."""

    count: int


class Query(SyntaxNode):
    """A query, or one within another.

    Attributes:
        prologue: its declarations, none in a query within another.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        head: what a SELECT or DESCRIBE is about, or the template of a CONSTRUCT; None for ASK and for the short form
            of CONSTRUCT, whose pattern is its template.
        dataset: its FROM clauses.
        where: its pattern; None for a DESCRIBE without.
        values: the data behind all, if there are any.
    """

    prologue: tuple[Base | Prefix | Version, ...]
    form: str
    head: Projection | ConstructTemplate | None
    dataset: tuple[From, ...]
    where: GroupPattern | None
    group_by: Clause | None
    having: Clause | None
    order_by: Clause | None
    limit: RowCount | None
    offset: RowCount | None
    values: Values | None


Element = (
    Triples
    | GroupPattern
    | Optional
    | Lateral
    | Minus
    | Union
    | GraphPattern
    | Service
    | Filter
    | Bind
    | Values
    | Query
)


# Ways through a tree

_N = TypeVar("_N", bound=SyntaxNode)


def child_nodes(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield the nodes right below a node, in the order of the text."""
    waiting = [*reversed(node.__dict__.values())]
    while waiting:
        value = waiting.pop()
        if isinstance(value, SyntaxNode):
            yield value
        elif isinstance(value, tuple):
            waiting += reversed(value)


def walk(node: SyntaxNode, *closed: type[SyntaxNode]) -> Iterator[SyntaxNode]:
    """Yield a node and all below it in the order of the text, but not what is in nodes of *closed* classes below it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if current is node or not isinstance(current, closed):
            waiting += reversed([*child_nodes(current)])


def find(node: SyntaxNode, kind: type[_N], *closed: type[SyntaxNode]) -> Iterator[_N]:
    """Yield the nodes of one class among those of `walk`."""
    return (descendant for descendant in walk(node, *closed) if isinstance(descendant, kind))


def walk_with_path(node: SyntaxNode) -> Iterator[tuple[SyntaxNode, tuple[SyntaxNode, ...]]]:
    """Yield as `walk` does, each with the nodes that it stands in, the outermost first."""
    waiting: list[tuple[SyntaxNode, tuple[SyntaxNode, ...]]] = [(node, ())]
    while waiting:
        current, path = waiting.pop()
        yield current, path
        waiting += reversed([(child, (*path, current)) for child in child_nodes(current)])


def variables(node: SyntaxNode, *closed: type[SyntaxNode]) -> set[str]:
    """Return the names of the variables in a node, those in nodes of *closed* classes below it left out."""
    return {variable.name for variable in find(node, Variable, *closed)}


def column_names(head: Projection) -> list[str]:
    """Return the names of the columns of a SELECT: its variables, and those that expressions are assigned to."""
    columns = (column.variable if isinstance(column, Assignment) else column for column in head.columns)
    return [column.name for column in columns if isinstance(column, Variable)]


def graphs(query: Query, *, named: bool = False) -> tuple[str, ...]:
    """Return the IRIs after ``FROM``, or after ``FROM NAMED`` if *named*, in their order, each once."""
    return tuple(dict.fromkeys(clause.iri.value for clause in query.dataset if clause.named is named))


class Triple(NamedTuple):
    """A triple pattern, in which a collection, properties in brackets and a reified triple stand for their node."""

    subject: Term
    verb: Variable | Path
    object: Term


def triples(node: SyntaxNode) -> Iterator[Triple]:
    """Yield the triple patterns of a node as SPARQL spells them out (18.2.2), in the order of the text.

    Those of lists, of properties in brackets, of reified triples and of annotations are among them.
    """
    for part in walk(node):
        if isinstance(part, Triples | BlankNodePropertyList):
            subject = part.subject if isinstance(part, Triples) else part
            yield from _of_properties(subject, part.properties)
        elif isinstance(part, Collection):
            yield from _of_items(part)
        elif isinstance(part, ReifiedTriple):
            yield Triple(part, _iri(part, "reifies"), _term(part.subject, part.verb, part.object))


def _of_properties(subject: Term, properties: tuple[Property, ...]) -> Iterator[Triple]:
    for each in properties:
        for item in each.objects:
            yield Triple(subject, each.verb, item.term)
            for annotation in item.annotations:
                reifier = annotation.reifier or _blank(annotation)
                if isinstance(each.verb, Variable | Iri):
                    yield Triple(reifier, _iri(annotation, "reifies"), _term(subject, each.verb, item.term))
                yield from _of_properties(reifier, annotation.properties)


def _of_items(collection: Collection) -> Iterator[Triple]:
    cells: list[Term] = [collection, *(_blank(item) for item in collection.items[1:])]
    rests: list[Term] = [*cells[1:], _iri(collection, "nil")]
    for cell, item, rest in zip(cells, collection.items, rests, strict=True):
        yield Triple(cell, _iri(item, "first"), item)
        yield Triple(cell, _iri(item, "rest"), rest)


def _term(subject: Term, verb: Variable | Iri, value: Term) -> TripleTerm:
    return TripleTerm(start=subject.start, subject=subject, verb=verb, object=value, end=value.end)


def _iri(node: SyntaxNode, name: str) -> Iri:
    return Iri(start=node.start, value=RDF + name, prefix=None, end=node.start)


def _blank(node: SyntaxNode) -> BlankNode:
    return BlankNode(start=node.start, label="", end=node.start)
