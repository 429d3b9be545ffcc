"""Content negotiation: which of the formats on offer an ``Accept`` header prefers, and the table of formats.

The rules are those of RFC 9110, 12.4.2 and 12.5.1: of the ranges that match a media type the most specific one gives
its quality, a quality of 0 refuses it, and what no range matches is refused. What the RFC leaves open is decided here:

- of equal qualities, a format that is named comes before one that only a wildcard matches, then the order offered;
- a member that is not a media range, or whose weight is not a number from 0 to 1, is ignored; a header without any
  valid member is treated as absent, and without a header anything is accepted;
- ``*`` alone is ``*/*``, and ``.2`` is 0.2, as the clients of older Java libraries write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its names and media types.

    Attributes:
        name: the name in options and URLs.
        title: the name for people.
        media_type: the media type as registered with IANA, without parameters.
        extension: the extension of file names, without the dot.
        general: more general media types that it can be requested as, and is then sent as.
    """

    name: str
    title: str
    media_type: str
    extension: str
    general: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of ``Content-Type``: the media type, with the charset UTF-8 for ``text/``."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


HTML: Final = Format("html", "HTML", "text/html", "html")
TURTLE: Final = Format("turtle", "Turtle", "text/turtle", "ttl")
TRIG: Final = Format("trig", "TriG", "application/trig", "trig")
NTRIPLES: Final = Format("ntriples", "N-Triples", "application/n-triples", "nt")
NQUADS: Final = Format("nquads", "N-Quads", "application/n-quads", "nq")
JSONLD: Final = Format("jsonld", "JSON-LD", "application/ld+json", "jsonld", ("application/json",))
RDFXML: Final = Format("rdfxml", "RDF/XML", "application/rdf+xml", "rdf", ("application/xml",))
JSON: Final = Format("json", "JSON", "application/sparql-results+json", "srj", ("application/json",))
XML: Final = Format("xml", "XML", "application/sparql-results+xml", "srx", ("application/xml",))
CSV: Final = Format("csv", "CSV", "text/csv", "csv")
TSV: Final = Format("tsv", "TSV", "text/tab-separated-values", "tsv")
PARQUET: Final = Format("parquet", "Parquet", "application/vnd.apache.parquet", "parquet")

GRAPHS: Final = (TURTLE, TRIG, NTRIPLES, NQUADS, JSONLD, RDFXML)
"""The formats of triples, the preferred one first."""

SOLUTIONS: Final = (JSON, XML, CSV, TSV, PARQUET)
"""The formats of the results of SELECT and ASK, the preferred one first."""

DOCUMENTS: Final = (HTML, *GRAPHS)
"""The formats of a document that describes an IRI, the preferred one first."""

FORMATS: Final = (HTML, *GRAPHS, *SOLUTIONS)
"""All formats."""


class Range(NamedTuple):
    """A member of an ``Accept`` header: a media range and its weight, 0 to 1."""

    kind: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    @property
    def specificity(self) -> tuple[int, int]:
        """The precedence (RFC 9110, 12.5.1): the number of names (``type/*`` has one), then of parameters."""
        return (self.kind != "*") + (self.subtype != "*"), len(self.parameters)


_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_MEMBER: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+(?:"|\\?$))++', re.DOTALL)
_RANGE: Final = re.compile(rf"\s*(?:({_TOKEN})/({_TOKEN})|(\*))\s*")
_PARAMETER: Final = re.compile(rf";\s*(?:({_TOKEN})\s*=\s*({_TOKEN}|{_QUOTED})\s*)?")
_WEIGHT: Final = re.compile(r"(?:0?\.[0-9]+|0\.?|1(?:\.0*)?)")


def ranges(accept: str) -> list[Range]:
    """Return the valid media ranges of an ``Accept`` header in their order; join several headers by commas first.

    >>> ranges('text/*;q=0.3, text/plain;format="flowed"')[0]
    Range(kind='text', subtype='*', parameters=frozenset(), quality=0.3)
    """
    return [media_range for member in _MEMBER.findall(accept) if (media_range := _range(member)) is not None]


def _range(member: str) -> Range | None:
    begun = _RANGE.match(member)
    if begun is None:
        return None
    parameters, weight, place = set(), "1", begun.end()
    while place < len(member):
        match = _PARAMETER.match(member, place)
        if match is None:
            return None
        place = match.end()
        name, value = (match[1] or "").lower(), _unquote(match[2] or "")
        if name == "q":
            weight = value
        elif name:
            parameters.add((name, value.lower() if name == "charset" else value))
    kind, subtype = (begun[1] or "*").lower(), (begun[2] or "*").lower()
    if not _WEIGHT.fullmatch(weight) or (kind == "*" and subtype != "*"):
        return None
    return Range(kind, subtype, frozenset(parameters), float(weight))


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def quality(accepted: Iterable[Range], media_type: str) -> tuple[float, tuple[int, int]]:
    """Return the quality of a media type (0 if it is refused) and the specificity of the range that determines it.

    Args:
        accepted: the ranges of an ``Accept`` header.
        media_type: a media type, with its parameters if any.
    """
    whole = _range(media_type)
    assert whole is not None, media_type
    matching = [media_range for media_range in accepted if _matches(media_range, whole)]
    if not matching:
        return 0.0, (0, 0)
    best = max(media_range.specificity for media_range in matching)
    return max(media_range.quality for media_range in matching if media_range.specificity == best), best


def _matches(asked: Range, offered: Range) -> bool:
    if asked.kind not in ("*", offered.kind) or asked.subtype not in ("*", offered.subtype):
        return False
    return all(parameter in offered.parameters or _is_hint(parameter, offered) for parameter in asked.parameters)


def _is_hint(parameter: tuple[str, str], offered: Range) -> bool:
    """Tell whether a requested parameter can be ignored.

    All text is in UTF-8, and a server has to ignore profiles of JSON-LD that it does not know (JSON-LD 1.1, C).
    """
    return parameter == ("charset", "utf-8") or (parameter[0] == "profile" and offered.subtype == "ld+json")


def prefer(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """Return the format that an ``Accept`` header prefers, or None if it refuses all that are offered.

    If only a more general media type of the format matches, the result has that media type.

    Args:
        accept: the value of the header, or None without one.
        offered: the formats in the order of the server's preference.
    """
    accepted = ranges(accept or "") or ranges("*/*")
    best, chosen = (0.0, 0), None
    for form in _by_media_type(offered):
        weight, (named_parts, _) = quality(accepted, form.media_type)
        if weight > 0 and (weight, named_parts) > best:
            best, chosen = (weight, named_parts), form
    return chosen


def _by_media_type(offered: Sequence[Format]) -> Iterator[Format]:
    """Yield each format, then a copy for each more general media type that no format before has."""
    yield from offered
    seen = {form.media_type for form in offered}
    for form in offered:
        for general in form.general:
            if general not in seen:
                seen.add(general)
                yield replace(form, media_type=general)


def format_by_name(name: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """Return the format of that name, or None."""
    return next((form for form in offered if form.name == name), None)


def of_extension(extension: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """Return the format with that file extension (without the dot), or None."""
    return next((form for form in offered if form.extension == extension), None)


def advice(offered: Sequence[Format]) -> str:
    """Return the message for a request that refuses all formats (406 Not Acceptable)."""
    return f"none of the formats in Accept is offered here; ask for one of {', '.join(e.media_type for e in offered)}"
