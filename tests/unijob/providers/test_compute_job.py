"""MKA1's compute jobs in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.parsing import parse
from unijob.providers.mka1.compute_job import ComputeJobResult
from unijob.ref import JobRef

REF = JobRef("mka1", "compute_job", ("job_aa87e2b1112a455b8deabed784372198",))
SEED = Job[Any, Any](
    ref=REF,
    state=JobState.SUCCEEDED,
    raw_status="succeeded",
    created_at=datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
    started_at=datetime(2024, 1, 15, 10, 32, tzinfo=UTC),
    finished_at=datetime(2024, 1, 15, 11, 32, tzinfo=UTC),
    result=ComputeJobResult(exit_code=0, cost_usd=19.25),
    revision="",
    source=None,
)
REASON = {"code": "capacity", "message": "no hardware yet", "details": {"zone": "a"}}
each_revision = pytest.mark.parametrize("revision", ["2026-07", "2026-10"])


def job(revision: str = "2026-10", **fields: Any) -> dict[str, Any]:
    """The documented job of a revision, with other fields."""
    found: dict[str, Any] = load(f"{revision}/compute_job")
    return found | fields


def read(payload: dict[str, Any]) -> Job[Any, Any]:
    """Parse a compute job."""
    found = parse("mka1:compute_job", payload)
    assert isinstance(found, Job)
    return found


@each_revision
def test_payloads(revision: str) -> None:
    """The documented job is the same in both revisions."""
    assert read(job(revision)) == SEED
    assert parse(REF, job(revision), revision=revision, strict=True) == SEED


@each_revision
@pytest.mark.parametrize(
    ("state", "expected", "stage"),
    [
        ("requested", "queued", None),
        ("allocating", "queued", "allocating"),
        ("provisioning", "queued", "provisioning"),
        ("running", "running", None),
        ("ready", "running", "ready"),
        ("finalizing", "running", "finalizing"),
        ("terminating", "cancelling", None),
        ("succeeded", "succeeded", None),
        ("failed", "failed", None),
        ("terminated", "cancelled", None),
        ("brand_new", "unknown", None),
    ],
)
def test_table(revision: str, state: str, expected: str, stage: str | None) -> None:
    """Each state of the wire has its state, some a stage; an unlisted one is unknown."""
    found = read(job(revision, state=state))
    assert (found.state, found.raw_status) == (expected, state)
    assert found.progress == (Progress(stage=stage) if stage is not None else None)
    assert (found.result is not None) == (found.finished_at is not None) == found.is_terminal
    assert bool(found.warnings) == (expected == "unknown")


@pytest.mark.parametrize("state", ["failed", "terminated"])
def test_the_reason_of_a_bad_end_is_its_error(state: str) -> None:
    """With its details."""
    found = read(job(state=state, reason=REASON))
    assert found.error == JobFailure(code="capacity", message="no hardware yet", details={"zone": "a"})
    assert found.progress is None


@pytest.mark.parametrize(("state", "stage"), [("allocating", "allocating"), ("requested", None)])
def test_until_then_the_reason_is_what_it_is_at(state: str, stage: str | None) -> None:
    """A reason for waiting is no failure."""
    found = read(job(state=state, reason=REASON))
    assert (found.error, found.progress) == (None, Progress(stage=stage, message="no hardware yet"))
    assert read(job(state="succeeded", reason=REASON)).error is None


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (137, 137), (-9, -9), (1.0, 1), ("1", None), (None, None)])
def test_exit_codes(code: Any, expected: int | None) -> None:
    """Any integer, negative ones too; what is none is None."""
    assert read(job(state="failed", exit_code=code)).result.exit_code == expected  # type: ignore[union-attr]


@pytest.mark.parametrize("field", ["id", "state"])
def test_identity_and_state_are_vital(field: str) -> None:
    """Without a readable id or state there is no job."""
    with pytest.raises(ContractViolation):
        read(job() | {field: None})
    with pytest.raises(ContractViolation, match="another id"):
        parse(REF, job(id="job_other"))


def test_what_is_missing_does_not_stop_a_wait() -> None:
    """A state is enough."""
    found = read({"id": "j", "state": "succeeded"})
    assert (found.state, found.result) == (JobState.SUCCEEDED, ComputeJobResult())
