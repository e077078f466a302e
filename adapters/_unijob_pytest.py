"""The pytest plugin of unijob. It lies outside the package, so that a run that does not use it imports none of that."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unijob.testing import RunningSandbox

_NAME = "unijob_sandbox"
_SHOWN = 20


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_NAME}(seed, revisions, providers, start, token, check): how the fixture {_NAME} serves this test; "
        "what RunningSandbox takes.",
    )


@pytest.fixture
def unijob_sandbox(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Generator[RunningSandbox, None, None]:
    """Every provider's API on a local port, whose time moves only as a client waits.

    While it is there, each `JobClient()`, sync or async, reaches it and nothing else, and goes by its clock.
    """
    from unijob.testing import RunningSandbox  # noqa: PLC0415  only those who use it pay for it

    marker: pytest.Mark | None = request.node.get_closest_marker(_NAME)
    settings: Mapping[str, Any] = {} if marker is None else marker.kwargs
    with RunningSandbox(**settings) as sandbox:
        for name, value in {**sandbox.environment(), **_no_proxy(), "UNIJOB_CONFIG": os.devnull}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("unijob.client.job_client.SystemClock", lambda: sandbox.clock)
        yield sandbox


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Show beside a failure what the sandbox received."""
    sandbox: RunningSandbox | None = getattr(item, "funcargs", {}).get(_NAME)
    if sandbox is not None and call.when == "call" and call.excinfo is not None:
        item.add_report_section("call", _NAME, _received(sandbox))
    return (yield)


def _received(sandbox: RunningSandbox) -> str:
    requests = sandbox.requests
    left_out = len(requests) - _SHOWN
    lines = [f"… {left_out} requests before these"] if left_out > 0 else []
    for received in requests[-_SHOWN:]:
        status = received.status or "connection broken"
        faults = f"  ({', '.join(received.faults)})" if received.faults else ""
        at = datetime.fromtimestamp(received.at, UTC)
        lines.append(f"{at:%H:%M:%S} {received.provider} {received.method} {received.path} -> {status}{faults}")
    return "\n".join(lines) or "no request was received"


def _no_proxy() -> dict[str, str]:
    """Environment variables that keep a proxy of this machine's out of the way."""
    return {name: ",".join(filter(None, [os.environ.get(name), "127.0.0.1"])) for name in ("no_proxy", "NO_PROXY")}
