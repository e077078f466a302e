"""Gradient's indexing jobs: two signals, one state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unijob.providers.payloads import load, result_of, text
from unijob import parsing
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, JobPart, JobState, Progress
from unijob.parsing import parse
from unijob.providers.gradient.indexing_job import KIND as INDEXING_JOB
from unijob.providers.gradient.indexing_job import IndexingResult, IndexingUsage
from unijob.ref import JobRef

UUID = "123e4567-e89b-12d3-a456-426614174000"
KIND = "gradient:indexing_job"
REF = JobRef("gradient", "indexing_job", (UUID,))
NEW_YEAR = datetime(2023, 1, 1, tzinfo=UTC)

# job-semantics, "States": what each value says; UNKNOWN, an absent and an unlisted (NEW) value say nothing.
STATUS = {
    "PENDING": "queued",
    "IN_PROGRESS": "running",
    "COMPLETED": "succeeded",
    "NO_CHANGES": "succeeded",
    "PARTIAL": "partial",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}
PHASE = {
    "PENDING": "queued",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}
DATA_SOURCE = {
    "IN_PROGRESS": "running",
    "UPDATED": "succeeded",
    "NOT_UPDATED": "succeeded",
    "PARTIALLY_UPDATED": "partial",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "UNKNOWN": "unknown",
}
SILENT = [None, "UNKNOWN", "NEW"]
WORST_FIRST = ["failed", "cancelled", "partial", "succeeded"]


def job(**fields: Any) -> dict[str, Any]:
    """A job with little in it; what is None is left out."""
    return {key: value for key, value in {"uuid": UUID, **fields}.items() if value is not None}


def read(payload: dict[str, Any], kind: str | JobRef = KIND) -> Job[Any, Any]:
    """Parse an indexing job."""
    found = parse(kind, payload)
    assert isinstance(found, Job)
    return found


def agreed(phase: str | None, status: str | None) -> tuple[str, bool]:
    """State, and whether the two contradict each other: the prose of docs/jobs.md, rule by rule."""
    by_phase, by_status = PHASE.get(phase or ""), STATUS.get(status or "")
    if by_phase is None or by_status is None:  # absent, UNKNOWN or unlisted: the other decides
        state = by_phase or by_status or "unknown"
        return ("unknown" if status == "NEW" and state == "succeeded" else state), False
    match [state for state in (by_phase, by_status) if state in WORST_FIRST]:
        case []:
            agreed_on = "running" if "running" in {by_phase, by_status} else "queued", False
        case ["failed"] if status == "FAILED":
            agreed_on = "failed", True
        case [end]:
            agreed_on = "cancelling" if end == "cancelled" else "running", True
        case _ if by_phase == by_status:
            agreed_on = by_phase, False
        case _ if status == "PARTIAL" and phase in {"SUCCEEDED", "FAILED", "ERROR"}:
            agreed_on = "partial", False
        case ends:
            agreed_on = min(ends, key=WORST_FIRST.index), True
    return agreed_on


@pytest.mark.parametrize("phase", [*PHASE, *SILENT])
@pytest.mark.parametrize("status", [*STATUS, *SILENT])
@pytest.mark.parametrize("finished", [True, False])
def test_two_signals(phase: str | None, status: str | None, finished: bool) -> None:  # noqa: FBT001
    """Phase is the life cycle and status the outcome, for every pair of values."""
    wire_phase = phase and f"BATCH_JOB_PHASE_{phase}"
    wire_status = status and f"INDEX_JOB_STATUS_{status}"
    found = read(job(phase=wire_phase, status=wire_status, finished_at="2023-01-01T00:00:00Z" if finished else None))
    state, contradicted = agreed(phase, status)
    assert found.state == state
    assert any(warning.startswith("phase and status: ") for warning in found.warnings) == contradicted
    for field, value in (("status", status), ("phase", phase)):
        told = [warning for warning in found.warnings if warning.startswith(f"{field}: ")]
        assert len(told) == (value == "NEW")
    says_something = status not in {None, "UNKNOWN"}
    assert found.raw_status == (wire_status if says_something else wire_phase or wire_status)


LAGGING = [("SUCCEEDED", "IN_PROGRESS"), ("FAILED", "PENDING"), ("CANCELLED", "IN_PROGRESS"), ("RUNNING", "PARTIAL")]
ENDED_AT = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("phase", "status"), LAGGING)
@pytest.mark.parametrize("field", ["finished_at", "updated_at"])
def test_one_that_lags_for_good_does_not_hold_the_job(phase: str, status: str, field: str) -> None:
    """Five minutes after the end, by the upstream's clock, the one that has ended is believed."""
    payload = {
        "job": job(
            phase=f"BATCH_JOB_PHASE_{phase}", status=f"INDEX_JOB_STATUS_{status}", **{field: "2026-10-01T12:00:00Z"}
        )
    }

    def told(after: timedelta | None) -> Job[Any, Any]:
        at = None if after is None else ENDED_AT + after
        return parsing.read(INDEXING_JOB, parsing.interpret("gradient", INDEXING_JOB.get, 200, payload, told_at=at))

    for early in (None, timedelta(0), timedelta(seconds=299)):
        assert not told(early).is_terminal
    late = told(timedelta(seconds=300))
    assert late.state == (PHASE if phase != "RUNNING" else STATUS)[phase if phase != "RUNNING" else status]
    assert any(warning.startswith("phase and status: ") for warning in late.warnings)


