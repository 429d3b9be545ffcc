"""From a question to its answer.

The way is the same for every question: its query is read, and its scope becomes the dataset that is asked; the values
are bound, the services asked, the query is evaluated, and the answer put in order. A name is that of a stored query, or
else of a file; a file with a header is treated as a stored query. What few questions need is imported where it is used:
a small one takes little longer than Python takes to start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from triplomacy import __version__
from triplomacy.claims import views
from triplomacy.dataset import Dataset, MemoryDataset, Project, StoredProject, load, load_files, load_in_background
from triplomacy.errors import BadParameter, Choice, Message, TriplomacyError, UnknownName
from triplomacy.files import read_text, to_path
from triplomacy.queries import stable_order, stored as queries
from triplomacy.queries.answer import Answer
from triplomacy.queries.parameters import resolve
from triplomacy.queries.scope import Scope, both
from triplomacy.queries.stored import StoredQuery
from triplomacy.sparql import binding, services as service_clauses, with_base
from triplomacy.terms import VIEW, compress

if TYPE_CHECKING:
    from triplomacy.queries import federation
    from triplomacy.queries.citation import Citation


@dataclass(frozen=True, slots=True)
class Question:
    """A query, the values of its parameters, and the scope that it is asked of.

    Attributes:
        name: of a stored query or of a file, or ``-`` for the text that *read* returns; None where *text* is the query.
        text: the query itself.
        values: the value or the values of each parameter, as a person writes them.
        scope: what it is asked of.
        timeout: seconds that each request to an endpoint or to a service may take; 0 for the usual bound.
    """

    name: str | None = None
    text: str | None = None
    values: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    timeout: float = 0.0


class _ParsedQuery(NamedTuple):
    """A query with its header, if it has one, and the services that it may ask."""

    text: str
    stored: StoredQuery | None
    services: federation.Services | None
    names_graphs: bool

    @property
    def path(self) -> Path | None:
        return self.stored.path if self.stored else None

    @property
    def has_header(self) -> bool:
        return bool(self.stored and self.stored.summary)


class _Ready(NamedTuple):
    """A query with its values bound, and the dataset with the chosen views added."""

    dataset: Dataset
    text: str
    views: list[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its citation, remarks and statistics.

    Attributes:
        answer: the rows, the truth or the triples.
        dataset: what was asked.
        cite: returns the citation; it hashes the files that were read.
        remarks: what may have gone wrong, as sentences.
        stats: returns lines about what was loaded and how long it took; it counts the triples.
    """

    answer: Answer
    dataset: Dataset
    cite: Callable[[], Citation]
    remarks: tuple[str, ...] = ()
    stats: Callable[[], tuple[str, ...]] = tuple

    def labels(self, language: str = "en") -> dict[str, str]:
        """Return the labels of the nodes of the answer in a language, or in English."""
        from triplomacy.claims import model

        shown = {cell.value for row in self.answer.rows for cell in row if isinstance(cell, ox.NamedNode)}
        try:
            return model.labels(self.dataset, language, shown)
        except TriplomacyError:
            if not self.dataset.is_remote:
                raise
            return {}  # what was asked for has been answered: IRIs are shown as they are

    def to_pandas(self, language: str = "en") -> Any:
        """Return the rows as a ``pandas.DataFrame`` of strings: nodes by their labels in a language, or else as CURIEs.

        Raises:
            EngineUnavailable: pandas is not installed.
        """
        frame, labels = self.answer.to_pandas(), self.labels(language)
        for index, name in enumerate(self.answer.columns):
            cells = [(row[index], former) for row, former in zip(self.answer.rows, frame[name], strict=True)]
            frame[name] = [
                labels.get(cell.value) or compress(cell.value) if isinstance(cell, ox.NamedNode) else former
                for cell, former in cells
            ]
        return frame

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a table with the citation as its caption."""
        from triplomacy.queries import formats

        return formats.to_html(self.answer, self.cite(), self.labels())


def ask(graphs: Project | Dataset, question: Question, read: Callable[[], str] | None = None) -> Reply:
    """Return the answer of a question.

    Args:
        graphs: the project whose stored queries, graphs and rules are meant, or its dataset, with each graph and each
            view by its IRI; a date, a view and an actor change a dataset, which is of no use afterwards.
        question: what is asked.
        read: returns the text of a query that is called ``-``.

    Raises:
        UnknownName: there is no such query, view or actor.
        BadParameter: a parameter or a date is not as it has to be.
        MalformedInput: the query, its header, or a file of data does not follow its grammar.
        TriplomacyError: what is asked for together cannot be had together, or a file cannot be read.
    """
    times = [perf_counter()]
    with _begin_loading(graphs, question) as begun:
        query = _query(graphs, question, read)
        question.scope.check()
        origin = _dataset(graphs, question, query, begun)
    times.append(perf_counter())
    ready = _prepare(origin, question, query)
    times.append(perf_counter())
    text = query.services.inline_answers(ready.dataset, ready.text) if query.services else ready.text
    answer = queries.evaluate(ready.dataset, text, query.path)
    times.append(perf_counter())
    remarks = _remarks(ready, answer, query)
    if question.scope.evidence:
        answer = _add_evidence(ready.dataset, answer, text)
    answer = _sort(answer, binding.is_ordered(query.text), remarks)
    return Reply(
        answer,
        ready.dataset,
        cite=lambda: _cite(question, query, origin, answer),
        remarks=tuple(remarks),
        stats=lambda: _stats(origin, query, times),
    )


def _stats(origin: Dataset, query: _ParsedQuery, times: Sequence[float]) -> tuple[str, ...]:
    loading, preparing, answering = (after - before for before, after in pairwise(times))
    return (
        f"{origin.describe()}: {loading:.3f} s",
        f"date, views and parameters: {preparing:.3f} s; answer: {answering:.3f} s",
        *(query.services.requests() if query.services else ()),
    )


@contextmanager
def _begin_loading(graphs: Project | Dataset, question: Question) -> Iterator[Callable[[], Dataset]]:
    """Give a function that returns the project's graphs; start loading them at once where every query needs them."""
    if not isinstance(graphs, Project):
        yield lambda: graphs
    elif not question.scope.data and question.scope.endpoint is None and _is_stored(graphs, question.name):
        with load_in_background(graphs) as wait:
            yield wait
    else:
        yield lambda: load(graphs)


