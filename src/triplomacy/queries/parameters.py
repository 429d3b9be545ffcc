"""Parameters of stored queries: their types, and values as people write them made into RDF terms.

A value becomes a term by its parameter's type; nothing of it is ever pasted into a query (see `binding`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import Dataset
from triplomacy.errors import BadParameter, Choice, TriplomacyError, UnknownName
from triplomacy.sparql import Term, binding
from triplomacy.terms import XSD, compress, expand

TYPES: Final = ("iri", "string", "integer", "number", "boolean", "date", "edtf", "endpoint")

_QUALIFIED: Final = re.compile(r"[?~%]$")
_SEASON: Final = re.compile(r"[0-9]{4}-(?:2[1-9]|3[0-9]|4[01])")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query: the variable it binds, the type of its values, and its default.

    Attributes:
        name: the variable, without its question mark.
        type: one of `TYPES`.
        description: what it is for.
        default: its value where none is given, as a person writes it.
        of_class: the class of an IRI, as a CURIE.
        language: the language of a string.
        options: the values that it may have; all of its type if there are none.
        options_of: the stored query whose first column has the values that it may have.
        many: whether it may have several values.
    """

    name: str
    type: str
    description: str
    default: str | None = None
    of_class: str | None = None
    language: str | None = None
    options: tuple[str, ...] = ()
    options_of: str | None = None
    many: bool = False


def terms(
    parameter: Parameter, given: Sequence[str], dataset: Dataset | None = None, options: Sequence[Term] | None = None
) -> list[Term]:
    """Return the terms of a parameter, of its default where nothing is given, each once.

    Args:
        parameter: the parameter.
        given: its values as a person writes them.
        dataset: where names are looked up and the class of an IRI is checked, if given; an endpoint is not asked about
            a default that is an IRI or a CURIE.
        options: the terms that it may have, where another query says so.

    Raises:
        BadParameter: it lacks a value, has more than it may have, or one that is not of its type or its options.
    """
    name = parameter.name
    values = list(given) or ([] if parameter.default is None else [parameter.default])
    if not values:
        raise BadParameter(f"parameter {name} has no default; add ", Choice(name, "VALUE", is_parameter=True))
    if len(values) > 1 and not parameter.many:
        raise BadParameter(f"parameter {name} is set twice; say it once")
    for value in values:
        if parameter.options and value not in parameter.options:
            raise BadParameter(f"parameter {name}: {UnknownName('option', _short(value), parameter.options)}")
    is_known = not given and ":" in values[0] and dataset is not None and dataset.is_remote
    values_found = list(dict.fromkeys(_term(parameter, value, None if is_known else dataset) for value in values))
    for term in values_found:
        if options is not None and term not in options:
            known = [compress(option.value) if isinstance(option, ox.NamedNode) else option.value for option in options]
            shown = compress(term.value) if isinstance(term, ox.NamedNode) else term.value
            raise BadParameter(f"parameter {name}: {UnknownName('option', _short(shown), known)}")
    return values_found


def _term(parameter: Parameter, value: str, dataset: Dataset | None) -> Term:
    if parameter.type == "iri":
        return resolve(value, dataset, parameter.of_class)
    if parameter.type == "endpoint":
        from triplomacy import http

        return ox.NamedNode(http.check_url(value))
    return _literal(parameter, value)


def _literal(parameter: Parameter, value: str) -> ox.Literal:
    kinds: dict[str, tuple[Callable[[str], bool], str]] = {
        "string": (_is_text, "text without halves of surrogate pairs"),
        "integer": (_is_integer, "digits"),
        "number": (_is_number, "a number, such as 12 or 0.5"),
        "boolean": (("true", "false").__contains__, "true or false"),
        "date": (_is_date, "a day that exists, as YYYY-MM-DD"),
        "edtf": (_is_edtf, "a date or an interval of EDTF, such as 2022-09, 2020-21 or 2020/.."),
    }
    is_one, form = kinds[parameter.type]
    if not is_one(value):
        raise BadParameter(f"parameter {parameter.name} takes {form}, not {_short(value)!r}")
    if parameter.type in ("string", "edtf"):
        return ox.Literal(value, language=parameter.language) if parameter.language else ox.Literal(value)
    datatype = {"number": "decimal"}.get(parameter.type, parameter.type)
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


def _is_text(value: str) -> bool:
    return not re.search("[\ud800-\udfff]", value)


def _is_integer(value: str) -> bool:
    return re.fullmatch("[+-]?[0-9]+", value) is not None


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", value) is not None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value  # not 20210630, which is none in XSD
    except ValueError:
        return False


def _is_edtf(value: str) -> bool:
    """Tell whether a value is a date or an interval of EDTF, levels 0 and 1."""
    parts = value.split("/")
    return len(parts) <= 2 and any(part not in ("", "..") for part in parts) and all(map(_is_edtf_part, parts))


