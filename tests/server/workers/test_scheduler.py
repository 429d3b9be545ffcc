"""Whose turn it is: shares, the queue, and who gives way."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps

import pytest

from triplomacy.server.bounds import Bounds
from triplomacy.server.workers.scheduler import Busy, Scheduler, Slot

BOUNDS = Bounds(workers=2, share=1, queue=4, wait=5.0, patience=0.3)


def in_loop(test: Callable[[], Coroutine[object, object, None]]) -> Callable[[], None]:
    """Run a test in an event loop."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


async def waits(turns: Scheduler, client: str) -> asyncio.Task[Slot]:
    """Return the wait of a client that finds no worker free."""
    task = asyncio.create_task(turns.take(client))
    await asyncio.sleep(0)
    assert not task.done()
    return task


@in_loop
async def test_share() -> None:
    """A client has its share of the workers, and the rest is for others."""
    turns = Scheduler(BOUNDS)
    first = await turns.take("a")
    second = await waits(turns, "a")
    other = await turns.take("b")
    assert (turns.busy, turns.queue_length) == (2, 1)
    turns.end(other)
    await asyncio.sleep(0)
    assert not second.done()
    turns.end(first)
    assert (await second).client == "a"
    turns.end(second.result())
    assert (turns.busy, turns.queue_length) == (0, 0)


@in_loop
async def test_clients_take_turns() -> None:
    """Whoever has asked once does not wait for all that another one has asked before."""
    turns = Scheduler(BOUNDS)
    taken = [await turns.take("a"), await turns.take("b")]
    crowd = [await waits(turns, "c") for _ in range(2)]
    single = await waits(turns, "d")
    for turn in taken:
        turns.end(turn)
    await asyncio.sleep(0)
    assert [task.done() for task in (*crowd, single)] == [True, False, True]
    crowd[1].cancel()


@in_loop
async def test_who_has_no_worker_goes_first() -> None:
    """A free worker goes to whoever has none, before another one goes to somebody who has one."""
    turns = Scheduler(Bounds(workers=2, share=2))
    first = [await turns.take("a") for _ in range(2)]
    second, other = await waits(turns, "a"), await waits(turns, "b")
    turns.end(first[0])
    assert (await other).client == "b"
    assert not second.done()
    second.cancel()


@in_loop
async def test_nobody_fills_the_queue() -> None:
    """A client has half of the queue at most; where it is full, who has most in it loses a place to who has none."""
    turns = Scheduler(BOUNDS)
    for client in "ab":
        await turns.take(client)
    crowds = {client: [await waits(turns, client) for _ in range(2)] for client in "cd"}
    with pytest.raises(Busy, match="all workers are taken"):
        await turns.take("c")
    single = await waits(turns, "e")
    with pytest.raises(Busy, match="all workers are taken"):
        await crowds["c"][1]
    assert turns.queue_length == 4
    other = await waits(turns, "f")
    with pytest.raises(Busy, match="all workers are taken"):
        await crowds["d"][1]
    with pytest.raises(Busy, match="all workers are taken"):
        await turns.take("g")
    for task in (crowds["c"][0], crowds["d"][0], single, other):
        task.cancel()


@in_loop
async def test_wait_has_an_end() -> None:
    """Whoever waits too long is told so, and leaves no trace in the queue."""
    turns = Scheduler(Bounds(workers=1, wait=0.05))
    turn = await turns.take("a")
    with pytest.raises(Busy, match="all workers are taken"):
        await turns.take("b")
    assert turns.queue_length == 0
    turns.end(turn)
    assert (await turns.take("b")).client == "b"


@in_loop
async def test_what_takes_long_gives_way() -> None:
    """While somebody waits without a worker, a job gives way that has had its time, of the client with most of them."""
    turns = Scheduler(Bounds(workers=3, share=2, patience=0.3))
    single = await turns.take("a")
    several = [await turns.take("b") for _ in range(2)]
    await asyncio.sleep(0.5)
    assert not any(turn.gives_way.done() for turn in (single, *several)), "nobody waits"
    waiting = await waits(turns, "c")
    await asyncio.sleep(0.5)
    assert [turn.gives_way.done() for turn in (single, *several)] == [False, True, False], "one is enough"
    turns.end(several[0])
    assert (await waiting).client == "c"


@in_loop
async def test_head_start() -> None:
    """A client of whom a job has taken long lately lets others go first sooner; the others do not."""
    turns = Scheduler(BOUNDS)
    first = await turns.take("a")
    turns.mark_slow(first)
    turns.end(first)
    again, other = await turns.take("a"), await turns.take("b")
    assert again.head_start < first.head_start == other.head_start


@in_loop
async def test_what_is_quick_does_not_give_way() -> None:
    """A job has its time even when others wait, and who has a worker already makes nobody give way."""
    turns = Scheduler(Bounds(workers=2, share=1, patience=60))
    first, second = await turns.take("a"), await turns.take("b")
    waiting = await waits(turns, "c")
    await asyncio.sleep(0.3)
    assert not first.gives_way.done()
    waiting.cancel()
    turns = Scheduler(Bounds(workers=2, share=1, patience=0))
    first, second = await turns.take("a"), await turns.take("b")
    waiting = await waits(turns, "b")
    await asyncio.sleep(0.3)
    assert not first.gives_way.done()
    assert not second.gives_way.done()
    waiting.cancel()
