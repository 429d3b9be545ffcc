"""The citation of an answer: what was asked of which data, so that it can be asked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from triplomacy import files
from triplomacy.errors import Choice, MalformedInput, TriplomacyError
from triplomacy.files import FilePath, to_path
from triplomacy.queries import scope as scopes
from triplomacy.queries.answer import Answer
from triplomacy.queries.scope import Scope

_PARTS = ("query", "text", "parameters", "scope", "dataset", "answer", "version")


@dataclass(frozen=True, slots=True)
class Citation:
    """What was asked of which data: enough to ask it again and to compare the answers.

    Attributes:
        query: the stored query's ``theme/name``, or a file's name, or empty for a query that was typed.
        text: the query's text before its parameters were bound.
        parameters: the values that were given, as they were written.
        scope: what else chose the data.
        dataset: the SHA-256 of the files that were read, see `hashed`; empty where an endpoint was asked.
        answer: the SHA-256 of the answer, see `complete`.
        version: of Triplomacy.
    """

    query: str
    text: str
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    dataset: str = ""
    answer: str = ""
    version: str = ""

    def as_mapping(self) -> dict[str, Any]:
        """Return the citation as JSON has it."""
        given = {name: list(values) for name, values in self.parameters.items()}
        return {name: getattr(self, name) for name in _PARTS} | {
            "parameters": given,
            "scope": list(self.scope.options()),
        }

    def as_text(self) -> str:
        """Return the citation as one line."""
        asked = " ".join(
            [
                self.query or "a query",
                *(f"{name}={value}" for name, values in self.parameters.items() for value in values),
            ]
        )
        scope = "".join(f"{' ' if number else ', '}{option}" for number, option in enumerate(self.scope.options()))
        data = f"; dataset sha256:{self.dataset[:16]}" if self.dataset else ""
        return f"{asked}{scope}{data}; Triplomacy {self.version}"

    def changes(self, now: Citation) -> list[str]:
        """Return a sentence for each part of the citation that differs today; none if the answer is the same."""
        if self.answer == now.answer:
            return []
        facts_by_name = {
            "version": f"Triplomacy was {self.version} and is {now.version}",
            "text": f"the text of {self.query or 'the query'} has changed",
            "dataset": f"the data have changed: sha256 {self.dataset[:16]} is now {now.dataset[:16]}",
        }
        return [text for name, text in facts_by_name.items() if getattr(self, name) != getattr(now, name)] or [
            "nothing that was cited has changed: the query has no fixed order, or its answer depends on the day"
        ]


def complete(cited: Citation, answer: Answer) -> Citation:
    """Return a citation with the hash of its answer: of its rows in their order, or of its triples sorted."""
    lines: Iterable[str]
    if answer.triples is not None:
        lines = sorted(map(str, answer.triples))
    elif answer.truth is not None:
        lines = [str(answer.truth)]
    else:
        lines = chain(answer.columns, ("\t".join(map(str, row)) for row in answer.rows))
    digest = hashlib.sha256()
    for number, line in enumerate(lines):
        digest.update((f"\n{line}" if number else line).encode("utf-8", "surrogatepass"))
    return replace(cited, answer=digest.hexdigest())


def of_mapping(entries: Mapping[str, Any]) -> Citation:
    """Return the citation that `Citation.as_mapping` has written; raise KeyError or TypeError for any other mapping."""
    parts = {name: entries[name] for name in _PARTS} | {"scope": scopes.of_options(entries["scope"])}
    given = {name: tuple(values) for name, values in entries["parameters"].items()}
    return Citation(**parts | {"parameters": given})


def read(path: FilePath) -> Citation:
    """Return the citation in an answer that was written as JSON.

    Raises:
        MalformedInput: there is none in it.
        TriplomacyError: the file cannot be read.
    """
    path = to_path(path)
    try:
        return of_mapping(json.loads(files.read_bytes(path))["citation"])
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MalformedInput(
            "no answer with a citation; write one with ", Choice("format", "json"), path=path
        ) from None
