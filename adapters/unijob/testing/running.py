"""A sandbox in a thread of its own, so that tests with and without async use it alike."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from unijob.client import Account
from unijob.sandbox import TOKEN, Fault, Received, Sandbox, Script
from unijob.sandbox.clock import ClientClock
from unijob.sync.portal import Portal
from unijob.testing.clock import ServedClock

R = TypeVar("R")


class RunningSandbox:
    """A sandbox that runs in a thread of its own, on a free port, and whose time stands still.

    What a client waits moves its time forward, so that an hour of a job takes no time at all. All of its methods can be
    called from any thread.

        with RunningSandbox() as sandbox, JobClient(sandbox.accounts(), clock=sandbox.clock) as client:
            sandbox.script("mka1:eval_run", outcome="partial", items=20)

    Args:
        seed: what ids and chances follow from.
        revisions: the contract revision of a provider, by its name; the newest where none is given.
        providers: those to serve; all that are installed if None.
        start: the first instant, aware; the start of 2026 if None.
        token: the bearer token that it accepts.
        check: whether it holds its own answers against the contracts.

    Raises:
        InvalidArgument: there is no such provider or revision; says which there are.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        revisions: Mapping[str, str] | None = None,
        providers: Iterable[str] | None = None,
        start: datetime | None = None,
        token: str = TOKEN,
        check: bool = False,
    ) -> None:
        clock = ServedClock() if start is None else ServedClock(start)
        self._sandbox = Sandbox(
            seed=seed, revisions=revisions, clock=clock, token=token, providers=providers, check=check
        )
        self._portal = Portal(contextlib.nullcontext[None])

    def __enter__(self) -> Self:
        self._portal.open()
        try:
            self._portal.run(lambda _: self._sandbox.start())
        except BaseException:
            self._portal.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._portal.run(lambda _: self._sandbox.__aexit__(kind, error, trace))
        finally:
            self._portal.close()

    # --- Where it is ----------------------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The bearer token that it accepts."""
        return self._sandbox.token

    def url(self, provider: str | None = None) -> str:
        """The base URL of a provider, or of the sandbox itself.

        Raises:
            InvalidArgument: there is no such provider; says which there are.
        """
        return self._sandbox.url(provider)

    def accounts(self) -> list[Account]:
        """An account of each provider, for `JobClient(sandbox.accounts(), clock=sandbox.clock)`."""
        return [
            Account(name, base_url=self.url(name), key=self.token, revision=revision)
            for name, revision in self._sandbox.revisions.items()
        ]

    def environment(self) -> dict[str, str]:
        """The environment variables that point clients at it."""
        return self._sandbox.environment()

    # --- Time -----------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> ClientClock:
        """A clock for clients: what they wait moves the sandbox's time forward."""
        return self._sandbox.client_clock

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.fromtimestamp(self._sandbox.clock.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move time forward.

        Raises:
            InvalidArgument: it is not a number of seconds, 0 or more.
        """
        self._do(lambda: self._sandbox.advance(seconds))

    # --- What happens ---------------------------------------------------------------------------------------------

    def script(self, kind: str, *, times: int | None = 1, **settings: Any) -> Script:
        """Say how the lives of jobs created next go: `script("mka1:eval_run", outcome="partial", items=20)`.

        Args:
            kind: the kind's full name.
            times: how many jobs it is for; None for all that no other script is for, from now on.
            settings: `outcome`, `duration` (in seconds) and what else the kind has.

        Raises:
            InvalidArgument: something is wrong; says what would be right.
        """
        return self._do(lambda: self._sandbox.script(kind, times=times, **settings))

    def fault(self, effect: str, **where_and_how: Any) -> Fault:
        """Have something go wrong: `fault("rate_limit", operation="getEvalRun", retry_after=2)`.

        Args:
            effect: what; `unijob.sandbox.effects` has the table of effects and their settings.
            where_and_how: `provider`, `operation`, `kind`, `times`, `every`, `probability`, `after`, and the settings
                of the effect, as `Sandbox.fault` has them. Once, unless told otherwise.

        Raises:
            InvalidArgument: something is wrong; says what would be right.
        """
        return self._do(lambda: self._sandbox.fault(effect, **where_and_how))

    def absent(self, kind: str, id: str = "*") -> None:  # noqa: A002
        """Say that a parent is not there: `absent("mka1:vector_store", "vs_gone")`; the id `*` is any.

        Raises:
            InvalidArgument: it is no kind of parent; says which there are.
        """
        self._do(lambda: self._sandbox.absent(kind, id))

    def reset(self) -> None:
        """Forget everything but the time."""
        self._do(self._sandbox.reset)

    @property
    def requests(self) -> list[Received]:
        """What was received, oldest first; no headers, so no credentials."""
        return self._do(lambda: list(self._sandbox.requests))

    def _do(self, act: Callable[[], R]) -> R:
        """Act in the server's thread, so that no request sees half of it."""

        async def work(_: None) -> R:
            return act()

        return self._portal.run(work)
