"""The client side: requests go out as they came, once, and what goes wrong has a name.

aiohttp's pool and parser are used without its session. That writes the header anew, with fields of its own, sends a
request again when a kept connection turns out to be closed, follows redirects and keeps cookies; and it takes longer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import http_exceptions
from aiohttp.http_writer import StreamWriter
from aiohttp.streams import EofStream

from unijob.proxy.answer import Answer
from unijob.proxy.problems import RefusedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from yarl import URL

    from unijob.proxy.settings import Limits

    Body = bytes | AsyncIterator[bytes] | None

_SLICE = 2**16
READ_BYTES = 2**18
"""How much of a body is read ahead on one connection; twice that at most is held."""
_BAD_GATEWAY = 502
_GATEWAY_TIMEOUT = 504
_FIRST_FINAL = 200
_SWITCHING = 101


class _Door(aiohttp.ClientRequest):
    """What the pool is asked with: an upstream's address. It is never sent."""

    _key: ConnectionKey | None = None

    @property
    def connection_key(self) -> ConnectionKey:
        """What the pool keeps connections by."""
        if self._key is None:
            self._key = super().connection_key
        return self._key


class _Connector(aiohttp.TCPConnector):
    """A pool that gives no connection on which an upstream has spoken without being asked.

    aiohttp queues such an answer, and would give it to the next request (aio-libs/aiohttp#13656).
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's own name
    ) -> Connection:
        """Get a connection from the pool, or a new one."""
        connection = await super().connect(req, traces, timeout)
        while connection.protocol is not None and connection.protocol.should_close:
            has_more = req.connection_key in self._conns
            connection.close()
            connection = await super().connect(req, traces, timeout)
            if not has_more:
                break
        return connection


class Upstreams:
    """Connections to all upstreams.

    Args:
        limits: the bounds.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._timeout = aiohttp.ClientTimeout(total=None, connect=limits.connect_seconds, ceil_threshold=60)
        self._doors: dict[tuple[URL, ssl.SSLContext | bool], _Door] = {}
        self._connector = (
            _Connector(limit=0, keepalive_timeout=limits.upstream_idle_seconds)
            if limits.upstream_idle_seconds > 0
            else _Connector(limit=0, force_close=True)
        )

    def forget(self) -> None:
        """Forget the addresses that were asked; those still in use come again."""
        self._doors.clear()

    async def close(self) -> None:
        """Close all connections."""
        await self._connector.close()

    async def send(
        self,
        base: URL,
        method: str,
        target: str,
        fields: Sequence[tuple[str, str]],
        body: Body,
        *,
        tls: ssl.SSLContext | bool,
    ) -> Answer:
        """Send a request and wait for the header of its answer.

        Args:
            base: the upstream.
            method: the request's method.
            target: its target, byte for byte.
            fields: its header fields but for `Host`; a body without `Content-Length` among them goes in chunks.
            body: its body; None where it has none.
            tls: how certificates are checked.

        Raises:
            RefusedError: there is no answer.
        """
        door = self._doors.get((base, tls))
        if door is None:
            door = self._doors[base, tls] = _Door("GET", base, loop=self._loop, ssl=tls)
        chunked = body is not None and not any(name.lower() == "content-length" for name, _ in fields)
        head = _head(method, target, [("Host", door.headers["Host"]), *fields], chunked=chunked)
        try:
            connection = await self._connector.connect(door, [], self._timeout)
        except TimeoutError:
            raise _failure(aiohttp.ConnectionTimeoutError()) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(error) from None
        try:
            return await self._ask(connection, method, head, body, chunked=chunked)
        except (aiohttp.ClientError, http_exceptions.HttpProcessingError, OSError, EofStream) as error:
            connection.close()
            raise _failure(error) from None
        except BaseException:
            connection.close()
            raise

    async def _ask(self, connection: Connection, method: str, head: bytes, body: Body, *, chunked: bool) -> Answer:
        protocol = connection.protocol
        transport = None if protocol is None else protocol.transport
        if protocol is None or transport is None or transport.is_closing():
            raise aiohttp.ServerDisconnectedError
        limits = self._limits
        protocol.set_response_params(
            skip_payload=method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=READ_BYTES,
            max_line_size=limits.line_bytes,
            max_field_size=limits.field_bytes,
            max_headers=limits.header_fields,
        )
        upload: asyncio.Task[None] | None = None
        if body is None or (isinstance(body, bytes) and len(body) <= _SLICE and not chunked):
            transport.write(head + body if body else head)
        else:
            transport.write(head)
            upload = self._loop.create_task(_upload(protocol, self._loop, body, chunked=chunked))
        try:
            return await _answer(connection, protocol, upload)
        except BaseException:
            if upload is not None:
                upload.cancel()
            raise


async def _answer(connection: Connection, protocol: ResponseHandler, upload: asyncio.Task[None] | None) -> Answer:
    """Wait for the header of an answer; those before it (1xx) are dropped."""
    while True:
        message, content = await protocol.read()
        if message.code >= _FIRST_FINAL or message.code == _SWITCHING:
            return Answer(message, content, connection, upload)


async def _upload(
    protocol: ResponseHandler, loop: asyncio.AbstractEventLoop, body: bytes | AsyncIterator[bytes], *, chunked: bool
) -> None:
    writer = StreamWriter(protocol, loop)
    if chunked:
        writer.enable_chunking()
    try:
        async for piece in _slices(body) if isinstance(body, bytes) else body:
            await writer.write(piece)
        await writer.write_eof()
    except Exception as error:  # noqa: BLE001  whoever waits for the answer is told
        protocol.set_exception(aiohttp.ClientConnectionError(), error)


def _head(method: str, target: str, fields: Sequence[tuple[str, str]], *, chunked: bool) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {value}" for name, value in fields]]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


_FAILURES: tuple[tuple[type[Exception], str, str, int], ...] = (
    (aiohttp.ConnectionTimeoutError, "connect-timeout", "The upstream took too long to connect to.", _GATEWAY_TIMEOUT),
    (aiohttp.ClientConnectorDNSError, "name", "The upstream's name could not be looked up.", _BAD_GATEWAY),
    (aiohttp.ClientSSLError, "tls", "A TLS connection to the upstream could not be set up or trusted.", _BAD_GATEWAY),
    (aiohttp.ClientConnectorError, "connect", "The upstream could not be connected to.", _BAD_GATEWAY),
    (aiohttp.ServerDisconnectedError, "disconnected", "The upstream closed the connection unanswered.", _BAD_GATEWAY),
    (aiohttp.ClientOSError, "reset", "The connection to the upstream broke before it answered.", _BAD_GATEWAY),
    (ConnectionError, "reset", "The connection to the upstream broke before it answered.", _BAD_GATEWAY),
    (http_exceptions.HttpProcessingError, "malformed-answer", "The upstream's answer is not HTTP.", _BAD_GATEWAY),
    (Exception, "broken", "The exchange with the upstream broke before it answered.", _BAD_GATEWAY),
)
"""What each failure is called; the first that fits is right."""


def _failure(error: Exception) -> RefusedError:
    cause, detail, status = next(entry[1:] for entry in _FAILURES if isinstance(error, entry[0]))
    return RefusedError(status, cause, detail, outcome="failed")


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    view = memoryview(body)
    for start in range(0, len(body), _SLICE):
        yield bytes(view[start : start + _SLICE])
