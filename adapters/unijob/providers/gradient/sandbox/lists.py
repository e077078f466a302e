"""Lists that page by number, with links and counts, as DigitalOcean's do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unijob.sandbox.pages import NumberedSlice, by_number
from unijob.sandbox.vendor import Call, Refusal

DEFAULT_SIZE = 20
LARGEST_SIZE = 200
LAST_PAGE = 2**31


def page(call: Call, name: str, items: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
    """One page of items by `page` and `per_page`.

    Args:
        call: the request.
        name: the property that holds the items.
        items: all of them, in order.
        path: the list's path, for the links.

    Raises:
        Refusal: there is no such page number or size.
    """
    number, size = call.query.get("page", 1), call.query.get("per_page", DEFAULT_SIZE)
    if not 1 <= number <= LAST_PAGE:
        raise Refusal("invalid", "page must be 1 or more", parameter="page")
    if not 1 <= size <= LARGEST_SIZE:
        raise Refusal("invalid", f"per_page must be from 1 to {LARGEST_SIZE}", parameter="per_page")
    cut = by_number(items, page=int(number), size=int(size))
    links = _links(cut, f"{call.base_url}{path}", int(size))
    return {name: list(cut.items), "links": {"pages": links} if links else {}, "meta": _meta(cut)}


def check_same(body: Mapping[str, Any], **path: str) -> None:
    """Refuse a body that repeats an id of the path, and names another."""
    for name, value in path.items():
        if body.get(name, value) != value:
            raise Refusal("invalid", f"{name} must be the one in the path", parameter=name)


def whole(name: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All items on one page, for a list that takes no page number."""
    return {name: list(items), "links": {}, "meta": {"page": 1, "pages": 1, "total": len(items)}}


def _links(cut: NumberedSlice[dict[str, Any]], address: str, size: int) -> dict[str, str]:
    """Addresses of the other pages: those before unless this is the first, those after unless it is the last."""
    wanted: dict[str, int] = {}
    if cut.page > 1:
        wanted.update(first=1, previous=min(cut.page - 1, cut.pages))
    if cut.page < cut.pages:
        wanted.update(next=cut.page + 1, last=cut.pages)
    return {name: f"{address}?page={number}&per_page={size}" for name, number in wanted.items()}


def _meta(cut: NumberedSlice[dict[str, Any]]) -> dict[str, int]:
    return {"page": cut.page, "pages": cut.pages, "total": cut.total}
