"""Many jobs of one kind, asked for together: by the page where that costs fewer requests, else one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import attrs

from unijob.client.agenda import Agenda, Item
from unijob.client.asking import Asking
from unijob.client.pages import Pages, Sheet, is_whole
from unijob.client.reach import Reach, best_depth
from unijob.client.watching import Polled, Watch, is_transient
from unijob.errors import RateLimited, UnijobError
from unijob.job import Job, JobState

if TYPE_CHECKING:
    from random import Random

    from unijob.client.connection import Connection
    from unijob.kinds import JobKind
    from unijob.ref import JobRef

logger = logging.getLogger("unijob")

_AT_ONCE = 8
"""Jobs that are asked for one by one at the very beginning."""

Tell = Callable[["JobRef", Job[Any, Any] | None, UnijobError | None, bool], None]
"""Told of each job that was seen or ended: its reference, its snapshot, its error, whether that is all of it."""


class Group:
    """Jobs of one kind and one account (and one parent, where references have one) that are waited for together.

    There is no task for a job, only for each request under way. No round asks more than once for one job.

    Args:
        connection: the account.
        kind: the jobs' kind.
        parents: the ids that all the jobs have above their own.
        random: jitters the pauses.
        tell: told of what becomes of the jobs.
    """

    def __init__(
        self, connection: Connection, kind: JobKind, parents: Sequence[str], *, random: Random, tell: Tell
    ) -> None:
        self._connection = connection
        self._kind = kind
        self._clock = connection.clock
        self._random = random
        self._tell = tell
        self._pages = Pages(connection=connection, kind=kind, parents=parents)
        self._may_list: bool | None = None
        self._is_explored = False
        self._items: dict[tuple[str, ...], list[Item]] = {}
        self._open = 0
        self._agenda = Agenda()
        self._asking = Asking(self._ask, connection.clock)

    def add(self, ref: JobRef, watch: Watch) -> None:
        """Wait for one job more; before `run`."""
        self._items.setdefault(ref.ids, []).append(Item(ref, watch))
        self._open += 1

    async def run(self) -> None:
        """Ask, round after round, until all have ended."""
        self._begin()
        try:
            while self._open:
                await self._until_due()
                await self._round(self._due())
        finally:
            await self._asking.close()

    # --- When ---------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The first poll is at once, but for many that no list can give: those begin spread over the first pause."""
        items = [item for same in self._items.values() for item in same]
        self._may_list = len(items) > 1 and self._pages.exist()
        now, settings = self._clock.monotonic(), items[0].watch.settings
        window = settings.poll.initial if settings.timeout is None else min(settings.poll.initial, settings.timeout / 4)
        for place, item in enumerate(items):
            at_once = self._may_list or place < _AT_ONCE
            self._agenda.put(item, now if at_once else now + window * self._random.random())

    async def _until_due(self) -> None:
        while self._open:  # an answer that was slow to come may have been the last
            first, now = self._agenda.first(), self._clock.monotonic()
            if first is not None and first.due is not None and first.due <= now:
                return
            delay = first.due - now if first is not None and first.due is not None else None
            await self._asking.sleep(delay)

    def _due(self) -> list[Item]:
        """Those that are due. Where pages are read, those too that chance alone made due a little later."""
        first, now = self._agenda.first(), self._clock.monotonic()
        slack = first.pause * first.watch.settings.poll.jitter if first is not None and first.place is not None else 0.0
        return [item for item in self._agenda.take(now + slack) if self._is_in_time(item)]

    def _is_in_time(self, item: Item) -> bool:
        try:
            item.watch.check_time()
        except UnijobError as error:
            self._end(item, error=error)
            return False
        return True

    # --- Rounds -------------------------------------------------------------------------------------------------------

    async def _round(self, due: list[Item]) -> None:
        if not due:
            return
        reach = self._reach(due)
        left = due if reach is None else await self._by_page(due, reach)
        await self._asking.round(left)

    async def _ask(self, item: Item) -> None:
        if self._is_in_time(item):
            watch = item.watch
            polled = await self._connection.poll(self._kind, watch.ref, watch.last, watch.remaining())
            item.unlisted = False
            if self._take(item, polled):
                self._again([item], self._random.random())

    # --- By the page --------------------------------------------------------------------------------------------------

    def _reach(self, due: list[Item]) -> Reach | None:
        """How far into the list to read in this round, or None where asking one by one costs no more."""
        if not self._may_list:
            return None
        listed = [item for item in due if not item.unlisted]
        if self._is_explored:
            depth = best_depth(item.place for item in listed)
            wanted = sum(1 for item in listed if item.place is not None and item.place <= depth)
            return Reach.known(wanted, depth) if depth else None
        remaining = due[0].watch.remaining()
        if remaining is not None and remaining <= due[0].watch.settings.poll.initial:
            return None  # no round would follow for those whose requests a first look wastes
        reach = Reach.first(len(listed))
        return reach if reach.goes_on() else None

    async def _by_page(self, due: list[Item], reach: Reach) -> list[Item]:
        """Read pages as long as they pay, and give those that are to be asked for one by one."""
        left = dict.fromkeys(item for item in due)
        seen: list[Item] = []
        remaining = due[0].watch.remaining()
        deadline = None if remaining is None else self._clock.monotonic() + remaining
        error: UnijobError | None = None
        try:
            async with aclosing(self._pages.read(deadline)) as sheets:
                async for sheet in sheets:
                    reach.read(self._take_sheet(sheet, reach, left, seen))
                    if not reach.goes_on():
                        break
        except UnijobError as caught:
            error = caught
        self._again(seen, self._random.random())
        if error is not None and is_transient(error):
            return self._failed(list(left), error)
        if error is not None:
            logger.warning("%s cannot be listed, so its jobs are asked for one by one: %s", self._kind.name, error)
            self._may_list = False
        self._is_explored = True
        return self._affordable(list(left), reach, len(due))

    def _take_sheet(self, sheet: Sheet, reach: Reach, left: dict[Item, None], seen: list[Item]) -> int:
        """Take all watched jobs of a page; how many there were of those that were looked for."""
        found = 0
        for job in sheet.jobs:
            for item in self._items.get(job.ref.ids, ()):
                is_due = item in left
                if not item.is_open or item.unlisted or (item.due is None and not is_due):
                    continue
                found += is_due and (not reach.depth or (item.place is not None and item.place <= reach.depth))
                item.place = reach.pages + 1
                left.pop(item, None)
                if self._take_listed(item, job, sheet.hint):
                    seen.append(item)
        return found

    def _take_listed(self, item: Item, job: Job[Any, Any], hint: float | None) -> bool:
        """Take a listed job; whether it goes on. Where a list tells less than a `get`, that has to confirm an end."""
        is_end = job.is_terminal or (job.state is JobState.UNKNOWN and item.watch.settings.on_unknown != "wait")
        if is_end and not is_whole(self._kind, job):
            item.unlisted = True
            self._agenda.put(item, self._clock.monotonic())
            return False
        ref, item.due = item.watch.ref, None
        return self._take(item, Polled(job=job if job.ref == ref else attrs.evolve(job, ref=ref), hint=hint))

    def _failed(self, items: list[Item], error: UnijobError) -> list[Item]:
        """A page could not be had: for each job that was looked for, that is a poll that failed."""
        polled = Polled(error=error, hint=error.retry_after if isinstance(error, RateLimited) else None)
        self._again([item for item in items if self._take(item, polled)], self._random.random())
        return []

    def _affordable(self, left: list[Item], reach: Reach, due: int) -> list[Item]:
        """Those of the rest that are asked for in this round: pages and these are never more than there are jobs."""
        for item in left:
            if item.place is not None and item.place <= reach.pages:
                item.place = None
        kept = max(due - reach.pages, 0)
        self._again(left[kept:], self._random.random())
        return left[:kept]

    # --- One job ------------------------------------------------------------------------------------------------------

    def _take(self, item: Item, polled: Polled) -> bool:
        """Take what a poll brought; whether the wait for this job goes on."""
        try:
            job = item.watch.take(polled)
        except UnijobError as error:
            self._end(item, error=error)
            return False
        if job is not None and item.watch.is_last(job):
            self._end(item, job=job)
            return False
        if job is not None:
            self._tell(item.ref, job, None, False)
        return True

    def _again(self, items: list[Item], chance: float) -> None:
        """Put jobs on the agenda again; those of one round that have waited alike stay together."""
        now = self._clock.monotonic()
        for item in items:
            if item.is_open:
                item.pause = item.watch.pause(chance)
                self._agenda.put(item, now + item.pause)

    def _end(self, item: Item, *, job: Job[Any, Any] | None = None, error: UnijobError | None = None) -> None:
        item.is_open, item.due = False, None
        self._open -= 1
        same = self._items[item.ref.ids]
        same.remove(item)
        if not same:
            del self._items[item.ref.ids]
        self._tell(item.ref, job, error, True)
