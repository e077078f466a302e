"""A schedule: what starts jobs on its own, at times of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic

import attrs

from unijob.job import JobState, to_plain
from unijob.ref import JobRef, SourceT_co


@attrs.frozen
class Cron:
    """Fires by a cron expression, read in an IANA time zone."""

    expression: str
    timezone: str


@attrs.frozen
class Interval:
    """Fires every so many seconds."""

    seconds: int


@attrs.frozen
class Weekly:
    """Fires on days of the week (0 is Sunday) at a time of day, `HH:MM`, in UTC."""

    days: tuple[int, ...]
    time: str


Trigger = Cron | Interval | Weekly


@attrs.frozen(kw_only=True)
class Schedule(Generic[SourceT_co]):
    """A schedule of any provider, as it was when it was read. All times are aware and in UTC."""

    ref: JobRef
    name: str | None = None
    active: bool | None = None
    trigger: Trigger | None = None
    overlap_policy: str | None = None
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    last_run: JobRef | None = None
    last_run_state: JobState | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    revision: str = attrs.field(eq=False)
    source: SourceT_co = attrs.field(eq=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The schedule as JSON-ready data, without `source`; a trigger's `type` is `cron`, `interval` or `weekly`."""
        plain: dict[str, Any] = {**to_plain(self, leave_out=frozenset({"source"})), "ref": str(self.ref)}
        if self.trigger is not None:
            plain["trigger"] = {"type": type(self.trigger).__name__.lower()} | plain["trigger"]
        return plain
