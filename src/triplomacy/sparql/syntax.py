r"""The one reader of SPARQL: from the text of a query to its syntax tree.

It reads the queries of SPARQL 1.1 and 1.2, and LATERAL and ADJUST, which the engine takes besides (SEP 6 and 2). It is
a recursive descent: each production of the grammar (SPARQL 1.2, 19.8) is a method of the same name, with its number.
Updates are refused unread.

Engines differ. SPARQL 1.1 (19.2) expands ``\uXXXX`` before parsing; rdflib does so in its own way, and does not end a
comment at a carriage return; pyoxigraph splits some words in two. A text that asks another server by one of these
readings and not by ours is refused (`HiddenService`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from triplomacy.errors import MalformedInput
from triplomacy.sparql import tree
from triplomacy.sparql.lexer import HiddenService, Lexeme, capitals, place
from triplomacy.sparql.triples import DATA, IN_EXPRESSION, TriplesReader, character
from triplomacy.terms import PREFIXES


class UpdateRefused(MalformedInput):
    """A text that would change data; none is read."""


def read(text: str, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> tree.Query:
    """Return the tree of a query.

    Args:
        text: the query.
        base: the absolute IRI that relative ones are resolved against where the query declares no BASE: that of its
            file, or of the address that it was sent to.
        prefixes: those that are known without a declaration.

    Raises:
        UpdateRefused: it is an update.
        MissingBase: it has a relative IRI and there is no base, and nothing else is wrong with it.
        HiddenService: engines could differ in whether it has a SERVICE.
        MalformedInput: it is not a query, with line and column of what is wrong, and what was expected.
    """
    return _read(text, base, tuple(prefixes.items()))[0]


def tokens(text: str, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> tuple[Lexeme, ...]:
    """Return the tokens of a query as the grammar has them, without comments; the arguments and errors are `read`'s."""
    return _read(text, base, tuple(prefixes.items()))[1]


@lru_cache(maxsize=64)  # a query is looked at from many sides, and stored ones are asked again and again
def _read(text: str, base: str, prefixes: tuple[tuple[str, str], ...]) -> tuple[tree.Query, tuple[Lexeme, ...]]:
    try:
        reader = _QueryReader(text, base, dict(prefixes))
        query = reader.unit()
    except MalformedInput:
        _refuse_hidden(text, None, base, prefixes)
        raise
    if may_ask(text):
        _refuse_hidden(text, query, base, prefixes)
    return query, tuple(reader.tokens[:-1])


# How other engines read a text

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OF_RDFLIB: Final = re.compile(r"\\u([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{4})?)", re.IGNORECASE)
_RETURN: Final = re.compile(r"\r(?!\n)")
_APART: Final = re.compile(r"\\u|\r(?!\n)", re.IGNORECASE)


def may_ask(text: str) -> bool:
    """Tell whether an engine could read SERVICE in a text; most do not have its letters, and need no parsing."""
    return any("SERVICE" in capitals(reading) for reading in readings(text))


def readings(text: str) -> list[str]:
    """Return a text as engines read it: as it is, with escapes expanded, and with rdflib's escapes and comments."""
    if "\\" not in text and "\r" not in text:
        return [text]
    texts = {text: None}
    if "\\" in text:
        texts[_ESCAPE.sub(lambda escape: character(escape[1] or escape[2]) or escape[0], text)] = None
        texts[_ESCAPE_OF_RDFLIB.sub(lambda escape: character(escape[1]) or escape[0], text)] = None
    if "\r" in text:
        texts |= {_RETURN.sub(" ", other): None for other in [*texts]}
    return [*texts]


def _refuse_hidden(text: str, query: tree.Query | None, base: str, prefixes: tuple[tuple[str, str], ...]) -> None:
    """Raise an exception where another reading of a text asks other servers, or is malformed while the query is not.

    Raises:
        UpdateRefused: a reading of what is not a query is an update.
        HiddenService: one asks another server; or cannot be read, and the query can.
    """
    for other in readings(text)[1:]:
        servers = _servers(query)
        try:
            others = _servers(_QueryReader(other, base, dict(prefixes)).unit())
        except UpdateRefused:
            raise
        except MalformedInput:
            others = None
        if others != servers and (others or servers is not None):
            match = _APART.search(text)
            line, column = place(text, match.start() if match else 0)
            message = r"a SERVICE may be hidden behind \u or a carriage return; write all but strings and IRIs as it is"
            raise HiddenService(message, line=line, column=column)


