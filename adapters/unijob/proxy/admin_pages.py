"""What the admin listener tells, as plain data: health, metrics, violations, drift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal

import attrs

from unijob.proxy.drift import DriftLog
from unijob.proxy.history import History, exchange_dict, json_bytes
from unijob.proxy.metrics import CONTENT_TYPE, Metrics
from unijob.redact import Redactor

State = Literal["starting", "ready", "draining"]
JSON = "application/json"
MOST = 1000
"""The most entries of one answer."""
_DEFAULT_MOST = 100
Query = Mapping[str, str]


@attrs.frozen
class Page:
    """One answer."""

    status: int
    content_type: str
    body: bytes


class Pages:
    """Answers what is asked under `/-/`.

    Args:
        metrics: what was counted.
        history: what is remembered of single exchanges.
        drift: what is remembered of drift.
        state: whether the proxy takes requests.
    """

    def __init__(self, *, metrics: Metrics, history: History, drift: DriftLog, state: Callable[[], State]) -> None:
        self._metrics = metrics
        self._history = history
        self._drift = drift
        self._state = state
        self._redactor = Redactor()
        self._pages: Mapping[str, tuple[Callable[[Query], Page], frozenset[str]]] = {
            "/-/healthz": (self._healthz, frozenset()),
            "/-/readyz": (self._readyz, frozenset()),
            "/-/metrics": (self._counted, frozenset()),
            "/-/violations": (self._violations, frozenset({"upstream", "operation", "request_id", "limit"})),
            "/-/drift": (self._drifting, frozenset({"upstream", "operation", "limit"})),
        }

    def answer(self, path: str, query: Iterable[tuple[str, str]]) -> Page:
        """Answer a GET.

        Args:
            path: the path, as sent.
            query: names and values, decoded.
        """
        found = self._pages.get(path)
        if found is None:
            return self._json(404, {"error": f"there is nothing here: there are {', '.join(self._pages)}"})
        make, parameters = found
        given = dict(query)
        for name in given:
            if parameters and name not in parameters:
                return self._json(400, {"error": _unknown(name, parameters)})
        return make(given)

    def _healthz(self, _: Query) -> Page:
        return self._json(200, {"status": "alive"})

    def _readyz(self, _: Query) -> Page:
        state = self._state()
        return self._json(200 if state == "ready" else 503, {"status": state})

    def _counted(self, _: Query) -> Page:
        return Page(200, CONTENT_TYPE, self._metrics.exposition())

    def _violations(self, query: Query) -> Page:
        if (wanted := query.get("request_id")) is not None:
            exchange = self._history.by_request_id(wanted)
            if exchange is None:
                told = "no such exchange is remembered: it had nothing to tell of, or later ones took its place"
                return self._json(404, {"error": told})
            return self._json(200, {"violations": [exchange_dict(exchange)]})
        found = self._history.find(upstream=query.get("upstream"), operation=query.get("operation"))
        most = _limit(query)
        if most is None:
            return self._json(400, {"error": f"limit must be a number from 1 to {MOST}"})
        return self._json(200, {"violations": [exchange_dict(exchange) for exchange in islice(found, most)]})

    def _drifting(self, query: Query) -> Page:
        found = self._drift.find(upstream=query.get("upstream"), operation=query.get("operation"))
        most = _limit(query)
        if most is None:
            return self._json(400, {"error": f"limit must be a number from 1 to {MOST}"})
        told = {"drift": [finding.to_dict() for finding in islice(found, most)], "forgotten": self._drift.forgotten}
        return self._json(200, told)

    def _json(self, status: int, value: Any) -> Page:
        return Page(status, JSON, json_bytes(self._redactor.value(value)) + b"\n")


def _limit(query: Query) -> int | None:
    text = query.get("limit", str(_DEFAULT_MOST))
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) else 0
    return wanted if 1 <= wanted <= MOST else None


def _unknown(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return "there is no such parameter; " + (
        f"did you mean {near[0]}?" if near else f"it may be {', '.join(sorted(known))}"
    )
