"""How jobs that are waited for are shown: bars in a terminal, a line a change elsewhere, or JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, Self

import click

from unijob.cli.output import console, failure, items, show_line, utc
from unijob.cli.problems import message, plain, tell
from unijob.job import Job

if TYPE_CHECKING:
    from unijob.errors import UnijobError
    from unijob.ref import JobRef


class Display(Protocol):
    """Shows jobs as they change."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def seen(self, place: int, job: Job) -> None:
        """A job was seen changed; `place` is where it stands among the jobs that are waited for."""
        ...

    def problem(self, place: int, ref: JobRef, error: UnijobError) -> None:
        """The wait for a job ended otherwise than with the job."""
        ...


def choose(refs: list[JobRef], *, as_json: bool, every_change: bool, debug: bool) -> Display:
    """The display for these jobs, for where the output goes.

    Args:
        refs: the jobs.
        as_json: whether JSON is wanted.
        every_change: whether JSON has every change, and not only the ends.
        debug: whether tracebacks are wanted.
    """
    if as_json:
        return Ndjson(every_change=every_change, debug=debug)
    out = console()
    if out.is_terminal and not out.is_dumb_terminal:
        from unijob.cli.bars import Bars  # noqa: PLC0415  what else than a terminal does without

        return Bars(refs, out, debug=debug)
    return Lines(debug=debug)


class Lines:
    """One line a change.

    Args:
        debug: whether tracebacks are wanted.
    """

    def __init__(self, *, debug: bool) -> None:
        self._debug = debug

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def seen(self, place: int, job: Job) -> None:  # noqa: ARG002  a line needs no place
        """Print the job's line, with the time in UTC."""
        click.echo(f"{utc(datetime.now(UTC))[11:]}  {line(job)}")

    def problem(self, place: int, ref: JobRef, error: UnijobError) -> None:  # noqa: ARG002
        """Tell it on standard error."""
        tell(error, debug=self._debug)


class Ndjson:
    """One JSON value a line: jobs, and what kept a wait from its end.

    Args:
        every_change: print every change, and not only the ends.
        debug: whether tracebacks are wanted.
    """

    def __init__(self, *, every_change: bool, debug: bool) -> None:
        self._every_change = every_change
        self._debug = debug

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def seen(self, place: int, job: Job) -> None:  # noqa: ARG002  a line needs no place
        """Print the job."""
        if self._every_change or job.is_terminal:
            show_line(job.to_dict())

    def problem(self, place: int, ref: JobRef, error: UnijobError) -> None:  # noqa: ARG002
        """Print an object with `ref`, `wait_error` and the last snapshot, `job`; and tell it on standard error."""
        show_line(problem_of(ref, error))
        tell(error, debug=self._debug)


def problem_of(ref: JobRef, error: UnijobError) -> dict[str, Any]:
    """What kept a wait from its end, as JSON-ready data."""
    job = getattr(error, "job", None)
    return {
        "ref": str(ref),
        "wait_error": {"type": type(error).__name__, "message": message(error)},
        "job": job.to_dict() if isinstance(job, Job) else None,
    }


def line(job: Job) -> str:
    """A job on one line."""
    stage = plain(job.progress.stage) if job.progress is not None and job.progress.stage else ""
    return "  ".join(part for part in (str(job.ref), job.state.value, items(job.progress), stage, failure(job)) if part)
