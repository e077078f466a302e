"""`gradient:indexing_job`: the data sources of a knowledge base being indexed.

Two signals tell where it stands: `phase` is its life cycle, `status` its outcome. The vendor's own wait reads only the
phase, and takes a partial or failed outcome for success.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobState, Progress
from unijob.kinds import JobKind, Listing, NumberedPages, Pieces, StatusTable
from unijob.outcomes import check_counts
from unijob.providers.gradient.data_sources import DATA_SOURCE, parts_of
from unijob.signals import agreed_state

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models

STATUS = StatusTable(
    enum="IndexingJobStatus",
    states={
        "INDEX_JOB_STATUS_UNKNOWN": None,
        "INDEX_JOB_STATUS_PENDING": JobState.QUEUED,
        "INDEX_JOB_STATUS_IN_PROGRESS": JobState.RUNNING,
        "INDEX_JOB_STATUS_COMPLETED": JobState.SUCCEEDED,
        "INDEX_JOB_STATUS_NO_CHANGES": JobState.SUCCEEDED,
        "INDEX_JOB_STATUS_PARTIAL": JobState.PARTIAL,
        "INDEX_JOB_STATUS_FAILED": JobState.FAILED,
        "INDEX_JOB_STATUS_CANCELLED": JobState.CANCELLED,
    },
)

PHASE = StatusTable(
    enum="IndexingJobPhase",
    states={
        "BATCH_JOB_PHASE_UNKNOWN": None,
        "BATCH_JOB_PHASE_PENDING": JobState.QUEUED,
        "BATCH_JOB_PHASE_RUNNING": JobState.RUNNING,
        "BATCH_JOB_PHASE_SUCCEEDED": JobState.SUCCEEDED,
        "BATCH_JOB_PHASE_FAILED": JobState.FAILED,
        "BATCH_JOB_PHASE_ERROR": JobState.FAILED,
        "BATCH_JOB_PHASE_CANCELLED": JobState.CANCELLED,
    },
)

SETTLING = timedelta(minutes=5)
"""How long after the job's end its phase or status may lag behind the other. Nothing documents it: long on purpose."""


@attrs.frozen(kw_only=True)
class IndexingUsage:
    """What the indexing used."""

    total_tokens: int | None = None


@attrs.frozen(kw_only=True)
class IndexingResult:
    """What an ended indexing job leaves."""

    report_available: bool | None = None
    """Whether the API gives a signed URL to the job's details."""
    usage: IndexingUsage


def normalize(job: models.IndexingJob, reading: Reading) -> Job[models.IndexingJob, IndexingResult]:
    """Read an indexing job with its data sources."""
    phase = reading.status(PHASE, job.phase, "phase")
    status = reading.status(STATUS, job.status, "status")
    finished_at = reading.rfc3339(job.finished_at, "finished_at")
    updated_at = reading.rfc3339(job.updated_at, "updated_at")
    settled = reading.is_older_than(SETTLING, finished_at or updated_at)
    state = agreed_state(phase, status, settled=settled, warn=reading.warn("phase and status"))
    parts = parts_of(job, reading)
    told = job.status if status is not None else job.phase or job.status
    return Job(
        ref=reading.ref((job.uuid,)),
        state=state,
        raw_status=reading.text(told),
        created_at=reading.rfc3339(job.created_at, "created_at"),
        started_at=reading.rfc3339(job.started_at, "started_at"),
        finished_at=reading.ended(finished_at, "finished_at", state),
        updated_at=updated_at,
        progress=_progress(job, reading),
        # The job itself says nothing of why: the first data source that does, speaks for it.
        error=next((part.error for part in parts if part.error is not None), None),
        result=_result(job, reading) if state.is_terminal else None,
        parts=parts,
        warnings=reading.noted(),
        revision=reading.revision,
        source=job,
    )


def _progress(job: models.IndexingJob, reading: Reading) -> Progress | None:
    progress = Progress(
        total=reading.count(job.total_datasources, "total_datasources"),
        completed=reading.count(job.completed_datasources, "completed_datasources"),
        unit="data sources",
    )
    check_counts(progress, reading.warn("completed_datasources"))
    return progress if progress.total is not None or progress.completed is not None else None


def _result(job: models.IndexingJob, reading: Reading) -> IndexingResult:
    return IndexingResult(
        report_available=reading.flag(job.is_report_available),
        usage=IndexingUsage(total_tokens=reading.count(job.total_tokens, "total_tokens")),
    )


PAGES = NumberedPages(number="page", size="per_page")
SOURCES: Pieces[models.IndexedDataSource] = Pieces(
    name="data_sources", operation="genai_list_indexing_job_data_sources", items="indexed_data_sources"
)
REPORT: Pieces[models.IndexingJobDetailsUrl] = Pieces(
    name="report", operation="genai_get_indexing_job_details_signed_url"
)

KIND = JobKind(
    name="gradient:indexing_job",
    title="indexing job",
    ids=("uuid",),
    get="genai_get_indexing_job",
    envelope="job",
    lists=(
        Listing(operation="genai_list_indexing_jobs", items="jobs", pages=PAGES),
        Listing(operation="genai_list_indexing_jobs_by_knowledge_base", items="jobs", pages=PAGES),
    ),
    start="genai_create_indexing_job",
    cancel="genai_cancel_indexing_job",
    pieces=(SOURCES, REPORT),
    vital=("uuid", "status", "phase"),
    tables=(STATUS, PHASE, DATA_SOURCE),
    normalize=normalize,
)
