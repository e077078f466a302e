"""One Job for every provider: no I/O, no vendor, no HTTP."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic

import attrs

from unijob.jsontypes import class_of, is_list, is_mapping, is_tuple
from unijob.ref import JobRef, ResultT_co, SourceT_co
from unijob.timestamps import format_utc

_DEEPEST = 100


class JobState(StrEnum):
    """Where a job stands. `unknown` is not terminal: the upstream said something that no table lists."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens unless someone retries the job."""
        return self in _TERMINAL


_TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED, JobState.TIMED_OUT})


@attrs.frozen(kw_only=True)
class Progress:
    """How far a job is, in items; a count is None where the wire has none."""

    total: int | None = None
    completed: int | None = None
    failed: int | None = None
    cancelled: int | None = None
    skipped: int | None = None
    unit: str | None = None
    """What is counted: `files`, `requests`, `records`, `data sources`."""
    stage: str | None = None
    message: str | None = None

    @property
    def done(self) -> int | None:
        """Items that need no more work, however they ended, or None where the wire counts none."""
        completed, failed, cancelled, skipped = self.completed, self.failed, self.cancelled, self.skipped
        if completed is None and failed is None and cancelled is None and skipped is None:
            return None
        return (completed or 0) + (failed or 0) + (cancelled or 0) + (skipped or 0)

    @property
    def fraction(self) -> float | None:
        """`done` / `total`, in 0..1, or None where it cannot be told."""
        if self.done is None or not self.total or self.total < 0:
            return None
        return min(max(self.done / self.total, 0.0), 1.0)


@attrs.frozen(kw_only=True)
class JobFailure:
    """Why a job failed, in the upstream's words."""

    code: str | None = None
    message: str | None = None
    details: Any = None


@attrs.frozen(kw_only=True)
class JobPart:
    """A piece of a composite job: a data source of an indexing job."""

    id: str | None
    state: JobState
    raw_status: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: Progress | None = None
    error: JobFailure | None = None


@attrs.frozen(kw_only=True)
class Job(Generic[SourceT_co, ResultT_co]):
    """A job of any provider, as it was when it was read. All times are aware and in UTC."""

    ref: JobRef[SourceT_co, ResultT_co]
    state: JobState
    raw_status: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None
    progress: Progress | None = None
    error: JobFailure | None = None
    result: ResultT_co | None = None
    """What it produced, in the kind's own shape, the same for every revision; None while it runs."""
    parts: tuple[JobPart, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was tolerated: contradictions, unknown values, unreadable fields."""
    revision: str = attrs.field(eq=False)
    source: SourceT_co = attrs.field(eq=False, repr=False)
    """The generated model that it was read from, whole."""

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self.state.is_terminal

    @property
    def succeeded(self) -> bool:
        """Whether the job ended with everything done."""
        return self.state is JobState.SUCCEEDED

    @property
    def duration(self) -> timedelta | None:
        """From start to finish; None while one is missing or where they contradict each other."""
        if self.started_at is None or self.finished_at is None or self.finished_at < self.started_at:
            return None
        return self.finished_at - self.started_at

    def to_dict(self) -> dict[str, Any]:
        """The job as JSON-ready data, without `source`: times as RFC 3339 in UTC, durations in seconds."""
        return {**to_plain(self, leave_out=frozenset({"source"})), "ref": str(self.ref)}


def to_plain(value: Any, *, leave_out: frozenset[str] = frozenset(), depth: int = 0) -> Any:
    """Turn domain values into what JSON holds, deeply.

    Args:
        value: an attrs instance, a mapping, a sequence or a leaf.
        leave_out: attribute names of the outermost instance to leave out.
        depth: how deep the value lies; what lies too deep for JSON's writers, and what is no finite number, is None.
    """
    if depth > _DEEPEST:
        return None
    if attrs.has(class_of(value)) and not isinstance(value, JobRef):
        return {
            field.name: to_plain(getattr(value, field.name), depth=depth + 1)
            for field in attrs.fields(class_of(value))
            if field.name not in leave_out
        }
    if is_mapping(value):
        return {str(key): to_plain(item, depth=depth + 1) for key, item in value.items()}
    if is_list(value) or is_tuple(value):
        return [to_plain(item, depth=depth + 1) for item in value]
    return _plain_leaf(value)


def _plain_leaf(value: Any) -> Any:
    if class_of(value) is JobRef or isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if isinstance(value, float) and not math.isfinite(value) else value
