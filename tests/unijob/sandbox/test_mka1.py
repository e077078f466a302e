"""What is MKA1's own: exports that go on, duplicates, retries, schedules, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.unijob.sandbox.plain import EXPORT, RUN, RUNS, SCHEDULE, SCHEDULES, STORES, Plain, plain_client
from unijob.providers.mka1.sandbox import plans
from unijob.sandbox import Sandbox, SteppedClock
from unijob.sandbox.timeline import Event, Moment, Plan, moment

BATCHES = f"{STORES}/vs_1/file_batches"


async def test_an_export_that_continues_as_new(sandbox: Sandbox, plain: Plain) -> None:
    """One run of its workflow closes as CONTINUED_AS_NEW; the next begins later, and it completes in the end."""
    sandbox.script("mka1:feedback_export", continues=1, duration=10, handover=2)
    await plain.post(EXPORT)
    seen: list[tuple[Any, ...]] = []
    for seconds in (9, 2, 2, 9):
        sandbox.advance(seconds)
        status = await plain.get(f"{EXPORT}/status")
        seen.append((status["status"], status["start_time"][11:19], status.get("close_time", "")[11:19]))
    assert seen == [
        ("RUNNING", "00:00:00", ""),
        ("CONTINUED_AS_NEW", "00:00:00", "00:00:10"),
        ("RUNNING", "00:00:12", ""),
        ("COMPLETED", "00:00:12", "00:00:22"),
    ]
    assert (await plain.get(f"{EXPORT}/status"))["result"]["duration_ms"] == 22_000


async def test_an_export_that_is_seen_late(sandbox: Sandbox, plain: Plain) -> None:
    """The status may tell of the export before for a while; starting again knows better."""
    sandbox.script("mka1:feedback_export", appears_after=3)
    assert (await plain.post(EXPORT))["started"]
    assert await plain.get(f"{EXPORT}/status") == {"status": "NOT_FOUND"}
    assert not (await plain.post(EXPORT))["started"]
    sandbox.advance(3)
    assert (await plain.get(f"{EXPORT}/status"))["status"] == "RUNNING"


async def test_the_older_revision_writes_exports_in_camel_case() -> None:
    """Names, and a time in milliseconds, as July had them; an eval run lacks what October added."""
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={"mka1": "2026-07"})
    async with sandbox, plain_client(sandbox) as plain:
        await plain.post(EXPORT)
        sandbox.advance(60)
        status = await plain.get(f"{EXPORT}/status")
        assert (status["startTime"], status["closeTime"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:08Z")
        assert status["progress"]["recordCount"] == 120
        assert status["result"]["exportedAt"] == 1_767_225_608_000
        run = await plain.post(RUNS, RUN)
        assert "tokens" not in run
        for _ in range(2):  # July has no word on duplicates
            await plain.post(BATCHES, {"file_ids": ["a", "a"]})


async def test_files_that_a_store_already_holds(sandbox: Sandbox, plain: Plain) -> None:
    """They are a conflict, or passed over where the request says so; a cancelled file is not held."""
    await plain.post(BATCHES, {"file_ids": ["a", "b"]})
    assert (await plain.send("POST", BATCHES, json={"file_ids": ["b", "c"]})).status == 409
    assert (await plain.send("POST", BATCHES, json={"file_ids": ["c", "c"]})).status == 409
    made = await plain.post(BATCHES, {"file_ids": ["b", "c"], "skip_duplicates": True})
    assert (made["file_counts"]["cancelled"], made["file_counts"]["total"]) == (1, 2)
    files = await plain.get(f"{BATCHES}/{made['id']}/files?filter=cancelled")
    assert [(file["id"], file["last_error"]["code"]) for file in files["data"]] == [("b", "duplicate_file")]
    await plain.post(f"{BATCHES}/{made['id']}/cancel")
    assert (await plain.send("POST", BATCHES, json={"file_ids": ["c"]})).status == 200
    sandbox.advance(60)
    assert (await plain.send("POST", f"{BATCHES}/{made['id']}/cancel")).status == 409


async def test_files_of_a_batch_add_up(sandbox: Sandbox, plain: Plain) -> None:
    """At every instant the list of files counts what the batch counts; made-up files fill it to its size."""
    sandbox.script("mka1:file_batch", outcome="partial", items=12, failed_items=5, duration=10)
    batch = f"{BATCHES}/{(await plain.post(BATCHES, {'file_ids': ['a', 'b']}))['id']}"
    counts: dict[str, int] = {}
    for _ in range(6):
        counts = (await plain.get(batch))["file_counts"]
        found = [file["status"] for file in (await plain.get(f"{batch}/files?limit=100"))["data"]]
        assert {name: found.count(name) for name in counts if name != "total"} | {"total": len(found)} == counts
        sandbox.advance(2)
    assert counts == {"in_progress": 0, "completed": 7, "failed": 5, "cancelled": 0, "total": 12}


async def test_a_batch_belongs_to_its_store(sandbox: Sandbox, plain: Plain) -> None:
    """Under another store it is not found; a store that is not there has none; nor is a batch of nothing one."""
    batch = (await plain.post(BATCHES, {"files": [{"file_id": "a", "attributes": {"x": 1}}]}))["id"]
    assert (await plain.send("GET", f"{STORES}/vs_2/file_batches/{batch}")).status == 404
    assert (await plain.send("POST", BATCHES, json={"file_ids": []})).status == 400
    sandbox.absent("mka1:vector_store", "vs_1")
    assert (await plain.send("GET", f"{BATCHES}/{batch}")).status == 404
    assert (await plain.send("POST", BATCHES, json={"file_ids": ["z"]})).status == 404


async def test_a_failed_run_is_retried_in_place(sandbox: Sandbox, plain: Plain) -> None:
    """It keeps its id, what it completed, and the time at which it failed."""
    sandbox.script("mka1:eval_run", outcome="failed", items=10)
    run = f"{RUNS}/{(await plain.post(RUNS, RUN))['id']}"
    assert (await plain.send("POST", f"{run}/retry")).status == 409
    sandbox.advance(60)
    failed = await plain.get(run)
    assert (failed["status"], failed["request_counts"]["completed"]) == ("failed", 5)
    assert failed["error"]["message"]
    assert (await plain.send("POST", f"{run}/cancel")).status == 409
    again = await plain.post(f"{run}/retry")
    assert (again["status"], again["request_counts"]["completed"], again["error"]) == ("queued", 5, None)
    sandbox.advance(60)
    done = await plain.get(run)
    assert (done["status"], done["request_counts"]["completed"]) == ("completed", 10)
    assert done["failed_at"] == failed["failed_at"]
    assert (await plain.send("POST", f"{run}/retry")).status == 409


async def test_failed_samples_are_run_again(sandbox: Sandbox, plain: Plain) -> None:
    """A completed run with failures works on those alone; one without has none."""
    sandbox.script("mka1:eval_run", outcome="partial", items=10, failed_items=4)
    run = f"{RUNS}/{(await plain.post(RUNS, RUN))['id']}"
    sandbox.advance(60)
    assert (await plain.get(run))["request_counts"] == {"total": 10, "completed": 6, "failed": 4}
    assert (await plain.post(f"{run}/rerun-failed"))["request_counts"]["failed"] == 0
    sandbox.advance(60)
    assert (await plain.get(run))["request_counts"]["completed"] == 10
    assert (await plain.send("POST", f"{run}/rerun-failed")).status == 409


async def test_cancelling_twice_changes_nothing(sandbox: Sandbox, plain: Plain) -> None:
    """The second request finds it cancelling still, and does not begin anew."""
    sandbox.script("mka1:eval_run", cancelling=5)
    run = f"{RUNS}/{(await plain.post(RUNS, RUN))['id']}"
    await plain.post(f"{run}/cancel")
    sandbox.advance(3)
    assert (await plain.post(f"{run}/cancel"))["status"] == "cancelling"
    sandbox.advance(2)
    assert (await plain.get(run))["status"] == "cancelled"


async def test_runs_are_listed_by_page_and_filter(sandbox: Sandbox, plain: Plain) -> None:
    """Newest first, page by page; by suite, version, status, and owner."""
    for number in range(5):
        who = {"X-On-Behalf-Of": "ann"} if number == 4 else {}
        body = {**RUN, "suite_id": f"s{number % 2}", "suite_version": number + 1}
        await plain.send("POST", RUNS, json=body, headers=who)
        sandbox.advance(1)
    first = await plain.get(f"{RUNS}?limit=2")
    assert (len(first["data"]), first["has_more"]) == (2, True)
    assert (first["first_id"], first["last_id"]) == (first["data"][0]["id"], first["data"][1]["id"])
    assert [run["suite_version"] for run in first["data"]] == [5, 4]
    last = await plain.get(f"{RUNS}?limit=3&after={first['last_id']}")
    assert ([run["suite_version"] for run in last["data"]], last["has_more"]) == ([3, 2, 1], False)
    assert len((await plain.get(f"{RUNS}?suite_id=s0"))["data"]) == 3
    assert len((await plain.get(f"{RUNS}?suite_id=s0&suite_version=3"))["data"]) == 1
    assert len((await plain.get(f"{RUNS}?status=queued"))["data"]) == 0
    assert len((await plain.get(f"{RUNS}?owned_only=true", headers={"X-On-Behalf-Of": "ann"}))["data"]) == 1
    empty = await plain.get(f"{RUNS}?suite_id=none")
    assert empty == {"object": "list", "data": [], "has_more": False}
    for wrong in ("limit=0", "limit=101", "limit=x", "after=nobody", "status=walking", "suite_version=1"):
        assert (await plain.send("GET", f"{RUNS}?{wrong}")).status == 400, wrong


async def test_a_deleted_run_is_gone(plain: Plain) -> None:
    """It is neither read nor listed."""
    run = (await plain.post(RUNS, RUN))["id"]
    assert (await plain.send("DELETE", f"{RUNS}/{run}")).json == {
        "id": run,
        "object": "eval.run.deleted",
        "deleted": True,
    }
    assert (await plain.send("GET", f"{RUNS}/{run}")).status == 404
    assert (await plain.get(RUNS))["data"] == []


async def fired(plain: Plain, schedule: str) -> list[int]:
    """Seconds after the start at which a schedule's runs were created, oldest first."""
    runs = (await plain.get(f"{SCHEDULES}/{schedule}/runs?limit=100"))["data"]
    return [run["created_at"] - 1_767_225_600 for run in reversed(runs)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("skip", [10, 30, 50]),  # each run takes 15 seconds
        ("buffer_one", [10, 25, 40]),
        ("allow_all", [10, 20, 30, 40, 50]),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 50])
