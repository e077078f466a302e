"""Starting: sent once, found again when lost; the export that has no id; schedules that are fired."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tests.unijob.upstream import (
    DROP,
    EXPORT,
    HANG,
    JOBS,
    KEY,
    RUNS,
    SCHEDULE,
    START,
    STATUS,
    Answer,
    Upstream,
    error,
    export,
    indexing,
    page,
    run,
    schedule,
    serving,
)
from unijob import (
    Account,
    InvalidArgument,
    JobClient,
    JobNotFound,
    JobState,
    StartUncertain,
    TransportError,
    UpstreamError,
)

EVAL: dict[str, Any] = {"suite_id": "s", "models": ["m"]}
NOW = int(START.timestamp())
BATCHES = "/api/v1/llm/vector_stores/v1/file_batches"


async def test_a_start_gives_the_job() -> None:
    """Of a bare answer, and of one in an envelope."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        server.on("POST", JOBS, indexing("PENDING", "PENDING"))
        assert str((await client.start("mka1:eval_run", **EVAL)).ref) == "mka1:eval_run/r1"
        assert json.loads(server.requests[-1].body) == EVAL
        job = await client.start("gradient:indexing_job", {"knowledge_base_uuid": "kb", "new_field": 1})
        assert (str(job.ref), job.state) == ("gradient:indexing_job/j1", JobState.QUEUED)
        assert json.loads(server.requests[-1].body) == {"knowledge_base_uuid": "kb", "new_field": 1}


async def test_nothing_is_sent_when_anything_is_wrong() -> None:
    """All violations at once."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument) as caught:
            await client.start("mka1:eval_run", suite_id=1, generation_concurrency="many")
        assert {one.target for one in caught.value.violations} == {"/models", "/suite_id", "/generation_concurrency"}
        with pytest.raises(InvalidArgument, match="does not take colour"):
            await client.start("mka1:feedback_export", colour="blue")
        assert server.requests == []


@pytest.mark.parametrize(
    "step", [DROP, HANG, error(502), error(504), Answer(body=b"{}", headers={"Content-Length": "9"})]
)
async def test_a_lost_answer_is_uncertain_and_never_sent_again(step: Answer) -> None:
    """StartUncertain has the kind, what was sent, and the jobs that appeared since."""
    listed = page(run(id="new", created_at=NOW + 5), run(id="now", created_at=NOW), run(id="old", created_at=NOW - 60))
    async with serving(request_timeout=0.4) as (server, client):
        server.on("POST", RUNS, step)
        server.on("GET", RUNS, listed)
        with pytest.raises(StartUncertain) as caught:
            await client.start("mka1:eval_run", **EVAL)
        assert server.count("POST", RUNS) == 1
    lost = caught.value
    assert isinstance(lost, TransportError)
    assert (lost.kind, lost.arguments) == ("mka1:eval_run", EVAL)
    assert [job.ref.ids[0] for job in lost.candidates] == ["new", "now"]
    assert "client.list('mka1:eval_run')" in str(lost)
    assert "mka1:eval_run/new" in str(lost)
    again = pickle.loads(pickle.dumps(lost))
    assert (str(again), again.candidates) == (str(lost), lost.candidates)


@pytest.mark.parametrize("step", [Answer(body=b"<html>"), {"object": "eval.run"}, Answer(body=b"x" * 20_000)])
async def test_an_answer_that_cannot_be_read_is_uncertain_too(step: Answer) -> None:
    """It is a success, so the job may be running: that must not look like a start that failed."""
    async with serving(max_answer_bytes=10_000) as (server, client):
        server.on("POST", RUNS, step)
        server.on("GET", RUNS, page(run(id="new", created_at=NOW + 5)))
        with pytest.raises(StartUncertain, match="cannot be read") as caught:
            await client.start("mka1:eval_run", **EVAL)
        assert [job.ref.ids[0] for job in caught.value.candidates] == ["new"]


async def test_candidates_are_told_by_the_server_s_clock() -> None:
    """The listing's Date header corrects for clocks that differ."""
    skewed = {"Date": "Thu, 01 Oct 2026 11:00:00 GMT"}
    listed = page(run(id="new", created_at=NOW - 3600), run(id="old", created_at=NOW - 3660))
    async with serving() as (server, client):
        server.on("POST", RUNS, DROP)
        server.on("GET", RUNS, Answer(json=listed, headers=skewed))
        with pytest.raises(StartUncertain) as caught:
            await client.start("mka1:eval_run", **EVAL)
    assert [job.ref.ids[0] for job in caught.value.candidates] == ["new"]


