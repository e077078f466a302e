"""Raw sockets on both sides of a proxy: an upstream that records bytes, and a caller that sends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import attrs

from unijob.contract import Contract
from unijob.proxy import Exchange, Limits, Policy, Proxy, ProxySettings, UpstreamSettings
from unijob.proxy.settings import Mode

MODES: tuple[Mode, ...] = ("off", "report", "enforce")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"
JSON = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{"id": 1}'
ANYTHING: Mapping[str, Any] = {"content": {"*/*": {}}}
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "state": {"type": "string", "enum": ["on", "off"]}},
}
SPEC: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "wires", "version": "1"},
    "paths": {
        "/echo": {
            method: {
                "operationId": f"echo_{method}",
                **({} if method in {"get", "head"} else {"requestBody": ANYTHING}),
                "responses": {"default": {"description": "", **ANYTHING}},
            }
            for method in ("get", "head", "post", "put", "delete", "options")
        },
        "/items/{id}": {
            "get": {
                "operationId": "get_item",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
                ],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": ITEM}}}},
            },
        },
        "/items": {
            "post": {
                "operationId": "create_item",
                "requestBody": {"required": True, "content": {"application/json": {"schema": ITEM}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": ITEM}}}},
            },
        },
        "/events": {
            "get": {
                "operationId": "watch",
                "responses": {"200": {"description": "", "content": {"text/event-stream": {"schema": ITEM}}}},
            },
        },
    },
}
_CONTRACT = Contract(SPEC)


class Seen:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def finished(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    async def one(self) -> Exchange:
        """The exchange, once its checks are done too."""
        await until(lambda: bool(self.exchanges))
        return self.exchanges[-1]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never did")


@attrs.frozen
class Message:
    """One message as it stood on the wire."""

    start: str
    fields: list[tuple[str, str]]
    body: bytes
    head: bytes
    raw_body: bytes

    @property
    def target(self) -> str:
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1])

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        return ", ".join(self.all(name))


async def read_message(reader: asyncio.StreamReader, *, bodiless: bool = False) -> Message:
    """Read one message; to the end of the connection where an answer has no length."""
    head = await reader.readuntil(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")[:-2]
    fields = [(name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines)]
    known = {name.lower(): value for name, value in fields}
    body = raw = b""
    if bodiless:
        pass
    elif known.get("transfer-encoding") == "chunked":
        while True:
            size = await reader.readline()
            length = int(size, 16)
            chunk = await reader.readexactly(length + 2)
            raw += size + chunk
            body += chunk[:-2]
            if not length:
                break
    elif "content-length" in known:
        raw = body = await reader.readexactly(int(known["content-length"]))
    elif start.startswith("HTTP/"):
        raw = body = await reader.read()
    return Message(start, fields, body, head, raw)


Script = Callable[[Message, asyncio.StreamWriter], Awaitable[None]]


class Upstream:
    """An upstream that records requests, and answers by a script or with the same bytes each time.

    Args:
        answer: the bytes, or what writes them.
        reads: whether whole requests are read first.
    """

    def __init__(self, answer: bytes | Script = OK, *, reads: bool = True) -> None:
        self.answer = answer
        self.requests: list[Message] = []
        self.connections = 0
        self.closed = asyncio.Event()
        self._reads = reads
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def only(self) -> Message:
        (request,) = self.requests
        return request

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                request = await read_message(reader) if self._reads else Message("", [], b"", b"", b"")
                self.requests.append(request)
                if isinstance(self.answer, bytes):
                    writer.write(self.answer)
                else:
                    await self.answer(request, writer)
                await writer.drain()
                if not self._reads:
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self.closed.set()
            self._tasks.discard(task)
            writer.close()


class Wire:
    """A caller's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes | str) -> None:
        self.writer.write(data.encode() if isinstance(data, str) else data)
        await self.writer.drain()

    async def answer(self, *, bodiless: bool = False) -> Message:
        async with asyncio.timeout(5):
            return await read_message(self.reader, bodiless=bodiless)

    async def rest(self) -> bytes:
        """All that comes until the connection ends, however it does."""
        got = b""
        async with asyncio.timeout(5):
            try:
                while chunk := await self.reader.read(65536):
                    got += chunk
            except ConnectionError:
                pass
        return got

    def close(self) -> None:
        self.writer.close()


@asynccontextmanager
async def dial(proxy: Proxy) -> AsyncGenerator[Wire]:
    """Connect to a proxy."""
    host, port = proxy.url.removeprefix("http://").rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def exchange(proxy: Proxy, data: bytes | str) -> Message:
    """Send a request on a connection of its own, and read the answer."""
    async with dial(proxy) as wire:
        await wire.send(data)
        raw = data.encode() if isinstance(data, str) else data
        return await wire.answer(bodiless=raw.startswith(b"HEAD "))


def request(method: str, target: str, *fields: str, body: bytes = b"", sized: bool = True) -> bytes:
    """Write a request to the mount `up`."""
    lines = [f"{method} /up{target} HTTP/1.1", "Host: proxy.test", *fields]
    if body and sized:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def settings(url: str, mode: Mode = "report", *, limits: Limits | None = None, **others: Any) -> ProxySettings:
    """Settings of a proxy with one upstream named `up`; what begins with `up_` is the upstream's."""
    own = {name.removeprefix("up_"): others.pop(name) for name in list(others) if name.startswith("up_")}
    return ProxySettings(
        upstreams=(UpstreamSettings(name="up", url=url, **own),),
        port=0,
        policy=others.pop("policy", Policy(mode=mode)),
        limits=limits or Limits(),
        **others,
    )


@asynccontextmanager
async def proxied(
    upstream: Upstream | str, mode: Mode = "report", seen: Seen | None = None, **others: Any
) -> AsyncGenerator[Proxy]:
    """Run a proxy before an upstream."""
    url = upstream if isinstance(upstream, str) else upstream.url
    async with Proxy(settings(url, mode, **others), {"up": _CONTRACT}, seen) as proxy:
        yield proxy
