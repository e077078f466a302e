"""One account's HTTP: what is sent, what is not followed, what is not read, and how failures are told."""

from __future__ import annotations

import logging
import ssl
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

from tests.unijob.upstream import DROP, HANG, KEY, RUN, Answer, FakeClock, Upstream, error
from unijob import registry
from unijob.client.accounts import Account
from unijob.client.http import Limits
from unijob.client.http import Upstream as Http
from unijob.client.replies import Reply, upstream_error
from unijob.client.retries import NoAnswerError
from unijob.errors import ConfigError, ContractViolation
from unijob.redact import Redactor
from unijob.request import Request, build

LIMITS = Limits(connect_timeout=2, max_connections=4, max_answer_bytes=1000)


def reading(run_id: str = "r1") -> Request:
    operation = registry.package("mka1", "2026-10").operations["getEvalRun"]
    return build(operation, registry.contract("mka1", "2026-10"), {"run_id": run_id})


@asynccontextmanager
async def opened(limits: Limits = LIMITS, **account: Any) -> AsyncGenerator[Http, None]:
    given: dict[str, Any] = {"key": KEY, **account}
    made = Account("mka1", **given)
    http = Http(made, limits, FakeClock(), Redactor(made.secrets()))
    try:
        yield http
    finally:
        await http.close()


async def test_headers_say_who_asks() -> None:
    """Bearer key, user agent, what is accepted, the end user and the account's own headers."""
    async with Upstream() as server:
        server.on("GET", RUN, {})
        async with opened(base_url=server.url, on_behalf_of="user-1", headers={"X-Gate": "open-sesame"}) as http:
            reply = await http.exchange(reading(), 5)
    sent = server.requests[0].headers
    assert reply.status == 200
    assert sent["Authorization"] == f"Bearer {KEY}"
    assert sent["X-On-Behalf-Of"] == "user-1"
    assert sent["X-Gate"] == "open-sesame"
    assert sent["Accept"] == "application/json"
    assert sent["User-Agent"].startswith("unijob/")


async def test_without_a_key_no_credential_is_sent() -> None:
    """An account without a key sends no Authorization, whatever ~/.netrc has."""
    async with Upstream() as server, opened(base_url=server.url, key=None) as http:
        await http.exchange(reading(), 5)
    assert "Authorization" not in server.requests[0].headers


async def test_ids_arrive_as_they_are() -> None:
    """A slash in an id stays encoded on the wire, below a base URL with a path."""
    async with Upstream() as server, opened(base_url=server.url + "/mka1") as http:
        await http.exchange(reading("a/b?c"), 5)
    assert server.requests[0].target == "/mka1/api/v1/llm/evals/runs/a%2Fb%3Fc"


async def test_cookies_are_not_kept() -> None:
    """What one answer sets is not sent with the next request."""
    async with Upstream() as server:
        server.on("GET", RUN, Answer(json={}, headers={"Set-Cookie": "a=b"}))
        async with opened(base_url=server.url) as http:
            await http.exchange(reading(), 5)
            await http.exchange(reading(), 5)
    assert "Cookie" not in server.requests[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """A redirect is an error that says where to; the other origin gets no request."""
    async with Upstream() as other, Upstream() as server:
        server.on("GET", RUN, Answer(status=status, headers={"Location": f"{other.url}/x?token=abc"}))
        async with opened(base_url=server.url) as http:
            reply = await http.exchange(reading(), 5)
    assert other.requests == []
    told = str(upstream_error(reply, registry.provider("mka1"), Redactor()))
    assert f"redirects to {other.url}/x?***" in told


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "deflate"}])
async def test_an_answer_that_is_too_large_is_not_read(encoding: dict[str, str]) -> None:
    """The limit counts what comes out, so a small compressed answer cannot fill the memory."""
    body = b"x" * 100_000
    async with Upstream() as server:
        server.on("GET", RUN, Answer(body=zlib.compress(body) if encoding else body, headers=encoding))
        async with opened(base_url=server.url) as http:
            with pytest.raises(ContractViolation, match="larger than 1000 bytes"):
                await http.exchange(reading(), 5)


