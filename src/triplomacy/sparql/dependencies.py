"""The triple patterns of a SELECT, each with the groups of the query that it stands in.

What is read is the part of SPARQL 1.1 that shapes and rules of hygiene are written in. A part of which nobody can tell
here what it depends on raises `Unread`: a graph by its name, a service, a path that repeats several steps, a number
of solutions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.errors import TriplomacyError
from triplomacy.sparql import patterns, tokens as sparql
from triplomacy.sparql.tokens import Token
from triplomacy.terms import XSD

GroundTerm = ox.NamedNode | ox.BlankNode | ox.Literal
Step = tuple[ox.NamedNode | None, bool]
"""A property, or None for any, and whether it is gone backwards."""
Scope = tuple[int, ...]
"""The groups that a pattern stands in, the outermost first; each alternative of a UNION is one, as is each OPTIONAL."""

_AGGREGATES: Final = frozenset(("AVG", "COUNT", "GROUP_CONCAT", "MAX", "MIN", "SAMPLE", "SUM"))
_APART: Final = ("OPTIONAL", "MINUS")
_OPEN: Final = {"(": ")", "{": "}", "[": "]"}


class Unread(TriplomacyError):
    """What a query depends on cannot be told; the message says what of it is the reason."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Triples that a query asks for: a subject and an object, each a variable's name or a term, and what joins them.

    Attributes:
        subject: where the path begins.
        steps: the properties that a step may have.
        object: where the path ends.
        scope: the groups that it stands in.
        predicate: the variable that stands for the property, if one does.
        repeated: whether several steps may follow each other.
        empty: whether there may be no step at all, so that both ends are one node.
        counted: whether its solutions are counted, or one of them is chosen.
    """

    subject: str | GroundTerm
    steps: frozenset[Step]
    object: str | GroundTerm
    scope: Scope = ()
    predicate: str | None = None
    repeated: bool = False
    empty: bool = False
    counted: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, the property's not among them."""
        return tuple(end for end in (self.subject, self.object) if isinstance(end, str))


@dataclass
class Body:
    """What a query asks for.

    Attributes:
        patterns: its triple patterns.
        values: the terms that a variable may have within a scope.
        lonely: the variables of which nothing else is asked than that they are there.
    """

    patterns: list[Pattern] = field(default_factory=list)
    values: list[tuple[str, frozenset[GroundTerm], Scope]] = field(default_factory=list)
    lonely: frozenset[str] = frozenset()


def body(text: str, prefixes: Mapping[str, str], *, within: Scope = (), mark: str = "") -> Body:
    """Return what a SELECT asks for.

    Args:
        text: a query that parses.
        prefixes: those that it may use without declaring them.
        within: the scope of the query as a whole.
        mark: what the names of its variables end with, so that those of two queries differ; the name ``this`` has none.

    Raises:
        Unread: it has something of which nobody can tell here what it depends on.
    """
    reader = _Reader(list(sparql.tokens(text)), dict(prefixes), mark)
    reader.prologue()
    reader.select(within, None)
    found = reader.found
    found.lonely = frozenset(name for name, number in reader.seen.items() if number == 1 and name != "this")
    return found


class _Names(dict[str, str]):
    """What variables of a query within another are called: those that it does not select have names of their own."""

    def __init__(self, selected: Iterable[str] | None, outer: _Names | None, mark: str) -> None:
        super().__init__()
        self.selected = None if selected is None else set(selected)
        self.outer = outer
        self.mark = mark

    def __missing__(self, name: str) -> str:
        if self.outer is None or self.selected is None or name in self.selected:
            found = self.outer[name] if self.outer is not None else name if name == "this" else f"{name}{self.mark}"
        else:
            found = f"{name}{self.mark}"
        self[name] = found
        return found


