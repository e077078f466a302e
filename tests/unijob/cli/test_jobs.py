"""`unijob get`, `list`, `pieces`, `call`, `cancel`, `retry`, `delete`, `schedules`, `trigger` against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.unijob.cli.running import Run
from unijob import Account, JobClient
from unijob.sandbox import Sandbox

Started = Callable[..., str]


@pytest.fixture
def schedule(sandbox: Sandbox) -> str:
    async def create() -> str:
        account = Account("mka1", base_url=sandbox.url("mka1"), key=sandbox.token)
        async with JobClient([account], env={}) as client:
            made = await client.create_schedule(
                "mka1:eval_schedule",
                name="Nightly",
                suite_id="eval_suite_1",
                cron="0 3 * * *",
                timezone="UTC",
                run={"models": ["auto"]},
            )
            return str(made.ref)

    return asyncio.run(create())


def test_pieces_of_a_job(run: Run, sandbox: Sandbox) -> None:
    """A table with the ids first, JSON with all; filtered, limited, or none."""
    sandbox.script("mka1:file_batch", outcome="succeeded", duration=0)
    ref = run("start", "mka1:file_batch", "vector_store_id=vs", 'file_ids:=["a", "b", "c"]').out.strip()
    lines = run("pieces", ref, "files").out.splitlines()
    assert lines[0].split()[:2] == ["id", "object"]
    assert {line.split()[0] for line in lines[1:]} == {"a", "b", "c"}
    found = run("pieces", ref, "--json", "--limit", "2")
    assert [one["attributes"] for one in found.json] == [{}, {}]
    assert found.err == "There are more: --limit 0 shows all.\n"
    none = run("pieces", ref, "--filter", "filter=failed")
    assert (none.code, none.out, none.err) == (0, "", f"{ref} has none.\n")
    wrong = run("pieces", ref, "events")
    assert (wrong.code, "it may be files" in wrong.err) == (2, True)


def test_call(run: Run) -> None:
    """Any operation, by name and JSON or by a whole request; its answer is printed, an error told."""
    create = "gradient:genai_create_knowledge_base"
    made = run("call", create, "name=handbook", 'tags:=["docs"]')
    assert made.json["knowledge_base"]["tags"] == ["docs"]
    assert run("call", create, "--request", "-", stdin='{"name": "whole"}').json["knowledge_base"]["name"] == "whole"
    refused = run("call", create, "name:=5")
    assert (refused.code, "request.body /name" in refused.err) == (2, True)
    assert run("call", "gradient:genai_get_indexing_job", "uuid=nope").code == 7
    assert run("call", "nope").code == run("call", create, "account=x").code == 2


def test_jobs_of_a_parent(run: Run) -> None:
    """A knowledge base leads to its jobs."""
    for base in ("one", "two"):
        run("start", "gradient:indexing_job", f"knowledge_base_uuid={base}")
    listed = run("list", "gradient:indexing_job", "--filter", "knowledge_base=one", "--json").json
    assert len(listed) == 1


def test_delete(run: Run, started: Started, schedule: str) -> None:
    """A job or a schedule; then it is not found."""
    ref = started()
    assert run("delete", ref).out == f"{ref}  deleted\n"
    assert run("get", ref).code == run("delete", ref).code == 7
    assert run("delete", schedule, "--json").json == {"ref": schedule, "deleted": True}


def test_pause_and_resume(run: Run, sandbox: Sandbox) -> None:
    """The reference with the state that it has then; what is not paused cannot be resumed."""
    sandbox.script("mka1:fine_tuning_job", queued=0, duration=10_000)
    ref = run("start", "mka1:fine_tuning_job", "model=m", "training_file=f").out.strip()
    assert run("pause", ref).out == f"{ref}  queued\n"
    assert run("resume", ref, "--json").json["state"] == "running"
    again = run("resume", ref)
    assert (again.code, "is not paused" in again.err) == (8, True)


@pytest.mark.parametrize("command", ["pause", "resume", "delete", "pieces"])
def test_what_a_kind_cannot_do(run: Run, command: str) -> None:
    """The error names what it can."""
    ended = run(command, "mka1:feedback_export")
    assert ended.code == 2
    assert "it can get, start" in ended.err


def test_get_shows_a_job(run: Run, started: Started) -> None:
    """A block of what is known."""
    ref = started(outcome="failed", duration=1)
    run("wait", ref, "--every", "0.01")
    ended = run("get", ref)
    assert ended.code == 0
    assert ended.out.splitlines()[0] == f"job       {ref}"
    assert "state     failed" in ended.out
    assert "error     eval_failed: " in ended.out


def test_get_in_json_is_the_job(run: Run, started: Started) -> None:
    """--json is Job.to_dict."""
    ref = started()
    found = run("get", ref, "--json").json
    assert found["ref"] == ref
    assert {"state", "progress", "created_at", "error", "result", "parts", "warnings", "revision"} <= set(found)


def test_list_shows_references_whole(run: Run, started: Started) -> None:
    """Everything in a pipe, where there is no edge."""
    refs = {started() for _ in range(3)}
    ended = run("list", "mka1:eval_run")
    lines = ended.out.splitlines()
    assert lines[0].split() == ["job", "state", "items", "failed", "created", "(UTC)", "took", "error"]
    assert {line.split()[0] for line in lines[1:]} == refs


def test_list_fits_80_columns(run: Run, sandbox: Sandbox) -> None:
    """Columns that do not fit are left out; the reference is whole."""
    sandbox.script("gradient:indexing_job", times=None, duration=1)
    ref = run("start", "gradient:indexing_job", "knowledge_base_uuid=kb").out.strip()
    lines = run("list", "gradient:indexing_job", env={"COLUMNS": "80"}).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split()[0] == ref
    narrow = run("list", "gradient:indexing_job", env={"COLUMNS": "40"}).out.splitlines()
    assert max(map(len, narrow)) <= 40
    assert "".join(line.split()[0] for line in narrow[1:]) == ref


def test_list_stops_at_its_limit(run: Run, started: Started) -> None:
    """It says that there are more; 0 is all."""
    for _ in range(3):
        started()
    some = run("list", "mka1:eval_run", "--limit", "2", "--json")
    assert len(some.json) == 2
    assert "--limit 0" in some.err
    every = run("list", "mka1:eval_run", "--limit", "0", "--json")
    assert (len(every.json), every.err) == (3, "")


def test_list_filters(run: Run, started: Started) -> None:
    """A filter chooses; a wrong one is answered with those that there are."""
    started()
    assert len(run("list", "mka1:eval_run", "--filter", "suite_id=eval_suite_1", "--json").json) == 1
    assert run("list", "mka1:eval_run", "--filter", "suite_id=other", "--json").json == []
    wrong = run("list", "mka1:eval_run", "--filter", "suite=1")
    assert wrong.code == 2
    assert "suite_id" in wrong.err


def test_an_empty_list(run: Run) -> None:
    """It says so on standard error, and is no failure."""
    ended = run("list", "mka1:eval_run")
    assert (ended.code, ended.err) == (0, "There is no mka1:eval_run here.\n")


def test_what_cannot_be_listed(run: Run) -> None:
    """Wrong use, with what the kind can do."""
    ended = run("list", "mka1:feedback_export")
    assert ended.code == 2
    assert "it can get, start" in ended.err


def test_ctrl_c_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and the same code."""

    async def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unijob.client.JobClient.get", stopped)
    ended = run("get", "mka1:eval_run/1")
    assert (ended.code, ended.err) == (130, "unijob: interrupted\n")


