"""`mka1:eval_run`: an evaluation suite being run against models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from unijob.job import Job, JobState
from unijob.kinds import CursorPages, JobKind, Listing, StatusTable
from unijob.providers.mka1.request_counts import standing
from unijob_models.mka1.v2026_07 import models as v2026_07

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="EvalRunStatus",
    states={
        "queued": JobState.QUEUED,
        "in_progress": JobState.RUNNING,
        "finalizing": JobState.RUNNING,
        "completed": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelling": JobState.CANCELLING,
        "cancelled": JobState.CANCELLED,
    },
    stages=frozenset({"finalizing"}),
)


@attrs.frozen(kw_only=True)
class EvalUsage:
    """What a run used: tokens and US dollars. Told since revision 2026-10."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None


@attrs.frozen(kw_only=True)
class EvalRunResult:
    """What an ended run leaves: its artifacts, its metrics, and what it used."""

    artifact_file_ids: tuple[str, ...] = ()
    metrics: Mapping[str, Any] | None = None
    usage: EvalUsage | None = None


def normalize(run: models.EvalRun, reading: Reading) -> Job[models.EvalRun, EvalRunResult]:
    """Read an eval run of any revision."""
    state, progress = standing(run, STATUS, reading)
    # A retry works in place, so an older end may still be set: only the one that belongs to the status counts.
    ends = {"completed": run.completed_at, "failed": run.failed_at, "cancelled": run.cancelled_at}
    return Job(
        ref=reading.ref((run.id,)),
        state=state,
        raw_status=reading.text(run.status),
        created_at=reading.unix_seconds(run.created_at, "created_at"),
        started_at=reading.unix_seconds(run.started_at, "started_at"),
        finished_at=reading.unix_seconds(ends.get(run.status), f"{run.status}_at"),
        progress=progress,
        error=reading.failure_of(run.error),
        result=_result(run, reading) if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=run,
    )


def _result(run: models.EvalRun, reading: Reading) -> EvalRunResult:
    usage = None
    if not isinstance(run, v2026_07.EvalRun):
        usage = EvalUsage(
            input_tokens=reading.count(run.tokens.input, "tokens.input"),
            output_tokens=reading.count(run.tokens.output, "tokens.output"),
            cached_tokens=reading.count(run.tokens.cached, "tokens.cached"),
            reasoning_tokens=reading.count(run.tokens.reasoning, "tokens.reasoning"),
            cost_usd=reading.number(run.cost_usd),
        )
    return EvalRunResult(
        artifact_file_ids=reading.texts(run.artifact_file_ids),
        metrics=run.metrics if isinstance(run.metrics, Mapping) else None,
        usage=usage,
    )


PAGES = CursorPages(cursor="after", size="limit")

KIND = JobKind(
    name="mka1:eval_run",
    title="eval run",
    ids=("run_id",),
    get="getEvalRun",
    lists=(
        Listing(operation="listEvalRuns", items="data", pages=PAGES),
        Listing(operation="listEvalScheduleRuns", items="data", pages=PAGES),
    ),
    start="createEvalRun",
    cancel="cancelEvalRun",
    delete="deleteEvalRun",
    retry="retryFailedEvalRun",
    retry_failed_items="rerunFailedEvalSamples",
    vital=("id", "object", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
