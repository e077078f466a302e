"""The calls of a client that wait for jobs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import partial
from typing import Any, Unpack

import attrs

from unijob import registry
from unijob.client.base import AnyJob, Client, R, S, ref_of
from unijob.client.pace import PollOptions, Settings
from unijob.client.polling import Poller
from unijob.client.waits import Crowd, Outcome
from unijob.client.watching import Watch, end_error
from unijob.job import Job
from unijob.ref import JobRef


class WaitCalls(Client):
    """Waits for one job or many."""

    async def wait(
        self,
        ref: JobRef[S, R] | str | Job[S, R],
        *,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **options: Unpack[PollOptions],
    ) -> Job[S, R]:
        """Wait until a job has ended. Stopping to wait leaves the job alone.

        Args:
            ref: the job.
            raise_on_failure: raise when it ends as failed, cancelled or timed out.
            raise_on_partial: raise when it ends as partial.
            options: timeout, poll, on_unknown, not_found_grace, restart_grace, stall_timeout: see PollOptions.

        Raises:
            JobFailed, JobCancelled, JobTimedOut, JobPartial: as it ended; with the job.
            WaitTimeout: the deadline passed; with the last snapshot.
            JobStalled: it did not move for the stall time-out.
            JobUnknown: with `on_unknown="raise"`.
            JobNotFound, AuthenticationError, UpstreamError, ContractViolation: an answer that stands. A failed poll
                (408, 429, 5xx, no answer) is tried again.
        """
        poller, wanted = self._poller(ref, options), ref_of(ref)
        with self._connections.observer.span("wait", kind=wanted.kind, ref=str(wanted)) as note:
            job = await poller.end()
            note(job)
            redactor = self._job(job)[1].redactor
            error = end_error(job, redactor, on_failure=raise_on_failure, on_partial=raise_on_partial)
            if error is not None:
                raise error
        return job

    def watch(
        self, ref: JobRef[S, R] | str | Job[S, R], **options: Unpack[PollOptions]
    ) -> AsyncGenerator[Job[S, R], None]:
        """Give a job at every change that is seen: first as it is, last as it ended. A failure is no error.

        Args:
            ref: the job.
            options: as for `wait`.

        Raises:
            WaitTimeout, JobStalled, JobUnknown, UpstreamError, ContractViolation: as `wait`.
        """
        return self._poller(ref, options).changes()

    def as_completed(
        self,
        refs: Iterable[JobRef | str | AnyJob],
        *,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **options: Unpack[PollOptions],
    ) -> AsyncGenerator[Outcome, None]:
        """Give each of many jobs as it ends, of any providers. What goes wrong with one is its outcome's `error`.

        Jobs of one kind are read a page at a time where the kind lists and that takes fewer requests. A deadline counts
        for each, from the first step on. To stop early, close the iterator (`contextlib.aclosing`).

        Args:
            refs: the jobs; one that comes twice counts once.
            raise_on_failure: whether a failed, cancelled or timed-out job's outcome has an error.
            raise_on_partial: whether a partial job's outcome has an error.
            options: as for `wait`.

        Raises:
            InvalidArgument: something in `refs` is no reference to a job, or an option is wrong.
        """
        return self._crowd(refs, options, on_failure=raise_on_failure, on_partial=raise_on_partial).outcomes()

    def watch_all(
        self, refs: Iterable[JobRef | str | AnyJob], **options: Unpack[PollOptions]
    ) -> AsyncGenerator[Outcome, None]:
        """Give each of many jobs at every change that is seen: its outcome so far.

        A job's last outcome has an ended job, or the `error` that ended the wait for it; a failed job is no error. Who
        reads slowly is given a job's latest change, and not those before.

        Args:
            refs: the jobs; one that comes twice counts once.
            options: as for `wait`; they are asked for as by `as_completed`.

        Raises:
            InvalidArgument: something in `refs` is no reference to a job, or an option is wrong.
        """
        return self._crowd(refs, options, on_failure=False, on_partial=False, every_change=True).outcomes()

    async def wait_all(
        self,
        refs: Iterable[JobRef | str | AnyJob],
        *,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **options: Unpack[PollOptions],
    ) -> tuple[Outcome, ...]:
        """Wait until each of many jobs has ended, of any providers. What goes wrong with one is its outcome's `error`.

        Args:
            refs: the jobs; one that comes twice is waited for once.
            raise_on_failure: whether a failed, cancelled or timed-out job's outcome has an error.
            raise_on_partial: whether a partial job's outcome has an error.
            options: as for `wait`; a deadline counts for each job, from the call on.

        Returns:
            An outcome for each of `refs`, in their order.

        Raises:
            InvalidArgument: something in `refs` is no reference to a job, or an option is wrong; nothing was sent.
        """
        wanted = tuple(refs)
        ending = self.as_completed(
            wanted, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options
        )
        with self._connections.observer.span("wait_all", count=len(wanted)):
            async with aclosing(ending):
                outcomes = {outcome.ref: outcome async for outcome in ending}
        return tuple(outcomes[ref_of(ref)] for ref in wanted)

    def _poller(self, ref: JobRef | str | AnyJob, options: PollOptions) -> Poller:
        watch = self._watch(ref, Settings(**options))
        kind, connection, _ = self._job(ref)

        async def read(ref: JobRef, previous: AnyJob | None, remaining: float | None) -> Any:
            return await connection.poll(kind, ref, previous, remaining)

        return Poller(watch, read, clock=self._clock, random=self._random)

    def _watch(self, ref: JobRef | str | AnyJob, settings: Settings) -> Watch:
        _, connection, found = self._job(ref)
        return Watch(
            found,
            clock=self._clock,
            settings=settings,
            expected=self._expected.get(attrs.evolve(found, account=connection.account.name)),
            last=ref if isinstance(ref, Job) else None,
            observer=self._connections.observer,
        )

    def _crowd(self, refs: Iterable[JobRef | str | AnyJob], options: PollOptions, **how: bool) -> Crowd:
        settings = Settings(**options)
        wanted = {ref_of(ref): ref for ref in refs}
        for ref in wanted:
            registry.job_kind(registry.kind_of(ref).name)
        targets = [(ref, partial(self._watch, given, settings)) for ref, given in wanted.items()]
        return Crowd(targets, lambda ref: self._job(ref)[:2], random=self._random, **how)
