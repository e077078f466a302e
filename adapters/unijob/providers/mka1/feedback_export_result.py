"""What a feedback export writes, and how far it is with that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from unijob.job import Progress
from unijob.outcomes import check_counts
from unijob_models.mka1.v2026_07 import models as v2026_07
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models


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


def result_of(result: models.FeedbackExportResult | Unset, reading: Reading) -> FeedbackExportResult | None:
    """Read what an export of any revision tells of its files."""
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


def progress_of(
    progress: models.FeedbackExportProgress | Unset, result: FeedbackExportResult | None, reading: Reading
) -> Progress | None:
    """How far it is: the records fetched so far, of those that its result counts."""
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
