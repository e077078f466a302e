"""The two ways in which lists come in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

import attrs

R = TypeVar("R")
T = TypeVar("T")


@attrs.frozen
class Views(Sequence[T], Generic[R, T]):
    """What is shown of records, each made when it is looked at: a page of a long list costs no more than the page.

    Args:
        records: what is shown, in order.
        view: shows one.
    """

    records: Sequence[R]
    view: Callable[[R], T]

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self.view(record) for record in self.records[index]]
        return self.view(self.records[index])


@attrs.frozen
class Slice(Generic[T]):
    """One page by cursor."""

    items: Sequence[T]
    more: bool


@attrs.frozen
class NumberedSlice(Generic[T]):
    """One page by number."""

    items: Sequence[T]
    page: int
    pages: int
    total: int


def by_cursor(
    items: Sequence[T],
    key: Callable[[T], str],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> Slice[T] | None:
    """Cut a page out of a list, between two ids.

    Returns:
        The page, or None where a cursor names nothing in the list.
    """
    previous = _place(items, key, after) if after is not None else -1
    last = _place(items, key, before) if before is not None else len(items)
    if previous is None or last is None:
        return None
    first = previous + 1
    if before is not None and after is None:
        return Slice(items[max(first, last - limit) : last], more=last - limit > first)
    return Slice(items[first : min(last, first + limit)], more=first + limit < last)


def _place(items: Sequence[T], key: Callable[[T], str], wanted: str) -> int | None:
    return next((place for place, item in enumerate(items) if key(item) == wanted), None)


def by_number(items: Sequence[T], *, page: int, size: int) -> NumberedSlice[T]:
    """Cut a page out of a list by its number; one past the end is empty."""
    pages = max(1, -(-len(items) // size))
    return NumberedSlice(items[(page - 1) * size : page * size], page, pages, len(items))
