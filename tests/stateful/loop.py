"""An event loop whose time stands still while anything happens, and jumps where nothing does.

Sockets are real. Time-outs, pauses and the clocks of client and sandbox all follow the loop, so an hour takes no time,
and each run is the same as the last.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = 100_000.0
"""Seconds of the loop's time after which whatever waits is taken to wait for ever."""
MOST_TURNS = 100_000
"""Turns of the loop after which whatever is done is taken to go round in circles."""
_STUCK = 20.0
_MOMENT, _WHILE = 0.001, 0.05
_ROUNDING = 1e-9


class SteppedLoop(asyncio.SelectorEventLoop):
    """Steps from one thing to the next."""

    def __init__(self) -> None:
        self._stepped = 0.0
        self._wakings: list[float] = []
        self._busy = 0
        self._limit = LONGEST
        self._turns = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._stepped

    async def sleep(self, seconds: float) -> None:
        """Wait, and let the loop know that this is no wait for a socket."""
        waking = self._stepped + max(seconds, 0.0)
        self._wakings.append(waking)
        try:
            await asyncio.sleep(max(seconds, 0.0))
        finally:
            self._wakings.remove(waking)
        self._stepped = max(self._stepped, waking)  # asyncio wakes up to a nanosecond early

    @contextmanager
    def busy(self, how_many: int = 1) -> Generator[None]:
        """Say that so many things are under way, each of which sleeps or waits for a socket."""
        self._busy += how_many
        try:
            yield
        finally:
            self._busy -= how_many

    def renew(self) -> None:
        """Begin something else, which may take as long again."""
        self._limit, self._turns = self._stepped + LONGEST, 0

    def turn(self) -> None:
        """Go round once more."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise AssertionError(f"it goes round in circles at {self._stepped:.3f} s")

    def patience(self, until: float) -> float:
        """Real seconds to wait for a socket before time jumps: none where all that goes on is known to sleep."""
        if len(self._wakings) >= self._busy:
            return 0.0
        return _MOMENT if any(waking <= until + _ROUNDING for waking in self._wakings) else _WHILE

    def jump(self, seconds: float) -> None:
        """Move time."""
        self._stepped += seconds
        if self._stepped > self._limit:
            raise AssertionError(f"something still waits after {LONGEST:g} s")

    @property
    def sockets(self) -> int:
        """How many sockets are open, without the loop's own."""
        return len(self._selector_map()) - 1

    def _selector_map(self) -> Any:
        return self._selector.get_map()  # type: ignore[attr-defined]


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: SteppedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; where nothing is, time moves to what comes next."""
        self._loop.turn()
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:  # nothing is to come but what sockets bring
            found = super().select(_STUCK)
            if not found:
                raise AssertionError("nothing will ever happen any more")
            return found
        found = super().select(self._loop.patience(self._loop.time() + timeout))
        if not found:
            self._loop.jump(timeout)
        return found


class ServerClock:
    """The sandbox's clock on a stepped loop.

    Args:
        loop: whose time it tells.
    """

    def __init__(self, loop: SteppedLoop) -> None:
        self._loop = loop

    def now(self) -> float:
        """The present instant, in Unix seconds."""
        return START.timestamp() + self._loop.time()

    def advance(self, seconds: float) -> None:
        """Move time forward."""
        self._loop.jump(seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._loop.sleep(seconds)


class ClientClock:
    """The client's clock on a stepped loop.

    Args:
        loop: whose time it tells.
    """

    def __init__(self, loop: SteppedLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """The present instant."""
        return START + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._loop.sleep(seconds)