async def test_the_look_for_candidates_is_bounded_and_may_fail() -> None:
    """A few pages at most; and when the upstream is down, the uncertainty is told all the same."""
    pages = [page(run(id=f"r{n}", created_at=NOW), more=True) for n in range(20)]
    async with serving() as (server, client):
        server.on("POST", RUNS, DROP)
        server.on("GET", RUNS, *pages)
        with pytest.raises(StartUncertain) as caught:
            await client.start("mka1:eval_run", **EVAL)
        assert len(caught.value.candidates) == server.count("GET", RUNS) == 5
        server.on("GET", RUNS, error(503))
        with pytest.raises(StartUncertain) as caught:
            await client.start("mka1:eval_run", **EVAL)
        assert caught.value.candidates == ()


async def test_a_kind_that_cannot_be_listed_says_how_to_look() -> None:
    """No candidates, and no promise of any."""
    async with serving() as (server, client):
        server.on("POST", BATCHES, DROP)
        with pytest.raises(StartUncertain, match="cannot be listed") as caught:
            await client.start("mka1:file_batch", vector_store_id="v1", file_ids=["f"])
    assert caught.value.arguments == {"vector_store_id": "v1", "file_ids": ["f"]}


async def test_what_was_not_received_is_a_transport_error() -> None:
    """Without a connection nothing is uncertain, and it was tried again."""
    async with Upstream() as server:
        url = server.url
    async with JobClient([Account("mka1", base_url=url)], env={}, clock=server.clock) as client:
        with pytest.raises(TransportError) as caught:
            await client.start("mka1:eval_run", **EVAL)
    assert not isinstance(caught.value, StartUncertain)
    assert len(server.clock.sleeps) == 3


async def test_a_refused_start_is_sent_again_and_other_errors_stand() -> None:
    """429 was not done; 500 and 503 are answers."""
    async with serving() as (server, client):
        server.on("POST", RUNS, error(429, Retry_After="3"), run("queued"))
        await client.start("mka1:eval_run", **EVAL)
        assert server.clock.sleeps == [3.0]
        for status in (400, 500, 503):
            server.on("POST", RUNS, error(status))
            with pytest.raises(UpstreamError):
                await client.start("mka1:eval_run", **EVAL)
        assert server.count("POST", RUNS) == 5


async def test_secrets_in_arguments_are_masked() -> None:
    """A webhook's secret is sent, and is not in the error."""
    async with serving() as (server, client):
        server.on("POST", "/api/v1/llm/evals/schedules", DROP)
        with pytest.raises(StartUncertain) as caught:
            await client.create_schedule(
                "mka1:eval_schedule",
                {
                    "name": "n",
                    "suite_id": "s",
                    "cron": "0 3 * * *",
                    "run": {"models": ["m"]},
                    "webhook_secret": "hush-hush",
                },
            )
    assert b"hush-hush" in server.requests[0].body
    assert caught.value.arguments["request"]["webhook_secret"] == "***"
    assert "hush-hush" not in repr(caught.value.__dict__)


# --- the export ----------------------------------------------------------------------------------------------------

STARTED = {"started": True, "status": "RUNNING"}
NOT_THERE = export("NOT_FOUND", None)
OLD, NEW = "2026-09-30T12:00:00Z", "2026-10-01T12:00:00Z"


