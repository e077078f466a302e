"""What is refused before it is looked at: a clear answer, that quotes nothing."""

from __future__ import annotations

import asyncio
import json
import logging

import attrs
import pytest

from tests.unijob.proxy.wires import MODES, Seen, Upstream, dial, exchange, proxied, request
from unijob.proxy import Limits
from unijob.proxy.settings import Mode

CANARY = "canary-7f3a9c"
HOST = "Host: proxy.test\r\n"
MALFORMED = {
    "connect": f"CONNECT {CANARY}.test:443 HTTP/1.1\r\nHost: {CANARY}.test:443\r\n\r\n",
    "upgrade": f"GET /up/echo HTTP/1.1\r\n{HOST}Connection: upgrade\r\nUpgrade: {CANARY}\r\n\r\n",
    "websocket": f"GET /up/echo HTTP/1.1\r\n{HOST}Connection: upgrade\r\nUpgrade: websocket\r\nX: {CANARY}\r\n\r\n",
    "absolute": f"GET http://{CANARY}.test/up/echo HTTP/1.1\r\n{HOST}\r\n",
    "asterisk": f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n",
    "non-ascii header": f"GET /up/echo HTTP/1.1\r\n{HOST}X-A: {CANARY}é\r\n\r\n",
    "non-ascii target": f"GET /up/échò-{CANARY} HTTP/1.1\r\n{HOST}\r\n",
    "two lengths": f"POST /up/echo HTTP/1.1\r\n{HOST}X: {CANARY}\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "length and chunks": (
        f"POST /up/echo HTTP/1.1\r\n{HOST}X: {CANARY}\r\n"
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "chunks and length": (
        f"POST /up/echo HTTP/1.1\r\n{HOST}X: {CANARY}\r\n"
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    ),
    "two types": f"GET /up/echo HTTP/1.1\r\n{HOST}Content-Type: a/{CANARY}\r\nContent-Type: b/c\r\n\r\n",
    "bad field": f"GET /up/echo HTTP/1.1\r\n{HOST}Authorization Bearer {CANARY}\r\n\r\n",
    "bad field name": f"GET /up/echo HTTP/1.1\r\n{HOST}X {CANARY}: Bearer {CANARY}\r\n\r\n",
    "control character": f"GET /up/echo HTTP/1.1\r\n{HOST}Authorization: Bearer {CANARY}\x01\r\n\r\n",
    "folded": f"GET /up/echo HTTP/1.1\r\n{HOST}Authorization: Bearer\r\n {CANARY}\r\n\r\n",
    "no host": f"GET /up/echo HTTP/1.1\r\nX: {CANARY}\r\n\r\n",
    "method": f"{CANARY} /up/echo HTTP/1.1\r\n{HOST}\r\n",
    "version": f"GET /up/echo HTTP/2.9\r\n{HOST}X: {CANARY}\r\n\r\n",
    "garbage": f"\x16\x03\x01 {CANARY}\r\n\r\n",
    "length": f"POST /up/echo HTTP/1.1\r\n{HOST}Content-Length: {CANARY}\r\n\r\n",
    "codings": f"POST /up/echo HTTP/1.1\r\n{HOST}Transfer-Encoding: {CANARY}, chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_request_is_refused_and_not_quoted(
    mode: Mode, name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """400 with a problem; neither answer, log nor output has anything of the request; the upstream sees nothing."""
    caplog.set_level(logging.DEBUG)
    seen = Seen()
    async with Upstream() as upstream, proxied(upstream, mode, seen) as proxy:
        async with dial(proxy) as wire:
            await wire.send(MALFORMED[name])
            got = await wire.answer()
            told = json.loads(got.body)
            assert (got.start.split(" ")[:2], told["status"]) == (["HTTP/1.1", "400"], 400)
            assert got.get("Content-Type") == "application/problem+json"
            assert got.get("Unijob-Source") == "proxy"
            assert told["request_id"] == got.get("Unijob-Request-Id")
        assert upstream.requests == []
        exchange_told = await seen.one()
        assert (exchange_told.outcome, exchange_told.cause) == ("refused", "malformed")
        assert exchange_told.request_id == told["request_id"]
    output = "".join(capfd.readouterr())
    for text in (got.head.decode("latin-1"), got.body.decode(), caplog.text, output):
        assert CANARY not in text
    assert CANARY not in str(attrs.evolve(exchange_told, target=""))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (MALFORMED["two lengths"], "Content-Length"),
        (MALFORMED["length and chunks"], "Content-Length"),
        (MALFORMED["chunks and length"], "Content-Length"),
        (MALFORMED["upgrade"], "Upgrade"),
        (MALFORMED["connect"], "CONNECT"),
        (MALFORMED["absolute"], "must be a path"),
        (MALFORMED["non-ascii header"], "not ASCII"),
        (MALFORMED["method"], "method"),
    ],
)
async def test_the_answer_says_why(data: str, detail: str) -> None:
    """In a sentence for people."""
    async with Upstream() as upstream, proxied(upstream) as proxy, dial(proxy) as wire:
        await wire.send(data)
        assert detail in json.loads((await wire.answer()).body)["detail"]


async def test_a_path_that_names_no_upstream_is_not_found() -> None:
    """404 of the proxy."""
    async with Upstream() as upstream, proxied(upstream) as proxy:
        for target in ("/", "/other/echo", "/%75p/echo", "/../up/echo"):
            got = await exchange(proxy, f"GET {target} HTTP/1.1\r\n{HOST}\r\n")
            assert (got.status, got.get("Unijob-Source")) == (404, "proxy")


