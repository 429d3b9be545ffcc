"""The description of the interface in OpenAPI 3.1: a path for each stored query, and the SPARQL endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from triplomacy import __version__, queries
from triplomacy.dataset import Project
from triplomacy.http import Format, negotiation
from triplomacy.publish import catalogue
from triplomacy.queries import Parameter, StoredQuery
from triplomacy.server.routes.question_address import SCOPE, available_formats
from triplomacy.sparql import services

_Json = dict[str, Any]

_TYPES: Final[Mapping[str, _Json]] = {
    "iri": {"type": "string", "description": "an IRI, a CURIE, or a name of the thing"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "edtf": {"type": "string", "description": "a date or an interval of EDTF, levels 0 and 1"},
    "endpoint": {"type": "string", "format": "uri", "description": "the address of another SPARQL endpoint"},
}
_PROBLEMS: Final = {
    "400": "A parameter is unknown, missing, or not of its type",
    "403": "The query is an update, or would ask another server",
    "404": "There is no such address",
    "406": "None of the formats that the header Accept names is offered",
    "413": "The request is too large",
    "415": "A query is sent as application/sparql-query or as a form",
    "422": "The answer would be beyond a bound",
    "429": "Too many questions from one client; the header Retry-After says when to go on",
    "503": "Too many questions at a time; the header Retry-After says when to go on",
    "504": "The answer would take longer than it may",
}
_TERM: Final[_Json] = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {
        "type": {"enum": ["uri", "literal", "bnode"]},
        "value": {"type": "string"},
        "xml:lang": {"type": "string"},
        "datatype": {"type": "string"},
    },
}
_CITATION: Final[_Json] = {
    "type": "object",
    "description": "What the answer is an answer to, so that it can be asked again",
    "required": ["query", "text", "parameters", "scope", "dataset", "answer", "version"],
    "properties": {
        "query": {"type": "string", "description": "theme and name of the query"},
        "text": {"type": "string", "description": "its text before its parameters were bound"},
        "parameters": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "scope": {"type": "array", "items": {"type": "string"}, "description": "what else chose the data"},
        "dataset": {"type": "string", "description": "SHA-256 of the files of the dataset"},
        "answer": {"type": "string", "description": "SHA-256 of the answer"},
        "version": {"type": "string", "description": "of Triplomacy"},
    },
}
_SOLUTIONS: Final[_Json] = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON, of an answer to a stored query with its citation",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": {"type": "string"}}}},
        "results": {
            "type": "object",
            "required": ["bindings"],
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Term"}},
                }
            },
        },
        "boolean": {"type": "boolean"},
        "citation": {"$ref": "#/components/schemas/Citation"},
    },
}
_PROBLEM: Final[_Json] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["status", "title", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "what is wrong and what to do, in the words of the command line"},
    },
}


def description(project: Project, base: str) -> _Json:
    """Return the description of the interface below the address *base*, which has no slash at its end.

    Raises:
        MalformedInput: the header of a stored query is not as it has to be.
    """
    stored = [queries.find(project, f"{theme}/{name}") for theme, name in queries.names(project)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": catalogue.TITLE,
            "description": catalogue.DESCRIPTION,
            "version": __version__,
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": theme} for theme in sorted({query.theme for query in stored})] + [{"name": "sparql"}],
        "paths": {
            **{f"/queries/{query.theme}/{query.name}": {"get": _operation(query)} for query in stored},
            "/sparql": _endpoint(),
        },
        "components": {
            "parameters": {parameter.name: _parameter(parameter) for parameter in SCOPE if parameter.name != "format"},
            "responses": {
                **{name: _answer(formats, _HEADERS) for name, formats in _ANSWERS.items()},
                **{status: _problem(text) for status, text in _PROBLEMS.items()},
            },
            "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()},
            "schemas": {"Term": _TERM, "Citation": _CITATION, "Solutions": _SOLUTIONS, "Problem": _PROBLEM},
        },
    }


_ANSWERS: Final = {
    "Solutions": (*negotiation.SOLUTIONS, negotiation.HTML),
    "Triples": (*negotiation.GRAPHS, negotiation.HTML),
}
_HEADERS: Final = {
    "Content-Location": "the permanent address of the answer in this format",
    "ETag": "changes with the dataset",
    "Link": "rel=cite-as: the permanent address of the question (RFC 8574)",
    "Triplomacy-Citation": "the citation as a dictionary of RFC 9651, for formats that have no place for it",
}


def _operation(stored: StoredQuery) -> _Json:
    formats = available_formats(stored)
    named: _Json = {
        "name": "format",
        "in": "query",
        "description": next(parameter.description for parameter in SCOPE if parameter.name == "format"),
        "allowEmptyValue": True,
        "schema": {"enum": [item.name for item in formats]},
    }
    kind = next(kind for kind, item in _ANSWERS.items() if item == formats)
    scope = [{"$ref": f"#/components/parameters/{item.name}"} for item in SCOPE if item.name != "format"]
    refused = {"403": {"$ref": "#/components/responses/403"}} if services.clauses(stored.text) else {}
    return {
        "operationId": f"{stored.theme}_{stored.name}".replace("-", "_"),
        "tags": [stored.theme],
        "summary": stored.summary,
        **({"description": stored.description} if stored.description else {}),
        "parameters": [*map(_parameter, stored.parameters), *scope, named],
        "responses": {"200": {"$ref": f"#/components/responses/{kind}"}, **refused, **_refusals()},
    }


def _parameter(parameter: Parameter) -> _Json:
    schema = dict(_TYPES[parameter.type])
    if parameter.options:
        schema = {"enum": list(parameter.options)}
    if parameter.default is not None:
        schema["default"] = _default_value(parameter)
    if parameter.many:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.default is None and parameter not in SCOPE,
        "allowEmptyValue": True,  # as forms send what nobody has filled in: it is not given
        "schema": schema,
        **({"style": "form", "explode": True} if parameter.many else {}),
    }


def _default_value(parameter: Parameter) -> object:
    default = parameter.default or ""
    if parameter.type == "boolean":
        return default == "true"
    return int(default) if parameter.type == "integer" else float(default) if parameter.type == "number" else default


def _answer(formats: Sequence[Format], headers: Sequence[str] | Mapping[str, str]) -> _Json:
    types = dict.fromkeys(name for form in formats for name in (form.media_type, *form.general))
    return {
        "description": "The answer",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {name: {"schema": _schema(name, formats)} for name in types},
    }


def _schema(media_type: str, formats: Sequence[Format]) -> _Json:
    is_solutions = media_type == negotiation.JSON.media_type or (
        media_type in negotiation.JSON.general and negotiation.JSON in formats
    )
    if is_solutions:
        return {"$ref": "#/components/schemas/Solutions"}
    return {} if media_type.endswith("json") else {"type": "string"}


def _refusals() -> _Json:
    return {
        status: {"$ref": f"#/components/responses/{status}"} for status in _PROBLEMS if status not in ("403", "415")
    }


def _problem(text: str) -> _Json:
    return {
        "description": text,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }


def _endpoint() -> _Json:
    """Return the operations of the SPARQL 1.1 Protocol."""
    graphs = [
        {
            "name": name,
            "in": "query",
            "description": text,
            "schema": {"type": "array", "items": {"type": "string", "format": "uri"}},
            "style": "form",
            "explode": True,
        }
        for name, text in (
            ("default-graph-uri", "a graph of the default graph"),
            ("named-graph-uri", "a named graph"),
        )
    ]
    text_of_query = "a query; without one the service is described"
    query = {"name": "query", "in": "query", "description": text_of_query, "schema": {"type": "string"}}
    formats = (*negotiation.SOLUTIONS, *negotiation.GRAPHS, negotiation.HTML)
    responses = {"200": _answer(formats, ("ETag",)), "403": {"$ref": "#/components/responses/403"}, **_refusals()}
    body = {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": {"type": "string"}},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}
            },
        },
    }
    shared: _Json = {"tags": ["sparql"], "summary": "Answers a query in SPARQL 1.1"}
    return {
        "get": {**shared, "operationId": "query_get", "parameters": [query, *graphs], "responses": responses},
        "post": {
            **shared,
            "operationId": "query_post",
            "parameters": graphs,
            "requestBody": body,
            "responses": {**responses, "415": {"$ref": "#/components/responses/415"}},
        },
    }
