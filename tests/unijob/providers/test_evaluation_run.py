"""Gradient's evaluation runs of agents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load, result_of
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, Progress
from unijob.parsing import parse
from unijob.providers.gradient.evaluation_run import EvaluationResult, Metric
from unijob.ref import JobRef

KIND = "gradient:evaluation_run"
UUID = "5b0f2c1e-9a47-4d3e-8c61-7f20b9e4d118"
REF = JobRef("gradient", "evaluation_run", (UUID,))
STATES = {
    "STATUS_UNSPECIFIED": "unknown",
    "QUEUED": "queued",
    "RUNNING_DATASET": "running",
    "EVALUATING_RESULTS": "running",
    "CANCELLING": "cancelling",
    "CANCELLED": "cancelled",
    "SUCCESSFUL": "succeeded",
    "PARTIALLY_SUCCESSFUL": "partial",
    "FAILED": "failed",
}
STAR = Metric(name="Correctness", value=91.5)


def read(kind: str | JobRef = KIND, **fields: Any) -> Job[Any, Any]:
    """Parse a run with little in it; what is None is left out."""
    run = {"evaluation_run_uuid": UUID, **fields}
    found = parse(kind, {"evaluation_run": {name: value for name, value in run.items() if value is not None}})
    assert isinstance(found, Job)
    return found


def test_the_documented_run() -> None:
    """The example is a job with its times, its verdict and what each metric found."""
    correctness = Metric(
        name="Correctness", value=91.5, reasoning="Eighteen of twenty answers agree with the reference."
    )
    found = parse(KIND, load("2026-08/evaluation_run"), strict=True)
    assert isinstance(found, Job)
    assert found == Job(
        ref=REF,
        state=found.state,
        raw_status="EVALUATION_RUN_SUCCESSFUL",
        created_at=datetime(2026, 8, 11, 9, 0, 0, tzinfo=UTC),
        started_at=datetime(2026, 8, 11, 9, 0, 7, tzinfo=UTC),
        finished_at=datetime(2026, 8, 11, 9, 4, 52, tzinfo=UTC),
        result=EvaluationResult(
            passed=True, star_metric=STAR, metrics=(correctness, Metric(name="Tone", value="friendly"))
        ),
        revision="",
        source=None,
    )
    assert found.state == "succeeded"


@pytest.mark.parametrize("status", [*STATES, "NEW"])
def test_states(status: str) -> None:
    """Each status has its state; an unlisted one is unknown, with a warning."""
    found = read(status=f"EVALUATION_RUN_{status}")
    assert found.state == STATES.get(status, "unknown")
    assert found.raw_status == f"EVALUATION_RUN_{status}"
    assert bool(found.warnings) == (status == "NEW")
    assert (found.result is not None) == found.is_terminal


def test_a_missing_status_is_unknown() -> None:
    """A run that says nothing of its status is unknown, not an error."""
    found = read()
    assert (found.state, found.raw_status, found.warnings) == ("unknown", None, ())


@pytest.mark.parametrize(
    ("status", "stage"), [("RUNNING_DATASET", "running dataset"), ("EVALUATING_RESULTS", "evaluating results")]
)
def test_stages(status: str, stage: str) -> None:
    """A run at work tells what it is at; it counts nothing."""
    assert read(status=f"EVALUATION_RUN_{status}").progress == Progress(stage=stage)
    assert read(status="EVALUATION_RUN_QUEUED").progress is None


def test_an_agent_that_did_not_pass_is_no_failed_run() -> None:
    """The run was carried out; the verdict is its result."""
    found = read(status="EVALUATION_RUN_SUCCESSFUL", pass_status=False)
    assert found.succeeded
    assert result_of(found).passed is False


def test_why_it_failed() -> None:
    """The upstream's words are the error's message; empty ones are none."""
    assert read(status="EVALUATION_RUN_FAILED", error_description="no such agent").error == JobFailure(
        message="no such agent"
    )
    assert read(status="EVALUATION_RUN_FAILED", error_description="").error is None


def test_a_metric_without_a_value() -> None:
    """A metric that could not be measured says why."""
    failed = {"metric_name": "Tone", "error_description": "the judge is out"}
    found = read(status="EVALUATION_RUN_PARTIALLY_SUCCESSFUL", run_level_metric_results=[failed])
    assert result_of(found).metrics == (Metric(name="Tone", error="the judge is out"),)


def test_an_end_before_the_end() -> None:
    """An end time of a run that is still at work is kept, and warned of; Go's zero time is none."""
    assert read(status="EVALUATION_RUN_QUEUED", finished_at="2026-08-11T09:04:52Z").warnings == (
        "finished_at: set although the job is queued",
    )
    assert read(status="EVALUATION_RUN_QUEUED", finished_at="0001-01-01T00:00:00Z").warnings == ()


def test_another_run_is_a_violation() -> None:
    """An answer that carries another id is not the run asked for; one without any needs a reference."""
    with pytest.raises(ContractViolation, match="another evaluation_run_uuid"):
        read(JobRef("gradient", "evaluation_run", ("other",)))
    with pytest.raises(ContractViolation, match="identity"):
        read(evaluation_run_uuid=None)
    assert read(REF, evaluation_run_uuid=None).ref == REF
