"""Texts of jobs and schedules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from unijob import registry
from unijob.cli import output
from unijob.job import Job, JobState, Progress
from unijob.ref import JobRef
from unijob.schedule import Cron, Interval, Trigger, Weekly


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3600, "1 h 0 min"), (90_000, "1 d 1 h")],
)
def test_durations(seconds: int, text: str) -> None:
    """In their two largest units."""
    assert output.took(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        (None, ""),
        (Cron("0 3 * * *", "UTC"), "0 3 * * * (UTC)"),
        (Interval(90), "every 1 min 30 s"),
        (Weekly((0, 3), "10:00"), "Sunday, Wednesday at 10:00 UTC"),
    ],
)
def test_triggers(trigger: Trigger | None, text: str) -> None:
    """When a schedule fires."""
    assert output.when(trigger) == text


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (None, ""),
        (Progress(total=3), ""),
        (Progress(completed=2), "2"),
        (Progress(completed=2, failed=1, total=4), "3/4 (1 failed)"),
    ],
)
def test_items(progress: Progress | None, text: str) -> None:
    """Done of all, and those that failed."""
    assert output.items(progress) == text


def test_the_last_column_is_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A long error is cut to what is left, where that is enough to be read, and left out otherwise."""
    for width, end in ((40, "…"), (24, "failed")):
        monkeypatch.setenv("COLUMNS", str(width))
        output.show_table(("job", "state", "error"), [("a" * 10, "failed", "why " * 20)])
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= width
        assert lines[-1].rstrip().endswith(end)


def test_a_column_that_says_nothing_makes_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal; in a pipe columns stay where they are."""
    rows = [("a", "failed", "", "why"), ("b", "queued", "", "")]
    for width, headings in (("40", ["job", "state", "error"]), (None, ["job", "state", "failed", "error"])):
        monkeypatch.delenv("COLUMNS", raising=False) if width is None else monkeypatch.setenv("COLUMNS", width)
        output.show_table(("job", "state", "failed", "error"), rows)
        assert capsys.readouterr().out.splitlines()[0].split() == headings


@pytest.mark.parametrize("name", registry.kind_names())
def test_every_kind_fits_80_columns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many ids a reference has: it is folded before the state would be lost, and nothing of it is."""
    monkeypatch.setenv("COLUMNS", "80")
    provider, _, type_ = name.partition(":")
    ref: JobRef = JobRef(provider, type_, ("0123456789abcdef" * 2 + "_long",) * len(registry.kind(name).ids))
    job: Job[None, None] = Job(ref=ref, state=JobState.CANCELLING, progress=Progress(total=3), revision="", source=None)
    output.show_table(output.JOB_HEADINGS, [output.job_row(job)])
    first, *lines = capsys.readouterr().out.splitlines()
    assert max(map(len, (first, *lines))) <= 80
    assert "cancelling" in lines[0]
    assert "".join(line.split()[0] for line in lines) == str(ref)
