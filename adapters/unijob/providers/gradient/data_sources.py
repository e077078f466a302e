"""The data sources of an indexing job, as its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.job import JobPart, JobState, Progress
from unijob.kinds import StatusTable
from unijob.outcomes import check_counts

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models

DATA_SOURCE = StatusTable(
    enum="DataSourceStatus",
    states={
        "DATA_SOURCE_STATUS_UNKNOWN": JobState.UNKNOWN,
        "DATA_SOURCE_STATUS_IN_PROGRESS": JobState.RUNNING,
        "DATA_SOURCE_STATUS_UPDATED": JobState.SUCCEEDED,
        "DATA_SOURCE_STATUS_NOT_UPDATED": JobState.SUCCEEDED,
        "DATA_SOURCE_STATUS_PARTIALLY_UPDATED": JobState.PARTIAL,
        "DATA_SOURCE_STATUS_FAILED": JobState.FAILED,
        "DATA_SOURCE_STATUS_CANCELLED": JobState.CANCELLED,
    },
)


def parts_of(job: models.IndexingJob, reading: Reading) -> tuple[JobPart, ...]:
    """How each data source fares."""
    return tuple(_part(source, at, reading) for at, source in reading.each(job.data_source_jobs, "data_source_jobs"))


def _part(source: models.IndexedDataSource, at: str, reading: Reading) -> JobPart:
    progress = Progress(
        total=reading.count(source.total_file_count, f"{at}.total_file_count"),
        completed=reading.count(source.indexed_file_count, f"{at}.indexed_file_count"),
        failed=reading.count(source.failed_item_count, f"{at}.failed_item_count"),
        skipped=reading.count(source.skipped_item_count, f"{at}.skipped_item_count"),
        unit="files",
    )
    check_counts(progress, reading.warn(at))
    return JobPart(
        id=reading.text(source.data_source_uuid),
        state=reading.status(DATA_SOURCE, source.status, f"{at}.status") or JobState.UNKNOWN,
        raw_status=reading.text(source.status),
        started_at=reading.rfc3339(source.started_at, f"{at}.started_at"),
        finished_at=reading.rfc3339(source.completed_at, f"{at}.completed_at"),
        progress=progress,
        error=reading.failure(source.error_details, code=source.error_msg),
    )
