"""Hostile requests: how those in ``hostile/*.yaml`` are read, sent over sockets, and judged.

Each file is a class of the threat model and a list of entries. An entry has a name, what is sent, and the answer:

- ``query``: SPARQL, sent as it is by POST, or ``by: get`` or ``form``; ``target`` with ``method``, ``headers`` and
  ``body`` (``compress: gzip``): a request; ``raw``: the bytes, a character each. ``drip`` is sent again and again after
  that, every ``pause`` seconds; ``ends: true`` closes the sending half.
- ``status``: of the answer, ``422 or 504`` where the machine decides, a list for several answers on one connection,
  ``none`` where the connection is closed without one, ``many, then 429`` where some with 200 come before. ``says``:
  what the last body has to match. ``never``: texts that no answer may contain. ``closes: true``: the connection is
  closed after the last. ``costly: true``: it keeps a worker busy.
- ``for``: lists by name, for whose combinations the entry stands; ``⟪name⟫`` is then a value, ``⟪name%⟫`` its
  percent-encoded form.

``⟪3:text⟫`` repeats a text, in which ``№`` counts from 0 and ``№⁺`` from 1. ``⟪canary⟫`` is the address of a socket
that nobody may connect to, ``⟪port⟫`` its port.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml

_MANY: Final = "many, then "
CORPUS: Final = Path(__file__).parents[1] / "hostile"
PATIENCE: Final = 40.0  # seconds until an answer is given up

_FIELDS: Final = {
    *("name", "for", "query", "by", "target", "method", "headers", "body", "compress", "raw", "drip", "pause", "ends"),
    *("accept", "status", "says", "never", "closes", "costly"),
}
_REPEATED: Final = re.compile(r"⟪(\d+):([^⟪⟫]*)⟫")
_SECURITY: Final = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_MACHINE: Final = re.compile(
    r"Traceback|File \"|\.py\b|\.rs\b|/(?:root|home|work|tmp|usr|var|src|proc)/|site-packages|oxigraph|panick|root:x:0"
)


@dataclass(frozen=True)
class Hostile:
    """A hostile request, with the answer that it has to get.

    Attributes:
        kind: the class of the threat model.
        entry: the name in the file, which several requests share that differ by the values of ``for``.
        name: its own.
        sent: the bytes.
        drip: bytes that are sent again and again after these, until there is an answer.
        pause: seconds between them.
        ends: whether the sending half of the connection is closed then.
        statuses: which statuses each answer on the connection may have; 0 is none.
        many: whether any number of answers with 200 come before these.
        says: what the last body has to match.
        never: texts that no answer may contain.
        closes: whether the connection has to be closed after the last answer.
        costly: whether it keeps a worker busy.
        head: whether the answers have no body.
    """

    kind: str
    entry: str
    name: str
    sent: bytes
    drip: bytes = b""
    pause: float = 0.0
    ends: bool = False
    statuses: tuple[frozenset[int], ...] = ()
    many: bool = False
    says: str = ""
    never: tuple[str, ...] = ()
    closes: bool = False
    costly: bool = False
    head: bool = False

    @property
    def slow(self) -> bool:
        """Whether it takes its time."""
        return bool(self.drip) or self.pause > 0


@dataclass
class Answer:
    """What came back for one request on a connection."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header, empty where it is not there.

        Raises:
            Broken: it is there several times.
        """
        found = [value for each, value in self.headers if each == name]
        if len(found) > 1:
            raise Broken(f"{name} is there {len(found)} times")
        return found[0] if found else ""


@dataclass
class Outcome:
    """What came of a hostile request."""

    hostile: Hostile
    answers: list[Answer] = field(default_factory=list)
    rest: bytes = b""  # that belongs to no whole answer
    closed: bool = False
    seconds: float = 0.0
    failed: str = ""


class Broken(ValueError):
    """An answer that is not HTTP, or not whole."""


def corpus(port: int) -> list[Hostile]:
    """Return all hostile requests; *port* is that of the canary."""
    return [hostile for path in sorted(CORPUS.glob("*.yaml")) for hostile in read(path, port)]


def kinds() -> list[str]:
    """Return the classes, which the threat model names."""
    return sorted(path.stem for path in CORPUS.glob("*.yaml"))


def read(path: Path, port: int) -> Iterator[Hostile]:
    """Yield the requests of a file."""
    plain = {"port": str(port), "canary": f"http://127.0.0.1:{port}/"}
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        unknown = entry.keys() - _FIELDS
        assert not unknown, f"{path.name}: {entry['name']}: {unknown}"
        lists = {name: [str(value) for value in values] for name, values in entry.get("for", {}).items()}
        for values in itertools.product(*lists.values()):
            chosen = dict(zip(lists, values, strict=True))
            label = ", ".join([entry["name"], *(value[:40] for value in values)])
            yield _hostile(path.stem, label, _filled(entry, {**chosen, **plain}))


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    """Return a part of an entry with its ``⟪...⟫`` resolved."""
    if isinstance(part, dict):
        return {_filled(name, values): _filled(value, values) for name, value in part.items() if name != "for"}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    for name, value in values.items():
        part = part.replace(f"⟪{name}⟫", value).replace(f"⟪{name}%⟫", quote(value, safe=""))
    while found := _REPEATED.search(part):
        times, text = int(found[1]), found[2]
        if "№" in text:
            repeated = "".join(text.replace("№⁺", str(n + 1)).replace("№", str(n)) for n in range(times))
        else:
            repeated = text * times
        part = part[: found.start()] + repeated + part[found.end() :]
    assert "⟪" not in part, part[:200]
    return part


def _hostile(kind: str, label: str, entry: Mapping[str, Any]) -> Hostile:
    status = entry["status"]
    several = status if isinstance(status, list) else [str(status).removeprefix(_MANY)]
    return Hostile(
        kind=kind,
        entry=entry["name"],
        name=label,
        sent=_sent(entry),
        drip=entry.get("drip", "").encode("latin-1"),
        pause=float(entry.get("pause", 0)),
        ends=entry.get("ends", False),
        statuses=tuple(frozenset(map(_status, str(each).split(" or "))) for each in several),
        many=str(status).startswith(_MANY),
        says=entry.get("says", ""),
        never=tuple(entry.get("never", [])),
        closes=entry.get("closes", False),
        costly=entry.get("costly", False),
        head=entry.get("method") == "HEAD",
    )


def _status(text: str) -> int:
    return 0 if text == "none" else int(text)


def _sent(entry: Mapping[str, Any]) -> bytes:
    if "raw" in entry:
        return bytes(entry["raw"].encode("latin-1"))
    headers = {"Host": "127.0.0.1", **entry.get("headers", {})}
    if "accept" in entry:
        headers["Accept"] = entry["accept"]
    target, method, body = entry.get("target", "/sparql"), entry.get("method", "GET"), None
    if "query" in entry:
        by, text = entry.get("by", "post"), entry["query"].encode("utf-8", "surrogatepass")
        joined = target + ("&" if "?" in target else "?")
        if by == "get":
            target = f"{joined}query={quote(text, safe='')}"
        else:
            method, body = "POST", text if by == "post" else f"query={quote(text, safe='')}".encode()
            form = "application/sparql-query" if by == "post" else "application/x-www-form-urlencoded"
            headers.setdefault("Content-Type", form)
    elif "body" in entry:
        body = entry["body"].encode("latin-1")
    if body is not None:
        coding = entry.get("compress", "")
        body = gzip.compress(body) if coding == "gzip" else zlib.compress(body) if coding == "deflate" else body
        headers.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + (body or b"")


def send(hostile: Hostile, port: int, source: str) -> Outcome:
    """Send a hostile request from a loopback address, and return what came of it."""
    outcome = Outcome(hostile)
    begun = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(source, 0)) as connection:
            _exchange(connection, outcome, begun)
    except Broken as error:
        outcome.failed = str(error)
    except OSError as error:
        outcome.failed = f"{type(error).__name__}: {error}"
    outcome.seconds = time.monotonic() - begun
    return outcome


def _exchange(connection: socket.socket, outcome: Outcome, begun: float) -> None:
    hostile = outcome.hostile
    received = bytearray()
    try:
        connection.sendall(hostile.sent)
        if hostile.ends:
            connection.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before it has said all; the answer may be there
    waits = hostile.closes or hostile.many or 0 in hostile.statuses[-1]
    while waits or len(outcome.answers) < len(hostile.statuses):
        if time.monotonic() - begun > PATIENCE:
            raise Broken(f"no end after {PATIENCE:g} seconds; so far {bytes(received[:100])!r}")
        _take(connection, hostile, received, outcome)
        while (found := whole(received, outcome.closed, head=hostile.head)) is not None:
            answer, length = found
            del received[:length]
            if answer.status != 100:
                outcome.answers.append(answer)
        if outcome.closed:
            break
    outcome.rest = bytes(received)


def _take(connection: socket.socket, hostile: Hostile, received: bytearray, outcome: Outcome) -> None:
    """Take what there is; where a request is dripped, send the next drop if there is nothing."""
    connection.settimeout(hostile.pause or 1.0)
    try:
        part = connection.recv(65_536)
    except TimeoutError:
        if hostile.drip and not outcome.answers:
            try:
                connection.sendall(hostile.drip)
            except OSError:
                return
        return
    except ConnectionResetError:
        part = b""
    received += part
    outcome.closed = not part


def whole(received: bytes | bytearray, closed: bool, *, head: bool = False) -> tuple[Answer, int] | None:
    """Return the answer that bytes begin with, and its length, or None where more is to come.

    It is read strictly: what a lenient reader could take for something else is not an answer.

    Raises:
        Broken: it is not an answer in HTTP/1.1, or ends before its end.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        if closed and received:
            raise Broken(f"an answer without an end: {bytes(received[:100])!r}")
        return None
    first, *lines = bytes(received[:end]).decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z' -]*", first)
    if status is None:
        raise Broken(f"no status: {first[:100]!r}")
    headers = []
    for line in lines:
        found = re.fullmatch(r"([a-z0-9-]+): ([\x20-\x7e\t\x80-\xff]*)", line)
        if found is None:
            raise Broken(f"no header: {line[:100]!r}")
        headers.append((found[1], found[2]))
    answer = Answer(int(status[1]), headers, b"")
    length = answer.header("content-length")
    if answer.header("transfer-encoding"):
        raise Broken("an answer in chunks, which are not counted beforehand")
    size = 0 if head or answer.status in (100, 204, 304) else int(length or -1)
    if size < 0:
        raise Broken(f"an answer of unknown length: {first}")
    if len(received) < end + 4 + size:
        if closed:
            raise Broken(f"an answer of {len(received) - end - 4} bytes that promised {size}")
        return None
    answer.body = bytes(received[end + 4 : end + 4 + size])
    return answer, end + 4 + size


