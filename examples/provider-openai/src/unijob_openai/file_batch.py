"""`openai:file_batch`: files being added to a vector store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.job import Job, JobState, Progress
from unijob.kinds import CursorPages, JobKind, Pieces, StatusTable
from unijob.outcomes import check_counts, refine_completed

if TYPE_CHECKING:
    from unijob.reading import Reading

    from unijob_openai.models.openai import models

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
    """Read a file batch; the API does not tell when it ended."""
    counts = batch.file_counts
    progress = Progress(
        total=reading.count(counts.total, "file_counts.total"),
        completed=reading.count(counts.completed, "file_counts.completed"),
        failed=reading.count(counts.failed, "file_counts.failed"),
        cancelled=reading.count(counts.cancelled, "file_counts.cancelled"),
        unit="files",
    )
    check_counts(progress, reading.warn("file_counts"))
    state = reading.status(STATUS, batch.status, "status") or JobState.UNKNOWN
    if state is JobState.SUCCEEDED:
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
    operation="listFilesInVectorStoreBatch",
    items="data",
    pages=CursorPages(cursor="after", size="limit"),
)

KIND = JobKind(
    name="openai:file_batch",
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
