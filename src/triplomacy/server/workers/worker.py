"""The worker: a process that evaluates what strangers ask.

It is forked from the template, has no file or connection but the socket to its server, and can open none. It
takes one job at a time and answers it whole or with a refusal. What it may take in memory, in time and in time of the
processor is bounded by the system; the server has it killed by the template, whose child it is, so that no process of
somebody else can be hit.
"""

from __future__ import annotations

import resource
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import queries
from triplomacy.dataset import ChosenGraphs, MemoryDataset, choose_graphs
from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.http import GRAPHS
from triplomacy.queries import Answer, Question, formats
from triplomacy.server.bounds import MEGABYTE, Bounds
from triplomacy.server.workers import query_limits
from triplomacy.server.workers.jobs import Job, JobResult, of_head, pack, unpack
from triplomacy.server.workers.served import graph_names
from triplomacy.sparql import services, with_base
from triplomacy.terms import PREFIXES, ROOT

ENDPOINT: Final = ROOT + "sparql"
TRIPLE_FORMATS: Final = frozenset(each.name for each in GRAPHS)


class Worker:
    """Answers jobs about a dataset.

    Args:
        dataset: the graphs, each also by its IRI.
        bounds: on queries and answers.
        base: the IRI that relative ones in a query are relative to: the endpoint's (RFC 3986, 5.1.3).
    """

    def __init__(self, dataset: MemoryDataset, bounds: Bounds, base: str = ENDPOINT) -> None:
        self.dataset = dataset
        self.bounds = bounds
        self.base = base
        self.graphs = frozenset(graph_names(dataset))
        self.prefixes = dict(PREFIXES)

    def answer(self, job: Job) -> JobResult:
        """Return the answer of a job, or the refusal with its reason."""
        try:
            if job.graph:
                return self._graph(job)
            if job.name or job.has_scope:
                return self._question(job)
            return self._query(job)
        except query_limits.Forbidden as error:
            return _refusal(403, error.message)
        except query_limits.TooMuch as error:
            return _refusal(422, error.message)
        except UnknownName as error:
            return _refusal(404 if job.graph or (job.name and error.name == job.name) else 400, error.message)
        except TriplomacyError as error:
            place = f"line {error.line}, column {error.column or 1}: " if error.line else ""
            return _refusal(400, place + error.message)  # without the path
        except MemoryError:
            return _refusal(422, memory_message(self.bounds))

    def _query(self, job: Job) -> JobResult:
        facts = self._demand(job)
        store, chosen = self._select_graphs(job, facts)
        try:
            results = store.query(job.text, base_iri=self.base, prefixes=self.prefixes, **chosen)
            return self._format_results(results, job, facts.changing)
        except SyntaxError as error:
            raise queries.complaint(job.text, error) from None
        except (RuntimeError, OSError) as error:
            raise TriplomacyError(f"the query cannot be answered: {error}") from None

    def _demand(self, job: Job) -> query_limits.QueryDemand:
        try:
            return query_limits.read(job.text, self.bounds, self.graphs, self.base)
        except MalformedInput as error:
            raise queries.query_error(job.text, error) from None

    def _select_graphs(self, job: Job, facts: query_limits.QueryDemand) -> tuple[ox.Store, ChosenGraphs]:
        """Return the store to ask, and the arguments that choose its graphs: what the Protocol says goes first."""
        default, named = job.default_graphs, job.named_graphs
        if default is None and named is None:
            default, named = facts.default_graphs, facts.named_graphs
            if not default and not named:
                return self.dataset.store, ChosenGraphs()
        default, named = default or (), named or ()
        for graph in (*default, *named):
            query_limits.known_graph(graph, self.graphs)
        return choose_graphs(self.dataset.store, default, named)

    def _format_results(self, results: Any, job: Job, changing: bool) -> JobResult:
        """Return an answer in the format that is wanted of its kind, whole."""
        triples = isinstance(results, ox.QueryTriples)
        form = job.graph_form if triples else job.form
        if not form:
            return JobResult(406, "turtle" if triples else "json")
        if triples:
            answer = Answer(triples=tuple(self._take(results, "triples")))
        elif isinstance(results, ox.QuerySolutions):
            rows = tuple(tuple(row) for row in self._take(results, "rows"))
            answer = Answer(tuple(variable.value for variable in results.variables), rows)
        else:
            answer = Answer(truth=bool(results))
        return JobResult(200, form, self._check_size(_serialise(answer, form)), changing=changing)

    def _take(self, results: Iterable[Any], kind: str) -> Iterator[Any]:
        """Yield the results, and raise TooMuch beyond the bound on rows."""
        items = iter(results)
        yield from islice(items, self.bounds.rows)
        if next(items, None) is not None:
            raise query_limits.TooMuch(
                f"an answer may have {self.bounds.rows:,} {kind}; ask for fewer, with LIMIT and OFFSET"
            )

    def _check_size(self, body: bytes) -> bytes:
        if len(body) > self.bounds.size:
            most = f"{self.bounds.size:,} bytes"
            raise query_limits.TooMuch(f"an answer may have {most}; ask for less, with LIMIT and OFFSET")
        return body

    def _graph(self, job: Job) -> JobResult:
        if job.graph == "default":
            graph: ox.NamedNode | ox.DefaultGraph = ox.DefaultGraph()
        else:
            graph = ox.NamedNode(query_limits.known_graph(job.graph, self.graphs))
        quads = self.dataset.store.quads_for_pattern(None, None, None, graph)
        answer = Answer(triples=tuple(self._take((quad.triple for quad in quads), "triples")))
        return JobResult(200, job.graph_form, self._check_size(_serialise(answer, job.graph_form)))

    def _question(self, job: Job) -> JobResult:
        """Answer a stored query, or a query with views, a date or evidence."""
        if not self.dataset.is_ours:
            raise TriplomacyError(
                "views, dates and stored queries are those of our own graphs, which are not served here"
            )
        if job.name and services.clauses(queries.find(self.dataset.project, job.name).text):
            raise query_limits.Forbidden(
                "this question asks another server by SERVICE, which is not done here; ask it from the command line"
            )
        changing = bool(job.text) and self._demand(job).changing
        if job.default_graphs is not None or job.named_graphs is not None:
            raise TriplomacyError("a view or a date is of our own dataset; leave it out, or the graphs")
        question = Question(job.name or None, with_base(job.text, self.base) or None, job.values, job.scope)
        reply = queries.ask(self.dataset, question)
        form = job.form if reply.answer.triples is None else job.graph_form
        if not form:
            return JobResult(406, "json" if reply.answer.triples is None else "turtle")
        count = len(reply.answer.rows) + len(reply.answer.triples or ())
        if count > self.bounds.rows:
            raise query_limits.TooMuch(
                f"an answer may have {self.bounds.rows:,} rows; ask for fewer, with LIMIT and OFFSET"
            )
        cited = reply.cite() if job.cited else None
        written = formats.FORMATS[form](reply.answer, cited)
        body = self._check_size(written if isinstance(written, bytes) else written.encode())
        return JobResult(200, form, body, reply.remarks, changing, cited.as_mapping() if cited else {})