class _Reader:
    """Reads a query token by token."""

    def __init__(self, tokens: list[Token], prefixes: dict[str, str], mark: str) -> None:
        self.tokens = tokens
        self.prefixes = prefixes
        self.mark = mark
        self.at = 0
        self.found = Body()
        self.seen: Counter[str] = Counter()
        self.names = _Names(None, None, mark)
        self.numbers = 0
        self.counted = False
        self.closes = dict(_brackets(tokens))

    def word(self) -> str:
        """Return the token here as a keyword, or nothing."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.text.upper() if token and token.kind == "word" else ""

    def text(self) -> str:
        """Return the text of the token here, or nothing at the end."""
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def fresh(self) -> int:
        """Return a number that nothing else has."""
        self.numbers += 1
        return self.numbers

    def fresh_variable(self) -> str:
        """Return a variable that nothing else asks for."""
        return f".{self.fresh()}{self.mark}"

    def variable(self, token: Token) -> str:
        """Return what a variable is called here, and count it."""
        name = self.names[token.text[1:]]
        self.seen[name] += 1
        return name

    def prologue(self) -> None:
        """Read the declarations before the query."""
        while self.word() in ("PREFIX", "BASE"):
            if self.word() == "BASE":
                raise Unread("a BASE")
            name, iri = self.tokens[self.at + 1 : self.at + 3]
            self.prefixes[name.text[:-1]] = iri.text[1:-1]
            self.at += 3

    def select(self, scope: Scope, outer: _Names | None) -> None:
        """Read a query from its SELECT on, to its end or the brace behind it."""
        if self.word() != "SELECT":
            raise Unread("a query that is no SELECT")
        begins = self.at + 1
        while self.word() != "WHERE" and self.text() != "{":
            self.at += 1
        head = self.tokens[begins : self.at]
        former, was_counted = self.names, self.counted
        if outer is not None:
            selected = None if any(token.text == "*" for token in head) else _selected(head)
            self.names = _Names(selected, outer, f"~{self.fresh()}{self.mark}")
        self.seen.update(self.names[token.text[1:]] for token in head if token.kind == "variable")
        self.at += self.word() == "WHERE"
        self.counted = was_counted or self._counts(head)
        self.group(scope)
        self._behind()
        self.names, self.counted = former, was_counted

    def _counts(self, head: list[Token]) -> bool:
        """Tell whether a query with this head, whose group begins here, counts: one that only groups does not."""
        words = {token.text.upper() for token in head if token.kind == "word"}
        end = self.closes[self.at]
        behind = self.tokens[end + 1 : end + 2]
        return bool(words & _AGGREGATES) or (bool(behind) and behind[0].text.upper() == "GROUP" and self._has(end))

    def _has(self, at: int) -> bool:
        """Tell whether HAVING stands behind a group that ends there."""
        for token in self.tokens[at + 1 :]:
            if token.text == "}" or token.text.upper() == "HAVING":
                return token.text != "}"
        return False

    def _behind(self) -> None:
        """Read what may stand behind the group: what limits the solutions cannot be told from one of them."""
        while self.at < len(self.tokens) and self.text() != "}":
            if self.word() in ("LIMIT", "OFFSET", "VALUES"):
                raise Unread(f"{self.word()} behind its group")
            if self.tokens[self.at].kind == "variable":
                self.variable(self.tokens[self.at])
            self.at += 1

    def group(self, scope: Scope) -> None:
        """Read a group from its brace to behind the one that closes it."""
        end = self.closes[self.at]
        self.at += 1
        if self.word() == "SELECT":
            self.select(scope, self.names)
        while self.at < end:
            self._part(scope)
        self.at = end + 1

    def _part(self, scope: Scope) -> None:
        word = self.word()
        if self.text() == ".":
            self.at += 1
        elif self.text() == "{":
            self._alternatives(scope)
        elif word in _APART:
            self.at += 1
            self.group((*scope, self.fresh()))
        elif word in ("FILTER", "BIND"):
            self.at += 1
            self._expression(scope, word)
        elif word == "VALUES":
            self._data(scope)
        elif word in ("GRAPH", "SERVICE", "SELECT"):
            raise Unread(word)
        else:
            self._statement(scope)

    def _alternatives(self, scope: Scope) -> None:
        """Read a group in a group, or several of which any may hold."""
        end = self.closes[self.at]
        if end + 1 >= len(self.tokens) or self.tokens[end + 1].text.upper() != "UNION":
            self.group(scope)
            return
        self.group((*scope, self.fresh()))
        while self.word() == "UNION":
            self.at += 1
            self.group((*scope, self.fresh()))

    def _expression(self, scope: Scope, word: str) -> None:
        """Read an expression: of two variables that are made one, that they are; and the groups that are in it."""
        while self.text() not in ("(", "{"):
            self.at += 1
        if self.text() == "{":
            self.group((*scope, self.fresh()))
            return
        end = self.closes[self.at]
        inside = self.tokens[self.at + 1 : end]
        self.at += 1
        if word == "BIND" and [token.kind for token in inside] == ["variable", "word", "variable"]:
            one, other = self.variable(inside[0]), self.variable(inside[2])
            self.found.patterns.append(Pattern(one, frozenset(), other, scope, empty=True, counted=self.counted))
            self.at = end
        while self.at < end:
            if self.text() == "{":
                self.group((*scope, self.fresh()))
                continue
            if self.tokens[self.at].kind == "variable":
                self.variable(self.tokens[self.at])
            self.at += 1
        self.at = end + 1

    def _data(self, scope: Scope) -> None:
        """Read a block of data: the terms that each of its variables may have."""
        self.at += 1
        several = self.text() == "("
        head = self.tokens[self.at + several : self.closes[self.at] if several else self.at + 1]
        names = [self.names[token.text[1:]] for token in head]
        self.seen.update(names)
        self.at = self.closes[self.at] + 1 if several else self.at + 1
        end = self.closes[self.at]
        self.at += 1
        cells: list[GroundTerm | None] = []
        while self.at < end:
            if self.text() in "()":
                self.at += 1
            else:
                cells.append(self._cell())
        self.at = end + 1
        for number, name in enumerate(names):
            column = cells[number :: len(names)]
            if None not in column:
                self.found.values.append((name, frozenset(each for each in column if each is not None), scope))

    def _cell(self) -> GroundTerm | None:
        if self.word() == "UNDEF":
            self.at += 1
            return None
        term = self._term()
        if isinstance(term, str):
            raise Unread("a variable in VALUES")
        return term

    def _statement(self, scope: Scope) -> None:
        """Read triples of one subject."""
        subject = self._term()
        while True:
            path, name = self._verb()
            value = self._term()
            self._triples(subject, path, value, scope, name)
            while self.text() == ",":
                self.at += 1
                self._triples(subject, path, self._term(), scope, name)
            while self.text() == ";":
                self.at += 1
            if self.tokens[self.at - 1].text != ";" or self.text() in (".", "}"):
                return

    def _verb(self) -> tuple[Any, str | None]:
        token = self.tokens[self.at]
        if token.kind == "variable":
            self.at += 1
            return frozenset({(None, False)}), self.variable(token)
        return self._either(), None

    def _term(self) -> str | GroundTerm:
        """Read a term: a variable by its name, a node without a name as a variable that nothing else has."""
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "variable":
            return self.variable(token)
        if token.kind == "string":
            return self._literal(token)
        if token.kind == "name" and token.text.startswith("_:"):
            return self.variable(token)
        if token.text == "[" and self.text() == "]":
            self.at += 1
            return self.fresh_variable()
        if token.text in ("true", "false"):
            return ox.Literal(token.text, datatype=ox.NamedNode(XSD + "boolean"))
        return self._named(token)

    def _named(self, token: Token) -> ox.NamedNode:
        """Return the node of a token; a full stop behind a name is the end of a statement, and stays."""
        found = patterns.iri(token.text, self.prefixes) if token.kind in ("iri", "name") or token.text == "a" else None
        if found is None:
            raise Unread(f"{token.text} where a node may stand")
        return ox.NamedNode(found)

    def _literal(self, token: Token) -> ox.Literal:
        quotes = 3 if token.text[:3] in ('"""', "'''") else 1
        value = token.text[quotes:-quotes]
        if "\\" in value:
            raise Unread("a text with a backslash")
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "language":
            self.at += 1
            return ox.Literal(value, language=self.tokens[self.at - 1].text[1:])
        if self.text() == "^":
            self.at += 3
            return ox.Literal(value, datatype=self._named(self.tokens[self.at - 1]))
        return ox.Literal(value)

    # A path is a set of steps, or a tuple: ("/", parts), ("|", parts), ("*", steps), ("^", path).

    def _either(self) -> Any:
        parts = [self._sequence()]
        while self.text() == "|":
            self.at += 1
            parts.append(self._sequence())
        return either(parts)

    def _sequence(self) -> Any:
        parts = [self._element()]
        while self.text() == "/":
            self.at += 1
            parts.append(self._element())
        return parts[0] if len(parts) == 1 else ("/", parts)

    def _element(self) -> Any:
        if self.text() == "^":
            self.at += 1
            return inverse(self._element())
        if self.text() == "(":
            self.at += 1
            path = self._either()
            self.at += 1
        else:
            path = frozenset({(self._named(self.tokens[self.at]), False)})
            self.at += 1
        if self.text() in ("*", "+", "?") and self.text():
            self.at += 1
            return repeated(path, self.tokens[self.at - 1].text)
        return path

    def _triples(
        self, subject: str | GroundTerm, path: Any, value: str | GroundTerm, scope: Scope, name: str | None
    ) -> None:
        self.found.patterns += along(subject, path, value, scope, self, name)