async def test_an_export_is_pinned_when_its_start_is_seen() -> None:
    """The status before and after tell which one it is, whatever the offset is written as."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("COMPLETED", OLD), export("RUNNING", "2026-10-01T14:00:00+02:00"))
        server.on("POST", EXPORT, Answer(status=202, json=STARTED))
        job = await client.start("mka1:feedback_export")
        assert (str(job.ref), job.state) == (f"mka1:feedback_export/{NEW}", JobState.RUNNING)


async def test_an_export_already_running_is_returned_with_a_warning() -> None:
    """`started: false` is the one that runs."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("RUNNING", NEW))
        server.on("POST", EXPORT, Answer(status=202, json={"started": False, "status": "RUNNING"}))
        job = await client.start("mka1:feedback_export")
        assert (job.ref.ids, job.warnings) == ((NEW,), ("already running",))


async def test_an_export_not_seen_yet_stays_unpinned_and_the_old_end_is_not_taken_for_its_own() -> None:
    """The wait ignores yesterday's success, pins the new start, and returns the new end."""
    old = export("COMPLETED", OLD)
    async with serving() as (server, client):
        server.on("GET", STATUS, old, old, old, old, export("RUNNING", NEW), export("COMPLETED", NEW))
        server.on("POST", EXPORT, Answer(status=202, json=STARTED))
        job = await client.start("mka1:feedback_export")
        assert (str(job.ref), job.state) == ("mka1:feedback_export", JobState.RUNNING)
        assert any("not told yet" in warning for warning in job.warnings)
        ended = await client.wait(job)
        assert (str(ended.ref), ended.state) == (f"mka1:feedback_export/{NEW}", JobState.SUCCEEDED)


async def test_an_export_that_was_started_is_given_though_it_cannot_be_read_afterwards() -> None:
    """It did start: an error would have it started again."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("NOT_FOUND"), error(503))
        server.on("POST", EXPORT, Answer(status=202, json=STARTED))
        job = await client.start("mka1:feedback_export")
        assert (str(job.ref), job.state) == ("mka1:feedback_export", JobState.RUNNING)


async def test_an_export_that_never_appears_is_not_found() -> None:
    """Somebody else's success is never returned."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("COMPLETED", OLD))
        server.on("POST", EXPORT, Answer(status=202, json=STARTED))
        job = await client.start("mka1:feedback_export")
        with pytest.raises(JobNotFound, match="did not appear"):
            await client.wait(job.ref)


async def test_the_first_export_may_not_be_there_at_once() -> None:
    """NOT_FOUND before, after, and for a while is no error."""
    async with serving() as (server, client):
        server.on("GET", STATUS, NOT_THERE, NOT_THERE, NOT_THERE, export("COMPLETED", NEW))
        server.on("POST", EXPORT, Answer(status=202, json=STARTED))
        assert (await client.wait(await client.start("mka1:feedback_export"))).ref.ids == (NEW,)


async def test_an_export_that_continues_as_new_is_the_same_export() -> None:
    """The next start time is pinned anew; another one later is somebody else's."""
    async with serving() as (server, client):
        next_run = "2026-10-01T13:00:00Z"
        server.on(
            "GET", STATUS, export("CONTINUED_AS_NEW", NEW), export("RUNNING", next_run), export("COMPLETED", next_run)
        )
        ended = await client.wait(f"mka1:feedback_export/{NEW}")
        assert (ended.ref.ids, ended.state) == ((next_run,), JobState.SUCCEEDED)