def _is_stored(project: Project, name: str | None) -> bool:
    return any(name in (stem, f"{theme}/{stem}") for theme, stem in queries.names(project))


def _project(graphs: Project | Dataset) -> Project:
    return graphs if isinstance(graphs, Project) else graphs.project


def _query(graphs: Project | Dataset, question: Question, read: Callable[[], str] | None) -> _ParsedQuery:
    """Return the query of a question, after a check of its grammar and of the services that it asks."""
    stored, text = _read(graphs, question, read)
    queries.check(text, stored.path if stored else None)
    names_graphs = binding.uses_named_graphs(text)
    return _ParsedQuery(text, stored, _services(question, stored, text), names_graphs)


def _read(
    graphs: Project | Dataset, question: Question, read: Callable[[], str] | None
) -> tuple[StoredQuery | None, str]:
    """Return the stored query, or None, and the text; a file with a header counts as a stored query."""
    if question.text is not None or question.name in (None, "-"):
        text = question.text if question.text is not None else read() if read else ""
        return _parse(question, text, Path("-" if question.text is None else "text"))
    assert question.name is not None
    try:
        stored = queries.find(_project(graphs), question.name)
    except UnknownName:
        path = to_path(question.name)
        if not path.is_file() and (path.suffix or path.is_dir()):
            raise TriplomacyError("no such file, and no stored query of that name", path=path) from None
        if not path.is_file():
            raise
        text = with_base(read_text(path), path.absolute().as_uri())
        stored = _parse(question, text, path)[0] or StoredQuery("", path.stem, path, text, "")
    return stored, stored.text


