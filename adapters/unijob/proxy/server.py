"""The listening side of aiohttp, with its error answers, its logs and its long patience replaced."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import http_exceptions, web

from unijob.proxy.caller import Answered
from unijob.proxy.problems import MEDIA_TYPE, RefusedError, problem
from unijob.proxy.record import Record
from unijob.proxy.upstream import READ_BYTES
from unijob.redact import Redactor

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from aiohttp.web_protocol import _RequestHandler  # pyright: ignore[reportPrivateUsage]

    from unijob.proxy.settings import Limits

LINGERING_SECONDS = 2.0
"""How long the rest of a refused body is read and thrown away, so that the caller can read the answer."""
_BAD_REQUEST = 400
_HEADER_TOO_LARGE = 431


def refusal_bytes(refused: RefusedError, record: Record, redactor: Redactor) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Give the body of a refusal and its header fields."""
    body = problem(
        refused,
        request_id=record.request_id,
        upstream=record.upstream,
        operation=record.operation,
        redactor=redactor,
    )
    fields = [
        ("Content-Type", MEDIA_TYPE),
        ("Content-Length", str(len(body))),
        *refused.fields,
        ("Unijob-Source", "proxy"),
        ("Unijob-Request-Id", record.request_id),
    ]
    return body, [(name.encode(), value.encode()) for name, value in fields]


class Protocol(web.RequestHandler):
    """One caller's connection.

    Args:
        manager: the server.
        limits: the bounds.
        refused: told of each request that could not be read.
        options: those of aiohttp.
    """

    __slots__ = ("_header_timer", "_limits", "_refused")

    def __init__(self, manager: Listener, *, limits: Limits, refused: Callable[[Record], None], **options: Any) -> None:
        super().__init__(manager, **options)
        self._limits = limits
        self._refused = refused
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or close it where there are too many."""
        super().connection_made(transport)
        manager = self._manager
        if manager is not None and len(manager.connections) > self._limits.connections:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and have an eye on how long a header takes."""
        super().data_received(data)
        current = self._current_request
        if current is not None and self._messages and hasattr(self._messages[-1][0], "exc"):
            _end_body(current)
        waiter = self._waiter
        if waiter is None or waiter.done():
            self._stop_timer()
        elif self._header_timer is None and data:
            self._header_timer = self._loop.call_later(self._limits.header_seconds, self._header_took_too_long)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _BAD_REQUEST,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, without quoting or logging any of it."""
        del message
        if request.writer.output_size > 0:
            raise ConnectionError
        if status == _BAD_REQUEST:
            self._refuse(_unreadable(exc))
        else:
            self._refuse(RefusedError(500, "internal", "The proxy failed.", outcome="failed"))
        return Answered(keep_alive=False)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log nothing: what aiohttp says quotes the request."""

    def close_if_idle(self) -> None:
        """Close the connection unless a request is under way; `close` would stop its body from coming."""
        if self._current_request is None and not self._messages:
            self.force_close()

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _header_took_too_long(self) -> None:
        self._header_timer = None
        self._refuse(RefusedError(408, "header-timeout", "The header of the request took too long."))
        self.force_close()

    def _refuse(self, refused: RefusedError) -> None:
        record = Record()
        record.ended(refused.outcome, refused.cause)
        body, fields = refusal_bytes(refused, record, Redactor())
        lines = [f"HTTP/1.1 {refused.status} {HTTPStatus(refused.status).phrase}".encode()]
        lines += [name + b": " + value for name, value in (*fields, (b"Connection", b"close"))]
        if self.transport is not None:
            self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            record.answered(refused.status, "proxy")
        self._refused(record)


class Listener(web.Server):
    """Makes a `Protocol` for each connection.

    Args:
        handler: answers requests.
        limits: the bounds.
        refused: told of each request that could not be read.
    """

    def __init__(self, handler: _RequestHandler, *, limits: Limits, refused: Callable[[Record], None]) -> None:
        super().__init__(handler, handler_cancellation=True)
        self._limits = limits
        self._refused = refused

    def close_idle(self) -> None:
        """Close the connections that have no request under way."""
        for connection in self.connections:
            if isinstance(connection, Protocol):
                connection.close_if_idle()

    def __call__(self) -> Protocol:
        """Make the protocol of a new connection."""
        limits = self._limits
        return Protocol(
            self,
            limits=limits,
            refused=self._refused,
            loop=self._loop,
            keepalive_timeout=limits.keep_alive_seconds,
            access_log=None,
            max_line_size=limits.line_bytes,
            max_field_size=limits.field_bytes,
            max_headers=limits.header_fields,
            lingering_time=LINGERING_SECONDS,
            read_bufsize=READ_BYTES,
            auto_decompress=False,
        )


def _end_body(request: web.BaseRequest) -> None:
    """End the reading of a body that is not framed as it should be; aiohttp would wait for more of it."""
    if not request.content.is_eof() and request.content.exception() is None:
        request.content.set_exception(http_exceptions.TransferEncodingError(""))


def _unreadable(error: BaseException | None) -> RefusedError:
    """Say what is wrong with a request by the class of aiohttp's error; its text quotes the request."""
    text = str(error)
    if isinstance(error, http_exceptions.LineTooLong) or "Too many headers" in text:
        return RefusedError(_HEADER_TOO_LARGE, "header-too-large", "The header of the request is too large.")
    if isinstance(error, http_exceptions.BadHttpMethod):
        return RefusedError(_BAD_REQUEST, "malformed", "The request line has a method that is not known.")
    if "Content-Length" in text and ("Duplicate" in text or "Transfer-Encoding" in text or "present" in text):
        detail = "The request has more than one Content-Length, or one beside Transfer-Encoding."
        return RefusedError(_BAD_REQUEST, "malformed", detail)
    if isinstance(error, http_exceptions.InvalidURLError):
        return RefusedError(_BAD_REQUEST, "malformed", "The request target is not a path.")
    return RefusedError(_BAD_REQUEST, "malformed", "The request is not HTTP/1.1 as it should be.")
