from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast

import pytest
from openai import AsyncOpenAI
from unijob import registry
from unijob.proxy import Exchange, Policy, Proxy, ProxySettings, UpstreamSettings
from unijob.sandbox import Sandbox, SteppedClock


class Seen:
    """Keeps every exchange that passes the proxy."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def finished(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    async with Sandbox(seed=1, clock=SteppedClock(), check=True, providers=["openai"]) as running:
        yield running


@pytest.fixture(params=["sandbox", "proxy in enforce"])
async def openai(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncGenerator[AsyncOpenAI]:
    """OpenAI's own client: before the sandbox, and before a proxy that refuses whatever the contract does not know."""
    if cast("str", request.param) == "sandbox":
        async with connect(sandbox.url("openai"), sandbox.token) as client:
            yield client
        return
    seen = Seen()
    settings = ProxySettings(
        upstreams=(UpstreamSettings(name="openai", url=sandbox.url("openai")),),
        port=0,
        policy=Policy(mode="enforce", drift="report"),
    )
    contracts = {"openai": registry.contract("openai", sandbox.revisions["openai"])}
    async with Proxy(settings, contracts, seen) as proxy, connect(f"{proxy.url}/openai", sandbox.token) as client:
        yield client
    assert seen.exchanges
    for exchange in seen.exchanges:
        assert (exchange.violations, exchange.drift, exchange.skips) == ((), (), ()), exchange
        assert exchange.checked_request
        assert exchange.checked_response


def connect(url: str, token: str) -> AsyncOpenAI:
    return AsyncOpenAI(api_key=token, base_url=url, max_retries=0, timeout=10)
