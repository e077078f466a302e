"""Batches of requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox import plans
from unijob.providers.mka1.sandbox.lists import found, page
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Moment, Stage
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "mka1:batch"

LIFE = Life(
    outcomes=("succeeded", "partial", "failed", "expired", "cancelled"),
    settings={
        "items": Setting(default=20, type=int, about="requests in the input file"),
        "queued": Setting(default=1.0, type=float, about="seconds of looking through the input file"),
        "duration": Setting(default=8.0, type=float, about="seconds of work, with finalizing"),
        "finalizing": Setting(default=0.1, type=float, maximum=1, about="share of the work that is finalizing"),
        "cancelling": Setting(default=1.0, type=float, about="seconds from asking it to stop until it has"),
        "failed_items": Setting(default=None, type=int, about="requests that fail where it ends partially"),
        "message": Setting(default="A line of the input file is no request.", type=str, about="why a batch fails"),
    },
)
_STATUSES = {
    Stage.QUEUED: "validating",
    Stage.RUNNING: "in_progress",
    Stage.FINALIZING: "finalizing",
    Stage.CANCELLING: "cancelling",
}
_COMPLETED = frozenset({"succeeded", "partial"})
_WINDOW = 86_400
_MOST = 1_000
_OLD = "2026-07"


def create(call: Call) -> Reply:
    """Start a batch."""
    wanted: Mapping[str, Any] = call.body
    if not 1 <= wanted.get("max_concurrency", 1) <= _MOST:
        raise Refusal("invalid", f"max_concurrency: must be from 1 to {_MOST}.", parameter="max_concurrency")
    record = call.world.create(KIND, f"batch_{call.world.ids.next(KIND)}", call.now, wanted)
    return Reply(_view(call.world, record, call.now))


def get(call: Call) -> Reply:
    """Read a batch."""
    return Reply(_view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List batches, the newest first."""
    records = call.world.all(KIND, call.now)
    return page(call, records, lambda record: _view(call.world, record, call.now))


def cancel(call: Call) -> Reply:
    """Ask a batch to stop. Asking again while it stops changes nothing."""
    record = _found(call)
    stage = plans.standing(record, call.now).stage
    if stage is not Stage.CANCELLING:
        plans.ask(call, record, "cancel", frozenset(_STATUSES), "The batch has ended and can no longer be cancelled.")
    return Reply(_view(call.world, record, call.now))


def _found(call: Call) -> Record:
    return found(call, KIND, "batch", "batch_id")


def _status(now: Moment) -> str:
    if now.outcome is None:
        return _STATUSES[now.stage]
    return "completed" if now.outcome in _COMPLETED else now.outcome


def _view(world: World, record: Record, instant: float) -> dict[str, Any]:
    now = plans.standing(record, instant)
    wanted, status = record.data, _status(now)
    asked = next((event.at for event in record.events if event.name == "cancel"), None)
    expires = plans.end(record) if record.script["outcome"] == "expired" else record.created_at + _WINDOW
    view = {
        "id": record.id,
        "object": "batch",
        "endpoint": wanted["endpoint"],
        "errors": _errors(record) if status == "failed" else None,
        "input_file_id": wanted["input_file_id"],
        "completion_window": wanted.get("completion_window", "24h"),
        "max_concurrency": wanted.get("max_concurrency", 8),
        "status": status,
        "output_file_id": f"file_{world.ids.of('output', record.id)}" if now.ended and now.completed else None,
        "error_file_id": f"file_{world.ids.of('errors', record.id)}" if now.ended and now.failed else None,
        "created_at": int(record.created_at),
        "in_progress_at": plans.whole(now.started_at),
        "expires_at": int(expires),
        "finalizing_at": plans.whole(now.ended_at) if now.outcome in _COMPLETED else None,
        **{f"{name}_at": None for name in ("completed", "failed", "expired", "cancelled")},
        "cancelling_at": plans.whole(asked),
        "request_counts": {"total": now.total, "completed": now.completed, "failed": now.failed},
        "metadata": wanted.get("metadata"),
    }
    if now.ended:
        view[f"{status}_at"] = plans.whole(now.ended_at)
    if world.revision == _OLD:
        del view["max_concurrency"]
    return view


def _errors(record: Record) -> dict[str, Any]:
    error = {"code": "invalid_request", "message": record.script["message"], "param": None, "line": 1}
    return {"object": "list", "data": [error]}


HANDLERS: Mapping[str, Handler] = {
    "createBatch": create,
    "listBatches": list_all,
    "getBatch": get,
    "cancelBatch": cancel,
}
