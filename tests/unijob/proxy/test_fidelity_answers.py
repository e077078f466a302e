"""Answers reach the caller as they were sent, byte for byte."""

from __future__ import annotations

import gzip

import pytest

from tests.unijob.proxy.wires import MODES, Message, Upstream, dial, exchange, proxied, request
from unijob.proxy.settings import Mode

OWN = {"via", "unijob-source", "unijob-request-id", "unijob-violations"}
JSON_TYPE = b"Content-Type: application/json\r\n"


def answer(status: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body), b"", body])


def theirs(message: Message) -> list[tuple[str, str]]:
    """The fields that the upstream sent."""
    return [field for field in message.fields if field[0].lower() not in OWN]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "body",
    [b'{ "n" : 12345678901234567890,\n"f":1.0 }', bytes(range(256)) * 500, b"[" + b"1," * 300_000 + b"1]"],
    ids=["numbers", "binary", "large"],
)
async def test_a_body_arrives_byte_for_byte(mode: Mode, body: bytes) -> None:
    """Its length stays too."""
    sent = answer(b"200 OK", b"Content-Type: application/octet-stream", body=body)
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/echo"))
        assert got.body == body
        assert got.all("Content-Length") == [str(len(body))]
        assert got.get("Unijob-Source") == "upstream"


@pytest.mark.parametrize("mode", MODES)
async def test_a_compressed_body_stays_compressed(mode: Mode) -> None:
    """Whatever the caller said that it accepts."""
    body = gzip.compress(b'{"id": 1}')
    sent = answer(b"200 OK", b"Content-Type: application/json", b"Content-Encoding: gzip", body=body)
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert (got.status, got.body, got.get("Content-Encoding")) == (200, body, "gzip")
        assert (got.get("Unijob-Violations") or "0") == "0"


@pytest.mark.parametrize("mode", MODES)
async def test_a_chunked_body_arrives_whole(mode: Mode) -> None:
    """Trailers are left out."""
    sent = b"HTTP/1.1 200 OK\r\n" + JSON_TYPE + b"Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
    sent += b'4\r\n{"id\r\n5\r\n": 1}\r\n0\r\nX-T: 1\r\n\r\n'
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert got.body == b'{"id": 1}'
        assert theirs(got) == [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]


@pytest.mark.parametrize("mode", MODES)
async def test_a_body_that_ends_with_the_connection_arrives_whole(mode: Mode) -> None:
    """It is sent on in chunks, so that the caller can tell a cut."""
    async with Upstream(b"HTTP/1.1 200 OK\r\n\r\nall of it", reads=False) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/echo"))
        assert got.body == b"all of it"
        assert got.get("Transfer-Encoding") == "chunked"


@pytest.mark.parametrize("mode", MODES)
async def test_fields_arrive_as_they_were_and_no_others(mode: Mode) -> None:
    """Order, spelling, repetitions, the reason, bytes that are not UTF-8; cookies are not merged."""
    fields = [
        (b"set-cookie", b"a=1; Path=/"),
        (b"X-Odd", b"caf\xe9 \xc3\xa9"),
        (b"Set-Cookie", b"b=2, c"),
        (b"Content-Type", b"text/x"),
        (b"Date", b"yesterday"),
        (b"SET-COOKIE", b"a=3"),
        (b"Location", b"/elsewhere"),
        (b"Content-Length", b"0"),
    ]
    head = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
    sent = b"HTTP/1.1 299 Quite \xe9 Right\r\n" + head + b"Keep-Alive: 5\r\nConnection: X-Gone\r\nX-Gone: 1\r\n\r\n"
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/echo"))
        assert got.start.encode("latin-1") == b"HTTP/1.1 299 Quite \xe9 Right"
        assert theirs(got) == [(name.decode(), value.decode("latin-1")) for name, value in fields]
        own = {name for name, _ in got.fields if name.lower() in OWN}
        assert own == {"Via", "Unijob-Source", "Unijob-Request-Id", *(["Unijob-Violations"] if mode != "off" else [])}


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_added_to_an_answer_without_fields(mode: Mode) -> None:
    """No type, no date, no server."""
    async with (
        Upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as upstream,
        proxied(upstream, mode) as proxy,
    ):
        got = await exchange(proxy, request("GET", "/echo"))
        assert theirs(got) == [("Content-Length", "2")]


