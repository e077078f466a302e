"""What evaluation runs of agents and of models have in common: their life."""

from __future__ import annotations

from unijob.job import JobState
from unijob.kinds import StatusTable

_STATES = {
    # The zero value of the wire's enum: nothing was said.
    "STATUS_UNSPECIFIED": JobState.UNKNOWN,
    "QUEUED": JobState.QUEUED,
    "RUNNING_DATASET": JobState.RUNNING,
    "EVALUATING_RESULTS": JobState.RUNNING,
    "CANCELLING": JobState.CANCELLING,
    "CANCELLED": JobState.CANCELLED,
    "SUCCESSFUL": JobState.SUCCEEDED,
    "PARTIALLY_SUCCESSFUL": JobState.PARTIAL,
    "FAILED": JobState.FAILED,
}
_STAGES = {"RUNNING_DATASET": "running dataset", "EVALUATING_RESULTS": "evaluating results"}


def status_table(enum: str, prefix: str) -> StatusTable:
    """The table of a status whose values begin with a prefix, `EVALUATION_RUN_`."""
    return StatusTable(enum=enum, states={prefix + name: state for name, state in _STATES.items()})


def stage_of(status: str | None, prefix: str) -> str | None:
    """What a run at work is at."""
    return _STAGES.get((status or "").removeprefix(prefix))
