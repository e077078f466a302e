"""JobClient without async."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Mapping
from copy import copy
from random import Random
from typing import Any, Self, Unpack, overload

from typing_extensions import TypeVar

from unijob import catalog
from unijob.client import Account, Clock, Hooks, Outcome, PollOptions, Retry
from unijob.client import JobClient as AsyncJobClient
from unijob.job import Job
from unijob.kinds import JobKind, Pieces, ScheduleKind
from unijob.ref import JobRef
from unijob.schedule import Schedule
from unijob.sync.portal import Portal, Through

AnyJob = Job[Any, Any]
AnySchedule = Schedule[Any]
P = TypeVar("P")
# What a job was read from, and what it results in; `Any` where a kind is only named.
S = TypeVar("S", default=Any)
R = TypeVar("R", default=Any)

_TRIGGER_GRACE = 10.0


class JobClient:
    """Starts, watches and ends jobs of all providers.

    Used as `with JobClient() as client:`, or without `with` up to `close()`. One client serves any number of threads,
    also those that run an event loop, which it blocks. In a forked child it opens connections of its own, and has
    forgotten what the parent started and retried.

    Args:
        accounts: accounts by provider and name. A provider with none here is set up by the environment.
        env: the environment; the process' own by default.
        strict: whether any breach of a contract is an error, not only one of a job's identity and status.
        request_timeout: seconds for one request and its answer.
        connect_timeout: seconds to connect.
        retry: how often and how fast a failed request is sent again.
        max_connections: open connections an account at most.
        max_answer_bytes: bytes of an answer, decompressed, at most.
        max_requests_per_second: requests an account at most; None for as many as its upstream allows, which is learned.
        on_behalf_of: the end user for whom all calls are made, instead of the accounts'.
        hooks: who is told of requests and polls.
        clock: tells the time and waits.
        random: jitters pauses.

    Raises:
        ConfigError: names the setting that is wrong.
    """

    def __init__(
        self,
        accounts: Iterable[Account] = (),
        *,
        env: Mapping[str, str] | None = None,
        strict: bool = False,
        request_timeout: float = 30.0,
        connect_timeout: float = 10.0,
        retry: Retry | None = None,
        max_connections: int = 20,
        max_answer_bytes: int = 64 * 2**20,
        max_requests_per_second: float | None = None,
        on_behalf_of: str | None = None,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        accounts, env = tuple(accounts), dict(os.environ if env is None else env)
        self._portal: Portal[AsyncJobClient] | Through[AsyncJobClient] = Portal(
            lambda: AsyncJobClient(
                accounts,
                env=env,
                strict=strict,
                request_timeout=request_timeout,
                connect_timeout=connect_timeout,
                retry=retry,
                max_connections=max_connections,
                max_answer_bytes=max_answer_bytes,
                max_requests_per_second=max_requests_per_second,
                on_behalf_of=on_behalf_of,
                hooks=hooks,
                clock=clock,
                random=random,
            )
        )

    def __enter__(self) -> Self:
        self._portal.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cancel the calls that are under way in other threads, and close all connections."""
        self._portal.close()

    def on_behalf_of(self, user: str) -> Self:
        """This client with all its connections, but for calls that are made for an end user.

        As in `client.on_behalf_of("user_7").get(ref)`. What it knows of jobs it started, and of rates, it shares.

        Args:
            user: your own id of the end user.

        Raises:
            ConfigError: from each call: the provider has no calls on behalf of others, or no header can hold the id.
        """
        view = copy(self)
        vars(view)["_portal"] = Through(self._portal, lambda client: client.on_behalf_of(user))
        return view

    @staticmethod
    def kinds() -> tuple[catalog.KindInfo, ...]:
        """Every kind of every installed provider, with what it can do in each revision. Needs no account."""
        return catalog.kinds()

    # --- Jobs -----------------------------------------------------------------------------------------------------

    def get(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Read a job.

        Raises:
            InvalidArgument: no such kind, or no reference.
            JobNotFound: there is no such job.
            UpstreamError, TransportError: the request failed.
            ContractViolation: the answer has no identity or status.
        """
        return self._portal.run(lambda client: client.get(ref))

    def list(
        self, kind: str | JobKind[S, R], /, *, account: str | None = None, page_size: int | None = None, **filters: Any
    ) -> Generator[Job[S, R], None, None]:
        """List jobs over all pages, in the upstream's order.

        Args:
            kind: `mka1:eval_run`, or a kind's declaration, by which the result is typed.
            account: the named account.
            page_size: items a page, where the listing takes that.
            filters: the listing's own; where a kind has several listings, the parent that a path names chooses one
                (`schedule_id=…`, or `schedule=…`).

        Raises:
            InvalidArgument: a filter that there is not, by name, with those that there are.
            UnsupportedOperation: the kind cannot be listed.
            UpstreamError, TransportError, ContractViolation: as the pages come.
        """
        return self._portal.iterate(lambda client: client.list(kind, account=account, page_size=page_size, **filters))

    def start(
        self, kind: str | JobKind[S, R], request: Any = None, /, *, account: str | None = None, **arguments: Any
    ) -> Job[S, R]:
        """Start a job. All arguments are checked by the contract before anything is sent.

        Args:
            kind: `mka1:eval_run`, or a kind's declaration, by which the result is typed.
            request: the whole body, as a generated model or JSON; what its contract does not know is sent too.
            account: the named account.
            arguments: path parameters, and without a `request` the body's properties, by Python or JSON name.

        Raises:
            InvalidArgument: carries all that is wrong, each by its place; nothing was sent.
            UnsupportedOperation: the kind cannot be started.
            StartUncertain: it was sent, and its answer was lost or cannot be read; with the jobs that appeared since,
                where it can list.
            UpstreamError: it was refused.
            TransportError: it could not be sent.
        """
        return self._portal.run(lambda client: client.start(kind, request, account=account, **arguments))

    def run(
        self,
        kind: str | JobKind[S, R],
        request: Any = None,
        /,
        *,
        account: str | None = None,
        wait: PollOptions | None = None,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **arguments: Any,
    ) -> Job[S, R]:
        """Start a job and wait until it has ended. Stopping to wait leaves the job alone.

        Args:
            kind: `mka1:eval_run`, or a kind's declaration, by which the result is typed.
            request: the whole body; as for `start`.
            account: the named account.
            wait: how to wait, `{"timeout": 600}`; what `wait` takes as options.
            raise_on_failure: raise when it ends as failed, cancelled or timed out.
            raise_on_partial: raise when it ends as partial.
            arguments: the job's own; as for `start`.

        Raises:
            InvalidArgument: something in `wait` or the job's arguments is wrong; nothing was sent.
            UnsupportedOperation, StartUncertain: as `start`.
            JobFailed, JobCancelled, JobTimedOut, JobPartial, WaitTimeout, JobStalled, JobUnknown: as `wait`.
            UpstreamError, TransportError, ContractViolation: as both. Once the job was started, a note of the error
                (`__notes__`) has its reference.
        """
        return self._portal.run(
            lambda client: client.run(
                kind,
                request,
                account=account,
                wait=wait,
                raise_on_failure=raise_on_failure,
                raise_on_partial=raise_on_partial,
                **arguments,
            )
        )

    def cancel(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Ask that a job be cancelled; it may take its time. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be cancelled.
            Conflict: the job cannot be cancelled any more.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.cancel(ref))

    def pause(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Ask that a job halt until it is resumed. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be paused.
            Conflict: the job cannot be paused as it stands.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.pause(ref))

    def resume(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Let a paused job go on. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be resumed.
            Conflict: the job is not paused.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.resume(ref))

    def retry(self, ref: JobRef[S, R] | str | Job[S, R], *, failed_items_only: bool = False) -> Job[S, R]:
        """Run a job again in place. It is read first, so that a later wait does not take its old end for the new one.

        Args:
            ref: the job.
            failed_items_only: run only its failed items again.

        Raises:
            UnsupportedOperation: the kind cannot be retried.
            StartUncertain: it was sent, its answer was lost or cannot be read, and the job does not show that it runs
                again: it may, or may not. It is not sent again.
            UpstreamError: it was refused.
            TransportError: it could not be sent.
            ContractViolation: as `get`; nothing was sent.
        """
        return self._portal.run(lambda client: client.retry(ref, failed_items_only=failed_items_only))

    def delete(self, ref: JobRef | str | AnyJob | AnySchedule) -> None:
        """Delete a job or a schedule. What becomes of a job at work is the upstream's to say: `cancel` it first.

        Raises:
            UnsupportedOperation: the kind cannot be deleted.
            JobNotFound: there is no such job or schedule.
            Conflict: it cannot be deleted as it stands.
            UpstreamError, TransportError: as `get`.
        """
        self._portal.run(lambda client: client.delete(ref))

    @overload
    def pieces(
        self, ref: JobRef | str | AnyJob, name: Pieces[P], /, *, page_size: int | None = ..., **filters: Any
    ) -> Generator[P, None, None]: ...
    @overload
    def pieces(
        self, ref: JobRef | str | AnyJob, name: str | None = ..., /, *, page_size: int | None = ..., **filters: Any
    ) -> Generator[Any, None, None]: ...
    def pieces(
        self,
        ref: JobRef | str | AnyJob,
        name: str | Pieces[Any] | None = None,
        /,
        *,
        page_size: int | None = None,
        **filters: Any,
    ) -> Generator[Any, None, None]:
        """List what belongs to a job, over all pages: the files of a batch, the events of a fine-tuning job.

        Args:
            ref: the job.
            name: which pieces, `"files"`, or the kind's own declaration of them, which tells a type checker what they
                are (`unijob.providers.mka1.file_batch.FILES`); not needed where a kind has pieces of one name only.
            page_size: items a page, where the listing takes that.
            filters: the listing's own.

        Returns:
            The pieces as generated models, in the upstream's order.

        Raises:
            InvalidArgument: no such pieces, or a filter that there is not; names those that there are.
            UnsupportedOperation: the kind has no pieces.
            UpstreamError, TransportError, ContractViolation: as the pages come.
        """
        return self._portal.iterate(lambda client: client.pieces(ref, name, page_size=page_size, **filters))

    def call(self, operation: str, request: Any = None, /, *, account: str | None = None, **arguments: Any) -> Any:
        """Call any operation that a provider documents. For what its kinds do there are `start`, `delete` and the like.

        Args:
            operation: the provider and the id that its contract gives the operation, `mka1:listEvalRuns`.
            request: the whole body, as a generated model or JSON; what its contract does not know is sent too.
            account: the named account.
            arguments: its parameters, and without a `request` the body's properties, by Python or JSON name.

        Returns:
            The answer as a generated model; the decoded JSON where the contract types none; None where nothing came.

        Raises:
            InvalidArgument: there is no such operation, or the arguments are wrong: carries all that is, each by its
                place; nothing was sent.
            StartUncertain: it must not be sent twice, and its answer was lost.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.call(operation, request, account=account, **arguments))

    # --- Waiting --------------------------------------------------------------------------------------------------

    def wait(
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
        return self._portal.run(
            lambda client: client.wait(
                ref, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options
            )
        )

    def watch(
        self, ref: JobRef[S, R] | str | Job[S, R], **options: Unpack[PollOptions]
    ) -> Generator[Job[S, R], None, None]:
        """Give a job at every change that is seen: first as it is, last as it ended. A failure is no error.

        Args:
            ref: the job.
            options: as for `wait`.

        Raises:
            WaitTimeout, JobStalled, JobUnknown, UpstreamError, ContractViolation: as `wait`.
        """
        return self._portal.iterate(lambda client: client.watch(ref, **options))

    def as_completed(
        self,
        refs: Iterable[JobRef | str | AnyJob],
        *,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **options: Unpack[PollOptions],
    ) -> Generator[Outcome, None, None]:
        """Give each of many jobs as it ends, of any providers. What goes wrong with one is its outcome's `error`.

        Jobs of one kind are read a page at a time where the kind lists and that takes fewer requests. A deadline counts
        for each, from the first step on. To stop early, close the iterator (`contextlib.closing`).

        Args:
            refs: the jobs; one that comes twice counts once.
            raise_on_failure: whether a failed, cancelled or timed-out job's outcome has an error.
            raise_on_partial: whether a partial job's outcome has an error.
            options: as for `wait`.

        Raises:
            InvalidArgument: something in `refs` is no reference to a job, or an option is wrong.
        """
        wanted = tuple(refs)  # here and not in the loop: it may be what another call of this client gives
        return self._portal.iterate(
            lambda client: client.as_completed(
                wanted, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options
            )
        )

    def watch_all(
        self, refs: Iterable[JobRef | str | AnyJob], **options: Unpack[PollOptions]
    ) -> Generator[Outcome, None, None]:
        """Give each of many jobs at every change that is seen: its outcome so far.

        A job's last outcome has an ended job, or the `error` that ended the wait for it; a failed job is no error. Who
        reads slowly is given a job's latest change, and not those before.

        Args:
            refs: the jobs; one that comes twice counts once.
            options: as for `wait`; they are asked for as by `as_completed`.

        Raises:
            InvalidArgument: something in `refs` is no reference to a job, or an option is wrong.
        """
        wanted = tuple(refs)  # here and not in the loop: it may be what another call of this client gives
        return self._portal.iterate(lambda client: client.watch_all(wanted, **options))

    def wait_all(
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
        wanted = tuple(refs)  # here and not in the loop: it may be what another call of this client gives
        return self._portal.run(
            lambda client: client.wait_all(
                wanted, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options
            )
        )

    # --- Schedules ------------------------------------------------------------------------------------------------

    def schedule(self, ref: JobRef[S] | str | Schedule[S]) -> Schedule[S]:
        """Read a schedule.

        Raises:
            InvalidArgument: the reference names no schedule.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.schedule(ref))

    def schedules(
        self,
        kind: str | ScheduleKind[S],
        /,
        *,
        account: str | None = None,
        page_size: int | None = None,
        **filters: Any,
    ) -> Generator[Schedule[S], None, None]:
        """List schedules over all pages; as `list`."""
        return self._portal.iterate(
            lambda client: client.schedules(kind, account=account, page_size=page_size, **filters)
        )

    def create_schedule(
        self, kind: str | ScheduleKind[S], request: Any = None, /, *, account: str | None = None, **arguments: Any
    ) -> Schedule[S]:
        """Create a schedule; as `start`."""
        return self._portal.run(lambda client: client.create_schedule(kind, request, account=account, **arguments))

    def trigger(self, ref: JobRef | str | AnySchedule, *, grace: float = _TRIGGER_GRACE) -> AnyJob | None:
        """Fire a schedule now, and give the run that this makes.

        Args:
            ref: the schedule.
            grace: seconds in which the run may appear among the schedule's runs; None is returned when it does not.

        Raises:
            UnsupportedOperation: the kind cannot be triggered.
            StartUncertain: it was sent and its answer was lost; with the runs that appeared since.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return self._portal.run(lambda client: client.trigger(ref, grace=grace))
