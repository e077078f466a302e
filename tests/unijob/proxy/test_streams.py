"""Streams stream, and their events are checked one by one."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests.unijob.proxy.wires import MODES, Message, Script, Seen, Upstream, dial, exchange, proxied, request, until
from unijob.proxy import Limits
from unijob.proxy.settings import Mode
from unijob.proxy.sse import Splitter, read_event

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
OPEN = HEAD + b"\r\n"
FIRST = b'event: item\r\nid: 7\r\ndata: {"id": 1}\r\n\r\n'
BAD = b'data: {"id": "one"}\n\n'
LAST = b'data: {"id":\ndata: 3}\n\ndata: [DONE]\n\n'


def steps(*parts: bytes, go: asyncio.Event | None = None) -> Script:
    """Send the first parts, wait until told to go on, and send the last."""

    async def answer(_: Message, writer: asyncio.StreamWriter) -> None:
        for part in parts[:-1]:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.005)
        if go is not None:
            await go.wait()
        writer.write(parts[-1])
        await writer.drain()
        writer.close()

    return answer


@pytest.mark.parametrize("mode", MODES)
async def test_an_event_arrives_as_it_is_sent(mode: Mode) -> None:
    """The head before the first event, and that before the next."""
    go = asyncio.Event()
    seen = Seen()
    async with (
        Upstream(steps(OPEN, b": hi\n\n", FIRST, LAST, go=go)) as upstream,
        proxied(upstream, mode, seen) as proxy,
        dial(proxy) as wire,
    ):
        await wire.send(request("GET", "/events"))
        head = await asyncio.wait_for(wire.reader.readuntil(b"\r\n\r\n"), 2)
        assert b"Transfer-Encoding: chunked" in head
        got = await asyncio.wait_for(wire.reader.readuntil(FIRST), 2)
        assert seen.exchanges == []
        go.set()
        got += await asyncio.wait_for(wire.reader.readuntil(b"0\r\n\r\n"), 2)
        assert LAST in got
        told = await seen.one()
        assert (told.outcome, told.violations, told.events) == ("complete", (), 0 if mode == "off" else 2)


async def test_a_bad_event_is_told_and_passes_in_report() -> None:
    """With its place; the stream goes on."""
    seen = Seen()
    async with Upstream(steps(OPEN, FIRST, BAD, LAST)) as upstream, proxied(upstream, "report", seen) as proxy:
        got = await exchange(proxy, request("GET", "/events"))
        assert got.body == FIRST + BAD + LAST
        told = await seen.one()
        assert [(one.place, one.pointer) for one in told.violations] == [("response.body", "/id")]
        assert (told.events, told.outcome) == (3, "complete")


@pytest.mark.parametrize("together", [True, False])
async def test_a_bad_event_ends_the_stream_in_enforce(*, together: bool) -> None:
    """What was good before it passed; it and what follows do not; the caller sees a cut."""
    seen = Seen()
    parts = (OPEN + FIRST + BAD + LAST,) if together else (OPEN, FIRST, BAD[:9], BAD[9:], LAST)
    async with (
        Upstream(steps(*parts)) as upstream,
        proxied(upstream, "enforce", seen) as proxy,
        dial(proxy) as wire,
    ):
        await wire.send(request("GET", "/events"))
        got = await wire.rest()
        assert b"one" not in got
        assert not got.endswith(b"0\r\n\r\n")
        told = await seen.one()
        assert (told.outcome, told.cause, told.events) == ("aborted", "violations", 2)
        assert (told.status, told.source) == (200, "upstream")


async def test_a_good_event_before_a_bad_one_reaches_the_caller() -> None:
    """It is not lost with the connection."""
    go = asyncio.Event()
    async with (
        Upstream(steps(OPEN, FIRST, BAD, go=go)) as upstream,
        proxied(upstream, "enforce") as proxy,
        dial(proxy) as wire,
    ):
        await wire.send(request("GET", "/events"))
        await asyncio.wait_for(wire.reader.readuntil(FIRST), 2)
        go.set()
        assert b"one" not in await wire.rest()


@pytest.mark.parametrize(("streams", "status", "body"), [("pass", 200, FIRST + BAD), ("refuse", 502, None)])
async def test_streams_follow_their_setting(streams: str, status: int, body: bytes | None) -> None:
    """Passed unchecked and counted, or refused."""
    seen = Seen()
    async with (
        Upstream(steps(OPEN, FIRST, BAD)) as upstream,
        proxied(upstream, "enforce", seen, streams=streams) as proxy,
    ):
        got = await exchange(proxy, request("GET", "/events"))
        assert got.status == status
        assert body is None or got.body == body
        assert [skip.reason for skip in (await seen.one()).skips] == (["stream"] if body else [])


@pytest.mark.parametrize("mode", ["report", "enforce"])
async def test_an_event_stream_that_is_not_documented(mode: Mode) -> None:
    """Enforce answers 502 at once, report passes it and tells of it once."""
    seen = Seen()
    async with Upstream(steps(OPEN, FIRST, LAST)) as upstream, proxied(upstream, mode, seen) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert got.status == (200 if mode == "report" else 502)
        assert [one.keyword for one in (await seen.one()).violations] == ["media-type"]


@pytest.mark.parametrize("mode", ["report", "enforce"])
async def test_a_compressed_stream_passes_unchecked(mode: Mode) -> None:
    """And that is counted."""
    body = gzip.compress(FIRST + BAD)
    seen = Seen()
    sent = steps(HEAD + b"Content-Encoding: gzip\r\n\r\n", body[:9], body[9:])
    async with Upstream(sent) as upstream, proxied(upstream, mode, seen) as proxy:
        assert (await exchange(proxy, request("GET", "/events"))).body == body
        assert [skip.reason for skip in (await seen.one()).skips] == ["encoding"]


@pytest.mark.parametrize("mode", ["report", "enforce"])
async def test_an_event_too_large_to_check_passes(mode: Mode) -> None:
    """From there on the stream is unchecked, and that is counted."""
    large = b"data: " + b"x" * 3000 + b"\n\n"
    seen = Seen()
    async with (
        Upstream(steps(OPEN, FIRST, large[:2000], large[2000:], BAD)) as upstream,
        proxied(upstream, mode, seen, limits=Limits(event_bytes=1000)) as proxy,
    ):
        assert (await exchange(proxy, request("GET", "/events"))).body == FIRST + large + BAD
        told = await seen.one()
        assert ([skip.reason for skip in told.skips], told.events) == (["too-large"], 1)


async def test_a_caller_that_leaves_a_stream_ends_the_call() -> None:
    """The upstream's connection is closed."""
    go = asyncio.Event()
    seen = Seen()
    async with Upstream(steps(OPEN, FIRST, LAST, go=go)) as upstream, proxied(upstream, "enforce", seen) as proxy:
        async with dial(proxy) as wire:
            await wire.send(request("GET", "/events"))
            await asyncio.wait_for(wire.reader.readuntil(FIRST), 2)
        told = await seen.one()
        assert (told.outcome, told.status) == ("caller-gone", 200)
        go.set()
        await until(upstream.closed.is_set)


