"""`mka1:eval_schedule`: what starts eval runs by cron or interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.kinds import CursorPages, Listing, ScheduleKind
from unijob.providers.mka1.eval_run import STATUS as RUN_STATUS
from unijob.schedule import Cron, Interval, Schedule, Trigger

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

RUN_KIND = "mka1:eval_run"
PAGES = CursorPages(cursor="after", size="limit")


def normalize(schedule: models.EvalSchedule, reading: Reading) -> Schedule[models.EvalSchedule]:
    """Read an eval schedule; its last run's status is a free string, read with the eval run's table."""
    ref = reading.ref((schedule.id,))
    last_run_id = reading.text(schedule.last_run_id)
    return Schedule(
        ref=ref,
        name=reading.text(schedule.name),
        active=reading.flag(schedule.enabled),
        trigger=_trigger(schedule, reading),
        overlap_policy=reading.text(schedule.overlap_policy),
        next_run_at=reading.unix_seconds(schedule.next_run_at, "next_run_at"),
        last_run_at=reading.unix_seconds(schedule.last_run_at, "last_run_at"),
        last_run=reading.other_ref(RUN_KIND, last_run_id, "last_run_id"),
        last_run_state=reading.status(RUN_STATUS, schedule.last_run_status, "last_run_status"),
        created_at=reading.unix_seconds(schedule.created_at, "created_at"),
        updated_at=reading.unix_seconds(schedule.updated_at, "updated_at"),
        warnings=reading.noted(),
        revision=reading.revision,
        source=schedule,
    )


def _trigger(schedule: models.EvalSchedule, reading: Reading) -> Trigger | None:
    cron = reading.text(schedule.cron)
    seconds = reading.count(schedule.interval_seconds, "interval_seconds")
    if cron is not None and seconds is not None:
        reading.warn("cron")("an interval is set too; read as the cron expression")
    if cron is not None:
        return Cron(cron, reading.text(schedule.timezone) or "UTC")
    return Interval(seconds) if seconds is not None else None


KIND = ScheduleKind(
    name="mka1:eval_schedule",
    title="eval schedule",
    ids=("schedule_id",),
    get="getEvalSchedule",
    lists=(Listing(operation="listEvalSchedules", items="data", pages=PAGES),),
    create="createEvalSchedule",
    trigger="triggerEvalSchedule",
    delete="deleteEvalSchedule",
    runs=Listing(operation="listEvalScheduleRuns", items="data", pages=PAGES),
    run_kind=RUN_KIND,
    vital=("id", "object"),
    normalize=normalize,
)
