"""The rate that an upstream allows an account, learned from its answers."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unijob.client.clock import Clock
    from unijob.client.replies import Reply

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)
_PREFIXES = ("ratelimit-", "x-ratelimit-")
_TOO_MANY, _UNAVAILABLE = 429, 503
_INSTANTS = 1e8
"""A reset beyond this is an instant in Unix seconds; below, seconds from now, as RFC drafts have it."""
_LONGEST_HOLD = 60.0
"""Seconds without any request at most, whatever an upstream asks."""
_SCARCE = 0.2
"""The part of a window's requests that is spread over what is left of the window; those before it are free."""
_FIRST_SPACING, _LONGEST_SPACING, _LEAST_SPACING = 0.05, 10.0, 0.005
_EASED = 0.95
_MEMORY = 0.9


class RateLimit:
    """Lets requests of one account go, one after the other, as fast as its upstream allows.

    Nothing is held back until the upstream says so: by `Retry-After` (then nothing goes until that time), by
    `ratelimit-remaining` and `ratelimit-reset` (the last fifth of a window is spread evenly to its end), or by 429 (the
    pace halves, and quickens again with each success).

    Args:
        clock: the clock.
        most: requests a second at most; None for as many as the upstream allows.
    """

    def __init__(self, clock: Clock, most: float | None = None) -> None:
        self._clock = clock
        self._shut_until = self._next = -math.inf
        self._slowed_at = self._last = -math.inf
        self._spacing = self._window = 0.0
        self._least = 0.0 if most is None else 1 / most
        self._usual = math.inf

    @property
    def spacing(self) -> float:
        """Seconds between the starts of two requests; 0 where none is known to be needed."""
        return max(self._spacing, self._window, self._least)

    async def turn(self, deadline: float | None = None) -> float:
        """Wait until a request may go.

        Args:
            deadline: when, on the monotonic clock, it is of no use any more.

        Returns:
            The seconds waited; infinite, and at once, where it cannot go before the deadline.
        """
        began = self._clock.monotonic()
        while True:
            now = self._clock.monotonic()
            free = max(self._shut_until, self._next)
            if free <= now:
                self._go(now)
                return now - began
            if deadline is not None and free >= deadline:
                return math.inf
            await self._clock.sleep(free - now)

    def _go(self, now: float) -> None:
        if self._last > -math.inf:
            gap = now - self._last
            self._usual = gap if math.isinf(self._usual) else _MEMORY * self._usual + (1 - _MEMORY) * gap
        self._last, self._next = now, now + self.spacing

    def learn(self, reply: Reply, sent_at: float) -> None:
        """Take from an answer what it says of the rate.

        Args:
            reply: the answer.
            sent_at: when its request went, on the monotonic clock.
        """
        now = self._clock.monotonic()
        if reply.status in {_TOO_MANY, _UNAVAILABLE}:
            self._hold(now, reply.hint or 0.0)
        if reply.status == _TOO_MANY:
            self._slow_down(now, sent_at)
        elif reply.is_success:
            self._spacing = self._spacing * _EASED if self._spacing * _EASED >= _LEAST_SPACING else 0.0
        self._heed_window(now, reply)
        self._next = max(self._next, self._last + self.spacing)

    def _hold(self, now: float, seconds: float) -> None:
        self._shut_until = max(self._shut_until, now + min(seconds, _LONGEST_HOLD))

    def _slow_down(self, now: float, sent_at: float) -> None:
        if sent_at <= self._slowed_at:  # sent before the pace was halved, so it says nothing of the new one
            return
        usual = 0.0 if math.isinf(self._usual) else min(self._usual, _LONGEST_SPACING / 2)
        self._spacing = min(2 * max(self._spacing, usual, _FIRST_SPACING / 2), _LONGEST_SPACING)
        self._slowed_at = now

    def _heed_window(self, now: float, reply: Reply) -> None:
        remaining, reset = (_number(reply.headers, name) for name in ("remaining", "reset"))
        if remaining is None or reset is None:
            return
        limit = _number(reply.headers, "limit")
        if reset > _INSTANTS:
            reset -= reply.told_at.timestamp()
        left = max(reset, 0.0)
        if remaining < 1:
            self._hold(now, left)
        is_scarce = limit is not None and remaining <= limit * _SCARCE
        self._window = min(left / max(remaining, 1.0), _LONGEST_SPACING) if is_scarce else 0.0


def _number(headers: Mapping[str, str], name: str) -> float | None:
    found = next((headers[prefix + name] for prefix in _PREFIXES if prefix + name in headers), "").strip()
    return float(found) if _NUMBER.fullmatch(found) else None
