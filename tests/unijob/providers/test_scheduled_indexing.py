"""Gradient's scheduled indexing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load
from unijob.errors import ContractViolation
from unijob.parsing import parse
from unijob.ref import JobRef
from unijob.schedule import Schedule, Weekly

KIND = "gradient:scheduled_indexing"
BASE = "123e4567-e89b-12d3-a456-426614174000"
REF = JobRef("gradient", "scheduled_indexing", (BASE,))


def read(kind: str | JobRef = KIND, **fields: Any) -> Schedule[Any]:
    """Parse the documented schedule with other fields; what is None is left out."""
    info = load("2026-08/scheduled_indexing")["indexing_info"] | fields
    found = parse(kind, {"indexing_info": {name: value for name, value in info.items() if value is not None}})
    assert isinstance(found, Schedule)
    return found


def test_the_documented_schedule() -> None:
    """The example fires on three days a week; its reference names the knowledge base, which is how it is read."""
    assert parse(KIND, load("2026-08/scheduled_indexing"), strict=True) == Schedule(
        ref=REF,
        active=True,
        trigger=Weekly(days=(1, 3, 5), time="04:30"),
        next_run_at=datetime(2026, 8, 12, 4, 30, tzinfo=UTC),
        last_run_at=datetime(2026, 8, 10, 4, 30, tzinfo=UTC),
        created_at=datetime(2026, 8, 1, 10, 0, tzinfo=UTC),
        updated_at=datetime(2026, 8, 10, 4, 30, 2, tzinfo=UTC),
        revision="",
        source=None,
    )


@pytest.mark.parametrize(
    ("days", "time", "trigger", "warned"),
    [
        ([0, 7], "00:00", Weekly(days=(0, 0), time="00:00"), False),
        ([6.0], "23:59", Weekly(days=(6,), time="23:59"), False),
        ([1, 8], "04:30", Weekly(days=(1,), time="04:30"), True),
        ([-1], "04:30", Weekly(days=(), time="04:30"), True),
        ([], "04:30", None, False),
        (None, "04:30", None, False),
        ([1], None, None, False),
        ([1], "", None, False),
    ],
)
def test_triggers(days: Any, time: Any, trigger: Weekly | None, warned: bool) -> None:  # noqa: FBT001
    """Days are numbered as in cron, Sunday as 0 or 7; what is no day is warned of."""
    found = read(days=days, time=time)
    assert found.trigger == trigger
    assert bool(found.warnings) == warned


@pytest.mark.parametrize(
    ("active", "deleted", "expected", "warnings"),
    [
        (True, "0001-01-01T00:00:00Z", True, 0),
        (False, None, False, 0),
        (None, None, None, 0),
        (False, "2026-08-11T00:00:00Z", False, 0),
        (True, "2026-08-11T00:00:00Z", False, 1),
    ],
)
def test_activity(active: bool | None, deleted: str | None, expected: bool | None, warnings: int) -> None:  # noqa: FBT001
    """A schedule that was deleted is not active, whatever else it says; Go's zero time deletes nothing."""
    found = read(is_active=active, deleted_at=deleted)
    assert found.active == expected
    assert len(found.warnings) == warnings


def test_identity_is_vital() -> None:
    """The schedule of another knowledge base is not the one asked for."""
    with pytest.raises(ContractViolation, match="another knowledge_base_uuid"):
        read(JobRef("gradient", "scheduled_indexing", ("other",)))
    with pytest.raises(ContractViolation, match="identity"):
        read(knowledge_base_uuid=None)
    assert read(REF, knowledge_base_uuid=None).ref == REF
    assert read(uuid=None).ref == REF
