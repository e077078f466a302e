"""The vendor's own client of MKA1 with its batches, fine-tuning jobs, agents' runs and compute jobs."""

from __future__ import annotations

from typing import Any

import pytest
from meetkai_mka1 import SDK, errors, models

from unijob.sandbox import Sandbox

COMPUTE: Any = {"accelerator": "h100", "gpu_count": 1, "ephemeral_disk_gb": 50}
ITEMS: Any = [{"type": "message"}]
LARGER: Any = {**COMPUTE, "gpu_count": 8}
deprecated = pytest.mark.filterwarnings("ignore:.*DEPRECATED:DeprecationWarning")
"""The vendor wants to take fine-tuning out of its client some day."""
CONTAINER: Any = {
    "image": "python:3.12",
    "command": ["python", "train.py"],
    "ports": [{"name": "board", "container_port": 6006, "protocol": "http"}],
}


async def test_a_batch_ends_with_its_files(still: Sandbox, sdk: SDK) -> None:
    """It is validated, works through its requests, and leaves a file of answers and one of errors."""
    still.script("mka1:batch", outcome="partial", items=10, failed_items=3)
    batches = sdk.llm.batches
    made = await batches.create_async(input_file_id="file_1", endpoint="/v1/responses", max_concurrency=4)
    assert (made.status, made.max_concurrency) == ("validating", 4)
    still.advance(5)
    (listed,) = (await batches.list_async(limit=5)).data
    assert (listed.id, listed.status) == (made.id, "in_progress")
    assert 0 < listed.request_counts.completed < 10
    still.advance(5)
    done = await batches.get_async(batch_id=made.id)
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == ("completed", 7, 3)
    assert done.output_file_id
    assert done.error_file_id


async def test_a_batch_is_cancelled(still: Sandbox, sdk: SDK) -> None:
    """After a moment of cancelling; once it has stopped, asking again is refused."""
    batches = sdk.llm.batches
    made = await batches.create_async(input_file_id="file_1", endpoint="/v1/embeddings")
    assert (await batches.cancel_async(batch_id=made.id)).status == "cancelling"
    still.advance(1)
    ended = await batches.get_async(batch_id=made.id)
    assert (ended.status, ended.cancelled_at) == ("cancelled", made.created_at + 1)
    with pytest.raises(errors.SDKError) as caught:
        await batches.cancel_async(batch_id=made.id)
    assert caught.value.status_code == 409


@deprecated
async def test_a_fine_tuning_job_is_paused_and_goes_on(still: Sandbox, sdk: SDK) -> None:
    """A pause keeps what was done, and delays the end; events tell all of it, the newest first."""
    training: Any = sdk.llm.fine_tuning
    grader: Any = {"type": "string_check", "name": "same", "input": "a", "reference": "b", "operation": "eq"}
    method: Any = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    made = await training.create_async(model="model-a", training_file="file_1", method=method, suffix="own")
    assert made.status == "validating_files"
    still.advance(6)
    assert (await training.retrieve_async(fine_tuning_job_id=made.id)).status == "running"
    await training.pause_async(fine_tuning_job_id=made.id)
    still.advance(1000)
    paused = await training.retrieve_async(fine_tuning_job_id=made.id)
    assert (paused.status, paused.finished_at) == ("queued", None)
    await training.resume_async(fine_tuning_job_id=made.id)
    still.advance(4)
    done = await training.retrieve_async(fine_tuning_job_id=made.id)
    assert (done.status, done.finished_at) == ("succeeded", made.created_at + 1010)
    assert str(done.fine_tuned_model).startswith("ft:model-a:own:")
    first = await training.list_events_async(fine_tuning_job_id=made.id, limit=10)
    rest = await training.list_events_async(fine_tuning_job_id=made.id, after=first.data[-1].id)
    told = [event.message for event in (*first.data, *rest.data)]
    assert (first.has_more, rest.has_more) == (True, False)
    assert (told[0], told[-1]) == ("The job has succeeded", "Created the job")
    assert [text for text in told if text.startswith("Asked")] == ["Asked to resume", "Asked to pause"]
    assert sum(text.startswith("Step") for text in told) == 10


