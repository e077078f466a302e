"""`mka1:feedback_export`: the export of all feedback to files.

There is one export per account and it has no id; what tells one from the next is when it started. So a reference is
pinned to a start time (`mka1:feedback_export/2024-01-15T10:30:00Z`), or names the latest (`mka1:feedback_export`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import InvalidArgument, JobNotFound, JobSuperseded, UnijobError
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.kinds import Api, JobKind, Started, StatusTable
from unijob.outcomes import check_counts
from unijob.ref import JobRef
from unijob.timestamps import format_utc, from_rfc3339
from unijob_models.mka1.v2026_07 import models as v2026_07
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

CONTINUED = "CONTINUED_AS_NEW"

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


@attrs.frozen(kw_only=True)
class FeedbackExportResult:
    """What a finished export wrote, and where."""

    output_path: str | None
    completions_file: str | None
    responses_file: str | None
    record_count: int | None
    completion_feedback_count: int | None
    response_feedback_count: int | None
    exported_at: datetime | None
    duration: timedelta | None


def normalize(export: models.FeedbackExport, reading: Reading) -> Job[models.FeedbackExport, FeedbackExportResult]:
    """Read the export's status of any revision."""
    state = reading.status(STATUS, export.status, "status") or JobState.UNKNOWN
    started_at = reading.rfc3339(export.start_time, "start_time")
    closed_at = reading.rfc3339(export.close_time, "close_time")
    result = _result(export.result, reading)
    message = reading.text(export.error)
    return Job(
        ref=_ref(reading, started_at),
        state=state,
        raw_status=reading.text(export.status),
        started_at=started_at,
        finished_at=closed_at if state.is_terminal else None,
        progress=_progress(export.progress, result, reading),
        error=JobFailure(message=message) if message is not None else None,
        result=result if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=export,
    )


def _ref(reading: Reading, started_at: datetime | None) -> JobRef:
    latest = JobRef("mka1", "feedback_export", (), reading.account)
    found = latest if started_at is None else attrs.evolve(latest, ids=(format_utc(started_at),))
    requested = reading.requested
    if requested is None or not requested.ids:
        return found
    if reading.previous is not None and reading.previous.ref.ids:
        requested = reading.previous.ref  # pinned anew on the way, after CONTINUED_AS_NEW
    pinned_at = pinned_time(requested)
    if started_at is None:
        reading.warn("start_time")("missing, so this may be another export than the one asked for")
        return requested
    if started_at > pinned_at:
        if reading.previous is not None and reading.previous.raw_status == CONTINUED:
            return found
        raise JobSuperseded(f"{requested} is gone: the upstream now tells only of {found}", ref=requested)
    if started_at < pinned_at:
        raise JobNotFound(f"there is no {requested}: the upstream's latest export is {found}", ref=requested)
    return requested


def pinned_time(ref: JobRef) -> datetime:
    """The start time that a reference is pinned to.

    Raises:
        InvalidArgument: it is no RFC 3339 time.
    """
    instant = from_rfc3339(ref.ids[0], lambda _: None)
    if instant is None:
        raise InvalidArgument(
            f"{str(ref)!r} names no start time: write 'mka1:feedback_export/2024-01-15T10:30:00Z', "
            "or 'mka1:feedback_export' for the latest",
            argument="ref",
        )
    return instant


def _progress(
    progress: models.FeedbackExportProgress | Unset, result: FeedbackExportResult | None, reading: Reading
) -> Progress | None:
    total = result.record_count if result is not None else None
    if isinstance(progress, Unset):
        return Progress(total=total, completed=total, unit="records") if total is not None else None
    found = Progress(
        total=total,
        completed=reading.count(progress.record_count, "progress.record_count"),
        unit="records",
        stage=reading.text(progress.stage),
        message=reading.text(progress.message),
    )
    check_counts(found, reading.warn("progress.record_count"))
    return found


def _result(result: models.FeedbackExportResult | Unset, reading: Reading) -> FeedbackExportResult | None:
    if isinstance(result, Unset):
        return None
    # Revision 2026-07 has a number of milliseconds where later ones have a date-time.
    exported = reading.unix_milliseconds if isinstance(result, v2026_07.FeedbackExportResult) else reading.rfc3339
    return FeedbackExportResult(
        output_path=reading.text(result.output_path),
        completions_file=reading.text(result.completions_file),
        responses_file=reading.text(result.responses_file),
        record_count=reading.count(result.record_count, "result.record_count"),
        completion_feedback_count=reading.count(result.completion_feedback_count, "result.completion_feedback_count"),
        response_feedback_count=reading.count(result.response_feedback_count, "result.response_feedback_count"),
        exported_at=exported(result.exported_at, "result.exported_at"),
        duration=reading.milliseconds(result.duration_ms, "result.duration_ms"),
    )


LATEST = JobRef("mka1", "feedback_export")


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
        progress=_progress(started.progress, None, reading),
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