def _is_edtf_part(part: str) -> bool:
    bare = _QUALIFIED.sub("", part)
    if part in ("", "..") or _SEASON.fullmatch(bare):
        return True
    from triplomacy.claims import moment

    try:
        moment(
            re.sub("X+$", lambda match: "0" * len(match[0]), bare) if re.fullmatch("[0-9]{2,3}X{1,2}", bare) else bare
        )
    except BadParameter:
        return False
    return True


def _short(value: str) -> str:
    """Return a value cut to a length that fits into a message."""
    return value if len(value) <= 100 else f"{value[:99]}…"


def possible(parameter: Parameter, dataset: Dataset) -> list[str]:
    """Return the names of a parameter's possible values, sorted: its options, or the instances of its class."""
    if parameter.options:
        return list(parameter.options)
    if parameter.type == "boolean":
        return ["true", "false"]
    if parameter.type != "iri" or parameter.of_class is None:
        return []
    members = instances(dataset, parameter.of_class)
    return sorted(names[0] if names else compress(iri) for iri, names in members.items())


def resolve(value: str, dataset: Dataset | None, of_class: str | None = None) -> ox.NamedNode:
    """Return the IRI that a person means by *value*: an IRI, a CURIE, or a label of an entity in any of its forms.

    Raises:
        BadParameter: it is none of them, names several things, or is not of the class *of_class*.
    """
    if not value.strip():
        raise BadParameter("an empty value is not an IRI, CURIE or name; write for instance id:north-korea")
    try:
        iri = expand(value) if ":" in value else None
        node = ox.NamedNode(iri) if iri else None
    except (ValueError, TriplomacyError) as error:
        raise BadParameter(f"{_short(value)!r} is not an IRI, CURIE or name: {_short(str(error))}") from None
    if dataset is None:
        if node is None:
            raise BadParameter(f"{_short(value)!r} is not an IRI or CURIE; write for instance id:north-korea")
        return node
    return _known_node(value, node, dataset, of_class)


def _known_node(value: str, node: ox.NamedNode | None, dataset: Dataset, of_class: str | None) -> ox.NamedNode:
    members = instances(dataset, of_class)
    matches = _nodes_of_name(value, node, members)
    if len(matches) == 1:
        return ox.NamedNode(matches[0])
    if matches:
        raise BadParameter(f"{value!r} names several things: say {' or '.join(map(compress, matches))}")
    known = [name for names in members.values() for name in names] if node is None else map(compress, members)
    others = _nodes_of_name(value, node, instances(dataset, None)) if of_class else []
    note = f" (it is a {_classes(dataset, others[0])})" if others else ""
    raise BadParameter(f"{UnknownName(of_class or 'node', _short(value), known)}{note}")


def _nodes_of_name(value: str, node: ox.NamedNode | None, instances: Mapping[str, list[str]]) -> list[str]:
    """Return the IRIs of the entities that have *value* as a name or as their IRI, sorted."""
    if node is not None:
        return [node.value] if node.value in instances else []
    wanted = value.strip().casefold()
    return sorted(iri for iri, names in instances.items() if wanted in map(str.casefold, names))


def _classes(dataset: Dataset, iri: str) -> str:
    """Return the CURIEs of the classes that a node is stated to be of."""
    rows = dataset.select(binding.bind("SELECT ?class WHERE { ?node a ?class }", {"node": [ox.NamedNode(iri)]}))
    return ", ".join(sorted(compress(row["class"].value) for row in rows))


def instances(dataset: Dataset, of_class: str | None) -> dict[str, list[str]]:
    """Return the names of everything that is of a class, or of everything that has a class, by IRI.

    The class is a CURIE or an IRI; what is equivalent to a union has the members of all its parts.
    """
    text = (
        "SELECT ?node ?name WHERE { ?node a/rdfs:subClassOf* ?class OPTIONAL { ?node rdfs:label|skos:altLabel ?name } }"
    )
    if of_class:
        text = binding.bind(text, {"class": _members(dataset, ox.NamedNode(expand(of_class)))})
    names_by_iri: dict[str, list[str]] = {}
    for row in dataset.select(text):
        names_by_iri.setdefault(str(row["node"].value), []).extend([row["name"].value] if row["name"] else [])
    return names_by_iri


def _members(dataset: Dataset, cls: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the class, and the members of the union that it is equivalent to, if it is."""
    text = "SELECT ?member WHERE { ?class owl:equivalentClass/owl:unionOf/rdf:rest*/rdf:first ?member }"
    rows = dataset.select(binding.bind(text, {"class": [cls]}))
    return [cls, *sorted((row["member"] for row in rows), key=str)]