def test_one_that_lags_without_any_time_does_not_hold_the_job() -> None:
    """Nothing would ever tell that it had its time."""
    payload = {"job": job(phase="BATCH_JOB_PHASE_SUCCEEDED", status="INDEX_JOB_STATUS_PENDING")}
    answer = parsing.interpret("gradient", INDEXING_JOB.get, 200, payload, told_at=ENDED_AT)
    assert parsing.read(INDEXING_JOB, answer).succeeded


@pytest.mark.parametrize("phase", [*PHASE, *SILENT])
def test_an_unlisted_status_never_yields_success(phase: str | None) -> None:
    """A new outcome may be a bad one: no phase makes a success of it."""
    found = read(
        job(
            phase=phase and f"BATCH_JOB_PHASE_{phase}",
            status="INDEX_JOB_STATUS_NEW",
            finished_at="2023-01-01T00:00:00Z",
        )
    )
    assert found.state is not JobState.SUCCEEDED
    assert found.raw_status == "INDEX_JOB_STATUS_NEW"
    assert any("INDEX_JOB_STATUS_NEW" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("status", "state"), [("PARTIAL", "partial"), ("FAILED", "failed"), ("CANCELLED", "cancelled")]
)
def test_what_the_vendors_own_wait_takes_for_success(status: str, state: str) -> None:
    """Phase SUCCEEDED hides no partial, failed or cancelled outcome."""
    found = read(job(phase="BATCH_JOB_PHASE_SUCCEEDED", status=f"INDEX_JOB_STATUS_{status}"))
    assert found.state == state


@pytest.mark.parametrize("status", [*DATA_SOURCE, "NEW", None])
def test_data_source_table(status: str | None) -> None:
    """Each value of a data source's status has its state; an unlisted one is unknown, with a warning."""
    wire = status and f"DATA_SOURCE_STATUS_{status}"
    source = {"data_source_uuid": "d"} | ({"status": wire} if wire else {})
    found = read(job(status="INDEX_JOB_STATUS_IN_PROGRESS", data_source_jobs=[source]))
    assert [part.state for part in found.parts] == [DATA_SOURCE.get(status or "", "unknown")]
    assert found.parts[0].raw_status == wire
    assert bool(found.warnings) == (status == "NEW")


def test_the_seeds_payload() -> None:
    """The documented example is a job of unknown state, with all its times, counts and parts."""
    found = read(load("seeds/indexing_job"))
    error = JobFailure(code="example string", message="example string")
    assert found == Job(
        ref=REF,
        state=JobState.UNKNOWN,
        raw_status="BATCH_JOB_PHASE_UNKNOWN",
        created_at=NEW_YEAR,
        started_at=NEW_YEAR,
        finished_at=NEW_YEAR,
        updated_at=NEW_YEAR,
        progress=Progress(total=123, completed=123, unit="data sources"),
        error=error,
        parts=(
            JobPart(
                id=UUID,
                state=JobState.UNKNOWN,
                raw_status="DATA_SOURCE_STATUS_UNKNOWN",
                started_at=NEW_YEAR,
                finished_at=NEW_YEAR,
                progress=Progress(total=12345, completed=12345, failed=12345, skipped=12345, unit="files"),
                error=error,
            ),
        ),
        warnings=("data_source_jobs.0: 37035 items done of 12345", "finished_at: set although the job is unknown"),
        revision="",
        source=None,
    )
    assert found.revision == "2026-08"