def _servers(query: tree.Query | None) -> list[str] | None:
    """Return the endpoints that a query asks; None where there is no query."""
    if query is None:
        return None
    endpoints = (service.endpoint for service in tree.find(query, tree.Service))
    return [endpoint.name if isinstance(endpoint, tree.Variable) else endpoint.value for endpoint in endpoints]


# What begins what

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_PATTERNS: Final = ("OPTIONAL", "LATERAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES")
_AGGREGATES: Final = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_PRECEDENCE: Final = {
    name: level
    for level, names in enumerate(("|| ", "&& ", "= != < > <= >= IN NOT", "+ -", "* /"), start=1)
    for name in names.split()
}
_RELATION: Final = 3  # of which there is one at most
_ANY: Final = 1_000_000  # arguments
_ARGUMENTS: Final = {
    name: (least, most)
    for least, most, names in (
        (0, 0, "NOW RAND UUID STRUUID"),
        (0, 1, "BNODE"),
        (0, _ANY, "CONCAT COALESCE"),
        (1, 1, "STR LANG LANGDIR DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI"),
        (1, 1, "YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 ISIRI ISURI ISBLANK"),
        (1, 1, "ISLITERAL ISNUMERIC HASLANG HASLANGDIR ISTRIPLE SUBJECT PREDICATE OBJECT"),
        (2, 2, "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM ADJUST"),
        (2, 3, "SUBSTR REGEX"),
        (3, 3, "IF STRLANGDIR TRIPLE"),
        (3, 4, "REPLACE"),
    )
    for name in names.split()
}
_CALLS: Final = frozenset((*_ARGUMENTS, *_AGGREGATES, "EXISTS", "NOT"))


