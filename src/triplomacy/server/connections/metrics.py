"""Metrics for Prometheus, in its text format 0.0.4."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final

_BOUNDS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)  # seconds

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters since the start of the server."""

    def __init__(self) -> None:
        self.requests: dict[tuple[int, str], int] = {}
        self.refused: dict[str, int] = {}
        self.reloads: dict[str, int] = {"done": 0, "failed": 0}
        self.sent = 0
        self.seconds = 0.0
        self.histogram = [0] * (len(_BOUNDS) + 1)

    def request(self, status: int, by: str, size: int, seconds: float) -> None:
        """Count a request: what answered it, with which status, bytes and seconds."""
        key = (status, by)
        self.requests[key] = self.requests.get(key, 0) + 1
        self.sent += size
        self.seconds += seconds
        self.histogram[bisect_left(_BOUNDS, seconds)] += 1

    def refuse(self, reason: str) -> None:
        """Count a refusal by a bound."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def text(self, gauges: Mapping[str, float], info: Mapping[str, str], ended: Mapping[int, int]) -> str:
        """Return all metrics as text: the counters, and gauges as they are now."""
        lines = [
            *_family(
                "requests_total", "counter", (({"status": s, "by": by}, n) for (s, by), n in self.requests.items())
            ),
            *_family("refused_total", "counter", (({"reason": reason}, n) for reason, n in self.refused.items())),
            *_family("reloads_total", "counter", (({"outcome": outcome}, n) for outcome, n in self.reloads.items())),
            *_family("workers_ended_total", "counter", (({"signal": number}, n) for number, n in ended.items())),
            *_family("sent_bytes_total", "counter", [({}, self.sent)]),
            *self._histogram(),
            *(line for name, value in gauges.items() for line in _family(name, "gauge", [({}, value)])),
            *_family("dataset_info", "gauge", [(info, 1)]),
        ]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterable[str]:
        total = 0
        yield "# TYPE triplomacy_request_seconds histogram"
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self.histogram, strict=True):
            total += count
            yield f'triplomacy_request_seconds_bucket{{le="{bound}"}} {total}'
        yield f"triplomacy_request_seconds_sum {self.seconds:.6f}"
        yield f"triplomacy_request_seconds_count {total}"


def _family(name: str, kind: str, samples: Iterable[tuple[Mapping[str, object], float]]) -> Iterable[str]:
    yield f"# TYPE triplomacy_{name} {kind}"
    for labels, value in samples:
        written = ",".join(f'{label}="{_escape(str(text))}"' for label, text in labels.items())
        yield f"triplomacy_{name}{{{written}}} {value:g}" if written else f"triplomacy_{name} {value:g}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
