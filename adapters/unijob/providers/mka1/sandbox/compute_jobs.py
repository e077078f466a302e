"""Compute jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox import plans
from unijob.providers.mka1.sandbox.lists import found
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.pages import by_cursor
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Moment, Stage
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "mka1:compute_job"

LIFE = Life(
    outcomes=("succeeded", "failed", "terminated"),
    settings={
        "queued": Setting(default=3.0, type=float, about="seconds until it starts: a third each of its first states"),
        "duration": Setting(default=8.0, type=float, about="seconds of work, with finalizing"),
        "finalizing": Setting(default=0.1, type=float, maximum=1, about="share of the work that is finalizing"),
        "cancelling": Setting(default=1.0, type=float, about="seconds from asking it to stop until it has"),
        "items": Setting(default=100, type=int, minimum=1, about="steps of the work, which the API does not tell"),
        "message": Setting(default="The container ended with an error.", type=str, about="why a job fails"),
    },
)
_STATES = {Stage.RUNNING: "running", Stage.FINALIZING: "finalizing", Stage.CANCELLING: "terminating"}
_WAITING = ("requested", "allocating", "provisioning")
_EXITS = {"succeeded": 0, "failed": 1}
_PRICE = 19.2
_HOUR = 3600
_DEFAULT_LIMIT = 50
_KEYS = "keys of compute jobs"
_CURSOR = "after-"


def create(call: Call) -> Reply:
    """Start a job; with the idempotency key of an earlier request, give the job that this made."""
    keys: dict[str, tuple[str, Any]] = call.world.notes.setdefault(_KEYS, {})
    key = call.headers.get("idempotency-key")
    if key in keys:
        identity, body = keys[key]
        record = call.world.find(KIND, identity, call.now)
        if record is None or body != call.body:
            raise Refusal("conflict", "The idempotency key was used for another job.", parameter="Idempotency-Key")
        return Reply(_view(call.world, record, call.now))
    record = call.world.create(KIND, f"job_{call.world.ids.next(KIND)}", call.now, call.body)
    if key is not None:
        keys[key] = record.id, call.body
    return Reply(_view(call.world, record, call.now), 201)


def get(call: Call) -> Reply:
    """Read a job."""
    return Reply(_view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List jobs, the newest first."""
    records = call.world.all(KIND, call.now)[::-1]
    if "state" in call.query:
        records = [record for record in records if _state_at(record, call.now) == call.query["state"]]
    cursor = call.query.get("cursor")
    after = cursor.removeprefix(_CURSOR) if cursor is not None else None
    limit = call.query.get("limit", _DEFAULT_LIMIT)
    cut = by_cursor(records, lambda record: record.id, limit=limit, after=after)
    if cut is None:
        raise Refusal("invalid", "cursor: is none that a list gave.", parameter="cursor")
    following = _CURSOR + cut.items[-1].id if cut.more else None
    shown = [_view(call.world, record, call.now) for record in cut.items]
    return Reply({"data": shown, "next_cursor": following, "total": len(records)})


def terminate(call: Call) -> Reply:
    """Ask a job to stop. Asking again while it stops changes nothing."""
    record = _found(call)
    if plans.standing(record, call.now).stage is not Stage.CANCELLING:
        at_work = frozenset({Stage.QUEUED, Stage.RUNNING, Stage.FINALIZING})
        plans.ask(call, record, "cancel", at_work, "The job has ended and can no longer be terminated.")
    return Reply(_view(call.world, record, call.now))


def _found(call: Call) -> Record:
    return found(call, KIND, "job", "id")


def _waited(record: Record, now: Moment, instant: float) -> int:
    """How many of its first states a job is past."""
    if now.started_at is not None:
        return len(_WAITING)
    stopped = min([instant, *(event.at for event in record.events)])
    share = (stopped - record.created_at) / record.script["queued"] if record.script["queued"] else 0
    return min(int(share * len(_WAITING)), len(_WAITING) - 1)


def _state(now: Moment, waited: int) -> str:
    if now.outcome is not None:
        return now.outcome if now.outcome in _EXITS else "terminated"
    return _WAITING[waited] if now.stage is Stage.QUEUED else _STATES[now.stage]


def _state_at(record: Record, instant: float) -> str:
    now = plans.standing(record, instant)
    return _state(now, _waited(record, now, instant))


def _view(world: World, record: Record, instant: float) -> dict[str, Any]:
    now = plans.standing(record, instant)
    wanted, waited = record.data, _waited(record, now, instant)
    view: dict[str, Any] = {
        "id": record.id,
        "state": _state(now, waited),
        "reason": _reason(record, now),
        "compute": wanted["compute"],
        "limits": wanted.get("limits", {}),
        **{name: wanted[name] for name in ("name", "volumes") if name in wanted},
        "endpoints": [],
        "accrued_usd": 0.0,
        "created_at": rfc3339(record.created_at),
        "started_at": rfc3339(now.started_at) if now.started_at is not None else None,
        "terminal_at": rfc3339(now.ended_at) if now.ended_at is not None else None,
    }
    if waited > _WAITING.index("allocating"):
        view.update(_allocated(world, record, now, instant))
    if now.outcome in _EXITS:
        view["exit_code"] = _EXITS[now.outcome]
    return view


def _allocated(world: World, record: Record, now: Moment, instant: float) -> dict[str, Any]:
    """What is known of a job once it has its hardware."""
    compute, container = record.data["compute"], record.data["container"]
    host = f"{world.ids.of('host', record.id)[:12]}.compute.example"
    allocated = record.created_at + record.script["queued"] * _WAITING.index("provisioning") / len(_WAITING)
    hours = ((now.ended_at if now.ended_at is not None else instant) - allocated) / _HOUR
    view: dict[str, Any] = {
        "provider": "provider-a",
        "hardware": {"accelerator": compute["accelerator"], "gpu_count": compute["gpu_count"], "gpu_memory_gb": 80},
        "price_usd_hr": _PRICE,
        "accrued_usd": round(max(hours, 0.0) * _PRICE, 6),
        "allocated_at": rfc3339(allocated),
    }
    if now.stage is Stage.RUNNING:
        view["endpoints"] = [_endpoint(host, port) for port in container.get("ports", ())]
    if "ssh_public_key" in record.data.get("access", {}) and not now.ended:
        view["ssh"] = {"host": host, "port": 22, "user": "root", "command": f"ssh root@{host}"}
    return view


def _endpoint(host: str, port: Mapping[str, Any]) -> dict[str, Any]:
    endpoint: dict[str, Any] = {
        "name": port["name"],
        "host": host,
        "port": port["container_port"],
        "protocol": port["protocol"],
    }
    if port["protocol"] == "http":
        endpoint["url"] = f"https://{host}"
    return endpoint


def _reason(record: Record, now: Moment) -> dict[str, Any] | None:
    if now.outcome == "failed":
        return {"code": "container_failed", "message": record.script["message"]}
    if now.outcome == "terminated":
        return {"code": "limit_reached", "message": "The job ran for as long as it may."}
    return {"code": "requested", "message": "Its owner asked for it."} if now.outcome == "cancelled" else None


HANDLERS: Mapping[str, Handler] = {
    "createJob": create,
    "listJobs": list_all,
    "getJob": get,
    "terminateJob": terminate,
}
