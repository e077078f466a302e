"""Calls that are made for an end user."""

from __future__ import annotations

import pytest

from tests.unijob.upstream import KEY, RUN, RUNS, page, run, serving
from unijob import Account, ConfigError, JobClient

REF, OTHER = "mka1:eval_run/r1", "gradient:indexing_job/j1"
HEADER = "X-On-Behalf-Of"


async def test_for_a_call() -> None:
    """That call and no other, whatever kind of call it is."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        server.on("POST", RUNS, run("queued"))
        server.on("GET", RUNS, page(run()))
        theirs = client.on_behalf_of("user_7")
        await theirs.get(REF)
        await theirs.start("mka1:eval_run", suite_id="s", models=["m"])
        _ = [job async for job in theirs.list("mka1:eval_run")]
        await theirs.wait(REF)
        await theirs.wait_all([REF])
        await theirs.call("mka1:getEvalRun", run_id="r1")
        assert [one.headers.get(HEADER) for one in server.requests] == ["user_7"] * 6
        await client.get(REF)
        assert HEADER not in server.requests[-1].headers


async def test_for_a_client_an_account_and_a_call() -> None:
    """The nearest wins: an argument of the call, the call, the client, the account."""
    async with serving() as (server, _):
        server.on("GET", RUN, run())
        server.on("GET", RUNS, page())
        account = Account("mka1", base_url=server.url, key=KEY, on_behalf_of="account")
        async with JobClient([account], env={}) as client:
            await client.get(REF)
        async with JobClient([account], env={}, on_behalf_of="client") as client:
            await client.get(REF)
            await client.on_behalf_of("call").get(REF)
            _ = [job async for job in client.list("mka1:eval_run")]
        assert [one.headers[HEADER] for one in server.requests] == ["account", "client", "call", "client"]


async def test_what_a_client_knows_is_shared() -> None:
    """A job that was started for a user is waited for as one that was started."""
    async with serving() as (server, client):
        server.on("POST", RUNS, run("queued"))
        job = await client.on_behalf_of("user_7").start("mka1:eval_run", suite_id="s", models=["m"])
        server.on("GET", RUN, run("completed", done=10))
        assert (await client.wait(job)).succeeded


@pytest.mark.parametrize("user", ["", "  ", "line\nbreak", "héloïse"])
async def test_what_no_header_can_hold_is_refused(user: str) -> None:
    """Before anything is sent."""
    async with serving() as (server, client):
        with pytest.raises(ConfigError, match="on_behalf_of may hold"):
            await client.on_behalf_of(user).get(REF)
        assert server.requests == []


async def test_who_has_no_such_calls_refuses() -> None:
    """Rather than act as somebody else."""
    async with serving() as (server, client):
        with pytest.raises(ConfigError, match="gradient has no calls on behalf of others"):
            await client.on_behalf_of("user_7").get(OTHER)
        with pytest.raises(ConfigError, match="gradient has no calls on behalf of others"):
            await client.on_behalf_of("user_7").call("gradient:genai_get_indexing_job", uuid="j1")
        (outcome,) = await client.on_behalf_of("user_7").wait_all([OTHER])
        assert isinstance(outcome.error, ConfigError)
        assert server.requests == []
