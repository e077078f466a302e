"""JobClient: one client for the jobs of all providers."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from copy import copy
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, overload

import attrs
from typing_extensions import TypeVar

from unijob import catalog, registry
from unijob.client.accounts import Account, Accounts
from unijob.client.calling import call, provider_of
from unijob.client.clock import Clock, SystemClock
from unijob.client.connections import Connections, Options
from unijob.client.hooks import Hooks
from unijob.client.listing import items_of, walk, walk_pieces
from unijob.client.pace import PollOptions, Settings
from unijob.client.polling import Poller
from unijob.client.rerunning import Rerun
from unijob.client.retries import Retry
from unijob.client.starting import Start
from unijob.client.triggering import Trigger
from unijob.client.waits import Crowd, Outcome
from unijob.client.watching import Expected, Watch, end_error
from unijob.errors import InvalidArgument, StartUncertain, UnijobError
from unijob.job import Job, JobState
from unijob.kinds import Pieces
from unijob.ref import JobRef
from unijob.schedule import Schedule

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.kinds import JobKind, ScheduleKind, Started

AnyJob = Job[Any, Any]
AnySchedule = Schedule[Any]
P = TypeVar("P")
# What a job was read from, and what it results in; `Any` where a kind is only named.
S = TypeVar("S", default=Any)
R = TypeVar("R", default=Any)

logger = logging.getLogger("unijob")

_REMEMBERED = 4096
"""Jobs that a client remembers having started or restarted, the latest."""
_TRIGGER_GRACE = 10.0


class JobClient:
    """Starts, watches and ends jobs of all providers.

    Used as `async with JobClient() as client:`. One client serves any number of tasks of one event loop.

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
        self._clock: Clock = clock or SystemClock()
        self._random = random or Random()  # noqa: S311  it spreads requests out, and keeps nothing secret
        self._user = on_behalf_of
        self._expected: OrderedDict[JobRef, Expected] = OrderedDict()
        options = Options(
            strict=strict,
            request_timeout=request_timeout,
            connect_timeout=connect_timeout,
            retry=retry or Retry(),
            max_connections=max_connections,
            max_answer_bytes=max_answer_bytes,
            max_requests_per_second=max_requests_per_second,
            hooks=hooks or Hooks(),
            clock=self._clock,
            random=self._random,
        )
        self._connections = Connections(Accounts(accounts, dict(os.environ if env is None else env)), options)

    async def __aenter__(self) -> Self:
        await self._connections.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close()

    def on_behalf_of(self, user: str) -> Self:
        """This client with all its connections, but for calls that are made for an end user.

        As in `client.on_behalf_of("user_7").get(ref)`. What it knows of jobs it started, and of rates, it shares.

        Args:
            user: your own id of the end user.

        Raises:
            ConfigError: from each call: the provider has no calls on behalf of others, or no header can hold the id.
        """
        view = copy(self)
        vars(view)["_user"] = user
        return view

    @staticmethod
    def kinds() -> tuple[catalog.KindInfo, ...]:
        """Every kind of every installed provider, with what it can do in each revision. Needs no account."""
        return catalog.kinds()

    # --- Jobs -----------------------------------------------------------------------------------------------------

    async def get(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Read a job.

        Raises:
            InvalidArgument: no such kind, or no reference.
            JobNotFound: there is no such job.
            UpstreamError, TransportError: the request failed.
            ContractViolation: the answer has no identity or status.
        """
        kind, connection, found = self._job(ref)
        job: AnyJob = await connection.read(kind, found, ref if isinstance(ref, Job) else None)
        return job

    def list(
        self, kind: str | JobKind[S, R], /, *, account: str | None = None, page_size: int | None = None, **filters: Any
    ) -> AsyncGenerator[Job[S, R], None]:
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
        found = registry.job_kind(kind)
        connection = self._connections.find(found.provider, account, self._user)
        return items_of(walk(connection, found, filters, page_size=page_size, role="list"))

    async def start(
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
        found = registry.job_kind(kind)
        connection = self._connections.find(found.provider, account, self._user)
        asked = Start(connection=connection, kind=found, role="start", arguments=arguments, body=request)
        with self._connections.observer.span("start", kind=found.name) as note:
            started: Started = await asked.run(found.start)
            note(started.job)
        self._remember(connection, started.job.ref, started.before, is_start=True)
        return started.job

    async def run(
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
        options = wait or PollOptions()
        Settings(**options)
        job = await self.start(kind, request, account=account, **arguments)
        logger.info("started %s", job.ref)
        try:
            return await self.wait(job, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options)
        except UnijobError as error:
            error.add_note(f"The job was started: {job.ref}")
            raise

    async def cancel(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Ask that a job be cancelled; it may take its time. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be cancelled.
            Conflict: the job cannot be cancelled any more.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        stopped = {JobState.CANCELLING, JobState.CANCELLED}
        return await self._ask("cancel", ref, lambda job: job.state in stopped)

    async def pause(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Ask that a job halt until it is resumed. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be paused.
            Conflict: the job cannot be paused as it stands.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return await self._ask("pause", ref, lambda job: not job.is_terminal)

    async def resume(self, ref: JobRef[S, R] | str | Job[S, R]) -> Job[S, R]:
        """Let a paused job go on. Asking twice is asking once: what was lost is sent again.

        Raises:
            UnsupportedOperation: the kind cannot be resumed.
            Conflict: the job is not paused.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        return await self._ask("resume", ref, lambda job: not job.is_terminal)

    async def retry(self, ref: JobRef[S, R] | str | Job[S, R], *, failed_items_only: bool = False) -> Job[S, R]:
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
        kind, connection, found = self._job(ref)
        role = "retry_failed_items" if failed_items_only else "retry"
        request = connection.request_for(kind, role, getattr(kind, role), found)
        before: AnyJob = await connection.read(kind, found)
        self._remember(connection, found, before, is_start=False)
        asked = Rerun(
            connection=connection,
            kind=kind,
            ref=found,
            request=request,
            failed_items_only=failed_items_only,
            before=before,
        )
        try:
            return await asked.run()
        except UnijobError as error:
            if not isinstance(error, StartUncertain):  # nothing was done: the old end stands
                self._forget(connection, found)
            raise

    async def delete(self, ref: JobRef | str | AnyJob | AnySchedule) -> None:
        """Delete a job or a schedule. What becomes of a job at work is the upstream's to say: `cancel` it first.

        Raises:
            UnsupportedOperation: the kind cannot be deleted.
            JobNotFound: there is no such job or schedule.
            Conflict: it cannot be deleted as it stands.
            UpstreamError, TransportError: as `get`.
        """
        found = _ref(ref)
        kind = registry.kind_of(found)
        connection = self._connections.find(kind.provider, found.account, self._user)
        await connection.delete(kind, found)
        self._forget(connection, found)

    @overload
    def pieces(
        self, ref: JobRef | str | AnyJob, name: Pieces[P], /, *, page_size: int | None = ..., **filters: Any
    ) -> AsyncGenerator[P, None]: ...
    @overload
    def pieces(
        self, ref: JobRef | str | AnyJob, name: str | None = ..., /, *, page_size: int | None = ..., **filters: Any
    ) -> AsyncGenerator[Any, None]: ...
    def pieces(
        self,
        ref: JobRef | str | AnyJob,
        name: str | Pieces[Any] | None = None,
        /,
        *,
        page_size: int | None = None,
        **filters: Any,
    ) -> AsyncGenerator[Any, None]:
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
        kind, connection, found = self._job(ref)
        return items_of(walk_pieces(connection, kind, found, name, filters, page_size=page_size))

    async def call(
        self, operation: str, request: Any = None, /, *, account: str | None = None, **arguments: Any
    ) -> Any:
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
        connection = self._connections.find(provider_of(operation), account, self._user)
        return await call(connection, operation, arguments, request)

    # --- Waiting --------------------------------------------------------------------------------------------------

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
        poller, wanted = self._poller(ref, options), _ref(ref)
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
        return tuple(outcomes[_ref(ref)] for ref in wanted)

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
        wanted = {_ref(ref): ref for ref in refs}
        for ref in wanted:
            registry.job_kind(registry.kind_of(ref).name)
        targets = [(ref, partial(self._watch, given, settings)) for ref, given in wanted.items()]
        return Crowd(targets, lambda ref: self._job(ref)[:2], random=self._random, **how)

    # --- Schedules ------------------------------------------------------------------------------------------------

    async def schedule(self, ref: JobRef[S] | str | Schedule[S]) -> Schedule[S]:
        """Read a schedule.

        Raises:
            InvalidArgument: the reference names no schedule.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        kind, connection, found = self._schedule(ref)
        schedule: AnySchedule = await connection.read(kind, found)
        return schedule

    def schedules(
        self,
        kind: str | ScheduleKind[S],
        /,
        *,
        account: str | None = None,
        page_size: int | None = None,
        **filters: Any,
    ) -> AsyncGenerator[Schedule[S], None]:
        """List schedules over all pages; as `list`."""
        found = registry.schedule_kind(kind)
        connection = self._connections.find(found.provider, account, self._user)
        return items_of(walk(connection, found, filters, page_size=page_size, role="schedules"))

    async def create_schedule(
        self, kind: str | ScheduleKind[S], request: Any = None, /, *, account: str | None = None, **arguments: Any
    ) -> Schedule[S]:
        """Create a schedule; as `start`."""
        found = registry.schedule_kind(kind)
        connection = self._connections.find(found.provider, account, self._user)
        asked = Start(connection=connection, kind=found, role="create_schedule", arguments=arguments, body=request)
        created: AnySchedule = await asked.run(found.create)
        return created

    async def trigger(self, ref: JobRef | str | AnySchedule, *, grace: float = _TRIGGER_GRACE) -> AnyJob | None:
        """Fire a schedule now, and give the run that this makes.

        Args:
            ref: the schedule.
            grace: seconds in which the run may appear among the schedule's runs; None is returned when it does not.

        Raises:
            UnsupportedOperation: the kind cannot be triggered.
            StartUncertain: it was sent and its answer was lost; with the runs that appeared since.
            UpstreamError, TransportError, ContractViolation: as `get`.
        """
        kind, connection, found = self._schedule(ref)
        job = await Trigger(connection=connection, kind=kind, ref=found, grace=grace).run()
        if job is not None:
            self._remember(connection, job.ref, None, is_start=True)
        return job

    # --- Inside ---------------------------------------------------------------------------------------------------

    def _job(self, ref: JobRef | str | AnyJob) -> tuple[JobKind, Connection, JobRef]:
        found = _ref(ref)
        kind = registry.job_kind(registry.kind_of(found).name)
        return kind, self._connections.find(kind.provider, found.account, self._user), found

    def _schedule(self, ref: JobRef | str | AnySchedule) -> tuple[ScheduleKind, Connection, JobRef]:
        found = _ref(ref)
        kind = registry.schedule_kind(registry.kind_of(found).name)
        return kind, self._connections.find(kind.provider, found.account, self._user), found

    async def _ask(
        self,
        role: Literal["cancel", "pause", "resume"],
        ref: JobRef | str | AnyJob,
        is_done: Callable[[AnyJob], bool],
    ) -> AnyJob:
        kind, connection, found = self._job(ref)
        request = connection.request_for(kind, role, getattr(kind, role), found)
        return await connection.act(kind, request, found, is_done=is_done)

    def _remember(self, connection: Connection, ref: JobRef, before: AnyJob | None, *, is_start: bool) -> None:
        key = attrs.evolve(ref, account=connection.account.name)
        self._expected.pop(key, None)
        self._expected[key] = Expected(at=self._clock.monotonic(), before=before, is_start=is_start)
        if len(self._expected) > _REMEMBERED:
            self._expected.popitem(last=False)

    def _forget(self, connection: Connection, ref: JobRef) -> None:
        self._expected.pop(attrs.evolve(ref, account=connection.account.name), None)


def _ref(ref: JobRef | str | AnyJob | AnySchedule) -> JobRef:
    if isinstance(ref, str):
        return JobRef.parse(ref)
    if isinstance(ref, JobRef):
        return ref
    found: Any = getattr(ref, "ref", None)
    if type(found) is JobRef:
        return found
    raise InvalidArgument(f"a {type(ref).__name__} is no reference: give a JobRef, its text, or a Job", argument="ref")
