"""What a query names: its IRIs, and the triple patterns that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from triplomacy.sparql import tokens
from triplomacy.terms import PREFIXES, RDF

_PREFIX: Final = re.compile(r"\bPREFIX\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\s]*")
_TERMS: Final = ("iri", "name", "variable", "string")


def iris(text: str) -> list[str]:
    """Return the IRIs that a query names, each once, in their order, those of its declarations left out."""
    prefixes, body = _declared(text)
    found = (iri(token.text, prefixes) for token in tokens.tokens(body) if token.kind in ("iri", "name"))
    return list(dict.fromkeys(each for each in found if each and each not in prefixes.values()))


def _declared(text: str) -> tuple[dict[str, str], str]:
    """Return the prefixes that a query knows, and what is left of it behind their declarations."""
    return {**PREFIXES, **dict(_PREFIX.findall(text))}, _PREFIX.sub(" ", text)


def iri(token: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a token of a query stands for, or None where it is no IRI."""
    if token == "a":
        return f"{RDF}type"
    if token.startswith("<"):
        return token[1:-1] if _IRI.fullmatch(token[1:-1]) else None
    prefix, colon, local = token.rstrip(".").partition(":")
    found = prefixes[prefix] + local.replace("\\", "") if colon and prefix in prefixes else ""
    return found if _IRI.fullmatch(found) else None


def triples(text: str) -> list[tuple[str, str, str]]:
    """Return the triple patterns of a query: a variable with its question mark, an IRI in full, a literal as written.

    A part that is no single term (a property path, a blank node in brackets, a list, a number) is empty.
    """
    prefixes, body = _declared(text)
    return [
        (_written(one, prefixes), _written(two, prefixes), _written(three, prefixes))
        for one, two, three in _patterns(body)
    ]


def _written(token: str, prefixes: Mapping[str, str]) -> str:
    if token.startswith("$"):
        return f"?{token[1:]}"
    return token if token.startswith(("?", "_:", '"', "'")) else iri(token, prefixes) or ""


def _patterns(text: str) -> Iterator[tuple[str, str, str]]:
    parts: list[str] = []
    path, depth = False, 0  # whether the predicate is none that can be told; how deep in brackets we are
    for kind, token, *_ in tokens.tokens(text):
        opens, closes = token in ("(", "["), token in (")", "]")
        depth += opens - closes
        if closes or depth > opens:
            continue
        if kind == "brace" or token == "." or (kind == "word" and token != "a"):
            parts, path = [], False
        elif token in (";", ","):
            path = path and token == ","
            parts = parts[: 1 if token == ";" or path else 2]
        elif opens and not (token == "[" or parts):
            continue  # an expression
        elif not (opens or kind in _TERMS or token == "a") or (token == "(" and len(parts) == 1):
            path = True
        elif not path:
            parts.append(token.rstrip(".") if kind == "name" else token)
            if len(parts) == 3:
                yield parts[0], parts[1], parts[2]
            if kind == "name" and token.endswith("."):
                parts = []
