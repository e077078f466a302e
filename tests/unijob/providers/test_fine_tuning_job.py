"""MKA1's fine-tuning jobs in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.parsing import parse
from unijob.providers.mka1.fine_tuning_job import FineTuningResult
from unijob.ref import JobRef

REF = JobRef("mka1", "fine_tuning_job", ("ftjob-aa87e2b1112a455b8deabed784372198",))
SEED = Job[Any, Any](
    ref=REF,
    state=JobState.SUCCEEDED,
    raw_status="succeeded",
    created_at=datetime(2024, 1, 1, tzinfo=UTC),
    finished_at=datetime(2024, 1, 1, 1, tzinfo=UTC),
    result=FineTuningResult(
        fine_tuned_model="ft:meetkai/model-a:support:aa87e2b1",
        result_files=("file_aa87e2b1112a455b8deabed784372198",),
        trained_tokens=5120,
    ),
    revision="",
    source=None,
)
each_revision = pytest.mark.parametrize("revision", ["2026-07", "2026-10"])


def training(revision: str = "2026-10", **fields: Any) -> dict[str, Any]:
    """The documented job of a revision, with other fields."""
    found: dict[str, Any] = load(f"{revision}/fine_tuning_job")
    return found | fields


def read(payload: dict[str, Any]) -> Job[Any, Any]:
    """Parse a fine-tuning job."""
    found = parse("mka1:fine_tuning_job", payload)
    assert isinstance(found, Job)
    return found


@each_revision
def test_payloads(revision: str) -> None:
    """The documented job is the same in both revisions."""
    assert read(training(revision)) == SEED
    assert parse(REF, training(revision), revision=revision, strict=True) == SEED


@each_revision
@pytest.mark.parametrize(
    ("status", "state", "progress"),
    [
        ("validating_files", "queued", Progress(stage="validating_files")),
        ("queued", "queued", None),
        ("running", "running", None),
        ("succeeded", "succeeded", None),
        ("failed", "failed", None),
        ("cancelled", "cancelled", None),
        ("paused", "unknown", None),
    ],
)
def test_table(revision: str, status: str, state: str, progress: Progress | None) -> None:
    """Each status has its state; `paused`, which no contract lists, is unknown and not terminal."""
    found = read(training(revision, status=status))
    assert (found.state, found.raw_status, found.progress) == (state, status, progress)
    assert (found.result is not None) == (found.finished_at is not None) == found.is_terminal
    assert [status in warning for warning in found.warnings] == ([True] if state == "unknown" else [])


def test_why_it_failed() -> None:
    """Code and message; what else there is stands in the source."""
    error = {"code": "invalid_file", "message": "no examples", "param": "training_file"}
    found = read(training(status="failed", error=error))
    assert found.error == JobFailure(code="invalid_file", message="no examples")
    assert found.source.error.param == "training_file"
    assert read(training(status="failed", error=None)).error is None


@pytest.mark.parametrize("size", ["auto", 8, None])
def test_settings_of_a_training_may_be_words_or_numbers(size: Any) -> None:
    """What is `auto` or a number comes as it is."""
    found = read(training(hyperparameters={"batch_size": size}))
    assert found.source.hyperparameters.batch_size == size
    assert found.warnings == ()


def test_methods_are_typed_down_to_their_graders() -> None:
    """A grader is known by its type, one that is made of others, too."""
    same = {"type": "string_check", "name": "same", "input": "a", "reference": "b", "operation": "eq"}
    code = {"type": "python", "name": "code", "source": "pass"}
    both = {"type": "multi", "name": "both", "graders": {"x": same, "y": code}, "calculate_output": "x + y"}
    method = {"type": "reinforcement", "reinforcement": {"grader": both}}
    found = parse("mka1:fine_tuning_job", training(method=method), strict=True)
    grader = found.source.method.reinforcement.grader
    assert (grader.graders["x"].operation, grader.graders["y"].source) == ("eq", "pass")


@pytest.mark.parametrize("field", ["id", "object", "status"])
def test_identity_and_status_are_vital(field: str) -> None:
    """Without a readable id, object or status there is no job."""
    with pytest.raises(ContractViolation):
        read(training() | {field: None})
    with pytest.raises(ContractViolation, match="another fine_tuning_job_id"):
        parse(REF, training(id="ftjob-other"))


def test_what_is_missing_does_not_stop_a_wait() -> None:
    """A status is enough."""
    found = read({"id": "f", "object": "fine_tuning.job", "status": "succeeded"})
    assert (found.state, found.result) == (JobState.SUCCEEDED, FineTuningResult())
