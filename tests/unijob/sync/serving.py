"""The scripted server in a thread of its own, for tests that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tests.unijob.upstream import KEY, Middle, Upstream
from unijob import Account
from unijob.sync import JobClient


@contextmanager
def upstream() -> Generator[Upstream, None, None]:
    """A scripted server that needs no loop of the test's."""
    started, ended, servers = threading.Event(), asyncio.Event(), list[Upstream]()

    async def serve() -> None:
        async with Upstream() as server:
            servers.append(server)
            started.set()
            await ended.wait()

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=runner.run, args=(serve(),))
        thread.start()
        assert started.wait(5)
        try:
            yield servers[0]
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()


def client_of(server: Upstream, **options: Any) -> JobClient:
    """A client of a server with an account of each provider."""
    accounts = [Account(name, base_url=server.url, key=KEY) for name in ("mka1", "gradient")]
    given: dict[str, Any] = {"accounts": accounts, "env": {}, "clock": server.clock, "random": Middle(), **options}
    return JobClient(**given)
