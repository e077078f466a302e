"""MKA1's eval runs in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from tests.unijob.providers.payloads import is_read_as, load, result_of
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.parsing import parse
from unijob.providers.mka1.eval_run import EvalRunResult, EvalUsage
from unijob.ref import JobRef

KIND = "mka1:eval_run"
RUN_ID = "eval_run_aa87e2b1112a455b8deabed784372198"
T0 = 1704067200
FILES = {"2026-07": "seeds/eval_run_list", "2026-10": "2026-10/eval_run_list"}
SEED = Job[Any, Any](
    ref=JobRef("mka1", "eval_run", (RUN_ID,)),
    state=JobState.RUNNING,
    raw_status="in_progress",
    created_at=datetime(2024, 1, 1, tzinfo=UTC),
    started_at=datetime(2024, 1, 1, 0, 0, 10, tzinfo=UTC),
    progress=Progress(total=100, completed=10, failed=0, unit="requests"),
    revision="",
    source=None,
)

each_revision = pytest.mark.parametrize("revision", FILES)


def run(revision: str, **fields: Any) -> dict[str, Any]:
    """The documented run of a revision, with other fields."""
    found: dict[str, Any] = load(FILES[revision])["data"][0]
    return found | fields


def counts(total: int, completed: int, failed: int) -> dict[str, int]:
    """Request counts."""
    return {"total": total, "completed": completed, "failed": failed}


def read(payload: dict[str, Any], revision: str | None = None) -> Job[Any, Any]:
    """Parse an eval run."""
    found = parse(KIND, payload, revision=revision)
    assert isinstance(found, Job)
    return found


@each_revision
def test_payloads(revision: str) -> None:
    """The documented run is the same running job in both revisions, and each is read as what it is."""
    found = read(run(revision))
    assert found == SEED
    assert is_read_as(found, revision)
    assert parse(KIND, run(revision), revision=revision, strict=True) == SEED


@each_revision
@pytest.mark.parametrize(
    ("status", "state", "stage"),
    [
        ("queued", "queued", None),
        ("in_progress", "running", None),
        ("finalizing", "running", "finalizing"),
        ("completed", "succeeded", None),
        ("failed", "failed", None),
        ("cancelling", "cancelling", None),
        ("cancelled", "cancelled", None),
        ("brand_new", "unknown", None),
    ],
)
def test_table(revision: str, status: str, state: str, stage: str | None) -> None:
    """Each status has its state, and `finalizing` its stage; an unlisted one is unknown, with text and warning."""
    found = read(run(revision, status=status, request_counts=counts(10, 10, 0)))
    assert (found.state, found.raw_status) == (state, status)
    assert found.progress is not None
    assert found.progress.stage == stage
    assert [status in warning for warning in found.warnings] == ([True] if state == "unknown" else [])


@each_revision
@pytest.mark.parametrize(
    ("request_counts", "state", "warned"),
    [
        (counts(0, 0, 0), "succeeded", False),
        (counts(10, 10, 0), "succeeded", False),
        (counts(10, 0, 10), "failed", False),
        (counts(10, 9, 1), "partial", False),
        (counts(10, 8, 0), "succeeded", True),
        (counts(10, 8, 1), "partial", True),
        (counts(10, 11, 0), "succeeded", True),
        (counts(10, 10, 1), "partial", True),
    ],
)
def test_counts_refine_completed(revision: str, request_counts: Any, state: str, warned: bool) -> None:  # noqa: FBT001
    """A completed run is what became of its requests; contradictions warn and end it all the same."""
    found = read(run(revision, status="completed", request_counts=request_counts))
    assert (found.state, found.raw_status) == (state, "completed")
    assert bool(found.warnings) == warned


@each_revision
@pytest.mark.parametrize(
    ("status", "finished"),
    [
        ("queued", None),
        ("in_progress", None),
        ("finalizing", None),
        ("completed", 1),
        ("failed", 2),
        ("cancelling", None),
        ("cancelled", 3),
        ("brand_new", None),
    ],
)
def test_finished_at_belongs_to_the_status(revision: str, status: str, finished: int | None) -> None:
    """Of the three end times that a retried run may have, only the one of its present status counts."""
    times = {"completed_at": T0 + 1, "failed_at": T0 + 2, "cancelled_at": T0 + 3}
    found = read(run(revision, status=status, request_counts=counts(1, 1, 0), **times))
    expected = None if finished is None else datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=finished)
    assert found.finished_at == expected


@each_revision
def test_a_completed_run_that_ended_partially_has_its_end(revision: str) -> None:
    """The end of a completed run is `completed_at`, however its requests ended."""
    found = read(run(revision, status="completed", completed_at=T0 + 70, request_counts=counts(2, 1, 1)))
    assert found.state is JobState.PARTIAL
    assert found.duration == timedelta(seconds=60)


@each_revision
def test_the_end_of_another_status_is_not_taken(revision: str) -> None:
    """A failed run without `failed_at` has no end time, whatever else is set."""
    assert read(run(revision, status="failed", completed_at=T0 + 5)).finished_at is None


def test_result_is_the_same_shape_in_both_revisions() -> None:
    """Ended runs of both revisions are equal but for the usage, which 2026-10 adds."""
    ended = {
        "status": "completed",
        "request_counts": counts(1, 1, 0),
        "artifact_file_ids": ["file_1"],
        "metrics": {"mmlu": 0.5},
    }
    old, new = read(run("2026-07", **ended)), read(run("2026-10", **ended))
    assert old.result == EvalRunResult(artifact_file_ids=("file_1",), metrics={"mmlu": 0.5}, usage=None)
    assert result_of(new).usage == EvalUsage(input_tokens=5200, output_tokens=1840, cached_tokens=0, cost_usd=0.0125)
    assert attrs.evolve(new, result=attrs.evolve(result_of(new), usage=None)) == old


@each_revision
def test_a_running_job_has_no_result(revision: str) -> None:
    """A result is what an ended run leaves."""
    assert read(run(revision, artifact_file_ids=["file_1"])).result is None


@each_revision
def test_the_error_keeps_what_the_upstream_said(revision: str) -> None:
    """Code and message are taken out of the error where they stand, and the whole is kept."""
    error = {"code": "judge_failed", "message": "no judge", "at": [1]}
    found = read(run(revision, status="failed", error=error))
    assert found.error == JobFailure(code="judge_failed", message="no judge", details=error)
    assert read(run(revision, status="failed", error={"reason": 1})).error == JobFailure(details={"reason": 1})


def test_dropping_cost_does_not_stop_a_wait() -> None:
    """A field that the vendor stops sending is a warning."""
    payload = run("2026-10", status="completed", request_counts=counts(1, 1, 0))
    del payload["cost_usd"]
    assert read(payload).state is JobState.SUCCEEDED
    found = read(payload, "2026-10")
    assert found.state is JobState.SUCCEEDED
    assert result_of(found).usage.cost_usd is None
    assert any("cost_usd" in warning for warning in found.warnings)


@pytest.mark.parametrize("tokens", ["absent", None, [], 7, {}, {"input": "many"}])
def test_unreadable_tokens(tokens: Any) -> None:
    """Tokens that cannot be read are None, with a warning."""
    payload = run("2026-10", status="completed", request_counts=counts(1, 1, 0), tokens=tokens)
    if tokens == "absent":
        del payload["tokens"]
    found = read(payload, "2026-10")
    assert result_of(found).usage.input_tokens is None
    assert any("tokens" in warning for warning in found.warnings)


def test_times_out_of_range() -> None:
    """What the spec allows and a datetime cannot hold is None with a warning."""
    found = read(run("2026-10", created_at=9007199254740991, started_at=-9007199254740991))
    assert (found.created_at, found.started_at) == (None, None)
    assert {warning.partition(":")[0] for warning in found.warnings} == {"created_at", "started_at"}


@each_revision
def test_to_dict_does_not_depend_on_the_revision(revision: str) -> None:
    """What is printed has the same fields, and plain values, in each revision."""
    printed = read(run(revision)).to_dict()
    assert {key: value for key, value in printed.items() if key != "revision"} == {
        key: value for key, value in SEED.to_dict().items() if key != "revision"
    }
    assert type(read(run(revision)).raw_status) is str
