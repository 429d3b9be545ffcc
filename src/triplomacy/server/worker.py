"""The processes that evaluate what strangers ask: the template, which loads the graphs once, and its workers.

A worker is forked from the template, has no file or connection but the socket to its server, and can open none. It
takes one job at a time and answers it whole or with a refusal. What it may take in memory, in time and in time of the
processor is bounded by the system; the server has it killed by the template, whose child it is, so that no process of
somebody else can be hit.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import asking, queries, results, sparql
from triplomacy.dataset import Dataset, Project
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.negotiation import GRAPHS
from triplomacy.queries import Answer
from triplomacy.server import guard
from triplomacy.server.loaded import MEGABYTE, Bounds, graph_names, read
from triplomacy.terms import PREFIXES, ROOT

ENDPOINT: Final = ROOT + "sparql"
_LOW: Final = 10  # of nice: a tenth of what others get; with less, a killed process takes seconds to end
_HEAD: Final = struct.Struct("!II")
_OF_TRIPLES: Final = frozenset(each.name for each in GRAPHS)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is asked.

    Attributes:
        text: a query, as a stranger has written it; empty where *name* is given.
        name: a stored query, ``THEME/NAME`` or ``NAME``.
        values: its parameters as a person writes them.
        form: in which rows, true or false are wanted; a key of `results.FORMATS`, empty if in none.
        graph_form: in which triples are wanted.
        default_graphs: the IRIs of the default graph that the SPARQL Protocol chooses; None where it chooses none.
        named_graphs: those of the named graphs.
        graph: the IRI of a graph that is wanted whole, or ``default``; *text* and *name* are empty then.
        views: the names of views whose facts are added.
        actors: the actors whose views are added.
        as_of: a date; only what possibly holds then is asked.
        certainly: whether only what certainly holds then is asked.
        evidence: whether the claims and spans behind each row are added to it.
        cited: whether the answer has its citation with it, where its format has a place for it.
    """

    text: str = ""
    name: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    form: str = "json"
    graph_form: str = "turtle"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    graph: str = ""
    views: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    as_of: str | None = None
    certainly: bool = False
    evidence: bool = False
    cited: bool = False

    @property
    def scoped(self) -> bool:
        """Whether it asks for more than the graphs as they are; a worker that has answered it is of no more use."""
        return bool(self.views or self.actors or self.as_of is not None or self.certainly or self.evidence)


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker answers.

    Attributes:
        status: of HTTP: 200, or why there is no answer.
        form: the format of the body: a key of `results.FORMATS`; with status 406, one of the kind that was not wanted.
        body: the answer, or in UTF-8 the sentence that says why there is none.
        remarks: what may have gone wrong, as sentences.
        changing: whether the answer may be another one next time.
        citation: of the answer, as JSON has it; empty where none was wanted.
    """

    status: int
    form: str = ""
    body: bytes = b""
    remarks: tuple[str, ...] = ()
    changing: bool = False
    citation: Mapping[str, Any] = field(default_factory=dict)


def pack(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return a message for the other end of a socket."""
    written = json.dumps(head).encode()
    return _HEAD.pack(len(written), len(body)) + written + body


def unpack(data: bytes | bytearray, most: int) -> tuple[dict[str, Any], bytes, int] | None:
    """Return head, body and length of the message that *data* begins with, or None where more is to come.

    Raises:
        ValueError: it is longer than *most*, or no message.
    """
    if len(data) < _HEAD.size:
        return None
    head, body = _HEAD.unpack_from(data)
    if head + body > most:
        raise ValueError(f"a message of {head + body} bytes")
    end = _HEAD.size + head + body
    if len(data) < end:
        return None
    return json.loads(data[_HEAD.size : end - body]), bytes(data[end - body : end]), end


