"""Stored SPARQL queries: found by name, described by their headers, bound to typed values, and run.

A stored query is a file ``queries/<theme>/<question>.rq``. Its leading ``#+`` lines are YAML with
``summary``, ``description``, ``parameters`` and ``tags``; the file beside it with the ending
``.csv`` is the answer that is expected of it with its default values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from triplomacy.dataset import Dataset, Project, Result, Solutions
from triplomacy.errors import BadParameter, Choice, MalformedInput, Message, TriplomacyError, UnknownName
from triplomacy.files import read_text
from triplomacy.queries import parameters
from triplomacy.queries.answer import Answer
from triplomacy.queries.header import MalformedQuery, query_error, read_header, read_parameter
from triplomacy.queries.parameters import Parameter
from triplomacy.sparql import Term, binding, services, syntax, with_base
from triplomacy.terms import PREFIXES


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A question with its SPARQL text."""

    theme: str
    name: str
    path: Path
    text: str
    summary: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def answer_file(self) -> Path:
        """The file of the expected answer."""
        return self.path.with_suffix(".csv")


class BoundQuery(NamedTuple):
    """A stored query whose parameters have values."""

    query: StoredQuery
    text: str
    values: Mapping[str, Sequence[Term]]


def names(project: Project) -> list[tuple[str, str]]:
    """Return theme and name of all stored queries, sorted; no file is read."""
    return sorted((path.parent.name, path.stem) for path in project.query_files())


def find(project: Project, name: str) -> StoredQuery:
    """Return the stored query of that name, or of that ``theme/name``.

    Raises:
        UnknownName: there is none; the nearest names are in the message.
        TriplomacyError: several themes have one of that name.
        MalformedInput: its header is not as it has to be.
    """
    path = locate(project, name)
    return parse(project.text(path), path)


def locate(project: Project, name: str) -> Path:
    """Return the file of the stored query of that name; raise what `find` does for a name."""
    known = names(project)
    matches = [(theme, stem) for theme, stem in known if name in (stem, f"{theme}/{stem}")]
    if not matches:
        raise UnknownName("query", name, [f"{theme}/{stem}" if "/" in name else stem for theme, stem in known])
    if len(matches) > 1:
        choices = " or ".join(f"{theme}/{stem}" for theme, stem in matches)
        raise TriplomacyError(f"several queries are called {name}: say {choices}")
    theme, stem = matches[0]
    return project.queries / theme / f"{stem}.rq"


def read(path: Path) -> StoredQuery:
    """Return the stored query of a file.

    Raises:
        MalformedInput: the file is not UTF-8, or its header is not YAML or has a part that is unknown,
            missing or of the wrong kind.
        TriplomacyError: the file cannot be read.
    """
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> StoredQuery:
    """Return the stored query that a text with a header is; *path* says where it stands.

    Relative IRIs without a BASE are relative to the file, and stand there in full.

    Raises:
        MalformedInput: its header is not as it has to be, or a query with parameters does not parse.
    """
    text = with_base(text, path.absolute().as_uri())
    header = read_header(path, text)
    parameters = tuple(read_parameter(path, text, name, entry) for name, entry in header.get("parameters", {}).items())
    return StoredQuery(
        theme=path.parent.name,
        name=path.stem,
        path=path,
        text=text,
        summary=header["summary"].strip(),
        description=header.get("description", "").strip(),
        parameters=parameters,
        tags=tuple(header.get("tags", ())),
    )


def bind(query: StoredQuery, values: Mapping[str, str | Sequence[str]], dataset: Dataset | None = None) -> BoundQuery:
    """Return the query with its parameters bound, each to the given value or values, or to its default.

    Args:
        query: the stored query.
        values: for a parameter, its value as a person writes it: a CURIE, an IRI or a name for an
            IRI, digits for an integer, ``YYYY-MM-DD`` for a date; several for a parameter that may have many.
        dataset: where names are looked up, the class of an IRI is checked and options are asked for, if given.

    Raises:
        BadParameter: a parameter is unknown, lacks a value, or has one that is not of its type or its options.
    """
    known = {parameter.name for parameter in query.parameters}
    for name in values:
        if name not in known:
            raise BadParameter(str(UnknownName(f"parameter of {query.name}", name, known)))
    bound: dict[str, list[Term]] = {}
    for parameter in query.parameters:
        given = values.get(parameter.name, ())
        several = [given] if isinstance(given, str) else given
        bound[parameter.name] = parameters.terms(parameter, several, dataset, options(parameter, dataset))
    return BoundQuery(query, binding.bind(query.text, bound), bound)


def options(parameter: Parameter, dataset: Dataset | None) -> list[Term] | None:
    """Return the possible values of a parameter by the query that lists them, or None if it has no such query.

    They are the first column of that query's answer with its default values.
    """
    if parameter.options_of is None or dataset is None or not dataset.is_ours:
        return None
    other = find(dataset.project, parameter.options_of)
    return [
        row[0] for row in run(dataset, bind(other, {}, dataset)).rows if isinstance(row[0], ox.NamedNode | ox.Literal)
    ]


