"""The project's own client against the sandbox, by the sandbox's clock: nobody waits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from unijob import Account, JobClient, JobFailed, JobState
from unijob.sandbox import Sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[JobClient]:
    accounts = [Account(name, base_url=sandbox.url(name), key=sandbox.token) for name in sandbox.revisions]
    async with JobClient(accounts, env={}, clock=sandbox.client_clock) as connected:
        yield connected


async def test_waiting_for_a_job_of_an_hour(sandbox: Sandbox, client: JobClient) -> None:
    """The sandbox's time moves as the client waits."""
    sandbox.script("mka1:eval_run", duration=3600)
    begun = sandbox.clock.now()
    job = await client.start("mka1:eval_run", suite_id="eval_suite_1", models=["auto"])
    done = await client.wait(job, timeout=7200)
    assert done.state is JobState.SUCCEEDED
    assert sandbox.clock.now() - begun >= 3600


async def test_faults_on_the_way(sandbox: Sandbox, client: JobClient) -> None:
    """Errors and rate limits while waiting do not end the wait; the job's own end does."""
    sandbox.script("gradient:indexing_job", outcome="failed", duration=300)
    sandbox.fault("error", operation="genai_get_indexing_job", status=502, every=2)
    sandbox.fault("rate_limit", operation="genai_get_indexing_job", every=3, retry_after=20)
    job = await client.start("gradient:indexing_job", knowledge_base_uuid="kb")
    with pytest.raises(JobFailed) as caught:
        await client.wait(job, timeout=3600)
    assert caught.value.job.state is JobState.FAILED
    assert all(fault.hits for fault in sandbox.faults.all())
