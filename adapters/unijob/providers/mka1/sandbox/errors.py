"""Error bodies. The vendor documents those of agents' runs and compute jobs; the others are as such APIs have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.errors import Violation
from unijob.sandbox.vendor import Failure, Reason, Refusal

_TYPES: Mapping[Reason, str] = {
    "invalid": "invalid_request_error",
    "unauthorized": "authentication_error",
    "not_found": "not_found_error",
    "no_route": "not_found_error",
    "method": "invalid_request_error",
    "conflict": "conflict_error",
    "rate_limit": "rate_limit_error",
    "media_type": "invalid_request_error",
    "server": "server_error",
}
_SERVER_FAULT = 500
_AGENTS = frozenset({"createAgentRun", "listAgentRuns", "getAgentRun", "cancelAgentRun"})
_COMPUTE = frozenset({"createJob", "listJobs", "getJob", "terminateJob"})


def body(failure: Failure) -> dict[str, Any]:
    """An error as `{"error": {...}}`."""
    by_status = "server_error" if failure.status >= _SERVER_FAULT else "api_error"
    if failure.operation in _COMPUTE:
        code = failure.reason or by_status
        return {"error": {"code": code, "message": failure.message, "request_id": failure.request_id}}
    if failure.operation in _AGENTS:
        return {"error": {"message": failure.message}}
    return {
        "error": {
            "message": failure.message,
            "type": _TYPES[failure.reason] if failure.reason is not None else by_status,
            "param": failure.parameter,
            "code": failure.reason,
        }
    }


def invalid(violations: tuple[Violation, ...]) -> Refusal:
    """The first thing that is wrong with a request, as the vendor would name it."""
    first = violations[0]
    if first.keyword == "media-type":
        return Refusal("media_type", first.message)
    name = first.target.removeprefix("/").replace("/", ".") or None
    return Refusal("invalid", f"{name}: {first.message}" if name else first.message, parameter=name)
