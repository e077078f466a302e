"""Asking for jobs one by one, few at once, without a task for each."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from unijob.client.agenda import Item
    from unijob.client.clock import Clock

_AT_ONCE = 8
"""Requests under way at once for the jobs of one group."""
_PATIENCE = 1.0
"""Real seconds after which a round no longer waits for answers that are slow to come."""


class Asking:
    """Requests for single jobs: those that wait for their turn, and those under way.

    Args:
        ask: asks for one job, and deals with the answer.
        clock: the clock.
    """

    def __init__(self, ask: Callable[[Item], Awaitable[None]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._queue: deque[Item] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    async def round(self, items: Iterable[Item]) -> None:
        """Ask for these, behind those that still wait; returns when all have answered, or the rest is slow to."""
        self._queue.extend(items)
        self._reap()  # one that has just ended takes nothing off the queue any more
        for _ in range(min(_AT_ONCE - len(self._workers), len(self._queue))):
            self._workers.add(asyncio.create_task(self._work(), name="wait for jobs"))
        if self._workers:
            await asyncio.wait(self._workers, timeout=_PATIENCE)
            self._reap()

    async def sleep(self, seconds: float | None) -> None:
        """Sleep, but no longer than until an answer comes that was slow to; None is until then."""
        if not self._workers:
            await self._clock.sleep(seconds or 0.0)
            return
        sleep = self._clock.sleep(seconds) if seconds is not None else asyncio.Event().wait()
        sleeper = asyncio.ensure_future(sleep)
        try:
            await asyncio.wait({*self._workers, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
        self._reap()

    async def close(self) -> None:
        """Break off what is under way."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _reap(self) -> None:
        done = {worker for worker in self._workers if worker.done()}
        self._workers -= done
        for worker in done:
            worker.result()

    async def _work(self) -> None:
        while self._queue:
            await self._ask(self._queue.popleft())
