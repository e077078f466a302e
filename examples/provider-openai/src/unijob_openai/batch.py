"""`openai:batch`: a file of requests being answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from unijob.converter import unstructure
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.kinds import CursorPages, JobKind, Listing, StatusTable
from unijob.outcomes import check_counts, refine_completed
from unijob_models.runtime import Unset

from unijob_openai.models.openai.v2026_11 import models as wire

if TYPE_CHECKING:
    from unijob.reading import Reading

    from unijob_openai.models.openai import models

STATUS = StatusTable(
    enum="BatchStatus",
    states={
        "validating": JobState.QUEUED,
        "in_progress": JobState.RUNNING,
        "finalizing": JobState.RUNNING,
        "completed": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "expired": JobState.TIMED_OUT,
        "cancelling": JobState.CANCELLING,
        "cancelled": JobState.CANCELLED,
    },
)


@attrs.frozen(kw_only=True)
class BatchUsage:
    """The tokens that a batch used."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


@attrs.frozen(kw_only=True)
class BatchResult:
    """What an ended batch leaves, also one that expired or was cancelled: files of answers and of errors."""

    output_file_id: str | None = None
    error_file_id: str | None = None
    usage: BatchUsage | None = None


def normalize(batch: models.Batch, reading: Reading) -> Job[models.Batch, BatchResult]:
    """Read a batch."""
    progress = _progress(batch, reading)
    state = reading.status(STATUS, batch.status, "status") or JobState.UNKNOWN
    if state is JobState.SUCCEEDED and progress.total is not None:
        state = refine_completed(progress, reading.warn("request_counts"))
    return Job(
        ref=reading.ref((batch.id,)),
        state=state,
        raw_status=reading.text(batch.status),
        created_at=reading.unix_seconds(batch.created_at, "created_at"),
        started_at=reading.unix_seconds(batch.in_progress_at, "in_progress_at"),
        finished_at=_finished_at(batch, reading),
        progress=progress,
        error=_failure(batch, reading),
        result=_result(batch, reading) if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=batch,
    )


def _progress(batch: models.Batch, reading: Reading) -> Progress:
    stage = str(batch.status) if batch.status in {"validating", "finalizing"} else None
    counts = batch.request_counts
    if not isinstance(counts, wire.RequestCounts):
        return Progress(unit="requests", stage=stage)
    progress = Progress(
        total=reading.count(counts.total, "request_counts.total"),
        completed=reading.count(counts.completed, "request_counts.completed"),
        failed=reading.count(counts.failed, "request_counts.failed"),
        unit="requests",
        stage=stage,
    )
    check_counts(progress, reading.warn("request_counts"))
    return progress


def _finished_at(batch: models.Batch, reading: Reading) -> datetime | None:
    ends = {
        "completed": batch.completed_at,
        "failed": batch.failed_at,
        "expired": batch.expired_at,
        "cancelled": batch.cancelled_at,
    }
    return reading.unix_seconds(ends.get(str(batch.status)), f"{batch.status}_at")


def _failure(batch: models.Batch, reading: Reading) -> JobFailure | None:
    errors = batch.errors.data if isinstance(batch.errors, wire.BatchErrors) else ()
    found = () if isinstance(errors, Unset) else errors
    if not found:
        return None
    return JobFailure(
        code=reading.text(found[0].code),
        message=reading.text(found[0].message),
        details={"errors": [unstructure(error) for error in found]},
    )


def _result(batch: models.Batch, reading: Reading) -> BatchResult:
    usage = None
    if isinstance(batch.usage, wire.BatchUsage):
        usage = BatchUsage(
            input_tokens=reading.count(batch.usage.input_tokens, "usage.input_tokens"),
            output_tokens=reading.count(batch.usage.output_tokens, "usage.output_tokens"),
            total_tokens=reading.count(batch.usage.total_tokens, "usage.total_tokens"),
        )
    return BatchResult(
        output_file_id=reading.text(batch.output_file_id), error_file_id=reading.text(batch.error_file_id), usage=usage
    )


KIND = JobKind(
    name="openai:batch",
    title="batch",
    ids=("batch_id",),
    get="retrieveBatch",
    lists=(Listing(operation="listBatches", items="data", pages=CursorPages(cursor="after", size="limit")),),
    start="createBatch",
    cancel="cancelBatch",
    vital=("id", "object", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
