"""Requests reach the upstream as they were sent, byte for byte."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests.unijob.proxy.wires import JSON, MODES, Message, Upstream, dial, exchange, proxied, request
from unijob.proxy.settings import Mode

BODIES = {
    "numbers": (b'{ "n" : 9223372036854775807,\n"m":12345678901234567890, "f":1.0 }', "application/json"),
    "binary": (bytes(range(256)) * 40, "application/octet-stream"),
    "multipart": (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\x00\xff\r\n\r\n--b--\r\n',
        'multipart/form-data; boundary="b"',
    ),
    "large": (b"[" + b"1," * 400_000 + b"1]", "application/json"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", BODIES)
async def test_a_body_arrives_byte_for_byte(mode: Mode, name: str) -> None:
    """Numbers keep their digits, and nothing is parsed and written again."""
    body, content_type = BODIES[name]
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        answer = await exchange(proxy, request("POST", "/echo", f"Content-Type: {content_type}", body=body))
        assert answer.status == 200
        assert upstream.only.body == body
        assert upstream.only.all("Content-Type") == [content_type]
        assert upstream.only.all("Content-Length") == [str(len(body))]


@pytest.mark.parametrize("mode", MODES)
async def test_a_compressed_body_stays_compressed(mode: Mode) -> None:
    """A copy is decompressed for its check; what is sent on is what came."""
    body = gzip.compress(b'{"id": 1}')
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        data = request("POST", "/echo", "Content-Type: application/json", "Content-Encoding: gzip", body=body)
        await exchange(proxy, data)
        assert upstream.only.body == body
        assert upstream.only.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize("mode", MODES)
async def test_a_chunked_body_arrives_whole(mode: Mode) -> None:
    """Chunks may be cut anew; their contents stay."""
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        data = request("POST", "/echo", "Transfer-Encoding: chunked", "Content-Type: text/plain")
        answer = await exchange(proxy, data + b"3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\n\r\n")
        assert answer.status == 200
        assert upstream.only.body == b"abcdefgh"
        assert upstream.only.get("Transfer-Encoding") == "chunked"
        assert upstream.only.all("Content-Length") == []


TARGETS = [
    "/echo",
    "/echo?",
    "/echo?a=1&a=2&a=",
    "/echo?&&b&c==",
    "/echo?q=%7e~%7E+%20%2B%2f/?:@",
    "/echo?x=%FF%00",
    "/items/a%3Ab;v=1,2",
    "/items/%41%e2%82%ac",
    "/items/a'()*!$&+=@:-_~.b",
]
ODD_TARGETS = ["/items/..", "/./echo", "//echo", "/items/a%2Fb", "/items/a%3fb", "/echo#frag", "/items/%2e%2E", "/i\\j"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", TARGETS)
async def test_a_target_arrives_byte_for_byte(mode: Mode, target: str) -> None:
    """What stands behind the mount is not decoded, ordered or tidied."""
    async with Upstream(JSON) as upstream, proxied(upstream, mode) as proxy:
        assert (await exchange(proxy, request("GET", target))).status == 200
        assert upstream.only.target == target


@pytest.mark.parametrize("mode", ["off", "report"])
@pytest.mark.parametrize("target", ODD_TARGETS)
async def test_an_odd_target_arrives_byte_for_byte_where_it_is_not_refused(mode: Mode, target: str) -> None:
    """Off and report change nothing about it either."""
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        assert (await exchange(proxy, request("GET", target))).status == 200
        assert upstream.only.target == target


async def test_the_path_of_the_upstreams_url_comes_first() -> None:
    """An upstream may live below a path of its own."""
    async with Upstream() as upstream, proxied(upstream.url + "/base/v1/", "off") as proxy:
        await exchange(proxy, request("GET", "/echo?x"))
        await exchange(proxy, request("GET", ""))
        assert [one.target for one in upstream.requests] == ["/base/v1/echo?x", "/base/v1"]


@pytest.mark.parametrize("mode", MODES)
async def test_fields_arrive_as_they_were_and_no_others(mode: Mode) -> None:
    """Only Host is another, and Via is added; order, spelling and repetitions stay."""
    sent = ["X-b: 2", "x-A:  1 ", "ACCEPT: */*", "X-b: 3;  q", 'Cookie: a=1; b="2"', "X-Empty:", 'If-None-Match: W/"x"']
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        await exchange(proxy, request("GET", "/echo", *sent))
        host, *fields = upstream.only.fields
        assert host == ("Host", upstream.url.removeprefix("http://"))
        assert fields == [
            ("X-b", "2"),
            ("x-A", "1"),
            ("ACCEPT", "*/*"),
            ("X-b", "3;  q"),
            ("Cookie", 'a=1; b="2"'),
            ("X-Empty", ""),
            ("If-None-Match", 'W/"x"'),
            ("Via", "1.1 unijob"),
        ]


async def test_an_upstream_on_an_address_of_version_6() -> None:
    """Its Host has brackets."""
    hosts: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hosts.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[1].decode())
        writer.write(JSON)
        writer.close()

    try:
        server = await asyncio.start_server(answer, "::1", 0)
    except OSError:
        pytest.skip("there is no IPv6 here")
    port = server.sockets[0].getsockname()[1]
    async with server, proxied(f"http://[::1]:{port}", "enforce") as proxy:
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 200
        assert hosts == [f"Host: [::1]:{port}"]


async def test_names_that_differ_in_case_keep_their_spelling() -> None:
    """Their values all arrive, in order."""
    async with Upstream() as upstream, proxied(upstream) as proxy:
        await exchange(proxy, request("GET", "/echo", "X-One: 1", "x-one: 2", "Via: 1.0 before"))
        assert upstream.only.fields[1:] == [
            ("X-One", "1"),
            ("x-one", "2"),
            ("Via", "1.0 before"),
            ("Via", "1.1 unijob"),
        ]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_no_length_is_added_to_a_request_without_a_body(method: str) -> None:
    """Nor is a type."""
    async with Upstream() as upstream, proxied(upstream) as proxy:
        await exchange(proxy, request(method, "/echo"))
        await exchange(proxy, request(method, "/echo", "Content-Length: 0"))
        assert [[name for name, _ in one.fields] for one in upstream.requests] == [
            ["Host", "Via"],
            ["Host", "Content-Length", "Via"],
        ]


@pytest.mark.parametrize("mode", MODES)
async def test_hop_by_hop_fields_stay_behind(mode: Mode) -> None:
    """Those of the list, and those that Connection names; what frames the message cannot be named away."""
    sent = [
        "Connection: keep-alive, X-Mine, Content-Length",
        "X-Mine: 1",
        "Keep-Alive: 5",
        "TE: trailers",
        "Trailer: X",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic eHg6eXk=",
        "Authorization: Bearer yes",
    ]
    async with Upstream() as upstream, proxied(upstream, mode) as proxy:
        await exchange(proxy, request("POST", "/echo", *sent, body=b"x"))
        assert upstream.only.fields[1:] == [
            ("Authorization", "Bearer yes"),
            ("Content-Length", "1"),
            ("Via", "1.1 unijob"),
        ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("framing", ["Content-Length: 5", "Transfer-Encoding: chunked"])
async def test_the_proxy_answers_expect_itself(mode: Mode, framing: str) -> None:
    """The caller is told to go on; the upstream gets the body and no Expect."""
    async with Upstream() as upstream, proxied(upstream, mode) as proxy, dial(proxy) as wire:
        await wire.send(request("POST", "/echo", "Expect: 100-continue", framing))
        assert (await wire.answer(bodiless=True)).start == "HTTP/1.1 100 Continue"
        await wire.send(b"hello" if "Length" in framing else b"5\r\nhello\r\n0\r\n\r\n")
        assert (await wire.answer()).status == 200
        assert upstream.only.body == b"hello"
        assert upstream.only.all("Expect") == []


async def test_a_refused_request_is_not_told_to_go_on() -> None:
    """The refusal comes at once, and the body need not be sent."""
    async with Upstream() as upstream, proxied(upstream, "enforce") as proxy, dial(proxy) as wire:
        await wire.send(request("POST", "/nowhere", "Expect: 100-continue", "Content-Length: 5"))
        assert (await wire.answer()).status == 404
        assert upstream.requests == []


async def test_forwarded_fields_come_on_request() -> None:
    """They tell of the caller, after what proxies before this one told."""
    async with Upstream() as upstream, proxied(upstream, forwarded_headers=True) as proxy:
        await exchange(proxy, request("GET", "/echo", "X-Forwarded-For: 10.0.0.1"))
        assert upstream.only.fields[1:4] == [
            ("X-Forwarded-For", "10.0.0.1, 127.0.0.1"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Host", "proxy.test"),
        ]


async def test_pipelined_requests_are_answered_in_order() -> None:
    """Two requests in one packet get two answers."""

    async def name(message: Message, writer: asyncio.StreamWriter) -> None:
        target = message.target.encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target))

    async with Upstream(name) as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send(request("GET", "/echo?1") + request("GET", "/echo?2"))
        assert [(await wire.answer()).body for _ in range(2)] == [b"/echo?1", b"/echo?2"]
