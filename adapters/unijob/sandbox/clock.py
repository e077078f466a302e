"""The sandbox's time: stepped by hand, or running at any speed. Instants are Unix seconds."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

from unijob.errors import InvalidArgument
from unijob.timestamps import format_utc

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a stepped clock starts unless told otherwise."""


class Clock(Protocol):
    """What the sandbox asks of its clock."""

    def now(self) -> float:
        """The present instant, in Unix seconds."""
        ...

    def advance(self, seconds: float) -> None:
        """Move time forward, and wake those whose time has come."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        ...


class _Moved:
    """Wakes sleepers, in whichever event loop, whenever the time is moved by hand."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Future[None]] = set()

    async def wait(self, seconds: float | None) -> None:
        """Wait until the time is moved, or for so many real seconds."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.add(sleeper)
        try:
            await asyncio.wait((sleeper,), timeout=seconds)
        finally:
            self._sleepers.discard(sleeper)
            sleeper.cancel()

    def wake(self) -> None:
        """Wake all of them, from whichever thread."""
        here = _running_loop()
        for sleeper in tuple(self._sleepers):
            loop = sleeper.get_loop()
            if loop is here:
                _end(sleeper)
            else:
                with contextlib.suppress(RuntimeError):  # that loop is closed: nobody sleeps there any more
                    loop.call_soon_threadsafe(_end, sleeper)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _end(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _checked(seconds: float) -> float:
    if not 0 <= seconds < float("inf"):
        raise InvalidArgument(
            "time only moves forward: `advance` must be a number of seconds, 0 or more", argument="advance"
        )
    return seconds


class SteppedClock:
    """Stands still until it is advanced.

    Args:
        start: the first instant; aware.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = start.timestamp()
        self._lock = threading.Lock()
        self._moved = _Moved()

    def now(self) -> float:
        """The present instant, in Unix seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time forward, and wake those whose time has come."""
        with self._lock:  # a client in another thread moves it too
            self._now += _checked(seconds)
        self._moved.wake()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced by so many seconds."""
        until = self._now + seconds
        while self._now < until:
            await self._moved.wait(None)


class RunningClock:
    """Runs by itself.

    Args:
        speed: seconds of this clock in a real second.
        start: the first instant; the real one if None.
    """

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        if not 0 < speed < float("inf"):
            raise InvalidArgument("`speed` must be a number above 0, such as 1 or 60", argument="speed")
        self._speed = speed
        self._start = time.time() if start is None else start.timestamp()
        self._begun = time.monotonic()
        self._moved = _Moved()

    def now(self) -> float:
        """The present instant, in Unix seconds."""
        return self._start + (time.monotonic() - self._begun) * self._speed

    def advance(self, seconds: float) -> None:
        """Jump forward, and wake those whose time has come."""
        self._start += _checked(seconds)
        self._moved.wake()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            await self._moved.wait(left / self._speed)


class ClientClock:
    """A clock for clients of the sandbox: where they would sleep, it moves the sandbox's time forward instead.

    Args:
        clock: the sandbox's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Move time forward so far, or less where others who sleep have moved it already."""
        until = self._clock.now() + seconds
        await asyncio.sleep(0)
        self._clock.advance(max(0.0, until - self._clock.now()))


def rfc3339(instant: float) -> str:
    """Write an instant as RFC 3339 in UTC, to the millisecond where it needs it."""
    return format_utc(datetime.fromtimestamp(round(instant, 3), UTC))


def http_date(instant: float) -> str:
    """Write an instant as the `Date` header has it."""
    return format_datetime(datetime.fromtimestamp(int(instant), UTC), usegmt=True)