class Worker:
    """Answers jobs about a dataset.

    Args:
        dataset: the graphs, each also by its IRI.
        sha256: of the files that they come from.
        bounds: on queries and answers.
        base: the IRI that relative ones in a query are relative to: the endpoint's (RFC 3986, 5.1.3).
    """

    def __init__(self, dataset: Dataset, sha256: str, bounds: Bounds, base: str = ENDPOINT) -> None:
        self.dataset = dataset
        self.sha256 = sha256
        self.bounds = bounds
        self.base = base
        self.graphs = frozenset(graph_names(dataset))
        self.prefixes = dict(PREFIXES)

    def answer(self, job: Job) -> Done:
        """Return the answer of a job, or the refusal with its reason."""
        try:
            if job.graph:
                return self._graph(job)
            if job.name or job.scoped:
                return self._question(job)
            return self._query(job)
        except guard.Forbidden as error:
            return _refusal(403, error.message)
        except guard.TooMuch as error:
            return _refusal(422, error.message)
        except UnknownName as error:
            return _refusal(404 if job.graph or (job.name and error.name == job.name) else 400, error.message)
        except TriplomacyError as error:
            place = f"line {error.line}, column {error.column or 1}: " if error.line else ""
            return _refusal(400, place + error.message)  # without the path
        except MemoryError:
            return _refusal(422, too_hungry(self.bounds))

    def _query(self, job: Job) -> Done:
        asked = guard.read(job.text, self.bounds, self.graphs, self.base)
        store, chosen = self._chosen(job, asked)
        try:
            found = store.query(job.text, base_iri=self.base, prefixes=self.prefixes, **chosen)
            return self._written(found, job, asked.changing)
        except SyntaxError as error:
            raise queries.malformed(job.text, error) from None
        except (RuntimeError, OSError) as error:
            raise TriplomacyError(f"the query cannot be answered: {error}") from None

    def _chosen(self, job: Job, asked: guard.Asked) -> tuple[ox.Store, dict[str, Any]]:
        """Return the store to ask, and the arguments that choose its graphs: what the Protocol says goes first.

        A default graph of several graphs is put together: the engine would give a triple of several once for each.
        """
        default, named = job.default_graphs, job.named_graphs
        if default is None and named is None:
            if not asked.default_graphs and not asked.named_graphs:
                return self.dataset.store, {}
            default, named = asked.default_graphs, asked.named_graphs
        default, named = default or (), named or ()
        for graph in (*default, *named):
            guard.known_graph(graph, self.graphs)
        nodes = [ox.NamedNode(graph) for graph in default]
        if len(nodes) < 2:
            return self.dataset.store, {"default_graph": nodes, "named_graphs": [ox.NamedNode(one) for one in named]}
        quads = self.dataset.store.quads_for_pattern
        store = ox.Store()
        store.extend(ox.Quad(*quad.triple) for node in nodes for quad in quads(None, None, None, node))
        store.extend(quad for graph in named for quad in quads(None, None, None, ox.NamedNode(graph)))
        return store, {}

    def _written(self, found: Any, job: Job, changing: bool) -> Done:
        """Return an answer in the format that is wanted of its kind, whole."""
        triples = isinstance(found, ox.QueryTriples)
        form = job.graph_form if triples else job.form
        if not form:
            return Done(406, "turtle" if triples else "json")
        if triples:
            answer = Answer(triples=tuple(self._few(found, "triples")))
        elif isinstance(found, ox.QuerySolutions):
            rows = tuple(tuple(row) for row in self._few(found, "rows"))
            answer = Answer(tuple(variable.value for variable in found.variables), rows)
        else:
            answer = Answer(truth=bool(found))
        return Done(200, form, self._bounded(_plain(answer, form)), changing=changing)

    def _few(self, found: Iterable[Any], kind: str) -> Iterator[Any]:
        """Yield what there is, if it is not too much."""
        each = iter(found)
        yield from islice(each, self.bounds.rows)
        if next(each, None) is not None:
            raise guard.TooMuch(f"an answer may have {self.bounds.rows:,} {kind}; ask for fewer, with LIMIT and OFFSET")

    def _bounded(self, body: bytes) -> bytes:
        if len(body) > self.bounds.size:
            most = f"{self.bounds.size:,} bytes"
            raise guard.TooMuch(f"an answer may have {most}; ask for less, with LIMIT and OFFSET")
        return body

    def _graph(self, job: Job) -> Done:
        if job.graph == "default":
            graph: ox.NamedNode | ox.DefaultGraph = ox.DefaultGraph()
        else:
            graph = ox.NamedNode(guard.known_graph(job.graph, self.graphs))
        quads = self.dataset.store.quads_for_pattern(None, None, None, graph)
        answer = Answer(triples=tuple(self._few((quad.triple for quad in quads), "triples")))
        return Done(200, job.graph_form, self._bounded(_plain(answer, job.graph_form)))

    def _question(self, job: Job) -> Done:
        """Answer a stored query, or one in somebody's voice or as of a date."""
        if self.dataset.project is None:
            raise TriplomacyError(
                "views, dates and stored queries are those of our own graphs, which are not served here"
            )
        if job.name and sparql.services(queries.find(self.dataset.project, job.name).text):
            raise guard.Forbidden(
                "this question asks another server by SERVICE, which is not done here; ask it from the command line"
            )
        changing = bool(job.text) and guard.read(job.text, self.bounds, self.graphs).changing
        if job.default_graphs is not None or job.named_graphs is not None:
            raise TriplomacyError("a view or a date is of our own dataset; leave it out, or the graphs")
        question = asking.Question(
            name=job.name or None,
            text=job.text or None,
            values=job.values,
            views=job.views,
            actors=job.actors,
            as_of=job.as_of,
            certainly=job.certainly,
            evidence=job.evidence,
        )
        reply = asking.ask_loaded(self.dataset, question, self.sha256)
        form = job.form if reply.answer.triples is None else job.graph_form
        if not form:
            return Done(406, "json" if reply.answer.triples is None else "turtle")
        count = len(reply.answer.rows) + len(reply.answer.triples or ())
        if count > self.bounds.rows:
            raise guard.TooMuch(f"an answer may have {self.bounds.rows:,} rows; ask for fewer, with LIMIT and OFFSET")
        cited = reply.cite() if job.cited else None
        written = results.FORMATS[form](reply.answer, cited)
        body = self._bounded(written if isinstance(written, bytes) else written.encode())
        return Done(200, form, body, reply.remarks, changing, cited.as_mapping() if cited else {})


