"""Stored SPARQL queries: found by name, described by their headers, bound to typed values, and run.

A stored query is a file ``queries/<theme>/<question>.rq``. Its leading ``#+`` lines are YAML with
``summary``, ``description``, ``parameters`` and ``tags``; the file beside it with the ending
``.csv`` is the answer that is expected of it with its default values.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from triplomacy import binding, parameters, sparql
from triplomacy.binding import Term
from triplomacy.dataset import Dataset, Project, Result, Solutions
from triplomacy.errors import BadParameter, EngineUnavailable, MalformedInput, TriplomacyError, UnknownName
from triplomacy.files import read_text
from triplomacy.parameters import TYPES, Parameter
from triplomacy.terms import PREFIXES

_HEADER_KEYS: Final = {"summary", "description", "parameters", "tags"}
_HEADER_FORMS: Final = (("description", str, "text"), ("parameters", dict, "mapping"), ("tags", list, "list"))
_PARAMETER_KEYS: Final = {"type", "class", "default", "description", "language", "many", "options"}
_TEXTS: Final = ("type", "class", "default", "description", "language")


class MalformedQuery(MalformedInput):
    """A text that is no SPARQL; ``excerpt`` is the line with a caret below the place."""

    excerpt = ""


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
    def expected(self) -> Path:
        """The file of the expected answer."""
        return self.path.with_suffix(".csv")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query answers: rows of terms under columns, true or false, or triples.

    It is iterated by its rows, each a mapping from column to term. Many rows of an endpoint are not held in memory, but
    read from a temporary file each time that they are iterated.
    """

    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]] = ()
    truth: bool | None = None
    triples: tuple[ox.Triple, ...] | None = None

    def __iter__(self) -> Iterator[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | None]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def columnar(self) -> dict[str, list[str | None]]:
        """Return the values of each column: IRIs and lexical forms, None where a cell is empty."""
        return {
            name: [None if row[index] is None else str(row[index].value) for row in self.rows]  # type: ignore[union-attr]
            for index, name in enumerate(self.columns)
        }

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame`` of strings.

        Raises:
            EngineUnavailable: pandas is not installed.
        """
        return _frame("pandas", self.columnar())

    def to_polars(self) -> Any:
        """Return the rows as a ``polars.DataFrame`` of strings.

        Raises:
            EngineUnavailable: polars is not installed.
        """
        return _frame("polars", self.columnar())


def _frame(library: str, columns: Mapping[str, list[str | None]]) -> Any:
    try:
        module = importlib.import_module(library)
    except ImportError:
        raise EngineUnavailable(f"{library} is not installed; install triplomacy[{library}]") from None
    return module.DataFrame(columns)


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
        MalformedInput: the file is not UTF-8, or its header is no YAML or has a part that is unknown,
            missing or of the wrong kind.
        TriplomacyError: the file cannot be read.
    """
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> StoredQuery:
    """Return the stored query that a text with a header is; *path* says where it stands.

    Raises:
        MalformedInput: its header is not as it has to be.
    """
    header = _header(path, text)
    parameters = tuple(_parameter(path, text, name, entry) for name, entry in header.get("parameters", {}).items())
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


def _header(path: Path, text: str) -> dict[str, Any]:
    if plain := _plain_header(text):
        return plain
    import yaml

    lines = [line[2:] if line.startswith("#+") else "" for line in text.split("\n")]  # each keeps its number
    try:
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a string
        header = yaml.load("\n".join(lines).rstrip("\n"), Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 3) if mark else (1, 1)
        raise MalformedInput(f"the header is no YAML: {error.problem}", path=path, line=line, column=column) from None
    except yaml.YAMLError as error:
        raise MalformedInput(f"the header is no YAML: {' '.join(str(error).split())}", path=path, line=1) from None
    if not isinstance(header, dict) or not isinstance(header.get("summary"), str) or not header["summary"].strip():
        raise MalformedInput("the header lacks a summary; begin with a line `#+ summary: ...`", path=path, line=1)
    _only(path, text, header, _HEADER_KEYS)
    for key, kind, form in _HEADER_FORMS:
        if not isinstance(header.get(key, kind()), kind):
            raise MalformedInput(f"{key} in the header is no {form}", path=path, line=_line_of(text, f"{key}:"))
    return header


