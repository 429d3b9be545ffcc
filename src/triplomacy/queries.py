"""Stored SPARQL queries: found by name, described by their headers, bound to typed values, and run.

A stored query is a file ``queries/<theme>/<question>.rq``. Its leading ``#+`` lines are YAML with
``summary``, ``description``, ``parameters`` and ``tags``; the file beside it with the ending
``.csv`` is the answer that is expected of it with its default values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import binding
from triplomacy.binding import Term
from triplomacy.dataset import Dataset, Project
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError, UnknownName
from triplomacy.terms import PREFIXES, XSD, compress, expand

TYPES: Final = ("iri", "string", "integer", "boolean", "date")
_HEADER_KEYS: Final = {"summary", "description", "parameters", "tags"}
_PARAMETER_KEYS: Final = {"type", "class", "default", "description"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query: the variable it binds, the type of its values, and its default."""

    name: str
    type: str
    description: str
    default: str | None = None
    of_class: str | None = None


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
    """What a query answers: rows of terms under columns, true or false, or triples."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...], ...] = ()
    truth: bool | None = None
    triples: tuple[ox.Triple, ...] | None = None


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A stored query whose parameters have values."""

    query: StoredQuery
    text: str
    values: Mapping[str, Term] = field(default_factory=dict)


def names(project: Project) -> list[tuple[str, str]]:
    """Return theme and name of all stored queries, sorted; no file is read."""
    return sorted((path.parent.name, path.stem) for path in project.queries.glob("*/*.rq"))


def find(project: Project, name: str) -> StoredQuery:
    """Return the stored query of that name, or of that ``theme/name``.

    Raises:
        UnknownName: there is none; the nearest names are in the message.
        TriplomacyError: several themes have one of that name.
        MalformedInput: its header is not as it has to be.
    """
    known = names(project)
    matches = [(theme, stem) for theme, stem in known if name in (stem, f"{theme}/{stem}")]
    if not matches:
        raise UnknownName("query", name, [stem for _, stem in known])
    if len(matches) > 1:
        choices = " or ".join(f"{theme}/{stem}" for theme, stem in matches)
        raise TriplomacyError(f"several queries are called {name}: say {choices}")
    theme, stem = matches[0]
    return read(project.queries / theme / f"{stem}.rq")


