"""Jobs for workers and their results, and the messages that carry them over a socket."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_HEAD: Final = struct.Struct("!II")


@dataclass(frozen=True, slots=True)
class Job:
    """A job for a worker.

    Attributes:
        text: a query, as a stranger has written it; empty where *name* is given.
        name: a stored query, ``THEME/NAME`` or ``NAME``.
        values: its parameters as a person writes them.
        form: in which rows, true or false are wanted; a key of `formats.FORMATS`, empty if in none.
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
    def has_scope(self) -> bool:
        """Whether it changes the worker's dataset (views, dates, evidence), so that the worker cannot be used again."""
        return bool(self.views or self.actors or self.as_of is not None or self.certainly or self.evidence)


@dataclass(frozen=True, slots=True)
class JobResult:
    """The result of a job.

    Attributes:
        status: of HTTP: 200, or why there is no answer.
        form: the format of the body: a key of `formats.FORMATS`; with status 406, one of the kind that was not wanted.
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
    """Return a message as bytes: the lengths of head and body, the head as JSON, the body."""
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
