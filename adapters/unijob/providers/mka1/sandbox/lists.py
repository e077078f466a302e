"""Lists that page by cursor, as all of MKA1's do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from unijob.sandbox.pages import Slice, by_cursor
from unijob.sandbox.vendor import Call, Refusal, Reply
from unijob.sandbox.world import Record

T = TypeVar("T")
View = Callable[[Record], dict[str, Any]]

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


def page(call: Call, records: Sequence[Record], view: View, *, ends: bool = True) -> Reply:
    """One page of records, the newest first, by `limit`, `after` and `before`; only what is on it is looked at.

    Args:
        call: the request.
        records: all that pass its filters, the oldest first.
        view: shows one.
        ends: whether a page tells its first and last id.
    """
    cut = _cut(call, records[::-1], lambda record: record.id)
    return _answer([view(record) for record in cut.items], more=cut.more, ends=ends)


def page_of(call: Call, items: Sequence[dict[str, Any]], *, empty_id: str | None = None, ends: bool = True) -> Reply:
    """One page of what is no record of its own, by `limit`, `after` and `before`.

    Args:
        call: the request.
        items: all that pass its filters, in order.
        empty_id: what stands for the first and last id of an empty page; absent if None.
        ends: whether a page tells its first and last id.
    """
    cut = _cut(call, items, _id)
    return _answer(cut.items, more=cut.more, ends=ends, empty_id=empty_id)


def _cut(call: Call, items: Sequence[T], key: Callable[[T], str]) -> Slice[T]:
    after, before = call.query.get("after"), call.query.get("before")
    cut = by_cursor(items, key, limit=call.query.get("limit", DEFAULT_LIMIT), after=after, before=before)
    if cut is None:
        raise Refusal("invalid", "The cursor names nothing in this list.", parameter="after" if after else "before")
    return cut


def _answer(shown: Sequence[dict[str, Any]], *, more: bool, ends: bool, empty_id: str | None = None) -> Reply:
    answer: dict[str, Any] = {"object": "list", "data": list(shown), "has_more": more}
    if ends:
        told = (_id(shown[0]), _id(shown[-1])) if shown else (empty_id, empty_id)
        answer.update({name: end for name, end in zip(("first_id", "last_id"), told, strict=True) if end is not None})
    return Reply(answer)


def _id(item: dict[str, Any]) -> str:
    identity: str = item["id"]
    return identity
