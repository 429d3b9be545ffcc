"""One question from its words to its answer: which query, over which data, as of when, in whose voice.

What is said by name is a stored query; else it is a file, whose header, if it has one, is read as a stored query's.
What few questions need is imported where it is used: a small one takes little longer than Python takes to start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from triplomacy import __version__
from triplomacy.claims import views
from triplomacy.dataset import Dataset, Project, add_named, load, load_files, loading
from triplomacy.errors import BadParameter, TriplomacyError, UnknownName
from triplomacy.files import read_text
from triplomacy.queries import stable_order, stored as queries
from triplomacy.queries.answer import Answer
from triplomacy.queries.parameters import resolve
from triplomacy.queries.stored import StoredQuery
from triplomacy.sparql import binding, services as service_clauses, with_base
from triplomacy.terms import VIEW, compress

if TYPE_CHECKING:
    from triplomacy.queries import federation
    from triplomacy.queries.citation import Citation


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        name: of a stored query or of a file, or ``-`` for what is handed in; None where *text* is the query.
        text: the query itself.
        values: for a parameter, its values as a person writes them.
        data: other people's files, to be asked in place of the project's graphs.
        views: the names of views whose facts are added.
        actors: the actors whose views are added.
        as_of: a date; only what possibly holds then is asked.
        certainly: whether only what certainly holds then is asked.
        evidence: whether the claims and spans behind each row are added to it.
        endpoint: the address of an endpoint that is asked in place of the graphs here.
        graphs: the IRIs of the graphs there that are asked; none for ours, or for its own default graph where the
            query has no header.
        timeout: seconds that each request to it, or to a service, may take; 0 for the usual bound.
        services: the addresses of the services that ``SERVICE`` in the query may ask.
    """

    name: str | None = None
    text: str | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    views: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    as_of: str | None = None
    certainly: bool = False
    evidence: bool = False
    endpoint: str | None = None
    graphs: tuple[str, ...] = ()
    timeout: float = 0.0
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with what there is to say about it.

    Attributes:
        answer: the rows, the truth or the triples.
        dataset: what was asked.
        cite: returns the citation; it hashes the files that were read.
        remarks: what may have gone wrong, as sentences.
        stats: lines about what was loaded and how long it took.
    """

    answer: Answer
    dataset: Dataset
    cite: Callable[[], Citation]
    remarks: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()

    def labels(self, language: str = "en") -> dict[str, str]:
        """Return the labels of the nodes of the answer in a language, or in English."""
        from triplomacy.claims import model

        shown = {cell.value for row in self.answer.rows for cell in row if isinstance(cell, ox.NamedNode)}
        try:
            return model.labels(self.dataset, language, shown)
        except TriplomacyError:
            if self.dataset.engine is None:
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


def ask(project: Project, question: Question, read: Callable[[], str] | None = None) -> Reply:
    """Return the answer of a question.

    Args:
        project: whose stored queries, graphs and rules are meant.
        question: what is asked.
        read: returns the text of a query that is called ``-``.

    Raises:
        UnknownName: there is no such query, view or actor.
        BadParameter: a parameter or a date is not as it has to be.
        MalformedInput: the query, its header, or a file of data does not follow its grammar.
        TriplomacyError: what is asked for together cannot be had together, or a file cannot be read.
    """
    started = perf_counter()
    with loading(project) if _begins(project, question) else nullcontext() as loads:
        stored, text = _query(project, question, read)
        queries.check(text, stored.path if stored else None)
        services = _services(question, stored, text)
        named = binding.uses_named_graphs(text)
        dataset = _data(project, question, text, bool(stored and stored.summary), loads)
    loaded = perf_counter()
    if question.as_of is not None:
        dataset = dataset.changeable()
        _restrict(dataset, question.as_of, certain=question.certainly, named=False)
    bound = queries.bind(stored, question.values, dataset) if stored else None
    dataset, chosen = _views(dataset, question, named)
    prepared = perf_counter()
    asked = bound.text if bound else text
    if services:
        asked = services.answered(dataset, asked)
    answer = queries.ask(dataset, asked, stored.path if stored else None)
    answered = perf_counter()
    own = service_clauses.without_services(bound.text if bound else text)
    remarks = _remarks(dataset, own, answer, chosen, stored is not None)
    remarks += [*getattr(dataset.engine, "remarks", []), *(services.remarks if services else [])]
    if question.evidence:
        answer = _with_evidence(dataset, answer, asked)
    answer = _in_order(answer, binding.is_ordered(text), remarks)
    files = sum(map(len, dataset.files.values())) or len(question.data)
    origin = f"{files} files" if files else str(project.store)
    asked_of = services.asked.items() if services else ()
    stats = (
        f"{question.endpoint or f'{len(dataset.store):,} triples, {origin}'}: {loaded - started:.3f} s",
        f"date, views and parameters: {prepared - loaded:.3f} s; answer: {answered - prepared:.3f} s",
        *(f"{url}: {count} {'request' if count == 1 else 'requests'}" for url, count in asked_of),
    )
    return Reply(
        answer, dataset, lambda: _cited(project, question, stored, text, dataset, answer), tuple(remarks), stats
    )


def ask_loaded(dataset: Dataset, question: Question, sha256: str) -> Reply:
    """Return the answer of a question about graphs that are there already, each graph and each view by its IRI.

    A date, a view and an actor change the dataset: it is of no use afterwards.

    Args:
        dataset: graphs of ours, see `dataset.load`, with the graphs of `views.add_graphs`.
        question: what is asked; neither other people's files nor an endpoint.
        sha256: of the files that the graphs come from, for the citation.

    Raises:
        UnknownName: there is no such query, view or actor.
        BadParameter: a parameter or a date is not as it has to be.
        MalformedQuery: the query does not parse.
        TriplomacyError: what is asked for together cannot be had together.
    """
    assert dataset.project is not None
    stored = queries.find(dataset.project, question.name) if question.name is not None else None
    text = stored.text if stored else question.text or ""
    if question.certainly and question.as_of is None:
        raise TriplomacyError("--certainly goes with --as-of; give the date")
    if question.as_of is not None:
        _restrict(dataset, question.as_of, certain=question.certainly, named=binding.uses_named_graphs(text))
    bound = queries.bind(stored, question.values, dataset) if stored else None
    project = dataset.project
    dataset, chosen = _views(dataset, question, named=False)
    answer = queries.run(dataset, bound) if bound else queries.ask(dataset, text)
    remarks = _remarks(dataset, bound.text if bound else text, answer, chosen, stored is not None)
    if question.evidence:
        answer = _with_evidence(dataset, answer, bound.text if bound else text)
    answer = stable_order.canonical(answer, ordered=binding.is_ordered(text))
    return Reply(
        answer, dataset, lambda: _cited(project, question, stored, text, dataset, answer, sha256), tuple(remarks)
    )


def _restrict(dataset: Dataset, as_of: str, *, certain: bool, named: bool) -> None:
    """Leave what holds at a date, and derive the graphs of the views anew where they are asked for."""
    from triplomacy.claims import periods

    periods.restrict(dataset, periods.moment(as_of), certain=certain)
    for graph in list(dataset.store.named_graphs()):
        if isinstance(graph, ox.NamedNode) and graph.value.startswith(VIEW):
            dataset.store.remove_graph(graph)
    if named:
        views.add_graphs(dataset)


def _in_order(answer: Answer, ordered: bool, remarks: list[str]) -> Answer:
    """Return an answer that does not depend on the run, if its rows are few enough to be in memory."""
    if isinstance(answer.rows, tuple):
        return stable_order.canonical(answer, ordered=ordered)
    if not ordered:
        told = f"{len(answer.rows):,} rows are left in the order of the endpoint; add ORDER BY for one that lasts"
        remarks.append(told)
    return answer


def _services(question: Question, stored: StoredQuery | None, text: str) -> federation.Services | None:
    """Return the services that may be asked, if the query asks one; raise where it asks another."""
    if not question.services and not service_clauses.clauses(text):
        return None
    from triplomacy.queries import federation

    services = federation.Services(question.services, question.timeout)
    try:
        services.permit(text, [parameter.name for parameter in stored.parameters] if stored else ())
    except TriplomacyError as error:
        error.path = error.path or (stored.path if stored else None)
        raise
    return services


def _begins(project: Project, question: Question) -> bool:
    """Tell whether our graphs will be needed, before the query is read."""
    return (
        not question.data
        and question.endpoint is None
        and any(question.name in (name, f"{theme}/{name}") for theme, name in queries.names(project))
    )


def _query(project: Project, question: Question, read: Callable[[], str] | None) -> tuple[StoredQuery | None, str]:
    """Return the stored query, if it is one, and the text; a file with a header is as good as stored."""
    if question.text is not None or question.name in (None, "-"):
        text = question.text if question.text is not None else read() if read else ""
        return _written(question, text, Path("-" if question.text is None else "--text"))
    assert question.name is not None
    try:
        stored = queries.find(project, question.name)
    except UnknownName:
        path = Path(question.name)
        if not path.is_file() and (path.suffix or path.is_dir()):
            raise TriplomacyError("no such file, and no stored query of that name", path=path) from None
        if not path.is_file():
            raise
        text = with_base(read_text(path), path.absolute().as_uri())
        stored = _written(question, text, path)[0] or StoredQuery("", path.stem, path, text, "")
    return stored, stored.text


def _written(question: Question, text: str, path: Path) -> tuple[StoredQuery | None, str]:
    """Return a query that is not stored, with what its header says if it has one."""
    if text.lstrip().startswith("#+"):
        return replace(queries.parse(text, path), theme=""), text
    if question.values:
        raise BadParameter("--set is for parameters of a header; write the values into the query")
    return None, text


def _data(
    project: Project,
    question: Question,
    text: str,
    headed: bool,
    loads: Callable[[], Dataset] | None,
) -> Dataset:
    if question.certainly and question.as_of is None and not question.data:
        raise TriplomacyError("--certainly goes with --as-of; give the date")
    if question.endpoint is not None:
        return _elsewhere(project, question, text, headed)
    if question.data and project.store is not None:
        raise TriplomacyError("--data and --store are both what is asked; leave one out")
    if question.graphs:
        raise TriplomacyError("--graph goes with --endpoint; here, write GRAPH into the query")
    if not question.data:
        dataset = loads() if loads else load(project)
        if binding.uses_named_graphs(text):
            add_named(dataset)
        return dataset
    if question.views or question.actors or question.as_of:
        raise TriplomacyError("views and dates are those of our own graphs; leave --data out, or these")
    return load_files(question.data)


def _elsewhere(project: Project, question: Question, text: str, headed: bool) -> Dataset:
    """Return the dataset of an endpoint: our graphs for a stored query, a view or a date, else its own.

    What the endpoint cannot answer, since it lacks a view or the question is of a date, is answered here, from its
    graphs.
    """
    from triplomacy import remote

    if project.store is not None:
        raise TriplomacyError("--store is asked here and --endpoint elsewhere; leave one out")
    if question.data:
        raise TriplomacyError("--data is asked here and --endpoint elsewhere; leave one out")
    endpoint = remote.connect(question.endpoint or "", question.timeout)
    for graph in question.graphs:
        remote.check_graph(graph)
    asks_ours = headed or question.views or question.actors or question.as_of
    if not asks_ours:
        return Dataset(ox.Store(), engine=endpoint.about(question.graphs, question.graphs))
    graphs = list(question.graphs or remote.our_graphs(project.graph_names()))
    named = binding.uses_named_graphs(text)
    if question.as_of is not None:
        return remote.fetch_dataset(endpoint, graphs, project, named=named)
    there = Dataset(ox.Store(), project=project, engine=endpoint.about(graphs))
    names = [*question.views, *(_of_actor(there, actor) for actor in question.actors)]
    if not all(endpoint.has(VIEW + name) for name in names):
        return remote.fetch_dataset(endpoint, graphs, project, named=named)
    chosen = [*graphs, *(VIEW + name for name in names)]
    return replace(there, engine=endpoint.about(chosen, list(endpoint.counts()) if named else ()))


def _views(dataset: Dataset, question: Question, named: bool) -> tuple[Dataset, list[str]]:
    """Add the views that are asked for, and all as named graphs for a query that names graphs; return their names too.

    An endpoint has those that are asked of it.
    """
    chosen = [*question.views, *(_of_actor(dataset, actor) for actor in question.actors)]
    if dataset.engine is not None:
        return dataset, chosen
    if chosen and named:
        dataset = dataset.changeable()  # a FROM in the query leaves the view out
    if dataset.project is not None and named:
        views.add_graphs(dataset)
    return views.added(dataset, chosen), chosen


def _of_actor(dataset: Dataset, actor: str) -> str:
    iri = resolve(actor, dataset, "tri:Actor").value
    claimants = views.claimants(dataset)
    if iri not in claimants:
        others = ", ".join(map(compress, claimants))
        raise TriplomacyError(f"no such view: {compress(iri)} makes no claim here; those who do are {others}")
    return views.view_of_actor(iri)


def _remarks(dataset: Dataset, text: str, answer: Answer, chosen: Sequence[str], stored: bool) -> list[str]:
    """Return what may have gone wrong: terms that nothing has, and, without an answer, views that would have one."""
    found = answer.rows if answer.triples is None else answer.triples
    empty = views.is_empty(found if answer.truth is None else answer.truth)
    if dataset.engine is not None:
        return _remarks_elsewhere(dataset, text) if empty and dataset.project else []
    if stored and not empty:
        return []
    from triplomacy.queries import hints

    in_views = views.view_advice(dataset, text, chosen) if empty and dataset.project else []
    known = [remark.split(" ")[0] for remark in in_views]
    misspelt = hints.misspelt(dataset, text)
    unmatched = hints.unmatched(dataset, text) if empty and not misspelt and not stored else []
    return [
        *(hint for hint in misspelt if not any(f": {name};" in hint or hint.endswith(name) for name in known)),
        *in_views,
        *unmatched,
    ]


def _remarks_elsewhere(dataset: Dataset, text: str) -> list[str]:
    """Return what may have gone wrong with an empty answer of an endpoint about our graphs."""
    if not dataset.query("ASK { ?s ?p ?o }"):
        return ["the endpoint has none of our graphs: push them there, or name its graphs by --graph"]
    from triplomacy.queries import hints

    return hints.misspelt(dataset, text)


def _with_evidence(dataset: Dataset, answer: Answer, text: str) -> Answer:
    if answer.triples is not None or answer.truth is not None:
        raise TriplomacyError("--evidence is for the rows of SELECT; leave it out, or take explain for a fact")
    if "evidence" in answer.columns:
        raise TriplomacyError("--evidence adds a column of that name, which the query has too; rename ?evidence")
    from triplomacy.claims import explain

    behind = explain.evidence_of_rows(dataset, answer.columns, answer.rows, text)
    rows = tuple((*row, told) for row, told in zip(answer.rows, behind, strict=True))
    return replace(answer, columns=(*answer.columns, "evidence"), rows=rows)


def _cited(
    project: Project,
    question: Question,
    stored: StoredQuery | None,
    text: str,
    dataset: Dataset,
    answer: Answer,
    sha256: str = "",
) -> Citation:
    from triplomacy.files import digest
    from triplomacy.queries import citation

    scope = [f"--data={path}" for path in question.data]
    scope += [f"--endpoint={question.endpoint}"] if question.endpoint else []
    scope += [f"--graph={graph}" for graph in question.graphs]
    scope += [f"--allow-service={url}" for url in question.services]
    scope += [f"--view={name}" for name in question.views]
    scope += [f"--according-to={actor}" for actor in question.actors]
    scope += [f"--as-of={question.as_of}"] if question.as_of else []
    scope += ["--certainly"] if question.certainly else []
    scope += ["--evidence"] if question.evidence else []
    sha256 = sha256 or dataset.sha256
    if not sha256 and not question.endpoint:
        own = [path for paths in dataset.files.values() for path in paths]
        sha256 = digest(list(question.data) or [*own, *project.rules()])
    filed = "" if question.name in (None, "-") or stored is None else str(stored.path)
    name = f"{stored.theme}/{stored.name}" if stored and stored.theme else filed
    cited = citation.Citation(
        query=name,
        text=text,
        parameters={key: tuple(values) for key, values in question.values.items()},
        scope=tuple(scope),
        dataset=sha256,
        version=__version__,
    )
    return citation.complete(cited, answer)


def again(project: Project, former: Citation) -> Reply:
    """Return the answer, today, of what was cited.

    A stored query is asked as it stands now; a query that was typed or stood in a file, as it is cited.

    Raises:
        TriplomacyError: as `ask` does.
    """
    options: dict[str, list[str]] = {}
    for item in former.scope:
        name, _, value = item.partition("=")
        options.setdefault(name, []).append(value)
    stored = any(f"{theme}/{name}" == former.query for theme, name in queries.names(project))
    question = Question(
        name=former.query if stored else None,
        text=None if stored else former.text,
        values=former.parameters,
        data=tuple(map(Path, options.get("--data", ()))),
        views=tuple(options.get("--view", ())),
        actors=tuple(options.get("--according-to", ())),
        as_of=next(iter(options.get("--as-of", ())), None),
        certainly="--certainly" in options,
        evidence="--evidence" in options,
        endpoint=next(iter(options.get("--endpoint", ())), None),
        graphs=tuple(options.get("--graph", ())),
        services=tuple(options.get("--allow-service", ())),
    )
    return ask(project, question)
