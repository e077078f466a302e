"""What goes wrong has a name before the first byte, and breaks the connection after it."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import os
import socket
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unijob.client.test_http import serving_tls
from tests.unijob.proxy.wires import (
    JSON,
    MODES,
    OK,
    Message,
    Script,
    Seen,
    Upstream,
    dial,
    exchange,
    proxied,
    request,
    until,
)
from unijob.proxy import Exchange, Limits
from unijob.proxy.settings import Mode

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
async def leaks_nothing() -> AsyncIterator[None]:
    """Neither sockets nor tasks are left over."""
    tasks, sockets = len(asyncio.all_tasks()), _sockets()
    yield
    for _ in range(100):
        gc.collect()
        if len(asyncio.all_tasks()) <= tasks and _sockets() <= sockets:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"left over: {len(asyncio.all_tasks()) - tasks} tasks, {_sockets() - sockets} sockets")


def _sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


async def problem(upstream: Upstream | str, mode: Mode, limits: Limits | None = None) -> tuple[int, str]:
    """The status and cause that a caller gets, told to the observer alike."""
    seen = Seen()
    async with proxied(upstream, mode, seen, limits=limits) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        told = json.loads(got.body)
        assert got.get("Unijob-Source") == "proxy"
        finished = await seen.one()
        assert (finished.outcome, finished.cause, finished.status) == (
            "failed",
            told["type"].split(":")[-1],
            got.status,
        )
        return got.status, finished.cause


@pytest.mark.parametrize("mode", MODES)
async def test_an_upstream_that_refuses_connections(mode: Mode) -> None:
    """502, connect."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await problem(f"http://127.0.0.1:{port}", mode) == (502, "connect")


