"""Counts what upstreams and callers send that no contract knows, with first and last seen and an example."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import attrs

from unijob.errors import Violation
from unijob.proxy.events import Exchange
from unijob.proxy.history import rfc3339

LARGEST = 1000
"""How many different findings are kept; the one that was not seen for longest gives way."""
MOST_OF_ONE = 1000
"""How many findings of one exchange are looked at."""
_INDEX = re.compile(r"/\d+(?=/|$)")
_Key = tuple[str, str, str, str, str]


@attrs.define
class Finding:
    """One kind of drift: one place of one operation, whatever the indices of the lists around it."""

    upstream: str
    operation: str
    pointer: str
    """The pointer with `*` in place of each index."""
    example: Violation
    """The last one seen."""
    target: str
    """The target of the request that it was seen in, redacted."""
    request_id: str
    first_seen: float
    last_seen: float
    count: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "upstream": self.upstream,
            "operation": self.operation,
            "place": self.example.place,
            "pointer": self.pointer,
            "keyword": self.example.keyword,
            "message": self.example.message,
            "schema_pointer": self.example.schema_pointer,
            "count": self.count,
            "first_seen": rfc3339(self.first_seen),
            "last_seen": rfc3339(self.last_seen),
            "example": {"pointer": self.example.pointer, "target": self.target, "request_id": self.request_id},
        }


class DriftLog:
    """An observer that keeps drift apart by what it is.

    Args:
        largest: how many findings are kept.

    Attributes:
        forgotten: how many findings gave way.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._findings: OrderedDict[_Key, Finding] = OrderedDict()
        self.forgotten = 0

    def finished(self, exchange: Exchange) -> None:
        """Count the drift of an exchange."""
        for violation in exchange.drift[:MOST_OF_ONE]:
            self._count(exchange, violation)

    def find(self, *, upstream: str | None = None, operation: str | None = None) -> Iterator[Finding]:
        """Give what was found, last seen first."""
        for finding in reversed(self._findings.values()):
            if upstream in {None, finding.upstream} and operation in {None, finding.operation}:
                yield finding

    def _count(self, exchange: Exchange, violation: Violation) -> None:
        pointer = _INDEX.sub("/*", violation.pointer)
        key = (exchange.upstream, exchange.operation, violation.place, violation.keyword, pointer)
        seen = exchange.started_at
        finding = self._findings.get(key)
        if finding is None:
            finding = self._findings[key] = Finding(
                upstream=exchange.upstream,
                operation=exchange.operation,
                pointer=pointer,
                example=violation,
                target=exchange.target,
                request_id=exchange.request_id,
                first_seen=seen,
                last_seen=seen,
            )
            self._forget()
        else:
            self._findings.move_to_end(key)
        finding.count += 1
        finding.first_seen = min(finding.first_seen, seen)
        if seen >= finding.last_seen:
            finding.last_seen, finding.example = seen, violation
            finding.target, finding.request_id = exchange.target, exchange.request_id

    def _forget(self) -> None:
        while len(self._findings) > self._largest:
            self._findings.popitem(last=False)
            self.forgotten += 1
