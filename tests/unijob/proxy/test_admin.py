"""The admin listener, around a proxy that serves."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from tests.unijob.proxy.wires import SPEC, Message, Upstream, exchange, read_message, request
from unijob.errors import ConfigError
from unijob.proxy.admin import Admin
from unijob.proxy.admin_pages import Pages
from unijob.proxy.config import Flag, Source
from unijob.proxy.drift import DriftLog
from unijob.proxy.history import History
from unijob.proxy.metrics import Metrics
from unijob.proxy.run import Running, Service

CANARY = "canary5f0c2e77"
BROKEN = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"id": "x", "n": 1 }'


@attrs.frozen
class Served:
    """A proxy with its admin listener, before an upstream."""

    service: Service
    running: Running
    log: io.BytesIO

    async def get(self, target: str, method: str = "GET") -> Message:
        return await ask(self.admin_url, f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    async def json(self, target: str) -> Any:
        return orjson.loads((await self.get(target)).body)

    @property
    def admin_url(self) -> str:
        assert self.running.admin is not None
        return self.running.admin.url


async def ask(url: str, data: bytes) -> Message:
    host, port = url.removeprefix("http://").rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            return await read_message(reader, bodiless=data.startswith(b"HEAD"))
    finally:
        writer.close()


def source(url: str, folder: Path, **more: Any) -> Source:
    spec = folder / "spec.json"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    values = {("port",): 0, ("admin_port",): 0, ("upstreams", "up", "url"): url, ("upstreams", "up", "spec"): str(spec)}
    values |= {tuple(name.split(".")): value for name, value in more.items()}
    return Source(flags=tuple(Flag(".".join(keys), keys, value) for keys, value in values.items()))


@asynccontextmanager
async def serving(upstream: Upstream, folder: Path, **more: Any) -> AsyncGenerator[Served, None]:
    log = io.BytesIO()
    service = Service(source(upstream.url, folder, **more), log)
    async with service.running() as running:
        yield Served(service, running, log)


async def test_health(tmp_path: Path) -> None:
    """Alive as long as it answers; ready until it drains."""
    async with Upstream() as upstream, serving(upstream, tmp_path) as served:
        alive = await served.get("/-/healthz")
        assert (alive.status, alive.body) == (200, b'{"status":"alive"}\n')
        assert await served.json("/-/readyz") == {"status": "ready"}
        await served.service.drain()
        draining = await served.get("/-/readyz")
        assert (draining.status, orjson.loads(draining.body)) == (503, {"status": "draining"})
        assert (await served.get("/-/healthz")).status == 200


async def test_metrics_are_served(tmp_path: Path) -> None:
    """In the text format of Prometheus."""
    async with Upstream(BROKEN) as upstream, serving(upstream, tmp_path) as served:
        await exchange(served.running.proxy, request("GET", "/items/1"))
        got = await served.get("/-/metrics")
        assert got.get("Content-Type").startswith("text/plain; version=")
        lines = got.body.decode().splitlines()
        labels = 'keyword="type",operation="get_item",place="response.body",upstream="up"'
        assert f"unijob_proxy_violations_total{{{labels}}} 1.0" in lines
        assert "unijob_proxy_ready 1.0" in lines
        assert "unijob_proxy_requests_in_flight 0.0" in lines


async def test_a_request_id_leads_to_its_violations(tmp_path: Path) -> None:
    """The header of the answer says which."""
    async with Upstream(BROKEN) as upstream, serving(upstream, tmp_path) as served:
        answer = await exchange(served.running.proxy, request("GET", "/items/1"))
        await exchange(served.running.proxy, request("GET", "/items/2"))
        found = await served.json(f"/-/violations?request_id={answer.get('Unijob-Request-Id')}")
        (only,) = found["violations"]
        assert only["target"] == "/up/items/1"
        assert [(each["pointer"], each["keyword"]) for each in only["violations"]] == [("/id", "type")]
        assert [each["pointer"] for each in only["drift"]] == ["/n"]
        missing = await served.get("/-/violations?request_id=none")
        assert missing.status == 404
        assert "no such exchange" in missing.body.decode()


async def test_lists_are_filtered(tmp_path: Path) -> None:
    """By upstream and operation, and bounded."""
    async with Upstream(BROKEN) as upstream, serving(upstream, tmp_path) as served:
        for _ in range(3):
            await exchange(served.running.proxy, request("GET", "/items/1"))
        for page in ("violations", "drift"):
            for query, length in {
                "": 3, "?limit=2": 2, "?upstream=up": 3, "?upstream=x": 0, "?operation=get_item&upstream=up": 3,
                "?operation=get%5Fitem": 3, "?operation=x": 0,
            }.items():  # fmt: skip
                found = (await served.json(f"/-/{page}{query}"))[page]
                assert len(found) == (min(length, 1) if page == "drift" else length), (page, query)
        (drift,) = (await served.json("/-/drift"))["drift"]
        assert (drift["count"], drift["pointer"], drift["example"]["target"]) == (3, "/n", "/up/items/1")


@pytest.mark.parametrize(
    ("target", "status", "told"),
    [
        ("/", 404, "/-/violations"),
        ("/-/nothing?a=1", 404, "/-/drift"),
        ("/-/violations?operations=x", 400, "did you mean operation?"),
        ("/-/drift?zzz=x", 400, "it may be limit, operation, upstream"),
        ("/-/violations?limit=0", 400, "limit must be a number from 1 to 1000"),
        ("/-/drift?limit=1001", 400, "limit must be a number from 1 to 1000"),
        ("/-/drift?limit=" + "9" * 5000, 400, "limit must be a number from 1 to 1000"),
        ("/-/drift?limit=%EF%BC%91", 400, "limit must be a number from 1 to 1000"),
    ],
)
async def test_what_is_asked_wrongly(target: str, status: int, told: str, tmp_path: Path) -> None:
    """The answer says what may be asked."""
    async with Upstream() as upstream, serving(upstream, tmp_path) as served:
        got = await served.get(target)
        assert got.status == status
        assert told in orjson.loads(got.body)["error"]


async def test_only_reading(tmp_path: Path) -> None:
    """GET and HEAD."""
    async with Upstream() as upstream, serving(upstream, tmp_path) as served:
        for method in ("POST", "DELETE"):
            got = await served.get("/-/healthz", method)
            assert (got.status, got.get("Allow")) == (405, "GET, HEAD")
        assert (await served.get("/-/healthz", "HEAD")).status == 200


async def test_the_proxy_itself_serves_no_admin_pages(tmp_path: Path) -> None:
    """They are reachable at their own address only."""
    async with Upstream() as upstream, serving(upstream, tmp_path) as served:
        got = await ask(served.running.proxy.url, b"GET /-/metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert got.status == 404
        assert b"unijob_proxy_ready" not in got.body


async def test_no_admin_listener(tmp_path: Path) -> None:
    """Where none is wanted."""
    more = {"admin_port": False}
    async with Upstream() as upstream, serving(upstream, tmp_path, **more) as served:
        assert served.running.admin is None


@pytest.mark.parametrize("setting", ["port", "admin_port"])
async def test_an_address_that_is_taken(setting: str, tmp_path: Path) -> None:
    """Stops the start, names the setting, and leaves nothing open."""
    async with Upstream() as upstream, serving(upstream, tmp_path) as served:
        url = served.running.proxy.url if setting == "port" else served.admin_url
        more = {setting: int(url.rsplit(":", 1)[1])}
        with pytest.raises(ConfigError, match=f"{setting}: cannot listen on 127.0.0.1") as caught:
            async with serving(upstream, tmp_path, **more):
                pass
        assert caught.value.setting == setting


async def test_an_admin_listener_that_others_reach_is_told(tmp_path: Path) -> None:
    """In the log."""
    more = {"admin_host": "0.0.0.0"}
    async with Upstream() as upstream, serving(upstream, tmp_path, **more) as served:
        pass
    events = [orjson.loads(line) for line in served.log.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["started", "admin-exposed", "stopped"]
    assert events[0]["upstreams"][0]["contract"].endswith("spec.json")


async def test_before_it_listens_it_is_not_ready() -> None:
    """And has no address."""
    pages = Pages(metrics=Metrics(), history=History(), drift=DriftLog(), state=lambda: "starting")
    assert pages.answer("/-/readyz", []).status == 503
    with pytest.raises(RuntimeError, match="not running"):
        _ = Admin(pages, host="127.0.0.1", port=0).url


MALFORMED = [
    f"GET /up/items/1?api_key={CANARY} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CANARY}\r\n\r\n",
    f"GET /up/items/1 HTTP/1.1\r\nHost: x\r\nCookie: s={CANARY}\r\nX-Api-Key: {CANARY}\r\n\r\n",
    f"GET /up/nothing?access_token={CANARY} HTTP/1.1\r\nHost: x\r\nAuthorization: {CANARY}\r\n\r\n",
    f"GET /up/items/1?{CANARY}=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CANARY}\r\n\r\n",
    f"GET /up/items/1 HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer {CANARY}\r\n\r\n",
    f"GET /up/items/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CANARY}\x00\r\n\r\n",
    f"GET /up/items/1 HTTP/1.1\r\nHost: x\r\nBearer {CANARY}\r\n\r\n",
    f"{CANARY} / HTTP/9.9\r\n\r\n",
    f"GET /up/items/1 HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n",
    f'POST /up/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n["{CANARY}"',
]


@pytest.mark.parametrize("data", MALFORMED)
async def test_no_credential_is_told_anywhere(data: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the log nor on a page, of requests well and badly formed, to the proxy and to the admin listener."""
    more = {"upstreams.up.headers.X-Own-Key": "Bearer ${OWN}", "policy.mode": "enforce"}
    async with Upstream(BROKEN) as upstream:
        settings = attrs.evolve(source(upstream.url, tmp_path, **more), environment={"OWN": CANARY})
        log = io.BytesIO()
        service = Service(settings, log)
        async with service.running() as running:
            served = Served(service, running, log)
            for url in (running.proxy.url, served.admin_url):
                answer = await ask(url, data.encode("latin-1"))
                assert CANARY.encode() not in answer.head + answer.body
            for page in ("metrics", "violations", "drift"):
                assert CANARY.encode() not in (await served.get(f"/-/{page}")).body
    assert '"event":"request"' in log.getvalue().decode()
    assert CANARY not in log.getvalue().decode()
    assert CANARY not in caplog.text
