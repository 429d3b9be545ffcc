"""The triple patterns of a SELECT, each with the groups of the query that it stands in.

It covers the part of SPARQL 1.1 that shapes and rules of hygiene are written in. What cannot be analysed raises
`Unread`: named graphs, services, repeated paths of several steps, ``LIMIT`` and ``OFFSET``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.sparql import tree
from triplomacy.sparql.syntax import read
from triplomacy.terms import XSD

GroundTerm = ox.NamedNode | ox.BlankNode | ox.Literal
Step = tuple[ox.NamedNode | None, bool]
"""A property, or None for any, and whether it is gone backwards."""
Nesting = tuple[int, ...]
"""The groups that a pattern stands in, the outermost first; each alternative of a UNION is one, as is each OPTIONAL."""

_NUMBERS: Final = tuple(f"{XSD}{name}" for name in ("integer", "decimal", "double"))


class Unread(TriplomacyError):
    """A query that cannot be analysed; the message names the part that is the reason."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of triples: a subject and an object, each the name of a variable or a term, and the steps between them.

    Attributes:
        subject: where the path begins.
        steps: the properties that a step may have.
        object: where the path ends.
        nesting: the groups that it stands in.
        predicate: the variable that stands for the property, if one does.
        repeated: whether several steps may follow each other.
        empty: whether there may be no step at all, so that both ends are one node.
        counted: whether its solutions are counted, or one of them is chosen.
    """

    subject: str | GroundTerm
    steps: frozenset[Step]
    object: str | GroundTerm
    nesting: Nesting = ()
    predicate: str | None = None
    repeated: bool = False
    empty: bool = False
    counted: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, the property's not among them."""
        return tuple(end for end in (self.subject, self.object) if isinstance(end, str))


@dataclass
class QueryPatterns:
    """The triple patterns of a query, with what is known of its variables.

    Attributes:
        patterns: its triple patterns.
        values: the terms that a variable may have within a nesting.
        unconstrained: the variables that occur once, so that any value will do.
    """

    patterns: list[Pattern] = field(default_factory=list)
    values: list[tuple[str, frozenset[GroundTerm], Nesting]] = field(default_factory=list)
    unconstrained: set[str] = field(default_factory=set)

    def add(self, other: QueryPatterns) -> None:
        """Add what something else asks for."""
        self.patterns += other.patterns
        self.values += other.values
        self.unconstrained |= other.unconstrained

    def with_focus(self, name: str) -> QueryPatterns:
        """Return the same with another name for the variable ``this``."""

        def rename(end: str | GroundTerm) -> str | GroundTerm:
            return name if isinstance(end, str) and end == "this" else end

        patterns = [
            replace(pattern, subject=rename(pattern.subject), object=rename(pattern.object))
            for pattern in self.patterns
        ]
        values = [(name if of == "this" else of, terms, nesting) for of, terms, nesting in self.values]
        return QueryPatterns(patterns, values, set(self.unconstrained))


def body(text: str, prefixes: Mapping[str, str], *, within: Nesting = (), mark: str = "") -> QueryPatterns:
    """Return the patterns of a SELECT.

    Args:
        text: a query that parses.
        prefixes: those that it may use without declaring them.
        within: the nesting of the query as a whole.
        mark: what the names of its variables end with, so that those of two queries differ; the name ``this`` has none.

    Raises:
        Unread: it cannot be analysed.
    """
    try:
        query = read(text, prefixes=prefixes)
    except MalformedInput as error:
        raise Unread(f"a query that is not understood: {error.message}") from None
    collector = _Collector(mark)
    collector.query(query, within, None)
    patterns = collector.patterns
    patterns.unconstrained = {name for name, count in collector.seen.items() if count == 1 and name != "this"}
    return patterns


class _InnerNames(dict[str, str]):
    """The names of variables in a subquery: those that it does not select get new names."""

    def __init__(self, selected: Iterable[str] | None, outer: _InnerNames | None, mark: str) -> None:
        super().__init__()
        self.selected = None if selected is None else set(selected)
        self.outer = outer
        self.mark = mark

    def __missing__(self, name: str) -> str:
        if self.outer is not None and (self.selected is None or name in self.selected):
            self[name] = self.outer[name]
        else:
            self[name] = name if self.outer is None and name == "this" else f"{name}{self.mark}"
        return self[name]


