"""How a server is started: what its operator says, checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from triplomacy.claims import evidence
from triplomacy.dataset import Project, load
from triplomacy.errors import Choice, TriplomacyError
from triplomacy.publish import documents
from triplomacy.server.connections.clients import Network, is_loopback
from triplomacy.server.workers.bounds import Bounds

OWN: Final = frozenset(
    [
        ".well-known",
        "actors",
        "authors",
        "catalogue",
        "dataset",
        "disputes",
        "explain",
        "graph",
        "health",
        "id",
        "metrics",
        "ontology",
        "passage",
        "proposition",
        "propositions",
        "queries",
        "query",
        "rdf-graph-store",
        "shapes",
        "source",
        "sources",
        "sparql",
        "static",
        "time",
        "view",
        "void",
    ]
)
"""First parts of paths that have a meaning here, so that no prefix can be one of them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is started.

    Attributes:
        project: whose graphs and stored queries are served.
        data: other people's files, to be served in place of the graphs.
        host: the address to listen on.
        port: the port, 0 for any that is free.
        base_url: the address that clients use, without a slash at its end; empty for that of host and port, which is
            known once the server listens.
        texts: the file with the text of a source, by the source's name.
        trusted: the networks of proxies whose ``X-Forwarded-For`` is believed.
        bounds: what a request may cost.
        log: whether requests are logged, to standard output.
        watch: whether the graphs are loaded anew when their files have changed.
    """

    project: Project
    data: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    trusted: tuple[Network, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    log: bool = True
    watch: bool = False

    def local(self) -> bool:
        """Tell whether nobody but this machine can ask."""
        hosts = [self.host, urlsplit(self.base_url).hostname or self.host]
        return not self.trusted and all(host == "localhost" or is_loopback(host) for host in hosts)


def base_url(text: str) -> str:
    """Return the address that clients use, without a slash at its end.

    Raises:
        TriplomacyError: it is no address of HTTP, or its path would hide something here.
    """
    found = documents.base_url(text)
    first = urlsplit(found).path.strip("/").partition("/")[0]
    if first in OWN:
        raise TriplomacyError(f"/{first} has a meaning here; choose another path for ", Choice("base-url"))
    return found


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of trusted proxies.

    Raises:
        TriplomacyError: one is no address and no network.
    """
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError:
            taken = f" takes an address or a network such as 10.0.0.0/8, not {text[:100]!r}"
            raise TriplomacyError(Choice("trusted-proxy"), taken) from None
    return tuple(found)


def texts(project: Project, given: Sequence[tuple[str | None, Path]]) -> Mapping[str, str]:
    """Return the characters of sources by their names, each verified against the hash in its graph.

    Raises:
        TriplomacyError: a file cannot be read, or is the text of no source here.
    """
    if not given:
        return {}
    dataset = load(project)
    found = {}
    for name, path in given:
        text = evidence.read_text(path)
        source = evidence.choose(dataset, text, name)
        if source.sha256 != evidence.sha256(text):
            raise TriplomacyError(f"this is not the text of {source.name}; its hash is another", path=path)
        found[source.name] = text
    return found


def check(settings: Settings) -> Settings:
    """Return settings that go together.

    Raises:
        TriplomacyError: a text under copyright would be shown to others than this machine, or by no page.
    """
    if settings.texts and settings.data:
        left_out = (" goes with our graphs, which ", Choice("data"), " leaves out; remove one of the two")
        raise TriplomacyError(Choice("source"), *left_out)
    if settings.texts and not settings.local():
        advice = " shows a text under copyright: listen on 127.0.0.1 alone, without a proxy"
        raise TriplomacyError(Choice("source"), advice)
    return settings
