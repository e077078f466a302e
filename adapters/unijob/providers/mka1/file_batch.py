"""`mka1:file_batch`: files being attached to a vector store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.job import Job, JobState
from unijob.kinds import CursorPages, JobKind, Pieces, StatusTable
from unijob.outcomes import refine_completed

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="FileBatchStatus",
    states={
        "in_progress": JobState.RUNNING,
        "completed": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
)


def normalize(batch: models.FileBatch, reading: Reading) -> Job[models.FileBatch, None]:
    """Read a file batch; the API gives it no end time."""
    state = reading.status(STATUS, batch.status, "status") or JobState.UNKNOWN
    counts = batch.file_counts
    progress = reading.progress(
        "file_counts",
        "files",
        total=counts.total,
        completed=counts.completed,
        failed=counts.failed,
        cancelled=counts.cancelled,
    )
    in_progress = reading.count(counts.in_progress, "file_counts.in_progress")
    if state is JobState.SUCCEEDED:
        if in_progress:
            reading.warn("file_counts")(f"completed with {in_progress} in progress")
        state = refine_completed(progress, reading.warn("file_counts"))
    return Job(
        ref=reading.ref((batch.vector_store_id, batch.id)),
        state=state,
        raw_status=reading.text(batch.status),
        created_at=reading.unix_seconds(batch.created_at, "created_at"),
        progress=progress,
        warnings=reading.noted(),
        revision=reading.revision,
        source=batch,
    )


FILES: Pieces[models.VectorStoreFile] = Pieces(
    name="files",
    operation="listVectorStoreFilesInBatch",
    items="data",
    pages=CursorPages(cursor="after", size="limit"),
)

KIND = JobKind(
    name="mka1:file_batch",
    title="file batch",
    ids=("vector_store_id", "batch_id"),
    get="getVectorStoreFileBatch",
    start="createVectorStoreFileBatch",
    cancel="cancelVectorStoreFileBatch",
    pieces=(FILES,),
    vital=("id", "object", "vector_store_id", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