async def test_a_broken_connection_may_have_been_received() -> None:
    """Once the headers left, nobody knows."""
    async with Upstream() as server:
        server.on("GET", RUN, DROP)
        async with opened(base_url=server.url) as http:
            with pytest.raises(NoAnswerError, match="the connection broke") as caught:
                await http.exchange(reading(), 5)
    assert caught.value.maybe_received


async def test_no_answer_in_time_may_have_been_received() -> None:
    """A time-out after sending is uncertain, and says how long it waited."""
    async with Upstream() as server:
        server.on("GET", RUN, HANG)
        async with opened(base_url=server.url) as http:
            with pytest.raises(NoAnswerError, match=r"none within 0\.4 s") as caught:
                await http.exchange(reading(), 0.4)
    assert caught.value.maybe_received


async def test_a_refused_connection_was_not_received() -> None:
    """Where no connection stands, nothing was sent."""
    async with Upstream() as server:
        url = server.url
    async with opened(base_url=url) as http:
        with pytest.raises(NoAnswerError, match="cannot connect") as caught:
            await http.exchange(reading(), 5)
    assert not caught.value.maybe_received
    assert caught.value.__context__ is None


async def test_a_broken_off_answer_is_no_answer() -> None:
    """Fewer bytes than announced are a failure of the connection, not a document."""
    async with Upstream() as server:
        server.on("GET", RUN, Answer(body=b"{}", headers={"Content-Length": "10"}))
        async with opened(base_url=server.url) as http:
            with pytest.raises(NoAnswerError, match="it broke off") as caught:
                await http.exchange(reading(), 5)
    assert caught.value.maybe_received


async def test_a_proxy_that_refuses_has_not_sent_anything() -> None:
    """What a proxy says to CONNECT is not the upstream's answer."""
    async with Upstream() as proxy, opened(base_url="https://upstream.invalid", proxy=proxy.url) as http:
        with pytest.raises(NoAnswerError, match="the proxy refused: 404") as caught:
            await http.exchange(reading(), 5)
    assert not caught.value.maybe_received
    assert [one.method for one in proxy.requests] == ["CONNECT"]
    assert "Authorization" not in proxy.requests[0].headers


async def test_an_unreachable_proxy_keeps_its_password() -> None:
    """A failing egress proxy is named as the trouble, without its credentials, in the whole chain."""
    async with Upstream() as gone:
        proxy = gone.url.replace("http://", "http://user:s3cr3t-pass@")
    async with opened(base_url="http://upstream.invalid", proxy=proxy) as http:
        with pytest.raises(NoAnswerError, match="cannot connect to the proxy") as caught:
            await http.exchange(reading(), 5)
    assert not caught.value.maybe_received
    assert "s3cr3t" not in repr((caught.value, caught.value.__context__, caught.value.__cause__))


async def test_the_proxy_is_used_with_its_credentials() -> None:
    """A request goes to the proxy in absolute form, with the proxy's user and password."""
    async with Upstream() as proxy:
        proxy.on("GET", f"http://upstream.invalid{RUN}", {})
        url = proxy.url.replace("http://", "http://user:p%40ss@")
        async with opened(base_url="http://upstream.invalid", proxy=url) as http:
            reply = await http.exchange(reading(), 5)
    assert reply.status == 200
    assert proxy.requests[0].headers["Proxy-Authorization"] == "Basic dXNlcjpwQHNz"


async def test_the_proxy_of_the_process_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY decides where the account names no proxy, unless NO_PROXY has the host."""
    async with Upstream() as proxy, Upstream() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with opened(base_url="http://upstream.invalid") as http:
            await http.exchange(reading(), 5)
        async with opened(base_url=server.url) as http:
            await http.exchange(reading(), 5)
    assert len(proxy.requests) == 1
    assert len(server.requests) == 1


async def test_a_proxy_that_is_not_http_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A SOCKS proxy in the environment is not used, and that is said."""
    async with Upstream() as server:
        monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
        monkeypatch.delenv("no_proxy", raising=False)
        async with opened(base_url=server.url) as http:
            assert (await http.exchange(reading(), 5)).status == 404
    assert "not used" in caplog.text


async def test_a_ca_file_without_certificates_is_a_config_error(tmp_path: Path) -> None:
    """The file is read when the account is first used."""
    file = tmp_path / "ca.pem"
    file.write_text("nothing")
    with pytest.raises(ConfigError, match="no certificates"):
        async with opened(ca_file=file):
            pass


