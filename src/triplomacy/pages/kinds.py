"""What the page of a document shows besides what the graph states, for each kind of document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from triplomacy import queries
from triplomacy.claims import Source, evidence, model
from triplomacy.pages import accounts, charts, diagrams, forms, passages, reference
from triplomacy.pages.diagrams import Diagram
from triplomacy.pages.reading import Reader, Statement, statements_by_subject
from triplomacy.publish import DATASET, Document
from triplomacy.rdf import TYPE
from triplomacy.terms import DCTERMS, ROOT, SOURCE, TRI, VIEW, local_name

_FACTS: Final = 1000  # rows of a view that its page shows


def values(reader: Reader, document: Document, text: str | None) -> tuple[str, dict[str, Any]]:
    """Return the template of a document's page, and the values that it takes.

    Args:
        reader: the dataset.
        document: the document.
        text: the characters of the source, where they are to be shown.

    Raises:
        ValueError: *text* is not the one that the source was read from.
    """
    sections = statements_by_subject(quad.triple for quad in document.statements if _is_of(document, quad))
    page = _Page(reader, document, sections, text)
    own = _KINDS[document.kind](page) if document.kind in _KINDS else {}
    common = {
        "iri": document.iri,
        "kind": document.kind,
        "label": _title(sections.get(document.iri, ())) or reader.name(document.iri),
        "sections": sections,
        "own": sections.get(document.iri, ()),
        "backlinks": _backlinks(document),
        "crumbs": _crumbs(reader, document),
        "replaced": reader.values(document.iri, DCTERMS + "isReplacedBy"),
    }
    return (document.kind if own else "node"), common | own


def _title(statements: Sequence[Statement]) -> str:
    """Return the title that a document gives itself, which need not be in the dataset."""
    titles = [each for each in statements if each.predicate == DCTERMS + "title"]
    values = (value for statement in titles for value in statement.values)
    return next((value.value for value in values if isinstance(value, ox.Literal)), "")


def _is_of(document: Document, quad: ox.Quad) -> bool:
    """Tell whether a page shows a quad among its statements: of a whole graph only what describes it."""
    return document.kind not in ("graph", "view", "dataset") or quad.subject == ox.NamedNode(document.iri)


def _backlinks(document: Document) -> list[tuple[str, list[str]]]:
    grouped: dict[str, set[str]] = {}
    for quad in document.backlinks:
        if isinstance(quad.subject, ox.NamedNode):
            grouped.setdefault(quad.predicate.value, set()).add(quad.subject.value)
    return [(predicate, sorted(grouped[predicate])) for predicate in sorted(grouped, key=local_name)]


def _crumbs(reader: Reader, document: Document) -> list[tuple[str, str]]:
    """Return what leads to a document: the list or the document above it, each as what it is and its name or IRI."""
    if document.iri.startswith(SOURCE):
        name, _, rest = document.iri.removeprefix(SOURCE).partition("/")
        return [("page", "sources"), *([("iri", SOURCE + name)] if rest else [])]
    if document.kind == "entity" and document.iri in reader.once(
        "actors", lambda: model.instances(reader.dataset, "tri:Actor")
    ):
        return [("page", "actors")]
    if document.kind in ("graph", "view"):
        return [("iri", DATASET)]
    return [("page", "queries")] if document.kind == "query" else []


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page of a document is made from."""

    reader: Reader
    document: Document
    sections: Mapping[str, Sequence[Statement]]
    text: str | None

    @property
    def iri(self) -> str:
        return self.document.iri

    def source(self, iri: str | None) -> Source | None:
        """Return the source of an IRI, if it has a text."""
        known = self.reader.once("sources", lambda: evidence.sources(self.reader.dataset))
        return next((source for source in known if source.iri == iri), None)

    def strip(self, source: Source) -> passages.Strip:
        """Return the strip of a source, which all its passages need; with a text that may be seen it is not kept."""
        if self.text is not None:
            return passages.read(self.reader, source, self.text)
        return self.reader.once(("strip", source.iri), lambda: passages.read(self.reader, source))


def _proposition(page: _Page) -> dict[str, Any]:
    return {"account": accounts.account(page.reader, page.iri)}


def _claim(page: _Page) -> dict[str, Any]:
    dataset = page.reader.dataset
    claim = next(iter(model.read(dataset, [page.iri])), None)
    if claim is None or not claim.propositions:
        return {}
    times = [accounts.time(page.reader, span) for span in page.reader.values(page.iri, TRI + "saidDuring")]
    others = {
        about: [other for other in model.claims_about(dataset, about) if other != claim] for about in claim.propositions
    }
    return {"claim": claim, "said": times, "others": others}


