"""`gradient:indexing_job`: the data sources of a knowledge base being indexed.

Two signals tell where it stands: `phase` is its life cycle, `status` its outcome. The vendor's own wait reads only the
phase, and takes a partial or failed outcome for success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobFailure, JobPart, JobState, Progress
from unijob.kinds import JobKind, Listing, NumberedPages, StatusTable
from unijob.outcomes import check_counts
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob.timestamps import Warn
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

_BEST_TO_WORST = (JobState.SUCCEEDED, JobState.PARTIAL, JobState.CANCELLED, JobState.FAILED)
_EARLIER_TO_LATER = (JobState.UNKNOWN, JobState.QUEUED, JobState.RUNNING)


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


def agreed_state(phase: JobState | None, status: JobState | None, *, finished: bool, warn: Warn) -> JobState:
    """One state from the two signals; None is a signal that is absent or says nothing.

    Args:
        phase: what the phase means.
        status: what the status means; `unknown` where no table lists it.
        finished: whether the job has an end time.
        warn: told where the two contradict each other.
    """
    if status is JobState.UNKNOWN:  # a new outcome: only the phase is known, and it cannot vouch for success
        return JobState.UNKNOWN if phase in {None, JobState.SUCCEEDED} else phase or JobState.UNKNOWN
    if phase in {None, JobState.UNKNOWN} or status is None:
        return status or phase or JobState.UNKNOWN
    assert phase is not None  # noqa: S101  narrowed above, which mypy does not see through the set
    if phase.is_terminal and status.is_terminal:
        return _agreed_end(phase, status, warn)
    if phase.is_terminal or status.is_terminal:
        ended, going = (phase, status) if phase.is_terminal else (status, phase)
        warn(f"one says {ended}, the other {going}")
        return ended if ended is not JobState.SUCCEEDED or finished else JobState.RUNNING
    return max(phase, status, key=_EARLIER_TO_LATER.index)


def _agreed_end(phase: JobState, status: JobState, warn: Warn) -> JobState:
    if status is JobState.PARTIAL and phase in {JobState.SUCCEEDED, JobState.FAILED}:
        return status  # the phase has no word for partial
    if phase is not status:
        warn(f"one says {phase}, the other {status}")
    return max(phase, status, key=_BEST_TO_WORST.index)


def normalize(job: models.IndexingJob, reading: Reading) -> Job[models.IndexingJob, IndexingResult]:
    """Read an indexing job with its data sources."""
    phase = reading.status(PHASE, job.phase, "phase")
    status = reading.status(STATUS, job.status, "status")
    finished_at = reading.rfc3339(job.finished_at, "finished_at")
    state = agreed_state(phase, status, finished=finished_at is not None, warn=reading.warn("phase and status"))
    parts = _parts(job, reading)
    if finished_at is not None and not state.is_terminal:
        reading.warn("finished_at")(f"set although the job is {state}")
    told = job.status if status is not None else job.phase or job.status
    return Job(
        ref=reading.ref((job.uuid,)),
        state=state,
        raw_status=reading.text(told),
        created_at=reading.rfc3339(job.created_at, "created_at"),
        started_at=reading.rfc3339(job.started_at, "started_at"),
        finished_at=finished_at,
        updated_at=reading.rfc3339(job.updated_at, "updated_at"),
        progress=_progress(job, reading),
        error=_failure(parts),
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


def _failure(parts: tuple[JobPart, ...]) -> JobFailure | None:
    """The job itself says nothing of why: the first data source that does, speaks for it."""
    return next((part.error for part in parts if part.error is not None), None)


def _parts(job: models.IndexingJob, reading: Reading) -> tuple[JobPart, ...]:
    sources = () if isinstance(job.data_source_jobs, Unset) else job.data_source_jobs
    return tuple(_part(source, index, reading) for index, source in enumerate(sources))


def _part(source: models.IndexedDataSource, index: int, reading: Reading) -> JobPart:
    at = f"data_source_jobs.{index}"
    state = reading.status(DATA_SOURCE, source.status, f"{at}.status") or JobState.UNKNOWN
    progress = Progress(
        total=reading.count(source.total_file_count, f"{at}.total_file_count"),
        completed=reading.count(source.indexed_file_count, f"{at}.indexed_file_count"),
        failed=reading.count(source.failed_item_count, f"{at}.failed_item_count"),
        skipped=reading.count(source.skipped_item_count, f"{at}.skipped_item_count"),
        unit="files",
    )
    check_counts(progress, reading.warn(at))
    code, message = reading.text(source.error_msg), reading.text(source.error_details)
    return JobPart(
        id=reading.text(source.data_source_uuid),
        state=state,
        raw_status=reading.text(source.status),
        started_at=reading.rfc3339(source.started_at, f"{at}.started_at"),
        finished_at=reading.rfc3339(source.completed_at, f"{at}.completed_at"),
        progress=progress,
        error=JobFailure(code=code, message=message) if code or message else None,
    )


PAGES = NumberedPages(number="page", size="per_page")

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
    vital=("uuid", "status", "phase"),
    tables=(STATUS, PHASE, DATA_SOURCE),
    normalize=normalize,
)
