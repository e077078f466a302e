"""Counts exchanges for Prometheus.

Counting is plain Python, and the families of Prometheus are made when metrics are asked for: its own counters take a
lock and a look-up for each step, which every request would pay.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate

import attrs
from prometheus_client import CollectorRegistry, Gauge, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from unijob.proxy.events import Exchange

CONTENT_TYPE = CONTENT_TYPE_LATEST
MOST_OPERATIONS = 1000
"""How many operations have series of their own; what comes on top is counted as `other`."""
MOST_SERIES = 10_000
"""How many series one metric may have; what comes on top is counted under one whose own labels say `other`."""
OTHER = "other"
NONE = "none"
"""The label of what has no upstream or no operation."""
_PREFIX = "unijob_proxy_"
_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_CHECKING = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
_KNOWN_STATUSES = frozenset(int(status) for status in HTTPStatus)
_WHERE = ("upstream", "operation")
_Labels = tuple[str, ...]


class _Buckets:
    """A histogram."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def put_into(self, family: HistogramMetricFamily, labels: _Labels) -> None:
        bounds = [*map(str, self._bounds), "+Inf"]
        counts = accumulate(map(float, self._counts))
        family.add_metric(labels, list(zip(bounds, counts, strict=True)), self._sum)


@attrs.define
class _Operation:
    """What is counted of one operation, or of all that have none."""

    ended: Counter[tuple[int | None, str, str]] = attrs.field(factory=Counter[tuple[int | None, str, str]])
    latency: _Buckets = attrs.field(factory=lambda: _Buckets(_LATENCY))
    upstream: _Buckets = attrs.field(factory=lambda: _Buckets(_LATENCY))
    checking: _Buckets = attrs.field(factory=lambda: _Buckets(_CHECKING))
    checked_requests: int = 0
    checked_responses: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    events: int = 0


class _Counts:
    """A counter of what is rarer, by labels, bounded."""

    def __init__(self, name: str, told: str, common: _Labels, own: _Labels) -> None:
        self._name = name
        self._told = told
        self._labels = common + own
        self._others = (OTHER,) * len(own)
        self._counts: Counter[_Labels] = Counter()

    def add(self, common: _Labels, own: _Labels) -> None:
        labels = common + own
        if labels not in self._counts and len(self._counts) >= MOST_SERIES:
            labels = common + self._others
        self._counts[labels] += 1

    def family(self) -> Metric:
        return _counter(self._name, self._told, self._labels, self._counts)


