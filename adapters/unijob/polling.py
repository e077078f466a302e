"""Asking again and again until a job ends: the pace, the deadline, and what is not taken for an end."""

from __future__ import annotations

import logging
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

import attrs
from attrs.validators import and_, ge, gt, le

from unijob.errors import (
    InvalidArgument,
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
from unijob.retries import TRANSIENT_STATUSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from unijob.clock import Clock
    from unijob.ref import JobRef

logger = logging.getLogger("unijob")

OnUnknown = Literal["wait", "raise", "return"]

GRACE = 30.0
"""Seconds after a start or a restart in which "there is none" and the old end are not believed."""
_SHORTEST_PAUSE = 0.1
_ROUNDING = 1e-6
_MAX_EXPONENT = 100
_ENDS = {
    JobState.FAILED: JobFailed,
    JobState.CANCELLED: JobCancelled,
    JobState.TIMED_OUT: JobTimedOut,
}


@attrs.frozen(kw_only=True)
class Poll:
    """The pace of polling. Upstreams that say when to ask again are heeded instead.

    Args:
        initial: the first pause, in seconds.
        factor: what each pause is longer than the last by.
        maximum: the longest pause, in seconds.
        jitter: the part of each pause, 0 to 1, of which chance takes some or all away, so that many waits spread out.
        longest_hint: how many seconds of a `Retry-After` or `openai-poll-after-ms` are heeded at most.
    """

    initial: float = attrs.field(default=1.0, validator=gt(0))
    factor: float = attrs.field(default=1.5, validator=ge(1))
    maximum: float = attrs.field(default=30.0, validator=gt(0))
    jitter: float = attrs.field(default=0.2, validator=and_(ge(0), le(1)))
    longest_hint: float = attrs.field(default=120.0, validator=gt(0))

    def pause(self, polls: int, hint: float | None, random: Random) -> float:
        """Seconds to the next poll, after so many."""
        if hint is not None:
            return max(min(hint, self.longest_hint), _SHORTEST_PAUSE)
        longest = min(self.initial * self.factor ** min(polls - 1, _MAX_EXPONENT), self.maximum)
        return longest * (1 - self.jitter * random.random())


class PollOptions(TypedDict, total=False):
    """How a job is waited for; times are in seconds.

    Attributes:
        timeout: the deadline, from the call on; None waits as long as it takes. It clips every pause and request.
        poll: the pace.
        on_unknown: what to do at a status that no table lists: go on (`wait`, the default), `raise` JobUnknown, or
            `return` the job.
        not_found_grace: how long "there is no such job" is not believed; by default 30 after this client started the
            job, and not at all otherwise.
        restart_grace: how long, after this client's `retry`, the end that stood before is not believed; 30 by default.
        stall_timeout: how long neither state nor progress may change before JobStalled; None is for ever.
    """

    timeout: float | None
    poll: Poll
    on_unknown: OnUnknown
    not_found_grace: float | None
    restart_grace: float
    stall_timeout: float | None


def _check_seconds(_: Any, field: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value >= 0:
        raise InvalidArgument(f"{field.name} is a number of seconds, 0 or more", argument=field.name)


def _check_choice(_: Any, field: attrs.Attribute[Any], value: str) -> None:
    choices = get_args(OnUnknown)
    if value not in choices:
        raise InvalidArgument(f"{field.name} may be {', '.join(choices)}", argument=field.name)


@attrs.frozen(kw_only=True)
class Settings:
    """PollOptions with their defaults, checked.

    Raises:
        InvalidArgument: names the option that is wrong.
    """

    timeout: float | None = attrs.field(default=None, validator=_check_seconds)
    poll: Poll = attrs.field(factory=Poll)
    on_unknown: OnUnknown = attrs.field(default="wait", validator=_check_choice)
    not_found_grace: float | None = attrs.field(default=None, validator=_check_seconds)
    restart_grace: float = attrs.field(default=GRACE, validator=_check_seconds)
    stall_timeout: float | None = attrs.field(default=None, validator=_check_seconds)


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
        is_final: whether the error stands, however often one asks.
    """

    job: Job[Any, Any] | None = None
    error: UnijobError | None = None
    hint: float | None = None
    is_final: bool = False


class Poller:
    """Polls one job.

    Args:
        ref: the job.
        read: reads it once: the reference, the last snapshot, and the seconds that are left, or None.
        clock: the clock.
        random: jitters the pauses.
        settings: how to wait.
        expected: what the client knows of the job.
        last: a snapshot that the caller already has.
    """

    def __init__(
        self,
        ref: JobRef,
        read: Callable[[JobRef, Job[Any, Any] | None, float | None], Awaitable[Polled]],
        *,
        clock: Clock,
        random: Random,
        settings: Settings,
        expected: Expected | None = None,
        last: Job[Any, Any] | None = None,
    ) -> None:
        self.ref = ref
        self._read = read
        self._clock = clock
        self._random = random
        self._settings = settings
        self._expected = expected
        self._last = last
        self._began = self._moved_at = clock.monotonic()
        self._mark: object = None
        self._polls = 0
        self._pace = 0
        self._hint: float | None = None

    async def next(self) -> Job[Any, Any]:
        """The job at the next poll that brings one; the first poll is at once.

        Raises:
            WaitTimeout: the deadline passed.
            JobStalled: nothing changed for the stall time-out.
            JobUnknown: its status is not listed, and `on_unknown` is `raise`.
            UnijobError: an answer that stands: the job is not there, the key is wrong, the answer cannot be read.
        """
        while True:
            if self._polls:
                await self._clock.sleep(self._pause())
            remaining = self._remaining()
            if remaining is not None and remaining <= _ROUNDING:
                raise self._timed_out()
            polled = await self._read(self.ref, self._last, remaining)
            self._polls, self._pace, self._hint = self._polls + 1, self._pace + 1, polled.hint
            if polled.job is not None and self._is_news(polled.job):
                return self._accept(polled.job)
            if polled.error is not None:
                self._tolerate(polled.error, polled)

    def is_last(self, job: Job[Any, Any]) -> bool:
        """Whether a wait is over with this."""
        return job.is_terminal or (job.state is JobState.UNKNOWN and self._settings.on_unknown == "return")

    def _pause(self) -> float:
        now = self._clock.monotonic()
        bounds = [self._settings.poll.pause(self._pace, self._hint, self._random)]
        remaining = self._remaining()
        if remaining is not None:
            bounds.append(remaining)
        if self._settings.stall_timeout is not None and self._moved_at + self._settings.stall_timeout > now:
            bounds.append(self._moved_at + self._settings.stall_timeout - now)
        return max(min(bounds), 0.0)

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def _remaining(self) -> float | None:
        return None if self._settings.timeout is None else self._settings.timeout - self._elapsed()

    def _timed_out(self) -> WaitTimeout:
        elapsed, state = self._elapsed(), "not seen yet" if self._last is None else self._last.state
        return WaitTimeout(
            f"{self.ref} has not ended after {elapsed:.3g} s and {self._polls} polls: it is {state}",
            job=self._last,
            elapsed=timedelta(seconds=elapsed),
            polls=self._polls,
        )

    # --- What is believed -----------------------------------------------------------------------------------------

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
        if self._is_within(self._start_grace() if expected.is_start else self._settings.restart_grace):
            return False
        expected.before = None
        if expected.is_start:
            raise JobNotFound(f"the started {self.ref} did not appear: the latest is {job.ref}", ref=self.ref)
        return True

    def _start_grace(self) -> float:
        grace = self._settings.not_found_grace
        return GRACE if grace is None else grace

    def _is_within(self, grace: float) -> bool:
        since = self._began if self._expected is None else self._expected.at
        return self._clock.monotonic() - since < grace - _ROUNDING

    def _accept(self, job: Job[Any, Any]) -> Job[Any, Any]:
        now = self._clock.monotonic()
        mark = (job.state, job.raw_status, job.progress, tuple((part.state, part.progress) for part in job.parts))
        if mark != self._mark:
            self._mark, self._moved_at = mark, now
        self.ref, self._last = job.ref, job
        if job.state is JobState.UNKNOWN and self._settings.on_unknown == "raise":
            raise JobUnknown(f"{job.ref} is in a status that is not listed: {job.raw_status}", job=job)
        stall = self._settings.stall_timeout
        if stall is not None and not self.is_last(job) and now - self._moved_at >= stall - _ROUNDING and self._polls > 1:
            raise JobStalled(f"{job.ref} did not move for {now - self._moved_at:.3g} s: it is {job.state}", job=job)
        return job

    def _tolerate(self, error: UnijobError, polled: Polled) -> None:
        if not polled.is_final and (self._is_transient(error) or self._may_appear(error)):
            forever = "" if self._settings.timeout is not None else "; there is no deadline"
            logger.warning("poll %d of %s failed, and is tried again%s: %s", self._polls, self.ref, forever, error)
            return
        raise error

    @staticmethod
    def _is_transient(error: UnijobError) -> bool:
        if isinstance(error, UpstreamError):
            return error.status in TRANSIENT_STATUSES
        return isinstance(error, TransportError)

    def _may_appear(self, error: UnijobError) -> bool:
        if not isinstance(error, JobNotFound) or isinstance(error, JobSuperseded):
            return False
        is_asked = self._settings.not_found_grace is not None or self._expected is not None
        return is_asked and self._is_within(self._start_grace())


def raise_for_end(job: Job[Any, Any], *, on_failure: bool, on_partial: bool) -> None:
    """Raise what a job's end calls for.

    Raises:
        JobFailed, JobCancelled, JobTimedOut: with `on_failure`.
        JobPartial: with `on_partial`.
    """
    why = f": {job.error.message or job.error.code}" if job.error is not None else ""
    error = _ENDS.get(job.state)
    if error is not None and on_failure:
        raise error(f"{job.ref} ended as {job.state}{why}", job=job)
    if job.state is JobState.PARTIAL and on_partial:
        raise JobPartial(f"{job.ref} ended as partial{why}", job=job)
