"""A real sandbox in a thread, with a fast clock, and the command line pointed at it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.unijob.cli.running import CANARY, Ended, Run
from unijob.cli import main
from unijob.sandbox import Sandbox

SPEED = 200


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    served = Sandbox(seed=7, speed=SPEED, token=CANARY, check=True)
    asyncio.run_coroutine_threadsafe(served.start(), loop).result(5)
    try:
        yield served
        asyncio.run_coroutine_threadsafe(served.__aexit__(None, None, None), loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    server.reset()
    return server


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return {
        **sandbox.environment(),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": "",
        "XDG_STATE_HOME": "",
        "UNIJOB_PROFILE": "",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command; the token never shows."""

    def invoke(*args: str, env: dict[str, str | None] | None = None, stdin: str | None = None) -> Ended:
        result = CliRunner().invoke(main, args, env={**environment, **(env or {})}, input=stdin, prog_name="unijob")
        assert CANARY not in result.stdout + result.stderr
        return Ended(result.exit_code, result.stdout, result.stderr)

    return invoke


@pytest.fixture
def started(sandbox: Sandbox, run: Run) -> Callable[..., str]:
    """Start an eval run that lives as scripted, and give its reference."""

    def start(**life: Any) -> str:
        sandbox.script("mka1:eval_run", **{"duration": 4, "items": 10, **life})
        ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]')
        assert ended.code == 0, ended.err
        return ended.out.strip()

    return start
