"""When an evaluation schedule fires, and what it starts then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unijob.providers.mka1.sandbox import plans, runs
from unijob.sandbox.vendor import Refusal
from unijob.sandbox.world import Record, World

KIND = "mka1:eval_schedule"
TIMING = frozenset({"cron", "interval_seconds", "timezone", "enabled"})
"""The fields on which the next time depends."""
FIELDS = 5
"""Fields of a cron expression: minute, hour, day of the month, month, day of the week."""
LONGEST = 10 * 365 * 86_400
"""The longest interval, in seconds."""
MOST_AT_ONCE = 1_000
"""Firings made up for after time was moved far ahead; later ones are passed over."""


def check(wanted: Mapping[str, Any]) -> None:
    """Refuse a schedule that could not fire.

    Raises:
        Refusal: it has neither or both of cron and interval, or one of them, or the zone, means nothing.
    """
    cron, interval = wanted["cron"], wanted["interval_seconds"]
    if (cron is None) == (interval is None):
        raise Refusal("invalid", "Exactly one of cron and interval_seconds must be set.", parameter="cron")
    if interval is not None and not 1 <= interval <= LONGEST:
        raise Refusal("invalid", f"interval_seconds: must be from 1 to {LONGEST}.", parameter="interval_seconds")
    try:
        zone = ZoneInfo(wanted["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal("invalid", "timezone: is not an IANA time zone.", parameter="timezone") from None
    if cron is not None:
        if len(cron.split()) != FIELDS:
            raise Refusal("invalid", "cron: must have five fields.", parameter="cron")
        _next_by_cron(cron, zone, 0)


def begin(record: Record, now: float) -> None:
    """Set a new schedule going."""
    record.data["made"] = []
    plan_next(record, now)


def plan_next(record: Record, now: float) -> None:
    """Work out when a schedule fires next, after an instant."""
    wanted = record.data["wanted"]
    record.data["buffered"] = False
    record.data["next_at"] = _next(wanted, now) if wanted["enabled"] else None


def catch_up(world: World, record: Record, now: float) -> None:
    """Fire a schedule at every instant that was due by now, in order."""
    for _ in range(MOST_AT_ONCE):
        due, held = record.data["next_at"], _held_until(world, record)
        at = min((at for at in (due, held) if at is not None), default=None)
        if at is None or at > now:
            return
        if at == held:
            record.data["buffered"] = False
            _start(world, record, at)
        else:
            record.data["next_at"] = _next(record.data["wanted"], at)
            fire(world, record, at)
    plan_next(record, now)


def fire(world: World, record: Record, at: float) -> None:
    """Start a run by the overlap policy: skip it, hold it back, or start it beside the one before."""
    before = last_run(world, record, math.inf)
    busy = before is not None and not plans.standing(before, at).ended
    policy = record.data["wanted"]["overlap_policy"]
    if not busy or policy == "allow_all":
        _start(world, record, at)
    elif policy == "buffer_one":
        record.data["buffered"] = True


def last_run(world: World, record: Record, now: float) -> Record | None:
    """The run that a schedule started last, of those that are there by an instant."""
    found = (world.find(runs.KIND, identity, now) for identity in reversed(record.data["made"]))
    return next((run for run in found if run is not None), None)


def _start(world: World, record: Record, at: float) -> None:
    wanted = record.data["wanted"]
    run = {
        **wanted["run"],
        "suite_id": wanted["suite_id"],
        "suite_version": wanted["suite_version"],
        "metadata": wanted["metadata"],
    }
    made = runs.begin(world, run, at + record.script["appears_after"], record.data["owner"], record.id)
    record.data["made"].append(made.id)


def _held_until(world: World, record: Record) -> float | None:
    """When the run held back can start: as soon as the one before has ended."""
    if not record.data["buffered"]:
        return None
    before = last_run(world, record, math.inf)
    return plans.end(before) if before is not None else record.created_at


def _next(wanted: Mapping[str, Any], after: float) -> float | None:
    if wanted["interval_seconds"] is not None:
        interval: int = wanted["interval_seconds"]
        return after + interval
    return _next_by_cron(wanted["cron"], ZoneInfo(wanted["timezone"]), after)


def _next_by_cron(expression: str, zone: ZoneInfo, after: float) -> float | None:
    from cronsim import CronSim, CronSimError  # noqa: PLC0415  only schedules with a cron expression need it

    try:
        instants = CronSim(expression, datetime.fromtimestamp(after, UTC).astimezone(zone))
    except CronSimError:
        raise Refusal("invalid", "cron: is not a cron expression.", parameter="cron") from None
    found = next(instants, None)
    return found.timestamp() if found is not None else None
