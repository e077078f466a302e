"""Fine-tuning jobs and what happens in them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from unijob.providers.mka1.sandbox import plans
from unijob.providers.mka1.sandbox.lists import found, page, page_of
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Stage, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "mka1:fine_tuning_job"

LIFE = Life(
    outcomes=("succeeded", "failed", "cancelled"),
    settings={
        "items": Setting(default=10, type=int, maximum=1_000, about="steps of the training"),
        "validating": Setting(default=0.5, type=float, maximum=1, about="share of the wait that is validating files"),
        "queued": Setting(default=2.0, type=float, about="seconds until the training begins, with validating"),
        "duration": Setting(default=8.0, type=float, about="seconds of training"),
        "message": Setting(default="The training diverged.", type=str, about="why a job fails"),
    },
)
_AT_WORK = frozenset({Stage.QUEUED, Stage.RUNNING})
_ECHOED = ("validation_file", "method", "integrations", "metadata", "suffix")
_TOKENS_A_STEP = 512
_LARGEST = 2**53 - 1
_HALVINGS = 40


@attrs.frozen
class _Happening:
    """Something that happened in a job."""

    at: float
    message: str
    level: str = "info"
    data: Mapping[str, Any] | None = None


def create(call: Call) -> Reply:
    """Start a job."""
    wanted: Mapping[str, Any] = call.body
    if abs(wanted.get("seed") or 0) > _LARGEST:
        raise Refusal("invalid", "seed: is too large.", parameter="seed")
    record = call.world.create(KIND, f"ftjob-{call.world.ids.next(KIND)}", call.now, wanted)
    return Reply(_view(call.world, record, call.now))


def get(call: Call) -> Reply:
    """Read a job."""
    return Reply(_view(call.world, _found(call), call.now))


def list_all(call: Call) -> Reply:
    """List jobs, the newest first."""
    records = call.world.all(KIND, call.now)
    return page(call, records, lambda record: _view(call.world, record, call.now), ends=False)


def cancel(call: Call) -> Reply:
    """Cancel a job, at work or paused."""
    return _ask(call, "cancel", _AT_WORK | {Stage.PAUSED}, "has ended and can no longer be cancelled")


def pause(call: Call) -> Reply:
    """Pause a job."""
    return _ask(call, "pause", _AT_WORK, "is not at work and cannot be paused")


def resume(call: Call) -> Reply:
    """Let a paused job go on."""
    return _ask(call, "resume", frozenset({Stage.PAUSED}), "is not paused and cannot be resumed")


def events(call: Call) -> Reply:
    """List what happened in a job, the newest first."""
    record = _found(call)
    history = sorted(_history(record, call.now), key=lambda happening: happening.at)
    views = [_event(call.world, record, number, happening) for number, happening in enumerate(history)]
    return page_of(call, views[::-1], ends=False)


def _ask(call: Call, what: str, stages: frozenset[Stage], why_not: str) -> Reply:
    record = _found(call)
    plans.ask(call, record, what, stages, f"The fine-tuning job {why_not}.")
    return Reply(_view(call.world, record, call.now))


def _found(call: Call) -> Record:
    return found(call, KIND, "fine-tuning job", "fine_tuning_job_id")


def _status(record: Record, instant: float) -> str:
    now = plans.standing(record, instant)
    if now.outcome is not None:
        return now.outcome
    validated = record.created_at + record.script["queued"] * record.script["validating"]
    if now.stage is Stage.QUEUED and instant < validated:
        return "validating_files"
    # The contract has no word for a paused job: it waits to go on, so it is queued.
    return "running" if now.stage is Stage.RUNNING else "queued"


def _view(world: World, record: Record, instant: float) -> dict[str, Any]:
    now, end = plans.standing(record, instant), plans.end(record)
    wanted = record.data
    has_succeeded = now.outcome == "succeeded"
    name = f"ft:{wanted['model']}:{wanted.get('suffix') or 'own'}:{world.ids.of(record.id)[:8]}"
    seed = wanted.get("seed")
    return {
        "id": record.id,
        "object": "fine_tuning.job",
        "model": wanted["model"],
        "created_at": int(record.created_at),
        "finished_at": plans.whole(now.ended_at),
        "fine_tuned_model": name if has_succeeded else None,
        "organization_id": f"org_{world.ids.of('org')}",
        "result_files": [f"file_{world.ids.of('results', record.id)}"] if has_succeeded else [],
        "status": _status(record, instant),
        "training_file": wanted["training_file"],
        "error": _error(record) if now.outcome == "failed" else None,
        "seed": seed if seed is not None else world.ids.number_of(1, 2**31 - 1, "seed", record.id),
        "estimated_finish": None if now.ended or math.isinf(end) else int(end),
        "trained_tokens": now.completed * _TOKENS_A_STEP if now.ended else None,
        "hyperparameters": wanted.get("hyperparameters") or {"n_epochs": "auto", "batch_size": "auto"},
        **{name: wanted.get(name) for name in _ECHOED},
    }


def _error(record: Record) -> dict[str, Any]:
    return {"code": "training_failed", "message": record.script["message"], "param": None}


def _history(record: Record, instant: float) -> Iterator[_Happening]:
    """What happened so far."""
    now = plans.standing(record, instant)
    yield _Happening(record.created_at, "Created the job")
    if now.started_at is not None:
        yield _Happening(now.started_at, "The training began")
    for step in range(1, now.completed + 1):
        figures = {"step": step, "train_loss": round(2 / (1 + step), 4)}
        yield _Happening(_when_done(record, step, instant), f"Step {step} of {now.total}", data=figures)
    for event in record.events:
        yield _Happening(event.at, f"Asked to {event.name}", "warn")
    if now.ended_at is not None:
        message = record.script["message"] if now.outcome == "failed" else f"The job has {now.outcome}"
        yield _Happening(now.ended_at, message, "error" if now.outcome == "failed" else "info")


def _when_done(record: Record, step: int, instant: float) -> float:
    """When a step was done, which pauses may have delayed: found by halving the time since the job was created."""
    early, late, life = record.created_at, instant, plans.plan(record)
    for _ in range(_HALVINGS):
        middle = (early + late) / 2
        events = [event for event in record.events if event.at <= middle]
        early, late = (early, middle) if moment(life, events, middle).completed >= step else (middle, late)
    return late


def _event(world: World, record: Record, number: int, happening: _Happening) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.event",
        "id": f"ftevent-{world.ids.of(record.id, number)}",
        "created_at": int(happening.at),
        "level": happening.level,
        "message": happening.message,
        "type": "metrics" if happening.data is not None else "message",
        "data": happening.data,
    }


HANDLERS: Mapping[str, Handler] = {
    "createFineTuningJob": create,
    "listFineTuningJobs": list_all,
    "retrieveFineTuningJob": get,
    "cancelFineTuningJob": cancel,
    "pauseFineTuningJob": pause,
    "resumeFineTuningJob": resume,
    "listFineTuningEvents": events,
}
