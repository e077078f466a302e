"""`mka1:fine_tuning_job`: a model that is trained on one's own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobState, Progress
from unijob.kinds import CursorPages, JobKind, Listing, Pieces, StatusTable

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="FineTuningJobStatus",
    states={
        "validating_files": JobState.QUEUED,
        "queued": JobState.QUEUED,
        "running": JobState.RUNNING,
        "succeeded": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
    stages=frozenset({"validating_files"}),
)


@attrs.frozen(kw_only=True)
class FineTuningResult:
    """What an ended training leaves: the model, files with results, and the tokens that were trained on."""

    fine_tuned_model: str | None = None
    result_files: tuple[str, ...] = ()
    trained_tokens: int | None = None


def normalize(job: models.FineTuningJob, reading: Reading) -> Job[models.FineTuningJob, FineTuningResult]:
    """Read a fine-tuning job; the API tells neither when its work began nor how far it is."""
    state = reading.status(STATUS, job.status, "status") or JobState.UNKNOWN
    stage = reading.stage(STATUS, job.status)
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
        progress=Progress(stage=stage) if stage is not None else None,
        error=reading.failure_of(job.error),
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=job,
    )


PAGES = CursorPages(cursor="after", size="limit")

EVENTS: Pieces[models.FineTuningEvent] = Pieces(
    name="events", operation="listFineTuningEvents", items="data", pages=PAGES
)

KIND = JobKind(
    name="mka1:fine_tuning_job",
    title="fine-tuning job",
    ids=("fine_tuning_job_id",),
    get="retrieveFineTuningJob",
    lists=(Listing(operation="listFineTuningJobs", items="data", pages=PAGES),),
    start="createFineTuningJob",
    cancel="cancelFineTuningJob",
    pause="pauseFineTuningJob",
    resume="resumeFineTuningJob",
    pieces=(EVENTS,),
    vital=("id", "object", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
