"""Lives are pure functions of plan, events and time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.sandbox.timeline import Event, Moment, Plan, Stage, ends_at, moment

ORDER = [Stage.QUEUED, Stage.RUNNING, Stage.FINALIZING, Stage.ENDED]
lengths = st.integers(0, 50).map(float)

plans = st.builds(
    Plan,
    created_at=st.just(1000.0),
    outcome=st.sampled_from(["succeeded", "partial", "failed", "cancelled", "timed_out"]),
    items=st.integers(0, 40),
    queued=lengths,
    duration=lengths,
    finalizing=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    cancelling=lengths,
    failed_items=st.none() | st.integers(0, 50),
    all_fail=st.booleans(),
)
instants = st.lists(st.integers(1000, 1200).map(float), min_size=2, max_size=12).map(sorted)


def at(plan: Plan, now: float, *events: Event) -> Moment:
    return moment(plan, events, now)


@given(plans, instants)
def test_a_life_only_goes_forward(plan: Plan, times: list[float]) -> None:
    """Stages follow each other, counts never fall, and never exceed the items."""
    seen = [at(plan, now) for now in times]
    for one, next_one in pairwise(seen):
        assert ORDER.index(one.stage) <= ORDER.index(next_one.stage)
        assert one.completed <= next_one.completed
        assert one.failed <= next_one.failed
    assert all(each.completed + each.failed + each.left == plan.items and each.left >= 0 for each in seen)


@given(plans)
def test_an_end_comes_when_it_was_foretold(plan: Plan) -> None:
    """It has ended at its end and not a moment before, as its plan says."""
    end = ends_at(plan, ())
    last = at(plan, end)
    assert (last.stage, last.outcome, last.ended_at) == (Stage.ENDED, plan.outcome, end)
    assert last.started_at == plan.created_at + plan.queued
    if end > plan.created_at:
        assert at(plan, end - 0.001).stage is not Stage.ENDED


@given(plans, st.integers(0, 30).map(float))
def test_a_cancelled_life_stands_still(plan: Plan, after: float) -> None:
    """Counts stay as they were when it was cancelled; it stops after `cancelling`."""
    asked = plan.created_at + after
    before = at(plan, asked)
    if before.ended:
        return
    cancel = Event("cancel", asked)
    during, ended = at(plan, asked, cancel), at(plan, asked + plan.cancelling, cancel)
    assert (during.completed, during.failed) == (before.completed, before.failed)
    assert during.stage is (Stage.CANCELLING if plan.cancelling else Stage.ENDED)
    assert (ended.outcome, ended.ended_at) == ("cancelled", asked + plan.cancelling)


@given(plans, st.integers(0, 30).map(float), st.integers(0, 30).map(float))
def test_a_pause_delays_and_changes_nothing_else(plan: Plan, after: float, length: float) -> None:
    """It stands still while it is paused, with no end in sight; then it goes on as it would have, so much later."""
    asked = plan.created_at + after
    if at(plan, asked).ended:
        return
    pause, resume = Event("pause", asked), Event("resume", asked + length)
    before, during = at(plan, asked), at(plan, asked + length, pause)
    assert (during.stage, during.completed, during.failed) == (Stage.PAUSED, before.completed, before.failed)
    assert ends_at(plan, [pause]) == float("inf")
    assert ends_at(plan, [pause, resume]) == ends_at(plan, ()) + length
    for later in (0.0, 1.0, 7.0, 100.0):
        on, off = at(plan, asked + later), at(plan, asked + length + later, pause, resume)
        assert (on.stage, on.completed, on.failed, on.outcome) == (off.stage, off.completed, off.failed, off.outcome)


def test_a_paused_life_can_be_cancelled() -> None:
    """It ends where it stood."""
    plan = Plan(created_at=0, items=10, duration=10, cancelling=1)
    last = at(plan, 30, Event("pause", 5), Event("cancel", 20))
    assert (last.outcome, last.completed, last.ended_at) == ("cancelled", 5, 21)


def test_counts_of_a_partial_life() -> None:
    """Failures are spread over the work, and as many as were asked for in the end."""
    plan = Plan(created_at=0, outcome="partial", items=10, duration=10, failed_items=3)
    assert [(now, at(plan, now).completed, at(plan, now).failed) for now in (4, 7, 10)] == [
        (4, 3, 1),
        (7, 5, 2),
        (10, 7, 3),
    ]


@pytest.mark.parametrize(("all_fail", "completed", "failed"), [(False, 5, 0), (True, 0, 10)])
def test_two_ways_to_fail(all_fail: bool, completed: int, failed: int) -> None:  # noqa: FBT001
    """A failed life breaks off halfway, or fails every item."""
    plan = Plan(created_at=0, outcome="failed", items=10, duration=10, all_fail=all_fail)
    last = at(plan, 10)
    assert (last.outcome, last.completed, last.failed) == ("failed", completed, failed)


def test_again_keeps_what_was_completed() -> None:
    """A second attempt works on the rest alone, takes that much less time, and remembers the first end."""
    plan = Plan(created_at=0, outcome="partial", items=10, queued=1, duration=10, failed_items=4)
    again = Event("again", 20)
    assert at(plan, 20, again).stage is Stage.QUEUED
    assert (at(plan, 20, again).completed, at(plan, 20, again).failed) == (6, 0)
    last = at(plan, 25, again)
    assert (last.outcome, last.completed, last.ended_at) == ("succeeded", 10, 25)
    assert last.ends == {"partial": 11, "succeeded": 25}


def test_events_to_come_are_left_out() -> None:
    """What is asked later changes nothing now."""
    plan = Plan(created_at=0, items=10, duration=10)
    assert at(plan, 5, Event("cancel", 6)) == at(plan, 5)