@pytest.mark.parametrize("mode", ["off", "report"])
async def test_json_streams_too_unless_it_is_held_back(mode: Mode) -> None:
    """Half of it arrives before the rest was sent; the check comes after."""
    go = asyncio.Event()
    seen = Seen()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
    async with (
        Upstream(steps(head, b'{"id"', b': "x"}', go=go)) as upstream,
        proxied(upstream, mode, seen) as proxy,
        dial(proxy) as wire,
    ):
        await wire.send(request("GET", "/items/1"))
        await asyncio.wait_for(wire.reader.readuntil(b'{"id"'), 2)
        go.set()
        await asyncio.wait_for(wire.reader.readuntil(b"}"), 2)
        told = await seen.one()
        assert [one.pointer for one in told.violations] == ([] if mode == "off" else ["/id"])


async def test_a_request_streams_in_report() -> None:
    """A chunked upload goes on as it comes, and is checked when it has passed."""
    seen = Seen()
    got = asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'{"id"')
        got.set()
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n" + b'{"id": 1}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(watch, "127.0.0.1", 0)
    async with server, proxied(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen=seen) as proxy:
        async with dial(proxy) as wire:
            fields = ("Transfer-Encoding: chunked", "Content-Type: application/json")
            await wire.send(request("POST", "/items", *fields) + b'5\r\n{"id"\r\n')
            await asyncio.wait_for(got.wait(), 2)
            await wire.send(b'6\r\n: "x"}\r\n0\r\n\r\n')
            assert (await wire.answer()).status == 200
        assert [(one.place, one.pointer) for one in (await seen.one()).violations] == [("request.body", "/id")]


async def test_checks_beside_keep_to_their_budget() -> None:
    """What comes when it is used up is skipped and counted; the answers do not change."""
    seen = Seen()
    body = b'{"id": "' + b"x" * 200_000 + b'"}'
    sent = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    limits = Limits(validation_ms_per_second=0.01)
    async with Upstream(sent) as upstream, proxied(upstream, "report", seen, limits=limits) as proxy:
        for _ in range(3):
            assert (await exchange(proxy, request("GET", "/items/1"))).body == body
        await until(lambda: len(seen.exchanges) == 3)
        skips = [skip.reason for one in seen.exchanges for skip in one.skips]
        assert skips.count("budget") >= 2
        assert sum(len(one.violations) for one in seen.exchanges) <= 1


async def test_enforce_does_not_skip_for_the_budget() -> None:
    """A bad answer is refused however many came before."""
    bad = b'{"id": "x"}'
    sent = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(bad), bad)
    limits = Limits(validation_ms_per_second=0.001)
    async with Upstream(sent) as upstream, proxied(upstream, "enforce", limits=limits) as proxy:
        for _ in range(5):
            assert (await exchange(proxy, request("GET", "/items/1"))).status == 502


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_stream_is_cut_where_its_events_end(size: int, end: bytes) -> None:
    """However it comes in, with each of the three line ends; all bytes come out again."""
    text = end.join([b": c", b"", b"data: a", b"data:b", b"id: 1", b"", b"retry: 5", b"data", b"", b"data: open"])
    splitter = Splitter()
    blocks = [block for at in range(0, len(text), size) for block in splitter.feed(text[at : at + size])]
    blocks.append(splitter.rest())
    assert b"".join(blocks) == text
    events = [event.fields for event in map(read_event, blocks) if event is not None]
    assert events == [{"data": "a\nb", "id": "1"}, {"retry": 5, "data": ""}, {"data": "open"}]
