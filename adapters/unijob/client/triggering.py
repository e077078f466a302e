"""Firing a schedule now, and finding the run that this makes."""

from __future__ import annotations

import logging
from contextlib import aclosing
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import attrs

from unijob import registry
from unijob.client.listing import Walk
from unijob.client.once import LostError, send_once
from unijob.errors import InvalidArgument, StartUncertain, UnijobError
from unijob.job import Job
from unijob.request import path_arguments

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.kinds import Listing, ScheduleKind
    from unijob.ref import JobRef

logger = logging.getLogger("unijob")

_RUNS_PAGE = 100
_SHORTEST_LOOK = 1.0
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds between looks for the run; the last goes on."""


def _check_grace(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if not value >= 0:
        raise InvalidArgument(f"{field.name} is a number of seconds, 0 or more", argument=field.name)


@attrs.frozen(kw_only=True)
class Trigger:
    """A schedule that is fired now.

    Args:
        connection: the account.
        kind: the schedule's kind.
        ref: the schedule.
        grace: seconds in which the run may appear.
    """

    connection: Connection
    kind: ScheduleKind
    ref: JobRef
    grace: float = attrs.field(validator=_check_grace)

    async def run(self) -> Job[Any, Any] | None:
        """Fire it, and find the run that this makes among the schedule's runs; None where none appears.

        Raises:
            StartUncertain: it was sent and its answer was lost.
            TransportError: it could not be sent.
            UpstreamError: it was refused.
        """
        request = self.connection.request_for(self.kind, "trigger", self.kind.trigger, self.ref)
        before = {job.ref for job in await self._runs()}
        lost: LostError | None = None
        try:
            await send_once(self.connection, request, lambda _: None)
        except LostError as error:
            lost = error
        if lost is not None:
            raise await self._uncertain(lost, before)
        deadline = self.connection.clock.monotonic() + self.grace
        found: list[Job[Any, Any]] = []
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            found = await self._new(before, deadline - self.connection.clock.monotonic())
            remaining = deadline - self.connection.clock.monotonic()
            if found or remaining <= 0:
                break
            await self.connection.clock.sleep(min(pause, remaining))
        return found[0] if found else None

    async def _runs(self, *, attempts: int | None = None, seconds: float | None = None) -> list[Job[Any, Any]]:
        """The first page of the schedule's runs; empty where the contract does not list them."""
        listing: Listing | None = self.kind.runs
        if listing is None or self.kind.run_kind is None:
            return []
        kind = registry.job_kind(self.kind.run_kind)
        size = {listing.size: _RUNS_PAGE} if listing.size is not None else {}
        arguments = {**self._ids(listing), **size}
        walked = Walk(
            connection=self.connection,
            kind=kind,
            listing=listing,
            arguments=arguments,
            role="list",
            attempts=attempts,
            seconds=seconds,
        )
        async with aclosing(walked.pages()) as pages:
            page = await anext(pages)
        return [item for item in page.items if isinstance(item, Job)]

    def _ids(self, listing: Listing) -> dict[str, str]:
        _, operation = self.connection.operation(self.kind, "trigger", listing.operation)
        return path_arguments(operation, self.ref.ids)

    async def _new(self, before: set[JobRef], remaining: float) -> list[Job[Any, Any]]:
        """Runs that were not there before, the oldest first; one look, bounded by the seconds that remain."""
        seconds = min(max(remaining, _SHORTEST_LOOK), self.connection.timeout)
        try:
            found = [job for job in await self._runs(attempts=1, seconds=seconds) if job.ref not in before]
        except UnijobError as error:
            logger.warning("cannot look for the run that %s made: %s", self.ref, error)
            return []
        return sorted(found, key=lambda job: (job.created_at is None, job.created_at))

    async def _uncertain(self, lost: LostError, before: set[JobRef]) -> StartUncertain:
        found = await self._new(before, self.grace)
        refs = ", ".join(str(job.ref) for job in found) or "none yet"
        return StartUncertain(
            f"{self.ref} was fired and {lost.what}, so it may be running: {lost}. Since then appeared: {refs}",
            kind=self.kind.run_kind or self.kind.name,
            arguments={"schedule": str(self.ref)},
            candidates=found,
        )