def judge(outcome: Outcome) -> list[str]:
    """Return what is wrong with the answer to a hostile request, nothing where it is as it has to be."""
    hostile = outcome.hostile
    if outcome.failed:
        return [outcome.failed]
    found = [answer.status for answer in outcome.answers]
    if hostile.many:
        found = found[-1:] if set(found[:-1]) == {200} else found
    wrong = []
    if not _as_told(found or [0], hostile.statuses):
        wrong.append(f"statuses {found}, not {[sorted(may) for may in hostile.statuses]}")
    if outcome.rest:
        wrong.append(f"more than answers: {outcome.rest[:100]!r}")
    if hostile.closes and not outcome.closed:
        wrong.append("the connection stays open")
    if hostile.says and not (outcome.answers and re.search(hostile.says, _text(outcome.answers[-1]))):
        wrong.append(f"does not say {hostile.says!r}: {_text(outcome.answers[-1])[:300] if outcome.answers else ''!r}")
    sent = hostile.sent.decode("latin-1")
    for answer in outcome.answers:
        try:
            wrong += [f"{answer.status}: {each}" for each in faults(answer, sent)]
        except Broken as error:
            wrong.append(str(error))
        wrong += [f"contains {text!r}" for text in hostile.never if text in _all(answer)]
    return wrong


