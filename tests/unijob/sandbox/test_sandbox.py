"""The sandbox as a whole."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import attrs
import pytest

from tests.unijob.sandbox.plain import EXPORT, JOBS, RUN, RUNS, Plain, plain_client, struck
from tests.unijob.sandbox.plain import Reply as PlainReply
from unijob import discovery, registry
from unijob import sandbox as package
from unijob.errors import ConfigError, InvalidArgument
from unijob.providers.mka1.sandbox import SANDBOX as MKA1
from unijob.sandbox import Sandbox, SandboxError, SteppedClock, run
from unijob.sandbox.service import Service
from unijob.sandbox.vendor import Call, Reply, VendorSandbox


def test_the_public_face() -> None:
    """What the package says it offers is there."""
    assert all(hasattr(package, name) for name in package.__all__)


async def test_urls_and_environment(sandbox: Sandbox) -> None:
    """Each provider has its base URL; the environment that points clients here names them all."""
    assert sandbox.url("mka1") == f"{sandbox.url()}/mka1"
    assert sandbox.environment() == {
        "MKA1_BASE_URL": sandbox.url("mka1"),
        "MKA1_API_KEY": sandbox.token,
        "MKA1_REVISION": registry.revisions("mka1")[-1],
        "GRADIENT_BASE_URL": sandbox.url("gradient"),
        "GRADIENT_ACCESS_TOKEN": sandbox.token,
    }
    with pytest.raises(InvalidArgument, match="gradient, mka1"):
        sandbox.url("nobody")


def test_a_sandbox_that_does_not_run_has_no_address() -> None:
    """It says how to run it."""
    with pytest.raises(RuntimeError, match="async with"):
        Sandbox().url()


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"revisions": {"mka1": "1999-01"}}, "revision"),
        ({"revisions": {"nobody": "2026-10"}}, "revisions"),
        ({"providers": ["nobody"]}, "provider"),
        ({"speed": 0}, "speed"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], argument: str) -> None:
    """A provider, revision or speed that cannot be is named."""
    with pytest.raises(InvalidArgument) as caught:
        Sandbox(**settings)
    assert caught.value.argument == argument


async def test_some_providers_only() -> None:
    """What is not served is not there."""
    async with Sandbox(providers=["gradient"]) as sandbox, plain_client(sandbox) as plain:
        assert (await plain.send("GET", RUNS)).status == 404
        assert (await plain.send("GET", JOBS)).status == 200


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_token_is_needed(plain: Plain, token: str | None) -> None:
    """Without one, or with a wrong one, each vendor answers 401 in its own words."""
    mka1 = await plain.send("GET", RUNS, token=token)
    assert (mka1.status, mka1.json["error"]["type"]) == (401, "authentication_error")
    gradient = await plain.send("GET", JOBS, token=token)
    assert (gradient.status, gradient.json["id"]) == (401, "Unauthorized")
    assert gradient.json["request_id"] == gradient.headers["X-Request-Id"]


async def test_several_tokens() -> None:
    """Any of them is accepted."""
    async with Sandbox(token=["one", "two"]) as sandbox, plain_client(sandbox) as plain:
        assert sandbox.token == "one"
        for token, status in (("one", 200), ("two", 200), ("sandbox-token", 401)):
            assert (await plain.send("GET", RUNS, token=token)).status == status


async def test_answers_carry_the_sandboxs_date(sandbox: Sandbox, plain: Plain) -> None:
    """Date goes by the sandbox's clock; every answer has an id of its own."""
    sandbox.advance(3600)
    first, second = await plain.send("GET", RUNS), await plain.send("GET", "mka1/nowhere")
    assert first.headers.getall("Date") == ["Thu, 01 Jan 2026 01:00:00 GMT"]  # type: ignore[attr-defined]
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


