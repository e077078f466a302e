"""What the lives of evaluation runs of agents and of models have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.sandbox.clock import rfc3339
from unijob.sandbox.scripts import Setting
from unijob.sandbox.timeline import Moment, Stage

OUTCOMES = ("succeeded", "partial", "failed", "cancelled")
SETTINGS: Mapping[str, Setting] = {
    "queued": Setting(default=1.0, type=float, about="seconds in the queue"),
    "duration": Setting(default=8.0, type=float, about="seconds of work, the judging included"),
    "message": Setting(default="The model stopped answering.", type=str, about="why it failed, wholly or in part"),
}
METRIC = "Correctness"
_ENDED = {
    "succeeded": "SUCCESSFUL",
    "partial": "PARTIALLY_SUCCESSFUL",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}
_AT_WORK = {
    Stage.QUEUED: "QUEUED",
    Stage.RUNNING: "RUNNING_DATASET",
    Stage.FINALIZING: "EVALUATING_RESULTS",
    Stage.CANCELLING: "CANCELLING",
}


def status(found: Moment, *, is_judging: bool = False) -> str:
    """A status, without the prefix that its values have."""
    if found.outcome is not None:
        return _ENDED[found.outcome]
    return "EVALUATING_RESULTS" if is_judging and found.stage is Stage.RUNNING else _AT_WORK[found.stage]


def times(found: Moment, created: str, ended: str) -> dict[str, str]:
    """The times that there are by now, under the names of their wire."""
    instants = {created: found.began_at, "started_at": found.started_at, ended: found.ended_at}
    return {name: rfc3339(at) for name, at in instants.items() if at is not None}


def result(identity: str, name: str, score: float) -> dict[str, Any]:
    """What a metric found."""
    return {
        "metric_uuid": identity,
        "metric_name": name,
        "metric_value_type": "METRIC_VALUE_TYPE_PERCENTAGE",
        "number_value": score,
        "reasoning": "Compared with the reference.",
        "status": "EVALUATION_METRIC_RESULT_STATUS_COMPLETED",
    }
