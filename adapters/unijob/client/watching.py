"""What a wait for one job knows and believes; it neither asks nor sleeps."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from unijob.client.hooks import PollEvent
from unijob.client.pace import GRACE, Settings
from unijob.client.retries import TRANSIENT_STATUSES
from unijob.errors import (
    JobCancelled,
    JobFailed,
    JobNotFound,
    JobPartial,
    JobStalled,
    JobSuperseded,
    JobTimedOut,
    JobUnknown,
    TransportError,
    UnijobError,
    UpstreamError,
    WaitTimeout,
)
from unijob.job import Job, JobState

if TYPE_CHECKING:
    from unijob.client.clock import Clock
    from unijob.client.observing import Observer
    from unijob.redact import Redactor
    from unijob.ref import JobRef

logger = logging.getLogger("unijob")

_ROUNDING = 1e-6
_ENDS = {
    JobState.FAILED: JobFailed,
    JobState.CANCELLED: JobCancelled,
    JobState.TIMED_OUT: JobTimedOut,
}


@attrs.define(kw_only=True)
class Expected:
    """What a client knows of a job from having started or restarted it.

    Args:
        at: when, on the monotonic clock.
        before: the snapshot that stood there before; None once something else was seen.
        is_start: started anew, so that `before` is another job's.
    """

    at: float
    before: Job[Any, Any] | None = None
    is_start: bool = True


@attrs.frozen(kw_only=True)
class Polled:
    """What one poll brought: a job, or an error.

    Args:
        hint: seconds that the upstream asks to wait.
    """

    job: Job[Any, Any] | None = None
    error: UnijobError | None = None
    hint: float | None = None


class Watch:
    """One job that is waited for: when to ask next, and what to make of an answer.

    Args:
        ref: the job.
        clock: the clock.
        settings: how to wait.
        expected: what the client knows of the job.
        last: a snapshot that the caller already has.
        observer: told of each poll.
    """

    __slots__ = (
        "_began",
        "_clock",
        "_expected",
        "_hint",
        "_mark",
        "_moved_at",
        "_observer",
        "last",
        "polls",
        "ref",
        "settings",
    )

    def __init__(
        self,
        ref: JobRef,
        *,
        clock: Clock,
        settings: Settings,
        expected: Expected | None = None,
        last: Job[Any, Any] | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.ref = ref
        self.last = last
        self.polls = 0
        self.settings = settings
        self._clock = clock
        self._expected = expected
        self._observer = observer
        self._began = self._moved_at = clock.monotonic()
        self._mark: object = None
        self._hint: float | None = None

    def pause(self, chance: float) -> float:
        """Seconds until the next poll is due: never beyond the deadline, nor beyond where a stall is due.

        Args:
            chance: 0 to 1, for the jitter.
        """
        bounds = [self.settings.poll.pause(self.polls, self._hint, chance)]
        remaining, now = self.remaining(), self._clock.monotonic()
        if remaining is not None:
            bounds.append(remaining)
        if self.settings.stall_timeout is not None and self._moved_at + self.settings.stall_timeout > now:
            bounds.append(self._moved_at + self.settings.stall_timeout - now)
        return max(min(bounds), 0.0)

    def remaining(self) -> float | None:
        """Seconds to the deadline, or None where there is none."""
        return None if self.settings.timeout is None else self.settings.timeout - self._elapsed()

    def check_time(self) -> None:
        """Hold the wait against its deadline.

        Raises:
            WaitTimeout: it passed.
        """
        remaining = self.remaining()
        if remaining is None or remaining > _ROUNDING:
            return
        elapsed, state = self._elapsed(), "not seen yet" if self.last is None else self.last.state
        raise WaitTimeout(
            f"{self.ref} has not ended after {elapsed:.3g} s (polls: {self.polls}): it is {state}",
            job=self.last,
            elapsed=timedelta(seconds=elapsed),
            polls=self.polls,
        )

    def take(self, polled: Polled) -> Job[Any, Any] | None:
        """Take what a poll brought; None where it brought nothing that is believed.

        Raises:
            JobStalled: nothing changed for the stall time-out.
            JobUnknown: its status is not listed, and `on_unknown` is `raise`.
            UnijobError: an answer that stands: the job is not there, the key is wrong, the answer cannot be read.
        """
        self.polls, self._hint = self.polls + 1, polled.hint
        if self._observer is not None and self._observer.wants_polls:
            self._observer.polled(
                PollEvent(ref=self.ref, job=polled.job, error=polled.error, polls=self.polls, elapsed=self._elapsed())
            )
        if polled.job is not None and self._is_news(polled.job):
            return self._accept(polled.job)
        if polled.error is not None:
            self._tolerate(polled.error)
        return None

    def is_last(self, job: Job[Any, Any]) -> bool:
        """Whether a wait is over with this."""
        return job.is_terminal or (job.state is JobState.UNKNOWN and self.settings.on_unknown == "return")

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def _is_news(self, job: Job[Any, Any]) -> bool:
        """Whether this is not what stood there before the client started or restarted the job.

        Raises:
            JobNotFound: a started job did not appear within its grace; what is there is another one.
        """
        expected = self._expected
        if expected is None or expected.before is None:
            return True
        if not expected.before.is_terminal or attrs.evolve(job, ref=expected.before.ref) != expected.before:
            expected.before = None
            return True
        if self._is_new() if expected.is_start else self._is_within(self.settings.restart_grace, expected):
            return False
        expected.before = None
        if expected.is_start:
            raise JobNotFound(f"the started {self.ref} did not appear: the latest is {job.ref}", ref=self.ref)
        return True

    def _is_new(self) -> bool:
        """Whether a started job may still be unknown: so long after the start, or where asked, after the wait began."""
        grace = self.settings.not_found_grace
        if grace is not None:
            return self._elapsed() < grace - _ROUNDING
        return self._expected is not None and self._is_within(GRACE, self._expected)

    def _is_within(self, grace: float, expected: Expected) -> bool:
        return self._clock.monotonic() - expected.at < grace - _ROUNDING

    def _accept(self, job: Job[Any, Any]) -> Job[Any, Any]:
        now = self._clock.monotonic()
        mark = (job.state, job.raw_status, job.progress, tuple((part.state, part.progress) for part in job.parts))
        if mark != self._mark:
            self._mark, self._moved_at = mark, now
        self.ref, self.last = job.ref, job
        if job.state is JobState.UNKNOWN and self.settings.on_unknown == "raise":
            raise JobUnknown(f"{job.ref} is in a status that is not listed: {job.raw_status}", job=job)
        stall = self.settings.stall_timeout
        has_stalled = stall is not None and self.polls > 1 and now - self._moved_at >= stall - _ROUNDING
        if self.is_last(job):
            logger.info("%s ended as %s, after %.3g s and %d polls", job.ref, job.state, self._elapsed(), self.polls)
        elif has_stalled:
            raise JobStalled(f"{job.ref} did not move for {now - self._moved_at:.3g} s: it is {job.state}", job=job)
        return job

    def _tolerate(self, error: UnijobError) -> None:
        if is_transient(error) or self._may_appear(error):
            forever = "" if self.settings.timeout is not None else "; there is no deadline"
            logger.warning("poll %d of %s failed, and is tried again%s: %s", self.polls, self.ref, forever, error)
            return
        raise error

    def _may_appear(self, error: UnijobError) -> bool:
        if not isinstance(error, JobNotFound) or isinstance(error, JobSuperseded):
            return False
        return self._is_new()


def is_transient(error: UnijobError) -> bool:
    """Whether a request that failed like that may do better later."""
    if isinstance(error, UpstreamError):
        return error.status in TRANSIENT_STATUSES
    return isinstance(error, TransportError) and not error.is_final


def end_error(job: Job[Any, Any], redactor: Redactor, *, on_failure: bool, on_partial: bool) -> UnijobError | None:
    """The error that a job's end is: with `on_failure` a bad one, with `on_partial` a partial one; else None."""
    said = job.error.message or job.error.code if job.error is not None else None
    why = f": {redactor.text(said)}" if said else ""
    error = _ENDS.get(job.state)
    if error is not None and on_failure:
        return error(f"{job.ref} ended as {job.state}{why}", job=job)
    if job.state is JobState.PARTIAL and on_partial:
        return JobPartial(f"{job.ref} ended as partial{why}", job=job)
    return None
