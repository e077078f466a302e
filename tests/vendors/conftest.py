"""A sandbox that runs a thousand times faster than real time, and holds its answers against the contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from unijob.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, speed=1000, check=True) as running:
        yield running
