"""A canary key: wherever it might come out, it does not."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable

import pytest

from tests.unijob.upstream import DROP, HANG, KEY, RUN, RUNS, Answer, Upstream, page, run, serving
from unijob import Account, Job, JobClient, UnijobError

Call = Callable[[JobClient], Awaitable[object]]


def chain(error: BaseException | None) -> list[BaseException]:
    """An error with all that hangs on it."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def assert_clean(error: BaseException, *secrets: str) -> None:
    texts = [
        text
        for one in chain(error)
        for text in (str(one), repr(one), repr(one.__dict__), repr(one.args), repr(getattr(one, "__notes__", ())))
    ]
    texts.append("".join(traceback.format_exception(error)))
    texts.append(repr(pickle.dumps(error)))
    for secret in secrets:
        assert [text for text in texts if secret in text] == []


ECHO = {
    "error": {
        "message": f"bad key {KEY}",
        "code": "bad",
        "headers": {"Authorization": f"Bearer {KEY}"},
        "api_key": "someone-else",
        "signed_url": "https://s3/x?X-Amz-Signature=sign-1234",
        "see": "https://s3/x?X-Amz-Signature=sign-1234",
    }
}

STEPS = {
    "echo": Answer(status=400, json=ECHO),
    "401": Answer(status=401, json=ECHO),
    "text": Answer(status=500, body=f"boom {KEY} sign https://s3/x?X-Amz-Signature=sign-1234".encode()),
    "header": Answer(status=500, json={}, headers={"X-Request-Id": KEY}),
    "redirect": Answer(status=302, headers={"Location": f"https://else/?key={KEY}"}),
    "html": Answer(body=f"<html>{KEY}".encode()),
    "type": Answer(body=b"<", headers={"Content-Type": f"text/{KEY}"}),
    "drop": DROP,
    "hang": HANG,
    "violation": Answer(json={"id": KEY}),
    "large": Answer(body=KEY.encode() * 100_000),
}


async def first_listed(client: JobClient) -> Job:
    jobs = client.list("mka1:eval_run")
    return await anext(jobs)


CALLS: dict[str, Call] = {
    "get": lambda client: client.get("mka1:eval_run/r1"),
    "wait": lambda client: client.wait("mka1:eval_run/r1", timeout=3),
    "start": lambda client: client.start("mka1:eval_run", suite_id=KEY, models=["m"]),
    "cancel": lambda client: client.cancel("mka1:eval_run/r1"),
    "list": first_listed,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", CALLS)
async def test_the_key_is_in_no_error_and_no_log(call: str, step: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in text, repr, fields, pickle, notes, the chain of causes, or any logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    async with serving(request_timeout=0.05, max_answer_bytes=10_000) as (server, client):
        for method, path in (("GET", RUN), ("GET", RUNS), ("POST", RUNS), ("POST", RUN + "/cancel")):
            server.on(method, path, STEPS[step])
        with pytest.raises(UnijobError) as caught:
            await CALLS[call](client)
        assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert_clean(caught.value, KEY, "someone-else", "sign-1234")
    # aiohttp's server, which is the test's own, logs the request line only.
    assert [record for record in caplog.records if KEY in record.getMessage() + repr(record.__dict__)] == []


async def test_a_failed_job_s_message_is_masked() -> None:
    """What an upstream says of a failure may quote the key; the error's text does not."""
    async with serving() as (server, client):
        server.on("GET", RUN, run("failed", error={"code": "c", "message": f"the key {KEY} was revoked"}))
        with pytest.raises(UnijobError, match=r"the key \*\*\* was revoked"):
            await client.wait("mka1:eval_run/r1")


async def test_an_unreachable_server_tells_nothing() -> None:
    """Connection errors of aiohttp carry the request; ours do not carry them."""
    async with Upstream() as server:
        url = server.url
    account = Account("mka1", base_url=url, key=KEY, headers={"X-Gate": "gate-canary"})
    async with JobClient([account], env={}, clock=server.clock) as client:
        with pytest.raises(UnijobError) as caught:
            await client.get("mka1:eval_run/r1")
    assert_clean(caught.value, KEY, "gate-canary")


async def test_the_client_s_own_repr_is_clean() -> None:
    """Nothing that is printed by accident has the key."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(run()))
        async for job in client.list("mka1:eval_run"):
            assert KEY not in repr((client, job, job.to_dict()))
