"""Waiting, watching, and many jobs at once, over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from tests.unijob.upstream import (
    DROP,
    HANG,
    JOB,
    JOBS,
    RUN,
    RUNS,
    START,
    Answer,
    error,
    indexing,
    run,
    serving,
)
from unijob import (
    AuthenticationError,
    Conflict,
    InvalidArgument,
    JobCancelled,
    JobEnded,
    JobFailed,
    JobNotFound,
    JobPartial,
    JobState,
    Poll,
    WaitTimeout,
)

REF, OTHER = "mka1:eval_run/r1", "gradient:indexing_job/j1"
STEADY = Poll(initial=1, factor=1, jitter=0)


async def test_a_wait_returns_the_job_as_it_ended() -> None:
    """At its own pace, through failed polls."""
    async with serving() as (server, client):
        server.on("GET", RUN, DROP, DROP, run("queued"), error(503), run(), run("completed", done=10))
        job = await client.wait(REF, poll=STEADY)
        assert job.state is JobState.SUCCEEDED
        # aiohttp itself sends a GET a second time where a connection breaks: the two drops are one poll.
        assert server.clock.sleeps == [1] * 4
        assert len(server.requests) == 6


ENDS: list[tuple[dict[str, Any], type[JobEnded]]] = [
    (run("failed", error={"code": "c", "message": "no more models"}), JobFailed),
    (run("cancelled"), JobCancelled),
]


@pytest.mark.parametrize(("payload", "type_"), ENDS)
async def test_an_unsuccessful_end_is_raised_with_the_job(payload: dict[str, Any], type_: type[JobEnded]) -> None:
    """Unless the caller looks at the state himself."""
    async with serving() as (server, client):
        server.on("GET", RUN, payload)
        with pytest.raises(type_) as caught:
            await client.wait(REF)
        assert caught.value.job == await client.wait(REF, raise_on_failure=False)


async def test_a_partial_end_is_raised_where_asked() -> None:
    """By default it is returned."""
    partial = run("completed", request_counts={"total": 10, "completed": 8, "failed": 2})
    async with serving() as (server, client):
        server.on("GET", RUN, partial)
        assert (await client.wait(REF)).state is JobState.PARTIAL
        with pytest.raises(JobPartial):
            await client.wait(REF, raise_on_partial=True)


async def test_poll_hints_of_the_upstream_win() -> None:
    """On a success, and on an error."""
    async with serving() as (server, client):
        server.on(
            "GET",
            RUN,
            Answer(json=run(), headers={"openai-poll-after-ms": "2500"}),
            error(429, Retry_After="7"),
            run("completed", done=10),
        )
        await client.wait(REF, poll=STEADY)
        assert server.clock.sleeps == [2.5, 7.0]


async def test_a_deadline_ends_the_wait_not_the_job() -> None:
    """WaitTimeout with the last job; nothing but reads were sent."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(done=3))
        with pytest.raises(WaitTimeout) as caught:
            await client.wait(REF, timeout=2.5, poll=STEADY)
        assert {one.method for one in server.requests} == {"GET"}
    assert caught.value.polls == 3
    assert caught.value.job is not None
    assert caught.value.job.progress is not None
    assert caught.value.job.progress.completed == 3


async def test_the_deadline_clips_the_time_out_of_a_request() -> None:
    """A hanging upstream does not hold a wait for the whole request time-out."""
    async with serving(request_timeout=60) as (server, client):
        server.on("GET", RUN, HANG)
        server.clock.on_sleep = lambda: None
        async with asyncio.timeout(5):
            with pytest.raises(WaitTimeout):
                await client.wait(REF, timeout=0.1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key_ends_the_wait(status: int) -> None:
    """It does not get better by asking."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(), error(status))
        with pytest.raises(AuthenticationError):
            await client.wait(REF)


async def test_a_started_job_may_appear_late_and_another_one_not() -> None:
    """404 is retried for what this client started, and at once believed for what it did not."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUN, error(404), error(404), run("completed", done=10))
        job = await client.start("mka1:eval_run", suite_id="s", models=["m"])
        assert (await client.wait(job)).succeeded
    async with serving() as (server, client):
        server.on("GET", RUN, error(404), run("completed", done=10))
        with pytest.raises(JobNotFound):
            await client.wait(REF)


async def test_after_a_retry_the_old_end_is_not_taken_for_the_new() -> None:
    """Also where the retry's own answer and the next reads still show it; the new end may look much the same."""
    old, new = run("failed"), run("failed", failed_at=run("failed")["failed_at"] + 30)
    async with serving() as (server, client):
        server.on("GET", RUN, old, old, old, run(), new)
        server.on("POST", RUN + "/retry", old)
        await client.retry(REF)
        with pytest.raises(JobFailed) as caught:
            await client.wait(REF)
        assert server.count("GET", RUN) == 5
    assert caught.value.job.finished_at is not None


async def test_a_lost_retry_counts_as_one() -> None:
    """It may have been received, so the old end is not believed either."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"), run("failed"), run(), run("completed", done=10))
        server.on("POST", RUN + "/retry", DROP)
        with pytest.raises(Exception, match="no answer"):
            await client.retry(REF)
        assert (await client.wait(REF)).succeeded


async def test_a_refused_retry_leaves_the_end_as_it_was() -> None:
    """409: nothing was restarted, and a wait returns at once."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"))
        server.on("POST", RUN + "/retry", error(409))
        with pytest.raises(Conflict):
            await client.retry(REF)
        assert (await client.wait(REF, raise_on_failure=False)).state is JobState.FAILED
        assert server.clock.sleeps == []


