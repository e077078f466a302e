"""The vendor's own client of Gradient, `gradient`, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import gradient
import pytest
from gradient import AsyncGradient, Gradient
from gradient._exceptions import IndexingJobError

from unijob.sandbox import Sandbox, SteppedClock

BASE = "123e4567-e89b-12d3-a456-426614174000"


@pytest.fixture
async def still() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, clock=SteppedClock(), check=True) as running:
        yield running


def connect(sandbox: Sandbox, token: str | None = None) -> AsyncGradient:
    return AsyncGradient(
        access_token=token or sandbox.token, base_url=sandbox.url("gradient"), max_retries=0, timeout=5
    )


@pytest.fixture
async def client(still: Sandbox) -> AsyncIterator[AsyncGradient]:
    async with connect(still) as connected:
        yield connected


async def test_creates_lists_reads_and_cancels_an_indexing_job(still: Sandbox, client: AsyncGradient) -> None:
    """A job is pending, then works through its data sources until it is cancelled."""
    jobs = client.knowledge_bases.indexing_jobs
    made = (await jobs.create(knowledge_base_uuid=BASE, data_source_uuids=["source-1", "source-2"])).job
    assert made is not None
    assert made.uuid is not None
    assert made.phase == "BATCH_JOB_PHASE_PENDING"
    still.advance(4)
    listed = await jobs.list(per_page=5)
    assert [job.uuid for job in listed.jobs or ()] == [made.uuid]
    read = (await jobs.retrieve(made.uuid)).job
    assert read is not None
    assert (read.phase, read.status) == ("BATCH_JOB_PHASE_RUNNING", "INDEX_JOB_STATUS_IN_PROGRESS")
    assert (read.completed_datasources, read.total_datasources) == (1, 2)
    sources = await jobs.retrieve_data_sources(made.uuid)
    assert [source.status for source in sources.indexed_data_sources or ()] == [
        "DATA_SOURCE_STATUS_UPDATED",
        "DATA_SOURCE_STATUS_IN_PROGRESS",
    ]
    cancelled = (await jobs.update_cancel(made.uuid)).job
    assert cancelled is not None
    assert (cancelled.phase, cancelled.status) == ("BATCH_JOB_PHASE_CANCELLED", "INDEX_JOB_STATUS_CANCELLED")


async def test_waits_for_completion(sandbox: Sandbox) -> None:
    """The client's own wait sees a job to its end."""
    async with connect(sandbox) as client:
        jobs = client.knowledge_bases.indexing_jobs
        made = (await jobs.create(knowledge_base_uuid=BASE)).job
        assert made is not None
        done = (await jobs.wait_for_completion(made.uuid or "", poll_interval=0.005, timeout=5)).job
    assert done is not None
    assert done.status == "INDEX_JOB_STATUS_COMPLETED"


async def test_the_clients_wait_takes_a_partial_outcome_for_success(sandbox: Sandbox) -> None:
    """It reads the phase alone: a job that ended partially is returned as if all were well."""
    sandbox.script("gradient:indexing_job", outcome="partial")
    async with connect(sandbox) as client:
        jobs = client.knowledge_bases.indexing_jobs
        made = (await jobs.create(knowledge_base_uuid=BASE)).job
        assert made is not None
        done = (await jobs.wait_for_completion(made.uuid or "", poll_interval=0.005, timeout=5)).job
    assert done is not None
    assert done.status == "INDEX_JOB_STATUS_PARTIAL"


@pytest.mark.parametrize("outcome", ["failed", "error"])
async def test_the_clients_wait_raises_for_a_failed_job(sandbox: Sandbox, outcome: str) -> None:
    """A job that fails, in either of the two ways, raises the client's own error."""
    sandbox.script("gradient:indexing_job", outcome=outcome)
    async with connect(sandbox) as client:
        jobs = client.knowledge_bases.indexing_jobs
        made = (await jobs.create(knowledge_base_uuid=BASE)).job
        assert made is not None
        with pytest.raises(IndexingJobError):
            await jobs.wait_for_completion(made.uuid or "", poll_interval=0.005, timeout=5)


async def test_the_synchronous_client_waits_too(sandbox: Sandbox) -> None:
    """The client without asyncio sees a job to its end from a thread of its own."""

    def start_and_wait() -> str | None:
        url = sandbox.url("gradient")
        with Gradient(access_token=sandbox.token, base_url=url, max_retries=0, timeout=5) as client:
            made = client.knowledge_bases.indexing_jobs.create(knowledge_base_uuid=BASE).job
            assert made is not None
            done = client.knowledge_bases.indexing_jobs.wait_for_completion(
                made.uuid or "", poll_interval=0.005, timeout=5
            )
            return done.job.phase if done.job is not None else None

    assert await asyncio.to_thread(start_and_wait) == "BATCH_JOB_PHASE_SUCCEEDED"


async def test_reads_knowledge_bases(still: Sandbox, client: AsyncGradient) -> None:
    """A knowledge base is there for any id, and tells of its last job."""
    made = (await client.knowledge_bases.indexing_jobs.create(knowledge_base_uuid=BASE)).job
    still.advance(1)
    base = (await client.knowledge_bases.retrieve(BASE)).knowledge_base
    assert base is not None
    assert base.last_indexing_job is not None
    assert made is not None
    assert base.last_indexing_job.uuid == made.uuid
    assert BASE in [each.uuid for each in (await client.knowledge_bases.list()).knowledge_bases or ()]


async def test_a_wrong_token_is_the_clients_own_error(still: Sandbox) -> None:
    """A token that is not accepted raises the client's authentication error."""
    async with connect(still, "wrong") as client:
        with pytest.raises(gradient.AuthenticationError):
            await client.knowledge_bases.indexing_jobs.list()


async def test_what_is_not_there_is_the_clients_own_error(client: AsyncGradient) -> None:
    """An id that was never given out raises the client's not-found error."""
    with pytest.raises(gradient.NotFoundError):
        await client.knowledge_bases.indexing_jobs.retrieve("nope")


async def test_an_ended_job_cannot_be_cancelled(still: Sandbox, client: AsyncGradient) -> None:
    """Cancelling what has ended raises the client's conflict error."""
    made = (await client.knowledge_bases.indexing_jobs.create(knowledge_base_uuid=BASE)).job
    assert made is not None
    still.advance(60)
    with pytest.raises(gradient.ConflictError):
        await client.knowledge_bases.indexing_jobs.update_cancel(made.uuid or "")