async def test_an_upstream_that_takes_no_connection() -> None:
    """504, connect-timeout."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        assert await problem(url, "off", Limits(connect_seconds=0.1)) == (504, "connect-timeout")


async def test_an_upstream_whose_name_is_unknown() -> None:
    """502, name."""
    assert await problem("http://nowhere.invalid", "off") == (502, "name")


async def test_an_upstream_that_speaks_no_tls() -> None:
    """502, tls."""
    async with Upstream(b"what?", reads=False) as upstream:
        assert await problem(upstream.url.replace("http:", "https:"), "off") == (502, "tls")


@pytest.mark.parametrize("mode", MODES)
async def test_an_upstream_that_closes_unanswered(mode: Mode) -> None:
    """502, disconnected; and the request was sent once."""

    async def close(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with Upstream(close) as upstream:
        assert await problem(upstream, mode) == (502, "disconnected")
        assert len(upstream.requests) == 1


def reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection with RST."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_an_upstream_that_resets_unanswered() -> None:
    """502, reset; and the request was sent once."""

    async def break_off(_: Message, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with Upstream(break_off) as upstream:
        assert await problem(upstream, "report") == (502, "reset")
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
async def test_an_upstream_that_closes_when_a_connection_is_used_again(method: str) -> None:
    """502, and nothing is sent a second time, whatever the method."""

    async def once(_: Message, writer: asyncio.StreamWriter) -> None:
        if len(upstream.requests) == 1:
            writer.write(OK)
        else:
            writer.close()

    async with Upstream(once) as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/echo"))
        assert (await wire.answer()).status == 200
        await wire.send(request(method, "/echo"))
        assert (await wire.answer()).status == 502
        assert (len(upstream.requests), upstream.connections) == (2, 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 O", HEAD + b"Content-"], ids=["nothing", "line", "half a header"])
async def test_an_upstream_that_hangs_before_its_header_ends(mode: Mode, sent: bytes) -> None:
    """504, first-byte."""

    async def hang(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(60)

    async with Upstream(hang) as upstream:
        assert await problem(upstream, mode, Limits(first_byte_seconds=0.1)) == (504, "first-byte")


@pytest.mark.parametrize("mode", MODES)
async def test_an_upstream_that_closes_in_its_header(mode: Mode) -> None:
    """502, no half header reaches the caller."""

    async def half(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Le")
        writer.close()

    async with Upstream(half) as upstream:
        assert await problem(upstream, mode) == (502, "disconnected")


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-x\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: x\r\n\r\nab",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X" * 20_000 + b": 1\r\n\r\n",
        HEAD + b"X: 1\rSet-Cookie: forged=1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=["no http", "two lengths", "no length", "transfer coding", "large header", "line break", "protocol"],
)
async def test_an_upstream_whose_answer_is_malformed(sent: bytes) -> None:
    """502, malformed-answer."""
    async with Upstream(sent) as upstream:
        assert await problem(upstream, "report") == (502, "malformed-answer")


SHORT = HEAD + b'Content-Length: 99\r\n\r\n{"id": 1'
CHUNKS = HEAD + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"id": 1\r\n'


def cut(sent: bytes, then: bytes | None = None, *, wait: float = 0.03) -> Script:
    """An upstream that sends something, then something else or a reset, and goes away."""

    async def answer(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(wait)
        if then is None:
            reset(writer)
            return
        writer.write(then)
        await asyncio.sleep(60 if then else 0)
        writer.close()

    return answer


CUT = {
    "short": cut(SHORT, b""),
    "short, reset": cut(SHORT),
    "chunks": cut(CHUNKS, b""),
    "chunks, reset": cut(CHUNKS),
    "bad chunk": cut(CHUNKS, b"zz\r\n"),
}


@pytest.mark.parametrize("mode", ["off", "report"])
@pytest.mark.parametrize("name", CUT)
async def test_an_answer_cut_after_its_first_byte_breaks_the_connection(mode: Mode, name: str) -> None:
    """The caller sees a connection that ended too early, never a whole answer."""
    seen = Seen()
    async with Upstream(CUT[name]) as upstream, proxied(upstream, mode, seen) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/items/1"))
        got = await wire.rest()
        assert b"200 OK" in got
        assert not got.endswith(b"0\r\n\r\n")
        finished = await seen.one()
        assert (finished.outcome, finished.cause) == ("aborted", "upstream-cut")


@pytest.mark.parametrize("name", CUT)
async def test_an_answer_cut_while_it_is_held_back_is_told(name: str) -> None:
    """In enforce nothing was sent yet: 502, upstream-cut."""
    async with Upstream(CUT[name]) as upstream:
        assert await problem(upstream, "enforce") == (502, "upstream-cut")


async def test_more_than_the_length_says_is_not_passed() -> None:
    """What comes after the end is no answer to the next request."""
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    async def twice(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        if len(upstream.requests) == 1:
            await asyncio.sleep(0.02)
            writer.write(extra)

    async with Upstream(twice) as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        for _count in range(3):
            await wire.send(request("GET", "/echo"))
            assert (await wire.answer()).body == b"ok"
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("mode", ["off", "report"])
async def test_an_answer_that_stands_still_is_broken_off(mode: Mode) -> None:
    """After idle_seconds without a byte."""

    async def hang(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 99\r\n\r\n{")
        await asyncio.sleep(60)

    seen = Seen()
    async with Upstream(hang) as upstream, proxied(upstream, mode, seen, limits=Limits(idle_seconds=0.1)) as proxy:
        async with dial(proxy) as wire:
            await wire.send(request("GET", "/items/1"))
            assert (await wire.rest()).endswith(b"{")
        finished = await seen.one()
        assert (finished.outcome, finished.cause) == ("aborted", "idle")


async def test_an_answer_that_stands_still_while_held_back_is_told() -> None:
    """504, idle."""

    async def hang(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 99\r\n\r\n{")
        await asyncio.sleep(60)

    async with Upstream(hang) as upstream:
        assert await problem(upstream, "enforce", Limits(idle_seconds=0.1)) == (504, "idle")


async def test_a_caller_that_does_not_read_is_broken_off() -> None:
    """Its answer stands still, and is not kept for ever."""

    async def flood(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    seen = Seen()
    async with (
        Upstream(flood) as upstream,
        proxied(upstream, "off", seen, limits=Limits(idle_seconds=0.2)) as proxy,
        dial(proxy) as wire,
    ):
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await wire.send(request("GET", "/echo"))
        finished = await seen.one()
        assert (finished.outcome, finished.cause) == ("aborted", "idle")
        await asyncio.wait_for(upstream.closed.wait(), 2)


@pytest.mark.parametrize("mode", MODES)
async def test_a_caller_that_goes_away_ends_the_call(mode: Mode) -> None:
    """The upstream's connection is closed while it still thinks."""
    started = asyncio.Event()

    async def think(_: Message, writer: asyncio.StreamWriter) -> None:
        started.set()
        while not writer.is_closing():
            await asyncio.sleep(0.01)
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await writer.drain()

    seen = Seen()
    async with Upstream(think) as upstream, proxied(upstream, mode, seen) as proxy:
        async with dial(proxy) as wire:
            await wire.send(request("GET", "/items/1"))
            await started.wait()
        await asyncio.wait_for(upstream.closed.wait(), 2)
        finished = await seen.one()
        assert (finished.outcome, finished.cause, finished.status) == ("caller-gone", "first-byte", None)


