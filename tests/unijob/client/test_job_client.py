"""JobClient: reading, cancelling and retrying jobs; accounts, kinds, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.unijob.upstream import (
    DROP,
    JOB,
    KEY,
    RUN,
    STATUS,
    Answer,
    Upstream,
    error,
    export,
    indexing,
    run,
    serving,
)
from unijob import (
    Account,
    AuthenticationError,
    ConfigError,
    Conflict,
    ContractViolation,
    InvalidArgument,
    JobClient,
    JobNotFound,
    JobRef,
    JobState,
    JobSuperseded,
    RateLimited,
    Retry,
    StartUncertain,
    TransportError,
    UnsupportedOperation,
    UpstreamError,
    registry,
)

REF = JobRef("mka1", "eval_run", ("r1",))


async def test_get_takes_a_reference_in_any_form() -> None:
    """A JobRef, its text, or a Job."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(done=4))
        job = await client.get("mka1:eval_run/r1")
        assert job == await client.get(REF) == await client.get(job)
        assert (job.ref, job.state) == (REF, JobState.RUNNING)
        assert job.revision in registry.revisions("mka1")
        with pytest.raises(InvalidArgument):
            await client.get(3)  # type: ignore[arg-type]


async def test_answers_of_an_older_revision_are_read_by_it() -> None:
    """Without a revision each answer is read by the one that fits."""
    old = {"status": "RUNNING", "startTime": "2026-10-01T12:00:00Z"}
    async with serving() as (server, client):
        server.on("GET", STATUS, old)
        assert (await client.get("mka1:feedback_export")).revision == "2026-07"


async def test_the_account_s_revision_counts() -> None:
    """Where the account names a revision, answers are read by that."""
    async with Upstream() as server:
        account = Account("mka1", base_url=server.url, revision="2026-07")
        async with JobClient([account], env={}, strict=True, clock=server.clock) as client:
            server.on("GET", STATUS, export())
            assert (await client.get("mka1:feedback_export")).revision == "2026-07"


async def test_strict_raises_for_any_breach() -> None:
    """What is a warning otherwise is a ContractViolation with its pointer."""
    broken = run(suite_version="one")
    async with serving(strict=True) as (server, client):
        server.on("GET", RUN, broken)
        with pytest.raises(ContractViolation) as caught:
            await client.get(REF)
        assert [one.pointer for one in caught.value.violations] == ["/suite_version"]
    async with serving() as (server, client):
        server.on("GET", RUN, broken)
        assert (await client.get(REF)).warnings


async def test_a_pinned_export_that_is_gone_is_superseded() -> None:
    """The upstream tells of a later export than the one asked for."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export("COMPLETED", "2026-10-01T13:00:00Z"))
        with pytest.raises(JobSuperseded):
            await client.get("mka1:feedback_export/2026-10-01T12:00:00Z")


ERRORS = [
    (400, UpstreamError),
    (401, AuthenticationError),
    (403, AuthenticationError),
    (404, JobNotFound),
    (409, Conflict),
    (422, UpstreamError),
    (429, RateLimited),
    (500, UpstreamError),
    (302, UpstreamError),
]


@pytest.mark.parametrize(("status", "type_"), ERRORS)
async def test_errors_come_by_status(status: int, type_: type[UpstreamError]) -> None:
    """Each with its status, body and request id, and what the upstream said in its text."""
    async with serving(retry=Retry(attempts=1)) as (server, client):
        server.on("GET", RUN, error(status, X_Request_Id="req-7", Retry_After="9"))
        with pytest.raises(type_) as caught:
            await client.get(REF)
    failure = caught.value
    assert type(failure) is type_
    assert (failure.status, failure.request_id) == (status, "req-7")
    assert failure.body == {"error": {"code": "oops", "message": "it is said so"}}
    assert "it is said so" in str(failure)
    if isinstance(failure, RateLimited):
        assert failure.retry_after == 9
    if isinstance(failure, JobNotFound):
        assert failure.ref == REF


AGENT_RUN = JobRef("mka1", "agent_run", ("a1", "r1"))
LACKING = "revision before 2026-10, which cannot do that"


async def test_a_404_may_be_an_older_upstream_s() -> None:
    """Its body does not tell a missing address from a missing job: where revisions differ, the text says so."""
    async with serving() as (_, client):
        with pytest.raises(JobNotFound, match=LACKING) as caught:
            await client.cancel(AGENT_RUN)
        assert caught.value.ref == AGENT_RUN
        with pytest.raises(JobNotFound) as caught:
            await client.get(AGENT_RUN)
        assert LACKING not in str(caught.value)


async def test_a_404_of_a_named_revision_is_that_of_a_job() -> None:
    """The account says which contract its upstream has."""
    async with Upstream() as server:
        account = Account("mka1", base_url=server.url, revision="2026-10")
        async with JobClient([account], env={}, clock=server.clock) as client:
            with pytest.raises(JobNotFound) as caught:
                await client.cancel(AGENT_RUN)
            assert LACKING not in str(caught.value)


async def test_reads_are_retried() -> None:
    """A read survives 503, 429 and a dropped connection."""
    async with serving() as (server, client):
        server.on("GET", RUN, error(503), error(429, Retry_After="7"), DROP, run())
        assert (await client.get(REF)).state is JobState.RUNNING
        assert server.clock.sleeps[:2] == [0.25, 7.0]


async def test_no_answer_is_a_transport_error() -> None:
    """When attempts run out."""
    async with serving(retry=Retry(attempts=2)) as (server, client):
        server.on("GET", RUN, DROP)
        with pytest.raises(TransportError, match="the connection broke"):
            await client.get(REF)


@pytest.mark.parametrize("answer", [Answer(body=b"<html>"), Answer(body=b""), Answer(json=[1])])
async def test_an_answer_that_is_no_job_is_a_violation(answer: Answer) -> None:
    """HTML, nothing, or JSON of another shape under a 200."""
    async with serving() as (server, client):
        server.on("GET", RUN, answer)
        with pytest.raises(ContractViolation):
            await client.get(REF)


async def test_another_identity_is_a_violation() -> None:
    """An answer for another id is not taken."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(id="r2"))
        with pytest.raises(ContractViolation, match="another run_id"):
            await client.get(REF)


