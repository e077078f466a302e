"""Schedules: what they hold and print."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import attrs
import pytest

from unijob.job import JobState
from unijob.ref import JobRef
from unijob.schedule import Cron, Interval, Schedule, Trigger, Weekly

SCHEDULE: Schedule[None] = Schedule(
    ref=JobRef("mka1", "eval_schedule", ("s",), "prod"),
    name="Nightly",
    active=True,
    trigger=Cron("0 3 * * *", "US/Pacific"),
    overlap_policy="skip",
    next_run_at=datetime(2025, 7, 1, tzinfo=UTC),
    last_run=JobRef("mka1", "eval_run", ("r",), "prod"),
    last_run_state=JobState.PARTIAL,
    warnings=("odd",),
    revision="2026-10",
    source=None,
)


def test_to_dict_is_stable() -> None:
    """The printed schedule is JSON, in this order and in these words, without the source."""
    assert json.dumps(SCHEDULE.to_dict()) == (
        '{"ref": "mka1@prod:eval_schedule/s", "name": "Nightly", "active": true, '
        '"trigger": {"type": "cron", "expression": "0 3 * * *", "timezone": "US/Pacific"}, "overlap_policy": "skip", '
        '"next_run_at": "2025-07-01T00:00:00Z", "last_run_at": null, "last_run": "mka1@prod:eval_run/r", '
        '"last_run_state": "partial", "created_at": null, "updated_at": null, "warnings": ["odd"], '
        '"revision": "2026-10"}'
    )


@pytest.mark.parametrize(
    ("trigger", "plain"),
    [
        (Interval(3600), {"type": "interval", "seconds": 3600}),
        (Weekly((0, 6), "03:00"), {"type": "weekly", "days": [0, 6], "time": "03:00"}),
        (None, None),
    ],
)
def test_triggers_print_their_fields(trigger: Trigger | None, plain: object) -> None:
    """Each trigger prints its type and what it is made of."""
    assert attrs.evolve(SCHEDULE, trigger=trigger).to_dict()["trigger"] == plain


def test_revision_and_source_take_no_part_in_equality() -> None:
    """The same schedule read with another revision is equal."""
    assert attrs.evolve(SCHEDULE, revision="2026-07", source=None) == SCHEDULE
    assert attrs.evolve(SCHEDULE, name="Weekly") != SCHEDULE


def test_schedules_are_frozen_and_pickle() -> None:
    """A snapshot does not change, and crosses a process."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SCHEDULE.name = "x"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(SCHEDULE)) == SCHEDULE


def test_the_source_is_not_shown() -> None:
    """The representation leaves the source out: it may be long, and hold what is nobody's business."""
    assert "source" not in repr(SCHEDULE)
