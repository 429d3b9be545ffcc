"""Honest clients: they ask what people ask, one request after the other, and note how long each took.

``python -m tests.support.honest PORT`` asks from several addresses until standard input ends, then prints a line of
JSON a request: when it was sent (seconds of the system's monotonic clock), how long it took, what it was, and its
status, -1 where the answer is not the right one.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import quote

ROOT: Final = Path(__file__).resolve().parents[2]
CLIENTS: Final = 4  # each from an address of its own
PAUSE: Final = 0.06  # seconds between two requests of one, so that the rate that the server allows is kept

_QUERY: Final = "SELECT ?claim { ?claim tri:claimant id:artyom-lukin } # "
_STATES: Final = ("russia", "north-korea", "syria", "united-states", "china")


@dataclass(frozen=True)
class Taken:
    """A request of an honest client: when it was sent, the seconds that it took, what it was, its status."""

    at: float
    seconds: float
    what: str
    status: int


def _requests(client: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield what a client asks: a name, the target, and what has to be in the answer."""
    for number in count():
        state = _STATES[number % len(_STATES)]
        yield "query", f"/sparql?query={quote(f'{_QUERY}{client} {number}', safe='')}", b'"bindings"'
        yield "stored query", f"/queries/who-recognises?recognised=LPR&as-of={1900 + number % 200}", b'"citation"'
        yield "repeated query", f"/sparql?query={quote(_QUERY, safe='')}", b'"bindings"'
        yield "document", f"/id/{state}.ttl?{client}={number}", b"@prefix"
        yield "page", f"/id/{state}.html", b"</html>"


def _ask(client: int, port: int, taken: list[Taken], ends: threading.Event) -> None:
    source = (f"127.0.2.{client + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, 60, source_address=source)
    for what, target, expected in _requests(client):
        if ends.wait(PAUSE):
            break
        at = time.monotonic()
        try:
            connection.request("GET", target)
            reply = connection.getresponse()
            body = reply.read()
            status = reply.status if reply.status != 200 or expected in body else -1
        except (http.client.HTTPException, OSError):
            connection.close()
            status = -1
        taken.append(Taken(at, time.monotonic() - at, what, status))
    connection.close()


def main() -> None:
    """Ask until standard input ends, and print what was taken."""
    taken: list[Taken] = []
    ends = threading.Event()
    port = int(sys.argv[1])
    clients = [threading.Thread(target=_ask, args=(client, port, taken, ends)) for client in range(CLIENTS)]
    for client in clients:
        client.start()
    sys.stdin.read()
    ends.set()
    for client in clients:
        client.join()
    for each in taken:
        print(json.dumps([each.at, each.seconds, each.what, each.status]))


class Honest:
    """Honest clients in a process of their own, so that they do not wait for whoever is hostile here."""

    def __init__(self, port: int) -> None:
        command = [sys.executable, "-m", "tests.support.honest", str(port)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.taken: list[Taken] = []

    def __enter__(self) -> Honest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        said, _ = self._process.communicate()
        self.taken = [Taken(*json.loads(line)) for line in said.splitlines()]

    def during(self, spans: Sequence[tuple[float, float]]) -> list[Taken]:
        """Return the requests that were sent within one of some spans of time."""
        return [each for each in self.taken if any(start <= each.at < end for start, end in spans)]


def percentile(taken: Sequence[Taken], share: float = 0.99) -> float:
    """Return the seconds within which that share of requests was answered."""
    assert taken, "nobody asked"
    return sorted(each.seconds for each in taken)[ceil(share * len(taken)) - 1]


if __name__ == "__main__":
    main()
