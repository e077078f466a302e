"""What all of OpenAI's answers have in common: errors, pages, records by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unijob.errors import Violation
from unijob.sandbox.pages import by_cursor
from unijob.sandbox.vendor import Call, Failure, Reason, Refusal, Reply
from unijob.sandbox.world import Record

_CODES: Mapping[Reason, str] = {
    "unauthorized": "invalid_api_key",
    "rate_limit": "rate_limit_exceeded",
    "method": "method_not_supported",
}
_SERVER_FAULT = 500
_DEFAULT_LIMIT = 20


def error(failure: Failure) -> dict[str, Any]:
    """The body of an error."""
    kind = "server_error" if failure.status >= _SERVER_FAULT else "invalid_request_error"
    code = _CODES.get(failure.reason) if failure.reason is not None else None
    return {"error": {"message": failure.message, "type": kind, "param": failure.parameter, "code": code}}


def invalid(violations: tuple[Violation, ...]) -> Refusal:
    """The first thing that is wrong with a request, as the vendor would name it."""
    first = violations[0]
    if first.keyword == "media-type":
        return Refusal("media_type", first.message)
    name = first.target.removeprefix("/").replace("/", ".")
    return Refusal("invalid", f"Invalid '{name}': {first.message}.", parameter=name or None)


def found(call: Call, kind: str, noun: str, parameter: str) -> Record:
    """The record that a path parameter names.

    Raises:
        Refusal: there is none.
    """
    identity = call.path[parameter]
    record = call.world.find(kind, identity, call.now)
    if record is None:
        raise Refusal("not_found", f"No {noun} found with id '{identity}'.", parameter=parameter)
    return record


def page(call: Call, items: Sequence[dict[str, Any]], *, with_ends: bool = True) -> Reply:
    """One page of items, by `limit`, `after` and `before`; `with_ends` adds the ids of its first and last."""
    after, before = call.query.get("after"), call.query.get("before")
    limit = call.query.get("limit", _DEFAULT_LIMIT)
    cut = by_cursor(items, lambda item: str(item["id"]), limit=limit, after=after, before=before)
    if cut is None:
        raise Refusal("invalid", "The cursor names nothing in this list.", parameter="after" if after else "before")
    answer: dict[str, Any] = {"object": "list", "data": list(cut.items), "has_more": cut.more}
    if with_ends:
        first, last = (cut.items[0]["id"], cut.items[-1]["id"]) if cut.items else (None, None)
        answer |= {"first_id": first, "last_id": last}
    return Reply(answer)


def whole(instant: float | None) -> int | None:
    """An instant as the wire has it."""
    return None if instant is None else int(instant)