def _plain(answer: Answer, form: str) -> bytes:
    written = results.compact_json(answer) if form == "json" else results.FORMATS[form](answer, None)
    return written if isinstance(written, bytes) else written.encode("utf-8", "replace")


def too_hungry(bounds: Bounds) -> str:
    """Return what is said where an answer has taken more memory than it may."""
    return f"an answer may take {bounds.memory // MEGABYTE:,} MB of memory; ask for less"


def _refusal(status: int, reason: str) -> Done:
    return Done(status, body=reason.encode("utf-8", "replace"))


def work(connection: socket.socket, worker: Worker) -> None:
    """Answer jobs until there are no more; the process ends itself where one takes longer than it may."""
    received = bytearray()
    seconds = worker.bounds.time + 1
    while True:
        while (message := unpack(received, sys.maxsize)) is None:
            part = connection.recv(1 << 20)
            if not part:
                return
            received += part
        head, _, length = message
        del received[:length]
        job = Job(**_tuples(head))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        before = _limit_processor(seconds)
        done = worker.answer(job)
        head = {name: getattr(done, name) for name in ("status", "form", "remarks", "changing", "citation")}
        head["used"] = time.process_time() - before
        connection.sendall(pack(head, done.body))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if job.scoped:
            return


def _tuples(head: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in head.items()}


def _limit_processor(seconds: float) -> float:
    """Let this process use the processor for so many seconds more, and return those that it has used."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))
    return used


class Template:
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
        """Do what the server says until it is gone; nothing is waited for but that, and the end of a child."""
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
                    told = json.loads(content)
                    doing[told["do"]](told["worker"], handed)
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
                    results.to_parquet(Answer(("a",)))  # imports what it needs while files may be opened
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
        """Tell how workers have ended that were to end: by which signal, 0 for none."""
        for number, child in list(self.ending.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del self.ending[number]
                killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                self.control.send(json.dumps({"worker": number, "signal": killed}).encode())

    def lower(self, number: int, handed: Sequence[int]) -> None:
        """Let a worker go on when no other wants the processor."""
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
    """Be a template: read from the socket what to load, load it, and say so, or why not."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # a terminal sends them to all; the server decides
        signal.signal(number, signal.SIG_IGN)
    told = json.loads(control.recv(1 << 16))
    bounds = Bounds(**told["bounds"])
    try:
        dataset, sha256 = read(Project(Path(told["project"])), [Path(path) for path in told["data"]])
        worker = Worker(dataset, sha256, bounds, told["base"])
        _warm(worker)
    except TriplomacyError as error:
        with suppress(BrokenPipeError):  # the server has met the error itself, and waits no more
            control.send(json.dumps({"error": str(error)[:10_000]}).encode())
        return
    try:
        control.send(json.dumps({"sha256": sha256}).encode())
    except BrokenPipeError:
        return
    Template(control, worker).run()


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

    from triplomacy import citation, claims, explain, hints, periods, turtle, vocabulary

    del csv, difflib, html, io, ET, citation, claims, explain, hints, periods, turtle
    if worker.dataset.project is not None:
        for theme, name in queries.names(worker.dataset.project):
            queries.find(worker.dataset.project, f"{theme}/{name}")  # some headers need a parser that is imported then
    vocabulary.standard()
    for form in results.FORMATS.keys() - {"parquet"}:
        text = "ASK {}" if form not in _OF_TRIPLES else "CONSTRUCT WHERE {}"
        worker.answer(Job(text=text, form=form, graph_form=form))
    gc.collect()
    gc.freeze()  # what is there stays: nobody looks for garbage in it, and so no page of it is written to


if __name__ == "__main__":
    main()
