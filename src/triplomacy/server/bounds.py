"""The bounds on what an answer may take, and on who may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may cost; seconds, bytes and numbers.

    Attributes:
        time: seconds that an answer may take in its worker.
        memory: bytes that a worker may take beyond the graphs.
        rows: solutions or triples of an answer.
        size: bytes of an answer.
        query: characters of a query.
        nesting: brackets of a query that may be open at a time.
        tokens: words and signs of a query.
        workers: answers that are made at a time.
        share: of these, for one client.
        queue: requests that may wait for a worker.
        wait: seconds that they wait.
        patience: seconds that an answer may take for sure, while others wait who have no worker.
        rate: answers a second for one client in the long run; 0 for no bound.
        burst: answers that a client may have at once.
        line: bytes of a request's first line.
        head: bytes of that and of all headers.
        body: bytes of a request's body.
        head_time: seconds in which both have to be there.
        body_time: seconds in which the body has to be there.
        send_time: seconds in which a client has to take some of the answer.
        idle: seconds that a connection stays open without a request.
        connections: open at a time.
        connections_of_one: of these, of one client.
        cache: bytes of answers that are kept to be given again.
    """

    time: float = 10.0
    memory: int = 512 * MEGABYTE
    rows: int = 100_000
    size: int = 20 * MEGABYTE
    query: int = 32_768
    nesting: int = 64
    tokens: int = 8_192
    workers: int = 4
    share: int = 2
    queue: int = 64
    wait: float = 5.0
    patience: float = 2.0
    rate: float = 20.0
    burst: float = 200.0
    line: int = 16_384
    head: int = 32_768
    body: int = 131_072
    head_time: float = 10.0
    body_time: float = 20.0
    send_time: float = 20.0
    idle: float = 15.0
    connections: int = 512
    connections_of_one: int = 128
    cache: int = 32 * MEGABYTE