class Metrics(Collector):
    """An observer that counts, in a registry of its own.

    Labels come from contracts and from short lists, never from what a caller sends.
    """

    def __init__(self) -> None:
        self._operations: dict[tuple[str, str], _Operation] = {}
        self._causes = _Counts("incomplete", "Exchanges that did not end in complete.", ("upstream",), ("cause",))
        self._violations = _Counts("violations", "Breaches of a contract.", _WHERE, ("place", "keyword"))
        self._drift = _Counts("drift", "What a contract does not know.", _WHERE, ("place", "keyword"))
        self._skipped = _Counts("checks_skipped", "Checks that did not happen.", _WHERE, ("part", "reason"))
        self._reloads: Counter[_Labels] = Counter()
        self._registry = registry = CollectorRegistry()
        registry.register(self)
        self._loaded = Gauge(f"{_PREFIX}config_loaded_timestamp_seconds", "When settings were read.", registry=registry)
        Info("unijob_proxy", "The proxy itself.", registry=registry).info({"version": _version()})
        ProcessCollector(registry=registry)

    def watch(self, name: str, told: str, read: Callable[[], float]) -> None:
        """Show a number that is asked for when metrics are read."""
        Gauge(_PREFIX + name, told, registry=self._registry).set_function(read)

    def started(self, now: float) -> None:
        """Note when the settings were first read."""
        self._loaded.set(now)

    def reloaded(self, *, applied: bool, now: float) -> None:
        """Count a reload."""
        self._reloads["applied" if applied else "refused",] += 1
        if applied:
            self._loaded.set(now)

    def exposition(self) -> bytes:
        """Give all in the text format of Prometheus."""
        return generate_latest(self._registry)

    def finished(self, exchange: Exchange) -> None:
        """Count an exchange."""
        where = (exchange.upstream or NONE, exchange.operation or NONE)
        operation = self._operations.get(where)
        if operation is None:
            if len(self._operations) >= MOST_OPERATIONS:
                where = (OTHER, OTHER)
            operation = self._operations.setdefault(where, _Operation())
        operation.ended[exchange.status, exchange.source, exchange.outcome] += 1
        operation.latency.add(exchange.seconds)
        if exchange.upstream_seconds is not None:
            operation.upstream.add(exchange.upstream_seconds)
        if exchange.validation_seconds:
            operation.checking.add(exchange.validation_seconds)
        operation.checked_requests += exchange.checked_request
        operation.checked_responses += exchange.checked_response
        operation.request_bytes += exchange.request_bytes
        operation.response_bytes += exchange.response_bytes
        operation.events += exchange.events
        if exchange.violations or exchange.drift or exchange.skips or exchange.outcome != "complete":
            self._findings(where, exchange)

    def _findings(self, where: tuple[str, str], exchange: Exchange) -> None:
        if exchange.outcome != "complete":
            self._causes.add(where[:1], (exchange.cause,))
        for violation in exchange.violations:
            self._violations.add(where, (violation.place, violation.keyword))
        for violation in exchange.drift:
            self._drift.add(where, (violation.place, violation.keyword))
        for skip in exchange.skips:
            self._skipped.add(where, (skip.part, skip.reason))

    def collect(self) -> Iterator[Metric]:
        """Give what was counted as Prometheus has it."""
        requests: Counter[_Labels] = Counter()
        checks: Counter[_Labels] = Counter()
        upstreams: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for where, operation in self._operations.items():
            for (status, source, outcome), number in operation.ended.items():
                requests[*where, _status(status), source, outcome] += number
            checks[*where, "request"] += operation.checked_requests
            checks[*where, "response"] += operation.checked_responses
            upstreams[where[0]].update(
                request=operation.request_bytes, response=operation.response_bytes, events=operation.events
            )
        yield _counter("requests", "Exchanges that ended.", (*_WHERE, "status", "source", "outcome"), requests)
        yield _counter("checks", "Messages held against their contract.", (*_WHERE, "part"), checks)
        events: Counter[_Labels] = Counter({(name,): each["events"] for name, each in upstreams.items()})
        yield _counter("events_checked", "Events of event streams that were checked.", ("upstream",), events)
        directions = ("request", "response")
        sizes: Counter[_Labels] = Counter(
            {(name, way): each[way] for name, each in upstreams.items() for way in directions}
        )
        yield _counter("body_bytes", "Bytes of bodies that passed.", ("upstream", "direction"), sizes)
        yield _counter("reloads", "Reloads of the settings.", ("result",), self._reloads)
        yield from (counts.family() for counts in (self._causes, self._violations, self._drift, self._skipped))
        yield from self._histograms()

    def _histograms(self) -> Iterator[Metric]:
        latency = _histogram("request_seconds", "From the header of a request to the last byte.")
        upstream = _histogram("upstream_seconds", "From sending on to the header of the answer.")
        checking = _histogram("validation_seconds", "What routing and checks took of the processor.")
        for where, operation in self._operations.items():
            operation.latency.put_into(latency, where)
            operation.upstream.put_into(upstream, where)
            operation.checking.put_into(checking, where)
        yield from (latency, upstream, checking)


def _counter(name: str, told: str, labels: _Labels, counts: Counter[_Labels]) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, told, labels=labels)
    for values, number in counts.items():
        if number:
            family.add_metric(values, number)
    return family


def _histogram(name: str, told: str) -> HistogramMetricFamily:
    return HistogramMetricFamily(_PREFIX + name, told, labels=_WHERE)


def _status(status: int | None) -> str:
    if status is None:
        return NONE
    return str(status) if status in _KNOWN_STATUSES else f"{status // 100}xx"


def _version() -> str:
    try:
        return version("unijob")
    except PackageNotFoundError:
        return "unknown"