@pytest.mark.parametrize("mode", MODES)
async def test_head_keeps_the_length(mode: Mode) -> None:
    """And the connection goes on after it."""
    sent = b"HTTP/1.1 200 OK\r\n" + JSON_TYPE + b"Content-Length: 1234\r\n\r\n"
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy, dial(proxy) as wire:
        for _ in range(2):
            await wire.send(request("HEAD", "/items/1"))
            got = await wire.answer(bodiless=True)
            assert theirs(got) == [("Content-Type", "application/json"), ("Content-Length", "1234")]
            assert (got.get("Unijob-Violations") or "0") == "0"


@pytest.mark.parametrize("mode", MODES)
async def test_not_modified_keeps_its_fields(mode: Mode) -> None:
    """Its length, which is that of what was not sent, too."""
    sent = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n'
    async with Upstream(sent) as upstream, proxied(upstream, mode) as proxy, dial(proxy) as wire:
        for _ in range(2):
            await wire.send(request("GET", "/echo"))
            got = await wire.answer(bodiless=True)
            assert theirs(got) == [("ETag", '"x"'), ("Content-Length", "99")]


@pytest.mark.parametrize("mode", MODES)
async def test_no_content_has_no_length(mode: Mode) -> None:
    """None is added, nor chunks."""
    async with (
        Upstream(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n") as upstream,
        proxied(upstream, mode) as proxy,
        dial(proxy) as wire,
    ):
        for _ in range(2):
            await wire.send(request("DELETE", "/echo"))
            assert theirs(await wire.answer(bodiless=True)) == [("X-A", "1")]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [b"301 Moved", b"307 Temporary"])
async def test_redirects_are_not_followed(mode: Mode, status: bytes) -> None:
    """The caller gets them."""
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        upstream.answer = answer(status, b"Location: " + upstream.url.encode() + b"/echo")
        got = await exchange(proxy, request("GET", "/echo"))
        assert got.status == int(status[:3])
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_early_answers_are_dropped(mode: Mode) -> None:
    """100, 102 and 103 of the upstream do not reach the caller."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    async with Upstream(early + answer(b"200 OK", body=b"x")) as upstream, proxied(upstream, mode) as proxy:
        got = await exchange(proxy, request("GET", "/echo"))
        assert (got.status, got.body, got.get("Link")) == (200, b"x", "")


async def test_an_old_caller_gets_no_chunks() -> None:
    """For HTTP/1.0 the end of the connection is the end of the body."""
    sent = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    async with Upstream(sent) as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send("GET /up/echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        got = await wire.answer()
        assert (got.body, got.get("Transfer-Encoding"), got.get("Connection")) == (b"ab", "", "close")
        assert upstream.only.get("Via") == "1.0 unijob"


async def test_a_caller_that_closes_is_told_so() -> None:
    """The connection ends after the answer."""
    async with Upstream() as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/echo", "Connection: close"))
        assert (await wire.answer()).get("Connection") == "close"
        assert await wire.rest() == b""


async def test_an_upstreams_own_fields_of_the_proxy_are_replaced() -> None:
    """What says who made the answer is not to be forged."""
    sent = answer(b"200 OK", b"Unijob-Source: proxy", b"unijob-violations: 7", b"Via: 1.1 inner")
    async with Upstream(sent) as upstream, proxied(upstream) as proxy:
        got = await exchange(proxy, request("GET", "/echo"))
        assert (got.all("Unijob-Source"), got.all("Unijob-Violations")) == (["upstream"], ["0"])
        assert got.all("Via") == ["1.1 inner", "1.1 unijob"]
