"""Batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Moment, Plan, Stage, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

from unijob_openai.sandbox.answers import found, page, whole

KIND = "openai:batch"
DAY = 86_400

LIFE = Life(
    outcomes=("succeeded", "partial", "failed", "expired", "cancelled"),
    settings={
        "items": Setting(default=20, type=int, minimum=1, about="requests of the input file"),
        "queued": Setting(default=1.0, type=float, about="seconds of validating"),
        "duration": Setting(default=8.0, type=float, about="seconds of work, with finalizing"),
        "finalizing": Setting(default=0.1, type=float, maximum=1, about="share of the work that is finalizing"),
        "cancelling": Setting(default=2.0, type=float, about="seconds from asking it to stop until it has"),
        "failed_items": Setting(default=None, type=int, about="requests that fail where it ends partially"),
        "message": Setting(default="The input file has lines that are no JSON.", type=str, about="why it fails"),
    },
)
_STATUSES = {
    Stage.QUEUED: "validating",
    Stage.RUNNING: "in_progress",
    Stage.FINALIZING: "finalizing",
    Stage.CANCELLING: "cancelling",
}
_ENDED = {"succeeded": "completed", "partial": "completed"}


def create(call: Call) -> Reply:
    """Start a batch."""
    record = call.world.create(KIND, f"batch_{call.world.ids.next(KIND)}", call.now, {"wanted": call.body})
    return Reply(view(call.world, record, call.now))


def get(call: Call) -> Reply:
    """Read a batch."""
    return Reply(view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List batches, the newest first."""
    return page(call, [view(call.world, record, call.now) for record in reversed(call.world.all(KIND, call.now))])


def cancel(call: Call) -> Reply:
    """Ask a batch to stop; asking again while it stops changes nothing."""
    record = _found(call)
    now = _standing(record, call.now)
    if now.ended:
        status = _ENDED.get(now.outcome or "", now.outcome)
        raise Refusal("conflict", f"Cannot cancel a batch with status '{status}'.", parameter="batch_id")
    if now.stage is not Stage.CANCELLING:
        record.events.append(Event("cancel", call.now))
    return Reply(view(call.world, record, call.now))


def view(world: World, record: Record, at: float) -> dict[str, Any]:
    """A batch as the wire has it."""
    now, wanted = _standing(record, at), record.data["wanted"]
    done = now.completed + now.failed
    return {
        "id": record.id,
        "object": "batch",
        "endpoint": wanted["endpoint"],
        "model": None,
        "errors": _errors(record) if now.outcome == "failed" else None,
        "input_file_id": wanted["input_file_id"],
        "completion_window": wanted["completion_window"],
        "status": _STATUSES[now.stage] if now.outcome is None else _ENDED.get(now.outcome, now.outcome),
        "output_file_id": f"file-{world.ids.of(record.id, 'output')}" if now.ended and now.completed else None,
        "error_file_id": f"file-{world.ids.of(record.id, 'errors')}" if now.ended and now.failed else None,
        "created_at": int(record.created_at),
        "in_progress_at": whole(now.started_at),
        "expires_at": int(record.created_at) + DAY,
        **_times(record, now),
        "request_counts": {"total": now.total, "completed": now.completed, "failed": now.failed},
        "usage": {
            "input_tokens": done * 120,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": done * 80,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": done * 200,
        },
        "metadata": wanted.get("metadata"),
    }


def _times(record: Record, now: Moment) -> dict[str, int | None]:
    asked = next((event.at for event in record.events if event.name == "cancel"), None)
    times: dict[str, int | None] = dict.fromkeys(
        ("finalizing_at", "completed_at", "failed_at", "expired_at", "cancelled_at")
    )
    times["cancelling_at"] = whole(asked)
    if now.outcome is not None:
        times[f"{_ENDED.get(now.outcome, now.outcome)}_at"] = whole(now.ended_at)
    return times


def _errors(record: Record) -> dict[str, Any]:
    told = {"code": "invalid_json_line", "message": record.script["message"], "param": None, "line": 1}
    return {"object": "list", "data": [told]}


def _found(call: Call) -> Record:
    return found(call, KIND, "batch", "batch_id")


def _standing(record: Record, now: float) -> Moment:
    script = record.script
    plan = Plan(
        created_at=record.created_at,
        outcome=script["outcome"],
        items=script["items"],
        queued=script["queued"],
        duration=script["duration"],
        finalizing=script["finalizing"],
        cancelling=script["cancelling"],
        failed_items=script["failed_items"],
    )
    return moment(plan, record.events, now)


HANDLERS: Mapping[str, Handler] = {
    "createBatch": create,
    "listBatches": list_all,
    "retrieveBatch": get,
    "cancelBatch": cancel,
}
