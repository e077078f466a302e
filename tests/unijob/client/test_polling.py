"""The pace of polls and what a poller believes, without any HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from tests.unijob.upstream import FakeClock, Middle
from unijob.client.pace import Poll, Settings
from unijob.client.polling import Poller
from unijob.client.watching import Expected, Polled, Watch
from unijob.errors import (
    AuthenticationError,
    InvalidArgument,
    JobNotFound,
    JobStalled,
    JobSuperseded,
    JobUnknown,
    RateLimited,
    TransportError,
    UnijobError,
    UpstreamError,
    WaitTimeout,
)
from unijob.job import Job, JobState, Progress
from unijob.ref import JobRef

REF = JobRef("mka1", "eval_run", ("r1",))
STEADY = Poll(initial=1, factor=1, jitter=0)


def job(state: JobState = JobState.RUNNING, done: int = 0, **changes: Any) -> Job[Any, Any]:
    progress = Progress(total=10, completed=done)
    return attrs.evolve(Job(ref=REF, state=state, progress=progress, revision="2026-10", source=None), **changes)


class Script:
    """What polls bring, in order; the last goes on."""

    def __init__(self, *steps: Polled | Job[Any, Any] | UnijobError) -> None:
        self.steps = list(steps)
        self.remaining: list[float | None] = []
        self.asked: list[tuple[JobRef, Job[Any, Any] | None]] = []

    async def read(self, ref: JobRef, previous: Job[Any, Any] | None, remaining: float | None) -> Polled:
        self.asked.append((ref, previous))
        self.remaining.append(remaining)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Polled):
            return step
        return Polled(job=step) if isinstance(step, Job) else Polled(error=step)


def polling(script: Script, clock: FakeClock, expected: Expected | None = None, **options: Any) -> Poller:
    given: dict[str, Any] = {"poll": STEADY, **options}
    watch = Watch(REF, clock=clock, settings=Settings(**given), expected=expected)
    return Poller(watch, script.read, clock=clock, random=Middle())


async def ended(poller: Poller) -> Job[Any, Any]:
    return await poller.end()


async def test_pauses_grow_to_their_maximum() -> None:
    """Exponential, capped, and jitter only shortens them."""
    clock, script = FakeClock(), Script(*[job(done=n) for n in range(6)], job(JobState.SUCCEEDED))
    poll = Poll(initial=1, factor=2, maximum=5, jitter=0.2)
    await ended(polling(script, clock, poll=poll))
    assert clock.sleeps == pytest.approx([0.9, 1.8, 3.6, 4.5, 4.5, 4.5])


async def test_hints_win_and_are_capped() -> None:
    """What the upstream asks is heeded up to a limit, and never becomes a busy loop."""
    hints = [7.0, 900.0, 0.0, None]
    clock = FakeClock()
    script = Script(*[Polled(job=job(), hint=hint) for hint in hints], job(JobState.SUCCEEDED))
    await ended(polling(script, clock, poll=attrs.evolve(STEADY, longest_hint=60)))
    assert clock.sleeps == [7.0, 60.0, 0.1, 1.0]


async def test_the_deadline_clips_pauses_and_requests() -> None:
    """No pause goes beyond it, each request is told what is left, and the error has the last snapshot."""
    clock, script = FakeClock(), Script(job(done=3))
    with pytest.raises(WaitTimeout) as caught:
        await ended(polling(script, clock, timeout=2.5))
    assert clock.sleeps == [1, 1, 0.5]
    assert script.remaining == [2.5, 1.5, 0.5]
    error = caught.value
    assert (error.job, error.elapsed, error.polls) == (job(done=3), timedelta(seconds=2.5), 3)
    assert isinstance(error, TimeoutError)


async def test_no_time_at_all_asks_nothing() -> None:
    """A deadline of 0 has passed before the first poll."""
    script = Script(job())
    with pytest.raises(WaitTimeout) as caught:
        await ended(polling(script, FakeClock(), timeout=0))
    assert (caught.value.polls, caught.value.job, script.asked) == (0, None, [])


@pytest.mark.parametrize(
    "failure",
    [
        TransportError("lost"),
        RateLimited("slow"),
        UpstreamError("down", status=503),
        UpstreamError("late", status=408),
        UpstreamError("odd", status=599),
    ],
)
async def test_a_failed_poll_is_not_a_failed_job(failure: UnijobError, caplog: pytest.LogCaptureFixture) -> None:
    """408, 429, 5xx and lost connections are tried again; without a deadline that is said."""
    clock = FakeClock()
    found = await ended(polling(Script(failure, job(), failure, failure, job(JobState.SUCCEEDED)), clock))
    assert found.succeeded
    assert len(clock.sleeps) == 4
    assert "there is no deadline" in caplog.text


async def test_a_failed_poll_is_tried_again_inside_the_deadline() -> None:
    """When the deadline passes amid failures, it is a WaitTimeout, not the failure."""
    clock = FakeClock()
    with pytest.raises(WaitTimeout) as caught:
        await ended(polling(Script(job(done=1), TransportError("lost")), clock, timeout=10))
    assert caught.value.job == job(done=1)


@pytest.mark.parametrize(
    "failure",
    [AuthenticationError("no", status=401), JobNotFound("none", status=404), UpstreamError("bad", status=422)],
)
async def test_an_answer_that_stands_is_raised(failure: UnijobError) -> None:
    """401, 403, 404 and other 4xx do not get better by asking."""
    with pytest.raises(type(failure)):
        await ended(polling(Script(job(), failure), FakeClock()))


async def test_a_hopeless_connection_is_raised() -> None:
    """A certificate that is not trusted is no reason to wait for ever."""
    step = Polled(error=TransportError("certificate", is_final=True))
    with pytest.raises(TransportError):
        await ended(polling(Script(step), FakeClock()))


async def test_a_started_job_may_not_be_there_yet() -> None:
    """After a start of this client, not found is retried for a grace, counted from the start."""
    clock = FakeClock()
    expected = Expected(at=clock.monotonic())
    found = await ended(
        polling(Script(JobNotFound("none"), JobNotFound("none"), job(JobState.SUCCEEDED)), clock, expected)
    )
    assert found.succeeded
    clock.elapsed = 31
    with pytest.raises(JobNotFound):
        await ended(polling(Script(JobNotFound("none")), clock, expected))


async def test_the_grace_can_be_asked_for() -> None:
    """`not_found_grace` counts from the wait, for any job; 0 switches it off."""
    clock = FakeClock()
    assert (
        await ended(polling(Script(JobNotFound("none"), job(JobState.SUCCEEDED)), clock, not_found_grace=5))
    ).succeeded
    with pytest.raises(JobNotFound):
        await ended(polling(Script(JobNotFound("none")), clock, not_found_grace=5))
    assert clock.elapsed == pytest.approx(6)
    with pytest.raises(JobNotFound):
        await ended(polling(Script(JobNotFound("none")), clock, Expected(at=clock.monotonic()), not_found_grace=0))


async def test_a_superseded_job_does_not_come_back() -> None:
    """No grace for a job whose place another one took."""
    with pytest.raises(JobSuperseded):
        await ended(polling(Script(JobSuperseded("gone")), FakeClock(), not_found_grace=60))


async def test_the_end_before_a_restart_is_not_believed() -> None:
    """After a retry the old end is ignored until something else is seen; then it may come again."""
    clock, old = FakeClock(), job(JobState.FAILED, done=3)
    expected = Expected(at=clock.monotonic(), before=old, is_start=False)
    script = Script(old, old, job(JobState.QUEUED), old)
    assert (await ended(polling(script, clock, expected))).state is JobState.FAILED
    assert len(script.asked) == 4


async def test_the_end_before_a_restart_is_believed_after_a_grace() -> None:
    """What has not changed for so long is how it is."""
    clock, old = FakeClock(), job(JobState.FAILED)
    expected = Expected(at=clock.monotonic(), before=old, is_start=False)
    assert await ended(polling(Script(old), clock, expected, restart_grace=5)) == old
    assert clock.elapsed == pytest.approx(5)


async def test_another_job_s_end_is_never_believed() -> None:
    """A started singleton that does not appear is not found; the one before it is not its result."""
    clock, old = FakeClock(), job(JobState.SUCCEEDED)
    expected = Expected(at=clock.monotonic(), before=old, is_start=True)
    with pytest.raises(JobNotFound, match="did not appear"):
        await ended(polling(Script(old), clock, expected, not_found_grace=5))


async def test_a_new_reference_is_taken_over() -> None:
    """Where a read gives another reference (a pinned one), the next poll asks with it, and with the snapshot."""
    pinned = JobRef("mka1", "eval_run", ("r2",))
    script = Script(job(ref=pinned), job(JobState.SUCCEEDED, ref=pinned))
    await ended(polling(script, FakeClock()))
    assert script.asked == [(REF, None), (pinned, job(ref=pinned))]


async def test_a_job_that_does_not_move_is_stalled() -> None:
    """No change of state or progress for the stall time-out, checked when it is due."""
    clock, script = FakeClock(), Script(job(done=1), job(done=2), job(done=2))
    poll = Poll(initial=4, factor=1, jitter=0)
    with pytest.raises(JobStalled) as caught:
        await ended(polling(script, clock, poll=poll, stall_timeout=10))
    assert caught.value.job == job(done=2)
    assert clock.elapsed == pytest.approx(14)


async def test_failed_polls_are_no_stall() -> None:
    """An upstream that cannot be reached says nothing of the job; what is seen then decides."""
    clock, lost = FakeClock(), TransportError("lost")
    found = await ended(polling(Script(job(), *[lost] * 20, job(JobState.SUCCEEDED)), clock, stall_timeout=5))
    assert found.succeeded


async def test_unknown_states_are_waited_out_raised_or_returned() -> None:
    """As `on_unknown` says."""
    unknown = job(JobState.UNKNOWN, raw_status="resting")
    assert (await ended(polling(Script(unknown, job(JobState.SUCCEEDED)), FakeClock()))).succeeded
    assert await ended(polling(Script(unknown), FakeClock(), on_unknown="return")) == unknown
    with pytest.raises(JobUnknown, match="resting") as caught:
        await ended(polling(Script(unknown), FakeClock(), on_unknown="raise"))
    assert caught.value.job == unknown


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"stall_timeout": -1}, "stall_timeout"),
        ({"poll": (1, 30)}, "poll"),
        ({"poll": 5}, "poll"),
        ({"not_found_grace": -1}, "not_found_grace"),
        ({"restart_grace": -1}, "restart_grace"),
        ({"on_unknown": "panic"}, "on_unknown"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], argument: str) -> None:
    """An InvalidArgument says which."""
    with pytest.raises(InvalidArgument) as caught:
        Settings(**options)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    "pace", [{"initial": 0}, {"factor": 0.5}, {"maximum": 0}, {"jitter": 1.5}, {"longest_hint": 0}]
)
def test_wrong_paces_are_named(pace: dict[str, float]) -> None:
    """An InvalidArgument says which."""
    with pytest.raises(InvalidArgument, match=next(iter(pace))):
        Poll(**pace)
