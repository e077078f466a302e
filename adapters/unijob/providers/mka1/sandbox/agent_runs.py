"""Runs of agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox import plans
from unijob.providers.mka1.sandbox.lists import DEFAULT_LIMIT, found_in, parent
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Stage
from unijob.sandbox.vendor import Call, Handler, Reply
from unijob.sandbox.world import Record, World

KIND = "mka1:agent_run"
AGENT = "mka1:agent"

LIFE = Life(
    outcomes=("succeeded", "partial", "failed", "cancelled"),
    since={"partial": "2026-10", "cancelled": "2026-10"},
    settings={
        "queued": Setting(default=1.0, type=float, about="seconds in the queue"),
        "duration": Setting(default=4.0, type=float, about="seconds of work"),
        "message": Setting(default="The model endpoint stopped answering.", type=str, about="why a run fails"),
    },
)
_STATUSES = {Stage.QUEUED: "queued", Stage.RUNNING: "submitting"}
_ENDED = {"succeeded": "completed", "partial": "incomplete"}
_ECHOED = ("conversation", "previous_response_id", "metadata")


def create(call: Call) -> Reply:
    """Start a run of an agent; one that is asked for as a stream is answered whole all the same."""
    data = {"agent": _agent(call), "wanted": call.body}
    record = call.world.create(KIND, f"run_{call.world.ids.next(KIND)}", call.now, data)
    return Reply(_view(call.world, record, call.now), 201)


def get(call: Call) -> Reply:
    """Read a run."""
    return Reply(_view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List the runs of an agent."""
    agent = _agent(call)
    records = [record for record in call.world.all(KIND, call.now) if record.data["agent"] == agent]
    if call.query.get("order", "desc") == "desc":
        records.reverse()
    first = call.query.get("offset", 0)
    last = first + call.query.get("limit", DEFAULT_LIMIT)
    views = [_view(call.world, record, call.now) for record in records[first:last]]
    return Reply(
        {
            "object": "list",
            "data": views,
            "first_id": views[0]["id"] if views else None,
            "last_id": views[-1]["id"] if views else None,
            "has_more": last < len(records),
        }
    )


def cancel(call: Call) -> Reply:
    """Cancel a run."""
    record = _found(call)
    plans.ask(call, record, "cancel", frozenset(_STATUSES), "The run has ended and can no longer be cancelled.")
    return Reply(_view(call.world, record, call.now))


def _agent(call: Call) -> str:
    return parent(call, AGENT, "agent", "agent_id")


def _found(call: Call) -> Record:
    return found_in(call, KIND, "run", "run_id", agent=_agent(call))


def _view(world: World, record: Record, instant: float) -> dict[str, Any]:
    now = plans.standing(record, instant)
    wanted = record.data["wanted"]
    is_answered = now.outcome in _ENDED
    answer = f"resp_{world.ids.of('answer', record.id)}"
    return {
        "object": "agent.run",
        "id": record.id,
        "agent_id": record.data["agent"],
        "agent_version": 1,
        "status": _ENDED.get(now.outcome, now.outcome) if now.outcome is not None else _STATUSES[now.stage],
        "input": wanted["input"],
        **{name: wanted.get(name) for name in _ECHOED},
        "gateway_response_id": answer if is_answered else None,
        "gateway_response": _response(answer, is_whole=now.outcome == "succeeded") if is_answered else None,
        "error": {"code": "run_failed", "message": record.script["message"]} if now.outcome == "failed" else None,
        "created_at": rfc3339(record.created_at),
        "completed_at": rfc3339(now.ended_at) if now.ended_at is not None else None,
    }


def _response(identity: str, *, is_whole: bool) -> dict[str, Any]:
    return {
        "id": identity,
        "output_text": "Done." if is_whole else "Done with",
        "incomplete_details": None if is_whole else {"reason": "max_tokens"},
    }


HANDLERS: Mapping[str, Handler] = {
    "createAgentRun": create,
    "listAgentRuns": list_all,
    "getAgentRun": get,
    "cancelAgentRun": cancel,
}
