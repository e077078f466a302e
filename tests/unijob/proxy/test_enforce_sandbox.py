"""The sandbox behind the proxy: what its faults change is found, with its place and class."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.unijob.proxy.wires import Seen
from unijob import registry
from unijob.contract import Contract
from unijob.proxy import Policy, Proxy, ProxySettings, UpstreamSettings
from unijob.proxy.settings import Mode
from unijob.sandbox import Sandbox, SteppedClock

RUN = "/mka1/api/v1/llm/evals/runs"


@asynccontextmanager
async def guarded(sandbox: Sandbox, policy: Policy, seen: Seen | None = None) -> AsyncGenerator[Proxy]:
    """A proxy before all that a sandbox serves."""
    upstreams = tuple(UpstreamSettings(name=name, url=sandbox.url(name)) for name in sandbox.revisions)
    contracts = {name: registry.contract(name, revision) for name, revision in sandbox.revisions.items()}
    async with Proxy(ProxySettings(upstreams=upstreams, port=0, policy=policy), contracts, seen) as proxy:
        yield proxy


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, clock=SteppedClock(), revisions={"mka1": "2026-10"}, check=True) as running:
        yield running


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    async with aiohttp.ClientSession(headers=headers) as open_session:
        yield open_session


async def start_run(session: aiohttp.ClientSession, proxy: Proxy) -> str:
    body = {"suite_id": "eval_suite_1", "models": ["auto"]}
    async with session.post(proxy.url + RUN, json=body) as answer:
        assert answer.status == 200, await answer.text()
        run: dict[str, Any] = await answer.json()
    return f"{proxy.url}{RUN}/{run['id']}"


FAULTS: dict[str, tuple[dict[str, Any], tuple[str, str, str, bool]]] = {
    "unknown_value": ({}, ("response.body", "/status", "enum", True)),
    "missing": ({"pointer": "/status"}, ("response.body", "/status", "required", False)),
    "wrong_type": ({"pointer": "/request_counts/total"}, ("response.body", "/request_counts/total", "type", False)),
    "extra_field": ({}, ("response.body", "/undocumented_field", "additionalProperties", True)),
    "not_json": ({}, ("response.body", "", "media-type", False)),
    "truncated": ({}, ("response.body", "", "parse", False)),
}


@pytest.mark.parametrize("mode", ["report", "enforce"])
@pytest.mark.parametrize("effect", FAULTS)
async def test_a_fault_is_found(sandbox: Sandbox, session: aiohttp.ClientSession, mode: Mode, effect: str) -> None:
    """A violation is refused in enforce and passes in report; drift passes in both."""
    fault, (place, target, keyword, is_drift) = FAULTS[effect]
    seen = Seen()
    async with guarded(sandbox, Policy(mode=mode), seen) as proxy:
        url = await start_run(session, proxy)
        sandbox.fault(effect, operation="getEvalRun", **fault)
        async with session.get(url) as answer:
            body = await answer.read()
            refused = mode == "enforce" and not is_drift
            assert answer.status == (502 if refused else 200)
            assert answer.headers["Unijob-Source"] == ("proxy" if refused else "upstream")
            if refused:
                (told,) = json.loads(body)["violations"]
                assert (told["place"], told["keyword"]) == (place, keyword)
    found = seen.exchanges[-1]
    assert found.operation == "getEvalRun"
    (one,) = found.drift if is_drift else found.violations
    assert (one.place, one.target, one.keyword, one.drift) == (place, target, keyword, is_drift)


def without_defaults(revision: str) -> Contract:
    """A contract that documents single statuses only; those of the vendors have a default everywhere."""
    document = copy.deepcopy(registry.package("mka1", revision).document())
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("default", None)
    return Contract(document)


@pytest.mark.parametrize("mode", ["report", "enforce"])
async def test_an_undocumented_status_is_found(sandbox: Sandbox, session: aiohttp.ClientSession, mode: Mode) -> None:
    """As drift, which passes unless drift is to be refused."""
    contracts = {"mka1": without_defaults("2026-10")}
    upstreams = (UpstreamSettings(name="mka1", url=sandbox.url("mka1")),)
    seen = Seen()
    steps: tuple[tuple[Mode, int], ...] = (("report", 203), (mode, 203 if mode == "report" else 502))
    for drift, status in steps:
        made = ProxySettings(upstreams=upstreams, port=0, policy=Policy(mode=mode, drift=drift))
        async with Proxy(made, contracts, seen) as proxy:
            url = await start_run(session, proxy)
            sandbox.fault("odd_status", operation="getEvalRun")
            async with session.get(url) as answer:
                assert answer.status == status
        (one,) = seen.exchanges[-1].drift
        assert (one.place, one.pointer, one.keyword) == ("response.status", "", "status")


async def test_a_request_without_a_credential_is_refused(sandbox: Sandbox) -> None:
    """It never reaches the upstream."""
    async with (
        guarded(sandbox, Policy(mode="enforce")) as proxy,
        aiohttp.ClientSession() as bare,
        bare.get(proxy.url + RUN) as answer,
    ):
        assert answer.status == 400
        assert [one["place"] for one in (await answer.json(content_type=None))["violations"]] == ["request.header"]
    assert not sandbox.requests


async def test_credentials_appear_nowhere(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a refusal, not in what is told, not in the output: in headers, cookies, queries and names alike."""
    canary = "canary-5d1f0b"
    seen = Seen()
    headers = {"Authorization": f"Bearer {canary}", "Cookie": f"session={canary}", "X-Api-Key": canary}
    async with (
        guarded(sandbox, Policy(mode="enforce"), seen) as proxy,
        aiohttp.ClientSession(headers=headers) as client,
    ):
        texts: list[str] = []
        for method, target in (
            ("GET", f"{RUN}?limit={canary}&api_key={canary}&{canary}=1"),
            ("POST", RUN),
            ("GET", f"/mka1/{canary}"),
            ("PATCH", RUN),
            ("GET", f"/nobody/?token={canary}"),
        ):
            body = json.dumps({canary: 1, "suite_id": 1}).encode()
            async with client.request(
                method, proxy.url + target, data=body, headers={"Content-Type": "application/json"}
            ) as answer:
                texts += [await answer.text(), str(answer.headers)]
                assert answer.headers["Unijob-Source"] == "proxy"
    for text in (*texts, *map(str, seen.exchanges), caplog.text, *capfd.readouterr()):
        assert canary not in text
