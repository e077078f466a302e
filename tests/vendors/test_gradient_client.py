"""The vendor's own client of Gradient, `gradient`, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import gradient
import pytest
from gradient import AsyncGradient, Gradient
from gradient._exceptions import IndexingJobError
from gradient.types.agents import APIEvaluationRun

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


async def test_evaluates_an_agent(still: Sandbox, client: AsyncGradient) -> None:
    """A run for each agent is started, and read to its verdict."""
    runs = client.agents.evaluation_runs
    made = await runs.create(test_case_uuid="case", agent_uuids=["agent-1", "agent-2"], run_name="nightly")
    first, second = made.evaluation_run_uuids or []
    assert first != second
    seen: list[APIEvaluationRun] = []
    for _ in range(11):
        run = (await runs.retrieve(first)).evaluation_run
        assert run is not None
        seen.append(run)
        still.advance(1)
    assert list(dict.fromkeys(run.status for run in seen)) == [
        "EVALUATION_RUN_QUEUED",
        "EVALUATION_RUN_RUNNING_DATASET",
        "EVALUATION_RUN_EVALUATING_RESULTS",
        "EVALUATION_RUN_SUCCESSFUL",
    ]
    last = seen[-1]
    assert (last.pass_status, last.run_name, last.agent_uuid) == (True, "nightly", "agent-1")
    assert last.star_metric_result is not None
    assert last.star_metric_result.metric_value_type == "METRIC_VALUE_TYPE_PERCENTAGE"


async def test_evaluates_a_model(still: Sandbox, client: AsyncGradient) -> None:
    """The client has no calls for model evaluation runs: its own transport speaks them."""
    path = "/v2/gen-ai/model_evaluation_runs"
    body = {"candidate_model_uuid": "m", "judge_model_uuid": "j", "dataset_uuid": "d", "name": "first"}
    made: Any = await client.post(path, body=body, cast_to=object)
    run = f"{path}/{made['eval_run_uuid']}"
    still.advance(2)
    listed: Any = await client.get(path, cast_to=object, options={"params": {"search": "FIR", "per_page": 5}})
    assert [each["eval_run_uuid"] for each in listed["runs"]] == [made["eval_run_uuid"]]
    assert (await _patched(client, run, {"name": "second"}))["name"] == "second"
    refused: Any = await client.delete(run, cast_to=object)
    assert refused == {"status": "DELETE_MODEL_EVALUATION_RUN_STATUS_FAIL", "error": "the run is still at work"}
    stopping: Any = await client.put(f"{run}/cancel", cast_to=object)
    assert stopping["run"]["status"] == "MODEL_EVALUATION_RUN_CANCELLING"
    still.advance(5)
    read: Any = await client.get(run, cast_to=object)
    assert read["run"]["status"] == "MODEL_EVALUATION_RUN_CANCELLED"
    deleted: Any = await client.delete(run, cast_to=object)
    assert deleted == {"status": "DELETE_MODEL_EVALUATION_RUN_STATUS_SUCCESS"}
    with pytest.raises(gradient.NotFoundError):
        await client.get(run, cast_to=object)


async def _patched(client: AsyncGradient, path: str, body: dict[str, str]) -> Any:
    answer: Any = await client.patch(path, body=body, cast_to=object)
    return answer["run"]


async def test_schedules_indexing(still: Sandbox, client: AsyncGradient) -> None:
    """A schedule fires on its days, and starts jobs of its knowledge base until it is deleted."""
    schedules = client.agents.evaluation_metrics.scheduled_indexing
    made = (await schedules.create(knowledge_base_uuid=BASE, days=[1, 4], time="04:30")).indexing_info
    assert made is not None
    assert made.next_run_at is not None
    # A stepped clock starts on a Thursday, and Thursday is 4.
    assert made.next_run_at.isoformat() == "2026-01-01T04:30:00+00:00"
    still.advance(5 * 86_400)
    read = (await schedules.retrieve(BASE)).indexing_info
    assert read is not None
    assert read.last_ran_at is not None
    assert read.last_ran_at.isoformat() == "2026-01-05T04:30:00+00:00"
    jobs = (await client.knowledge_bases.list_indexing_jobs(BASE)).jobs or []
    assert [job.created_at.day for job in jobs if job.created_at is not None] == [5, 1]
    deleted = (await schedules.delete(made.uuid or "")).indexing_info
    assert deleted is not None
    assert deleted.is_active is False
    with pytest.raises(gradient.NotFoundError):
        await schedules.retrieve(BASE)
    still.advance(7 * 86_400)
    assert len((await client.knowledge_bases.list_indexing_jobs(BASE)).jobs or []) == 2


async def test_from_a_file_to_an_index(sandbox: Sandbox) -> None:
    """A file is uploaded by a link, becomes the source of a new knowledge base, and is indexed."""
    content = b"All that there is to know."
    async with connect(sandbox) as client, aiohttp.ClientSession() as session:
        bases = client.knowledge_bases
        asked = await bases.data_sources.create_presigned_urls(
            files=[{"file_name": "all.md", "file_size": str(len(content))}]
        )
        (upload,) = asked.uploads or []
        async with session.put(upload.presigned_url or "", data=content) as stored:
            assert stored.status == 200
        made = await bases.create(
            name="all",
            datasources=[
                {
                    "file_upload_data_source": {
                        "original_file_name": "all.md",
                        "stored_object_key": upload.object_key or "",
                    }
                }
            ],
        )
        assert made.knowledge_base is not None
        base = made.knowledge_base.uuid or ""
        online = await bases.wait_for_database(base, poll_interval=0.005, timeout=5)
        assert online.database_status == "ONLINE"
        (source,) = (await bases.data_sources.list(base)).knowledge_base_data_sources or []
        assert source.file_upload_data_source is not None
        assert source.file_upload_data_source.size_in_bytes == str(len(content))
        started = (await bases.indexing_jobs.create(knowledge_base_uuid=base)).job
        assert started is not None
        assert started.data_source_uuids == [source.uuid]
        done = (await bases.indexing_jobs.wait_for_completion(started.uuid or "", poll_interval=0.005, timeout=5)).job
    assert done is not None
    assert [part.total_bytes_indexed for part in done.data_source_jobs or ()] == [str(len(content))]


async def test_a_database_takes_a_while(still: Sandbox, client: AsyncGradient) -> None:
    """The database of a new knowledge base is being created at first."""
    made = (await client.knowledge_bases.create(name="new")).knowledge_base
    assert made is not None
    assert (await client.knowledge_bases.retrieve(made.uuid or "")).database_status == "CREATING"
    still.advance(2)
    assert (await client.knowledge_bases.retrieve(made.uuid or "")).database_status == "ONLINE"


async def test_changes_a_knowledge_base_and_its_sources(client: AsyncGradient) -> None:
    """Bases and sources are created, changed and deleted; what a source was made with in secret is not shown."""
    bases = client.knowledge_bases
    made = (await bases.create(name="one", tags=["a"])).knowledge_base
    assert made is not None
    uuid = made.uuid or ""
    changed = (await bases.update(uuid, name="two", body_uuid=uuid)).knowledge_base
    assert changed is not None
    assert (changed.name, changed.tags) == ("two", ["a"])
    added = await bases.data_sources.create(
        uuid,
        body_knowledge_base_uuid=uuid,
        aws_data_source={"bucket_name": "b", "region": "r", "key_id": "id", "secret_key": "secret"},
    )
    source = added.knowledge_base_data_source
    assert source is not None
    assert source.aws_data_source is not None
    assert source.aws_data_source.to_dict() == {"bucket_name": "b", "region": "r"}
    updated = await bases.data_sources.update(
        source.uuid or "",
        path_knowledge_base_uuid=uuid,
        body_data_source_uuid=source.uuid or "",
        body_knowledge_base_uuid=uuid,
        chunking_algorithm="CHUNKING_ALGORITHM_FIXED_LENGTH",
        chunking_options={"max_chunk_size": 500},
    )
    assert updated.knowledge_base_data_source is not None
    assert updated.knowledge_base_data_source.chunking_algorithm == "CHUNKING_ALGORITHM_FIXED_LENGTH"
    gone = await bases.data_sources.delete(source.uuid or "", knowledge_base_uuid=uuid)
    assert (gone.data_source_uuid, gone.knowledge_base_uuid) == (source.uuid, uuid)
    assert (await bases.data_sources.list(uuid)).knowledge_base_data_sources == []
    assert (await bases.delete(uuid)).uuid == uuid
    with pytest.raises(gradient.NotFoundError):
        await bases.retrieve(uuid)
    with pytest.raises(gradient.NotFoundError):
        await bases.indexing_jobs.create(knowledge_base_uuid=uuid)
