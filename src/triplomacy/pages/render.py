"""Pages for people: what a dataset holds, rendered as HTML that needs no script.

Every function takes values and returns a text; none knows of requests, so that a server and a host of files show the
same pages. All values reach a page through templates that escape them; a name that a template does not know is an
error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from triplomacy import __version__, queries
from triplomacy.dataset import Dataset
from triplomacy.http import negotiation
from triplomacy.pages import accounts, charts, forms, kinds
from triplomacy.pages.forms import MOST, FormOutcome
from triplomacy.pages.links import Links
from triplomacy.pages.reading import VERBS, Nested, Reader
from triplomacy.pictures import Selection, model
from triplomacy.publish import Catalogue, Differences, Document, Release, documents
from triplomacy.queries import StoredQuery
from triplomacy.sparql import services
from triplomacy.terms import DCTERMS, PREFIXES, RDF, ROOT, TRI, compress, local_name

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

STATIC: Final = Path(__file__).parent.parent / "static"
"""The files that pages refer to."""

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
"""The files that pages, and rules of hosts, are made from."""

FORMATS: Final = {
    "ttl": ("Turtle", "text/turtle"),
    "trig": ("TriG", "application/trig"),
    "jsonld": ("JSON-LD", "application/ld+json"),
    "nt": ("N-Triples", "application/n-triples"),
    "nq": ("N-Quads", "application/n-quads"),
    "rdf": ("RDF/XML", "application/rdf+xml"),
}
"""The formats of a document besides HTML: ending, name and media type."""

_EXAMPLE: Final = """\
SELECT ?claimant (COUNT(?claim) AS ?claims)
WHERE { ?claim tri:claimant ?claimant }
GROUP BY ?claimant
ORDER BY DESC(?claims) ?claimant
"""
_NONE: Final[Mapping[str, Sequence[str]]] = {}
_LONG: Final = 300  # statements of a document from which on its page holds those about its own IRI alone


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages of one publication have in common.

    Attributes:
        links: where links lead.
        base: the absolute address below which the pages lie, with a slash at its end.
        dataset: the SHA-256 of the dataset.
        edited: whether the editor of SPARQL has been built.
        formats: the endings of the formats that documents are offered in.
        server: whether a server answers queries.
        release: the version of which these pages are a copy that stays as it is, or "".
        path: where the page lies below the first one, of a host of files.
        known: what pages find out of the dataset as a whole, so that others need not, see `reading.Reader`.
        engine: whether the engine has been built that answers queries in the page, where no server does.
        ours: whether the graphs are those of a project, with actors, sources and stored queries.
    """

    links: Links = field(default_factory=Links)
    base: str = ROOT
    dataset: str = ""
    edited: bool = field(default_factory=lambda: (STATIC / "yasgui" / "yasqe.min.js").is_file())
    formats: tuple[str, ...] = tuple(FORMATS)
    server: bool = True
    release: str = ""
    path: str = ""
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    engine: bool = field(default_factory=lambda: (STATIC / "oxigraph" / "web_bg.wasm").is_file())
    ours: bool = True


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "curie": compress,
        "local": local_name,
        "thousands": lambda number: f"{number:,}",
        "prose": _prose,
        "linked": forms.split_at_names,
    }
    environment.tests |= {
        "node": lambda term: isinstance(term, ox.NamedNode),
        "literal": lambda term: isinstance(term, ox.Literal),
        "blank": lambda term: isinstance(term, ox.BlankNode),
        "nested": lambda term: isinstance(term, Nested),
    }
    environment.globals |= {
        "RDF": RDF,
        "TRI": TRI,
        "ROOT": ROOT,
        "DCTERMS": DCTERMS,
        "PREFIXES": PREFIXES,
        "MOST": MOST,
        "verbs": VERBS,
        "version": __version__,
    }
    return environment


def _reader(site: Site, dataset: Dataset, language: str = "en") -> Reader:
    """Return the reader of a dataset, shared by its pages so that each computes nothing twice."""
    if site.known.get(Dataset) is not dataset:
        site.known.clear()
        site.known[Dataset] = dataset
    return Reader(dataset, language, site.known)


