"""What the documents of the APIs say of each kind's payload, written a second time: nothing here is the library's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from tests.truth.wire import Format, at, count
from unijob.job import JobState

UNKNOWN = JobState.UNKNOWN
QUEUED, RUNNING, CANCELLING = JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING
SUCCEEDED, PARTIAL, FAILED = JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED
CANCELLED, TIMED_OUT = JobState.CANCELLED, JobState.TIMED_OUT

Model = Mapping[str, Any]
Time = tuple[str, Format]


@attrs.frozen(kw_only=True)
class Facts:
    """Where a kind's payload tells what.

    Args:
        times: attribute to place and format.
        finished: by status: the end time that belongs to it, where there are several.
        state: the state that a payload means.
        counts: attribute of the progress to place.
        parts: the place of the pieces, and what one says.
    """

    times: Mapping[str, Time] = attrs.field(factory=dict[str, Time])
    finished: Mapping[str, Time] = attrs.field(factory=dict[str, Time])
    state: Callable[[Model], JobState]
    counts: Mapping[str, str] = attrs.field(factory=dict[str, str])
    parts: tuple[str, Facts] | None = None


def by_status(states: Mapping[str, JobState], path: str = "status") -> Callable[[Model], JobState]:
    """The state that one status means; unknown where it is not listed."""
    return lambda model: states.get(str(at(model, path)), UNKNOWN)


def refined(states: Mapping[str, JobState], counts: Mapping[str, str]) -> Callable[[Model], JobState]:
    """The state that one status means, told apart by counts where it is `completed`."""

    def state(model: Model) -> JobState:
        found = by_status(states)(model)
        return (
            outcome(**{name: count(at(model, path)) for name, path in counts.items()}) if found is SUCCEEDED else found
        )

    return state


def outcome(
    total: int | None = None, completed: int | None = None, failed: int | None = None, cancelled: int | None = None
) -> JobState:
    """What became of all items, by the share that each end has of them."""
    if total is None and completed is not None:
        total = completed + (failed or 0) + (cancelled or 0)
    ends = {FAILED: failed or 0, CANCELLED: cancelled or 0}
    if total == 0 or not any(ends.values()):
        return SUCCEEDED
    return next((end for end, items in ends.items() if total is not None and items >= total), PARTIAL)


FILE_COUNTS = {name: f"file_counts.{name}" for name in ("total", "completed", "failed", "cancelled")}
REQUEST_COUNTS = {name: f"request_counts.{name}" for name in ("total", "completed", "failed")}

EXPORT = {
    "RUNNING": RUNNING,
    "COMPLETED": SUCCEEDED,
    "FAILED": FAILED,
    "CANCELLED": CANCELLED,
    "TERMINATED": CANCELLED,
    "CONTINUED_AS_NEW": RUNNING,
    "TIMED_OUT": TIMED_OUT,
}
BATCH = {"in_progress": RUNNING, "completed": SUCCEEDED, "failed": FAILED, "cancelled": CANCELLED}
RUN = {
    "queued": QUEUED,
    "in_progress": RUNNING,
    "finalizing": RUNNING,
    "completed": SUCCEEDED,
    "failed": FAILED,
    "cancelling": CANCELLING,
    "cancelled": CANCELLED,
}
SOURCE = {
    "DATA_SOURCE_STATUS_IN_PROGRESS": RUNNING,
    "DATA_SOURCE_STATUS_UPDATED": SUCCEEDED,
    "DATA_SOURCE_STATUS_NOT_UPDATED": SUCCEEDED,
    "DATA_SOURCE_STATUS_PARTIALLY_UPDATED": PARTIAL,
    "DATA_SOURCE_STATUS_FAILED": FAILED,
    "DATA_SOURCE_STATUS_CANCELLED": CANCELLED,
}


def indexing(job: Model) -> JobState:
    """The two signals of an indexing job, met in the order in which the documents settle them."""
    word = str(at(job, "status") or "").removeprefix("INDEX_JOB_STATUS_")
    phase = PHASES.get(str(at(job, "phase") or "").removeprefix("BATCH_JOB_PHASE_"))
    if word in {"", "UNKNOWN"}:
        return phase or UNKNOWN
    status = OUTCOMES.get(word)
    if status is None:  # a word that nobody knew: never success
        return UNKNOWN if phase in {None, SUCCEEDED} else phase or UNKNOWN
    if phase is None:
        return status
    return met(phase, status)


def met(phase: JobState, status: JobState) -> JobState:
    """Both signals, each of which says something; a payload alone does not tell how long one of them lags."""
    if {phase, status} <= {QUEUED, RUNNING}:
        return RUNNING if RUNNING in {phase, status} else QUEUED
    if phase in {QUEUED, RUNNING} or status in {QUEUED, RUNNING}:
        if FAILED is status:
            return FAILED
        return CANCELLING if CANCELLED in {phase, status} else RUNNING
    if status is PARTIAL and phase is not CANCELLED:
        return PARTIAL
    return next(worst for worst in (FAILED, CANCELLED, PARTIAL, SUCCEEDED) if worst in {phase, status})


OUTCOMES = {
    "PENDING": QUEUED,
    "IN_PROGRESS": RUNNING,
    "COMPLETED": SUCCEEDED,
    "NO_CHANGES": SUCCEEDED,
    "PARTIAL": PARTIAL,
    "FAILED": FAILED,
    "CANCELLED": CANCELLED,
}
PHASES = {
    "PENDING": QUEUED,
    "RUNNING": RUNNING,
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "ERROR": FAILED,
    "CANCELLED": CANCELLED,
}

EVALUATION = {
    "QUEUED": QUEUED,
    "RUNNING_DATASET": RUNNING,
    "EVALUATING_RESULTS": RUNNING,
    "CANCELLING": CANCELLING,
    "CANCELLED": CANCELLED,
    "SUCCESSFUL": SUCCEEDED,
    "PARTIALLY_SUCCESSFUL": PARTIAL,
    "FAILED": FAILED,
}

REQUESTS = {
    "validating": QUEUED,
    "in_progress": RUNNING,
    "finalizing": RUNNING,
    "completed": SUCCEEDED,
    "failed": FAILED,
    "expired": TIMED_OUT,
    "cancelling": CANCELLING,
    "cancelled": CANCELLED,
}
TUNING = {
    "validating_files": QUEUED,
    "queued": QUEUED,
    "running": RUNNING,
    "succeeded": SUCCEEDED,
    "failed": FAILED,
    "cancelled": CANCELLED,
}
AGENT = {
    "queued": QUEUED,
    "submitting": RUNNING,
    "completed": SUCCEEDED,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "incomplete": PARTIAL,
}
COMPUTE = {
    "requested": QUEUED,
    "allocating": QUEUED,
    "provisioning": QUEUED,
    "running": RUNNING,
    "ready": RUNNING,
    "finalizing": RUNNING,
    "terminating": CANCELLING,
    "succeeded": SUCCEEDED,
    "failed": FAILED,
    "terminated": CANCELLED,
}

FACTS: Mapping[str, Facts] = {
    "mka1:feedback_export": Facts(
        times={"started_at": ("startTime|start_time", "rfc3339")},
        finished=dict.fromkeys(
            ("COMPLETED", "FAILED", "CANCELLED", "TERMINATED", "TIMED_OUT"), ("closeTime|close_time", "rfc3339")
        ),
        state=by_status(EXPORT),
    ),
    "mka1:file_batch": Facts(
        times={"created_at": ("created_at", "seconds")},
        state=refined(BATCH, FILE_COUNTS),
        counts=FILE_COUNTS,
    ),
    "mka1:eval_run": Facts(
        times={"created_at": ("created_at", "seconds"), "started_at": ("started_at", "seconds")},
        finished={status: (f"{status}_at", "seconds") for status in ("completed", "failed", "cancelled")},
        state=refined(RUN, REQUEST_COUNTS),
        counts=REQUEST_COUNTS,
    ),
    "gradient:indexing_job": Facts(
        times={
            "created_at": ("created_at", "rfc3339"),
            "started_at": ("started_at", "rfc3339"),
            "finished_at": ("finished_at", "rfc3339"),
            "updated_at": ("updated_at", "rfc3339"),
        },
        state=indexing,
        counts={"total": "total_datasources", "completed": "completed_datasources"},
        parts=(
            "data_source_jobs",
            Facts(
                times={"started_at": ("started_at", "rfc3339"), "finished_at": ("completed_at", "rfc3339")},
                state=by_status(SOURCE),
                counts={
                    "total": "total_file_count",
                    "completed": "indexed_file_count",
                    "failed": "failed_item_count",
                    "skipped": "skipped_item_count",
                },
            ),
        ),
    ),
    "gradient:evaluation_run": Facts(
        times={
            "created_at": ("queued_at", "rfc3339"),
            "started_at": ("started_at", "rfc3339"),
            "finished_at": ("finished_at", "rfc3339"),
        },
        state=by_status({f"EVALUATION_RUN_{word}": state for word, state in EVALUATION.items()}),
    ),
    "gradient:model_evaluation_run": Facts(
        times={
            "created_at": ("created_at", "rfc3339"),
            "started_at": ("started_at", "rfc3339"),
            "finished_at": ("completed_at", "rfc3339"),
        },
        state=by_status({f"MODEL_EVALUATION_RUN_{word}": state for word, state in EVALUATION.items()}),
        counts={"total": "progress.total_rows", "completed": "progress.judge_rows_evaluated"},
    ),
    "mka1:batch": Facts(
        times={"created_at": ("created_at", "seconds"), "started_at": ("in_progress_at", "seconds")},
        finished={status: (f"{status}_at", "seconds") for status in ("completed", "failed", "expired", "cancelled")},
        state=refined(REQUESTS, REQUEST_COUNTS),
        counts=REQUEST_COUNTS,
    ),
    "mka1:fine_tuning_job": Facts(
        times={"created_at": ("created_at", "seconds")},
        finished=dict.fromkeys(("succeeded", "failed", "cancelled"), ("finished_at", "seconds")),
        state=by_status(TUNING),
    ),
    "mka1:agent_run": Facts(
        times={"created_at": ("created_at", "rfc3339")},
        finished=dict.fromkeys(("completed", "failed", "cancelled", "incomplete"), ("completed_at", "rfc3339")),
        state=by_status(AGENT),
    ),
    "mka1:compute_job": Facts(
        times={"created_at": ("created_at", "rfc3339"), "started_at": ("started_at", "rfc3339")},
        finished=dict.fromkeys(("succeeded", "failed", "terminated"), ("terminal_at", "rfc3339")),
        state=by_status(COMPUTE, "state"),
    ),
}
