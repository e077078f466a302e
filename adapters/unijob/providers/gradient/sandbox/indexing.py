"""The life of an indexing job: its data sources are read one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.sandbox.clock import rfc3339
from unijob.sandbox.timeline import Moment, Plan, Stage, moment
from unijob.sandbox.world import Record, World

DATA_SOURCE = "gradient:data_source"
ENDS: Mapping[str, tuple[str, str]] = {
    "succeeded": ("SUCCEEDED", "COMPLETED"),
    "no_changes": ("SUCCEEDED", "NO_CHANGES"),
    "partial": ("SUCCEEDED", "PARTIAL"),
    "failed": ("FAILED", "FAILED"),
    "error": ("ERROR", "FAILED"),
    "cancelled": ("CANCELLED", "CANCELLED"),
}
"""Outcome to the last phase and status."""
PHASES = tuple(
    f"BATCH_JOB_PHASE_{name}" for name in ("UNKNOWN", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "ERROR", "CANCELLED")
)
_GOING = {Stage.QUEUED: ("PENDING", "PENDING"), Stage.RUNNING: ("RUNNING", "IN_PROGRESS")}
_ZERO = "0001-01-01T00:00:00Z"
_WHOLE = frozenset({"succeeded", "no_changes"})
_TOKENS_PER_FILE = 1_536


class Indexing:
    """One job, to be looked at at any instant.

    Args:
        record: the job.
        world: what it lives in.
    """

    def __init__(self, record: Record, world: World) -> None:
        self._record = record
        self._script = record.script
        self._ids = world.ids
        self._sources: tuple[str, ...] = record.data["sources"]
        # A job without changes works through its sources as one that succeeds does.
        self._outcome: str = self._script["outcome"]
        self._plan = Plan(
            created_at=record.created_at,
            outcome="succeeded" if self._outcome in _WHOLE else self._outcome,
            items=len(self._sources),
            queued=self._script["queued"],
            duration=self._script["duration"],
            failed_items=self._script["failed_items"],
        )
        self._failing = moment(self._plan, (), float("inf")).failed

    def moment(self, now: float) -> Moment:
        """Where it stands."""
        return moment(self._plan, self._record.events, now)

    def view(self, now: float) -> dict[str, Any]:
        """The job as the wire has it."""
        found = self.moment(now)
        sources = self.sources(now)
        tokens = sum(int(source["indexed_file_count"]) for source in sources) * _TOKENS_PER_FILE
        done = found.completed + found.failed
        return {
            "uuid": self._record.id,
            "knowledge_base_uuid": self._record.data["base"],
            "phase": self._phase(found),
            "status": self._status(now - self._script["status_lag"]),
            **self._times(found, now),
            "completed_datasources": done,
            "total_datasources": found.total,
            "data_source_uuids": list(self._sources),
            "data_source_jobs": sources,
            "is_report_available": found.ended and found.started_at is not None,
            "tokens": tokens,
            "total_tokens": str(tokens),
        }

    def sources(self, now: float) -> list[dict[str, Any]]:
        """The data sources that work has begun on."""
        found = self.moment(now)
        if found.started_at is None:
            return []
        return [self._source(place, found) for place in range(min(found.total, int(found.position) + 1))]

    def _end(self, found: Moment) -> str:
        return self._outcome if found.outcome == "succeeded" else found.outcome or ""

    def _phase(self, found: Moment) -> str:
        if found.ended and self._script["phase"] is not None:
            phase: str = self._script["phase"]
            return phase
        phase, _ = ENDS[self._end(found)] if found.ended else _GOING[found.stage]
        return f"BATCH_JOB_PHASE_{phase}"

    def _status(self, now: float) -> str:
        found = self.moment(max(now, self._record.created_at))
        _, status = ENDS[self._end(found)] if found.ended else _GOING[found.stage]
        return f"INDEX_JOB_STATUS_{status}"

    def _times(self, found: Moment, now: float) -> dict[str, str]:
        changed = found.ended_at if found.ended_at is not None else now if found.started_at else found.began_at
        times = {
            "created_at": self._record.created_at,
            "started_at": found.started_at,
            "updated_at": changed,
            "finished_at": found.ended_at,
        }
        return self._written(times)

    def _written(self, times: Mapping[str, float | None]) -> dict[str, str]:
        zero = dict.fromkeys(times, _ZERO) if self._script["zero_times"] else {}
        return {**zero, **{name: rfc3339(at) for name, at in times.items() if at is not None}}

    def _source(self, place: int, found: Moment) -> dict[str, Any]:
        share = min(1.0, max(0.0, found.position - place))
        files, size = self._contents(self._sources[place])
        status = self._source_status(place, found, share, files)
        done = int(files * share + 1e-9)
        failed = {"PARTIALLY_UPDATED": files - files // 2, "FAILED": files}.get(status, 0) if share >= 1 else 0
        unchanged = done if status == "NOT_UPDATED" else 0
        indexed = done - failed - unchanged
        return {
            "data_source_uuid": self._sources[place],
            "status": f"DATA_SOURCE_STATUS_{status}",
            **self._written(self._source_times(place, found, share, status)),
            **self._why(status),
            "total_file_count": str(files),
            "indexed_file_count": str(indexed),
            "indexed_item_count": str(indexed),
            "failed_item_count": str(failed),
            "removed_item_count": "0",
            "skipped_item_count": str(unchanged),
            "total_bytes": str(files * size),
            "total_bytes_indexed": str(indexed * size),
        }

    def _contents(self, source: str) -> tuple[int, int]:
        """How many files a source holds, and the size of each."""
        uploaded: int | None = self._record.data["uploaded"].get(source)
        if uploaded is not None:
            return 1, uploaded
        return self._script["files"], self._ids.number_of(1_000, 90_000, "size", source)

    def _source_status(self, place: int, found: Moment, share: float, files: int) -> str:
        if share >= 1:
            total, failing = found.total, self._failing
            fails = (place + 1) * failing // total > place * failing // total
            if not fails:
                return "NOT_UPDATED" if self._outcome == "no_changes" else "UPDATED"
            return "PARTIALLY_UPDATED" if place * failing // total == 0 and files > 1 else "FAILED"
        if not found.ended:
            return "IN_PROGRESS"
        return "CANCELLED" if found.outcome == "cancelled" else "FAILED"

    def _source_times(self, place: int, found: Moment, share: float, status: str) -> dict[str, float | None]:
        start = found.started_at or 0.0
        length = self._plan.duration / found.total
        # One that breaks off halfway works at half the pace.
        length *= 1 if self._plan.outcome in {"succeeded", "partial"} else 2
        begun = start + place * length
        done = begun + length if share >= 1 else None if status == "IN_PROGRESS" else found.ended_at
        return {"started_at": begun, "completed_at": done}

    def _why(self, status: str) -> dict[str, str]:
        if status not in {"FAILED", "PARTIALLY_UPDATED"}:
            return {}
        return {"error_msg": "data_source_unreadable", "error_details": self._script["message"]}
