"""The turns that a rate limit gives, under any arrivals: none is lost, none comes too early, and nobody spins."""

from __future__ import annotations

import heapq
import math
from collections.abc import Coroutine, Generator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unijob.client.test_http import reading
from tests.unijob.upstream import START
from unijob.client.limits import RateLimit
from unijob.client.replies import Reply

EARLY = 1e-9
"""Seconds by which an event loop may wake somebody too early."""
ROUNDING = 1e-6
GAPS = st.lists(st.floats(0, 3), min_size=1, max_size=8)


class Until:
    """What a sleeper waits for."""

    def __init__(self, wake: float) -> None:
        self.wake = wake

    def __await__(self) -> Generator[float, None, None]:
        yield self.wake


@attrs.define
class Line:
    """A clock, and whoever waits by it, in the order of their waking; ties are broken either way.

    Args:
        time: what the clock shows; large values have coarse fractions.
        newest_first: who goes first of those that wake at once.
        early: seconds by which everybody wakes too early.
    """

    time: float = 0.0
    newest_first: bool = False
    early: float = 0.0
    sleeps: int = 0
    _waiting: list[tuple[float, int, Coroutine[Any, Any, None]]] = attrs.field(factory=list[Any])
    _count: int = 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.sleeps += 1
        await Until(self.time + seconds)

    def add(self, at: float, task: Coroutine[Any, Any, None]) -> None:
        """Have something done at a time."""
        self._count += -1 if self.newest_first else 1
        heapq.heappush(self._waiting, (at, self._count, task))

    def run(self) -> None:
        """Until nobody waits any more. Each waking takes a moment, longer than a waking may be early."""
        while self._waiting:
            wake, _, task = heapq.heappop(self._waiting)
            self.time = max(self.time + 2 * self.early, wake - self.early)
            try:
                self.add(task.send(None), task)
            except StopIteration:
                continue


def arrivals(start: float, gaps: Sequence[float]) -> list[float]:
    """When each arrives."""
    return [start + sum(gaps[: place + 1]) for place in range(len(gaps))]


@given(GAPS, st.floats(0.1, 50), st.floats(0, 1e6), st.booleans(), st.sampled_from([0.0, EARLY]))
@example([0.0] * 8, 3.0, 1e6, True, EARLY)
@example([0.1, 0.1, 0.1, 0.1], 1 / 0.3, 0.1, False, 0.0)
def test_every_turn_comes_as_soon_as_it_may(
    gaps: list[float],
    most: float,
    start: float,
    newest_first: bool,  # noqa: FBT001
    early: float,
) -> None:
    """At the pace that is asked for, without a pause in which nobody goes, and with a waking for each turn at most."""
    line = Line(time=start, newest_first=newest_first, early=early)
    limit = RateLimit(line, most)
    gone: list[float] = []

    async def go() -> None:
        began = line.time
        assert abs(await limit.turn() - (line.time - began)) <= ROUNDING
        gone.append(line.time)

    came = arrivals(start, gaps)
    for at in came:
        line.add(at, go())
    line.run()
    expected: list[float] = []
    for at in came:
        expected.append(max(at, expected[-1] + 1 / most if expected else at))
    assert len(gone) == len(came)
    assert all(abs(one - two) <= ROUNDING for one, two in zip(gone, expected, strict=True))
    assert line.sleeps <= len(came) * (len(came) + 1)


@given(GAPS, st.lists(st.tuples(st.floats(0, 20), st.floats(0, 5)), max_size=4), st.booleans())
@example([0.0, 0.0], [(0.0, 5.0), (4.0, 5.0)], False)
def test_nobody_goes_while_the_way_is_shut(
    gaps: list[float],
    refusals: list[tuple[float, float]],
    newest_first: bool,  # noqa: FBT001
) -> None:
    """Whoever sleeps when it is shut for longer sleeps on, and all go in the end."""
    line = Line(newest_first=newest_first)
    limit = RateLimit(line)
    gone: list[float] = []
    shut: list[tuple[float, float]] = []

    async def go() -> None:
        await limit.turn()
        assert not any(began <= line.time < ended - ROUNDING for began, ended in shut)
        gone.append(line.time)

    async def refuse(seconds: float) -> None:
        shut.append((line.time, line.time + seconds))
        headers = {"retry-after": f"{seconds:.9f}"}
        reply = Reply(request=reading(), status=503, headers=headers, body=b"", received_at=line.now())
        limit.learn(reply, line.time)

    for at, seconds in refusals:
        line.add(at, refuse(seconds))
    for at in arrivals(0.0, gaps):
        line.add(at, go())
    line.run()
    assert len(gone) == len(gaps)
    assert line.sleeps <= len(gaps) * (len(refusals) + 1)


@given(GAPS, st.floats(0.2, 5), st.floats(0, 10), st.booleans())
def test_no_turn_is_waited_for_beyond_its_deadline(
    gaps: list[float],
    most: float,
    patience: float,
    newest_first: bool,  # noqa: FBT001
) -> None:
    """Who cannot go before it is told so, in time, and takes nobody's turn."""
    line = Line(newest_first=newest_first)
    limit = RateLimit(line, most)
    gone: list[float] = []
    refused: list[float] = []

    async def go() -> None:
        deadline = line.time + patience
        waited = await limit.turn(deadline)
        assert line.time <= deadline + ROUNDING
        (refused if waited == math.inf else gone).append(line.time)

    came = arrivals(0.0, gaps)
    for at in came:
        line.add(at, go())
    line.run()
    assert len(gone) + len(refused) == len(came)
    assert all(after - before >= 1 / most - ROUNDING for before, after in pairwise(gone))
    assert gone[0] == came[0]
