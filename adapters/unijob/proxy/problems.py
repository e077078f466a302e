"""Answers of the proxy itself: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from unijob.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unijob.errors import Violation
    from unijob.proxy.events import Outcome

MEDIA_TYPE = "application/problem+json"


class RefusedError(Exception):
    """The proxy answers instead of the upstream.

    Args:
        status: the HTTP status.
        cause: one word on why, as in `Exchange.cause`.
        detail: a sentence for people; no value of the message stands in it.
        outcome: whether the proxy refused, or the upstream failed.
        violations: what is wrong with the request or response.
        fields: further header fields.
    """

    def __init__(
        self,
        status: int,
        cause: str,
        detail: str,
        *,
        outcome: Outcome = "refused",
        violations: Iterable[Violation] = (),
        fields: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause
        self.detail = detail
        self.outcome: Outcome = outcome
        self.violations = tuple(violations)
        self.fields = tuple(fields)


def problem(refused: RefusedError, *, request_id: str, upstream: str, operation: str, redactor: Redactor) -> bytes:
    """Write the body of a refusal.

    Args:
        refused: the refusal.
        request_id: as in `Unijob-Request-Id`.
        upstream: the upstream's name, or empty.
        operation: the operation's id, or empty.
        redactor: knows the credentials of the request.
    """
    told: dict[str, Any] = {
        "type": f"urn:unijob:problem:{refused.cause}",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": redactor.text(refused.detail),
        "request_id": request_id,
    }
    if upstream:
        told["upstream"] = upstream
    if operation:
        told["operation"] = operation
    if refused.violations:
        told["violations"] = [_told(violation) for violation in redacted(refused.violations, redactor)]
    return orjson.dumps(told)


def redacted(violations: Iterable[Violation], redactor: Redactor) -> tuple[Violation, ...]:
    """Give violations without the credentials that a pointer may carry, as a name."""
    return tuple(_redacted(violation, redactor) for violation in violations)


def _redacted(violation: Violation, redactor: Redactor) -> Violation:
    pointer = redactor.text(violation.pointer).encode("utf-8", "replace").decode()
    return violation if pointer == violation.pointer else attrs.evolve(violation, pointer=pointer)


def _told(violation: Violation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "place": violation.place,
        "pointer": violation.pointer,
        "keyword": violation.keyword,
        "message": violation.message,
    }
    if violation.schema_pointer:
        told["schema_pointer"] = violation.schema_pointer
    if violation.missing is not None:
        told["missing"] = violation.missing
    if violation.drift:
        told["drift"] = True
    return told
