"""Requests leave nothing behind that only the garbage collector could find."""

from __future__ import annotations

import gc

import pytest

from tests.unijob.proxy.wires import JSON, MODES, Upstream, dial, proxied, request
from unijob.proxy.memory import settle
from unijob.proxy.settings import Mode


@pytest.mark.parametrize("mode", MODES)
async def test_requests_leave_no_cycles(mode: Mode) -> None:
    """In no mode, so that the collector may look seldom."""
    async with Upstream(JSON) as upstream, proxied(upstream, mode) as proxy, dial(proxy) as wire:

        async def ask(times: int) -> None:
            for _ in range(times):
                await wire.send(request("GET", "/items/1"))
                await wire.answer()

        await ask(20)
        gc.collect()
        gc.disable()
        try:
            await ask(100)
            assert gc.collect() < 100
        finally:
            gc.enable()


def test_what_is_there_is_looked_at_no_more() -> None:
    """It is frozen, and the thresholds are wide."""
    before = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() > before
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
