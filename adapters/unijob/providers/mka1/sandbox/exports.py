"""The feedback export: one at a time, without an id; only the latest can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from unijob.jsontypes import is_object
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Moment, Plan, moment
from unijob.sandbox.vendor import Call, Handler, Reply
from unijob.sandbox.world import Record

KIND = "mka1:feedback_export"
CAMEL_CASE = "2026-07"
"""The revision that writes the export in camel case, and its time in milliseconds."""

LIFE = Life(
    outcomes=("succeeded", "failed", "cancelled", "terminated", "timed_out"),
    settings={
        "duration": Setting(default=8.0, type=float, about="seconds of work in each run of its workflow"),
        "items": Setting(default=120, type=int, about="feedback records there are"),
        "continues": Setting(
            default=0, type=int, maximum=100, about="times that the workflow continues as new before it ends"
        ),
        "handover": Setting(
            default=2.0, type=float, about="seconds for which CONTINUED_AS_NEW is seen before the next run"
        ),
        "appears_after": Setting(default=0.0, type=float, about="seconds until the status tells of the new export"),
        "message": Setting(default="The export workflow failed.", type=str, about="what a failed export says"),
    },
)

_STATUSES = {
    "succeeded": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
    "terminated": "TERMINATED",
    "timed_out": "TIMED_OUT",
}
_STAGES = (
    (0.1, "starting", "Export starting"),
    (0.6, "fetching", "Fetching feedback records"),
    (0.8, "converting", "Converting records to Parquet"),
    (1.0, "uploading", "Uploading Parquet files"),
)
_BYTES_PER_RECORD = 204
_RESPONSES_IN_TWELVE = 5


@attrs.frozen
class _Run:
    """One run of the workflow behind an export: when it began, and where it stands."""

    began: float
    moment: Moment
    status: str
    share: float
    """How far it is, 0 to 1."""


def start(call: Call) -> Reply:
    """Start an export, unless one is under way."""
    latest = _latest(call, visible_only=False)
    running = None if latest is None else _run(latest, call.now)
    if latest is not None and running is not None and running.status in {"RUNNING", "CONTINUED_AS_NEW"}:
        answer = {"started": False, "status": "RUNNING", "progress": _progress(latest, running)}
        return Reply(_as(call.world.revision, answer), 202)
    call.world.create(KIND, call.world.ids.next(KIND), call.now, {})
    progress = {"stage": "starting", "message": "Export starting"}
    return Reply({"started": True, "status": "RUNNING", "progress": progress}, 202)


def status(call: Call) -> Reply:
    """How the latest export stands; NOT_FOUND before the first."""
    record = _latest(call, visible_only=True)
    if record is None:
        return Reply({"status": "NOT_FOUND"})
    return Reply(_as(call.world.revision, _view(record, call.now)))


def _latest(call: Call, *, visible_only: bool) -> Record | None:
    records = call.world.all(KIND, call.now)
    if visible_only:
        records = [each for each in records if each.created_at + each.script["appears_after"] <= call.now]
    return records[-1] if records else None


def _run(record: Record, now: float) -> _Run:
    script = record.script
    length, handover = script["duration"], script["handover"]
    number = min(int((now - record.created_at) // (length + handover)), script["continues"]) if length + handover else 0
    began = record.created_at + number * (length + handover)
    outcome = script["outcome"] if number == script["continues"] else "succeeded"
    plan = Plan(created_at=began, outcome=outcome, items=1, duration=length)
    found = moment(plan, (), now)
    wire = _STATUSES[outcome] if number == script["continues"] else "CONTINUED_AS_NEW"
    share = (number + found.position) / (script["continues"] + 1)
    return _Run(began, found, wire if found.ended else "RUNNING", share)


def _view(record: Record, now: float) -> dict[str, Any]:
    run = _run(record, now)
    view: dict[str, Any] = {
        "status": run.status,
        "start_time": rfc3339(run.began),
        "progress": _progress(record, run),
    }
    if run.moment.ended_at is not None:
        view["close_time"] = rfc3339(run.moment.ended_at)
    if run.status == "COMPLETED":
        view["result"] = _result(record, run)
    if run.status in {"FAILED", "TIMED_OUT"}:
        view["error"] = record.script["message"] if run.status == "FAILED" else "The export workflow timed out."
    return view


def _progress(record: Record, run: _Run) -> dict[str, Any]:
    ended = {
        "COMPLETED": ("completed", "Export completed successfully"),
        "FAILED": ("failed", record.script["message"]),
    }
    stage, message = ended.get(run.status) or next(
        ((name, text) for until, name, text in _STAGES if run.share < until), _STAGES[-1][1:]
    )
    if stage == "starting":
        return {"stage": stage, "message": message}
    records = int(record.script["items"] * min(1.0, max(0.0, (run.share - 0.1) / 0.5)))
    responses = records * _RESPONSES_IN_TWELVE // 12
    written = min(1.0, max(0.0, (run.share - 0.6) / 0.2))
    return {
        "stage": stage,
        "record_count": records,
        "completion_count": records - responses,
        "response_count": responses,
        "parquet_bytes": int(records * _BYTES_PER_RECORD * written),
        "message": message,
    }


def _result(record: Record, run: _Run) -> dict[str, Any]:
    ended = run.moment.ended_at or run.began
    records: int = record.script["items"]
    responses = records * _RESPONSES_IN_TWELVE // 12
    folder = f"s3://exports/feedback/{rfc3339(run.began)[:10]}/{record.id[:8]}"
    return {
        "output_path": folder,
        "completions_file": f"{folder}/completions.parquet",
        "responses_file": f"{folder}/responses.parquet",
        "record_count": records,
        "completion_feedback_count": records - responses,
        "response_feedback_count": responses,
        "exported_at": ended,
        "duration_ms": round((ended - record.created_at) * 1000),
    }


def _as(revision: str, view: Mapping[str, Any]) -> dict[str, Any]:
    """Write an export in the shape of a revision."""
    legacy = revision == CAMEL_CASE
    written: dict[str, Any] = {}
    for name, value in view.items():
        if name == "exported_at":
            value = round(value * 1000) if legacy else rfc3339(value)  # noqa: PLW2901
        written[_camel(name) if legacy else name] = _as(revision, value) if is_object(value) else value
    return written


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


HANDLERS: Mapping[str, Handler] = {"startExportFeedback": start, "getExportStatus": status}