async def test_schedules_fire_by_themselves(
    sandbox: Sandbox, plain: Plain, policy: str, expected: list[int], step: int
) -> None:
    """At their times, by their overlap policy, however time was moved."""
    sandbox.script("mka1:eval_run", times=None, queued=5, duration=10)
    body = {**SCHEDULE, "interval_seconds": 10, "overlap_policy": policy}
    schedule = (await plain.post(SCHEDULES, body))["id"]
    for _ in range(0, 50, step):
        sandbox.advance(step)
        await plain.get(SCHEDULES)
    assert [at for at in await fired(plain, schedule) if at <= 50] == expected


async def test_a_cron_schedule_fires_in_its_zone(sandbox: Sandbox, plain: Plain) -> None:
    """Three in the morning in Los Angeles is eleven o'clock UTC in winter."""
    made = await plain.post(SCHEDULES, {**SCHEDULE, "cron": "0 3 * * *", "timezone": "America/Los_Angeles"})
    assert made["next_run_at"] == 1_767_225_600 + 11 * 3600
    sandbox.advance(3 * 86_400)
    assert await fired(plain, made["id"]) == [hours * 3600 for hours in (11, 35, 59)]
    last = await plain.get(f"{SCHEDULES}/{made['id']}")
    assert (last["last_run_at"], last["last_run_status"]) == (1_767_225_600 + 59 * 3600, "completed")