def test_cancel(run: Run, started: Started) -> None:
    """It is asked for, and the job is shown."""
    ref = started(duration=1_000_000)
    ended = run("cancel", ref)
    assert (ended.code, ended.out.split()[0]) == (0, ref)
    other = started(duration=1_000_000)
    assert run("cancel", other, "--json").json["ref"] == other


def test_retry(run: Run, sandbox: Sandbox, started: Started) -> None:
    """In place, whole or only what failed, each by its own operation."""
    asked: list[str | None] = []
    for outcome, options in (("failed", ()), ("partial", ("--failed-items-only",))):
        ref = started(outcome=outcome, duration=1)
        run("wait", ref, "--every", "0.01")
        assert run("retry", ref, *options, "--json").json["ref"] == ref
        asked.append(sandbox.requests[-1].operation)
    assert asked == ["retryFailedEvalRun", "rerunFailedEvalSamples"]


def test_retry_of_what_has_not_failed(run: Run, started: Started) -> None:
    """A conflict is an error of the upstream, in its words."""
    ref = started(outcome="partial", duration=1)
    run("wait", ref, "--every", "0.01")
    ended = run("retry", ref)
    assert ended.code == 8
    assert "only a failed or cancelled run can" in ended.err


def test_retry_where_there_is_none(run: Run) -> None:
    """Wrong use, with what the kind can do."""
    ended = run("retry", "gradient:indexing_job/a")
    assert ended.code == 2
    assert "unijob kinds" in ended.err


def test_schedules(run: Run, schedule: str) -> None:
    """A table, JSON, and one of them."""
    assert schedule in run("schedules", "mka1:eval_schedule").out
    assert [found["ref"] for found in run("schedules", "mka1:eval_schedule", "--json").json] == [schedule]
    assert "fires     0 3 * * * (UTC)" in run("get", schedule).out
    assert run("get", schedule, "--json").json["name"] == "Nightly"
    wide = run("schedules", "mka1:eval_schedule", env={"COLUMNS": "80"}).out.splitlines()
    assert max(map(len, wide)) <= 80


def test_trigger(run: Run, sandbox: Sandbox, schedule: str) -> None:
    """The run's reference alone; where none shows, since the last one still runs, that is told with 7."""
    sandbox.script("mka1:eval_run", times=None, duration=1_000_000)
    assert run("trigger", schedule).out.startswith("mka1:eval_run/")
    ended = run("trigger", schedule, "--json", "--grace", "0.05")
    assert (ended.code, ended.out) == (7, "null\n")
    assert f"{schedule} was fired" in ended.err


def test_a_schedule_is_no_job(run: Run, schedule: str) -> None:
    """The commands of jobs say so."""
    ended = run("cancel", schedule)
    assert ended.code == 2
    assert "is a kind of schedule" in ended.err
