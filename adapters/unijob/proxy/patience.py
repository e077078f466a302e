"""Time limits whose end can be moved at each step of an exchange at next to no cost.

`asyncio.timeout` makes a timer of the event loop for each move; that took an eighth of the whole exchange.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

TICK_SECONDS = 0.05
"""How late a time limit may be noticed."""


class Patience:
    """Looks at all its watches from one timer, which runs only while there are any."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it has no timer."""
        return self._timer is None

    def watch(self) -> Watch:
        """Give a time limit for a block of code, for `async with`."""
        return Watch(self, self._loop)

    def add(self, watch: Watch) -> None:
        """Look after a watch."""
        self._watches.add(watch)
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_SECONDS, self._look)

    def remove(self, watch: Watch) -> None:
        """Look after a watch no longer."""
        self._watches.discard(watch)

    def _look(self) -> None:
        self._timer = self._loop.call_later(TICK_SECONDS, self._look) if self._watches else None
        now = self._loop.time()
        for watch in [one for one in self._watches if one.ends_at <= now]:
            self._watches.discard(watch)
            watch.expire()


class Watch:
    """A block of code that is given up when its time is over; it then raises TimeoutError.

    Args:
        patience: looks after it.
        loop: the running loop.
    """

    __slots__ = ("_loop", "_patience", "_timeout", "ends_at")

    def __init__(self, patience: Patience, loop: asyncio.AbstractEventLoop) -> None:
        self._patience = patience
        self._loop = loop
        self._timeout = asyncio.timeout(None)
        self.ends_at = float("inf")
        """When its time is over, by the clock of the loop."""

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._patience.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patience.remove(self)
        await self._timeout.__aexit__(kind, error, trace)

    def still(self, seconds: float) -> None:
        """Say how long the next step may take from now on."""
        self.ends_at = self._loop.time() + seconds

    def expire(self) -> None:
        """Give the block up."""
        self._timeout.reschedule(self._loop.time())
