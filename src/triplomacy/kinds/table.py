"""A table of kinds, read strictly: an error has its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final, NoReturn

from triplomacy.errors import MalformedInput, UnknownName
from triplomacy.files import read_text
from triplomacy.kinds.ontology import Ontology
from triplomacy.terms import OWL, RDF, TRI, XSD

COLUMNS: Final = ("class", "role", "least", "most", "values", "words")
NUMBER: Final = XSD + "nonNegativeInteger"
_MOST_DIGITS: Final = 9
_LANGUAGE: Final = re.compile("@[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_CONTROL: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
_DATATYPES: Final = frozenset(
    {RDF + "langString", NUMBER}
    | {XSD + name for name in ("anyURI", "boolean", "date", "dateTime", "decimal", "gYear", "integer", "string")}
)


@dataclass(frozen=True, slots=True)
class Role:
    """One row: a role of a kind of proposition.

    Attributes:
        kind: the IRI of the class.
        iri: the IRI of the property.
        least: how many values there have to be.
        most: how many there may be; None where there is no limit.
        values: the IRIs of the classes of which a value has to be in one, or that of a data type, or ``@en``.
        words: what a sentence calls the role after a number.
        line: the line of the row.
        columns: where each cell of the row begins.
    """

    kind: str
    iri: str
    least: int
    most: int | None
    values: tuple[str, ...]
    words: str
    line: int
    columns: tuple[int, ...] = field(default=(), compare=False, repr=False)

    @property
    def datatype(self) -> str | None:
        """The data type of the values, if they are literals of one."""
        return self.values[0] if self.values and self.values[0] in _DATATYPES else None

    @property
    def language(self) -> str | None:
        """The language of the values, if they are texts of one."""
        return self.values[0][1:] if self.values and self.values[0].startswith("@") else None

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the values, if they are nodes."""
        return () if self.datatype or self.language else self.values


@dataclass(frozen=True, slots=True)
class KindTable:
    """The rows of a file.

    Attributes:
        path: the file.
        roles: the rows that have a role, in their order.
        subjects: what a sentence calls a kind, with an article, where that is not its label.
    """

    path: Path
    roles: tuple[Role, ...]
    subjects: Mapping[str, str]

    @property
    def kinds(self) -> list[str]:
        """The classes in the first column, each once, in the order of the rows."""
        return list(dict.fromkeys([*(role.kind for role in self.roles), *self.subjects]))

    def of(self, kinds: Iterable[str]) -> Iterator[Role]:
        """Yield the roles of some kinds."""
        wanted = set(kinds)
        return (role for role in self.roles if role.kind in wanted)

    def fail(self, role: Role, column: str, message: str) -> NoReturn:
        """Raise an error about a cell in the row of a role."""
        raise MalformedInput(message, path=self.path, line=role.line, column=role.columns[COLUMNS.index(column)])


