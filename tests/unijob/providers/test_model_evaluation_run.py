"""Gradient's evaluation runs of models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load, result_of
from tests.unijob.providers.test_evaluation_run import STATES
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, Progress
from unijob.parsing import parse
from unijob.providers.gradient.model_evaluation_result import (
    MetricCounts,
    ModelEvaluationResult,
    ModelEvaluationUsage,
)
from unijob.ref import JobRef

KIND = "gradient:model_evaluation_run"
UUID = "2c7d9e50-3f18-4ab6-9d24-81e6b0f5a3c7"
REF = JobRef("gradient", "model_evaluation_run", (UUID,))
NOTHING = ModelEvaluationResult(usage=ModelEvaluationUsage())


def read(kind: str | JobRef = KIND, **fields: Any) -> Job[Any, Any]:
    """Parse a run with little in it; what is None is left out."""
    run = {"eval_run_uuid": UUID, **fields}
    found = parse(kind, {"run": {name: value for name, value in run.items() if value is not None}})
    assert isinstance(found, Job)
    return found


def test_the_documented_run() -> None:
    """The example is a partial job with its rows, its score, its tokens and its costs."""
    found = parse(KIND, load("2026-08/model_evaluation_run"), strict=True)
    assert isinstance(found, Job)
    assert found == Job(
        ref=REF,
        state=found.state,
        raw_status="MODEL_EVALUATION_RUN_PARTIALLY_SUCCESSFUL",
        created_at=datetime(2026, 8, 12, 14, 0, 0, tzinfo=UTC),
        started_at=datetime(2026, 8, 12, 14, 0, 3, tzinfo=UTC),
        finished_at=datetime(2026, 8, 12, 14, 20, 0, tzinfo=UTC),
        progress=Progress(total=200, completed=198, unit="rows", message="200 rows answered"),
        error=JobFailure(message="2 rows could not be judged"),
        result=ModelEvaluationResult(
            score_percent=87.5,
            metrics=(MetricCounts(name="Correctness", passed=175, failed=23, skipped=2),),
            usage=ModelEvaluationUsage(candidate_tokens=79_850, judge_tokens=130_300, cost=0.4375, currency="USD"),
        ),
        revision="",
        source=None,
    )
    assert found.state == "partial"


@pytest.mark.parametrize("status", [*STATES, "NEW"])
def test_states(status: str) -> None:
    """The statuses mean what those of agents' runs mean; an unlisted one is unknown, with a warning."""
    found = read(status=f"MODEL_EVALUATION_RUN_{status}", result_summary={})
    assert found.state == STATES.get(status, "unknown")
    assert bool(found.warnings) == (status == "NEW")
    assert found.result == (NOTHING if found.is_terminal else None)


def test_a_run_without_a_summary_has_no_result() -> None:
    """A failed run may leave nothing."""
    assert read(status="MODEL_EVALUATION_RUN_FAILED").result is None


def test_progress_shows_while_the_model_answers() -> None:
    """Rows are done when they are judged; that answers come in is told too, so that a wait sees it move."""
    counts = {"candidate_rows_evaluated": 7, "judge_rows_evaluated": 0, "total_rows": 20}
    found = read(status="MODEL_EVALUATION_RUN_RUNNING_DATASET", progress=counts).progress
    assert found == Progress(total=20, completed=0, unit="rows", stage="running dataset", message="7 rows answered")
    later = read(
        status="MODEL_EVALUATION_RUN_RUNNING_DATASET", progress={**counts, "candidate_rows_evaluated": 8}
    ).progress
    assert later != found
    assert read(status="MODEL_EVALUATION_RUN_EVALUATING_RESULTS").progress == Progress(stage="evaluating results")
    assert read(status="MODEL_EVALUATION_RUN_QUEUED").progress is None


def test_more_judged_than_there_is() -> None:
    """Counts that contradict each other are warned of."""
    found = read(
        status="MODEL_EVALUATION_RUN_EVALUATING_RESULTS", progress={"judge_rows_evaluated": 3, "total_rows": 2}
    )
    assert found.warnings == ("progress: 3 items done of 2",)


def test_garbage_elsewhere_does_not_stop_a_wait() -> None:
    """Breaches beside identity and status are warnings, each with its place."""
    found = read(
        status="MODEL_EVALUATION_RUN_SUCCESSFUL",
        started_at=5,
        progress={"total_rows": "many"},
        result_summary={"metric_summaries": [7], "pricing": [], "performance_metrics": {"token_usage": "x"}},
    )
    assert found.succeeded
    assert result_of(found).metrics == (MetricCounts(name=None),)
    for field in ("started_at", "total_rows", "metric_summaries/0", "pricing", "token_usage"):
        assert any(field in warning for warning in found.warnings), field


def test_another_run_is_a_violation() -> None:
    """An answer that carries another id is not the run asked for."""
    with pytest.raises(ContractViolation, match="another eval_run_uuid"):
        read(JobRef("gradient", "model_evaluation_run", ("other",)))
