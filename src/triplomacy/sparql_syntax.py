r"""The one reader of SPARQL: from the text of a query to its syntax tree.

It reads the queries of SPARQL 1.1 and 1.2, and LATERAL and ADJUST, which the engine takes besides (SEP 6 and 2). It is
a recursive descent: each production of the grammar (SPARQL 1.2, 19.8) is a method of the same name, numbers in the
comments are those of its rules. Updates are refused unread.

Engines do not all read alike. SPARQL 1.1 (19.2) has ``\uXXXX`` expanded before anything is read, rdflib does that in
its own way and lets a carriage return end no comment, and pyoxigraph splits words that belong together. What could ask
another server for one of them and not for us is refused (`HiddenService`); whatever else they take and we do not is
refused for its grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NoReturn

from triplomacy import sparql_iri
from triplomacy import sparql_tree as tree
from triplomacy.errors import MalformedInput, UnknownName
from triplomacy.sparql_lexer import Lexer, Token, place
from triplomacy.terms import PREFIXES, RDF, XSD

DEEPEST: Final = 100  # brackets within brackets: each takes up to six frames of Python's thousand


class UpdateRefused(MalformedInput):
    """A text that would change data; none is read."""


class MissingBase(MalformedInput):
    """A relative IRI where nothing says what it is relative to."""


class HiddenService(MalformedInput):
    """A text in which one engine may read SERVICE where another reads something else."""


def read(text: str, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> tree.Query:
    """Return the tree of a query.

    Args:
        text: the query.
        base: the absolute IRI that relative ones are resolved against where the query declares no BASE: that of its
            file, or of the address that it was sent to.
        prefixes: those that are known without a declaration.

    Raises:
        UpdateRefused: it is an update.
        MissingBase: it has a relative IRI, and there is no base.
        HiddenService: engines could differ in whether it has a SERVICE.
        MalformedInput: it is not a query, with line and column of what is wrong, and what was expected.
    """
    return _read(text, base, tuple(prefixes.items()))[0]


def tokens(text: str, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> tuple[Token, ...]:
    """Return the tokens of a query as the grammar has them, without comments; the arguments and errors are `read`'s."""
    return _read(text, base, tuple(prefixes.items()))[1]


@lru_cache(maxsize=64)  # a query is looked at from many sides, and stored ones are asked again and again
def _read(text: str, base: str, prefixes: tuple[tuple[str, str], ...]) -> tuple[tree.Query, tuple[Token, ...]]:
    others = [other for other in readings(text) if other != text]
    try:
        reader = _Reader(text, base, dict(prefixes))
        query = reader.unit()
    except MalformedInput:
        _refuse_hidden(others, None, base, prefixes)
        raise
    if others and any("service" in reading.lower() for reading in (text, *others)):
        _refuse_hidden(others, query, base, prefixes)
    return query, tuple(reader.lexer.tokens[:-1])


# What else engines may read

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OF_RDFLIB: Final = re.compile(r"\\u([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{4})?)", re.IGNORECASE)
_RETURN: Final = re.compile(r"\r(?!\n)")


def readings(text: str) -> list[str]:
    """Return a text as engines read it: as it is, with escapes expanded, and with rdflib's escapes and comments."""
    found = {text: None}
    if "\\" in text:
        found[_ESCAPE.sub(lambda escape: character(escape[1] or escape[2]) or escape[0], text)] = None
        found[_ESCAPE_OF_RDFLIB.sub(lambda escape: character(escape[1]) or escape[0], text)] = None
    if "\r" in text:
        found |= {_RETURN.sub(" ", other): None for other in [*found]}
    return [*found]


def character(digits: str) -> str:
    """Return the character of a code point, or nothing where that is no character: a surrogate, or too large."""
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else ""


def _refuse_hidden(
    others: list[str], query: tree.Query | None, base: str, prefixes: tuple[tuple[str, str], ...]
) -> None:
    """Raise an exception where another reading asks another server than a query does, or cannot be told to ask none.

    Raises:
        UpdateRefused: one is an update.
        HiddenService: one asks another server; or cannot be read, and the query can.
    """
    for other in others:
        try:
            found = _servers(_Reader(other, base, dict(prefixes)).unit())
        except (UpdateRefused, HiddenService):
            raise
        except MalformedInput:
            found = None
        if found != _servers(query) and (found or query):
            reason = r"a SERVICE may be hidden behind \u or a carriage return; write keywords, quotation marks and "
            raise HiddenService(f"{reason}line ends as they are")


def _servers(query: tree.Query | None) -> list[str]:
    """Return whom a query asks."""
    clauses = [node for node in tree.walk(query) if isinstance(node, tree.Service)] if query else []
    return [each.endpoint.name if isinstance(each.endpoint, tree.Variable) else each.endpoint.value for each in clauses]


