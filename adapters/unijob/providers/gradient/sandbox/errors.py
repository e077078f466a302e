"""Error bodies: `{"id", "message", "request_id"}`, as DigitalOcean's API answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.errors import Violation
from unijob.sandbox.vendor import Failure, Reason, Refusal

_IDS: Mapping[Reason, str] = {
    "invalid": "bad_request",
    "unauthorized": "Unauthorized",
    "not_found": "not_found",
    "no_route": "not_found",
    "method": "method_not_allowed",
    "conflict": "conflict",
    "media_type": "unsupported_media_type",
    "rate_limit": "too_many_requests",
    "server": "server_error",
}
_BY_STATUS: Mapping[int, str] = {403: "forbidden", 422: "unprocessable_entity", 503: "service_unavailable"}


def body(failure: Failure) -> dict[str, Any]:
    """An error answer."""
    by_status = _BY_STATUS.get(failure.status, "server_error")
    return {
        "id": _IDS[failure.reason] if failure.reason is not None else by_status,
        "message": failure.message,
        "request_id": failure.request_id,
    }


def invalid(violations: tuple[Violation, ...]) -> Refusal:
    """The first thing that is wrong with a request, as the vendor would name it."""
    first = violations[0]
    if first.keyword == "media-type":
        return Refusal("media_type", "The request body must be application/json.")
    name = first.target.removeprefix("/").replace("/", ".")
    return Refusal("invalid", f"{name} {first.message}".strip(), parameter=name or None)
