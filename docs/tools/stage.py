"""Where what a picture shows happens: the command line in a terminal, against a sandbox, by a clock of its own.

`python -m docs.tools.stage NAME` plays a scene of scenes.py, and marks when the screen is to be looked at.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import shlex
import sys
from collections.abc import Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    contextmanager,
    nullcontext,
    suppress,
)
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from attrs import evolve
from rich.progress import Progress

from docs.tools.terminal import MARK
from unijob.cli import main
from unijob.client import Account
from unijob.client.http import Upstream
from unijob.proxy.config import Flag, Source
from unijob.proxy.run import Service
from unijob.sync.portal import Portal
from unijob.testing import RunningSandbox

_START = datetime(2026, 11, 23, 9, tzinfo=UTC)
_STEP = 0.5
"""Seconds between two looks while time goes on, unless a scene says otherwise."""
_PATIENCE = 600.0
"""Real seconds that a round of polls waits for its answers, so that a slow machine sees what a fast one does."""
_CALM = 20
"""Turns of the event loop with no request under way, after which nothing is left to be done but to wait."""


class StageClock:
    """A clock for a client that moves the sandbox's time on where all there is to do is done.

    Args:
        sandbox: whose time it is.
        look: is called at each step.
    """

    def __init__(self, sandbox: RunningSandbox, look: Callable[[], None]) -> None:
        self._sandbox, self._look = sandbox, look
        self.step = _STEP
        self.now, self.monotonic = sandbox.clock.now, sandbox.clock.monotonic
        self.begin()

    def begin(self) -> None:
        """Forget whoever waited: another command begins, in an event loop of its own."""
        self._places = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._mover: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._under_way = 0

    async def sleep(self, seconds: float) -> None:
        """Wait until time has come so far."""
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._places), sleeper))
        if self._mover is None or self._mover.done():
            self._mover = asyncio.create_task(self._move())
        await sleeper

    @contextmanager
    def one_by_one(self) -> Generator[None]:
        """Have requests sent one after the other, so that they always come in the same order."""
        exchange = Upstream.exchange

        async def in_turn(upstream: Upstream, *request: Any) -> Any:
            self._under_way += 1
            try:
                async with self._turn:
                    return await exchange(upstream, *request)
            finally:
                self._under_way -= 1

        with patch.object(Upstream, "exchange", in_turn):
            yield

    async def _move(self) -> None:
        while self._sleepers:
            await self._calm()
            until, _, first = self._sleepers[0]
            while not first.done() and (left := until - self.monotonic()) > 0:
                self._sandbox.advance(min(self.step, left))
                self._look()
            heapq.heappop(self._sleepers)
            if not first.done():
                first.set_result(None)

    async def _calm(self) -> None:
        turns = 0
        while turns < _CALM:
            await asyncio.sleep(0.001 if self._under_way else 0)
            turns = 0 if self._under_way else turns + 1


class Stage:
    """Where a scene is played.

    Args:
        sandbox: what the commands reach.
    """

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.clock = StageClock(sandbox, self.look)
        self._began = self.clock.monotonic()
        self._bars: list[Progress] = []

    @contextmanager
    def open(self) -> Generator[None]:
        """Have the command line go by the stage's clock, with bars that are drawn when they are looked at."""
        by_this = SimpleNamespace(now=self._now, monotonic=self.clock.monotonic)
        named = {
            "unijob.client.job_client.SystemClock": lambda: self.clock,
            "unijob.client.job_client.Random": lambda: Random(0),  # noqa: S311  the same picture each time
            "unijob.client.asking._PATIENCE": _PATIENCE,
            "unijob.cli.bars.time": by_this,
            "unijob.cli.bars.datetime": by_this,
            "unijob.cli.display.datetime": by_this,
            "unijob.cli.bars.Progress": self._progress,
        }
        with ExitStack() as stack:
            for name, value in named.items():
                stack.enter_context(patch(name, value))
            stack.enter_context(self.clock.one_by_one())
            yield

    @contextmanager
    def in_place_of(self, sandbox: str, progress: str) -> Generator[None]:
        """Have a program that brings its own sandbox and bars use the stage's; the names are where it looks."""
        with patch(sandbox, self._sandbox), patch(progress, self._progress):
            self.clock.begin()
            yield

    def _sandbox(self, **_: Any) -> AbstractAsyncContextManager[RunningSandbox]:
        return nullcontext(self.sandbox)

    def _now(self, _: tzinfo) -> datetime:
        return self.clock.now()

    def _progress(self, *columns: Any, **settings: Any) -> Progress:
        """Bars that are drawn when the screen is looked at, and not by a thread of their own."""
        self._bars.append(
            Progress(*columns, **settings, auto_refresh=False, get_time=self.clock.monotonic)
        )
        return self._bars[-1]

    def look(self) -> None:
        """Mark that the screen is to be looked at."""
        for bars in self._bars:
            if bars.live.is_started:
                bars.refresh()
        sys.stdout.flush()
        os.write(1, MARK % (self.clock.monotonic() - self._began))

    def prompt(self, line: str) -> None:
        """Show a command as somebody types it."""
        print(f"\x1b[32m$\x1b[0m \x1b[1m{line}\x1b[0m")  # noqa: T201  the screen is the point

    def unijob(self, line: str, typed: str | None = None) -> None:
        """Show `unijob …` as somebody types it, and run it.

        Args:
            line: its arguments.
            typed: what is shown in their place.
        """
        self.prompt(typed or f"unijob {line}")
        self.clock.begin()
        with suppress(SystemExit):
            main(shlex.split(line), prog_name="unijob")

    @contextmanager
    def proxy(self) -> Generator[tuple[list[Account], str]]:
        """Run a proxy before the sandbox; gives accounts that go through it, and its admin listener's address."""
        settings: dict[tuple[str, ...], Any] = {("port",): 0, ("admin_port",): 0}
        accounts = self.sandbox.accounts()
        settings |= {
            ("upstreams", account.provider, "url"): account.base_url for account in accounts
        }
        source = Source(
            flags=tuple(Flag(".".join(keys), keys, value) for keys, value in settings.items())
        )
        with ExitStack() as stack:
            stack.enter_context(
                patch("unijob.proxy.record.time.time", lambda: self.clock.now().timestamp())
            )
            portal = Portal(nullcontext[None])
            stack.callback(portal.close)
            serving = AsyncExitStack()
            running = portal.run(
                lambda _: serving.enter_async_context(Service(source, BytesIO()).running())
            )
            stack.callback(portal.run, lambda _: serving.aclose())
            through = [
                evolve(account, base_url=f"{running.proxy.url}/{account.provider}")
                for account in accounts
            ]
            yield through, running.admin.url if running.admin is not None else ""


def play(name: str) -> None:
    """Play a scene, and look at its end."""
    from docs.tools.scenes import SCENES  # noqa: PLC0415  the scenes are written for a stage

    with RunningSandbox(seed=7, start=_START) as sandbox:
        os.environ.update(sandbox.environment())
        stage = Stage(sandbox)
        with stage.open():
            SCENES[name].play(stage)
            stage.look()


if __name__ == "__main__":
    play(sys.argv[1])