# A summary, a folded description and parameters of one line each, in words that mean nothing in YAML but themselves.
_PLAIN: Final = re.compile(
    r"\#\+\ summary:\ (?P<summary>[A-Z][\w ,?'()-]*[\w?)])\n"
    r"(?:\#\+\ description:\ >\n(?P<description>(?:\#\+\ \ \ [\w*][^\n\t]*[^\s]\n)+))?"
    r"(?:\#\+\ parameters:\n(?P<parameters>(?:\#\+\ \ \ [a-z]\w*:\ \{[^\n{}]*\}\n)+))?(?!\#\+)"
)
_PLAIN_VALUE: Final = r"[A-Za-z0-9](?:[\w /.?()'-]|:(?=\S))*(?<! )"
_PLAIN_PARAMETER: Final = re.compile(rf"[a-z]+: {_PLAIN_VALUE}(?:, [a-z]+: {_PLAIN_VALUE})*")


def _plain_header(text: str) -> dict[str, Any] | None:
    """Return a header that has plain words alone, or None: PyYAML takes longer than most queries.

    A test holds that it is what PyYAML reads.
    """
    found = _PLAIN.match(text)
    if found is None or "\n#+" in text[found.end() :]:
        return None
    header: dict[str, Any] = {"summary": found["summary"]}
    if found["description"]:
        header["description"] = " ".join(line[5:] for line in found["description"].splitlines())
    for line in (found["parameters"] or "").splitlines():
        name, _, pairs = line[5:-1].partition(": {")
        if not _PLAIN_PARAMETER.fullmatch(pairs):
            return None
        entries = [pair.split(": ", 1) for pair in pairs.split(", ")]
        header.setdefault("parameters", {})[name] = dict(entries)
    return header


def _only(path: Path, text: str, entries: Mapping[str, Any], known: set[str]) -> None:
    for key in entries:
        if key not in known:
            advice = f"write one of {', '.join(sorted(known))}"
            raise MalformedInput(
                f"unknown key in the header: {key}; {advice}", path=path, line=_line_of(text, str(key))
            )


def _line_of(text: str, word: str) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if line.startswith("#+") and word in line), 1)


def _parameter(path: Path, text: str, name: str, entry: Any) -> Parameter:
    line = _line_of(text, f"{name}:")
    if not isinstance(entry, dict) or entry.get("type") not in TYPES:
        raise MalformedInput(f"parameter {name} has no type; write one of {', '.join(TYPES)}", path=path, line=line)
    _only(path, text, entry, _PARAMETER_KEYS)
    if name not in binding.variables(text):
        raise MalformedInput(f"the query does not use parameter {name}; use ?{name} in it", path=path, line=line)
    if not binding.reaches(text, name):
        message = f"no group of the query sees parameter {name}; use ?{name} in a pattern between braces"
        raise MalformedInput(message, path=path, line=line)
    if wrong := _fault(name, entry):
        raise MalformedInput(wrong, path=path, line=line)
    options, options_of = _options(path, name, entry.get("options", []), line)
    parameter = Parameter(
        name=name,
        type=entry["type"],
        description=entry.get("description", ""),
        default=entry.get("default"),
        of_class=entry.get("class"),
        language=entry.get("language"),
        options=options,
        options_of=options_of,
        many=entry.get("many") == "true",
    )
    try:
        for value in (*options, parameter.default):
            if value is not None and parameter.type != "iri":  # a name needs the graphs
                parameters.terms(parameter, [value])
    except BadParameter as error:
        raise MalformedInput(f"{error}; correct the header", path=path, line=line) from None
    return parameter


