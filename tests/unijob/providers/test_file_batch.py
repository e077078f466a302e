"""MKA1's file batches: counts tell how a completed batch ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import NEWEST, load
from unijob.errors import ContractViolation
from unijob.job import Job, JobState, Progress
from unijob.parsing import parse
from unijob.ref import JobRef

KIND = "mka1:file_batch"
REVISIONS = ["2026-07", "2026-10"]
REF = JobRef("mka1", "file_batch", ("vs_abc123", "vsfb_abc123"))
SEED = Job[Any, None](
    ref=REF,
    state=JobState.CANCELLED,
    raw_status="cancelled",
    created_at=datetime(2024, 1, 1, tzinfo=UTC),
    progress=Progress(total=3, completed=0, failed=0, cancelled=3, unit="files"),
    revision="",
    source=None,
)


def batch(status: str, **counts: int | None) -> dict[str, Any]:
    """A batch with these counts, the others 0; what is None is left out."""
    found: dict[str, Any] = load("seeds/file_batch")
    every = dict.fromkeys(("in_progress", "completed", "failed", "cancelled", "total"), 0) | counts
    return found | {
        "status": status,
        "file_counts": {name: count for name, count in every.items() if count is not None},
    }


def read(payload: dict[str, Any], kind: str | JobRef = KIND) -> Job[Any, Any]:
    """Parse a file batch."""
    found = parse(kind, payload)
    assert isinstance(found, Job)
    return found


@pytest.mark.parametrize(
    ("name", "revision"),
    [("seeds/file_batch", "2026-07"), ("2026-10/file_batch", "2026-10"), ("seeds/file_batch", None)],
)
def test_payloads(name: str, revision: str | None) -> None:
    """The documented batch is the same job in both revisions; where both fit, the newest is taken."""
    found = parse(KIND, load(name), revision=revision, strict=True)
    assert found == SEED
    assert found.revision == (revision or NEWEST)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("in_progress", "running"),
        ("completed", "succeeded"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("expired", "unknown"),
    ],
)
def test_table(status: str, state: str) -> None:
    """Each status has its state; an unlisted one is unknown, with its text and a warning."""
    found = read(batch(status))
    assert (found.state, found.raw_status) == (state, status)
    assert [status in warning for warning in found.warnings] == ([True] if state == "unknown" else [])


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({"total": 0}, "succeeded"),
        ({"total": 3, "completed": 3}, "succeeded"),
        ({"total": 3, "failed": 3}, "failed"),
        ({"total": 3, "cancelled": 3}, "cancelled"),
        ({"total": 3, "completed": 2, "failed": 1}, "partial"),
        ({"total": 3, "completed": 2, "cancelled": 1}, "partial"),
        ({"total": 3, "failed": 2, "cancelled": 1}, "partial"),
    ],
)
def test_counts_refine_completed(counts: dict[str, int], state: str) -> None:
    """A completed batch is what became of its files; `completed` stays the raw status."""
    found = read(batch("completed", **counts))
    assert (found.state, found.raw_status, found.warnings) == (state, "completed", ())


@pytest.mark.parametrize("status", ["in_progress", "failed", "cancelled"])
def test_counts_refine_nothing_else(status: str) -> None:
    """Any other status stands, whatever the counts."""
    plain, mixed = read(batch(status)), read(batch(status, total=3, completed=2, failed=1))
    assert mixed.state == plain.state


@pytest.mark.parametrize(
    ("counts", "state", "hint"),
    [
        ({"total": 3, "completed": 2, "in_progress": 1}, "succeeded", "1 in progress"),
        ({"total": 3, "completed": 3, "in_progress": 2}, "succeeded", "2 in progress"),
        ({"total": 3, "completed": 1, "failed": 1, "in_progress": 1}, "partial", "1 in progress"),
        ({"total": 3, "completed": 2}, "succeeded", "1 of 3 items not done"),
        ({"total": 3, "completed": 4}, "succeeded", "4 items done of 3"),
        ({"total": 3, "completed": 3, "failed": 1}, "partial", "4 items done of 3"),
        ({"total": -1, "completed": 1}, "succeeded", "not a count"),
    ],
)
def test_contradictions_warn_and_end_the_job_all_the_same(counts: dict[str, int], state: str, hint: str) -> None:
    """Counts that contradict `completed` are warned of; the job has ended."""
    found = read(batch("completed", **counts))
    assert found.state == state
    assert found.is_terminal
    assert any(hint in warning for warning in found.warnings)


def test_more_done_than_total_while_running() -> None:
    """Too many done files end nothing."""
    found = read(batch("in_progress", total=1, completed=2))
    assert found.state is JobState.RUNNING
    assert found.warnings == ("file_counts: 2 items done of 1",)


@pytest.mark.parametrize("counts", [None, {}, {"total": 3, "completed": None}, "three", [], {"total": "3"}])
def test_missing_counts_do_not_stop_a_wait(counts: Any) -> None:
    """Without readable counts a completed batch has succeeded, with warnings."""
    found = read(batch("completed") | {"file_counts": counts})
    assert found.state is JobState.SUCCEEDED
    assert any("file_counts" in warning for warning in found.warnings)
    bare = batch("completed")
    del bare["file_counts"]
    assert read(bare).state is JobState.SUCCEEDED


def test_missing_counts_are_none() -> None:
    """A count that the wire leaves out is None, not zero."""
    found = read(batch("completed", total=3, completed=None, failed=1))
    assert found.progress is not None
    assert found.progress.completed is None
    assert found.state is JobState.PARTIAL


@pytest.mark.parametrize("field", ["id", "object", "vector_store_id", "status"])
@pytest.mark.parametrize("broken", ["absent", None, 7, {}])
@pytest.mark.parametrize("kind", [KIND, str(REF)])
def test_identity_and_status_are_vital(field: str, broken: Any, kind: str) -> None:
    """Without a readable id, object or status there is no job, with all that is wrong."""
    payload = batch("completed") | {field: broken, "created_at": "x"}
    if broken == "absent":
        del payload[field]
    with pytest.raises(ContractViolation) as caught:
        parse(kind, payload)
    assert {f"/{field}", "/created_at"} <= {violation.target for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("field", "other", "hint"),
    [("id", "vsfb_other", "another batch_id"), ("vector_store_id", "vs_x", "another vector_store_id")],
)
def test_another_batch_is_a_violation(field: str, other: str, hint: str) -> None:
    """Both ids of the answer are those that were asked for."""
    with pytest.raises(ContractViolation, match=hint):
        parse(REF, batch("completed") | {field: other})


def test_another_object_is_a_violation() -> None:
    """An answer that calls itself something else is not a batch."""
    with pytest.raises(ContractViolation):
        parse(REF, batch("completed") | {"object": "vector_store"})


@pytest.mark.parametrize("bad", ["", ".", ".."])
def test_ids_that_no_reference_holds(bad: str) -> None:
    """An id that a reference cannot hold is no identity."""
    with pytest.raises(ContractViolation, match="no identity"):
        parse(KIND, batch("completed") | {"id": bad})


def test_the_account_of_the_reference_is_kept() -> None:
    """A job read for a named account has that account in its reference."""
    ref = JobRef("mka1", "file_batch", REF.ids, "prod")
    assert read(batch("completed"), ref).ref == ref
