"""`openai:fine_tuning_job`: a model being trained on one's own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.kinds import CursorPages, JobKind, Listing, Pieces, StatusTable

from unijob_openai.models.openai.v2026_11 import models as wire

if TYPE_CHECKING:
    from unijob.reading import Reading

    from unijob_openai.models.openai import models

STATUS = StatusTable(
    enum="FineTuningStatus",
    states={
        "validating_files": JobState.QUEUED,
        "queued": JobState.QUEUED,
        "running": JobState.RUNNING,
        "succeeded": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
)


@attrs.frozen(kw_only=True)
class FineTuningResult:
    """What an ended training leaves: the model, files with results, and the tokens it is charged for."""

    fine_tuned_model: str | None = None
    result_files: tuple[str, ...] = ()
    trained_tokens: int | None = None


def normalize(job: models.FineTuningJob, reading: Reading) -> Job[models.FineTuningJob, FineTuningResult]:
    """Read a fine-tuning job; the API tells neither when its work began nor how far it is."""
    state = reading.status(STATUS, job.status, "status") or JobState.UNKNOWN
    result = FineTuningResult(
        fine_tuned_model=reading.text(job.fine_tuned_model),
        result_files=reading.texts(job.result_files),
        trained_tokens=reading.count(job.trained_tokens, "trained_tokens"),
    )
    return Job(
        ref=reading.ref((job.id,)),
        state=state,
        raw_status=reading.text(job.status),
        created_at=reading.unix_seconds(job.created_at, "created_at"),
        finished_at=reading.unix_seconds(job.finished_at, "finished_at") if state.is_terminal else None,
        progress=Progress(stage="validating_files") if job.status == "validating_files" else None,
        error=_failure(job, reading),
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=job,
    )


def _failure(job: models.FineTuningJob, reading: Reading) -> JobFailure | None:
    if not isinstance(job.error, wire.FineTuningError):
        return None
    code, message, param = (reading.text(value) for value in (job.error.code, job.error.message, job.error.param))
    if code is None and message is None:  # an error without content is how some answers say that there is none
        return None
    return JobFailure(code=code, message=message, details=None if param is None else {"param": param})


PAGES = CursorPages(cursor="after", size="limit")
EVENTS: Pieces[models.FineTuningEvent] = Pieces(
    name="events", operation="listFineTuningEvents", items="data", pages=PAGES
)
CHECKPOINTS: Pieces[models.FineTuningCheckpoint] = Pieces(
    name="checkpoints", operation="listFineTuningJobCheckpoints", items="data", pages=PAGES
)

KIND = JobKind(
    name="openai:fine_tuning_job",
    title="fine-tuning job",
    ids=("fine_tuning_job_id",),
    get="retrieveFineTuningJob",
    lists=(Listing(operation="listPaginatedFineTuningJobs", items="data", pages=PAGES),),
    start="createFineTuningJob",
    cancel="cancelFineTuningJob",
    pause="pauseFineTuningJob",
    resume="resumeFineTuningJob",
    pieces=(EVENTS, CHECKPOINTS),
    vital=("id", "object", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