def _fault(name: str, entry: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the entry of a parameter whose type and keys are known, or None."""
    wrong = next((key for key in _TEXTS if not isinstance(entry.get(key, ""), str)), None)
    if wrong or entry.get("many", "false") not in ("true", "false"):
        return f"{wrong or 'many'} of parameter {name} is no text"
    if "class" in entry and entry["type"] != "iri":
        return f"class of parameter {name} goes with type iri; leave it out"
    if "language" in entry and entry["type"] != "string":
        return f"language of parameter {name} goes with type string; leave it out"
    if not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", entry.get("language", "en")):
        return f"language of parameter {name} is no language tag; write for instance en"
    return None


def _options(path: Path, name: str, entry: Any, line: int) -> tuple[tuple[str, ...], str | None]:
    """Return the options of a parameter, or the query that has them."""
    if isinstance(entry, list) and all(isinstance(option, str) for option in entry):
        return tuple(entry), None
    if isinstance(entry, dict) and list(entry) == ["query"] and isinstance(entry["query"], str):
        return (), entry["query"]
    message = f"options of parameter {name} are neither a list nor {{query: NAME}}; correct them"
    raise MalformedInput(message, path=path, line=line)


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
    """Return the terms that a parameter may have by another query, or None where none says so.

    They are the first column of that query's answer with its default values.
    """
    if parameter.options_of is None or dataset is None or dataset.project is None:
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
    return ask(dataset, bound.text, path=bound.query.path)


def ask(dataset: Dataset, text: str, path: Path | None = None) -> Answer:
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


_FORMS: Final = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_UPDATES: Final = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"}


def check(text: str, path: Path | None = None) -> None:
    """Parse a query as it is written, without answering it or asking a service.

    Raises:
        TriplomacyError: a ``SERVICE`` in it cannot be told from what stands beside it.
        MalformedQuery: it does not parse, with line, column and an excerpt; or it is empty, or changes data.
    """
    words = [token.text.upper() for token in sparql.tokens(text) if token.kind == "word"]
    try:
        ox.Store().query(sparql.without_heads(text), prefixes=dict(PREFIXES))
    except UnicodeEncodeError:
        raise MalformedQuery("the query is not UTF-8; write it in UTF-8", path=path) from None
    except TriplomacyError as error:
        error.path = error.path or path
        raise
    except SyntaxError as error:
        if not words:
            raise MalformedQuery("there is no query; write SELECT, ASK, CONSTRUCT or DESCRIBE", path=path) from None
        if (found := [word for word in words if word in _UPDATES]) and not _FORMS & set(words[: words.index(found[0])]):
            raise MalformedQuery(f"{found[0]} would change data, which is not done here; ask", path=path) from None
        raise malformed(text, error, path) from None
    except (RuntimeError, OSError):
        pass  # what it asks for is not there: that is told when it is asked


def malformed(text: str, error: SyntaxError, path: Path | None = None) -> MalformedQuery:
    """Return the exception for the engine's complaint about a query, with line, column and an excerpt."""
    at = re.match(r"error at (\d+):(\d+)", str(error))
    line, column = (int(at[1]), int(at[2])) if at else (1, 1)
    written = [*text.split("\n"), ""][line - 1].replace("\t", " ").rstrip("\r")
    reason = _place(str(error))[1]
    if reason == "Prefix not found" and (name := re.search(r"([\w.-]*):[^\s:]*$", written[: column - 1])):
        reason = UnknownName("prefix", name[1], PREFIXES).message
    wrong = MalformedQuery(f"not SPARQL: {reason}", path=path, line=line, column=column)
    wrong.excerpt = f"  {written}\n  {' ' * (column - 1)}^"
    return wrong


def _place(complaint: str) -> tuple[int | None, str]:
    """Return line and reason of a parser's complaint, without its list of what could stand there.

    There is no column: binding values moves what is behind them.
    """
    found = re.match(r"error at (\d+):\d+: (.*)", complaint, re.DOTALL)
    if found is None:
        return None, complaint
    reasons = re.findall("[A-Z][a-z]+ [A-Za-z ]{8,}", found[2])  # the sentences among keywords and character classes
    return int(found[1]), "; ".join(reasons) or "what stands here, or ends before it, breaks the grammar"


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


def describe(query: StoredQuery) -> str:
    """Return what a stored query asks, its parameters with type and default, and its text without the header."""
    lines = [f"{query.theme}/{query.name}", f"  {query.summary}"]
    if query.description:
        lines += ["", *(f"  {line}" for line in query.description.splitlines())]
    if query.tags:
        lines += ["", f"  tags: {', '.join(query.tags)}"]
    for parameter in query.parameters:
        kind = parameter.of_class or parameter.type
        default = f", default {parameter.default}" if parameter.default is not None else ", required"
        several = ", repeatable" if parameter.many else ""
        told = f"{kind}{f' @{parameter.language}' if parameter.language else ''}{default}{several}"
        lines += ["", f"  --set {parameter.name}=VALUE ({told})", f"      {parameter.description}"]
    body = [line for line in query.text.splitlines() if not line.startswith("#+")]
    return "\n".join(lines) + "\n\n" + "\n".join(body).strip("\n") + "\n"
