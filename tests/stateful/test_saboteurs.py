"""The machine sees what it is there to see: each client here does one thing wrong, and is caught at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any

import attrs
import pytest

from tests.stateful.machine import JobMachine
from tests.stateful.scenes import begun, drawn, first
from unijob import Job, JobClient, JobNotFound, JobState, StartUncertain, TransportError, WaitTimeout

KIND = "mka1:eval_run"


class StartsTwice(JobClient):
    """Sends a start again when its answer was lost."""

    async def start(self, kind: Any, request: Any = None, /, **arguments: Any) -> Any:
        try:
            return await super().start(kind, request, **arguments)
        except StartUncertain:
            return await super().start(kind, request, **arguments)


class DeniesStarts(JobClient):
    """Says that nothing was sent when an answer was lost."""

    async def start(self, kind: Any, request: Any = None, /, **arguments: Any) -> Any:
        try:
            return await super().start(kind, request, **arguments)
        except StartUncertain as error:
            raise TransportError(str(error)) from None


class PollsAfterTheEnd(JobClient):
    """Looks once more."""

    async def wait(self, ref: Any, **options: Any) -> Any:
        job = await super().wait(ref, **options)
        await super().get(job.ref)
        return job


class PollsBehindTheBack(JobClient):
    """Leaves a task behind that goes on asking."""

    async def wait(self, ref: Any, **options: Any) -> Any:
        job = await super().wait(ref, **options)
        self.left = asyncio.create_task(self._ask_later(job))
        return job

    async def _ask_later(self, job: Job) -> None:
        await self._clock.sleep(1)
        await self.get(job.ref)


class OverrunsDeadlines(JobClient):
    """Sleeps on past the deadline before it says so."""

    async def wait(self, ref: Any, **options: Any) -> Any:
        try:
            return await super().wait(ref, **options)
        except WaitTimeout:
            await self._clock.sleep(0.5)
            raise


class GivesUpEarly(JobClient):
    """Takes a deadline for half of what it is."""

    async def wait(self, ref: Any, **options: Any) -> Any:
        timeout = options.pop("timeout", None)
        return await super().wait(ref, timeout=timeout and timeout / 2, **options)


class SwallowsAChange(JobClient):
    """Shows every second change, and the end."""

    def watch(self, ref: Any, **options: Any) -> AsyncGenerator[Any, None]:
        async def some() -> AsyncGenerator[Any, None]:
            count = 0
            async with aclosing(super(SwallowsAChange, self).watch(ref, **options)) as jobs:
                async for job in jobs:
                    count += 1
                    if count % 2 or job.is_terminal:
                        yield job

        return some()


class SwallowsTheEnd(JobClient):
    """Stops before the end."""

    def watch(self, ref: Any, **options: Any) -> AsyncGenerator[Any, None]:
        async def some() -> AsyncGenerator[Any, None]:
            last = None
            async with aclosing(super(SwallowsTheEnd, self).watch(ref, **options)) as jobs:
                async for job in jobs:
                    if last is not None:
                        yield last
                    last = job
            if last is not None and last.state is not JobState.SUCCEEDED:
                yield last

        return some()


class RepeatsItself(JobClient):
    """Shows a state again that has passed."""

    def watch(self, ref: Any, **options: Any) -> AsyncGenerator[Any, None]:
        async def some() -> AsyncGenerator[Any, None]:
            first = None
            async with aclosing(super(RepeatsItself, self).watch(ref, **options)) as jobs:
                async for job in jobs:
                    first = first or job
                    if job.is_terminal and first != job:
                        yield first
                    yield job

        return some()


class MakesThingsUp(JobClient):
    """Takes a job that runs for one that is done."""

    async def get(self, ref: Any) -> Any:
        job = await super().get(ref)
        return attrs.evolve(job, state=JobState.SUCCEEDED) if job.state is JobState.RUNNING else job


class Forgets(JobClient):
    """Takes a retried job for not there."""

    async def retry(self, ref: Any, **options: Any) -> Any:
        job = await super().retry(ref, **options)
        if job.state is JobState.QUEUED:
            raise JobNotFound("gone")
        return job


class LosesAJob(JobClient):
    """Lists one less where there are several."""

    def list(self, kind: Any, /, **options: Any) -> AsyncGenerator[Any, None]:
        async def some() -> AsyncGenerator[Any, None]:
            first = True
            async with aclosing(super(LosesAJob, self).list(kind, **options)) as jobs:
                async for job in jobs:
                    if not first:
                        yield job
                    first = False

        return some()


class LeavesLate(JobClient):
    """Closes its connections some time after it was left."""

    async def __aexit__(self, *_: object) -> None:
        self.left = asyncio.create_task(self._close_late())

    async def _close_late(self) -> None:
        await self._clock.sleep(5)
        await super().__aexit__(None, None, None)


SLOW: dict[str, Any] = {"duration": 45.0, "queued": 2.0}
FAILS: dict[str, Any] = {"outcome": "failed", "duration": 0.0, "queued": 2.0}


def again(machine: JobMachine) -> None:
    machine.pass_time(4.0)
    machine.retry(first(machine), failed_items_only=False)


SCENES: list[tuple[type[JobClient], dict[str, Any], Callable[[JobMachine], object]]] = [
    (StartsTwice, SLOW, lambda machine: machine.start(drawn({}), KIND, lost=True)),
    (DeniesStarts, SLOW, lambda machine: machine.start(drawn({}), KIND, lost=True)),
    (PollsAfterTheEnd, SLOW, lambda machine: machine.wait(first(machine), {})),
    (PollsBehindTheBack, SLOW, lambda machine: (machine.wait(first(machine), {}), machine.pass_time(4.0))),
    (OverrunsDeadlines, SLOW, lambda machine: machine.wait(first(machine), {"timeout": 2.5})),
    (GivesUpEarly, SLOW, lambda machine: machine.wait(first(machine), {"timeout": 2.5})),
    (SwallowsAChange, SLOW, lambda machine: machine.watch(first(machine), {})),
    (SwallowsTheEnd, SLOW, lambda machine: machine.watch(first(machine), {})),
    (RepeatsItself, SLOW, lambda machine: machine.watch(first(machine), {})),
    (MakesThingsUp, SLOW, lambda machine: (machine.pass_time(4.0), machine.get(first(machine)))),
    (Forgets, FAILS, again),
    (LosesAJob, SLOW, lambda machine: machine.list(KIND, None)),
    (LeavesLate, SLOW, lambda machine: machine.teardown()),
]


@pytest.mark.parametrize(("saboteur", "script", "scene"), SCENES)
def test_a_client_that_does_wrong_is_caught(
    saboteur: type[JobClient], script: dict[str, Any], scene: Callable[[JobMachine], object]
) -> None:
    """Whatever it does wrong; and one that does no wrong is not."""
    machine = begun(KIND, client_type=saboteur, **script)
    with pytest.raises(AssertionError):
        scene(machine)
    if not machine.loop.is_closed():
        with suppress(AssertionError):
            machine.teardown()
    honest = begun(KIND, **script)
    scene(honest)
    if not honest.loop.is_closed():
        honest.teardown()
