"""`gradient:evaluation_run`: a test case being run against an agent.

That a run succeeded says that it was carried out. Whether the agent passed stands in `result.passed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobState, Progress
from unijob.kinds import JobKind
from unijob.providers.gradient.evaluations import stage_of, status_table
from unijob.startflows import started_by_id
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models

PREFIX = "EVALUATION_RUN_"
STATUS = status_table("EvaluationRunStatus", PREFIX)


@attrs.frozen(kw_only=True)
class Metric:
    """What one metric found: a value, or why there is none."""

    name: str | None
    value: float | str | None = None
    reasoning: str | None = None
    error: str | None = None


@attrs.frozen(kw_only=True)
class EvaluationResult:
    """What an ended run leaves."""

    passed: bool | None = None
    """Whether the star metric reached its threshold."""
    star_metric: Metric | None = None
    metrics: tuple[Metric, ...] = ()


def normalize(run: models.EvaluationRun, reading: Reading) -> Job[models.EvaluationRun, EvaluationResult]:
    """Read an evaluation run."""
    state = reading.status(STATUS, run.status, "status") or JobState.UNKNOWN
    status = reading.text(run.status)
    stage = stage_of(status, PREFIX)
    return Job(
        ref=reading.ref((run.evaluation_run_uuid,)),
        state=state,
        raw_status=status,
        created_at=reading.rfc3339(run.queued_at, "queued_at"),
        started_at=reading.rfc3339(run.started_at, "started_at"),
        finished_at=reading.ended(reading.rfc3339(run.finished_at, "finished_at"), "finished_at", state),
        progress=Progress(stage=stage) if stage is not None else None,
        error=reading.failure(run.error_description),
        result=_result(run, reading) if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=run,
    )


def _result(run: models.EvaluationRun, reading: Reading) -> EvaluationResult:
    star, metrics = run.star_metric_result, run.run_level_metric_results
    return EvaluationResult(
        passed=reading.flag(run.pass_status),
        star_metric=None if isinstance(star, Unset) else _metric(star, reading),
        metrics=tuple(_metric(metric, reading) for _, metric in reading.each(metrics, "run_level_metric_results")),
    )


def _metric(metric: models.MetricResult, reading: Reading) -> Metric:
    number = reading.number(metric.number_value)
    return Metric(
        name=reading.text(metric.metric_name),
        value=number if number is not None else reading.text(metric.string_value),
        reasoning=reading.text(metric.reasoning),
        error=reading.text(metric.error_description),
    )


def _ids(started: models.EvaluationRunStart) -> object:
    return started.evaluation_run_uuids


KIND = JobKind(
    name="gradient:evaluation_run",
    title="evaluation run of an agent",
    ids=("evaluation_run_uuid",),
    get="genai_get_evaluation_run",
    envelope="evaluation_run",
    start="genai_run_evaluation_test_case",
    start_flow=started_by_id("genai_run_evaluation_test_case", _ids),
    vital=("evaluation_run_uuid", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