def _serialise(answer: Answer, form: str) -> bytes:
    written = formats.compact_json(answer) if form == "json" else formats.FORMATS[form](answer, None)
    return written if isinstance(written, bytes) else written.encode("utf-8", "replace")


def memory_message(bounds: Bounds) -> str:
    """Return the message for an answer that has exceeded its memory."""
    return f"an answer may take {bounds.memory // MEGABYTE:,} MB of memory; ask for less"


def _refusal(status: int, reason: str) -> JobResult:
    return JobResult(status, body=reason.encode("utf-8", "replace"))


def work(connection: socket.socket, worker: Worker) -> None:
    """Answer jobs until there are no more; the process ends itself where one takes longer than it may."""
    received = bytearray()
    seconds = worker.bounds.time + 1
    while True:
        while (message := unpack(received, sys.maxsize)) is None:
            part = connection.recv(1_048_576)
            if not part:
                return
            received += part
        head, _, length = message
        del received[:length]
        job = of_head(head)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        before = _limit_processor(seconds)
        result = worker.answer(job)
        head = {name: getattr(result, name) for name in ("status", "form", "remarks", "changing", "citation")}
        head["used"] = time.process_time() - before
        connection.sendall(pack(head, result.body))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if job.has_scope:
            return


def _limit_processor(seconds: float) -> float:
    """Bound the processor time of this process to so many more seconds, and return the seconds used so far."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))
    return used