def _prose(text: str) -> Markup:
    """Return a description as HTML, with words between asterisks emphasised and all else escaped."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"\*([\w ]+)\*", r"<em>\1</em>", str(escape(text))))


def _data_block(text: str) -> Markup:
    """Return JSON as the content of a script element, which nothing in it can end."""
    from markupsafe import Markup

    return Markup(text.strip().replace("<", "\\u003c"))


def _render(site: Site, reader: Reader | None, template: str, **values: Any) -> str:
    links = site.links
    common = {
        "site": site,
        "reader": reader,
        "to": links.to,
        "page": links.page,
        "static": links.static,
        "data": links.data,
        "name": reader.name if reader else compress,
        "formats": {ending: FORMATS[ending] for ending in site.formats},
        "embedded": "",
        "today": lambda: f"{links.prefix}../../{site.path}",
        "remains": replace(links, prefix=f"{links.prefix}{'../../' if site.release else ''}").to,
        "kept": lambda version: f"{links.prefix}{'../' if site.release else 'release/'}{version}/",
    }
    return _environment().get_template(template).render(common | values)


def overview(site: Site, dataset: Dataset, card: str = "") -> str:
    """Return the first page: what the graph holds and how to question it.

    Args:
        site: where links lead.
        dataset: what is shown.
        card: a description of the dataset in JSON-LD, for programs that read the page.
    """
    reader = _reader(site, dataset)
    example = next((proposition for proposition in accounts.disputed_propositions(dataset)), None)
    return _render(
        site,
        reader,
        "overview.html",
        counts=_counts(dataset),
        sources=[accounts.source(reader, iri) for iri in dataset.sources()],
        example=None if example is None else accounts.account(reader, example),
        themes=_themes(dataset),
        sparql=_EXAMPLE,
        embedded=_data_block(card),
    )


def _counts(dataset: Dataset) -> dict[str, int]:
    wanted = {
        "claims": "?x a tri:Claim",
        "propositions": "?x tri:proposition? ?x . ?c tri:proposition ?x",
        "actors": "?class rdfs:subClassOf* tri:Actor . ?x a ?class",
        "passages": "?x a tri:Passage",
        "claimants": "?c tri:claimant ?x",
    }
    counts = {
        name: int(next(dataset.select(f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"))["n"].value)
        for name, pattern in wanted.items()
    }
    return counts | {"disputed": len(accounts.disputed_propositions(dataset))}


def _themes(dataset: Dataset) -> dict[str, list[StoredQuery]]:
    queries_by_theme: dict[str, list[StoredQuery]] = {}
    for theme, name in queries.names(dataset.project):
        queries_by_theme.setdefault(theme, []).append(queries.read(dataset.project.queries / theme / f"{name}.rq"))
    return queries_by_theme


def actors(site: Site, dataset: Dataset) -> str:
    """Return the page of all actors."""
    reader = _reader(site, dataset)
    return _render(site, reader, "actors.html", actors=accounts.actors(reader))


def propositions(site: Site, dataset: Dataset) -> str:
    """Return the page of all propositions, with how many claims affirm, deny and leave open each."""
    reader = _reader(site, dataset)
    return _render(site, reader, "propositions.html", lines=accounts.lines(reader))


def disputes(site: Site, dataset: Dataset) -> str:
    """Return the page of what is disputed, with the claims side by side."""
    reader = _reader(site, dataset)
    accounts_in_dispute = [accounts.account(reader, iri) for iri in accounts.disputed_propositions(dataset)]
    return _render(site, reader, "disputes.html", disputes=accounts_in_dispute)


def sources(site: Site, dataset: Dataset) -> str:
    """Return the page of the sources."""
    reader = _reader(site, dataset)
    return _render(site, reader, "sources.html", sources=[accounts.source(reader, iri) for iri in dataset.sources()])


def network(site: Site, dataset: Dataset) -> str:
    """Return the page of the network of recognition, sanction and alignment."""
    picture = model.network(dataset, Selection())
    remark = charts.cut(min(len(picture.ties), charts.MOST), len(picture.ties))
    return _picture(site, dataset, "network.html", network=picture, told=remark)


def ties(site: Site, dataset: Dataset) -> str:
    """Return, as JSON, what the script of the network's page draws."""
    rows = charts.ties(_reader(site, dataset), site.links, model.network(dataset, Selection()))
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n"


def timeline(site: Site, dataset: Dataset) -> str:
    """Return the page of the timeline."""
    return _picture(site, dataset, "timeline.html", scale=charts.scale(_reader(site, dataset)))


def matrix(site: Site, dataset: Dataset) -> str:
    """Return the page of the matrix of actors and what they say."""
    return _picture(site, dataset, "matrix.html", grid=charts.grid(_reader(site, dataset)))


def _picture(site: Site, dataset: Dataset, template: str, **values: Any) -> str:
    reader = _reader(site, dataset)
    texts = [text for iri in dataset.sources() for text in reader.values(iri, TRI + "text")]
    return _render(site, reader, template, texts=texts, **values)


