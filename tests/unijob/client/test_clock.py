"""The system's clock."""

from __future__ import annotations

from datetime import timedelta

from unijob.client.clock import Clock, SystemClock


async def test_it_tells_aware_utc_and_waits() -> None:
    """Instants are in UTC, and a sleep takes its time on the monotonic clock."""
    clock: Clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.009
    assert clock.now().utcoffset() == timedelta()
