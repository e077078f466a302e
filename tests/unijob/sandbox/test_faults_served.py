"""Faults as a client sees them."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.unijob.sandbox.plain import EXPORT, JOBS, RUN, RUNS, Plain, struck
from unijob.sandbox import Sandbox


async def test_an_error_is_worded_as_the_vendor_does_and_nothing_is_done(sandbox: Sandbox, plain: Plain) -> None:
    """A failed start of each vendor has that vendor's body, and starts nothing."""
    sandbox.fault("error", status=500, message="broken", times=2)
    mka1 = await plain.send("POST", RUNS, json=RUN)
    assert (mka1.status, mka1.json["error"]["type"]) == (500, "server_error")
    gradient = await plain.send("POST", JOBS, json={"knowledge_base_uuid": "kb"})
    assert (gradient.status, gradient.json["id"], gradient.json["message"]) == (500, "server_error", "broken")
    assert (await plain.get(RUNS))["data"] == []
    assert (await plain.get(JOBS))["jobs"] == []


@pytest.mark.parametrize("status", [403, 418, 502, 503])
async def test_an_error_of_any_status(sandbox: Sandbox, plain: Plain, status: int) -> None:
    """Any error status can be asked for, also those that no vendor documents."""
    sandbox.fault("error", status=status, times=2)
    assert (await plain.send("GET", RUNS)).status == status
    assert (await plain.send("GET", JOBS)).status == status


async def test_a_rate_limit_says_how_long_to_wait(sandbox: Sandbox, plain: Plain) -> None:
    """429 comes with Retry-After, once; then all is well."""
    sandbox.fault("rate_limit", kind="gradient:indexing_job", retry_after=7)
    assert (await plain.send("GET", RUNS)).status == 200
    reply = await plain.send("GET", JOBS)
    assert (reply.status, reply.headers["Retry-After"], reply.json["id"]) == (429, "7", "too_many_requests")
    assert (await plain.send("GET", JOBS)).status == 200


async def test_a_dropped_connection_does_nothing(sandbox: Sandbox, plain: Plain) -> None:
    """The connection breaks, and nothing was started."""
    sandbox.fault("drop", operation="createEvalRun")
    with pytest.raises(aiohttp.ClientError):
        await plain.send("POST", RUNS, json=RUN)
    assert (await plain.get(RUNS))["data"] == []
    assert (sandbox.requests[0].status, sandbox.requests[0].faults) == (None, ("drop",))


async def test_a_lost_answer_has_acted(sandbox: Sandbox, plain: Plain) -> None:
    """The connection breaks, but the run was started."""
    sandbox.fault("lose", operation="createEvalRun")
    with pytest.raises(aiohttp.ClientError):
        await plain.send("POST", RUNS, json=RUN)
    assert len((await plain.get(RUNS))["data"]) == 1


async def test_latency_waits_by_the_sandboxs_clock(sandbox: Sandbox, plain: Plain) -> None:
    """A slow answer comes when the clock has moved far enough, and tells of the instant at which it comes."""
    await plain.post(EXPORT)
    fault = sandbox.fault("latency", operation="getExportStatus", seconds=20)
    asked = asyncio.create_task(plain.get(f"{EXPORT}/status"))
    await struck(fault)
    sandbox.advance(19)
    await asyncio.sleep(0.01)
    assert not asked.done()
    sandbox.advance(1)
    assert (await asked)["status"] == "COMPLETED"


async def test_an_unknown_status_is_found_wherever_it_stands(sandbox: Sandbox, plain: Plain) -> None:
    """Without a pointer the status itself is unknown: in a run, in each run of a list, inside an envelope."""
    run = await plain.post(RUNS, RUN)
    job = await plain.post(JOBS, {"knowledge_base_uuid": "kb"})
    sandbox.fault("unknown_value", value="paused", times=3)
    assert (await plain.get(f"{RUNS}/{run['id']}"))["status"] == "paused"
    assert (await plain.get(RUNS))["data"][0]["status"] == "paused"
    assert (await plain.get(f"{JOBS}/{job['job']['uuid']}"))["job"]["status"] == "paused"
    assert (await plain.get(f"{RUNS}/{run['id']}"))["status"] == "queued"


