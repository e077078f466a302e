"""Who is to be asked next, of very many."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from unijob.client.watching import Watch
    from unijob.ref import JobRef


@attrs.define(eq=False)
class Item:
    """One of many jobs that are waited for together.

    Args:
        ref: the job, as it was asked for.
        watch: what is known of it.
        place: the page of the list where it was last found, from 1; None where it was not.
        due: when it is to be asked for next, on the monotonic clock; None while it is not on the agenda.
        pause: the pause before that, in seconds.
        unlisted: whether a `get` has to confirm what the list said.
        is_open: whether it is still waited for.
    """

    ref: JobRef
    watch: Watch
    place: int | None = None
    due: float | None = None
    pause: float = 0.0
    unlisted: bool = False
    is_open: bool = True


class Agenda:
    """Items in the order in which they are due."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Item]] = []
        self._turn = count()

    def put(self, item: Item, due: float) -> None:
        """Put an item on the agenda, or move it."""
        item.due = due
        heapq.heappush(self._heap, (due, next(self._turn), item))

    def first(self) -> Item | None:
        """The item that is due first, or None where there is none."""
        while self._heap:
            due, _, item = self._heap[0]
            if item.due == due:
                return item
            heapq.heappop(self._heap)  # it was moved or taken
        return None

    def take(self, until: float) -> list[Item]:
        """Take off all items that are due up to an instant."""
        taken: list[Item] = []
        while (item := self.first()) is not None and item.due is not None and item.due <= until:
            heapq.heappop(self._heap)
            item.due = None
            taken.append(item)
        return taken
