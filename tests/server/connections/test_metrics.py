"""Numbers for Prometheus."""

from triplomacy.server.connections.metrics import Metrics


def lines(metrics: Metrics, name: str) -> list[str]:
    """Return the lines of a number, with its type first, in an order."""
    text = metrics.text({"queue": 2, "load": 0.25}, {"sha256": 'a"b\\c\nd'}, {9: 3})
    return [line for line in text.splitlines() if line.removeprefix("# TYPE ").startswith(f"triplomacy_{name}")]


def test_requests_are_counted_by_status_and_who_answered() -> None:
    """Each request is counted once, with its bytes and its seconds."""
    metrics = Metrics()
    for status, by, size, seconds in [(200, "cache", 10, 0.0005), (200, "cache", 5, 0.0005), (404, "worker", 1, 3)]:
        metrics.request(status, by, size, seconds)
    assert lines(metrics, "requests_total") == [
        "# TYPE triplomacy_requests_total counter",
        'triplomacy_requests_total{status="200",by="cache"} 2',
        'triplomacy_requests_total{status="404",by="worker"} 1',
    ]
    assert lines(metrics, "sent_bytes_total")[1:] == ["triplomacy_sent_bytes_total 16"]


def test_seconds_are_counted_up_to_each_bound() -> None:
    """A bucket has the requests that took as long as its bound or less, the last one all of them."""
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 0.5, 11):
        metrics.request(200, "worker", 0, seconds)
    buckets = [line.rpartition(" ") for line in lines(metrics, "request_seconds_bucket")]
    assert [int(number) for _, _, number in buckets] == [1, 2, 2, 2, 3, 3, 3, 4]
    assert buckets[0][0] == 'triplomacy_request_seconds_bucket{le="0.001"}'
    assert buckets[-1][0] == 'triplomacy_request_seconds_bucket{le="+Inf"}'
    assert lines(metrics, "request_seconds_sum") == ["triplomacy_request_seconds_sum 11.502100"]
    assert lines(metrics, "request_seconds_count") == ["triplomacy_request_seconds_count 4"]


def test_refusals_reloads_and_ends() -> None:
    """Refusals are counted by their reason, workers that ended by the signal, and a reload that failed apart."""
    metrics = Metrics()
    for _ in range(2):
        metrics.refuse("queue")
    metrics.reloads["failed"] += 1
    assert lines(metrics, "refused_total")[1:] == ['triplomacy_refused_total{reason="queue"} 2']
    assert lines(metrics, "reloads_total")[1:] == [
        'triplomacy_reloads_total{outcome="done"} 0',
        'triplomacy_reloads_total{outcome="failed"} 1',
    ]
    assert lines(metrics, "workers_ended_total")[1:] == ['triplomacy_workers_ended_total{signal="9"} 3']


def test_gauges_and_texts() -> None:
    """Numbers of the moment have a type of their own, and a text is escaped."""
    assert lines(Metrics(), "queue") == ["# TYPE triplomacy_queue gauge", "triplomacy_queue 2"]
    assert lines(Metrics(), "load")[1:] == ["triplomacy_load 0.25"]
    assert lines(Metrics(), "dataset_info")[1:] == ['triplomacy_dataset_info{sha256="a\\"b\\\\c\\nd"} 1']
