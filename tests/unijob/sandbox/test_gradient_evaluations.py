"""Gradient's evaluation runs and schedules in the sandbox, by the project's own client and by plain requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unijob.providers.payloads import result_of
from tests.unijob.sandbox.plain import AGENT_RUNS, JOBS, MODEL_RUNS, SCHEDULED, Plain
from unijob import Account, JobClient, JobNotFound, JobState, Poll, StartUncertain, UpstreamError
from unijob.providers.gradient.indexing_job import REPORT, SOURCES
from unijob.providers.gradient.model_evaluation_run import RESULTS
from unijob.sandbox import Sandbox
from unijob.schedule import Weekly

MODEL_RUN = {"candidate_model_uuid": "m", "judge_model_uuid": "j", "dataset_uuid": "d"}
WEEKDAYS: dict[str, Any] = {"knowledge_base_uuid": "kb", "days": [1, 2, 3, 4, 5], "time": "04:30"}


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[JobClient]:
    account = Account("gradient", base_url=sandbox.url("gradient"), key=sandbox.token)
    async with JobClient([account], env={}, clock=sandbox.client_clock) as connected:
        yield connected


async def test_an_agent_is_evaluated(client: JobClient) -> None:
    """The start's answer only names the run: it is queued, and can be waited for."""
    job = await client.start("gradient:evaluation_run", test_case_uuid="case", agent_uuids=["agent"])
    assert (job.state, job.warnings) == (JobState.QUEUED, ())
    done = await client.wait(job, timeout=600)
    assert done.succeeded
    assert result_of(done).passed is True


async def test_several_agents_make_several_runs(client: JobClient) -> None:
    """The first run is the job; a warning names the others, so that none is lost."""
    job = await client.start("gradient:evaluation_run", test_case_uuid="case", agent_uuids=["a", "b", "c"])
    (warning,) = job.warnings
    others = [word.rstrip(",") for word in warning.split() if word.startswith("gradient:evaluation_run/")]
    assert len({*others, str(job.ref)}) == 3
    assert [(await client.get(other)).state for other in others] == [JobState.QUEUED, JobState.QUEUED]


async def test_a_model_is_evaluated(client: JobClient) -> None:
    """The wait sees the rows answered, then judged; each row's result is a piece of the job."""
    job = await client.start("gradient:model_evaluation_run", **MODEL_RUN)
    watching = client.watch(job, timeout=600, poll=Poll(initial=0.5, maximum=0.5))
    stages = [seen.progress.stage async for seen in watching if seen.progress is not None]
    assert list(dict.fromkeys(stages)) == [None, "running dataset", "evaluating results"]
    done = await client.get(job)
    assert done.progress is not None
    assert (done.progress.completed, done.progress.total) == (20, 20)
    results = [result async for result in client.pieces(job, RESULTS, page_size=8)]
    passed = [result for result in results if result.output == result.ground_truth]
    assert len(results) == 20
    assert result_of(done).metrics[0].passed == len(passed)
    assert result_of(done).score_percent == 5.0 * len(passed)


async def test_a_lost_start_is_looked_for(sandbox: Sandbox, client: JobClient) -> None:
    """A start whose answer was lost is found in the list; it is sent once."""
    sandbox.fault("lose", operation="genai_create_model_evaluation_run")
    with pytest.raises(StartUncertain) as caught:
        await client.start("gradient:model_evaluation_run", **MODEL_RUN)
    listed = [job.ref async for job in client.list("gradient:model_evaluation_run")]
    assert [job.ref for job in caught.value.candidates] == listed
    assert len(listed) == 1


async def test_a_refused_deletion_is_an_error(client: JobClient) -> None:
    """An answer of 200 that says FAIL deletes nothing, and says why; an ended run is deleted."""
    job = await client.start("gradient:model_evaluation_run", **MODEL_RUN)
    with pytest.raises(UpstreamError, match="was not deleted: the run is still at work") as caught:
        await client.delete(job)
    assert caught.value.status is None
    assert (await client.cancel(job)).state is JobState.CANCELLING
    await client.wait(job, raise_on_failure=False)
    await client.delete(job)
    with pytest.raises(JobNotFound):
        await client.get(job)


async def test_a_schedule_is_deleted_by_an_id_of_its_own(sandbox: Sandbox, client: JobClient) -> None:
    """A reference names the knowledge base: deleting reads the schedule for the id that the API wants."""
    made = await client.create_schedule("gradient:scheduled_indexing", **WEEKDAYS)
    assert str(made.ref) == "gradient:scheduled_indexing/kb"
    assert made.trigger == Weekly(days=(1, 2, 3, 4, 5), time="04:30")
    sandbox.advance(86_400)
    read = await client.schedule("gradient:scheduled_indexing/kb")
    jobs = [job async for job in client.list("gradient:indexing_job", knowledge_base_uuid="kb")]
    assert [job.created_at for job in jobs] == [read.last_run_at]
    await client.delete("gradient:scheduled_indexing/kb")
    sent = [(received.method, received.path) for received in sandbox.requests][-2:]
    assert sent == [
        ("GET", "/v2/gen-ai/scheduled-indexing/knowledge-base/kb"),
        ("DELETE", f"/v2/gen-ai/scheduled-indexing/{made.source.uuid}"),
    ]
    with pytest.raises(JobNotFound):
        await client.schedule("gradient:scheduled_indexing/kb")
    with pytest.raises(JobNotFound):
        await client.delete("gradient:scheduled_indexing/kb")


