"""A sandbox whose time stands still until it is moved, and a plain HTTP client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unijob.sandbox.plain import Plain, plain_client
from unijob.sandbox import Sandbox, SteppedClock


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, clock=SteppedClock(), check=True) as running:
        yield running


@pytest.fixture
async def plain(sandbox: Sandbox) -> AsyncIterator[Plain]:
    async with plain_client(sandbox) as client:
        yield client
