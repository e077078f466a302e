"""What holds for every Job and Schedule."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import orjson

from unijob.job import Job, JobPart, JobState, Progress
from unijob.kinds import AnyKind
from unijob.ref import JobRef
from unijob.schedule import Schedule

TIMES = ("created_at", "started_at", "finished_at", "updated_at", "next_run_at", "last_run_at")


def check_read(found: Job[Any, Any] | Schedule[Any], kind: AnyKind) -> None:
    """Hold what holds for everything that was read."""
    assert found.ref.kind == kind.name
    assert JobRef.parse(str(found.ref)) == found.ref
    printed = found.to_dict()
    assert json.loads(json.dumps(printed, allow_nan=False)) == orjson.loads(orjson.dumps(printed)) == printed
    _check_times(found)
    assert all(found.warnings)
    assert len(set(found.warnings)) == len(found.warnings)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  just written
    assert again == found
    assert again.source == found.source
    if isinstance(found, Job):
        _check_job(found)


def _check_times(found: object) -> None:
    times = [getattr(found, name, None) for name in TIMES]
    assert all(time is None or (isinstance(time, datetime) and time.tzinfo is UTC) for time in times)


def _check_job(job: Job[Any, Any]) -> None:
    pieces: list[Job[Any, Any] | JobPart] = [job, *job.parts]
    for piece in pieces:
        assert isinstance(piece.state, JobState)
        assert piece.raw_status is None or type(piece.raw_status) is str
        _check_times(piece)
        _check_progress(piece.progress, job.warnings)
    assert job.duration is None or job.duration.total_seconds() >= 0
    assert job.result is None or job.is_terminal
    assert job.finished_at is None or job.is_terminal or job.warnings, "an end without an end, and no warning"
    assert job.state is not JobState.UNKNOWN or job.raw_status is None or job.revision


def _check_progress(progress: Progress | None, warnings: tuple[str, ...]) -> None:
    if progress is None:
        return
    counts = (progress.total, progress.completed, progress.failed, progress.cancelled, progress.skipped)
    assert all(count is None or (type(count) is int and 0 <= count < 2**64) for count in counts)
    assert progress.fraction is None or 0 <= progress.fraction <= 1
    if progress.total is not None and progress.done is not None and progress.done > progress.total:
        assert warnings, "more is done than there is, and no warning"