def test_envelope_or_bare_job() -> None:
    """The answer with its envelope and the bare job read alike, as bytes, text or data."""
    whole = load("seeds/indexing_job")
    expected = read(whole)
    assert read(whole["job"]) == expected
    assert parse(KIND, text("seeds/indexing_job")) == expected
    assert parse(REF, text("seeds/indexing_job").encode()) == expected
    assert parse(str(REF), whole) == expected


@pytest.mark.parametrize("payload", [{"job": {}}, {}])
def test_an_empty_answer(payload: dict[str, Any]) -> None:
    """An answer that tells nothing is a job of unknown state for who knows which, and none for who does not."""
    found = read(payload, REF)
    assert found == Job(ref=REF, state=JobState.UNKNOWN, revision="", source=None)
    with pytest.raises(ContractViolation, match="identity"):
        parse(KIND, payload)


@pytest.mark.parametrize(
    "payload", [{"job": None}, {"job": []}, {"job": "x"}, [], "[]", None, b"1", {"job": {"uuid": 5}}]
)
@pytest.mark.parametrize("kind", [KIND, str(REF)])
def test_an_unreadable_job(payload: Any, kind: str) -> None:
    """An answer of another form is a violation, also for who knows which job it should be."""
    with pytest.raises(ContractViolation) as caught:
        parse(kind, payload)
    assert caught.value.violations


def test_another_job_is_a_violation() -> None:
    """An answer that carries another id is not the job asked for."""
    with pytest.raises(ContractViolation, match="another uuid"):
        parse("gradient:indexing_job/other", load("seeds/indexing_job"))


def test_the_requested_id_is_kept() -> None:
    """Where the answer carries no id, it is the one that was asked for."""
    assert read(job(uuid=None, status="INDEX_JOB_STATUS_PENDING"), REF).ref == REF


def test_an_ended_job() -> None:
    """An ended job has a result with its tokens, read from the string; a running one has none."""
    fields = {"total_tokens": "18446744073709551615", "is_report_available": True, "tokens": 1}
    ended = read(job(status="INDEX_JOB_STATUS_COMPLETED", finished_at="2023-01-01T00:00:00Z", **fields))
    assert ended.result == IndexingResult(report_available=True, usage=IndexingUsage(total_tokens=2**64 - 1))
    assert read(job(status="INDEX_JOB_STATUS_IN_PROGRESS", **fields)).result is None


def test_zero_times_are_none() -> None:
    """Go's zero time is no time, and says no end."""
    zero = "0001-01-01T00:00:00Z"
    found = read(job(phase="BATCH_JOB_PHASE_RUNNING", status="INDEX_JOB_STATUS_COMPLETED", finished_at=zero))
    assert found.state is JobState.RUNNING
    assert found.finished_at is None


@pytest.mark.parametrize("tokens", ["18446744073709551616", "-1", "1e3", "", "many"])
def test_a_count_that_is_none(tokens: str) -> None:
    """A count that no 64 bits hold, or that is none, is warned of and left out."""
    found = read(job(status="INDEX_JOB_STATUS_COMPLETED", total_tokens=tokens))
    assert found.state is JobState.SUCCEEDED
    assert result_of(found).usage.total_tokens is None
    assert any("total_tokens" in warning for warning in found.warnings)


def test_garbage_elsewhere_does_not_stop_a_wait() -> None:
    """Breaches beside identity and status are warnings, each with its place."""
    found = read(
        job(
            status="INDEX_JOB_STATUS_COMPLETED",
            created_at="yesterday",
            started_at=5,
            total_datasources="3",
            data_source_jobs=[{"status": "DATA_SOURCE_STATUS_UPDATED"}, 7, {"total_file_count": 3}],
        )
    )
    assert found.state is JobState.SUCCEEDED
    assert (found.created_at, found.started_at) == (None, None)
    assert [part.state for part in found.parts] == ["succeeded", "unknown", "unknown"]
    for field in ("created_at", "started_at", "total_datasources", "data_source_jobs/1", "total_file_count"):
        assert any(field in warning for warning in found.warnings), field


def test_the_first_source_that_failed_speaks_for_the_job() -> None:
    """A job tells nothing of why it failed, so the error is that of its first failed data source."""
    found = read(
        job(
            status="INDEX_JOB_STATUS_PARTIAL",
            data_source_jobs=[
                {"error_msg": ""},
                {"error_msg": "crawl", "error_details": "no page"},
                {"error_msg": "z"},
            ],
        )
    )
    assert found.error == JobFailure(code="crawl", message="no page")
    assert [part.error is not None for part in found.parts] == [False, True, True]
