"""`gradient:model_evaluation_run`: a dataset being run against a model, whose answers another model judges.

A row is done when it is judged; while the model still answers, `progress.message` tells how far that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unijob.job import Job, JobState, Progress
from unijob.kinds import JobKind, Listing, NumberedPages, Pieces
from unijob.outcomes import check_counts
from unijob.providers.gradient.evaluations import stage_of, status_table
from unijob.providers.gradient.model_evaluation_result import ModelEvaluationResult, result_of
from unijob.startflows import started_by_id
from unijob_models.gradient.v2026_08 import models as v2026_08
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models

PREFIX = "MODEL_EVALUATION_RUN_"
STATUS = status_table("ModelEvaluationRunStatus", PREFIX)
NOT_DELETED = "DELETE_MODEL_EVALUATION_RUN_STATUS_FAIL"


def normalize(
    run: models.ModelEvaluationRun | models.ModelEvaluationRunSummary, reading: Reading
) -> Job[models.ModelEvaluationRun | models.ModelEvaluationRunSummary, ModelEvaluationResult]:
    """Read a model evaluation run, whole or as a list has it."""
    state = reading.status(STATUS, run.status, "status") or JobState.UNKNOWN
    whole = None if isinstance(run, v2026_08.ModelEvaluationRunSummary) else run
    finished_at = reading.rfc3339(whole.completed_at, "completed_at") if whole else None
    return Job(
        ref=reading.ref((run.eval_run_uuid,)),
        state=state,
        raw_status=reading.text(run.status),
        created_at=reading.rfc3339(run.created_at, "created_at"),
        started_at=reading.rfc3339(whole.started_at, "started_at") if whole else None,
        finished_at=reading.ended(finished_at, "completed_at", state),
        progress=_progress(run.progress, stage_of(reading.text(run.status), PREFIX), reading),
        error=reading.failure(whole.error_description) if whole else None,
        result=result_of(whole.result_summary, reading) if whole and state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=run,
    )


def _progress(rows: models.ModelEvaluationRunProgress | Unset, stage: str | None, reading: Reading) -> Progress | None:
    if isinstance(rows, Unset):
        return Progress(stage=stage) if stage is not None else None
    total = reading.count(rows.total_rows, "progress.total_rows")
    answered = reading.count(rows.candidate_rows_evaluated, "progress.candidate_rows_evaluated")
    progress = Progress(
        total=total,
        completed=reading.count(rows.judge_rows_evaluated, "progress.judge_rows_evaluated"),
        unit="rows",
        stage=stage,
        message=f"{answered} rows answered" if answered is not None else None,
    )
    check_counts(progress, reading.warn("progress"))
    return progress


def _id(started: models.ModelEvaluationRunStart) -> object:
    return started.eval_run_uuid


def _kept(answer: Mapping[str, Any]) -> str | None:
    return str(answer.get("error") or answer["status"]) if answer.get("status") == NOT_DELETED else None


PAGES = NumberedPages(number="page", size="per_page")
RESULTS: Pieces[models.ModelEvaluationResult] = Pieces(
    name="results", operation="genai_get_model_evaluation_run", items="results", pages=PAGES
)

KIND = JobKind(
    name="gradient:model_evaluation_run",
    title="evaluation run of a model",
    ids=("eval_run_uuid",),
    get="genai_get_model_evaluation_run",
    envelope="run",
    lists=(Listing(operation="genai_list_model_evaluation_runs", items="runs", pages=PAGES),),
    start="genai_create_model_evaluation_run",
    start_flow=started_by_id("genai_create_model_evaluation_run", _id),
    cancel="genai_cancel_model_evaluation_run",
    delete="genai_delete_model_evaluation_run",
    kept=_kept,
    pieces=(RESULTS,),
    vital=("eval_run_uuid", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
