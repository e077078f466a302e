"""`mka1:batch`: a file of requests to models, worked through in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobState
from unijob.kinds import CursorPages, JobKind, Listing, StatusTable
from unijob.providers.mka1.request_counts import standing
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="BatchStatus",
    states={
        # Its requests have not begun: the input file is looked through first.
        "validating": JobState.QUEUED,
        "in_progress": JobState.RUNNING,
        "finalizing": JobState.RUNNING,
        "completed": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        # The completion window passed. What was answered by then is kept, and the counts tell how much that is.
        "expired": JobState.TIMED_OUT,
        "cancelling": JobState.CANCELLING,
        "cancelled": JobState.CANCELLED,
    },
    stages=frozenset({"validating", "finalizing"}),
)


@attrs.frozen(kw_only=True)
class BatchResult:
    """The files that an ended batch leaves: answers, and requests that failed."""

    output_file_id: str | None = None
    error_file_id: str | None = None


def normalize(batch: models.Batch, reading: Reading) -> Job[models.Batch, BatchResult]:
    """Read a batch; only the end that belongs to its status counts."""
    state, progress = standing(batch, STATUS, reading)
    ends = {
        "completed": batch.completed_at,
        "failed": batch.failed_at,
        "expired": batch.expired_at,
        "cancelled": batch.cancelled_at,
    }
    result = BatchResult(
        output_file_id=reading.text(batch.output_file_id), error_file_id=reading.text(batch.error_file_id)
    )
    errors = None if isinstance(batch.errors, Unset) or batch.errors is None else batch.errors.data
    return Job(
        ref=reading.ref((batch.id,)),
        state=state,
        raw_status=reading.text(batch.status),
        created_at=reading.unix_seconds(batch.created_at, "created_at"),
        started_at=reading.unix_seconds(batch.in_progress_at, "in_progress_at"),
        finished_at=reading.unix_seconds(ends.get(batch.status), f"{batch.status}_at"),
        progress=progress,
        error=reading.failure_of(errors),
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=batch,
    )


KIND = JobKind(
    name="mka1:batch",
    title="batch of requests",
    ids=("batch_id",),
    get="getBatch",
    lists=(Listing(operation="listBatches", items="data", pages=CursorPages(cursor="after", size="limit")),),
    start="createBatch",
    cancel="cancelBatch",
    vital=("id", "object", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