def repeated(path: Any, sign: str) -> Any:
    """Return a path that repeats (``*``, ``+``) or may be left out (``?``); raise Unread for one of several steps."""
    if not isinstance(path, frozenset):
        raise Unread("a path that repeats several steps")
    return sign, path


def either(paths: list[Any]) -> Any:
    """Return the path of which any of some paths will do."""
    if len(paths) == 1:
        return paths[0]
    if all(isinstance(path, frozenset) for path in paths):
        return frozenset().union(*paths)
    return "|", paths


def inverse(path: Any) -> Any:
    """Return a path that is gone backwards."""
    if isinstance(path, frozenset):
        return frozenset((name, not backwards) for name, backwards in path)
    return "^", path


def along(
    subject: str | GroundTerm, path: Any, value: str | GroundTerm, scope: Scope, reader: Any, name: str | None = None
) -> Iterator[Pattern]:
    """Yield the patterns of a path between two ends; *reader* gives what is new its names and says what is counted."""
    if isinstance(path, frozenset):
        yield Pattern(subject, path, value, scope, name, counted=reader.counted)
        return
    sign, of = path
    if sign == "^":
        yield from along(value, of, subject, scope, reader)
    elif sign == "|":
        for part in of:
            yield from along(subject, part, value, (*scope, reader.fresh()), reader)
    elif sign == "/":
        ends = [subject, *(reader.fresh_variable() for _ in of[1:]), value]
        for number, part in enumerate(of):
            yield from along(ends[number], part, ends[number + 1], scope, reader)
    else:
        several, none = sign in "*+", sign in "*?"
        yield Pattern(subject, of, value, scope, repeated=several, empty=none, counted=reader.counted)


def _selected(head: Iterable[Token]) -> list[str]:
    """Return the variables that a head selects; those within an expression are not."""
    depth, found = 0, []
    before = ""
    for token in head:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (not depth or before.upper() == "AS"):
            found.append(token.text[1:])
        before = token.text
    return found


def _brackets(tokens: Iterable[Token]) -> Iterator[tuple[int, int]]:
    """Yield the number of each token that opens something, with that of the one that closes it."""
    waiting: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind in ("brace", "other") and token.text in _OPEN:
            waiting.append(number)
        elif token.kind in ("brace", "other") and token.text in _OPEN.values() and waiting:
            yield waiting.pop(), number