async def test_a_schedule_is_triggered_by_its_policy(sandbox: Sandbox, plain: Plain) -> None:
    """Beside its usual times; while its run is at work, a schedule that skips starts no other."""
    schedule = (await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 100}))["id"]
    sandbox.advance(5)
    first = await plain.post(f"{SCHEDULES}/{schedule}/trigger")
    assert first["last_run_status"] == "queued"
    again = await plain.post(f"{SCHEDULES}/{schedule}/trigger")
    assert again["last_run_id"] == first["last_run_id"]
    sandbox.advance(100)
    assert await fired(plain, schedule) == [5, 100]


async def test_a_triggered_run_may_appear_late(sandbox: Sandbox, plain: Plain) -> None:
    """It is listed only after a while; until then the run before is the last."""
    sandbox.script("mka1:eval_schedule", appears_after=3)
    schedule = (await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 3600}))["id"]
    assert (await plain.post(f"{SCHEDULES}/{schedule}/trigger"))["last_run_id"] is None
    assert await fired(plain, schedule) == []
    sandbox.advance(3)
    assert await fired(plain, schedule) == [3]


async def test_a_schedule_is_changed(sandbox: Sandbox, plain: Plain) -> None:
    """What is absent stays, null clears; switched off it does not fire, and its times begin anew."""
    body = {**SCHEDULE, "interval_seconds": 10, "description": "d", "webhook_secret": "hush"}
    made = await plain.post(SCHEDULES, body)
    path = f"{SCHEDULES}/{made['id']}"
    assert (made["webhook_configured"], made["next_run_at"]) == (True, 1_767_225_610)
    off = (await plain.send("PATCH", path, json={"enabled": False, "description": None, "webhook_secret": None})).json
    assert (off["enabled"], off["next_run_at"], off["description"], off["name"]) == (False, None, None, "n")
    assert not off["webhook_configured"]
    sandbox.advance(100)
    assert await fired(plain, made["id"]) == []
    change = {"enabled": True, "cron": "*/5 * * * *", "interval_seconds": None}
    on = (await plain.send("PATCH", path, json=change)).json
    assert (on["next_run_at"], on["updated_at"], on["interval_seconds"]) == (1_767_225_900, 1_767_225_700, None)
    assert b"hush" not in (await plain.send("GET", path)).body


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"cron": "0 3 * * *", "interval_seconds": 3},
        {"interval_seconds": 0},
        {"interval_seconds": 10**15},
        {"cron": "0 3 * *"},
        {"cron": "61 3 * * *"},
        {"cron": "0 3 31 2 *"},
        {"cron": "0 3 * * *", "timezone": "Mars/Phobos"},
        {"cron": "0 3 * * *", "timezone": "../etc"},
        {"interval_seconds": 3, "suite_version": 0},
    ],
)
async def test_schedules_that_could_not_fire(plain: Plain, wrong: dict[str, Any]) -> None:
    """They are refused; changing one into such a one is refused too, and changes nothing."""
    assert (await plain.send("POST", SCHEDULES, json={**SCHEDULE, **wrong})).status == 400
    made = await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 60})
    path = f"{SCHEDULES}/{made['id']}"
    change = {"interval_seconds": None, **wrong}
    assert (await plain.send("PATCH", path, json=change)).status == 400
    assert await plain.get(path) == made


