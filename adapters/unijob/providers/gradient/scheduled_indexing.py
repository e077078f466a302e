"""`gradient:scheduled_indexing`: a knowledge base being indexed by itself, on days of the week.

A knowledge base has one schedule at most, and its id is how the schedule is read; so a reference names the knowledge
base. The schedule's own id serves only to delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.kinds import ScheduleKind
from unijob.schedule import Schedule, Weekly

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models

_SUNDAY = 7
"""In cron, where 0 is Sunday too."""


def normalize(schedule: models.ScheduledIndexing, reading: Reading) -> Schedule[models.ScheduledIndexing]:
    """Read a schedule; one that was deleted is not active, whatever else it says."""
    deleted_at = reading.rfc3339(schedule.deleted_at, "deleted_at")
    active = reading.flag(schedule.is_active)
    if deleted_at is not None and active:
        reading.warn("is_active")("set although the schedule was deleted")
    return Schedule(
        ref=reading.ref((schedule.knowledge_base_uuid,)),
        active=active if deleted_at is None else False,
        trigger=_trigger(schedule, reading),
        next_run_at=reading.rfc3339(schedule.next_run_at, "next_run_at"),
        last_run_at=reading.rfc3339(schedule.last_ran_at, "last_ran_at"),
        created_at=reading.rfc3339(schedule.created_at, "created_at"),
        updated_at=reading.rfc3339(schedule.updated_at, "updated_at"),
        warnings=reading.noted(),
        revision=reading.revision,
        source=schedule,
    )


def _trigger(schedule: models.ScheduledIndexing, reading: Reading) -> Weekly | None:
    time = reading.text(schedule.time)
    days = [_day(day, at, reading) for at, day in reading.each(schedule.days, "days")]
    return Weekly(days=tuple(day for day in days if day is not None), time=time) if time and days else None


def _day(day: int, at: str, reading: Reading) -> int | None:
    number = reading.count(day, at)
    if number is None or number > _SUNDAY:
        reading.warn(at)("not a day of the week")
        return None
    return number % _SUNDAY


KIND = ScheduleKind(
    name="gradient:scheduled_indexing",
    title="scheduled indexing",
    ids=("knowledge_base_uuid",),
    get="genai_get_scheduled_indexing",
    envelope="indexing_info",
    create="genai_create_scheduled_indexing",
    delete="genai_delete_scheduled_indexing",
    delete_id="uuid",
    vital=("knowledge_base_uuid",),
    normalize=normalize,
)
