"""Asking again and again until one job ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from random import Random

    from unijob.client.clock import Clock
    from unijob.client.watching import Polled, Watch
    from unijob.job import Job
    from unijob.ref import JobRef


class Poller:
    """Polls one job.

    Args:
        watch: what is known of it.
        read: reads it once: the reference, the last snapshot, and the seconds that are left, or None.
        clock: the clock.
        random: jitters the pauses.
    """

    def __init__(
        self,
        watch: Watch,
        read: Callable[[JobRef, Job[Any, Any] | None, float | None], Awaitable[Polled]],
        *,
        clock: Clock,
        random: Random,
    ) -> None:
        self._watch = watch
        self._read = read
        self._clock = clock
        self._random = random

    async def next(self) -> Job[Any, Any]:
        """The job at the next poll that brings one; the first poll is at once.

        Raises:
            WaitTimeout: the deadline passed.
            JobStalled, JobUnknown, UnijobError: what was polled calls for it.
        """
        watch = self._watch
        while True:
            if watch.polls:
                await self._clock.sleep(watch.pause(self._random.random()))
            watch.check_time()
            job = watch.take(await self._read(watch.ref, watch.last, watch.remaining()))
            if job is not None:
                return job

    async def end(self) -> Job[Any, Any]:
        """The job as it ended; raises as `next`."""
        while True:
            job = await self.next()
            if self._watch.is_last(job):
                return job

    async def changes(self) -> AsyncGenerator[Job[Any, Any], None]:
        """Give the job as it is, then at every change, last as it ended; raises as `next`."""
        last = await self.next()
        yield last
        while not self._watch.is_last(last):
            job = await self.next()
            if job != last:
                last = job
                yield job
