"""Lists that page by cursor, as all of MKA1's do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unijob.sandbox.pages import by_cursor
from unijob.sandbox.vendor import Call, Refusal, Reply
from unijob.sandbox.world import Record

DEFAULT_LIMIT = 20


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


def parent(call: Call, kind: str, noun: str, parameter: str) -> str:
    """The id of what a path parameter names, of which nothing is kept but that it may be absent.

    Raises:
        Refusal: it is absent.
    """
    identity = call.path[parameter]
    if call.world.is_absent(kind, identity):
        raise Refusal("not_found", f"No {noun} found with id '{identity}'.", parameter=parameter)
    return identity


def found_in(call: Call, kind: str, noun: str, parameter: str, **owner: str) -> Record:
    """The record that a path parameter names, of those that belong to its owner.

    Raises:
        Refusal: there is none.
    """
    record = found(call, kind, noun, parameter)
    if any(record.data[name] != identity for name, identity in owner.items()):
        raise Refusal("not_found", f"No {noun} found with id '{record.id}'.", parameter=parameter)
    return record


def page(call: Call, items: Sequence[dict[str, Any]], *, empty_id: str | None = None, ends: bool = True) -> Reply:
    """One page of items, by `limit`, `after` and `before`.

    Args:
        call: the request.
        items: all that pass its filters, in order.
        empty_id: what stands for the first and last id of an empty page; absent if None.
        ends: whether a page tells its first and last id.
    """
    after, before = call.query.get("after"), call.query.get("before")
    cut = by_cursor(items, _id, limit=call.query.get("limit", DEFAULT_LIMIT), after=after, before=before)
    if cut is None:
        raise Refusal("invalid", "The cursor names nothing in this list.", parameter="after" if after else "before")
    answer: dict[str, Any] = {"object": "list", "data": list(cut.items), "has_more": cut.more}
    if ends:
        told = (cut.items[0]["id"], cut.items[-1]["id"]) if cut.items else (empty_id, empty_id)
        answer.update({name: end for name, end in zip(("first_id", "last_id"), told, strict=True) if end is not None})
    return Reply(answer)


def newest_first(records: Sequence[Record], view: Callable[[Record], dict[str, Any]]) -> list[dict[str, Any]]:
    """Views of records, the newest first."""
    return [view(record) for record in reversed(records)]


def _id(item: dict[str, Any]) -> str:
    identity: str = item["id"]
    return identity
