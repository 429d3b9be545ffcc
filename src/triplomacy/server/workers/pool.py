"""The pool of workers, as the server uses it: each job gets an answer or a refusal in bounded time.

A worker that exceeds its time is killed and replaced. `scheduler` decides which job runs next.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from triplomacy.dataset import Project
from triplomacy.errors import TriplomacyError
from triplomacy.server.bounds import Bounds
from triplomacy.server.workers.jobs import Job, JobResult, pack, unpack
from triplomacy.server.workers.scheduler import LONG, Scheduler, Slot
from triplomacy.server.workers.worker import memory_message

_START: Final = 120.0  # seconds that a template may take to load the graphs
_BURIAL: Final = 5.0  # seconds that are waited for the end of a worker that was killed
_JOBS: Final = 20_000  # that a worker answers before a fresh one takes its place


class WorkerEnded(Exception):
    """A worker ended before it answered; `signal` is the number of the signal that ended it, 0 for none."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by signal {number}")
        self.signal = number


class _WorkerConnection(asyncio.Protocol):
    """The server's end of the socket to a worker."""

    def __init__(self, number: int, most: int, left: Callable[[_WorkerConnection], None]) -> None:
        self.number = number
        self.left = left  # is told when the worker has ended
        self.most = most
        self.received = bytearray()
        self.reply: asyncio.Future[JobResult] | None = None
        self.transport: asyncio.Transport | None = None
        self.jobs = 0
        self.used = 0.0  # seconds of the processor, by the last job
        self.spent = False  # it goes on only when no other wants the processor, for ever
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        try:
            message = unpack(self.received, self.most)
        except (ValueError, UnicodeDecodeError):
            self.close()
            return
        if message is not None and self.reply is not None and not self.reply.done():
            head, body, length = message
            del self.received[:length]
            self.used = head["used"]
            self.reply.set_result(
                JobResult(
                    head["status"], head["form"], body, tuple(head["remarks"]), head["changing"], head["citation"]
                )
            )

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.gone = True
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(WorkerEnded(0))
        self.left(self)

    def ask(self, job: Job) -> asyncio.Future[JobResult]:
        assert self.transport is not None
        self.jobs += 1
        self.reply = asyncio.get_running_loop().create_future()
        self.transport.write(pack(job.head()))
        return self.reply

    def close(self) -> None:
        self.gone = True
        if self.reply is not None and not self.reply.done():
            self.reply.cancel()  # nobody waits for it any more
        if self.transport is not None:
            self.transport.abort()


