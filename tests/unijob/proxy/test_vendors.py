"""The vendors' own clients do all that they do in the sandbox tests through the proxy, in enforce, with no violation.

The tests are those of `tests/vendors`: each runs with a sandbox whose address is that of a proxy before it.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import pytest
from meetkai_mka1 import SDK

from tests.unijob.proxy.wires import Seen
from tests.vendors import test_gradient_client, test_mka1_client, test_mka1_jobs
from unijob import registry
from unijob.proxy import Policy, Proxy, ProxySettings, UpstreamSettings
from unijob.sandbox import Sandbox, SteppedClock

Scenario = Callable[..., Coroutine[Any, Any, None]]
MKA1 = "2026-10"
_MODULES = (test_gradient_client, test_mka1_client, test_mka1_jobs)


def _scenarios() -> list[Any]:
    found: list[Any] = []
    for module in _MODULES:
        for name, value in vars(module).items():
            if name.startswith("test_"):
                marks = getattr(value, "pytestmark", [])
                varied = [mark for mark in marks if mark.name == "parametrize"]
                kept = [mark for mark in marks if mark.name != "parametrize"]
                choices = [{mark.args[0]: choice} for mark in varied for choice in mark.args[1]] or [{}]
                label = f"{module.__name__.rpartition('.')[2]}-{name.removeprefix('test_')}"
                found += [
                    pytest.param(value, given, id="-".join([label, *map(str, given.values())]), marks=kept)
                    for given in choices
                ]
    return found


class ProxiedSandbox(Sandbox):
    """A sandbox that gives out the addresses of a proxy before it."""

    proxy: Proxy | None = None

    def url(self, provider: str | None = None) -> str:
        own = super().url(provider)
        return own if self.proxy is None or provider is None else f"{self.proxy.url}/{provider}"


@asynccontextmanager
async def proxied_sandbox(seen: Seen, **options: Any) -> AsyncGenerator[ProxiedSandbox]:
    async with ProxiedSandbox(seed=1, check=True, revisions={"mka1": MKA1}, **options) as sandbox:
        upstreams = tuple(UpstreamSettings(name=name, url=sandbox.url(name)) for name in sandbox.revisions)
        contracts = {name: registry.contract(name, revision) for name, revision in sandbox.revisions.items()}
        made = ProxySettings(upstreams=upstreams, port=0, policy=Policy(mode="enforce", drift="report"))
        async with Proxy(made, contracts, seen) as proxy:
            sandbox.proxy = proxy
            yield sandbox
            sandbox.proxy = None


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.mark.parametrize(("scenario", "given"), _scenarios())
async def test_a_vendors_client_does_all_it_does(scenario: Scenario, given: dict[str, Any], seen: Seen) -> None:
    """Each exchange is checked both ways, and nothing is wrong or new, nor left unchecked."""
    wanted = set(inspect.signature(scenario).parameters)
    options: dict[str, Any] = {"speed": 1000} if "sandbox" in wanted else {"clock": SteppedClock()}
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(proxied_sandbox(seen, **options))
        fixtures: dict[str, Any] = {"sandbox": sandbox, "still": sandbox, **given}
        if "client" in wanted:
            fixtures["client"] = await stack.enter_async_context(test_gradient_client.connect(sandbox))
        if "sdk" in wanted:
            sdk = SDK(bearer_auth=sandbox.token, server_url=sandbox.url("mka1"))
            fixtures["sdk"] = await stack.enter_async_context(cast("Any", sdk))
        await scenario(**{name: value for name, value in fixtures.items() if name in wanted})
    assert seen.exchanges
    for exchange in seen.exchanges:
        assert (exchange.violations, exchange.drift, exchange.skips) == ((), (), ()), exchange
        assert (exchange.outcome, exchange.source) == ("complete", "upstream")
        assert exchange.checked_request
        assert exchange.checked_response
