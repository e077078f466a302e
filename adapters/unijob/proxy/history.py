"""Keeps the last exchanges that broke their contract, and those that are worth a look for another reason."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import attrs
import orjson

from unijob.errors import Violation
from unijob.jsontypes import is_list, is_object
from unijob.proxy.events import Exchange

LARGEST = 500
"""How many exchanges of each sort are kept."""
MOST_OF_ONE = 100
"""How many violations and how much drift are kept of one exchange."""


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def rfc3339(seconds: float) -> str:
    """Write a time as logs do: UTC, with milliseconds."""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return f"{_second(whole)}.{thousandths:03}Z"


def json_bytes(value: Any) -> bytes:
    """Write JSON; characters that stand for bytes which are not UTF-8 are written as escapes in the text."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_readable(value))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if is_object(value):
        return {_readable(name): _readable(item) for name, item in value.items()}
    return [_readable(item) for item in value] if is_list(value) else value


def violation_dict(violation: Violation) -> dict[str, Any]:
    """Give a violation as JSON has it."""
    told = attrs.asdict(violation, filter=lambda _, value: value not in ("", None, False))
    return {"pointer": "", **told}


def exchange_dict(exchange: Exchange) -> dict[str, Any]:
    """Give an exchange as JSON has it, with all that was found in it."""
    return {
        "request_id": exchange.request_id,
        "time": rfc3339(exchange.started_at),
        "upstream": exchange.upstream,
        "operation": exchange.operation,
        "path": exchange.path,
        "method": exchange.method,
        "target": exchange.target,
        "status": exchange.status,
        "upstream_status": exchange.upstream_status,
        "source": exchange.source,
        "outcome": exchange.outcome,
        "cause": exchange.cause,
        "violations": [violation_dict(violation) for violation in exchange.violations],
        "drift": [violation_dict(violation) for violation in exchange.drift],
        "skips": [attrs.asdict(skip) for skip in exchange.skips],
    }


class History:
    """An observer that keeps the last exchanges.

    Those with violations and those with drift or skipped checks only are kept apart, so that drift in every answer
    pushes no violation out.

    Args:
        largest: how many of each are kept.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._broken: deque[Exchange] = deque(maxlen=largest)
        self._others: deque[Exchange] = deque(maxlen=largest)

    def finished(self, exchange: Exchange) -> None:
        """Keep an exchange where there is something to tell of it."""
        if exchange.violations:
            self._broken.append(_bounded(exchange))
        elif exchange.drift or exchange.skips or exchange.outcome != "complete":
            self._others.append(_bounded(exchange))

    def find(self, *, upstream: str | None = None, operation: str | None = None) -> Iterator[Exchange]:
        """Give the exchanges with violations, the last first."""
        for exchange in reversed(self._broken):
            if upstream in {None, exchange.upstream} and operation in {None, exchange.operation}:
                yield exchange

    def by_request_id(self, request_id: str) -> Exchange | None:
        """Find one exchange, with violations or without."""
        for kept in (self._broken, self._others):
            for exchange in reversed(kept):
                if exchange.request_id == request_id:
                    return exchange
        return None


def _bounded(exchange: Exchange) -> Exchange:
    if len(exchange.violations) <= MOST_OF_ONE and len(exchange.drift) <= MOST_OF_ONE:
        return exchange
    return attrs.evolve(exchange, violations=exchange.violations[:MOST_OF_ONE], drift=exchange.drift[:MOST_OF_ONE])
