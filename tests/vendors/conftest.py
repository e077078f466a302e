"""Sandboxes that hold their answers against the contracts: a thousand times faster than real time, or still."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from meetkai_mka1 import SDK

from unijob.sandbox import Sandbox, SteppedClock


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, speed=1000, check=True) as running:
        yield running


@pytest.fixture
async def still() -> AsyncIterator[Sandbox]:
    """In the revision that MKA1's client was generated for."""
    async with Sandbox(seed=1, clock=SteppedClock(), check=True, revisions={"mka1": "2026-10"}) as running:
        yield running


@pytest.fixture
async def sdk(still: Sandbox) -> AsyncIterator[SDK]:
    async with SDK(bearer_auth=still.token, server_url=still.url("mka1")) as client:
        yield client