def read(path: Path) -> StoredQuery:
    """Return the stored query of a file.

    Raises:
        MalformedInput: the file is not UTF-8, or its header is no YAML or has a part that is unknown,
            missing or of the wrong kind.
        TriplomacyError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MalformedInput(f"not UTF-8: byte {error.start} is {error.object[error.start]:#04x}", path=path) from None
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    header = _header(path, text)
    parameters = tuple(_parameter(path, text, name, entry) for name, entry in header.get("parameters", {}).items())
    return StoredQuery(
        theme=path.parent.name,
        name=path.stem,
        path=path,
        text=text,
        summary=str(header["summary"]).strip(),
        description=str(header.get("description", "")).strip(),
        parameters=parameters,
        tags=tuple(header.get("tags", ())),
    )


def _header(path: Path, text: str) -> dict[str, Any]:
    import yaml

    lines = [line for line in text.splitlines() if line.startswith("#+")]
    source = "\n".join(line[2:].removeprefix(" ") for line in lines)
    try:
        header = yaml.safe_load(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 4) if mark else (1, 1)
        raise MalformedInput(f"the header is no YAML: {error.problem}", path=path, line=line, column=column) from None
    if not isinstance(header, dict) or not isinstance(header.get("summary"), str):
        raise MalformedInput("the header lacks a summary; begin with a line `#+ summary: ...`", path=path, line=1)
    _only(path, text, header, _HEADER_KEYS)
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
    default = entry.get("default")
    return Parameter(
        name=name,
        type=entry["type"],
        description=str(entry.get("description", "")),
        default=None if default is None else _default(default),
        of_class=entry.get("class"),
    )


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def bind(query: StoredQuery, values: Mapping[str, str], dataset: Dataset | None = None) -> BoundQuery:
    """Return the query with its parameters bound, each to the given value or to its default.

    Args:
        query: the stored query.
        values: for a parameter, its value as a person writes it: a CURIE, an IRI or a name for an
            IRI, digits for an integer, ``YYYY-MM-DD`` for a date.
        dataset: where names are looked up and the class of an IRI is checked, if given.

    Raises:
        BadParameter: a parameter is unknown, lacks a value, or has one that is not of its type.
    """
    known = {parameter.name for parameter in query.parameters}
    for name in values:
        if name not in known:
            raise BadParameter(str(UnknownName(f"parameter of {query.name}", name, known)))
    bound = {parameter.name: _term(parameter, values.get(parameter.name), dataset) for parameter in query.parameters}
    text = binding.bind(query.text, {name: [term] for name, term in bound.items()})
    return BoundQuery(query, text, bound)


def _term(parameter: Parameter, given: str | None, dataset: Dataset | None) -> Term:
    value = parameter.default if given is None else given
    if value is None:
        raise BadParameter(f"parameter {parameter.name} has no default; add --set {parameter.name}=VALUE")
    if parameter.type == "iri":
        return resolve(value, dataset, parameter.of_class)
    if parameter.type == "string":
        return ox.Literal(value)
    return _literal(parameter, value)


def _literal(parameter: Parameter, value: str) -> ox.Literal:
    kinds: dict[str, tuple[Callable[[str], object], str, str]] = {
        "integer": (int, XSD + "integer", "digits"),
        "boolean": (_truth, XSD + "boolean", "true or false"),
        "date": (date.fromisoformat, XSD + "date", "a day that exists, as YYYY-MM-DD"),
    }
    parse, datatype, form = kinds[parameter.type]
    try:
        parse(value)
    except ValueError:
        raise BadParameter(f"parameter {parameter.name} takes {form}, not {value!r}") from None
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"


def resolve(value: str, dataset: Dataset | None, of_class: str | None = None) -> ox.NamedNode:
    """Return the IRI that a person means by *value*: an IRI, a CURIE, or a label of an entity in any of its forms.

    Raises:
        BadParameter: it is none of them, names several things, or is not of the class *of_class*.
    """
    try:
        iri = expand(value) if ":" in value else None
        node = ox.NamedNode(iri) if iri else None
    except (ValueError, UnknownName) as error:
        raise BadParameter(f"{value!r} is no IRI, CURIE or name: {error}") from None
    if dataset is None:
        if node is None:
            raise BadParameter(f"{value!r} is no IRI or CURIE; write for instance id:north-korea")
        return node
    return _known(value, node, dataset, of_class)


def _known(value: str, node: ox.NamedNode | None, dataset: Dataset, of_class: str | None) -> ox.NamedNode:
    instances = _instances(dataset, of_class)
    if node is None:
        found = sorted(iri for iri, names in instances.items() if value.casefold() in map(str.casefold, names))
    else:
        found = [node.value] if node.value in instances else []
    if len(found) == 1:
        return ox.NamedNode(found[0])
    if found:
        raise BadParameter(f"{value!r} names several things: say {' or '.join(map(compress, found))}")
    known = [name for names in instances.values() for name in names] if node is None else map(compress, instances)
    raise BadParameter(str(UnknownName(of_class or "node", value, known)))


def _instances(dataset: Dataset, of_class: str | None) -> dict[str, list[str]]:
    """Return the names of everything that is of a class, or of everything that has a class, by IRI."""
    text = (
        "SELECT ?node ?name WHERE { ?node a/rdfs:subClassOf* ?class OPTIONAL { ?node rdfs:label|skos:altLabel ?name } }"
    )
    if of_class:
        text = binding.bind(text, {"class": _members(dataset, ox.NamedNode(expand(of_class)))})
    instances: dict[str, list[str]] = {}
    for row in dataset.select(text):
        instances.setdefault(str(row["node"].value), []).extend([row["name"].value] if row["name"] else [])
    return instances


def _members(dataset: Dataset, cls: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the class, and the members of the union that it is equivalent to, if it is."""
    text = "SELECT ?member WHERE { ?class owl:equivalentClass/owl:unionOf/rdf:rest*/rdf:first ?member }"
    rows = dataset.select(binding.bind(text, {"class": [cls]}))
    return [cls, *sorted((row["member"] for row in rows), key=str)]


def run(dataset: Dataset, bound: BoundQuery) -> Answer:
    """Return the answer of a bound query over *dataset*.

    Raises:
        MalformedInput: the query does not parse.
    """
    return ask(dataset, bound.text, path=bound.query.path)


def ask(dataset: Dataset, text: str, path: Path | None = None) -> Answer:
    """Return the answer of any SPARQL query, with the project's prefixes known.

    Raises:
        MalformedInput: the query does not parse.
    """
    try:
        result = dataset.store.query(text, prefixes=dict(PREFIXES))
    except SyntaxError as error:
        raise MalformedInput(f"not SPARQL: {error}", path=path) from None
    if isinstance(result, ox.QueryBoolean):
        return Answer(truth=bool(result))
    if isinstance(result, ox.QueryTriples):
        return Answer(triples=tuple(result))
    columns = tuple(variable.value for variable in result.variables)
    return Answer(columns, tuple(tuple(solution) for solution in result))


def listing(project: Project) -> str:
    """Return the stored queries, a line each under their themes, with their summaries."""
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
    for parameter in query.parameters:
        kind = parameter.of_class or parameter.type
        default = f", default {parameter.default}" if parameter.default is not None else ", required"
        lines += ["", f"  --set {parameter.name}=VALUE ({kind}{default})", f"      {parameter.description}"]
    body = [line for line in query.text.splitlines() if not line.startswith("#+")]
    return "\n".join(lines) + "\n\n" + "\n".join(body).strip("\n") + "\n"
