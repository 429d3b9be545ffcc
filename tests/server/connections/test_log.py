"""The access log: a line a request, written by a thread of its own."""

import io
import json
import threading

import pytest

from triplomacy.server.connections import log
from triplomacy.server.connections.log import Log


def request(lines: Log, path: str = "/sparql") -> None:
    """Note a request."""
    lines.request("192.0.2.1", "GET", path, 200, 7, 0.01234, "worker")


def test_line_has_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is an object of JSON with the time in universal time, and parts that are too long are cut."""
    monkeypatch.setattr("triplomacy.server.connections.log.time.time", lambda: 1_700_000_000.25)
    stream = io.StringIO()
    lines = Log(stream)
    request(lines)
    lines.request("192.0.2.1", "X" * 17, "/" + "\n" * 300, 400, 0, 0, "connection")
    lines.close()
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {
        "time": "2023-11-14T22:13:20.250Z",
        "client": "192.0.2.1",
        "method": "GET",
        "path": "/sparql",
        "status": 200,
        "bytes": 7,
        "ms": 12.34,
        "by": "worker",
    }
    assert (len(second["method"]), len(second["path"])) == (16, 300)


def test_lines_are_written_while_the_server_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is written after a pause, in the order of the requests."""
    monkeypatch.setattr(log, "_PAUSE", 0.01)
    written = threading.Event()

    class Stream(io.StringIO):
        def flush(self) -> None:
            written.set()

    stream = Stream()
    lines = Log(stream)
    for path in "abc":
        request(lines, path)
    assert written.wait(20)
    lines.close()
    assert [json.loads(line)["path"] for line in stream.getvalue().splitlines()] == list("abc")
    assert lines.dropped == 0


def test_what_is_too_much_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more lines wait than may, and those that do not are counted."""
    monkeypatch.setattr(log, "_MOST", 2)
    monkeypatch.setattr(log, "_PAUSE", 60)
    stream = io.StringIO()
    lines = Log(stream)
    for _ in range(5):
        request(lines)
    lines.close()
    assert (len(stream.getvalue().splitlines()), lines.dropped) == (2, 3)


def test_stream_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lines cannot be written they are counted, and the server goes on; without a stream nothing is noted."""
    monkeypatch.setattr(log, "_PAUSE", 60)
    closed = io.StringIO()
    closed.close()
    lines = Log(closed)
    request(lines)
    lines.close()
    assert lines.dropped == 1
    silent = Log(None)
    request(silent)
    silent.close()
    assert silent.dropped == 0
