"""How jobs and schedules are shown: JSON, tables that fit the terminal, and blocks of one job."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unijob.cli.problems import plain
from unijob.job import Job, JobPart, JobState, Progress
from unijob.schedule import Cron, Interval, Schedule, Trigger

STYLES = {
    JobState.SUCCEEDED: "green",
    JobState.PARTIAL: "yellow",
    JobState.FAILED: "red",
    JobState.TIMED_OUT: "red",
    JobState.CANCELLED: "magenta",
    JobState.CANCELLING: "magenta",
    JobState.RUNNING: "cyan",
}
_WIDE = 10_000
_GAP = 2
_SHORTEST = 12
_RESULT = 400
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def console() -> Console:
    """The console on standard output: as wide as the terminal, and without an edge elsewhere."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _WIDE
    return found


def show_json(value: Any) -> None:
    """Print one JSON value over several lines."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def show_line(value: Any) -> None:
    """Print one JSON value on a line of its own, at once."""
    click.echo(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode())


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: all of it where there is no edge, else columns that say something, as far as they fit.

    The first two are always there, the first folded at need.
    """
    out = console()
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    widths[0] = min(widths[0], max(out.width - sum(_GAP + width for width in widths[1:2]), _SHORTEST))
    is_whole = out.width == _WIDE or not rows
    telling = [index for index in range(len(headings)) if index <= 1 or is_whole or any(row[index] for row in rows)]
    kept, left, last = [0], out.width - widths[0], telling[-1]
    for index in telling[1:]:
        if index == last and left - _GAP >= _SHORTEST:
            widths[index] = min(widths[index], left - _GAP)
        if _GAP + widths[index] <= left:
            kept.append(index)
            left -= _GAP + widths[index]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for index in kept:
        table.add_column(
            headings[index],
            no_wrap=index != 0,
            overflow="fold" if index == 0 else "ellipsis",
            max_width=widths[index] if index in {0, last} else None,
        )
    for row in rows:
        table.add_row(*(_styled(row[index]) for index in kept))
    out.print(table)


def show_records(records: Sequence[Mapping[str, Any]]) -> None:
    """Print JSON objects as a table of what is text, a number or a boolean in any of them; the id comes first."""
    scalars = [
        {name: value for name, value in record.items() if isinstance(value, (str, int, float))} for record in records
    ]
    headings = sorted({name: None for record in scalars for name in record}, key=lambda name: name != "id")
    show_table(headings, [[_cell(record.get(name)) for name in headings] for record in scalars])


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) else orjson.dumps(value).decode()


def _styled(text: str) -> Text:
    return Text(text, STYLES[JobState(text)] if text in STYLES else "")


def job_row(job: Job) -> tuple[str, ...]:
    """A job's row under `JOB_HEADINGS`."""
    began = job.created_at or job.started_at
    done = items(job.progress).partition(" ")[0]
    failed = str(job.progress.failed) if job.progress is not None and job.progress.failed else ""
    return (str(job.ref), job.state.value, done, failed, utc(began), took(job.duration), failure(job))


JOB_HEADINGS = ("job", "state", "items", "failed", "created (UTC)", "took", "error")


def schedule_row(schedule: Schedule) -> tuple[str, ...]:
    """A schedule's row under `SCHEDULE_HEADINGS`."""
    return (
        str(schedule.ref),
        plain(schedule.name or ""),
        _active(schedule.active),
        utc(schedule.next_run_at),
        when(schedule.trigger),
        schedule.last_run_state.value if schedule.last_run_state is not None else "",
    )


SCHEDULE_HEADINGS = ("schedule", "name", "active", "next run (UTC)", "fires", "last run")


def show_job(job: Job) -> None:
    """Print a job as a block."""
    _block(
        [
            ("job", str(job.ref)),
            (
                "state",
                job.state.value if job.raw_status in {None, job.state.value} else f"{job.state} ({job.raw_status})",
            ),
            ("items", items(job.progress)),
            ("stage", _stage(job.progress)),
            ("created", utc(job.created_at)),
            ("started", utc(job.started_at)),
            ("finished", utc(job.finished_at)),
            ("took", took(job.duration)),
            ("error", failure(job)),
            ("result", _result(job)),
            *(("part", _part(part)) for part in job.parts),
            *(("warning", warning) for warning in job.warnings),
        ]
    )


def show_schedule(schedule: Schedule) -> None:
    """Print a schedule as a block."""
    last = f"{schedule.last_run or ''} {schedule.last_run_state or ''} {utc(schedule.last_run_at)}".strip()
    _block(
        [
            ("schedule", str(schedule.ref)),
            ("name", schedule.name or ""),
            ("active", _active(schedule.active)),
            ("fires", when(schedule.trigger)),
            ("overlap", schedule.overlap_policy or ""),
            ("next run", utc(schedule.next_run_at)),
            ("last run", last),
            ("created", utc(schedule.created_at)),
            *(("warning", warning) for warning in schedule.warnings),
        ]
    )


def _block(lines: Sequence[tuple[str, str]]) -> None:
    out = console()
    for name, value in lines:
        if value:
            text = Text(f"{name:<10}", "bold").append_text(Text(plain(value), "not bold"))
            out.print(text, soft_wrap=True)


def items(progress: Progress | None) -> str:
    """Items done of all, and how many of them badly; empty where the wire counts none."""
    if progress is None or progress.done is None:
        return ""
    of_total = "" if progress.total is None else f"/{progress.total}"
    failed = f" ({progress.failed} failed)" if progress.failed else ""
    return f"{progress.done}{of_total}{failed}"


def failure(job: Job) -> str:
    """Why it failed, or nothing."""
    if job.error is None:
        return ""
    return plain(": ".join(part for part in (job.error.code, job.error.message) if part))


def utc(instant: datetime | None) -> str:
    """A time in UTC, to the second."""
    return "" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def took(duration: timedelta | None) -> str:
    """A duration in its two largest units: `4 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`."""
    if duration is None:
        return ""
    seconds = round(duration.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def when(trigger: Trigger | None) -> str:
    """When a schedule fires."""
    if trigger is None:
        return ""
    if isinstance(trigger, Cron):
        return plain(f"{trigger.expression} ({trigger.timezone})")
    if isinstance(trigger, Interval):
        return f"every {took(timedelta(seconds=trigger.seconds))}"
    days = ", ".join(_DAYS[day % len(_DAYS)] for day in trigger.days)
    return plain(f"{days} at {trigger.time} UTC")


def _active(active: bool | None) -> str:  # noqa: FBT001  it is what is shown
    return "" if active is None else "yes" if active else "no"


def _stage(progress: Progress | None) -> str:
    return "" if progress is None else ": ".join(part for part in (progress.stage, progress.message) if part)


def _part(part: JobPart) -> str:
    return f"{part.id or '?'}  {part.state}  {items(part.progress)}".rstrip()


def _result(job: Job) -> str:
    found = job.to_dict()["result"]
    if found is None:
        return ""
    text = orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS).decode()
    return text if len(text) <= _RESULT else text[:_RESULT] + "… (all of it with --json)"
