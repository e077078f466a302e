"""Starting jobs: sent once, found again when its answer is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from unijob import registry
from unijob.client.listing import path_names, walk
from unijob.client.once import LostError, send_once
from unijob.client.retries import with_idempotency_key
from unijob.converter import dumps, loads, unstructure
from unijob.errors import JobNotFound, StartUncertain, UnijobError
from unijob.job import Job
from unijob.kinds import JobKind, Started
from unijob.parsing import CheckedAnswer, read, reading
from unijob.ref import JobRef
from unijob.request import idempotency_key

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob.kinds import Answer, AnyKind
    from unijob.reading import Reading
    from unijob.request import Request

logger = logging.getLogger("unijob")

T = TypeVar("T")

_LOOKED_THROUGH = 5
"""Pages that a look for a lost start goes through at most."""
_LOOK_ATTEMPTS = 2


@attrs.frozen(kw_only=True)
class Start:
    """A start that was asked for. It is what a kind's own start flow talks to (`unijob.kinds.Api`).

    Args:
        connection: the account.
        kind: what is started, a job or a schedule.
        role: what the caller asked for, for an error.
        arguments: the call's keywords.
        body: the whole request, where one was given.
    """

    connection: Connection
    kind: AnyKind
    role: str
    arguments: Mapping[str, Any]
    body: Any = None

    async def run(self, operation_id: str | None) -> Any:
        """Start it: a job, as `Started`, by the kind's own flow where it has one; or a schedule.

        Raises:
            InvalidArgument: carries all that is wrong with the arguments; nothing was sent.
            StartUncertain: it was sent, and its answer was lost or cannot be read.
            TransportError: it could not be sent.
            UpstreamError: it was refused.
        """
        self.connection.request(self.kind, self.role, operation_id, self.arguments, self.body)
        if isinstance(self.kind, JobKind) and self.kind.start_flow is not None:
            return await self.kind.start_flow(self, self.arguments)
        account = self.connection.account.name
        made = await self._sent(operation_id, self.arguments, lambda answer: read(self.kind, answer, account=account))
        return Started(job=made) if isinstance(made, Job) else made

    async def find(self, ref: JobRef) -> Job[Any, Any] | None:
        """Read a job of this account, or None where there is none; the reference names no account."""
        ref = attrs.evolve(ref, account=self.connection.account.name)
        try:
            job: Job[Any, Any] = await self.connection.read(registry.kind_of(ref), ref)
        except JobNotFound:
            return None
        return job

    async def start(self, operation: str, arguments: Mapping[str, Any]) -> Answer:
        """Send a request that starts something: never sent twice."""
        return await self._sent(operation, arguments, lambda answer: answer)

    def reading(self, answer: Answer) -> Reading:
        """A reading of an answer's model, for a Job made from it."""
        if not isinstance(answer, CheckedAnswer):
            raise TypeError("not an answer of this start")
        return reading(self.kind, answer, account=self.connection.account.name)

    async def _sent(
        self, operation_id: str | None, arguments: Mapping[str, Any], understand: Callable[[CheckedAnswer], T]
    ) -> T:
        request = with_idempotency_key(
            self.connection.request(self.kind, self.role, operation_id, arguments, self.body)
        )
        since = self.connection.clock.now()
        try:
            return await send_once(self.connection, request, lambda reply: understand(self.connection.interpret(reply)))
        except LostError as error:
            lost = error
        raise await self._uncertain(request, lost, since)

    async def _uncertain(self, request: Request, lost: LostError, since: datetime) -> StartUncertain:
        found, how = await self._look(since)
        key = idempotency_key(request.operation)
        asked = {**self.arguments, **({} if self.body is None else {"request": self.body})}
        if key is not None:
            asked[key.argument] = request.headers[key.name]
            how += f" With the same {key.argument} (in this error's arguments) it is started once at most."
        return StartUncertain(
            f"{self.kind.name}: the request was sent and {lost.what}, so it may be running: {lost}. {how}",
            kind=self.kind.name,
            arguments=self.connection.redactor.value(loads(dumps(unstructure(asked)))),
            candidates=found,
        )

    async def _look(self, since: datetime) -> tuple[tuple[Job[Any, Any], ...], str]:
        """Jobs that appeared since, and how to look further."""
        name = self.kind.name
        if not isinstance(self.kind, JobKind):
            return (), f"Look through client.schedules({name!r}) before creating it again."
        if self.kind.singleton:
            how = f"Look with client.get({name!r}) before starting it again."
        elif "list" in self._capabilities():
            how = f"Look through client.list({name!r}) before starting it again."
        else:
            return (), "This kind cannot be listed: look at what it was to work on before starting it again."
        try:
            found = await appeared_since(self.connection, self.kind, since, self._parents(self.kind))
        except UnijobError as error:
            logger.warning("cannot look for what a lost start made: %s", error)
            return (), how
        refs = ", ".join(str(job.ref) for job in found)
        return found, f"Since then appeared: {refs or 'none yet'}. {how}"

    def _parents(self, kind: JobKind) -> dict[str, Any]:
        """The arguments of the start that its kind is listed by."""
        _, operation = self.connection.operation(kind, "list", kind.lists[0].operation) if kind.lists else (None, None)
        names = path_names(operation) if operation is not None else ()
        return {name: self.arguments[name] for name in names if name in self.arguments}

    def _capabilities(self) -> frozenset[str]:
        revision, _ = self.connection.operation(self.kind, "get", self.kind.get)
        return self.kind.capabilities(registry.package(self.kind.provider, revision).operations)


async def appeared_since(
    connection: Connection, kind: JobKind, since: datetime, parents: Mapping[str, Any]
) -> tuple[Job[Any, Any], ...]:
    """The jobs that were created since an instant of the client's clock, by the server's clock, to the second.

    Args:
        connection: the account.
        kind: the kind of the jobs.
        since: the instant.
        parents: what they are listed by.
    """
    if kind.singleton:
        ref = JobRef(kind.provider, kind.type, (), connection.account.name)
        request = connection.request_for(kind, "get", kind.get, ref)
        reply = await connection.send(request, ref=ref, attempts=_LOOK_ATTEMPTS)
        return _newer([read(kind, connection.interpret(reply), ref=ref)], since, reply)
    found: tuple[Job[Any, Any], ...] = ()
    walked = attrs.evolve(walk(connection, kind, parents, page_size=None, role="list"), attempts=_LOOK_ATTEMPTS)
    async with aclosing(walked.pages()) as pages:
        for _ in range(_LOOKED_THROUGH):
            page = await anext(pages, None)
            if page is None:
                break
            found += _newer([item for item in page.items if isinstance(item, Job)], since, page.reply)
    return found


def _newer(jobs: list[Job[Any, Any]], since: datetime, reply: Reply) -> tuple[Job[Any, Any], ...]:
    threshold = (since + min(reply.skew, timedelta(days=1))).replace(microsecond=0)
    return tuple(
        job for job in jobs if (instant := job.created_at or job.started_at) is not None and instant >= threshold
    )