def _passage(page: _Page) -> dict[str, Any]:
    source = page.source(page.reader.value(page.iri, DCTERMS + "isPartOf"))
    bands = page.strip(source).bands if source else ()
    place = next((index for index, band in enumerate(bands) if band.anchor.iri == page.iri), None)
    if place is None:
        return {}
    return {
        "source": source,
        "band": bands[place],
        "before": bands[place - 1].anchor.iri if place else None,
        "after": bands[place + 1].anchor.iri if place + 1 < len(bands) else None,
    }


def _text(page: _Page) -> dict[str, Any]:
    source = page.source(passages.of_text(page.reader, page.iri))
    if source is None:
        return {}
    strip = page.strip(source)
    kinds = passages.kinds(page.reader, strip)
    return {"strip": strip, "kinds": kinds, "lanes": charts.lanes(strip, kinds), "shown": page.text is not None}


def _time(page: _Page) -> dict[str, Any]:
    dated = accounts.lines(page.reader, page.reader.subjects(TRI + "during", page.iri))
    return {"time": accounts.time(page.reader, page.iri), "lines": dated}


def _entity(page: _Page) -> dict[str, Any]:
    return {"entity": accounts.entity(page.reader, page.iri)}


def _source(page: _Page) -> dict[str, Any]:
    source = page.source(page.iri)
    written = [accounts.time(page.reader, span) for span in page.reader.values(page.iri, TRI + "writtenDuring")]
    return {
        "about": accounts.source(page.reader, page.iri),
        "strip": passages.read(page.reader, source) if source else None,
        "written": written,
    }


def _graph(page: _Page) -> dict[str, Any]:
    inside = [quad for quad in page.document.statements if quad.graph_name == ox.NamedNode(page.iri)]
    types = (quad.object.value for quad in inside if quad.predicate == TYPE and isinstance(quad.object, ox.NamedNode))
    members = sorted(Counter(types).items(), key=lambda item: (-item[1], item[0]))
    return {"size": len(inside), "members": members}


def _dataset(page: _Page) -> dict[str, Any]:
    graphs = Counter(
        quad.graph_name.value for quad in page.document.statements if isinstance(quad.graph_name, ox.NamedNode)
    )
    return {"graphs": sorted(graphs.items()), "size": graphs.total()}


def _view(page: _Page) -> dict[str, Any]:
    behind: dict[tuple[str, str, str], list[str]] = {}
    for *fact, proposition in page.reader.once("shortened", lambda: accounts.short_facts(page.reader.dataset)):
        subject, predicate, value = fact
        behind.setdefault((subject, predicate, value), []).append(proposition)
    facts = sorted(
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for quad in page.document.statements
        if quad.graph_name == ox.NamedNode(page.iri)
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode)
    )
    shown = [(fact, behind.get(fact, [])) for fact in facts[:_FACTS]]
    return {"view": page.iri.removeprefix(VIEW), "facts": shown, "count": len(facts)}


def _terms(page: _Page) -> dict[str, Any]:
    terms = [term for term in page.sections if term.startswith(page.iri + "#")]
    types = {term: _types(page.sections[term]) for term in terms}
    uses = page.reader.once("uses", lambda: reference.uses(page.reader))
    groups = reference.groups(page.reader, types)
    drawn = _diagrams(page.reader, groups, uses) if page.document.kind == "ontology" else {}
    return {"groups": groups, "uses": uses, "diagrams": drawn}


def _diagrams(reader: Reader, groups: Sequence[reference.TermGroup], uses: Mapping[str, int]) -> dict[str, Diagram]:
    """Return the diagram of the model by ``model``, trees of classes by titles of groups, and kinds by their IRIs."""
    trees = {
        group.title: diagrams.tree(reader, group.title, group.terms, uses)
        for group in groups
        if any(depth > 1 for _, depth in group.terms)
    }
    kinds = {cls: diagrams.kind(reader, cls, roles) for cls, roles in diagrams.roles(reader).items()}
    return {"model": diagrams.model(reader), **trees, **kinds}


def _types(statements: Sequence[Statement]) -> list[str]:
    values = (value for statement in statements if statement.predicate == TYPE.value for value in statement.values)
    return [value.value for value in values if isinstance(value, ox.NamedNode)]


def _query(page: _Page) -> dict[str, Any]:
    if not page.reader.dataset.is_ours:
        return {}
    stored = queries.find(page.reader.dataset.project, page.iri.removeprefix(ROOT + "query/"))
    return {"stored": stored, "text": forms.body(stored), "fields": forms.fields(page.reader, stored, {})}


_KINDS: Final[Mapping[str, Callable[[_Page], dict[str, Any]]]] = {
    "proposition": _proposition,
    "claim": _claim,
    "passage": _passage,
    "text": _text,
    "time": _time,
    "entity": _entity,
    "source": _source,
    "graph": _graph,
    "view": _view,
    "dataset": _dataset,
    "ontology": _terms,
    "shapes": _terms,
    "query": _query,
}
