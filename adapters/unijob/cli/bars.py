"""Live bars in a terminal: state, items, time elapsed, rate and estimate of each job."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import attrs
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID
from rich.progress_bar import ProgressBar
from rich.text import Text

from unijob.cli.output import STYLES, failure, items
from unijob.cli.problems import exit_code, tell
from unijob.job import JobState

if TYPE_CHECKING:
    from unijob.errors import UnijobError
    from unijob.job import Job
    from unijob.ref import JobRef

_AROUND = 56
"""Columns that all but the reference take, and two that stay free: a terminal's ^C there would begin another line."""
_SHORTEST, _BAR = 12, 8
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SPARE_LINES = 3
_REFRESHES = 4
_SLOW = 0.1


@attrs.define(kw_only=True)
class Track:
    """What is known of one job's pace, by the clock of whoever watches.

    Args:
        ref: what it is called.
        at: when it was first seen.
        before: seconds that the job had run by then, as its times tell.
        first: the first count of items done.
        first_at: when that was seen.
        latest: the latest count.
        latest_at: when it was first seen.
        job: the latest snapshot.
        ended: seconds that it took, once it ended.
        told: what stands in the place of a state.
    """

    ref: str
    at: float
    before: float = 0.0
    first: int | None = None
    first_at: float = 0.0
    latest: int | None = None
    latest_at: float = 0.0
    job: Job | None = None
    ended: float | None = None
    told: str = ""

    def see(self, job: Job, now: float) -> None:
        """Take in a snapshot."""
        done = job.progress.done if job.progress is not None else None
        if self.job is None:
            self.at = now
            since = (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at is not None else 0.0
            self.before = max(since, 0.0)
        if self.first is None:
            self.first, self.first_at = done, now
        if done != self.latest:
            self.latest, self.latest_at = done, now
        self.job = job
        if job.is_terminal:
            self.ended = job.duration.total_seconds() if job.duration is not None else self.elapsed(now)

    def elapsed(self, now: float) -> float:
        """Seconds that the job has taken."""
        return self.ended if self.ended is not None else self.before + now - self.at

    def rate(self) -> float | None:
        """Items a second, from the first count that was seen to the latest, or None where that cannot be told."""
        if self.first is None or self.latest is None or self.latest <= self.first or self.latest_at <= self.first_at:
            return None
        return (self.latest - self.first) / (self.latest_at - self.first_at)

    def left(self, now: float) -> float | None:
        """Seconds that remain at this rate, or None where that cannot be told, or has proved wrong."""
        rate, progress = self.rate(), self.job.progress if self.job is not None else None
        if rate is None or self.ended is not None or progress is None or not progress.total or self.latest is None:
            return None
        left = (progress.total - self.latest) / rate - (now - self.latest_at)
        return left if left > 0 else None


class _Bar(BarColumn):
    """A bar in the colour of its job's state."""

    def render(self, task: Task) -> ProgressBar:
        """The bar."""
        bar, job = super().render(task), task.fields["track"].job
        bar.complete_style = bar.finished_style = STYLES.get(job.state, "") if job is not None else ""
        return bar


class _Column(ProgressColumn):
    """One text of a track."""

    max_refresh = None

    def __init__(self, name: str, width: int) -> None:
        super().__init__()
        self._name, self._width = name, width

    def render(self, task: Task) -> Text:
        """The text, cut or filled to its width."""
        track: Track = task.fields["track"]
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(*_cell(track, self._name, time.monotonic()))
        text.truncate(self._width, overflow="ellipsis", pad=True)
        return text


def _cell(track: Track, name: str, now: float) -> tuple[str, str]:
    job, left = track.job, track.left(now)
    progress = job.progress if job is not None else None
    state = (job.state.value, STYLES.get(job.state, "")) if job is not None else ("…", "dim")
    cells = {
        "ref": (track.ref, ""),
        "state": (track.told, "red") if track.told else state,
        "items": (items(progress).partition(" ")[0], ""),
        "elapsed": (clock(track.elapsed(now)), "dim"),
        "rate": (pace(track.rate()), "dim"),
        "left": ("" if left is None else f"~{clock(left)}", "dim"),
    }
    return cells[name]


def clock(seconds: float) -> str:
    """Seconds in at most six characters: `4:05`, `1:02:09`, `3d04h`."""
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02}"
    if whole < 10 * _HOUR:
        return f"{whole // _HOUR}:{whole % _HOUR // _MINUTE:02}:{whole % _MINUTE:02}"
    return f"{whole // _DAY}d{whole % _DAY // _HOUR:02}h"