async def test_schedules_are_listed_and_deleted(plain: Plain) -> None:
    """By suite and by whether they are on; a deleted one is gone, and its runs stay."""
    on = (await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 60}))["id"]
    off = (await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 60, "enabled": False}))["id"]
    for query, expected in (("", [off, on]), ("?enabled=true", [on]), ("?enabled=false", [off]), ("?suite_id=x", [])):
        assert [each["id"] for each in (await plain.get(f"{SCHEDULES}{query}"))["data"]] == expected
    assert (await plain.send("GET", f"{SCHEDULES}?enabled=perhaps")).status == 400
    run = (await plain.post(f"{SCHEDULES}/{on}/trigger"))["last_run_id"]
    assert (await plain.send("GET", f"{SCHEDULES}/{on}/runs?suite_id=another")).status == 400
    assert (await plain.send("DELETE", f"{SCHEDULES}/{on}")).json["deleted"]
    assert (await plain.send("GET", f"{SCHEDULES}/{on}/runs")).status == 404
    assert (await plain.get(f"{RUNS}/{run}"))["id"] == run


async def test_time_moved_far_ahead_is_not_made_up_for_whole(sandbox: Sandbox, plain: Plain) -> None:
    """A thousand firings at most; then the schedule goes on from the present."""
    schedule = (await plain.post(SCHEDULES, {**SCHEDULE, "interval_seconds": 1, "overlap_policy": "allow_all"}))["id"]
    sandbox.advance(10**7)
    read = await plain.get(f"{SCHEDULES}/{schedule}")
    assert read["next_run_at"] == 1_767_225_600 + 10**7 + 1
    assert len(sandbox.services["mka1"].world.all("mka1:eval_run", sandbox.clock.now())) == 1000


LISTED: dict[str, Any] = {
    RUNS: RUN,
    "mka1/api/v1/llm/batches": {"input_file_id": "file_1", "endpoint": "/v1/responses"},
    "mka1/api/v1/llm/fine_tuning/jobs": {"model": "m", "training_file": "file_1"},
    "mka1/api/v1/compute/jobs": {
        "compute": {"accelerator": "h100", "gpu_count": 1, "ephemeral_disk_gb": 1},
        "container": {"image": "i", "command": ["c"]},
    },
    "mka1/api/v1/agents/agent_1/runs": {"input": "go"},
}


@pytest.mark.parametrize("path", LISTED)
async def test_a_page_costs_what_is_on_it(
    sandbox: Sandbox, plain: Plain, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """However long the list is, only the jobs of the page are looked at."""
    for _ in range(40):
        reply = await plain.send("POST", path, json=LISTED[path])
        assert reply.status in {200, 201}, reply.body
    sandbox.advance(1)
    looked: list[Any] = []

    def counted(plan: Plan, events: Sequence[Event], now: float) -> Moment:
        looked.append(plan)
        return moment(plan, events, now)

    monkeypatch.setattr(plans, "moment", counted)
    first = (await plain.get(f"{path}?limit=3"))["data"]
    assert len(first) == 3
    assert 3 <= len(looked) <= 9
    looked.clear()
    skip = "offset=3" if path.endswith("agent_1/runs") else f"after={first[-1]['id']}"
    if "compute" in path:
        skip = f"cursor={(await plain.get(f'{path}?limit=3'))['next_cursor']}"
        looked.clear()
    following = (await plain.get(f"{path}?limit=3&{skip}"))["data"]
    assert len({job["id"] for job in (*first, *following)}) == 6
    assert len(looked) <= 9
