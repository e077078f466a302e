"""`mka1:compute_job`: a container on rented hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.job import Job, JobState, Progress
from unijob.kinds import CursorPages, JobKind, Listing, StatusTable

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="ComputeState",
    states={
        "requested": JobState.QUEUED,
        "allocating": JobState.QUEUED,
        "provisioning": JobState.QUEUED,
        "running": JobState.RUNNING,
        # The same enum serves services, which are ready and go on; a job that says so goes on, too.
        "ready": JobState.RUNNING,
        "finalizing": JobState.RUNNING,
        "terminating": JobState.CANCELLING,
        "succeeded": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        # By its owner or by a limit: the reason tells which, in words that no contract lists.
        "terminated": JobState.CANCELLED,
    },
    stages=frozenset({"allocating", "provisioning", "ready", "finalizing"}),
)


@attrs.frozen(kw_only=True)
class ComputeJobResult:
    """What an ended job leaves: the container's exit code, and what it cost in US dollars."""

    exit_code: int | None = None
    cost_usd: float | None = None


def normalize(job: models.ComputeJob, reading: Reading) -> Job[models.ComputeJob, ComputeJobResult]:
    """Read a compute job; its reason is the failure where it ended badly, and what it is at until then."""
    state = reading.status(STATUS, job.state, "state") or JobState.UNKNOWN
    reason = reading.failure_of(job.reason)
    message = reason.message if reason is not None and not state.is_terminal else None
    stage = reading.stage(STATUS, job.state)
    result = ComputeJobResult(exit_code=reading.integer(job.exit_code), cost_usd=reading.number(job.accrued_usd))
    return Job(
        ref=reading.ref((job.id,)),
        state=state,
        raw_status=reading.text(job.state),
        created_at=reading.rfc3339(job.created_at, "created_at"),
        started_at=reading.rfc3339(job.started_at, "started_at"),
        finished_at=reading.rfc3339(job.terminal_at, "terminal_at") if state.is_terminal else None,
        progress=Progress(stage=stage, message=message) if stage or message else None,
        error=reason if state in {JobState.FAILED, JobState.CANCELLED} else None,
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=job,
    )


KIND = JobKind(
    name="mka1:compute_job",
    title="compute job",
    ids=("id",),
    get="getJob",
    lists=(
        Listing(
            operation="listJobs",
            items="data",
            pages=CursorPages(cursor="cursor", size="limit", last="next_cursor", more=None),
        ),
    ),
    start="createJob",
    cancel="terminateJob",
    vital=("id", "state"),
    tables=(STATUS,),
    normalize=normalize,
)
