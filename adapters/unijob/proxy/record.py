"""What is known of an exchange while it goes on."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Literal

from unijob.proxy.events import Exchange, Skip
from unijob.proxy.fields import secrets_of
from unijob.proxy.problems import redacted
from unijob.proxy.targets import redact_target
from unijob.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unijob.errors import Violation
    from unijob.proxy.events import Outcome, SkipReason, Source

Phase = Literal["request-body", "first-byte", "response-body", "answer"]
Part = Literal["request", "response"]


def _request_ids() -> Iterator[str]:
    """Give identifiers; the system is asked for many at a time."""
    while True:
        drawn = os.urandom(_ID_BYTES * 128)
        for start in range(0, len(drawn), _ID_BYTES):
            yield drawn[start : start + _ID_BYTES].hex()


_ID_BYTES = 12
_REQUEST_IDS = _request_ids()


class Record:
    """One exchange, from the header of its request to the last of its checks.

    Args:
        raw_fields: the header fields of the request, in which its credentials stand.
        method: its method.
        raw_target: its target.
        caller: the caller's address.
    """

    __slots__ = (
        "_raw_fields",
        "_raw_target",
        "_started",
        "caller",
        "cause",
        "checked_request",
        "checked_response",
        "drift",
        "events",
        "first_byte_seconds",
        "method",
        "operation",
        "outcome",
        "own_secrets",
        "path",
        "phase",
        "request_bytes",
        "request_id",
        "response_bytes",
        "seconds",
        "skips",
        "source",
        "started_at",
        "status",
        "upstream",
        "upstream_seconds",
        "upstream_status",
        "validation_seconds",
        "violations",
    )

    def __init__(
        self,
        raw_fields: Iterable[tuple[bytes, bytes]] = (),
        *,
        method: str = "",
        raw_target: str = "",
        caller: str = "",
    ) -> None:
        self._raw_fields = raw_fields
        self._raw_target = raw_target
        self._started = time.perf_counter()
        self.started_at = time.time()
        self.request_id = next(_REQUEST_IDS)
        self.method = method
        self.caller = caller
        self.phase: Phase = "request-body"
        self.upstream = ""
        self.operation = ""
        self.path = ""
        self.own_secrets: tuple[str, ...] = ()
        """Credentials of the proxy's own."""
        self.status: int | None = None
        self.upstream_status: int | None = None
        self.source: Source = "none"
        self.outcome: Outcome = "complete"
        self.cause = ""
        self.request_bytes = 0
        self.response_bytes = 0
        self.seconds = 0.0
        self.first_byte_seconds: float | None = None
        self.upstream_seconds: float | None = None
        self.validation_seconds = 0.0
        self.violations: list[Violation] = []
        self.drift: list[Violation] = []
        self.skips: list[Skip] = []
        self.checked_request = False
        self.checked_response = False
        self.events = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the exchange began."""
        return time.perf_counter() - self._started

    def ended(self, outcome: Outcome, cause: str) -> None:
        """Say how it ended; the first to say so is right."""
        if self.outcome == "complete" and not self.cause:
            self.outcome = outcome
            self.cause = cause

    def answered(self, status: int, source: Source) -> None:
        """Say that the header of an answer is sent."""
        self.status = status
        self.source = source
        self.first_byte_seconds = self.elapsed

    def skipped(self, part: Part, reason: SkipReason) -> None:
        """Say that a check does not happen."""
        skip = Skip(part=part, reason=reason)
        if skip not in self.skips:
            self.skips.append(skip)

    def secrets(self) -> tuple[str, ...]:
        """The credentials in the request, and the proxy's own."""
        return (*secrets_of(self._raw_fields), *self.own_secrets)

    def redactor(self) -> Redactor:
        """Something that masks the credentials of this exchange."""
        return Redactor(self.secrets())

    def finish(self) -> Exchange:
        """Give the exchange as it is told."""
        violations: tuple[Violation, ...] = ()
        drift: tuple[Violation, ...] = ()
        if self.violations or self.drift:
            redactor = self.redactor()
            violations, drift = redacted(self.violations, redactor), redacted(self.drift, redactor)
        return Exchange(
            request_id=self.request_id,
            started_at=self.started_at,
            upstream=self.upstream,
            operation=self.operation,
            path=self.path,
            method=self.method,
            target=redact_target(self._raw_target, self.secrets()),
            status=self.status,
            upstream_status=self.upstream_status,
            source=self.source,
            outcome=self.outcome,
            cause=self.cause,
            request_bytes=self.request_bytes,
            response_bytes=self.response_bytes,
            seconds=self.seconds or self.elapsed,
            first_byte_seconds=self.first_byte_seconds,
            upstream_seconds=self.upstream_seconds,
            validation_seconds=self.validation_seconds,
            violations=violations,
            drift=drift,
            skips=tuple(self.skips),
            checked_request=self.checked_request,
            checked_response=self.checked_response,
            events=self.events,
            caller=self.caller,
        )