async def test_what_belongs_to_an_indexing_job(client: JobClient) -> None:
    """Its data sources, and the address of its report once it has ended."""
    job = await client.run("gradient:indexing_job", knowledge_base_uuid="kb")
    sources = [source.data_source_uuid async for source in client.pieces(job, SOURCES)]
    assert sources == [part.id for part in job.parts]
    (report,) = [report async for report in client.pieces(job, REPORT)]
    assert str(report.signed_url).startswith("https://")


async def test_lists_of_model_runs(plain: Plain, sandbox: Sandbox) -> None:
    """Runs are chosen by name, status, origin and preset, sorted, and the filters that would find any are told."""
    sandbox.script("gradient:model_evaluation_run", outcome="failed", queued=0, duration=0)
    for name, source in (("Alpha", "ROUTER"), ("beta", "DEDICATED"), ("gamma", "DEDICATED")):
        extra = {"eval_preset_uuid": "p"} if name == "gamma" else {}
        origin = f"CANDIDATE_MODEL_SOURCE_{source}"
        await plain.post(MODEL_RUNS, {**MODEL_RUN, **extra, "name": name, "candidate_model_source": origin})
        sandbox.advance(1)

    async def names(query: str) -> list[str]:
        return [run["name"] for run in (await plain.get(f"{MODEL_RUNS}?{query}"))["runs"]]

    assert await names("") == ["gamma", "beta", "Alpha"]
    assert await names("sort_direction=SORT_DIRECTION_ASC") == ["Alpha", "beta", "gamma"]
    assert await names("search=ALP") == ["Alpha"]
    assert await names("eval_preset_uuid=p") == ["gamma"]
    assert await names("status=MODEL_EVALUATION_RUN_FAILED") == ["Alpha"]
    at_work = "statuses=MODEL_EVALUATION_RUN_QUEUED&statuses=MODEL_EVALUATION_RUN_RUNNING_DATASET"
    assert await names(at_work) == ["gamma", "beta"]
    assert await names("candidate_types=CANDIDATE_MODEL_SOURCE_ROUTER") == ["Alpha"]
    assert (await names("sort_by=MODEL_EVALUATION_RUN_SORT_FIELD_STATUS"))[-1] == "Alpha"
    page = await plain.get(f"{MODEL_RUNS}?per_page=1")
    assert page["available_candidate_types"] == ["CANDIDATE_MODEL_SOURCE_DEDICATED", "CANDIDATE_MODEL_SOURCE_ROUTER"]
    assert "MODEL_EVALUATION_RUN_FAILED" in page["available_statuses"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (AGENT_RUNS, {"agent_uuids": ["a"]}),
        (AGENT_RUNS, {"test_case_uuid": "t"}),
        (MODEL_RUNS, {"candidate_model_uuid": "m"}),
        (SCHEDULED, {**WEEKDAYS, "days": [8]}),
        (SCHEDULED, {**WEEKDAYS, "days": []}),
        (SCHEDULED, {**WEEKDAYS, "time": "24:00"}),
        (SCHEDULED, {"days": [1], "time": "04:30"}),
    ],
)
async def test_requests_that_mean_nothing(plain: Plain, path: str, body: dict[str, Any]) -> None:
    """What cannot be evaluated or scheduled is refused, by name."""
    reply = await plain.send("POST", path, json=body)
    assert reply.status == 400
    assert reply.json["id"] == "bad_request"


async def test_a_knowledge_base_has_one_schedule(plain: Plain) -> None:
    """A second schedule of a knowledge base is a conflict."""
    await plain.post(SCHEDULED, WEEKDAYS)
    assert (await plain.send("POST", SCHEDULED, json=WEEKDAYS)).status == 409


async def test_the_schedule_of_a_deleted_base_fires_no_more(sandbox: Sandbox, plain: Plain) -> None:
    """Jobs are started for knowledge bases that are there."""
    await plain.post(SCHEDULED, WEEKDAYS)
    await plain.send("DELETE", "gradient/v2/gen-ai/knowledge_bases/kb")
    sandbox.advance(7 * 86_400)
    assert (await plain.get(JOBS))["jobs"] == []


@pytest.mark.parametrize(("parent", "path"), [("test_case", AGENT_RUNS), ("dataset", MODEL_RUNS)])
async def test_absent_parents(sandbox: Sandbox, plain: Plain, parent: str, path: str) -> None:
    """A test case or a dataset that a scenario says is not there is not found."""
    sandbox.absent(f"gradient:evaluation_{parent}")
    body = {"test_case_uuid": "t", "agent_uuids": ["a"]} if parent == "test_case" else MODEL_RUN
    assert (await plain.send("POST", path, json=body)).status == 404