class _QueryReader(TriplesReader):
    """Reads queries, patterns and expressions; `TriplesReader` reads the triples and terms in them."""

    # Queries

    def unit(self) -> tree.Query:
        """[1] QueryUnit."""
        try:
            query = self.query()
        except RecursionError:
            self.fail("the query is nested too deeply; nest less")
        if self.kind != "end":
            self.fail_without("the end of the query")
        self.refuse_relative()
        return query

    def query(self) -> tree.Query:
        """[2] Query."""
        start = self.start
        prologue = self.prologue()
        form = self.word
        if form in _UPDATES:
            self.fail(f"{form} would change data, which is not done here; ask", UpdateRefused)
        if self.kind == "end":
            self.fail("there is no query; write SELECT, ASK, CONSTRUCT or DESCRIBE")
        if form not in _FORMS:
            self.fail_without("SELECT, ASK, CONSTRUCT or DESCRIBE")
        if self.take("ASK", "CONSTRUCT"):
            head = self.construct_template() if form == "CONSTRUCT" and self.sign == "{" else None
            return self.query_tail(start, form, head, prologue)
        return self.query_tail(start, form, self.select_clause(), prologue)

    def prologue(self) -> tuple[tree.Base | tree.Prefix | tree.Version, ...]:
        """[4] Prologue."""
        declarations: list[tree.Base | tree.Prefix | tree.Version] = []
        while self.word in ("BASE", "PREFIX", "VERSION"):
            declarations.append(self.declaration())
        return tuple(declarations)

    def declaration(self) -> tree.Base | tree.Prefix | tree.Version:
        """[5] BaseDecl, [6] PrefixDecl or [7] VersionDecl."""
        start = self.start
        if self.take("BASE"):
            iri = self.iri_ref()
            self.base = iri.value
            return tree.Base(start=start, iri=iri, end=self.end)
        if self.take("PREFIX"):
            name = self.pname_ns()
            iri = self.iri_ref()
            self.prefixes[name] = iri.value
            return tree.Prefix(start=start, name=name, iri=iri, end=self.end)
        self.need("VERSION")
        if self.kind != "string" or self.value[:3] in ("'''", '"""'):
            self.fail_without("a version in quotation marks")
        return tree.Version(start=start, number=self.string(), end=self.end)

    def pname_ns(self) -> str:
        """[157] PNAME_NS, as a declaration has it: the prefix without its colon."""
        name, _, local = self.value.partition(":")
        if self.kind != "name" or local:
            self.fail_without("a prefix and a colon, as in PREFIX ex: <https://example.org/>")
        self.advance()
        return name

    def sub_select(self) -> tree.Query:
        """[10] SubSelect."""
        return self.query_tail(self.start, "SELECT", self.select_clause(), inner=True)

    def select_clause(self) -> tree.Projection:
        """[11] SelectClause, or the same of [13] DescribeQuery."""
        start, describes = self.start, self.word == "DESCRIBE"
        self.advance()
        modifier = self.word if self.word in ("DISTINCT", "REDUCED") and not describes else ""
        if modifier:
            self.advance()
        columns: list[tree.Variable | tree.Iri | tree.Assignment] = []
        everything = self.take("*")
        while not everything and self.begins_column(describes=describes):
            columns.append(self.assignment() if self.sign == "(" else self.var_or_iri())
        if not columns and not everything:
            self.fail_without("a variable, an IRI or *" if describes else "a variable, (expression AS ?variable) or *")
        return tree.Projection(
            start=start, modifier=modifier, columns=tuple(columns), everything=everything, end=self.end
        )

    def begins_column(self, *, describes: bool) -> bool:
        """Tell whether a column of a SELECT, or what a DESCRIBE describes, begins here."""
        return self.kind == "variable" or (self.kind in ("iri", "name") if describes else self.sign == "(")

    def assignment(self) -> tree.Assignment:
        """``( expression AS ?variable )``."""
        start = self.start
        self.opens("(")
        expression = self.expression()
        self.need("AS")
        variable = self.var()
        self.closes(")")
        return tree.Assignment(start=start, expression=expression, variable=variable, end=self.end)

    def construct_template(self) -> tree.ConstructTemplate:
        """[79] ConstructTemplate."""
        start = self.start
        self.opens("{")
        triples: list[tree.Triples] = []
        while self.sign != "}":
            triples.append(self.triples_same_subject(paths=False))
            if not self.take("."):
                break
        self.closes("}", "a full stop, a semicolon, a comma")
        return tree.ConstructTemplate(start=start, triples=tuple(triples), end=self.end)

    def query_tail(
        self,
        start: int,
        form: str,
        head: tree.Projection | tree.ConstructTemplate | None,
        prologue: tuple[tree.Base | tree.Prefix | tree.Version, ...] = (),
        *,
        inner: bool = False,
    ) -> tree.Query:
        """What follows the head of a query: [15] DatasetClause to [32] ValuesClause."""
        dataset = () if inner else self.dataset_clauses()
        where = self.where_clause(form, head)
        group_by, having = self.clause("GROUP", self.group_condition), self.clause("HAVING", self.constraint)
        order_by = self.clause("ORDER", self.order_condition)
        limit, offset = self.row_count("LIMIT"), self.row_count("OFFSET")
        return tree.Query(
            start=start,
            prologue=prologue,
            form=form,
            head=head,
            dataset=dataset,
            where=where,
            group_by=group_by,
            having=having,
            order_by=order_by,
            limit=limit or self.row_count("LIMIT"),
            offset=offset,
            values=self.inline_data() if self.word == "VALUES" else None,
            end=self.end,
        )

    def dataset_clauses(self) -> tuple[tree.From, ...]:
        """[15] DatasetClause, as many as there are."""
        clauses: list[tree.From] = []
        while self.word == "FROM":
            start = self.start
            self.advance()
            clauses.append(tree.From(start=start, named=self.take("NAMED"), iri=self.iri(), end=self.end))
        return tuple(clauses)

    def where_clause(
        self, form: str, head: tree.Projection | tree.ConstructTemplate | None
    ) -> tree.GroupPattern | None:
        """[19] WhereClause, which a DESCRIBE need not have; of the short form of CONSTRUCT, its template."""
        has_word = self.take("WHERE")
        if form == "DESCRIBE" and not has_word and self.sign != "{":
            return None
        if form != "CONSTRUCT" or head:
            return self.group_graph_pattern()
        if not has_word:
            self.fail_without("a template in { } or WHERE")
        template = self.construct_template()
        return tree.GroupPattern(start=template.start, elements=template.triples, end=template.end)

    def clause(self, word: str, condition: Callable[[], tree.Expression | tree.Assignment]) -> tree.Clause | None:
        """[21] GroupClause, [23] HavingClause or [25] OrderClause."""
        start = self.start
        if not self.take(word):
            return None
        kinds = ("variable",) if word != "HAVING" else ()
        if kinds:
            self.need("BY")
        conditions = [condition()]
        while self.begins_constraint(*kinds) or (word == "ORDER" and self.word in ("ASC", "DESC")):
            conditions.append(condition())
        return tree.Clause(start=start, conditions=tuple(conditions), end=self.end)

    def group_condition(self) -> tree.Expression | tree.Assignment:
        """[22] GroupCondition."""
        if self.kind == "variable":
            return self.var()
        if self.sign != "(":
            return self.constraint("a variable, a call or (expression AS ?variable)")
        start = self.start
        self.opens("(")
        expression = self.expression()
        variable = self.var() if self.take("AS") else None
        self.closes(")", "" if variable else "AS")
        if variable is None:
            return expression
        return tree.Assignment(start=start, expression=expression, variable=variable, end=self.end)

    def order_condition(self) -> tree.Expression:
        """[26] OrderCondition."""
        if self.take("ASC", "DESC"):
            return self.bracketted_expression()
        return self.var() if self.kind == "variable" else self.constraint("a variable, a call, ASC (...) or DESC (...)")

    def row_count(self, word: str) -> tree.RowCount | None:
        """[28] LimitClause or [29] OffsetClause."""
        start = self.start
        return tree.RowCount(start=start, count=self.count(), end=self.end) if self.take(word) else None

    def count(self) -> int:
        """Read a number of rows."""
        if self.kind != "integer" or not self.value.isdigit() or len(self.value) > 18:
            self.fail_without("a number of rows")
        value = int(self.value)
        self.advance()
        return value

    # Groups

    def group_graph_pattern(self) -> tree.GroupPattern:
        """[55] GroupGraphPattern."""
        start = self.start
        self.opens("{")
        elements = [self.sub_select()] if self.word == "SELECT" else self.group_graph_pattern_sub()
        self.closes("}")
        return tree.GroupPattern(start=start, elements=tuple(elements), end=self.end)

    def group_graph_pattern_sub(self) -> list[tree.Element]:
        """[56] GroupGraphPatternSub."""
        elements: list[tree.Element] = []
        while self.sign != "}":
            if self.begins_pattern():
                elements.append(self.pattern_not_triples())
                self.take(".")
                continue
            elements.append(self.triples_same_subject(paths=True))
            if not self.take(".") and self.sign != "}" and not self.begins_pattern():
                self.fail_without("a full stop, a semicolon, a comma, a pattern or }")
        return elements

    def begins_pattern(self) -> bool:
        """Tell whether a pattern other than triples begins here."""
        return self.sign == "{" or self.word in _PATTERNS

    def pattern_not_triples(self) -> tree.Element:
        """[60] GraphPatternNotTriples."""
        if self.sign == "{":
            return self.group_or_union_graph_pattern()
        if self.word == "FILTER":
            return self.filter()
        if self.word == "BIND":
            return self.bind()
        if self.word == "VALUES":
            return self.inline_data()
        return self.pattern_of_group()

    def pattern_of_group(self) -> tree.Element:
        """[61] Optional-, [62] Graph-, [63] Service- and [72] MinusGraphPattern, and that of LATERAL."""
        start, word = self.start, self.word
        self.advance()
        if word == "SERVICE":
            silent = self.take("SILENT")
            endpoint = self.var_or_iri()
            group = self.group_graph_pattern()
            return tree.Service(start=start, silent=silent, endpoint=endpoint, group=group, end=self.end)
        if word == "GRAPH":
            name = self.var_or_iri()
            return tree.GraphPattern(start=start, name=name, group=self.group_graph_pattern(), end=self.end)
        group = self.group_graph_pattern()
        if word == "OPTIONAL":
            return tree.Optional(start=start, group=group, end=self.end)
        if word == "MINUS":
            return tree.Minus(start=start, group=group, end=self.end)
        return tree.Lateral(start=start, group=group, end=self.end)

    def group_or_union_graph_pattern(self) -> tree.GroupPattern | tree.Union:
        """[73] GroupOrUnionGraphPattern."""
        start = self.start
        alternatives = [self.group_graph_pattern()]
        while self.take("UNION"):
            alternatives.append(self.group_graph_pattern())
        if len(alternatives) == 1:
            return alternatives[0]
        return tree.Union(start=start, alternatives=tuple(alternatives), end=self.end)

    def filter(self) -> tree.Filter:
        """[74] Filter."""
        start = self.start
        self.need("FILTER")
        return tree.Filter(start=start, condition=self.constraint(), end=self.end)

    def bind(self) -> tree.Bind:
        """[64] Bind."""
        start = self.start
        self.need("BIND")
        inside = self.assignment()
        return tree.Bind(start=start, expression=inside.expression, variable=inside.variable, end=self.end)

    def inline_data(self) -> tree.Values:
        """[65] InlineData."""
        start = self.start
        self.need("VALUES")
        several = self.sign == "("
        columns = self.columns() if several else (self.var(),)
        if len({column.name for column in columns}) < len(columns):
            self.fail("VALUES names a variable twice; name it once")
        rows: list[tuple[tree.Iri | tree.Literal | tree.TripleTerm | None, ...]] = []
        self.opens("{")
        while self.sign != "}":
            rows.append(self.row(len(columns)) if several else (self.data_block_value(),))
        self.closes("}")
        return tree.Values(start=start, variables=columns, rows=tuple(rows), end=self.end)

    def columns(self) -> tuple[tree.Variable, ...]:
        """The variables of [68] InlineDataFull."""
        variables: list[tree.Variable] = []
        self.opens("(")
        while self.sign != ")":
            variables.append(self.var())
        self.closes(")")
        return tuple(variables)

    def row(self, width: int) -> tuple[tree.Iri | tree.Literal | tree.TripleTerm | None, ...]:
        """A row of [68] InlineDataFull."""
        values: list[tree.Iri | tree.Literal | tree.TripleTerm | None] = []
        self.opens("(")
        while self.sign != ")":
            values.append(self.data_block_value())
        if len(values) != width:
            self.fail(
                f"a row of VALUES has {len(values)} values for {width} variables; write UNDEF for one that is unknown"
            )
        self.closes(")")
        return tuple(values)

    def data_block_value(self) -> tree.Iri | tree.Literal | tree.TripleTerm | None:
        """[69] DataBlockValue; None for UNDEF."""
        if self.take("UNDEF"):
            return None
        value = self.term(DATA, "a row, an IRI, a literal, UNDEF")
        assert isinstance(value, tree.Iri | tree.Literal | tree.TripleTerm)
        return value

    # Expressions

    def expression(self, lowest: int = 1) -> tree.Expression:
        """[127] Expression, as far as its operators bind no less than *lowest*."""
        start = self.start
        left = self.unary_expression()
        ceiling = _ANY
        while lowest <= (level := self.precedence()) < ceiling:
            left, ceiling = self.operation(start, left, level), level
        return left

    def precedence(self) -> int:
        """Return the precedence of the operator that is next, 0 where there is none; higher ones bind closer."""
        self.as_operator()
        return _PRECEDENCE.get(self.sign or self.word, 0)

    def operation(self, start: int, left: tree.Expression, level: int) -> tree.Operation:
        """[128] to [134]: operators of one precedence behind their first operand."""
        operators: list[str] = []
        operands = [left]
        while self.precedence() == level and (level != _RELATION or not operators):
            operator = self.sign or self.word
            self.advance()
            if operator == "NOT":
                self.need("IN")
                operator = "NOT IN"
            operators.append(operator)
            operands += self.expression_list() if operator.endswith("IN") else (self.expression(level + 1),)
        return tree.Operation(start=start, operators=tuple(operators), operands=tuple(operands), end=self.end)

    def expression_list(self) -> tuple[tree.Expression, ...]:
        """[78] ExpressionList."""
        self.opens("(")
        return self.arguments()

    def arguments(self) -> tuple[tree.Expression, ...]:
        """The arguments of a call, behind its bracket, and the one that closes."""
        arguments = [] if self.sign == ")" else [self.expression()]
        while self.take(","):
            arguments.append(self.expression())
        self.closes(")", "a comma")
        return tuple(arguments)

    def unary_expression(self) -> tree.Expression:
        """[135] UnaryExpression."""
        start = self.start
        signs: list[str] = []
        while self.sign in ("!", "+", "-") and signs[-1:] in ([], ["!"]):
            signs.append(self.sign)
            self.advance()
        operand = self.primary_expression()
        if not signs:
            return operand
        return tree.Operation(start=start, operators=tuple(signs), operands=(operand,), end=self.end)

    def primary_expression(self) -> tree.Expression:
        """[136] PrimaryExpression."""
        if self.sign == "(":
            return self.bracketted_expression()
        if self.kind in ("iri", "name"):
            return self.iri_or_function()
        if self.word in _CALLS:
            return self.built_in_call()
        value = self.term(IN_EXPRESSION, "a value")
        assert isinstance(value, tree.Variable | tree.Literal | tree.TripleTerm)
        return value

    def bracketted_expression(self) -> tree.Expression:
        """[140] BrackettedExpression."""
        self.opens("(")
        expression = self.expression()
        self.closes(")", "an operator")
        return expression

    def begins_constraint(self, *kinds: str) -> bool:
        """Tell whether a constraint begins here, or a token of some kinds."""
        return self.sign == "(" or self.word in _CALLS or self.kind in ("iri", "name", *kinds)

    def constraint(self, what: str = "( or a call") -> tree.Expression:
        """[75] Constraint."""
        if not self.begins_constraint():
            self.fail_without(what)
        is_name = self.kind in ("iri", "name")
        expression = self.primary_expression()
        if is_name and isinstance(expression, tree.Iri):
            self.fail_without("( behind the name of a function")
        return expression

    def iri_or_function(self) -> tree.Iri | tree.FunctionCall:
        """[148] iriOrFunction."""
        start = self.start
        name = self.iri()
        if self.sign != "(":
            return name
        self.opens("(")
        distinct = self.take("DISTINCT")
        arguments = self.arguments()
        return tree.FunctionCall(start=start, function=name, distinct=distinct, arguments=arguments, end=self.end)

    def built_in_call(self) -> tree.Expression:
        """[141] BuiltInCall."""
        if self.word in ("EXISTS", "NOT"):
            return self.exists()
        if self.word in _AGGREGATES:
            return self.aggregate()
        start, name = self.start, self.word
        least, most = _ARGUMENTS[name]
        self.advance()
        self.opens("(")
        arguments = (self.var(),) if name == "BOUND" else self.arguments()
        if name == "BOUND":
            self.closes(")")
        if not least <= len(arguments) <= most:
            self.fail(f"{name} has {_arity_in_words(least, most)}, not {len(arguments)}")
        return tree.FunctionCall(start=start, function=name, distinct=False, arguments=arguments, end=self.end)

    def exists(self) -> tree.Exists:
        """[145] ExistsFunc or [146] NotExistsFunc."""
        start = self.start
        negated = self.take("NOT")
        self.need("EXISTS")
        return tree.Exists(start=start, negated=negated, group=self.group_graph_pattern(), end=self.end)

    def aggregate(self) -> tree.Aggregate:
        """[147] Aggregate."""
        start, name = self.start, self.word
        self.advance()
        self.opens("(")
        distinct = self.take("DISTINCT")
        expression = None if name == "COUNT" and self.take("*") else self.expression()
        if expression and any(tree.find(expression, tree.Aggregate, tree.GroupPattern)):
            self.fail(f"{name} is over another aggregate; count that in a sub-select")
        separator = None
        if name == "GROUP_CONCAT" and self.take(";"):
            self.need("SEPARATOR", "=")
            separator = self.string()
        self.closes(")")
        return tree.Aggregate(
            start=start, function=name, distinct=distinct, expression=expression, separator=separator, end=self.end
        )


def _arity_in_words(least: int, most: int) -> str:
    """Return how many arguments a function has, in words."""
    return f"{least} to {most} arguments" if least < most else f"{least} argument{'s' * (least != 1)}"
