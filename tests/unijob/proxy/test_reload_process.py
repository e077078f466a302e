"""A proxy in a process of its own: signals, and an orderly end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from tests.unijob.proxy.wires import JSON, SPEC, Message, Upstream, read_message

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
GET = b"GET /up/items/1 HTTP/1.1\r\nHost: x\r\n\r\n"


class Process:
    """A running `unijob proxy`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    async def event(self, name: str) -> dict[str, Any]:
        """Read the log up to an event."""
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            async for line in self._process.stdout:
                event: dict[str, Any] = orjson.loads(line)
                if event["event"] == name:
                    return event
        raise AssertionError(f"the log ended without {name}")

    async def ended(self) -> int:
        async with asyncio.timeout(5):
            return await self._process.wait()

    async def get(self) -> Message:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(GET)
            async with asyncio.timeout(5):
                return await read_message(reader)
        finally:
            writer.close()


@attrs.frozen
class Files:
    folder: Path
    upstream: Upstream

    def write(self, more: str = "", spec: Any = SPEC) -> Path:
        (self.folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        file = self.folder / "proxy.toml"
        file.write_text(
            f'port = 0\nadmin_port = 0\n{more}\n[upstreams.up]\nurl = "{self.upstream.url}"\nspec = "spec.json"\n',
            encoding="utf-8",
        )
        return file


@asynccontextmanager
async def started(config: Path) -> AsyncGenerator[Process, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "unijob.cli", "proxy", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    running = Process(process)
    try:
        running.port = int((await running.event("started"))["url"].rsplit(":", 1)[1])
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Slow:
    """An answer that waits until it is let go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, _: Message, writer: asyncio.StreamWriter) -> None:
        self.reached.set()
        await self.released.wait()
        writer.write(JSON)


async def test_hangup_reloads_without_dropping_a_request(tmp_path: Path) -> None:
    """What is under way ends by the old contract, and a bad contract is refused."""
    slow = Slow()
    async with Upstream(slow) as upstream:
        files = Files(tmp_path, upstream)
        async with started(files.write('policy.mode = "enforce"')) as process:
            waiting = asyncio.create_task(process.get())
            await slow.reached.wait()
            empty = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}
            files.write('policy.mode = "enforce"', empty)
            process.signal(signal.SIGHUP)
            assert (await process.event("reloaded"))["upstreams"][0]["operations"] == 0
            assert (await process.get()).status == 404
            slow.released.set()
            assert (await waiting).status == 200
            files.write("nothing = 1")
            process.signal(signal.SIGHUP)
            refused = await process.event("reload-refused")
            assert refused["setting"] == "nothing"
            assert (await process.get()).status == 404
            process.signal(signal.SIGTERM)
            assert await process.ended() == 0


async def test_terminate_lets_requests_end(tmp_path: Path) -> None:
    """No new one is taken meanwhile."""
    slow = Slow()
    async with Upstream(slow) as upstream, started(Files(tmp_path, upstream).write()) as process:
        waiting = asyncio.create_task(process.get())
        await slow.reached.wait()
        process.signal(signal.SIGTERM)
        assert (await process.event("draining"))["in_flight"] == 1
        with pytest.raises(ConnectionRefusedError):
            await process.get()
        slow.released.set()
        assert (await waiting).status == 200
        assert (await process.event("drained"))["broken_off"] == 0
        await process.event("stopped")
        assert await process.ended() == 0


async def test_draining_ends_in_time(tmp_path: Path) -> None:
    """What is still under way is broken off, and counted in the log."""
    slow = Slow()
    async with (
        Upstream(slow) as upstream,
        started(Files(tmp_path, upstream).write("limits.drain_seconds = 0.1")) as process,
    ):
        waiting = asyncio.create_task(process.get())
        await slow.reached.wait()
        process.signal(signal.SIGTERM)
        drained = await process.event("drained")
        assert (drained["broken_off"], drained["level"]) == (1, "warning")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await waiting
        assert await process.ended() == 0


async def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    """For whoever presses Ctrl-C twice."""
    slow = Slow()
    async with Upstream(slow) as upstream, started(Files(tmp_path, upstream).write()) as process:
        waiting = asyncio.create_task(process.get())
        await slow.reached.wait()
        process.signal(signal.SIGINT)
        await process.event("draining")
        process.signal(signal.SIGINT)
        await process.event("stopped")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await waiting
        assert await process.ended() == 0
