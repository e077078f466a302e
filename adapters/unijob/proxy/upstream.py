"""The client side: requests go out as they came, once, and what goes wrong has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
from multidict import CIMultiDict

from unijob.proxy.problems import RefusedError

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp.client_middlewares import ClientHandlerType
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from yarl import URL

    from unijob.proxy.settings import Limits

_SLICE = 2**16
_BAD_GATEWAY = 502
_GATEWAY_TIMEOUT = 504
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class NotRetriedError(aiohttp.ClientError):
    """A connection broke; of a class of its own, so that the session does not send the request again."""


class _Request(aiohttp.ClientRequest):
    """A request that has no fields but those it is given."""

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Take the body; without one, add no `Content-Length: 0`."""
        if body is not None:
            super().update_body_from_data(body, _stacklevel)


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


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NotRetriedError from error


class Upstreams:
    """Connections to all upstreams.

    Args:
        limits: the bounds.
    """

    def __init__(self, limits: Limits) -> None:
        connector = (
            _Connector(limit=0, keepalive_timeout=limits.upstream_idle_seconds)
            if limits.upstream_idle_seconds > 0
            else _Connector(limit=0, force_close=True)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_NOT_ADDED,
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_seconds, ceil_threshold=60),
            request_class=_Request,
            middlewares=(_once,),
            max_line_size=limits.line_bytes,
            max_field_size=limits.field_bytes,
            max_headers=limits.header_fields,
            read_bufsize=_SLICE,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def send(
        self,
        method: str,
        url: URL,
        fields: Sequence[tuple[str, str]],
        body: bytes | AsyncIterator[bytes] | None,
        *,
        tls: ssl.SSLContext | bool,
    ) -> aiohttp.ClientResponse:
        """Send a request and wait for the header of its answer.

        Args:
            method: its method.
            url: where to.
            fields: its header fields but for `Host`.
            body: its body; None where it has none.
            tls: how certificates are checked.

        Raises:
            RefusedError: there is no answer.
        """
        if isinstance(body, bytes) and len(body) > _SLICE:
            body = _slices(body)
        try:
            return await self._session.request(
                method, url, headers=CIMultiDict(fields), data=body, allow_redirects=False, ssl=tls
            )
        except (aiohttp.ClientError, ValueError, OSError) as error:
            raise _failure(error) from None


def watch_connection(answer: aiohttp.ClientResponse) -> Callable[[], None]:
    """End the reading of an answer when its connection is lost; after a bad chunk aiohttp's parser does not.

    Returns:
        What ends the watch.
    """
    connection = answer.connection
    protocol = None if connection is None else connection.protocol
    closed = None if protocol is None else protocol.closed
    if closed is None:
        return lambda: None
    content = answer.content

    def end(_: asyncio.Future[None]) -> None:
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError())

    closed.remove_done_callback(_retrieve)
    closed.add_done_callback(_retrieve)
    closed.add_done_callback(end)

    def unwatch() -> None:
        closed.remove_done_callback(end)

    return unwatch


def _retrieve(closed: asyncio.Future[None]) -> None:
    if not closed.cancelled():
        closed.exception()


_FAILURES: tuple[tuple[type[Exception], str, str, int], ...] = (
    (aiohttp.ConnectionTimeoutError, "connect-timeout", "The upstream took too long to connect to.", _GATEWAY_TIMEOUT),
    (aiohttp.ClientConnectorDNSError, "name", "The upstream's name could not be looked up.", _BAD_GATEWAY),
    (aiohttp.ClientSSLError, "tls", "A TLS connection to the upstream could not be set up or trusted.", _BAD_GATEWAY),
    (aiohttp.ClientConnectorError, "connect", "The upstream could not be connected to.", _BAD_GATEWAY),
    (aiohttp.ServerDisconnectedError, "disconnected", "The upstream closed the connection unanswered.", _BAD_GATEWAY),
    (aiohttp.ClientOSError, "reset", "The connection to the upstream broke before it answered.", _BAD_GATEWAY),
    (aiohttp.ClientResponseError, "malformed-answer", "The upstream's answer is not HTTP.", _BAD_GATEWAY),
    (Exception, "broken", "The exchange with the upstream broke before it answered.", _BAD_GATEWAY),
)
"""What each failure is called; the first that fits is right."""


def _failure(error: Exception) -> RefusedError:
    told = error.__cause__ if isinstance(error, NotRetriedError) else error
    cause, detail, status = next(entry[1:] for entry in _FAILURES if isinstance(told, entry[0]))
    return RefusedError(status, cause, detail, outcome="failed")


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    view = memoryview(body)
    for start in range(0, len(body), _SLICE):
        yield bytes(view[start : start + _SLICE])