async def test_unknown_paths_and_methods(plain: Plain) -> None:
    """404 and 405 in the vendor's words; 405 tells the methods."""
    assert (await plain.send("GET", "mka1/nowhere")).json["error"]["type"] == "not_found_error"
    assert (await plain.send("GET", "gradient/nowhere")).json["id"] == "not_found"
    wrong = await plain.send("PUT", RUNS)
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        (RUNS, {"json": {"models": ["auto"]}}, 400),
        (RUNS, {"json": {**RUN, "models": "auto"}}, 400),
        (RUNS, {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        (RUNS, {"data": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415),
        (RUNS, {}, 400),
        (JOBS, {"json": {"knowledge_base_uuid": 3}}, 400),
        (JOBS, {"json": {}}, 400),
        (JOBS, {}, 400),
        (JOBS, {"data": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415),
    ],
)
async def test_requests_that_break_the_contract(plain: Plain, path: str, options: Any, status: int) -> None:
    """They are refused, in the vendor's words."""
    reply = await plain.send("POST", path, **options)
    assert reply.status == status
    assert "message" in reply.json.get("error", reply.json)


async def test_undocumented_properties_are_passed_over(plain: Plain) -> None:
    """A request with more than its contract knows is taken; what the contract leaves open alone is echoed."""
    generation: dict[str, Any] = {"temperature": 1, "surprise": [{}]}
    made = await plain.post(RUNS, {**RUN, "surprise": 1, "generation": generation})
    assert made["generation"] == generation
    assert "surprise" not in made


async def test_the_same_seed_makes_the_same_world() -> None:
    """Ids, values and times are the same again under the same seed, and others under another."""
    worlds: list[Any] = []
    for seed in (1, 1, 2):
        async with Sandbox(seed=seed, clock=SteppedClock()) as sandbox, plain_client(sandbox) as plain:
            await plain.post(RUNS, RUN)
            await plain.post(JOBS, {"knowledge_base_uuid": "kb"})
            sandbox.advance(60)
            worlds.append([await plain.get(RUNS), await plain.get(JOBS)])
    assert worlds[0] == worlds[1] != worlds[2]


async def test_an_answer_that_breaks_the_contract_is_not_let_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `check`, such an answer becomes 500, and leaving the sandbox raises."""

    def broken_reply(_service: Service, _call: Call) -> Reply:
        return Reply({"data": 3})

    async def ask() -> None:
        async with Sandbox(check=True) as broken, plain_client(broken) as plain:
            replies.append(await plain.send("GET", RUNS))

    replies: list[PlainReply] = []
    monkeypatch.setattr(Service, "_reply", broken_reply)
    with pytest.raises(SandboxError, match="listEvalRuns: response"):
        await ask()
    assert (replies[0].status, replies[0].json["error"]["type"]) == (500, "server_error")


async def test_a_request_that_waits_does_not_keep_the_sandbox_open() -> None:
    """Leaving the sandbox breaks off what still waits, at once and without a word."""
    async with Sandbox(clock=SteppedClock()) as sandbox, plain_client(sandbox) as plain:
        fault = sandbox.fault("latency", seconds=1000)
        waiting = asyncio.create_task(plain.send("GET", RUNS))
        await struck(fault)
        await sandbox.close()
        with pytest.raises(aiohttp.ClientError):
            await waiting


async def test_it_runs_until_it_is_cancelled() -> None:
    """`run` announces the sandbox once it listens, and closes it in the end."""
    listening = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(Sandbox(), announce=lambda sandbox: listening.set_result(sandbox.url())))
    url = await listening
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/-/") as response:
            assert response.status == 200
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{url}/-/")


async def test_a_port_that_is_taken(sandbox: Sandbox) -> None:
    """The system's error comes through, and nothing is left open."""
    port = int(sandbox.url().rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        await Sandbox(port=port).start()


async def test_a_restart_keeps_the_address_and_what_there_is() -> None:
    """As that of a real upstream."""
    sandbox = Sandbox(clock=SteppedClock())
    async with sandbox, plain_client(sandbox) as plain:
        url = sandbox.url()
        made = await plain.send("POST", "mka1/api/v1/llm/evals/runs", json={"suite_id": "s", "models": ["m"]})
        await sandbox.close()
        await sandbox.start()
        assert sandbox.url() == url
        assert (await plain.send("GET", f"mka1/api/v1/llm/evals/runs/{made.json['id']}")).status == 200


async def test_links_lead_to_where_the_client_came(plain: Plain, sandbox: Sandbox) -> None:
    """Absolute links have the host that the client used; a Host header that is none does no harm."""
    for _ in range(2):
        await plain.post(JOBS, {"knowledge_base_uuid": "kb"})
    port = sandbox.url().rpartition(":")[2]
    page = await plain.get(f"http://localhost:{port}/{JOBS}?per_page=1")
    assert page["links"]["pages"]["next"] == f"http://localhost:{port}/{JOBS}?page=2&per_page=1"
    odd = await plain.get(f"{JOBS}?per_page=1", headers={"Host": "a b:x"})
    assert odd["links"]["pages"]["next"].startswith("http")


async def test_waiting_clients_move_the_time(sandbox: Sandbox, plain: Plain) -> None:
    """A client that sleeps by the sandbox's clock waits for nothing."""
    await plain.post(EXPORT)
    await sandbox.client_clock.sleep(60)
    assert (await plain.get(f"{EXPORT}/status"))["status"] == "COMPLETED"


def silent(_provider: str, _location: str) -> VendorSandbox:
    return attrs.evolve(MKA1, handlers={})


def located(_provider: str, location: str) -> str:
    return location


async def test_an_operation_that_its_vendor_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 500, and says so; a vendor's module that declares something else is refused at once."""
    monkeypatch.setattr(discovery, "imported", silent)
    async with Sandbox(providers=["mka1"]) as sandbox, plain_client(sandbox) as plain:
        reply = await plain.send("GET", RUNS)
        assert (reply.status, reply.json["error"]["type"]) == (500, "server_error")
        assert "listEvalRuns" in reply.json["error"]["message"]
    monkeypatch.setattr(discovery, "imported", located)
    with pytest.raises(ConfigError, match="no VendorSandbox"):
        Sandbox(providers=["mka1"])