@deprecated
async def test_a_fine_tuning_job_is_cancelled(sdk: SDK) -> None:
    """At once; what has ended can neither be paused nor resumed."""
    training: Any = sdk.llm.fine_tuning
    made = await training.create_async(model="model-a", training_file="file_1")
    assert (await training.cancel_async(fine_tuning_job_id=made.id)).status == "cancelled"
    assert [job.id for job in (await training.list_async()).data] == [made.id]
    for ask in (training.pause_async, training.resume_async):
        with pytest.raises(errors.SDKError) as caught:
            await ask(fine_tuning_job_id=made.id)
        assert caught.value.status_code == 409


async def test_an_agent_runs(still: Sandbox, sdk: SDK) -> None:
    """A run is queued, submitted, and answered; lists page by offset."""
    runs = sdk.agent_runs
    still.script("mka1:agent_run", outcome="partial")
    made = await runs.create_agent_run_async(agent_id="agent_1", input="Go on.")
    assert made.status == "queued"
    still.advance(2)
    assert (await runs.get_agent_run_async(agent_id="agent_1", run_id=made.id)).status == "submitting"
    still.advance(3)
    done = await runs.get_agent_run_async(agent_id="agent_1", run_id=made.id)
    assert (done.status, done.completed_at is not None) == ("incomplete", True)
    other = await runs.create_agent_run_async(agent_id="agent_1", input=ITEMS)
    await runs.create_agent_run_async(agent_id="agent_2", input="Another's.")
    pages = [await runs.list_agent_runs_async(agent_id="agent_1", limit=1, offset=skipped) for skipped in (0, 1)]
    assert [[run.id for run in page.data] for page in pages] == [[other.id], [made.id]]
    assert [page.has_more for page in pages] == [True, False]
    assert (await runs.cancel_agent_run_async(agent_id="agent_1", run_id=other.id)).status == "cancelled"


async def test_one_idempotency_key_makes_one_compute_job(still: Sandbox, sdk: SDK) -> None:
    """The same key gives the same job; with another body it is refused."""
    jobs = sdk.compute_jobs
    made = await jobs.create_job_async(idempotency_key="k1", compute=COMPUTE, container=CONTAINER)
    still.advance(1)
    again = await jobs.create_job_async(idempotency_key="k1", compute=COMPUTE, container=CONTAINER)
    assert isinstance(made, models.ComputeJob)
    assert isinstance(again, models.ComputeJob)
    assert (made.state, again.state, again.id) == ("requested", "allocating", made.id)
    with pytest.raises(errors.SDKError) as caught:
        await jobs.create_job_async(idempotency_key="k1", compute=LARGER, container=CONTAINER)
    assert caught.value.status_code == 409


async def test_a_compute_job_runs_and_is_terminated(still: Sandbox, sdk: SDK) -> None:
    """It gets its hardware, opens its ports, and stops when asked to, after a moment of terminating."""
    jobs = sdk.compute_jobs
    ids: list[str] = []
    for key in "abc":
        made = await jobs.create_job_async(idempotency_key=key, compute=COMPUTE, container=CONTAINER)
        assert isinstance(made, models.ComputeJob)
        ids.append(made.id)
    still.advance(5)
    read = await jobs.get_job_async(id=ids[0])
    assert isinstance(read, models.ComputeJob)
    assert (read.state, [endpoint.name for endpoint in read.endpoints]) == ("running", ["board"])
    asked = await jobs.terminate_job_async(id=ids[0])
    assert isinstance(asked, models.ComputeJob)
    assert asked.state == "terminating"
    still.advance(1)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await jobs.list_jobs_async(limit=2, cursor=cursor)
        assert isinstance(page, models.ComputeJobList)
        assert page.total == 3
        seen += [job.state for job in page.data]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == ["running", "running", "terminated"]


async def test_what_is_not_there_is_the_clients_own_error(sdk: SDK) -> None:
    """Also where the vendor types its errors."""
    with pytest.raises(errors.ErrorEnvelope) as typed:
        await sdk.agent_runs.get_agent_run_async(agent_id="agent_1", run_id="run_1")
    assert typed.value.status_code == 404
    with pytest.raises(errors.SDKError) as caught:
        await sdk.compute_jobs.get_job_async(id="job_1")
    assert caught.value.status_code == 404
