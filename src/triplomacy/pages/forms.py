"""Forms of questions, with a field for each parameter, and their outcome."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from triplomacy import queries
from triplomacy.claims import views
from triplomacy.dataset import Dataset
from triplomacy.errors import BadParameter
from triplomacy.pages.reading import Reader
from triplomacy.queries import Answer, Citation, StoredQuery, citation, parameters
from triplomacy.terms import ID, compress, expand

MOST: Final = 1000
"""How many suggestions a field has, and how many rows of an answer a page shows."""

_INPUTS: Final = {"integer": "numeric", "number": "decimal"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: the parameter.
        description: what it is for.
        values: what stands in it; several for a parameter that may have many.
        default: what an empty field means; None where it has to be filled.
        choices: what it may be, or suggestions.
        closed: whether nothing but a choice will do.
        many: whether it may have several values.
        mode: which keyboard suits it, as ``inputmode`` has it.
    """

    name: str
    description: str
    values: tuple[str, ...] = ("",)
    default: str | None = None
    choices: tuple[str, ...] = ()
    closed: bool = False
    many: bool = False
    mode: str = "text"


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """The outcome of a form: an answer with its citation and remarks, or the reason why there is none.

    Attributes:
        answer: rows or a truth; None where *turtle* is the answer or where there is none.
        turtle: the triples of CONSTRUCT and DESCRIBE, as Turtle.
        citation: what the answer is an answer to.
        remarks: what may have gone wrong, as sentences.
        title: in short why there is no answer.
        detail: what to do.
    """

    answer: Answer | None = None
    turtle: str | None = None
    citation: Citation | None = None
    remarks: tuple[str, ...] = ()
    title: str = ""
    detail: str = ""


def fields(reader: Reader, stored: StoredQuery, asked: Mapping[str, Sequence[str]]) -> list[Field]:
    """Return the fields of a stored query's parameters, filled with what was asked, else with their defaults."""
    return [_field(reader, parameter, asked) for parameter in stored.parameters]


def _field(reader: Reader, parameter: parameters.Parameter, asked: Mapping[str, Sequence[str]]) -> Field:
    given = tuple(value for value in asked.get(parameter.name, ()) if value)
    default = None if parameter.default is None else _readable(reader, parameter.default, parameter)
    choices = _choices(reader.dataset, parameter)
    return Field(
        name=parameter.name,
        description=parameter.description,
        values=given or (default or "",),
        default=default,
        choices=tuple(choices[:MOST]),
        closed=bool(parameter.options or parameter.options_of or parameter.type == "boolean"),
        many=parameter.many,
        mode=_INPUTS.get(parameter.type, "text"),
    )


def _readable(reader: Reader, value: str, parameter: parameters.Parameter) -> str:
    """Return the name of a node that a CURIE means, where the name alone leads back to it."""
    if parameter.type != "iri" or parameter.options:
        return value
    try:
        node = parameters.resolve(value, None)
        name = reader.name(node.value)
        return name if parameters.resolve(name, reader.dataset, parameter.of_class) == node else value
    except BadParameter:
        return value


def _choices(dataset: Dataset, parameter: parameters.Parameter) -> list[str]:
    options = queries.options(parameter, dataset)
    if options is not None:
        return [compress(term.value) if isinstance(term, ox.NamedNode) else term.value for term in options]
    return parameters.possible(parameter, dataset)


def body(stored: StoredQuery) -> str:
    """Return the text of a stored query without its header."""
    return "\n".join(line for line in stored.text.splitlines() if not line.startswith("#+")).strip("\n")


def scope(reader: Reader, asked: Mapping[str, Sequence[str]]) -> list[Field]:
    """Return the fields that choose the data: a date, whether certainly, an actor whose word is taken, a view."""

    def values_of(name: str) -> tuple[str, ...]:
        return tuple(value for value in asked.get(name, ()) if value) or ("",)

    claimants = sorted(reader.name(actor) for actor in views.claimants(reader.dataset) if actor.startswith(ID))
    named = [name for name in views.names(reader.dataset) if not name.startswith(views.ACCORDING_TO)]
    return [
        Field("as-of", "only what possibly holds on a date: 2022, 2022-09 or 2022-09-21", values_of("as-of")),
        Field(
            "according-to",
            "with what an actor says taken for fact",
            values_of("according-to"),
            choices=tuple(claimants[:MOST]),
        ),
        Field("view", "with the plain facts of a view", values_of("view"), choices=tuple(named), closed=True),
    ]


_NAMED: Final = re.compile(r"([\w-]+:(?:claim/[\w./-]+|text#char=\d+,\d+))")


def split_at_names(text: str) -> list[tuple[str, str | None]]:
    """Return a text in parts, those that name a claim or a span by its CURIE with the IRI that is meant."""
    parts = _NAMED.split(text)
    return [(part, expand(part) if place % 2 else None) for place, part in enumerate(parts) if part]


def answer_of(content: bytes) -> FormOutcome:
    """Return the outcome of an answer in SPARQL 1.1 Query Results JSON, with its citation if that is in it.

    Raises:
        ValueError: it is none.
    """
    answer = json.loads(content)
    cited = citation.of_mapping(answer["citation"]) if "citation" in answer else None
    if "boolean" in answer:
        return FormOutcome(Answer(truth=bool(answer["boolean"])), citation=cited)
    columns = tuple(answer["head"]["vars"])
    rows = tuple(
        tuple(_term(row[name]) if name in row else None for name in columns) for row in answer["results"]["bindings"]
    )
    return FormOutcome(Answer(columns, rows), citation=cited)


def _term(entry: Mapping[str, str]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if entry["type"] == "uri":
        return ox.NamedNode(entry["value"])
    if entry["type"] == "bnode":
        return ox.BlankNode(entry["value"])
    if "xml:lang" in entry:
        return ox.Literal(entry["value"], language=entry["xml:lang"])
    datatype = entry.get("datatype")
    return ox.Literal(entry["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(entry["value"])
