"""The vendor's own client of MKA1, `meetkai-mka1`, against the sandbox in the revision that it was generated for."""

from __future__ import annotations

import asyncio

import pytest
from meetkai_mka1 import SDK, errors, models

from unijob.sandbox import Sandbox


async def test_starts_and_reads_an_export(still: Sandbox, sdk: SDK) -> None:
    """An export starts, is at work, refuses to start twice, and completes with its files."""
    feedback = sdk.llm.feedback
    assert (await feedback.get_export_status_async()).status == "NOT_FOUND"
    assert (await feedback.start_export_async()).started
    still.advance(4)
    assert not (await feedback.start_export_async()).started
    running = await feedback.get_export_status_async()
    assert (running.status, running.progress and running.progress.stage) == ("RUNNING", "fetching")
    still.advance(4)
    done = await feedback.get_export_status_async()
    assert done.status == "COMPLETED"
    assert done.result is not None
    assert done.result.record_count == 120
    assert done.result.completions_file.endswith("/completions.parquet")


async def test_creates_reads_and_cancels_a_file_batch(still: Sandbox, sdk: SDK) -> None:
    """A batch works through its files until it is cancelled; what was done stays done."""
    stores = sdk.llm.vector_stores
    made = await stores.create_file_batch_async(vector_store_id="vs_1", file_ids=["file_1", "file_2", "file_3"])
    still.advance(3)
    read = await stores.get_file_batch_async(vector_store_id="vs_1", batch_id=made.id)
    assert (read.status, read.file_counts.completed) == ("in_progress", 1)
    cancelled = await stores.cancel_file_batch_async(vector_store_id="vs_1", batch_id=made.id)
    assert (cancelled.status, cancelled.file_counts.completed, cancelled.file_counts.cancelled) == ("cancelled", 1, 2)
    files = await stores.list_files_in_batch_async(vector_store_id="vs_1", batch_id=made.id, order="asc")
    assert [file.status for file in files.data] == ["completed", "cancelled", "cancelled"]


async def test_creates_lists_reads_and_cancels_an_eval_run(still: Sandbox, sdk: SDK) -> None:
    """A run is queued, works, and stops when asked to, after a moment of cancelling."""
    evals = sdk.llm.evals
    made = await evals.create_run_async(suite_id="eval_suite_1", models=["auto"], generation={"temperature": 0})
    assert made.status == "queued"
    still.advance(5)
    listed = await evals.list_runs_async(suite_id="eval_suite_1", status="in_progress", limit=5)
    assert [run.id for run in listed.data] == [made.id]
    read = await evals.get_run_async(run_id=made.id)
    assert 0 < read.request_counts.completed < read.request_counts.total
    assert (await evals.cancel_run_async(run_id=made.id)).status == "cancelling"
    still.advance(1)
    ended = await evals.get_run_async(run_id=made.id)
    assert ended.status == "cancelled"
    assert ended.cancelled_at is not None


async def test_creates_reads_and_triggers_a_schedule(still: Sandbox, sdk: SDK) -> None:
    """A schedule knows its next run; triggered, it starts one at once."""
    evals = sdk.llm.evals
    made = await evals.create_schedule_async(
        name="Nightly", suite_id="eval_suite_1", run={"models": ["auto"]}, cron="0 3 * * *", timezone="US/Pacific"
    )
    read = await evals.get_schedule_async(schedule_id=made.id)
    assert read.next_run_at == 1_767_265_200  # 2026-01-01T11:00:00Z
    assert read.last_run_id is None
    fired = await evals.trigger_schedule_async(schedule_id=made.id)
    runs = await evals.list_schedule_runs_async(schedule_id=made.id)
    assert [run.id for run in runs.data] == [fired.last_run_id]
    still.advance(30)
    assert (await evals.get_schedule_async(schedule_id=made.id)).last_run_status == "completed"


async def test_the_synchronous_client_works_too(sandbox: Sandbox) -> None:
    """The client without asyncio starts and reads an export from a thread of its own."""

    def start_and_read() -> tuple[bool, models.FeedbackExportStatusResponse]:
        with SDK(bearer_auth=sandbox.token, server_url=sandbox.url("mka1")) as client:
            return client.llm.feedback.start_export().started, client.llm.feedback.get_export_status()

    started, status = await asyncio.to_thread(start_and_read)
    assert started
    assert status.status in {"RUNNING", "COMPLETED"}


async def test_a_wrong_token_is_the_clients_own_error(still: Sandbox) -> None:
    """A token that is not accepted raises what the client raises for 401."""
    async with SDK(bearer_auth="wrong", server_url=still.url("mka1")) as client:
        with pytest.raises(errors.SDKError) as caught:
            await client.llm.feedback.get_export_status_async()
    assert caught.value.status_code == 401


async def test_what_is_not_there_is_the_clients_own_error(sdk: SDK) -> None:
    """An id that was never given out raises what the client raises for 404."""
    with pytest.raises(errors.SDKError) as caught:
        await sdk.llm.evals.get_run_async(run_id="eval_run_1")
    assert caught.value.status_code == 404
