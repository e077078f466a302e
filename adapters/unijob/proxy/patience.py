"""Time limits whose end can be moved at each step of an exchange at next to no cost.

`asyncio.timeout` makes a timer of the event loop for each move; that took an eighth of the whole exchange.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

TICK_SECONDS = 0.05
"""How late a time limit may be noticed."""


class Patience:
    """Looks at all its watches from one timer, which runs only while there are any."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.watches: set[Watch] = set()
        """What it looks after."""
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
        self.watches.add(watch)
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_SECONDS, self._look)

    def remove(self, watch: Watch) -> None:
        """Look after a watch no longer."""
        self.watches.discard(watch)

    def _look(self) -> None:
        self._timer = self._loop.call_later(TICK_SECONDS, self._look) if self.watches else None
        now = self._loop.time()
        for watch in [one for one in self.watches if one.ends_at <= now]:
            self.watches.discard(watch)
            watch.expire()


class Watch:
    """A block of code that is given up when its time is over; it then raises TimeoutError.

    Args:
        patience: looks after it.
        loop: the running loop.
    """

    __slots__ = ("_cancelling", "_is_over", "_loop", "_patience", "_task", "ends_at")

    def __init__(self, patience: Patience, loop: asyncio.AbstractEventLoop) -> None:
        self._patience = patience
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._is_over = False
        self.ends_at = float("inf")
        """When its time is over, by the clock of the loop."""

    async def __aenter__(self) -> Self:
        task = self._task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a watch is for the code of a task")
        self._cancelling = task.cancelling()
        self._patience.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patience.remove(self)
        if not self._is_over or self._task is None:
            return
        is_ours = self._task.uncancel() <= self._cancelling
        if is_ours and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def still(self, seconds: float) -> None:
        """Say how long the next step may take from now on."""
        self.ends_at = self._loop.time() + seconds

    def expire(self) -> None:
        """Give the block up."""
        if self._task is not None:
            self._is_over = True
            self._task.cancel()