class Pool:
    """The template process of one generation of graphs, and its workers."""

    def __init__(self, bounds: Bounds, control: socket.socket, template: subprocess.Popen[bytes]) -> None:
        self.bounds = bounds
        self.sha256 = ""
        self.ended: dict[int, int] = {}  # how often workers have ended before they had answered, by the signal
        self._control = control
        self._template = template
        self._number = 0
        self._idle: list[_WorkerConnection] = []
        self._wires: dict[int, _WorkerConnection] = {}
        self._burials: dict[int, asyncio.Future[int]] = {}
        self._scheduler = Scheduler(bounds)
        self._tasks: set[asyncio.Future[Any]] = set()
        self.lost = asyncio.Event()  # is set when the template has ended by itself
        self._closing = False

    @classmethod
    def launch(cls, project: Project, data: Sequence[Path], bounds: Bounds, base_url: str) -> Pool:
        """Start a template process, which loads the graphs in the background."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        task = {
            "project": str(project.root.resolve()),
            "data": [os.path.realpath(path) for path in data],
            "bounds": asdict(bounds),
            "base": f"{base_url}/sparql",
        }
        ours.send(json.dumps(task).encode())
        with theirs:
            handle = theirs.fileno()
            command = [sys.executable, "-P", "-m", "triplomacy.server.workers.template", str(handle)]
            template = subprocess.Popen(command, pass_fds=[handle], stdin=subprocess.DEVNULL, start_new_session=True)
        return cls(bounds, ours, template)

    async def ready(self) -> None:
        """Wait until the template has loaded the graphs, and start the workers.

        Raises:
            TriplomacyError: the graphs cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        self._control.setblocking(False)
        try:
            message = json.loads(await asyncio.wait_for(loop.sock_recv(self._control, 1 << 16), _START))
        except (TimeoutError, ValueError, OSError):
            raise TriplomacyError("the process that holds the graphs has ended; see above why") from None
        if "error" in message:
            raise TriplomacyError(message["error"])
        self.sha256 = message["sha256"]
        loop.add_reader(self._control.fileno(), self._read_control)
        for _ in range(self.bounds.workers):
            self._idle.append(await self._start())

    async def answer(
        self, job: Job, client: str = "", gone: Callable[[], Awaitable[object]] | None = None
    ) -> JobResult:
        """Return the answer of a job, or the refusal with its reason: whole, and in bounded time.

        Args:
            job: what is asked.
            client: who asks, for the shares.
            gone: waits until who asks is gone; the job is then ended, if it takes long.

        Raises:
            scheduler.Busy: there is no worker, and no place in the queue or no end of the wait in it.
        """
        slot = await self._scheduler.take(client)
        burials: list[Awaitable[int]] = []
        try:
            return await self._answer(job, slot, gone, burials)
        finally:
            if burials:  # its memory is free when it has ended, and not before
                self._run_beside(self._end_later(slot, burials))
            else:
                self._scheduler.end(slot)

    async def _end_later(self, slot: Slot, burials: Sequence[Awaitable[int]]) -> None:
        try:
            for burial in burials:
                await burial
        finally:
            self._scheduler.end(slot)

    async def _answer(
        self, job: Job, slot: Slot, gone: Callable[[], Awaitable[object]] | None, burials: list[Awaitable[int]]
    ) -> JobResult:
        if self.lost.is_set():
            return JobResult(503, body=b"the graphs are being loaded anew; ask again")
        heavy = job.form == "parquet"
        wire = self._idle.pop() if self._idle and not heavy else await self._start(heavy=heavy)
        try:
            reply = wire.ask(job)
            await asyncio.wait([reply], timeout=min(slot.head_start, self.bounds.time))
            if not reply.done():
                self._send_control("lower", wire.number)
                wire.spent = True
                await self._wait(reply, slot, gone)
            if reply.cancelled():
                return _STOPPING
            return reply.result() if reply.done() else _GAVE_WAY if slot.gives_way.done() else _out_of_time(self.bounds)
        except WorkerEnded:
            number = await self._bury(wire)
            self.ended[number] = self.ended.get(number, 0) + 1
            return _ended_result(number, self.bounds)
        finally:
            if wire.spent and (wire.gone or not wire.reply or not wire.reply.done() or wire.used > LONG):
                self._scheduler.mark_slow(slot)
            if not self._keep_worker(
                wire, whole=wire.reply is not None and wire.reply.done() and not (heavy or job.has_scope)
            ):
                wire.close()
                burials.append(self._bury(wire))
                if not self._closing:
                    self._run_beside(self._prepare())

    async def _wait(
        self, reply: asyncio.Future[JobResult], slot: Slot, gone: Callable[[], Awaitable[object]] | None
    ) -> None:
        """Wait for a reply until its time is over, it has to give way, or nobody wants it any more."""
        waits: list[asyncio.Future[Any]] = [reply, slot.gives_way]
        if gone is not None:
            waits.append(asyncio.ensure_future(gone()))
        try:
            await asyncio.wait(waits, timeout=self.bounds.time - slot.head_start, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in waits[2:]:
                other.cancel()

    def _keep_worker(self, wire: _WorkerConnection, *, whole: bool) -> bool:
        """Keep a worker for the next job if it can be used again, and tell whether it can."""
        if not whole or wire.gone or wire.spent or wire.jobs >= _JOBS or self._closing:
            return False
        if len(self._wires) > self.bounds.workers:  # one was started while another was made ready
            return False
        self._idle.append(wire)
        return True

    def _run_beside(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self) -> None:
        if len(self._wires) < self.bounds.workers:
            self._idle.append(await self._start())

    async def _start(self, *, heavy: bool = False) -> _WorkerConnection:
        """Have a worker forked, and return the connection to it; a *heavy* one can write Parquet."""
        self._number += 1
        wire = _WorkerConnection(self._number, 2 * self.bounds.size + 1_000_000, self._replace_worker)
        self._wires[wire.number] = wire
        ours, theirs = socket.socketpair()
        with theirs:
            self._send_control("heavy" if heavy else "start", wire.number, [theirs.fileno()])
        ours.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: wire, sock=ours)
        return wire

    def _replace_worker(self, wire: _WorkerConnection) -> None:
        """Replace a worker that has ended while it was idle."""
        if wire in self._idle and not self._closing:
            self._idle.remove(wire)
            self._run_beside(self._bury(wire))
            self._run_beside(self._prepare())

    def _bury(self, wire: _WorkerConnection) -> Coroutine[Any, Any, int]:
        """Have a worker killed; the coroutine returned waits for the number of the signal that ended it, or 0."""
        burial: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._wires.pop(wire.number, None) is None or self.lost.is_set() or self._closing:
            burial.set_result(0)
        else:
            self._burials[wire.number] = burial
            self._send_control("end", wire.number)
        return self._wait_for_burial(burial)

    async def _wait_for_burial(self, burial: asyncio.Future[int]) -> int:
        with suppress(TimeoutError):
            return await asyncio.wait_for(burial, _BURIAL)
        return 0

    def _send_control(self, what: str, number: int, handles: Sequence[int] = ()) -> None:
        message = json.dumps({"do": what, "worker": number}).encode()
        with suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._control, [message], list(handles))

    def _read_control(self) -> None:
        """Read from the template how a worker has ended; an empty message means that the template itself has."""
        try:
            content = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            content = b""
        if not content:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self.lost.set()
            return
        message = json.loads(content)
        burial = self._burials.pop(message["worker"], None)
        if burial is not None and not burial.done():
            burial.set_result(message["signal"])

    @property
    def busy(self) -> int:
        """The number of jobs that are being answered."""
        return self._scheduler.busy

    @property
    def queue_length(self) -> int:
        """The number of jobs that wait for a worker."""
        return self._scheduler.queue_length

    async def close(self) -> None:
        """End the workers and the template at once."""
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        for wire in list(self._wires.values()):
            wire.close()
        with suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(self._control.fileno())
        self._control.close()
        try:
            await asyncio.to_thread(self._template.wait, 5)
        except subprocess.TimeoutExpired:
            self._template.kill()
            await asyncio.to_thread(self._template.wait)


_GAVE_WAY: Final = JobResult(503, body=b"this takes long, and others wait; ask for less, or again in a moment")

_STOPPING: Final = JobResult(503, body=b"this server ends; ask again later")


def _out_of_time(bounds: Bounds) -> JobResult:
    return JobResult(504, body=f"an answer may take {bounds.time:g} seconds; ask for less".encode())


def _ended_result(number: int, bounds: Bounds) -> JobResult:
    """Return the result for a job whose worker has ended, by the signal; the engine aborts when memory runs out."""
    if number == signal.SIGABRT:
        return JobResult(422, body=memory_message(bounds).encode())
    if number == signal.SIGSEGV:  # its stack; it would be the same the next time
        return JobResult(422, body=b"a query has to be one that the engine can follow; nest or chain less")
    if number in (signal.SIGXCPU, signal.SIGALRM):
        return _out_of_time(bounds)
    return JobResult(503, body=b"the process that answered has ended; ask again")
