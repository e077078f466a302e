"""unijob.sync.JobClient: every method does what its asynchronous one does, over HTTP."""

from __future__ import annotations

import pickle
from collections.abc import Generator
from typing import Any, assert_type

import pytest

from tests.unijob.sync.serving import client_of
from tests.unijob.upstream import (
    DROP,
    JOB,
    KEY,
    RUN,
    RUNS,
    SCHEDULE,
    Upstream,
    error,
    indexing,
    page,
    run,
    schedule,
)
from unijob import (
    ConfigError,
    InvalidArgument,
    Job,
    JobFailed,
    JobNotFound,
    JobState,
    Outcome,
    Poll,
    RateLimited,
    Retry,
    Schedule,
    StartUncertain,
    WaitTimeout,
)
from unijob.sync import JobClient

REF, OTHER = "mka1:eval_run/r1", "gradient:indexing_job/j1"
SCHEDULES = SCHEDULE.rpartition("/")[0]
STEADY = Poll(initial=1, factor=1, jitter=0)


def test_a_job_s_life(server: Upstream, client: JobClient) -> None:
    """Started, read, waited for, cancelled and run again."""
    server.on("POST", RUNS, run("queued"))
    server.on("POST", RUN + "/cancel", run("cancelling"))
    server.on("POST", RUN + "/retry", run("queued"))
    server.on("GET", RUN, run(done=4), run(), run("completed", done=10))
    job = client.start("mka1:eval_run", suite_id="s", models=["m"])
    assert job.state is JobState.QUEUED
    assert client.get(job).state is JobState.RUNNING
    assert client.wait(job, timeout=60).succeeded
    assert client.cancel(job).state is JobState.CANCELLING
    assert client.retry(job).state is JobState.QUEUED


def test_pieces_and_deleting(server: Upstream, client: JobClient) -> None:
    """Pieces are an ordinary iterator of models; what was deleted is gone."""
    path = "/api/v1/llm/vector_stores/vs/file_batches/b/files"
    page = {"object": "list", "data": [{"id": "f1", "status": "failed"}], "has_more": False}
    server.on("GET", path, page)
    assert [file.id for file in client.pieces("mka1:file_batch/vs/b", "files", filter="failed")] == ["f1"]
    server.on("DELETE", RUN, {"id": "r1", "object": "eval.run.deleted", "deleted": True})
    client.delete(REF)
    assert [one.method for one in server.requests] == ["GET", "DELETE"]


def test_start_and_wait_in_one(server: Upstream, client: JobClient) -> None:
    """The options of the wait apart from the job's arguments."""
    server.on("POST", RUNS, run("queued"))
    server.on("GET", RUN, run(), run("completed", done=10))
    job = client.run("mka1:eval_run", suite_id="s", models=["m"], wait={"timeout": 60, "poll": STEADY})
    assert job.succeeded
    assert server.clock.sleeps == [1]


def test_a_schedule_s_life(server: Upstream, client: JobClient) -> None:
    """Created, read, listed and fired."""
    server.on("POST", SCHEDULES, schedule())
    server.on("GET", SCHEDULE, schedule())
    server.on("GET", SCHEDULES, page(schedule()))
    server.on("GET", SCHEDULE + "/runs", page(), page(run("queued")))
    server.on("POST", SCHEDULE + "/trigger", run("queued"))
    made = client.create_schedule("mka1:eval_schedule", name="n", suite_id="s", cron="0 3 * * *", run={"models": ["m"]})
    assert client.schedule(made) == made
    assert list(client.schedules("mka1:eval_schedule")) == [made]
    found = client.trigger(made)
    assert found is not None
    assert str(found.ref) == REF


def test_lists_are_ordinary_iterators(server: Upstream, client: JobClient) -> None:
    """Page after page, as they are asked for."""
    server.on("GET", RUNS, page(run(id="r1"), run(id="r2"), more=True), page(run(id="r3")))
    listed = client.list("mka1:eval_run", page_size=2)
    assert next(listed).ref.ids == ("r1",)
    assert len(server.requests) == 1
    assert [job.ref.ids for job in listed] == [("r2",), ("r3",)]


def test_a_watch_gives_every_change(server: Upstream, client: JobClient) -> None:
    """In a for loop."""
    server.on("GET", RUN, run("queued"), run(done=1), run(done=1), run("failed", done=2))
    states = [job.state for job in client.watch(REF)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.FAILED]