def run(dataset: Dataset, bound: BoundQuery) -> Answer:
    """Return the answer of a bound query over *dataset*.

    Raises:
        MalformedInput: the query does not parse.
    """
    return evaluate(dataset, bound.text, path=bound.query.path)


def evaluate(dataset: Dataset, text: str, path: Path | None = None) -> Answer:
    """Return the answer of any SPARQL query, with the project's prefixes known.

    Raises:
        MalformedQuery: the query does not parse.
        TriplomacyError: it asks for a function that is not there, or for a service.
    """
    try:
        return _answer(dataset.query(text), text)
    except TriplomacyError as error:
        error.path = error.path or path
        raise
    except SyntaxError as error:
        line, reason = _place(str(error))
        raise MalformedQuery(f"not SPARQL: {reason}", path=path, line=line) from None
    except (RuntimeError, OSError) as error:
        raise TriplomacyError(f"the query cannot be answered: {error}", path=path) from None


def check(text: str, path: Path | None = None) -> None:
    """Parse a query as it is written, without answering it or asking a service.

    Raises:
        MalformedQuery: it does not parse, with line, column and an excerpt; or it is empty, changes data, or could have
            a ``SERVICE`` for another engine.
    """
    try:
        syntax.read(text)
        ox.Store().query(services.without_heads(text), prefixes=dict(PREFIXES))
    except UnicodeEncodeError:
        raise MalformedQuery("the query is not UTF-8; write it in UTF-8", path=path) from None
    except MalformedInput as error:
        raise query_error(text, error, path) from None
    except SyntaxError as error:
        raise complaint(text, error, path) from None
    except (RuntimeError, OSError):
        pass  # what it asks for is not there: that is told when it is asked


def complaint(text: str, error: SyntaxError, path: Path | None = None) -> MalformedQuery:
    """Return the exception for an error of the engine about a query that is grammatical."""
    at = re.match(r"error at (\d+):(\d+)", str(error))
    line, column = (int(at[1]), int(at[2])) if at else (1, 1)
    return query_error(text, MalformedInput(_place(str(error))[1], line=line, column=column), path)


def _place(complaint: str) -> tuple[int | None, str]:
    """Return line and reason of a parser's error message, without its list of expected tokens.

    There is no column: binding values moves what is behind them.
    """
    match = re.match(r"error at (\d+):\d+: (.*)", complaint, re.DOTALL)
    if match is None:
        return None, complaint
    reasons = re.findall("[A-Z][a-z]+ [A-Za-z ]{8,}", match[2])  # the sentences among keywords and character classes
    return int(match[1]), "; ".join(reasons) or "what stands here, or ends before it, breaks the grammar"


def _answer(result: Result, text: str) -> Answer:
    if isinstance(result, bool):
        return Answer(truth=result)
    if isinstance(result, Solutions):
        if getattr(result.rows, "is_large", False):
            return Answer(result.variables, result.rows)  # type: ignore[arg-type]  # a solution is as good as a tuple
        order = binding.in_order(text, result.variables)
        columns = tuple(result.variables[place] for place in order)
        if columns == result.variables:
            return Answer(columns, tuple(tuple(solution) for solution in result.rows))
        return Answer(columns, tuple(tuple(solution[place] for place in order) for solution in result.rows))
    return Answer(triples=tuple(result))


def listing(project: Project) -> str:
    """Return the stored queries, a line each under their themes, with their summaries.

    Raises:
        MalformedInput: the header of a query is not as it has to be.
        TriplomacyError: there is no query.
    """
    if not names(project):
        raise TriplomacyError("no stored queries here; add a theme's folder with a .rq file", path=project.queries)
    lines: list[str] = []
    theme = None
    stored = [read(project.queries / folder / f"{stem}.rq") for folder, stem in names(project)]
    width = max((len(query.name) for query in stored), default=0)
    for query in stored:
        if query.theme != theme:
            theme = query.theme
            lines.append(theme)
        lines.append(f"  {query.name.ljust(width)}  {query.summary}")
    return "\n".join(lines) + "\n"


def describe(query: StoredQuery) -> Message:
    """Return a stored query for people to read: its question, its parameters with type and default, its text."""
    lines: list[str] = [f"{query.theme}/{query.name}", f"  {query.summary}"]
    if query.description:
        lines += ["", *(f"  {line}" for line in query.description.splitlines())]
    if query.tags:
        lines += ["", f"  tags: {', '.join(query.tags)}"]
    for parameter in query.parameters:
        kind = parameter.of_class or parameter.type
        default = f", default {parameter.default}" if parameter.default is not None else ", required"
        several = ", repeatable" if parameter.many else ""
        expectation = f"{kind}{f' @{parameter.language}' if parameter.language else ''}{default}{several}"
        choice = Choice(parameter.name, "VALUE", is_parameter=True)
        lines += ["", Message("  ", choice, f" ({expectation})"), f"      {parameter.description}"]
    body = [line for line in query.text.splitlines() if not line.startswith("#+")]
    return Message(*(piece for line in lines for piece in (line, "\n")), "\n", "\n".join(body).strip("\n"), "\n")
