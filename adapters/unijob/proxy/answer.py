"""An upstream's answer, of which the header is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    import asyncio

    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader


class Answer:
    """An answer whose body is still to be read.

    Its connection goes back to the pool when the body has ended, or is closed with it.

    Args:
        message: the status line and header.
        content: the body.
        connection: the connection.
        upload: what still sends the request's body, if anything does.
    """

    __slots__ = ("_closed", "_connection", "_upload", "content", "headers", "raw_headers", "reason", "status")

    def __init__(
        self,
        message: RawResponseMessage,
        content: StreamReader,
        connection: Connection,
        upload: asyncio.Task[None] | None,
    ) -> None:
        self.status = message.code
        self.reason = message.reason
        self.headers = message.headers
        self.raw_headers = message.raw_headers
        self.content = content
        self._upload = upload
        self._connection: Connection | None = connection
        self._closed: asyncio.Future[None] | None = None
        if not content.is_eof():
            self._watch(connection)
        content.on_eof(self._ended)

    @property
    def content_length(self) -> int | None:
        """The length of the body as declared, or None where that is not said."""
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isdecimal() else None

    def close(self) -> None:
        """Break the answer off, unless it has ended."""
        self._unwatch()
        connection, self._connection = self._connection, None
        if self._upload is not None:
            self._upload.cancel()
        if connection is not None:
            connection.close()

    def _ended(self) -> None:
        self._unwatch()
        if self._upload is not None and not self._upload.done():
            self.close()
            return
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.release()

    def _watch(self, connection: Connection) -> None:
        """End the reading of the body when the connection is lost; after a bad chunk aiohttp's parser does not."""
        protocol = connection.protocol
        closed = None if protocol is None else protocol.closed
        if closed is not None:
            closed.remove_done_callback(_retrieve)
            closed.add_done_callback(_retrieve)
            closed.add_done_callback(self._lost)
            self._closed = closed

    def _unwatch(self) -> None:
        if self._closed is not None:
            self._closed.remove_done_callback(self._lost)
            self._closed = None

    def _lost(self, _: asyncio.Future[None]) -> None:
        if not self.content.is_eof() and self.content.exception() is None:
            self.content.set_exception(aiohttp.ClientPayloadError())


def _retrieve(closed: asyncio.Future[None]) -> None:
    """Take note of how a connection ended, so that asyncio does not log that nobody did."""
    if not closed.cancelled():
        closed.exception()