def test_many_jobs(server: Upstream, client: JobClient) -> None:
    """As they end, and all in the order given; what another call of the client gives can be waited for."""
    server.on("GET", RUNS, page(run(id="r1"), run(id="none")))
    server.on("GET", RUN, run(), run("completed", done=10))
    server.on("GET", JOB, indexing("FAILED", "FAILED"))
    assert {str(one.ref) for one in client.as_completed([REF, OTHER])} == {REF, OTHER}
    outcomes = client.wait_all([OTHER, REF, OTHER])
    assert [str(one.ref) for one in outcomes] == [OTHER, REF, OTHER]
    assert isinstance(outcomes[0].error, JobFailed)
    assert [type(one.error) for one in client.wait_all(client.list("mka1:eval_run"))] == [type(None), JobNotFound]
    assert len(list(client.as_completed(client.list("mka1:eval_run")))) == 2


def test_types_are_told(server: Upstream, client: JobClient) -> None:
    """To a type checker: no method returns Any."""
    server.on("GET", RUN, run("completed", done=10))
    server.on("GET", RUNS, page())
    assert_type(client.get(REF), Job[Any, Any])
    assert_type(client.wait(REF), Job[Any, Any])
    assert_type(client.list("mka1:eval_run"), Generator[Job[Any, Any], None, None])
    assert_type(client.schedules("mka1:eval_schedule"), Generator[Schedule[Any], None, None])
    assert_type(client.as_completed([REF]), Generator[Outcome, None, None])
    assert_type(client.wait_all([REF]), tuple[Outcome, ...])
    with client as entered:
        assert_type(entered, JobClient)


def test_kinds_need_no_connection() -> None:
    """As a static method."""
    assert "mka1:eval_run" in {kind.name for kind in JobClient.kinds()}


def test_what_is_wrong_is_told_at_the_call(server: Upstream, client: JobClient) -> None:
    """Also where the call returns an iterator, before anyone iterates."""
    with pytest.raises(InvalidArgument):
        client.list("mka1:eval_run", colour="red")
    with pytest.raises(InvalidArgument):
        client.watch(REF, timeout=-1)
    with pytest.raises(InvalidArgument):
        client.as_completed([REF, "nonsense"])
    with pytest.raises(ConfigError):
        JobClient(request_timeout=0)
    assert server.requests == []


def test_errors_keep_type_and_data(server: Upstream) -> None:
    """And pickle, and their traceback leads to the caller."""
    with client_of(server, retry=Retry(attempts=1)) as client:
        server.on("GET", RUN, error(429, Retry_After="9", X_Request_Id="q"))
        with pytest.raises(RateLimited) as limited:
            client.get(REF)
        server.on("POST", RUNS, DROP)
        server.on("GET", RUNS, page(run()))
        with pytest.raises(StartUncertain) as uncertain:
            client.start("mka1:eval_run", suite_id="s", models=["m"])
    assert (limited.value.retry_after, limited.value.request_id) == (9, "q")
    assert pickle.loads(pickle.dumps(limited.value)).status == 429
    assert str(limited.traceback[0].path) == __file__
    assert [str(job.ref) for job in uncertain.value.candidates] == [REF]
    assert KEY not in str(uncertain.value)


def test_a_deadline_keeps_the_last_snapshot(server: Upstream, client: JobClient) -> None:
    """WaitTimeout is no time-out of the portal's own."""
    server.on("GET", RUN, run(done=3))
    with pytest.raises(WaitTimeout) as caught:
        client.wait(REF, timeout=2.5, poll=STEADY)
    assert caught.value.job is not None
    assert caught.value.polls == 3


def test_calls_for_an_end_user(server: Upstream, client: JobClient) -> None:
    """One call, or an iteration; others are not."""
    server.on("GET", RUN, run())
    server.on("GET", RUNS, page(run()))
    theirs = client.on_behalf_of("user_7")
    theirs.get("mka1:eval_run/r1")
    list(theirs.list("mka1:eval_run"))
    client.get("mka1:eval_run/r1")
    assert [one.headers.get("X-On-Behalf-Of") for one in server.requests] == ["user_7", "user_7", None]
