"""Starting where an idempotency key makes twice the same as once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unijob.upstream import DROP, Answer, error, serving
from unijob import InvalidArgument, JobState, StartUncertain, UpstreamError

JOBS = "/api/v1/compute/jobs"
RUNS = "/api/v1/agents/a1/runs"
ASKED: Any = {
    "compute": {"accelerator": "h100", "gpu_count": 1, "ephemeral_disk_gb": 1},
    "container": {"image": "i", "command": ["c"]},
}


def job(state: str = "requested", id: str = "j1", created: str = "2026-10-01T12:00:00Z") -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "state": state,
        "reason": None,
        "compute": ASKED["compute"],
        "limits": {},
        "endpoints": [],
        "accrued_usd": 0,
        "created_at": created,
        "started_at": None,
        "terminal_at": None,
    }


def page(*jobs: dict[str, Any]) -> dict[str, Any]:
    return {"data": [*jobs], "next_cursor": None, "total": len(jobs)}


async def test_a_key_is_made_and_the_start_is_sent_again_with_it() -> None:
    """One key for all sendings, another for the next start."""
    async with serving() as (server, client):
        server.on("POST", JOBS, DROP, error(503), Answer(status=201, json=job()), Answer(status=201, json=job()))
        assert (await client.start("mka1:compute_job", **ASKED)).state is JobState.QUEUED
        await client.start("mka1:compute_job", **ASKED)
        keys = [one.headers["Idempotency-Key"] for one in server.requests]
        assert keys[0] == keys[1] == keys[2] != keys[3]
        assert "idempotency_key" not in json.loads(server.requests[0].body)


async def test_the_caller_s_own_key_is_kept() -> None:
    """And with it the job that it made before is given, under 200."""
    async with serving() as (server, client):
        server.on("POST", JOBS, job("running"))
        found = await client.start("mka1:compute_job", idempotency_key="mine", **ASKED)
        assert (found.state, server.requests[0].headers["Idempotency-Key"]) == (JobState.RUNNING, "mine")
        with pytest.raises(InvalidArgument):
            await client.start("mka1:compute_job", idempotency_key=None, compute={})


async def test_a_start_that_stays_uncertain_tells_its_key() -> None:
    """So that it can be started again with it, once at most; beside the jobs that appeared since."""
    async with serving() as (server, client):
        server.on("POST", JOBS, DROP)
        server.on("GET", JOBS, page(job(), job(id="j0", created="2020-01-01T00:00:00Z")))
        with pytest.raises(StartUncertain, match="the same idempotency_key") as caught:
            await client.start("mka1:compute_job", **ASKED)
        assert caught.value.arguments["idempotency_key"] == server.requests[0].headers["Idempotency-Key"]
        assert [candidate.ref.ids for candidate in caught.value.candidates] == [("j1",)]
        server.on("POST", JOBS, Answer(status=201, json=job()))
        again = await client.start("mka1:compute_job", **caught.value.arguments)
        assert again.ref.ids == ("j1",)


@pytest.mark.parametrize("last", [400, 409, 503])
@pytest.mark.parametrize("first", [DROP, error(502)])
async def test_a_refusal_after_a_lost_answer_is_uncertain(first: Answer, last: int) -> None:
    """The first sending may have made it, whatever is said of the next; without one that was lost it is a refusal."""
    async with serving() as (server, client):
        server.on("GET", JOBS, page())
        server.on("POST", JOBS, first, error(last))
        with pytest.raises(StartUncertain, match=f"answered {last}"):
            await client.start("mka1:compute_job", **ASKED)
        server.on("POST", JOBS, error(last))
        with pytest.raises(UpstreamError) as caught:
            await client.start("mka1:compute_job", **ASKED)
        assert caught.value.status == last


async def test_lost_starts_are_looked_for_where_they_are_listed() -> None:
    """The runs of an agent are listed by the agent of the start."""
    async with serving() as (server, client):
        server.on("POST", RUNS, DROP)
        server.on("GET", RUNS, {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False})
        with pytest.raises(StartUncertain, match="Since then appeared: none yet"):
            await client.start("mka1:agent_run", agent_id="a1", input="go")
        assert [one.method for one in server.requests] == ["POST", "GET"]


async def test_a_listing_that_needs_a_parent_says_so() -> None:
    """Not that no filter is a wrong one."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument, match="mka1:agent_run is listed by its agent_id: say which") as caught:
            client.list("mka1:agent_run")
        assert caught.value.argument == "agent_id"
        with pytest.raises(InvalidArgument, match="cannot be listed by status: it may be agent_id, offset, limit"):
            client.list("mka1:agent_run", status="queued")
        assert server.requests == []
