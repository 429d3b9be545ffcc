"""The IRIs and the triple patterns of a query."""

from __future__ import annotations

from triplomacy.errors import MalformedInput
from triplomacy.sparql import tree
from triplomacy.sparql.syntax import read


def iris(text: str) -> list[str]:
    """Return the IRIs of a query in the order of the text, each once, without those of BASE and PREFIX.

    Raises:
        MalformedInput: it is not a query.
    """
    nodes = tree.find(read(text), tree.Iri, tree.Prefix, tree.Base)
    return list(dict.fromkeys(node.value for node in nodes if node.prefix is not None or text[node.start] == "<"))


def triples(text: str) -> list[tuple[str, str, str]]:
    """Return the triple patterns of a query: a variable with its question mark, an IRI in full, a literal as written.

    A blank node in brackets and a list are empty; patterns with a property path, and those within brackets, are left
    out.

    Raises:
        MalformedInput: it is not a query.
    """
    return [
        (_term(statement.subject, text), _term(prop.verb, text), _term(item.term, text))
        for statement in tree.find(read(text), tree.Triples)
        for prop in statement.properties
        if isinstance(prop.verb, tree.Variable | tree.Iri)
        for item in prop.objects
    ]


def path(text: str) -> tree.Path | None:
    """Return the tree of a property path with IRIs in full, or None where a text is not one."""
    try:
        statements = [*tree.find(read(f"ASK {{ ?s {text}\n?o }}"), tree.Triples)]
    except MalformedInput:
        return None
    verb = statements[0].properties[0].verb
    return None if len(statements) > 1 or isinstance(verb, tree.Variable) else verb


def _term(node: tree.SyntaxNode, text: str) -> str:
    if isinstance(node, tree.Variable):
        return f"?{node.name}"
    if isinstance(node, tree.Iri):
        return node.value
    is_written = isinstance(node, tree.Literal) or (isinstance(node, tree.BlankNode) and node.label)
    return text[node.start : node.end] if is_written else ""