def _as_told(found: Sequence[int], told: Sequence[frozenset[int]]) -> bool:
    return len(found) == len(told) and all(status in may for status, may in zip(found, told, strict=True))


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def _all(answer: Answer) -> str:
    return "".join(f"{name}: {value}\n" for name, value in answer.headers) + _text(answer)


def faults(answer: Answer, sent: str) -> Iterator[str]:
    """Yield what no answer may be, whatever was asked: what was *sent* may come back as text, nothing else."""
    if answer.status in (500, 501, 502) or not 200 <= answer.status < 600:
        yield "a status that nobody may get"
    for name, part in _SECURITY.items():
        if part not in answer.header(name):
            yield f"{name} is {answer.header(name)!r}"
    for name, value in answer.headers:
        if name in ("set-cookie", "server", "x-powered-by", "refresh", "access-control-allow-credentials"):
            yield f"has the header {name}: {value[:50]}"
        if "injected" in name:
            yield f"has a header that was injected: {name}"
    if answer.status >= 400:
        yield from _problem(answer)
    for found in _MACHINE.finditer(_all(answer)):
        if found[0] not in sent and quote(found[0]) not in sent:
            yield f"tells of the machine: {found[0]!r}"
    if answer.header("content-type").startswith("text/html"):
        yield from _markup(_text(answer))


