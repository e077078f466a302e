"""A sandbox that keeps what it did and what it answered, and can be asked for the truth behind its faults' back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import orjson

from tests.stateful.loop import ServerClock, SteppedLoop
from unijob import Job, JobNotFound, JobRef, parse, registry
from unijob.kinds import JobKind
from unijob.request import build, path_arguments
from unijob.sandbox import Sandbox, installed
from unijob.sandbox.messages import Incoming, Outgoing
from unijob.sandbox.scripts import Life
from unijob.sandbox.service import Service
from unijob.sandbox.vendor import Call, Refusal, Reply
from unijob.sandbox.world import Record

ONE_WAY = 0.01
"""Seconds that a request takes to arrive, and an answer."""
BROKEN = frozenset({"drop", "lose", "truncated", "not_json", "gateway"})
"""Effects after which no whole answer arrives."""


@attrs.define(kw_only=True, eq=False)
class Exchange:
    """A request and what became of it.

    Args:
        came: the loop's time at which it came.
        provider: to whom.
        path: by which path.
        at: when it was answered.
        operation: what was asked.
        act: what the upstream did, and would have answered; None where it did nothing.
        made: how many jobs began to be with it.
        status: the answer's status; None where the connection broke.
        served: the answer's JSON, as it left.
        faults: the effects that struck it.
    """

    came: float
    provider: str
    path: str
    at: float = float("inf")
    operation: str | None = None
    act: tuple[Call, Reply] | None = None
    made: int = 0
    status: int | None = None
    served: Any = None
    faults: tuple[str, ...] = ()

    def __str__(self) -> str:
        struck = f" ({', '.join(self.faults)})" if self.faults else ""
        return f"{self.at:.2f} {self.operation} {self.path} {self.status}{struck}"

    @property
    def is_whole(self) -> bool:
        """Whether a success answer left unbroken."""
        return self.status is not None and self.status < 300 and not BROKEN & set(self.faults)


class _Recorded(Service):
    """A service that keeps what it last did, and can be asked without doing anything."""

    acted: tuple[Call, Reply] | None = None

    def look(self, incoming: Incoming, operation: str, path: Mapping[str, str]) -> Any:
        """What an operation that reads would answer now, whatever goes wrong."""
        return super()._reply(self._call(incoming, operation, path, self._clock.now())).payload

    def _reply(self, call: Call) -> Reply:
        reply = super()._reply(call)
        self.acted = (call, reply)
        return reply


class Upstream(Sandbox):
    """Every provider's API on a stepped loop.

    Args:
        loop: the loop that it runs on.
        told: called with each exchange, as soon as it is answered.
        settings: the sandbox's own.
    """

    def __init__(self, loop: SteppedLoop, told: Callable[[Exchange], None], **settings: Any) -> None:
        super().__init__(clock=ServerClock(loop), check=True, **settings)
        self._loop = loop
        self._told = told
        self.open: list[Exchange] = []
        """What came and is not answered yet."""
        self.gateway: list[int] = []
        """Statuses that a gateway gives next in place of answers, after the upstream has done what it was asked."""

    def _service(self, name: str) -> Service:
        made = super()._service(name)
        made.__class__ = _Recorded
        return made

    async def _answer(self, name: str, incoming: Incoming) -> Outgoing | None:
        await self._loop.sleep(ONE_WAY)
        exchange = Exchange(came=self._loop.time(), provider=name, path=incoming.path)
        self.open.append(exchange)
        try:
            outgoing = await super()._answer(name, incoming)
        finally:
            self.open.remove(exchange)
        service = self.services[name]
        assert outgoing is not None
        assert isinstance(service, _Recorded)
        exchange.at, exchange.operation = self._loop.time(), outgoing.operation
        exchange.act, service.acted = service.acted, None
        if exchange.act is not None and incoming.method == "POST" and outgoing.status is not None and self.gateway:
            outgoing = _replaced(outgoing, self.gateway.pop(0))
        exchange.status, exchange.faults = outgoing.status, outgoing.faults
        if not BROKEN & set(outgoing.faults):
            exchange.served = orjson.loads(outgoing.body)
        self._told(exchange)
        await self._loop.sleep(ONE_WAY)
        return outgoing

    @property
    def breaches(self) -> list[str]:
        """Where it broke its contract without being asked to."""
        return self._breaches

    def life(self, kind: str) -> Life:
        """What the lives of a kind may be like in the revision that is served."""
        provider = kind.partition(":")[0]
        return installed.lives(provider, self.revisions[provider])[kind]

    def records(self, kind: str) -> list[Record]:
        """All jobs of a kind that there are, oldest first."""
        return self.services[kind.partition(":")[0]].world.all(kind, self.clock.now())

    def truth(self, ref: JobRef) -> Job:
        """A job as it is now.

        Raises:
            JobNotFound: there is none.
        """
        kind, revision = registry.job_kind(ref.kind), self.revisions[ref.provider]
        job = parse(ref, self._payload(kind, ref, revision), revision=revision)
        assert isinstance(job, Job)
        return job

    def _payload(self, kind: JobKind, ref: JobRef, revision: str) -> Any:
        operation = registry.package(kind.provider, revision).operations[kind.get]
        request = build(operation, registry.contract(kind.provider, revision), path_arguments(operation, ref.ids))
        service = self.services[kind.provider]
        match = registry.contract(kind.provider, revision).route("GET", request.path)
        headers = {"authorization": f"Bearer {self.token}"}
        incoming = Incoming(method="GET", path=request.path, headers=headers, base_url=self.url(kind.provider))
        assert isinstance(service, _Recorded)
        try:
            return service.look(incoming, kind.get, match.path_values)
        except Refusal as refusal:
            raise JobNotFound(refusal.message, ref=ref) from None


def _replaced(outgoing: Outgoing, status: int) -> Outgoing:
    body = orjson.dumps({"message": "the gateway lost it"})
    return attrs.evolve(outgoing, status=status, body=body, faults=(*outgoing.faults, "gateway"))
