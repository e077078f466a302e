"""Lives in the sandbox, driven by the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

import attrs

from unijob.client import Account, JobClient
from unijob.errors import Conflict
from unijob.job import Job, JobState
from unijob.kinds import AnyKind, JobKind, ScheduleKind
from unijob.sandbox import Sandbox, SteppedClock, installed
from unijob.testing.suite.cases import Cases, Lived, Read, Revision
from unijob.testing.suite.holds import check_read

AnyJob = Job[Any, Any]
TIMEOUT = 3600
"""Seconds of the sandbox's clock, which stands still but for what is waited."""
_STATES = {str(state): state for state in JobState}


@attrs.frozen
class Life:
    """One client before one sandbox."""

    revision: Revision
    sandbox: Sandbox
    client: JobClient

    def arguments(self, kind: AnyKind, operation: str) -> dict[str, Any]:
        """Give the arguments with which one is made."""
        example = installed.vendor(kind.provider).lives[kind.name].example
        return {**self.revision.requests.sample(operation), **example}

    async def start(self, kind: JobKind) -> AnyJob:
        """Start a job."""
        assert kind.start is not None
        return await self.client.start(kind.name, **self.arguments(kind, kind.start))

    async def seen(self, job: AnyJob) -> list[AnyJob]:
        """Watch a job to its end."""
        async with aclosing(self.client.watch(job, timeout=TIMEOUT)) as changes:
            return [change async for change in changes]


@asynccontextmanager
async def living(revision: Revision) -> AsyncGenerator[Life]:
    """Run a sandbox of one revision, with a client that waits by its clock."""
    provider, name = revision.package.provider, revision.package.revision
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={provider: name}, providers=[provider])
    async with sandbox:
        account = Account(provider, base_url=sandbox.url(provider), key=sandbox.token, revision=name)
        async with JobClient([account], env={}, clock=sandbox.client_clock) as client:
            yield Life(revision, sandbox, client)


class Lives(Cases):
    """Starts, watches, cancels, retries and lists jobs of the provider's own sandbox, with the client."""

    def _live(self, revision: Revision, story: Callable[[Life], Coroutine[Any, Any, None]]) -> None:
        async def run() -> None:
            async with living(revision) as life:
                await story(life)

        asyncio.run(run())

    def test_lives_end_as_scripted(self, lived: Lived) -> None:
        """A job is at work, then ends as its script says; nothing about it needs a warning."""

        async def story(life: Life) -> None:
            life.sandbox.script(lived.kind.name, outcome=lived.outcome)
            seen = await life.seen(await life.start(lived.kind))
            for job in seen:
                check_read(job, lived.kind)
            last = seen[-1]
            wanted = self.ends.get(lived.kind.name, {}).get(lived.outcome) or _STATES.get(lived.outcome)
            assert last.is_terminal
            assert wanted is None or last.state is wanted
            assert {job.warnings for job in seen} == {()}
            assert JobState.RUNNING in {job.state for job in seen[:-1]}
            done = [job.progress.done or 0 for job in seen[:-1] if job.progress is not None]
            assert done == sorted(done)
            assert await life.client.get(last.ref) == last

        self._live(lived.revision, story)

    def test_what_is_started_is_listed(self, read: Read) -> None:
        """Where a kind can be listed and started, what was started is there."""
        kind = read.kind
        if not _can(read, "list", "start") or not isinstance(kind, JobKind):
            return

        async def story(life: Life) -> None:
            started = [(await life.start(kind)).ref, (await life.start(kind)).ref]
            parents = dict(zip(kind.ids, started[0].ids[:-1], strict=False))
            async with aclosing(life.client.list(kind.name, page_size=_page_size(read), **parents)) as jobs:
                listed = [job.ref async for job in jobs]
            assert set(started) <= set(listed)
            assert len(set(listed)) == len(listed)

        self._live(read.revision, story)

    def test_cancelling(self, read: Read) -> None:
        """Where a kind can be cancelled, a job that is at work ends as cancelled, and one that ended stays as it is."""
        kind = read.kind
        if not _can(read, "cancel", "start") or not isinstance(kind, JobKind):
            return

        async def story(life: Life) -> None:
            begun = await life.client.cancel(await life.start(kind))
            ended = await life.client.wait(begun, timeout=TIMEOUT, raise_on_failure=False)
            assert ended.state is JobState.CANCELLED
            try:
                again = await life.client.cancel(ended)
            except Conflict:
                again = await life.client.get(ended)
            assert again.state is JobState.CANCELLED

        self._live(read.revision, story)

    def test_retrying(self, read: Read) -> None:
        """Where a kind can be retried, a failed job goes on under its own reference, to an end."""
        kind = read.kind
        if not _can(read, "retry", "start") or not isinstance(kind, JobKind):
            return

        async def story(life: Life) -> None:
            life.sandbox.script(kind.name, outcome="failed")
            failed = await life.client.wait(await life.start(kind), timeout=TIMEOUT, raise_on_failure=False)
            again = await life.client.retry(failed)
            ended = await life.client.wait(again, timeout=TIMEOUT, raise_on_failure=False)
            assert ended.ref == failed.ref
            assert ended.state is JobState.SUCCEEDED

        self._live(read.revision, story)

    def test_schedules(self, scheduled: Read) -> None:
        """A schedule that was created can be read and listed, and fired where the kind can."""
        kind = scheduled.kind
        assert isinstance(kind, ScheduleKind)
        assert kind.create is not None
        create = kind.create

        async def story(life: Life) -> None:
            made = await life.client.create_schedule(kind.name, **life.arguments(kind, create))
            check_read(made, kind)
            assert await life.client.schedule(made.ref) == made
            if _can(scheduled, "schedules"):
                async with aclosing(life.client.schedules(kind.name)) as schedules:
                    assert made.ref in [found.ref async for found in schedules]
            if _can(scheduled, "trigger"):
                run = await life.client.trigger(made)
                assert run is not None
                assert (await life.client.wait(run, timeout=TIMEOUT)).state is JobState.SUCCEEDED

        self._live(scheduled.revision, story)


def _can(read: Read, *abilities: str) -> bool:
    return set(abilities) <= read.kind.capabilities(read.revision.package.operations)


def _page_size(read: Read) -> int | None:
    """A page for each job, where a further page can be asked for."""
    listing = read.kind.lists[0]
    names = {one.argument for one in read.revision.operation(listing.operation).parameters}
    return 1 if listing.pages is not None and listing.pages.turn in names else None
