"""The template: a process that loads the graphs once and forks workers that evaluate what strangers ask."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Final

from triplomacy import queries
from triplomacy.dataset import Project
from triplomacy.errors import TriplomacyError
from triplomacy.queries import Answer, formats
from triplomacy.server.bounds import Bounds
from triplomacy.server.workers.jobs import Job
from triplomacy.server.workers.served import read
from triplomacy.server.workers.worker import TRIPLE_FORMATS, Worker, work

_LOW: Final = 10  # of nice: a tenth of what others get; with less, a killed process takes seconds to end


class WorkerTemplate:
    """Holds the graphs and forks workers that have them too, without a copy.

    Its server says through *control*, a message at a time, ``start`` or ``heavy`` with the worker's end of a socket,
    ``end`` and ``lower``, each with the worker's number; it answers how a worker has ended. When the server is gone,
    all end.
    """

    def __init__(self, control: socket.socket, worker: Worker) -> None:
        self.control = control
        self.worker = worker
        self.children: dict[int, int] = {}
        self.ending: dict[int, int] = {}

    def run(self) -> None:
        """Carry out the server's messages until it is gone, and report children that have ended."""
        doing = {"start": self.start, "heavy": self.start_heavy, "end": self.end, "lower": self.lower}
        ended, noted = os.pipe()
        os.set_blocking(noted, False)
        signal.set_wakeup_fd(noted)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while True:
                ready, _, _ = select.select([self.control.fileno(), ended], [], [])
                if ended in ready:
                    os.read(ended, 4096)
                    self.reap()
                if self.control.fileno() in ready:
                    content, handed, _, _ = socket.recv_fds(self.control, 4096, 1)
                    if not content:
                        return
                    message = json.loads(content)
                    doing[message["do"]](message["worker"], handed)
        finally:
            for child in (*self.children.values(), *self.ending.values()):
                os.kill(child, signal.SIGKILL)

    def start_heavy(self, number: int, handed: Sequence[int]) -> None:
        """Fork a worker that can write Parquet: its library takes longer to import than all the rest."""
        self.start(number, handed, heavy=True)

    def start(self, number: int, handed: Sequence[int], *, heavy: bool = False) -> None:
        """Fork a worker for the socket that was handed over."""
        child = os.fork()
        if child:
            os.close(handed[0])
            self.children[number] = child
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            if heavy:
                sys.meta_path.insert(0, _WithoutPandas())
                with suppress(TriplomacyError):
                    formats.to_parquet(Answer(("a",)))  # imports what it needs while files may be opened
            work(_confine(handed[0], self.worker.bounds.memory), self.worker)
        finally:
            os._exit(0)

    def end(self, number: int, handed: Sequence[int]) -> None:
        """Kill a worker, if it has not ended by itself."""
        del handed
        child = self.ending[number] = self.children.pop(number)
        os.kill(child, signal.SIGKILL)  # nobody has waited for it, so that no other process has its number
        self.reap()

    def reap(self) -> None:
        """Report to the server by which signal each killed worker has ended, 0 for none."""
        for number, child in list(self.ending.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del self.ending[number]
                killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                self.control.send(json.dumps({"worker": number, "signal": killed}).encode())

    def lower(self, number: int, handed: Sequence[int]) -> None:
        """Lower the priority of a worker's process."""
        del handed
        if number in self.children:
            os.setpriority(os.PRIO_PROCESS, self.children[number], _LOW)


class _WithoutPandas(MetaPathFinder):
    """Keeps pandas out, which pyarrow would import, for a second and for nothing that is wanted here."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas, and leave all else to others."""
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _confine(handle: int, memory: int) -> socket.socket:
    """Close all that is open but a socket, and let the system bound what this process may take and open."""
    with suppress(OSError):  # only Linux has it
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.dup2(handle, 3)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.closerange(4, 4096)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
    return socket.socket(fileno=3)


def main() -> None:
    """Run a template process: read the task from the socket, load the graphs, and report their hash or the error."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # a terminal sends them to all; the server decides
        signal.signal(number, signal.SIG_IGN)
    task = json.loads(control.recv(1 << 16))
    bounds = Bounds(**task["bounds"])
    try:
        dataset = read(Project(Path(task["project"])), [Path(path) for path in task["data"]])
        worker = Worker(dataset, bounds, task["base"])
        _warm(worker)
    except TriplomacyError as error:
        with suppress(BrokenPipeError):  # the server has met the error itself, and waits no more
            control.send(json.dumps({"error": str(error)[:10_000]}).encode())
        return
    try:
        control.send(json.dumps({"sha256": dataset.sha256()}).encode())
    except BrokenPipeError:
        return
    WorkerTemplate(control, worker).run()


def _warm(worker: Worker) -> None:
    """Import and read all that an answer may need: a worker can open no file.

    Raises:
        TriplomacyError: a stored query is malformed.
    """
    import csv
    import difflib
    import html
    import io
    from xml.etree import ElementTree as ET

    from triplomacy.claims import explain, model, periods
    from triplomacy.queries import citation, hints
    from triplomacy.rdf import turtle, vocabularies

    del csv, difflib, html, io, ET, citation, model, explain, hints, periods, turtle
    if worker.dataset.is_ours:
        for theme, name in queries.names(worker.dataset.project):
            queries.find(worker.dataset.project, f"{theme}/{name}")  # some headers need a parser that is imported then
    vocabularies.standard()
    for form in formats.FORMATS.keys() - {"parquet"}:
        text = "ASK {}" if form not in TRIPLE_FORMATS else "CONSTRUCT WHERE {}"
        worker.answer(Job(text=text, form=form, graph_form=form))
    gc.collect()
    gc.freeze()  # what is there stays: nobody looks for garbage in it, and so no page of it is written to


if __name__ == "__main__":
    main()
