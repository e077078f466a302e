"""The calls of a client that are about schedules."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from unijob import registry
from unijob.client.base import AnyJob, AnySchedule, Client, S, ref_of
from unijob.client.listing import items_of, walk
from unijob.client.starting import Start
from unijob.client.triggering import Trigger
from unijob.ref import JobRef
from unijob.schedule import Schedule

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.kinds import ScheduleKind

_TRIGGER_GRACE = 10.0


class ScheduleCalls(Client):
    """Reads, lists, creates and fires schedules."""

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

    def _schedule(self, ref: JobRef | str | AnySchedule) -> tuple[ScheduleKind, Connection, JobRef]:
        found = ref_of(ref)
        kind = registry.schedule_kind(registry.kind_of(found).name)
        return kind, self._connections.find(kind.provider, found.account, self._user), found
