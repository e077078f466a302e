"""What all calls of a client share: its connections, and what it remembers of the jobs it started."""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from random import Random
from typing import TYPE_CHECKING, Any, Self

import attrs
from typing_extensions import TypeVar

from unijob import registry
from unijob.client.clock import Clock
from unijob.client.connections import Connections
from unijob.client.watching import Expected
from unijob.errors import InvalidArgument
from unijob.job import Job
from unijob.ref import JobRef
from unijob.schedule import Schedule

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.kinds import JobKind

AnyJob = Job[Any, Any]
AnySchedule = Schedule[Any]
# What a job was read from, and what it results in; `Any` where a kind is only named.
S = TypeVar("S", default=Any)
R = TypeVar("R", default=Any)

_REMEMBERED = 4096
"""Jobs that a client remembers having started or restarted, the latest."""


class Client:
    """A client without its calls.

    Args:
        connections: to all accounts.
        clock: tells the time and waits.
        random: jitters pauses.
        user: the end user for whom all calls are made, instead of the accounts'.
    """

    def __init__(self, connections: Connections, clock: Clock, random: Random, user: str | None) -> None:
        self._connections = connections
        self._clock = clock
        self._random = random
        self._user = user
        self._expected: OrderedDict[JobRef, Expected] = OrderedDict()

    async def __aenter__(self) -> Self:
        self._connections.open()
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

    def _job(self, ref: JobRef | str | AnyJob) -> tuple[JobKind, Connection, JobRef]:
        found = ref_of(ref)
        kind = registry.job_kind(registry.kind_of(found).name)
        return kind, self._connections.find(kind.provider, found.account, self._user), found

    def _remember(self, connection: Connection, ref: JobRef, before: AnyJob | None, *, is_start: bool) -> None:
        key = attrs.evolve(ref, account=connection.account.name)
        self._expected.pop(key, None)
        self._expected[key] = Expected(at=self._clock.monotonic(), before=before, is_start=is_start)
        if len(self._expected) > _REMEMBERED:
            self._expected.popitem(last=False)

    def _forget(self, connection: Connection, ref: JobRef) -> None:
        self._expected.pop(attrs.evolve(ref, account=connection.account.name), None)


def ref_of(ref: JobRef | str | AnyJob | AnySchedule) -> JobRef:
    """The reference that a caller gave, in whatever form.

    Raises:
        InvalidArgument: it is none.
    """
    if isinstance(ref, str):
        return JobRef.parse(ref)
    if isinstance(ref, JobRef):
        return ref
    found: Any = getattr(ref, "ref", None)
    if type(found) is JobRef:
        return found
    raise InvalidArgument(f"a {type(ref).__name__} is no reference: give a JobRef, its text, or a Job", argument="ref")