async def test_an_undocumented_success_is_a_success() -> None:
    """201 where the contract says 200 is read by what it says of 200."""
    async with serving() as (server, client):
        server.on("GET", RUN, Answer(status=201, json=run()))
        assert (await client.get(REF)).state is JobState.RUNNING


# --- cancel and retry ----------------------------------------------------------------------------------------------


async def test_cancel_is_asked_once_or_twice_the_same() -> None:
    """A lost answer of a cancel is asked for again, by POST too."""
    async with serving() as (server, client):
        server.on("POST", RUN + "/cancel", DROP, run("cancelling"))
        assert (await client.cancel(REF)).state is JobState.CANCELLING
        assert server.count("POST", RUN + "/cancel") == 2


async def test_a_cancel_that_comes_too_late_for_itself_has_worked() -> None:
    """When the first sending did it and its answer was lost, the second's 409 is no error."""
    async with serving() as (server, client):
        server.on("POST", RUN + "/cancel", DROP, error(409))
        server.on("GET", RUN, run("cancelled"))
        assert (await client.cancel(REF)).state is JobState.CANCELLED


async def test_a_cancel_of_an_ended_job_is_a_conflict() -> None:
    """409 at the first sending, or for a job that ended otherwise."""
    async with serving() as (server, client):
        server.on("POST", RUN + "/cancel", error(409))
        with pytest.raises(Conflict):
            await client.cancel(REF)
        server.on("POST", RUN + "/cancel", DROP, error(409))
        server.on("GET", RUN, run("completed", done=10))
        with pytest.raises(Conflict):
            await client.cancel(REF)


async def test_cancel_by_put_names_the_job_in_its_body_too() -> None:
    """Gradient's cancel has the id in the path and once more in the body."""
    async with serving() as (server, client):
        server.on("PUT", JOB + "/cancel", indexing("CANCELLED", "CANCELLED"))
        assert (await client.cancel("gradient:indexing_job/j1")).state is JobState.CANCELLED
        assert json.loads(server.requests[-1].body) == {"uuid": "j1"}


async def test_a_cancel_without_content_is_followed_by_a_read() -> None:
    """204 tells nothing of the job."""
    async with serving() as (server, client):
        server.on("POST", RUN + "/cancel", Answer(status=204, body=b""))
        server.on("GET", RUN, run("cancelling"))
        assert (await client.cancel(REF)).state is JobState.CANCELLING