class PatternReader:
    """Gives nestings and variables their names, and tells whether what is read is counted.

    Args:
        mark: what the names of new variables end with.
    """

    def __init__(self, mark: str = "") -> None:
        self.mark = mark
        self.numbers = 0
        self.counted = False

    def fresh(self) -> int:
        """Return a new number."""
        self.numbers += 1
        return self.numbers

    def fresh_variable(self) -> str:
        """Return a new variable."""
        return f".{self.fresh()}{self.mark}"


class _Collector(PatternReader):
    """Collects the patterns of a query."""

    def __init__(self, mark: str) -> None:
        super().__init__(mark)
        self.patterns = QueryPatterns()
        self.seen: Counter[str] = Counter()
        self.names = _InnerNames(None, None, mark)

    def variable(self, name: str) -> str:
        """Return what a variable is called here, and count it."""
        self.seen[self.names[name]] += 1
        return self.names[name]

    def query(self, query: tree.Query, nesting: Nesting, outer: _InnerNames | None) -> None:
        """Collect from a query or a subquery; raise Unread where it limits its solutions."""
        if query.form != "SELECT" or not isinstance(query.head, tree.Projection) or query.where is None:
            raise Unread("a query that is not a SELECT")
        limits = {"LIMIT": query.limit, "OFFSET": query.offset, "VALUES": query.values}
        if words := [word for word, clause in limits.items() if clause]:
            raise Unread(f"{words[0]} behind its group")
        if query.dataset:
            raise Unread("FROM")
        former, was_counted = self.names, self.counted
        if outer is not None:
            selected = None if query.head.everything else tree.column_names(query.head)
            self.names = _InnerNames(selected, outer, f"~{self.fresh()}{self.mark}")
        counts = any(tree.find(query.head, tree.Aggregate, tree.GroupPattern)) or query.having is not None
        self.counted = was_counted or counts  # one that only groups does not count
        self.expressions(query.head, nesting)
        self.group(query.where, nesting)
        for clause in filter(None, (query.group_by, query.having, query.order_by)):
            self.expressions(clause, nesting)
        self.names, self.counted = former, was_counted

    def group(self, group: tree.GroupPattern, nesting: Nesting) -> None:
        """Collect from each element of a group."""
        for element in group.elements:
            self.element(element, nesting)

    def element(self, element: tree.Element, nesting: Nesting) -> None:
        """Collect from an element of a group."""
        if isinstance(element, tree.Triples):
            self.statement(element, nesting)
        elif isinstance(element, tree.GroupPattern):
            self.group(element, nesting)
        elif isinstance(element, tree.Union | tree.Optional | tree.Minus):
            for group in element.alternatives if isinstance(element, tree.Union) else (element.group,):
                self.group(group, (*nesting, self.fresh()))
        elif isinstance(element, tree.Query):
            self.query(element, nesting, self.names)
        elif isinstance(element, tree.Values):
            self.data(element, nesting)
        elif isinstance(element, tree.Filter | tree.Bind):
            self.expressions(element, nesting)
        else:
            raise Unread(type(element).__name__.removesuffix("Pattern").upper())

    def expressions(self, node: tree.SyntaxNode, nesting: Nesting) -> None:
        """Collect from the groups in expressions, and note where BIND makes two variables equal."""
        for part in tree.walk(node, tree.GroupPattern):
            if isinstance(part, tree.GroupPattern):
                self.group(part, (*nesting, self.fresh()))
            elif isinstance(part, tree.Variable):
                self.variable(part.name)
        if isinstance(node, tree.Bind) and isinstance(node.expression, tree.Variable):
            ends = self.names[node.expression.name], self.names[node.variable.name]
            same = Pattern(ends[0], frozenset(), ends[1], nesting, empty=True, counted=self.counted)
            self.patterns.patterns.append(same)

    def data(self, values: tree.Values, nesting: Nesting) -> None:
        """Collect the terms that each variable of a block of data may have."""
        names = [self.variable(variable.name) for variable in values.variables]
        rows = [[None if cell is None else self.term(cell) for cell in row] for row in values.rows]
        for number, name in enumerate(names):
            cells = [row[number] for row in rows]
            terms = frozenset(cell for cell in cells if cell is not None and not isinstance(cell, str))
            if None not in cells:
                self.patterns.values.append((name, terms, nesting))

    def statement(self, triples: tree.Triples, nesting: Nesting) -> None:
        """Collect the triples of one subject."""
        subject = self.term(triples.subject)
        for prop in triples.properties:
            verb = prop.verb
            name = self.variable(verb.name) if isinstance(verb, tree.Variable) else None
            path = frozenset({(None, False)}) if isinstance(verb, tree.Variable) else steps_of(verb)
            for item in prop.objects:
                if item.annotations:
                    raise Unread("an annotation")
                self.patterns.patterns += along(subject, path, self.term(item.term), nesting, self, name)

    def term(self, node: tree.SyntaxNode) -> str | GroundTerm:
        """Return a term: a variable by its name, a blank node in brackets as a new variable."""
        if isinstance(node, tree.Variable):
            return self.variable(node.name)
        if isinstance(node, tree.BlankNode):
            return self.variable(f":{node.label}") if node.label else self.fresh_variable()
        if isinstance(node, tree.Iri):
            return ox.NamedNode(node.value)
        if isinstance(node, tree.Literal) and (node.type or node.datatype not in _NUMBERS) and not node.direction:
            is_plain = bool(node.language) or node.datatype == f"{XSD}string"
            datatype = None if is_plain else ox.NamedNode(node.datatype)
            return ox.Literal(node.value, language=node.language or None, datatype=datatype)
        raise Unread(f"a {type(node).__name__.lower()} where a node may stand")


