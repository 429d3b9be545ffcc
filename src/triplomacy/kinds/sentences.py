"""What the shapes of kinds say to whoever has to mend a proposition."""

from __future__ import annotations

from typing import Final

from triplomacy.kinds.ontology import VALUE_SET, Ontology
from triplomacy.kinds.table import NUMBER, Role
from triplomacy.terms import RDF, compress

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEXTS: Final = {NUMBER: "a whole number of zero or more", RDF + "langString": "a text with a language tag"}
_LANGUAGES: Final = {"ar": "Arabic", "de": "German", "en": "English", "fr": "French", "ru": "Russian", "zh": "Chinese"}


def with_article(noun: str) -> str:
    """Return a noun in the singular behind its article.

    >>> with_article("actor"), with_article("unit")
    ('an actor', 'a unit')
    """
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith(('eu', 'one', 'uni', 'use')) else 'a'} {noun}"


def requirement(role: Role, subject: str, upper: str | None, ontology: Ontology) -> str:
    """Return the message of a role's shape: what is required, and what to do where it is missing or wrong.

    Args:
        role: the row of the table.
        subject: the kind, with an article.
        upper: the kind above it that has roles too, if there is one.
        ontology: the terms that the row names.
    """
    name = compress(role.iri, ontology.prefixes)
    resort = f", or make it a {compress(upper, ontology.prefixes)}" if upper else ""
    if role.most == 0:
        return f"{_capitalise(subject)} has no {role.words}: remove {name}{resort}."
    if role.least == 0 and role.most is None:
        value = _value(role, ontology).removeprefix(", ")
        return f"Each {role.words} of {subject} is {value}: correct {name}, or declare what it leads to."
    return f"{_capitalise(subject)} has {_count(role)} {_noun_phrase(role, ontology)}: {_advice(role, name)}{resort}."


def closure(subject: str, file: str) -> str:
    """Return the message of a closed shape: that no other properties are allowed, and what to do about one."""
    advice = f"correct a misspelt one, or add a new role to {file}"
    return f"{_capitalise(subject)} has only the properties of its kind: {advice}."


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]


def _count(role: Role) -> str:
    least, most = (str(n) if n is None or n >= len(_NUMBERS) else _NUMBERS[n] for n in (role.least, role.most))
    if role.least == role.most:
        return f"exactly {least}"
    if role.most is None:
        return f"at least {least}"
    return f"from {least} to {most}" if role.least else f"at most {most}"


def _noun_phrase(role: Role, ontology: Ontology) -> str:
    value = _value(role, ontology)
    if value.endswith("declared") and role.words.startswith(ontology.label(role.classes[0])):
        return f"declared {role.words}"
    return role.words + value


def _value(role: Role, ontology: Ontology) -> str:
    """Return what a value has to be, behind a comma."""
    if role.language:
        return f", a text in {_LANGUAGES.get(role.language, role.language)}"
    if role.datatype:
        return f", {_TEXTS.get(role.datatype) or with_article(ontology.label(role.datatype))}"
    if not role.classes:
        return ""
    many = role.least > 1 or (role.most or 0) > 1
    if all(VALUE_SET in ontology.lineage(value) for value in role.classes):
        return ", each one that the ontology lists" if many else ", one that the ontology lists"
    *others, last = (with_article(ontology.label(value)) for value in role.classes)
    either = f"{', '.join(others)} or {last}" if others else last
    return f", {'each ' if many else ''}{either} that is declared"


def _advice(role: Role, name: str) -> str:
    if role.datatype == NUMBER:
        return f"write it as a plain integer with {name}"
    return f"add or correct {name}" if role.least else f"correct {name}"