def _problem(answer: Answer) -> Iterator[str]:
    kind = answer.header("content-type").partition(";")[0]
    if kind not in ("application/problem+json", "text/html"):
        yield f"a problem as {kind!r}"
    if answer.header("cache-control") != "no-store":
        yield "a problem that may be kept"
    if answer.status in (429, 503) and not answer.header("retry-after").isdigit():
        yield "does not say when to come back"
    if answer.header("etag"):
        yield "a problem with an entity tag"


class _Reader(HTMLParser):
    """Finds what a page of ours never has: it would be there because a request has put it there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._block: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("base", "iframe", "object", "embed", "style", "img", "video", "audio", "frame", "applet", "math"):
            self.found.append(f"an element {tag}")
        if given == {"type": "application/ld+json"} and tag == "script":
            self._block = []
        elif tag == "script" and not re.fullmatch(r"/static/[\w./-]+\.js(?:\?v=\w+)?", given.get("src") or ""):
            self.found.append(f"a script {given}")
        if tag == "meta" and "http-equiv" in given:
            self.found.append("a meta element that redirects")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"an attribute {name}")
            if name in ("href", "src", "action", "formaction", "xlink:href") and not _is_address(value or ""):
                self.found.append(f"an address {(value or '')[:60]!r}")

    def handle_data(self, data: str) -> None:
        if self._block is not None:
            self._block.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._block is not None:
            if not _is_data("".join(self._block)):
                self.found.append("a block of data that holds something else")
            self._block = None


def _is_data(text: str) -> bool:
    """Tell whether a text is JSON with nothing in it that could be markup."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return "<" not in text


def _is_address(text: str) -> bool:
    return bool(re.match(r"https?://|/(?![/\\])|[#?]|[\w.-]+(?:[/?#]|$)", text)) or text == ""


def _markup(page: str) -> Iterator[str]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    yield from (f"a page with {each}" for each in reader.found)


class Canary:
    """A socket that listens, and counts who comes: nobody may."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def visitors(self) -> int:
        """Return how many have connected since this was last asked."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
