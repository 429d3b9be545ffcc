"""Provenance of an import, in its graph: origin, hashes and licence of the files, time, and program version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from triplomacy import __version__
from triplomacy.claims import tables
from triplomacy.errors import BadParameter
from triplomacy.imports import writing
from triplomacy.terms import GRAPH, SOURCE

EXAMPLE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"

_ENDED: Final = re.compile(r'prov:endedAtTime "([^"]*)"')


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of files and their licence.

    Attributes:
        address: the IRI of the publisher's page.
        licence: the IRI of the licence.
    """

    address: str
    licence: str


def origin(address: str, licence: str) -> Origin:
    """Return an origin of validated IRIs.

    Raises:
        BadParameter: one of the two is not an absolute IRI.
    """
    for text in (address, licence):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+", text):
            raise BadParameter(f"{text!r} is not an IRI; write for instance {EXAMPLE}")
    return Origin(address, licence)


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the name, title and description of its graph, its files with their hashes, and their origin."""

    name: str
    title: str
    description: str
    source_label: str
    creator: str
    files: Mapping[Path, str]
    origin: Origin


def hashes(paths: Sequence[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each file in hexadecimal, in the order of file names.

    Raises:
        BadParameter: two files have the same name.
        TriplomacyError: a file cannot be read.
    """
    names = [path.name for path in paths]
    for path in paths:
        if names.count(path.name) > 1:
            raise BadParameter(f"two files are called {path.name}; give each file once, with a name of its own")
    return {path: tables.sha256(path) for path in sorted(paths, key=lambda path: path.name)}


def parse_time(text: str | None) -> str | None:
    """Return an ISO 8601 date or time as the lexical form of an ``xsd:dateTime`` in UTC; None for None.

    A date stands for its first second, and a time without a time zone is in UTC.

    Raises:
        BadParameter: the text is neither a date nor a time.
    """
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadParameter(f"{text!r} is not a time; write for instance 2026-11-25 or 2026-11-25T12:00:00Z") from None
    return _utc(time if time.tzinfo else time.replace(tzinfo=UTC))


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def end_time(activity: Import, folder: Path, at: str | None) -> str:
    """Return the time of the import: *at*, else that in the folder if the same files made it, else the present time."""
    if at is not None:
        return at
    former = _former_text(folder)
    match = _ENDED.search(former)
    if match and former == graph_description(activity, match[1]) + source_description(activity):
        return match[1]
    return _utc(datetime.now(UTC))


def _former_text(folder: Path) -> str:
    parts = [folder / "graph.ttl", folder / "source.ttl"]
    if not all(part.is_file() for part in parts):
        return ""
    return "".join(part.read_text(encoding="utf-8", errors="replace") for part in parts)


def graph_description(activity: Import, when: str) -> str:
    """Return ``graph.ttl`` in Turtle: the graph, the activity of the import, and the program as its agent."""
    program = f"<https://w3id.org/triplomacy/program/{__version__}>"
    base = f"{SOURCE}{activity.name}/"
    head = writing.header("What this graph is", ("dcat", "dcterms", "prov", "rdfs", "xsd"), base)
    graph = writing.statement(
        f"<{GRAPH}{activity.name}>",
        [
            ("a", "dcat:Dataset"),
            ("dcterms:title", writing.literal(activity.title)),
            ("dcterms:description", writing.literal(activity.description)),
            ("dcterms:creator", "<https://w3id.org/triplomacy/authors>"),
            ("dcterms:created", f'"{date.fromisoformat(when[:10])}"^^xsd:date'),
            ("dcterms:license", f"<{activity.origin.licence}>"),
            ("dcterms:source", f"<{activity.origin.address}>"),
            ("prov:wasGeneratedBy", "<import>"),
        ],
    )
    statement = writing.statement(
        "<import>",
        [
            ("a", "prov:Activity"),
            ("rdfs:label", writing.literal(f"Import of {activity.name} by triplomacy import")),
            ("prov:endedAtTime", f'"{when}"^^xsd:dateTime'),
            ("prov:used", [f"<{path.name}>" for path in activity.files]),
            ("prov:wasAssociatedWith", program),
        ],
    )
    label = writing.literal(f"Triplomacy {__version__}")
    return head + graph + statement + writing.statement(program, [("a", "prov:SoftwareAgent"), ("rdfs:label", label)])


def source_description(activity: Import) -> str:
    """Return ``source.ttl`` in Turtle: the source and its files with their hashes."""
    head = writing.header("The record and its files", ("dcterms", "id", "rdfs", "tri"), f"{SOURCE}{activity.name}/")
    label = writing.literal(activity.source_label)
    source = [
        ("a", "tri:Source"),
        ("rdfs:label", label),
        ("dcterms:title", label),
        ("dcterms:creator", activity.creator),
        ("dcterms:source", f"<{activity.origin.address}>"),
    ]
    text = head + writing.statement(f"<../{activity.name}>", source)
    for path, digest in activity.files.items():
        pairs = [
            ("a", "tri:DataFile"),
            ("rdfs:label", writing.literal(f"{path.name}, as it was imported")),
            ("dcterms:isPartOf", f"<../{activity.name}>"),
            ("tri:sha256", writing.literal(digest, None)),
        ]
        text += writing.statement(f"<{path.name}>", pairs)
    return text
