"""OpenAI's own client, against the sandbox and through the proxy in enforce mode."""

from __future__ import annotations

import openai as vendor
import pytest
from openai import AsyncOpenAI
from unijob import Account, JobClient, JobState
from unijob.sandbox import Sandbox

from unijob_openai import file_batch, fine_tuning_job

BATCH = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}


async def test_creates_reads_lists_and_ends_a_batch(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """A batch is validated, worked on and completed; its counts and files are there."""
    made = await openai.batches.create(
        input_file_id="file-1", endpoint="/v1/responses", completion_window="24h", metadata={"for": "tests"}
    )
    assert (made.status, made.metadata) == ("validating", {"for": "tests"})
    sandbox.advance(5)
    working = await openai.batches.retrieve(made.id)
    assert working.request_counts is not None
    assert (working.status, working.request_counts.total) == ("in_progress", 20)
    sandbox.advance(60)
    done = await openai.batches.retrieve(made.id)
    assert done.request_counts is not None
    assert (done.status, done.request_counts.completed) == ("completed", 20)
    assert done.output_file_id is not None
    assert done.usage is not None


async def test_walks_the_pages_of_batches(openai: AsyncOpenAI) -> None:
    """Its own paging finds every batch once, the newest first."""
    made = [
        (await openai.batches.create(input_file_id="file-1", endpoint="/v1/embeddings", completion_window="24h")).id
        for _ in range(5)
    ]
    found = [batch.id async for batch in openai.batches.list(limit=2)]
    assert found == made[::-1]


async def test_cancels_a_batch(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """It is cancelling for a while, then cancelled; a second time is a conflict."""
    made = await openai.batches.create(input_file_id="file-1", endpoint="/v1/responses", completion_window="24h")
    sandbox.advance(4)
    assert (await openai.batches.cancel(made.id)).status == "cancelling"
    sandbox.advance(10)
    assert (await openai.batches.retrieve(made.id)).status == "cancelled"
    with pytest.raises(vendor.ConflictError, match="Cannot cancel a batch with status 'cancelled'"):
        await openai.batches.cancel(made.id)


async def test_adds_files_to_a_vector_store(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """Files are counted as they are done, and each is listed with its status."""
    sandbox.script("openai:file_batch", outcome="partial", failed_items=1)
    batches = openai.vector_stores.file_batches
    made = await batches.create("vs_1", file_ids=[f"file-{number}" for number in range(5)], attributes={"year": 2026})
    assert (made.status, made.file_counts.in_progress) == ("in_progress", 5)
    sandbox.advance(60)
    done = await batches.retrieve(made.id, vector_store_id="vs_1")
    assert (done.status, done.file_counts.completed, done.file_counts.failed) == ("completed", 4, 1)
    files = [file async for file in batches.list_files(made.id, vector_store_id="vs_1", limit=2, order="asc")]
    assert [file.status for file in files] == ["failed", "completed", "completed", "completed", "completed"]
    assert files[0].last_error is not None
    assert files[1].attributes == {"year": 2026}


async def test_its_own_wait_takes_a_failed_batch_for_a_completed_one(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """The client's poll returns `completed` where a file failed; unijob says `partial` of the same batch."""
    sandbox.script("openai:file_batch", outcome="partial", duration=0.0)
    ended = await openai.vector_stores.file_batches.create_and_poll("vs_1", file_ids=["file-1", "file-2"])
    assert ended.status == "completed"
    account = Account("openai", base_url=sandbox.url("openai"), key=sandbox.token)
    async with JobClient([account], env={}) as client:
        job = await client.get(f"openai:file_batch/vs_1/{ended.id}")
    assert job.state is JobState.PARTIAL


async def test_cancels_a_file_batch(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """What is not done by then is cancelled."""
    batches = openai.vector_stores.file_batches
    made = await batches.create("vs_1", files=[{"file_id": "file-1"}, {"file_id": "file-2", "attributes": {"a": True}}])
    sandbox.advance(3)
    cancelled = await batches.cancel(made.id, vector_store_id="vs_1")
    assert (cancelled.status, cancelled.file_counts.cancelled) == ("cancelled", 1)


async def test_trains_a_model(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """A job goes from looking through files to a model; its events tell of it."""
    jobs = openai.fine_tuning.jobs
    made = await jobs.create(
        model="gpt-4o-mini",
        training_file="file-1",
        suffix="mine",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    )
    assert (made.status, made.fine_tuned_model) == ("validating_files", None)
    sandbox.advance(1.5)
    assert (await jobs.retrieve(made.id)).status == "queued"
    sandbox.advance(2)
    assert (await jobs.retrieve(made.id)).status == "running"
    sandbox.advance(60)
    done = await jobs.retrieve(made.id)
    assert done.status == "succeeded"
    assert done.fine_tuned_model is not None
    assert done.fine_tuned_model.startswith("ft:gpt-4o-mini:acme:mine:")
    events = [event.message async for event in jobs.list_events(made.id, limit=2)]
    assert events == ["The job has succeeded", "Fine-tuning job started", "Created fine-tuning job"]
    assert [job.id async for job in jobs.list(limit=1)] == [made.id]


async def test_a_training_that_fails_or_is_cancelled(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """A failed job says why; a cancelled one cannot be cancelled again."""
    sandbox.script("openai:fine_tuning_job", outcome="failed", message="Too few examples.")
    jobs = openai.fine_tuning.jobs
    failed = await jobs.create(model="gpt-4o-mini", training_file="file-1")
    sandbox.advance(60)
    error = (await jobs.retrieve(failed.id)).error
    assert error is not None
    assert error.message == "Too few examples."
    other = await jobs.create(model="gpt-4o-mini", training_file="file-1")
    assert (await jobs.cancel(other.id)).status == "cancelled"
    with pytest.raises(vendor.ConflictError, match="already cancelled"):
        await jobs.cancel(other.id)


async def test_a_training_that_is_paused_and_goes_on(sandbox: Sandbox, openai: AsyncOpenAI) -> None:
    """A pause keeps what was done and delays the end; the checkpoints until then are listed, the newest first."""
    jobs = openai.fine_tuning.jobs
    made = await jobs.create(model="gpt-4o-mini", training_file="file-1")
    sandbox.advance(10)
    assert (await jobs.pause(made.id)).status == "queued"
    sandbox.advance(3600)
    with pytest.raises(vendor.ConflictError, match="Cannot pause a job with status 'queued'"):
        await jobs.pause(made.id)
    assert [one.step_number async for one in jobs.checkpoints.list(made.id)] == [60, 30]
    assert (await jobs.resume(made.id)).status == "running"
    with pytest.raises(vendor.ConflictError, match="Cannot resume a job with status 'running'"):
        await jobs.resume(made.id)
    sandbox.advance(60)
    done = await jobs.retrieve(made.id)
    assert done.finished_at is not None
    assert (done.status, done.finished_at - made.created_at) == ("succeeded", 3612)
    left = [one async for one in jobs.checkpoints.list(made.id, limit=2)]
    assert [(one.step_number, one.created_at - made.created_at) for one in left] == [(90, 3612), (60, 8), (30, 5)]
    assert left[0].metrics.step == 90
    assert left[0].fine_tuning_job_id == made.id


async def test_unijobs_client_pauses_and_reads_checkpoints(sandbox: Sandbox) -> None:
    """As of any other kind that can; what is listed is the generated model."""
    account = Account("openai", base_url=sandbox.url("openai"), key=sandbox.token)
    async with JobClient([account], env={}, clock=sandbox.client_clock) as client:
        job = await client.start(fine_tuning_job.KIND, model="gpt-4o-mini", training_file="file-1")
        sandbox.advance(7)
        assert (await client.pause(job)).state is JobState.QUEUED
        assert (await client.resume(job)).state is JobState.RUNNING
        await client.wait(job, timeout=600)
        steps = [one.step_number async for one in client.pieces(job, fine_tuning_job.CHECKPOINTS)]
        assert steps == [90, 60, 30]


async def test_errors_are_its_own(openai: AsyncOpenAI) -> None:
    """What is not there, and what the contract does not allow, are the client's own errors."""
    with pytest.raises(vendor.NotFoundError, match="No batch found with id 'batch_none'"):
        await openai.batches.retrieve("batch_none")


async def test_a_request_that_breaks_the_contract(sandbox: Sandbox) -> None:
    """A page of no items is refused by the sandbox, in the vendor's words."""
    async with AsyncOpenAI(api_key=sandbox.token, base_url=sandbox.url("openai"), max_retries=0) as client:
        with pytest.raises(vendor.BadRequestError, match="Invalid 'limit'"):
            await client.batches.list(limit=0)
    async with AsyncOpenAI(api_key="wrong", base_url=sandbox.url("openai"), max_retries=0) as client:
        with pytest.raises(vendor.AuthenticationError):
            await client.batches.list()


async def test_unijobs_client_does_the_same(sandbox: Sandbox) -> None:
    """It starts, waits, lists, and reads pieces, as for any other provider; a kind's declaration types the result."""
    account = Account("openai", base_url=sandbox.url("openai"), key=sandbox.token)
    async with JobClient([account], env={}, clock=sandbox.client_clock) as client:
        batch = await client.run("openai:batch", BATCH, wait={"timeout": 600})
        assert batch.state is JobState.SUCCEEDED
        assert [job.ref async for job in client.list("openai:batch")] == [batch.ref]
        files = await client.run(file_batch.KIND, vector_store_id="vs_1", file_ids=["file-1"], wait={"timeout": 600})
        assert [file.id async for file in client.pieces(files, file_batch.FILES)] == ["file-1"]
        wanted = {"model": "gpt-4o-mini", "training_file": "file-1"}
        tuned = await client.run(fine_tuning_job.KIND, wanted, wait={"timeout": 600})
        assert tuned.result is not None
        assert tuned.result.trained_tokens == 20_000
        events = [event.message async for event in client.pieces(tuned, fine_tuning_job.EVENTS)]
        assert events[-1] == "Created fine-tuning job"
