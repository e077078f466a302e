"""Evaluation runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox import plans
from unijob.providers.mka1.sandbox.lists import found, page
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Moment, Stage
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "mka1:eval_run"
SUITE = "mka1:eval_suite"
OUTCOMES = ("succeeded", "partial", "failed", "cancelled")

LIFE = Life(
    outcomes=OUTCOMES,
    settings={
        "items": Setting(default=20, type=int, about="requests to the models"),
        "queued": Setting(default=1.0, type=float, about="seconds in the queue"),
        "duration": Setting(default=8.0, type=float, about="seconds of work, with finalizing"),
        "finalizing": Setting(default=0.1, type=float, maximum=1, about="share of the work that is finalizing"),
        "cancelling": Setting(default=1.0, type=float, about="seconds from asking it to stop until it has"),
        "failed_items": Setting(default=None, type=int, about="requests that fail where it ends partially"),
        "retry_outcome": Setting(default="succeeded", type=str, choices=OUTCOMES, about="how it ends when run again"),
        "message": Setting(default="The model endpoint stopped answering.", type=str, about="why a run fails"),
    },
)
LAST_VERSION = 2**31 - 1
_STATUSES = {
    Stage.QUEUED: "queued",
    Stage.RUNNING: "in_progress",
    Stage.FINALIZING: "finalizing",
    Stage.CANCELLING: "cancelling",
}
_ENDED = {"succeeded": "completed", "partial": "completed", "failed": "failed", "cancelled": "cancelled"}
_ECHOED = ("task_ids", "judge_model", "embedding_model")
_NEW_IN_2026_10 = ("org_id", "team_id", "agent_name", "agent_version", "agent_effort", "cost_usd", "tokens")
_OLD = "2026-07"


def create(call: Call) -> Reply:
    """Start a run."""
    check_suite(call, call.body)
    return Reply(view(call.world, begin(call.world, call.body, call.now, call.headers.get("x-on-behalf-of")), call.now))


def begin(
    world: World, wanted: Mapping[str, Any], at: float, owner: str | None = None, schedule: str | None = None
) -> Record:
    """Bring a run into being, now or at an instant to come.

    One that a schedule starts lives by the standing script: scripts for the next few are for those that were asked for.
    """
    data = {"wanted": wanted, "owner": owner, "schedule": schedule}
    script = world.script(KIND) if schedule is not None else None
    return world.create(KIND, f"eval_run_{world.ids.next(KIND)}", at, data, script)


def check_suite(call: Call, wanted: Mapping[str, Any]) -> None:
    """Refuse a suite that a scenario says is not there, and a version that no suite can have."""
    suite, version = wanted["suite_id"], wanted.get("suite_version")
    if version is not None and not 1 <= version <= LAST_VERSION:
        raise Refusal("invalid", "suite_version: is not the number of a version.", parameter="suite_version")
    if call.world.is_absent(SUITE, suite):
        raise Refusal("not_found", f"No eval suite found with id '{suite}'.", parameter="suite_id")


def get(call: Call) -> Reply:
    """Read a run."""
    return Reply(view(call.world, _found(call), call.now))


def delete(call: Call) -> Reply:
    """Delete a run, at work or not."""
    record = _found(call)
    call.world.remove(record)
    return Reply({"id": record.id, "object": "eval.run.deleted", "deleted": True})


def list_all(call: Call) -> Reply:
    """List runs, the newest first."""
    if "suite_version" in call.query and "suite_id" not in call.query:
        raise Refusal("invalid", "suite_version: must come with suite_id.", parameter="suite_version")
    records = call.world.all(KIND, call.now)
    if call.query.get("owned_only"):
        owner = call.headers.get("x-on-behalf-of")
        records = [record for record in records if record.data["owner"] == owner]
    return list_some(call, records)


def list_some(call: Call, records: list[Record]) -> Reply:
    """List some runs by the filters of a request."""
    if "suite_id" in call.query:
        records = [record for record in records if record.data["wanted"]["suite_id"] == call.query["suite_id"]]
    if "suite_version" in call.query:
        records = [record for record in records if _suite_version(record) == call.query["suite_version"]]
    if "status" in call.query:
        records = [record for record in records if status(record, call.now) == call.query["status"]]
    return page(call, records, lambda record: view(call.world, record, call.now))


def cancel(call: Call) -> Reply:
    """Ask a run to stop. Asking again while it stops changes nothing."""
    record = _found(call)
    now = plans.standing(record, call.now)
    if now.ended:
        raise _conflict(call, record, "can no longer be cancelled")
    if now.stage is not Stage.CANCELLING:
        record.events.append(Event("cancel", call.now))
    return Reply(view(call.world, record, call.now))


def retry(call: Call) -> Reply:
    """Run a failed or cancelled run again in place; what it completed is kept."""
    return _again(call, frozenset({"failed", "cancelled"}), "cannot be retried: only a failed or cancelled run can")


def rerun_failed(call: Call) -> Reply:
    """Run the failed samples of a completed run again in place."""
    return _again(call, frozenset({"partial"}), "has no failed samples to run again")


def _again(call: Call, outcomes: frozenset[str], why_not: str) -> Reply:
    record = _found(call)
    if plans.standing(record, call.now).outcome not in outcomes:
        raise _conflict(call, record, why_not)
    record.events.append(Event("again", call.now))
    return Reply(view(call.world, record, call.now))


def _found(call: Call) -> Record:
    return found(call, KIND, "eval run", "run_id")


def _conflict(call: Call, record: Record, why: str) -> Refusal:
    return Refusal("conflict", f"The eval run is {status(record, call.now)}: it {why}.", parameter="run_id")


def status(record: Record, now: float) -> str:
    """The status of a run, as the wire has it."""
    found = plans.standing(record, now)
    return _ENDED[found.outcome] if found.outcome is not None else _STATUSES[found.stage]


def _suite_version(record: Record) -> int:
    return record.data["wanted"].get("suite_version") or 1


def view(world: World, record: Record, now: float) -> dict[str, Any]:
    """A run as the wire has it."""
    moment_now = plans.standing(record, now)
    wanted = record.data["wanted"]
    outcome = moment_now.outcome
    done = moment_now.completed + moment_now.failed
    whole = {
        "id": record.id,
        "object": "eval.run",
        "org_id": f"org_{world.ids.of('org')}",
        "team_id": f"team_{world.ids.of('team')}",
        "suite_id": wanted["suite_id"],
        "suite_version": _suite_version(record),
        "suite_version_id": f"eval_sver_{world.ids.of('suite', wanted['suite_id'], _suite_version(record))}",
        "status": status(record, now),
        "models": wanted["models"],
        **{name: wanted.get(name) for name in _ECHOED},
        "agent_name": None,
        "agent_version": None,
        "agent_effort": None,
        "generation": wanted.get("generation", {}),
        "request_counts": {
            "total": moment_now.total,
            "completed": moment_now.completed,
            "failed": moment_now.failed,
        },
        "cost_usd": round(done * 0.00118, 6),
        "tokens": {"input": done * 510, "output": done * 179, "cached": done * 20, "reasoning": None},
        "metrics": _metrics(world, record, moment_now),
        "error": _error(record) if outcome == "failed" else None,
        "artifact_file_ids": [f"file_{world.ids.of(record.id)}"] if outcome in {"succeeded", "partial"} else [],
        "metadata": wanted.get("metadata", {}),
        "created_at": int(record.created_at),
        "started_at": plans.whole(moment_now.started_at),
        **_end_times(moment_now),
    }
    return {name: value for name, value in whole.items() if world.revision != _OLD or name not in _NEW_IN_2026_10}


def _metrics(world: World, record: Record, now: Moment) -> dict[str, float] | None:
    if now.outcome not in {"succeeded", "partial"}:
        return None
    return {"accuracy": world.ids.number_of(600, 950, "accuracy", record.id) / 1000}


def _error(record: Record) -> dict[str, str]:
    return {"code": "eval_failed", "message": record.script["message"]}


def _end_times(now: Moment) -> dict[str, int | None]:
    """When it ended, in this attempt and those before: a retry works in place and clears none of them."""
    times: dict[str, int | None] = {"completed_at": None, "cancelled_at": None, "failed_at": None}
    for outcome, at in now.ends.items():
        times[f"{_ENDED[outcome]}_at"] = int(at)
    return times


HANDLERS: Mapping[str, Handler] = {
    "createEvalRun": create,
    "listEvalRuns": list_all,
    "getEvalRun": get,
    "deleteEvalRun": delete,
    "cancelEvalRun": cancel,
    "retryFailedEvalRun": retry,
    "rerunFailedEvalSamples": rerun_failed,
}
