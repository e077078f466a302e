"""The calls of a client that are about one job, or a kind of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Literal, overload

from typing_extensions import TypeVar

from unijob import registry
from unijob.client.base import AnyJob, AnySchedule, Client, R, S, ref_of
from unijob.client.calling import call, provider_of
from unijob.client.listing import items_of, walk, walk_pieces
from unijob.client.rerunning import Rerun
from unijob.client.starting import Start
from unijob.errors import StartUncertain, UnijobError
from unijob.job import Job, JobState
from unijob.kinds import Pieces
from unijob.ref import JobRef

if TYPE_CHECKING:
    from unijob.kinds import JobKind, Started

P = TypeVar("P")


class JobCalls(Client):
    """Reads, lists, starts and steers jobs."""

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
        found = ref_of(ref)
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

    async def _ask(
        self,
        role: Literal["cancel", "pause", "resume"],
        ref: JobRef | str | AnyJob,
        is_done: Callable[[AnyJob], bool],
    ) -> AnyJob:
        kind, connection, found = self._job(ref)
        request = connection.request_for(kind, role, getattr(kind, role), found)
        return await connection.act(kind, request, found, is_done=is_done)