def serving_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A context for a server, and the file of the authority that it trusts in."""
    authority, file, own = trustme.CA(), folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(file))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(own))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return context, file


async def test_certificates_are_checked(tmp_path: Path) -> None:
    """One that is not trusted ends all tries, with a hint; nothing was received."""
    context, _ = serving_tls(tmp_path)
    async with Upstream(context) as server, opened(base_url=server.url) as http:
        with pytest.raises(NoAnswerError, match="ca_file says whom to trust") as caught:
            await http.exchange(reading(), 5)
    assert caught.value.hopeless
    assert not caught.value.maybe_received
    assert server.requests == []


async def test_whom_to_trust_can_be_said(tmp_path: Path) -> None:
    """By a file, by a context of one's own, or not at all."""
    context, file = serving_tls(tmp_path)
    own = ssl.create_default_context(cafile=str(file))
    trusts: list[dict[str, Any]] = [{"ca_file": file}, {"ssl_context": own}, {"verify": False}]
    for trust in trusts:
        async with Upstream(context) as server, opened(base_url=server.url, **trust) as http:
            assert (await http.exchange(reading(), 5)).status == 404


async def test_a_closed_client_says_so() -> None:
    """Whoever goes on after the end gets a RuntimeError, not a retried failure."""
    async with Upstream() as server, opened(base_url=server.url) as http:
        await http.close()
        with pytest.raises(RuntimeError, match="closed"):
            await http.exchange(reading(), 5)


async def test_requests_are_logged_without_queries(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status and time at DEBUG."""
    with caplog.at_level(logging.DEBUG, "unijob"):
        async with Upstream() as server, opened(base_url=server.url) as http:
            await http.exchange(attrs.evolve(reading(), query="after=x"), 5)
    assert f"GET {RUN}: 404" in caplog.text
    assert "after" not in caplog.text
    assert KEY not in caplog.text


def replied(answer: Answer) -> Reply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = answer.body or b""
    return Reply(request=reading(), status=answer.status, headers=headers, body=body, received_at=FakeClock().now())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Thu, 01 Oct 2026 12:00:09 GMT"}, 9.0),
        ({"Retry-After": "Thu, 01 Oct 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 01 Oct 2026 13:00:09 GMT", "Date": "Thu, 01 Oct 2026 13:00:00 GMT"}, 9.0),
        ({"openai-poll-after-ms": "2500", "Retry-After": "7"}, 2.5),
        ({"openai-poll-after-ms": "x", "Retry-After": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "\u0667"}, None),
    ],
)
def test_hints_are_read(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After in seconds or as a date (by the server's own clock), and OpenAI's milliseconds."""
    assert replied(Answer(headers=headers)).hint == seconds


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"code": "c", "message": "m"}}', "c: m"),
        (b"plain words", "plain words"),
        (b"", "(GET /api/v1/llm/evals/runs/r1)"),
        (b"[1]", "(GET /api/v1/llm/evals/runs/r1)"),
    ],
)
def test_error_bodies_of_any_kind_are_told(body: bytes, said: str) -> None:
    """JSON, text or nothing."""
    found = upstream_error(replied(Answer(status=500, body=body)), registry.provider("mka1"), Redactor())
    assert str(found).endswith(said)


def test_long_error_bodies_are_cut() -> None:
    """A page of HTML does not become an exception of its size."""
    body = b"x" * 100_000
    found = upstream_error(replied(Answer(status=500, body=body)), registry.provider("mka1"), Redactor())
    assert len(str(found)) < 1000
    assert len(found.body) < 10_000


def test_the_request_id_is_kept() -> None:
    """From the body, or from the header."""
    provider = registry.provider("mka1")
    by_header = replied(Answer(status=500, body=b"{}", headers={"X-Request-Id": "req-1"}))
    by_body = replied(Answer(status=500, body=b'{"error": {"request_id": "req-2"}}'))
    assert upstream_error(by_header, provider, Redactor()).request_id == "req-1"
    assert upstream_error(by_body, provider, Redactor()).request_id == "req-2"


def test_scripts_can_tell_errors() -> None:
    """The test server's own helper writes header names with hyphens."""
    assert error(429, Retry_After="1").headers == {"Retry-After": "1"}
