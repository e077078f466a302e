"""Scheduled indexing: a knowledge base has one schedule at most, which fires on days of the week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from unijob.providers.gradient.sandbox import bases, jobs
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.scripts import Life
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "gradient:scheduled_indexing"

LIFE = Life(settings={}, example={"knowledge_base_uuid": "kb", "days": [1, 3, 5], "time": "04:30"})
MOST_AT_ONCE = 1_000
"""Firings made up for after time was moved far ahead; later ones are passed over."""
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_WEEK = 7


def create(call: Call) -> Reply:
    """Create the schedule of a knowledge base."""
    body: dict[str, Any] = call.body or {}
    base, days, time = body.get("knowledge_base_uuid"), body.get("days"), body.get("time", "")
    if not base:
        raise Refusal("invalid", "knowledge_base_uuid is required", parameter="knowledge_base_uuid")
    if not days or not all(0 <= day <= _WEEK for day in days):
        raise Refusal("invalid", "days must name days of the week, from 0 to 7", parameter="days")
    if not _TIME.fullmatch(time):
        raise Refusal("invalid", "time must be a time of day, as HH:MM", parameter="time")
    bases.check(call, base)
    if _of(call.world, base, call.now) is not None:
        raise Refusal("conflict", "the knowledge base has a schedule")
    data = {"base": base, "days": [int(day) for day in days], "time": time, "last_at": None}
    record = call.world.create(KIND, call.world.ids.next_uuid(KIND), call.now, data)
    record.data["next_at"] = _next(record, call.now)
    return _info(record)


def get(call: Call) -> Reply:
    """Read the schedule of a knowledge base."""
    base = bases.check(call, call.path["knowledge_base_uuid"])
    record = _of(call.world, base, call.now)
    if record is None:
        raise Refusal("not_found", "the knowledge base has no schedule")
    return _info(record)


def delete(call: Call) -> Reply:
    """Delete a schedule; the jobs that it started stay."""
    record = call.world.find(KIND, call.path["uuid"], call.now)
    if record is None:
        raise Refusal("not_found", "schedule not found")
    call.world.remove(record)
    return _info(record, deleted_at=call.now)


def catch_up(world: World, now: float) -> None:
    """Start the jobs that were due by now, each at its time."""
    for record in world.all(KIND, now):
        if not bases.is_gone(world, record.data["base"], now):
            _catch_up(world, record, now)


def _catch_up(world: World, record: Record, now: float) -> None:
    for _ in range(MOST_AT_ONCE):
        due: float = record.data["next_at"]
        if due > now:
            return
        jobs.begin(world, record.data["base"], (), due, world.script(jobs.KIND))
        record.data.update(last_at=due, next_at=_next(record, due))
    record.data["next_at"] = _next(record, now)


def _next(record: Record, after: float) -> float:
    """The first instant after another that is on one of the days, at the time of day."""
    hour, minute = map(int, record.data["time"].split(":"))
    days = {day % _WEEK for day in record.data["days"]}
    at = datetime.fromtimestamp(after, UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    while at.timestamp() <= after or at.isoweekday() % _WEEK not in days:
        at += timedelta(days=1)
    return at.timestamp()


def _of(world: World, base: str, now: float) -> Record | None:
    return next((record for record in world.all(KIND, now) if record.data["base"] == base), None)


def _info(record: Record, deleted_at: float | None = None) -> Reply:
    data = record.data
    changed = max(at for at in (record.created_at, data["last_at"], deleted_at) if at is not None)
    times = {
        "created_at": record.created_at,
        "updated_at": changed,
        "last_ran_at": data["last_at"],
        "next_run_at": data["next_at"] if deleted_at is None else None,
        "deleted_at": deleted_at,
    }
    info = {
        "uuid": record.id,
        "knowledge_base_uuid": data["base"],
        "days": data["days"],
        "time": data["time"],
        "is_active": deleted_at is None,
        **{name: rfc3339(at) for name, at in times.items() if at is not None},
    }
    return Reply({"indexing_info": info})


HANDLERS: Mapping[str, Handler] = {
    "genai_create_scheduled_indexing": create,
    "genai_get_scheduled_indexing": get,
    "genai_delete_scheduled_indexing": delete,
}
