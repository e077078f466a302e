"""The server side of an answer: bytes as they are meant, framed for the caller's version of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Sequence

from unijob.proxy.fields import write_head

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_EMPTY_STATUSES = frozenset({204, 304})


class Answered(web.StreamResponse):
    """What a handler returns for an answer that is written already.

    Args:
        keep_alive: whether the connection is kept.
    """

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._eof_sent = True
        self._keep_alive = keep_alive


class Caller:
    """The caller of one request, as the receiver of its answer.

    aiohttp's own responses add fields, drop bytes that are not UTF-8 and lose lengths, so heads are written here.

    Args:
        request: the request.
    """

    __slots__ = ("_chunked", "_head", "_request", "_writer", "begun", "keep_alive", "sent")

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self._writer = request.writer
        self._chunked = False
        self._head = b""
        self.keep_alive = bool(request.keep_alive)
        self.begun = False
        """Whether an answer has begun, so that none other can be given."""
        self.sent = 0
        """Bytes of the body that were sent."""

    def is_bodiless(self, status: int) -> bool:
        """Whether an answer with a status has no body whatever its fields say."""
        return self._request.method == "HEAD" or status in _EMPTY_STATUSES

    async def go_on(self) -> None:
        """Tell the caller to send its body (100)."""
        await self._writer.write(_CONTINUE)

    def begin(self, status: int, reason: str, fields: Sequence[tuple[bytes, bytes]], *, sized: bool) -> None:
        """Prepare the head of an answer; it goes out with the first of the body, or with `flush`.

        Args:
            status: the status.
            reason: the reason phrase.
            fields: the header fields.
            sized: whether a `Content-Length` is among them.

        Raises:
            MalformedHeadError: it cannot be written.
        """
        framing: list[tuple[bytes, bytes]] = []
        is_old = self._request.version < (1, 1)
        chunked = False
        if not sized and not self.is_bodiless(status):
            if is_old:
                self.keep_alive = False
            else:
                chunked = True
                framing.append((b"Transfer-Encoding", b"chunked"))
        if not self.keep_alive:
            framing.append((b"Connection", b"close"))
        elif is_old:
            framing.append((b"Connection", b"keep-alive"))
        self._head = write_head(status, reason, [*fields, *framing])
        self._chunked = chunked
        self.begun = True

    async def flush(self) -> None:
        """Send the head, if it is still here."""
        if self._head:
            head, self._head = self._head, b""
            await self._writer.write(head)

    async def write(self, data: bytes) -> None:
        """Send some of the body.

        Raises:
            ConnectionError: the caller is gone.
        """
        if not data:
            return
        self.sent += len(data)
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if self._head:
            data = self._head + data
            self._head = b""
        await self._writer.write(data)

    async def end(self, data: bytes = b"") -> None:
        """Send the last of the body.

        Raises:
            ConnectionError: the caller is gone.
        """
        self.sent += len(data)
        if self._chunked:
            data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data) if data else b"0\r\n\r\n"
        data = self._head + data
        self._head = b""
        if data:
            await self._writer.write(data)
        await self._writer.drain()

    def abort(self) -> None:
        """Break the connection, so that a cut answer does not look whole."""
        self.keep_alive = False
        self._head = b""
        transport = self._request.transport
        if transport is not None:
            transport.abort()

    def answered(self) -> Answered:
        """Give what the handler returns."""
        return Answered(keep_alive=self.keep_alive)