async def test_unknown_values_are_waited_out() -> None:
    """A status that no table lists is not an end."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("resting"), run("completed", done=10))
        assert (await client.wait(REF)).succeeded
        server.on("GET", RUN, run("resting"))
        assert (await client.wait(REF, on_unknown="return")).raw_status == "resting"


async def test_stopping_to_wait_leaves_the_job_alone() -> None:
    """A cancelled task sends nothing, and nothing of it goes on."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(), HANG)
        tasks = asyncio.all_tasks()
        waiting = asyncio.create_task(client.wait(REF))
        await server.hanging.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert {one.method for one in server.requests} == {"GET"}
        assert {task for task in asyncio.all_tasks() - tasks if "wait" in repr(task.get_coro())} == set()
        server.on("GET", RUN, run("completed", done=10))
        assert (await client.wait(REF)).succeeded


async def test_a_watch_gives_every_change_once() -> None:
    """First the present, last the end, and a failure is no error."""
    async with serving() as (server, client):
        server.on(
            "GET",
            RUN,
            run("queued"),
            run("queued"),
            run(done=1),
            error(500),
            run(done=1),
            run(done=2),
            run("failed", done=2),
        )
        seen = [job async for job in client.watch(REF)]
    assert [(job.state, job.progress.completed) for job in seen if job.progress] == [
        (JobState.QUEUED, 0),
        (JobState.RUNNING, 1),
        (JobState.RUNNING, 2),
        (JobState.FAILED, 2),
    ]


async def test_a_watch_of_an_ended_job_gives_it_once() -> None:
    """The first is the last."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        assert len([job async for job in client.watch(REF)]) == 1


async def test_a_watch_has_a_deadline_too() -> None:
    """What was seen is seen; then WaitTimeout."""
    async with serving() as (server, client):
        server.on("GET", RUN, run())
        watching = client.watch(REF, timeout=10)
        assert (await anext(watching)).state is JobState.RUNNING
        with pytest.raises(WaitTimeout):
            await anext(watching)


async def test_many_jobs_come_as_they_end() -> None:
    """Of several providers; the error of one is its own."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(), run(), run("completed", done=10))
        server.on("GET", JOB, indexing("FAILED", "FAILED"))
        refs = [REF, OTHER, REF, "mka1:eval_run/none"]
        outcomes = {str(one.ref): one async for one in client.as_completed(refs, poll=STEADY)}
    assert len(outcomes) == 3
    assert outcomes[REF].error is None
    ended = outcomes[REF].job
    assert ended is not None
    assert ended.succeeded
    assert isinstance(outcomes[OTHER].error, JobFailed)
    assert outcomes[OTHER].job is not None
    assert isinstance(outcomes["mka1:eval_run/none"].error, JobNotFound)
    assert outcomes["mka1:eval_run/none"].job is None


async def test_many_jobs_are_checked_before_any_is_waited_for() -> None:
    """What is no reference is told at once."""
    async with serving() as (server, client):
        for refs, options in (([REF, "nonsense"], {}), (["mka1:eval_schedule/s1"], {}), ([REF], {"timeout": -1})):
            with pytest.raises(InvalidArgument):
                client.as_completed(refs, **options)  # type: ignore[arg-type]
        assert server.requests == []


async def test_leaving_early_ends_all_waits() -> None:
    """Closing the iterator leaves no task behind."""
    async with serving() as (server, client):
        server.on("GET", RUN, HANG)
        server.on("GET", JOB, indexing("COMPLETED", "SUCCEEDED"))
        async with aclosing(client.as_completed([REF, OTHER])) as outcomes:
            assert str((await anext(outcomes)).ref) == OTHER
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("wait for")] == []


async def test_no_jobs_are_no_wait() -> None:
    """Nothing in, nothing out."""
    async with serving() as (_, client):
        assert [one async for one in client.as_completed([])] == []


# --- two signals ---------------------------------------------------------------------------------------------------


ENDED = START.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("end", ["PARTIAL", "FAILED", "COMPLETED"])
@pytest.mark.parametrize("phase", ["SUCCEEDED", "ERROR"])
async def test_a_status_that_lags_is_waited_for(phase: str, end: str) -> None:
    """No watch ends with what the phase alone says, and then turns out otherwise."""
    lagging = indexing("IN_PROGRESS", phase, finished_at=ENDED)
    async with serving() as (server, client):
        server.on("GET", JOB, indexing(), lagging, lagging, indexing(end, phase, finished_at=ENDED))
        states = [job.state async for job in client.watch("gradient:indexing_job/j1")]
        assert states[:-1] == [JobState.RUNNING] * len(states[:-1])
        failed = JobState.FAILED if end != "PARTIAL" else JobState.PARTIAL
        assert states[-1] == (failed if phase == "ERROR" else ENDS_OF[end])


ENDS_OF = {"PARTIAL": JobState.PARTIAL, "FAILED": JobState.FAILED, "COMPLETED": JobState.SUCCEEDED}


@pytest.mark.parametrize("many", [True, False])
async def test_a_status_that_never_follows_ends_the_wait_all_the_same(many: bool) -> None:  # noqa: FBT001
    """Five minutes after the job's end, by the upstream's clock, one by one and on a list's page."""
    stuck = indexing("IN_PROGRESS", "SUCCEEDED", finished_at=ENDED)
    async with serving() as (server, client):
        server.on("GET", JOB, stuck)
        server.on("GET", JOBS, {"jobs": [stuck["job"]], "meta": {"total": 1}})
        if many:
            (outcome,) = await client.wait_all(["gradient:indexing_job/j1"])
            job = outcome.job
        else:
            job = await client.wait("gradient:indexing_job/j1")
        assert job is not None
        assert job.succeeded
        assert any("phase and status" in warning for warning in job.warnings)
        assert 300 <= server.clock.elapsed < 340
