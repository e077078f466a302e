"""Counts exchanges for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from unijob.proxy.events import Exchange

CONTENT_TYPE = CONTENT_TYPE_LATEST
MOST_OPERATIONS = 1000
"""How many operations have series of their own; what comes on top is counted as `other`."""
MOST_CHILDREN = 10_000
"""How many series one metric may have; what comes on top is counted under one whose own labels say `other`."""
OTHER = "other"
NONE = "none"
"""The label of what has no upstream or no operation."""
_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_CHECKING = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
_KNOWN_STATUSES = frozenset(int(status) for status in HTTPStatus)
_WHERE = ("upstream", "operation")


class _Counters:
    """A counter by labels, bounded, with its children at hand."""

    def __init__(self, counter: Counter, own: int) -> None:
        self._counter = counter
        self._own = own
        self._children: dict[tuple[str, ...], Counter] = {}

    def add(self, labels: tuple[str, ...], amount: float = 1) -> None:
        child = self._children.get(labels)
        if child is None:
            if len(self._children) >= MOST_CHILDREN:
                labels = (*labels[: -self._own], *(OTHER for _ in range(self._own)))
            child = self._children[labels] = self._counter.labels(*labels)
        child.inc(amount)


class Metrics:
    """An observer that counts, in a registry of its own.

    Labels come from contracts and from short lists, never from what a caller sends.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._where: dict[tuple[str, str], tuple[str, str]] = {}
        self._histograms: dict[tuple[str, str], tuple[Histogram, Histogram, Histogram]] = {}

        def count(name: str, told: str, *labels: str, own: int | None = None) -> _Counters:
            counter = Counter(f"unijob_proxy_{name}", told, labels, registry=registry)
            return _Counters(counter, len(labels) - len(_WHERE) if own is None else own)

        def measure(name: str, told: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"unijob_proxy_{name}", told, _WHERE, buckets=buckets, registry=registry)

        self._requests = count(
            "requests", "Exchanges, by who made the answer and how they ended.", *_WHERE, "status", "source", "outcome"
        )
        self._causes = count(
            "incomplete", "Exchanges that did not end in complete, by cause.", "upstream", "cause", own=1
        )
        self._violations = count("violations", "Breaches of a contract.", *_WHERE, "place", "keyword")
        self._drift = count("drift", "What a contract does not know.", *_WHERE, "place", "keyword")
        self._skipped = count("checks_skipped", "Checks that did not happen.", *_WHERE, "part", "reason")
        self._checked = count("checks", "Messages that were held against their contract.", *_WHERE, "part")
        self._events = count("events_checked", "Events of event streams that were checked.", "upstream", own=1)
        self._bytes = count("body_bytes", "Bytes of bodies that passed.", "upstream", "direction", own=1)
        self._latency = measure("request_seconds", "From the header of a request to the last byte.", _LATENCY)
        self._upstream = measure("upstream_seconds", "From sending on to the header of the answer.", _LATENCY)
        self._checking = measure("validation_seconds", "What routing and checks took.", _CHECKING)
        self._reloads = Counter("unijob_proxy_reloads", "Reloads of the settings.", ("result",), registry=registry)
        self._loaded = Gauge(
            "unijob_proxy_config_loaded_timestamp_seconds", "When the settings in use were read.", registry=registry
        )
        Info("unijob_proxy", "The proxy itself.", registry=registry).info({"version": _version()})
        ProcessCollector(registry=registry)

    def watch(self, name: str, told: str, read: Callable[[], float]) -> None:
        """Show a number that is asked for when metrics are read."""
        Gauge(f"unijob_proxy_{name}", told, registry=self._registry).set_function(read)

    def reloaded(self, *, applied: bool, now: float) -> None:
        """Count a reload."""
        self._reloads.labels("applied" if applied else "refused").inc()
        if applied:
            self._loaded.set(now)

    def started(self, now: float) -> None:
        """Note when the settings were first read."""
        self._loaded.set(now)

    def exposition(self) -> bytes:
        """Give all in the text format of Prometheus."""
        return generate_latest(self._registry)

    def finished(self, exchange: Exchange) -> None:
        """Count an exchange."""
        where = self._place(exchange)
        upstream = where[0]
        self._requests.add((*where, _status(exchange.status), exchange.source, exchange.outcome))
        if exchange.outcome != "complete":
            self._causes.add((upstream, exchange.cause))
        self._measure(where, exchange)
        self._bytes.add((upstream, "request"), exchange.request_bytes)
        self._bytes.add((upstream, "response"), exchange.response_bytes)
        if exchange.events:
            self._events.add((upstream,), exchange.events)
        self._findings(where, exchange)

    def _findings(self, where: tuple[str, str], exchange: Exchange) -> None:
        if exchange.checked_request:
            self._checked.add((*where, "request"))
        if exchange.checked_response:
            self._checked.add((*where, "response"))
        for violation in exchange.violations:
            self._violations.add((*where, violation.place, violation.keyword))
        for violation in exchange.drift:
            self._drift.add((*where, violation.place, violation.keyword))
        for skip in exchange.skips:
            self._skipped.add((*where, skip.part, skip.reason))

    def _measure(self, where: tuple[str, str], exchange: Exchange) -> None:
        found = self._histograms.get(where)
        if found is None:
            found = self._histograms[where] = (
                self._latency.labels(*where),
                self._upstream.labels(*where),
                self._checking.labels(*where),
            )
        latency, upstream, checking = found
        latency.observe(exchange.seconds)
        if exchange.upstream_seconds is not None:
            upstream.observe(exchange.upstream_seconds)
        if exchange.validation_seconds:
            checking.observe(exchange.validation_seconds)

    def _place(self, exchange: Exchange) -> tuple[str, str]:
        key = exchange.upstream, exchange.operation
        found = self._where.get(key)
        if found is None:
            if len(self._where) >= MOST_OPERATIONS:
                return OTHER, OTHER
            found = self._where[key] = key[0] or NONE, key[1] or NONE
        return found


def _status(status: int | None) -> str:
    if status is None:
        return "none"
    return str(status) if status in _KNOWN_STATUSES else f"{status // 100}xx"


def _version() -> str:
    try:
        return version("unijob")
    except PackageNotFoundError:
        return "unknown"