def pace(rate: float | None) -> str:
    """Items in a second, or in a minute where they are few."""
    if rate is None:
        return ""
    if rate < _SLOW:
        return f"{rate * _MINUTE:.2g}/min"
    return f"{rate:.3g}/s" if rate < 10_000 else f"{rate / 1000:.0f}k/s"  # noqa: PLR2004  five digits are too wide


def shortened(ref: str, width: int) -> str:
    """A reference that fits; its end, which tells jobs apart, is kept."""
    if len(ref) <= width:
        return ref
    kept = width - 1
    head = kept // 3
    return f"{ref[:head]}…{ref[len(ref) - (kept - head) :]}"


class Bars:
    """Bars, one a job; where they are more than the terminal has lines, ended ones make room and become lines above.

    Args:
        refs: the jobs.
        out: the terminal.
        debug: whether tracebacks are wanted.
    """

    def __init__(self, refs: list[JobRef], out: Console, *, debug: bool) -> None:
        self._out, self._debug = out, debug
        width = max(out.width - _AROUND, _SHORTEST)
        width = min(width, max((len(str(ref)) for ref in refs), default=width))
        self._bars = Progress(
            _Column("ref", width),
            _Bar(bar_width=_BAR),
            _Column("state", 10),
            _Column("items", 9),
            _Column("elapsed", 7),
            _Column("rate", 7),
            _Column("left", 7),
            console=out,
            refresh_per_second=_REFRESHES,
        )
        self._room = max(out.height - _SPARE_LINES, 1)
        self._tracks = [Track(ref=shortened(str(ref), width), at=time.monotonic()) for ref in refs]
        self._tasks = [
            self._bars.add_task("", total=1.0, track=track, visible=index < self._room)
            for index, track in enumerate(self._tracks)
        ]
        self._is_crowded = len(refs) > self._room
        self._hidden = self._tasks[self._room :]
        self._problems: list[UnijobError] = []

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
        for problem in self._problems:
            tell(problem, debug=self._debug)

    def seen(self, place: int, job: Job) -> None:
        """Move the job's bar."""
        self._tracks[place].see(job, time.monotonic())
        fraction = job.progress.fraction if job.progress is not None else None
        done = 1.0 if job.state is JobState.SUCCEEDED else fraction if fraction is not None else float(job.is_terminal)
        self._bars.update(self._tasks[place], completed=done)
        if job.is_terminal:
            why = failure(job)
            self._ended(place, self._told(job, why) if why or self._is_crowded else "")

    def problem(self, place: int, ref: JobRef, error: UnijobError) -> None:
        """Mark the bar; the error is told when the bars have come to rest."""
        track = self._tracks[place]
        track.ended = track.elapsed(time.monotonic())
        track.told = "" if getattr(error, "job", None) is not None else exit_code(error).name.lower().replace("_", " ")
        self._problems.append(error)
        self._ended(place, f"{ref}  {track.told}" if self._is_crowded else "")

    def _told(self, job: Job, why: str) -> str:
        """How a job ended, on one line where that fits, else on two."""
        line = f"{job.ref}  {job.state}  {why}".rstrip()
        return line if cell_len(line) <= self._out.width else f"{job.ref}  {job.state}\n  {why}"

    def _ended(self, place: int, told: str) -> None:
        if told:
            self._bars.console.print(told, soft_wrap=True)
        if not self._is_crowded:
            return
        task = self._tasks[place]
        self._show(task, visible=False)
        if task in self._hidden:
            self._hidden.remove(task)
        elif self._hidden:
            self._show(self._hidden.pop(0), visible=True)

    def _show(self, task: TaskID, *, visible: bool) -> None:
        self._bars.update(task, visible=visible)
