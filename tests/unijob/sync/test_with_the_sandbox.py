"""The client without async against the sandbox, by the sandbox's clock: nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from unijob import Account, JobFailed, JobState
from unijob.sandbox import Sandbox, SteppedClock
from unijob.sync import JobClient


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, clock=SteppedClock(), check=True) as running:
        yield running


def client_of(sandbox: Sandbox) -> JobClient:
    accounts = [Account(name, base_url=sandbox.url(name), key=sandbox.token) for name in sandbox.revisions]
    return JobClient(accounts, env={}, clock=sandbox.client_clock)


async def test_jobs_of_two_providers(sandbox: Sandbox) -> None:
    """Started, run, watched, listed, and waited for all at once."""
    sandbox.script("mka1:eval_run", duration=3600)
    sandbox.script("gradient:indexing_job", outcome="failed", duration=300)

    def script() -> None:
        with client_of(sandbox) as client:
            done = client.run("mka1:eval_run", suite_id="eval_suite_1", models=["auto"], wait={"timeout": 7200})
            assert done.state is JobState.SUCCEEDED
            running = client.start("mka1:eval_run", suite_id="eval_suite_1", models=["auto"])
            failing = client.start("gradient:indexing_job", knowledge_base_uuid="kb")
            assert {job.ref for job in client.list("mka1:eval_run", page_size=1)} == {done.ref, running.ref}
            assert [job.is_terminal for job in client.watch(running, timeout=7200)][-1]
            ended, failed = client.wait_all([running, failing], timeout=7200)
            assert ended.error is None
            assert isinstance(failed.error, JobFailed)
            assert client.get(failing).state is JobState.FAILED

    await asyncio.to_thread(script)
