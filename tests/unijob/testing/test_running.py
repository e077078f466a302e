"""A sandbox in a thread of its own, without pytest."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

import unijob
from unijob import InvalidArgument, JobState
from unijob.sync import JobClient
from unijob.testing import FakeClock, RunningSandbox

START = datetime(2026, 5, 1, tzinfo=UTC)
RUN = {"suite_id": "eval_suite_1", "models": ["auto"]}


def test_a_client_without_async() -> None:
    """Jobs live as scripted, and waiting moves the time."""
    with RunningSandbox(start=START, check=True) as sandbox:
        sandbox.script("mka1:eval_run", outcome="partial", items=20, duration=600)
        with JobClient(sandbox.accounts(), env={}, clock=sandbox.clock) as client:
            job = client.run("mka1:eval_run", RUN)
    assert job.state is JobState.PARTIAL
    assert job.created_at == START
    assert sandbox.now - START >= timedelta(seconds=600)


async def test_a_client_with_async() -> None:
    """The same for one in the test's own loop."""
    with RunningSandbox() as sandbox:
        sandbox.script("mka1:eval_run", outcome="failed", duration=600)
        async with unijob.JobClient(sandbox.accounts(), env={}, clock=sandbox.clock) as client:
            job = await client.run("mka1:eval_run", RUN, raise_on_failure=False)
    assert job.state is JobState.FAILED


def test_time_stands_still_until_it_is_moved() -> None:
    """By `advance`, exactly so far."""
    with RunningSandbox(start=START) as sandbox, JobClient(sandbox.accounts(), env={}) as client:
        sandbox.script("mka1:eval_run", duration=600)
        job = client.start("mka1:eval_run", RUN)
        assert not client.get(job).is_terminal
        assert sandbox.now == START
        sandbox.advance(3600)
        assert sandbox.now == START + timedelta(hours=1)
        assert client.get(job).state is JobState.SUCCEEDED


def test_time_moved_by_many_threads_adds_up() -> None:
    """None of it is lost."""
    with RunningSandbox(start=START) as sandbox, ThreadPoolExecutor(8) as threads:
        for _ in range(200):
            threads.submit(sandbox.advance, 1)
    assert sandbox.now == START + timedelta(seconds=200)


def test_a_slow_answer_costs_no_time() -> None:
    """What would keep a request waiting moves the time instead."""
    with RunningSandbox(start=START) as sandbox, JobClient(sandbox.accounts(), env={}) as client:
        sandbox.fault("latency", seconds=3600)
        client.start("mka1:eval_run", RUN)
        assert sandbox.now == START + timedelta(hours=1)


def test_what_goes_wrong_is_asked_for() -> None:
    """Faults strike, parents are absent, and what was received tells of both; a reset forgets them."""
    with RunningSandbox() as sandbox, JobClient(sandbox.accounts(), env={}, clock=sandbox.clock) as client:
        sandbox.fault("rate_limit", operation="createEvalRun", retry_after=5)
        client.start("mka1:eval_run", RUN)
        sandbox.absent("mka1:vector_store", "vs_gone")
        with pytest.raises(unijob.JobNotFound):
            client.start("mka1:file_batch", vector_store_id="vs_gone", file_ids=["file_1"])
        assert [received.status for received in sandbox.requests] == [429, 200, 404]
        sandbox.reset()
        assert sandbox.requests == []


def test_wrong_wishes_are_told() -> None:
    """As the sandbox itself tells them, in the thread that asked."""
    with RunningSandbox() as sandbox:
        with pytest.raises(InvalidArgument, match="`outcome` must be one of"):
            sandbox.script("mka1:eval_run", outcome="splendid")
        with pytest.raises(InvalidArgument, match="must be one of"):
            sandbox.fault("earthquake")
        with pytest.raises(InvalidArgument, match="no provider 'shop'"):
            sandbox.url("shop")


def test_its_thread_ends_with_it() -> None:
    """Also where the block raises; and it can be entered again."""
    sandbox = RunningSandbox()
    before = set(threading.enumerate())
    for _ in range(2):
        with pytest.raises(KeyError), sandbox:
            raise KeyError
        assert set(threading.enumerate()) <= before


async def test_a_fake_clock_needs_no_sandbox() -> None:
    """It moves as it is slept on, and keeps what was asked of it."""
    clock = FakeClock(START)
    await asyncio.gather(clock.sleep(2), clock.sleep(2), clock.sleep(5))
    clock.advance(10)
    assert clock.slept == [2, 2, 5]
    assert clock.now() == START + timedelta(seconds=15)
    assert clock.monotonic() == clock.now().timestamp()
