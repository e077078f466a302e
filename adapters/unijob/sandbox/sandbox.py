"""The sandbox as a whole: every installed provider's API, with state, on one port."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from unijob import registry
from unijob.errors import InvalidArgument, UnijobError
from unijob.redact import redact_query
from unijob.sandbox import checks, control, installed
from unijob.sandbox.clock import ClientClock, Clock, RunningClock
from unijob.sandbox.faults import Fault, Faults
from unijob.sandbox.ids import Ids
from unijob.sandbox.messages import Incoming, Outgoing, Received
from unijob.sandbox.scripts import Life, Script, Scripts
from unijob.sandbox.server import Server
from unijob.sandbox.service import Service
from unijob.sandbox.world import World

TOKEN = "sandbox-token"  # noqa: S105  made up, and known to everybody
REQUESTS_KEPT = 10_000


class SandboxError(UnijobError):
    """The sandbox itself answered what its contract does not allow."""


class Sandbox:
    """Serves providers' APIs from their contracts, for demonstrations and tests.

        async with Sandbox(seed=7, speed=10) as sandbox:
            account = Account("mka1", base_url=sandbox.url("mka1"), key=sandbox.token)

    Args:
        seed: what ids and chances follow from.
        revisions: the contract revision of a provider, by its name; the newest where none is given.
        clock: its time; `SteppedClock()` stands still until advanced.
        speed: without a clock: how many times faster than real time it runs.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        token: the bearer token, or all of them, that it accepts.
        providers: those to serve; all that are installed if None.
        check: whether to hold its own answers against the contracts. One that breaks its contract is answered with
            500, and raises `SandboxError` when the sandbox is left.

    Raises:
        InvalidArgument: there is no such provider or revision.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        revisions: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | Iterable[str] = TOKEN,
        providers: Iterable[str] | None = None,
        check: bool = False,
    ) -> None:
        self.seed = seed
        self.clock: Clock = RunningClock(speed) if clock is None else clock
        self.tokens = (token,) if isinstance(token, str) else tuple(token)
        self.revisions = installed.revisions(installed.providers() if providers is None else providers, revisions or {})
        self.requests: deque[Received] = deque(maxlen=REQUESTS_KEPT)
        """What was received, oldest first; what is under `/-/` is left out."""
        self.absences: set[tuple[str, str]] = set()
        """Parents that are not there, as (kind, id)."""
        self._vendors = {name: installed.vendor(name) for name in self.revisions}
        self._check = check
        self._breaches: list[str] = []
        self._server = Server(self._answer, host=host, port=port)
        self._control = control.Control(self)
        self.reset()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        if self._breaches and error is None:
            raise SandboxError("; ".join(self._breaches))

    async def start(self) -> None:
        """Begin to listen."""
        await self._server.start()

    async def close(self) -> None:
        """Stop listening; requests still waiting are broken off."""
        await self._server.close()

    @property
    def token(self) -> str:
        """A bearer token that it accepts."""
        return self.tokens[0]

    @property
    def client_clock(self) -> ClientClock:
        """A clock for `JobClient`: waiting moves the sandbox's time forward, and nobody really waits."""
        return ClientClock(self.clock)

    @property
    def parents(self) -> tuple[str, ...]:
        """Kinds of parents that are there for any id unless said otherwise."""
        return tuple(parent for vendor in self._vendors.values() for parent in vendor.parents)

    def url(self, provider: str | None = None) -> str:
        """The base URL of a provider, or of the sandbox itself."""
        if provider is None:
            return self._server.address
        if provider not in self.revisions:
            raise InvalidArgument(
                f"there is no provider {provider!r} here: there are {', '.join(self.revisions)}", argument="provider"
            )
        return f"{self._server.address}/{provider}"

    def environment(self) -> dict[str, str]:
        """The environment variables that point clients at this sandbox."""
        found: dict[str, str] = {}
        for name, revision in self.revisions.items():
            provider = registry.provider(name)
            found[provider.base_url_variable] = self.url(name)
            found.update(dict.fromkeys(provider.key_variables[:1], self.token))
            if provider.revision_variable is not None:
                found[provider.revision_variable] = revision
        return found

    def script(self, kind: str, *, times: int | None = 1, **settings: Any) -> Script:
        """Say how the lives of jobs created next go: `script("mka1:eval_run", outcome="partial", items=20)`.

        Scripts are used up in the order in which they came; what a schedule starts uses none of them up.

        Args:
            kind: the kind's full name.
            times: how many jobs it is for; None for all that no other script is for, from now on.
            settings: `outcome`, `duration` (in seconds) and what else the kind has; `GET /-/` lists them.

        Raises:
            InvalidArgument: something is wrong; says what would be right.
        """
        return self.scripts.add(kind, settings, times=times)

    def fault(
        self,
        effect: str,
        *,
        provider: str | None = None,
        operation: str | None = None,
        kind: str | None = None,
        times: int | None = None,
        every: int | None = None,
        probability: float | None = None,
        after: int = 0,
        **settings: Any,
    ) -> Fault:
        """Have something go wrong: `fault("rate_limit", operation="getEvalRun", retry_after=2)`.

        Args:
            effect: what; `unijob.sandbox.faults` has the table of effects and their settings.
            provider: only for requests to this provider.
            operation: only for this operation.
            kind: only for operations of this kind.
            times: how often; once if neither this nor `every` nor `probability` is given, else without end.
            every: only each so-many-th request.
            probability: only with this probability, 0 to 1, under the seed.
            after: so many requests pass first.
            settings: those of the effect.

        Raises:
            InvalidArgument: something is wrong; says what would be right.
        """
        return self.faults.add(
            effect,
            provider=provider,
            operation=operation,
            kind=kind,
            times=times,
            every=every,
            probability=probability,
            after=after,
            **settings,
        )

    def absent(self, kind: str, id: str = "*") -> None:  # noqa: A002
        """Say that a parent is not there: `absent("mka1:vector_store", "vs_gone")`; the id `*` is any.

        Raises:
            InvalidArgument: it is no kind of parent; says which there are.
        """
        checks.choice("kind", kind, self.parents)
        checks.text("id", id)
        self.absences.add((kind, id))

    def advance(self, seconds: float) -> None:
        """Move time forward.

        Raises:
            InvalidArgument: it is not a number of seconds, 0 or more.
        """
        self.clock.advance(seconds)

    def reset(self) -> None:
        """Forget everything but the time: jobs, scripts, faults, absences, requests, and start ids anew."""
        lives: dict[str, Life] = {}
        for name, revision in self.revisions.items():
            lives.update(installed.lives(name, revision))
        self.requests.clear()
        self.absences.clear()
        self.scripts = Scripts(lives)
        self.faults = Faults(self.seed, *installed.operations(self.revisions))
        self.services = {name: self._service(name) for name in self.revisions}

    def _service(self, name: str) -> Service:
        revision = self.revisions[name]
        world = World(
            provider=name,
            revision=revision,
            ids=Ids(self.seed),
            scripts=self.scripts,
            absent=self.absences,
        )
        return Service(
            vendor=self._vendors[name],
            contract=registry.contract(name, revision),
            world=world,
            clock=self.clock,
            faults=self.faults,
            tokens=frozenset(self.tokens),
            check=self._check,
        )

    async def _answer(self, name: str, incoming: Incoming) -> Outgoing | None:
        if name == control.NAME:
            return self._control.answer(incoming)
        service = self.services.get(name)
        if service is None:
            return None
        outgoing = await service.answer(incoming)
        self._breaches.extend(f"{outgoing.operation}: {violation}" for violation in outgoing.violations)
        self.requests.append(
            Received(
                at=self.clock.now(),
                provider=name,
                method=incoming.method,
                path=incoming.path,
                query=redact_query(incoming.query),
                operation=outgoing.operation,
                status=outgoing.status,
                faults=outgoing.faults,
                request_id=outgoing.request_id,
            )
        )
        return outgoing


async def run(sandbox: Sandbox, *, announce: Callable[[Sandbox], None] = lambda _: None) -> None:
    """Serve until cancelled; what the command line runs.

    Args:
        sandbox: what to serve.
        announce: told once it listens.
    """
    async with sandbox:
        announce(sandbox)
        await asyncio.Event().wait()