async def test_a_caller_that_goes_away_in_its_body_ends_the_call() -> None:
    """The upstream never sees the end of it."""
    seen = Seen()
    async with Upstream() as upstream, proxied(upstream, "report", seen) as proxy:
        async with dial(proxy) as wire:
            await wire.send(request("POST", "/echo", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
            await asyncio.sleep(0.05)
        await asyncio.wait_for(upstream.closed.wait(), 2)
        assert upstream.requests == []
        assert (await seen.one()).outcome == "caller-gone"


async def test_an_upstream_that_answers_before_the_body_is_whole() -> None:
    """The caller gets the answer; the rest of the body is not waited for."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, proxied(url, "off") as proxy, dial(proxy) as wire:
        await wire.send(request("POST", "/echo", "Content-Length: 9000000") + b"x" * 100)
        got = await wire.answer()
        assert (got.status, got.body) == (413, b"no")


@pytest.mark.parametrize("mode", MODES)
async def test_a_large_answer_streams_in_bounded_memory(mode: Mode) -> None:
    """256 MB pass, and memory grows by a fraction of that."""
    megabytes = 256

    async def flood(_: Message, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % (megabytes * 2**20))
        piece = b"x" * 2**18
        for _count in range(megabytes * 4):
            writer.write(piece)
            await writer.drain()

    seen = Seen()
    before = _resident()
    async with Upstream(flood) as upstream, proxied(upstream, mode, seen) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/items/1"))
        total = most = 0
        head = await wire.reader.readuntil(b"\r\n\r\n")
        assert b"200 OK" in head
        while total < megabytes * 2**20:
            total += len(await wire.reader.read(2**20))
            most = max(most, _resident())
        assert most - before < 48 * 2**20
        finished = await seen.one()
        assert (finished.outcome, finished.response_bytes) == ("complete", total)
        assert [skip.reason for skip in finished.skips] == ([] if mode == "off" else ["too-large"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_a_large_upload_streams_in_bounded_memory(mode: Mode, framing: str) -> None:
    """64 MB pass, beyond what is checked; that is counted, and the parameters are checked all the same."""
    megabytes = 64
    piece = b"x" * 2**18
    got = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        await reader.readuntil(b"\r\n\r\n")
        while got < megabytes * 2**20:
            got += len(await reader.read(2**20))
        writer.write(OK)
        await writer.drain()
        writer.close()

    seen = Seen()
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    before, most = _resident(), 0
    async with server, proxied(url, mode, seen) as proxy, dial(proxy) as wire:
        is_chunked = framing == "chunks"
        field = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {megabytes * 2**20}"
        await wire.send(request("POST", "/echo", field))
        for _count in range(megabytes * 4):
            await wire.send(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
            most = max(most, _resident())
        await wire.send(b"0\r\n\r\n" if is_chunked else b"")
        assert (await wire.answer()).status == 200
        assert most - before < 48 * 2**20
        told = await seen.one()
        assert told.request_bytes == megabytes * 2**20
        assert [(skip.part, skip.reason) for skip in told.skips] == (
            [] if mode == "off" else [("request", "too-large")]
        )
        assert told.checked_request == (mode != "off")


async def test_an_upstream_with_tls(tmp_path: Path) -> None:
    """One whose certificate is not trusted is 502, tls; whom to trust can be said."""
    context, file = serving_tls(tmp_path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(JSON)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        assert await problem(url, "off") == (502, "tls")
        async with proxied(url, "enforce", up_ca_file=str(file)) as proxy:
            assert (await exchange(proxy, request("GET", "/items/1"))).status == 200


async def test_an_observer_that_fails_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is told of in the log, by the class of its error only."""

    class Failing(Seen):
        def finished(self, exchange: Exchange) -> None:
            raise KeyError(exchange.target)

    async with Upstream(JSON) as upstream, proxied(upstream, "enforce", Failing()) as proxy:
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 200
    assert "KeyError" in caplog.text
    assert "/items" not in caplog.text


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize("mode", ["report", "enforce"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
async def test_a_bomb_is_passed_and_not_unpacked(mode: Mode, coding: str) -> None:
    """Its copy grows to the limit and no further; it passes unchecked, and that is counted."""
    bomb = gzip.compress(b" " * 2**27, 1) if "gzip" in coding else zlib.compress(b" " * 2**27, 1)
    bomb = gzip.compress(bomb) if "," in coding else bomb
    fields = b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(bomb))
    seen = Seen()
    limits = Limits(decompressed_bytes=2**20)
    before = _resident()
    async with Upstream(HEAD + fields + bomb) as upstream, proxied(upstream, mode, seen, limits=limits) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert (got.status, got.body) == (200, bomb)
        assert [skip.reason for skip in (await seen.one()).skips] == ["decompressed-size"]
        assert _resident() - before < 32 * 2**20


async def test_a_bomb_is_refused_where_that_is_set() -> None:
    """502 for an answer, 413 for a request."""
    bomb = gzip.compress(b" " * 2**22)
    fields = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    limits = Limits(decompressed_bytes=2**20)
    async with (
        Upstream(HEAD + fields + bomb) as upstream,
        proxied(upstream, "enforce", limits=limits, too_large="refuse") as proxy,
    ):
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 502
        data = request("POST", "/items", "Content-Type: application/json", "Content-Encoding: gzip", body=bomb)
        assert (await exchange(proxy, data)).status == 413
        assert len(upstream.requests) == 1


async def test_too_many_requests_are_refused() -> None:
    """503 with a word on when to come again; the one under way is not touched."""
    go = asyncio.Event()

    async def wait(_: Message, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        writer.write(OK)

    async with Upstream(wait) as upstream, proxied(upstream, limits=Limits(concurrent_requests=1)) as proxy:
        async with dial(proxy) as wire:
            await wire.send(request("GET", "/echo"))
            await until(lambda: bool(upstream.requests))
            got = await exchange(proxy, request("GET", "/echo"))
            assert (got.status, got.get("Retry-After")) == (503, "1")
            go.set()
            assert (await wire.answer()).status == 200
        assert (await exchange(proxy, request("GET", "/echo"))).status == 200


async def test_too_many_connections_are_closed() -> None:
    """Those that are open go on."""
    async with (
        Upstream(JSON) as upstream,
        proxied(upstream, limits=Limits(connections=1)) as proxy,
        dial(proxy) as first,
    ):
        await first.send(request("GET", "/items/1"))
        await first.answer()
        async with dial(proxy) as second:
            assert await second.rest() == b""
        await first.send(request("GET", "/items/1"))
        assert (await first.answer()).status == 200
