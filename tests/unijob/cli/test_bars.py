"""Live bars: they fit 80 columns, and tell state, items, time elapsed, rate and estimate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from attrs import evolve
from rich.console import Console

from unijob.cli import bars
from unijob.errors import JobNotFound
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.ref import JobRef

REFS = [JobRef("mka1", "eval_run", (f"eval_run_{number:032x}",)) for number in range(30)]


def job(ref: JobRef, state: JobState, done: int = 0, total: int = 40, **fields: object) -> Job:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    ended = began + timedelta(seconds=75) if state.is_terminal else None
    return Job(
        ref=ref,
        state=state,
        started_at=began if ended else None,
        finished_at=ended,
        progress=Progress(total=total, completed=done),
        error=JobFailure(code="c", message="why") if state is JobState.FAILED else None,
        revision="r",
        source=fields,
    )


def screen(height: int = 24) -> tuple[Console, StringIO]:
    out = StringIO()
    return Console(file=out, force_terminal=True, width=80, height=height, color_system=None), out


def shown(out: StringIO) -> list[str]:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue()).replace("\r", "\n").splitlines()


def test_bars_fit_80_columns() -> None:
    """Every line, with room for a terminal's ^C; the end of a long reference is kept, which tells it apart."""
    console, out = screen()
    with bars.Bars(REFS[:2], console, debug=False) as view:
        view.seen(0, job(REFS[0], JobState.RUNNING, 12))
        view.seen(1, job(REFS[1], JobState.SUCCEEDED, 40))
    last = shown(out)[-2:]
    assert max(map(len, last)) <= 78
    assert "running    12/40" in last[0]
    assert "00000001 ━━━━━━━━ succeeded  40/40     1:15" in last[1]


def test_why_a_job_failed_stands_above_the_bars() -> None:
    """Its whole reference, and the upstream's words."""
    console, out = screen()
    with bars.Bars(REFS[:1], console, debug=False) as view:
        view.seen(0, job(REFS[0], JobState.FAILED, 3))
    assert f"{REFS[0]}  failed  c: why" in [line.strip() for line in shown(out)]


def test_a_long_reason_has_a_line_of_its_own() -> None:
    """Where a line would not hold it beside the reference."""
    console, out = screen()
    with bars.Bars(REFS[:1], console, debug=False) as view:
        view.seen(0, evolve(job(REFS[0], JobState.FAILED), error=JobFailure(code="c", message="why " * 5)))
    lines = [line.rstrip() for line in shown(out)]
    assert lines[lines.index(f"{REFS[0]}  failed") + 1] == "  c: why why why why why"


@pytest.mark.parametrize(
    ("state", "colour"),
    [(JobState.RUNNING, 36), (JobState.SUCCEEDED, 32), (JobState.PARTIAL, 33), (JobState.FAILED, 31)],
)
def test_a_bar_has_the_colour_of_its_state(state: JobState, colour: int) -> None:
    """So that red is a failure alone."""
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=80, color_system="standard")
    with bars.Bars(REFS[:1], console, debug=False) as view:
        view.seen(0, job(REFS[0], state, 20))
    assert f"\x1b[{colour}m━━━━" in out.getvalue()


def test_a_wait_that_cannot_end(capsys: pytest.CaptureFixture[str]) -> None:
    """The bar says so, and the error is told once the bars are at rest."""
    console, out = screen()
    with bars.Bars(REFS[:1], console, debug=False) as view:
        view.problem(0, REFS[0], JobNotFound("there is none", ref=REFS[0]))
    assert "not found" in shown(out)[-1]
    assert "unijob: there is none" in capsys.readouterr().err


def test_more_jobs_than_lines() -> None:
    """Those that ended become lines above, and make room for the next."""
    console, out = screen(height=10)
    with bars.Bars(REFS, console, debug=False) as view:
        for place, ref in enumerate(REFS[:-2]):
            view.seen(place, job(ref, JobState.SUCCEEDED, 40))
        view.problem(len(REFS) - 2, REFS[-2], JobNotFound("there is none", ref=REFS[-2]))
    lines = [line.strip() for line in shown(out)]
    assert all(f"{ref}  succeeded" in lines for ref in REFS[:-2])
    assert f"{REFS[-2]}  not found" in lines
    assert "…" in lines[-1]
    assert str(REFS[-1])[-8:] in lines[-1]


def test_rate_and_estimate() -> None:
    """From what was seen while watching, by the watcher's own clock."""
    track = bars.Track(ref="r", at=0.0)
    track.see(job(REFS[0], JobState.RUNNING, 10), 100.0)
    assert (track.rate(), track.left(100.0)) == (None, None)
    track.see(job(REFS[0], JobState.RUNNING, 20), 105.0)
    assert track.rate() == 2.0
    assert track.left(105.0) == 10.0
    assert track.left(107.0) == 8.0
    assert track.left(115.0) is None  # it should have ended by now
    assert track.elapsed(107.0) == 7.0
    track.see(job(REFS[0], JobState.SUCCEEDED, 40), 110.0)
    assert track.left(111.0) is None
    assert track.elapsed(999.0) == 75.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (65.9, "1:05"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (35_999, "9:59:59"),
        (36_000, "0d10h"),
        (1e6, "11d13h"),
    ],
)
def test_times_are_short(seconds: float, text: str) -> None:
    """Seven characters at most."""
    assert bars.clock(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, ""), (0.01, "0.6/min"), (0.5, "0.5/s"), (123.4, "123/s"), (54_321.0, "54k/s")]
)
def test_rates_are_short(rate: float | None, text: str) -> None:
    """In a minute where they are few."""
    assert bars.pace(rate) == text
