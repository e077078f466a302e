"""Running a job again in place: sent once, seen on the job itself when the answer is lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import attrs

from unijob.client.once import LostError, send_once
from unijob.errors import StartUncertain, UnijobError
from unijob.job import Job, JobState
from unijob.parsing import read

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob.kinds import JobKind
    from unijob.ref import JobRef
    from unijob.request import Request

logger = logging.getLogger("unijob")

_AT_WORK = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING})


@attrs.frozen(kw_only=True)
class Rerun:
    """A job that is to run again.

    Args:
        connection: the account.
        kind: the job's kind.
        ref: the job.
        request: what asks for it.
        failed_items_only: whether that is for its failed items only.
        before: how the job stood before.
    """

    connection: Connection
    kind: JobKind
    ref: JobRef
    request: Request
    failed_items_only: bool
    before: Job[Any, Any]

    async def run(self) -> Job[Any, Any]:
        """Have it run again.

        Raises:
            StartUncertain: it was sent, its answer was lost or cannot be read, and the job does not show it.
            TransportError: it could not be sent.
            UpstreamError: it was refused.
        """
        try:
            job = await send_once(self.connection, self.request, self._understand)
            return job or await self._read()
        except LostError as error:
            lost = error
        found = await self._look()
        if found is not None and self.before.is_terminal and found.state in _AT_WORK:
            logger.warning("the answer to %s was lost, and %s is %s again", self.request, self.ref, found.state)
            return found
        state = "" if found is None else f"It is {found.state}. "
        raise StartUncertain(
            f"{self.ref}: the request was sent and {lost.what}, so it may run again: {lost}. "
            f"{state}Look with client.get({str(self.ref)!r}) before asking for it again.",
            kind=self.kind.name,
            arguments={"ref": str(self.ref), "failed_items_only": self.failed_items_only},
        )

    def _understand(self, reply: Reply) -> Job[Any, Any] | None:
        if not reply.body.strip():
            return None
        job: Job[Any, Any] = read(self.kind, self.connection.interpret(reply), ref=self.ref)
        return job

    async def _read(self) -> Job[Any, Any]:
        found = await self._look()
        if found is None:
            raise LostError("it was accepted without a word of the job", "which cannot be read")
        return found

    async def _look(self) -> Job[Any, Any] | None:
        try:
            found: Job[Any, Any] = await self.connection.read(self.kind, self.ref)
        except UnijobError as error:
            logger.warning("cannot look whether %s runs again: %s", self.ref, error)
            return None
        return found
