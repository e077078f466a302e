"""`mka1:feedback_export`: the export of all feedback to files.

There is one export per account and it has no id; what tells one from the next is when it started. So a reference is
pinned to a start time (`mka1:feedback_export/2024-01-15T10:30:00Z`), or names the latest (`mka1:feedback_export`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import UnijobError
from unijob.job import Job, JobFailure, JobState
from unijob.kinds import Api, JobKind, Started, StatusTable
from unijob.providers.mka1.feedback_export_ref import CONTINUED, LATEST, ref_of
from unijob.providers.mka1.feedback_export_result import FeedbackExportResult, progress_of, result_of

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="FeedbackExportStatus",
    states={
        "UNKNOWN": JobState.UNKNOWN,
        "RUNNING": JobState.RUNNING,
        "COMPLETED": JobState.SUCCEEDED,
        "FAILED": JobState.FAILED,
        "CANCELLED": JobState.CANCELLED,
        "TERMINATED": JobState.CANCELLED,
        # It closes one run of the workflow behind the export; the export goes on in the next one.
        CONTINUED: JobState.RUNNING,
        "TIMED_OUT": JobState.TIMED_OUT,
    },
    absent=frozenset({"NOT_FOUND"}),
)


def normalize(export: models.FeedbackExport, reading: Reading) -> Job[models.FeedbackExport, FeedbackExportResult]:
    """Read the export's status of any revision."""
    state = reading.status(STATUS, export.status, "status") or JobState.UNKNOWN
    started_at = reading.rfc3339(export.start_time, "start_time")
    closed_at = reading.rfc3339(export.close_time, "close_time")
    result = result_of(export.result, reading)
    message = reading.text(export.error)
    return Job(
        ref=ref_of(reading, started_at),
        state=state,
        raw_status=reading.text(export.status),
        started_at=started_at,
        finished_at=closed_at if state.is_terminal else None,
        progress=progress_of(export.progress, result, reading),
        error=JobFailure(message=message) if message is not None else None,
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=export,
    )


async def start(api: Api, arguments: Mapping[str, Any]) -> Started:
    """Start an export, and find out which one it is: the start's answer does not tell."""
    before = await api.find(LATEST)
    answer = await api.start("startExportFeedback", arguments)
    started: models.FeedbackExportStart = answer.model
    after = await _latest(api)
    if started.started is False and after is not None:
        return Started(job=_already_running(after))
    if after is not None and after.ref.ids and (before is None or after.ref != before.ref):
        return Started(job=after)
    job = _unpinned(started, api.reading(answer))
    return Started(job=job, before=before) if started.started is not False else Started(job=_already_running(job))


async def _latest(api: Api) -> Job[Any, Any] | None:
    """The latest export; None also where it cannot be read: a start that was answered has not failed."""
    try:
        return await api.find(LATEST)
    except UnijobError:
        return None


def _already_running(job: Job[Any, Any]) -> Job[Any, Any]:
    return attrs.evolve(job, warnings=(*job.warnings, "already running"))


def _unpinned(started: models.FeedbackExportStart, reading: Reading) -> Job[models.FeedbackExportStart, None]:
    state = reading.status(STATUS, started.status, "status") or JobState.UNKNOWN
    reading.warn("start_time")("not told yet, so the reference names the latest export, not this one")
    return Job(
        ref=attrs.evolve(LATEST, account=reading.account),
        state=state,
        raw_status=reading.text(started.status),
        progress=progress_of(started.progress, None, reading),
        warnings=reading.noted(),
        revision=reading.revision,
        source=started,
    )


KIND: JobKind[models.FeedbackExport | models.FeedbackExportStart, FeedbackExportResult] = JobKind(
    name="mka1:feedback_export",
    title="feedback export",
    ids=("start_time",),
    singleton=True,
    get="getExportStatus",
    start="startExportFeedback",
    start_flow=start,
    vital=("status",),
    tables=(STATUS,),
    normalize=normalize,
)
