"""Stored SPARQL queries: found by name, described by their headers, bound to typed values, and run.

A stored query is a file ``queries/<theme>/<question>.rq``. Its leading ``#+`` lines are YAML with
``summary``, ``description``, ``parameters`` and ``tags``; the file beside it with the ending
``.csv`` is the answer that is expected of it with its default values.
"""

from __future__ import annotations

import re
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
_HEADER_FORMS: Final = (("description", str, "text"), ("parameters", dict, "mapping"), ("tags", list, "list"))
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
        raise UnknownName("query", name, [f"{theme}/{stem}" if "/" in name else stem for theme, stem in known])
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
        line = error.object.count(b"\n", 0, error.start) + 1
        raise MalformedInput("not UTF-8; save the file in UTF-8", path=path, line=line) from None
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
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
    import yaml

    lines = [line[2:] if line.startswith("#+") else "" for line in text.split("\n")]  # each keeps its number
    try:
        header = yaml.load("\n".join(lines).rstrip("\n"), Loader=yaml.BaseLoader)  # every scalar is a string
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
    if not all(isinstance(value, str) for value in entry.values()):
        raise MalformedInput(f"parameter {name} has a value that is no text", path=path, line=line)
    return Parameter(
        name=name,
        type=entry["type"],
        description=entry.get("description", ""),
        default=entry.get("default"),
        of_class=entry.get("class"),
    )


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
    return _literal(parameter, value)


def _literal(parameter: Parameter, value: str) -> ox.Literal:
    kinds: dict[str, tuple[Callable[[str], bool], str]] = {
        "string": (_is_text, "text without halves of surrogate pairs"),
        "integer": (_is_integer, "digits"),
        "boolean": (("true", "false").__contains__, "true or false"),
        "date": (_is_date, "a day that exists, as YYYY-MM-DD"),
    }
    is_one, form = kinds[parameter.type]
    if not is_one(value):
        raise BadParameter(f"parameter {parameter.name} takes {form}, not {_short(value)!r}")
    return ox.Literal(value, datatype=ox.NamedNode(XSD + parameter.type))


def _is_text(value: str) -> bool:
    return not re.search("[\ud800-\udfff]", value)


def _is_integer(value: str) -> bool:
    return re.fullmatch("[+-]?[0-9]+", value) is not None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value  # not 20210630, which is none in XSD
    except ValueError:
        return False


def _short(value: str) -> str:
    """Return a value as it is fit for a message, however long it is."""
    return value if len(value) <= 100 else f"{value[:99]}…"


def resolve(value: str, dataset: Dataset | None, of_class: str | None = None) -> ox.NamedNode:
    """Return the IRI that a person means by *value*: an IRI, a CURIE, or a label of an entity in any of its forms.

    Raises:
        BadParameter: it is none of them, names several things, or is not of the class *of_class*.
    """
    if not value.strip():
        raise BadParameter("an empty value is no IRI, CURIE or name; write for instance id:north-korea")
    try:
        iri = expand(value) if ":" in value else None
        node = ox.NamedNode(iri) if iri else None
    except (ValueError, TriplomacyError) as error:
        raise BadParameter(f"{_short(value)!r} is no IRI, CURIE or name: {_short(str(error))}") from None
    if dataset is None:
        if node is None:
            raise BadParameter(f"{_short(value)!r} is no IRI or CURIE; write for instance id:north-korea")
        return node
    return _known(value, node, dataset, of_class)


def _known(value: str, node: ox.NamedNode | None, dataset: Dataset, of_class: str | None) -> ox.NamedNode:
    instances = _instances(dataset, of_class)
    found = _meant(value, node, instances)
    if len(found) == 1:
        return ox.NamedNode(found[0])
    if found:
        raise BadParameter(f"{value!r} names several things: say {' or '.join(map(compress, found))}")
    known = [name for names in instances.values() for name in names] if node is None else map(compress, instances)
    others = _meant(value, node, _instances(dataset, None)) if of_class else []
    note = f" (it is a {_classes(dataset, others[0])})" if others else ""
    raise BadParameter(f"{UnknownName(of_class or 'node', _short(value), known)}{note}")


def _meant(value: str, node: ox.NamedNode | None, instances: Mapping[str, list[str]]) -> list[str]:
    """Return the IRIs of those whose name, or whose IRI, *value* is, sorted."""
    if node is not None:
        return [node.value] if node.value in instances else []
    wanted = value.strip().casefold()
    return sorted(iri for iri, names in instances.items() if wanted in map(str.casefold, names))


def _classes(dataset: Dataset, iri: str) -> str:
    """Return the CURIEs of the classes that a node is stated to be of."""
    rows = dataset.select(binding.bind("SELECT ?class WHERE { ?node a ?class }", {"node": [ox.NamedNode(iri)]}))
    return ", ".join(sorted(compress(row["class"].value) for row in rows))


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
        TriplomacyError: it asks for a function, or for a service, that is not there.
    """
    try:
        return _answer(dataset.store.query(text, prefixes=dict(PREFIXES)))
    except SyntaxError as error:
        line, reason = _place(str(error))
        raise MalformedInput(f"not SPARQL: {reason}", path=path, line=line) from None
    except (RuntimeError, OSError) as error:
        raise TriplomacyError(f"the query cannot be answered: {error}", path=path) from None


def _place(complaint: str) -> tuple[int | None, str]:
    """Return line and reason of a parser's complaint, without its list of what could stand there.

    There is no column: binding values moves what is behind them.
    """
    found = re.match(r"error at (\d+):\d+: (.*)", complaint, re.DOTALL)
    if found is None:
        return None, complaint
    reasons = re.findall("[A-Z][a-z]+ [A-Za-z ]{8,}", found[2])  # the sentences among keywords and character classes
    return int(found[1]), "; ".join(reasons) or "what stands here, or ends before it, breaks the grammar"


def _answer(result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        return Answer(truth=bool(result))
    if isinstance(result, ox.QueryTriples):
        return Answer(triples=tuple(result))
    columns = tuple(variable.value for variable in result.variables)
    return Answer(columns, tuple(tuple(solution) for solution in result))


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
    for parameter in query.parameters:
        kind = parameter.of_class or parameter.type
        default = f", default {parameter.default}" if parameter.default is not None else ", required"
        lines += ["", f"  --set {parameter.name}=VALUE ({kind}{default})", f"      {parameter.description}"]
    body = [line for line in query.text.splitlines() if not line.startswith("#+")]
    return "\n".join(lines) + "\n\n" + "\n".join(body).strip("\n") + "\n"
