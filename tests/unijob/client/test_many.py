"""Starting and waiting in one call, and waiting for many jobs until all have ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Any

import pytest

from tests.unijob.upstream import HANG, JOB, RUN, RUNS, error, indexing, run, serving
from unijob import (
    AuthenticationError,
    InvalidArgument,
    JobFailed,
    JobNotFound,
    JobPartial,
    JobState,
    Poll,
    WaitTimeout,
)

REF, OTHER, NONE = "mka1:eval_run/r1", "gradient:indexing_job/j1", "mka1:eval_run/none"
STEADY = Poll(initial=1, factor=1, jitter=0)
PARTIAL = run("completed", request_counts={"total": 10, "completed": 8, "failed": 2})
WANTED: dict[str, Any] = {"suite_id": "s", "models": ["m"]}


async def test_run_is_start_and_wait() -> None:
    """A job that appears late is waited for, as after any start."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUN, error(404), run(), run("completed", done=10))
        job = await client.run("mka1:eval_run", **WANTED, wait={"timeout": 60, "poll": STEADY})
        assert job.state is JobState.SUCCEEDED
        assert server.clock.sleeps == [1, 1]
        assert server.count("POST", RUNS) == 1


async def test_run_takes_a_whole_request_too() -> None:
    """As `start` does."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUN, PARTIAL)
        assert (await client.run("mka1:eval_run", WANTED)).state is JobState.PARTIAL
        with pytest.raises(JobPartial):
            await client.run("mka1:eval_run", WANTED, raise_on_partial=True)


async def test_run_checks_everything_before_it_sends() -> None:
    """The options of the wait, and the arguments of the job: an option of the wait is none of these."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument):
            await client.run("mka1:eval_run", WANTED, wait={"timeout": -1})
        with pytest.raises(InvalidArgument):
            await client.run("mka1:eval_run", **WANTED, timeout=60)
        with pytest.raises(InvalidArgument):
            await client.run("mka1:eval_run")
        assert server.requests == []


async def test_a_run_that_ends_badly_raises_as_a_wait() -> None:
    """Unless the caller looks at the state himself."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUN, run("failed"))
        with pytest.raises(JobFailed):
            await client.run("mka1:eval_run", WANTED)
        assert (await client.run("mka1:eval_run", WANTED, raise_on_failure=False)).state is JobState.FAILED


async def test_a_started_job_is_never_lost(caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong after the start has its reference; so has the log."""
    caplog.set_level(logging.INFO, "unijob")
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUN, error(401))
        with pytest.raises(AuthenticationError) as refused:
            await client.run("mka1:eval_run", WANTED)
        with pytest.raises(WaitTimeout) as late:
            await client.run("mka1:eval_run", WANTED, wait={"timeout": 0})
    assert refused.value.__notes__ == [f"The job was started: {REF}"]
    assert late.value.job is not None
    assert str(late.value.job.ref) == REF
    assert f"started {REF}" in caplog.messages


async def test_all_are_waited_for_in_the_order_given() -> None:
    """Of several providers, each with its own outcome; one failure does not lose the others."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(), run(), run("completed", done=10))
        server.on("GET", JOB, indexing("FAILED", "FAILED"))
        first, second, third, again = await client.wait_all([REF, OTHER, NONE, REF], poll=STEADY)
        assert server.count("GET", RUN) == 3
    assert [str(one.ref) for one in (first, second, third)] == [REF, OTHER, NONE]
    assert first is again
    assert first.error is None
    assert first.job is not None
    assert first.job.succeeded
    assert isinstance(second.error, JobFailed)
    assert second.job is second.error.job
    assert isinstance(third.error, JobNotFound)
    assert third.job is None


async def test_what_counts_as_an_error_is_asked() -> None:
    """As in a wait."""
    async with serving() as (server, client):
        server.on("GET", RUN, PARTIAL)
        server.on("GET", JOB, indexing("FAILED", "FAILED"))
        outcomes = await client.wait_all([REF, OTHER], raise_on_failure=False, raise_on_partial=True)
    assert [type(one.error) for one in outcomes] == [JobPartial, type(None)]


async def test_a_deadline_counts_for_each() -> None:
    """Those that ended in time keep their end."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        server.on("GET", JOB, indexing())
        ended, late = await client.wait_all([REF, OTHER], timeout=3, poll=STEADY)
    assert ended.error is None
    assert isinstance(late.error, WaitTimeout)
    assert late.job is not None


async def test_all_are_checked_before_any_is_waited_for() -> None:
    """What is no reference is told at once, and none at all is no wait."""
    async with serving() as (server, client):
        assert await client.wait_all(iter(())) == ()
        with pytest.raises(InvalidArgument):
            await client.wait_all([REF, "nonsense"])
        with pytest.raises(InvalidArgument):
            await client.wait_all([REF], timeout=-1)
        assert server.requests == []


async def test_cancelling_ends_all_waits() -> None:
    """No task is left behind."""
    async with serving() as (server, client):
        server.on("GET", RUN, HANG)
        waiting = asyncio.create_task(client.wait_all([REF, NONE]))
        await server.hanging.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("wait for")] == []


async def test_a_slow_answer_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are asked again when it is time, and end before it comes."""
    monkeypatch.setattr("unijob.client.asking._PATIENCE", 0.05)
    async with serving() as (server, client):
        server.on("GET", RUN, HANG)
        server.on("GET", RUNS + "/r2", run(id="r2"), run(id="r2"), run("completed", done=10, id="r2"))
        async with aclosing(client.as_completed([REF, "mka1:eval_run/r2"], poll=STEADY)) as ending:
            first = await anext(ending)
        assert str(first.ref) == "mka1:eval_run/r2"
        assert first.error is None
        assert server.count("GET", RUN) == 1