def read(path: Path, ontology: Ontology) -> KindTable:
    """Return the table of a file, whose names are those of the ontology.

    Raises:
        MalformedInput: a column, a name, a number or the form of a row is wrong, with line and column.
        TriplomacyError: the file cannot be read.
    """
    head, *others = (line.rstrip("\r").split("\t") for line in read_text(path).rstrip("\r\n").split("\n"))
    _Row(path, 1, head, ontology).check_head()
    roles: list[Role] = []
    subjects: dict[str, str] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in (_Row(path, number, cells, ontology) for number, cells in enumerate(others, 2)):
        if row.is_subject():
            key, what = (row.kind(), ""), "words for this class"
            subjects[row.kind()] = row.words()
        else:
            roles.append(role := row.role())
            key, what = (role.kind, role.iri), "this role of this class"
        if lines.setdefault(key, row.line) != row.line:
            row.fail("role", f"line {lines[key]} has {what} already; remove one of the two")
    return KindTable(path, tuple(roles), subjects)


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    line: int
    cells: list[str]
    ontology: Ontology

    def __post_init__(self) -> None:
        if len(self.cells) != len(COLUMNS) and self.line > 1:
            message = f"a row has {len(COLUMNS)} cells, with tabs between them; this one has {len(self.cells)}"
            raise MalformedInput(message, path=self.path, line=self.line, column=1)

    def check_head(self) -> None:
        """Raise an error where a name of a column is not the one that has to stand there."""
        for number, name in enumerate(self.cells):
            if name not in COLUMNS:
                self.fail(number, UnknownName("column", name, COLUMNS).message)
        if tuple(self.cells) != COLUMNS:
            self.fail(0, f"the first line names the columns in this order: {', '.join(COLUMNS)}")

    def is_subject(self) -> bool:
        """Tell whether the row only says what a sentence calls the kind."""
        if self.cell("role"):
            return False
        if any(self.cell(name) for name in ("least", "most", "values")):
            self.fail("role", "the role is missing; add it, or leave least, most and values empty too")
        return True

    def role(self) -> Role:
        """Return the role that the row states."""
        known = self.ontology.properties
        least, most = self._number("least"), None if self.cell("most") == "*" else self._number("most")
        if most is not None and most < least:
            self.fail("most", f"{most} is less than the least, {least}; correct one of the two")
        prop = self._term("role", self.cell("role"), "property in the ontology", known)
        role = Role(self.kind(), prop, least, most, self._values(), self.words(), self.line, tuple(self._columns()))
        types = self.ontology.types.get(prop, frozenset())
        if OWL + "ObjectProperty" in types and (role.datatype or role.language):
            self.fail("values", "the role is an object property, whose values are in classes; name classes")
        if OWL + "DatatypeProperty" in types and role.classes:
            self.fail("values", "the role is a data property, whose values are literals; name a data type")
        return role

    def kind(self) -> str:
        """Return the class of the row."""
        return self._term("class", self.cell("class"), "kind of proposition", self.ontology.kinds)

    def words(self) -> str:
        """Return what a sentence calls the role or the kind."""
        return self.cell("words") or self.fail("words", "a sentence needs words for this; add them")

    def cell(self, column: str) -> str:
        """Return the text of a cell."""
        text = self.cells[COLUMNS.index(column)]
        if text != text.strip() or text.startswith('"'):
            self.fail(column, "a cell has no quotation marks and no blanks around it; remove them")
        if control := _CONTROL.search(text):
            self.fail(column, f"a cell has no control characters; remove U+{ord(control[0]):04X}")
        return text

    def fail(self, column: str | int, message: str) -> NoReturn:
        """Raise an error about a cell."""
        number = COLUMNS.index(column) if isinstance(column, str) else column
        raise MalformedInput(message, path=self.path, line=self.line, column=self._columns()[number])

    def _columns(self) -> list[int]:
        return list(accumulate((len(cell) + 1 for cell in self.cells), initial=1))

    def _number(self, column: str) -> int:
        text = self.cell(column)
        if not (text.isascii() and text.isdecimal()):
            self.fail(
                column, f"not a number: {text[:100] or 'nothing'}; write 0, 1, 2, ...{' or *' * (column == 'most')}"
            )
        if len(text) > _MOST_DIGITS:
            self.fail(column, f"a number of {len(text)} digits; write one of at most {_MOST_DIGITS}")
        return int(text)

    def _values(self) -> tuple[str, ...]:
        cell = self.cell("values")
        values = [self._value(text.strip()) for text in cell.split(",")] if cell else []
        if len(values) > 1 and any(value.startswith("@") or value in _DATATYPES for value in values):
            self.fail("values", "a data type or a language stands alone; remove the others")
        if twice := next((value for value in values if values.count(value) > 1), None):
            self.fail("values", f"{self.ontology.name(twice)} stands here twice; remove one of the two")
        return tuple(values)

    def _value(self, text: str) -> str:
        if not text:
            self.fail("values", "a comma stands between two values; remove this one, or add a value")
        if not text.startswith("@"):
            return self._term("values", text, "class or data type", self.ontology.classes | _DATATYPES)
        if not _LANGUAGE.fullmatch(text):
            self.fail("values", f"not a language: {text[:100]}; write @ and its tag, as in @en or @pt-BR")
        return text

    def _term(self, column: str, name: str, what: str, known: frozenset[str]) -> str:
        prefix, colon, local = name.rpartition(":")
        iri = self.ontology.prefixes.get(prefix, f"{prefix}:") + local if colon else TRI + name
        if iri not in known:
            self.fail(column, UnknownName(what, name, map(self.ontology.name, known)).message)
        return iri
