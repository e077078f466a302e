"""Settings and contracts are changed while the proxy serves."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from tests.unijob.proxy.wires import JSON, SPEC, Message, Upstream, exchange, request
from unijob.proxy import reload as module
from unijob.proxy.config import Source
from unijob.proxy.events import Exchange
from unijob.proxy.logs import Log, Writer
from unijob.proxy.run import Observers, Running, Service


@attrs.frozen
class Changing:
    """A proxy whose files are changed."""

    service: Service
    running: Running
    folder: Path
    log: io.BytesIO

    def write(self, text: str, spec: Mapping[str, Any] | str = SPEC) -> None:
        write(self.folder, text, spec)

    async def reload(self) -> bool:
        return await self.service.reloader.reload()

    async def get(self) -> Message:
        return await exchange(self.running.proxy, request("GET", "/items/1"))


def write(folder: Path, text: str, spec: Mapping[str, Any] | str = SPEC) -> None:
    (folder / "spec.json").write_text(spec if isinstance(spec, str) else json.dumps(spec), encoding="utf-8")
    (folder / "proxy.toml").write_text(text, encoding="utf-8")


def stricter() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(SPEC))
    content = spec["paths"]["/items/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    content["schema"] = {"type": "object", "required": ["name"]}
    return spec


@asynccontextmanager
async def changing(upstream: Upstream, folder: Path) -> AsyncGenerator[Changing, None]:
    write(folder, text(upstream))
    log = io.BytesIO()
    service = Service(Source(file=folder / "proxy.toml"), log)
    async with service.running() as running:
        yield Changing(service, running, folder, log)


def text(upstream: Upstream, more: str = "") -> str:
    head = f'port = 0\nadmin_port = false\npolicy.mode = "enforce"\n{more}\n'
    return head + f'[upstreams.up]\nurl = "{upstream.url}"\nspec = "spec.json"\n'


def events(log: io.BytesIO) -> dict[str, dict[str, Any]]:
    return {event["event"]: event for event in map(orjson.loads, log.getvalue().splitlines())}


async def test_a_new_contract_holds_from_the_next_request(tmp_path: Path) -> None:
    """And the reload is told."""
    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        assert (await served.get()).status == 200
        served.write(text(upstream), stricter())
        assert await served.reload()
        assert (await served.get()).status == 502
    told = events(served.log)["reloaded"]
    assert told["upstreams"][0]["name"] == "up"
    assert b'unijob_proxy_reloads_total{result="applied"} 1.0' in served.service.metrics.exposition()


async def test_new_settings_hold_from_the_next_request(tmp_path: Path) -> None:
    """Also another upstream."""
    async with Upstream(JSON) as upstream, Upstream() as other, changing(upstream, tmp_path) as served:
        served.write(text(other, "limits.check_bytes = 3").replace("enforce", "off"))
        assert await served.reload()
        assert (await served.get()).status == 200
        assert (len(upstream.requests), len(other.requests)) == (0, 1)


@pytest.mark.parametrize(
    ("change", "spec", "setting"),
    [
        ("prot = 1", SPEC, "prot"),
        ("port = 1", SPEC, None),
        ("", "{", "upstreams.up.spec"),
        ("", {"openapi": "3.1.0", "paths": {"/x": {"$ref": "#/nothing"}}}, "upstreams.up.spec"),
        ("limits.idle_seconds = 0", SPEC, "limits.idle_seconds"),
        ('admin_host = "0.0.0.0"', SPEC, "admin_host"),
    ],
)
async def test_what_is_wrong_is_refused_and_the_old_stays(
    change: str, spec: Mapping[str, Any] | str, setting: str | None, tmp_path: Path
) -> None:
    """Which is told in the log and counted."""
    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        before = served.running.proxy.settings
        served.write(text(upstream, change), spec)
        assert not await served.reload()
        assert served.running.proxy.settings is before
        assert (await served.get()).status == 200
    told = events(served.log)["reload-refused"]
    assert told["level"] == "error"
    assert setting is None or told["setting"] == setting
    assert told["problems"]
    assert b'unijob_proxy_reloads_total{result="refused"} 1.0' in served.service.metrics.exposition()


async def test_an_address_cannot_move(tmp_path: Path) -> None:
    """It is refused as a whole, and says that a new start is needed."""
    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        served.write(text(upstream).replace("port = 0", "port = 1", 1))
        assert not await served.reload()
    assert events(served.log)["reload-refused"]["problems"] == ["port cannot change without a new start"]


async def test_limits_that_wait_for_a_new_start_are_told(tmp_path: Path) -> None:
    """The others hold at once."""
    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        served.write(text(upstream, "limits.connections = 5\nlimits.check_bytes = 7"))
        assert await served.reload()
        assert served.running.proxy.settings.limits.check_bytes == 7
    assert events(served.log)["restart-needed"]["settings"] == ["limits.connections"]


async def test_whatever_happens_the_old_settings_serve_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may break its reader in ways that nobody thought of."""

    def fail(_: Source) -> None:
        raise MemoryError

    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        monkeypatch.setattr(module, "load", fail)
        assert not await served.reload()
        assert (await served.get()).status == 200
    assert events(served.log)["reload-refused"]["problems"] == ["reading failed: MemoryError"]


async def test_requests_go_on_while_settings_are_read(tmp_path: Path) -> None:
    """None is dropped, and each is held against one contract, the old or the new."""
    async with Upstream(JSON) as upstream, changing(upstream, tmp_path) as served:
        statuses: list[int] = []

        async def keep_asking() -> None:
            while True:
                statuses.append((await served.get()).status)

        async with asyncio.TaskGroup() as group:
            askers = [group.create_task(keep_asking()) for _ in range(4)]
            for turn in range(10):
                served.write(text(upstream), stricter() if turn % 2 else SPEC)
                assert await served.reload()
                assert (await served.get()).status == (502 if turn % 2 else 200)
            for asker in askers:
                asker.cancel()
    assert statuses
    assert set(statuses) <= {200, 502}


def test_an_observer_that_fails_disturbs_nobody() -> None:
    """It is told in the log."""

    class Failing:
        def finished(self, exchange: Exchange) -> None:
            raise ZeroDivisionError(exchange.request_id)

    class Keeping:
        def __init__(self) -> None:
            self.kept: list[Exchange] = []

        def finished(self, exchange: Exchange) -> None:
            self.kept.append(exchange)

    log, keeping = io.BytesIO(), Keeping()
    writer = Writer(log)
    Observers((Failing(), keeping), Log(writer)).finished(Exchange(request_id="r", started_at=0.0))
    writer.close()
    assert [exchange.request_id for exchange in keeping.kept] == ["r"]
    told = events(log)["observer-failed"]
    assert (told["observer"], told["error"], told["request_id"]) == ("Failing", "ZeroDivisionError", "r")