async def test_a_lost_export_start_is_looked_for() -> None:
    """The status after the loss is the candidate, when it began since."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("COMPLETED", OLD), export("RUNNING", NEW))
        server.on("POST", EXPORT, DROP)
        with pytest.raises(StartUncertain, match=r"client\.get") as caught:
            await client.start("mka1:feedback_export")
        assert [job.ref.ids for job in caught.value.candidates] == [(NEW,)]
        server.on("GET", STATUS, export("COMPLETED", OLD))
        with pytest.raises(StartUncertain) as caught:
            await client.start("mka1:feedback_export")
        assert caught.value.candidates == ()


async def test_a_named_account_s_export_carries_its_name() -> None:
    """The flow reads and starts with the account that was asked for."""
    async with Upstream() as server:
        accounts = [Account("mka1", "prod", base_url=server.url, key=KEY)]
        async with JobClient(accounts, env={}, clock=server.clock) as client:
            server.on(
                "GET",
                STATUS,
                export("COMPLETED", OLD),
                export("COMPLETED", OLD),
                export("COMPLETED", OLD),
                export("COMPLETED", NEW),
            )
            server.on("POST", EXPORT, Answer(status=202, json=STARTED))
            job = await client.start("mka1:feedback_export", account="prod")
            assert str(job.ref) == "mka1@prod:feedback_export"
            assert str((await client.wait("mka1:feedback_export")).ref) == f"mka1:feedback_export/{NEW}"


# --- schedules -----------------------------------------------------------------------------------------------------


async def test_a_schedule_is_created_and_read() -> None:
    """As generated models or keywords have it."""
    async with serving() as (server, client):
        server.on("POST", "/api/v1/llm/evals/schedules", schedule())
        server.on("GET", SCHEDULE, schedule(last_run_id="r9", last_run_status="completed"))
        created = await client.create_schedule(
            "mka1:eval_schedule", name="n", suite_id="s", cron="0 3 * * *", run={"models": ["m"]}
        )
        found = await client.schedule(created)
        assert (str(found.ref), str(found.last_run)) == ("mka1:eval_schedule/s1", "mka1:eval_run/r9")
        with pytest.raises(InvalidArgument, match="kind of job"):
            await client.schedule("mka1:eval_run/r1")


async def test_a_trigger_gives_the_run_that_was_not_there_before() -> None:
    """It may take a while to appear."""
    before, after = page(run(id="r0")), page(run(id="r1"), run(id="r0"))
    async with serving() as (server, client):
        server.on("GET", SCHEDULE + "/runs", before, before, before, after)
        server.on("POST", SCHEDULE + "/trigger", schedule())
        job = await client.trigger("mka1:eval_schedule/s1")
        assert job is not None
        assert str(job.ref) == "mka1:eval_run/r1"
        assert server.clock.sleeps == [0.5, 1.0]


async def test_a_trigger_whose_run_does_not_appear_gives_none() -> None:
    """Inside its grace, also when the look fails."""
    async with serving() as (server, client):
        server.on("GET", SCHEDULE + "/runs", page(), page(), error(500))
        server.on("POST", SCHEDULE + "/trigger", schedule())
        assert await client.trigger("mka1:eval_schedule/s1", grace=3) is None
        assert server.clock.elapsed >= 3
        with pytest.raises(InvalidArgument, match="grace"):
            await client.trigger("mka1:eval_schedule/s1", grace=-1)


@pytest.mark.parametrize("step", [DROP, error(504), Answer(body=b"x" * 20_000)])
async def test_a_lost_trigger_is_uncertain(step: Answer) -> None:
    """It is sent once, and what appeared since is told."""
    async with serving(max_answer_bytes=10_000) as (server, client):
        server.on("GET", SCHEDULE + "/runs", page(), page(run(id="r1")))
        server.on("POST", SCHEDULE + "/trigger", step)
        with pytest.raises(StartUncertain, match="mka1:eval_run/r1") as caught:
            await client.trigger("mka1:eval_schedule/s1")
        assert server.count("POST", SCHEDULE + "/trigger") == 1
    assert (caught.value.kind, caught.value.arguments) == ("mka1:eval_run", {"schedule": "mka1:eval_schedule/s1"})
    assert [job.ref.ids for job in caught.value.candidates] == [("r1",)]