def _parse(question: Question, text: str, path: Path) -> tuple[StoredQuery | None, str]:
    """Return the header of a query that is not stored, or None, and its text."""
    if text.lstrip().startswith("#+"):
        return replace(queries.parse(text, path), theme=""), text
    if question.values:
        raise BadParameter(Choice("set"), " is for parameters of a header; write the values into the query")
    return None, text


def _services(question: Question, stored: StoredQuery | None, text: str) -> federation.Services | None:
    """Return the permitted services, or None if the query asks none; raise TriplomacyError if it asks another."""
    if not question.scope.services and not service_clauses.clauses(text):
        return None
    from triplomacy.queries import federation

    services = federation.Services(question.scope.services, question.timeout)
    try:
        services.permit(text, [parameter.name for parameter in stored.parameters] if stored else ())
    except TriplomacyError as error:
        error.path = error.path or (stored.path if stored else None)
        raise
    return services


def _dataset(
    graphs: Project | Dataset, question: Question, query: _ParsedQuery, ours: Callable[[], Dataset]
) -> Dataset:
    """Return the dataset of a question, before its date and views are applied; with named graphs if the query has any.

    It is the project's graphs, other people's files, or an endpoint, which has the project's graphs if the question has
    a header, a view or a date.
    """
    scope = question.scope
    if (scope.data or scope.endpoint is not None) and isinstance(graphs, StoredProject):
        raise both("data" if scope.data else "endpoint", "store")
    if scope.data:
        return load_files(scope.data)
    if scope.endpoint is None:
        dataset = ours()
    else:
        from triplomacy import remote

        for graph in scope.graphs:
            remote.check_graph(graph)
        there = remote.connect(scope.endpoint, question.timeout)
        asks_ours = query.has_header or scope.is_of_ours
        dataset = remote.open_endpoint(there, scope.graphs, _project(graphs) if asks_ours else None)
    return dataset.with_named_graphs() if query.names_graphs else dataset


def _prepare(dataset: Dataset, question: Question, query: _ParsedQuery) -> _Ready:
    """Return the dataset as of the date and with the views of a question, and its query with the values bound."""
    scope = question.scope
    if scope.as_of is not None:
        dataset = _restrict(dataset.changeable(), scope.as_of, certain=scope.certainly)
    text = queries.bind(query.stored, question.values, dataset).text if query.stored else query.text
    chosen = [*scope.views, *(_view_of(dataset, actor) for actor in scope.actors)]
    if query.names_graphs and dataset.is_ours:
        dataset = views.with_graphs(dataset)
    return _Ready(views.with_views(dataset, chosen), text, chosen)


def _restrict(dataset: MemoryDataset, date: str, *, certain: bool) -> MemoryDataset:
    """Keep what holds at a date, and remove the graphs of views, which are derived again when they are needed."""
    from triplomacy.claims import periods

    periods.restrict(dataset, periods.moment(date), certain=certain)
    for graph in list(dataset.store.named_graphs()):
        if isinstance(graph, ox.NamedNode) and graph.value.startswith(VIEW):
            dataset.store.remove_graph(graph)
    return dataset


def _view_of(dataset: Dataset, actor: str) -> str:
    iri = resolve(actor, dataset, "tri:Actor").value
    claimants = views.claimants(dataset)
    if iri not in claimants:
        others = ", ".join(map(compress, claimants))
        raise TriplomacyError(f"no such view: {compress(iri)} makes no claim here; those who do are {others}")
    return views.view_of_actor(iri)


def _sort(answer: Answer, ordered: bool, remarks: list[str]) -> Answer:
    """Return an answer in an order that is the same in every run, unless its rows are too many for the memory."""
    if isinstance(answer.rows, tuple):
        return stable_order.canonical(answer, ordered=ordered)
    if not ordered:
        remarks.append(
            f"{len(answer.rows):,} rows are left in the order of the endpoint; add ORDER BY for one that lasts"
        )
    return answer


