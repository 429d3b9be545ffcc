"""The settings of a server, checked before it starts."""

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
from triplomacy.server.bounds import Bounds
from triplomacy.server.connections.clients import Network, is_loopback

RESERVED_PATHS: Final = frozenset(
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
"""First segments of paths that the server uses itself, so that the path of a base URL cannot begin with one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

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

    def is_local(self) -> bool:
        """Tell whether only this machine can send requests."""
        hosts = [self.host, urlsplit(self.base_url).hostname or self.host]
        return not self.trusted and all(host == "localhost" or is_loopback(host) for host in hosts)


def base_url(text: str) -> str:
    """Return the address that clients use, without a slash at its end.

    Raises:
        TriplomacyError: it is not an address of HTTP, or its path would hide something here.
    """
    url = documents.base_url(text)
    first = urlsplit(url).path.strip("/").partition("/")[0]
    if first in RESERVED_PATHS:
        raise TriplomacyError(f"/{first} has a meaning here; choose another path for ", Choice("base-url"))
    return url


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of trusted proxies.

    Raises:
        TriplomacyError: one is neither an address nor a network.
    """
    parsed = []
    for text in texts:
        try:
            parsed.append(ipaddress.ip_network(text))
        except ValueError:
            taken = f" takes an address or a network such as 10.0.0.0/8, not {text[:100]!r}"
            raise TriplomacyError(Choice("trusted-proxy"), taken) from None
    return tuple(parsed)


def texts(project: Project, files: Sequence[tuple[str | None, Path]]) -> Mapping[str, str]:
    """Return the characters of sources by their names, each verified against the hash in its graph.

    Raises:
        TriplomacyError: a file cannot be read, or is the text of no source here.
    """
    if not files:
        return {}
    dataset = load(project)
    by_source = {}
    for name, path in files:
        text = evidence.read_text(path)
        source = evidence.choose_source(dataset, text, name)
        if source.sha256 != evidence.sha256(text):
            raise TriplomacyError(f"this is not the text of {source.name}; its hash is another", path=path)
        by_source[source.name] = text
    return by_source


def check(settings: Settings) -> Settings:
    """Return the settings, if they go together.

    Raises:
        TriplomacyError: a text under copyright would be shown to others than this machine, or by no page.
    """
    if settings.texts and settings.data:
        left_out = (" goes with our graphs, which ", Choice("data"), " leaves out; remove one of the two")
        raise TriplomacyError(Choice("source"), *left_out)
    if settings.texts and not settings.is_local():
        advice = " shows a text under copyright: listen on 127.0.0.1 alone, without a proxy"
        raise TriplomacyError(Choice("source"), advice)
    return settings
