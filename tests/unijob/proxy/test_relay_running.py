"""A proxy that runs: other settings without a stop, a drain, an end."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from tests.unijob.proxy.wires import (
    JSON,
    OK,
    SPEC,
    Message,
    Seen,
    Upstream,
    dial,
    exchange,
    proxied,
    request,
    settings,
    until,
)
from unijob.contract import Contract
from unijob.errors import ConfigError
from unijob.proxy import Limits, Policy, Proxy


async def test_settings_and_contracts_are_replaced_while_requests_go_on() -> None:
    """What is under way ends by the old ones, what comes next goes by the new; no connection is dropped."""
    go = asyncio.Event()
    contract = Contract(SPEC)

    async def wait(message: Message, writer: asyncio.StreamWriter) -> None:
        if "wait" in message.target:
            await go.wait()
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id": "x"}')

    async with (
        Upstream(wait) as upstream,
        Proxy(settings(upstream.url, "off"), {"up": contract}) as proxy,
        dial(proxy) as first,
        dial(proxy) as second,
    ):
        await first.send(request("GET", "/items/1?wait"))
        await second.send(request("GET", "/items/1"))
        assert (await second.answer()).status == 200
        proxy.replace(attrs.evolve(proxy.settings, policy=Policy(mode="enforce")), {"up": contract})
        await second.send(request("GET", "/items/1"))
        assert (await second.answer()).status == 502
        go.set()
        assert (await first.answer()).status == 200


async def test_wrong_settings_replace_nothing() -> None:
    """The error names what is wrong, and the old ones stay in force."""
    async with Upstream(JSON) as upstream, proxied(upstream, "report") as proxy:
        before = proxy.settings
        for wrong in (attrs.evolve(before, upstreams=()), attrs.evolve(before, port=1)):
            with pytest.raises(ConfigError):
                proxy.replace(wrong, {})
        with pytest.raises(ConfigError):
            proxy.replace(before, {})
        assert proxy.settings is before
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 200


async def test_a_drain_lets_requests_end() -> None:
    """Idle connections close at once, new ones are not taken, what is under way is answered and closed."""
    go = asyncio.Event()

    async def wait(_: Message, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        writer.write(OK)

    async with Upstream(wait) as upstream, proxied(upstream) as proxy, dial(proxy) as busy, dial(proxy) as idle:
        await busy.send(request("POST", "/echo", "Transfer-Encoding: chunked") + b"1\r\na\r\n")
        await until(lambda: proxy.in_flight == 1)
        url = proxy.url
        drained = asyncio.create_task(proxy.drain())
        assert await idle.rest() == b""
        assert (proxy.is_ready, proxy.is_draining, drained.done()) == (False, True, False)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        await busy.send(b"1\r\nb\r\n0\r\n\r\n")
        go.set()
        got = await busy.answer()
        assert (got.status, got.get("Connection")) == (200, "close")
        assert await busy.rest() == b""
        await asyncio.wait_for(drained, 1)
        assert upstream.only.body == b"ab"


async def test_a_drain_ends_though_requests_do_not() -> None:
    """After drain_seconds; closing then breaks them off."""
    seen = Seen()

    async def hang(_: Message, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    limits = Limits(drain_seconds=0.1)
    async with Upstream(hang) as upstream, proxied(upstream, seen=seen, limits=limits) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/echo"))
        await until(lambda: bool(upstream.requests))
        await proxy.drain()
        assert proxy.in_flight == 1
        await proxy.close()
        assert await wire.rest() == b""
    assert (await seen.one()).outcome == "caller-gone"


async def test_an_idle_caller_does_not_hold_up_the_end() -> None:
    """Its connection is closed."""
    async with Upstream(JSON) as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/items/1"))
        await wire.answer()
        async with asyncio.timeout(1):
            await proxy.close()
        assert await wire.rest() == b""


async def test_checks_that_wait_are_done_before_the_end() -> None:
    """Each exchange is told once."""
    seen = Seen()
    async with Upstream(JSON) as upstream, proxied(upstream, "report", seen) as proxy:
        for _ in range(20):
            await exchange(proxy, request("GET", "/items/1"))
    assert len(seen.exchanges) == 20
    assert len({one.request_id for one in seen.exchanges}) == 20


async def test_a_port_that_is_taken_is_told() -> None:
    """Nothing is left open."""
    async with Upstream() as upstream, proxied(upstream) as proxy:
        taken = int(proxy.url.rsplit(":", 1)[1])
        other = Proxy(attrs.evolve(proxy.settings, port=taken), {"up": Contract(SPEC)})
        with pytest.raises(OSError, match="in use"):
            await other.start()
        with pytest.raises(RuntimeError):
            _ = other.url
