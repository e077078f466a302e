"""MKA1's batches of requests in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import is_read_as, load
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.parsing import parse
from unijob.providers.mka1.batch import BatchResult
from unijob.ref import JobRef

REF = JobRef("mka1", "batch", ("batch_aa87e2b1112a455b8deabed784372198",))
SEED = Job[Any, Any](
    ref=REF,
    state=JobState.PARTIAL,
    raw_status="completed",
    created_at=datetime(2024, 1, 1, tzinfo=UTC),
    started_at=datetime(2024, 1, 1, 0, 0, 10, tzinfo=UTC),
    finished_at=datetime(2024, 1, 1, 1, 0, 10, tzinfo=UTC),
    progress=Progress(total=100, completed=98, failed=2, unit="requests"),
    result=BatchResult(
        output_file_id="file_bb87e2b1112a455b8deabed784372198", error_file_id="file_cc87e2b1112a455b8deabed784372198"
    ),
    revision="",
    source=None,
)
each_revision = pytest.mark.parametrize("revision", ["2026-07", "2026-10"])
DONE = {"total": 10, "completed": 10, "failed": 0}


def batch(revision: str = "2026-10", **fields: Any) -> dict[str, Any]:
    """The documented batch of a revision, with other fields."""
    found: dict[str, Any] = load(f"{revision}/batch")
    return found | fields


def read(payload: dict[str, Any]) -> Job[Any, Any]:
    """Parse a batch."""
    found = parse("mka1:batch", payload)
    assert isinstance(found, Job)
    return found


@each_revision
def test_payloads(revision: str) -> None:
    """The documented batch is the same job in both revisions, and each is read as what it is."""
    found = read(batch(revision))
    assert found == SEED
    assert is_read_as(found, revision)
    assert parse(REF, batch(revision), revision=revision, strict=True) == SEED


@each_revision
@pytest.mark.parametrize(
    ("status", "state", "stage"),
    [
        ("validating", "queued", "validating"),
        ("in_progress", "running", None),
        ("finalizing", "running", "finalizing"),
        ("completed", "succeeded", None),
        ("failed", "failed", None),
        ("expired", "timed_out", None),
        ("cancelling", "cancelling", None),
        ("cancelled", "cancelled", None),
        ("brand_new", "unknown", None),
    ],
)
def test_table(revision: str, status: str, state: str, stage: str | None) -> None:
    """Each status has its state, some a stage; an unlisted one is unknown. Only an ended batch has a result."""
    found = read(batch(revision, status=status, request_counts=DONE))
    assert (found.state, found.raw_status) == (state, status)
    assert found.progress is not None
    assert found.progress.stage == stage
    assert (found.result is not None) == found.is_terminal
    assert bool(found.warnings) == (state == "unknown")


@pytest.mark.parametrize(
    ("completed", "failed", "state"), [(0, 0, "succeeded"), (0, 5, "failed"), (4, 1, "partial"), (5, 0, "succeeded")]
)
def test_counts_refine_completed(completed: int, failed: int, state: str) -> None:
    """A completed batch is what became of its requests; an expired one is timed out whatever they say."""
    counts = {"total": completed + failed, "completed": completed, "failed": failed}
    assert read(batch(request_counts=counts)).state == state
    assert read(batch(status="expired", request_counts=counts)).state is JobState.TIMED_OUT


@pytest.mark.parametrize("status", ["completed", "failed", "expired", "cancelled"])
def test_the_end_is_the_one_of_the_status(status: str) -> None:
    """Of several ends that are set, the one that belongs to the status counts."""
    ends: dict[str, Any] = {"completed_at": 1, "failed_at": 2, "expired_at": 3, "cancelled_at": 4}
    found = read(batch(status=status, request_counts=DONE, **ends))
    assert found.finished_at == datetime.fromtimestamp(ends[f"{status}_at"], UTC)
    assert read(batch(status="finalizing", **ends)).finished_at is None


def test_errors_of_the_input_file() -> None:
    """The first is the failure, and says how many more there are; without errors there is none."""
    lines = [{"code": "bad_line", "message": "no JSON", "param": None, "line": line} for line in (1, 7, 9)]
    found = read(batch(status="failed", errors={"object": "list", "data": lines}))
    assert found.error == JobFailure(code="bad_line", message="no JSON (and 2 more)")
    alone = read(batch(status="failed", errors={"object": "list", "data": lines[:1]}))
    assert alone.error == JobFailure(code="bad_line", message="no JSON")
    assert read(batch(errors=None)).error is None
    assert read(batch(errors={"object": "list", "data": []})).error is None


@pytest.mark.parametrize("field", ["id", "object", "status"])
def test_identity_and_status_are_vital(field: str) -> None:
    """Without a readable id, object or status there is no job."""
    with pytest.raises(ContractViolation):
        read(batch() | {field: None})
    with pytest.raises(ContractViolation, match="another batch_id"):
        parse(REF, batch(id="batch_other"))


def test_what_is_missing_does_not_stop_a_wait() -> None:
    """Without counts and times a completed batch has succeeded, with warnings."""
    found = read({"id": "b", "object": "batch", "status": "completed"})
    assert (found.state, found.created_at) == (JobState.SUCCEEDED, None)
    assert found.warnings
