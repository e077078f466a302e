"""Clocks that nobody waits for."""

from __future__ import annotations

from datetime import datetime

from unijob.sandbox.clock import START, ClientClock, SteppedClock


class FakeClock(ClientClock):
    """A clock for a client whose upstream is no sandbox: what would sleep moves its time forward instead.

    Args:
        start: the first instant; aware.
    """

    def __init__(self, start: datetime = START) -> None:
        self._stepped = SteppedClock(start)
        super().__init__(self._stepped)
        self.slept: list[float] = []
        """How long each sleep was that was asked for, in seconds."""

    def advance(self, seconds: float) -> None:
        """Move time forward.

        Raises:
            InvalidArgument: it is not a number of seconds, 0 or more.
        """
        self._stepped.advance(seconds)

    async def sleep(self, seconds: float) -> None:
        """Move time forward so far."""
        self.slept.append(seconds)
        await super().sleep(seconds)


class ServedClock(SteppedClock):
    """The time of a sandbox that serves a test: it stands still, and what would keep a request waiting moves it."""

    async def sleep(self, seconds: float) -> None:
        """Move time forward so far."""
        self.advance(seconds)