@pytest.mark.parametrize(
    ("limits", "fields", "target"),
    [
        (Limits(line_bytes=200), [], "/echo?" + "x" * 300),
        (Limits(field_bytes=200), ["X-A: " + "x" * 300], "/echo"),
        (Limits(header_fields=20), [f"X-{n}: {n}" for n in range(30)], "/echo"),
        (Limits(header_bytes=400), [f"X-{n}: {'x' * 50}" for n in range(10)], "/echo"),
    ],
)
async def test_a_large_header_is_refused(limits: Limits, fields: list[str], target: str) -> None:
    """431, for a long line, a long field, many fields, or all of it."""
    async with Upstream() as upstream, proxied(upstream, "off", limits=limits) as proxy:
        got = await exchange(proxy, request("GET", target, *fields))
        assert got.status == 431
        assert upstream.requests == []


async def test_a_slow_header_is_cut() -> None:
    """408, though bytes keep coming."""
    seen = Seen()
    async with Upstream() as upstream, proxied(upstream, seen=seen, limits=Limits(header_seconds=0.1)) as proxy:
        async with dial(proxy) as wire:
            await wire.send(b"GET /up/echo HTTP/1.1\r\nX-A: ")
            await wire.send(b"x")
            got = await wire.answer()
            assert (got.status, got.get("Connection")) == (408, "close")
            assert await wire.rest() == b""
        assert (await seen.one()).cause == "header-timeout"


async def test_a_header_that_comes_in_pieces_is_read() -> None:
    """Slow, but not too slow; and the connection goes on."""
    async with (
        Upstream() as upstream,
        proxied(upstream, limits=Limits(header_seconds=0.2)) as proxy,
        dial(proxy) as wire,
    ):
        for _ in range(3):
            for piece in (b"GET /up/echo HT", b"TP/1.1\r\nHost: x", b"\r\n\r\n"):
                await wire.send(piece)
            assert (await wire.answer()).status == 200


async def test_an_idle_connection_is_closed() -> None:
    """With or without a request before."""
    async with (
        Upstream() as upstream,
        proxied(upstream, limits=Limits(keep_alive_seconds=0.1)) as proxy,
        dial(proxy) as wire,
        dial(proxy) as silent,
    ):
        await wire.send(request("GET", "/echo"))
        await wire.answer()
        assert await wire.rest() == b""
        assert await silent.rest() == b""


async def test_a_body_that_turns_malformed_is_refused_at_once() -> None:
    """Without waiting for more of it."""
    async with Upstream() as upstream, proxied(upstream, "report") as proxy, dial(proxy) as wire:
        await wire.send(request("POST", "/echo", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
        await asyncio.sleep(0.05)
        await wire.send(b"zz\r\n")
        assert (await wire.answer()).status == 400
        assert await wire.rest() == b""
        assert upstream.requests == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("framing", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
async def test_a_body_larger_than_passes_is_refused(mode: Mode, framing: str) -> None:
    """413, by its declared length or when it has become too large."""
    body = b"x" * 5000 if "Length" in framing else b"1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n"
    async with Upstream() as upstream, proxied(upstream, mode, limits=Limits(request_bytes=4000)) as proxy:
        got = await exchange(proxy, request("POST", "/echo", framing) + body)
        assert (got.status, json.loads(got.body)["type"]) == (413, "urn:unijob:problem:too-large")


async def test_a_body_that_stands_still_is_refused() -> None:
    """408 where the body never comes."""
    async with Upstream() as upstream, proxied(upstream, limits=Limits(idle_seconds=0.1)) as proxy:
        got = await exchange(proxy, request("POST", "/echo", "Content-Length: 5"))
        assert (got.status, got.get("Connection")) == (408, "close")


async def test_a_badly_framed_body_is_refused() -> None:
    """400, and the upstream does not get half of it as if it were all."""
    async with Upstream() as upstream, proxied(upstream, "enforce") as proxy, dial(proxy) as wire:
        await wire.send(request("POST", "/echo", "Transfer-Encoding: chunked") + b"3\r\nabc\r\nzz\r\n")
        assert (await wire.answer()).status == 400
        assert upstream.requests == []


async def test_an_unknown_expectation_is_refused() -> None:
    """417."""
    async with Upstream() as upstream, proxied(upstream) as proxy:
        assert (await exchange(proxy, request("GET", "/echo", "Expect: wonders"))).status == 417


async def test_callers_must_send_a_key_where_one_is_asked_for() -> None:
    """In a field of its own or as a bearer; it stays here."""
    async with Upstream() as upstream, proxied(upstream, inbound_keys=("key-one", "key-two")) as proxy:
        for fields, status in (
            ([], 401),
            (["Unijob-Key: wrong"], 401),
            (["Authorization: Bearer key"], 401),
            (["Unijob-Key: key-two", "Authorization: Bearer own"], 200),
            (["Authorization: bearer key-one"], 200),
        ):
            assert (await exchange(proxy, request("GET", "/echo", *fields))).status == status
        assert [one.fields[1:-1] for one in upstream.requests] == [[("Authorization", "Bearer own")], []]


async def test_the_proxys_own_credentials_replace_the_callers() -> None:
    """They are added to each request."""
    own = {"Authorization": "Bearer of-the-proxy"}
    async with Upstream() as upstream, proxied(upstream, up_headers=own) as proxy:
        await exchange(proxy, request("GET", "/echo", "authorization: Bearer mine"))
        assert upstream.only.all("Authorization") == ["Bearer of-the-proxy"]