async def test_values_are_changed_at_a_pointer(sandbox: Sandbox, plain: Plain) -> None:
    """A field goes missing, has a wrong type, an unknown value, or company."""
    run = f"{RUNS}/{(await plain.post(RUNS, RUN))['id']}"
    sandbox.fault("missing", pointer="/cost_usd")
    sandbox.fault("wrong_type", pointer="/request_counts/total")
    sandbox.fault("unknown_value", pointer="/object", value="eval.walk")
    sandbox.fault("extra_field", pointer="/tokens", name="audio", value=7)
    answer = await plain.get(run)
    assert "cost_usd" not in answer
    assert answer["request_counts"]["total"] == "twelve"
    assert answer["object"] == "eval.walk"
    assert answer["tokens"]["audio"] == 7


async def test_a_change_waits_until_its_pointer_finds_something(sandbox: Sandbox, plain: Plain) -> None:
    """A fault in a result strikes when there is a result, not before."""
    await plain.post(EXPORT)
    fault = sandbox.fault("missing", pointer="/result")
    await plain.get(f"{EXPORT}/status")
    assert fault.hits == 0
    sandbox.advance(60)
    assert "result" not in await plain.get(f"{EXPORT}/status")
    assert "result" in await plain.get(f"{EXPORT}/status")


async def test_a_success_under_an_undocumented_status(sandbox: Sandbox, plain: Plain) -> None:
    """The answer is the usual one; only its status is not documented."""
    sandbox.fault("odd_status", operation="createEvalRun", status=207)
    reply = await plain.send("POST", RUNS, json=RUN)
    assert (reply.status, reply.json["object"]) == (207, "eval.run")


async def test_html_in_place_of_json(sandbox: Sandbox, plain: Plain) -> None:
    """A page of HTML under 200 has acted; one under 502 has not."""
    sandbox.fault("not_json", operation="createEvalRun", times=1)
    page = await plain.send("POST", RUNS, json=RUN)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    sandbox.fault("not_json", operation="createEvalRun", status=502)
    assert (await plain.send("POST", RUNS, json=RUN)).status == 502
    assert len((await plain.get(RUNS))["data"]) == 1


async def test_half_an_answer_as_if_it_were_whole(sandbox: Sandbox, plain: Plain) -> None:
    """Half of the body arrives, in good order, and is no JSON."""
    sandbox.fault("truncated", operation="listEvalRuns")
    reply = await plain.send("GET", RUNS)
    assert reply.status == 200
    assert 0 < len(reply.body) < len((await plain.send("GET", RUNS)).body)


async def test_half_an_answer_and_a_broken_connection(sandbox: Sandbox, plain: Plain) -> None:
    """Half of the body arrives, and then the connection breaks."""
    sandbox.fault("truncated", operation="listEvalRuns", framed=False)
    with pytest.raises(aiohttp.ClientPayloadError):
        await plain.send("GET", RUNS)


async def test_the_wrong_token_uses_no_fault_up(sandbox: Sandbox, plain: Plain) -> None:
    """Who is not let in meets no fault."""
    fault = sandbox.fault("error")
    assert (await plain.send("GET", RUNS, token="wrong")).status == 401
    assert fault.seen == 0


async def test_two_faults_strike_one_request(sandbox: Sandbox, plain: Plain) -> None:
    """A request may be slow and fail; but it fails once only, and the other fault waits its turn."""
    sandbox.fault("latency", seconds=0)
    sandbox.fault("error", status=500)
    sandbox.fault("error", status=502)
    assert (await plain.send("GET", RUNS)).status == 500
    assert sandbox.requests[-1].faults == ("latency", "error")
    assert (await plain.send("GET", RUNS)).status == 502
    assert (await plain.send("GET", RUNS)).status == 200