# What begins what

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_PATTERNS: Final = ("OPTIONAL", "LATERAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES")
_NUMBERS: Final = ("integer", "decimal", "double")
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

# The kinds of terms that may stand in a place, each by what `_Reader.kind_of_term` calls it.
_KINDS: Final = {
    **dict.fromkeys(("string", *_NUMBERS), "literal"),
    "variable": "variable",
    "iri": "IRI",
    "name": "IRI",
    "blank": "blank node",
    "<<": "reified triple",
    "<<(": "triple term",
}
_CLOSES: Final = re.compile(r"[ \t\r\n]*[)\]]")
_OPEN: Final = ("collection", "properties in brackets")
_DATA: Final = ("IRI", "literal", "triple term")
_IN_EXPRESSION: Final = ("variable", *_DATA)
_IN_TRIPLE_TERM: Final = (*_IN_EXPRESSION, "blank node")
_IN_REIFIED: Final = (*_IN_TRIPLE_TERM, "reified triple")
_GRAPH_NODE: Final = (*_IN_REIFIED, *_OPEN, "empty list")


class _Reader:
    """Reads one text. A method named after a production reads it, and returns its node."""

    def __init__(self, text: str, base: str, prefixes: dict[str, str]) -> None:
        self.text = text
        self.base = base
        self.prefixes = prefixes
        self.depth = 0
        self.lexer = Lexer(text)

    # The token that is next

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.lexer.token.kind

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.lexer.token.start

    @property
    def end(self) -> int:
        """Where the one before it ended."""
        return self.lexer.before

    @property
    def word(self) -> str:
        """It in capitals, if it is a keyword."""
        return self.lexer.value.upper() if self.lexer.token.kind == "word" else ""

    @property
    def sign(self) -> str:
        """It, if it is a sign."""
        return self.lexer.value if self.lexer.token.kind == "sign" else ""

    def take(self, *expected: str) -> bool:
        """Go on if it is one of some keywords or signs, and tell whether it was."""
        if (self.sign or self.word) not in expected:
            return False
        self.lexer.advance()
        return True

    def need(self, *expected: str) -> None:
        """Go on past each of some keywords and signs.

        Raises:
            MalformedInput: another token is there.
        """
        for each in expected:
            if not self.take(each):
                self.expected(each)

    def opens(self, sign: str) -> None:
        """Go on past a bracket that opens."""
        self.need(sign)
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets are open; nest less")

    def closes(self, sign: str, otherwise: str = "") -> None:
        """Go on past a bracket that closes; *otherwise* is what might stand before it."""
        if not self.take(sign):
            self.expected(f"{otherwise} or {sign}" if otherwise else sign)
        self.depth -= 1

    def expected(self, what: str) -> NoReturn:
        """Raise the exception for a token that is not what was expected."""
        shown = self.lexer.value[:60] if self.kind != "end" else "the end of the query"
        self.fail(f"expected {what}, not {shown}")

    def fail(self, message: str, kind: Callable[..., MalformedInput] = MalformedInput) -> NoReturn:
        """Raise an exception for the token that is next; where an engine may find SERVICE there, for that."""
        line, column = place(self.text, self.start)
        for token in self.lexer.tokens[-2:]:
            written = self.text[token.start : token.end]
            head = written.partition(":")[0].upper() if token.kind in ("word", "name") else ""
            if "SERVICE" in head and (token.kind, head) != ("word", "SERVICE"):
                message, kind = f"{written[:60]} may be SERVICE or not: write spaces around it", HiddenService
        raise kind(message, line=line, column=column)

    # [1] to [32]: queries

    def unit(self) -> tree.Query:
        """[1] QueryUnit."""
        try:
            query = self.query()
        except RecursionError:
            self.fail("the query is nested too deeply; nest less")
        if self.kind != "end":
            self.expected("the end of the query")
        return query

    def query(self) -> tree.Query:
        """[2] Query."""
        start = self.start
        prologue = self.prologue()
        form = self.word
        if form in _UPDATES:
            self.fail(f"{form} would change data, which is not done here; ask", UpdateRefused)
        if form not in _FORMS:
            self.expected("SELECT, ASK, CONSTRUCT or DESCRIBE")
        if form == "CONSTRUCT":
            return self.construct_query(start, prologue)
        head = None if self.take("ASK") else self.select_clause()
        return self.modified(start, form, head, prologue)

    def prologue(self) -> tuple[tree.Base | tree.Prefix | tree.Version, ...]:
        """[4] Prologue."""
        found: list[tree.Base | tree.Prefix | tree.Version] = []
        while self.word in ("BASE", "PREFIX", "VERSION"):
            found.append(self.declaration())
        return tuple(found)

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
        if self.kind != "string" or self.lexer.value[:3] in ("'''", '"""'):
            self.expected("a version in quotation marks")
        return tree.Version(start=start, number=self.string(), end=self.end)

    def pname_ns(self) -> str:
        """[157] PNAME_NS, as a declaration has it: the prefix without its colon."""
        name, _, local = self.lexer.value.partition(":")
        if self.kind != "name" or local:
            self.expected("a prefix and a colon, as in PREFIX ex: <https://example.org/>")
        self.lexer.advance()
        return name

    def sub_select(self) -> tree.Query:
        """[10] SubSelect."""
        return self.modified(self.start, "SELECT", self.select_clause(), inner=True)

    def select_clause(self) -> tree.Projection:
        """[11] SelectClause, or the same of [13] DescribeQuery."""
        start, describes = self.start, self.word == "DESCRIBE"
        self.lexer.advance()
        modifier = self.word if self.word in ("DISTINCT", "REDUCED") and not describes else ""
        if modifier:
            self.lexer.advance()
        columns: list[tree.Variable | tree.Iri | tree.Assignment] = []
        everything = self.take("*")
        while not everything and self.begins_column(describes=describes):
            columns.append(self.assignment() if self.sign == "(" else self.var_or_iri())
        if not columns and not everything:
            self.expected("a variable, an IRI or *" if describes else "a variable, (expression AS ?variable) or *")
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

    def construct_query(self, start: int, prologue: tuple[tree.Base | tree.Prefix | tree.Version, ...]) -> tree.Query:
        """[12] ConstructQuery, in both forms."""
        self.need("CONSTRUCT")
        head = self.construct_template() if self.sign == "{" else None
        return self.modified(start, "CONSTRUCT", head, prologue)

    def construct_template(self) -> tree.Template:
        """[79] ConstructTemplate."""
        start = self.start
        self.opens("{")
        found: list[tree.Triples] = []
        while self.sign != "}":
            found.append(self.triples_same_subject(paths=False))
            if not self.take("."):
                break
        self.closes("}", "a full stop, a semicolon, a comma")
        return tree.Template(start=start, triples=tuple(found), end=self.end)

    def modified(
        self,
        start: int,
        form: str,
        head: tree.Projection | tree.Template | None,
        prologue: tuple[tree.Base | tree.Prefix | tree.Version, ...] = (),
        *,
        inner: bool = False,
    ) -> tree.Query:
        """What follows the head of a query: [15] DatasetClause to [32] ValuesClause."""
        dataset = () if inner else self.dataset_clauses()
        where = self.where_clause(form, head)
        group_by, having, order_by = self.group_clause(), self.having_clause(), self.order_clause()
        limit = self.limit_clause()
        offset = self.offset_clause()
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
            limit=limit or self.limit_clause(),
            offset=offset,
            values=self.inline_data() if self.word == "VALUES" else None,
            end=self.end,
        )

    def dataset_clauses(self) -> tuple[tree.From, ...]:
        """[15] DatasetClause, as many as there are."""
        clauses: list[tree.From] = []
        while self.word == "FROM":
            start = self.start
            self.lexer.advance()
            clauses.append(tree.From(start=start, named=self.take("NAMED"), iri=self.iri(), end=self.end))
        return tuple(clauses)

    def where_clause(self, form: str, head: tree.Projection | tree.Template | None) -> tree.Group | None:
        """[19] WhereClause, which a DESCRIBE need not have; of the short form of CONSTRUCT, its template."""
        has_word = self.take("WHERE")
        if form == "DESCRIBE" and not has_word and self.sign != "{":
            return None
        if form != "CONSTRUCT" or head:
            return self.group_graph_pattern()
        if not has_word:
            self.expected("a template in { } or WHERE")
        template = self.construct_template()
        return tree.Group(start=template.start, elements=template.triples, end=template.end)

    def group_clause(self) -> tree.GroupBy | None:
        """[21] GroupClause."""
        start = self.start
        if not self.take("GROUP"):
            return None
        self.need("BY")
        conditions = [self.group_condition()]
        while self.begins_constraint("variable"):
            conditions.append(self.group_condition())
        return tree.GroupBy(start=start, conditions=tuple(conditions), end=self.end)

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

    def having_clause(self) -> tree.Having | None:
        """[23] HavingClause."""
        start = self.start
        if not self.take("HAVING"):
            return None
        conditions = [self.constraint()]
        while self.begins_constraint():
            conditions.append(self.constraint())
        return tree.Having(start=start, conditions=tuple(conditions), end=self.end)

    def order_clause(self) -> tree.OrderBy | None:
        """[25] OrderClause."""
        start = self.start
        if not self.take("ORDER"):
            return None
        self.need("BY")
        conditions = [self.order_condition()]
        while self.word in ("ASC", "DESC") or self.begins_constraint("variable"):
            conditions.append(self.order_condition())
        return tree.OrderBy(start=start, conditions=tuple(conditions), end=self.end)

    def order_condition(self) -> tree.Order:
        """[26] OrderCondition."""
        start, word = self.start, self.word
        if self.take("ASC", "DESC"):
            expression = self.bracketted_expression()
        elif self.kind == "variable":
            expression = self.var()
        else:
            expression = self.constraint("a variable, a call, ASC (...) or DESC (...)")
        return tree.Order(start=start, expression=expression, descending=word == "DESC", end=self.end)

    def limit_clause(self) -> tree.Limit | None:
        """[28] LimitClause."""
        start = self.start
        return tree.Limit(start=start, count=self.count(), end=self.end) if self.take("LIMIT") else None

    def offset_clause(self) -> tree.Offset | None:
        """[29] OffsetClause."""
        start = self.start
        return tree.Offset(start=start, count=self.count(), end=self.end) if self.take("OFFSET") else None

    def count(self) -> int:
        """Read a number of rows."""
        if self.kind != "integer" or not self.lexer.value.isdigit() or len(self.lexer.value) > 18:
            self.expected("a number of rows")
        value = int(self.lexer.value)
        self.lexer.advance()
        return value

    # [55] to [75]: group graph patterns

    def group_graph_pattern(self) -> tree.Group:
        """[55] GroupGraphPattern."""
        start = self.start
        self.opens("{")
        elements = [self.sub_select()] if self.word == "SELECT" else self.group_graph_pattern_sub()
        self.closes("}")
        return tree.Group(start=start, elements=tuple(elements), end=self.end)

    def group_graph_pattern_sub(self) -> list[tree.Element]:
        """[56] GroupGraphPatternSub."""
        found: list[tree.Element] = []
        while self.sign != "}":
            if self.begins_pattern():
                found.append(self.pattern_not_triples())
                self.take(".")
                continue
            found.append(self.triples_same_subject(paths=True))
            if not self.take(".") and self.sign != "}" and not self.begins_pattern():
                self.expected("a full stop, a semicolon, a comma, a pattern or }")
        return found

    def begins_pattern(self) -> bool:
        """Tell whether a pattern that is no triples begins here."""
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
        self.lexer.advance()
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

    def group_or_union_graph_pattern(self) -> tree.Group | tree.Union:
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
        found: list[tree.Variable] = []
        self.opens("(")
        while self.sign != ")":
            found.append(self.var())
        self.closes(")")
        return tuple(found)

    def row(self, width: int) -> tuple[tree.Iri | tree.Literal | tree.TripleTerm | None, ...]:
        """A row of [68] InlineDataFull."""
        found: list[tree.Iri | tree.Literal | tree.TripleTerm | None] = []
        self.opens("(")
        while self.sign != ")":
            found.append(self.data_block_value())
        if len(found) != width:
            self.fail(
                f"a row of VALUES has {len(found)} values for {width} variables; write UNDEF for one that is unknown"
            )
        self.closes(")")
        return tuple(found)

    def data_block_value(self) -> tree.Iri | tree.Literal | tree.TripleTerm | None:
        """[69] DataBlockValue; None for UNDEF."""
        if self.take("UNDEF"):
            return None
        value = self.term(_DATA, "a row, an IRI, a literal, UNDEF")
        assert isinstance(value, tree.Iri | tree.Literal | tree.TripleTerm)
        return value

    # [76] to [124]: triples

    def triples_same_subject(self, *, paths: bool) -> tree.Triples:
        """[81] TriplesSameSubject or, with paths, [87] TriplesSameSubjectPath."""
        start = self.start
        alone = self.kind_of_term() in (*_OPEN, "reified triple")
        subject = self.term(_GRAPH_NODE, "a subject, a pattern or }" if paths else "a subject or }", paths=paths)
        properties = () if alone and not self.begins_verb(paths=paths) else self.property_list(paths=paths)
        return tree.Triples(start=start, subject=subject, properties=properties, end=self.end)

    def begins_verb(self, *, paths: bool) -> bool:
        """Tell whether a verb begins here."""
        is_verb = self.kind in ("variable", "iri", "name") or (self.kind == "word" and self.lexer.value == "a")
        return is_verb or (paths and self.sign in ("^", "!", "("))

    def property_list(self, *, paths: bool) -> tuple[tree.Property, ...]:
        """[83] PropertyListNotEmpty or, with paths, [89] PropertyListPathNotEmpty."""
        found = [self.property(paths=paths)]
        while self.take(";"):
            if self.begins_verb(paths=paths):
                found.append(self.property(paths=paths))
        return tuple(found)

    def property(self, *, paths: bool) -> tree.Property:
        """A verb and [85] ObjectList or, with paths, [92] ObjectListPath."""
        start = self.start
        verb = self.path() if paths and self.kind != "variable" else self.verb()
        objects = [self.object(paths=paths)]
        while self.take(","):
            objects.append(self.object(paths=paths))
        if any(each.annotations for each in objects) and not isinstance(verb, tree.Variable | tree.Iri):
            self.fail("a path has no annotations, since it is not one triple; write its steps as triples")
        return tree.Property(start=start, verb=verb, objects=tuple(objects), end=self.end)

    def verb(self) -> tree.Variable | tree.Iri:
        """[84] Verb."""
        if not self.begins_verb(paths=False):
            self.expected("a property")
        return self.a() if self.kind == "word" else self.var_or_iri()

    def a(self) -> tree.Iri:
        """The keyword ``a``."""
        start = self.start
        self.lexer.advance()
        return tree.Iri(start=start, value=f"{RDF}type", prefix=None, end=self.end)

    def object(self, *, paths: bool) -> tree.Object:
        """[86] Object or, with paths, [93] ObjectPath."""
        start = self.start
        term = self.term(_GRAPH_NODE, "an object", paths=paths)
        annotations: list[tree.Annotation] = []
        while self.sign in ("~", "{|"):
            annotations.append(self.annotation(paths=paths))
        return tree.Object(start=start, term=term, annotations=tuple(annotations), end=self.end)

    def annotation(self, *, paths: bool) -> tree.Annotation:
        """[70] Reifier, and the block that belongs to it: [110] AnnotationBlockPath or [112] AnnotationBlock."""
        start = self.start
        reifier = self.reifier()
        properties: tuple[tree.Property, ...] = ()
        if self.sign == "{|":
            self.opens("{|")
            properties = self.property_list(paths=paths)
            self.closes("|}")
        return tree.Annotation(start=start, reifier=reifier, properties=properties, end=self.end)

    def reifier(self) -> tree.Variable | tree.Iri | tree.BlankNode | None:
        """[70] Reifier, None where it has no name or is not there."""
        if not self.take("~") or self.kind_of_term() not in ("variable", "IRI", "blank node"):
            return None
        term = self.term(("variable", "IRI", "blank node"), "a reifier")
        assert isinstance(term, tree.Variable | tree.Iri | tree.BlankNode)
        return term

    def path(self) -> tree.Path:
        """[95] PathAlternative."""
        start = self.start
        found = [self.path_sequence()]
        while self.take("|"):
            found.append(self.path_sequence())
        return (
            found[0] if len(found) == 1 else tree.PathAlternative(start=start, alternatives=tuple(found), end=self.end)
        )

    def path_sequence(self) -> tree.Path:
        """[96] PathSequence."""
        start = self.start
        found = [self.path_elt_or_inverse()]
        while self.take("/"):
            found.append(self.path_elt_or_inverse())
        return found[0] if len(found) == 1 else tree.PathSequence(start=start, steps=tuple(found), end=self.end)

    def path_elt_or_inverse(self) -> tree.Path:
        """[98] PathEltOrInverse."""
        start = self.start
        if self.take("^"):
            return tree.PathInverse(start=start, path=self.path_elt(), end=self.end)
        return self.path_elt()

    def path_elt(self) -> tree.Path:
        """[97] PathElt."""
        start = self.start
        path = self.path_primary()
        modifier = self.sign
        if self.take("?", "*", "+"):
            return tree.PathRepeat(start=start, path=path, modifier=modifier, end=self.end)
        return path

    def path_primary(self) -> tree.Path:
        """[100] PathPrimary."""
        if self.sign == "(":
            self.opens("(")
            path = self.path()
            self.closes(")", "a path")
            return path
        return self.path_negated_property_set() if self.sign == "!" else self.iri_or_a()

    def path_negated_property_set(self) -> tree.PathNegated:
        """[101] PathNegatedPropertySet, with its sign."""
        start = self.start
        self.need("!")
        steps: list[tree.Iri | tree.PathInverse] = []
        if self.sign != "(":
            steps.append(self.path_one_in_property_set())
        else:
            self.opens("(")
            while not steps or self.take("|"):
                steps.append(self.path_one_in_property_set())
            self.closes(")", "|")
        return tree.PathNegated(start=start, steps=tuple(steps), end=self.end)

    def path_one_in_property_set(self) -> tree.Iri | tree.PathInverse:
        """[102] PathOneInPropertySet."""
        start = self.start
        if self.take("^"):
            return tree.PathInverse(start=start, path=self.iri_or_a(), end=self.end)
        return self.iri_or_a()

    def iri_or_a(self) -> tree.Iri:
        """An IRI or ``a``, where a property stands."""
        if self.kind in ("iri", "name"):
            return self.iri()
        if self.lexer.value != "a":
            self.expected("a property")
        return self.a()

    # Terms

    def kind_of_term(self) -> str:
        """Return what kind of term begins here, as the lists of what may stand where call it; or nothing."""
        if self.sign in ("(", "["):
            is_empty = _CLOSES.match(self.text, self.lexer.token.end) is not None
            return {"(": ("collection", "empty list"), "[": ("properties in brackets", "blank node")}[self.sign][
                is_empty
            ]
        if self.kind == "word":
            return "literal" if self.word in ("TRUE", "FALSE") else ""
        return _KINDS.get(self.sign or self.kind, "")

    def term(self, kinds: tuple[str, ...], what: str, *, paths: bool = False) -> tree.Term:
        """Read a term of one of some kinds; *what* is expected where there is none."""
        kind = self.kind_of_term()
        if kind not in kinds:
            self.expected(what)
        if kind == "variable":
            return self.var()
        if kind == "IRI":
            return self.iri()
        if kind == "empty list":
            return self.nil()
        if kind == "literal":
            return self.literal()
        if kind == "blank node":
            return self.blank_node()
        if kind == "triple term":
            return self.triple_term(tuple(kind for kind in kinds if kind in _IN_TRIPLE_TERM))
        if kind == "reified triple":
            return self.reified_triple()
        return self.collection(paths=paths) if self.sign == "(" else self.blank_node_property_list(paths=paths)

    def var(self) -> tree.Variable:
        """[126] Var."""
        if self.kind != "variable":
            self.expected("a variable")
        start, name = self.start, self.lexer.value[1:]
        self.lexer.advance()
        return tree.Variable(start=start, name=name, end=self.end)

    def var_or_iri(self) -> tree.Variable | tree.Iri:
        """[125] VarOrIri."""
        if self.kind == "variable":
            return self.var()
        if self.kind not in ("iri", "name"):
            self.expected("a variable or an IRI")
        return self.iri()

    def iri(self) -> tree.Iri:
        """[156] iri."""
        if self.kind != "name":
            return self.iri_ref()
        start = self.start
        prefix, _, local = self.lexer.value.partition(":")
        if prefix not in self.prefixes:
            self.fail(f"{UnknownName('prefix', prefix, self.prefixes)}; declare it")
        value = self.checked(self.prefixes[prefix] + local.replace("\\", ""))
        self.lexer.advance()
        return tree.Iri(start=start, value=value, prefix=prefix, end=self.end)

    def iri_ref(self) -> tree.Iri:
        """An IRI in angle brackets, resolved against the base."""
        if self.kind != "iri":
            self.expected("an IRI")
        start, written = self.start, self.unescaped(self.lexer.value[1:-1])
        if self.base:
            written = sparql_iri.resolve(self.base, written)
        elif not sparql_iri.is_absolute(written):
            advice = "declare a BASE, or write the IRI in full"
            self.fail(f"{self.lexer.value[:200]} is relative, and nothing says to what; {advice}", MissingBase)
        value = self.checked(written)
        self.lexer.advance()
        return tree.Iri(start=start, value=value, prefix=None, end=self.end)

    def checked(self, iri: str) -> str:
        """Return what the next token stands for, which has to be an IRI: the engine would read on within it."""
        if not sparql_iri.is_valid(iri):
            self.fail(f"{self.lexer.value[:200]} stands for {iri[:200]}, which is not an IRI")
        return iri

    def nil(self) -> tree.Iri:
        """``()``, the empty list."""
        start = self.start
        self.need("(", ")")
        return tree.Iri(start=start, value=f"{RDF}nil", prefix=None, end=self.end)

    def blank_node(self) -> tree.BlankNode:
        """[158] BlankNode."""
        start, label = self.start, self.lexer.value[2:]
        if self.kind == "blank":
            self.lexer.advance()
        else:
            self.need("[", "]")
        return tree.BlankNode(start=start, label=label, end=self.end)

    def collection(self, *, paths: bool) -> tree.Collection:
        """[107] Collection or, with paths, [108] CollectionPath."""
        start = self.start
        self.opens("(")
        items: list[tree.Term] = []
        while self.sign != ")":
            items.append(self.term(_GRAPH_NODE, "a term or )", paths=paths))
        self.closes(")")
        return tree.Collection(start=start, items=tuple(items), end=self.end)

    def blank_node_property_list(self, *, paths: bool) -> tree.BlankNodePropertyList:
        """[104] BlankNodePropertyList or, with paths, [106] BlankNodePropertyListPath."""
        start = self.start
        self.opens("[")
        properties = self.property_list(paths=paths)
        self.closes("]", "a semicolon, a comma")
        return tree.BlankNodePropertyList(start=start, properties=properties, end=self.end)

    def reified_triple(self) -> tree.ReifiedTriple:
        """[116] ReifiedTriple."""
        start = self.start
        self.opens("<<")
        subject = self.term(_IN_REIFIED, "a subject")
        verb = self.verb()
        value = self.term(_IN_REIFIED, "an object")
        reifier = self.reifier()
        self.closes(">>", "~")
        return tree.ReifiedTriple(start=start, subject=subject, verb=verb, object=value, reifier=reifier, end=self.end)

    def triple_term(self, kinds: tuple[str, ...]) -> tree.TripleTerm:
        """[119] TripleTerm, [122] TripleTermData or [137] ExprTripleTerm, by the *kinds* of its terms."""
        start = self.start
        self.opens("<<(")
        is_pattern = "blank node" in kinds
        subjects = kinds if is_pattern else tuple(kind for kind in kinds if kind in ("variable", "IRI"))
        subject = self.term(subjects, "a subject")
        verb = self.verb() if "variable" in kinds else self.iri_or_a()
        value = self.term(kinds, "an object")
        self.closes(")>>")
        return tree.TripleTerm(start=start, subject=subject, verb=verb, object=value, end=self.end)

    def literal(self) -> tree.Literal:
        """[149] RDFLiteral, [150] NumericLiteral or [154] BooleanLiteral."""
        if self.kind == "string":
            return self.rdf_literal()
        kind = self.kind if self.kind in _NUMBERS else "boolean"
        start, value = self.start, self.lexer.value.lower() if kind == "boolean" else self.lexer.value
        self.lexer.advance()
        datatype = f"{XSD}{kind}"
        return tree.Literal(
            start=start, value=value, datatype=datatype, language="", direction="", type=None, end=self.end
        )

    def rdf_literal(self) -> tree.Literal:
        """[149] RDFLiteral."""
        start, value, language, direction = self.start, self.string(), "", ""
        kind, datatype = None, f"{XSD}string"
        if self.kind == "language":
            language, _, direction = self.lexer.value[1:].partition("--")
            datatype = f"{RDF}dirLangString" if direction else f"{RDF}langString"
            if direction not in ("", "ltr", "rtl"):
                self.expected("a direction that is ltr or rtl")
            self.lexer.advance()
        elif self.take("^^"):
            kind = self.iri()
            datatype = kind.value
        parts = {"language": language, "direction": direction}
        return tree.Literal(start=start, value=value, datatype=datatype, **parts, type=kind, end=self.end)

    def string(self) -> str:
        """[155] String."""
        if self.kind != "string":
            self.expected("a string")
        quotes = 3 if self.lexer.value[:3] in ("'''", '"""') and len(self.lexer.value) > 5 else 1
        value = self.unescaped(self.lexer.value[quotes:-quotes])
        self.lexer.advance()
        return value

    def unescaped(self, written: str) -> str:
        """Return the inside of a string or an IRI with its escapes expanded."""
        return _ESCAPED.sub(self.expanded, written) if "\\" in written else written

    def expanded(self, escape: re.Match[str]) -> str:
        """Return what an escape stands for, which has to be a character."""
        digits = escape[1] or escape[2]
        found = character(digits) if digits else _LETTERS[escape[0][1]]
        if not found:
            self.fail(f"{escape[0]} is not a character; write another one")
        return found

    # [127] to [148]: expressions

    def expression(self, lowest: int = 1) -> tree.Expression:
        """[127] Expression, as far as its operators bind no less than *lowest*."""
        start = self.start
        left = self.unary_expression()
        ceiling = _ANY
        while lowest <= (level := self.precedence()) < ceiling:
            left, ceiling = self.operation(start, left, level), level
        return left

    def precedence(self) -> int:
        """Return how closely the operator binds that is next: 0 where there is none."""
        self.lexer.as_operator()
        return _PRECEDENCE.get(self.sign or self.word, 0)

    def operation(self, start: int, left: tree.Expression, level: int) -> tree.Operation:
        """[128] to [134]: operators of one precedence behind their first operand."""
        operators: list[str] = []
        operands = [left]
        while self.precedence() == level and (level != _RELATION or not operators):
            operator = self.sign or self.word
            self.lexer.advance()
            if operator == "NOT":
                self.need("IN")
                operator = "NOT IN"
            operators.append(operator)
            operands += self.expression_list() if operator.endswith("IN") else [self.expression(level + 1)]
        return tree.Operation(start=start, operators=tuple(operators), operands=tuple(operands), end=self.end)

    def expression_list(self) -> list[tree.Expression]:
        """[78] ExpressionList."""
        self.opens("(")
        found: list[tree.Expression] = []
        while self.sign != ")":
            if found:
                self.need(",")
            found.append(self.expression())
        self.closes(")")
        return found

    def unary_expression(self) -> tree.Expression:
        """[135] UnaryExpression."""
        start = self.start
        signs: list[str] = []
        while self.sign in ("!", "+", "-") and signs[-1:] in ([], ["!"]):
            signs.append(self.sign)
            self.lexer.advance()
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
        if self.word in _ARGUMENTS or self.word in _AGGREGATES or self.word in ("EXISTS", "NOT"):
            return self.built_in_call()
        value = self.term(_IN_EXPRESSION, "a value")
        assert isinstance(value, tree.Variable | tree.Literal | tree.TripleTerm)
        return value

    def bracketted_expression(self) -> tree.Expression:
        """[140] BrackettedExpression."""
        self.opens("(")
        found = self.expression()
        self.closes(")", "an operator")
        return found

    def begins_constraint(self, *kinds: str) -> bool:
        """Tell whether a constraint begins here, or a token of some kinds."""
        calls = self.word in _ARGUMENTS or self.word in _AGGREGATES or self.word in ("EXISTS", "NOT")
        return self.sign == "(" or calls or self.kind in ("iri", "name", *kinds)

    def constraint(self, what: str = "( or a call") -> tree.Expression:
        """[75] Constraint."""
        if not self.begins_constraint():
            self.expected(what)
        is_name = self.kind in ("iri", "name")
        found = self.primary_expression()
        if is_name and isinstance(found, tree.Iri):
            self.expected("( behind the name of a function")
        return found

    def iri_or_function(self) -> tree.Iri | tree.Call:
        """[148] iriOrFunction."""
        start = self.start
        name = self.iri()
        if self.sign != "(":
            return name
        self.opens("(")
        distinct = self.take("DISTINCT")
        arguments = self.arguments()
        return tree.Call(start=start, function=name, distinct=distinct, arguments=arguments, end=self.end)

    def arguments(self) -> tuple[tree.Expression, ...]:
        """The arguments of a call, behind its bracket, and the one that closes."""
        found: list[tree.Expression] = []
        while self.sign != ")" or (found and self.text[self.end - 1] == ","):
            found.append(self.expression())
            if not self.take(","):
                break
        self.closes(")", "a comma")
        return tuple(found)

    def built_in_call(self) -> tree.Expression:
        """[141] BuiltInCall."""
        if self.word in ("EXISTS", "NOT"):
            return self.exists()
        if self.word in _AGGREGATES:
            return self.aggregate()
        start, name = self.start, self.word
        least, most = _ARGUMENTS[name]
        self.lexer.advance()
        self.opens("(")
        arguments = (self.var(),) if name == "BOUND" else self.arguments()
        if name == "BOUND":
            self.closes(")")
        if not least <= len(arguments) <= most:
            self.fail(f"{name} has {_counted(least, most)}, not {len(arguments)}")
        return tree.Call(start=start, function=name, distinct=False, arguments=arguments, end=self.end)

    def exists(self) -> tree.Exists:
        """[145] ExistsFunc or [146] NotExistsFunc."""
        start = self.start
        negated = self.take("NOT")
        self.need("EXISTS")
        return tree.Exists(start=start, negated=negated, group=self.group_graph_pattern(), end=self.end)

    def aggregate(self) -> tree.Aggregate:
        """[147] Aggregate."""
        start, name = self.start, self.word
        self.lexer.advance()
        self.opens("(")
        distinct = self.take("DISTINCT")
        expression = None if name == "COUNT" and self.take("*") else self.expression()
        if expression and any(isinstance(node, tree.Aggregate) for node in tree.walk(expression, tree.Group)):
            self.fail(f"{name} is over another aggregate; count that in a sub-select")
        separator = None
        if name == "GROUP_CONCAT" and self.take(";"):
            self.need("SEPARATOR", "=")
            separator = self.string()
        self.closes(")")
        return tree.Aggregate(
            start=start, function=name, distinct=distinct, expression=expression, separator=separator, end=self.end
        )


_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\.")
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def _counted(least: int, most: int) -> str:
    """Return how many arguments a function has, in words."""
    return f"{least} to {most} arguments" if least < most else f"{least} argument{'s' * (least != 1)}"
