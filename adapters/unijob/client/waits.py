"""What a wait gives: every change of a job, or the ends of many jobs as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import UnijobError
from unijob.job import Job
from unijob.ref import JobRef

if TYPE_CHECKING:
    from unijob.client.polling import Poller


@attrs.frozen(kw_only=True)
class Outcome:
    """How the wait for one of many jobs ended.

    Args:
        ref: the job that was waited for.
        job: its last snapshot, or None where none was read.
        error: what `wait` would have raised, or None where it ended as asked.
    """

    ref: JobRef
    job: Job[Any, Any] | None = None
    error: UnijobError | None = None


async def changes(poller: Poller) -> AsyncGenerator[Job[Any, Any], None]:
    """Give a job as it is, then at every change, last as it ended."""
    last = await poller.next()
    yield last
    while not poller.is_last(last):
        job = await poller.next()
        if job != last:
            last = job
            yield job


async def outcome_of(ref: JobRef, wait: Callable[[], Awaitable[Job[Any, Any]]]) -> Outcome:
    """Wait for one of many, and keep what goes wrong to itself."""
    try:
        job = await wait()
    except UnijobError as error:
        return Outcome(ref=ref, job=getattr(error, "job", None), error=error)
    return Outcome(ref=ref, job=job)


async def as_they_end(
    waits: Sequence[tuple[JobRef, Callable[[], Awaitable[Job[Any, Any]]]]],
) -> AsyncGenerator[Outcome, None]:
    """Wait for many at once, and give each as it ends; closing this ends all waits."""
    tasks = [asyncio.create_task(outcome_of(ref, wait), name=f"wait for {ref}") for ref, wait in waits]
    try:
        for ended in asyncio.as_completed(tasks):
            yield await ended
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