Path = frozenset[Step] | tuple[str, Any]
"""A set of steps, or what joins paths: ("/", paths), ("|", paths), ("*", steps), ("^", path)."""


def steps_of(node: tree.Path) -> Path:
    """Return a path as a set of steps, or as an operator with paths; raise Unread for negated properties."""
    if isinstance(node, tree.Iri):
        return frozenset({(ox.NamedNode(node.value), False)})
    if isinstance(node, tree.PathSequence):
        return "/", [steps_of(step) for step in node.steps]
    if isinstance(node, tree.PathAlternative):
        paths = [steps_of(path) for path in node.alternatives]
        sets = [path for path in paths if isinstance(path, frozenset)]
        return frozenset().union(*sets) if len(sets) == len(paths) else ("|", paths)
    if isinstance(node, tree.PathNegated):
        raise Unread("a path of any step but some")
    path = steps_of(node.path)
    if isinstance(node, tree.PathRepeat):
        if not isinstance(path, frozenset):
            raise Unread("a path that repeats several steps")
        return node.modifier, path
    return frozenset((name, not backwards) for name, backwards in path) if isinstance(path, frozenset) else ("^", path)


def along(
    subject: str | GroundTerm,
    path: Path,
    value: str | GroundTerm,
    nesting: Nesting,
    reader: PatternReader,
    name: str | None = None,
) -> Iterator[Pattern]:
    """Yield the patterns of a path between two ends; *reader* gives what is new its names and says what is counted."""
    if isinstance(path, frozenset):
        yield Pattern(subject, path, value, nesting, name, counted=reader.counted)
        return
    sign, of = path
    if sign == "^":
        yield from along(value, of, subject, nesting, reader)
    elif sign == "|":
        for part in of:
            yield from along(subject, part, value, (*nesting, reader.fresh()), reader)
    elif sign == "/":
        ends = [subject, *(reader.fresh_variable() for _ in of[1:]), value]
        for number, part in enumerate(of):
            yield from along(ends[number], part, ends[number + 1], nesting, reader)
    else:
        several, none = sign in "*+", sign in "*?"
        yield Pattern(subject, of, value, nesting, repeated=several, empty=none, counted=reader.counted)