async def test_what_a_kind_cannot_do_is_said_before_anything_is_sent() -> None:
    """UnsupportedOperation names what it can."""
    async with serving() as (server, client):
        with pytest.raises(UnsupportedOperation, match="it can get, start") as caught:
            await client.cancel("mka1:feedback_export")
        assert caught.value.supported == ("get", "start")
        with pytest.raises(UnsupportedOperation):
            await client.retry("gradient:indexing_job/j1")
        with pytest.raises(UnsupportedOperation):
            client.list("mka1:file_batch")
        assert server.requests == []


@pytest.mark.parametrize(("failed_only", "path"), [(False, "/retry"), (True, "/rerun-failed")])
async def test_retry_runs_a_job_again_in_place(failed_only: bool, path: str) -> None:  # noqa: FBT001
    """All of it, or only what failed; the job keeps its reference."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"))
        server.on("POST", RUN + path, run("queued"))
        job = await client.retry(REF, failed_items_only=failed_only)
        assert (job.ref, job.state) == (REF, JobState.QUEUED)


LOST = [DROP, *(error(status) for status in (502, 504, 520, 522, 524)), Answer(body=b"<html>")]


@pytest.mark.parametrize("step", LOST)
async def test_a_retry_is_sent_once_and_looked_for(step: Answer) -> None:
    """Its answer was lost, or cannot be read: the job that runs again shows that it was received."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"), run("queued"))
        server.on("POST", RUN + "/retry", step)
        assert (await client.retry(REF)).state is JobState.QUEUED
        assert server.count("POST", RUN + "/retry") == 1


@pytest.mark.parametrize("step", LOST)
@pytest.mark.parametrize("then", [run("failed"), run("new"), error(404)])
async def test_a_retry_that_does_not_show_is_uncertain(step: Answer, then: Any) -> None:
    """Neither refused nor done, for all that is known: StartUncertain says which job, and how to look."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"), then)
        server.on("POST", RUN + "/rerun-failed", step)
        with pytest.raises(StartUncertain, match=r"client\.get\('mka1:eval_run/r1'\)") as caught:
            await client.retry(REF, failed_items_only=True)
        assert server.count("POST", RUN + "/rerun-failed") == 1
    lost = caught.value
    assert (lost.kind, lost.arguments) == ("mka1:eval_run", {"ref": str(REF), "failed_items_only": True})
    assert lost.candidates == ()
    assert KEY not in str(lost)


async def test_a_retry_of_a_job_at_work_cannot_be_told_by_a_look() -> None:
    """It was at work before, so that says nothing."""
    async with serving() as (server, client):
        server.on("GET", RUN, run())
        server.on("POST", RUN + "/retry", DROP)
        with pytest.raises(StartUncertain, match="It is running"):
            await client.retry(REF)


@pytest.mark.parametrize("step", [Answer(status=204, body=b""), Answer(body=b" ")])
async def test_a_retry_without_content_is_followed_by_a_read(step: Answer) -> None:
    """What it shows is given, also the old end; when it cannot be read, the retry was not refused all the same."""
    async with serving(retry=Retry(attempts=1)) as (server, client):
        server.on("POST", RUN + "/retry", step)
        for shown in (run("queued"), run("failed")):
            server.on("GET", RUN, run("failed"), shown)
            assert (await client.retry(REF)).raw_status == shown["status"]
        server.on("GET", RUN, run("failed"), error(503))
        with pytest.raises(StartUncertain, match="accepted"):
            await client.retry(REF)


async def test_a_refused_retry_leaves_the_old_end() -> None:
    """The old end stands, and a wait believes it at once."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed"))
        for step in (error(409), error(500), error(503)):
            server.on("POST", RUN + "/retry", step)
            with pytest.raises(UpstreamError):
                await client.retry(REF)
            assert (await client.wait(REF, raise_on_failure=False)).state is JobState.FAILED
            assert server.clock.sleeps == []


# --- accounts and life ---------------------------------------------------------------------------------------------


async def test_references_choose_the_account() -> None:
    """A named account's jobs carry its name, and go to its server with its key."""
    async with Upstream() as one, Upstream() as two:
        accounts = [
            Account("mka1", base_url=one.url, key="key-one"),
            Account("mka1", "prod", base_url=two.url, key="key-two"),
        ]
        async with JobClient(accounts, env={}) as client:
            for server in (one, two):
                server.on("GET", RUN, run())
                server.on("POST", RUN.removesuffix("/r1"), run("queued"))
            assert str((await client.get("mka1@prod:eval_run/r1")).ref) == "mka1@prod:eval_run/r1"
            assert str((await client.get("mka1:eval_run/r1")).ref) == "mka1:eval_run/r1"
            started = await client.start("mka1:eval_run", account="prod", suite_id="s", models=["m"])
            assert str(started.ref) == "mka1@prod:eval_run/r1"
    assert [one.headers["Authorization"] for one in two.requests] == ["Bearer key-two"] * 2
    assert [two.headers["Authorization"] for two in one.requests] == ["Bearer key-one"]


