"""What Prometheus is told."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from unijob.errors import Violation
from unijob.proxy import metrics as module
from unijob.proxy.events import Exchange, Skip
from unijob.proxy.metrics import Metrics

HERE = {"upstream": "a", "operation": "get"}


def exchange(**changes: Any) -> Exchange:
    fields: dict[str, Any] = {
        "request_id": "1", "started_at": 1.0, "upstream": "a", "operation": "get", "status": 200, "seconds": 0.2,
        **changes,
    }  # fmt: skip
    return Exchange(**fields)


def violation(keyword: str = "type", *, drift: bool = False) -> Violation:
    return Violation(place="response.body", pointer="/x", keyword=keyword, message="m", drift=drift)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            if sample.name == f"unijob_proxy_{name}" and sample.labels == labels:
                return sample.value
    return None


def series(metrics: Metrics, name: str) -> int:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return sum(sample.name == f"unijob_proxy_{name}" for family in families for sample in family.samples)


def test_an_exchange_is_counted() -> None:
    """By upstream and operation."""
    metrics = Metrics()
    for _ in range(2):
        metrics.finished(
            exchange(
                violations=(violation(), violation("enum")),
                drift=(violation("additionalProperties", drift=True),),
                skips=(Skip(part="request", reason="too-large"),),
                checked_response=True,
                validation_seconds=0.001,
                upstream_seconds=0.1,
                request_bytes=3,
                response_bytes=5,
                events=7,
            )
        )
    body = {**HERE, "place": "response.body"}
    assert value(metrics, "requests_total", **HERE, status="200", source="upstream", outcome="complete") == 2
    assert value(metrics, "violations_total", **body, keyword="type") == 2
    assert value(metrics, "violations_total", **body, keyword="enum") == 2
    assert value(metrics, "drift_total", **body, keyword="additionalProperties") == 2
    assert value(metrics, "checks_skipped_total", **HERE, part="request", reason="too-large") == 2
    assert value(metrics, "checks_total", **HERE, part="response") == 2
    assert value(metrics, "checks_total", **HERE, part="request") is None
    assert value(metrics, "request_seconds_sum", **HERE) == pytest.approx(0.4)
    assert value(metrics, "request_seconds_bucket", **HERE, le="0.25") == 2
    assert value(metrics, "upstream_seconds_count", **HERE) == 2
    assert value(metrics, "validation_seconds_sum", **HERE) == pytest.approx(0.002)
    assert value(metrics, "body_bytes_total", upstream="a", direction="request") == 6
    assert value(metrics, "body_bytes_total", upstream="a", direction="response") == 10
    assert value(metrics, "events_checked_total", upstream="a") == 14


@pytest.mark.parametrize(("status", "told"), [(None, "none"), (299, "2xx"), (404, "404"), (999, "9xx")])
def test_statuses_are_a_short_list(status: int | None, told: str) -> None:
    """Those that nobody knows are told by their class."""
    metrics = Metrics()
    metrics.finished(exchange(status=status, source="none", outcome="failed", cause="connect"))
    assert value(metrics, "requests_total", **HERE, status=told, source="none", outcome="failed") == 1
    assert value(metrics, "incomplete_total", upstream="a", cause="connect") == 1


def test_what_has_no_operation_is_told_as_none() -> None:
    """An empty label would be none at all."""
    metrics = Metrics()
    metrics.finished(exchange(upstream="", operation=""))
    assert value(metrics, "request_seconds_count", upstream="none", operation="none") == 1


def test_operations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes on top is counted as other."""
    monkeypatch.setattr(module, "MOST_OPERATIONS", 3)
    metrics = Metrics()
    for number in range(10):
        metrics.finished(exchange(operation=f"op{number}"))
    assert series(metrics, "requests_total") == 4
    assert value(metrics, "request_seconds_count", upstream="other", operation="other") == 7


def test_series_of_one_metric_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes on top loses its own labels, not its operation."""
    monkeypatch.setattr(module, "MOST_SERIES", 3)
    metrics = Metrics()
    for number in range(10):
        metrics.finished(exchange(violations=(violation(f"k{number}"),), outcome="failed", cause=f"c{number}"))
    assert series(metrics, "violations_total") == 4
    assert value(metrics, "violations_total", **HERE, place="other", keyword="other") == 7
    assert value(metrics, "incomplete_total", upstream="a", cause="other") == 7


def test_numbers_that_are_read_when_asked_for() -> None:
    """Reloads, and what is under way."""
    metrics = Metrics()
    metrics.watch("ready", "r", lambda: 1.0)
    metrics.started(5.0)
    metrics.reloaded(applied=False, now=6.0)
    assert value(metrics, "ready") == 1
    assert value(metrics, "config_loaded_timestamp_seconds") == 5
    metrics.reloaded(applied=True, now=7.0)
    assert value(metrics, "config_loaded_timestamp_seconds") == 7
    assert value(metrics, "reloads_total", result="refused") == 1
    assert value(metrics, "reloads_total", result="applied") == 1


def test_two_proxies_in_a_process_count_apart() -> None:
    """Each has a registry of its own."""
    first, second = Metrics(), Metrics()
    first.finished(exchange())
    assert series(second, "requests_total") == 0
