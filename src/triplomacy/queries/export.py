"""The stored queries for other tools: as RDF in the form of SIB's sparql-examples, and as Markdown.

Each is exported with its parameters bound to their defaults, so that it runs as it stands.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import Dataset, Project
from triplomacy.errors import BadParameter, Message
from triplomacy.queries import stored
from triplomacy.queries.parameters import possible
from triplomacy.queries.stored import StoredQuery
from triplomacy.rdf import normalise, turtle
from triplomacy.terms import PREFIXES, RDF, RDFS, ROOT, SH

QUERY: Final = ROOT + "query/"
ENDPOINT: Final = ROOT + "sparql"
_SCHEMA: Final = "https://schema.org/"
_KINDS: Final = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct", "DESCRIBE": "Describe"}


def _stored_queries(project: Project) -> list[StoredQuery]:
    return [stored.read(project.queries / theme / f"{name}.rq") for theme, name in stored.names(project)]


def _runnable(query: StoredQuery) -> str:
    """Return the text with prefixes and default values, without its header; as it is where a default is missing."""
    try:
        text = stored.bind(query, {}).text
    except BadParameter:
        text = query.text
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()
    used = {name: iri for name, iri in PREFIXES.items() if f"{name}:" in body and f"PREFIX {name}:" not in body}
    heads = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in used.items())
    return f"{heads}{body}\n"


def as_turtle(project: Project) -> str:
    """Return the queries as RDF: their kind, text, question, keywords and the endpoint that they are for.

    Raises:
        MalformedInput: the header of a query is not as it has to be.
    """
    return normalise(turtle.serialise(triples(project), {"query": QUERY, "rdfs": RDFS, "schema": _SCHEMA, "sh": SH}))


def triples(project: Project) -> list[ox.Triple]:
    """Return the triples that `as_turtle` writes.

    Raises:
        MalformedInput: the header of a query is not as it has to be.
    """
    return [triple for query in _stored_queries(project) for triple in _query_triples(query)]


def _query_triples(query: StoredQuery) -> list[ox.Triple]:
    node = ox.NamedNode(f"{QUERY}{query.theme}/{query.name}")
    text = _runnable(query)
    kind = next((kind for kind in _KINDS if any(line.startswith(kind) for line in text.splitlines())), "SELECT")
    statements: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")),
        (RDF + "type", ox.NamedNode(f"{SH}SPARQL{_KINDS[kind]}Executable")),
        (RDFS + "comment", ox.Literal(query.summary, language="en")),
        (SH + kind.lower(), ox.Literal(text)),
        (_SCHEMA + "target", ox.NamedNode(ENDPOINT)),
        *((_SCHEMA + "keywords", ox.Literal(word)) for word in (query.theme, *query.tags)),
    ]
    return [ox.Triple(node, ox.NamedNode(predicate), value) for predicate, value in statements]


def as_markdown(project: Project) -> str:
    """Return the queries as Markdown, a section a theme, each with its question and its text.

    Raises:
        MalformedInput: the header of a query is not as it has to be.
    """
    parts: list[str] = ["# Questions\n"]
    theme = ""
    for query in _stored_queries(project):
        if query.theme != theme:
            theme = query.theme
            parts.append(f"## {theme}\n")
        described = f"{query.description}\n\n" if query.description else ""
        parts.append(f"### {query.name}\n\n{query.summary}\n\n{described}```sparql\n{_runnable(query)}```\n")
    return "\n".join(parts)


def description(query: StoredQuery, dataset: Dataset) -> Message:
    """Return what `stored.describe` does, and what values the parameters may have, and the expected answer."""
    parts: list[str] = [stored.describe(query)]
    for parameter in query.parameters:
        terms = stored.options(parameter, dataset)
        values = possible(parameter, dataset) if terms is None else [str(term.value) for term in terms]
        if values:
            shown = ", ".join(values[:12]) + (f", ... ({len(values)} in all)" if len(values) > 12 else "")
            parts.append(f"{parameter.name} may be: {shown}\n")
    if query.answer_file.is_file():
        answer = query.answer_file.read_text(encoding="utf-8").replace("\r\n", "\n").rstrip("\n")
        parts.append(f"expected answer:\n{answer}\n")
    return Message(*[piece for part in parts for piece in ("\n", part)][1:])
