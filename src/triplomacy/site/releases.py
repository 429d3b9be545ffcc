"""Releases: the version metadata of the ontology, and the permanent, browsable copy of each release on the site.

Each of our IRIs has a version IRI in each release, ``release/VERSION/PATH``, which resolves to the copy of the release.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import Project
from triplomacy.errors import Choice, MalformedInput, TriplomacyError
from triplomacy.files import read_text
from triplomacy.publish import Release, version as versioned
from triplomacy.rdf import turtle
from triplomacy.terms import ONTOLOGY, OWL, PREFIXES

FOLDER: Final = "release/"
RECORD: Final = "release.json"
_VERSION: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){2}")


def order(version: str) -> tuple[int, ...]:
    """Return the sort key of a version of three numbers.

    >>> sorted(["0.10.0", "0.9.1"], key=order)
    ['0.9.1', '0.10.0']
    """
    return tuple(int(part) for part in version.split("."))


def check(version: str) -> str:
    """Return a version unchanged.

    Raises:
        TriplomacyError: it does not have three numbers without leading zeros.
    """
    if not _VERSION.fullmatch(version):
        raise TriplomacyError(
            Choice("release"), f" takes a version of three numbers such as 0.2.0, not {version[:50]!r}"
        )
    return version


def list_releases(root: Path) -> list[Release]:
    """Return the releases of the site in a folder, the last one first.

    Raises:
        MalformedInput: the record of a release is malformed.
        TriplomacyError: a record cannot be read.
    """
    releases = [_read(path) for path in (root / FOLDER).glob(f"*/{RECORD}")]
    return sorted(releases, key=lambda release: order(release.version), reverse=True)


def _read(path: Path) -> Release:
    try:
        release = Release(**json.loads(read_text(path)))
        if release.version != path.parent.name or not _VERSION.fullmatch(release.version):
            raise ValueError(release.version)
        return release
    except (ValueError, TypeError):
        raise MalformedInput("is not a record of a release; copy it from the site again", path=path) from None


def record(release: Release) -> str:
    """Return ``release.json``, the record in the copy of a release."""
    return json.dumps(asdict(release), ensure_ascii=False, indent=2) + "\n"


def next_after(version: str, stated: str, former: Sequence[Release]) -> Release | None:
    """Return the release before a new one, or None for the first.

    Args:
        version: the version to release.
        stated: the ``owl:versionInfo`` of the ontology, or "".
        former: the releases on the site.

    Raises:
        TriplomacyError: the ontology has another version, or a later one has been released.
    """
    if version != stated:
        differs = f"owl:versionInfo of the ontology is {stated or 'missing'}, not {version}; correct it, or "
        raise TriplomacyError(differs, Choice("release"))
    others = [release for release in former if release.version != version]
    last = max(others, key=lambda release: order(release.version), default=None)
    if last is not None and order(last.version) > order(version):
        raise TriplomacyError(f"{last.version} has been released, which is later than {version}; take a later version")
    return last


def with_release(project: Project, version: str, before: Release | None, folder: Path) -> Project:
    """Return the project with the version IRIs of its ontology added, which are written to a file in *folder*."""
    node = ox.NamedNode(ONTOLOGY)
    triples = [ox.Triple(node, ox.NamedNode(OWL + "versionIRI"), ox.NamedNode(versioned(ONTOLOGY, version)))]
    if before is not None:
        former = ox.NamedNode(versioned(ONTOLOGY, before.version))
        triples.append(ox.Triple(node, ox.NamedNode(OWL + "priorVersion"), former))
    path = folder / "release.ttl"
    path.write_bytes(turtle.serialise(triples, PREFIXES).encode())
    return replace(project, added={ONTOLOGY: [path]})


def graphs(root: Path, version: str) -> dict[str, list[ox.Triple]]:
    """Return the triples of each graph of a release on a site, by the IRI of the graph.

    Raises:
        MalformedInput: the dump of the release is malformed.
        TriplomacyError: the dump cannot be read.
    """
    path = root / FOLDER / version / "dumps" / "triplomacy.nq"
    triples_by_graph: dict[str, list[ox.Triple]] = {}
    try:
        for quad in ox.parse(path=path, format=ox.RdfFormat.N_QUADS):
            triples_by_graph.setdefault(str(quad.graph_name)[1:-1], []).append(quad.triple)
    except SyntaxError as error:
        raise MalformedInput(str(error.msg), path=path, line=error.lineno) from None
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None
    return triples_by_graph
