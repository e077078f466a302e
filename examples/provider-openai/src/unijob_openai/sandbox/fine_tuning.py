"""Fine-tuning jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Moment, Plan, Stage, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

from unijob_openai.sandbox.answers import found, page, whole

KIND = "openai:fine_tuning_job"

LIFE = Life(
    outcomes=("succeeded", "failed", "cancelled"),
    settings={
        "validating": Setting(default=1.0, type=float, about="seconds of looking through the files"),
        "queued": Setting(default=2.0, type=float, about="seconds in the queue, with validating"),
        "duration": Setting(default=10.0, type=float, about="seconds of training"),
        "message": Setting(default="The training file has too few examples.", type=str, about="why it fails"),
    },
)
_TOKENS = 20_000
_CHECKPOINTS, _STEPS = 3, 30
_AT_WORK = frozenset({Stage.QUEUED, Stage.RUNNING})


def create(call: Call) -> Reply:
    """Start a job."""
    record = call.world.create(KIND, f"ftjob-{call.world.ids.next(KIND)}", call.now, {"wanted": call.body})
    return Reply(_view(call.world, record, call.now))


def get(call: Call) -> Reply:
    """Read a job."""
    return Reply(_view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List jobs, the newest first."""
    views = [_view(call.world, record, call.now) for record in reversed(call.world.all(KIND, call.now))]
    return page(call, views, with_ends=False)


def cancel(call: Call) -> Reply:
    """Stop a job at once."""
    record = _found(call)
    now = _standing(record, call.now)
    if now.ended:
        raise Refusal("conflict", f"Job has already {now.outcome}.", parameter="fine_tuning_job_id")
    record.events.append(Event("cancel", call.now))
    return Reply(_view(call.world, record, call.now))


def pause_job(call: Call) -> Reply:
    """Halt a job that is under way."""
    return _ask(call, "pause", _AT_WORK)


def resume_job(call: Call) -> Reply:
    """Let a paused job go on."""
    return _ask(call, "resume", frozenset({Stage.PAUSED}))


def _ask(call: Call, what: str, stages: frozenset[Stage]) -> Reply:
    record = _found(call)
    now = _standing(record, call.now)
    if now.stage not in stages:
        status = _status(record, now, call.now)
        raise Refusal("conflict", f"Cannot {what} a job with status '{status}'.", parameter="fine_tuning_job_id")
    record.events.append(Event(what, call.now))
    return Reply(_view(call.world, record, call.now))


def checkpoints(call: Call) -> Reply:
    """List the models that a job left so far, the newest first: one after each third of its work."""
    record = _found(call)
    now = _standing(record, call.now)
    left = now.completed if now.started_at is not None else 0
    return page(call, [_checkpoint(call.world, record, step) for step in range(left, 0, -1)], with_ends=False)


def events(call: Call) -> Reply:
    """List what a job told so far, the newest first."""
    record = _found(call)
    now = _standing(record, call.now)
    told = [(record.created_at, "info", "Created fine-tuning job")]
    if now.started_at is not None:
        told.append((now.started_at, "info", "Fine-tuning job started"))
    if now.outcome is not None and now.ended_at is not None:
        level = "error" if now.outcome == "failed" else "info"
        told.append((now.ended_at, level, f"The job has {now.outcome}"))
    views: list[dict[str, Any]] = [
        {
            "id": f"ftevent-{call.world.ids.of(record.id, message)}",
            "object": "fine_tuning.job.event",
            "created_at": int(at),
            "level": level,
            "message": message,
            "type": "message",
            "data": {},
        }
        for at, level, message in reversed(told)
    ]
    return page(call, views, with_ends=False)


def _found(call: Call) -> Record:
    return found(call, KIND, "fine-tuning job", "fine_tuning_job_id")


def _standing(record: Record, now: float) -> Moment:
    script = record.script
    plan = Plan(
        created_at=record.created_at,
        outcome=script["outcome"],
        items=_CHECKPOINTS,
        queued=script["queued"],
        duration=script["duration"],
    )
    return moment(plan, record.events, now)


def _made_at(record: Record, number: int) -> float:
    """When a checkpoint was left: each pause before it delayed it."""
    at: float = record.created_at + record.script["queued"] + record.script["duration"] * number / _CHECKPOINTS
    asked = [event for event in record.events if event.name in {"pause", "resume"}]
    for pause, resume in zip(asked[::2], asked[1::2], strict=False):
        at += resume.at - pause.at if pause.at < at else 0.0
    return at


def _checkpoint(world: World, record: Record, number: int) -> dict[str, Any]:
    step = _STEPS * number
    return {
        "id": f"ftckpt-{world.ids.of(record.id, str(number))}",
        "object": "fine_tuning.job.checkpoint",
        "created_at": int(_made_at(record, number)),
        "fine_tuned_model_checkpoint": f"ft:{record.data['wanted']['model']}:acme::{record.id[:8]}:ckpt-step-{step}",
        "fine_tuning_job_id": record.id,
        "metrics": {"step": step, "train_loss": 1 / step, "train_mean_token_accuracy": 1 - 1 / step},
        "step_number": step,
    }


def _view(world: World, record: Record, at: float) -> dict[str, Any]:
    """A job as the wire has it."""
    now, wanted = _standing(record, at), record.data["wanted"]
    done = now.outcome == "succeeded"
    name = f"ft:{wanted['model']}:acme:{wanted.get('suffix') or ''}:{world.ids.of(record.id)[:8]}"
    failed = now.outcome == "failed"
    error = {"code": "invalid_training_file", "message": record.script["message"], "param": "training_file"}
    return {
        "id": record.id,
        "object": "fine_tuning.job",
        "created_at": int(record.created_at),
        "finished_at": whole(now.ended_at),
        "estimated_finish": None,
        "model": wanted["model"],
        "fine_tuned_model": name if done else None,
        "organization_id": f"org-{world.ids.of('organization')[:24]}",
        "status": _status(record, now, at),
        "training_file": wanted["training_file"],
        "validation_file": wanted.get("validation_file"),
        "result_files": [f"file-{world.ids.of(record.id, 'results')}"] if done else [],
        "trained_tokens": _TOKENS if done else None,
        "hyperparameters": {"n_epochs": "auto", **(wanted.get("hyperparameters") or {})},
        "method": wanted.get("method") or {"type": "supervised"},
        "seed": wanted.get("seed") or world.ids.number_of(1, 2**31 - 1, record.id),
        "error": error if failed else None,
        "integrations": wanted.get("integrations") or [],
        "metadata": wanted.get("metadata"),
    }


def _status(record: Record, now: Moment, at: float) -> str:
    if now.outcome is not None:
        return now.outcome
    if now.stage is Stage.QUEUED:
        return "validating_files" if at < record.created_at + record.script["validating"] else "queued"
    # The contract has no word for a paused job: it waits to go on, so it is queued.
    return "running" if now.stage is Stage.RUNNING else "queued"


HANDLERS: Mapping[str, Handler] = {
    "createFineTuningJob": create,
    "listPaginatedFineTuningJobs": list_all,
    "retrieveFineTuningJob": get,
    "cancelFineTuningJob": cancel,
    "pauseFineTuningJob": pause_job,
    "resumeFineTuningJob": resume_job,
    "listFineTuningJobCheckpoints": checkpoints,
    "listFineTuningEvents": events,
}
