"""HTTP over aiohttp: one session an account; sends a request once and reads its answer.

This module is imported when a client is entered, so that `import unijob` needs no aiohttp.
"""

from __future__ import annotations

import logging
import math
import ssl
import time
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
from yarl import URL

from unijob import registry
from unijob.client.replies import Reply, too_large
from unijob.client.retries import NoAnswerError
from unijob.errors import ConfigError

if TYPE_CHECKING:
    from unijob.client.accounts import Account
    from unijob.client.clock import Clock
    from unijob.redact import Redactor
    from unijob.request import Request

logger = logging.getLogger("unijob")

_CHUNK = 65_536
_SHORTEST_TIMEOUT = 0.001
_USER_AGENT = f"unijob/{version('unijob')}"


@attrs.frozen(kw_only=True)
class Limits:
    """What bounds each request.

    Args:
        connect_timeout: seconds to connect.
        max_connections: open connections an account at most.
        max_answer_bytes: the largest answer that is read, decompressed.
    """

    connect_timeout: float
    max_connections: int
    max_answer_bytes: int


@attrs.define
class _Trace:
    """What became of one sending: the headers leave only when a connection stands.

    Where it breaks, aiohttp sends a request of an idempotent method once more, by itself.
    """

    times: int = 0

    @property
    def sent(self) -> bool:
        return self.times > 0


class Upstream:
    """An account's server.

    Args:
        account: the account.
        limits: what bounds each request.
        clock: tells when an answer came.
        redactor: keeps the account's secrets out of messages.

    Raises:
        ConfigError: the account's `ca_file` holds no certificates.
    """

    def __init__(self, account: Account, limits: Limits, clock: Clock, redactor: Redactor) -> None:
        self._account = account
        self._limits = limits
        self._clock = clock
        self._redactor = redactor
        self._headers = _headers(account)
        self._proxy = account.proxy or _proxy_of_process(account.base_url)
        connector = aiohttp.TCPConnector(limit=limits.max_connections, ssl=_tls(account))
        # Not trust_env: it would read ~/.netrc too, whose credentials collide with the account's key.
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[_tracing()]
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def exchange(self, request: Request, seconds: float) -> Reply:
        """Send a request once. No redirect is followed, no cookie kept.

        Args:
            request: the request.
            seconds: its time-out, for all of it.

        Raises:
            NoAnswerError: no answer came.
            ContractViolation: the answer is too large.
            RuntimeError: the client is closed.
        """
        if self._session.closed:
            raise RuntimeError("the JobClient is closed")
        trace, began = _Trace(), time.perf_counter()
        try:
            reply = await self._send(request, max(seconds, _SHORTEST_TIMEOUT), trace)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = self._failure(request, error, trace, seconds)
        else:
            self._log(request, str(reply.status), began)
            return reply
        # Raised out here, since an aiohttp error in its context would carry headers with the key.
        self._log(request, str(failure), began)
        raise failure

    def _log(self, request: Request, outcome: str, began: float) -> None:
        milliseconds = (time.perf_counter() - began) * 1000
        path = self._redactor.text(request.path)
        logger.debug("%s %s: %s, %.0f ms", request.operation.method, path, outcome, milliseconds)

    async def _send(self, request: Request, seconds: float, trace: _Trace) -> Reply:
        content = (
            {}
            if request.body is None or request.operation.body is None
            else {"content-type": request.operation.body.media_type}
        )
        query = f"?{request.query}" if request.query else ""
        async with self._session.request(
            request.operation.method,
            URL(self._account.base_url + request.path + query, encoded=True),
            headers={**self._headers, **{name.lower(): value for name, value in request.headers.items()}, **content},
            data=request.body,
            allow_redirects=False,
            proxy=self._proxy,
            timeout=aiohttp.ClientTimeout(
                total=seconds, sock_connect=self._limits.connect_timeout, ceil_threshold=math.inf
            ),
            trace_request_ctx=trace,
        ) as response:
            body = await self._read(request, response)
            return Reply(
                request=request,
                status=response.status,
                headers={name.lower(): response.headers[name] for name in response.headers},
                body=body,
                received_at=self._clock.now(),
                resent=trace.times > 1,
            )

    async def _read(self, request: Request, response: aiohttp.ClientResponse) -> bytes:
        limit, body = self._limits.max_answer_bytes, bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > limit:
                response.close()
                raise too_large(request, limit)
        return bytes(body)

    def _failure(self, request: Request, error: BaseException, trace: _Trace, seconds: float) -> NoAnswerError:
        told = self._redactor.text(_told(error, trace, seconds))
        hopeless = isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.InvalidURL))
        maybe_received = trace.sent and not isinstance(error, aiohttp.ClientHttpProxyError)
        return NoAnswerError(
            f"{self._account}: no answer to {request}: {told}", maybe_received=maybe_received, hopeless=hopeless
        )


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (
        aiohttp.ClientConnectorCertificateError,
        "the server's certificate is not trusted (the account's ca_file says whom to trust)",
    ),
    (aiohttp.ClientConnectorSSLError, "the server does not speak TLS as asked"),
    (aiohttp.ClientProxyConnectionError, "cannot connect to the proxy"),
    (aiohttp.ClientHttpProxyError, "the proxy refused"),
    (aiohttp.ClientConnectorError, "cannot connect"),
    (aiohttp.ClientPayloadError, "it broke off"),
    (aiohttp.ClientResponseError, "what came is not HTTP"),
)


def _told(error: BaseException, trace: _Trace, seconds: float) -> str:
    """What went wrong. Never the error's own text: it may quote URLs and headers."""
    if isinstance(error, TimeoutError):
        return f"none within {seconds:.3g} s" if trace.sent else "no connection in time"
    lost = "the connection broke" if trace.sent else "the connection failed"
    told = next((text for type_, text in _REASONS if isinstance(error, type_)), lost)
    return told + _detail(error)


def _detail(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f": {error.status}"
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.strerror:
        return f": {error.os_error.strerror}"
    return ""


def _tracing() -> aiohttp.TraceConfig:
    async def on_headers_sent(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _params: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        context.trace_request_ctx.times += 1

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(on_headers_sent)
    return config


def _headers(account: Account) -> dict[str, str]:
    headers = {"user-agent": _USER_AGENT, "accept": "application/json"}
    headers |= {name.lower(): value for name, value in account.headers.items()}
    if account.key is not None:
        headers["authorization"] = f"Bearer {account.key}"
    on_behalf_of = registry.provider(account.provider).on_behalf_of
    if on_behalf_of is not None and account.on_behalf_of is not None:
        headers[on_behalf_of.lower()] = account.on_behalf_of
    return headers


def _tls(account: Account) -> ssl.SSLContext | bool:
    if account.ssl_context is not None:
        return account.ssl_context
    if account.ca_file is None:
        return account.verify
    try:
        return ssl.create_default_context(cafile=str(account.ca_file))
    except OSError as error:
        raise ConfigError(
            f"ca_file holds no certificates in PEM ({type(error).__name__}): {str(account.ca_file)!r}",
            setting="ca_file",
        ) from None


def _proxy_of_process(base_url: str) -> str | None:
    parts = urlsplit(base_url)
    url = getproxies().get(parts.scheme)
    if url is None or proxy_bypass(parts.hostname or ""):
        return None
    if urlsplit(url).scheme not in {"http", "https"}:
        logger.warning("a proxy of another scheme than http is not used for %s", parts.hostname)
        return None
    return url
