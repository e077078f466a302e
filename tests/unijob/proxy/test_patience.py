"""Time limits that move."""

from __future__ import annotations

import asyncio
import time

import pytest

from unijob.proxy import patience as module
from unijob.proxy.patience import Patience


@pytest.fixture(autouse=True)
def tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.01)


async def step(patience: Patience, *limits: float) -> str:
    """Set time limits one after the other, then take too long for the short ones."""
    try:
        async with patience.watch() as watch:
            for seconds in limits:
                watch.still(seconds)
            await asyncio.sleep(0.1)
    except TimeoutError:
        return "late"
    return "done"


async def test_a_step_that_takes_too_long_is_given_up() -> None:
    """The block ends with TimeoutError soon after its time is over."""
    started = time.perf_counter()
    assert await step(Patience(), 0.03) == "late"
    assert 0.03 <= time.perf_counter() - started < 0.1


async def test_each_step_has_its_time_anew() -> None:
    """The end moves with each step, later and earlier."""
    patience = Patience()
    async with patience.watch() as watch:
        for _ in range(5):
            watch.still(0.1)
            await asyncio.sleep(0.03)
    assert await step(patience, 0.01, 100) == "done"
    assert await step(patience, 100, 0.01) == "late"


async def test_only_the_late_one_is_given_up() -> None:
    """Watches do not disturb each other, and without a limit there is none."""
    patience = Patience()
    assert [*await asyncio.gather(step(patience, 0.02), step(patience, 5), step(patience))] == ["late", "done", "done"]


async def test_a_cancelled_block_stays_cancelled() -> None:
    """Cancellation from outside is no timeout."""

    async def block() -> None:
        async with Patience().watch() as watch:
            watch.still(5)
            await asyncio.sleep(10)

    task = asyncio.create_task(block())
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_and_late_at_once_is_cancelled() -> None:
    """Where both come together, the cancellation is not swallowed."""
    patience = Patience()
    task = asyncio.create_task(step(patience, 5))
    await asyncio.sleep(0)
    task.cancel()
    for watch in patience.watches:
        watch.expire()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_another_error_stays_what_it_is() -> None:
    """What the block raises when it is given up is not turned into TimeoutError, and the task goes on."""

    async def block() -> None:
        async with Patience().watch() as watch:
            watch.still(0.01)
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                raise KeyError from None

    with pytest.raises(KeyError):
        await block()
    await asyncio.sleep(0)


async def test_nothing_runs_when_nothing_is_watched() -> None:
    """The timer ends with the last watch, and begins again with the next."""
    patience = Patience()
    for _ in range(2):
        async with patience.watch():
            assert not patience.is_idle
        await asyncio.sleep(0.05)
        assert patience.is_idle