def _remarks(ready: _Ready, answer: Answer, query: _ParsedQuery) -> list[str]:
    """Return hints about an unexpected answer, and the remarks of endpoints and services."""
    rows = answer.rows if answer.triples is None else answer.triples
    is_empty = views.is_empty(rows if answer.truth is None else answer.truth)
    own = service_clauses.without_services(ready.text)
    if ready.dataset.is_remote:
        hints = _hints_elsewhere(ready.dataset, own) if is_empty and ready.dataset.is_ours else []
    else:
        hints = _hints(ready, own, is_empty, query.stored is not None) if is_empty or query.stored is None else []
    return [*hints, *ready.dataset.remarks, *(query.services.remarks if query.services else ())]


def _hints(ready: _Ready, text: str, is_empty: bool, is_stored: bool) -> list[str]:
    """Return hints: terms that the data do not have, and, for an empty answer, views in which it would not be empty."""
    from triplomacy.queries import hints

    dataset = ready.dataset
    in_views = views.view_advice(dataset, text, ready.views) if is_empty and dataset.is_ours else []
    known = [remark.split(" ")[0] for remark in in_views]
    misspelt = hints.misspelt(dataset, text)
    unmatched = hints.explain_no_rows(dataset, text) if is_empty and not misspelt and not is_stored else []
    return [
        *(hint for hint in misspelt if not any(f": {name};" in hint or hint.endswith(name) for name in known)),
        *in_views,
        *unmatched,
    ]


def _hints_elsewhere(dataset: Dataset, text: str) -> list[str]:
    """Return hints about an empty answer from an endpoint that has the project's graphs."""
    if not dataset.query("ASK { ?s ?p ?o }"):
        return [
            Message("the endpoint has none of our graphs: push them there, or name its graphs by ", Choice("graph"))
        ]
    from triplomacy.queries import hints

    return hints.misspelt(dataset, text)


def _add_evidence(dataset: Dataset, answer: Answer, text: str) -> Answer:
    choice = Choice("evidence")
    if answer.triples is not None or answer.truth is not None:
        raise TriplomacyError(choice, " is for the rows of SELECT; leave it out, or take explain for a fact")
    if "evidence" in answer.columns:
        raise TriplomacyError(choice, " adds a column of that name, which the query has too; rename ?evidence")
    from triplomacy.claims import explain

    behind = explain.evidence_of_rows(dataset, answer.columns, answer.rows, text)
    rows = tuple((*row, evidence) for row, evidence in zip(answer.rows, behind, strict=True))
    return replace(answer, columns=(*answer.columns, "evidence"), rows=rows)


def _cite(question: Question, query: _ParsedQuery, origin: Dataset, answer: Answer) -> Citation:
    from triplomacy.queries import citation

    stored = query.stored
    filed = "" if question.name in (None, "-") or stored is None else str(stored.path)
    cited = citation.Citation(
        query=f"{stored.theme}/{stored.name}" if stored and stored.theme else filed,
        text=query.text,
        parameters={
            key: (value,) if isinstance(value, str) else tuple(value) for key, value in question.values.items()
        },
        scope=question.scope,
        dataset=origin.sha256(),
        version=__version__,
    )
    return citation.complete(cited, answer)


def again(project: Project, former: Citation) -> Reply:
    """Ask again what a citation says, and return the answer of today.

    A stored query is asked as it stands now; a query that was typed or stood in a file, as it is cited.

    Raises:
        TriplomacyError: as `ask` does.
    """
    is_stored = any(f"{theme}/{name}" == former.query for theme, name in queries.names(project))
    name, text = (former.query, None) if is_stored else (None, former.text)
    return ask(project, Question(name, text, former.parameters, former.scope))