def search(site: Site) -> str:
    """Return the page on which names are searched for, by a script over a list of them."""
    return _render(site, None, "search.html")


def questions(site: Site, dataset: Dataset) -> str:
    """Return the page of the stored queries."""
    return _render(site, _reader(site, dataset), "questions.html", themes=_themes(dataset))


def question(
    site: Site,
    dataset: Dataset,
    stored: StoredQuery,
    asked: Mapping[str, Sequence[str]],
    outcome: FormOutcome | None = None,
    offered: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page of a stored query: what it asks, a form, and the answer below it.

    Args:
        site: where links lead.
        dataset: where names are looked up and suggestions come from.
        stored: the query.
        asked: for each field of the form, its values as they were written; ``lang`` is the language of labels.
        outcome: what came of asking; None shows the form alone.
        offered: where no server answers, ending and name of each format in which the answer lies beside the page.
    """
    reader = _reader(site, dataset, next((tag for tag in asked.get("lang", ()) if tag), "en"))
    kept = [(name, value) for name in asked for value in asked[name] if value]
    return _render(
        site,
        reader,
        "question.html",
        stored=stored,
        text=forms.body(stored),
        fields=forms.fields(reader, stored, asked),
        scope=forms.scope(reader, asked),
        asked={name: [value for value in asked[name] if value] for name in asked},
        kept=kept,
        outcome=outcome,
        elsewhere=bool(services.clauses(stored.text)),
        offered=offered,
    )


def editor(site: Site, dataset: Dataset, text: str = "", outcome: FormOutcome | None = None) -> str:
    """Return the page on which people write SPARQL, with the answer of *text* below it, if there is one."""
    reader = _reader(site, dataset)
    scope = [] if site.server else forms.scope(reader, {})
    values = {"text": text or _EXAMPLE, "asked": bool(text), "outcome": outcome, "scope": scope}
    return _render(site, reader, "editor.html", **values)


def problem(site: Site, status: int, title: str, detail: str = "") -> str:
    """Return the page for an error: the HTTP status, what is wrong, and what to do."""
    return _render(site, None, "problem.html", status=status, title=title, detail=detail)


def document(
    site: Site,
    dataset: Dataset,
    described: Document,
    text: str | None = None,
    gone: Mapping[str, Sequence[str]] = _NONE,
) -> str:
    """Return the page of a document of any kind.

    Args:
        site: where links lead.
        dataset: what is loaded.
        described: the document.
        text: the characters of the source, where the pages of its text and passages may show them.
        gone: the hash IRIs that it described once and no longer does, each with the IRIs of what replaces it.

    Raises:
        ValueError: *text* is not the one that the source was read from.
    """
    if described.kind == "queries":
        return questions(site, dataset)
    reader = _reader(site, dataset)
    template, values = kinds.values(reader, described, text)
    core = _core(described)
    embedded = _data_block(documents.serialise(core, negotiation.JSONLD)) if core.statements else ""
    return _render(site, reader, f"{template}.html", gone=gone, embedded=embedded, **values)


def _core(described: Document) -> Document:
    """Return a document without backlinks and, if it is long, with the statements about its own IRI alone."""
    statements = described.statements
    if len(statements) > _LONG:
        statements = tuple(quad for quad in statements if quad.subject == ox.NamedNode(described.iri))
    return replace(described, statements=statements, backlinks=())


def tombstone(site: Site, iri: str, replaced: Sequence[str], gone: Mapping[str, Sequence[str]] = _NONE) -> str:
    """Return the page of an IRI that was described once and no longer is.

    Args:
        site: where links lead.
        iri: the IRI.
        replaced: the IRIs of what stands in its place.
        gone: the hash IRIs that it described, each with the IRIs of what replaces it.
    """
    return _render(site, None, "gone.html", iri=iri, replaced=replaced, gone=gone)


def not_found(site: Site) -> str:
    """Return the page that a static host shows for an unknown address (404)."""
    return _render(site, None, "missing.html")


def data(site: Site, catalogue: Catalogue, dataset: Dataset) -> str:
    """Return the page of what can be downloaded, with sizes and hashes, how to cite it, and under which licences."""
    return _render(site, _reader(site, dataset), "data.html", catalogue=catalogue)


def changes(site: Site, dataset: Dataset, releases: Sequence[Release], differences: Differences | None) -> str:
    """Return the page of the releases, and of what differs from the last one.

    Args:
        site: where links lead.
        dataset: where names are looked up.
        releases: those that are kept, the last one first.
        differences: what has changed since the last one, or in it; None where there was none before.
    """
    reader = _reader(site, dataset)
    return _render(site, reader, "changes.html", releases=releases, differences=differences)
