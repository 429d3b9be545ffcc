"""The scheduler: which jobs run now, which wait, and which are stopped for others.

Clients take turns, and none has more than its share of the workers. The queue is short: where it is full, whoever has
most in it loses a place to whoever has less. While somebody waits who has no worker, and all are taken, a job that has
run for a while gives way, of the client that has most workers: so a few addresses can slow others down, but cannot keep
them out.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from triplomacy.errors import TriplomacyError
from triplomacy.server.bounds import Bounds

LONG: Final = 0.1
"""Seconds from which on a job lets others go first."""

_SHORT: Final = 0.005  # the same for a client of whom a job has taken that long lately
_LATELY: Final = 10.0  # seconds
_CLIENTS: Final = 1_000  # of whom that is remembered
_INTERVAL: Final = 0.1  # seconds between looks at who could give way
_ALL_TAKEN: Final = "all workers are taken; ask again in a moment"


class Busy(TriplomacyError):
    """All workers are taken, and so is the queue."""


@dataclass(eq=False, slots=True)
class Slot:
    """A running job, and the worker that it occupies.

    Attributes:
        client: whose it is.
        head_start: seconds that it runs at normal priority, before it is lowered.
        gives_way: is done when the job has to stop for others.
        since: when it began.
    """

    client: str
    head_start: float
    gives_way: asyncio.Future[None]
    since: float = field(default_factory=monotonic)


class Scheduler:
    """Gives workers to jobs, fairly among clients.

    Args:
        bounds: on running jobs, waiting jobs and times.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._slots: list[Slot] = []  # the one that has run longest first
        self._running: dict[str, int] = {}
        self._waiting: OrderedDict[str, deque[asyncio.Future[Slot]]] = OrderedDict()
        self._queued = 0
        self._looks: asyncio.TimerHandle | None = None
        self._slow: OrderedDict[str, float] = OrderedDict()  # when a job of a client last took long

    async def take(self, client: str) -> Slot:
        """Wait for a free worker, and return the slot of the client's job.

        Raises:
            Busy: there is no place in the queue, or no end of the wait in it.
        """
        if self.busy < self.bounds.workers and self._running.get(client, 0) < self.bounds.share and not self._queued:
            return self._begin(client)
        self._make_room(client)
        place: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(place)
        self._queued += 1
        self._next()
        self._look()
        try:
            async with asyncio.timeout(self.bounds.wait):
                return await place
        except BaseException as error:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.end(place.result())  # it came as the wait ended
            else:
                self._leave(client, place)
            if isinstance(error, TimeoutError):
                raise Busy(_ALL_TAKEN) from None
            raise

    def mark_slow(self, slot: Slot) -> None:
        """Record that a job took long: for a while, the next jobs of its client are lowered sooner."""
        self._slow[slot.client] = monotonic()
        self._slow.move_to_end(slot.client)
        if len(self._slow) > _CLIENTS:
            self._slow.popitem(last=False)

    def end(self, slot: Slot) -> None:
        """Give a slot back: its worker is free again."""
        self._slots.remove(slot)
        self._running[slot.client] -= 1
        if not self._running[slot.client]:
            del self._running[slot.client]
        self._next()

    def _begin(self, client: str) -> Slot:
        self._running[client] = self._running.get(client, 0) + 1
        is_slow = monotonic() - self._slow.get(client, -_LATELY) < _LATELY
        slot = Slot(client, _SHORT if is_slow else LONG, asyncio.get_running_loop().create_future())
        self._slots.append(slot)
        return slot

    def _make_room(self, client: str) -> None:
        """Make room in a full queue by refusing the last job of the client that has most jobs in it.

        Raises:
            Busy: the client has its share of the queue, or nobody has more in it than this client would have.
        """
        mine = len(self._waiting.get(client, ()))
        if mine >= max(1, self.bounds.queue // 2):
            raise Busy(_ALL_TAKEN)
        if self._queued < self.bounds.queue:
            return
        crowd = max(self._waiting, key=lambda one: len(self._waiting[one]), default=client)
        if len(self._waiting.get(crowd, ())) <= mine + 1:
            raise Busy(_ALL_TAKEN)
        last = self._waiting[crowd][-1]
        self._leave(crowd, last)
        last.set_exception(Busy(_ALL_TAKEN))

    def _leave(self, client: str, place: asyncio.Future[Slot]) -> None:
        with suppress(KeyError, ValueError):
            self._waiting[client].remove(place)
            self._queued -= 1
            if not self._waiting[client]:
                del self._waiting[client]

    def _next(self) -> None:
        """Give free workers to those who wait: to one client after the other, first to those who have fewest."""
        while self.busy < self.bounds.workers:
            may = [one for one in self._waiting if self._running.get(one, 0) < self.bounds.share]
            if not may:
                return
            client = min(may, key=lambda one: self._running.get(one, 0))
            place = self._waiting[client].popleft()
            self._queued -= 1
            self._waiting.move_to_end(client)
            if not self._waiting[client]:
                del self._waiting[client]
            place.set_result(self._begin(client))

    def _look(self) -> None:
        """Schedule the next look at running jobs, as long as somebody waits."""
        if self._looks is None and self._queued:
            self._looks = asyncio.get_running_loop().call_later(_INTERVAL, self._look_again)

    def _look_again(self) -> None:
        self._looks = None
        if any(client not in self._running for client in self._waiting):
            self._relieve()
        self._look()

    def _relieve(self) -> None:
        """Stop the longest-running job of the client with most workers, unless one is being stopped already."""
        if any(slot.gives_way.done() for slot in self._slots):
            return
        oldest = monotonic() - self.bounds.patience
        ripe = [slot for slot in self._slots if slot.since <= oldest]
        if ripe:
            max(ripe, key=lambda slot: self._running[slot.client]).gives_way.set_result(None)

    @property
    def busy(self) -> int:
        """The number of running jobs."""
        return len(self._slots)

    @property
    def queue_length(self) -> int:
        """The number of jobs that wait for a worker."""
        return self._queued