async def test_accounts_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read when the client is made, given or the process' own."""
    async with Upstream() as server:
        server.on("GET", RUN, run())
        async with JobClient(env={"MKA1_API_KEY": "given", "MKA1_BASE_URL": server.url}) as client:
            await client.get(REF)
        monkeypatch.setenv("MKA1_API_KEY", "process")
        monkeypatch.setenv("MKA1_BASE_URL", server.url)
        async with JobClient() as client:
            monkeypatch.setenv("MKA1_API_KEY", "later")
            await client.get(REF)
    assert [one.headers["Authorization"] for one in server.requests] == ["Bearer given", "Bearer process"]


async def test_a_wrong_setting_of_one_provider_leaves_the_other_alone() -> None:
    """It is told when that provider is used."""
    async with Upstream() as server:
        server.on("GET", RUN, run())
        env = {"MKA1_API_KEY": KEY, "MKA1_BASE_URL": server.url, "GRADIENT_ACCESS_TOKEN": ""}
        async with JobClient(env=env) as client:
            await client.get(REF)
            with pytest.raises(ConfigError, match="GRADIENT_ACCESS_TOKEN is empty"):
                await client.get("gradient:indexing_job/j1")


async def test_missing_keys_are_told_at_401() -> None:
    """A 401 to an account without key says why."""
    async with Upstream() as server:
        server.on("GET", RUN, error(401))
        async with JobClient([Account("mka1", base_url=server.url)], env={}) as client:
            with pytest.raises(AuthenticationError, match="no key was sent"):
                await client.get(REF)


async def test_it_must_be_open() -> None:
    """Before and after `async with` it says how it is used; it can be opened again."""
    async with Upstream() as server:
        server.on("GET", RUN, run())
        client = JobClient([Account("mka1", base_url=server.url)], env={})
        with pytest.raises(RuntimeError, match="async with"):
            await client.get(REF)
        for _ in range(2):
            async with client:
                await client.get(REF)
            with pytest.raises(RuntimeError, match="async with"):
                await client.get(REF)


@pytest.mark.parametrize("setting", ["request_timeout", "connect_timeout", "max_connections", "max_answer_bytes"])
def test_wrong_settings_are_named(setting: str) -> None:
    """A ConfigError says which."""
    with pytest.raises(ConfigError, match=setting) as caught:
        JobClient(env={}, **{setting: 0})  # type: ignore[arg-type]
    assert caught.value.setting == setting


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eval_run/r1", "not a job reference"),
        ("mka1:nothing/r1", "there is no kind"),
        ("mka1:eval_run", "eval_run/{run_id}"),
        ("mka1:eval_run/a/b", "eval_run/{run_id}"),
        ("mka1:eval_schedule/s1", "kind of schedule"),
        ("mka1:feedback_export/yesterday", "no start time"),
    ],
)
async def test_wrong_references_are_explained(text: str, said: str) -> None:
    """An InvalidArgument says what a reference looks like."""
    async with serving() as (server, client):
        server.on("GET", STATUS, export())
        with pytest.raises(InvalidArgument) as caught:
            await client.get(text)
        assert said in str(caught.value)


async def test_what_a_client_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest starts count; a client that starts jobs for ever does not grow for ever."""
    monkeypatch.setattr("unijob.client.base._REMEMBERED", 2)
    async with serving() as (server, client):
        for number in range(4):
            server.on("POST", RUN.removesuffix("/r1"), run("queued", id=f"r{number}"))
            await client.start("mka1:eval_run", suite_id="s", models=["m"])
        remembered = client._expected  # pyright: ignore[reportPrivateUsage]
        assert [ref.ids for ref in remembered] == [("r2",), ("r3",)]


def test_kinds_need_no_account() -> None:
    """What there is can be asked of the class."""
    names = [kind.name for kind in JobClient.kinds()]
    assert names == sorted(names)
    assert "mka1:eval_run" in names


def test_the_client_imports_no_http() -> None:
    """`import unijob` leaves aiohttp alone until a client talks to someone."""
    code = "import sys, unijob; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
