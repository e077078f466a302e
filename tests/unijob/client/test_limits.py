"""The rate that is learned from answers."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from tests.unijob.client.test_http import reading
from tests.unijob.upstream import START, FakeClock
from unijob.client.limits import RateLimit
from unijob.client.replies import Reply


def reply(clock: FakeClock, status: int = 200, **headers: object) -> Reply:
    """An answer; `_` in header names is `-`."""
    given = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return Reply(request=reading(), status=status, headers=given, body=b"", received_at=clock.now())


async def times(limit: RateLimit, clock: FakeClock, count: int, **headers: object) -> list[float]:
    """When so many requests go, each answered at once."""
    found: list[float] = []
    for _ in range(count):
        await limit.turn()
        found.append(clock.elapsed)
        limit.learn(reply(clock, 200, **headers), clock.monotonic())
    return found


async def test_nothing_is_held_back_without_a_reason() -> None:
    """An upstream that says nothing is asked as fast as it answers."""
    clock = FakeClock()
    assert await times(RateLimit(clock), clock, 100) == [0.0] * 100


@pytest.mark.parametrize(("status", "asked", "held"), [(429, 7, 7), (503, 3, 3), (429, 900, 60), (500, 5, 0)])
async def test_retry_after_shuts_the_way(status: int, asked: int, held: int) -> None:
    """So long, and a minute at most; with 429 and 503 only."""
    clock = FakeClock()
    limit = RateLimit(clock)
    await limit.turn()
    limit.learn(reply(clock, status, retry_after=asked), clock.monotonic())
    assert await limit.turn() == pytest.approx(held)


async def test_too_many_requests_halve_the_pace_and_successes_restore_it() -> None:
    """Once for all that were under way; then a success at a time."""
    clock = FakeClock()
    limit = RateLimit(clock)
    for _ in range(20):
        await limit.turn()
        clock.elapsed += 0.5
    sent = clock.monotonic()
    for _ in range(8):
        limit.learn(reply(clock, 429), sent - 0.1)
    assert limit.spacing == pytest.approx(1.0)
    await times(limit, clock, 50)
    assert 0 < limit.spacing < 0.2
    await times(limit, clock, 100)
    assert limit.spacing == 0.0


async def test_the_pace_has_a_floor() -> None:
    """However often it is refused, there is a request every ten seconds."""
    clock = FakeClock()
    limit = RateLimit(clock)
    for _ in range(30):
        await limit.turn()
        limit.learn(reply(clock, 429), clock.monotonic())
        clock.elapsed += 0.1
    assert limit.spacing == 10.0


async def test_the_last_of_a_window_is_spread_over_it() -> None:
    """Before that there is no need to hurry or to wait."""
    clock = FakeClock()
    limit = RateLimit(clock)
    end = int((START + timedelta(seconds=100)).timestamp())
    await times(limit, clock, 3, ratelimit_limit=1000, ratelimit_remaining=900, ratelimit_reset=end)
    assert limit.spacing == 0.0
    await times(limit, clock, 1, ratelimit_limit=1000, ratelimit_remaining=50, ratelimit_reset=end)
    assert limit.spacing == pytest.approx(2.0)


@pytest.mark.parametrize("prefix", ["ratelimit", "x_ratelimit"])
@pytest.mark.parametrize("reset", [40, int(START.timestamp()) + 40])
async def test_an_empty_window_is_waited_out(prefix: str, reset: int) -> None:
    """Its end is an instant, or seconds from now."""
    clock = FakeClock()
    limit = RateLimit(clock)
    await times(limit, clock, 1, **{f"{prefix}_limit": 100, f"{prefix}_remaining": 0, f"{prefix}_reset": reset})
    assert await limit.turn() == pytest.approx(40)


async def test_a_server_with_another_clock() -> None:
    """Instants are told by the server's clock."""
    clock = FakeClock()
    limit = RateLimit(clock)
    ahead = START + timedelta(hours=5)
    date = ahead.strftime("%a, %d %b %Y %H:%M:%S GMT")
    end = int(ahead.timestamp()) + 30
    await times(limit, clock, 1, date=date, ratelimit_limit=9, ratelimit_remaining=0, ratelimit_reset=end)
    assert await limit.turn() == pytest.approx(30)


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "1e999", "9" * 40])
async def test_what_cannot_be_read_is_passed_over(text: str) -> None:
    """A header that is no number holds nothing back."""
    clock = FakeClock()
    headers = {"ratelimit_limit": text, "ratelimit_remaining": text, "ratelimit_reset": text}
    assert await times(RateLimit(clock), clock, 5, **headers) == [0.0] * 5


async def test_what_would_come_too_late_does_not_wait() -> None:
    """A request that cannot go before its deadline is told so at once."""
    clock = FakeClock()
    limit = RateLimit(clock)
    await limit.turn()
    limit.learn(reply(clock, 429, retry_after=7), clock.monotonic())
    assert await limit.turn(clock.monotonic() + 5) == math.inf
    assert clock.elapsed == 0
    assert await limit.turn(clock.monotonic() + 8) == 7
