"""Evaluation schedules: what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox import firing, runs
from unijob.providers.mka1.sandbox.lists import found, page
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = firing.KIND

LIFE = Life(
    settings={
        "appears_after": Setting(
            default=0.0, type=float, about="seconds from firing until the run is there to be listed"
        )
    },
    example={"interval_seconds": 3600},
)
_DEFAULTS: Mapping[str, Any] = {
    "description": None,
    "suite_version": None,
    "cron": None,
    "interval_seconds": None,
    "timezone": "UTC",
    "overlap_policy": "skip",
    "enabled": True,
    "webhook_url": None,
    "metadata": {},
}
_SHOWN = (
    "name",
    "description",
    "suite_id",
    "suite_version",
    "cron",
    "interval_seconds",
    "timezone",
    "overlap_policy",
    "enabled",
    "webhook_url",
)
_SWITCHES = {"true": True, "false": False}


def create(call: Call) -> Reply:
    """Create a schedule."""
    wanted: dict[str, Any] = {**_DEFAULTS, **call.body}
    runs.check_suite(call, wanted)
    firing.check(wanted)
    owner = call.headers.get("x-on-behalf-of")
    data = {"wanted": wanted, "updated_at": call.now, "owner": owner}
    record = call.world.create(KIND, f"eval_sched_{call.world.ids.next(KIND)}", call.now, data)
    firing.begin(record, call.now)
    return Reply(_view(record, call))


def get(call: Call) -> Reply:
    """Read a schedule."""
    return Reply(_view(_found(call), call))


def list_all(call: Call) -> Reply:
    """List schedules, the newest first."""
    records = call.world.all(KIND, call.now)
    if "suite_id" in call.query:
        records = [record for record in records if record.data["wanted"]["suite_id"] == call.query["suite_id"]]
    if "enabled" in call.query:
        switch = _SWITCHES.get(call.query["enabled"])
        if switch is None:
            raise Refusal("invalid", "enabled: must be 'true' or 'false'.", parameter="enabled")
        records = [record for record in records if record.data["wanted"]["enabled"] is switch]
    return page(call, records, lambda record: _view(record, call))


def update(call: Call) -> Reply:
    """Change a schedule; an absent field stays as it is, null clears it."""
    record = _found(call)
    wanted = {**record.data["wanted"], **call.body}
    runs.check_suite(call, wanted)
    firing.check(wanted)
    record.data["wanted"] = wanted
    record.data["updated_at"] = call.now
    if firing.TIMING & call.body.keys():
        firing.plan_next(record, call.now)
    return Reply(_view(record, call))


def delete(call: Call) -> Reply:
    """Delete a schedule; the runs that it started stay."""
    record = _found(call)
    call.world.remove(record)
    return Reply({"id": record.id, "object": "eval.schedule.deleted", "deleted": True})


def trigger(call: Call) -> Reply:
    """Fire a schedule now, by its overlap policy."""
    record = _found(call)
    firing.fire(call.world, record, call.now)
    return Reply(_view(record, call))


def list_runs(call: Call) -> Reply:
    """List the runs that a schedule started."""
    schedule = _found(call)
    if call.query.get("suite_id", suite := schedule.data["wanted"]["suite_id"]) != suite:
        raise Refusal("invalid", "suite_id: is not the schedule's.", parameter="suite_id")
    made = [run for run in call.world.all(runs.KIND, call.now) if run.data["schedule"] == schedule.id]
    return runs.list_some(call, made)


def catch_up(world: World, now: float) -> None:
    """Fire whatever was due by now."""
    for record in world.all(KIND, now):
        firing.catch_up(world, record, now)


def _found(call: Call) -> Record:
    return found(call, KIND, "eval schedule", "schedule_id")


def _view(record: Record, call: Call) -> dict[str, Any]:
    wanted, state = record.data["wanted"], record.data
    last = firing.last_run(call.world, record, call.now)
    due = state["next_at"]
    return {
        "id": record.id,
        "object": "eval.schedule",
        **{name: wanted[name] for name in _SHOWN},
        "webhook_configured": bool(wanted.get("webhook_secret")),
        "run": {"generation": {}, **wanted["run"]},
        "metadata": wanted["metadata"],
        "last_run_id": last.id if last is not None else None,
        "last_run_at": int(last.created_at) if last is not None else None,
        "last_run_status": runs.status(last, call.now) if last is not None else None,
        "next_run_at": int(due) if due is not None else None,
        "created_at": int(record.created_at),
        "updated_at": int(state["updated_at"]),
    }


HANDLERS: Mapping[str, Handler] = {
    "createEvalSchedule": create,
    "listEvalSchedules": list_all,
    "getEvalSchedule": get,
    "updateEvalSchedule": update,
    "deleteEvalSchedule": delete,
    "triggerEvalSchedule": trigger,
    "listEvalScheduleRuns": list_runs,
}
