"""The body of a request, on its way from the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.proxy.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp import web

    from unijob.proxy.caller import Caller
    from unijob.proxy.record import Record
    from unijob.proxy.settings import Limits

_CONTINUE = "100-continue"


class Incoming:
    """The body of one request.

    Args:
        request: the request.
        caller: told to go on where it waits for that.
        record: counts the bytes.
        limits: the bounds.
        still: called with the seconds that the next step may take.

    Raises:
        RefusedError: it says that it is too large, or expects what is not known.
    """

    def __init__(
        self,
        request: web.BaseRequest,
        caller: Caller,
        *,
        record: Record,
        limits: Limits,
        still: Callable[[float], None],
    ) -> None:
        self._content = request.content
        self._caller = caller
        self._record = record
        self._limits = limits
        self._still = still
        self._held = bytearray()
        expected = request.headers.get("Expect", "").strip().lower()
        if expected not in {"", _CONTINUE}:
            raise RefusedError(417, "expectation", "The request expects what is not known.")
        self._awaits_continue = expected == _CONTINUE and request.can_read_body
        self.size = request.content_length
        """Its length as declared, or None where that is not said."""
        if (self.size or 0) > limits.request_bytes:
            raise _too_large()
        self.exists = request.can_read_body
        self.failure: RefusedError | None = None
        """Why reading it ended too early."""
        self.copy: bytearray | None = None
        """What passed so far, where a copy was asked for; None again where that became too large."""
        self.is_whole = False
        """Whether all of it was read."""

    async def read(self, most: int) -> bytes | None:
        """Read the body whole, or give None where it is larger than `most`; what was read is kept for `stream`.

        Raises:
            RefusedError: it is malformed.
        """
        if not self.exists:
            self.is_whole = True
            return b""
        if self.size is not None and self.size > most:
            return None
        if self._content.is_eof() and not self._awaits_continue:
            self._held += self._count(self._content.read_nowait(-1))
            self.is_whole = True
        while not self.is_whole and len(self._held) <= most:
            self._held += await self._chunk()
        return bytes(self._held) if len(self._held) <= most else None

    async def stream(self, copied: int = 0) -> AsyncIterator[bytes]:
        """Give the body piece by piece, what was read before first.

        Args:
            copied: of how many bytes at most a copy is made.
        """
        self.copy = bytearray(self._held) if copied else None
        if self._held:
            yield bytes(self._held)
        while not self.is_whole:
            try:
                chunk = await self._chunk()
            except RefusedError as error:
                self.failure = error
                raise
            if self.copy is not None:
                self.copy += chunk
                self.copy = self.copy if len(self.copy) <= copied else None
            if chunk:
                yield chunk
        self._still(self._limits.first_byte_seconds)

    async def _chunk(self) -> bytes:
        if self._awaits_continue:
            self._awaits_continue = False
            await self._caller.go_on()
        self._still(self._limits.idle_seconds)
        try:
            chunk = await self._content.readany()
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001  aiohttp has several for what is not framed as it should be
            raise RefusedError(400, "malformed", "The body of the request is not framed as it should be.") from None
        self.is_whole = not chunk
        return self._count(chunk)

    def _count(self, chunk: bytes) -> bytes:
        self._record.request_bytes += len(chunk)
        if self._record.request_bytes > self._limits.request_bytes:
            raise _too_large()
        return chunk


def _too_large() -> RefusedError:
    return RefusedError(413, "too-large", "The body of the request is larger than this proxy passes.")
