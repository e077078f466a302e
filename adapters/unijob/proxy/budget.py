"""Checks that nobody waits for: after the answer, one at a time, within a share of the processor's time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from unijob.proxy.events import SkipReason


class Budget:
    """How much time checks may take of each second. A check may overdraw it; the next ones wait until that is paid.

    Args:
        share: the share of time, 0 to 1 or more.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._left = share
        self._at = time.perf_counter()

    def allows(self) -> bool:
        """Whether there is time for a check now."""
        now = time.perf_counter()
        self._left = min(self.share, self._left + (now - self._at) * self.share)
        self._at = now
        return self._left > 0

    def spend(self, seconds: float) -> None:
        """Say how long a check took."""
        self._left -= seconds


@value_class
class Job:
    """One check that waits."""

    size: int
    """Bytes that it holds on to."""
    check: Callable[[], None]
    skip: Callable[[SkipReason], None]
    done: Callable[[], None] = lambda: None
    """Called when it was checked or skipped."""

    def then(self, done: Callable[[], None]) -> Job:
        """Give the same with what comes after."""
        return Job(self.size, self.check, self.skip, done)


class Beside:
    """Does checks after the answers that they are of.

    Args:
        backlog: how many bytes may wait.
        budget: how much time there is.
    """

    def __init__(self, *, backlog: int, budget: Budget) -> None:
        self.backlog = backlog
        self.budget = budget
        self._jobs: deque[Job] = deque()
        self._waiting = 0
        self._scheduled = False

    def submit(self, job: Job) -> None:
        """Take a check, or skip it where too many wait."""
        if self._jobs and self._waiting + job.size > self.backlog:
            job.skip("backlog")
            job.done()
            return
        self._jobs.append(job)
        self._waiting += job.size
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._next)

    def flush(self) -> None:
        """Do all that waits, now."""
        while self._jobs:
            self._do(self._jobs.popleft())

    def _next(self) -> None:
        self._scheduled = False
        if self._jobs:
            self._do(self._jobs.popleft())
        if self._jobs:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._next)

    def _do(self, job: Job) -> None:
        self._waiting -= job.size
        if self.budget.allows():
            started = time.perf_counter()
            job.check()
            self.budget.spend(time.perf_counter() - started)
        else:
            job.skip("budget")
        job.done()
