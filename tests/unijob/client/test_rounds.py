"""Many jobs at once against the sandbox: how many requests a round takes, and that each job has its own end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from unijob import Account, Hooks, Job, JobClient, JobFailed, JobNotFound, JobState, Poll, PollEvent, WaitTimeout
from unijob.sandbox import Sandbox, SteppedClock

EVERY_TEN = Poll(initial=10, factor=1, jitter=0.2)
WANTED: dict[str, dict[str, Any]] = {
    "mka1:eval_run": {"suite_id": "suite", "models": ["m"]},
    "mka1:file_batch": {"file_ids": ["f"]},
    "gradient:indexing_job": {"knowledge_base_uuid": "kb"},
}
LISTS = {"mka1:eval_run": "listEvalRuns", "gradient:indexing_job": "genai_list_indexing_jobs"}
GETS = {
    "mka1:eval_run": "getEvalRun",
    "mka1:file_batch": "getVectorStoreFileBatch",
    "gradient:indexing_job": "genai_get_indexing_job",
}


@asynccontextmanager
async def serving(**options: Any) -> AsyncGenerator[tuple[Sandbox, JobClient], None]:
    """A sandbox with a clock that jumps, and a client of it."""
    async with Sandbox(seed=1, clock=SteppedClock()) as sandbox:
        accounts = [Account(name, base_url=sandbox.url(name), key=sandbox.token) for name in sandbox.revisions]
        async with JobClient(accounts, env={}, clock=sandbox.client_clock, random=Random(1), **options) as client:
            yield sandbox, client


async def start(sandbox: Sandbox, client: JobClient, kind: str, count: int, **script: Any) -> list[Job]:
    """Jobs that live for so long; what was asked so far is forgotten."""
    sandbox.script(kind, times=None, **script)
    parents = [{"vector_store_id": f"vs_{place}"} if kind == "mka1:file_batch" else {} for place in range(count)]
    jobs = [await client.start(kind, **WANTED[kind], **parent) for parent in parents]
    sandbox.requests.clear()
    return jobs


def asked(sandbox: Sandbox) -> Counter[str]:
    """How often each operation was called."""
    return Counter(str(one.operation) for one in sandbox.requests)


def rounds(sandbox: Sandbox, operation: str) -> list[int]:
    """How often an operation was called at each instant."""
    return list(Counter(one.at for one in sandbox.requests if one.operation == operation).values())


@pytest.mark.parametrize("kind", LISTS)
async def test_jobs_that_fill_the_list_are_read_by_the_page(kind: str) -> None:
    """A round costs a request for each hundred of them, and none for one alone; their ends are seen there too."""
    async with serving() as (sandbox, client):
        jobs = await start(sandbox, client, kind, 250, duration=60)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert {one.job.state for one in outcomes if one.job is not None} == {JobState.SUCCEEDED}
        assert [one.ref for one in outcomes] == [job.ref for job in jobs]
        assert set(asked(sandbox)) == {LISTS[kind]}
        assert set(rounds(sandbox, LISTS[kind])) == {3}


async def test_others_jobs_in_the_list_do_not_hinder() -> None:
    """Pages are read to where the watched jobs lie; those few that lie far beyond are asked for one by one."""
    async with serving() as (sandbox, client):
        kind = "mka1:eval_run"
        old = await start(sandbox, client, kind, 2, duration=100)
        await start(sandbox, client, kind, 250, duration=100)
        mine = await start(sandbox, client, kind, 120, duration=100)
        await start(sandbox, client, kind, 150, duration=100)
        outcomes = await client.wait_all([*old, *mine], poll=EVERY_TEN)
        assert all(one.error is None for one in outcomes)
        pages = rounds(sandbox, LISTS[kind])
        assert pages[0] == 5  # 150 others; 120 of mine end on the third page; two more pages for the two that are left
        assert set(pages[1:]) == {3}
        assert abs(asked(sandbox)[GETS[kind]] - 2 * len(pages)) <= 3  # these keep a time of their own


@pytest.mark.parametrize(("kind", "count"), [("mka1:file_batch", 40), ("mka1:eval_run", 5)])
async def test_jobs_that_no_list_pays_for_are_asked_for_one_by_one(kind: str, count: int) -> None:
    """Kinds without a list, and too few jobs; no more than once each at any one time."""
    async with serving() as (sandbox, client):
        jobs = await start(sandbox, client, kind, count, duration=60)
        await client.wait_all(jobs, poll=EVERY_TEN)
        assert set(asked(sandbox)) == {GETS[kind]}
        assert max(Counter((one.at, one.path) for one in sandbox.requests).values()) == 1


async def test_there_is_no_task_for_a_job() -> None:
    """Only for requests under way, of which there are few at once."""
    most = 0

    def look(_: PollEvent) -> None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))

    async with serving(hooks=Hooks(on_poll=look)) as (sandbox, client):
        jobs = await start(sandbox, client, "mka1:file_batch", 120, duration=30)
        before = len(asyncio.all_tasks())
        await client.wait_all(jobs, poll=EVERY_TEN)
    # A worker and the sandbox's side of its connection for each request; the group; the sandbox's handlers.
    assert most - before < 40


async def test_polls_of_many_are_spread() -> None:
    """Those that are asked for one by one are not asked for at one instant, in any round."""
    async with serving() as (sandbox, client):
        jobs = await start(sandbox, client, "mka1:file_batch", 60, duration=100)
        await client.wait_all(jobs, poll=EVERY_TEN)
        assert max(rounds(sandbox, GETS["mka1:file_batch"])) <= 8


@pytest.mark.parametrize("seed", range(3))
async def test_never_more_requests_than_jobs(seed: int) -> None:
    """Not in the first round either, wherever in the list they lie."""
    async with serving() as (sandbox, client):
        everyone = await start(sandbox, client, "mka1:eval_run", 400, duration=50)
        jobs = Random(seed).sample(everyone, 30)
        await client.wait_all(jobs, poll=EVERY_TEN)
        per_round = Counter(int(one.at / 10) for one in sandbox.requests)
        assert max(per_round.values()) <= 30


async def test_each_job_has_its_own_end() -> None:
    """Several kinds and providers, jobs that fail, one that is gone, one that is late."""
    async with serving() as (sandbox, client):
        good = await start(sandbox, client, "mka1:eval_run", 20, duration=30)
        bad = await start(sandbox, client, "gradient:indexing_job", 20, duration=40, outcome="failed")
        late = await start(sandbox, client, "mka1:file_batch", 3, duration=500)
        gone = "mka1:eval_run/eval_run_nowhere"
        outcomes = await client.wait_all([*good, *bad, *late, gone], timeout=100, poll=EVERY_TEN)
        kinds = [type(one.error) for one in outcomes]
        assert kinds == [type(None)] * 20 + [JobFailed] * 20 + [WaitTimeout] * 3 + [JobNotFound]
        assert all(one.job is not None for one in outcomes[:-1])


async def test_failed_pages_are_failed_polls() -> None:
    """A page that cannot be had fails no job, and is not made up for by a request for each."""
    async with serving() as (sandbox, client):
        kind = "mka1:eval_run"
        jobs = await start(sandbox, client, kind, 120, duration=60)
        sandbox.fault("error", operation=LISTS[kind], status=503, every=3)
        sandbox.fault("rate_limit", operation=LISTS[kind], retry_after=20, after=2, times=1)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert all(one.error is None for one in outcomes)
        assert set(asked(sandbox)) == {LISTS[kind]}


async def test_a_list_that_is_refused_is_done_without() -> None:
    """Where a key may read jobs but not list them."""
    async with serving() as (sandbox, client):
        kind = "mka1:eval_run"
        jobs = await start(sandbox, client, kind, 20, duration=25)
        sandbox.fault("error", operation=LISTS[kind], status=403, every=1)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert all(one.error is None for one in outcomes)
        assert asked(sandbox)[LISTS[kind]] == 1


async def test_an_unreadable_item_spoils_no_page() -> None:
    """It is asked for by itself; the others are taken from the page."""
    async with serving() as (sandbox, client):
        kind = "mka1:eval_run"
        jobs = await start(sandbox, client, kind, 60, duration=25)
        sandbox.fault("missing", operation=LISTS[kind], pointer="/data/7/status", every=1)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert all(one.error is None for one in outcomes)
        gets = {one.path for one in sandbox.requests if one.operation == GETS[kind]}
        assert len(gets) == 1


async def test_a_list_that_tells_less_does_not_end_a_wait_alone() -> None:
    """Where a listed job lacks what a `get` may give, its end is confirmed by one `get`, and that is what is given."""
    async with serving() as (sandbox, client):
        kind = "gradient:indexing_job"
        jobs = await start(sandbox, client, kind, 15, duration=25, items=2)
        sandbox.fault("missing", operation=LISTS[kind], pointer="/jobs/*/data_source_jobs", every=1)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert all(one.job is not None and len(one.job.parts) == 2 for one in outcomes)
        assert asked(sandbox)[GETS[kind]] == 15


async def test_every_change_of_many() -> None:
    """`watch_all` gives each job as it is, then its changes, then its end; a failure is no error."""
    async with serving() as (sandbox, client):
        jobs = await start(sandbox, client, "mka1:eval_run", 12, duration=35, outcome="failed", items=4)
        seen: dict[Any, list[JobState]] = {job.ref: [] for job in jobs}
        async for outcome in client.watch_all(jobs, poll=EVERY_TEN):
            assert outcome.error is None
            assert outcome.job is not None
            seen[outcome.ref].append(outcome.job.state)
        assert all(states[0] is JobState.QUEUED and states[-1] is JobState.FAILED for states in seen.values())
        assert all(len(states) > 2 for states in seen.values())


async def test_a_stall_is_seen_when_it_is_due() -> None:
    """Also where the page that would show it is not."""
    async with serving() as (sandbox, client):
        jobs = await start(sandbox, client, "mka1:eval_run", 15, duration=1000, items=1)
        begun = sandbox.clock.now()
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN, stall_timeout=25)
        assert {type(one.error).__name__ for one in outcomes} == {"JobStalled"}
        assert sandbox.clock.now() - begun < 25 + 2 * 10


async def test_what_the_upstream_asks_holds_for_all() -> None:
    """After a 429 with a time nothing is sent until then, for whichever job; then the requests come spaced."""
    async with serving() as (sandbox, client):
        kind = "mka1:file_batch"
        jobs = await start(sandbox, client, kind, 40, duration=100)
        sandbox.fault("rate_limit", operation=GETS[kind], retry_after=7, times=1)
        outcomes = await client.wait_all(jobs, poll=EVERY_TEN)
        assert all(one.error is None for one in outcomes)
        refused = next(one.at for one in sandbox.requests if one.status == 429)
        later = [one.at - refused for one in sandbox.requests if one.at > refused]
        assert later[0] >= 7
        assert len(set(later[:10])) == 10
