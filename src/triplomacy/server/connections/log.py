"""The access log: a line of JSON a request, without what was asked, its headers or its body.

A thread of its own writes, so that nobody waits for a pipe that nobody reads; what is too much for it is left out and
counted.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Final, TextIO

_MOST: Final = 50_000  # lines that may wait to be written
_PAUSE: Final = 0.2  # seconds between writes


class Log:
    """The access log, written by a thread in the background."""

    def __init__(self, stream: TextIO | None) -> None:
        self.dropped = 0
        self._stream = stream
        self._lines: deque[tuple[float, str, str, str, int, int, float, str]] = deque()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access log", daemon=True)
        if stream is not None:
            self._thread.start()

    def request(self, client: str, method: str, path: str, status: int, size: int, seconds: float, by: str) -> None:
        """Log a request: client, method, path without its query, status, bytes, seconds, and what answered it."""
        if self._stream is None:
            return
        if len(self._lines) >= _MOST:
            self.dropped += 1
            return
        self._lines.append((time.time(), client, method, path, status, size, seconds, by))

    def close(self) -> None:
        """Write the lines that wait, for a second at most, and end the thread."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(1)

    def _run(self) -> None:
        while not self._end.wait(_PAUSE):
            self._write()
        self._write()

    def _write(self) -> None:
        stream = self._stream
        if stream is None or not self._lines:
            return
        lines = [_line(*self._lines.popleft()) for _ in range(len(self._lines))]
        try:
            stream.write("".join(lines))
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more
            self.dropped += len(lines)


def _line(at: float, client: str, method: str, path: str, status: int, size: int, seconds: float, by: str) -> str:
    written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
    entry = {
        "time": written,
        "client": client,
        "method": method[:16],
        "path": path[:300],
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 2),
        "by": by,
    }
    return json.dumps(entry) + "\n"
