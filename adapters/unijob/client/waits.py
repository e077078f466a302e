"""Waiting for many jobs at once: the end, or every change, of each as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from random import Random
from typing import TYPE_CHECKING, Any

import attrs

from unijob.client.rounds import Group
from unijob.client.watching import Watch, end_error
from unijob.errors import UnijobError
from unijob.job import Job
from unijob.ref import JobRef

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.kinds import JobKind


@attrs.frozen(kw_only=True)
class Outcome:
    """How the wait for one of many jobs ended, or stands.

    Args:
        ref: the job that was waited for.
        job: its last snapshot, or None where none was read.
        error: what `wait` would have raised, or None where it ended as asked, or has not ended.
    """

    ref: JobRef
    job: Job[Any, Any] | None = None
    error: UnijobError | None = None


Find = Callable[[JobRef], tuple["JobKind", "Connection"]]


class Crowd:
    """Many jobs that are waited for at once.

    Args:
        targets: each job, by its reference, with what is known of it, made when the wait begins.
        find: the kind and the account of a reference.
        random: jitters the pauses.
        on_failure: whether a failed, cancelled or timed-out end is an error.
        on_partial: whether a partial end is an error.
        every_change: whether to give every change, and not only the ends.
    """

    def __init__(
        self,
        targets: Iterable[tuple[JobRef, Callable[[], Watch]]],
        find: Find,
        *,
        random: Random,
        on_failure: bool,
        on_partial: bool,
        every_change: bool = False,
    ) -> None:
        self._targets = tuple(targets)
        self._find = find
        self._random = random
        self._on_failure = on_failure
        self._on_partial = on_partial
        self._every_change = every_change
        self._told: dict[JobRef, Job[Any, Any]] = {}
        self._news: dict[JobRef, Outcome] = {}
        self._is_news = asyncio.Event()

    async def outcomes(self) -> AsyncGenerator[Outcome, None]:
        """Give outcomes as they come; closing this ends all waits. A slow reader is given a job's latest change."""
        groups = self._groups()
        tasks = [asyncio.create_task(group.run(), name="wait for many") for group in groups]
        for task in tasks:
            task.add_done_callback(lambda _: self._is_news.set())
        try:
            while True:
                while self._news:
                    yield self._news.pop(next(iter(self._news)))
                for task in [task for task in tasks if task.done()]:
                    tasks.remove(task)
                    task.result()
                if not tasks and not self._news:
                    return
                if not self._news:
                    await self._is_news.wait()
                self._is_news.clear()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _groups(self) -> list[Group]:
        groups: dict[Any, Group] = {}
        for ref, watch in self._targets:
            try:
                kind, connection = self._find(ref)
                found = watch()
            except UnijobError as error:  # no such account
                self._report(Outcome(ref=ref, error=error))
                continue
            parents = ref.ids[:-1] if kind.lists else ()
            key = (connection.account.provider, connection.account.name, kind.name, parents)
            if key not in groups:
                tell = self._teller(connection)
                groups[key] = Group(connection, kind, parents, random=self._random, tell=tell)
            groups[key].add(ref, found)
        return list(groups.values())

    def _teller(self, connection: Connection) -> Any:
        redactor = connection.redactor

        def tell(ref: JobRef, job: Job[Any, Any] | None, error: UnijobError | None, is_end: bool) -> None:  # noqa: FBT001
            if is_end:
                self._told.pop(ref, None)
                if job is not None:
                    error = end_error(job, redactor, on_failure=self._on_failure, on_partial=self._on_partial)
                self._report(Outcome(ref=ref, job=job or getattr(error, "job", None), error=error))
            elif self._every_change and job is not None and job != self._told.get(ref):
                self._told[ref] = job
                self._report(Outcome(ref=ref, job=job))

        return tell

    def _report(self, outcome: Outcome) -> None:
        self._news[outcome.ref] = outcome
        self._is_news.set()
