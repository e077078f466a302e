"""How requests fare in what works through many of them, a batch or an eval run, and what that makes of its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.job import JobState, Progress
from unijob.outcomes import refine_completed

if TYPE_CHECKING:
    from unijob.kinds import StatusTable
    from unijob.reading import Reading
    from unijob_models.mka1 import models


def standing(job: models.Batch | models.EvalRun, table: StatusTable, reading: Reading) -> tuple[JobState, Progress]:
    """The state, told apart by the counts where it is completed, and the counts as progress."""
    counts = job.request_counts
    progress = reading.progress(
        "request_counts",
        "requests",
        total=counts.total,
        completed=counts.completed,
        failed=counts.failed,
        stage=reading.stage(table, job.status),
    )
    state = reading.status(table, job.status, "status") or JobState.UNKNOWN
    if state is JobState.SUCCEEDED:
        state = refine_completed(progress, reading.warn("request_counts"))
    return state, progress
