"""The header of a stored query, which is YAML in its first comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from triplomacy.errors import BadParameter, MalformedInput
from triplomacy.queries import parameters
from triplomacy.queries.parameters import TYPES, Parameter
from triplomacy.sparql import binding, yaml_header

_HEADER_KEYS: Final = {"summary", "description", "parameters", "tags"}
_HEADER_FORMS: Final = (("description", str, "text"), ("parameters", dict, "mapping"), ("tags", list, "list"))
_PARAMETER_KEYS: Final = {"type", "class", "default", "description", "language", "many", "options"}
_TEXTS: Final = ("type", "class", "default", "description", "language")


class MalformedQuery(MalformedInput):
    """A text that is not SPARQL; ``excerpt`` is the line with a caret below the place."""

    excerpt = ""


def query_error(text: str, error: MalformedInput, path: Path | None = None) -> MalformedQuery:
    """Return the exception for what is wrong with a query, with line, column and an excerpt."""
    line, column = error.line or 1, error.column or 1
    written = [*text.split("\n"), ""][line - 1].replace("\t", " ").rstrip("\r")
    kind = "not SPARQL: " if type(error) is MalformedInput else ""  # what has a class of its own says so itself
    wrong = MalformedQuery(f"{kind}{error.message}", path=path, line=line, column=column)
    wrong.excerpt = f"  {written}\n  {' ' * (column - 1)}^"
    return wrong


def read_header(path: Path, text: str) -> dict[str, Any]:
    """Return the entries of a header; raise `MalformedInput` where it is malformed."""
    if plain := _plain_header(text):
        return plain
    header = yaml_header.read(path, text)
    if not isinstance(header, dict) or not isinstance(header.get("summary"), str) or not header["summary"].strip():
        raise MalformedInput("the header lacks a summary; begin with a line `#+ summary: ...`", path=path, line=1)
    _only(path, text, header, _HEADER_KEYS)
    for key, kind, form in _HEADER_FORMS:
        if not isinstance(header.get(key, kind()), kind):
            raise MalformedInput(
                f"{key} in the header is not a {form}", path=path, line=yaml_header.line_of(text, f"{key}:")
            )
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
    """Return a header that has plain words alone, or None.

    Importing PyYAML, even for its parser in C, adds 18 ms to the 125 ms of a small question. A test holds that what
    is returned is what PyYAML reads.
    """
    match = _PLAIN.match(text)
    if match is None or "\n#+" in text[match.end() :]:
        return None
    header: dict[str, Any] = {"summary": match["summary"]}
    if match["description"]:
        header["description"] = " ".join(line[5:] for line in match["description"].splitlines())
    for line in (match["parameters"] or "").splitlines():
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
                f"unknown key in the header: {key}; {advice}", path=path, line=yaml_header.line_of(text, str(key))
            )


def _binding_fault(text: str, name: str) -> str:
    """Return why a parameter cannot be bound, or nothing if it can."""
    if not binding.uses(text, name):
        return f"the query does not use parameter {name}; use ?{name} in it"
    if not binding.reaches(text, name):
        return f"no group of the query sees parameter {name}; use ?{name} in a pattern between braces"
    return ""


def read_parameter(path: Path, text: str, name: str, entry: Any) -> Parameter:
    """Return a parameter as the header has it; raise `MalformedInput` where it is malformed."""
    line = yaml_header.line_of(text, f"{name}:")
    if not isinstance(entry, dict) or entry.get("type") not in TYPES:
        raise MalformedInput(f"parameter {name} has no type; write one of {', '.join(TYPES)}", path=path, line=line)
    _only(path, text, entry, _PARAMETER_KEYS)
    try:
        fault = _binding_fault(text, name)
    except MalformedInput as error:
        raise query_error(text, error, path) from None
    if fault:
        raise MalformedInput(fault, path=path, line=line)
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
        return f"{wrong or 'many'} of parameter {name} is not a text"
    if "class" in entry and entry["type"] != "iri":
        return f"class of parameter {name} goes with type iri; leave it out"
    if "language" in entry and entry["type"] != "string":
        return f"language of parameter {name} goes with type string; leave it out"
    if not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", entry.get("language", "en")):
        return f"language of parameter {name} is not a language tag; write for instance en"
    return None


def _options(path: Path, name: str, entry: Any, line: int) -> tuple[tuple[str, ...], str | None]:
    """Return the options of a parameter, or the query that has them."""
    if isinstance(entry, list) and all(isinstance(option, str) for option in entry):
        return tuple(entry), None
    if isinstance(entry, dict) and list(entry) == ["query"] and isinstance(entry["query"], str):
        return (), entry["query"]
    message = f"options of parameter {name} are neither a list nor {{query: NAME}}; correct them"
    raise MalformedInput(message, path=path, line=line)
