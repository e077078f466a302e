"""The sandbox's time."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from unijob.errors import InvalidArgument
from unijob.sandbox.clock import ClientClock, RunningClock, SteppedClock, http_date, rfc3339

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_stepped_clock_wakes_sleepers_when_their_time_has_come() -> None:
    """It stands still until it is advanced; each sleeper wakes at its own instant."""
    clock = SteppedClock(START)
    short, long = (asyncio.create_task(clock.sleep(seconds)) for seconds in (5, 10))
    await asyncio.sleep(0)
    clock.advance(5)
    await asyncio.sleep(0.001)
    assert (short.done(), long.done()) == (True, False)
    clock.advance(5)
    await long
    assert clock.now() == START.timestamp() + 10


async def test_a_running_clock_runs_at_its_speed() -> None:
    """A thousand times faster than real time, ten seconds are over at once; a jump wakes sleepers too."""
    clock = RunningClock(1000, START)
    await clock.sleep(10)
    assert 10 <= clock.now() - START.timestamp() < 500
    sleeper = asyncio.create_task(RunningClock.sleep(clock, 1_000_000))
    await asyncio.sleep(0)
    clock.advance(1_000_000)
    await asyncio.wait_for(sleeper, 0.4)


async def test_a_sleeper_that_is_cancelled_is_forgotten() -> None:
    """Nothing wakes, and nothing complains."""
    clock = SteppedClock()
    sleeper = asyncio.create_task(clock.sleep(5))
    await asyncio.sleep(0)
    sleeper.cancel()
    clock.advance(5)
    with pytest.raises(asyncio.CancelledError):
        await sleeper


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_time_only_moves_forward(seconds: float) -> None:
    """What is no length of time is refused."""
    for clock in (SteppedClock(), RunningClock()):
        with pytest.raises(InvalidArgument, match="0 or more"):
            clock.advance(seconds)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_clock_runs_forward(speed: float) -> None:
    """A speed that leads nowhere is refused."""
    with pytest.raises(InvalidArgument, match="above 0"):
        RunningClock(speed)


async def test_clients_that_wait_move_the_time() -> None:
    """Two that wait at once move it as far as the longer wait, not by the sum."""
    clock = SteppedClock(START)
    client = ClientClock(clock)
    await asyncio.gather(client.sleep(3), client.sleep(5))
    assert client.monotonic() - START.timestamp() == 5
    assert client.now() == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)


def test_forms_of_an_instant() -> None:
    """RFC 3339 to the millisecond, and the form of the Date header."""
    assert rfc3339(1767225600) == "2026-01-01T00:00:00Z"
    assert rfc3339(1767225600.5) == "2026-01-01T00:00:00.5Z"
    assert http_date(1767225600.9) == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_sleepers_of_another_thread_wake_at_once() -> None:
    """A loop that has nothing else to do is woken when the time is moved from outside of it."""
    clock, sleeping, woken = SteppedClock(), threading.Event(), threading.Event()

    async def sleep() -> None:
        asyncio.get_running_loop().call_soon(sleeping.set)
        await clock.sleep(5)
        woken.set()

    thread = threading.Thread(target=asyncio.run, args=(sleep(),))
    thread.start()
    assert sleeping.wait(5)
    clock.advance(5)
    assert woken.wait(5)
    thread.join(5)
