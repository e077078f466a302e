"""What counts of items say of a job that the upstream calls completed."""

from __future__ import annotations

from unijob.job import JobState, Progress
from unijob.timestamps import Warn


def refine_completed(counts: Progress, warn: Warn) -> JobState:
    """Tell `succeeded`, `partial`, `failed` and `cancelled` apart by what became of the items.

    Nothing to do is success; all failed is failure; all cancelled is cancellation; any failed or cancelled is partial.
    """
    failed, cancelled = counts.failed or 0, counts.cancelled or 0
    total = counts.total
    if total is None and counts.completed is not None:  # without both, nothing can be said of all items
        total = counts.done
    if counts.done is not None and counts.total is not None and counts.done < counts.total:
        warn(f"completed with {counts.total - counts.done} of {counts.total} items not done")
    if total == 0:
        return JobState.SUCCEEDED
    if total is not None and failed >= total:
        return JobState.FAILED
    if total is not None and cancelled >= total:
        return JobState.CANCELLED
    return JobState.PARTIAL if failed or cancelled else JobState.SUCCEEDED


def check_counts(counts: Progress, warn: Warn) -> None:
    """Warn where more is done than there is."""
    total, done = counts.total, counts.done
    if total is not None and done is not None and done > total:
        warn(f"{done} items done of {total}")
